/* set_mapping.c - the rules as the events of some sources need them.
 *
 * A pipeline may do more than give fields other names (conditions, values, log sources), and what
 * it does depends on the rule; so the rules are compiled once more for each different list of
 * pipelines, instead of renaming fields of events. Correlations stay one: hits of a mapping carry
 * the numbers that rules and values have in the set itself (docs/decisions/0012). */
#include "engine/set_compile.h"

#include "base/mem.h"

/* ---- Which there are ---- */

static bool has_mapping(const struct compiling *c, struct hn_text name)
{
    for (size_t i = 0; i < c->mappings.count; i++) {
        if (hn_text_eq(c->mappings.ptr[i].name, name))
            return true;
    }
    return false;
}

static struct hn_digest pipelines_of(const struct compiling *c, struct hn_text name)
{
    struct hn_digest digest = { 0, 0 };

    for (size_t i = 0; i < c->sources->file_count; i++) {
        const struct engine_set_file *file = &c->sources->files[i];

        if (file->kind == ENGINE_SET_MAPPING && hn_text_eq(file->columns, name))
            digest = hn_digest_join(digest, hn_digest_of(file->text.ptr, file->text.len));
    }
    return digest;
}

static enum hn_status add(struct compiling *c, struct hn_text name, struct judge_set *set)
{
    struct judge_mapping *mapping = hn_vec_add(&c->mappings);

    if (mapping == NULL) {
        judge_set_unref(set);
        return hn_fail(c->err, HN_NOMEM, 0, "mappings");
    }
    *mapping = (struct judge_mapping){ name, set };
    return HN_OK;
}

/* ---- One of them ---- */

static bool is_of_mapping(const struct compiling *m, struct hn_text file)
{
    for (size_t i = 0; i < m->sources->file_count; i++) {
        const struct engine_set_file *candidate = &m->sources->files[i];

        if (candidate->kind == ENGINE_SET_MAPPING && hn_text_eq(candidate->columns, m->mapping) &&
                hn_text_eq(candidate->name, file))
            return true;
    }
    return false;
}

static bool told_before(const struct compiling *c, const struct sigma_issue *issue)
{
    for (uint32_t i = 0; i < c->rules->issue_count; i++) {
        const struct sigma_issue *other = &c->rules->issues[i];

        if (other->place.line == issue->place.line &&
                hn_text_eq(other->place.file, issue->place.file) &&
                hn_text_eq(other->message, issue->message))
            return true;
    }
    return false;
}

/* A rule that only this mapping refuses is told; a pipeline that is wrong refuses the set: without
 * it the rules would look for fields that the source's events do not have, and find nothing. */
static enum hn_status tell_issue(
        struct compiling *c, struct compiling *m, const struct sigma_issue *issue)
{
    struct hn_buf message = { 0 };
    enum hn_status status;

    hn_buf_addf(
            &message, "%.*s (source %.*s)", HN_TEXT_ARG(issue->message), HN_TEXT_ARG(m->mapping));
    hn_buf_add_char(&message, '\0');
    if (!hn_buf_ok(&message)) {
        status = hn_fail(c->err, HN_NOMEM, 0, "mappings");
    } else if (is_of_mapping(m, issue->place.file)) {
        status = hn_fail_at(c->err, HN_SYNTAX, issue->place.line, 0, "%.*s: %s",
                HN_TEXT_ARG(hn_text_sub(issue->place.file, 0, 80)), message.ptr);
    } else {
        status = engine_set_complain(c, issue->place.file, issue->place.line, message.ptr);
    }
    hn_buf_deinit(&message);
    return status;
}

static enum hn_status tell_issues(struct compiling *c, struct compiling *m)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < m->rules->issue_count; i++) {
        const struct sigma_issue *issue = &m->rules->issues[i];

        if (issue->severity == SIGMA_REJECTED && !told_before(c, issue))
            status = tell_issue(c, m, issue);
    }
    return status;
}

static bool same_rule(const struct sigma_rule *a, const struct sigma_rule *b)
{
    return a->meta.place.line == b->meta.place.line &&
           a->meta.place.column == b->meta.place.column &&
           hn_text_eq(a->meta.place.file, b->meta.place.file);
}

