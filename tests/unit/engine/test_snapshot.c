/* test_snapshot.c - snapshots as bytes and as files: damaged ones are refused, older ones taken. */
#include "engine/engine_internal.h"
#include "support/engine_case.h"

#include "base/file.h"
#include "engine/wire.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define RULES                                                                                \
    "title: evil\nname: evil\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\n"       \
    "logsource: {product: windows, service: security}\n"                                     \
    "detection: {s: {CommandLine|contains: evil}, condition: s}\n"                           \
    "---\ntitle: three\nid: 22222222-2222-4222-8222-222222222222\n"                          \
    "level: low\ncorrelation:\n    type: event_count\n    rules: [evil]\n"                   \
    "    generate: true\n    group-by: [Computer]\n    timespan: 10m\n    condition: {gte: " \
    "3}\n"
#define EVENT                                                          \
    "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"pc1\"," \
    "\"TimeCreated\":\"2024-03-01T00:00:%02uZ\",\"CommandLine\":\"evil %u\"}\n"
#define START (INT64_C(1709251200) * HN_SECOND)

/* ---- As bytes ---- */

static void example(struct hn_buf *out)
{
    static const char streams[] = "\3\0\0\0abc\0\0\0\0\1\0\0\0x";
    struct snapshot snapshot = { .offset = 0x1234,
        .set = { 5, 6 },
        .stream_count = 3,
        .streams = hn_bytes_of(streams, sizeof streams - 1),
        .state = hn_bytes_of("state", 5),
        .past = hn_bytes_of("old", 3) };

    engine_snapshot_write(&snapshot, out);
    assert_true(hn_buf_ok(out));
}

/* What is written is read back. */
static void reads_what_it_wrote(void **state)
{
    struct hn_buf bytes = { 0 };
    struct snapshot snapshot;
    struct hn_reader streams;

    (void)state;
    example(&bytes);
    assert_int_equal(
            engine_snapshot_read(hn_text_as_bytes(hn_buf_text(&bytes)), &snapshot, NULL), HN_OK);
    assert_int_equal(snapshot.offset, 0x1234);
    assert_int_equal(snapshot.set.low, 6);
    assert_int_equal(snapshot.stream_count, 3);
    streams = hn_reader_over(snapshot.streams);
    check_text(engine_snapshot_stream_next(&streams), "abc");
    check_text(engine_snapshot_stream_next(&streams), "");
    check_text(engine_snapshot_stream_next(&streams), "x");
    check_text(hn_bytes_as_text(snapshot.state), "state");
    check_text(hn_bytes_as_text(snapshot.past), "old");
    hn_buf_deinit(&bytes);
}

/* One of the version that had one lane is taken, with nothing in the other; one of a later version
 * is refused. */
static void reads_the_version_before(void **state)
{
    static const char body[] = "\x34\x12\0\0\0\0\0\0"
                               "55555555"
                               "66666666"
                               "\0\0\0\0"
                               "state";
    struct hn_digest digest = hn_digest_of(body, sizeof body - 1);
    struct snapshot snapshot;

    (void)state;
    for (uint32_t version = 1; version <= 3; version += 2) {
        struct hn_buf bytes = { 0 };

        put_u32(&bytes, 0x53454E48u);
        put_u32(&bytes, version);
        put_u64(&bytes, sizeof body - 1);
        put_digest(&bytes, digest);
        hn_buf_add(&bytes, body, sizeof body - 1);
        assert_int_equal(
                engine_snapshot_read(hn_text_as_bytes(hn_buf_text(&bytes)), &snapshot, NULL),
                version == 1 ? HN_OK : HN_UNSUPPORTED);
        if (version == 1) {
            assert_int_equal(snapshot.offset, 0x1234);
            check_text(hn_bytes_as_text(snapshot.state), "state");
            assert_int_equal(snapshot.past.len, 0);
        }
        hn_buf_deinit(&bytes);
    }
}

