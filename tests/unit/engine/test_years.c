/* test_years.c - stamps without a year around the new year: what counts is when the journal took
 * them, at every replay and in every zone. */
#include "support/engine_case.h"

#define RULES                                                               \
    "title: login\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\n" \
    "logsource: {product: linux}\ndetection: {k: ['Failed password'], condition: k}\n"

struct line {
    const char *received;
    const char *zone;
    const char *stamp;
    const char *expected; /* the alert's time */
};

static const struct line lines[] = {
    { "2026-12-31T23:59:59Z", "", "Dec 31 23:59:58", "2026-12-31T23:59:58Z" },
    { "2027-01-01T00:00:05Z", "", "Dec 31 23:59:59", "2026-12-31T23:59:59Z" },
    { "2027-01-01T00:00:06Z", "", "Jan  1 00:00:04", "2027-01-01T00:00:04Z" },
    { "2026-12-31T15:00:05Z", "+09:00", "Dec 31 23:59:59", "2026-12-31T14:59:59Z" },
    { "2026-12-31T15:00:06Z", "+09:00", "Jan  1 00:00:04", "2026-12-31T15:00:04Z" },
    { "2027-01-01T05:00:05Z", "-05:00", "Dec 31 23:59:59", "2027-01-01T04:59:59Z" },
    /* A file that was read only in spring. */
    { "2027-04-01T00:00:00Z", "", "Dec 31 12:00:00", "2026-12-31T12:00:00Z" },
};

static void add_line(struct engine_case *c, const struct line *line)
{
    struct hn_buf body = { 0 };
    struct intake_batch batch = { .source = HN_TEXT("files"),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT("syslog"),
        .zone = hn_text_cstr(line->zone),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("/var/log/auth.log"),
        .key = HN_TEXT(""),
        .position = HN_TEXT(""),
        .line = 1 };

    hn_buf_addf(&body, "%s web1 sshd[7]: Failed password for root from 198.51.100.7 port 22 ssh2\n",
            line->stamp);
    batch.body = hn_text_as_bytes(hn_buf_text(&body));
    fake_add_batch(&c->journal, hn_time_parse(hn_text_cstr(line->received), NULL), &batch);
    hn_buf_deinit(&body);
}

/* Each alert has the year that its record's receipt gives it, and a replay years later the same. */
static void receipt_gives_the_year(void **state)
{
    static const char *const clocks[] = { "2027-04-01T00:00:01Z", "2031-06-01T00:00:00Z" };
    struct engine_case c;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    for (size_t i = 0; i < HN_COUNT_OF(lines); i++)
        add_line(&c, &lines[i]);
    for (size_t i = 0; i < HN_COUNT_OF(clocks); i++) {
        const char *at;

        engine_case_forget(&c);
        c.now = hn_time_parse(hn_text_cstr(clocks[i]), NULL);
        engine_case_run(&c, 2);
        at = c.lines.ptr;
        for (size_t k = 0; k < HN_COUNT_OF(lines); k++) {
            char expected[64];

            assert_non_null(at);
            (void)snprintf(expected, sizeof expected, "{\"time\":\"%s\"", lines[k].expected);
            if (strncmp(at, expected, strlen(expected)) != 0)
                fail_msg("%s, not %.40s", expected, at);
            at = strchr(at, '\n') + 1;
        }
    }
    engine_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipt_gives_the_year),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
