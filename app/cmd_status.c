/* cmd_status.c - hinomi status: is the server ready, does it keep up, what comes from where. */
#include "app/alert_view.h"
#include "app/cells.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/ui.h"

#include "base/escape.h"

enum { O_JSON };

static const struct opt_spec options[] = {
    { O_JSON, "json", '\0', OPT_FLAG, NULL, NULL, "the answer of the API as one line of JSON",
            "API の応答を JSON 1行で" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};

static const struct remote_column columns[] = {
    { .member = "name", .head = "SOURCE", .head_ja = "ソース" },
    { .member = "events",
            .head = "EVENTS",
            .head_ja = "イベント",
            .cell = REMOTE_NUMBER,
            .wide_max = 14 },
    { .member = "alerts",
            .head = "ALERTS",
            .head_ja = "アラート",
            .cell = REMOTE_NUMBER,
            .wide_max = 9 },
    { .member = "damaged",
            .head = "DAMAGED",
            .head_ja = "破損",
            .cell = REMOTE_NUMBER,
            .wide_max = 9,
            .keep = 1 },
    { .member = "refused",
            .head = "REFUSED",
            .head_ja = "拒否",
            .cell = REMOTE_NUMBER,
            .wide_max = 9,
            .keep = 2 },
    { .member = "received",
            .head = "LAST HEARD",
            .head_ja = "最後の受信",
            .cell = REMOTE_TIME,
            .wide_max = 19 },
};
static const struct remote_table table = { columns, HN_COUNT_OF(columns) };

static void verdict(bool ready, struct hn_buf *out)
{
    hn_buf_add_cstr(out, ui_style(ready ? UI_GREEN : UI_RED, ui.color_out));
    hn_buf_add_cstr(
            out, ready ? UI_TEXT("ready", "準備完了") : UI_TEXT("NOT READY", "準備できていません"));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
}

static void amounts(struct hn_text json, struct hn_arena *arena, struct hn_buf *out)
{
    struct hn_text engine = client_get(arena, json, "engine");
    struct hn_text journal = client_get(arena, json, "journal");
    int64_t behind = client_int(arena, engine, "behind_bytes", 0);
    struct hn_buf text = { 0 };

    ui_add_count(&text, (uint64_t)client_int(arena, engine, "events", 0));
    hn_buf_add_cstr(&text, UI_TEXT(" events, ", " イベント、"));
    ui_add_count(&text, (uint64_t)client_int(arena, engine, "alerts", 0));
    hn_buf_add_cstr(&text, UI_TEXT(" alerts since the start", " アラート(起動から)"));
    view_fact(out, "Judged", "判定", hn_buf_text(&text));
    hn_buf_reset(&text);
    if (behind > REMOTE_BEHIND_MIN) {
        ui_add_bytes(&text, (uint64_t)behind);
        hn_buf_add_cstr(&text, UI_TEXT(" are still to be judged", " が未判定"));
    } else {
        hn_buf_add_cstr(&text, UI_TEXT("nothing: everything received is judged", "なし"));
    }
    view_fact(out, "Behind", "遅れ", hn_buf_text(&text));
    hn_buf_reset(&text);
    ui_add_bytes(&text, (uint64_t)client_int(arena, journal, "disk_bytes", 0));
    hn_buf_add_cstr(&text, UI_TEXT(" on disk, ", " 使用、空き "));
    ui_add_bytes(&text, (uint64_t)client_int(arena, journal, "disk_free", 0));
    hn_buf_add_cstr(&text, UI_TEXT(" free", ""));
    if (client_is(arena, journal, "failed")) {
        hn_buf_add_cstr(
                &text, UI_TEXT("; THE JOURNAL HAS FAILED: see journalctl -u hinomi",
                               "、ジャーナルが故障しています: journalctl -u hinomi を確認"));
    }
    view_fact(out, "Journal", "ジャーナル", hn_buf_text(&text));
    hn_buf_deinit(&text);
}

static void samples(struct hn_text json, struct hn_arena *arena, struct hn_buf *out)
{
    struct hn_text samples = client_get(arena, json, "samples");
    struct hn_buf text = { 0 };

    ui_add_count(&text, (uint64_t)client_int(arena, samples, "kept", 0));
    hn_buf_add_cstr(&text, UI_TEXT(" kept (", " 件を保管("));
    ui_add_bytes(&text, (uint64_t)client_int(arena, samples, "bytes", 0));
    hn_buf_add_cstr(&text, UI_TEXT("), waiting ", ")、待ち "));
    ui_add_count(&text, (uint64_t)(client_int(arena, samples, "queued", 0) +
                                   client_int(arena, samples, "running", 0)));
    if (client_int(arena, samples, "workers", 0) == 0)
        hn_buf_add_cstr(&text, UI_TEXT("; NO WORKER: none is analysed", "、解析プロセスなし"));
    view_fact(out, "Samples", "検体", hn_buf_text(&text));
    hn_buf_deinit(&text);
}

static void sources(
        struct hn_text json, const struct hn_zone *zone, struct hn_arena *arena, struct hn_buf *out)
{
    struct client_items items = client_items_of(client_get(arena, json, "sources"));
    struct remote_rows rows = { .text = { 0 } };
    struct hn_text item;
    bool any = false;

    while (client_items_next(&items, &item)) {
        remote_rows_add(&rows, item);
        any = true;
    }
    hn_buf_add_char(out, '\n');
    if (any)
        remote_table_human(&table, &rows, zone, arena, out);
    else
        hn_buf_add_cstr(out, UI_TEXT("nothing has come in since the start\n",
                                     "起動からまだ何も届いていません\n"));
    remote_rows_deinit(&rows);
}

static void screen(struct hn_text json, const struct remote *remote, struct hn_arena *arena,
        struct hn_buf *out)
{
    hn_time started = client_time(arena, json, "started");
    hn_time now = client_time(arena, json, "now");
    struct hn_buf text = { 0 };

    hn_terminal_text(out, hn_text_cstr(remote->settings.server));
    hn_buf_add_lit(out, "  ");
    verdict(client_is(arena, json, "ready"), out);
    hn_buf_add_char(out, '\n');
    hn_buf_add_text(&text, client_text(arena, json, "version"));
    if (started > 0 && now > started) {
        hn_buf_add_cstr(&text, UI_TEXT(", running for ", "、稼働 "));
        cell_duration(&text, now - started);
    }
    view_fact(out, "Version", "版", hn_buf_text(&text));
    hn_buf_reset(&text);
    ui_add_count(&text, (uint64_t)client_int(arena, json, "rules", 0));
    hn_buf_add_cstr(&text, UI_TEXT(" (set ", "(セット "));
    hn_buf_add_text(&text, hn_text_sub(client_text(arena, json, "set"), 0, 12));
    hn_buf_add_char(&text, ')');
    view_fact(out, "Rules", "ルール", hn_buf_text(&text));
    hn_buf_deinit(&text);
    amounts(json, arena, out);
    if (client_get(arena, json, "samples").ptr != NULL) /* older servers know of none */
        samples(json, arena, out);
    sources(json, remote->zone, arena, out);
}

static int run(const struct opt_values *values)
{
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    struct hn_buf out = { 0 };
    struct hn_text json = { 0 };
    int code = remote_open(values, &remote);

    hn_buf_add_lit(&path, "/v1/status");
    if (code == EXIT_FINE)
        code = remote_get(&remote, &path, &json);
    if (code == EXIT_FINE) {
        if (opt_flag(values, O_JSON)) {
            client_add_json(&out, json);
            hn_buf_add_char(&out, '\n');
        } else {
            screen(json, &remote, &remote.arena, &out);
        }
        if (!hn_buf_ok(&out) || !ui_write(stdout, hn_buf_text(&out)) ||
                !client_is(&remote.arena, json, "ready"))
            code = EXIT_IO;
    }
    hn_buf_deinit(&path);
    hn_buf_deinit(&out);
    remote_close(&remote);
    return code;
}

const struct opt_command cmd_status = {
    .name = "status",
    .summary = "Says whether a server is ready, keeps up, and what comes from where",
    .summary_ja = "サーバーが準備完了か、遅れはないか、どこから何が届いているか",
    .details = "The exit status is 0 when the server is ready and 4 when it is not, or does not "
               "answer.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = run,
};
