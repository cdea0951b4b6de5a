/* batch_command.c - the commands that cmd.exe knows itself; all others are processes. */
#include "batch/batch_internal.h"

#include "base/num.h"

#include <ctype.h>

#define PARENT "C:\\Windows\\System32\\cmd.exe"

struct command {
    const char *name;
    enum bt_flow (*fn)(struct bt *bt, struct bt_text rest);
};

static struct bt_text with(struct bt_text of, struct hn_text text)
{
    return (struct bt_text){ text, of.unknown };
}

/* ---- Programs ---- */

/* Quotes may stand anywhere in a name: c"m"d. */
static struct hn_text without_quotes(struct bt *bt, struct hn_text word)
{
    struct hn_buf out = { 0 };

    if (hn_text_find_char(word, '"', 0) == SIZE_MAX)
        return word;
    hn_buf_init(&out, BT_LINE_MAX);
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] != '"')
            hn_buf_add_char(&out, word.ptr[i]);
    word = bt_copy(bt, hn_buf_text(&out), false).text;
    hn_buf_deinit(&out);
    return word;
}

static struct hn_text stem_of(struct bt *bt, struct hn_text word)
{
    word = bt_last_part(without_quotes(bt, word));
    return hn_text_ends_nocase(word, HN_TEXT(".exe")) ? hn_text_sub(word, 0, word.len - 4) : word;
}

/* Takes the next switch; false: there is none. *ret_runs: what follows is the line. */
static bool take_switch(struct bt *bt, struct hn_text *rest, bool *ret_runs)
{
    struct hn_text text = hn_text_trim(*rest);
    int letter;

    if (text.len < 2 || text.ptr[0] != '/')
        return false;
    letter = tolower((unsigned char)text.ptr[1]);
    *ret_runs = strchr("ckr", letter) != NULL;
    text = hn_text_sub(text, 2, SIZE_MAX);
    if (letter == 'v')
        bt->delayed = !hn_text_starts_nocase(text, HN_TEXT(":off"));
    while (!*ret_runs && text.len > 0 && text.ptr[0] != ' ' && text.ptr[0] != '/')
        text = hn_text_sub(text, 1, SIZE_MAX);
    *rest = text;
    return true;
}

/* Behind /c the first and the last quote are taken away, unless they are around the name of a
 * program. */
static struct hn_text without_outer_quotes(struct bt *bt, struct hn_text text)
{
    size_t second;
    size_t last;
    struct hn_text name;
    struct hn_buf out = { 0 };

    text = hn_text_trim(text);
    second = hn_text_find_char(text, '"', 1);
    if (text.len < 2 || text.ptr[0] != '"' || second == SIZE_MAX || second + 1 == text.len)
        return bt_unquote(text);
    name = hn_text_sub(text, 1, second - 1);
    for (last = text.len - 1; text.ptr[last] != '"'; last--)
        continue;
    if (last == second && (hn_text_find_char(name, ' ', 0) == SIZE_MAX ||
                                  (name.len > 4 && name.ptr[name.len - 4] == '.')))
        return text;
    hn_buf_init(&out, BT_LINE_MAX);
    hn_buf_add_text(&out, hn_text_sub(text, 1, last - 1));
    hn_buf_add_text(&out, hn_text_sub(text, last + 1, SIZE_MAX));
    text = bt_copy(bt, hn_buf_text(&out), false).text;
    hn_buf_deinit(&out);
    return text;
}

/* cmd /v:on /c "line": the line is carried out here. */
static void nested_cmd(struct bt *bt, struct bt_text rest)
{
    bool delayed = bt->delayed;
    struct hn_text text = rest.text;
    bool runs = false;

    while (!runs && take_switch(bt, &text, &runs))
        continue;
    if (runs)
        bt_run_text(bt, with(rest, without_outer_quotes(bt, text)), true);
    else if (bt->input.text.len > 0)
        bt_run_text(bt, bt->input, true);
    bt->delayed = delayed;
}

bool bt_run_cmd(struct bt *bt, struct hn_text line)
{
    struct hn_text rest = hn_text_trim(line);
    struct hn_text word = bt_word(&rest);

    if (bt->source->language != SCRIPT_COMMAND || hn_text_find_char(word, '^', 0) != SIZE_MAX ||
            hn_text_find_char(rest, '\n', 0) != SIZE_MAX ||
            !hn_text_eq_nocase(stem_of(bt, word), HN_TEXT("cmd")))
        return false;
    nested_cmd(bt, (struct bt_text){ rest, false });
    return true;
}

