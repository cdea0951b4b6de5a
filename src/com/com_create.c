/* com_create.c - which program identifiers, class identifiers and monikers give which objects. */
#include "com/com_internal.h"

const struct com_program com_programs[] = {
    { "wscript.shell*", com_make_shell },
    { "shell.application*", com_make_application },
    { "wscript.network*", com_make_network },
    { "wbemscripting.swbemlocator*", com_make_locator },
    { "schedule.service*", com_make_schedule },
    { "msxml2.xmlhttp*", com_make_http },
    { "microsoft.xmlhttp*", com_make_http },
    { "msxml2.serverxmlhttp*", com_make_http },
    { "winhttp.winhttprequest*", com_make_http },
    { "internetexplorer.application*", com_make_browser },
    { "adodb.stream*", com_make_stream },
    { "adodb.recordset*", com_make_recordset },
    { "scripting.filesystemobject*", com_make_files },
    { "filesystemobject", com_make_files },
    { "microsoft.xmldom*", com_make_dom },
    { "msxml2.domdocument*", com_make_dom },
    { "msxml2.freethreadeddomdocument*", com_make_dom },
    { "msxml.domdocument*", com_make_dom },
    { "domdocument*", com_make_dom },
    { "system.text.*", com_make_encoding },
    { "system.security.cryptography.frombase64transform", com_make_base64 },
    { "scripting.dictionary*", com_make_dictionary },
    { "dictionary", com_make_dictionary },
    { "collection", com_make_collection },
    { "system.collections.arraylist", com_make_list },
    { "vbscript.regexp*", com_make_regexp },
    { "regexp*", com_make_regexp },
    { "scriptcontrol*", com_make_script_control },
    { "msscriptcontrol.scriptcontrol*", com_make_script_control },
    { "excel.application*", com_make_office },
    { "word.application*", com_make_office },
    { "powerpoint.application*", com_make_office },
    { "access.application*", com_make_office },
    { "outlook.application*", com_make_outlook },
    { "windowsinstaller.installer*", com_make_installer },
    { "system.io.memorystream", com_make_stream },
    { "system.runtime.serialization.formatters.binary.binaryformatter", com_make_formatter },
    { "xmlhttp*", com_make_http },
    { "serverxmlhttp*", com_make_http },
    { "winhttprequest*", com_make_http },
    { "wshshell*", com_make_shell },
    { "stream", com_make_stream },
    { "msforms.dataobject*", com_make_data_object },
    { "dataobject", com_make_data_object },
};
const size_t com_program_count = HN_COUNT_OF(com_programs);

/* Class identifiers that scripts use in place of names. */
static const struct {
    const char *clsid;
    const char *program;
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
    { "1c3b4210-f441-11ce-b9ea-00aa006b1a69", "msforms.dataobject" },
    { "2933bf90-7b36-11d2-b20e-00c04f983e60", "microsoft.xmldom" },
};

static bool fits(struct hn_text name, const char *pattern)
{
    struct hn_text text = hn_text_cstr(pattern);

    if (text.ptr[text.len - 1] == '*')
        return hn_text_starts_nocase(name, hn_text_sub(text, 0, text.len - 1));
    return hn_text_eq_nocase(name, text);
}

struct com_object *com_known(struct com *com, struct hn_text name)
{
    for (size_t i = 0; i < com_program_count; i++)
        if (fits(name, com_programs[i].name))
            return com_programs[i].make(com);
    return NULL;
}

static void tell_create(struct com *com, const char *via, const char *field,
        const struct script_text *name, uint64_t offset)
{
    struct script_act act = script_act(com->run, SCRIPT_ACT_COM, offset, via);

    script_act_add(&act, field, name);
    com_tell(com, &act);
}

static struct com_object *create_program(
        struct com *com, const struct script_text *name, uint64_t offset)
{
    struct hn_text flat = com_flat(com, com_value_text(name));
    struct com_object *made;

    tell_create(com, "CreateObject", "ProgId", name, offset);
    made = com_known(com, flat);
    if (made != NULL)
        return made;
    if (name != NULL && !name->unknown) {
        com_note(com, SCRIPT_NOTE_UNMODELLED, offset, "object %.*s",
                HN_TEXT_ARG(hn_text_sub(flat, 0, 100)));
    }
    return com_object_new(com, &com_class_unmodelled);
}

static struct com_object *create_clsid(
        struct com *com, const struct script_text *name, uint64_t offset)
{
    struct hn_text clsid = hn_text_trim(com_flat(com, com_value_text(name)));

    if (clsid.len > 2 && clsid.ptr[0] == '{')
        clsid = hn_text_sub(clsid, 1, clsid.len - 2);
    for (size_t i = 0; i < HN_COUNT_OF(clsids); i++) {
        if (!hn_text_eq_nocase(clsid, hn_text_cstr(clsids[i].clsid)))
            continue;
        com_note(com, SCRIPT_NOTE_OBFUSCATION, offset, "class identifier of %s", clsids[i].program);
        return create_program(com, com_literal(com, clsids[i].program), offset);
    }
    tell_create(com, "CreateObject", "Clsid", name, offset);
    return com_object_new(com, &com_class_unmodelled);
}

