/* api_stream.c - alerts as server-sent events, as they are stored.
 *
 * One thread serves all streams: woken when something was stored, it reads what each has not had
 * yet. The number of an alert is the event's id, so that a client that comes back with
 * Last-Event-ID goes on where it stopped, whatever happened between. A client that reads too slowly
 * loses its connection, never an alert. */
#include "api/api_internal.h"

#include "base/num.h"
#include "base/vec.h"
#include "base/wait.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define PAGE_ROWS 200 /* per stream and turn */
/* Should a wake-up have been missed; and a stream ends within a second after its session or token.
 */
#define LOOK_EVERY  (HN_SECOND / 2)
#define CHECK_EVERY (HN_SECOND / 4)
#define QUEUE_BYTES ((size_t)1 << 20)

struct stream {
    struct http_stream *http;
    struct api_who who;
    int64_t seq; /* the last alert that was looked at */
    uint32_t level_min;
    hn_time checked;
    bool more; /* there are alerts it has not had */
    bool gone;
};

struct api_streams {
    struct api *api;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool started;
    bool woken;
    bool ending;
    HN_VEC(struct stream *) list; /* the thread's, but for what is added */
    HN_VEC(struct stream *) added;
    uint32_t count; /* of both */
    struct hn_buf text;
};

/* ---- One stream's turn ---- */

struct turn {
    struct api_streams *streams;
    struct stream *stream;
    uint32_t rows;
};

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct turn *turn = ctx;
    struct stream *stream = turn->stream;
    struct hn_buf *text = &turn->streams->text;
    struct hn_json_out json = hn_json_out_over(text);
    const char *tenant = stream->who.principal.tenant;

    turn->rows++;
    if (stream->gone)
        return;
    stream->seq = row->seq;
    if (row->level < stream->level_min ||
            (tenant[0] != '\0' && !hn_text_eq(row->tenant, hn_text_cstr(tenant))))
        return;
    hn_buf_reset(text);
    hn_buf_addf(text, "id: %lld\nevent: alert\ndata: ", (long long)row->seq);
    hn_json_open(&json, '{');
    api_json_alert(&json, row);
    hn_json_close(&json, '}');
    hn_buf_add_lit(text, "\n\n");
    if (!hn_buf_ok(text) || http_stream_send(stream->http, hn_buf_text(text)) != HN_OK)
        stream->gone = true;
}

static void take_turn(
        struct api_streams *streams, struct stream *stream, const struct api_link *link)
{
    struct api *api = streams->api;
    struct turn turn = { .streams = streams, .stream = stream };
    hn_time now = api->options.now(api->options.ctx);

    /* Not only at the start: whoever is shut out sees nothing more. */
    if (now - stream->checked > CHECK_EVERY || now < stream->checked) {
        stream->checked = now;
        if (!api_is_still(api, link->db, &stream->who, AUTH_READ))
            stream->gone = true;
    }
    if (stream->gone)
        return;
    if (store_alerts_after(link->store, stream->seq, PAGE_ROWS, on_alert, &turn, NULL) != HN_OK)
        return; /* busy: in a second again */
    stream->more = turn.rows == PAGE_ROWS;
}

static void stream_free(struct stream *stream)
{
    http_stream_close(stream->http);
    hn_free(stream);
}

/* Drops those that are gone; true: some have not had everything. */
static bool sweep(struct api_streams *streams)
{
    size_t kept = 0;
    bool more = false;

    for (size_t i = 0; i < streams->list.count; i++) {
        struct stream *stream = streams->list.ptr[i];

        if (stream->gone) {
            stream_free(stream);
            continue;
        }
        more = more || stream->more;
        streams->list.ptr[kept++] = stream;
    }
    (void)pthread_mutex_lock(&streams->lock);
    streams->count -= (uint32_t)(streams->list.count - kept);
    (void)pthread_mutex_unlock(&streams->lock);
    streams->list.count = kept;
    return more;
}

static bool take_turns(struct api_streams *streams)
{
    struct api *api = streams->api;
    struct api_link link;

    if (streams->list.count == 0 || !api->options.take(api->options.ctx, &link))
        return false;
    for (size_t i = 0; i < streams->list.count; i++)
        take_turn(streams, streams->list.ptr[i], &link);
    api->options.give(api->options.ctx, &link);
    return sweep(streams);
}

/* ---- The thread ---- */

/* With the lock held. */
static void take_added(struct api_streams *streams)
{
    for (size_t i = 0; i < streams->added.count; i++) {
        struct stream **place = hn_vec_add(&streams->list);

        if (place != NULL) {
            *place = streams->added.ptr[i];
        } else {
            stream_free(streams->added.ptr[i]);
            streams->count--;
        }
    }
    hn_vec_reset(&streams->added);
}

static void *run(void *ctx)
{
    struct api_streams *streams = ctx;
    bool more = false;

    (void)pthread_mutex_lock(&streams->lock);
    while (!streams->ending) {
        const struct timespec until = hn_deadline(LOOK_EVERY);

        while (!streams->woken && !streams->ending && !more) {
            if (pthread_cond_timedwait(&streams->changed, &streams->lock, &until) != 0)
                break;
        }
        streams->woken = false;
        take_added(streams);
        (void)pthread_mutex_unlock(&streams->lock);
        more = take_turns(streams);
        (void)pthread_mutex_lock(&streams->lock);
    }
    take_added(streams);
    (void)pthread_mutex_unlock(&streams->lock);
    return NULL;
}

