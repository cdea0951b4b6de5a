/* command_fetch.c - programs of Windows that ask a server for what stands in their line, and those
 * that turn one file into another. */
#include "command/command_internal.h"

#include "base/enc.h"

static bool is_url(struct hn_text word)
{
    return hn_text_starts_nocase(word, HN_TEXT("http://")) ||
           hn_text_starts_nocase(word, HN_TEXT("https://")) ||
           hn_text_starts_nocase(word, HN_TEXT("ftp://"));
}

static bool is_switch(struct hn_text word)
{
    return word.len > 1 && (word.ptr[0] == '-' || word.ptr[0] == '/');
}

static void first_url(struct command_line *line, const char *via)
{
    for (size_t i = 1; i < line->count; i++) {
        struct hn_text url = command_url(line->words[i]);

        if (url.len == 0)
            continue;
        command_http(line, url, HN_TEXT(""), via);
        return;
    }
}

/* Each address, and the file that stands behind it. */
static void urls_with_files(struct command_line *line, const char *via)
{
    for (size_t i = 1; i < line->count; i++) {
        struct hn_text url = command_url(line->words[i]);
        bool file = url.len > 0 && i + 1 < line->count && !is_switch(line->words[i + 1]) &&
                    !is_url(line->words[i + 1]);

        if (url.len > 0)
            command_http(line, url, file ? line->words[i + 1] : HN_TEXT(""), via);
    }
}

/* ---- curl, wget ---- */

/* -o file, -sSLo file, --output file. */
static bool takes_file(struct hn_text word)
{
    if (command_one_of(word, "--output|-OutFile|--output-document"))
        return true;
    return word.len > 1 && word.ptr[0] == '-' && word.ptr[1] != '-' && word.len < 8 &&
           (word.ptr[word.len - 1] == 'o' || hn_text_eq(word, HN_TEXT("-O")));
}

/* What is followed by a word that is no address. */
static bool takes_other(struct hn_text word)
{
    return command_one_of(word,
                   "-A|--user-agent|-H|--header|-d|--data|--data-binary|--data-raw|-X|--request|"
                   "-e|--referer|-b|--cookie|-F|--form|-T|--upload-file|-x|--proxy|-u|--user|-m|"
                   "--max-time|--connect-timeout|--retry|-w|-U|-P|-t|-UserAgent|-Method") &&
           !hn_text_eq(word, HN_TEXT("-f"));
}

/* curl takes "host/path" for http. */
static bool is_bare_address(struct hn_text word)
{
    size_t dot = hn_text_find_char(word, '.', 0);

    return dot != SIZE_MAX && dot > 0 && hn_text_find_char(word, '\\', 0) == SIZE_MAX &&
           hn_text_find_char(word, '/', 0) > dot && word.ptr[0] != '-' && word.ptr[0] != '>' &&
           word.ptr[0] != '%';
}

static void add_bare(struct command_line *line, struct hn_text word, struct hn_text file)
{
    struct hn_buf url = { 0 };

    hn_buf_init(&url, line->run->limits.text_bytes_max);
    hn_buf_add_lit(&url, "http://");
    hn_buf_add_text(&url, word);
    command_http(line, hn_buf_text(&url), file, "curl");
    hn_buf_deinit(&url);
}

static void curl_line(struct command_line *line)
{
    struct hn_text file = HN_TEXT("");
    bool wget = command_one_of(command_program(line->words[0]), "wget");

    for (size_t i = 1; i + 1 < line->count; i++) {
        /* curl's -O names no file, wget's does. */
        if (takes_file(line->words[i]) && (wget || !hn_text_eq(line->words[i], HN_TEXT("-O"))))
            file = line->words[i + 1];
    }
    for (size_t i = 1; i < line->count; i++) {
        struct hn_text word = line->words[i];

        if (is_url(word))
            command_http(line, word, file, "curl");
        else if (takes_other(word) || (takes_file(word) && !hn_text_eq(word, HN_TEXT("-O"))))
            i++;
        else if (is_bare_address(word) && word.ptr != file.ptr)
            add_bare(line, word, file);
    }
}

/* ---- certutil ---- */

/* Letters of base64 between the marks of a certificate; without marks, all of it. */
static struct hn_text certificate_of(struct hn_text text)
{
    size_t begin = hn_text_find(text, HN_TEXT("-----BEGIN "), 0);
    size_t line;

    if (begin == SIZE_MAX)
        return text;
    line = hn_text_find_char(text, '\n', begin);
    if (line == SIZE_MAX)
        return HN_TEXT("");
    text = hn_text_sub(text, line + 1, SIZE_MAX);
    return hn_text_sub(text, 0, hn_text_find(text, HN_TEXT("-----END "), 0));
}

static bool is_of(char c, bool hex)
{
    bool digit = c >= '0' && c <= '9';
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

    if (hex)
        return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    return digit || letter || c == '+' || c == '/' || c == '=';
}

