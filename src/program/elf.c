/* elf.c - what an ELF file says about itself: for whom it is, what it loads, what is odd. */
#include "program/program_internal.h"

#include "base/buf.h"

#define ELF_SECTIONS_MAX 256u
#define ELF_SEGMENTS_MAX 128u
#define ELF_NEEDED_MAX   64u
#define PT_DYNAMIC       2u
#define PT_INTERP        3u
#define PT_LOAD          1u
#define DT_NEEDED        1u
#define DT_STRTAB        5u
#define SHT_SYMTAB       2u

/* Words of 2, 4 or 8 bytes in the file's own order. */
struct elf {
    struct hn_bytes bytes;
    bool wide; /* 64 bits */
    bool big;  /* big-endian */
    bool odd;
};

static uint64_t load(struct elf *elf, uint64_t offset, size_t size)
{
    uint64_t value = 0;

    if (offset > elf->bytes.len || elf->bytes.len - offset < size) {
        elf->odd = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        size_t at = elf->big ? i : size - 1 - i;

        value = value << 8 | elf->bytes.ptr[offset + at];
    }
    return value;
}

static uint64_t word(struct elf *elf, uint64_t offset)
{
    return load(elf, offset, elf->wide ? 8 : 4);
}

static struct hn_text name_at(const struct elf *elf, uint64_t offset)
{
    size_t len = 0;

    if (offset >= elf->bytes.len)
        return hn_text_of("", 0);
    while (offset + len < elf->bytes.len && len < PE_NAME_BYTES_MAX &&
            elf->bytes.ptr[offset + len] != 0)
        len++;
    return hn_text_of((const char *)elf->bytes.ptr + offset, len);
}

static const char *machine_of(uint64_t machine)
{
    static const struct {
        uint32_t number;
        const char *name;
    } machines[] = { { 3, "x86" }, { 8, "mips" }, { 20, "ppc" }, { 21, "ppc64" }, { 22, "s390" },
        { 40, "arm" }, { 42, "sh" }, { 43, "sparc64" }, { 62, "x86-64" }, { 183, "aarch64" },
        { 243, "riscv" } };

    for (size_t i = 0; i < HN_COUNT_OF(machines); i++) {
        if (machines[i].number == machine)
            return machines[i].name;
    }
    return "other";
}

struct segment {
    uint64_t type;
    uint64_t offset;
    uint64_t address;
    uint64_t size;
};

static struct segment segment_at(struct elf *elf, uint64_t at)
{
    struct segment segment;

    segment.type = load(elf, at, 4);
    segment.offset = word(elf, at + (elf->wide ? 8 : 4));
    segment.address = word(elf, at + (elf->wide ? 16 : 8));
    segment.size = word(elf, at + (elf->wide ? 32 : 16));
    return segment;
}

struct segments {
    struct segment items[ELF_SEGMENTS_MAX];
    size_t count;
};

static uint64_t offset_of(const struct segments *segments, uint64_t address)
{
    for (size_t i = 0; i < segments->count; i++) {
        const struct segment *segment = &segments->items[i];

        if (segment->type == PT_LOAD && address >= segment->address &&
                address - segment->address < segment->size)
            return segment->offset + (address - segment->address);
    }
    return UINT64_MAX;
}

static void tell_needed(struct dissect *dissect, uint32_t id, struct elf *elf,
        const struct segments *segments, const struct segment *dynamic)
{
    uint64_t step = elf->wide ? 16 : 8;
    uint64_t strings = UINT64_MAX;
    uint64_t needed[ELF_NEEDED_MAX];
    size_t count = 0;

    for (uint64_t i = 0; i + step <= dynamic->size && i < step * 4096; i += step) {
        uint64_t tag = word(elf, dynamic->offset + i);
        uint64_t value = word(elf, dynamic->offset + i + step / 2);

        if (elf->odd || tag == 0)
            break;
        if (tag == DT_STRTAB)
            strings = offset_of(segments, value);
        if (tag == DT_NEEDED && count < ELF_NEEDED_MAX)
            needed[count++] = value;
    }
    for (size_t i = 0; i < count && strings != UINT64_MAX; i++) {
        if (needed[i] < elf->bytes.len)
            dissect_fact(dissect, id, "elf_needed", name_at(elf, strings + needed[i]));
    }
}

