/* fuzz: container */
/* fuzz_pdf.c - PDF: the oracle of container_fuzz.h. */
#include "container_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    container_fuzz(container_open_pdf, DISSECT_PDF, data, size);
    return 0;
}
