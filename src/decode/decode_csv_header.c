/* decode_csv_header.c - how a CSV file begins: encoding, delimiter, what stands before the header,
 * and the header itself; and whether a file is one at all. */
#include "decode/decode_csv.h"

#include "base/utf.h"

/* Of equally frequent ones the first: a comma may well stand in a name, a tab hardly. */
static const char delimiters[] = { '\t', '|', ';', ',' };

size_t csv_quoted_max(const struct decode_stream *stream)
{
    size_t max = stream->options.limits.event_bytes_max;

    return max < CSV_QUOTED_BYTES_MAX ? max : CSV_QUOTED_BYTES_MAX;
}

bool csv_is_blank(struct hn_bytes record)
{
    for (size_t i = 0; i < record.len; i++) {
        if (record.ptr[i] != '\r' && record.ptr[i] != '\n' && record.ptr[i] != '\0')
            return false;
    }
    return true;
}

/* ---- Header ------------------------------------------------------------------------------------
 */

/* The encoding by byte order mark, or by the zero bytes of ASCII in UTF-16. */
static enum csv_text text_of(struct hn_bytes head, size_t *ret_mark)
{
    *ret_mark = 0;
    if (head.len >= 3 && memcmp(head.ptr, "\xEF\xBB\xBF", 3) == 0) {
        *ret_mark = 3;
        return CSV_UTF8;
    }
    if (head.len < 4)
        return CSV_UTF8;
    if (head.ptr[0] == 0xFF && head.ptr[1] == 0xFE) {
        *ret_mark = 2;
        return CSV_UTF16LE;
    }
    if (head.ptr[0] == 0xFE && head.ptr[1] == 0xFF) {
        *ret_mark = 2;
        return CSV_UTF16BE;
    }
    if (head.ptr[0] != 0 && head.ptr[1] == 0 && head.ptr[2] != 0 && head.ptr[3] == 0)
        return CSV_UTF16LE;
    if (head.ptr[0] == 0 && head.ptr[1] != 0 && head.ptr[2] == 0 && head.ptr[3] != 0)
        return CSV_UTF16BE;
    return CSV_UTF8;
}

/* Number of delimiters outside of quotes. */
static size_t count_outside(struct hn_text line, char delimiter)
{
    size_t count = 0;
    bool quoted = false;

    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '"')
            quoted = !quoted;
        count += !quoted && line.ptr[i] == delimiter;
    }
    return count;
}

/* The delimiter most frequent in a header row; '\0' when there is none. */
static char delimiter_of(struct hn_text line)
{
    size_t best_count = 0;
    char best = '\0';

    for (size_t i = 0; i < HN_COUNT_OF(delimiters); i++) {
        size_t count = count_outside(line, delimiters[i]);

        if (count > best_count) {
            best_count = count;
            best = delimiters[i];
        }
    }
    return best;
}

/* "sep=;" as Excel reads it, "#TYPE ..." as PowerShell 5 writes it, or an empty line. */
static bool is_preamble(struct hn_text line, char *ret_delimiter)
{
    if (line.len >= 5 && line.len <= 7 && hn_text_starts_nocase(line, HN_TEXT("sep="))) {
        *ret_delimiter = line.ptr[4];
        return true;
    }
    return hn_text_trim(line).len == 0 || hn_text_starts(line, HN_TEXT("#TYPE "));
}

/* Header text in a buffer of its own: there is no event yet whose scratch could take it. */
static bool record_utf8(struct hn_buf *buf, struct hn_bytes record, const struct csv_shape *shape)
{
    hn_buf_reset(buf);
    if (shape->text == CSV_UTF8) {
        hn_buf_add(buf, record.ptr, record.len);
    } else {
        struct hn_buf little = { 0 };

        for (size_t i = 0; i + 1 < record.len; i += 2) {
            hn_buf_add_char(&little, (char)record.ptr[shape->text == CSV_UTF16LE ? i : i + 1]);
            hn_buf_add_char(&little, (char)record.ptr[shape->text == CSV_UTF16LE ? i + 1 : i]);
        }
        (void)hn_utf16le_to_utf8(buf, hn_text_as_bytes(hn_buf_text(&little)));
        if (!hn_buf_ok(&little))
            buf->status = HN_NOMEM;
        hn_buf_deinit(&little);
    }
    return hn_buf_ok(buf);
}

