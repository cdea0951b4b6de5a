/* powershell_web.c - objects of .NET that talk to the network or start things: WebClient and its
 * kin, Process. */
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

/* ---- HttpWebRequest, XmlDocument, TcpClient ---- */

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
    if (count > 1) {
        ps_prop_set(ps, base.as.object, "peer", args[0]);
        ps_act(ps, SCRIPT_ACT_CONNECT, "TcpClient.Connect", "DestinationHostname", &args[0],
                "DestinationPort", &args[1]);
    }
    return ps_null();
}

static struct ps_value peer_reply(struct ps *ps, struct ps_value base)
{
    struct ps_value peer = ps_prop(base.as.object, "peer");

    if (peer.kind == PS_NULL)
        return ps_unknown(ps, "reply of a peer");
    return ps_unknown(ps, "reply of %.*s", HN_TEXT_ARG(hn_text_sub(ps_flat(ps, &peer), 0, 200)));
}

static struct ps_value tcp_stream(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *stream = ps_object_new(ps, "io.stream");

    (void)args;
    (void)count;
    stream->state = peer_reply(ps, base);
    return ps_of_object(stream);
}

/* Receive(buffer) of a Socket, Receive([ref]peer) of a UdpClient */
static struct ps_value socket_receive(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value reply = peer_reply(ps, base);

    if (count > 0 && args[0].kind == PS_ARRAY && args[0].as.array->bytes) {
        args[0].as.array->filled = reply.as.text;
        return ps_unknown(ps, "bytes read");
    }
    return reply;
}

/* SendAsync(HttpRequestMessage) */
static struct ps_value send_message(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value url = count > 0 && args[0].kind == PS_OBJECT
                                  ? ps_prop(args[0].as.object, "requesturi")
                                  : ps_null();

    return ps_http(ps, "HttpClient.SendAsync", &url, "GET", base.as.object);
}

/* ---- Processes ---- */

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

#define WEB "net.webclient|unknown|net.http.httpclient|object"

const struct ps_method ps_methods_web[] = {
    { WEB, "downloadstring", download_text },
    { WEB, "downloadstringtaskasync", download_text },
    { WEB, "downloaddata", download_data },
    { WEB, "downloaddatataskasync", download_data },
    { WEB, "downloadfile", download_file },
    { WEB, "downloadfileasync", download_file },
    { WEB, "downloadfiletaskasync", download_file },
    { WEB, "downloadstringasync", download_text },
    { WEB, "downloaddataasync", download_data },
    { WEB, "sendasync", send_message },
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
    { "xml|xml.xmldocument", "load", xml_load },
    { "net.sockets.tcpclient|net.sockets.socket|net.sockets.udpclient", "connect", tcp_connect },
    { "net.sockets.socket|net.sockets.udpclient", "receive", socket_receive },
    { "net.sockets.tcpclient", "getstream", tcp_stream },
    { "net.sockets.tcpclient", "close", ps_member_nothing },
    { "diagnostics.process", "start", process_start },
    { "diagnostics.process", "waitforexit", ps_member_nothing },
    { "diagnostics.process", "get_startinfo", process_info },
    { "management.automation.powershell", "dispose", ps_member_nothing },
    { "io.stream", "getresponsestream", ps_member_itself },
    { NULL, NULL, NULL },
};

static struct ps_value system_proxy(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    (void)args;
    (void)count;
    return ps_of_object(ps_object_new(ps, "net.webproxy"));
}

const struct ps_method ps_statics_web[] = {
    { "net.webrequest", "getsystemwebproxy", system_proxy },
    { "net.webrequest", "get_defaultwebproxy", system_proxy },
    { "net.webrequest|net.httpwebrequest", "create", request_create },
    { "net.webrequest|net.httpwebrequest", "createhttp", request_create },
    { "diagnostics.process", "start", process_start },
    { NULL, NULL, NULL },
};
