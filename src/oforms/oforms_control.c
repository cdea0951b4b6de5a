/* oforms_control.c - the properties of each kind of control ([MS-OFORMS] 2.2.1 to 2.2.9). A table
 * lists the properties of up to four bytes in their order; the strings follow, in an order that
 * each kind has its own. */
#include "oforms/oforms_internal.h"

#define CONTROL_VERSION 0x0200u /* minor 0, major 2 */

enum {
    SLOT_NONE,
    SLOT_VALUE,
    SLOT_CAPTION,
    SLOT_GROUP,
    SLOT_ITEMS,
    SLOT_TIPS,
    SLOT_NAMES,
    SLOT_TAGS
};

/* 2.2.1.3 */
static const struct oforms_field command_button[] = { { 0, 4, 0 }, { 1, 4, 0 }, { 2, 4, 0 },
    { 3, 4, SLOT_CAPTION }, { 4, 4, 0 }, { 6, 1, 0 }, { 7, 2, 0 }, { 8, 2, 0 }, { 10, 2, 0 } };

/* 2.2.4.3 */
static const struct oforms_field label[] = { { 0, 4, 0 }, { 1, 4, 0 }, { 2, 4, 0 },
    { 3, 4, SLOT_CAPTION }, { 4, 4, 0 }, { 6, 1, 0 }, { 7, 4, 0 }, { 8, 2, 0 }, { 9, 2, 0 },
    { 10, 2, 0 }, { 11, 2, 0 }, { 12, 2, 0 } };

/* 2.2.5.3: boxes, lists and the buttons that stay pressed */
static const struct oforms_field morph[] = { { 0, 4, 0 }, { 1, 4, 0 }, { 2, 4, 0 }, { 3, 4, 0 },
    { 4, 1, 0 }, { 5, 1, 0 }, { 6, 1, 0 }, { 7, 1, 0 }, { 9, 2, 0 }, { 10, 4, 0 }, { 11, 2, 0 },
    { 12, 2, 0 }, { 13, 2, 0 }, { 14, 2, 0 }, { 15, 2, 0 }, { 16, 1, 0 }, { 17, 1, 0 },
    { 18, 1, 0 }, { 20, 1, 0 }, { 21, 1, 0 }, { 22, 4, SLOT_VALUE }, { 23, 4, SLOT_CAPTION },
    { 24, 4, 0 }, { 25, 4, 0 }, { 26, 4, 0 }, { 27, 2, 0 }, { 28, 2, 0 }, { 29, 2, 0 },
    { 32, 4, SLOT_GROUP } };

/* 2.2.7.3 */
static const struct oforms_field scroll_bar[] = { { 0, 4, 0 }, { 1, 4, 0 }, { 2, 4, 0 },
    { 4, 1, 0 }, { 5, 4, 0 }, { 6, 4, 0 }, { 7, 4, SLOT_VALUE } };

/* 2.2.8.3 */
static const struct oforms_field spin_button[] = { { 0, 4, 0 }, { 1, 4, 0 }, { 2, 4, 0 },
    { 5, 4, 0 }, { 6, 4, 0 }, { 7, 4, SLOT_VALUE } };

/* 2.2.9.3 */
static const struct oforms_field tab_strip[] = { { 0, 4, SLOT_VALUE }, { 1, 4, 0 }, { 2, 4, 0 },
    { 5, 4, SLOT_ITEMS }, { 6, 1, 0 }, { 8, 4, 0 }, { 9, 4, 0 }, { 11, 4, 0 }, { 12, 4, 0 },
    { 15, 4, SLOT_TIPS }, { 17, 4, SLOT_NAMES }, { 18, 4, 0 }, { 20, 4, 0 }, { 21, 4, SLOT_TAGS },
    { 22, 4, 0 }, { 23, 4, 0 }, { 24, 2, 0 } };

static void skip_size(struct oforms_block *block, unsigned bit)
{
    if (oforms_has(block, bit))
        hn_reader_skip(&block->r, 8);
}

static struct hn_text string_if(
        struct oforms_sink *sink, struct oforms_block *block, unsigned bit, unsigned slot)
{
    if (!oforms_has(block, bit))
        return (struct hn_text){ NULL, 0 };
    return oforms_string(sink, &block->r, block->slots[slot]);
}

