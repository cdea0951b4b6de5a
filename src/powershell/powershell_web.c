/* powershell_web.c - objects that talk to the network or start things: WebClient and its kin, COM
 * objects, Process, WMI. */
#include "powershell/powershell_internal.h"

static struct ps_value client_url(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value url = count > 0 ? args[0] : ps_null();
    struct ps_value prefix =
            base.kind == PS_OBJECT ? ps_prop(base.as.object, "baseaddress") : ps_null();

    if (prefix.kind == PS_TEXT && hn_text_find(ps_flat(ps, &url), T("://"), 0) == SIZE_MAX)
        url = ps_add(ps, prefix, url);
    return url;
}

static struct ps_value download_text(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value url = client_url(ps, base, args, count);

    return ps_http(ps, "WebClient.DownloadString", &url, "GET", base.as.object);
}

static struct ps_value download_data(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value url = client_url(ps, base, args, count);

    return ps_http(ps, "WebClient.DownloadData", &url, "GET", base.as.object);
}

static struct ps_value open_read(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *stream = ps_object_new(ps, "io.stream");
    struct ps_value url = client_url(ps, base, args, count);

    stream->state = ps_http(ps, "WebClient.OpenRead", &url, "GET", base.as.object);
    return ps_of_object(stream);
}

static struct ps_value download_file(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value url = client_url(ps, base, args, count);
    struct ps_value none = ps_null();

    (void)ps_http(ps, "WebClient.DownloadFile", &url, "GET", base.as.object);
    if (count > 1) {
        ps_act(ps, SCRIPT_ACT_FILE_WRITE, "WebClient.DownloadFile", "TargetFilename", &args[1],
                "Url", &url);
        (void)ps_hash_put(ps, &ps->files, ps_flat(ps, &args[1]), ps_unknown(ps, "file"));
    }
    return none;
}

static struct ps_value upload(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct script_act act = script_act(ps->run, SCRIPT_ACT_HTTP, ps_where(ps), "WebClient.Upload");

    (void)base;
    if (count == 0)
        return ps_null();
    script_act_add(&act, "Url", ps_text_from(ps, &args[0]));
    script_act_add(&act, "Method", script_text_borrow(ps->run, T("POST"), NULL));
    if (count > 1 && args[count - 1].kind != PS_ARRAY)
        script_act_add(&act, "Body", ps_text_from(ps, &args[count - 1]));
    ps_tell(ps, &act);
    return ps_unknown(ps, "reply of %.*s",
            (int)(ps_flat(ps, &args[0]).len < 900 ? ps_flat(ps, &args[0]).len : 900),
            ps_flat(ps, &args[0]).ptr);
}

static struct ps_value headers(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value made = { .kind = PS_HASH, .as.hash = ps_hash_new(ps) };

    (void)args;
    (void)count;
    ps_prop_set(ps, base.as.object, "headers", made);
    return made;
}

/* Of a task: .Result is the value itself. */
static struct ps_value get_text_async(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return download_text(ps, base, args, count);
}

/* ---- HttpWebRequest, XMLHTTP ---- */

static struct ps_value request_create(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *request = ps_object_new(ps, "net.httpwebrequest");

    (void)base;
    ps_prop_set(ps, request, "url", count > 0 ? args[0] : ps_null());
    return ps_of_object(request);
}

static struct ps_value request_send(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *request = base.as.object;
    struct ps_object *reply = ps_object_new(ps, "net.httpwebresponse");
    struct ps_value url = ps_prop(request, "url");
    struct ps_value method = ps_prop(request, "method");
    struct hn_text name = method.kind == PS_NULL ? T("GET") : ps_flat(ps, &method);

    (void)args;
    (void)count;
    reply->state = ps_http(
            ps, "HttpWebRequest", &url, ps_same_text(name, "post") ? "POST" : "GET", request);
    return ps_of_object(reply);
}

static struct ps_value reply_stream(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *stream = ps_object_new(ps, "io.stream");

    (void)args;
    (void)count;
    stream->state = base.as.object->state;
    return ps_of_object(stream);
}

static struct ps_value xml_open(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    if (count > 1) {
        ps_prop_set(ps, base.as.object, "method", args[0]);
        ps_prop_set(ps, base.as.object, "url", args[1]);
    }
    return ps_null();
}

