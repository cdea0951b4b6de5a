/* fuzz_rtf.c - RTF documents. */
/* fuzz: office support */
#include "office_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dissect_free(office_fuzz_open(hn_bytes_of(data, size), DISSECT_RTF));
    return 0;
}
