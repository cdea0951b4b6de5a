/* oforms_writer.c - UserForms for tests; see oforms_writer.h. */
#include "support/oforms_writer.h"

#include "base/buf.h"
#include "base/utf.h"

#include <stdio.h>
#include <stdlib.h>

#define COMPRESSED 0x80000000u

static void add_u16(struct hn_buf *buf, uint32_t value)
{
    hn_buf_add_char(buf, (char)(value & 0xFF));
    hn_buf_add_char(buf, (char)(value >> 8 & 0xFF));
}

static void add_u32(struct hn_buf *buf, uint32_t value)
{
    add_u16(buf, value & 0xFFFF);
    add_u16(buf, value >> 16);
}

/* A structure that is being written: DataBlock and ExtraDataBlock grow beside each other. */
struct block {
    uint64_t mask;
    unsigned mask_bytes;
    struct hn_buf data;
    struct hn_buf extra;
};

/* Properties are aligned to their size, counted from the structure's start (2.1.1.2.3); the header
 * of 8 or 12 bytes keeps that. */
static void data_add(struct block *block, unsigned bit, unsigned bytes, uint32_t value)
{
    block->mask |= (uint64_t)1 << bit;
    while (block->data.len % bytes != 0)
        hn_buf_add_char(&block->data, (char)0xEE); /* undefined: nobody may read it */
    for (unsigned i = 0; i < bytes; i++)
        hn_buf_add_char(&block->data, (char)(value >> (8 * i) & 0xFF));
}

static void pad4(struct hn_buf *buf)
{
    while (buf->len % 4 != 0)
        hn_buf_add_char(buf, (char)0xEE);
}

static void size_add(struct block *block, unsigned bit)
{
    block->mask |= (uint64_t)1 << bit;
    add_u32(&block->extra, 1000);
    add_u32(&block->extra, 500);
}

static bool latin1(const char *text)
{
    struct hn_text t = hn_text_cstr(text);
    uint32_t c;

    for (size_t at = 0; at < t.len; at += hn_utf8_decode(t, at, &c))
        if (hn_utf8_decode(t, at, &c) == 0 || c > 0xFF)
            return false;
    return true;
}

/* Appends the bytes of a string; its length with the compression bit. */
static uint32_t string_add(struct hn_buf *out, const char *text, bool wide)
{
    struct hn_buf utf16 = { 0 };
    uint32_t stated;

    wide = wide || !latin1(text);
    hn_utf8_to_utf16le(&utf16, hn_text_cstr(text));
    if (wide) {
        hn_buf_add_text(out, hn_buf_text(&utf16));
        stated = (uint32_t)utf16.len;
    } else {
        for (size_t i = 0; i < utf16.len; i += 2)
            hn_buf_add_char(out, utf16.ptr[i]);
        stated = (uint32_t)(utf16.len / 2) | COMPRESSED;
    }
    hn_buf_deinit(&utf16);
    pad4(out);
    return stated;
}

/* A string property: its length now, its bytes behind those of the extra block so far. */
static void string_property(struct block *block, unsigned bit, const char *text, bool wide)
{
    if (text != NULL)
        data_add(block, bit, 4, string_add(&block->extra, text, wide));
}

static void block_finish(struct block *block, uint32_t version, struct hn_buf *out)
{
    pad4(&block->data);
    add_u16(out, version);
    add_u16(out, (uint32_t)(block->mask_bytes + block->data.len + block->extra.len));
    add_u32(out, (uint32_t)block->mask);
    if (block->mask_bytes == 8)
        add_u32(out, (uint32_t)(block->mask >> 32));
    hn_buf_add_text(out, hn_buf_text(&block->data));
    hn_buf_add_text(out, hn_buf_text(&block->extra));
    hn_buf_deinit(&block->data);
    hn_buf_deinit(&block->extra);
}

/* TextProps (2.3.1): a face name alone. */
static void text_props(struct hn_buf *out)
{
    struct block block = { .mask_bytes = 4 };

    string_property(&block, 0, "Tahoma", false);
    block_finish(&block, 0x0200, out);
}

