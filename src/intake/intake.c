/* intake.c - from a door into the journal: keys, admission, and the answer when it is durable. */
#include "intake/intake_internal.h"

#include "base/mem.h"

#include <string.h>
#include <time.h>

static hn_time monotonic(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec;
}

static hn_time wall_clock(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec;
}

/* ---- Life ---- */

enum hn_status intake_new(struct journal *journal, struct intake **ret_intake, struct hn_err *err)
{
    struct intake *intake = hn_calloc(1, sizeof *intake);

    if (intake == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    intake->journal = journal;
    intake->clock = monotonic;
    intake->key_seed = hn_mix64(hn_hash_seed());
    intake->pending_bytes_max = journal_pending_bytes_max(journal);
    (void)pthread_mutex_init(&intake->lock, NULL);
    (void)pthread_cond_init(&intake->idle, NULL);
    *ret_intake = intake;
    return HN_OK;
}

void intake_free(struct intake *intake)
{
    if (intake == NULL)
        return;
    (void)pthread_mutex_lock(&intake->lock);
    while (intake->pending_count > 0) /* the commit thread still knows of them */
        (void)pthread_cond_wait(&intake->idle, &intake->lock);
    (void)pthread_mutex_unlock(&intake->lock);
    for (size_t i = 0; i < intake->sources.count; i++)
        hn_free(intake->sources.ptr[i].name);
    hn_vec_deinit(&intake->sources);
    hn_map_deinit(&intake->source_map);
    intake_streams_deinit(intake);
    intake_keys_deinit(&intake->keys);
    (void)pthread_cond_destroy(&intake->idle);
    (void)pthread_mutex_destroy(&intake->lock);
    hn_free(intake);
}

/* ---- What the journal has already ---- */

static void position_set(struct intake *intake, uint32_t stream, char *position, size_t len)
{
    struct intake_stream *known = &intake->streams.ptr[stream];

    hn_free(known->position);
    known->position = position;
    known->position_len = len;
}

static char *position_copy(struct hn_text position)
{
    char *bytes = hn_malloc(position.len);

    if (bytes != NULL)
        memcpy(bytes, position.ptr, position.len);
    return bytes;
}

void intake_recall(struct intake *intake, const struct intake_batch *batch, hn_time received)
{
    struct hn_digest key;
    uint32_t stream;

    (void)pthread_mutex_lock(&intake->lock);
    /* Without memory a key or a position is not known: the batch is then taken twice, not lost. */
    key = intake_key_digest(intake->key_seed, batch->source, batch->key);
    if (batch->key.len > 0 && intake_keys_find(&intake->keys, key) == NULL)
        (void)intake_keys_add(&intake->keys, key, received);
    if (batch->position.len > 0 &&
            intake_stream_find(intake, batch->source, batch->stream, &stream, NULL) == HN_OK)
        (void)!intake_position_copy(intake, stream, batch->position);
    (void)pthread_mutex_unlock(&intake->lock);
}

void intake_recalled(struct intake *intake, uint64_t offset)
{
    (void)pthread_mutex_lock(&intake->lock);
    if (offset > intake->settled)
        intake->settled = offset;
    (void)pthread_mutex_unlock(&intake->lock);
}

/* ---- Handing in ---- */

static void pending_free(struct intake_pending *pending)
{
    if (pending == NULL)
        return;
    hn_free(pending->position);
    hn_vec_deinit(&pending->repeats);
    hn_free(pending);
}

/* Of a batch that failed the key is forgotten: who repeats it hands it in anew. The lock is held.
 */
static void key_settle(struct intake_pending *pending, enum hn_status status)
{
    struct intake_keys *keys = &pending->intake->keys;
    struct intake_key *key = pending->keyed ? intake_keys_find(keys, pending->key) : NULL;

    if (key == NULL || key->pending != pending) /* pushed out by newer ones */
        return;
    key->pending = NULL;
    if (status != HN_OK)
        intake_keys_forget(keys, pending->key);
}

/* The batch is durable, or will never be: counters, key and position follow, then who waits is
 * told. Allocates nothing. */
static void settle(struct intake_pending *pending, enum hn_status status)
{
    struct intake *intake = pending->intake;
    struct intake_counters *counters;

    (void)pthread_mutex_lock(&intake->lock);
    counters = &intake->sources.ptr[pending->source].counters;
    if (status == HN_OK) {
        counters->batches++;
        counters->bytes += pending->bytes;
        counters->repeated += pending->repeats.count;
    } else {
        *(status == HN_LIMIT ? &counters->no_room : &counters->failed) += 1;
    }
    key_settle(pending, status);
    /* Batches are settled in the order of the journal. This one is recalled again with a state
     * that is saved now, which changes nothing; where it ends the journal did not say. */
    if (status == HN_OK && pending->offset > intake->settled)
        intake->settled = pending->offset;
    if (status == HN_OK && pending->position != NULL) {
        position_set(intake, pending->stream, pending->position, pending->position_len);
        pending->position = NULL;
    }
    (void)pthread_mutex_unlock(&intake->lock);

    if (pending->waiter.on_done != NULL)
        pending->waiter.on_done(pending->waiter.ctx, status);
    for (size_t i = 0; i < pending->repeats.count; i++)
        pending->repeats.ptr[i].on_done(pending->repeats.ptr[i].ctx, status);

    (void)pthread_mutex_lock(&intake->lock);
    intake_source_settle(intake, pending->source, pending->bytes, status == HN_OK);
    (void)pthread_mutex_unlock(&intake->lock);
    pending_free(pending);
}

static void on_durable(void *ctx, enum hn_status status)
{
    settle(ctx, status);
}

/* A key that is known: waits for the first batch with it, if that is on its way, or is answered at
 * once (*ret_durable). The lock is held. */
static enum hn_status join(struct intake *intake, uint32_t source, struct intake_key *key,
        const struct intake_waiter *waiter, bool *ret_durable)
{
    struct intake_waiter *added;

    *ret_durable = key->pending == NULL;
    if (*ret_durable) {
        intake->sources.ptr[source].counters.repeated++;
        return HN_OK;
    }
    if (waiter->on_done == NULL)
        return HN_OK;
    added = hn_vec_add(&key->pending->repeats);
    if (added == NULL)
        return HN_NOMEM;
    *added = *waiter;
    return HN_OK;
}

/* Everything that may fail before the journal has the batch. The lock is held. */
static enum hn_status prepare(struct intake *intake, const struct intake_batch *batch,
        struct intake_pending *pending, uint32_t *ret_retry_ms, struct hn_err *err)
{
    enum hn_status status = HN_OK;
    struct intake_key *key;

