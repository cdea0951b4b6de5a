/* powershell_cmd_net.c - cmdlets that fetch, start and register: requests, processes, WMI, tasks,
 * services. */
#include "powershell/powershell_internal.h"

/* These two take "host/path" for http. */
static struct ps_value with_scheme(struct ps *ps, struct ps_value url)
{
    struct hn_text flat = ps_flat(ps, &url);
    size_t dot = hn_text_find_char(flat, '.', 0);

    if (url.kind != PS_TEXT || dot == SIZE_MAX || dot == 0 ||
            hn_text_find_char(flat, ':', 0) < dot || hn_text_find_char(flat, '/', 0) < dot ||
            strchr("\\{", flat.ptr[0]) != NULL)
        return url;
    return ps_add(ps, ps_text(script_text_borrow(ps->run, T("http://"), NULL)), url);
}

static void invoke_request(struct ps *ps, struct ps_call *call)
{
    struct ps_object *client = ps_object_new(ps, "net.webclient");
    const struct ps_value *headers = ps_arg_named(call, "headers");
    const struct ps_value *agent = ps_arg_named(call, "useragent");
    const struct ps_value *file = ps_arg_named(call, "outfile|o");
    const struct ps_value *method = ps_arg_named(call, "method");
    struct ps_value url = ps_arg(call, "uri|url");
    struct ps_object *reply = ps_object_new(ps, "webresponseobject");
    struct ps_value v;

    if (url.kind == PS_NULL && call->input != NULL && call->input->count > 0)
        url = ps_at(call->input, 0);
    url = with_scheme(ps, url);
    if (headers != NULL)
        ps_prop_set(ps, client, "headers", *headers);
    else if (agent != NULL)
        ps_prop_set(ps, client, "useragent", *agent);
    v = ps_http(ps, "Invoke-WebRequest", &url,
            method != NULL && ps_same_text(ps_flat(ps, method), "post") ? "POST" : "GET", client);
    if (file != NULL) {
        ps_act(ps, SCRIPT_ACT_FILE_WRITE, "Invoke-WebRequest", "TargetFilename", file, "Url", &url);
        return;
    }
    if (ps_same_text(call->name, "invoke-restmethod")) {
        ps_emit(ps, call->out, v);
        return;
    }
    reply->state = v;
    ps_prop_set(ps, reply, "content", v);
    ps_prop_set(ps, reply, "value", v);
    ps_prop_set(ps, reply, "rawcontent", v);
    ps_emit(ps, call->out, ps_of_object(reply));
}

static void bits(struct ps *ps, struct ps_call *call)
{
    struct ps_value url = ps_arg(call, "source");
    struct ps_value file = ps_arg(call, "destination");

    ps_download(ps, "Start-BitsTransfer", &url, &file);
}

static struct ps_value joined(struct ps *ps, struct ps_value v)
{
    return v.kind == PS_ARRAY ? ps_join(ps, v, ps_text_of(ps, T(" "), NULL)) : v;
}

static void start_process(struct ps *ps, struct ps_call *call)
{
    struct ps_value file = ps_arg(call, "filepath");
    struct ps_value arguments = joined(ps, ps_arg(call, "argumentlist|args"));
    const struct ps_value *style = ps_arg_named(call, "windowstyle");

    if (file.kind == PS_NULL && call->input != NULL && call->input->count > 0)
        file = ps_at(call->input, 0);
    if (style != NULL && ps_same_text(ps_flat(ps, style), "hidden"))
        ps_note(ps, SCRIPT_NOTE_EVASION, "starts a process without a window");
    ps_process(ps, "Start-Process", &file, &arguments);
    if (ps_arg_switch(call, "passthru"))
        ps_emit(ps, call->out, ps_unknown(ps, "process"));
}

static void invoke_item(struct ps *ps, struct ps_call *call)
{
    struct ps_value file = ps_arg(call, "path|literalpath");

    if (file.kind == PS_NULL && call->input != NULL && call->input->count > 0)
        file = ps_at(call->input, 0);
    ps_process(ps, "Invoke-Item", &file, NULL);
}

