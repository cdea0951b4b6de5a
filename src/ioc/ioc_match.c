/* ioc_match.c - finds indicators in one value: addresses, domains, hashes, e-mail addresses.
 *
 * The scanner (ioc_scan.c) has said that something may be there; here every candidate is compared
 * with the indicator itself and weighed by what stands around it. The readings are the scanner's
 * (ioc_run.c). docs/indicators.md explains the weighing to users.
 * Leaves to others: URLs (ioc_match_url.c), file names (ioc_match_name.c), fields and events
 * (ioc_field.c). */
#include "base/enc.h"
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#define LABELS_MAX 127

bool ioc_report_hit(struct ioc_match *match, uint32_t index, enum ioc_how how, struct ioc_span span)
{
    struct ioc_hit hit = { .index = index,
        .type = (enum ioc_type)match->set->store.records.ptr[index].type,
        .how = how,
        .offset = (uint32_t)span.start,
        .len = (uint32_t)(span.end - span.start),
        .value = match->value,
        .field = match->field };

    match->hits++;
    match->stopped = !match->on_hit(match->ctx, &hit);
    return !match->stopped;
}

/* ---- What stands around ---- */

static char char_at(struct hn_text text, size_t pos)
{
    return pos < text.len ? text.ptr[pos] : '\0';
}

static char before(struct hn_text text, size_t pos, size_t back)
{
    return pos >= back ? text.ptr[pos - back] : '\0';
}

/* "//" that opens an authority: behind a scheme, or not behind a path. */
static bool is_authority_mark(struct hn_text value, size_t pos)
{
    char third = before(value, pos, 3);

    return before(value, pos, 1) == '/' && before(value, pos, 2) == '/' &&
           !ioc_is(third, IOC_CH_WORD | IOC_CH_DOT) && third != '/';
}

/* "\\host" at the start of a word. */
static bool is_unc_mark(struct hn_text value, size_t pos)
{
    char third = before(value, pos, 3);

    return before(value, pos, 1) == '\\' && before(value, pos, 2) == '\\' &&
           !ioc_is(third, IOC_CH_RUN) && third != '\\' && third != ':';
}

/* The percent-encoded character that ends right before pos, or -1. */
static int encoded_before(struct hn_text value, size_t pos)
{
    char room[1];
    struct hn_buf byte = ioc_fixed_buf(room, sizeof room);

    if (pos < 3 || value.ptr[pos - 3] != '%' ||
            !hn_hex_decode(&byte, hn_text_sub(value, pos - 2, 2)))
        return -1;
    return (unsigned char)room[0];
}

enum ioc_setting ioc_setting_of(struct hn_text value, struct ioc_span span)
{
    char last = before(value, span.start, 1);

    if (is_authority_mark(value, span.start) || is_unc_mark(value, span.start) || last == '@')
        return IOC_SETTING_URL;
    if (encoded_before(value, span.start) == '/' && span.start >= 6 &&
            encoded_before(value, span.start - 3) == '/')
        return IOC_SETTING_URL;
    if (last == '/' || last == '\\')
        return IOC_SETTING_PATH;
    return IOC_SETTING_BARE;
}

/* ---- Domains ---- */

void ioc_match_domain(
        struct ioc_match *match, struct hn_text host, struct ioc_span span, bool aligned)
{
    const struct ioc_set *set = match->set;
    struct {
        size_t at;
        uint32_t index;
    } found[LABELS_MAX + 1];
    uint64_t running = IOC_HASH_START;
    size_t count = 0;

    for (size_t i = host.len; i > 0 && count < HN_COUNT_OF(found); i--) {
        uint32_t index;

        running = ioc_hash_step(set->table.fold, running, host.ptr[i - 1]);
        if (i > 1 && host.ptr[i - 2] != '.')
            continue;
        index = ioc_find_key(set, IOC_SPACE_NAME,
                ioc_hash_finish(&set->table, IOC_SPACE_NAME, running), IOC_DOMAIN,
                hn_text_sub(host, i - 1, host.len));
        if (index == IOC_NONE)
            continue;
        found[count].at = i - 1;
        found[count++].index = index;
    }
    while (count > 0 && !match->stopped) {
        size_t at = found[--count].at;
        struct ioc_span part = { span.start + (aligned ? at : 0), span.end };

        (void)ioc_report_hit(
                match, found[count].index, at == 0 ? IOC_HOW_EXACT : IOC_HOW_SUBDOMAIN, part);
    }
}

