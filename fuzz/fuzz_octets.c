/* fuzz: decode */
/* fuzz_octets.c - decode_oracle.h says what must hold; besides, messages that are framed by the
 * rules come out as they were put in, whatever they hold. */
#include "decode_oracle.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every part of the input between NULs as a message of its own. */
static void round_trip(struct hn_text rest)
{
    static char room[TRIP_BYTES_MAX];
    struct hn_buf framed = { 0 };
    struct case_options options = { .format = "syslog-octets", .joins = true };
    struct decode_case *c;
    struct decode_case *in_pieces;
    struct hn_text message;
    size_t count = 0;

    while (trip_value(&rest, "", room, &message) && count < 64) {
        if (hn_text_find(message, HN_TEXT("audit("), 0) != SIZE_MAX)
            break;
        hn_buf_addf(&framed, "%zu <13>%.*s", message.len + 4, HN_TEXT_ARG(message));
        count++;
    }
    options.schema = oracle_schema(&options, 0);
    c = case_run(&options, hn_text_as_bytes(hn_buf_text(&framed)));
    oracle_sound(c);
    oracle_check(c->count == count);
    oracle_check(c->findings[HN_FINDING_DAMAGED_RECORD] == 0);
    options.piece = 5;
    in_pieces = case_run(&options, hn_text_as_bytes(hn_buf_text(&framed)));
    oracle_same(c, in_pieces);
    case_free(in_pieces);
    case_free(c);
    hn_buf_deinit(&framed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "hostname", "program", "user", "src_ip", "CommandLine",
        "Message" };

    round_trip(hn_text_of((const char *)data, size));
    return oracle_run_mixed("syslog-octets", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
