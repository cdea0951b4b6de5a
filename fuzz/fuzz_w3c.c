/* fuzz: decode */
/* fuzz_w3c.c - decode_oracle.h says what must hold. */
#include "decode_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "c-uri", "cs-uri-query", "cs-uri", "c-useragent",
        "cs-user-agent", "cs-host", "src_ip", "extra" };

    return oracle_run("w3c", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
