/* vbscript_host.c - objects of the document and its application: known by their path as the macro
 * spells it, "ActiveDocument.Shapes("x").AlternativeText". What they hold is asked from the
 * document in vbscript_store.c. */
#include "vbscript/vbscript_internal.h"

#define MEMBER(fn)             \
    static struct vb_value fn( \
            struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)

static struct vb_value nothing(void)
{
    return (struct vb_value){ .kind = VB_EMPTY };
}

struct vb_value vb_host_object(struct vb_eval *ev, struct hn_text path)
{
    struct vb_object *object = vb_object_new(ev, &vb_class_host);
    struct vb_module *module = NULL;

    if (object == NULL)
        return vb_unknown(ev, "object");
    /* Loops ask for the same again and again: a path of a symbol is there once. */
    object->path = path.len <= VB_SYMBOL_BYTES_MAX ? vb_symbol(ev, path)->shown
                                                   : hn_arena_text(&ev->run->arena, path);
    if (object->path.ptr == NULL)
        return vb_unknown(ev, "object");
    if (path.len < 200 && hn_text_find_char(path, '.', 0) == SIZE_MAX)
        module = vb_module_find(ev, vb_symbol(ev, path));
    if (module != NULL && !module->is_class)
        object->module = module;
    return vb_object_value(object);
}

static void add_arg(struct vb_eval *ev, struct hn_buf *path, struct vb_value value)
{
    value = vb_plain(ev, value);
    if (value.kind == VB_INT || value.kind == VB_REAL) {
        hn_buf_add_text(path, vb_flat(ev, value));
        return;
    }
    hn_buf_add_char(path, '"');
    hn_buf_add_text(path, hn_text_sub(vb_flat(ev, value), 0, 200));
    hn_buf_add_char(path, '"');
}

/* Range(Cells(1, 1), Cells(2, 3)): of cells as arguments, their place counts. */
static bool add_cells(struct vb_eval *ev, struct hn_buf *path, struct vb_value value)
{
    char room[64];
    struct hn_buf address = hn_buf_over(room, sizeof room);
    struct hn_text name = hn_buf_text(path);

    if (value.kind != VB_OBJECT || value.as.object == NULL ||
            value.as.object->class != &vb_class_host ||
            hn_text_find_nocase(name, HN_TEXT("Range("), name.len > 40 ? name.len - 40 : 0) ==
                    SIZE_MAX ||
            !vb_range_address(ev, value.as.object->path, &address) || !hn_buf_ok(&address))
        return false;
    hn_buf_addf(path, "\"%.*s\"", HN_TEXT_ARG(hn_buf_text(&address)));
    return true;
}

/* Cells(2, 3) is Range("C2"). */
static bool cell_path(struct vb_eval *ev, struct hn_buf *path, const struct vb_call *call)
{
    int64_t row = vb_arg_int(ev, call, 0, 0);
    int64_t column = vb_arg_int(ev, call, 1, 0);
    char letters[8];
    size_t len = 0;

    if (call->count != 2 || row < 1 || column < 1 || column > 16384 ||
            !hn_text_eq(call->name->name, HN_TEXT("cells")))
        return false;
    for (; column > 0; column = (column - 1) / 26)
        letters[len++] = (char)('A' + (column - 1) % 26);
    hn_buf_add_lit(path, "Range(\"");
    while (len > 0)
        hn_buf_add_char(path, letters[--len]);
    hn_buf_add_i64(path, row);
    hn_buf_add_lit(path, "\")");
    return true;
}

static struct vb_value longer(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    char room[VB_PATH_BYTES];
    struct hn_buf path = hn_buf_over(room, sizeof room);

    hn_buf_add_text(&path, object->path);
    if (call->name->name.len == 0 && call->count == 1 && object->module != NULL &&
            vb_plain(ev, call->args[0]).kind == VB_TEXT) { /* UserForm1!TextBox1 */
        hn_buf_addf(&path, ".%.*s", HN_TEXT_ARG(hn_text_sub(vb_arg_text(ev, call, 0), 0, 200)));
        return hn_buf_ok(&path) ? vb_host_object(ev, hn_buf_text(&path)) : vb_unknown(ev, "object");
    }
    if (call->name->name.len > 0 && !hn_text_eq(call->name->name, HN_TEXT("item"))) {
        hn_buf_add_char(&path, '.');
        if (cell_path(ev, &path, call))
            return vb_host_object(ev, hn_buf_text(&path));
        hn_buf_add_text(&path, call->name->shown);
    } else if (hn_text_ends_nocase(object->path, HN_TEXT("cells")) && call->count == 2) {
        struct vb_call cells = *call;

        cells.name = vb_symbol(ev, HN_TEXT("cells"));
        path.len -= 5;
        if (cell_path(ev, &path, &cells))
            return vb_host_object(ev, hn_buf_text(&path));
        path.len += 5;
    }
    for (uint32_t i = 0; i < call->count; i++) {
        hn_buf_add_cstr(&path, i == 0 ? "(" : ", "); /* as stores are named */
        if (!add_cells(ev, &path, call->args[i]))
            add_arg(ev, &path, call->args[i]);
    }
    if (call->count > 0)
        hn_buf_add_char(&path, ')');
    if (!hn_buf_ok(&path))
        return vb_unknown(ev, "object");
    return vb_host_object(ev, hn_buf_text(&path));
}

