/* pe.c - headers and sections of PE files. Directories are in pe_imports.c, pe_resources.c. */
#include "program/program_internal.h"

#include "base/reader.h"

#include <math.h>

#define DOS_HEADER_BYTES     64u
#define PE_SIGNATURE         0x00004550u
#define SECTION_HEADER_BYTES 40u
#define MAGIC_PE32           0x10Bu
#define MAGIC_PE32_PLUS      0x20Bu
#define FLAG_DLL             0x2000u
#define SECTION_EXECUTE      0x20000000u

static size_t pe_header_at(struct hn_bytes bytes)
{
    uint32_t at;

    if (bytes.len < DOS_HEADER_BYTES || bytes.ptr[0] != 'M' || bytes.ptr[1] != 'Z')
        return SIZE_MAX;
    at = hn_load_u32(bytes.ptr + 0x3C);
    if (at > bytes.len || bytes.len - at < 24 || hn_load_u32(bytes.ptr + at) != PE_SIGNATURE)
        return SIZE_MAX;
    return at;
}

bool program_is_pe(struct hn_bytes bytes)
{
    return pe_header_at(bytes) != SIZE_MAX;
}

double program_entropy(struct hn_bytes bytes)
{
    uint64_t counts[256] = { 0 };
    double bits = 0.0;

    for (size_t i = 0; i < bytes.len; i++)
        counts[bytes.ptr[i]]++;
    for (size_t i = 0; i < 256; i++) {
        double share = bytes.len > 0 ? (double)counts[i] / (double)bytes.len : 0.0;

        if (share > 0.0)
            bits -= share * log2(share);
    }
    return bits;
}

size_t program_pe_offset(const struct program_pe *pe, uint32_t address)
{
    for (size_t i = 0; i < pe->section_count; i++) {
        const struct program_section *section = &pe->sections[i];

        if (address >= section->address && address - section->address < section->file_size)
            return (size_t)section->offset + (address - section->address);
    }
    /* Headers are mapped where they stand. */
    if (pe->section_count == 0 || address < pe->sections[0].address)
        return address;
    return SIZE_MAX;
}

struct hn_bytes program_pe_bytes(
        struct hn_bytes bytes, const struct program_pe *pe, uint32_t address, size_t len)
{
    size_t at = program_pe_offset(pe, address);

    if (at == SIZE_MAX || at > bytes.len)
        return hn_bytes_of(NULL, 0);
    return hn_bytes_of(bytes.ptr + at, len < bytes.len - at ? len : bytes.len - at);
}

struct hn_text program_pe_name(
        struct hn_bytes bytes, const struct program_pe *pe, uint32_t address, size_t len_max)
{
    struct hn_bytes at = program_pe_bytes(bytes, pe, address, len_max);
    size_t len = 0;

    while (len < at.len && at.ptr[len] != 0)
        len++;
    return hn_text_of((const char *)at.ptr, len);
}

/* ---- Sections ---- */

static void read_sections(struct hn_arena *arena, struct hn_bytes bytes, struct hn_reader *r,
        size_t count, struct program_pe *pe)
{
    if (count > PROGRAM_SECTIONS_MAX) {
        count = PROGRAM_SECTIONS_MAX;
        pe->odd |= PROGRAM_ODD_LIMIT;
    }
    pe->sections = hn_new(arena, struct program_section, count > 0 ? count : 1);
    for (size_t i = 0; i < count && pe->sections != NULL; i++) {
        struct hn_bytes header = hn_reader_take(r, SECTION_HEADER_BYTES);
        struct program_section *section = &pe->sections[i];
        size_t name_len = 0;

        if (header.len < SECTION_HEADER_BYTES) {
            pe->odd |= PROGRAM_ODD_TRUNCATED;
            return;
        }
        while (name_len < 8 && header.ptr[name_len] != 0)
            name_len++;
        section->name = hn_text_of((const char *)header.ptr, name_len);
        section->size = hn_load_u32(header.ptr + 8);
        section->address = hn_load_u32(header.ptr + 12);
        section->file_size = hn_load_u32(header.ptr + 16);
        section->offset = hn_load_u32(header.ptr + 20);
        section->flags = hn_load_u32(header.ptr + 36);
        if (section->offset > bytes.len) {
            section->offset = (uint32_t)bytes.len;
            pe->odd |= section->file_size > 0 ? PROGRAM_ODD_TRUNCATED : 0;
        }
        if (section->file_size > bytes.len - section->offset) {
            section->file_size = (uint32_t)(bytes.len - section->offset);
            pe->odd |= PROGRAM_ODD_TRUNCATED;
        }
        section->entropy =
                program_entropy(hn_bytes_of(bytes.ptr + section->offset, section->file_size));
        pe->section_count++;
    }
}

static void judge_sections(struct program_pe *pe)
{
    bool entry_found = pe->entry == 0;

    for (size_t i = 0; i < pe->section_count; i++) {
        const struct program_section *a = &pe->sections[i];
        uint32_t size = a->size > a->file_size ? a->size : a->file_size;

        if (pe->entry >= a->address && pe->entry - a->address < size &&
                (a->flags & SECTION_EXECUTE) != 0)
            entry_found = true;
        for (size_t k = 0; k < i; k++) {
            const struct program_section *b = &pe->sections[k];

            if (a->file_size > 0 && b->file_size > 0 && a->offset < b->offset + b->file_size &&
                    b->offset < a->offset + a->file_size)
                pe->odd |= PROGRAM_ODD_OVERLAP;
        }
    }
    if (!entry_found)
        pe->odd |= PROGRAM_ODD_ENTRY;
}

