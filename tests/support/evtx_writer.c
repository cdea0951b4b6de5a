/* evtx_writer.c - tokens, records, chunks and files of the Windows event log, written from scratch.
 *
 * Events are made of them in evtx_writer_event.c, values of texts in evtx_writer_values.c. */
#include "support/evtx_writer.h"

#include "base/crc32.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf.h"

#define FILE_HEADER_BYTES 4096u
#define NAME_BUCKETS      64u
#define TEMPLATE_BUCKETS  32u

void evtx_writer_fail(struct evtx_writer *w, const char *error)
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

    evtx_store_u16(bytes, value);
    evtx_put(w, bytes, sizeof bytes);
}

void evtx_put_u32(struct evtx_writer *w, uint32_t value)
{
    uint8_t bytes[4];

    evtx_store_u32(bytes, value);
    evtx_put(w, bytes, sizeof bytes);
}

void evtx_put_u64(struct evtx_writer *w, uint64_t value)
{
    evtx_put_u32(w, (uint32_t)(value & UINT32_MAX));
    evtx_put_u32(w, (uint32_t)(value >> 32));
}

static void put_utf16(struct evtx_writer *w, const char *utf8)
{
    struct hn_buf utf16 = { 0 };

    hn_utf8_to_utf16le(&utf16, hn_text_cstr(utf8));
    if (!hn_buf_ok(&utf16))
        evtx_writer_fail(w, "out of memory");
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
        evtx_store_u32(w->chunk + field, (uint32_t)(w->pos - field - 4));
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
        evtx_writer_fail(w, "out of memory");
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
        evtx_writer_fail(w, "out of memory");
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

    evtx_put_u32(w, 0);                 /* the next template of its bucket */
    evtx_put_u64(w, hn_mix64(key));     /* a GUID, of which the instance repeats the first part */
    evtx_put_u64(w, hn_mix64(key + 1)); /* keys are hashes: their neighbours are free */
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
        evtx_writer_fail(w, "value too long");
        return;
    }
    evtx_store_u16(descriptor, (uint16_t)len);
    descriptor[2] = type;
    descriptor[3] = 0;
    hn_buf_add(&w->descriptors, descriptor, sizeof descriptor);
    hn_buf_add(&w->values, ptr, len);
}

void evtx_put_values(struct evtx_writer *w)
{
    if (!hn_buf_ok(&w->descriptors) || !hn_buf_ok(&w->values))
        evtx_writer_fail(w, "out of memory");
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
    evtx_put_u64(w, id);
    evtx_put_u64(w, filetime);
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
        evtx_store_u32(w->chunk + record + 4, size);
}

void evtx_put_chunk_start(struct evtx_writer *w)
{
    memset(w->chunk, 0, sizeof w->chunk);
    w->pos = EVTX_WRITE_CHUNK_HEADER;
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
        evtx_store_u32(bucket, w->names.ptr[i].offset);
    }
    for (size_t i = 0; i < w->templates.count; i++) {
        uint8_t *bucket = w->chunk + 384 + (size_t)(w->templates.ptr[i].id % TEMPLATE_BUCKETS) * 4;

        memcpy(w->chunk + w->templates.ptr[i].offset, bucket, 4);
        evtx_store_u32(bucket, w->templates.ptr[i].offset);
    }
}

void evtx_put_chunk_end(struct evtx_writer *w)
{
    uint32_t crc;

    chunk_tables(w);
    memcpy(w->chunk, "ElfChnk", 8);
    evtx_store_u64(w->chunk + 8, w->record_first);
    evtx_store_u64(w->chunk + 16, w->record_last);
    evtx_store_u64(w->chunk + 24, w->record_first);
    evtx_store_u64(w->chunk + 32, w->record_last);
    evtx_store_u32(w->chunk + 40, 128);
    evtx_store_u32(w->chunk + 44, (uint32_t)w->last_offset);
    evtx_store_u32(w->chunk + 48, (uint32_t)w->pos);
    evtx_store_u32(w->chunk + 52, hn_crc32(0, hn_bytes_of(w->chunk + EVTX_WRITE_CHUNK_HEADER,
                                                      w->pos - EVTX_WRITE_CHUNK_HEADER)));
    crc = hn_crc32(0, hn_bytes_of(w->chunk, 120));
    crc = hn_crc32(crc, hn_bytes_of(w->chunk + 128, EVTX_WRITE_CHUNK_HEADER - 128));
    evtx_store_u32(w->chunk + 124, crc);
    hn_buf_add(w->out, w->chunk, sizeof w->chunk);
    w->chunk_count++;
    evtx_put_chunk_start(w);
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
    evtx_put_chunk_start(w);
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
        evtx_writer_fail(w, "out of memory");
    if (w->error != NULL)
        return false;
    evtx_store_u64(header + 16, w->chunk_count == 0 ? 0 : w->chunk_count - 1);
    evtx_store_u64(header + 24, w->record_last + 1);
    evtx_store_u32(header + 32, 128);
    evtx_store_u16(header + 36, 1); /* version 3.1 */
    evtx_store_u16(header + 38, 3);
    evtx_store_u16(header + 40, FILE_HEADER_BYTES);
    evtx_store_u16(header + 42, (uint16_t)w->chunk_count);
    evtx_store_u32(header + 120, w->flags);
    evtx_store_u32(header + 124, hn_crc32(0, hn_bytes_of(header, 120)));
    memcpy(w->out->ptr + w->start, header, sizeof header);
    return true;
}