/* Every prefix, every flipped bit and every byte more is refused; the output is left alone. */
static void refuses_every_damage(void **state)
{
    struct hn_buf bytes = { 0 };
    struct snapshot untouched = { .offset = 77 };

    (void)state;
    example(&bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        char *copy = hn_malloc(len == 0 ? 1 : len); /* so that sanitizers see the end */

        assert_non_null(copy);
        memcpy(copy, bytes.ptr, len);
        assert_int_not_equal(engine_snapshot_read(hn_bytes_of(copy, len), &untouched, NULL), HN_OK);
        hn_free(copy);
    }
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        bytes.ptr[bit / 8] = (char)(bytes.ptr[bit / 8] ^ (char)(1 << bit % 8));
        assert_int_not_equal(
                engine_snapshot_read(hn_text_as_bytes(hn_buf_text(&bytes)), &untouched, NULL),
                HN_OK);
        bytes.ptr[bit / 8] = (char)(bytes.ptr[bit / 8] ^ (char)(1 << bit % 8));
    }
    hn_buf_add_char(&bytes, 'x');
    assert_int_not_equal(
            engine_snapshot_read(hn_text_as_bytes(hn_buf_text(&bytes)), &untouched, NULL), HN_OK);
    assert_int_equal(untouched.offset, 77);
    hn_buf_deinit(&bytes);
}

/* ---- As files ---- */

static void add_event(struct engine_case *c, unsigned second)
{
    struct hn_buf body = { 0 };
    struct intake_batch batch = { .source = HN_TEXT("http"),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("peer"),
        .key = HN_TEXT(""),
        .position = HN_TEXT("") };

    hn_buf_addf(&body, EVENT, second, second);
    batch.body = hn_text_as_bytes(hn_buf_text(&body));
    fake_add_batch(&c->journal, START + (hn_time)(second + 1) * HN_SECOND, &batch);
    hn_buf_deinit(&body);
}

static void open_case(struct engine_case *c)
{
    engine_case_open(c, RULES, NULL);
    c->options.state_dir = c->folder;
    for (unsigned i = 0; i < 6; i++)
        add_event(c, i);
    fake_add(&c->journal, JOURNAL_TICK, START + HN_MINUTE, hn_bytes_of("", 0));
}

static void run_up_to(struct engine_case *c, size_t records)
{
    c->journal.limit = records;
    engine_case_run(c, 1);
}

static void path_of(const struct engine_case *c, uint64_t offset, char *path, size_t room)
{
    (void)snprintf(path, room, "%s/%016llx.hns", c->folder, (unsigned long long)offset);
}

static void spoil(const struct engine_case *c, uint64_t offset)
{
    char path[128];
    int fd;

    path_of(c, offset, path, sizeof path);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "\x55\x55", 2, 40), 2);
    assert_int_equal(close(fd), 0);
}

static size_t count_files(const struct engine_case *c)
{
    uint64_t offsets[16];
    size_t count = 0;

    assert_int_equal(engine_snapshot_list(c->folder, offsets, 16, &count, NULL), HN_OK);
    return count;
}

/* Two are kept; what may be given up is told once there is one to fall back to. */
static void keeps_two(void **state)
{
    struct engine_case c;

    (void)state;
    open_case(&c);
    for (size_t i = 1; i < 6; i++) {
        run_up_to(&c, i);
        assert_int_equal(c.begun, fake_offset(&c.journal, i - 1));
        assert_int_equal(count_files(&c), i == 1 ? 1 : 2);
        assert_int_equal(c.oldest, i == 1 ? 0 : fake_offset(&c.journal, i - 1));
    }
    engine_case_close(&c);
}

/* The newest is damaged: it is told, the older one is taken, and the result is the same. Both are:
 * then everything is replayed. */
static void an_older_one_is_taken(void **state)
{
    struct engine_case c;
    struct hn_buf ids;

    (void)state;
    open_case(&c);
    run_up_to(&c, SIZE_MAX);
    ids = c.ids;
    c.ids = (struct hn_buf){ 0 };
    for (unsigned both = 0; both < 2; both++) {
        char command[128];

        (void)snprintf(command, sizeof command, "rm -f %s/*.hns", c.folder);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
        engine_case_forget(&c);
        run_up_to(&c, 2);
        run_up_to(&c, 4);
        spoil(&c, fake_offset(&c.journal, 4));
        if (both == 1)
            spoil(&c, fake_offset(&c.journal, 2));
        run_up_to(&c, SIZE_MAX);
        assert_int_equal(c.begun, both == 1 ? 0 : fake_offset(&c.journal, 2));
        assert_non_null(strstr(c.problems.ptr, "checksum is wrong"));
        assert_int_equal(c.ids.len, ids.len);
        assert_memory_equal(c.ids.ptr, ids.ptr, ids.len);
        /* The damaged one is not in the way of later ones. */
        hn_buf_reset(&c.problems);
        run_up_to(&c, SIZE_MAX);
        assert_int_equal(c.problems.len, 0);
        assert_int_equal(c.begun, fake_offset(&c.journal, c.journal.records.count));
    }
    hn_buf_deinit(&ids);
    engine_case_close(&c);
}

