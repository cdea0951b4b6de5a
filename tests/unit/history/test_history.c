/* test_history.c - pages of the journal against a plain list of what is in it: every order, limit,
 * budget, bound; over windows, sealed, packed, damaged and deleted segments.
 *
 * Each event has a number; the oracle knows which numbers fit. */
#include "history/history_internal.h"
#include "support/check.h"
#include "support/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define START      (INT64_C(1709251200) * HN_SECOND) /* 2024-03-01T00:00:00Z */
#define EVENTS_MAX 20000u

struct entry {
    uint64_t offset;
    hn_time time;
    hn_time received;
    bool evil;
    bool other; /* of source and tenant "other" */
};

struct scene {
    char *dir;
    struct journal *journal;
    struct history *history;
    struct entry entries[EVENTS_MAX];
    uint32_t count;
    uint32_t batches;
    struct check_random random;
};

static void open_journal(struct scene *scene, uint64_t segment_bytes, bool compress)
{
    const struct journal_options options = { .dir = scene->dir,
        .segment_bytes = segment_bytes,
        .commit_delay_us = 100,
        .compress = compress };

    assert_int_equal(journal_open(&options, NULL, NULL, &scene->journal, NULL), HN_OK);
    assert_int_equal(history_new(scene->journal, &scene->history, NULL), HN_OK);
}

static void close_journal(struct scene *scene)
{
    history_free(scene->history);
    journal_close(scene->journal);
}

static struct scene *scene_new(uint64_t segment_bytes, bool compress)
{
    struct scene *scene = hn_calloc(1, sizeof *scene);

    assert_non_null(scene);
    scene->dir = folder_new();
    scene->random.state = 5;
    open_journal(scene, segment_bytes, compress);
    return scene;
}

static void scene_free(struct scene *scene)
{
    close_journal(scene);
    folder_free(scene->dir);
    hn_free(scene);
}

static void line(struct scene *scene, struct hn_buf *out, uint32_t number, size_t pad)
{
    struct entry *entry = &scene->entries[number];
    char stamp[HN_TIME_TEXT_MAX];
    size_t len = hn_time_write(entry->time, 0, stamp);

    hn_buf_addf(
            out, "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"pc%u\",", number % 3);
    hn_buf_addf(out, "\"TimeCreated\":\"%.*s\",\"number\":%u,", (int)len, stamp, number);
    hn_buf_addf(out, "\"CommandLine\":\"%s\",\"pad\":\"", entry->evil ? "evil" : "calm");
    hn_buf_add_repeat(out, 'x', pad);
    hn_buf_add_lit(out, "\"}\n");
}

static void wait_committed(struct scene *scene)
{
    const struct timespec pause = { 0, 50000 };

    while (journal_committed(scene->journal) < journal_end(scene->journal))
        (void)nanosleep(&pause, NULL);
}

/* A batch of some events, one after the other a second apart, each received a second later. */
static void add_batch(struct scene *scene, uint32_t events, size_t pad)
{
    bool other = scene->batches++ % 5 == 4;
    struct intake_batch batch = { .source = other ? HN_TEXT("other") : HN_TEXT("http"),
        .tenant = other ? HN_TEXT("other") : HN_TEXT(""),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("198.51.100.7"),
        .key = HN_TEXT(""),
        .position = HN_TEXT(""),
        .line = 1 };
    struct hn_buf body = { 0 };
    struct hn_buf payload = { 0 };
    uint64_t offset = 0;
    uint32_t first = scene->count;

    for (uint32_t i = 0; i < events; i++) {
        struct entry *entry = &scene->entries[scene->count];

        entry->time = START + (hn_time)scene->count * HN_SECOND;
        entry->received = START + (hn_time)(first + events) * HN_SECOND;
        entry->evil = check_random_below(&scene->random, 4) == 0;
        entry->other = other;
        line(scene, &body, scene->count++,
                pad == 0 ? 0 : check_random_below(&scene->random, (uint32_t)pad));
    }
    batch.body = hn_text_as_bytes(hn_buf_text(&body));
    intake_batch_write(&batch, &payload);
    assert_int_equal(journal_append(scene->journal, JOURNAL_BATCH, scene->entries[first].received,
                             hn_text_as_bytes(hn_buf_text(&payload)), NULL, NULL, &offset, NULL),
            HN_OK);
    for (uint32_t i = first; i < scene->count; i++)
        scene->entries[i].offset = offset;
    hn_buf_deinit(&body);
    hn_buf_deinit(&payload);
    if (scene->batches % 7 == 0) {
        assert_int_equal(
                journal_append(scene->journal, JOURNAL_TICK, scene->entries[first].received,
                        hn_bytes_of("", 0), NULL, NULL, &offset, NULL),
                HN_OK);
    }
    if (scene->batches % 16 == 0)
        wait_committed(scene);
}

