/* test_audit_join.c - records of audit events find each other, and only each other, within limits
 * that no log can make them exceed. */
#include "check_decode.h"

#include "decode/audit_join.h"
#include "decode/syslog_event.h"

#define SYSCALL(serial, items)                                                 \
    "type=SYSCALL msg=audit(1795363323.123:" serial                            \
    "): arch=c000003e syscall=257 success=yes items=" items " comm=\"c" serial \
    "\" exe=\"/bin/c" serial "\"\n"
#define PATH(serial, name) \
    "type=PATH msg=audit(1795363323.123:" serial "): item=0 name=\"" name "\" nametype=NORMAL\n"
#define PROCTITLE(serial) \
    "type=PROCTITLE msg=audit(1795363323.123:" serial "): proctitle=\"t" serial "\"\n"
#define EOE(serial) "type=EOE msg=audit(1795363323.123:" serial "): \n"

/* What one run gives: the serials of comm in order, which events were noted as what. */
struct joined {
    struct hn_schema *schema;
    struct hn_event event;
    struct hn_buf log; /* one word an event: comm, names in brackets, marks */
    size_t stop_after;
    size_t events;
    uint32_t finding_kinds;
    size_t findings;
};

static void joined_init(struct joined *joined)
{
    memset(joined, 0, sizeof *joined);
    joined->schema = hn_schema_new();
    assert_non_null(joined->schema);
    assert_int_equal(hn_schema_seal(joined->schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&joined->event, joined->schema, NULL, true), HN_OK);
}

static void joined_deinit(struct joined *joined)
{
    hn_event_deinit(&joined->event);
    hn_schema_free(joined->schema);
    hn_buf_deinit(&joined->log);
}

static void add_values(struct joined *joined, struct hn_event *event, struct hn_text name)
{
    for (size_t i = 0; i < event->named.count; i++) {
        if (!hn_text_eq(event->named.ptr[i].name, name))
            continue;
        hn_buf_add_text(&joined->log, hn_event_text(event, event->named.ptr[i].index));
        hn_buf_add_char(&joined->log, ' ');
    }
}

static bool on_event(void *ctx, struct hn_event *event)
{
    struct joined *joined = ctx;

    add_values(joined, event, HN_TEXT("comm"));
    add_values(joined, event, HN_TEXT("name"));
    add_values(joined, event, HN_TEXT("proctitle"));
    if ((event->findings & (uint32_t)1 << HN_FINDING_INCOMPLETE) != 0)
        hn_buf_add_lit(&joined->log, "incomplete ");
    if ((event->findings & (uint32_t)1 << HN_FINDING_TOO_LONG) != 0)
        hn_buf_add_lit(&joined->log, "too-long ");
    hn_buf_addf(&joined->log, "@%u\n", (unsigned)event->line);
    joined->events++;
    return joined->events != joined->stop_after;
}

static void on_finding(void *ctx, const struct hn_finding *finding)
{
    struct joined *joined = ctx;

    joined->findings++;
    joined->finding_kinds |= (uint32_t)1 << finding->kind;
}

static enum hn_status run(struct joined *joined, const char *format, struct hn_text in,
        const struct decode_options *options)
{
    const struct decode_sink sink = {
        .on_event = on_event, .on_finding = on_finding, .ctx = joined
    };

    hn_buf_reset(&joined->log);
    joined->events = 0;
    joined->findings = 0;
    joined->finding_kinds = 0;
    return decode_all(check_format(format), options, hn_text_as_bytes(in), &joined->event, &sink);
}

static void expect(const char *in, uint32_t events_max, size_t bytes_max, const char *out)
{
    const struct decode_options options = { .limits = {
                                                    .event_bytes_max = bytes_max,
                                                    .join_events_max = events_max,
                                            } };
    struct joined joined;

    joined_init(&joined);
    assert_int_equal(run(&joined, "auditd", hn_text_cstr(in), &options), HN_OK);
    hn_buf_add_char(&joined.log, '\0');
    assert_string_equal(joined.log.ptr, out);
    joined_deinit(&joined);
}

/* Records of two events in turns make two whole events, given out as they become complete. */
static void interleaved_records_find_their_event(void **state)
{
    (void)state;
    expect(SYSCALL("1", "1") SYSCALL("2", "1") PATH("1", "a") PATH("2", "b") PROCTITLE("2")
                    PROCTITLE("1"),
            0, 0, "c2 b t2 @2\nc1 a t1 @1\n");
}

