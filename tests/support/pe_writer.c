/* pe_writer.c - headers, a section of imports, one of resources; see the header. */
#include "support/pe_writer.h"

#include "base/utf.h"

#include <assert.h>

#define FILE_ALIGN    0x200u
#define MEMORY_ALIGN  0x1000u
#define HEADERS_BYTES 0x400u
#define CODE_FLAGS    0x60000020u
#define RDATA_FLAGS   0x40000040u

static void put16(struct hn_buf *out, uint32_t value)
{
    hn_buf_add_char(out, (char)(value & 0xFFu));
    hn_buf_add_char(out, (char)(value >> 8 & 0xFFu));
}

static void put32(struct hn_buf *out, uint32_t value)
{
    put16(out, value & 0xFFFFu);
    put16(out, value >> 16);
}

static void put_word(struct hn_buf *out, bool plus, uint32_t value)
{
    put32(out, value);
    if (plus)
        put32(out, 0);
}

static void pad_to(struct hn_buf *out, size_t len)
{
    assert(out->len <= len);
    hn_buf_add_repeat(out, '\0', len - out->len);
}

static uint32_t aligned(size_t len, uint32_t step)
{
    return (uint32_t)((len + step - 1) / step * step);
}

void pe_begin(struct pe_writer *pe, bool plus, bool dll)
{
    *pe = (struct pe_writer){ .plus = plus, .dll = dll, .time = 1600000000 };
}

void pe_section(struct pe_writer *pe, const char *name, struct hn_bytes data, uint32_t flags)
{
    assert(pe->section_count < PE_WRITER_SECTIONS_MAX);
    pe->sections[pe->section_count].name = name;
    pe->sections[pe->section_count].data = data;
    pe->sections[pe->section_count].flags = flags;
    pe->section_count++;
}

void pe_import(struct pe_writer *pe, const char *library, const char *function)
{
    assert(pe->import_count < PE_WRITER_IMPORTS_MAX);
    pe->imports[pe->import_count].library = library;
    pe->imports[pe->import_count].function = function;
    pe->import_count++;
}

void pe_resource(struct pe_writer *pe, uint32_t type, uint32_t name, struct hn_bytes data)
{
    assert(pe->resource_count < PE_WRITER_RESOURCES_MAX);
    pe->resources[pe->resource_count].type = type;
    pe->resources[pe->resource_count].name = name;
    pe->resources[pe->resource_count].data = data;
    pe->resource_count++;
}

/* ---- Imports: descriptors, lists, names ---- */

static bool begins_library(const struct pe_writer *pe, size_t i)
{
    return i == 0 || strcmp(pe->imports[i].library, pe->imports[i - 1].library) != 0;
}

static void write_imports(const struct pe_writer *pe, uint32_t base, struct hn_buf *out)
{
    uint32_t word = pe->plus ? 8 : 4;
    uint32_t libraries = 0;
    uint32_t lists;
    uint32_t names;
    uint32_t at;

    for (size_t i = 0; i < pe->import_count; i++)
        libraries += begins_library(pe, i);
    lists = base + (libraries + 1) * 20;
    names = lists + ((uint32_t)pe->import_count + libraries) * word;
    at = names;
    for (size_t i = 0; i < pe->import_count; i++) { /* descriptors */
        if (begins_library(pe, i)) {
            put32(out, lists);
            put32(out, 0);
            put32(out, 0);
            put32(out, at);
            put32(out, lists);
            at += (uint32_t)strlen(pe->imports[i].library) + 1;
        }
        lists += word;
        at += (uint32_t)strlen(pe->imports[i].function) + 3;
        if (i + 1 == pe->import_count || begins_library(pe, i + 1))
            lists += word;
    }
    hn_buf_add_repeat(out, '\0', 20);
    at = names;
    for (size_t i = 0; i < pe->import_count; i++) { /* lists */
        if (begins_library(pe, i))
            at += (uint32_t)strlen(pe->imports[i].library) + 1;
        put_word(out, pe->plus, at);
        at += (uint32_t)strlen(pe->imports[i].function) + 3;
        if (i + 1 == pe->import_count || begins_library(pe, i + 1))
            put_word(out, pe->plus, 0);
    }
    for (size_t i = 0; i < pe->import_count; i++) { /* names */
        if (begins_library(pe, i)) {
            hn_buf_add_cstr(out, pe->imports[i].library);
            hn_buf_add_char(out, '\0');
        }
        put16(out, 0);
        hn_buf_add_cstr(out, pe->imports[i].function);
        hn_buf_add_char(out, '\0');
    }
}