static void picture(struct hn_buf *out)
{
    hn_buf_add(out, "\x04\x52\xE3\x0B\x91\x8F\xCE\x11\x9D\xE3\x00\xAA\x00\x4B\xB8\x51", 16);
    add_u32(out, 0x0000746C);
    add_u32(out, 5);
    hn_buf_add_lit(out, "P1234");
}

/* ---- Controls ---- */

static void caption_control(const struct oforms_writer_control *c, struct hn_buf *out)
{
    struct block block = { .mask_bytes = 4 };
    bool label = c->kind == OFORMS_LABEL;

    if (!c->plain)
        data_add(&block, 0, 4, 0x80000012);
    string_property(&block, 3, c->caption, c->wide);
    if (!c->plain) {
        data_add(&block, 4, 4, 7);
        data_add(&block, 6, 1, 2);
        if (label) {
            data_add(&block, 7, 4, 0x80000006);
            data_add(&block, 8, 2, 1);
            data_add(&block, 12, 2, 0xFFFF);
        } else {
            data_add(&block, 8, 2, 'o');
        }
    }
    size_add(&block, 5);
    block_finish(&block, 0x0200, out);
    if (!c->plain && label)
        picture(out);
    text_props(out);
}

static void morph_control(const struct oforms_writer_control *c, struct hn_buf *out)
{
    struct block block = { .mask_bytes = 8 };

    size_add(&block, 8); /* in this kind the size stands before the strings */
    if (!c->plain) {
        data_add(&block, 0, 4, 0x2C80481B);
        data_add(&block, 3, 4, 255);
        data_add(&block, 5, 1, 3);
        data_add(&block, 6, 1, (uint32_t)c->kind);
        data_add(&block, 7, 1, 1);
        data_add(&block, 9, 2, '*');
        data_add(&block, 10, 4, 77);
        data_add(&block, 13, 2, 2);
        data_add(&block, 16, 1, 1);
        data_add(&block, 20, 1, 2);
        data_add(&block, 21, 1, 1);
    }
    string_property(&block, 22, c->value, c->wide);
    string_property(&block, 23, c->caption, c->wide);
    if (!c->plain) {
        data_add(&block, 26, 4, 2);
        data_add(&block, 29, 2, 'x');
    }
    string_property(&block, 32, c->group, c->wide);
    block_finish(&block, 0x0200, out);
    text_props(out);
}

static void bar_control(const struct oforms_writer_control *c, struct hn_buf *out)
{
    struct block block = { .mask_bytes = 4 };

    if (!c->plain) {
        data_add(&block, 0, 4, 1);
        if (c->kind == OFORMS_SCROLL_BAR)
            data_add(&block, 4, 1, 1);
        data_add(&block, 6, 4, 1000);
    }
    if (c->value != NULL)
        data_add(&block, 7, 4, (uint32_t)strtol(c->value, NULL, 10));
    if (!c->plain)
        data_add(&block, 11, 4, 1);
    size_add(&block, 3);
    block_finish(&block, 0x0200, out);
}

static uint32_t lines_add(struct hn_buf *out, const char *lines, bool wide)
{
    struct hn_text rest = hn_text_cstr(lines);
    struct hn_text line;
    size_t start = out->len;

    while (hn_text_split(&rest, '\n', &line)) {
        struct hn_buf copy = { 0 };
        struct hn_buf bytes = { 0 };

        hn_buf_add_text(&copy, line);
        hn_buf_add_char(&copy, 0);
        add_u32(out, string_add(&bytes, copy.ptr, wide));
        hn_buf_add_text(out, hn_buf_text(&bytes));
        hn_buf_deinit(&bytes);
        hn_buf_deinit(&copy);
    }
    return (uint32_t)(out->len - start);
}

static uint32_t line_count(const char *lines)
{
    uint32_t count = 1;

    for (; *lines != 0; lines++)
        count += *lines == '\n' ? 1 : 0;
    return count;
}

/* tips and tags: of its pages, for the TabStrip within a multi-page. */
static void tab_control(const struct oforms_writer_control *c, const char *tips, const char *tags,
        struct hn_buf *out)
{
    struct block block = { .mask_bytes = 4 };
    const char *items = c->items == NULL ? "" : c->items;

