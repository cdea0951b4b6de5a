/* cmd_user.c - hinomi user list, add, password, disable, enable, role: the accounts of people. */
#include "app/accounts.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/secret_input.h"
#include "app/ui.h"

#include "base/json_out.h"

enum { O_ROLE, O_PASSWORD_FILE, O_GENERATE };

#define OPT_SECRET_ROWS                                                                          \
    { O_PASSWORD_FILE, "password-file", '\0', OPT_TEXT, "FILE", NULL,                            \
        "its first line is the password; - is standard input (default: ask)",                    \
        "1行目をパスワードとする(- は標準入力。既定: 尋ねる)" },                                 \
    {                                                                                            \
        O_GENERATE, "generate", '\0', OPT_FLAG, NULL, NULL, "make a password and print it once", \
                "パスワードを作り、一度だけ表示"                                  \
    }

static const struct opt_spec list_options[] = { OPT_LIST_ROWS, OPT_SERVER_ROWS, OPT_SHOW_ROWS };
static const struct opt_spec add_options[] = {
    { O_ROLE, "role", '\0', OPT_CHOICE, NULL, ACCOUNT_ROLES, "what the user may do", "ロール" },
    OPT_SECRET_ROWS,
    OPT_SERVER_ROWS,
    OPT_SHOW_ROWS,
};
static const struct opt_spec password_options[] = { OPT_SECRET_ROWS, OPT_SERVER_ROWS,
    OPT_SHOW_ROWS };
static const struct opt_spec plain_options[] = { OPT_SERVER_ROWS, OPT_SHOW_ROWS };

static const struct remote_column columns[] = {
    { .member = "name", .head = "NAME", .head_ja = "名前" },
    { .member = "role", .head = "ROLE", .head_ja = "ロール", .cell = REMOTE_WORD, .wide_max = 16 },
    { .member = "disabled",
            .head = "DISABLED",
            .head_ja = "無効",
            .cell = REMOTE_YES,
            .wide_max = 8 },
    { .member = "last_login",
            .head = "LAST LOGIN",
            .head_ja = "最終ログイン",
            .cell = REMOTE_TIME,
            .wide_max = 19 },
    { .member = "created",
            .head = "CREATED",
            .head_ja = "作成",
            .cell = REMOTE_TIME,
            .wide_max = 19,
            .keep = 1 },
};
static const struct remote_table table = { columns, HN_COUNT_OF(columns) };

/* ---- List ---- */

/* As the API writes it. */
static void on_user(void *ctx, const struct auth_user *user)
{
    struct hn_json_out *json = ctx;

    hn_json_open(json, '{');
    hn_json_pair(json, "name", user->name);
    hn_json_pair(json, "role", hn_text_cstr(auth_role_text(user->role)));
    hn_json_key(json, HN_TEXT("disabled"));
    hn_json_bool(json, user->disabled);
    hn_json_key(json, HN_TEXT("created"));
    accounts_json_time(json, user->created);
    hn_json_key(json, HN_TEXT("last_login"));
    accounts_json_time(json, user->last_login);
    hn_json_close(json, '}');
}

static enum hn_status items(struct db *db, struct hn_json_out *json, struct hn_err *err)
{
    return auth_user_each(db, on_user, json, err);
}