static void decode_file(struct command_line *line, size_t at, bool hex)
{
    struct hn_text from = HN_TEXT("");
    struct hn_text to = HN_TEXT("");
    struct hn_text text;
    struct hn_buf clean = { 0 };
    struct hn_buf bytes = { 0 };
    struct script_act act = script_act(line->run, SCRIPT_ACT_FILE_READ, 0, "certutil");

    for (size_t i = at + 1; i < line->count && to.len == 0; i++) {
        if (is_switch(line->words[i]))
            continue;
        if (from.len == 0)
            from = line->words[i];
        else
            to = line->words[i];
    }
    if (to.len == 0)
        return;
    command_add(line, &act, "TargetFilename", from);
    script_tell(line->run, &act);
    hn_buf_init(&clean, line->run->limits.text_bytes_max);
    hn_buf_init(&bytes, line->run->limits.text_bytes_max);
    if (script_file(line->source, from, &text) && script_spend(line->run, text.len / 64)) {
        text = hex ? text : certificate_of(text);
        for (size_t i = 0; i < text.len; i++)
            if (is_of(text.ptr[i], hex))
                hn_buf_add_char(&clean, text.ptr[i]);
        if (!(hex ? hn_hex_decode : hn_base64_decode)(&bytes, hn_buf_text(&clean)))
            command_note(line, SCRIPT_NOTE_SYNTAX, "the file to decode is damaged");
        command_note(line, SCRIPT_NOTE_OBFUSCATION, hex ? "decodehex" : "base64");
    }
    command_write(line, to, hn_text_as_bytes(hn_buf_text(&bytes)), "certutil");
    hn_buf_deinit(&bytes);
    hn_buf_deinit(&clean);
}

static void certutil_line(struct command_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        if (command_one_of(line->words[i], "-decode|/decode|-decodehex|/decodehex")) {
            decode_file(line, i, line->words[i].len > 8);
            return;
        }
    }
    urls_with_files(line, "certutil");
}

/* ---- Others ---- */

/* Downloads, and the program that is started when they are done. */
static void bitsadmin_line(struct command_line *line)
{
    urls_with_files(line, "bitsadmin");
    for (size_t i = 1; i + 2 < line->count; i++) {
        if (command_one_of(line->words[i], "/SetNotifyCmdLine"))
            command_process(
                    line, hn_text_sub(line->text, line->starts[i + 2], SIZE_MAX), "bitsadmin");
    }
}

static void msiexec_line(struct command_line *line)
{
    first_url(line, "msiexec");
    command_load(line, command_value(line, "/y|-y|/z|-z"), "msiexec");
}

static void defender_line(struct command_line *line)
{
    struct hn_text url = command_value(line, "-url");

    if (url.len > 0)
        command_http(line, url, command_value(line, "-path"), "MpCmdRun");
}

static void finger_line(struct command_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        size_t at = hn_text_find_char(line->words[i], '@', 0);
        struct script_act act = script_act(line->run, SCRIPT_ACT_CONNECT, 0, "finger");

        if (at == SIZE_MAX)
            continue;
        command_add(
                line, &act, "DestinationHostname", hn_text_sub(line->words[i], at + 1, SIZE_MAX));
        script_act_add(&act, "DestinationPort", script_text_borrow(line->run, HN_TEXT("79"), NULL));
        script_tell(line->run, &act);
    }
}

/* ftp -s:file: its lines "open HOST", "get NAME [FILE]" as addresses. */
static void ftp_line(struct command_line *line)
{
    struct hn_text host = HN_TEXT("");
    struct hn_text text = HN_TEXT("");
    struct hn_text row;

    for (size_t i = 1; i < line->count; i++) {
        if (hn_text_starts_nocase(line->words[i], HN_TEXT("-s:")))
            (void)script_file(line->source, hn_text_sub(line->words[i], 3, SIZE_MAX), &text);
        else if (line->words[i].ptr[0] != '-')
            host = line->words[i];
    }
    while (hn_text_line(&text, &row) && script_spend(line->run, 1)) {
        struct hn_text rest = hn_text_trim(row);
        struct hn_text words[3] = { HN_TEXT_INIT(""), HN_TEXT_INIT(""), HN_TEXT_INIT("") };
        struct hn_buf url = { 0 };

        for (size_t i = 0; i < 3 && hn_text_split(&rest, ' ', &words[i]); i++)
            continue;
        if (hn_text_eq_nocase(words[0], HN_TEXT("open")))
            host = words[1];
        if (!command_one_of(words[0], "get|recv|mget") || host.len == 0 || words[1].len == 0)
            continue;
        hn_buf_init(&url, 4096);
        hn_buf_addf(&url, "ftp://%.*s/%.*s", HN_TEXT_ARG(host), HN_TEXT_ARG(words[1]));
        command_http(line, hn_buf_text(&url), words[2].len > 0 ? words[2] : words[1], "ftp");
        hn_buf_deinit(&url);
    }
}

/* nslookup -q=txt NAME [SERVER] */
static void nslookup_line(struct command_line *line)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_DNS, 0, "nslookup");

    for (size_t i = 1; i < line->count; i++) {
        if (is_switch(line->words[i]))
            continue;
        command_add(line, &act, "QueryName", line->words[i]);
        script_tell(line->run, &act);
        return;
    }
}

static void other_line(struct command_line *line)
{
    first_url(line, "program");
}

const struct command_host command_fetchers[] = { { "certutil", certutil_line },
    { "bitsadmin", bitsadmin_line }, { "msiexec", msiexec_line }, { "curl|wget", curl_line },
    { "mpcmdrun", defender_line }, { "finger", finger_line }, { "ftp", ftp_line },
    { "nslookup", nslookup_line },
    { "explorer|iexplore|msedge|chrome|firefox|hh|installutil|msbuild|winget|esentutl|certreq|"
      "desktopimgdownldr|presentationhost|ieexec|imewdbld|cmstp|msohtmed|winword|excel|powerpnt|"
      "xwizard|update|squirrel",
            other_line },
    { NULL, NULL } };
