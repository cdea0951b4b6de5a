/* windows_out.c - Windows events kept as fields, and the one place that knows their file format:
 * EVTX, one file per channel as a collector keeps it. */
#include "example.h"

#include "support/evtx_writer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN_SUFFIX ".corp.hinomi-works.example"
#define FIELDS_MAX    32 /* per event */

struct provider {
    const char *name;
    const char *guid;
};

static const struct provider providers[] = {
    { "Microsoft-Windows-Sysmon", "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}" },
    { "Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-a5ba-3e3b0328c30d}" },
    { "Microsoft-Windows-Eventlog", "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}" },
    { "Service Control Manager", "{555908d1-a6d7-4695-8e1e-26931d2012f4}" },
    { "Microsoft-Windows-Windows Defender", "{11cd958a-c507-4ef3-b3f2-5fd9dfbd2c78}" },
};
enum { SYSMON, AUDITING, EVENTLOG, SERVICES, DEFENDER };

static const char *const channel_names[CHANNEL_COUNT] = {
    [CHANNEL_SYSMON] = "Microsoft-Windows-Sysmon/Operational",
    [CHANNEL_SECURITY] = "Security",
    [CHANNEL_SYSTEM] = "System",
    [CHANNEL_DEFENDER] = "Microsoft-Windows-Windows Defender/Operational",
};

/* What the System part of an event says besides time and machine. */
struct kind {
    enum channel channel;
    uint32_t event_id;
    int provider;
    uint8_t version;
    uint8_t level;
    uint16_t task;
    uint64_t keywords;
    const char *user_data; /* element around the fields instead of EventData */
};

#define SUCCESS UINT64_C(0x8020000000000000)
#define FAILURE UINT64_C(0x8010000000000000)
#define PLAIN   UINT64_C(0x8000000000000000)
#define CLASSIC UINT64_C(0x8080000000000000)

static const struct kind kinds[] = {
    { CHANNEL_SYSMON, 1, SYSMON, 5, 4, 1, PLAIN, NULL },
    { CHANNEL_SYSMON, 3, SYSMON, 5, 4, 3, PLAIN, NULL },
    { CHANNEL_SYSMON, 4, SYSMON, 3, 4, 4, PLAIN, NULL },
    { CHANNEL_SYSMON, 5, SYSMON, 3, 4, 5, PLAIN, NULL },
    { CHANNEL_SYSMON, 7, SYSMON, 3, 4, 7, PLAIN, NULL },
    { CHANNEL_SYSMON, 8, SYSMON, 2, 4, 8, PLAIN, NULL },
    { CHANNEL_SYSMON, 10, SYSMON, 3, 4, 10, PLAIN, NULL },
    { CHANNEL_SYSMON, 11, SYSMON, 2, 4, 11, PLAIN, NULL },
    { CHANNEL_SYSMON, 13, SYSMON, 2, 4, 13, PLAIN, NULL },
    { CHANNEL_SYSMON, 17, SYSMON, 1, 4, 17, PLAIN, NULL },
    { CHANNEL_SYSMON, 22, SYSMON, 5, 4, 22, PLAIN, NULL },
    { CHANNEL_SECURITY, 1102, EVENTLOG, 0, 4, 104, UINT64_C(0x4020000000000000), "LogFileCleared" },
    { CHANNEL_SECURITY, 4624, AUDITING, 2, 0, 12544, SUCCESS, NULL },
    { CHANNEL_SECURITY, 4625, AUDITING, 0, 0, 12544, FAILURE, NULL },
    { CHANNEL_SECURITY, 4634, AUDITING, 0, 0, 12545, SUCCESS, NULL },
    { CHANNEL_SECURITY, 4672, AUDITING, 0, 0, 12548, SUCCESS, NULL },
    { CHANNEL_SECURITY, 4688, AUDITING, 2, 0, 13312, SUCCESS, NULL },
    { CHANNEL_SECURITY, 4768, AUDITING, 0, 0, 14339, SUCCESS, NULL },
    { CHANNEL_SECURITY, 4769, AUDITING, 0, 0, 14337, SUCCESS, NULL },
    { CHANNEL_SECURITY, 5140, AUDITING, 1, 0, 12808, SUCCESS, NULL },
    { CHANNEL_SECURITY, 5145, AUDITING, 0, 0, 12811, SUCCESS, NULL },
    { CHANNEL_SYSTEM, 7036, SERVICES, 0, 4, 0, CLASSIC, NULL },
    { CHANNEL_SYSTEM, 7045, SERVICES, 0, 4, 0, CLASSIC, NULL },
    { CHANNEL_DEFENDER, 1000, DEFENDER, 0, 4, 0, PLAIN, NULL },
    { CHANNEL_DEFENDER, 1001, DEFENDER, 0, 4, 0, PLAIN, NULL },
    { CHANNEL_DEFENDER, 1116, DEFENDER, 0, 3, 0, PLAIN, NULL },
    { CHANNEL_DEFENDER, 1117, DEFENDER, 0, 4, 0, PLAIN, NULL },
    { CHANNEL_DEFENDER, 2000, DEFENDER, 0, 4, 0, PLAIN, NULL },
    { CHANNEL_DEFENDER, 5001, DEFENDER, 0, 4, 0, PLAIN, NULL },
};

