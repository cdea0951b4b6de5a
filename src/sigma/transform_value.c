/* transform_value.c - values: mapped, set, converted, made regular expressions, filled from lists.
 */
#include "sigma/sigma_transform.h"

#include "base/num.h"
#include "base/utf.h"

/* Calls a function for each value that an item has now. */
static bool each_value(struct pipeline_run *run, const struct pipeline_item *item,
        struct draft_item *draft,
        bool (*change)(struct pipeline_run *run, const struct pipeline_item *item,
                struct draft_item *draft, uint32_t index))
{
    uint32_t count = draft->value_count;

    for (uint32_t i = 0; i < count; i++) {
        if (!change(run, item, draft, i))
            return false;
    }
    return true;
}

/* ---- map_string ---- */

static bool map_value(struct pipeline_run *run, const struct pipeline_item *item,
        struct draft_item *draft, uint32_t index)
{
    const struct mapping_entry *entry;
    struct hn_text text;

    if (draft->values[index].kind != DRAFT_STRING)
        return true;
    if (!sigma_draft_string_show(run->w, &draft->values[index].string, &text))
        return false;
    entry = sigma_mapping_find(&item->mapping, text);
    run->changed = run->changed || entry != NULL;
    for (uint32_t i = 0; entry != NULL && i < entry->to.count; i++) {
        struct draft_value *value =
                i == 0 ? &draft->values[index]
                       : sigma_draft_item_add(run->w, draft, &draft->values[index]);
        struct draft_string string;

        if (value == NULL || !sigma_draft_string_parse(run->w, entry->to.ptr[i], &string))
            return false;
        value->string = string;
    }
    return true;
}

bool transform_map_string(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    return each_value(run, item, node->item, map_value);
}

/* ---- regex ---- */

bool transform_read_regex(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    if (!sigma_param_text(w, ref, "method", false, &item->method))
        return false;
    if (item->method.len == 0)
        item->method = HN_TEXT("ignore_case_brackets");
    return sigma_words_have(" plain ignore_case_flag ignore_case_brackets ", item->method) ||
           pipeline_fail(w, ref, "method is plain, ignore_case_flag or ignore_case_brackets");
}

static void add_literal(struct hn_buf *out, struct hn_text text, bool brackets)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        char other = (char)(c ^ 0x20);
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool plain = letter || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;

        if (letter && brackets)
            hn_buf_addf(out, "[%c%c]", c >= 'a' ? c : other, c >= 'a' ? other : c);
        else if (plain)
            hn_buf_add_char(out, c);
        else if (c == '\n' || c == '\0' || c == '\t' || c == '\r')
            hn_buf_addf(out, "\\x%02x", (unsigned)(unsigned char)c);
        else
            hn_buf_addf(out, "\\%c", c);
    }
}

/* The pattern must match the whole field, as the string does. */
static bool regex_value(struct pipeline_run *run, const struct pipeline_item *item,
        struct draft_item *draft, uint32_t index)
{
    struct draft_value *value = &draft->values[index];
    struct hn_buf out = { 0 };
    struct hn_text pattern;

    if (value->kind != DRAFT_STRING || value->string.count == 0)
        return true;
    if (sigma_draft_string_has(&value->string, DRAFT_PLACEHOLDER)) {
        issue_add(run->w, CODE_PIPELINE_FAILURE, value->place,
                "a placeholder cannot become a regular expression before it has its values");
        return false;
    }
    for (uint32_t i = 0; i < value->string.count; i++) {
        const struct draft_part *part = &value->string.parts[i];

        if (part->kind == DRAFT_TEXT) {
            add_literal(
                    &out, part->text, hn_text_eq(item->method, HN_TEXT("ignore_case_brackets")));
        } else {
            hn_buf_add_cstr(&out, part->kind == DRAFT_MANY ? ".*" : ".");
        }
    }
    run->changed = true;
    if (!hn_buf_ok(&out))
        run->w->status = out.status;
    pattern = sigma_keep_text(run->w, hn_buf_text(&out));
    hn_buf_deinit(&out);
    value->kind = DRAFT_REGEX;
    value->exact_start = true;
    value->exact_end = true;
    value->regex_flags = SIGMA_REGEX_DOTALL; /* wildcards cross lines */
    if (hn_text_eq(item->method, HN_TEXT("ignore_case_flag")))
        value->regex_flags |= SIGMA_REGEX_CASELESS;
    return run->w->status == HN_OK && sigma_draft_string_plain(run->w, pattern, &value->string);
}

