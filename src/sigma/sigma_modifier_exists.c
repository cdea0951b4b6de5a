/* sigma_modifier_exists.c - exists: whether the field is there at all, whatever its value. */
#include "sigma/sigma_modifiers.h"

static bool apply_exists(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    value->kind = DRAFT_EXISTS;
    value->exists = value->number.magnitude != 0;
    return true;
}

const struct modifier modifier_exists = { .name = "exists",
    .takes = TAKES(DRAFT_BOOL),
    .wants = "true or false",
    .first = true,
    .value = apply_exists };
