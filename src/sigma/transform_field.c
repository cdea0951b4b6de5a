/* transform_field.c - names of fields: mapped, prefixed, changed by a function; and the list of
 * fields a rule shows. */
#include "sigma/sigma_transform.h"

/* ---- Parameters ---- */

bool transform_read_mapping(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_yaml_ref mapping = hn_yaml_get(ref, HN_TEXT("mapping"));

    return mapping.yaml == NULL ? pipeline_fail(w, ref, "\"mapping\" is missing")
                                : sigma_mapping_read(w, mapping, &item->mapping);
}

bool transform_read_function(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_yaml_ref mapping = hn_yaml_get(ref, HN_TEXT("mapping"));

    if (!sigma_param_text(w, ref, "transform_func", true, &item->method) ||
            !sigma_param_bool(w, ref, "apply_keyword", &item->other_flag) ||
            (mapping.yaml != NULL && !sigma_mapping_read(w, mapping, &item->mapping)))
        return false;
    return sigma_words_have(" lower upper title snake_case ", item->method) ||
           pipeline_fail(w, ref, "transform_func is lower, upper, title or snake_case");
}

bool transform_read_suffix(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    return sigma_param_text(w, ref, "suffix", true, &item->text);
}

bool transform_read_prefix(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    return sigma_param_text(w, ref, "prefix", true, &item->text);
}

bool transform_read_field(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    return sigma_param_texts(w, ref, "field", true, &item->texts);
}

bool transform_read_fields(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    return sigma_param_texts(w, ref, "fields", true, &item->texts);
}

/* ---- New names ---- */

/* One name, made up, in the set's memory. */
static bool one_name(
        struct pipeline_run *run, struct hn_text name, const struct sigma_texts **ret_names)
{
    struct sigma_texts *names = hn_new(run->w->scratch, struct sigma_texts, 1);
    struct hn_text *text = hn_new(run->w->keep, struct hn_text, 1);

    if (names == NULL || text == NULL || name.ptr == NULL)
        return work_nomem(run->w, run->w->keep);
    *text = name;
    names->ptr = text;
    names->count = 1;
    *ret_names = names;
    return true;
}

static struct hn_text joined(struct pipeline_run *run, struct hn_text a, struct hn_text b)
{
    char *text = hn_arena_raw(run->w->keep, a.len + b.len, 1);

    if (text == NULL)
        return hn_text_of(NULL, 0);
    memcpy(text, a.ptr, a.len);
    memcpy(text + a.len, b.ptr, b.len);
    return hn_text_of(text, a.len + b.len);
}

struct hn_text transform_dotted(
        struct pipeline_run *run, struct hn_text prefix, struct hn_text name)
{
    struct hn_text dotted = joined(run, prefix, HN_TEXT("."));

    if (dotted.ptr != NULL)
        dotted = joined(run, dotted, name);
    if (dotted.ptr == NULL)
        (void)work_nomem(run->w, run->w->keep);
    return dotted;
}

bool transform_map_name(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts **ret_names)
{
    const struct mapping_entry *entry = sigma_mapping_find(&item->mapping, field);

    (void)run;
    if (entry != NULL)
        *ret_names = &entry->to;
    return true;
}

