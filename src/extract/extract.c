/* extract.c - goes through a text window by window, and in each from run to run of name characters.
 *
 * Leaves to others: what a run is (a file per kind). A window ends where white space is, so that
 * nothing is cut; where there is none for long, what starts near its end is left to the next, which
 * sees it whole. */
#include "extract/extract_internal.h"

struct extract *extract_new(void)
{
    struct extract *extract = hn_calloc(1, sizeof *extract);

    if (extract != NULL)
        extract->psl = psl_builtin();
    return extract;
}

void extract_free(struct extract *extract)
{
    hn_free(extract);
}

/* ---- One run ---- */

static size_t run_end(const struct extract *e, size_t pos)
{
    while (pos < e->len && ((e->class[pos] & CH_LABEL) != 0 || e->plain[pos] == '.'))
        pos++;
    return pos;
}

static bool all_hex(const struct extract *e, size_t start, size_t end)
{
    for (size_t pos = start; pos < end; pos++) {
        if (!extract_is(e, pos, CH_HEX))
            return false;
    }
    return end > start;
}

/* What starts with the run and goes on behind it. */
static size_t behind_run(struct extract *e, size_t start, size_t end)
{
    char next = extract_at(e, end);
    struct hn_text web;

    if (next == ':' && extract_starts(e, end, HN_TEXT("://")))
        return extract_url(e, start, end);
    if (next == ':' && extract_starts(e, end, HN_TEXT(":\\\\")) &&
            ioc_web_scheme_len(extract_slice(e, start, end), end - start, &web) > 0)
        return extract_url(e, start, end);
    if (next == '%' && extract_starts(e, end, HN_TEXT("%3A%2F%2F")))
        return extract_url_encoded(e, start, end);
    if (next == '@')
        return extract_email(e, end);
    if (next == ':' && end - start == 1 && extract_at(e, end + 1) == '\\')
        return extract_windows_path(e, start);
    if ((next == '\\' || next == ':') && end - start <= 20 && end - start >= 3 &&
            (e->plain[start] | 0x20) == 'h')
        return extract_registry(e, start, end);
    return 0;
}

/* A run of ASCII characters alone. */
static size_t ascii_run(struct extract *e, size_t start, size_t end)
{
    size_t done = behind_run(e, start, end);
    size_t last = end;

    if (done != 0)
        return done;
    while (last > start && e->plain[last - 1] == '.')
        last--;
    if (last == start)
        return 0;
    if ((done = extract_context(e, start, last)) != 0)
        return done;
    if (extract_is(e, start, CH_HEX) && extract_at(e, last) == ':' && all_hex(e, start, last) &&
            (done = extract_ipv6(e, start)) != 0)
        return done;
    if (extract_is(e, start, CH_HEX) && (done = extract_hash(e, start, last, 0)) != 0)
        return done;
    if (extract_is(e, start, CH_DIGIT) && (done = extract_ipv4(e, start, last)) != 0)
        return done;
    if ((e->plain[start] | 0x20) == 'c' && (done = extract_cve(e, start, last)) != 0)
        return done;
    if (memchr(e->plain + start, '.', last - start) == NULL)
        return 0;
    return extract_host(e, start, end);
}

/* A run with letters outside ASCII: as one name; else in pieces, where such letters are those of
 * scripts without spaces. */
static size_t wide_run(struct extract *e, size_t start, size_t end)
{
    size_t done;
    size_t pos = start;

    if (extract_starts(e, end, HN_TEXT("://")) || extract_at(e, end) == '@') {
        done = behind_run(e, start, end);
        if (done != 0)
            return done;
    }
    done = extract_host_wide(e, start, end);
    if (done != 0)
        return done;
    while (pos < end) {
        size_t piece = pos;

        while (piece < end && !extract_is(e, piece, CH_WIDE))
            piece++;
        if (piece > pos) {
            done = ascii_run(e, pos, piece);
            if (done > piece)
                return done;
            pos = done > pos ? done : piece;
            continue;
        }
        while (piece < end && extract_is(e, piece, CH_WIDE))
            piece++;
        done = extract_context(e, pos, piece);
        if (done > piece)
            return done;
        pos = piece;
    }
    return end;
}

