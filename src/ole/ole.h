/* ole.h - compound files ([MS-CFB]) and what stands in their property sets ([MS-OLEPS]): doc, xls,
 * ppt, msg, msi, vbaProject.bin. The one header of this module.
 *
 * The reader believes nothing: sizes, colours, sibling order and counts may lie; sectors are marked
 * as they are visited, so that no chain is read twice; entries that no tree reaches are found as
 * well and flagged; a FAT that ends early is used as far as it goes.
 *
 * Life: ole_open() -> entries -> ole_read() -> ends with the arena.
 * Concurrency: one thread at a time.
 * Memory: the arena given; ole_read() gives a view into the file where the stream is one piece,
 * else a copy in the arena. Limits: struct ole_limits. Errors: HN_CORRUPT, HN_TRUNCATED with an
 * offset when nothing can be read at all; everything less is a finding (OLE_ODD_ bits), and the
 * rest is read. */
#ifndef HN_OLE_OLE_H
#define HN_OLE_OLE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ole_limits {
    uint32_t entries_max; /* 65,536 */
    uint32_t sectors_max; /* 2^20 */
    uint64_t stream_bytes_max;
};
extern const struct ole_limits ole_limits_default;

#define OLE_ODD_TRUNCATED 0x001u /* the file or a chain ends early */
#define OLE_ODD_CYCLE     0x002u /* a chain or the tree comes back to itself */
#define OLE_ODD_SHARED    0x004u /* a sector belongs to two streams */
#define OLE_ODD_HEADER    0x008u /* a header field is not what [MS-CFB] 2.2 demands */
#define OLE_ODD_TREE      0x010u /* names are not in order, or the tree is not one */
#define OLE_ODD_ORPHAN    0x020u /* an entry that no storage reaches */
#define OLE_ODD_SIZE      0x040u /* a stream is shorter than it says */
#define OLE_ODD_LIMIT     0x080u
#define OLE_ODD_SLACK     0x100u /* bytes behind the last sector */

enum ole_kind { OLE_STORAGE = 1, OLE_STREAM = 2, OLE_ROOT = 5 };

#define OLE_NONE UINT32_MAX

struct ole_entry {
    struct hn_text name; /* UTF-8; "\001Ole10Native" has its control character */
    struct hn_text path; /* "Macros/VBA/dir" */
    enum ole_kind kind;
    uint32_t parent; /* index; OLE_NONE for the root and orphans */
    uint64_t size;   /* as stated */
    uint8_t clsid[16];
    bool orphan;
    uint32_t start;   /* first sector */
    uint64_t created; /* FILETIME; 0: none */
    uint64_t modified;
    uint32_t odd; /* OLE_ODD_ bits of this entry */
};

struct ole_file; /* in the arena */

bool ole_is(struct hn_bytes head); /* the magic */

/* bytes must live as long as the arena. limits NULL: the defaults. */
HN_MUST_USE enum hn_status ole_open(struct hn_arena *arena, struct hn_bytes bytes,
        const struct ole_limits *limits, struct ole_file **ret_file, struct hn_err *err);
uint32_t ole_odd(const struct ole_file *file); /* OLE_ODD_ bits of the whole */

/* Entry 0 is the root; others follow in the order of the directory. */
uint32_t ole_count(const struct ole_file *file);
const struct ole_entry *ole_get(const struct ole_file *file, uint32_t index);
/* By path from the root, without regard to case ("VBA/dir"); or a child of an entry by name.
 * OLE_NONE when there is none. */
uint32_t ole_find(const struct ole_file *file, struct hn_text path);
uint32_t ole_find_in(const struct ole_file *file, uint32_t parent, struct hn_text name);

/* The bytes of a stream, as far as they are there (entry->odd says whether that is all; it may gain
 * bits here). HN_LIMIT over stream_bytes_max, HN_NOMEM. */
HN_MUST_USE enum hn_status ole_read(
        struct ole_file *file, uint32_t index, struct hn_bytes *ret_bytes, struct hn_err *err);
/* Where byte `offset` of a stream that was read lies in the file; UINT64_MAX when it does not. */
uint64_t ole_where(const struct ole_file *file, uint32_t index, uint64_t offset);

/* ---- Property sets: \005SummaryInformation, \005DocumentSummaryInformation, custom ones ---- */

struct ole_property {
    uint32_t set; /* 0: summary, 1: document summary, 2: custom (user defined), 3: any other */
    uint32_t id;
    const char *name; /* static, for the known ones: "title", "author", "company"; else NULL */
    struct hn_text own_name; /* custom ones: from the set's dictionary */
    uint16_t type;           /* VT_ of [MS-OLEPS] 2.15 */
    struct hn_text value;    /* as text, UTF-8: numbers in decimal, times as ISO 8601 in UTC, a
                              * vector's parts one a line, the texts in the blob of links
                              * (_PID_HLINKS) too; other blobs give no property */
};

typedef void ole_on_property(void *ctx, const struct ole_property *property);

/* Reads one property set stream; what cannot be read is left out. Returns OLE_ODD_ bits. */
uint32_t ole_properties(
        struct hn_arena *arena, struct hn_bytes stream, ole_on_property *on_property, void *ctx);

/* ---- Writing: what was a storage in a file, or was decrypted, as a file of its own ---- */

struct ole_part {
    struct hn_text name; /* UTF-8, cut to 31 UTF-16 units */
    uint32_t parent;     /* index of a storage before it; OLE_NONE: the root */
    bool is_storage;
    uint8_t clsid[16]; /* of a storage */
    struct hn_bytes data;
};

/* A file of version 4, in the arena. root_clsid may be NULL. HN_CORRUPT when a part stands before
 * its parent, HN_LIMIT past about 450 MB. */
HN_MUST_USE enum hn_status ole_build(struct hn_arena *arena, const struct ole_part *parts,
        size_t count, const uint8_t *root_clsid, struct hn_bytes *ret_bytes, struct hn_err *err);

#endif
