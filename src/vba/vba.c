/* vba.c - finds projects, reads their modules; see vba.h. The compression is vba_container.c, the
 * records of dir vba_dir.c, the PROJECT stream vba_project.c, p-code vba_pcode*.c. */
#include "vba/vba_internal.h"

#include "base/codepage.h"
#include "base/utf.h"

#include <assert.h>

#define DIR_BYTES_MAX     (4u << 20)
#define PROJECT_BYTES_MAX (1u << 20)

const struct vba_limits vba_limits_default = {
    .modules_max = 4096,
    .text_bytes_max = 32u << 20,
    .pcode_bytes_max = 8u << 20,
};

const char *vba_module_type_id(enum vba_module_type type)
{
    static const char *const ids[] = { "standard", "class", "document", "form", "unknown" };

    return (size_t)type < HN_COUNT_OF(ids) ? ids[type] : ids[VBA_MODULE_UNKNOWN];
}

struct hn_text vba_text(
        struct vba_reader *reader, uint32_t codepage, struct hn_bytes bytes, uint32_t *odd)
{
    struct hn_buf buf = { 0 };
    struct hn_text text = { NULL, 0 };

    if (!hn_codepage_to_utf8(&buf, codepage, bytes) && odd != NULL)
        *odd |= VBA_ODD_CODEPAGE;
    if (hn_buf_ok(&buf))
        text = hn_arena_text(reader->arena, hn_buf_text(&buf));
    if (text.ptr == NULL)
        reader->failed = true;
    hn_buf_deinit(&buf);
    return text;
}

/* ---- Where projects are ---- */

/* Whether the storage it stands in is a project. */
static bool marks_project(const struct ole_entry *entry)
{
    return entry->kind == OLE_STREAM &&
           (hn_text_eq_nocase(entry->name, HN_TEXT("dir")) ||
                   hn_text_eq_nocase(entry->name, HN_TEXT("_VBA_PROJECT")));
}

size_t vba_find(const struct ole_file *file, uint32_t *ret_storages, size_t max)
{
    size_t count = 0;

    for (uint32_t i = 1; i < ole_count(file) && count < max; i++) {
        const struct ole_entry *entry = ole_get(file, i);
        bool known = entry->parent == OLE_NONE || !marks_project(entry);

        for (size_t k = 0; !known && k < count; k++)
            known = ret_storages[k] == entry->parent;
        if (!known)
            ret_storages[count++] = entry->parent;
    }
    return count;
}

/* ---- Modules ---- */

static struct hn_bytes stream_read(struct vba_reader *reader, uint32_t entry)
{
    struct hn_bytes bytes = { (const uint8_t *)"", 0 };
    enum hn_status status;

    if (entry == OLE_NONE)
        return bytes;
    status = ole_read(reader->file, entry, &bytes, NULL);
    if (status == HN_NOMEM || (status == HN_LIMIT && hn_arena_status(reader->arena) != HN_OK))
        reader->failed = true;
    return status == HN_OK ? bytes : hn_bytes_of("", 0);
}

/* The source whose container begins at `offset`: decompressed, decoded, its start cut off. */
static void source_take(struct vba_reader *reader, struct vba_draft *draft, size_t offset)
{
    struct vba_module *module = &draft->module;
    uint64_t left = reader->limits.text_bytes_max - reader->text_bytes;
    struct hn_buf buf = { .cap_bytes = left == 0 ? 1 : (size_t)left };
    struct hn_text rest;
    struct hn_text line;

    module->offset = offset;
    module->odd |= vba_decompress(
            hn_bytes_of(draft->stream.ptr + offset, draft->stream.len - offset), &buf, NULL);
    if (buf.status == HN_NOMEM)
        reader->failed = true;
    reader->text_bytes += buf.len < left ? buf.len : left;
    draft->raw = hn_text_as_bytes(hn_arena_text(reader->arena, hn_buf_text(&buf)));
    hn_buf_deinit(&buf);
    if (draft->raw.ptr == NULL) {
        reader->failed = true;
        return;
    }
    module->source = vba_text(reader, reader->project.codepage, draft->raw, &module->odd);
    module->code = module->source;
    rest = module->source;
    while (rest.len > 0 && hn_text_line(&rest, &line) &&
            hn_text_starts_nocase(line, HN_TEXT("Attribute VB_")))
        module->code = rest.ptr == NULL ? hn_text_sub(module->source, module->source.len, 0) : rest;
}

/* Bytes behind a module's text may belong to its sector only; a container that is damaged there
 * holds its text nevertheless. */
static bool starts_source(struct hn_bytes stream, size_t offset)
{
    return offset < stream.len && vba_source_find(stream, offset) == offset;
}