void windows_begin(struct world *world, enum channel channel, uint32_t event_id,
        const struct machine *machine, hn_time time)
{
    struct windows_log *log = &world->windows;
    struct windows_event *event = hn_vec_add(&log->events);

    if (event == NULL) {
        world->failed = true;
        return;
    }
    event->time = time;
    event->order = log->events.count;
    event->channel = channel;
    event->event_id = event_id;
    event->machine = machine;
    event->first_field = log->fields.count;
}

/* The open event gets one more field, whose text follows in log->text. */
static struct windows_field *field_add(struct world *world, const char *name)
{
    struct windows_log *log = &world->windows;
    struct windows_field *field = hn_vec_add(&log->fields);

    if (field == NULL || log->events.count == 0) {
        world->failed = true;
        return NULL;
    }
    log->events.ptr[log->events.count - 1].field_count++;
    field->name = name;
    field->start = log->text.len;
    return field;
}

void windows_field(struct world *world, const char *name, const char *value)
{
    struct windows_field *field = field_add(world, name);

    if (field == NULL)
        return;
    hn_buf_add(&world->windows.text, value, strlen(value) + 1);
}

void windows_field_f(struct world *world, const char *name, const char *fmt, ...)
{
    struct windows_field *field = field_add(world, name);
    char value[1024];
    va_list args;
    int len;

    if (field == NULL)
        return;
    va_start(args, fmt);
    len = vsnprintf(value, sizeof value, fmt, args);
    va_end(args);
    assert(len >= 0 && (size_t)len < sizeof value);
    hn_buf_add(&world->windows.text, value, (size_t)len + 1);
}

/* ---- EVTX --------------------------------------------------------------------------------------
 */

/* Fields that Windows does not write as text. Sysmon and auditing disagree about process ids. */
static const struct {
    const char *name;
    enum channel channel;
    enum evtx_write_type type;
} field_types[] = {
    { "ProcessGuid", CHANNEL_SYSMON, EVTX_WRITE_GUID },
    { "ProcessId", CHANNEL_SYSMON, EVTX_WRITE_UINT32 },
    { "LogonGuid", CHANNEL_SYSMON, EVTX_WRITE_GUID },
    { "LogonId", CHANNEL_SYSMON, EVTX_WRITE_HEX64 },
    { "TerminalSessionId", CHANNEL_SYSMON, EVTX_WRITE_UINT32 },
    { "ParentProcessGuid", CHANNEL_SYSMON, EVTX_WRITE_GUID },
    { "ParentProcessId", CHANNEL_SYSMON, EVTX_WRITE_UINT32 },
    { "SourceProcessGUID", CHANNEL_SYSMON, EVTX_WRITE_GUID },
    { "SourceProcessGuid", CHANNEL_SYSMON, EVTX_WRITE_GUID },
    { "SourceProcessId", CHANNEL_SYSMON, EVTX_WRITE_UINT32 },
    { "SourceThreadId", CHANNEL_SYSMON, EVTX_WRITE_UINT32 },
    { "TargetProcessGUID", CHANNEL_SYSMON, EVTX_WRITE_GUID },
    { "TargetProcessGuid", CHANNEL_SYSMON, EVTX_WRITE_GUID },
    { "TargetProcessId", CHANNEL_SYSMON, EVTX_WRITE_UINT32 },
    { "NewThreadId", CHANNEL_SYSMON, EVTX_WRITE_UINT32 },
    { "GrantedAccess", CHANNEL_SYSMON, EVTX_WRITE_HEX32 },
    { "Initiated", CHANNEL_SYSMON, EVTX_WRITE_BOOL },
    { "SourceIsIpv6", CHANNEL_SYSMON, EVTX_WRITE_BOOL },
    { "SourcePort", CHANNEL_SYSMON, EVTX_WRITE_UINT16 },
    { "DestinationIsIpv6", CHANNEL_SYSMON, EVTX_WRITE_BOOL },
    { "DestinationPort", CHANNEL_SYSMON, EVTX_WRITE_UINT16 },
    { "SubjectUserSid", CHANNEL_SECURITY, EVTX_WRITE_SID },
    { "SubjectLogonId", CHANNEL_SECURITY, EVTX_WRITE_HEX64 },
    { "TargetUserSid", CHANNEL_SECURITY, EVTX_WRITE_SID },
    { "TargetLogonId", CHANNEL_SECURITY, EVTX_WRITE_HEX64 },
    { "TargetLinkedLogonId", CHANNEL_SECURITY, EVTX_WRITE_HEX64 },
    { "TargetSid", CHANNEL_SECURITY, EVTX_WRITE_SID },
    { "ServiceSid", CHANNEL_SECURITY, EVTX_WRITE_SID },
    { "MandatoryLabel", CHANNEL_SECURITY, EVTX_WRITE_SID },
    { "LogonType", CHANNEL_SECURITY, EVTX_WRITE_UINT32 },
    { "LogonGuid", CHANNEL_SECURITY, EVTX_WRITE_GUID },
    { "KeyLength", CHANNEL_SECURITY, EVTX_WRITE_UINT32 },
    { "ProcessId", CHANNEL_SECURITY, EVTX_WRITE_POINTER },
    { "NewProcessId", CHANNEL_SECURITY, EVTX_WRITE_POINTER },
    { "Status", CHANNEL_SECURITY, EVTX_WRITE_HEX32 },
    { "SubStatus", CHANNEL_SECURITY, EVTX_WRITE_HEX32 },
    { "TicketOptions", CHANNEL_SECURITY, EVTX_WRITE_HEX32 },
    { "TicketEncryptionType", CHANNEL_SECURITY, EVTX_WRITE_HEX32 },
    { "AccessMask", CHANNEL_SECURITY, EVTX_WRITE_HEX32 },
};

