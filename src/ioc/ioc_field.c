/* ioc_field.c - what fields can hold, and matching whole events.
 *
 * Hints only keep nonsense out (a version number is no address) and let a doubtful name count where
 * names belong; a field that is not listed is searched as free text. Logs that split a URL into
 * host and path have it put together again, so that URL indicators match.
 * Leaves to others: decoding events (src/decode), values (ioc_match.c). */
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#include <stdlib.h>

#define NAME_MAX_LEN 48
#define HOSTS        (IOC_HINT_HOST | IOC_HINT_NO_FILE)
#define URLS         (IOC_HINT_HOST | IOC_HINT_NO_FILE | IOC_HINT_PATH)
#define FILES        IOC_HINT_NO_BARE_HOST
#define WORDS        (IOC_HINT_NO_BARE_HOST | IOC_HINT_NO_FILE)

struct field_hint {
    const char *name;
    uint32_t hints;
};

/* Sorted, lower case. */
static const struct field_hint field_hints[] = {
    { "c-uri", URLS },
    { "c-useragent", WORDS },
    { "channel", WORDS },
    { "company", WORDS },
    { "cs(referer)", URLS },
    { "cs(user-agent)", WORDS },
    { "cs-host", HOSTS },
    { "cs-referer", URLS },
    { "cs-uri", URLS },
    { "cs-uri-path", URLS },
    { "cs-uri-stem", URLS },
    { "cs-user-agent", WORDS },
    { "currentdirectory", FILES },
    { "description", WORDS },
    { "dest_hostname", HOSTS },
    { "destination.domain", HOSTS },
    { "destinationhostname", HOSTS },
    { "destinationip", HOSTS },
    { "dns.query.rrname", HOSTS },
    { "dns.question.name", HOSTS },
    { "dns.rrname", HOSTS },
    { "file.name", FILES },
    { "file.path", FILES },
    { "filename", FILES },
    { "fileversion", WORDS },
    { "host", HOSTS },
    { "hostname", HOSTS },
    { "http.hostname", HOSTS },
    { "http.http_refer", URLS },
    { "http.http_user_agent", WORDS },
    { "http.url", URLS },
    { "image", FILES },
    { "imageloaded", FILES },
    { "newprocessname", FILES },
    { "originalfilename", FILES },
    { "parentimage", FILES },
    { "parentprocessname", FILES },
    { "pipename", FILES },
    { "process.executable", FILES },
    { "process.name", FILES },
    { "process.parent.executable", FILES },
    { "process.parent.name", FILES },
    { "product", WORDS },
    { "productversion", WORDS },
    { "provider_name", WORDS },
    { "query", HOSTS },
    { "queryname", HOSTS },
    { "queryresults", HOSTS },
    { "r-dns", HOSTS },
    { "referer", URLS },
    { "referrer", URLS },
    { "request_uri", URLS },
    { "rrname", HOSTS },
    { "server_name", HOSTS },
    { "source.domain", HOSTS },
    { "sourcehostname", HOSTS },
    { "sourceimage", FILES },
    { "sourceip", HOSTS },
    { "targetfilename", FILES },
    { "targetimage", FILES },
    { "tls.client.server_name", HOSTS },
    { "tls.sni", HOSTS },
    { "uri", URLS },
    { "uri_path", URLS },
    { "url", URLS },
    { "url.domain", HOSTS },
    { "url.full", URLS },
    { "url.original", URLS },
    { "url.path", URLS },
    { "user_agent", WORDS },
    { "user_agent.original", WORDS },
    { "useragent", WORDS },
    { "version", WORDS },
};

static int compare_field(const void *key, const void *item)
{
    const struct hn_text *name = key;
    const struct field_hint *listed = item;

    return hn_text_cmp(*name, hn_text_cstr(listed->name));
}

uint32_t ioc_hints_of_field(struct hn_text name)
{
    char room[NAME_MAX_LEN];
    struct hn_text lower = { room, name.len };
    const struct field_hint *known;

    if (name.len > sizeof room)
        return 0;
    hn_lower_ascii(name, room);
    known = bsearch(
            &lower, field_hints, HN_COUNT_OF(field_hints), sizeof *field_hints, compare_field);
    if (known != NULL)
        return known->hints;
    if (hn_text_ends(lower, HN_TEXT("version")))
        return WORDS;
    if (hn_text_ends(lower, HN_TEXT("hostname")))
        return HOSTS;
    return 0;
}

