/* Proves that the digests are those of FIPS 180-4's examples, as bytes and as digits. */
#include "base/sha256.h"

#include "support/check.h"

static void known_digests(void **state)
{
    static const struct {
        struct hn_text text;
        const char *hex;
    } cases[] = {
        { HN_TEXT_INIT(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { HN_TEXT_INIT("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        uint8_t digest[HN_SHA256_BYTES];
        char hex[HN_SHA256_HEX_LEN];
        struct hn_buf written = { 0 };

        assert_true(hn_sha256(hn_text_as_bytes(cases[i].text), digest));
        hn_buf_add_hex(&written, digest, sizeof digest);
        check_buf(&written, cases[i].hex);
        assert_true(hn_sha256_hex(hn_text_as_bytes(cases[i].text), hex));
        assert_memory_equal(hex, cases[i].hex, sizeof hex);
        hn_buf_deinit(&written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(known_digests) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