/* The line that the evaluation is about: who found it has told it. */
static bool is_own(const struct bt *bt, struct hn_text line)
{
    return bt->source->language == SCRIPT_COMMAND &&
           hn_text_eq(line, hn_text_trim(bt->source->parts[0].text));
}

static void tell_process(struct bt *bt, struct bt_text line, const char *via)
{
    struct script_act act = script_act(bt->run, SCRIPT_ACT_PROCESS, bt->offset, via);
    struct script_layer layer = {
        .language = SCRIPT_COMMAND, .text = bt_told(bt, line), .how = via, .offset = bt->offset
    };
    struct hn_text rest = line.text;
    struct bt_text image = with(line, without_quotes(bt, bt_word(&rest)));

    if (line.text.len == 0 || is_own(bt, line.text))
        return;
    script_act_add(&act, "CommandLine", layer.text);
    script_act_add(&act, "Image", bt_told(bt, image));
    script_act_add(&act, "ParentImage", script_text_borrow(bt->run, HN_TEXT(PARENT), NULL));
    script_tell(bt->run, &act);
    script_tell_layer(bt->run, &layer);
}

/* A layer that a pipe hands to a program that reads scripts. */
static void tell_input(struct bt *bt, struct hn_text stem)
{
    struct script_layer layer = {
        .language = SCRIPT_POWERSHELL, .how = "pipe", .offset = bt->offset
    };

    if (bt->input.text.len == 0 || !hn_text_eq_nocase(stem, HN_TEXT("powershell")))
        return;
    layer.text = bt_told(bt, bt->input);
    script_tell_layer(bt->run, &layer);
}

/* A batch file that starts itself anew with arguments: once with the same ones. */
static bool starts_itself(struct bt *bt, struct hn_text word, struct bt_text arguments)
{
    struct hn_text own = bt_last_part(bt->args[0].text);
    struct bt_text outer[10];
    bool delayed = bt->delayed;
    struct hn_text rest = hn_text_trim(arguments.text);
    uint32_t already;

    if (bt->source->language != SCRIPT_BATCH || rest.len == 0 ||
            !hn_text_eq_nocase(bt_last_part(word), own))
        return false;
    if (bt_too_deep(bt) || hn_map_find(&bt->noted, rest) != HN_MAP_NONE ||
            !hn_map_put(&bt->noted, bt_copy(bt, rest, false).text, 1, &already))
        return true;
    (void)memcpy(outer, bt->args, sizeof outer);
    for (size_t i = 1; i < 10; i++)
        bt->args[i] = with(arguments, bt_word(&rest));
    bt_run_text(bt, (struct bt_text){ bt->source->parts[0].text, false }, false);
    (void)memcpy(bt->args, outer, sizeof outer);
    bt->delayed = delayed;
    return true;
}

/* The line as the program sees it: the name of a copied program of Windows is that program's, and a
 * comma, semicolon or equals sign behind a name is a space. */
static struct bt_text plain_line(struct bt *bt, struct bt_text line)
{
    struct hn_text rest = line.text;
    struct hn_text word = bt_word(&rest);
    struct hn_text copied = bt_program_copied(bt, without_quotes(bt, word));
    struct hn_buf out = { 0 };

    if (copied.len == 0 && (rest.len == 0 || strchr(",;=", rest.ptr[0]) == NULL))
        return line;
    if (copied.len > 0)
        bt_note(bt, SCRIPT_NOTE_EVASION, "a copy of a program of Windows under another name");
    while (rest.len > 0 && strchr(" ,;=", rest.ptr[0]) != NULL)
        rest = hn_text_sub(rest, 1, SIZE_MAX);
    hn_buf_init(&out, BT_LINE_MAX);
    hn_buf_add_text(&out, copied.len > 0 ? copied : word);
    hn_buf_add_char(&out, ' ');
    hn_buf_add_text(&out, rest);
    line = bt_copy(bt, hn_buf_text(&out), line.unknown);
    hn_buf_deinit(&out);
    return line;
}

