/* vba_dir.c - the dir stream ([MS-OVBA] 2.3.4.2): records of a number, a size and as many bytes,
 * with one exception. */
#include "vba/vba_internal.h"

#include "base/codepage.h"
#include "base/reader.h"

enum {
    DIR_SYSTEM_KIND = 0x01,
    DIR_LCID = 0x02,
    DIR_CODEPAGE = 0x03,
    DIR_NAME = 0x04,
    DIR_DESCRIPTION = 0x05,
    DIR_HELP_FILE = 0x06,
    DIR_VERSION = 0x09,
    DIR_CONSTANTS = 0x0C,
    DIR_REFERENCE_REGISTERED = 0x0D,
    DIR_REFERENCE_PROJECT = 0x0E,
    DIR_MODULE_COUNT = 0x0F,
    DIR_END = 0x10,
    DIR_REFERENCE_NAME = 0x16,
    DIR_MODULE_NAME = 0x19,
    DIR_MODULE_STREAM = 0x1A,
    DIR_MODULE_STANDARD = 0x21,
    DIR_MODULE_OTHER = 0x22,
    DIR_MODULE_READ_ONLY = 0x25,
    DIR_MODULE_PRIVATE = 0x28,
    DIR_MODULE_END = 0x2B,
    DIR_REFERENCE_CONTROL = 0x2F,
    DIR_REFERENCE_EXTENDED = 0x30,
    DIR_MODULE_OFFSET = 0x31,
    DIR_MODULE_STREAM_WIDE = 0x32,
    DIR_REFERENCE_ORIGINAL = 0x33,
    DIR_CONSTANTS_WIDE = 0x3C,
    DIR_REFERENCE_NAME_WIDE = 0x3E,
    DIR_DESCRIPTION_WIDE = 0x40,
    DIR_MODULE_NAME_WIDE = 0x47,
};

#define REFERENCES_MAX 1024u

struct dir_state {
    struct vba_reader *reader;
    struct vba_draft *draft;       /* the module whose records follow; NULL before the first */
    struct hn_text reference_name; /* comes before the reference itself */
    uint32_t stated_modules;
    bool seen_count;
    bool seen_end;
};

static uint32_t value_u32(struct hn_bytes data)
{
    if (data.len >= 4)
        return hn_load_u32(data.ptr);
    return data.len >= 2 ? hn_load_u16(data.ptr) : 0;
}

/* Text in the project's code page that stands behind its own 32-bit length. */
static struct hn_text sized_text(struct vba_reader *reader, struct hn_reader *r)
{
    uint32_t len = hn_reader_u32(r);

    return vba_text(reader, reader->project.codepage, hn_reader_take(r, len), NULL);
}

static void reference_add(struct dir_state *s, uint32_t id, struct hn_bytes data)
{
    struct vba_reader *reader = s->reader;
    struct hn_reader r = hn_reader_over(data);
    struct vba_reference *reference;

    if (reader->references.count >= REFERENCES_MAX) {
        reader->project.odd |= VBA_ODD_LIMIT;
        return;
    }
    reference = hn_vec_add(&reader->references);
    if (reference == NULL) {
        reader->failed = true;
        return;
    }
    reference->name = s->reference_name;
    reference->kind = id == DIR_REFERENCE_REGISTERED ? VBA_REFERENCE_REGISTERED
                      : id == DIR_REFERENCE_PROJECT  ? VBA_REFERENCE_PROJECT
                                                     : VBA_REFERENCE_CONTROL;
    if (id == DIR_REFERENCE_ORIGINAL) /* its size is that of the text itself */
        reference->libid = vba_text(reader, reader->project.codepage, data, NULL);
    else
        reference->libid = sized_text(reader, &r);
}

static void module_begin(struct dir_state *s, struct hn_bytes data)
{
    struct vba_reader *reader = s->reader;

    s->draft = NULL;
    if (reader->drafts.count >= reader->limits.modules_max) {
        reader->project.odd |= VBA_ODD_LIMIT;
        return;
    }
    s->draft = hn_vec_add(&reader->drafts);
    if (s->draft == NULL) {
        reader->failed = true;
        return;
    }
    s->draft->module.entry = OLE_NONE;
    s->draft->module.type = VBA_MODULE_UNKNOWN;
    s->draft->module.name = vba_text(reader, reader->project.codepage, data, NULL);
}

