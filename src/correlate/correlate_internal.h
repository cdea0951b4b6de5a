/* correlate_internal.h - what the parts of the correlator share.
 *
 * A lane is one correlation at work; a group is the state of one lane for one key. Groups of a
 * lane stand in a list from the one longest without a hit to the latest. What has to happen at a
 * later time (a window ends, a wait is over) stands in its lane's queue of dues; as every lane has
 * one timespan, dues come in with rising times and a queue is enough. */
#ifndef HN_CORRELATE_CORRELATE_INTERNAL_H
#define HN_CORRELATE_CORRELATE_INTERNAL_H

#include "base/arena.h"
#include "base/utf.h"
#include "base/vec.h"
#include "correlate/budget.h"
#include "correlate/correlate.h"
#include "correlate/number.h"
#include "correlate/ring.h"
#include "correlate/table.h"

#define LANE_NONE UINT32_MAX

/* ---- Plan ---- */

/* When a lane judges its windows (docs/correlation.md, "When a window is judged"). */
enum judge {
    JUDGE_AT_HIT,     /* each hit, over the window that ends with it */
    JUDGE_AT_END,     /* once, at the end of the window that the first hit opened */
    JUDGE_WHOLE,      /* as AT_HIT, but only windows that have lasted their whole timespan */
    JUDGE_EACH,       /* each hit opens a window of its own, judged at its end */
    JUDGE_UNANSWERED, /* absence */
    JUDGE_NEW,        /* first_seen */
};

#define NAMED_STEP   0x1u /* must occur, in order */
#define NAMED_BARRED 0x2u /* must not occur */

/* A rule or correlation that a lane listens to; one listed twice is one input. The arrays are
 * positions among the fields of the input. */
struct plan_input {
    uint32_t ref;    /* its first position in the correlation's refs */
    uint32_t times;  /* how often it is listed */
    uint32_t offset; /* listed places of the inputs before it */
    uint32_t node;
    uint32_t named;    /* in a condition of temporal_ordered: NAMED_ bits */
    uint32_t *group;   /* one per group-by name */
    uint32_t *fields;  /* one per counted or summed field */
    uint32_t *carried; /* one per carried name */
};

/* A boolean condition in postfix order. */
struct plan_op {
    enum sigma_node_kind kind;
    uint32_t arg; /* SIGMA_ITEM: the input; SIGMA_AND, SIGMA_OR: number of operands */
};

/* Where a lane, as an input of others, takes the text of one of its fields from. */
struct plan_output {
    bool is_key;       /* a group-by name; otherwise a carried one */
    uint32_t position; /* among those */
};

struct window_type;

struct plan_lane {
    const struct sigma_correlation *model;
    const struct window_type *type;
    const char *refusal; /* NULL: at work */
    enum judge judge;
    enum sigma_level level;
    struct hn_digest digest; /* of all that makes its state mean what it means */
    hn_time span;            /* INT64_MAX: for ever */
    size_t state_bytes;      /* of the type, per group */
    struct plan_input *inputs;
    uint32_t input_count;
    uint32_t *steps; /* the input of each ref */
    uint32_t *order; /* temporal_ordered: the refs that are its steps */
    uint32_t step_count;
    struct sigma_texts carried; /* names that others want and that are no group-by name */
    struct plan_output *outputs;
    struct plan_op *ops;
    uint32_t op_count;
    uint32_t needed;    /* temporal types: how many refs; periodicity: how many intervals */
    uint32_t items_cap; /* hits or values kept per group */
    bool cap_is_design; /* dropping the oldest at the cap takes nothing from the verdict */
};

struct plan_edge {
    uint32_t lane;
    uint32_t input;
};

/* A source of hits: first all rules, then all correlations. */
struct plan_node {
    HN_VEC(struct hn_text) fields;
    HN_VEC(struct plan_edge) edges; /* by lane */
    hn_field *numbers;              /* of the fields, in the bound schema */
};

struct correlate_plan {
    const struct sigma_set *set;
    struct correlate_limits limits;
    struct hn_arena arena;
    struct plan_node *nodes;
    uint32_t node_count;
    struct plan_lane *lanes;
    uint32_t lane_count;
};

/* Checks a correlation and decides how it is judged; sets refusal or everything from judge on that
 * does not depend on names. HN_NOMEM only. */
HN_MUST_USE enum hn_status plan_lane_check(struct correlate_plan *plan, uint32_t index);
HN_MUST_USE enum hn_status plan_condition(struct correlate_plan *plan, struct plan_lane *lane);
/* Names the inputs of a condition that is rules joined by `and`, some of them with `not`, and
 * leaves those without `not` as steps. False for any other condition. */
