/* vbscript_object.c - objects: what all have in common, and which program identifiers and monikers
 * give which. */
#include "vbscript/vbscript_internal.h"

/* ---- Arguments ---- */

struct vb_value vb_arg(const struct vb_call *call, uint32_t index)
{
    if (index >= call->count)
        return (struct vb_value){ .kind = VB_MISSING };
    return call->args[index];
}

struct vb_value vb_arg_named(
        struct vb_eval *ev, const struct vb_call *call, const char *name, uint32_t index)
{
    const struct vb_symbol *symbol = vb_symbol(ev, hn_text_cstr(name));

    for (uint32_t i = 0; call->names != NULL && i < call->count; i++)
        if (call->names[i] == symbol)
            return vb_plain(ev, call->args[i]);
    if (call->names != NULL && index < call->count && call->names[index] != NULL)
        return (struct vb_value){ .kind = VB_MISSING };
    return vb_plain(ev, vb_arg(call, index));
}

struct hn_text vb_arg_text(struct vb_eval *ev, const struct vb_call *call, uint32_t index)
{
    return vb_flat(ev, vb_plain(ev, vb_arg(call, index)));
}

int64_t vb_arg_int(struct vb_eval *ev, const struct vb_call *call, uint32_t index, int64_t other)
{
    int64_t number = other;
    int64_t raised = ev->raised;

    if (vb_is_missing(call, index) || vb_is_unknown(call->args[index]))
        return other;
    if (!vb_to_int(ev, call->args[index], &number))
        number = other;
    ev->raised = raised; /* what is only asked for its effect does not fail */
    return number;
}

/* ---- Objects ---- */

struct vb_object *vb_object_new(struct vb_eval *ev, const struct vb_class *class)
{
    struct vb_object *object = hn_new(&ev->run->arena, struct vb_object, 1);

    if (object == NULL) {
        if (ev->run->stop == SCRIPT_STOP_NONE)
            ev->run->stop = SCRIPT_STOP_BYTES;
        return NULL;
    }
    object->class = class;
    return object;
}

struct vb_value vb_object_make(struct vb_eval *ev, const struct vb_class *class)
{
    struct vb_object *object = vb_object_new(ev, class);

    return object != NULL ? vb_object_value(object) : vb_unknown(ev, "object");
}

struct vb_value *vb_prop(
        struct vb_eval *ev, struct vb_object *object, struct vb_symbol *name, bool make)
{
    struct vb_prop *prop;

    for (prop = object->props; prop != NULL; prop = prop->next)
        if (prop->name == name)
            return &prop->value;
    if (!make)
        return NULL;
    prop = hn_new(&ev->run->arena, struct vb_prop, 1);
    if (prop == NULL)
        return NULL;
    prop->name = name;
    prop->next = object->props;
    object->props = prop;
    return &prop->value;
}

struct vb_value vb_prop_get(struct vb_eval *ev, struct vb_object *object, const char *name)
{
    struct vb_value *slot = vb_prop(ev, object, vb_symbol(ev, hn_text_cstr(name)), false);

    return slot != NULL ? *slot : (struct vb_value){ .kind = VB_EMPTY };
}

void vb_prop_set(
        struct vb_eval *ev, struct vb_object *object, const char *name, struct vb_value value)
{
    struct vb_value *slot = vb_prop(ev, object, vb_symbol(ev, hn_text_cstr(name)), true);

    if (slot != NULL)
        vb_store(ev, slot, value);
}

/* A property that nobody modelled: it is what it was set to, else unknown. */
struct vb_value vb_bag(struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    struct vb_value *slot = vb_prop(ev, object, call->name, call->is_set);

    if (call->is_set && slot != NULL) {
        vb_store(ev, slot, call->value);
        return call->value;
    }
    if (slot != NULL)
        return call->count > 0 ? vb_index(ev, *slot, call) : *slot;
    if (object->class == &vb_class_record || call->name->name.len == 0)
        return object->class == &vb_class_record ? (struct vb_value){ .kind = VB_EMPTY }
                                                 : vb_object_value(object);
    vb_note(ev, SCRIPT_NOTE_UNMODELLED, call->offset, "%s.%.*s", object->class->name,
            HN_TEXT_ARG(call->name->shown));
    return vb_unknown(ev, "%s.%.*s", object->class->name, HN_TEXT_ARG(call->name->shown));
}

