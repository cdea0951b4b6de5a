/* set_compile.c - sources into a set that judges.
 *
 * Leaves to others: where sources come from (configuration, folders, the API), and what is right in
 * a rule or a list of indicators (sigma, ioc). */
#include "engine/set_compile.h"

#include "base/mem.h"

enum hn_status engine_set_complain(
        struct compiling *c, struct hn_text file, uint32_t line, const char *message)
{
    struct engine_set_issue issue = { file, line, message };

    if (c->check != NULL && c->check->on_issue != NULL)
        c->check->on_issue(c->check->ctx, &issue);
    if (c->check == NULL || !c->check->strict)
        return HN_OK;
    return hn_fail_at(c->err, HN_SYNTAX, line, 0, "%.*s: %s", file.len > 80 ? 80 : (int)file.len,
            file.ptr, message);
}

/* ---- Lists of placeholders ---- */

/* One value a line; # starts a comment line. */
static bool next_value(struct hn_text *rest, struct hn_text *ret_value)
{
    while (hn_text_line(rest, ret_value)) {
        *ret_value = hn_text_trim(*ret_value);
        if (ret_value->len > 0 && ret_value->ptr[0] != '#')
            return true;
    }
    return false;
}

static enum hn_status add_list(struct compiling *c, const struct engine_set_file *file)
{
    struct hn_text rest = file->text;
    size_t first = c->values.count;
    struct sigma_list *list;
    struct hn_text value;

    while (next_value(&rest, &value)) {
        struct hn_text *slot = hn_vec_add(&c->values);

        if (slot == NULL)
            return hn_fail(c->err, HN_NOMEM, 0, "a list");
        *slot = value;
    }
    list = hn_vec_add(&c->lists);
    if (list == NULL)
        return hn_fail(c->err, HN_NOMEM, 0, "a list");
    list->name = file->name;
    list->values.count = (uint32_t)(c->values.count - first); /* ptr follows in add_lists() */
    return HN_OK;
}

static enum hn_status add_lists(struct compiling *c)
{
    enum hn_status status = HN_OK;
    size_t at = 0;

    for (size_t i = 0; status == HN_OK && i < c->sources->file_count; i++) {
        if (c->sources->files[i].kind == ENGINE_SET_LIST)
            status = add_list(c, &c->sources->files[i]);
    }
    for (size_t i = 0; i < c->lists.count; i++) {
        c->lists.ptr[i].values.ptr = c->values.ptr + at;
        at += c->lists.ptr[i].values.count;
    }
    return status;
}

/* ---- Rules ---- */

static bool is_mapping(const struct compiling *c, const struct engine_set_file *file)
{
    return c->mapping.len > 0 && file->kind == ENGINE_SET_MAPPING &&
           hn_text_eq(file->columns, c->mapping);
}

static enum hn_status add_rule_file(
        struct compiling *c, struct sigma_loader *loader, const struct engine_set_file *file)
{
    struct hn_err err = { 0 };
    enum hn_status status = HN_OK;

    if (file->kind == ENGINE_SET_RULES)
        status = sigma_loader_add_text(loader, file->name, file->text, &err);
    else if (file->kind == ENGINE_SET_PIPELINE || is_mapping(c, file))
        status = sigma_loader_add_pipeline(loader, file->name, file->text, &err);
    if (status == HN_OK)
        return HN_OK;
    if (status == HN_NOMEM)
        return hn_fail(c->err, HN_NOMEM, 0, "rules");
    return engine_set_complain(c, file->name, err.line, err.msg);
}

static enum hn_status tell_issues(struct compiling *c)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; i < c->rules->issue_count; i++) {
        const struct sigma_issue *issue = &c->rules->issues[i];
        struct hn_buf message = { 0 };
        enum hn_status told;

        if (issue->severity != SIGMA_REJECTED)
            continue;
        hn_buf_add_text(&message, issue->message);
        hn_buf_add_char(&message, '\0');
        told = hn_buf_ok(&message)
                       ? engine_set_complain(c, issue->place.file, issue->place.line, message.ptr)
                       : HN_NOMEM;
        hn_buf_deinit(&message);
        if (status == HN_OK)
            status = told;
    }
    return status;
}

enum hn_status engine_set_load_rules(struct compiling *c)
{
    const struct compiling *owner = c->lists_of == NULL ? c : c->lists_of;
    struct sigma_options options = { .lists = owner->lists.ptr,
        .list_count = (uint32_t)owner->lists.count };
    struct sigma_loader *loader = sigma_loader_new(&options);
    enum hn_status status = loader == NULL ? HN_NOMEM : HN_OK;

    for (size_t i = 0; status == HN_OK && i < c->sources->file_count; i++)
        status = add_rule_file(c, loader, &c->sources->files[i]);
    if (status == HN_OK)
        status = sigma_loader_finish(loader, &c->rules, c->err);
    sigma_loader_free(loader);
    return status == HN_OK && c->mapping.len == 0 ? tell_issues(c) : status;
}

static bool is_called(const struct sigma_meta *meta, struct hn_text name)
{
    return hn_text_eq_nocase(meta->id, name) ||
           (meta->id.len == 0 && hn_text_eq(meta->title, name));
}

static enum hn_status disable(struct compiling *c, const struct engine_set_file *file)
{
    struct hn_text rest = file->text;
    struct hn_text name;

