/* vba.h - VBA projects ([MS-OVBA]): modules with their source, references, protection, and the
 * compiled form (p-code) that Office runs instead of the source where versions agree. The one
 * header of this module.
 *
 * A project is a storage with streams "dir" and "_VBA_PROJECT" and one stream per module; a stream
 * "PROJECT" stands beside the storage. It lies in doc (Macros/VBA), xls (_VBA_PROJECT_CUR/VBA) and
 * vbaProject.bin (VBA), anywhere in hostile files, and in no storage at all when entries are
 * orphans. Nothing of `dir` is believed without a second look: where it is damaged or lies, streams
 * are searched for the container of a source text ("Attribut" behind its mark).
 *
 * Life: vba_find() -> vba_project_read() for each -> ends with the arena.
 * Concurrency: one thread at a time.
 * Memory: the arena given; names and sources are copies in it. Limits: struct vba_limits.
 * Errors: only HN_NOMEM, and HN_LIMIT of the arena; damage is VBA_ODD_ bits, and the rest is read.
 * Sources are text in the project's code page and come as UTF-8 with the line ends they have. */
#ifndef HN_VBA_VBA_H
#define HN_VBA_VBA_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"
#include "ole/ole.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vba_limits {
    uint32_t modules_max;     /* 4,096 */
    uint64_t text_bytes_max;  /* 32 MB of source out of one project, before decoding */
    uint64_t pcode_bytes_max; /* 8 MB of listing, of one project */
};
extern const struct vba_limits vba_limits_default;

#define VBA_ODD_NO_DIR   0x001u /* no dir stream that can be read; modules were searched for */
#define VBA_ODD_DIR      0x002u /* dir is damaged in part */
#define VBA_ODD_MISSING  0x004u /* dir names a module that has no stream or no text */
#define VBA_ODD_ORPHAN   0x008u /* a stream with a source that dir does not name */
#define VBA_ODD_OFFSET   0x010u /* the text is not where dir says; it was searched for */
#define VBA_ODD_DAMAGED  0x020u /* a container is damaged; the text ends early */
#define VBA_ODD_CODEPAGE 0x040u /* bytes that mean nothing in the code page */
#define VBA_ODD_LIMIT    0x080u
#define VBA_ODD_HIDDEN                                                        \
    0x100u /* a module that the PROJECT stream leaves out, so editors hide it \
            */

enum vba_module_type {
    VBA_MODULE_STANDARD,
    VBA_MODULE_CLASS,
    VBA_MODULE_DOCUMENT, /* ThisDocument, a sheet, ... */
    VBA_MODULE_FORM,     /* its controls are in a storage of its name beside "VBA" */
    VBA_MODULE_UNKNOWN
};
const char *vba_module_type_id(enum vba_module_type type); /* "standard", "class", ... */

/* What a comparison of p-code and source says. */
enum vba_stomp {
    VBA_STOMP_UNKNOWN, /* no p-code, or none that can be read to its end: no statement */
    VBA_STOMP_NO,
    VBA_STOMP_YES /* p-code has strings or calls that the source lacks, or the source is gone */
};

struct vba_pcode {
    bool present;        /* there are lines */
    bool whole;          /* all of them were understood */
    uint32_t line_count; /* lines with code */
    struct hn_text text; /* "Line #0:\n\tFuncDefn (Sub x())\n"; UTF-8 */
    enum vba_stomp stomp;
    /* What the source lacks, for VBA_STOMP_YES: up to 16 names and strings, one a line, UTF-8. */
    struct hn_text missing;
};

struct vba_module {
    struct hn_text name; /* UTF-8 */
    struct hn_text stream_name;
    enum vba_module_type type;
    bool read_only;
    bool private_module;
    uint32_t entry;        /* of its stream in the compound file; OLE_NONE: missing */
    struct hn_text source; /* with its Attribute lines */
    struct hn_text code;   /* part of source, without the Attribute lines at its start */
    uint64_t offset;       /* of the container of the source in the stream */
    uint32_t odd;
    struct vba_pcode pcode;
};

enum vba_reference_kind {
    VBA_REFERENCE_REGISTERED, /* a type library by its identifier */
    VBA_REFERENCE_PROJECT,    /* another document with macros, by path */
    VBA_REFERENCE_CONTROL,    /* an ActiveX control, with a library made for it */
};

struct vba_reference {
    enum vba_reference_kind kind;
    struct hn_text name;
    struct hn_text libid; /* "*\G{00020430-...}#2.0#0#C:\Windows\...#OLE Automation" */
};

struct vba_project {
    uint32_t storage; /* of the compound file; OLE_NONE: what was found outside of projects */
    struct hn_text path;
    struct hn_text name;
    struct hn_text description;
    struct hn_text help_file;
    struct hn_text constants; /* for conditional compilation */
    uint32_t codepage;
    uint32_t system_kind; /* 0 Win16, 1 Win32, 2 Macintosh, 3 Win64 */
    uint32_t lcid;
    uint16_t pcode_version; /* of _VBA_PROJECT; 0: not there */
    bool user_protected;    /* [MS-OVBA] 2.3.1.15: the editor refuses to show it */
    bool host_protected;
    bool vbe_protected;
    bool has_password; /* of the editor; the source is plain nevertheless */
    bool hidden;       /* GC says the project is not shown */
    const struct vba_reference *references;
    size_t reference_count;
    const struct vba_module *modules; /* in the order of dir, then those found */
    size_t module_count;
    uint32_t odd; /* VBA_ODD_ bits of the whole; modules have their own */
};

/* Storages that hold a project, in the order of the directory: those with a stream "dir" or
 * "_VBA_PROJECT". Returns how many were written, at most max. */
size_t vba_find(const struct ole_file *file, uint32_t *ret_storages, size_t max);

/* storage OLE_NONE: modules in streams that belong to no project (orphans, renamed storages); the
 * project then has no name, and no module where there is nothing.
 * limits NULL: the defaults. */
HN_MUST_USE enum hn_status vba_project_read(struct hn_arena *arena, struct ole_file *file,
        uint32_t storage, const struct vba_limits *limits, const struct vba_project **ret_project,
        struct hn_err *err);

/* Decompresses one container ([MS-OVBA] 2.4.1.3) behind what buf holds, up to buf's cap. Returns
 * VBA_ODD_ bits: DAMAGED when it ends early or is none, LIMIT at the cap. *ret_used (may be NULL)
 * is how many bytes of `in` belonged to it. */
uint32_t vba_decompress(struct hn_bytes in, struct hn_buf *buf, size_t *ret_used);

/* Where the next container of a module's source begins at or behind `start`; SIZE_MAX: none. */
size_t vba_source_find(struct hn_bytes stream, size_t start);

#endif
