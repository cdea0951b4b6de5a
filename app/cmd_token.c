/* cmd_token.c - hinomi token list, add, revoke: for shippers, programs and people at a terminal. */
#include "app/accounts.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/token_shipper.h"
#include "app/ui.h"

#include "base/escape.h"
#include "base/json_out.h"

#include <time.h>

enum { O_ROLE, O_SOURCE, O_TENANT, O_DAYS, O_PERMISSION, O_FOR, O_ALL };

#define DAYS_DEFAULT 365

static const struct opt_spec list_options[] = {
    { O_ALL, "all", 'a', OPT_FLAG, NULL, NULL, "revoked and expired ones as well",
            "失効・期限切れのものも" },
    OPT_LIST_ROWS,
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec add_options[] = {
    { O_ROLE, "role", '\0', OPT_CHOICE, NULL, ACCOUNT_ROLES "|ingest",
            "what it may do (default: ingest where there is --source)",
            "ロール(既定: --source があれば ingest)" },
    { O_SOURCE, "source", '\0', OPT_TEXT, "NAME", NULL,
            "the source that events sent with it are of", "送られるイベントのソース名" },
    { O_TENANT, "tenant", '\0', OPT_TEXT, "NAME", NULL, "only this tenant", "このテナントだけ" },
    { O_DAYS, "days", '\0', OPT_NUMBER, "N", NULL, "how long it is valid (default: 365; up to 400)",
            "有効日数(既定: 365、最大 400)" },
    { O_PERMISSION, "permission", '\0', OPT_TEXTS, "NAME", NULL,
            "of what the role may do only this: read, triage, rules, block, admin, audit; "
            "repeatable",
            "ロールの権限のうちこれだけ: read, triage, rules, block, admin, audit(複数可)" },
    { O_FOR, "for", '\0', OPT_CHOICE, NULL, TOKEN_SHIPPERS,
            "print the lines that this shipper's configuration wants",
            "このシッパーの設定に書く行を出力" },
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec revoke_options[] = { OPT_SERVER_ROWS, OPT_SHOW_ROWS };

static const struct remote_column columns[] = {
    { .member = "name", .head = "NAME", .head_ja = "名前" },
    { .member = "role", .head = "ROLE", .head_ja = "ロール", .cell = REMOTE_WORD, .wide_max = 16 },
    { .member = "source", .head = "SOURCE", .head_ja = "ソース", .wide_max = 20, .keep = 1 },
    { .member = "tenant", .head = "TENANT", .head_ja = "テナント", .wide_max = 16, .keep = 3 },
    { .member = "permissions",
            .head = "MAY",
            .head_ja = "権限",
            .cell = REMOTE_LIST,
            .wide_max = 30,
            .keep = 4 },
    { .member = "expires",
            .head = "EXPIRES",
            .head_ja = "期限",
            .cell = REMOTE_TIME,
            .wide_max = 19 },
    { .member = "last_used",
            .head = "LAST USED",
            .head_ja = "最終使用",
            .cell = REMOTE_TIME,
            .wide_max = 19,
            .keep = 2 },
    { .member = "revoked",
            .head = "REVOKED",
            .head_ja = "失効",
            .cell = REMOTE_YES,
            .wide_max = 7,
            .keep = 5 },
};
static const struct remote_table table = { columns, HN_COUNT_OF(columns) };

/* ---- List ---- */

static hn_time now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_REALTIME, &time);
    return (hn_time)time.tv_sec * HN_SECOND;
}

/* Those that still open a door. */
static bool is_valid(struct hn_arena *arena, struct hn_text item)
{
    return !client_is(arena, item, "revoked") && client_time(arena, item, "expires") > now();
}

static void on_token(void *ctx, const struct auth_token *token)
{
    static const char *const names[] = { "read", "triage", "rules", "block", "admin", "ingest",
        "audit", "self" };
    struct hn_json_out *json = ctx;

    hn_json_open(json, '{');
    hn_json_pair(json, "name", token->name);
    hn_json_pair(json, "role", hn_text_cstr(auth_role_text(token->role)));
    hn_json_key(json, HN_TEXT("permissions"));
    hn_json_open(json, '[');
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if ((token->permissions & auth_permission_find(hn_text_cstr(names[i]))) != 0)
            hn_json_text(json, hn_text_cstr(names[i]));
    }
    hn_json_close(json, ']');
    hn_json_pair(json, "source", token->source);
    hn_json_pair(json, "tenant", token->tenant);
    hn_json_key(json, HN_TEXT("created"));
    accounts_json_time(json, token->created);
    hn_json_key(json, HN_TEXT("expires"));
    accounts_json_time(json, token->expires);
    hn_json_key(json, HN_TEXT("last_used"));
    accounts_json_time(json, token->last_used);
    hn_json_key(json, HN_TEXT("revoked"));
    hn_json_bool(json, token->revoked);
    hn_json_close(json, '}');
}

