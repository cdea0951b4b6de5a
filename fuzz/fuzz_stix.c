/* fuzz_stix.c - STIX bundles and patterns: the report adds up and each indicator taken is found
 * again. */
/* fuzz: ioc */
#include "ioc_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file(IOC_FORMAT_STIX, hn_bytes_of(data, size), HN_TEXT(""));
    return 0;
}
