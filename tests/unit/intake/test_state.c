/* test_state.c - keys and positions as bytes: what is saved comes back, damage is refused. */
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

static void begin(struct fixture *f)
{
    struct journal_options options = { 0 };

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

static struct hn_bytes bytes_of(const struct hn_buf *buf)
{
    return hn_text_as_bytes(hn_buf_text(buf));
}

static struct intake_batch batch_of(const char *key, const char *stream, const char *position)
{
    return (struct intake_batch){ .source = HN_TEXT("s"),
        .key = hn_text_cstr(key),
        .stream = hn_text_cstr(stream),
        .position = hn_text_cstr(position),
        .body = hn_bytes_of("{}\n", 3) };
}

static void on_done(void *ctx, enum hn_status status)
{
    atomic_store((atomic_int *)ctx, 100 + (int)status);
}

static void wait_for(atomic_int *flag)
{
    const struct timespec pause = { 0, 100000 };

    while (atomic_load(flag) == 0)
        (void)nanosleep(&pause, NULL);
}

static void submit(struct intake *intake, const struct intake_batch *batch)
{
    atomic_int done = 0;

    assert_int_equal(intake_submit(intake, batch, on_done, &done, NULL, NULL), HN_OK);
    wait_for(&done);
    assert_int_equal(atomic_load(&done), 100 + HN_OK);
}

/* Keys, forgotten ones among them, and positions, one of them moved. */
static void fill(struct intake *intake, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char key[16];
        char stream[16];
        struct intake_batch batch;

        (void)snprintf(key, sizeof key, "k%u", i);
        (void)snprintf(stream, sizeof stream, "/log/%u", i % 7);
        batch = batch_of(key, stream, i % 3 == 0 ? key : "");
        intake_recall(intake, &batch, (hn_time)i * HN_SECOND);
        if (i % 5 == 4)
            intake_keys_forget(
                    &intake->keys, intake_key_digest(intake->key_seed, batch.source, batch.key));
    }
    intake_recalled(intake, 4711);
}

/* Saving what was restored gives the same bytes, and knows the same keys and positions. */
static void what_is_saved_comes_back(void **state)
{
    static const unsigned counts[] = { 0, 1, 5, 64, 65, 3000 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(counts); i++) {
        struct fixture f;
        struct intake *again;
        struct hn_buf saved = { 0 };
        struct hn_buf twice = { 0 };
        struct hn_buf position = { 0 };
        uint64_t from = 0;

        begin(&f);
        fill(f.intake, counts[i]);
        intake_save(f.intake, &saved);
        assert_true(hn_buf_ok(&saved));
        assert_int_equal(intake_new(f.journal, &again, NULL), HN_OK);
        again->key_seed ^= 1; /* of another process */
        assert_int_equal(intake_restore(again, bytes_of(&saved), &from, NULL), HN_OK);
        assert_int_equal(from, 4711);
        intake_save(again, &twice);
        assert_int_equal(twice.len, saved.len);
        assert_memory_equal(twice.ptr, saved.ptr, saved.len);
        for (unsigned k = 0; k < counts[i]; k++) {
            char key[16];
            struct hn_digest digest;

            (void)snprintf(key, sizeof key, "k%u", k);
            digest = intake_key_digest(again->key_seed, HN_TEXT("s"), hn_text_cstr(key));
            assert_true((intake_keys_find(&again->keys, digest) != NULL) == (k % 5 != 4));
        }
        if (counts[i] > 7) {
            assert_true(intake_position(again, HN_TEXT("s"), HN_TEXT("/log/3"), &position));
            assert_true(position.len > 1);
        }
        hn_buf_deinit(&position);
        hn_buf_deinit(&saved);
        hn_buf_deinit(&twice);
        intake_free(again);
        end(&f);
    }
}

/* Every prefix, every flipped bit and every byte more is refused, and the intake knows nothing
 * afterwards: it can take up an older state. */
