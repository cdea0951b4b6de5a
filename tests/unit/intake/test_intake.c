/* test_intake.c - keys, quotas, shares, positions, counters, over a real journal. */
#include "intake/intake_internal.h"
#include "support/check.h"
#include "support/folder.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

struct fixture {
    char *dir;
    struct journal *journal;
    struct intake *intake;
};

static hn_time test_now;

static hn_time test_clock(void)
{
    return test_now;
}

static void begin(struct fixture *f, size_t pending_bytes_max)
{
    struct journal_options options = { .pending_bytes_max = pending_bytes_max };

    f->dir = folder_new();
    options.dir = f->dir;
    assert_int_equal(journal_open(&options, NULL, NULL, &f->journal, NULL), HN_OK);
    assert_int_equal(intake_new(f->journal, &f->intake, NULL), HN_OK);
}

static void end(struct fixture *f)
{
    intake_free(f->intake);
    journal_close(f->journal);
    folder_free(f->dir);
}

static void on_done(void *ctx, enum hn_status status)
{
    atomic_int *done = ctx;

    atomic_store(done, 100 + (int)status);
}

static int wait_for(atomic_int *done)
{
    const struct timespec pause = { 0, 100000 };

    for (int i = 0; i < 50000 && atomic_load(done) == 0; i++)
        (void)nanosleep(&pause, NULL);
    return atomic_load(done) - 100;
}

static struct intake_batch batch_of(const char *source, const char *key, const char *body)
{
    return (struct intake_batch){ .source = hn_text_cstr(source),
        .key = hn_text_cstr(key),
        .body = hn_text_as_bytes(hn_text_cstr(body)) };
}

static enum hn_status submit(struct fixture *f, const struct intake_batch *batch)
{
    atomic_int done = 0;
    enum hn_status status = intake_submit(f->intake, batch, on_done, &done, NULL, NULL);

    return status == HN_OK ? (enum hn_status)wait_for(&done) : status;
}

/* A key is taken once per source; the repeat is acknowledged and counted. After a restart it is
 * known from the journal. */
static void keys_are_taken_once(void **state)
{
    struct fixture f;
    struct intake_batch batch = batch_of("http", "k1", "{}\n");
    struct intake_batch other = batch_of("hec", "k1", "{}\n");
    struct journal_reader *reader;
    struct journal_record record;
    struct intake *again;
    uint64_t end_before;

    (void)state;
    begin(&f, 0);
    assert_int_equal(submit(&f, &batch), HN_OK);
    end_before = journal_end(f.journal);
    assert_int_equal(submit(&f, &batch), HN_OK);
    assert_true(journal_end(f.journal) == end_before);
    assert_int_equal(intake_counters(f.intake, batch.source).repeated, 1);
    assert_int_equal(intake_counters(f.intake, batch.source).batches, 1);
    assert_int_equal(submit(&f, &other), HN_OK);
    assert_true(journal_end(f.journal) > end_before);

    assert_int_equal(intake_new(f.journal, &again, NULL), HN_OK);
    assert_int_equal(journal_reader_open(f.journal, 0, &reader, NULL), HN_OK);
    while (journal_read(reader, 0, &record, NULL) == HN_OK) {
        struct intake_batch seen;

        assert_int_equal(intake_batch_read(record.payload, &seen, NULL), HN_OK);
        intake_recall(again, &seen, record.received);
    }
    journal_reader_close(reader);
    end_before = journal_end(f.journal);
    intake_free(f.intake);
    f.intake = again;
    assert_int_equal(submit(&f, &batch), HN_OK);
    assert_int_equal(submit(&f, &other), HN_OK);
    assert_true(journal_end(f.journal) == end_before);
    end(&f);
}

struct gate {
    atomic_int open;
    atomic_int reached;
};

static void on_gate(void *ctx, enum hn_status status)
{
    struct gate *gate = ctx;
    const struct timespec pause = { 0, 100000 };

    (void)status;
    atomic_store(&gate->reached, 1);
    while (atomic_load(&gate->open) == 0)
        (void)nanosleep(&pause, NULL);
}

/* Stops the commit thread in a callback, so that what is submitted next stays pending. */
static void close_gate(struct fixture *f, struct gate *gate)
{
    const struct timespec pause = { 0, 100000 };

    assert_int_equal(journal_append(f->journal, JOURNAL_TICK, 1, (struct hn_bytes){ 0 }, on_gate,
                             gate, NULL, NULL),
            HN_OK);
    while (atomic_load(&gate->reached) == 0)
        (void)nanosleep(&pause, NULL);
}

