/* ioc_csv.c - tables of indicators (RFC 4180, and what feeds make of it).
 *
 * Accepted besides: comment lines with '#', a header inside such a comment (URLhaus, Zeek), white
 * space between separator and quote (ThreatFox), any of the usual separators. A quote that does not
 * close costs its line, not the file. Leaves to others: what columns mean (ioc_columns.c). */
#include "ioc/ioc_internal.h"

#define GUESS_ROWS 50

struct csv {
    struct ioc_reading *reading;
    struct ioc_columns columns;
    struct hn_text rest;
    struct hn_buf plain; /* fields with doubled quotes, undone; large enough from the start */
    uint32_t next_line;
};

enum row_kind { ROW_DATA, ROW_COMMENT, ROW_EMPTY, ROW_BAD_QUOTES, ROW_TOO_LONG, ROW_END };

static size_t line_end(struct hn_text text)
{
    size_t end = hn_text_find_char(text, '\n', 0);

    return end == SIZE_MAX ? text.len : end;
}

/* Takes a quoted field off text, from behind its first quote. False when it does not close. */
static bool quoted_field(struct csv *csv, struct hn_text *text, struct hn_text *ret_field)
{
    size_t start = csv->plain.len;
    struct hn_text rest = *text;
    bool doubled = false;
    size_t quote = 0;

    for (;;) {
        quote = hn_text_find_char(rest, '"', quote);
        if (quote == SIZE_MAX)
            return false;
        if (quote + 1 >= rest.len || rest.ptr[quote + 1] != '"')
            break;
        doubled = true;
        quote += 2;
    }
    *ret_field = hn_text_sub(rest, 0, quote);
    if (doubled) {
        for (size_t i = 0; i < quote; i++) {
            hn_buf_add_char(&csv->plain, rest.ptr[i]);
            i += rest.ptr[i] == '"';
        }
        *ret_field = hn_text_sub(hn_buf_text(&csv->plain), start, csv->plain.len);
    }
    *text = hn_text_sub(rest, quote + 1, rest.len);
    return true;
}

static struct hn_text skip_blanks(struct hn_text text, char separator)
{
    while (text.len > 0 && text.ptr[0] != separator && ioc_in(text.ptr[0], " \t\r"))
        text = hn_text_sub(text, 1, text.len);
    return text;
}

/* One row off text, which starts with it. False when its quotes are wrong. */
static bool split_row(struct csv *csv, struct hn_text *text, struct ioc_row *ret_row)
{
    char separator = csv->columns.separator;

    ret_row->count = 0;
    for (;;) {
        struct hn_text field;

        *text = skip_blanks(*text, separator);
        if (text->len > 0 && text->ptr[0] == '"') {
            *text = hn_text_sub(*text, 1, text->len);
            if (!quoted_field(csv, text, &field))
                return false;
            *text = skip_blanks(*text, separator);
            if (text->len > 0 && text->ptr[0] != separator && text->ptr[0] != '\n')
                return false;
        } else {
            size_t end = 0;

            while (end < text->len && text->ptr[end] != separator && text->ptr[end] != '\n')
                end++;
            field = hn_text_trim(hn_text_sub(*text, 0, end));
            *text = hn_text_sub(*text, end, text->len);
        }
        if (ret_row->count < IOC_COLUMNS_MAX)
            ret_row->fields[ret_row->count++] = field;
        if (text->len == 0 || text->ptr[0] == '\n') {
            *text = hn_text_sub(*text, 1, text->len);
            return true;
        }
        *text = hn_text_sub(*text, 1, text->len);
    }
}

static uint32_t count_lines(struct hn_text text, size_t len)
{
    uint32_t lines = 0;

    for (size_t i = 0; i < len; i++)
        lines += text.ptr[i] == '\n';
    return lines;
}

/* A row of data at the start of the rest; line is its first line. */
static enum row_kind data_row(struct csv *csv, struct hn_text line, struct ioc_row *ret_row)
{
    size_t row_max = csv->reading->builder->options.limits.line_bytes_max;
    struct hn_text text = hn_text_sub(csv->rest, 0, row_max);
    size_t used;
    bool cut;

