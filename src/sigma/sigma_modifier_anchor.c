/* sigma_modifier_anchor.c - contains, startswith, endswith: where in the field a value stands.
 *
 * For text they are wildcards around it. A regular expression is searched anywhere already, so
 * contains changes nothing and the other two anchor it. A field reference takes the part of the
 * field that is compared with the other field's value. */
#include "sigma/sigma_modifiers.h"

#define TAKES_ANCHOR (TAKES(DRAFT_STRING) | TAKES(DRAFT_REGEX) | TAKES(DRAFT_FIELDREF))

static const char wants[] = "text, a regular expression or a field reference";

static bool surround(
        const struct modifier_use *use, struct draft_value *value, bool before, bool after)
{
    struct string_builder b = string_builder_over(use->w);

    if (before)
        string_builder_add(&b, DRAFT_MANY, hn_text_of(NULL, 0));
    for (uint32_t i = 0; i < value->string.count; i++)
        string_builder_add(&b, value->string.parts[i].kind, value->string.parts[i].text);
    if (after)
        string_builder_add(&b, DRAFT_MANY, hn_text_of(NULL, 0));
    return string_builder_end(&b, &value->string);
}

static bool apply_contains(const struct modifier_use *use, struct draft_value *value)
{
    if (value->kind == DRAFT_STRING)
        return surround(use, value, true, true);
    if (value->kind == DRAFT_FIELDREF)
        value->anchor = SIGMA_CONTAINS;
    return true;
}

static bool apply_startswith(const struct modifier_use *use, struct draft_value *value)
{
    if (value->kind == DRAFT_STRING)
        return surround(use, value, false, true);
    if (value->kind == DRAFT_FIELDREF)
        value->anchor = SIGMA_STARTS;
    else
        value->exact_start = true;
    return true;
}

static bool apply_endswith(const struct modifier_use *use, struct draft_value *value)
{
    if (value->kind == DRAFT_STRING)
        return surround(use, value, true, false);
    if (value->kind == DRAFT_FIELDREF)
        value->anchor = SIGMA_ENDS;
    else
        value->exact_end = true;
    return true;
}

const struct modifier modifier_contains = {
    .name = "contains", .takes = TAKES_ANCHOR, .wants = wants, .value = apply_contains
};
const struct modifier modifier_startswith = {
    .name = "startswith", .takes = TAKES_ANCHOR, .wants = wants, .value = apply_startswith
};
const struct modifier modifier_endswith = {
    .name = "endswith", .takes = TAKES_ANCHOR, .wants = wants, .value = apply_endswith
};
