/* Proves that a layer is one valid JSON document of the shape the Navigator reads, whatever the
 * texts hold, and that an id the Navigator would refuse is left out. */
#include "report/navigator.h"

#include "base/mem.h"

#include "support/check.h"

static char *layer_text(const struct navigator_layer *layer)
{
    struct hn_buf out = { 0 };

    report_navigator_write(layer, &out);
    hn_buf_add_char(&out, '\0');
    assert_true(hn_buf_ok(&out));
    return out.ptr;
}

static void writes_techniques(void **state)
{
    const struct navigator_fact fact = { HN_TEXT("rule"), HN_TEXT("A \"quoted\" title\n") };
    const struct navigator_technique techniques[] = {
        { .id = HN_TEXT("T1059"), .score = 3, .comment = HN_TEXT("</script>") },
        { .id = HN_TEXT("T1059.001"),
                .score = 7,
                .color = HN_TEXT("#ff0000"),
                .facts = &fact,
                .fact_count = 1 },
    };
    struct navigator_layer layer = {
        .name = HN_TEXT("n"), .techniques = techniques, .technique_count = 2
    };
    char *text = layer_text(&layer);

    (void)state;
    assert_string_equal(text,
            "{\"name\":\"n\",\"versions\":{\"navigator\":\"4.9.1\",\"layer\":\"4.5\"},"
            "\"domain\":\"enterprise-attack\",\"description\":\"\",\"sorting\":3,"
            "\"hideDisabled\":false,\"techniques\":[{\"techniqueID\":\"T1059\",\"score\":3,"
            "\"comment\":\"</script>\",\"enabled\":true,\"showSubtechniques\":true},"
            "{\"techniqueID\":\"T1059.001\",\"score\":7,\"color\":\"#ff0000\",\"enabled\":true,"
            "\"showSubtechniques\":false,\"metadata\":[{\"name\":\"rule\","
            "\"value\":\"A \\\"quoted\\\" title\\n\"}]}],\"gradient\":{\"colors\":[\"#ffffff\","
            "\"#ff6666\"],\"minValue\":0,\"maxValue\":7},\"legendItems\":[]}\n");
    hn_free(text);
}

static void leaves_out_what_is_no_technique(void **state)
{
    const struct navigator_technique techniques[] = {
        { .id = HN_TEXT("") },
        { .id = HN_TEXT("T105") },
        { .id = HN_TEXT("S1059") },
        { .id = HN_TEXT("T1059.01") },
        { .id = HN_TEXT("T1059x001") },
        { .id = HN_TEXT("T10590001") },
        { .id = HN_TEXT("T1059.00\n") },
    };
    struct navigator_layer layer = {
        .techniques = techniques, .technique_count = HN_COUNT_OF(techniques), .score_min = 2
    };
    char *text = layer_text(&layer);

    (void)state;
    assert_non_null(strstr(text, "\"techniques\":[],"));
    /* An empty gradient would divide by nothing. */
    assert_non_null(strstr(text, "\"minValue\":2,\"maxValue\":3}"));
    hn_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_techniques),
        cmocka_unit_test(leaves_out_what_is_no_technique),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
