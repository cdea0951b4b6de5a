/* intake_state.c - keys and positions as bytes, so that a start need not read the whole journal.
 *
 * Layout, little-endian: magic, version, bytes of the body, digest of the body, body. The body: the
 * journal offset from which recalling has to go on, the seed of the digests of keys, the number of
 * keys, of each its digest and when it came, the number of streams, of each its name and position
 * with their lengths. The checksum finds accidents; whoever forges one still meets the checks here.
 *
 * Only what is durable is in it: the key of a batch on its way is found in the journal again, or
 * the batch is not there. */
#include "intake/intake_internal.h"

#include "base/mem.h"
#include "base/reader.h"

#include <assert.h>
#include <string.h>

#define STATE_MAGIC      0x53494E48u /* "HNIS" */
#define STATE_VERSION    1u
#define STREAM_BYTES_MAX (INTAKE_NAME_MAX + INTAKE_PATH_MAX + 32) /* with its length in digits */

/* ---- Writing ---- */

static void put(struct hn_buf *out, uint64_t value, size_t bytes)
{
    uint8_t little[8];

    for (size_t i = 0; i < bytes; i++)
        little[i] = (uint8_t)(value >> 8 * i);
    hn_buf_add(out, little, bytes);
}

static void put_digest(struct hn_buf *out, struct hn_digest digest)
{
    put(out, digest.high, 8);
    put(out, digest.low, 8);
}

static void put_text(struct hn_buf *out, const char *text, size_t len)
{
    put(out, len, 2);
    hn_buf_add(out, text, len);
}

static bool is_saved(const struct intake_key *key)
{
    return key->pending == NULL && !key->forgotten;
}

static void put_keys(const struct intake_keys *keys, struct hn_buf *out)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < keys->count; i++)
        count += is_saved(&keys->ring[(keys->head + i) & (keys->room - 1)]);
    put(out, count, 4);
    for (uint32_t i = 0; i < keys->count; i++) {
        const struct intake_key *key = &keys->ring[(keys->head + i) & (keys->room - 1)];

        if (!is_saved(key))
            continue;
        put_digest(out, key->digest);
        put(out, (uint64_t)key->received, 8);
    }
}

static void put_streams(const struct intake *intake, struct hn_buf *out)
{
    uint32_t count = 0;

    for (size_t i = 0; i < intake->streams.count; i++)
        count += intake->streams.ptr[i].position != NULL;
    put(out, count, 4);
    for (size_t i = 0; i < intake->streams.count; i++) {
        const struct intake_stream *stream = &intake->streams.ptr[i];

        if (stream->position == NULL)
            continue;
        put_text(out, stream->key, stream->key_len);
        put_text(out, stream->position, stream->position_len);
    }
}

void intake_save(struct intake *intake, struct hn_buf *out)
{
    struct hn_buf body = { 0 };

    (void)pthread_mutex_lock(&intake->lock);
    put(&body, intake->settled, 8);
    put(&body, intake->key_seed, 8);
    put_keys(&intake->keys, &body);
    put_streams(intake, &body);
    (void)pthread_mutex_unlock(&intake->lock);
    put(out, STATE_MAGIC, 4);
    put(out, STATE_VERSION, 4);
    put(out, body.len, 8);
    put_digest(out, hn_digest_of(body.ptr, body.len));
    hn_buf_add(out, body.ptr, body.len);
    if (!hn_buf_ok(&body))
        out->status = body.status;
    hn_buf_deinit(&body);
}

/* ---- Reading ---- */

static struct hn_digest get_digest(struct hn_reader *in)
{
    struct hn_digest digest;

    digest.high = hn_reader_u64(in);
    digest.low = hn_reader_u64(in);
    return digest;
}

/* In the order they came, so that none pushes out another: otherwise nobody has saved them. */
static enum hn_status get_keys(struct hn_reader *in, struct intake_keys *keys, struct hn_err *err)
{
    uint32_t count = hn_reader_u32(in);

