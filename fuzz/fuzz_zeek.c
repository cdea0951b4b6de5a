/* fuzz: decode */
/* fuzz_zeek.c - decode_oracle.h says what must hold. */
#include "decode_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "query", "answers", "AA", "c-uri", "cs-uri-query",
        "src_ip", "ts", "extra" };

    return oracle_run("zeek", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