static void module_record(struct dir_state *s, uint32_t id, struct hn_bytes data)
{
    struct vba_reader *reader = s->reader;
    struct vba_module *module;

    if (id == DIR_MODULE_NAME) {
        module_begin(s, data);
        return;
    }
    if (s->draft == NULL)
        return;
    module = &s->draft->module;
    switch (id) {
    case DIR_MODULE_NAME_WIDE:
        module->name = vba_text(reader, HN_CODEPAGE_UTF16LE, data, NULL);
        break;
    case DIR_MODULE_STREAM:
        s->draft->stream_mbcs = vba_text(reader, reader->project.codepage, data, NULL);
        break;
    case DIR_MODULE_STREAM_WIDE:
        module->stream_name = vba_text(reader, HN_CODEPAGE_UTF16LE, data, NULL);
        break;
    case DIR_MODULE_OFFSET:
        s->draft->stated_offset = value_u32(data);
        break;
    case DIR_MODULE_STANDARD:
        module->type = VBA_MODULE_STANDARD;
        break;
    case DIR_MODULE_OTHER: /* a class, until PROJECT knows better */
        module->type = VBA_MODULE_CLASS;
        break;
    case DIR_MODULE_READ_ONLY:
        module->read_only = true;
        break;
    case DIR_MODULE_PRIVATE:
        module->private_module = true;
        break;
    case DIR_MODULE_END:
        s->draft = NULL;
        break;
    default:
        break;
    }
}

static void project_record(struct dir_state *s, uint32_t id, struct hn_bytes data)
{
    struct vba_project *project = &s->reader->project;

    switch (id) {
    case DIR_SYSTEM_KIND:
        project->system_kind = value_u32(data);
        break;
    case DIR_LCID:
        project->lcid = value_u32(data);
        break;
    case DIR_CODEPAGE:
        project->codepage = value_u32(data) & 0xFFFF;
        break;
    case DIR_NAME:
        project->name = vba_text(s->reader, project->codepage, data, NULL);
        break;
    case DIR_DESCRIPTION:
        project->description = vba_text(s->reader, project->codepage, data, NULL);
        break;
    case DIR_DESCRIPTION_WIDE:
        project->description = vba_text(s->reader, HN_CODEPAGE_UTF16LE, data, NULL);
        break;
    case DIR_HELP_FILE:
        project->help_file = vba_text(s->reader, project->codepage, data, NULL);
        break;
    case DIR_CONSTANTS:
        project->constants = vba_text(s->reader, project->codepage, data, NULL);
        break;
    case DIR_CONSTANTS_WIDE:
        project->constants = vba_text(s->reader, HN_CODEPAGE_UTF16LE, data, NULL);
        break;
    case DIR_MODULE_COUNT:
        s->stated_modules = value_u32(data);
        s->seen_count = true;
        break;
    default:
        break;
    }
}

static void reference_record(struct dir_state *s, uint32_t id, struct hn_bytes data)
{
    struct vba_project *project = &s->reader->project;

    if (id == DIR_REFERENCE_NAME)
        s->reference_name = vba_text(s->reader, project->codepage, data, NULL);
    else if (id == DIR_REFERENCE_NAME_WIDE)
        s->reference_name = vba_text(s->reader, HN_CODEPAGE_UTF16LE, data, NULL);
    else if (id == DIR_REFERENCE_REGISTERED || id == DIR_REFERENCE_PROJECT ||
             id == DIR_REFERENCE_CONTROL || id == DIR_REFERENCE_ORIGINAL)
        reference_add(s, id, data);
}

static bool in_modules(uint32_t id)
{
    return (id >= DIR_MODULE_NAME && id <= DIR_MODULE_END) || id == DIR_MODULE_OFFSET ||
           id == DIR_MODULE_STREAM_WIDE || id == DIR_MODULE_NAME_WIDE;
}

void vba_dir_read(struct vba_reader *reader, struct hn_bytes dir)
{
    struct hn_reader r = hn_reader_over(dir);
    struct dir_state s = { .reader = reader };

    while (hn_reader_left(&r) >= 6 && !reader->failed) {
        uint32_t id = hn_reader_u16(&r);
        uint32_t size = hn_reader_u32(&r);
        struct hn_bytes data;

        if (id == DIR_VERSION) /* the exception: its size says 4, but 6 bytes follow */
            size = 6;
        s.seen_end = id == DIR_END;
        if (s.seen_end)
            break;
        data = hn_reader_take(&r, size);
        if (!hn_reader_ok(&r))
            break;
        if (in_modules(id))
            module_record(&s, id, data);
        else if (s.draft == NULL || !s.seen_count)
            project_record(&s, id, data);
        reference_record(&s, id, data);
    }
    if (!s.seen_end || !s.seen_count || s.stated_modules != reader->drafts.count)
        reader->project.odd |= VBA_ODD_DIR;
}
