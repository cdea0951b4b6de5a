/* vbscript_store.c - what the document holds: the many spellings of one place brought to the names
 * under which it is kept. */
#include "vbscript/vbscript_internal.h"

#define ITEMS_MAX 256u
#define GAPS_MAX  8u

struct rewrite {
    struct hn_text from;
    struct hn_text to;
};

#define REWRITE(from, to)                    \
    {                                        \
        HN_TEXT_INIT(from), HN_TEXT_INIT(to) \
    }

/* At the start of a path. */
static const struct rewrite heads[] = { REWRITE("Application.", ""), REWRITE("Me.", ""),
    REWRITE("Word.", ""), REWRITE("ThisDocument.", "ActiveDocument."),
    REWRITE("Documents(1).", "ActiveDocument."), REWRITE("Selection.Document.", "ActiveDocument."),
    REWRITE("ThisWorkbook.", ""), REWRITE("ActiveWorkbook.", ""), REWRITE("Workbooks(1).", ""),
    REWRITE("ActivePresentation.", ""), REWRITE("ActiveSheet.", "Sheets(1)."),
    REWRITE("Worksheets(", "Sheets("), REWRITE("Documents.Item(1).", "ActiveDocument."),
    REWRITE("ActiveDocument.StoryRanges(1)", "ActiveDocument.Content"),
    REWRITE("ActiveDocument.StoryRanges.Item(1)", "ActiveDocument.Content"),
    REWRITE("ActiveDocument.BuiltInDocumentProperties", "BuiltInDocumentProperties"),
    REWRITE("ActiveDocument.CustomDocumentProperties", "CustomDocumentProperties") };

/* Anywhere. */
static const struct rewrite inner[] = { REWRITE(".Item(", "("), REWRITE(".Worksheets(", ".Sheets("),
    REWRITE(".TextFrame.TextRange.", "."), REWRITE(".TextFrame.Characters.", "."),
    REWRITE(".OLEFormat.Object.", "."), REWRITE(".Value2", ".Value"),
    REWRITE(".FormulaR1C1", ".Value"), REWRITE(".Formula", ".Value"), REWRITE("$", "") };

static const struct hn_text tails[] = { HN_TEXT_INIT(""), HN_TEXT_INIT(".Value"),
    HN_TEXT_INIT(".Text"), HN_TEXT_INIT(".Caption") };

static void rewrite_heads(struct hn_buf *path, char *room, size_t room_bytes)
{
    bool again = true;

    for (int turns = 0; again && turns < 8; turns++) {
        again = false;
        for (size_t i = 0; i < HN_COUNT_OF(heads) && !again; i++) {
            struct hn_text text = hn_buf_text(path);
            struct hn_buf made = hn_buf_over(room, room_bytes);

            if (!hn_text_starts_nocase(text, heads[i].from))
                continue;
            hn_buf_add_text(&made, heads[i].to);
            hn_buf_add_text(&made, hn_text_sub(text, heads[i].from.len, SIZE_MAX));
            hn_buf_reset(path);
            hn_buf_add_text(path, hn_buf_text(&made));
            again = true;
        }
    }
}

static void rewrite_inner(struct hn_buf *path, char *room, size_t room_bytes)
{
    for (size_t i = 0; i < HN_COUNT_OF(inner); i++) {
        size_t at = hn_text_find_nocase(hn_buf_text(path), inner[i].from, 0);

        while (at != SIZE_MAX) {
            struct hn_buf made = hn_buf_over(room, room_bytes);

            hn_buf_add_text(&made, hn_text_sub(hn_buf_text(path), 0, at));
            hn_buf_add_text(&made, inner[i].to);
            hn_buf_add_text(
                    &made, hn_text_sub(hn_buf_text(path), at + inner[i].from.len, SIZE_MAX));
            hn_buf_reset(path);
            hn_buf_add_text(path, hn_buf_text(&made));
            at = hn_text_find_nocase(hn_buf_text(path), inner[i].from, at + inner[i].to.len);
        }
    }
}

static bool ask(struct vb_eval *ev, struct hn_text name, struct vb_value *ret_value)
{
    struct hn_text text;
    struct hn_text detail;

    if (!script_spend(ev->run, 1) || ev->source->lookup == NULL ||
            !ev->source->lookup(ev->source->lookup_ctx, name, &text))
        return false;
    detail = hn_arena_text(&ev->run->arena, name);
    *ret_value = vb_text(script_text_new(ev->run, text,
            script_origin_new(ev->run, "store", SCRIPT_NOWHERE,
                    detail.ptr != NULL ? detail : HN_TEXT(""), NULL, NULL)));
    return ret_value->kind == VB_TEXT;
}

