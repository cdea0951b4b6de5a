/* test_winxml.c - Windows events as XML text: tests/golden/winxml holds inputs and what they give.
 */
#include "evtx_fixture.h"

#include "base/mem.h"
#include "base/utf.h"

#define NS "xmlns='http://schemas.microsoft.com/win/2004/08/events/event'"

static struct hn_buf read_golden(const char *name)
{
    struct hn_buf buf = { 0 };
    const char *slash = strrchr(__FILE__, '/');
    char path[4096];
    FILE *file;
    size_t got = 1;

    assert_non_null(slash);
    (void)snprintf(path, sizeof path, "%.*s/../../golden/winxml/%s", (int)(slash - __FILE__),
            __FILE__, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    while (got > 0 && hn_buf_reserve(&buf, 65536)) {
        got = fread(buf.ptr + buf.len, 1, 65536, file);
        buf.len += got;
    }
    (void)fclose(file);
    assert_true(buf.len > 0);
    return buf;
}

/* The text as UTF-16 with a byte order mark. */
static struct hn_buf as_utf16(struct hn_text text, bool big_endian)
{
    struct hn_buf out = { 0 };

    hn_buf_add(&out, big_endian ? "\xFE\xFF" : "\xFF\xFE", 2);
    if (big_endian)
        hn_utf8_to_utf16be(&out, text);
    else
        hn_utf8_to_utf16le(&out, text);
    assert_true(hn_buf_ok(&out));
    return out;
}

static void assert_golden(const char *xml_name, const char *text_name)
{
    static const char *const names[] = { "CommandLine", "Data", "EventRecordID", "TimeCreated",
        "Nested.Inner", "A", "SubjectUserName" };
    struct hn_schema *schema = invariant_schema(names, HN_COUNT_OF(names));
    struct hn_buf xml = read_golden(xml_name);
    struct hn_buf text = read_golden(text_name);

    hn_buf_add_char(&text, '\0');
    for (int way = 0; way < 3; way++) {
        struct hn_buf in = xml;

        if (way > 0)
            in = as_utf16(hn_buf_text(&xml), way == 2);
        assert_ptr_equal(decode_detect(bytes_of(&in), HN_TEXT("x")), &decode_format_winxml);
        assert_dump(&decode_format_winxml, bytes_of(&in), text.ptr);
        (void)invariant_run(&decode_format_winxml, schema, bytes_of(&in), way == 0, 100);
        (void)invariant_run(&decode_format_winxml, schema, bytes_of(&in), way == 0, 1);
        if (way > 0)
            hn_buf_deinit(&in);
    }
    hn_buf_deinit(&text);
    hn_buf_deinit(&xml);
    hn_schema_free(schema);
}

/* wevtutil writes one event behind the other; Event Viewer a document; Sysmon for Linux its own.
 * The same in UTF-8 and UTF-16 of both orders, arriving in any pieces. */
static void golden_files(void **state)
{
    (void)state;
    assert_golden("wevtutil.xml", "wevtutil.txt");
    assert_golden("viewer.xml", "viewer.txt");
    assert_golden("sysmon_linux.xml", "sysmon_linux.txt");
}

/* Every offset of an event is where its <Event> stands in the file, in UTF-16 too, where characters
 * outside the basic plane take four bytes. */
static bool check_offset(void *ctx, struct hn_event *event)
{
    uint64_t *offsets = ctx;

    assert_int_equal(event->offset, offsets[0]);
    memmove(offsets, offsets + 1, 3 * sizeof *offsets);
    return true;
}

static void offsets(void **state)
{
    static const char xml[] = "<Events><Event><System/><X>\xF0\x9F\x94\xA5\xE7\x81\xAB</X></Event> "
                              "<Event><System/></Event></Events>";
    static const struct decode_options options = { 0 };
    struct hn_schema *schema = invariant_schema(NULL, 0);
    uint64_t expected[3][4] = { { 8, 47 }, { 2 + 16, 88 }, { 2 + 16, 88 } };

    (void)state;
    for (int way = 0; way < 3; way++) {
        struct hn_buf in = { 0 };
        struct decode_sink sink = { check_offset, NULL, expected[way] };
        struct hn_event event;

        if (way == 0)
            hn_buf_add_cstr(&in, xml);
        else
            in = as_utf16(hn_text_cstr(xml), way == 2);
        assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
        assert_int_equal(
                decode_all(&decode_format_winxml, &options, bytes_of(&in), &event, &sink), HN_OK);
        assert_int_equal(expected[way][0], 0); /* both were seen */
        hn_event_deinit(&event);
        hn_buf_deinit(&in);
    }
    hn_schema_free(schema);
}

/* What is not Windows events is left to other formats. */
static void recognition(void **state)
{
    static const struct {
        const char *head;
        bool is_ours;
    } cases[] = {
        { "<Event " NS ">", true },
        { "\xEF\xBB\xBF<Event " NS ">", true },
        { "<?xml version='1.0'?>\r\n<Events>\r\n<Event " NS "><Sys", true },
        { "<Event><System>", true },
        { "<Event>\n <System>", true },
        { "<Event>", false },
        { "<Event><Other>", false },
        { "<Events>", false },
        { "<html><Event " NS ">", false },
        { "text <Event " NS ">", false },
        { "<!DOCTYPE x><Event " NS ">", false },
        { "", false },
        { "<", false },
        { "\xFF\xFE", false },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        int score = decode_format_winxml.probe(
                hn_bytes_of(cases[i].head, strlen(cases[i].head)), HN_TEXT(""));

        if ((score > 0) != cases[i].is_ours)
            fail_msg("%s", cases[i].head);
    }
}

/* Broken events give what stands before the fault, and the next event is not touched by it. */
static void broken_events(void **state)
{
    (void)state;
    assert_dump(&decode_format_winxml,
            hn_bytes_of("<Event><A>1</A><B></Event><Event><A>2</A></Event>", 49),
            "A=1\ntime= damaged_record\nA=2\ntime=\n");
    assert_dump(&decode_format_winxml, hn_bytes_of("<Event><A>1</A><Event><A>2</A></Event>", 38),
            "A=1\ntime= truncated\nA=2\ntime=\n");
    assert_dump(&decode_format_winxml,
            hn_bytes_of("<Event><A>1</A><!-- <Event><A>2</A></Event>", 43),
            "A=1\ntime= truncated\nA=2\ntime=\n");
    assert_dump(&decode_format_winxml,
            hn_bytes_of("<Event><A>&lt;&nope;&#0;</A><B>\xFF</B></Event>", 46),
            "A=<&nope;" /* the dump ends at the NUL that follows */);
}

/* Each prefix of a document gives a prefix of its events, the last perhaps with a note. */
static void every_truncation(void **state)
{
    static const char *const names[] = { "SubjectUserName", "A", "Nested.Inner" };
    struct hn_schema *schema = invariant_schema(names, HN_COUNT_OF(names));
    struct hn_buf xml = read_golden("viewer.xml");
    size_t most = 0;

    (void)state;
    for (size_t len = 0; len <= xml.len; len++) {
        char *copy = hn_malloc(len + 1);
        size_t events;

        memcpy(copy, xml.ptr, len);
        events = invariant_run(&decode_format_winxml, schema, hn_bytes_of(copy, len), true, 64);
        assert_true(events >= most && events <= 2);
        most = events;
        hn_free(copy);
    }
    assert_int_equal(most, 2);
    hn_buf_deinit(&xml);
    hn_schema_free(schema);
}

/* Every failing allocation ends in HN_NOMEM or in fewer values, and leaks nothing. */
static void failing_memory(void **state)
{
    static const struct decode_options options = { 0 };
    struct hn_schema *schema = invariant_schema(NULL, 0);
    struct hn_buf xml = read_golden("viewer.xml");
    struct hn_buf utf16 = as_utf16(hn_buf_text(&xml), true);

    (void)state;
    for (int way = 0; way < 2; way++) {
        bool done = false;

        for (uint64_t n = 1; !done; n++) {
            struct dump dump = { 0 };
            struct decode_sink sink = { dump_event, dump_finding, &dump };
            struct hn_event event;
            enum hn_status status;

            assert_true(hn_buf_reserve(&dump.text, 65536));
            assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
            hn_mem_fail_from(n);
            status = decode_all(&decode_format_winxml, &options, bytes_of(way == 0 ? &xml : &utf16),
                    &event, &sink);
            done = hn_mem_fail_hits() == 0;
            hn_mem_fail_from(0);
            assert_true(status == HN_OK || status == HN_NOMEM);
            if (done)
                assert_int_equal(dump.events, 2);
            hn_event_deinit(&event);
            hn_buf_deinit(&dump.text);
            assert_true(n < 2000);
        }
    }
    hn_buf_deinit(&utf16);
    hn_buf_deinit(&xml);
    hn_schema_free(schema);
}

/* An event longer than the limit is skipped whole, reported once, and the next one is read. */
static void too_long(void **state)
{
    struct decode_options options = { .limits = { .event_bytes_max = 4000 } };
    struct hn_schema *schema = invariant_schema(NULL, 0);

    (void)state;
    for (int way = 0; way < 2; way++) {
        struct hn_buf in = { 0 };
        struct hn_buf xml = { 0 };
        struct dump dump = { 0 };
        struct decode_sink sink = { dump_event, dump_finding, &dump };
        struct decode_stream *stream = NULL;
        struct hn_event event;
        size_t start = 0;
        size_t there = 0;

        hn_buf_add_lit(&xml, "<Event><System/><A>");
        hn_buf_add_repeat(&xml, 'x', 20000);
        hn_buf_add_lit(&xml, "</A></Event><Event><A>next</A></Event>");
        if (way == 0)
            hn_buf_add_text(&in, hn_buf_text(&xml));
        else
            in = as_utf16(hn_buf_text(&xml), false);
        assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
        assert_int_equal(decode_stream_new(&decode_format_winxml, &options, &stream, NULL), HN_OK);
        while (start < in.len) {
            struct decode_batch batch;
            size_t took;

            there = there + 1000 > in.len ? in.len : there + 1000;
            took = decode_cut(
                    stream, hn_bytes_of(in.ptr + start, there - start), there == in.len, &batch);
            if (took == 0)
                continue;
            assert_int_equal(decode_run(&batch, &event, &sink), HN_OK);
            decode_batch_release(&batch);
            start += took;
        }
        decode_stream_free(stream);
        hn_buf_add_char(&dump.text, '\0');
        assert_string_equal(dump.text.ptr, "A=next\ntime=\n");
        assert_int_equal(dump.findings[HN_FINDING_TOO_LONG], 1);
        hn_buf_deinit(&dump.text);
        hn_event_deinit(&event);
        hn_buf_deinit(&in);
        hn_buf_deinit(&xml);
    }
    hn_schema_free(schema);
}

/* Elements nested past the limit are left out; what is around them stays. */
static void too_deep(void **state)
{
    struct hn_buf in = { 0 };
    struct dump dump = { 0 };

    (void)state;
    hn_buf_add_lit(&in, "<Event><UserData><E><A>1</A>");
    for (int i = 0; i < 200; i++)
        hn_buf_add_lit(&in, "<d>");
    hn_buf_add_lit(&in, "deep");
    for (int i = 0; i < 200; i++)
        hn_buf_add_lit(&in, "</d>");
    hn_buf_add_lit(&in, "<B>2</B></E></UserData></Event>");
    assert_int_equal(dump_input(&decode_format_winxml, bytes_of(&in), &dump), HN_OK);
    assert_string_equal(dump.text.ptr, "A=1\nB=2\ntime= too_deep\n");
    assert_int_equal(dump.findings[HN_FINDING_TOO_DEEP], 1);
    hn_buf_deinit(&dump.text);
    hn_buf_deinit(&in);
}

/* Sysmon for Linux arrives inside syslog lines: the fields alone, and where they come from. */
static void fields_of_a_line(void **state)
{
    struct hn_schema *schema = invariant_schema(NULL, 0);
    struct hn_buf xml = read_golden("sysmon_linux.xml");
    size_t image = hn_text_find(hn_buf_text(&xml), HN_TEXT("Name=\"Image\">"), 0);
    struct hn_event event;

    (void)state;
    assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
    assert_int_equal(decode_winxml_fields(&event, hn_buf_text(&xml)), HN_OK);
    assert_int_equal(event.origin, HN_ORIGIN_LINUX);
    assert_true(event.time != HN_TIME_NONE);
    assert_int_equal(event.named.count, 22);
    hn_event_reset(&event);
    assert_int_equal(
            decode_winxml_fields(&event, hn_text_sub(hn_buf_text(&xml), 0, image + 19)), HN_OK);
    assert_true((event.findings >> HN_FINDING_TRUNCATED & 1) != 0);
    assert_int_equal(event.named.count, 20);
    assert_true(hn_text_eq(hn_event_text(&event, event.named.ptr[19].index), HN_TEXT("/usr/b")));
    hn_event_reset(&event);
    assert_int_equal(decode_winxml_fields(&event, HN_TEXT("x <Event>")), HN_SYNTAX);
    assert_int_equal(decode_winxml_fields(&event, HN_TEXT("<Events>")), HN_SYNTAX);
    assert_int_equal(decode_winxml_fields(&event, HN_TEXT("")), HN_SYNTAX);
    hn_event_deinit(&event);
    hn_buf_deinit(&xml);
    hn_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_files),
        cmocka_unit_test(offsets),
        cmocka_unit_test(recognition),
        cmocka_unit_test(broken_events),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(failing_memory),
        cmocka_unit_test(too_long),
        cmocka_unit_test(too_deep),
        cmocka_unit_test(fields_of_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
