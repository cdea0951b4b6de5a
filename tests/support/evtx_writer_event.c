/* evtx_writer_event.c - events as records: their templates, their values, their place in a chunk.
 *
 * An event that does not fit into the rest of a chunk is taken back and written into the next one.
 */
#include "support/evtx_writer.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/time.h"

static const char event_ns[] = "http://schemas.microsoft.com/win/2004/08/events/event";
static const char user_ns[] = "http://schemas.example/events";

/* ---- Events -----------------------------------------------------------------------------------
 */

/* Numbers of the values of the template for <Event>: those that Windows uses. */
enum system_value {
    VALUE_LEVEL,
    VALUE_OPCODE,
    VALUE_TASK,
    VALUE_EVENT_ID,
    VALUE_KEYWORDS,
    VALUE_TIME,
    VALUE_ACTIVITY,
    VALUE_PROCESS,
    VALUE_THREAD,
    VALUE_RECORD,
    VALUE_VERSION,
    VALUE_USER,
    VALUE_DATA,
};

static void put_leaf(struct evtx_writer *w, const char *name, enum system_value index, uint8_t type)
{
    size_t mark = evtx_put_open(w, name, (int)index, false);

    evtx_put_close_start(w, mark, false);
    evtx_put_substitution(w, (uint16_t)index, type, true);
    evtx_put_end(w, mark);
}

static void put_constant(struct evtx_writer *w, const char *name, const char *text)
{
    size_t mark = evtx_put_open(w, name, 0xFFFF, false);

    evtx_put_close_start(w, mark, false);
    evtx_put_text(w, text);
    evtx_put_end(w, mark);
}

static void put_provider(struct evtx_writer *w, const struct evtx_write_event *event)
{
    size_t mark = evtx_put_open(w, "Provider", 0xFFFF, true);

    evtx_put_attr(w, "Name", event->provider_guid != NULL);
    evtx_put_text(w, event->provider);
    if (event->provider_guid != NULL) {
        evtx_put_attr(w, "Guid", false);
        evtx_put_text(w, event->provider_guid);
    }
    evtx_put_close_empty(w, mark, true);
}

static void put_system(struct evtx_writer *w, const struct evtx_write_event *event)
{
    size_t system = evtx_put_open(w, "System", 0xFFFF, false);
    size_t mark;

    evtx_put_close_start(w, system, false);
    put_provider(w, event);
    put_leaf(w, "EventID", VALUE_EVENT_ID, EVTX_WRITE_UINT16);
    put_leaf(w, "Version", VALUE_VERSION, EVTX_WRITE_UINT8);
    put_leaf(w, "Level", VALUE_LEVEL, EVTX_WRITE_UINT8);
    put_leaf(w, "Task", VALUE_TASK, EVTX_WRITE_UINT16);
    put_leaf(w, "Opcode", VALUE_OPCODE, EVTX_WRITE_UINT8);
    put_leaf(w, "Keywords", VALUE_KEYWORDS, EVTX_WRITE_HEX64);
    mark = evtx_put_open(w, "TimeCreated", 0xFFFF, true);
    evtx_put_attr(w, "SystemTime", false);
    evtx_put_substitution(w, VALUE_TIME, EVTX_WRITE_FILETIME, true);
    evtx_put_close_empty(w, mark, true);
    put_leaf(w, "EventRecordID", VALUE_RECORD, EVTX_WRITE_UINT64);
    mark = evtx_put_open(w, "Correlation", 0xFFFF, true);
    evtx_put_attr(w, "ActivityID", false);
    evtx_put_substitution(w, VALUE_ACTIVITY, EVTX_WRITE_GUID, true);
    evtx_put_close_empty(w, mark, true);
    mark = evtx_put_open(w, "Execution", 0xFFFF, true);
    evtx_put_attr(w, "ProcessID", true);
    evtx_put_substitution(w, VALUE_PROCESS, EVTX_WRITE_UINT32, true);
    evtx_put_attr(w, "ThreadID", false);
    evtx_put_substitution(w, VALUE_THREAD, EVTX_WRITE_UINT32, true);
    evtx_put_close_empty(w, mark, true);
    put_constant(w, "Channel", event->channel);
    put_constant(w, "Computer", event->computer);
    mark = evtx_put_open(w, "Security", 0xFFFF, true);
    evtx_put_attr(w, "UserID", false);
    evtx_put_substitution(w, VALUE_USER, EVTX_WRITE_SID, true);
    evtx_put_close_empty(w, mark, true);
    evtx_put_end(w, system);
}