    pending->stream = HN_MAP_NONE;
    if (batch->position.len > 0) {
        pending->position = position_copy(batch->position);
        pending->position_len = batch->position.len;
        status = pending->position == NULL ? hn_fail(err, HN_NOMEM, 0, "out of memory")
                                           : intake_stream_find(intake, batch->source,
                                                     batch->stream, &pending->stream, err);
    }
    if (status == HN_OK)
        status = intake_source_admit(intake, pending->source, pending->bytes, ret_retry_ms, err);
    if (status != HN_OK || batch->key.len == 0)
        return status;
    key = intake_keys_add(&intake->keys, pending->key, wall_clock());
    if (key == NULL) {
        intake_source_settle(intake, pending->source, pending->bytes, false);
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    }
    key->pending = pending;
    pending->keyed = true;
    return HN_OK;
}

/* The journal did not take it: undone as if it had never come, and who joined meanwhile is told. */
static void withdraw(struct intake_pending *pending, enum hn_status status, uint32_t *ret_retry_ms)
{
    struct intake *intake = pending->intake;
    struct intake_counters *counters;

    (void)pthread_mutex_lock(&intake->lock);
    counters = &intake->sources.ptr[pending->source].counters;
    *(status == HN_IO ? &counters->failed : &counters->overload) += 1;
    key_settle(pending, status);
    (void)pthread_mutex_unlock(&intake->lock);
    for (size_t i = 0; i < pending->repeats.count; i++)
        pending->repeats.ptr[i].on_done(pending->repeats.ptr[i].ctx, status);
    (void)pthread_mutex_lock(&intake->lock);
    intake_source_settle(intake, pending->source, pending->bytes, false);
    (void)pthread_mutex_unlock(&intake->lock);
    *ret_retry_ms = INTAKE_RETRY_BUSY_MS;
    pending_free(pending);
}

static enum hn_status hand_in(struct intake_pending *pending, struct hn_bytes front,
        struct hn_bytes body, uint32_t *ret_retry_ms, struct hn_err *err)
{
    const struct hn_bytes pieces[JOURNAL_PIECES] = { front, body };
    enum hn_status status = journal_append_pieces(pending->intake->journal, JOURNAL_BATCH,
            wall_clock(), pieces, on_durable, pending, &pending->offset, err);

    if (status != HN_OK)
        withdraw(pending, status, ret_retry_ms);
    return status;
}

enum hn_status intake_submit(struct intake *intake, const struct intake_batch *batch,
        journal_on_done *on_done, void *ctx, uint32_t *ret_retry_ms, struct hn_err *err)
{
    struct hn_buf front = { .cap_bytes = JOURNAL_RECORD_BYTES_MAX };
    struct intake_waiter waiter = { on_done, ctx };
    struct intake_pending *pending = hn_calloc(1, sizeof *pending);
    struct intake_key *known = NULL;
    bool durable = false;
    uint32_t retry_ms = 0;
    enum hn_status status;

    intake_batch_write_front(batch, &front);
    if (hn_buf_ok(&front) && batch->body.len > JOURNAL_RECORD_BYTES_MAX - front.len)
        front.status = HN_LIMIT;
    if (pending == NULL || !hn_buf_ok(&front)) {
        status = pending == NULL ? HN_NOMEM : front.status;
        hn_buf_deinit(&front);
        pending_free(pending);
        return hn_fail(err, status, 0, "a batch of %zu bytes cannot be taken", batch->body.len);
    }
    pending->intake = intake;
    pending->bytes = front.len + batch->body.len;
    pending->waiter = waiter;
    pending->key = intake_key_digest(intake->key_seed, batch->source, batch->key);
    (void)pthread_mutex_lock(&intake->lock);
    status = intake_source_find(intake, batch->source, &pending->source, err);
    if (status == HN_OK && batch->key.len > 0)
        known = intake_keys_find(&intake->keys, pending->key);
    if (known != NULL)
        status = join(intake, pending->source, known, &waiter, &durable);
    else if (status == HN_OK)
        status = prepare(intake, batch, pending, &retry_ms, err);
    (void)pthread_mutex_unlock(&intake->lock);
    if (status == HN_OK && known == NULL) {
        status = hand_in(
                pending, hn_text_as_bytes(hn_buf_text(&front)), batch->body, &retry_ms, err);
    } else {
        pending_free(pending);
    }
    hn_buf_deinit(&front);
    if (durable && on_done != NULL)
        on_done(ctx, HN_OK);
    if (ret_retry_ms != NULL)
        *ret_retry_ms = retry_ms;
    return status;
}
