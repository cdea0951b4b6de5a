/* ioc_fuzz.h - the oracle shared by the fuzz targets of indicator files.
 *
 * Whatever a file holds: the report's numbers add up, and each indicator taken, written as text, is
 * found in that text, by the prefilter as well as by the matcher. */
#ifndef HN_FUZZ_IOC_FUZZ_H
#define HN_FUZZ_IOC_FUZZ_H

#include "base/buf.h"
#include "ioc/ioc.h"

#include <stdio.h>
#include <stdlib.h>

HN_UNUSED static void check(bool holds)
{
    if (!holds)
        abort();
}

/* The same, showing the text that it does not hold for. */
HN_UNUSED static void check_text(bool holds, const char *what, struct hn_text text)
{
    if (holds)
        return;
    (void)fprintf(stderr, "%s: ", what);
    (void)fwrite(text.ptr, 1, text.len, stderr);
    (void)fputc('\n', stderr);
    abort();
}

HN_UNUSED static bool fuzz_stop(void *ctx, const struct ioc_hit *hit)
{
    (void)ctx;
    check(hit->len > 0 && hit->offset <= hit->value.len &&
            hit->len <= hit->value.len - hit->offset);
    return false;
}

HN_UNUSED static void check_report(const struct ioc_report *report)
{
    uint64_t by_type = 0;
    uint64_t refused = 0;

    for (unsigned i = 0; i < IOC_TYPE_COUNT; i++)
        by_type += report->accepted_by_type[i];
    for (unsigned i = 0; i < IOC_REASON_COUNT; i++)
        refused += report->by_reason[i];
    check(by_type == report->accepted);
    check(refused == report->rejected + report->skipped);
    check(report->findings.count <= refused);
}

/* The text of the listing in which it must be found: below a prefix, behind a separator. */
HN_UNUSED static void write_sample(const struct ioc_set *set, uint32_t index,
        const struct ioc_indicator *got, struct hn_buf *text)
{
    struct hn_buf plain = { 0 };

    ioc_set_write(set, index, false, &plain);
    check(plain.len > 0);
    hn_buf_reset(text);
    if (got->type == IOC_FILENAME)
        hn_buf_add_char(text, '\\');
    if (got->type == IOC_URL && hn_text_find(hn_buf_text(&plain), HN_TEXT("://"), 0) == SIZE_MAX)
        hn_buf_add_lit(text, "http://");
    hn_buf_add_text(text, hn_buf_text(&plain));
    hn_buf_deinit(&plain);
    if (got->prefix)
        text->ptr[text->len - 1] = 'x'; /* was the star */
}

HN_UNUSED static void check_listings(const struct ioc_set *set)
{
    struct hn_buf text = { 0 };
    struct ioc_stats stats;

    ioc_set_stats(set, &stats);
    for (uint32_t i = 0; i < stats.listings; i++) {
        struct ioc_indicator got;
        uint32_t hints = IOC_HINT_HOST;

        if (!ioc_set_get(set, i, &got) || got.suppressed || got.type == IOC_CIDR)
            continue;
        write_sample(set, i, &got, &text);
        if (got.type == IOC_PATH || got.type == IOC_URL)
            hints |= IOC_HINT_PATH;
        if (got.type == IOC_FILENAME)
            hints = 0;
        check_text(ioc_match_value(set, hn_buf_text(&text), hints, fuzz_stop, NULL) == 1,
                "not found again", hn_buf_text(&text));
        check_text(ioc_prefilter(set, hn_text_as_bytes(hn_buf_text(&text))), "dropped",
                hn_buf_text(&text));
    }
    hn_buf_deinit(&text);
}

HN_UNUSED static void fuzz_file(
        enum ioc_format format, struct hn_bytes bytes, struct hn_text columns)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_input input = {
        .name = HN_TEXT("fuzz.txt"), .bytes = bytes, .format = format, .columns = columns
    };
    struct ioc_report report = { 0 };
    struct ioc_set *set = NULL;

    check(builder != NULL);
    if (ioc_load(builder, &input, &report, NULL) == HN_OK)
        check_report(&report);
    check(ioc_seal(builder, &set, NULL) == HN_OK);
    check_listings(set);
    ioc_set_unref(set);
    ioc_report_deinit(&report);
    ioc_builder_free(builder);
}

#endif
