/* ole_dump.c - what src/ole, src/vba and src/oforms read out of compound files, one JSON object a
 * line and file, for the comparisons of tools/conformance/.
 *
 *     ole_dump FILE... */
#include "base/json_out.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/utf.h"
#include "oforms/oforms.h"
#include "ole/ole.h"
#include "vba/vba.h"

#include <stdio.h>

#define ARENA_MAX    ((size_t)1 << 30)
#define PROJECTS_MAX 64

static bool file_read(const char *path, struct hn_buf *buf)
{
    char piece[65536];
    FILE *f = fopen(path, "rb");
    size_t len;

    if (f == NULL)
        return false;
    while ((len = fread(piece, 1, sizeof piece, f)) > 0)
        hn_buf_add(buf, piece, len);
    (void)fclose(f);
    return hn_buf_ok(buf);
}

static void entries_write(struct hn_json_out *out, struct ole_file *file)
{
    hn_json_key_lit(out, "entries");
    hn_json_open(out, '[');
    for (uint32_t i = 0; i < ole_count(file); i++) {
        const struct ole_entry *entry = ole_get(file, i);
        char hex[HN_SHA256_HEX_LEN];
        struct hn_bytes bytes = { (const uint8_t *)"", 0 };

        hn_json_open(out, '{');
        hn_json_pair(out, "path", entry->path);
        hn_json_pair_u64(out, "kind", entry->kind);
        hn_json_pair_u64(out, "size", entry->size);
        hn_json_key_lit(out, "orphan");
        hn_json_bool(out, entry->orphan);
        if (entry->kind == OLE_STREAM && ole_read(file, i, &bytes, NULL) == HN_OK &&
                hn_sha256_hex(bytes, hex))
            hn_json_pair(out, "sha256", hn_text_of(hex, sizeof hex));
        hn_json_pair_u64(out, "len", bytes.len);
        hn_json_pair_u64(out, "odd", entry->odd);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
}

static void property_write(void *ctx, const struct ole_property *property)
{
    struct hn_json_out *out = ctx;

    hn_json_open(out, '{');
    hn_json_pair_u64(out, "set", property->set);
    hn_json_pair_u64(out, "id", property->id);
    hn_json_pair(out, "name",
            property->name != NULL ? hn_text_cstr(property->name) : property->own_name);
    hn_json_pair_u64(out, "type", property->type);
    hn_json_pair(out, "value", property->value);
    hn_json_close(out, '}');
}

static void properties_write(struct hn_json_out *out, struct hn_arena *arena, struct ole_file *file)
{
    hn_json_key_lit(out, "properties");
    hn_json_open(out, '[');
    for (uint32_t i = 1; i < ole_count(file); i++) {
        struct hn_bytes bytes;

        if (hn_text_ends(ole_get(file, i)->name, HN_TEXT("SummaryInformation")) &&
                ole_read(file, i, &bytes, NULL) == HN_OK)
            (void)ole_properties(arena, bytes, property_write, out);
    }
    hn_json_close(out, ']');
}

static void modules_write(struct hn_json_out *out, const struct vba_project *project)
{
    static const char *const stomps[] = { "unknown", "no", "yes" };

    hn_json_key_lit(out, "modules");
    hn_json_open(out, '[');
    for (size_t i = 0; i < project->module_count; i++) {
        const struct vba_module *module = &project->modules[i];

        hn_json_open(out, '{');
        hn_json_pair(out, "name", module->name);
        hn_json_pair(out, "stream", module->stream_name);
        hn_json_pair(out, "type", hn_text_cstr(vba_module_type_id(module->type)));
        hn_json_pair(out, "source", module->source);
        hn_json_pair(out, "code", module->code);
        hn_json_pair_u64(out, "offset", module->offset);
        hn_json_pair_u64(out, "odd", module->odd);
        hn_json_pair_u64(out, "lines", module->pcode.line_count);
        hn_json_key_lit(out, "whole");
        hn_json_bool(out, module->pcode.whole);
        hn_json_pair(out, "stomp", hn_text_cstr(stomps[module->pcode.stomp]));
        hn_json_pair(out, "missing", module->pcode.missing);
        hn_json_pair(out, "pcode", module->pcode.text);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
}

static void project_write(struct hn_json_out *out, const struct vba_project *project)
{
    hn_json_open(out, '{');
    hn_json_pair(out, "path", project->path);
    hn_json_pair(out, "name", project->name);
    hn_json_pair_u64(out, "codepage", project->codepage);
    hn_json_pair_u64(out, "system", project->system_kind);
    hn_json_pair_u64(out, "version", project->pcode_version);
    hn_json_pair_u64(out, "odd", project->odd);
    hn_json_key_lit(out, "password");
    hn_json_bool(out, project->has_password);
    hn_json_key_lit(out, "user_protected");
    hn_json_bool(out, project->user_protected);
    hn_json_key_lit(out, "hidden");
    hn_json_bool(out, project->hidden);
    hn_json_key_lit(out, "references");
    hn_json_open(out, '[');
    for (size_t i = 0; i < project->reference_count; i++) {
        hn_json_open(out, '{');
        hn_json_pair(out, "name", project->references[i].name);
        hn_json_pair(out, "libid", project->references[i].libid);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
    modules_write(out, project);
    hn_json_close(out, '}');
}

static void vba_write(struct hn_json_out *out, struct hn_arena *arena, struct ole_file *file)
{
    uint32_t storages[PROJECTS_MAX + 1];
    size_t count = vba_find(file, storages, PROJECTS_MAX);

    storages[count++] = OLE_NONE;
    hn_json_key_lit(out, "vba");
    hn_json_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        const struct vba_project *project;

        if (vba_project_read(arena, file, storages[i], NULL, &project, NULL) == HN_OK &&
                (storages[i] != OLE_NONE || project->module_count > 0))
            project_write(out, project);
    }
    hn_json_close(out, ']');
}

static void controls_write(struct hn_json_out *out, const struct oforms_form *form)
{
    for (size_t i = 0; i < form->control_count; i++) {
        const struct oforms_control *control = &form->controls[i];
        const struct {
            struct hn_text key;
            struct hn_text value;
        } texts[] = {
            { HN_TEXT("value"), control->value },
            { HN_TEXT("caption"), control->caption },
            { HN_TEXT("tip"), control->tip },
            { HN_TEXT("tag"), control->tag },
            { HN_TEXT("group"), control->group },
            { HN_TEXT("control_source"), control->control_source },
            { HN_TEXT("row_source"), control->row_source },
            { HN_TEXT("list"), control->list },
        };

        hn_json_open(out, '{');
        hn_json_pair(out, "path", control->path);
        hn_json_pair(out, "kind", hn_text_cstr(oforms_kind_id(control->kind)));
        hn_json_pair_u64(out, "id", control->id);
        for (size_t k = 0; k < HN_COUNT_OF(texts); k++) {
            if (texts[k].value.ptr == NULL)
                continue;
            hn_json_key(out, texts[k].key);
            hn_json_text(out, texts[k].value);
        }
        hn_json_close(out, '}');
    }
}

static void forms_write(struct hn_json_out *out, struct hn_arena *arena, struct ole_file *file)
{
    uint32_t storages[PROJECTS_MAX];
    size_t count = oforms_find(file, storages, PROJECTS_MAX);

    hn_json_key_lit(out, "forms");
    hn_json_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        const struct oforms_form *form;

        if (oforms_read(arena, file, storages[i], 1252, NULL, &form, NULL) != HN_OK)
            continue;
        hn_json_open(out, '{');
        hn_json_pair(out, "name", form->name);
        hn_json_pair(out, "path", ole_get(file, storages[i])->path);
        hn_json_pair_u64(out, "odd", form->odd);
        hn_json_key_lit(out, "controls");
        hn_json_open(out, '[');
        controls_write(out, form);
        hn_json_close(out, ']');
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
}

static void dump(const char *path)
{
    struct hn_buf in = { 0 };
    struct hn_buf text = { 0 };
    struct hn_json_out out = hn_json_out_over(&text);
    struct hn_arena arena;
    struct ole_file *file = NULL;
    struct hn_err err = { 0 };

    hn_arena_init(&arena, ARENA_MAX);
    hn_json_open(&out, '{');
    hn_json_pair(&out, "file", hn_text_cstr(path));
    if (!file_read(path, &in)) {
        hn_json_pair(&out, "error", HN_TEXT("cannot be read"));
    } else if (ole_open(&arena, hn_text_as_bytes(hn_buf_text(&in)), NULL, &file, &err) != HN_OK) {
        hn_json_pair(&out, "error", hn_text_cstr(err.msg));
    } else {
        hn_json_pair_u64(&out, "odd", ole_odd(file));
        entries_write(&out, file);
        properties_write(&out, &arena, file);
        vba_write(&out, &arena, file);
        forms_write(&out, &arena, file);
    }
    hn_json_close(&out, '}');
    hn_buf_add_char(&text, '\n');
    (void)fwrite(text.ptr, 1, text.len, stdout);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&text);
    hn_buf_deinit(&in);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        dump(argv[i]);
    return 0;
}
