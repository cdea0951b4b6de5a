/* test_worker.c - samples through the jailed worker: whole trees come back; a worker that is ended,
 * crashes or misbehaves leaves what it had learned and says which limit it was. */
#include "analyze/analyze.h"

#include "base/mem.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- Openers that misbehave: the first letters of the sample say how ---- */

static volatile bool forever = true;

static void hang(void)
{
    while (forever)
        continue;
}

static void **eaten; /* each block points to the one before it */

static void eat(void)
{
    for (;;) {
        void **block = malloc((size_t)1 << 20);

        if (block == NULL)
            break;
        memset(block, 1, (size_t)1 << 20);
        *block = eaten;
        eaten = block;
    }
}

/* Longer than trees are apart that the worker sends on its way. */
static void pause_a_moment(void)
{
    struct timespec start;
    struct timespec now;
    int64_t passed_ms;

    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        passed_ms = (int64_t)(now.tv_sec - start.tv_sec) * 1000 +
                    (now.tv_nsec - start.tv_nsec) / 1000000;
    } while (passed_ms < 600);
}

static enum hn_status open_zip(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_text text = hn_bytes_as_text(dissect_get(dissect, id)->data);
    struct dissect_child child = { .format = DISSECT_RAR,
        .name = HN_TEXT("inner"),
        .relation = "entry",
        .data = hn_text_as_bytes(text),
        .offset = 0,
        .borrowed = true };

    (void)err;
    for (size_t i = 0; i < dissect_password_count(dissect); i++)
        dissect_fact(dissect, id, "password", dissect_password(dissect, i));
    if (hn_text_starts(text, HN_TEXT("PK\3\4late")))
        pause_a_moment();
    return dissect_child(dissect, id, &child, NULL);
}

static enum hn_status open_inner(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_text text = hn_text_sub(hn_bytes_as_text(dissect_get(dissect, id)->data), 4, 64);

    (void)err;
    if (hn_text_starts(text, HN_TEXT("hang")) || hn_text_starts(text, HN_TEXT("late")))
        hang();
    if (hn_text_starts(text, HN_TEXT("crash")))
        abort();
    if (hn_text_starts(text, HN_TEXT("call")))
        (void)socket(AF_INET, SOCK_STREAM, 0);
    if (hn_text_starts(text, HN_TEXT("eat"))) {
        eat();
        return HN_NOMEM;
    }
    for (int i = 0; i < 4000 && hn_text_starts(text, HN_TEXT("talk")); i++) {
        dissect_text(dissect, id, "body", hn_bytes_as_text(dissect_get(dissect, id)->data),
                HN_TEXT(""), 0);
    }
    return HN_OK;
}

static const struct analyze_opener openers[] = { { DISSECT_ZIP, open_zip },
    { DISSECT_RAR, open_inner } };
static const struct analyze_tables tables = { .openers = openers,
    .opener_count = HN_COUNT_OF(openers) };

static int file_of(struct hn_bytes bytes)
{
    char path[] = "/tmp/hn_worker_test_XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    (void)unlink(path);
    assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
    return fd;
}

static void run_bytes(const struct analyze_limits *limits, struct hn_bytes bytes,
        enum dissect_keep keep, struct analyze_sample *sample)
{
    struct hn_text passwords[] = { HN_TEXT("infected"), HN_TEXT("\xE3\x81\x82") };
    struct analyze_task task = { .fd = file_of(bytes),
        .name = HN_TEXT("sample.zip"),
        .passwords = passwords,
        .password_count = 2,
        .keep = keep };
    struct analyze_worker *worker = NULL;

    assert_int_equal(analyze_worker_start(limits, &tables, &worker, NULL), HN_OK);
    assert_int_equal(analyze_worker_run(worker, &task, sample, NULL), HN_OK);
    assert_non_null(sample->dissect);
    analyze_worker_stop(worker);
    (void)close(task.fd);
}

static void run(const char *text, struct analyze_sample *sample)
{
    struct analyze_limits limits = analyze_limits_default;

    limits.wall_ms = 4000;
    limits.cpu_seconds = 20;
    run_bytes(&limits, hn_bytes_of(text, strlen(text)), DISSECT_KEEP_ALL, sample);
}