/* A member of no consequence. */
struct vb_value vb_quiet(struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    (void)object;
    if (call->is_set)
        return call->value;
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(call->name->shown));
}

const struct vb_class vb_class_record = { "Type", NULL, 0, NULL };
const struct vb_class vb_class_instance = { "Class", NULL, 0, NULL };

/* The value of an object where one is needed. */
struct vb_value vb_plain(struct vb_eval *ev, struct vb_value value)
{
    struct vb_call call = { 0 };
    struct vb_value plain;

    if (value.kind != VB_OBJECT || value.as.object == NULL)
        return value;
    if (value.as.object->class == &vb_class_host)
        return vb_host_value(ev, value.as.object);
    if (value.as.object->class == &vb_class_procref)
        return value;
    for (size_t i = 0; i < value.as.object->class->count; i++) {
        if (value.as.object->class->members[i].name[0] != '\0')
            continue;
        call.name = vb_symbol(ev, HN_TEXT(""));
        plain = value.as.object->class->members[i].fn(ev, value.as.object, &call);
        return plain.kind == VB_OBJECT ? value : plain;
    }
    return value;
}

/* ---- Err ---- */

static struct vb_value err_number(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    int64_t number = 0;

    (void)object;
    if (call->is_set && vb_to_int(ev, call->value, &number))
        ev->err_number = number;
    /* 0 is what we know; where members are unknown, errors are as well, but scripts expect none. */
    return vb_int(ev->err_number, 4);
}

static struct vb_value err_clear(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    (void)object;
    (void)call;
    ev->err_number = 0;
    return (struct vb_value){ .kind = VB_EMPTY };
}

static struct vb_value err_raise(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    int64_t number = vb_arg_int(ev, call, 0, 5);

    if (!vb_is_missing(call, 2))
        vb_prop_set(ev, object, "description", vb_arg(call, 2));
    vb_raise(ev, number != 0 ? number : 5);
    return (struct vb_value){ .kind = VB_EMPTY };
}

static const struct vb_member err_members[] = { { "", err_number }, { "number", err_number },
    { "clear", err_clear }, { "raise", err_raise } };

const struct vb_class vb_class_err = { "Err", err_members, HN_COUNT_OF(err_members), NULL };

/* ---- Making ---- */

static const struct vb_factory factories[] = {
    { "wscript.shell*", vb_make_shell },
    { "shell.application*", vb_make_shell_application },
    { "wscript.network*", vb_make_network },
    { "wbemscripting.swbemlocator*", vb_make_locator },
    { "schedule.service*", vb_make_schedule },
    { "msxml2.xmlhttp*", vb_make_http },
    { "microsoft.xmlhttp*", vb_make_http },
    { "msxml2.serverxmlhttp*", vb_make_http },
    { "winhttp.winhttprequest*", vb_make_http },
    { "internetexplorer.application*", vb_make_browser },
    { "adodb.stream*", vb_make_stream },
    { "scripting.filesystemobject*", vb_make_files },
    { "filesystemobject", vb_make_files },
    { "microsoft.xmldom*", vb_make_dom },
    { "msxml2.domdocument*", vb_make_dom },
    { "msxml.domdocument*", vb_make_dom },
    { "domdocument*", vb_make_dom },
    { "system.text.*", vb_make_encoding },
    { "scripting.dictionary*", vb_make_dictionary },
    { "dictionary", vb_make_dictionary },
    { "collection", vb_make_collection },
    { "system.collections.arraylist", vb_make_list },
    { "vbscript.regexp*", vb_make_regexp },
    { "regexp*", vb_make_regexp },
    { "scriptcontrol*", vb_make_script_control },
    { "msscriptcontrol.scriptcontrol*", vb_make_script_control },
    { "excel.application*", vb_make_office },
    { "word.application*", vb_make_office },
    { "powerpoint.application*", vb_make_office },
    { "access.application*", vb_make_office },
    { "outlook.application*", vb_make_outlook },
    { "windowsinstaller.installer*", vb_make_installer },
    { "system.io.memorystream", vb_make_memory },
    { "xmlhttp*", vb_make_http },
    { "serverxmlhttp*", vb_make_http },
    { "winhttprequest*", vb_make_http },
    { "wshshell*", vb_make_shell },
    { "stream", vb_make_stream },
};

