/* extract_token.c - hashes, CVE numbers, and what only its context tells: mutexes, user agents.
 *
 * Leaves to others: everything that has a form of its own. */
#include "base/enc.h"
#include "base/utf.h"
#include "extract/extract_internal.h"

#define MUTEX_MIN 3
#define MUTEX_MAX 128

/* "mutex" and "user agent" in katakana */
#define MUTEX_JA                                                                \
    ("\xE3\x83\x9F\xE3\x83\xA5\xE3\x83\xBC\xE3\x83\x86\xE3\x83\x83\xE3\x82\xAF" \
     "\xE3\x82\xB9")
#define AGENT_JA                                                                \
    ("\xE3\x83\xA6\xE3\x83\xBC\xE3\x82\xB6\xE3\x83\xBC\xE3\x82\xA8\xE3\x83\xBC" \
     "\xE3\x82\xB8\xE3\x82\xA7\xE3\x83\xB3\xE3\x83\x88")

/* ---- Hashes ---- */

size_t extract_hash(struct extract *e, size_t start, size_t end, unsigned marks)
{
    static const struct {
        size_t len;
        enum extract_kind kind;
    } kinds[] = { { 32, EXTRACT_MD5 }, { 40, EXTRACT_SHA1 }, { 64, EXTRACT_SHA256 },
        { 128, EXTRACT_SHA512 } };
    struct extract_found found = { .start = start, .end = end, .marks = marks };
    bool letter = false;
    bool digit = false;

    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (end - start != kinds[i].len)
            continue;
        for (size_t pos = start; pos < end; pos++) {
            if (!extract_is(e, pos, CH_HEX))
                return 0;
            letter = letter || extract_is(e, pos, CH_ALPHA);
            digit = digit || extract_is(e, pos, CH_DIGIT);
        }
        if (!letter || !digit)
            return 0;
        found.kind = kinds[i].kind;
        hn_lower_ascii(extract_slice(e, start, end), e->value);
        found.value = hn_text_of(e->value, end - start);
        extract_tell(e, &found);
        return end;
    }
    return 0;
}

/* ---- CVE-2026-12345 ---- */

size_t extract_cve(struct extract *e, size_t start, size_t end)
{
    struct extract_found found = { .kind = EXTRACT_CVE, .start = start };
    size_t pos = start + 4;
    size_t digits;

    if (end - start < 13 || !extract_starts(e, start, HN_TEXT("CVE-")))
        return 0;
    for (size_t i = 0; i < 4; i++) {
        if (!extract_is(e, pos++, CH_DIGIT))
            return 0;
    }
    if (extract_at(e, pos++) != '-')
        return 0;
    for (digits = 0; extract_is(e, pos, CH_DIGIT) && digits < 8; digits++)
        pos++;
    if (digits < 4 || digits > 7 || extract_is(e, pos, CH_ALPHA))
        return 0;
    for (size_t i = start; i < pos; i++)
        e->value[i - start] = (char)(i < start + 3 ? e->plain[i] & ~0x20 : e->plain[i]);
    found.end = pos;
    found.value = hn_text_of(e->value, pos - start);
    extract_tell(e, &found);
    return pos;
}

/* ---- What the text says it is ---- */

static size_t skip_spaces(const struct extract *e, size_t pos)
{
    for (int n = 0; n < 4 && extract_in(extract_at(e, pos), " \t"); n++)
        pos++;
    return pos;
}

static bool is_open_quote(const struct extract *e, size_t pos)
{
    return extract_in(extract_at(e, pos), "\"'`") ||
           extract_starts(e, pos, HN_TEXT("\xE3\x80\x8C")) || /* corner bracket */
           extract_starts(e, pos, HN_TEXT("\xE2\x80\x9C"));
}