    for (uint32_t i = 0; i < count; i++) {
        struct hn_digest digest = get_digest(in);
        uint64_t received = hn_reader_u64(in);

        if (!hn_reader_ok(in) || received > INT64_MAX || intake_keys_find(keys, digest) != NULL)
            return hn_fail(err, HN_CORRUPT, hn_reader_offset(in), "key %u is damaged", i + 1);
        if (intake_keys_add(keys, digest, (hn_time)received) == NULL)
            return hn_fail(err, HN_NOMEM, 0, "keys");
        if (keys->count != i + 1)
            return hn_fail(err, HN_CORRUPT, hn_reader_offset(in), "keys are out of order");
    }
    return HN_OK;
}

static enum hn_status get_stream(
        struct hn_reader *in, struct intake *intake, uint32_t number, struct hn_err *err)
{
    struct hn_text key = hn_bytes_as_text(hn_reader_take(in, hn_reader_u16(in)));
    struct hn_text position = hn_bytes_as_text(hn_reader_take(in, hn_reader_u16(in)));
    enum hn_status status;
    uint32_t index;

    if (!hn_reader_ok(in) || key.len > STREAM_BYTES_MAX || position.len == 0 ||
            position.len > INTAKE_POSITION_MAX)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(in), "stream %u is damaged", number);
    status = intake_stream_find_key(intake, key, &index, err);
    if (status != HN_OK)
        return status;
    if (intake->streams.ptr[index].position != NULL)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(in), "stream %u is there twice", number);
    return intake_position_copy(intake, index, position) ? HN_OK
                                                         : hn_fail(err, HN_NOMEM, 0, "a position");
}

static enum hn_status get_body(struct hn_reader *in, struct intake *intake, struct hn_err *err)
{
    uint64_t settled = hn_reader_u64(in);
    uint64_t seed = hn_reader_u64(in);
    enum hn_status status = get_keys(in, &intake->keys, err);
    uint32_t count = hn_reader_u32(in);

    for (uint32_t i = 0; status == HN_OK && i < count; i++)
        status = get_stream(in, intake, i + 1, err);
    if (status == HN_OK && (!hn_reader_ok(in) || hn_reader_left(in) > 0))
        status = hn_fail(err, HN_CORRUPT, hn_reader_offset(in), "the state is damaged");
    if (status == HN_OK) {
        intake->settled = settled;
        intake->key_seed = seed;
    }
    return status;
}

enum hn_status intake_restore(
        struct intake *intake, struct hn_bytes in, uint64_t *ret_from, struct hn_err *err)
{
    struct hn_reader reader = hn_reader_over(in);
    uint32_t magic = hn_reader_u32(&reader);
    uint32_t version = hn_reader_u32(&reader);
    uint64_t len = hn_reader_u64(&reader);
    struct hn_digest digest = get_digest(&reader);
    struct hn_bytes body;
    enum hn_status status;

    if (!hn_reader_ok(&reader))
        return hn_fail(err, HN_TRUNCATED, in.len, "the state is cut off");
    if (magic != STATE_MAGIC)
        return hn_fail(err, HN_CORRUPT, 0, "this is no state of the intake");
    if (version != STATE_VERSION)
        return hn_fail(err, HN_UNSUPPORTED, 4, "a state of version %u", version);
    if (len > hn_reader_left(&reader))
        return hn_fail(err, HN_TRUNCATED, in.len, "the state is cut off");
    if (len < hn_reader_left(&reader))
        return hn_fail(err, HN_CORRUPT, 8, "something stands behind the state");
    body = hn_reader_take(&reader, (size_t)len);
    if (!hn_digest_eq(digest, hn_digest_of(body.ptr, body.len)))
        return hn_fail(err, HN_CORRUPT, 16, "the checksum of the state is wrong");
    reader = hn_reader_over(body);
    (void)pthread_mutex_lock(&intake->lock);
    assert(intake->keys.count == 0 && intake->streams.count == 0);
    status = get_body(&reader, intake, err);
    if (status == HN_OK) {
        *ret_from = intake->settled;
    } else {
        intake_keys_deinit(&intake->keys);
        intake_streams_deinit(intake);
    }
    (void)pthread_mutex_unlock(&intake->lock);
    return status;
}
