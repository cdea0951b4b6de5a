/* fuzz: decode */
/* fuzz_syslog.c - decode_oracle.h and round_trip.h say what must hold. Joining aside: how a system
 * log is cut decides how long the records of an audit event are waited for. What messages carry is
 * read here too: PAN-OS (paloalto.c), Cisco, key=value, and CEF and LEEF with the devices they name
 * (devices.c). */
#include "decode_oracle.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct hn_text rest)
{
    static const char *const keys[] = { "x@32473.a", "x@32473.b" };
    static char rooms[HN_COUNT_OF(keys)][TRIP_BYTES_MAX];
    struct trip *trip = trip_begin();
    struct hn_text value;

    hn_buf_add_lit(&trip->line, "<13>1 2026-11-23T01:02:03Z h app 1 ID [x@32473");
    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        if (!trip_value(&rest, "\n\r", rooms[i], &value))
            continue;
        hn_buf_addf(&trip->line, " %c=\"", i == 0 ? 'a' : 'b');
        trip_escape(&trip->line, value, "\"\\]");
        hn_buf_add_char(&trip->line, '"');
        trip_want(trip, keys[i], value);
    }
    hn_buf_add_lit(&trip->line, "] the message");
    trip_want(trip, "Message", HN_TEXT("the message"));
    trip_end(trip, "syslog");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "hostname", "program", "user", "src_ip", "dst_port",
        "action", "CommandLine", "query", "c-uri", "Message" };
    struct hn_bytes in = hn_bytes_of(data, size);

    round_trip(hn_text_of((const char *)data, size));
    if (hn_text_find(hn_bytes_as_text(in), HN_TEXT("audit("), 0) == SIZE_MAX)
        return oracle_run("syslog", names, HN_COUNT_OF(names), in);
    return oracle_run_mixed("syslog", names, HN_COUNT_OF(names), in);
}
