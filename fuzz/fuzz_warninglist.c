/* fuzz_warninglist.c - warning lists over a fixed feed: they only ever take hits away, suppressed
 * indicators never hit, and all others do. */
/* fuzz: ioc */
#include "ioc_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char feed[] =
        "evil.example\nwww.a.example\nb.c.example\n192.0.2.1\n198.51.100.0/24\n"
        "2001:db8::1\nhttp://evil.example/a/b.php\nc.example/x\nhttp://192.0.2.9\n"
        "user@a.example\ntool_x.exe\n/wordpath/a\n"
        "aabbccddeeff00112233445566778899\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char values[] = "evil.example www.a.example 192.0.2.1 198.51.100.9 2001:db8::1 "
                                 "http://evil.example/a/b.php http://c.example/x "
                                 "http://192.0.2.9/z user@a.example \\tool_x.exe "
                                 "http://q.example/wordpath/a aabbccddeeff00112233445566778899";
    struct ioc_input input = { .name = HN_TEXT("feed"),
        .bytes = hn_bytes_of(feed, sizeof feed - 1),
        .format = IOC_FORMAT_LIST_PLAIN };
    struct ioc_builder *builder = ioc_builder_new(NULL);
    enum ioc_warn_use use = size > 0 ? (enum ioc_warn_use)(data[0] % 3) : IOC_WARN_AUTO;
    struct ioc_stats stats;
    struct ioc_set *set = NULL;
    uint32_t suppressed = 0;
    uint32_t listed = 0;

    check(builder != NULL);
    if (size > 0)
        (void)!ioc_warnlist_load(builder, hn_bytes_of(data + 1, size - 1), use, NULL, NULL);
    check(ioc_load(builder, &input, NULL, NULL) == HN_OK);
    check(ioc_seal(builder, &set, NULL) == HN_OK);
    ioc_set_stats(set, &stats);
    for (uint32_t i = 0; i < stats.listings; i++) {
        struct ioc_indicator got;

        check(ioc_set_get(set, i, &got));
        suppressed += got.suppressed;
        listed += got.warning.len > 0;
        check(!got.suppressed || got.warning.len > 0);
    }
    check(suppressed == stats.suppressed && listed == stats.suppressed + stats.flagged);
    check(stats.indicators == 13 - suppressed);
    check(use != IOC_WARN_FLAG || suppressed == 0);
    check_listings(set);
    (void)ioc_prefilter(set, hn_bytes_of(values, sizeof values - 1));
    ioc_set_unref(set);
    ioc_builder_free(builder);
    return 0;
}
