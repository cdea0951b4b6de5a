/* ioc_refang.c - undoes the writing that keeps indicators in reports from being clicked: hxxp,
 * [.], (dot), [at], full-width letters, zero-width characters.
 *
 * Leaves to others: what the result is (ioc_norm.c). Two passes: first characters, then marks; the
 * second only ever shortens, so it works in place. */
#include "base/utf.h"
#include "ioc/ioc_internal.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A character that a host name may hold next to a dot. */
static bool is_label(char c)
{
    return is_alnum(c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

uint32_t ioc_plain_code_point(uint32_t code_point)
{
    if (code_point >= 0xFF01 && code_point <= 0xFF5E) /* full-width ASCII */
        return code_point - 0xFF01 + '!';
    switch (code_point) {
    case 0x00AD: /* soft hyphen */
    case 0x200B: /* zero width space, non-joiner, joiner */
    case 0x200C:
    case 0x200D:
    case 0x2060: /* word joiner */
    case 0xFEFF: /* byte order mark */
        return 0;
    case 0x2024: /* one dot leader */
    case 0x3002: /* ideographic full stop, and its half-width form */
    case 0xFF61:
        return '.';
    case 0x2044: /* fraction slash, division slash */
    case 0x2215:
        return '/';
    case 0x2010: /* hyphen, non-breaking hyphen */
    case 0x2011:
        return '-';
    case 0x2236: /* ratio, small colon */
    case 0xFE55:
        return ':';
    case 0x00A0: /* no-break space, ideographic space */
    case 0x3000:
        return ' ';
    default:
        return code_point;
    }
}

static void add_plain(struct hn_buf *out, struct hn_text text)
{
    size_t pos = 0;

    while (pos < text.len) {
        uint32_t code_point;
        size_t len = 1;

        if ((unsigned char)text.ptr[pos] < 0x80 ||
                (len = hn_utf8_decode(text, pos, &code_point)) == 0) {
            hn_buf_add_char(out, text.ptr[pos]); /* ill-formed bytes are judged later */
            pos++;
            continue;
        }
        code_point = ioc_plain_code_point(code_point);
        if (code_point != 0)
            hn_buf_add_utf8(out, code_point);
        pos += len;
    }
}

struct mark {
    struct hn_text inside;
    struct hn_text plain;
};

static const struct mark marks[] = {
    { HN_TEXT_INIT("."), HN_TEXT_INIT(".") }, { HN_TEXT_INIT("dot"), HN_TEXT_INIT(".") },
    { HN_TEXT_INIT("d0t"), HN_TEXT_INIT(".") }, { HN_TEXT_INIT("punkt"), HN_TEXT_INIT(".") },
    { HN_TEXT_INIT("\xE3\x83\x89\xE3\x83\x83\xE3\x83\x88"), HN_TEXT_INIT(".") }, /* dot, katakana */
    { HN_TEXT_INIT("://"), HN_TEXT_INIT("://") }, { HN_TEXT_INIT(":"), HN_TEXT_INIT(":") },
    { HN_TEXT_INIT("/"), HN_TEXT_INIT("/") }, { HN_TEXT_INIT("@"), HN_TEXT_INIT("@") },
    { HN_TEXT_INIT("at"), HN_TEXT_INIT("@") },
    { HN_TEXT_INIT("\xE3\x82\xA2\xE3\x83\x83\xE3\x83\x88"), HN_TEXT_INIT("@") }, /* at, katakana */
};

/* As much white space as stands around a mark; more would make a text of spaces cost its square. */
#define MARK_SPACES_MAX 8

static size_t skip_spaces(struct hn_text text, size_t pos)
{
    for (size_t n = 0; n < MARK_SPACES_MAX && pos < text.len && is_space(text.ptr[pos]); n++)
        pos++;
    return pos;
}

size_t ioc_mark_len(struct hn_text text, size_t pos, struct hn_text *ret_plain)
{
    size_t at;

    if (!ioc_in(text.ptr[pos], "[({<"))
        return 0;
    at = skip_spaces(text, pos + 1);
    for (size_t i = 0; i < HN_COUNT_OF(marks); i++) {
        struct hn_text inside = marks[i].inside;
        size_t end;

        if (!hn_text_eq_nocase(hn_text_sub(text, at, inside.len), inside))
            continue;
        end = skip_spaces(text, at + inside.len);
        if (end < text.len && ioc_in(text.ptr[end], "])}>")) {
            *ret_plain = marks[i].plain;
            return end + 1 - pos;
        }
    }
    return 0;
}

/* Length of a half mark at pos ("[." or ".]") or of " dot ", or 0. before: what stands there. */
static size_t loose_dot(struct hn_text text, size_t pos, char before)
{
    struct hn_text two = hn_text_sub(text, pos, 2);
    size_t end;

    if (!is_label(before))
        return 0;
    if (hn_text_eq(two, HN_TEXT("[.")) || hn_text_eq(two, HN_TEXT(".]")))
        return pos + 2 < text.len && is_label(text.ptr[pos + 2]) ? 2 : 0;
    if (!is_space(text.ptr[pos]))
        return 0;
    end = skip_spaces(text, pos);
    if (!hn_text_eq_nocase(hn_text_sub(text, end, 3), HN_TEXT("dot")))
        return 0;
    end += 3;
    if (end >= text.len || !is_space(text.ptr[end]))
        return 0;
    end = skip_spaces(text, end);
    return end < text.len && is_label(text.ptr[end]) ? end - pos : 0;
}

/* In place; the new length. */
static size_t undo_marks(char *ptr, size_t len)
{
    struct hn_text text = { ptr, len };
    size_t out = 0;
    size_t pos = 0;

    while (pos < len) {
        struct hn_text plain = HN_TEXT(".");
        size_t used = ioc_mark_len(text, pos, &plain);

        if (used == 0)
            used = loose_dot(text, pos, out > 0 ? ptr[out - 1] : '\0');
        if (used == 0) {
            ptr[out++] = ptr[pos++];
            continue;
        }
        while (out > 0 && is_space(ptr[out - 1]))
            out--;
        pos += used;
        memmove(ptr + out, plain.ptr, plain.len);
        out += plain.len;
        pos = skip_spaces(text, pos);
    }
    return out;
}

/* "user at evil.example": only when nothing else in the text is apart. */
static size_t undo_at(char *ptr, size_t len)
{
    struct hn_text text = { ptr, len };
    size_t at = hn_text_find_nocase(text, HN_TEXT(" at "), 0);

    if (at == SIZE_MAX || hn_text_find_char(text, ' ', 0) != at ||
            hn_text_find_char(text, ' ', at + 4) != SIZE_MAX ||
            hn_text_find_char(text, '.', at + 4) == SIZE_MAX)
        return len;
    ptr[at] = '@';
    memmove(ptr + at + 1, ptr + at + 4, len - at - 4);
    return len - 3;
}

/* A closing mark without its partner, given how often each character occurs. */
static bool is_stray(const uint32_t counts[256], char mark)
{
    if (mark == ')')
        return counts[')'] > counts['('];
    if (mark == '>')
        return counts['>'] > counts['<'];
    return ioc_in(mark, "\"'`") && counts[(unsigned char)mark] % 2 != 0;
}

/* Without white space, quotes and brackets around, and punctuation behind. */
static struct hn_text trim(struct hn_text text)
{
    uint32_t counts[256] = { 0 };

    text = hn_text_trim(text);
    while (text.len > 0 && ioc_in(text.ptr[0], "\"'`<("))
        text = hn_text_sub(text, 1, text.len);
    for (size_t i = 0; i < text.len; i++)
        counts[(unsigned char)text.ptr[i]]++;
    while (text.len > 0) {
        char last = text.ptr[text.len - 1];
        bool colon = last == ':' && (text.len < 2 || text.ptr[text.len - 2] != ':');

        if (!colon && !is_space(last) && !ioc_in(last, ",;.") && !is_stray(counts, last))
            break;
        counts[(unsigned char)last]--;
        text.len--;
    }
    return text;
}

static bool is_scheme_letter(char c)
{
    return ioc_in(c, "tTxX*_?-");
}

/* Length of "http", "hxxp", "f*p", "meow" and the like at the end of text. */
static size_t scheme_core(struct hn_text text, bool *ret_ftp)
{
    const char *end = text.ptr + text.len;

    *ret_ftp = false;
    if (text.len >= 4 && hn_text_eq_nocase(hn_text_of(end - 4, 4), HN_TEXT("meow")))
        return 4;
    if (text.len < 3 || (end[-1] | 0x20) != 'p' || !is_scheme_letter(end[-2]))
        return 0;
    if (text.len >= 4 && is_scheme_letter(end[-3]) && (end[-4] | 0x20) == 'h')
        return 4;
    *ret_ftp = (end[-3] | 0x20) == 'f';
    return *ret_ftp ? 3 : 0;
}

/* Length of the "s" of a scheme, perhaps in brackets, at the end of text. */
static size_t scheme_secure(struct hn_text text)
{
    const char *end = text.ptr + text.len;

    if (text.len >= 1 && (end[-1] | 0x20) == 's')
        return 1;
    if (text.len >= 3 && (end[-2] | 0x20) == 's' && ioc_in(end[-3], "[({") &&
            ioc_in(end[-1], "])}"))
        return 3;
    return 0;
}

size_t ioc_web_scheme_len(struct hn_text text, size_t end, struct hn_text *ret_plain)
{
    struct hn_text before = hn_text_sub(text, 0, end);
    size_t secure = scheme_secure(before);
    bool ftp;
    size_t core;

    before.len -= secure;
    core = scheme_core(before, &ftp);
    if (core == 0)
        return 0;
    if (ftp)
        *ret_plain = secure > 0 ? HN_TEXT("ftps") : HN_TEXT("ftp");
    else
        *ret_plain = secure > 0 ? HN_TEXT("https") : HN_TEXT("http");
    return core + secure;
}

/* Length of a defanged or ordinary scheme that is the whole of what stands before "://", and what
 * it means. */
static size_t scheme_word(struct hn_text text, struct hn_text *ret_plain)
{
    size_t colon = hn_text_find(hn_text_sub(text, 0, 16), HN_TEXT("://"), 0);

    if (colon == SIZE_MAX || ioc_web_scheme_len(text, colon, ret_plain) != colon)
        return 0;
    return colon;
}

void ioc_refang(struct hn_buf *out, struct hn_text text)
{
    size_t start = out->len;
    struct hn_text plain;
    struct hn_text done;
    size_t word;
    size_t len;

    add_plain(out, text);
    if (!hn_buf_ok(out) || out->len == start)
        return;
    len = undo_marks(out->ptr + start, out->len - start);
    len = undo_at(out->ptr + start, len);
    done = trim(hn_text_of(out->ptr + start, len));
    word = scheme_word(done, &plain);
    if (word > 0) { /* never shorter than what it stands for */
        done = hn_text_sub(done, word - plain.len, done.len);
        memmove(out->ptr + start, done.ptr, done.len);
        memcpy(out->ptr + start, plain.ptr, plain.len);
    } else if (done.len > 0) {
        memmove(out->ptr + start, done.ptr, done.len);
    }
    out->len = start + done.len;
}
