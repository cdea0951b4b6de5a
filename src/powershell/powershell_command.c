/* powershell_command.c - command lines as Windows starts them: which program, which words, and what
 * the well-known hosts of scripts do with theirs. Of cmd's language only what cuts one line into
 * several is known here: ^, quotes, & && | ||, /c and %NAME%; the rest is src/batch's. Programs
 * other than the shells are in powershell_hosts.c. */
#include "powershell/powershell_internal.h"

#include "base/enc.h"
#include "base/utf.h"

#define NESTING_MAX 8u

const struct script_text *ps_line_text(const struct ps_line *line, struct hn_text text)
{
    return script_text_new(line->run, text, line->origin);
}

/* ---- Words ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void cut_words(struct ps_line *line)
{
    size_t at = 0;

    while (line->count < PS_WORDS_MAX) {
        struct hn_buf word = { 0 };
        bool quoted = false;
        struct hn_text kept;

        while (at < line->text.len && is_space(line->text.ptr[at]))
            at++;
        if (at >= line->text.len)
            return;
        line->starts[line->count] = at;
        hn_buf_init(&word, 1u << 22);
        while (at < line->text.len && (quoted || !is_space(line->text.ptr[at]))) {
            char c = line->text.ptr[at];

            if (c == '\\' && at + 1 < line->text.len && line->text.ptr[at + 1] == '"' &&
                    at > line->starts[line->count] && line->text.ptr[at - 1] != ':' && quoted) {
                hn_buf_add_char(&word, '"');
                at += 2;
                continue;
            }
            if (c == '"')
                quoted = !quoted;
            else
                hn_buf_add_char(&word, c);
            at++;
        }
        kept = hn_arena_text(&line->run->arena, hn_buf_text(&word));
        hn_buf_deinit(&word);
        if (kept.ptr == NULL)
            return;
        line->ends[line->count] = at;
        line->words[line->count++] = kept;
    }
}

/* "C:\x\PowerShell.exe" is "powershell". */
struct hn_text ps_line_program(struct hn_text word)
{
    for (size_t i = word.len; i > 0; i--) {
        if (word.ptr[i - 1] == '\\' || word.ptr[i - 1] == '/') {
            word = hn_text_sub(word, i, SIZE_MAX);
            break;
        }
    }
    while (word.len > 0 && (word.ptr[0] == '@' || word.ptr[0] == '('))
        word = hn_text_sub(word, 1, SIZE_MAX);
    if (hn_text_ends_nocase(word, T(".exe")) || hn_text_ends_nocase(word, T(".com")))
        word = hn_text_sub(word, 0, word.len - 4);
    return word;
}

/* What stands behind a word in the line, without quotes around all of it. */
struct hn_text ps_line_rest(const struct ps_line *line, size_t word)
{
    struct hn_text rest = hn_text_trim(hn_text_sub(line->text, line->ends[word], SIZE_MAX));

    if (rest.len >= 2 && rest.ptr[0] == '"' && rest.ptr[rest.len - 1] == '"')
        rest = hn_text_sub(rest, 1, rest.len - 2);
    return rest;
}

/* ---- Telling ---- */

void ps_line_layer(const struct ps_line *line, enum script_language language, struct hn_text text,
        const char *how)
{
    struct script_layer layer = { .language = language,
        .text = ps_line_text(line, text),
        .how = how,
        .name = { "", 0 },
        .offset = line->offset };

    script_tell_layer(line->run, &layer);
}

void ps_line_http(
        const struct ps_line *line, struct hn_text url, struct hn_text file, const char *via)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_HTTP, line->offset, via);

    script_act_add(&act, "Url", ps_line_text(line, url));
    script_act_add(&act, "Method", script_text_borrow(line->run, T("GET"), NULL));
    script_tell(line->run, &act);
    if (file.len == 0)
        return;
    act = script_act(line->run, SCRIPT_ACT_FILE_WRITE, line->offset, via);
    script_act_add(&act, "TargetFilename", ps_line_text(line, file));
    script_act_add(&act, "Url", ps_line_text(line, url));
    script_tell(line->run, &act);
}

static void tell_note(const struct ps_line *line, enum script_note_kind kind, const char *text)
{
    script_tell_note(line->run, kind, line->offset, hn_text_cstr(text));
}

/* ---- powershell.exe ---- */

