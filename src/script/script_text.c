/* script_text.c - texts of scripts: ropes over the run's arena, each knowing where it came from. */
#include "script/script.h"

#include "base/utf.h"

#include <assert.h>

/* Out of memory ends the whole run: values would be missing without anybody knowing. */
static void *fail(struct script_run *run)
{
    if (run->stop == SCRIPT_STOP_NONE) {
        run->stop =
                hn_arena_status(&run->arena) == HN_NOMEM ? SCRIPT_STOP_MEMORY : SCRIPT_STOP_BYTES;
    }
    return NULL;
}

const struct script_origin *script_origin_new(struct script_run *run, const char *step,
        uint64_t offset, struct hn_text detail, const struct script_origin *a,
        const struct script_origin *b)
{
    struct script_origin *origin = hn_new(&run->arena, struct script_origin, 1);

    if (origin == NULL)
        return fail(run);
    *origin = (struct script_origin){
        .step = step, .offset = offset, .detail = detail, .from = { a, b }
    };
    return origin;
}

/* A code point of one to three bytes is one unit, a longer one two. */
static void measure(struct script_text *text)
{
    size_t units = 0;
    uint8_t seen = 0;

    for (size_t i = 0; i < text->len; i++) {
        uint8_t byte = (uint8_t)text->ptr[i];

        seen |= byte;
        units += (byte & 0xC0u) != 0x80u;
        units += byte >= 0xF0u;
    }
    text->units = units;
    text->ascii = seen < 0x80u;
}

static struct script_text *leaf(
        struct script_run *run, const char *ptr, size_t len, const struct script_origin *origin)
{
    struct script_text *text = NULL;

    if (len <= run->limits.text_bytes_max)
        text = hn_new(&run->arena, struct script_text, 1);
    if (text == NULL)
        return fail(run);
    text->ptr = len > 0 ? ptr : "";
    text->len = len;
    text->origin = origin;
    return text;
}

static bool is_wtf8(struct hn_text text)
{
    for (size_t i = 0; i < text.len;) {
        uint32_t code_point;
        size_t len = hn_utf8_decode(text, i, &code_point);

        if (len == 0) { /* ED A0..BF 80..BF: a surrogate by itself */
            if (text.len - i < 3 || (uint8_t)text.ptr[i] != 0xEDu ||
                    ((uint8_t)text.ptr[i + 1] & 0xE0u) != 0xA0u ||
                    ((uint8_t)text.ptr[i + 2] & 0xC0u) != 0x80u)
                return false;
            len = 3;
        }
        i += len;
    }
    return true;
}

/* For the one memo of a text that is immutable to everybody else. */
static struct script_text *own(const struct script_text *text)
{
    union {
        const struct script_text *shown;
        struct script_text *own;
    } both = { .shown = text };

    return both.own;
}

/* Ill-formed bytes become the characters of the same number, as a reader in Latin-1 would see. */
static const struct script_text *repaired(
        struct script_run *run, struct hn_text text, const struct script_origin *origin)
{
    struct script_text *made;
    size_t len = 0;
    char *out;

    if (text.len > run->limits.text_bytes_max / 2)
        return fail(run);
    out = hn_arena_raw(&run->arena, text.len * 2 + 1, 1);
    if (out == NULL)
        return fail(run);
    for (size_t i = 0; i < text.len;) {
        uint32_t code_point;
        size_t step = hn_utf8_decode(text, i, &code_point);

        if (step == 0) {
            len += hn_utf8_encode((uint8_t)text.ptr[i], out + len);
            i++;
            continue;
        }
        memcpy(out + len, text.ptr + i, step);
        len += step;
        i += step;
    }
    made = leaf(run, out, len, origin);
    if (made != NULL)
        measure(made);
    return made;
}

const struct script_text *script_text_borrow(
        struct script_run *run, struct hn_text text, const struct script_origin *origin)
{
    struct script_text *made;

    if (!is_wtf8(text))
        return repaired(run, text, origin);
    made = leaf(run, text.ptr, text.len, origin);
    if (made != NULL)
        measure(made);
    return made;
}

const struct script_text *script_text_new(
        struct script_run *run, struct hn_text text, const struct script_origin *origin)
{
    struct hn_text copy = { "", 0 };

    if (text.len > run->limits.text_bytes_max)
        return fail(run);
    if (text.len > 0) {
        copy = hn_arena_text(&run->arena, text);
        if (copy.ptr == NULL)
            return fail(run);
    }
    return script_text_borrow(run, copy, origin);
}

