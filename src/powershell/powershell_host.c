/* powershell_host.c - members that read or change the host: [environment], [io.file], [marshal],
 * [reflection.assembly], the engine itself. */
#include "powershell/powershell_internal.h"

/* ---- Engine ---- */

static struct ps_value engine_commands(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    (void)args;
    (void)count;
    return ps_of_object(ps_object_new(ps, "management.automation.commandinvocationintrinsics"));
}

static struct ps_value invoke_script(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *out = ps_array_new(ps, 0);

    (void)base;
    for (size_t i = 0; i < count; i++) {
        if (args[i].kind == PS_TEXT || args[i].kind == PS_BLOCK || args[i].kind == PS_UNKNOWN) {
            ps_run_text(ps, args[i], "InvokeScript", out);
            break;
        }
    }
    return ps_collect(out);
}

static struct ps_value new_block(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_cast(ps, T("scriptblock"), args[0]) : ps_null();
}

static struct ps_value expand_text(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_buf quoted = { 0 };
    struct hn_text text = count > 0 ? ps_flat(ps, &args[0]) : T("");
    struct ps_value made;
    struct ps_array *out = ps_array_new(ps, 0);

    (void)base;
    hn_buf_init(&quoted, ps->run->limits.text_bytes_max);
    hn_buf_add_char(&quoted, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(&quoted, '"');
        hn_buf_add_char(&quoted, text.ptr[i]);
    }
    hn_buf_add_char(&quoted, '"');
    made = ps_text_of(ps, hn_buf_text(&quoted), count > 0 ? ps_origin_of(&args[0]) : NULL);
    hn_buf_deinit(&quoted);
    ps_run_text(ps, made, "ExpandString", out);
    return ps_collect(out);
}

static struct ps_value get_command(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *out = ps_array_new(ps, 0);
    struct hn_text name = count > 0 ? ps_flat(ps, &args[0]) : T("*");

    (void)base;
    ps_cmdlet_list(ps, name, out);
    ps_alias_list(ps, name, out);
    return ps_collect(out);
}

static struct ps_value get_command_name(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value found = get_command(ps, base, args, count);

    return ps_member(ps, found, T("name"));
}

static struct ps_value runspace_create(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *shell = ps_object_new(ps, "management.automation.powershell");

    (void)base;
    (void)args;
    (void)count;
    return ps_of_object(shell);
}

static struct ps_value runspace_add(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    if (count > 0)
        base.as.object->state = args[0];
    (void)ps;
    return base;
}

static struct ps_value runspace_argument(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value list = ps_prop(base.as.object, "arguments");

    if (list.kind != PS_ARRAY)
        list = ps_of_array(ps_array_new(ps, 1));
    if (count > 0) /* of AddParameter the value is the last */
        ps_array_add(ps, list.as.array, args[count - 1]);
    ps_prop_set(ps, base.as.object, "arguments", list);
    return base;
}

static struct ps_value runspace_result(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)base;
    return count > 0 ? args[0] : ps_null();
}

static struct ps_value runspace_invoke(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *out = ps_array_new(ps, 0);
    struct ps_value list = ps_prop(base.as.object, "arguments");
    struct ps_value block;

    (void)args;
    (void)count;
    if (list.kind == PS_ARRAY && base.as.object->state.kind != PS_UNKNOWN) {
        block = ps_cast(ps, T("scriptblock"), base.as.object->state);
        if (block.kind == PS_BLOCK)
            return ps_method(
                    ps, block, T("invoke"), list.as.array->room->as.items, list.as.array->count);
    }
    ps_run_text(ps, base.as.object->state, "PowerShell.Invoke", out);
    return ps_collect(out);
}

static struct ps_value secure_text(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)args;
    (void)count;
    return base.as.object->state;
}

static struct ps_value network_credential(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)args;
    (void)count;
    return base;
}

/* $re.Replace(text, by) and the others: the static ones with the pattern of the object. */
static struct ps_value regex_call(
        struct ps *ps, struct ps_value base, const char *name, struct ps_value *args, size_t count)
{
    struct ps_value all[4] = { 0 };
    size_t used = 0;

    if (count == 0)
        return ps_null();
    all[used++] = args[0];
    all[used++] = base.as.object->state;
    if (count > 1)
        all[used++] = args[1];
    all[used] = ps_prop(base.as.object, "options");
    used += all[used].kind != PS_NULL;
    return ps_static(ps, T("regex"), hn_text_cstr(name), all, used);
}

