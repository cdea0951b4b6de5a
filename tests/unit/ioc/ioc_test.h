/* ioc_test.h - sets from text and hits as text, for the tests of this module. */
#ifndef HN_TESTS_UNIT_IOC_IOC_TEST_H
#define HN_TESTS_UNIT_IOC_IOC_TEST_H

#include "base/mem.h"
#include "ioc/ioc_internal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

HN_UNUSED static struct ioc_report load_as(
        struct ioc_builder *builder, enum ioc_format format, const char *name, struct hn_text text)
{
    struct ioc_input input = {
        .name = hn_text_cstr(name), .bytes = hn_text_as_bytes(text), .format = format
    };
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

HN_UNUSED static void dump_text(const char *name, struct hn_text text, struct hn_buf *out)
{
    if (text.len > 0)
        hn_buf_addf(out, " %s=%.*s", name, HN_TEXT_ARG(text));
}

HN_UNUSED static void dump_time(const char *name, hn_time time, struct hn_buf *out)
{
    if (time != HN_TIME_NONE) {
        hn_buf_addf(out, " %s=", name);
        hn_buf_add_time(out, time, NULL);
    }
}

/* All listings of a set, a line each: type, value, and what else is known. */
HN_UNUSED static void dump(const struct ioc_set *set, struct hn_buf *out)
{
    struct ioc_stats stats;

    ioc_set_stats(set, &stats);
    for (uint32_t i = 0; i < stats.listings; i++) {
        struct ioc_indicator got;

        if (!ioc_set_get(set, i, &got))
            continue;
        hn_buf_addf(out, "%u %s ", got.line, ioc_type_name(got.type));
        ioc_set_write(set, i, false, out);
        if (got.port != 0)
            hn_buf_addf(out, " port=%u", got.port);
        if (got.role != IOC_ROLE_UNKNOWN)
            hn_buf_addf(out, " role=%s", ioc_role_name(got.role));
        if (got.confidence != IOC_CONFIDENCE_NONE)
            hn_buf_addf(out, " confidence=%u", got.confidence);
        dump_text("family", got.family, out);
        dump_text("tags", got.tags, out);
        dump_text("comment", got.comment, out);
        dump_text("reference", got.reference, out);
        dump_text("id", got.id, out);
        dump_time("first", got.first_seen, out);
        dump_time("last", got.last_seen, out);
        if (got.compromised)
            hn_buf_add_lit(out, " compromised");
        if (got.suppressed)
            hn_buf_add_lit(out, " suppressed");
        if (got.legitimate_host)
            hn_buf_add_lit(out, " legitimate-host");
        dump_text("warning", got.warning, out);
        hn_buf_add_char(out, '\n');
    }
}

/* The findings of a report, a line each: line, reason, start of what was refused. */
HN_UNUSED static void dump_findings(const struct ioc_report *report, struct hn_buf *out)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct ioc_finding *finding = &report->findings.ptr[i];

        hn_buf_addf(out, "%u %s %.*s\n", finding->line, ioc_reason_id(finding->reason),
                (int)finding->excerpt_len, finding->excerpt);
    }
}

/* Loads text as one file and compares listings, then findings, with what is wanted. */
HN_UNUSED static void expect_file(const struct ioc_options *options, struct ioc_input input,
        const char *wanted, const char *wanted_findings)
{
    struct ioc_builder *builder = ioc_builder_new(options);
    struct ioc_report report = { 0 };
    struct hn_err err = { 0 };
    struct hn_buf got = { 0 };
    struct hn_buf findings = { 0 };
    struct ioc_set *set;

    if (ioc_load(builder, &input, &report, &err) != HN_OK)
        fail_msg("%s", err.msg);
    set = seal_and_free(builder);
    dump(set, &got);
    dump_findings(&report, &findings);
    if (!hn_text_eq(hn_buf_text(&got), hn_text_cstr(wanted)))
        fail_msg("wanted:\n%s\ngot:\n%.*s\nfindings:\n%.*s", wanted, (int)got.len, got.ptr,
                (int)findings.len, findings.ptr);
    if (!hn_text_eq(hn_buf_text(&findings), hn_text_cstr(wanted_findings)))
        fail_msg("wanted findings:\n%s\ngot:\n%.*s", wanted_findings, (int)findings.len,
                findings.ptr);
    assert_int_equal(report.rejected + report.skipped, report.findings.count);
    ioc_report_deinit(&report);
    ioc_set_unref(set);
    hn_buf_deinit(&got);
    hn_buf_deinit(&findings);
}

