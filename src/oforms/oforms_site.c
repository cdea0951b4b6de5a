/* oforms_site.c - stream "f": the form's own properties, then one site for each control
 * ([MS-OFORMS] 2.2.10). */
#include "oforms/oforms_internal.h"

#define FORM_VERSION        0x0400u /* minor 0, major 4 */
#define SITE_VERSION        0x0000u
#define SITES_MAX           65535u
#define NO_CLASS_TABLE      0x8000u /* of BooleanProperties: FORM_FLAG_DONTSAVECLASSTABLE */
#define SITE_FLAGS_DEFAULT  0x33u
#define SITE_STREAMED       0x10u
#define CLASS_INDEX_DEFAULT 0x7FFFu

enum { SLOT_BOOLEANS = 1, SLOT_FORM_CAPTION };
enum { BIT_MOUSE_ICON = 15, BIT_CAPTION = 19, BIT_FONT = 20, BIT_PICTURE = 21 };

/* 2.2.10.3 */
static const struct oforms_field form[] = { { 1, 4, 0 }, { 2, 4, 0 }, { 3, 4, 0 },
    { 6, 4, SLOT_BOOLEANS }, { 7, 1, 0 }, { 8, 1, 0 }, { 9, 1, 0 }, { 13, 4, 0 },
    { BIT_MOUSE_ICON, 2, 0 }, { 16, 1, 0 }, { 17, 1, 0 }, { 18, 4, 0 },
    { BIT_CAPTION, 4, SLOT_FORM_CAPTION }, { BIT_FONT, 2, 0 }, { BIT_PICTURE, 2, 0 }, { 22, 4, 0 },
    { 23, 1, 0 }, { 25, 1, 0 }, { 26, 4, 0 }, { 27, 4, 0 } };

/* GuidAndPicture (2.4.8): a class, a mark, a length and as many bytes. */
static void skip_picture(struct hn_reader *r)
{
    hn_reader_skip(r, 16);
    if (hn_reader_u32(r) != 0x0000746C)
        r->failed = true;
    hn_reader_skip(r, hn_reader_u32(r));
}

/* GuidAndFont (2.4.7): a StdFont, or the TextProps of Forms 2.0. */
static void skip_font(struct hn_reader *r)
{
    static const uint8_t std_font[16] = { 0x03, 0x52, 0xE3, 0x0B, 0x91, 0x8F, 0xCE, 0x11, 0x9D,
        0xE3, 0x00, 0xAA, 0x00, 0x4B, 0xB8, 0x51 };
    static const uint8_t text_props[16] = { 0x20, 0x09, 0xC2, 0xAF, 0x4E, 0xDA, 0xCE, 0x11, 0xB9,
        0x43, 0x00, 0xAA, 0x00, 0x68, 0x87, 0xB4 };
    struct hn_bytes clsid = hn_reader_take(r, 16);

    if (clsid.len == 16 && memcmp(clsid.ptr, std_font, 16) == 0) {
        hn_reader_skip(r, 1 + 2 + 1 + 2 + 4);
        hn_reader_skip(r, hn_reader_u8(r));
    } else if (clsid.len == 16 && memcmp(clsid.ptr, text_props, 16) == 0) {
        hn_reader_skip(r, 2);
        hn_reader_skip(r, hn_reader_u16(r));
    } else {
        r->failed = true; /* nobody knows how long it is */
    }
}

static void skip_classes(struct hn_reader *r)
{
    uint16_t count = hn_reader_u16(r);

    for (uint16_t i = 0; i < count && hn_reader_ok(r); i++) {
        hn_reader_skip(r, 2);
        hn_reader_skip(r, hn_reader_u16(r));
    }
}

/* SiteDepthsAndTypes: for each site its depth, or one for several in a row; padded. */
static bool skip_depths(struct hn_reader *r, uint32_t sites)
{
    size_t start = hn_reader_offset(r);

    while (sites > 0 && hn_reader_ok(r)) {
        uint32_t count = 1;
        uint8_t type;

        hn_reader_skip(r, 1);
        type = hn_reader_u8(r);
        if ((type & 0x80) != 0) {
            count = type & 0x7F;
            hn_reader_skip(r, 1);
        }
        if (count == 0 || count > sites)
            return false;
        sites -= count;
    }
    while ((hn_reader_offset(r) - start) % 4 != 0 && hn_reader_ok(r))
        hn_reader_skip(r, 1);
    return hn_reader_ok(r);
}