/* Both lists are in the order of the sources, and differ in what was rejected. */
static uint32_t *number_rules(const struct sigma_set *rules, const struct sigma_set *mapped)
{
    uint32_t *rule_of = hn_calloc((size_t)mapped->rule_count + 1, sizeof *rule_of);
    uint32_t from = 0;

    for (uint32_t i = 0; rule_of != NULL && i < mapped->rule_count; i++) {
        uint32_t k = from;

        while (k < rules->rule_count && !same_rule(&rules->rules[k], &mapped->rules[i]))
            k++;
        rule_of[i] = k < rules->rule_count ? k : CORRELATE_RULE_NONE;
        if (k < rules->rule_count)
            from = k + 1;
    }
    return rule_of;
}

static enum hn_status check_correlations(
        struct compiling *c, const struct compiling *m, const uint32_t *rule_of)
{
    if (c->rules->correlation_count == m->rules->correlation_count &&
            (c->plan == NULL || correlate_plan_is_like(c->plan, m->plan, rule_of)))
        return HN_OK;
    return hn_fail(c->err, HN_UNSUPPORTED, 0,
            "the pipelines of source %.*s refuse what a correlation refers to, or do not leave "
            "each "
            "field it needs exactly one name",
            HN_TEXT_ARG(m->mapping));
}

static enum hn_status make(struct compiling *c, struct compiling *m, struct judge_set **ret_set)
{
    struct judge_set_options options = { .snapshot = m->snapshot,
        .plan = m->plan,
        .iocs = c->iocs,
        .level_min = c->sources->level_min,
        .digest = engine_set_digest(c->sources) };
    uint32_t *rule_of = number_rules(c->rules, m->rules);
    enum hn_status status = rule_of == NULL ? hn_fail(c->err, HN_NOMEM, 0, "mappings")
                                            : check_correlations(c, m, rule_of);

    options.rule_of = rule_of;
    if (status == HN_OK) {
        *ret_set = judge_set_new(&options);
        status = *ret_set == NULL ? hn_fail(c->err, HN_NOMEM, 0, "mappings") : HN_OK;
    }
    if (status == HN_OK)
        m->plan = NULL; /* the set's now */
    hn_free(rule_of);
    return status;
}

/* Lists of placeholders are the set's. */
static enum hn_status compile(struct compiling *c, struct hn_text name)
{
    struct compiling m = {
        .sources = c->sources, .check = c->check, .mapping = name, .err = c->err
    };
    struct judge_set *set = NULL;
    enum hn_status status;

    m.lists_of = c;
    status = engine_set_load_rules(&m);
    if (status == HN_OK)
        status = tell_issues(c, &m);
    if (status == HN_OK)
        status = engine_set_compile_rules(&m);
    if (status == HN_OK)
        status = make(c, &m, &set);
    engine_set_compiling_end(&m);
    return status == HN_OK ? add(c, name, set) : status;
}

/* Sources with the same pipelines share what was compiled. */
static enum hn_status add_one(struct compiling *c, struct hn_text name)
{
    struct hn_digest digest = pipelines_of(c, name);

    if (name.len == 0)
        return hn_fail(c->err, HN_SYNTAX, 0, "a mapping has no name");
    if (c->mappings.count == ENGINE_MAPPINGS_MAX)
        return hn_fail(
                c->err, HN_LIMIT, 0, "more than %u sources with pipelines", ENGINE_MAPPINGS_MAX);
    for (size_t i = 0; i < c->mappings.count; i++) {
        if (hn_digest_eq(digest, pipelines_of(c, c->mappings.ptr[i].name)))
            return add(c, name, judge_set_ref(c->mappings.ptr[i].set));
    }
    return compile(c, name);
}

enum hn_status engine_set_add_mappings(struct compiling *c)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < c->sources->file_count; i++) {
        const struct engine_set_file *file = &c->sources->files[i];

        if (file->kind == ENGINE_SET_MAPPING && !has_mapping(c, file->columns))
            status = add_one(c, file->columns);
    }
    return status;
}
