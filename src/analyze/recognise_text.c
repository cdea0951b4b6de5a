/* recognise_text.c - what a text is: a mail, markup, a script, a table. Names help only where texts
 * look alike. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/utf.h"

#include <ctype.h>

#define HEAD_BYTES_MAX   ((size_t)8192)
#define HEAD_LINES_MAX   200u
#define HEADERS_ENOUGH   3u
#define CONTROLS_PERCENT 2u

/* ---- Endings ---- */

struct hn_text analyze_extension(struct hn_text name, char room[ANALYZE_EXTENSION_ROOM])
{
    size_t at = name.len;

    /* Windows ignores blanks and dots at the end of a name. */
    while (at > 0 && (name.ptr[at - 1] == ' ' || name.ptr[at - 1] == '.'))
        at--;
    name.len = at;
    while (at > 0 && name.ptr[at - 1] != '.' && name.ptr[at - 1] != '/' && name.ptr[at - 1] != '\\')
        at--;
    if (at == 0 || name.ptr[at - 1] != '.' || name.len - at >= ANALYZE_EXTENSION_ROOM)
        return hn_text_of(room, 0);
    hn_lower_ascii(hn_text_sub(name, at, SIZE_MAX), room);
    return hn_text_of(room, name.len - at);
}

struct ending {
    const char *extension;
    enum dissect_format format;
};

/* What a text of that name is, when it is a text at all. */
static const struct ending text_endings[] = {
    { "eml", DISSECT_EML },
    { "mbox", DISSECT_MBOX },
    { "vbs", DISSECT_VBSCRIPT },
    { "vbe", DISSECT_VBE },
    { "bas", DISSECT_VBA_MODULE },
    { "vba", DISSECT_VBA_MODULE },
    { "cls", DISSECT_VBA_MODULE },
    { "js", DISSECT_JSCRIPT },
    { "jse", DISSECT_JSE },
    { "wsf", DISSECT_WSF },
    { "wsc", DISSECT_WSF },
    { "sct", DISSECT_WSF },
    { "hta", DISSECT_HTA },
    { "htm", DISSECT_HTML },
    { "html", DISSECT_HTML },
    { "shtml", DISSECT_HTML },
    { "xhtml", DISSECT_HTML },
    { "svg", DISSECT_HTML },
    { "ps1", DISSECT_POWERSHELL },
    { "psm1", DISSECT_POWERSHELL },
    { "psd1", DISSECT_POWERSHELL },
    { "bat", DISSECT_BATCH },
    { "cmd", DISSECT_BATCH },
    { "url", DISSECT_URL },
    { "website", DISSECT_URL },
    { "theme", DISSECT_SHELL_INI },
    { "scf", DISSECT_SHELL_INI },
    { "csv", DISSECT_CSV },
    { "slk", DISSECT_SLK },
    { "mht", DISSECT_MHT },
    { "mhtml", DISSECT_MHT },
    { "iqy", DISSECT_IQY },
    { "rdp", DISSECT_RDP },
    { "reg", DISSECT_REG },
    { "inf", DISSECT_INF },
};

static enum dissect_format by_name(struct hn_text name)
{
    char room[ANALYZE_EXTENSION_ROOM];
    struct hn_text extension = analyze_extension(name, room);

    for (size_t i = 0; i < HN_COUNT_OF(text_endings); i++)
        if (hn_text_eq(extension, hn_text_cstr(text_endings[i].extension)))
            return text_endings[i].format;
    return DISSECT_UNKNOWN;
}

/* ---- Mails ---- */

/* The name of a header field, or an empty text: printable characters up to a colon. */
static struct hn_text header_name(struct hn_text line)
{
    size_t colon = hn_text_find_char(line, ':', 0);

    if (colon == SIZE_MAX || colon == 0 || colon > 64)
        return hn_text_of(line.ptr, 0);
    for (size_t i = 0; i < colon; i++)
        if (!isalnum((unsigned char)line.ptr[i]) && line.ptr[i] != '-' && line.ptr[i] != '_')
            return hn_text_of(line.ptr, 0);
    return hn_text_sub(line, 0, colon);
}