static unsigned labels_of(struct hn_text name)
{
    unsigned labels = 1;

    for (size_t i = 0; i < name.len; i++)
        labels += name.ptr[i] == '.';
    return labels;
}

static struct hn_text last_label(struct hn_text name)
{
    size_t at = name.len;

    while (at > 0 && name.ptr[at - 1] != '.')
        at--;
    return hn_text_sub(name, at, name.len);
}

/* "host:8080", "host/": what follows says that a name is one. */
static bool looks_like_url(struct hn_text value, struct ioc_span span)
{
    char next = char_at(value, span.end);

    return next == '/' || (next == ':' && ioc_is(char_at(value, span.end + 1), IOC_CH_DIGIT)) ||
           hn_text_starts_nocase(
                   hn_text_sub(value, span.start, span.end - span.start), HN_TEXT("www."));
}

/* Whether a name here is meant as a host: see "Host names" in docs/indicators.md. */
static bool may_be_host(const struct ioc_match *match, struct ioc_span span)
{
    struct hn_text name = hn_text_sub(match->value, span.start, span.end - span.start);
    enum ioc_setting setting = ioc_setting_of(match->value, span);

    if (setting == IOC_SETTING_URL)
        return true;
    if (setting == IOC_SETTING_PATH || (match->hints & IOC_HINT_NO_BARE_HOST) != 0)
        return false;
    if ((match->hints & IOC_HINT_HOST) != 0 || looks_like_url(match->value, span))
        return true;
    return labels_of(name) > 2 || !ioc_is_extension_like_tld(last_label(name));
}

/* ---- Addresses ---- */

struct network_ctx {
    struct ioc_match *match;
    struct ioc_span span;
};

static bool on_network(void *ctx, uint32_t index)
{
    struct network_ctx *network = ctx;

    return ioc_report_hit(network->match, index, IOC_HOW_NETWORK, network->span);
}

static void match_ip(struct ioc_match *match, const struct hn_ip *ip, struct ioc_span span)
{
    const struct ioc_set *set = match->set;
    bool v4 = hn_ip_is_v4(ip);
    struct hn_text key = { (const char *)ip->bytes + (v4 ? 12 : 0), v4 ? 4 : 16 };
    uint32_t index = ioc_find_key(
            set, IOC_SPACE_IP, ioc_hash_ip(&set->table, ip), v4 ? IOC_IPV4 : IOC_IPV6, key);
    struct network_ctx network = { match, span };

    if (index != IOC_NONE && !ioc_report_hit(match, index, IOC_HOW_EXACT, span))
        return;
    (void)ioc_find_networks(set, ip, on_network, &network);
}

/* A product's version looks like an address: "Name/1.2.3.4". Java writes "/192.0.2.1:443". */
static bool may_be_address(const struct ioc_match *match, struct ioc_span span)
{
    struct hn_text value = match->value;

    switch (ioc_setting_of(value, span)) {
    case IOC_SETTING_URL:
        return true;
    case IOC_SETTING_PATH:
        if ((match->hints & IOC_HINT_NO_BARE_HOST) != 0 || before(value, span.start, 1) == '\\')
            return false;
        return !ioc_is(before(value, span.start, 2), IOC_CH_ALNUM) ||
               (char_at(value, span.end) == ':' &&
                       ioc_is(char_at(value, span.end + 1), IOC_CH_DIGIT));
    case IOC_SETTING_BARE:
        break;
    }
    return (match->hints & IOC_HINT_NO_BARE_HOST) == 0;
}

static void match_v6(struct ioc_match *match)
{
    struct hn_text value = match->value;
    size_t done = 0;
    size_t colon;

    while (!match->stopped && (colon = hn_text_find_char(value, ':', done)) != SIZE_MAX) {
        struct ioc_v6_found found;

        ioc_v6_around(IOC_TEXT_VALUE, value, colon, done, &found);
        done = found.end;
        for (unsigned i = 0; i < found.count && !match->stopped; i++) {
            struct ioc_span span = found.spans[i];
            struct hn_text text = hn_text_sub(value, span.start, span.end - span.start);

            /* The dotted part of "::ffff:192.0.2.1" was found as a run of its own. */
            if (hn_ip_is_v4(&found.ips[i]) && hn_text_find_char(text, '.', 0) != SIZE_MAX)
                continue;
            if (!ioc_is(char_at(value, span.end), IOC_CH_WORD) &&
                    (match->hints & IOC_HINT_NO_BARE_HOST) == 0)
                match_ip(match, &found.ips[i], span);
        }
    }
}

