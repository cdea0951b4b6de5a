/* opt_help.c - --help, from the option tables. */
#include "app/opt.h"

#include "base/utf.h"

#include <string.h>

#define HELP_COLUMN 28

static void spaces_to(struct hn_buf *out, size_t line_start, size_t column)
{
    size_t used = hn_utf8_columns(hn_text_of(out->ptr + line_start, out->len - line_start));

    if (used + 1 > column) {
        hn_buf_add_char(out, '\n');
        used = 0;
    }
    hn_buf_add_repeat(out, ' ', column - used);
}

static void option_line(struct hn_buf *out, const struct opt_spec *spec, bool japanese)
{
    size_t start = out->len;

    if (spec->letter == '\0')
        hn_buf_add_lit(out, "      --");
    else
        hn_buf_addf(out, "  -%c, --", spec->letter);
    hn_buf_add_cstr(out, spec->name);
    if (spec->kind == OPT_CHOICE)
        hn_buf_addf(out, " %s", spec->choices);
    else if (spec->kind != OPT_FLAG)
        hn_buf_addf(out, " %s", spec->arg);
    spaces_to(out, start, HELP_COLUMN);
    hn_buf_add_cstr(out, japanese ? spec->help_ja : spec->help);
    hn_buf_add_char(out, '\n');
}

void opt_write_help(const struct opt_command *command, bool japanese, struct hn_buf *out)
{
    static const struct opt_spec common[] = {
        { .name = "lang",
                .kind = OPT_CHOICE,
                .choices = "en|ja",
                .help = "language of texts for people (default: from LANG)",
                .help_ja = "表示の言語(既定: LANG から)" },
        { .name = "help",
                .letter = 'h',
                .kind = OPT_FLAG,
                .help = "this text",
                .help_ja = "この説明" },
    };

    hn_buf_addf(out,
            japanese ? "使い方: hinomi %s [オプション]%s%s\n\n%s。\n\n"
                     : "usage: hinomi %s [OPTIONS]%s%s\n\n%s.\n\n",
            command->name, command->operands == NULL ? "" : " ",
            command->operands == NULL ? "" : command->operands,
            japanese ? command->summary_ja : command->summary);
    for (size_t i = 0; i < command->option_count; i++)
        option_line(out, &command->options[i], japanese);
    for (size_t i = 0; i < HN_COUNT_OF(common); i++)
        option_line(out, &common[i], japanese);
}

void opt_write_overview(bool japanese, struct hn_buf *out)
{
    hn_buf_add_cstr(out, japanese ? "hinomi(火の見) - ログの中の攻撃を見つける\n\n"
                                    "使い方: hinomi コマンド [オプション] [...]\n\n"
                                  : "hinomi - finds attacks in logs\n\n"
                                    "usage: hinomi COMMAND [OPTIONS] [...]\n\n");
    for (size_t i = 0; opt_commands[i] != NULL; i++) {
        size_t start = out->len;

        hn_buf_addf(out, "  %s", opt_commands[i]->name);
        spaces_to(out, start, 20);
        hn_buf_add_cstr(out, japanese ? opt_commands[i]->summary_ja : opt_commands[i]->summary);
        hn_buf_add_char(out, '\n');
    }
    hn_buf_add_cstr(out, japanese ? "\n各コマンドの説明: hinomi コマンド --help\n"
                                  : "\nhinomi COMMAND --help tells more about each.\n");
}
