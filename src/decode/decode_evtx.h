/* decode_evtx.h - how the parts of the event log decoder fit together; private to decode_evtx*.c.
 *
 *   decode_evtx.c           the format: recognition, cutting into chunks, file header
 *   decode_evtx_chunk.c     one chunk: checks, its records, recovery of what damage left
 *   decode_evtx_record.c    one record: runs the program of its template over its values
 *   decode_evtx_template.c  binary XML compiled into such a program (with _name.c and _op.c)
 *   decode_evtx_cache.c     finds the program of a template that was seen before
 *   decode_evtx_value.c     values of every type
 *
 * Offsets inside a chunk are relative to its start; nothing points from one chunk into another. So
 * every offset in the input is checked against the chunk's bytes and nothing else, and the worker
 * (one per event, see hn_event.decoder_state) is the only memory.
 *
 * Terms: a template definition is binary XML with numbered gaps; a record is mostly a template
 * instance, the number of a definition and the values for its gaps. A value may again be binary
 * XML, with an instance of another template ("fragment"). */
#ifndef HN_DECODE_DECODE_EVTX_H
#define HN_DECODE_DECODE_EVTX_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/reader.h"
#include "base/vec.h"
#include "decode/decode_internal.h"
#include "decode/win_names.h"

#define EVTX_FILE_HEADER_BYTES   4096u
#define EVTX_CHUNK_BYTES         65536u
#define EVTX_CHUNK_HEADER_BYTES  512u
#define EVTX_RECORD_HEADER_BYTES 24u
#define EVTX_RECORD_BYTES_MIN    28u /* the header and the size repeated behind the record */

#define EVTX_BATCH_CHUNKS  16u    /* chunks decoded by one decode_run() at most */
#define EVTX_FRAGMENTS_MAX 16u    /* fragments inside values of fragments */
#define EVTX_STEPS_MAX     65536u /* operations run for one record, each of which costs one */
#define EVTX_STEP_BYTES    64u    /* step, and one more for each so many bytes of value */
#define EVTX_OPS_MAX       16384u /* operations of one template */
#define EVTX_ATTRS_MAX     64u    /* attributes of one element */
#define EVTX_CACHE_BYTES   ((size_t)32 << 20) /* compiled templates of one worker */
#define EVTX_RECORDS_MAX   (EVTX_CHUNK_BYTES / EVTX_RECORD_BYTES_MIN) /* in one chunk */

/* ---- Tokens ([MS-EVEN6] 2.2.12) ---- */

enum evtx_token {
    EVTX_TOKEN_EOF = 0x00,
    EVTX_TOKEN_OPEN_ELEMENT = 0x01,
    EVTX_TOKEN_CLOSE_START = 0x02,
    EVTX_TOKEN_CLOSE_EMPTY = 0x03,
    EVTX_TOKEN_END_ELEMENT = 0x04,
    EVTX_TOKEN_VALUE = 0x05,
    EVTX_TOKEN_ATTRIBUTE = 0x06,
    EVTX_TOKEN_CDATA = 0x07,
    EVTX_TOKEN_CHAR_REF = 0x08,
    EVTX_TOKEN_ENTITY_REF = 0x09,
    EVTX_TOKEN_PI_TARGET = 0x0A,
    EVTX_TOKEN_PI_DATA = 0x0B,
    EVTX_TOKEN_INSTANCE = 0x0C,
    EVTX_TOKEN_SUBSTITUTION = 0x0D,
    EVTX_TOKEN_OPTIONAL = 0x0E,
    EVTX_TOKEN_FRAGMENT = 0x0F,
    EVTX_TOKEN_MORE = 0x40, /* a bit: attributes follow, or more of the same content */
};

#define EVTX_DEFINITION_HEADER_BYTES 24u /* of a template: next definition, GUID, size */

/* ---- Values ([MS-EVEN6] 2.2.16, libevtx "value types") ---- */

enum evtx_type {
    EVTX_NULL = 0x00,
    EVTX_STRING = 0x01,
    EVTX_ANSI = 0x02,
    EVTX_INT8 = 0x03,
    EVTX_UINT8 = 0x04,
    EVTX_INT16 = 0x05,
    EVTX_UINT16 = 0x06,
    EVTX_INT32 = 0x07,
    EVTX_UINT32 = 0x08,
    EVTX_INT64 = 0x09,
    EVTX_UINT64 = 0x0A,
    EVTX_REAL32 = 0x0B,
    EVTX_REAL64 = 0x0C,
    EVTX_BOOL = 0x0D,
    EVTX_BINARY = 0x0E,
    EVTX_GUID = 0x0F,
    EVTX_SIZE = 0x10,
    EVTX_FILETIME = 0x11,
    EVTX_SYSTEMTIME = 0x12,
    EVTX_SID = 0x13,
    EVTX_HEX32 = 0x14,
    EVTX_HEX64 = 0x15,
    EVTX_HANDLE = 0x20,
    EVTX_XML = 0x21, /* binary XML */
    EVTX_XML_TEXT = 0x23,
    EVTX_ARRAY = 0x80, /* a bit */
};

