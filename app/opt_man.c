/* opt_man.c - manual pages in mdoc(7)-free man(7) macros, from the option tables. */
#include "app/opt.h"

#include "app/exit_code.h"

#include <string.h>

/* roff text: backslashes, leading dots and quotes, and hyphens that must stay hyphens. */
static void roff(struct hn_buf *out, const char *text)
{
    bool line_start = true;

    for (const char *p = text; *p != '\0'; p++) {
        if (line_start && (*p == '.' || *p == '\''))
            hn_buf_add_lit(out, "\\&");
        line_start = *p == '\n';
        if (*p == '\\')
            hn_buf_add_lit(out, "\\e");
        else if (*p == '-')
            hn_buf_add_lit(out, "\\-");
        else
            hn_buf_add_char(out, *p);
    }
}

static void options(struct hn_buf *out, const struct opt_command *command)
{
    hn_buf_add_lit(out, ".SH OPTIONS\n");
    for (size_t i = 0; i < command->option_count; i++) {
        const struct opt_spec *spec = &command->options[i];

        hn_buf_add_lit(out, ".TP\n.B ");
        if (spec->letter != '\0')
            hn_buf_addf(out, "\\-%c, ", spec->letter);
        hn_buf_add_lit(out, "\\-\\-");
        roff(out, spec->name);
        if (spec->kind == OPT_CHOICE) {
            hn_buf_add_lit(out, " \\fR");
            roff(out, spec->choices);
            hn_buf_add_lit(out, "\\fP");
        } else if (spec->kind != OPT_FLAG) {
            hn_buf_addf(out, " \\fI%s\\fP", spec->arg);
        }
        hn_buf_add_char(out, '\n');
        roff(out, spec->help);
        hn_buf_add_lit(out, ".\n");
    }
    hn_buf_add_lit(out, ".TP\n.B \\-\\-lang \\fRen|ja\\fP\nLanguage of texts for people.\n"
                        ".TP\n.B \\-h, \\-\\-help\nA short form of this page.\n");
}

static void exit_codes(struct hn_buf *out)
{
    hn_buf_add_lit(out, ".SH EXIT STATUS\n");
#define EXIT_LINE(name, number, text, text_ja)  \
    hn_buf_addf(out, ".TP\n.B %d\n", (number)); \
    roff(out, text ".\n");
    EXIT_CODE_LIST(EXIT_LINE)
#undef EXIT_LINE
}

static void header(struct hn_buf *out, const char *name, const char *summary)
{
    hn_buf_add_lit(out, ".TH \"HINOMI");
    for (const char *p = name; *p != '\0'; p++)
        hn_buf_add_char(out, *p == ' ' ? '-' : (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p));
    hn_buf_addf(out, "\" 1 \"\" \"hinomi %s\" \"Hinomi\"\n.SH NAME\nhinomi", HN_VERSION);
    for (const char *p = name; *p != '\0'; p++)
        hn_buf_add_char(out, *p == ' ' ? '-' : *p);
    hn_buf_add_lit(out, " \\- ");
    roff(out, summary);
    hn_buf_add_char(out, '\n');
}

static void overview(struct hn_buf *out)
{
    header(out, "", "finds attacks in logs");
    hn_buf_add_lit(out, ".SH SYNOPSIS\n.B hinomi\n.I COMMAND\n[\\fIOPTIONS\\fP]\n"
                        ".SH COMMANDS\n");
    for (size_t i = 0; opt_commands[i] != NULL; i++) {
        hn_buf_addf(out, ".TP\n.B %s\n", opt_commands[i]->name);
        roff(out, opt_commands[i]->summary);
        hn_buf_add_lit(out, ".\n");
    }
    exit_codes(out);
    hn_buf_add_lit(out,
            ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nAny value: no colours.\n"
            ".TP\n.B LANG, LC_ALL, LC_MESSAGES\nJapanese texts when they start with "
            "\\(lqja\\(rq.\n.TP\n.B HINOMI_DATA\nFolder of the shipped rules and lists.\n"
            ".TP\n.B XDG_CACHE_HOME\nWhere compiled rules are cached.\n");
}

void opt_write_man(const struct opt_command *command, struct hn_buf *out)
{
    char name[64];

    if (command == NULL) {
        overview(out);
        return;
    }
    (void)snprintf(name, sizeof name, " %s", command->name);
    header(out, name, command->summary);
    hn_buf_addf(out, ".SH SYNOPSIS\n.B hinomi %s\n[\\fIOPTIONS\\fP]", command->name);
    if (command->operands != NULL) {
        hn_buf_add_lit(out, " \\fI");
        roff(out, command->operands);
        hn_buf_add_lit(out, "\\fP");
    }
    hn_buf_add_char(out, '\n');
    if (command->details != NULL) {
        hn_buf_add_lit(out, ".SH DESCRIPTION\n");
        roff(out, command->details);
        hn_buf_add_char(out, '\n');
    }
    options(out, command);
    exit_codes(out);
    hn_buf_add_lit(out, ".SH SEE ALSO\n.BR hinomi (1)\n");
}