/* A header value in quotes, without them; doubled quotes are rare enough to stay. */
static struct hn_text header_value(struct hn_text *rest, char delimiter)
{
    struct hn_text text = hn_text_trim(*rest);
    struct hn_text value;
    size_t close;

    if (text.len > 1 && text.ptr[0] == '"') {
        close = hn_text_find_char(text, '"', 1);
        if (close != SIZE_MAX) {
            value = hn_text_sub(text, 1, close - 1);
            *rest = hn_text_sub(text, close + 1, text.len);
            (void)hn_text_split(rest, delimiter, &text);
            return hn_text_trim(value);
        }
    }
    (void)hn_text_split(rest, delimiter, &value);
    return hn_text_trim(value);
}

static bool add_columns(struct table_header *header, struct hn_text line, char delimiter)
{
    struct hn_text rest = hn_arena_text(&header->arena, hn_text_trim(line));

    if (rest.ptr == NULL || !table_columns_new(header, TABLE_COLUMNS_MAX))
        return false;
    while (rest.ptr != NULL && header->count < TABLE_COLUMNS_MAX)
        header->columns[header->count++].name = header_value(&rest, delimiter);
    /* Some exporters end each line with a delimiter. */
    if (header->count > 1 && header->columns[header->count - 1].name.len == 0)
        header->count--;
    return true;
}

/* The header of a stream whose first record is raw, at an offset before the rows. */
static struct table_header *build_header(struct decode_stream *stream, struct hn_bytes raw,
        const struct csv_shape *shape, uint64_t body_offset)
{
    struct table_header *header = table_header_new();
    struct hn_buf line = { 0 };
    struct csv_own *own = NULL;
    bool done = false;

    if (raw.len > TABLE_HEADER_BYTES_MAX) /* no header: what is kept of it names the columns */
        raw.len = TABLE_HEADER_BYTES_MAX;
    if (header != NULL)
        own = hn_new(&header->arena, struct csv_own, 1);
    if (own != NULL && record_utf8(&line, raw, shape)) {
        char *copy = hn_arena_raw(&header->arena, raw.len, 1);

        own->shape = *shape;
        own->body_offset = body_offset;
        if (copy != NULL) {
            memcpy(copy, raw.ptr, raw.len);
            own->raw = hn_bytes_of(copy, raw.len);
            if (own->shape.delimiter == '\0')
                own->shape.delimiter = delimiter_of(hn_buf_text(&line));
            if (own->shape.delimiter == '\0')
                own->shape.delimiter = ',';
            header->own = own;
            done = add_columns(header, hn_buf_text(&line), own->shape.delimiter) &&
                   csv_layout(header, own);
            (void)table_source_given(&stream->options, header);
        }
    }
    hn_buf_deinit(&line);
    if (done)
        return header;
    table_header_unref(header);
    return table_header_lost();
}

/* Preamble and header as they are, for streams that begin behind them. */
static void keep_head(struct table_header *header, struct hn_bytes head)
{
    struct csv_own *own;
    char *copy;

    if (header == table_header_lost() || head.len > TABLE_HEADER_BYTES_MAX)
        return;
    own = hn_new(&header->arena, struct csv_own, 1);
    copy = hn_arena_raw(&header->arena, head.len, 1);
    if (own == NULL || copy == NULL)
        return;
    memcpy(copy, head.ptr, head.len);
    *own = *(const struct csv_own *)header->own;
    own->head = hn_bytes_of(copy, head.len);
    header->own = own;
}

/* Reads preamble and header. Returns their length, or 0 when more input is needed. */
size_t csv_start(struct decode_stream *stream, struct hn_bytes in, bool at_end)
{
    struct csv_state *state = stream->state;
    struct csv_shape shape = { CSV_UTF8, '\0' };
    enum csv_tail tail = at_end ? CSV_TAIL_STREAM : CSV_TAIL_OPEN;
    struct hn_buf line = { 0 };
    size_t pos;

    if (in.len < 4 && !at_end) /* too little to tell the encoding */
        return 0;
    shape.text = text_of(in, &pos);
    for (;;) {
        struct hn_bytes rest = { in.ptr + pos, in.len - pos };
        /* Commas decide only where a quote may open, and the first value may open anywhere. */
        struct csv_shape plain = { shape.text, shape.delimiter == '\0' ? ',' : shape.delimiter };
        enum csv_end end;
        size_t len = csv_record_end(rest, &plain, csv_quoted_max(stream), tail, &end);
        struct hn_bytes record = { rest.ptr, len };

        if (end == CSV_END_MORE) {
            pos = 0;
            break;
        }
        if (!record_utf8(&line, record, &shape)) {
            state->header = table_header_lost();
            state->started = true;
            break;
        }
        pos += len;
        if (len > 0 && is_preamble(hn_buf_text(&line), &shape.delimiter))
            continue;
        state->header = build_header(stream, record, &shape, stream->offset + pos);
        keep_head(state->header, hn_bytes_of(in.ptr, pos));
        state->started = true;
        break;
    }
    hn_buf_deinit(&line);
    return pos;
}

