/* syslog_event.c - the fields of a system log message: those of its header, and those of what is in
 * it, which may be any of a dozen formats.
 *
 * Who wrote a message is decided from the outside in: the mark of a network device, a format with a
 * header of its own, then the program that the header names. */
#include "decode/syslog_event.h"

#include "decode/audit_join.h"
#include "decode/audit_record.h"
#include "decode/body.h"
#include "decode/cisco.h"
#include "decode/decode_internal.h"
#include "decode/kv.h"
#include "decode/network.h"
#include "decode/room.h"
#include "decode/scan.h"
#include "decode/syslog_header.h"

#define PARAM_NAME_MAX 256 /* of "id.name" in structured data */

/* ---- The header -------------------------------------------------------------------------------
 */

static void add_if(struct hn_event *event, struct hn_text name, struct hn_text value)
{
    if (value.len > 0)
        hn_event_add_text(event, name, value);
}

/* Junos names what other firewalls log as well. */
static void add_param(
        struct hn_event *event, const struct syslog_param *param, struct hn_text value)
{
    static const struct field_name junos_names[] = { FIELD_NAME("source-address", "src_ip"),
        FIELD_NAME("source-port", "src_port"), FIELD_NAME("destination-address", "dst_ip"),
        FIELD_NAME("destination-port", "dst_port"), FIELD_NAME("protocol-id", "protocol"),
        FIELD_NAME("username", "username") };
    char name[PARAM_NAME_MAX];
    struct hn_text copy;
    size_t len = param->id.len + 1 + param->name.len;

    if (len > sizeof name)
        return;
    memcpy(name, param->id.ptr, param->id.len);
    name[param->id.len] = '.';
    memcpy(name + param->id.len + 1, param->name.ptr, param->name.len);
    if (hn_event_wants(event, hn_text_of(name, len))) {
        copy = room_copy(event, hn_text_of(name, len));
        if (copy.ptr != NULL)
            hn_event_add_text(event, copy, value);
    }
    for (size_t i = 0; i < HN_COUNT_OF(junos_names); i++) {
        if (hn_text_starts(param->id, HN_TEXT("junos@2636")) &&
                hn_text_eq(junos_names[i].name, param->name))
            hn_event_add_text(event, junos_names[i].sigma, value);
    }
}

static void add_structured(struct hn_event *event, struct hn_text structured)
{
    struct syslog_param param = { .id = { "", 0 } };

    while (syslog_param_next(&structured, &param)) {
        struct hn_text value = param.value;

        if (param.escaped)
            value = decode_text_unescape(event, value, "\"\\]");
        add_param(event, &param, value);
    }
}

static void add_stamp(struct hn_event *event, const struct stamp *stamp)
{
    char text[STAMP_TEXT_MAX];
    size_t len;

    event->time_text = stamp->text;
    if (stamp->shape != STAMP_YEAR_FIRST)
        return;
    len = stamp_in_order(stamp, text);
    if (len > 0)
        event->time_text = room_copy(event, hn_text_of(text, len));
}

static void add_header(struct hn_event *event, const struct syslog_header *header)
{
    add_if(event, HN_TEXT("facility"), syslog_facility(header->priority));
    add_if(event, HN_TEXT("severity"), syslog_severity(header->priority));
    add_if(event, HN_TEXT("hostname"), header->host);
    add_if(event, HN_TEXT("program"), header->program);
    add_if(event, HN_TEXT("pid"), header->pid);
    add_if(event, HN_TEXT("msgid"), header->message_id);
    add_if(event, HN_TEXT("sequence"), header->sequence);
    add_if(event, HN_TEXT("uptime"), header->uptime);
    add_structured(event, header->structured);
    hn_event_add_text(event, HN_TEXT("Message"), header->message);
    if (header->has_stamp)
        add_stamp(event, &header->stamp);
}

/* ---- What is in the message -------------------------------------------------------------------
 */

/* Each of these is HN_NOTFOUND for a message that is not its own. */

/* JSON says itself what it is about; its source is judged by its fields, the program's is what is
 * left when they say nothing. */
static enum hn_status json_fields(struct hn_event *event, struct hn_text message)
{
    enum hn_status status;

    (void)(scan_text(&message, HN_TEXT("@cee:")) || scan_text(&message, HN_TEXT("@json:")));
    scan_spaces(&message);
    if (text_at(message, 0) != '{')
        return HN_NOTFOUND;
    status = decode_json_fields(event, message);
    if (status == HN_OK)
        event->origin = HN_ORIGIN_UNKNOWN;
    return status == HN_OK || status == HN_NOMEM ? status : HN_NOTFOUND;
}

