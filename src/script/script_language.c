/* script_language.c - which language a text is written in, by the words that only one has. */
#include "script/script.h"

struct mark {
    struct hn_text text;
    enum script_language language;
    uint32_t weight;
};

#define MARK(language, text, weight)         \
    {                                        \
        HN_TEXT_INIT(text), language, weight \
    }

/* Weights: 4 settles it, 1 leaves room for doubt. */
static const struct mark marks[] = {
    MARK(SCRIPT_POWERSHELL, "[System.Convert]::", 4),
    MARK(SCRIPT_POWERSHELL, "[Convert]::", 4),
    MARK(SCRIPT_POWERSHELL, "New-Object", 4),
    MARK(SCRIPT_POWERSHELL, "Invoke-Expression", 4),
    MARK(SCRIPT_POWERSHELL, "Invoke-WebRequest", 4),
    MARK(SCRIPT_POWERSHELL, "Write-Host", 3),
    MARK(SCRIPT_POWERSHELL, "$env:", 3),
    MARK(SCRIPT_POWERSHELL, "-join", 2),
    MARK(SCRIPT_POWERSHELL, "-bxor", 3),
    MARK(SCRIPT_POWERSHELL, "-replace", 2),
    MARK(SCRIPT_POWERSHELL, "[char]", 3),
    MARK(SCRIPT_POWERSHELL, "foreach-object", 3),
    MARK(SCRIPT_POWERSHELL, "iex", 1),
    MARK(SCRIPT_POWERSHELL, "foreach($", 3),
    MARK(SCRIPT_POWERSHELL, "foreach ($", 3),
    MARK(SCRIPT_VBSCRIPT, "CreateObject(", 2),
    MARK(SCRIPT_VBSCRIPT, "WScript.Echo", 2),
    MARK(SCRIPT_VBSCRIPT, "On Error Resume Next", 4),
    MARK(SCRIPT_VBSCRIPT, "End Function", 3),
    MARK(SCRIPT_VBSCRIPT, "End Sub", 3),
    MARK(SCRIPT_VBSCRIPT, "End If", 3),
    MARK(SCRIPT_VBSCRIPT, "Execute(", 2),
    MARK(SCRIPT_VBSCRIPT, "ExecuteGlobal", 4),
    MARK(SCRIPT_VBSCRIPT, "Dim ", 2),
    MARK(SCRIPT_VBSCRIPT, "Chr(", 1),
    MARK(SCRIPT_VBSCRIPT, "Option Explicit", 4),
    MARK(SCRIPT_VBA, "Attribute VB_Name", 8),
    MARK(SCRIPT_VBA, "Private Declare", 6),
    MARK(SCRIPT_VBA, "Sub AutoOpen", 8),
    MARK(SCRIPT_VBA, "Sub Document_Open", 8),
    MARK(SCRIPT_VBA, "Sub Workbook_Open", 8),
    MARK(SCRIPT_JSCRIPT, "ActiveXObject", 4),
    MARK(SCRIPT_JSCRIPT, "function(", 2),
    MARK(SCRIPT_JSCRIPT, "function ", 1),
    MARK(SCRIPT_JSCRIPT, "var ", 2),
    MARK(SCRIPT_JSCRIPT, "String.fromCharCode", 4),
    MARK(SCRIPT_JSCRIPT, ".charCodeAt", 3),
    MARK(SCRIPT_JSCRIPT, "eval(", 2),
    MARK(SCRIPT_JSCRIPT, "===", 2),
    MARK(SCRIPT_JSCRIPT, "};", 1),
    MARK(SCRIPT_BATCH, "@echo off", 6),
    MARK(SCRIPT_BATCH, "setlocal", 4),
    MARK(SCRIPT_BATCH, "%~dp0", 4),
    MARK(SCRIPT_BATCH, "goto :", 3),
    MARK(SCRIPT_BATCH, "goto ", 1),
    MARK(SCRIPT_BATCH, "set /a", 4),
    MARK(SCRIPT_BATCH, "%~1", 3),
    MARK(SCRIPT_BATCH, "\nset ", 2),
    MARK(SCRIPT_BATCH, "\r\nrem ", 2),
};

#define GUESS_BYTES_MAX 65536u
#define GUESS_LEAST     3u

static bool starts_markup(struct hn_text text)
{
    static const struct hn_text tags[] = { HN_TEXT_INIT("<html"), HN_TEXT_INIT("<!doctype html"),
        HN_TEXT_INIT("<hta:"), HN_TEXT_INIT("<script"), HN_TEXT_INIT("<head"),
        HN_TEXT_INIT("<body") };

    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (hn_text_starts_nocase(text, tags[i]))
            return true;
    }
    return false;
}

enum script_language script_language_guess(struct hn_text text)
{
    uint32_t weights[SCRIPT_LANGUAGE_COUNT] = { 0 };
    enum script_language best = SCRIPT_UNKNOWN;

    text = hn_text_trim(hn_text_sub(text, 0, GUESS_BYTES_MAX));
    if (hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")))
        text = hn_text_trim(hn_text_sub(text, 3, SIZE_MAX));
    if (starts_markup(text))
        return SCRIPT_HTML;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (hn_text_find_nocase(text, marks[i].text, 0) != SIZE_MAX)
            weights[marks[i].language] += marks[i].weight;
    }
    if (weights[SCRIPT_VBA] > 0) /* what VBA shares with VBScript speaks for both */
        weights[SCRIPT_VBA] += weights[SCRIPT_VBSCRIPT];
    for (uint32_t i = 0; i < SCRIPT_LANGUAGE_COUNT; i++) {
        if (weights[i] >= GUESS_LEAST && weights[i] > weights[best])
            best = (enum script_language)i;
    }
    return best;
}

enum script_language script_language_of_file(struct hn_text file_name)
{
    static const struct mark endings[] = {
        MARK(SCRIPT_POWERSHELL, ".ps1", 1),
        MARK(SCRIPT_POWERSHELL, ".psm1", 1),
        MARK(SCRIPT_VBSCRIPT, ".vbs", 1),
        MARK(SCRIPT_VBSCRIPT, ".vbe", 1),
        MARK(SCRIPT_VBA, ".bas", 1),
        MARK(SCRIPT_VBA, ".vba", 1),
        MARK(SCRIPT_VBA, ".cls", 1),
        MARK(SCRIPT_JSCRIPT, ".js", 1),
        MARK(SCRIPT_JSCRIPT, ".jse", 1),
        MARK(SCRIPT_BATCH, ".bat", 1),
        MARK(SCRIPT_BATCH, ".cmd", 1),
        MARK(SCRIPT_HTML, ".hta", 1),
        MARK(SCRIPT_HTML, ".htm", 1),
        MARK(SCRIPT_HTML, ".html", 1),
        MARK(SCRIPT_PROGRAM, ".exe", 1),
        MARK(SCRIPT_PROGRAM, ".dll", 1),
        MARK(SCRIPT_PROGRAM, ".scr", 1),
    };

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (hn_text_ends_nocase(file_name, endings[i].text))
            return endings[i].language;
    }
    return SCRIPT_UNKNOWN;
}
