/* evtx_writer.c - records, chunks and files of the Windows event log, written from scratch.
 *
 * An event that does not fit into the rest of a chunk is taken back and written into the next one.
 * The values of texts are in evtx_writer_values.c. */
#include "support/evtx_writer.h"

#include "base/crc32.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/utf.h"

#define FILE_HEADER_BYTES  4096u
#define CHUNK_HEADER_BYTES 512u
#define NAME_BUCKETS       64u
#define TEMPLATE_BUCKETS   32u

static const char event_ns[] = "http://schemas.microsoft.com/win/2004/08/events/event";
static const char user_ns[] = "http://schemas.example/events";

static void store_u16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value & 0xFF);
    p[1] = (uint8_t)(value >> 8);
}

static void store_u32(uint8_t *p, uint32_t value)
{
    store_u16(p, (uint16_t)(value & 0xFFFF));
    store_u16(p + 2, (uint16_t)(value >> 16));
}

static void store_u64(uint8_t *p, uint64_t value)
{
    store_u32(p, (uint32_t)(value & UINT32_MAX));
    store_u32(p + 4, (uint32_t)(value >> 32));
}

static void fail(struct evtx_writer *w, const char *error)
{
    if (w->error == NULL)
        w->error = error;
}

/* ---- Bytes ------------------------------------------------------------------------------------
 */

void evtx_put(struct evtx_writer *w, const void *ptr, size_t len)
{
    if (len > sizeof w->chunk - w->pos) {
        w->overflow = true;
        return;
    }
    if (len > 0)
        memcpy(w->chunk + w->pos, ptr, len);
    w->pos += len;
}

void evtx_put_u8(struct evtx_writer *w, uint8_t value)
{
    evtx_put(w, &value, 1);
}

void evtx_put_u16(struct evtx_writer *w, uint16_t value)
{
    uint8_t bytes[2];

    store_u16(bytes, value);
    evtx_put(w, bytes, sizeof bytes);
}

void evtx_put_u32(struct evtx_writer *w, uint32_t value)
{
    uint8_t bytes[4];

    store_u32(bytes, value);
    evtx_put(w, bytes, sizeof bytes);
}

static void put_u64(struct evtx_writer *w, uint64_t value)
{
    evtx_put_u32(w, (uint32_t)(value & UINT32_MAX));
    evtx_put_u32(w, (uint32_t)(value >> 32));
}

static void put_utf16(struct evtx_writer *w, const char *utf8)
{
    struct hn_buf utf16 = { 0 };

    hn_utf8_to_utf16le(&utf16, hn_text_cstr(utf8));
    if (!hn_buf_ok(&utf16))
        fail(w, "out of memory");
    else
        evtx_put(w, utf16.ptr, utf16.len);
    hn_buf_deinit(&utf16);
}

static uint16_t utf16_units(const char *utf8)
{
    uint16_t units = 0;

    for (const char *p = utf8; *p != '\0'; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80)
            units++;
        if ((unsigned char)*p >= 0xF0) /* a surrogate pair */
            units++;
    }
    return units;
}

/* Fills a field whose value is known only now with the bytes from there to here. */
static void patch_len(struct evtx_writer *w, size_t field)
{
    if (!w->overflow)
        store_u32(w->chunk + field, (uint32_t)(w->pos - field - 4));
}

/* ---- Tokens -----------------------------------------------------------------------------------
 */

static uint16_t name_hash(const char *ascii)
{
    uint32_t hash = 0;

    for (; *ascii != '\0'; ascii++)
        hash = hash * 65599u + (unsigned char)*ascii;
    return (uint16_t)hash;
}

