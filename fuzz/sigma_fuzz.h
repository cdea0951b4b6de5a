/* sigma_fuzz.h - what holds for every set of rules, whatever was loaded; for the fuzz targets of
 * src/sigma. */
#ifndef HN_FUZZ_SIGMA_FUZZ_H
#define HN_FUZZ_SIGMA_FUZZ_H

#include "base/reader.h"
#include "match/interpret.h"
#include "match/match.h"

#include <stdio.h>
#include <stdlib.h>

HN_UNUSED static void check(bool holds)
{
    if (!holds)
        abort();
}

/* What a placeholder may stand for, so that `expand` does something. */
HN_UNUSED static const struct sigma_options *fuzz_options(void)
{
    static struct hn_text values[] = { HN_TEXT_INIT("admin"), HN_TEXT_INIT("a*b") };
    static const struct sigma_list list = { HN_TEXT_INIT("Admins"), { values, 2 } };
    static const struct sigma_options options = { .lists = &list, .list_count = 1 };

    return &options;
}

/* Loads rules behind an optional pipeline; fails only for want of memory, so never. */
HN_UNUSED static struct sigma_set *fuzz_load(struct hn_text pipeline, struct hn_text rules)
{
    struct sigma_loader *loader = sigma_loader_new(fuzz_options());
    struct sigma_set *set = NULL;

    check(loader != NULL);
    if (pipeline.len > 0)
        check(sigma_loader_add_pipeline(loader, HN_TEXT("p.yml"), pipeline, NULL) == HN_OK);
    check(sigma_loader_add_text(loader, HN_TEXT("r.yml"), rules, NULL) == HN_OK);
    check(sigma_loader_finish(loader, &set, NULL) == HN_OK);
    sigma_loader_free(loader);
    return set;
}

static inline size_t fuzz_lines(struct hn_text text)
{
    size_t lines = 1;

    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n' || text.ptr[i] == '\r' || (unsigned char)text.ptr[i] >= 0x80;
    return lines;
}

/* Issues have a text and lie in their file; lines also end at U+0085 and U+2028, which only makes
 * the bound wider. */
HN_UNUSED static void check_issues(
        const struct sigma_set *set, struct hn_text pipeline, struct hn_text rules)
{
    for (uint32_t i = 0; i < set->issue_count; i++) {
        const struct sigma_issue *issue = &set->issues[i];
        struct hn_text in = hn_text_eq(issue->place.file, HN_TEXT("p.yml")) ? pipeline : rules;

        check(issue->code.len > 0 && issue->message.len > 0);
        check(issue->place.line <= fuzz_lines(in) + 1);
    }
}

HN_UNUSED static void check_items(const struct sigma_set *set)
{
    for (uint32_t r = 0; r < set->rule_count; r++) {
        check(set->rules[r].condition != NULL);
        for (uint32_t i = 0; i < set->rules[r].item_count; i++) {
            check(set->rules[r].items[i].index == i);
            check(set->rules[r].items[i].value_count > 0);
        }
    }
}

/* ---- Matching ---- */

struct fuzz_match {
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct match_scratch *scratch;
    struct hn_event event;
    bool *fired;
};

HN_UNUSED static void fuzz_on_hit(void *ctx, uint32_t rule)
{
    struct fuzz_match *m = ctx;

    m->fired[rule] = true;
}

/* Every rule of a loaded set compiles. */
HN_UNUSED static void fuzz_match_open(struct fuzz_match *m, struct sigma_set *set)
{
    const struct match_options options = { .limits = { .memo_entries = 16 } };

    m->set = set;
    check(match_snapshot_new(set, &options, &m->snapshot, NULL) == HN_OK);
    check(match_scratch_new(m->snapshot, &m->scratch) == HN_OK);
    check(hn_event_init(&m->event, match_schema(m->snapshot), NULL, true) == HN_OK);
    m->fired = calloc(set->rule_count + 1, sizeof *m->fired);
    check(m->fired != NULL);
}

HN_UNUSED static void fuzz_match_close(struct fuzz_match *m)
{
    hn_event_deinit(&m->event);
    match_scratch_free(m->scratch);
    match_snapshot_unref(m->snapshot);
    free(m->fired);
}

/* The event at hand: the engine fires what the interpreter says. */
HN_UNUSED static void fuzz_match_run(struct fuzz_match *m)
{
    memset(m->fired, 0, m->set->rule_count * sizeof *m->fired);
    (void)match_event(m->scratch, &m->event, NULL, fuzz_on_hit, m);
    for (uint32_t r = 0; r < m->set->rule_count; r++)
        check(match_interpret(&m->set->rules[r], &m->event, NULL) == m->fired[r]);
}

#endif