bool transform_map_prefix(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts **ret_names)
{
    for (uint32_t i = 0; field.ptr != NULL && i < item->mapping.count; i++) {
        const struct mapping_entry *entry = &item->mapping.entries[i];
        struct sigma_texts *names;

        if (entry->from.ptr == NULL || !hn_text_starts(field, entry->from))
            continue;
        names = hn_new(run->w->scratch, struct sigma_texts, 1);
        if (names == NULL)
            return work_nomem(run->w, run->w->scratch);
        names->ptr = hn_new(run->w->keep, struct hn_text, entry->to.count);
        if (names->ptr == NULL)
            return work_nomem(run->w, run->w->keep);
        for (uint32_t k = 0; k < entry->to.count; k++) {
            names->ptr[k] =
                    joined(run, entry->to.ptr[k], hn_text_sub(field, entry->from.len, field.len));
            if (names->ptr[k].ptr == NULL)
                return work_nomem(run->w, run->w->keep);
        }
        names->count = entry->to.count;
        *ret_names = names;
        return true;
    }
    return true;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

/* Python's str.lower(), upper(), title() for ASCII, and pySigma's snake case: '_' before each
 * capital but the first, then lower. */
static struct hn_text apply_function(
        struct pipeline_run *run, struct hn_text field, struct hn_text function)
{
    char *text = hn_arena_raw(run->w->keep, field.len * 2, 1);
    size_t len = 0;

    for (size_t i = 0; text != NULL && i < field.len; i++) {
        char c = field.ptr[i];
        bool first = i == 0 || !is_letter(field.ptr[i - 1]);

        if (hn_text_eq(function, HN_TEXT("upper"))) {
            c = upper(c);
        } else if (hn_text_eq(function, HN_TEXT("title"))) {
            c = first ? upper(c) : lower(c);
        } else {
            if (hn_text_eq(function, HN_TEXT("snake_case")) && i > 0 && c >= 'A' && c <= 'Z')
                text[len++] = '_';
            c = lower(c);
        }
        text[len++] = c;
    }
    return hn_text_of(text, len);
}

bool transform_function(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts **ret_names)
{
    const struct mapping_entry *entry;

    if (field.ptr == NULL)
        return true; /* keywords have no name to change */
    entry = sigma_mapping_find(&item->mapping, field);
    if (entry != NULL) {
        *ret_names = &entry->to;
        return true;
    }
    return one_name(run, apply_function(run, field, item->method), ret_names);
}

bool transform_suffix(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts **ret_names)
{
    return field.ptr == NULL || one_name(run, joined(run, field, item->text), ret_names);
}

bool transform_prefix(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts **ret_names)
{
    return field.ptr == NULL || one_name(run, joined(run, item->text, field), ret_names);
}

/* ---- Detection items ---- */

/* Field references are fields as well; one that becomes several is several alternatives. */
static bool rename_references(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_item *draft)
{
    uint32_t count = draft->value_count;

    for (uint32_t i = 0; i < count; i++) {
        const struct sigma_texts *names = NULL;

        if (draft->values[i].kind != DRAFT_FIELDREF)
            continue;
        if (!pipeline_rename(run, item, draft->values[i].field, &names))
            return false;
        run->changed = run->changed || names != NULL;
        for (uint32_t k = 0; names != NULL && k < names->count; k++) {
            struct draft_value *value =
                    k == 0 ? &draft->values[i]
                           : sigma_draft_item_add(run->w, draft, &draft->values[i]);

            if (value == NULL)
                return false;
            value->field = names->ptr[k];
        }
    }
    return true;
}

/* What is searched everywhere is searched anywhere in the field. */
static bool keyword_to_field(struct pipeline_run *run, struct draft_item *draft)
{
    for (uint32_t i = 0; i < draft->value_count; i++) {
        struct draft_value *value = &draft->values[i];
        struct string_builder b = string_builder_over(run->w);

        if (value->kind != DRAFT_STRING)
            continue;
        string_builder_add(&b, DRAFT_MANY, hn_text_of(NULL, 0));
        for (uint32_t k = 0; k < value->string.count; k++)
            string_builder_add(&b, value->string.parts[k].kind, value->string.parts[k].text);
        string_builder_add(&b, DRAFT_MANY, hn_text_of(NULL, 0));
        if (!string_builder_end(&b, &value->string))
            return false;
    }
    draft->keyword = false;
    return true;
}

struct draft_item *transform_new_item(
        struct pipeline_run *run, struct draft_node *parent, const struct draft_item *like)
{
    struct draft_node *node = sigma_draft_node_add(run->w, run->rule, SIGMA_ITEM);
    struct draft_item *item = hn_new(run->w->scratch, struct draft_item, 1);

    if (node == NULL || item == NULL || !sigma_draft_node_adopt(run->w, parent, node)) {
        (void)work_nomem(run->w, run->w->scratch);
        return NULL;
    }
    *item = *like;
    item->values = NULL;
    item->value_count = 0;
    item->value_room = 0;
    node->item = item;
    return item;
}

bool transform_replace_node(
        struct pipeline_run *run, struct draft_node *node, const struct draft_node *by)
{
    struct draft_node *child;

    run->changed = true;
    if (!node->item->negated) {
        node->kind = by->kind;
        node->children = by->children;
        node->count = by->count;
        node->room = by->room;
        node->item = NULL;
        return true;
    }
    node->kind = SIGMA_NOT;
    node->item = NULL;
    child = sigma_draft_node_add(run->w, run->rule, by->kind);
    if (child == NULL)
        return false;
    for (uint32_t i = 0; i < by->count; i++) {
        if (!sigma_draft_node_adopt(run->w, child, by->children[i]))
            return false;
    }
    return sigma_draft_node_adopt(run->w, node, child);
}

/* The item under each of several names, joined by OR. */
static bool spread(
        struct pipeline_run *run, struct draft_node *node, const struct sigma_texts *names)
{
    const struct draft_item *original = node->item;

    node->kind = SIGMA_OR;
    node->item = NULL;
    if (names->count == 0)
        node->dropped = true;
    for (uint32_t i = 0; i < names->count; i++) {
        struct draft_item *item = transform_new_item(run, node, original);

        if (item == NULL)
            return false;
        item->field = names->ptr[i];
        item->values = hn_new(run->w->scratch, struct draft_value, original->value_count);
        if (item->values == NULL)
            return work_nomem(run->w, run->w->scratch);
        memcpy(item->values, original->values, original->value_count * sizeof *original->values);
        item->value_count = original->value_count;
        item->value_room = original->value_count;
    }
    return true;
}

bool transform_rename(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    struct draft_item *draft = node->item;
    struct hn_text field = draft->keyword ? hn_text_of(NULL, 0) : draft->field;
    const struct sigma_texts *names = NULL;

    if (!rename_references(run, item, draft))
        return false;
    if (!sigma_field_conditions_hold(run, &item->field_conditions, field, draft))
        return true;
    if (!item->type->field(run, item, field, &names))
        return false;
    if (names == NULL)
        return true;
    run->changed = true;
    if (draft->keyword && !keyword_to_field(run, draft))
        return false;
    if (field.ptr != NULL && !sigma_applied_add(run->w, &run->mapped, field))
        return false;
    for (uint32_t i = 0; i < names->count; i++) {
        if (!sigma_applied_add(run->w, &run->mapped, names->ptr[i]))
            return false;
    }
    if (names->count != 1)
        return spread(run, node, names);
    draft->field = names->ptr[0];
    return true;
}

/* ---- Fields of the rule ---- */

static bool set_list(struct pipeline_run *run, const struct sigma_texts *first,
        const struct sigma_texts *second, const struct sigma_texts *without)
{
    struct hn_text *list = hn_new(run->w->keep, struct hn_text,
            (size_t)first->count + (second == NULL ? 0 : second->count));
    uint32_t count = 0;

    if (list == NULL)
        return work_nomem(run->w, run->w->keep);
    for (uint32_t i = 0; i < first->count; i++) {
        bool gone = false;

        for (uint32_t k = 0; without != NULL && k < without->count; k++)
            gone = gone || hn_text_eq(first->ptr[i], without->ptr[k]);
        if (!gone)
            list[count++] = first->ptr[i];
    }
    for (uint32_t i = 0; second != NULL && i < second->count; i++)
        list[count++] = second->ptr[i];
    run->meta->fields = (struct sigma_texts){ list, count };
    return true;
}

bool transform_add_field(struct pipeline_run *run, const struct pipeline_item *item)
{
    return set_list(run, &run->meta->fields, &item->texts, NULL);
}

bool transform_remove_field(struct pipeline_run *run, const struct pipeline_item *item)
{
    return set_list(run, &run->meta->fields, NULL, &item->texts);
}

bool transform_set_field(struct pipeline_run *run, const struct pipeline_item *item)
{
    return set_list(run, &item->texts, NULL, NULL);
}
