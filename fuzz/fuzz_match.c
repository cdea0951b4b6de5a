/* fuzz: support match */
/* fuzz_match.c - bytes as rules and events (tests/support/match_case.h): the compiled engine fires
 * exactly where the interpreter does, and its evidence holds. */
#include "../tests/support/match_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!match_run_agrees(data, size, NULL))
        abort();
    return 0;
}
