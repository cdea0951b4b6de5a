/* office_text.c - texts and bytes in the scratch memory of an opener, and what it says with them.
 */
#include "office/office_internal.h"

#include "base/codepage.h"
#include "base/mem.h"
#include "base/utf.h"

#include <stdarg.h>
#include <stdio.h>
#include <zlib.h>

#define INFLATE_STEP_BYTES ((size_t)64 << 10)

struct hn_text office_keep(struct office *o, struct hn_text text)
{
    struct hn_text copy = hn_arena_text(&o->scratch, text);

    return copy.ptr != NULL ? copy : HN_TEXT("");
}

struct hn_text office_take(struct office *o, struct hn_buf *buf)
{
    struct hn_text text = office_keep(o, hn_buf_text(buf));

    if (buf->status == HN_NOMEM)
        o->nomem = true;
    hn_buf_deinit(buf);
    return text;
}

struct hn_text office_print(struct office *o, const char *fmt, ...)
{
    va_list args;
    va_list again;
    char *out;
    int len;

    va_start(args, fmt);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    out = len >= 0 ? hn_arena_raw(&o->scratch, (size_t)len + 1, 1) : NULL;
    if (out != NULL)
        (void)vsnprintf(out, (size_t)len + 1, fmt, again);
    va_end(again);
    return out != NULL ? hn_text_of(out, (size_t)len) : HN_TEXT("");
}

struct hn_text office_member(
        struct office *o, const char *name, struct hn_text value, const char *suffix)
{
    struct hn_buf buf;

    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    hn_buf_add_cstr(&buf, name);
    hn_buf_add_lit(&buf, "(\"");
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"')
            hn_buf_add_char(&buf, '"');
        hn_buf_add_char(&buf, value.ptr[i]);
    }
    hn_buf_add_lit(&buf, "\")");
    hn_buf_add_cstr(&buf, suffix);
    return office_take(o, &buf);
}

struct hn_text office_utf16(struct office *o, struct hn_bytes utf16)
{
    char *out;
    size_t len;

    out = hn_arena_raw(&o->scratch, HN_UTF16_TO_UTF8_ROOM(utf16.len), 1);
    if (out == NULL)
        return HN_TEXT("");
    len = hn_utf16le_to_utf8_raw(utf16, out, NULL);
    return hn_text_of(out, len);
}

struct hn_text office_ansi(struct office *o, uint32_t codepage, struct hn_bytes bytes)
{
    struct hn_buf buf;

    if (hn_is_ascii(hn_bytes_as_text(bytes)))
        return office_keep(o, hn_bytes_as_text(bytes));
    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    (void)hn_codepage_to_utf8(&buf, codepage, bytes);
    return office_take(o, &buf);
}

struct hn_text office_cut(struct hn_text text)
{
    size_t end = hn_text_find_char(text, '\0', 0);

    return end != SIZE_MAX ? hn_text_sub(text, 0, end) : text;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct hn_text office_squeeze(struct office *o, struct hn_text text)
{
    char *out = hn_arena_raw(&o->scratch, text.len + 1, 1);
    size_t len = 0;

    if (out == NULL)
        return HN_TEXT("");
    for (size_t i = 0; i < text.len; i++) {
        if (!is_blank(text.ptr[i]))
            out[len++] = text.ptr[i];
        else if (len > 0 && out[len - 1] != ' ')
            out[len++] = ' ';
    }
    if (len > 0 && out[len - 1] == ' ')
        len--;
    return hn_text_of(out, len);
}

bool office_is_one_of(struct hn_text text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq_nocase(text, hn_text_cstr(words[i])))
            return true;
    }
    return false;
}

struct hn_text office_guid(struct office *o, const uint8_t *guid)
{
    return office_print(o, "{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}",
            (unsigned long)hn_load_u32(guid), (unsigned)hn_load_u16(guid + 4),
            (unsigned)hn_load_u16(guid + 6), (unsigned)guid[8], (unsigned)guid[9],
            (unsigned)guid[10], (unsigned)guid[11], (unsigned)guid[12], (unsigned)guid[13],
            (unsigned)guid[14], (unsigned)guid[15]);
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

struct hn_bytes office_base64(struct office *o, struct hn_text text)
{
    uint8_t *out = hn_arena_raw(&o->scratch, text.len / 4 * 3 + 4, 1);
    uint32_t bits = 0;
    unsigned have = 0;
    size_t len = 0;

    if (out == NULL)
        return (struct hn_bytes){ 0 };
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        int digit = base64_digit(text.ptr[i]);

        if (digit < 0)
            continue;
        bits = (bits << 6 | (uint32_t)digit) & 0xFFFFFFu;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[len++] = (uint8_t)(bits >> have);
        }
    }
    return hn_bytes_of(out, len);
}

/* One step of inflation; false when there is no more. */
static bool inflate_step(struct office *o, z_stream *z, struct hn_buf *out, size_t packed)
{
    size_t before = out->len;
    int got;

    if (!dissect_inflate(o->dissect, o->id, packed, INFLATE_STEP_BYTES) ||
            !hn_buf_reserve(out, INFLATE_STEP_BYTES))
        return false;
    z->next_out = (Bytef *)out->ptr + out->len;
    z->avail_out = (uInt)INFLATE_STEP_BYTES;
    got = inflate(z, Z_NO_FLUSH);
    out->len += INFLATE_STEP_BYTES - z->avail_out;
    return got == Z_OK && out->len > before;
}

struct hn_bytes office_inflate(struct office *o, struct hn_bytes packed)
{
    union { /* zlib reads it only, but does not say so */
        const uint8_t *readable;
        uint8_t *writable;
    } input = { packed.ptr };
    z_stream z = { 0 };
    struct hn_buf out;

    if (packed.len == 0 || packed.len > UINT32_MAX || inflateInit(&z) != Z_OK)
        return (struct hn_bytes){ 0 };
    hn_buf_init(&out, OFFICE_SCRATCH_BYTES_MAX / 2);
    z.next_in = input.writable;
    z.avail_in = (uInt)packed.len;
    while (inflate_step(o, &z, &out, packed.len))
        ;
    (void)inflateEnd(&z);
    return hn_text_as_bytes(office_take(o, &out));
}

void office_store(struct office *o, struct hn_text name, struct hn_text value)
{
    if (o->stores >= OFFICE_STORES_MAX || name.len == 0)
        return;
    o->stores++;
    dissect_store(o->dissect, o->id, name, value, DISSECT_NOWHERE);
}

void office_say(struct office *o, const char *what, struct hn_text text)
{
    dissect_text(o->dissect, o->id, what, text, HN_TEXT(""), DISSECT_NOWHERE);
}

uint32_t office_child(struct office *o, const char *relation, struct hn_text name,
        struct hn_bytes data, enum dissect_format format)
{
    struct dissect_child child = { .format = format,
        .name = name,
        .relation = relation,
        .data = data,
        .offset = DISSECT_NOWHERE };
    struct hn_bytes whole = office_data(o);
    uint32_t id = DISSECT_NONE;
    enum hn_status status;

    if (data.len > 0 && data.ptr >= whole.ptr && data.ptr < whole.ptr + whole.len) {
        child.borrowed = true;
        child.offset = (uint64_t)(data.ptr - whole.ptr);
    }
    status = dissect_child(o->dissect, o->id, &child, &id);
    if (status == HN_NOMEM)
        o->nomem = true;
    return status == HN_OK ? id : DISSECT_NONE;
}
