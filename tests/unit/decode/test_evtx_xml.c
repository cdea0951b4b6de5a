/* test_evtx_xml.c - binary XML token by token: what Windows writes seldom, and what it never would.
 */
#include "evtx_fixture.h"

#include "decode/decode_evtx.h"

#define TIME "time=2026-11-23T01:02:03Z"

/* ---- Records made by hand ---------------------------------------------------------------------
 */

static struct evtx_writer *begin(struct hn_buf *file, size_t *ret_record)
{
    struct evtx_writer *w = evtx_writer_new(file);

    assert_non_null(w);
    *ret_record = evtx_put_record(w, 1, FIXTURE_FILETIME);
    evtx_put_fragment(w);
    return w;
}

static void end(struct evtx_writer *w, size_t record)
{
    evtx_put_eof(w);
    evtx_put_record_end(w, record);
    assert_false(w->overflow);
    assert_true(evtx_writer_end(w));
    evtx_writer_free(w);
}

static size_t open_plain(struct evtx_writer *w, const char *name, int dependency)
{
    size_t mark = evtx_put_open(w, name, dependency, false);

    evtx_put_close_start(w, mark, false);
    return mark;
}

/* An element with one attribute of constant text, left open. */
static size_t open_with(struct evtx_writer *w, const char *name, int dependency, const char *attr,
        const char *value)
{
    size_t mark = evtx_put_open(w, name, dependency, true);

    evtx_put_attr(w, attr, false);
    evtx_put_text(w, value);
    evtx_put_close_start(w, mark, true);
    return mark;
}

static void leaf(struct evtx_writer *w, const char *name, int dependency, const char *text)
{
    size_t mark = open_plain(w, name, dependency);

    evtx_put_text(w, text);
    evtx_put_end(w, mark);
}

/* ---- Without a template -----------------------------------------------------------------------
 */

/* Elements stand in the record itself, without dependencies: every part of an event has its names.
 */
static void plain_elements(void **state)
{
    struct hn_buf file = { 0 };
    size_t record;
    struct evtx_writer *w = begin(&file, &record);
    size_t event = open_with(w, "Event", -1, "xmlns", "http://events.example");
    size_t part;
    size_t inner;
    size_t mark;

    (void)state;
    part = open_plain(w, "System", -1);
    mark = open_with(w, "Provider", -1, "Name", "Hinomi");
    evtx_put_end(w, mark);
    mark = open_with(w, "EventID", -1, "Qualifiers", "16384");
    evtx_put_text(w, "7036");
    evtx_put_end(w, mark);
    mark = evtx_put_open(w, "TimeCreated", -1, true);
    evtx_put_attr(w, "SystemTime", false);
    evtx_put_text(w, "2026-11-23T01:02:03.5Z");
    evtx_put_close_empty(w, mark, true);
    mark = evtx_put_open(w, "Correlation", -1, false);
    evtx_put_close_empty(w, mark, false);
    evtx_put_end(w, part);
    part = open_with(w, "EventData", -1, "Name", "LAYOUT");
    mark = open_with(w, "Data", -1, "Name", "Outer");
    leaf(w, "Inner", -1, "nested");
    evtx_put_end(w, mark);
    mark = open_with(w, "ComplexData", -1, "Name", "Complex");
    evtx_put_text(w, "00FF");
    evtx_put_end(w, mark);
    mark = open_plain(w, "Binary", -1);
    evtx_put_end(w, mark);
    evtx_put_end(w, part);
    part = open_plain(w, "UserData", -1);
    inner = open_with(w, "Envelope", -1, "Kind", "k");
    mark = open_with(w, "Error", -1, "Code", "15007");
    evtx_put_end(w, mark);
    mark = open_plain(w, "A", -1);
    leaf(w, "B", -1, "deep");
    evtx_put_end(w, mark);
    evtx_put_end(w, inner);
    evtx_put_end(w, part);
    part = open_with(w, "RenderingInfo", -1, "Culture", "ja-JP");
    leaf(w, "Message", -1, "\xE7\x81\xAB\xE3\x81\xAE\xE8\xA6\x8B");
    leaf(w, "Level", -1, "Information");
    evtx_put_end(w, part);
    part = open_plain(w, "ProcessingErrorData", -1);
    leaf(w, "ErrorCode", -1, "15005");
    evtx_put_end(w, part);
    part = open_plain(w, "DebugData", -1);
    leaf(w, "Component", -1, "c");
    evtx_put_end(w, part);
    evtx_put_end(w, event);
    end(w, record);
    assert_dump(&decode_format_evtx, bytes_of(&file),
            "Provider_Name=Hinomi\nEventID_Qualifiers=16384\nEventID=7036\n"
            "TimeCreated=2026-11-23T01:02:03.5Z\nEventData_Name=LAYOUT\nOuter.Inner=nested\n"
            "Complex=00FF\nBinary=(null)\nEnvelope_Kind=k\nError_Code=15007\nA.B=deep\n"
            "RenderingInfo_Culture=ja-JP\nMessage=\xE7\x81\xAB\xE3\x81\xAE\xE8\xA6\x8B\n"
            "RenderingInfo.Level=Information\nProcessingErrorData.ErrorCode=15005\n"
            "DebugData.Component=c\ntime=2026-11-23T01:02:03.500Z\n");
    hn_buf_deinit(&file);
}

