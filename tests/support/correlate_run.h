/* correlate_run.h - drives a correlator over a case, and compares it with the reference.
 *
 * In a header, because the unit tests and the fuzz targets that include it link the correlator
 * and the support library does not. */
#ifndef HN_TESTS_CORRELATE_RUN_H
#define HN_TESTS_CORRELATE_RUN_H

#include "base/mem.h"
#include "correlate/correlate.h"
#include "support/correlate_naive.h"

#include <stdio.h>
#include <stdlib.h>

/* Copies of what was reported. */
struct run_log {
    struct naive_results results;
    struct hn_digest digest; /* of all results in the order in which they came */
    uint32_t flags;          /* of all results together */
    enum sigma_level level;  /* of the last one */
};

struct run_options {
    bool complete; /* time goes on after the last hit */
    hn_time lateness;
    size_t save_at; /* after so many hits the state is saved and goes on in a new correlator */
    struct correlate_limits limits;
};

#define RUN_NEVER SIZE_MAX

static inline void run_join(const struct hn_text *texts, uint32_t count, bool fold, char *out)
{
    size_t len = 0;

    for (uint32_t i = 0; i < count; i++) {
        for (size_t k = 0; k < texts[i].len && len < NAIVE_KEY_MAX - 3; k++) {
            char ch = texts[i].ptr[k];

            out[len++] = fold && ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
        }
        out[len++] = '|';
    }
    out[len] = '\0';
}

static inline void run_on_result(void *ctx, const struct correlate_result *result)
{
    struct run_log *log = ctx;
    struct naive_results *results = &log->results;
    struct naive_result *copy;
    uint64_t numbers[6] = { result->correlation, (uint64_t)result->time, result->order,
        result->total, result->flags, (uint64_t)result->event };

    if (results->count == results->room) {
        results->room = results->room == 0 ? 64 : results->room * 2;
        results->ptr = realloc(results->ptr, results->room * sizeof *results->ptr);
        if (results->ptr == NULL)
            abort();
    }
    copy = &results->ptr[results->count++];
    memset(copy, 0, sizeof *copy);
    copy->correlation = result->correlation;
    copy->ended = result->event == CORRELATE_ENDED;
    copy->cut_short = (result->flags & CORRELATE_CUT_SHORT) != 0;
    copy->time = result->time;
    copy->order = result->order;
    copy->start = result->start;
    copy->value = result->value;
    copy->total = result->total;
    run_join(result->key, result->key_count, true, copy->key);
    run_join(result->values, result->value_count, false, copy->news);
    log->flags |= result->flags;
    log->level = result->level;
    log->digest = hn_digest_join(log->digest, hn_digest_of(numbers, sizeof numbers));
    log->digest = hn_digest_join(log->digest, result->id);
    log->digest = hn_digest_join(log->digest, hn_digest_of(copy->key, sizeof copy->key));
    log->digest = hn_digest_join(log->digest, hn_digest_of(&copy->value, sizeof copy->value));
    for (uint32_t i = 0; i < result->part_count; i++) {
        uint64_t part[4] = { (uint64_t)result->parts[i].time, result->parts[i].order,
            result->parts[i].ref, result->parts[i].input };

        log->digest = hn_digest_join(log->digest, hn_digest_of(part, sizeof part));
    }
}

static inline void run_log_deinit(struct run_log *log)
{
    free(log->results.ptr);
}

/* The case's hit with the fields that the plan asks for. */
static inline void run_fill(const struct correlate_plan *plan, const struct case_hit *from,
        struct correlate_hit_box *box)
{
    struct sigma_texts fields = correlate_plan_fields(plan, from->rule);

    memset(&box->hit, 0, sizeof box->hit);
    for (uint32_t i = 0; i < fields.count; i++) {
        for (uint32_t k = 0; k < from->field_count; k++) {
            struct correlate_value *value = &box->values[box->hit.value_count];

            if (!hn_text_eq(fields.ptr[i], from->fields[k].name))
                continue;
            value->field = i;
            value->text = from->fields[k].text;
            box->hit.value_count++;
        }
    }
    box->hit.rule = from->rule;
    box->hit.time = from->time;
    box->hit.order = from->order;
    box->hit.ref = from->order * 7;
    box->hit.values = box->values;
}

/* The same correlator by way of its saved bytes. */
static inline enum hn_status run_hand_over(const struct correlate_plan *plan,
        const struct correlate_options *options, struct correlate **correlate)
{
    struct correlate *heir = NULL;
    struct hn_buf saved = { 0 };
    enum hn_status status = correlate_save(*correlate, &saved);

    if (status == HN_OK)
        status = correlate_new(plan, options, &heir, NULL);
    if (status == HN_OK)
        status = correlate_restore(heir, hn_bytes_of(saved.ptr, saved.len), NULL);
    hn_buf_deinit(&saved);
    if (status != HN_OK) {
        correlate_free(heir);
        return status;
    }
    correlate_free(*correlate);
    *correlate = heir;
    return HN_OK;
}

