/* correlate_case.c - bytes to sets and streams. */
#include "support/correlate_case.h"

#include <stdlib.h>

#define RULES            3
#define CORRELATIONS_MAX 4
#define REFS_MAX         4

static const struct hn_text group_names[] = { HN_TEXT_INIT("g"), HN_TEXT_INIT("h"),
    HN_TEXT_INIT("al") };
static const struct hn_text value_names[] = { HN_TEXT_INIT("v"), HN_TEXT_INIT("w") };
static const struct hn_text keys[] = { HN_TEXT_INIT("a"), HN_TEXT_INIT("A"), HN_TEXT_INIT("b"),
    HN_TEXT_INIT("") };
static const struct hn_text values[] = { HN_TEXT_INIT("1"), HN_TEXT_INIT("2"), HN_TEXT_INIT("3"),
    HN_TEXT_INIT("-5"), HN_TEXT_INIT("0.125"), HN_TEXT_INIT("2.5"), HN_TEXT_INIT("1e3"),
    HN_TEXT_INIT("0x10"), HN_TEXT_INIT("abc"), HN_TEXT_INIT("ABC"), HN_TEXT_INIT("-7.75"),
    HN_TEXT_INIT("1000000000000"), HN_TEXT_INIT("0"), HN_TEXT_INIT("17"), HN_TEXT_INIT("4"),
    HN_TEXT_INIT("1.5") };

uint8_t case_byte(struct case_bytes *bytes)
{
    return bytes->next < bytes->end ? *bytes->next++ : 0;
}

static void *need(void *ptr)
{
    if (ptr == NULL)
        abort();
    return ptr;
}

static uint32_t below(struct case_bytes *bytes, uint32_t limit)
{
    return limit > 0 ? case_byte(bytes) % limit : 0;
}

static struct sigma_ref_node *leaf(struct correlate_case *c, uint32_t ref)
{
    struct sigma_ref_node *node = need(hn_new(&c->arena, struct sigma_ref_node, 1));

    node->kind = SIGMA_ITEM;
    node->ref = ref;
    return node;
}

/* A condition over all refs, joined from left to right by and, or (ordered: by and alone), with
 * some of them negated. */
static struct sigma_ref_node *condition(
        struct correlate_case *c, struct case_bytes *bytes, uint32_t refs, bool ordered)
{
    struct sigma_ref_node *tree = NULL;

    for (uint32_t i = 0; i < refs; i++) {
        struct sigma_ref_node *node = leaf(c, i);
        uint32_t choice = below(bytes, 8);

        if ((choice & 1) != 0) {
            struct sigma_ref_node *negated = need(hn_new(&c->arena, struct sigma_ref_node, 1));

            negated->kind = SIGMA_NOT;
            negated->children = need(hn_new(&c->arena, struct sigma_ref_node *, 1));
            negated->children[0] = node;
            negated->count = 1;
            node = negated;
        }
        if (tree != NULL) {
            struct sigma_ref_node *joined = need(hn_new(&c->arena, struct sigma_ref_node, 1));

            joined->kind = (choice & 2) != 0 && !ordered ? SIGMA_OR : SIGMA_AND;
            joined->children = need(hn_new(&c->arena, struct sigma_ref_node *, 2));
            joined->children[0] = tree;
            joined->children[1] = node;
            joined->count = 2;
            node = joined;
        }
        tree = node;
    }
    return tree;
}

static void add_refs(struct correlate_case *c, struct case_bytes *bytes, uint32_t index)
{
    struct sigma_correlation *model = &c->set.correlations[index];

    model->ref_count = 1 + below(bytes, REFS_MAX);
    if (model->type == SIGMA_ABSENCE && model->ref_count == 1)
        model->ref_count = 2;
    model->refs = need(hn_new(&c->arena, struct sigma_ref, model->ref_count));
    for (uint32_t i = 0; i < model->ref_count; i++) {
        uint32_t choice = below(bytes, RULES + index);

        model->refs[i].is_correlation = choice >= RULES;
        model->refs[i].index = choice >= RULES ? choice - RULES : choice;
    }
}

