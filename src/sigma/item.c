/* item.c - one line of a detection: "Field|modifier|modifier" and its value or values.
 *
 * Modifiers are applied in the order they are written, each to every value (specification, "Value
 * Modifiers"); what each does and takes is in its own file, sigma_modifier_*.c. */
#include "sigma/sigma_draft.h"

#define MODIFIERS_MAX 16u

struct modifier_list {
    const struct modifier *ptr[MODIFIERS_MAX];
    struct sigma_place places[MODIFIERS_MAX];
    uint32_t count;
};

/* ---- The key ---- */

static bool add_modifier(
        struct work *w, struct modifier_list *list, struct hn_text name, struct sigma_place place)
{
    const struct modifier *modifier = modifier_find(name);

    if (modifier == NULL) {
        issue_add(w, CODE_UNKNOWN_MODIFIER, place, "no modifier \"%.*s\"", HN_TEXT_ARG(name));
        return false;
    }
    if (list->count == MODIFIERS_MAX) {
        issue_add(w, CODE_TOO_LARGE, place, "more than %u modifiers", MODIFIERS_MAX);
        return false;
    }
    for (uint32_t i = 0; i < list->count && !modifier->repeats; i++) {
        if (list->ptr[i] == modifier)
            issue_add(w, CODE_REPEATED_MODIFIER, place, "\"%s\" stands twice", modifier->name);
    }
    list->places[list->count] = place;
    list->ptr[list->count++] = modifier;
    return true;
}

static bool read_key(struct work *w, struct hn_yaml_ref key, struct hn_text name,
        struct draft_item *item, struct modifier_list *list)
{
    struct hn_text rest = name;
    struct hn_text part = HN_TEXT("");
    bool fine = true;

    (void)hn_text_split(&rest, '|', &part);
    item->field = part;
    item->keyword = part.len == 0;
    item->place = sigma_place_of(w, key);
    item->modifiers = rest.ptr == NULL ? HN_TEXT("") : rest;
    while (fine && hn_text_split(&rest, '|', &part)) {
        struct sigma_place place = key.yaml == NULL
                                           ? item->place
                                           : sigma_place_in(w, key, (size_t)(part.ptr - name.ptr));

        fine = add_modifier(w, list, part, place);
    }
    return fine;
}

/* ---- The values ---- */

static bool is_regex_item(const struct modifier_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->ptr[i]->name, "re") == 0)
            return true;
    }
    return false;
}

static bool read_value(struct work *w, struct draft_item *item, struct hn_yaml_ref scalar, bool raw)
{
    struct draft_value read;
    struct draft_value *value;

    if (!hn_yaml_is(scalar, HN_YAML_SCALAR)) {
        issue_add(w, CODE_BAD_VALUE, sigma_place_of(w, scalar),
                "a value is text, a number, true, false or null");
        return false;
    }
    if (!value_read(w, scalar, raw, &read))
        return false;
    value = sigma_draft_item_add(w, item, &read);
    if (value == NULL)
        return false;
    value->string = read.string;
    value->origin = item->value_count - 1;
    return true;
}

static bool read_values(
        struct work *w, struct draft_item *item, struct hn_yaml_ref values, bool raw)
{
    struct hn_yaml_iter iter = hn_yaml_children(values);
    struct hn_yaml_ref scalar;

    if (!hn_yaml_is(values, HN_YAML_LIST))
        return read_value(w, item, values, raw);
    while (hn_yaml_next(&iter, &scalar)) {
        if (!read_value(w, item, scalar, raw))
            return false;
        if (item->values[item->value_count - 1].kind == DRAFT_NULL)
            issue_add(w, CODE_NULL_IN_LIST, sigma_place_of(w, scalar),
                    "null is a selection of its own, not one of several values");
    }
    return true;
}

/* Numbers, true and false are taken as text by modifiers of text. */
static bool as_text(const struct modifier_use *use, struct draft_value *value)
{
    issue_add(use->w, CODE_NUMBER_AS_TEXT, value->place, "%.*s is taken as text for \"%s\"",
            HN_TEXT_ARG(value->written), use->name);
    value->kind = DRAFT_STRING;
    return sigma_draft_string_plain(use->w, value->written, &value->string);
}

