/* cmd_exceptions.c - hinomi exceptions, exceptions add, preview, end: what is known to be harmless,
 * with a reason, an owner and an end. Silences and inhibitions are listed and ended here as well.
 */
#include "app/alert_view.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/json_out.h"
#include "base/num.h"

#include <string.h>
#include <time.h>

enum {
    O_KIND,
    O_ACTIVE,
    O_IDLE,
    O_ALERT,
    O_RULES,
    O_FIELD,
    O_REASON,
    O_OWNER,
    O_LIFE,
    O_DAYS,
    O_SHOW
};

#define LIFE_DEFAULT (30 * HN_DAY)
#define DAYS_DEFAULT 30

static const struct opt_spec list_options[] = {
    { O_KIND, "kind", '\0', OPT_CHOICE, NULL, "exception|silence|inhibition", "only this kind",
            "この種類だけ" },
    { O_ACTIVE, "active", '\0', OPT_FLAG, NULL, NULL, "only those in force", "有効なものだけ" },
    { O_IDLE, "idle", '\0', OPT_NUMBER, "DAYS", NULL, "only those that hid nothing for so long",
            "この日数なにも隠していないものだけ" },
    OPT_LIST_ROWS,
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};

/* clang-format off */
#define OPT_SCOPE_ROWS                                                                             \
    { O_ALERT, "alert", '\0', OPT_TEXT, "ID", NULL,                                                \
            "alerts like this one: its rule, and its host where no --field is given",              \
            "このアラートと同類(そのルールと、--field がなければそのホスト)" },                  \
    { O_RULES, "rule", '\0', OPT_TEXTS, "ID", NULL, "of this rule, repeatable",                    \
            "このルールだけ(複数可)" },                                                          \
    { O_FIELD, "field", 'F', OPT_TEXTS, "NAME=VALUE", NULL,                                        \
            "only where this fits: host, user, address, source, family or a field of the event; "  \
            "* and ? are wildcards; repeatable, all must fit",                                     \
            "これに当てはまるものだけ(host、user、address、source、family、イベントの項目。"     \
            "* と ? が使え、複数ならすべて)" }
/* clang-format on */

