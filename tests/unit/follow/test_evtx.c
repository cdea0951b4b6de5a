/* Event logs that grow under the door, chunk by chunk and record by record, over restarts: the
 * events are those of a scan of the file as it is in the end. */
#include "follow_case.h"

#include "support/shared.h"

#include "base/hash.h"
#include "base/reader.h"
#include "decode/decode.h"

#define HEADER 4096u
#define CHUNK  65536u

struct seen {
    uint64_t id;
    uint64_t hash;
};

struct collect {
    HN_VEC(struct seen) seen;
    uint64_t skip;
};

static bool on_event(void *ctx, struct hn_event *event)
{
    struct collect *collect = ctx;
    struct seen *seen;

    if (event->offset < collect->skip)
        return true;
    seen = hn_vec_add(&collect->seen);
    assert_non_null(seen);
    seen->id = hn_load_u64(event->raw.ptr + 8);
    seen->hash = hn_hash(event->raw.ptr, event->raw.len, 0);
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct seen *x = a;
    const struct seen *y = b;

    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static void decode(struct collect *collect, struct hn_event *event, struct hn_bytes in)
{
    const struct decode_sink sink = { on_event, NULL, collect };
    const struct decode_options options = { .limits = decode_limits_default };

    assert_int_equal(
            decode_all(decode_format_find(HN_TEXT("evtx")), &options, in, event, &sink), HN_OK);
}

static void sort(struct collect *collect)
{
    if (collect->seen.count > 0)
        qsort(collect->seen.ptr, collect->seen.count, sizeof collect->seen.ptr[0], compare);
}

static void check_same(const struct seen *a, const struct seen *b, size_t count)
{
    for (size_t i = 0; a != NULL && b != NULL && i < count; i++) {
        assert_int_equal(a[i].id, b[i].id);
        assert_int_equal(a[i].hash, b[i].hash);
    }
}

static void expect_events(struct case_door *door, struct hn_bytes file)
{
    struct collect whole = { .skip = 0 };
    struct collect parts = { .skip = 0 };
    struct hn_schema *schema = hn_schema_new();
    struct hn_event event = { 0 };

    assert_non_null(schema);
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
    decode(&whole, &event, file);
    for (size_t i = 0; i < door->intake.batches.count; i++) {
        const struct fake_batch *batch = &door->intake.batches.ptr[i];

        if (batch->body_len == 0)
            continue;
        assert_string_equal(batch->format, "evtx");
        parts.skip = batch->skip;
        decode(&parts, &event, hn_bytes_of(batch->body, batch->body_len));
    }
    sort(&whole);
    sort(&parts);
    assert_true(whole.seen.count > 0);
    check_same(whole.seen.ptr, parts.seen.ptr,
            whole.seen.count < parts.seen.count ? whole.seen.count : parts.seen.count);
    assert_int_equal(whole.seen.count, parts.seen.count);
    hn_event_deinit(&event);
    hn_schema_free(schema);
    hn_vec_deinit(&whole.seen);
    hn_vec_deinit(&parts.seen);
}

static void write_at(int fd, size_t place, const uint8_t *bytes, size_t len)
{
    assert_int_equal(pwrite(fd, bytes, len, (off_t)place), len);
}

/* Windows has the log open while it grows. */
static void write_header(int fd, struct hn_bytes file, bool dirty)
{
    uint8_t header[HEADER];

    memcpy(header, file.ptr, HEADER);
    header[120] = (uint8_t)((header[120] & ~1u) | (dirty ? 1u : 0u));
    write_at(fd, 0, header, HEADER);
}

/* The chunk as it was when it had so many records; its header as it was then, or as it was before
 * the last of them. */
static bool write_part(int fd, struct hn_bytes file, size_t place, uint32_t records, bool stale)
{
    uint8_t chunk[CHUNK];
    uint32_t end = 512;
    uint32_t before = 512;
    uint32_t free_offset;

    memcpy(chunk, file.ptr + place, CHUNK);
    free_offset = hn_load_u32(chunk + 48);
    for (uint32_t i = 0; i < records && end < free_offset; i++) {
        before = end;
        end += hn_load_u32(chunk + end + 4);
    }
    if (end >= free_offset) {
        write_at(fd, place, file.ptr + place, CHUNK);
        return false;
    }
    memset(chunk + end, 0, CHUNK - end);
    if (stale)
        end = before;
    memcpy(chunk + 48, &end, 4);
    write_at(fd, place, chunk, CHUNK);
    return true;
}

static void wait_idle(struct case_door *door)
{
    case_wait_idle(door);
}

static void grow(const char *below, bool restart)
{
    char *path = shared_path_or_skip(below);
    struct hn_bytes file = shared_read(path);
    struct case_door *door = case_new("*.evtx");
    int fd = open(case_path(door, "a.evtx"), O_WRONLY | O_CREAT, 0600);

    door->options.limits.poll_ms = 20;
    door->options.limits.rest_ms = 60000;
    assert_true(fd >= 0);
    case_start(door);
    for (size_t place = HEADER; place + CHUNK <= file.len; place += CHUNK) {
        write_header(fd, file, true);
        for (uint32_t records = 1; place < HEADER + 2 * CHUNK; records += 1 + records / 3) {
            bool more = write_part(fd, file, place, records, records % 2 == 0);

            wait_idle(door);
            if (restart) {
                case_stop(door);
                case_start(door);
            }
            if (!more)
                break;
        }
        write_at(fd, place, file.ptr + place, CHUNK);
    }
    write_at(fd, 0, file.ptr, HEADER);
    write_header(fd, file, false);
    wait_idle(door);
    case_stop(door);
    expect_events(door, file);
    (void)close(fd);
    case_free(door);
    shared_free(file);
    free(path);
}

static void a_growing_log_is_the_log(void **state)
{
    (void)state;
    grow("data/evtx/evtx-crate/post-Security.evtx", false);
}

static void a_growing_log_over_restarts_is_the_log(void **state)
{
    (void)state;
    grow("data/evtx/evtx-crate/system.evtx", true);
}

/* A saved file is handed in as it is, once. */
static void a_saved_log_is_read_once(void **state)
{
    char *path = shared_path_or_skip("data/evtx/evtx-crate/Security_with_size_t.evtx");
    struct hn_bytes file = shared_read(path);
    struct case_door *door = case_new("*.evtx");

    (void)state;
    case_append(door, "a.evtx", file.ptr, file.len);
    case_start(door);
    wait_idle(door);
    case_stop(door);
    case_start(door);
    wait_idle(door);
    case_stop(door);
    expect_events(door, file);
    case_free(door);
    shared_free(file);
    free(path);
}

/* Out of a compressed file as well, where chunks come as a stream. */
static void a_compressed_log_is_the_log(void **state)
{
    char *path = shared_path_or_skip("data/evtx/evtx-crate/Security_with_size_t.evtx");
    struct hn_bytes file = shared_read(path);
    struct case_door *door = case_new("*.gz");
    char command[512];

    (void)state;
    (void)snprintf(
            command, sizeof command, "gzip -c '%s' >'%s'", path, case_path(door, "a.evtx.gz"));
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    case_start(door);
    case_sleep(1200);
    wait_idle(door);
    case_stop(door);
    expect_events(door, file);
    case_free(door);
    shared_free(file);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_growing_log_is_the_log),
        cmocka_unit_test(a_growing_log_over_restarts_is_the_log),
        cmocka_unit_test(a_saved_log_is_read_once),
        cmocka_unit_test(a_compressed_log_is_the_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