static bool apply_to_value(
        const struct modifier_use *use, const struct modifier *modifier, struct draft_value *value)
{
    bool scalar = value->kind == DRAFT_NUMBER || value->kind == DRAFT_BOOL;

    if ((modifier->takes & TAKES(value->kind)) == 0 && scalar &&
            (modifier->takes & TAKES(DRAFT_STRING)) != 0 && !as_text(use, value))
        return false;
    if ((modifier->takes & TAKES(value->kind)) == 0) {
        issue_add(use->w, use->position > 0 ? CODE_MODIFIER_ORDER : CODE_MODIFIER_VALUE,
                use->position > 0 ? use->place : value->place, "\"%s\" takes %s", use->name,
                modifier->wants);
        return false;
    }
    return modifier->value(use, value);
}

static bool apply(const struct modifier_use *use, const struct modifier *modifier)
{
    uint32_t count = use->item->value_count; /* alternatives that it adds are finished */

    if (modifier->list != NULL)
        return modifier->list(use);
    if (modifier->first && use->position > 0) {
        issue_add(use->w, CODE_MODIFIER_ORDER, use->place, "\"%s\" must be the first modifier",
                use->name);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct draft_value value = use->item->values[i]; /* the array may move meanwhile */

        if (!apply_to_value(use, modifier, &value))
            return false;
        use->item->values[i] = value;
    }
    return true;
}

static bool apply_all(struct work *w, struct draft_item *item, const struct modifier_list *list)
{
    uint32_t position = 0;

    for (uint32_t i = 0; i < list->count; i++) {
        struct modifier_use use = { w, item, list->ptr[i]->name, list->places[i], position };

        if (!apply(&use, list->ptr[i]))
            return false;
        if (list->ptr[i]->list == NULL)
            position++;
    }
    return true;
}

/* What is searched in the whole event is text; nothing else has a meaning there. */
static bool check_keyword(struct work *w, const struct draft_item *item)
{
    for (uint32_t i = 0; i < item->value_count; i++) {
        enum draft_kind kind = item->values[i].kind;

        if (kind != DRAFT_STRING && kind != DRAFT_REGEX) {
            issue_add(w, CODE_BAD_KEYWORD, item->values[i].place,
                    "a keyword is text or a regular expression; this needs a field");
            return false;
        }
    }
    if (item->time_part != SIGMA_TIME_NONE)
        issue_add(w, CODE_BAD_KEYWORD, item->place, "parts of a time need a field");
    return item->time_part == SIGMA_TIME_NONE;
}

/* Keywords compare by text: 4624 is the keyword "4624". */
static bool texts_of_keywords(struct work *w, struct draft_item *item)
{
    for (uint32_t i = 0; i < item->value_count; i++) {
        struct draft_value *value = &item->values[i];

        if (value->kind != DRAFT_NUMBER && value->kind != DRAFT_BOOL)
            continue;
        value->kind = DRAFT_STRING;
        if (!sigma_draft_string_plain(w, value->written, &value->string))
            return false;
    }
    return true;
}

struct draft_item *item_read(struct work *w, struct draft_rule *rule, struct hn_yaml_ref key,
        struct hn_text name, struct hn_yaml_ref values)
{
    struct draft_item *item = hn_new(w->scratch, struct draft_item, 1);
    struct modifier_list list = { .count = 0 };

    if (item == NULL) {
        (void)work_nomem(w, w->scratch);
        return NULL;
    }
    if (rule->detection_count > 0)
        item->selection = rule->detections[rule->detection_count - 1].name;
    if (!read_key(w, key, name, item, &list) || !read_values(w, item, values, is_regex_item(&list)))
        return NULL;
    if (key.yaml == NULL)
        item->place = sigma_place_of(w, values);
    lint_item(w, item);
    if (!apply_all(w, item, &list))
        return NULL;
    if (item->keyword && (!texts_of_keywords(w, item) || !check_keyword(w, item)))
        return NULL;
    rule->value_total += item->value_count;
    if (rule->value_total > w->limits->values_max) {
        issue_add(w, CODE_TOO_LARGE, item->place, "the rule has more than %u values",
                w->limits->values_max);
        return NULL;
    }
    return work_fine(w) ? item : NULL;
}
