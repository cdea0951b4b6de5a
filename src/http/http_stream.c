/* http_stream.c - answers that go on: a bounded queue between whoever sends and the client.
 *
 * libmicrohttpd asks for more when the socket takes more; with nothing in the queue the connection
 * is suspended until something is sent. Two hold a stream: its owner and the response. */
#include "http/http_internal.h"

#define HEARTBEAT_NS     (INT64_C(15) * 1000000000)
#define BLOCK_BYTES      ((size_t)16 << 10)
#define QUEUE_BYTES      ((size_t)1 << 20)
#define HEARTBEAT_EVENTS ":\n\n"

struct http_stream {
    struct http_server *server;
    struct http_stream *next; /* in server->streams, under server->registry */
    struct http_stream *previous;
    struct MHD_Connection *mhd;
    struct http_connection *connection;
    const char *heartbeat;
    _Atomic unsigned references;

    /* Guarded by http_lock_of(stream). */
    struct hn_buf queue;
    size_t taken; /* of queue */
    int64_t sent_last;
    bool suspended;
    bool ends; /* after what is in the queue */
    bool gone; /* the response is gone, and the connection may be */
};

static void stream_unref(struct http_stream *stream)
{
    struct http_server *server = stream->server;

    if (atomic_fetch_sub(&stream->references, 1) != 1)
        return;
    (void)pthread_mutex_lock(&server->registry);
    if (stream->previous != NULL)
        stream->previous->next = stream->next;
    else
        server->streams = stream->next;
    if (stream->next != NULL)
        stream->next->previous = stream->previous;
    (void)pthread_mutex_unlock(&server->registry);
    hn_buf_deinit(&stream->queue);
    hn_free(stream);
    atomic_fetch_sub(&server->references, 1);
}

/* With the stream's lock held. */
static void wake(struct http_stream *stream)
{
    if (stream->suspended && !stream->gone) {
        stream->suspended = false;
        MHD_resume_connection(stream->mhd);
    }
}

static ssize_t on_read(void *ctx, uint64_t position, char *out, size_t max)
{
    struct http_stream *stream = ctx;
    pthread_mutex_t *lock = http_lock_of(stream->server, stream);
    ssize_t result = 0;

    (void)position;
    (void)pthread_mutex_lock(lock);
    if (stream->taken < stream->queue.len) {
        size_t len = stream->queue.len - stream->taken;

        if (len > max)
            len = max;
        memcpy(out, stream->queue.ptr + stream->taken, len);
        stream->taken += len;
        if (stream->taken == stream->queue.len) {
            hn_buf_reset(&stream->queue);
            stream->taken = 0;
        }
        result = (ssize_t)len;
    } else if (stream->ends || atomic_load(&stream->server->stopping)) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->suspended = true;
        MHD_suspend_connection(stream->mhd);
    }
    (void)pthread_mutex_unlock(lock);
    return result;
}

static void on_response_free(void *ctx)
{
    struct http_stream *stream = ctx;
    pthread_mutex_t *lock = http_lock_of(stream->server, stream);

    (void)pthread_mutex_lock(lock);
    stream->gone = true;
    (void)pthread_mutex_unlock(lock);
    stream_unref(stream);
}

static struct http_stream *stream_new(
        struct http_request *request, const struct http_stream_options *options)
{
    struct http_server *server = request->server;
    struct http_stream *stream = hn_calloc(1, sizeof *stream);

    if (stream == NULL)
        return NULL;
    stream->server = server;
    stream->mhd = request->mhd;
    stream->connection = request->connection;
    stream->heartbeat = options->heartbeat == NULL ? HEARTBEAT_EVENTS : options->heartbeat;
    stream->sent_last = http_now();
    atomic_init(&stream->references, 2);
    hn_buf_init(
            &stream->queue, options->queue_bytes_max == 0 ? QUEUE_BYTES : options->queue_bytes_max);
    atomic_fetch_add(&server->references, 1);
    (void)pthread_mutex_lock(&server->registry);
    stream->next = server->streams;
    if (stream->next != NULL)
        stream->next->previous = stream;
    server->streams = stream;
    (void)pthread_mutex_unlock(&server->registry);
    return stream;
}

