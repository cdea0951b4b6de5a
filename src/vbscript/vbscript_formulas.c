/* vbscript_formulas.c - Excel 4 macros that a VBA macro writes into cells, to run them there: told
 * as a script of their own, in the text that src/xlm reads. */
#include "vbscript/vbscript_internal.h"

#define TEXT_BYTES_MAX ((size_t)1 << 20)

/* Functions without which no such macro reaches out; formulas of worksheets have none of them. */
static bool reaches_out(struct hn_text formula)
{
    static const struct hn_text words[] = { HN_TEXT_INIT("EXEC("), HN_TEXT_INIT("CALL("),
        HN_TEXT_INIT("REGISTER("), HN_TEXT_INIT("FORMULA("), HN_TEXT_INIT("FORMULA.FILL("),
        HN_TEXT_INIT("FOPEN("), HN_TEXT_INIT("RUN("), HN_TEXT_INIT("EXECUTE(") };

    if (formula.len < 2 || formula.ptr[0] != '=')
        return false;
    for (size_t i = 0; i < HN_COUNT_OF(words); i++)
        if (hn_text_find_nocase(formula, words[i], 0) != SIZE_MAX)
            return true;
    return false;
}

/* Sheets("m").Range("A1") as m and A1; false: it is no single cell. */
static bool cell_of(struct hn_text path, struct hn_text *ret_sheet, struct hn_text *ret_cell)
{
    static const struct hn_text range = HN_TEXT_INIT(".Range(\"");
    size_t at = hn_text_find_nocase(path, range, 0);
    struct hn_text sheet = hn_text_sub(path, 0, at);
    struct hn_text cell;

    if (at == SIZE_MAX || !hn_text_ends(path, HN_TEXT("\")")))
        return false;
    if (hn_text_starts_nocase(sheet, HN_TEXT("Sheets(\"")) && sheet.len > 10)
        sheet = hn_text_sub(sheet, 8, sheet.len - 10);
    cell = hn_text_sub(path, at + range.len, path.len - at - range.len - 2);
    for (size_t i = 0; i < cell.len; i++)
        if (cell.ptr[i] == ':' || cell.ptr[i] == '"')
            return false;
    *ret_sheet = sheet;
    *ret_cell = cell;
    return true;
}

static void add_doubled(struct hn_buf *out, char mark, struct hn_text text)
{
    hn_buf_add_char(out, mark);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == mark)
            hn_buf_add_char(out, mark);
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, mark);
}

static void add_cell(struct vb_eval *ev, struct hn_buf *out, const struct vb_prop *prop)
{
    struct hn_text value = vb_flat(ev, prop->value);
    struct hn_text sheet;
    struct hn_text cell;

    if (prop->value.kind == VB_OBJECT || !cell_of(prop->name->shown, &sheet, &cell))
        return;
    hn_buf_add_lit(out, "SHEET ");
    add_doubled(out, '\'', sheet);
    hn_buf_add_lit(out, " macro visible\nCELL ");
    add_doubled(out, '\'', sheet);
    hn_buf_addf(out, "!%.*s ", HN_TEXT_ARG(cell));
    if ((value.len > 1 && value.ptr[0] == '=') || prop->value.kind == VB_INT ||
            prop->value.kind == VB_REAL)
        hn_buf_add_text(out, value);
    else
        add_doubled(out, '"', value);
    hn_buf_add_char(out, '\n');
}

void vb_host_formulas(struct vb_eval *ev)
{
    struct hn_buf out = { 0 };
    struct script_layer layer = {
        .language = SCRIPT_XLM, .how = "Formula", .offset = SCRIPT_NOWHERE
    };
    bool found = false;

    if (ev->host_values == NULL || !script_goes_on(ev->run))
        return;
    for (const struct vb_prop *prop = ev->host_values->props; prop != NULL; prop = prop->next)
        found |= prop->value.kind == VB_TEXT && reaches_out(vb_flat(ev, prop->value));
    if (!found)
        return;
    hn_buf_init(&out, TEXT_BYTES_MAX);
    for (const struct vb_prop *prop = ev->host_values->props; prop != NULL; prop = prop->next)
        add_cell(ev, &out, prop);
    if (hn_buf_ok(&out) && out.len > 0) {
        layer.text = script_text_new(ev->run, hn_buf_text(&out), NULL);
        script_tell_layer(ev->run, &layer);
    }
    hn_buf_deinit(&out);
}