/* Serials repeat on other machines and after a restart: neither is the same event. */
static void same_serial_is_not_the_same_event(void **state)
{
    (void)state;
    expect("node=x " SYSCALL("1", "1") "node=y " SYSCALL("1", "1") "node=x " PATH("1",
                   "a") "node=y " PATH("1", "b") "node=y " PROCTITLE("1") "node=x " PROCTITLE("1"),
            0, 0, "c1 b t1 @2\nc1 a t1 @1\n");
    expect(SYSCALL("1", "0") "type=SYSCALL msg=audit(1795363323.124:1): syscall=257 items=0 "
                             "comm=\"other\"\n",
            0, 0, "c1 @1\nother @2\n");
}

/* The end mark behind a PROCTITLE, and one of an event never seen, make no events of their own. */
static void end_marks_are_no_events(void **state)
{
    (void)state;
    expect(EOE("9") SYSCALL("1", "0") PROCTITLE("1") EOE("1"), 0, 0, "c1 t1 @2\n");
    expect(SYSCALL("1", "0") EOE("1"), 0, 0, "c1 @1\n");
}

/* Without PROCTITLE and end mark an event ends when its machine's log is two seconds further, and
 * at the end of the input. */
static void silent_ends_are_found(void **state)
{
    static const char later[] = "type=SYSCALL msg=audit(1795363326.000:2): syscall=257 items=0 "
                                "comm=\"later\"\n";
    char in[1024];

    (void)state;
    (void)snprintf(in, sizeof in, "%s%s%s", SYSCALL("1", "0"), later, PATH("1", "late"));
    /* The record that comes after the end is an event of its own, and says so. */
    expect(in, 0, 0, "c1 @1\nlater @2\nlate incomplete @3\n");
    (void)snprintf(in, sizeof in, "node=x %snode=y %snode=x %s", SYSCALL("1", "1"), later,
            PATH("1", "in-time"));
    expect(in, 0, 0, "c1 in-time @1\nlater @2\n");
}

/* Paths that the system call counted and the log does not hold are missed; so is the system call
 * itself. */
static void missing_records_are_said(void **state)
{
    (void)state;
    expect(SYSCALL("1", "2") PATH("1", "a") PROCTITLE("1"), 0, 0, "c1 a t1 incomplete @1\n");
    expect(PATH("1", "a") PROCTITLE("1"), 0, 0, "a t1 incomplete @1\n");
    expect(SYSCALL("1", "1") PATH("1", "a") PROCTITLE("1"), 0, 0, "c1 a t1 @1\n");
}

/* More events open at a time than allowed: the oldest is given out as it is, and says so; its late
 * records too. No record is lost, whatever the limit. */
static void oldest_makes_room(void **state)
{
    (void)state;
    expect(SYSCALL("1", "0") SYSCALL("2", "0") SYSCALL("3", "0") PROCTITLE("2") PROCTITLE("3")
                    PROCTITLE("1"),
            2, 1 << 20, "c1 incomplete @1\nc2 t2 @2\nc3 t3 @3\nt1 incomplete @6\n");
    expect(SYSCALL("1", "0") SYSCALL("2", "0") PROCTITLE("1") PROCTITLE("2"), 1, 1 << 20,
            "c1 incomplete @1\nc2 incomplete @2\nt1 incomplete @3\nt2 incomplete @4\n");
}

/* One event's records past the limit are left out, which is said once; the next is whole. */
static void long_events_are_cut_off(void **state)
{
    struct hn_buf in = { 0 };

    (void)state;
    hn_buf_add_lit(&in, SYSCALL("1", "1"));
    for (int i = 0; i < 100; i++)
        hn_buf_add_lit(&in, "type=CWD msg=audit(1795363323.123:1): cwd=\"/root\"\n");
    hn_buf_add_lit(&in, PATH("1", "a") PROCTITLE("1") SYSCALL("2", "0") PROCTITLE("2"));
    hn_buf_add_char(&in, '\0');
    expect(in.ptr, 4, 400, "c1 incomplete too-long @1\nc2 t2 @104\n");
    hn_buf_deinit(&in);
}