static struct ps_value xml_send(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value reply;
    struct ps_value url = ps_prop(base.as.object, "url");
    struct ps_value method = ps_prop(base.as.object, "method");

    (void)args;
    (void)count;
    reply = ps_http(
            ps, "XMLHTTP", &url, ps_same_text(ps_flat(ps, &method), "post") ? "POST" : "GET", NULL);
    ps_prop_set(ps, base.as.object, "responsetext", reply);
    ps_prop_set(ps, base.as.object, "responsebody", reply);
    ps_prop_set(ps, base.as.object, "status", ps_unknown(ps, "status"));
    return ps_null();
}

static struct ps_value xml_load(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    if (count > 0)
        base.as.object->state = ps_http(ps, "XmlDocument.Load", &args[0], "GET", NULL);
    return ps_null();
}

static struct ps_value tcp_connect(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 1)
        ps_act(ps, SCRIPT_ACT_CONNECT, "TcpClient.Connect", "DestinationHostname", &args[0],
                "DestinationPort", &args[1]);
    return ps_null();
}

static struct ps_value tcp_stream(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *stream = ps_object_new(ps, "io.stream");

    (void)base;
    (void)args;
    (void)count;
    stream->state = ps_unknown(ps, "what a peer sends");
    return ps_of_object(stream);
}

/* ---- COM ---- */

static struct ps_value shell_run(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value line =
            ps_text(count > 0 ? ps_expand_percent(ps, ps_text_from(ps, &args[0])) : NULL);

    (void)base;
    ps_process_line(ps, "WScript.Shell.Run", &line);
    return ps_unknown(ps, "exit code");
}

static struct ps_value shell_execute(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value none = ps_null();

    (void)base;
    if (count > 0)
        ps_process(ps, "Shell.Application.ShellExecute", &args[0], count > 1 ? &args[1] : &none);
    return ps_null();
}

static struct ps_value reg_write(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 1)
        ps_act(ps, SCRIPT_ACT_REGISTRY_WRITE, "WScript.Shell.RegWrite", "TargetObject", &args[0],
                "Details", &args[1]);
    return ps_null();
}

static struct ps_value expand(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_text(ps_expand_percent(ps, ps_text_from(ps, &args[0]))) : ps_null();
}

static struct ps_value create_shortcut(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *link = ps_object_new(ps, "wshshortcut");

    (void)base;
    ps_prop_set(ps, link, "fullname", count > 0 ? args[0] : ps_null());
    return ps_of_object(link);
}

static struct ps_value save_shortcut(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value name = ps_prop(base.as.object, "fullname");
    struct ps_value target = ps_prop(base.as.object, "targetpath");
    struct ps_value more = ps_prop(base.as.object, "arguments");
    struct ps_value line = target;

    (void)args;
    (void)count;
    if (more.kind != PS_NULL)
        line = ps_add(ps,
                ps_add(ps, ps_text(ps_text_from(ps, &target)), ps_text_of(ps, T(" "), NULL)), more);
    ps_act(ps, SCRIPT_ACT_FILE_WRITE, "WshShortcut.Save", "TargetFilename", &name, "Target", &line);
    if (line.kind == PS_TEXT)
        ps_tell_layer(ps, SCRIPT_COMMAND, line.as.text, "WshShortcut", false, T(""));
    return ps_null();
}

static struct ps_value stream_save(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    if (count > 0)
        ps_file_write(ps, "ADODB.Stream", &args[0], &base.as.object->state);
    return ps_null();
}

static struct ps_value stream_put(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    if (count > 0)
        base.as.object->state = args[0];
    return ps_null();
}

struct ps_value ps_com_object(struct ps *ps, struct ps_value name)
{
    struct ps_object *object = ps_object_new(ps, "");

    ps_act(ps, SCRIPT_ACT_COM, "New-Object -ComObject", "ProgId", &name, NULL, NULL);
    object->type = ps_normal_type(ps->run, ps_flat(ps, &name));
    return ps_of_object(object);
}

/* ---- Process, WMI ---- */

static struct ps_value process_start_object(struct ps *ps, struct ps_value info)
{
    struct ps_value start = ps_prop(info.as.object, "startinfo");
    struct ps_object *from = start.kind == PS_OBJECT ? start.as.object : info.as.object;
    struct ps_value file = ps_prop(from, "filename");
    struct ps_value arguments = ps_prop(from, "arguments");

    if (file.kind == PS_NULL)
        file = ps_prop(from, "argument");
    ps_process(ps, "Diagnostics.Process.Start", &file, &arguments);
    return ps_of_object(ps_object_new(ps, "diagnostics.process"));
}