/* ---- Methods ---- */

static struct vb_value line_arg(struct vb_eval *ev, struct hn_text text)
{
    struct vb_value value;
    char *room;
    size_t len = 0;

    if (text.len < 2 || text.ptr[0] != '"')
        return vb_text_to_number(text, &value) ? value : vb_text_of(ev, text);
    room = hn_arena_raw(&ev->run->arena, text.len, 1);
    if (room == NULL)
        return vb_unknown(ev, "limit");
    for (size_t i = 1; i + 1 < text.len; i++) {
        room[len++] = text.ptr[i];
        i += text.ptr[i] == '"'; /* doubled */
    }
    return vb_text_of(ev, hn_text_of(room, len));
}

/* 'Module1.Name "a", 2': what Run() and OnTime() may be given in place of a name. */
static bool call_line(struct vb_eval *ev, struct hn_text line, const struct vb_call *call,
        struct vb_value *ret_value)
{
    struct vb_value args[VB_ARGS_SMALL];
    struct vb_call made = *call;
    size_t pos;

    line = hn_text_trim(line);
    if (line.len > 1 && line.ptr[0] == '\'' && line.ptr[line.len - 1] == '\'')
        line = hn_text_trim(hn_text_sub(line, 1, line.len - 2));
    pos = hn_text_find_char(line, ' ', 0);
    if (pos == SIZE_MAX || call->count > 0)
        return vb_call_name(ev, line, call, ret_value);
    made.args = args;
    made.names = NULL;
    made.refs = NULL;
    for (struct hn_text rest = hn_text_trim(hn_text_sub(line, pos, SIZE_MAX));
            rest.len > 0 && made.count < VB_ARGS_SMALL;) {
        bool quoted = false;
        size_t end = 0;

        for (; end < rest.len && (quoted || rest.ptr[end] != ','); end++)
            quoted ^= rest.ptr[end] == '"';
        args[made.count++] = line_arg(ev, hn_text_trim(hn_text_sub(rest, 0, end)));
        rest = hn_text_sub(rest, end + 1, SIZE_MAX);
    }
    return vb_call_name(ev, hn_text_sub(line, 0, pos), &made, ret_value);
}

MEMBER(host_run)
{
    struct vb_call made = *call;
    struct vb_value value;

    (void)object;
    if (call->count == 0)
        return nothing();
    made.args = call->args + 1;
    made.names = NULL;
    made.refs = NULL;
    made.count = call->count - 1;
    if (call_line(ev, vb_arg_text(ev, call, 0), &made, &value))
        return value;
    return vb_unknown(ev, "Run");
}

/* Application.OnTime(when, name) */
MEMBER(host_on_time)
{
    struct vb_call made = { .offset = call->offset };
    struct vb_value value;

    (void)object;
    (void)call_line(ev,
            vb_flat(ev, vb_arg_named(ev, call,
                                call->names != NULL && call->count > 0 && call->names[0] != NULL
                                        ? "name"
                                        : "procedure",
                                1)),
            &made, &value);
    return nothing();
}

MEMBER(host_transpose)
{
    (void)object;
    return vb_range_transpose(ev, vb_plain(ev, vb_arg(call, 0)));
}

MEMBER(host_show)
{
    static const char *const events[] = { "userform_initialize", "userform_activate" };
    struct vb_value value;

    for (size_t i = 0; i < HN_COUNT_OF(events) && object->module != NULL; i++) {
        struct vb_symbol *name = vb_symbol(ev, hn_text_cstr(events[i]));
        struct vb_proc *proc = vb_proc_find(object->module, name, 1u << VB_P_SUB);
        struct vb_call made = { .name = name, .offset = call->offset };

        if (proc != NULL && !proc->reached) {
            value = vb_call_proc(ev, proc, &made, NULL);
            (void)value;
        }
    }
    return nothing();
}

