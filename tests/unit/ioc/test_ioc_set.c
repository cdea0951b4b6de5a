/* test_ioc_set.c - the index finds what a linear scan finds, and the set keeps what it was given.
 */
#include "ioc_test.h"

#include <jansson.h>

/* ---- Index against linear scan ---- */

#define LISTED 40

struct tally {
    const struct ioc_set *set;
    uint32_t hits; /* with place and kind, order aside */
    uint64_t sum;
};

static HN_WRAPS bool add_hit(void *ctx, const struct ioc_hit *hit)
{
    struct tally *tally = ctx;
    char room[512];
    struct hn_buf buf = ioc_fixed_buf(room, sizeof room);

    ioc_set_write(tally->set, hit->index, false, &buf);
    hn_buf_addf(&buf, " %u %u %u", (unsigned)hit->how, hit->offset, hit->len);
    tally->hits++;
    tally->sum += hn_hash_text(hn_buf_text(&buf), 0);
    return true;
}

/* All hits of a set are the hits of its indicators one by one: no index, filter or gate hides or
 * adds any. */
static void index_equals_linear_scan(void **state)
{
    uint64_t seed = 20201;
    uint64_t all_hits = 0;

    (void)state;
    for (int round = 0; round < 30; round++) {
        struct ioc_set *single[LISTED];
        struct hn_buf list = { 0 };
        struct ioc_set *set;
        unsigned count = 0;

        while (count < LISTED) {
            static struct ioc_key key;
            struct hn_buf text = { 0 };
            struct hn_buf one = { 0 };
            bool known = false;

            random_indicator(&text, &seed);
            assert_int_equal(ioc_normal(IOC_TYPE_ANY, hn_buf_text(&text), &key), IOC_FINE);
            ioc_key_write(&key, false, &one);
            hn_buf_deinit(&text);
            hn_buf_add_char(&one, '\n');
            known = hn_text_find(hn_buf_text(&list), hn_buf_text(&one), 0) != SIZE_MAX;
            if (!known) {
                hn_buf_add_text(&list, hn_buf_text(&one));
                hn_buf_add_char(&one, '\0');
                single[count++] = set_of(one.ptr);
            }
            hn_buf_deinit(&one);
        }
        hn_buf_add_char(&list, '\0');
        set = set_of(list.ptr);
        for (int texts = 0; texts < 400; texts++) {
            static const uint32_t hints[] = { 0, IOC_HINT_HOST, IOC_HINT_NO_BARE_HOST,
                IOC_HINT_HOST | IOC_HINT_NO_FILE | IOC_HINT_PATH };
            uint32_t hint = hints[next_random(&seed) % HN_COUNT_OF(hints)];
            struct hn_buf text = { 0 };
            struct tally whole = { .set = set };
            struct tally linear = { 0 };

            random_text(&text, &seed);
            (void)ioc_match_value(set, hn_buf_text(&text), hint, add_hit, &whole);
            for (unsigned i = 0; i < count; i++) {
                linear.set = single[i];
                (void)ioc_match_value(single[i], hn_buf_text(&text), hint, add_hit, &linear);
            }
            if (whole.hits != linear.hits || whole.sum != linear.sum)
                fail_msg("%.*s: %u hits, one by one %u\n%s", (int)text.len, text.ptr, whole.hits,
                        linear.hits, list.ptr);
            all_hits += whole.hits;
            hn_buf_deinit(&text);
        }
        for (unsigned i = 0; i < count; i++)
            ioc_set_unref(single[i]);
        ioc_set_unref(set);
        hn_buf_deinit(&list);
    }
    assert_true(all_hits > 2000);
}