const struct script_text *script_text_unknown(
        struct script_run *run, const char *name, const struct script_origin *origin)
{
    size_t len = strlen(name);
    char *room = hn_arena_raw(&run->arena, len + 2, 1);
    struct script_text *made;

    if (room == NULL)
        return fail(run);
    room[0] = '{';
    memcpy(room + 1, name, len);
    room[len + 1] = '}';
    made = leaf(run, room, len + 2, origin);
    if (made == NULL)
        return NULL;
    measure(made);
    made->unknown = true;
    return made;
}

static bool is_high(const char *at)
{
    return (uint8_t)at[0] == 0xEDu && ((uint8_t)at[1] & 0xF0u) == 0xA0u;
}

static bool is_low(const char *at)
{
    return (uint8_t)at[0] == 0xEDu && ((uint8_t)at[1] & 0xF0u) == 0xB0u;
}

/* Whether a join would bring the two halves of a character together, which then are one. */
static bool meets(struct hn_text a, struct hn_text b)
{
    return a.len >= 3 && b.len >= 3 && is_high(a.ptr + a.len - 3) && is_low(b.ptr);
}

static const char *last_bytes(const struct script_text *text)
{
    while (text->left != NULL)
        text = text->right;
    return text->len >= 3 ? text->ptr + text->len - 3 : NULL;
}

static const char *first_bytes(const struct script_text *text)
{
    while (text->left != NULL)
        text = text->left;
    return text->len >= 3 ? text->ptr : NULL;
}

/* The same at O(depth), for texts that may be joins: only those with other than ASCII are asked. */
static bool joins_halves(const struct script_text *a, const struct script_text *b)
{
    const char *last;
    const char *first;

    if (a->ascii || b->ascii)
        return false;
    last = last_bytes(a);
    first = first_bytes(b);
    return last != NULL && first != NULL && is_high(last) && is_low(first);
}

static const struct script_text *join_halves(
        struct script_run *run, const struct script_text *a, const struct script_text *b)
{
    struct hn_text left = script_text_flat(run, a);
    struct hn_text right = script_text_flat(run, b);
    uint32_t high;
    uint32_t low;
    struct script_text *made;
    char *room;

    if (left.ptr == NULL || right.ptr == NULL)
        return NULL;
    assert(meets(left, right));
    room = hn_arena_raw(&run->arena, left.len + right.len, 1);
    if (room == NULL)
        return fail(run);
    high = ((uint32_t)(uint8_t)left.ptr[left.len - 2] & 0x0Fu) << 6 |
           ((uint8_t)left.ptr[left.len - 1] & 0x3Fu);
    low = ((uint32_t)(uint8_t)right.ptr[1] & 0x0Fu) << 6 | ((uint8_t)right.ptr[2] & 0x3Fu);
    memcpy(room, left.ptr, left.len - 3);
    (void)hn_utf8_encode(0x10000u + (high << 10) + low, room + left.len - 3);
    memcpy(room + left.len + 1, right.ptr + 3, right.len - 3);
    made = leaf(run, room, left.len + right.len - 2, NULL);
    if (made == NULL)
        return NULL;
    measure(made);
    made->unknown = a->unknown || b->unknown;
    made->origin = script_origin_new(
            run, "join", SCRIPT_NOWHERE, (struct hn_text){ "", 0 }, a->origin, b->origin);
    return made;
}

const struct script_text *script_text_join(
        struct script_run *run, const struct script_text *a, const struct script_text *b)
{
    struct script_text *made;

    if (a == NULL || b == NULL)
        return NULL;
    if (a->len == 0 && !a->unknown)
        return b;
    if (b->len == 0 && !b->unknown)
        return a;
    if (joins_halves(a, b))
        return join_halves(run, a, b);
    if (a->len > run->limits.text_bytes_max - b->len)
        return fail(run);
    made = hn_new(&run->arena, struct script_text, 1);
    if (made == NULL)
        return fail(run);
    made->left = a;
    made->right = b;
    made->len = a->len + b->len;
    made->units = a->units + b->units;
    made->ascii = a->ascii && b->ascii;
    made->unknown = a->unknown || b->unknown;
    made->origin = script_origin_new(
            run, "join", SCRIPT_NOWHERE, (struct hn_text){ "", 0 }, a->origin, b->origin);
    return made->origin != NULL ? made : NULL;
}

