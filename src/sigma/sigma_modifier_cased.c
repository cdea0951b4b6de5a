/* sigma_modifier_cased.c - cased: upper and lower case are told apart. */
#include "sigma/sigma_modifiers.h"

static bool apply_cased(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    value->cased = true;
    return true;
}

const struct modifier modifier_cased = { .name = "cased",
    .takes = TAKES(DRAFT_STRING) | TAKES(DRAFT_FIELDREF),
    .wants = "text or a field reference",
    .value = apply_cased };
