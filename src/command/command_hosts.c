/* command_hosts.c - programs of Windows that run, load, register or start what stands in their
 * line. */
#include "command/command_internal.h"

/* ---- Scripts in a line ---- */

/* vbscript:..., javascript:..., about:<script>..., as pages take them. False: none of these. */
static bool script_url(const struct command_line *line, struct hn_text text)
{
    static const struct {
        struct hn_text scheme;
        enum script_language language;
        const char *how;
    } rows[] = { { HN_TEXT_INIT("vbscript:"), SCRIPT_VBSCRIPT, "vbscript: URL" },
        { HN_TEXT_INIT("javascript:"), SCRIPT_JSCRIPT, "javascript: URL" },
        { HN_TEXT_INIT("about:"), SCRIPT_HTML, "about: URL" } };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hn_text rest = hn_text_sub(text, rows[i].scheme.len, SIZE_MAX);

        if (!hn_text_starts_nocase(text, rows[i].scheme))
            continue;
        if (rows[i].language != SCRIPT_HTML || hn_text_find_char(rest, '<', 0) != SIZE_MAX)
            command_layer(line, rows[i].language, rest, rows[i].how);
        return true;
    }
    return false;
}

/* A file that the sample has, read as a script whatever it is called. */
static void script_file_named(
        const struct command_line *line, struct hn_text name, enum script_language language)
{
    struct hn_text content;
    struct script_layer layer = { .language = language, .how = "script file", .name = name };

    if (language == SCRIPT_UNKNOWN || script_language_of_file(name) == language ||
            !script_file(line->source, name, &content))
        return;
    layer.text = command_text(line, content);
    script_tell_layer(line->run, &layer);
}

static void mshta_line(struct command_line *line)
{
    struct hn_text url = line->count > 1 ? command_url(line->words[1]) : HN_TEXT("");

    if (script_url(line, command_rest(line, 0)))
        return;
    if (url.len > 0)
        command_http(line, url, HN_TEXT(""), "mshta");
    else if (line->count > 1)
        script_file_named(line, line->words[1], SCRIPT_HTML);
}

/* wscript //e:vbscript //b file */
static void wscript_line(struct command_line *line)
{
    enum script_language language = SCRIPT_UNKNOWN;

    for (size_t i = 1; i < line->count; i++) {
        struct hn_text word = line->words[i];

        if (hn_text_starts_nocase(word, HN_TEXT("//e:"))) {
            word = hn_text_sub(word, 4, SIZE_MAX);
            language =
                    hn_text_starts_nocase(word, HN_TEXT("vb")) ? SCRIPT_VBSCRIPT : SCRIPT_JSCRIPT;
        } else if (!hn_text_starts(word, HN_TEXT("//"))) {
            if (command_url(word).len > 0)
                command_http(line, command_url(word), HN_TEXT(""), "wscript");
            else
                script_file_named(line, word, language);
            return;
        }
    }
}

/* ---- Libraries ---- */

static void regsvr_line(struct command_line *line)
{
    bool scriptlet = false;

    for (size_t i = 1; i < line->count; i++) {
        struct hn_text word = line->words[i];
        struct hn_text url = command_url(word);

        if (url.len > 0)
            command_http(line, url, HN_TEXT(""), "regsvr32");
        if (hn_text_starts_nocase(word, HN_TEXT("/i:")) && url.len == 0)
            script_file_named(line, hn_text_sub(word, 3, SIZE_MAX), SCRIPT_HTML);
        scriptlet |= command_one_of(command_program(word), "scrobj.dll|scrobj");
        if (word.ptr[0] != '/' && word.ptr[0] != '-' && url.len == 0 && !scriptlet)
            command_load(line, word, "regsvr32");
    }
}

/* rundll32 library,function arguments: some functions start what they are given. */
static bool starts_argument(struct hn_text word)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("shellexec_rundll"),
        HN_TEXT_INIT("fileprotocolhandler"), HN_TEXT_INIT("openurl"), HN_TEXT_INIT("routethecall"),
        HN_TEXT_INIT("launchapplication"), HN_TEXT_INIT("registerocx"), HN_TEXT_INIT("printhtml") };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hn_text_find_nocase(word, names[i], 0) != SIZE_MAX)
            return true;
    return false;
}

static void rundll_line(struct command_line *line)
{
    struct hn_text word = line->count > 1 ? line->words[1] : HN_TEXT("");

    if (script_url(line, command_rest(line, 0)))
        return;
    for (size_t i = 1; i < line->count; i++)
        if (command_url(line->words[i]).len > 0)
            command_http(line, command_url(line->words[i]), HN_TEXT(""), "rundll32");
    if (starts_argument(word) && line->count > 2) {
        if (command_url(line->words[2]).len == 0)
            command_process(line, hn_text_sub(line->text, line->starts[2], SIZE_MAX), "rundll32");
        return;
    }
    if (command_url(word).len == 0)
        command_load(line, hn_text_sub(word, 0, hn_text_find_char(word, ',', 0)), "rundll32");
}

