/* coverage.h - what a set of rules covers: malware families by kind of trace (pyramid of pain), and
 * ATT&CK tactics and techniques.
 *
 * Life: coverage_new(set) -> reading, drawing -> coverage_free(). Texts are borrowed from the set.
 * Concurrency: immutable once made. Memory: one arena.
 *
 * A rule counts in each technique it is tagged with, and each of these in those of the rule's
 * tactics that it belongs to in ATT&CK (in all of them when it belongs to none: attack.c). */
#ifndef HN_REPORT_COVERAGE_H
#define HN_REPORT_COVERAGE_H

#include "alert/alert.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

/* From what costs an attacker nothing to change to what he can hardly change (docs/rules.md). */
#define COVERAGE_TRACE_LIST(X)                                                \
    X(COVERAGE_HASH, "hash", "Hash", "ハッシュ")                              \
    X(COVERAGE_IP, "ip", "IP address", "IP アドレス")                         \
    X(COVERAGE_DOMAIN, "domain", "Domain", "ドメイン")                        \
    X(COVERAGE_URL, "url", "URL", "URL")                                      \
    X(COVERAGE_HOST, "host_artefact", "Host artefact", "端末の痕跡")          \
    X(COVERAGE_NETWORK, "network_artefact", "Network artefact", "通信の痕跡") \
    X(COVERAGE_TOOL, "tool", "Tool", "ツール")                                \
    X(COVERAGE_TTP, "ttp", "TTP", "TTP")

enum coverage_trace {
#define COVERAGE_TRACE_ENUM(name, id, en, ja) name,
    COVERAGE_TRACE_LIST(COVERAGE_TRACE_ENUM)
#undef COVERAGE_TRACE_ENUM
            COVERAGE_TRACE_COUNT
};
const char *coverage_trace_id(enum coverage_trace trace);
const char *coverage_trace_name(enum coverage_trace trace, bool japanese);

struct coverage_family {
    struct hn_text name;
    uint32_t rules[COVERAGE_TRACE_COUNT];
    uint32_t total;
    uint32_t kinds; /* of trace */
    bool fragile;   /* nothing above url: the attacker changes a server, and we are blind */
};

struct coverage_technique {
    char id[ALERT_ATTACK_MAX]; /* "T1059.001" */
    uint32_t rules;
    enum sigma_level level; /* highest of its rules */
    struct hn_text *titles; /* of its rules, one each */
};

struct coverage_cell {
    uint32_t technique; /* index in coverage.techniques */
    uint32_t rules;
};

struct coverage_tactic {
    char id[ALERT_ATTACK_MAX]; /* "initial-access" */
    uint32_t rules;
    struct coverage_cell *cells; /* by technique id */
    uint32_t cell_count;
};

struct coverage {
    const struct coverage_family *families; /* by name */
    uint32_t family_count;
    const struct coverage_technique *techniques; /* by id */
    uint32_t technique_count;
    const struct coverage_tactic *tactics; /* in the order of an attack; unknown ones last */
    uint32_t tactic_count;
    uint32_t rules;          /* that make alerts */
    uint32_t without_family; /* of these */
    uint32_t without_technique;
};

/* wants says which rules count; NULL: all. What only feeds correlations never does. */
HN_MUST_USE enum hn_status coverage_new(const struct sigma_set *set,
        bool (*wants)(const void *ctx, const struct sigma_meta *meta), const void *ctx,
        struct coverage **ret_coverage, struct hn_err *err);
void coverage_free(struct coverage *coverage); /* NULL is fine */

/* "Initial Access" for "initial-access". */
void coverage_tactic_name(const char *id, struct hn_buf *out);

/* One SVG document: inert, without anything from outside. */
void coverage_write_svg(const struct coverage *coverage, bool japanese, struct hn_buf *out);
/* The same in an HTML page with the lists of rules; nothing is loaded and nothing can run. */
void coverage_write_html(const struct coverage *coverage, bool japanese, struct hn_buf *out);
/* A layer for the ATT&CK Navigator; the score is the number of rules. Failure shows in out. */
void coverage_write_navigator(const struct coverage *coverage, struct hn_buf *out);

#endif
