/* cmd_incidents.c - hinomi incidents, incidents show, set, merge, split. */
#include "app/alert_view.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/ui.h"
#include "app/work_options.h"
#include "base/escape.h"
#include "base/json_out.h"
#include "base/num.h"

#include <stdio.h>

enum { O_FAMILY, O_ENTITY, O_OPEN, O_JSON };

#define ALERTS_SHOWN 30

static const struct opt_spec list_options[] = {
    { O_OPEN, "open", '\0', OPT_FLAG, NULL, NULL, "only those that are not closed",
            "完了していないものだけ" },
    OPT_WORK_FILTER_ROWS,
    { O_FAMILY, "family", '\0', OPT_TEXT, "NAME", NULL, "only of this family of malware",
            "このマルウェアファミリーだけ" },
    { O_ENTITY, "entity", '\0', OPT_TEXT, "NAME", NULL,
            "only with this host, user or address in them",
            "このホスト・ユーザー・アドレスを含むものだけ" },
    OPT_LIST_ROWS,
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec show_options[] = {
    { O_JSON, "json", '\0', OPT_FLAG, NULL, NULL, "the answer of the API as one line of JSON",
            "API の応答を JSON 1行で" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec set_options[] = {
    OPT_WORK_CHANGE_ROWS,
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec plain_options[] = { OPT_SERVER_ROWS, OPT_SHOW_ROWS };

static const struct remote_column columns[] = {
    { .member = "id", .head = "NO", .head_ja = "番号", .cell = REMOTE_NUMBER, .wide_max = 8 },
    { .member = "level",
            .head = "LEVEL",
            .head_ja = "レベル",
            .cell = REMOTE_LEVEL,
            .wide_max = 8 },
    { .member = "confidence",
            .head = "SURE",
            .head_ja = "確からしさ",
            .cell = REMOTE_NUMBER,
            .wide_max = 4 },
    { .member = "alerts",
            .head = "ALERTS",
            .head_ja = "件数",
            .cell = REMOTE_NUMBER,
            .wide_max = 9,
            .keep = 2 },
    { .member = "first",
            .head = "FIRST SEEN",
            .head_ja = "最初",
            .cell = REMOTE_TIME,
            .wide_max = 19 },
    { .member = "last",
            .head = "LAST SEEN",
            .head_ja = "最後",
            .cell = REMOTE_TIME,
            .wide_max = 19,
            .keep = 5 },
    { .member = "status",
            .head = "STATUS",
            .head_ja = "状態",
            .cell = REMOTE_WORD,
            .wide_max = 11,
            .keep = 1 },
    { .member = "verdict",
            .head = "VERDICT",
            .head_ja = "判定",
            .cell = REMOTE_WORD,
            .wide_max = 17,
            .keep = 6 },
    { .member = "assignee", .head = "WHO", .head_ja = "担当", .wide_max = 12, .keep = 4 },
    { .member = "family", .head = "FAMILY", .head_ja = "ファミリー", .wide_max = 16, .keep = 3 },
    { .member = "title", .head = "INCIDENT", .head_ja = "インシデント" },
    { .member = "tenant", .terse = true },
    { .member = "opened", .terse = true },
    { .member = "closed", .terse = true },
    { .member = "tags", .terse = true },
};
static const struct remote_table table = { columns, HN_COUNT_OF(columns) };

/* ---- List ---- */

static void add_option(
        const struct opt_values *values, unsigned id, const char *name, struct hn_buf *path)
{
    const char *text = opt_text(values, id);

    if (text != NULL)
        client_query(path, name, hn_text_cstr(text));
}

static int list_run(const struct opt_values *values)
{
    const struct remote_list list = { .table = &table,
        .more_name = "cursor",
        .none = "no incidents",
        .none_ja = "インシデントはありません" };
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    int code;

    if (values->operand_count > 0)
        return remote_usage("no operands are taken: hinomi incidents show ID shows one",
                "引数は取りません。一件の表示は hinomi incidents show ID です");
    code = remote_open(values, &remote);
    hn_buf_add_lit(&path, "/v1/incidents");
    if (code == EXIT_FINE)
        code = work_filter(values, remote.zone, &path);
    add_option(values, O_FAMILY, "family", &path);
    add_option(values, O_ENTITY, "entity", &path);
    if (opt_flag(values, O_OPEN))
        client_query(&path, "open", HN_TEXT("true"));
    if (code == EXIT_FINE)
        code = remote_list_show(&remote, values, &path, &list);
    hn_buf_deinit(&path);
    remote_close(&remote);
    return code;
}

/* ---- Which one ---- */

/* "/v1/incidents/17"; EXIT_USAGE after saying that the name is no number. */
static int incident_path(const char *name, struct hn_buf *path, uint64_t *ret_id)
{
    uint64_t id = 0;
    struct hn_text text = hn_text_cstr(name);

    if (text.len > 0 && text.ptr[0] == '#')
        text = hn_text_sub(text, 1, text.len);
    if (!hn_parse_u64(text, &id) || id == 0 || id > INT64_MAX) {
        ui_error(UI_TEXT("\"%s\" is not the number of an incident",
                         "\"%s\" はインシデントの番号ではありません"),
                name);
        return EXIT_USAGE;
    }
    hn_buf_addf(path, "/v1/incidents/%llu", (unsigned long long)id);
    *ret_id = id;
    return EXIT_FINE;
}

/* ---- Show ---- */

static const struct {
    const char *kind;
    const char *en;
    const char *ja;
} kinds[] = {
    { "host", "Hosts", "ホスト" },
    { "user", "Users", "ユーザー" },
    { "address", "Addresses", "アドレス" },
    { "trace", "Kinds of trace", "痕跡の種類" },
    { "rule", "Rules", "ルール" },
};

static void parts_facts(struct hn_text detail, struct hn_arena *arena, struct hn_buf *out)
{
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        struct client_items parts = client_items_of(client_get(arena, detail, "parts"));
        struct hn_buf text = { 0 };
        struct hn_text part;

        while (client_items_next(&parts, &part)) {
            if (!hn_text_eq(client_text(arena, part, "kind"), hn_text_cstr(kinds[i].kind)))
                continue;
            hn_buf_add_cstr(&text, text.len > 0 ? ", " : "");
            hn_buf_add_text(&text, client_text(arena, part, "value"));
            hn_buf_addf(&text, " (%lld)", (long long)client_int(arena, part, "count", 0));
        }
        view_fact(out, kinds[i].en, kinds[i].ja, hn_buf_text(&text));
        hn_buf_deinit(&text);
    }
}

static void why_sure(struct hn_text detail, struct hn_arena *arena, struct hn_buf *out)
{
    struct client_items why = client_items_of(client_get(arena, detail, "why"));
    struct hn_text item;

    view_heading(out, "Why it is this sure", "確からしさの内訳");
    while (client_items_next(&why, &item)) {
        struct client_items values = client_items_of(client_get(arena, item, "values"));
        struct hn_text value;
        bool first = true;

        hn_buf_addf(out, "  +%-3lld ", (long long)client_int(arena, item, "points", 0));
        hn_buf_addf(out, "%lld ", (long long)client_int(arena, item, "count", 0));
        hn_terminal_text(out, client_text(arena, item, "reason"));
        while (client_items_next(&values, &value)) {
            hn_buf_add_cstr(out, first ? ": " : ", ");
            hn_terminal_text(out, client_own_text(arena, value));
            first = false;
        }
        hn_buf_add_char(out, '\n');
    }
}

static void alerts_table(struct hn_text detail, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct client_items items = client_items_of(client_get(arena, detail, "items"));
    struct remote_rows rows = { .text = { 0 } };
    struct hn_text item;
    unsigned count = 0;

    while (count < ALERTS_SHOWN && client_items_next(&items, &item)) {
        remote_rows_add(&rows, item);
        count++;
    }
    if (count > 0) {
        view_heading(out, "Its newest alerts", "最近のアラート");
        remote_table_human(&alert_table, &rows, zone, arena, out);
    }
    if (client_int(arena, detail, "alerts", 0) > (int64_t)count) {
        hn_buf_addf(out,
                UI_TEXT("… all of them: hinomi alerts --incident %lld --hidden also\n",
                        "… すべて: hinomi alerts --incident %lld --hidden also\n"),
                (long long)client_int(arena, detail, "id", 0));
    }
    remote_rows_deinit(&rows);
}

static void incident_view(struct hn_text detail, struct hn_text history, const struct hn_zone *zone,
        struct hn_arena *arena, struct hn_buf *out)
{
    enum sigma_level level = remote_level(client_text(arena, detail, "level"));
    char number[48];

    hn_buf_addf(out, "%s%s%s  %s", ui_style(ui_level_style(level), ui.color_out),
            ui_level_name(level), ui_style(UI_PLAIN, ui.color_out),
            ui_style(UI_BOLD, ui.color_out));
    hn_terminal_text(out, client_text(arena, detail, "title"));
    hn_buf_addf(out, "%s\n", ui_style(UI_PLAIN, ui.color_out));
    (void)snprintf(number, sizeof number, "%lld", (long long)client_int(arena, detail, "id", 0));
    view_fact(out, "Incident", "番号", hn_text_cstr(number));
    (void)snprintf(number, sizeof number, "%lld / 100",
            (long long)client_int(arena, detail, "confidence", 0));
    view_fact(out, "Confidence", "確からしさ", hn_text_cstr(number));
    view_fact(out, "Family", "ファミリー", client_text(arena, detail, "family"));
    view_fact(out, "Tenant", "テナント", client_text(arena, detail, "tenant"));
    view_fact_time(out, "First seen", "最初", client_time(arena, detail, "first"), zone);
    view_fact_time(out, "Last seen", "最後", client_time(arena, detail, "last"), zone);
    view_fact_word(out, "Status", "状態", client_text(arena, detail, "status"));
    view_fact_word(out, "Verdict", "判定", client_text(arena, detail, "verdict"));
    view_fact(out, "Assignee", "担当", client_text(arena, detail, "assignee"));
    parts_facts(detail, arena, out);
    why_sure(detail, arena, out);
    alerts_table(detail, zone, arena, out);
    view_history(history, zone, arena, out);
}

static const char wanted[] = "the number of an incident is wanted";
static const char wanted_ja[] = "インシデントの番号を指定してください";

static int show_one(struct remote *remote, const struct opt_values *values, const char *name)
{
    struct hn_buf path = { 0 };
    struct hn_buf detail = { 0 };
    struct hn_buf out = { 0 };
    struct hn_text json = { 0 };
    uint64_t id;
    int code = incident_path(name, &path, &id);

    if (code == EXIT_FINE)
        code = remote_get(remote, &path, &json);
    hn_buf_add_text(&detail, json);
    if (code == EXIT_FINE && opt_flag(values, O_JSON)) {
        client_add_json(&out, json);
        hn_buf_add_char(&out, '\n');
    } else if (code == EXIT_FINE) {
        hn_buf_add_lit(&path, "/history");
        code = remote_get(remote, &path, &json);
        if (code == EXIT_FINE)
            incident_view(hn_buf_text(&detail), json, remote->zone, &remote->arena, &out);
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

/* ---- Set, merge, split ---- */

static int set_one(struct remote *remote, const struct opt_values *values, const char *name)
{
    struct hn_buf path = { 0 };
    uint64_t id;
    int code = incident_path(name, &path, &id);

    if (code == EXIT_FINE)
        code = work_change(remote, values, &path, name);
    hn_buf_deinit(&path);
    return code;
}

static int set_run(const struct opt_values *values)
{
    int code = work_change_check(values);

    return code == EXIT_FINE ? remote_each(values, wanted, wanted_ja, set_one) : code;
}

static int merge_one(struct remote *remote, const struct hn_buf *path, const char *name)
{
    struct hn_buf unused = { 0 };
    struct hn_buf body = { 0 };
    struct hn_json_out json = hn_json_out_over(&body);
    uint64_t from;
    int code = incident_path(name, &unused, &from);

    if (code == EXIT_FINE) {
        hn_json_open(&json, '{');
        hn_json_pair_u64(&json, "from", from);
        hn_json_close(&json, '}');
        code = remote_send_json(remote, "POST", path, "/merge", &body, NULL);
    }
    if (code == EXIT_FINE)
        remote_say("merged", "統合しました", hn_text_cstr(name));
    hn_buf_deinit(&unused);
    hn_buf_deinit(&body);
    return code;
}

static int merge_run(const struct opt_values *values)
{
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    uint64_t id;
    int code;

    if (values->operand_count < 2)
        return remote_usage("the incident that stays, and those that go into it, are wanted",
                "残すインシデントと、統合するインシデントを指定してください");
    code = incident_path(values->operands[0], &path, &id);
    if (code == EXIT_FINE)
        code = remote_open(values, &remote);
    for (size_t i = 1; i < values->operand_count && code == EXIT_FINE; i++)
        code = merge_one(&remote, &path, values->operands[i]);
    hn_buf_deinit(&path);
    remote_close(&remote);
    return code;
}

static int split_send(
        struct remote *remote, const struct opt_values *values, const struct hn_buf *path)
{
    struct hn_buf body = { 0 };
    struct hn_buf out = { 0 };
    struct hn_json_out json = hn_json_out_over(&body);
    struct hn_text answer = { 0 };
    int code = EXIT_FINE;

    hn_json_open(&json, '{');
    hn_json_key(&json, HN_TEXT("alerts"));
    hn_json_open(&json, '[');
    for (size_t i = 1; i < values->operand_count && code == EXIT_FINE; i++) {
        struct hn_text id = { 0 };

        code = alert_find(remote, values->operands[i], &id);
        if (code == EXIT_FINE)
            hn_json_text(&json, id);
    }
    hn_json_close(&json, ']');
    hn_json_close(&json, '}');
    if (code == EXIT_FINE)
        code = remote_send_json(remote, "POST", path, "/split", &body, &answer);
    if (code == EXIT_FINE) {
        hn_buf_addf(&out, "%lld\n", (long long)client_int(&remote->arena, answer, "id", 0));
        if (!hn_buf_ok(&out) || !ui_write(stdout, hn_buf_text(&out)))
            code = EXIT_IO;
    }
    hn_buf_deinit(&body);
    hn_buf_deinit(&out);
    return code;
}

static int split_run(const struct opt_values *values)
{
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    uint64_t id;
    int code;

    if (values->operand_count < 2)
        return remote_usage("an incident, and the alerts to take out of it, are wanted",
                "インシデントと、取り出すアラートを指定してください");
    code = incident_path(values->operands[0], &path, &id);
    if (code == EXIT_FINE)
        code = remote_open(values, &remote);
    if (code == EXIT_FINE)
        code = split_send(&remote, values, &path);
    hn_buf_deinit(&path);
    remote_close(&remote);
    return code;
}

/* ---- Tables ---- */

const struct opt_command cmd_incidents = {
    .name = "incidents",
    .summary = "Lists the incidents of a server, newest first",
    .summary_ja = "サーバーのインシデントを新しい順に一覧",
    .details = "An incident is what alerts on the same hosts, addresses and users make together; "
               "SURE says from 0 to 99 how sure the whole makes us that it is an attack.",
    .options = list_options,
    .option_count = HN_COUNT_OF(list_options),
    .run = list_run,
};
const struct opt_command cmd_incidents_show = {
    .name = "incidents show",
    .operands = "ID...",
    .summary = "Shows incidents: who and where, how sure and why, their alerts and history",
    .summary_ja = "インシデントの詳細(対象、確からしさの内訳、アラート、履歴)",
    .options = show_options,
    .option_count = HN_COUNT_OF(show_options),
    .run = show_run,
};
const struct opt_command cmd_incidents_set = {
    .name = "incidents set",
    .operands = "ID...",
    .summary = "Changes status, verdict and assignee of incidents, or adds a comment",
    .summary_ja = "インシデントの状態・判定・担当を変え、コメントを書く",
    .details = "Closing one wants a verdict.",
    .options = set_options,
    .option_count = HN_COUNT_OF(set_options),
    .run = set_run,
};
const struct opt_command cmd_incidents_merge = {
    .name = "incidents merge",
    .operands = "ID OTHER...",
    .summary = "Moves the alerts of other incidents into one",
    .summary_ja = "ほかのインシデントのアラートを一つのインシデントに統合する",
    .options = plain_options,
    .option_count = HN_COUNT_OF(plain_options),
    .run = merge_run,
};
const struct opt_command cmd_incidents_split = {
    .name = "incidents split",
    .operands = "ID ALERT...",
    .summary = "Makes a new incident of some alerts of another and prints its number",
    .summary_ja = "一部のアラートを新しいインシデントに分け、その番号を出力する",
    .options = plain_options,
    .option_count = HN_COUNT_OF(plain_options),
    .run = split_run,
};