/* A document that sets the event's source: it starts from none, and gives back the one before when
 * the message is no such document. */
static enum hn_status foreign_fields(struct hn_event *event, struct hn_text message,
        enum hn_status (*decode)(struct hn_event *event, struct hn_text text))
{
    struct hn_source before = event->source;
    enum hn_status status;

    event->origin = HN_ORIGIN_UNKNOWN;
    memset(&event->source, 0, sizeof event->source);
    status = decode(event, message);
    if (event->origin == HN_ORIGIN_UNKNOWN ||
            (event->origin == HN_ORIGIN_WINDOWS && /* cut off before it says whose it is */
                    hn_event_field_text(event, HN_FIELD_PROVIDER_NAME).len == 0)) {
        event->origin = HN_ORIGIN_KNOWN;
        event->source = before;
    }
    return status == HN_OK || status == HN_NOMEM ? status : HN_NOTFOUND;
}

/* Sysmon for Linux, and Windows events forwarded as XML. */
static enum hn_status xml_fields(struct hn_event *event, struct hn_text message)
{
    if (!hn_text_starts(message, HN_TEXT("<Event")))
        return HN_NOTFOUND;
    return foreign_fields(event, message, decode_winxml_fields);
}

/* Web servers and proxies that log to syslog, under whatever name: by the shape of the line. */
static enum hn_status web_fields(
        struct hn_event *event, struct hn_text program, struct hn_text message)
{
    bool server = hn_text_starts(program, HN_TEXT("httpd")) ||
                  hn_text_starts(program, HN_TEXT("apache")) ||
                  hn_text_starts(program, HN_TEXT("nginx"));

    if (text_digits(message) == 10 && text_at(message, 10) == '.')
        return foreign_fields(event, message, decode_squid_fields);
    if (server || hn_text_find(message, HN_TEXT("] \""), 0) != SIZE_MAX)
        return foreign_fields(event, message, decode_weblog_fields);
    return HN_NOTFOUND;
}

static bool device_fields(struct hn_event *event, struct hn_text message)
{
    if (text_at(message, 0) == '%')
        return cisco_fields(event, message) || decode_huawei_fields(event, message);
    if (hn_text_starts(message, HN_TEXT("CEF:")))
        return decode_cef_fields(event, message) == HN_OK;
    if (hn_text_starts(message, HN_TEXT("LEEF:")))
        return decode_leef_fields(event, message) == HN_OK;
    return paloalto_fields(event, message) == HN_OK;
}

/* HN_OK, also when nobody knows the message, or HN_NOMEM. */
static enum hn_status add_body(struct hn_event *event, const struct syslog_header *header)
{
    struct hn_text message = hn_text_trim(header->message);
    enum hn_status status;

    if (device_fields(event, message))
        return HN_OK;
    status = web_fields(event, header->program, message);
    if (status != HN_NOTFOUND)
        return status;
    if (program_fields(event, header))
        return HN_OK;
    status = json_fields(event, message);
    if (status == HN_NOTFOUND)
        status = xml_fields(event, message);
    if (status != HN_NOTFOUND)
        return status;
    if (decode_kv_fits(message) && decode_kv_fields(event, message) != HN_OK)
        hn_event_note(event, HN_FINDING_UNDECODABLE);
    return HN_OK;
}

/* A line of a format that needs no header. */
static enum hn_status add_bare(struct hn_event *event, struct hn_text line)
{
    enum hn_status status;

    if (device_fields(event, line))
        return HN_OK;
    status = foreign_fields(event, line, decode_squid_fields);
    if (status == HN_NOTFOUND)
        status = foreign_fields(event, line, decode_weblog_fields);
    if (status == HN_NOTFOUND)
        status = foreign_fields(event, line, decode_w3c_fields);
    if (status == HN_NOTFOUND)
        status = json_fields(event, line);
    if (status == HN_NOTFOUND)
        status = xml_fields(event, line);
    if (status != HN_NOTFOUND || !decode_kv_fits(line))
        return status;
    status = decode_kv_fields(event, line);
    if (status == HN_OK)
        hn_event_add_text(event, HN_TEXT("Message"), line);
    return status == HN_SYNTAX ? HN_NOTFOUND : status;
}