static void add_big_event(struct hn_buf *in, unsigned serial, size_t len)
{
    hn_buf_addf(in, "type=SYSCALL msg=audit(1795363323.123:%u): items=0 comm=\"c%u\" key=\"",
            serial, serial);
    for (size_t i = 0; i < len; i += 64)
        hn_buf_add_lit(in, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    hn_buf_add_lit(in, "\"\n");
}

/* All open events together stay under their limit of bytes. */
static void open_bytes_are_limited(void **state)
{
    const struct decode_options options = { .limits = { 0, 0 } };
    const size_t each = AUDIT_OPEN_BYTES_MAX / 5;
    struct hn_buf in = { 0 };
    struct joined joined;

    (void)state;
    for (unsigned serial = 1; serial <= 6; serial++)
        add_big_event(&in, serial, each);
    assert_true(hn_buf_ok(&in));
    joined_init(&joined);
    assert_int_equal(run(&joined, "auditd", hn_buf_text(&in), &options), HN_OK);
    hn_buf_add_char(&joined.log, '\0');
    assert_string_equal(
            joined.log.ptr, "c1 incomplete @1\nc2 incomplete @2\nc3 @3\nc4 @4\nc5 @5\nc6 @6\n");
    joined_deinit(&joined);
    hn_buf_deinit(&in);
}

/* Who has seen enough can stop, at whichever event, in every framing. */
static void stopping_stops(void **state)
{
    static const struct {
        const char *format;
        const char *in;
    } cases[] = {
        { "auditd", SYSCALL("1", "0") SYSCALL("2", "0") PROCTITLE("2") SYSCALL("3", "0") },
        { "syslog", "Nov 23 01:02:03 a audispd: " SYSCALL(
                            "1", "0") "Nov 23 01:02:03 a b: c\n"
                                      "Nov 23 01:02:03 a audispd: " SYSCALL("2", "0") },
        { "syslog-octets", "27 <13>Nov 23 01:02:03 a b: x\n29 <13>Nov 23 01:02:03 a b: x y\n"
                           "60 <13>Nov 23 01:02:03 a b: type=CWD msg=audit(1.0:7): cwd=\"/\"" },
    };
    const struct decode_options options = { .limits = { 0, 0 } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        for (size_t after = 1; after <= 3; after++) {
            struct joined joined;

            joined_init(&joined);
            joined.stop_after = after;
            assert_int_equal(run(&joined, cases[i].format, hn_text_cstr(cases[i].in), &options),
                    HN_CANCELLED);
            assert_int_equal(joined.events, after);
            joined_deinit(&joined);
        }
    }
}

#define IN_SYSLOG "Nov 23 01:02:03 a audispd: "

/* A batch of a system log ends where no event is open, however its lines are mixed; and what never
 * ends is not waited for. */
static void batches_end_between_events(void **state)
{
    static const char mixed[] = "Nov 23 01:02:03 a b: c\n" IN_SYSLOG SYSCALL("1", "1")
            IN_SYSLOG SYSCALL("2", "1") IN_SYSLOG PATH("2", "x") IN_SYSLOG PROCTITLE("2");
    static const char whole[] = IN_SYSLOG SYSCALL("1", "0") IN_SYSLOG PROCTITLE("1");
    struct hn_buf forever = { 0 };

    (void)state;
    /* Event 1 is still open: the batch ends in front of it. */
    assert_int_equal(
            syslog_cut_between_events(hn_text_cstr(mixed), sizeof mixed - 1), strlen("Nov 23 "
                                                                                     "01:02:03 a "
                                                                                     "b: c\n"));
    assert_int_equal(
            syslog_cut_between_events(hn_text_cstr(whole), sizeof whole - 1), sizeof whole - 1);
    hn_buf_add_lit(&forever, IN_SYSLOG SYSCALL("1", "0"));
    for (int i = 0; i < 20; i++)
        hn_buf_add_lit(&forever, "Nov 23 01:02:03 a b: c\n");
    assert_int_equal(syslog_cut_between_events(hn_buf_text(&forever), forever.len), forever.len);
    hn_buf_deinit(&forever);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interleaved_records_find_their_event),
        cmocka_unit_test(same_serial_is_not_the_same_event),
        cmocka_unit_test(end_marks_are_no_events),
        cmocka_unit_test(silent_ends_are_found),
        cmocka_unit_test(missing_records_are_said),
        cmocka_unit_test(oldest_makes_room),
        cmocka_unit_test(long_events_are_cut_off),
        cmocka_unit_test(open_bytes_are_limited),
        cmocka_unit_test(stopping_stops),
        cmocka_unit_test(batches_end_between_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
