/* pe_writer.h - writes PE files that are not programs: their code is one return instruction, and
 * the rest is data. For tests and for the sample generator.
 *
 * Life: pe_begin() -> pe_section()... -> pe_import()... -> pe_resource()... -> pe_end() -> bytes in
 * *out, which the caller ends. Any of the middle may be left out.
 * Memory: what is passed in must live until pe_end(). */
#ifndef HN_TESTS_PE_WRITER_H
#define HN_TESTS_PE_WRITER_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define PE_WRITER_SECTIONS_MAX  8
#define PE_WRITER_IMPORTS_MAX   32
#define PE_WRITER_RESOURCES_MAX 16

struct pe_writer {
    bool plus;
    bool dll;
    uint32_t time;
    struct {
        const char *name;
        struct hn_bytes data;
        uint32_t flags;
    } sections[PE_WRITER_SECTIONS_MAX];
    size_t section_count;
    struct {
        const char *library;
        const char *function;
    } imports[PE_WRITER_IMPORTS_MAX];
    size_t import_count;
    struct {
        uint32_t type;
        uint32_t name;
        struct hn_bytes data;
    } resources[PE_WRITER_RESOURCES_MAX];
    size_t resource_count;
    const char *export_name; /* of a DLL with one export, "DllRegisterServer" */
    struct hn_bytes overlay;
};

#define PE_WRITER_DATA 0xC0000040u /* initialised, readable, writable */

void pe_begin(struct pe_writer *pe, bool plus, bool dll);
void pe_section(struct pe_writer *pe, const char *name, struct hn_bytes data, uint32_t flags);
/* Those of one library one after the other. */
void pe_import(struct pe_writer *pe, const char *library, const char *function);
void pe_resource(struct pe_writer *pe, uint32_t type, uint32_t name, struct hn_bytes data);
/* Appends the whole file to out. */
void pe_end(struct pe_writer *pe, struct hn_buf *out);

/* VS_VERSIONINFO with one string table of pairs "key", "value", ..., NULL. */
void pe_version(struct hn_buf *out, const char *const *pairs);

#endif