void evtx_put_name(struct evtx_writer *w, const char *name)
{
    struct evtx_write_name *entry;

    for (size_t i = 0; i < w->names.count; i++) {
        if (strcmp(w->names.ptr[i].text, name) == 0) {
            evtx_put_u32(w, w->names.ptr[i].offset);
            return;
        }
    }
    entry = hn_vec_add(&w->names);
    if (entry == NULL || (entry->text = hn_malloc(strlen(name) + 1)) == NULL) {
        fail(w, "out of memory");
        return;
    }
    memcpy(entry->text, name, strlen(name) + 1);
    entry->hash = name_hash(name);
    evtx_put_u32(w, (uint32_t)w->pos + 4);
    entry->offset = (uint32_t)w->pos;
    evtx_put_u32(w, 0); /* the next name of its bucket: filled in when the chunk is complete */
    evtx_put_u16(w, entry->hash);
    evtx_put_u16(w, (uint16_t)strlen(name));
    put_utf16(w, name);
    evtx_put_u16(w, 0);
}

void evtx_put_fragment(struct evtx_writer *w)
{
    evtx_put(w, "\x0F\x01\x01\x00", 4);
}

size_t evtx_put_open(struct evtx_writer *w, const char *name, int dependency, bool has_attrs)
{
    size_t mark;

    evtx_put_u8(w, has_attrs ? 0x41 : 0x01);
    if (dependency >= 0)
        evtx_put_u16(w, (uint16_t)dependency);
    mark = w->pos;
    evtx_put_u32(w, 0);
    evtx_put_name(w, name);
    if (has_attrs)
        evtx_put_u32(w, 0);
    return mark;
}

void evtx_put_attr(struct evtx_writer *w, const char *name, bool more)
{
    evtx_put_u8(w, more ? 0x46 : 0x06);
    evtx_put_name(w, name);
}

/* The length of the attributes stands behind the element's name, and that is either behind the
 * element's length or elsewhere. */
static void patch_attrs(struct evtx_writer *w, size_t mark)
{
    size_t field = mark + 8;
    uint32_t name;

    if (w->overflow)
        return;
    name = (uint32_t)w->chunk[mark + 4] | (uint32_t)w->chunk[mark + 5] << 8;
    if (name == mark + 8)
        field += 8 + (size_t)(w->chunk[name + 6] | w->chunk[name + 7] << 8) * 2 + 2;
    patch_len(w, field);
}

void evtx_put_close_start(struct evtx_writer *w, size_t mark, bool has_attrs)
{
    if (has_attrs)
        patch_attrs(w, mark);
    evtx_put_u8(w, 0x02);
}

void evtx_put_close_empty(struct evtx_writer *w, size_t mark, bool has_attrs)
{
    if (has_attrs)
        patch_attrs(w, mark);
    evtx_put_u8(w, 0x03);
    patch_len(w, mark);
}

void evtx_put_end(struct evtx_writer *w, size_t mark)
{
    evtx_put_u8(w, 0x04);
    patch_len(w, mark);
}

void evtx_put_text(struct evtx_writer *w, const char *utf8)
{
    evtx_put_u8(w, 0x05);
    evtx_put_u8(w, EVTX_WRITE_STRING);
    evtx_put_u16(w, utf16_units(utf8));
    put_utf16(w, utf8);
}

void evtx_put_substitution(struct evtx_writer *w, uint16_t index, uint8_t type, bool optional)
{
    evtx_put_u8(w, optional ? 0x0E : 0x0D);
    evtx_put_u16(w, index);
    evtx_put_u8(w, type);
}

void evtx_put_eof(struct evtx_writer *w)
{
    evtx_put_u8(w, 0x00);
}

/* ---- Templates --------------------------------------------------------------------------------
 */

bool evtx_put_instance(struct evtx_writer *w, uint64_t key)
{
    struct evtx_write_template *entry;

    evtx_put_u8(w, 0x0C);
    evtx_put_u8(w, 0x01);
    for (size_t i = 0; i < w->templates.count; i++) {
        if (w->templates.ptr[i].key == key) {
            evtx_put_u32(w, w->templates.ptr[i].id);
            evtx_put_u32(w, w->templates.ptr[i].offset);
            return false;
        }
    }
    entry = hn_vec_add(&w->templates);
    if (entry == NULL) {
        fail(w, "out of memory");
        return false;
    }
    entry->key = key;
    entry->id = (uint32_t)hn_mix64(key);
    evtx_put_u32(w, entry->id);
    entry->offset = (uint32_t)w->pos + 4;
    evtx_put_u32(w, entry->offset);
    return true;
}

