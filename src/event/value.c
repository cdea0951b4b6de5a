/* value.c - values become text only when someone asks: unescaped, converted, written, folded. */
#include "event/event_internal.h"

#include "base/num.h"
#include "base/utf.h"
#include "base/win.h"

/* Readable bytes behind a folded text, so that matchers may load whole vectors. */
#define FOLD_PADDING 64

static struct hn_text ready(struct hn_value *value, const char *ptr, size_t len)
{
    value->ptr = ptr;
    value->len = (uint32_t)len;
    value->form = HN_FORM_TEXT;
    return hn_text_of(ptr, len);
}

static struct hn_text number_text(struct hn_event *event, struct hn_value *value)
{
    char digits[32];
    size_t len = 0;
    struct hn_text copy;

    switch ((enum hn_type)value->type) {
    case HN_TYPE_BOOL:
        return value->number.i != 0 ? ready(value, "true", 4) : ready(value, "false", 5);
    case HN_TYPE_INT:
        if (value->number.i < 0)
            digits[len++] = '-';
        len += hn_u64_write(
                value->number.i < 0 ? 0 - (uint64_t)value->number.i : (uint64_t)value->number.i,
                digits + len);
        break;
    case HN_TYPE_UINT:
        len = hn_u64_write(value->number.u, digits);
        break;
    case HN_TYPE_REAL:
        len = hn_real_write(value->number.real, digits);
        break;
    case HN_TYPE_NULL:
    case HN_TYPE_STRING:
    case HN_TYPE_OBJECT:
        break;
    }
    copy = hn_event_copy(event, hn_text_of(digits, len));
    return copy.ptr == NULL ? ready(value, "", 0) : ready(value, copy.ptr, copy.len);
}

static struct hn_text hex_text(struct hn_event *event, struct hn_value *value)
{
    static const char digits[] = "0123456789abcdef";
    char out[18] = "0x";
    size_t len = 2;
    struct hn_text copy;
    int shift = 60;

    while (shift > 0 && (value->number.u >> shift & 15) == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        out[len++] = digits[value->number.u >> shift & 15];
    copy = hn_event_copy(event, hn_text_of(out, len));
    return copy.ptr == NULL ? ready(value, "", 0) : ready(value, copy.ptr, copy.len);
}

/* Room for a text of at most len_max bytes, which the caller then writes; NULL: dropped. */
static char *room_for(struct hn_event *event, size_t len_max)
{
    char *out = hn_event_room(event, len_max);

    if (out == NULL)
        event->values_dropped++;
    return out;
}

static struct hn_text bytes_text(struct hn_event *event, struct hn_value *value)
{
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t *bytes = (const uint8_t *)value->ptr;
    char *out = room_for(event, (size_t)value->len * 2);

    if (out == NULL)
        return ready(value, "", 0);
    for (size_t i = 0; i < value->len; i++) {
        out[i * 2] = digits[bytes[i] >> 4];
        out[i * 2 + 1] = digits[bytes[i] & 15];
    }
    return ready(value, out, (size_t)value->len * 2);
}

static struct hn_text sid_text(struct hn_event *event, struct hn_value *value)
{
    char text[HN_SID_TEXT_MAX];
    size_t len = hn_sid_write(hn_bytes_of(value->ptr, value->len), text);
    struct hn_text copy = hn_event_copy(event, hn_text_of(text, len));

    return copy.ptr == NULL ? ready(value, "", 0) : ready(value, copy.ptr, copy.len);
}

/* A text of small and bounded length. */
static struct hn_text windows_text(struct hn_event *event, struct hn_value *value)
{
    const uint8_t *bytes = (const uint8_t *)value->ptr;
    char *out = room_for(event, HN_SYSTEMTIME_TEXT_MAX);

