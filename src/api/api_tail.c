/* api_tail.c - events as server-sent events, as they become durable.
 *
 * One thread of low priority serves all listeners, in turns. What a listener does not take in time
 * is left out and counted, and it is told; it loses its connection for nothing but that. */
#include "api/api_internal.h"

#include "base/vec.h"

#include <pthread.h>
#include <time.h>

#define TURN_BYTES  ((uint64_t)256 << 10)
#define QUEUE_BYTES ((size_t)1 << 20) /* more than that and events are left out */
#define QUEUE_MAX   ((size_t)4 << 20) /* of the stream, which would end: one event fits behind */
#define LOOK_EVERY  (100 * HN_MILLISECOND)
#define CHECK_EVERY (HN_SECOND / 2) /* a tail ends within a second after its session or token */
#define ARENA_MAX   ((size_t)4 << 20)

struct tail {
    struct http_stream *http;
    struct api_who who;
    struct history_question *question;
    struct history_tail *history;
    uint64_t dropped;  /* events, since the listener was told */
    uint64_t left_out; /* bytes */
    hn_time checked;
    bool more;
    bool gone;
};

struct api_tails {
    struct api *api;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool started;
    bool ending;
    HN_VEC(struct tail *) list; /* the thread's */
    HN_VEC(struct tail *) added;
    uint32_t count; /* of both, and of those on their way */
    struct hn_buf text;
};

static void tail_free(struct tail *tail)
{
    if (tail == NULL)
        return;
    http_stream_close(tail->http);
    history_tail_free(tail->history);
    history_question_free(tail->question);
    hn_free(tail);
}

/* ---- One listener's turn ---- */

struct turn {
    struct api_tails *tails;
    struct tail *tail;
};

static void send(struct tail *tail, const struct hn_buf *text)
{
    if (!hn_buf_ok(text) || http_stream_send(tail->http, hn_buf_text(text)) != HN_OK)
        tail->gone = true;
}

static void tell_dropped(struct api_tails *tails, struct tail *tail)
{
    hn_buf_reset(&tails->text);
    hn_buf_addf(&tails->text, "event: dropped\ndata: {\"events\":%llu,\"bytes\":%llu}\n\n",
            (unsigned long long)tail->dropped, (unsigned long long)tail->left_out);
    tail->dropped = 0;
    tail->left_out = 0;
    send(tail, &tails->text);
}

static void on_event(void *ctx, struct hn_text json, const struct history_cursor *cursor)
{
    struct turn *turn = ctx;
    struct tail *tail = turn->tail;
    struct api_atomic_counters *counters = &turn->tails->api->counters;
    struct hn_buf *text = &turn->tails->text;
    char place[HISTORY_CURSOR_ROOM];
    size_t queued = tail->gone ? SIZE_MAX : http_stream_queued(tail->http);

    if (queued == SIZE_MAX) {
        tail->gone = true;
        return;
    }
    if (queued > QUEUE_BYTES) {
        tail->dropped++;
        atomic_fetch_add(&counters->tail_dropped, 1);
        return;
    }
    if (tail->dropped > 0 || tail->left_out > 0)
        tell_dropped(turn->tails, tail);
    hn_buf_reset(text);
    hn_buf_add_lit(text, "id: ");
    hn_buf_add(text, place, history_cursor_write(cursor, place));
    hn_buf_add_lit(text, "\nevent: event\ndata: ");
    hn_buf_add_text(text, json);
    hn_buf_add_lit(text, "\n\n");
    atomic_fetch_add(&counters->tail_events, 1);
    send(tail, text);
}

static bool may_go_on(struct api *api, struct tail *tail)
{
    hn_time now = api->options.now(api->options.ctx);
    struct api_link link;
    bool fine;

    if (now - tail->checked <= CHECK_EVERY && now >= tail->checked)
        return true;
    if (!api->options.take(api->options.ctx, &link))
        return true; /* busy: soon again */
    tail->checked = now;
    fine = api_is_still(api, link.db, &tail->who, AUTH_READ);
    api->options.give(api->options.ctx, &link);
    return fine;
}

