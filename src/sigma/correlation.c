/* correlation.c - a document with a correlation section, read on its own; correlation_resolve.c
 * finds the rules it speaks of. */
#include "sigma/sigma_correlation.h"

#define REFS_MAX 256u

/* What each type needs and takes besides rules and timespan. */
struct type_rules {
    uint32_t fields; /* how many fields it measures: 0, 1, or UINT32_MAX for any number */
    uint32_t refs;   /* at least so many rules */
    bool bounds;     /* gt, lt, ...: needed */
    bool may_bounds; /* allowed */
    bool expression; /* "a and not b" is allowed */
    bool timespan;   /* needed */
};

static const struct type_rules type_rules[] = {
    [SIGMA_EVENT_COUNT] = { 0, 1, true, true, false, true },
    [SIGMA_VALUE_COUNT] = { UINT32_MAX, 1, true, true, false, true },
    [SIGMA_TEMPORAL] = { 0, 1, false, true, true, true },
    [SIGMA_TEMPORAL_ORDERED] = { 0, 1, false, true, true, true },
    [SIGMA_VALUE_SUM] = { 1, 1, true, true, false, true },
    [SIGMA_VALUE_AVG] = { 1, 1, true, true, false, true },
    [SIGMA_VALUE_MEDIAN] = { 1, 1, true, true, false, true },
    [SIGMA_VALUE_PERCENTILE] = { 1, 1, true, true, false, true },
    [SIGMA_ABSENCE] = { 0, 2, false, false, false, true },
    [SIGMA_FIRST_SEEN] = { UINT32_MAX, 1, false, false, false, false },
    [SIGMA_PERIODICITY] = { 0, 1, true, true, false, true },
};

#define JITTER_DEFAULT     0.1
#define BURST_DEFAULT      (10 * HN_SECOND) /* requests that one page or one check-in makes */
#define PERCENTILE_DEFAULT 50.0

static struct hn_yaml_ref entry(struct hn_yaml_ref map, const char *key)
{
    return hn_yaml_get(map, hn_text_cstr(key));
}

static bool bad(struct work *w, struct hn_yaml_ref ref, const char *message)
{
    issue_add(w, CODE_BAD_CORRELATION, sigma_place_of(w, ref), "%s", message);
    return false;
}

struct correlation_draft *correlation_draft_add(struct work *w)
{
    struct correlation_draft *draft = hn_new(&w->loader->files_arena, struct correlation_draft, 1);
    struct correlation_draft **slot = draft == NULL ? NULL : hn_vec_add(&w->loader->correlations);

    if (slot == NULL) {
        (void)work_nomem(w, &w->loader->files_arena);
        return NULL;
    }
    draft->file_index = w->file_index;
    *slot = draft;
    return draft;
}

bool sigma_timespan_read(struct work *w, struct hn_yaml_ref ref, enum sigma_code code,
        const char *what, hn_time *ret_time)
{
    struct hn_text text = hn_yaml_text(ref);

    if (text.ptr != NULL && hn_duration_parse(text, ret_time) && *ret_time > 0)
        return true;
    issue_add(
            w, code, sigma_place_of(w, ref), "%s is a number and s, m, h or d, such as 15m", what);
    return false;
}

/* ---- Rules ---- */

static bool add_ref(struct work *w, struct correlation_draft *draft, struct hn_text name,
        struct sigma_place place)
{
    struct sigma_correlation *model = &draft->model;

    if (model->ref_count == REFS_MAX) {
        issue_add(w, CODE_TOO_LARGE, place, "more than %u rules", REFS_MAX);
        return false;
    }
    draft->places[model->ref_count] = place;
    model->refs[model->ref_count++].name = name;
    return true;
}