/* Fills from the end, so that the usual chain of joins (s = s & x) needs no more than its left arm:
 * what waits on the stack are left sides, linked through texts that are joins themselves. */
struct waiting {
    const struct script_text *text;
    struct waiting *next;
};

struct hn_text script_text_flat(struct script_run *run, const struct script_text *text)
{
    struct script_text *whole = own(text);
    struct waiting *free_list = NULL;
    struct waiting *stack = NULL;
    const struct script_text *at = text;
    char *room;
    size_t end;

    if (text == NULL)
        return (struct hn_text){ NULL, 0 };
    if (text->left == NULL)
        return (struct hn_text){ text->ptr, text->len };
    room = hn_arena_raw(&run->arena, text->len + 1, 1);
    if (room == NULL) {
        (void)fail(run);
        return (struct hn_text){ NULL, 0 };
    }
    end = text->len;
    for (;;) {
        struct waiting *entry;

        if (at->left != NULL) {
            entry = free_list != NULL ? free_list : hn_new(&run->arena, struct waiting, 1);
            if (entry == NULL) {
                (void)fail(run);
                return (struct hn_text){ NULL, 0 };
            }
            free_list = free_list != NULL ? free_list->next : NULL;
            *entry = (struct waiting){ at->left, stack };
            stack = entry;
            at = at->right;
            continue;
        }
        end -= at->len;
        memcpy(room + end, at->ptr, at->len);
        if (stack == NULL)
            break;
        entry = stack;
        stack = entry->next;
        at = entry->text;
        entry->next = free_list;
        free_list = entry;
    }
    assert(end == 0);
    room[text->len] = '\0';
    whole->ptr = room;
    whole->left = NULL;
    whole->right = NULL;
    return (struct hn_text){ room, text->len };
}

/* One unit, or two of a character beyond the first 65,536. */
static size_t decode_units(struct hn_text text, size_t pos, uint16_t out[2], size_t *ret_count)
{
    uint32_t code_point = 0;
    size_t len = hn_utf8_decode(text, pos, &code_point);

    *ret_count = 1;
    if (len == 0) { /* script_text_borrow() has let nothing through but lone surrogates */
        out[0] = (uint16_t)(0xD000u | ((uint32_t)(uint8_t)text.ptr[pos + 1] & 0x3Fu) << 6 |
                            ((uint32_t)(uint8_t)text.ptr[pos + 2] & 0x3Fu));
        return 3;
    }
    if (code_point >= 0x10000u) {
        out[0] = (uint16_t)(0xD800u + ((code_point - 0x10000u) >> 10));
        out[1] = (uint16_t)(0xDC00u + (code_point & 0x3FFu));
        *ret_count = 2;
        return len;
    }
    out[0] = (uint16_t)code_point;
    return len;
}

const uint16_t *script_text_units(struct script_run *run, const struct script_text *text)
{
    struct hn_text flat = script_text_flat(run, text);
    uint16_t *units;
    size_t count = 0;

    if (flat.ptr == NULL)
        return NULL;
    units = hn_arena_raw(&run->arena, (text->units + 1) * sizeof *units, _Alignof(uint16_t));
    if (units == NULL)
        return fail(run);
    for (size_t i = 0; i < flat.len;) {
        uint16_t pair[2];
        size_t made;

        i += decode_units(flat, i, pair, &made);
        for (size_t k = 0; k < made; k++)
            units[count++] = pair[k];
    }
    assert(count == text->units);
    units[count] = 0;
    return units;
}

static size_t encode_unit(const uint16_t *units, size_t count, size_t *pos, char *out)
{
    uint32_t unit = units[(*pos)++];

    if (unit >= 0xD800u && unit < 0xDC00u && *pos < count && units[*pos] >= 0xDC00u &&
            units[*pos] < 0xE000u) {
        unit = 0x10000u + ((unit - 0xD800u) << 10) + (units[(*pos)++] - 0xDC00u);
        return hn_utf8_encode(unit, out);
    }
    if (unit >= 0xD800u && unit < 0xE000u) {
        out[0] = (char)0xED;
        out[1] = (char)(0x80u | (unit >> 6 & 0x3Fu));
        out[2] = (char)(0x80u | (unit & 0x3Fu));
        return 3;
    }
    return hn_utf8_encode(unit, out);
}

