/* test_steady.c - judging allocates nothing per event: a record of a thousand events takes as many
 * allocations as one of ten, once the threads have seen some. */
#include "support/engine_case.h"

#define RULES                                                                            \
    "title: evil\nname: evil\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\n"   \
    "logsource: {product: windows, service: security}\n"                                 \
    "detection: {s: {CommandLine|contains: evil}, t: {User: bob}, condition: s and t}\n" \
    "---\ntitle: word\nid: 22222222-2222-4222-8222-222222222222\nlevel: low\n"           \
    "logsource: {product: linux}\ndetection: {k: ['Failed password for bob'], condition: k}\n"
#define START   (INT64_C(1709251200) * HN_SECOND)
#define BUDGET  (UINT64_C(1) << 40)
#define RECORDS 12u

static const unsigned counts[RECORDS] = { 1000, 10, 1000, 10, 1000, 10, 1000, 10, 1000, 10, 1000,
    10 };

struct steady {
    struct engine_case c;
    uint64_t used[RECORDS]; /* allocations of the engine's thread up to each result */
    unsigned results;
};

static bool on_result(void *ctx, const struct engine_result *result)
{
    struct steady *steady = ctx;

    if (steady->results == 0)
        hn_mem_fail_from(BUDGET);
    assert_int_equal(result->alert_count, 0);
    assert_int_equal(result->events, counts[steady->results]);
    steady->used[steady->results++] = BUDGET - hn_mem_fail_left();
    return true;
}

static void add_record(struct engine_case *c, const char *format, unsigned count)
{
    struct hn_buf body = { 0 };
    struct intake_batch batch = { .source = HN_TEXT("s"),
        .tenant = HN_TEXT(""),
        .format = hn_text_cstr(format),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("peer"),
        .key = HN_TEXT(""),
        .position = HN_TEXT("") };

    for (unsigned i = 0; i < count; i++) {
        if (strcmp(format, "json") == 0) {
            hn_buf_addf(&body,
                    "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"pc%u\","
                    "\"User\":\"al\\u0069ce\",\"CommandLine\":\"an evil thing, %u\"}\n",
                    i % 7, i);
        } else {
            hn_buf_addf(&body,
                    "Mar  1 00:00:%02u web%u sshd[%u]: Failed password for root from "
                    "198.51.100.%u port 22 ssh2\n",
                    i % 60, i % 7, i, i % 250);
        }
    }
    batch.body = hn_text_as_bytes(hn_buf_text(&body));
    fake_add_batch(&c->journal, START, &batch);
    hn_buf_deinit(&body);
}

static void check_format(const char *format)
{
    struct steady steady = { 0 };
    uint64_t large;
    uint64_t small;

    engine_case_open(&steady.c, RULES, NULL);
    for (unsigned i = 0; i < RECORDS; i++)
        add_record(&steady.c, format, counts[i]);
    steady.c.options.on_result = on_result;
    steady.c.options.ctx = &steady; /* the case is its first member */
    engine_case_run(&steady.c, 1);
    assert_int_equal(steady.results, RECORDS);
    large = steady.used[RECORDS - 2] - steady.used[RECORDS - 3];
    small = steady.used[RECORDS - 1] - steady.used[RECORDS - 2];
    if (large != small || large > 20)
        fail_msg("%s: %llu allocations for 1,000 events, %llu for 10", format,
                (unsigned long long)large, (unsigned long long)small);
    engine_case_close(&steady.c);
}

static void nothing_is_allocated_per_event(void **state)
{
    (void)state;
#ifdef HN_ARENA_MALLOC
    print_message("SKIPPED: in this build each object of an arena is an allocation\n");
    skip();
#endif
    check_format("json");
    check_format("syslog");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_allocated_per_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
