/* store_internal.h - what the files of this module share.
 *
 * store.c opening and the schema's version; store_schema.c tables; store_apply.c what the engine
 * found; store_group.c alerts into incidents; store_fields.c what an alert's JSON says;
 * store_mute*.c and store_preview.c inhibitions, silences, exceptions; store_query.c composed
 * statements; store_alerts.c, store_incidents.c lists; store_row.c columns; store_incident.c what
 * an incident is worth; store_merge.c; store_edit.c what people decide; store_history.c;
 * store_seen.c; store_outbox.c; store_retain.c; store_check.c. */
#ifndef HN_STORE_STORE_INTERNAL_H
#define HN_STORE_STORE_INTERNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "db/db.h"
#include "store/store.h"

#define STORE_SCRATCH_BYTES_MAX ((size_t)64 << 20)
#define STORE_MUTES_BYTES_MAX   ((size_t)64 << 20)
#define STORE_FIELDS_MAX        1024 /* values of one alert's event */
#define STORE_PARTS_MAX         2000 /* per incident; further ones are not listed */
#define STORE_CANDIDATES_MAX    64
#define STORE_LEVELS            6

struct store {
    struct db *db;
    struct store_options options; /* with defaults filled in */
    struct hn_arena scratch;      /* of one call, or of one alert that is applied */
    struct hn_buf text;           /* composed texts of one call */
    bool applying;
    uint64_t applied;

    /* Mutes that are not over, by kind, then id; known while no other connection writes. */
    struct hn_arena mute_arena;
    struct store_mute *mutes;
    size_t mute_count;
    bool mutes_known;
    int64_t data_version;
};

/* store_schema.c */
extern const struct db_step store_steps[];
extern const uint32_t store_step_count;

/* ---- Transactions of one call ---- */

/* Begins one unless the engine's is open; store_end() commits it, or rolls back on a failure. */
HN_MUST_USE enum hn_status store_begin(struct store *store, struct hn_err *err);
HN_MUST_USE enum hn_status store_end(
        struct store *store, enum hn_status status, struct hn_err *err);

/* ---- Small statements ---- */

/* Runs a statement with up to four numbers bound, in order. */
struct store_ints {
    int64_t value[4];
    int count;
};
#define STORE_INTS(...)                                                              \
    (struct store_ints)                                                              \
    {                                                                                \
        { __VA_ARGS__ }, (int)(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)) \
    }
HN_MUST_USE enum hn_status store_run(
        struct store *store, const char *sql, struct store_ints ints, struct hn_err *err);
/* The first column of the first row. HN_NOTFOUND: no row. */
HN_MUST_USE enum hn_status store_int(struct store *store, const char *sql, struct store_ints ints,
        int64_t *ret_value, struct hn_err *err);

HN_INLINE hn_time store_time(struct db_stmt *stmt, int column)
{
    return db_is_null(stmt, column) ? HN_TIME_NONE : db_int(stmt, column);
}

HN_INLINE void store_bind_time(struct db_stmt *stmt, int index, hn_time time)
{
    if (time == HN_TIME_NONE)
        db_bind_null(stmt, index);
    else
        db_bind_int(stmt, index, time);
}

/* 0 is NULL: nothing is named. */
HN_INLINE void store_bind_ref(struct db_stmt *stmt, int index, int64_t id)
{
    if (id == 0)
        db_bind_null(stmt, index);
    else
        db_bind_int(stmt, index, id);
}

void store_bind_digest(struct db_stmt *stmt, int index, struct hn_digest digest);
struct hn_digest store_digest(struct db_stmt *stmt, int column);

/* ---- Alerts as rows (store_row.c) ---- */

#define STORE_ALERT_COLUMNS                                                                       \
    "a.seq,a.id,a.rule_id,a.title,a.level,a.kind,a.host,a.user,a.source,a.tenant,a.rules_digest," \
    "a.family,a.trace,a.techniques,a.time,a.received,a.first_seen,a.last_seen,a.count,a.place,"   \
    "a.len,a.incident,a.status,a.verdict,a.assignee,a.hidden,a.hidden_by,a.version"
#define STORE_ALERT_COLUMN_COUNT 28

/* Columns as STORE_ALERT_COLUMNS has them; then the JSON when json is true. */
void store_alert_row(struct db_stmt *stmt, bool json, struct store_alert_row *ret_row);

/* ---- What an alert's JSON says (store_fields.c) ---- */

struct store_field {
    struct hn_text name;
    struct hn_text value;
    bool evidence; /* out of `matches` */
};
struct store_fields {
    struct store_field *ptr;
    size_t count;
};
/* In arena. A text that is no alert of ours has no fields; that is no failure. */
HN_MUST_USE enum hn_status store_fields_read(struct hn_text json, struct hn_arena *arena,
        struct store_fields *ret_fields, struct hn_err *err);

/* ---- Mutes ---- */

