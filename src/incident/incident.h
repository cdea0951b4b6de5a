/* incident.h - which alerts belong together, and how sure the whole makes us. The one header of
 * this module; docs/incidents.md explains the rules for people.
 *
 * No storage in here: store asks which entities an alert groups by, looks up the incidents that
 * have one of them, and lets incident_choose() decide. Everything is decided from the arguments, so
 * that a replay gives the same incidents. Concurrency: pure. Memory: none of its own. */
#ifndef HN_INCIDENT_INCIDENT_H
#define HN_INCIDENT_INCIDENT_H

#include "base/attr.h"
#include "base/time.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INCIDENT_KEYS_MAX 16 /* entities of one alert that count for grouping */

/* The work on it, apart from the verdict. */
#define INCIDENT_STATUS_LIST(X)            \
    X(INCIDENT_NEW, "new")                 \
    X(INCIDENT_IN_PROGRESS, "in_progress") \
    X(INCIDENT_PENDING, "pending")         \
    X(INCIDENT_CLOSED, "closed")

enum incident_status {
#define INCIDENT_STATUS_ENUM(name, text) name,
    INCIDENT_STATUS_LIST(INCIDENT_STATUS_ENUM)
#undef INCIDENT_STATUS_ENUM
};

/* What it turned out to be. */
#define INCIDENT_VERDICT_LIST(X)             \
    X(INCIDENT_NO_VERDICT, "")               \
    X(INCIDENT_TP_IMPACT, "tp_impact")       \
    X(INCIDENT_TP_NO_IMPACT, "tp_no_impact") \
    X(INCIDENT_BENIGN_TP, "benign_tp")       \
    X(INCIDENT_FP, "fp")                     \
    X(INCIDENT_UNDETERMINED, "undetermined")

enum incident_verdict {
#define INCIDENT_VERDICT_ENUM(name, text) name,
    INCIDENT_VERDICT_LIST(INCIDENT_VERDICT_ENUM)
#undef INCIDENT_VERDICT_ENUM
};

const char *incident_status_text(enum incident_status status);
const char *incident_verdict_text(enum incident_verdict verdict);
bool incident_status_find(struct hn_text text, enum incident_status *ret_status);
bool incident_verdict_find(struct hn_text text, enum incident_verdict *ret_verdict);

/* Nothing is closed without a verdict. */
bool incident_may_be(enum incident_status status, enum incident_verdict verdict);
/* An attack that was real: what must never be silenced by an exception. */
bool incident_is_attack(enum incident_verdict verdict);

/* ---- Grouping ---- */

enum incident_entity { INCIDENT_HOST, INCIDENT_ADDRESS, INCIDENT_USER };

struct incident_key {
    enum incident_entity entity;
    struct hn_text value; /* borrowed from the alert, as it stands there */
};

/* What grouping looks at. */
struct incident_alert {
    struct hn_text family; /* "": the rule names none */
    struct hn_text host;
    struct hn_text user;
    const struct hn_text *addresses;
    size_t address_count;
    hn_time time;
};

/* The entities by which an alert is grouped, strongest first. With a family: host, addresses and
 * user, because traces of one malware on several machines are one story. Without: only the first of
 * host, address, user that there is. Users and addresses that everybody shares (SYSTEM, root,
 * 127.0.0.1, ...) never group. ret_keys has INCIDENT_KEYS_MAX places. */
size_t incident_keys(const struct incident_alert *alert, struct incident_key *ret_keys);

/* Of an incident of the same tenant and family with at least one of the entities. */
struct incident_candidate {
    int64_t id;
    hn_time first; /* of its alerts */
    hn_time last;
    enum incident_status status;
    uint32_t hosts_shared;
    uint32_t addresses_shared;
    uint32_t users_shared;
};

struct incident_choice {
    int64_t join;   /* 0: a new one has to be made */
    int64_t former; /* of a new one: the closed incident it continues; 0: none */
};

/* An alert joins an incident that is not closed when its time is at most window away from the
 * incident's alerts. Of several: most hosts shared, then addresses, then users, then the latest
 * alert, then the older incident. Where only closed ones fit, the best of them is the former. */
struct incident_choice incident_choose(
        hn_time time, hn_time window, const struct incident_candidate *candidates, size_t count);

/* ---- Confidence ---- */

/* How sure we are that it is a real attack, 0..100, and why. */
struct incident_facts {
    uint32_t level;  /* highest of its alerts, 0..5 as in sigma_level */
    uint32_t traces; /* different kinds of trace of its family */
    uint32_t rules;  /* different rules and indicators */
    uint32_t hosts;
};

#define INCIDENT_REASON_LIST(X)                                           \
    X(INCIDENT_REASON_LEVEL, "level")   /* points by the highest level */ \
    X(INCIDENT_REASON_TRACES, "traces") /* several kinds of trace */      \
    X(INCIDENT_REASON_RULES, "rules")   /* several rules */               \
    X(INCIDENT_REASON_HOSTS, "hosts")   /* several hosts, one family */

enum incident_reason_code {
#define INCIDENT_REASON_ENUM(name, text) name,
    INCIDENT_REASON_LIST(INCIDENT_REASON_ENUM)
#undef INCIDENT_REASON_ENUM
};

#define INCIDENT_REASONS_MAX 4

struct incident_confidence {
    uint32_t value;
    uint32_t reason_count;
    struct {
        enum incident_reason_code code;
        uint32_t count;  /* level, kinds, rules, hosts */
        uint32_t points; /* what it added; all of them sum up to value */
    } reasons[INCIDENT_REASONS_MAX];
};

const char *incident_reason_text(enum incident_reason_code code);

/* The formula of docs/incidents.md: the level sets the start (5, 5, 15, 35, 55, 75); each further
 * kind of trace (up to 7) takes 40 % off what is missing to 100, each further rule (up to 4) 10 %,
 * each further host (up to 4) 10 %, in that order, in whole numbers rounded down. */
void incident_confidence(
        const struct incident_facts *facts, struct incident_confidence *ret_confidence);

#endif