bool plan_conjunction(struct plan_lane *lane);
bool plan_calculates(const struct sigma_correlation *model);  /* needs numbers */
bool plan_uses_fields(const struct sigma_correlation *model); /* needs values */
bool plan_bounds_rise(const struct sigma_correlation *model); /* gt and gte alone */
/* The least whole number that keeps rising bounds. */
double plan_bounds_least(const struct sigma_correlation *model);
bool plan_bounds_hold(const struct sigma_correlation *model, double value);
/* counts: how often each input is in the window. */
bool plan_condition_holds(const struct plan_lane *lane, const uint32_t *counts);

/* ---- State ---- */

/* A hit as a window keeps it. */
struct mark {
    hn_time time; /* as of when it counts; never falls within a window */
    uint64_t order;
    uint64_t ref;
    uint32_t input; /* position in refs */
    uint32_t link;  /* the window type's own */
};

/* A mark with a number, for the types that calculate. */
struct sample {
    struct mark mark;
    struct number number;
};

/* What stays of a firing until its timespan has passed. */
struct episode {
    hn_time fired;
    hn_time start;
    struct hn_digest id;
    uint64_t total;  /* at the time of firing */
    uint64_t folded; /* hits since */
    double peak;
    struct mark last;
};

#define GROUP_OPEN  0x1u /* AT_END: a window is open; UNANSWERED: something waits */
#define GROUP_LOSSY 0x2u /* what was dropped last went because of a limit */

struct group {
    struct group *older; /* in the lane, by last hit */
    struct group *newer;
    uint32_t lane;
    uint32_t index; /* in slots */
    uint64_t hash;
    hn_time since; /* of the open window, the unbroken activity, or the wait */
    hn_time last;
    hn_time dropped; /* of the last item dropped before its time; INT64_MIN: none */
    uint64_t count;  /* hits in an open window or wait; EACH: hits so far */
    struct episode *episode;
    struct ring ring;
    struct mark latest;
    char *carried; /* counted texts of the lane's carried names, for lanes judged later */
    uint32_t carried_bytes;
    uint32_t ticket; /* of the due that is still meant */
    uint32_t number; /* among the groups of its lane, while they are saved */
    uint32_t flags;
    uint32_t key_offset;  /* behind the type's state */
    uint32_t key_bytes;   /* lane, then counted folded texts */
    uint32_t shown_bytes; /* counted texts as first seen; 0: the same */
    _Alignas(16) unsigned char state[];
};

#define SLOT_NONE UINT32_MAX

struct slot {
    struct group *group; /* NULL: free */
    uint32_t generation; /* one more at every end of a group */
    uint32_t next_free;
};

enum due_kind { DUE_JUDGE, DUE_CLOSE };

struct due {
    hn_time at;
    uint32_t slot;
    uint32_t generation;
    uint32_t ticket;
    uint32_t kind; /* enum due_kind */
};

struct lane {
    const struct plan_lane *plan;
    struct group *oldest;
    struct group *newest;
    struct ring dues;
    uint32_t timer; /* position among the lanes with dues */
    uint32_t stale; /* dues that no longer mean anything */
};

/* A fired correlation on its way to those that listen to it. */
struct work {
    uint32_t lane;
    hn_time time;
    uint64_t order;
    uint64_t ref;
    size_t values_offset; /* in work_values */
    uint32_t value_count;
};

struct work_value {
    uint32_t field;
    uint32_t len;
    size_t offset; /* in work_text */
};

/* Hits that wait for earlier ones, and what says how far time has come. */
#define BULK_HITS 15

struct pending {
    hn_time time;
    uint64_t order;
    uint32_t rule;
    uint32_t bytes;
    char *written; /* as correlate_hit_write() gave it */
};

struct reorder {
    HN_VEC(struct pending) heap;
    hn_time recent[BULK_HITS]; /* times of the last hits fed, in order of feeding */
    uint32_t recent_count;
    uint32_t recent_next;
};

struct correlate {
    const struct correlate_plan *plan;
    struct correlate_options options;
    struct budget budget;
    struct table groups;
    HN_VEC(struct slot) slots;
    uint32_t free_slot;
    uint32_t group_count;
    struct lane *lanes;
    uint32_t *timed; /* heap of the lanes with dues, by first due */
    uint32_t timed_count;
    uint32_t sweep; /* lane whose idle groups go next */
    struct correlate_stamper stamper;
    struct reorder reorder;
    hn_time clock;            /* how far processing has come */
    hn_time watermark;        /* no earlier hit is waited for */
    bool ending;              /* in correlate_flush(), past the last hit */
    bool restoring;           /* nothing is evicted */
    uint32_t ticket;          /* of the due at hand */
    struct group *pinned;     /* not to be evicted: in use up the stack */
    HN_VEC(struct work) work; /* by lane, from work_next on */
    size_t work_next;
    HN_VEC(struct work_value) work_values;
    struct hn_buf work_text;
    struct hn_buf key;
    struct hn_buf shown;
    struct hn_buf value_key;
    uint64_t value_seed; /* of the names of values; goes with the saved state */
    char folded[HN_FOLD_ROOM(CORRELATE_TEXT_MAX)];
    struct correlate_stats stats;
};