/* A repeated key whose first batch is not durable yet is not acknowledged before that one. */
static void repeat_waits_for_the_first(void **state)
{
    struct fixture f;
    struct gate gate = { 0 };
    struct intake_batch batch = batch_of("http", "k1", "{}\n");
    atomic_int first = 0;
    atomic_int second = 0;

    (void)state;
    begin(&f, 0);
    close_gate(&f, &gate);
    assert_int_equal(intake_submit(f.intake, &batch, on_done, &first, NULL, NULL), HN_OK);
    assert_int_equal(intake_submit(f.intake, &batch, on_done, &second, NULL, NULL), HN_OK);
    assert_int_equal(atomic_load(&first), 0);
    assert_int_equal(atomic_load(&second), 0);
    atomic_store(&gate.open, 1);
    assert_int_equal(wait_for(&first), HN_OK);
    assert_int_equal(wait_for(&second), HN_OK);
    assert_int_equal(intake_counters(f.intake, batch.source).repeated, 1);
    end(&f);
}

/* One noisy source fills its share and no more; another still gets in. With many noisy ones there
 * is room for a quiet one, too. */
static void shares_are_fair(void **state)
{
    static char body[1000];
    struct fixture f;
    struct gate gate = { 0 };
    struct intake_batch batch = { .body = hn_bytes_of(body, sizeof body) };
    const struct intake_source_limits wide = { .pending_bytes_max = 1u << 20 };
    uint32_t retry_ms = 0;
    unsigned taken = 0;

    (void)state;
    begin(&f, 80000);
    close_gate(&f, &gate);
    batch.source = HN_TEXT("noisy");
    while (intake_submit(f.intake, &batch, NULL, NULL, &retry_ms, NULL) == HN_OK)
        taken++;
    assert_in_range(taken, 8, 9);
    assert_true(retry_ms > 0);
    assert_int_equal(intake_counters(f.intake, batch.source).overload, 1);
    batch.source = HN_TEXT("quiet");
    assert_int_equal(intake_submit(f.intake, &batch, NULL, NULL, NULL, NULL), HN_OK);
    for (int i = 0; i < 40; i++) {
        char name[16];

        batch.source = hn_text_of(name, (size_t)snprintf(name, sizeof name, "noisy%d", i % 10));
        assert_int_equal(intake_source(f.intake, batch.source, &wide), HN_OK);
        while (intake_submit(f.intake, &batch, NULL, NULL, NULL, NULL) == HN_OK) {
        }
    }
    batch.source = HN_TEXT("late");
    assert_int_equal(intake_submit(f.intake, &batch, NULL, NULL, NULL, NULL), HN_OK);
    atomic_store(&gate.open, 1);
    end(&f);
}

/* A second's worth at once, then as the rate says; a batch larger than that is paid off later. */
static void quota_is_a_rate(void **state)
{
    static char body[800];
    struct fixture f;
    struct intake_batch batch = { .source = HN_TEXT("s"), .body = hn_bytes_of(body, sizeof body) };
    const struct intake_source_limits limits = { .bytes_per_second = 1000 };
    uint32_t retry_ms = 0;

    (void)state;
    begin(&f, 0);
    test_now = 1000 * HN_SECOND;
    f.intake->clock = test_clock;
    assert_int_equal(intake_source(f.intake, batch.source, &limits), HN_OK);
    assert_int_equal(submit(&f, &batch), HN_OK);
    assert_int_equal(intake_submit(f.intake, &batch, NULL, NULL, &retry_ms, NULL), HN_LIMIT);
    assert_in_range(retry_ms, 600, 750);
    assert_int_equal(intake_counters(f.intake, batch.source).over_quota, 1);
    test_now += (hn_time)(retry_ms - 2) * HN_MILLISECOND;
    assert_int_equal(submit(&f, &batch), HN_LIMIT);
    test_now += 2 * HN_MILLISECOND;
    assert_int_equal(submit(&f, &batch), HN_OK);
    test_now += HN_DAY * 365; /* no more than one second's worth is saved */
    batch.body.len = 500;
    assert_int_equal(submit(&f, &batch), HN_OK);
    batch.body.len = 800;
    assert_int_equal(submit(&f, &batch), HN_LIMIT);
    test_now += 10 * HN_SECOND;
    {
        static char large[5000];

        batch.body = hn_bytes_of(large, sizeof large);
    }
    assert_int_equal(submit(&f, &batch), HN_OK);
    test_now += 4 * HN_SECOND;
    batch.body.len = 1;
    assert_int_equal(submit(&f, &batch), HN_LIMIT);
    test_now += HN_SECOND;
    assert_int_equal(submit(&f, &batch), HN_OK);
    end(&f);
}