static bool read_refs(struct work *w, struct hn_yaml_ref section, struct correlation_draft *draft)
{
    struct hn_yaml_ref rules = entry(section, "rules");
    struct hn_yaml_iter iter = hn_yaml_children(rules);
    struct hn_yaml_ref item;

    draft->model.refs = hn_new(w->keep, struct sigma_ref, REFS_MAX);
    draft->places = hn_new(&w->loader->files_arena, struct sigma_place, REFS_MAX);
    if (draft->model.refs == NULL || draft->places == NULL)
        return work_nomem(w, w->keep);
    if (rules.yaml == NULL)
        return true; /* an expression may name them */
    if (hn_yaml_is(rules, HN_YAML_SCALAR))
        return add_ref(w, draft, hn_yaml_text(rules), sigma_place_of(w, rules));
    while (hn_yaml_is(rules, HN_YAML_LIST) && hn_yaml_next(&iter, &item)) {
        if (!hn_yaml_is(item, HN_YAML_SCALAR))
            return bad(w, item, "a rule is named by its id or name");
        if (!add_ref(w, draft, hn_yaml_text(item), sigma_place_of(w, item)))
            return false;
    }
    return hn_yaml_is(rules, HN_YAML_LIST) || bad(w, rules, "rules is a list of ids or names");
}

/* ---- Aliases ---- */

static bool read_alias(
        struct work *w, struct hn_yaml_ref name, struct hn_yaml_ref map, struct alias_draft *alias)
{
    struct hn_yaml_iter iter = hn_yaml_children(map);
    struct hn_yaml_ref rule;
    struct hn_yaml_ref field;

    if (!hn_yaml_is(map, HN_YAML_MAP))
        return bad(w, map, "an alias is a map from rules to fields");
    alias->name = hn_yaml_text(name);
    alias->entries = hn_new(&w->loader->files_arena, struct alias_entry, hn_yaml_count(map));
    if (alias->entries == NULL)
        return work_nomem(w, &w->loader->files_arena);
    while (hn_yaml_next_pair(&iter, &rule, &field)) {
        if (!hn_yaml_is(field, HN_YAML_SCALAR) || hn_yaml_text(field).len == 0)
            return bad(w, field, "an alias names a field for each rule");
        alias->entries[alias->count].rule = hn_yaml_text(rule);
        alias->entries[alias->count].field = hn_yaml_text(field);
        alias->entries[alias->count++].place = sigma_place_of(w, rule);
    }
    return true;
}

static bool read_aliases(
        struct work *w, struct hn_yaml_ref section, struct correlation_draft *draft)
{
    struct hn_yaml_ref aliases = entry(section, "aliases");
    struct hn_yaml_iter iter = hn_yaml_children(aliases);
    struct hn_yaml_ref name;
    struct hn_yaml_ref map;

    if (aliases.yaml == NULL)
        return true;
    if (!hn_yaml_is(aliases, HN_YAML_MAP))
        return bad(w, aliases, "aliases is a map");
    draft->aliases = hn_new(&w->loader->files_arena, struct alias_draft, hn_yaml_count(aliases));
    if (draft->aliases == NULL)
        return work_nomem(w, &w->loader->files_arena);
    while (hn_yaml_next_pair(&iter, &name, &map)) {
        if (!read_alias(w, name, map, &draft->aliases[draft->alias_count]))
            return false;
        draft->alias_count++;
    }
    return true;
}

/* ---- Condition ---- */

static const struct {
    const char *name;
    enum sigma_bound_op op;
} bound_ops[] = { { "lt", SIGMA_BOUND_LT }, { "lte", SIGMA_BOUND_LTE }, { "gt", SIGMA_BOUND_GT },
    { "gte", SIGMA_BOUND_GTE }, { "eq", SIGMA_BOUND_EQ }, { "neq", SIGMA_BOUND_NEQ } };

static bool read_bound(struct work *w, struct hn_yaml_ref key, struct hn_yaml_ref value,
        struct sigma_correlation *model, bool *ret_is_bound)
{
    struct sigma_number number;

    *ret_is_bound = false;
    for (size_t i = 0; i < HN_COUNT_OF(bound_ops); i++) {
        if (!hn_text_eq(hn_yaml_text(key), hn_text_cstr(bound_ops[i].name)))
            continue;
        *ret_is_bound = true;
        if (!hn_yaml_is(value, HN_YAML_SCALAR) || !sigma_number_of(hn_yaml_text(value), &number))
            return bad(w, value, "a number is expected");
        model->bounds[model->bound_count].op = bound_ops[i].op;
        model->bounds[model->bound_count++].value = number.real;
    }
    return true;
}

