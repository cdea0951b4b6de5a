/* cmd_watch.c - hinomi watch: alerts as they come, and how the server is doing. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/ui.h"
#include "app/watch_line.h"
#include "base/num.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { O_LAST, O_MAX, O_SECONDS };

#define LAST_DEFAULT  10
#define LAST_MAX      1000
#define STATUS_EVERY  2.0 /* seconds */
#define RETRY_MAX     30.0
#define WAIT_MS       250
#define BEGIN_SECONDS 5.0

static const struct opt_spec options[] = {
    { O_LEVEL, "level", 'l', OPT_CHOICE, NULL, OPT_LEVELS, "only this level and above",
            "このレベル以上だけ" },
    { O_LAST, "last", '\0', OPT_NUMBER, "N", NULL,
            "begin with so many alerts of before (default: 10 on a terminal, else 0)",
            "直近の N 件から始める(既定: 端末では 10、それ以外は 0)" },
    { O_OUTPUT_FORM, "output", 'o', OPT_CHOICE, NULL, "human|jsonl",
            "form of an alert (default: human)", "アラートの形式(既定: human)" },
    { O_MAX, "max", 'n', OPT_NUMBER, "N", NULL, "end after so many alerts", "この件数で終える" },
    { O_SECONDS, "seconds", '\0', OPT_NUMBER, "N", NULL, "end after so long", "この秒数で終える" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

struct watch {
    struct remote remote;
    const struct opt_values *values;
    bool json;
    bool live; /* there is a line below */
    uint64_t shown;
    uint64_t max; /* 0: none */
    int64_t last; /* seq of the last alert that came by the stream */
    char id[32];  /* where the stream goes on; "": from now on */
    bool out_gone;
    struct watch_status status;
    bool may_ask_status;
    double asked;
    bool connected;
    double lost; /* since when */
    double retry;
    double next_try;
};

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void clear_line(const struct watch *watch)
{
    if (watch->live)
        (void)fputs("\r\033[K", stderr);
}

static void draw_line(const struct watch *watch)
{
    struct hn_buf line = { 0 };

    if (!watch->live)
        return;
    hn_buf_add_lit(&line, "\r\033[K");
    watch_status_write(
            &watch->status, watch->connected, seconds() - watch->lost, watch->shown, &line);
    if (hn_buf_ok(&line))
        (void)ui_write(stderr, hn_buf_text(&line));
    hn_buf_deinit(&line);
}

static bool enough(const struct watch *watch)
{
    return watch->out_gone || interrupted != 0 || (watch->max > 0 && watch->shown >= watch->max);
}

static void show(struct watch *watch, struct hn_text alert)
{
    struct hn_buf out = { 0 };

    if (enough(watch))
        return;
    watch->shown++;
    if (watch->json) {
        client_add_json(&out, alert);
        hn_buf_add_char(&out, '\n');
    } else {
        watch_line_write(alert, watch->remote.zone, &watch->remote.arena, &out);
    }
    clear_line(watch);
    if (!hn_buf_ok(&out) || !ui_write(stdout, hn_buf_text(&out)))
        watch->out_gone = true;
    hn_buf_deinit(&out);
}

static void on_event(void *ctx, const struct client_event *event)
{
    struct watch *watch = ctx;

    if (hn_text_eq(event->name, HN_TEXT("alert")) && client_json_whole(event->data)) {
        int64_t seq = client_int(&watch->remote.arena, event->data, "seq", 0);

        /* What was on its way when a connection broke may come twice. */
        if (seq == 0 || seq > watch->last)
            show(watch, event->data);
        watch->last = seq > watch->last ? seq : watch->last;
    }
    hn_arena_reset(&watch->remote.arena);
}

/* ---- The connection ---- */

static void ask_status(struct watch *watch)
{
    const struct client_request request = { .method = "GET", .path = "/v1/status" };
    struct hn_text json;

    if (!watch->live || !watch->may_ask_status || seconds() - watch->asked < STATUS_EVERY)
        return;
    watch->asked = seconds();
    if (remote_try(&watch->remote, &request, &json) == CLIENT_FINE)
        watch_status_take(&watch->status, json, seconds(), &watch->remote.arena);
    else if (watch->remote.problem.trouble == CLIENT_REFUSED)
        watch->may_ask_status = false; /* a token of one tenant sees alerts alone */
    hn_arena_reset(&watch->remote.arena);
}

static int open_stream(struct watch *watch)
{
    const char *level = opt_text(watch->values, O_LEVEL);
    struct hn_buf path = { 0 };
    enum client_trouble trouble;

    hn_buf_add_lit(&path, "/v1/alerts/stream");
    if (level != NULL)
        client_query(&path, "level", hn_text_cstr(level));
    hn_buf_add_char(&path, '\0');
    trouble = hn_buf_ok(&path) ? client_stream_open(watch->remote.client, path.ptr, watch->id,
                                         on_event, watch, &watch->remote.problem)
                               : CLIENT_NO_MEMORY;
    hn_buf_deinit(&path);
    return trouble == CLIENT_FINE ? EXIT_FINE : EXIT_IO;
}

/* Is this the end, or worth another try? Being shut out will not mend itself. */
static bool is_final(const struct watch *watch)
{
    const struct client_problem *problem = &watch->remote.problem;

    return problem->trouble == CLIENT_UNTRUSTED || problem->trouble == CLIENT_NO_CA ||
           problem->trouble == CLIENT_NO_MEMORY ||
           (problem->trouble == CLIENT_REFUSED && problem->status < 500 && problem->status != 429);
}

static void lose(struct watch *watch)
{
    if (watch->connected) {
        watch->lost = seconds();
        watch->retry = 0.5;
        clear_line(watch);
        if (!watch->live)
            ui_warn("%s", UI_TEXT("the connection broke, trying again; nothing is missed",
                                  "接続が切れました。再接続します(取りこぼしはありません)"));
    }
    watch->connected = false;
    client_stream_close(watch->remote.client);
    watch->next_try = seconds() + watch->retry;
    watch->retry = watch->retry * 2 > RETRY_MAX ? RETRY_MAX : watch->retry * 2;
}

static void keep_id(struct watch *watch)
{
    struct hn_text id = client_stream_id(watch->remote.client);

    if (id.len > 0 && id.len < sizeof watch->id)
        (void)snprintf(watch->id, sizeof watch->id, "%.*s", HN_TEXT_ARG(id));
}

/* One turn: what came in, or another try; EXIT_FINE: go on. */
static int turn(struct watch *watch)
{
    static const struct timespec pause = { .tv_nsec = WAIT_MS * 1000000L };

    if (!watch->connected && seconds() < watch->next_try) {
        (void)nanosleep(&pause, NULL);
        return EXIT_FINE;
    }
    if (!watch->connected) {
        const struct client_request request = { .method = "GET", .path = "/v1/session" };

        /* A stream says nothing until there is an alert; this says that the server is there. */
        if (remote_try(&watch->remote, &request, NULL) == CLIENT_FINE)
            watch->connected = open_stream(watch) == EXIT_FINE;
        if (!watch->connected && !is_final(watch))
            lose(watch);
    } else {
        enum client_trouble trouble =
                client_stream_wait(watch->remote.client, WAIT_MS, &watch->remote.problem);

        keep_id(watch);
        if (trouble != CLIENT_FINE && !is_final(watch))
            lose(watch);
        else if (trouble != CLIENT_FINE)
            watch->connected = false;
    }
    if (!watch->connected && is_final(watch)) {
        clear_line(watch);
        return remote_problem(&watch->remote);
    }
    return EXIT_FINE;
}

/* Until the stream says where it begins, so that what was before can be told from what is new. */
static int begin(struct watch *watch)
{
    double began = seconds();
    int code = open_stream(watch);

    watch->connected = true;
    while (code == EXIT_FINE && watch->connected && watch->id[0] == '\0' && !enough(watch) &&
            seconds() - began < BEGIN_SECONDS)
        code = turn(watch);
    return code;
}

/* ---- Before ---- */

/* The newest alerts, oldest first, up to where the stream begins. */
static int show_last(struct watch *watch, uint64_t count)
{
    const char *level = opt_text(watch->values, O_LEVEL);
    struct hn_arena *arena = &watch->remote.arena;
    struct hn_buf path = { 0 };
    struct hn_text items[LAST_MAX];
    struct client_items list;
    struct hn_text json;
    int64_t begin = INT64_MAX;
    size_t found = 0;
    int code;

    if (count == 0)
        return EXIT_FINE;
    (void)hn_parse_i64(hn_text_cstr(watch->id), &begin);
    hn_buf_add_lit(&path, "/v1/alerts");
    if (level != NULL)
        client_query(&path, "level", hn_text_cstr(level));
    client_query_u64(&path, "limit", count);
    code = remote_get(&watch->remote, &path, &json);
    hn_buf_deinit(&path);
    if (code != EXIT_FINE)
        return code;
    list = client_items_of(client_get(arena, json, "items"));
    while (found < count && client_items_next(&list, &items[found]))
        found += client_int(arena, items[found], "seq", 0) <= begin;
    for (size_t i = found; i > 0; i--)
        show(watch, items[i - 1]);
    hn_arena_reset(arena);
    return EXIT_FINE;
}

/* Its own token of this machine lives for minutes only. */
static int renew(struct watch *watch, double *renewed)
{
    int code;

    if (watch->remote.local_token[0] == '\0' || seconds() - *renewed < REMOTE_RENEW_SECONDS)
        return EXIT_FINE;
    *renewed = seconds();
    client_stream_close(watch->remote.client);
    code = remote_renew(&watch->remote);
    if (code == EXIT_FINE)
        code = open_stream(watch);
    return code;
}

static int watch_on(struct watch *watch)
{
    unsigned long life = opt_number(watch->values, O_SECONDS, 0);
    double began = seconds();
    double renewed = began;
    int code = EXIT_FINE;

    while (code == EXIT_FINE && !enough(watch) && (life == 0 || seconds() - began < (double)life)) {
        code = turn(watch);
        if (code == EXIT_FINE && watch->connected)
            code = renew(watch, &renewed);
        if (watch->connected)
            ask_status(watch);
        draw_line(watch);
    }
    clear_line(watch);
    if (code == EXIT_FINE && watch->out_gone)
        code = EXIT_IO;
    return code;
}

static int run(const struct opt_values *values)
{
    struct sigaction action = { .sa_handler = on_signal };
    struct watch watch = { .values = values, .may_ask_status = true };
    unsigned long last = opt_number(values, O_LAST, ui.width > 0 ? LAST_DEFAULT : 0);
    int code;

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    watch.max = opt_number(values, O_MAX, 0);
    watch.json = opt_text(values, O_OUTPUT_FORM) != NULL &&
                 strcmp(opt_text(values, O_OUTPUT_FORM), "jsonl") == 0;
    code = remote_open(values, &watch.remote);
    watch.live = ui.progress && ui.width > 0;
    if (code == EXIT_FINE)
        code = begin(&watch);
    if (code == EXIT_FINE)
        code = show_last(&watch, last > LAST_MAX ? LAST_MAX : last);
    if (code == EXIT_FINE)
        code = watch_on(&watch);
    remote_close(&watch.remote);
    return code;
}

const struct opt_command cmd_watch = {
    .name = "watch",
    .summary = "Shows the alerts of a server as they come",
    .summary_ja = "サーバーのアラートを届くたびに表示する",
    .details = "On a terminal the last line says how many events a second are judged, how far that "
               "is behind, and how long it will take to catch up. When the connection breaks it is "
               "made again, and goes on behind the last alert that was shown. Ctrl-C ends it.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = run,
};
