/* mail_received.c - the way a mail took (RFC 5321, 4.4): its Received fields, from the last server
 * up, of which only those above the first foreign one can be believed. */
#include "mail/mail_internal.h"

#include "base/ip.h"
#include "base/time.h"

struct hop {
    struct hn_text from; /* what the sender called itself */
    struct hn_text by;
    struct hn_text ip_text;
    struct hn_ip ip;
    bool has_ip;
    hn_time time; /* HN_TIME_NONE */
    uint64_t offset;
};

/* ---- Parsing ---- */

static bool is_word_at(struct hn_text value, size_t pos, struct hn_text word)
{
    return (pos == 0 || value.ptr[pos - 1] == ' ' || value.ptr[pos - 1] == '\t' ||
                   value.ptr[pos - 1] == ')') &&
           hn_text_starts_nocase(hn_text_sub(value, pos, word.len), word);
}

/* What stands behind "from " or "by ", outside of comments. */
static struct hn_text clause(struct hn_text value, struct hn_text word)
{
    size_t depth = 0;

    for (size_t i = 0; i < value.len; i++) {
        size_t end;

        if (value.ptr[i] == '(') {
            depth++;
        } else if (value.ptr[i] == ')' && depth > 0) {
            depth--;
        } else if (depth == 0 && is_word_at(value, i, word)) {
            i += word.len;
            for (end = i; end < value.len && strchr(" \t;(", value.ptr[end]) == NULL;)
                end++;
            return hn_text_sub(value, i, end - i);
        }
    }
    return HN_TEXT("");
}

/* The first address in the "from" clause: "[192.0.2.1]", "(192.0.2.1)", "([IPv6:2001:db8::1])". */
static void find_ip(struct hop *hop, struct hn_text value)
{
    size_t stop = hn_text_find_nocase(value, HN_TEXT(" by "), 0);
    size_t pos = 0;

    if (!hn_text_starts_nocase(value, HN_TEXT("from")))
        return;
    value = hn_text_sub(value, 0, stop);
    while (pos < value.len) {
        struct hn_text word;
        size_t end = pos;

        while (end < value.len && strchr(" \t()[];,", value.ptr[end]) == NULL)
            end++;
        word = hn_text_sub(value, pos, end - pos);
        if (hn_text_starts_nocase(word, HN_TEXT("IPv6:")))
            word = hn_text_sub(word, 5, word.len);
        /* In brackets or parentheses: a bare one is what the sender says (HELO). */
        if (pos > 0 && strchr("[( \t", value.ptr[pos - 1]) != NULL && word.len >= 3 &&
                hn_ip_parse(word, &hop->ip)) {
            hop->has_ip = true;
            hop->ip_text = word;
            if (value.ptr[pos - 1] == '[' || value.ptr[pos - 1] == '(')
                return;
        }
        pos = end + 1;
    }
}

/* The stamp behind the last ";" without its comments. */
static hn_time stamp_of(struct hn_text value)
{
    struct hn_time_defaults defaults = { 0 };
    size_t semicolon = SIZE_MAX;
    size_t comment;
    struct hn_text stamp;

    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == ';')
            semicolon = i;
    stamp = semicolon == SIZE_MAX ? value : hn_text_sub(value, semicolon + 1, value.len);
    comment = hn_text_find_char(stamp, '(', 0);
    stamp = hn_text_trim(hn_text_sub(stamp, 0, comment));
    return stamp.len > 0 && stamp.len < 64 ? hn_time_parse(stamp, &defaults) : HN_TIME_NONE;
}

static struct hop hop_of(const struct mail_header *header)
{
    struct hop hop = { .offset = header->offset };

    hop.from = clause(header->value, HN_TEXT("from "));
    hop.by = clause(header->value, HN_TEXT("by "));
    hop.time = hn_text_find_char(header->value, ';', 0) != SIZE_MAX ? stamp_of(header->value)
                                                                    : HN_TIME_NONE;
    find_ip(&hop, header->value);
    return hop;
}

/* Addresses that no mail comes from over the Internet (RFC 6890). The documentation networks are
 * taken as public: examples and tests have nothing else. */
