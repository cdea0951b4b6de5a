/* fuzz: base */
/* fuzz_num.c - any text as a number and as an address.
 *
 * Oracle: what is read, written and read again is the same; reals are what strtod() makes of the
 * same digits; a network holds its own address. */
#include "base/ip.h"
#include "base/mem.h"
#include "base/num.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_real(struct hn_text text)
{
    char *copy = hn_malloc(text.len + 1);
    char out[32];
    double value = 0;
    double again = 0;

    assert(copy != NULL);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (hn_parse_real(text, &value)) {
        double expected = strtod(copy, NULL); /* NOLINT(cert-err34-c): its grammar is checked */

        assert(value == expected);
        if (value - value == 0) { /* finite */
            assert(hn_parse_real(hn_text_of(out, hn_real_write(value, out)), &again));
            assert(again == value);
        }
    }
    hn_free(copy);
}

static void check_integers(struct hn_text text)
{
    char digits[HN_U64_DIGITS_MAX];
    uint64_t u = 0;
    uint64_t back = 0;
    int64_t i = 0;
    uint32_t small = 0;

    if (hn_parse_u64(text, &u)) {
        assert(hn_parse_u64(hn_text_of(digits, hn_u64_write(u, digits)), &back) && back == u);
        assert(hn_parse_u32(text, &small) == (u <= UINT32_MAX));
        assert(hn_parse_i64(text, &i) == (u <= INT64_MAX));
    }
    (void)hn_parse_hex64(text, &u);
}

static void check_address(struct hn_text text)
{
    struct hn_buf buf = { 0 };
    struct hn_ip ip;
    struct hn_ip back;
    struct hn_cidr cidr;

    if (hn_ip_parse(text, &ip)) {
        hn_buf_add_ip(&buf, &ip);
        assert(hn_ip_parse(hn_buf_text(&buf), &back) && hn_ip_cmp(&ip, &back) == 0);
    }
    if (hn_cidr_parse(text, &cidr, NULL))
        assert(cidr.prefix_len <= 128 && hn_cidr_has(&cidr, &cidr.address));
    hn_buf_deinit(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));

    check_integers(text);
    if (size < 65536)
        check_real(text);
    check_address(text);
    return 0;
}
