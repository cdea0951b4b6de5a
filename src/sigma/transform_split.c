/* transform_split.c - hashes_fields and extract_fields: one item becomes items on fields that its
 * values name ("SHA1=..." is the field SHA1). */
#include "sigma/sigma_transform.h"

#include "base/utf.h"

/* ---- Making items ---- */

/* The item's values made plain, with no modifiers behind them any more. */
static struct draft_item *bare_item(struct pipeline_run *run, struct draft_node *parent,
        const struct draft_item *like, struct hn_text field)
{
    struct draft_item *item = transform_new_item(run, parent, like);

    if (item == NULL)
        return NULL;
    item->field = field;
    item->keyword = false;
    item->all = false;
    item->negated = false;
    return item;
}

static bool add_value(struct pipeline_run *run, struct draft_item *item,
        const struct draft_value *like, const struct draft_value *content)
{
    struct draft_value *value = sigma_draft_item_add(run->w, item, like);

    if (value == NULL)
        return false;
    value->kind = content->kind;
    value->string = content->string;
    value->number = content->number;
    value->origin = item->value_count - 1;
    return true;
}

static bool all_strings(const struct draft_item *item)
{
    for (uint32_t i = 0; i < item->value_count; i++) {
        if (item->values[i].kind != DRAFT_STRING)
            return false;
    }
    return true;
}

/* ---- hashes_fields ---- */

bool transform_read_hashes(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    static struct hn_text fields[] = { HN_TEXT_INIT("Hashes"), HN_TEXT_INIT("Hash") };

    if (!sigma_param_texts(w, ref, "valid_hash_algos", true, &item->texts) ||
            !sigma_param_text(w, ref, "field_prefix", false, &item->text) ||
            !sigma_param_bool(w, ref, "drop_algo_prefix", &item->flag) ||
            !sigma_param_texts(w, ref, "field_to_parse", false, &item->sources))
        return false;
    if (item->sources.count == 0)
        item->sources = (struct sigma_texts){ fields, HN_COUNT_OF(fields) };
    return true;
}

static bool listed(const struct sigma_texts *texts, struct hn_text text)
{
    for (uint32_t i = 0; i < texts->count; i++) {
        if (hn_text_eq(texts->ptr[i], text))
            return true;
    }
    return false;
}

static struct hn_text strip(struct hn_text text, const char *characters)
{
    while (text.len > 0 && text.ptr[0] != 0 && strchr(characters, text.ptr[0]) != NULL)
        text = hn_text_sub(text, 1, text.len);
    while (text.len > 0 && text.ptr[text.len - 1] != 0 &&
            strchr(characters, text.ptr[text.len - 1]) != NULL)
        text.len--;
    return text;
}

/* The algorithm by the length of its digest in hexadecimal. */
static struct hn_text by_length(size_t len)
{
    switch (len) {
    case 32:
        return HN_TEXT("MD5");
    case 40:
        return HN_TEXT("SHA1");
    case 64:
        return HN_TEXT("SHA256");
    case 128:
        return HN_TEXT("SHA512");
    default:
        return HN_TEXT("");
    }
}

/* "SHA1=abc", "SHA1|abc", "*SHA1=abc*", "abc". False: no algorithm of the list. */
static bool split_hash(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text text, struct hn_text *ret_algorithm, struct hn_text *ret_hash)
{
    char sign = hn_text_find_char(text, '|', 0) != SIZE_MAX ? '|' : '=';
    size_t at = hn_text_find_char(text, sign, 0);
    char *upper;

    if (at == SIZE_MAX || hn_text_find_char(text, sign, at + 1) != SIZE_MAX) {
        *ret_hash = strip(hn_text_sub(text, 0, at == SIZE_MAX ? text.len : at), "*?");
        *ret_algorithm = by_length(ret_hash->len);
        return listed(&item->texts, *ret_algorithm);
    }
    *ret_hash = strip(hn_text_sub(text, at + 1, text.len), "*?");
    text = hn_text_sub(text, 0, at);
    while (text.len > 0 && text.ptr[0] == '*')
        text = hn_text_sub(text, 1, text.len);
    upper = hn_arena_raw(run->w->keep, text.len, 1);
    if (upper == NULL)
        return work_nomem(run->w, run->w->keep);
    for (size_t i = 0; i < text.len; i++)
        upper[i] =
                (char)(text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? text.ptr[i] - 32 : text.ptr[i]);
    *ret_algorithm = hn_text_of(upper, text.len);
    return listed(&item->texts, *ret_algorithm);
}

static struct hn_text hash_field(
        struct pipeline_run *run, const struct pipeline_item *item, struct hn_text algorithm)
{
    char *name;

    if (item->flag)
        return item->text;
    name = hn_arena_raw(run->w->keep, item->text.len + algorithm.len, 1);
    if (name == NULL) {
        (void)work_nomem(run->w, run->w->keep);
        return HN_TEXT("");
    }
    memcpy(name, item->text.ptr, item->text.len);
    memcpy(name + item->text.len, algorithm.ptr, algorithm.len);
    return hn_text_of(name, item->text.len + algorithm.len);
}