HN_UNUSED static struct ioc_input file_of(const char *name, const char *text)
{
    return (struct ioc_input){ .name = hn_text_cstr(name),
        .bytes = hn_bytes_of(text, strlen(text)) };
}

/* Every prefix of a document is read to an end without a crash, in exact memory. */
HN_UNUSED static void read_every_prefix(enum ioc_format format, const char *text)
{
    for (size_t len = 0; len <= strlen(text); len++) {
        struct ioc_builder *builder = ioc_builder_new(NULL);
        char *exact = hn_malloc(len);
        struct ioc_input input = { .name = HN_TEXT("x"), .format = format };
        struct hn_err err = { 0 };

        assert_non_null(builder);
        assert_non_null(exact);
        memcpy(exact, text, len);
        input.bytes = hn_bytes_of(exact, len);
        if (ioc_load(builder, &input, NULL, &err) != HN_OK)
            assert_true(err.msg[0] != '\0');
        hn_free(exact);
        ioc_builder_free(builder);
    }
}

/* A small generator, the same on every run. */
HN_UNUSED static HN_WRAPS uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---- Random indicators, few enough to meet, and texts that hold some of them ---- */

HN_UNUSED static void random_name(struct hn_buf *out, uint64_t *seed)
{
    static const char *const labels[] = { "a", "b", "evil", "www", "x-1", "example", "test" };

    for (uint64_t n = next_random(seed) % 3; n > 0; n--) {
        hn_buf_add_cstr(out, labels[next_random(seed) % HN_COUNT_OF(labels)]);
        hn_buf_add_char(out, '.');
    }
    hn_buf_add_cstr(out, next_random(seed) % 2 != 0 ? "evil.example" : "some.test");
}

HN_UNUSED static void random_ip(struct hn_buf *out, uint64_t *seed)
{
    hn_buf_addf(out, "192.0.%u.%u", (unsigned)(next_random(seed) % 3),
            (unsigned)(next_random(seed) % 20));
}

HN_UNUSED static void random_indicator(struct hn_buf *out, uint64_t *seed)
{
    switch (next_random(seed) % 9) {
    case 0:
        random_name(out, seed);
        break;
    case 1:
        random_ip(out, seed);
        break;
    case 2:
        random_ip(out, seed);
        hn_buf_addf(out, "/%u", (unsigned)(20 + next_random(seed) % 13));
        break;
    case 3:
        hn_buf_addf(out, "http://");
        random_name(out, seed);
        hn_buf_addf(out, "/p%u/f.php", (unsigned)(next_random(seed) % 4));
        break;
    case 4:
        random_name(out, seed);
        hn_buf_addf(out, "/p%u", (unsigned)(next_random(seed) % 4));
        break;
    case 5:
        hn_buf_addf(out, "/p%u/f.php", (unsigned)(next_random(seed) % 4));
        break;
    case 6:
        hn_buf_addf(out, "aabbccddeeff0011223344556677880%x", (unsigned)(next_random(seed) % 16));
        break;
    case 7:
        hn_buf_addf(out, "u%u@", (unsigned)(next_random(seed) % 4));
        random_name(out, seed);
        break;
    default:
        hn_buf_addf(out, "tool%u.exe", (unsigned)(next_random(seed) % 6));
        break;
    }
}

HN_UNUSED static void random_text(struct hn_buf *out, uint64_t *seed)
{
    static const char *const glue[] = { " ", "/", "\\", ".", "-", "\"", "=", ",", "http://", ":",
        "@", "%2F", "?", "\n", "\t", "%3D", "u", "n", "\xE3\x81\xAB", "\xC3\xA9", "(", ":443", "x",
        "&" };

    for (uint64_t n = 1 + next_random(seed) % 6; n > 0; n--) {
        if (next_random(seed) % 2 != 0)
            random_indicator(out, seed);
        else
            hn_buf_add_cstr(out, glue[next_random(seed) % HN_COUNT_OF(glue)]);
    }
}

#endif
