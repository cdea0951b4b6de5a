/* fuzz: engine */
/* fuzz_engine_state.c - hostile snapshots and sources of sets, as they are and with the digest that
 * fits.
 *
 * Oracle: refused with a status; or taken, and then all of it lies inside the input, and written
 * again it is the same bytes. A snapshot of the version before this one becomes one of now. */
#include "engine/engine_internal.h"

#include <stdlib.h>

#define VERSION_AT  4
#define MAGIC_STATE 0x53454E48u
#define MAGIC_SET   0x42534E48u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void put(struct hn_buf *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(uint8_t)(value >> 8 * i));
}

static void wrap(struct hn_buf *out, uint32_t magic, uint32_t version, struct hn_bytes body)
{
    struct hn_digest digest = hn_digest_of(body.ptr, body.len);

    put(out, magic, 4);
    put(out, version, 4);
    put(out, body.len, 8);
    put(out, digest.high, 8);
    put(out, digest.low, 8);
    hn_buf_add(out, body.ptr, body.len);
}

static void expect_same(struct hn_bytes in, struct hn_buf *again)
{
    must(hn_buf_ok(again) && again->len == in.len && memcmp(again->ptr, in.ptr, in.len) == 0);
    hn_buf_deinit(again);
}

static void try_snapshot(struct hn_bytes in)
{
    struct snapshot snapshot;
    struct snapshot now;
    struct hn_buf again = { 0 };
    struct hn_reader streams;

    if (engine_snapshot_read(in, &snapshot, NULL) != HN_OK)
        return;
    streams = hn_reader_over(snapshot.streams);
    for (uint32_t i = 0; i < snapshot.stream_count; i++)
        (void)engine_snapshot_stream_next(&streams);
    must(hn_reader_ok(&streams) && hn_reader_left(&streams) == 0);
    engine_snapshot_write(&snapshot, &again);
    if (in.ptr[VERSION_AT] == 2) {
        expect_same(in, &again);
        return;
    }
    must(engine_snapshot_read(hn_text_as_bytes(hn_buf_text(&again)), &now, NULL) == HN_OK);
    must(now.offset == snapshot.offset && snapshot.past.len == 0 && now.past.len == 0);
    must(hn_text_eq(hn_bytes_as_text(now.state), hn_bytes_as_text(snapshot.state)));
    hn_buf_deinit(&again);
}

static void try_set(struct hn_bytes in)
{
    struct engine_set_sources sources;
    struct hn_buf again = { 0 };
    struct hn_digest digest;
    struct hn_arena arena;

    hn_arena_init(&arena, (size_t)16 << 20);
    if (engine_set_bundle_read(in, &arena, &sources, &digest, NULL) == HN_OK) {
        must(hn_digest_eq(digest, engine_set_digest(&sources)));
        engine_set_bundle_write(&sources, &again);
        expect_same(in, &again);
    }
    hn_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes in = hn_bytes_of(data, size);
    struct hn_buf wrapped = { 0 };

    try_snapshot(in);
    try_set(in);
    for (uint32_t version = 1; version <= 2; version++) {
        wrap(&wrapped, MAGIC_STATE, version, in);
        try_snapshot(hn_text_as_bytes(hn_buf_text(&wrapped)));
        hn_buf_reset(&wrapped);
    }
    wrap(&wrapped, MAGIC_SET, 1, in);
    try_set(hn_text_as_bytes(hn_buf_text(&wrapped)));
    hn_buf_deinit(&wrapped);
    return 0;
}