enum hn_status http_stream_start(struct http_request *request,
        const struct http_stream_options *options, struct http_stream **ret_stream)
{
    struct http_stream *stream = stream_new(request, options);
    struct MHD_Response *response = NULL;
    struct http_answer answer = { .status = 200,
        .content_type =
                options->content_type == NULL ? "text/event-stream" : options->content_type };

    if (stream != NULL)
        response = MHD_create_response_from_callback(
                MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_read, stream, on_response_free);
    if (response == NULL) {
        if (stream != NULL) {
            stream_unref(stream);
            stream_unref(stream);
        }
        http_answer_problem(request, 503, HN_TEXT("no memory"));
        return HN_NOMEM;
    }
    http_response_fields(request, response, &answer);
    *ret_stream = stream;
    http_answer_with(request, 200, response, HTTP_ENDLESS);
    http_request_release(request);
    return HN_OK;
}

/* Room in front that was taken already is used again. With the lock held. */
static bool put(struct http_stream *stream, struct hn_text text)
{
    if (stream->taken > 0) {
        memmove(stream->queue.ptr, stream->queue.ptr + stream->taken,
                stream->queue.len - stream->taken);
        stream->queue.len -= stream->taken;
        stream->taken = 0;
    }
    hn_buf_add_text(&stream->queue, text);
    stream->sent_last = http_now();
    return hn_buf_ok(&stream->queue);
}

enum hn_status http_stream_send(struct http_stream *stream, struct hn_text text)
{
    pthread_mutex_t *lock = http_lock_of(stream->server, stream);
    enum hn_status status = HN_OK;

    (void)pthread_mutex_lock(lock);
    if (stream->gone || stream->ends) {
        status = HN_CANCELLED;
    } else if (!put(stream, text)) {
        status = stream->queue.status;
        stream->queue.status = HN_OK; /* what is in it is whole */
        stream->ends = true;
        http_count(&stream->server->counters.slow_readers, 1);
        atomic_store(&stream->connection->deadline, 1); /* nobody reads: not until it does */
    }
    wake(stream);
    (void)pthread_mutex_unlock(lock);
    return status;
}

size_t http_stream_queued(struct http_stream *stream)
{
    pthread_mutex_t *lock = http_lock_of(stream->server, stream);
    size_t queued;

    (void)pthread_mutex_lock(lock);
    queued = stream->gone || stream->ends ? SIZE_MAX : stream->queue.len - stream->taken;
    (void)pthread_mutex_unlock(lock);
    return queued;
}

void http_stream_close(struct http_stream *stream)
{
    pthread_mutex_t *lock;

    if (stream == NULL)
        return;
    lock = http_lock_of(stream->server, stream);
    (void)pthread_mutex_lock(lock);
    if (!stream->ends && !stream->gone)
        http_deadline_set(
                stream->connection, http_now(), stream->server->limits.reply_ms, stream->queue.len);
    stream->ends = true;
    wake(stream);
    (void)pthread_mutex_unlock(lock);
    stream_unref(stream);
}

void http_streams_tick(struct http_server *server, int64_t now)
{
    for (struct http_stream *s = server->streams; s != NULL; s = s->next) {
        pthread_mutex_t *lock = http_lock_of(server, s);

        (void)pthread_mutex_lock(lock);
        if (!s->gone && !s->ends && now - s->sent_last > HEARTBEAT_NS && s->queue.len == 0) {
            if (!put(s, hn_text_cstr(s->heartbeat)))
                s->queue.status = HN_OK;
            wake(s);
        }
        (void)pthread_mutex_unlock(lock);
    }
}

void http_streams_end(struct http_server *server)
{
    (void)pthread_mutex_lock(&server->registry);
    for (struct http_stream *s = server->streams; s != NULL; s = s->next) {
        pthread_mutex_t *lock = http_lock_of(server, s);

        (void)pthread_mutex_lock(lock);
        s->ends = true;
        wake(s);
        (void)pthread_mutex_unlock(lock);
    }
    (void)pthread_mutex_unlock(&server->registry);
}

struct http_stream *http_stream_next(const struct http_stream *stream)
{
    return stream->next;
}