static void module_load(struct vba_reader *reader, struct vba_draft *draft)
{
    size_t offset = draft->stated_offset;

    draft->stream = stream_read(reader, draft->module.entry);
    if (draft->stream.len == 0) {
        draft->module.odd |= VBA_ODD_MISSING;
        return;
    }
    if (!starts_source(draft->stream, offset)) {
        size_t found = vba_source_find(draft->stream, 0);

        if (found != SIZE_MAX) {
            offset = found;
            draft->module.odd |= VBA_ODD_OFFSET;
        } else if (offset >= draft->stream.len || draft->stream.ptr[offset] != 1) {
            draft->module.odd |= VBA_ODD_MISSING;
            return;
        }
    }
    source_take(reader, draft, offset);
}

/* By each of the names dir has for it. */
static uint32_t module_entry(struct vba_reader *reader, const struct vba_draft *draft)
{
    const struct hn_text names[] = { draft->module.stream_name, draft->stream_mbcs,
        draft->module.name };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        uint32_t entry = names[i].len == 0
                                 ? OLE_NONE
                                 : ole_find_in(reader->file, reader->project.storage, names[i]);

        if (entry != OLE_NONE && ole_get(reader->file, entry)->kind == OLE_STREAM)
            return entry;
    }
    return OLE_NONE;
}

/* The name a source gives itself: Attribute VB_Name = "Module1". */
static struct hn_text own_name(struct hn_text source)
{
    static const struct hn_text key = HN_TEXT_INIT("Attribute VB_Name = \"");
    size_t at = hn_text_find(source, key, 0);
    size_t end = at == SIZE_MAX ? SIZE_MAX : hn_text_find_char(source, '"', at + key.len);

    if (end == SIZE_MAX || end - at - key.len > 255)
        return (struct hn_text){ NULL, 0 };
    return hn_text_sub(source, at + key.len, end - at - key.len);
}

static bool is_known_entry(const struct vba_reader *reader, uint32_t entry)
{
    for (size_t i = 0; i < reader->drafts.count; i++)
        if (reader->drafts.ptr[i].module.entry == entry)
            return true;
    return false;
}

/* A stream that dir does not name, but that holds a source. */
static void found_add(struct vba_reader *reader, uint32_t entry)
{
    struct hn_bytes stream = stream_read(reader, entry);
    size_t offset = vba_source_find(stream, 0);
    struct vba_draft *draft;
    struct hn_text name;

    if (offset == SIZE_MAX || is_known_entry(reader, entry))
        return;
    if (reader->drafts.count >= reader->limits.modules_max) {
        reader->project.odd |= VBA_ODD_LIMIT;
        return;
    }
    draft = hn_vec_add(&reader->drafts);
    if (draft == NULL) {
        reader->failed = true;
        return;
    }
    draft->module.entry = entry;
    draft->module.stream_name = ole_get(reader->file, entry)->name;
    draft->module.type = VBA_MODULE_UNKNOWN;
    if ((reader->project.odd & VBA_ODD_NO_DIR) == 0)
        draft->module.odd |= VBA_ODD_ORPHAN;
    draft->stream = stream;
    source_take(reader, draft, offset);
    name = own_name(draft->module.source);
    draft->module.name = name.len == 0 ? draft->module.stream_name : name;
    reader->project.odd |= draft->module.odd & VBA_ODD_ORPHAN;
}

static void found_search_in(struct vba_reader *reader)
{
    for (uint32_t i = 1; i < ole_count(reader->file) && !reader->failed; i++) {
        const struct ole_entry *entry = ole_get(reader->file, i);

        if (entry->kind == OLE_STREAM && entry->parent == reader->project.storage)
            found_add(reader, i);
    }
}

/* In every stream that stands in no project. */
static void found_search_outside(struct vba_reader *reader)
{
    bool *is_project = hn_new(reader->arena, bool, ole_count(reader->file));

    if (is_project == NULL) {
        reader->failed = true;
        return;
    }
    for (uint32_t i = 1; i < ole_count(reader->file); i++) {
        const struct ole_entry *entry = ole_get(reader->file, i);

        if (entry->parent != OLE_NONE && marks_project(entry))
            is_project[entry->parent] = true;
    }
    for (uint32_t i = 1; i < ole_count(reader->file) && !reader->failed; i++) {
        const struct ole_entry *entry = ole_get(reader->file, i);

        if (entry->kind == OLE_STREAM && (entry->parent == OLE_NONE || !is_project[entry->parent]))
            found_add(reader, i);
    }
}

/* ---- The project ---- */