/* Class identifiers that scripts use in place of names. */
static const struct {
    const char *clsid;
    const char *prog_id;
} clsids[] = {
    { "72c24dd5-d70a-438b-8a42-98424b88afb8", "wscript.shell" },
    { "f935dc22-1cf0-11d0-adb9-00c04fd58a0b", "wscript.shell" },
    { "13709620-c279-11ce-a49e-444553540000", "shell.application" },
    { "c08afd90-f2a1-11d1-8455-00a0c91f3880", "shell.application" },
    { "9ba05972-f6a8-11cf-a442-00a0c90a8f39", "shell.application" },
    { "093ff999-1ea0-4079-9525-9614c3504b74", "wscript.network" },
    { "76a64158-cb41-11d1-8b02-00600806d9b6", "wbemscripting.swbemlocator" },
    { "0f87369f-a4e5-4cfc-bd3e-73e6154572dd", "schedule.service" },
    { "ed8c108e-4349-11d2-91a4-00c04f7969e8", "msxml2.xmlhttp" },
    { "f5078f35-c551-11d3-89b9-0000f81fe221", "msxml2.xmlhttp" },
    { "f6d90f16-9c73-11d3-b32e-00c04f990bb4", "msxml2.xmlhttp" },
    { "88d96a0a-f192-11d4-a65f-0040963251e5", "msxml2.xmlhttp" },
    { "88d96a0b-f192-11d4-a65f-0040963251e5", "msxml2.serverxmlhttp" },
    { "afba6b42-5692-48ea-8141-dc517dcf0ef1", "msxml2.serverxmlhttp" },
    { "2087c2f4-2cef-4953-a8ab-66779b670495", "winhttp.winhttprequest" },
    { "00000566-0000-0010-8000-00aa006d2ea4", "adodb.stream" },
    { "0d43fe01-f093-11cf-8940-00a0c9054228", "scripting.filesystemobject" },
    { "ee09b103-97e0-11cf-978f-00a02463e06f", "scripting.dictionary" },
    { "0002df01-0000-0000-c000-000000000046", "internetexplorer.application" },
    { "00024500-0000-0000-c000-000000000046", "excel.application" },
    { "000209ff-0000-0000-c000-000000000046", "word.application" },
    { "2933bf90-7b36-11d2-b20e-00c04f983e60", "microsoft.xmldom" },
};

static bool fits(struct hn_text name, const char *pattern)
{
    struct hn_text text = hn_text_cstr(pattern);

    if (text.ptr[text.len - 1] == '*')
        return hn_text_starts_nocase(name, hn_text_sub(text, 0, text.len - 1));
    return hn_text_eq_nocase(name, text);
}

static struct vb_value (*factory_of(struct hn_text prog_id))(struct vb_eval *ev)
{
    for (size_t i = 0; i < HN_COUNT_OF(factories); i++)
        if (fits(prog_id, factories[i].prog_id))
            return factories[i].make;
    return NULL;
}

static const struct vb_class class_unmodelled = { "object", NULL, 0, NULL };

static struct vb_value create_clsid(struct vb_eval *ev, struct hn_text clsid, uint32_t offset)
{
    clsid = hn_text_trim(clsid);
    if (clsid.len > 2 && clsid.ptr[0] == '{')
        clsid = hn_text_sub(clsid, 1, clsid.len - 2);
    for (size_t i = 0; i < HN_COUNT_OF(clsids); i++) {
        if (!hn_text_eq_nocase(clsid, hn_text_cstr(clsids[i].clsid)))
            continue;
        vb_note(ev, SCRIPT_NOTE_OBFUSCATION, offset, "class identifier of %s", clsids[i].prog_id);
        return vb_create(ev, hn_text_cstr(clsids[i].prog_id), offset);
    }
    vb_tell_field(ev, SCRIPT_ACT_COM, offset, "CreateObject", "Clsid", vb_text_of(ev, clsid));
    return vb_object_make(ev, &class_unmodelled);
}

struct vb_value vb_create(struct vb_eval *ev, struct hn_text prog_id, uint32_t offset)
{
    struct vb_value (*make)(struct vb_eval * ev);

