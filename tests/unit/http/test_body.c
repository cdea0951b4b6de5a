/* Proves that bodies unpack the same in any pieces, that every cut is noticed, and that neither
 * size nor ratio gets past its cap. */
#include "http/http_internal.h"

#include "support/check.h"

#include <zlib.h>
#include <zstd.h>

static const char *const codings[] = { "gzip", "deflate", "zstd" };

static struct hn_buf packed(const char *coding, struct hn_text plain)
{
    struct hn_buf out = { 0 };
    size_t room = plain.len + plain.len / 8 + 1024;

    assert_true(hn_buf_reserve(&out, room));
    if (strcmp(coding, "zstd") == 0) {
        out.len = ZSTD_compress(out.ptr, room, plain.ptr, plain.len, 1);
        assert_false(ZSTD_isError(out.len));
    } else {
        z_stream z = { .next_in = http_unconst(plain.ptr), .avail_in = (uInt)plain.len };

        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, strcmp(coding, "gzip") == 0 ? 31 : 15, 8,
                                 Z_DEFAULT_STRATEGY),
                Z_OK);
        z.next_out = (Bytef *)out.ptr;
        z.avail_out = (uInt)room;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        out.len = z.total_out;
        assert_int_equal(deflateEnd(&z), Z_OK);
    }
    return out;
}

/* The whole in pieces of this size. */
static enum hn_status unpack(
        const char *coding, struct hn_text in, size_t piece, size_t max, struct http_body *body)
{
    enum hn_status status = http_body_init(body, hn_text_cstr(coding), max);

    for (size_t at = 0; at < in.len && status == HN_OK; at += piece)
        status = http_body_feed(body, hn_text_as_bytes(hn_text_sub(in, at, piece)));
    return status == HN_OK ? http_body_end(body) : status;
}

static struct hn_buf lines(size_t count)
{
    struct hn_buf out = { 0 };

    for (size_t i = 0; i < count; i++)
        hn_buf_addf(&out, "{\"number\":%zu,\"square\":%zu}\n", i, i * i);
    return out;
}

static void any_pieces_give_the_same(void **state)
{
    static const size_t pieces[] = { 1, 7, 4096, SIZE_MAX / 2 };
    struct hn_buf plain = lines(3000);

    (void)state;
    for (size_t c = 0; c < HN_COUNT_OF(codings); c++) {
        struct hn_buf small = packed(codings[c], hn_buf_text(&plain));

        for (size_t p = 0; p < HN_COUNT_OF(pieces); p++) {
            struct http_body body = { 0 };

            assert_int_equal(
                    unpack(codings[c], hn_buf_text(&small), pieces[p], 1 << 20, &body), HN_OK);
            assert_true(hn_text_eq(hn_buf_text(&body.bytes), hn_buf_text(&plain)));
            http_body_deinit(&body);
        }
        hn_buf_deinit(&small);
    }
    hn_buf_deinit(&plain);
}

/* A packed body that ends anywhere before its end is refused; none is taken for the whole. */
static void every_cut_is_noticed(void **state)
{
    struct hn_buf plain = lines(5);

    (void)state;
    for (size_t c = 0; c < HN_COUNT_OF(codings); c++) {
        struct hn_buf small = packed(codings[c], hn_buf_text(&plain));

        for (size_t len = 1; len < small.len; len++) {
            struct http_body body = { 0 };
            enum hn_status status =
                    unpack(codings[c], hn_text_of(small.ptr, len), 64, 1 << 20, &body);

            if (status != HN_TRUNCATED && status != HN_CORRUPT)
                fail_msg("%s cut at %zu of %zu: %d", codings[c], len, small.len, (int)status);
            http_body_deinit(&body);
        }
        hn_buf_deinit(&small);
    }
    hn_buf_deinit(&plain);
}

static void caps_hold(void **state)
{
    struct hn_buf zeros = { 0 };
    struct hn_buf plain = lines(100);
    struct http_body body = { 0 };

    (void)state;
    hn_buf_add_repeat(&zeros, '0', (size_t)8 << 20);
    for (size_t c = 0; c < HN_COUNT_OF(codings); c++) {
        struct hn_buf bomb = packed(codings[c], hn_buf_text(&zeros));
        struct hn_buf small = packed(codings[c], hn_buf_text(&plain));

        /* within the size, but packed too well */
        assert_int_equal(
                unpack(codings[c], hn_buf_text(&bomb), 512, (size_t)64 << 20, &body), HN_LIMIT);
        assert_true(body.bytes.len <= HTTP_RATIO_FROM + (64 << 10));
        http_body_deinit(&body);
        assert_int_equal(
                unpack(codings[c], hn_buf_text(&small), 64, plain.len - 1, &body), HN_LIMIT);
        http_body_deinit(&body);
        assert_int_equal(unpack(codings[c], hn_buf_text(&small), 64, plain.len, &body), HN_OK);
        http_body_deinit(&body);
        hn_buf_deinit(&bomb);
        hn_buf_deinit(&small);
    }
    assert_int_equal(unpack("", hn_buf_text(&plain), 10, plain.len - 1, &body), HN_LIMIT);
    http_body_deinit(&body);
    assert_int_equal(unpack("", HN_TEXT("x"), 1, 0, &body), HN_LIMIT);
    http_body_deinit(&body);
    assert_int_equal(http_body_init(&body, HN_TEXT("br"), 1), HN_UNSUPPORTED);
    assert_int_equal(http_body_init(&body, HN_TEXT("gzip, gzip"), 1), HN_UNSUPPORTED);
    hn_buf_deinit(&zeros);
    hn_buf_deinit(&plain);
}

static void members_follow_each_other(void **state)
{
    struct hn_buf two = packed("gzip", HN_TEXT("one "));
    struct hn_buf second = packed("gzip", HN_TEXT("two"));
    struct http_body body = { 0 };

    (void)state;
    hn_buf_add_text(&two, hn_buf_text(&second));
    for (size_t piece = 1; piece < 40; piece++) {
        assert_int_equal(unpack("gzip", hn_buf_text(&two), piece, 100, &body), HN_OK);
        check_text(hn_buf_text(&body.bytes), "one two");
        http_body_deinit(&body);
    }
    hn_buf_add_char(&two, 'x');
    assert_int_not_equal(unpack("gzip", hn_buf_text(&two), 1000, 100, &body), HN_OK);
    http_body_deinit(&body);
    hn_buf_deinit(&two);
    hn_buf_deinit(&second);
}

static void every_failing_allocation_is_told(void **state)
{
    struct hn_buf plain = lines(3000);

    (void)state;
    for (size_t c = 0; c < 2; c++) { /* libzstd has its own heap */
        struct hn_buf small = packed(codings[c], hn_buf_text(&plain));
        bool failed = true;

        for (uint64_t n = 1; failed; n++) {
            struct http_body body = { 0 };
            enum hn_status status;

            assert_true(n < 1000);
            hn_mem_fail_from(n);
            status = unpack(codings[c], hn_buf_text(&small), 512, 1 << 20, &body);
            failed = hn_mem_fail_hits() > 0;
            hn_mem_fail_from(0);
            assert_int_equal(status, failed ? HN_NOMEM : HN_OK);
            http_body_deinit(&body);
        }
        hn_buf_deinit(&small);
    }
    hn_buf_deinit(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_pieces_give_the_same),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(caps_hold),
        cmocka_unit_test(members_follow_each_other),
        cmocka_unit_test(every_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
