/* vba_names.c - the table of identifiers in the stream _VBA_PROJECT. [MS-OVBA] 2.3.4.1 calls it a
 * performance cache and leaves it undescribed; the layout is what pcodedmp's author found. */
#include "vba/vba_pcode.h"

uint16_t vba_u16_at(struct hn_bytes bytes, uint64_t at, bool big_endian)
{
    return at >= bytes.len || bytes.len - at < 2 ? 0 : vba_load_u16(bytes.ptr + at, big_endian);
}

uint32_t vba_u32_at(struct hn_bytes bytes, uint64_t at, bool big_endian)
{
    return at >= bytes.len || bytes.len - at < 4 ? 0 : vba_load_u32(bytes.ptr + at, big_endian);
}

struct cache_reader {
    struct hn_reader r;
    bool big_endian;
    uint16_t version;
};

static uint16_t take_u16(struct cache_reader *c)
{
    struct hn_bytes b = hn_reader_take(&c->r, 2);

    return b.len == 2 ? vba_load_u16(b.ptr, c->big_endian) : 0;
}

static uint32_t take_u32(struct cache_reader *c)
{
    struct hn_bytes b = hn_reader_take(&c->r, 4);

    return b.len == 4 ? vba_load_u32(b.ptr, c->big_endian) : 0;
}

/* A 16-bit count and as many elements; a count of 0xFFFF can mean none. */
static void skip_counted(struct cache_reader *c, size_t element_bytes, bool ffff_is_none)
{
    uint16_t count = take_u16(c);

    if (!ffff_is_none || count != 0xFFFF)
        hn_reader_skip(&c->r, count * element_bytes);
}

static void skip_references(struct cache_reader *c)
{
    uint16_t count = take_u16(c);

    hn_reader_skip(&c->r, 2);
    for (uint16_t i = 0; i < count && hn_reader_ok(&c->r); i++) {
        uint16_t len = take_u16(c);

        if (len == 0) {
            hn_reader_skip(&c->r, 6);
        } else {
            struct hn_bytes libid = hn_reader_take(&c->r, len);

            /* "*\C" and "*\D", in UTF-16: a project, of which a second path follows */
            if (len >= 5 && libid.len == len && (libid.ptr[4] == 'C' || libid.ptr[4] == 'D'))
                skip_counted(c, 1, false);
        }
        hn_reader_skip(&c->r, 10);
        if (take_u16(c) != 0) {
            skip_counted(c, 1, false);
            len = take_u16(c);
            hn_reader_skip(&c->r, (size_t)len + (len != 0 ? 2 : 0) + 30);
        }
    }
}

static void skip_modules(struct cache_reader *c)
{
    uint16_t count = take_u16(c);

    for (uint16_t i = 0; i < count && hn_reader_ok(&c->r); i++) {
        skip_counted(c, 1, false); /* name, in UTF-16 */
        skip_counted(c, 1, false); /* stream */
        skip_counted(c, 1, true);
        hn_reader_skip(&c->r, 2);
        if (c->version >= 0x6B)
            skip_counted(c, 1, true);
        skip_counted(c, 1, true);
        hn_reader_skip(&c->r, 6);
        skip_counted(c, 8, false);
        hn_reader_skip(&c->r, 11);
    }
}

/* The type and length of a name are the two bytes of one number. */
static void take_kind(struct cache_reader *c, uint8_t *ret_type, uint8_t *ret_len)
{
    uint16_t both = take_u16(c);

    *ret_type = (uint8_t)(both >> 8);
    *ret_len = (uint8_t)(both & 0xFF);
}

static void skip_unused(struct cache_reader *c, uint32_t count)
{
    for (uint32_t i = 0; i < count && hn_reader_ok(&c->r); i++) {
        uint8_t type;
        uint8_t len;

        hn_reader_skip(&c->r, 4);
        take_kind(c, &type, &len);
        hn_reader_skip(&c->r, (size_t)len + (type > 0x7F ? 6 : 0));
    }
}