/* ---- Time ---- */

HN_INLINE hn_time time_after(hn_time time, hn_time span)
{
    hn_time after;

    return __builtin_add_overflow(time, span, &after) ? INT64_MAX : after;
}

HN_INLINE hn_time time_before(hn_time time, hn_time span)
{
    hn_time before;

    return __builtin_sub_overflow(time, span, &before) ? INT64_MIN : before;
}

/* ---- A hit on its way into a window ---- */

/* Values of one field among those of a hit. */
struct run {
    uint32_t first;
    uint32_t count;
};

struct pass {
    const struct correlate_hit *hit;
    const struct plan_input *input;
    uint32_t input_index;
    struct mark mark;
    struct run group[CORRELATE_GROUP_FIELDS_MAX];
    struct run fields[CORRELATE_GROUP_FIELDS_MAX];
    struct number numbers[CORRELATE_VALUES_MAX];
    uint32_t number_count;
};

/* ---- Window types: one file each ---- */

struct evidence {
    struct correlate_part parts[CORRELATE_PARTS_MAX];
    uint32_t count;
    uint64_t total;
    hn_time start;
    hn_time period;
    double variation;
    const struct hn_text *values; /* first_seen */
    uint32_t value_count;
};

struct window_type {
    size_t item_bytes; /* of the ring; 0: it is not used */
    size_t (*state_bytes)(const struct plan_lane *lane);
    /* Takes the hit into the window. */
    enum hn_status (*enter)(struct correlate *c, struct group *group, struct pass *pass);
    /* An item is about to leave the ring at the front; NULL: nothing to do. */
    void (*leave)(struct correlate *c, struct group *group, const void *item);
    /* Lets go what is older than cutoff, where it is not in the ring; NULL: nothing. */
    void (*expire)(struct correlate *c, struct group *group, hn_time cutoff);
    /* What the bounds are about; false: the window can not be judged, or is not to fire. */
    bool (*measure)(struct correlate *c, struct group *group, double *ret_value);
    void (*tell)(struct correlate *c, struct group *group, struct evidence *evidence);
    /* Gives back what the state holds; the state itself stays. NULL: nothing. */
    void (*release)(struct correlate *c, struct group *group);
    /* State beyond the group and its ring; after restore the ring is there already. */
    void (*save)(const struct correlate *c, struct group *group, struct hn_buf *out);
    enum hn_status (*restore)(struct correlate *c, struct group *group, struct hn_reader *in);
};

extern const struct window_type window_count_type;
extern const struct window_type window_values_type;
extern const struct window_type window_sum_type;
extern const struct window_type window_rank_type;
extern const struct window_type window_recent_type;  /* temporal */
extern const struct window_type window_each_type;    /* temporal with not */
extern const struct window_type window_ordered_type; /* temporal_ordered */
extern const struct window_type window_absence_type;
extern const struct window_type window_beat_type;

HN_INLINE const struct plan_lane *group_lane(const struct correlate *c, const struct group *group)
{
    return c->lanes[group->lane].plan;
}

/* window.c: what all types with a ring share. */
/* A new item in the ring with its mark set. At the lane's cap, and where no memory is left, the
 * oldest items go. NULL: *ret_status says why; HN_OK there: no room for even one. */
void *window_add(struct correlate *c, struct group *group, const struct mark *mark,
        enum hn_status *ret_status);
void window_drop(struct correlate *c, struct group *group); /* the oldest item */
/* The same before its time. */
void window_lose(struct correlate *c, struct group *group, bool at_limit);
void window_expire(struct correlate *c, struct group *group, hn_time cutoff);
/* Notes that something of this time was given up early. */
void window_note_loss(struct correlate *c, struct group *group, hn_time time, bool at_limit);
/* CORRELATE_AT_LEAST and CORRELATE_LOSSY for a window that starts at cutoff. */
uint32_t window_flags(const struct correlate *c, const struct group *group, hn_time cutoff);
void window_tell(struct correlate *c, struct group *group, struct evidence *evidence);
/* Puts one more part of many into the evidence: the first and the last ones stay. */
void correlate_evidence_add(struct evidence *evidence, const struct mark *mark);

/* window_values.c */
/* Takes the values of the hit into the set, and out what is too old; where that was all,
 * group->since begins anew. *ret_is_new: one of the values was not in the set, and ret_texts are
 * its texts, one per field. */
HN_MUST_USE enum hn_status window_values_enter(struct correlate *c, struct group *group,
        struct pass *pass, struct hn_text *ret_texts, bool *ret_is_new);

