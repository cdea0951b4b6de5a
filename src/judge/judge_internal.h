/* judge_internal.h - the parts behind judge.h. */
#ifndef HN_JUDGE_JUDGE_INTERNAL_H
#define HN_JUDGE_JUDGE_INTERNAL_H

#include "judge/judge.h"

#include <stdatomic.h>

struct judge_set {
    struct match_snapshot *snapshot;
    struct correlate_plan *plan;
    struct ioc_set *iocs;
    enum sigma_level level_min;
    struct hn_digest digest;
    struct hn_arena arena;          /* of what follows */
    struct judge_mapping *mappings; /* a reference each */
    size_t mapping_count;
    uint32_t *rule_of; /* numbers of rules in hits; NULL: their own */
    _Atomic uint32_t references;
};

/* What is left in the records for each alert or correlation hit. */
enum record_kind { RECORD_ALERT, RECORD_HIT };

struct record {
    uint32_t kind;
    uint32_t bytes; /* of what follows */
};

/* RECORD_ALERT is this, then the texts. */
struct alert_record {
    struct alert_brief brief; /* its texts are behind it */
    struct hn_digest id;
    uint32_t title_len;
    uint32_t host_len;
    uint32_t user_len;
    uint32_t json_in_side; /* bytes of the alert as JSON behind the texts */
    size_t json_start;     /* in lines */
    size_t json_len;
};

#endif
