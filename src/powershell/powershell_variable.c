/* powershell_variable.c - variables and their scopes, those that PowerShell sets by itself, the
 * environment, and taking back what a branch has changed. */
#include "powershell/powershell_internal.h"

struct row {
    const char *name;
    const char *value;
};

/* What a fresh Windows PowerShell 5.1 has, in the spelling that scripts index into. */
static const struct row defaults[] = {
    { "PSHOME", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0" },
    { "ShellId", "Microsoft.PowerShell" },
    { "ErrorActionPreference", "Continue" },
    { "WarningPreference", "Continue" },
    { "ProgressPreference", "Continue" },
    { "VerbosePreference", "SilentlyContinue" },
    { "DebugPreference", "SilentlyContinue" },
    { "InformationPreference", "SilentlyContinue" },
    { "ConfirmPreference", "High" },
    { "ConsoleFileName", "" },
    { "PSCulture", "en-US" },
    { "PSUICulture", "en-US" },
    { "PSEmailServer", "" },
    { "PSSessionApplicationName", "wsman" },
    { "PSSessionConfigurationName",
            "http://schemas.microsoft.com/powershell/Microsoft.PowerShell" },
    { "OutputEncoding", "System.Text.ASCIIEncoding" },
    { "StackTrace", "" },
};

static const struct {
    const char *name;
    int number;
} numbers[] = {
    { "MaximumAliasCount", 4096 },
    { "MaximumDriveCount", 4096 },
    { "MaximumErrorCount", 256 },
    { "MaximumFunctionCount", 4096 },
    { "MaximumHistoryCount", 4096 },
    { "MaximumVariableCount", 4096 },
    { "FormatEnumerationLimit", 4 },
    { "NestedPromptLevel", 0 },
};

/* Paths are told in full, with {user} for a name that cannot be known. */
static struct ps_value environment_value(struct ps *ps, const struct script_variable *row)
{
    struct hn_text text;
    size_t hole;
    const struct script_origin *origin = script_origin_new(
            ps->run, "environment", SCRIPT_NOWHERE, hn_text_cstr(row->name), NULL, NULL);
    const struct script_text *made;

    if (row->value == NULL)
        return ps_unknown(ps, "env:%s", row->name);
    text = hn_text_cstr(row->path != NULL ? row->path : row->value);
    hole = hn_text_find(text, T("{user}"), 0);
    if (hole == SIZE_MAX)
        return ps_text(script_text_borrow(ps->run, text, origin));
    made = script_text_join(ps->run,
            script_text_borrow(ps->run, hn_text_sub(text, 0, hole), origin),
            script_text_unknown(ps->run, "user", origin));
    made = script_text_join(ps->run, made,
            script_text_borrow(ps->run, hn_text_sub(text, hole + 6, SIZE_MAX), origin));
    return ps_text(ps_text_with(ps, made, origin, true)); /* where it is from is known as a whole */
}

bool ps_env_get(struct ps *ps, struct hn_text name, struct ps_value *ret)
{
    struct hn_buf key = { 0 };
    const struct script_variable *row;
    const struct ps_value *set;
    struct hn_text inherited;

    hn_buf_init(&key, 4096);
    hn_buf_add_lit(&key, "env:");
    hn_buf_add_text(&key, name);
    set = ps_hash_find(&ps->global.vars, hn_buf_text(&key));
    hn_buf_deinit(&key);
    if (set != NULL) {
        *ret = *set;
        return set->kind != PS_NULL;
    }
    if (script_inherited(ps->source, name, &inherited)) {
        *ret = ps_text_of(ps, inherited,
                script_origin_new(ps->run, "environment", SCRIPT_NOWHERE, name, NULL, NULL));
        return true;
    }
    for (size_t i = 0; (row = script_environment_at(i)) != NULL; i++) {
        if (ps_same_text(name, row->name)) {
            *ret = environment_value(ps, row);
            return true;
        }
    }
    return false;
}

static struct ps_value env_variable(struct ps *ps, struct hn_text name)
{
    struct ps_value v = ps_null();

    if (ps_env_get(ps, name, &v) && v.kind == PS_UNKNOWN)
        ps_act(ps, SCRIPT_ACT_ENVIRONMENT, "$env", "Name", &v, NULL, NULL);
    return v;
}

/* The script's own name, in a folder that cannot be known. */
static void own_path(struct ps *ps)
{
    struct ps_object *invocation = ps_object_new(ps, "management.automation.invocationinfo");
    struct ps_object *command = ps_object_new(ps, "management.automation.externalscriptinfo");
    struct ps_value path = ps_unknown(ps, "script path");
    struct hn_text name = ps->source->file_name;

    if (name.len > 0) {
        const struct script_text *folder =
                script_text_join(ps->run, script_text_unknown(ps->run, "script directory", NULL),
                        script_text_borrow(ps->run, T("\\"), NULL));

        path = ps_text(ps_text_with(ps,
                script_text_join(ps->run, folder, script_text_borrow(ps->run, name, NULL)),
                script_origin_new(
                        ps->run, "variable", SCRIPT_NOWHERE, T("PSCommandPath"), NULL, NULL),
                true));
        ps_prop_set(ps, command, "name", ps_text_of(ps, name, NULL));
    }
    ps_prop_set(ps, command, "path", path);
    ps_prop_set(ps, command, "definition", path);
    ps_prop_set(ps, command, "source", path);
    ps_prop_set(ps, invocation, "mycommand", ps_of_object(command));
    ps_prop_set(ps, invocation, "scriptname", path);
    ps_prop_set(ps, invocation, "pscommandpath", path);
    ps_var_local(ps, "MyInvocation", ps_of_object(invocation));
    ps_var_local(ps, "PSCommandPath", path);
}

void ps_var_defaults(struct ps *ps)
{
    struct ps_object *context = ps_object_new(ps, "management.automation.engineintrinsics");
    struct ps_object *host = ps_object_new(ps, "management.automation.internal.host.internalhost");

    ps_var_local(ps, "true", ps_bool(true));
    ps_var_local(ps, "false", ps_bool(false));
    ps_var_local(ps, "null", ps_null());
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        ps_var_local(ps, defaults[i].name,
                ps_text(script_text_borrow(ps->run, hn_text_cstr(defaults[i].value),
                        script_origin_new(ps->run, "variable", SCRIPT_NOWHERE,
                                hn_text_cstr(defaults[i].name), NULL, NULL))));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        ps_var_local(ps, numbers[i].name, ps_int(numbers[i].number));
    ps_var_local(ps, "ExecutionContext", ps_of_object(context));
    ps_var_local(ps, "Host", ps_of_object(host));
    ps_var_local(ps, "PID", ps_unknown(ps, "PID"));
    ps_var_local(ps, "HOME",
            environment_value(ps, &(struct script_variable){ "HOME", "C:\\Users\\{user}", NULL }));
    ps_var_local(ps, "PWD", ps_unknown(ps, "current directory"));
    ps_var_local(ps, "PROFILE", ps_unknown(ps, "profile"));
    ps_var_local(ps, "PSScriptRoot", ps_unknown(ps, "script directory"));
    own_path(ps);
    ps_var_local(ps, "PSVersionTable", ps_of_object(ps_object_new(ps, "psversiontable")));
    ps_var_local(ps, "Error", ps_of_array(ps_array_new(ps, 0)));
    ps_var_local(ps, "args", ps_of_array(ps_array_new(ps, 0)));
    ps_var_local(ps, "?", ps_unknown(ps, "success"));
    ps_var_local(ps, "LASTEXITCODE", ps_unknown(ps, "exit code"));
}

/* ---- Scopes ---- */

static void split_name(struct hn_text name, struct hn_text *ret_scope, struct hn_text *ret_rest)
{
    size_t colon = hn_text_find_char(name, ':', 0);

    *ret_scope = (struct hn_text){ "", 0 };
    *ret_rest = name;
    if (colon == SIZE_MAX)
        return;
    *ret_scope = hn_text_sub(name, 0, colon);
    *ret_rest = hn_text_sub(name, colon + 1, SIZE_MAX);
    while (ret_rest->len > 0 && (ret_rest->ptr[0] == '\\' || ret_rest->ptr[0] == '/'))
        *ret_rest = hn_text_sub(*ret_rest, 1, SIZE_MAX);
}

static struct ps_value function_value(struct ps_hash *table, struct hn_text name)
{
    const struct ps_value *found = ps_hash_find(table, name);

    return found != NULL ? *found : ps_null();
}

static struct ps_value *find_variable(struct ps *ps, struct hn_text name)
{
    for (struct ps_scope *scope = ps->scope; scope != NULL; scope = scope->parent) {
        struct ps_value *found = ps_hash_find(&scope->vars, name);

        if (found != NULL)
            return found;
    }
    return NULL;
}

struct ps_value ps_var_get(struct ps *ps, struct hn_text name)
{
    struct hn_text scope;
    struct hn_text rest;
    const struct ps_value *found;

    found = find_variable(ps, name);
    if (found != NULL)
        return *found;
    if (hn_text_find_char(name, '\\', 0) != SIZE_MAX && !hn_text_starts_nocase(name, T("env:"))) {
        struct ps_value path = ps_text_of(ps, name, NULL); /* ${C:\file} is what the file holds */

        return ps_file_read(ps, "${file}", &path, PS_FILE_LINES);
    }
    split_name(name, &scope, &rest);
    if (scope.len == 0)
        return ps_null();
    if (ps_same_text(scope, "env"))
        return env_variable(ps, rest);
    if (ps_same_text(scope, "function"))
        return function_value(&ps->functions, rest);
    if (ps_same_text(scope, "alias"))
        return function_value(&ps->aliases, rest);
    if (ps_one_of(scope, "global|script")) {
        found = ps_hash_find(&ps->global.vars, rest);
        return found != NULL ? *found : ps_null();
    }
    if (ps_one_of(scope, "local|private|using|variable|workflow")) {
        found = find_variable(ps, rest);
        return found != NULL ? *found : ps_null();
    }
    return ps_null();
}

static void remember(struct ps *ps, struct ps_hash *hash, struct hn_text key)
{
    struct ps_change *change;
    const struct ps_value *old;

    if (!ps->journal)
        return;
    change = hn_new(&ps->run->arena, struct ps_change, 1);
    if (change == NULL)
        return;
    old = ps_hash_find(hash, key);
    *change = (struct ps_change){ .hash = hash,
        .key = key,
        .other = old != NULL ? *old : ps_null(),
        .was_absent = old == NULL,
        .next = ps->changes };
    ps->changes = change;
}

/* A text that is made longer is told when it is whole. */
static bool grew_from(const struct ps_value *fresh, const struct ps_value *old)
{
    return fresh->kind == PS_TEXT && fresh->as.text->left != NULL &&
           (fresh->as.text->left == old->as.text || fresh->as.text->right == old->as.text ||
                   fresh->as.text->left->left == old->as.text);
}

static void store(struct ps *ps, struct ps_hash *hash, struct hn_text key, struct ps_value v)
{
    const struct ps_value *old = ps_hash_find(hash, key);

    if (old != NULL && old->kind == PS_TEXT && !grew_from(&v, old))
        ps_tell_value(ps, old, 0);
    remember(ps, hash, key);
    (void)ps_hash_put(ps, hash, key, v);
}

static void set_environment(struct ps *ps, struct hn_text name, struct ps_value v)
{
    struct ps_value text = ps_text(ps_text_from(ps, &v));

    store(ps, &ps->global.vars, name, text);
}

void ps_var_set(struct ps *ps, struct hn_text name, struct ps_value v)
{
    struct hn_text scope;
    struct hn_text rest;

    split_name(name, &scope, &rest);
    if (ps_same_text(scope, "env"))
        set_environment(ps, name, v);
    else if (ps_same_text(scope, "function"))
        (void)ps_hash_put(ps, &ps->functions, rest, v);
    else if (ps_same_text(scope, "alias"))
        (void)ps_hash_put(ps, &ps->aliases, rest, v);
    else if (ps_one_of(scope, "global|script"))
        store(ps, &ps->global.vars, rest, v);
    else if (ps_one_of(scope, "local|private|variable|using|workflow"))
        store(ps, &ps->scope->vars, rest, v);
    else
        store(ps, &ps->scope->vars, name, v);
}

void ps_var_local(struct ps *ps, const char *name, struct ps_value v)
{
    remember(ps, &ps->scope->vars, hn_text_cstr(name));
    (void)ps_hash_put(ps, &ps->scope->vars, hn_text_cstr(name), v);
}

void ps_var_remove(struct ps *ps, struct hn_text name)
{
    struct ps_value *found = find_variable(ps, name);

    if (found != NULL)
        ps_tell_value(ps, found, 0);
    ps_hash_remove(&ps->scope->vars, name);
}

/* ---- Lists ---- */

static struct ps_value named(
        struct ps *ps, const char *type, struct hn_text name, struct ps_value v)
{
    struct ps_object *object = ps_object_new(ps, type);

    ps_prop_set(ps, object, "name", ps_text_of(ps, name, NULL));
    ps_prop_set(ps, object, "key", ps_prop(object, "name"));
    ps_prop_set(ps, object, "value", v);
    return ps_of_object(object);
}

void ps_var_list(struct ps *ps, struct hn_text pattern, struct ps_array *out)
{
    for (struct ps_scope *scope = ps->scope; scope != NULL; scope = scope->parent) {
        for (uint32_t i = 0; i < scope->vars.count && script_spend(ps->run, 1); i++) {
            const struct ps_entry *entry = &scope->vars.entries[i];

            if (!entry->gone && ps_like(ps, entry->key, pattern, false) &&
                    !hn_text_starts_nocase(entry->key, T("env:")))
                ps_array_add(ps, out,
                        named(ps, "management.automation.psvariable", entry->key, entry->value));
        }
    }
}

void ps_env_list(struct ps *ps, struct hn_text pattern, struct ps_array *out)
{
    struct hn_text inherited;

    for (uint32_t i = 0; i < ps->global.vars.count && script_spend(ps->run, 1); i++) {
        const struct ps_entry *entry = &ps->global.vars.entries[i];
        struct hn_text name = hn_text_sub(entry->key, 4, SIZE_MAX);

        if (!entry->gone && hn_text_starts_nocase(entry->key, T("env:")) &&
                ps_like(ps, name, pattern, false))
            ps_array_add(ps, out, named(ps, "collections.dictionaryentry", name, entry->value));
    }
    for (size_t i = 0; script_environment_at(i) != NULL; i++) {
        struct hn_text name = hn_text_cstr(script_environment_at(i)->name);
        struct ps_value v;

        if (ps_like(ps, name, pattern, false) && ps_env_get(ps, name, &v))
            ps_array_add(ps, out, named(ps, "collections.dictionaryentry", name, v));
    }
    if (out->count == 0 && script_inherited(ps->source, pattern, &inherited)) {
        struct ps_value v = ps_text_of(ps, inherited,
                script_origin_new(ps->run, "environment", SCRIPT_NOWHERE, pattern, NULL, NULL));

        ps_array_add(ps, out, named(ps, "collections.dictionaryentry", pattern, v));
    }
}

void ps_env_tell(struct ps *ps)
{
    for (uint32_t i = 0; i < ps->global.vars.count; i++) {
        const struct ps_entry *entry = &ps->global.vars.entries[i];

        if (!entry->gone && hn_text_starts_nocase(entry->key, T("env:")))
            script_tell_variable(
                    ps->run, hn_text_sub(entry->key, 4, SIZE_MAX), ps_text_from(ps, &entry->value));
    }
}

/* ---- Branches ---- */

struct ps_change *ps_fork(struct ps *ps, bool *ret_journal)
{
    *ret_journal = ps->journal;
    ps->journal = true;
    return ps->changes;
}

/* Takes back all since `until`, newest first. Each change remembers what it took back. */
void ps_swap_back(struct ps *ps, struct ps_change *until, struct ps_change *from)
{
    for (struct ps_change *change = from; change != NULL && change != until;
            change = change->next) {
        struct ps_value *now = ps_hash_find(change->hash, change->key);
        struct ps_value kept = now != NULL ? *now : ps_null();

        if (kept.kind == PS_TEXT)
            ps_tell_value(ps, &kept, 0);
        if (change->was_absent)
            ps_hash_remove(change->hash, change->key);
        else
            (void)ps_hash_put(ps, change->hash, change->key, change->other);
        change->other = kept;
    }
}

/* %TEMP% and its like in a text that the shell or a program would expand. */
const struct script_text *ps_expand_percent(struct ps *ps, const struct script_text *text)
{
    struct hn_text rest = script_text_flat(ps->run, text);
    const struct script_text *made = NULL;
    size_t done = 0;

    if (rest.ptr == NULL || hn_text_find_char(rest, '%', 0) == SIZE_MAX)
        return text;
    for (size_t at = hn_text_find_char(rest, '%', 0); at != SIZE_MAX;
            at = hn_text_find_char(rest, '%', at)) {
        size_t end = hn_text_find_char(rest, '%', at + 1);
        struct ps_value v;
        const struct script_text *piece;

        if (end == SIZE_MAX)
            break;
        if (!ps_env_get(ps, hn_text_sub(rest, at + 1, end - at - 1), &v)) {
            at = end;
            continue;
        }
        piece = script_text_borrow(ps->run, hn_text_sub(rest, done, at - done), text->origin);
        made = made != NULL ? script_text_join(ps->run, made, piece) : piece;
        made = script_text_join(ps->run, made, ps_text_from(ps, &v));
        done = end + 1;
        at = done;
        if (made == NULL)
            return text;
    }
    if (made == NULL)
        return text;
    return script_text_join(ps->run, made,
            script_text_borrow(ps->run, hn_text_sub(rest, done, SIZE_MAX), text->origin));
}