size_t evtx_put_definition(struct evtx_writer *w, uint64_t key)
{
    size_t mark;

    evtx_put_u32(w, 0);            /* the next template of its bucket */
    put_u64(w, hn_mix64(key));     /* a GUID, of which the instance repeats the first part */
    put_u64(w, hn_mix64(key + 1)); /* keys are hashes: their neighbours are free */
    mark = w->pos;
    evtx_put_u32(w, 0);
    return mark;
}

void evtx_put_definition_end(struct evtx_writer *w, size_t definition)
{
    patch_len(w, definition);
}

void evtx_value_add(struct evtx_writer *w, uint8_t type, const void *ptr, size_t len)
{
    uint8_t descriptor[4];

    if (len > UINT16_MAX) {
        fail(w, "value too long");
        return;
    }
    store_u16(descriptor, (uint16_t)len);
    descriptor[2] = type;
    descriptor[3] = 0;
    hn_buf_add(&w->descriptors, descriptor, sizeof descriptor);
    hn_buf_add(&w->values, ptr, len);
}

void evtx_put_values(struct evtx_writer *w)
{
    if (!hn_buf_ok(&w->descriptors) || !hn_buf_ok(&w->values))
        fail(w, "out of memory");
    evtx_put_u32(w, (uint32_t)(w->descriptors.len / 4));
    evtx_put(w, w->descriptors.ptr, w->descriptors.len);
    evtx_put(w, w->values.ptr, w->values.len);
    hn_buf_reset(&w->descriptors);
    hn_buf_reset(&w->values);
}

/* ---- Records and chunks -----------------------------------------------------------------------
 */

size_t evtx_put_record(struct evtx_writer *w, uint64_t id, uint64_t filetime)
{
    size_t record = w->pos;

    evtx_put(w, "\x2A\x2A\x00\x00", 4);
    evtx_put_u32(w, 0);
    put_u64(w, id);
    put_u64(w, filetime);
    w->last_offset = record;
    if (w->record_count++ == 0)
        w->record_first = id;
    w->record_last = id;
    return record;
}

void evtx_put_record_end(struct evtx_writer *w, size_t record)
{
    uint32_t size;

    while ((w->pos - record + 4) % 8 != 0 && !w->overflow)
        evtx_put_u8(w, 0);
    size = (uint32_t)(w->pos - record + 4);
    evtx_put_u32(w, size);
    if (!w->overflow)
        store_u32(w->chunk + record + 4, size);
}

static void chunk_start(struct evtx_writer *w)
{
    memset(w->chunk, 0, sizeof w->chunk);
    w->pos = CHUNK_HEADER_BYTES;
    w->record_count = 0;
    w->overflow = false;
    for (size_t i = 0; i < w->names.count; i++)
        hn_free(w->names.ptr[i].text);
    hn_vec_reset(&w->names);
    hn_vec_reset(&w->templates);
}

/* Each bucket's newest entry stands in the header; each entry points to the one before. */
static void chunk_tables(struct evtx_writer *w)
{
    for (size_t i = 0; i < w->names.count; i++) {
        uint8_t *bucket = w->chunk + 128 + (size_t)(w->names.ptr[i].hash % NAME_BUCKETS) * 4;

        memcpy(w->chunk + w->names.ptr[i].offset, bucket, 4);
        store_u32(bucket, w->names.ptr[i].offset);
    }
    for (size_t i = 0; i < w->templates.count; i++) {
        uint8_t *bucket = w->chunk + 384 + (size_t)(w->templates.ptr[i].id % TEMPLATE_BUCKETS) * 4;

        memcpy(w->chunk + w->templates.ptr[i].offset, bucket, 4);
        store_u32(bucket, w->templates.ptr[i].offset);
    }
}