static void write_export(const struct pe_writer *pe, uint32_t base, struct hn_buf *out)
{
    uint32_t name_len = (uint32_t)strlen(pe->export_name) + 1;

    put32(out, 0);
    put32(out, pe->time);
    put32(out, 0);
    put32(out, base + 50); /* name of the library */
    put32(out, 1);
    put32(out, 1);
    put32(out, 1);
    put32(out, base + 40);
    put32(out, base + 44);
    put32(out, base + 48);
    put32(out, MEMORY_ALIGN);
    put32(out, base + 50 + name_len);
    put16(out, 0);
    hn_buf_add_cstr(out, pe->export_name);
    hn_buf_add_char(out, '\0');
    hn_buf_add_lit(out, "DllRegisterServer");
    hn_buf_add_char(out, '\0');
}

/* ---- Resources: each with a directory of its own on all three levels ---- */

static void write_directory(struct hn_buf *out, uint32_t ids)
{
    hn_buf_add_repeat(out, '\0', 12);
    put16(out, 0);
    put16(out, ids);
}

static void write_resources(const struct pe_writer *pe, uint32_t base, struct hn_buf *out)
{
    uint32_t count = (uint32_t)pe->resource_count;
    uint32_t second = 16 + 8 * count;
    uint32_t third = second + 24 * count;
    uint32_t leaves = third + 24 * count;
    uint32_t at = leaves + 16 * count;

    write_directory(out, count);
    for (uint32_t i = 0; i < count; i++) {
        put32(out, pe->resources[i].type);
        put32(out, 0x80000000u | (second + 24 * i));
    }
    for (uint32_t i = 0; i < count; i++) {
        write_directory(out, 1);
        put32(out, pe->resources[i].name);
        put32(out, 0x80000000u | (third + 24 * i));
    }
    for (uint32_t i = 0; i < count; i++) {
        write_directory(out, 1);
        put32(out, 1033);
        put32(out, leaves + 16 * i);
    }
    for (uint32_t i = 0; i < count; i++) {
        put32(out, base + at);
        put32(out, (uint32_t)pe->resources[i].data.len);
        put32(out, 0);
        put32(out, 0);
        at += (uint32_t)pe->resources[i].data.len;
    }
    for (uint32_t i = 0; i < count; i++)
        hn_buf_add(out, pe->resources[i].data.ptr, pe->resources[i].data.len);
}

/* ---- The file ---- */

struct laid_out {
    const char *name;
    struct hn_bytes data;
    uint32_t flags;
    uint32_t address;
    uint32_t offset;
};

static void write_headers(const struct pe_writer *pe, const struct laid_out *sections, size_t count,
        const uint32_t directories[4], struct hn_buf *out)
{
    size_t start = out->len;
    const struct laid_out *last = &sections[count - 1];

    hn_buf_add_lit(out, "MZ");
    pad_to(out, start + 0x3C);
    put32(out, 0x80);
    pad_to(out, start + 0x80);
    hn_buf_add(out, "PE\0\0", 4);
    put16(out, pe->plus ? 0x8664 : 0x014C);
    put16(out, (uint32_t)count);
    put32(out, pe->time);
    put32(out, 0);
    put32(out, 0);
    put16(out, pe->plus ? 240 : 224);
    put16(out, (pe->dll ? 0x2000u : 0) | 0x0102u);
    put16(out, pe->plus ? 0x20B : 0x10B);
    put16(out, 0);
    hn_buf_add_repeat(out, '\0', 12);
    put32(out, sections[0].address);
    put32(out, sections[0].address);
    if (!pe->plus)
        put32(out, 0);
    put_word(out, pe->plus, 0x400000);
    put32(out, MEMORY_ALIGN);
    put32(out, FILE_ALIGN);
    put32(out, 6);
    put32(out, 0);
    put32(out, 6);
    put32(out, 0);
    put32(out, last->address + aligned(last->data.len + 1, MEMORY_ALIGN));
    put32(out, HEADERS_BYTES);
    put32(out, 0);
    put16(out, 2);
    put16(out, 0);
    for (int i = 0; i < 4; i++)
        put_word(out, pe->plus, 0x1000);
    put32(out, 0);
    put32(out, 16);
    for (size_t i = 0; i < 4; i++) {
        put32(out, directories[i]);
        put32(out, directories[i] != 0 ? 0x100 : 0);
    }
    hn_buf_add_repeat(out, '\0', (size_t)12 * 8);
    for (size_t i = 0; i < count; i++) {
        size_t name_at = out->len;

        hn_buf_add(out, sections[i].name, strnlen(sections[i].name, 8));
        pad_to(out, name_at + 8);
        put32(out, (uint32_t)sections[i].data.len);
        put32(out, sections[i].address);
        put32(out, aligned(sections[i].data.len, FILE_ALIGN));
        put32(out, sections[i].offset);
        hn_buf_add_repeat(out, '\0', 12);
        put32(out, sections[i].flags);
    }
    pad_to(out, start + HEADERS_BYTES);
}