/* Invoke-WmiMethod -Class Win32_Process -Name Create -ArgumentList 'line' */
static void invoke_wmi(struct ps *ps, struct ps_call *call)
{
    struct ps_value class = ps_arg(call, "class|classname|path");
    struct ps_value name = ps_arg(call, "name|methodname");
    struct ps_value list = ps_arg(call, "argumentlist|arguments");
    struct ps_value line = list;
    struct script_act act = script_act(ps->run, SCRIPT_ACT_WMI, ps_where(ps), "Invoke-WmiMethod");

    if (list.kind == PS_HASH) {
        const struct ps_value *found = ps_hash_find(list.as.hash, T("CommandLine"));

        line = found != NULL ? *found : ps_null();
    } else if (list.kind == PS_ARRAY) {
        line = ps_at(list.as.array, 0);
    }
    script_act_add(&act, "Class", ps_text_from(ps, &class));
    script_act_add(&act, "Method", ps_text_from(ps, &name));
    script_act_add(&act, "Arguments", ps_text_from(ps, &line));
    ps_tell(ps, &act);
    if (hn_text_find_nocase(ps_flat(ps, &class), T("Win32_Process"), 0) != SIZE_MAX &&
            line.kind != PS_NULL)
        ps_process_line(ps, "Win32_Process.Create", &line);
    ps_emit(ps, call->out, ps_unknown(ps, "result"));
}

static void get_wmi(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *list = ps_arg_named(call, "list");
    struct ps_value class = ps_arg(call, "class|classname|query");

    if (list != NULL) { /* the class itself, for its methods */
        ps_emit(ps, call->out, ps_wmi_class(ps, ps_flat(ps, list)));
        return;
    }
    ps_act(ps, SCRIPT_ACT_ENVIRONMENT, "WMI", "Name", &class, NULL, NULL);
    ps_emit(ps, call->out,
            ps_unknown(ps, "%.*s",
                    (int)(ps_flat(ps, &class).len < 100 ? ps_flat(ps, &class).len : 100),
                    ps_flat(ps, &class).ptr));
}

/* New-ScheduledTaskAction -Execute x -Argument y: kept until it is registered. */
static void task_action(struct ps *ps, struct ps_call *call)
{
    struct ps_object *object = ps_object_new(ps, "scheduledtaskaction");
    struct ps_value file = ps_arg(call, "execute");
    struct ps_value argument = ps_arg(call, "argument");

    object->state = file;
    if (argument.kind != PS_NULL) {
        object->state = ps_add(ps,
                ps_add(ps, ps_text(ps_text_from(ps, &file)), ps_text_of(ps, T(" "), NULL)),
                argument);
    }
    ps_emit(ps, call->out, ps_of_object(object));
}

static void register_task(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *action = ps_arg_named(call, "action|scriptblock");
    const struct ps_value *name = ps_arg_named(call, "taskname|name");
    struct ps_value line = action != NULL ? *action : ps_null();

    if (line.kind == PS_OBJECT)
        line = line.as.object->state;
    ps_act(ps, SCRIPT_ACT_TASK, "Register-ScheduledTask", "TaskName", name, "CommandLine", &line);
    if (line.kind == PS_TEXT)
        ps_tell_layer(ps, SCRIPT_COMMAND, line.as.text, "Register-ScheduledTask", false, T(""));
    else if (line.kind == PS_BLOCK)
        ps_tell_layer(ps, SCRIPT_POWERSHELL, ps_text_from(ps, &line), "Register-ScheduledJob",
                false, T(""));
}

static void new_service(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name");
    struct ps_value path = ps_arg(call, "binarypathname");

    ps_act(ps, SCRIPT_ACT_SERVICE, "New-Service", "ServiceName", &name, "ImagePath", &path);
}

static void resolve_name(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name|computername|targetname");

    ps_act(ps, SCRIPT_ACT_DNS, "Resolve-DnsName", "QueryName", &name, NULL, NULL);
    ps_emit(ps, call->out,
            ps_unknown(ps, "reply of the name server for %.*s",
                    HN_TEXT_ARG(hn_text_sub(ps_flat(ps, &name), 0, 200))));
}

