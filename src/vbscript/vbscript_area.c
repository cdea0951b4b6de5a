/* vbscript_area.c - follows a path of the document word by word to a rectangle of one sheet:
 * Sheets("a").Range("A1:B3").Offset(1, 0), Cells(Rows.Count, 1).End(xlUp), UsedRange. */
#include "vbscript/vbscript_internal.h"

#include "base/num.h"

#define ROWS_MAX    1048576
#define COLUMNS_MAX 16384
#define ARGS_MAX    2u

/* One word of a path with its arguments: Offset(1, 0). */
struct word {
    struct hn_text name;
    struct hn_text args[ARGS_MAX]; /* texts with their quotes */
    uint32_t count;
    bool has_args;
};

/* ---- Addresses ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "B12", "B", "12" at the start of text; its length. What is not there is 0. */
static size_t scan_cell(struct hn_text text, int64_t *ret_row, int64_t *ret_column)
{
    size_t i = 0;

    *ret_row = 0;
    *ret_column = 0;
    for (; i < text.len && (text.ptr[i] == '$' || is_letter(text.ptr[i])); i++)
        if (text.ptr[i] != '$' && *ret_column <= COLUMNS_MAX)
            *ret_column = *ret_column * 26 + ((text.ptr[i] & ~0x20) - 'A' + 1);
    for (; i < text.len && (text.ptr[i] == '$' || is_digit(text.ptr[i])); i++)
        if (text.ptr[i] != '$' && *ret_row <= ROWS_MAX)
            *ret_row = *ret_row * 10 + (text.ptr[i] - '0');
    return *ret_row <= ROWS_MAX && *ret_column <= COLUMNS_MAX ? i : 0;
}

/* "A1", "A1:B3", "A:B", "3:5". */
static bool scan_area(struct hn_text text, int64_t corners[4])
{
    size_t len = scan_cell(text, &corners[0], &corners[1]);

    corners[2] = corners[0];
    corners[3] = corners[1];
    if (len == 0)
        return false;
    if (len < text.len) {
        struct hn_text rest = hn_text_sub(text, len + 1, SIZE_MAX);

        if (text.ptr[len] != ':' || scan_cell(rest, &corners[2], &corners[3]) != rest.len)
            return false;
    } else if (corners[0] == 0 || corners[1] == 0) {
        return false; /* a column or a row by itself is no address */
    }
    if ((corners[0] == 0) != (corners[2] == 0) || (corners[1] == 0) != (corners[3] == 0))
        return false;
    if (corners[0] == 0) {
        corners[0] = 1;
        corners[2] = ROWS_MAX;
    }
    if (corners[1] == 0) {
        corners[1] = 1;
        corners[3] = COLUMNS_MAX;
    }
    return corners[0] <= corners[2] && corners[1] <= corners[3];
}

void vb_area_address(struct hn_buf *out, int64_t row, int64_t column)
{
    char letters[8];
    size_t len = 0;

    for (; column > 0 && len < sizeof letters; column = (column - 1) / 26)
        letters[len++] = (char)('A' + (column - 1) % 26);
    while (len > 0)
        hn_buf_add_char(out, letters[--len]);
    hn_buf_add_i64(out, row);
}

/* ---- Sheets ---- */

/* sheet!what, as the stores of cells are called. */
static bool ask_sheet(
        struct vb_eval *ev, struct hn_text sheet, const char *what, struct hn_text *ret_text)
{
    char room[VB_PATH_BYTES];
    struct hn_buf name = hn_buf_over(room, sizeof room);

    if (hn_text_starts_nocase(sheet, HN_TEXT("Sheets(\"")) && sheet.len > 10)
        sheet = hn_text_sub(sheet, 8, sheet.len - 10);
    hn_buf_addf(&name, "%.*s!%s", HN_TEXT_ARG(sheet), what);
    return hn_buf_ok(&name) && ev->source->lookup != NULL && script_spend(ev->run, 1) &&
           ev->source->lookup(ev->source->lookup_ctx, hn_buf_text(&name), ret_text);
}

