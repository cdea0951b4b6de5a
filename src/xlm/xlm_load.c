/* xlm_load.c - the records of macro sheets as cells and names. */
#include "xlm/xlm_internal.h"

#include "base/num.h"

struct load {
    struct xl *ev;
    struct hn_text text;
    size_t pos;
    struct xl_cell *last; /* of the CELL before */
};

/* A word up to a blank; moves behind the blank. */
static struct hn_text take_word(struct load *l)
{
    size_t start = l->pos;
    size_t end = start;

    while (end < l->text.len && l->text.ptr[end] != ' ' && l->text.ptr[end] != '\n')
        end++;
    l->pos = end + (end < l->text.len && l->text.ptr[end] == ' ');
    return hn_text_sub(l->text, start, end - start);
}

/* What stands between marks, doubled ones within once; false when it does not begin with one. */
static bool take_marked(struct load *l, char mark, struct hn_text *ret_text)
{
    size_t start = l->pos + 1;
    size_t end;
    size_t len = 0;
    char *room;

    if (l->pos >= l->text.len || l->text.ptr[l->pos] != mark)
        return false;
    for (end = start; end < l->text.len; end++) {
        if (l->text.ptr[end] != mark)
            continue;
        if (end + 1 >= l->text.len || l->text.ptr[end + 1] != mark)
            break;
        end++;
    }
    if (end > l->text.len)
        end = l->text.len;
    l->pos = end < l->text.len ? end + 1 : end;
    room = hn_arena_raw(&l->ev->run->arena, end - start + 1, 1);
    if (room == NULL)
        return false;
    for (size_t i = start; i < end; i++) {
        room[len++] = l->text.ptr[i];
        i += l->text.ptr[i] == mark;
    }
    *ret_text = hn_text_of(room, len);
    return true;
}

/* The rest of the line, but a line break within quotes is no end. */
static struct hn_text take_rest(struct load *l)
{
    size_t start = l->pos;
    bool quoted = false;

    while (l->pos < l->text.len && (quoted || l->text.ptr[l->pos] != '\n')) {
        quoted ^= l->text.ptr[l->pos] == '"';
        l->pos++;
    }
    return hn_text_sub(l->text, start, l->pos - start);
}

/* 'Sheet'!A1 and a blank. */
static bool take_place(struct load *l, struct xl_ref *ret_ref)
{
    struct hn_text sheet;
    size_t len;

    if (!take_marked(l, '\'', &sheet) || l->pos >= l->text.len || l->text.ptr[l->pos] != '!')
        return false;
    l->pos++;
    len = xl_ref_scan(l->text, l->pos, false, xl_ref_cell(0, 1, 1), ret_ref);
    l->pos += len;
    if (len == 0 || l->pos >= l->text.len || l->text.ptr[l->pos] != ' ')
        return false;
    l->pos++;
    ret_ref->sheet = xl_sheet(l->ev, sheet);
    return ret_ref->sheet != XL_NONE;
}

static bool take_constant(struct load *l, struct xl_ref at, struct xl_value *ret_value)
{
    struct xl *ev = l->ev;
    uint64_t offset = l->pos;
    struct hn_text text;
    double number;

    if (take_marked(l, '"', &text)) {
        const struct script_text *place = xl_ref_text(ev, at, true, true);

        *ret_value = xl_text(script_text_borrow(ev->run, text,
                script_origin_new(
                        ev->run, "store", offset, script_text_flat(ev->run, place), NULL, NULL)));
        return true;
    }
    text = hn_text_trim(take_rest(l));
    if (text.len > 0 && text.ptr[0] == '#') {
        text = hn_arena_text(&ev->run->arena, text);
        *ret_value = xl_error(text.ptr != NULL ? text.ptr : "#N/A");
    } else if (hn_text_eq_nocase(text, HN_TEXT("TRUE")) ||
               hn_text_eq_nocase(text, HN_TEXT("FALSE"))) {
        *ret_value = xl_bool(text.len == 4);
    } else if (xl_number_of_text(text, &number)) {
        *ret_value = xl_number(number);
    } else {
        return false;
    }
    return true;
}

static bool load_sheet(struct load *l)
{
    struct hn_text name;
    uint32_t index;

    if (!take_marked(l, '\'', &name))
        return false;
    index = xl_sheet(l->ev, name);
    if (index == XL_NONE)
        return false;
    l->pos += l->pos < l->text.len && l->text.ptr[l->pos] == ' ';
    l->ev->sheets.ptr[index].macro = hn_text_eq(take_word(l), HN_TEXT("macro"));
    return true;
}

static bool load_cell(struct load *l)
{
    struct xl_ref at;
    struct xl_cell *cell;

    if (!take_place(l, &at))
        return false;
    cell = xl_cell_make(l->ev, at.sheet, at.row, at.column);
    if (cell == NULL)
        return false;
    l->last = cell;
    if (l->pos < l->text.len && l->text.ptr[l->pos] == '=') {
        cell->slot.offset = l->pos;
        cell->slot.formula = take_rest(l);
    } else if (take_constant(l, at, &cell->slot.value)) {
        cell->slot.has_value = true;
    } else {
        return false;
    }
    cell->first = cell->slot;
    return true;
}

/* What a formula gave when it was saved stands in for what cannot be computed, and says what it is
 * worth as long as nobody carries it out; a macro sheet saves 0 or FALSE for those nobody ever did.
 */
