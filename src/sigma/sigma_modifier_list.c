/* sigma_modifier_list.c - all and neq: how the values of an item belong together. */
#include "sigma/sigma_modifiers.h"

static bool apply_all(const struct modifier_use *use)
{
    use->item->all = true;
    return true;
}

/* "The field is different from the specified values": not (any of them), so an absent field is
 * different as well; with `all`, not (each of them). */
static bool apply_neq(const struct modifier_use *use)
{
    use->item->negated = true;
    return true;
}

const struct modifier modifier_all = { .name = "all", .list = apply_all };
const struct modifier modifier_neq = { .name = "neq", .list = apply_neq };
