/* engine_case.h - a journal in memory, an engine over it, and what came out as text. For tests that
 * link engine. */
#ifndef TESTS_SUPPORT_ENGINE_CASE_H
#define TESTS_SUPPORT_ENGINE_CASE_H

#include "base/mem.h"
#include "base/vec.h"
#include "engine/engine.h"
#include "intake/intake.h"
#include "support/check.h"
#include "support/judge_make.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- The journal ---- */

struct fake_record {
    enum journal_kind kind;
    hn_time received;
    struct hn_buf payload;
};

struct fake_journal {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    HN_VEC(struct fake_record *) records;
    uint64_t next; /* offset; records are payloads plus 32 bytes */
    bool woken;
    size_t limit; /* records that can be read; SIZE_MAX: all */
};

#define FAKE_FRAME_BYTES 32u

HN_UNUSED static uint64_t fake_offset(const struct fake_journal *journal, size_t index)
{
    uint64_t offset = 0;

    for (size_t i = 0; i < index; i++)
        offset += FAKE_FRAME_BYTES + journal->records.ptr[i]->payload.len;
    return offset;
}

HN_UNUSED static void fake_add(struct fake_journal *journal, enum journal_kind kind,
        hn_time received, struct hn_bytes payload)
{
    struct fake_record *record = hn_calloc(1, sizeof *record);
    struct fake_record **slot;

    assert_non_null(record);
    record->kind = kind;
    record->received = received;
    hn_buf_add(&record->payload, payload.ptr, payload.len);
    (void)pthread_mutex_lock(&journal->lock);
    slot = hn_vec_add(&journal->records);
    assert_non_null(slot);
    if (slot != NULL) /* for the analyser */
        *slot = record;
    (void)pthread_cond_broadcast(&journal->moved);
    (void)pthread_mutex_unlock(&journal->lock);
}

HN_UNUSED static void fake_add_batch(
        struct fake_journal *journal, hn_time received, const struct intake_batch *batch)
{
    struct hn_buf payload = { 0 };

    intake_batch_write(batch, &payload);
    assert_true(hn_buf_ok(&payload));
    fake_add(journal, JOURNAL_BATCH, received, hn_text_as_bytes(hn_buf_text(&payload)));
    hn_buf_deinit(&payload);
}

HN_UNUSED static void fake_add_set(
        struct fake_journal *journal, hn_time received, struct hn_digest digest)
{
    uint8_t payload[ENGINE_SET_RECORD_BYTES];

    engine_set_record(digest, payload);
    fake_add(journal, JOURNAL_SET, received, hn_bytes_of(payload, sizeof payload));
}

HN_UNUSED static enum hn_status fake_read(
        void *ctx, int timeout_ms, struct journal_record *ret_record, struct hn_err *err)
{
    struct fake_journal *journal = ctx;
    size_t index = 0;
    uint64_t offset = 0;
    enum hn_status status = HN_NOTFOUND;

    (void)err;
    (void)pthread_mutex_lock(&journal->lock);
    while (offset < journal->next)
        offset += FAKE_FRAME_BYTES + journal->records.ptr[index++]->payload.len;
    while ((index >= journal->records.count || index >= journal->limit) && timeout_ms != 0 &&
            !journal->woken)
        (void)pthread_cond_wait(&journal->moved, &journal->lock);
    journal->woken = false;
    if (index < journal->records.count && index < journal->limit) {
        const struct fake_record *record = journal->records.ptr[index];

        *ret_record = (struct journal_record){ .offset = offset,
            .next = offset + FAKE_FRAME_BYTES + record->payload.len,
            .kind = record->kind,
            .received = record->received,
            .payload = hn_text_as_bytes(hn_buf_text(&record->payload)) };
        journal->next = ret_record->next;
        status = HN_OK;
    }
    (void)pthread_mutex_unlock(&journal->lock);
    return status;
}

HN_UNUSED static void fake_wake(void *ctx)
{
    struct fake_journal *journal = ctx;

    (void)pthread_mutex_lock(&journal->lock);
    journal->woken = true;
    (void)pthread_cond_broadcast(&journal->moved);
    (void)pthread_mutex_unlock(&journal->lock);
}

HN_UNUSED static struct engine_feed fake_feed(struct fake_journal *journal, uint64_t from)
{
    journal->next = from;
    journal->woken = false;
    return (struct engine_feed){ journal, fake_read, fake_wake };
}

HN_UNUSED static void fake_init(struct fake_journal *journal)
{
    *journal = (struct fake_journal){ .limit = SIZE_MAX };
    (void)pthread_mutex_init(&journal->lock, NULL);
    (void)pthread_cond_init(&journal->moved, NULL);
}

HN_UNUSED static void fake_deinit(struct fake_journal *journal)
{
    for (size_t i = 0; i < journal->records.count; i++) {
        hn_buf_deinit(&journal->records.ptr[i]->payload);
        hn_free(journal->records.ptr[i]);
    }
    hn_vec_deinit(&journal->records);
    (void)pthread_cond_destroy(&journal->moved);
    (void)pthread_mutex_destroy(&journal->lock);
}

/* ---- The engine and what it said ---- */

#define ENGINE_CASE_SETS_MAX 4

