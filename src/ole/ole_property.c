/* ole_property.c - property sets ([MS-OLEPS]): title, author, company and what users define.
 *
 * Offsets and counts of a set may lie; each property is read in the bounds of the stream alone, and
 * one that cannot be read is left out. */
#include "ole/ole.h"

#include "base/codepage.h"
#include "base/reader.h"
#include "base/win.h"

#define SETS_MAX       8u
#define PROPERTIES_MAX 4096u
#define PARTS_MAX      4096u      /* of a vector */
#define VALUE_MAX      (1u << 20) /* bytes of one value, as text */
#define TEXTS_MAX      (4u << 20) /* bytes of all values */
#define LOOKUPS_MAX    (1u << 20) /* steps through dictionaries, of one stream */

enum {
    VT_I2 = 2,
    VT_I4 = 3,
    VT_R4 = 4,
    VT_R8 = 5,
    VT_CY = 6,
    VT_DATE = 7,
    VT_BSTR = 8,
    VT_BOOL = 11,
    VT_VARIANT = 12,
    VT_I1 = 16,
    VT_UI1 = 17,
    VT_UI2 = 18,
    VT_UI4 = 19,
    VT_I8 = 20,
    VT_UI8 = 21,
    VT_INT = 22,
    VT_UINT = 23,
    VT_LPSTR = 30,
    VT_LPWSTR = 31,
    VT_FILETIME = 64,
    VT_BLOB = 65,
    VT_CLSID = 72,
    VT_VECTOR = 0x1000,
};

struct set_reader {
    struct hn_arena *arena;
    ole_on_property *on_property;
    void *ctx;
    uint32_t odd;
    uint32_t set;
    uint32_t codepage;
    size_t text_bytes;
    uint32_t lookups;
    struct hn_bytes in;         /* from the set's own start */
    struct hn_bytes dictionary; /* from its count on; ptr NULL: none */
};

static const char *const summary_names[] = { NULL, NULL, "title", "subject", "author", "keywords",
    "comments", "template", "last_author", "revision", "edit_seconds", "printed", "created",
    "saved", "pages", "words", "characters", NULL, "application", "security" };
static const char *const document_names[] = { NULL, NULL, "category", "format", "bytes", "lines",
    "paragraphs", "slides", "notes", "hidden_slides", "clips", "scale", "heading_pairs", "parts",
    "manager", "company", "links_dirty", "characters_with_spaces", NULL, "shared", NULL,
    "link_base", "links_changed", "version", "signature", NULL, "content_type", "content_status",
    "language", "document_version" };

static const char *property_name(uint32_t set, uint32_t id)
{
    if (set == 0 && id < HN_COUNT_OF(summary_names))
        return summary_names[id];
    if (set == 1 && id < HN_COUNT_OF(document_names))
        return document_names[id];
    return NULL;
}

/* Without the NUL that ends it, and all behind that. */
static struct hn_bytes cut_at_nul(struct hn_bytes bytes, size_t unit)
{
    for (size_t i = 0; i + unit <= bytes.len; i += unit) {
        if (bytes.ptr[i] == 0 && (unit == 1 || bytes.ptr[i + 1] == 0)) {
            bytes.len = i;
            break;
        }
    }
    return bytes;
}

static void code_page_string(struct hn_buf *buf, uint32_t codepage, struct hn_bytes bytes)
{
    bytes = cut_at_nul(bytes, codepage == HN_CODEPAGE_UTF16LE ? 2 : 1);
    (void)hn_codepage_to_utf8(buf, codepage, bytes);
}

static void filetime_write(struct hn_buf *buf, uint64_t filetime, bool duration)
{
    char text[HN_FILETIME_TEXT_MAX];

    if (duration)
        hn_buf_add_u64(buf, filetime / 10000000);
    else if (filetime != 0)
        hn_buf_add(buf, text, hn_filetime_write(filetime, text));
}

