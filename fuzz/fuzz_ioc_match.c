/* fuzz_ioc_match.c - a list, an empty line, a text: the hits of the whole set are the hits of its
 * indicators one by one, every hit lies in the text, and the prefilter lets the text pass, plain
 * and with JSON's escapes. */
/* fuzz: ioc */
#include "base/escape.h"
#include "base/utf.h"
#include "ioc_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LISTED_MAX 24
#define TEXT_MAX   2048

struct tally {
    const struct ioc_set *set;
    uint32_t hits;
    uint64_t sum;
};

static HN_WRAPS bool add_hit(void *ctx, const struct ioc_hit *hit)
{
    struct tally *tally = ctx;
    struct hn_buf line = { 0 };

    check(hit->len > 0 && hit->offset <= hit->value.len &&
            hit->len <= hit->value.len - hit->offset);
    ioc_set_write(tally->set, hit->index, false, &line);
    hn_buf_addf(&line, " %u %u %u", (unsigned)hit->how, hit->offset, hit->len);
    tally->hits++;
    tally->sum += hn_hash_text(hn_buf_text(&line), 0);
    hn_buf_deinit(&line);
    return true;
}

static struct ioc_set *set_of(struct hn_text list)
{
    struct ioc_input input = {
        .name = HN_TEXT("f"), .bytes = hn_text_as_bytes(list), .format = IOC_FORMAT_LIST_PLAIN
    };
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_set *set = NULL;

    check(builder != NULL);
    check(ioc_load(builder, &input, NULL, NULL) == HN_OK);
    check(ioc_seal(builder, &set, NULL) == HN_OK);
    ioc_builder_free(builder);
    return set;
}

/* One line per different indicator that is not suppressed. */
static unsigned singles_of(const struct ioc_set *set, struct ioc_set *ret_singles[LISTED_MAX])
{
    struct hn_buf line = { 0 };
    struct ioc_stats stats;
    unsigned count = 0;

    ioc_set_stats(set, &stats);
    for (uint32_t i = 0; i < stats.listings && count < LISTED_MAX; i++) {
        struct ioc_builder *builder;
        struct ioc_indicator got;

        if (!ioc_set_get(set, i, &got))
            continue;
        hn_buf_reset(&line);
        ioc_set_write(set, i, false, &line);
        builder = ioc_builder_new(NULL);
        check(builder != NULL && ioc_add(builder, hn_buf_text(&line), &got, NULL, NULL) == HN_OK);
        check(ioc_seal(builder, &ret_singles[count++], NULL) == HN_OK);
        ioc_builder_free(builder);
    }
    hn_buf_deinit(&line);
    return count;
}

static void check_prefilter(const struct ioc_set *set, struct hn_text text)
{
    struct hn_buf json = { 0 };

    check_text(ioc_prefilter(set, hn_text_as_bytes(text)), "dropped", text);
    if (hn_utf8_valid(hn_text_as_bytes(text))) {
        hn_json_string(&json, text);
        check_text(ioc_prefilter(set, hn_text_as_bytes(hn_buf_text(&json))), "dropped",
                hn_buf_text(&json));
    }
    hn_buf_deinit(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text all = hn_bytes_as_text(hn_bytes_of(data, size));
    size_t gap = hn_text_find(all, HN_TEXT("\n\n"), 0);
    struct hn_text text = hn_text_sub(all, gap == SIZE_MAX ? all.len : gap + 2, TEXT_MAX);
    struct ioc_set *singles[LISTED_MAX];
    struct ioc_set *set = set_of(hn_text_sub(all, 0, gap == SIZE_MAX ? 0 : gap));
    struct tally linear = { 0 };
    struct tally whole = { .set = set };
    struct ioc_stats stats;
    uint32_t hints = text.len > 0 ? (unsigned char)text.ptr[0] % 16u : 0;
    unsigned count;

    ioc_set_stats(set, &stats);
    if (stats.listings <= LISTED_MAX) {
        (void)ioc_match_value(set, text, hints, add_hit, &whole);
        count = singles_of(set, singles);
        for (unsigned i = 0; i < count; i++) {
            linear.set = singles[i];
            (void)ioc_match_value(singles[i], text, hints, add_hit, &linear);
            ioc_set_unref(singles[i]);
        }
        check_text(whole.hits == linear.hits && whole.sum == linear.sum, "one by one differs", all);
        if (whole.hits > 0)
            check_prefilter(set, text);
    }
    ioc_set_unref(set);
    return 0;
}
