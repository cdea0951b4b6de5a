/* opt_completion.c - completion scripts for bash, zsh and fish, from the option tables. */
#include "app/opt.h"

#include <stdio.h>
#include <string.h>

static void words(struct hn_buf *out, const char *separated, char separator)
{
    for (const char *p = separated; *p != '\0'; p++)
        hn_buf_add_char(out, *p == separator ? ' ' : *p);
}

static bool takes_path(const struct opt_spec *spec)
{
    return spec->arg != NULL &&
           (strstr(spec->arg, "FILE") != NULL || strstr(spec->arg, "DIR") != NULL ||
                   strstr(spec->arg, "PATH") != NULL);
}

/* Length of the word of a command behind a prefix; 0 when the command has another prefix. */
static size_t word_after(const char *name, const char *prefix)
{
    size_t prefix_len = strlen(prefix);

    return strncmp(name, prefix, prefix_len) == 0 ? strcspn(name + prefix_len, " ") : 0;
}

/* Words of all commands that follow a prefix ("" or "rules "), each once. */
static void command_words(struct hn_buf *out, const char *prefix)
{
    for (size_t i = 0; opt_commands[i] != NULL; i++) {
        size_t len = word_after(opt_commands[i]->name, prefix);
        const char *word = opt_commands[i]->name + strlen(prefix);
        bool repeated = len == 0;

        for (size_t k = 0; k < i && !repeated; k++)
            repeated = word_after(opt_commands[k]->name, prefix) == len &&
                       strncmp(opt_commands[k]->name + strlen(prefix), word, len) == 0;
        if (!repeated) {
            hn_buf_add(out, word, len);
            hn_buf_add_char(out, ' ');
        }
    }
}

/* Calls back with each first word that has further ones behind it ("rules", "alerts"). */
static void each_group(struct hn_buf *out, void (*on_group)(struct hn_buf *out, const char *group))
{
    for (size_t i = 0; opt_commands[i] != NULL; i++) {
        const char *space = strchr(opt_commands[i]->name, ' ');
        char group[32];
        size_t len;
        bool repeated = space == NULL;

        len = repeated ? 0 : (size_t)(space - opt_commands[i]->name);
        for (size_t k = 0; k < i && !repeated; k++)
            repeated = strncmp(opt_commands[k]->name, opt_commands[i]->name, len + 1) == 0;
        if (repeated || len >= sizeof group)
            continue;
        memcpy(group, opt_commands[i]->name, len);
        group[len] = '\0';
        on_group(out, group);
    }
}

static void group_words(struct hn_buf *out, const char *group)
{
    char prefix[40];

    (void)snprintf(prefix, sizeof prefix, "%s ", group);
    command_words(out, prefix);
}

/* Is the group a command as well ("alerts" beside "alerts show")? Then its options are offered
 * where no further word of the group stands. */
static void bash_group(struct hn_buf *out, const char *group)
{
    hn_buf_addf(out, "    %s)\n        local more=\"", group);
    group_words(out, group);
    hn_buf_add_lit(out,
            "\"\n        if [ \"$COMP_CWORD\" -eq 2 ] && [ \"${cur#-}\" = \"$cur\" ]; then"
            " COMPREPLY=($(compgen -W \"$more\" -- \"$cur\")); return; fi\n"
            "        case \" $more \" in *\" ${COMP_WORDS[2]} \"*)");
    hn_buf_addf(out, " cmd=\"%s ${COMP_WORDS[2]}\";; esac;;\n", group);
}

static void bash_command(struct hn_buf *out, const struct opt_command *command)
{
    hn_buf_addf(out, "    \"%s\")\n        case $prev in\n", command->name);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct opt_spec *spec = &command->options[i];

        if (spec->kind != OPT_CHOICE)
            continue;
        hn_buf_addf(out, "        --%s) COMPREPLY=($(compgen -W \"", spec->name);
        words(out, spec->choices, '|');
        hn_buf_add_lit(out, "\" -- \"$cur\")); return;;\n");
    }
    hn_buf_add_lit(out,
            "        --lang) COMPREPLY=($(compgen -W \"en ja\" -- \"$cur\")); return;;\n"
            "        esac\n        opts=\"--help --lang");
    for (size_t i = 0; i < command->option_count; i++)
        hn_buf_addf(out, " --%s", command->options[i].name);
    hn_buf_add_lit(out, "\";;\n");
}

static void bash(struct hn_buf *out)
{
    hn_buf_add_lit(out, "# bash completion for hinomi; made by `hinomi completion bash`\n"
                        "_hinomi() {\n"
                        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                        "    local cmd=${COMP_WORDS[1]} opts=\n"
                        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                        "        COMPREPLY=($(compgen -W \"");
    command_words(out, "");
    hn_buf_add_lit(out, "\" -- \"$cur\")); return\n    fi\n"
                        "    case $cmd in\n");
    each_group(out, bash_group);
    hn_buf_add_lit(out, "    esac\n    case $cmd in\n");
    for (size_t i = 0; opt_commands[i] != NULL; i++)
        bash_command(out, opt_commands[i]);
    hn_buf_add_lit(out, "    esac\n"
                        "    if [ \"${cur#-}\" != \"$cur\" ]; then\n"
                        "        COMPREPLY=($(compgen -W \"$opts\" -- \"$cur\"))\n"
                        "    else\n        COMPREPLY=($(compgen -f -- \"$cur\"))\n    fi\n}\n"
                        "complete -o filenames -F _hinomi hinomi\n");
}

