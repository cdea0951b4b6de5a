/* extract_plain.c - a window of text without its disguise: zero-width characters gone, full-width
 * letters as ASCII, defanging marks undone; each plain byte knows what it stands for.
 *
 * Leaves to others: schemes (extract_url.c) and what the names are. */
#include "base/utf.h"
#include "extract/extract_internal.h"

#define SENTENCE_END '\x1f' /* an ideographic full stop that is no dot; ends every name */
#define LABEL_MAX    63
#define SPACES_MAX   2 /* between a name and a loose mark */

static bool is_ascii_label(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_wide_label(char c)
{
    return is_ascii_label(c) || c == '_' || (unsigned char)c >= 0x80;
}

static void put(struct extract *e, char c, size_t from, size_t span, unsigned class)
{
    e->plain[e->len] = c;
    e->map[e->len] = (uint32_t)from;
    e->span[e->len] = (uint8_t)(span > UINT8_MAX ? UINT8_MAX : span);
    e->class[e->len] = (uint8_t) class;
    e->len++;
}

/* ---- Characters ---- */

/* The label of ASCII characters at pos of the source; its end. */
static size_t label_end(struct hn_text text, size_t pos)
{
    size_t end = pos;

    while (end < text.len && end - pos <= LABEL_MAX && is_ascii_label(text.ptr[end]))
        end++;
    return end;
}

/* The label right in front of the end of what is plain already. */
static struct hn_text label_before(const struct extract *e)
{
    size_t start = e->len;

    while (start > 0 && e->len - start <= LABEL_MAX && is_ascii_label(e->plain[start - 1]))
        start--;
    return extract_slice(e, start, e->len);
}

/* Whether the ideographic full stop in front of pos stands for a dot: "evil。example". In Japanese
 * text a name may also end a sentence, and then anything may follow. */
static bool is_dot(const struct extract *e, size_t pos)
{
    size_t end = label_end(e->source, pos);
    struct hn_text label = hn_text_sub(e->source, pos, end - pos);
    char next = end < e->source.len ? e->source.ptr[end] : '\0';

    if (e->len == 0 || !is_ascii_label(e->plain[e->len - 1]) || label.len < 2 ||
            label.len > LABEL_MAX)
        return false;
    if (hn_text_starts(hn_text_sub(e->source, end, 3), HN_TEXT("://")))
        return false;
    if (extract_is_tld(e, label))
        return next != '.' && next != '@';
    return next == '.' && !extract_is_tld(e, label_before(e));
}

static void put_wide(struct extract *e, size_t pos, size_t len, uint32_t code_point)
{
    uint32_t plain = ioc_plain_code_point(code_point);

    if (plain == 0)
        return;
    if (plain >= 0x80) {
        for (size_t i = 0; i < len; i++)
            put(e, e->source.ptr[pos + i], pos + i, 1, 0);
        return;
    }
    if (code_point == 0x3002 || code_point == 0xFF61) {
        bool dot = is_dot(e, pos + len);

        put(e, dot ? '.' : SENTENCE_END, pos, len, dot ? CH_MARK : 0);
        return;
    }
    put(e, (char)plain, pos, len, plain == ' ' ? 0 : CH_MARK);
}

static void characters(struct extract *e)
{
    size_t pos = 0;

    e->len = 0;
    while (pos < e->source.len) {
        uint32_t code_point = 0;
        size_t len = 0;

        if ((unsigned char)e->source.ptr[pos] >= 0x80)
            len = hn_utf8_decode(e->source, pos, &code_point);
        if (len == 0) {
            put(e, e->source.ptr[pos], pos, 1, 0);
            pos++;
            continue;
        }
        put_wide(e, pos, len, code_point);
        pos += len;
    }
}

/* ---- Marks ---- */

/* Names of top-level domains that are words: "the dot in the middle". */
static const char *const words[] = { "the", "a", "an", "this", "that", "each", "every", "one", "at",
    "in", "it", "is", "to", "my", "me", "so", "be", "no", "do", "as", "us", "am", "by", "and", "or",
    "of", "on", "for", "with", "red", "green", "net" };

static bool is_word(struct hn_text label)
{
    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_eq_nocase(label, hn_text_cstr(words[i])))
            return true;
    }
    return false;
}

static size_t spaces_end(const struct extract *e, size_t pos)
{
    size_t end = pos;

    while (end < e->len && end - pos < SPACES_MAX && e->plain[end] == ' ')
        end++;
    return end;
}

