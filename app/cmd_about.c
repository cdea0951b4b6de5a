/* cmd_about.c - version, completion, man: what the program says about itself. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/ui.h"

#include <string.h>

static int print(struct hn_buf *text)
{
    bool ok = hn_buf_ok(text) && ui_write(stdout, hn_buf_text(text));

    hn_buf_deinit(text);
    return ok ? EXIT_FINE : EXIT_IO;
}

static int version_run(const struct opt_values *values)
{
    struct hn_buf text = { 0 };

    (void)values;
    hn_buf_add_lit(&text, "hinomi " HN_VERSION "\n");
    return print(&text);
}

const struct opt_command cmd_version = {
    .name = "version",
    .summary = "Prints the version",
    .summary_ja = "バージョンを表示",
    .run = version_run,
};

static int completion_run(const struct opt_values *values)
{
    struct hn_buf text = { 0 };

    if (values->operand_count != 1 || !opt_write_completion(values->operands[0], &text)) {
        ui_error("%s", UI_TEXT("one of bash, zsh, fish is wanted",
                               "bash・zsh・fish のどれか一つを指定してください"));
        return EXIT_USAGE;
    }
    return print(&text);
}

const struct opt_command cmd_completion = {
    .name = "completion",
    .operands = "bash|zsh|fish",
    .summary = "Prints a completion script for a shell",
    .summary_ja = "シェルの補完スクリプトを出力",
    .run = completion_run,
};

static int man_run(const struct opt_values *values)
{
    struct hn_buf text = { 0 };
    struct hn_buf name = { 0 };
    const struct opt_command *command = NULL;

    for (size_t i = 0; i < values->operand_count; i++)
        hn_buf_addf(&name, "%s%s", i > 0 ? " " : "", values->operands[i]);
    for (size_t i = 0; opt_commands[i] != NULL && name.len > 0; i++) {
        if (hn_text_eq(hn_buf_text(&name), hn_text_cstr(opt_commands[i]->name)))
            command = opt_commands[i];
    }
    if (command == NULL && name.len > 0) {
        struct hn_err err = { 0 };

        (void)hn_fail(&err, HN_NOTFOUND, 0, UI_TEXT("no such command", "そのコマンドはありません"));
        ui_error_at(hn_buf_text(&name), &err);
        hn_buf_deinit(&name);
        return EXIT_USAGE;
    }
    hn_buf_deinit(&name);
    opt_write_man(command, &text);
    return print(&text);
}

const struct opt_command cmd_man = {
    .name = "man",
    .operands = "[COMMAND]",
    .summary = "Prints a manual page in roff, made from the same tables as --help",
    .summary_ja = "マニュアルページ(roff)を出力",
    .run = man_run,
};
