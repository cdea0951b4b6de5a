/* office_ole.c - compound files: which document each storage holds, objects, links and classes. */
#include "office/office_internal.h"

#include "base/codepage.h"

struct ole_file *office_ole_open(struct office *o, struct hn_bytes bytes)
{
    struct ole_file *file = NULL;
    struct hn_err why = { 0 };
    enum hn_status status = ole_open(&o->scratch, bytes, NULL, &file, &why);
    uint32_t odd;

    if (status != HN_OK) {
        if (status != HN_NOMEM) {
            dissect_note(o->dissect, o->id,
                    status == HN_TRUNCATED ? DISSECT_NOTE_TRUNCATED : DISSECT_NOTE_DAMAGED,
                    why.offset, "compound file: %s", why.msg);
        }
        return NULL;
    }
    odd = ole_odd(file);
    if ((odd & OLE_ODD_TRUNCATED) != 0)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_TRUNCATED, DISSECT_NOWHERE, "compound file");
    if ((odd & (OLE_ODD_CYCLE | OLE_ODD_SHARED)) != 0)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "sectors of the compound file belong to several chains");
    if ((odd & OLE_ODD_LIMIT) != 0)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "compound file");
    return file;
}

struct hn_bytes office_ole_stream(struct office *o, struct ole_file *file, uint32_t index)
{
    struct hn_bytes bytes = { 0 };
    enum hn_status status;

    if (index == OLE_NONE || ole_get(file, index)->kind != OLE_STREAM)
        return bytes;
    status = ole_read(file, index, &bytes, NULL);
    if (status == HN_LIMIT)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "stream %.*s is too large", OFFICE_SHOWN(ole_get(file, index)->path));
    return status == HN_OK ? bytes : (struct hn_bytes){ 0 };
}

/* ---- Classes ---- */

#define CLSID_TAIL_OLE 0xC0, 0, 0, 0, 0, 0, 0, 0x46

