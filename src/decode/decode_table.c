/* decode_table.c - headers of tables, shared between batches, and the cut of tables with '#' lines.
 *
 * A batch never spans a change of header: the cut ends it there. What the lines mean is left to the
 * formats. */
#include "decode/decode_table.h"

#include "base/mem.h"
#include "base/utf.h"

#include <assert.h>

/* Stands for "there should be a header, but memory ran out"; never counted, never freed. */
static struct table_header lost_header;

struct table_header *table_header_new(void)
{
    struct table_header *header = hn_calloc(1, sizeof *header);

    if (header == NULL)
        return NULL;
    atomic_init(&header->refs, 1);
    hn_arena_init(&header->arena, 8 * TABLE_HEADER_BYTES_MAX);
    return header;
}

struct table_header *table_header_ref(struct table_header *header)
{
    if (header != NULL && header != &lost_header)
        (void)atomic_fetch_add_explicit(&header->refs, 1, memory_order_relaxed);
    return header;
}

void table_header_unref(struct table_header *header)
{
    if (header == NULL || header == &lost_header)
        return;
    if (atomic_fetch_sub_explicit(&header->refs, 1, memory_order_acq_rel) != 1)
        return;
    hn_arena_deinit(&header->arena);
    hn_free(header);
}

struct table_header *table_header_lost(void)
{
    return &lost_header;
}

enum hn_status table_header_of(
        const struct decode_batch *batch, const struct table_header **ret_header)
{
    if (batch->context == &lost_header)
        return HN_NOMEM;
    *ret_header = batch->context;
    return HN_OK;
}

void table_batch_release(struct decode_batch *batch)
{
    table_header_unref(batch->context);
    batch->context = NULL;
}

bool table_columns_new(struct table_header *header, uint32_t count)
{
    assert(count <= TABLE_COLUMNS_MAX);
    header->columns = hn_new(&header->arena, struct table_column, count == 0 ? 1 : count);
    header->count = 0;
    return header->columns != NULL;
}

struct hn_text table_lower(struct table_header *header, struct hn_text text)
{
    char *copy = hn_arena_raw(&header->arena, text.len + 1, 1);

    if (copy == NULL)
        return (struct hn_text){ NULL, 0 };
    hn_lower_ascii(text, copy);
    copy[text.len] = '\0';
    return hn_text_of(copy, text.len);
}

static void add_wanted(struct hn_event *event, struct hn_text name, const struct hn_value *value)
{
    hn_node node = hn_schema_child(event->schema, HN_NODE_ROOT, name);
    hn_field field;

    if (node == HN_NODE_NONE)
        return;
    field = hn_schema_node_field(event->schema, node);
    if (field != HN_FIELD_NONE)
        hn_event_add_field(event, field, name, value);
}

void table_add(
        struct hn_event *event, const struct table_column *column, const struct hn_value *value)
{
    if (column->name.len > 0)
        hn_event_add(event, column->name, value);
    if (column->also.len > 0)
        add_wanted(event, column->also, value);
}

static struct hn_value text_value(struct hn_text text)
{
    struct hn_value value = { .ptr = text.ptr, .type = HN_TYPE_STRING, .form = HN_FORM_TEXT };

    value.len = text.len > UINT32_MAX ? UINT32_MAX : (uint32_t)text.len;
    return value;
}

void table_add_text(struct hn_event *event, const struct table_column *column, struct hn_text text)
{
    struct hn_value value = text_value(text);

    table_add(event, column, &value);
}

void table_add_extra(struct hn_event *event, struct hn_text text)
{
    hn_event_add_text(event, HN_TEXT("extra"), text);
}

void table_add_alias(struct hn_event *event, struct hn_text name, struct hn_text text)
{
    struct hn_value value = text_value(text);

    add_wanted(event, name, &value);
}

bool table_source_given(const struct decode_options *options, struct table_header *header)
{
    const struct hn_source *given = &options->source;

    if (given->product.len == 0 && given->category[0].len == 0 && given->service[0].len == 0)
        return false;
    header->origin = HN_ORIGIN_KNOWN;
    header->source = *given;
    return true;
}

/* ---- Tables with directives ---- */

/* Learns the '#' lines at the start of bytes and gives their length. */
static size_t learn_block(struct table_directives *directives, struct hn_bytes bytes, bool *ret_ok)
{
    struct hn_text rest = hn_bytes_as_text(bytes);
    struct hn_text line;

    *ret_ok = true;
    while (table_is_directive(rest)) {
        (void)hn_text_line(&rest, &line);
        if (line.ptr[0] != '#')
            line = hn_text_sub(line, sizeof TABLE_MARK - 1, line.len);
        *ret_ok = directives->learn(directives, line) && *ret_ok;
        if (rest.ptr == NULL)
            return bytes.len;
    }
    return bytes.len - rest.len;
}

static void replace_header(struct table_directives *directives, struct table_header *header)
{
    table_header_unref(directives->header);
    directives->header = header == NULL ? &lost_header : header;
    directives->changed = false;
}

/* Start of the next '#' line behind pos, or the end of bytes. */
static size_t next_block(struct hn_bytes bytes, size_t pos)
{
    const uint8_t *end = bytes.ptr + bytes.len;
    const uint8_t *p = bytes.ptr + pos;

    /* A '#' elsewhere in a line is common (URLs), a '#' after a line feed is not. */
    while (p < end && (p = memchr(p, '#', (size_t)(end - p))) != NULL) {
        if (p > bytes.ptr + pos && p[-1] == '\n')
            return (size_t)(p - bytes.ptr);
        p++;
    }
    return bytes.len;
}

size_t table_cut_directives(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    struct table_directives *directives = stream->state;
    size_t took = decode_cut_lines(stream, in, at_end, batch);
    struct hn_bytes whole = { in.ptr, took };
    size_t rows;
    bool learnt;

    if (took > 0 && !batch->too_long && !batch->skip) {
        rows = learn_block(directives, whole, &learnt);
        took = next_block(whole, rows);
        if (!learnt)
            replace_header(directives, NULL);
        else if (directives->changed && rows < took)
            replace_header(directives, directives->build(stream));
    }
    if (took > 0 || at_end) /* else there is no batch that would give it back */
        batch->context = table_header_ref(directives->header);
    return took;
}