static void dir_load(struct vba_reader *reader)
{
    struct hn_bytes stream =
            stream_read(reader, ole_find_in(reader->file, reader->project.storage, HN_TEXT("dir")));
    struct hn_buf buf = { .cap_bytes = DIR_BYTES_MAX };
    uint32_t odd = vba_decompress(stream, &buf, NULL);

    if (buf.status == HN_NOMEM)
        reader->failed = true;
    /* Bytes behind the container are no damage of it: what matters is whether its records end. */
    if (buf.len > 0)
        vba_dir_read(reader, hn_text_as_bytes(hn_buf_text(&buf)));
    else
        odd |= VBA_ODD_NO_DIR;
    reader->project.odd |= odd & ~VBA_ODD_DAMAGED;
    if (reader->drafts.count == 0)
        reader->project.odd |= VBA_ODD_NO_DIR;
    hn_buf_deinit(&buf);
}

/* Beside the storage "VBA"; where that is the root itself, in it. */
static struct hn_bytes project_text(struct vba_reader *reader)
{
    uint32_t parent = ole_get(reader->file, reader->project.storage)->parent;
    uint32_t entry = ole_find_in(reader->file,
            parent == OLE_NONE ? reader->project.storage : parent, HN_TEXT("PROJECT"));
    struct hn_bytes bytes;

    if (entry == OLE_NONE || ole_get(reader->file, entry)->kind != OLE_STREAM)
        return hn_bytes_of("", 0);
    bytes = stream_read(reader, entry);
    if (bytes.len > PROJECT_BYTES_MAX)
        bytes.len = PROJECT_BYTES_MAX;
    return bytes;
}

static void project_load(struct vba_reader *reader)
{
    uint32_t storage = reader->project.storage;

    reader->project.path = storage == OLE_NONE ? HN_TEXT("") : ole_get(reader->file, storage)->path;
    if (storage != OLE_NONE) {
        dir_load(reader);
        for (size_t i = 0; i < reader->drafts.count && !reader->failed; i++) {
            struct vba_draft *draft = &reader->drafts.ptr[i];

            draft->module.entry = module_entry(reader, draft);
            if (draft->module.stream_name.len == 0)
                draft->module.stream_name = draft->stream_mbcs;
            module_load(reader, draft);
        }
    }
    if (storage == OLE_NONE) {
        found_search_outside(reader);
        return;
    }
    found_search_in(reader);
    if (reader->failed)
        return;
    vba_project_text_read(reader, project_text(reader));
    vba_pcode_read_all(reader,
            stream_read(reader, ole_find_in(reader->file, storage, HN_TEXT("_VBA_PROJECT"))));
}

/* From the growing lists into the arena. */
static bool project_finish(struct vba_reader *reader, const struct vba_project **ret_project)
{
    struct vba_project *project = hn_new(reader->arena, struct vba_project, 1);
    struct vba_module *modules = hn_new(reader->arena, struct vba_module, reader->drafts.count);
    struct vba_reference *references =
            hn_new(reader->arena, struct vba_reference, reader->references.count);

    if (project == NULL || modules == NULL || references == NULL)
        return false;
    for (size_t i = 0; i < reader->drafts.count; i++) {
        modules[i] = reader->drafts.ptr[i].module;
        reader->project.odd |= modules[i].odd & (VBA_ODD_LIMIT | VBA_ODD_HIDDEN);
    }
    if (reader->references.count > 0)
        memcpy(references, reader->references.ptr, reader->references.count * sizeof *references);
    *project = reader->project;
    project->modules = modules;
    project->module_count = reader->drafts.count;
    project->references = references;
    project->reference_count = reader->references.count;
    *ret_project = project;
    return true;
}

enum hn_status vba_project_read(struct hn_arena *arena, struct ole_file *file, uint32_t storage,
        const struct vba_limits *limits, const struct vba_project **ret_project, struct hn_err *err)
{
    struct vba_reader reader = { .arena = arena,
        .file = file,
        .limits = limits == NULL ? vba_limits_default : *limits,
        .project = { .storage = storage, .codepage = HN_CODEPAGE_WESTERN } };
    enum hn_status status = HN_OK;

    assert(storage == OLE_NONE || storage < ole_count(file));
    project_load(&reader);
    if (reader.failed || !project_finish(&reader, ret_project)) {
        status = hn_arena_status(arena) == HN_LIMIT ? HN_LIMIT : HN_NOMEM;
        (void)hn_fail(err, status, 0, "no memory left for a VBA project");
    }
    hn_vec_deinit(&reader.drafts);
    hn_vec_deinit(&reader.references);
    return status;
}
