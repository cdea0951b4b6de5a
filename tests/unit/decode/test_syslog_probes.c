/* test_syslog_probes.c - each format of system logs recognises its own files and leaves others'
 * alone. */
#include "check_decode.h"

#include "decode/decode_internal.h"
#include "syslog_samples.h"

static const struct decode_format *const ours[] = { &decode_format_auditd, &decode_format_cef,
    &decode_format_leef, &decode_format_octets, &decode_format_syslog, &decode_format_kv };

/* Whole files of one line each, in the spellings that are found in the field. */
static const struct sample variants[] = {
    SAMPLE("syslog", "Nov 23 01:02:03 web01 sshd[311]: Server listening on 192.0.2.5 port 22.\n"),
    SAMPLE("syslog", "Nov  3 01:02:03 web01 CRON[311]: (root) CMD (true)"),
    SAMPLE("syslog", "2026-11-23T01:02:03.123456+09:00 web01 kernel: eth0: link up\n"),
    SAMPLE("syslog", "<34>Nov 23 01:02:03 192.0.2.5 su: x\n"),
    SAMPLE("syslog", "<165>1 2026-11-23T01:02:03.003Z web01 app - ID47 - x\n"),
    SAMPLE("syslog", "<189>31: *Mar  1 00:00:01.123: %SYS-5-CONFIG_I: Configured\n"),
    SAMPLE("syslog", "000031: Nov 23 01:02:03.123 UTC: %LINK-3-UPDOWN: Interface x, up\n"),
    SAMPLE("syslog", "Nov 23 2026 01:02:03: %ASA-6-302013: Built outbound TCP connection\n"),
    SAMPLE("syslog", "[    0.000000] Linux version 6.1.0\n[    0.000001] Command line: ro\n"),
    SAMPLE("syslog", "-- Logs begin at Mon 2026-11-23 01:02:03 UTC. --\n"
                     "Nov 23 01:02:03 web01 systemd[1]: Started x.\n"),
    SAMPLE("syslog", "Nov 23 01:02:03 web01 CEF:0|Example|Wall|1|100|Blocked|5|src=192.0.2.5\n"),
    SAMPLE("syslog", "2026-11-23T01:02:03+09:00 fw01 date=2026-11-23 time=01:02:03 "
                     "devname=\"fw01\" type=\"traffic\" srcip=192.0.2.5 action=\"deny\"\n"),
    SAMPLE("syslog", "<13>Nov 23 01:02:03 web01 audispd: type=USER_AUTH "
                     "msg=audit(1795363323.123:9): pid=1\n"),
    SAMPLE("syslog",
            "1,2026/11/23 01:02:03,007,SYSTEM,auth,0,2026/11/23 01:02:03,,auth-fail,,0,0\n"
            "1,2026/11/23 01:02:04,007,SYSTEM,auth,0,2026/11/23 01:02:04,,auth-fail,,0,0\n"),
    SAMPLE("cef", "CEF:0|Example|Wall|1|100|Blocked|5|src=192.0.2.5\n"),
    SAMPLE("leef", "LEEF:2.0|Example|Wall|1.0|101|^|src=192.0.2.5^dst=198.51.100.7\n"),
    SAMPLE("kv",
            "date=2026-11-23 time=01:02:03 devname=\"fw01\" type=\"event\" level=\"notice\"\n"),
    SAMPLE("kv", "ts=2026-11-23T01:02:03Z level=info msg=\"server started\" port=80\n"),
    SAMPLE("auditd", "type=DAEMON_START msg=audit(1795363323.123:9): op=start ver=3.0\n"),
    SAMPLE("auditd", "node=a type=1300 msg=audit(1795363323.123:9): arch=c000003e syscall=59\n"),
    SAMPLE("auditd", "----\ntime->Mon Nov 23 01:02:03 2026\n"
                     "type=PROCTITLE msg=audit(1795363323.123:9): proctitle=\"x\"\n"),
    SAMPLE("auditd", "----\ntype=PROCTITLE msg=audit(11/23/2026 01:02:03.123:9) : proctitle=x y\n"),
    SAMPLE("syslog-octets", "29 <34>Nov 23 01:02:03 a su: x y"),
};

