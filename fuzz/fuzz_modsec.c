/* fuzz: decode */
/* fuzz_modsec.c - decode_oracle.h says what must hold. */
#include "decode_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "id", "tag", "Message", "cs-uri-query", "request_body",
        "unique_id" };

    return oracle_run("modsec", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