/* Values in vectors and sets are padded to four bytes; but for vectors of small numbers. */
static void align(struct hn_reader *r)
{
    size_t over = hn_reader_offset(r) % 4;

    if (over != 0 && hn_reader_left(r) >= 4 - over)
        hn_reader_skip(r, 4 - over);
}

static double load_f64(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool number_write(struct hn_reader *r, uint16_t type, struct hn_buf *buf)
{
    uint32_t bits;
    float single;

    switch (type) {
    case VT_I1:
        hn_buf_add_i64(buf, (int8_t)hn_reader_u8(r));
        return true;
    case VT_UI1:
        hn_buf_add_u64(buf, hn_reader_u8(r));
        return true;
    case VT_I2:
        hn_buf_add_i64(buf, (int16_t)hn_reader_u16(r));
        return true;
    case VT_UI2:
        hn_buf_add_u64(buf, hn_reader_u16(r));
        return true;
    case VT_BOOL:
        hn_buf_add_cstr(buf, hn_reader_u16(r) != 0 ? "true" : "false");
        return true;
    case VT_I4:
    case VT_INT:
        hn_buf_add_i64(buf, (int32_t)hn_reader_u32(r));
        return true;
    case VT_UI4:
    case VT_UINT:
        hn_buf_add_u64(buf, hn_reader_u32(r));
        return true;
    case VT_I8:
    case VT_CY:
        hn_buf_add_i64(buf, (int64_t)hn_reader_u64(r));
        return true;
    case VT_UI8:
        hn_buf_add_u64(buf, hn_reader_u64(r));
        return true;
    case VT_R4:
        bits = hn_reader_u32(r);
        memcpy(&single, &bits, sizeof single);
        hn_buf_addf(buf, "%.7g", (double)single);
        return true;
    case VT_R8:
    case VT_DATE:
        hn_buf_addf(buf, "%.15g", load_f64(hn_reader_u64(r)));
        return true;
    default:
        return false;
    }
}

/* One value without its type. False for a type that is not text, or damage. */
static bool scalar_write(
        struct set_reader *s, struct hn_reader *r, uint16_t type, bool duration, struct hn_buf *buf)
{
    char guid[HN_GUID_TEXT_LEN];
    struct hn_bytes bytes;
    uint32_t len;

    switch (type) {
    case VT_LPSTR:
    case VT_BSTR:
        len = hn_reader_u32(r);
        bytes = hn_reader_take(r, len);
        code_page_string(buf, s->codepage, bytes);
        break;
    case VT_LPWSTR:
        len = hn_reader_u32(r);
        bytes = hn_reader_take(r, (size_t)len * 2);
        code_page_string(buf, HN_CODEPAGE_UTF16LE, bytes);
        break;
    case VT_FILETIME:
        filetime_write(buf, hn_reader_u64(r), duration);
        break;
    case VT_CLSID:
        bytes = hn_reader_take(r, 16);
        if (bytes.len == HN_GUID_BYTES)
            hn_buf_add(buf, guid, hn_guid_write(bytes.ptr, guid));
        break;
    default:
        if (!number_write(r, type, buf))
            return false;
        break;
    }
    return hn_reader_ok(r);
}

/* Strings in variants are padded, but for those of heading pairs ([MS-OSHARED] 2.3.3.1.14): whether
 * what follows reads as a type decides. */
static bool at_variant(const struct hn_reader *r)
{
    return hn_reader_left(r) >= 4 && r->next[0] >= VT_I2 && r->next[0] <= VT_CLSID &&
           r->next[1] == 0 && r->next[2] == 0 && r->next[3] == 0;
}

static bool value_write(
        struct set_reader *s, struct hn_reader *r, uint16_t type, bool duration, struct hn_buf *buf)
{
    uint32_t count;

    if ((type & VT_VECTOR) == 0)
        return scalar_write(s, r, type, duration, buf);
    count = hn_reader_u32(r);
    if (count > PARTS_MAX)
        count = PARTS_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t part = (uint16_t)(type & ~VT_VECTOR);
        size_t before = buf->len;

        if (part == VT_VARIANT) {
            part = hn_reader_u16(r);
            hn_reader_skip(r, 2);
        }
        if (i != 0)
            hn_buf_add_char(buf, '\n');
        if (!scalar_write(s, r, part, false, buf)) {
            buf->len = buf->len < before ? buf->len : before; /* what came before stays */
            return i != 0;
        }
        if (part == VT_LPWSTR || ((type & ~VT_VECTOR) == VT_VARIANT && !at_variant(r)))
            align(r);
    }
    return true;
}

