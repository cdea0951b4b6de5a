/* ioc_match_url.c - finds URL and path indicators in running text.
 *
 * A URL in a log is brought to its normal form, and its hash at every place where an indicator may
 * end is looked up in one pass: whole, without its query, and at each '/' for those that stand for
 * everything below. Where a URL ends in running text nobody can say, so up to three ends are tried.
 * Leaves to others: hosts as domains and addresses (ioc_match.c). */
#include "ioc/ioc_internal.h"

#define PLACES_MAX (IOC_URL_PARTS_MAX * 2 + 2)
#define ENDS_MAX   3
#define SEEN_MAX   8
/* Raw bytes of a URL that are looked at: enough for IOC_URL_MAX where each is percent-encoded. */
#define RAW_URL_MAX  ((size_t)IOC_URL_MAX * 3)
#define METHOD_SPACE " HTTP/"

/* Characters by what they mean to where a URL ends. */
#define CH_CLOSING 0x01u /* punctuation that closes what the URL stands in */
#define CH_INNER   0x02u /* what lists and sentences put behind a URL */
#define CH_BORDER  0x04u /* a path indicator may end before or behind it */
static const uint8_t url_class[256] = {
    ['.'] = CH_CLOSING,
    [','] = CH_CLOSING | CH_INNER,
    [';'] = CH_CLOSING | CH_INNER,
    [':'] = CH_CLOSING,
    ['!'] = CH_CLOSING,
    ['?'] = CH_CLOSING | CH_BORDER,
    [')'] = CH_CLOSING | CH_INNER,
    [']'] = CH_CLOSING | CH_INNER,
    ['}'] = CH_CLOSING | CH_INNER,
    ['{'] = CH_INNER,
    ['\''] = CH_CLOSING | CH_INNER,
    ['*'] = CH_CLOSING,
    ['|'] = CH_CLOSING | CH_INNER,
    ['/'] = CH_BORDER,
    ['&'] = CH_BORDER,
    ['='] = CH_BORDER,
};

static bool is_url(char c, unsigned classes)
{
    return (url_class[(unsigned char)c] & classes) != 0;
}

/* Indicators reported for this stretch of text already, by another of its ends. */
struct seen {
    uint32_t indexes[SEEN_MAX];
    unsigned count;
};

/* A place in a normal form at which an indicator may end. */
struct place {
    size_t end;
    uint64_t running; /* hash up to there */
};

static void report_once(struct ioc_match *match, struct seen *seen, uint32_t index,
        enum ioc_how how, struct ioc_span span)
{
    for (unsigned i = 0; i < seen->count; i++) {
        if (seen->indexes[i] == index)
            return;
    }
    if (seen->count < SEEN_MAX)
        seen->indexes[seen->count++] = index;
    (void)ioc_report_hit(match, index, how, span);
}

/* The end of what can be one URL in value, from start on. */
static size_t url_end(struct hn_text value, size_t start)
{
    size_t end = start;

    while (end < value.len && end - start < RAW_URL_MAX && ioc_is(value.ptr[end], IOC_CH_URL))
        end++;
    return end;
}

/* Where the URL text[start, end) may end instead: without closing punctuation, or before a
 * character that lists and sentences use. Longest first. */
static unsigned possible_ends(
        struct hn_text value, size_t start, size_t end, size_t ret_ends[ENDS_MAX])
{
    unsigned count = 0;
    size_t trimmed = end;
    size_t cut = start;

    ret_ends[count++] = end;
    while (trimmed > start && is_url(value.ptr[trimmed - 1], CH_CLOSING))
        trimmed--;
    if (trimmed < end)
        ret_ends[count++] = trimmed;
    while (cut < trimmed && !is_url(value.ptr[cut], CH_INNER))
        cut++;
    if (cut < trimmed)
        ret_ends[count++] = cut;
    return count;
}

/* ---- Normal forms ---- */

/* An indicator for exactly this URL, or this one without its query. */
static void match_whole(
        struct ioc_match *match, struct seen *seen, const struct ioc_key *key, struct ioc_span span)
{
    const struct ioc_set *set = match->set;
    size_t ends[2] = { key->len, key->query_at };

    for (unsigned i = 0; i < 2 && !match->stopped; i++) {
        struct hn_text url = { key->text, ends[i] };
        uint32_t index;

        if (i == 1 && ends[1] == ends[0])
            break;
        index = ioc_find_key(
                set, IOC_SPACE_URL, ioc_hash_bytes(&set->table, IOC_SPACE_URL, url), IOC_URL, url);
        if (index != IOC_NONE)
            report_once(match, seen, index, IOC_HOW_EXACT, span);
    }
}