static bool runs_scripts(struct hn_text stem)
{
    static const char *const names[] = { "powershell", "pwsh", "wscript", "cscript", "mshta" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hn_text_eq_nocase(stem, hn_text_cstr(names[i])))
            return true;
    return false;
}

static enum bt_flow program(struct bt *bt, struct bt_text line, const char *via)
{
    struct hn_text rest;
    struct hn_text word;
    struct hn_text stem;
    bool is_cmd;

    line.text = hn_text_trim(line.text);
    if (line.text.len == 0 || line.text.ptr[0] == ':') /* a label behind a redirection */
        return BT_NEXT;
    line = plain_line(bt, line);
    rest = line.text;
    word = without_quotes(bt, bt_word(&rest));
    stem = stem_of(bt, word);
    is_cmd = hn_text_eq_nocase(stem, HN_TEXT("cmd")) ||
             hn_text_eq_nocase(stem, HN_TEXT("%comspec%"));
    bt->hosts |= runs_scripts(stem);
    if (starts_itself(bt, word, with(line, rest)))
        return BT_NEXT;
    if (is_cmd) {
        /* Told without its layer: what the line does is told here, with our variables. */
        struct script_act act = script_act(bt->run, SCRIPT_ACT_PROCESS, bt->offset, via);

        if (bt->source->language != SCRIPT_COMMAND || bt->depth > 2) {
            script_act_add(&act, "CommandLine", bt_told(bt, line));
            script_act_add(&act, "ParentImage", script_text_borrow(bt->run, HN_TEXT(PARENT), NULL));
            script_tell(bt->run, &act);
        }
        nested_cmd(bt, with(line, rest));
        return BT_NEXT;
    }
    tell_process(bt, line, via);
    tell_input(bt, stem);
    return BT_NEXT;
}

/* ---- Built-in ---- */

static enum bt_flow quiet(struct bt *bt, struct bt_text rest)
{
    (void)bt;
    (void)rest;
    return BT_NEXT;
}

static enum bt_flow command_echo(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = rest.text;

    if (text.len > 0 && strchr(" .:([/+,;=", text.ptr[0]) != NULL)
        text = hn_text_sub(text, 1, SIZE_MAX);
    if (bt->out == NULL)
        return BT_NEXT;
    bt->out->unknown |= rest.unknown;
    hn_buf_add_text(&bt->out->buf, text);
    hn_buf_add_lit(&bt->out->buf, "\r\n");
    return BT_NEXT;
}

static enum bt_flow command_set(struct bt *bt, struct bt_text rest)
{
    bt_command_set(bt, rest);
    return BT_NEXT;
}

static enum bt_flow command_goto(struct bt *bt, struct bt_text rest)
{
    if (bt->interactive) /* there are no labels in a line: cmd.exe goes on */
        return BT_NEXT;
    bt->target = bt_copy(bt, hn_text_trim(rest.text), false).text;
    return BT_GOTO;
}

static enum bt_flow command_exit(struct bt *bt, struct bt_text rest)
{
    if (bt->undecided > 0)
        return BT_NEXT;
    if (hn_text_starts_nocase(hn_text_trim(rest.text), HN_TEXT("/b"))) {
        bt->target = HN_TEXT(":eof");
        return BT_GOTO;
    }
    return BT_EXIT;
}

static enum bt_flow command_setlocal(struct bt *bt, struct bt_text rest)
{
    if (hn_text_find_nocase(rest.text, HN_TEXT("enabledelayedexpansion"), 0) != SIZE_MAX)
        bt->delayed = true;
    if (hn_text_find_nocase(rest.text, HN_TEXT("disabledelayedexpansion"), 0) != SIZE_MAX)
        bt->delayed = false;
    return BT_NEXT;
}

static enum bt_flow command_shift(struct bt *bt, struct bt_text rest)
{
    (void)rest;
    for (size_t i = 0; i < 9; i++)
        bt->args[i] = bt->args[i + 1];
    bt->args[9] = (struct bt_text){ HN_TEXT(""), false };
    return BT_NEXT;
}

