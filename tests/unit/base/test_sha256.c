/* Proves the digests of FIPS 180-4's examples and of lengths around the ends of blocks. */
#include "base/sha256.h"

#include "support/check.h"

static void check_digest(struct hn_text text, const char *expected)
{
    uint8_t digest[HN_SHA256_BYTES];
    struct hn_buf hex = { 0 };

    hn_sha256(hn_text_as_bytes(text), digest);
    hn_buf_add_hex(&hex, digest, sizeof digest);
    check_buf(&hex, expected);
    hn_buf_deinit(&hex);
}

static void digests_known_texts(void **state)
{
    (void)state;
    check_digest(HN_TEXT(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_digest(
            HN_TEXT("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_digest(HN_TEXT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* The padding takes one block up to 55 bytes behind the last whole block, two from 56 on. */
static void digests_at_ends_of_blocks(void **state)
{
    static const struct {
        size_t len;
        const char *digest;
    } cases[] = {
        { 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
        { 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
        { 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
        { 120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c" },
    };
    char text[120];

    (void)state;
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        check_digest(hn_text_of(text, cases[i].len), cases[i].digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_known_texts),
        cmocka_unit_test(digests_at_ends_of_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
