/* analyze_server.c - hands samples to a server, waits for what it says, fetches that. */
#include "app/analyze_server.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/ui.h"
#include "base/mem.h"

#include <string.h>
#include <time.h>

#define ARENA_BYTES_MAX ((size_t)256 << 20)
#define POLL_FIRST_MS   50
#define POLL_MS         1000
#define BUSY_TRIES      600 /* a full queue, half an hour */
#define BUSY_MS         3000

struct asking {
    const struct analyze_server *ask;
    struct remote remote;
    struct hn_text *ids; /* of each path; empty: it was not taken */
    struct hn_arena arena;
};

bool analyze_server_wanted(const struct opt_values *values)
{
    return opt_text(values, O_SERVER) != NULL || opt_text(values, O_DATA_DIR) != NULL;
}

static void pause_ms(long ms)
{
    const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

    (void)nanosleep(&pause, NULL);
}

/* ---- Handing in ---- */

static struct hn_text base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return hn_text_cstr(slash != NULL ? slash + 1 : path);
}

static void write_path(const struct analyze_server *ask, const char *file, struct hn_buf *path)
{
    struct hn_buf passwords = { 0 };

    for (size_t i = 0; i < ask->password_count; i++) {
        if (i > 0)
            hn_buf_add_char(&passwords, '\n');
        hn_buf_add_text(&passwords, ask->passwords[i]);
    }
    hn_buf_add_lit(path, "/v1/samples");
    client_query(path, "name", base_name(file));
    client_query(path, "passwords", hn_buf_text(&passwords));
    hn_buf_add_char(path, '\0');
    hn_buf_deinit(&passwords);
}

/* A full queue is waited for. */
static int post(struct asking *asking, const char *path, struct hn_text body, struct hn_text *ret)
{
    const struct client_request request = {
        .method = "POST", .path = path, .body = body, .content_type = "application/octet-stream"
    };

    for (unsigned i = 0; i < BUSY_TRIES; i++) {
        if (remote_try(&asking->remote, &request, ret) == CLIENT_FINE)
            return EXIT_FINE;
        if (asking->remote.problem.status != 429)
            break;
        pause_ms(BUSY_MS);
    }
    return remote_problem(&asking->remote);
}

static int hand_in(struct asking *asking, size_t index)
{
    const char *file = asking->ask->paths[index];
    struct file_text bytes = { 0 };
    struct hn_buf path = { 0 };
    struct hn_text json = { 0 };
    struct hn_err err = { 0 };
    int code = EXIT_IO;

    if (file_read(file, &bytes, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(file), &err);
        return EXIT_PARTIAL;
    }
    write_path(asking->ask, file, &path);
    if (hn_buf_ok(&path))
        code = post(asking, path.ptr, bytes.text, &json);
    if (code == EXIT_FINE)
        asking->ids[index] =
                hn_arena_text(&asking->arena, client_text(&asking->remote.arena, json, "id"));
    hn_arena_reset(&asking->remote.arena);
    hn_buf_deinit(&path);
    file_text_free(&bytes);
    return code;
}

/* ---- Waiting ---- */

static void path_of(
        const struct asking *asking, size_t index, const char *part, struct hn_buf *path)
{
    hn_buf_add_lit(path, "/v1/samples");
    client_segment(path, asking->ids[index]);
    hn_buf_add_cstr(path, part);
}

/* Until it is done. What is read of the answer is in its own buffer: reports are large. */
static int wait_for(struct asking *asking, size_t index, struct hn_buf *answer, struct hn_err *err)
{
    struct hn_buf path = { 0 };
    long ms = POLL_FIRST_MS;
    int code = EXIT_IO;

    path_of(asking, index, "", &path);
    for (;;) {
        struct hn_arena *arena = &asking->remote.arena;
        struct hn_text json;
        struct hn_text state;
        bool done;

        code = remote_get(&asking->remote, &path, &json);
        if (code != EXIT_FINE)
            break;
        state = client_text(arena, json, "state");
        done = hn_text_eq(state, HN_TEXT("done"));
        if (hn_text_eq(state, HN_TEXT("failed"))) {
            struct hn_text why = client_text(arena, json, "error");

            (void)hn_fail(err, HN_IO, 0, "%.*s", HN_TEXT_ARG(hn_text_sub(why, 0, 120)));
        }
        if (done)
            hn_buf_add_text(answer, json);
        hn_arena_reset(arena);
        if (done || err->status != HN_OK)
            break;
        pause_ms(ms);
        ms = ms * 2 < POLL_MS ? ms * 2 : POLL_MS;
    }
    hn_buf_deinit(&path);
    return code;
}