static void add_batches(struct scene *scene, uint32_t batches, uint32_t events, size_t pad)
{
    for (uint32_t i = 0; i < batches; i++)
        add_batch(scene, 1 + check_random_below(&scene->random, events), pad);
    wait_committed(scene);
}

static struct history_question *ask(const char *text, bool raw)
{
    const char *terms[] = { text };
    const struct search_query query = { .terms = terms, .term_count = text[0] == '\0' ? 0 : 1 };
    struct history_question *question = NULL;

    assert_int_equal(history_question_new(&query, raw, &question, NULL), HN_OK);
    return question;
}

static struct history_search all_of(const struct history_question *question)
{
    return (struct history_search){ .question = question,
        .source = HN_TEXT(""),
        .tenant = HN_TEXT(""),
        .from = HN_TIME_NONE,
        .to = HN_TIME_NONE,
        .received_from = HN_TIME_NONE,
        .received_to = HN_TIME_NONE,
        .limit = 100,
        .budget = { .time_max = HN_HOUR } };
}

/* The numbers of a page's events, in its order. */
static uint32_t read_numbers(const struct history_page *page, uint32_t *numbers)
{
    struct hn_text items = hn_buf_text(&page->items);
    size_t at = 0;
    uint32_t count = 0;

    while ((at = hn_text_find(items, HN_TEXT("\"number\":"), at)) != SIZE_MAX) {
        at += 9;
        numbers[count++] = (uint32_t)strtoul(items.ptr + at, NULL, 10);
    }
    assert_int_equal(count, page->count);
    return count;
}

static bool is_wanted(const struct history_search *search, const struct entry *entry, bool evil)
{
    return (!evil || entry->evil) && (search->source.len == 0 || entry->other) &&
           (search->tenant.len == 0 || entry->other) &&
           (search->from == HN_TIME_NONE || entry->time >= search->from) &&
           (search->to == HN_TIME_NONE || entry->time <= search->to) &&
           (search->received_from == HN_TIME_NONE || entry->received >= search->received_from) &&
           (search->received_to == HN_TIME_NONE || entry->received <= search->received_to);
}

/* All pages together; cursors go through their text. */
static uint32_t search_all(struct scene *scene, struct history_search search, uint32_t *numbers,
        struct history_scanned *ret_scanned)
{
    struct history_cursor cursor;
    uint32_t count = 0;
    bool more = true;

    *ret_scanned = (struct history_scanned){ 0 };
    while (more) {
        struct history_page page;
        char text[HISTORY_CURSOR_ROOM];
        struct hn_err err = { 0 };

        if (history_search_run(scene->history, &search, &page, &err) != HN_OK)
            fail_msg("%s", err.msg);
        assert_true(page.count <= search.limit);
        count += read_numbers(&page, numbers + count);
        ret_scanned->events += page.scanned.events;
        ret_scanned->records += page.scanned.records;
        ret_scanned->damaged_bytes += page.scanned.damaged_bytes;
        more = page.more;
        if (more) {
            assert_true(history_cursor_read(
                    hn_text_of(text, history_cursor_write(&page.next, text)), &cursor));
            assert_true(cursor.newest == page.next.newest && cursor.offset == page.next.offset &&
                        cursor.index == page.next.index);
            search.cursor = &cursor;
        }
        hn_buf_deinit(&page.items);
    }
    return count;
}

