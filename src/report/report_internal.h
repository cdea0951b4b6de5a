/* report_internal.h - shared by the parts of a report; private to src/report. */
#ifndef HN_REPORT_REPORT_INTERNAL_H
#define HN_REPORT_REPORT_INTERNAL_H

#include "base/arena.h"
#include "report/attack.h"
#include "report/html.h"
#include "report/report.h"

/* Indices into the model's groups. */
struct index_list {
    uint32_t *ptr;
    uint32_t count;
};

/* All groups of one rule, correlation or indicator: in the order of importance. */
struct rule_entry {
    enum alert_kind kind;
    const struct sigma_meta *meta;
    enum sigma_level level;
    struct hn_text title;
    uint64_t alerts;
    hn_time first;
    hn_time last;
    struct index_list groups;
};

/* All groups of one host: in the order of their first alerts. */
struct host_entry {
    struct hn_text name; /* "": alerts that name none */
    enum sigma_level level;
    uint64_t alerts;
    hn_time first;
    uint64_t weight; /* what is told first */
    struct index_list groups;
};

struct group_entry {
    const struct alert_group *group;
    uint32_t rule;
    uint32_t place; /* among its rule's groups */
    uint32_t host;
};

/* A technique in a column of the matrix. */
struct technique_entry {
    char id[ALERT_ATTACK_MAX];
    enum attack_tactic tactic;
    enum sigma_level level;
    uint64_t alerts;
    uint32_t rule; /* the most important one that names it */
};

struct model {
    struct group_entry *groups; /* by importance */
    uint32_t group_count;
    struct rule_entry *rules; /* by importance */
    uint32_t rule_count;
    struct host_entry *hosts; /* by importance */
    uint32_t host_count;
    struct technique_entry *techniques; /* by tactic, then id */
    uint32_t technique_count;
    uint64_t totals[SIGMA_LEVEL_CRITICAL + 1];
    uint64_t alerts;
    enum sigma_level level; /* highest */
    hn_time first;
    hn_time last;
};

/* One report being written. */
struct page {
    const struct report *report;
    struct report_limits limits;
    struct model model;
    struct hn_arena arena;  /* of the model */
    struct hn_arena sample; /* of the alert at hand */
    struct hn_buf scratch;
    struct hn_buf *out;
    bool ja;
    bool evidence_cut; /* evidence_bytes_max was reached */
    size_t evidence_bytes;
};

HN_MUST_USE enum hn_status report_model_make(struct page *page);

/* Our own texts, which need no escaping. */
HN_INLINE const char *tr(const struct page *page, const char *en, const char *ja)
{
    return page->ja ? ja : en;
}
void report_put(struct page *page, const char *en, const char *ja);
/* What a content security policy allows: the digest of a style or script. */
void report_put_digest(struct hn_buf *out, const unsigned char *bytes, size_t len);
const char *report_level_name(const struct page *page, enum sigma_level level);
/* A label in the colour of the level. */
void report_put_level(struct page *page, enum sigma_level level);
/* "T1059.001 T1047", each once; nothing for indicators. */
void report_put_techniques(struct page *page, const struct rule_entry *rule);
/* A host with the domain set apart, so that names of machines are seen at once. */
void report_put_host(struct page *page, struct hn_text host);
/* first, or first and last where they differ. */
void report_put_span(struct page *page, hn_time first, hn_time last);
/* " (offset 123)" */
void report_put_offset(struct page *page, uint64_t offset);
bool report_has_details(const struct page *page, uint32_t rule);
/* The anchor of a group's evidence, or of its rule when it has none. */
void report_put_group_href(struct page *page, uint32_t group);

/* The sections, in order of the page. */
void report_write_summary(struct page *page);
void report_write_timeline(struct page *page);
void report_write_matrix(struct page *page);
void report_write_hosts(struct page *page);
void report_write_table(struct page *page);
void report_write_rules(struct page *page);
void report_write_notes(struct page *page);
/* One example alert of a group. */
void report_write_evidence(struct page *page, const struct alert_sample *sample);

#endif
