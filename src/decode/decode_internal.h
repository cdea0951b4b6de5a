/* decode_internal.h - what a format implements; private to src/decode. */
#ifndef HN_DECODE_DECODE_INTERNAL_H
#define HN_DECODE_DECODE_INTERNAL_H

#include "decode/decode.h"

/* How sure a format is that a stream is its own. The highest wins, ties go to table order. */
#define PROBE_NO      0
#define PROBE_WEAK    10 /* could be: looks like text of this kind */
#define PROBE_LIKELY  50 /* the structure fits on every line looked at */
#define PROBE_CERTAIN 90 /* a magic number or an unmistakable header */

struct decode_stream {
    const struct decode_format *format;
    struct decode_options options;
    uint64_t offset;   /* of the next byte to be cut */
    uint64_t line;     /* of the next line to be cut, from 1 */
    bool in_long_line; /* the last batch ended inside a line over the limit */
    void *state;       /* the format's own */
};

struct decode_format {
    struct hn_text name;
    struct hn_text title;
    uint32_t traits;

    /* head is at most DECODE_DETECT_BYTES long and may end in the middle of anything. */
    int (*probe)(struct hn_bytes head, struct hn_text name);

    /* Optional: the stream's and the batch's own data. open sets stream->state. */
    enum hn_status (*open)(struct decode_stream *stream, struct hn_err *err);
    void (*close)(struct decode_stream *stream);

    /* See decode_cut(). NULL: whole lines (decode_cut_lines). May set batch->context, which
     * release then frees; the rest of the batch is filled by decode.c. */
    size_t (*cut)(struct decode_stream *stream, struct hn_bytes in, bool at_end,
            struct decode_batch *batch);
    void (*release)(struct decode_batch *batch);

    /* Optional. See decode_stream_head(). */
    void (*head)(const struct decode_stream *stream, struct hn_buf *out);

    /* See decode_run(). Fills event (reset before each), calls the sink. */
    enum hn_status (*run)(const struct decode_batch *batch, struct hn_event *event,
            const struct decode_sink *sink);

    /* Fills to from the unit that from was made of (from->raw, from->private_ref). */
    enum hn_status (*again)(
            const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to);
};

/* Whole lines: everything up to the last LF (all of it at the end). A line longer than
 * limits.event_bytes_max is cut off there and taken. */
size_t decode_cut_lines(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch);

/* For formats whose unit is a line: goes through the batch's lines, skips empty ones, reports NUL
 * bytes, over-long lines, a missing LF at the end of a cut-off stream; for each line resets the
 * event, sets raw, offset, line, raw_is_text and calls parse. parse returns HN_OK (hand the event
 * on), HN_NOTFOUND (a comment or header: nothing to hand on), or another failure (reported as
 * HN_FINDING_UNDECODABLE; the line is still handed on with its text as Message, so that keyword
 * rules and searches see it). What parse notes on the event (hn_event_note) is reported as well. */
typedef enum hn_status decode_line_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event);
HN_MUST_USE enum hn_status decode_run_lines(const struct decode_batch *batch,
        struct hn_event *event, const struct decode_sink *sink, decode_line_parse *parse);
/* The matching again: from->raw is the line. */
HN_MUST_USE enum hn_status decode_again_line(const struct decode_batch *batch,
        const struct hn_event *from, struct hn_event *to, decode_line_parse *parse);

/* Makes the event what it is when its format cannot be read: raw as Message, noted. */
void decode_event_as_message(struct hn_event *event);

/* Adds the fields of one JSON object to an event that is being filled; HN_SYNTAX when text is no
 * JSON object. The texts borrow from json. */
HN_MUST_USE enum hn_status decode_json_fields(struct hn_event *event, struct hn_text json);

/* The same for the text of one Windows event, <Event>...</Event>, as Sysmon for Linux writes it to
 * syslog. Also sets origin and time. HN_SYNTAX when text does not start with <Event>; one that is
 * cut off or broken further on gives the fields before that, and a note in event->findings. */
HN_MUST_USE enum hn_status decode_winxml_fields(struct hn_event *event, struct hn_text xml);

/* The same for one line of a Squid or of an Apache or nginx log, for logs that carry such lines;
 * sets time_text and source as well. HN_SYNTAX when it is none; then nothing was added. */
HN_MUST_USE enum hn_status decode_squid_fields(struct hn_event *event, struct hn_text line);
HN_MUST_USE enum hn_status decode_weblog_fields(struct hn_event *event, struct hn_text line);

/* The same for a row of a W3C extended log that comes without its "#Fields:": only in the layouts
 * that products have unless they are told otherwise (decode_w3c_default.c). */
HN_MUST_USE enum hn_status decode_w3c_fields(struct hn_event *event, struct hn_text line);

void decode_report(
        const struct decode_sink *sink, enum hn_finding_kind kind, uint64_t offset, uint64_t line);

/* Reports what was noted on the event. */
void decode_report_noted(const struct hn_event *event, const struct decode_sink *sink);

/* The first count complete lines of head (without LF, CR), for probes. Returns how many. */
size_t decode_probe_lines(struct hn_bytes head, struct hn_text *ret_lines, size_t count);

/* One per file of this folder. */
extern const struct decode_format decode_format_evtx;
extern const struct decode_format decode_format_winxml;
extern const struct decode_format decode_format_json;
extern const struct decode_format decode_format_zeek;
extern const struct decode_format decode_format_csv;
extern const struct decode_format decode_format_syslog;
extern const struct decode_format decode_format_octets;
extern const struct decode_format decode_format_auditd;
extern const struct decode_format decode_format_w3c;
extern const struct decode_format decode_format_squid;
extern const struct decode_format decode_format_weblog;
extern const struct decode_format decode_format_modsec;
extern const struct decode_format decode_format_cef;
extern const struct decode_format decode_format_leef;
extern const struct decode_format decode_format_kv;
extern const struct decode_format decode_format_lines;

#endif