/* Fills *ret from a value that is not empty and no array; texts that need converting go to the
 * event's scratch. False when bytes are no such value: then *ret is their hex digits. */
bool evtx_value(struct hn_event *event, uint8_t type, struct hn_bytes bytes, struct hn_value *ret);

/* The next item off the start of an array's bytes, without EVTX_ARRAY. False at the end; what is
 * left in *rest then is no whole item. */
bool evtx_array_next(uint8_t type, struct hn_bytes *rest, struct hn_bytes *ret_item);

/* ---- Programs ---- */

enum evtx_op_kind {
    EVTX_OP_VALUE,    /* field <- value[index] */
    EVTX_OP_TEXT,     /* field <- text of the template */
    EVTX_OP_PARTS,    /* field <- several texts and values joined */
    EVTX_OP_FRAGMENT, /* value[index] is binary XML at this place (or a value like the others) */
    EVTX_OP_INSTANCE, /* a template instance at this place: text is its bytes */
};

/* What an empty value becomes. */
enum evtx_empty {
    EVTX_EMPTY_NOTHING,
    EVTX_EMPTY_NULL,
    EVTX_EMPTY_TEXT,
};

struct evtx_part {
    bool is_value;
    bool is_xml;
    bool optional;
    bool is_utf16; /* how text is written */
    uint16_t index;
    struct hn_text text; /* where it is no value */
};

struct evtx_op {
    uint8_t kind;
    uint8_t empty;
    uint8_t zone;  /* of what is below this place */
    bool is_time;  /* <TimeCreated SystemTime=...> */
    bool is_utf16; /* how text is written */
    uint16_t index;
    uint16_t prefix_len; /* name[0 .. prefix_len) starts the names of what is below */
    hn_field field;
    struct hn_text name;
    struct hn_text text;
    /* EVTX_OP_PARTS, or a Name that is made of values: parts[part_first .. + part_count) */
    uint32_t part_first;
    uint32_t part_count;
    uint32_t name_part_first;
    uint32_t name_part_count; /* 0: the name is known */
};

struct evtx_program {
    const struct evtx_op *ops;
    const struct evtx_part *parts;
    uint32_t op_count;
    uint32_t findings; /* bits: what was wrong with the binary XML */
};

/* ---- The worker ---- */

/* An instance of a template, all bounds checked but those of the values. */
struct evtx_instance {
    uint32_t template_id;
    uint32_t definition; /* offset in the chunk */
    uint32_t count;
    const uint8_t *descriptors; /* count times: size u16, type u8, unused u8 */
    const uint8_t *values;
    size_t values_len; /* what there is ... */
    bool whole;        /* ... and whether it is what the descriptors promise */
};

/* One level of fragments while a record is decoded. */
struct evtx_frame {
    const struct evtx_program *program;
    uint32_t op;
    uint32_t count;
    uint32_t offset_first; /* its values' offsets are worker->offsets[offset_first ...] */
    const uint8_t *descriptors;
    const uint8_t *values;
    size_t values_len;
};

struct evtx_level {
    bool has_child;
    uint32_t part_first;      /* of the text that is being collected */
    uint32_t name_part_first; /* of a Name that is made of values */
    uint32_t name_part_count;
};

struct evtx_attr {
    struct hn_text name;
    uint32_t part_first;
    uint32_t part_count;
};

/* A template that is known in this chunk, at a place whose names have no prefix. No program: it is
 * known to be lost. */
struct evtx_slot {
    uint32_t generation; /* in use when this is the worker's */
    uint32_t definition;
    uint32_t template_id;
    uint32_t zone;
    const struct evtx_program *program;
};
#define EVTX_SLOTS 256u

/* A template that is known by its content. */
struct evtx_known {
    const struct evtx_program *program;
};

/* A name that is known in this chunk. */
struct evtx_name {
    uint32_t generation;
    uint32_t offset;
    struct hn_text text; /* ptr NULL: lost */
};
#define EVTX_NAMES 256u

struct evtx_worker {
    struct hn_bytes chunk;

    /* Compiled templates: all by content, those of this chunk also by offset. */
    struct hn_arena programs;
    struct hn_map known; /* canonical form and place -> index of known_programs */
    HN_VEC(struct evtx_known) known_programs;
    struct hn_buf key;
    struct evtx_slot slots[EVTX_SLOTS];
    struct hn_arena names_seen;
    struct evtx_name name_slots[EVTX_NAMES];
    uint32_t generation; /* counts chunks */
    bool full;           /* programs has reached its cap: all is forgotten before the next record */

