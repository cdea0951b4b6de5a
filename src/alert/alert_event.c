/* alert_event.c - an event as a JSON object. Text that is JSON already is copied as it is, unless
 * it holds what must not reach a terminal. */
#include "alert/alert_internal.h"

#include "base/escape.h"
#include "base/num.h"
#include "base/utf.h"

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

/* Length of a run of printable ASCII at pos, in whole words, so possibly less. */
HN_WRAPS static size_t harmless_run(struct hn_text text, size_t pos)
{
    const uint64_t ones = 0x0101010101010101u;
    size_t run = 0;
    uint64_t word;

#if defined(__SSE2__)
    for (; text.len - pos - run >= 16; run += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + pos + run));
        __m128i bad = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(0x7F)),
                _mm_cmplt_epi8(v, _mm_set1_epi8(0x20))); /* signed: >= 0x80 too */

        if (_mm_movemask_epi8(bad) != 0)
            break;
    }
#endif
    for (; text.len - pos - run >= sizeof word; run += sizeof word) {
        memcpy(&word, text.ptr + pos + run, sizeof word);
        /* The high bit of each byte of 0x80 and above, of 0x7F, and of less than 0x20. */
        if (((word | (word + ones) | (word - ones * 0x20)) & ones << 7) != 0)
            break;
    }
    return run;
}

/* Raw JSON that any terminal may see, in one line. */
static bool harmless(struct hn_text text)
{
    size_t pos = harmless_run(text, 0);

    while (pos < text.len && (unsigned char)text.ptr[pos] >= 0x20 &&
            (unsigned char)text.ptr[pos] < 0x7F)
        pos++;
    return pos == text.len;
}

/* JSON text in one line, with controls that are legal in JSON but not on a terminal escaped.
 * Outside strings JSON is ASCII, so every such character stands in one; line ends and tabs cannot
 * stand in one, so they are blanks between tokens. */
static void write_json_text(struct hn_buf *out, struct hn_text json)
{
    size_t start = 0;

    if (harmless(json)) {
        hn_buf_add_text(out, json);
        return;
    }
    for (size_t pos = harmless_run(json, 0); pos < json.len; pos += harmless_run(json, pos)) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(json, pos, &c);

        if (len == 0 || hn_is_control(c)) {
            hn_buf_add(out, json.ptr + start, pos - start);
            if (len == 0)
                hn_buf_add_lit(out, HN_UTF8_REPLACEMENT);
            else if (c < 0x20)
                hn_buf_add_char(out, ' ');
            else
                hn_buf_addf(out, "\\u%04x", (unsigned)c);
            start = pos + (len == 0 ? 1 : len);
        }
        pos += len == 0 ? 1 : len;
    }
    hn_buf_add(out, json.ptr + start, json.len - start);
}

static bool is_json_number(struct hn_text text)
{
    double real;
    size_t digits = 0;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    if (digits == text.len && digits > 0) /* most are such */
        return text.len == 1 || text.ptr[0] != '0';
    return hn_parse_real(text, &real);
}

static void write_value(struct hn_event *event, uint32_t index, struct hn_buf *out)
{
    const struct hn_value *value = &event->values[index];
    struct hn_text text = { value->ptr, value->len };

    switch ((enum hn_type)value->type) {
    case HN_TYPE_NULL:
        hn_buf_add_lit(out, "null");
        return;
    case HN_TYPE_OBJECT:
        write_json_text(out, hn_event_text(event, index));
        return;
    case HN_TYPE_BOOL:
    case HN_TYPE_INT:
    case HN_TYPE_UINT:
    case HN_TYPE_REAL:
        text = hn_event_text(event, index);
        if (value->type == HN_TYPE_BOOL)
            hn_buf_add_cstr(out, value->number.i != 0 ? "true" : "false");
        else if (is_json_number(text)) /* hex and the like are texts */
            hn_buf_add_text(out, text);
        else
            hn_json_string(out, text);
        return;
    case HN_TYPE_STRING:
        break;
    }
    if (value->form == HN_FORM_JSON && harmless(text)) {
        hn_buf_add_char(out, '"');
        hn_buf_add_text(out, text);
        hn_buf_add_char(out, '"');
        return;
    }
    hn_json_string(out, hn_event_text(event, index));
}

