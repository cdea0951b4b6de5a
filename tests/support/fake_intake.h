/* fake_intake.h - an intake that keeps batches in memory, for tests of doors: one include a
 * program, because it defines the functions of intake.h themselves.
 *
 * It refuses what the test tells it to, and remembers positions as the real one does. */
#ifndef HN_TESTS_FAKE_INTAKE_H
#define HN_TESTS_FAKE_INTAKE_H

#include "base/mem.h"
#include "base/vec.h"
#include "intake/intake.h"

#include <pthread.h>

struct fake_batch {
    char *source;
    char *format;
    char *stream;
    char *position;
    uint64_t offset;
    uint64_t line;
    uint64_t skip;
    char *head;
    size_t head_len;
    char *body;
    size_t body_len;
};

struct intake {
    pthread_mutex_t lock;
    HN_VEC(struct fake_batch) batches;
    uint64_t lost;
    uint64_t refused;
    uint32_t refuse_next;      /* so many submissions are refused, UINT32_MAX: all */
    const char *refuse_source; /* NULL: of any source */
    uint32_t retry_ms;
    bool limited; /* so many more are taken, then all are refused: */
    uint32_t accept_next;
};

static char *fake_copy(const void *ptr, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, ptr, len);
    copy[len] = '\0';
    return copy;
}

static inline void fake_intake_init(struct intake *intake)
{
    memset(intake, 0, sizeof *intake);
    (void)pthread_mutex_init(&intake->lock, NULL);
}

static inline void fake_intake_clear(struct intake *intake)
{
    for (size_t i = 0; i < intake->batches.count; i++) {
        struct fake_batch *batch = &intake->batches.ptr[i];

        free(batch->source);
        free(batch->format);
        free(batch->stream);
        free(batch->position);
        free(batch->head);
        free(batch->body);
    }
    hn_vec_deinit(&intake->batches);
}

static bool fake_refuses(struct intake *intake, struct hn_text source)
{
    if (intake->limited && intake->accept_next == 0) {
        intake->refused++;
        return true;
    }
    if (intake->limited)
        intake->accept_next--;
    if (intake->refuse_next == 0 ||
            (intake->refuse_source != NULL &&
                    !hn_text_eq(source, hn_text_cstr(intake->refuse_source))))
        return false;
    if (intake->refuse_next != UINT32_MAX)
        intake->refuse_next--;
    intake->refused++;
    return true;
}

enum hn_status intake_submit(struct intake *intake, const struct intake_batch *batch,
        journal_on_done *on_done, void *ctx, uint32_t *ret_retry_ms, struct hn_err *err)
{
    struct fake_batch *kept = NULL;
    bool refused;

    if (batch->position.len > INTAKE_POSITION_MAX)
        abort();
    (void)err;
    (void)pthread_mutex_lock(&intake->lock);
    refused = fake_refuses(intake, batch->source);
    if (refused && ret_retry_ms != NULL)
        *ret_retry_ms = intake->retry_ms;
    if (!refused)
        kept = hn_vec_add(&intake->batches);
    if (kept != NULL) {
        kept->source = fake_copy(batch->source.ptr, batch->source.len);
        kept->format = fake_copy(batch->format.ptr, batch->format.len);
        kept->stream = fake_copy(batch->stream.ptr, batch->stream.len);
        kept->position = fake_copy(batch->position.ptr, batch->position.len);
        kept->offset = batch->offset;
        kept->line = batch->line;
        kept->skip = batch->skip;
        kept->head = fake_copy(batch->head.ptr, batch->head.len);
        kept->head_len = batch->head.len;
        kept->body = fake_copy(batch->body.ptr, batch->body.len);
        kept->body_len = batch->body.len;
    }
    (void)pthread_mutex_unlock(&intake->lock);
    if (kept != NULL && on_done != NULL)
        on_done(ctx, HN_OK);
    return kept != NULL ? HN_OK : refused ? HN_LIMIT : HN_NOMEM;
}

void intake_count_lost(struct intake *intake, struct hn_text source, uint64_t datagrams)
{
    (void)source;
    (void)pthread_mutex_lock(&intake->lock);
    intake->lost += datagrams;
    (void)pthread_mutex_unlock(&intake->lock);
}

bool intake_position(
        struct intake *intake, struct hn_text source, struct hn_text stream, struct hn_buf *out)
{
    bool found = false;

    (void)pthread_mutex_lock(&intake->lock);
    for (size_t i = intake->batches.count; !found && i > 0; i--) {
        const struct fake_batch *batch = &intake->batches.ptr[i - 1];

        found = batch->position[0] != '\0' && hn_text_eq(source, hn_text_cstr(batch->source)) &&
                hn_text_eq(stream, hn_text_cstr(batch->stream));
        if (found)
            hn_buf_add_cstr(out, batch->position);
    }
    (void)pthread_mutex_unlock(&intake->lock);
    return found;
}

/* All bodies of a stream (NULL: of all) one behind the other. */
static inline void fake_intake_join(struct intake *intake, const char *stream, struct hn_buf *out)
{
    (void)pthread_mutex_lock(&intake->lock);
    for (size_t i = 0; i < intake->batches.count; i++) {
        const struct fake_batch *batch = &intake->batches.ptr[i];

        if (stream == NULL || strcmp(batch->stream, stream) == 0)
            hn_buf_add(out, batch->body, batch->body_len);
    }
    (void)pthread_mutex_unlock(&intake->lock);
}

static inline size_t fake_intake_count(struct intake *intake)
{
    size_t count;

    (void)pthread_mutex_lock(&intake->lock);
    count = intake->batches.count;
    (void)pthread_mutex_unlock(&intake->lock);
    return count;
}

static inline uint64_t fake_intake_refused(struct intake *intake)
{
    uint64_t refused;

    (void)pthread_mutex_lock(&intake->lock);
    refused = intake->refused;
    (void)pthread_mutex_unlock(&intake->lock);
    return refused;
}

/* So many are taken from now on; UINT32_MAX: no end. */
static inline void fake_intake_accept(struct intake *intake, uint32_t count)
{
    (void)pthread_mutex_lock(&intake->lock);
    intake->limited = count != UINT32_MAX;
    intake->accept_next = count;
    (void)pthread_mutex_unlock(&intake->lock);
}

static inline void fake_intake_refuse(struct intake *intake, uint32_t times, const char *source)
{
    (void)pthread_mutex_lock(&intake->lock);
    intake->refuse_next = times;
    intake->refuse_source = source;
    (void)pthread_mutex_unlock(&intake->lock);
}

#endif