/* PAN-OS messages are all that some collectors keep of a line. */
static bool parse_line(struct hn_text line, struct syslog_header *ret_header)
{
    if (syslog_header_parse(line, ret_header))
        return true;
    if (!paloalto_fits(line))
        return false;
    *ret_header =
            (struct syslog_header){ .priority = SYSLOG_NO_PRIORITY, .sure = true, .message = line };
    return true;
}

enum hn_status syslog_event_fill(
        struct hn_event *event, struct hn_text text, const struct hn_source *given)
{
    struct syslog_header header;
    struct audit_record record;

    if (syslog_is_comment(text))
        return HN_NOTFOUND;
    if (!parse_line(text, &header)) {
        if (text_at(text, 0) != ' ' && text_at(text, 0) != '\t')
            return HN_SYNTAX;
        /* The next line of a message that was written in several. */
        decode_set_source(event, HN_TEXT("linux"), HN_TEXT(""), HN_TEXT("syslog"));
        hn_event_add_text(event, HN_TEXT("Message"), text);
        return HN_OK;
    }
    if (audit_message_parse(&header, &record)) {
        event->private_ref = AUDIT_RECORD;
        return HN_OK;
    }
    event->origin = HN_ORIGIN_KNOWN;
    event->source = *given;
    add_header(event, &header);
    return add_body(event, &header);
}

/* ---- Recognition and cutting ------------------------------------------------------------------
 */

/* A firewall's pairs behind a stamp and a host, as relays write them without priority and program,
 * are as good as a program's name. */
static bool is_sure(struct hn_text line)
{
    struct syslog_header header;

    if (syslog_is_comment(line))
        return true;
    if (!parse_line(line, &header))
        return false;
    return header.sure ||
           (header.has_stamp && header.host.len > 0 && decode_kv_fits(header.message));
}

size_t syslog_count_sure(const struct hn_text *lines, size_t count)
{
    size_t sure = 0;

    for (size_t i = 0; i < count; i++)
        sure += is_sure(lines[i]) ? 1 : 0;
    return sure;
}

enum hn_status syslog_event_inside(struct hn_event *event, struct hn_text line,
        const struct syslog_header *around, const struct hn_source *given)
{
    struct syslog_header header;
    struct audit_record record;
    enum hn_status status;

    if (audit_line_parse(line, &record)) /* one of several that are an event together */
        return HN_NOTFOUND;
    event->origin = HN_ORIGIN_KNOWN;
    event->source = *given;
    if (is_sure(line)) {
        if (syslog_is_comment(line) || !parse_line(line, &header))
            return HN_NOTFOUND;
        add_header(event, &header);
        return add_body(event, &header);
    }
    status = add_bare(event, line);
    if (status != HN_NOTFOUND || around->program.len == 0)
        return status;
    header = *around;
    header.message = line;
    if (audit_message_parse(&header, &record))
        return HN_NOTFOUND;
    add_header(event, &header);
    return add_body(event, &header);
}

#define CUT_LINES_MAX  64 /* looked at for records of an open event */
#define CUT_LINES_OPEN 8  /* an event with no record among so many last lines is over */

struct ids {
    struct hn_text id[CUT_LINES_MAX];
    size_t count;
};

static bool ids_have(const struct ids *ids, struct hn_text id)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (hn_text_eq(ids->id[i], id))
            return true;
    }
    return false;
}

/* The line that ends at end (behind its line feed). */
static struct hn_text line_before(struct hn_text text, size_t end)
{
    size_t start = end - 1;

    while (start > 0 && text.ptr[start - 1] != '\n')
        start--;
    return hn_text_sub(text, start, end - start);
}

size_t syslog_cut_between_events(struct hn_text text, size_t end)
{
    struct ids closed = { .count = 0 };
    struct ids open = { .count = 0 };
    struct audit_record record;
    size_t cut = end;
    size_t pos = end;

    for (size_t i = 0; i < CUT_LINES_MAX && pos > 0; i++) {
        struct hn_text line = line_before(text, pos);

        pos -= line.len;
        if (!audit_line_parse(hn_text_trim(line), &record) || !audit_is_multi(record.type))
            continue;
        if (audit_is_last(record.type))
            closed.id[closed.count++] = record.id;
        else if (i < CUT_LINES_OPEN && !ids_have(&closed, record.id))
            open.id[open.count++] = record.id;
        if (ids_have(&open, record.id))
            cut = pos;
    }
    return cut;
}
