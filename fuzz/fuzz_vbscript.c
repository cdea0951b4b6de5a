/* fuzz: vbscript */
/* fuzz_vbscript.c - a script; vbscript_oracle.h says what must hold. */
#include "vbscript_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return oracle_run(SCRIPT_VBSCRIPT, data, size);
}
