/* fuzz: container */
/* fuzz_html.c - pages and the scripts in them: the oracle of container_fuzz.h. */
#include "container_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    container_fuzz(container_open_html, DISSECT_HTML, data, size);
    return 0;
}
