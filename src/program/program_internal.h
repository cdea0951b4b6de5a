/* program_internal.h - the parts of a PE file, for the parts of this module. */
#ifndef HN_PROGRAM_PROGRAM_INTERNAL_H
#define HN_PROGRAM_PROGRAM_INTERNAL_H

#include "program/program.h"

#define PE_DIRECTORIES        16u
#define PE_DIRECTORY_EXPORT   0u
#define PE_DIRECTORY_IMPORT   1u
#define PE_DIRECTORY_RESOURCE 2u
#define PE_DIRECTORY_SECURITY 4u
#define PE_DIRECTORY_DEBUG    6u
#define PE_DIRECTORY_DELAY    13u
#define PE_DIRECTORY_DOTNET   14u
#define PE_NAME_BYTES_MAX     512u

struct pe_directory {
    uint32_t address;
    uint32_t size;
};

/* What stands at an address of the image, at most len bytes; empty when nothing does. */
struct hn_bytes program_pe_bytes(
        struct hn_bytes bytes, const struct program_pe *pe, uint32_t address, size_t len);
/* A NUL-terminated name there. */
struct hn_text program_pe_name(
        struct hn_bytes bytes, const struct program_pe *pe, uint32_t address, size_t len_max);

/* Each fills its part of *pe and sets odd bits; none fails. */
void program_imports_read(struct hn_arena *arena, struct hn_bytes bytes,
        const struct pe_directory *directories, struct program_pe *pe);
void program_exports_read(struct hn_arena *arena, struct hn_bytes bytes,
        const struct pe_directory *directories, struct program_pe *pe);
void program_resources_read(struct hn_arena *arena, struct hn_bytes bytes,
        const struct pe_directory *directories, struct program_pe *pe);
void program_debug_read(
        struct hn_bytes bytes, const struct pe_directory *directories, struct program_pe *pe);
void program_rich_read(
        struct hn_arena *arena, struct hn_bytes bytes, size_t header_at, struct program_pe *pe);

/* Facts from RT_VERSION (VS_VERSIONINFO): "pe_version" with "CompanyName=...". */
void program_version_tell(struct dissect *dissect, uint32_t id, struct hn_bytes data);
/* Facts, C2 tables and children of a program that was read. */
void program_c2_tell(struct dissect *dissect, uint32_t id, const struct program_pe *pe);
/* Strings as texts, and what in them is telling as facts. */
void program_strings_tell(struct dissect *dissect, uint32_t id);

extern const struct program_extractor program_emotet_table;
extern const struct program_extractor program_emotet_packed;

#endif
