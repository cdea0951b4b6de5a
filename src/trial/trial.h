/* trial.h - rules tried on events that are known to be good or bad: the tests that stand beside a
 * rule, and the regression cases of rule repositories.
 *
 * The one header of this module. Events take the way of a scan: decoder, engine, correlator. Who
 * wants to know why, or what the plain interpreter says, gets every event in all-mode.
 *
 * Life: trial_new(set) -> { trial_reset() -> trial_feed()... -> trial_finish() -> results } per
 * case -> trial_free().
 * Concurrency: a trial serves one thread. Memory: the trial holds a reference to its set.
 * Limits: TRIAL_*_MAX; the decoders' own. Pure: bytes in, results out. */
#ifndef HN_TRIAL_TRIAL_H
#define HN_TRIAL_TRIAL_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "base/yaml.h"
#include "correlate/correlate.h"
#include "decode/decode.h"
#include "event/event.h"
#include "explain/explain.h"
#include "match/match.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

#define TRIAL_REPEAT_MAX 100000u /* of one event */

/* ---- Trying ---- */

struct trial;
HN_MUST_USE enum hn_status trial_new(
        struct sigma_set *set, struct trial **ret_trial, struct hn_err *err);
void trial_free(struct trial *trial); /* NULL is fine */

/* An event that was fed. Borrowed: valid until the callback returns. */
struct trial_event {
    uint64_t number;        /* from 1, since the reset */
    struct hn_event *event; /* all-mode, resolved */
    const uint32_t *fired;  /* rules, ascending */
    uint32_t fired_count;
};
typedef void trial_on_event(void *ctx, const struct trial_event *event);

/* Forgets all events. on_event may be NULL. */
HN_MUST_USE enum hn_status trial_reset(struct trial *trial, trial_on_event *on_event, void *ctx);

struct trial_input {
    const struct decode_format *format;
    struct hn_source source; /* for text that does not say itself what it is */
    struct hn_bytes bytes;
    hn_time at; /* of the events, in place of their own; HN_TIME_NONE: their own */
};
HN_MUST_USE enum hn_status trial_feed(
        struct trial *trial, const struct trial_input *input, struct hn_err *err);

/* The end of the events; the log goes on until then (HN_TIME_NONE: it does not). */
HN_MUST_USE enum hn_status trial_finish(struct trial *trial, hn_time until);

struct trial_counts {
    uint64_t events;
    uint64_t undecodable; /* findings that mean that something was not read */
};
struct trial_counts trial_counts(const struct trial *trial);
uint64_t trial_rule_hits(const struct trial *trial, uint32_t rule);
uint64_t trial_correlation_hits(const struct trial *trial, uint32_t correlation);
struct correlate_stats trial_correlate_stats(const struct trial *trial);
/* Why a correlation cannot run at all; NULL: it can. */
const char *trial_refusal(const struct trial *trial, uint32_t correlation);
const struct sigma_set *trial_set(const struct trial *trial);

/* ---- Tests beside a rule (docs/rules.md) ---- */

/* One entry of a test: a text, how often it comes, and when. */
struct trial_step {
    const struct decode_format *format;
    struct hn_text event; /* "{n}" stands for the number of the repetition */
    struct hn_source source;
    hn_time at; /* HN_TIME_NONE: as the text says */
    hn_time every;
    uint32_t repeat;
    uint32_t line;
};

struct trial_case {
    struct hn_text name;
    bool fires;
    hn_time until;
    struct trial_step *steps;
    uint32_t step_count;
    uint32_t line;
};

/* The tests of one document. */
struct trial_sheet {
    struct hn_text id;
    struct hn_text title;
    bool is_correlation;
    uint32_t line;
    struct trial_case *cases;
    uint32_t case_count;
    struct sigma_list *lists; /* values of placeholders, for the tests alone */
    uint32_t list_count;
};

/* Reads id, title and tests of a rule's document; none of them needs to be there. Everything is in
 * arena or borrowed from the YAML. HN_SYNTAX: *err names line, column and reason. */
HN_MUST_USE enum hn_status trial_sheet_read(struct hn_arena *arena, struct hn_yaml_ref root,
        struct trial_sheet *ret_sheet, struct hn_err *err);

/* trial_reset(), feeding and trial_finish() for one test. The case fires when its rule or
 * correlation has hits then. */
HN_MUST_USE enum hn_status trial_run(struct trial *trial, const struct trial_case *test,
        trial_on_event *on_event, void *ctx, struct hn_err *err);

/* ---- SigmaHQ's info.yml ---- */

struct trial_regression_test {
    struct hn_text name;
    struct hn_text type; /* "evtx" */
    struct hn_text path; /* from the repository's root */
    uint64_t match_count;
    uint32_t line;
};

struct trial_regression {
    struct sigma_texts rule_ids; /* each must fire */
    struct trial_regression_test *tests;
    uint32_t test_count;
};

/* HN_NOTFOUND when the document is no info.yml; HN_SYNTAX as above. */
HN_MUST_USE enum hn_status trial_regression_read(struct hn_arena *arena, struct hn_yaml_ref root,
        struct trial_regression *ret_regression, struct hn_err *err);

#endif