/* For plain host names the definition itself is the oracle: equal, or ending with a dot and it. */
static void domains_by_definition(void **state)
{
    uint64_t seed = 77;

    (void)state;
    for (int round = 0; round < 200; round++) {
        char listed[20][64];
        struct hn_buf list = { 0 };
        struct ioc_set *set;

        for (unsigned i = 0; i < HN_COUNT_OF(listed); i++) {
            struct hn_buf name = ioc_fixed_buf(listed[i], sizeof listed[i]);

            random_name(&name, &seed);
            hn_buf_add_char(&name, '\0');
            hn_buf_add_cstr(&list, listed[i]);
            hn_buf_add_char(&list, '\n');
        }
        hn_buf_add_char(&list, '\0');
        set = set_of(list.ptr);
        for (int k = 0; k < 50; k++) {
            struct hn_buf name = { 0 };
            struct tally found = { .set = set };
            uint32_t wanted = 0;

            random_name(&name, &seed);
            for (unsigned i = 0; i < HN_COUNT_OF(listed); i++) {
                struct hn_text one = hn_text_cstr(listed[i]);
                bool again = false;

                for (unsigned earlier = 0; earlier < i; earlier++)
                    again = again || strcmp(listed[earlier], listed[i]) == 0;
                wanted += !again && hn_text_ends(hn_buf_text(&name), one) &&
                          (name.len == one.len || name.ptr[name.len - one.len - 1] == '.');
            }
            (void)ioc_match_value(set, hn_buf_text(&name), IOC_HINT_HOST, add_hit, &found);
            assert_int_equal(found.hits, wanted);
            hn_buf_deinit(&name);
        }
        ioc_set_unref(set);
        hn_buf_deinit(&list);
    }
}

/* Keys whose hash is the same in the table are told apart by their bytes. */
static void colliding_hashes_do_not_mix(void **state)
{
    struct ioc_set *set = set_of("evil.example\n192.0.2.1\n");
    uint64_t hash = ioc_hash_name(&set->table, HN_TEXT("evil.example"));

    (void)state;
    assert_int_equal(
            ioc_find_key(set, IOC_SPACE_NAME, hash, IOC_DOMAIN, HN_TEXT("evil.example")), 0);
    assert_int_equal(
            ioc_find_key(set, IOC_SPACE_NAME, hash, IOC_DOMAIN, HN_TEXT("good.example")), IOC_NONE);
    assert_int_equal(ioc_find_key(set, IOC_SPACE_NAME, hash, IOC_FILENAME, HN_TEXT("evil.example")),
            IOC_NONE);
    assert_int_equal(ioc_find_key(set, IOC_SPACE_PREFIX, hash, IOC_DOMAIN, HN_TEXT("evil.example")),
            IOC_NONE);
    ioc_set_unref(set);
}

/* ---- What the set keeps ---- */

/* Source, line, family, reference, comment and port come back with the indicator. */
static void listings_keep_their_story(void **state)
{
    struct ioc_set *set;
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_report report = load_as(builder, IOC_FORMAT_LIST_PLAIN, "feeds/emotet.txt",
            HN_TEXT("# Aliases: Heodo\n\n# Reference: https://report.example/1\n\n"
                    "192.0.2.1:443\nevil.example # was: loader\n"));
    struct ioc_indicator got;

    (void)state;
    ioc_report_deinit(&report);
    set = seal_and_free(builder);
    assert_true(ioc_set_get(set, 0, &got));
    assert_int_equal(got.type, IOC_IPV4);
    assert_int_equal(got.port, 443);
    assert_int_equal(got.line, 5);
    assert_true(hn_text_eq(got.source, HN_TEXT("feeds/emotet.txt")));
    assert_true(hn_text_eq(got.family, HN_TEXT("emotet")));
    assert_true(hn_text_eq(got.tags, HN_TEXT("Heodo")));
    assert_true(hn_text_eq(got.reference, HN_TEXT("https://report.example/1")));
    assert_int_equal(got.comment.len, 0);
    assert_int_equal(got.first_seen, HN_TIME_NONE);
    assert_true(ioc_set_get(set, 1, &got));
    assert_int_equal(got.line, 6);
    assert_true(hn_text_eq(got.comment, HN_TEXT("was: loader")));
    assert_false(ioc_set_get(set, 2, &got));
    assert_int_equal(ioc_set_next(set, 2), IOC_NONE);
    ioc_set_unref(set);
}

/* The same indicator from two sources is one hit with two listings; from the same source it is
 * dropped and counted, except with another port. */
