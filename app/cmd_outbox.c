/* cmd_outbox.c - hinomi outbox, outbox requeue: what outputs are still to be told, and what was
 * given up. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/remote_table.h"
#include "app/ui.h"
#include "base/json_out.h"
#include "base/num.h"

enum { O_SINK, O_STATE };

static const struct opt_spec list_options[] = {
    { O_SINK, "sink", '\0', OPT_TEXT, "NAME", NULL, "only of this output", "この出力先だけ" },
    { O_STATE, "state", '\0', OPT_CHOICE, NULL, "pending|claimed|sent|dead",
            "only in this state (default: all)", "この状態だけ(既定: すべて)" },
    OPT_LIST_ROWS,
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec requeue_options[] = {
    { O_SINK, "sink", '\0', OPT_TEXT, "NAME", NULL, "all dead letters of this output",
            "この出力先の断念したもの全部" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};

static const struct remote_column columns[] = {
    { .member = "id", .head = "NO", .head_ja = "番号", .cell = REMOTE_NUMBER, .wide_max = 10 },
    { .member = "sink", .head = "OUTPUT", .head_ja = "出力先", .wide_max = 20 },
    { .member = "state", .head = "STATE", .head_ja = "状態", .cell = REMOTE_WORD, .wide_max = 10 },
    { .member = "kind", .head = "KIND", .head_ja = "種類", .wide_max = 16, .keep = 3 },
    { .member = "alert",
            .head = "ALERT",
            .head_ja = "アラート",
            .cell = REMOTE_NUMBER,
            .wide_max = 9,
            .keep = 2 },
    { .member = "incident",
            .head = "INCIDENT",
            .head_ja = "インシデント",
            .cell = REMOTE_NUMBER,
            .wide_max = 8,
            .keep = 4 },
    { .member = "attempts",
            .head = "TRIES",
            .head_ja = "試行",
            .cell = REMOTE_NUMBER,
            .wide_max = 6 },
    { .member = "next",
            .head = "NEXT TRY",
            .head_ja = "次の試行",
            .cell = REMOTE_TIME,
            .wide_max = 19,
            .keep = 1 },
    { .member = "created",
            .head = "SINCE",
            .head_ja = "作成",
            .cell = REMOTE_TIME,
            .wide_max = 19,
            .keep = 5 },
    { .member = "error", .head = "LAST ERROR", .head_ja = "最後のエラー" },
    { .member = "key", .terse = true },
};
static const struct remote_table table = { columns, HN_COUNT_OF(columns) };

static int list_run(const struct opt_values *values)
{
    const struct remote_list list = { .table = &table,
        .more_name = "after",
        .none = "nothing is to be told",
        .none_ja = "通知待ちはありません" };
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    int code = remote_open(values, &remote);

    hn_buf_add_lit(&path, "/v1/outbox");
    if (opt_text(values, O_SINK) != NULL)
        client_query(&path, "sink", hn_text_cstr(opt_text(values, O_SINK)));
    if (opt_text(values, O_STATE) != NULL)
        client_query(&path, "state", hn_text_cstr(opt_text(values, O_STATE)));
    if (code == EXIT_FINE)
        code = remote_list_show(&remote, values, &path, &list);
    hn_buf_deinit(&path);
    remote_close(&remote);
    return code;
}

/* One row by its number, or all dead ones of an output. */
static int requeue(struct remote *remote, const char *name, const char *sink)
{
    struct hn_buf path = { 0 };
    struct hn_buf body = { 0 };
    struct hn_json_out json = hn_json_out_over(&body);
    struct hn_text answer = { 0 };
    struct hn_text shown = hn_text_cstr(name != NULL ? name : sink != NULL ? sink : "");
    uint64_t id = 0;
    int code;

    if (name != NULL && (!hn_parse_u64(shown, &id) || id == 0))
        return remote_usage("the number that `hinomi outbox` shows is wanted",
                "hinomi outbox に出る番号を指定してください");
    hn_buf_add_lit(&path, "/v1/outbox:requeue");
    hn_json_open(&json, '{');
    if (name != NULL)
        hn_json_pair_u64(&json, "id", id);
    else
        hn_json_pair(&json, "sink", shown);
    hn_json_close(&json, '}');
    code = remote_send_json(remote, "POST", &path, "", &body, &answer);
    if (code == EXIT_FINE) {
        if (client_int(&remote->arena, answer, "count", 0) > 0) {
            remote_say("will be tried again", "もう一度送ります", shown);
        } else {
            remote_say("there is no dead letter", "断念したものはありません", shown);
        }
    }
    hn_buf_deinit(&path);
    hn_buf_deinit(&body);
    return code;
}

static int requeue_run(const struct opt_values *values)
{
    const char *sink = opt_text(values, O_SINK);
    struct remote remote = { .client = NULL };
    int code;

    if ((values->operand_count == 0) == (sink == NULL))
        return remote_usage("numbers, or one --sink, are wanted",
                "番号か、--sink のどちらかを指定してください");
    code = remote_open(values, &remote);
    for (size_t i = 0; i < values->operand_count && code == EXIT_FINE; i++)
        code = requeue(&remote, values->operands[i], NULL);
    if (code == EXIT_FINE && sink != NULL)
        code = requeue(&remote, NULL, sink);
    remote_close(&remote);
    return code;
}

const struct opt_command cmd_outbox = {
    .name = "outbox",
    .summary = "Lists what outputs were and are still to be told",
    .summary_ja = "出力先への通知(待ち・送信済み・断念)を一覧",
    .details = "`hinomi outbox --state dead` shows what was given up, with the last error.",
    .options = list_options,
    .option_count = HN_COUNT_OF(list_options),
    .run = list_run,
};
const struct opt_command cmd_outbox_requeue = {
    .name = "outbox requeue",
    .operands = "[ID...]",
    .summary = "Tries dead letters again",
    .summary_ja = "断念した通知をもう一度送る",
    .options = requeue_options,
    .option_count = HN_COUNT_OF(requeue_options),
    .run = requeue_run,
};
