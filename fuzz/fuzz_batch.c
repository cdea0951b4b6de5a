/* fuzz: intake */
/* fuzz_batch.c - a record of the journal as a batch: what is read is written again as the same
 * bytes, and what is refused leaves the output alone. */
#include "intake/intake.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct intake_batch batch = { .line = 7 };
    struct hn_buf again = { 0 };
    enum hn_status status = intake_batch_read(hn_bytes_of(data, size), &batch, NULL);

    if (status != HN_OK) {
        check(status == HN_TRUNCATED || status == HN_CORRUPT);
        check(batch.line == 7 && batch.body.ptr == NULL);
        return 0;
    }
    intake_batch_write(&batch, &again);
    check(hn_buf_ok(&again) && again.len == size && memcmp(again.ptr, data, size) == 0);
    hn_buf_deinit(&again);
    return 0;
}