/* Behind " dot " at pos, or 0. */
static size_t loose_dot(const struct extract *e, size_t pos)
{
    size_t at = spaces_end(e, pos);
    size_t end;

    if (at == pos || !extract_starts(e, at, HN_TEXT("dot")))
        return 0;
    end = spaces_end(e, at + 3);
    return end > at + 3 && end < e->len && is_ascii_label(e->plain[end]) ? end : 0;
}

static size_t plain_label_end(const struct extract *e, size_t pos)
{
    size_t end = pos;

    while (end < e->len && end - pos <= LABEL_MAX && is_ascii_label(e->plain[end]))
        end++;
    return end;
}

/* The end of the last label of "example dot evil dot com", given where a label in it starts; 0 when
 * that is no name. At most as many labels as there are in names. */
static size_t dotted_end(const struct extract *e, size_t pos)
{
    size_t end = plain_label_end(e, pos);

    for (int labels = 0; labels < 8; labels++) {
        size_t next = loose_dot(e, end);

        if (next == 0 && end < e->len && e->plain[end] == '.')
            next = end + 1;
        if (next == 0 || next >= e->len || !is_ascii_label(e->plain[next]))
            break;
        pos = next;
        end = plain_label_end(e, pos);
    }
    if (end - pos > LABEL_MAX || is_word(extract_slice(e, pos, end)) ||
            !extract_is_tld(e, extract_slice(e, pos, end)))
        return 0;
    return end;
}

/* Behind the mark at pos, and what it stands for; 0 when there is none. out: how much is written
 * already, before: where its last label starts. */
static size_t spoken(const struct extract *e, size_t pos, size_t out, char *ret_plain)
{
    size_t start = out;
    size_t next = loose_dot(e, pos);
    size_t at;

    while (start > 0 && out - start <= LABEL_MAX && is_ascii_label(e->plain[start - 1]))
        start--;
    if (start == out)
        return 0;
    *ret_plain = '.';
    if (next != 0) {
        if (e->class[out - 1] & CH_MARK || !is_word(extract_slice(e, start, out)))
            return dotted_end(e, next) != 0 ? next : 0;
        return 0;
    }
    /* "user at evil dot example": where the dots are spoken, the at is, too. */
    at = spaces_end(e, pos);
    if (at == pos || !extract_starts(e, at, HN_TEXT("at ")))
        return 0;
    next = spaces_end(e, at + 2);
    if (next >= e->len || loose_dot(e, plain_label_end(e, next)) == 0 || dotted_end(e, next) == 0)
        return 0;
    *ret_plain = '@';
    return next;
}

/* "evil\.example" in a pattern, as opposed to "C:\Users\.ssh". */
static bool escaped_dot(const struct extract *e, size_t pos, size_t out)
{
    size_t start = out;

    if (extract_at(e, pos + 1) != '.' || pos + 2 >= e->len || !is_wide_label(e->plain[pos + 2]) ||
            out == 0 || !is_wide_label(e->plain[out - 1]))
        return false;
    while (start > 0 && out - start < 255 &&
            (is_wide_label(e->plain[start - 1]) || e->plain[start - 1] == '.'))
        start--;
    return start == 0 || !extract_in(e->plain[start - 1], "\\:%");
}

static bool half_mark(const struct extract *e, size_t pos, size_t out)
{
    struct hn_text two = hn_text_sub(extract_slice(e, 0, e->len), pos, 2);

    return (hn_text_eq(two, HN_TEXT("[.")) || hn_text_eq(two, HN_TEXT(".]"))) && out > 0 &&
           is_wide_label(e->plain[out - 1]) && pos + 2 < e->len && is_wide_label(e->plain[pos + 2]);
}

/* Bytes of the mark at pos, or 0; what it stands for. out bytes are written already. */
static size_t mark_len(
        const struct extract *e, size_t pos, size_t out, char room[3], struct hn_text *ret_plain)
{
    struct hn_text text = extract_slice(e, 0, e->len);
    char c = e->plain[pos];
    size_t end;

    *ret_plain = hn_text_of(room, 1);
    room[0] = '.';
    switch (c) {
    case '[':
    case '(':
    case '{':
    case '<':
        end = ioc_mark_len(text, pos, ret_plain);
        if (end != 0)
            return end;
        return half_mark(e, pos, out) ? 2 : 0;
    case '.':
        return half_mark(e, pos, out) ? 2 : 0;
    case '\\':
        if (extract_at(e, pos + 1) == '/') {
            room[0] = '/';
            return 2;
        }
        return escaped_dot(e, pos, out) ? 2 : 0;
    case ' ':
        end = spoken(e, pos, out, room);
        return end == 0 ? 0 : end - pos;
    default:
        return 0;
    }
}

