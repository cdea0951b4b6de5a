/* rule_trial.h - runs the tests that a suite holds and reports what became of them.
 *
 * Errors that stop everything are shown to the user here; functions return an exit code. */
#ifndef HN_APP_RULE_TRIAL_H
#define HN_APP_RULE_TRIAL_H

#include "app/rule_suite.h"
#include "app/rules_load.h"
#include "app/test_report.h"
#include "base/attr.h"
#include "trial/trial.h"

/* The tests of one document. main holds all rules; a document with lists of its own gets rules
 * loaded anew with them, because a placeholder has one meaning per set. */
HN_MUST_USE int rule_trial_sheet(struct trial *main, const struct rules_options *rules,
        const struct suite_sheet *sheet, struct test_report *report);

/* One info.yml: each of its files, and the JSON twin beside it. */
HN_MUST_USE int rule_trial_regression(
        struct trial *main, const struct suite_regression *one, struct test_report *report);

/* The nearest of the events that pass: on_event of a trial. text and json are the caller's. */
struct nearest_event {
    const struct sigma_rule *rule;
    struct hn_text file;
    bool fired_only; /* of events on which the rule fires, the first */
    bool found;
    struct explain_rank rank;
    struct explanation explanation;
    struct hn_buf text;
    struct hn_buf json;
};
void nearest_event_look(void *ctx, const struct trial_event *event);
void nearest_event_deinit(struct nearest_event *nearest);

#endif