static void listings_of_one_indicator(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_report report = load_as(builder, IOC_FORMAT_LIST_PLAIN, "one.txt",
            HN_TEXT("192.0.2.1:443\n192.0.2.1:80\n192.0.2.1:443\nevil.example\nEVIL.example\n"));
    struct ioc_report second =
            load_as(builder, IOC_FORMAT_LIST_PLAIN, "two.txt", HN_TEXT("evil.example\n"));
    struct ioc_indicator got;
    struct ioc_stats stats;
    struct ioc_set *set;
    uint32_t index;
    unsigned listings = 0;

    (void)state;
    ioc_report_deinit(&report);
    ioc_report_deinit(&second);
    set = seal_and_free(builder);
    ioc_set_stats(set, &stats);
    assert_int_equal(stats.listings, 6);
    assert_int_equal(stats.indicators, 2);
    assert_int_equal(stats.duplicates, 2);
    assert_int_equal(stats.by_type[IOC_DOMAIN], 1);
    expect(set, "evil.example", 0, "exact evil.example at evil.example");
    for (index = 3; index != IOC_NONE; index = ioc_set_next(set, index)) {
        assert_true(ioc_set_get(set, index, &got));
        listings++;
    }
    assert_int_equal(listings, 2);
    assert_false(ioc_set_get(set, 2, &got)); /* dropped */
    ioc_set_unref(set);
}

/* The digest depends on what is in the set, not on the order it came in. */
static void digest_is_of_the_content(void **state)
{
    struct ioc_set *a = set_of("evil.example\n192.0.2.1\n");
    struct ioc_set *b = set_of("192.0.2.1\nevil.example\n");
    struct ioc_set *c = set_of("192.0.2.1\nevil2.example\n");
    struct ioc_stats stats[3];

    (void)state;
    ioc_set_stats(a, &stats[0]);
    ioc_set_stats(b, &stats[1]);
    ioc_set_stats(c, &stats[2]);
    assert_true(hn_digest_eq(stats[0].digest, stats[1].digest));
    assert_false(hn_digest_eq(stats[0].digest, stats[2].digest));
    ioc_set_unref(a);
    ioc_set_unref(b);
    ioc_set_unref(c);
}

/* A name of a compromised site is kept but never a hit; its URLs are, and say so. */
static void compromised_sites_match_by_url(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_indicator about = { .type = IOC_TYPE_ANY, .compromised = true };
    struct ioc_indicator got;
    struct ioc_stats stats;
    struct ioc_set *set;

    (void)state;
    assert_int_equal(ioc_add(builder, HN_TEXT("shop.example"), &about, NULL, NULL), HN_OK);
    assert_int_equal(
            ioc_add(builder, HN_TEXT("http://shop.example/up/x.php"), &about, NULL, NULL), HN_OK);
    set = seal_and_free(builder);
    expect(set, "shop.example", IOC_HINT_HOST, "");
    expect(set, "http://shop.example/", 0, "");
    expect(set, "http://shop.example/up/x.php", 0,
            "exact http://shop.example/up/x.php at http://shop.example/up/x.php");
    ioc_set_stats(set, &stats);
    assert_int_equal(stats.suppressed, 1);
    assert_true(ioc_set_get(set, 0, &got) && got.suppressed && got.compromised);
    assert_true(ioc_set_get(set, 1, &got) && !got.suppressed && got.compromised);
    ioc_set_unref(set);
}

/* Public suffixes are refused unless asked for. */
static void public_suffixes(void **state)
{
    struct ioc_options options = ioc_options_default;
    struct ioc_builder *builder = ioc_builder_new(NULL);
    enum ioc_reason reason;
    struct ioc_set *set;

    (void)state;
    assert_int_equal(ioc_add(builder, HN_TEXT(".onion"), NULL, &reason, NULL), HN_OK);
    assert_int_equal(reason, IOC_REASON_SUFFIX);
    assert_int_equal(ioc_add(builder, HN_TEXT("co.jp"), NULL, &reason, NULL), HN_OK);
    assert_int_equal(reason, IOC_REASON_SUFFIX);
    assert_int_equal(ioc_add(builder, HN_TEXT("evil.co.jp"), NULL, &reason, NULL), HN_OK);
    assert_int_equal(reason, IOC_FINE);
    ioc_builder_free(builder);
    options.accept_suffixes = true;
    builder = ioc_builder_new(&options);
    assert_int_equal(ioc_add(builder, HN_TEXT(".onion"), NULL, &reason, NULL), HN_OK);
    assert_int_equal(reason, IOC_FINE);
    set = seal_and_free(builder);
    expect(set, "abc.onion", 0, "subdomain onion at onion");
    ioc_set_unref(set);
}

