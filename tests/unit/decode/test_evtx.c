/* test_evtx.c - event logs written by our own writer and read back. */
#include "evtx_fixture.h"

#include "base/mem.h"
#include "support/shared.h"

/* ---- Writing and reading ----------------------------------------------------------------------
 */

static const struct evtx_write_event plain_event = FIXTURE_EVENT;

#define PLAIN_SYSTEM                                         \
    "Provider_Name=Hinomi-Test\n"                            \
    "Provider_Guid={01234567-89AB-CDEF-0123-456789ABCDEF}\n" \
    "EventID=4711\n"                                         \
    "Version=2\n"                                            \
    "Level=4\n"                                              \
    "Task=12\n"                                              \
    "Opcode=1\n"                                             \
    "Keywords=0x8020000000000000\n"                          \
    "TimeCreated=2026-11-23T01:02:03.456789Z\n"              \
    "EventRecordID=1\n"                                      \
    "Execution_ProcessID=1234\n"                             \
    "Execution_ThreadID=5678\n"                              \
    "Channel=Hinomi-Test/Operational\n"                      \
    "Computer=ws01.example\n"                                \
    "Security_UserID=S-1-5-18\n"
#define PLAIN_TIME "time=2026-11-23T01:02:03.456789Z\n"

/* ---- What records hold ------------------------------------------------------------------------
 */

/* Named and unnamed data, empty values and characters outside ASCII, with all parts of System. */
static void event_data(void **state)
{
    static const struct evtx_write_field fields[] = {
        { .name = "Image", .type = EVTX_WRITE_STRING, .text = "C:\\Windows\\\xE7\x81\xAB.exe" },
        { .name = "Empty", .type = EVTX_WRITE_STRING, .text = "" },
        { .name = "Gone", .type = EVTX_WRITE_NULL, .text = "" },
        { .type = EVTX_WRITE_STRING, .text = "first" },
        { .type = EVTX_WRITE_UINT32, .text = "2" },
        { .name = "Emoji", .type = EVTX_WRITE_STRING, .text = "\xF0\x9F\x94\xA5" },
    };
    struct evtx_write_event event = plain_event;
    struct hn_buf file = { 0 };

    (void)state;
    event.fields = fields;
    event.field_count = HN_COUNT_OF(fields);
    write_events(&file, &event, 1);
    assert_dump(&decode_format_evtx, bytes_of(&file),
            PLAIN_SYSTEM "Image=C:\\Windows\\\xE7\x81\xAB.exe\n"
                         "Empty=\n"
                         "Gone=\n"
                         "Data=first\n"
                         "Data=2\n"
                         "Emoji=\xF0\x9F\x94\xA5\n" PLAIN_TIME);
    hn_buf_deinit(&file);
}

/* UserData loses its envelope, and what an event leaves out is not there. */
static void user_data(void **state)
{
    static const struct evtx_write_field fields[] = {
        { .name = "SubjectUserName", .type = EVTX_WRITE_STRING, .text = "admin" },
        { .name = "Channel", .type = EVTX_WRITE_STRING, .text = "System" },
    };
    struct evtx_write_event event = plain_event;
    struct hn_buf file = { 0 };

    (void)state;
    event.provider_guid = NULL;
    event.user_sid = NULL;
    event.activity_id = "89ABCDEF-0123-4567-89AB-CDEF01234567";
    event.user_data = "LogFileCleared";
    event.fields = fields;
    event.field_count = HN_COUNT_OF(fields);
    write_events(&file, &event, 1);
    assert_dump(&decode_format_evtx, bytes_of(&file),
            "Provider_Name=Hinomi-Test\nEventID=4711\nVersion=2\nLevel=4\nTask=12\nOpcode=1\n"
            "Keywords=0x8020000000000000\nTimeCreated=2026-11-23T01:02:03.456789Z\n"
            "EventRecordID=1\nCorrelation_ActivityID={89ABCDEF-0123-4567-89AB-CDEF01234567}\n"
            "Execution_ProcessID=1234\nExecution_ThreadID=5678\nChannel=Hinomi-Test/Operational\n"
            "Computer=ws01.example\nSubjectUserName=admin\nChannel=System\n" PLAIN_TIME);
    hn_buf_deinit(&file);
}