bool oforms_head_read(struct oforms_sink *sink, struct hn_reader *r, struct oforms_head *ret_head)
{
    struct oforms_head head = { .site_count = 0 };
    struct oforms_block block;

    if (!oforms_block_open(r, FORM_VERSION, 4, form, HN_COUNT_OF(form), &block))
        return false;
    for (unsigned bit = 10; bit <= 12; bit++) /* sizes on the screen and in the form, scrolling */
        if (oforms_has(&block, bit))
            hn_reader_skip(&block.r, 8);
    if (oforms_has(&block, BIT_CAPTION))
        head.caption = oforms_string(sink, &block.r, block.slots[SLOT_FORM_CAPTION]);
    if (oforms_has(&block, BIT_MOUSE_ICON))
        skip_picture(r);
    if (oforms_has(&block, BIT_FONT))
        skip_font(r);
    if (oforms_has(&block, BIT_PICTURE))
        skip_picture(r);
    *ret_head = head;
    if ((block.slots[SLOT_BOOLEANS] & NO_CLASS_TABLE) == 0)
        skip_classes(r);
    head.site_count = hn_reader_u32(r);
    hn_reader_skip(r, 4); /* their bytes */
    if (!hn_reader_ok(r) || head.site_count > SITES_MAX || !skip_depths(r, head.site_count))
        return false;
    *ret_head = head;
    return true;
}

enum {
    SITE_NAME = 1,
    SITE_TAG,
    SITE_ID,
    SITE_FLAGS,
    SITE_BYTES,
    SITE_CLASS,
    SITE_TIP,
    SITE_KEY,
    SITE_CONTROL_SOURCE,
    SITE_ROW_SOURCE
};

/* 2.2.10.12.3 */
static const struct oforms_field site_fields[] = { { 0, 4, SITE_NAME }, { 1, 4, SITE_TAG },
    { 2, 4, SITE_ID }, { 3, 4, 0 }, { 4, 4, SITE_FLAGS }, { 5, 4, SITE_BYTES }, { 6, 2, 0 },
    { 7, 2, SITE_CLASS }, { 9, 2, 0 }, { 11, 4, SITE_TIP }, { 12, 4, SITE_KEY },
    { 13, 4, SITE_CONTROL_SOURCE }, { 14, 4, SITE_ROW_SOURCE } };

static struct hn_text site_string(
        struct oforms_sink *sink, struct oforms_block *block, unsigned bit, unsigned slot)
{
    if (!oforms_has(block, bit))
        return (struct hn_text){ NULL, 0 };
    return oforms_string(sink, &block->r, block->slots[slot]);
}

bool oforms_site_read(struct oforms_sink *sink, struct hn_reader *r, struct oforms_site *ret_site)
{
    struct oforms_block block;

    if (!oforms_block_open(r, SITE_VERSION, 4, site_fields, HN_COUNT_OF(site_fields), &block))
        return false;
    ret_site->id = block.slots[SITE_ID];
    ret_site->object_bytes = block.slots[SITE_BYTES];
    ret_site->class_index = oforms_has(&block, 7) ? block.slots[SITE_CLASS] : CLASS_INDEX_DEFAULT;
    ret_site->streamed = ((oforms_has(&block, 4) ? block.slots[SITE_FLAGS] : SITE_FLAGS_DEFAULT) &
                                 SITE_STREAMED) != 0;
    ret_site->name = site_string(sink, &block, 0, SITE_NAME);
    ret_site->tag = site_string(sink, &block, 1, SITE_TAG);
    if (oforms_has(&block, 8)) /* position */
        hn_reader_skip(&block.r, 8);
    ret_site->tip = site_string(sink, &block, 11, SITE_TIP);
    (void)site_string(sink, &block, 12, SITE_KEY);
    ret_site->control_source = site_string(sink, &block, 13, SITE_CONTROL_SOURCE);
    ret_site->row_source = site_string(sink, &block, 14, SITE_ROW_SOURCE);
    return true;
}
