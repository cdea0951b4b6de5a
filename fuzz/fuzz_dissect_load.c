/* fuzz_dissect_load.c - what a worker that was taken over sends: refused, or a sound tree that is
 * saved as the same bytes. The first byte is the length of the sample, which follows. */
/* fuzz: dissect */
#include "dissect/dissect.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dissect *dissect = NULL;
    struct hn_buf again = { 0 };
    struct hn_bytes sample;
    struct hn_bytes saved;

    if (size == 0 || data[0] > size - 1)
        return 0;
    sample = hn_bytes_of(data + 1, data[0]);
    saved = hn_bytes_of(data + 1 + data[0], size - 1 - data[0]);
    if (dissect_load(saved, sample, NULL, &dissect, NULL) != HN_OK)
        return 0;
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        if (dissect_get(dissect, id)->parent != DISSECT_NONE &&
                dissect_get(dissect, id)->parent >= id)
            abort();
    }
    dissect_save(dissect, DISSECT_KEEP_ALL, &again);
    if (again.len != saved.len || memcmp(again.ptr, saved.ptr, saved.len) != 0)
        abort();
    hn_buf_deinit(&again);
    dissect_free(dissect);
    return 0;
}
