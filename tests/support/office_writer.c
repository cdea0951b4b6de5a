/* office_writer.c - small documents for tests. */
#include "support/office_writer.h"

#include "support/cfb_writer.h"
#include "support/zip_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void office_writer_u16(struct hn_buf *out, uint32_t value)
{
    hn_buf_add_char(out, (char)value);
    hn_buf_add_char(out, (char)(value >> 8));
}

void office_writer_u32(struct hn_buf *out, uint32_t value)
{
    office_writer_u16(out, value);
    office_writer_u16(out, value >> 16);
}

void office_writer_wide(struct hn_buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        office_writer_u16(out, (unsigned char)*text);
}

/* ---- Packages ---- */

void office_writer_package(const struct office_writer_part *parts, size_t count, struct hn_buf *out)
{
    struct zip_writer zip = { 0 };
    bool has_types = false;

    for (size_t i = 0; i < count; i++)
        has_types |= strcmp(parts[i].name, "[Content_Types].xml") == 0;
    if (!has_types) {
        zip_writer_add(&zip,
                &(struct zip_writer_entry){ .name = HN_TEXT("[Content_Types].xml"),
                        .data = hn_text_as_bytes(HN_TEXT(
                                "<Types xmlns='http://schemas.openxmlformats.org/package/2006/"
                                "content-types'/>")),
                        .deflate = true });
    }
    for (size_t i = 0; i < count; i++) {
        struct zip_writer_entry entry = { .name = hn_text_cstr(parts[i].name),
            .data = parts[i].text != NULL ? hn_text_as_bytes(hn_text_cstr(parts[i].text))
                                          : parts[i].bytes,
            .deflate = true };

        zip_writer_add(&zip, &entry);
    }
    hn_buf_add_text(out, hn_bytes_as_text(zip_writer_end(&zip, true)));
    zip_writer_deinit(&zip);
}

/* ---- Word ---- */

enum { FIB_BYTES = 900, FIB_FC_LCB = 154, TEXT_AT = 1024 };

static void put_u16(struct hn_buf *buf, size_t at, uint32_t value)
{
    buf->ptr[at] = (char)value;
    buf->ptr[at + 1] = (char)(value >> 8);
}

static void put_u32(struct hn_buf *buf, size_t at, uint32_t value)
{
    put_u16(buf, at, value);
    put_u16(buf, at + 2, value >> 16);
}

/* What was added to the table since `start` is where the FIB says for this index. */
static void note_part(struct hn_buf *word, size_t index, size_t start, const struct hn_buf *table)
{
    put_u32(word, FIB_FC_LCB + index * 8, (uint32_t)start);
    put_u32(word, FIB_FC_LCB + index * 8 + 4, (uint32_t)(table->len - start));
}

static void wide_counted(struct hn_buf *out, const char *text)
{
    office_writer_u16(out, (uint32_t)strlen(text));
    office_writer_wide(out, text);
}

static void add_variables(const struct office_writer_doc *doc, struct hn_buf *table)
{
    office_writer_u16(table, 0xFFFF);
    office_writer_u16(table, (uint32_t)doc->variable_count);
    office_writer_u16(table, 4);
    for (size_t i = 0; i < doc->variable_count; i++) {
        wide_counted(table, doc->variables[i].name);
        office_writer_u32(table, 0);
    }
    for (size_t i = 0; i < doc->variable_count; i++) {
        wide_counted(table, doc->variables[i].value);
        if (doc->nul_behind_values)
            office_writer_u16(table, 0);
    }
}

static void add_associated(const struct office_writer_doc *doc, struct hn_buf *table)
{
    office_writer_u16(table, 0xFFFF);
    office_writer_u16(table, 18);
    office_writer_u16(table, 0);
    for (int i = 0; i < 18; i++)
        wide_counted(table, i == 1 && doc->template_path != NULL ? doc->template_path : "");
}

static void add_bookmark(
        const struct office_writer_doc *doc, struct hn_buf *word, struct hn_buf *table)
{
    const char *at = strstr(doc->text, doc->bookmark.value);
    size_t start = table->len;

    assert(at != NULL);
    office_writer_u16(table, 0xFFFF);
    office_writer_u16(table, 1);
    office_writer_u16(table, 0);
    wide_counted(table, doc->bookmark.name);
    note_part(word, 21, start, table);
    start = table->len;
    office_writer_u32(table, (uint32_t)(at - doc->text));
    office_writer_u32(table, (uint32_t)strlen(doc->text));
    office_writer_u32(table, 0); /* the first end */
    note_part(word, 22, start, table);
    start = table->len;
    office_writer_u32(table, (uint32_t)((size_t)(at - doc->text) + strlen(doc->bookmark.value)));
    office_writer_u32(table, (uint32_t)strlen(doc->text));
    note_part(word, 23, start, table);
}

