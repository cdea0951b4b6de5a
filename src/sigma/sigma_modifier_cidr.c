/* sigma_modifier_cidr.c - cidr: an IPv4 or IPv6 network. */
#include "sigma/sigma_modifiers.h"

static bool apply_cidr(const struct modifier_use *use, struct draft_value *value)
{
    bool host_bits = false;

    if (!hn_cidr_parse(value->written, &value->cidr, &host_bits)) {
        issue_add(use->w, CODE_BAD_NETWORK, value->place, "\"%.*s\" is no network",
                HN_TEXT_ARG(value->written));
        return false;
    }
    if (host_bits) {
        issue_add(use->w, CODE_HOST_BITS, value->place,
                "\"%.*s\" names a host in the network; the bits behind the prefix are ignored",
                HN_TEXT_ARG(value->written));
    }
    value->kind = DRAFT_CIDR;
    return true;
}

const struct modifier modifier_cidr = { .name = "cidr",
    .takes = TAKES(DRAFT_STRING),
    .wants = "a network such as 192.0.2.0/24",
    .first = true,
    .value = apply_cidr };