/* ---- E-mail ---- */

/* Characters that the standard allows in an address and that in logs stand in front of one. */
static bool may_stand_in_front(char c)
{
    return ioc_in(c, "=/'|`{}&?!#$%*^~");
}

/* The address whose host is text[host]; '@' stands in front of it. */
static void match_email(struct ioc_match *match, struct ioc_span host)
{
    struct hn_text value = match->value;
    size_t at = host.start - 1;
    size_t first = at;
    struct ioc_key key;

    while (first > 0 && at - first < 64 && ioc_is(value.ptr[first - 1], IOC_CH_LOCAL))
        first--;
    for (size_t start = first; start < at && !match->stopped; start++) {
        uint32_t index;

        if (start > first && !may_stand_in_front(value.ptr[start - 1]) &&
                !ioc_wide_gap_before(value, start))
            continue;
        if (ioc_email_normal(hn_text_sub(value, start, host.end - start), &key) != IOC_FINE)
            continue;
        index = ioc_find_key(match->set, IOC_SPACE_EMAIL,
                ioc_hash_bytes(&match->set->table, IOC_SPACE_EMAIL, hn_text_of(key.text, key.len)),
                IOC_EMAIL, hn_text_of(key.text, key.len));
        if (index != IOC_NONE)
            (void)ioc_report_hit(match, index, IOC_HOW_EXACT, (struct ioc_span){ start, host.end });
    }
}

/* ---- Hashes ---- */

static void match_hash(struct ioc_match *match, struct ioc_span span)
{
    size_t digits = span.end - span.start;
    char room[IOC_HASH_BYTES_MAX];
    struct hn_text key = { room, digits / 2 };
    enum ioc_type type;
    uint32_t index;

    if (!ioc_hash_parse(hn_text_sub(match->value, span.start, digits), room))
        return;
    type = digits == 32   ? IOC_MD5
           : digits == 40 ? IOC_SHA1
           : digits == 64 ? IOC_SHA256
                          : IOC_SHA512;
    index = ioc_find_key(match->set, IOC_SPACE_HASH,
            ioc_hash_bytes(&match->set->table, IOC_SPACE_HASH, key), type, key);
    if (index != IOC_NONE)
        (void)ioc_report_hit(match, index, IOC_HOW_EXACT, span);
}

static void match_hashes(struct ioc_match *match)
{
    struct hn_text value = match->value;
    size_t pos = 0;

    while (pos < value.len && !match->stopped) {
        size_t starts[IOC_STARTS_MAX];
        size_t end = pos;
        unsigned count;

        while (end < value.len && ioc_is(value.ptr[end], IOC_CH_ALNUM))
            end++;
        if (end - pos >= 32) {
            count = ioc_starts(IOC_TEXT_VALUE, value, pos, end, starts);
            for (unsigned i = 0; i < count && !match->stopped; i++)
                match_hash(match, (struct ioc_span){ starts[i], end });
        }
        pos = end + 1;
    }
}

/* ---- Runs ---- */

static void match_host(struct ioc_match *match, struct ioc_span span)
{
    struct hn_text text = hn_text_sub(match->value, span.start, span.end - span.start);
    HN_UNINITIALIZED char host[IOC_HOST_ROOM];
    struct hn_ip ip;
    size_t len;

    if (ioc_parse_v4(text, &ip)) {
        if (!may_be_address(match, span))
            return;
        if (!match->urls_only)
            match_ip(match, &ip, span);
    } else {
        if (hn_text_find_char(text, '.', 0) == SIZE_MAX || !may_be_host(match, span) ||
                (len = ioc_host_normal(text, host)) == 0)
            return;
        /* Letters outside ASCII have no place in the normal form. */
        if (!match->urls_only)
            ioc_match_domain(
                    match, hn_text_of(host, len), span, len == text.len && hn_is_ascii(text));
        if (!match->stopped && match->set->any_email && before(match->value, span.start, 1) == '@')
            match_email(match, span);
    }
    if (!match->stopped)
        ioc_match_bare_url(match, span);
}

