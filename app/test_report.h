/* test_report.h - what became of tests of rules: one entry per failed test, and the counts.
 *
 * Everything from rules and events is escaped here. */
#ifndef HN_APP_TEST_REPORT_H
#define HN_APP_TEST_REPORT_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct test_report {
    bool json;
    bool verbose; /* passed tests too */
    struct hn_buf out;
    uint32_t passed;
    uint32_t failed;
    uint32_t rules;     /* with tests */
    uint32_t cases;     /* of info.yml */
    uint32_t cases_bad; /* ... of which a test failed */
};

/* One test. Texts are borrowed until the call returns. */
struct test_result {
    bool passed;
    const char *path;
    uint32_t line;
    struct hn_text rule; /* title, else id */
    struct hn_text id;
    struct hn_text name;
    struct hn_text expected; /* "fires", "at least 3 hits" */
    struct hn_text got;
    struct hn_text why;      /* lines for people; may be empty */
    struct hn_text why_json; /* one JSON object; may be empty */
};

void test_report_add(struct test_report *report, const struct test_result *result);

#endif