static void put_event_template(
        struct evtx_writer *w, const struct evtx_write_event *event, uint64_t key)
{
    size_t definition = evtx_put_definition(w, key);
    size_t mark;

    evtx_put_fragment(w);
    mark = evtx_put_open(w, "Event", 0xFFFF, true);
    evtx_put_attr(w, "xmlns", false);
    evtx_put_text(w, event_ns);
    evtx_put_close_start(w, mark, true);
    put_system(w, event);
    evtx_put_substitution(w, VALUE_DATA, EVTX_WRITE_XML, true);
    evtx_put_end(w, mark);
    evtx_put_eof(w);
    evtx_put_definition_end(w, definition);
}

static void put_field(struct evtx_writer *w, const struct evtx_write_event *event, size_t index)
{
    const struct evtx_write_field *field = &event->fields[index];
    bool named = field->name != NULL && event->user_data == NULL;
    const char *element = event->user_data != NULL && field->name != NULL ? field->name : "Data";
    size_t mark = evtx_put_open(w, element, 0xFFFF, named);

    if (named) {
        evtx_put_attr(w, "Name", false);
        evtx_put_text(w, field->name);
    }
    evtx_put_close_start(w, mark, named);
    evtx_put_substitution(w, (uint16_t)index, field->type, false);
    evtx_put_end(w, mark);
}

static void put_data_template(
        struct evtx_writer *w, const struct evtx_write_event *event, uint64_t key)
{
    size_t definition = evtx_put_definition(w, key);
    size_t outer = 0;
    size_t mark;

    evtx_put_fragment(w);
    if (event->user_data != NULL) {
        outer = evtx_put_open(w, "UserData", 0xFFFF, false);
        evtx_put_close_start(w, outer, false);
        mark = evtx_put_open(w, event->user_data, 0xFFFF, true);
        evtx_put_attr(w, "xmlns", false);
        evtx_put_text(w, user_ns);
        evtx_put_close_start(w, mark, true);
    } else {
        mark = evtx_put_open(w, "EventData", 0xFFFF, false);
        evtx_put_close_start(w, mark, false);
    }
    for (size_t i = 0; i < event->field_count; i++)
        put_field(w, event, i);
    evtx_put_end(w, mark);
    if (event->user_data != NULL)
        evtx_put_end(w, outer);
    evtx_put_eof(w);
    evtx_put_definition_end(w, definition);
}

static uint64_t mix_text(uint64_t key, const char *text)
{
    return text == NULL ? hn_mix64(key + 1) : hn_hash(text, strlen(text) + 1, key);
}

static uint64_t event_key(const struct evtx_write_event *event)
{
    uint64_t key = mix_text(1, event->provider);

    key = mix_text(key, event->provider_guid);
    key = mix_text(key, event->channel);
    return mix_text(key, event->computer);
}

static uint64_t data_key(const struct evtx_write_event *event)
{
    uint64_t key = mix_text(2, event->user_data);

    for (size_t i = 0; i < event->field_count; i++)
        key = mix_text(key + event->fields[i].type, event->fields[i].name);
    return key;
}

/* The values of <EventData>, with their template where the chunk has not got it yet. The fragment
 * is itself a value of <Event>, with its size before it. */
static bool put_data(struct evtx_writer *w, const struct evtx_write_event *event)
{
    uint64_t key = data_key(event);

    evtx_put_fragment(w);
    if (evtx_put_instance(w, key))
        put_data_template(w, event, key);
    for (size_t i = 0; i < event->field_count; i++) {
        const struct evtx_write_field *field = &event->fields[i];

        if (field->text == NULL)
            evtx_value_add(w, field->type, field->raw.ptr, field->raw.len);
        else if (!evtx_value_add_text(w, field->type, field->text))
            return false;
    }
    evtx_put_values(w);
    evtx_put_eof(w);
    return true;
}

static void add_u64(struct evtx_writer *w, uint8_t type, uint64_t value, size_t len)
{
    uint8_t bytes[8];

    evtx_store_u64(bytes, value);
    evtx_value_add(w, type, bytes, len);
}

static bool add_optional(struct evtx_writer *w, uint8_t type, const char *text)
{
    if (text != NULL)
        return evtx_value_add_text(w, type, text);
    evtx_value_add(w, EVTX_WRITE_NULL, "", 0);
    return true;
}

