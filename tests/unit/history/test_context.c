/* test_context.c - what is around an alert: relations, the nearest events, the process tree; with
 * logs that lie, and without memory. */
#include "history/history_near.h"
#include "support/check.h"
#include "support/folder.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define T (INT64_C(1709251200) * HN_SECOND) /* 2024-03-01T00:00:00Z */

struct scene {
    char *dir;
    struct journal *journal;
    struct history *history;
    struct hn_buf lines;
};

static void scene_init(struct scene *scene)
{
    struct journal_options options = { .segment_bytes = 65536, .commit_delay_us = 100 };

    *scene = (struct scene){ .dir = folder_new() };
    options.dir = scene->dir;
    assert_int_equal(journal_open(&options, NULL, NULL, &scene->journal, NULL), HN_OK);
    assert_int_equal(history_new(scene->journal, &scene->history, NULL), HN_OK);
}

static void scene_deinit(struct scene *scene)
{
    history_free(scene->history);
    journal_close(scene->journal);
    hn_buf_deinit(&scene->lines);
    folder_free(scene->dir);
}

/* The lines so far as one record, received at that second. */
static uint64_t flush(struct scene *scene, int second)
{
    const struct timespec pause = { 0, 50000 };
    const struct intake_batch batch = { .source = HN_TEXT("s"),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("p"),
        .key = HN_TEXT(""),
        .position = HN_TEXT(""),
        .line = 1,
        .body = hn_text_as_bytes(hn_buf_text(&scene->lines)) };
    struct hn_buf payload = { 0 };
    uint64_t offset = 0;

    intake_batch_write(&batch, &payload);
    assert_int_equal(journal_append(scene->journal, JOURNAL_BATCH, T + second * HN_SECOND,
                             hn_text_as_bytes(hn_buf_text(&payload)), NULL, NULL, &offset, NULL),
            HN_OK);
    hn_buf_deinit(&payload);
    hn_buf_reset(&scene->lines);
    while (journal_committed(scene->journal) < journal_end(scene->journal))
        (void)nanosleep(&pause, NULL);
    return offset;
}

/* Where the line begins in its record. */
static uint64_t add(struct scene *scene, const char *host, int second, const char *more)
{
    uint64_t place = scene->lines.len;
    char stamp[HN_TIME_TEXT_MAX];
    size_t len = hn_time_write(T + second * HN_SECOND, 0, stamp);

    hn_buf_addf(&scene->lines,
            "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,\"Computer\":"
            "\"%s\",\"UtcTime\":\"%.*s\"%s%s}\n",
            host, (int)len, stamp, more[0] == '\0' ? "" : ",", more);
    return place;
}

static struct history_context_ask ask_about(uint64_t offset, uint64_t place, int second)
{
    return (struct history_context_ask){ .about = { .offset = offset,
                                                 .time = T + second * HN_SECOND,
                                                 .received = T + second * HN_SECOND,
                                                 .host = HN_TEXT("pc1"),
                                                 .user = HN_TEXT(""),
                                                 .tenant = HN_TEXT(""),
                                                 .place = place,
                                                 .has_place = true },
        .window = 60 * HN_SECOND,
        .limit = 10,
        .budget = { .time_max = HN_HOUR } };
}

/* Full names and first labels are one host, addresses and other names are not. */
static void hosts_are_compared(void **state)
{
    (void)state;
    assert_true(history_near_same_host(HN_TEXT("PC1"), HN_TEXT("pc1")));
    assert_true(history_near_same_host(HN_TEXT("pc1.corp.example"), HN_TEXT("PC1")));
    assert_false(history_near_same_host(HN_TEXT("pc1.a.example"), HN_TEXT("pc1.b.example")));
    assert_false(history_near_same_host(HN_TEXT("pc1"), HN_TEXT("pc11.corp.example")));
    assert_false(history_near_same_host(HN_TEXT(""), HN_TEXT("")));
    assert_false(history_near_same_host(HN_TEXT("10"), HN_TEXT("10.0.0.1")));
}

/* Of many events on the host those nearest in time are shown, in order, and all are counted. */
static void nearest_are_shown(void **state)
{
    struct scene scene;
    struct history_context context;
    struct history_context_ask ask;
    uint64_t place;
    uint64_t offset;

    (void)state;
    scene_init(&scene);
    for (int i = -100; i < 0; i++)
        (void)add(&scene, i % 2 == 0 ? "pc1" : "pc2", i, "");
    place = add(&scene, "pc1", 0, "\"CommandLine\":\"evil\"");
    for (int i = 1; i < 100; i++)
        (void)add(&scene, i % 2 == 0 ? "pc1" : "pc2", i, "");
    offset = flush(&scene, 100);
    ask = ask_about(offset, place, 0);
    assert_int_equal(history_context_find(scene.history, &ask, &context, NULL), HN_OK);
    assert_true(context.complete);
    assert_int_equal(context.found[HISTORY_HOST], 30 + 1 + 30);
    assert_int_equal(context.events.count, 10);
    for (size_t i = 0; i < context.events.count; i++) {
        assert_true(time_distance(context.events.ptr[i].time, T) <= 10 * (uint64_t)HN_SECOND);
        assert_true(i == 0 || context.events.ptr[i].time > context.events.ptr[i - 1].time);
        assert_true(context.events.ptr[i].self == (context.events.ptr[i].time == T));
    }
    history_context_deinit(&context);
    scene_deinit(&scene);
}

static void birth(struct scene *scene, int second, const char *own, const char *of)
{
    char more[200];

    (void)snprintf(more, sizeof more,
            "\"ProcessGuid\":\"%s\",\"ParentProcessGuid\":\"%s\",\"Image\":\"%s\"", own, of, own);
    (void)add(scene, "pc1", second, more);
}

