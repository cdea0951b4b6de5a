/* powershell_hosts.c - programs of Windows that fetch, start or register something by what stands
 * in their command line. */
#include "powershell/powershell_internal.h"

static bool is_url(struct hn_text word)
{
    return hn_text_starts_nocase(word, T("http://")) ||
           hn_text_starts_nocase(word, T("https://")) || hn_text_starts_nocase(word, T("ftp://"));
}

/* The address inside a word: /i:http://..., "script:https://..." */
static struct hn_text url_in(struct hn_text word)
{
    static const struct hn_text schemes[] = { HN_TEXT_INIT("http://"), HN_TEXT_INIT("https://"),
        HN_TEXT_INIT("ftp://") };

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t at = hn_text_find_nocase(word, schemes[i], 0);

        if (at != SIZE_MAX) {
            struct hn_text url = hn_text_sub(word, at, SIZE_MAX);
            size_t end = 0;

            while (end < url.len && strchr("'\")<> |", url.ptr[end]) == NULL)
                end++;
            return hn_text_sub(url, 0, end);
        }
    }
    return (struct hn_text){ "", 0 };
}

static void mshta_line(struct ps_line *line)
{
    struct hn_text rest = ps_line_rest(line, 0);

    if (hn_text_starts_nocase(rest, T("vbscript:")))
        ps_line_layer(line, SCRIPT_VBSCRIPT, hn_text_sub(rest, 9, SIZE_MAX), "mshta vbscript:");
    else if (hn_text_starts_nocase(rest, T("javascript:")))
        ps_line_layer(line, SCRIPT_JSCRIPT, hn_text_sub(rest, 11, SIZE_MAX), "mshta javascript:");
    else if (line->count > 1 && is_url(line->words[1]))
        ps_line_http(line, line->words[1], T(""), "mshta");
}

static void rundll_line(struct ps_line *line)
{
    struct hn_text rest = ps_line_rest(line, 0);

    if (hn_text_starts_nocase(rest, T("javascript:")))
        ps_line_layer(
                line, SCRIPT_JSCRIPT, hn_text_sub(rest, 11, SIZE_MAX), "rundll32 javascript:");
    for (size_t i = 1; i < line->count; i++)
        if (url_in(line->words[i]).len > 0)
            ps_line_http(line, url_in(line->words[i]), T(""), "rundll32");
}

static void first_url(struct ps_line *line, const char *via, bool with_file)
{
    for (size_t i = 1; i < line->count; i++) {
        struct hn_text url = url_in(line->words[i]);

        if (url.len == 0)
            continue;
        ps_line_http(line, url, with_file && i + 1 < line->count ? line->words[i + 1] : T(""), via);
        return;
    }
}

/* curl -o file URL, wget -O file URL. */
static void curl_line(struct ps_line *line)
{
    struct hn_text file = { "", 0 };

    for (size_t i = 1; i + 1 < line->count; i++)
        if (ps_one_of(line->words[i], "-o|--output|-OutFile|--output-document"))
            file = line->words[i + 1];
    for (size_t i = 1; i < line->count; i++)
        if (is_url(line->words[i]))
            ps_line_http(line, line->words[i], file, "curl");
}

/* The word behind one of these, and behind its "=": /tr X, binPath= X. */
static struct hn_text value_after(const struct ps_line *line, const char *names)
{
    for (size_t i = 1; i + 1 < line->count; i++)
        if (ps_one_of(line->words[i], names))
            return line->words[i + 1];
    return (struct hn_text){ "", 0 };
}

static void add_field(
        const struct ps_line *line, struct script_act *act, const char *name, struct hn_text value)
{
    if (value.len > 0)
        script_act_add(act, name, ps_line_text(line, value));
}

