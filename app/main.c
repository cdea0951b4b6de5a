/* main.c - the table of commands, and nothing else. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/opt.h"
#include "app/ui.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const struct opt_command *const opt_commands[] = {
    &cmd_scan,
    &cmd_analyze,
    &cmd_decode,
    &cmd_events,
    &cmd_stats,
    &cmd_search,
    &cmd_iocs,
    &cmd_rules_list,
    &cmd_rules_lint,
    &cmd_rules_test,
    &cmd_rules_explain,
    &cmd_rules_coverage,
    &cmd_rules_cost,
    &cmd_rules_update,
    &cmd_serve,
    &cmd_config_check,
    &cmd_config_show,
    &cmd_config_document,
    &cmd_journal_check,
    &cmd_journal_export,
    &cmd_journal_repair,
    &cmd_db_check,
    &cmd_db_backup,
    &cmd_alerts,
    &cmd_alerts_show,
    &cmd_alerts_set,
    &cmd_incidents,
    &cmd_incidents_show,
    &cmd_incidents_set,
    &cmd_incidents_merge,
    &cmd_incidents_split,
    &cmd_exceptions,
    &cmd_exceptions_add,
    &cmd_exceptions_preview,
    &cmd_exceptions_end,
    &cmd_outbox,
    &cmd_outbox_requeue,
    &cmd_watch,
    &cmd_status,
    &cmd_doctor,
    &cmd_user_list,
    &cmd_user_add,
    &cmd_user_password,
    &cmd_user_role,
    &cmd_user_disable,
    &cmd_user_enable,
    &cmd_token_list,
    &cmd_token_add,
    &cmd_token_revoke,
    &cmd_bench,
    &cmd_completion,
    &cmd_man,
    &cmd_version,
    NULL,
};

/* The command whose words stand at the start of argv, of several the one with the most words;
 * *ret_words says how many they are. */
static const struct opt_command *find_command(int argc, char **argv, int *ret_words)
{
    const struct opt_command *found = NULL;

    *ret_words = 0;
    for (size_t i = 0; opt_commands[i] != NULL; i++) {
        struct hn_text rest = hn_text_cstr(opt_commands[i]->name);
        struct hn_text word;
        int words = 0;
        bool same = true;

        while (same && hn_text_split(&rest, ' ', &word)) {
            same = words < argc && hn_text_eq(hn_text_cstr(argv[words]), word);
            words++;
        }
        if (same && words > *ret_words) {
            *ret_words = words;
            found = opt_commands[i];
        }
    }
    return found;
}

/* --lang may stand anywhere; it is taken out, because it decides how everything else is said. */
static const char *take_lang(int *argc, char **argv)
{
    const char *lang = NULL;
    int kept = 0;

    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < *argc)
            lang = argv[++i];
        else if (strncmp(argv[i], "--lang=", 7) == 0)
            lang = argv[i] + 7;
        else
            argv[kept++] = argv[i];
    }
    *argc = kept;
    return lang;
}

static int print(struct hn_buf *text)
{
    bool ok = hn_buf_ok(text) && ui_write(stdout, hn_buf_text(text));

    hn_buf_deinit(text);
    return ok ? EXIT_FINE : EXIT_IO;
}

static int overview(int code)
{
    struct hn_buf text = { 0 };

    opt_write_overview(ui.japanese, &text);
    if (code == EXIT_FINE)
        return print(&text);
    (void)ui_write(stderr, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return code;
}

static int run(const struct opt_command *command, int argc, char **argv)
{
    struct opt_values values;
    struct hn_err err = { 0 };
    struct hn_buf help = { 0 };
    bool wants_help;
    int code;

    if (opt_parse(command, argc, argv, &values, &wants_help, &err) != HN_OK) {
        ui_error_at(HN_TEXT(""), &err);
        return EXIT_USAGE;
    }
    if (wants_help) {
        opt_write_help(command, ui.japanese, &help);
        code = print(&help);
    } else {
        code = command->run(&values);
    }
    opt_values_deinit(&values);
    return code;
}

int main(int argc, char **argv)
{
    const struct opt_command *command;
    const char *lang;
    int words = 0;

    /* A closed pipe is an error of write(), not the end of the program. */
    (void)signal(SIGPIPE, SIG_IGN);
    argc--;
    argv++;
    lang = take_lang(&argc, argv);
    ui_init(lang);
    if (lang != NULL && strcmp(lang, "en") != 0 && strcmp(lang, "ja") != 0) {
        ui_error("--lang is one of en|ja");
        return EXIT_USAGE;
    }
    if (argc == 0)
        return overview(EXIT_USAGE);
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 ||
            strcmp(argv[0], "help") == 0)
        return overview(EXIT_FINE);
    if (strcmp(argv[0], "--version") == 0)
        return run(&cmd_version, 0, argv);
    command = find_command(argc, argv, &words);
    if (command == NULL) {
        struct hn_err err = { 0 };

        (void)hn_fail(&err, HN_SYNTAX, 0, UI_TEXT("unknown command", "知らないコマンドです"));
        ui_error_at(hn_text_cstr(argv[0]), &err);
        return overview(EXIT_USAGE);
    }
    return run(command, argc - words, argv + words);
}
