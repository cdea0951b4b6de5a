/* alert_attack.c - ATT&CK names out of Sigma tags (sigma-appendix-tags.md). */
#include "alert/alert.h"

static bool after_prefix(struct hn_text tag, struct hn_text *ret_rest)
{
    struct hn_text prefix = HN_TEXT("attack.");

    if (!hn_text_starts_nocase(tag, prefix) || tag.len == prefix.len)
        return false;
    *ret_rest = hn_text_sub(tag, prefix.len, tag.len);
    return ret_rest->len < ALERT_ATTACK_MAX;
}

static bool digits(struct hn_text text, size_t from, size_t count)
{
    for (size_t i = from; i < from + count; i++) {
        if (i >= text.len || text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return true;
}

bool alert_attack_technique(struct hn_text tag, char *ret)
{
    struct hn_text rest;

    if (!after_prefix(tag, &rest) || (rest.ptr[0] | 0x20) != 't' || !digits(rest, 1, 4))
        return false;
    if (rest.len != 5 && !(rest.len == 9 && rest.ptr[5] == '.' && digits(rest, 6, 3)))
        return false;
    memcpy(ret, rest.ptr, rest.len);
    ret[0] = 'T';
    ret[rest.len] = '\0';
    return true;
}

bool alert_attack_tactic(struct hn_text tag, char *ret)
{
    struct hn_text rest;

    if (!after_prefix(tag, &rest) || digits(rest, 1, 4)) /* t1059, g0016, s0002, ta0001 */
        return false;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.ptr[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if (c == '_')
            c = '-';
        if (!((c >= 'a' && c <= 'z') || c == '-'))
            return false;
        ret[i] = c;
    }
    ret[rest.len] = '\0';
    return true;
}