    if (c->enabled == NULL) {
        c->enabled = hn_malloc(c->rules->rule_count + 1);
        if (c->enabled == NULL)
            return hn_fail(c->err, HN_NOMEM, 0, "rules");
        memset(c->enabled, true, c->rules->rule_count + 1);
    }
    while (next_value(&rest, &name)) {
        for (uint32_t i = 0; i < c->rules->rule_count; i++) {
            if (is_called(&c->rules->rules[i].meta, name))
                c->enabled[i] = false;
        }
    }
    return HN_OK;
}

/* ---- Indicators ---- */

static enum hn_status add_indicators(
        struct compiling *c, struct ioc_builder *builder, const struct engine_set_file *file)
{
    struct ioc_input input = { .name = file->name,
        .bytes = hn_text_as_bytes(file->text),
        .format = file->kind == ENGINE_SET_WARNINGLIST ? IOC_FORMAT_WARNINGLIST : IOC_FORMAT_AUTO,
        .columns = file->columns };
    struct ioc_report report = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status = ioc_load(builder, &input, &report, &err);

    ioc_report_deinit(&report);
    if (status == HN_OK)
        return HN_OK;
    if (status == HN_NOMEM)
        return hn_fail(c->err, HN_NOMEM, 0, "indicators");
    return engine_set_complain(c, file->name, err.line, err.msg);
}

static enum hn_status load_kind(
        struct compiling *c, struct ioc_builder *builder, enum engine_set_kind kind)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < c->sources->file_count; i++) {
        if (c->sources->files[i].kind == kind)
            status = add_indicators(c, builder, &c->sources->files[i]);
    }
    return status;
}

static bool has_kind(const struct compiling *c, enum engine_set_kind kind)
{
    for (size_t i = 0; i < c->sources->file_count; i++) {
        if (c->sources->files[i].kind == kind)
            return true;
    }
    return false;
}

static enum hn_status load_indicators(struct compiling *c)
{
    struct ioc_builder *builder;
    enum hn_status status;

    if (!has_kind(c, ENGINE_SET_INDICATORS))
        return HN_OK;
    builder = ioc_builder_new(NULL);
    if (builder == NULL)
        return hn_fail(c->err, HN_NOMEM, 0, "indicators");
    status = load_kind(c, builder, ENGINE_SET_WARNINGLIST);
    if (status == HN_OK)
        status = load_kind(c, builder, ENGINE_SET_INDICATORS);
    if (status == HN_OK)
        status = ioc_seal(builder, &c->iocs, c->err);
    ioc_builder_free(builder);
    return status;
}

/* ---- The set ---- */

static enum hn_status bind_plan(void *ctx, struct hn_schema *schema)
{
    struct compiling *c = ctx;

    return correlate_plan_bind(c->plan, schema);
}

enum hn_status engine_set_compile_rules(struct compiling *c)
{
    struct match_options match = { .want_context = true };
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < c->sources->file_count; i++) {
        if (c->sources->files[i].kind == ENGINE_SET_DISABLED)
            status = disable(c, &c->sources->files[i]);
    }
    match.enabled = c->enabled;
    if (status == HN_OK && c->rules->correlation_count > 0) {
        match.on_schema = bind_plan;
        match.ctx = c;
        status = correlate_plan_new(c->rules, NULL, &c->plan, c->err);
    }
    return status == HN_OK ? match_snapshot_new(c->rules, &match, &c->snapshot, c->err) : status;
}

static enum hn_status make_set(struct compiling *c, struct judge_set **ret_set)
{
    struct judge_set_options options = { .snapshot = c->snapshot,
        .plan = c->plan,
        .iocs = c->iocs,
        .level_min = c->sources->level_min,
        .digest = engine_set_digest(c->sources),
        .mappings = c->mappings.ptr,
        .mapping_count = c->mappings.count };

    *ret_set = judge_set_new(&options);
    if (*ret_set == NULL)
        return hn_fail(c->err, HN_NOMEM, 0, "a set of rules");
    c->plan = NULL; /* the set's now */
    return HN_OK;
}

void engine_set_compiling_end(struct compiling *c)
{
    for (size_t i = 0; i < c->mappings.count; i++)
        judge_set_unref(c->mappings.ptr[i].set);
    hn_vec_deinit(&c->mappings);
    correlate_plan_free(c->plan); /* before the rules it borrows */
    match_snapshot_unref(c->snapshot);
    sigma_set_unref(c->rules);
    ioc_set_unref(c->iocs);
    hn_free(c->enabled);
    hn_vec_deinit(&c->lists);
    hn_vec_deinit(&c->values);
}

enum hn_status engine_set_compile(const struct engine_set_sources *sources,
        const struct engine_set_check *check, struct judge_set **ret_set, struct hn_err *err)
{
    struct compiling c = { .sources = sources, .check = check, .mapping = HN_TEXT(""), .err = err };
    enum hn_status status;

    if (sources->file_count > ENGINE_SET_FILES_MAX)
        return hn_fail(err, HN_LIMIT, 0, "more than %u files", ENGINE_SET_FILES_MAX);
    status = add_lists(&c);
    if (status == HN_OK)
        status = engine_set_load_rules(&c);
    if (status == HN_OK)
        status = engine_set_compile_rules(&c);
    if (status == HN_OK)
        status = load_indicators(&c);
    if (status == HN_OK)
        status = engine_set_add_mappings(&c);
    if (status == HN_OK)
        status = make_set(&c, ret_set);
    engine_set_compiling_end(&c);
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "%s", hn_status_text(status));
}
