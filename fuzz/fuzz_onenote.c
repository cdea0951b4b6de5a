/* fuzz: container */
/* fuzz_onenote.c - OneNote sections: the oracle of container_fuzz.h. */
#include "container_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    container_fuzz(container_open_onenote, DISSECT_ONENOTE, data, size);
    return 0;
}