MEMBER(host_open)
{
    struct vb_value name = vb_plain(ev, vb_arg(call, 0));
    struct hn_text flat = vb_flat(ev, name);

    if (call->count == 0)
        return vb_host_object(ev, object->path);
    if (hn_text_find(flat, HN_TEXT("://"), 0) != SIZE_MAX)
        vb_tell_http(ev, call->offset, "Application.Open", vb_to_text(ev, name));
    else
        vb_tell_field(
                ev, SCRIPT_ACT_FILE_READ, call->offset, "Application.Open", "TargetFilename", name);
    return vb_unknown(ev, "opened document");
}

/* Code put into a project, or written into a page. */
MEMBER(host_add_code)
{
    struct vb_value text = vb_plain(ev, vb_arg(call, call->count > 1 ? 1 : 0));
    bool page = call->name->name.ptr[0] == 'w';
    struct script_layer layer = { .language = page ? SCRIPT_HTML : SCRIPT_VBA,
        .text = vb_to_text(ev, text),
        .how = page ? "document.write" : "AddFromString",
        .offset = call->offset };

    (void)object;
    if (text.kind == VB_TEXT && page)
        script_tell_layer(ev->run, &layer);
    else if (text.kind == VB_TEXT) /* what comes behind may call it */
        vb_execute_text(ev, layer.text, true, layer.how, call->offset);
    return nothing();
}

MEMBER(host_exec_script)
{
    (void)object;
    vb_execute_text(
            ev, vb_to_text(ev, vb_plain(ev, vb_arg(call, 0))), true, "execScript", call->offset);
    return nothing();
}

MEMBER(host_xlm)
{
    struct script_layer layer = { .language = SCRIPT_XLM,
        .text = vb_to_text(ev, vb_plain(ev, vb_arg(call, 0))),
        .how = "ExecuteExcel4Macro",
        .offset = call->offset };

    (void)object;
    script_tell_layer(ev->run, &layer);
    return vb_unknown(ev, "ExecuteExcel4Macro");
}

MEMBER(host_register)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_MODULE_LOAD, call->offset, "RegisterXLL", "ImageLoaded",
            vb_plain(ev, vb_arg(call, 0)));
    return vb_bool(true);
}

MEMBER(host_dde)
{
    (void)object;
    vb_tell_process(ev, call->offset, "DDEInitiate",
            vb_join3(ev, vb_to_text(ev, vb_plain(ev, vb_arg(call, 0))), " ",
                    vb_to_text(ev, vb_plain(ev, vb_arg(call, 1)))));
    return vb_unknown(ev, "channel");
}

MEMBER(host_wait)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_SLEEP, call->offset, "Application.Wait", "Seconds",
            vb_unknown(ev, "time"));
    return vb_bool(true);
}

/* FollowHyperlink(address) opens a page in a browser. */
MEMBER(host_follow)
{
    (void)object;
    vb_tell_http(ev, call->offset, "FollowHyperlink",
            vb_to_text(ev, vb_arg_named(ev, call, "address", 0)));
    return nothing();
}

/* System.PrivateProfileString("", key, name) reads the registry; set, it writes there. */
MEMBER(host_profile)
{
    struct script_act act =
            script_act(ev->run, call->is_set ? SCRIPT_ACT_REGISTRY_WRITE : SCRIPT_ACT_REGISTRY_READ,
                    call->offset, "System.PrivateProfileString");

    (void)object;
    script_act_add(&act, "TargetObject",
            vb_join3(ev, vb_to_text(ev, vb_plain(ev, vb_arg(call, 1))), "\\",
                    vb_to_text(ev, vb_plain(ev, vb_arg(call, 2)))));
    if (call->is_set)
        script_act_add(&act, "Details", vb_to_text(ev, vb_plain(ev, call->value)));
    script_tell(ev->run, &act);
    return vb_unknown(ev, "registry");
}

/* Questions that tell an analyst's machine from a user's. */
MEMBER(host_environment)
{
    (void)object;
    if (call->is_set)
        return call->value;
    vb_tell_field(ev, SCRIPT_ACT_ENVIRONMENT, call->offset, "Application", "Name",
            vb_text(script_text_borrow(ev->run, call->name->shown, NULL)));
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(call->name->shown));
}

MEMBER(host_create)
{
    (void)object;
    return vb_create(ev, vb_to_text(ev, vb_plain(ev, vb_arg(call, 0))), call->offset);
}

/* Application.Sheets, Parent and the like change nothing about which document it is. */
MEMBER(host_same)
{
    (void)ev;
    (void)call;
    return vb_object_value(object);
}

