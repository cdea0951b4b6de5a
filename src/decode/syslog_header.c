/* syslog_header.c - reads the front of a system log line; see syslog_header.h.
 *
 * RFC 3164 describes what was found in the wild in 2001 and asks receivers to cope; so does this.
 * Cisco's own preamble is in cisco.c. */
#include "decode/syslog_header.h"

#include "base/ip.h"
#include "decode/cisco.h"
#include "decode/scan.h"

struct hn_text syslog_facility(int priority)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("kern"), HN_TEXT_INIT("user"),
        HN_TEXT_INIT("mail"), HN_TEXT_INIT("daemon"), HN_TEXT_INIT("auth"), HN_TEXT_INIT("syslog"),
        HN_TEXT_INIT("lpr"), HN_TEXT_INIT("news"), HN_TEXT_INIT("uucp"), HN_TEXT_INIT("cron"),
        HN_TEXT_INIT("authpriv"), HN_TEXT_INIT("ftp"), HN_TEXT_INIT("ntp"), HN_TEXT_INIT("audit"),
        HN_TEXT_INIT("alert"), HN_TEXT_INIT("clock"), HN_TEXT_INIT("local0"),
        HN_TEXT_INIT("local1"), HN_TEXT_INIT("local2"), HN_TEXT_INIT("local3"),
        HN_TEXT_INIT("local4"), HN_TEXT_INIT("local5"), HN_TEXT_INIT("local6"),
        HN_TEXT_INIT("local7") };

    return priority < 0 ? HN_TEXT("") : names[(size_t)priority / 8 % HN_COUNT_OF(names)];
}

struct hn_text syslog_severity(int priority)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("emerg"), HN_TEXT_INIT("alert"),
        HN_TEXT_INIT("crit"), HN_TEXT_INIT("err"), HN_TEXT_INIT("warning"), HN_TEXT_INIT("notice"),
        HN_TEXT_INIT("info"), HN_TEXT_INIT("debug") };

    return priority < 0 ? HN_TEXT("") : names[(size_t)priority % HN_COUNT_OF(names)];
}

bool syslog_is_comment(struct hn_text line)
{
    return hn_text_starts(line, HN_TEXT("-- Boot ")) ||
           hn_text_starts(line, HN_TEXT("-- Reboot --")) ||
           hn_text_starts(line, HN_TEXT("-- Logs begin at ")) ||
           hn_text_starts(line, HN_TEXT("-- Journal begins at ")) ||
           hn_text_starts(line, HN_TEXT("-- No entries --"));
}

static struct syslog_header empty_header(int priority)
{
    const struct hn_text none = { "", 0 };

    return (struct syslog_header){ .priority = priority,
        .uptime = none,
        .host = none,
        .program = none,
        .pid = none,
        .message_id = none,
        .structured = none,
        .sequence = none,
        .message = none };
}

/* ---- RFC 5424 ---------------------------------------------------------------------------------
 */

static int scan_priority(struct hn_text *rest)
{
    struct hn_text at = *rest;
    struct hn_text digits;
    int priority = 0;

    if (!scan_char(&at, '<'))
        return SYSLOG_NO_PRIORITY;
    digits = scan_digits(&at);
    if (digits.len < 1 || digits.len > 3 || !scan_char(&at, '>'))
        return SYSLOG_NO_PRIORITY;
    for (size_t i = 0; i < digits.len; i++)
        priority = priority * 10 + (digits.ptr[i] - '0');
    if (priority > SYSLOG_PRIORITY_MAX)
        return SYSLOG_NO_PRIORITY;
    *rest = at;
    return priority;
}

/* A header field: a word, "-" standing for none. */
static bool scan_field(struct hn_text *rest, struct hn_text *ret_field)
{
    struct hn_text word = scan_word(rest);

    if (word.len == 0 || word.len > SYSLOG_HOST_MAX)
        return false;
    *ret_field = hn_text_eq(word, HN_TEXT("-")) ? HN_TEXT("") : word;
    (void)scan_char(rest, ' ');
    return true;
}