/* The switches of powershell.exe and pwsh, with the shortest beginning each is known by. */
static const struct {
    const char *name;
    size_t least;
    bool takes;
} switches[] = {
    { "command", 1, true },
    { "encodedcommand", 1, true },
    { "ec", 2, true },
    { "encodedarguments", 8, true },
    { "ea", 2, true },
    { "executionpolicy", 2, true },
    { "ep", 2, true },
    { "file", 1, true },
    { "windowstyle", 1, true },
    { "noprofile", 3, false },
    { "nologo", 3, false },
    { "noninteractive", 4, false },
    { "noexit", 3, false },
    { "sta", 1, false },
    { "mta", 1, false },
    { "inputformat", 1, true },
    { "outputformat", 1, true },
    { "version", 1, true },
    { "psconsolefile", 1, true },
    { "configurationname", 6, true },
    { "workingdirectory", 2, true },
    { "wd", 2, true },
    { "login", 1, false },
    { "settingsfile", 2, true },
    { "custompipename", 2, true },
};

static size_t dash_length(struct hn_text word)
{
    if (word.len > 1 && (word.ptr[0] == '-' || word.ptr[0] == '/'))
        return word.ptr[0] == '-' && word.ptr[1] == '-' ? 2 : 1;
    if (word.len > 3 && (uint8_t)word.ptr[0] == 0xE2u && (uint8_t)word.ptr[1] == 0x80u &&
            (uint8_t)word.ptr[2] >= 0x93u && (uint8_t)word.ptr[2] <= 0x95u)
        return 3;
    return 0;
}

/* Index of the switch, or SIZE_MAX. -e is the encoded command, -ex the policy. */
static size_t find_switch(struct hn_text word)
{
    size_t dash = dash_length(word);
    struct hn_text name = hn_text_sub(word, dash, SIZE_MAX);

    if (dash == 0)
        return SIZE_MAX;
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (name.len >= switches[i].least &&
                hn_text_starts_nocase(hn_text_cstr(switches[i].name), name))
            return i;
    }
    return SIZE_MAX;
}

/* Base64 of UTF-16, whatever junk stands between its letters; some tools encode UTF-8. */
static bool decode_command(const struct ps_line *line, struct hn_text word, struct hn_buf *out)
{
    struct hn_buf clean = { 0 };
    struct hn_buf bytes = { 0 };
    bool good;
    size_t zeros = 0;
    bool wide;

    hn_buf_init(&clean, 1u << 24);
    hn_buf_init(&bytes, 1u << 24);
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];

        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                c == '+' || c == '/')
            hn_buf_add_char(&clean, c);
    }
    (void)script_spend(line->run, word.len / 64);
    good = hn_base64_decode(
            &bytes, hn_text_sub(hn_buf_text(&clean), 0, clean.len - (clean.len % 4 == 1 ? 1 : 0)));
    for (size_t i = 1; i < bytes.len && i < 64; i += 2)
        zeros += bytes.ptr[i] == '\0';
    wide = bytes.len > 3 && zeros * 4 >= (bytes.len < 64 ? bytes.len : 64) / 2;
    if (good && !wide && hn_utf8_valid(hn_text_as_bytes(hn_buf_text(&bytes))))
        hn_buf_add_text(out, hn_buf_text(&bytes));
    else if (good)
        (void)hn_utf16le_to_utf8(out, hn_text_as_bytes(hn_buf_text(&bytes)));
    hn_buf_deinit(&bytes);
    hn_buf_deinit(&clean);
    return good && out->len > 0;
}

static void encoded_command(struct ps_line *line, size_t from)
{
    struct hn_buf joined = { 0 };
    struct hn_buf out = { 0 };

    hn_buf_init(&joined, 1u << 24);
    hn_buf_init(&out, 1u << 25);
    for (size_t i = from; i < line->count; i++) /* cut by spaces: still one */
        hn_buf_add_text(&joined, line->words[i]);
    tell_note(line, SCRIPT_NOTE_OBFUSCATION, "encodedcommand");
    if (decode_command(line, hn_buf_text(&joined), &out)) {
        const struct script_origin *kept = line->origin;

        line->origin = script_origin_new(
                line->run, "base64", SCRIPT_NOWHERE, (struct hn_text){ "", 0 }, kept, NULL);
        ps_line_layer(line, SCRIPT_POWERSHELL, hn_buf_text(&out), "EncodedCommand");
        line->origin = kept;
    } else {
        tell_note(line, SCRIPT_NOTE_SYNTAX, "EncodedCommand is no base64");
    }
    hn_buf_deinit(&out);
    hn_buf_deinit(&joined);
}

static void plain_command(struct ps_line *line, struct hn_text text)
{
    struct hn_buf out = { 0 };

    hn_buf_init(&out, 1u << 25);
    for (size_t i = 0; i < text.len; i++) { /* as the C runtime hands it over: \" is " */
        if (text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == '"')
            continue;
        hn_buf_add_char(&out, text.ptr[i]);
    }
    if (hn_text_trim(hn_buf_text(&out)).len > 1)
        ps_line_layer(line, SCRIPT_POWERSHELL, hn_buf_text(&out), "Command");
    hn_buf_deinit(&out);
}