/* The end of what stands in the quotes at pos, which is moved behind the opening one; 0: none. */
static size_t quoted_end(const struct extract *e, size_t *pos, size_t max)
{
    struct hn_text close = hn_text_of(e->plain + *pos, 1);
    size_t end;

    if ((unsigned char)e->plain[*pos] >= 0x80) {
        close = e->plain[*pos] == '\xE3' ? HN_TEXT("\xE3\x80\x8D") : HN_TEXT("\xE2\x80\x9D");
        *pos += 2;
    }
    (*pos)++;
    for (end = *pos; end < e->len && end - *pos <= max && e->plain[end] != '\n'; end++) {
        if (extract_starts(e, end, close))
            return end;
    }
    return 0;
}

static size_t tell_mutex(struct extract *e, size_t start, size_t end)
{
    struct extract_found found = { .kind = EXTRACT_MUTEX, .start = start, .end = end };

    if (end - start < MUTEX_MIN || end - start > MUTEX_MAX)
        return 0;
    found.value = extract_slice(e, start, end);
    extract_tell(e, &found);
    return end;
}

/* Behind the word: a name in quotes, or one behind a colon. */
static size_t mutex(struct extract *e, size_t pos)
{
    size_t end = pos;
    bool told = false;

    for (int words = 0; words < 3; words++) { /* "mutex named", "mutex (", "mutex name is" */
        pos = skip_spaces(e, pos);
        if (is_open_quote(e, pos)) {
            end = quoted_end(e, &pos, MUTEX_MAX);
            return end == 0 ? 0 : tell_mutex(e, pos, end);
        }
        if (extract_in(extract_at(e, pos), ":=(")) {
            told = true;
            pos++;
            continue;
        }
        if (told)
            break;
        if (!extract_starts(e, pos, HN_TEXT("name")) && !extract_starts(e, pos, HN_TEXT("is ")))
            return 0;
        while (extract_is(e, pos, CH_ALPHA))
            pos++;
    }
    if (!told)
        return 0;
    for (end = pos; end < e->len && end - pos <= MUTEX_MAX && !extract_is(e, end, CH_SPACE) &&
                    !extract_in(e->plain[end], ",;\"'<>|`") && (unsigned char)e->plain[end] < 0x80;)
        end++;
    while (end > pos && extract_in(e->plain[end - 1], ".)"))
        end--;
    return tell_mutex(e, pos, end);
}

static size_t user_agent(struct extract *e, size_t pos)
{
    struct extract_found found = { .kind = EXTRACT_USER_AGENT };
    size_t end;

    pos = skip_spaces(e, pos);
    if (!extract_in(extract_at(e, pos), ":=") && !is_open_quote(e, pos))
        return 0;
    if (extract_in(e->plain[pos], ":="))
        pos = skip_spaces(e, pos + 1);
    if (is_open_quote(e, pos)) {
        end = quoted_end(e, &pos, EXTRACT_AGENT_MAX);
    } else {
        for (end = pos; end < e->len && end - pos < EXTRACT_AGENT_MAX && e->plain[end] != '\n' &&
                        e->plain[end] != '\r' && e->plain[end] != '"';)
            end++;
        while (end > pos && extract_is(e, end - 1, CH_SPACE))
            end--;
    }
    if (end < pos + 4 || !extract_is(e, pos, CH_ALPHA))
        return 0;
    found.start = pos;
    found.end = end;
    found.value = extract_slice(e, pos, end);
    extract_tell(e, &found);
    return pos; /* it may hold addresses */
}

size_t extract_context(struct extract *e, size_t start, size_t end)
{
    static const char *const mutexes[] = { "mutex", "mutexes", "mutant", "CreateMutex",
        "CreateMutexA", "CreateMutexW", "OpenMutex", "mutexname", MUTEX_JA };
    static const char *const agents[] = { "user-agent", "useragent", "user_agent", AGENT_JA };
    struct hn_text word = extract_slice(e, start, end);

    for (size_t i = 0; i < HN_COUNT_OF(mutexes); i++) {
        if (hn_text_eq_nocase(word, hn_text_cstr(mutexes[i])))
            return mutex(e, end);
    }
    for (size_t i = 0; i < HN_COUNT_OF(agents); i++) {
        if (hn_text_eq_nocase(word, hn_text_cstr(agents[i])))
            return user_agent(e, end);
    }
    return 0;
}
