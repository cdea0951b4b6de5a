/* test_scan.c - inputs through the whole pipeline: one output whatever the threads, and what
 * happens to inputs that are damaged, change, cannot be read, or never end. */
#include "scan_case.h"
#include "support/pack.h"

#include <fcntl.h>
#include <pthread.h>

static void expect_same(struct hn_buf *a, struct hn_buf *b, const char *what, unsigned threads)
{
    if (!hn_text_eq(hn_buf_text(a), hn_buf_text(b)))
        fail_msg("%s differ with %u threads", what, threads);
}

/* AddressSanitizer's allocator does not survive a fork() beside threads that allocate: the child
 * that unpacks would hang. .ci/run therefore runs this test in a build without it, too. */
#if defined(__SANITIZE_ADDRESS__)
#    define WITH_PACKED 0
#else
#    define WITH_PACKED 1
#endif

/* Many small files, some damaged, one of several blocks, and a compressed one. */
static void write_mixed(struct scan_case *c)
{
    static const char *const commands[] = { "an evil", "curl http://worse.example/x/y 192.0.2.7",
        "x" };
    struct hn_buf text = { 0 };
    struct hn_buf packed;
    struct pack_entry entry = { .name = "x" };

    for (unsigned i = 0; i < 120; i++) {
        char name[32];

        hn_buf_reset(&text);
        for (unsigned k = 0; k < 5; k++)
            scan_case_line(&text, i % 2 == 0 ? "h1" : "h2", i * 7 + k, commands[k % 3]);
        if (i % 4 == 0)
            hn_buf_add_lit(&text, "{\"broken\":\n\"needle\xFF\" no JSON\n");
        (void)snprintf(name, sizeof name, "small-%03u.json", i);
        scan_case_write(c, name, hn_buf_text(&text));
    }
    hn_buf_reset(&text);
    for (unsigned i = 0; i < 30000; i++)
        scan_case_line(&text, "h3", i / 60, i % 1000 == 7 ? "evil and more" : "nothing to see");
    scan_case_write(c, "large.json", hn_buf_text(&text));
    if (WITH_PACKED) {
        entry.content = text.ptr;
        entry.len = text.len;
        packed = pack("raw", "gzip", NULL, NULL, &entry, 1);
        scan_case_write(c, "packed.json.gz", hn_buf_text(&packed));
        hn_buf_deinit(&packed);
    }
    hn_buf_deinit(&text);
}

static struct ioc_set *indicators(void)
{
    static const char list[] = "bad.example\nhttp://worse.example/x/*\n192.0.2.0/24\n";
    struct ioc_input input = { .name = HN_TEXT("list.txt"),
        .bytes = hn_bytes_of(list, sizeof list - 1),
        .format = IOC_FORMAT_LIST_PLAIN };
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_set *set = NULL;

    assert_non_null(builder);
    assert_int_equal(ioc_load(builder, &input, NULL, NULL), HN_OK);
    assert_int_equal(ioc_seal(builder, &set, NULL), HN_OK);
    ioc_builder_free(builder);
    return set;
}

/* Alerts, findings and numbers are the same bytes with 1, 2, 4 and 8 threads, which share rules and
 * indicators. */
static void threads_agree(void **state)
{
    static const unsigned counts[] = { 2, 4, 8, 4, 2 };
    struct hn_buf out;
    struct hn_buf findings;
    struct ioc_set *iocs = indicators();
    struct scan_case c;
    struct scan_totals totals;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    judge_set_unref(c.judge);
    c.judge = judge_make(SCAN_CASE_RULES, iocs, (struct hn_digest){ 0, 0 });
    c.options.set = c.judge;
    write_mixed(&c);
    assert_int_equal(scan_case_run(&c, NULL, 1), HN_OK);
    assert_int_equal(c.summary.totals.entries, WITH_PACKED ? 122 : 121);
    assert_true(c.summary.totals.findings[HN_FINDING_UNDECODABLE] > 0);
    assert_true(c.lines_out > 300);
    assert_non_null(strstr(c.out.ptr, "\"three\""));
    assert_non_null(strstr(c.out.ptr, "\"kind\":\"indicator\""));
    out = c.out;
    findings = c.findings;
    totals = c.summary.totals;
    memset(&c.out, 0, sizeof c.out);
    memset(&c.findings, 0, sizeof c.findings);
    for (size_t i = 0; i < HN_COUNT_OF(counts); i++) {
        assert_int_equal(scan_case_run(&c, NULL, counts[i]), HN_OK);
        expect_same(&c.out, &out, "alerts", counts[i]);
        expect_same(&c.findings, &findings, "findings", counts[i]);
        assert_memory_equal(&c.summary.totals, &totals, sizeof totals);
    }
    hn_buf_deinit(&out);
    hn_buf_deinit(&findings);
    ioc_set_unref(iocs);
    scan_case_close(&c);
}