enum hn_status api_streams_start(struct api *api, struct hn_err *err)
{
    struct api_streams *streams = hn_calloc(1, sizeof *streams);

    if (streams == NULL)
        return hn_fail(err, HN_NOMEM, 0, "streams");
    streams->api = api;
    api->streams = streams;
    (void)pthread_mutex_init(&streams->lock, NULL);
    hn_cond_init(&streams->changed);
    streams->started = pthread_create(&streams->thread, NULL, run, streams) == 0;
    return streams->started ? HN_OK : hn_fail(err, HN_NOMEM, 0, "no thread for streams");
}

void api_streams_wake(struct api *api)
{
    struct api_streams *streams = api->streams;

    (void)pthread_mutex_lock(&streams->lock);
    streams->woken = true;
    (void)pthread_cond_signal(&streams->changed);
    (void)pthread_mutex_unlock(&streams->lock);
}

/* Streams that are asked for later are refused. */
void api_streams_stop(struct api *api)
{
    struct api_streams *streams = api->streams;

    if (streams == NULL || !streams->started)
        return;
    (void)pthread_mutex_lock(&streams->lock);
    streams->ending = true;
    (void)pthread_cond_signal(&streams->changed);
    (void)pthread_mutex_unlock(&streams->lock);
    (void)pthread_join(streams->thread, NULL);
    streams->started = false;
    for (size_t i = 0; i < streams->list.count; i++)
        stream_free(streams->list.ptr[i]);
    hn_vec_deinit(&streams->list);
    hn_vec_deinit(&streams->added);
    hn_buf_deinit(&streams->text);
}

void api_streams_free(struct api *api)
{
    if (api->streams == NULL)
        return;
    (void)pthread_cond_destroy(&api->streams->changed);
    (void)pthread_mutex_destroy(&api->streams->lock);
    hn_free(api->streams);
}

/* ---- The request ---- */

/* After which alert the stream begins: as the client says, or from now on. */
static enum hn_status read_start(struct api_call *call, int64_t *ret_seq)
{
    struct hn_text last;

    if (http_request_header(call->request, "Last-Event-ID", &last) && last.len > 0) {
        if (!hn_parse_i64(last, ret_seq) || *ret_seq < 0)
            return api_refuse(call, 400, "Last-Event-ID is none of ours");
        return HN_OK;
    }
    *ret_seq = api_query_int(call, "after", -1);
    return *ret_seq >= 0 ? HN_OK : store_alert_last(call->link.store, ret_seq, &call->err);
}

static bool reserve(struct api_streams *streams)
{
    bool fine;

    (void)pthread_mutex_lock(&streams->lock);
    fine = !streams->ending && streams->count < API_STREAMS_MAX;
    streams->count += fine;
    (void)pthread_mutex_unlock(&streams->lock);
    return fine;
}

static void release(struct api_streams *streams)
{
    (void)pthread_mutex_lock(&streams->lock);
    streams->count--;
    (void)pthread_mutex_unlock(&streams->lock);
}

/* NULL: it has been freed. */
static void add(struct api_streams *streams, struct stream *stream)
{
    struct stream **place = NULL;

    (void)pthread_mutex_lock(&streams->lock);
    if (!streams->ending)
        place = hn_vec_add(&streams->added);
    if (place != NULL)
        *place = stream;
    else
        streams->count--;
    streams->woken = true;
    (void)pthread_cond_signal(&streams->changed);
    (void)pthread_mutex_unlock(&streams->lock);
    if (place == NULL)
        stream_free(stream);
}

/* An id without an event: a client that is cut off before the first alert knows as well where it
 * began, and that it is connected. */
static bool say_start(struct stream *stream)
{
    char text[48];
    int len = snprintf(text, sizeof text, "id: %lld\n\n", (long long)stream->seq);

    return http_stream_send(stream->http, hn_text_of(text, (size_t)len)) == HN_OK;
}

enum hn_status api_alerts_stream(struct api_call *call)
{
    const struct http_stream_options options = { .queue_bytes_max = QUEUE_BYTES };
    struct api_streams *streams = call->api->streams;
    struct stream *stream;
    int64_t seq = 0;
    enum hn_status status = read_start(call, &seq);

    if (status != HN_OK)
        return status;
    if (hn_text_eq(http_request_method(call->request), HN_TEXT("HEAD"))) {
        call->status = 200;
        call->content_type = "text/event-stream";
        return HN_OK;
    }
    if (!reserve(streams))
        return api_refuse(call, 503, "there are too many streams");
    stream = hn_calloc(1, sizeof *stream);
    if (stream == NULL) {
        release(streams);
        return HN_NOMEM;
    }
    *stream = (struct stream){ .who = *call->who,
        .seq = seq,
        .level_min = (uint32_t)api_level(api_query(call, "level")),
        .checked = call->now };
    call->kept = true;
    if (http_stream_start(call->request, &options, &stream->http) != HN_OK) {
        release(streams); /* it has been answered */
        hn_free(stream);
        return HN_OK;
    }
    stream->gone = !say_start(stream);
    add(streams, stream);
    return HN_OK;
}