static enum evtx_write_type type_of(enum channel channel, const char *name)
{
    for (size_t i = 0; i < HN_COUNT_OF(field_types); i++) {
        if (field_types[i].channel == channel && strcmp(field_types[i].name, name) == 0)
            return field_types[i].type;
    }
    return EVTX_WRITE_STRING;
}

static const struct kind *kind_of(const struct windows_event *event)
{
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (kinds[i].channel == event->channel && kinds[i].event_id == event->event_id)
            return &kinds[i];
    }
    assert(false); /* whoever adds an event adds its line above */
    return NULL;
}

static bool write_event(struct evtx_writer *writer, const struct windows_log *log,
        const struct windows_event *event)
{
    const struct kind *kind = kind_of(event);
    struct evtx_write_field fields[FIELDS_MAX] = { 0 };
    char computer[sizeof event->machine->name + sizeof DOMAIN_SUFFIX];
    char stamp[HN_TIME_TEXT_MAX + 1];
    struct evtx_write_event out = { .provider = providers[kind->provider].name,
        .provider_guid = providers[kind->provider].guid,
        .channel = channel_names[event->channel],
        .computer = computer,
        .event_id = (uint16_t)event->event_id,
        .version = kind->version,
        .level = kind->level,
        .task = kind->task,
        .keywords = kind->keywords,
        .time = stamp,
        .process_id = kind->provider == AUDITING ? 4 : 2000 + 4 * event->machine->number,
        .user_sid = event->channel == CHANNEL_SECURITY ? NULL : "S-1-5-18",
        .user_data = kind->user_data,
        .fields = fields,
        .field_count = event->field_count };

    assert(event->field_count <= FIELDS_MAX);
    out.thread_id = out.process_id + 44;
    (void)snprintf(computer, sizeof computer, "%s" DOMAIN_SUFFIX, event->machine->name);
    stamp[hn_time_write(finer(event->time, event->order), 0, stamp)] = '\0';
    for (size_t i = 0; i < event->field_count; i++) {
        const struct windows_field *field = &log->fields.ptr[event->first_field + i];

        fields[i].name = field->name;
        fields[i].type = (uint8_t)type_of(event->channel, field->name);
        fields[i].text = log->text.ptr + field->start;
    }
    return evtx_writer_add(writer, &out);
}

static int event_order(const void *left, const void *right)
{
    const struct windows_event *a = left;
    const struct windows_event *b = right;

    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

bool windows_write(struct world *world, enum channel channel, struct hn_buf *out)
{
    struct windows_log *log = &world->windows;
    struct evtx_writer *writer = evtx_writer_new(out);
    bool done = writer != NULL && hn_buf_ok(&log->text);

    if (log->events.count > 0)
        qsort(log->events.ptr, log->events.count, sizeof *log->events.ptr, event_order);
    for (size_t i = 0; done && i < log->events.count; i++) {
        if (log->events.ptr[i].channel == channel)
            done = write_event(writer, log, &log->events.ptr[i]);
    }
    done = done && evtx_writer_end(writer);
    evtx_writer_free(writer);
    return done && hn_buf_ok(out);
}
