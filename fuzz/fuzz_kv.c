/* fuzz: decode */
/* fuzz_kv.c - decode_oracle.h and round_trip.h say what must hold. */
#include "decode_oracle.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct hn_text rest)
{
    static const char *const keys[] = { "a", "user", "x.y", "z-1" };
    static char rooms[HN_COUNT_OF(keys)][TRIP_BYTES_MAX];
    struct trip *trip = trip_begin();
    struct hn_text value;

    hn_buf_add_lit(&trip->line, "one=1 two=2 three=3");
    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        if (!trip_value(&rest, "", rooms[i], &value))
            continue;
        hn_buf_addf(&trip->line, " %s=\"", keys[i]);
        trip_escape(&trip->line, value, "\\\"");
        hn_buf_add_char(&trip->line, '"');
        trip_want(trip, keys[i], value);
    }
    trip_end(trip, "kv");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "src_ip", "dst_port", "username", "c-uri", "action",
        "type", "query", "Message" };

    round_trip(hn_text_of((const char *)data, size));
    return oracle_run("kv", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
