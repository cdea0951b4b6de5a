/* powershell_pipe.c - pipelines, and finding out what a command's name means: a block, a function,
 * an alias, a cmdlet, or a program. */
#include "powershell/powershell_internal.h"

static const struct {
    const char *name;
    const char *target;
} aliases[] = {
    { "%", "ForEach-Object" },
    { "foreach", "ForEach-Object" },
    { "?", "Where-Object" },
    { "where", "Where-Object" },
    { "iex", "Invoke-Expression" },
    { "icm", "Invoke-Command" },
    { "iwr", "Invoke-WebRequest" },
    { "wget", "Invoke-WebRequest" },
    { "curl", "Invoke-WebRequest" },
    { "irm", "Invoke-RestMethod" },
    { "saps", "Start-Process" },
    { "start", "Start-Process" },
    { "ii", "Invoke-Item" },
    { "gv", "Get-Variable" },
    { "sv", "Set-Variable" },
    { "set", "Set-Variable" },
    { "nv", "New-Variable" },
    { "clv", "Clear-Variable" },
    { "rv", "Remove-Variable" },
    { "gci", "Get-ChildItem" },
    { "dir", "Get-ChildItem" },
    { "ls", "Get-ChildItem" },
    { "gi", "Get-Item" },
    { "si", "Set-Item" },
    { "ni", "New-Item" },
    { "ri", "Remove-Item" },
    { "rm", "Remove-Item" },
    { "del", "Remove-Item" },
    { "erase", "Remove-Item" },
    { "rd", "Remove-Item" },
    { "rmdir", "Remove-Item" },
    { "mi", "Move-Item" },
    { "mv", "Move-Item" },
    { "move", "Move-Item" },
    { "cp", "Copy-Item" },
    { "copy", "Copy-Item" },
    { "cpi", "Copy-Item" },
    { "ren", "Rename-Item" },
    { "rni", "Rename-Item" },
    { "gc", "Get-Content" },
    { "cat", "Get-Content" },
    { "type", "Get-Content" },
    { "sc", "Set-Content" },
    { "ac", "Add-Content" },
    { "gp", "Get-ItemProperty" },
    { "sp", "Set-ItemProperty" },
    { "gcm", "Get-Command" },
    { "gal", "Get-Alias" },
    { "sal", "Set-Alias" },
    { "nal", "New-Alias" },
    { "select", "Select-Object" },
    { "sort", "Sort-Object" },
    { "measure", "Measure-Object" },
    { "group", "Group-Object" },
    { "echo", "Write-Output" },
    { "write", "Write-Output" },
    { "sleep", "Start-Sleep" },
    { "gps", "Get-Process" },
    { "ps", "Get-Process" },
    { "spps", "Stop-Process" },
    { "kill", "Stop-Process" },
    { "gsv", "Get-Service" },
    { "gwmi", "Get-WmiObject" },
    { "iwmi", "Invoke-WmiMethod" },
    { "gcim", "Get-CimInstance" },
    { "icim", "Invoke-CimMethod" },
    { "gm", "Get-Member" },
    { "sajb", "Start-Job" },
    { "ft", "Format-Table" },
    { "fl", "Format-List" },
    { "oh", "Out-Host" },
    { "tee", "Tee-Object" },
    { "ipmo", "Import-Module" },
    { "sls", "Select-String" },
    { "cd", "Set-Location" },
    { "chdir", "Set-Location" },
    { "sl", "Set-Location" },
    { "pwd", "Get-Location" },
    { "gl", "Get-Location" },
    { "md", "mkdir" },
    { "rvpa", "Resolve-Path" },
    { "cls", "Clear-Host" },
    { "clear", "Clear-Host" },
    { "gu", "Get-Unique" },
    { "compare", "Compare-Object" },
};

static const struct ps_cmdlet *const tables[] = { ps_cmdlets_core, ps_cmdlets_data, ps_cmdlets_net,
    ps_cmdlets_file };

static const struct ps_cmdlet *find_cmdlet(struct hn_text name)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct ps_cmdlet *row = tables[t]; row->name != NULL; row++)
            if (ps_same_text(name, row->name))
                return row;
    }
    return NULL;
}

/* `variable` is Get-Variable where nothing else is called so. */
static const struct ps_cmdlet *find_without_verb(struct ps *ps, struct hn_text name)
{
    char room[64];
    struct hn_buf full = hn_buf_over(room, sizeof room);
    const struct ps_cmdlet *found;

    hn_buf_add_lit(&full, "get-");
    hn_buf_add_text(&full, name);
    found = hn_buf_ok(&full) ? find_cmdlet(hn_buf_text(&full)) : NULL;
    if (found != NULL)
        ps_technique(ps, "command without its verb");
    return found;
}

