/* decode_table.h - what logs with named columns share: the header of a table and how it travels
 * with the batches; private to src/decode.
 *
 * A header is built while the stream is cut, in order, and is immutable from then on. Every batch
 * holds a reference, so that batches may run in parallel and outlive a change of header.
 * Memory: names and whatever else a format keeps live in the header's arena. */
#ifndef HN_DECODE_DECODE_TABLE_H
#define HN_DECODE_DECODE_TABLE_H

#include "decode/decode_internal.h"

#include "base/arena.h"
#include "base/buf.h"

#include <stdatomic.h>

#define TABLE_COLUMNS_MAX      1024
#define TABLE_HEADER_BYTES_MAX ((size_t)1 << 20)

struct table_column {
    struct hn_text name; /* as events carry it; empty: the value is not kept */
    struct hn_text also; /* another name of the same value, kept where somebody wants it */
    uint8_t role;        /* the format's own: what else the value is good for */
    uint8_t type;        /* the format's own: how the value is written */
};

struct table_header {
    atomic_uint refs;
    struct hn_arena arena;
    struct table_column
            *columns; /* TABLE_COLUMNS_MAX at most; the rest of a wider table is extra */
    uint32_t count;
    enum hn_origin origin;
    struct hn_source source;
    const void *own; /* the format's own, in the arena */
};

/* One reference, no columns; NULL when out of memory. */
struct table_header *table_header_new(void);
struct table_header *table_header_ref(struct table_header *header); /* NULL gives NULL */
void table_header_unref(struct table_header *header);               /* NULL is fine */

/* What a batch gets whose header could not be built; table_header_of() turns it into HN_NOMEM. */
struct table_header *table_header_lost(void);

/* The batch's header (NULL: there was none yet), or HN_NOMEM. */
HN_MUST_USE enum hn_status table_header_of(
        const struct decode_batch *batch, const struct table_header **ret_header);
void table_batch_release(struct decode_batch *batch);

/* Makes room for count columns. False when out of memory. */
HN_MUST_USE bool table_columns_new(struct table_header *header, uint32_t count);
/* A copy of text in the header's arena, ASCII letters in lower case. ptr NULL on failure. */
struct hn_text table_lower(struct table_header *header, struct hn_text text);

/* Keeps a value under the column's names. */
void table_add(
        struct hn_event *event, const struct table_column *column, const struct hn_value *value);
void table_add_text(struct hn_event *event, const struct table_column *column, struct hn_text text);
/* A value without a column: found by keywords and searches, under the name "extra". */
void table_add_extra(struct hn_event *event, struct hn_text text);
/* Under a name that only rules use: nothing is added unless the schema has it. */
void table_add_alias(struct hn_event *event, struct hn_text name, struct hn_text text);

/* Finds out what the user said about the source (--logsource); false when nothing. */
bool table_source_given(const struct decode_options *options, struct table_header *header);

/* ---- Tables whose '#' lines say how the lines after them are to be read ---- */

#define TABLE_MARK "\xEF\xBB\xBF" /* UTF-8 with a byte order mark, as Exchange writes it */

HN_INLINE bool table_is_directive(struct hn_text line)
{
    return (line.len > 0 && line.ptr[0] == '#') || hn_text_starts(line, HN_TEXT(TABLE_MARK "#"));
}

/* First member of such a format's stream->state. */
struct table_directives {
    struct table_header *header; /* in force, NULL before the first */
    bool changed;                /* learn() has seen something that build() has not */
    /* Takes in one line that starts with '#'. False when out of memory. */
    bool (*learn)(struct table_directives *directives, struct hn_text line);
    /* A new header from what was learnt; NULL when out of memory. */
    struct table_header *(*build)(struct decode_stream *stream);
};

/* Whole lines that all have the same header: a batch ends before the next '#' line. */
size_t table_cut_directives(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch);

#endif
