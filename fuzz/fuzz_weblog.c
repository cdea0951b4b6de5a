/* fuzz: decode */
/* fuzz_weblog.c - decode_oracle.h says what must hold. */
#include "decode_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "cs-uri-query", "cs-uri", "cs-user-agent", "Message",
        "c-ip", "request", "extra" };

    return oracle_run("weblog", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
