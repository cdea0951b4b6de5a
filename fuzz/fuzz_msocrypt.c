/* fuzz: msocrypt support */
/* fuzz_msocrypt.c - encrypted Office documents.
 *
 * Oracle: bytes come out only where a password fits; what comes out of a binary document opens as a
 * compound file; what was encrypted with a password is given back by it. */
#include "msocrypt/msocrypt.h"
#include "support/crypt_writer.h"

#include <stdlib.h>

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

#define ROUND_TRIP_MAX 3000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Documents that ask for many rounds are right to take long; they would only slow this down. */
static bool is_slow(struct hn_text file)
{
    struct hn_text rest = file;
    size_t at;

    while ((at = hn_text_find(rest, HN_TEXT("spinCount"), 0)) != SIZE_MAX) {
        size_t digits = 0;

        rest = hn_text_sub(rest, at + 9, rest.len);
        for (size_t i = 0; i < 40 && i < rest.len; i++)
            digits += rest.ptr[i] >= '0' && rest.ptr[i] <= '9' ? 1 : 0;
        if (digits > 2)
            return true;
    }
    return false;
}

static struct msocrypt_result open_file(struct hn_arena *arena, struct hn_bytes file)
{
    const struct hn_text password = HN_TEXT_INIT("x");
    struct msocrypt_result result = { 0 };
    struct ole_file *ole;
    uint32_t names_odd;

    if (ole_open(arena, file, NULL, &ole, NULL) != HN_OK)
        return result;
    names_odd = ole_odd(ole) & OLE_ODD_TREE; /* names that stand there twice do so afterwards */
    CHECK(msocrypt_open(arena, ole, &password, 1, &result, NULL) == HN_OK);
    CHECK(result.opened || result.bytes.len == 0);
    CHECK(!result.opened || result.kind != MSOCRYPT_NONE);
    if (result.bytes.len > 0 && result.kind >= MSOCRYPT_XOR)
        CHECK(ole_open(arena, result.bytes, NULL, &ole, NULL) == HN_OK &&
                (ole_odd(ole) & ~names_odd) == 0);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes bytes = hn_bytes_of(data, size);
    struct msocrypt_result result;
    struct hn_buf file = { 0 };
    struct hn_arena arena;

    hn_arena_init(&arena, (size_t)256 << 20);
    if (!is_slow(hn_bytes_as_text(bytes)))
        (void)open_file(&arena, bytes);
    hn_arena_reset(&arena);
    if (size > ROUND_TRIP_MAX)
        bytes.len = ROUND_TRIP_MAX;
    if (size > 0) {
        crypt_writer_agile(&file, bytes, "x", data[0] % 2 == 0 ? "SHA1" : "SHA512",
                data[0] % 4 < 2 ? 128 : 256, data[0]);
        result = open_file(&arena, hn_text_as_bytes(hn_buf_text(&file)));
        CHECK(result.opened && !result.forged);
        CHECK(hn_text_eq(hn_bytes_as_text(result.bytes), hn_bytes_as_text(bytes)));
    }
    hn_buf_deinit(&file);
    hn_arena_deinit(&arena);
    return 0;
}
