/* fuzz: intake */
/* fuzz_intake_state.c - hostile states of the intake, as they are and with the checksum that fits.
 *
 * Oracle: refused with a status, and the intake knows nothing; or taken up, and saved again it is
 * the same bytes. */
#include "intake/intake_internal.h"

#include <stdlib.h>

#define MAGIC 0x53494E48u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void put(struct hn_buf *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(uint8_t)(value >> 8 * i));
}

static void wrap(struct hn_buf *out, struct hn_bytes body)
{
    struct hn_digest digest = hn_digest_of(body.ptr, body.len);

    put(out, MAGIC, 4);
    put(out, 1, 4);
    put(out, body.len, 8);
    put(out, digest.high, 8);
    put(out, digest.low, 8);
    hn_buf_add(out, body.ptr, body.len);
}

/* No batch is handed in, so no journal is needed; its limit is all that is asked of it. */
static struct intake *intake_alone(void)
{
    struct intake *intake = hn_calloc(1, sizeof *intake);

    must(intake != NULL);
    (void)pthread_mutex_init(&intake->lock, NULL);
    (void)pthread_cond_init(&intake->idle, NULL);
    return intake;
}

static void try_state(struct hn_bytes in)
{
    struct intake *intake = intake_alone();
    struct hn_buf again = { 0 };
    uint64_t from = 0;

    if (intake_restore(intake, in, &from, NULL) == HN_OK) {
        must(from == intake->settled);
        intake_save(intake, &again);
        must(hn_buf_ok(&again) && again.len == in.len);
        must(memcmp(again.ptr, in.ptr, in.len) == 0);
    } else {
        must(intake->keys.count == 0 && intake->streams.count == 0 && intake->settled == 0);
    }
    hn_buf_deinit(&again);
    intake_free(intake);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes in = hn_bytes_of(data, size);
    struct hn_buf wrapped = { 0 };

    try_state(in);
    wrap(&wrapped, in);
    try_state(hn_text_as_bytes(hn_buf_text(&wrapped)));
    hn_buf_deinit(&wrapped);
    return 0;
}