static const struct {
    uint8_t clsid[16];
    const char *name;
} classes[] = {
    { { 0x02, 0xCE, 0x02, 0, 0, 0, 0, 0, CLSID_TAIL_OLE }, "Equation.3" },
    { { 0x00, 0x17, 0x02, 0, 0, 0, 0, 0, CLSID_TAIL_OLE }, "Equation.2" },
    { { 0x0C, 0x00, 0x03, 0, 0, 0, 0, 0, CLSID_TAIL_OLE }, "Package" },
    { { 0x06, 0x09, 0x02, 0, 0, 0, 0, 0, CLSID_TAIL_OLE }, "Word.Document.8" },
    { { 0x10, 0x08, 0x02, 0, 0, 0, 0, 0, CLSID_TAIL_OLE }, "Excel.Sheet.5" },
    { { 0x20, 0x08, 0x02, 0, 0, 0, 0, 0, CLSID_TAIL_OLE }, "Excel.Sheet.8" },
    { { 0x30, 0x08, 0x02, 0, 0, 0, 0, 0, CLSID_TAIL_OLE }, "Excel.Sheet.12" },
    { { 0x20, 0xA7, 0x0D, 0xF2, 0x2F, 0xC0, 0xCE, 0x11, 0x92, 0x7B, 0x08, 0, 0x09, 0x5A, 0xE3,
              0x40 },
            "Package.2" },
    { { 0xF4, 0x55, 0x4F, 0xCF, 0x87, 0x8F, 0x47, 0x4D, 0x80, 0xBB, 0x58, 0x08, 0x16, 0x4B, 0xB3,
              0xF8 },
            "PowerPoint.Show.12" },
    { { 0x10, 0x8D, 0x81, 0x64, 0x9B, 0x4F, 0xCF, 0x11, 0x86, 0xEA, 0x00, 0xAA, 0x00, 0xB9, 0x29,
              0xE8 },
            "PowerPoint.Show.8" },
    { { 0x9B, 0x4C, 0x75, 0xF4, 0xF5, 0x64, 0x40, 0x4B, 0x8A, 0xF4, 0x67, 0x97, 0x32, 0xAC, 0x06,
              0x07 },
            "Word.Document.12" },
    { { 0xC3, 0x2A, 0xB2, 0xEA, 0xC1, 0x30, 0xCF, 0x11, 0xA7, 0xEB, 0x00, 0x00, 0xC0, 0x5B, 0xAE,
              0x0B },
            "Shell.Explorer.1" },
    { { 0x61, 0xF9, 0x56, 0x88, 0x0A, 0x34, 0xD0, 0x11, 0xA9, 0x6B, 0x00, 0xC0, 0x4F, 0xD7, 0x05,
              0xA2 },
            "Shell.Explorer.2" },
    { { 0x20, 0x69, 0x33, 0x25, 0xF9, 0x03, 0xCF, 0x11, 0x8F, 0xD0, 0x00, 0xAA, 0x00, 0x68, 0x6F,
              0x13 },
            "htmlfile" },
    { { 0xD8, 0xF4, 0x50, 0x30, 0xB5, 0x98, 0xCF, 0x11, 0xBB, 0x82, 0x00, 0xAA, 0x00, 0xBD, 0xCE,
              0x0B },
            "htafile" },
    { { 0xD3, 0x0B, 0x29, 0x06, 0xAA, 0x48, 0xD2, 0x11, 0x84, 0x32, 0x00, 0x60, 0x08, 0xC3, 0xFB,
              0xFC },
            "script moniker" },
    { { 0xC7, 0xB0, 0xAB, 0xEC, 0x19, 0x7F, 0xD2, 0x11, 0x97, 0x8E, 0x00, 0x00, 0xF8, 0x75, 0x7E,
              0x2A },
            "SOAP moniker" },
    { { 0x4B, 0xF0, 0xD1, 0xBD, 0x8B, 0x85, 0xD1, 0x11, 0xB1, 0x6A, 0x00, 0xC0, 0xF0, 0x28, 0x36,
              0x28 },
            "MSComctlLib.ListViewCtrl.2" },
    { { 0xE0, 0xF5, 0x6B, 0x99, 0x44, 0x80, 0x50, 0x46, 0xAD, 0xEB, 0x0B, 0x01, 0x39, 0x14, 0xE9,
              0x9C },
            "MSComctlLib.ListViewCtrl.2 (6.1)" },
    { { 0x3D, 0x03, 0x8A, 0xA0, 0x75, 0x1A, 0xB6, 0x4A, 0xA1, 0x66, 0xEA, 0xD0, 0x2F, 0x54, 0x79,
              0x59 },
            "otkloadr.WRLoader.1" },
    { { 0x6E, 0xDB, 0x7C, 0xD2, 0x6D, 0xAE, 0xCF, 0x11, 0x96, 0xB8, 0x44, 0x45, 0x53, 0x54, 0x00,
              0x00 },
            "ShockwaveFlash.ShockwaveFlash" },
    { { 0xAE, 0xFD, 0x24, 0xAE, 0xC6, 0x03, 0xD1, 0x11, 0x8B, 0x76, 0x00, 0x80, 0xC7, 0x44, 0xF3,
              0x89 },
            "ScriptBridge.ScriptBridge" },
};

/* The class under which a parent embedded this object, when it said one. */
static struct hn_text stated_class(const struct office *o)
{
    const struct dissect_fact *fact = dissect_get(o->dissect, o->id)->facts;

    for (; fact != NULL; fact = fact->next) {
        if (strcmp(fact->name, "object_class") == 0)
            return fact->value;
    }
    return HN_TEXT("");
}

void office_ole_class(struct office *o, const uint8_t *clsid)
{
    static const uint8_t none[16];
    struct hn_text stated = stated_class(o);

    if (memcmp(clsid, none, sizeof none) == 0)
        return;
    dissect_fact(o->dissect, o->id, "ole_clsid", office_guid(o, clsid));
    for (size_t i = 0; i < HN_COUNT_OF(classes); i++) {
        bool equation;

        if (memcmp(clsid, classes[i].clsid, 16) != 0)
            continue;
        dissect_fact(o->dissect, o->id, "ole_class", hn_text_cstr(classes[i].name));
        equation = strncmp(classes[i].name, "Equation", 8) == 0;
        if (equation)
            dissect_fact_bool(o->dissect, o->id, "equation", true);
        if (equation && stated.len > 0 && !hn_text_starts_nocase(stated, HN_TEXT("Equation")))
            dissect_note(o->dissect, o->id, DISSECT_NOTE_MISMATCH, DISSECT_NOWHERE,
                    "embedded as %.*s, but its class is %s", OFFICE_SHOWN(stated), classes[i].name);
    }
}

/* ---- Links: monikers in \001Ole ([MS-OLEDS] 2.3.3) ---- */

static const uint8_t url_moniker[16] = { 0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82,
    0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B };
static const uint8_t file_moniker[16] = { 0x03, 0x03, 0, 0, 0, 0, 0, 0, CLSID_TAIL_OLE };

