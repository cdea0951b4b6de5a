/* test_utf.c - UTF-8 and UTF-16 judged and converted exactly; folding as Unicode's tables say. */
#include "base/enc.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utf.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

/* What table 3-7 of the Unicode standard allows, written as decode-and-compare: independent of the
 * ranges in utf.c. */
static size_t reference_len(const uint8_t *p, size_t len)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t need = p[0] < 0x80             ? 1
                  : (p[0] & 0xE0) == 0xC0 ? 2
                  : (p[0] & 0xF0) == 0xE0 ? 3
                  : (p[0] & 0xF8) == 0xF0 ? 4
                                          : 0;
    uint32_t c = need < 2 ? p[0] : p[0] & (0x7Fu >> need);

    if (need == 0 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (need > 1 && c < least[need])
        return 0;
    return c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0 : need;
}

static void check_decode(const uint8_t *bytes, size_t len)
{
    uint32_t c = 0;
    size_t expected = reference_len(bytes, len);

    assert_int_equal(hn_utf8_decode(hn_bytes_as_text(hn_bytes_of(bytes, len)), 0, &c), expected);
    for (size_t pos = expected; expected != 0 && pos < len; pos += expected)
        expected = reference_len(bytes + pos, len - pos);
    assert_int_equal(hn_utf8_valid(hn_bytes_of(bytes, len)), expected != 0);
}

/* Every sequence of one to three bytes, and those of four bytes at all edges, is judged as the
 * reference judges it; buffers are exact, so that a read past the end is seen. */
static void every_short_sequence_is_judged(void **state)
{
    static const uint8_t edges[] = { 0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF };
    uint8_t *one = hn_malloc(1);
    uint8_t *three = hn_malloc(3);
    uint8_t *four = hn_malloc(4);

    (void)state;
    for (unsigned v = 0; v < 256; v++) {
        one[0] = (uint8_t)v;
        check_decode(one, 1);
    }
    for (unsigned v = 0; v < 1u << 24; v += v < 0xC00000 ? 0x101 : 1) {
        three[0] = (uint8_t)(v >> 16);
        three[1] = (uint8_t)(v >> 8);
        three[2] = (uint8_t)v;
        if ((v & 0xFF) == 0)
            check_decode(three, 2);
        check_decode(three, 3);
    }
    for (unsigned first = 0xEE; first < 0x100; first++) {
        for (size_t k = 0; k < 1000; k++) {
            four[0] = (uint8_t)first;
            four[1] = edges[k / 100];
            four[2] = edges[k / 10 % 10];
            four[3] = edges[k % 10];
            for (size_t len = 1; len <= 4; len++)
                check_decode(four, len);
        }
    }
    hn_free(one);
    hn_free(three);
    hn_free(four);
}

/* Every code point goes through UTF-8 and both UTF-16 byte orders and comes back. */
static void every_code_point_comes_back(void **state)
{
    struct hn_buf utf16 = { 0 };
    struct hn_buf back = { 0 };

    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char utf8[4];
        struct hn_text text = { utf8, 0 };
        uint32_t decoded = 0;

        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        text.len = hn_utf8_encode(c, utf8);
        assert_int_equal(hn_utf8_decode(text, 0, &decoded), text.len);
        assert_int_equal(decoded, c);
        hn_buf_reset(&utf16);
        hn_buf_reset(&back);
        hn_utf8_to_utf16le(&utf16, text);
        assert_int_equal(utf16.len, c < 0x10000 ? 2 : 4);
        assert_true(hn_utf16le_to_utf8(&back, hn_text_as_bytes(hn_buf_text(&utf16))));
        assert_true(hn_text_eq(hn_buf_text(&back), text));
        hn_buf_reset(&back);
        hn_utf8_to_utf16be(&back, text);
        for (size_t i = 0; i < utf16.len; i++)
            assert_int_equal(utf16.ptr[i], back.ptr[i ^ 1]);
    }
    hn_buf_deinit(&utf16);
    hn_buf_deinit(&back);
}

static size_t reference_utf16(const uint8_t *p, size_t len, char *out, bool *ret_well_formed)
{
    size_t wrote = 0;
    bool good = len % 2 == 0;

    for (size_t i = 0; i + 1 < len; i += 2) {
        uint32_t c = (uint32_t)(p[i] | p[i + 1] << 8);
        uint32_t low = i + 3 < len ? (uint32_t)(p[i + 2] | p[i + 3] << 8) : 0;

        if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF));
            i += 2;
        } else if (c >= 0xD800 && c < 0xE000) {
            c = 0xFFFD;
            good = false;
        }
        wrote += hn_utf8_encode(c, out + wrote);
    }
    if (len % 2 != 0)
        wrote += hn_utf8_encode(0xFFFD, out + wrote);
    *ret_well_formed = good;
    return wrote;
}

/* UTF-16 of every length up to 70 bytes, mostly ASCII with stray surrogates between: the same as
 * from a plain loop, and never more than the room that the macro promises. */