/* What other formats look like. None of ours may claim any of it. */
static const struct sample others[] = {
    SAMPLE("json", "{\"time\":\"2026-11-23T01:02:03Z\",\"level\":\"info\",\"a\":\"b=c d=e\"}\n"),
    SAMPLE("json", "[\n  {\"EventID\": 1, \"Image\": \"C:\\\\x.exe\"},\n  {\"EventID\": 3}\n]\n"),
    SAMPLE("json, docker",
            "{\"log\":\"a=b c=d\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23\"}\n"),
    SAMPLE("evtx", "ElfFile\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x80\0\0\0\x01\0\x03\0\0\x10\x01\0"),
    SAMPLE("winxml", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Events>\n<Event xmlns=\"http://"
                     "schemas.microsoft.com/win/2004/08/events/event\"><System>\n"),
    SAMPLE("winxml",
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>"
            "<System><Provider Name='Linux-Sysmon'/><EventID>1</EventID></System></Event>\n"),
    SAMPLE("zeek", "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#path\tconn\n"
                   "#fields\tts\tuid\tid.orig_h\n1795363323.123456\tCxyz\t192.0.2.5\n"),
    SAMPLE("w3c", "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
                  "#Date: 2026-11-23 01:02:03\n#Fields: date time s-ip cs-method cs-uri-stem\n"
                  "2026-11-23 01:02:03 192.0.2.5 GET /a?b=c\n"),
    SAMPLE("w3c without its head",
            "2026-11-23 01:02:03 192.0.2.5 GET /index.html a=b 443 - 198.51.100.7 Mozilla/5.0 - "
            "200 0 0 15\n"),
    SAMPLE("squid", "1795363323.123    345 192.0.2.5 TCP_MISS/200 1234 GET http://www.example/ "
                    "alice HIER_DIRECT/198.51.100.7 text/html\n"),
    SAMPLE("weblog", "192.0.2.5 - alice [23/Nov/2026:01:02:03 +0900] \"GET /a?b=c&d=e HTTP/1.1\" "
                     "200 12 \"-\" \"Mozilla/5.0 (X11)\"\n"),
    SAMPLE("weblog", "www.example:443 192.0.2.5 - - [23/Nov/2026:01:02:03 +0900] \"GET / "
                     "HTTP/2\" 200 1\n"),
    SAMPLE("apache errors", "[Mon Nov 23 01:02:03.123456 2026] [core:error] [pid 7:tid 8] [client "
                            "192.0.2.5:4711] AH00124: Request exceeded the limit\n"),
    SAMPLE("nginx errors", "2026/11/23 01:02:03 [error] 7#8: *9 open() \"/a\" failed (2: No such "
                           "file or directory), client: 192.0.2.5, server: www.example\n"),
    SAMPLE("csv", "\"_time\",\"host\",\"source\",\"_raw\"\n\"2026-11-23\",\"a\",\"b\",\"c=d\"\n"),
    SAMPLE("csv", "EventID,Image,CommandLine\n1,/bin/a,a b=c\n"),
    SAMPLE("csv", "TimeCreated;EventID;Message\n2026-11-23 01:02:03;1;x\n"),
    SAMPLE("python", "2026-11-23 01:02:03,123 INFO app.main: a started\n"
                     "2026-11-23 01:02:04,123 ERROR app.main: failed\nTraceback (most recent call "
                     "last):\n  File \"a.py\", line 1, in <module>\n"),
    SAMPLE("log4j", "2026-11-23 01:02:03,123 [main] INFO  org.example.App - started in 3 s\n"),
    SAMPLE("glog", "I1123 01:02:03.123456       1 server.go:42] serving on 192.0.2.5:80\n"),
    SAMPLE("kubernetes", "2026-11-23T01:02:03.123456789Z stdout F started\n"
                         "2026-11-23T01:02:04.123456789Z stderr P half\n"),
    SAMPLE("Xorg", "[    12.345] \nX.Org X Server 1.21.1.7\nX Protocol Version 11, Revision 0\n"
                   "[    12.346] (II) Module ABI versions:\n"),
    SAMPLE("logfmt behind a stamp", "2026-11-23T01:02:03Z INFO msg=\"server started\" port=80\n"),
    SAMPLE("dpkg", "2026-11-23 01:02:03 status installed libc6:amd64 2.36-9\n"),
    SAMPLE("apt", "Start-Date: 2026-11-23  01:02:03\nCommandline: apt-get install x\n"),
    SAMPLE("fail2ban", "2026-11-23 01:02:03,123 fail2ban.filter  [311]: INFO [sshd] Found "
                       "192.0.2.5\n"),
    SAMPLE("suricata", "11/23/2026-01:02:03.123456  [**] [1:2100498:7] x [**] "
                       "[Classification: y] [Priority: 2] {TCP} 192.0.2.5:80 -> 192.0.2.6:4711\n"),
    SAMPLE("VPC flow",
            "version account-id interface-id srcaddr dstaddr\n"
            "2 123456789012 eni-1 192.0.2.5 198.51.100.7 4711 443 6 1 2 3 4 ACCEPT OK\n"),
    SAMPLE("load balancer", "https 2026-11-23T01:02:03.123456Z app/x/1 192.0.2.5:4711 "
                            "198.51.100.7:80 0.1 0.2 0.3 200 200 1 2 \"GET https://a/?b=c\"\n"),
    SAMPLE("shell", "#!/bin/sh\nset -eu\nPATH=/bin:/usr/bin\nexport PATH\nfor i in 1 2; do\n"),
    SAMPLE("environment", "HOME=/root\nPATH=/usr/bin\nLANG=C\n"),
    SAMPLE("ini", "[section]\nkey=value\nother = value\n"),
    SAMPLE("yaml", "title: a\nlogsource:\n    product: linux\n"),
    SAMPLE("prose", "This is a text about a = b and nothing else.\nIt has two lines.\n"),
    SAMPLE("e-mail", "From: a@www.example\nDate: Mon, 23 Nov 2026 01:02:03 +0900\nSubject: x\n"),
    SAMPLE("html", "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head></html>\n"),
    SAMPLE("diff", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a=b c=d\n+a=b c=e\n"),
    SAMPLE("C", "int main(void)\n{\n    int a = 1, b = 2;\n    return a == b;\n}\n"),
    SAMPLE("png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0"),
    SAMPLE("elf", "\x7f"
                  "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0\x01\0\0\0"),
    SAMPLE("gzip", "\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x04\0"),
    SAMPLE("numbers", "1\n2\n3\n44 5\n"),
    SAMPLE("nothing", ""),
    SAMPLE("line feeds", "\n\n\n"),
};

static int probe(const struct decode_format *format, struct hn_text text)
{
    return format->probe(hn_text_as_bytes(text), HN_TEXT("file.log"));
}

static void expect_own(const struct sample *sample)
{
    const struct decode_format *found =
            decode_detect(hn_text_as_bytes(sample->text), HN_TEXT("file.log"));

    assert_non_null(found);
    if (!hn_text_eq(decode_format_name(found), hn_text_cstr(sample->format))) {
        print_error("taken for %.*s:\n%.*s\n", HN_TEXT_ARG(decode_format_name(found)),
                HN_TEXT_ARG(sample->text));
        fail();
    }
}

/* Every spelling of ours is recognised as what it is, by a probe that is sure of it. */
static void own_files_are_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(own_samples); i++)
        expect_own(&own_samples[i]);
    for (size_t i = 0; i < HN_COUNT_OF(variants); i++)
        expect_own(&variants[i]);
}