static const char *worker_note(const struct analyze_sample *sample)
{
    const struct dissect_note *note = dissect_get(sample->dissect, 0)->notes;
    static char text[500];

    text[0] = '\0';
    for (; note != NULL; note = note->next)
        if (note->kind == DISSECT_NOTE_WORKER)
            (void)snprintf(text, sizeof text, "%.*s", HN_TEXT_ARG(note->detail));
    return text;
}

/* The tree is what it would have been here, and parts point into the sample. */
static void trees_come_back(void **state)
{
    struct analyze_sample sample;

    (void)state;
    run("PK\3\4fine", &sample);
    assert_string_equal(worker_note(&sample), "");
    assert_int_equal(dissect_count(sample.dissect), 2);
    assert_ptr_equal(dissect_get(sample.dissect, 1)->data.ptr, sample.bytes.ptr);
    assert_int_equal(dissect_get(sample.dissect, 1)->data.len, 8);
    assert_string_equal(dissect_get(sample.dissect, 0)->facts->name, "size");
    analyze_sample_deinit(&sample);
}

static void passwords_reach_the_worker(void **state)
{
    struct analyze_sample sample;
    unsigned found = 0;

    (void)state;
    run("PK\3\4fine", &sample);
    for (const struct dissect_fact *fact = dissect_get(sample.dissect, 0)->facts; fact != NULL;
            fact = fact->next) {
        found += strcmp(fact->name, "password") == 0 &&
                 (hn_text_eq(fact->value, HN_TEXT("infected")) ||
                         hn_text_eq(fact->value, HN_TEXT("\xE3\x81\x82")));
    }
    assert_int_equal(found, 2);
    analyze_sample_deinit(&sample);
}

/* Each end is told, and the sample is identified all the same. */
static void bad_ends_are_notes(void **state)
{
    static const struct {
        const char *text;
        const char *note;
    } rows[] = {
        { "PK\3\4hang", "wall_ms: it used up its time, while it opened object 1" },
        { "PK\3\4crash", "it crashed (signal 6), while it opened object 1" },
        { "PK\3\4call", "it made a system call that it may not make, while it opened object 1" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct analyze_sample sample;

        run(rows[i].text, &sample);
        assert_string_equal(worker_note(&sample), rows[i].note);
        assert_int_equal(dissect_get(sample.dissect, 0)->format, DISSECT_ZIP);
        assert_string_equal(dissect_get(sample.dissect, 0)->facts->name, "size");
        analyze_sample_deinit(&sample);
    }
}

/* What was learned before is there. */
static void what_was_learned_is_kept(void **state)
{
    struct analyze_sample sample;

    (void)state;
    run("PK\3\4late", &sample);
    assert_true(strncmp(worker_note(&sample), "wall_ms: ", 9) == 0);
    assert_int_equal(dissect_count(sample.dissect), 2);
    analyze_sample_deinit(&sample);
}

static void processor_time_is_limited(void **state)
{
    struct analyze_limits limits = analyze_limits_default;
    struct analyze_sample sample;

    (void)state;
    limits.cpu_seconds = 1;
    run_bytes(&limits, hn_bytes_of("PK\3\4hang", 8), DISSECT_KEEP_NONE, &sample);
    assert_true(strncmp(worker_note(&sample), "cpu_seconds: ", 13) == 0);
    analyze_sample_deinit(&sample);
}

static void memory_is_limited(void **state)
{
    struct analyze_limits limits = analyze_limits_default;
    struct analyze_sample sample;
    const struct dissect_note *note;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)fprintf(stderr, "SKIPPED: sanitizers reserve terabytes of address space\n");
    skip();
#endif
    limits.memory_bytes = (uint64_t)64 << 20;
    run_bytes(&limits, hn_bytes_of("PK\3\4eat", 7), DISSECT_KEEP_NONE, &sample);
    note = dissect_get(sample.dissect, 0)->notes;
    while (note != NULL && hn_text_find(note->detail, HN_TEXT("memory_bytes"), 0) == SIZE_MAX)
        note = note->next;
    assert_non_null(note);
    analyze_sample_deinit(&sample);
}