static void utf16_of_all_lengths(void **state)
{
    static const uint16_t odd[] = { 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0x7F, 0x80, 0x7FF, 0x800,
        0xFFFF, 0xE9, 0 };
    struct check_random random = { 3 };

    (void)state;
    for (int round = 0; round < 40000; round++) {
        size_t len = (size_t)round % 71;
        uint8_t *in = hn_malloc(len);
        char *out = hn_malloc(HN_UTF16_TO_UTF8_ROOM(len));
        char expected[256];
        bool good;
        bool expected_good;
        size_t wrote;
        size_t expected_len;

        for (size_t i = 0; i < len; i++)
            in[i] = i % 2 == 0 ? (uint8_t)('a' + i % 26) : 0;
        for (uint32_t k = check_random_below(&random, 4); k > 0 && len > 1; k--) {
            uint16_t unit = odd[check_random_below(&random, HN_COUNT_OF(odd))];
            size_t at = 2 * (size_t)check_random_below(&random, (uint32_t)len / 2);

            in[at] = (uint8_t)unit;
            in[at + 1] = (uint8_t)(unit >> 8);
        }
        wrote = hn_utf16le_to_utf8_raw(hn_bytes_of(in, len), out, &good);
        expected_len = reference_utf16(in, len, expected, &expected_good);
        assert_int_equal(good, expected_good);
        assert_int_equal(wrote, expected_len);
        assert_memory_equal(out, expected, wrote);
        hn_free(in);
        hn_free(out);
    }
}

/* Repair replaces each ill-formed byte by U+FFFD, keeps the rest, and gives well-formed text. */
static void repair_gives_valid_text(void **state)
{
    struct check_random random = { 4 };
    struct hn_buf buf = { 0 };

    (void)state;
    assert_false(hn_utf8_repair(&buf, HN_TEXT("a\xFFz\xE3\x81")));
    check_buf(&buf, "a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_true(hn_utf8_repair(&buf, HN_TEXT("\xE7\x81\xAB\xE3\x81\xAE\xE8\xA6\x8B")));
    check_buf(&buf, "\xE7\x81\xAB\xE3\x81\xAE\xE8\xA6\x8B");
    for (int round = 0; round < 20000; round++) {
        char bytes[40];
        struct hn_text text = { bytes, check_random_below(&random, 41) };
        bool valid;

        for (size_t i = 0; i < text.len; i++)
            bytes[i] = (char)(check_random_below(&random, 3) == 0 ? check_random_next(&random)
                                                                  : 'a' + i % 26);
        valid = hn_utf8_valid(hn_text_as_bytes(text));
        hn_buf_reset(&buf);
        assert_int_equal(hn_utf8_repair(&buf, text), valid);
        assert_true(hn_utf8_valid(hn_text_as_bytes(hn_buf_text(&buf))));
        assert_int_equal(hn_utf8_count(hn_buf_text(&buf)), hn_utf8_count(text));
        if (valid)
            assert_true(hn_text_eq(hn_buf_text(&buf), text));
    }
    hn_buf_deinit(&buf);
}

/* ASCII is recognised, lowered and folded the same at every length and place around a vector. */
static void vector_edges(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 70; len++) {
        char *text = hn_malloc(len);
        char *out = hn_malloc(HN_FOLD_ROOM(len));

        for (size_t i = 0; i < len; i++)
            text[i] = (char)('@' + i % 28); /* '@', A..Z, '[' */
        assert_true(hn_is_ascii(hn_text_of(text, len)));
        assert_true(hn_utf8_valid(hn_bytes_of(text, len)));
        hn_lower_ascii(hn_text_of(text, len), out);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(out[i], text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
        assert_int_equal(hn_fold(hn_text_of(text, len), out), len);
        for (size_t i = 0; i < len; i++) {
            text[i] = (char)0x80;
            assert_false(hn_is_ascii(hn_text_of(text, len)));
            assert_false(hn_utf8_valid(hn_bytes_of(text, len)));
            assert_int_equal(hn_fold(hn_text_of(text, len), out), len); /* kept as it is */
            assert_int_equal((unsigned char)out[i], 0x80);
            text[i] = 'x';
        }
        hn_lower_ascii(hn_text_of(text, len), text); /* in place */
        hn_free(text);
        hn_free(out);
    }
}

/* Folding every code point is idempotent, stays within the promised room, and agrees between the
 * text and the code point function. */
static void folding_is_idempotent_and_fits(void **state)
{
    char in[8];
    char out[HN_FOLD_ROOM(8)];

    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        uint32_t folded = hn_fold_code_point(c);
        uint32_t back = 0;
        size_t len;
        size_t wrote;

        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        assert_int_equal(hn_fold_code_point(folded), folded);
        len = hn_utf8_encode(c, in);
        wrote = hn_fold(hn_text_of(in, len), out);
        assert_true(wrote * 2 <= len * 3);
        assert_int_equal(hn_utf8_decode(hn_text_of(out, wrote), 0, &back), wrote);
        assert_int_equal(back, folded);
    }
}