    ret_row->fields[0] = line; /* for findings */
    ret_row->count = 1;
    if (line.len >= row_max)
        return ROW_TOO_LONG;
    if (!split_row(csv, &text, ret_row)) {
        ret_row->fields[0] = line;
        return ROW_BAD_QUOTES;
    }
    used = (size_t)(text.ptr - csv->rest.ptr);
    cut = used == row_max && csv->rest.len > row_max && csv->rest.ptr[used - 1] != '\n';
    if (cut) {
        ret_row->fields[0] = line;
        return ROW_TOO_LONG;
    }
    csv->next_line += count_lines(csv->rest, used);
    csv->rest = hn_text_sub(csv->rest, used, csv->rest.len);
    return ROW_DATA;
}

/* The next line or row. For comments ret_row holds one field, the line without its marks. */
static enum row_kind next_row(struct csv *csv, struct ioc_row *ret_row)
{
    size_t end = line_end(csv->rest);
    struct hn_text line = hn_text_trim(hn_text_sub(csv->rest, 0, end));
    enum row_kind kind = ROW_EMPTY;

    if (csv->rest.len == 0)
        return ROW_END;
    csv->reading->line = csv->next_line;
    hn_buf_reset(&csv->plain);
    if (line.len > 0 && line.ptr[0] == '#') {
        while (line.len > 0 && ioc_in(line.ptr[0], "# \t"))
            line = hn_text_sub(line, 1, line.len);
        ret_row->fields[0] = line;
        ret_row->count = 1;
        kind = ROW_COMMENT;
    } else if (line.len > 0) {
        kind = data_row(csv, line, ret_row);
    }
    if (kind != ROW_DATA) { /* one line is lost at most */
        csv->rest = hn_text_sub(csv->rest, end + 1, csv->rest.len);
        csv->next_line++;
    }
    return kind;
}

/* ---- What the columns are ---- */

/* Column names in a comment: the last one that has any counts. */
static void read_comment_header(struct csv *csv, struct hn_text line)
{
    struct ioc_columns columns = csv->columns;
    struct ioc_row row;

    if (hn_text_starts(line, HN_TEXT("fields\t"))) /* Zeek */
        line = hn_text_sub(line, 7, line.len);
    line = hn_text_sub(line, 0, csv->reading->builder->options.limits.line_bytes_max);
    hn_buf_reset(&csv->plain);
    if (split_row(csv, &line, &row) && row.count > 1 && ioc_columns_of_header(&row, &columns))
        csv->columns = columns;
}

/* Without a header: the column whose fields are indicators most often. Reads on from here; the
 * caller goes back. */
static void guess_value_column(struct csv *csv)
{
    struct ioc_columns *columns = &csv->columns;
    unsigned usable[IOC_COLUMNS_MAX] = { 0 };
    struct ioc_row row;
    unsigned rows = 0;
    unsigned best = 0;
    enum row_kind kind;

    while (rows < GUESS_ROWS && (kind = next_row(csv, &row)) != ROW_END) {
        if (kind != ROW_DATA)
            continue;
        rows++;
        for (unsigned i = 0; i < row.count; i++) {
            struct hn_buf *scratch = &csv->reading->builder->scratch;

            hn_buf_reset(scratch);
            ioc_refang(scratch, row.fields[i]);
            if (hn_buf_ok(scratch) && ioc_normal(IOC_TYPE_ANY, hn_buf_text(scratch),
                                              &csv->reading->builder->key) == IOC_FINE)
                usable[i]++;
        }
    }
    for (unsigned i = 0; i < IOC_COLUMNS_MAX; i++) {
        columns->roles[i] = IOC_COLUMN_NONE;
        columns->types[i] = IOC_TYPE_ANY;
        if (usable[i] > usable[best])
            best = i;
    }
    columns->roles[best] = IOC_COLUMN_VALUE;
    columns->count = IOC_COLUMNS_MAX;
    columns->any_value = true;
}

static size_t count_in_line(struct hn_text line, char c)
{
    size_t count = 0;

    for (size_t i = 0; i < line.len; i++)
        count += line.ptr[i] == c;
    return count;
}

/* The usual separator that the first row holds most often. */
static char guess_separator(struct hn_text text)
{
    static const char separators[] = ",\t;|";
    char best = ',';
    size_t best_count = 0;
    struct hn_text line;

    while (hn_text_line(&text, &line)) {
        line = hn_text_trim(line);
        if (line.len > 0 && line.ptr[0] != '#')
            break;
    }
    for (const char *c = separators; *c != '\0'; c++) {
        size_t count = count_in_line(line, *c);

        if (count > best_count) {
            best = *c;
            best_count = count;
        }
    }
    return best;
}