/* One reading of a run, without dots at its ends. */
static void match_reading(struct ioc_match *match, struct ioc_span span)
{
    if (match->urls_only && !ioc_may_be_bare_url(match, span))
        return;
    match_host(match, span);
    if (!match->urls_only && !match->stopped)
        ioc_match_filename(match, span);
}

static struct ioc_span without_dots(struct hn_text value, struct ioc_span span)
{
    while (span.start < span.end && value.ptr[span.start] == '.')
        span.start++;
    while (span.end > span.start && value.ptr[span.end - 1] == '.')
        span.end--;
    return span;
}

/* A stretch of ASCII inside a run. Next to letters of other alphabets it is only a part of a name;
 * next to writing without spaces it stands for itself. */
static void match_piece(struct ioc_match *match, struct ioc_span piece)
{
    struct hn_text value = match->value;
    size_t starts[IOC_STARTS_MAX];
    unsigned count;

    if (piece.start > 0 && ioc_is(value.ptr[piece.start - 1], IOC_CH_WIDE) &&
            !ioc_wide_gap_before(value, piece.start))
        return;
    if (piece.end < value.len && ioc_is(value.ptr[piece.end], IOC_CH_WIDE) &&
            !ioc_wide_gap_at(value, piece.end))
        return;
    piece = without_dots(value, piece);
    if (piece.start == piece.end)
        return;
    count = ioc_starts(IOC_TEXT_VALUE, value, piece.start, piece.end, starts);
    for (unsigned i = 0; i < count && !match->stopped; i++)
        match_reading(match, without_dots(value, (struct ioc_span){ starts[i], piece.end }));
}

/* A run with letters outside ASCII, read as one name. */
static void match_wide_run(struct ioc_match *match, struct ioc_span run)
{
    struct hn_text value = match->value;
    size_t starts[IOC_STARTS_MAX];
    unsigned count;

    if (run.end - run.start > IOC_RUN_REACH)
        return;
    count = ioc_starts(IOC_TEXT_VALUE, value, run.start, run.end, starts);
    for (unsigned i = 0; i < count && !match->stopped; i++)
        match_reading(match, without_dots(value, (struct ioc_span){ starts[i], run.end }));
}

static void match_run(struct ioc_match *match, struct ioc_span run)
{
    bool wide = false;
    size_t pos = run.start;

    while (pos < run.end && !match->stopped) {
        size_t end = pos;

        while (end < run.end && !ioc_is(match->value.ptr[end], IOC_CH_WIDE))
            end++;
        if (end > pos)
            match_piece(match, (struct ioc_span){ pos, end });
        wide = wide || end < run.end;
        pos = end + 1;
    }
    if (wide && !match->stopped)
        match_wide_run(match, run);
}

/* Where only URLs are looked for, runs matter that may be the host of one without a scheme. */
static bool run_matters(const struct ioc_match *match, size_t end)
{
    char next = char_at(match->value, end);

    return !match->urls_only || next == '/' || next == ':';
}

static void match_runs(struct ioc_match *match)
{
    struct hn_text value = match->value;
    size_t pos = 0;

    while (pos < value.len && !match->stopped) {
        size_t end = pos;

        while (end < value.len && ioc_is(value.ptr[end], IOC_CH_RUN))
            end++;
        if (end > pos && run_matters(match, end))
            match_run(match, (struct ioc_span){ pos, end });
        pos = end + 1;
    }
}

uint32_t ioc_match_run(struct ioc_match *match, enum ioc_chance chance)
{
    const struct ioc_set *set = match->set;

    if (chance == IOC_CHANCE_NONE)
        return 0;
    match->value = hn_text_sub(match->value, 0, UINT32_MAX);
    match->urls_only = chance == IOC_CHANCE_URL;
    if (set->any_name || set->any_v4)
        match_runs(match);
    if (set->any_v6 && !match->urls_only && !match->stopped)
        match_v6(match);
    if (set->any_hash && !match->urls_only && !match->stopped)
        match_hashes(match);
    if (!match->stopped)
        ioc_match_urls(match);
    return match->hits;
}

uint32_t ioc_match_value(const struct ioc_set *set, struct hn_text value, uint32_t hints,
        ioc_on_hit *on_hit, void *ctx)
{
    struct ioc_match match = {
        .set = set, .value = value, .hints = hints, .on_hit = on_hit, .ctx = ctx
    };

    return ioc_match_run(&match, ioc_chance_of(set, IOC_TEXT_VALUE, value));
}