static void take_turn(struct api_tails *tails, struct tail *tail)
{
    struct turn turn = { tails, tail };
    struct history_turn taken;
    size_t queued;

    api_give_way(tails->api);
    if (!may_go_on(tails->api, tail)) {
        tail->gone = true;
        return;
    }
    if (history_tail_turn(tail->history, TURN_BYTES, on_event, &turn, &taken, NULL) != HN_OK)
        tail->gone = true; /* no memory, or the journal cannot be read: the client comes again */
    tail->more = taken.more;
    tail->left_out += taken.bytes_left_out;
    atomic_fetch_add(&tails->api->counters.tail_left_out, taken.bytes_left_out);
    queued = tail->gone ? SIZE_MAX : http_stream_queued(tail->http);
    tail->gone = queued == SIZE_MAX;
    if (!tail->gone && queued <= QUEUE_BYTES && (tail->dropped > 0 || tail->left_out > 0))
        tell_dropped(tails, tail);
}

/* Drops those that are gone; true: some have not had everything. */
static bool sweep(struct api_tails *tails)
{
    size_t kept = 0;
    bool more = false;

    for (size_t i = 0; i < tails->list.count; i++) {
        struct tail *tail = tails->list.ptr[i];

        if (tail->gone) {
            tail_free(tail);
            continue;
        }
        more = more || tail->more;
        tails->list.ptr[kept++] = tail;
    }
    (void)pthread_mutex_lock(&tails->lock);
    tails->count -= (uint32_t)(tails->list.count - kept);
    (void)pthread_mutex_unlock(&tails->lock);
    tails->list.count = kept;
    return more;
}

/* ---- The thread ---- */

/* With the lock held. */
static void take_added(struct api_tails *tails)
{
    for (size_t i = 0; i < tails->added.count; i++) {
        struct tail **place = hn_vec_add(&tails->list);

        if (place != NULL) {
            *place = tails->added.ptr[i];
        } else {
            tail_free(tails->added.ptr[i]);
            tails->count--;
        }
    }
    hn_vec_reset(&tails->added);
}