/* Feeds hits[order[0]], hits[order[1]], ...; order NULL: as they are. */
static inline enum hn_status run_case(const struct correlate_case *c, const size_t *order,
        const struct run_options *how, struct run_log *ret_log, struct correlate_stats *ret_stats)
{
    struct correlate_options options = {
        .lateness = how->lateness, .on_result = run_on_result, .ctx = ret_log
    };
    struct correlate_plan *plan = NULL;
    struct correlate *correlate = NULL;
    enum hn_status status = correlate_plan_new(&c->set, &how->limits, &plan, NULL);

    memset(ret_log, 0, sizeof *ret_log);
    if (status == HN_OK)
        status = correlate_new(plan, &options, &correlate, NULL);
    for (size_t i = 0; i < c->hit_count && status == HN_OK; i++) {
        struct correlate_hit_box box;

        run_fill(plan, &c->hits[order == NULL ? i : order[i]], &box);
        status = correlate_feed(correlate, &box.hit);
        if (status == HN_OK && i == how->save_at)
            status = run_hand_over(plan, &options, &correlate);
    }
    if (status == HN_OK && how->complete)
        status = correlate_advance(correlate, CORRELATE_END_OF_TIME);
    if (status == HN_OK)
        status = correlate_flush(correlate);
    if (correlate != NULL && ret_stats != NULL)
        *ret_stats = correlate_stats(correlate);
    correlate_free(correlate);
    correlate_plan_free(plan);
    return status;
}

static inline void run_print(const char *title, const struct naive_results *results)
{
    fprintf(stderr, "%s: %zu\n", title, results->count);
    for (size_t i = 0; i < results->count; i++) {
        const struct naive_result *r = &results->ptr[i];

        fprintf(stderr,
                "  c%u%s%s key=%s time=%lld order=%llu start=%lld value=%.17g total=%llu %s\n",
                r->correlation, r->ended ? " ended" : "", r->cut_short ? " cut" : "", r->key,
                (long long)r->time, (unsigned long long)r->order, (long long)r->start, r->value,
                (unsigned long long)r->total, r->news);
    }
}

static inline void run_print_case(const struct correlate_case *c)
{
    for (uint32_t i = 0; i < c->set.correlation_count; i++) {
        const struct sigma_correlation *m = &c->set.correlations[i];

        fprintf(stderr, "c%u type=%d span=%lld learn=%lld pct=%g jitter=%g cond=%d refs=", i,
                (int)m->type, (long long)m->timespan, (long long)m->learn, m->percentile, m->jitter,
                m->condition != NULL);
        for (uint32_t k = 0; k < m->ref_count; k++)
            fprintf(stderr, "%s%u ", m->refs[k].is_correlation ? "c" : "r", m->refs[k].index);
        for (uint32_t k = 0; k < m->group_by.count; k++)
            fprintf(stderr, "by %.*s ", HN_TEXT_ARG(m->group_by.ptr[k]));
        fprintf(stderr, "fields=%u ", m->fields.count);
        for (uint32_t k = 0; k < m->bound_count; k++)
            fprintf(stderr, "bound(%d %g) ", (int)m->bounds[k].op, m->bounds[k].value);
        fprintf(stderr, "\n");
    }
    for (size_t i = 0; i < c->hit_count; i++) {
        const struct case_hit *hit = &c->hits[i];

        fprintf(stderr, "  r%u t=%lld o=%llu", hit->rule, (long long)hit->time,
                (unsigned long long)hit->order);
        for (uint32_t k = 0; k < hit->field_count; k++)
            fprintf(stderr, " %.*s=%.*s", HN_TEXT_ARG(hit->fields[k].name),
                    HN_TEXT_ARG(hit->fields[k].text));
        fprintf(stderr, "\n");
    }
}

static inline bool run_same(const struct naive_result *a, const struct naive_result *b)
{
    return naive_compare(a, b) == 0 && a->cut_short == b->cut_short && a->start == b->start &&
           a->value == b->value && a->total == b->total;
}

/* Whether the correlator and the reference say the same of a case; prints both where not. */
static inline bool run_agrees(const struct correlate_case *c, bool complete)
{
    struct run_options how = { .complete = complete, .save_at = RUN_NEVER };
    struct correlate_plan *plan = NULL;
    struct naive_results wanted;
    struct run_log log;
    bool refused[8] = { false };
    size_t first = 0;
    bool same;

    if (correlate_plan_new(&c->set, NULL, &plan, NULL) != HN_OK)
        return false;
    for (uint32_t i = 0; i < c->set.correlation_count; i++)
        refused[i] = correlate_plan_refusal(plan, i) != NULL;
    correlate_plan_free(plan);
    naive_run(c, complete, refused, &wanted);
    same = run_case(c, NULL, &how, &log, NULL) == HN_OK && log.results.count == wanted.count;
    if (log.results.count > 0)
        qsort(log.results.ptr, log.results.count, sizeof *log.results.ptr, naive_compare);
    for (size_t i = 0; i < wanted.count && i < log.results.count &&
                       run_same(&log.results.ptr[i], &wanted.ptr[i]);
            i++)
        first = i + 1;
    same = same && first == wanted.count;
    if (!same) {
        run_print_case(c);
        fprintf(stderr, "first difference at %zu (complete %d)\n", first, complete);
        run_print("wanted", &wanted);
        run_print("got", &log.results);
    }
    free(wanted.ptr);
    run_log_deinit(&log);
    return same;
}

#endif
