/* json_in.c - pulls values out of JSON text, one at a time. */
#include "base/json_in.h"

#include "base/num.h"
#include "base/utf.h"

static bool fail(struct hn_json_in *in)
{
    in->failed = true;
    return false;
}

static void skip_space(struct hn_json_in *in)
{
    while (in->pos < in->text.len && memchr(" \t\r\n", in->text.ptr[in->pos], 4) != NULL)
        in->pos++;
}

char hn_json_in_peek(struct hn_json_in *in)
{
    skip_space(in);
    return in->failed || in->pos == in->text.len ? '\0' : in->text.ptr[in->pos];
}

static bool take_char(struct hn_json_in *in, char c)
{
    if (hn_json_in_peek(in) != c)
        return false;
    in->pos++;
    return true;
}

bool hn_json_in_open(struct hn_json_in *in, char bracket)
{
    return take_char(in, bracket) || fail(in);
}

/* What stands between the values of a list: true when one more comes. opened: the list has just
 * been entered. */
static bool more(struct hn_json_in *in, char open, char close)
{
    size_t before;

    (void)hn_json_in_peek(in);
    before = in->pos;
    if (in->failed)
        return false;
    if (take_char(in, close))
        return false;
    if (take_char(in, ','))
        return true;
    /* The first value stands right behind the bracket. */
    while (before > 0 && memchr(" \t\r\n", in->text.ptr[before - 1], 4) != NULL)
        before--;
    return (before > 0 && in->text.ptr[before - 1] == open) || fail(in);
}

bool hn_json_in_item(struct hn_json_in *in)
{
    return more(in, '[', ']');
}

bool hn_json_in_member(struct hn_json_in *in, struct hn_arena *arena, struct hn_text *ret_key)
{
    if (!more(in, '{', '}'))
        return false;
    return hn_json_in_text(in, arena, ret_key) && (take_char(in, ':') || fail(in));
}

/* Index of the quote that ends the string whose inside starts at pos, or SIZE_MAX. */
static size_t string_end(struct hn_text text, size_t pos, bool *ret_escapes)
{
    size_t end = pos; /* the next quote from pos on: looked for again only once it is passed */
    bool known = false;

    *ret_escapes = false;
    while (pos < text.len) {
        const char *found;

        if (!known || end < pos) {
            found = memchr(text.ptr + pos, '"', text.len - pos);
            end = found == NULL ? text.len : (size_t)(found - text.ptr);
            known = true;
        }
        found = memchr(text.ptr + pos, '\\', end - pos);
        if (found == NULL)
            return end < text.len ? end : SIZE_MAX;
        *ret_escapes = true;
        pos = (size_t)(found - text.ptr) + 2; /* what it escapes may be the quote */
    }
    return SIZE_MAX;
}

static bool hex4(struct hn_text text, size_t pos, uint32_t *ret_unit)
{
    uint32_t unit = 0;

    if (text.len < 4 || pos > text.len - 4)
        return false;
    for (size_t i = pos; i < pos + 4; i++) {
        char c = text.ptr[i];
        char lower = (char)(c | 0x20);

        if (c >= '0' && c <= '9')
            unit = unit << 4 | (uint32_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            unit = unit << 4 | (uint32_t)(lower - 'a' + 10);
        else
            return false;
    }
    *ret_unit = unit;
    return true;
}

/* The escape whose letter stands at pos; returns its length and writes what it means. \uXXXX takes
 * six bytes and gives three at most, a pair twelve and four: out never overtakes the input. */
static size_t unescape_one(struct hn_text text, size_t pos, char *out, size_t *ret_len)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *letter = memchr(letters, text.ptr[pos], sizeof letters - 1);
    uint32_t unit;
    uint32_t low;

    *ret_len = 1;
    if (letter != NULL) {
        *out = meanings[letter - letters];
        return 1;
    }
    if (text.ptr[pos] != 'u' || !hex4(text, pos + 1, &unit)) {
        *out = text.ptr[pos];
        return 1;
    }
    if (unit >= 0xD800 && unit < 0xDC00 && pos + 6 < text.len && text.ptr[pos + 5] == '\\' &&
            text.ptr[pos + 6] == 'u' && hex4(text, pos + 7, &low) && low >= 0xDC00 &&
            low < 0xE000) {
        *ret_len = hn_utf8_encode(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), out);
        return 11;
    }
    *ret_len = hn_utf8_encode(unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit, out);
    return 5;
}

bool hn_json_in_text(struct hn_json_in *in, struct hn_arena *arena, struct hn_text *ret_text)
{
    struct hn_text inside;
    bool escapes;
    size_t end;
    size_t len = 0;
    char *out;

    if (!take_char(in, '"'))
        return fail(in);
    end = string_end(in->text, in->pos, &escapes);
    if (end == SIZE_MAX)
        return fail(in);
    inside = hn_text_sub(in->text, in->pos, end - in->pos);
    in->pos = end + 1;
    if (!escapes) {
        *ret_text = inside;
        return true;
    }
    out = hn_arena_raw(arena, inside.len, 1);
    if (out == NULL)
        return fail(in);
    for (size_t pos = 0; pos < inside.len;) {
        size_t wrote = 1;

        if (inside.ptr[pos] == '\\') /* string_end() saw a character behind each */
            pos += 1 + unescape_one(inside, pos + 1, out + len, &wrote);
        else
            out[len] = inside.ptr[pos++];
        len += wrote;
    }
    *ret_text = hn_text_of(out, len);
    return true;
}

bool hn_json_in_u64(struct hn_json_in *in, uint64_t *ret_value)
{
    struct hn_text json;

    return hn_json_in_raw(in, &json) && (hn_parse_u64(json, ret_value) || fail(in));
}

static bool ends_scalar(char c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool hn_json_in_raw(struct hn_json_in *in, struct hn_text *ret_json)
{
    char first = hn_json_in_peek(in);
    size_t start = in->pos;
    size_t depth = 0;
    bool escapes;

    if (first == '\0' || ends_scalar(first) || first == ':')
        return fail(in);
    do {
        char c = in->text.ptr[in->pos];

        if (c == '"') {
            size_t end = string_end(in->text, in->pos + 1, &escapes);

            if (end == SIZE_MAX)
                return fail(in);
            in->pos = end;
        }
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        in->pos++;
        if (depth == 0 && first != '{' && first != '[' && first != '"') {
            while (in->pos < in->text.len && !ends_scalar(in->text.ptr[in->pos]))
                in->pos++;
        }
    } while (depth > 0 && in->pos < in->text.len);
    if (depth > 0)
        return fail(in);
    *ret_json = hn_text_sub(in->text, start, in->pos - start);
    return true;
}

bool hn_json_in_skip(struct hn_json_in *in)
{
    struct hn_text json;

    return hn_json_in_raw(in, &json);
}