static struct ps_value regex_replace(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return regex_call(ps, base, "replace", args, count);
}

static struct ps_value regex_matches(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return regex_call(ps, base, "matches", args, 1 < count ? 1 : count);
}

static struct ps_value regex_match(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return regex_call(ps, base, "match", args, 1 < count ? 1 : count);
}

static struct ps_value regex_split(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return regex_call(ps, base, "split", args, 1 < count ? 1 : count);
}

static struct ps_value regex_test(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return regex_call(ps, base, "ismatch", args, 1 < count ? 1 : count);
}

static struct ps_value assembly_type(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 0 && hn_text_find_nocase(ps_flat(ps, &args[0]), T("amsi"), 0) != SIZE_MAX)
        ps_note(ps, SCRIPT_NOTE_EVASION, "AMSI: looks for its class");
    return count > 0 ? ps_of_type(ps, ps_flat(ps, &args[0])) : ps_null();
}

static struct ps_value member_object(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *made = ps_object_new(ps, "reflection.entrypoint");

    (void)base;
    (void)args;
    (void)count;
    return ps_of_object(made);
}

const struct ps_method ps_methods_host[] = {
    { "management.automation.engineintrinsics", "get_invokecommand", engine_commands },
    { "management.automation.engineintrinsics", "get_sessionstate", engine_commands },
    { "management.automation.commandinvocationintrinsics", "get_invokecommand", engine_commands },
    { "management.automation.commandinvocationintrinsics|unknown", "invokescript", invoke_script },
    { "management.automation.commandinvocationintrinsics", "newscriptblock", new_block },
    { "management.automation.commandinvocationintrinsics", "expandstring", expand_text },
    { "management.automation.commandinvocationintrinsics", "getcommand", get_command },
    { "management.automation.commandinvocationintrinsics", "getcmdlet", get_command },
    { "management.automation.commandinvocationintrinsics", "getcmdlets", get_command },
    { "management.automation.commandinvocationintrinsics", "getcommandname", get_command_name },
    { "management.automation.powershell", "addscript", runspace_add },
    { "management.automation.powershell", "addcommand", runspace_add },
    { "management.automation.powershell", "addargument", runspace_argument },
    { "management.automation.powershell", "addparameter", runspace_argument },
    { "management.automation.powershell", "endinvoke", runspace_result },
    { "management.automation.powershell", "invoke", runspace_invoke },
    { "management.automation.powershell", "begininvoke", runspace_invoke },
    { "security.securestring", "tostring", secure_text },
    { "security.securestring", "makereadonly", ps_member_nothing },
    { "management.automation.pscredential", "getnetworkcredential", network_credential },
    { "regex", "replace", regex_replace },
    { "regex", "matches", regex_matches },
    { "regex", "match", regex_match },
    { "regex", "split", regex_split },
    { "regex", "ismatch", regex_test },
    { "reflection.assembly", "gettype", assembly_type },
    { "reflection.assembly", "get_entrypoint", member_object },
    { "reflection.assembly", "gettypes", member_object },
    { "reflection.entrypoint", "invoke", ps_member_nothing },
    { NULL, NULL, NULL },
};

/* ---- [environment], [io.*] ---- */

static struct ps_value env_get(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value v = ps_null();

    (void)base;
    if (count > 0)
        (void)ps_env_get(ps, ps_flat(ps, &args[0]), &v);
    return v;
}

static struct ps_value env_set(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value name;

    (void)base;
    if (count > 1) {
        name = ps_add(ps, ps_text_of(ps, T("env:"), NULL), args[0]);
        ps_var_set(ps, ps_flat(ps, &name), args[1]);
    }
    return ps_null();
}

static struct ps_value env_expand(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_text(ps_expand_percent(ps, ps_text_from(ps, &args[0]))) : ps_null();
}