/* call :label args; call line, which is expanded once more. */
static enum bt_flow command_call(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = hn_text_trim(rest.text);
    struct bt_text outer[10];
    size_t pos = bt->pos;
    size_t label;
    struct hn_text name;

    if (text.len == 0 || text.ptr[0] != ':') {
        struct bt_text again = bt_expand_percent(bt, text);

        again.unknown |= rest.unknown;
        return bt_command(bt, again);
    }
    name = bt_word(&text);
    if (bt_too_deep(bt) || bt_too_many_jumps(bt) || !bt_label_find(bt, name, &label))
        return BT_NEXT;
    (void)memcpy(outer, bt->args, sizeof outer);
    for (size_t i = 1; i < 10; i++)
        bt->args[i] = with(rest, bt_word(&text));
    bt->depth++;
    (void)bt_run(bt, label);
    bt->depth--;
    (void)memcpy(bt->args, outer, sizeof outer);
    bt->pos = pos;
    return BT_NEXT;
}

/* start "title" /b /min program args */
static enum bt_flow command_start(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = hn_text_trim(rest.text);
    struct hn_text after = text;
    bool title = false;

    while (after.len > 0 && script_spend(bt->run, 1)) {
        struct hn_text word;

        text = after = hn_text_trim(after);
        word = bt_word(&after);
        if (word.len == 0 || !((!title && word.ptr[0] == '"') || word.ptr[0] == '/'))
            break;
        title |= word.ptr[0] == '"';
        if (hn_text_eq_nocase(word, HN_TEXT("/b")) || hn_text_eq_nocase(word, HN_TEXT("/min")))
            bt_note(bt, SCRIPT_NOTE_EVASION, "hidden window");
        if (hn_text_eq_nocase(word, HN_TEXT("/d")))
            (void)bt_word(&after);
        text = after;
    }
    while (text.len > 0 && strchr(" ,;=", text.ptr[0]) != NULL)
        text = hn_text_sub(text, 1, SIZE_MAX);
    return text.len > 0 ? program(bt, with(rest, text), "start") : BT_NEXT;
}

static void tell_file(
        struct bt *bt, enum script_act_kind kind, const char *via, struct bt_text name)
{
    struct script_act act = script_act(bt->run, kind, bt->offset, via);

    name.text = bt_unquote(name.text);
    script_act_add(&act, "TargetFilename", bt_told(bt, name));
    script_tell(bt->run, &act);
}

/* Those that run what they are given. */
static bool is_program_of_windows(struct hn_text stem)
{
    static const char *const names[] = { "cmd", "certutil", "rundll32", "regsvr32", "curl",
        "bitsadmin", "msiexec", "wmic" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hn_text_eq_nocase(stem, hn_text_cstr(names[i])))
            return true;
    return runs_scripts(stem);
}

/* The words that are no switches; the first and the last of them. */
static enum bt_flow command_copy(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = rest.text;
    struct hn_text first = { 0 };
    struct hn_text last = { 0 };
    struct hn_text word;
    struct bt_text content;

    while ((word = bt_word(&text)).len > 0) {
        if (word.ptr[0] == '/')
            continue;
        if (first.len == 0)
            first = word;
        last = word;
    }
    if (first.len > 0 && last.ptr != first.ptr) {
        tell_file(bt, SCRIPT_ACT_FILE_READ, "copy", with(rest, first));
        tell_file(bt, SCRIPT_ACT_FILE_WRITE, "copy", with(rest, last));
        if (bt_read(bt, first, &content))
            bt_write(bt, with(rest, last), content, false);
        else if (is_program_of_windows(stem_of(bt, first)))
            bt_write_program(bt, with(rest, last), stem_of(bt, first));
    }
    return BT_NEXT;
}

static enum bt_flow command_del(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = rest.text;
    struct hn_text word;

    while ((word = bt_word(&text)).len > 0)
        if (word.ptr[0] != '/')
            tell_file(bt, SCRIPT_ACT_FILE_DELETE, "del", with(rest, word));
    return BT_NEXT;
}

/* What a command prints of a file goes where its output goes. */
static void print_file(struct bt *bt, struct hn_text name, int64_t skip)
{
    struct bt_text content;
    struct hn_text line;

    if (bt->out == NULL)
        return;
    if (!bt_read(bt, name, &content)) {
        hn_buf_add_lit(&bt->out->buf, "{content of ");
        hn_buf_add_text(&bt->out->buf, hn_text_sub(hn_text_trim(name), 0, 200));
        hn_buf_add_char(&bt->out->buf, '}');
        bt->out->unknown = true;
        return;
    }
    bt->out->unknown |= content.unknown;
    while (hn_text_line(&content.text, &line) && script_spend(bt->run, 1)) {
        if (skip-- > 0)
            continue;
        hn_buf_add_text(&bt->out->buf, line);
        hn_buf_add_lit(&bt->out->buf, "\r\n");
    }
}

