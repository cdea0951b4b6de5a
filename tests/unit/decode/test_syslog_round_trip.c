/* test_syslog_round_trip.c - what is written by a format's own rules is read back as it was, for
 * thousands of values made of the characters that those rules are about. */
#include "check_decode.h"

#include <stdlib.h>

#define ROUNDS    2000
#define VALUE_MAX 24

struct trip {
    struct hn_schema *schema;
    struct hn_event event;
    struct hn_buf line;
    struct hn_buf want; /* name NUL value NUL ... */
    size_t events;
    uint64_t random;
};

static void trip_init(struct trip *trip)
{
    memset(trip, 0, sizeof *trip);
    trip->schema = hn_schema_new();
    assert_non_null(trip->schema);
    assert_int_equal(hn_schema_seal(trip->schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&trip->event, trip->schema, NULL, true), HN_OK);
    trip->random = 1;
}

static void trip_deinit(struct trip *trip)
{
    hn_event_deinit(&trip->event);
    hn_schema_free(trip->schema);
    hn_buf_deinit(&trip->line);
    hn_buf_deinit(&trip->want);
}

/* The same numbers in every run (Knuth's MMIX generator). */
static unsigned next_random(struct trip *trip, size_t below)
{
    trip->random = trip->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((trip->random >> 33) % below);
}

/* Up to VALUE_MAX characters of the alphabet; neither the first nor the last is a blank. */
static struct hn_text make_value(struct trip *trip, struct hn_text alphabet, char *room)
{
    size_t len = 1 + next_random(trip, VALUE_MAX);

    for (size_t i = 0; i < len; i++) {
        room[i] = alphabet.ptr[next_random(trip, alphabet.len)];
        if ((i == 0 || i == len - 1) && (unsigned char)room[i] <= ' ')
            room[i] = 'x';
    }
    return hn_text_of(room, len);
}

/* Writes value with a backslash in front of each character of set; line ends as letters. */
static void add_escaped(struct hn_buf *line, struct hn_text value, const char *set)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (c == '\n' || c == '\r') {
            hn_buf_add_char(line, '\\');
            hn_buf_add_char(line, c == '\n' ? 'n' : 'r');
            continue;
        }
        if (c != '\0' && strchr(set, c) != NULL)
            hn_buf_add_char(line, '\\');
        hn_buf_add_char(line, c);
    }
}

static void want(struct trip *trip, const char *name, struct hn_text value)
{
    hn_buf_add(&trip->want, name, strlen(name) + 1);
    hn_buf_add_u64(&trip->want, value.len);
    hn_buf_add_char(&trip->want, '\0');
    hn_buf_add_text(&trip->want, value);
}

static void check_value(
        struct trip *trip, struct hn_event *event, struct hn_text name, struct hn_text value)
{
    uint32_t index = hn_event_find_name(event, name);

    if (index == HN_VALUE_NONE || !hn_text_eq(hn_event_text(event, index), value)) {
        struct hn_text got =
                index == HN_VALUE_NONE ? HN_TEXT("(nothing)") : hn_event_text(event, index);

        print_error("%.*s of\n%.*s\nis \"%.*s\", not \"%.*s\"\n", HN_TEXT_ARG(name),
                (int)trip->line.len, trip->line.ptr, HN_TEXT_ARG(got), HN_TEXT_ARG(value));
        fail();
    }
}

static bool on_event(void *ctx, struct hn_event *event)
{
    struct trip *trip = ctx;
    const char *at = trip->want.ptr;

    trip->events++;
    assert_int_equal(event->findings, 0);
    while (at < trip->want.ptr + trip->want.len) {
        struct hn_text name = hn_text_cstr(at);
        size_t len = strtoul(at + name.len + 1, NULL, 10);

        at += name.len + 1;
        at += strlen(at) + 1;
        check_value(trip, event, name, hn_text_of(at, len));
        at += len;
    }
    return true;
}

/* Decodes the line and starts the next one. */
static void finish(struct trip *trip, const char *format)
{
    const struct decode_options options = { .limits = { 0, 0 } };
    const struct decode_sink sink = { .on_event = on_event, .ctx = trip };

    trip->events = 0;
    assert_true(hn_buf_ok(&trip->line) && hn_buf_ok(&trip->want));
    assert_int_equal(decode_all(check_format(format), &options,
                             hn_text_as_bytes(hn_buf_text(&trip->line)), &trip->event, &sink),
            HN_OK);
    assert_int_equal(trip->events, 1);
    hn_buf_reset(&trip->line);
    hn_buf_reset(&trip->want);
}

static void cef_is_read_back(void **state)
{
    static const char *const keys[] = { "msg", "src", "cs1", "fname", "request", "ad.key" };
    struct trip trip;
    char room[VALUE_MAX];

    (void)state;
    trip_init(&trip);
    for (int round = 0; round < ROUNDS; round++) {
        struct hn_text name = make_value(&trip, HN_TEXT("ab |\\=\xE7\x81\xAB"), room);

        hn_buf_add_lit(&trip.line, "CEF:0|Example|Wall|1|7|");
        add_escaped(&trip.line, name, "\\|");
        want(&trip, "name", name);
        hn_buf_add_lit(&trip.line, "|5|");
        for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
            struct hn_text value = make_value(&trip, HN_TEXT("ab =\\|\"'\n\r\t/."), room);

            if (value.ptr[0] == '\\') /* could be the start of a path, see decode_cef.c */
                continue;
            hn_buf_addf(&trip.line, "%s=", keys[i]);
            add_escaped(&trip.line, value, "\\=");
            hn_buf_add_char(&trip.line, ' ');
            want(&trip, keys[i], value);
        }
        finish(&trip, "cef");
    }
    trip_deinit(&trip);
}