    prog_id = hn_text_trim(prog_id);
    if (hn_text_starts_nocase(prog_id, HN_TEXT("new:")))
        return vb_get_object(ev, prog_id, offset);
    if (hn_text_starts(prog_id, HN_TEXT("{")))
        return create_clsid(ev, prog_id, offset);
    vb_tell_field(ev, SCRIPT_ACT_COM, offset, "CreateObject", "ProgId", vb_text_of(ev, prog_id));
    make = factory_of(prog_id);
    if (make != NULL)
        return make(ev);
    vb_note(ev, SCRIPT_NOTE_UNMODELLED, offset, "object %.*s",
            HN_TEXT_ARG(hn_text_sub(prog_id, 0, 100)));
    return vb_object_make(ev, &class_unmodelled);
}

/* GetObject: monikers of WMI, of scripts at an address, of classes; else a file. */
struct vb_value vb_get_object(struct vb_eval *ev, struct hn_text moniker, uint32_t offset)
{
    struct hn_text text = hn_text_trim(moniker);

    if (hn_text_starts_nocase(text, HN_TEXT("winmgmts:")))
        return vb_make_wmi(ev, hn_text_sub(text, 9, SIZE_MAX), offset);
    if (hn_text_starts_nocase(text, HN_TEXT("script:"))) {
        text = hn_text_sub(text, 7, SIZE_MAX);
        vb_tell_http(ev, offset, "GetObject script:", "GET", script_text_new(ev->run, text, NULL));
        return vb_object_make(ev, &class_unmodelled);
    }
    if (hn_text_starts_nocase(text, HN_TEXT("new:"))) {
        text = hn_text_sub(text, 4, SIZE_MAX);
        return hn_text_find_char(text, '-', 0) != SIZE_MAX ? create_clsid(ev, text, offset)
                                                           : vb_create(ev, text, offset);
    }
    if (hn_text_starts_nocase(text, HN_TEXT("clsid:")))
        return create_clsid(ev, hn_text_sub(text, 6, SIZE_MAX), offset);
    if (factory_of(text) != NULL)
        return vb_create(ev, text, offset);
    vb_tell_field(ev, SCRIPT_ACT_COM, offset, "GetObject", "ProgId", vb_text_of(ev, text));
    return vb_object_make(ev, &class_unmodelled);
}

static struct vb_value instance_of(struct vb_eval *ev, struct vb_module *module, uint32_t offset)
{
    struct vb_object *object = vb_object_new(ev, &vb_class_instance);
    struct vb_frame frame = { .caller = ev->frame, .module = module, .self = object };
    struct vb_call call = { .name = vb_symbol(ev, HN_TEXT("class_initialize")), .offset = offset };
    struct vb_proc *proc;

    if (object == NULL)
        return vb_unknown(ev, "object");
    object->module = module;
    ev->frame = &frame;
    for (const struct vb_stmt *stmt = module->body; stmt != NULL; stmt = stmt->next)
        if (stmt->kind == VB_S_DIM)
            vb_declare(ev, stmt->decls);
    ev->frame = frame.caller;
    proc = vb_proc_find(module, call.name, 1u << VB_P_SUB);
    if (proc != NULL)
        (void)vb_call_proc(ev, proc, &call, object);
    return vb_object_value(object);
}

/* New: a class of the source, or a registered one by the last part of its name. */
struct vb_value vb_new_instance(struct vb_eval *ev, struct vb_symbol *name, uint32_t offset)
{
    struct vb_module *module = vb_module_find(ev, name);
    struct vb_value (*make)(struct vb_eval * ev) = factory_of(name->name);

    if (module != NULL && module->self == NULL) {
        module->is_class = true;
        return instance_of(ev, module, offset);
    }
    if (module != NULL) /* New UserForm1 */
        return vb_object_value(module->self);
    if (make != NULL) {
        vb_tell_field(ev, SCRIPT_ACT_COM, offset, "New", "ProgId", vb_text_of(ev, name->shown));
        return make(ev);
    }
    vb_note(ev, SCRIPT_NOTE_UNMODELLED, offset, "object %.*s", HN_TEXT_ARG(name->shown));
    return vb_object_make(ev, &class_unmodelled);
}

bool vb_items_of(struct vb_eval *ev, struct vb_value value, struct vb_array **ret_items)
{
    if (value.kind == VB_ARRAY) {
        *ret_items = value.as.array;
        return true;
    }
    if (value.kind != VB_OBJECT || value.as.object == NULL)
        return false;
    if (value.as.object->class == &vb_class_host)
        return vb_host_items(ev, value.as.object, ret_items);
    return vb_dictionary_items(ev, value.as.object, ret_items);
}