static void schtasks_line(struct ps_line *line)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_TASK, line->offset, "schtasks");
    struct hn_text command = value_after(line, "/tr|-tr");

    if (command.len == 0)
        return;
    add_field(line, &act, "TaskName", value_after(line, "/tn|-tn"));
    add_field(line, &act, "CommandLine", command);
    script_tell(line->run, &act);
    ps_line_layer(line, SCRIPT_COMMAND, command, "schtasks");
}

static void reg_line(struct ps_line *line)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_REGISTRY_WRITE, line->offset, "reg");
    struct hn_text name = value_after(line, "/v|-v");
    struct hn_text value = value_after(line, "/d|-d");
    struct hn_buf key = { 0 };

    if (line->count < 3 || !ps_one_of(line->words[1], "add"))
        return;
    hn_buf_init(&key, 65536);
    hn_buf_add_text(&key, line->words[2]);
    if (name.len > 0) {
        hn_buf_add_char(&key, '\\');
        hn_buf_add_text(&key, name);
    }
    add_field(line, &act, "TargetObject", hn_buf_text(&key));
    add_field(line, &act, "Details", value);
    script_tell(line->run, &act);
    hn_buf_deinit(&key);
}

static void sc_line(struct ps_line *line)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_SERVICE, line->offset, "sc");
    struct hn_text path = value_after(line, "binpath=");

    if (path.len == 0 || line->count < 3)
        return;
    add_field(line, &act, "ServiceName", line->words[2]);
    add_field(line, &act, "ImagePath", path);
    script_tell(line->run, &act);
    ps_line_layer(line, SCRIPT_COMMAND, path, "sc");
}

/* wmic process call create "...", and its stylesheets from elsewhere. */
static void wmic_line(struct ps_line *line)
{
    struct hn_text command = value_after(line, "create");

    first_url(line, "wmic", false);
    if (command.len > 0) {
        size_t end = hn_text_find_char(command, ' ', 0);

        ps_line_process(line, hn_text_sub(command, 0, end), command);
    }
}

/* forfiles /c "cmd /c ...", conhost --headless cmd ...: the line in the line. */
static void wrapper_line(struct ps_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        struct hn_text word = line->words[i];
        size_t space = hn_text_find_char(word, ' ', 0);

        if (!ps_one_of(ps_line_program(hn_text_sub(word, 0, space)),
                    "powershell|pwsh|cmd|mshta|rundll32|wscript|cscript"))
            continue;
        if (space == SIZE_MAX)
            word = hn_text_sub(line->text, line->starts[i], SIZE_MAX);
        ps_line_process(line, hn_text_sub(word, 0, hn_text_find_char(word, ' ', 0)), word);
        return;
    }
}

static void certutil_line(struct ps_line *line)
{
    first_url(line, "certutil", true);
}

static void bitsadmin_line(struct ps_line *line)
{
    first_url(line, "bitsadmin", true);
}

static void regsvr_line(struct ps_line *line)
{
    first_url(line, "regsvr32", false);
}

static void msiexec_line(struct ps_line *line)
{
    first_url(line, "msiexec", false);
}

static void other_line(struct ps_line *line)
{
    first_url(line, "program", false);
}

void ps_line_host(struct ps_line *line, struct hn_text program)
{
    static const struct {
        const char *programs;
        void (*fn)(struct ps_line *line);
    } rows[] = {
        { "mshta", mshta_line },
        { "rundll32", rundll_line },
        { "regsvr32", regsvr_line },
        { "certutil", certutil_line },
        { "bitsadmin", bitsadmin_line },
        { "msiexec", msiexec_line },
        { "curl|wget", curl_line },
        { "schtasks", schtasks_line },
        { "reg", reg_line },
        { "sc", sc_line },
        { "wmic", wmic_line },
        { "conhost|forfiles|pcalua|scriptrunner", wrapper_line },
        { "wscript|cscript|explorer|iexplore|msedge|chrome|hh|installutil|msbuild|winget|esentutl|"
          "desktopimgdownldr",
                other_line },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (ps_one_of(program, rows[i].programs))
            rows[i].fn(line);
}
