/* family.c - the family of malware that traces of different kinds agree on: hits of rules, and what
 * YARA rules and vendors call it. All that signatures say is one kind of trace: they copy from each
 * other. */
#include "analyze/analyze_internal.h"

#define FOLDED_MAX 48u

/* Whether a rule is about one piece of malware, and not about a way of acting: its tags name the
 * software in ATT&CK, "attack.s0367". */
static bool names_software(const struct analyze_hit *hit)
{
    static const struct hn_text prefix = HN_TEXT_INIT("attack.s");

    for (uint32_t i = 0; i < hit->tags.count; i++) {
        struct hn_text tag = hit->tags.ptr[i];

        if (hn_text_starts_nocase(tag, prefix) && tag.len > prefix.len &&
                tag.ptr[prefix.len] >= '0' && tag.ptr[prefix.len] <= '9')
            return true;
    }
    return false;
}

/* What a rule says of a family. Ways of acting (the trace ttp) many families share. */
static struct hn_text named_family(const struct analyze_hit *hit)
{
    if (hit->meta == NULL || hn_text_eq(hit->trace, HN_TEXT("ttp")) || !names_software(hit))
        return HN_TEXT("");
    return hit->meta->context.family;
}

/* ---- What signatures say ---- */

/* Letters and digits in lower case: "Cobalt Strike" and "cobaltstrike" are one name. */
static struct hn_text folded(struct hn_text name, char room[FOLDED_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < name.len && len < FOLDED_MAX; i++) {
        char c = name.ptr[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80)
            room[len++] = c;
    }
    return hn_text_of(room, len);
}

/* "win.emotet", "Trojan:Win32/Emotet" and "Emotet" mean the same. */
static bool means(struct hn_text said, struct hn_text family)
{
    char said_room[FOLDED_MAX];
    char family_room[FOLDED_MAX];
    size_t last = said.len;

    while (last > 0 && strchr("./:!", said.ptr[last - 1]) == NULL)
        last--;
    family = folded(family, family_room);
    return family.len > 0 &&
           (hn_text_eq(folded(said, said_room), family) ||
                   hn_text_eq(folded(hn_text_sub(said, last, SIZE_MAX), said_room), family));
}

static bool signatures_say(const struct dissect *dissect, struct hn_text family)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
                fact = fact->next) {
            if ((strcmp(fact->name, "yara_family") == 0 || strcmp(fact->name, "vt_family") == 0) &&
                    means(fact->value, family))
                return true;
        }
    }
    return false;
}

struct hn_text analyze_family(
        const struct dissect *dissect, const struct analyze_hit *hits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct analyze_hit *one = &hits[i];

        if (named_family(one).len == 0)
            continue;
        for (size_t k = i + 1; k < count; k++) {
            const struct analyze_hit *other = &hits[k];

            if (hn_text_eq(named_family(one), named_family(other)) &&
                    !hn_text_eq(one->trace, other->trace))
                return named_family(one);
        }
        if (dissect != NULL && signatures_say(dissect, named_family(one)))
            return named_family(one);
    }
    return HN_TEXT("");
}