/* A store put back from a backup knows less than the snapshot: everything it lacks is handed on. */
static void a_store_from_a_backup(void **state)
{
    struct engine_case c;

    (void)state;
    open_case(&c);
    run_up_to(&c, 2);
    run_up_to(&c, 5);
    c.applied = fake_offset(&c.journal, 3);
    hn_buf_reset(&c.ids);
    run_up_to(&c, SIZE_MAX);
    assert_int_equal(c.begun, fake_offset(&c.journal, 2));
    assert_non_null(strstr(c.problems.ptr, "ahead of the results"));
    assert_int_equal(strtoull(c.ids.ptr, NULL, 10), fake_offset(&c.journal, 3));
    engine_case_close(&c);
}

/* No snapshot becomes a file before its results are stored. */
static void waits_for_the_store(void **state)
{
    struct engine_case c;

    (void)state;
    open_case(&c);
    c.forgetful = true;
    run_up_to(&c, 4);
    assert_int_equal(count_files(&c), 0);
    c.applied = 0;
    c.options.snapshot_interval = 1; /* and while it runs, too */
    c.options.threads = 2;
    engine_case_start(&c);
    assert_int_equal(engine_wait(c.engine, NULL), HN_OK);
    assert_int_equal(count_files(&c), 0);
    engine_applied(c.engine, fake_offset(&c.journal, 4));
    engine_case_end(&c);
    assert_int_equal(count_files(&c), 1);
    engine_case_close(&c);
}

/* Made while it runs, as the interval wants; each of them is good to go on from. */
static void made_while_it_runs(void **state)
{
    struct engine_case c;

    (void)state;
    open_case(&c);
    c.options.snapshot_interval = 0;
    c.options.end_at_last = false;
    c.journal.limit = 3;
    engine_case_start(&c);
    while (engine_totals(c.engine).snapshot < fake_offset(&c.journal, 1))
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    assert_int_equal(engine_stop(c.engine, NULL), HN_OK);
    engine_case_end(&c);
    assert_true(count_files(&c) > 0);
    engine_case_close(&c);
}

/* A folder that cannot be written is told, and nothing else suffers. */
static void says_when_it_cannot_write(void **state)
{
    struct engine_case c;

    (void)state;
    open_case(&c);
    c.options.state_dir = "/proc/hinomi/state";
    run_up_to(&c, SIZE_MAX);
    assert_non_null(strstr(c.ids.ptr, " three\n"));
    assert_non_null(strstr(c.problems.ptr, "4@"));
    engine_case_close(&c);
}

/* Names that are none of ours are passed over. */
static void other_files_are_left_alone(void **state)
{
    static const char *const names[] = { "0000000000000010.hns.tmp", "000000000000001.hns",
        "000000000000001G.hns", "writing.tmp", "0000000000000010.HNS" };
    struct engine_case c;
    char path[160];

    (void)state;
    open_case(&c);
    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        assert_int_equal(hn_file_write_whole(c.folder, names[i], hn_bytes_of("x", 1), NULL), HN_OK);
    run_up_to(&c, SIZE_MAX);
    assert_int_equal(c.problems.len, 0);
    assert_int_equal(count_files(&c), 1);
    (void)snprintf(path, sizeof path, "%s/%s", c.folder, names[0]);
    assert_int_equal(access(path, F_OK), 0);
    engine_case_close(&c);
}

/* Without memory for any allocation, taking up a snapshot says so or works; nothing leaks. */
static void survives_every_failing_allocation(void **state)
{
    struct engine_case c;
    uint64_t n = 1;
    bool done = false;

    (void)state;
    open_case(&c);
    run_up_to(&c, 4);
    c.options.applied = c.applied;
    while (!done) {
        struct engine *engine = NULL;
        enum hn_status status;

        hn_mem_fail_from(n++);
        status = engine_new(&c.options, &engine, NULL);
        done = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        assert_true(!done || (status == HN_OK && engine_position(engine) > 0));
        engine_free(status == HN_OK ? engine : NULL);
    }
    engine_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(reads_the_version_before),
        cmocka_unit_test(refuses_every_damage),
        cmocka_unit_test(keeps_two),
        cmocka_unit_test(an_older_one_is_taken),
        cmocka_unit_test(a_store_from_a_backup),
        cmocka_unit_test(waits_for_the_store),
        cmocka_unit_test(made_while_it_runs),
        cmocka_unit_test(says_when_it_cannot_write),
        cmocka_unit_test(other_files_are_left_alone),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
