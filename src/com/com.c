/* com.c - objects, values and calls. What the objects do is in com_<part>.c. */
#include "com/com_internal.h"

#include "base/num.h"

#include <math.h>

/* ---- Values ---- */

const struct script_text *com_literal(struct script_run *run, const char *text)
{
    return script_text_borrow(run, hn_text_cstr(text), NULL);
}

struct com_value com_value_text(const struct script_text *text)
{
    return (struct com_value){ .kind = text != NULL ? COM_TEXT : COM_EMPTY, .text = text };
}

struct com_value com_value_number(double number)
{
    return (struct com_value){ .kind = COM_NUMBER, .number = number };
}

struct com_value com_value_bool(bool truth)
{
    return (struct com_value){ .kind = COM_BOOL, .truth = truth };
}

struct com_value com_value_unknown(struct script_run *run, const char *name)
{
    return (struct com_value){ .kind = COM_UNKNOWN, .text = script_text_unknown(run, name, NULL) };
}

struct com_value com_value_object(struct com_object *object)
{
    return (struct com_value){ .kind = object != NULL ? COM_OBJECT : COM_EMPTY, .object = object };
}

const struct script_text *com_text(struct script_run *run, const struct com_value *value)
{
    char digits[40];
    struct hn_buf out = hn_buf_over(digits, sizeof digits);

    switch (value->kind) {
    case COM_UNKNOWN:
    case COM_TEXT:
    case COM_BYTES:
        return value->text;
    case COM_BOOL:
        return com_literal(run, value->truth ? "True" : "False");
    case COM_NUMBER:
        if (value->number == floor(value->number) && fabs(value->number) < 1e15) {
            hn_buf_add_i64(&out, (int64_t)value->number);
        } else {
            hn_buf_addf(&out, "%.15g", value->number);
        }
        return script_text_new(run, hn_buf_text(&out), NULL);
    case COM_OBJECT:
        return script_text_unknown(run, value->object->kind->name, NULL);
    case COM_EMPTY:
        break;
    }
    return com_literal(run, "");
}

/* ---- Objects ---- */

struct com_object *com_object_new(struct script_run *run, const struct com_kind_of *kind)
{
    struct com_object *object = hn_new(&run->arena, struct com_object, 1);

    if (object == NULL) {
        (void)script_text_new(run, HN_TEXT("x"), NULL); /* ends the run for want of memory */
        return NULL;
    }
    object->kind = kind;
    return object;
}

const char *com_class(const struct com_object *object)
{
    return object->kind->name;
}

static const struct {
    const char *name; /* of the start; a version may follow */
    const struct com_kind_of *kind;
} programs[] = {
    { "wscript.shell", &com_shell_kind },
    { "{72c24dd5-d70a-438b-8a42-98424b88afb8}", &com_shell_kind },
    { "{f935dc22-1cf0-11d0-adb9-00c04fd58a0b}", &com_shell_kind },
    { "shell.application", &com_application_kind },
    { "{13709620-c279-11ce-a49e-444553540000}", &com_application_kind },
    { "{9ba05972-f6a8-11cf-a442-00a0c90a8f39}", &com_application_kind },
    { "{c08afd90-f2a1-11d1-8455-00a0c91f3880}", &com_application_kind },
    { "msxml2.xmlhttp", &com_http_kind },
    { "msxml2.serverxmlhttp", &com_http_kind },
    { "microsoft.xmlhttp", &com_http_kind },
    { "winhttp.winhttprequest", &com_http_kind },
    { "adodb.stream", &com_stream_kind },
    { "scripting.filesystemobject", &com_files_kind },
    { "microsoft.xmldom", &com_dom_kind },
    { "msxml2.domdocument", &com_dom_kind },
    { "wbemscripting.swbemlocator", &com_locator_kind },
};

static const struct com_kind_of *kind_of_name(struct hn_text name)
{
    if (hn_text_starts_nocase(name, HN_TEXT("new:")))
        name = hn_text_sub(name, 4, SIZE_MAX);
    for (size_t i = 0; i < HN_COUNT_OF(programs); i++) {
        if (hn_text_starts_nocase(name, hn_text_cstr(programs[i].name)))
            return programs[i].kind;
    }
    return NULL;
}

struct com_object *com_create(
        struct script_run *run, const struct script_text *name, uint64_t offset)
{
    struct script_act act = script_act(run, SCRIPT_ACT_COM, offset, "CreateObject");
    struct hn_text flat = script_text_flat(run, name);
    const struct com_kind_of *kind = flat.ptr != NULL ? kind_of_name(flat) : NULL;

