/* vbscript_text.c - parts and units of texts, asked for one at a time by the loops of decoders, so
 * that what was computed for the last one is kept; and Windows-1252. */
#include "vbscript/vbscript_internal.h"

/* Windows-1252 from 0x80 to 0x9F; what it leaves open is as in Latin-1. */
static const uint16_t ansi_high[32] = { 0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D,
    0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178 };

uint16_t vb_ansi_unit(uint8_t byte)
{
    return byte >= 0x80 && byte < 0xA0 ? ansi_high[byte - 0x80] : byte;
}

uint16_t vb_ansi_byte(uint16_t unit)
{
    if (unit < 0x80 || (unit >= 0xA0 && unit <= 0xFF))
        return unit;
    for (uint16_t i = 0; i < 32; i++)
        if (ansi_high[i] == unit)
            return (uint16_t)(0x80 + i);
    return unit <= 0xFF ? unit : '?';
}

const uint16_t *vb_units(struct vb_eval *ev, const struct script_text *text)
{
    if (ev->cached_text != text) {
        ev->cached_units = script_text_units(ev->run, text);
        ev->cached_text = ev->cached_units != NULL ? text : NULL;
    }
    return ev->cached_units;
}

#define HOPS_MAX 16 /* further down it is cheaper to flatten once */

/* Of a join, the side that holds all of [*start, *start + count), as far down as there is one: so
 * that Right(s, 1) of a text still growing does not flatten it. */
static const struct script_text *narrowest(
        const struct script_text *text, size_t *start, size_t count)
{
    for (int hops = 0; text->left != NULL && hops < HOPS_MAX; hops++) {
        size_t left = text->left->units;

        if (*start >= left) {
            *start -= left;
            text = text->right;
        } else if (count <= left - *start) {
            text = text->left;
        } else {
            break;
        }
    }
    return text;
}

/* The same text, unknown in part or not. */
static const struct script_text *marked(
        struct vb_eval *ev, const struct script_text *text, bool unknown)
{
    struct script_text *made;

    if (text == NULL || text->unknown == unknown)
        return text;
    made = hn_new(&ev->run->arena, struct script_text, 1);
    if (made == NULL)
        return text;
    *made = *text;
    made->unknown = unknown;
    return made;
}

struct vb_value vb_sub_text(
        struct vb_eval *ev, const struct script_text *text, size_t start, size_t count)
{
    bool unknown = text->unknown;
    const struct script_text *part;
    const uint16_t *units;

    if (start >= text->units)
        start = text->units;
    if (count > text->units - start)
        count = text->units - start;
    if (count == text->units)
        return vb_text(text);
    if (count > 0)
        text = narrowest(text, &start, count);
    if (text->left != NULL && script_text_flat(ev->run, text).ptr == NULL)
        return vb_unknown(ev, "text");
    if (text->ascii || count == 0) {
        part = script_text_sub(ev->run, text, start, count);
    } else {
        units = vb_units(ev, text);
        part = units != NULL ? script_text_from_units(ev->run, units + start, count, text->origin)
                             : NULL;
    }
    part = marked(ev, part, unknown);
    if (part == NULL)
        return vb_unknown(ev, "text");
    return vb_text(part);
}

struct vb_value vb_from_units(struct vb_eval *ev, const uint16_t *units, size_t count,
        const char *step, const struct script_text *from)
{
    const struct script_text *made = script_text_from_units(ev->run, units, count,
            step != NULL   ? vb_origin(ev, step, from)
            : from != NULL ? from->origin
                           : NULL);

    if (made == NULL)
        return vb_unknown(ev, "text");
    return vb_text(marked(ev, made, from != NULL && from->unknown));
}