struct value_case {
    uint8_t type;
    const char *text; /* for the writer; NULL: raw */
    const char *raw;
    size_t raw_len;
    const char *expected; /* the text of the value, several joined by '|' */
};

static bool join_values(void *ctx, struct hn_event *event)
{
    struct hn_buf *out = ctx;
    uint32_t index = hn_event_find_name(event, HN_TEXT("V"));

    for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
        if (out->len > 0)
            hn_buf_add_char(out, '|');
        hn_buf_add_text(out, hn_event_text(event, index));
    }
    return true;
}

static void assert_value(const struct value_case *value)
{
    static const char *const names[] = { "V" };
    static const struct decode_options options = { 0 };
    struct evtx_write_field field = { .name = "V", .type = value->type, .text = value->text };
    struct evtx_write_event event = plain_event;
    struct hn_schema *schema = oracle_schema(names, 1);
    struct hn_buf file = { 0 };

    field.raw = hn_bytes_of(value->raw, value->raw_len);
    event.fields = &field;
    event.field_count = 1;
    write_events(&file, &event, 1);
    for (int mode = 0; mode < 2; mode++) {
        struct hn_buf out = { 0 };
        struct decode_sink sink = { join_values, NULL, &out };
        struct hn_event to;

        assert_int_equal(hn_event_init(&to, schema, NULL, mode == 1), HN_OK);
        assert_int_equal(
                decode_all(&decode_format_evtx, &options, bytes_of(&file), &to, &sink), HN_OK);
        hn_buf_add_char(&out, '\0');
        assert_string_equal(out.ptr, value->expected);
        hn_buf_deinit(&out);
        hn_event_deinit(&to);
    }
    hn_schema_free(schema);
    hn_buf_deinit(&file);
}

#define RAW(bytes)   NULL, bytes, sizeof(bytes) - 1
#define ARRAY_OF(id) (uint8_t)(EVTX_WRITE_ARRAY | (id))