static void leef_is_read_back(void **state)
{
    static const char *const keys[] = { "src", "usrName", "url", "msg" };
    static const char delimiters[] = "^|;~\t#";
    struct trip trip;
    char room[VALUE_MAX];

    (void)state;
    trip_init(&trip);
    for (int round = 0; round < ROUNDS; round++) {
        char delimiter = delimiters[next_random(&trip, sizeof delimiters - 1)];

        if (next_random(&trip, 2) == 0)
            hn_buf_addf(&trip.line, "LEEF:2.0|Example|Wall|1|7|0x%02x|", (unsigned)delimiter);
        else
            hn_buf_addf(&trip.line, "LEEF:2.0|Example|Wall|1|7|%c|", delimiter);
        for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
            struct hn_text value = make_value(&trip, HN_TEXT("ab =\\\"'%\xFF:/."), room);

            if (i > 0)
                hn_buf_add_char(&trip.line, delimiter);
            hn_buf_addf(&trip.line, "%s=", keys[i]);
            hn_buf_add_text(&trip.line, value);
            want(&trip, keys[i], value);
        }
        finish(&trip, "leef");
    }
    trip_deinit(&trip);
}

static void kv_is_read_back(void **state)
{
    static const char *const keys[] = { "a", "user", "x.y", "msg", "z-1" };
    struct trip trip;
    char room[VALUE_MAX];

    (void)state;
    trip_init(&trip);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
            bool quoted = next_random(&trip, 2) == 0;
            struct hn_text alphabet =
                    quoted ? HN_TEXT("ab =\"\\\n\r,;\xFF") : HN_TEXT("ab=-./:\xE7\x81\xAB");
            struct hn_text value = make_value(&trip, alphabet, room);

            hn_buf_addf(&trip.line, "%s=%s", keys[i], quoted ? "\"" : "");
            add_escaped(&trip.line, value, quoted ? "\\\"" : "");
            hn_buf_addf(&trip.line, "%s ", quoted ? "\"" : "");
            want(&trip, keys[i], value);
        }
        finish(&trip, "kv");
    }
    trip_deinit(&trip);
}

static void structured_data_is_read_back(void **state)
{
    static const char *const names[] = { "x@32473.a", "x@32473.b", "y.c" };
    struct trip trip;
    char rooms[HN_COUNT_OF(names)][VALUE_MAX];

    (void)state;
    trip_init(&trip);
    for (int round = 0; round < ROUNDS; round++) {
        struct hn_text values[HN_COUNT_OF(names)];

        for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
            values[i] = make_value(&trip, HN_TEXT("ab \"\\][=<>\xE7\x81\xAB"), rooms[i]);
            want(&trip, names[i], values[i]);
        }
        hn_buf_add_lit(&trip.line, "<13>1 2026-11-23T01:02:03Z h app 1 ID [x@32473 a=\"");
        add_escaped(&trip.line, values[0], "\"\\]");
        hn_buf_add_lit(&trip.line, "\" b=\"");
        add_escaped(&trip.line, values[1], "\"\\]");
        hn_buf_add_lit(&trip.line, "\"][y c=\"");
        add_escaped(&trip.line, values[2], "\"\\]");
        hn_buf_add_lit(&trip.line, "\"] the message");
        want(&trip, "Message", HN_TEXT("the message"));
        want(&trip, "msgid", HN_TEXT("ID"));
        finish(&trip, "syslog");
    }
    trip_deinit(&trip);
}

/* The kernel quotes what is harmless and writes all else in hexadecimal. */
static void add_audit_value(struct hn_buf *line, struct hn_text value)
{
    bool harmless = true;

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        harmless = harmless && c > ' ' && c < 0x7F && c != '"';
    }
    if (harmless) {
        hn_buf_addf(line, "\"%.*s\"", HN_TEXT_ARG(value));
        return;
    }
    for (size_t i = 0; i < value.len; i++)
        hn_buf_addf(line, "%02X", (unsigned)(unsigned char)value.ptr[i]);
}

static void audit_values_are_read_back(void **state)
{
    static const char *const arguments[] = { "a0", "a1", "a2" };
    struct trip trip;
    char rooms[HN_COUNT_OF(arguments)][VALUE_MAX];
    char comm[VALUE_MAX];

    (void)state;
    trip_init(&trip);
    for (int round = 0; round < ROUNDS; round++) {
        struct hn_text name = make_value(&trip, HN_TEXT("AB09 \"'=\\\n\xFF"), comm);

        hn_buf_add_lit(&trip.line, "type=SYSCALL msg=audit(1795363323.123:7): arch=c000003e "
                                   "syscall=59 a0=1 a1=2 a2=3 comm=");
        add_audit_value(&trip.line, name);
        want(&trip, "comm", name);
        hn_buf_add_lit(&trip.line, "\ntype=EXECVE msg=audit(1795363323.123:7): argc=3");
        for (size_t i = 0; i < HN_COUNT_OF(arguments); i++) {
            struct hn_text value = make_value(&trip, HN_TEXT("AB09 \"'=\\\n\xFF"), rooms[i]);

            hn_buf_addf(&trip.line, " %s=", arguments[i]);
            add_audit_value(&trip.line, value);
            want(&trip, arguments[i], value);
        }
        finish(&trip, "auditd");
    }
    trip_deinit(&trip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cef_is_read_back),
        cmocka_unit_test(leef_is_read_back),
        cmocka_unit_test(kv_is_read_back),
        cmocka_unit_test(structured_data_is_read_back),
        cmocka_unit_test(audit_values_are_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