static void tell_segments(struct dissect *dissect, uint32_t id, struct elf *elf)
{
    uint64_t table = word(elf, elf->wide ? 32 : 28);
    uint64_t step = load(elf, elf->wide ? 54 : 42, 2);
    uint64_t count = load(elf, elf->wide ? 56 : 44, 2);
    struct segments segments = { .count = 0 };
    bool dynamic = false;

    for (uint64_t i = 0; i < count && i < ELF_SEGMENTS_MAX && table < elf->bytes.len; i++)
        segments.items[segments.count++] = segment_at(elf, table + i * step);
    for (size_t i = 0; i < segments.count; i++) {
        const struct segment *segment = &segments.items[i];

        if (segment->type == PT_INTERP)
            dissect_fact(dissect, id, "elf_interpreter", name_at(elf, segment->offset));
        if (segment->type == PT_DYNAMIC) {
            dynamic = true;
            tell_needed(dissect, id, elf, &segments, segment);
        }
    }
    dissect_fact_bool(dissect, id, "elf_static", !dynamic);
}

static void tell_sections(struct dissect *dissect, uint32_t id, struct elf *elf)
{
    uint64_t table = word(elf, elf->wide ? 40 : 32);
    uint64_t step = load(elf, elf->wide ? 58 : 46, 2);
    uint64_t count = load(elf, elf->wide ? 60 : 48, 2);
    uint64_t names = load(elf, elf->wide ? 62 : 50, 2);
    uint64_t name_table = word(elf, table + names * step + (elf->wide ? 24 : 16));
    bool symbols = false;

    for (uint64_t i = 1; i < count && i < ELF_SECTIONS_MAX && table != 0 && !elf->odd; i++) {
        uint64_t at = table + i * step;
        uint64_t offset = word(elf, at + (elf->wide ? 24 : 16));
        uint64_t size = word(elf, at + (elf->wide ? 32 : 20));
        struct hn_buf text = { 0 };

        symbols = symbols || load(elf, at + 4, 4) == SHT_SYMTAB;
        if (offset > elf->bytes.len || load(elf, at + 4, 4) == 8 /* takes no bytes of the file */) {
            size = 0;
        } else if (size > elf->bytes.len - offset) {
            size = elf->bytes.len - offset;
        }
        hn_buf_add_text(&text, name_at(elf, name_table + load(elf, at, 4)));
        hn_buf_addf(&text, " %llu bytes, entropy %.2f", (unsigned long long)size,
                size > 0 ? program_entropy(hn_bytes_of(elf->bytes.ptr + offset, (size_t)size))
                         : 0.0);
        dissect_fact(dissect, id, "elf_section", hn_buf_text(&text));
        hn_buf_deinit(&text);
    }
    dissect_fact_bool(dissect, id, "elf_stripped", !symbols);
}

enum hn_status program_open_elf(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct elf elf = { .bytes = dissect_get(dissect, id)->data };

    (void)err;
    if (elf.bytes.len < 52 || memcmp(elf.bytes.ptr, "\177ELF", 4) != 0) {
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "ELF header is cut off");
        return HN_OK;
    }
    elf.wide = elf.bytes.ptr[4] == 2;
    elf.big = elf.bytes.ptr[5] == 2;
    dissect_fact(dissect, id, "elf_machine", hn_text_cstr(machine_of(load(&elf, 18, 2))));
    dissect_fact_u64(dissect, id, "elf_type", load(&elf, 16, 2));
    tell_segments(dissect, id, &elf);
    tell_sections(dissect, id, &elf);
    if (elf.odd) {
        dissect_note(dissect, id, DISSECT_NOTE_TRUNCATED, DISSECT_NOWHERE,
                "ELF headers point behind the end of the file");
    }
    if (hn_text_find(hn_bytes_as_text(elf.bytes), HN_TEXT("UPX!"), 0) != SIZE_MAX)
        dissect_fact(dissect, id, "packer", HN_TEXT("UPX"));
    program_strings_tell(dissect, id);
    return HN_OK;
}