static bool read_percentile(
        struct work *w, struct hn_yaml_ref value, struct sigma_correlation *model)
{
    struct sigma_number number;

    if (!hn_yaml_is(value, HN_YAML_SCALAR) || !sigma_number_of(hn_yaml_text(value), &number) ||
            number.real < 0 || number.real > 100)
        return bad(w, value, "a percentile goes from 0 to 100");
    model->percentile = number.real;
    return true;
}

static bool read_condition_map(
        struct work *w, struct hn_yaml_ref condition, struct sigma_correlation *model)
{
    struct hn_yaml_iter iter = hn_yaml_children(condition);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;
    bool percentile = false;

    while (hn_yaml_next_pair(&iter, &key, &value)) {
        bool is_bound;

        if (!read_bound(w, key, value, model, &is_bound))
            return false;
        if (is_bound)
            continue;
        if (hn_text_eq(hn_yaml_text(key), HN_TEXT("field"))) {
            if (!sigma_read_texts(w, value, CODE_BAD_CORRELATION, "field", &model->fields))
                return false;
        } else if (hn_text_eq(hn_yaml_text(key), HN_TEXT("percentile"))) {
            percentile = true;
            if (!read_percentile(w, value, model))
                return false;
        } else {
            return bad(w, key, "a condition has lt, lte, gt, gte, eq, neq, field, percentile");
        }
    }
    if (model->type == SIGMA_VALUE_PERCENTILE && !percentile) {
        issue_add(w, CODE_PERCENTILE, sigma_place_of(w, condition),
                "there is no percentile; the 50th is taken");
        model->percentile = PERCENTILE_DEFAULT;
    }
    return true;
}

bool sigma_ref_tree_build(struct work *w, const struct cond_nodes *nodes,
        const struct cond_node *root, struct sigma_ref_node **ret_tree)
{
    for (uint32_t i = 0; i < nodes->count; i++) {
        struct cond_node *cond = nodes->ptr[i];
        struct sigma_ref_node *node = hn_new(w->keep, struct sigma_ref_node, 1);

        if (node == NULL)
            return work_nomem(w, w->keep);
        node->kind = cond->kind;
        node->ref = cond->kind == SIGMA_ITEM ? cond->leaf : 0;
        node->children = hn_new(w->keep, struct sigma_ref_node *, cond->count);
        if (node->children == NULL)
            return work_nomem(w, w->keep);
        for (uint32_t k = 0; k < cond->count; k++)
            node->children[node->count++] = cond->children[k]->built;
        cond->built = node;
    }
    *ret_tree = root->built;
    return true;
}

/* Names for an expression: the rules listed, or where none are, every word that is none of its
 * operators. */
static bool collect_names(struct work *w, struct correlation_draft *draft, struct hn_yaml_ref ref)
{
    struct hn_text text = hn_yaml_text(ref);
    size_t at = 0;

    while (at < text.len) {
        size_t start;
        struct hn_text word;
        bool known = false;

        while (at < text.len && strchr(" \t\r\n()", text.ptr[at]) != NULL && text.ptr[at] != 0)
            at++;
        start = at;
        while (at < text.len && (strchr(" \t\r\n()", text.ptr[at]) == NULL || text.ptr[at] == 0))
            at++;
        word = hn_text_sub(text, start, at - start);
        if (word.len == 0 || hn_text_eq_nocase(word, HN_TEXT("and")) ||
                hn_text_eq_nocase(word, HN_TEXT("or")) || hn_text_eq_nocase(word, HN_TEXT("not")))
            continue;
        for (uint32_t i = 0; i < draft->model.ref_count; i++)
            known = known || hn_text_eq(draft->model.refs[i].name, word);
        if (!known && !add_ref(w, draft, word, sigma_place_in(w, ref, start)))
            return false;
    }
    return true;
}

static bool read_expression(
        struct work *w, struct hn_yaml_ref condition, struct correlation_draft *draft)
{
    struct sigma_correlation *model = &draft->model;
    struct cond_text text = { hn_yaml_text(condition), condition };
    struct cond_nodes nodes = { 0 };
    struct cond_node *root;
    struct hn_text rest;
    struct cond_names names = { .unknown = CODE_UNKNOWN_RULE, .what = "rule of this correlation" };
    struct hn_text *texts;