    if (name == NULL)
        return NULL;
    script_act_add(&act, "ProgId", name);
    script_tell(run, &act);
    if (kind == NULL && !name->unknown)
        script_tell_note(run, SCRIPT_NOTE_UNMODELLED, offset, flat);
    return com_object_new(run, kind != NULL ? kind : &com_any_kind);
}

struct com_object *com_moniker(
        struct script_run *run, const struct script_text *name, uint64_t offset)
{
    struct hn_text flat = script_text_flat(run, name);
    struct com_object *object;

    if (flat.ptr == NULL)
        return NULL;
    if (hn_text_starts_nocase(flat, HN_TEXT("winmgmts:"))) {
        object = com_object_new(run, &com_wmi_kind);
        if (object != NULL) {
            size_t colon = hn_text_find_char(hn_text_sub(flat, 9, SIZE_MAX), ':', 0);

            /* "winmgmts:...root\cimv2:Win32_Process" names a class as well. */
            object->slots[0] = name;
            if (colon != SIZE_MAX) {
                object->slots[1] = script_text_new(
                        run, hn_text_sub(flat, 9 + colon + 1, SIZE_MAX), name->origin);
            } else if (hn_text_starts_nocase(hn_text_sub(flat, 9, 6), HN_TEXT("win32_"))) {
                object->slots[1] =
                        script_text_new(run, hn_text_sub(flat, 9, SIZE_MAX), name->origin);
            }
        }
        return object;
    }
    if (hn_text_starts_nocase(flat, HN_TEXT("script:")) ||
            hn_text_starts_nocase(flat, HN_TEXT("http"))) {
        struct script_act act = script_act(run, SCRIPT_ACT_HTTP, offset, "GetObject");

        if (hn_text_starts_nocase(flat, HN_TEXT("script:")))
            name = script_text_sub(run, name, 7, SIZE_MAX);
        script_act_add(&act, "Url", name);
        script_tell(run, &act);
        return com_object_new(run, &com_any_kind);
    }
    return com_create(run, name, offset);
}

struct com_object *com_ambient(
        struct script_run *run, struct hn_text name, const struct script_source *source)
{
    struct com_object *object;

    if (!hn_text_eq_nocase(name, HN_TEXT("wscript")) && !hn_text_eq_nocase(name, HN_TEXT("wsh")))
        return NULL;
    object = com_object_new(run, &com_host_kind);
    if (object != NULL && source->file_name.len > 0)
        object->slots[0] = script_text_new(run, source->file_name, NULL);
    return object;
}

/* ---- Calls ---- */

static const struct com_member *member_of(const struct com_object *object, struct hn_text name)
{
    const struct com_member *member = object->kind->members;

    while (member->name != NULL && !hn_text_eq_nocase(name, hn_text_cstr(member->name)))
        member++;
    return member->name != NULL ? member : NULL;
}

static struct com_property *property_of(struct com_object *object, struct hn_text name)
{
    struct com_property *property = object->properties;

    while (property != NULL && !hn_text_eq_nocase(property->name, name))
        property = property->next;
    return property;
}

static void keep_property(struct com_call *call)
{
    struct com_property *property = property_of(call->object, call->member);

    if (call->count == 0)
        return;
    if (property == NULL) {
        property = hn_new(&call->run->arena, struct com_property, 1);
        if (property == NULL)
            return;
        property->name = hn_arena_text(&call->run->arena, call->member);
        property->next = call->object->properties;
        call->object->properties = property;
    }
    property->value = call->args[call->count - 1];
}

void com_invoke(
        struct script_run *run, const struct com_invocation *what, struct com_value *ret_value)
{
    struct com_call call = { .run = run,
        .object = what->object,
        .member = what->member,
        .access = what->access,
        .args = what->args,
        .count = what->count,
        .offset = what->offset,
        .ret = ret_value };
    const struct com_member *known = member_of(what->object, what->member);
    const struct com_property *property = property_of(what->object, what->member);

    *ret_value = (struct com_value){ .kind = COM_EMPTY };
    if (!script_spend(run, 4))
        return;
    if (known != NULL) {
        known->call(&call);
        return;
    }
    if (what->access == COM_PUT) {
        keep_property(&call);
        return;
    }
    if (property != NULL) {
        *ret_value = property->value;
        return;
    }
    if (what->object->kind != &com_any_kind)
        script_tell_note(run, SCRIPT_NOTE_UNMODELLED, what->offset, what->member);
    *ret_value = com_value_object(com_object_new(run, &com_any_kind));
}

const struct script_text *com_arg(const struct com_call *call, size_t index)
{
    if (index >= call->count)
        return com_literal(call->run, "");
    return com_text(call->run, &call->args[index]);
}

struct hn_text com_arg_flat(const struct com_call *call, size_t index)
{
    return script_text_flat(call->run, com_arg(call, index));
}