MEMBER(host_name)
{
    struct vb_value value;

    if (call->is_set)
        return call->value;
    value = longer(ev, object, call);
    if (value.kind == VB_OBJECT && vb_host_lookup(ev, value.as.object->path, &value))
        return value;
    if (hn_text_eq(call->name->name, HN_TEXT("path")))
        return vb_unknown(ev, "folder of the document");
    return ev->source->file_name.len > 0 ? vb_text_of(ev, ev->source->file_name)
                                         : vb_unknown(ev, "name of the document");
}

static bool is_root(struct hn_text path)
{
    return hn_text_find_char(path, '.', 0) == SIZE_MAX &&
           hn_text_find_char(path, '(', 0) == SIZE_MAX;
}

/* Colour.Red, where an Enum made Red a constant. */
static bool enum_value(struct vb_eval *ev, const struct vb_object *object,
        const struct vb_call *call, struct vb_value *ret_value)
{
    struct vb_var *var = vb_var_find(ev, call->name);

    if (var == NULL || !var->constant || object->module != NULL)
        return false;
    *ret_value = *var->value;
    return true;
}

MEMBER(host_other)
{
    struct vb_value made;

    if (is_root(object->path) && hn_text_eq(call->name->name, HN_TEXT("shell")) &&
            call->count > 0) {
        struct vb_call shell = *call;

        return vb_call_builtin(ev, &shell);
    }
    if (is_root(object->path) && call->name->builtin != NULL && call->count > 0 && !call->is_set &&
            (hn_text_eq_nocase(object->path, HN_TEXT("VBA")) ||
                    hn_text_eq_nocase(object->path, HN_TEXT("Strings")) ||
                    hn_text_eq_nocase(object->path, HN_TEXT("Interaction")) ||
                    hn_text_eq_nocase(object->path, HN_TEXT("Conversion")) ||
                    hn_text_eq_nocase(object->path, HN_TEXT("Math"))))
        return vb_call_builtin(ev, call); /* VBA.Strings.Mid */
    if (is_root(object->path) && !call->is_set && enum_value(ev, object, call, &made))
        return made;
    made = longer(ev, object, call);
    if (call->is_set && made.kind == VB_OBJECT) {
        vb_host_set(ev, made.as.object->path, call->value);
        return call->value;
    }
    return made;
}

/* VBA.Interaction is a part of VBA, as are the others. */
MEMBER(host_library)
{
    if (hn_text_eq_nocase(object->path, HN_TEXT("VBA")))
        return vb_host_object(ev, call->name->shown);
    return host_other(ev, object, call);
}

/* Me.Controls("x") is Me.x. */
MEMBER(host_controls)
{
    char room[VB_PATH_BYTES];
    struct hn_buf path = hn_buf_over(room, sizeof room);

    if (call->count != 1 || vb_plain(ev, vb_arg(call, 0)).kind != VB_TEXT)
        return longer(ev, object, call);
    hn_buf_add_text(&path, object->path);
    hn_buf_add_char(&path, '.');
    hn_buf_add_text(&path, hn_text_sub(vb_arg_text(ev, call, 0), 0, 200));
    return vb_host_object(ev, hn_buf_ok(&path) ? hn_buf_text(&path) : object->path);
}

/* SelectSingleNode("/ns0:a[1]/ns0:b[1]"): stores know the last name alone. */
MEMBER(host_node)
{
    static const struct hn_text local = HN_TEXT_INIT("local-name()='");
    static const struct hn_text element = HN_TEXT_INIT(".DocumentElement");
    struct hn_text name = vb_arg_text(ev, call, 0);
    struct hn_text base = object->path;
    char room[VB_PATH_BYTES];
    struct hn_buf path = hn_buf_over(room, sizeof room);
    size_t at;

    while ((at = hn_text_find(name, local, 0)) != SIZE_MAX) {
        name = hn_text_sub(name, at + local.len, SIZE_MAX);
        if (hn_text_find(name, local, 0) == SIZE_MAX)
            name = hn_text_sub(name, 0, hn_text_find_char(name, '\'', 0));
    }
    while ((at = hn_text_find_char(name, '/', 0)) != SIZE_MAX)
        name = hn_text_sub(name, at + 1, SIZE_MAX);
    name = hn_text_sub(name, 0, hn_text_find_char(name, '[', 0));
    while ((at = hn_text_find_char(name, ':', 0)) != SIZE_MAX)
        name = hn_text_sub(name, at + 1, SIZE_MAX);
    if (hn_text_ends_nocase(base, element))
        base.len -= element.len;
    hn_buf_addf(&path, "%.*s.SelectSingleNode(\"%.*s\")", HN_TEXT_ARG(base), HN_TEXT_ARG(name));
    return hn_buf_ok(&path) ? vb_host_object(ev, hn_buf_text(&path)) : longer(ev, object, call);
}

