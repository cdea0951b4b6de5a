/* test_csv.c - tables with a header: quotes, encodings, known exports, hostile quotes. */
#include "support/decode_case.h"

#include "base/utf.h"

static const char plain_csv[] = "Name,Value with space,\"Quoted, name\",Empty,Time\r\n"
                                "a,1,\"x, \"\"y\"\"\",,2026-11-23T01:02:03Z\r\n"
                                "b,\"two\r\nlines\",\"\",\"\",2026-11-23T01:02:04Z\r\n"
                                "c,3\r\n"
                                "d,4,z,e,2026-11-23T01:02:05Z,more\r\n";

/* Quotes, line ends inside of them, empty and absent values, rows of another width. */
static void values(void **state)
{
    struct decode_case *c = case_text("csv", plain_csv);
    static const char *const first[][2] = {
        { "Name", "a" },
        { "Value with space", "1" },
        { "Quoted, name", "x, \"y\"" },
        { "Empty", NULL },
        { "Time", "2026-11-23T01:02:03Z" },
        { "@findings", "0" },
        { "@place", "49/2" },
        { NULL, NULL },
    };
    static const char *const fourth[][2] = { { "Name", "d" }, { "extra", "more" },
        { "@place", "135/6" }, { NULL, NULL } };

    (void)state;
    assert_int_equal(c->count, 4);
    case_expect(c, 0, first);
    assert_non_null(strstr(c->events[1].text, "Value with space=two\r\nlines\n"));
    assert_string_equal(case_value(c, 1, "Empty"), "");
    assert_string_equal(case_value(c, 1, "Quoted, name"), "");
    assert_null(case_value(c, 2, "Time"));
    case_expect(c, 3, fourth);
    assert_int_equal(c->findings[HN_FINDING_FIELD_COUNT], 2);
    case_free(c);
}

/* A name with spaces is found without them, as Sigma writes field names. */
static void names_without_spaces(void **state)
{
    static const char *const names[] = { "Valuewithspace", "Value with space" };
    struct case_options options = { .format = "csv", .names = names, .name_count = 2 };
    struct decode_case *c = case_run(&options, hn_bytes_of(plain_csv, sizeof plain_csv - 1));
    static const char *const first[][2] = { { "Valuewithspace", "1" }, { "Value with space", "1" },
        { NULL, NULL } };

    (void)state;
    case_expect(c, 0, first);
    case_free(c);
}

/* Tab, semicolon and bar are recognised; "sep=" of Excel and "#TYPE" of PowerShell are skipped. */
static void delimiters(void **state)
{
    static const char *const inputs[] = {
        "A\tB, C\n1\t2, 3\n",
        "A;B, C\n1;2, 3\n",
        "A|B, C\n1|2, 3\n",
        "sep=;\r\nA;B, C\r\n1;2, 3\r\n",
        "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\"A\",\"B, C\"\r\n\"1\",\"2, "
        "3\"",
        "\xEF\xBB\xBF"
        "A;B, C;\n1;2, 3;\n",
        "sep=\t\nA\tB, C\n1\t2, 3\n",
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(inputs); i++) {
        struct decode_case *c = case_text("csv", inputs[i]);

        assert_int_equal(c->count, 1);
        assert_string_equal(case_value(c, 0, "A"), "1");
        assert_string_equal(case_value(c, 0, "B, C"), "2, 3");
        assert_int_equal(c->findings[HN_FINDING_FIELD_COUNT], 0);
        case_free(c);
    }
}

/* UTF-16 of both orders, with a mark and without, gives the same values as UTF-8. */
static void utf16(void **state)
{
    static const char text[] =
            "Name,\xE5\x80\xA4\r\n\xE7\x81\xAB,\"\xE3\x80\x8A\r\n\xE3\x80\x8B\"\r\nb,2\r\n";

    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        struct hn_buf buf = { 0 };
        struct case_options options = { .format = "csv" };
        struct decode_case *c;

        if (variant < 2)
            hn_buf_add(&buf, variant == 0 ? "\xFF\xFE" : "\xFE\xFF", 2);
        if (variant % 2 == 0)
            hn_utf8_to_utf16le(&buf, hn_text_of(text, sizeof text - 1));
        else
            hn_utf8_to_utf16be(&buf, hn_text_of(text, sizeof text - 1));
        c = case_run(&options, hn_text_as_bytes(hn_buf_text(&buf)));
        assert_int_equal(c->status, HN_OK);
        assert_false(c->again_differs);
        assert_int_equal(c->count, 2);
        assert_string_equal(case_value(c, 0, "Name"), "\xE7\x81\xAB");
        assert_non_null(
                strstr(c->events[0].text + c->events[0].len - 20, "\xE3\x80\x8A\r\n\xE3\x80\x8B"));
        assert_string_equal(case_value(c, 1, "\xE5\x80\xA4"), "2");
        case_free(c);
        case_pieces_agree("csv", hn_text_as_bytes(hn_buf_text(&buf)));
        case_truncations_hold("csv", hn_text_as_bytes(hn_buf_text(&buf)));
        hn_buf_deinit(&buf);
    }
}