/* Many paths that share one word do not make a long row in the table: they move to other words, and
 * past all words they are dropped and counted. */
static void crowds_are_bounded(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_indicator about = { .type = IOC_FILENAME };
    struct ioc_stats stats;
    struct ioc_set *set;

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        char name[64];
        int len = snprintf(name, sizeof name, i < 1000 ? "%03u/same.exe" : "d%u/same.exe", i);

        assert_int_equal(
                ioc_add(builder, hn_text_of(name, (size_t)len), &about, NULL, NULL), HN_OK);
    }
    set = seal_and_free(builder);
    ioc_set_stats(set, &stats);
    assert_int_equal(stats.crowded, 1000 - 256); /* "123" is too short to be found by */
    assert_int_equal(stats.indicators, 256 + 1000);
    expect(set, "C:\\007\\same.exe", 0, "tail 007/same.exe at 007\\same.exe");
    expect(set, "C:\\d1500\\same.exe", 0, "tail d1500/same.exe at d1500\\same.exe");
    ioc_set_unref(set);
}

/* ---- Limits and memory ---- */

/* At the limit of indicators loading stops with HN_LIMIT and what was read stays. */
static void limit_of_indicators(void **state)
{
    struct ioc_options options = ioc_options_default;
    struct ioc_builder *builder;
    struct ioc_input input = { .name = HN_TEXT("x"),
        .bytes = hn_bytes_of("a.example\nb.example\nc.example\n", 30) };
    struct ioc_stats stats;
    struct ioc_set *set;

    (void)state;
    options.limits.indicators_max = 2;
    builder = ioc_builder_new(&options);
    assert_int_equal(ioc_load(builder, &input, NULL, NULL), HN_LIMIT);
    set = seal_and_free(builder);
    ioc_set_stats(set, &stats);
    assert_int_equal(stats.indicators, 2);
    ioc_set_unref(set);
}

static void *failing_malloc(size_t size)
{
    return hn_malloc(size);
}

static const char sample_list[] =
        "# Reference: https://r.example/\nevil.example # c\n192.0.2.1:80\n"
        "http://u.example/a.php\n/pathword/x.php\ntool_x.exe\n"
        "u@mail.example\n192.0.2.16-192.0.2.40\n"
        "aabbccddeeff00112233445566778800\nmy file.exe\nbad line\n";
static const char sample_misp[] =
        "{\"Event\":{\"info\":\"i\",\"uuid\":\"u\",\"Tag\":[{\"name\":\"t\"}],\"Attribute\":["
        "{\"type\":\"domain\",\"value\":\"m.example\",\"to_ids\":true,\"uuid\":\"1\"},"
        "{\"type\":\"filename|sha1\",\"value\":"
        "\"a|aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d\",\"to_ids\":true}]}}";
static const char sample_stix[] =
        "{\"type\":\"bundle\",\"spec_version\":\"2.1\",\"objects\":[{\"type\":\"malware\",\"id\":"
        "\"m1\",\"name\":\"Fam\"},{\"type\":\"relationship\",\"relationship_type\":\"indicates\","
        "\"source_ref\":\"i1\",\"target_ref\":\"m1\"},{\"type\":\"indicator\",\"id\":\"i1\","
        "\"labels\":[\"a\"],\"pattern\":\"[domain-name:value IN ('s.example','t.example') OR "
        "url:value LIKE 'http://v.example/%']\"}]}";
static const char sample_csv[] = "id,dateadded,url,tags\n\"1\",\"2026-01-01 00:00:00\","
                                 "\"http://c.example/\"\"x\"\"\",\"a,b\"\n";
static const char sample_openioc[] =
        "<ioc><short_description>d</short_description><links><link>l</link></links><definition>"
        "<Indicator operator=\"OR\"><IndicatorItem id=\"1\" condition=\"is\"><Context "
        "search=\"DnsEntryItem/Host\"/><Content>o&#46;example</Content></IndicatorItem>"
        "</Indicator></definition></ioc>";
static const char sample_warn[] =
        "{\"name\":\"w\",\"description\":\"\",\"version\":1,\"type\":\"hostname\","
        "\"matching_attributes\":[\"domain\"],\"list\":[\"m.example\",\".x.example\"]}";