    size_add(&block, 4);
    data_add(&block, 0, 4, c->value == NULL ? 0 : (uint32_t)strtol(c->value, NULL, 10));
    data_add(&block, 5, 4, lines_add(&block.extra, items, c->wide));
    data_add(&block, 6, 1, 1);
    data_add(&block, 15, 4, lines_add(&block.extra, tips, c->wide));
    data_add(&block, 17, 4, lines_add(&block.extra, items, c->wide));
    data_add(&block, 20, 4, line_count(items));
    data_add(&block, 21, 4, lines_add(&block.extra, tags, c->wide));
    data_add(&block, 22, 4, line_count(items));
    block_finish(&block, 0x0200, out);
    text_props(out);
    for (uint32_t i = 0; i < line_count(items); i++)
        add_u32(out, 3);
}

static void image_control(struct hn_buf *out)
{
    struct block block = { .mask_bytes = 4 };

    size_add(&block, 9);
    data_add(&block, 10, 2, 0xFFFF);
    block_finish(&block, 0x0200, out);
    picture(out);
}

static void control_write(const struct oforms_writer_control *c, struct hn_buf *out)
{
    switch ((int)c->kind) {
    case OFORMS_COMMAND_BUTTON:
    case OFORMS_LABEL:
        caption_control(c, out);
        break;
    case OFORMS_SCROLL_BAR:
    case OFORMS_SPIN_BUTTON:
        bar_control(c, out);
        break;
    case OFORMS_TAB_STRIP:
        tab_control(c, "", "", out);
        break;
    case OFORMS_IMAGE:
        image_control(out);
        break;
    default:
        morph_control(c, out);
        break;
    }
}

/* ---- Forms ---- */

static uint32_t class_of(enum oforms_kind kind)
{
    static const uint8_t classes[OFORMS_KIND_COUNT] = { [OFORMS_FRAME] = 14,
        [OFORMS_MULTI_PAGE] = 57,
        [OFORMS_PAGE] = 7,
        [OFORMS_TAB_STRIP] = 18,
        [OFORMS_TEXT_BOX] = 23,
        [OFORMS_LABEL] = 21,
        [OFORMS_COMMAND_BUTTON] = 17,
        [OFORMS_COMBO_BOX] = 25,
        [OFORMS_LIST_BOX] = 24,
        [OFORMS_CHECK_BOX] = 26,
        [OFORMS_OPTION_BUTTON] = 27,
        [OFORMS_TOGGLE_BUTTON] = 28,
        [OFORMS_IMAGE] = 12,
        [OFORMS_SCROLL_BAR] = 47,
        [OFORMS_SPIN_BUTTON] = 16 };

    return classes[kind];
}

static bool holds_others(enum oforms_kind kind)
{
    return kind == OFORMS_FRAME || kind == OFORMS_MULTI_PAGE || kind == OFORMS_PAGE;
}

static void site_write(const struct oforms_writer_control *c, uint32_t id, uint32_t object_bytes,
        struct hn_buf *out)
{
    struct block block = { .mask_bytes = 4 };

    /* Strings stand in the order of the extra block, around the position. */
    string_property(&block, 0, c->name, c->wide);
    string_property(&block, 1, c->tag, c->wide);
    data_add(&block, 2, 4, id);
    data_add(&block, 4, 4, holds_others(c->kind) ? 0x23 : 0x33);
    if (!holds_others(c->kind))
        data_add(&block, 5, 4, object_bytes);
    data_add(&block, 6, 2, id);
    data_add(&block, 7, 2, class_of(c->kind));
    size_add(&block, 8);
    if (!c->plain)
        data_add(&block, 9, 2, 1);
    string_property(&block, 11, c->tip, c->wide);
    string_property(&block, 13, c->control_source, c->wide);
    string_property(&block, 14, c->row_source, c->wide);
    block_finish(&block, 0, out);
}

