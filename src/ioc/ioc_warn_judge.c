/* ioc_warn_judge.c - what the warning lists say about an indicator.
 *
 * A list that has exactly this value suppresses it. A list that has only something near (the parent
 * of the name, a part of the text) flags it: whoever listed the longer name knew the shorter one.
 * A URL is not its host: on a listed host it stays an indicator and is marked as being on a
 * legitimate one. Leaves to others: what follows from a verdict (ioc_seal.c). */
#include "ioc/ioc_warn.h"

#include "base/utf.h"

#include <assert.h>

static_assert(HN_MAP_NONE == IOC_NONE, "what the map does not have ends a chain");

struct judging {
    struct ioc_warnlists *lists;
    enum ioc_type type;
    struct ioc_warn_verdict verdict;
};

static void consider(struct judging *judging, uint32_t index, bool same)
{
    const struct warn_list *list = &judging->lists->lists.ptr[index];
    bool suppress;

    if ((list->types >> judging->type & 1) == 0)
        return;
    if (judging->type == IOC_URL && !same && !list->informs)
        judging->verdict.legitimate_host = true;
    suppress = list->use == IOC_WARN_SUPPRESS ||
            (list->use == IOC_WARN_AUTO && same && !list->informs);
    if (judging->verdict.listed && (judging->verdict.suppress || !suppress))
        return; /* the first of the strongest names it */
    judging->verdict.listed = true;
    judging->verdict.suppress = suppress;
    judging->verdict.list_name = list->name;
}

/* Every list that has this key. */
static void look_up(struct judging *judging, struct hn_text key, bool same)
{
    uint32_t at = hn_map_find(&judging->lists->keys, key);

    for (; at != IOC_NONE; at = judging->lists->entries.ptr[at].next)
        consider(judging, judging->lists->entries.ptr[at].list, same);
}

/* The value itself, as this type; same: it is all of the indicator. */
static void look_up_value(
        struct judging *judging, enum ioc_type type, struct hn_text value, bool same)
{
    char room[IOC_KEY_MAX + WARN_MARK_LEN];

    memcpy(room, value.ptr, value.len);
    room[value.len] = WARN_MARK_SAME;
    room[value.len + 1] = (char)type;
    look_up(judging, hn_text_of(room, value.len + WARN_MARK_LEN), same);
}

/* The host and its parents; whole: the indicator is the host. */
static void look_up_host(struct judging *judging, struct hn_text host, bool whole)
{
    char room[IOC_KEY_MAX + WARN_MARK_LEN];
    size_t at = 0;

    memcpy(room, host.ptr, host.len);
    room[host.len] = WARN_MARK_HOST;
    room[host.len + 1] = '\0';
    while (at < host.len) {
        bool same = whole && (at == 0 || (at == 4 && hn_text_starts(host, HN_TEXT("www."))));

        look_up(judging, hn_text_of(room + at, host.len + WARN_MARK_LEN - at), same);
        at = hn_text_find_char(host, '.', at);
        at = at == SIZE_MAX ? host.len : at + 1;
    }
}

/* Networks of a list that hold all of this network. */
static void look_up_network(struct judging *judging, const struct hn_cidr *cidr, bool same)
{
    unsigned shortest = hn_ip_is_v4(&cidr->address) ? 96 : 0;

    for (unsigned len = cidr->prefix_len + 1u; len-- > shortest;) {
        struct hn_ip network = cidr->address;
        char key[17 + WARN_MARK_LEN];
        unsigned whole = len / 8;

        if ((judging->lists->cidr_lengths[len / 64] >> len % 64 & 1) == 0)
            continue;
        if (whole < 16) {
            network.bytes[whole] = (uint8_t)(network.bytes[whole] & (0xFF00u >> len % 8));
            memset(network.bytes + whole + 1, 0, 15 - whole);
        }
        memcpy(key, network.bytes, 16);
        key[16] = (char)len;
        key[17] = WARN_MARK_CIDR;
        key[18] = '\0';
        look_up(judging, hn_text_of(key, sizeof key), same);
    }
}

