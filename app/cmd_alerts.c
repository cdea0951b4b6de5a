/* cmd_alerts.c - hinomi alerts, alerts show, alerts set: the inbox of an analyst. */
#include "app/alert_view.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/input_options.h"
#include "app/ui.h"
#include "app/work_options.h"

enum { O_HOST, O_USER, O_ADDRESS, O_SOURCE, O_FAMILY, O_INCIDENT, O_HIDDEN, O_JSON, O_ALONE };

static const struct opt_spec list_options[] = {
    OPT_WORK_FILTER_ROWS,
    { O_RULE, "rule", '\0', OPT_TEXT, "ID", NULL, "only alerts of the rule with this id",
            "この ID のルールのアラートだけ" },
    { O_HOST, "host", '\0', OPT_TEXT, "NAME", NULL, "only of this host", "このホストだけ" },
    { O_USER, "user", '\0', OPT_TEXT, "NAME", NULL, "only of this user", "このユーザーだけ" },
    { O_ADDRESS, "address", '\0', OPT_TEXT, "IP", NULL, "only with this address",
            "このアドレスを含むものだけ" },
    { O_SOURCE, "source", '\0', OPT_TEXT, "NAME", NULL, "only of this source", "このソースだけ" },
    { O_FAMILY, "family", '\0', OPT_TEXT, "NAME", NULL, "only of this family of malware",
            "このマルウェアファミリーだけ" },
    { O_INCIDENT, "incident", '\0', OPT_NUMBER, "N", NULL, "only those of this incident",
            "このインシデントのものだけ" },
    { O_HIDDEN, "hidden", '\0', OPT_CHOICE, NULL, "no|only|also",
            "those that a silence, an exception or a repetition hides (default: no)",
            "消音・例外・繰り返しで隠れたもの(既定: no)" },
    OPT_LIST_ROWS,
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec show_options[] = {
    { O_JSON, "json", '\0', OPT_FLAG, NULL, NULL, "the answer of the API as one line of JSON",
            "API の応答を JSON 1行で" },
    { O_ALONE, "alone", '\0', OPT_FLAG, NULL, NULL,
            "without the processes and events around it, which take the server a moment",
            "前後のプロセスとイベントを出さない(サーバーの負荷が小さい)" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec set_options[] = {
    OPT_WORK_CHANGE_ROWS,
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};

/* ---- List ---- */

static void add_option(
        const struct opt_values *values, unsigned id, const char *name, struct hn_buf *path)
{
    const char *text = opt_text(values, id);

    if (text != NULL)
        client_query(path, name, hn_text_cstr(text));
}

static int list_path(
        const struct opt_values *values, const struct hn_zone *zone, struct hn_buf *path)
{
    struct hn_buf words = { 0 };
    int code;

    hn_buf_add_lit(path, "/v1/alerts");
    code = work_filter(values, zone, path);
    add_option(values, O_RULE, "rule_id", path);
    add_option(values, O_HOST, "host", path);
    add_option(values, O_USER, "user", path);
    add_option(values, O_ADDRESS, "address", path);
    add_option(values, O_SOURCE, "source", path);
    add_option(values, O_FAMILY, "family", path);
    add_option(values, O_HIDDEN, "hidden", path);
    if (opt_number(values, O_INCIDENT, 0) > 0)
        client_query_u64(path, "incident", opt_number(values, O_INCIDENT, 0));
    for (size_t i = 0; i < values->operand_count; i++)
        hn_buf_addf(&words, "%s%s", i > 0 ? " " : "", values->operands[i]);
    client_query(path, "text", hn_buf_text(&words));
    hn_buf_deinit(&words);
    return code;
}

static int list_run(const struct opt_values *values)
{
    const struct remote_list list = { .table = &alert_table,
        .more_name = "cursor",
        .none = "no alerts",
        .none_ja = "アラートはありません" };
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    int code = remote_open(values, &remote);

    if (code == EXIT_FINE)
        code = list_path(values, remote.zone, &path);
    if (code == EXIT_FINE)
        code = remote_list_show(&remote, values, &path, &list);
    hn_buf_deinit(&path);
    remote_close(&remote);
    return code;
}

/* ---- Show ---- */

/* What is around it; an alert is shown without where the server cannot tell. */
static void get_context(struct remote *remote, struct hn_text id, struct hn_buf *context)
{
    struct client_request request = { .method = "GET" };
    struct hn_buf path = { 0 };
    struct hn_text json;

    alert_path(id, "/context", &path);
    hn_buf_add_char(&path, '\0');
    request.path = path.ptr;
    if (hn_buf_ok(&path) && remote_try(remote, &request, &json) == CLIENT_FINE)
        hn_buf_add_text(context, json);
    else
        ui_warn("%s", UI_TEXT("what is around the alert cannot be shown now",
                              "アラートの前後を今は表示できません"));
    hn_buf_deinit(&path);
}

static int show_view(struct remote *remote, const struct opt_values *values, struct hn_text id,
        struct hn_text detail, struct hn_buf *out)
{
    struct hn_buf context = { 0 };
    struct hn_buf path = { 0 };
    struct hn_text history = { 0 };
    int code;

    if (!opt_flag(values, O_ALONE))
        get_context(remote, id, &context);
    alert_path(id, "/history", &path);
    code = remote_get(remote, &path, &history);
    if (code == EXIT_FINE)
        alert_view_write(detail, history, hn_buf_text(&context), remote->zone, &remote->arena, out);
    hn_buf_deinit(&context);
    hn_buf_deinit(&path);
    return code;
}

static const char wanted[] = "the number or id of an alert is wanted";
static const char wanted_ja[] = "アラートの番号か ID を指定してください";

static int show_one(struct remote *remote, const struct opt_values *values, const char *name)
{
    struct hn_buf path = { 0 };
    struct hn_buf detail = { 0 };
    struct hn_buf out = { 0 };
    struct hn_text json = { 0 };
    struct hn_text id;
    int code = alert_find(remote, name, &id);

    if (code == EXIT_FINE) {
        alert_path(id, "", &path);
        code = remote_get(remote, &path, &json);
        hn_buf_add_text(&detail, json);
    }
    if (code == EXIT_FINE && opt_flag(values, O_JSON)) {
        client_add_json(&out, json);
        hn_buf_add_char(&out, '\n');
    } else if (code == EXIT_FINE) {
        hn_buf_add_cstr(&out, name == values->operands[0] ? "" : "\n");
        code = show_view(remote, values, id, hn_buf_text(&detail), &out);
    }
    if (code == EXIT_FINE && (!hn_buf_ok(&out) || !ui_write(stdout, hn_buf_text(&out))))
        code = EXIT_IO;
    hn_buf_deinit(&path);
    hn_buf_deinit(&detail);
    hn_buf_deinit(&out);
    return code;
}

static int show_run(const struct opt_values *values)
{
    return remote_each(values, wanted, wanted_ja, show_one);
}

/* ---- Set ---- */

static int set_one(struct remote *remote, const struct opt_values *values, const char *name)
{
    struct hn_buf path = { 0 };
    struct hn_text id;
    int code = alert_find(remote, name, &id);

    if (code == EXIT_FINE) {
        alert_path(id, "", &path);
        code = work_change(remote, values, &path, name);
    }
    hn_buf_deinit(&path);
    return code;
}

static int set_run(const struct opt_values *values)
{
    int code = work_change_check(values);

    return code == EXIT_FINE ? remote_each(values, wanted, wanted_ja, set_one) : code;
}

/* ---- Tables ---- */

const struct opt_command cmd_alerts = {
    .name = "alerts",
    .operands = "[WORD...]",
    .summary = "Lists the alerts of a server, newest first",
    .summary_ja = "サーバーのアラートを新しい順に一覧",
    .details = "Words are looked for in titles, rules, hosts, users, addresses and evidence; each "
               "may be the beginning of a word. The number in the first column names an alert for "
               "`hinomi alerts show` and `hinomi alerts set`.",
    .options = list_options,
    .option_count = HN_COUNT_OF(list_options),
    .run = list_run,
};
const struct opt_command cmd_alerts_show = {
    .name = "alerts show",
    .operands = "ID...",
    .summary = "Shows alerts: what fired on which bytes, why, what to check next",
    .summary_ja = "アラートの詳細(一致箇所、理由、次の確認、誤検知の条件、履歴)",
    .details = "ID is the number that `hinomi alerts` shows, or the id of 32 digits.",
    .options = show_options,
    .option_count = HN_COUNT_OF(show_options),
    .run = show_run,
};
const struct opt_command cmd_alerts_set = {
    .name = "alerts set",
    .operands = "ID...",
    .summary = "Changes status, verdict and assignee of alerts, or adds a comment",
    .summary_ja = "アラートの状態・判定・担当を変え、コメントを書く",
    .details = "Closing one wants a verdict. ID is the number that `hinomi alerts` shows, or the "
               "id of 32 digits.",
    .options = set_options,
    .option_count = HN_COUNT_OF(set_options),
    .run = set_run,
};