static void refuses_every_damage(void **state)
{
    struct fixture f;
    struct hn_buf saved = { 0 };
    struct intake *again;
    uint64_t from = 77;

    (void)state;
    begin(&f);
    fill(f.intake, 9);
    intake_save(f.intake, &saved);
    assert_int_equal(intake_new(f.journal, &again, NULL), HN_OK);
    for (size_t len = 0; len < saved.len; len++) {
        char *copy = hn_malloc(len == 0 ? 1 : len); /* so that sanitizers see the end */

        assert_non_null(copy);
        memcpy(copy, saved.ptr, len);
        assert_int_equal(intake_restore(again, hn_bytes_of(copy, len), &from, NULL), HN_TRUNCATED);
        hn_free(copy);
    }
    for (size_t bit = 0; bit < saved.len * 8; bit++) {
        saved.ptr[bit / 8] = (char)(saved.ptr[bit / 8] ^ (char)(1 << bit % 8));
        assert_int_not_equal(intake_restore(again, bytes_of(&saved), &from, NULL), HN_OK);
        saved.ptr[bit / 8] = (char)(saved.ptr[bit / 8] ^ (char)(1 << bit % 8));
    }
    hn_buf_add_char(&saved, 'x');
    assert_int_equal(intake_restore(again, bytes_of(&saved), &from, NULL), HN_CORRUPT);
    assert_int_equal(from, 77);
    assert_int_equal(again->settled, 0);
    saved.len--;
    assert_int_equal(intake_restore(again, bytes_of(&saved), &from, NULL), HN_OK);
    hn_buf_deinit(&saved);
    intake_free(again);
    end(&f);
}

/* The body without header, again with a checksum that fits. */
static enum hn_status restore_body(struct intake *intake, const char *body, size_t len)
{
    struct hn_buf bytes = { 0 };
    struct hn_digest digest = hn_digest_of(body, len);
    uint64_t numbers[4] = { UINT64_C(0x0000000153494E48), len, digest.high, digest.low };
    uint64_t from = 0;
    enum hn_status status;

    for (size_t i = 0; i < 32; i++)
        hn_buf_add_char(&bytes, (char)(uint8_t)(numbers[i / 8] >> i % 8 * 8));
    hn_buf_add(&bytes, body, len);
    status = intake_restore(intake, bytes_of(&bytes), &from, NULL);
    hn_buf_deinit(&bytes);
    return status;
}

/* With a checksum that fits, every cut inside is refused all the same, and so are keys that nobody
 * can have saved: twice the same, or older than a day behind the last. */
static void refuses_forged_bodies(void **state)
{
    static const char head[20] = "from....seed....\2\0\0\0"; /* two keys */
    char body[20 + 48 + 4] = { 0 };
    struct fixture f;
    struct hn_buf saved = { 0 };

    (void)state;
    begin(&f);
    memcpy(body, head, sizeof head);
    body[20 + 24] = 1; /* another digest */
    assert_int_equal(restore_body(f.intake, body, sizeof body), HN_OK);
    end(&f);

    begin(&f);
    body[20 + 24] = 0;
    assert_int_equal(restore_body(f.intake, body, sizeof body), HN_CORRUPT);
    body[20 + 24] = 1;
    body[20 + 47] = 1; /* years later: the first would have been dropped */
    assert_int_equal(restore_body(f.intake, body, sizeof body), HN_CORRUPT);
    body[20 + 47] = (char)0x80; /* before 1970 */
    assert_int_equal(restore_body(f.intake, body, sizeof body), HN_CORRUPT);
    fill(f.intake, 9);
    intake_save(f.intake, &saved);
    end(&f);

    begin(&f);
    for (size_t len = 0; len < saved.len - 32; len++)
        assert_int_equal(restore_body(f.intake, saved.ptr + 32, len), HN_CORRUPT);
    assert_int_equal(restore_body(f.intake, saved.ptr + 32, saved.len - 32), HN_OK);
    hn_buf_deinit(&saved);
    end(&f);
}

struct gate {
    atomic_int open;
    atomic_int reached;
};

static void on_gate(void *ctx, enum hn_status status)
{
    struct gate *gate = ctx;

    (void)status;
    atomic_store(&gate->reached, 1);
    wait_for(&gate->open);
}

/* A batch that is not durable is not in the state: its key would be taken for known, and the batch
 * be lost. Everything that is not in it stands behind the offset that the state names. */