void evtx_put_chunk_end(struct evtx_writer *w)
{
    uint32_t crc;

    chunk_tables(w);
    memcpy(w->chunk, "ElfChnk", 8);
    store_u64(w->chunk + 8, w->record_first);
    store_u64(w->chunk + 16, w->record_last);
    store_u64(w->chunk + 24, w->record_first);
    store_u64(w->chunk + 32, w->record_last);
    store_u32(w->chunk + 40, 128);
    store_u32(w->chunk + 44, (uint32_t)w->last_offset);
    store_u32(w->chunk + 48, (uint32_t)w->pos);
    store_u32(w->chunk + 52,
            hn_crc32(0, hn_bytes_of(w->chunk + CHUNK_HEADER_BYTES, w->pos - CHUNK_HEADER_BYTES)));
    crc = hn_crc32(0, hn_bytes_of(w->chunk, 120));
    crc = hn_crc32(crc, hn_bytes_of(w->chunk + 128, CHUNK_HEADER_BYTES - 128));
    store_u32(w->chunk + 124, crc);
    hn_buf_add(w->out, w->chunk, sizeof w->chunk);
    w->chunk_count++;
    chunk_start(w);
}

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

    store_u64(bytes, value);
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
        store_u16(w->chunk + descriptor, (uint16_t)(w->pos - data));
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
        fail(w, "time cannot be read");
    for (int attempt = 0; attempt < 2 && w->error == NULL; attempt++) {
        size_t pos = w->pos;
        struct evtx_writer *before = hn_malloc(sizeof *before);

        if (before == NULL) {
            fail(w, "out of memory");
            break;
        }
        *before = *w;
        if (!put_event(w, event, id, filetime))
            fail(w, "value cannot be read");
        if (!w->overflow) {
            hn_free(before);
            break;
        }
        take_back(w, before);
        hn_free(before);
        if (pos == CHUNK_HEADER_BYTES)
            fail(w, "event does not fit into a chunk");
        else
            evtx_put_chunk_end(w);
    }
    return w->error == NULL;
}

/* ---- Files ------------------------------------------------------------------------------------
 */

struct evtx_writer *evtx_writer_new(struct hn_buf *out)
{
    struct evtx_writer *w = hn_calloc(1, sizeof *w);
    uint8_t *header = hn_calloc(1, FILE_HEADER_BYTES);

    if (w == NULL || header == NULL) {
        hn_free(w);
        hn_free(header);
        return NULL;
    }
    w->out = out;
    w->start = out->len;
    hn_buf_init(&w->values, EVTX_WRITE_CHUNK);
    hn_buf_init(&w->descriptors, EVTX_WRITE_CHUNK);
    hn_buf_add(out, header, FILE_HEADER_BYTES);
    hn_free(header);
    chunk_start(w);
    return w;
}

void evtx_writer_free(struct evtx_writer *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->names.count; i++)
        hn_free(w->names.ptr[i].text);
    hn_vec_deinit(&w->names);
    hn_vec_deinit(&w->templates);
    hn_buf_deinit(&w->values);
    hn_buf_deinit(&w->descriptors);
    hn_free(w);
}

bool evtx_writer_end(struct evtx_writer *w)
{
    uint8_t header[128] = "ElfFile";

    if (w->record_count > 0)
        evtx_put_chunk_end(w);
    if (!hn_buf_ok(w->out))
        fail(w, "out of memory");
    if (w->error != NULL)
        return false;
    store_u64(header + 16, w->chunk_count == 0 ? 0 : w->chunk_count - 1);
    store_u64(header + 24, w->record_last + 1);
    store_u32(header + 32, 128);
    store_u16(header + 36, 1); /* version 3.1 */
    store_u16(header + 38, 3);
    store_u16(header + 40, FILE_HEADER_BYTES);
    store_u16(header + 42, (uint16_t)w->chunk_count);
    store_u32(header + 120, w->flags);
    store_u32(header + 124, hn_crc32(0, hn_bytes_of(header, 120)));
    memcpy(w->out->ptr + w->start, header, sizeof header);
    return true;
}
