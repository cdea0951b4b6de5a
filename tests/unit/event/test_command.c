/* test_command.c - encoded PowerShell commands in every way they are written. */
#include "base/enc.h"
#include "base/utf.h"
#include "event/event.h"
#include "support/check.h"

struct setup {
    struct hn_schema *schema;
    struct hn_event event;
    hn_field decoded;
};

static int set_up(void **state)
{
    static struct setup setup;

    setup.schema = hn_schema_new();
    setup.decoded = hn_schema_want(setup.schema, HN_TEXT("hinomi.decoded_command"));
    assert_int_equal(hn_schema_seal(setup.schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&setup.event, setup.schema, NULL, false), HN_OK);
    *state = &setup;
    return 0;
}

static int tear_down(void **state)
{
    struct setup *setup = *state;

    hn_event_deinit(&setup->event);
    hn_schema_free(setup->schema);
    return 0;
}

/* The values decoded from a command line, a line feed between. */
static struct hn_text decode(struct setup *setup, struct hn_buf *buf, struct hn_text command)
{
    struct hn_event *event = &setup->event;

    hn_event_reset(event);
    event->origin = HN_ORIGIN_WINDOWS;
    hn_event_add_text(event, HN_TEXT("Channel"), HN_TEXT("Microsoft-Windows-Sysmon/Operational"));
    hn_event_add_text(event, HN_TEXT("Provider_Name"), HN_TEXT("Microsoft-Windows-Sysmon"));
    hn_event_add_i64(event, HN_TEXT("EventID"), 1);
    hn_event_add_text(event, HN_TEXT("UtcTime"), HN_TEXT("-"));
    hn_event_add_text(event, HN_TEXT("CommandLine"), command);
    hn_event_resolve(event);
    hn_buf_reset(buf);
    for (uint32_t i = hn_event_first(event, setup->decoded); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        if (buf->len > 0)
            hn_buf_add_char(buf, '\n');
        hn_buf_add_text(buf, hn_event_text(event, i));
    }
    return hn_buf_text(buf);
}

/* text as UTF-16LE in base64, the way PowerShell wants it. */
static void add_encoded(struct hn_buf *buf, struct hn_text text)
{
    struct hn_buf wide = { 0 };

    hn_utf8_to_utf16le(&wide, text);
    hn_base64_encode(buf, hn_text_as_bytes(hn_buf_text(&wide)));
    hn_buf_deinit(&wide);
}

#define HI "VwByAGkAdABlAC0ASABvAHMAdAAgACcAaABpACcA" /* Write-Host 'hi' */

/* Every prefix of the option's name, in any case, with every dash that PowerShell takes. */
static void every_spelling_is_found(void **state)
{
    static const char full[] = "EncodedCommand";
    static const char *const dashes[] = { "-", "/", "\xE2\x80\x93", "\xE2\x80\x94",
        "\xE2\x80\x95" };
    struct hn_buf command = { 0 };
    struct hn_buf buf = { 0 };

    for (size_t d = 0; d < HN_COUNT_OF(dashes); d++) {
        for (size_t len = 1; len < sizeof full; len++) {
            for (int upper = 0; upper < 2; upper++) {
                hn_buf_reset(&command);
                hn_buf_add_lit(&command, "powershell.exe -nop ");
                hn_buf_add_cstr(&command, dashes[d]);
                for (size_t i = 0; i < len; i++)
                    hn_buf_add_char(&command, (char)(upper ? full[i] & ~0x20 : full[i] | 0x20));
                hn_buf_add_lit(&command, " " HI);
                check_text(decode(*state, &buf, hn_buf_text(&command)), "Write-Host 'hi'");
            }
        }
    }
    hn_buf_deinit(&command);
    hn_buf_deinit(&buf);
}

/* Other writings: the short name, carets, quotes, a colon, missing padding, several blanks. */
static void disguises_are_seen_through(void **state)
{
    static const char *const commands[] = {
        "pwsh -ec " HI,
        "cmd /c p^o^w^e^r^s^h^e^l^l -e^n^c " HI,
        "powershell \"-enc\" \"" HI "\"",
        "powershell -\"e\"nc '" HI "'",
        "powershell -enc:" HI,
        "powershell   -enc \t  " HI "   -nop",
        "powershell -EncodedCommand VwByAGkAdABlAC0ASABvAHMAdAAgACcA^aABpACcA",
        "powershell -w hidden -e " HI " & echo done",
        "-e " HI,
        "powershell -exec bypass -noe -enc " HI,
    };
    struct hn_buf buf = { 0 };

    for (size_t i = 0; i < HN_COUNT_OF(commands); i++)
        check_text(decode(*state, &buf, hn_text_cstr(commands[i])), "Write-Host 'hi'");
    hn_buf_deinit(&buf);
}