static void form_head(
        const char *caption, const struct oforms_writer_form *form, struct hn_buf *out)
{
    struct block block = { .mask_bytes = 4 };
    bool classes = form != NULL && form->classes;
    bool extras = form != NULL && form->extras;

    data_add(&block, 3, 4, 100);
    if (!classes)
        data_add(&block, 6, 4, 0x8004);
    data_add(&block, 9, 1, 3);
    size_add(&block, 10);
    size_add(&block, 11);
    if (extras)
        data_add(&block, 15, 2, 0xFFFF);
    data_add(&block, 16, 1, 2);
    string_property(&block, 19, caption, false);
    if (extras) {
        data_add(&block, 20, 2, 0xFFFF);
        data_add(&block, 21, 2, 0xFFFF);
    }
    data_add(&block, 27, 4, 32000);
    block_finish(&block, 0x0400, out);
    if (extras) {
        picture(out);
        hn_buf_add(out, "\x03\x52\xE3\x0B\x91\x8F\xCE\x11\x9D\xE3\x00\xAA\x00\x4B\xB8\x51", 16);
        hn_buf_add(out, "\x01\x00\x00\x00\x90\x01\x44\x42\x01\x00\x06Tahoma", 17);
        picture(out);
    }
    if (classes) {
        add_u16(out, 1);
        add_u16(out, 0);
        add_u16(out, 20);
        add_u32(out, 1);
        hn_buf_add_repeat(out, 'C', 16);
    }
}

static void stream_put(
        struct cfb_writer *cfb, const char *path, const char *name, const struct hn_buf *data)
{
    struct hn_buf full = { 0 };

    hn_buf_addf(&full, "%s/%s", path, name);
    hn_buf_add_char(&full, 0);
    cfb_writer_stream(cfb, full.ptr, hn_text_as_bytes(hn_buf_text(data)));
    hn_buf_deinit(&full);
}

static void container_put(struct cfb_writer *cfb, const char *path, const char *caption,
        const struct oforms_writer_form *form, const struct oforms_writer_control *controls,
        size_t count);

static void lines_join(struct hn_buf *out, const char *text, bool first)
{
    if (!first)
        hn_buf_add_char(out, '\n');
    hn_buf_add_cstr(out, text == NULL ? "" : text);
}

/* The TabStrip of a multi-page has what its pages are called, and stream "x" their order. The tabs
 * are in the order of the children; the sites are written the other way round. */
static void multi_page_put(
        struct cfb_writer *cfb, const char *path, const struct oforms_writer_control *c)
{
    struct hn_buf captions = { 0 };
    struct hn_buf tips = { 0 };
    struct hn_buf tags = { 0 };
    struct hn_buf f = { 0 };
    struct hn_buf o = { 0 };
    struct hn_buf x = { 0 };
    struct oforms_writer_control tabs = { .kind = OFORMS_TAB_STRIP, .name = "TabStrip" };
    struct hn_buf sites = { 0 };

    for (size_t i = 0; i < c->child_count; i++) {
        lines_join(&captions, c->children[i].caption, i == 0);
        lines_join(&tips, c->children[i].tip, i == 0);
        lines_join(&tags, c->children[i].tag, i == 0);
    }
    hn_buf_add_char(&captions, 0);
    hn_buf_add_char(&tips, 0);
    hn_buf_add_char(&tags, 0);
    tabs.items = captions.ptr;
    tab_control(&tabs, tips.ptr, tags.ptr, &o);
    site_write(&tabs, 1, (uint32_t)o.len, &sites);
    for (size_t i = c->child_count; i-- > 0;) {
        struct oforms_writer_control page = c->children[i];
        char name[16];
        struct hn_buf below = { 0 };

        page.tip = NULL;
        page.tag = NULL;
        site_write(&page, (uint32_t)i + 2, 0, &sites);
        (void)snprintf(name, sizeof name, "/i%02zu", i + 2);
        hn_buf_addf(&below, "%s%s", path, name);
        hn_buf_add_char(&below, 0);
        container_put(cfb, below.ptr, NULL, NULL, page.children, page.child_count);
        hn_buf_deinit(&below);
    }
    form_head(NULL, NULL, &f);
    add_u32(&f, (uint32_t)c->child_count + 1);
    add_u32(&f, (uint32_t)sites.len + 4);
    hn_buf_add(&f, (const uint8_t[]){ 0, (uint8_t)(0x80 | (c->child_count + 1)), 1, 0 }, 4);
    hn_buf_add_text(&f, hn_buf_text(&sites));
    for (size_t i = 0; i <= c->child_count; i++)
        hn_buf_add(&x, "\x00\x02\x04\x00\x00\x00\x00\x00", 8);
    hn_buf_add(&x, "\x00\x02\x0C\x00\x06\x00\x00\x00", 8);
    add_u32(&x, (uint32_t)c->child_count);
    add_u32(&x, 1);
    for (size_t i = 0; i < c->child_count; i++)
        add_u32(&x, (uint32_t)i + 2);
    stream_put(cfb, path, "f", &f);
    stream_put(cfb, path, "o", &o);
    stream_put(cfb, path, "x", &x);
    hn_buf_deinit(&captions);
    hn_buf_deinit(&tips);
    hn_buf_deinit(&tags);
    hn_buf_deinit(&sites);
    hn_buf_deinit(&f);
    hn_buf_deinit(&o);
    hn_buf_deinit(&x);
}

