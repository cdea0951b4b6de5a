/* fuzz: decode */
/* fuzz_csv.c - decode_oracle.h says what must hold. */
#include "decode_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "A", "Value", "EventID", "Message", "Image", "CommandLine",
        "c-uri", "extra", "Workload" };

    return oracle_run("csv", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
