/* Proves that a result's entry is there when the result is handed on, also when the stream it
 * belongs to was finished long before. */
#include "scan/scan.h"

#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FILES 5u

struct state {
    atomic_uint finished; /* events of other entries than the first */
    unsigned entries;     /* whose results have come */
    bool wrong;           /* noted, because results come on any thread and assertions jump */
};

static void *worker_new(void *ctx)
{
    return ctx;
}

static void worker_free(void *worker)
{
    (void)worker;
}

/* The first entry's worker waits until the other has been through all the other entries, whose
 * results then wait in line. */
static bool on_event(void *worker, struct hn_event *event, const struct scan_place *place,
        struct scan_result *result)
{
    struct state *state = worker;
    const struct timespec pause = { .tv_nsec = 1000000 };

    (void)event;
    if (place->entry->number > 0)
        atomic_fetch_add(&state->finished, 1);
    for (unsigned i = 0; place->entry->number == 0 && i < 2000; i++) {
        if (atomic_load(&state->finished) == FILES - 1)
            break;
        (void)nanosleep(&pause, NULL);
    }
    hn_buf_add_text(&result->out, place->entry->name);
    return true;
}

static bool on_result(void *ctx, struct scan_result *result)
{
    struct state *state = ctx;
    struct hn_text out = hn_buf_text(&result->out);

    if (out.len == 0)
        return true; /* the end of an entry */
    state->wrong = state->wrong || result->entry->number != state->entries ||
                   !hn_text_eq(out, result->entry->name);
    state->entries++;
    return true;
}

static void entry_outlives_its_stream(void **unused)
{
    char folder[] = "/tmp/hinomi-pipeline-XXXXXX";
    const char *inputs[] = { folder };
    struct hn_schema *schema = hn_schema_new();
    struct state state = { 0 };
    struct scan_job job = { .ctx = &state,
        .schema = schema,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result };
    struct scan_pipeline_options options = { .inputs = inputs, .input_count = 1, .threads = 2 };
    struct scan_totals totals;
    char path[64];

    (void)unused;
    assert_non_null(mkdtemp(folder));
    for (unsigned i = 0; i < FILES; i++) {
        FILE *file;

        (void)snprintf(path, sizeof path, "%s/%u.log", folder, i);
        file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs("a plain line\n", file) >= 0);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    assert_int_equal(scan_pipeline_run(&options, &job, &totals, NULL), HN_OK);
    assert_false(state.wrong);
    assert_int_equal(state.entries, FILES);
    assert_int_equal(totals.events, FILES);
    for (unsigned i = 0; i < FILES; i++) {
        (void)snprintf(path, sizeof path, "%s/%u.log", folder, i);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    hn_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(entry_outlives_its_stream) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
