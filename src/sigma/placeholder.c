/* placeholder.c - %name% in values replaced by the lists that the user gave.
 *
 * Values of a list are "or-linked values or patterns" (specification, Placeholders): each is read
 * like a value in a rule, with wildcards, and all of them are alternatives of the one value they
 * replace, also under `all`. In regular expressions they are inserted as they are. */
#include "sigma/sigma_draft.h"

static uint32_t find_placeholder(const struct draft_string *string, struct hn_text name)
{
    for (uint32_t i = 0; i < string->count; i++) {
        if (string->parts[i].kind == DRAFT_PLACEHOLDER &&
                (name.ptr == NULL || hn_text_eq(string->parts[i].text, name)))
            return i;
    }
    return UINT32_MAX;
}

/* The string with another in the place of one of its parts. */
static bool splice(struct work *w, const struct draft_string *string, uint32_t at,
        const struct draft_string *with, struct draft_string *ret_string)
{
    struct string_builder b = string_builder_over(w);

    for (uint32_t i = 0; i < string->count; i++) {
        if (i != at) {
            string_builder_add(&b, string->parts[i].kind, string->parts[i].text);
            continue;
        }
        for (uint32_t k = 0; k < with->count; k++)
            string_builder_add(&b, with->parts[k].kind, with->parts[k].text);
    }
    return string_builder_end(&b, ret_string);
}

bool placeholder_expand(struct work *w, struct draft_item *item, uint32_t index,
        struct hn_text name, const struct sigma_texts *texts)
{
    const struct draft_string original = item->values[index].string;
    uint32_t at = find_placeholder(&original, name);

    if (at == UINT32_MAX)
        return true;
    if (texts->count == 0) {
        issue_add(w, CODE_PLACEHOLDER, item->values[index].place, "the list \"%.*s\" is empty",
                HN_TEXT_ARG(original.parts[at].text));
        return false;
    }
    for (uint32_t i = 0; i < texts->count; i++) {
        struct draft_value *value = &item->values[index];
        struct hn_text text = sigma_keep_text(w, texts->ptr[i]); /* lists end with the loading */
        struct draft_string with;
        struct draft_string whole;

        if (text.ptr == NULL ||
                !(value->kind == DRAFT_REGEX ? sigma_draft_string_plain(w, text, &with)
                                             : sigma_draft_string_parse(w, text, &with)) ||
                !splice(w, &original, at, &with, &whole))
            return false;
        if (i > 0) /* the first takes the place of the value itself */
            value = sigma_draft_item_add(w, item, value);
        if (value == NULL)
            return false;
        value->string = whole;
    }
    return true;
}

static const struct sigma_texts *list_find(const struct work *w, struct hn_text name)
{
    const struct sigma_options *options = &w->loader->options;

    for (uint32_t i = 0; i < options->list_count; i++) {
        if (hn_text_eq(options->lists[i].name, name))
            return &options->lists[i].values;
    }
    return NULL;
}

/* Values that an expansion adds stand behind the others and are looked at in their turn. */
static bool item_expand(struct work *w, struct draft_item *item)
{
    for (uint32_t i = 0; i < item->value_count;) {
        const struct draft_string *string = &item->values[i].string;
        uint32_t at = find_placeholder(string, hn_text_of(NULL, 0));
        const struct sigma_texts *list;

        if (at == UINT32_MAX) {
            i++;
            continue;
        }
        list = list_find(w, string->parts[at].text);
        if (list == NULL) { /* the rule is rejected; the others it lacks are named as well */
            issue_add(w, CODE_PLACEHOLDER, item->values[i].place, "no list for %%%.*s%%",
                    HN_TEXT_ARG(string->parts[at].text));
            i++;
            continue;
        }
        if (!placeholder_expand(w, item, i, string->parts[at].text, list))
            return false;
    }
    return true;
}

void sigma_placeholders_apply(struct work *w, struct draft_rule *rule)
{
    for (uint32_t i = 0; i < rule->node_count && w->status == HN_OK; i++) {
        const struct draft_node *node = rule->nodes[i];

        if (node->kind == SIGMA_ITEM && !node->dropped)
            (void)item_expand(w, node->item);
    }
}