/* Length of the structured data at the start of text, 0 when it is not well-formed. */
static size_t structured_length(struct hn_text text)
{
    bool in_element = false;
    bool in_value = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (in_value && c == '\\') {
            i++;
        } else if (c == '"' && in_element) {
            in_value = !in_value;
        } else if (!in_value && c == ']' && in_element) {
            in_element = false;
        } else if (!in_element) {
            if (c != '[')
                return i;
            in_element = true;
        }
    }
    return in_element ? 0 : text.len;
}

static bool scan_structured(struct hn_text *rest, struct syslog_header *header)
{
    size_t len;

    if (scan_char(rest, '-'))
        return rest->len == 0 || scan_char(rest, ' ');
    len = structured_length(*rest);
    if (len == 0)
        return false;
    header->structured = hn_text_sub(*rest, 0, len);
    scan_skip(rest, len);
    return rest->len == 0 || scan_char(rest, ' ');
}

static bool scan_rfc5424(struct hn_text rest, struct syslog_header *header)
{
    struct syslog_header found = empty_header(header->priority);
    size_t version = text_digits(rest);

    if (version < 1 || version > 3 || text_at(rest, 0) == '0' || text_at(rest, version) != ' ')
        return false;
    scan_skip(&rest, version + 1);
    found.has_stamp = stamp_scan(&rest, &found.stamp);
    if (found.has_stamp ? found.stamp.shape != STAMP_ISO : !scan_char(&rest, '-'))
        return false;
    if (!scan_char(&rest, ' ') || !scan_field(&rest, &found.host) ||
            !scan_field(&rest, &found.program) || !scan_field(&rest, &found.pid) ||
            !scan_field(&rest, &found.message_id) || !scan_structured(&rest, &found))
        return false;
    (void)scan_text(&rest, HN_TEXT("\xEF\xBB\xBF"));
    found.rfc5424 = true;
    found.sure = true;
    found.message = rest;
    *header = found;
    return true;
}

bool syslog_param_next(struct hn_text *rest, struct syslog_param *param)
{
    size_t end = 0;

    while (scan_char(rest, ']') || scan_char(rest, ' ') || scan_char(rest, '[')) {
        if (rest->ptr[-1] != '[')
            continue;
        while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != ']')
            end++;
        param->id = hn_text_sub(*rest, 0, end);
        scan_skip(rest, end);
        end = 0;
    }
    if (!scan_before(rest, '=', &param->name) || !scan_char(rest, '"'))
        return false;
    param->escaped = false;
    while (end < rest->len && rest->ptr[end] != '"') {
        if (rest->ptr[end] == '\\') {
            param->escaped = true;
            end++;
        }
        end++;
    }
    param->value = hn_text_sub(*rest, 0, end);
    scan_skip(rest, end + 1);
    return true;
}

/* ---- RFC 3164 and relatives -------------------------------------------------------------------
 */

/* RFC 3164 allows letters and digits; programs are also called "postfix/smtpd", "(squid-1)",
 * "gdm-password]", "su(pam_unix)". What begins a message in another format is left out. */
static size_t tag_length(struct hn_text text)
{
    int open = 0;
    size_t len = 0;

    for (; len < text.len && len <= SYSLOG_TAG_MAX; len++) {
        char c = text.ptr[len];

        if ((unsigned char)c <= ' ' || memchr(":[\"={}<>|%,;'", c, 13) != NULL)
            break;
        if (c == '(')
            open++;
        else if (c == ')')
            open--;
    }
    return open == 0 && len <= SYSLOG_TAG_MAX && text_digits(text) < len ? len : 0;
}

/* program[pid]: or program: with one space behind it */
static bool scan_tag(struct hn_text *rest, struct syslog_header *header)
{
    struct hn_text at = *rest;
    struct hn_text program = hn_text_sub(at, 0, tag_length(at));
    struct hn_text pid = { "", 0 };

    if (program.len == 0)
        return false;
    scan_skip(&at, program.len);
    if (scan_char(&at, '[')) {
        if (!scan_before(&at, ']', &pid) || pid.len > SYSLOG_TAG_MAX ||
                hn_text_find_char(pid, ' ', 0) != SIZE_MAX)
            return false;
        if (!scan_char(&at, ':') && at.len > 0 && text_at(at, 0) != ' ')
            return false;
    } else if (!scan_char(&at, ':') || text_at(at, 0) == '/' || text_at(at, 0) == '\\') {
        return false;
    }
    if (hn_text_ends(program, HN_TEXT("]"))) /* gdm writes "gdm-password][1234]:" */
        program.len--;
    (void)scan_char(&at, ' ');
    header->program = program;
    header->pid = pid;
    *rest = at;
    return true;
}

