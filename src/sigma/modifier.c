/* modifier.c - the table of all modifiers of the specification (sigma-appendix-modifiers.md). */
#include "sigma/sigma_modifiers.h"

static const struct modifier *const modifiers[] = {
    &modifier_contains,
    &modifier_endswith,
    &modifier_startswith,
    &modifier_all,
    &modifier_windash,
    &modifier_re,
    &modifier_re_i,
    &modifier_re_m,
    &modifier_re_s,
    &modifier_cidr,
    &modifier_expand,
    &modifier_base64offset,
    &modifier_base64,
    &modifier_wide,
    &modifier_utf16le,
    &modifier_utf16be,
    &modifier_utf16,
    &modifier_fieldref,
    &modifier_exists,
    &modifier_cased,
    &modifier_neq,
    &modifier_lt,
    &modifier_lte,
    &modifier_gt,
    &modifier_gte,
    &modifier_minute,
    &modifier_hour,
    &modifier_day,
    &modifier_week,
    &modifier_month,
    &modifier_year,
};

/* Long names of the regular expression flags, which pySigma knows as well. */
static const struct {
    const char *name;
    const struct modifier *modifier;
} aliases[] = {
    { "ignorecase", &modifier_re_i },
    { "multiline", &modifier_re_m },
    { "dotall", &modifier_re_s },
};

const struct modifier *modifier_at(uint32_t index)
{
    return index < HN_COUNT_OF(modifiers) ? modifiers[index] : NULL;
}

const struct modifier *modifier_find(struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(modifiers); i++) {
        if (hn_text_eq(name, hn_text_cstr(modifiers[i]->name)))
            return modifiers[i];
    }
    for (size_t i = 0; i < HN_COUNT_OF(aliases); i++) {
        if (hn_text_eq(name, hn_text_cstr(aliases[i].name)))
            return aliases[i].modifier;
    }
    return NULL;
}