/* Text inside single quotes of a shell; brackets and colons mean something to zsh's _arguments. */
static void quoted(struct hn_buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\'')
            hn_buf_add_lit(out, "'\\''");
        else if (*p == '[' || *p == ']' || *p == ':')
            hn_buf_addf(out, "\\%c", *p);
        else
            hn_buf_add_char(out, *p);
    }
}

static void zsh_option(struct hn_buf *out, const struct opt_spec *spec)
{
    hn_buf_addf(out, " \\\n            '%s--%s%s[", spec->kind == OPT_TEXTS ? "*" : "", spec->name,
            spec->kind == OPT_FLAG ? "" : "=");
    quoted(out, spec->help);
    hn_buf_add_char(out, ']');
    if (spec->kind == OPT_CHOICE) {
        hn_buf_add_lit(out, ":choice:(");
        words(out, spec->choices, '|');
        hn_buf_add_char(out, ')');
    } else if (spec->kind != OPT_FLAG) {
        hn_buf_addf(out, ":%s:%s", spec->arg, takes_path(spec) ? "_files" : "");
    }
    hn_buf_add_char(out, '\'');
}

static void zsh_group(struct hn_buf *out, const char *group)
{
    hn_buf_addf(out,
            "    %s)\n        if (( CURRENT == 3 )) && [[ $words[3] != -* ]]; then compadd -- ",
            group);
    group_words(out, group);
    hn_buf_add_lit(out, "; return; fi\n        case \" ");
    group_words(out, group);
    hn_buf_addf(out, "\" in *\" $words[3] \"*) cmd=\"%s $words[3]\";; esac;;\n", group);
}

static void zsh(struct hn_buf *out)
{
    hn_buf_add_lit(out, "#compdef hinomi\n# made by `hinomi completion zsh`\n_hinomi() {\n"
                        "    local cmd=$words[2]\n"
                        "    if (( CURRENT == 2 )); then compadd -- ");
    command_words(out, "");
    hn_buf_add_lit(out, "; return; fi\n"
                        "    case $cmd in\n");
    each_group(out, zsh_group);
    hn_buf_add_lit(out, "    esac\n    case $cmd in\n");
    for (size_t i = 0; opt_commands[i] != NULL; i++) {
        hn_buf_addf(out, "    \"%s\")\n        _arguments -s", opt_commands[i]->name);
        for (size_t k = 0; k < opt_commands[i]->option_count; k++)
            zsh_option(out, &opt_commands[i]->options[k]);
        hn_buf_add_lit(out, " \\\n            '--lang=[language]:choice:(en ja)'"
                            " '--help[help]' '*:path:_files';;\n");
    }
    hn_buf_add_lit(out, "    esac\n}\n_hinomi \"$@\"\n");
}

static void fish_quoted(struct hn_buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\'' || *p == '\\')
            hn_buf_add_char(out, '\\');
        hn_buf_add_char(out, *p);
    }
}

static void fish_command(struct hn_buf *out, const struct opt_command *command)
{
    const char *space = strchr(command->name, ' ');

    for (size_t k = 0; k < command->option_count; k++) {
        const struct opt_spec *spec = &command->options[k];

        hn_buf_addf(out, "complete -c hinomi -n '__fish_seen_subcommand_from %s'",
                space == NULL ? command->name : space + 1);
        hn_buf_addf(out, " -l %s", spec->name);
        if (spec->letter != '\0')
            hn_buf_addf(out, " -s %c", spec->letter);
        if (spec->kind == OPT_CHOICE) {
            hn_buf_add_lit(out, " -x -a '");
            words(out, spec->choices, '|');
            hn_buf_add_char(out, '\'');
        } else if (spec->kind != OPT_FLAG) {
            hn_buf_add_cstr(out, takes_path(spec) ? " -r" : " -x");
        }
        hn_buf_add_lit(out, " -d '");
        fish_quoted(out, spec->help);
        hn_buf_add_lit(out, "'\n");
    }
}

static void fish_group(struct hn_buf *out, const char *group)
{
    hn_buf_addf(out, "complete -c hinomi -n '__fish_seen_subcommand_from %s' -f -a '", group);
    group_words(out, group);
    hn_buf_add_lit(out, "'\n");
}

static void fish(struct hn_buf *out)
{
    hn_buf_add_lit(out, "# fish completion for hinomi; made by `hinomi completion fish`\n"
                        "complete -c hinomi -n __fish_use_subcommand -f -a '");
    command_words(out, "");
    hn_buf_add_lit(out, "'\n");
    each_group(out, fish_group);
    for (size_t i = 0; opt_commands[i] != NULL; i++)
        fish_command(out, opt_commands[i]);
}

bool opt_write_completion(const char *shell, struct hn_buf *out)
{
    if (strcmp(shell, "bash") == 0)
        bash(out);
    else if (strcmp(shell, "zsh") == 0)
        zsh(out);
    else if (strcmp(shell, "fish") == 0)
        fish(out);
    else
        return false;
    return true;
}