static bool starts_other_format(struct hn_text text)
{
    return hn_text_starts(text, HN_TEXT("CEF:")) || hn_text_starts(text, HN_TEXT("LEEF:")) ||
           text_at(text, 0) == '{' || text_at(text, 0) == '<' || text_at(text, 0) == '%';
}

/* Programs on the machine itself leave out the host: "Nov 23 01:02:03 sshd[123]: ..." */
static bool starts_with_tag(struct hn_text text)
{
    struct syslog_header tag;
    struct hn_text rest = text;
    struct hn_ip ip;

    return scan_tag(&rest, &tag) && !hn_ip_parse(tag.program, &ip);
}

static void scan_host(struct hn_text *rest, struct syslog_header *header)
{
    struct hn_text at = *rest;
    struct hn_text word;

    if (starts_other_format(at) || starts_with_tag(at))
        return;
    word = scan_word(&at);
    if (word.len == 0 || word.len > SYSLOG_HOST_MAX || hn_text_find_char(word, '=', 0) != SIZE_MAX)
        return;
    scan_spaces(&at);
    if (scan_char(&at, ':')) /* "192.0.2.1 : message" */
        scan_spaces(&at);
    header->host = word;
    *rest = at;
}

static bool is_level(struct hn_text word)
{
    static const struct hn_text levels[] = { HN_TEXT_INIT("TRACE"), HN_TEXT_INIT("DEBUG"),
        HN_TEXT_INIT("INFO"), HN_TEXT_INIT("NOTICE"), HN_TEXT_INIT("WARN"), HN_TEXT_INIT("WARNING"),
        HN_TEXT_INIT("ERROR"), HN_TEXT_INIT("FATAL"), HN_TEXT_INIT("CRITICAL") };

    for (size_t i = 0; i < HN_COUNT_OF(levels); i++) {
        if (hn_text_eq_nocase(word, levels[i]))
            return true;
    }
    return false;
}

/* clamd's and vsftpd's own files: "Mon Nov 23 01:02:03 2026 -> ...", "... [pid 12] ..." */
static bool scan_own_file(struct hn_text rest, struct syslog_header *header)
{
    struct hn_text pid;

    header->sure = true;
    if (scan_text(&rest, HN_TEXT(" -> "))) {
        header->program = HN_TEXT("clamd");
        header->message = rest;
        return true;
    }
    if (scan_text(&rest, HN_TEXT(" [pid ")) && scan_before(&rest, ']', &pid)) {
        (void)scan_char(&rest, ' ');
        header->program = HN_TEXT("vsftpd");
        header->pid = pid;
        header->message = rest;
        return true;
    }
    return false;
}

/* Firewalls write pairs and no tag: "2026-11-23T01:02:03+09:00 fw01 date=2026-11-23 time=..." */
static bool starts_pair(struct hn_text text)
{
    size_t len = 0;

    while (len < text.len && len < SYSLOG_TAG_MAX &&
            (((text.ptr[len] | 0x20) >= 'a' && (text.ptr[len] | 0x20) <= 'z') ||
                    text.ptr[len] == '_'))
        len++;
    return len > 0 && text_at(text, len) == '=';
}

