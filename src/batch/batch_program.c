/* batch_program.c - lines that start programs: cmd.exe itself, whose line is carried out here, the
 * batch file itself, and all others, which are told. */
#include "batch/batch_internal.h"

#include <ctype.h>

#define PARENT "C:\\Windows\\System32\\cmd.exe"

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

struct hn_text bt_stem(struct bt *bt, struct hn_text word)
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
        bt_run_text(bt, bt_with(rest, without_outer_quotes(bt, text)), true);
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
            !hn_text_eq_nocase(bt_stem(bt, word), HN_TEXT("cmd")))
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
    struct bt_text image = bt_with(line, without_quotes(bt, bt_word(&rest)));

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
        bt->args[i] = bt_with(arguments, bt_word(&rest));
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

enum bt_flow bt_program(struct bt *bt, struct bt_text line, const char *via)
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
    stem = bt_stem(bt, word);
    is_cmd = hn_text_eq_nocase(stem, HN_TEXT("cmd")) ||
             hn_text_eq_nocase(stem, HN_TEXT("%comspec%"));
    bt->hosts |= runs_scripts(stem);
    if (starts_itself(bt, word, bt_with(line, rest)))
        return BT_NEXT;
    if (is_cmd) {
        /* Told without its layer: what the line does is told here, with our variables. */
        struct script_act act = script_act(bt->run, SCRIPT_ACT_PROCESS, bt->offset, via);

        if (bt->source->language != SCRIPT_COMMAND || bt->depth > 2) {
            script_act_add(&act, "CommandLine", bt_told(bt, line));
            script_act_add(&act, "ParentImage", script_text_borrow(bt->run, HN_TEXT(PARENT), NULL));
            script_tell(bt->run, &act);
        }
        nested_cmd(bt, bt_with(line, rest));
        return BT_NEXT;
    }
    tell_process(bt, line, via);
    tell_input(bt, stem);
    return BT_NEXT;
}

/* Those that run what they are given. */
bool bt_is_of_windows(struct hn_text stem)
{
    static const char *const names[] = { "cmd", "certutil", "rundll32", "regsvr32", "curl",
        "bitsadmin", "msiexec", "wmic" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hn_text_eq_nocase(stem, hn_text_cstr(names[i])))
            return true;
    return runs_scripts(stem);
}