static struct ps_value env_folder(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    static const struct {
        const char *name;
        const char *env;
        const char *rest;
    } rows[] = {
        { "applicationdata", "APPDATA", "" },
        { "localapplicationdata", "LOCALAPPDATA", "" },
        { "commonapplicationdata", "ProgramData", "" },
        { "startup", "APPDATA", "\\Microsoft\\Windows\\Start Menu\\Programs\\Startup" },
        { "userprofile", "USERPROFILE", "" },
        { "desktop", "USERPROFILE", "\\Desktop" },
        { "mydocuments", "USERPROFILE", "\\Documents" },
        { "personal", "USERPROFILE", "\\Documents" },
        { "system", "SystemRoot", "\\system32" },
        { "windows", "SystemRoot", "" },
        { "programfiles", "ProgramFiles", "" },
    };
    struct hn_text name = count > 0 ? ps_flat(ps, &args[0]) : T("");
    struct ps_value v;

    (void)base;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (ps_same_text(name, rows[i].name) && ps_env_get(ps, hn_text_cstr(rows[i].env), &v))
            return ps_add(
                    ps, v, ps_text(script_text_borrow(ps->run, hn_text_cstr(rows[i].rest), NULL)));
    }
    return ps_unknown(ps, "folder %.*s", (int)(name.len < 60 ? name.len : 60), name.ptr);
}

static struct ps_value env_asked(struct ps *ps, const char *name)
{
    struct ps_value v = ps_text_of(ps, hn_text_cstr(name), NULL);

    ps_act(ps, SCRIPT_ACT_ENVIRONMENT, "Environment", "Name", &v, NULL, NULL);
    return ps_unknown(ps, "%s", name);
}

#define ASKED(id, name)                                                               \
    static struct ps_value env_##id(                                                  \
            struct ps *ps, struct ps_value base, struct ps_value *args, size_t count) \
    {                                                                                 \
        (void)base;                                                                   \
        (void)args;                                                                   \
        (void)count;                                                                  \
        return env_asked(ps, name);                                                   \
    }
ASKED(user, "UserName")
ASKED(machine, "MachineName")
ASKED(domain, "UserDomainName")
ASKED(processors, "ProcessorCount")
ASKED(version, "OSVersion")
ASKED(ticks, "TickCount")
ASKED(bits64, "Is64BitOperatingSystem")
#undef ASKED

static struct ps_value new_line(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    (void)args;
    (void)count;
    return ps_text_of(ps, T("\r\n"), NULL);
}

static struct ps_value pointer_size(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)base;
    (void)args;
    (void)count;
    return ps_int(8);
}

static struct ps_value exit_now(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    (void)args;
    (void)count;
    ps->flow = PS_EXIT;
    return ps_null();
}

static struct ps_value path_combine(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    const struct script_text *made = count > 0 ? ps_text_from(ps, &args[0]) : NULL;

    (void)base;
    for (size_t i = 1; i < count && made != NULL; i++) {
        struct hn_text flat = script_text_flat(ps->run, made);

        if (flat.len > 0 && flat.ptr[flat.len - 1] != '\\')
            made = script_text_join(ps->run, made, script_text_borrow(ps->run, T("\\"), NULL));
        made = script_text_join(ps->run, made, ps_text_from(ps, &args[i]));
    }
    return ps_text(made);
}

static struct ps_value temp_path(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value v = ps_null();

    (void)base;
    (void)args;
    (void)count;
    (void)ps_env_get(ps, T("TEMP"), &v);
    return ps_add(ps, v, ps_text_of(ps, T("\\"), NULL));
}

static struct ps_value random_name(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    (void)args;
    (void)count;
    return ps_unknown(ps, "random name");
}

static struct ps_value write_all(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 1)
        ps_file_write(ps, "IO.File.WriteAll", &args[0], &args[1]);
    return ps_null();
}

static struct ps_value read_text(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_file_read(ps, "IO.File.Read", &args[0], PS_FILE_TEXT) : ps_null();
}

static struct ps_value read_lines(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_file_read(ps, "IO.File.Read", &args[0], PS_FILE_LINES) : ps_null();
}

static struct ps_value read_bytes(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_file_read(ps, "IO.File.Read", &args[0], PS_FILE_BYTES) : ps_null();
}

static struct ps_value file_exists(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 0 && ps_file_find(ps, ps_flat(ps, &args[0])) != NULL)
        return ps_bool(true);
    return ps_unknown(ps, "whether a file is there");
}

static struct ps_value file_delete(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 0)
        ps_act(ps, SCRIPT_ACT_FILE_DELETE, "IO.File.Delete", "TargetFilename", &args[0], NULL,
                NULL);
    return ps_null();
}