static void add_names(
        struct correlate_case *c, struct case_bytes *bytes, struct sigma_correlation *model)
{
    uint32_t groups = below(bytes, 3);
    bool one = model->type != SIGMA_VALUE_COUNT && model->type != SIGMA_FIRST_SEEN;

    model->group_by.ptr = need(hn_new(&c->arena, struct hn_text, 3));
    for (uint32_t i = 0; i < groups; i++)
        model->group_by.ptr[model->group_by.count++] = group_names[(below(bytes, 3) + i) % 3];
    if (groups == 2 && hn_text_eq(model->group_by.ptr[0], model->group_by.ptr[1]))
        model->group_by.count = 1;
    model->fields.ptr = need(hn_new(&c->arena, struct hn_text, 2));
    model->fields.count = one ? 1 : 1 + below(bytes, 2);
    model->fields.ptr[0] = value_names[0];
    model->fields.ptr[1] = value_names[1];
    /* "al" is g of the first ref and h of the others. */
    model->aliases = need(hn_new(&c->arena, struct sigma_alias, 1));
    model->alias_count = 1;
    model->aliases[0].name = group_names[2];
    model->aliases[0].fields = need(hn_new(&c->arena, struct hn_text, model->ref_count));
    for (uint32_t i = 0; i < model->ref_count; i++)
        model->aliases[0].fields[i] = group_names[i == 0 ? 0 : 1];
}

static void add_bounds(struct case_bytes *bytes, struct sigma_correlation *model)
{
    static const enum sigma_bound_op ops[] = { SIGMA_BOUND_GTE, SIGMA_BOUND_GT, SIGMA_BOUND_GTE,
        SIGMA_BOUND_LT, SIGMA_BOUND_LTE, SIGMA_BOUND_EQ, SIGMA_BOUND_NEQ, SIGMA_BOUND_GTE };
    bool few = model->type == SIGMA_TEMPORAL || model->type == SIGMA_TEMPORAL_ORDERED;

    if (model->type == SIGMA_ABSENCE || model->type == SIGMA_FIRST_SEEN)
        return;
    if (few && below(bytes, 2) == 0)
        return;
    model->bound_count = 1 + (below(bytes, 4) == 0 ? 1 : 0);
    for (uint32_t i = 0; i < model->bound_count; i++) {
        bool rising = model->type == SIGMA_TEMPORAL_ORDERED;

        model->bounds[i].op = rising ? SIGMA_BOUND_GTE : ops[below(bytes, 8)];
        model->bounds[i].value = few ? 1 + below(bytes, model->ref_count) : 1 + below(bytes, 6);
    }
}

static void add_correlation(
        struct correlate_case *c, struct case_bytes *bytes, uint32_t index, bool regular)
{
    static const enum sigma_correlation_type types[] = { SIGMA_EVENT_COUNT, SIGMA_VALUE_COUNT,
        SIGMA_TEMPORAL, SIGMA_TEMPORAL_ORDERED, SIGMA_VALUE_SUM, SIGMA_VALUE_AVG,
        SIGMA_VALUE_MEDIAN, SIGMA_VALUE_PERCENTILE, SIGMA_ABSENCE, SIGMA_FIRST_SEEN,
        SIGMA_PERIODICITY };
    static const double jitters[] = { 0, 0.1, 0.3 };
    struct sigma_correlation *model = &c->set.correlations[index];