static void odbcconf_line(struct command_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        size_t at = hn_text_find_nocase(line->words[i], HN_TEXT("REGSVR "), 0);
        struct hn_text library =
                at == SIZE_MAX ? HN_TEXT("") : hn_text_sub(line->words[i], at + 7, SIZE_MAX);

        if (hn_text_find_nocase(line->words[i], HN_TEXT("REGSVR"), 0) != SIZE_MAX &&
                library.len == 0 && i + 1 < line->count)
            library = line->words[i + 1];
        library = hn_text_sub(library, 0, hn_text_find_char(library, '}', 0));
        command_load(line, hn_text_trim(library), "odbcconf");
    }
}

static void control_line(struct command_line *line)
{
    if (line->count > 1)
        command_load(line, line->words[1], "control");
}

/* ---- What starts later, or elsewhere ---- */

static void schtasks_line(struct command_line *line)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_TASK, 0, "schtasks");
    struct hn_text command = command_value(line, "/tr|-tr");

    if (command.len == 0)
        return;
    command_add(line, &act, "TaskName", command_value(line, "/tn|-tn"));
    command_add(line, &act, "CommandLine", command);
    script_tell(line->run, &act);
    command_layer(line, SCRIPT_COMMAND, command, "schtasks");
}

/* at 12:00 /every:M program */
static void at_line(struct command_line *line)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_TASK, 0, "at");
    size_t i = 2;

    while (i < line->count && line->words[i].len > 0 && line->words[i].ptr[0] == '/')
        i++;
    if (i >= line->count)
        return;
    command_add(line, &act, "CommandLine", hn_text_sub(line->text, line->starts[i], SIZE_MAX));
    script_tell(line->run, &act);
    command_layer(line, SCRIPT_COMMAND, hn_text_sub(line->text, line->starts[i], SIZE_MAX), "at");
}

static void reg_line(struct command_line *line)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_REGISTRY_WRITE, 0, "reg");
    struct hn_text name = command_value(line, "/v|-v");
    struct hn_buf key = { 0 };

    if (line->count < 3 || !command_one_of(line->words[1], "add"))
        return;
    hn_buf_init(&key, 65536);
    hn_buf_add_text(&key, line->words[2]);
    if (name.len > 0) {
        hn_buf_add_char(&key, '\\');
        hn_buf_add_text(&key, name);
    }
    command_add(line, &act, "TargetObject", hn_buf_text(&key));
    command_add(line, &act, "Details", command_value(line, "/d|-d"));
    script_tell(line->run, &act);
    hn_buf_deinit(&key);
}

static void sc_line(struct command_line *line)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_SERVICE, 0, "sc");
    struct hn_text path = command_value(line, "binpath=");

    if (path.len == 0 || line->count < 3)
        return;
    command_add(line, &act, "ServiceName", line->words[2]);
    command_add(line, &act, "ImagePath", path);
    script_tell(line->run, &act);
    command_layer(line, SCRIPT_COMMAND, path, "sc");
}

/* What stands in double quotes, or in single ones, which go over several words. */
static struct hn_text created_line(const struct command_line *line, size_t word)
{
    struct hn_text rest = hn_text_sub(line->text, line->starts[word], SIZE_MAX);
    size_t end;

    if (!hn_text_starts(rest, HN_TEXT("'")))
        return line->words[word];
    rest = hn_text_sub(rest, 1, SIZE_MAX);
    for (end = rest.len; end > 0 && rest.ptr[end - 1] != '\''; end--)
        continue;
    return hn_text_sub(rest, 0, end > 0 ? end - 1 : SIZE_MAX);
}

/* wmic process call create "...", and its stylesheets from elsewhere. */
static void wmic_line(struct command_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        struct hn_text url = command_url(line->words[i]);

        if (url.len > 0)
            command_http(line, url, HN_TEXT(""), "wmic");
        if (command_one_of(line->words[i], "create") && i + 1 < line->count)
            command_process(line, created_line(line, i + 1), "wmic");
    }
}

/* forfiles /c "cmd /c ...", conhost --headless cmd ...: the line in the line. */
static void wrapper_line(struct command_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        struct hn_text word = line->words[i];
        size_t space = hn_text_find_char(word, ' ', 0);
        struct hn_text name = command_program(hn_text_sub(word, 0, space));

        /* ssh -o ProxyCommand="..." */
        if (hn_text_starts_nocase(word, HN_TEXT("ProxyCommand="))) {
            command_process(line, hn_text_sub(word, 13, SIZE_MAX), "ssh");
            return;
        }
        if (!command_one_of(name, "powershell|pwsh|cmd|mshta|rundll32|wscript|cscript|regsvr32|"
                                  "msiexec|curl|certutil|bitsadmin"))
            continue;
        if (space == SIZE_MAX)
            word = hn_text_sub(line->text, line->starts[i], SIZE_MAX);
        command_process(line, word, "wrapper");
        return;
    }
}

const struct command_host command_hosts[] = { { "mshta", mshta_line }, { "rundll32", rundll_line },
    { "regsvr32", regsvr_line }, { "wscript|cscript", wscript_line }, { "odbcconf", odbcconf_line },
    { "control", control_line }, { "schtasks", schtasks_line }, { "at", at_line },
    { "reg", reg_line }, { "sc", sc_line }, { "wmic", wmic_line },
    { "conhost|forfiles|pcalua|scriptrunner|ssh|runas|psexec|timeout", wrapper_line },
    { NULL, NULL } };