static enum hn_status items(struct db *db, struct hn_json_out *json, struct hn_err *err)
{
    return auth_token_each(db, on_token, json, err);
}

static int list_run(const struct opt_values *values)
{
    struct remote_list list = { .table = &table,
        .want = opt_flag(values, O_ALL) ? NULL : is_valid,
        .none = "there are no tokens that are valid (--all shows the others)",
        .none_ja = "有効なトークンがありません(--all で失効したものも表示)" };
    struct accounts accounts = { .local = { 0 } };
    struct hn_buf path = { 0 };
    struct hn_buf document = { 0 };
    int code = accounts_open(values, &accounts);

    hn_buf_add_lit(&path, "/v1/tokens");
    if (code == EXIT_FINE && accounts_are_local(&accounts)) {
        code = accounts_list(&accounts.local, items, &document);
        list.document = hn_buf_text(&document);
    }
    if (code == EXIT_FINE)
        code = remote_list_show(&accounts.remote, values, &path, &list);
    accounts_close(&accounts);
    hn_buf_deinit(&path);
    hn_buf_deinit(&document);
    return code;
}

/* ---- Add ---- */

/* The options as a wish; EXIT_USAGE after saying what is wrong. */
static int read_wish(const struct opt_values *values, struct auth_token_wish *wish)
{
    const char *role = opt_text(values, O_ROLE);
    const char *source = opt_text(values, O_SOURCE);
    const char *tenant = opt_text(values, O_TENANT);
    const char *const *permissions;
    size_t count = opt_texts(values, O_PERMISSION, &permissions);

    if (values->operand_count != 1 || (role == NULL && source == NULL))
        return remote_usage("one NAME, and --source (of a shipper) or --role are wanted",
                "NAME を一つと、--source(シッパー用)か --role を指定してください");
    if (role == NULL)
        role = "ingest";
    (void)auth_role_find(hn_text_cstr(role), &wish->role);
    if (wish->role == AUTH_INGEST_ONLY && source == NULL)
        return remote_usage("a token for events names the source they are of: --source NAME",
                "イベント送信用のトークンには --source NAME が必要です");
    for (size_t i = 0; i < count; i++) {
        uint32_t permission = auth_permission_find(hn_text_cstr(permissions[i]));

        if (permission == 0)
            return remote_usage("--permission is one of read, triage, rules, block, admin, audit",
                    "--permission は read, triage, rules, block, admin, audit のどれかです");
        wish->permissions |= permission;
    }
    wish->name = hn_text_cstr(values->operands[0]);
    wish->source = hn_text_cstr(source == NULL ? "" : source);
    wish->tenant = hn_text_cstr(tenant == NULL ? "" : tenant);
    wish->life = (hn_time)opt_number(values, O_DAYS, DAYS_DEFAULT) * HN_DAY;
    if (wish->life <= 0 || opt_number(values, O_DAYS, 1) > 400)
        return remote_usage("--days is between 1 and 400", "--days は 1〜400 です");
    return EXIT_FINE;
}

static void write_wish(
        const struct opt_values *values, const struct auth_token_wish *wish, struct hn_buf *body)
{
    struct hn_json_out json = hn_json_out_over(body);
    const char *const *permissions;
    size_t count = opt_texts(values, O_PERMISSION, &permissions);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "name", wish->name);
    hn_json_pair(&json, "role", hn_text_cstr(auth_role_text(wish->role)));
    if (count > 0) {
        hn_json_key(&json, HN_TEXT("permissions"));
        hn_json_open(&json, '[');
        for (size_t i = 0; i < count; i++)
            hn_json_text(&json, hn_text_cstr(permissions[i]));
        hn_json_close(&json, ']');
    }
    if (wish->source.len > 0)
        hn_json_pair(&json, "source", wish->source);
    if (wish->tenant.len > 0)
        hn_json_pair(&json, "tenant", wish->tenant);
    hn_json_pair_u64(&json, "days", (uint64_t)(wish->life / HN_DAY));
    hn_json_close(&json, '}');
}

static int add(struct accounts *accounts, const struct opt_values *values,
        const struct auth_token_wish *wish, struct hn_buf *token)
{
    struct client_request request = { .method = "POST", .path = "/v1/tokens" };
    char secret[AUTH_TOKEN_LEN + 1] = "";
    struct hn_err err = { 0 };
    struct hn_buf body = { 0 };
    struct hn_text json;
    int code;

    if (accounts_are_local(accounts)) {
        code = accounts_result(
                auth_token_add(accounts->local.db, &accounts->local.actor, wish, secret, &err),
                &err);
        hn_buf_add_cstr(token, secret);
        return code;
    }
    write_wish(values, wish, &body);
    request.body = hn_buf_text(&body);
    code = remote_send(&accounts->remote, &request, &json);
    if (code == EXIT_FINE)
        hn_buf_add_text(token, client_text(&accounts->remote.arena, json, "token"));
    hn_buf_deinit(&body);
    return code;
}