    /* One record. */
    struct hn_arena passing; /* programs of binary XML that is no template */
    struct evtx_frame frames[EVTX_FRAGMENTS_MAX];
    HN_VEC(uint32_t) offsets;
    uint32_t steps;
    uint32_t findings; /* bits, for this record */
    bool broken;       /* the record itself, not just something inside it, is damaged */

    /* While compiling. */
    struct win_names names;
    struct evtx_level levels[WIN_DEPTH_MAX + 1];
    struct evtx_attr attrs[EVTX_ATTRS_MAX];
    HN_VEC(struct evtx_op) ops;
    HN_VEC(struct evtx_part) parts;

    /* Record numbers of this chunk that were handed on. */
    uint64_t ids[EVTX_RECORDS_MAX];
    uint32_t id_count;
};

/* The worker of an event, made when it has none; NULL when out of memory. */
struct evtx_worker *evtx_worker_of(struct hn_event *event);
/* Turns to another chunk. */
void evtx_worker_turn(struct evtx_worker *worker, struct hn_bytes chunk);
/* Before each record: the programs of the last one are not used any more. */
void evtx_worker_tidy(struct evtx_worker *worker);

/* ---- Binary XML ---- */

/* chunk[start .. end) of binary XML, standing at a place of the event document. */
struct evtx_source {
    uint32_t start;
    uint32_t end;
    bool is_template; /* a definition: elements carry a dependency, substitutions are allowed */
    enum win_zone zone;
    struct hn_text prefix;
};

/* A program in the arena for the event's mode. HN_NOMEM, HN_LIMIT: the arena is full, HN_CORRUPT:
 * the names that say what the whole is are lost. */
HN_MUST_USE enum hn_status evtx_compile(const struct evtx_source *source, struct hn_arena *arena,
        const struct hn_event *event, struct evtx_worker *worker,
        struct evtx_program **ret_program);

/* Behind the token of a template instance: the instance, and the reader behind its values. False
 * when its numbers leave the reader's bytes; values may be fewer than promised. */
bool evtx_instance_read(struct hn_reader *r, struct evtx_instance *ret_instance);

/* The UTF-16 bytes of the name to which the reader's next four bytes point, with the reader behind
 * it. False when there is no such name (any more). */
bool evtx_name_next(struct hn_reader *r, struct hn_bytes chunk, struct hn_bytes *ret_utf16);

/* The program for a template definition at an offset of the chunk, standing at a place: compiled
 * once, then found again in this chunk by its offset and in others by its content. HN_CORRUPT when
 * there is no definition at the offset. */
HN_MUST_USE enum hn_status evtx_program_of(struct evtx_worker *worker, const struct hn_event *event,
        const struct evtx_instance *instance, enum win_zone zone, struct hn_text prefix,
        const struct evtx_program **ret_program);

/* ---- Records ---- */

/* Fills the event from the binary XML in chunk[start .. end). What was wrong with it is noted in
 * worker->findings and worker->broken. HN_CORRUPT when there was nothing to be had. */
HN_MUST_USE enum hn_status evtx_record_decode(
        struct evtx_worker *worker, struct hn_event *event, uint32_t start, uint32_t end);

/* ---- Chunks ---- */

/* A piece of the stream that may be a chunk: 64 KiB, or less where the stream ends or another chunk
 * begins out of place. */
struct evtx_cell {
    struct hn_bytes bytes;
    uint64_t offset;        /* in the stream */
    uint32_t in_batch;      /* offset in the batch */
    uint64_t id_before;     /* number of the record before, for gaps; 0: not known */
    struct hn_bytes before; /* the chunk before, as far as it is known: its records may come again
                             * in this one's free space, because Windows reuses its buffer */
};

/* Bytes of the cell that rest starts with; 0: more input is needed to tell. */
size_t evtx_cell_len(struct hn_bytes rest, bool at_end);
bool evtx_is_chunk(struct hn_bytes cell);
/* Whether anything stands in the chunk's free space (or where that begins is not known). */
bool evtx_has_leftovers(struct hn_bytes cell);
/* Hands on the cell's records, then what can be recovered from the rest of it. *ret_id_last is the
 * number of the last regular record, 0 without one. */
HN_MUST_USE enum hn_status evtx_chunk_run(const struct evtx_cell *cell, struct evtx_worker *worker,
        struct hn_event *event, const struct decode_sink *sink, uint64_t *ret_id_last);
/* Fills to again from the record of which from was made. */
HN_MUST_USE enum hn_status evtx_chunk_again(struct hn_bytes batch, const struct hn_event *from,
        struct evtx_worker *worker, struct hn_event *to);

HN_INLINE void evtx_note(struct evtx_worker *worker, enum hn_finding_kind kind)
{
    worker->findings |= (uint32_t)1 << kind;
}

#endif