void alert_values_json(struct hn_event *event, uint32_t first, struct hn_buf *out)
{
    uint32_t index = hn_event_next(event, first);

    if (index == HN_VALUE_NONE) {
        write_value(event, first, out);
        return;
    }
    hn_buf_add_char(out, '[');
    write_value(event, first, out);
    for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
        hn_buf_add_char(out, ',');
        write_value(event, index, out);
    }
    hn_buf_add_char(out, ']');
}

/* Index in named of another field of the same name behind i, or the count. */
static size_t next_same(const struct hn_event *event, size_t i)
{
    const struct hn_named *named = event->named.ptr;
    size_t k = i + 1;

    while (k < event->named.count && !hn_text_eq(named[k].name, named[i].name))
        k++;
    return k;
}

/* Names by a hash of few bits: those whose bit no other has are not compared. */
#define NAME_WORDS 16u

struct name_bits {
    uint64_t words[NAME_WORDS];
};

HN_WRAPS static unsigned name_hash(struct hn_text name)
{
    uint32_t h = (uint32_t)name.len;

    if (name.len > 0) {
        h += (uint32_t)(unsigned char)name.ptr[0] << 8 |
             (uint32_t)(unsigned char)name.ptr[name.len - 1] << 16 |
             (uint32_t)(unsigned char)name.ptr[name.len / 2] << 24;
    }
    return h * 0x9E3779B1u >> 22; /* 10 bits: one of NAME_WORDS * 64 */
}

static bool name_bit(const struct name_bits *bits, unsigned hash)
{
    return (bits->words[hash / 64] >> hash % 64 & 1) != 0;
}

static void name_bit_set(struct name_bits *bits, unsigned hash)
{
    bits->words[hash / 64] |= (uint64_t)1 << hash % 64;
}

static bool written_before(const struct hn_event *event, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (hn_text_eq(event->named.ptr[k].name, event->named.ptr[i].name))
            return true;
    }
    return false;
}

void alert_event_json(struct hn_event *event, struct hn_buf *out)
{
    struct name_bits seen = { { 0 } };
    struct name_bits repeated = { { 0 } };
    bool first = true;

    for (size_t i = 0; i < event->named.count; i++) {
        unsigned hash = name_hash(event->named.ptr[i].name);

        if (name_bit(&seen, hash))
            name_bit_set(&repeated, hash);
        name_bit_set(&seen, hash);
    }
    hn_buf_add_char(out, '{');
    for (size_t i = 0; i < event->named.count; i++) {
        const struct hn_named *named = &event->named.ptr[i];
        bool may_repeat = name_bit(&repeated, name_hash(named->name));
        size_t next = may_repeat ? next_same(event, i) : event->named.count;

        if (may_repeat && written_before(event, i))
            continue;
        if (!first)
            hn_buf_add_char(out, ',');
        first = false;
        hn_json_string(out, named->name);
        hn_buf_add_char(out, ':');
        if (next == event->named.count) {
            write_value(event, named->index, out);
            continue;
        }
        hn_buf_add_char(out, '[');
        write_value(event, named->index, out);
        for (; next < event->named.count; next = next_same(event, next)) {
            hn_buf_add_char(out, ',');
            write_value(event, event->named.ptr[next].index, out);
        }
        hn_buf_add_char(out, ']');
    }
    hn_buf_add_char(out, '}');
}

/* The event as it was logged: JSON stays JSON, a line is a string. Binary records have no text. */
void alert_raw_json(const struct hn_event *event, struct hn_buf *out)
{
    struct hn_text raw = hn_bytes_as_text(event->raw);

    if (!event->raw_is_text)
        hn_buf_add_lit(out, "null");
    else if (event->raw_is_json)
        write_json_text(out, raw);
    else
        hn_json_string(out, raw);
}
