/* office_vba.c - macros: a child for the project, one below it for each module, and the strings of
 * forms as stores of the project. */
#include "office/office_internal.h"

#include "vba/vba.h"

#define PROJECTS_MAX 16u

bool office_has_vba(const struct ole_file *file)
{
    uint32_t storage;

    return vba_find(file, &storage, 1) > 0;
}

static void say_project(struct office *o, uint32_t id, const struct vba_project *project)
{
    dissect_fact(o->dissect, id, "vba_project", project->name);
    dissect_fact_u64(o->dissect, id, "vba_modules", project->module_count);
    if (project->user_protected || project->host_protected || project->vbe_protected)
        dissect_fact_bool(o->dissect, id, "vba_protected", true);
    if (project->hidden)
        dissect_note(o->dissect, id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "the project is hidden from the editor");
    for (size_t i = 0; i < project->reference_count; i++) {
        if (project->references[i].kind == VBA_REFERENCE_PROJECT)
            dissect_fact(o->dissect, id, "vba_reference", project->references[i].libid);
    }
    if ((project->odd & (VBA_ODD_NO_DIR | VBA_ODD_DIR)) != 0)
        dissect_note(o->dissect, id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "the list of modules cannot be read; they were searched for");
    if ((project->odd & VBA_ODD_LIMIT) != 0)
        dissect_note(
                o->dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "modules or text of macros");
}

static void say_module(struct office *o, uint32_t id, const struct vba_module *module)
{
    dissect_fact(o->dissect, id, "module_type", hn_text_cstr(vba_module_type_id(module->type)));
    if ((module->odd & VBA_ODD_HIDDEN) != 0)
        dissect_note(o->dissect, id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "editors do not show the module");
    if ((module->odd & VBA_ODD_ORPHAN) != 0)
        dissect_note(o->dissect, id, DISSECT_NOTE_RECOVERED, DISSECT_NOWHERE,
                "no list of modules names it");
    if ((module->odd & (VBA_ODD_DAMAGED | VBA_ODD_MISSING)) != 0)
        dissect_note(o->dissect, id, DISSECT_NOTE_DAMAGED, module->offset,
                "its source cannot be read to the end");
    if (module->pcode.stomp != VBA_STOMP_YES)
        return;
    dissect_note(o->dissect, id, DISSECT_NOTE_STOMPED, DISSECT_NOWHERE, "the source lacks: %.*s",
            OFFICE_SHOWN(module->pcode.missing));
    dissect_text(o->dissect, id, "p-code", module->pcode.text, HN_TEXT(""), DISSECT_NOWHERE);
}

static bool one_module(struct office *o, uint32_t project, const struct vba_module *module)
{
    struct dissect_child child = { .format = DISSECT_VBA_MODULE,
        .name = module->name,
        .relation = "macro",
        .data = hn_text_as_bytes(module->source),
        .offset = DISSECT_NOWHERE };
    uint32_t id;
    enum hn_status status;

    if (module->source.len == 0 && module->pcode.stomp != VBA_STOMP_YES)
        return true;
    status = dissect_child(o->dissect, project, &child, &id);
    if (status == HN_OK)
        say_module(o, id, module);
    o->nomem |= status == HN_NOMEM;
    return status == HN_OK;
}

/* The text of the project is what its own child shows, where it has no file of its own. */
static struct hn_bytes project_stream(struct office *o, struct ole_file *file, uint32_t storage)
{
    uint32_t above = storage != OLE_NONE ? ole_get(file, storage)->parent : OLE_NONE;

    return above != OLE_NONE
                   ? office_ole_stream(o, file, ole_find_in(file, above, HN_TEXT("PROJECT")))
                   : (struct hn_bytes){ 0 };
}

static void one_project(struct office *o, struct ole_file *file, uint32_t storage,
        uint32_t whole_id, bool *forms_said)
{
    const struct vba_project *project;
    uint32_t id = whole_id;
    enum hn_status status;

    status = vba_project_read(&o->scratch, file, storage, NULL, &project, NULL);
    if (status == HN_NOMEM)
        o->nomem = true;
    if (status != HN_OK || (project->module_count == 0 && storage == OLE_NONE))
        return;
    if (id == DISSECT_NONE)
        id = office_child(o, "macro", project->name.len > 0 ? project->name : HN_TEXT("VBA"),
                project_stream(o, file, storage), DISSECT_VBA_PROJECT);
    if (id == DISSECT_NONE)
        return;
    say_project(o, id, project);
    if (storage != OLE_NONE && !*forms_said) { /* those of all projects in the file */
        office_forms(o, file, project->codepage, id);
        *forms_said = true;
    }
    for (size_t i = 0; i < project->module_count; i++) {
        if (!one_module(o, id, &project->modules[i]))
            return;
    }
}

static void all_projects(struct office *o, struct ole_file *file, uint32_t whole_id)
{
    uint32_t storages[PROJECTS_MAX];
    size_t count = vba_find(file, storages, PROJECTS_MAX);
    bool forms_said = false;

    for (size_t i = 0; i < count && i < PROJECTS_MAX; i++)
        one_project(o, file, storages[i], whole_id, &forms_said);
    one_project(o, file, OLE_NONE, whole_id, &forms_said);
}

void office_vba(struct office *o, struct ole_file *file, struct hn_bytes whole)
{
    uint32_t id = DISSECT_NONE;

    dissect_fact_bool(o->dissect, o->id, "has_vba", true);
    if (whole.len > 0) {
        id = office_child(o, "macro", HN_TEXT("vbaProject.bin"), whole, DISSECT_VBA_PROJECT);
        if (id == DISSECT_NONE)
            return;
    }
    all_projects(o, file, id);
}

enum hn_status office_open_vba_project(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct ole_file *file;

    for (uint32_t i = id + 1; i < dissect_count(dissect); i++) {
        if (dissect_get(dissect, i)->parent == id)
            return HN_OK;
    }
    office_begin(&o, dissect, id);
    if (ole_is(office_data(&o))) {
        file = office_ole_open(&o, office_data(&o));
        if (file != NULL)
            all_projects(&o, file, id);
    }
    return office_end(&o, err);
}