/* What is behind the last section is the overlay; the signature is taken out of it. */
static void find_overlay(struct hn_bytes bytes, struct program_pe *pe)
{
    uint64_t end = 0;
    uint64_t stop = bytes.len;

    for (size_t i = 0; i < pe->section_count; i++) {
        uint64_t behind = (uint64_t)pe->sections[i].offset + pe->sections[i].file_size;

        end = behind > end && pe->sections[i].file_size > 0 ? behind : end;
    }
    if (pe->certificate.len > 0 && pe->certificate_offset >= end)
        stop = pe->certificate_offset;
    if (end > 0 && end < stop)
        pe->overlay = hn_bytes_of(bytes.ptr + end, (size_t)(stop - end));
}

static void find_certificate(
        struct hn_bytes bytes, uint32_t offset, uint32_t size, struct program_pe *pe)
{
    uint32_t len;

    if (offset == 0 || size < 8)
        return;
    if (offset > bytes.len || bytes.len - offset < size) {
        pe->odd |= PROGRAM_ODD_TRUNCATED;
        return;
    }
    len = hn_load_u32(bytes.ptr + offset);
    if (len < 8 || len > size)
        return;
    pe->certificate_offset = offset;
    pe->certificate = hn_bytes_of(bytes.ptr + offset + 8, len - 8);
}

/* Sum of 16-bit words with carry, as the loader computes it, plus the length. */
static uint32_t checksum_of(struct hn_bytes bytes, uint32_t skip)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < bytes.len; i += 2) {
        if (i == skip || i == (size_t)skip + 2)
            continue;
        sum += i + 1 < bytes.len ? hn_load_u16(bytes.ptr + i) : bytes.ptr[i];
        sum = (sum & 0xFFFFu) + (sum >> 16);
    }
    sum = (sum & 0xFFFFu) + (sum >> 16);
    return (uint32_t)(sum + bytes.len);
}

/* ---- Headers ---- */

static void read_optional(struct hn_bytes bytes, size_t at, uint16_t size, struct program_pe *pe,
        struct pe_directory *directories, size_t *ret_count)
{
    struct hn_reader r = hn_reader_over(
            hn_bytes_of(bytes.ptr + at, size < bytes.len - at ? size : bytes.len - at));
    uint16_t magic = hn_reader_u16(&r);
    uint32_t count;

    pe->plus = magic == MAGIC_PE32_PLUS;
    hn_reader_seek(&r, 16);
    pe->entry = hn_reader_u32(&r);
    hn_reader_seek(&r, pe->plus ? 24 : 28);
    pe->image_base = pe->plus ? hn_reader_u64(&r) : hn_reader_u32(&r);
    hn_reader_seek(&r, 64);
    pe->checksum_offset = (uint32_t)(at + 64);
    pe->checksum = hn_reader_u32(&r);
    pe->subsystem = hn_reader_u16(&r);
    hn_reader_seek(&r, pe->plus ? 108 : 92);
    count = hn_reader_u32(&r);
    pe->security_offset =
            (uint32_t)(at + (pe->plus ? 112u : 96u) + (size_t)PE_DIRECTORY_SECURITY * 8);
    *ret_count = 0;
    for (uint32_t i = 0; i < count && i < PE_DIRECTORIES && hn_reader_ok(&r); i++) {
        directories[i].address = hn_reader_u32(&r);
        directories[i].size = hn_reader_u32(&r);
        *ret_count = i + 1;
    }
    if (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS)
        *ret_count = 0;
    if (!hn_reader_ok(&r))
        pe->odd |= PROGRAM_ODD_TRUNCATED;
}

enum hn_status program_pe_read(struct hn_arena *arena, struct hn_bytes bytes,
        struct program_pe *ret_pe, struct hn_err *err)
{
    size_t at = pe_header_at(bytes);
    struct pe_directory directories[PE_DIRECTORIES] = { { 0, 0 } };
    struct program_pe pe = { 0 };
    struct hn_reader r;
    uint16_t sections;
    uint16_t optional;
    size_t count = 0;

    if (at == SIZE_MAX)
        return hn_fail(err, HN_CORRUPT, 0, "no PE header");
    r = hn_reader_over(bytes);
    hn_reader_seek(&r, at + 4);
    pe.machine = hn_reader_u16(&r);
    sections = hn_reader_u16(&r);
    pe.time = hn_reader_u32(&r);
    hn_reader_skip(&r, 8);
    optional = hn_reader_u16(&r);
    pe.dll = (hn_reader_u16(&r) & FLAG_DLL) != 0;
    if (!hn_reader_ok(&r))
        return hn_fail(err, HN_TRUNCATED, bytes.len, "PE header is cut off");
    read_optional(bytes, at + 24, optional, &pe, directories, &count);
    hn_reader_skip(&r, optional);
    read_sections(arena, bytes, &r, sections, &pe);
    find_certificate(bytes, directories[PE_DIRECTORY_SECURITY].address,
            directories[PE_DIRECTORY_SECURITY].size, &pe);
    find_overlay(bytes, &pe);
    judge_sections(&pe);
    pe.checksum_computed = checksum_of(bytes, pe.checksum_offset);
    pe.dotnet = directories[PE_DIRECTORY_DOTNET].address != 0;
    program_rich_read(arena, bytes, at, &pe);
    program_imports_read(arena, bytes, directories, &pe);
    program_exports_read(arena, bytes, directories, &pe);
    program_resources_read(arena, bytes, directories, &pe);
    program_debug_read(bytes, directories, &pe);
    if (hn_arena_status(arena) == HN_NOMEM)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    *ret_pe = pe;
    return HN_OK;
}
