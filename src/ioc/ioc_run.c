/* ioc_run.c - the readings of a run of name characters in running text.
 *
 * Leaves to others: what a reading is worth (ioc_scan.c, ioc_match.c). */
#include "base/enc.h"
#include "ioc/ioc_internal.h"

/* Letters of an escape that glue themselves to a name behind it: "\nevil", "\u0026evil". */
static size_t escape_len(char c)
{
    switch (c) {
    case 'n':
    case 'r':
    case 't':
    case 'b':
    case 'f':
        return 1;
    case 'x':
        return 3;
    case 'u':
        return 5;
    default:
        return 0;
    }
}

unsigned ioc_starts(enum ioc_text_kind kind, struct hn_text text, size_t start, size_t end,
        size_t ret_starts[IOC_STARTS_MAX])
{
    unsigned count = 1;

    ret_starts[0] = start;
    if (start == 0)
        return count;
    if (text.ptr[start - 1] == '%' && end - start > 2 && ioc_is(text.ptr[start], IOC_CH_HEX) &&
            ioc_is(text.ptr[start + 1], IOC_CH_HEX))
        ret_starts[count++] = start + 2;
    if (kind == IOC_TEXT_RAW && text.ptr[start - 1] == '\\') {
        size_t escape = escape_len(text.ptr[start]);

        if (escape > 0 && end - start > escape)
            ret_starts[count++] = start + escape;
    }
    return count;
}

unsigned ioc_afters(struct hn_text text, size_t start, char ret_afters[IOC_AFTERS_MAX])
{
    unsigned count = 0;
    char last = start > 0 ? text.ptr[start - 1] : '\0';

    ret_afters[count++] = IOC_AFTER_ANY;
    if (last == '/')
        ret_afters[count++] = IOC_AFTER_SLASH;
    if (last == '/' || last == '\\')
        ret_afters[count++] = IOC_AFTER_SEPARATOR;
    return count;
}

struct ioc_span ioc_run_around(struct hn_text text, size_t pos, unsigned classes, bool *ret_whole)
{
    struct ioc_span run = { pos, pos };

    while (run.start > 0 && pos - run.start < IOC_RUN_REACH &&
            ioc_is(text.ptr[run.start - 1], classes))
        run.start--;
    while (run.end < text.len && run.end - pos < IOC_RUN_REACH &&
            ioc_is(text.ptr[run.end], classes))
        run.end++;
    *ret_whole = (run.start == 0 || !ioc_is(text.ptr[run.start - 1], classes)) &&
            (run.end == text.len || !ioc_is(text.ptr[run.end], classes));
    return run;
}

/* ---- IPv6 ---- */

#define V6_TEXT_MAX 64 /* with "IPv6:" in front or the like */

static bool is_v6_char(char c)
{
    return ioc_is(c, IOC_CH_HEX) || c == ':' || c == '.';
}

static void try_v6(struct hn_text text, size_t start, size_t end, struct ioc_v6_found *found)
{
    struct hn_ip ip;

    if (end - start < 2 || !hn_ip_parse(hn_text_sub(text, start, end - start), &ip))
        return;
    found->spans[found->count] = (struct ioc_span){ start, end };
    found->ips[found->count++] = ip;
}

void ioc_v6_around(enum ioc_text_kind kind, struct hn_text text, size_t colon, size_t floor,
        struct ioc_v6_found *ret_found)
{
    size_t starts[IOC_STARTS_MAX];
    size_t start = colon;
    size_t end = colon;
    unsigned colons = 0;
    unsigned count;

    ret_found->count = 0;
    while (start > floor && is_v6_char(text.ptr[start - 1]))
        start--;
    while (end < text.len && is_v6_char(text.ptr[end]))
        colons += text.ptr[end++] == ':';
    ret_found->end = end;
    if (colons < 2 || end - start > V6_TEXT_MAX)
        return;
    while (end > start && (text.ptr[end - 1] == '.' ||
                                  (text.ptr[end - 1] == ':' && text.ptr[end - 2] != ':')))
        end--;
    if (start == 0 || !ioc_is(text.ptr[start - 1], IOC_CH_WORD) || kind == IOC_TEXT_RAW) {
        count = ioc_starts(kind, text, start, end, starts);
        for (unsigned i = 0; i < count; i++)
            try_v6(text, starts[i], end, ret_found);
    }
    if (start > 0 && ioc_is(text.ptr[start - 1], IOC_CH_WORD)) /* "IPv6:2001:db8::1" */
        try_v6(text, hn_text_find_char(text, ':', start) + 1, end, ret_found);
}