/* ---- URLs in several fields ---- */

/* Fields that hold one URL between them: W3C extended, Zeek, Suricata, Elastic Common Schema. */
struct split_url {
    const char *host;
    const char *port;
    const char *path;
    const char *query; /* NULL: part of path */
};

static const struct split_url split_urls[] = {
    { "cs-host", "cs-uri-port", "cs-uri-stem", "cs-uri-query" },
    { "cs-host", "cs-uri-port", "cs-uri-path", "cs-uri-query" },
    { "cs-host", "cs-uri-port", "c-uri", NULL },
    { "host", "id.resp_p", "uri", NULL },
    { "http.hostname", "http.http_port", "http.url", NULL },
    { "url.domain", "url.port", "url.path", "url.query" },
    { "destination.domain", "url.port", "url.path", "url.query" },
};

static struct hn_text text_of(struct hn_event *event, const char *name)
{
    uint32_t index = name == NULL ? HN_VALUE_NONE : hn_event_find_name(event, hn_text_cstr(name));

    return index == HN_VALUE_NONE ? HN_TEXT("") : hn_event_text(event, index);
}

/* As much of text as there is room for: what is cut is longer than any indicator. */
static void add_cut(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_text(out, hn_text_sub(text, 0, out->room - out->len));
}

/* The URL of these fields into out; false when they hold none. */
static bool join_url(struct hn_event *event, const struct split_url *fields, struct hn_text host,
        struct hn_buf *out)
{
    struct hn_text path = text_of(event, fields->path);
    struct hn_text query = text_of(event, fields->query);
    struct hn_text port = text_of(event, fields->port);

    if (host.len == 0 || host.len > IOC_DOMAIN_MAX || path.len == 0 || path.ptr[0] != '/')
        return false;
    hn_buf_add_text(out, host);
    if (port.len > 0 && port.len <= 5 && hn_text_find_char(host, ':', 0) == SIZE_MAX) {
        hn_buf_add_char(out, ':');
        hn_buf_add_text(out, port);
    }
    add_cut(out, path);
    if (query.len > 0 && !hn_text_eq(query, HN_TEXT("-"))) {
        add_cut(out, query.ptr[0] == '?' ? HN_TEXT("") : HN_TEXT("?"));
        add_cut(out, query);
    }
    return true;
}

static void match_split_url(struct ioc_match *match, struct hn_event *event, struct hn_text host)
{
    struct hn_text field = match->field;

    for (size_t i = 0; i < HN_COUNT_OF(split_urls) && !match->stopped; i++) {
        const struct split_url *fields = &split_urls[i];
        char room[IOC_KEY_MAX];
        struct hn_buf url = ioc_fixed_buf(room, sizeof room);

        if (!hn_text_eq_nocase(field, hn_text_cstr(fields->host)))
            continue;
        if (!join_url(event, fields, host, &url))
            continue;
        match->field = hn_text_cstr(fields->path);
        match->value = hn_buf_text(&url);
        ioc_match_whole_url(match);
    }
}

/* ---- Events ---- */

static bool is_text_type(uint8_t type)
{
    /* Numbers are no indicators, and what is in objects is a field of its own. */
    return type == HN_TYPE_STRING;
}

uint32_t ioc_match_event(
        const struct ioc_set *set, struct hn_event *event, ioc_on_hit *on_hit, void *ctx)
{
    struct ioc_match match = { .set = set, .on_hit = on_hit, .ctx = ctx };

    for (size_t i = 0; i < event->named.count && !match.stopped; i++) {
        const struct hn_named *named = &event->named.ptr[i];
        enum ioc_chance chance;
        struct hn_text value;

        if (!is_text_type(event->values[named->index].type))
            continue;
        value = hn_event_text(event, named->index);
        chance = ioc_chance_of(set, IOC_TEXT_VALUE, value);
        if (chance == IOC_CHANCE_NONE)
            continue;
        match.value = value;
        match.field = named->name;
        match.hints = ioc_hints_of_field(named->name);
        (void)ioc_match_run(&match, chance);
        if (set->any_url && !match.stopped && (match.hints & IOC_HINT_HOST) != 0)
            match_split_url(&match, event, value);
    }
    return match.hits;
}