/* ---- Text in UTF-16 ---- */

static void add_utf16(struct hn_buf *out, bool little, unsigned unit)
{
    hn_buf_add_char(out, (char)(little ? unit & 0xFF : unit >> 8));
    hn_buf_add_char(out, (char)(little ? unit >> 8 : unit & 0xFF));
}

/* Lines of characters that take two bytes in UTF-16 and three in UTF-8, some with surrogates. */
static void write_utf16(struct scan_case *c, bool little, unsigned lines)
{
    struct hn_buf text = { 0 };

    add_utf16(&text, little, 0xFEFF);
    for (unsigned i = 0; i < lines; i++) {
        for (unsigned k = 0; k < 49; k++)
            add_utf16(&text, little, 0x706B);
        add_utf16(&text, little, 0xD83D);
        add_utf16(&text, little, 0xDE00);
        add_utf16(&text, little, '\n');
    }
    scan_case_write(c, "utf16.txt", hn_buf_text(&text));
    hn_buf_deinit(&text);
}

/* Whatever its length and byte order, nothing of a UTF-16 file is lost. */
static void utf16_is_read_whole(void **state)
{
    static const unsigned lines[] = { 1, 5000, 8000, 9700, 10082, 10083, 15000, 40000 };
    struct scan_case c;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    for (size_t i = 0; i < HN_COUNT_OF(lines); i++) {
        for (int little = 0; little < 2; little++) {
            write_utf16(&c, little != 0, lines[i]);
            assert_int_equal(scan_case_run(&c, NULL, 1), HN_OK);
            assert_int_equal(c.summary.totals.events, lines[i]);
            assert_int_equal(c.summary.totals.bytes, lines[i] * (49 * 3 + 4 + 1));
            assert_int_equal(c.summary.totals.findings[HN_FINDING_INVALID_UTF8], 0);
        }
    }
    scan_case_close(&c);
}

/* ---- Ends ---- */

static void write_evil(struct scan_case *c, const char *name, unsigned lines)
{
    struct hn_buf text = { 0 };

    for (unsigned i = 0; i < lines; i++)
        scan_case_line(&text, "h", i, "evil");
    scan_case_write(c, name, hn_buf_text(&text));
    hn_buf_deinit(&text);
}

/* A full disk or a closed pipe: no further line is tried. */
static void a_refused_line_stops_the_scan(void **state)
{
    struct scan_case c;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    write_evil(&c, "a.json", 20000);
    write_evil(&c, "b.json", 20000);
    c.stop_after = 10;
    for (unsigned threads = 1; threads <= 4; threads *= 2) {
        assert_int_equal(scan_case_run(&c, NULL, threads), HN_CANCELLED);
        assert_int_equal(c.lines_out, 10);
        assert_true(c.summary.totals.cancelled);
    }
    scan_case_close(&c);
}

static atomic_bool cancel;

static void cancel_on_line(struct scan_case *c)
{
    if (c->lines_out == 5)
        atomic_store(&cancel, true);
}

/* An interrupt ends the scan soon, with what was found so far and in order. */
static void an_interrupt_stops_the_scan(void **state)
{
    struct scan_case c;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    for (unsigned i = 0; i < 20; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "%02u.json", i);
        write_evil(&c, name, 5000);
    }
    c.on_line = cancel_on_line;
    c.options.pipeline.cancel = &cancel;
    for (unsigned threads = 1; threads <= 4; threads *= 2) {
        atomic_store(&cancel, false);
        assert_int_equal(scan_case_run(&c, NULL, threads), HN_CANCELLED);
        assert_true(c.lines_out >= 5 && c.lines_out < 100000);
        assert_true(c.summary.totals.cancelled);
    }
    scan_case_close(&c);
}

/* ---- Inputs ---- */

