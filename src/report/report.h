/* report.h - the result of a scan as one HTML file that is read offline.
 *
 * The page asks the network for nothing: style and script are in it, and its content security
 * policy allows those two by their digest and nothing else. Everything that came from logs, rules
 * and feeds is escaped text; URLs in it are defanged (hxxp) and only a rule's references are links.
 * The markup is well-formed XML as well, so that a strict reader can check it.
 *
 * Life: fill struct report -> report_write() -> write the buffer to a file.
 * Memory: borrows everything; works in an arena of its own.
 * Limits: struct report_limits; whatever is cut is said in the page. Concurrency: pure. */
#ifndef HN_REPORT_REPORT_H
#define HN_REPORT_REPORT_H

#include "alert/alert.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/finding.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "report/analysis.h" /* the page of one analysed sample */
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

struct report_limits {
    uint32_t rows_max;         /* of the table of findings */
    uint32_t rules_max;        /* rules and indicators with details */
    uint32_t rule_hosts_max;   /* hosts with evidence, per rule */
    uint32_t samples_max;      /* example alerts per rule and host */
    uint32_t hosts_max;        /* hosts told as a story */
    uint32_t host_steps_max;   /* steps of a story */
    uint32_t value_bytes_max;  /* shown of a field's value */
    uint32_t raw_bytes_max;    /* shown of the event as it was logged */
    size_t evidence_bytes_max; /* of the page, for evidence; then rules are described without */
};
extern const struct report_limits report_limits_default;

/* What was wrong with an input, for the list of damage. */
struct report_note {
    struct hn_text name; /* of the input */
    struct hn_text text;
    uint64_t offset;
    uint64_t line; /* 0: none */
    bool has_place;
};

struct report {
    bool japanese;
    const struct hn_zone *zone; /* of times shown; NULL: UTC */
    struct hn_text zone_name;
    hn_time made;
    struct hn_text version;
    const char *const *inputs;
    size_t input_count;
    bool interrupted; /* the scan was stopped before its end */

    struct alert_groups *groups;
    const struct sigma_set *set;
    uint32_t rules_loaded;
    uint32_t rules_without_source; /* their log source does not occur in the input */
    uint64_t indicators;

    uint64_t events;
    uint64_t bytes;
    uint64_t files; /* decoded */
    uint64_t files_unknown;
    uint64_t files_failed;
    double seconds;
    uint64_t findings[HN_FINDING_COUNT];
    const struct report_note *notes; /* the first of them */
    size_t note_count;

    struct report_limits limits; /* zeroed: the defaults */
};

/* Appends the page. HN_NOMEM; failure shows in out as well. */
HN_MUST_USE enum hn_status report_write(const struct report *report, struct hn_buf *out);

#endif