static void note_switch(const struct ps_line *line, const char *name, struct hn_text value)
{
    if (strcmp(name, "windowstyle") == 0 &&
            (hn_text_starts_nocase(T("hidden"), value) || hn_text_eq(value, T("1"))))
        tell_note(line, SCRIPT_NOTE_EVASION, "hidden window");
    if ((strcmp(name, "executionpolicy") == 0 || strcmp(name, "ep") == 0) &&
            (hn_text_starts_nocase(T("bypass"), value) ||
                    hn_text_starts_nocase(T("unrestricted"), value)))
        tell_note(line, SCRIPT_NOTE_EVASION, "execution policy bypassed");
}

static void powershell_line(struct ps_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        size_t found = find_switch(line->words[i]);
        const char *name = found != SIZE_MAX ? switches[found].name : "";

        if (found == SIZE_MAX && dash_length(line->words[i]) == 0) { /* -Command is what is meant */
            plain_command(line, ps_line_rest(line, i - 1));
            return;
        }
        if (strcmp(name, "command") == 0) {
            plain_command(line, ps_line_rest(line, i));
            return;
        }
        if (strcmp(name, "encodedcommand") == 0 || strcmp(name, "ec") == 0) {
            encoded_command(line, i + 1);
            return;
        }
        if (strcmp(name, "file") == 0)
            return;
        if (found != SIZE_MAX && switches[found].takes && i + 1 < line->count) {
            note_switch(line, name, line->words[i + 1]);
            i++;
        }
    }
}

static void evaluate_line(struct ps_line *line);

/* What cmd does by itself, without a process. */
static bool is_builtin(struct hn_text word)
{
    return ps_one_of(word, "set|echo|cd|rem|if|for|goto|exit|cls|title|@echo|setlocal|endlocal|"
                           "pushd|popd|color|mode|md|mkdir|del|copy|move|ren|type|ver|echo.");
}

/* A process that this line starts: told, and left as a line of its own to whoever goes through
 * layers. */
void ps_line_process(const struct ps_line *line, struct hn_text image, struct hn_text text)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_PROCESS, line->offset, "cmd");

    script_act_add(&act, "Image", ps_line_text(line, image));
    script_act_add(&act, "CommandLine", ps_line_text(line, text));
    script_act_add(&act, "ParentImage",
            script_text_borrow(line->run, T("C:\\Windows\\System32\\cmd.exe"), NULL));
    script_tell(line->run, &act);
    ps_line_layer(line, SCRIPT_COMMAND, text, "cmd");
}

/* A line within the line. own: it is the one that was asked about, whose process is known. */
static void nested(const struct ps_line *outer, struct hn_text text, bool own)
{
    struct ps_line inner = { .run = outer->run,
        .offset = outer->offset,
        .origin = outer->origin,
        .text = hn_text_trim(text),
        .depth = outer->depth + 1 };

    if (inner.text.len == 0 || inner.depth > NESTING_MAX ||
            !script_spend(outer->run, 1 + text.len / 64))
        return;
    cut_words(&inner);
    if (inner.count == 0 || (!own && is_builtin(inner.words[0])))
        return;
    if (own || ps_one_of(inner.words[0], "start|call"))
        evaluate_line(&inner);
    else
        ps_line_process(outer, inner.words[0], inner.text);
}

/* ---- cmd ---- */

/* Without ^, outside of quotes. */
static struct hn_text without_carets(struct script_run *run, struct hn_text text)
{
    char *room = hn_arena_raw(&run->arena, text.len + 1, 1);
    size_t len = 0;
    bool quoted = false;

    if (room == NULL)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        quoted ^= text.ptr[i] == '"';
        if (text.ptr[i] == '^' && !quoted && i + 1 < text.len) {
            i++;
            if (text.ptr[i] == '\r' || text.ptr[i] == '\n')
                continue;
        }
        room[len++] = text.ptr[i];
    }
    return hn_text_of(room, len);
}

static struct hn_text known_variable(struct hn_text name)
{
    static const struct {
        const char *name;
        struct hn_text value;
    } rows[] = { { "comspec", HN_TEXT_INIT("C:\\WINDOWS\\system32\\cmd.exe") },
        { "systemroot", HN_TEXT_INIT("C:\\WINDOWS") }, { "windir", HN_TEXT_INIT("C:\\WINDOWS") },
        { "programdata", HN_TEXT_INIT("C:\\ProgramData") },
        { "public", HN_TEXT_INIT("C:\\Users\\Public") }, { "systemdrive", HN_TEXT_INIT("C:") } };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (ps_same_text(name, rows[i].name))
            return rows[i].value;
    return (struct hn_text){ NULL, 0 };
}

