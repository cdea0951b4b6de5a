/* fuzz: arclock */
/* fuzz_arclock.c - encrypted archives opened with passwords: what comes out of rar 5 is not
 * encrypted any more but for what no password fits, it is hardly larger than what went in, opening
 * it once more finds nothing to do, work stays within what was allowed, and the same bytes give the
 * same archive twice. */
#include "arclock/arclock.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROUNDS_MAX 200000u

static void check(bool condition)
{
    if (!condition)
        abort();
}

static bool spend(void *ctx, uint64_t rounds)
{
    uint64_t *spent = ctx;

    if (rounds > ROUNDS_MAX - *spent)
        return false;
    *spent += rounds;
    return true;
}

/* A packed header is believed to be stored: what stands behind the start header. */
static bool unpack(void *ctx, struct hn_bytes archive, struct hn_buf *ret)
{
    (void)ctx;
    check(archive.len >= 32);
    hn_buf_add(ret, archive.ptr + 32, archive.len - 32);
    return hn_buf_ok(ret);
}

static bool verify(void *ctx, struct hn_bytes archive)
{
    (void)ctx;
    return archive.len % 2 == 0;
}

static enum hn_status run(struct hn_bytes in, struct arclock_result *ret)
{
    static const struct hn_text passwords[] = { HN_TEXT_INIT("wrong"), HN_TEXT_INIT("secret") };
    uint64_t spent = 0;
    struct arclock_ask ask = { .passwords = passwords,
        .password_count = 2,
        .spend = spend,
        .unpack = unpack,
        .verify = verify,
        .ctx = &spent };
    enum hn_status status = arclock_open(in, &ask, ret, NULL);

    check(spent <= ROUNDS_MAX);
    check(status != HN_OK || ret->password.ptr == passwords[0].ptr ||
            ret->password.ptr == passwords[1].ptr);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes in = hn_bytes_of(data, size);
    struct arclock_result first;
    struct arclock_result second;
    enum hn_status status = run(in, &first);
    struct hn_bytes out = hn_text_as_bytes(hn_buf_text(&first.archive));

    check(run(in, &second) == status);
    check(status != HN_OK || hn_text_eq(hn_buf_text(&first.archive), hn_buf_text(&second.archive)));
    arclock_result_deinit(&second);
    if (status == HN_OK) {
        check(out.len > 0 && out.len <= 3 * size + 4096);
        check(first.locked > 0 || !arclock_is_locked_rar5(out));
        if (first.locked == 0) {
            enum hn_status again = run(out, &second);

            check(again != HN_OK);
            arclock_result_deinit(&second);
        }
    }
    arclock_result_deinit(&first);
    return 0;
}
