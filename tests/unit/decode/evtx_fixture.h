/* evtx_fixture.h - what the tests of the event log decoder share: files with one record made token
 * by token, and events as text. */
#ifndef HN_TESTS_EVTX_FIXTURE_H
#define HN_TESTS_EVTX_FIXTURE_H

#include "decode/decode_internal.h"
#include "support/decode_oracle.h"
#include "support/evtx_writer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* 2026-11-23T01:02:03Z */
#define FIXTURE_FILETIME UINT64_C(134398693230000000)

struct dump {
    struct hn_buf text;
    unsigned events;
    unsigned findings[HN_FINDING_COUNT];
};

HN_INLINE bool dump_event(void *ctx, struct hn_event *event)
{
    struct dump *dump = ctx;
    struct hn_buf *out = &dump->text;

    dump->events++;
    for (size_t i = 0; i < event->named.count; i++) {
        hn_buf_add_text(out, event->named.ptr[i].name);
        hn_buf_add_lit(out, "=");
        if (event->values[event->named.ptr[i].index].type == HN_TYPE_NULL)
            hn_buf_add_lit(out, "(null)");
        hn_buf_add_text(out, hn_event_text(event, event->named.ptr[i].index));
        hn_buf_add_lit(out, "\n");
    }
    hn_buf_add_lit(out, "time=");
    hn_buf_add_time(out, event->time, NULL);
    for (uint32_t kind = 0; kind < HN_FINDING_COUNT; kind++) {
        if ((event->findings >> kind & 1) != 0) {
            hn_buf_add_lit(out, " ");
            hn_buf_add_cstr(out, hn_finding_id((enum hn_finding_kind)kind));
        }
    }
    hn_buf_add_lit(out, "\n");
    return true;
}

HN_INLINE void dump_finding(void *ctx, const struct hn_finding *finding)
{
    struct dump *dump = ctx;

    dump->findings[finding->kind]++;
}

/* Appends every event of the input in all-mode; the text ends with a NUL. */
HN_INLINE enum hn_status dump_input(
        const struct decode_format *format, struct hn_bytes in, struct dump *dump)
{
    static const struct decode_options options = { 0 };
    struct decode_sink sink = { dump_event, dump_finding, dump };
    struct hn_schema *schema = oracle_schema(NULL, 0);
    struct hn_event event;
    enum hn_status status;

    assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
    status = decode_all(format, &options, in, &event, &sink);
    hn_event_deinit(&event);
    hn_schema_free(schema);
    hn_buf_add_char(&dump->text, '\0');
    return status;
}

HN_INLINE struct hn_bytes bytes_of(const struct hn_buf *buf)
{
    return hn_text_as_bytes(hn_buf_text(buf));
}

HN_INLINE void assert_dump(
        const struct decode_format *format, struct hn_bytes in, const char *expected)
{
    struct dump dump = { 0 };

    assert_int_equal(dump_input(format, in, &dump), HN_OK);
    assert_string_equal(dump.text.ptr, expected);
    hn_buf_deinit(&dump.text);
}

HN_INLINE unsigned count_findings(const struct dump *dump)
{
    unsigned count = 0;

    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        count += dump->findings[i];
    return count;
}

/* Writes the events of a file with the writer. */
HN_INLINE void write_events(
        struct hn_buf *file, const struct evtx_write_event *event, unsigned count)
{
    struct evtx_writer *w = evtx_writer_new(file);

    assert_non_null(w);
    for (unsigned i = 0; i < count; i++) {
        if (!evtx_writer_add(w, event))
            fail_msg("writer: %s", w->error);
    }
    assert_true(evtx_writer_end(w));
    evtx_writer_free(w);
}

#define FIXTURE_EVENT                                                                         \
    {                                                                                         \
        .provider = "Hinomi-Test", .provider_guid = "{01234567-89AB-CDEF-0123-456789ABCDEF}", \
        .channel = "Hinomi-Test/Operational", .computer = "ws01.example", .event_id = 4711,   \
        .version = 2, .level = 4, .task = 12, .opcode = 1,                                    \
        .keywords = UINT64_C(0x8020000000000000), .time = "2026-11-23T01:02:03.456789Z",      \
        .process_id = 1234, .thread_id = 5678, .user_sid = "S-1-5-18",                        \
    }

#endif