/* The text from `start` bytes on, white space around it left out, of the same origin. */
static const struct script_text *rest_of(
        struct com *com, const struct script_text *text, size_t start)
{
    struct hn_text flat = com_flat(com, com_value_text(text));
    struct hn_text rest = hn_text_trim(hn_text_sub(flat, start, SIZE_MAX));

    if (text == NULL || text->unknown || rest.len == flat.len)
        return text;
    return script_text_new(com->run, rest, text->origin);
}

struct com_object *com_create(struct com *com, const struct script_text *name, uint64_t offset)
{
    struct hn_text flat;

    name = rest_of(com, name, 0);
    if (name == NULL)
        return NULL;
    flat = com_flat(com, com_value_text(name));
    if (hn_text_starts_nocase(flat, HN_TEXT("new:")) ||
            hn_text_starts_nocase(flat, HN_TEXT("clsid:")))
        return com_moniker(com, name, offset);
    if (hn_text_starts(flat, HN_TEXT("{")) && !name->unknown)
        return create_clsid(com, name, offset);
    return create_program(com, name, offset);
}

struct com_object *com_declared(
        struct com *com, const struct script_source *source, struct hn_text id, uint64_t offset)
{
    struct hn_buf name = { 0 };
    struct hn_text program = HN_TEXT("");
    bool found;

    if (source->lookup == NULL)
        return NULL;
    hn_buf_add_lit(&name, SCRIPT_OBJECT_PREFIX);
    hn_buf_add_text(&name, id);
    found = hn_buf_ok(&name) && source->lookup(source->lookup_ctx, hn_buf_text(&name), &program);
    hn_buf_deinit(&name);
    return found ? com_create(com, script_text_new(com->run, program, NULL), offset) : NULL;
}

/* A scriptlet runs as soon as it is there, and nobody knows what the server sends. */
static void tell_scriptlet(struct com *com, const struct script_text *url, uint64_t offset)
{
    struct com_value reply = com_value_unknown(
            com, "reply of %.*s", HN_TEXT_ARG(com_flat(com, com_value_text(url))));
    struct script_layer layer = {
        .language = SCRIPT_UNKNOWN, .text = reply.text, .how = "script:", .offset = offset
    };

    if (reply.text != NULL)
        com_layer(com, &layer);
}

struct com_object *com_moniker(struct com *com, const struct script_text *name, uint64_t offset)
{
    struct hn_text flat;

    name = rest_of(com, name, 0);
    if (name == NULL)
        return NULL;
    flat = com_flat(com, com_value_text(name));
    if (hn_text_starts_nocase(flat, HN_TEXT("winmgmts:"))) {
        tell_create(com, "GetObject", "ProgId", name, offset);
        return com_wmi_class(com, hn_text_sub(flat, 9, SIZE_MAX));
    }
    if (hn_text_starts_nocase(flat, HN_TEXT("script:")) ||
            hn_text_starts_nocase(flat, HN_TEXT("http"))) {
        bool script = hn_text_starts_nocase(flat, HN_TEXT("script:"));

        name = rest_of(com, name, script ? 7 : 0);
        com_tell_http(com, name, offset, script ? "GetObject script:" : "GetObject");
        if (script)
            tell_scriptlet(com, name, offset);
        return com_object_new(com, &com_class_unmodelled);
    }
    if (hn_text_starts_nocase(flat, HN_TEXT("new:"))) {
        name = rest_of(com, name, 4);
        flat = com_flat(com, com_value_text(name));
        return hn_text_find_char(flat, '-', 0) != SIZE_MAX ? create_clsid(com, name, offset)
                                                           : create_program(com, name, offset);
    }
    if (hn_text_starts_nocase(flat, HN_TEXT("clsid:")))
        return create_clsid(com, rest_of(com, name, 6), offset);
    for (size_t i = 0; i < com_program_count; i++)
        if (fits(flat, com_programs[i].name))
            return create_program(com, name, offset);
    tell_create(com, "GetObject", "ProgId", name, offset);
    return com_object_new(com, &com_class_unmodelled);
}

struct com_object *com_ambient(struct com *com, struct hn_text name)
{
    if (!hn_text_eq_nocase(name, HN_TEXT("wscript")) && !hn_text_eq_nocase(name, HN_TEXT("wsh")))
        return NULL;
    return com_make_script_host(com);
}

struct com *com_new(struct script_run *run, const struct com_host *host)
{
    struct com *com = hn_new(&run->arena, struct com, 1);

    if (com == NULL)
        return NULL;
    com->run = run;
    com->host = *host;
    com->environment = com_object_new(com, &com_class_unmodelled);
    com->registry = com_object_new(com, &com_class_unmodelled);
    return com->environment != NULL && com->registry != NULL ? com : NULL;
}