    if (model->ref_count == 0 && !collect_names(w, draft, condition))
        return false;
    texts = hn_new(w->scratch, struct hn_text, model->ref_count);
    if (texts == NULL)
        return work_nomem(w, w->scratch);
    for (uint32_t i = 0; i < model->ref_count; i++)
        texts[i] = model->refs[i].name;
    names.names = texts;
    names.count = model->ref_count;
    if (!sigma_cond_parse(w, &text, &names, &nodes, &root, &rest))
        return false;
    if (rest.ptr != NULL)
        return bad(w, condition, "\"|\" has no meaning here");
    for (uint32_t i = 0; i < model->ref_count; i++) {
        bool used = false;

        for (uint32_t k = 0; k < nodes.count; k++)
            used = used || (nodes.ptr[k]->kind == SIGMA_ITEM && nodes.ptr[k]->leaf == i);
        if (!used) {
            issue_add(w, CODE_BAD_CORRELATION, draft->places[i],
                    "the condition does not use \"%.*s\"", HN_TEXT_ARG(texts[i]));
            return false;
        }
    }
    return sigma_ref_tree_build(w, &nodes, root, &model->condition);
}

static bool read_condition(
        struct work *w, struct hn_yaml_ref section, struct correlation_draft *draft)
{
    struct sigma_correlation *model = &draft->model;
    const struct type_rules *rules = &type_rules[model->type];
    struct hn_yaml_ref condition = entry(section, "condition");
    struct hn_yaml_ref where = condition.yaml == NULL ? section : condition;

    if (hn_yaml_is(condition, HN_YAML_SCALAR)) {
        if (!rules->expression)
            return bad(w, condition, "only temporal correlations have an expression as condition");
        return read_expression(w, condition, draft);
    }
    if (hn_yaml_is(condition, HN_YAML_LIST))
        return bad(w, condition, "condition is a map, or an expression over the rules");
    if (condition.yaml != NULL && !read_condition_map(w, condition, model))
        return false;
    if (rules->bounds && model->bound_count == 0)
        return bad(w, where, "the condition needs a bound such as gte: 10");
    if (!rules->may_bounds && model->bound_count > 0)
        return bad(w, where, "this type of correlation has no bounds");
    if (rules->fields == 0 && model->fields.count > 0)
        return bad(w, where, "this type of correlation looks at no field");
    if (rules->fields > 0 && model->fields.count == 0)
        return bad(w, where, "the condition needs a field");
    if (rules->fields == 1 && model->fields.count > 1)
        return bad(w, where, "the condition takes one field");
    return true;
}

/* ---- The whole ---- */

static bool read_type(struct work *w, struct hn_yaml_ref section, struct sigma_correlation *model)
{
    struct hn_yaml_ref ref = entry(section, "type");
    struct hn_text text = hn_yaml_text(ref);

    for (size_t i = 0; text.ptr != NULL && i < HN_COUNT_OF(type_rules); i++) {
        model->type = (enum sigma_correlation_type)i;
        if (hn_text_eq(text, hn_text_cstr(sigma_correlation_text(model->type))))
            return true;
    }
    if (text.ptr == NULL)
        return bad(w, section, "a correlation needs a type");
    issue_add(w, CODE_BAD_CORRELATION, sigma_place_of(w, ref), "no type of correlation \"%.*s\"",
            HN_TEXT_ARG(text));
    return false;
}

