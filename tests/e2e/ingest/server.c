/* server.c - the HTTP doors on a real journal, for the end-to-end tests of ingest.py.
 *
 *     ingest_server DIR [--tls] [--token SECRET] [--rate BYTES] [--pending BYTES] [--body BYTES]
 *                   [--head-ms MS] [--bodies BYTES] [--die]
 *     ingest_server DIR --dump        what is in the journal, one JSON object a batch
 *
 * Says "port N" when it listens. SIGHUP reads the certificate again; SIGTERM ends it. With --die it
 * kills itself at the first batch that became durable, before the answer is sent. */
#include "base/json_out.h"
#include "base/mem.h"
#include "base/num.h"
#include "ingest/ingest.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

struct serve_options {
    const char *dir;
    const char *token;
    uint64_t rate;
    uint64_t pending;
    struct http_limits limits;
    size_t body;
    bool tls;
    bool dump;
};

static bool die_when_durable;

/* ---- The crash between commit and answer: the linker puts this in front of intake_submit() ----
 */

struct watched {
    journal_on_done *on_done;
    void *ctx;
};

static void on_durable(void *ctx, enum hn_status status)
{
    struct watched watched = *(struct watched *)ctx;

    hn_free(ctx);
    if (status == HN_OK && die_when_durable)
        (void)raise(SIGKILL);
    watched.on_done(watched.ctx, status);
}

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): ld's --wrap names them
 */
enum hn_status __real_intake_submit(struct intake *intake, const struct intake_batch *batch,
        journal_on_done *on_done, void *ctx, uint32_t *ret_retry_ms, struct hn_err *err);
enum hn_status __wrap_intake_submit(struct intake *intake, const struct intake_batch *batch,
        journal_on_done *on_done, void *ctx, uint32_t *ret_retry_ms, struct hn_err *err);

enum hn_status __wrap_intake_submit(struct intake *intake, const struct intake_batch *batch,
        journal_on_done *on_done, void *ctx, uint32_t *ret_retry_ms, struct hn_err *err)
{
    struct watched *watched = hn_malloc(sizeof *watched);
    enum hn_status status;

    if (watched == NULL)
        return HN_NOMEM;
    *watched = (struct watched){ on_done, ctx };
    status = __real_intake_submit(intake, batch, on_durable, watched, ret_retry_ms, err);
    if (status != HN_OK)
        hn_free(watched);
    return status;
}

/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* ---- Routes that only tests need ---- */

static void *answer_late(void *ctx)
{
    const struct timespec a_moment = { 0, 300 * 1000000L };

    (void)nanosleep(&a_moment, NULL);
    http_answer(ctx, &(struct http_answer){ .status = 200, .body = HN_TEXT("{\"late\":true}") });
    return NULL;
}

static void on_late(void *ctx, struct http_request *request)
{
    pthread_t thread;

    (void)ctx;
    if (pthread_create(&thread, NULL, answer_late, request) != 0)
        http_answer_problem(request, 500, HN_TEXT("no thread"));
    else
        (void)pthread_detach(thread);
}

/* Numbers every 20 ms, ?bytes= each, until the client is gone or too slow. */
static void *send_numbers(void *ctx)
{
    const struct timespec tick = { 0, 20 * 1000000L };
    struct http_stream *stream = ctx;
    struct hn_buf line = { 0 };

    for (uint64_t i = 0; i < 500; i++) {
        hn_buf_reset(&line);
        hn_buf_addf(&line, "id: %llu\ndata: ", (unsigned long long)i);
        hn_buf_add_repeat(&line, 'x', 65536);
        hn_buf_add_lit(&line, "\n\n");
        if (http_stream_send(stream, hn_buf_text(&line)) != HN_OK)
            break;
        (void)nanosleep(&tick, NULL);
    }
    hn_buf_deinit(&line);
    http_stream_close(stream);
    return NULL;
}

static void on_stream(void *ctx, struct http_request *request)
{
    struct http_stream_options options = { .queue_bytes_max = 1 << 20 };
    struct http_stream *stream;
    pthread_t thread;

    (void)ctx;
    if (http_stream_start(request, &options, &stream) != HN_OK)
        return;
    if (pthread_create(&thread, NULL, send_numbers, stream) != 0)
        http_stream_close(stream);
    else
        (void)pthread_detach(thread);
}

