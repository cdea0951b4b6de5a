/* sigma_modifier_re.c - re with its flags i, m, s: regular expressions, checked when loaded. */
#include "sigma/sigma_modifiers.h"

static bool apply_re(const struct modifier_use *use, struct draft_value *value)
{
    if (value->written.len > use->w->limits->regex_bytes_max) {
        issue_add(use->w, CODE_TOO_LARGE, value->place, "the regular expression is too long");
        return false;
    }
    value->kind = DRAFT_REGEX;
    return true;
}

static bool apply_i(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    value->regex_flags |= SIGMA_REGEX_CASELESS;
    return true;
}

static bool apply_m(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    value->regex_flags |= SIGMA_REGEX_MULTILINE;
    return true;
}

static bool apply_s(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    value->regex_flags |= SIGMA_REGEX_DOTALL;
    return true;
}

#define REGEX_FLAG(text, fn)                                          \
    {                                                                 \
        .name = (text), .takes = TAKES(DRAFT_REGEX),                  \
        .wants = "a regular expression (\"re\" first)", .value = (fn) \
    }

const struct modifier modifier_re = {
    .name = "re", .takes = TAKES(DRAFT_STRING), .wants = "text", .first = true, .value = apply_re
};
const struct modifier modifier_re_i = REGEX_FLAG("i", apply_i);
const struct modifier modifier_re_m = REGEX_FLAG("m", apply_m);
const struct modifier modifier_re_s = REGEX_FLAG("s", apply_s);