/* ---- [marshal], assemblies ---- */

/* A SecureString and the pointers to its text are the text. */
static struct ps_value secure_pointer(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    (void)ps;
    if (count == 0)
        return ps_null();
    return args[0].kind == PS_OBJECT ? args[0].as.object->state : args[0];
}

static struct ps_value marshal_copy(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_bytes bytes;

    (void)base;
    ps_api_call(ps, T("mscorlib"), T("Marshal.Copy"), args, count);
    if (count > 0 && ps_bytes_of(ps, &args[0], &bytes) && bytes.len > 32) {
        ps_tell_layer(ps, SCRIPT_PROGRAM,
                script_text_from_bytes(ps->run, bytes, ps_origin_of(&args[0])), "Marshal.Copy",
                false, T(""));
    }
    return ps_null();
}

static struct ps_value marshal_delegate(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    ps_api_call(ps, T("mscorlib"), T("Marshal.GetDelegateForFunctionPointer"), args, count);
    return ps_unknown(ps, "delegate");
}

static struct ps_value assembly_load(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_bytes bytes;
    struct ps_value what = count > 0 ? args[0] : ps_null();

    (void)base;
    if (what.kind == PS_TEXT) {
        if (hn_text_find(ps_flat(ps, &what), T("\\"), 0) != SIZE_MAX)
            ps_act(ps, SCRIPT_ACT_MODULE_LOAD, "Reflection.Assembly.Load", "ImageLoaded", &what,
                    NULL, NULL);
        return ps_of_object(ps_object_new(ps, "reflection.assembly"));
    }
    if (what.kind == PS_UNKNOWN) {
        ps_act(ps, SCRIPT_ACT_MODULE_LOAD, "Reflection.Assembly.Load", "ImageLoaded", &what, NULL,
                NULL);
        ps_runs_unknown(ps, &what);
    } else if (ps_bytes_of(ps, &what, &bytes)) {
        struct ps_value name = ps_text_of(ps, T("(from memory)"), NULL);

        ps_act(ps, SCRIPT_ACT_MODULE_LOAD, "Reflection.Assembly.Load", "ImageLoaded", &name, NULL,
                NULL);
        ps_tell_layer(ps, SCRIPT_PROGRAM,
                script_text_from_bytes(ps->run, bytes, ps_origin_of(&what)),
                "Reflection.Assembly.Load", false, T(""));
    }
    return ps_of_object(ps_object_new(ps, "reflection.assembly"));
}

static struct ps_value host_addresses(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 0)
        ps_act(ps, SCRIPT_ACT_DNS, "Net.Dns", "QueryName", &args[0], NULL, NULL);
    return ps_unknown(ps, "address");
}

static struct ps_value registry_set(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value key;

    (void)base;
    if (count < 3)
        return ps_null();
    key = ps_add(ps, ps_add(ps, ps_text(ps_text_from(ps, &args[0])), ps_text_of(ps, T("\\"), NULL)),
            args[1]);
    ps_act(ps, SCRIPT_ACT_REGISTRY_WRITE, "Registry.SetValue", "TargetObject", &key, "Details",
            &args[2]);
    return ps_null();
}

static struct ps_value sleep_now(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value seconds =
            count > 0 ? ps_arith(ps, PS_OP_DIV, args[0], ps_int(1000)) : ps_null();

    (void)base;
    ps_act(ps, SCRIPT_ACT_SLEEP, "Threading.Thread.Sleep", "Seconds", &seconds, NULL, NULL);
    return ps_null();
}

static struct ps_value clock_now(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    (void)args;
    (void)count;
    return ps_unknown(ps, "date");
}

static struct ps_value message_show(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 0)
        ps_act(ps, SCRIPT_ACT_SHOW, "MessageBox.Show", "Text", &args[0], NULL, NULL);
    return ps_unknown(ps, "button");
}

static struct ps_value block_create(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_cast(ps, T("scriptblock"), args[0]) : ps_null();
}

/* JScript of .NET: a script of another language. */
static struct ps_value jscript_evaluate(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 0 && args[0].kind == PS_TEXT)
        ps_tell_layer(ps, SCRIPT_JSCRIPT, args[0].as.text, "JScriptEvaluate", false, T(""));
    return ps_unknown(ps, "result of JScript");
}