    model->type = types[below(bytes, HN_COUNT_OF(types))];
    model->meta.digest.low = index + 1;
    add_refs(c, bytes, index);
    add_names(c, bytes, model);
    add_bounds(bytes, model);
    model->timespan = 1 + below(bytes, 24);
    if (regular)
        model->timespan *= 20;
    if (model->type == SIGMA_FIRST_SEEN) {
        model->timespan = below(bytes, 3) == 0 ? 0 : model->timespan;
        model->learn = below(bytes, 2) == 0 ? 0 : below(bytes, 20);
    }
    model->percentile = below(bytes, 101);
    model->jitter = jitters[below(bytes, 3)];
    if (model->type == SIGMA_PERIODICITY && below(bytes, 4) == 0)
        model->burst =
                below(bytes, (uint32_t)model->timespan < 30 ? (uint32_t)model->timespan : 30);
    if ((model->type == SIGMA_TEMPORAL || model->type == SIGMA_TEMPORAL_ORDERED) &&
            below(bytes, 2) == 0) {
        model->condition =
                condition(c, bytes, model->ref_count, model->type == SIGMA_TEMPORAL_ORDERED);
        model->bound_count = 0;
    }
}

static void add_field(struct case_hit *hit, struct hn_text name, struct hn_text text)
{
    if (hit->field_count < CASE_FIELDS_MAX)
        hit->fields[hit->field_count++] = (struct case_field){ name, text };
}

/* Mostly a step of 20 with little jitter; sometimes twice as long, sometimes an extra one. */
static hn_time regular_step(uint8_t what)
{
    if ((what & 0xF0) == 0xF0)
        return 7;
    if ((what & 0xF0) == 0xE0)
        return 40;
    return 20 + ((what & 0x80) != 0 ? (what >> 4 & 3) - 1 : 0);
}

/* Few bits per hit: a rule, a step in time, keys and values, seldom absent, seldom lists. */
static void add_hit(struct correlate_case *c, struct case_bytes *bytes, bool regular)
{
    struct case_hit *hit = &c->hits[c->hit_count];
    hn_time last = c->hit_count > 0 ? c->hits[c->hit_count - 1].time : 1000;
    uint8_t what = case_byte(bytes);
    uint8_t who = case_byte(bytes);
    uint8_t much = case_byte(bytes);

    hit->rule = what % RULES;
    hit->time = last + (regular ? regular_step(what)
                                : (hn_time)(what >> 2 & 7) * ((what & 0xE0) == 0xE0 ? 4 : 1));
    hit->order = c->hit_count++;
    if ((who & 0x0F) != 0x0F)
        add_field(hit, group_names[0], keys[who % 3]);
    if ((who & 0x0F) == 0x0E)
        add_field(hit, group_names[0], keys[2]);
    if ((who & 0xF0) != 0xF0)
        add_field(hit, group_names[1], keys[who >> 4 & 3]);
    if ((much & 0x0F) != 0x0F)
        add_field(hit, value_names[0], values[much & 0x0F]);
    if ((much & 0xF0) == 0xE0)
        add_field(hit, value_names[0], values[1]);
    if ((much & 0xF0) != 0xF0)
        add_field(hit, value_names[1], values[much >> 4 & 3]);
}

void correlate_case_build(struct correlate_case *ret_case, const uint8_t *data, size_t size)
{
    struct case_bytes bytes = { data, data + size };
    struct correlate_case *c = ret_case;
    bool regular;

    memset(c, 0, sizeof *c);
    hn_arena_init(&c->arena, (size_t)64 << 20);
    c->set.rule_count = RULES;
    c->set.rules = need(hn_new(&c->arena, struct sigma_rule, RULES));
    for (uint32_t i = 0; i < RULES; i++)
        c->set.rules[i].meta.digest.high = i + 1;
    c->set.correlation_count = 1 + below(&bytes, CORRELATIONS_MAX);
    c->set.correlations =
            need(hn_new(&c->arena, struct sigma_correlation, c->set.correlation_count));
    c->lateness = below(&bytes, 2) == 0 ? 0 : below(&bytes, 16);
    regular = below(&bytes, 4) == 3;
    for (uint32_t i = 0; i < c->set.correlation_count; i++)
        add_correlation(c, &bytes, i, regular);
    c->hits = need(hn_new(&c->arena, struct case_hit, CASE_HITS_MAX));
    while (bytes.next < bytes.end && c->hit_count < CASE_HITS_MAX)
        add_hit(c, &bytes, regular);
}

void correlate_case_deinit(struct correlate_case *c)
{
    hn_arena_deinit(&c->arena);
}