    if (out == NULL)
        return ready(value, "", 0);
    if (value->form == HN_FORM_GUID)
        return ready(value, out, hn_guid_write(bytes, out));
    if (value->form == HN_FORM_SYSTEMTIME)
        return ready(value, out, hn_systemtime_write(bytes, out));
    return ready(value, out, hn_filetime_write(value->number.u, out));
}

static struct hn_text utf16_text(struct hn_event *event, struct hn_value *value)
{
    struct hn_bytes utf16 = hn_bytes_of(value->ptr, value->len);
    char *out = room_for(event, HN_UTF16_TO_UTF8_ROOM(utf16.len));

    if (out == NULL)
        return ready(value, "", 0);
    return ready(value, out, hn_utf16le_to_utf8_raw(utf16, out, NULL));
}

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)p[i];

        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

/* Resolves the escape at p (behind the backslash); the decoder has checked its form. Returns how
 * many bytes of input it took; *ret_len is how many were written. Unpaired surrogates become
 * U+FFFD. */
static size_t unescape_one(const char *p, const char *end, char *out, size_t *ret_len)
{
    uint32_t c;

    *ret_len = 1;
    switch (*p) {
    case 'b':
        *out = '\b';
        return 1;
    case 'f':
        *out = '\f';
        return 1;
    case 'n':
        *out = '\n';
        return 1;
    case 'r':
        *out = '\r';
        return 1;
    case 't':
        *out = '\t';
        return 1;
    case 'u':
        break;
    default:
        *out = *p;
        return 1;
    }
    c = hex4(p + 1);
    if (c < 0xD800 || c > 0xDFFF) {
        *ret_len = hn_utf8_encode(c, out);
        return 5;
    }
    if (c <= 0xDBFF && end - p >= 11 && p[5] == '\\' && p[6] == 'u') {
        uint32_t low = hex4(p + 7);

        if (low >= 0xDC00 && low <= 0xDFFF) {
            *ret_len = hn_utf8_encode(0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00), out);
            return 11;
        }
    }
    *ret_len = hn_utf8_encode(0xFFFD, out);
    return 5;
}

static struct hn_text json_text(struct hn_event *event, struct hn_value *value)
{
    const char *p = value->ptr;
    const char *end = p + value->len;
    char *out = room_for(event, (size_t)value->len + 1); /* escapes only ever shrink */
    char *to = out;

    if (out == NULL)
        return ready(value, "", 0);
    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((slash == NULL ? end : slash) - p);
        size_t wrote;

        memcpy(to, p, plain);
        to += plain;
        p += plain;
        if (slash == NULL)
            break;
        p++;
        p += unescape_one(p, end, to, &wrote);
        to += wrote;
    }
    return ready(value, out, (size_t)(to - out));
}

struct hn_text hn_event_text_slow(struct hn_event *event, uint32_t index)
{
    struct hn_value *value = &event->values[index];

    switch ((enum hn_form)value->form) {
    case HN_FORM_JSON:
        return json_text(event, value);
    case HN_FORM_UTF16:
        return utf16_text(event, value);
    case HN_FORM_NUMBER:
        return number_text(event, value);
    case HN_FORM_HEX:
        return hex_text(event, value);
    case HN_FORM_BYTES:
        return bytes_text(event, value);
    case HN_FORM_SID:
        return sid_text(event, value);
    case HN_FORM_GUID:
    case HN_FORM_SYSTEMTIME:
    case HN_FORM_FILETIME:
        return windows_text(event, value);
    case HN_FORM_TEXT:
        break;
    }
    return hn_text_of(value->ptr, value->len);
}

struct hn_text hn_event_folded_slow(struct hn_event *event, uint32_t index)
{
    struct hn_text text = hn_event_text(event, index);
    struct hn_value *value = &event->values[index];
    char *out = hn_event_room(event, HN_FOLD_ROOM(text.len) + FOLD_PADDING);

    if (out == NULL) {
        static const char nothing[FOLD_PADDING + 1];

        event->values_dropped++;
        return hn_text_of(nothing, 0);
    }
    value->folded_len = (uint32_t)hn_fold(text, out);
    memset(out + value->folded_len, 0, FOLD_PADDING);
    value->folded = out;
    value->folded_ready = true;
    return hn_text_of(out, value->folded_len);
}
