/* fuzz: container */
/* fuzz_lnk.c - shortcuts ([MS-SHLLINK]): the oracle of container_fuzz.h. */
#include "container_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    container_fuzz(container_open_lnk, DISSECT_LNK, data, size);
    return 0;
}