static const struct opt_spec add_options[] = {
    OPT_SCOPE_ROWS,
    { O_KIND, "kind", '\0', OPT_CHOICE, NULL, "exception|silence",
            "no finding, or only not now (default: exception)",
            "例外か、一時的な消音か(既定: exception)" },
    { O_REASON, "reason", 'm', OPT_TEXT, "TEXT", NULL, "why this is harmless", "無害である理由" },
    { O_OWNER, "owner", '\0', OPT_TEXT, "NAME", NULL, "who answers for it", "責任者" },
    { O_LIFE, "for", '\0', OPT_TEXT, "TIME", NULL, "how long (default: 30d)",
            "有効期間(既定: 30d)" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec preview_options[] = {
    OPT_SCOPE_ROWS,
    { O_DAYS, "days", '\0', OPT_NUMBER, "N", NULL, "look at so many days (default: 30)",
            "さかのぼる日数(既定: 30)" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec end_options[] = {
    { O_SHOW, "show", '\0', OPT_FLAG, NULL, NULL, "show what it has hidden, as if it came now",
            "隠していたアラートを、今届いたものとして表示する" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};

/* ---- List ---- */

static void write_scope(struct hn_arena *arena, struct hn_text item, struct hn_buf *out)
{
    struct client_items conditions = client_items_of(client_get(arena, item, "conditions"));
    struct client_items rules = client_items_of(client_get(arena, item, "rules"));
    struct hn_text one;

    while (client_items_next(&conditions, &one)) {
        hn_buf_add_cstr(out, out->len > 0 ? " " : "");
        hn_buf_add_text(out, client_text(arena, one, "field"));
        hn_buf_add_char(out, '=');
        hn_buf_add_text(out, client_text(arena, one, "value"));
    }
    while (client_items_next(&rules, &one)) {
        hn_buf_add_cstr(out, out->len > 0 ? " " : "");
        hn_buf_add_lit(out, "rule=");
        hn_buf_add_text(out, client_own_text(arena, one));
    }
}

static const struct remote_column columns[] = {
    { .member = "id", .head = "NO", .head_ja = "番号", .cell = REMOTE_NUMBER, .wide_max = 8 },
    { .member = "kind",
            .head = "KIND",
            .head_ja = "種類",
            .cell = REMOTE_WORD,
            .wide_max = 10,
            .keep = 2 },
    { .member = "hits", .head = "HITS", .head_ja = "件数", .cell = REMOTE_NUMBER, .wide_max = 9 },
    { .member = "last_hit",
            .head = "LAST HIT",
            .head_ja = "最終",
            .cell = REMOTE_TIME,
            .wide_max = 19,
            .keep = 3 },
    { .member = "expires",
            .head = "EXPIRES",
            .head_ja = "期限",
            .cell = REMOTE_TIME,
            .wide_max = 19 },
    { .member = "ended",
            .head = "ENDED",
            .head_ja = "終了",
            .cell = REMOTE_TIME,
            .wide_max = 19,
            .keep = 4 },
    { .member = "owner", .head = "OWNER", .head_ja = "責任者", .wide_max = 12, .keep = 1 },
    { .member = "reason", .head = "REASON", .head_ja = "理由", .wide_max = 24 },
    { .member = "scope", .head = "WHERE", .head_ja = "範囲", .write = write_scope },
    { .member = "created", .terse = true },
    { .member = "level", .terse = true },
    { .member = "incident", .terse = true },
};
static const struct remote_table table = { columns, HN_COUNT_OF(columns) };

static int list_run(const struct opt_values *values)
{
    const struct remote_list list = { .table = &table,
        .more_name = "after",
        .none = "no exceptions, silences or inhibitions",
        .none_ja = "例外・消音・抑止はありません" };
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    int code = remote_open(values, &remote);

    hn_buf_add_lit(&path, "/v1/mutes");
    if (opt_text(values, O_KIND) != NULL)
        client_query(&path, "kind", hn_text_cstr(opt_text(values, O_KIND)));
    if (opt_flag(values, O_ACTIVE))
        client_query(&path, "active", HN_TEXT("true"));
    if (opt_number(values, O_IDLE, 0) > 0)
        client_query_u64(&path, "idle_days", opt_number(values, O_IDLE, 0));
    if (code == EXIT_FINE)
        code = remote_list_show(&remote, values, &path, &list);
    hn_buf_deinit(&path);
    remote_close(&remote);
    return code;
}

/* ---- What it is about ---- */

struct scope {
    struct hn_text rule; /* of the alert */
    struct hn_text host;
};

static int read_alert(struct remote *remote, const struct opt_values *values, struct scope *scope)
{
    struct hn_buf path = { 0 };
    struct hn_text id = { 0 };
    struct hn_text json = { 0 };
    int code = alert_find(remote, opt_text(values, O_ALERT), &id);

    if (code == EXIT_FINE) {
        alert_path(id, "", &path);
        code = remote_get(remote, &path, &json);
    }
    if (code == EXIT_FINE) {
        scope->rule = hn_arena_text(&remote->arena, client_text(&remote->arena, json, "rule_id"));
        scope->host = hn_arena_text(&remote->arena, client_text(&remote->arena, json, "host"));
    }
    hn_buf_deinit(&path);
    return code;
}

static int write_condition(struct hn_json_out *json, struct hn_text condition)
{
    size_t equals = hn_text_find_char(condition, '=', 0);

    if (equals == SIZE_MAX || equals == 0)
        return remote_usage("--field is NAME=VALUE", "--field は NAME=VALUE の形です");
    hn_json_open(json, '{');
    hn_json_pair(json, "field", hn_text_sub(condition, 0, equals));
    hn_json_pair(json, "value", hn_text_sub(condition, equals + 1, condition.len));
    hn_json_close(json, '}');
    return EXIT_FINE;
}

/* A value as it is: what would be a wildcard in it is made plain. */
static void write_host(struct hn_json_out *json, struct hn_text host)
{
    struct hn_buf plain = { 0 };

    for (size_t i = 0; i < host.len; i++) {
        if (strchr("*?\\", host.ptr[i]) != NULL && host.ptr[i] != '\0')
            hn_buf_add_char(&plain, '\\');
        hn_buf_add_char(&plain, host.ptr[i]);
    }
    hn_json_open(json, '{');
    hn_json_pair(json, "field", HN_TEXT("host"));
    hn_json_pair(json, "value", hn_buf_text(&plain));
    hn_json_close(json, '}');
    hn_buf_deinit(&plain);
}

/* "rules" and "conditions" of the request. */
static int write_wish(
        struct remote *remote, const struct opt_values *values, struct hn_json_out *json)
{
    struct scope scope = { .rule = { 0 } };
    const char *const *rules;
    const char *const *fields;
    size_t rule_count = opt_texts(values, O_RULES, &rules);
    size_t field_count = opt_texts(values, O_FIELD, &fields);
    int code = EXIT_FINE;

    if (opt_text(values, O_ALERT) == NULL && rule_count == 0 && field_count == 0)
        return remote_usage("what it is about is wanted: --alert, --rule or --field",
                "対象が必要です: --alert、--rule、--field のどれかを指定してください");
    if (opt_text(values, O_ALERT) != NULL)
        code = read_alert(remote, values, &scope);
    hn_json_key(json, HN_TEXT("rules"));
    hn_json_open(json, '[');
    if (scope.rule.len > 0)
        hn_json_text(json, scope.rule);
    for (size_t i = 0; i < rule_count; i++)
        hn_json_text(json, hn_text_cstr(rules[i]));
    hn_json_close(json, ']');
    hn_json_key(json, HN_TEXT("conditions"));
    hn_json_open(json, '[');
    if (field_count == 0 && scope.host.len > 0)
        write_host(json, scope.host);
    for (size_t i = 0; i < field_count && code == EXIT_FINE; i++)
        code = write_condition(json, hn_text_cstr(fields[i]));
    hn_json_close(json, ']');
    return code;
}

/* ---- Add ---- */

static int write_end(const struct opt_values *values, struct hn_json_out *json)
{
    const char *life = opt_text(values, O_LIFE);
    hn_time span = LIFE_DEFAULT;
    struct timespec now;
    char text[HN_TIME_TEXT_MAX];

    if (life != NULL && !hn_duration_parse(hn_text_cstr(life), &span))
        return remote_usage(
                "--for is a duration like 12h, 30d, 8w", "--for は 12h、30d、8w のような長さです");
    (void)clock_gettime(CLOCK_REALTIME, &now);
    hn_json_pair(json, "expires",
            hn_text_of(text, hn_time_write((hn_time)now.tv_sec * HN_SECOND + span, 0, text)));
    return EXIT_FINE;
}

/* Who asks, as the server sees it: the owner where none is named. */
static int own_name(struct remote *remote, struct hn_text *ret_name)
{
    struct hn_buf path = { 0 };
    struct hn_text json;
    int code;

    hn_buf_add_lit(&path, "/v1/session");
    code = remote_get(remote, &path, &json);
    hn_buf_deinit(&path);
    if (code == EXIT_FINE)
        *ret_name = hn_arena_text(&remote->arena, client_text(&remote->arena, json, "name"));
    return code;
}

static int write_add(struct remote *remote, const struct opt_values *values, struct hn_buf *body)
{
    struct hn_json_out json = hn_json_out_over(body);
    const char *kind = opt_text(values, O_KIND);
    struct hn_text owner = { 0 };
    int code = EXIT_FINE;

    if (opt_text(values, O_OWNER) != NULL)
        owner = hn_text_cstr(opt_text(values, O_OWNER));
    else
        code = own_name(remote, &owner);
    if (code != EXIT_FINE)
        return code;
    hn_json_open(&json, '{');
    hn_json_pair(&json, "kind", hn_text_cstr(kind == NULL ? "exception" : kind));
    hn_json_pair(&json, "reason", hn_text_cstr(opt_text(values, O_REASON)));
    hn_json_pair(&json, "owner", owner);
    code = write_wish(remote, values, &json);
    if (code == EXIT_FINE)
        code = write_end(values, &json);
    hn_json_close(&json, '}');
    return code;
}

static int print_one(struct remote *remote, struct hn_text mute)
{
    struct remote_rows rows = { .text = { 0 } };
    struct hn_buf out = { 0 };
    int code;

    remote_rows_add(&rows, mute);
    if (ui.width > 0) {
        remote_table_human(&table, &rows, remote->zone, &remote->arena, &out);
    } else {
        client_add_json(&out, mute);
        hn_buf_add_char(&out, '\n');
    }
    code = hn_buf_ok(&out) && ui_write(stdout, hn_buf_text(&out)) ? EXIT_FINE : EXIT_IO;
    remote_rows_deinit(&rows);
    hn_buf_deinit(&out);
    return code;
}

static int add_run(const struct opt_values *values)
{
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    struct hn_buf body = { 0 };
    struct hn_text json = { 0 };
    int code;

    if (opt_text(values, O_REASON) == NULL)
        return remote_usage("a --reason is wanted: who reads this in half a year needs it",
                "--reason(理由)を指定してください。半年後に読む人のために必要です");
    code = remote_open(values, &remote);
    if (code == EXIT_FINE)
        code = write_add(&remote, values, &body);
    hn_buf_add_lit(&path, "/v1/mutes");
    if (code == EXIT_FINE)
        code = remote_send_json(&remote, "POST", &path, "", &body, &json);
    if (code == EXIT_FINE)
        code = print_one(&remote, json);
    hn_buf_deinit(&path);
    hn_buf_deinit(&body);
    remote_close(&remote);
    return code;
}

/* ---- Preview ---- */

static void names_line(struct hn_buf *out, const char *en, const char *ja, struct hn_text list,
        struct hn_arena *arena)
{
    struct client_items items = client_items_of(list);
    struct hn_buf text = { 0 };
    struct hn_text item;

    while (client_items_next(&items, &item)) {
        hn_buf_add_cstr(&text, text.len > 0 ? ", " : "");
        hn_buf_add_text(&text, client_own_text(arena, item));
    }
    view_fact(out, en, ja, hn_buf_text(&text));
    hn_buf_deinit(&text);
}

static void preview_lines(struct hn_text json, struct hn_arena *arena, struct hn_buf *out)
{
    int64_t attacks = client_int(arena, json, "attack_count", 0);

    hn_buf_addf(out,
            UI_TEXT("would have hidden %lld of %lld alerts%s\n",
                    "対象は %lld 件(調べたのは %lld 件%s)\n"),
            (long long)client_int(arena, json, "alerts", 0),
            (long long)client_int(arena, json, "looked", 0),
            client_is(arena, json, "complete")
                    ? ""
                    : UI_TEXT(" (there were more than could be looked at)", "、一部のみ"));
    names_line(out, "Rules", "ルール", client_get(arena, json, "rules"), arena);
    names_line(out, "Hosts", "ホスト", client_get(arena, json, "hosts"), arena);
    if (attacks == 0)
        return;
    hn_buf_addf(out, "%s", ui_style(UI_RED, ui.color_out));
    hn_buf_addf(out,
            UI_TEXT("%lld of them were judged attacks: such an exception is refused\n",
                    "うち %lld 件は攻撃と判定済み: この例外は拒否されます\n"),
            (long long)attacks);
    hn_buf_addf(out, "%s", ui_style(UI_PLAIN, ui.color_out));
    names_line(out, "Attacks", "攻撃", client_get(arena, json, "attacks"), arena);
}

static int preview_run(const struct opt_values *values)
{
    struct remote remote = { .client = NULL };
    struct hn_buf path = { 0 };
    struct hn_buf body = { 0 };
    struct hn_buf out = { 0 };
    struct hn_json_out json = hn_json_out_over(&body);
    struct hn_text answer = { 0 };
    int code = remote_open(values, &remote);

    if (code == EXIT_FINE) {
        hn_json_open(&json, '{');
        code = write_wish(&remote, values, &json);
        hn_json_pair_u64(&json, "days", opt_number(values, O_DAYS, DAYS_DEFAULT));
        hn_json_close(&json, '}');
    }
    hn_buf_add_lit(&path, "/v1/mutes:preview");
    if (code == EXIT_FINE)
        code = remote_send_json(&remote, "POST", &path, "", &body, &answer);
    if (code == EXIT_FINE)
        preview_lines(answer, &remote.arena, &out);
    if (code == EXIT_FINE && (!hn_buf_ok(&out) || !ui_write(stdout, hn_buf_text(&out))))
        code = EXIT_IO;
    if (code == EXIT_FINE && client_int(&remote.arena, answer, "attack_count", 0) > 0)
        code = EXIT_FINDINGS;
    hn_buf_deinit(&path);
    hn_buf_deinit(&body);
    hn_buf_deinit(&out);
    remote_close(&remote);
    return code;
}

/* ---- End ---- */

static int end_one(struct remote *remote, const struct opt_values *values, const char *name)
{
    struct hn_text number = hn_text_cstr(name);
    struct hn_buf path = { 0 };
    struct hn_buf body = { 0 };
    uint64_t id;
    int code;

    if (number.len > 0 && number.ptr[0] == '#')
        number = hn_text_sub(number, 1, number.len);
    if (!hn_parse_u64(number, &id) || id == 0)
        return remote_usage("the number that `hinomi exceptions` shows is wanted",
                "hinomi exceptions に出る番号を指定してください");
    hn_buf_addf(&path, "/v1/mutes/%llu", (unsigned long long)id);
    hn_buf_addf(&body, "{\"show\":%s}", opt_flag(values, O_SHOW) ? "true" : "false");
    code = remote_send_json(remote, "POST", &path, "/end", &body, NULL);
    if (code == EXIT_FINE)
        remote_say("ended", "終了しました", hn_text_cstr(name));
    hn_buf_deinit(&path);
    hn_buf_deinit(&body);
    return code;
}

static int end_run(const struct opt_values *values)
{
    return remote_each(values, "the number that `hinomi exceptions` shows is wanted",
            "hinomi exceptions に出る番号を指定してください", end_one);
}

/* ---- Tables ---- */

const struct opt_command cmd_exceptions = {
    .name = "exceptions",
    .summary = "Lists exceptions, silences and inhibitions, and what they hid",
    .summary_ja = "例外・消音・抑止と、隠した件数を一覧",
    .options = list_options,
    .option_count = HN_COUNT_OF(list_options),
    .run = list_run,
};
const struct opt_command cmd_exceptions_add = {
    .name = "exceptions add",
    .summary = "Makes an exception: alerts like these are no findings, for a time",
    .summary_ja = "例外を作る(当てはまるアラートを、期間中は検知としない)",
    .details = "Usually from an alert: `hinomi exceptions add --alert 17 --field "
               "'CommandLine=*\\backup.exe *' --reason 'nightly backup'`. An exception that would "
               "hide what was judged an attack is refused. `hinomi exceptions preview` says "
               "beforehand what it would have hidden.",
    .options = add_options,
    .option_count = HN_COUNT_OF(add_options),
    .run = add_run,
};
const struct opt_command cmd_exceptions_preview = {
    .name = "exceptions preview",
    .summary = "Says what an exception would have hidden; changes nothing",
    .summary_ja = "例外を作った場合に隠れるアラートを調べる(変更はしない)",
    .details = "The exit status is 1 when something judged an attack is among it.",
    .options = preview_options,
    .option_count = HN_COUNT_OF(preview_options),
    .run = preview_run,
};
const struct opt_command cmd_exceptions_end = {
    .name = "exceptions end",
    .operands = "ID...",
    .summary = "Takes exceptions, silences or inhibitions back",
    .summary_ja = "例外・消音・抑止を終える",
    .options = end_options,
    .option_count = HN_COUNT_OF(end_options),
    .run = end_run,
};