const struct script_text *com_put(const struct com_call *call)
{
    return call->access == COM_PUT && call->count > 0 ? com_arg(call, call->count - 1) : NULL;
}

void com_return_text(struct com_call *call, const struct script_text *text)
{
    *call->ret = com_value_text(text);
    if (text != NULL && text->unknown && text->left == NULL && text->len > 0 && text->ptr[0] == '{')
        call->ret->kind = COM_UNKNOWN;
}

void com_return_object(struct com_call *call, struct com_object *object)
{
    *call->ret = com_value_object(object);
}

/* ---- Telling ---- */

void com_tell(const struct com_call *call, enum script_act_kind kind, const char *via,
        const char *name, const struct script_text *value)
{
    com_tell_pair(
            call, kind, via, (struct com_told){ name, value }, (struct com_told){ NULL, NULL });
}

void com_tell_pair(const struct com_call *call, enum script_act_kind kind, const char *via,
        struct com_told first, struct com_told second)
{
    struct script_act act = script_act(call->run, kind, call->offset, via);

    script_act_add(&act, first.name, first.value);
    script_act_add(&act, second.name, second.value);
    script_tell(call->run, &act);
}

void com_tell_process(
        struct script_run *run, const struct script_text *command, uint64_t offset, const char *via)
{
    struct script_act act = script_act(run, SCRIPT_ACT_PROCESS, offset, via);
    struct script_layer layer = {
        .language = SCRIPT_COMMAND, .text = command, .how = via, .offset = offset
    };

    if (command == NULL)
        return;
    script_act_add(&act, "CommandLine", command);
    script_tell(run, &act);
    script_tell_layer(run, &layer);
}

void com_tell_file(const struct com_call *call, const char *via, const struct script_text *path,
        const struct script_text *content)
{
    struct hn_text name = script_text_flat(call->run, path);
    struct script_layer layer = { .language = script_language_of_file(name),
        .text = content,
        .how = via,
        .name = name,
        .offset = call->offset };

    com_tell(call, SCRIPT_ACT_FILE_WRITE, via, "TargetFilename", path);
    if (content != NULL && !content->unknown && content->len > 0)
        script_tell_layer(call->run, &layer);
}

/* ---- Environment: where a usual machine has its folders ---- */

static const struct {
    const char *name;
    const char *value;
} variables[] = {
    { "temp", "C:\\Users\\user\\AppData\\Local\\Temp" },
    { "tmp", "C:\\Users\\user\\AppData\\Local\\Temp" },
    { "appdata", "C:\\Users\\user\\AppData\\Roaming" },
    { "localappdata", "C:\\Users\\user\\AppData\\Local" },
    { "userprofile", "C:\\Users\\user" },
    { "public", "C:\\Users\\Public" },
    { "programdata", "C:\\ProgramData" },
    { "allusersprofile", "C:\\ProgramData" },
    { "programfiles", "C:\\Program Files" },
    { "windir", "C:\\Windows" },
    { "systemroot", "C:\\Windows" },
    { "systemdrive", "C:" },
    { "comspec", "C:\\Windows\\System32\\cmd.exe" },
};

static const char *variable(struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(variables); i++) {
        if (hn_text_eq_nocase(name, hn_text_cstr(variables[i].name)))
            return variables[i].value;
    }
    return NULL;
}

const struct script_text *com_expand(
        struct script_run *run, const struct script_text *text, uint64_t offset)
{
    struct hn_text rest = script_text_flat(run, text);
    struct hn_buf out = { 0 };
    const struct script_text *made;

    if (rest.ptr == NULL || hn_text_find_char(rest, '%', 0) == SIZE_MAX)
        return text;
    while (rest.len > 0) {
        size_t start = hn_text_find_char(rest, '%', 0);
        size_t end = start != SIZE_MAX ? hn_text_find_char(rest, '%', start + 1) : SIZE_MAX;
        const char *value;

        if (end == SIZE_MAX) {
            hn_buf_add_text(&out, rest);
            break;
        }
        value = variable(hn_text_sub(rest, start + 1, end - start - 1));
        hn_buf_add_text(&out, hn_text_sub(rest, 0, start));
        if (value != NULL) {
            hn_buf_add_cstr(&out, value);
        } else {
            hn_buf_add_text(&out, hn_text_sub(rest, start, end + 1 - start));
        }
        rest = hn_text_sub(rest, end + 1, SIZE_MAX);
    }
    made = script_text_new(run, hn_buf_text(&out),
            script_origin_new(run, "expand", offset, HN_TEXT(""), text->origin, NULL));
    hn_buf_deinit(&out);
    return made;
}
