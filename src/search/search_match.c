/* search_match.c - events held against the one rule of a question. */
#include "search/search.h"

#include "base/mem.h"

struct search_matcher {
    struct match_scratch *scratch;
    struct hn_event full; /* all-mode */
    bool every;           /* there is no rule: every event fits */
    /* Of the event at hand. */
    struct hn_event *event;
    const struct decode_batch *batch;
    bool is_expanded;
    bool fits;
    struct alert_match matches[ALERT_MATCHES_MAX];
    uint32_t match_count;
};

void search_matcher_free(struct search_matcher *matcher)
{
    if (matcher == NULL)
        return;
    match_scratch_free(matcher->scratch);
    hn_event_deinit(&matcher->full);
    hn_free(matcher);
}

struct search_matcher *search_matcher_new(struct match_snapshot *snapshot)
{
    struct search_matcher *matcher = hn_calloc(1, sizeof *matcher);

    if (matcher == NULL)
        return NULL;
    matcher->every = match_set(snapshot)->rule_count == 0;
    if (match_scratch_new(snapshot, &matcher->scratch) != HN_OK ||
            hn_event_init(&matcher->full, match_schema(snapshot), NULL, true) != HN_OK) {
        search_matcher_free(matcher);
        return NULL;
    }
    return matcher;
}

struct hn_event *search_matcher_full(struct search_matcher *matcher)
{
    if (matcher->is_expanded)
        return &matcher->full;
    if (decode_again(matcher->batch, matcher->event, &matcher->full) != HN_OK)
        return NULL;
    hn_event_resolve(&matcher->full);
    matcher->is_expanded = true;
    return &matcher->full;
}

static struct hn_event *on_expand(void *ctx, const struct hn_event *event)
{
    (void)event;
    return search_matcher_full(ctx);
}

static void on_hit(void *ctx, uint32_t rule)
{
    struct search_matcher *matcher = ctx;

    (void)rule;
    matcher->fits = true;
}

bool search_matcher_fits(
        struct search_matcher *matcher, struct hn_event *event, const struct decode_batch *batch)
{
    matcher->event = event;
    matcher->batch = batch;
    matcher->is_expanded = false;
    matcher->fits = matcher->every;
    if (!matcher->every)
        (void)match_event(matcher->scratch, event, on_expand, on_hit, matcher);
    return matcher->fits;
}

static void on_evidence(void *ctx, const struct match_evidence *evidence)
{
    struct search_matcher *matcher = ctx;

    if (matcher->match_count == ALERT_MATCHES_MAX)
        return;
    matcher->matches[matcher->match_count++] =
            (struct alert_match){ .selection = evidence->item->selection,
                .field = evidence->field,
                .modifiers = evidence->item->modifiers,
                .pattern = evidence->value->written,
                .value = evidence->text,
                .start = evidence->start,
                .len = evidence->len };
}

const struct alert_match *search_matcher_evidence(
        struct search_matcher *matcher, uint32_t *ret_count)
{
    matcher->match_count = 0;
    if (!matcher->every)
        match_evidence(matcher->scratch, 0, on_evidence, matcher);
    *ret_count = matcher->match_count;
    return matcher->matches;
}
