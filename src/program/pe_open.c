/* pe_open.c - a PE file as an object of a sample: facts, odd things, children. */
#include "program/program_internal.h"

#include "base/buf.h"
#include "base/reader.h"
#include "base/time.h"

#define IMPORTS_TOLD_MAX  200u
#define EXPORTS_TOLD_MAX  64u
#define OVERLAY_BYTES_MIN 16u
#define RT_VERSION        16u
#define RT_RCDATA         10u
#define RT_MANIFEST       24u
#define CHILD_BYTES_MIN   32u
#define SECTION_EXECUTE   0x20000000u
#define SECTION_WRITE     0x80000000u
#define ENTROPY_PACKED    7.2

static const char *machine_of(uint16_t machine)
{
    switch (machine) {
    case 0x014C:
        return "x86";
    case 0x8664:
        return "x86-64";
    case 0x01C4:
        return "arm";
    case 0xAA64:
        return "arm64";
    default:
        return "other";
    }
}

static const char *subsystem_of(uint16_t subsystem)
{
    switch (subsystem) {
    case 1:
        return "native";
    case 2:
        return "gui";
    case 3:
        return "console";
    case 10:
    case 11:
    case 12:
        return "efi";
    default:
        return "other";
    }
}

static void tell_header(struct dissect *dissect, uint32_t id, const struct program_pe *pe)
{
    char stamp[HN_TIME_TEXT_MAX];
    char imphash[PROGRAM_IMPHASH_BYTES];

    dissect_fact(dissect, id, "pe_machine", hn_text_cstr(machine_of(pe->machine)));
    dissect_fact(dissect, id, "pe_subsystem", hn_text_cstr(subsystem_of(pe->subsystem)));
    dissect_fact_bool(dissect, id, "pe_dll", pe->dll);
    dissect_fact_bool(dissect, id, "pe_dotnet", pe->dotnet);
    dissect_fact(dissect, id, "pe_time",
            hn_text_of(stamp, hn_time_write((hn_time)pe->time * HN_SECOND, 0, stamp)));
    if (program_imphash(pe, imphash))
        dissect_fact(dissect, id, "imphash", hn_text_cstr(imphash));
    if (pe->debug_path.len > 0)
        dissect_fact(dissect, id, "pe_debug_path", pe->debug_path);
    if (pe->export_name.len > 0)
        dissect_fact(dissect, id, "pe_export_name", pe->export_name);
    dissect_fact_bool(dissect, id, "pe_rich", pe->rich.len > 0);
    if (pe->checksum != 0 && pe->checksum != pe->checksum_computed) {
        dissect_note(dissect, id, DISSECT_NOTE_MISMATCH, pe->checksum_offset,
                "checksum in the header is 0x%08lx, that of the file 0x%08lx",
                (unsigned long)pe->checksum, (unsigned long)pe->checksum_computed);
    }
}

/* Names of sections by which packers are known. */
static const char *packer_of(struct hn_text section)
{
    static const struct {
        struct hn_text start;
        const char *name;
    } packers[] = { { HN_TEXT_INIT("UPX"), "UPX" }, { HN_TEXT_INIT(".aspack"), "ASPack" },
        { HN_TEXT_INIT(".adata"), "ASPack" }, { HN_TEXT_INIT(".vmp"), "VMProtect" },
        { HN_TEXT_INIT(".themida"), "Themida" }, { HN_TEXT_INIT(".winlice"), "Themida" },
        { HN_TEXT_INIT(".MPRESS"), "MPRESS" }, { HN_TEXT_INIT(".petite"), "Petite" },
        { HN_TEXT_INIT("petite"), "Petite" }, { HN_TEXT_INIT(".nsp"), "NsPack" },
        { HN_TEXT_INIT("nsp"), "NsPack" }, { HN_TEXT_INIT(".enigma"), "Enigma" },
        { HN_TEXT_INIT("MEW"), "MEW" }, { HN_TEXT_INIT("PEC2"), "PECompact" },
        { HN_TEXT_INIT(".ndata"), "NSIS" } };

    for (size_t i = 0; i < HN_COUNT_OF(packers); i++) {
        if (hn_text_starts_nocase(section, packers[i].start))
            return packers[i].name;
    }
    return NULL;
}