static void expect_all(struct scene *scene, struct history_search search, bool evil)
{
    static uint32_t numbers[EVENTS_MAX];
    struct history_scanned scanned;
    uint32_t count = search_all(scene, search, numbers, &scanned);
    uint32_t at = 0;

    for (uint32_t i = 0; i < scene->count; i++) {
        uint32_t number = search.newest ? scene->count - 1 - i : i;

        if (!is_wanted(&search, &scene->entries[number], evil))
            continue;
        assert_true(at < count);
        assert_int_equal(numbers[at], number);
        at++;
    }
    assert_int_equal(at, count);
}

static void expect_in_every_way(struct scene *scene)
{
    struct history_question *questions[] = { ask("", false), ask("CommandLine=evil", false) };
    static const uint32_t limits[] = { 1000, 100, 17, 3 };
    static const uint64_t budgets[] = { 0, 1, 5000 };

    for (size_t q = 0; q < HN_COUNT_OF(questions); q++) {
        for (size_t i = 0; i < HN_COUNT_OF(limits) * HN_COUNT_OF(budgets) * 2; i++) {
            struct history_search search = all_of(questions[q]);

            search.newest = i % 2 == 0;
            search.limit = limits[i / 2 % HN_COUNT_OF(limits)];
            search.budget.bytes_max = budgets[i / 2 / HN_COUNT_OF(limits)];
            if (search.limit < 17 && scene->count > 1000)
                continue;
            expect_all(scene, search, q == 1);
        }
    }
    for (size_t q = 0; q < HN_COUNT_OF(questions); q++)
        history_question_free(questions[q]);
}

/* Small segments, sealed, then packed: each event once, in both orders, whatever the pages. */
static void pages_have_each_event_once(void **state)
{
    struct scene *scene = scene_new(8192, true);
    const struct timespec pause = { 0, 1000000 };
    char path[4096];

    (void)state;
    expect_in_every_way(scene); /* of an empty journal */
    add_batches(scene, 60, 9, 40);
    expect_in_every_way(scene);
    for (unsigned i = 0; i < 5000 && folder_file(scene->dir, ".hnj", 1, path, sizeof path); i++)
        (void)nanosleep(&pause, NULL);
    assert_true(folder_file(scene->dir, ".zst", 0, path, sizeof path));
    expect_in_every_way(scene);
    add_batches(scene, 5, 9, 40); /* marks grow with the segment */
    expect_in_every_way(scene);
    scene_free(scene);
}

/* A segment of many windows is read backwards window by window; so is one with a record larger than
 * a window. */
static void windows_join(void **state)
{
    struct scene *scene = scene_new((uint64_t)16 << 20, false);
    struct history_question *question = ask("CommandLine=evil", false);
    struct history_search search = all_of(question);

    (void)state;
    add_batches(scene, 60, 60, 3000);
    add_batch(scene, 900, 4000);
    add_batches(scene, 20, 60, 3000);
    assert_true(journal_committed(scene->journal) > 5 * HISTORY_WINDOW_BYTES);
    search.newest = true;
    expect_all(scene, search, true);
    search.limit = 7;
    search.budget.bytes_max = 1;
    expect_all(scene, search, true);
    search.newest = false;
    expect_all(scene, search, true);
    history_question_free(question);
    scene_free(scene);
}