bool transform_regex(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    return each_value(run, item, node->item, regex_value);
}

/* ---- set_value, convert_type ---- */

bool transform_read_value(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_yaml_ref value = hn_yaml_get(ref, HN_TEXT("value"));

    if (!sigma_param_text(w, ref, "force_type", false, &item->method))
        return false;
    if (!scalar_read(value, &item->value))
        return pipeline_fail(w, ref, "\"value\" is a value");
    if (item->method.len == 0)
        return true;
    if (!sigma_words_have(" str num ", item->method))
        return pipeline_fail(w, ref, "force_type is str or num");
    if (hn_text_eq(item->method, HN_TEXT("str"))) {
        item->value.type = HN_YAML_STRING;
        return true;
    }
    item->value.type = HN_YAML_NUMBER;
    return sigma_number_of(item->value.text, &item->value.number) ||
           pipeline_fail(w, value, "this is no number");
}

static bool set_value(struct pipeline_run *run, const struct pipeline_item *item,
        struct draft_item *draft, uint32_t index)
{
    struct draft_value *value = &draft->values[index];

    run->changed = true;
    value->number = item->value.number;
    switch (item->value.type) {
    case HN_YAML_NULL:
        value->kind = DRAFT_NULL;
        return true;
    case HN_YAML_BOOL:
        value->kind = DRAFT_BOOL;
        return true;
    case HN_YAML_NUMBER:
        value->kind = DRAFT_NUMBER;
        return true;
    case HN_YAML_STRING:
        break;
    }
    value->kind = DRAFT_STRING;
    return sigma_draft_string_parse(run->w, item->value.text, &value->string);
}

bool transform_set_value(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    return each_value(run, item, node->item, set_value);
}

bool transform_read_type(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    return sigma_param_text(w, ref, "target_type", true, &item->method) &&
           (sigma_words_have(" str num ", item->method) ||
                   pipeline_fail(w, ref, "target_type is str or num"));
}

static bool convert_value(struct pipeline_run *run, const struct pipeline_item *item,
        struct draft_item *draft, uint32_t index)
{
    struct draft_value *value = &draft->values[index];
    struct hn_text text;

    if (hn_text_eq(item->method, HN_TEXT("str"))) {
        if (value->kind != DRAFT_NUMBER)
            return true;
        run->changed = true;
        value->kind = DRAFT_STRING;
        return sigma_draft_string_plain(run->w, value->written, &value->string);
    }
    if (value->kind != DRAFT_STRING)
        return true;
    if (!sigma_draft_string_show(run->w, &value->string, &text))
        return false;
    if (!sigma_number_of(text, &value->number)) {
        issue_add(run->w, CODE_PIPELINE_FAILURE, value->place, "\"%.*s\" is no number",
                HN_TEXT_ARG(text));
        return false;
    }
    run->changed = true;
    value->kind = DRAFT_NUMBER;
    return true;
}

bool transform_convert(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    return each_value(run, item, node->item, convert_value);
}

/* ---- case ---- */

bool transform_read_case(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    if (!sigma_param_text(w, ref, "method", false, &item->method))
        return false;
    if (item->method.len == 0)
        item->method = HN_TEXT("lower");
    return sigma_words_have(" lower upper snake_case ", item->method) ||
           pipeline_fail(w, ref, "method is lower, upper or snake_case");
}

static struct hn_text cased(struct work *w, struct hn_text text, struct hn_text method)
{
    bool snake = hn_text_eq(method, HN_TEXT("snake_case"));
    bool upper = hn_text_eq(method, HN_TEXT("upper"));
    char *out = hn_arena_raw(w->keep, text.len * 2, 1);
    size_t len = 0;

    if (out == NULL) {
        (void)work_nomem(w, w->keep);
        return HN_TEXT("");
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool capital = c >= 'A' && c <= 'Z';

        if (snake && capital && i > 0)
            out[len++] = '_';
        if (upper ? c >= 'a' && c <= 'z' : capital)
            c = (char)(c ^ 0x20);
        out[len++] = c;
    }
    return hn_text_of(out, len);
}