/* [MS-OSHARED] 2.3.3.1.18: the links of a document, as a vector of variants in a blob; of each link
 * the address and the place in it are texts. */
static bool links_write(struct set_reader *s, struct hn_reader *r, struct hn_buf *buf)
{
    uint32_t len = hn_reader_u32(r);
    struct hn_reader blob = hn_reader_over(hn_reader_take(r, len));
    uint32_t count = hn_reader_u32(&blob);

    for (uint32_t i = 0; i < count && i < PARTS_MAX && hn_reader_ok(&blob); i++) {
        uint16_t type = hn_reader_u16(&blob);
        size_t before = buf->len;

        hn_reader_skip(&blob, 2);
        if (type != VT_LPWSTR) {
            hn_reader_skip(&blob, 4);
            continue;
        }
        if (before > 0)
            hn_buf_add_char(buf, '\n');
        if (!scalar_write(s, &blob, type, false, buf) || buf->len == before + (before > 0 ? 1 : 0))
            buf->len = before;
        align(&blob);
    }
    return buf->len > 0;
}

/* The name that the set's dictionary ([MS-OLEPS] 2.17) has for an id. */
static struct hn_text own_name(struct set_reader *s, uint32_t id)
{
    struct hn_reader r = hn_reader_over(s->dictionary);
    uint32_t count = s->dictionary.ptr == NULL ? 0 : hn_reader_u32(&r);
    struct hn_buf buf = { .cap_bytes = VALUE_MAX };
    struct hn_text name = { NULL, 0 };

    for (uint32_t i = 0; i < count && s->lookups < LOOKUPS_MAX && hn_reader_ok(&r); i++) {
        uint32_t entry = hn_reader_u32(&r);
        uint32_t len = hn_reader_u32(&r);
        bool wide = s->codepage == HN_CODEPAGE_UTF16LE;
        struct hn_bytes bytes = hn_reader_take(&r, wide ? (size_t)len * 2 : len);

        s->lookups++;
        if (wide)
            align(&r);
        if (entry != id || !hn_reader_ok(&r))
            continue;
        code_page_string(&buf, s->codepage, bytes);
        name = hn_arena_text(s->arena, hn_buf_text(&buf));
        break;
    }
    hn_buf_deinit(&buf);
    return name;
}

static void property_read(struct set_reader *s, uint32_t id, size_t offset)
{
    struct hn_reader r = hn_reader_over(s->in);
    struct hn_buf buf = { .cap_bytes = VALUE_MAX };
    struct ole_property property = { .set = s->set, .id = id };
    bool good;

    hn_reader_seek(&r, offset);
    property.type = hn_reader_u16(&r);
    hn_reader_skip(&r, 2);
    property.name = property_name(s->set, id);
    if (s->set >= 2)
        property.own_name = own_name(s, id);
    if (property.type == VT_BLOB) {
        good = hn_text_eq_nocase(property.own_name, HN_TEXT("_PID_HLINKS")) &&
               links_write(s, &r, &buf);
    } else {
        good = value_write(s, &r, property.type, s->set == 0 && id == 10, &buf);
    }
    if (!hn_reader_ok(&r))
        s->odd |= OLE_ODD_TRUNCATED;
    if (good && hn_buf_ok(&buf) && buf.len <= TEXTS_MAX - s->text_bytes) {
        s->text_bytes += buf.len;
        property.value = hn_arena_text(s->arena, hn_buf_text(&buf));
        if (property.value.ptr != NULL)
            s->on_property(s->ctx, &property);
    } else if (good) {
        s->odd |= OLE_ODD_LIMIT;
    }
    hn_buf_deinit(&buf);
}