static void results_are_limited(void **state)
{
    struct analyze_limits limits = analyze_limits_default;
    struct analyze_sample sample;

    (void)state;
    limits.result_bytes = 20000;
    run_bytes(&limits, hn_bytes_of("PK\3\4talk", 8), DISSECT_KEEP_NONE, &sample);
    assert_true(strncmp(worker_note(&sample), "result_bytes: ", 14) == 0);
    analyze_sample_deinit(&sample);
}

/* 500 MB of zeros behind a small file are cut off and said; too large without them is said too. */
static void padding_is_cut_off(void **state)
{
    struct analyze_limits limits = analyze_limits_default;
    struct analyze_task task = { .fd = file_of(hn_bytes_of("PK\3\4fine", 8)),
        .name = HN_TEXT("sample.zip") };
    struct analyze_worker *worker = NULL;
    struct analyze_sample sample;
    const struct dissect_note *note;

    (void)state;
    assert_int_equal(ftruncate(task.fd, (off_t)100 << 20), 0);
    assert_int_equal(analyze_worker_start(&limits, &tables, &worker, NULL), HN_OK);
    assert_int_equal(analyze_worker_run(worker, &task, &sample, NULL), HN_OK);
    note = dissect_get(sample.dissect, 0)->notes;
    assert_non_null(note);
    assert_int_equal(note->kind, DISSECT_NOTE_PADDED);
    assert_true(dissect_get(sample.dissect, 0)->data.len < 10000);
    analyze_sample_deinit(&sample);
    analyze_worker_stop(worker);
    (void)close(task.fd);
}

static void limits_have_names(void **state)
{
    struct analyze_limits limits = analyze_limits_default;
    struct analyze_limit limit;
    size_t count = 0;

    (void)state;
    while (analyze_limit_at(&limits, count, &limit)) {
        assert_true(limit.value > 0);
        assert_int_equal(
                analyze_limit_set(&limits, hn_text_cstr(limit.name), limit.value + 1, NULL), HN_OK);
        assert_true(analyze_limit_at(&limits, count, &limit));
        assert_true(limit.value > 1);
        count++;
    }
    assert_int_equal(count, 26);
    assert_int_equal(limits.dissect.depth_max, analyze_limits_default.dissect.depth_max + 1);
    assert_int_equal(limits.script.steps_max, analyze_limits_default.script.steps_max + 1);
    assert_int_equal(analyze_limit_set(&limits, HN_TEXT("none"), 1, NULL), HN_NOTFOUND);
    assert_int_equal(analyze_limit_set(&limits, HN_TEXT("depth_max"), 0, NULL), HN_LIMIT);
    assert_int_equal(
            analyze_limit_set(&limits, HN_TEXT("depth_max"), (uint64_t)1 << 33, NULL), HN_LIMIT);
}

/* One after the other in the same worker; no sample sees what another left. */
static void samples_are_apart(void **state)
{
    struct analyze_worker *worker = NULL;

    (void)state;
    assert_int_equal(analyze_worker_start(NULL, &tables, &worker, NULL), HN_OK);
    for (int i = 0; i < 20; i++) {
        const char *text = i % 4 == 3 ? "PK\3\4crash" : "PK\3\4fine";
        struct analyze_task task = { .fd = file_of(hn_bytes_of(text, strlen(text))),
            .name = HN_TEXT("a") };
        struct analyze_sample sample;

        assert_int_equal(analyze_worker_run(worker, &task, &sample, NULL), HN_OK);
        assert_int_equal(worker_note(&sample)[0] != '\0', i % 4 == 3);
        analyze_sample_deinit(&sample);
        (void)close(task.fd);
    }
    analyze_worker_stop(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_come_back),
        cmocka_unit_test(passwords_reach_the_worker),
        cmocka_unit_test(bad_ends_are_notes),
        cmocka_unit_test(what_was_learned_is_kept),
        cmocka_unit_test(processor_time_is_limited),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(results_are_limited),
        cmocka_unit_test(padding_is_cut_off),
        cmocka_unit_test(limits_have_names),
        cmocka_unit_test(samples_are_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