/* Time of events, of receipt, source and tenant bound what is found, wherever the bounds lie. */
static void bounds_hold(void **state)
{
    struct scene *scene = scene_new(8192, false);
    struct history_question *question = ask("", false);
    struct history_scanned scanned;
    static uint32_t numbers[EVENTS_MAX];

    (void)state;
    add_batches(scene, 80, 6, 60);
    for (unsigned round = 0; round < 200; round++) {
        struct history_search search = all_of(question);
        hn_time bounds[4];

        for (size_t i = 0; i < HN_COUNT_OF(bounds); i++) {
            bounds[i] =
                    START + ((hn_time)check_random_below(&scene->random, scene->count + 40) - 20) *
                                    HN_SECOND;
            if (check_random_below(&scene->random, 2) == 0)
                bounds[i] = HN_TIME_NONE;
        }
        search.from = bounds[0];
        search.to = bounds[1];
        search.received_from = bounds[2];
        search.received_to = bounds[3];
        search.newest = round % 2 == 0;
        if (round % 5 == 0)
            search.source = HN_TEXT("other");
        if (round % 7 == 0)
            search.tenant = HN_TEXT("other");
        expect_all(scene, search, false);
    }
    {
        struct history_search search = all_of(question);

        search.received_from = START + (hn_time)(scene->count + 600) * HN_SECOND;
        assert_int_equal(search_all(scene, search, numbers, &scanned), 0);
        assert_true(scanned.records < scene->batches / 4); /* it went straight to the end */
    }
    history_question_free(question);
    scene_free(scene);
}

/* A cursor is a place: what comes in behind it changes nothing. */
static void cursors_survive_new_records(void **state)
{
    struct scene *scene = scene_new(8192, true);
    struct history_question *question = ask("", false);
    struct history_search search = all_of(question);
    struct history_cursor cursor;
    uint32_t numbers[100];
    uint32_t before;
    uint32_t next;
    bool more = true;

    (void)state;
    add_batches(scene, 30, 9, 40);
    before = scene->count;
    next = before;
    search.newest = true;
    search.limit = 10;
    while (more) {
        struct history_page page;

        assert_int_equal(history_search_run(scene->history, &search, &page, NULL), HN_OK);
        for (uint32_t i = 0; i < read_numbers(&page, numbers); i++)
            assert_int_equal(numbers[i], --next);
        more = page.more;
        cursor = page.next;
        search.cursor = &cursor;
        hn_buf_deinit(&page.items);
        add_batches(scene, 2, 5, 40);
    }
    assert_int_equal(next, 0);
    history_question_free(question);
    scene_free(scene);
}

/* Segments that are deleted between two pages are passed over; the rest is found. */
static void deleted_segments_are_passed_over(void **state)
{
    struct scene *scene = scene_new(4096, false);
    struct history_question *question = ask("", false);
    static uint32_t numbers[EVENTS_MAX];
    uint32_t count;
    char path[4096];

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        add_batches(scene, 1, 9, 40); /* a group each, so that segments are small */
    for (unsigned newest = 0; newest < 2; newest++) {
        struct history_search search = all_of(question);
        struct history_cursor cursor;
        struct history_page page;
        struct history_scanned scanned;

        search.newest = newest == 1;
        search.limit = 20;
        assert_int_equal(history_search_run(scene->history, &search, &page, NULL), HN_OK);
        assert_int_equal(page.count, 20);
        cursor = page.next;
        hn_buf_deinit(&page.items);
        for (unsigned i = 0; i < 3; i++) { /* behind the journal's back: it still lists them */
            assert_true(folder_file(scene->dir, ".hnj", i == 0 ? 0 : 2, path, sizeof path));
            assert_int_equal(unlink(path), 0);
        }
        search.cursor = &cursor;
        count = search_all(scene, search, numbers, &scanned);
        assert_true(count > 0 && count < scene->count - 20);
        for (uint32_t i = 1; i < count; i++)
            assert_true(search.newest ? numbers[i] < numbers[i - 1] : numbers[i] > numbers[i - 1]);
    }
    history_question_free(question);
    scene_free(scene);
}

