/* aggregation_build.c - a rule with an aggregation of old becomes a silent rule (several for
 * "near") and a correlation that fires in its name. */
#include "sigma/sigma_correlation.h"

/* Old rules may leave out the timeframe and then mean "in what is searched". A window without end
 * is none, so a day is taken, and the issue says so. */
#define TIMEFRAME_DEFAULT HN_DAY

static bool add_part(struct work *w, struct draft_rule *draft, struct cond_node *condition,
        struct hn_text name, struct correlation_draft *correlation)
{
    struct sigma_ref *ref = &correlation->model.refs[correlation->model.ref_count];
    struct sigma_rule built;
    struct sigma_rule *rule;

    if (!rule_build_part(w, draft, condition, &built))
        return false;
    ref->index = (uint32_t)w->loader->rules.count;
    ref->name = name;
    correlation->places[correlation->model.ref_count++] = draft->meta->place;
    rule = hn_vec_add(&w->loader->rules);
    if (rule == NULL) {
        w->status = HN_NOMEM;
        return false;
    }
    *rule = built;
    rule->silent = true;
    lint_rule(w, draft, rule);
    return true;
}

static bool alloc_refs(struct work *w, struct correlation_draft *draft, uint32_t count)
{
    draft->model.refs = hn_new(w->keep, struct sigma_ref, count);
    draft->places = hn_new(w->keep, struct sigma_place, count);
    return (draft->model.refs != NULL && draft->places != NULL) || work_nomem(w, w->keep);
}

static struct cond_node *whole_condition(struct work *w, struct draft_rule *draft)
{
    struct cond_node *root = draft->conditions[0];

    for (uint32_t i = 1; i < draft->condition_count; i++)
        root = sigma_cond_join(w, &draft->cond_nodes, SIGMA_OR, root, draft->conditions[i]);
    return root;
}

static bool build_count(
        struct work *w, struct draft_rule *draft, struct correlation_draft *correlation)
{
    const struct aggregation *aggregation = &draft->aggregation;
    struct sigma_correlation *model = &correlation->model;

    switch (aggregation->kind) {
    case AGGREGATION_COUNT:
        model->type = aggregation->field.len > 0 ? SIGMA_VALUE_COUNT : SIGMA_EVENT_COUNT;
        break;
    case AGGREGATION_SUM:
        model->type = SIGMA_VALUE_SUM;
        break;
    case AGGREGATION_AVG:
        model->type = SIGMA_VALUE_AVG;
        break;
    case AGGREGATION_MIN: /* the smallest value is the 0th percentile, the largest the 100th */
    case AGGREGATION_MAX:
        model->type = SIGMA_VALUE_PERCENTILE;
        model->percentile = aggregation->kind == AGGREGATION_MIN ? 0 : 100;
        break;
    case AGGREGATION_NONE:
    case AGGREGATION_NEAR:
        break;
    }
    model->group_by = aggregation->group_by;
    model->bounds[0] = aggregation->bound;
    model->bound_count = 1;
    if (aggregation->field.len > 0) {
        model->fields.ptr = hn_new(w->keep, struct hn_text, 1);
        if (model->fields.ptr == NULL)
            return work_nomem(w, w->keep);
        model->fields.ptr[0] = aggregation->field;
        model->fields.count = 1;
    }
    return alloc_refs(w, correlation, 1) &&
           add_part(w, draft, whole_condition(w, draft), draft->meta->title, correlation);
}

/* Each selection named behind "near" is a rule of its own, and so is what stands before the '|'. */
static bool build_near(
        struct work *w, struct draft_rule *draft, struct correlation_draft *correlation)
{
    struct cond_text text = { draft->aggregation.near, draft->near.ref };
    struct cond_nodes nodes = { 0 };
    struct cond_names names;
    struct cond_node *near;
    struct cond_node *first;
    struct hn_text rest;
    uint32_t *refs = hn_new(w->scratch, uint32_t, draft->detection_count);
    uint32_t parsed;

    if (refs == NULL)
        return work_nomem(w, w->scratch);
    if (!sigma_draft_names(w, draft, &names) ||
            !sigma_cond_parse(w, &text, &names, &nodes, &near, &rest))
        return false;
    if (rest.ptr != NULL) {
        issue_add(
                w, CODE_AGGREGATION, sigma_place_of(w, text.ref), "one \"|\" is all there may be");
        return false;
    }
    parsed = nodes.count;
    if (!alloc_refs(w, correlation, draft->detection_count + 1) ||
            !add_part(w, draft, whole_condition(w, draft), draft->meta->title, correlation))
        return false;
    for (uint32_t i = 0; i < parsed; i++) {
        struct cond_node *node = nodes.ptr[i];
        uint32_t detection = node->leaf;

        if (node->kind != SIGMA_ITEM)
            continue;
        if (refs[detection] == 0) {
            refs[detection] = correlation->model.ref_count;
            if (!add_part(w, draft, sigma_cond_leaf(w, &draft->cond_nodes, detection),
                        draft->detections[detection].name, correlation))
                return false;
        }
        node->leaf = refs[detection];
    }
    first = sigma_cond_leaf(w, &nodes, 0);
    near = sigma_cond_join(w, &nodes, SIGMA_AND, first, near);
    correlation->model.type = SIGMA_TEMPORAL;
    return near != NULL && sigma_ref_tree_build(w, &nodes, near, &correlation->model.condition);
}

bool aggregation_build(struct work *w, struct draft_rule *draft)
{
    struct correlation_draft *correlation = correlation_draft_add(w);
    size_t rules = w->loader->rules.count;
    bool fine;

    if (correlation == NULL)
        return false;
    issue_add(w, CODE_AGGREGATION_OLD, draft->meta->place,
            "the \"|\" in the condition is the old form of a correlation");
    correlation->model.meta = *draft->meta;
    correlation->model.timespan = draft->timeframe;
    correlation->resolved = true;
    correlation->root = draft->root;
    correlation->place = draft->meta->place;
    if (draft->timeframe == 0) {
        issue_add(w, CODE_TIMEFRAME, draft->meta->place, "there is no timeframe; one day is taken");
        correlation->model.timespan = TIMEFRAME_DEFAULT;
    }
    fine = draft->aggregation.kind == AGGREGATION_NEAR ? build_near(w, draft, correlation)
                                                       : build_count(w, draft, correlation);
    if (!fine) { /* without all of it, nothing of it */
        w->loader->rules.count = rules;
        correlation->rejected = true;
    }
    return fine;
}
