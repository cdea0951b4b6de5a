/* program.h - programs as evidence: PE and ELF taken apart, the texts in them, what they are
 * similar to, and the C2 tables that families keep in them. The one header of this module.
 *
 * Nothing is run or emulated. Openers (dissect.h) tell facts, texts and children; the parts below
 * them can be used alone.
 * Concurrency: pure functions; an opener serves one thread at a time.
 * Memory: the arena given. What is found points into the bytes given, or into the arena.
 * Limits: the PROGRAM_..._MAX below; past one the rest is left out and noted.
 * Specifications: Microsoft "PE Format" (2024), "Windows Authenticode Portable Executable Signature
 * Format" (2008); System V ABI (ELF); imphash as Mandiant described it in 2014; TLSH, Oliver, Cheng
 * and Chen 2013, digest version T1; ssdeep, Kornblum 2006. */
#ifndef HN_PROGRAM_PROGRAM_H
#define HN_PROGRAM_PROGRAM_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"
#include "dissect/dissect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAM_SECTIONS_MAX  96u
#define PROGRAM_LIBRARIES_MAX 512u
#define PROGRAM_IMPORTS_MAX   8192u
#define PROGRAM_EXPORTS_MAX   4096u
#define PROGRAM_RESOURCES_MAX 1024u
#define PROGRAM_STRINGS_MAX   20000u
#define PROGRAM_C2_MAX        512u

/* ---- Openers ---- */

HN_MUST_USE enum hn_status program_open_pe(
        struct dissect *dissect, uint32_t id, struct hn_err *err);
HN_MUST_USE enum hn_status program_open_elf(
        struct dissect *dissect, uint32_t id, struct hn_err *err);

/* ---- PE ---- */

struct program_section {
    struct hn_text name; /* as it stands: up to 8 bytes, any */
    uint32_t address;    /* relative to the image base */
    uint32_t size;       /* in memory */
    uint32_t offset;     /* in the file */
    uint32_t file_size;  /* as far as the file goes */
    uint32_t flags;
    double entropy; /* bits per byte, 0..8 */
};

struct program_import {
    struct hn_text library;
    struct hn_text function; /* empty: by ordinal */
    uint16_t ordinal;
    bool delayed;
};

struct program_resource {
    uint32_t type; /* RT_ number; 0 when named */
    struct hn_text type_name;
    uint32_t name; /* number; 0 when named */
    uint32_t language;
    struct hn_bytes data;
    uint64_t offset;
};

#define PROGRAM_ODD_TRUNCATED 0x01u /* headers point behind the end of the file */
#define PROGRAM_ODD_LIMIT     0x02u
#define PROGRAM_ODD_CYCLE     0x04u /* a directory of resources leads back to itself */
#define PROGRAM_ODD_OVERLAP   0x08u /* sections share bytes of the file */
#define PROGRAM_ODD_ENTRY     0x10u /* the entry point lies in no section that may be executed */

struct program_pe {
    bool plus; /* PE32+ */
    bool dll;
    bool dotnet;
    uint16_t machine;
    uint16_t subsystem;
    uint32_t time; /* of the linker, seconds since 1970; may be anything */
    uint32_t entry;
    uint64_t image_base;
    uint32_t checksum;
    uint32_t checksum_computed;
    struct program_section *sections;
    size_t section_count;
    struct program_import *imports; /* in the order of the file */
    size_t import_count;
    struct hn_text *exports;
    size_t export_count;
    struct hn_text export_name; /* the DLL's own name for itself */
    struct program_resource *resources;
    size_t resource_count;
    struct hn_bytes rich;        /* the Rich header, decoded; empty when there is none */
    struct hn_bytes overlay;     /* behind everything the headers describe, without the signature */
    struct hn_bytes certificate; /* PKCS#7, DER; empty when there is none */
    uint32_t checksum_offset;
    uint32_t security_offset; /* of the entry in the data directories */
    uint64_t certificate_offset;
    struct hn_text debug_path; /* of the PDB */
    uint32_t odd;              /* PROGRAM_ODD_ bits */
};