static struct ps_value process_start(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    if (base.kind == PS_OBJECT)
        return process_start_object(ps, base);
    if (count > 0 && args[0].kind == PS_OBJECT)
        return process_start_object(ps, args[0]);
    if (count > 0)
        ps_process(ps, "Diagnostics.Process.Start", &args[0], count > 1 ? &args[1] : NULL);
    return ps_of_object(ps_object_new(ps, "diagnostics.process"));
}

static struct ps_value process_info(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value made = ps_of_object(ps_object_new(ps, "diagnostics.processstartinfo"));

    (void)args;
    (void)count;
    ps_prop_set(ps, base.as.object, "startinfo", made);
    return made;
}

static struct ps_value wmi_create(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value class = base.as.object->state;
    struct ps_value method = ps_text_of(ps, T("Create"), NULL);

    ps_act(ps, SCRIPT_ACT_WMI, "wmiclass.Create", "Class", &class, "Method", &method);
    if (count > 0)
        ps_process_line(ps, "Win32_Process.Create", &args[0]);
    return ps_unknown(ps, "result");
}

#define WEB "net.webclient|unknown|net.http.httpclient|object"
#define XMLHTTP                                                                        \
    "msxml2.xmlhttp|microsoft.xmlhttp|msxml2.xmlhttp.3.0|msxml2.xmlhttp.6.0|"          \
    "msxml2.serverxmlhttp|msxml2.serverxmlhttp.6.0|winhttp.winhttprequest.5.1|msxml2." \
    "serverxmlhttp.3.0"
#define SHELL "wscript.shell|wscript.shell.1"

const struct ps_method ps_methods_web[] = {
    { WEB, "downloadstring", download_text },
    { WEB, "downloadstringtaskasync", download_text },
    { WEB, "downloaddata", download_data },
    { WEB, "downloaddatataskasync", download_data },
    { WEB, "downloadfile", download_file },
    { WEB, "downloadfileasync", download_file },
    { WEB, "downloadfiletaskasync", download_file },
    { WEB, "openread", open_read },
    { WEB, "getstringasync", get_text_async },
    { WEB, "getasync", get_text_async },
    { WEB, "getbytearrayasync", download_data },
    { WEB, "uploadstring", upload },
    { WEB, "uploaddata", upload },
    { WEB, "uploadfile", upload },
    { WEB, "uploadvalues", upload },
    { WEB "|net.httpwebrequest|net.webrequest", "get_headers", headers },
    { WEB, "dispose", ps_member_nothing },
    { "net.httpwebrequest|net.webrequest", "getresponse", request_send },
    { "net.httpwebrequest|net.webrequest", "getrequeststream", tcp_stream },
    { "net.httpwebresponse", "getresponsestream", reply_stream },
    { "net.httpwebresponse", "close", ps_member_nothing },
    { XMLHTTP, "open", xml_open },
    { XMLHTTP, "setrequestheader", ps_member_nothing },
    { XMLHTTP, "send", xml_send },
    { "xml|xml.xmldocument", "load", xml_load },
    { "net.sockets.tcpclient|net.sockets.socket", "connect", tcp_connect },
    { "net.sockets.tcpclient", "getstream", tcp_stream },
    { "net.sockets.tcpclient", "close", ps_member_nothing },
    { SHELL, "run", shell_run },
    { SHELL, "exec", shell_run },
    { SHELL, "regwrite", reg_write },
    { SHELL, "expandenvironmentstrings", expand },
    { SHELL, "createshortcut", create_shortcut },
    { "wshshortcut", "save", save_shortcut },
    { "shell.application|unknown", "shellexecute", shell_execute },
    { "adodb.stream", "savetofile", stream_save },
    { "adodb.stream", "write", stream_put },
    { "adodb.stream", "writetext", stream_put },
    { "adodb.stream", "open", ps_member_nothing },
    { "adodb.stream", "close", ps_member_nothing },
    { "diagnostics.process", "start", process_start },
    { "diagnostics.process", "waitforexit", ps_member_nothing },
    { "diagnostics.process", "get_startinfo", process_info },
    { "wmiclass|management.managementclass", "create", wmi_create },
    { "management.automation.powershell", "dispose", ps_member_nothing },
    { "io.stream", "getresponsestream", ps_member_itself },
    { NULL, NULL, NULL },
};

const struct ps_method ps_statics_web[] = {
    { "net.webrequest|net.httpwebrequest", "create", request_create },
    { "net.webrequest|net.httpwebrequest", "createhttp", request_create },
    { "diagnostics.process", "start", process_start },
    { NULL, NULL, NULL },
};