struct engine_case {
    struct fake_journal journal;
    struct judge_set *sets[ENGINE_CASE_SETS_MAX]; /* known to load_set */
    struct engine_options options;
    struct engine *engine;
    char folder[64];
    struct hn_buf ids;      /* "offset set-low id title\n" per alert */
    struct hn_buf lines;    /* alerts as they are written */
    struct hn_buf problems; /* "kind@offset message\n" */
    uint64_t applied;       /* what a store would have */
    uint64_t results;
    uint64_t events;     /* of all of them */
    uint64_t stop_after; /* results; 0: never */
    uint64_t oldest;     /* of on_snapshot */
    uint64_t begun;      /* where the last run began */
    hn_time now;
    bool ended;
    bool forgetful; /* tells the engine of nothing that is stored */
};

HN_UNUSED static bool engine_case_on_result(void *ctx, const struct engine_result *result)
{
    struct engine_case *c = ctx;

    if (c->stop_after > 0 && c->results == c->stop_after)
        return false;
    c->results++;
    c->events += result->events;
    assert_true(result->offset >= c->applied); /* in order, and nothing twice */
    for (size_t i = 0; i < result->alert_count; i++) {
        const struct judge_alert *alert = &result->alerts[i];
        char hex[HN_DIGEST_HEX_LEN];

        hn_digest_hex(alert->id, hex);
        hn_buf_addf(&c->ids, "%llu %llu %.*s %.*s\n", (unsigned long long)result->offset,
                (unsigned long long)result->set.low, (int)sizeof hex, hex,
                HN_TEXT_ARG(alert->brief.title));
        hn_buf_add_text(&c->lines, alert->line);
    }
    c->applied = result->next;
    if (!c->forgetful)
        engine_applied(c->engine, result->next);
    return true;
}

HN_UNUSED static struct judge_set *engine_case_load_set(
        void *ctx, struct hn_digest digest, struct hn_err *err)
{
    struct engine_case *c = ctx;

    for (size_t i = 0; i < ENGINE_CASE_SETS_MAX; i++) {
        if (c->sets[i] != NULL && hn_digest_eq(judge_set_digest(c->sets[i]), digest))
            return judge_set_ref(c->sets[i]);
    }
    (void)hn_fail(err, HN_NOTFOUND, 0, "no such set");
    return NULL;
}

HN_UNUSED static void engine_case_on_problem(
        void *ctx, enum engine_problem problem, uint64_t offset, const char *message)
{
    struct engine_case *c = ctx;

    hn_buf_addf(&c->problems, "%d@%llu %s\n", (int)problem, (unsigned long long)offset, message);
}

HN_UNUSED static void engine_case_on_snapshot(void *ctx, uint64_t oldest, struct hn_digest set)
{
    struct engine_case *c = ctx;

    (void)set;
    c->oldest = oldest;
}

HN_UNUSED static void engine_case_on_end(void *ctx, enum hn_status status, const struct hn_err *err)
{
    struct engine_case *c = ctx;

    (void)status;
    (void)err;
    c->ended = true;
}

HN_UNUSED static hn_time engine_case_now(void *ctx)
{
    const struct engine_case *c = ctx;

    return c->now;
}

/* The first set judges from the start; its digest is {0, 1}, the next {0, 2}. */
HN_UNUSED static void engine_case_open(
        struct engine_case *c, const char *rules, const char *other_rules)
{
    *c = (struct engine_case){ 0 };
    fake_init(&c->journal);
    (void)snprintf(c->folder, sizeof c->folder, "/tmp/hinomi-engine-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
    c->sets[0] = judge_make(rules, NULL, (struct hn_digest){ 0, 1 });
    if (other_rules != NULL)
        c->sets[1] = judge_make(other_rules, NULL, (struct hn_digest){ 0, 2 });
    c->options = (struct engine_options){ .set = c->sets[0],
        .snapshot_interval = HN_DAY,
        .threads = 1,
        .ahead_max = HN_MINUTE,
        .lateness = 10 * HN_SECOND,
        .end_at_last = true,
        .now = engine_case_now,
        .on_result = engine_case_on_result,
        .load_set = engine_case_load_set,
        .on_problem = engine_case_on_problem,
        .on_snapshot = engine_case_on_snapshot,
        .on_end = engine_case_on_end,
        .ctx = c };
}

HN_UNUSED static void engine_case_start(struct engine_case *c)
{
    struct engine_feed feed;

    c->options.applied = c->applied;
    c->results = 0;
    c->events = 0;
    assert_int_equal(engine_new(&c->options, &c->engine, NULL), HN_OK);
    c->begun = engine_position(c->engine);
    feed = fake_feed(&c->journal, c->begun);
    assert_int_equal(engine_start(c->engine, &feed, NULL), HN_OK);
}

HN_UNUSED static void engine_case_end(struct engine_case *c)
{
    engine_free(c->engine);
    c->engine = NULL;
}

/* A run from what the folder has to the end of the journal. */
HN_UNUSED static void engine_case_run(struct engine_case *c, unsigned threads)
{
    c->options.threads = threads;
    engine_case_start(c);
    assert_int_equal(engine_wait(c->engine, NULL), HN_OK);
    engine_case_end(c);
}

/* As if nothing had been run. */
HN_UNUSED static void engine_case_forget(struct engine_case *c)
{
    hn_buf_reset(&c->ids);
    hn_buf_reset(&c->lines);
    hn_buf_reset(&c->problems);
    c->applied = 0;
    c->oldest = 0;
}

HN_UNUSED static void engine_case_close(struct engine_case *c)
{
    char command[128];

    for (size_t i = 0; i < ENGINE_CASE_SETS_MAX; i++)
        judge_set_unref(c->sets[i]);
    fake_deinit(&c->journal);
    hn_buf_deinit(&c->ids);
    hn_buf_deinit(&c->lines);
    hn_buf_deinit(&c->problems);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", c->folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

#endif
