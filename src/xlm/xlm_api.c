/* xlm_api.c - CALL and REGISTER: functions of Windows and of other libraries. */
#include "xlm/xlm_functions.h"

#define REGISTERED_MAX 1024u
#define REGISTERED_ID  65536.0 /* numbers that REGISTER() gives begin here */

struct api {
    struct xl *ev;
    const struct xl_call *call;
    uint32_t first; /* of the function's own arguments */
};

static const struct script_text *arg(const struct api *api, uint32_t index)
{
    return xl_arg_text(api->ev, api->call, api->first + index);
}

/* A pointer that is no text: left out, or 0. */
static bool is_null(const struct api *api, uint32_t index)
{
    struct hn_text flat = xl_flat(api->ev, xl_arg(api->call, api->first + index));

    return flat.len == 0 || hn_text_eq(flat, HN_TEXT("0")) || hn_text_eq(flat, HN_TEXT("FALSE"));
}

typedef struct xl_value api_fn(const struct api *api);

static struct xl_value reply_of(const struct api *api, const struct script_text *url)
{
    return xl_unknown(api->ev, "reply of %.*s",
            HN_TEXT_ARG(hn_text_sub(xl_flat(api->ev, xl_text(url)), 0, 400)));
}

/* URLDownloadToFile(caller, url, file, ...) */
static struct xl_value api_download(const struct api *api)
{
    const struct script_text *url = arg(api, 1);

    xl_tell_http(api->ev, api->call->offset, "URLDownloadToFile", url);
    if (!is_null(api, 2))
        xl_tell_write(api->ev, api->call->offset, "URLDownloadToFile", arg(api, 2), NULL, url);
    return xl_unknown(api->ev, "result"); /* macros try the next address when it is below 0 */
}

/* ShellExecute(window, verb, file, parameters, folder, show) */
static struct xl_value api_shell_execute(const struct api *api)
{
    const struct script_text *line = arg(api, 2);

    if (!is_null(api, 3)) {
        line = script_text_join(
                api->ev->run, line, script_text_borrow(api->ev->run, HN_TEXT(" "), NULL));
        line = script_text_join(api->ev->run, line, arg(api, 3));
    }
    if (xl_has_arg(api->call, api->first + 5) && is_null(api, 5))
        xl_note(api->ev, SCRIPT_NOTE_EVASION, api->call->offset, "hidden window");
    if (line != NULL)
        xl_tell_process(api->ev, api->call->offset, "ShellExecute", line);
    return xl_unknown(api->ev, "result");
}

static struct xl_value api_win_exec(const struct api *api)
{
    if (xl_has_arg(api->call, api->first + 1) && is_null(api, 1))
        xl_note(api->ev, SCRIPT_NOTE_EVASION, api->call->offset, "hidden window");
    xl_tell_process(api->ev, api->call->offset, "WinExec", arg(api, 0));
    return xl_unknown(api->ev, "result");
}

static struct xl_value api_create_process(const struct api *api)
{
    xl_tell_process(api->ev, api->call->offset, "CreateProcess", arg(api, is_null(api, 1) ? 0 : 1));
    return xl_number(1.0);
}

static struct xl_value api_open_url(const struct api *api)
{
    xl_tell_http(api->ev, api->call->offset, "InternetOpenUrl", arg(api, 1));
    return reply_of(api, arg(api, 1));
}

static struct xl_value api_connect(const struct api *api)
{
    struct script_act act =
            script_act(api->ev->run, SCRIPT_ACT_CONNECT, api->call->offset, "InternetConnect");

    script_act_add(&act, "DestinationHostname", arg(api, 1));
    script_act_add(&act, "DestinationPort", arg(api, 2));
    (void)xl_tell(api->ev, &act);
    return xl_unknown(api->ev, "connection");
}

static struct xl_value api_load_library(const struct api *api)
{
    struct script_act act =
            script_act(api->ev->run, SCRIPT_ACT_MODULE_LOAD, api->call->offset, "LoadLibrary");

    script_act_add(&act, "ImageLoaded", arg(api, 0));
    (void)xl_tell(api->ev, &act);
    return xl_unknown(api->ev, "module");
}

static struct xl_value api_sleep(const struct api *api)
{
    struct script_act act = script_act(api->ev->run, SCRIPT_ACT_SLEEP, api->call->offset, "Sleep");
    double ms;

    if (xl_to_number(api->ev, xl_arg(api->call, api->first), &ms))
        script_act_add(&act, "Seconds", xl_to_text(api->ev, xl_number(ms / 1000.0)));
    (void)xl_tell(api->ev, &act);
    return xl_number(0.0);
}

static struct xl_value api_delete(const struct api *api)
{
    struct script_act act =
            script_act(api->ev->run, SCRIPT_ACT_FILE_DELETE, api->call->offset, "DeleteFile");

    script_act_add(&act, "TargetFilename", arg(api, 0));
    (void)xl_tell(api->ev, &act);
    return xl_number(1.0);
}

/* A folder is made: what matters is that there is no failure. */
static struct xl_value api_success(const struct api *api)
{
    (void)api;
    return xl_number(1.0);
}