/* References, CDATA and processing instructions; parts of one text are joined. */
static void texts(void **state)
{
    struct hn_buf file = { 0 };
    size_t record;
    struct evtx_writer *w = begin(&file, &record);
    size_t event = open_plain(w, "Event", -1);
    size_t data = open_plain(w, "EventData", -1);
    size_t mark;

    (void)state;
    mark = open_with(w, "Data", -1, "Name", "Joined");
    evtx_put_text(w, "a");
    evtx_put_u8(w, 0x48); /* character reference */
    evtx_put_u16(w, 0x706B);
    evtx_put_u8(w, 0x49); /* entity reference */
    evtx_put_name(w, "lt");
    evtx_put_u8(w, 0x49);
    evtx_put_name(w, "quot");
    evtx_put_u8(w, 0x47); /* CDATA */
    evtx_put_u16(w, 3);
    evtx_put(w, "<\0&\0>\0", 6);
    evtx_put_u8(w, 0x0A); /* processing instruction */
    evtx_put_name(w, "target");
    evtx_put_u8(w, 0x0B);
    evtx_put_u16(w, 1);
    evtx_put_u16(w, 'x');
    evtx_put_text(w, "z");
    evtx_put_end(w, mark);
    mark = open_with(w, "Data", -1, "Name", "Blank");
    evtx_put_text(w, " ");
    evtx_put_end(w, mark);
    mark = open_with(w, "Data", -1, "Name", "Mixed");
    evtx_put_text(w, "before");
    leaf(w, "Child", -1, "c");
    evtx_put_text(w, " \r\n");
    leaf(w, "Child", -1, "d");
    evtx_put_text(w, "after");
    evtx_put_end(w, mark);
    mark = open_with(w, "Data", -1, "Name", "Undefined");
    evtx_put_u8(w, 0x09);
    evtx_put_name(w, "nbsp");
    evtx_put_text(w, "x");
    evtx_put_end(w, mark);
    evtx_put_end(w, data);
    evtx_put_end(w, event);
    end(w, record);
    assert_dump(&decode_format_evtx, bytes_of(&file),
            "Joined=a\xE7\x81\xAB<\"<&>z\nBlank= \nMixed=before\nMixed.Child=c\nMixed.Child=d\n"
            "Mixed=after\nUndefined=x\n" TIME " damaged_record\n");
    hn_buf_deinit(&file);
}

/* ---- With templates ---------------------------------------------------------------------------
 */

static void value_text(struct evtx_writer *w, const char *text)
{
    assert_true(evtx_value_add_text(w, EVTX_WRITE_STRING, text));
}

static void open_event(struct evtx_writer *w, size_t marks[3], uint64_t key)
{
    marks[0] = evtx_put_definition(w, key);
    evtx_put_fragment(w);
    marks[1] = open_plain(w, "Event", 0xFFFF);
    marks[2] = open_plain(w, "EventData", 0xFFFF);
}

static void close_event(struct evtx_writer *w, const size_t marks[3])
{
    evtx_put_end(w, marks[2]);
    evtx_put_end(w, marks[1]);
    evtx_put_eof(w);
    evtx_put_definition_end(w, marks[0]);
}

/* Names made of values, texts joined with values, optional values in elements and attributes, and
 * numbers of values that do not exist. */
