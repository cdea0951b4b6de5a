/* office_formula.c - cells, names and sheets of workbooks, and DDE in formulas. */
#include "office/office_internal.h"

#include "base/num.h"

/* ---- DDE: application|topic!item ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || (unsigned char)c >= 0x80;
}

/* What stands before the bar at pos: a word, or anything in apostrophes. */
static struct hn_text application_before(struct hn_text text, size_t bar)
{
    size_t start = bar;

    if (bar > 1 && text.ptr[bar - 1] == '\'') {
        start = bar - 1;
        while (start > 0 && text.ptr[start - 1] != '\'')
            start--;
        return start > 0 ? hn_text_sub(text, start, bar - 1 - start) : HN_TEXT("");
    }
    while (start > 0 && is_word(text.ptr[start - 1]))
        start--;
    return hn_text_sub(text, start, bar - start);
}

/* The topic behind the bar: in apostrophes, or up to '!'. False when no '!' follows. */
static bool topic_behind(struct hn_text text, size_t bar, struct hn_text *ret_topic)
{
    struct hn_text rest = hn_text_sub(text, bar + 1, text.len);
    size_t end;

    if (rest.len > 0 && rest.ptr[0] == '\'') {
        end = hn_text_find(rest, HN_TEXT("'!"), 1);
        *ret_topic = hn_text_sub(rest, 1, end == SIZE_MAX ? 0 : end - 1);
        return end != SIZE_MAX;
    }
    end = hn_text_find_char(rest, '!', 0);
    *ret_topic = hn_text_sub(rest, 0, end == SIZE_MAX ? 0 : end);
    return end != SIZE_MAX && end > 0;
}

/* The arguments of DDE("app";"topic";...) as LibreOffice writes it. */
static bool dde_function(struct office *o, struct hn_text formula)
{
    size_t at = hn_text_find_nocase(formula, HN_TEXT("DDE("), 0);
    struct hn_text args[2] = { HN_TEXT_INIT(""), HN_TEXT_INIT("") };

    if (at == SIZE_MAX || (at > 0 && is_word(formula.ptr[at - 1])))
        return false;
    at += 4;
    for (size_t i = 0; i < 2; i++) {
        size_t start = hn_text_find_char(formula, '"', at);
        size_t end = start == SIZE_MAX ? SIZE_MAX : hn_text_find_char(formula, '"', start + 1);

        if (end == SIZE_MAX)
            return false;
        args[i] = hn_text_sub(formula, start + 1, end - start - 1);
        at = end + 1;
    }
    office_dde(o, args[0], args[1], formula);
    return true;
}

bool office_formula_dde(struct office *o, struct hn_text formula)
{
    bool in_string = false;
    bool found = false;

    for (size_t i = 0; i < formula.len; i++) {
        struct hn_text application;
        struct hn_text topic;

        if (formula.ptr[i] == '"')
            in_string = !in_string;
        if (in_string || formula.ptr[i] != '|') /* no operator of formulas, so nothing else */
            continue;
        application = application_before(formula, i);
        if (application.len > 0 && topic_behind(formula, i, &topic)) {
            office_dde(o, application, topic, formula);
            found = true;
        }
    }
    return found || dde_function(o, formula);
}

/* ---- Cells ---- */

struct hn_text office_cell_ref(struct office *o, uint32_t row, uint32_t column)
{
    char letters[8];
    size_t at = sizeof letters;

    column++;
    while (column > 0 && at > 0) {
        letters[--at] = (char)('A' + (column - 1) % 26);
        column = (column - 1) / 26;
    }
    return office_print(
            o, "%.*s%lu", (int)(sizeof letters - at), letters + at, (unsigned long)row + 1);
}

void office_sheet_begin(struct office *o, uint32_t number, struct hn_text code)
{
    office_sheet_end(o);
    o->sheet_number = number;
    o->sheet_code = code;
}

static void cell_store(
        struct office *o, struct hn_text sheet, struct hn_text ref, struct hn_text value)
{
    dissect_store(o->dissect, o->id,
            office_print(o, "%.*s!%.*s", HN_TEXT_ARG(sheet), HN_TEXT_ARG(ref)), value,
            DISSECT_NOWHERE);
}

/* The same under each name that macros have for the sheet. */
static void cell_stores(
        struct office *o, struct hn_text sheet, struct hn_text ref, struct hn_text value)
{
    cell_store(o, sheet, ref, value);
    if (o->sheet_code.len > 0 && !hn_text_eq_nocase(o->sheet_code, sheet))
        cell_store(o, o->sheet_code, ref, value);
    if (o->sheet_number > 0)
        cell_store(o, office_print(o, "Sheets(%lu)", (unsigned long)o->sheet_number), ref, value);
}

