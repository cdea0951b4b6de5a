/* network.c - names and verdicts that network products share; see network.h.
 *
 * The tables of names stay with the products that use them. */
#include "decode/network.h"

#include "decode/room.h"

void decode_add_named(struct hn_event *event, const struct field_name *names, size_t count,
        struct hn_text name, struct hn_text value)
{
    hn_event_add_text(event, name, value);
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq(names[i].name, name) && value.len > 0)
            hn_event_add_text(event, names[i].sigma, value);
    }
}

void decode_add_verdict(struct hn_event *event, enum verdict verdict, struct hn_text logged)
{
    bool allowed = verdict == VERDICT_ALLOWED;
    struct hn_text word = allowed ? HN_TEXT("accept") : HN_TEXT("denied");

    if (verdict == VERDICT_NONE)
        return;
    if (!hn_text_eq_nocase(logged, word))
        hn_event_add_text(event, HN_TEXT("action"), word);
    hn_event_add_text(event, HN_TEXT("blocked"), allowed ? HN_TEXT("false") : HN_TEXT("true"));
}

enum verdict decode_verdict_of(struct hn_text word)
{
    static const struct {
        struct hn_text start;
        enum verdict verdict;
    } words[] = {
        { HN_TEXT_INIT("accept"), VERDICT_ALLOWED },
        { HN_TEXT_INIT("allow"), VERDICT_ALLOWED },
        { HN_TEXT_INIT("pass"), VERDICT_ALLOWED },
        { HN_TEXT_INIT("permit"), VERDICT_ALLOWED },
        { HN_TEXT_INIT("est-allowed"), VERDICT_ALLOWED },
        { HN_TEXT_INIT("forward"), VERDICT_ALLOWED },
        { HN_TEXT_INIT("deny"), VERDICT_DENIED },
        { HN_TEXT_INIT("denied"), VERDICT_DENIED },
        { HN_TEXT_INIT("drop"), VERDICT_DENIED },
        { HN_TEXT_INIT("block"), VERDICT_DENIED },
        { HN_TEXT_INIT("reject"), VERDICT_DENIED },
        { HN_TEXT_INIT("discard"), VERDICT_DENIED },
        { HN_TEXT_INIT("reset-"), VERDICT_DENIED },
    };

    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_starts_nocase(word, words[i].start))
            return words[i].verdict;
    }
    return VERDICT_NONE;
}

void decode_add_url(
        struct hn_event *event, struct hn_text scheme, struct hn_text host, struct hn_text path)
{
    const struct hn_text name = HN_TEXT("c-uri");
    bool secure = hn_text_ends_nocase(scheme, HN_TEXT("https"));
    bool slash = path.len == 0 || path.ptr[0] != '/'; /* missing */
    struct hn_text start = secure ? HN_TEXT("https://") : HN_TEXT("http://");
    size_t len = start.len + host.len + (slash ? 1 : 0);
    char *url;

    if (hn_text_find(path, HN_TEXT("://"), 0) != SIZE_MAX) {
        hn_event_add_text(event, name, path);
        return;
    }
    if (host.len == 0 || !hn_event_wants(event, name))
        return;
    url = room_take(event, len + path.len);
    if (url == NULL)
        return;
    memcpy(url, start.ptr, start.len);
    memcpy(url + start.len, host.ptr, host.len);
    if (slash)
        url[start.len + host.len] = '/';
    if (path.len > 0)
        memcpy(url + len, path.ptr, path.len);
    hn_event_add_text(event, name, hn_text_of(url, len + path.len));
}

void decode_set_source(struct hn_event *event, struct hn_text product, struct hn_text category,
        struct hn_text service)
{
    event->origin = HN_ORIGIN_KNOWN;
    event->source = (struct hn_source){ .product = product };
    if (category.len > 0)
        hn_source_add_category(&event->source, category);
    if (service.len > 0)
        hn_source_add_service(&event->source, service);
}
