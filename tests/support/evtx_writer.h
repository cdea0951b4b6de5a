/* evtx_writer.h - writes Windows event logs: for tests, fuzz seeds and the example incident.
 *
 *     struct evtx_writer *w = evtx_writer_new(&buf);
 *     evtx_writer_add(w, &event);             any number of times
 *     if (!evtx_writer_end(w)) ...            w->error says why
 *     evtx_writer_free(w);
 *
 * The files are as Windows writes them: chunks with tables of names and templates and with
 * checksums, one template for the <System> part of each provider and one for each layout of data.
 * It shares nothing with the decoder. Below are the building blocks as well, for records that no
 * Windows would write.
 *
 * Memory: what it writes goes to the caller's buffer, chunk by chunk.
 * Errors: the first one is kept in error, and nothing is written any more.
 * Concurrency: one thread at a time. */
#ifndef HN_SUPPORT_EVTX_WRITER_H
#define HN_SUPPORT_EVTX_WRITER_H

#include "base/buf.h"
#include "base/vec.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

/* Types of values, as binary XML numbers them. What text has to be for each: */
enum evtx_write_type {
    EVTX_WRITE_NULL = 0x00,
    EVTX_WRITE_STRING = 0x01, /* UTF-8 */
    EVTX_WRITE_ANSI = 0x02,   /* bytes, taken over as they are */
    EVTX_WRITE_INT8 = 0x03,   /* decimal */
    EVTX_WRITE_UINT8 = 0x04,
    EVTX_WRITE_INT16 = 0x05,
    EVTX_WRITE_UINT16 = 0x06,
    EVTX_WRITE_INT32 = 0x07,
    EVTX_WRITE_UINT32 = 0x08,
    EVTX_WRITE_INT64 = 0x09,
    EVTX_WRITE_UINT64 = 0x0A,
    EVTX_WRITE_REAL32 = 0x0B,
    EVTX_WRITE_REAL64 = 0x0C,
    EVTX_WRITE_BOOL = 0x0D,       /* true or false */
    EVTX_WRITE_BINARY = 0x0E,     /* pairs of hex digits */
    EVTX_WRITE_GUID = 0x0F,       /* with or without braces */
    EVTX_WRITE_POINTER = 0x10,    /* hex, 8 bytes */
    EVTX_WRITE_FILETIME = 0x11,   /* any stamp that hn_time_parse() reads */
    EVTX_WRITE_SYSTEMTIME = 0x12, /* the same */
    EVTX_WRITE_SID = 0x13,        /* S-1-5-18 */
    EVTX_WRITE_HEX32 = 0x14,      /* hex, with or without 0x */
    EVTX_WRITE_HEX64 = 0x15,
    EVTX_WRITE_XML = 0x21,   /* raw only */
    EVTX_WRITE_ARRAY = 0x80, /* a bit; raw only */
};

struct evtx_write_field {
    const char *name; /* NULL: <Data> without a name */
    uint8_t type;     /* enum evtx_write_type */
    const char *text; /* NULL: raw, as it is */
    struct hn_bytes raw;
};

struct evtx_write_event {
    const char *provider;
    const char *provider_guid; /* NULL: none */
    const char *channel;
    const char *computer;
    uint16_t event_id;
    uint8_t version;
    uint8_t level;
    uint16_t task;
    uint8_t opcode;
    uint64_t keywords;
    uint64_t record_id; /* 0: one more than the last */
    const char *time;   /* as hn_time_parse() reads it */
    uint32_t process_id;
    uint32_t thread_id;
    const char *user_sid;    /* NULL: none */
    const char *activity_id; /* GUID; NULL: none */
    const char *user_data;   /* name of the element below <UserData>; NULL: <EventData> */
    const struct evtx_write_field *fields;
    size_t field_count;
};

struct evtx_write_name {
    uint32_t offset;
    uint16_t hash;
    char *text;
};

struct evtx_write_template {
    uint32_t offset;
    uint32_t id;
    uint64_t key;
};

#define EVTX_WRITE_CHUNK 65536u

struct evtx_writer {
    struct hn_buf *out;
    size_t start; /* of the file in out */
    const char *error;

    uint8_t chunk[EVTX_WRITE_CHUNK];
    size_t pos; /* in the chunk */
    bool overflow;
    HN_VEC(struct evtx_write_name) names;
    HN_VEC(struct evtx_write_template) templates;
    struct hn_buf values; /* of the instance being written */
    struct hn_buf descriptors;

    uint64_t record_last;
    uint64_t record_first; /* of the chunk */
    size_t last_offset;    /* of the chunk's last record */
    uint32_t record_count; /* in the chunk */
    uint32_t chunk_count;
    uint32_t flags; /* of the file header: 1 dirty, 2 full */
};

struct evtx_writer *evtx_writer_new(struct hn_buf *out); /* NULL when out of memory */
void evtx_writer_free(struct evtx_writer *w);
bool evtx_writer_add(struct evtx_writer *w, const struct evtx_write_event *event);
bool evtx_writer_end(struct evtx_writer *w);

/* ---- Building blocks: bytes at w->pos of the chunk --------------------------------------------
 */

void evtx_put(struct evtx_writer *w, const void *ptr, size_t len);
void evtx_put_u8(struct evtx_writer *w, uint8_t value);
void evtx_put_u16(struct evtx_writer *w, uint16_t value);
void evtx_put_u32(struct evtx_writer *w, uint32_t value);

/* A record: its header; then the caller puts binary XML; then the padding and the size again. */
size_t evtx_put_record(struct evtx_writer *w, uint64_t id, uint64_t filetime);
void evtx_put_record_end(struct evtx_writer *w, size_t record);

/* 0F 01 01 00 */
void evtx_put_fragment(struct evtx_writer *w);
/* The offset of a name, and where it is used for the first time the name. */
void evtx_put_name(struct evtx_writer *w, const char *name);
/* <name, up to its attributes. dependency < 0: the element belongs to no template. Returns a mark
 * for evtx_put_end(). */
size_t evtx_put_open(struct evtx_writer *w, const char *name, int dependency, bool has_attrs);
/* name=, more: another attribute follows; its content comes next. */
void evtx_put_attr(struct evtx_writer *w, const char *name, bool more);
/* > after the attributes of the element with this mark. */
void evtx_put_close_start(struct evtx_writer *w, size_t mark, bool has_attrs);
/* /> in place of evtx_put_close_start() and evtx_put_end(). */
void evtx_put_close_empty(struct evtx_writer *w, size_t mark, bool has_attrs);
void evtx_put_end(struct evtx_writer *w, size_t mark);
void evtx_put_text(struct evtx_writer *w, const char *utf8);
void evtx_put_substitution(struct evtx_writer *w, uint16_t index, uint8_t type, bool optional);
void evtx_put_eof(struct evtx_writer *w);

/* A template instance. When evtx_put_instance() returns true the definition comes next, between
 * evtx_put_definition() and its end; then the values. key tells templates apart. */
bool evtx_put_instance(struct evtx_writer *w, uint64_t key);
size_t evtx_put_definition(struct evtx_writer *w, uint64_t key);
void evtx_put_definition_end(struct evtx_writer *w, size_t definition);
/* Values collect in w->values and w->descriptors until they are put. */
void evtx_value_add(struct evtx_writer *w, uint8_t type, const void *ptr, size_t len);
/* From text; false when it does not say such a value. */
bool evtx_value_add_text(struct evtx_writer *w, uint8_t type, const char *text);
void evtx_put_values(struct evtx_writer *w);

/* Writes the chunk out and starts another. */
void evtx_put_chunk_end(struct evtx_writer *w);

#endif