bool program_is_pe(struct hn_bytes bytes); /* MZ and PE signatures */

/* HN_CORRUPT or HN_TRUNCATED when the headers cannot be read; anything less is an odd bit. */
HN_MUST_USE enum hn_status program_pe_read(struct hn_arena *arena, struct hn_bytes bytes,
        struct program_pe *ret_pe, struct hn_err *err);
/* Where an address of the image lies in the file; SIZE_MAX when nowhere. */
size_t program_pe_offset(const struct program_pe *pe, uint32_t address);

#define PROGRAM_IMPHASH_BYTES 33 /* 32 hex digits and NUL */
/* False when nothing is imported. */
bool program_imphash(const struct program_pe *pe, char ret_hex[PROGRAM_IMPHASH_BYTES]);

enum program_trust {
    PROGRAM_UNSIGNED,
    PROGRAM_SIGNED, /* the digest fits and the signature is its signer's; who that is, and whether
                     * anybody trusts him, is not asked */
    PROGRAM_SIGNED_WRONG /* changed after signing, or the signature is damaged */
};
struct program_signature {
    enum program_trust trust;
    struct hn_text signer; /* common name */
    struct hn_text issuer;
    struct hn_text serial; /* hex */
    const char *reason;    /* static; of SIGNED_WRONG */
};
void program_signature_read(struct hn_arena *arena, struct hn_bytes bytes,
        const struct program_pe *pe, struct program_signature *ret_signature);

/* ---- Texts ---- */

enum program_string_kind {
    PROGRAM_STRING_ASCII,
    PROGRAM_STRING_UTF16,
    PROGRAM_STRING_STACK,  /* built by instructions that store constants next to each other */
    PROGRAM_STRING_XOR,    /* every byte changed with the same key */
    PROGRAM_STRING_BASE64, /* decoded */
};
const char *program_string_kind_id(enum program_string_kind kind);

struct program_string {
    enum program_string_kind kind;
    uint8_t key; /* of XOR */
    uint64_t offset;
    struct hn_text text; /* UTF-8 */
};
/* Returns false to end the search. text is valid until the return. */
typedef bool program_on_string(void *ctx, const struct program_string *string);
/* Returns how many there were. */
size_t program_strings(struct hn_bytes bytes, program_on_string *on_string, void *ctx);

double program_entropy(struct hn_bytes bytes); /* bits per byte */

/* ---- Similarity ---- */

#define PROGRAM_TLSH_BYTES   73 /* "T1", 70 hex digits, NUL */
#define PROGRAM_SSDEEP_BYTES 149
/* False: too short or too uniform to say anything. */
bool program_tlsh(struct hn_bytes bytes, char ret_digest[PROGRAM_TLSH_BYTES]);
/* Always gives one, of the empty file "3::". False only when out of memory. */
bool program_ssdeep(struct hn_bytes bytes, char ret_digest[PROGRAM_SSDEEP_BYTES]);

/* ---- C2 tables ---- */

struct program_c2 {
    struct hn_text address; /* "192.0.2.1" or a name */
    uint16_t port;          /* 0: not stated */
    uint64_t offset;        /* in the file, of the entry or of the packed table */
};

struct program_config {
    const char *family;    /* static: "emotet" */
    const char *extractor; /* static: "emotet_table" */
    struct program_c2 *c2;
    size_t c2_count;
    struct hn_text detail; /* key and place, for people */
};

/* One way to find a family's configuration. It must be sure: every entry is checked, and one that
 * cannot be an address refuses the whole table. docs/extractors.md says how to add one. */
struct program_extractor {
    const char *name;
    const char *family;
    bool (*find)(struct hn_arena *arena, struct hn_bytes bytes, const struct program_pe *pe,
            struct program_config *ret_config);
};
extern const struct program_extractor *const program_extractors[];
extern const size_t program_extractor_count;

#endif
