/* correlate_naive_internal.h - the reference's own shapes. */
#ifndef HN_TESTS_CORRELATE_NAIVE_INTERNAL_H
#define HN_TESTS_CORRELATE_NAIVE_INTERNAL_H

#include "support/correlate_naive.h"

__extension__ typedef __int128 wide;

/* Where something stands in the order of processing: at a time, first the hits in their order
 * (phase 0), then what becomes due (1), and when the input has ended, what is cut short (2). What
 * fires stands right behind what made it fire, earlier correlations first. */
struct place {
    hn_time time;
    int phase;
    hn_time at;
    uint64_t a;
    uint64_t b;
    uint32_t producer; /* 0: a rule; otherwise the correlation, plus 1 */
    uint64_t serial;
};

struct event {
    struct place place;
    hn_time time;
    uint64_t order;
    bool is_correlation;
    uint32_t index;
    const struct case_hit *hit; /* of a rule */
    /* Of a correlation: its key, and the event that its other fields come from. */
    struct hn_text key[3];
    const struct event *trigger;
    uint32_t trigger_ref;
};

struct events {
    const struct event **ptr;
    size_t count;
};

/* An event in one group of a correlation. */
struct instance {
    const struct event *event;
    uint32_t ref;    /* first position in refs */
    uint64_t serial; /* among all of the correlation's */
    struct hn_text key[3];
    char folded[NAIVE_KEY_MAX];
};

/* One group of a correlation, its instances in order. */
struct task {
    const struct correlate_case *c;
    const struct sigma_correlation *model;
    uint32_t index;
    const struct instance **all;
    size_t count;
    bool complete;
    hn_time end; /* of the input */
    struct naive_results *results;
    struct event *fired; /* of all correlations, for those that listen */
    size_t *fired_count;
};

/* What a window comes to. */
struct measured {
    double value;
    bool fits;
    uint64_t total;
    hn_time start;
};

struct hn_text naive_alias(
        const struct sigma_correlation *model, uint32_t ref, struct hn_text name);
/* All texts of a field; an event of a correlation has its key, and else what made it fire had. */
uint32_t naive_look_up(const struct correlate_case *c, const struct event *event,
        struct hn_text name, struct hn_text *texts);
uint32_t naive_values(const struct task *task, const struct instance *instance, uint32_t field,
        struct hn_text *texts);
/* Joined with '|', ASCII letters lowered where asked. */
void naive_join(const struct hn_text *texts, uint32_t count, bool fold, char *out);

/* Each combination of values of the counted fields. */
#define NAIVE_TUPLES_MAX (CASE_FIELDS_MAX * CASE_FIELDS_MAX)
uint32_t naive_tuples(const struct task *task, const struct instance *instance,
        char tuples[][NAIVE_KEY_MAX], bool fold);
/* True when the tuple occurs in the instances from..to, to not included. */
bool naive_occurs(const struct task *task, const char *tuple, size_t from, size_t to);
/* Eighths; the case has no other numbers. */
bool naive_eighths(struct hn_text text, wide *ret_eighths);
bool naive_rises(const struct sigma_correlation *model);
bool naive_same_input(const struct sigma_correlation *model, uint32_t a, uint32_t b);
bool naive_negates(const struct sigma_ref_node *node);
/* The window of instances from..to, both in it. */
struct measured naive_measure(const struct task *task, size_t from, size_t to);

#endif