static void substitutions(void **state)
{
    struct hn_buf file = { 0 };
    size_t record;
    struct evtx_writer *w = begin(&file, &record);
    size_t marks[3];
    size_t mark;

    (void)state;
    assert_true(evtx_put_instance(w, 7));
    open_event(w, marks, 7);
    mark = evtx_put_open(w, "Data", 0xFFFF, true);
    evtx_put_attr(w, "Name", true);
    evtx_put_substitution(w, 0, EVTX_WRITE_STRING, false);
    evtx_put_attr(w, "Unit", false);
    evtx_put_substitution(w, 3, EVTX_WRITE_STRING, true);
    evtx_put_close_start(w, mark, true);
    evtx_put_substitution(w, 1, EVTX_WRITE_UINT32, false);
    evtx_put_end(w, mark);
    mark = open_with(w, "Data", 0xFFFF, "Name", "Joined");
    evtx_put_text(w, "pid ");
    evtx_put_substitution(w, 1, EVTX_WRITE_UINT32, false);
    evtx_put_text(w, " of ");
    evtx_put_substitution(w, 2, EVTX_WRITE_GUID, false);
    evtx_put_end(w, mark);
    mark = open_with(w, "Data", 0xFFFF, "Name", "Optional");
    evtx_put_substitution(w, 3, EVTX_WRITE_STRING, true);
    evtx_put_end(w, mark);
    mark = open_with(w, "Data", 0xFFFF, "Name", "Empty");
    evtx_put_substitution(w, 3, EVTX_WRITE_STRING, false);
    evtx_put_end(w, mark);
    mark = open_with(w, "Data", 0xFFFF, "Name", "Beyond");
    evtx_put_substitution(w, 99, EVTX_WRITE_STRING, false);
    evtx_put_end(w, mark);
    close_event(w, marks);
    value_text(w, "Dynamic");
    assert_true(evtx_value_add_text(w, EVTX_WRITE_UINT32, "42"));
    assert_true(evtx_value_add_text(w, EVTX_WRITE_GUID, "01234567-89AB-CDEF-0123-456789ABCDEF"));
    evtx_value_add(w, EVTX_WRITE_NULL, "", 0);
    evtx_put_values(w);
    end(w, record);
    assert_dump(&decode_format_evtx, bytes_of(&file),
            "Dynamic=42\nJoined=pid 42 of {01234567-89AB-CDEF-0123-456789ABCDEF}\n"
            "Optional=(null)\nEmpty=\nBeyond=\n" TIME "\n");
    hn_buf_deinit(&file);
}

/* The binary XML of a value: an instance of the template with this key, which is written out where
 * it is new; its only value is the bytes given, of the type given. */
static void put_nested(struct evtx_writer *w, uint64_t key, void (*content)(struct evtx_writer *w),
        uint8_t type, struct hn_bytes value)
{
    evtx_put_fragment(w);
    if (evtx_put_instance(w, key)) {
        size_t definition = evtx_put_definition(w, key);

        evtx_put_fragment(w);
        content(w);
        evtx_put_eof(w);
        evtx_put_definition_end(w, definition);
    }
    evtx_value_add(w, type, value.ptr, value.len);
    evtx_put_values(w);
    evtx_put_eof(w);
}

/* An instance whose only value is binary XML: put it, then what it holds, then patch its size. */
static size_t open_nest(struct evtx_writer *w, uint64_t key, void (*content)(struct evtx_writer *w))
{
    size_t descriptor;

    evtx_put_fragment(w);
    if (evtx_put_instance(w, key)) {
        size_t definition = evtx_put_definition(w, key);

        evtx_put_fragment(w);
        content(w);
        evtx_put_eof(w);
        evtx_put_definition_end(w, definition);
    }
    evtx_put_u32(w, 1);
    descriptor = w->pos;
    evtx_put_u16(w, 0);
    evtx_put_u8(w, EVTX_WRITE_XML);
    evtx_put_u8(w, 0);
    return descriptor;
}

static void close_nest(struct evtx_writer *w, size_t descriptor)
{
    size_t len = w->pos - descriptor - 4;

    w->chunk[descriptor] = (uint8_t)(len & 0xFF);
    w->chunk[descriptor + 1] = (uint8_t)(len >> 8);
    evtx_put_eof(w);
}

static void content_event(struct evtx_writer *w)
{
    size_t mark = open_plain(w, "Event", 0xFFFF);

    evtx_put_substitution(w, 0, EVTX_WRITE_XML, true);
    evtx_put_end(w, mark);
}