/* Puts a hash into the item of its field below the parent, which is made when it is the first. */
static bool add_hash(struct pipeline_run *run, struct draft_node *parent,
        const struct draft_item *original, const struct draft_value *like, struct hn_text field,
        struct hn_text hash)
{
    struct draft_value content = { .kind = DRAFT_STRING };
    struct draft_item *item = NULL;

    for (uint32_t i = 0; i < parent->count; i++) {
        if (hn_text_eq(parent->children[i]->item->field, field))
            item = parent->children[i]->item;
    }
    if (item == NULL)
        item = bare_item(run, parent, original, field);
    return item != NULL && sigma_draft_string_parse(run->w, hash, &content.string) &&
           add_value(run, item, like, &content);
}

bool transform_hashes(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    struct draft_item *original = node->item;
    struct draft_node *parent;

    if (original->keyword || !listed(&item->sources, original->field) || !all_strings(original))
        return true;
    parent = sigma_draft_node_add(run->w, run->rule, SIGMA_OR);
    if (parent == NULL)
        return false;
    for (uint32_t i = 0; i < original->value_count; i++) {
        struct hn_text text;
        struct hn_text algorithm = HN_TEXT("");
        struct hn_text hash = HN_TEXT("");

        if (!sigma_draft_string_show(run->w, &original->values[i].string, &text))
            return false;
        if (split_hash(run, item, text, &algorithm, &hash) &&
                !add_hash(run, parent, original, &original->values[i],
                        hash_field(run, item, algorithm), hash))
            return false;
        if (run->w->status != HN_OK)
            return false;
    }
    if (parent->count == 0) {
        issue_add(run->w, CODE_PIPELINE_FAILURE, original->place,
                "no hash of the wanted algorithms in \"%.*s\"", HN_TEXT_ARG(original->field));
        return false;
    }
    return transform_replace_node(run, node, parent);
}

/* ---- extract_fields ---- */

bool transform_read_extract(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_yaml_ref regex = hn_yaml_get(ref, HN_TEXT("regex"));
    uint32_t number;

    if (regex.yaml == NULL)
        return pipeline_fail(w, ref, "\"regex\" is missing");
    item->pattern = pattern_read(w, regex);
    if (item->pattern == NULL || !sigma_param_text(w, ref, "field_prefix", false, &item->text) ||
            !sigma_param_bool(w, ref, "preserve_unmatched", &item->flag))
        return false;
    return pattern_group(item->pattern, 0, &number).ptr != NULL ||
           pipeline_fail(w, regex, "the regular expression has no named group");
}

/* What a captured text means: null, a number, or text where a leading zero would be lost. */
static bool captured_value(struct work *w, struct hn_text text, struct draft_value *content)
{
    if (hn_text_eq_nocase(text, HN_TEXT("null")) || hn_text_eq_nocase(text, HN_TEXT("none"))) {
        content->kind = DRAFT_NULL;
        return true;
    }
    if ((text.ptr[0] != '0' || text.len == 1) && !hn_text_starts(text, HN_TEXT("-0")) &&
            sigma_number_of(text, &content->number)) {
        content->kind = DRAFT_NUMBER;
        return true;
    }
    content->kind = DRAFT_STRING;
    return sigma_draft_string_parse(w, text, &content->string);
}

static bool extract_groups(struct pipeline_run *run, const struct pipeline_item *item,
        struct draft_node *parent, const struct draft_item *original,
        const struct draft_value *value, struct hn_text text)
{
    struct draft_node *both = NULL;
    struct hn_text name;
    struct match match;
    uint32_t number;

    if (!pattern_find(item->pattern, text, 0, true, &match)) {
        struct draft_item *kept =
                item->flag ? bare_item(run, parent, original, original->field) : NULL;

        return !item->flag || (kept != NULL && add_value(run, kept, value, value));
    }
    for (uint32_t i = 0; (name = pattern_group(item->pattern, i, &number)).ptr != NULL; i++) {
        struct draft_value content = { .kind = DRAFT_STRING };
        struct hn_text field = name;
        struct hn_text captured;
        struct draft_item *made;

        if (number >= match.count || match.groups[number].start == SIZE_MAX ||
                match.groups[number].start == match.groups[number].end)
            continue;
        captured = hn_text_sub(text, match.groups[number].start,
                match.groups[number].end - match.groups[number].start);
        if (item->text.len > 0)
            field = transform_dotted(run, item->text, name);
        if (both == NULL) {
            both = sigma_draft_node_add(run->w, run->rule, SIGMA_AND);
            if (!sigma_draft_node_adopt(run->w, parent, both))
                return false;
        }
        made = bare_item(run, both, original, field);
        if (made == NULL || !captured_value(run->w, captured, &content) ||
                !add_value(run, made, value, &content))
            return false;
    }
    return true;
}

bool transform_extract(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    struct draft_item *original = node->item;
    struct draft_node *parent;

    if (!all_strings(original))
        return true;
    parent = sigma_draft_node_add(run->w, run->rule, original->all ? SIGMA_AND : SIGMA_OR);
    if (parent == NULL)
        return false;
    for (uint32_t i = 0; i < original->value_count; i++) {
        struct hn_text text;

        if (!sigma_draft_string_show(run->w, &original->values[i].string, &text) ||
                !extract_groups(run, item, parent, original, &original->values[i], text))
            return false;
    }
    return parent->count == 0 || transform_replace_node(run, node, parent);
}