static struct hn_text expanded(struct script_run *run, struct hn_text text)
{
    struct hn_buf out = { 0 };
    struct hn_text made;

    if (hn_text_find_char(text, '%', 0) == SIZE_MAX)
        return text;
    hn_buf_init(&out, 1u << 24);
    for (size_t i = 0; i < text.len; i++) {
        size_t end = text.ptr[i] == '%' ? hn_text_find_char(text, '%', i + 1) : SIZE_MAX;
        struct hn_text value = end != SIZE_MAX
                                       ? known_variable(hn_text_sub(text, i + 1, end - i - 1))
                                       : (struct hn_text){ NULL, 0 };

        if (value.ptr == NULL) {
            hn_buf_add_char(&out, text.ptr[i]);
            continue;
        }
        hn_buf_add_text(&out, value);
        i = end;
    }
    made = hn_arena_text(&run->arena, hn_buf_text(&out));
    hn_buf_deinit(&out);
    return made.ptr != NULL ? made : text;
}

/* `echo script | powershell -`: what is piped is what runs. */
static bool piped_script(const struct ps_line *line, struct hn_text left, struct hn_text right)
{
    struct hn_text rest = hn_text_trim(right);
    size_t end = 0;

    left = hn_text_trim(left);
    while (end < rest.len && rest.ptr[end] != ' ')
        end++;
    if (!hn_text_starts_nocase(left, T("echo ")) ||
            !ps_one_of(ps_line_program(hn_text_sub(rest, 0, end)), "powershell|pwsh"))
        return false;
    left = hn_text_trim(hn_text_sub(left, 5, SIZE_MAX));
    ps_line_layer(line, SCRIPT_POWERSHELL, left, "stdin");
    return true;
}

static void cmd_chain(const struct ps_line *line, struct hn_text text)
{
    size_t start = 0;
    bool quoted = false;

    text = expanded(line->run, text);
    for (size_t i = 0; i <= text.len && script_goes_on(line->run); i++) {
        char c = i < text.len ? text.ptr[i] : '&';
        struct hn_text part;

        quoted ^= c == '"';
        if (c == '^' && !quoted) {
            i++;
            continue;
        }
        if (i < text.len && (quoted || (c != '&' && c != '|' && c != '\n')))
            continue;
        part = without_carets(line->run, hn_text_sub(text, start, i - start));
        if (c == '|')
            (void)piped_script(line, part, hn_text_sub(text, i + 1, SIZE_MAX));
        nested(line, part, false);
        start = i + 1;
    }
}

static void cmd_line(struct ps_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        if (ps_one_of(hn_text_sub(line->words[i], 0, 2), "/c|/k|/r") ||
                ps_one_of(line->words[i], "-c")) {
            struct hn_text rest = hn_text_sub(line->text, line->starts[i] + 2, SIZE_MAX);

            rest = hn_text_trim(rest);
            if (rest.len >= 2 && rest.ptr[0] == '"' && rest.ptr[rest.len - 1] == '"')
                rest = hn_text_sub(rest, 1, rest.len - 2);
            else if (rest.len >= 1 && rest.ptr[0] == '"' &&
                     hn_text_find_char(rest, '"', 1) == SIZE_MAX)
                rest = hn_text_sub(rest, 1, SIZE_MAX);
            cmd_chain(line, rest);
            return;
        }
    }
}

/* ---- All ---- */

static void start_line(struct ps_line *line)
{
    size_t first = 1;

    while (first < line->count &&
            (line->words[first].len == 0 || line->words[first].ptr[0] == '/' ||
                    (line->starts[first] < line->text.len &&
                            line->text.ptr[line->starts[first]] == '"' && first == 1)))
        first++;
    if (first < line->count)
        nested(line, hn_text_sub(line->text, line->starts[first], SIZE_MAX), false);
}

static void evaluate_line(struct ps_line *line)
{
    struct hn_text program = ps_line_program(line->words[0]);

    if (hn_text_find_char(program, '^', 0) != SIZE_MAX) {
        nested(line, without_carets(line->run, line->text), true);
        return;
    }
    if (ps_one_of(program, "powershell|pwsh|powershell_ise"))
        powershell_line(line);
    else if (ps_one_of(program, "cmd"))
        cmd_line(line);
    else if (ps_one_of(program, "start|call"))
        start_line(line);
    else
        ps_line_host(line, program);
}

void powershell_command_line(
        struct script_run *run, const struct script_text *line_text, uint64_t offset)
{
    struct hn_text flat = script_text_flat(run, line_text);
    struct ps_line outer = { .run = run, .offset = offset };

    if (flat.ptr == NULL)
        return;
    outer.origin = line_text->origin;
    nested(&outer, expanded(run, flat), true);
}