/* Which cells of its sheet are in use; false: nobody knows. */
bool vb_area_used(struct vb_eval *ev, struct vb_area *area)
{
    struct hn_text text;

    if (!area->used_is_set) {
        area->used_is_set = true;
        area->used_known =
                ask_sheet(ev, area->sheet, "UsedRange", &text) && scan_area(text, area->used);
    }
    return area->used_known;
}

/* ---- Words of a path ---- */

/* The end of what begins at pos: a dot or a bracket that stands in no text and no brackets. */
static size_t word_end(struct hn_text path, size_t pos, char until)
{
    uint32_t depth = 0;
    bool quoted = false;

    for (; pos < path.len; pos++) {
        char c = path.ptr[pos];

        if (c == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (depth == 0 && (c == until || (until == '.' && c == '(')))
            break;
        if (depth == 0 && until == ')' && c == ',')
            break;
        if (c == '(')
            depth++;
        else if (c == ')' && depth > 0)
            depth--;
    }
    return pos;
}

/* Name(args), or (args) that follow others; false at the end or at something else. */
static bool take_word(struct hn_text path, size_t *pos, struct word *ret_word)
{
    struct word word = { 0 };
    size_t end = word_end(path, *pos, '.');

    if (*pos >= path.len)
        return false;
    word.name = hn_text_sub(path, *pos, end - *pos);
    *pos = end;
    if (end < path.len && path.ptr[end] == '(') {
        word.has_args = true;
        do {
            size_t start = *pos + 1;

            *pos = word_end(path, start, ')');
            if (word.count < ARGS_MAX)
                word.args[word.count++] = hn_text_trim(hn_text_sub(path, start, *pos - start));
        } while (*pos < path.len && path.ptr[*pos] == ',');
        if (*pos >= path.len)
            return false;
        (*pos)++;
    }
    if (*pos < path.len && path.ptr[*pos] == '.')
        (*pos)++;
    *ret_word = word;
    return true;
}

static bool arg_number(const struct word *word, uint32_t index, int64_t *ret_number)
{
    struct hn_text text = index < word->count ? word->args[index] : HN_TEXT("");

    return hn_parse_i64(text, ret_number) && *ret_number > -ROWS_MAX && *ret_number <= ROWS_MAX;
}

/* An argument in quotes, without them. */
static bool arg_text(const struct word *word, uint32_t index, struct hn_text *ret_text)
{
    struct hn_text text = index < word->count ? word->args[index] : HN_TEXT("");

    if (text.len < 2 || text.ptr[0] != '"')
        return false;
    *ret_text = hn_text_sub(text, 1, text.len - 2);
    return true;
}

/* ---- Steps from one rectangle to the next ---- */

static void set_area(struct vb_area *area, const int64_t corners[4])
{
    /* Within another range, addresses count from its first cell. */
    int64_t row = area->has_cells ? area->row - 1 : 0;
    int64_t column = area->has_cells ? area->column - 1 : 0;

    area->row = corners[0] + row;
    area->column = corners[1] + column;
    area->rows = corners[2] - corners[0] + 1;
    area->columns = corners[3] - corners[1] + 1;
    area->has_cells = true;
    area->unit = VB_AREA_CELLS;
}

/* "Data!A1": another sheet. */
static struct hn_text other_sheet(struct vb_eval *ev, struct vb_area *area, struct hn_text text)
{
    size_t mark = hn_text_find_char(text, '!', 0);
    struct hn_text sheet = hn_text_sub(text, 0, mark);

    if (mark == SIZE_MAX)
        return text;
    if (sheet.len > 1 && sheet.ptr[0] == '\'')
        sheet = hn_text_sub(sheet, 1, sheet.len - 2);
    sheet = hn_arena_text(&ev->run->arena, sheet);
    area->sheet = sheet.ptr != NULL ? sheet : HN_TEXT("");
    area->has_cells = false;
    area->used_is_set = false;
    return hn_text_sub(text, mark + 1, SIZE_MAX);
}

/* A name of the workbook that stands for cells. */
static bool named_area(
        struct vb_eval *ev, struct vb_area *area, struct hn_text name, int64_t corners[4])
{
    char room[VB_PATH_BYTES];
    struct hn_buf path = hn_buf_over(room, sizeof room);
    struct hn_text text;

    hn_buf_addf(&path, "Names(\"%.*s\").RefersTo", HN_TEXT_ARG(name));
    if (!hn_buf_ok(&path) || ev->source->lookup == NULL ||
            !ev->source->lookup(ev->source->lookup_ctx, hn_buf_text(&path), &text))
        return false;
    if (text.len > 0 && text.ptr[0] == '=')
        text = hn_text_sub(text, 1, SIZE_MAX);
    return scan_area(other_sheet(ev, area, text), corners);
}

static bool step_range(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    int64_t corners[4];
    int64_t last[4];
    struct hn_text text;

    if (!arg_text(word, 0, &text))
        return false;
    text = other_sheet(ev, area, text);
    if (!scan_area(text, corners) && !named_area(ev, area, text, corners))
        return false;
    if (word->count > 1) {
        if (!arg_text(word, 1, &text) || !scan_area(text, last) || last[2] < corners[0] ||
                last[3] < corners[1])
            return false;
        corners[2] = last[2];
        corners[3] = last[3];
    }
    set_area(area, corners);
    return true;
}

/* Names("x") is no range by itself, but RefersToRange and RefersTo are what follows. */
static bool step_same(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    (void)ev;
    (void)word;
    return area->has_cells;
}

static void whole_sheet(struct vb_area *area)
{
    static const int64_t all[4] = { 1, 1, ROWS_MAX, COLUMNS_MAX };

    if (!area->has_cells)
        set_area(area, all);
}

/* Cells(2, 3), Cells(2, "C"), Cells(5), Cells; an index behind a range is the same. */
static bool step_cells(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    int64_t row;
    int64_t column = 0;
    int64_t ignored;
    struct hn_text text;

    (void)ev;
    whole_sheet(area);
    if (!word->has_args)
        return true;
    if (!arg_number(word, 0, &row))
        return false;
    if (word->count < 2) {
        if (row < 1)
            return false;
        column = (row - 1) % area->columns + 1;
        row = (row - 1) / area->columns + 1;
    } else if (arg_text(word, 1, &text)) {
        if (scan_cell(text, &ignored, &column) != text.len || column == 0)
            return false;
    } else if (!arg_number(word, 1, &column)) {
        return false;
    }
    area->row += row - 1;
    area->column += column - 1;
    area->rows = 1;
    area->columns = 1;
    area->unit = VB_AREA_CELLS;
    return true;
}

static bool step_used(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    (void)word;
    if (!vb_area_used(ev, area))
        return false;
    area->has_cells = false;
    set_area(area, area->used);
    return true;
}

static bool step_offset(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    int64_t rows = 0;
    int64_t columns = 0;

    (void)ev;
    (void)arg_number(word, 0, &rows);
    (void)arg_number(word, 1, &columns);
    area->row += rows;
    area->column += columns;
    return area->has_cells;
}

static bool step_resize(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    (void)ev;
    (void)arg_number(word, 0, &area->rows);
    (void)arg_number(word, 1, &area->columns);
    return area->has_cells && area->rows > 0 && area->columns > 0;
}

static bool step_rows(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    int64_t row;

    (void)ev;
    whole_sheet(area);
    area->unit = VB_AREA_ROWS;
    if (!word->has_args)
        return true;
    if (!arg_number(word, 0, &row) || row < 1)
        return false;
    area->row += row - 1;
    area->rows = 1;
    area->unit = VB_AREA_CELLS;
    return true;
}

static bool step_columns(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    int64_t column;
    int64_t ignored;
    struct hn_text text;

    (void)ev;
    whole_sheet(area);
    area->unit = VB_AREA_COLUMNS;
    if (!word->has_args)
        return true;
    if (arg_text(word, 0, &text)) {
        if (scan_cell(text, &ignored, &column) != text.len || column == 0)
            return false;
    } else if (!arg_number(word, 0, &column) || column < 1) {
        return false;
    }
    area->column += column - 1;
    area->columns = 1;
    area->unit = VB_AREA_CELLS;
    return true;
}

static bool cell_is_filled(
        struct vb_eval *ev, const struct vb_area *area, int64_t row, int64_t column)
{
    char room[64];
    struct hn_buf ref = hn_buf_over(room, sizeof room);
    struct hn_text text;

    vb_area_address(&ref, row, column);
    hn_buf_add_char(&ref, '\0');
    return hn_buf_ok(&ref) && ask_sheet(ev, area->sheet, room, &text);
}

/* End(xlUp) and its like: to the edge of what is filled, or to the next that is. */
static bool step_end(struct vb_eval *ev, struct vb_area *area, const struct word *word)
{
    int64_t way;
    int64_t down;
    int64_t right;
    bool within;

    if (!area->has_cells || !arg_number(word, 0, &way) || !vb_area_used(ev, area))
        return false;
    down = way == -4162 ? -1 : way == -4121 ? 1 : 0;
    right = way == -4159 ? -1 : way == -4161 ? 1 : 0;
    area->rows = 1;
    area->columns = 1;
    if (area->row > area->used[2] && down < 0)
        area->row = area->used[2] + 1;
    if (area->column > area->used[3] && right < 0)
        area->column = area->used[3] + 1;
    within = cell_is_filled(ev, area, area->row, area->column) &&
             cell_is_filled(ev, area, area->row + down, area->column + right);
    while (script_spend(ev->run, 1)) {
        int64_t row = area->row + down;
        int64_t column = area->column + right;

        if (row < 1 || column < 1 || row > area->used[2] || column > area->used[3])
            return true;
        if (within && !cell_is_filled(ev, area, row, column))
            return true;
        area->row = row;
        area->column = column;
        if (!within && cell_is_filled(ev, area, row, column))
            return true;
    }
    return false;
}

static const struct {
    struct hn_text name;
    bool (*step)(struct vb_eval *ev, struct vb_area *area, const struct word *word);
} steps[] = {
    { HN_TEXT_INIT("range"), step_range },
    { HN_TEXT_INIT("evaluate"), step_range },
    { HN_TEXT_INIT("names"), step_range }, /* Names("x").RefersToRange */
    { HN_TEXT_INIT("referstorange"), step_same },
    { HN_TEXT_INIT("mergearea"), step_same },
    { HN_TEXT_INIT("cells"), step_cells },
    { HN_TEXT_INIT("item"), step_cells },
    { HN_TEXT_INIT(""), step_cells }, /* Range("A1:A5")(3) */
    { HN_TEXT_INIT("usedrange"), step_used },
    { HN_TEXT_INIT("currentregion"), step_used },
    { HN_TEXT_INIT("specialcells"), step_used },
    { HN_TEXT_INIT("offset"), step_offset },
    { HN_TEXT_INIT("resize"), step_resize },
    { HN_TEXT_INIT("rows"), step_rows },
    { HN_TEXT_INIT("columns"), step_columns },
    { HN_TEXT_INIT("end"), step_end },
};

/* Follows a path; *ret_rest is the member of the range that is asked at its end. */
bool vb_area_follow(
        struct vb_eval *ev, struct hn_text path, struct vb_area *ret_area, struct hn_text *ret_rest)
{
    struct vb_area area = { 0 };
    struct word word;
    int64_t corners[4];
    size_t pos = 0;
    bool begun = false;

    *ret_rest = HN_TEXT("");
    while (take_word(path, &pos, &word)) {
        size_t i = 0;

        while (i < HN_COUNT_OF(steps) && !hn_text_eq_nocase(word.name, steps[i].name))
            i++;
        if (i == HN_COUNT_OF(steps) && begun) {
            *ret_rest = word.name;
            break;
        }
        if (i == HN_COUNT_OF(steps) && area.sheet.len > 0 && pos >= path.len &&
                scan_area(word.name, corners)) { /* Sheet1.[A1] */
            set_area(&area, corners);
            begun = true;
            continue;
        }
        if (i == HN_COUNT_OF(steps)) {
            area.sheet = hn_text_sub(path, 0, pos);
            if (area.sheet.len > 0 && area.sheet.ptr[area.sheet.len - 1] == '.')
                area.sheet.len--;
            continue;
        }
        if (!begun && area.sheet.len == 0)
            area.sheet = HN_TEXT("Sheets(1)"); /* Evaluate("A1") */
        begun = true;
        if (!steps[i].step(ev, &area, &word))
            return false;
    }
    *ret_area = area;
    return begun && pos >= path.len && area.has_cells && area.row >= 1 && area.column >= 1 &&
           area.rows >= 1 && area.columns >= 1;
}