static void content_user(struct evtx_writer *w)
{
    size_t user = open_plain(w, "UserData", 0xFFFF);
    size_t envelope = open_plain(w, "Envelope", 0xFFFF);
    size_t mark = open_plain(w, "Outer", 0xFFFF);

    evtx_put_substitution(w, 0, EVTX_WRITE_XML, true);
    evtx_put_end(w, mark);
    evtx_put_end(w, envelope);
    evtx_put_end(w, user);
}

static void content_leaf(struct evtx_writer *w)
{
    size_t mark = open_plain(w, "Leaf", 0xFFFF);

    evtx_put_substitution(w, 0, EVTX_WRITE_STRING, false);
    evtx_put_end(w, mark);
}

/* Templates three levels deep, elements without a template inside a value, and two fragments in one
 * value, as classic trace events have them. */
static void nested(void **state)
{
    struct hn_buf file = { 0 };
    size_t record;
    struct evtx_writer *w = evtx_writer_new(&file);
    size_t outer;
    size_t inner;
    size_t mark;

    (void)state;
    record = evtx_put_record(w, 1, FIXTURE_FILETIME);
    outer = open_nest(w, 1, content_event);
    inner = open_nest(w, 2, content_user);
    put_nested(w, 3, content_leaf, EVTX_WRITE_STRING, hn_bytes_of("x\0y\0", 4));
    close_nest(w, inner);
    close_nest(w, outer);
    evtx_put_record_end(w, record);
    record = evtx_put_record(w, 2, FIXTURE_FILETIME);
    outer = open_nest(w, 1, content_event);
    evtx_put_fragment(w);
    mark = open_plain(w, "EventData", -1);
    leaf(w, "Data", -1, "no template");
    evtx_put_end(w, mark);
    evtx_put_fragment(w);
    mark = open_plain(w, "RenderingInfo", -1);
    leaf(w, "Message", -1, "second fragment");
    evtx_put_end(w, mark);
    close_nest(w, outer);
    evtx_put_record_end(w, record);
    record = evtx_put_record(w, 3, FIXTURE_FILETIME);
    outer = open_nest(w, 1, content_event);
    evtx_put_fragment(w);
    mark = open_plain(w, "UserData", -1);
    evtx_put_u8(w, 0x0C); /* an instance among elements: here "Leaf" is the envelope */
    w->pos--;
    assert_false(evtx_put_instance(w, 3));
    value_text(w, "among elements");
    evtx_put_values(w);
    evtx_put_end(w, mark);
    close_nest(w, outer);
    evtx_put_record_end(w, record);
    assert_true(evtx_writer_end(w));
    evtx_writer_free(w);
    assert_dump(&decode_format_evtx, bytes_of(&file),
            "Outer.Leaf=xy\n" TIME "\nData=no template\nMessage=second fragment\n" TIME
            "\nLeaf=among elements\n" TIME "\n");
    hn_buf_deinit(&file);
}

/* The same template at two places has two names. */
static void template_at_two_places(void **state)
{
    struct hn_buf file = { 0 };
    size_t record;
    struct evtx_writer *w = evtx_writer_new(&file);
    size_t outer;
    size_t inner;

    (void)state;
    for (int i = 0; i < 2; i++) {
        record = evtx_put_record(w, (uint64_t)i + 1, FIXTURE_FILETIME);
        outer = open_nest(w, 1, content_event);
        if (i == 0) {
            put_nested(w, 3, content_leaf, EVTX_WRITE_STRING, hn_bytes_of("1\0", 2));
        } else {
            inner = open_nest(w, 2, content_user);
            put_nested(w, 3, content_leaf, EVTX_WRITE_STRING, hn_bytes_of("2\0", 2));
            close_nest(w, inner);
        }
        close_nest(w, outer);
        evtx_put_record_end(w, record);
    }
    assert_true(evtx_writer_end(w));
    evtx_writer_free(w);
    assert_dump(&decode_format_evtx, bytes_of(&file), "Leaf=1\n" TIME "\nOuter.Leaf=2\n" TIME "\n");
    hn_buf_deinit(&file);
}

/* ---- Limits ------------------------------------------------------------------------------------
 */

static void content_wrap(struct evtx_writer *w)
{
    size_t mark = open_plain(w, "W", 0xFFFF);

    evtx_put_substitution(w, 0, EVTX_WRITE_XML, true);
    evtx_put_end(w, mark);
}