void office_writer_doc(const struct office_writer_doc *doc, struct hn_buf *out)
{
    struct cfb_writer *cfb = cfb_writer_new(3);
    uint32_t len = (uint32_t)strlen(doc->text);
    uint32_t half = len / 2;
    struct hn_buf word = { 0 };
    struct hn_buf table = { 0 };
    size_t start;

    hn_buf_add_repeat(&word, '\0', TEXT_AT);
    put_u16(&word, 0, 0xA5EC);
    put_u16(&word, 2, 0x00C1);
    put_u16(&word, 10, 0x0200); /* 1Table */
    put_u32(&word, 0x4C, len);
    hn_buf_add(&word, doc->text, half);
    if (word.len % 2 != 0)
        hn_buf_add_char(&word, '\0');
    start = word.len;
    office_writer_wide(&word, doc->text + half);
    hn_buf_add_lit(&table, "\1\2\0xx\2"); /* properties, then the pieces */
    office_writer_u32(&table, 3 * 4 + 2 * 8);
    office_writer_u32(&table, 0);
    office_writer_u32(&table, half);
    office_writer_u32(&table, len);
    office_writer_u16(&table, 0);
    office_writer_u32(&table, (uint32_t)TEXT_AT * 2 | 0x40000000u);
    office_writer_u16(&table, 0);
    office_writer_u16(&table, 0);
    office_writer_u32(&table, (uint32_t)start);
    office_writer_u16(&table, 0);
    note_part(&word, 33, 0, &table);
    start = table.len;
    add_associated(doc, &table);
    note_part(&word, 32, start, &table);
    if (doc->variable_count > 0) {
        start = table.len;
        add_variables(doc, &table);
        note_part(&word, 60, start, &table);
    }
    if (doc->bookmark.name != NULL)
        add_bookmark(doc, &word, &table);
    cfb_writer_stream(cfb, "WordDocument", hn_text_as_bytes(hn_buf_text(&word)));
    cfb_writer_stream(cfb, "1Table", hn_text_as_bytes(hn_buf_text(&table)));
    if (doc->add != NULL)
        doc->add(doc->ctx, cfb);
    cfb_writer_finish(cfb, out);
    cfb_writer_free(cfb);
    hn_buf_deinit(&word);
    hn_buf_deinit(&table);
}

/* ---- Streams ---- */

void office_writer_biff(struct hn_buf *out, uint16_t type, const void *data, size_t len)
{
    office_writer_u16(out, type);
    office_writer_u16(out, (uint32_t)len);
    hn_buf_add(out, data, len);
}

void office_writer_ppt(
        struct hn_buf *out, uint16_t version_instance, uint16_t type, const void *data, size_t len)
{
    office_writer_u16(out, version_instance);
    office_writer_u16(out, type);
    office_writer_u32(out, (uint32_t)len);
    hn_buf_add(out, data, len);
}

void office_writer_stream(const char *path, struct hn_bytes bytes, struct hn_buf *out)
{
    struct cfb_writer *cfb = cfb_writer_new(3);

    cfb_writer_stream(cfb, path, bytes);
    cfb_writer_finish(cfb, out);
    cfb_writer_free(cfb);
}

/* ---- Objects ---- */

static void wide_name(struct hn_buf *out, const char *text)
{
    office_writer_u32(out, (uint32_t)strlen(text));
    office_writer_wide(out, text);
}

void office_writer_native(struct hn_buf *out, const char *label, const char *path,
        const char *command, struct hn_bytes data, const char *wide_label)
{
    size_t start = out->len;

    office_writer_u32(out, 0);
    office_writer_u16(out, 2);
    hn_buf_add(out, label, strlen(label) + 1);
    hn_buf_add(out, path, strlen(path) + 1);
    office_writer_u16(out, 0);
    office_writer_u16(out, 3);
    office_writer_u32(out, (uint32_t)strlen(command) + 1);
    hn_buf_add(out, command, strlen(command) + 1);
    office_writer_u32(out, (uint32_t)data.len);
    hn_buf_add(out, data.ptr, data.len);
    if (wide_label != NULL) {
        wide_name(out, command);
        wide_name(out, wide_label);
        wide_name(out, path);
    }
    put_u32(out, start, (uint32_t)(out->len - start - 4));
}

void office_writer_ole1(struct hn_buf *out, const char *class_name, struct hn_bytes data)
{
    office_writer_u32(out, 0x0501);
    office_writer_u32(out, 2);
    office_writer_u32(out, (uint32_t)strlen(class_name) + 1);
    hn_buf_add(out, class_name, strlen(class_name) + 1);
    office_writer_u32(out, 0);
    office_writer_u32(out, 0);
    office_writer_u32(out, (uint32_t)data.len);
    hn_buf_add(out, data.ptr, data.len);
}