/* What conditions look at. */
struct store_subject {
    struct hn_text rule_id;
    struct hn_text host;
    struct hn_text user;
    const struct hn_text *addresses;
    size_t address_count;
    struct hn_text source;
    struct hn_text tenant;
    struct hn_text family;
    const struct store_fields *fields; /* NULL: not known; then only columns are looked at */
};
/* '*', '?', '\'; letters without case. */
bool store_pattern_fits(struct hn_text pattern, struct hn_text value);
bool store_mute_fits(const struct store_mute *mute, const struct store_subject *subject);
/* Whether a condition looks into the event. */
bool store_mute_needs_fields(const struct store_mute *mute);
/* One row of mute with its rules and conditions, in arena. */
#define STORE_MUTE_COLUMNS \
    "id,kind,level,incident,reason,owner,created,expires,ended,hits,last_hit,version"
HN_MUST_USE enum hn_status store_mute_read(struct store *store, struct db_stmt *stmt,
        struct hn_arena *arena, struct store_mute *ret_mute, struct hn_err *err);
/* Loads what is not over at this time into store->mutes, unless it is known. */
HN_MUST_USE enum hn_status store_mutes_load(struct store *store, hn_time now, struct hn_err *err);
/* The first one that hides the subject at this time, counted as a hit. NULL: none. */
HN_MUST_USE enum hn_status store_mute_find(struct store *store, const struct store_subject *subject,
        hn_time now, const struct store_mute **ret_mute, struct hn_err *err);

/* ---- Incidents ---- */

/* What grouping needs of an alert that is stored. */
struct store_member {
    int64_t seq;
    struct store_subject subject;
    struct hn_text title;
    struct hn_text trace;
    uint32_t level;
    hn_time at;
    hn_time now;
    bool quiet; /* sinks are not told */
};
/* Puts it into an incident, which may be a new one. prefer: where it goes if that is not closed
 * (0: none). */
HN_MUST_USE enum hn_status store_group(struct store *store, const struct store_member *member,
        int64_t prefer, struct store_applied *ret_applied, struct hn_err *err);
/* The same for an alert out of the database. */
HN_MUST_USE enum hn_status store_group_stored(
        struct store *store, int64_t seq, hn_time now, struct hn_err *err);
/* Counts everything about an incident again from its alerts: after merging, splitting, removing. */
HN_MUST_USE enum hn_status store_incident_count(
        struct store *store, int64_t id, struct hn_err *err);
/* Confidence and why, from the parts. */
HN_MUST_USE enum hn_status store_incident_weigh(
        struct store *store, int64_t id, struct hn_err *err);
/* Where in the incident: host, address, ... */
enum store_part {
    STORE_PART_HOST,
    STORE_PART_ADDRESS,
    STORE_PART_USER,
    STORE_PART_TRACE,
    STORE_PART_RULE
};

/* ---- History ---- */

struct store_entry {
    enum store_object object;
    int64_t id;
    hn_time at;
    struct hn_text who;
    struct hn_text what;
    struct hn_text from;
    struct hn_text to;
};
HN_MUST_USE enum hn_status store_history_add(
        struct store *store, const struct store_entry *entry, struct hn_err *err);
/* The program itself as somebody who changes something. */
#define STORE_SELF HN_TEXT("hinomi")
/* A number as text in the caller's room. */
#define STORE_NUMBER_ROOM 24
struct hn_text store_number(int64_t number, char *room);
/* HN_UNSUPPORTED when change->version is not this one (and not 0). */
HN_MUST_USE enum hn_status store_version_check(
        const struct store_change *change, int64_t version, struct hn_err *err);
/* Complains about chains of the history that are broken. */
HN_MUST_USE enum hn_status store_history_check(struct store *store,
        store_on_complaint *on_complaint, void *ctx, uint64_t *complaints, struct hn_err *err);

/* ---- Seen before, outbox, counters ---- */

HN_MUST_USE enum hn_status store_seen_add(struct store *store, struct hn_text rule_id,
        const struct store_fields *fields, hn_time at, struct hn_err *err);
/* Forgets what was not seen for longest while there are too many. */
HN_MUST_USE enum hn_status store_seen_trim(
        struct store *store, uint32_t rows, bool *ret_more, struct hn_err *err);

/* A row for each sink that wants it. */
HN_MUST_USE enum hn_status store_tell_alert(
        struct store *store, const struct store_member *member, struct hn_err *err);
/* The same for an alert out of the database. */
HN_MUST_USE enum hn_status store_tell_alert_seq(
        struct store *store, int64_t seq, hn_time now, struct hn_err *err);
HN_MUST_USE enum hn_status store_tell_incident(struct store *store, int64_t id, uint32_t level,
        bool opened, hn_time now, struct hn_err *err);

/* Adds to a counter of what is there, and to that of what ever was when it is more. */
HN_MUST_USE enum hn_status store_counter_add(
        struct store *store, struct hn_text name, int64_t more, struct hn_err *err);
HN_MUST_USE enum hn_status store_counter_level(
        struct store *store, uint32_t level, int64_t more, struct hn_err *err);

#endif