/* Identifiers 0 and 1 rule how the others are read, so they come first. */
static void set_prepare(struct set_reader *s, struct hn_reader table, uint32_t count)
{
    s->codepage = HN_CODEPAGE_WESTERN;
    s->dictionary = (struct hn_bytes){ NULL, 0 };
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = hn_reader_u32(&table);
        uint32_t offset = hn_reader_u32(&table);

        if (!hn_reader_ok(&table) || offset > s->in.len)
            continue;
        if (id == 1 && s->in.len - offset >= 6)
            s->codepage = hn_load_u16(s->in.ptr + offset + 4);
        if (id == 0)
            s->dictionary = hn_bytes_of(s->in.ptr + offset, s->in.len - offset);
    }
}

static void set_read(struct set_reader *s)
{
    struct hn_reader r = hn_reader_over(s->in);
    uint32_t count;

    hn_reader_skip(&r, 4); /* its size; the stream's end rules */
    count = hn_reader_u32(&r);
    if (count > PROPERTIES_MAX) {
        s->odd |= OLE_ODD_LIMIT;
        count = PROPERTIES_MAX;
    }
    set_prepare(s, r, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = hn_reader_u32(&r);
        uint32_t offset = hn_reader_u32(&r);

        if (!hn_reader_ok(&r) || offset > s->in.len) {
            s->odd |= OLE_ODD_TRUNCATED;
            if (!hn_reader_ok(&r))
                return;
            continue;
        }
        if (id > 1 && id < 0x80000000u)
            property_read(s, id, offset);
    }
}

static uint32_t set_of(struct hn_bytes fmtid)
{
    static const uint8_t summary[16] = { 0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91,
        0x08, 0x00, 0x2B, 0x27, 0xB3, 0xD9 };
    /* The document's and, but for the first byte, the users' own. */
    static const uint8_t document[16] = { 0x02, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93,
        0x97, 0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE };

    if (fmtid.len != 16)
        return 3;
    if (memcmp(fmtid.ptr, summary, 16) == 0)
        return 0;
    if (memcmp(fmtid.ptr + 1, document + 1, 15) != 0)
        return 3;
    return fmtid.ptr[0] == 0x02 ? 1 : (fmtid.ptr[0] == 0x05 ? 2 : 3);
}

uint32_t ole_properties(
        struct hn_arena *arena, struct hn_bytes stream, ole_on_property *on_property, void *ctx)
{
    struct set_reader s = { .arena = arena, .on_property = on_property, .ctx = ctx };
    struct hn_reader r = hn_reader_over(stream);
    uint32_t sets;

    if (hn_reader_u16(&r) != 0xFFFE)
        s.odd |= OLE_ODD_HEADER;
    hn_reader_skip(&r, 22); /* version, system, class */
    sets = hn_reader_u32(&r);
    if (sets > SETS_MAX) {
        s.odd |= OLE_ODD_LIMIT;
        sets = SETS_MAX;
    }
    for (uint32_t i = 0; i < sets; i++) {
        struct hn_bytes fmtid = hn_reader_take(&r, 16);
        uint32_t offset = hn_reader_u32(&r);

        if (!hn_reader_ok(&r) || offset > stream.len) {
            s.odd |= OLE_ODD_TRUNCATED;
            continue;
        }
        s.set = set_of(fmtid);
        s.in = hn_bytes_of(stream.ptr + offset, stream.len - offset);
        set_read(&s);
    }
    if (!hn_reader_ok(&r))
        s.odd |= OLE_ODD_TRUNCATED;
    return s.odd;
}