static int fetch_tree(struct asking *asking, size_t index, struct hn_buf *out)
{
    struct hn_buf path = { 0 };
    struct client_request request = { .method = "GET" };
    int code = EXIT_IO;

    path_of(asking, index, "/tree", &path);
    hn_buf_add_char(&path, '\0');
    request.path = path.ptr;
    if (hn_buf_ok(&path)) {
        code = client_call(asking->remote.client, &request, true, out, &asking->remote.problem) ==
                               CLIENT_FINE
                       ? EXIT_FINE
                       : remote_problem(&asking->remote);
    }
    hn_buf_deinit(&path);
    return code;
}

/* ---- What came of it ---- */

/* The tree is the server's, the bytes are ours. */
static enum hn_status rebuild(
        const char *file, struct hn_text answer, struct analyze_result *result, struct hn_err *err)
{
    struct analyze_limits limits = analyze_limits_default;
    struct file_text bytes = { 0 };
    enum hn_status status = file_read(file, &bytes, err);

    limits.dissect.file_bytes_max = UINT64_MAX; /* what the server took is taken here */
    if (status == HN_OK) {
        hn_buf_add_text(&result->sample.bytes, bytes.text);
        status = hn_buf_ok(&result->sample.bytes) ? HN_OK : hn_fail(err, HN_NOMEM, 0, "sample");
    }
    file_text_free(&bytes);
    if (status == HN_OK) {
        status = dissect_load(hn_text_as_bytes(hn_buf_text(&result->sample.saved)),
                hn_text_as_bytes(hn_buf_text(&result->sample.bytes)), &limits.dissect,
                &result->sample.dissect, err);
    }
    if (status == HN_OK)
        status = analyze_told_read(client_get(&result->arena, answer, "report"), result, err);
    return status == HN_OK ? protect_collect(result->sample.dissect, &result->indicators) : status;
}

static int take_result(struct asking *asking, size_t index)
{
    const char *file = asking->ask->paths[index];
    struct analyze_result result = { .path = file };
    struct hn_buf answer = { 0 };
    int code;

    hn_arena_init(&result.arena, ARENA_BYTES_MAX);
    protect_list_init(&result.indicators, &result.arena);
    code = wait_for(asking, index, &answer, &result.err);
    if (code == EXIT_FINE && result.err.status == HN_OK)
        code = fetch_tree(asking, index, &result.sample.saved);
    result.status = result.err.status;
    if (code == EXIT_FINE && result.status == HN_OK)
        result.status = rebuild(file, hn_buf_text(&answer), &result, &result.err);
    if (code == EXIT_FINE)
        asking->ask->on_result(asking->ask->ctx, index, &result);
    protect_list_deinit(&result.indicators);
    hn_arena_deinit(&result.arena);
    analyze_verdict_deinit(&result.verdict);
    analyze_sample_deinit(&result.sample);
    hn_buf_deinit(&answer);
    return code;
}

static bool print_id(const struct asking *asking, size_t index)
{
    struct hn_buf line = { 0 };
    bool fine;

    hn_buf_add_text(&line, asking->ids[index]);
    hn_buf_add_lit(&line, "  ");
    ui_add_cell(&line, hn_text_cstr(asking->ask->paths[index]), 0);
    hn_buf_add_char(&line, '\n');
    fine = hn_buf_ok(&line) && ui_write(stdout, hn_buf_text(&line));
    hn_buf_deinit(&line);
    return fine;
}

static int ask_all(struct asking *asking)
{
    const struct analyze_server *ask = asking->ask;
    int code = EXIT_FINE;
    bool partial = false;

    for (size_t i = 0; code == EXIT_FINE && i < ask->path_count; i++) {
        code = hand_in(asking, i);
        if (code == EXIT_PARTIAL) {
            partial = true;
            code = EXIT_FINE;
        }
    }
    for (size_t i = 0; code == EXIT_FINE && i < ask->path_count; i++) {
        if (asking->ids[i].len == 0)
            continue;
        if (ask->no_wait)
            code = print_id(asking, i) ? EXIT_FINE : EXIT_IO;
        else
            code = take_result(asking, i);
    }
    return code == EXIT_FINE && partial ? EXIT_PARTIAL : code;
}

int analyze_server_files(const struct analyze_server *ask)
{
    struct asking asking = { .ask = ask };
    int code = EXIT_IO;

    hn_arena_init(&asking.arena, ARENA_BYTES_MAX);
    asking.ids = hn_new(&asking.arena, struct hn_text, ask->path_count);
    if (asking.ids != NULL)
        code = remote_open(ask->values, &asking.remote);
    if (code == EXIT_FINE)
        code = ask_all(&asking);
    remote_close(&asking.remote);
    hn_arena_deinit(&asking.arena);
    return code;
}
