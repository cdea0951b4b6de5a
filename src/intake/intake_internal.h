/* intake_internal.h - what the parts of the intake share. All of it is under the intake's lock. */
#ifndef HN_INTAKE_INTERNAL_H
#define HN_INTAKE_INTERNAL_H

#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "intake/intake.h"

#include <pthread.h>

#define INTAKE_SOURCES_MAX   65536u
#define INTAKE_STREAMS_MAX   1048576u /* with a position */
#define INTAKE_KEYS_MAX      1048576u
#define INTAKE_KEY_AGE       HN_DAY
#define INTAKE_RETRY_BUSY_MS 100u
#define INTAKE_RETRY_ROOM_MS 1000u

/* ---- Keys (intake_keys.c) ---- */

struct intake_waiter {
    journal_on_done *on_done;
    void *ctx;
};

/* A batch on its way into the journal. */
struct intake_pending {
    struct intake *intake;
    uint64_t offset; /* in the journal, once it is there */
    uint32_t source;
    uint32_t stream; /* HN_MAP_NONE: no position */
    size_t bytes;
    struct intake_waiter waiter;
    HN_VEC(struct intake_waiter) repeats; /* who handed the same key in meanwhile */
    char *position;
    size_t position_len;
    struct hn_digest key;
    bool keyed;
};

struct intake_key {
    struct hn_digest digest;
    hn_time received;
    struct intake_pending *pending; /* NULL: durable */
    bool forgotten;
};

/* Keys in the order they came, the oldest at head, and a table of their places. */
struct intake_keys {
    struct intake_key *ring;
    uint32_t *slots; /* place in the ring + 1; 0: empty */
    uint32_t room;   /* of the ring, a power of two; the table has twice as many slots */
    uint32_t head;
    uint32_t count;
    uint32_t count_max; /* 0: INTAKE_KEYS_MAX; tests set it lower */
};

/* Of a source's key. Keys of different sources are different. */
struct hn_digest intake_key_digest(uint64_t seed, struct hn_text source, struct hn_text key);
struct intake_key *intake_keys_find(struct intake_keys *keys, struct hn_digest digest);
/* One that is not there yet; the oldest go when there are too many, and those older than a day.
 * Borrowed until the next call. NULL: out of memory. */
struct intake_key *intake_keys_add(
        struct intake_keys *keys, struct hn_digest digest, hn_time received);
void intake_keys_forget(struct intake_keys *keys, struct hn_digest digest);
void intake_keys_deinit(struct intake_keys *keys);

/* ---- Sources and streams (intake_source.c) ---- */

struct intake_source {
    char *name; /* and its length in the map's key */
    size_t name_len;
    struct intake_source_limits limits;
    struct intake_counters counters;
    uint64_t pending_bytes;
    int64_t tokens; /* bytes that may come now; below 0 after a batch larger than a second's */
    hn_time filled; /* when tokens was last right */
};

struct intake_stream {
    char *key;
    size_t key_len;
    char *position;
    size_t position_len;
};

struct intake {
    struct journal *journal;
    hn_time (*clock)(void); /* monotonic; tests give their own */
    pthread_mutex_t lock;
    pthread_cond_t idle; /* nothing is pending */
    struct hn_map source_map;
    HN_VEC(struct intake_source) sources;
    struct hn_map stream_map;
    HN_VEC(struct intake_stream) streams;
    struct intake_keys keys;
    uint64_t key_seed;
    uint64_t settled; /* what stands before this offset in the journal is in keys and positions */
    uint64_t pending_bytes;
    uint64_t pending_bytes_max;
    uint32_t pending_count;
};

/* Index of the source, made if it is new. HN_LIMIT, HN_NOMEM. */
HN_MUST_USE enum hn_status intake_source_find(
        struct intake *intake, struct hn_text name, uint32_t *ret_index, struct hn_err *err);
/* Index of the stream, made if it is new. */
HN_MUST_USE enum hn_status intake_stream_find(struct intake *intake, struct hn_text source,
        struct hn_text stream, uint32_t *ret_index, struct hn_err *err);
/* The same by what names both. */
HN_MUST_USE enum hn_status intake_stream_find_key(
        struct intake *intake, struct hn_text key, uint32_t *ret_index, struct hn_err *err);
void intake_streams_deinit(struct intake *intake);
/* The position becomes this one. False: out of memory, nothing changed. */
HN_MUST_USE bool intake_position_copy(
        struct intake *intake, uint32_t stream, struct hn_text position);
/* Takes the bytes off the source's quota and its share, or says why not and until when. */
HN_MUST_USE enum hn_status intake_source_admit(struct intake *intake, uint32_t index, size_t bytes,
        uint32_t *ret_retry_ms, struct hn_err *err);
/* Gives the share back, and the quota too when the batch was not taken. */
void intake_source_settle(struct intake *intake, uint32_t index, size_t bytes, bool taken);

#endif