static void move(struct extract *e, size_t from, size_t to)
{
    e->plain[to] = e->plain[from];
    e->map[to] = e->map[from];
    e->span[to] = e->span[from];
    e->class[to] = e->class[from];
}

/* In place: what marks stand for is never longer than they are. */
static void marks(struct extract *e)
{
    size_t out = 0;
    size_t pos = 0;

    while (pos < e->len) {
        struct hn_text plain;
        char room[3];
        size_t used = mark_len(e, pos, out, room, &plain);
        size_t first = e->map[pos];
        size_t len;

        if (used == 0) {
            move(e, pos++, out++);
            continue;
        }
        len = e->map[pos + used - 1] + e->span[pos + used - 1] - first;
        if (e->plain[pos] != '\\') { /* "evil [.] example" */
            for (int n = 0;
                    n < SPACES_MAX && out > 1 && e->plain[out - 1] == ' ' && plain.ptr[0] != '/';
                    n++)
                out--;
            pos = spaces_end(e, pos + used);
        } else {
            pos += used;
        }
        for (size_t i = 0; i < plain.len; i++) {
            e->plain[out] = plain.ptr[i];
            e->map[out] = (uint32_t)first;
            e->span[out] = (uint8_t)(len > UINT8_MAX ? UINT8_MAX : len);
            e->class[out++] = CH_MARK;
        }
    }
    e->len = out;
}

/* ---- Classes ---- */

static bool is_cjk(uint32_t c)
{
    return (c >= 0x2E80 && c <= 0x2FDF) || (c >= 0x3005 && c <= 0x3007) ||
           (c >= 0x3040 && c <= 0x9FFF) || (c >= 0xA960 && c <= 0xA97F) ||
           (c >= 0xAC00 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFF66 && c <= 0xFF9F) || (c >= 0x20000 && c <= 0x3FFFF) ||
           (c >= 0x0E00 && c <= 0x0EFF);
}

static unsigned wide_class(uint32_t c)
{
    if (is_cjk(c))
        return CH_WIDE | CH_CJK;
    if (c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x205F)
        return CH_SPACE;
    if (c < 0xC0 || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) ||
            (c >= 0x2E00 && c <= 0x303F) || (c >= 0xE000 && c <= 0xF8FF) ||
            (c >= 0xFE00 && c <= 0xFFFF) || c >= 0x1F000)
        return 0;
    return CH_WIDE;
}

static unsigned ascii_class(char c)
{
    if (c >= '0' && c <= '9')
        return CH_DIGIT | CH_HEX;
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return CH_ALPHA | CH_HEX;
    if ((c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z'))
        return CH_ALPHA;
    if (c == '-' || c == '_')
        return CH_DASH;
    return c == ' ' || (c >= '\t' && c <= '\r') ? CH_SPACE : 0;
}

static void classes(struct extract *e)
{
    struct hn_text text = extract_slice(e, 0, e->len);
    size_t pos = 0;

    while (pos < text.len) {
        uint32_t code_point = 0;
        size_t len = 0;
        unsigned class;

        if ((unsigned char)text.ptr[pos] < 0x80) {
            e->class[pos] = (uint8_t)((e->class[pos] & CH_MARK) | ascii_class(text.ptr[pos]));
            pos++;
            continue;
        }
        len = hn_utf8_decode(text, pos, &code_point);
        class = len == 0 ? 0 : wide_class(code_point);
        for (size_t i = 0; i < (len == 0 ? 1 : len); i++)
            e->class[pos + i] = (uint8_t) class;
        pos += len == 0 ? 1 : len;
    }
}

bool extract_is_wide_form(const struct extract *e, size_t pos)
{
    return extract_is(e, pos, CH_MARK) && !extract_is(e, pos, CH_ASCII) &&
           !extract_in(e->plain[pos], ".:/@?=&%#~+");
}

bool extract_starts(const struct extract *e, size_t pos, struct hn_text word)
{
    return hn_text_starts_nocase(hn_text_sub(extract_slice(e, 0, e->len), pos, word.len), word);
}

void extract_make_plain(struct extract *e)
{
    characters(e);
    marks(e);
    classes(e);
}
