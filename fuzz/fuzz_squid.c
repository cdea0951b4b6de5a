/* fuzz: decode */
/* fuzz_squid.c - decode_oracle.h says what must hold. */
#include "decode_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "c-uri", "cs-uri", "cs-host", "c-uri-extension", "dst_ip",
        "c-useragent", "extra" };

    return oracle_run("squid", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