/* Bytes changed anywhere: no event twice, none invented, what was lost is counted. */
static void damage_is_counted(void **state)
{
    struct scene *scene = scene_new(8192, false);
    struct history_question *question = ask("", false);
    static uint32_t numbers[EVENTS_MAX];
    struct history_scanned scanned;
    char path[4096];

    (void)state;
    add_batches(scene, 60, 9, 40);
    close_journal(scene);
    for (unsigned n = 0; folder_file(scene->dir, ".hnj", n, path, sizeof path); n += 2) {
        int fd = open(path, O_WRONLY);

        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, "\xff\xff\xff\xff", 4,
                                 200 + (off_t)check_random_below(&scene->random, 3000)),
                4);
        assert_int_equal(close(fd), 0);
    }
    open_journal(scene, 8192, false);
    for (unsigned newest = 0; newest < 2; newest++) {
        struct history_search search = all_of(question);
        uint32_t count;

        search.newest = newest == 1;
        search.limit = 30;
        count = search_all(scene, search, numbers, &scanned);
        assert_true(scanned.damaged_bytes > 0);
        assert_true(count > scene->count / 2 && count < scene->count);
        for (uint32_t i = 1; i < count; i++)
            assert_true(search.newest ? numbers[i] < numbers[i - 1] : numbers[i] > numbers[i - 1]);
    }
    history_question_free(question);
    scene_free(scene);
}

/* Text of places: one for each, everything else is refused. */
static void cursors_as_text(void **state)
{
    static const char *const wrong[] = { "", "n", "n1", "n1.", "n.1", "x1.1", "n01.1", "n1.01",
        "n1.1.1", "n1.1 ", " n1.1", "N1.1", "n1.G", "nA.1", "n11111111111111111.1", "n-1.1",
        "n+1.1", "o0x1.1" };
    struct check_random random = { 3 };
    struct history_cursor cursor;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(wrong); i++)
        assert_false(history_cursor_read(hn_text_cstr(wrong[i]), &cursor));
    for (unsigned i = 0; i < 1000; i++) {
        struct history_cursor one = { .newest = i % 2 == 0,
            .offset = check_random_next(&random) >> i % 64,
            .index = check_random_next(&random) >> i * 7 % 64 };
        char text[HISTORY_CURSOR_ROOM];

        assert_true(
                history_cursor_read(hn_text_of(text, history_cursor_write(&one, text)), &cursor));
        assert_true(cursor.newest == one.newest && cursor.offset == one.offset &&
                    cursor.index == one.index);
    }
}

static bool cancelled(void *ctx)
{
    return --*(int *)ctx < 0;
}

/* A search whose client has gone ends; so does one when any allocation fails, without a leak, and
 * the next one finds everything. */
static void ends_early(void **state)
{
    struct scene *scene = scene_new(8192, true);
    struct history_question *question = ask("CommandLine=evil", false);
    struct history_search search = all_of(question);
    struct history_page page;
    int patience = 3;
    bool failed = true;

    (void)state;
    add_batches(scene, 60, 9, 40);
    search.budget.cancelled = cancelled;
    search.budget.ctx = &patience;
    assert_int_equal(history_search_run(scene->history, &search, &page, NULL), HN_CANCELLED);
    hn_buf_deinit(&page.items);
    search.budget.cancelled = NULL;
    for (uint64_t n = 1; failed && n < 3000; n += n < 400 ? 1 : 37) {
        enum hn_status status;

        search.newest = n % 2 == 0;
        hn_mem_fail_from(n);
        status = history_search_run(scene->history, &search, &page, NULL);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || (failed && status == HN_NOMEM));
        hn_buf_deinit(&page.items);
    }
    search.newest = true;
    expect_all(scene, search, true);
    history_question_free(question);
    scene_free(scene);
}

/* ---- Tails ---- */

struct heard {
    uint32_t numbers[1000];
    uint32_t count;
    struct history_cursor last;
};

static void on_event(void *ctx, struct hn_text json, const struct history_cursor *cursor)
{
    struct heard *heard = ctx;
    size_t at = hn_text_find(json, HN_TEXT("\"number\":"), 0);

    assert_true(at != SIZE_MAX && heard->count < HN_COUNT_OF(heard->numbers));
    heard->numbers[heard->count++] = (uint32_t)strtoul(json.ptr + at + 9, NULL, 10);
    heard->last = *cursor;
}

static void hear(struct history_tail *tail, struct heard *heard, uint64_t *ret_left_out)
{
    struct history_turn turn = { .more = true };

    *ret_left_out = 0;
    while (turn.more) {
        assert_int_equal(history_tail_turn(tail, 4000, on_event, heard, &turn, NULL), HN_OK);
        *ret_left_out += turn.bytes_left_out;
    }
}

