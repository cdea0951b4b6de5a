/* decode_csv.h - what the parts of the CSV decoder share: where records end, how a value is read,
 * what a header tells; private to src/decode. */
#ifndef HN_DECODE_DECODE_CSV_H
#define HN_DECODE_DECODE_CSV_H

#include "decode/decode_table.h"

/* A quote that is not closed within so many bytes is no quote: a stray one must not hide the lines
 * behind it. */
#define CSV_QUOTED_BYTES_MAX ((size_t)1 << 20)

enum csv_text { CSV_UTF8, CSV_UTF16LE, CSV_UTF16BE };

struct csv_shape {
    enum csv_text text;
    char delimiter;
};

/* What lies behind the end of the data a record is looked for in. */
enum csv_tail {
    CSV_TAIL_OPEN,   /* more of the stream, not here yet */
    CSV_TAIL_STREAM, /* nothing: the stream ends */
    CSV_TAIL_BATCH,  /* another batch: the data was cut behind a whole record */
};

enum csv_end {
    CSV_END_WHOLE, /* with its line end, or up to the end of the data */
    CSV_END_MORE,  /* no end in what is there, and more is to come */
    CSV_END_CUT,   /* the stream ends inside quotes */
};

/* Length of the record at the start of in, line end included; 0 with CSV_END_MORE. quoted_max is
 * CSV_QUOTED_BYTES_MAX or less, and the same wherever one stream is looked at. */
size_t csv_record_end(struct hn_bytes in, const struct csv_shape *shape, size_t quoted_max,
        enum csv_tail tail, enum csv_end *ret_end);

/* The record's text without its line end, as UTF-8: a view of UTF-8 input, a copy in the event's
 * scratch of UTF-16. */
struct hn_text csv_record_text(
        struct hn_event *event, struct hn_bytes record, const struct csv_shape *shape);

/* The next value of a record (RFC 4180), quotes resolved; a copy in the event's scratch where
 * quotes stand inside it. Moves *rest behind the delimiter; false when it was used up (ptr NULL).
 * Nothing between two delimiters is no value (ptr NULL), "" is an empty one: PowerShell and
 * databases write them so. */
bool csv_field_take(
        struct hn_event *event, struct hn_text *rest, char delimiter, struct hn_text *ret_value);

/* ---- Header ------------------------------------------------------------------------------------
 */

enum csv_role {
    CSV_PLAIN,
    CSV_STAMP,     /* the event's time */
    CSV_DATE,      /* half of it */
    CSV_CLOCK,     /* the other half */
    CSV_JSON,      /* a JSON object whose keys are fields */
    CSV_EVTXECMD,  /* EventData as EvtxECmd writes it */
    CSV_PAIRS,     /* "name: value ¦ name: value" (Hayabusa) */
    CSV_PAIR_LINES /* "name: value", a line each (Chainsaw) */
};

struct csv_own {
    struct csv_shape shape;
    uint64_t body_offset;    /* of the first row in the stream */
    struct hn_bytes head;    /* the stream up to body_offset */
    struct hn_bytes raw;     /* the header record: it is no row where files were joined */
    bool has_stamp;          /* a column is the time */
    bool has_description;    /* Event Viewer: the last value has no name, it is the message */
    bool channel_short;      /* Hayabusa: "Sec" for Security */
    struct hn_text pair_bar; /* separator of CSV_PAIRS */
};

/* The stream's own. */
struct csv_state {
    struct table_header *header;
    bool started; /* the header has been read */
};

size_t csv_quoted_max(const struct decode_stream *stream);
bool csv_is_blank(struct hn_bytes record);

/* Reads preamble and header into the stream's state. Returns their length, or 0 when more input is
 * needed. */
size_t csv_start(struct decode_stream *stream, struct hn_bytes in, bool at_end);

int csv_probe(struct hn_bytes head, struct hn_text name);

/* Recognises the export by its column names and gives each column its name and role. False when out
 * of memory. */
HN_MUST_USE bool csv_layout(struct table_header *header, struct csv_own *own);

/* Adds what a column of this role holds. HN_OK or HN_NOMEM. */
HN_MUST_USE enum hn_status csv_add_value(struct hn_event *event, const struct table_column *column,
        const struct csv_own *own, struct hn_text value);

#endif
