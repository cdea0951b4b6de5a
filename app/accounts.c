/* accounts.c - the server or its database: which of them is asked. */
#include "app/accounts.h"

#include "app/exit_code.h"
#include "app/ui.h"

int accounts_open(const struct opt_values *values, struct accounts *accounts)
{
    const char *dir = NULL;
    int code = remote_show_options(values, &accounts->remote);

    if (code == EXIT_FINE)
        code = remote_data_folder(values, &dir);
    if (code != EXIT_FINE)
        return code;
    /* An explicit --server beside --data is the server's business. */
    if (dir != NULL && opt_text(values, O_SERVER) == NULL)
        return local_open(dir, &accounts->local);
    return remote_open(values, &accounts->remote);
}

void accounts_close(struct accounts *accounts)
{
    local_close(&accounts->local);
    remote_close(&accounts->remote);
}

bool accounts_are_local(const struct accounts *accounts)
{
    return accounts->local.db != NULL;
}

int accounts_result(enum hn_status status, const struct hn_err *err)
{
    if (status == HN_OK)
        return EXIT_FINE;
    ui_error_at(HN_TEXT(""), err);
    return status == HN_SYNTAX || status == HN_NOTFOUND ? EXIT_USAGE : EXIT_IO;
}

int accounts_list(struct local *local, accounts_items *items, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);
    struct hn_err err = { 0 };
    enum hn_status status;

    hn_json_open(&json, '{');
    hn_json_key(&json, HN_TEXT("items"));
    hn_json_open(&json, '[');
    status = items(local->db, &json, &err);
    hn_json_close(&json, ']');
    hn_json_close(&json, '}');
    return accounts_result(status, &err);
}

void accounts_json_time(struct hn_json_out *json, hn_time time)
{
    char text[HN_TIME_TEXT_MAX];

    if (time == HN_TIME_NONE)
        hn_json_null(json);
    else
        hn_json_text(json, hn_text_of(text, hn_time_write(time, 0, text)));
}