static int list_run(const struct opt_values *values)
{
    struct remote_list list = {
        .table = &table, .none = "there are no users", .none_ja = "ユーザーがいません"
    };
    struct accounts accounts = { .local = { 0 } };
    struct hn_buf path = { 0 };
    struct hn_buf document = { 0 };
    int code = accounts_open(values, &accounts);

    hn_buf_add_lit(&path, "/v1/users");
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

/* ---- Changes ---- */

static struct hn_text name_of(const struct opt_values *values)
{
    return hn_text_cstr(values->operands[0]);
}

/* A request with a body, which is forgotten afterwards: there may be a password in it. */
static int send_body(
        struct remote *remote, const char *method, const struct hn_buf *path, struct hn_buf *body)
{
    int code = remote_send_json(remote, method, path, "", body, NULL);

    for (size_t i = 0; i < body->len; i++)
        body->ptr[i] = '\0';
    return code;
}

static int user_path(struct hn_text name, const char *behind, struct hn_buf *path)
{
    hn_buf_add_lit(path, "/v1/users");
    client_segment(path, name);
    hn_buf_add_cstr(path, behind);
    return hn_buf_ok(path) ? EXIT_FINE : EXIT_IO;
}

static int get_secret(const struct opt_values *values, char secret[AUTH_PASSWORD_MAX + 1])
{
    if (opt_flag(values, O_GENERATE))
        return secret_make(secret);
    return secret_read(opt_text(values, O_PASSWORD_FILE), secret);
}

static int print_secret(const struct opt_values *values, const char *secret)
{
    struct hn_buf line = { 0 };
    bool written;

    if (!opt_flag(values, O_GENERATE))
        return EXIT_FINE;
    hn_buf_addf(&line, "%s\n", secret);
    written = hn_buf_ok(&line) && ui_write(stdout, hn_buf_text(&line));
    hn_buf_deinit(&line);
    return written ? EXIT_FINE : EXIT_IO;
}

static int add(struct accounts *accounts, const struct auth_user_wish *wish)
{
    struct hn_err err = { 0 };
    struct hn_buf path = { 0 };
    struct hn_buf body = { 0 };
    struct hn_json_out json = hn_json_out_over(&body);
    int code;

    if (accounts_are_local(accounts)) {
        return accounts_result(auth_user_add(accounts->local.auth, accounts->local.db,
                                       &accounts->local.actor, wish, &err),
                &err);
    }
    hn_buf_add_lit(&path, "/v1/users");
    hn_json_open(&json, '{');
    hn_json_pair(&json, "name", wish->name);
    hn_json_pair(&json, "role", hn_text_cstr(auth_role_text(wish->role)));
    hn_json_pair(&json, "password", wish->password);
    hn_json_close(&json, '}');
    code = send_body(&accounts->remote, "POST", &path, &body);
    hn_buf_deinit(&path);
    hn_buf_deinit(&body);
    return code;
}

static int add_run(const struct opt_values *values)
{
    const char *role = opt_text(values, O_ROLE);
    struct accounts accounts = { .local = { 0 } };
    struct auth_user_wish wish = { .role = AUTH_VIEWER };
    char secret[AUTH_PASSWORD_MAX + 1] = "";
    int code;

    if (values->operand_count != 1 || role == NULL)
        return remote_usage(
                "one NAME and its --role are wanted", "NAME を一つと --role を指定してください");
    (void)auth_role_find(hn_text_cstr(role), &wish.role); /* the table of options knows them all */
    wish.name = name_of(values);
    code = accounts_open(values, &accounts);
    if (code == EXIT_FINE)
        code = get_secret(values, secret);
    wish.password = hn_text_cstr(secret);
    if (code == EXIT_FINE)
        code = add(&accounts, &wish);
    if (code == EXIT_FINE)
        remote_say("the account is there", "アカウントを作りました", wish.name);
    if (code == EXIT_FINE)
        code = print_secret(values, secret);
    secret_forget(secret);
    accounts_close(&accounts);
    return code;
}

static int set_password(struct accounts *accounts, struct hn_text name, struct hn_text secret)
{
    struct hn_err err = { 0 };
    struct hn_buf path = { 0 };
    struct hn_buf body = { 0 };
    struct hn_json_out json = hn_json_out_over(&body);
    int code;

    if (accounts_are_local(accounts)) {
        return accounts_result(auth_user_set_password(accounts->local.auth, accounts->local.db,
                                       &accounts->local.actor, name, secret, &err),
                &err);
    }
    code = user_path(name, "/password", &path);
    hn_json_open(&json, '{');
    hn_json_pair(&json, "password", secret);
    hn_json_close(&json, '}');
    if (code == EXIT_FINE)
        code = send_body(&accounts->remote, "PUT", &path, &body);
    hn_buf_deinit(&path);
    hn_buf_deinit(&body);
    return code;
}

static int password_run(const struct opt_values *values)
{
    struct accounts accounts = { .local = { 0 } };
    char secret[AUTH_PASSWORD_MAX + 1] = "";
    int code;

    if (values->operand_count != 1)
        return remote_usage("one NAME is wanted", "NAME を一つ指定してください");
    code = accounts_open(values, &accounts);
    if (code == EXIT_FINE)
        code = get_secret(values, secret);
    if (code == EXIT_FINE)
        code = set_password(&accounts, name_of(values), hn_text_cstr(secret));
    if (code == EXIT_FINE)
        remote_say("the password is changed; sessions have ended",
                "パスワードを変更しました(セッションは終了)", name_of(values));
    if (code == EXIT_FINE)
        code = print_secret(values, secret);
    secret_forget(secret);
    accounts_close(&accounts);
    return code;
}

/* ---- Role, disabled ---- */

struct change {
    struct hn_text name;
    const char *role; /* NULL: as it is */
    int disabled;     /* negative: as it is */
    bool found;
    enum auth_role now_role;
    bool now_disabled;
};

static void on_found(void *ctx, const struct auth_user *user)
{
    struct change *change = ctx;

    if (!hn_text_eq(user->name, change->name))
        return;
    change->found = true;
    change->now_role = user->role;
    change->now_disabled = user->disabled;
}

static int change_local(struct local *local, struct change *change)
{
    struct hn_err err = { 0 };
    enum hn_status status = auth_user_each(local->db, on_found, change, &err);

    if (status == HN_OK && !change->found)
        status = hn_fail(&err, HN_NOTFOUND, 0, "there is no such user");
    if (status == HN_OK && change->role != NULL)
        (void)auth_role_find(hn_text_cstr(change->role), &change->now_role);
    if (status == HN_OK)
        status = auth_user_set_role(local->db, &local->actor, change->name, change->now_role,
                change->disabled < 0 ? change->now_disabled : change->disabled == 1, &err);
    return accounts_result(status, &err);
}

static int change_remote(struct remote *remote, const struct change *change)
{
    struct hn_buf path = { 0 };
    struct hn_buf body = { 0 };
    struct hn_json_out json = hn_json_out_over(&body);
    int code = user_path(change->name, "", &path);

    hn_json_open(&json, '{');
    if (change->role != NULL)
        hn_json_pair(&json, "role", hn_text_cstr(change->role));
    if (change->disabled >= 0) {
        hn_json_key(&json, HN_TEXT("disabled"));
        hn_json_bool(&json, change->disabled == 1);
    }
    hn_json_close(&json, '}');
    if (code == EXIT_FINE)
        code = send_body(remote, "PATCH", &path, &body);
    hn_buf_deinit(&path);
    hn_buf_deinit(&body);
    return code;
}

static int change_user(const struct opt_values *values, struct change *change)
{
    struct accounts accounts = { .local = { 0 } };
    int code = accounts_open(values, &accounts);

    change->name = name_of(values);
    if (code == EXIT_FINE)
        code = accounts_are_local(&accounts) ? change_local(&accounts.local, change)
                                             : change_remote(&accounts.remote, change);
    if (code == EXIT_FINE)
        remote_say("done; sessions have ended", "変更しました(セッションは終了)", change->name);
    accounts_close(&accounts);
    return code;
}

static int disable_run(const struct opt_values *values)
{
    struct change change = { .disabled = 1 };

    if (values->operand_count != 1)
        return remote_usage("one NAME is wanted", "NAME を一つ指定してください");
    return change_user(values, &change);
}

static int enable_run(const struct opt_values *values)
{
    struct change change = { .disabled = 0 };

    if (values->operand_count != 1)
        return remote_usage("one NAME is wanted", "NAME を一つ指定してください");
    return change_user(values, &change);
}

static int role_run(const struct opt_values *values)
{
    struct change change = { .disabled = -1 };
    enum auth_role role;

    if (values->operand_count != 2 || !auth_role_find(hn_text_cstr(values->operands[1]), &role))
        return remote_usage("a NAME and one of " ACCOUNT_ROLES " are wanted",
                "NAME と " ACCOUNT_ROLES " のどれか一つを指定してください");
    change.role = values->operands[1];
    return change_user(values, &change);
}

/* ---- Tables ---- */

#define LOCAL_DETAIL                                                                            \
    "Without --server (or HINOMI_SERVER, client.yaml) it works on the database of this "        \
    "machine's server, also while that is stopped: for the first account, and when a password " \
    "is lost. Every change has its entry in the audit log."

const struct opt_command cmd_user_list = {
    .name = "user list",
    .summary = "Lists the accounts of a server",
    .summary_ja = "サーバーのアカウントを一覧",
    .details = LOCAL_DETAIL,
    .options = list_options,
    .option_count = HN_COUNT_OF(list_options),
    .run = list_run,
};
const struct opt_command cmd_user_add = {
    .name = "user add",
    .operands = "NAME",
    .summary = "Makes an account",
    .summary_ja = "アカウントを作る",
    .details = LOCAL_DETAIL,
    .options = add_options,
    .option_count = HN_COUNT_OF(add_options),
    .run = add_run,
};
const struct opt_command cmd_user_password = {
    .name = "user password",
    .operands = "NAME",
    .summary = "Gives an account another password and ends its sessions",
    .summary_ja = "パスワードを変え、セッションを終える",
    .details = LOCAL_DETAIL,
    .options = password_options,
    .option_count = HN_COUNT_OF(password_options),
    .run = password_run,
};
const struct opt_command cmd_user_disable = {
    .name = "user disable",
    .operands = "NAME",
    .summary = "Shuts an account out at once",
    .summary_ja = "アカウントをただちに無効にする",
    .details = LOCAL_DETAIL,
    .options = plain_options,
    .option_count = HN_COUNT_OF(plain_options),
    .run = disable_run,
};
const struct opt_command cmd_user_enable = {
    .name = "user enable",
    .operands = "NAME",
    .summary = "Lets a disabled account in again",
    .summary_ja = "無効にしたアカウントを戻す",
    .details = LOCAL_DETAIL,
    .options = plain_options,
    .option_count = HN_COUNT_OF(plain_options),
    .run = enable_run,
};
const struct opt_command cmd_user_role = {
    .name = "user role",
    .operands = "NAME ROLE",
    .summary = "Gives an account another role and ends its sessions",
    .summary_ja = "ロールを変え、セッションを終える",
    .details = "Roles are " ACCOUNT_ROLES ". " LOCAL_DETAIL,
    .options = plain_options,
    .option_count = HN_COUNT_OF(plain_options),
    .run = role_run,
};