static void on_counters(void *ctx, struct http_request *request)
{
    struct http_counters counters = http_server_counters(ctx);
    struct hn_buf body = { 0 };
    struct hn_json_out out = hn_json_out_over(&body);

    hn_json_open(&out, '{');
#define COUNTER(name, text) hn_json_pair_u64(&out, #name, counters.name);
    HTTP_COUNTER_LIST(COUNTER)
#undef COUNTER
    hn_json_pair_u64(&out, "open_connections", counters.open_connections);
    hn_json_pair_u64(&out, "open_streams", counters.open_streams);
    hn_json_pair_u64(&out, "held_bytes", counters.held_bytes);
    hn_json_close(&out, '}');
    http_answer(request, &(struct http_answer){ .status = 200, .body = hn_buf_text(&body) });
    hn_buf_deinit(&body);
}

/* What the request looks like from inside. */
static void on_echo(void *ctx, struct http_request *request)
{
    struct hn_buf body = { 0 };
    struct hn_json_out out = hn_json_out_over(&body);
    struct hn_text value;

    (void)ctx;
    hn_json_open(&out, '{');
    hn_json_pair(&out, "name", http_request_param(request, "name"));
    hn_json_pair(&out, "path", http_request_path(request));
    hn_json_pair(&out, "host", http_request_host(request));
    hn_json_pair_u64(&out, "origin", (uint64_t)http_request_origin(request));
    if (http_request_query(request, "q", &value))
        hn_json_pair(&out, "q", value);
    if (http_request_cookie(request, "session", &value))
        hn_json_pair(&out, "session", value);
    hn_json_close(&out, '}');
    http_answer(request, &(struct http_answer){ .status = 200, .body = hn_buf_text(&body) });
    hn_buf_deinit(&body);
}

static const struct http_route test_routes[] = {
    { "GET", "/v1/test/late", "late", on_late, NULL, 0, 0 },
    { "GET", "/v1/test/stream", "stream", on_stream, NULL, 0, 0 },
    { "GET", "/v1/test/counters", "counters", on_counters, NULL, 0, 0 },
    { "GET", "/v1/test/echo/{name}", "echo", on_echo, NULL, 0, 0 },
};

/* ---- Life ---- */

static enum ingest_access on_token(void *ctx, const struct http_request *request,
        struct hn_text user, struct hn_text secret, struct ingest_grant *ret_grant)
{
    const struct serve_options *options = ctx;

    (void)request;
    (void)user;
    (void)snprintf(ret_grant->source, sizeof ret_grant->source, "tested");
    if (hn_text_eq(secret, HN_TEXT("viewer")))
        return INGEST_FORBIDDEN;
    return hn_text_eq(secret, hn_text_cstr(options->token)) ? INGEST_ALLOWED : INGEST_UNKNOWN;
}

static void fail(const char *what, const struct hn_err *err)
{
    (void)fprintf(stderr, "%s: %s\n", what, err->msg);
    exit(1);
}

static void each_batch(struct journal *journal,
        void (*on_batch)(void *ctx, const struct intake_batch *batch, hn_time received), void *ctx)
{
    struct journal_reader *reader;
    struct journal_record record;
    struct intake_batch batch;
    struct hn_err err = { 0 };

    if (journal_reader_open(journal, 0, &reader, &err) != HN_OK)
        fail("journal", &err);
    while (journal_read(reader, 0, &record, &err) == HN_OK) {
        if (record.kind == JOURNAL_BATCH &&
                intake_batch_read(record.payload, &batch, &err) == HN_OK)
            on_batch(ctx, &batch, record.received);
    }
    journal_reader_close(reader);
}

static void recall(void *ctx, const struct intake_batch *batch, hn_time received)
{
    intake_recall(ctx, batch, received);
}

static void dump(void *ctx, const struct intake_batch *batch, hn_time received)
{
    struct hn_buf line = { 0 };
    struct hn_json_out out = hn_json_out_over(&line);

    (void)ctx;
    (void)received;
    hn_json_open(&out, '{');
    hn_json_pair(&out, "source", batch->source);
    hn_json_pair(&out, "format", batch->format);
    hn_json_pair(&out, "stream", batch->stream);
    hn_json_pair(&out, "key", batch->key);
    hn_json_pair(&out, "body", hn_bytes_as_text(batch->body));
    hn_json_close(&out, '}');
    (void)printf("%.*s\n", HN_TEXT_ARG(hn_buf_text(&line)));
    hn_buf_deinit(&line);
}

static uint64_t number(const char *text)
{
    uint64_t value = 0;

    if (text == NULL || !hn_parse_u64(hn_text_cstr(text), &value))
        exit(2);
    return value;
}

static struct serve_options read_options(char **argv)
{
    struct serve_options options = { .dir = argv[1] };

