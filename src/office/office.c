/* office.c - begin and end of an opener, and which kind of document something is. */
#include "office/office_internal.h"

#include "zip/zip.h"

#define RECOGNISE_BYTES_MAX ((size_t)24 << 20)

void office_begin(struct office *o, struct dissect *dissect, uint32_t id)
{
    *o = (struct office){ .dissect = dissect, .id = id };
    hn_arena_init(&o->scratch, OFFICE_SCRATCH_BYTES_MAX);
}

enum hn_status office_end(struct office *o, struct hn_err *err)
{
    enum hn_status status;

    office_sheet_end(o);
    status = hn_arena_status(&o->scratch);
    if (status == HN_LIMIT)
        dissect_note(
                o->dissect, o->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "OFFICE_SCRATCH_BYTES_MAX");
    if (o->cells_left_out > 0)
        dissect_fact_u64(o->dissect, o->id, "cells_left_out", o->cells_left_out);
    hn_arena_deinit(&o->scratch);
    if (status == HN_NOMEM || o->nomem)
        return hn_fail(err, HN_NOMEM, 0, "out of memory while a document was opened");
    return HN_OK;
}

struct hn_bytes office_data(const struct office *o)
{
    return dissect_get(o->dissect, o->id)->data;
}

bool office_allow(void *ctx, uint64_t packed_bytes, uint64_t more)
{
    struct office *o = ctx;

    return dissect_inflate(o->dissect, o->id, packed_bytes, more);
}

/* ---- What kind it is ---- */

static const struct {
    const char *path; /* below the root */
    enum dissect_format format;
} ole_marks[] = {
    { "EncryptedPackage", DISSECT_OFFICE_ENCRYPTED },
    { "WordDocument", DISSECT_DOC },
    { "Workbook", DISSECT_XLS },
    { "Book", DISSECT_XLS },
    { "PowerPoint Document", DISSECT_PPT },
    { "__properties_version1.0", DISSECT_MSG },
    { "__nameid_version1.0", DISSECT_MSG },
};

/* [MS-OSHARED] has no class for installers; they are known by the class of their root. */
static bool is_msi(const uint8_t *clsid)
{
    static const uint8_t tail[12] = { 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46 };

    return (clsid[0] == 0x84 || clsid[0] == 0x82 || clsid[0] == 0x86) && clsid[1] == 0x10 &&
           clsid[2] == 0x0C && clsid[3] == 0 && memcmp(clsid + 4, tail, sizeof tail) == 0;
}

static enum dissect_format recognise_ole(struct hn_arena *arena, struct hn_bytes bytes)
{
    struct ole_file *file;

    if (ole_open(arena, bytes, NULL, &file, NULL) != HN_OK)
        return DISSECT_OLE;
    for (size_t i = 0; i < HN_COUNT_OF(ole_marks); i++) {
        if (ole_find(file, hn_text_cstr(ole_marks[i].path)) != OLE_NONE)
            return ole_marks[i].format;
    }
    if (ole_count(file) > 0 && is_msi(ole_get(file, 0)->clsid))
        return DISSECT_MSI;
    return DISSECT_OLE;
}

static const struct {
    const char *name; /* how a part's name begins */
    enum dissect_format format;
} package_marks[] = {
    { "word/", DISSECT_DOCX },
    { "xl/workbook.bin", DISSECT_XLSB },
    { "xl/", DISSECT_XLSX },
    { "ppt/", DISSECT_PPTX },
    { "visio/", DISSECT_VSDX },
};

static const struct {
    const char *type; /* in the content types: of the main part */
    enum dissect_format format;
} package_types[] = {
    { "wordprocessingml.document.main", DISSECT_DOCX },
    { "wordprocessingml.template.main", DISSECT_DOCX },
    { "ms-word.document.macroEnabled.main", DISSECT_DOCX },
    { "ms-word.template.macroEnabledTemplate.main", DISSECT_DOCX },
    { "spreadsheetml.sheet.main", DISSECT_XLSX },
    { "spreadsheetml.template.main", DISSECT_XLSX },
    { "ms-excel.sheet.macroEnabled.main", DISSECT_XLSX },
    { "ms-excel.template.macroEnabled.main", DISSECT_XLSX },
    { "ms-excel.addin.macroEnabled.main", DISSECT_XLSX },
    { "ms-excel.sheet.binary.macroEnabled.main", DISSECT_XLSB },
    { "presentationml.", DISSECT_PPTX },
    { "ms-powerpoint.", DISSECT_PPTX },
    { "ms-visio.", DISSECT_VSDX },
};

/* Whether a name begins so, leading slashes passed over and backslashes taken for slashes. */
static bool part_begins(const struct zip_entry *entry, const char *mark)
{
    struct hn_text name = entry->name;

    while (name.len > 0 && (name.ptr[0] == '/' || name.ptr[0] == '\\'))
        name = hn_text_sub(name, 1, name.len);
    for (size_t i = 0; mark[i] != '\0'; i++) {
        char c = i < name.len ? name.ptr[i] : '\0';

        if ((c == '\\' ? '/' : c >= 'A' && c <= 'Z' ? c | 0x20 : c) != mark[i])
            return false;
    }
    return true;
}

static bool allow_some(void *ctx, uint64_t packed_bytes, uint64_t more)
{
    uint64_t *left = ctx;

    (void)packed_bytes;
    if (more > *left)
        return false;
    *left -= more;
    return true;
}