static void tell_sections(struct dissect *dissect, uint32_t id, const struct program_pe *pe)
{
    const char *packer = NULL;

    for (size_t i = 0; i < pe->section_count; i++) {
        const struct program_section *section = &pe->sections[i];
        bool runs = (section->flags & SECTION_EXECUTE) != 0;
        bool written = (section->flags & SECTION_WRITE) != 0;
        struct hn_buf text = { 0 };

        hn_buf_add_text(&text, section->name);
        hn_buf_addf(&text, " %lu bytes, entropy %.2f%s%s", (unsigned long)section->file_size,
                section->entropy, runs ? ", executable" : "", written ? ", writable" : "");
        dissect_fact(dissect, id, "pe_section", hn_buf_text(&text));
        hn_buf_deinit(&text);
        if (packer == NULL)
            packer = packer_of(section->name);
        if (runs && written)
            dissect_fact_bool(dissect, id, "pe_writable_code", true);
        if (runs && section->entropy > ENTROPY_PACKED)
            dissect_fact_bool(dissect, id, "pe_packed_code", true);
    }
    if (packer != NULL)
        dissect_fact(dissect, id, "packer", hn_text_cstr(packer));
}

static void tell_imports(struct dissect *dissect, uint32_t id, const struct program_pe *pe)
{
    dissect_fact_u64(dissect, id, "pe_imports", pe->import_count);
    for (size_t i = 0; i < pe->import_count && i < IMPORTS_TOLD_MAX; i++) {
        const struct program_import *import = &pe->imports[i];
        struct hn_buf text = { 0 };

        hn_buf_add_text(&text, import->library);
        hn_buf_add_char(&text, '!');
        if (import->function.len > 0) {
            hn_buf_add_text(&text, import->function);
        } else {
            hn_buf_addf(&text, "#%u", (unsigned)import->ordinal);
        }
        dissect_fact(dissect, id, "pe_import", hn_buf_text(&text));
        hn_buf_deinit(&text);
    }
    for (size_t i = 0; i < pe->export_count && i < EXPORTS_TOLD_MAX; i++)
        dissect_fact(dissect, id, "pe_export", pe->exports[i]);
}

static void tell_signature(struct dissect *dissect, uint32_t id, const struct program_pe *pe)
{
    static const char *const ids[] = {
        [PROGRAM_UNSIGNED] = "none", [PROGRAM_SIGNED] = "fits", [PROGRAM_SIGNED_WRONG] = "wrong"
    };
    struct program_signature signature;

    program_signature_read(dissect_arena(dissect), dissect_get(dissect, id)->data, pe, &signature);
    dissect_fact(dissect, id, "signature", hn_text_cstr(ids[signature.trust]));
    if (signature.signer.len > 0)
        dissect_fact(dissect, id, "signer", signature.signer);
    if (signature.issuer.len > 0)
        dissect_fact(dissect, id, "signature_issuer", signature.issuer);
    if (signature.serial.len > 0)
        dissect_fact(dissect, id, "signature_serial", signature.serial);
    if (signature.trust == PROGRAM_SIGNED_WRONG) {
        dissect_note(
                dissect, id, DISSECT_NOTE_MISMATCH, pe->certificate_offset, "%s", signature.reason);
    }
}

static void tell_odd(struct dissect *dissect, uint32_t id, const struct program_pe *pe)
{
    if ((pe->odd & PROGRAM_ODD_TRUNCATED) != 0) {
        dissect_note(dissect, id, DISSECT_NOTE_TRUNCATED, DISSECT_NOWHERE,
                "PE headers point behind the end of the file");
    }
    if ((pe->odd & PROGRAM_ODD_LIMIT) != 0) {
        dissect_note(dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "more sections, imports, exports or resources than are read");
    }
    if ((pe->odd & PROGRAM_ODD_CYCLE) != 0) {
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "resources are nested deeper than three levels");
    }
    if ((pe->odd & PROGRAM_ODD_OVERLAP) != 0) {
        dissect_note(dissect, id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "sections share bytes of the file");
    }
    if ((pe->odd & PROGRAM_ODD_ENTRY) != 0) {
        dissect_note(dissect, id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "the entry point lies in no executable section");
    }
}