/* Nobody says when something has come in; without listeners nobody looks. With the lock held. */
static void wait(struct api_tails *tails)
{
    struct timespec until;

    if (tails->list.count == 0) {
        while (tails->added.count == 0 && !tails->ending)
            (void)pthread_cond_wait(&tails->changed, &tails->lock);
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_EVERY;
    if (until.tv_nsec >= HN_SECOND) {
        until.tv_sec++;
        until.tv_nsec -= HN_SECOND;
    }
    while (tails->added.count == 0 && !tails->ending) {
        if (pthread_cond_timedwait(&tails->changed, &tails->lock, &until) != 0)
            break;
    }
}

static void *run(void *ctx)
{
    struct api_tails *tails = ctx;
    bool more = false;

    api_yield();
    (void)pthread_mutex_lock(&tails->lock);
    while (!tails->ending) {
        if (!more)
            wait(tails);
        take_added(tails);
        (void)pthread_mutex_unlock(&tails->lock);
        for (size_t i = 0; i < tails->list.count; i++)
            take_turn(tails, tails->list.ptr[i]);
        more = sweep(tails);
        (void)pthread_mutex_lock(&tails->lock);
    }
    take_added(tails);
    (void)pthread_mutex_unlock(&tails->lock);
    return NULL;
}

enum hn_status api_tails_start(struct api *api, struct hn_err *err)
{
    struct api_tails *tails = hn_calloc(1, sizeof *tails);

    if (tails == NULL)
        return hn_fail(err, HN_NOMEM, 0, "streams of events");
    tails->api = api;
    api->tails = tails;
    (void)pthread_mutex_init(&tails->lock, NULL);
    (void)pthread_cond_init(&tails->changed, NULL);
    tails->started = pthread_create(&tails->thread, NULL, run, tails) == 0;
    return tails->started ? HN_OK : hn_fail(err, HN_NOMEM, 0, "no thread for streams of events");
}

void api_tails_stop(struct api *api)
{
    struct api_tails *tails = api->tails;

    if (tails == NULL || !tails->started)
        return;
    (void)pthread_mutex_lock(&tails->lock);
    tails->ending = true;
    (void)pthread_cond_signal(&tails->changed);
    (void)pthread_mutex_unlock(&tails->lock);
    (void)pthread_join(tails->thread, NULL);
    tails->started = false;
    for (size_t i = 0; i < tails->list.count; i++)
        tail_free(tails->list.ptr[i]);
    hn_vec_deinit(&tails->list);
    hn_vec_deinit(&tails->added);
    hn_buf_deinit(&tails->text);
}

void api_tails_free(struct api *api)
{
    if (api->tails == NULL)
        return;
    (void)pthread_cond_destroy(&api->tails->changed);
    (void)pthread_mutex_destroy(&api->tails->lock);
    hn_free(api->tails);
}

uint32_t api_tails_count(struct api *api)
{
    uint32_t count;

    (void)pthread_mutex_lock(&api->tails->lock);
    count = api->tails->count;
    (void)pthread_mutex_unlock(&api->tails->lock);
    return count;
}

/* ---- The request ---- */

static bool reserve(struct api_tails *tails)
{
    bool fine;

    (void)pthread_mutex_lock(&tails->lock);
    fine = !tails->ending && tails->count < API_TAILS_MAX;
    tails->count += fine;
    (void)pthread_mutex_unlock(&tails->lock);
    return fine;
}

static void release(struct api_tails *tails)
{
    (void)pthread_mutex_lock(&tails->lock);
    tails->count--;
    (void)pthread_mutex_unlock(&tails->lock);
}

static void add(struct api_tails *tails, struct tail *tail)
{
    struct tail **place = NULL;

    (void)pthread_mutex_lock(&tails->lock);
    if (!tails->ending)
        place = hn_vec_add(&tails->added);
    if (place != NULL)
        *place = tail;
    else
        tails->count--;
    (void)pthread_cond_signal(&tails->changed);
    (void)pthread_mutex_unlock(&tails->lock);
    if (place == NULL)
        tail_free(tail);
}

static enum hn_status make(struct api_call *call, struct tail *tail)
{
    struct history_cursor cursor = { 0 };
    struct history_tail_options options = { .source = api_query(call, "source"),
        .tenant = call->tenant };
    struct hn_text last;
    enum hn_status status;

    if (http_request_header(call->request, "Last-Event-ID", &last) && last.len > 0) {
        if (!history_cursor_read(last, &cursor) || cursor.newest)
            return api_refuse(call, 400, "Last-Event-ID is none of ours");
        options.cursor = &cursor;
    }
    tail->who = *call->who;
    tail->checked = call->now;
    status = api_question_read(call, &call->arena, &tail->question);
    options.question = tail->question;
    return status == HN_OK
                   ? history_tail_new(call->api->history, &options, &tail->history, &call->err)
                   : status;
}

enum hn_status api_events_stream(struct api_call *call)
{
    const struct http_stream_options options = { .queue_bytes_max = QUEUE_MAX };
    struct api_tails *tails = call->api->tails;
    struct tail *tail = hn_calloc(1, sizeof *tail);
    enum hn_status status = tail == NULL ? HN_NOMEM : make(call, tail);

    if (status == HN_OK && hn_text_eq(http_request_method(call->request), HN_TEXT("HEAD"))) {
        tail_free(tail);
        call->status = 200;
        call->content_type = "text/event-stream";
        return HN_OK;
    }
    if (status == HN_OK && !reserve(tails)) {
        call->retry_after_s = 10;
        status = api_refuse(call, 503, "there are too many streams");
    }
    if (status != HN_OK) {
        tail_free(tail);
        return status;
    }
    call->kept = true;
    if (http_stream_start(call->request, &options, &tail->http) != HN_OK) {
        release(tails); /* it has been answered */
        tail_free(tail);
        return HN_OK;
    }
    add(tails, tail);
    return HN_OK;
}