    for (char **arg = argv + 2; *arg != NULL; arg++) {
        if (strcmp(*arg, "--tls") == 0)
            options.tls = true;
        else if (strcmp(*arg, "--dump") == 0)
            options.dump = true;
        else if (strcmp(*arg, "--die") == 0)
            die_when_durable = true;
        else if (strcmp(*arg, "--token") == 0)
            options.token = *++arg;
        else if (strcmp(*arg, "--rate") == 0)
            options.rate = number(*++arg);
        else if (strcmp(*arg, "--pending") == 0)
            options.pending = number(*++arg);
        else if (strcmp(*arg, "--body") == 0)
            options.body = (size_t)number(*++arg);
        else if (strcmp(*arg, "--bodies") == 0)
            options.limits.bodies_bytes = (size_t)number(*++arg);
        else if (strcmp(*arg, "--head-ms") == 0)
            options.limits.head_ms = (uint32_t)number(*++arg);
        else if (strcmp(*arg, "--body-ms") == 0)
            options.limits.body_ms = (uint32_t)number(*++arg);
        else
            exit(2);
    }
    return options;
}

static struct http_server *serve(const struct serve_options *options, struct ingest *ingest)
{
    static struct http_door door;
    struct http_listener listener = { "127.0.0.1", 0, options->tls };
    struct hn_buf certificate = { 0 };
    struct hn_buf key = { 0 };
    struct http_options http = {
        .listeners = &listener, .listener_count = 1, .limits = options->limits
    };
    struct http_server *server = NULL;
    struct hn_err err = { 0 };

    hn_buf_addf(&certificate, "%s/server.crt%c", options->dir, 0);
    hn_buf_addf(&key, "%s/server.key%c", options->dir, 0);
    http.certificate = certificate.ptr;
    http.key = key.ptr;
    if (http_server_new(&http, &server, &err) != HN_OK)
        fail("server", &err);
    door.ctx = server;
    if (ingest_register(ingest, server, &err) != HN_OK ||
            http_server_routes(server, &door, test_routes, HN_COUNT_OF(test_routes), &err) !=
                    HN_OK ||
            http_server_start(server, &err) != HN_OK)
        fail("server", &err);
    hn_buf_deinit(&certificate);
    hn_buf_deinit(&key);
    (void)printf("port %u\n", (unsigned)http_server_port(server, 0));
    (void)fflush(stdout);
    return server;
}

static void wait_for_end(struct http_server *server, const sigset_t *signals)
{
    struct hn_err err = { 0 };
    int number;

    while (sigwait(signals, &number) == 0 && number == SIGHUP) {
        if (http_server_reload_certificate(server, &err) != HN_OK)
            (void)fprintf(stderr, "certificate: %s\n", err.msg);
        else
            (void)printf("reloaded\n");
        (void)fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    struct serve_options options;
    struct journal_options journal_options = { .commit_delay_us = 0 };
    struct journal *journal;
    struct intake *intake = NULL;
    struct ingest *ingest;
    struct http_server *server;
    struct hn_buf dir = { 0 };
    struct hn_err err = { 0 };
    sigset_t signals;

    if (argc < 2)
        return 2;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGPIPE); /* blocked, never waited for in vain: see below */
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)sigdelset(&signals, SIGPIPE);
    options = read_options(argv);
    hn_buf_addf(&dir, "%s/journal%c", options.dir, 0);
    journal_options.dir = dir.ptr;
    journal_options.pending_bytes_max = (size_t)options.pending;
    if (journal_open(&journal_options, NULL, NULL, &journal, &err) != HN_OK ||
            intake_new(journal, &intake, &err) != HN_OK)
        fail("journal", &err);
    if (options.dump) {
        each_batch(journal, dump, NULL);
        intake_free(intake);
        journal_close(journal);
        hn_buf_deinit(&dir);
        return 0;
    }
    each_batch(journal, recall, intake);
    if (options.rate > 0) {
        struct intake_source_limits limits = { .bytes_per_second = options.rate };

        if (intake_source(intake, HN_TEXT("http"), &limits) != HN_OK ||
                intake_source(intake, HN_TEXT("noisy"), &limits) != HN_OK)
            fail("intake", &err);
    }
    if (ingest_new(&(struct ingest_options){ .intake = intake,
                           .on_token = options.token == NULL ? NULL : on_token,
                           .ctx = &options,
                           .body_bytes_max = options.body },
                &ingest, &err) != HN_OK)
        fail("ingest", &err);
    server = serve(&options, ingest);
    wait_for_end(server, &signals);
    http_server_stop(server, 3000);
    while (http_server_counters(server).open_streams > 0) /* their threads see it within a tick */
        (void)nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    journal_close(journal);
    intake_free(intake);
    http_server_free(server);
    ingest_free(ingest);
    hn_buf_deinit(&dir);
    return 0;
}