/* What is no encoded command gives nothing. */
static void other_options_are_left_alone(void **state)
{
    static const char *const commands[] = {
        "",
        "-",
        "-e",
        "-e ",
        "-enc " /* nothing behind */,
        "powershell -ExecutionPolicy Bypass -File x.ps1",
        "powershell -ex Bypass AAAAAAAAAAAA",
        "powershell -encodedcommands " HI,
        "powershell -enx " HI,
        "x-enc " HI,
        "powershell -e AAAAAAA",
        "powershell -enc AAAAAAAAAAAAAAAAAAAAAAAA", /* zeros */
        "curl -e http://www.example.com/aaaaaaaaaaaaaaaa -o x",
        "grep -e abcdefgh12345678 file",
        "FromBase64String($x)",
        "FromBase64String",
        "/enc*" HI,
        HI,
    };
    struct hn_buf buf = { 0 };

    for (size_t i = 0; i < HN_COUNT_OF(commands); i++) {
        if (decode(*state, &buf, hn_text_cstr(commands[i])).len > 0)
            print_error("'%s' gave '%.*s'\n", commands[i], HN_TEXT_ARG(hn_buf_text(&buf)));
        assert_int_equal(buf.len, 0);
    }
    hn_buf_deinit(&buf);
}

/* Literals of FromBase64String hold UTF-16 or UTF-8; binary ones give nothing. */
static void literals_are_decoded(void **state)
{
    struct hn_buf buf = { 0 };

    check_text(decode(*state, &buf,
                       HN_TEXT("iex ([Text.Encoding]::Unicode.GetString([Convert]::"
                               "FromBase64String(\"" HI "\")))")),
            "Write-Host 'hi'");
    check_text(
            decode(*state, &buf,
                    HN_TEXT("[convert]::frombase64string( 'aHR0cDovL2MyLmV4YW1wbGUvZ2F0ZQ==' )")),
            "http://c2.example/gate");
    check_text(decode(*state, &buf,
                       HN_TEXT("FromBase64String('H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==')")),
            "");
    check_text(decode(*state, &buf,
                       HN_TEXT("FromBase64String('aHR0cDovL2EuZXhhbXBsZQ==');"
                               "FromBase64String('aHR0cDovL2IuZXhhbXBsZQ==')")),
            "http://a.example\nhttp://b.example");
    hn_buf_deinit(&buf);
}

/* A command inside a command inside a command is decoded as well; the number of values is limited.
 */
static void nested_commands_are_limited(void **state)
{
    struct hn_buf command = { 0 };
    struct hn_buf outer = { 0 };
    struct hn_buf buf = { 0 };
    struct hn_text rest;
    struct hn_text line;
    size_t count = 0;

    hn_buf_add_lit(&command, "Write-Host 'hi'");
    for (int level = 0; level < 3; level++) {
        hn_buf_reset(&outer);
        hn_buf_add_lit(&outer, "powershell -enc ");
        add_encoded(&outer, hn_buf_text(&command));
        hn_buf_reset(&command);
        hn_buf_add_text(&command, hn_buf_text(&outer));
    }
    rest = decode(*state, &buf, hn_buf_text(&command));
    while (hn_text_line(&rest, &line))
        count++;
    assert_int_equal(count, 3);
    assert_true(hn_text_ends(hn_buf_text(&buf), HN_TEXT("\nWrite-Host 'hi'")));

    hn_buf_reset(&command);
    for (int i = 0; i < 1000; i++)
        hn_buf_add_lit(&command, "powershell -enc " HI "\n");
    rest = decode(*state, &buf, hn_buf_text(&command));
    for (count = 0; hn_text_line(&rest, &line);)
        count++;
    assert_int_equal(count, 16);
    hn_buf_deinit(&command);
    hn_buf_deinit(&outer);
    hn_buf_deinit(&buf);
}

/* A long line of openings without anything behind costs time in proportion to its length, and no
 * more scratch than a few times that. */
static void hostile_lines_are_cheap(void **state)
{
    static const char *const units[] = { "-e ", "-", "/ec:", "-^", "-e^\"'", "FromBase64String(",
        "-enc AAAAAAAA ", "\342\200\223e ", "f", "-e AAAAAAA" };
    struct setup *setup = *state;
    struct hn_buf command = { 0 };
    struct hn_buf buf = { 0 };

    for (size_t i = 0; i < HN_COUNT_OF(units); i++) {
        hn_buf_reset(&command);
        while (command.len < (size_t)1 << 20)
            hn_buf_add_cstr(&command, units[i]);
        (void)decode(setup, &buf, hn_buf_text(&command));
        assert_int_equal(setup->event.values_dropped, 0);
        assert_true(setup->event.scratch.used_bytes < (size_t)16 << 20);
    }
    hn_buf_deinit(&command);
    hn_buf_deinit(&buf);
}

/* Every prefix of an encoded command is safe, and what is left of the base64 is decoded. */
static void every_truncation_is_safe(void **state)
{
    static const char command[] = "powershell -enc " HI;
    struct hn_buf buf = { 0 };
    size_t longest = 0;

    for (size_t len = 0; len < sizeof command; len++) {
        struct hn_text text = decode(*state, &buf, hn_text_of(command, len));

        assert_true(text.len >= longest || text.len == 0);
        if (text.len > longest)
            longest = text.len;
    }
    assert_int_equal(longest, strlen("Write-Host 'hi'"));
    hn_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_is_found),
        cmocka_unit_test(disguises_are_seen_through),
        cmocka_unit_test(other_options_are_left_alone),
        cmocka_unit_test(literals_are_decoded),
        cmocka_unit_test(nested_commands_are_limited),
        cmocka_unit_test(hostile_lines_are_cheap),
        cmocka_unit_test(every_truncation_is_safe),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