/* Files that droppers carry, by their first bytes. */
static bool looks_like_file(struct hn_bytes data)
{
    static const struct hn_text heads[] = { HN_TEXT_INIT("MZ"), HN_TEXT_INIT("PK\003\004"),
        HN_TEXT_INIT("Rar!"), HN_TEXT_INIT("7z\xBC\xAF"), HN_TEXT_INIT("MSCF"),
        HN_TEXT_INIT("%PDF"), HN_TEXT_INIT("\xD0\xCF\x11\xE0"), HN_TEXT_INIT("{\\rt"),
        HN_TEXT_INIT("\177ELF") };

    for (size_t i = 0; i < HN_COUNT_OF(heads); i++) {
        if (hn_text_starts(hn_bytes_as_text(data), heads[i]))
            return true;
    }
    return false;
}

static enum hn_status add_child(struct dissect *dissect, uint32_t id, struct hn_text name,
        const char *relation, struct hn_bytes data)
{
    struct hn_bytes whole = dissect_get(dissect, id)->data;
    struct dissect_child child = { .name = name,
        .relation = relation,
        .data = data,
        .offset = (uint64_t)(data.ptr - whole.ptr),
        .borrowed = true };
    enum hn_status status = dissect_child(dissect, id, &child, NULL);

    return status == HN_LIMIT ? HN_OK : status; /* noted by the tree */
}

static enum hn_status tell_resources(
        struct dissect *dissect, uint32_t id, const struct program_pe *pe)
{
    enum hn_status status = HN_OK;

    dissect_fact_u64(dissect, id, "pe_resources", pe->resource_count);
    for (size_t i = 0; i < pe->resource_count && status == HN_OK; i++) {
        const struct program_resource *resource = &pe->resources[i];
        struct hn_buf name = { 0 };

        if (resource->type == RT_VERSION)
            program_version_tell(dissect, id, resource->data);
        if (resource->data.len >= CHILD_BYTES_MIN && looks_like_file(resource->data)) {
            if (resource->type_name.len > 0) {
                hn_buf_add_text(&name, resource->type_name);
            } else {
                hn_buf_addf(&name, "resource %lu", (unsigned long)resource->type);
            }
            hn_buf_addf(&name, "/%lu", (unsigned long)resource->name);
            status = add_child(dissect, id, hn_buf_text(&name), "resource", resource->data);
        }
        hn_buf_deinit(&name);
    }
    return status;
}

enum hn_status program_open_pe(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_bytes bytes = dissect_get(dissect, id)->data;
    struct program_pe pe;
    struct hn_err why = { 0 };
    enum hn_status status = program_pe_read(dissect_arena(dissect), bytes, &pe, &why);

    if (status == HN_NOMEM)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    if (status != HN_OK) {
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, why.offset, "%s", why.msg);
        program_strings_tell(dissect, id);
        return HN_OK;
    }
    tell_header(dissect, id, &pe);
    tell_odd(dissect, id, &pe);
    tell_signature(dissect, id, &pe);
    program_c2_tell(dissect, id, &pe);
    tell_sections(dissect, id, &pe);
    tell_imports(dissect, id, &pe);
    status = tell_resources(dissect, id, &pe);
    dissect_fact_u64(dissect, id, "pe_overlay_bytes", pe.overlay.len);
    if (status == HN_OK && pe.overlay.len >= OVERLAY_BYTES_MIN)
        status = add_child(dissect, id, HN_TEXT("overlay"), "overlay", pe.overlay);
    program_strings_tell(dissect, id);
    return status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