/* The first row: a header where it names columns and holds no indicator itself. */
static bool is_header(const struct csv *csv, const struct ioc_row *row)
{
    struct ioc_columns columns = { 0 };

    if (csv->columns.header >= 0)
        return csv->columns.header == 1;
    if (!ioc_columns_of_header(row, &columns))
        return false;
    for (unsigned i = 0; i < row->count; i++) {
        if (ioc_normal(IOC_TYPE_ANY, row->fields[i], &csv->reading->builder->key) == IOC_FINE)
            return false;
    }
    return true;
}

/* Where a row starts. */
struct place {
    struct hn_text rest;
    uint32_t next_line;
};

/* Settles what columns mean when the first row of data has been read. *ret_used: it was a header. */
static enum hn_status settle(struct csv *csv, struct hn_text option, const struct ioc_row *first,
        bool *ret_used, struct hn_err *err)
{
    *ret_used = is_header(csv, first);
    if (option.len > 0) {
        enum hn_status status;

        *ret_used = *ret_used || ioc_option_names_columns(option);
        status = ioc_columns_of_option(option, *ret_used ? first : NULL, &csv->columns, err);
        if (status != HN_OK || csv->columns.any_value)
            return status;
    }
    if (*ret_used)
        (void)ioc_columns_of_header(first, &csv->columns);
    return HN_OK;
}

/* ---- All of it ---- */

static void refuse_row(struct csv *csv, enum row_kind kind, const struct ioc_row *row)
{
    csv->reading->report->entries++;
    ioc_refuse(csv->reading,
            kind == ROW_TOO_LONG ? IOC_REASON_LENGTH : IOC_REASON_QUOTING, row->fields[0]);
}

/* The first row of data, which starts at start: afterwards columns are known, and the next row to
 * read is the first that holds indicators. */
static enum hn_status first_row(struct csv *csv, const struct place *start, struct hn_text option,
        const struct ioc_row *row, struct hn_err *err)
{
    struct place next = { csv->rest, csv->next_line };
    bool used = false;
    enum hn_status status = settle(csv, option, row, &used, err);

    if (!used)
        next = *start;
    csv->rest = next.rest;
    csv->next_line = next.next_line;
    if (status == HN_OK && !csv->columns.any_value) {
        guess_value_column(csv);
        csv->rest = next.rest;
        csv->next_line = next.next_line;
    }
    return status;
}

static enum hn_status read_rows(struct csv *csv, struct hn_text option, struct hn_err *err)
{
    bool settled = false;

    for (;;) {
        struct place start = { csv->rest, csv->next_line };
        struct ioc_row row;
        enum row_kind kind = next_row(csv, &row);

        if (kind == ROW_END)
            return HN_OK;
        if (kind == ROW_COMMENT && !settled && option.len == 0)
            read_comment_header(csv, row.fields[0]);
        if (kind == ROW_BAD_QUOTES || kind == ROW_TOO_LONG)
            refuse_row(csv, kind, &row);
        if (kind != ROW_DATA)
            continue;
        if (!settled) {
            enum hn_status status = first_row(csv, &start, option, &row, err);

            if (status != HN_OK)
                return status;
            settled = true;
            continue;
        }
        csv->reading->report->entries++;
        if (!ioc_columns_take(csv->reading, &csv->columns, &row))
            return csv->reading->status;
    }
}

enum hn_status ioc_csv_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err)
{
    struct csv csv = { .reading = reading,
        .rest = hn_bytes_as_text(input->bytes),
        .next_line = 1,
        .columns = { .header = -1 } };
    struct ioc_columns asked = { .header = -1 };
    enum hn_status status = ioc_columns_of_option(input->columns, NULL, &asked, err);

    if (status != HN_OK)
        return status;
    csv.columns.header = asked.header;
    csv.columns.separator =
            asked.separator != '\0' ? asked.separator : guess_separator(csv.rest);
    /* So that it never moves: rows borrow from it. */
    if (!hn_buf_reserve(&csv.plain, reading->builder->options.limits.line_bytes_max + 1))
        return hn_fail(err, csv.plain.status, 0, "no memory for a row");
    status = read_rows(&csv, input->columns, err);
    hn_buf_deinit(&csv.plain);
    return status;
}