static bool scan_rfc3164(struct hn_text rest, struct syslog_header *header)
{
    bool has_priority = header->priority != SYSLOG_NO_PRIORITY;

    if (has_priority) {
        (void)scan_char(&rest, ':');
        scan_spaces(&rest);
    }
    header->has_stamp = stamp_scan(&rest, &header->stamp);
    if (!header->has_stamp && !has_priority)
        return cisco_preamble_scan(rest, header);
    if (header->has_stamp && header->stamp.shape == STAMP_CTIME && !has_priority)
        return scan_own_file(rest, header);
    if (cisco_preamble_scan(rest, header))
        return true;
    if (header->has_stamp) {
        if (!scan_char(&rest, ' ') && !scan_char(&rest, ':'))
            return false;
        scan_spaces(&rest);
        scan_host(&rest, header);
    }
    if (!starts_other_format(rest))
        (void)scan_tag(&rest, header);
    header->message = rest;
    if (has_priority) {
        header->sure = true;
        return true;
    }
    if (header->stamp.shape == STAMP_ISO_SPACE || header->stamp.shape == STAMP_YEAR_FIRST)
        return false; /* what programs write into files of their own */
    if (header->stamp.shape == STAMP_EPOCH)
        return header->sure = header->pid.len > 0;
    if (header->stamp.shape == STAMP_ISO && !header->stamp.has_zone)
        return false;
    header->sure =
            starts_other_format(rest) ||
            (!is_level(header->host) &&
                    (header->program.len > 0 || (header->host.len > 0 && starts_pair(rest))));
    return true;
}

/* ---- Stamps in brackets -----------------------------------------------------------------------
 */

/* [   12.345678]: seconds since boot, always with six digits behind the point */
static bool scan_uptime(struct hn_text *rest, struct hn_text *ret_uptime)
{
    struct hn_text at = *rest;
    struct hn_text start;

    if (!scan_char(&at, '['))
        return false;
    scan_spaces(&at);
    start = at;
    if (scan_digits(&at).len == 0 || !scan_char(&at, '.') || scan_digits(&at).len != 6)
        return false;
    *ret_uptime = hn_text_of(start.ptr, (size_t)(at.ptr - start.ptr));
    if (!scan_char(&at, ']'))
        return false;
    *rest = at;
    return true;
}

/* Behind the clock, journalctl -o short-monotonic has host and program; dmesg has what the kernel
 * said, and what systemd said through it. */
static bool scan_behind_clock(struct hn_text *rest, struct syslog_header *header)
{
    struct hn_text at = *rest;
    struct hn_text host = { "", 0 };

    if (!starts_with_tag(at)) {
        host = scan_word(&at);
        (void)scan_char(&at, ' ');
    }
    if (!scan_tag(&at, header))
        return false;
    if (host.len == 0 ? !hn_text_starts(header->program, HN_TEXT("systemd"))
                      : header->pid.len == 0 && !hn_text_eq(header->program, HN_TEXT("kernel")))
        return false;
    header->host = host;
    *rest = at;
    return true;
}

static bool scan_bracketed(struct hn_text rest, struct syslog_header *header)
{
    struct hn_text at = rest;
    struct hn_text ignored;

    if (!scan_uptime(&rest, &header->uptime)) {
        header->has_stamp = scan_char(&at, '[') && stamp_scan(&at, &header->stamp) &&
                            header->stamp.shape == STAMP_CTIME && scan_char(&at, ']') &&
                            text_at(at, 1) != '['; /* Apache's error log goes on like that */
        if (!header->has_stamp)
            return false;
        rest = at;
    }
    if (scan_char(&rest, '[') && !scan_before(&rest, ']', &ignored)) /* the caller's thread */
        return false;
    if (!scan_char(&rest, ' ') && rest.len > 0)
        return false;
    if (!scan_behind_clock(&rest, header)) {
        header->pid = HN_TEXT("");
        header->program = HN_TEXT("kernel");
    }
    header->message = rest;
    header->sure = true;
    return true;
}

bool syslog_header_parse(struct hn_text line, struct syslog_header *ret_header)
{
    struct syslog_header header;
    struct hn_text rest = line;
    bool found;

    header = empty_header(scan_priority(&rest));
    if (header.priority != SYSLOG_NO_PRIORITY && scan_rfc5424(rest, &header))
        found = true;
    else if (text_at(rest, 0) == '[')
        found = scan_bracketed(rest, &header);
    else
        found = scan_rfc3164(rest, &header);
    if (!found && header.priority != SYSLOG_NO_PRIORITY) { /* RFC 3164, 4.3.3: all of it is MSG */
        header = empty_header(header.priority);
        header.message = rest;
        found = true;
    }
    if (found)
        *ret_header = header;
    return found;
}
