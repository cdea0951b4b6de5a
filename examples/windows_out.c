/* windows_out.c - Windows events kept as fields, and the one place that knows their file format.
 *
 * The back-end here writes what `wevtutil query-events /f:xml` prints: one <Event> per line, no
 * root element. */
#include "example.h"

#include "base/escape.h"

#include <assert.h>

#define DOMAIN_SUFFIX ".corp.hinomi-works.example"

struct provider {
    const char *name;
    const char *guid;
    const char *source; /* EventSourceName of classic providers */
};

static const struct provider providers[] = {
    { "Microsoft-Windows-Sysmon", "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}", NULL },
    { "Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-a5ba-3e3b0328c30d}", NULL },
    { "Microsoft-Windows-Eventlog", "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}", NULL },
    { "Service Control Manager", "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
            "Service Control Manager" },
    { "Microsoft-Windows-Windows Defender", "{11cd958a-c507-4ef3-b3f2-5fd9dfbd2c78}", NULL },
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
    int version;
    int level;
    int task;
    const char *keywords;
    const char *user_data; /* element around the fields instead of EventData */
};

#define SUCCESS "0x8020000000000000"
#define FAILURE "0x8010000000000000"
#define PLAIN   "0x8000000000000000"
#define CLASSIC "0x8080000000000000"

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
    { CHANNEL_SECURITY, 1102, EVENTLOG, 0, 4, 104, "0x4020000000000000", "LogFileCleared" },
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
    hn_buf_add_cstr(&world->windows.text, value);
    field->len = world->windows.text.len - field->start;
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
    hn_buf_add(&world->windows.text, value, (size_t)len);
    field->len = world->windows.text.len - field->start;
}

/* ---- wevtutil's XML ----------------------------------------------------------------------------
 */

static const struct kind *kind_of(const struct windows_event *event)
{
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (kinds[i].channel == event->channel && kinds[i].event_id == event->event_id)
            return &kinds[i];
    }
    assert(false); /* whoever adds an event adds its line above */
    return NULL;
}

static void write_system(
        struct hn_buf *out, const struct windows_event *event, const struct kind *kind, size_t id)
{
    const struct provider *provider = &providers[kind->provider];
    struct hn_calendar clock = hn_calendar_at(finer(event->time, event->order), 0);
    uint32_t process = kind->provider == AUDITING ? 4 : 2000 + 4 * event->machine->number;

    hn_buf_addf(out, "<System><Provider Name='%s' Guid='%s'", provider->name, provider->guid);
    if (provider->source != NULL)
        hn_buf_addf(out, " EventSourceName='%s'", provider->source);
    hn_buf_add_lit(out, "/><EventID");
    if (provider->source != NULL)
        hn_buf_add_lit(out, " Qualifiers='16384'");
    hn_buf_addf(out,
            ">%u</EventID><Version>%d</Version><Level>%d</Level><Task>%d</Task><Opcode>0</Opcode>"
            "<Keywords>%s</Keywords><TimeCreated "
            "SystemTime='%04d-%02d-%02dT%02d:%02d:%02d.%07dZ'/>",
            event->event_id, kind->version, kind->level, kind->task, kind->keywords, clock.year,
            clock.month, clock.day, clock.hour, clock.minute, clock.second, clock.nanosecond / 100);
    hn_buf_addf(out,
            "<EventRecordID>%zu</EventRecordID><Correlation/>"
            "<Execution ProcessID='%u' ThreadID='%u'/>",
            id, process, process + 44);
    hn_buf_addf(out, "<Channel>%s</Channel><Computer>%s" DOMAIN_SUFFIX "</Computer>",
            channel_names[event->channel], event->machine->name);
    if (event->channel == CHANNEL_SECURITY)
        hn_buf_add_lit(out, "<Security/></System>");
    else
        hn_buf_add_lit(out, "<Security UserID='S-1-5-18'/></System>");
}

static void write_user_data(struct hn_buf *out, const struct windows_log *log,
        const struct windows_event *event, const char *element)
{
    hn_buf_addf(out,
            "<UserData><%s xmlns='http://manifests.microsoft.com/win/2004/08/windows/eventlog'>",
            element);
    for (size_t i = 0; i < event->field_count; i++) {
        const struct windows_field *field = &log->fields.ptr[event->first_field + i];

        hn_buf_addf(out, "<%s>", field->name);
        hn_html_text(out, hn_text_of(log->text.ptr + field->start, field->len));
        hn_buf_addf(out, "</%s>", field->name);
    }
    hn_buf_addf(out, "</%s></UserData>", element);
}

static void write_event_data(
        struct hn_buf *out, const struct windows_log *log, const struct windows_event *event)
{
    hn_buf_add_lit(out, "<EventData>");
    for (size_t i = 0; i < event->field_count; i++) {
        const struct windows_field *field = &log->fields.ptr[event->first_field + i];

        if (field->name == NULL)
            hn_buf_add_lit(out, "<Data>");
        else
            hn_buf_addf(out, "<Data Name='%s'>", field->name);
        hn_html_text(out, hn_text_of(log->text.ptr + field->start, field->len));
        hn_buf_add_lit(out, "</Data>");
    }
    hn_buf_add_lit(out, "</EventData>");
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
    static const size_t first_record_id[CHANNEL_COUNT] = { 7184213, 31417200, 240611, 51207 };
    struct windows_log *log = &world->windows;
    size_t id = first_record_id[channel];

    if (!hn_buf_ok(&log->text))
        return false;
    if (log->events.count > 0)
        qsort(log->events.ptr, log->events.count, sizeof *log->events.ptr, event_order);
    for (size_t i = 0; i < log->events.count; i++) {
        const struct windows_event *event = &log->events.ptr[i];
        const struct kind *kind;

        if (event->channel != channel)
            continue;
        kind = kind_of(event);
        hn_buf_add_lit(
                out, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>");
        write_system(out, event, kind, id++);
        if (kind->user_data != NULL)
            write_user_data(out, log, event, kind->user_data);
        else
            write_event_data(out, log, event);
        hn_buf_add_lit(out, "</Event>\n");
    }
    return hn_buf_ok(out);
}
