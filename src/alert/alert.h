/* alert.h - what a hit tells an analyst, and how it is written down.
 *
 * The one header of this module. An alert is where an analyst starts: what fired, on which bytes,
 * why it matters, what to check next. The same alert is written as a JSON line, a CSV line, an OCSF
 * Detection Finding; alerts of a run are grouped by rule and host for tables and reports.
 *
 * Concurrency: an alert_writer serves one thread at a time; groups serve one thread at a time.
 * Memory: see each part. Limits: ALERT_*_MAX.
 * Every text that came from outside passes an escaping writer here. */
#ifndef HN_ALERT_ALERT_H
#define HN_ALERT_ALERT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "event/event.h"
#include "ioc/ioc.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

#define ALERT_MATCHES_MAX 64 /* pieces of evidence written per alert */

enum alert_kind { ALERT_RULE, ALERT_CORRELATION, ALERT_INDICATOR };

/* One condition that held. Borrowed. */
struct alert_match {
    struct hn_text selection;
    struct hn_text field; /* as the event has it; empty: the raw line */
    struct hn_text modifiers;
    struct hn_text pattern; /* as the rule has it */
    struct hn_text value;   /* the event's */
    uint32_t start;         /* bytes of value that fitted */
    uint32_t len;
};

/* An event that contributed to a correlation. */
struct alert_part {
    hn_time time;
    struct hn_text rule; /* title */
    struct hn_text file;
    uint64_t offset;
    uint64_t line;
};

/* Where in a buffer the end of an alert's line stands, which is about the event alone: the next
 * alert about that event copies it. Zeroed for every new event and every new buffer. */
struct alert_tail {
    size_t start;
    size_t len;
};

/* Borrowed: valid while it is written. */
struct alert {
    enum alert_kind kind;
    struct hn_digest id;
    struct hn_digest fold_key;     /* of alert_fold_key() */
    const struct sigma_meta *meta; /* of the rule, correlation or made-up rule for an indicator */
    uint32_t number;               /* index of the rule or correlation in the set, for caches */
    enum sigma_level level;
    hn_time time; /* HN_TIME_NONE: unknown */
    struct hn_text host;
    struct hn_text user;
    struct hn_source source;

    struct hn_text file; /* where the event stands */
    uint64_t offset;
    uint64_t line;
    struct hn_event *event;  /* all-mode, resolved; NULL for correlations */
    struct alert_tail *tail; /* where several alerts about the event may come; else NULL */
    const struct alert_match *matches;
    uint32_t match_count;

    /* Correlations. */
    struct sigma_texts group_by;
    const struct hn_text *group_key; /* one per group_by */
    hn_time window_start;
    hn_time window_end;
    double measured;
    uint64_t total;
    const struct alert_part *parts;
    uint32_t part_count;

    /* Indicators. */
    const struct ioc_indicator *indicator;
    struct hn_text indicator_value;
    struct hn_text indicator_how;
};

/* The same input and rule give the same id: from the rule's id (or title), the event's bytes and
 * their place in the file; the file's name is left out, so that a copy elsewhere has the same. */
struct hn_digest alert_id(
        const struct sigma_meta *meta, struct hn_digest raw_digest, uint64_t offset);

/* What makes two alerts the same finding: rule, host, user and the values that fitted. */
struct hn_digest alert_fold_key(const struct alert *alert);

/* ---- Writing ------------------------------------------------------------------------------------
 */

enum alert_format { ALERT_JSONL, ALERT_CSV, ALERT_OCSF };

/* Caches what is the same for every alert of a rule. One per worker. */
struct alert_writer;
HN_MUST_USE struct alert_writer *alert_writer_new(
        enum alert_format format, const struct hn_zone *zone);
void alert_writer_free(struct alert_writer *writer); /* NULL is fine */

/* One line with its LF. Failure shows in out. */
void alert_write(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out);
/* What stands before the first alert: the CSV header, nothing for the others. */
void alert_write_header(enum alert_format format, struct hn_buf *out);

/* The event's fields under their canonical names as a JSON object; lists become arrays, types are
 * kept. Used by alerts and by `hinomi events`. event is in all-mode. */
void alert_event_json(struct hn_event *event, struct hn_buf *out);

/* ---- Events without an alert: `hinomi events`, `hinomi search` ---- */

/* What is written about each event; members are called as in alerts. */
struct alert_line_options {
    const struct hn_zone *zone;   /* for times; NULL is UTC */
    const hn_field *only;         /* of the event just these fields, in this order; NULL: all */
    const struct hn_text *labels; /* what to call them, one per field of only */
    uint32_t only_count;
    const hn_field *added; /* fields written as "added" where normalisation filled them */
    uint32_t added_count;
    bool raw; /* the event as it was logged as well */
};

/* Borrowed: valid while it is written. */
struct alert_line {
    struct hn_event *event; /* resolved; all-mode unless options->only is given */
    struct hn_text file;
    hn_time time;
    struct hn_text host;
    struct hn_text user;
    const struct alert_match *matches;
    uint32_t match_count;
};

/* One line with its LF: {"time","host","user","logsource","input","findings","matches","event",
 * "added","raw"}. */
void alert_line_json(const struct alert_line *line, const struct alert_line_options *options,
        struct hn_buf *out);
/* The same as CSV, for options with only: its header, and a line with its CR LF. */
void alert_line_csv_header(const struct alert_line_options *options, struct hn_buf *out);
void alert_line_csv(const struct alert_line *line, const struct alert_line_options *options,
        struct hn_buf *out);