static bool case_value(struct pipeline_run *run, const struct pipeline_item *item,
        struct draft_item *draft, uint32_t index)
{
    struct draft_string *string = &draft->values[index].string;

    for (uint32_t i = 0; draft->values[index].kind == DRAFT_STRING && i < string->count; i++) {
        run->changed = true;
        if (string->parts[i].kind == DRAFT_TEXT)
            string->parts[i].text = cased(run->w, string->parts[i].text, item->method);
    }
    return run->w->status == HN_OK;
}

bool transform_case(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    return each_value(run, item, node->item, case_value);
}

/* ---- Placeholders ---- */

bool transform_read_placeholders(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    bool include = hn_yaml_get(ref, HN_TEXT("include")).yaml != NULL;

    item->exclude = hn_yaml_get(ref, HN_TEXT("exclude")).yaml != NULL;
    item->flag = include || item->exclude;
    if (include && item->exclude)
        return pipeline_fail(w, ref, "either include or exclude, not both");
    return sigma_param_texts(w, ref, item->exclude ? "exclude" : "include", false, &item->texts);
}

static bool handles(const struct pipeline_item *item, struct hn_text name)
{
    bool listed = false;

    for (uint32_t i = 0; i < item->texts.count; i++)
        listed = listed || hn_text_eq(item->texts.ptr[i], name);
    return !item->flag || listed != item->exclude;
}

static bool wildcard_value(struct pipeline_run *run, const struct pipeline_item *item,
        struct draft_item *draft, uint32_t index)
{
    struct draft_value *value = &draft->values[index];
    struct string_builder b = string_builder_over(run->w);

    if (value->kind != DRAFT_STRING && value->kind != DRAFT_REGEX)
        return true;
    for (uint32_t i = 0; i < value->string.count; i++) {
        const struct draft_part *part = &value->string.parts[i];

        if (part->kind != DRAFT_PLACEHOLDER || !handles(item, part->text)) {
            string_builder_add(&b, part->kind, part->text);
            continue;
        }
        run->changed = true;
        if (value->kind == DRAFT_REGEX)
            string_builder_add(&b, DRAFT_TEXT, HN_TEXT(".*"));
        else
            string_builder_add(&b, DRAFT_MANY, hn_text_of(NULL, 0));
    }
    return string_builder_end(&b, &value->string);
}

bool transform_wildcards(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    return each_value(run, item, node->item, wildcard_value);
}

/* A variable of any of the pipelines; a later one wins, as when pySigma adds pipelines up. */
static bool find_var(struct pipeline_run *run, struct hn_text name, struct sigma_texts *ret_texts)
{
    const struct sigma_loader *loader = run->w->loader;

    for (size_t i = loader->pipelines.count; i-- > 0;) {
        struct hn_yaml_ref value = hn_yaml_get(loader->pipelines.ptr[i]->vars, name);

        if (value.yaml != NULL)
            return sigma_read_texts(run->w, value, CODE_PIPELINE_FAILURE, "a variable", ret_texts);
    }
    return false;
}

static const struct draft_part *next_placeholder(
        const struct pipeline_item *item, const struct draft_string *string)
{
    for (uint32_t i = 0; i < string->count; i++) {
        if (string->parts[i].kind == DRAFT_PLACEHOLDER && handles(item, string->parts[i].text))
            return &string->parts[i];
    }
    return NULL;
}

/* A value with two placeholders is looked at again when the first has been filled. */
bool transform_lists(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    struct draft_item *draft = node->item;

    for (uint32_t i = 0; i < draft->value_count;) {
        const struct draft_part *part = next_placeholder(item, &draft->values[i].string);
        struct sigma_texts texts;

        if (part == NULL) {
            i++;
            continue;
        }
        run->changed = true;
        if (!find_var(run, part->text, &texts)) {
            if (run->w->status == HN_OK && work_fine(run->w)) {
                issue_add(run->w, CODE_PLACEHOLDER, draft->values[i].place,
                        "no variable \"%.*s\" in the pipelines", HN_TEXT_ARG(part->text));
            }
            return false;
        }
        if (!placeholder_expand(run->w, draft, i, part->text, &texts))
            return false;
    }
    return true;
}