/* What cannot be opened or read is told, and the others are scanned. */
static void unreadable_inputs_are_told(void **state)
{
    struct scan_case c;
    char good[128];
    char absent[128];
    const char *inputs[3];

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    write_evil(&c, "good.json", 3);
    (void)snprintf(good, sizeof good, "%s/good.json", c.folder);
    (void)snprintf(absent, sizeof absent, "%s/absent.json", c.folder);
    inputs[0] = absent;
    inputs[1] = "/proc/self/mem"; /* opens, and then fails to be read */
    inputs[2] = good;
    c.options.pipeline.inputs = inputs;
    c.options.pipeline.input_count = HN_COUNT_OF(inputs);
    assert_int_equal(scan_run(&c.options, &c.summary, NULL), HN_OK);
    assert_int_equal(c.summary.alerts[SIGMA_LEVEL_HIGH], 3);
    assert_int_equal(c.summary.totals.entries_failed, 2);
    hn_buf_add_char(&c.problems, '\0');
    assert_non_null(strstr(c.problems.ptr, "absent.json"));
    assert_non_null(strstr(c.problems.ptr, "/proc/self/mem"));
    scan_case_close(&c);
}

static void grow(struct scan_case *c)
{
    struct hn_buf text = { 0 };
    FILE *file;

    if (c->lines_out > 50)
        return;
    file = fopen(scan_case_path(c, "live.json"), "ab");
    assert_non_null(file);
    scan_case_line(&text, "late", 1, "evil");
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
    hn_buf_deinit(&text);
}

static void shrink(struct scan_case *c)
{
    if (c->lines_out == 1)
        assert_int_equal(truncate(scan_case_path(c, "live.json"), 10), 0);
}

/* A log that is written to, or cut off by rotation, while it is read: its lines so far, an end. */
static void files_may_change_under_us(void **state)
{
    struct scan_case c;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    write_evil(&c, "live.json", 40000);
    c.on_line = grow;
    assert_int_equal(scan_case_run(&c, NULL, 2), HN_OK);
    assert_true(c.summary.alerts[SIGMA_LEVEL_HIGH] >= 40000);
    c.on_line = shrink;
    assert_int_equal(scan_case_run(&c, NULL, 2), HN_OK);
    assert_true(c.summary.alerts[SIGMA_LEVEL_HIGH] > 0);
    assert_true(c.summary.alerts[SIGMA_LEVEL_HIGH] < 40000);
    assert_true(c.summary.totals.findings[HN_FINDING_UNDECODABLE] <= 1);
    scan_case_close(&c);
}

static void *write_slowly(void *ctx)
{
    const int *pipe_ends = ctx;
    struct hn_buf text = { 0 };

    for (unsigned i = 0; i < 300; i++) {
        hn_buf_reset(&text);
        scan_case_line(&text, "h", i, "evil");
        for (size_t at = 0; at < text.len; at += 37) {
            size_t len = text.len - at < 37 ? text.len - at : 37;

            if (write(pipe_ends[1], text.ptr + at, len) != (ssize_t)len)
                abort();
        }
    }
    hn_buf_deinit(&text);
    (void)close(pipe_ends[1]);
    return NULL;
}

/* Standard input that comes in pieces of lines: every line once, and its number is right. */
static void standard_input_in_drips(void **state)
{
    int pipe_ends[2];
    int saved = dup(STDIN_FILENO);
    struct scan_case c;
    pthread_t writer;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    assert_int_equal(pipe(pipe_ends), 0);
    assert_int_equal(dup2(pipe_ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(pipe_ends[0]), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_slowly, pipe_ends), 0);
    assert_int_equal(scan_case_run(&c, "-", 2), HN_OK);
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    (void)close(saved);
    assert_int_equal(c.summary.totals.events, 300);
    hn_buf_add_char(&c.out, '\0');
    assert_non_null(strstr(c.out.ptr, "\"line\":300"));
    scan_case_close(&c);
}

/* ---- Time ---- */

static hn_time minute_of(unsigned minute)
{
    char text[32];

    (void)snprintf(text, sizeof text, "2024-03-01T%02u:%02u:00Z", minute / 60, minute % 60);
    return hn_time_parse(hn_text_cstr(text), NULL);
}