static const struct {
    struct hn_text name; /* without the A or W at its end */
    api_fn *fn;
} modelled[] = {
    { HN_TEXT_INIT("URLDownloadToFile"), api_download },
    { HN_TEXT_INIT("URLDownloadToCacheFile"), api_download },
    { HN_TEXT_INIT("ShellExecute"), api_shell_execute },
    { HN_TEXT_INIT("WinExec"), api_win_exec },
    { HN_TEXT_INIT("CreateProcess"), api_create_process },
    { HN_TEXT_INIT("InternetOpenUrl"), api_open_url },
    { HN_TEXT_INIT("InternetConnect"), api_connect },
    { HN_TEXT_INIT("LoadLibrary"), api_load_library },
    { HN_TEXT_INIT("Sleep"), api_sleep },
    { HN_TEXT_INIT("DeleteFile"), api_delete },
    { HN_TEXT_INIT("CreateDirectory"), api_success },
    { HN_TEXT_INIT("SHCreateDirectoryEx"), api_success },
};

/* ---- What is called ---- */

static void tell_call(const struct api *api, const struct xl_registered *what)
{
    struct xl *ev = api->ev;
    struct script_act act = script_act(ev->run, SCRIPT_ACT_API_CALL, api->call->offset, "CALL");
    const struct script_text *args = ev->empty;

    for (uint32_t i = api->first; i < api->call->count && args != NULL; i++) {
        if (i > api->first)
            args = script_text_join(
                    ev->run, args, script_text_borrow(ev->run, HN_TEXT(", "), NULL));
        args = script_text_join(ev->run, args, xl_arg_text(ev, api->call, i));
        xl_keep_text(ev, xl_arg_plain(ev, api->call, i));
    }
    script_act_add(&act, "Library", what->library);
    script_act_add(&act, "Function", what->function);
    script_act_add(&act, "Arguments", args);
    (void)xl_tell(ev, &act);
}

/* A library that stands somewhere in a folder is loaded for the call. */
static void tell_library(struct xl *ev, const struct xl_call *call, const struct script_text *name)
{
    struct hn_text flat = xl_flat(ev, xl_text(name));
    struct script_act act = script_act(ev->run, SCRIPT_ACT_MODULE_LOAD, call->offset, call->name);

    if (hn_text_find_char(flat, '\\', 0) == SIZE_MAX && hn_text_find_char(flat, '/', 0) == SIZE_MAX)
        return;
    if (act.via == NULL)
        act.via = "CALL";
    script_act_add(&act, "ImageLoaded", name);
    (void)xl_tell(ev, &act);
}

struct xl_value xl_api_call(
        struct xl *ev, const struct xl_registered *what, const struct xl_call *call, uint32_t first)
{
    struct api api = { .ev = ev, .call = call, .first = first };
    struct hn_text name = xl_flat(ev, xl_text(what->function));
    struct hn_text stem = name;

    if (stem.len > 1 && (stem.ptr[stem.len - 1] == 'A' || stem.ptr[stem.len - 1] == 'W'))
        stem.len--;
    tell_call(&api, what);
    tell_library(ev, call, what->library);
    for (size_t i = 0; i < HN_COUNT_OF(modelled); i++)
        if (hn_text_eq_nocase(stem, modelled[i].name) || hn_text_eq_nocase(name, modelled[i].name))
            return modelled[i].fn(&api);
    return xl_unknown(ev, "%.*s", HN_TEXT_ARG(hn_text_sub(name, 0, 100)));
}

/* CALL(library, function, types, ...) or CALL(number, ...) with the number of REGISTER(). */
struct xl_value xl_fn_call(struct xl *ev, const struct xl_call *call)
{
    struct xl_value first = xl_arg_plain(ev, call, 0);
    struct xl_registered what = { .library = xl_arg_text(ev, call, 0),
        .function = xl_arg_text(ev, call, 1) };

    if (first.kind == XL_NUMBER && first.as.number >= REGISTERED_ID &&
            first.as.number < REGISTERED_ID + (double)ev->registered.count) {
        what = ev->registered.ptr[(size_t)(first.as.number - REGISTERED_ID)];
        return xl_api_call(ev, &what, call, 1);
    }
    return xl_api_call(ev, &what, call, 3);
}

/* REGISTER(library, function, types, name for formulas, ...) gives a number for CALL(); the
 * library is loaded for it. */
struct xl_value xl_fn_register(struct xl *ev, const struct xl_call *call)
{
    struct xl_registered *made;
    struct script_act act;

    tell_library(ev, call, xl_arg_text(ev, call, 0));
    if (ev->world == 0) {
        act = script_act(ev->run, SCRIPT_ACT_API_CALL, call->offset, call->name);
        script_act_add(&act, "Library", xl_arg_text(ev, call, 0));
        script_act_add(&act, "Function", xl_arg_text(ev, call, 1));
        (void)xl_tell(ev, &act);
    }
    made = ev->registered.count < REGISTERED_MAX ? hn_vec_add(&ev->registered) : NULL;
    if (made == NULL)
        return xl_unknown(ev, "REGISTER");
    made->library = xl_arg_text(ev, call, 0);
    made->function = xl_arg_text(ev, call, 1);
    made->alias = xl_has_arg(call, 3) ? xl_flat(ev, call->args[3]) : HN_TEXT("");
    return xl_number(REGISTERED_ID + (double)(ev->registered.count - 1));
}
