/* api_internal.h - what the parts of the API share.
 *
 * api.c life; api_document.c the document as a table of operations; api_schema*.c values against
 * schemas; api_auth.c who asks; api_call.c one request from its check to its answer; api_value.c
 * parameters and members; api_json.c alerts, incidents, mutes as JSON; the rest: handlers by what
 * they are about; api_search.c, api_events.c and api_context.c the journal; api_stream.c and
 * api_tail.c streams. */
#ifndef HN_API_API_INTERNAL_H
#define HN_API_API_INTERNAL_H

#include "api/api.h"
#include "api/api_schema.h"
#include "audit/audit.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#include <jansson.h>
#include <stdatomic.h>

#define API_ARENA_MAX  ((size_t)64 << 20)
#define API_ANSWER_MAX ((size_t)64 << 20)
#define API_FIELDS_MAX 4
#define API_ETAG_ROOM  48
#define API_SCAN_MAX   STORE_PAGE_MAX

struct api_call;
/* HN_OK: call->text is the answer (none: 204), or call->kept. Otherwise api_refuse() has said what,
 * or the status and call->err do. */
typedef enum hn_status api_handler(struct api_call *call);

/* ---- The document (api_document.c) ---- */

struct api_operation {
    const char *id;
    const char *method; /* upper case */
    const char *pattern;
    const char *permission; /* NULL: being known is enough */
    const char *audit;      /* the action of its entry in the audit log; NULL: changes nothing */
    bool is_public;
    bool is_global;  /* not for those of one tenant */
    bool is_session; /* not for tokens */
    bool body_required;
    bool is_raw;        /* the body is bytes of any kind */
    bool is_form;       /* or a form with such bytes */
    const json_t *body; /* schema; NULL: there is none */
    const json_t *parameters;
    api_handler *handler;
};

struct api_handler_row {
    const char *operation;
    api_handler *handler;
};
extern const struct api_handler_row api_handlers[];
extern const size_t api_handler_count;

struct api_atomic_counters {
#define API_COUNTER_ATOMIC(name, text) _Atomic uint64_t name;
    API_COUNTER_LIST(API_COUNTER_ATOMIC)
#undef API_COUNTER_ATOMIC
};

struct api {
    struct api_options options;
    json_t *document;
    struct api_operation *operations;
    struct http_route *routes; /* in the same order */
    size_t operation_count;
    struct http_door door;
    atomic_int_fast64_t told; /* the newest entry of the audit log whose hash is outside */
    struct api_streams *streams;
    struct history *history;
    struct api_search *search;
    struct api_tails *tails;
    struct api_atomic_counters counters;
};

/* Fills document, operations and routes. */
HN_MUST_USE enum hn_status api_document_load(struct api *api, struct hn_err *err);
void api_document_unload(struct api *api);

/* ---- Who asks (api_auth.c) ---- */

struct api_who {
    struct auth_principal principal;
    char secret[AUTH_TOKEN_LEN + 1]; /* the session's, or the token */
};

/* For struct http_door. */
void api_authenticate(void *ctx, const struct http_request *request, const struct http_route *route,
        struct http_verdict *ret_verdict);
/* Is this still whoever it was, and may it still do this? Streams ask again and again. */
bool api_is_still(struct api *api, struct db *db, const struct api_who *who, uint32_t permission);
/* The session's secret that came along; empty: none. */
struct hn_text api_cookie(const struct api *api, const struct http_request *request);
/* Set-Cookie for a session, or for its end (secret NULL). */
void api_cookie_set(struct api_call *call, const char *secret);
/* The browser says that the request comes from another place, or was led here by its name. */
bool api_is_foreign(const struct api *api, const struct http_request *request);

/* ---- One request (api_call.c) ---- */

struct api_call {
    struct api *api;
    struct http_request *request;
    const struct api_operation *operation;
    const struct api_who *who; /* NULL: public */
    struct hn_text tenant;     /* "": all */
    struct api_link link;
    json_t *body;
    struct hn_arena arena;
    struct hn_err err;
    hn_time now;