static bool add_system_values(
        struct evtx_writer *w, const struct evtx_write_event *event, uint64_t id, uint64_t filetime)
{
    add_u64(w, EVTX_WRITE_UINT8, event->level, 1);
    add_u64(w, EVTX_WRITE_UINT8, event->opcode, 1);
    add_u64(w, EVTX_WRITE_UINT16, event->task, 2);
    add_u64(w, EVTX_WRITE_UINT16, event->event_id, 2);
    add_u64(w, EVTX_WRITE_HEX64, event->keywords, 8);
    add_u64(w, EVTX_WRITE_FILETIME, filetime, 8);
    if (!add_optional(w, EVTX_WRITE_GUID, event->activity_id))
        return false;
    add_u64(w, EVTX_WRITE_UINT32, event->process_id, 4);
    add_u64(w, EVTX_WRITE_UINT32, event->thread_id, 4);
    add_u64(w, EVTX_WRITE_UINT64, id, 8);
    add_u64(w, EVTX_WRITE_UINT8, event->version, 1);
    return add_optional(w, EVTX_WRITE_SID, event->user_sid);
}

static bool put_event(
        struct evtx_writer *w, const struct evtx_write_event *event, uint64_t id, uint64_t filetime)
{
    static const uint8_t xml_descriptor[4] = { 0, 0, EVTX_WRITE_XML, 0 };
    size_t record = evtx_put_record(w, id, filetime);
    uint64_t key = event_key(event);
    size_t descriptor;
    size_t data;

    evtx_put_fragment(w);
    if (evtx_put_instance(w, key))
        put_event_template(w, event, key);
    if (!add_system_values(w, event, id, filetime))
        return false;
    hn_buf_add(&w->descriptors, xml_descriptor, sizeof xml_descriptor);
    descriptor = w->pos + w->descriptors.len;
    evtx_put_values(w);
    data = w->pos;
    if (event->field_count > 0 && !put_data(w, event))
        return false;
    if (w->pos - data > UINT16_MAX)
        w->overflow = true;
    if (!w->overflow)
        evtx_store_u16(w->chunk + descriptor, (uint16_t)(w->pos - data));
    evtx_put_eof(w);
    evtx_put_record_end(w, record);
    return true;
}

static bool filetime_of(const char *text, uint64_t *ret_filetime)
{
    static const struct hn_time_defaults defaults = { 0 };
    hn_time time = hn_time_parse(hn_text_cstr(text), &defaults);

    if (time == HN_TIME_NONE || time < 0)
        return false;
    *ret_filetime = (uint64_t)time / 100 + UINT64_C(116444736000000000);
    return true;
}

/* What an event that does not fit has to give back. */
static void take_back(struct evtx_writer *w, const struct evtx_writer *before)
{
    for (size_t i = before->names.count; i < w->names.count; i++)
        hn_free(w->names.ptr[i].text);
    w->names.count = before->names.count;
    w->templates.count = before->templates.count;
    memset(w->chunk + before->pos, 0, sizeof w->chunk - before->pos);
    w->pos = before->pos;
    w->record_first = before->record_first;
    w->record_last = before->record_last;
    w->last_offset = before->last_offset;
    w->record_count = before->record_count;
    w->overflow = false;
    hn_buf_reset(&w->descriptors);
    hn_buf_reset(&w->values);
}

bool evtx_writer_add(struct evtx_writer *w, const struct evtx_write_event *event)
{
    uint64_t id = event->record_id != 0 ? event->record_id : w->record_last + 1;
    uint64_t filetime = 0;

    if (!filetime_of(event->time, &filetime))
        evtx_writer_fail(w, "time cannot be read");
    for (int attempt = 0; attempt < 2 && w->error == NULL; attempt++) {
        size_t pos = w->pos;
        struct evtx_writer *before = hn_malloc(sizeof *before);

        if (before == NULL) {
            evtx_writer_fail(w, "out of memory");
            break;
        }
        *before = *w;
        if (!put_event(w, event, id, filetime))
            evtx_writer_fail(w, "value cannot be read");
        if (!w->overflow) {
            hn_free(before);
            break;
        }
        take_back(w, before);
        hn_free(before);
        if (pos == EVTX_WRITE_CHUNK_HEADER)
            evtx_writer_fail(w, "event does not fit into a chunk");
        else
            evtx_put_chunk_end(w);
    }
    return w->error == NULL;
}