static struct ps_value clipboard_text(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value v = ps_unknown(ps, "clipboard");

    (void)base;
    (void)args;
    (void)count;
    (void)ps_env_get(ps, T(SCRIPT_CLIPBOARD), &v);
    return v;
}

static struct ps_value load_library(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? assembly_load(ps, base, args, count) : ps_null();
}

static struct ps_value add_assembly(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    (void)args;
    (void)count;
    return ps_of_object(ps_object_new(ps, "reflection.assembly"));
}

#define MARSHAL "runtime.interopservices.marshal|marshal"

const struct ps_method ps_statics_host[] = {
    { "environment", "getenvironmentvariable", env_get },
    { "environment", "setenvironmentvariable", env_set },
    { "environment", "expandenvironmentvariables", env_expand },
    { "environment", "getfolderpath", env_folder },
    { "environment", "get_username", env_user },
    { "environment", "get_machinename", env_machine },
    { "environment", "get_userdomainname", env_domain },
    { "environment", "get_processorcount", env_processors },
    { "environment", "get_osversion", env_version },
    { "environment", "get_tickcount", env_ticks },
    { "environment", "get_is64bitoperatingsystem", env_bits64 },
    { "environment", "get_is64bitprocess", env_bits64 },
    { "environment", "get_newline", new_line },
    { "environment", "exit", exit_now },
    { "intptr", "get_size", pointer_size },
    { "io.path", "combine", path_combine },
    { "io.path", "gettemppath", temp_path },
    { "io.path", "gettempfilename", random_name },
    { "io.path", "getrandomfilename", random_name },
    { "guid", "newguid", random_name },
    { "io.file", "writeallbytes", write_all },
    { "io.file", "writealltext", write_all },
    { "io.file", "writealllines", write_all },
    { "io.file", "appendalltext", write_all },
    { "io.file", "readallbytes", read_bytes },
    { "io.file", "readalltext", read_text },
    { "io.file", "readalllines", read_lines },
    { "io.file", "readlines", read_lines },
    { "io.file", "openread", read_bytes },
    { "io.file|io.directory", "exists", file_exists },
    { "io.file|io.directory", "delete", file_delete },
    { "io.directory", "createdirectory", ps_member_nothing },
    { MARSHAL, "securestringtobstr", secure_pointer },
    { MARSHAL, "securestringtoglobalallocunicode", secure_pointer },
    { MARSHAL, "securestringtoglobalallocansi", secure_pointer },
    { MARSHAL, "securestringtocotaskmemunicode", secure_pointer },
    { MARSHAL, "securestringtocotaskmemansi", secure_pointer },
    { MARSHAL, "ptrtostringauto", secure_pointer },
    { MARSHAL, "ptrtostringbstr", secure_pointer },
    { MARSHAL, "ptrtostringuni", secure_pointer },
    { MARSHAL, "ptrtostringansi", secure_pointer },
    { MARSHAL, "zerofreebstr", ps_member_nothing },
    { MARSHAL, "copy", marshal_copy },
    { MARSHAL, "getdelegateforfunctionpointer", marshal_delegate },
    { "reflection.assembly|appdomain", "load", assembly_load },
    { "reflection.assembly", "loadfile", load_library },
    { "reflection.assembly", "loadfrom", load_library },
    { "reflection.assembly", "unsafeloadfrom", load_library },
    { "reflection.assembly", "loadwithpartialname", add_assembly },
    { "net.dns", "gethostaddresses", host_addresses },
    { "net.dns", "gethostbyname", host_addresses },
    { "net.dns", "gethostentry", host_addresses },
    { "microsoft.win32.registry", "setvalue", registry_set },
    { "threading.thread", "sleep", sleep_now },
    { "datetime", "get_now", clock_now },
    { "datetime", "get_utcnow", clock_now },
    { "windows.forms.messagebox", "show", message_show },
    { "windows.forms.clipboard|windows.clipboard", "gettext", clipboard_text },
    { "windows.forms.clipboard|windows.clipboard", "clear", ps_member_nothing },
    { "microsoft.jscript.eval", "jscriptevaluate", jscript_evaluate },
    { "microsoft.jscript.vsa.vsaengine", "createengine", ps_member_nothing },
    { "scriptblock|management.automation.scriptblock", "create", block_create },
    { "powershell|management.automation.powershell", "create", runspace_create },
    { NULL, NULL, NULL },
};