/* Formats of ours do not claim each other's files more than those do themselves. */
static void nobody_else_is_as_sure(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(own_samples); i++) {
        const struct sample *sample = &own_samples[i];
        int own = probe(check_format(sample->format), sample->text);

        assert_true(own >= PROBE_LIKELY);
        for (size_t k = 0; k < HN_COUNT_OF(ours); k++) {
            if (ours[k] != check_format(sample->format))
                assert_true(probe(ours[k], sample->text) < own);
        }
    }
}

/* No format of ours claims a file that is another's. */
static void other_files_are_left_alone(void **state)
{
    bool failed = false;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(others); i++) {
        for (size_t k = 0; k < HN_COUNT_OF(ours); k++) {
            if (probe(ours[k], others[i].text) == PROBE_NO)
                continue;
            print_error("%.*s claims %s\n", HN_TEXT_ARG(ours[k]->name), others[i].format);
            failed = true;
        }
    }
    assert_false(failed);
}

/* A file is recognised by any start of it that holds a line or two: probes read neither past the
 * end nor need more. */
static void starts_of_files_are_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(own_samples); i++) {
        const struct sample *sample = &own_samples[i];
        size_t line = hn_text_find_char(sample->text, '\n', 0);

        for (size_t len = 0; len <= sample->text.len; len++) {
            char *copy = hn_malloc(len == 0 ? 1 : len);

            assert_non_null(copy);
            memcpy(copy, sample->text.ptr, len);
            for (size_t k = 0; k < HN_COUNT_OF(ours); k++) {
                int score = probe(ours[k], hn_text_of(copy, len));

                if (ours[k] == check_format(sample->format) && len > line)
                    assert_true(score >= PROBE_LIKELY);
            }
            hn_free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_files_are_recognised),
        cmocka_unit_test(nobody_else_is_as_sure),
        cmocka_unit_test(other_files_are_left_alone),
        cmocka_unit_test(starts_of_files_are_recognised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