/* Looks up the beginnings of text at these places, the longest first. */
static void match_places(struct ioc_match *match, struct seen *seen, struct hn_text text,
        const struct place *places, size_t count, struct ioc_span span)
{
    const struct ioc_set *set = match->set;
    bool is_path = text.ptr[0] == '/';
    enum ioc_space space = is_path ? IOC_SPACE_PATH : IOC_SPACE_PREFIX;

    while (count > 0 && !match->stopped) {
        const struct place *place = &places[--count];
        uint32_t index =
                ioc_find_key(set, space, ioc_hash_finish(&set->table, space, place->running),
                        is_path ? IOC_PATH : IOC_URL, hn_text_sub(text, 0, place->end));

        if (index != IOC_NONE)
            report_once(match, seen, index, place->end == text.len ? IOC_HOW_EXACT : IOC_HOW_PREFIX,
                    span);
    }
}

/* Indicators that stand for everything below a URL: the host alone, and up to each '/'. */
static void match_prefixes(
        struct ioc_match *match, struct seen *seen, const struct ioc_key *key, struct ioc_span span)
{
    HN_UNINITIALIZED struct place places[PLACES_MAX];
    uint64_t running = IOC_HASH_START;
    struct hn_text url = { key->text, key->query_at };
    size_t count = 0;

    for (size_t i = 0; i < url.len && count + 1 < PLACES_MAX; i++) {
        if (url.ptr[i] == '/')
            places[count++] = (struct place){ i, running };
        running = ioc_hash_step(match->set->table.exact, running, url.ptr[i]);
        if (i + 1 == url.len && url.ptr[i] != '/')
            places[count++] = (struct place){ url.len, running };
    }
    match_places(match, seen, url, places, count, span);
}

/* Indicators for a path on any host: they end before or behind a '/', '?', '&' or '='. */
static void match_any_host(
        struct ioc_match *match, struct seen *seen, const struct ioc_key *key, struct ioc_span span)
{
    HN_UNINITIALIZED struct place places[PLACES_MAX];
    uint64_t running = IOC_HASH_START;
    struct hn_text path = hn_text_sub(hn_text_of(key->text, key->len), key->path_at, key->len);
    size_t count = 0;

    for (size_t i = 0; i < path.len && count + 2 < PLACES_MAX; i++) {
        char c = path.ptr[i];
        bool border = is_url(c, CH_BORDER);

        if (border && i > 0)
            places[count++] = (struct place){ i, running };
        running = ioc_hash_step(match->set->table.exact, running, c);
        if (border || i + 1 == path.len)
            places[count++] = (struct place){ i + 1, running };
    }
    match_places(match, seen, path, places, count, span);
}

/* strange: no URL of its host is listed. */
static void match_key(struct ioc_match *match, struct seen *seen, const struct ioc_key *key,
        struct ioc_span span, bool strange)
{
    if (match->set->any_url && key->type == IOC_URL && !strange) {
        match_whole(match, seen, key, span);
        if (!match->stopped)
            match_prefixes(match, seen, key, span);
    }
    if (match->set->any_path && !match->stopped)
        match_any_host(match, seen, key, span);
}

/* ---- In text ---- */

/* True when no URL on this host is listed, which is so for nearly all. */
static bool is_strange_host(const struct ioc_set *set, const struct ioc_key *key)
{
    struct hn_text host = { key->text, key->host_len };
    struct hn_ip ip;

    if ((host.ptr[0] == '[' || ioc_is(host.ptr[0], IOC_CH_DIGIT)) && hn_ip_parse(host, &ip))
        return !ioc_table_likely(&set->table, IOC_SPACE_IP, ioc_hash_ip(&set->table, &ip));
    return !ioc_table_likely(&set->table, IOC_SPACE_NAME, ioc_hash_name(&set->table, host));
}

/* A host that the text hides behind percent-encoding has not been looked at as a name. */
static void match_hidden_host(
        struct ioc_match *match, const struct ioc_key *key, struct ioc_span span)
{
    size_t start = span.start;
    size_t end;

    if (hn_text_find_char(hn_text_sub(match->value, start, span.end - start), '%', 0) == SIZE_MAX)
        return;
    start += ioc_scheme_len(hn_text_sub(match->value, start, span.end - start));
    for (end = start; end < span.end && !ioc_in(match->value.ptr[end], "/?#"); end++) {
        if (match->value.ptr[end] == '%') {
            ioc_match_domain(match, hn_text_of(key->text, key->host_len), span, false);
            return;
        }
    }
}