/* A log whose processes are each other's parents ends all the same; each is shown once, parents
 * before children. */
static void circles_end(void **state)
{
    struct scene scene;
    struct history_context context;
    struct history_context_ask ask;
    uint64_t offset;

    (void)state;
    scene_init(&scene);
    birth(&scene, 0, "a", "c");
    birth(&scene, 1, "b", "a");
    birth(&scene, 2, "c", "b");
    birth(&scene, 3, "d", "d");
    birth(&scene, 4, "e", "a");
    offset = flush(&scene, 5);
    ask = ask_about(offset, 0, 0);
    assert_int_equal(history_context_find(scene.history, &ask, &context, NULL), HN_OK);
    assert_true(context.process_count >= 4);
    for (uint32_t i = 0; i < context.process_count; i++) {
        const struct history_process *process = &context.processes[i];

        assert_true(process->parent == HISTORY_NO_PARENT || process->parent < i);
        for (uint32_t k = 0; k < i; k++)
            assert_true(!process->recorded || !context.processes[k].recorded ||
                        !hn_text_eq(process->guid, context.processes[k].guid));
    }
    history_context_deinit(&context);
    scene_deinit(&scene);
}

/* A process with more children than can be shown, and a chain longer than that. */
static void trees_are_bounded(void **state)
{
    struct scene scene;
    struct history_context context;
    struct history_context_ask ask;
    uint64_t offset;
    char guid[16] = "0";
    char parent[16];

    (void)state;
    scene_init(&scene);
    for (int i = 0; i < 50; i++) { /* ancestors */
        (void)snprintf(parent, sizeof parent, "%s", guid);
        (void)snprintf(guid, sizeof guid, "a%d", i);
        birth(&scene, i, guid, parent);
    }
    (void)flush(&scene, 50);
    birth(&scene, 60, "self", guid);
    for (int i = 0; i < 500; i++) {
        (void)snprintf(parent, sizeof parent, "c%d", i);
        birth(&scene, 61, parent, "self");
        (void)snprintf(parent, sizeof parent, "s%d", i);
        birth(&scene, 61, parent, guid);
    }
    offset = flush(&scene, 70);
    ask = ask_about(offset, 0, 60);
    assert_int_equal(history_context_find(scene.history, &ask, &context, NULL), HN_OK);
    assert_int_equal(context.process_count, HISTORY_PROCESSES_MAX);
    assert_int_equal(context.processes[0].kin, HISTORY_ANCESTOR);
    history_context_deinit(&context);
    scene_deinit(&scene);
}

/* A budget that is too small is told: what was searched, and that it was not all. */
static void budgets_are_told(void **state)
{
    struct scene scene;
    struct history_context context;
    struct history_context_ask ask;
    const struct history_range *range = &context.ranges[HISTORY_NEIGHBOURS];

    (void)state;
    scene_init(&scene);
    birth(&scene, 0, "a", "c");
    (void)flush(&scene, 5);
    birth(&scene, 1, "b", "a");
    ask = ask_about(flush(&scene, 6), 0, 1);
    ask.budget.bytes_max = 1;
    assert_int_equal(history_context_find(scene.history, &ask, &context, NULL), HN_OK);
    assert_false(context.complete);
    assert_true(range->searched_to > range->from && range->searched_to < range->to);
    assert_int_equal(context.events.count, 1);
    history_context_deinit(&context);
    ask.budget.bytes_max = 0;
    assert_int_equal(history_context_find(scene.history, &ask, &context, NULL), HN_OK);
    assert_true(context.complete);
    assert_int_equal(context.events.count, 2);
    history_context_deinit(&context);
    scene_deinit(&scene);
}

/* The alert's record is gone, or the place is nobody's: there is no tree, and nothing breaks. */
static void nothing_there(void **state)
{
    struct scene scene;
    struct history_context context;
    struct history_context_ask ask = ask_about(UINT64_MAX - 5, 7, 0);

    (void)state;
    scene_init(&scene);
    assert_int_equal(history_context_find(scene.history, &ask, &context, NULL), HN_OK);
    assert_int_equal(context.events.count + context.process_count, 0);
    history_context_deinit(&context);
    birth(&scene, 0, "a", "c");
    (void)flush(&scene, 5);
    ask.about.time = INT64_MAX;
    ask.about.received = INT64_MIN + 1;
    assert_int_equal(history_context_find(scene.history, &ask, &context, NULL), HN_OK);
    history_context_deinit(&context);
    scene_deinit(&scene);
}

/* Whatever allocation fails is told, and nothing leaks. */
static void out_of_memory(void **state)
{
    struct scene scene;
    bool failed = true;
    uint64_t offset;

    (void)state;
    scene_init(&scene);
    birth(&scene, 0, "a", "c");
    birth(&scene, 1, "b", "a");
    offset = flush(&scene, 5);
    for (uint64_t n = 1; failed && n < 4000; n += n < 300 ? 1 : 29) {
        struct history_context_ask ask = ask_about(offset, 0, 0);
        struct history_context context;
        enum hn_status status;

        hn_mem_fail_from(n);
        status = history_context_find(scene.history, &ask, &context, NULL);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || (failed && status == HN_NOMEM));
        history_context_deinit(&context);
    }
    scene_deinit(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_compared),
        cmocka_unit_test(nearest_are_shown),
        cmocka_unit_test(circles_end),
        cmocka_unit_test(trees_are_bounded),
        cmocka_unit_test(budgets_are_told),
        cmocka_unit_test(nothing_there),
        cmocka_unit_test(out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