static bool load_last(struct load *l)
{
    struct xl_ref at;
    struct xl_value value;
    const struct xl_cell *cell = l->last;
    bool idle;

    if (!take_place(l, &at) || cell == NULL || cell->key[0] != at.sheet || cell->key[1] != at.row ||
            cell->key[2] != at.column || !take_constant(l, at, &value))
        return false;
    idle = (value.kind == XL_NUMBER && value.as.number == 0.0) ||
           (value.kind == XL_BOOL && !value.as.truth) || value.kind == XL_ERROR ||
           (value.kind == XL_TEXT && value.as.text->len == 0);
    l->last->last = value;
    if (idle || !l->ev->sheets.ptr[at.sheet].macro)
        return true;
    l->last->first.value = value;
    l->last->first.has_value = true;
    l->last->slot = l->last->first;
    return true;
}

/* 17=15.75 18="Arial": what GET.CELL() gives. */
static bool take_looks(struct load *l, struct xl_ref at, struct xl_look **looks)
{
    while (l->pos < l->text.len && l->text.ptr[l->pos] != '\n' && l->text.ptr[l->pos] != '\r') {
        struct xl_look *look = hn_new(&l->ev->run->arena, struct xl_look, 1);
        size_t equals = hn_text_find_char(l->text, '=', l->pos);
        size_t end;

        if (look == NULL || equals == SIZE_MAX ||
                !xl_number_of_text(hn_text_sub(l->text, l->pos, equals - l->pos), &look->kind))
            return false;
        l->pos = equals + 1;
        end = l->pos;
        while (end < l->text.len && l->text.ptr[end] != ' ' && l->text.ptr[end] != '\n')
            end++;
        if (hn_text_starts(hn_text_sub(l->text, l->pos, end - l->pos), HN_TEXT("TRUE")) ||
                hn_text_starts(hn_text_sub(l->text, l->pos, end - l->pos), HN_TEXT("FALSE"))) {
            look->value = xl_bool(l->text.ptr[l->pos] == 'T');
            l->pos = end;
        } else if (l->pos < l->text.len && l->text.ptr[l->pos] == '"') {
            if (!take_constant(l, at, &look->value))
                return false;
        } else if (xl_number_of_text(
                           hn_text_sub(l->text, l->pos, end - l->pos), &look->value.as.number)) {
            look->value.kind = XL_NUMBER;
            l->pos = end;
        } else {
            return false;
        }
        look->next = *looks;
        *looks = look;
        l->pos += l->pos < l->text.len && l->text.ptr[l->pos] == ' ';
    }
    return true;
}

static bool load_look(struct load *l)
{
    struct xl_ref at;
    struct xl_cell *cell;

    if (!take_place(l, &at))
        return false;
    cell = xl_cell_make(l->ev, at.sheet, at.row, at.column);
    return cell != NULL && take_looks(l, at, &cell->looks);
}

static bool load_sheet_look(struct load *l)
{
    struct hn_text name;
    uint32_t index;

    if (!take_marked(l, '\'', &name))
        return false;
    l->pos += l->pos < l->text.len && l->text.ptr[l->pos] == ' ';
    index = xl_sheet(l->ev, name);
    return index != XL_NONE &&
           take_looks(l, xl_ref_cell(index, 1, 1), &l->ev->sheets.ptr[index].looks);
}

static bool load_name(struct load *l)
{
    struct hn_text sheet;
    struct hn_text name;
    uint32_t scope = XL_NONE;
    struct xl_name *made;

    if (take_marked(l, '\'', &sheet)) {
        scope = xl_sheet(l->ev, sheet);
        l->pos += l->pos < l->text.len && l->text.ptr[l->pos] == '!';
    }
    name = take_word(l);
    if (name.len == 0 || l->pos >= l->text.len || l->text.ptr[l->pos] != '=')
        return false;
    made = xl_name_make(l->ev, name, scope);
    if (made == NULL)
        return false;
    made->slot.offset = l->pos;
    made->slot.formula = take_rest(l);
    made->first = made->slot;
    return true;
}

void xl_load(struct xl *ev, struct hn_text text)
{
    struct load l = { .ev = ev, .text = text };

    if (hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")))
        l.pos = 3;
    while (l.pos < text.len && xl_spend(ev, 1)) {
        size_t start = l.pos;
        struct hn_text word = take_word(&l);
        bool good = false;

        if (hn_text_eq(word, HN_TEXT("CELL")))
            good = load_cell(&l);
        else if (hn_text_eq(word, HN_TEXT("LAST")))
            good = load_last(&l);
        else if (hn_text_eq(word, HN_TEXT("SHEET")))
            good = load_sheet(&l);
        else if (hn_text_eq(word, HN_TEXT("LOOK")))
            good = load_look(&l);
        else if (hn_text_eq(word, HN_TEXT("LOOKS")))
            good = load_sheet_look(&l);
        else if (hn_text_eq(word, HN_TEXT("NAME")) || hn_text_eq(word, HN_TEXT("NAME!")))
            good = load_name(&l);
        else
            good = hn_text_trim(word).len == 0;
        if (!good && script_goes_on(ev->run))
            xl_note(ev, SCRIPT_NOTE_SYNTAX, start, "no record of a macro sheet");
        while (l.pos < text.len && text.ptr[l.pos] != '\n')
            l.pos++;
        l.pos += l.pos < text.len;
    }
}