static void match_span(struct ioc_match *match, struct ioc_span span)
{
    struct seen seen = { .count = 0 };
    size_t ends[ENDS_MAX];
    unsigned count = possible_ends(match->value, span.start, span.end, ends);

    for (unsigned i = 0; i < count && !match->stopped; i++) {
        struct ioc_span part = { span.start, ends[i] };
        struct hn_text text = hn_text_sub(match->value, part.start, part.end - part.start);
        HN_UNINITIALIZED struct ioc_key key;
        bool strange;

        if (text.len == 0)
            return;
        if (text.ptr[0] == '/') {
            if (ioc_path_normal(text, &key) == IOC_FINE)
                match_key(match, &seen, &key, part, false);
            continue;
        }
        if (ioc_url_normal(text, &key) != IOC_FINE)
            continue;
        if (i == 0)
            match_hidden_host(match, &key, part);
        strange = is_strange_host(match->set, &key);
        if (strange && !match->set->any_path)
            return;
        if (!match->stopped)
            match_key(match, &seen, &key, part, strange);
    }
}

bool ioc_may_be_bare_url(const struct ioc_match *match, struct ioc_span host)
{
    struct hn_text value = match->value;

    if (!match->set->any_url && !match->set->any_path)
        return false;
    if (host.end == value.len || (value.ptr[host.end] != '/' && value.ptr[host.end] != ':'))
        return false;
    /* Behind "://" it is part of a URL that is looked at as a whole; so is what follows a user. */
    return host.start == 0 ||
           (value.ptr[host.start - 1] != '@' &&
                   (host.start < 3 ||
                           !hn_text_eq(hn_text_sub(value, host.start - 3, 3), HN_TEXT("://"))));
}

void ioc_match_bare_url(struct ioc_match *match, struct ioc_span host)
{
    struct hn_text value = match->value;
    size_t end = host.end;

    if (!ioc_may_be_bare_url(match, host))
        return;
    if (end < value.len && value.ptr[end] == ':') {
        end++;
        while (end < value.len && ioc_is(value.ptr[end], IOC_CH_DIGIT))
            end++;
    }
    if (end == value.len || value.ptr[end] != '/')
        return;
    if (hn_text_starts(hn_text_sub(value, host.end, 3), HN_TEXT("://")))
        return; /* no host but a scheme, of a URL that is looked at as a whole */
    match_span(match, (struct ioc_span){ host.start, url_end(value, host.start) });
}

/* "GET /path HTTP/1.1" */
static void match_request_lines(struct ioc_match *match)
{
    struct hn_text value = match->value;
    size_t at = 0;

    while (!match->stopped && (at = hn_text_find(value, HN_TEXT(METHOD_SPACE), at)) != SIZE_MAX) {
        size_t start = at;

        while (start > 0 && at - start < RAW_URL_MAX && value.ptr[start - 1] != ' ')
            start--;
        if (start > 0 && start < at && value.ptr[start] == '/')
            match_span(match, (struct ioc_span){ start, url_end(value, start) });
        at += sizeof METHOD_SPACE - 1;
    }
}

/* In a field for URLs the value is one, whatever characters it holds. */
static void match_url_field(struct ioc_match *match)
{
    struct hn_text value = hn_text_sub(match->value, 0, RAW_URL_MAX);

    if ((match->hints & IOC_HINT_PATH) == 0 || value.len == 0)
        return;
    if ((match->set->any_path && value.ptr[0] == '/') || ioc_scheme_len(value) > 0)
        match_span(match, (struct ioc_span){ 0, value.len });
}

void ioc_match_urls(struct ioc_match *match)
{
    struct hn_text value = match->value;
    size_t at = 0;

    match_url_field(match);
    if ((match->hints & IOC_HINT_PATH) != 0 && ioc_scheme_len(value) > 0)
        at = ioc_scheme_len(value); /* that one is done */
    while (!match->stopped && (at = hn_text_find(value, HN_TEXT("://"), at)) != SIZE_MAX) {
        size_t start = at;

        while (start > 0 && at - start < 16 &&
                (ioc_is(value.ptr[start - 1], IOC_CH_ALNUM) || value.ptr[start - 1] == '+'))
            start--;
        while (start < at && ioc_is(value.ptr[start], IOC_CH_DIGIT))
            start++; /* a scheme starts with a letter */
        if (start < at)
            match_span(match, (struct ioc_span){ start, url_end(value, start) });
        at += 3;
    }
    if (match->set->any_path && !match->stopped)
        match_request_lines(match);
}

void ioc_match_whole_url(struct ioc_match *match)
{
    match_span(match, (struct ioc_span){ 0, match->value.len });
}