struct hn_text ps_alias_of(struct ps *ps, struct hn_text name)
{
    const struct ps_value *own = ps_hash_find(&ps->aliases, name);

    if (own != NULL)
        return ps_flat(ps, own);
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (ps_same_text(name, aliases[i].name))
            return hn_text_cstr(aliases[i].target);
    return (struct hn_text){ "", 0 };
}

static void add_command_info(
        struct ps *ps, struct ps_array *out, struct hn_text name, struct hn_text target)
{
    struct ps_object *info = ps_object_new(ps, "management.automation.commandinfo");

    ps_prop_set(ps, info, "name", ps_text_of(ps, name, NULL));
    ps_prop_set(ps, info, "definition", ps_text_of(ps, target.len > 0 ? target : name, NULL));
    ps_prop_set(ps, info, "referencedcommand", ps_prop(info, "definition"));
    ps_array_add(ps, out, ps_of_object(info));
}

/* "invoke-expression" as it is written in listings, which scripts index into. */
static struct hn_text display_name(struct ps *ps, const char *name)
{
    size_t len = strlen(name);
    struct hn_text kept = hn_text_of(name, len);
    char *at = hn_arena_raw(&ps->run->arena, len + 1, 1);

    if (at == NULL)
        return T("");
    memcpy(at, name, len);
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (ps_same_text(kept, aliases[i].target))
            return hn_text_cstr(aliases[i].target);
    for (size_t i = 0; i < kept.len; i++)
        if ((i == 0 || at[i - 1] == '-') && at[i] >= 'a' && at[i] <= 'z')
            at[i] = (char)(at[i] - 0x20);
    return hn_text_of(at, len);
}

void ps_cmdlet_list(struct ps *ps, struct hn_text pattern, struct ps_array *out)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct ps_cmdlet *row = tables[t]; row->name != NULL; row++)
            if (ps_like(ps, hn_text_cstr(row->name), pattern, false))
                add_command_info(ps, out, display_name(ps, row->name), (struct hn_text){ "", 0 });
    }
}

void ps_alias_list(struct ps *ps, struct hn_text pattern, struct ps_array *out)
{
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (ps_like(ps, hn_text_cstr(aliases[i].name), pattern, false))
            add_command_info(
                    ps, out, hn_text_cstr(aliases[i].name), hn_text_cstr(aliases[i].target));
    }
}

/* ---- Arguments ---- */

static bool starts_any(struct hn_text given, const char *names)
{
    struct hn_text rest = hn_text_cstr(names);
    struct hn_text name;

    while (hn_text_split(&rest, '|', &name))
        if (given.len > 0 && hn_text_starts_nocase(name, given))
            return true;
    return false;
}

const struct ps_value *ps_arg_named(struct ps_call *call, const char *names)
{
    for (size_t i = 0; i < call->count; i++) {
        if (!call->args[i].bare && starts_any(call->args[i].name, names)) {
            call->args[i].used = true;
            return &call->args[i].value;
        }
    }
    return NULL;
}

struct ps_value ps_arg(struct ps_call *call, const char *names)
{
    const struct ps_value *named = ps_arg_named(call, names);

    if (named != NULL)
        return *named;
    for (size_t i = 0; i < call->count; i++) {
        if (!call->args[i].used && call->args[i].name.len == 0) {
            call->args[i].used = true;
            return call->args[i].value;
        }
    }
    return ps_null();
}

bool ps_arg_switch(struct ps_call *call, const char *names)
{
    for (size_t i = 0; i < call->count; i++) {
        if (starts_any(call->args[i].name, names))
            return call->args[i].bare || call->args[i].value.kind != PS_BOOL ||
                   call->args[i].value.as.number != 0;
    }
    return false;
}

/* A parameter that is no switch takes the value behind it. */
void ps_args_bind(struct ps_call *call, const char *switches)
{
    for (size_t i = 0; i + 1 < call->count; i++) {
        struct ps_arg *arg = &call->args[i];

        if (arg->name.len == 0 || !arg->bare || call->args[i + 1].name.len > 0 ||
                starts_any(arg->name, switches))
            continue;
        arg->value = call->args[i + 1].value;
        arg->bare = false;
        call->args[i + 1].used = true;
    }
}

static void add_arg(struct ps_call *call, struct hn_text name, struct ps_value v, bool bare)
{
    if (call->count < PS_ARGS_MAX)
        call->args[call->count++] = (struct ps_arg){ .name = name, .value = v, .bare = bare };
}