const struct script_text *script_text_from_units(struct script_run *run, const uint16_t *units,
        size_t count, const struct script_origin *origin)
{
    struct script_text *made;
    size_t len = 0;
    char *room;

    if (count > run->limits.text_bytes_max / 3)
        return fail(run);
    room = hn_arena_raw(&run->arena, count * 3 + 1, 1);
    if (room == NULL)
        return fail(run);
    for (size_t i = 0; i < count;)
        len += encode_unit(units, count, &i, room + len);
    made = leaf(run, room, len, origin);
    if (made != NULL)
        measure(made);
    return made;
}

const struct script_text *script_text_from_bytes(
        struct script_run *run, struct hn_bytes bytes, const struct script_origin *origin)
{
    struct script_text *made;
    size_t len = 0;
    char *room;

    if (bytes.len > run->limits.text_bytes_max / 2)
        return fail(run);
    room = hn_arena_raw(&run->arena, bytes.len * 2 + 1, 1);
    if (room == NULL)
        return fail(run);
    for (size_t i = 0; i < bytes.len; i++)
        len += hn_utf8_encode(bytes.ptr[i], room + len);
    made = leaf(run, room, len, origin);
    if (made != NULL)
        measure(made);
    return made;
}

const struct script_text *script_text_step(struct script_run *run, const struct script_text *text,
        const char *step, uint64_t offset, struct hn_text detail)
{
    struct script_text *made;

    if (text == NULL || script_text_flat(run, text).ptr == NULL)
        return NULL;
    made = hn_new(&run->arena, struct script_text, 1);
    if (made == NULL)
        return fail(run);
    *made = *text;
    made->origin = script_origin_new(run, step, offset, detail, text->origin, NULL);
    return made->origin != NULL ? made : NULL;
}

const struct script_text *script_text_sub(
        struct script_run *run, const struct script_text *text, size_t start, size_t count)
{
    struct hn_text flat = script_text_flat(run, text);
    struct script_text *made;
    const uint16_t *units;

    if (flat.ptr == NULL)
        return NULL;
    if (start > text->units)
        start = text->units;
    if (count > text->units - start)
        count = text->units - start;
    if (!text->ascii) {
        units = script_text_units(run, text);
        if (units == NULL)
            return NULL;
        made = own(script_text_from_units(run, units + start, count, text->origin));
    } else {
        made = leaf(run, flat.ptr + start, count, text->origin);
        if (made != NULL) {
            made->units = count;
            made->ascii = true;
        }
    }
    if (made != NULL)
        made->unknown = text->unknown;
    return made;
}

bool script_text_bytes(
        struct script_run *run, const struct script_text *text, struct hn_bytes *ret_bytes)
{
    struct hn_text flat = script_text_flat(run, text);
    const uint16_t *units;
    uint8_t *out;

    if (flat.ptr == NULL)
        return false;
    if (text->ascii) {
        *ret_bytes = hn_text_as_bytes(flat);
        return true;
    }
    units = script_text_units(run, text);
    out = units != NULL ? hn_arena_raw(&run->arena, text->units + 1, 1) : NULL;
    if (out == NULL)
        return fail(run) != NULL;
    for (size_t i = 0; i < text->units; i++) {
        if (units[i] > 0xFFu)
            return false;
        out[i] = (uint8_t)units[i];
    }
    *ret_bytes = hn_bytes_of(out, text->units);
    return true;
}

/* Walks back from the result; of a join the side with the longer way is followed by its first step
 * only, as the two sides of most joins are two halves of one literal. */
size_t script_text_path(
        const struct script_text *text, const struct script_origin **ret_steps, size_t max)
{
    const struct script_origin *at = text != NULL ? text->origin : NULL;
    const struct script_origin *last = NULL;
    size_t count = 0;

    for (; at != NULL && count < max; at = at->from[0] != NULL ? at->from[0] : at->from[1]) {
        bool again = last != NULL && strcmp(last->step, at->step) == 0 && at->detail.len == 0;

        if (again && at->from[0] != NULL) /* a chain of joins is one step */
            continue;
        ret_steps[count++] = at;
        last = at;
    }
    for (size_t i = 0; i < count / 2; i++) {
        const struct script_origin *first = ret_steps[i];

        ret_steps[i] = ret_steps[count - 1 - i];
        ret_steps[count - 1 - i] = first;
    }
    return count;
}
