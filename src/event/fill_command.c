/* fill_command.c - what an encoded PowerShell command says.
 *
 * Finds the argument of -EncodedCommand in any way PowerShell accepts it (every prefix of the name,
 * with -, /, or a typographic dash, carets and quotes of cmd.exe between) and literals handed to
 * FromBase64String, decodes them, and looks into what came out again. Nothing is executed or
 * guessed: text that does not decode to text is left alone.
 * Limits: COMMAND_PARTS_MAX values of COMMAND_BYTES_MAX bytes in all. */
#include "event/event_internal.h"

#include "base/enc.h"
#include "base/utf.h"

#define COMMAND_PARTS_MAX 16
#define COMMAND_BYTES_MAX ((size_t)1 << 20)
#define BASE64_CHARS_MIN  8 /* "-e abc" is more often something else */

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* cmd.exe lets these stand anywhere inside a word. */
static bool is_noise(char c)
{
    return c == '^' || c == '"' || c == '\'' || c == '`';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Bytes of the dash at pos, 0 for none: hyphen, slash, or U+2013 to U+2015, which PowerShell takes
 * for hyphens. */
static size_t dash_len(struct hn_text text, size_t pos)
{
    const unsigned char *p = (const unsigned char *)text.ptr + pos;

    if (p[0] == '-' || p[0] == '/')
        return 1;
    return text.len - pos >= 3 && p[0] == 0xE2 && p[1] == 0x80 && p[2] >= 0x93 && p[2] <= 0x95 ? 3
                                                                                               : 0;
}

/* Is the word at pos a prefix of "encodedcommand", or "ec"? Gives where it ends. */
static bool is_encoded_option(struct hn_text text, size_t pos, size_t *ret_end)
{
    static const char full[] = "encodedcommand";
    char name[sizeof full];
    size_t len = 0;

    for (; pos < text.len && !is_blank(text.ptr[pos]) && text.ptr[pos] != ':'; pos++) {
        char c = text.ptr[pos];

        if (is_noise(c))
            continue;
        if (len == sizeof full - 1)
            return false;
        name[len++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    *ret_end = pos;
    return len > 0 && (memcmp(name, full, len) == 0 || (len == 2 && memcmp(name, "ec", 2) == 0));
}

/* Enough of the code points are ones that people and scripts write. */
static bool is_readable(struct hn_text text)
{
    size_t good = 0;
    size_t count = 0;

    for (size_t pos = 0; pos < text.len; count++) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(text, pos, &c);

        if (len > 0 && (c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F)))
            good++;
        pos += len == 0 ? 1 : len;
    }
    return count > 0 && good * 10 >= count * 8;
}

/* The decoded bytes as text: UTF-16LE, which PowerShell means, or UTF-8; empty for neither. */
static struct hn_text decoded_text(struct hn_event *event, struct hn_text bytes)
{
    char *out = hn_event_room(event, HN_UTF16_TO_UTF8_ROOM(bytes.len));
    struct hn_bytes whole = hn_bytes_of(bytes.ptr, bytes.len & ~(size_t)1); /* may be cut off */
    struct hn_text text;

    if (out == NULL) {
        event->values_dropped++;
        return HN_TEXT("");
    }
    text = hn_text_of(out, hn_utf16le_to_utf8_raw(whole, out, NULL));
    if (is_readable(text))
        return text;
    if (!hn_utf8_valid(hn_text_as_bytes(bytes)) || !is_readable(bytes))
        return HN_TEXT("");
    memcpy(out, bytes.ptr, bytes.len); /* the room is larger */
    return hn_text_of(out, bytes.len);
}

/* Decodes the base64 at pos, noise left out: the text it holds (empty: none) and where it ends. */
static struct hn_text decode_at(
        struct hn_event *event, struct hn_text text, size_t pos, size_t *ret_end)
{
    size_t start = pos;
    struct hn_buf clean;
    struct hn_buf bytes;
    char *memory;
    size_t room;

    while (pos < text.len &&
            (is_base64(text.ptr[pos]) || is_noise(text.ptr[pos]) || text.ptr[pos] == '='))
        pos++;
    *ret_end = pos;
    if (pos - start < BASE64_CHARS_MIN)
        return HN_TEXT("");
    room = pos - start + 4;
    memory = hn_event_room(event, room * 2);
    if (memory == NULL) {
        event->values_dropped++;
        return HN_TEXT("");
    }
    clean = hn_buf_over(memory, room);
    bytes = hn_buf_over(memory + room, room);
    for (size_t i = start; i < pos; i++) {
        if (is_base64(text.ptr[i]))
            hn_buf_add_char(&clean, text.ptr[i]);
    }
    if (clean.len % 4 == 1)
        clean.len--; /* cut off, as long command lines are; the rest still says much */
    if (clean.len < BASE64_CHARS_MIN || !hn_base64_decode(&bytes, hn_buf_text(&clean)))
        return HN_TEXT("");
    return decoded_text(event, hn_buf_text(&bytes));
}

/* Could an argument be named at this byte? */
HN_INLINE bool is_opening(char c)
{
    return c == '-' || c == '/' || c == '\xE2' || (c | 0x20) == 'f';
}

/* Where the base64 starts that text names at pos, SIZE_MAX if it names none there. */
static size_t argument_at(struct hn_text text, size_t pos)
{
    static const struct hn_text literal = HN_TEXT_INIT("FromBase64String");
    size_t dash;

    if ((text.ptr[pos] | 0x20) == 'f') {
        if (!hn_text_starts_nocase(hn_text_sub(text, pos, literal.len), literal))
            return SIZE_MAX;
        pos += literal.len;
        while (pos < text.len && (is_blank(text.ptr[pos]) || text.ptr[pos] == '('))
            pos++;
        return pos;
    }
    dash = dash_len(text, pos);
    if (dash == 0 || (pos > 0 && !is_blank(text.ptr[pos - 1]) && !is_noise(text.ptr[pos - 1])) ||
            !is_encoded_option(text, pos + dash, &pos) || pos >= text.len)
        return SIZE_MAX;
    while (pos < text.len && (is_blank(text.ptr[pos]) || text.ptr[pos] == ':'))
        pos++;
    return pos;
}

/* Appends to dst what text encodes. Returns how many values it appended. */
static uint32_t decode_text(
        struct hn_event *event, hn_field dst, struct hn_text text, size_t *bytes_left)
{
    uint32_t parts = 0;
    size_t pos = 0;

    while (pos < text.len && parts < COMMAND_PARTS_MAX) {
        size_t start = is_opening(text.ptr[pos]) ? argument_at(text, pos) : SIZE_MAX;
        struct hn_text found;
        size_t end;

        if (start == SIZE_MAX) {
            pos++;
            continue;
        }
        found = decode_at(event, text, start, &end);
        pos = end > pos ? end : pos + 1;
        if (found.len == 0 || found.len > *bytes_left)
            continue;
        *bytes_left -= found.len;
        fill_text(event, dst, found);
        parts++;
    }
    return parts;
}

/* Is it worth a closer look? Nearly every command line is not. */
static bool may_encode(struct hn_text text)
{
    if (hn_text_find_nocase(text, HN_TEXT("FromBase64String"), 0) != SIZE_MAX)
        return true;
    for (size_t pos = 0; pos + 1 < text.len; pos++) {
        size_t dash = dash_len(text, pos);

        if (dash > 0 && pos + dash < text.len &&
                ((text.ptr[pos + dash] | 0x20) == 'e' || is_noise(text.ptr[pos + dash])))
            return true;
    }
    return false;
}

/* dst gets one value for each encoded command in src, then for each within those, and so on. */
void fill_decoded_command(struct hn_event *event, const struct fill *step)
{
    size_t bytes_left = COMMAND_BYTES_MAX;
    uint32_t parts = 0;
    uint32_t next;

    for (uint32_t i = hn_event_first(event, step->src); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        struct hn_text text = hn_event_text(event, i);

        if (parts < COMMAND_PARTS_MAX && may_encode(text))
            parts += decode_text(event, step->dst, text, &bytes_left);
    }
    if (parts == 0)
        return;
    /* The values found so far are looked into in turn; each pass over the list may lengthen it. */
    next = hn_event_first(event, step->dst);
    while (next != HN_VALUE_NONE && parts < COMMAND_PARTS_MAX) {
        struct hn_text text = hn_event_text(event, next);

        if (may_encode(text))
            parts += decode_text(event, step->dst, text, &bytes_left);
        next = hn_event_next(event, next);
    }
}