/* Fragments inside each other end at the limit; what stands above it is kept. */
static void too_many_fragments(void **state)
{
    struct hn_buf file = { 0 };
    struct dump dump = { 0 };
    struct evtx_writer *w = evtx_writer_new(&file);
    size_t marks[32];
    size_t record;

    (void)state;
    record = evtx_put_record(w, 1, FIXTURE_FILETIME);
    for (size_t i = 0; i < HN_COUNT_OF(marks); i++)
        marks[i] = open_nest(w, 9, content_wrap);
    for (size_t i = HN_COUNT_OF(marks); i-- > 0;)
        close_nest(w, marks[i]);
    evtx_put_record_end(w, record);
    assert_true(evtx_writer_end(w));
    evtx_writer_free(w);
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_int_equal(dump.events, 1);
    assert_int_equal(dump.findings[HN_FINDING_TOO_DEEP], 1);
    hn_buf_deinit(&dump.text);
    hn_buf_deinit(&file);
}

/* Elements inside each other likewise. */
static void too_many_elements(void **state)
{
    struct hn_buf file = { 0 };
    struct dump dump = { 0 };
    size_t marks[200];
    size_t record;
    struct evtx_writer *w = begin(&file, &record);

    (void)state;
    marks[0] = open_plain(w, "Event", -1);
    marks[1] = open_plain(w, "EventData", -1);
    leaf(w, "Data", -1, "kept");
    for (size_t i = 2; i < HN_COUNT_OF(marks); i++)
        marks[i] = open_plain(w, "D", -1);
    for (size_t i = HN_COUNT_OF(marks); i-- > 0;)
        evtx_put_end(w, marks[i]);
    end(w, record);
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_non_null(strstr(dump.text.ptr, "Data=kept\n"));
    assert_int_equal(dump.findings[HN_FINDING_TOO_DEEP], 1);
    hn_buf_deinit(&dump.text);
    hn_buf_deinit(&file);
}

/* A template may use one long value thousands of times. That is bounded work, and the record says
 * that it was cut. */
static void value_bomb(void **state)
{
    static uint8_t value[16000];
    struct hn_buf file = { 0 };
    struct dump dump = { 0 };
    size_t record;
    struct evtx_writer *w = begin(&file, &record);
    size_t marks[3];

    (void)state;
    memset(value, 'a', sizeof value);
    assert_true(evtx_put_instance(w, 7));
    open_event(w, marks, 7);
    for (int i = 0; i < 1500; i++) {
        size_t mark = open_plain(w, "Data", 0xFFFF);

        evtx_put_substitution(w, 0, EVTX_WRITE_STRING, false);
        evtx_put_substitution(w, 0, EVTX_WRITE_STRING, false);
        evtx_put_end(w, mark);
    }
    close_event(w, marks);
    evtx_value_add(w, EVTX_WRITE_STRING, value, sizeof value);
    evtx_put_values(w);
    end(w, record);
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_int_equal(dump.events, 1);
    assert_int_equal(dump.findings[HN_FINDING_TOO_LONG], 1);
    assert_true(dump.text.len < (size_t)EVTX_STEPS_MAX * EVTX_STEP_BYTES * 2);
    hn_buf_deinit(&dump.text);
    hn_buf_deinit(&file);
}

/* More attributes than anyone needs are damage, not a buffer overrun. */
static void too_many_attributes(void **state)
{
    struct hn_buf file = { 0 };
    struct dump dump = { 0 };
    size_t record;
    struct evtx_writer *w = begin(&file, &record);
    size_t event = open_plain(w, "Event", -1);
    size_t mark = evtx_put_open(w, "X", -1, true);

    (void)state;
    for (unsigned i = 0; i < EVTX_ATTRS_MAX + 1; i++) {
        evtx_put_attr(w, "a", i < EVTX_ATTRS_MAX);
        evtx_put_text(w, "v");
    }
    evtx_put_close_empty(w, mark, true);
    evtx_put_end(w, event);
    end(w, record);
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_int_equal(dump.findings[HN_FINDING_TOO_LONG], 1);
    hn_buf_deinit(&dump.text);
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_elements),
        cmocka_unit_test(texts),
        cmocka_unit_test(substitutions),
        cmocka_unit_test(nested),
        cmocka_unit_test(template_at_two_places),
        cmocka_unit_test(too_many_fragments),
        cmocka_unit_test(too_many_elements),
        cmocka_unit_test(value_bomb),
        cmocka_unit_test(too_many_attributes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