static struct hn_bytes small_entry(struct zip_file *zip, struct hn_text name)
{
    uint64_t left = (uint64_t)1 << 20;
    uint32_t index = zip_find(zip, name);
    struct hn_bytes bytes = { 0 };

    if (index == UINT32_MAX ||
            zip_read(zip, index, (struct hn_text){ 0 }, allow_some, &left, &bytes, NULL) != HN_OK)
        return (struct hn_bytes){ 0 };
    return bytes;
}

static enum dissect_format by_names(const struct zip_file *zip)
{
    for (size_t mark = 0; mark < HN_COUNT_OF(package_marks); mark++) {
        for (uint32_t i = 0; i < zip_count(zip); i++) {
            if (part_begins(zip_get(zip, i), package_marks[mark].name))
                return package_marks[mark].format;
        }
    }
    return DISSECT_OPC;
}

static enum dissect_format recognise_zip(struct hn_arena *arena, struct hn_bytes bytes)
{
    struct zip_file *zip;
    struct hn_text types;
    struct hn_text mime;

    if (zip_open(arena, bytes, NULL, &zip, NULL) != HN_OK)
        return DISSECT_UNKNOWN;
    mime = hn_bytes_as_text(small_entry(zip, HN_TEXT("mimetype")));
    if (hn_text_starts(mime, HN_TEXT("application/vnd.oasis.opendocument")) ||
            hn_text_starts(mime, HN_TEXT("application/vnd.sun.xml")))
        return DISSECT_ODF;
    types = hn_bytes_as_text(small_entry(zip, HN_TEXT("[Content_Types].xml")));
    for (size_t i = 0; i < HN_COUNT_OF(package_types); i++) {
        if (hn_text_find_nocase(types, hn_text_cstr(package_types[i].type), 0) != SIZE_MAX)
            return package_types[i].format;
    }
    /* Office opens packages whose content types say nothing it knows; names decide then. */
    if (types.len > 0 || zip_find(zip, HN_TEXT("_rels/.rels")) != UINT32_MAX)
        return by_names(zip);
    return DISSECT_UNKNOWN;
}

static bool starts(struct hn_text text, const char *what)
{
    return hn_text_starts_nocase(text, hn_text_cstr(what));
}

static bool holds(struct hn_text text, const char *what)
{
    return hn_text_find_nocase(text, hn_text_cstr(what), 0) != SIZE_MAX;
}

static enum dissect_format recognise_text(struct hn_text text)
{
    struct hn_text head = hn_text_sub(text, 0, 4096);

    if (starts(head, "\xEF\xBB\xBF"))
        head = hn_text_sub(head, 3, head.len);
    head = hn_text_trim(head);
    if (starts(head, "{\\rt")) /* Word asks for no more than this */
        return DISSECT_RTF;
    if (starts(head, "ActiveMime"))
        return DISSECT_ACTIVEMIME;
    if (starts(head, "ID;") && holds(head, "\n"))
        return DISSECT_SLK;
    if (head.len > 0 && head.ptr[0] == '<') {
        if (holds(head, "http://schemas.microsoft.com/office/2006/xmlPackage") ||
                holds(head, "http://schemas.microsoft.com/office/word/2003/wordml") ||
                holds(head, "progid=\"Word.Document\""))
            return DISSECT_WORD_XML;
        if (holds(head, "urn:schemas-microsoft-com:office:spreadsheet") && !holds(head, "<html"))
            return DISSECT_EXCEL_XML;
        return DISSECT_UNKNOWN;
    }
    if (holds(head, "MIME-Version:") && holds(head, "multipart/related") &&
            (holds(text, "Content-Location:") || holds(text, "ActiveMime")))
        return DISSECT_MHT;
    return DISSECT_UNKNOWN;
}

/* XML in UTF-16 shows its root within the first bytes; every other byte of them is enough. */
static enum dissect_format recognise_utf16(struct hn_bytes bytes)
{
    char narrow[2048];
    size_t start = bytes.len > 1 && bytes.ptr[0] == 0 ? 1 : 0;
    size_t len = 0;

    if (bytes.len > 1 && ((bytes.ptr[0] == 0xFF && bytes.ptr[1] == 0xFE) ||
                                 (bytes.ptr[0] == 0xFE && bytes.ptr[1] == 0xFF)))
        start = bytes.ptr[0] == 0xFF ? 2 : 3;
    for (size_t i = start; i < bytes.len && len < sizeof narrow; i += 2)
        narrow[len++] = (char)bytes.ptr[i];
    return recognise_text(hn_text_of(narrow, len));
}

static bool is_utf16(struct hn_bytes bytes)
{
    return bytes.len > 4 && ((bytes.ptr[0] == 0xFF && bytes.ptr[1] == 0xFE) ||
                                    (bytes.ptr[0] == 0xFE && bytes.ptr[1] == 0xFF) ||
                                    (bytes.ptr[0] == '<' && bytes.ptr[1] == 0) ||
                                    (bytes.ptr[0] == 0 && bytes.ptr[1] == '<'));
}

enum dissect_format office_recognise(struct hn_bytes bytes)
{
    enum dissect_format format;
    struct hn_arena arena;

    if (!ole_is(bytes) && !zip_is(bytes))
        return is_utf16(bytes) ? recognise_utf16(bytes) : recognise_text(hn_bytes_as_text(bytes));
    hn_arena_init(&arena, RECOGNISE_BYTES_MAX);
    format = ole_is(bytes) ? recognise_ole(&arena, bytes) : recognise_zip(&arena, bytes);
    hn_arena_deinit(&arena);
    return format;
}