static bool is_inside(const struct hn_ip *ip)
{
    static const char *const inside[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
        "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/8", "::1/128", "fc00::/7",
        "fe80::/10" };

    for (size_t i = 0; i < HN_COUNT_OF(inside); i++) {
        struct hn_cidr cidr;

        if (hn_cidr_parse(hn_text_cstr(inside[i]), &cidr, NULL) && hn_cidr_has(&cidr, ip))
            return true;
    }
    return false;
}

/* ---- Judging ---- */

static void hop_fact(struct mail *mail, const struct hop *hop)
{
    struct hn_buf line = { 0 };

    hn_buf_addf(&line, "from=%.*s ip=%.*s by=%.*s", HN_TEXT_ARG(hop->from),
            HN_TEXT_ARG(hop->ip_text), HN_TEXT_ARG(hop->by));
    if (hop->time != HN_TIME_NONE) {
        hn_buf_add_lit(&line, " time=");
        hn_buf_add_time(&line, hop->time, NULL);
    }
    mail_fact(mail, "received", hn_buf_text(&line));
    hn_buf_deinit(&line);
}

#define CLOCK_SLACK (10 * HN_MINUTE) /* clocks of servers differ */
#define DATE_SLACK  (HN_DAY)

static void judge_order(struct mail *mail, const struct hop *upper, const struct hop *lower)
{
    char a[HN_TIME_TEXT_MAX];
    char b[HN_TIME_TEXT_MAX];

    if (upper->time == HN_TIME_NONE || lower->time == HN_TIME_NONE ||
            lower->time <= upper->time + CLOCK_SLACK)
        return;
    dissect_note(mail->dissect, mail->id, DISSECT_NOTE_MISMATCH, lower->offset,
            "Received: handed on at %.*s, before it came at %.*s",
            (int)hn_time_write(upper->time, 0, a), a, (int)hn_time_write(lower->time, 0, b), b);
}

static void judge_date(struct mail *mail, hn_time first_seen)
{
    const struct mail_header *header = mail_head_nth(&mail->head, "Date", 0);
    hn_time date;
    char text[HN_TIME_TEXT_MAX];

    if (header == NULL)
        return;
    date = stamp_of(header->value);
    if (date == HN_TIME_NONE)
        return;
    mail_fact(mail, "date_utc", hn_text_of(text, hn_time_write(date, 0, text)));
    if (first_seen == HN_TIME_NONE)
        return;
    if (date > first_seen + DATE_SLACK || date < first_seen - 7 * DATE_SLACK) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_MISMATCH, header->offset,
                "Date is %.*s, but the first server is %lld hours from that",
                (int)hn_time_write(date, 0, text), text,
                (long long)((first_seen - date) / HN_HOUR));
    }
}

void mail_judge_received(struct mail *mail)
{
    struct hop before = { .time = HN_TIME_NONE };
    hn_time first_seen = HN_TIME_NONE;
    const struct mail_header *header;
    struct hop origin = { 0 };
    bool foreign = false;
    size_t count = 0;

    while (count < MAIL_RECEIVED_MAX &&
            (header = mail_head_nth(&mail->head, "Received", count)) != NULL) {
        struct hop hop = hop_of(header);

        hop_fact(mail, &hop);
        if (count > 0)
            judge_order(mail, &before, &hop);
        if (hop.has_ip && !is_inside(&hop.ip)) {
            /* The first from above: written by a server of the receiver. */
            if (!foreign) {
                mail_fact(mail, "received_ip", hop.ip_text);
                mail_fact(mail, "received_from", hop.from);
                mail_fact(mail, "received_by", hop.by);
            }
            foreign = true;
            origin = hop;
        }
        if (hop.time != HN_TIME_NONE)
            first_seen = hop.time;
        before = hop;
        count++;
    }
    if (count > 0)
        dissect_fact_u64(mail->dissect, mail->id, "received_count", count);
    mail_fact(mail, "origin_ip", origin.ip_text);
    judge_date(mail, first_seen);
}
