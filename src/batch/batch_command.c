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

static struct hn_text stem_of(struct hn_text word)
{
    size_t slash;

    word = bt_unquote(word);
    for (slash = word.len; slash > 0 && word.ptr[slash - 1] != '\\'; slash--)
        continue;
    word = hn_text_sub(word, slash, SIZE_MAX);
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

/* cmd /v:on /c "line": the line is carried out here. */
static void nested_cmd(struct bt *bt, struct bt_text rest)
{
    bool delayed = bt->delayed;
    struct hn_text text = rest.text;
    bool runs = false;

    while (!runs && take_switch(bt, &text, &runs))
        continue;
    if (runs)
        bt_run_text(bt, with(rest, bt_unquote(text)), true);
    else if (bt->input.text.len > 0)
        bt_run_text(bt, bt->input, true);
    bt->delayed = delayed;
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
    struct bt_text image = with(line, bt_unquote(bt_word(&rest)));

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

static enum bt_flow program(struct bt *bt, struct bt_text line, const char *via)
{
    struct hn_text rest = line.text;
    struct hn_text stem = stem_of(bt_word(&rest));
    bool is_cmd = hn_text_eq_nocase(stem, HN_TEXT("cmd")) ||
                  hn_text_eq_nocase(stem, HN_TEXT("%comspec%"));

    line.text = hn_text_trim(line.text);
    if (line.text.len == 0 || line.text.ptr[0] == ':') /* a label behind a redirection */
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
    if (bt->interactive) /* a line has no labels: cmd goes on behind it */
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
    bool first = true;

    while (after.len > 0 && script_spend(bt->run, 1)) {
        struct hn_text word;

        text = after = hn_text_trim(after);
        word = bt_word(&after);
        if (word.len == 0 || !((first && word.ptr[0] == '"') || word.ptr[0] == '/'))
            break;
        if (hn_text_eq_nocase(word, HN_TEXT("/b")) || hn_text_eq_nocase(word, HN_TEXT("/min")))
            bt_note(bt, SCRIPT_NOTE_EVASION, "hidden window");
        if (hn_text_eq_nocase(word, HN_TEXT("/d")))
            (void)bt_word(&after);
        first = false;
        text = after;
    }
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
static void print_file(struct bt *bt, struct hn_text name, struct hn_text head, int64_t skip)
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
        if (skip-- > 0 || !hn_text_starts_nocase(line, head))
            continue;
        hn_buf_add_text(&bt->out->buf, line);
        hn_buf_add_lit(&bt->out->buf, "\r\n");
    }
}

static enum bt_flow command_type(struct bt *bt, struct bt_text rest)
{
    print_file(bt, rest.text, HN_TEXT(""), 0);
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
            print_file(bt, word, HN_TEXT(""), skip);
        }
    }
    return BT_NEXT;
}

/* findstr /b "head" file: lines that begin so. Other searches print what cannot be known. */
static enum bt_flow command_findstr(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = rest.text;
    struct hn_text head = HN_TEXT("");
    struct hn_text word;
    bool begins = false;

    while ((word = bt_word(&text)).len > 0) {
        if (hn_text_starts_nocase(word, HN_TEXT("/c:")))
            head = bt_unquote(hn_text_sub(word, 3, SIZE_MAX));
        else if (word.ptr[0] == '/')
            begins |= hn_text_find_nocase(word, HN_TEXT("b"), 0) != SIZE_MAX;
        else if (head.len == 0)
            head = bt_unquote(word);
        else
            print_file(bt, begins ? word : HN_TEXT("findstr"), head, 0);
    }
    return BT_NEXT;
}

static const struct command commands[] = { { "echo", command_echo }, { "set", command_set },
    { "goto", command_goto }, { "exit", command_exit }, { "call", command_call },
    { "setlocal", command_setlocal }, { "endlocal", quiet }, { "shift", command_shift },
    { "start", command_start }, { "copy", command_copy }, { "move", command_copy },
    { "ren", command_copy }, { "rename", command_copy }, { "del", command_del },
    { "erase", command_del }, { "type", command_type }, { "more", command_more },
    { "findstr", command_findstr }, { "rem", quiet }, { "cd", quiet }, { "chdir", quiet },
    { "md", quiet }, { "mkdir", quiet }, { "rd", quiet }, { "rmdir", quiet }, { "pushd", quiet },
    { "popd", quiet }, { "title", quiet }, { "color", quiet }, { "cls", quiet }, { "pause", quiet },
    { "ver", quiet }, { "path", quiet }, { "prompt", quiet }, { "assoc", quiet },
    { "ftype", quiet }, { "break", quiet }, { "verify", quiet }, { "vol", quiet }, { "dir", quiet },
    { "date", quiet }, { "time", quiet }, { "mklink", quiet } };

/* echo.x, cd.. and set"x=y" need no space. */
static bool ends_name(struct hn_text line, size_t len)
{
    return len == line.len || strchr(" \t.:(/\\\"+,;=[", line.ptr[len]) != NULL;
}

enum bt_flow bt_command(struct bt *bt, struct bt_text text)
{
    struct hn_text line = text.text;
    size_t len = 0;

    while (line.len > 0 && strchr(" \t,;=@", line.ptr[0]) != NULL)
        line = hn_text_sub(line, 1, SIZE_MAX);
    while (len < line.len && isalpha((unsigned char)line.ptr[len]))
        len++;
    if (line.len == 0 || !script_spend(bt->run, 1 + line.len / 64))
        return BT_NEXT;
    for (size_t i = 0; ends_name(line, len) && i < sizeof commands / sizeof commands[0]; i++)
        if (hn_text_eq_nocase(hn_text_sub(line, 0, len), hn_text_cstr(commands[i].name)))
            return commands[i].fn(bt, with(text, hn_text_sub(line, len, SIZE_MAX)));
    return program(bt, with(text, line), "cmd");
}