/* ---- Groups: group.c ---- */

/* Case-folded, in c->folded until the next call. */
struct hn_text correlate_fold_text(struct correlate *c, struct hn_text text);
/* The group of the key in c->key, or NULL. */
struct group *group_find(const struct correlate *c);
/* The same, made where there is none, to be shown as c->shown says. NULL: *ret_status says why;
 * HN_OK there: no room is left for it. */
struct group *group_get(struct correlate *c, uint32_t lane, enum hn_status *ret_status);
/* Counted texts, one per group-by name: folded, and as first seen. */
struct hn_text group_key(const struct group *group);
struct hn_text group_shown(const struct group *group);
/* Moves it to the end of its lane's list. */
void group_touch(struct correlate *c, struct group *group);
/* Tells what is left to tell, and frees it. */
void group_end(struct correlate *c, struct group *group);
void group_discard(struct correlate *c, struct group *group); /* frees it without a word */
/* Ends groups of the lane that have been without a hit for longer than a timespan, a few at a
 * time. */
void group_sweep(struct correlate *c, uint32_t lane);
/* Ends the group longest without a hit that is not pinned. False when there is none. */
bool group_evict(struct correlate *c);

/* ---- Dues: timer.c ---- */

/* HN_LIMIT or HN_NOMEM when it cannot be remembered. */
HN_MUST_USE enum hn_status timer_add(struct correlate *c, const struct group *group, hn_time at,
        enum due_kind kind, uint32_t ticket);
/* The lane of the earliest due (of equal ones, the first lane's), or LANE_NONE. */
uint32_t timer_first(const struct correlate *c, hn_time *ret_at);
/* Takes the first due of a lane out. */
struct due timer_take(struct correlate *c, uint32_t lane);
/* So many dues of the lane have lost their meaning. */
void timer_stale(struct correlate *c, uint32_t lane, uint32_t count);
/* A due as it is; there must be room in the lane's ring. */
void timer_put(struct correlate *c, uint32_t index, const struct due *due);
/* The group of a due; NULL when it has ended. */
struct group *timer_group(const struct correlate *c, const struct due *due);
/* False for a due that was called off, or whose group has ended. */
bool timer_is_meant(const struct correlate *c, const struct due *due);
void timer_reset(struct correlate *c);

/* ---- Judging: judge.c ---- */

HN_MUST_USE enum hn_status judge_hit(struct correlate *c, struct group *group, struct pass *pass);
/* A due has come, or (c->ending) will not come any more. */
HN_MUST_USE enum hn_status judge_due(struct correlate *c, const struct due *due);

/* ---- Results: result.c ---- */

struct firing {
    hn_time time;
    double value;
    uint32_t flags;
    const struct pass *pass; /* the hit that it is judged at; NULL at a due */
    struct mark mark;        /* of the hit that completed it */
};

/* Tells the caller and those that listen. HN_LIMIT: done, but the group cannot be kept quiet. */
HN_MUST_USE enum hn_status result_fire(struct correlate *c, struct group *group,
        const struct firing *firing, const struct evidence *evidence);
/* Ends the episode, if there is one: tells what has come since it fired. */
void result_end(struct correlate *c, struct group *group, uint32_t flags);

/* ---- Running: correlate.c ---- */

/* The values of one field. */
struct run correlate_find_run(const struct correlate_hit *hit, uint32_t field);
/* Processes one hit, already in order. */
HN_MUST_USE enum hn_status correlate_run_hit(struct correlate *c, const struct correlate_hit *hit);
void correlate_reset(struct correlate *c); /* forgets all state, keeps the counters */

/* ---- Waiting: reorder.c ---- */

/* Processes the hit, now or later, and what its coming sets free. */
HN_MUST_USE enum hn_status reorder_push(struct correlate *c, const struct correlate_hit *hit);
/* Processes what waits from before a time: more of that very time may still come, and belong
 * before it. */
HN_MUST_USE enum hn_status reorder_release(struct correlate *c, hn_time limit);
HN_MUST_USE enum hn_status reorder_release_all(struct correlate *c);
/* Puts a hit among those that wait. */
HN_MUST_USE enum hn_status reorder_hold(struct correlate *c, const struct correlate_hit *hit);
void reorder_reset(struct correlate *c);

/* ---- Saved state: state_save.c, state_restore.c ---- */

#define STATE_MAGIC        0x534e4948u /* "HINS" */
#define STATE_VERSION      1u
#define STATE_HEADER_BYTES 32

void correlate_put_mark(struct hn_buf *out, const struct mark *mark);
/* Fails the reader on a mark that the lane cannot have. */
struct mark correlate_get_mark(
        const struct correlate *c, const struct plan_lane *lane, struct hn_reader *in);

#endif
