/* powershell_cmd_file.c - cmdlets on files and the registry. What was written is remembered, so
 * that it can be read again. */
#include "powershell/powershell_internal.h"

static bool is_registry(struct hn_text path)
{
    return hn_text_starts_nocase(path, T("HKCU:")) || hn_text_starts_nocase(path, T("HKLM:")) ||
           hn_text_starts_nocase(path, T("HKU:")) || hn_text_starts_nocase(path, T("HKCR:")) ||
           hn_text_starts_nocase(path, T("Registry::")) || hn_text_starts_nocase(path, T("HKEY_"));
}

static void guards(struct ps *ps, struct hn_text key)
{
    static const struct hn_text words[] = { HN_TEXT_INIT("ScriptBlockLogging"),
        HN_TEXT_INIT("ModuleLogging"), HN_TEXT_INIT("Windows Defender"), HN_TEXT_INIT("EnableLUA"),
        HN_TEXT_INIT("AmsiEnable"), HN_TEXT_INIT("Transcription") };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (hn_text_find_nocase(key, words[i], 0) != SIZE_MAX)
            ps_note(ps, SCRIPT_NOTE_EVASION, "writes to the registry: %.*s",
                    (int)(key.len < 200 ? key.len : 200), key.ptr);
    }
}

static struct ps_value input_value(const struct ps_call *call)
{
    return call->input != NULL && call->input->count > 0 ? ps_collect(call->input) : ps_null();
}

static struct ps_value lines(struct ps *ps, struct ps_value v)
{
    struct hn_bytes bytes;

    if (v.kind != PS_ARRAY || v.as.array->bytes ||
            (v.as.array->count > 0 && ps_at(v.as.array, 0).kind == PS_INT &&
                    ps_bytes_of(ps, &v, &bytes)))
        return v;
    return ps_join(ps, v, ps_text_of(ps, T("\r\n"), NULL));
}

static void set_content(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath|filepath");
    struct ps_value v = ps_arg(call, "value|inputobject");

    if (v.kind == PS_NULL)
        v = input_value(call);
    v = lines(ps, v);
    if (path.kind != PS_NULL)
        ps_file_write(ps, "Set-Content", &path, &v);
}

/* -TotalCount and -Tail, by all their names. */
static struct ps_value first_lines(struct ps *ps, struct ps_call *call, struct ps_value v)
{
    const struct ps_value *first = ps_arg_named(call, "totalcount|first|head");
    const struct ps_value *last = ps_arg_named(call, "tail|last");
    const struct ps_value *wanted = first != NULL ? first : last;
    struct ps_array *lines;
    int64_t count;

    if (wanted == NULL || v.kind != PS_ARRAY || wanted->kind != PS_INT || wanted->as.number < 0)
        return v;
    count = (int64_t)v.as.array->count;
    if (wanted->as.number < count)
        count = wanted->as.number;
    lines = ps_array_new(ps, (size_t)count);
    for (size_t i = first != NULL ? 0 : v.as.array->count - (size_t)count; count > 0; count--, i++)
        ps_array_add(ps, lines, ps_at(v.as.array, i));
    return ps_of_array(lines);
}

static void get_content(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");
    struct hn_text name = ps_flat(ps, &path);
    const struct ps_value *encoding = ps_arg_named(call, "encoding");
    enum ps_file_form form = PS_FILE_LINES;

    if (hn_text_starts_nocase(name, T("env:")) || hn_text_starts_nocase(name, T("variable:")) ||
            hn_text_starts_nocase(name, T("function:"))) {
        ps_emit(ps, call->out, ps_var_get(ps, name));
        return;
    }
    if (ps_arg_switch(call, "asbytestream") ||
            (encoding != NULL && ps_same_text(ps_flat(ps, encoding), "byte")))
        form = PS_FILE_BYTES;
    else if (ps_arg_switch(call, "raw"))
        form = PS_FILE_TEXT;
    ps_emit(ps, call->out, first_lines(ps, call, ps_file_read(ps, "Get-Content", &path, form)));
}

static void remove_item(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");

    if (path.kind != PS_NULL)
        ps_act(ps, SCRIPT_ACT_FILE_DELETE, "Remove-Item", "TargetFilename", &path, NULL, NULL);
}

static void copy_item(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");
    struct ps_value to = ps_arg(call, "destination|newname");
    const struct ps_value *known = ps_file_find(ps, ps_flat(ps, &path));

    if (to.kind == PS_NULL)
        return;
    ps_act(ps, SCRIPT_ACT_FILE_WRITE, "Copy-Item", "TargetFilename", &to, "Source", &path);
    if (known != NULL)
        (void)ps_hash_put(ps, &ps->files, ps_flat(ps, &to), *known);
}

static void new_item(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path");
    const struct ps_value *name = ps_arg_named(call, "name");
    const struct ps_value *v = ps_arg_named(call, "value");
    const struct ps_value *type = ps_arg_named(call, "itemtype|type");
    struct ps_value content = v != NULL ? *v : ps_null();

    if (name != NULL) {
        path = path.kind == PS_NULL ? *name
                                    : ps_add(ps,
                                              ps_add(ps, ps_text(ps_text_from(ps, &path)),
                                                      ps_text_of(ps, T("\\"), NULL)),
                                              *name);
    }
    if (is_registry(ps_flat(ps, &path))) {
        ps_act(ps, SCRIPT_ACT_REGISTRY_WRITE, "New-Item", "TargetObject", &path, "Details",
                &content);
    } else if (type == NULL || !hn_text_starts_nocase(T("directory"), ps_flat(ps, type))) {
        ps_file_write(ps, "New-Item", &path, &content);
    }
    ps_emit(ps, call->out, path);
}