static const char sample_warn2[] =
        "{\"name\":\"s\",\"description\":\"\",\"version\":1,\"type\":\"substring\",\"list\":"
        "[\"mple\"]}";
static const char sample_warn3[] =
        "{\"name\":\"r\",\"description\":\"\",\"version\":1,\"type\":\"regex\",\"list\":"
        "[\"/^nothing/i\"]}";

/* Everything from reading to sealing; true when no step failed. */
static bool build_all(struct ioc_set **ret_set)
{
    static const char *const samples[] = { sample_list, sample_misp, sample_stix, sample_csv,
        sample_openioc, sample_warn, sample_warn2, sample_warn3 };
    struct ioc_builder *builder = ioc_builder_new(NULL);
    bool fine = builder != NULL;

    for (size_t i = 0; fine && i < HN_COUNT_OF(samples); i++) {
        struct ioc_input input = { .name = HN_TEXT("sample"),
            .bytes = hn_bytes_of(samples[i], strlen(samples[i])) };
        struct ioc_report report = { 0 };
        enum hn_status status = ioc_load(builder, &input, &report, NULL);

        /* Jansson takes some of its own failures for syntax errors. */
        if (status != HN_OK && status != HN_SYNTAX)
            assert_int_equal(status, HN_NOMEM);
        fine = status == HN_OK;
        ioc_report_deinit(&report);
    }
    fine = fine && ioc_seal(builder, ret_set, NULL) == HN_OK;
    ioc_builder_free(builder);
    return fine;
}

/* Whichever allocation fails, loading and sealing say so, leak nothing, and when they do not fail
 * the set is whole. Jansson and PCRE2 allocate by themselves: Jansson is made to fail, too. */
static void every_failing_allocation(void **state)
{
    struct ioc_set *set = NULL;
    struct ioc_stats whole;
    struct ioc_stats stats;
    bool done = false;

    (void)state;
    json_set_alloc_funcs(failing_malloc, hn_free);
    assert_true(build_all(&set));
    ioc_set_stats(set, &whole);
    assert_int_equal(whole.suppressed, 1);
    ioc_set_unref(set);
    for (uint64_t n = 1; !done; n++) {
        bool fine;

        set = NULL;
        hn_mem_fail_from(n);
        fine = build_all(&set);
        done = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        assert_int_equal(fine, set != NULL);
        if (fine) {
            ioc_set_stats(set, &stats);
            assert_int_equal(stats.listings, whole.listings);
            assert_true(hn_digest_eq(stats.digest, whole.digest));
            ioc_set_unref(set);
        }
        assert_true(n < 10000);
    }
}

/* A seal that fails leaves the builder whole: the next one succeeds with everything. */
static void failed_seal_can_be_repeated(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_report report =
            load_as(builder, IOC_FORMAT_LIST_PLAIN, "x", HN_TEXT("evil.example\n192.0.2.1\n"));
    struct ioc_set *set = NULL;

    (void)state;
    ioc_report_deinit(&report);
    for (uint64_t n = 1; set == NULL; n++) {
        hn_mem_fail_from(n);
        if (ioc_seal(builder, &set, NULL) != HN_OK)
            assert_null(set);
        hn_mem_fail_from(0);
    }
    expect(set, "evil.example 192.0.2.1", 0,
            "exact evil.example at evil.example\nexact 192.0.2.1 at 192.0.2.1");
    ioc_set_unref(set);
    assert_int_equal(ioc_seal(builder, &set, NULL), HN_OK); /* empty now */
    assert_false(ioc_prefilter(set, hn_bytes_of("evil.example", 12)));
    ioc_set_unref(ioc_set_ref(set));
    ioc_set_unref(set);
    ioc_builder_free(builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_equals_linear_scan),
        cmocka_unit_test(domains_by_definition),
        cmocka_unit_test(colliding_hashes_do_not_mix),
        cmocka_unit_test(listings_keep_their_story),
        cmocka_unit_test(listings_of_one_indicator),
        cmocka_unit_test(digest_is_of_the_content),
        cmocka_unit_test(compromised_sites_match_by_url),
        cmocka_unit_test(public_suffixes),
        cmocka_unit_test(crowds_are_bounded),
        cmocka_unit_test(limit_of_indicators),
        cmocka_unit_test(every_failing_allocation),
        cmocka_unit_test(failed_seal_can_be_repeated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