    struct hn_buf text; /* the answer */
    struct hn_json_out json;
    unsigned status; /* 0: 200, or 204 without a text */
    const char *content_type;
    struct http_field fields[API_FIELDS_MAX];
    size_t field_count;
    int64_t version; /* of the object, for its ETag; 0: none */
    char etag[API_ETAG_ROOM];
    unsigned refused;
    uint32_t retry_after_s;
    bool kept;  /* somebody else answers */
    bool noted; /* the audit log has it */
    bool told;  /* and its hash is outside as well */
};

/* The http_handler of every route. */
void api_on_request(void *ctx, struct http_request *request);
/* To be returned by a handler. detail is a sentence for people; it may hold text from outside. */
HN_MUST_USE enum hn_status api_refuse(
        struct api_call *call, unsigned status, const char *detail, ...) HN_PRINTF(3, 4);
void api_field_add(struct api_call *call, const char *name, struct hn_text value);
struct auth_actor api_actor(const struct api_call *call);

/* The entry that announces a change, in a transaction of its own before that of the change: the
 * store has a connection of its own, so the two cannot be one, and an entry too many says less that
 * is wrong than a change without one. What is then refused gets a second entry, "<action>.refused",
 * from api_on_request(). detail: a JSON object, or empty. */
HN_MUST_USE enum hn_status api_note(
        struct api_call *call, const char *kind, int64_t id, struct hn_text detail);
/* The body as the detail. */
HN_MUST_USE enum hn_status api_note_body(struct api_call *call, const char *kind, int64_t id);

/* ---- Parameters and members (api_value.c); all of them have been checked by the document ---- */

/* Empty: it is not there. */
struct hn_text api_query(const struct api_call *call, const char *name);
int64_t api_query_int(const struct api_call *call, const char *name, int64_t without);
bool api_query_bool(const struct api_call *call, const char *name);
hn_time api_query_time(const struct api_call *call, const char *name);
int64_t api_path_int(const struct api_call *call, const char *name);
struct hn_digest api_digest(struct hn_text hex);
/* Of an object of the body; empty: it is not there. */
struct hn_text api_member(const json_t *object, const char *name);
int64_t api_member_int(const json_t *object, const char *name, int64_t without);
hn_time api_member_time(const json_t *object, const char *name);
bool api_member_is(const json_t *object, const char *name); /* it is there */
/* Number of a word of an API enum; negative: it is not there. */
int api_level(struct hn_text text); /* 0..5 as in sigma_level */
const char *api_level_text(uint32_t level);
int api_status(struct hn_text text);
int api_verdict(struct hn_text text);
/* The version of If-Match, 0 where there is none. Refuses with 412 what is none of ours. */
HN_MUST_USE enum hn_status api_if_match(struct api_call *call, int64_t *ret_version);

/* A page by limit, cursor and direction. */
struct api_page {
    struct store_page page;
    struct store_cursor cursor;
    struct store_cursor last; /* of the row furthest from the start, as rows are written */
    bool any;
};
HN_MUST_USE enum hn_status api_page_read(struct api_call *call, struct api_page *ret_page);
void api_page_row(struct api_page *page, hn_time at, int64_t seq);
/* The member "next". */
void api_page_next(struct api_call *call, const struct api_page *page);

/* ---- Objects as JSON (api_json.c) ---- */

void api_json_time(struct hn_json_out *json, struct hn_text key, hn_time time); /* null: none */
void api_json_ref(struct hn_json_out *json, struct hn_text key, int64_t id);    /* 0: null */
void api_json_words(struct hn_json_out *json, struct hn_text key, struct hn_text text, char sep);
void api_json_digest(struct hn_json_out *json, struct hn_text key, struct hn_digest digest);
/* Members, without the brackets. */
void api_json_alert(struct hn_json_out *json, const struct store_alert_row *row);
void api_json_incident(struct hn_json_out *json, const struct store_incident_row *row);
void api_json_mute(struct hn_json_out *json, const struct store_mute *mute);
void api_json_me(struct hn_json_out *json, const struct auth_principal *principal);
void api_json_permissions(struct hn_json_out *json, uint32_t permissions);