/* What only periodicity has. */
static bool read_rhythm(struct work *w, struct hn_yaml_ref section, struct sigma_correlation *model)
{
    struct hn_yaml_ref jitter = entry(section, "jitter");
    struct hn_yaml_ref burst = entry(section, "burst");
    struct sigma_number number;

    if (model->type != SIGMA_PERIODICITY) {
        if (jitter.yaml != NULL)
            return bad(w, jitter, "only periodicity has a jitter");
        if (burst.yaml != NULL)
            return bad(w, burst, "only periodicity has bursts");
        return true;
    }
    model->jitter = JITTER_DEFAULT;
    model->burst = BURST_DEFAULT < model->timespan ? BURST_DEFAULT : 0;
    if (jitter.yaml != NULL) {
        if (!sigma_number_of(hn_yaml_text(jitter), &number) || number.real < 0 || number.real > 1)
            return bad(w, jitter, "jitter goes from 0 to 1");
        model->jitter = number.real;
    }
    if (burst.yaml == NULL)
        return true;
    if (!sigma_timespan_read(w, burst, CODE_BAD_CORRELATION, "burst", &model->burst))
        return false;
    return model->burst < model->timespan || bad(w, burst, "a burst is shorter than the timespan");
}

static bool read_times(struct work *w, struct hn_yaml_ref section, struct sigma_correlation *model)
{
    struct hn_yaml_ref timespan = entry(section, "timespan");
    struct hn_yaml_ref learn = entry(section, "learn");

    if (timespan.yaml == NULL && type_rules[model->type].timespan)
        return bad(w, section, "a correlation needs a timespan");
    if (timespan.yaml != NULL &&
            !sigma_timespan_read(w, timespan, CODE_BAD_CORRELATION, "timespan", &model->timespan))
        return false;
    if (learn.yaml != NULL && model->type != SIGMA_FIRST_SEEN)
        return bad(w, learn, "only first_seen learns");
    if (learn.yaml != NULL &&
            !sigma_timespan_read(w, learn, CODE_BAD_CORRELATION, "learn", &model->learn))
        return false;
    return read_rhythm(w, section, model);
}

static bool read_generate(struct work *w, struct hn_yaml_ref ref, struct correlation_draft *draft)
{
    if (ref.yaml == NULL)
        return true;
    if (hn_yaml_bool(ref, &draft->generate))
        return true;
    return bad(w, ref, "generate is true or false");
}

static bool check_keys(struct work *w, struct hn_yaml_ref section)
{
    static const char *const keys[] = { "type", "rules", "aliases", "group-by", "timespan",
        "condition", "generate", "learn", "jitter", "burst" };
    struct hn_yaml_iter iter = hn_yaml_children(section);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    while (hn_yaml_next_pair(&iter, &key, &value)) {
        bool known = false;

        for (size_t i = 0; i < HN_COUNT_OF(keys); i++)
            known = known || hn_text_eq(hn_yaml_text(key), hn_text_cstr(keys[i]));
        if (!known) {
            issue_add(w, CODE_BAD_CORRELATION, sigma_place_of(w, key),
                    "a correlation has no \"%.*s\"", HN_TEXT_ARG(hn_yaml_text(key)));
            return false;
        }
    }
    return true;
}

void correlation_load(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta)
{
    struct hn_yaml_ref section = entry(root, "correlation");
    struct correlation_draft *draft = correlation_draft_add(w);
    struct sigma_correlation *model;

    if (draft == NULL)
        return;
    model = &draft->model;
    draft->rejected = true;
    draft->place = sigma_place_of(w, section);
    draft->root = root;
    model->meta = *meta;
    lint_meta(w, root, meta);
    if (!hn_yaml_is(section, HN_YAML_MAP)) {
        (void)bad(w, section, "correlation must be a map");
        return;
    }
    if (!check_keys(w, section) || !read_type(w, section, model) || !read_refs(w, section, draft) ||
            !read_times(w, section, model) || !read_aliases(w, section, draft) ||
            !sigma_read_texts(w, entry(section, "group-by"), CODE_BAD_CORRELATION, "group-by",
                    &model->group_by) ||
            !read_condition(w, section, draft) ||
            !read_generate(w, entry(section, "generate"), draft) ||
            !read_generate(w, entry(root, "generate"), draft))
        return;
    if (model->ref_count < type_rules[model->type].refs) {
        (void)bad(w, section,
                model->type == SIGMA_ABSENCE ? "absence needs a rule and one that is missing"
                                             : "a correlation needs rules");
        return;
    }
    if (model->group_by.count == 0 && model->type != SIGMA_ABSENCE)
        issue_add(w, CODE_CORRELATION_GROUP, draft->place,
                "without group-by all events count together");
    draft->rejected = !work_fine(w);
}
