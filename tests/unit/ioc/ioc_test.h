/* ioc_test.h - sets from text and hits as text, for the tests of this module. */
#ifndef HN_TESTS_UNIT_IOC_IOC_TEST_H
#define HN_TESTS_UNIT_IOC_IOC_TEST_H

#include "base/mem.h"
#include "ioc/ioc_internal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

HN_UNUSED static struct ioc_report load_as(struct ioc_builder *builder, enum ioc_format format,
        const char *name, struct hn_text text)
{
    struct ioc_input input = { .name = hn_text_cstr(name),
        .bytes = hn_text_as_bytes(text),
        .format = format };
    struct ioc_report report = { 0 };
    struct hn_err err = { 0 };

    if (ioc_load(builder, &input, &report, &err) != HN_OK)
        fail_msg("%s: %s", name, err.msg);
    return report;
}

HN_UNUSED static struct ioc_set *seal_and_free(struct ioc_builder *builder)
{
    struct ioc_set *set = NULL;

    assert_int_equal(ioc_seal(builder, &set, NULL), HN_OK);
    ioc_builder_free(builder);
    return set;
}

/* The set of a plain list. */
HN_UNUSED static struct ioc_set *set_of(const char *lines)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_report report;

    assert_non_null(builder);
    report = load_as(builder, IOC_FORMAT_LIST_PLAIN, "test.txt", hn_text_cstr(lines));
    ioc_report_deinit(&report);
    return seal_and_free(builder);
}

struct hit_text {
    const struct ioc_set *set;
    char text[4096];
    size_t len;
};

HN_UNUSED static bool write_hit(void *ctx, const struct ioc_hit *hit)
{
    struct hit_text *out = ctx;
    struct hn_buf buf = ioc_fixed_buf(out->text, sizeof out->text - 1);

    assert_true(hit->len <= hit->value.len && hit->offset <= hit->value.len - hit->len);
    assert_true(hit->len > 0);
    buf.len = out->len;
    if (buf.len > 0)
        hn_buf_add_char(&buf, '\n');
    hn_buf_add_cstr(&buf, ioc_how_name(hit->how));
    hn_buf_add_char(&buf, ' ');
    ioc_set_write(out->set, hit->index, false, &buf);
    hn_buf_add_lit(&buf, " at ");
    hn_buf_add(&buf, hit->value.ptr + hit->offset, hit->len);
    if (hit->field.len > 0) {
        hn_buf_add_lit(&buf, " in ");
        hn_buf_add_text(&buf, hit->field);
    }
    assert_true(hn_buf_ok(&buf));
    out->len = buf.len;
    return true;
}

/* The hits in value as lines "how indicator at matched text". */
HN_UNUSED static const char *hits_in(
        const struct ioc_set *set, struct hn_text value, uint32_t hints)
{
    static struct hit_text out;

    out.set = set;
    out.len = 0;
    (void)ioc_match_value(set, value, hints, write_hit, &out);
    out.text[out.len] = '\0';
    if (out.len > 0) /* the scanner must let pass what matches */
        assert_true(ioc_prefilter(set, hn_text_as_bytes(value)));
    return out.text;
}

HN_UNUSED static void expect(
        const struct ioc_set *set, const char *value, uint32_t hints, const char *wanted)
{
    const char *hits = hits_in(set, hn_text_cstr(value), hints);

    if (strcmp(hits, wanted) != 0)
        fail_msg("in \"%s\"\nwanted: %s\ngot:    %s", value, wanted, hits);
}

/* A small generator, the same on every run. */
HN_UNUSED static HN_WRAPS uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
