/* vba_internal.h - what the parts of the VBA reader share. */
#ifndef HN_VBA_VBA_INTERNAL_H
#define HN_VBA_VBA_INTERNAL_H

#include "base/vec.h"
#include "vba/vba.h"

/* A module as it is gathered; `stream` and `raw` are what p-code is read from and held against. */
struct vba_draft {
    struct vba_module module;
    struct hn_text stream_mbcs; /* its stream's name in the project's code page, as UTF-8 */
    uint32_t stated_offset;
    bool listed; /* in PROJECT */
    struct hn_bytes stream;
    struct hn_bytes raw; /* the source in the project's code page */
};

struct vba_reader {
    struct hn_arena *arena;
    struct ole_file *file;
    struct vba_limits limits;
    struct vba_project project;
    HN_VEC(struct vba_draft) drafts;
    HN_VEC(struct vba_reference) references;
    uint64_t text_bytes;  /* of all sources so far */
    uint64_t pcode_bytes; /* of all listings so far */
    bool failed;          /* out of memory, or at the arena's limit */
};

/* Text of a code page as UTF-8 in the arena; empty and failed when there is no memory. *odd (may be
 * NULL) gains VBA_ODD_CODEPAGE. */
struct hn_text vba_text(
        struct vba_reader *reader, uint32_t codepage, struct hn_bytes bytes, uint32_t *odd);

/* The records of the decompressed dir stream: project, references, modules. */
void vba_dir_read(struct vba_reader *reader, struct hn_bytes dir);

/* The text of the PROJECT stream: types of modules, protection. */
void vba_project_text_read(struct vba_reader *reader, struct hn_bytes project);

/* P-code of all modules, and what it says of their sources. vba_project is the stream
 * _VBA_PROJECT, empty when there is none. */
void vba_pcode_read_all(struct vba_reader *reader, struct hn_bytes vba_project);

#endif