static bool is_mail_header(struct hn_text name)
{
    static const char *const names[] = { "received", "from", "to", "cc", "subject", "date",
        "message-id", "mime-version", "content-type", "return-path", "reply-to", "delivered-to",
        "x-mailer", "x-unsent", "x-sender", "dkim-signature", "authentication-results", "sender",
        "content-transfer-encoding", "x-originalarrivaltime", "x-mozilla-status", "in-reply-to",
        "references", "x-priority", "thread-index", "thread-topic", "x-received", "arc-seal" };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if (hn_text_eq_nocase(name, hn_text_cstr(names[i])))
            return true;
    return false;
}

/* Only what web pages saved with their parts have. */
static bool is_web_archive(struct hn_text text)
{
    return hn_text_find_nocase(text, HN_TEXT("multipart/related"), 0) != SIZE_MAX &&
           hn_text_find_nocase(text, HN_TEXT("\nTo:"), 0) == SIZE_MAX &&
           hn_text_find_nocase(text, HN_TEXT("\nReceived:"), 0) == SIZE_MAX &&
           (hn_text_find_nocase(text, HN_TEXT("Content-Location:"), 0) != SIZE_MAX ||
                   hn_text_find_nocase(text, HN_TEXT("Saved by "), 0) != SIZE_MAX ||
                   hn_text_find_nocase(text, HN_TEXT("ActiveMime"), 0) != SIZE_MAX);
}

static enum dissect_format mail_kind(struct hn_text text, enum dissect_format named)
{
    struct hn_text rest = text;
    struct hn_text line;
    unsigned known = 0;
    unsigned other = 0;
    bool mime = false;
    bool mbox = hn_text_starts(text, HN_TEXT("From ")) &&
                hn_text_find_char(text, '@', 0) < hn_text_find_char(text, '\n', 0);

    for (unsigned lines = 0; lines < HEAD_LINES_MAX && hn_text_line(&rest, &line); lines++) {
        struct hn_text name = header_name(line);

        if (line.len == 0 && known > 0)
            break;
        if (line.len == 0 || line.ptr[0] == ' ' || line.ptr[0] == '\t' || (lines == 0 && mbox))
            continue;
        if (is_mail_header(name))
            known++;
        else if (name.len == 0)
            other++;
        mime = mime || hn_text_eq_nocase(name, HN_TEXT("mime-version")) ||
               hn_text_eq_nocase(name, HN_TEXT("content-type"));
    }
    if (mbox && known >= HEADERS_ENOUGH)
        return DISSECT_MBOX;
    if (mime && is_web_archive(text))
        return DISSECT_MHT;
    if ((known >= HEADERS_ENOUGH && known > other) ||
            (known >= 1 && (named == DISSECT_EML || named == DISSECT_MHT)))
        return named == DISSECT_MHT ? DISSECT_MHT : DISSECT_EML;
    return DISSECT_UNKNOWN;
}

/* ---- Markup ---- */

static bool has(struct hn_text text, const char *what)
{
    return hn_text_find_nocase(text, hn_text_cstr(what), 0) != SIZE_MAX;
}

static enum dissect_format xml_kind(struct hn_text text)
{
    static const struct {
        const char *mark;
        enum dissect_format format;
    } kinds[] = {
        { "schemas.microsoft.com/office/2006/xmlPackage", DISSECT_WORD_XML },
        { "schemas.microsoft.com/office/word/2003/wordml", DISSECT_WORD_XML },
        { "progid=\"Word.Document\"", DISSECT_WORD_XML },
        { "urn:schemas-microsoft-com:office:spreadsheet", DISSECT_EXCEL_XML },
        { "progid=\"Excel.Sheet\"", DISSECT_EXCEL_XML },
        { "<libraryDescription", DISSECT_SHELL_XML },
        { "<searchConnectorDescription", DISSECT_SHELL_XML },
        { "<persistedQuery", DISSECT_SHELL_XML },
        { "<PCSettings", DISSECT_SHELL_XML },
        { "<MMC_ConsoleFile", DISSECT_MSC },
        { "urn:schemas-microsoft-com:xslt", DISSECT_XML },
        { "www.w3.org/1999/XSL/Transform", DISSECT_XML },
        { "<scriptlet", DISSECT_WSF },
        { "<job", DISSECT_WSF },
        { "<package>", DISSECT_WSF },
        { "<component", DISSECT_WSF },
        { "<hta:application", DISSECT_HTA },
        { "<html", DISSECT_HTML },
        { "<svg", DISSECT_HTML },
    };

    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++)
        if (has(text, kinds[i].mark))
            return kinds[i].format;
    return DISSECT_XML;
}