/* Code points whose simple folding everybody knows, and some where full folding would differ. */
static void known_foldings(void **state)
{
    static const uint32_t pairs[][2] = { { 'A', 'a' }, { '[', '[' }, { 0xB5, 0x3BC },
        { 0xC4, 0xE4 }, { 0xDF, 0xDF }, { 0x130, 0x130 }, { 0x17F, 's' }, { 0x1E9E, 0xDF },
        { 0x3A3, 0x3C3 }, { 0x3C2, 0x3C3 }, { 0x410, 0x430 }, { 0x13A0, 0x13A0 },
        { 0xAB70, 0x13A0 }, { 0x1F88, 0x1F80 }, { 0x212A, 'k' }, { 0xFF21, 0xFF41 },
        { 0x10400, 0x10428 }, { 0x1E900, 0x1E922 }, { 0x23A, 0x2C65 } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pairs); i++)
        assert_int_equal(hn_fold_code_point(pairs[i][0]), pairs[i][1]);
}

/* Every code point folds as Python's own Unicode tables say: str.casefold() where that is one
 * character, else lower() (the rule of CaseFolding.txt, status C and S). Only code points that
 * Python's version of Unicode knows are compared, since ours may know more or fewer. */
static void folding_equals_python(void **state)
{
    static const char program[] =
            "python3 -c \"\n"
            "import unicodedata\n"
            "for c in range(0x110000):\n"
            "    if 0xD800 <= c <= 0xDFFF or unicodedata.category(chr(c)) == 'Cn': continue\n"
            "    f = chr(c).casefold()\n"
            "    f = f if len(f) == 1 else chr(c).lower()\n"
            "    print('%x %x' % (c, ord(f) if len(f) == 1 else c))\n"
            "\" 2>/dev/null";
    FILE *pipe = popen(program, "r"); /* NOLINT(cert-env33-c): a fixed command in a test */
    char line[64];
    size_t count = 0;

    (void)state;
    if (pipe == NULL)
        skip();
    while (fgets(line, sizeof line, pipe) != NULL) {
        struct hn_text rest = hn_text_trim(hn_text_cstr(line));
        struct hn_text part;
        uint64_t from = 0;
        uint64_t to = 0;

        assert_true(hn_text_split(&rest, ' ', &part) && hn_parse_hex64(part, &from));
        assert_true(hn_parse_hex64(rest, &to));
        if (hn_fold_code_point((uint32_t)from) != to)
            print_error("U+%04X folds to U+%04X, not U+%04X\n", (unsigned)from,
                    (unsigned)hn_fold_code_point((uint32_t)from), (unsigned)to);
        assert_int_equal(hn_fold_code_point((uint32_t)from), to);
        count++;
    }
    (void)pclose(pipe);
    if (count == 0) {
        print_message("SKIPPED: python3 is not installed; known_foldings() checked a sample\n");
        skip();
    }
    assert_true(count > 140000);
}

/* Widths as terminals draw them. */
static void columns_of_scripts(void **state)
{
    (void)state;
    assert_int_equal(hn_utf8_columns(HN_TEXT("abc")), 3);
    assert_int_equal(hn_utf8_columns(HN_TEXT("\xE7\x81\xAB\xE3\x81\xAE\xE8\xA6\x8B")), 6);
    assert_int_equal(hn_utf8_columns(HN_TEXT("e\xCC\x81")), 1); /* combining acute */
    assert_int_equal(hn_utf8_columns(HN_TEXT("\xF0\x9F\x94\xA5")), 2);
    assert_int_equal(hn_utf8_columns(HN_TEXT("\xEF\xBD\xB1")), 1); /* half-width kana */
    assert_int_equal(hn_utf8_columns(HN_TEXT("\xFF\xFE")), 2);     /* shown as two U+FFFD */
}

/* A conversion without memory appends nothing and says so. */
static void failing_memory_is_reported(void **state)
{
    struct hn_buf buf = { 0 };

    (void)state;
    hn_mem_fail_from(1);
    assert_false(hn_utf16le_to_utf8(&buf, hn_bytes_of("a\0b", 4)));
    hn_utf8_to_utf16le(&buf, HN_TEXT("abc"));
    (void)hn_utf8_repair(&buf, HN_TEXT("abc"));
    hn_mem_fail_from(0);
    assert_int_equal(buf.status, HN_NOMEM);
    assert_int_equal(buf.len, 0);
    hn_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_sequence_is_judged),
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(utf16_of_all_lengths),
        cmocka_unit_test(repair_gives_valid_text),
        cmocka_unit_test(vector_edges),
        cmocka_unit_test(folding_is_idempotent_and_fits),
        cmocka_unit_test(known_foldings),
        cmocka_unit_test(folding_equals_python),
        cmocka_unit_test(columns_of_scripts),
        cmocka_unit_test(failing_memory_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
