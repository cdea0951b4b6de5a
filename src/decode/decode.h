/* decode.h - turns streams of bytes into events: one file per log format.
 *
 * The one header of this module. Pure: bytes in, events and findings out; no files, no clock, no
 * threads.
 *
 * Life of a stream:
 *
 *     format = decode_detect(first bytes, name);             // or decode_format_find("evtx")
 *     decode_stream_new(format, &options, &stream, &err);
 *     while there is input:
 *         decode_cut(stream, buffer, at_end, &batch);        // in order, one thread
 *         decode_run(&batch, event, &sink);                  // any thread, see traits
 *         decode_batch_release(&batch);
 *     decode_stream_free(stream);
 *
 * decode_cut() decides how many bytes make sense on their own (whole lines, whole chunks, whole
 * documents) and notes in the batch what the lines before have said (column names, "#Fields:").
 * decode_run() then needs nothing but the batch, so batches of one stream may run in parallel,
 * except for formats with DECODE_ORDERED, whose batches run in order, one at a time.
 * decode_again() fills another event from the same bytes, typically in all-mode for an alert.
 *
 * Concurrency: a stream is cut by one thread at a time; see above for batches.
 * Memory: a batch borrows the buffer it was cut from until it is released.
 * Limits: struct decode_limits. What goes over a limit is skipped and reported as a finding with
 * its offset; the rest goes on. */
#ifndef HN_DECODE_DECODE_H
#define HN_DECODE_DECODE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/finding.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "event/event.h"

#include <stdbool.h>
#include <stdint.h>

struct decode_limits {
    size_t event_bytes_max;   /* one line, document or record */
    uint32_t join_events_max; /* joined events kept open at a time (auditd) */
};
extern const struct decode_limits decode_limits_default;

struct decode_options {
    struct hn_time_defaults time; /* zone and year for stamps that lack them */
    struct decode_limits limits;
    struct hn_text
            source_name;     /* path or peer, for formats that read hints from it; may be empty */
    struct hn_source source; /* set by the user (--logsource): used for plain lines */
};

/* A format's descriptor; the table of all is in decode.c. */
struct decode_format;

#define DECODE_ORDERED 0x1u /* batches of one stream run in order, one at a time */
#define DECODE_LINES   0x2u /* units are lines: findings carry line numbers */
#define DECODE_BINARY  0x4u /* not text: a folder search does not try it as lines */

struct hn_text decode_format_name(const struct decode_format *format);  /* "evtx" */
struct hn_text decode_format_title(const struct decode_format *format); /* "Windows event log" */
uint32_t decode_format_traits(const struct decode_format *format);
const struct decode_format *decode_format_find(struct hn_text name); /* NULL when unknown */
const struct decode_format *decode_format_at(size_t index);          /* NULL past the last */

/* The format that recognises the start of a stream (64 KiB are plenty), or NULL when the bytes are
 * no log at all (a picture, a program). Text that nothing else recognises is "lines". */
#define DECODE_DETECT_BYTES ((size_t)65536)
const struct decode_format *decode_detect(struct hn_bytes head, struct hn_text name);

struct decode_stream;
HN_MUST_USE enum hn_status decode_stream_new(const struct decode_format *format,
        const struct decode_options *options, struct decode_stream **ret_stream,
        struct hn_err *err);
void decode_stream_free(struct decode_stream *stream); /* NULL is fine; after its last batch */

/* Adds to out what a new stream of the format must read first to read the bytes that this one would
 * cut next as this one does: a CSV header, "#Fields:", the start of the array around documents. It
 * gives no events. Nothing where the format needs none. */
void decode_stream_head(const struct decode_stream *stream, struct hn_buf *out);

/* Makes a new stream go on where another was whose head this is. */
void decode_stream_resume(struct decode_stream *stream, struct hn_bytes head);

/* For formats that make one event of several records (auditd): how much of the whole lines in
 * `lines` ends between events, as far as that can be told. The rest is worth waiting for. */
size_t decode_between_events(const struct decode_format *format, struct hn_text lines);

struct decode_batch {
    struct decode_stream *stream;
    struct hn_bytes bytes;
    uint64_t offset; /* of bytes in the stream */
    uint64_t line;   /* of its first line, counted from 1; 0 for binary formats */
    bool at_end;     /* the last batch of the stream */
    bool too_long;   /* the start of a unit over limits.event_bytes_max: nothing but a finding */
    bool skip;       /* more of such a unit: nothing at all */
    void *context;   /* the format's own, immutable while batches use it */
};

/* Takes what can be decoded on its own off the start of in. Returns how many bytes it took; 0 means
 * "more input needed" (never at_end). What cannot become a batch within limits.event_bytes_max is
 * taken as a batch as well, and decode_run() reports it. */
size_t decode_cut(struct decode_stream *stream, struct hn_bytes in, bool at_end,
        struct decode_batch *ret_batch);
void decode_batch_release(struct decode_batch *batch);

/* Both are called in the order of the input; event is valid until the call returns. on_event
 * returns false to stop. The decoder has not called hn_event_resolve(). */
struct decode_sink {
    bool (*on_event)(void *ctx, struct hn_event *event);
    void (*on_finding)(void *ctx, const struct hn_finding *finding);
    void *ctx;
};

/* HN_OK, HN_CANCELLED when on_event stopped it, or HN_NOMEM. Damage is a finding, not a failure. */
HN_MUST_USE enum hn_status decode_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink);

/* Decodes what from was decoded from into to, while from is still valid. */
HN_MUST_USE enum hn_status decode_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to);

/* Whether texts are JSON, one after the other with the same memory; for one thread at a time. */
struct decode_json_checker;
HN_MUST_USE struct decode_json_checker *decode_json_checker_new(void); /* NULL: out of memory */
void decode_json_checker_free(struct decode_json_checker *checker);    /* NULL is fine */
/* HN_OK for exactly one JSON value (RFC 8259), nested at most 1,000 levels deep; else HN_SYNTAX, or
 * HN_NOMEM. */
HN_MUST_USE enum hn_status decode_json_check(
        struct decode_json_checker *checker, struct hn_text json);
/* The same for a single text; false also without memory. */
bool decode_json_valid(struct hn_text json);

/* Convenience for tests, tools and fuzzers: a whole input in memory through cut and run. */
HN_MUST_USE enum hn_status decode_all(const struct decode_format *format,
        const struct decode_options *options, struct hn_bytes in, struct hn_event *event,
        const struct decode_sink *sink);

#endif
