/* set_compile.h - a set while it is compiled; private to src/engine. */
#ifndef HN_ENGINE_SET_COMPILE_H
#define HN_ENGINE_SET_COMPILE_H

#include "engine/engine_internal.h"

struct compiling {
    const struct engine_set_sources *sources;
    const struct engine_set_check *check;
    struct hn_text mapping;           /* whose pipelines are run, too; "": the set itself */
    const struct compiling *lists_of; /* whose lists are used; NULL: its own */
    HN_VEC(struct sigma_list) lists;
    HN_VEC(struct hn_text) values; /* of all lists, one after the other */
    struct sigma_set *rules;
    bool *enabled; /* per rule; NULL: all */
    struct correlate_plan *plan;
    struct match_snapshot *snapshot;
    struct ioc_set *iocs;
    HN_VEC(struct judge_mapping) mappings; /* a reference each */
    struct hn_err *err;
};

/* Says what is wrong; strict makes a failure of it. */
HN_MUST_USE enum hn_status engine_set_complain(
        struct compiling *c, struct hn_text file, uint32_t line, const char *message);
HN_MUST_USE enum hn_status engine_set_load_rules(struct compiling *c);
HN_MUST_USE enum hn_status engine_set_compile_rules(struct compiling *c);
void engine_set_compiling_end(struct compiling *c);

/* set_mapping.c: the rules once more for each list of pipelines that sources have of their own. */
HN_MUST_USE enum hn_status engine_set_add_mappings(struct compiling *c);

#endif