static struct hn_text url_of(struct office *o, struct hn_reader r)
{
    uint32_t len = hn_reader_u32(&r);
    struct hn_bytes wide = hn_reader_take(&r, len < hn_reader_left(&r) ? len : hn_reader_left(&r));

    return office_cut(office_utf16(o, wide));
}

static struct hn_text path_of(struct office *o, struct hn_reader r)
{
    struct hn_bytes narrow;
    struct hn_bytes wide;
    uint32_t len;

    (void)hn_reader_u16(&r);
    len = hn_reader_u32(&r);
    narrow = hn_reader_take(&r, len);
    (void)hn_reader_take(&r, 24); /* versions and reserved */
    if (hn_reader_u32(&r) > 6) {  /* the same in UTF-16 follows */
        len = hn_reader_u32(&r);
        (void)hn_reader_u16(&r);
        wide = hn_reader_take(&r, len);
        if (hn_reader_ok(&r) && wide.len > 0)
            return office_utf16(o, wide);
    }
    return office_cut(office_ansi(o, HN_CODEPAGE_WESTERN, narrow));
}

/* Monikers are found by their class wherever they stand, for composites may hold them at any
 * depth and the sizes around them need not be right. */
static void link_stream(struct office *o, struct hn_bytes bytes)
{
    for (size_t i = 0; bytes.len >= 16 && i <= bytes.len - 16; i++) {
        struct hn_reader r = hn_reader_over(hn_bytes_of(bytes.ptr + i + 16, bytes.len - i - 16));

        if (memcmp(bytes.ptr + i, url_moniker, 16) == 0)
            office_external(o, "ole_link", url_of(o, r));
        else if (memcmp(bytes.ptr + i, file_moniker, 16) == 0)
            office_external(o, "ole_link", path_of(o, r));
        for (size_t c = 0; c < HN_COUNT_OF(classes); c++) {
            if (memcmp(bytes.ptr + i, classes[c].clsid, 16) == 0)
                office_ole_class(o, classes[c].clsid);
        }
    }
}

void office_hyperlink(struct office *o, struct hn_bytes bytes)
{
    for (size_t i = 0; bytes.len >= 16 && i <= bytes.len - 16; i++) {
        struct hn_reader r = hn_reader_over(hn_bytes_of(bytes.ptr + i + 16, bytes.len - i - 16));

        if (memcmp(bytes.ptr + i, url_moniker, 16) == 0)
            office_say(o, "link", url_of(o, r));
        else if (memcmp(bytes.ptr + i, file_moniker, 16) == 0)
            office_say(o, "link", path_of(o, r));
    }
}

/* [MS-OLEDS] 2.3.8: the class as people read it, and its program identifier. */
static void comp_obj(struct office *o, struct hn_bytes bytes)
{
    struct hn_reader r = hn_reader_over(bytes);
    struct hn_bytes text;
    uint32_t len;

    hn_reader_skip(&r, 28);
    len = hn_reader_u32(&r);
    hn_reader_skip(&r, len);
    len = hn_reader_u32(&r);
    hn_reader_skip(&r, len >= 0xFFFFFFFEu ? 4 : len);
    len = hn_reader_u32(&r);
    text = hn_reader_take(&r, len <= 64 ? len : 0);
    if (hn_reader_ok(&r) && text.len > 1)
        dissect_fact(o->dissect, o->id, "object_class", office_cut(hn_bytes_as_text(text)));
}

/* ---- Entries ---- */

static bool is_worth_a_child(struct hn_bytes bytes)
{
    static const char *const magics[] = { "MZ", "PK\003\004", "%PDF", "{\\rt", "\xD0\xCF\x11\xE0",
        "7z\xBC\xAF", "Rar!", "MSCF", "\177ELF", "ITSF", "<html", "<script" };

    for (size_t i = 0; i < HN_COUNT_OF(magics); i++) {
        if (hn_text_starts(hn_bytes_as_text(bytes), hn_text_cstr(magics[i])))
            return true;
    }
    return false;
}

/* Word 2003 keeps the objects of its XML in one compound file, each compressed behind its size. */
static bool packed_object(struct office *o, struct hn_text name, struct hn_bytes bytes)
{
    struct hn_bytes inside;

    if (bytes.len < 6 || bytes.ptr[4] != 0x78)
        return false;
    inside = office_inflate(o, hn_bytes_of(bytes.ptr + 4, bytes.len - 4));
    return ole_is(inside) &&
           office_child(o, "embedded", name, inside, DISSECT_UNKNOWN) != DISSECT_NONE;
}