static size_t run(struct extract *e, size_t start)
{
    size_t end = run_end(e, start);
    size_t done;
    bool wide = false;

    for (size_t pos = start; pos < end && !wide; pos++)
        wide = extract_is(e, pos, CH_WIDE);
    done = wide ? wide_run(e, start, end) : ascii_run(e, start, end);
    return done > start ? done : end;
}

/* ---- What starts with another character ---- */

static size_t other(struct extract *e, size_t pos)
{
    size_t done = 0;

    switch (e->plain[pos]) {
    case '\\':
        if (pos == 0 || e->plain[pos - 1] != '\\')
            done = extract_windows_path(e, pos);
        break;
    case '%':
    case '$':
        done = extract_windows_path(e, pos);
        break;
    case '/':
        done = extract_unix_path(e, pos);
        break;
    case ':':
        if (extract_at(e, pos + 1) == ':')
            done = extract_ipv6(e, pos);
        else if (extract_starts(e, pos, HN_TEXT("://")))
            done = extract_url(e, pos, pos);
        break;
    case '@':
        done = extract_email(e, pos);
        break;
    default:
        break;
    }
    return done > pos ? done : pos + 1;
}

/* ---- Windows ---- */

static void line_start(struct extract *e, size_t pos)
{
    if (!extract_in(extract_at(e, pos), " \t")) /* a folded line belongs to the one before */
        e->in_ids = extract_ids_line(e, pos);
}

static void search(struct extract *e, size_t from, size_t limit)
{
    size_t pos = from;

    if (e->base == 0 && from == 0)
        line_start(e, 0);
    while (pos < limit && !e->stopped) {
        size_t next;

        if ((e->class[pos] & CH_LABEL) != 0 || e->plain[pos] == '.') {
            next = run(e, pos);
        } else {
            if (e->plain[pos] == '\n')
                line_start(e, pos + 1);
            next = other(e, pos);
        }
        pos = next;
    }
    if (pos > e->next_free)
        e->next_free = pos;
}

/* The first plain byte that stands for something at or behind this place of the source. */
static size_t plain_at(const struct extract *e, size_t source)
{
    size_t low = 0;
    size_t high = e->len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (e->map[middle] < source)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Where a window of this text ends: behind white space near its end, if there is some. */
static size_t window_end(struct hn_text text, size_t start)
{
    size_t end = start + EXTRACT_WINDOW;

    if (text.len - start <= EXTRACT_WINDOW)
        return text.len;
    while (end > start + EXTRACT_WINDOW - 4 && ((unsigned char)text.ptr[end] & 0xC0) == 0x80)
        end--; /* not inside a character */
    return end;
}

uint64_t extract_text(struct extract *e, struct hn_text text, const struct extract_options *options,
        extract_on_item *on_item, void *ctx)
{
    static const struct extract_options usual = { EXTRACT_PROSE, false };
    size_t from = 0; /* searched up to here */

    e->options = options == NULL ? usual : *options;
    e->on_item = on_item;
    e->ctx = ctx;
    e->count = 0;
    e->stopped = false;
    e->nested = false;
    e->in_ids = false;
    while (from < text.len && !e->stopped) {
        size_t start = from > EXTRACT_BEHIND ? from - EXTRACT_BEHIND : 0;
        size_t end;
        size_t limit;
        size_t searched;

        while (start > 0 && start < from && ((unsigned char)text.ptr[start] & 0xC0) == 0x80)
            start++;
        end = window_end(text, start);
        e->source = hn_text_sub(text, start, end - start);
        e->base = start;
        e->last = end == text.len;
        extract_make_plain(e);
        e->next_free = plain_at(e, from - start);
        limit = e->last ? e->len : plain_at(e, end - start - EXTRACT_OVERLAP);
        search(e, e->next_free, limit);
        if (e->last)
            break;
        searched = e->next_free < e->len ? start + e->map[e->next_free] : end;
        from = searched > from ? searched : end - EXTRACT_OVERLAP;
    }
    return e->count;
}
