/* fuzz: decode */
/* fuzz_leef.c - decode_oracle.h and round_trip.h say what must hold. */
#include "decode_oracle.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct hn_text rest)
{
    static const char *const keys[] = { "src", "usrName", "url", "msg" };
    static char rooms[HN_COUNT_OF(keys)][TRIP_BYTES_MAX];
    struct trip *trip = trip_begin();
    struct hn_text value;

    hn_buf_add_lit(&trip->line, "LEEF:2.0|Example|Wall|1|7|0x5e|");
    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        if (!trip_value(&rest, "^\n\r", rooms[i], &value))
            continue;
        hn_buf_addf(&trip->line, "%s=%.*s^", keys[i], HN_TEXT_ARG(value));
        trip_want(trip, keys[i], value);
    }
    trip_end(trip, "leef");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "src_ip", "dst_port", "username", "c-uri", "action",
        "eventId", "Message" };

    round_trip(hn_text_of((const char *)data, size));
    return oracle_run("leef", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