/* The path without what names the value itself: .Value, .Text, .Caption. */
static struct hn_text without_tail(struct hn_text path)
{
    for (size_t i = 1; i < HN_COUNT_OF(tails); i++)
        if (hn_text_ends_nocase(path, tails[i]))
            return hn_text_sub(path, 0, path.len - tails[i].len);
    return path;
}

/* name, with a document in front or not, with each tail. */
static bool ask_tails(
        struct vb_eval *ev, const char *head, struct hn_text path, struct vb_value *ret_value)
{
    char room[VB_PATH_BYTES + 64];

    for (size_t i = 0; i < HN_COUNT_OF(tails); i++) {
        struct hn_buf name = hn_buf_over(room, sizeof room);

        hn_buf_add_cstr(&name, head);
        hn_buf_add_text(&name, path);
        hn_buf_add_text(&name, tails[i]);
        if (hn_buf_ok(&name) && ask(ev, hn_buf_text(&name), ret_value))
            return true;
    }
    return false;
}

/* Sheets("a").Range("B1") as a!B1; Sheet1.Range("B1"), by its code name, as Sheets("Sheet1")... */
static bool ask_cell(struct vb_eval *ev, struct hn_text path, struct vb_value *ret_value)
{
    size_t range = hn_text_find_nocase(path, HN_TEXT(".Range(\""), 0);
    struct hn_text sheet = hn_text_sub(path, 0, range);
    struct hn_text cell = hn_text_sub(path, range == SIZE_MAX ? path.len : range + 8, SIZE_MAX);
    char room[VB_PATH_BYTES + 64];
    struct hn_buf name = hn_buf_over(room, sizeof room);

    if (range == SIZE_MAX || cell.len < 3)
        return false;
    cell = hn_text_sub(cell, 0, cell.len - 2);
    if (hn_text_starts_nocase(sheet, HN_TEXT("Sheets(\"")) && sheet.len > 10)
        sheet = hn_text_sub(sheet, 8, sheet.len - 10);
    hn_buf_add_text(&name, sheet);
    hn_buf_add_char(&name, '!');
    hn_buf_add_text(&name, cell);
    if (hn_buf_ok(&name) && ask(ev, hn_buf_text(&name), ret_value))
        return true;
    hn_buf_reset(&name);
    hn_buf_addf(&name, "Sheets(\"%.*s\").Range(\"%.*s\")", HN_TEXT_ARG(sheet), HN_TEXT_ARG(cell));
    return hn_buf_ok(&name) && ask_tails(ev, "", hn_buf_text(&name), ret_value);
}

/* In the code of a form, its controls go without the form's name. */
static bool ask_own(struct vb_eval *ev, struct hn_text path, struct vb_value *ret_value)
{
    char room[VB_PATH_BYTES];
    struct hn_buf name = hn_buf_over(room, sizeof room);

    if (ev->frame == NULL || ev->frame->module == NULL || ev->frame->module->self == NULL)
        return false;
    hn_buf_add_text(&name, ev->frame->module->name->shown);
    hn_buf_add_char(&name, '.');
    hn_buf_add_text(&name, path);
    return hn_buf_ok(&name) && ask_tails(ev, "", hn_buf_text(&name), ret_value);
}

static bool written_here(struct vb_eval *ev, struct hn_text path, struct vb_value *ret_value)
{
    struct vb_value *slot;

    if (ev->host_values == NULL || path.len > VB_SYMBOL_BYTES_MAX)
        return false;
    slot = vb_prop(ev, ev->host_values, vb_symbol(ev, path), false);
    if (slot == NULL)
        return false;
    *ret_value = *slot;
    return true;
}