/* ---- Recognition -------------------------------------------------------------------------------
 */

/* A column name starts with a letter or a few signs, and is no sentence, stamp or assignment. */
static bool is_name(struct hn_text name)
{
    unsigned char first;

    if (name.len == 0 || name.len > 64)
        return false;
    first = (unsigned char)name.ptr[0];
    if (!((first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || first >= 0x80 ||
                first == '_' || first == '@' || first == '#' || first == '('))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (memchr("=:{}[]<>\"", name.ptr[i], 9) != NULL)
            return false;
    }
    return true;
}

/* Number of values of a header row, 0 when it is none. */
static size_t header_width(struct hn_text line, char delimiter)
{
    size_t width = 0;
    size_t nameless = 0;

    while (line.ptr != NULL) {
        struct hn_text name = header_value(&line, delimiter);

        width++;
        if (name.len == 0)
            nameless++;
        else if (!is_name(name))
            return 0;
    }
    return nameless <= 1 ? width : 0;
}

struct probe {
    char delimiter;
    size_t width;
    size_t rows;
    size_t fitting;
};

/* Looks at the header and the first rows behind it. */
static struct probe look(struct hn_bytes head, struct hn_buf *line)
{
    struct csv_shape shape = { CSV_UTF8, '\0' };
    struct probe probe = { 0 };
    bool whole = head.len < DECODE_DETECT_BYTES;
    size_t pos;

    shape.text = text_of(head, &pos);
    for (int count = 0; count < 12 && pos < head.len; count++) {
        struct hn_bytes rest = { head.ptr + pos, head.len - pos };
        enum csv_end end;
        struct csv_shape used = { shape.text, shape.delimiter == '\0' ? ',' : shape.delimiter };
        size_t len = csv_record_end(
                rest, &used, CSV_QUOTED_BYTES_MAX, whole ? CSV_TAIL_STREAM : CSV_TAIL_OPEN, &end);
        struct hn_bytes record = { rest.ptr, len };
        size_t width;

        if (end != CSV_END_WHOLE || !record_utf8(line, record, &shape))
            break;
        pos += len;
        if (probe.width == 0) {
            if (is_preamble(hn_buf_text(line), &shape.delimiter))
                continue;
            if (shape.delimiter == '\0')
                shape.delimiter = delimiter_of(hn_buf_text(line));
            probe.delimiter = shape.delimiter;
            probe.width = header_width(hn_text_trim(hn_buf_text(line)), shape.delimiter);
            if (probe.width < 2)
                break;
            continue;
        }
        if (csv_is_blank(record))
            continue;
        width = count_outside(hn_buf_text(line), shape.delimiter) + 1;
        probe.rows++;
        /* Event Viewer's rows have one more; in a narrow table that would fit many a sentence. */
        probe.fitting += width == probe.width || (probe.width >= 4 && width == probe.width + 1);
    }
    return probe;
}

int csv_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_buf line = { 0 };
    struct probe probe = look(head, &line);
    bool named = hn_text_ends_nocase(name, HN_TEXT(".csv")) ||
                 hn_text_ends_nocase(name, HN_TEXT(".tsv"));

    hn_buf_deinit(&line);
    if (probe.width < 2)
        return PROBE_NO;
    if (probe.rows == 0)
        return named || probe.width >= 4 ? PROBE_WEAK : PROBE_NO;
    if (probe.fitting * 4 < probe.rows * 3) /* three of four rows fit their header */
        return named ? PROBE_WEAK : PROBE_NO;
    if (named || probe.width >= 4)
        return PROBE_LIKELY + 10;
    /* Of two or three values a row, prose and programs have some as well. */
    return probe.fitting == probe.rows && probe.rows >= (probe.delimiter == ',' ? 3 : 1)
                   ? PROBE_LIKELY - 10
                   : PROBE_NO;
}
