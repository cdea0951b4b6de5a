/* correlate_scene.h - one correlation after another, and hits as a line of text each.
 *
 *     struct scene s;
 *     struct sigma_correlation *c = scene_add(&s, SIGMA_EVENT_COUNT, "r0", "User", 600);
 *     scene_bound(c, SIGMA_BOUND_GTE, 3);
 *     scene_begin(&s);
 *     scene_hit(&s, 0, 10, "User=ann");
 *     scene_end(&s);                    // s.log.results: what fired
 *     scene_deinit(&s);
 *
 * Times and timespans are seconds. Refs are written "r0 r1 c0". */
#ifndef HN_TESTS_CORRELATE_SCENE_H
#define HN_TESTS_CORRELATE_SCENE_H

#include "support/correlate_run.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SCENE_RULES        4
#define SCENE_CORRELATIONS 4
#define SCENE_TEXTS        64
#define SCENE_CHARS        512

struct scene {
    struct sigma_set set;
    struct sigma_rule rules[SCENE_RULES];
    struct sigma_correlation correlations[SCENE_CORRELATIONS];
    struct sigma_ref refs[SCENE_CORRELATIONS][8];
    struct hn_text texts[SCENE_TEXTS];
    uint32_t text_count;
    struct correlate_limits limits;
    struct correlate_options options;
    struct correlate_plan *plan;
    struct correlate *correlate;
    struct run_log log;
    uint64_t order;
};

static inline void scene_init(struct scene *s)
{
    memset(s, 0, sizeof *s);
    s->set.rules = s->rules;
    s->set.rule_count = SCENE_RULES;
    s->set.correlations = s->correlations;
    for (uint32_t i = 0; i < SCENE_RULES; i++)
        s->rules[i].meta.digest.low = i + 1;
}

/* Space-separated names, borrowed from list. */
static inline struct sigma_texts scene_names(struct scene *s, const char *list)
{
    struct hn_text rest = hn_text_cstr(list);
    struct sigma_texts names = { &s->texts[s->text_count], 0 };
    struct hn_text name;

    while (rest.len > 0 && hn_text_split(&rest, ' ', &name)) {
        assert_true(s->text_count < SCENE_TEXTS);
        s->texts[s->text_count++] = name;
        names.count++;
    }
    return names;
}

static inline struct sigma_correlation *scene_add(struct scene *s, enum sigma_correlation_type type,
        const char *refs, const char *group_by, int seconds)
{
    uint32_t index = s->set.correlation_count++;
    struct sigma_correlation *c = &s->correlations[index];

    assert_true(index < SCENE_CORRELATIONS);
    c->type = type;
    c->meta.digest.high = index + 1;
    c->timespan = seconds * HN_SECOND;
    c->group_by = scene_names(s, group_by);
    c->refs = s->refs[index];
    for (; *refs != '\0'; refs += refs[2] == ' ' ? 3 : 2) {
        c->refs[c->ref_count].is_correlation = refs[0] == 'c';
        c->refs[c->ref_count++].index = (uint32_t)(refs[1] - '0');
    }
    return c;
}

static inline void scene_bound(struct sigma_correlation *c, enum sigma_bound_op op, double value)
{
    c->bounds[c->bound_count++] = (struct sigma_bound){ op, value };
}

static inline void scene_begin(struct scene *s)
{
    s->options.on_result = run_on_result;
    s->options.ctx = &s->log;
    assert_int_equal(correlate_plan_new(&s->set, &s->limits, &s->plan, NULL), HN_OK);
    for (uint32_t i = 0; i < s->set.correlation_count; i++) {
        if (correlate_plan_refusal(s->plan, i) != NULL)
            fail_msg("%s", correlate_plan_refusal(s->plan, i));
    }
    assert_int_equal(correlate_new(s->plan, &s->options, &s->correlate, NULL), HN_OK);
}

/* fields: "User=ann Host=a Host=b" in any order. */
static inline enum hn_status scene_feed(
        struct scene *s, uint32_t rule, hn_time time, const char *fields)
{
    struct sigma_texts wanted = correlate_plan_fields(s->plan, rule);
    struct correlate_hit_box box;

    memset(&box.hit, 0, sizeof box.hit);
    for (uint32_t i = 0; i < wanted.count; i++) {
        struct hn_text rest = hn_text_cstr(fields);
        struct hn_text part;

        while (rest.len > 0 && hn_text_split(&rest, ' ', &part)) {
            struct hn_text name;

            (void)hn_text_split(&part, '=', &name);
            if (hn_text_eq(name, wanted.ptr[i]))
                box.values[box.hit.value_count++] = (struct correlate_value){ i, part };
        }
    }
    box.hit.rule = rule;
    box.hit.time = time;
    box.hit.order = s->order++;
    box.hit.ref = box.hit.order + 1000;
    box.hit.values = box.values;
    return correlate_feed(s->correlate, &box.hit);
}

static inline void scene_hit(struct scene *s, uint32_t rule, double seconds, const char *fields)
{
    assert_int_equal(scene_feed(s, rule, (hn_time)(seconds * 1e9), fields), HN_OK);
}

static inline void scene_end(struct scene *s)
{
    assert_int_equal(correlate_flush(s->correlate), HN_OK);
}

/* How many results of a kind there are so far, and the last of them. */
static inline size_t scene_count(const struct scene *s, bool ended)
{
    size_t count = 0;

    for (size_t i = 0; i < s->log.results.count; i++)
        count += s->log.results.ptr[i].ended == ended ? 1 : 0;
    return count;
}

static inline size_t scene_fired(const struct scene *s)
{
    return scene_count(s, false);
}

static inline const struct naive_result *scene_last(const struct scene *s)
{
    assert_true(s->log.results.count > 0);
    return &s->log.results.ptr[s->log.results.count - 1];
}

static inline void scene_deinit(struct scene *s)
{
    correlate_free(s->correlate);
    correlate_plan_free(s->plan);
    run_log_deinit(&s->log);
}

#endif