static void send_mail(struct ps *ps, struct ps_call *call)
{
    ps_act(ps, SCRIPT_ACT_MAIL, "Send-MailMessage", "To", ps_arg_named(call, "to"), "Subject",
            ps_arg_named(call, "subject"));
}

static void ask(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name");
    struct ps_value asked = ps_text_of(ps, call->name, NULL);

    ps_act(ps, SCRIPT_ACT_ENVIRONMENT, "cmdlet", "Name", &asked, "Argument", &name);
    ps_emit(ps, call->out,
            ps_unknown(
                    ps, "%.*s", (int)(call->name.len < 60 ? call->name.len : 60), call->name.ptr));
}

static void start_sleep(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *millis = ps_arg_named(call, "milliseconds");
    struct ps_value seconds = millis != NULL ? ps_arith(ps, PS_OP_DIV, *millis, ps_int(1000))
                                             : ps_arg(call, "seconds");

    ps_act(ps, SCRIPT_ACT_SLEEP, "Start-Sleep", "Seconds", &seconds, NULL, NULL);
}

/* What switches off those who watch. */
static void tamper(struct ps *ps, struct ps_call *call)
{
    struct hn_buf line = { 0 };

    hn_buf_init(&line, 400);
    hn_buf_add_text(&line, call->name);
    for (size_t i = 0; i < call->count; i++) {
        if (call->args[i].used)
            continue;
        hn_buf_add_lit(&line, " ");
        if (call->args[i].name.len > 0) {
            hn_buf_add_lit(&line, "-");
            hn_buf_add_text(&line, call->args[i].name);
            hn_buf_add_lit(&line, " ");
        }
        if (!call->args[i].bare)
            hn_buf_add_text(&line, ps_flat(ps, &call->args[i].value));
    }
    ps_note(ps, SCRIPT_NOTE_EVASION, "%.*s", (int)line.len, line.len > 0 ? line.ptr : "");
    hn_buf_deinit(&line);
}

const struct ps_cmdlet ps_cmdlets_net[] = {
    { "invoke-webrequest", invoke_request,
            "usebasicparsing|passthru|disablekeepalive|usedefaultcredentials|"
            "skipcertificatecheck" },
    { "invoke-restmethod", invoke_request, "usebasicparsing|passthru|usedefaultcredentials" },
    { "start-bitstransfer", bits, "asynchronous" },
    { "start-process", start_process, "wait|nonewwindow|passthru|loaduserprofile" },
    { "invoke-item", invoke_item, NULL },
    { "invoke-wmimethod", invoke_wmi, NULL },
    { "invoke-cimmethod", invoke_wmi, NULL },
    { "get-wmiobject", get_wmi, NULL },
    { "get-ciminstance", get_wmi, NULL },
    { "new-scheduledtaskaction", task_action, NULL },
    { "register-scheduledtask", register_task, "force" },
    { "register-scheduledjob", register_task, NULL },
    { "new-service", new_service, NULL },
    { "resolve-dnsname", resolve_name, NULL },
    { "test-connection", resolve_name, "quiet" },
    { "test-netconnection", resolve_name, NULL },
    { "send-mailmessage", send_mail, "bodyashtml|usessl" },
    { "get-process", ask, NULL },
    { "get-service", ask, NULL },
    { "get-host", ask, NULL },
    { "get-culture", ask, NULL },
    { "get-uiculture", ask, NULL },
    { "get-winuserlanguagelist", ask, NULL },
    { "get-computerinfo", ask, NULL },
    { "get-netadapter", ask, NULL },
    { "get-location", ask, NULL },
    { "start-sleep", start_sleep, NULL },
    { "set-executionpolicy", tamper, "force" },
    { "set-mppreference", tamper, NULL },
    { "add-mppreference", tamper, NULL },
    { "stop-service", tamper, "force" },
    { "stop-process", tamper, "force" },
    { "clear-eventlog", tamper, NULL },
    { "remove-eventlog", tamper, NULL },
    { "disable-windowsoptionalfeature", tamper, "online" },
    { "set-netfirewallprofile", tamper, NULL },
    { NULL, NULL, NULL },
};