static void only_what_is_durable_is_saved(void **state)
{
    struct fixture f;
    struct gate gate = { 0 };
    struct intake_batch first = batch_of("first", "/a", "1");
    struct intake_batch second = batch_of("second", "/a", "2");
    struct intake *again;
    struct hn_buf saved = { 0 };
    struct hn_buf position = { 0 };
    atomic_int done = 0;
    uint64_t from = 0;
    uint64_t before;

    (void)state;
    begin(&f);
    submit(f.intake, &first);
    before = journal_end(f.journal);
    assert_int_equal(journal_append(f.journal, JOURNAL_TICK, 1, (struct hn_bytes){ 0 }, on_gate,
                             &gate, NULL, NULL),
            HN_OK);
    wait_for(&gate.reached);
    assert_int_equal(intake_submit(f.intake, &second, on_done, &done, NULL, NULL), HN_OK);
    intake_save(f.intake, &saved);
    assert_int_equal(intake_new(f.journal, &again, NULL), HN_OK);
    assert_int_equal(intake_restore(again, bytes_of(&saved), &from, NULL), HN_OK);
    assert_true(from <= before);
    assert_non_null(intake_keys_find(
            &again->keys, intake_key_digest(again->key_seed, first.source, first.key)));
    assert_null(intake_keys_find(
            &again->keys, intake_key_digest(again->key_seed, second.source, second.key)));
    assert_true(intake_position(again, first.source, first.stream, &position));
    check_buf(&position, "1");
    atomic_store(&gate.open, 1);
    wait_for(&done);
    hn_buf_deinit(&position);
    hn_buf_deinit(&saved);
    intake_free(again);
    end(&f);
}

/* State and the journal behind it together know what the whole journal says, wherever the state was
 * taken. */
static void state_and_rest_are_the_whole(void **state)
{
    struct fixture f;
    struct journal_reader *reader;
    struct journal_record record;
    struct intake *again;
    struct hn_buf saved[20] = { 0 };

    (void)state;
    begin(&f);
    for (unsigned i = 0; i < HN_COUNT_OF(saved); i++) {
        char text[16];
        struct intake_batch batch;

        (void)snprintf(text, sizeof text, "k%u", i);
        batch = batch_of(text, "/a", text);
        intake_save(f.intake, &saved[i]);
        submit(f.intake, &batch);
    }
    for (unsigned i = 0; i < HN_COUNT_OF(saved); i++) {
        struct hn_buf position = { 0 };
        uint64_t from = 0;

        assert_int_equal(intake_new(f.journal, &again, NULL), HN_OK);
        assert_int_equal(intake_restore(again, bytes_of(&saved[i]), &from, NULL), HN_OK);
        assert_int_equal(journal_reader_open(f.journal, from, &reader, NULL), HN_OK);
        while (journal_read(reader, 0, &record, NULL) == HN_OK) {
            struct intake_batch seen;

            assert_int_equal(intake_batch_read(record.payload, &seen, NULL), HN_OK);
            intake_recall(again, &seen, record.received);
        }
        journal_reader_close(reader);
        assert_int_equal(again->keys.count, HN_COUNT_OF(saved));
        assert_true(intake_position(again, HN_TEXT("s"), HN_TEXT("/a"), &position));
        check_buf(&position, "k19");
        hn_buf_deinit(&position);
        hn_buf_deinit(&saved[i]);
        intake_free(again);
    }
    end(&f);
}

/* Without memory nothing is taken up; then everything. */
static void survives_failing_allocations(void **state)
{
    struct fixture f;
    struct hn_buf saved = { 0 };
    bool ended = false;

    (void)state;
    begin(&f);
    fill(f.intake, 100);
    intake_save(f.intake, &saved);
    for (uint64_t n = 1; !ended && n < 1000; n++) {
        struct intake *again;
        struct hn_buf out = { 0 };
        uint64_t from = 0;
        enum hn_status status;

        assert_int_equal(intake_new(f.journal, &again, NULL), HN_OK);
        hn_mem_fail_from(n);
        status = intake_restore(again, bytes_of(&saved), &from, NULL);
        ended = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        assert_int_equal(status, ended ? HN_OK : HN_NOMEM);
        if (!ended)
            assert_int_equal(intake_restore(again, bytes_of(&saved), &from, NULL), HN_OK);
        hn_mem_fail_from(1);
        intake_save(again, &out);
        hn_mem_fail_from(0);
        assert_false(hn_buf_ok(&out));
        hn_buf_deinit(&out);
        intake_free(again);
    }
    assert_true(ended);
    hn_buf_deinit(&saved);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_comes_back),
        cmocka_unit_test(refuses_every_damage),
        cmocka_unit_test(refuses_forged_bodies),
        cmocka_unit_test(only_what_is_durable_is_saved),
        cmocka_unit_test(state_and_rest_are_the_whole),
        cmocka_unit_test(survives_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