void office_sheet_end(struct office *o)
{
    const struct office_used *used = &o->used;

    if (used->any && o->cells_left_out == 0) {
        cell_stores(o, used->sheet, HN_TEXT("UsedRange"),
                office_print(o, "%.*s:%.*s",
                        HN_TEXT_ARG(office_cell_ref(o, used->first_row, used->first_column)),
                        HN_TEXT_ARG(office_cell_ref(o, used->last_row, used->last_column))));
        if (o->sheet_number > 0)
            office_store(o, office_print(o, "Sheets(%lu).Name", (unsigned long)o->sheet_number),
                    used->sheet);
    }
    o->used = (struct office_used){ 0 };
}

/* "B12" as row and column, from 0; false when it is anything else. */
static bool place_of(struct hn_text ref, uint32_t *ret_row, uint32_t *ret_column)
{
    uint32_t column = 0;
    uint32_t row = 0;
    size_t i = 0;

    for (; i < ref.len && i < 3; i++) {
        char c = (char)(ref.ptr[i] & ~0x20);

        if (c < 'A' || c > 'Z')
            break;
        column = column * 26 + (uint32_t)(c - 'A' + 1);
    }
    if (column == 0 || !hn_parse_u32(hn_text_sub(ref, i, ref.len), &row) || row == 0)
        return false;
    *ret_row = row - 1;
    *ret_column = column - 1;
    return true;
}

static void use(struct office *o, struct hn_text sheet, struct hn_text ref)
{
    struct office_used *used = &o->used;
    uint32_t row;
    uint32_t column;

    if (used->any && !hn_text_eq(used->sheet, sheet))
        office_sheet_end(o);
    if (!place_of(ref, &row, &column))
        return;
    if (!used->any)
        *used = (struct office_used){ sheet, row, column, row, column, true };
    used->first_row = row < used->first_row ? row : used->first_row;
    used->last_row = row > used->last_row ? row : used->last_row;
    used->first_column = column < used->first_column ? column : used->first_column;
    used->last_column = column > used->last_column ? column : used->last_column;
}

void office_cell(struct office *o, struct hn_text sheet, struct hn_text ref, struct hn_text value)
{
    struct hn_text suffix;

    if (value.len == 0)
        return;
    if (o->cells >= OFFICE_CELLS_MAX) {
        o->cells_left_out++;
        return;
    }
    o->cells++;
    use(o, sheet, ref);
    suffix = office_member(o, ".Range", ref, ".Value");
    dissect_store(o->dissect, o->id, office_member(o, "Sheets", sheet, suffix.ptr), value,
            DISSECT_NOWHERE);
    cell_stores(o, sheet, ref, value);
}

/* ---- Names and sheets ---- */

bool office_runs_by_itself(struct hn_text name)
{
    static const char *const runs[] = { "auto_open", "auto_close", "auto_activate",
        "auto_deactivate" };

    for (size_t i = 0; i < HN_COUNT_OF(runs); i++) {
        if (hn_text_starts_nocase(name, hn_text_cstr(runs[i])))
            return true;
    }
    return false;
}

void office_defined_name(struct office *o, struct hn_text name, struct hn_text refers_to)
{
    if (refers_to.len > 0)
        office_store(o, office_member(o, "Names", name, ".RefersTo"), refers_to);
    office_say(o, "name", refers_to);
    if (!office_runs_by_itself(name))
        return;
    dissect_fact(o->dissect, o->id, "auto_name",
            office_print(o, "%.*s=%.*s", HN_TEXT_ARG(name), HN_TEXT_ARG(refers_to)));
    dissect_note(o->dissect, o->id, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE, "%.*s: %.*s",
            OFFICE_SHOWN(name), OFFICE_SHOWN(refers_to));
}

void office_sheet(struct office *o, struct hn_text name, enum office_sheet_state state, bool macro)
{
    dissect_fact(o->dissect, o->id, "sheet", name);
    if (state == OFFICE_SHEET_HIDDEN)
        dissect_fact(o->dissect, o->id, "hidden_sheet", name);
    if (state == OFFICE_SHEET_VERY_HIDDEN)
        dissect_fact(o->dissect, o->id, "very_hidden_sheet", name);
    if (!macro)
        return;
    dissect_fact(o->dissect, o->id, "macro_sheet", name);
    if (state != OFFICE_SHEET_SHOWN)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "the macro sheet %.*s", OFFICE_SHOWN(name));
}