static void add_splat(struct ps *ps, struct ps_call *call, struct ps_value v)
{
    if (v.kind == PS_HASH) {
        for (uint32_t i = 0; i < v.as.hash->count; i++)
            if (!v.as.hash->entries[i].gone)
                add_arg(call, v.as.hash->entries[i].key, v.as.hash->entries[i].value, false);
    } else if (v.kind == PS_ARRAY) {
        for (size_t i = 0; i < v.as.array->count && i < PS_ARGS_MAX; i++)
            add_arg(call, T(""), ps_at(v.as.array, i), false);
    } else if (v.kind != PS_NULL) {
        add_arg(call, T(""), v, false);
    }
    (void)ps;
}

/* The file of a redirection, or null. */
static struct ps_value collect_args(struct ps *ps, const struct ps_node *kid, struct ps_call *call)
{
    struct ps_value file = ps_null();

    for (; kid != NULL && script_goes_on(ps->run); kid = kid->next) {
        if (kid->kind == PS_N_PARAM) {
            struct ps_value v = kid->a != NULL ? ps_eval(ps, kid->a) : ps_bool(true);

            add_arg(call, kid->text, v, kid->a == NULL);
        } else if (kid->kind == PS_N_SPLAT) {
            add_splat(ps, call, ps_eval(ps, kid));
        } else if (kid->kind == PS_N_REDIRECT) {
            if (kid->a != NULL)
                file = ps_eval(ps, kid->a);
        } else {
            add_arg(call, T(""), ps_eval(ps, kid), false);
            call->args[call->count - 1].comma = kid->kind == PS_N_COMMA;
        }
    }
    return file;
}

/* ---- Programs ---- */

static void add_word(struct hn_buf *line, struct hn_text word)
{
    bool quote = word.len == 0 || hn_text_find_char(word, ' ', 0) != SIZE_MAX;

    if (line->len > 0)
        hn_buf_add_char(line, ' ');
    if (quote && word.len > 0 && word.ptr[0] == '"')
        quote = false;
    if (quote)
        hn_buf_add_char(line, '"');
    hn_buf_add_text(line, word);
    if (quote)
        hn_buf_add_char(line, '"');
}

/* The line that a program would be given. */
static struct ps_value native_line(struct ps *ps, const struct ps_call *call)
{
    struct hn_buf line = { 0 };
    struct ps_value made;
    struct ps_array *used = ps_array_new(ps, 0);

    hn_buf_init(&line, 1u << 20);
    add_word(&line, call->name);
    for (size_t i = 0; i < call->count; i++) {
        const struct ps_arg *arg = &call->args[i];
        struct ps_array *items = ps_items(ps, arg->value);

        if (arg->name.len > 0) {
            hn_buf_add_lit(&line, " -");
            hn_buf_add_text(&line, arg->name);
        }
        for (size_t k = 0; !arg->bare && k < items->count; k++) {
            struct ps_value item = ps_at(items, k);

            if (k > 0 && arg->comma) {
                hn_buf_add_char(&line, ',');
                hn_buf_add_text(&line, ps_flat(ps, &item));
            } else {
                add_word(&line, ps_flat(ps, &item));
            }
            ps_array_add(ps, used, item);
        }
    }
    made = ps_text_of(ps, hn_buf_text(&line), NULL);
    for (size_t i = 0; i < used->count; i++) {
        struct ps_value item = ps_at(used, i);
        const struct script_origin *origin =
                made.as.text->origin == NULL ? ps_origin_of(&item) : NULL;

        if (origin != NULL || ps_is_unknown(&item))
            made.as.text = ps_text_with(ps, made.as.text, origin, ps_is_unknown(&item));
    }
    hn_buf_deinit(&line);
    return made;
}

/* What it prints came from elsewhere. */
static bool asks_server(struct hn_text name)
{
    if (hn_text_ends_nocase(name, T(".exe")))
        name = hn_text_sub(name, 0, name.len - 4);
    return ps_one_of(name, "curl|wget|nslookup|finger|certutil|ftp|ssh");
}

static void native(struct ps *ps, struct ps_call *call)
{
    struct ps_value line = native_line(ps, call);

    ps_process_line(ps, "native command", &line);
    if (call->out != NULL) {
        ps_emit(ps, call->out,
                ps_unknown(ps, "%s of %.*s", asks_server(call->name) ? "reply" : "output",
                        (int)(call->name.len < 200 ? call->name.len : 200), call->name.ptr));
    }
}

static bool looks_like_cmdlet(struct hn_text name)
{
    size_t dash = hn_text_find_char(name, '-', 0);

    if (dash == SIZE_MAX || dash < 2 || dash + 3 > name.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (i != dash && !(((name.ptr[i] | 0x20) >= 'a' && (name.ptr[i] | 0x20) <= 'z') ||
                                 (name.ptr[i] >= '0' && name.ptr[i] <= '9')))
            return false;
    }
    return true;
}

