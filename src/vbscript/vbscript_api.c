/* vbscript_api.c - procedures of Windows that a macro declares. */
#include "vbscript/vbscript_internal.h"

#define TOLD_MAX 16u /* calls of one declared procedure */

static const struct script_text *arg_text(
        struct vb_eval *ev, const struct vb_call *call, uint32_t index)
{
    return vb_to_text(ev, vb_plain(ev, vb_arg(call, index)));
}

static void tell_api(
        struct vb_eval *ev, struct vb_proc *proc, struct hn_text name, const struct vb_call *call)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_API_CALL, call->offset, "Declare");
    const struct script_text *args = script_text_borrow(ev->run, HN_TEXT(""), NULL);

    for (uint32_t i = 0; i < call->count && args != NULL; i++) {
        struct vb_value value = vb_plain(ev, call->args[i]);

        if (value.kind == VB_ARRAY)
            value = vb_lit(ev, "{array}");
        args = vb_join3(ev, args, i > 0 ? ", " : "", vb_to_text(ev, value));
    }
    script_act_add(&act, "Library", script_text_new(ev->run, proc->library, NULL));
    script_act_add(&act, "Function", script_text_new(ev->run, name, NULL));
    script_act_add(&act, "Arguments", args);
    script_tell(ev->run, &act);
}

static struct vb_value api_download(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *url = arg_text(ev, call, 1);
    struct vb_value reply = vb_unknown(
            ev, "reply of %.*s", HN_TEXT_ARG(hn_text_sub(vb_flat(ev, vb_text(url)), 0, 400)));

    vb_tell_http(ev, call->offset, "URLDownloadToFile", url);
    if (call->count > 2)
        vb_tell_write(ev, call->offset, "URLDownloadToFile", arg_text(ev, call, 2),
                vb_to_text(ev, reply));
    return vb_int(0, 4);
}

static struct vb_value api_shell_execute(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *file = arg_text(ev, call, 2);
    const struct script_text *args = arg_text(ev, call, 3);

    if (args->len > 1 || (args->len == 1 && !hn_text_eq(vb_flat(ev, vb_text(args)), HN_TEXT("0"))))
        file = vb_join3(ev, file, " ", args);
    if (!vb_is_missing(call, 5) && vb_arg_int(ev, call, 5, 1) == 0)
        vb_note(ev, SCRIPT_NOTE_EVASION, call->offset, "hidden window");
    vb_tell_process(ev, call->offset, "ShellExecute", file);
    return vb_int(42, 4);
}

static struct vb_value api_win_exec(struct vb_eval *ev, const struct vb_call *call)
{
    vb_tell_process(ev, call->offset, "WinExec", arg_text(ev, call, 0));
    return vb_int(33, 4);
}

static struct vb_value api_create_process(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *program = arg_text(ev, call, 0);
    const struct script_text *line = arg_text(ev, call, 1);

    vb_tell_process(ev, call->offset, "CreateProcess", line->len > 1 ? line : program);
    return vb_int(1, 4);
}

static struct vb_value api_open_url(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *url = arg_text(ev, call, 1);

    vb_tell_http(ev, call->offset, "InternetOpenUrl", url);
    return vb_unknown(
            ev, "reply of %.*s", HN_TEXT_ARG(hn_text_sub(vb_flat(ev, vb_text(url)), 0, 400)));
}

static struct vb_value api_load_library(struct vb_eval *ev, const struct vb_call *call)
{
    vb_tell_field(ev, SCRIPT_ACT_MODULE_LOAD, call->offset, "LoadLibrary", "ImageLoaded",
            vb_plain(ev, vb_arg(call, 0)));
    return vb_unknown(ev, "module");
}

static struct vb_value api_sleep(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value ms = vb_plain(ev, vb_arg(call, 0));
    double real = 0.0;

    if (!vb_is_unknown(ms) && vb_to_real(ev, ms, &real))
        ms = vb_real(real / 1000.0);
    vb_tell_field(ev, SCRIPT_ACT_SLEEP, call->offset, "Sleep", "Seconds", ms);
    return (struct vb_value){ .kind = VB_EMPTY };
}

struct vb_value vb_call_declared(
        struct vb_eval *ev, struct vb_proc *proc, const struct vb_call *call)
{
    static const struct {
        struct hn_text name;
        vb_builtin_fn *fn;
    } modelled[] = {
        { HN_TEXT_INIT("URLDownloadToFile"), api_download },
        { HN_TEXT_INIT("URLDownloadToCacheFile"), api_download },
        { HN_TEXT_INIT("ShellExecute"), api_shell_execute },
        { HN_TEXT_INIT("WinExec"), api_win_exec },
        { HN_TEXT_INIT("CreateProcess"), api_create_process },
        { HN_TEXT_INIT("InternetOpenUrl"), api_open_url },
        { HN_TEXT_INIT("LoadLibrary"), api_load_library },
        { HN_TEXT_INIT("Sleep"), api_sleep },
    };
    struct hn_text name = proc->alias.len > 0 ? proc->alias : proc->name->shown;
    struct hn_text stem = name;

    proc->reached = true;
    if (stem.len > 1 && (stem.ptr[stem.len - 1] == 'A' || stem.ptr[stem.len - 1] == 'W'))
        stem.len--;
    if (proc->told++ >= TOLD_MAX)
        return vb_unknown(ev, "%.*s", HN_TEXT_ARG(name));
    for (size_t i = 0; i < HN_COUNT_OF(modelled); i++) {
        if (!hn_text_eq_nocase(stem, modelled[i].name) &&
                !hn_text_eq_nocase(name, modelled[i].name))
            continue;
        if (modelled[i].fn != api_sleep)
            tell_api(ev, proc, name, call);
        return modelled[i].fn(ev, call);
    }
    tell_api(ev, proc, name, call);
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(name));
}