/* Range("A1") by itself is a cell of the sheet whose code this is, else of the first. */
static void add_sheet(struct vb_eval *ev, struct hn_text path, struct hn_buf *buf)
{
    static const struct hn_text words[] = { HN_TEXT_INIT("Range("), HN_TEXT_INIT("Cells"),
        HN_TEXT_INIT("UsedRange"), HN_TEXT_INIT("Rows"), HN_TEXT_INIT("Columns") };
    const struct vb_module *module = ev->frame != NULL ? ev->frame->module : NULL;
    char room[VB_PATH_BYTES];
    struct hn_buf used = hn_buf_over(room, sizeof room);
    struct hn_text ignored;

    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (!hn_text_starts_nocase(path, words[i]))
            continue;
        if (path.len > words[i].len && words[i].ptr[words[i].len - 1] != '(' &&
                path.ptr[words[i].len] != '.' && path.ptr[words[i].len] != '(')
            continue;
        if (module != NULL && module->name != NULL)
            hn_buf_addf(&used, "%.*s!UsedRange", HN_TEXT_ARG(module->name->shown));
        if (used.len > 0 && hn_buf_ok(&used) && ev->source->lookup != NULL &&
                ev->source->lookup(ev->source->lookup_ctx, hn_buf_text(&used), &ignored))
            hn_buf_addf(buf, "%.*s.", HN_TEXT_ARG(module->name->shown));
        else
            hn_buf_add_lit(buf, "Sheets(1).");
        return;
    }
}

struct hn_text vb_host_canonical(
        struct vb_eval *ev, struct hn_text path, struct hn_buf *buf, char *room, size_t room_bytes)
{
    hn_buf_add_text(buf, path);
    rewrite_heads(buf, room, room_bytes);
    if (hn_buf_ok(buf) && buf->len < room_bytes) {
        struct hn_buf made = hn_buf_over(room, room_bytes);

        add_sheet(ev, hn_buf_text(buf), &made);
        hn_buf_add_text(&made, hn_buf_text(buf));
        hn_buf_reset(buf);
        hn_buf_add_text(buf, hn_buf_text(&made));
    }
    rewrite_heads(buf, room, room_bytes);
    rewrite_inner(buf, room, room_bytes);
    return without_tail(hn_buf_text(buf));
}

/* The same is asked in loops, and nothing that the document holds comes while a script is
 * evaluated: what was not there is not asked for again by the same module. Longer names are no
 * symbols. */
static struct vb_symbol *remembered(struct vb_eval *ev, struct hn_text name)
{
    return name.len <= VB_SYMBOL_BYTES_MAX ? vb_symbol(ev, name) : NULL;
}

static const void *asking(const struct vb_eval *ev)
{
    return ev->frame != NULL && ev->frame->module != NULL ? (const void *)ev->frame->module : ev;
}

static bool ask_all(
        struct vb_eval *ev, struct hn_text path, struct hn_text name, struct vb_value *ret_value)
{
    return ask(ev, path, ret_value) || ask_tails(ev, "", name, ret_value) ||
           ask_own(ev, name, ret_value) || ask_tails(ev, "ActiveDocument.", name, ret_value) ||
           ask_tails(ev, "ThisWorkbook.", name, ret_value) || ask_cell(ev, name, ret_value);
}

/* Whether list(number) is there: by itself or by what the members of lists are asked for. */
static bool is_member(struct vb_eval *ev, struct hn_text list, uint32_t number)
{
    static const char *const members[] = { "", ".Name", ".Range", ".AlternativeText", ".Result",
        ".XML" };
    char room[VB_PATH_BYTES];
    struct vb_value ignored;

    for (size_t i = 0; i < HN_COUNT_OF(members); i++) {
        struct hn_buf name = hn_buf_over(room, sizeof room);

        hn_buf_addf(&name, "%.*s(%u)%s", HN_TEXT_ARG(list), number, members[i]);
        if (hn_buf_ok(&name) && vb_host_lookup(ev, hn_buf_text(&name), &ignored))
            return true;
    }
    return false;
}

/* Controls and pages of forms count from 0. */
static uint32_t first_member(struct hn_text list)
{
    return hn_text_ends_nocase(list, HN_TEXT(".Controls")) ||
                           hn_text_ends_nocase(list, HN_TEXT(".Pages"))
                   ? 0
                   : 1;
}

/* Lists of documents count from 1; members without any text are gaps, of which a few may be. */
static uint32_t member_count(struct vb_eval *ev, struct hn_text list)
{
    uint32_t first = first_member(list);
    uint32_t count = 0;

    for (uint32_t i = 1; i <= ITEMS_MAX && i <= count + GAPS_MAX; i++)
        if (is_member(ev, list, i - 1 + first))
            count = i;
    return count;
}

/* list.Count */
static bool ask_count(struct vb_eval *ev, struct hn_text path, struct vb_value *ret_value)
{
    uint32_t count;

    if (!hn_text_ends_nocase(path, HN_TEXT(".Count")))
        return false;
    count = member_count(ev, hn_text_sub(path, 0, path.len - 6));
    *ret_value = vb_int(count, 4);
    return count > 0;
}