static void child_put(
        struct cfb_writer *cfb, const char *path, const struct oforms_writer_control *c, size_t id)
{
    struct hn_buf below = { 0 };

    hn_buf_addf(&below, "%s/i%02zu", path, id);
    hn_buf_add_char(&below, 0);
    if (c->kind == OFORMS_MULTI_PAGE)
        multi_page_put(cfb, below.ptr, c);
    else
        container_put(cfb, below.ptr, c->caption, NULL, c->children, c->child_count);
    hn_buf_deinit(&below);
}

/* Recursion as deep as the caller's description. */
static void container_put(struct cfb_writer *cfb, const char *path, const char *caption,
        const struct oforms_writer_form *form, const struct oforms_writer_control *controls,
        size_t count)
{
    struct hn_buf f = { 0 };
    struct hn_buf o = { 0 };
    struct hn_buf sites = { 0 };

    for (size_t i = 0; i < count; i++) { /* depth and type of each, then padding */
        hn_buf_add_char(&sites, 0);
        hn_buf_add_char(&sites, 1);
    }
    pad4(&sites);
    for (size_t i = 0; i < count; i++) {
        size_t before = o.len;

        if (holds_others(controls[i].kind))
            child_put(cfb, path, &controls[i], i + 1);
        else
            control_write(&controls[i], &o);
        site_write(&controls[i], (uint32_t)i + 1, (uint32_t)(o.len - before), &sites);
    }
    form_head(caption, form, &f);
    add_u32(&f, (uint32_t)count);
    add_u32(&f, (uint32_t)sites.len);
    hn_buf_add_text(&f, hn_buf_text(&sites));
    if (!hn_buf_ok(&f) || !hn_buf_ok(&o) || !hn_buf_ok(&sites))
        abort();
    stream_put(cfb, path, "f", &f);
    stream_put(cfb, path, "o", &o);
    hn_buf_deinit(&f);
    hn_buf_deinit(&o);
    hn_buf_deinit(&sites);
}

void oforms_writer_put(
        struct cfb_writer *cfb, const char *path, const struct oforms_writer_form *form)
{
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    struct hn_buf frame = { 0 };

    container_put(cfb, path, NULL, form, form->controls, form->count);
    hn_buf_addf(&frame,
            "VERSION 5.00\r\nBegin {C62A69F0-16DC-11CE-9E98-00AA00574A4F} %s \r\n"
            "   Caption         =   \"%s\"\r\n   ClientHeight    =   3180\r\n",
            name, form->caption == NULL ? name : form->caption);
    if (form->tag != NULL)
        hn_buf_addf(&frame, "   Tag             =   \"%s\"\r\n", form->tag);
    hn_buf_add_lit(&frame, "   StartUpPosition =   1  'CenterOwner\r\n   TypeInfoVer     =   2\r\n"
                           "End\r\n");
    stream_put(cfb, path, "\003VBFrame", &frame);
    hn_buf_deinit(&frame);
}
