/* test_serve_log.c - lines of the log stay one line each, whatever is in them, and are not many. */
#include "serve/serve_log.h"
#include "support/check.h"

#include <string.h>
#include <unistd.h>

static char seen[1 << 20];

/* What was written since, as a string. */
static const char *drain(int fd)
{
    ssize_t len = read(fd, seen, sizeof seen - 1);

    seen[len > 0 ? len : 0] = '\0';
    return seen;
}

static unsigned count_of(const char *text, char c)
{
    unsigned count = 0;

    for (; *text != '\0'; text++)
        count += *text == c;
    return count;
}

/* Text from outside is escaped; numbers are numbers. */
static void fields_are_escaped(void **state)
{
    int ends[2];
    const char *line;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    serve_log_init(CONFIG_LOG_JSON, CONFIG_LOG_INFO, ends[1]);
    serve_log(CONFIG_LOG_INFO, "a.b", "something happened",
            SERVE_TEXT("name", HN_TEXT("x\n\"\x1b[31m")), SERVE_COUNT("count", -5));
    line = drain(ends[0]);
    assert_non_null(
            strstr(line, "\"level\":\"info\",\"id\":\"a.b\",\"message\":\"something happened\""
                         ",\"name\":\"x\\n\\\"\\u001b[31m\",\"count\":-5}\n"));
    assert_int_equal(count_of(line, '\n'), 1);
    serve_log_init(CONFIG_LOG_TEXT, CONFIG_LOG_INFO, ends[1]);
    serve_log(CONFIG_LOG_WARNING, "a.b", "again", SERVE_TEXT("name", HN_TEXT("x\ny")));
    assert_non_null(strstr(drain(ends[0]), " warning a.b: again name=\"x\\ny\"\n"));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Below the level nothing is written; too many of one id are counted, and others still get by. */
static void floods_are_counted(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    serve_log_init(CONFIG_LOG_JSON, CONFIG_LOG_WARNING, ends[1]);
    serve_log(CONFIG_LOG_INFO, "quiet", "not wanted");
    for (int i = 0; i < 3 * SERVE_LOG_BURST; i++)
        serve_log(CONFIG_LOG_WARNING, "flood", "again and again");
    serve_log(CONFIG_LOG_ERROR, "other", "still heard");
    (void)drain(ends[0]);
    assert_null(strstr(seen, "not wanted"));
    assert_non_null(strstr(seen, "still heard"));
    /* The flood may fall into two spans. */
    assert_in_range(count_of(seen, '\n'), SERVE_LOG_BURST + 1, 2 * SERVE_LOG_BURST + 1);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Hashes of the audit log are all told: one that is missing cannot be proven later. */
static void audit_is_never_held_back(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    serve_log_init(CONFIG_LOG_JSON, CONFIG_LOG_INFO, ends[1]);
    for (int i = 0; i < 5 * SERVE_LOG_BURST; i++)
        serve_log(CONFIG_LOG_INFO, SERVE_LOG_AUDIT, "an entry", SERVE_COUNT("seq", i));
    assert_int_equal(count_of(drain(ends[0]), '\n'), 5 * SERVE_LOG_BURST);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* A field that does not fit is left out, and the line stays JSON. */
static void long_lines_stay_whole(void **state)
{
    static char big[2 * SERVE_LOG_LINE_MAX];
    int ends[2];
    size_t len;

    (void)state;
    memset(big, 'x', sizeof big - 1);
    assert_int_equal(pipe(ends), 0);
    serve_log_init(CONFIG_LOG_JSON, CONFIG_LOG_INFO, ends[1]);
    serve_log(CONFIG_LOG_INFO, "a", "m", SERVE_TEXT("big", hn_text_cstr(big)),
            SERVE_TEXT("small", HN_TEXT("s")));
    len = strlen(drain(ends[0]));
    assert_null(strstr(seen, "\"big\""));
    assert_true(len > 13 && strcmp(seen + len - 13, "\"small\":\"s\"}\n") == 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_escaped),
        cmocka_unit_test(floods_are_counted),
        cmocka_unit_test(audit_is_never_held_back),
        cmocka_unit_test(long_lines_stay_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
