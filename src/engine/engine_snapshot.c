/* engine_snapshot.c - the state of the engine at the border of a record, as bytes.
 *
 * Layout, little-endian: magic, version, bytes of the body, digest of the body, body. The body:
 * offset, digest of the set, number of streams, length and name of each, length and state of
 * the correlations of what comes in as it happens, state of those of what does not. The digest
 * finds accidents; whoever forges one still meets the checks here and those of correlate_restore().
 */
#include "engine/engine_internal.h"

#include "engine/wire.h"

#define SNAPSHOT_MAGIC    0x53454E48u /* "HNES" */
#define SNAPSHOT_VERSION  2u
#define SNAPSHOT_ONE_LANE 1u /* version before there was a past lane */

void engine_snapshot_write(const struct snapshot *snapshot, struct hn_buf *out)
{
    struct hn_buf body = { 0 };

    put_u64(&body, snapshot->offset);
    put_digest(&body, snapshot->set);
    put_u32(&body, snapshot->stream_count);
    hn_buf_add(&body, snapshot->streams.ptr, snapshot->streams.len);
    put_u64(&body, snapshot->state.len);
    hn_buf_add(&body, snapshot->state.ptr, snapshot->state.len);
    hn_buf_add(&body, snapshot->past.ptr, snapshot->past.len);
    put_u32(out, SNAPSHOT_MAGIC);
    put_u32(out, SNAPSHOT_VERSION);
    put_u64(out, body.len);
    put_digest(out, hn_digest_of(body.ptr, body.len));
    hn_buf_add(out, body.ptr, body.len);
    if (!hn_buf_ok(&body))
        out->status = body.status;
    hn_buf_deinit(&body);
}

struct hn_text engine_snapshot_stream_next(struct hn_reader *streams)
{
    return get_text(streams);
}

static enum hn_status read_body(
        struct hn_bytes body, bool one_lane, struct snapshot *ret_snapshot, struct hn_err *err)
{
    struct hn_reader in = hn_reader_over(body);
    struct snapshot snapshot = { 0 };
    const uint8_t *streams;
    uint64_t len;

    snapshot.offset = hn_reader_u64(&in);
    snapshot.set = get_digest(&in);
    snapshot.stream_count = hn_reader_u32(&in);
    if (!hn_reader_ok(&in) || snapshot.stream_count > ENGINE_STREAMS_MAX)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(&in), "the snapshot is damaged");
    streams = in.next;
    for (uint32_t i = 0; i < snapshot.stream_count && hn_reader_ok(&in); i++)
        (void)engine_snapshot_stream_next(&in);
    if (!hn_reader_ok(&in))
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(&in), "names of streams are damaged");
    snapshot.streams = hn_bytes_of(streams, (size_t)(in.next - streams));
    len = one_lane ? hn_reader_left(&in) : hn_reader_u64(&in);
    if (!hn_reader_ok(&in) || len > hn_reader_left(&in))
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(&in), "the state is cut off");
    snapshot.state = hn_reader_take(&in, (size_t)len);
    snapshot.past = hn_reader_take(&in, hn_reader_left(&in));
    *ret_snapshot = snapshot;
    return HN_OK;
}

enum hn_status engine_snapshot_read(
        struct hn_bytes in, struct snapshot *ret_snapshot, struct hn_err *err)
{
    struct hn_reader reader = hn_reader_over(in);
    uint32_t magic = hn_reader_u32(&reader);
    uint32_t version = hn_reader_u32(&reader);
    uint64_t len = hn_reader_u64(&reader);
    struct hn_digest digest = get_digest(&reader);
    struct hn_bytes body;

    if (!hn_reader_ok(&reader))
        return hn_fail(err, HN_TRUNCATED, in.len, "the snapshot is cut off");
    if (magic != SNAPSHOT_MAGIC)
        return hn_fail(err, HN_CORRUPT, 0, "this is no snapshot");
    if (version != SNAPSHOT_VERSION && version != SNAPSHOT_ONE_LANE)
        return hn_fail(err, HN_UNSUPPORTED, 4, "a snapshot of version %u", version);
    if (len > hn_reader_left(&reader))
        return hn_fail(err, HN_TRUNCATED, in.len, "the snapshot is cut off");
    if (len < hn_reader_left(&reader))
        return hn_fail(err, HN_CORRUPT, 8, "something stands behind the snapshot");
    body = hn_reader_take(&reader, (size_t)len);
    if (!hn_digest_eq(digest, hn_digest_of(body.ptr, body.len)))
        return hn_fail(err, HN_CORRUPT, 16, "the snapshot's checksum is wrong");
    return read_body(body, version == SNAPSHOT_ONE_LANE, ret_snapshot, err);
}