static struct hn_text strings_if(
        struct oforms_sink *sink, struct oforms_block *block, unsigned bit, unsigned slot)
{
    if (!oforms_has(block, bit))
        return (struct hn_text){ NULL, 0 };
    return oforms_strings(sink, &block->r, block->slots[slot]);
}

static struct hn_text number_if(
        struct oforms_sink *sink, const struct oforms_block *block, unsigned bit)
{
    struct hn_buf buf = { 0 };
    struct hn_text text = { NULL, 0 };

    if (!oforms_has(block, bit))
        return text;
    hn_buf_add_i64(&buf, (int32_t)block->slots[SLOT_VALUE]);
    if (hn_buf_ok(&buf))
        text = hn_arena_text(sink->arena, hn_buf_text(&buf));
    if (text.ptr == NULL)
        sink->failed = true;
    hn_buf_deinit(&buf);
    return text;
}

static void tabs_read(struct oforms_sink *sink, struct oforms_block *block,
        struct oforms_control *control, struct oforms_tabs *tabs)
{
    struct oforms_tabs read;

    skip_size(block, 4);
    read.captions = strings_if(sink, block, 5, SLOT_ITEMS);
    read.tips = strings_if(sink, block, 15, SLOT_TIPS);
    (void)strings_if(sink, block, 17, SLOT_NAMES);
    read.tags = strings_if(sink, block, 21, SLOT_TAGS);
    control->value = number_if(sink, block, 0);
    control->list = read.captions;
    if (tabs != NULL)
        *tabs = read;
}

struct layout {
    const struct oforms_field *fields;
    size_t count;
    unsigned mask_bytes;
};

#define LAYOUT(table, mask)             \
    (struct layout)                     \
    {                                   \
        table, HN_COUNT_OF(table), mask \
    }

static struct layout layout_of(enum oforms_kind kind)
{
    switch ((int)kind) {
    case OFORMS_COMMAND_BUTTON:
        return LAYOUT(command_button, 4);
    case OFORMS_LABEL:
        return LAYOUT(label, 4);
    case OFORMS_TEXT_BOX:
    case OFORMS_COMBO_BOX:
    case OFORMS_LIST_BOX:
    case OFORMS_CHECK_BOX:
    case OFORMS_OPTION_BUTTON:
    case OFORMS_TOGGLE_BUTTON:
        return LAYOUT(morph, 8);
    case OFORMS_SCROLL_BAR:
        return LAYOUT(scroll_bar, 4);
    case OFORMS_SPIN_BUTTON:
        return LAYOUT(spin_button, 4);
    case OFORMS_TAB_STRIP:
        return LAYOUT(tab_strip, 4);
    default:
        return (struct layout){ NULL, 0, 0 }; /* pictures, and what others made: no strings */
    }
}

void oforms_properties(struct oforms_sink *sink, struct hn_bytes bytes, enum oforms_kind kind,
        struct oforms_control *control, struct oforms_tabs *tabs)
{
    struct layout layout = layout_of(kind);
    struct hn_reader r = hn_reader_over(bytes);
    struct oforms_block block;

    if (layout.fields == NULL)
        return;
    if (!oforms_block_open(
                &r, CONTROL_VERSION, layout.mask_bytes, layout.fields, layout.count, &block)) {
        sink->odd |= OFORMS_ODD_DAMAGED;
        return;
    }
    if (kind == OFORMS_COMMAND_BUTTON || kind == OFORMS_LABEL) {
        control->caption = string_if(sink, &block, 3, SLOT_CAPTION);
    } else if (kind == OFORMS_TAB_STRIP) {
        tabs_read(sink, &block, control, tabs);
    } else if (kind == OFORMS_SCROLL_BAR || kind == OFORMS_SPIN_BUTTON) {
        control->value = number_if(sink, &block, 7);
    } else {
        skip_size(&block, 8);
        control->value = string_if(sink, &block, 22, SLOT_VALUE);
        control->caption = string_if(sink, &block, 23, SLOT_CAPTION);
        control->group = string_if(sink, &block, 32, SLOT_GROUP);
    }
}