/* ATT&CK techniques and tactics from tags: "attack.t1059.001" is T1059.001. False when tag is
 * neither. ret holds ALERT_ATTACK_MAX bytes, NUL-terminated. */
#define ALERT_ATTACK_MAX 32
bool alert_attack_technique(struct hn_text tag, char *ret);
bool alert_attack_tactic(struct hn_text tag, char *ret); /* "initial-access" */

/* Fields of events that hold the address of one of the two ends of what happened. */
extern const char *const alert_address_names[];
extern const size_t alert_address_name_count;
bool alert_is_address_name(struct hn_text name);

/* ---- Groups ---- */

/* Alerts over time: how many of each level in spans of width. Spans double when there are too many,
 * so that a run of any length has at most ALERT_SPANS_MAX; a lone stamp of 1970 costs one span. */
#define ALERT_SPANS_MAX 4096
struct alert_span {
    hn_time start; /* a multiple of width */
    uint64_t counts[SIGMA_LEVEL_CRITICAL + 1];
};

/* Alerts of one rule on one host. */
struct alert_group {
    enum alert_kind kind;
    const struct sigma_meta *meta; /* borrowed from the set; of indicators one that says nothing */
    enum sigma_level level;
    struct hn_text title;
    struct hn_text host; /* "" when unknown */
    uint64_t count;
    uint64_t distinct; /* different fold keys, up to the limit of samples */
    hn_time first;
    hn_time last;
    struct alert_sample *samples; /* first ones, each with another fold key */
    uint32_t sample_count;
};

/* A whole alert as its JSON line. */
struct alert_sample {
    struct hn_digest fold_key;
    uint64_t count; /* alerts with this fold key */
    hn_time first;
    hn_time last;
    struct hn_text json; /* empty: not given, or past the limit of bytes */
};

struct alert_groups_limits {
    uint32_t groups_max;
    uint32_t samples_max;     /* per group; 0: none are kept */
    size_t samples_bytes_max; /* in all; low levels get half of it, medium three quarters */
};
extern const struct alert_groups_limits alert_groups_limits_default;

struct alert_groups;
HN_MUST_USE struct alert_groups *alert_groups_new(const struct alert_groups_limits *limits);
void alert_groups_free(struct alert_groups *groups); /* NULL is fine */

/* What groups need to know of an alert; small, so that workers can hand it on. */
struct alert_brief {
    enum alert_kind kind;
    const struct sigma_meta *meta;
    enum sigma_level level;
    hn_time time;
    struct hn_text title;
    struct hn_text host;
    struct hn_digest fold_key;
    struct hn_text json; /* the whole alert; may be empty */
};
/* HN_NOMEM; at a limit the alert counts in the totals and in a group for all that found no room. */
HN_MUST_USE enum hn_status alert_groups_add(
        struct alert_groups *groups, const struct alert_brief *brief);

/* By level (highest first), then count, then title and host. Valid until the next add. */
const struct alert_group *const *alert_groups_sorted(
        struct alert_groups *groups, uint32_t *ret_count);
uint64_t alert_groups_total(const struct alert_groups *groups, enum sigma_level level);
uint64_t alert_groups_overflow(const struct alert_groups *groups); /* alerts that found no room */
uint64_t alert_groups_timeless(const struct alert_groups *groups); /* alerts without a time */
/* In order of time, without empty ones. Valid until the next add; NULL when there are none or
 * memory is short. */
const struct alert_span *alert_groups_spans(
        struct alert_groups *groups, uint32_t *ret_count, hn_time *ret_width);

/* ---- Reading ---- */

/* A member of the event, or of what a correlation or indicator tells; lists give several of one
 * name. */
struct alert_field {
    struct hn_text name;
    struct hn_text value; /* a string's content; other JSON as it stands */
};

struct alert_read_part {
    struct hn_text time;
    struct hn_text rule;
    struct hn_text file;
    uint64_t offset;
    uint64_t line;
};

/* An alert out of its JSON line, for reports. Times are texts in the zone of the writer. Borrows
 * from the line and from the arena it was read with. */
struct alert_read {
    struct hn_text time; /* "": none */
    struct hn_text title;
    struct hn_text level;
    struct hn_text kind; /* "rule", "correlation", "indicator" */
    struct hn_text rule_id;
    struct hn_text description;
    struct sigma_texts tags;
    struct hn_text id;
    struct hn_text host;
    struct hn_text user;
    struct hn_text file;
    uint64_t offset;
    uint64_t line;
    struct alert_match *matches;
    uint32_t match_count;
    struct alert_field *fields; /* of the event */
    uint32_t field_count;
    struct hn_text event; /* the same as JSON */
    struct hn_text raw;   /* the event as it was logged; "" for binary formats */
    bool has_correlation;
    struct alert_field *group; /* fields a correlation is grouped by */
    uint32_t group_count;
    struct hn_text start; /* of its window */
    struct hn_text end;
    struct hn_text measured;
    uint64_t events;
    struct alert_read_part *parts;
    uint32_t part_count;
    struct alert_field *indicator;
    uint32_t indicator_count;
};

/* Reads what ALERT_JSONL wrote. HN_CORRUPT for anything else, HN_NOMEM. */
HN_MUST_USE enum hn_status alert_read(
        struct hn_text json, struct hn_arena *arena, struct alert_read *ret_alert);
/* What ALERT_OCSF would have written of it. Failure shows in out. */
void alert_read_ocsf(const struct alert_read *alert, struct hn_buf *out);

#endif
