/* fuzz: decode */
/* fuzz_auditd.c - decode_oracle.h and round_trip.h say what must hold; besides, no record may get
 * lost: each line that is one is part of exactly one event, whatever the limits. */
#include "decode_oracle.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The kernel quotes what is harmless and writes all else in hexadecimal. */
static void add_value(struct hn_buf *line, struct hn_text value)
{
    bool harmless = true;

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        harmless = harmless && c > ' ' && c < 0x7F && c != '"';
    }
    if (harmless)
        hn_buf_addf(line, "\"%.*s\"", HN_TEXT_ARG(value));
    for (size_t i = 0; i < value.len && !harmless; i++)
        hn_buf_addf(line, "%02X", (unsigned)(unsigned char)value.ptr[i]);
}

static void round_trip(struct hn_text rest)
{
    static const char *const keys[] = { "a0", "a1", "a2" };
    static char rooms[HN_COUNT_OF(keys)][TRIP_BYTES_MAX];
    static const char head[] = "type=SYSCALL msg=audit(1795363323.123:7): arch=c000003e syscall=59 "
                               "a0=1 a1=2 a2=3\ntype=EXECVE msg=audit(1795363323.123:7): argc=3";
    struct trip *trip = trip_begin();
    struct hn_text value;

    hn_buf_add_cstr(&trip->line, head);
    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        if (!trip_value(&rest, "", rooms[i], &value))
            return; /* without an argument its register shows */
        hn_buf_addf(&trip->line, " %s=", keys[i]);
        add_value(&trip->line, value);
        trip_want(trip, keys[i], value);
    }
    trip_end(trip, "auditd");
}

static bool count_lines(void *ctx, struct hn_event *event)
{
    size_t *lines = ctx;

    (*lines)++;
    for (size_t i = 0; i < event->raw.len; i++)
        *lines += event->raw.ptr[i] == '\n' ? 1 : 0;
    return true;
}

/* How many lines of the input stand in events, with so many events open at a time. */
static size_t lines_in_events(struct hn_bytes in, uint32_t open_max)
{
    const struct decode_options options = { .limits = { .event_bytes_max = (size_t)1 << 20,
                                                    .join_events_max = open_max } };
    struct trip *trip = trip_begin();
    size_t lines = 0;
    const struct decode_sink sink = { .on_event = count_lines, .ctx = &lines };

    oracle_check(decode_all(decode_format_find(HN_TEXT("auditd")), &options, in, &trip->event,
                         &sink) == HN_OK);
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "a0", "name", "key", "type", "CommandLine", "Image",
        "TargetFilename", "DestinationIp", "SYSCALL", "Message" };
    struct hn_bytes in = hn_bytes_of(data, size);

    round_trip(hn_text_of((const char *)data, size));
    /* An end mark is dropped where its event has ended, which depends on how many are open. */
    if (hn_text_find(hn_bytes_as_text(in), HN_TEXT("EOE"), 0) == SIZE_MAX &&
            hn_text_find(hn_bytes_as_text(in), HN_TEXT("1320"), 0) == SIZE_MAX)
        oracle_check(lines_in_events(in, 1) == lines_in_events(in, 1000));
    return oracle_run_joining("auditd", names, HN_COUNT_OF(names), in);
}