static const struct vb_member host_members[] = { { "run", host_run }, { "ontime", host_on_time },
    { "show", host_show }, { "load", host_show }, { "open", host_open }, { "opentext", host_open },
    { "addfromstring", host_add_code }, { "insertlines", host_add_code },
    { "write", host_add_code }, { "writeln", host_add_code }, { "execscript", host_exec_script },
    { "executeexcel4macro", host_xlm }, { "registerxll", host_register },
    { "ddeinitiate", host_dde }, { "wait", host_wait }, { "followhyperlink", host_follow },
    { "privateprofilestring", host_profile }, { "username", host_environment },
    { "recentfiles", host_environment }, { "tasks", host_environment },
    { "mousewheel", host_environment }, { "operatingsystem", host_environment },
    { "createobject", host_create }, { "transpose", host_transpose },
    { "selectsinglenode", host_node }, { "application", host_same }, { "parent", host_same },
    { "name", host_name }, { "path", host_name }, { "fullname", host_name },
    { "controls", host_controls }, { "strings", host_library }, { "interaction", host_library },
    { "conversion", host_library }, { "math", host_library }, { "print", vb_quiet },
    { "hide", vb_quiet }, { "close", vb_quiet }, { "quit", vb_quiet }, { "save", vb_quiet },
    { "saveas", vb_quiet }, { "activate", vb_quiet }, { "select", vb_quiet },
    { "protect", vb_quiet }, { "unprotect", vb_quiet }, { "displayalerts", vb_quiet },
    { "screenupdating", vb_quiet }, { "visible", vb_quiet }, { "enableevents", vb_quiet },
    { "repaint", vb_quiet }, { "delete", vb_quiet }, { "printout", vb_quiet },
    { "automationsecurity", vb_quiet }, { "undo", vb_quiet } };

const struct vb_class vb_class_host = { "document", host_members, HN_COUNT_OF(host_members),
    host_other };

static const struct vb_class class_debug = { "Debug", NULL, 0, vb_quiet };

bool vb_host_global(struct vb_eval *ev, struct vb_symbol *name, struct vb_value *ret_value)
{
    static const struct hn_text globals[] = { HN_TEXT_INIT("application"),
        HN_TEXT_INIT("activedocument"), HN_TEXT_INIT("thisdocument"), HN_TEXT_INIT("thisworkbook"),
        HN_TEXT_INIT("activeworkbook"), HN_TEXT_INIT("activesheet"),
        HN_TEXT_INIT("activepresentation"), HN_TEXT_INIT("selection"), HN_TEXT_INIT("worksheets"),
        HN_TEXT_INIT("sheets"), HN_TEXT_INIT("range"), HN_TEXT_INIT("cells"),
        HN_TEXT_INIT("documents"), HN_TEXT_INIT("workbooks"), HN_TEXT_INIT("activecell"),
        HN_TEXT_INIT("vba"), HN_TEXT_INIT("system"), HN_TEXT_INIT("names"),
        HN_TEXT_INIT("evaluate"), HN_TEXT_INIT("window"), HN_TEXT_INIT("document"),
        HN_TEXT_INIT("self"), HN_TEXT_INIT("userforms"), HN_TEXT_INIT("rows"),
        HN_TEXT_INIT("columns") };

    if (hn_text_eq(name->name, HN_TEXT("err"))) {
        if (ev->err_object == NULL)
            ev->err_object = vb_object_new(ev, &vb_class_err);
        *ret_value = vb_object_value(ev->err_object);
        return ev->err_object != NULL;
    }
    if (hn_text_eq(name->name, HN_TEXT("wscript")) || hn_text_eq(name->name, HN_TEXT("wsh"))) {
        *ret_value = vb_com_object(ev, com_ambient(ev->com, name->name));
        return true;
    }
    if (hn_text_eq(name->name, HN_TEXT("debug"))) {
        *ret_value = vb_object_make(ev, &class_debug);
        return true;
    }
    for (size_t i = 0; i < HN_COUNT_OF(globals); i++) {
        if (!hn_text_eq(name->name, globals[i]))
            continue;
        *ret_value = vb_host_object(ev, name->shown);
        return true;
    }
    if (ev->vba && vb_module_find(ev, name) != NULL) {
        *ret_value = vb_host_object(ev, name->shown);
        return true;
    }
    return false;
}
