/* test_serve_metrics.c - the form Prometheus reads, with hostile label values. */
#include "serve/serve_metrics.h"
#include "support/check.h"

static void families_and_labels(void **state)
{
    struct hn_buf out = { 0 };
    struct serve_metrics metrics = { .out = &out };
    const struct serve_label labels[] = {
        { "source", HN_TEXT("a\"b\\c\nd\x1b") },
        { NULL, { 0 } },
        { "le", HN_TEXT("0.5") },
    };

    (void)state;
    serve_metric(&metrics, "hinomi_lag_seconds", SERVE_HISTOGRAM, "Lag.");
    serve_metric_value(&metrics, "_bucket", labels, HN_COUNT_OF(labels), 3);
    serve_metric_value(&metrics, "_sum", NULL, 0, 0.25);
    hn_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr,
            "# HELP hinomi_lag_seconds Lag.\n"
            "# TYPE hinomi_lag_seconds histogram\n"
            "hinomi_lag_seconds_bucket{source=\"a\\\"b\\\\c\\nd\\\\x1b\",le=\"0.5\"} 3\n"
            "hinomi_lag_seconds_sum 0.25\n");
    hn_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(families_and_labels) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