enum oforms_kind oforms_kind_of_clsid(const uint8_t *clsid)
{
    static const struct {
        uint8_t clsid[16];
        enum oforms_kind kind;
    } rows[] = {
        { { 0x10, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E, 0x0D, 0x00, 0xAA, 0x00, 0x60,
                  0x02, 0xF3 },
                OFORMS_TEXT_BOX },
        { { 0x20, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E, 0x0D, 0x00, 0xAA, 0x00, 0x60,
                  0x02, 0xF3 },
                OFORMS_LIST_BOX },
        { { 0x30, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E, 0x0D, 0x00, 0xAA, 0x00, 0x60,
                  0x02, 0xF3 },
                OFORMS_COMBO_BOX },
        { { 0x40, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E, 0x0D, 0x00, 0xAA, 0x00, 0x60,
                  0x02, 0xF3 },
                OFORMS_CHECK_BOX },
        { { 0x50, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E, 0x0D, 0x00, 0xAA, 0x00, 0x60,
                  0x02, 0xF3 },
                OFORMS_OPTION_BUTTON },
        { { 0x60, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E, 0x0D, 0x00, 0xAA, 0x00, 0x60,
                  0x02, 0xF3 },
                OFORMS_TOGGLE_BUTTON },
        { { 0x23, 0x9E, 0x8C, 0x97, 0xB0, 0xD4, 0xCE, 0x11, 0xBF, 0x2D, 0x00, 0xAA, 0x00, 0x3F,
                  0x40, 0xD0 },
                OFORMS_LABEL },
        { { 0x40, 0x32, 0x05, 0xD7, 0x69, 0xCE, 0xCD, 0x11, 0xA7, 0x77, 0x00, 0xDD, 0x01, 0x14,
                  0x3C, 0x57 },
                OFORMS_COMMAND_BUTTON },
        { { 0x41, 0x92, 0x59, 0x4C, 0x26, 0x69, 0x1B, 0x10, 0x99, 0x92, 0x00, 0x00, 0x0B, 0x65,
                  0xC6, 0xF9 },
                OFORMS_IMAGE },
        { { 0xE0, 0x81, 0xD1, 0xDF, 0x2F, 0x5E, 0xCE, 0x11, 0xA4, 0x49, 0x00, 0xAA, 0x00, 0x4A,
                  0x80, 0x3D },
                OFORMS_SCROLL_BAR },
        { { 0xB0, 0x6F, 0x17, 0x79, 0xF2, 0xB7, 0xCE, 0x11, 0x97, 0xEF, 0x00, 0xAA, 0x00, 0x6D,
                  0x27, 0x76 },
                OFORMS_SPIN_BUTTON },
        { { 0xB0, 0x0E, 0xE5, 0xEA, 0x62, 0x4A, 0xCE, 0x11, 0xBE, 0xD6, 0x00, 0xAA, 0x00, 0x61,
                  0x10, 0x80 },
                OFORMS_TAB_STRIP },
        { { 0x20, 0x20, 0x18, 0x6E, 0x60, 0xF4, 0xCE, 0x11, 0x9B, 0xCD, 0x00, 0xAA, 0x00, 0x60,
                  0x8E, 0x01 },
                OFORMS_FRAME },
        { { 0x70, 0x13, 0xE3, 0x46, 0x7A, 0x3F, 0xCE, 0x11, 0xBE, 0xD6, 0x00, 0xAA, 0x00, 0x61,
                  0x10, 0x80 },
                OFORMS_MULTI_PAGE },
        { { 0xF0, 0x69, 0x2A, 0xC6, 0xDC, 0x16, 0xCE, 0x11, 0x9E, 0x98, 0x00, 0xAA, 0x00, 0x57,
                  0x4A, 0x4F },
                OFORMS_FORM },
    };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++)
        if (memcmp(rows[i].clsid, clsid, 16) == 0)
            return rows[i].kind;
    return OFORMS_OTHER;
}

uint32_t oforms_control_read(struct hn_arena *arena, struct hn_bytes bytes, enum oforms_kind kind,
        struct oforms_control *ret_control)
{
    struct oforms_sink sink = { .arena = arena, .text_left = oforms_limits_default.text_bytes_max };

    memset(ret_control, 0, sizeof *ret_control);
    ret_control->kind = kind;
    ret_control->entry = OLE_NONE;
    oforms_properties(&sink, bytes, kind, ret_control, NULL);
    return sink.odd | (sink.failed ? OFORMS_ODD_LIMIT : 0);
}
