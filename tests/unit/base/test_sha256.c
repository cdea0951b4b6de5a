/* Proves SHA-256 on the vectors of FIPS 180-4 and NIST's CAVP, at every length around a block, and
 * that pieces give what the whole gives. */
#include "base/sha256.h"

#include "support/check.h"

static void check_hex(struct hn_bytes bytes, const char *expected)
{
    char hex[HN_SHA256_HEX_LEN];

    hn_sha256_hex(bytes, hex);
    assert_memory_equal(hex, expected, sizeof hex);
}

static void knows_the_vectors(void **state)
{
    static char million[1000000];

    (void)state;
    check_hex(
            hn_bytes_of("", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_hex(hn_bytes_of("abc", 3),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_hex(hn_bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(million, 'a', sizeof million);
    check_hex(hn_bytes_of(million, sizeof million),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void pieces_give_the_same(void **state)
{
    uint8_t bytes[200];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        uint8_t whole[HN_SHA256_BYTES];
        uint8_t pieces[HN_SHA256_BYTES];
        struct hn_sha256 sha;

        hn_sha256_init(&sha);
        hn_sha256_add(&sha, bytes, len);
        hn_sha256_end(&sha, whole);
        hn_sha256_init(&sha);
        hn_sha256_add(&sha, bytes, len / 3);
        hn_sha256_add(&sha, bytes + len / 3, len - len / 3);
        hn_sha256_end(&sha, pieces);
        assert_memory_equal(whole, pieces, sizeof whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_vectors),
        cmocka_unit_test(pieces_give_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