/* Every type of value has the text that Windows gives it, in both modes. */
static void value_types(void **state)
{
    static const struct value_case cases[] = {
        { EVTX_WRITE_STRING, "text", NULL, 0, "text" },
        { EVTX_WRITE_STRING, RAW("a\0b\0\0\0"), "ab" },
        { EVTX_WRITE_STRING, RAW("a\0\0\0b\0"), "a" },
        { EVTX_WRITE_STRING, RAW("\0\xD8x\0"), "\xEF\xBF\xBDx" },
        { EVTX_WRITE_ANSI, "plain", NULL, 0, "plain" }, { EVTX_WRITE_ANSI, RAW("nul\0\0"), "nul" },
        { EVTX_WRITE_ANSI, RAW("\xE7\x81\xAB"), "\xE7\x81\xAB" },
        { EVTX_WRITE_ANSI, RAW("caf\xE9 \x80\x81"), "caf\xC3\xA9 \xE2\x82\xAC\xEF\xBF\xBD" },
        { EVTX_WRITE_INT8, "-128", NULL, 0, "-128" }, { EVTX_WRITE_UINT8, "255", NULL, 0, "255" },
        { EVTX_WRITE_INT16, "-32768", NULL, 0, "-32768" },
        { EVTX_WRITE_UINT16, "65535", NULL, 0, "65535" },
        { EVTX_WRITE_INT32, "-2147483648", NULL, 0, "-2147483648" },
        { EVTX_WRITE_UINT32, "4294967295", NULL, 0, "4294967295" },
        { EVTX_WRITE_INT64, "-9223372036854775808", NULL, 0, "-9223372036854775808" },
        { EVTX_WRITE_UINT64, "18446744073709551615", NULL, 0, "18446744073709551615" },
        { EVTX_WRITE_INT32, RAW("\xFE\xFF"), "-2" },
        { EVTX_WRITE_UINT32, RAW("\x01\x02\x03"), "010203" },
        { EVTX_WRITE_REAL32, "0.1", NULL, 0, "0.1" },
        { EVTX_WRITE_REAL32, "16777216", NULL, 0, "16777216" },
        { EVTX_WRITE_REAL64, "0.1", NULL, 0, "0.1" },
        { EVTX_WRITE_REAL64, "-1.5e300", NULL, 0, "-1.5e+300" },
        { EVTX_WRITE_REAL32, RAW("\0\0\x80\x7F"), "inf" }, { EVTX_WRITE_REAL64, RAW("\0"), "00" },
        { EVTX_WRITE_BOOL, "true", NULL, 0, "true" },
        { EVTX_WRITE_BOOL, "false", NULL, 0, "false" },
        { EVTX_WRITE_BOOL, RAW("\0\0\0\x80"), "true" }, { EVTX_WRITE_BOOL, RAW("\x01"), "true" },
        { EVTX_WRITE_BOOL, RAW("\0\0"), "false" },
        { EVTX_WRITE_BINARY, "00c0FFee", NULL, 0, "00C0FFEE" },
        { EVTX_WRITE_GUID, "01234567-89ab-cdef-0123-456789abcdef", NULL, 0,
                "{01234567-89AB-CDEF-0123-456789ABCDEF}" },
        { EVTX_WRITE_GUID, RAW("\x01\x02"), "0102" },
        { EVTX_WRITE_POINTER, "7ffe0000", NULL, 0, "0x7ffe0000" },
        { EVTX_WRITE_POINTER, RAW("\x0A\0\0\0"), "0xa" },
        { EVTX_WRITE_FILETIME, "2026-11-23T01:02:03Z", NULL, 0, "2026-11-23T01:02:03Z" },
        { EVTX_WRITE_FILETIME, RAW("\0\0\0\0\0\0\0\0"), "1601-01-01T00:00:00Z" },
        { EVTX_WRITE_FILETIME, RAW("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"),
                "30828-09-14T02:48:05.477580700Z" },
        { EVTX_WRITE_FILETIME, RAW("\x01"), "01" },
        { EVTX_WRITE_SYSTEMTIME, "2026-11-23T01:02:03.045Z", NULL, 0, "2026-11-23T01:02:03.045Z" },
        { EVTX_WRITE_SID, "S-1-5-21-1-2-3-500", NULL, 0, "S-1-5-21-1-2-3-500" },
        { EVTX_WRITE_SID, RAW("\x01\x02\0\0\0\0\0\x05\x12\0\0\0"), "010200000000000512000000" },
        { EVTX_WRITE_HEX32, "0xDEADBEEF", NULL, 0, "0xdeadbeef" },
        { EVTX_WRITE_HEX32, "0", NULL, 0, "0x0" },
        { EVTX_WRITE_HEX64, "ffffffffffffffff", NULL, 0, "0xffffffffffffffff" },
        { 0x20, RAW("\x10\0\0\0"), "0x10" },     /* EvtHandle */
        { 0x23, RAW("<\0a\0/\0>\0"), "<a/>" },   /* EvtXml */
        { 0x55, RAW("\x01\xFF"), "01FF" },       /* no such type */
        { EVTX_WRITE_NULL, RAW("removed"), "" }, /* its bytes were left */
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        assert_value(&cases[i]);
}

/* An array is a field of several values, whatever its items; a rest that is no item is dropped. */
static void arrays(void **state)
{
    static const struct value_case cases[] = {
        { ARRAY_OF(EVTX_WRITE_STRING), RAW("a\0\0\0\0\0b\0c\0"), "a||bc" },
        { ARRAY_OF(EVTX_WRITE_STRING), RAW("a\0\0\0"), "a" },
        { ARRAY_OF(EVTX_WRITE_ANSI), RAW("x\0yz\0"), "x|yz" },
        { ARRAY_OF(EVTX_WRITE_INT8), RAW("\x01\xFF"), "1|-1" },
        { ARRAY_OF(EVTX_WRITE_UINT8), RAW("\x01\xFF"), "1|255" },
        { ARRAY_OF(EVTX_WRITE_INT16), RAW("\x01\0\xFF\xFF"), "1|-1" },
        { ARRAY_OF(EVTX_WRITE_UINT16), RAW("\x01\0\xFF\xFF\x07"), "1|65535" },
        { ARRAY_OF(EVTX_WRITE_INT32), RAW("\x01\0\0\0\xFF\xFF\xFF\xFF"), "1|-1" },
        { ARRAY_OF(EVTX_WRITE_UINT32), RAW("\x01\0\0\0\x02\0\0\0"), "1|2" },
        { ARRAY_OF(EVTX_WRITE_INT64), RAW("\x01\0\0\0\0\0\0\0"), "1" },
        { ARRAY_OF(EVTX_WRITE_UINT64), RAW("\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"), "1|2" },
        { ARRAY_OF(EVTX_WRITE_REAL32), RAW("\0\0\x80\x3F\0\0\0\xC0"), "1|-2" },
        { ARRAY_OF(EVTX_WRITE_REAL64), RAW("\0\0\0\0\0\0\xF0\x3F"), "1" },
        { ARRAY_OF(EVTX_WRITE_BOOL), RAW("\x01\0\0\0\0\0\0\0"), "true|false" },
        { ARRAY_OF(EVTX_WRITE_BINARY), RAW("\x01\x02"), "0102" },
        { ARRAY_OF(EVTX_WRITE_GUID), RAW("0123456789abcdef"),
                "{33323130-3534-3736-3839-616263646566}" },
        { ARRAY_OF(EVTX_WRITE_POINTER), RAW("\x01\0\0\0\0\0\0\0"), "0x1" },
        { ARRAY_OF(EVTX_WRITE_FILETIME), RAW("\0\0\0\0\0\0\0\0"), "1601-01-01T00:00:00Z" },
        { ARRAY_OF(EVTX_WRITE_SYSTEMTIME), RAW("\xEA\x07\x0B\0\x01\0\x17\0\0\0\0\0\0\0\0\0"),
                "2026-11-23T00:00:00Z" },
        { ARRAY_OF(EVTX_WRITE_SID),
                RAW("\x01\x01\0\0\0\0\0\x05\x12\0\0\0\x01\x01\0\0\0\0\0\x05\x13\0\0\0"),
                "S-1-5-18|S-1-5-19" },
        { ARRAY_OF(EVTX_WRITE_HEX32), RAW("\x01\0\0\0\x10\0\0\0"), "0x1|0x10" },
        { ARRAY_OF(EVTX_WRITE_HEX64), RAW("\x01\0\0\0\0\0\0\0"), "0x1" },
        { ARRAY_OF(EVTX_WRITE_UINT32), RAW(""), "" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        assert_value(&cases[i]);
}

/* ---- Chunks and files --------------------------------------------------------------------------
 */

static const struct evtx_write_field two_fields[] = {
    { .name = "Image", .type = EVTX_WRITE_STRING, .text = "C:\\a.exe" },
    { .name = "Count", .type = EVTX_WRITE_UINT32, .text = "7" },
};

static void write_plain(struct hn_buf *file, unsigned count)
{
    struct evtx_write_event event = plain_event;

    event.fields = two_fields;
    event.field_count = HN_COUNT_OF(two_fields);
    write_events(file, &event, count);
}

/* Thousands of events over many chunks and batches come back complete, in order, without findings,
 * whatever the pieces in which they arrive. */
static void many_chunks(void **state)
{
    static const char *const names[] = { "Image", "Count", "EventRecordID", "TimeCreated" };
    static const size_t pieces[] = { 4096, 65536, 65537, 1000000 };
    struct hn_schema *schema = oracle_schema(names, HN_COUNT_OF(names));
    struct hn_buf file = { 0 };
    struct dump dump = { 0 };

    (void)state;
    write_plain(&file, 8000);
    assert_true(file.len > 4096 + 20 * (size_t)65536);
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_int_equal(dump.events, 8000);
    assert_int_equal(count_findings(&dump), 0);
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++)
        assert_int_equal(
                oracle_run(&decode_format_evtx, schema, bytes_of(&file), true, pieces[i]), 8000);
    hn_buf_deinit(&dump.text);
    hn_buf_deinit(&file);
    hn_schema_free(schema);
}

/* Files, streams that begin with a chunk and files whose header was wiped are recognised; text and
 * other binary files are not. */
static void recognition(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_bytes bytes;

    (void)state;
    write_plain(&file, 3);
    bytes = bytes_of(&file);
    assert_ptr_equal(decode_detect(bytes, HN_TEXT("")), &decode_format_evtx);
    assert_ptr_equal(decode_detect(hn_bytes_of(bytes.ptr, 8), HN_TEXT("")), &decode_format_evtx);
    assert_ptr_equal(decode_detect(hn_bytes_of(bytes.ptr + 4096, bytes.len - 4096), HN_TEXT("")),
            &decode_format_evtx);
    memset(file.ptr, 0, 4096);
    assert_ptr_equal(decode_detect(bytes, HN_TEXT("")), &decode_format_evtx);
    assert_int_equal(decode_format_evtx.probe(hn_bytes_of("ElfFil", 6), HN_TEXT("x.evtx")), 0);
    assert_int_equal(decode_format_evtx.probe(hn_bytes_of("ElfFile but text", 16), HN_TEXT("")), 0);
    hn_buf_deinit(&file);
}

/* Each prefix of a small file gives a prefix of its events and says that something is missing. */
static void every_truncation(void **state)
{
    static const char *const names[] = { "Image", "Count", "EventRecordID" };
    struct hn_schema *schema = oracle_schema(names, HN_COUNT_OF(names));
    struct hn_buf file = { 0 };
    size_t used;
    size_t most = 0;

    (void)state;
    write_plain(&file, 3);
    used = 4096 + 48; /* up to the end of the last record, then only the free space */
    used = 4096 + ((size_t)(uint8_t)file.ptr[used] | (size_t)(uint8_t)file.ptr[used + 1] << 8);
    for (size_t len = 0; len <= used + 64; len++) {
        struct hn_bytes copy = hn_bytes_of(hn_malloc(len + 1), len);
        struct dump dump = { 0 };
        size_t events;

        memcpy((void *)(uintptr_t)copy.ptr, file.ptr, len);
        events = oracle_run(&decode_format_evtx, schema, copy, true, 1000000);
        assert_true(events >= most && events <= 3);
        most = events;
        assert_int_equal(dump_input(&decode_format_evtx, copy, &dump), HN_OK);
        assert_int_equal(dump.events, events);
        if (len >= 8) /* shorter ones are not even this format */
            assert_true(dump.findings[HN_FINDING_TRUNCATED] > 0);
        hn_buf_deinit(&dump.text);
        hn_free((void *)(uintptr_t)copy.ptr);
    }
    assert_int_equal(most, 3);
    hn_buf_deinit(&file);
    hn_schema_free(schema);
}

/* Every failing allocation ends in HN_NOMEM or in fewer values, never worse, and leaks nothing. */
static void failing_memory(void **state)
{
    static const struct decode_options options = { 0 };
    struct hn_schema *schema = oracle_schema(NULL, 0);
    struct hn_buf file = { 0 };
    bool done = false;

    (void)state;
    write_plain(&file, 3);
    for (uint64_t n = 1; !done; n++) {
        struct dump dump = { 0 };
        struct decode_sink sink = { dump_event, dump_finding, &dump };
        struct hn_event event;
        enum hn_status status;

        assert_true(hn_buf_reserve(&dump.text, 65536)); /* the test's own memory */
        assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
        hn_mem_fail_from(n);
        status = decode_all(&decode_format_evtx, &options, bytes_of(&file), &event, &sink);
        done = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        if (done)
            assert_int_equal(dump.events, 3);
        hn_event_deinit(&event);
        hn_buf_deinit(&dump.text);
        assert_true(n < 1000);
    }
    hn_buf_deinit(&file);
    hn_schema_free(schema);
}

/* The sink's wish to stop is obeyed at once. */
static bool stop_at_second(void *ctx, struct hn_event *event)
{
    unsigned *count = ctx;

    (void)event;
    return ++*count < 2;
}

static void stops_when_told(void **state)
{
    static const struct decode_options options = { 0 };
    struct hn_schema *schema = oracle_schema(NULL, 0);
    struct hn_buf file = { 0 };
    struct hn_event event;
    unsigned count = 0;
    struct decode_sink sink = { stop_at_second, NULL, &count };

    (void)state;
    write_plain(&file, 5);
    assert_int_equal(hn_event_init(&event, schema, NULL, false), HN_OK);
    assert_int_equal(decode_all(&decode_format_evtx, &options, bytes_of(&file), &event, &sink),
            HN_CANCELLED);
    assert_int_equal(count, 2);
    hn_event_deinit(&event);
    hn_buf_deinit(&file);
    hn_schema_free(schema);
}

/* After the first event nothing is allocated for further ones of the same templates. */
static bool count_then_forbid(void *ctx, struct hn_event *event)
{
    unsigned *count = ctx;

    (void)event;
    if (++*count == 2)
        hn_mem_fail_from(1);
    return true;
}

static void steady_state_allocates_nothing(void **state)
{
    static const char *const names[] = { "Image", "Count", "EventRecordID", "TimeCreated" };
    static const struct decode_options options = { 0 };
    struct hn_schema *schema = oracle_schema(names, HN_COUNT_OF(names));
    struct hn_buf file = { 0 };
    struct hn_event event;
    unsigned count = 0;
    struct decode_sink sink = { count_then_forbid, NULL, &count };

    (void)state;
    write_plain(&file, 100);
    assert_int_equal(hn_event_init(&event, schema, NULL, false), HN_OK);
    assert_int_equal(
            decode_all(&decode_format_evtx, &options, bytes_of(&file), &event, &sink), HN_OK);
    assert_int_equal(hn_mem_fail_hits(), 0);
    hn_mem_fail_from(0);
    assert_int_equal(count, 100);
    hn_event_deinit(&event);
    hn_buf_deinit(&file);
    hn_schema_free(schema);
}

/* All real logs at hand hold to what every decoder has to hold to. */
static void real_logs(void **state)
{
    static const char *const logs[] = { "security.evtx", "system.evtx", "sysmon.evtx",
        "issue_201.evtx", "MSExchange_Management_wec.evtx", "Security_with_size_t.evtx",
        "sample_with_a_bad_chunk_magic.evtx", "sample-with-zero-data-size-event.evtx",
        "2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx",
        "E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx",
        "Microsoft-Windows-LanguagePackSetup%4Operational.evtx" };
    static const char *const names[] = { "Image", "CommandLine", "Data", "EventRecordID",
        "TimeCreated", "TargetUserName", "Provider_Guid", "ProcessGuid", "Message",
        "Certificate.Subject.CN", "SubjectUserSid" };
    struct hn_schema *schema = oracle_schema(names, HN_COUNT_OF(names));

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(logs); i++) {
        char below[200];
        char *path;
        struct hn_bytes bytes;

        (void)snprintf(below, sizeof below, "data/evtx/evtx-crate/%s", logs[i]);
        path = shared_path_or_skip(below);
        bytes = shared_read(path);
        assert_true(oracle_run(&decode_format_evtx, schema, bytes, true, 100000) > 0);
        shared_free(bytes);
        free(path);
    }
    hn_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_data),
        cmocka_unit_test(user_data),
        cmocka_unit_test(value_types),
        cmocka_unit_test(arrays),
        cmocka_unit_test(many_chunks),
        cmocka_unit_test(recognition),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(failing_memory),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(steady_state_allocates_nothing),
        cmocka_unit_test(real_logs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
