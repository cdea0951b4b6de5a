/* meta.c - what a document says about itself: title, id, level, tags, ...
 *
 * Metadata never decides what fires, so what is wrong with it is a warning; lint_meta.c looks at
 * its form. */
#include "sigma/sigma_internal.h"

#include "base/utf.h"

static struct hn_yaml_ref entry(struct hn_yaml_ref root, const char *key)
{
    return hn_yaml_get(root, hn_text_cstr(key));
}

static void read_status(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta)
{
    struct hn_yaml_ref ref = entry(root, "status");
    struct hn_text text;

    if (!sigma_read_text(w, ref, CODE_BAD_STATUS, "status", &text) || text.len == 0)
        return;
    for (enum sigma_rule_status status = SIGMA_RULE_UNSUPPORTED; status <= SIGMA_RULE_STABLE;
            status++) {
        if (hn_text_eq_nocase(text, hn_text_cstr(sigma_rule_status_text(status))))
            meta->status = status;
    }
    if (meta->status == SIGMA_RULE_STATUS_NONE)
        issue_add(w, CODE_BAD_STATUS, sigma_place_of(w, ref), "no status \"%.*s\"",
                HN_TEXT_ARG(text));
}

static void read_level(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta)
{
    struct hn_yaml_ref ref = entry(root, "level");
    struct hn_text text;

    if (!sigma_read_text(w, ref, CODE_BAD_LEVEL, "level", &text) || text.len == 0)
        return;
    meta->level = sigma_level_of(text);
    if (meta->level == SIGMA_LEVEL_NONE)
        issue_add(
                w, CODE_BAD_LEVEL, sigma_place_of(w, ref), "no level \"%.*s\"", HN_TEXT_ARG(text));
}

static void read_related(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta)
{
    static const char *const types[] = { "derived", "obsolete", "obsoletes", "merged", "renamed",
        "similar", "correlation" };
    struct hn_yaml_ref related = entry(root, "related");
    struct hn_yaml_iter iter = hn_yaml_children(related);
    struct hn_yaml_ref item;

    if (related.yaml == NULL || hn_yaml_is(related, HN_YAML_SCALAR))
        return;
    meta->related.ptr = hn_new(w->keep, struct hn_text, hn_yaml_count(related));
    if (meta->related.ptr == NULL) {
        (void)work_nomem(w, w->keep);
        return;
    }
    while (hn_yaml_is(related, HN_YAML_LIST) && hn_yaml_next(&iter, &item)) {
        struct hn_text id = hn_yaml_text(entry(item, "id"));
        struct hn_text type = hn_yaml_text(entry(item, "type"));
        bool known = false;

        for (size_t i = 0; i < HN_COUNT_OF(types); i++)
            known = known || (type.ptr != NULL && hn_text_eq(type, hn_text_cstr(types[i])));
        if (id.ptr == NULL || !known)
            issue_add(w, CODE_BAD_RELATED, sigma_place_of(w, item),
                    "related needs an id and a type (derived, obsolete, merged, renamed, similar)");
        if (id.ptr != NULL)
            meta->related.ptr[meta->related.count++] = id;
    }
}

void meta_read(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta)
{
    static const struct {
        const char *key;
        size_t offset;
        bool list;
    } fields[] = {
        { "name", offsetof(struct sigma_meta, name), false },
        { "description", offsetof(struct sigma_meta, description), false },
        { "author", offsetof(struct sigma_meta, author), false },
        { "date", offsetof(struct sigma_meta, date), false },
        { "modified", offsetof(struct sigma_meta, modified), false },
        { "license", offsetof(struct sigma_meta, license), false },
        { "taxonomy", offsetof(struct sigma_meta, taxonomy), false },
        { "references", offsetof(struct sigma_meta, references), true },
        { "tags", offsetof(struct sigma_meta, tags), true },
        { "falsepositives", offsetof(struct sigma_meta, falsepositives), true },
        { "fields", offsetof(struct sigma_meta, fields), true },
        { "scope", offsetof(struct sigma_meta, scope), true },
    };

    memset(meta, 0, sizeof *meta);
    meta->place = sigma_place_of(w, root);
    /* First what names the document in its own issues. */
    if (sigma_read_text(w, entry(root, "title"), CODE_BAD_META, "title", &meta->title))
        w->title = meta->title;
    if (sigma_read_text(w, entry(root, "id"), CODE_BAD_ID, "id", &meta->id))
        w->id = meta->id;
    for (size_t i = 0; i < HN_COUNT_OF(fields); i++) {
        void *field = (char *)meta + fields[i].offset;
        struct hn_yaml_ref ref = entry(root, fields[i].key);

        if (fields[i].list)
            (void)sigma_read_texts(w, ref, CODE_BAD_META, fields[i].key, field);
        else
            (void)sigma_read_text(w, ref, CODE_BAD_META, fields[i].key, field);
    }
    read_status(w, root, meta);
    read_level(w, root, meta);
    read_related(w, root, meta);
    context_read(w, entry(root, "hinomi"), &meta->context);
}

/* ---- Log source ---- */

/* Labels compare exactly, and those of events are in lower case. */
static bool read_label(
        struct work *w, struct hn_yaml_ref logsource, const char *key, struct hn_text *ret_label)
{
    struct hn_yaml_ref ref = entry(logsource, key);
    struct hn_text text;
    char *lower;

    if (!sigma_read_text(w, ref, CODE_NO_LOGSOURCE, key, &text))
        return false;
    *ret_label = text;
    if (text.len == 0)
        return true;
    lower = hn_arena_raw(w->keep, text.len, 1);
    if (lower == NULL)
        return work_nomem(w, w->keep);
    hn_lower_ascii(text, lower);
    *ret_label = hn_text_of(lower, text.len);
    if (!hn_text_eq(*ret_label, text))
        issue_add(
                w, CODE_LOGSOURCE_FORM, sigma_place_of(w, ref), "%s is written in lower case", key);
    return true;
}

bool sigma_logsource_read(struct work *w, struct hn_yaml_ref root,
        struct hn_logsource *ret_logsource, struct hn_text *ret_definition)
{
    struct hn_yaml_ref ref = entry(root, "logsource");

    memset(ret_logsource, 0, sizeof *ret_logsource);
    if (!hn_yaml_is(ref, HN_YAML_MAP)) {
        issue_add(w, CODE_NO_LOGSOURCE,
                ref.yaml == NULL ? sigma_place_of(w, root) : sigma_place_of(w, ref),
                ref.yaml == NULL ? "there is no logsource" : "logsource must be a map");
        return false;
    }
    if (!read_label(w, ref, "product", &ret_logsource->product) ||
            !read_label(w, ref, "category", &ret_logsource->category) ||
            !read_label(w, ref, "service", &ret_logsource->service))
        return false;
    (void)sigma_read_text(w, entry(ref, "definition"), CODE_BAD_META, "definition", ret_definition);
    if (ret_logsource->product.len + ret_logsource->category.len + ret_logsource->service.len ==
            0) {
        issue_add(w, CODE_NO_LOGSOURCE, sigma_place_of(w, ref),
                "logsource names no product, category or service");
        return false;
    }
    return true;
}