static void unmodelled(struct ps *ps, struct ps_call *call)
{
    ps_note(ps, SCRIPT_NOTE_UNMODELLED, "%.*s", (int)(call->name.len < 200 ? call->name.len : 200),
            call->name.ptr);
    for (size_t i = 0; i < call->count; i++)
        ps_tell_value(ps, &call->args[i].value, 0);
    ps_emit(ps, call->out,
            ps_unknown(ps, "%.*s", (int)(call->name.len < 200 ? call->name.len : 200),
                    call->name.ptr));
}

void ps_call_named(struct ps *ps, struct hn_text name, struct ps_call *call)
{
    const struct ps_cmdlet *cmdlet;
    const struct ps_value *function;

    for (uint32_t hops = 0; hops < 8; hops++) {
        struct hn_text target;
        size_t slash = hn_text_find_char(name, '\\', 0);

        function = ps_hash_find(&ps->functions, name);
        if (function != NULL && function->kind == PS_BLOCK) {
            ps_invoke_block(ps, function->as.block, call, true);
            return;
        }
        if (slash != SIZE_MAX && hn_text_starts_nocase(name, T("Microsoft.")))
            name = hn_text_sub(name, slash + 1, SIZE_MAX);
        target = ps_alias_of(ps, name);
        if (target.len == 0)
            break;
        name = target;
    }
    call->name = name;
    cmdlet = find_cmdlet(name);
    if (cmdlet == NULL)
        cmdlet = find_without_verb(ps, name);
    if (cmdlet != NULL) {
        ps_args_bind(call, cmdlet->switches != NULL ? cmdlet->switches : "");
        cmdlet->fn(ps, call);
    } else if (looks_like_cmdlet(name)) {
        ps_args_bind(call, "");
        unmodelled(ps, call);
    } else {
        native(ps, call);
    }
}

/* ---- Commands ---- */

static void call_value(struct ps *ps, struct ps_value what, struct ps_call *call, bool dot)
{
    if (what.kind == PS_ARRAY && what.as.array->count > 0)
        what = what.as.array->count == 1 ? ps_at(what.as.array, 0)
                                         : ps_text(ps_text_from(ps, &what));
    if (what.kind == PS_OBJECT && ps_is_object(&what, "management.automation.commandinfo"))
        what = ps_prop(what.as.object, "definition");
    if (what.kind == PS_BLOCK) {
        ps_invoke_block(ps, what.as.block, call, !dot);
    } else if (what.kind == PS_UNKNOWN) {
        for (size_t i = 0; i < call->count; i++)
            ps_tell_value(ps, &call->args[i].value, 0);
        ps_runs_unknown(ps, &what);
        ps_emit(ps, call->out, ps_unknown(ps, "output of a command"));
    } else {
        struct hn_text name = hn_text_trim(ps_flat(ps, &what));

        if (name.len > 0) {
            call->name = name;
            ps_call_named(ps, name, call);
        }
    }
}

void ps_command(
        struct ps *ps, const struct ps_node *node, struct ps_array *input, struct ps_array *out)
{
    struct ps_arg args[PS_ARGS_MAX];
    struct ps_call call = { .args = args, .input = input, .out = out, .node = node };
    struct ps_array *redirected;
    struct ps_value what;
    struct ps_value file;

    if (node->kids == NULL) /* nothing of it could be read: "if() {" */
        return;
    what = ps_eval(ps, node->kids);
    file = collect_args(ps, node->kids->next, &call);
    redirected = file.kind != PS_NULL ? ps_array_new(ps, 0) : NULL;
    if (ps_flow_stops(ps))
        return;
    if (redirected != NULL)
        call.out = redirected;
    call_value(ps, what, &call, node->text.len > 0 && node->text.ptr[0] == '.');
    if (redirected != NULL) {
        struct ps_value content = ps_collect(redirected);

        ps_file_write(ps, "redirection", &file, &content);
    }
}

void ps_pipe(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    struct ps_array *input = NULL;

    for (const struct ps_node *kid = node->kids; kid != NULL && !ps_flow_stops(ps);
            kid = kid->next) {
        bool last = kid->next == NULL;
        struct ps_array *made = last ? out : ps_array_new(ps, 0);

        if (kid->kind == PS_N_REDIRECT) {
            struct ps_value file = ps_eval(ps, kid->a);
            struct ps_value content = input != NULL ? ps_collect(input) : ps_null();

            if (file.kind != PS_NULL)
                ps_file_write(ps, "redirection", &file, &content);
            else if (last && input != NULL)
                ps_emit(ps, out, ps_of_array(input));
            continue;
        }
        if (made == NULL)
            made = ps_array_new(ps, 0);
        if (kid->kind == PS_N_COMMAND)
            ps_command(ps, kid, input, made);
        else
            ps_emit(ps, made, ps_eval(ps, kid));
        input = made;
    }
}