/* Both ends belong to the span; an event without a time is never lost for want of it. */
static void since_and_until(void **state)
{
    struct hn_buf text = { 0 };
    struct scan_case c;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    for (unsigned i = 0; i < 60; i++)
        scan_case_line(&text, "h", i, "evil");
    hn_buf_add_lit(&text, "{\"Channel\":\"Security\",\"EventID\":4688,\"CommandLine\":\"evil "
                          "without a time\"}\n");
    scan_case_write(&c, "a.json", hn_buf_text(&text));
    c.options.since = minute_of(10);
    c.options.until = minute_of(19);
    assert_int_equal(scan_case_run(&c, NULL, 1), HN_OK);
    assert_int_equal(c.summary.alerts[SIGMA_LEVEL_HIGH], 11);
    assert_int_equal(c.summary.totals.events, 61);
    assert_int_equal(c.summary.events_in_time, 10);
    assert_int_equal(c.summary.events_timeless, 1);
    c.options.since = HN_TIME_NONE;
    assert_int_equal(scan_case_run(&c, NULL, 1), HN_OK);
    assert_int_equal(c.summary.alerts[SIGMA_LEVEL_HIGH], 21);
    c.options.until = HN_TIME_NONE;
    assert_int_equal(scan_case_run(&c, NULL, 1), HN_OK);
    assert_int_equal(c.summary.alerts[SIGMA_LEVEL_HIGH], 61);
    assert_true(c.summary.first == minute_of(0) && c.summary.last == minute_of(59));
    hn_buf_deinit(&text);
    scan_case_close(&c);
}

/* Hits of files in the wrong order are correlated in the order of their time. */
static void correlations_see_the_order_of_time(void **state)
{
    struct hn_buf text = { 0 };
    struct scan_case c;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    /* Per hour at most two in each file; together three in the first hour. */
    scan_case_line(&text, "h", 200, "evil");
    scan_case_line(&text, "h", 30, "evil");
    scan_case_write(&c, "a.json", hn_buf_text(&text));
    hn_buf_reset(&text);
    scan_case_line(&text, "h", 50, "evil");
    scan_case_line(&text, "h", 10, "evil");
    scan_case_line(&text, "other", 20, "evil");
    scan_case_write(&c, "b.json", hn_buf_text(&text));
    for (unsigned threads = 1; threads <= 4; threads *= 2) {
        assert_int_equal(scan_case_run(&c, NULL, threads), HN_OK);
        assert_int_equal(c.summary.alerts[SIGMA_LEVEL_LOW], 1);
        hn_buf_add_char(&c.out, '\0');
        assert_non_null(strstr(c.out.ptr, "2024-03-01T00:50:00"));
    }
    hn_buf_deinit(&text);
    scan_case_close(&c);
}

/* ---- Repeats ---- */

/* With folding each finding is written once, and at the end how often it came. */
static void repeats_are_counted(void **state)
{
    struct scan_case c;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    write_evil(&c, "a.json", 25);
    c.options.fold = true;
    assert_int_equal(scan_case_run(&c, NULL, 2), HN_OK);
    hn_buf_add_char(&c.out, '\0');
    assert_int_equal(c.summary.alerts[SIGMA_LEVEL_HIGH], 25);
    assert_non_null(strstr(c.out.ptr, "\"kind\":\"fold\""));
    assert_non_null(strstr(c.out.ptr, "\"count\":25"));
    assert_true(c.summary.folded >= 24);
    scan_case_close(&c);
}

/* ---- Memory ---- */

/* Whichever allocation fails: an orderly end, nothing leaks, and with enough of it all is well. */
static void memory_may_fail(void **state)
{
    struct scan_case c;
    bool failed = true;

    (void)state;
    scan_case_open(&c, SCAN_CASE_RULES);
    write_evil(&c, "a.json", 4);
    for (uint64_t n = 1; failed; n++) {
        enum hn_status status;

        assert_true(n < 20000);
        hn_mem_fail_from(n);
        status = scan_case_run(&c, NULL, 1);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        if (status == HN_OK)
            assert_true(!failed || c.summary.totals.events <= 4);
        else
            assert_true(failed && (status == HN_NOMEM || status == HN_CANCELLED));
    }
    assert_int_equal(c.summary.alerts[SIGMA_LEVEL_HIGH], 4);
    assert_int_equal(c.summary.alerts[SIGMA_LEVEL_LOW], 1);
    scan_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_agree),
        cmocka_unit_test(utf16_is_read_whole),
        cmocka_unit_test(a_refused_line_stops_the_scan),
        cmocka_unit_test(an_interrupt_stops_the_scan),
        cmocka_unit_test(unreadable_inputs_are_told),
        cmocka_unit_test(files_may_change_under_us),
        cmocka_unit_test(standard_input_in_drips),
        cmocka_unit_test(since_and_until),
        cmocka_unit_test(correlations_see_the_order_of_time),
        cmocka_unit_test(repeats_are_counted),
        cmocka_unit_test(memory_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