/* ---- Alerts ---- */

/* What the filter's parameters ask, within the tenant. */
HN_MUST_USE enum hn_status api_alert_filter(
        struct api_call *call, struct store_alert_filter *ret_filter);
HN_MUST_USE enum hn_status api_incident_filter(
        struct api_call *call, struct store_incident_filter *ret_filter);
/* What is known of an alert that somebody names: HN_NOTFOUND when it is none of this tenant's. */
struct api_alert {
    int64_t seq;
    struct hn_digest id;
    int64_t version;
    uint64_t offset;
    hn_time time;
    hn_time received;
    struct hn_text rule_id; /* texts are in the call's arena */
    struct hn_text host;
    struct hn_text user;
    struct hn_text source;
    struct hn_text tenant;
    struct hn_text json;
};
HN_MUST_USE enum hn_status api_alert_find(
        struct api_call *call, struct hn_digest id, struct api_alert *ret_alert);
/* Writes it as the answer, with its ETag. */
HN_MUST_USE enum hn_status api_alert_answer(struct api_call *call, int64_t seq);
HN_MUST_USE enum hn_status api_history_answer(
        struct api_call *call, enum store_object object, int64_t id);
/* Reads status, verdict, assignee, title, tags of an object of the body. */
struct api_edit {
    struct store_edit edit;
    enum incident_status status;
    enum incident_verdict verdict;
    struct hn_text assignee;
    struct hn_text title;
    struct hn_text tags;
};
HN_MUST_USE enum hn_status api_edit_read(
        struct api_call *call, const json_t *body, struct api_edit *ret_edit);
struct store_change api_change(const struct api_call *call, int64_t version);

/* ---- Streams of alerts (api_stream.c) ---- */

HN_MUST_USE enum hn_status api_streams_start(struct api *api, struct hn_err *err);
void api_streams_wake(struct api *api);
void api_streams_stop(struct api *api);
void api_streams_free(struct api *api);

/* How often rule and evidence were seen before, as a value. */
HN_MUST_USE enum hn_status api_seen_write(struct api_call *call, const struct api_alert *alert);

/* ---- Searches of the journal (api_search.c): queued, answered from threads of their own ---- */

struct api_job;
/* Fills job->text with the answer's body. */
typedef enum hn_status api_job_run(struct api *api, struct api_job *job, struct hn_err *err);

struct api_job {
    struct http_request *request;
    api_job_run *run;
    struct hn_arena arena; /* of what search and ask borrow */
    struct history_question *question;
    struct history_search search;
    struct history_cursor cursor;
    struct history_context_ask ask;
    struct hn_buf text;
    struct hn_json_out json; /* over text */
};

/* To be given to api_job_submit(), or back with api_job_free(). */
HN_MUST_USE struct api_job *api_job_new(struct api_call *call, api_job_run *run);
void api_job_free(struct api_job *job); /* NULL is fine */
/* Takes the job in any case. */
HN_MUST_USE enum hn_status api_job_submit(struct api_call *call, struct api_job *job);
/* The members of "scanned", without brackets; counts them. */
void api_scanned_write(
        struct api *api, struct hn_json_out *json, const struct history_scanned *scanned);
/* The question of the parameters. HN_SYNTAX is refused with 422. */
HN_MUST_USE enum hn_status api_question_read(
        struct api_call *call, struct hn_arena *arena, struct history_question **ret_question);
HN_MUST_USE enum hn_status api_search_start(struct api *api, struct hn_err *err);
void api_search_stop(struct api *api);
void api_search_free(struct api *api);