/* Event Viewer: names in English and Japanese, the message in a column without a name. */
static void event_viewer(void **state)
{
    static const char *const inputs[] = {
        "Keywords,Date and Time,Source,Event ID,Task Category\r\n"
        "Audit Success,11/23/2026 1:02:03 AM,Microsoft-Windows-Security-Auditing,4624,Logon,"
        "\"An account was successfully logged on.\r\n\r\nSubject: x\"\r\n",
        "\xEF\xBB\xBF"
        "キーワード,日付と時刻,ソース,イベント ID,タスクのカテゴリ\r\n"
        "Audit Success,2026/11/23 1:02:03,Microsoft-Windows-Security-Auditing,4624,Logon,"
        "\"An account was successfully logged on.\r\n\r\nSubject: x\"\r\n",
    };
    static const char *const row[][2] = {
        { "@product", "windows" },
        { "@service", "security" },
        { "EventID", "4624" },
        { "Provider_Name", "Microsoft-Windows-Security-Auditing" },
        { "Keywords", "Audit Success" },
        { "Task", "Logon" },
        { "@time", "2026-11-23T01:02:03Z" },
        { "@findings", "0" },
        { NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(inputs); i++) {
        struct decode_case *c = case_text("csv", inputs[i]);

        assert_int_equal(c->count, 1);
        case_expect(c, 0, row);
        assert_non_null(strstr(c->events[0].text,
                "Message=An account was successfully logged on.\r\n\r\nSubject: x\n"));
        case_free(c);
    }
}

/* PowerShell's Get-WinEvent: process and thread are the logging ones, not the event's. */
static void get_winevent(void **state)
{
    struct decode_case *c = case_text("csv",
            "\"Message\",\"Id\",\"Level\",\"RecordId\",\"ProviderName\",\"LogName\",\"ProcessId\","
            "\"ThreadId\",\"MachineName\",\"UserId\",\"TimeCreated\"\r\n"
            "\"Process Create:\",\"1\",\"4\",\"77\",\"Microsoft-Windows-Sysmon\","
            "\"Microsoft-Windows-Sysmon/Operational\",\"3008\",\"42\",\"pc1.example\",\"S-1-5-18\","
            "\"11/23/2026 1:02:03 AM\"\r\n");
    static const char *const row[][2] = {
        { "@product", "windows" },
        { "@service", "sysmon" },
        { "@category", "process_creation" },
        { "EventID", "1" },
        { "EventRecordID", "77" },
        { "Execution_ProcessID", "3008" },
        { "ProcessId", NULL },
        { "Computer", "pc1.example" },
        { "Security_UserID", "S-1-5-18" },
        { "@time", "2026-11-23T01:02:03Z" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, row);
    case_free(c);
}

/* EvtxECmd keeps the event's data as JSON in one column. */
static void evtxecmd(void **state)
{
    struct decode_case *c = case_text("csv",
            "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,"
            "ThreadId,Computer,MapDescription,Payload\n"
            "1,9,2026-11-23 01:02:03.1234567,1,Info,Microsoft-Windows-Sysmon,"
            "Microsoft-Windows-Sysmon/Operational,5,6,pc1.example,Process creation,"
            "\"{\"\"EventData\"\":{\"\"Data\"\":[{\"\"@Name\"\":\"\"Image\"\",\"\"#text\"\":"
            "\"\"C:\\\\Windows\\\\cmd.exe\"\"},{\"\"@Name\"\":\"\"Empty\"\"},{\"\"@Name\"\":"
            "\"\"Bad\"\",\"\"#text\"\":\"\"\\u12\"\"}]}}\"\n");
    static const char *const row[][2] = {
        { "@category", "process_creation" },
        { "Image", "C:\\Windows\\cmd.exe" },
        { "Empty", NULL },
        { "Bad", "\\u12" },
        { "Execution_ProcessID", "5" },
        { "EventID", "1" },
        { "Provider_Name", "Microsoft-Windows-Sysmon" },
        { "@time", "2026-11-23T01:02:03.123456700Z" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, row);
    case_free(c);
}

/* Hayabusa and Chainsaw put the event's fields into one column, in pairs. */
static void hayabusa_and_chainsaw(void **state)
{
    struct decode_case *hayabusa = case_text("csv",
            "\"Timestamp\",\"RuleTitle\",\"Level\",\"Computer\",\"Channel\",\"EventID\","
            "\"RecordID\",\"Details\",\"ExtraFieldInfo\"\n"
            "\"2026-11-23 10:02:03.123 +09:00\",\"Proc "
            "Exec\",\"info\",\"pc1.example\",\"Sysmon\",1,"
            "77,\"Cmdline: cmd /c \"\"x: y\"\" \xC2\xA6 Proc: C:\\cmd.exe \xC2\xA6 PID: 0x1\","
            "\"CurrentDirectory: C:\\ \xC2\xA6 Hashes: MD5=0\"\n");
    struct decode_case *chainsaw = case_text("csv",
            "timestamp,detections,path,count,Event.System.Provider,Event ID,Record ID,Computer,"
            "Event Data\n"
            "2026-11-23T01:02:03.456789+00:00,Some rule,x.evtx,1,Microsoft-Windows-Sysmon,1,77,"
            "pc1.example,\"CommandLine: cmd /c x: y\nImage: C:\\cmd.exe\"\n");
    static const char *const hayabusa_row[][2] = {
        { "@category", "process_creation" },
        { "Channel", "Microsoft-Windows-Sysmon/Operational" },
        { "CommandLine", "cmd /c \"x: y\"" },
        { "Image", "C:\\cmd.exe" },
        { "ProcessId", "0x1" },
        { "CurrentDirectory", "C:\\" },
        { "Hashes", "MD5=0" },
        { "@time", "2026-11-23T01:02:03.123Z" },
        { NULL, NULL },
    };
    static const char *const chainsaw_row[][2] = {
        { "@category", "process_creation" },
        { "CommandLine", "cmd /c x: y" },
        { "Image", "C:\\cmd.exe" },
        { "EventID", "1" },
        { "EventRecordID", "77" },
        { "@time", "2026-11-23T01:02:03.456789Z" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(hayabusa, 0, hayabusa_row);
    case_expect(chainsaw, 0, chainsaw_row);
    case_free(hayabusa);
    case_free(chainsaw);
}

/* A column of JSON gives its keys as fields; what is no JSON stays text. */
static void json_columns(void **state)
{
    struct decode_case *c = case_text("csv",
            "RecordId,CreationDate,RecordType,Operation,AuditData\n"
            "r1,2026-11-23T01:02:03.0000000Z,15,UserLoggedIn,\"{\"\"Workload\"\":\"\"Exchange\"\","
            "\"\"ClientIP\"\":\"\"192.0.2.7\"\",\"\"A\"\":[1,2]}\"\n"
            "r2,2026-11-23T01:02:03.0000000Z,15,UserLoggedIn,\"{broken\"\n");
    static const char *const good[][2] = {
        { "Workload", "Exchange" },
        { "ClientIP", "192.0.2.7" },
        { "Operation", "UserLoggedIn" },
        { "AuditData", NULL },
        { "@time", "2026-11-23T01:02:03Z" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, good);
    assert_string_equal(case_value(c, 1, "AuditData"), "{broken");
    case_free(c);
}

/* Tables with the columns of web logs belong to their log source; --logsource wins. */
static void web_columns(void **state)
{
    static const char text[] = "Date,Time,c-uri,cs-host\n2026-11-23,01:02:03,http://a.example/,b\n";
    struct case_options options = { .format = "csv" };
    struct decode_case *c = case_text("csv", text);
    struct decode_case *given;

    (void)state;
    assert_string_equal(case_value(c, 0, "@category"), "proxy");
    assert_string_equal(case_value(c, 0, "@time"), "2026-11-23T01:02:03Z");
    case_free(c);
    hn_source_add_category(&options.source, HN_TEXT("mine"));
    given = case_run(&options, hn_bytes_of(text, sizeof text - 1));
    assert_string_equal(case_value(given, 0, "@category"), "mine");
    case_free(given);
}

/* Joined files repeat their header: it is no event. */
static void repeated_header(void **state)
{
    struct decode_case *c = case_text("csv", "A,B\n1,2\nA,B\n3,4\n");

    (void)state;
    assert_int_equal(c->count, 2);
    assert_string_equal(case_value(c, 1, "A"), "3");
    case_free(c);
}

/* One quote that is never closed does not hide the rows behind it. */
static void stray_quote(void **state)
{
    struct hn_buf buf = { 0 };
    struct case_options options = { .format = "csv" };

    (void)state;
    hn_buf_add_lit(&buf, "A,B\n1,\"stray\n");
    while (buf.len < (size_t)3 << 20) { /* long rows keep their number small */
        hn_buf_add_lit(&buf, "2,");
        hn_buf_add_repeat(&buf, 'x', 900);
        hn_buf_add_char(&buf, '\n');
    }
    for (int i = 0; i < 2; i++) {
        struct decode_case *c;

        options.piece = i == 0 ? 0 : (size_t)2 << 20;
        c = case_run(&options, hn_text_as_bytes(hn_buf_text(&buf)));
        assert_true(c->count > 3000);
        assert_string_equal(case_value(c, 0, "B"), "\"stray");
        assert_string_equal(case_value(c, 1, "A"), "2");
        case_free(c);
    }
    hn_buf_deinit(&buf);
}

/* A table cut off inside quotes gives what there is, with a finding. */
static void ends_inside_quotes(void **state)
{
    struct decode_case *c = case_text("csv", "A,B\n1,\"two\nthree, f");

    (void)state;
    assert_int_equal(c->count, 1);
    assert_non_null(strstr(c->events[0].text, "B=two\nthree, f\n"));
    assert_int_equal(c->findings[HN_FINDING_TRUNCATED], 1);
    case_free(c);
}

/* A line over the limit is skipped with a finding; the rest goes on. */
static void too_long_line(void **state)
{
    struct hn_buf buf = { 0 };
    struct case_options options = { .format = "csv", .event_bytes_max = 1000, .piece = 500 };
    struct decode_case *c;

    (void)state;
    hn_buf_add_lit(&buf, "A,B\n1,2\n3,");
    hn_buf_add_repeat(&buf, 'x', 5000);
    hn_buf_add_lit(&buf, "\n5,6\n");
    c = case_run(&options, hn_text_as_bytes(hn_buf_text(&buf)));
    assert_int_equal(c->count, 2);
    assert_string_equal(case_value(c, 1, "A"), "5");
    assert_int_equal(c->findings[HN_FINDING_TOO_LONG], 1);
    case_free(c);
    hn_buf_deinit(&buf);
}

static void arrives_in_pieces(void **state)
{
    (void)state;
    case_pieces_agree("csv", hn_bytes_of(plain_csv, sizeof plain_csv - 1));
}

static void wanted_equals_all(void **state)
{
    static const char *const names[] = { "Name", "Value with space", "Quoted, name", "Empty",
        "Time", "extra" };

    (void)state;
    case_modes_agree(
            "csv", hn_bytes_of(plain_csv, sizeof plain_csv - 1), names, HN_COUNT_OF(names));
}

static void truncated_anywhere(void **state)
{
    (void)state;
    case_truncations_hold("csv", hn_bytes_of(plain_csv, sizeof plain_csv - 1));
}

static void memory_runs_out(void **state)
{
    static const char audit[] = "A,AuditData\n1,\"{\"\"B\"\":\"\"c\"\"}\"\n";

    (void)state;
    case_memory_fails("csv", hn_bytes_of(plain_csv, sizeof plain_csv - 1));
    case_memory_fails("csv", hn_bytes_of(audit, sizeof audit - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(names_without_spaces),
        cmocka_unit_test(delimiters),
        cmocka_unit_test(utf16),
        cmocka_unit_test(event_viewer),
        cmocka_unit_test(get_winevent),
        cmocka_unit_test(evtxecmd),
        cmocka_unit_test(hayabusa_and_chainsaw),
        cmocka_unit_test(json_columns),
        cmocka_unit_test(web_columns),
        cmocka_unit_test(repeated_header),
        cmocka_unit_test(stray_quote),
        cmocka_unit_test(ends_inside_quotes),
        cmocka_unit_test(too_long_line),
        cmocka_unit_test(arrives_in_pieces),
        cmocka_unit_test(wanted_equals_all),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
