/* work_options.c - the work on alerts and incidents: asked for and written down in the same way. */
#include "app/work_options.h"

#include "app/exit_code.h"
#include "app/input_options.h"
#include "base/json_out.h"

static void add_option(
        const struct opt_values *values, unsigned id, const char *name, struct hn_buf *path)
{
    const char *text = opt_text(values, id);

    if (text != NULL)
        client_query(path, name, hn_text_cstr(text));
}

int work_filter(const struct opt_values *values, const struct hn_zone *zone, struct hn_buf *path)
{
    hn_time since;
    hn_time until;

    if (!input_time_parse(opt_text(values, O_SINCE), zone, &since) ||
            !input_time_parse(opt_text(values, O_UNTIL), zone, &until))
        return EXIT_USAGE;
    add_option(values, O_LEVEL, "level", path);
    add_option(values, O_WORK_STATUS, "status", path);
    add_option(values, O_VERDICT, "verdict", path);
    add_option(values, O_ASSIGNEE, "assignee", path);
    client_query_time(path, "from", since);
    client_query_time(path, "to", until);
    return EXIT_FINE;
}

static bool changes(const struct opt_values *values)
{
    return opt_text(values, O_WORK_STATUS) != NULL || opt_text(values, O_VERDICT) != NULL ||
           opt_text(values, O_ASSIGNEE) != NULL;
}

int work_change_check(const struct opt_values *values)
{
    if (changes(values) || opt_text(values, O_COMMENT) != NULL)
        return EXIT_FINE;
    return remote_usage("nothing to change: --status, --verdict, --assignee or --comment",
            "変更がありません: --status、--verdict、--assignee、--comment のどれかを指定"
            "してください");
}

static void add_pair(
        struct hn_json_out *json, const struct opt_values *values, unsigned id, const char *name)
{
    const char *text = opt_text(values, id);

    if (text == NULL)
        return;
    hn_json_key(json, hn_text_cstr(name));
    hn_json_text(json, hn_text_cstr(text));
}

int work_change(struct remote *remote, const struct opt_values *values, const struct hn_buf *path,
        const char *name)
{
    struct hn_buf body = { 0 };
    struct hn_json_out json = hn_json_out_over(&body);
    int code = EXIT_FINE;

    if (changes(values)) {
        hn_json_open(&json, '{');
        add_pair(&json, values, O_WORK_STATUS, "status");
        add_pair(&json, values, O_VERDICT, "verdict");
        add_pair(&json, values, O_ASSIGNEE, "assignee");
        hn_json_close(&json, '}');
        code = remote_send_json(remote, "PATCH", path, "", &body, NULL);
    }
    if (code == EXIT_FINE && opt_text(values, O_COMMENT) != NULL) {
        hn_buf_reset(&body);
        json = hn_json_out_over(&body);
        hn_json_open(&json, '{');
        add_pair(&json, values, O_COMMENT, "text");
        hn_json_close(&json, '}');
        code = remote_send_json(remote, "POST", path, "/comments", &body, NULL);
    }
    if (code == EXIT_FINE)
        remote_say("changed", "変更しました", hn_text_cstr(name));
    hn_buf_deinit(&body);
    return code;
}