static void set_property(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");
    struct ps_value name = ps_arg(call, "name");
    struct ps_value v = ps_arg(call, "value");
    struct ps_value key = ps_text(ps_text_from(ps, &path));

    if (name.kind != PS_NULL)
        key = ps_add(ps, ps_add(ps, key, ps_text_of(ps, T("\\"), NULL)), name);
    guards(ps, ps_flat(ps, &key));
    ps_act(ps, SCRIPT_ACT_REGISTRY_WRITE, "Set-ItemProperty", "TargetObject", &key, "Details", &v);
    ps_tell_value(ps, &v, 0);
    (void)ps_hash_put(ps, &ps->files, ps_flat(ps, &key), v);
}

/* All values of a key that the script has written; false: none. */
static bool key_values(struct ps *ps, struct ps_call *call, struct hn_text key)
{
    struct ps_object *made = ps_object_new(ps, "management.automation.pscustomobject");

    for (uint32_t i = 0; i < ps->files.count && script_spend(ps->run, 1); i++) {
        const struct ps_entry *entry = &ps->files.entries[i];
        struct hn_text rest = hn_text_sub(entry->key, key.len, SIZE_MAX);

        if (!entry->gone && hn_text_starts_nocase(entry->key, key) && rest.len > 1 &&
                rest.ptr[0] == '\\' && hn_text_find_char(rest, '\\', 1) == SIZE_MAX)
            (void)ps_hash_put(ps, &made->props, hn_text_sub(rest, 1, SIZE_MAX), entry->value);
    }
    if (made->props.count > 0)
        ps_emit(ps, call->out, ps_of_object(made));
    return made->props.count > 0;
}

static void get_property(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");
    struct ps_value name = ps_arg(call, "name");
    struct ps_value key = ps_text(ps_text_from(ps, &path));
    const struct ps_value *known;

    if (name.kind != PS_NULL)
        key = ps_add(ps, ps_add(ps, key, ps_text_of(ps, T("\\"), NULL)), name);
    known = ps_file_find(ps, ps_flat(ps, &key));
    if (name.kind == PS_NULL && known == NULL && key_values(ps, call, ps_flat(ps, &key)))
        return;
    if (known != NULL) {
        struct ps_object *made = ps_object_new(ps, "management.automation.pscustomobject");

        (void)ps_hash_put(ps, &made->props, ps_flat(ps, &name), *known);
        made->state = *known;
        ps_emit(ps, call->out,
                ps_same_text(call->name, "get-itempropertyvalue") ? *known : ps_of_object(made));
        return;
    }
    if (is_registry(ps_flat(ps, &path)))
        ps_act(ps, SCRIPT_ACT_REGISTRY_READ, "Get-ItemProperty", "TargetObject", &key, NULL, NULL);
    ps_emit(ps, call->out, ps_unknown(ps, "property"));
}

static void test_path(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");

    if (ps_file_find(ps, ps_flat(ps, &path)) != NULL)
        ps_emit(ps, call->out, ps_bool(true));
    else
        ps_emit(ps, call->out, ps_unknown(ps, "whether a path is there"));
}

static void expand_archive(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");
    struct ps_value to = ps_arg(call, "destinationpath");

    ps_act(ps, SCRIPT_ACT_FILE_WRITE, "Expand-Archive", "TargetFilename", &to, "Source", &path);
}

static void resolve_path(struct ps *ps, struct ps_call *call)
{
    ps_emit(ps, call->out, ps_arg(call, "path|literalpath"));
}

static void make_folder(struct ps *ps, struct ps_call *call)
{
    (void)ps;
    (void)call; /* a folder by itself is no trace that anybody judges */
}

const struct ps_cmdlet ps_cmdlets_file[] = {
    { "set-content", set_content, "force|nonewline|asbytestream" },
    { "add-content", set_content, "force|nonewline" },
    { "out-file", set_content, "append|force|nonewline|noclobber" },
    { "export-csv", set_content, "notypeinformation" },
    { "get-content", get_content, "raw|asbytestream" },
    { "remove-item", remove_item, "force|recurse" },
    { "copy-item", copy_item, "force|recurse" },
    { "move-item", copy_item, "force" },
    { "rename-item", copy_item, "force" },
    { "new-item", new_item, "force" },
    { "set-itemproperty", set_property, "force" },
    { "new-itemproperty", set_property, "force" },
    { "get-itemproperty", get_property, NULL },
    { "get-itempropertyvalue", get_property, NULL },
    { "test-path", test_path, NULL },
    { "expand-archive", expand_archive, "force" },
    { "resolve-path", resolve_path, NULL },
    { "convert-path", resolve_path, NULL },
    { "mkdir", make_folder, NULL },
    { NULL, NULL, NULL },
};