static void document_stream(
        struct office *o, struct ole_file *file, uint32_t index, struct hn_bytes bytes)
{
    const struct ole_entry *entry = ole_get(file, index);

    if (hn_text_eq_nocase(entry->name, HN_TEXT("WordDocument")))
        office_doc_streams(o, file, entry->parent == OLE_NONE ? 0 : entry->parent);
    else if (hn_text_eq_nocase(entry->name, HN_TEXT("Workbook")) ||
             hn_text_eq_nocase(entry->name, HN_TEXT("Book")))
        office_xls_stream(o, bytes);
    else if (hn_text_eq_nocase(entry->name, HN_TEXT("PowerPoint Document")))
        office_ppt_stream(o, bytes);
    else if (!packed_object(o, entry->name, bytes) && is_worth_a_child(bytes))
        (void)office_child(o, "stream", entry->name, bytes, DISSECT_UNKNOWN);
}

static void on_property(void *ctx, const struct ole_property *property)
{
    static const struct {
        const char *name;
        const char *builtin;
    } names[] = { { "title", "Title" }, { "subject", "Subject" }, { "author", "Author" },
        { "keywords", "Keywords" }, { "comments", "Comments" }, { "template", "Template" },
        { "last_author", "Last Author" }, { "application", "Application Name" },
        { "category", "Category" }, { "manager", "Manager" }, { "company", "Company" },
        { "content_status", "Content status" }, { "link_base", "Hyperlink Base" } };
    struct office *o = ctx;

    if (property->set == 2 || property->name == NULL) {
        if (property->own_name.len > 0)
            office_custom_property(o, property->own_name, property->value);
        return;
    }
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (strcmp(property->name, names[i].name) == 0)
            office_property(o, names[i].builtin, property->value);
    }
}

static void one_stream(struct office *o, struct ole_file *file, uint32_t index)
{
    const struct ole_entry *entry = ole_get(file, index);
    struct hn_bytes bytes = office_ole_stream(o, file, index);
    struct hn_text name = entry->name;

    if (hn_text_ends_nocase(name, HN_TEXT("\001Ole10Native"))) {
        if (!office_native(o, bytes))
            dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                    "%.*s holds no package", OFFICE_SHOWN(entry->path));
    } else if (hn_text_eq_nocase(name, HN_TEXT("\001Ole"))) {
        link_stream(o, bytes);
    } else if (hn_text_eq_nocase(name, HN_TEXT("\001CompObj"))) {
        comp_obj(o, bytes);
    } else if (hn_text_eq_nocase(name, HN_TEXT("Equation Native"))) {
        dissect_fact_bool(o->dissect, o->id, "equation", true);
    } else if (hn_text_eq_nocase(name, HN_TEXT("Package"))) {
        (void)office_child(o, "embedded", HN_TEXT("Package"), bytes, DISSECT_UNKNOWN);
    } else if (hn_text_starts(name, HN_TEXT("\005"))) {
        (void)ole_properties(&o->scratch, bytes, on_property, o);
    } else {
        document_stream(o, file, index, bytes);
    }
}

void office_compound(struct office *o, struct ole_file *file)
{
    if (office_has_vba(file)) /* first: what it names is read by everything else */
        office_vba(o, file, (struct hn_bytes){ 0 });
    for (uint32_t i = 0; i < ole_count(file); i++) {
        const struct ole_entry *entry = ole_get(file, i);

        if (entry->orphan)
            dissect_note(o->dissect, o->id, DISSECT_NOTE_RECOVERED, DISSECT_NOWHERE, "%.*s",
                    OFFICE_SHOWN(entry->name));
        if (entry->kind == OLE_STREAM)
            one_stream(o, file, i);
        else
            office_ole_class(o, entry->clsid);
        if (entry->kind == OLE_STORAGE)
            office_ole_control(o, file, i);
    }
}

enum hn_status office_open_ole(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct ole_file *file;

    office_begin(&o, dissect, id);
    file = office_ole_open(&o, office_data(&o));
    /* What is decrypted is a child with all its parts; those in the clear would be told twice. */
    if (file != NULL && !office_decrypt(&o, file))
        office_compound(&o, file);
    return office_end(&o, err);
}

enum hn_status office_open_doc(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    return office_open_ole(dissect, id, err);
}

enum hn_status office_open_xls(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    return office_open_ole(dissect, id, err);
}

enum hn_status office_open_ppt(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    return office_open_ole(dissect, id, err);
}
