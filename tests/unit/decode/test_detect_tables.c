/* test_detect_tables.c - each table format recognises its own files and leaves those of others
 * alone. */
#include "support/decode_case.h"

struct sample {
    const char *format; /* NULL: none of the table formats */
    const char *name;
    const char *text;
};

static const struct sample samples[] = {
    { "zeek", "conn.log", "#separator \\x09\n#set_separator\t,\n#path\tconn\n" },
    { "zeek", "dns.log", "#fields\tts\tuid\tquery\n1795400000.0\tC1\ta.example\n" },
    { "w3c", "u_ex261123.log",
            "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
            "#Date: 2026-11-23 01:02:03\r\n#Fields: date time s-ip\r\n" },
    { "w3c", "pfirewall.log", "#Version: 1.5\n#Software: x\n#Time Format: Local\n#Fields: date\n" },
    { "w3c", "exchange.log", "\xEF\xBB\xBF#Software: Microsoft Exchange Server\n#Fields: a,b\n" },
    { "squid", "access.log",
            "1795400000.123     87 192.0.2.7 TCP_MISS/200 4521 GET http://a.example/ - "
            "HIER_DIRECT/198.51.100.2 text/html\n" },
    { "squid", "access.log",
            "192.0.2.7 - - [23/Nov/2026:01:02:03 +0900] \"GET http://a.example/ HTTP/1.1\" 200 45"
            " \"-\" \"curl/8\" TCP_MISS:HIER_DIRECT\n" },
    { "weblog", "access.log",
            "192.0.2.7 - - [23/Nov/2026:01:02:03 +0900] \"GET / HTTP/1.1\" 200 45\n" },
    { "weblog", "error.log",
            "[Mon Nov 23 01:02:03.123456 2026] [core:error] [pid 7:tid 9] AH00037: x\n" },
    { "weblog", "error.log", "2026/11/23 01:02:03 [error] 7#9: *11 x, client: 192.0.2.7\n" },
    { "weblog", "error.log",
            "2026/11/23 01:02:03 [notice] 7#9: start worker processes\nwhat a module printed\n" },
    { "modsec", "modsec_audit.log",
            "--6b253045-A--\n[23/Nov/2026:01:02:03 +0900] X 192.0.2.7 1 198.51.100.2 80\n" },
    { "csv", "export.csv",
            "Level,Date and Time,Source,Event ID,Task Category\r\n"
            "Information,11/23/2026 1:02:03 AM,x,1,None,\"text\r\nmore\"\r\n" },
    { "csv", "x", "sep=;\nName;Wert\na;1\n" },
    { "csv", "x.tsv", "a\tb\n1\t2\n" },
    { "csv", "x.csv", "a,b\n" },
    { "csv", "x.csv",
            "\xFF\xFEN\0,\0B\0\n\0"
            "1\0,\0"
            "2\0\n\0" },

    { "json", "x.json", "{\"EventID\": 1, \"Channel\": \"Security\"}\n{\"EventID\": 2}\n" },
    { NULL, "syslog",
            "Nov 23 01:02:03 host sshd[12]: Failed password for root from 192.0.2.7, x\n"
            "Nov 23 01:02:04 host sshd[12]: Failed password for root from 192.0.2.7, x\n" },
    { NULL, "syslog", "<34>1 2026-11-23T01:02:03Z host app - ID47 - a, b, c\n" },
    { NULL, "audit.log",
            "type=SYSCALL msg=audit(1795400000.123:4): arch=c000003e syscall=59, x\n" },
    { NULL, "cef.log", "CEF:0|Vendor|Product|1.0|100|Name|5|src=192.0.2.7 dst=192.0.2.8\n" },
    { NULL, "leef.log", "LEEF:1.0|Vendor|Product|1.0|100|src=192.0.2.7\tdst=192.0.2.8\n" },
    { NULL, "fortigate.log", "date=2026-11-23 time=01:02:03 devname=\"f\" type=\"traffic\"\n" },
    { NULL, "paloalto.log",
            "1,2026/11/23 01:02:03,0123,TRAFFIC,end,2304,2026/11/23 01:02:03\n"
            "1,2026/11/23 01:02:04,0123,TRAFFIC,end,2304,2026/11/23 01:02:04\n" },
    { NULL, "x.xml", "<?xml version=\"1.0\"?>\n<Events><Event><System/></Event></Events>\n" },
    { NULL, "x.evtx", "ElfFile" },
    { NULL, "notes.txt", "Dear all,\nplease find attached, as promised, the minutes.\nBest, A\n" },
    { NULL, "x.py", "import os, sys\nprint(os.getcwd(), sys.argv)\n" },
    { NULL, "x", "# a comment\nkey = value, other\n" },
    { NULL, "empty", "" },
};

static bool is_table(const struct decode_format *format)
{
    static const char *const tables[] = { "zeek", "w3c", "modsec", "squid", "weblog", "csv" };

    for (size_t i = 0; format != NULL && i < HN_COUNT_OF(tables); i++) {
        if (hn_text_eq(decode_format_name(format), hn_text_cstr(tables[i])))
            return true;
    }
    return false;
}

/* Each sample goes to its own format; none of ours takes one of others. */
static void samples_go_home(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(samples); i++) {
        size_t len = strlen(samples[i].text);
        const struct decode_format *format;

        if (samples[i].text[0] == '\xFF')
            len = 18; /* it holds NUL bytes */
        format = decode_detect(hn_bytes_of(samples[i].text, len), hn_text_cstr(samples[i].name));
        if (samples[i].format == NULL) {
            if (is_table(format))
                fail_msg("sample %zu (%s) was taken by %.*s", i, samples[i].name,
                        HN_TEXT_ARG(decode_format_name(format)));
        } else if (format == NULL ||
                   !hn_text_eq(decode_format_name(format), hn_text_cstr(samples[i].format))) {
            fail_msg("sample %zu (%s) is %s, not %.*s", i, samples[i].name, samples[i].format,
                    HN_TEXT_ARG(format == NULL ? HN_TEXT("nothing") : decode_format_name(format)));
        }
    }
}

/* No probe reads past the bytes it is given, wherever they end. */
static void probes_stay_inside(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(samples); i++) {
        for (size_t len = 0; len <= strlen(samples[i].text); len++) {
            uint8_t *copy = malloc(len == 0 ? 1 : len);

            assert_non_null(copy);
            if (len > 0)
                memcpy(copy, samples[i].text, len);
            (void)decode_detect(hn_bytes_of(copy, len), HN_TEXT("x"));
            free(copy);
        }
    }
}

/* A probe that runs out of memory says no and leaks nothing. */
static void probes_without_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(samples); i++) {
        for (uint64_t n = 1; n < 8; n++) {
            hn_mem_fail_from(n);
            (void)decode_detect(
                    hn_bytes_of(samples[i].text, strlen(samples[i].text)), HN_TEXT("x"));
            hn_mem_fail_from(0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_go_home),
        cmocka_unit_test(probes_stay_inside),
        cmocka_unit_test(probes_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
