/* engine_keep.c - snapshots are made at the border of a record, and become files once the results
 * up to there are safe: a snapshot that the store has not caught up with would lose alerts. */
#include "engine/engine_internal.h"

#include "base/mem.h"

void engine_keeper_init(struct engine *engine)
{
    struct keeper *keeper = &engine->keeper;

    (void)pthread_mutex_init(&keeper->lock, NULL);
    (void)pthread_cond_init(&keeper->moved, NULL);
    keeper->applied = engine->options.applied;
    keeper->last = engine_now(engine);
}

void engine_keeper_deinit(struct engine *engine)
{
    struct keeper *keeper = &engine->keeper;

    hn_buf_deinit(&keeper->bytes);
    (void)pthread_cond_destroy(&keeper->moved);
    (void)pthread_mutex_destroy(&keeper->lock);
}

/* With the lock held. */
static bool may_write(const struct keeper *keeper)
{
    return keeper->pending && keeper->applied >= keeper->offset;
}

/* The snapshot before this one is still there, in case this one is damaged. */
static void note_durable(struct engine *engine, uint64_t offset, struct hn_digest set)
{
    struct keeper *keeper = &engine->keeper;
    bool had = keeper->has_durable;
    uint64_t oldest = keeper->durable;
    struct hn_digest oldest_set = keeper->durable_set;

    (void)pthread_mutex_lock(&keeper->lock);
    keeper->has_durable = true;
    keeper->durable = offset;
    keeper->durable_set = set;
    (void)pthread_mutex_unlock(&keeper->lock);
    if (had && engine->options.on_snapshot != NULL)
        engine->options.on_snapshot(engine->options.ctx, oldest, oldest_set);
}

void engine_keeper_flush(struct engine *engine)
{
    struct keeper *keeper = &engine->keeper;
    struct hn_err err = { 0 };
    struct hn_buf bytes;
    struct hn_digest set;
    uint64_t offset;

    (void)pthread_mutex_lock(&keeper->lock);
    if (!may_write(keeper)) {
        (void)pthread_mutex_unlock(&keeper->lock);
        return;
    }
    bytes = keeper->bytes;
    offset = keeper->offset;
    set = keeper->set;
    keeper->bytes = (struct hn_buf){ 0 };
    keeper->pending = false;
    (void)pthread_mutex_unlock(&keeper->lock);
    if (engine_snapshot_store(engine->options.state_dir, offset,
                hn_text_as_bytes(hn_buf_text(&bytes)), &err) == HN_OK)
        note_durable(engine, offset, set);
    else
        engine_problem_tell(engine, ENGINE_PROBLEM_SNAPSHOT, offset, "%s", err.msg);
    hn_buf_deinit(&bytes);
}

static void *keeper_main(void *arg)
{
    struct engine *engine = arg;
    struct keeper *keeper = &engine->keeper;
    bool ending = false;

    while (!ending) {
        (void)pthread_mutex_lock(&keeper->lock);
        while (!keeper->ending && !may_write(keeper))
            (void)pthread_cond_wait(&keeper->moved, &keeper->lock);
        ending = keeper->ending;
        (void)pthread_mutex_unlock(&keeper->lock);
        engine_keeper_flush(engine);
    }
    return NULL;
}

enum hn_status engine_keeper_start(struct engine *engine, struct hn_err *err)
{
    struct keeper *keeper = &engine->keeper;

    if (engine->options.state_dir == NULL)
        return HN_OK;
    keeper->ending = false;
    keeper->started = pthread_create(&keeper->thread, NULL, keeper_main, engine) == 0;
    return keeper->started ? HN_OK : hn_fail(err, HN_NOMEM, 0, "no thread for snapshots");
}

void engine_keeper_stop(struct engine *engine)
{
    struct keeper *keeper = &engine->keeper;

    if (!keeper->started)
        return;
    (void)pthread_mutex_lock(&keeper->lock);
    keeper->ending = true;
    (void)pthread_cond_broadcast(&keeper->moved);
    (void)pthread_mutex_unlock(&keeper->lock);
    (void)pthread_join(keeper->thread, NULL);
    keeper->started = false;
}

void engine_keeper_offer(struct engine *engine, bool now)
{
    struct keeper *keeper = &engine->keeper;
    uint64_t offset = atomic_load(&engine->position);
    struct hn_buf bytes = { 0 };
    hn_time time;
    bool wanted;

    if (engine->options.state_dir == NULL || engine->correlating.set == NULL)
        return;
    time = engine_now(engine);
    (void)pthread_mutex_lock(&keeper->lock);
    /* A clock set back must not end the making of snapshots. */
    wanted =
            now || (!keeper->pending && (time - keeper->last >= engine->options.snapshot_interval ||
                                                time < keeper->last));
    wanted = wanted && !(keeper->has_durable && keeper->durable == offset);
    (void)pthread_mutex_unlock(&keeper->lock);
    if (!wanted)
        return;
    if (engine_correlation_save(engine, offset, &bytes) != HN_OK) {
        engine_problem_tell(engine, ENGINE_PROBLEM_SNAPSHOT, offset, "no memory for a snapshot");
        hn_buf_deinit(&bytes);
        return;
    }
    (void)pthread_mutex_lock(&keeper->lock);
    hn_buf_deinit(&keeper->bytes);
    keeper->bytes = bytes;
    keeper->offset = offset;
    keeper->set = judge_set_digest(engine->correlating.set);
    keeper->pending = true;
    keeper->last = time;
    (void)pthread_cond_broadcast(&keeper->moved);
    (void)pthread_mutex_unlock(&keeper->lock);
}

void engine_applied(struct engine *engine, uint64_t offset)
{
    struct keeper *keeper = &engine->keeper;

    (void)pthread_mutex_lock(&keeper->lock);
    if (offset > keeper->applied)
        keeper->applied = offset;
    if (may_write(keeper))
        (void)pthread_cond_broadcast(&keeper->moved);
    (void)pthread_mutex_unlock(&keeper->lock);
}