/* The address that shippers will use: the one given, else a place to put it. */
static struct hn_text server_of(const struct accounts *accounts)
{
    return accounts_are_local(accounts) || accounts->remote.local_token[0] != '\0'
                   ? HN_TEXT("https://hinomi.example:8470")
                   : hn_text_cstr(accounts->remote.settings.server);
}

static int add_run(const struct opt_values *values)
{
    struct accounts accounts = { .local = { 0 } };
    struct auth_token_wish wish = { .role = AUTH_INGEST_ONLY };
    struct hn_buf token = { 0 };
    struct hn_buf raw = { 0 };
    struct hn_buf out = { 0 };
    int code = read_wish(values, &wish);

    if (code == EXIT_FINE)
        code = accounts_open(values, &accounts);
    if (code == EXIT_FINE)
        code = add(&accounts, values, &wish, &raw);
    if (code == EXIT_FINE) {
        hn_terminal_text(&token, hn_buf_text(&raw));
        if (opt_text(values, O_FOR) != NULL) {
            token_shipper_write(
                    opt_text(values, O_FOR), server_of(&accounts), hn_buf_text(&token), &out);
        } else {
            hn_buf_addf(&out, "%.*s\n", HN_TEXT_ARG(hn_buf_text(&token)));
        }
        if (!hn_buf_ok(&out) || !ui_write(stdout, hn_buf_text(&out)))
            code = EXIT_IO;
        remote_say("the token is shown this once; take it back with `hinomi token revoke`",
                "トークンが表示されるのは今回だけです。hinomi token revoke で失効できます",
                wish.name);
    }
    hn_buf_deinit(&raw);
    hn_buf_deinit(&token);
    hn_buf_deinit(&out);
    accounts_close(&accounts);
    return code;
}

/* ---- Revoke ---- */

static int revoke(struct accounts *accounts, struct hn_text name)
{
    struct client_request request = { .method = "DELETE" };
    struct hn_err err = { 0 };
    struct hn_buf path = { 0 };
    int code = EXIT_IO;

    if (accounts_are_local(accounts))
        return accounts_result(
                auth_token_revoke(accounts->local.db, &accounts->local.actor, name, &err), &err);
    hn_buf_add_lit(&path, "/v1/tokens");
    client_segment(&path, name);
    hn_buf_add_char(&path, '\0');
    request.path = path.ptr;
    if (hn_buf_ok(&path))
        code = remote_send(&accounts->remote, &request, NULL);
    hn_buf_deinit(&path);
    return code;
}

static int revoke_run(const struct opt_values *values)
{
    struct accounts accounts = { .local = { 0 } };
    int code;

    if (values->operand_count != 1)
        return remote_usage("one NAME is wanted", "NAME を一つ指定してください");
    code = accounts_open(values, &accounts);
    if (code == EXIT_FINE)
        code = revoke(&accounts, hn_text_cstr(values->operands[0]));
    if (code == EXIT_FINE)
        remote_say("revoked at once", "ただちに失効しました", hn_text_cstr(values->operands[0]));
    accounts_close(&accounts);
    return code;
}

/* ---- Tables ---- */

const struct opt_command cmd_token_list = {
    .name = "token list",
    .summary = "Lists the tokens of a server, without their secrets",
    .summary_ja = "サーバーのトークンを一覧(秘密の値は出ない)",
    .details = "Without a server it reads the database of this machine's server.",
    .options = list_options,
    .option_count = HN_COUNT_OF(list_options),
    .run = list_run,
};
const struct opt_command cmd_token_add = {
    .name = "token add",
    .operands = "NAME",
    .summary = "Makes a token and prints it, this once",
    .summary_ja = "トークンを作り、一度だけ表示する",
    .details =
            "A shipper gets one of its own: `hinomi token add winlogbeat --source windows --for "
            "winlogbeat`. People and programs that read get a role: `hinomi token add "
            "desk-1 --role analyst`. Standard output has the token alone, or the shipper's lines "
            "with it.\n"
            "Without a server it works on the database of this machine's server.",
    .options = add_options,
    .option_count = HN_COUNT_OF(add_options),
    .run = add_run,
};
const struct opt_command cmd_token_revoke = {
    .name = "token revoke",
    .operands = "NAME",
    .summary = "Makes a token useless at once",
    .summary_ja = "トークンをただちに失効させる",
    .options = revoke_options,
    .option_count = HN_COUNT_OF(revoke_options),
    .run = revoke_run,
};
