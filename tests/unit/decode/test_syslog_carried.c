/* test_syslog_carried.c - what stands inside system log lines: times that mean what they say, and
 * documents of other formats. */
#include "check_decode.h"

#include "decode/decode_internal.h"

/* 2026-11-23T01:02:03Z */
#define TIME (INT64_C(1795395723) * HN_SECOND)

struct timed {
    const char *format;
    const char *line;
    hn_time time;
};

static const struct timed timed_lines[] = {
    { "syslog", "Nov 23 01:02:03 web01 a: b", TIME },
    { "syslog", "<34>2026 Nov 23 01:02:03 web01 a: b", TIME },
    { "syslog", "<34>1 2026-11-23T10:02:03+09:00 web01 a - - - b", TIME },
    { "syslog", "<189>31: *Nov 23 01:02:03.500: %SYS-5-CONFIG_I: b", TIME + HN_SECOND / 2 },
    { "syslog", "Nov 23 2026 01:02:03 fw01 : %ASA-6-302013: Built outbound TCP connection", TIME },
    /* The firewall's own clock wins over the relay's. */
    { "syslog", "Nov 23 09:09:09 relay 1,2026/11/23 01:02:03,007,SYSTEM,auth,0,2026/11/23 01:02:03",
            TIME },
    { "syslog", "Nov 23 09:09:09 relay CEF:0|Example|Wall|1|7|x|5|rt=Nov 23 2026 01:02:03 src=a",
            TIME },
    { "syslog", "Nov 23 09:09:09 relay audispd: type=USER_END msg=audit(1795395723.500:7): pid=1",
            TIME + HN_SECOND / 2 },
    { "cef", "CEF:0|Example|Wall|1|7|x|5|rt=1795395723000 src=192.0.2.5", TIME },
    { "cef", "CEF:0|Example|Wall|1|7|x|5|end=Nov 23 2026 01:02:03 UTC src=192.0.2.5", TIME },
    { "leef", "LEEF:1.0|Example|Wall|1|7|devTime=Nov 23 2026 01:02:03\tsrc=192.0.2.5", TIME },
    { "kv", "date=2026-11-23 time=01:02:03 devid=\"FG1\" type=\"event\" logid=\"1\" level=\"a\"",
            TIME },
    { "kv",
            "eventtime=1795395723000000000 devid=\"FG1\" type=\"event\" subtype=\"vpn\" "
            "logid=\"1\"",
            TIME },
    { "kv", "date=2026-11-23 time=10:02:03 tz=\"+0900\" devid=\"FG1\" type=\"event\" logid=\"1\"",
            TIME },
    { "kv", "ts=2026-11-23T01:02:03Z level=info msg=\"x\" port=80", TIME },
    { "auditd", "type=SYSCALL msg=audit(1795395723.250:7): syscall=59", TIME + HN_SECOND / 4 },
    { "auditd", "type=SYSCALL msg=audit(11/23/2026 01:02:03.250:7) : syscall=execve",
            TIME + HN_SECOND / 4 },
    { "syslog-octets", "30 <34>Nov 23 01:02:03 web01 a: b", TIME },
};

static bool check_time(void *ctx, struct hn_event *event)
{
    const struct timed *timed = ctx;
    const struct hn_time_defaults defaults = { .zone = NULL, .year = 2026 };
    hn_time time = hn_event_time(event, &defaults);

    if (time != timed->time)
        fail_msg("%s: is %lld, not %lld", timed->line, (long long)time, (long long)timed->time);
    return true;
}

/* Each product's stamp is found, and parsed only now, to the time that it means. */
static void times_are_understood(void **state)
{
    const struct decode_options options = { .limits = { 0, 0 } };
    struct check check;

    (void)state;
    check_init(&check);
    for (size_t i = 0; i < HN_COUNT_OF(timed_lines); i++) {
        struct timed timed = timed_lines[i];
        const struct decode_sink sink = { .on_event = check_time, .ctx = &timed };

        assert_int_equal(decode_all(check_format(timed.format), &options,
                                 hn_text_as_bytes(hn_text_cstr(timed.line)), &check.event, &sink),
                HN_OK);
    }
    check_deinit(&check);
}

/* A message that is a JSON object gives its fields, besides those of the header; one that only
 * starts like it stays text. */
static void json_is_taken_apart(void **state)
{
    static const char *const whole[] = { "  hostname: \"web01\"\n", "  a: \"1\"\n",
        "  b.c: \"x\"\n", "  Message: \"{\\\"a\\\":1,\\\"b\\\":{\\\"c\\\":\\\"x\\\"}}\"\n", NULL };
    static const char *const cee[] = { "  a: \"1\"\n", NULL };
    static const char *const broken[] = { "  Message: \"{\\\"a\\\":1\"\n", NULL };
    struct check check;

    (void)state;
    check_init(&check);
    check_has(
            &check, "syslog", "Nov 23 01:02:03 web01 app: {\"a\":1,\"b\":{\"c\":\"x\"}}\n", whole);
    check_has(&check, "syslog", "<13>Nov 23 01:02:03 web01 app: @cee: {\"a\":1}\n", cee);
    check_has(&check, "syslog", "Nov 23 01:02:03 web01 app: {\"a\":1\n", broken);
    assert_int_equal(check.events, 1);
    check_deinit(&check);
}

#define SYSMON_EVENT                                                                    \
    "<Event><System><Provider Name=\"Linux-Sysmon\" Guid=\"{0}\"/><EventID>1</EventID>" \
    "<Channel>Linux-Sysmon/Operational</Channel><Computer>web01</Computer></System>"    \
    "<EventData><Data Name=\"Image\">/usr/bin/id</Data></EventData></Event>"

/* Sysmon for Linux writes its events as XML into the system log. */
static void xml_is_taken_apart(void **state)
{
    static const char *const lines[] = { "  Image: \"/usr/bin/id\"\n", "  program: \"sysmon\"\n",
        NULL };
    static const char *const broken[] = { "= linux |", "  Message: \"<Event><System>\"\n", NULL };
    struct check check;

    (void)state;
    check_init(&check);
    check_has(&check, "syslog", "Nov 23 01:02:03 web01 sysmon: " SYSMON_EVENT "\n", lines);
    check_has(&check, "syslog", "Nov 23 01:02:03 web01 sysmon: <Event><System>\n", broken);
    check_deinit(&check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_understood),
        cmocka_unit_test(json_is_taken_apart),
        cmocka_unit_test(xml_is_taken_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