/* A tail has what comes in after it was made, once; another goes on at its cursor, also within a
 * record. */
static void tails_follow(void **state)
{
    struct scene *scene = scene_new(8192, true);
    struct history_question *question = ask("", false);
    struct history_tail_options options = {
        .question = question, .source = HN_TEXT(""), .tenant = HN_TEXT("")
    };
    struct history_tail *tail = NULL;
    struct heard heard = { 0 };
    uint64_t left_out;
    uint32_t before;

    (void)state;
    add_batches(scene, 20, 9, 40);
    before = scene->count;
    assert_int_equal(history_tail_new(scene->history, &options, &tail, NULL), HN_OK);
    hear(tail, &heard, &left_out);
    assert_int_equal(heard.count, 0);
    for (unsigned i = 0; i < 10; i++) {
        add_batches(scene, 3, 9, 40);
        hear(tail, &heard, &left_out);
        assert_int_equal(heard.count, scene->count - before);
        assert_int_equal(left_out, 0);
    }
    for (uint32_t i = 0; i < heard.count; i++)
        assert_int_equal(heard.numbers[i], before + i);
    history_tail_free(tail);
    for (uint64_t index = 0; index < 2; index++) {
        struct history_cursor cursor = { .offset = scene->entries[before].offset, .index = index };
        struct heard again = { 0 };

        options.cursor = &cursor;
        assert_int_equal(history_tail_new(scene->history, &options, &tail, NULL), HN_OK);
        hear(tail, &again, &left_out);
        assert_int_equal(again.numbers[0], before + index);
        assert_int_equal(again.count, scene->count - before - index);
        history_tail_free(tail);
    }
    options.cursor = NULL;
    options.source = HN_TEXT("other");
    options.tenant = HN_TEXT("other");
    assert_int_equal(history_tail_new(scene->history, &options, &tail, NULL), HN_OK);
    heard.count = 0;
    add_batches(scene, 10, 9, 40);
    hear(tail, &heard, &left_out);
    assert_true(heard.count > 0);
    for (uint32_t i = 0; i < heard.count; i++)
        assert_true(scene->entries[heard.numbers[i]].other);
    history_tail_free(tail);
    history_question_free(question);
    scene_free(scene);
}

/* Who is too far behind leaves bytes out, says how many, and goes on at the end. */
static void tails_leave_out(void **state)
{
    struct scene *scene = scene_new((uint64_t)16 << 20, false);
    struct history_question *question = ask("", false);
    const struct history_tail_options options = {
        .question = question, .source = HN_TEXT(""), .tenant = HN_TEXT("")
    };
    struct history_tail *tail = NULL;
    struct heard heard = { 0 };
    uint64_t start = journal_committed(scene->journal);
    uint64_t left_out;
    uint32_t before;

    (void)state;
    assert_int_equal(history_tail_new(scene->history, &options, &tail, NULL), HN_OK);
    while (journal_committed(scene->journal) - start <= HISTORY_TAIL_BEHIND_MAX)
        add_batches(scene, 16, 60, 6000);
    before = scene->count;
    hear(tail, &heard, &left_out);
    assert_int_equal(heard.count, 0);
    assert_true(left_out == journal_committed(scene->journal) - start);
    add_batches(scene, 3, 9, 40);
    hear(tail, &heard, &left_out);
    assert_int_equal(heard.count, scene->count - before);
    assert_int_equal(left_out, 0);
    history_tail_free(tail);
    history_question_free(question);
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_have_each_event_once),
        cmocka_unit_test(windows_join),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(cursors_survive_new_records),
        cmocka_unit_test(deleted_segments_are_passed_over),
        cmocka_unit_test(damage_is_counted),
        cmocka_unit_test(cursors_as_text),
        cmocka_unit_test(ends_early),
        cmocka_unit_test(tails_follow),
        cmocka_unit_test(tails_leave_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