static void look_up_substrings(struct judging *judging, struct hn_text folded)
{
    const struct ioc_warnlists *lists = judging->lists;

    for (size_t i = 0; i + WARN_GRAM <= folded.len; i++) {
        uint32_t at = hn_map_find(&lists->grams, hn_text_sub(folded, i, WARN_GRAM));

        for (; at != IOC_NONE; at = lists->substrings.ptr[at].next) {
            struct hn_text wanted = lists->substrings.ptr[at].text;

            if (hn_text_eq(hn_text_sub(folded, i, wanted.len), wanted))
                consider(judging, lists->substrings.ptr[at].list, wanted.len == folded.len);
        }
    }
}

static void look_up_regexes(struct judging *judging, struct hn_text text)
{
    const struct ioc_warnlists *lists = judging->lists;

    for (size_t i = 0; i < lists->regexes.count; i++) {
        const struct warn_regex *regex = &lists->regexes.ptr[i];

        if ((lists->lists.ptr[regex->list].types >> judging->type & 1) != 0 &&
                pcre2_match(regex->code, (PCRE2_SPTR)text.ptr, text.len, 0, 0, lists->match_data,
                        lists->match_context) >= 0)
            consider(judging, regex->list, true);
    }
}

static void judge_text(struct judging *judging, struct hn_text text)
{
    char folded[HN_FOLD_ROOM(IOC_KEY_MAX)];

    if (judging->lists->substrings.count > 0)
        look_up_substrings(judging, hn_text_of(folded, hn_fold(text, folded)));
    if (judging->lists->regexes.count > 0)
        look_up_regexes(judging, text);
}

static void judge_url(struct judging *judging, const struct ioc_key *key)
{
    struct hn_text host = { key->text, key->host_len };
    bool bare = key->prefix && key->path_at == key->len;
    struct hn_cidr cidr = { .prefix_len = 128 };

    if (hn_ip_parse(host, &cidr.address))
        look_up_network(judging, &cidr, bare);
    else
        look_up_host(judging, host, bare);
    look_up_value(judging, IOC_DOMAIN, host, bare);
    look_up_value(judging, IOC_URL, hn_text_of(key->text, key->len), true);
    judge_text(judging, hn_text_of(key->text, key->len));
}

static void judge_address(struct judging *judging, const struct ioc_key *key)
{
    struct hn_cidr cidr = { { { [10] = 0xFF, [11] = 0xFF } }, 128 };

    if (key->type == IOC_IPV4)
        memcpy(cidr.address.bytes + 12, key->text, 4);
    else
        memcpy(cidr.address.bytes, key->text, 16);
    if (key->type == IOC_CIDR)
        cidr.prefix_len = (uint8_t)key->text[16];
    look_up_network(judging, &cidr, true);
}

struct ioc_warn_verdict ioc_warn_judge(struct ioc_warnlists *lists, const struct ioc_key *key)
{
    struct judging judging = { .lists = lists, .type = key->type };
    struct hn_text text = { key->text, key->len };

    switch (key->type) {
    case IOC_URL:
        judge_url(&judging, key);
        break;
    case IOC_IPV4:
    case IOC_IPV6:
    case IOC_CIDR:
        judge_address(&judging, key);
        look_up_value(&judging, key->type, text, true);
        break;
    case IOC_DOMAIN:
        look_up_host(&judging, text, true);
        look_up_value(&judging, key->type, text, true);
        judge_text(&judging, text);
        break;
    case IOC_EMAIL:
        look_up_host(&judging, hn_text_sub(text, hn_text_find_char(text, '@', 0) + 1, text.len),
                false);
        look_up_value(&judging, key->type, text, true);
        judge_text(&judging, text);
        break;
    case IOC_PATH:
    case IOC_FILENAME:
        look_up_value(&judging, key->type, text, true);
        judge_text(&judging, text);
        break;
    case IOC_MD5:
    case IOC_SHA1:
    case IOC_SHA256:
    case IOC_SHA512:
    case IOC_TYPE_COUNT:
        look_up_value(&judging, key->type, text, true);
        break;
    }
    return judging.verdict;
}