/* The last durable position of each stream, none of others; after a recall the same. */
static void positions_are_kept(void **state)
{
    struct fixture f;
    struct intake_batch batch = batch_of("files", "", "x\n");
    struct hn_buf out = { 0 };

    (void)state;
    begin(&f, 0);
    batch.stream = HN_TEXT("/a");
    assert_false(intake_position(f.intake, batch.source, batch.stream, &out));
    batch.position = HN_TEXT("10");
    assert_int_equal(submit(&f, &batch), HN_OK);
    batch.position = HN_TEXT("20");
    assert_int_equal(submit(&f, &batch), HN_OK);
    assert_true(intake_position(f.intake, batch.source, batch.stream, &out));
    check_buf(&out, "20");
    assert_false(intake_position(f.intake, batch.source, HN_TEXT("/b"), &out));
    assert_false(intake_position(f.intake, HN_TEXT("file"), HN_TEXT("s/a"), &out));
    batch.position = HN_TEXT("30");
    intake_recall(f.intake, &batch, 1);
    assert_true(intake_position(f.intake, batch.source, batch.stream, &out));
    check_buf(&out, "30");
    hn_buf_deinit(&out);
    end(&f);
}

/* The table of keys against a plain list, through growth, age, the count and forgetting. */
static void keys_property(void **state)
{
    struct intake_keys keys = { .count_max = 300 };
    struct check_random random = { 7 };
    static hn_time known[1000]; /* when key n came in; 0: not there */
    static uint32_t order[200000];
    size_t first = 0;
    size_t last = 0;
    hn_time now = HN_DAY;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint32_t n = check_random_below(&random, 1000);
        char text[16];
        struct hn_digest digest = intake_key_digest(
                9, HN_TEXT("s"), hn_text_of(text, (size_t)snprintf(text, sizeof text, "%u", n)));
        struct intake_key *found = intake_keys_find(&keys, digest);

        now += (hn_time)check_random_below(&random, 1000) * HN_SECOND;
        assert_true((found != NULL) == (known[n] != 0));
        if (found == NULL) {
            assert_non_null(intake_keys_add(&keys, digest, now));
            while (last > first &&
                    (last - first >= 300 || now - known[order[first]] > INTAKE_KEY_AGE ||
                            known[order[first]] == 0))
                known[order[first++]] = 0;
            known[n] = now;
            order[last++] = n;
        }
        assert_true(keys.count <= 300);
    }
    intake_keys_deinit(&keys);
}

/* A forgotten key is not found, all others are. */
static void keys_are_forgotten(void **state)
{
    struct intake_keys keys = { 0 };
    struct hn_digest digests[500];

    (void)state;
    for (size_t i = 0; i < 500; i++) {
        char text[16];

        digests[i] = intake_key_digest(
                9, HN_TEXT("s"), hn_text_of(text, (size_t)snprintf(text, sizeof text, "%zu", i)));
        assert_non_null(intake_keys_add(&keys, digests[i], 1));
        if (i % 3 == 0)
            intake_keys_forget(&keys, digests[i]);
    }
    for (size_t i = 0; i < 500; i++)
        assert_true((intake_keys_find(&keys, digests[i]) == NULL) == (i % 3 == 0));
    intake_keys_deinit(&keys);
}

/* Without memory a batch is refused and nothing of it stays; then it is taken. */
static void survives_failing_allocations(void **state)
{
    struct intake_batch batch = batch_of("http", "k1", "{}\n");
    bool ended = false;

    (void)state;
    batch.stream = HN_TEXT("/a");
    batch.position = HN_TEXT("1");
    for (uint64_t n = 1; !ended && n < 100; n++) {
        struct fixture f;
        atomic_int done = 0;
        enum hn_status status;

        begin(&f, 0);
        hn_mem_fail_from(n);
        status = intake_submit(f.intake, &batch, on_done, &done, NULL, NULL);
        ended = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        if (status == HN_OK) {
            assert_int_equal(wait_for(&done), HN_OK);
        } else {
            assert_int_equal(status, HN_NOMEM);
            assert_int_equal(submit(&f, &batch), HN_OK);
        }
        assert_int_equal(intake_counters(f.intake, batch.source).batches, 1);
        assert_int_equal(intake_counters(f.intake, batch.source).repeated, 0);
        end(&f);
    }
    assert_true(ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_taken_once),
        cmocka_unit_test(repeat_waits_for_the_first),
        cmocka_unit_test(shares_are_fair),
        cmocka_unit_test(quota_is_a_rate),
        cmocka_unit_test(positions_are_kept),
        cmocka_unit_test(keys_property),
        cmocka_unit_test(keys_are_forgotten),
        cmocka_unit_test(survives_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