static enum dissect_format markup_kind(struct hn_text text, enum dissect_format named)
{
    static const char *const tags[] = { "<html", "<!doctype html", "<head", "<body", "<script",
        "<hta:", "<meta", "<title", "<table", "<div", "<iframe", "<a href", "<svg", "<!--", "<p>",
        "<form", "<style", "<br", "<img", "<center", "<font", "<base", "<object", "<embed" };
    struct hn_text start = hn_text_trim(text);

    if (hn_text_starts_nocase(start, HN_TEXT("<?xml")) ||
            hn_text_starts_nocase(start, HN_TEXT("<libraryDescription")) ||
            hn_text_starts_nocase(start, HN_TEXT("<searchConnectorDescription")) ||
            hn_text_starts_nocase(start, HN_TEXT("<persistedQuery")) ||
            hn_text_starts_nocase(start, HN_TEXT("<PCSettings")))
        return xml_kind(text);
    if (hn_text_starts_nocase(start, HN_TEXT("<job")) ||
            hn_text_starts_nocase(start, HN_TEXT("<package>")) ||
            hn_text_starts_nocase(start, HN_TEXT("<scriptlet")) ||
            hn_text_starts_nocase(start, HN_TEXT("<component")))
        return DISSECT_WSF;
    for (size_t i = 0; i < HN_COUNT_OF(tags); i++) {
        if (hn_text_starts_nocase(start, hn_text_cstr(tags[i])))
            return has(text, "<hta:application") || named == DISSECT_HTA ? DISSECT_HTA
                                                                         : DISSECT_HTML;
    }
    if (has(text, "<hta:application"))
        return DISSECT_HTA;
    if (has(text, "<html") && has(text, "<script"))
        return DISSECT_HTML;
    if (hn_text_starts(start, HN_TEXT("<MMC_ConsoleFile")))
        return DISSECT_MSC;
    if (start.len > 0 && start.ptr[0] == '<')
        return has(text, "<w:wordDocument") ? DISSECT_WORD_XML : DISSECT_XML;
    return DISSECT_UNKNOWN;
}

/* ---- Settings ---- */

static enum dissect_format settings_kind(struct hn_text text)
{
    struct hn_text start = hn_text_trim(text);

    if (hn_text_starts(start, HN_TEXT("Windows Registry Editor Version ")) ||
            hn_text_starts(start, HN_TEXT("REGEDIT4")))
        return DISSECT_REG;
    if (has(text, "full address:s:") && (has(text, "screen mode id:i:") || has(text, "redirect") ||
                                                has(text, "remoteapplication")))
        return DISSECT_RDP;
    if (hn_text_starts(start, HN_TEXT("WEB\r\n1\r\n")) ||
            hn_text_starts(start, HN_TEXT("WEB\n1\n")))
        return DISSECT_IQY;
    if (has(text, "[DefaultInstall") && has(text, "[version]"))
        return DISSECT_INF;
    return DISSECT_UNKNOWN;
}

/* ---- Scripts ---- */

