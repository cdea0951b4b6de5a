/* vba_pcode.h - inside of the VBA reader: identifiers, instructions, and what is learnt from them.
 */
#ifndef HN_VBA_VBA_PCODE_H
#define HN_VBA_VBA_PCODE_H

#include "base/reader.h"
#include "vba/vba_internal.h"

#define VBA_OPS   264u
#define VBA_WORDS 255u

struct vba_op {
    const char *name;
    const char *operands;
};
extern const struct vba_op vba_ops[VBA_OPS];
extern const char *const vba_words[VBA_WORDS];

/* A name of the project, as the code page has it and as UTF-8. */
struct vba_name {
    struct hn_bytes raw;
    struct hn_text text;
};

struct vba_names {
    const struct vba_name *names;
    size_t count;
    uint16_t version; /* of _VBA_PROJECT */
    unsigned vba;     /* 5, 6, 7; 0: not known, nothing can be read */
    bool big_endian;  /* Macintosh before Intel */
    bool wide;        /* 64-bit Office */
    bool whole;       /* the table was read to its end */
};

/* Numbers in either order of bytes. */
HN_INLINE uint16_t vba_load_u16(const uint8_t *p, bool big_endian)
{
    uint16_t value = hn_load_u16(p);

    if (big_endian)
        value = (uint16_t)(value << 8 | value >> 8);
    return value;
}

HN_INLINE uint32_t vba_load_u32(const uint8_t *p, bool big_endian)
{
    return big_endian ? (uint32_t)vba_load_u16(p, true) << 16 | vba_load_u16(p + 2, true)
                      : hn_load_u32(p);
}

/* Zero where the bytes do not reach. */
uint16_t vba_u16_at(struct hn_bytes bytes, uint64_t at, bool big_endian);
uint32_t vba_u32_at(struct hn_bytes bytes, uint64_t at, bool big_endian);

/* The table of names in _VBA_PROJECT. */
void vba_names_read(struct vba_reader *reader, struct hn_bytes stream, struct vba_names *ret_names);

/* The name an operand means: one of the project's (*ret_index, else SIZE_MAX), a word of the
 * language, or empty. */
struct hn_text vba_name_get(const struct vba_names *names, uint16_t code, size_t *ret_index);

/* What a module's p-code consists of, to be held against its source. */
struct vba_traces {
    HN_VEC(struct hn_bytes) strings; /* as the code page has them */
    HN_VEC(size_t) names;            /* of the project, each once */
    uint8_t *seen;                   /* per name */
    uint32_t actions;                /* calls and stores: more than frames of empty procedures */
    bool failed;
};

/* Lists one module's p-code into *buf and gathers its traces. */
void vba_pcode_list(const struct vba_reader *reader, const struct vba_names *names,
        struct hn_bytes stream, struct hn_buf *buf, struct vba_pcode *pcode,
        struct vba_traces *traces);

/* Operands that point into a module's tables: functions, variables, records, types. */
struct vba_tables {
    struct hn_bytes declarations;
    struct hn_bytes indirect;
    struct hn_bytes objects;
};
/* The name whose number stands at an offset of a table. */
void vba_write_name(
        struct hn_buf *buf, const struct vba_names *names, struct hn_bytes table, uint64_t at);
void vba_write_class(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint16_t place);
void vba_write_function(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint32_t at, unsigned kind);
void vba_write_variable(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint32_t at);
void vba_write_record(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint32_t at);
void vba_write_type(struct hn_buf *buf, const struct vba_tables *tables, uint32_t at);

/* What a source consists of, and what of some traces it lacks. */
struct vba_lack {
    size_t strings;
    size_t string_bytes;
    size_t names;       /* that it lacks */
    size_t names_known; /* and that it has */
    struct hn_text missing;
};
/* False: out of memory, or at a limit. */
bool vba_source_compare(struct vba_reader *reader, const struct vba_names *names,
        const struct vba_draft *draft, const struct vba_traces *traces, struct vba_lack *ret_lack);

#endif
