/* fuzz: input */
/* fuzz_wire.c - what a taken-over worker may send: every message that is taken lies inside the
 * input, is complete, and written again gives the same bytes; a prefix of it is never taken. */
#include "input/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void same_header(const uint8_t *bytes, const struct wire_message *message)
{
    check(bytes[0] == message->kind && bytes[1] == message->finding);
    check(bytes[2] == 0 && bytes[3] == 0);
    for (size_t i = 0; i < 4; i++)
        check(bytes[4 + i] == (uint8_t)(message->payload.len >> (8 * i)));
    for (size_t i = 0; i < 8; i++)
        check(bytes[8 + i] == (uint8_t)(message->number >> (8 * i)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes rest = hn_bytes_of(data, size);
    bool in_entry = false;

    for (;;) {
        struct wire_message message = { .kind = WIRE_DONE };
        struct wire_message other = message;
        size_t took = wire_parse(rest, in_entry, &message);
        struct hn_text name;
        struct hn_text reason;

        if (took == 0 || took == SIZE_MAX)
            return 0;
        check(took <= rest.len && took == WIRE_HEADER_BYTES + message.payload.len);
        check(message.payload.ptr == rest.ptr + WIRE_HEADER_BYTES);
        check(wire_parse((struct hn_bytes){ rest.ptr, took - 1 }, in_entry, &other) == 0);
        same_header(rest.ptr, &message);
        if (message.kind == WIRE_FINDING && wire_split_finding(&message, &name, &reason))
            check(name.len + reason.len + 1 == message.payload.len);
        if (message.kind == WIRE_ENTRY || message.kind == WIRE_END)
            in_entry = message.kind == WIRE_ENTRY;
        rest.ptr += took;
        rest.len -= took;
    }
}