static enum bt_flow command_type(struct bt *bt, struct bt_text rest)
{
    print_file(bt, rest.text, 0);
    return BT_NEXT;
}

/* more +5 file */
static enum bt_flow command_more(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = rest.text;
    struct hn_text word;
    int64_t skip = 0;

    while ((word = bt_word(&text)).len > 0) {
        if (word.ptr[0] == '+') {
            if (!hn_parse_i64(hn_text_sub(word, 1, SIZE_MAX), &skip))
                skip = 0;
        } else if (word.ptr[0] != '/') {
            print_file(bt, word, skip);
        }
    }
    return BT_NEXT;
}

/* What goes there can be asked for by what runs next. */
static enum bt_flow command_clip(struct bt *bt, struct bt_text rest)
{
    (void)rest;
    if (bt->input.text.len > 0)
        script_tell_variable(bt->run, HN_TEXT(SCRIPT_CLIPBOARD), bt_told(bt, bt->input));
    return BT_NEXT;
}

static const struct command commands[] = { { "echo", command_echo }, { "set", command_set },
    { "goto", command_goto }, { "exit", command_exit }, { "call", command_call },
    { "setlocal", command_setlocal }, { "endlocal", quiet }, { "shift", command_shift },
    { "start", command_start }, { "copy", command_copy }, { "move", command_copy },
    { "ren", command_copy }, { "rename", command_copy }, { "del", command_del },
    { "erase", command_del }, { "type", command_type }, { "more", command_more },
    { "findstr", bt_command_findstr }, { "find", bt_command_find }, { "clip", command_clip },
    { "xcopy", command_copy }, { "rem", quiet }, { "cd", quiet }, { "chdir", quiet },
    { "md", quiet }, { "mkdir", quiet }, { "rd", quiet }, { "rmdir", quiet }, { "pushd", quiet },
    { "popd", quiet }, { "title", quiet }, { "color", quiet }, { "cls", quiet }, { "pause", quiet },
    { "ver", quiet }, { "path", quiet }, { "prompt", quiet }, { "assoc", bt_command_assoc },
    { "ftype", bt_command_ftype }, { "break", quiet }, { "verify", quiet }, { "vol", quiet },
    { "dir", quiet }, { "date", quiet }, { "time", quiet }, { "mklink", quiet } };

/* echo.x, cd.. and set"x=y" need no space. */
static bool ends_name(struct hn_text line, size_t len)
{
    return len == line.len || strchr(" \t.:(/\\\"+,;=[", line.ptr[len]) != NULL;
}

/* The command that a line begins with, and what follows it; NULL: a program. */
static const struct command *command_of(struct hn_text line, struct hn_text *ret_rest)
{
    size_t len = 0;

    while (len < line.len && isalpha((unsigned char)line.ptr[len]))
        len++;
    for (size_t i = 0; ends_name(line, len) && i < sizeof commands / sizeof commands[0]; i++) {
        if (hn_text_eq_nocase(hn_text_sub(line, 0, len), hn_text_cstr(commands[i].name))) {
            *ret_rest = hn_text_sub(line, len, SIZE_MAX);
            return &commands[i];
        }
    }
    return NULL;
}

static struct hn_text without_head(struct hn_text line)
{
    while (line.len > 0 && strchr(" \t,;=@", line.ptr[0]) != NULL)
        line = hn_text_sub(line, 1, SIZE_MAX);
    return line;
}

bool bt_is_builtin(struct hn_text line)
{
    struct hn_text rest;

    return command_of(without_head(line), &rest) != NULL;
}

enum bt_flow bt_command(struct bt *bt, struct bt_text text)
{
    struct hn_text line = without_head(text.text);
    struct hn_text rest;
    const struct command *command;

    if (line.len == 0 || !script_spend(bt->run, 1 + line.len / 64))
        return BT_NEXT;
    command = command_of(line, &rest);
    return command != NULL ? command->fn(bt, with(text, rest))
                           : program(bt, with(text, line), "cmd");
}