/* ---- Streams of events (api_tail.c) ---- */

HN_MUST_USE enum hn_status api_tails_start(struct api *api, struct hn_err *err);
void api_tails_stop(struct api *api);
void api_tails_free(struct api *api);
uint32_t api_tails_count(struct api *api);
/* The calling thread yields to others. */
void api_yield(void);
/* Pauses a moment where the engine has fallen behind. */
void api_give_way(struct api *api);

/* ---- Samples (api_samples.c) ---- */

/* Refuses where the server takes none. */
HN_MUST_USE enum hn_status api_samples_taken(struct api_call *call);
/* The sample in the path is there, and this tenant's. */
HN_MUST_USE enum hn_status api_sample_known(struct api_call *call, struct hn_text *ret_id);
/* api_note() about one. */
HN_MUST_USE enum hn_status api_sample_note(
        struct api_call *call, struct hn_text id, struct hn_text detail);

/* ---- Handlers ---- */

#define API_HANDLER_LIST(X)                          \
    X("getDocument", api_document_get)               \
    X("login", api_login)                            \
    X("getMe", api_me_get)                           \
    X("logout", api_logout)                          \
    X("changePassword", api_password_change)         \
    X("listUsers", api_users_list)                   \
    X("createUser", api_user_create)                 \
    X("updateUser", api_user_update)                 \
    X("setPassword", api_user_password)              \
    X("listTokens", api_tokens_list)                 \
    X("createToken", api_token_create)               \
    X("revokeToken", api_token_revoke)               \
    X("listAudit", api_audit_list)                   \
    X("checkAudit", api_audit_walk)                  \
    X("listAlerts", api_alerts_list)                 \
    X("exportAlerts", api_alerts_export)             \
    X("streamAlerts", api_alerts_stream)             \
    X("editAlerts", api_alerts_edit)                 \
    X("getAlert", api_alert_get)                     \
    X("updateAlert", api_alert_update)               \
    X("commentAlert", api_alert_comment)             \
    X("getAlertHistory", api_alert_history)          \
    X("showAlert", api_alert_show)                   \
    X("getAlertContext", api_alert_context)          \
    X("searchEvents", api_events_search)             \
    X("streamEvents", api_events_stream)             \
    X("listIncidents", api_incidents_list)           \
    X("exportIncidents", api_incidents_export)       \
    X("getIncident", api_incident_get)               \
    X("updateIncident", api_incident_update)         \
    X("commentIncident", api_incident_comment)       \
    X("getIncidentHistory", api_incident_history)    \
    X("mergeIncident", api_incident_merge)           \
    X("splitIncident", api_incident_split)           \
    X("listMutes", api_mutes_list)                   \
    X("createMute", api_mute_create)                 \
    X("previewMute", api_mute_preview)               \
    X("getMute", api_mute_get)                       \
    X("endMute", api_mute_end)                       \
    X("getMuteHistory", api_mute_history)            \
    X("listOutbox", api_outbox_list)                 \
    X("requeueOutbox", api_outbox_requeue)           \
    X("listRules", api_rules_list)                   \
    X("reloadRules", api_rules_reload)               \
    X("submitSample", api_sample_submit)             \
    X("listSamples", api_samples_list)               \
    X("getSample", api_sample_get)                   \
    X("deleteSample", api_sample_remove)             \
    X("getSampleReport", api_sample_report)          \
    X("getSampleTree", api_sample_tree)              \
    X("listSampleChildren", api_sample_children)     \
    X("downloadSample", api_sample_download)         \
    X("listSampleIndicators", api_sample_indicators) \
    X("decideSampleIndicators", api_sample_decide)   \
    X("getStatus", api_status_get)

#define API_HANDLER_DECLARE(operation, function) api_handler function;
API_HANDLER_LIST(API_HANDLER_DECLARE)
#undef API_HANDLER_DECLARE

#endif