static bool take_name(struct cache_reader *c, struct hn_bytes *ret_raw)
{
    bool keyword = false;
    uint8_t type;
    uint8_t len;

    take_kind(c, &type, &len);
    if (len == 0 && type == 0) {
        hn_reader_skip(&c->r, 2);
        take_kind(c, &type, &len);
        keyword = true;
    }
    if ((type & 0x80) != 0)
        hn_reader_skip(&c->r, 6);
    *ret_raw = hn_reader_take(&c->r, len);
    if (!keyword)
        hn_reader_skip(&c->r, 4);
    return hn_reader_ok(&c->r);
}

static void names_take(struct vba_reader *reader, struct cache_reader *c, struct vba_names *names)
{
    uint16_t last = take_u16(c);
    uint16_t all = take_u16(c);
    uint16_t first = take_u16(c);
    uint32_t count = (uint32_t)(uint16_t)(last - first);
    struct vba_name *list;

    hn_reader_skip(&c->r, 4);
    if (last < first || all < count)
        return;
    skip_unused(c, all - count);
    list = hn_new(reader->arena, struct vba_name, count);
    if (list == NULL) {
        reader->failed = true;
        return;
    }
    names->names = list;
    for (uint32_t i = 0; i < count; i++) {
        struct hn_bytes raw;

        if (!take_name(c, &raw) || reader->failed)
            return;
        /* One without letters has a number like any other; pcodedmp leaves it out, and all behind
         * it are one off (SimpleMacro.pptm). */
        list[names->count].raw = raw;
        list[names->count++].text = vba_text(reader, reader->project.codepage, raw, NULL);
    }
    names->whole = true;
}

void vba_names_read(struct vba_reader *reader, struct hn_bytes stream, struct vba_names *ret_names)
{
    struct cache_reader c = { .r = hn_reader_over(stream) };

    memset(ret_names, 0, sizeof *ret_names);
    if (stream.len < 0x1E || hn_load_u16(stream.ptr) != 0x61CC)
        return;
    c.version = hn_load_u16(stream.ptr + 2);
    ret_names->version = c.version;
    /* 0xFFFF says that there is no cache; versions before Office 97 are laid out otherwise. */
    if (c.version == 0xFFFF || (c.version != 0x5E && c.version < 0x6B))
        return;
    c.big_endian = hn_load_u16(stream.ptr + 5) == 0x000E;
    ret_names->big_endian = c.big_endian;
    ret_names->wide = reader->project.system_kind == 3;
    ret_names->vba = c.version >= 0x97 ? 7 : c.version >= 0x6B ? 6 : 5;
    hn_reader_skip(&c.r, 0x1E);
    skip_references(&c);
    skip_counted(&c, 2, false); /* classes and forms */
    skip_counted(&c, 4, false); /* constants of conditional compilation */
    hn_reader_skip(&c.r, 2);
    skip_counted(&c, 1, true); /* type library */
    skip_counted(&c, 1, true); /* description */
    skip_counted(&c, 1, true); /* help file */
    hn_reader_skip(&c.r, 0x64);
    skip_modules(&c);
    hn_reader_skip(&c.r, 6);
    hn_reader_skip(&c.r, take_u32(&c));
    hn_reader_skip(&c.r, 6);
    if (hn_reader_ok(&c.r))
        names_take(reader, &c, ret_names);
}

struct hn_text vba_name_get(const struct vba_names *names, uint16_t code, size_t *ret_index)
{
    size_t number = code >> 1;

    *ret_index = SIZE_MAX;
    if (number < 0x100) {
        if (names->vba >= 7 && number >= 0xC3)
            number--;
        return number < VBA_WORDS ? hn_text_cstr(vba_words[number]) : HN_TEXT("");
    }
    number -= 0x100;
    if (names->vba >= 7) {
        size_t more = names->wide ? 7 : 4; /* words that came with VBA 7 */

        if (number < more)
            return HN_TEXT("");
        number -= more;
    }
    if (number >= names->count)
        return HN_TEXT("");
    *ret_index = number;
    return names->names[number].text;
}