bool vb_host_lookup(struct vb_eval *ev, struct hn_text path, struct vb_value *ret_value)
{
    struct vb_symbol *symbol = remembered(ev, path);
    char room[VB_PATH_BYTES];
    char spare[VB_PATH_BYTES];
    struct hn_buf buf = hn_buf_over(room, sizeof room);
    struct hn_text name;
    bool known = symbol != NULL && symbol->missed_by == asking(ev);

    if (path.len + 64 > sizeof room || (known && ev->host_values == NULL))
        return false;
    name = vb_host_canonical(ev, path, &buf, spare, sizeof spare);
    if (!hn_buf_ok(&buf))
        return false;
    if (written_here(ev, name, ret_value))
        return true;
    if (known)
        return false;
    if (ask_all(ev, path, name, ret_value) || vb_range_value(ev, name, path, ret_value) ||
            ask_count(ev, name, ret_value))
        return true;
    if (symbol != NULL && script_goes_on(ev->run))
        symbol->missed_by = asking(ev);
    return false;
}

void vb_host_set(struct vb_eval *ev, struct hn_text path, struct vb_value value)
{
    char room[VB_PATH_BYTES];
    char spare[VB_PATH_BYTES];
    struct hn_buf buf = hn_buf_over(room, sizeof room);
    struct hn_text name;
    struct vb_value *slot;

    if (ev->host_values == NULL)
        ev->host_values = vb_object_new(ev, &vb_class_record);
    if (ev->host_values == NULL || path.len + 64 > sizeof room)
        return;
    name = vb_host_canonical(ev, path, &buf, spare, sizeof spare);
    if (name.len > VB_SYMBOL_BYTES_MAX)
        return;
    slot = vb_prop(ev, ev->host_values, vb_symbol(ev, name), true);
    if (slot != NULL)
        vb_store(ev, slot, value);
}

struct vb_value vb_host_value(struct vb_eval *ev, const struct vb_object *object)
{
    struct vb_value value;

    if (vb_host_lookup(ev, object->path, &value) || vb_page_lookup(ev, object->path, &value))
        return value;
    vb_note(ev, SCRIPT_NOTE_UNMODELLED, 0, "%.*s", HN_TEXT_ARG(hn_text_sub(object->path, 0, 150)));
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(hn_text_sub(object->path, 0, 200)));
}

struct vb_value vb_host_kind(struct vb_eval *ev, const struct vb_object *object)
{
    char room[VB_PATH_BYTES];
    char spare[VB_PATH_BYTES];
    struct hn_buf path = hn_buf_over(room, sizeof room);
    struct hn_text name;
    struct vb_value kind;

    if (object->path.len + 64 > sizeof room)
        return vb_unknown(ev, "TypeName");
    hn_buf_addf(&path, "%.*s.TypeName", HN_TEXT_ARG(object->path));
    if (vb_host_lookup(ev, hn_buf_text(&path), &kind))
        return kind;
    hn_buf_reset(&path);
    name = vb_host_canonical(ev, object->path, &path, spare, sizeof spare);
    return hn_buf_ok(&path) && vb_range_is(ev, name) ? vb_lit(ev, "Range")
                                                     : vb_unknown(ev, "TypeName");
}

/* For Each over a collection of the document: its members by number, as far as they answer. */
bool vb_host_items(struct vb_eval *ev, struct vb_object *object, struct vb_array **ret_items)
{
    char room[VB_PATH_BYTES];
    char spare[VB_PATH_BYTES];
    struct hn_buf path = hn_buf_over(room, sizeof room);
    struct hn_text list;
    uint32_t count;

    if (object->path.len + 64 > sizeof room)
        return false;
    list = vb_host_canonical(ev, object->path, &path, spare, sizeof spare);
    if (hn_buf_ok(&path) && vb_range_items(ev, list, ret_items))
        return true;
    count = member_count(ev, list);
    *ret_items = count > 0 ? vb_array_new(ev, VB_T_VARIANT, 0, count) : NULL;
    for (uint32_t i = 0; *ret_items != NULL && i < count; i++) {
        struct hn_buf item = hn_buf_over(spare, sizeof spare);

        hn_buf_addf(&item, "%.*s(%u)", HN_TEXT_ARG(list), i + first_member(list));
        (*ret_items)->items[i] = vb_host_object(ev, hn_buf_text(&item));
    }
    return *ret_items != NULL;
}