enum dissect_format analyze_format_of_language(enum script_language language)
{
    static const enum dissect_format formats[SCRIPT_LANGUAGE_COUNT] = {
        [SCRIPT_UNKNOWN] = DISSECT_UNKNOWN,
        [SCRIPT_VBA] = DISSECT_VBA_MODULE,
        [SCRIPT_VBSCRIPT] = DISSECT_VBSCRIPT,
        [SCRIPT_POWERSHELL] = DISSECT_POWERSHELL,
        [SCRIPT_JSCRIPT] = DISSECT_JSCRIPT,
        [SCRIPT_BATCH] = DISSECT_BATCH,
        [SCRIPT_COMMAND] = DISSECT_COMMAND,
        [SCRIPT_HTML] = DISSECT_HTA,
        [SCRIPT_PROGRAM] = DISSECT_UNKNOWN,
        [SCRIPT_XLM] = DISSECT_XLM,
    };

    return formats[language];
}

/* What Windows would run a file of this name with decides, unless the text plainly is another
 * thing; without a name the words of the text decide. */
static enum dissect_format script_kind(struct hn_text text, enum dissect_format named)
{
    enum script_language language;

    if (hn_text_starts(text, HN_TEXT("#@~^")))
        return named == DISSECT_JSE ? DISSECT_JSE : DISSECT_VBE;
    if (named != DISSECT_UNKNOWN)
        return named;
    language = script_language_guess(text);
    return language == SCRIPT_HTML ? DISSECT_HTML : analyze_format_of_language(language);
}

/* ---- Texts ---- */

/* UTF-16 is turned to bytes for looking: what we look for is ASCII. */
static struct hn_text narrow(struct hn_bytes data, char *room, size_t size)
{
    struct hn_text text = hn_bytes_as_text(data);
    bool little = data.len >= 2 && data.ptr[0] == 0xFF && data.ptr[1] == 0xFE;
    bool big = data.len >= 2 && data.ptr[0] == 0xFE && data.ptr[1] == 0xFF;
    size_t len = 0;

    if (hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")))
        return hn_text_sub(text, 3, SIZE_MAX);
    /* Without a mark: letters at every other place. */
    if (!little && !big && data.len >= 8 && data.ptr[1] == 0 && data.ptr[3] == 0 &&
            data.ptr[5] == 0 && data.ptr[7] == 0 && data.ptr[0] != 0 && data.ptr[2] != 0)
        little = true;
    if (!little && !big)
        return text;
    for (size_t i = 0; i + 1 < data.len && len < size; i += 2) {
        uint8_t high = data.ptr[i + (little ? 1 : 0)];
        uint8_t low = data.ptr[i + (little ? 0 : 1)];

        if (high != 0xFE && high != 0xFF)
            room[len++] = high == 0 && low < 0x80 ? (char)low : '?';
    }
    return hn_text_of(room, len);
}

static bool is_text(struct hn_text text)
{
    size_t controls = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c < 32 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1B)
            controls++;
    }
    return controls * 100 <= text.len * CONTROLS_PERCENT;
}

enum dissect_format analyze_recognise_text(struct hn_bytes data, struct hn_text name)
{
    char room[HEAD_BYTES_MAX];
    struct hn_text text = hn_text_sub(narrow(data, room, sizeof room), 0, HEAD_BYTES_MAX);
    enum dissect_format named = by_name(name);
    enum dissect_format format;

    if (!is_text(text))
        return DISSECT_UNKNOWN;
    if (hn_text_starts(text, HN_TEXT("ID;P")))
        return DISSECT_SLK;
    if (hn_text_starts_nocase(hn_text_trim(text), HN_TEXT("[InternetShortcut]")) ||
            hn_text_starts_nocase(hn_text_trim(text), HN_TEXT("[{000214A0-")))
        return DISSECT_URL;
    if (hn_text_starts_nocase(hn_text_trim(text), HN_TEXT("[.ShellClassInfo]")) ||
            has(text, "[Control Panel\\Desktop"))
        return DISSECT_SHELL_INI;
    format = settings_kind(text);
    if (format == DISSECT_UNKNOWN)
        format = mail_kind(text, named);
    if (format == DISSECT_UNKNOWN)
        format = markup_kind(text, named);
    if (format == DISSECT_UNKNOWN || (format == DISSECT_XML && named != DISSECT_UNKNOWN))
        format = script_kind(text, named);
    return format != DISSECT_UNKNOWN ? format : DISSECT_TEXT;
}