void pe_end(struct pe_writer *pe, struct hn_buf *out)
{
    static const uint8_t code[] = { 0xC3 }; /* return */
    struct laid_out sections[PE_WRITER_SECTIONS_MAX + 4] = {
        { .name = ".text", .data = { code, sizeof code }, .flags = CODE_FLAGS }
    };
    uint32_t directories[4] = { 0 };
    struct hn_buf made[3] = { { 0 } };
    static const char *const names[] = { ".edata", ".idata", ".rsrc" };
    bool wanted[3] = { pe->export_name != NULL, pe->import_count > 0, pe->resource_count > 0 };
    uint32_t address = MEMORY_ALIGN;
    uint32_t offset = HEADERS_BYTES;
    size_t start = out->len;
    size_t count = 1;

    for (size_t i = 0; i < pe->section_count; i++) {
        sections[count++] = (struct laid_out){ .name = pe->sections[i].name,
            .data = pe->sections[i].data,
            .flags = pe->sections[i].flags };
    }
    for (size_t i = 0; i < count; i++)
        address += aligned(sections[i].data.len + 1, MEMORY_ALIGN);
    for (size_t i = 0; i < 3; i++) {
        if (!wanted[i])
            continue;
        directories[i] = address;
        if (i == 0) {
            write_export(pe, address, &made[i]);
        } else if (i == 1) {
            write_imports(pe, address, &made[i]);
        } else {
            write_resources(pe, address, &made[i]);
        }
        sections[count++] = (struct laid_out){
            .name = names[i], .data = hn_text_as_bytes(hn_buf_text(&made[i])), .flags = RDATA_FLAGS
        };
        address += aligned(made[i].len + 1, MEMORY_ALIGN);
    }
    address = MEMORY_ALIGN;
    for (size_t i = 0; i < count; i++) {
        sections[i].address = address;
        sections[i].offset = offset;
        address += aligned(sections[i].data.len + 1, MEMORY_ALIGN);
        offset += aligned(sections[i].data.len, FILE_ALIGN);
    }
    write_headers(pe, sections, count, directories, out);
    for (size_t i = 0; i < count; i++) {
        hn_buf_add(out, sections[i].data.ptr, sections[i].data.len);
        pad_to(out, start + sections[i].offset + aligned(sections[i].data.len, FILE_ALIGN));
    }
    hn_buf_add(out, pe->overlay.ptr, pe->overlay.len);
    for (size_t i = 0; i < 3; i++)
        hn_buf_deinit(&made[i]);
}

/* ---- Version information ---- */

/* Writes a block's head and key; its length is filled in by end_block(). */
static size_t begin_block(struct hn_buf *out, const char *key, uint32_t value_len, bool is_text)
{
    size_t at;

    hn_buf_add_repeat(out, '\0', (4 - out->len % 4) % 4);
    at = out->len;
    put16(out, 0);
    put16(out, value_len);
    put16(out, is_text ? 1 : 0);
    hn_utf8_to_utf16le(out, hn_text_cstr(key));
    put16(out, 0);
    hn_buf_add_repeat(out, '\0', (4 - out->len % 4) % 4);
    return at;
}

static void end_block(struct hn_buf *out, size_t at)
{
    size_t len = out->len - at;

    out->ptr[at] = (char)(len & 0xFFu);
    out->ptr[at + 1] = (char)(len >> 8);
}

void pe_version(struct hn_buf *out, const char *const *pairs)
{
    size_t root = begin_block(out, "VS_VERSION_INFO", 52, false);
    size_t info;
    size_t table;

    put32(out, 0xFEEF04BDu);
    hn_buf_add_repeat(out, '\0', 48);
    info = begin_block(out, "StringFileInfo", 0, true);
    table = begin_block(out, "040904b0", 0, true);
    for (size_t i = 0; pairs[i] != NULL; i += 2) {
        size_t at = begin_block(out, pairs[i], (uint32_t)strlen(pairs[i + 1]) + 1, true);

        hn_utf8_to_utf16le(out, hn_text_cstr(pairs[i + 1]));
        put16(out, 0);
        end_block(out, at);
    }
    end_block(out, table);
    end_block(out, info);
    end_block(out, root);
}
