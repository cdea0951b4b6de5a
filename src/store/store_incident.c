/* store_incident.c - what an incident is worth: counted again from its alerts, weighed and
 * explained. */
#include "base/json_out.h"
#include "store/store_internal.h"

#define NAMES_MAX 10 /* values named per reason */

static enum hn_status parts_count(struct store *store, int64_t id, enum store_part kind,
        uint32_t *ret_count, struct hn_err *err)
{
    int64_t count = 0;
    enum hn_status status =
            store_int(store, "SELECT count(*) FROM incident_part WHERE incident=?1 AND kind=?2",
                    STORE_INTS(id, kind), &count, err);

    *ret_count = (uint32_t)count;
    return status;
}

static enum hn_status write_values(struct store *store, int64_t id, enum store_part kind,
        struct hn_json_out *out, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT value FROM incident_part WHERE incident=?1 AND kind=?2 ORDER BY value LIMIT ?3",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, id);
    db_bind_int(stmt, 2, kind);
    db_bind_int(stmt, 3, NAMES_MAX);
    hn_json_key(out, HN_TEXT("values"));
    hn_json_open(out, '[');
    while ((status = db_next(stmt, err)) == HN_OK)
        hn_json_text(out, db_text(stmt, 0));
    hn_json_close(out, ']');
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status write_why(struct store *store, int64_t id,
        const struct incident_confidence *confidence, struct hn_buf *buf, struct hn_err *err)
{
    static const enum store_part parts[] = { [INCIDENT_REASON_TRACES] = STORE_PART_TRACE,
        [INCIDENT_REASON_RULES] = STORE_PART_RULE,
        [INCIDENT_REASON_HOSTS] = STORE_PART_HOST };
    struct hn_json_out out = hn_json_out_over(buf);
    enum hn_status status = HN_OK;

    hn_json_open(&out, '[');
    for (uint32_t i = 0; i < confidence->reason_count && status == HN_OK; i++) {
        enum incident_reason_code code = confidence->reasons[i].code;

        hn_json_open(&out, '{');
        hn_json_pair(&out, "reason", hn_text_cstr(incident_reason_text(code)));
        hn_json_pair_u64(&out, "count", confidence->reasons[i].count);
        hn_json_pair_u64(&out, "points", confidence->reasons[i].points);
        if (code != INCIDENT_REASON_LEVEL)
            status = write_values(store, id, parts[code], &out, err);
        hn_json_close(&out, '}');
    }
    hn_json_close(&out, ']');
    if (status == HN_OK && !hn_buf_ok(buf))
        status = hn_fail(err, buf->status, 0, "no memory for an explanation");
    return status;
}

enum hn_status store_incident_weigh(struct store *store, int64_t id, struct hn_err *err)
{
    struct incident_confidence confidence;
    struct incident_facts facts = { 0 };
    struct db_stmt *stmt = NULL;
    int64_t level = 0;
    enum hn_status status =
            store_int(store, "SELECT level FROM incident WHERE id=?1", STORE_INTS(id), &level, err);

    facts.level = (uint32_t)level;
    if (status == HN_OK)
        status = parts_count(store, id, STORE_PART_TRACE, &facts.traces, err);
    if (status == HN_OK)
        status = parts_count(store, id, STORE_PART_RULE, &facts.rules, err);
    if (status == HN_OK)
        status = parts_count(store, id, STORE_PART_HOST, &facts.hosts, err);
    if (status != HN_OK)
        return status;
    incident_confidence(&facts, &confidence);
    hn_buf_reset(&store->text);
    status = write_why(store, id, &confidence, &store->text, err);
    if (status == HN_OK)
        status = db_prepare(
                store->db, "UPDATE incident SET confidence=?2, why=?3 WHERE id=?1", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, id);
    db_bind_int(stmt, 2, confidence.value);
    db_bind_text(stmt, 3, hn_buf_text(&store->text));
    return db_run(stmt, err);
}

/* The parts are those that store_group() would have added one by one. */
enum hn_status store_incident_count(struct store *store, int64_t id, struct hn_err *err)
{
    static const char *const steps[] = {
        "DELETE FROM incident_part WHERE incident=?1",
        ("INSERT INTO incident_part SELECT * FROM ("
         "SELECT incident, 0, lower(host) AS v, count(*) FROM alert "
         "WHERE incident=?1 AND host<>'' GROUP BY 3 UNION ALL "
         "SELECT a.incident, 1, lower(d.address) AS v, count(*) FROM alert a "
         "JOIN alert_address d ON d.seq=a.seq WHERE a.incident=?1 AND d.address<>'' GROUP BY 3 "
         "UNION ALL SELECT incident, 2, lower(user) AS v, count(*) FROM alert "
         "WHERE incident=?1 AND user<>'' GROUP BY 3 UNION ALL "
         "SELECT incident, 3, lower(trace) AS v, count(*) FROM alert "
         "WHERE incident=?1 AND trace<>'' AND family<>'' GROUP BY 3 UNION ALL "
         "SELECT incident, 4, lower(iif(rule_id<>'',rule_id,title)) AS v, count(*) FROM alert "
         "WHERE incident=?1 AND iif(rule_id<>'',rule_id,title)<>'' GROUP BY 3) LIMIT 2000"),
        ("UPDATE incident SET (alerts,first,last,level)=(SELECT count(*),coalesce(min(at),first),"
         "coalesce(max(at),last),coalesce(max(level),0) FROM alert WHERE incident=?1) WHERE id=?1"),
    };
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < HN_COUNT_OF(steps) && status == HN_OK; i++)
        status = store_run(store, steps[i], STORE_INTS(id), err);
    if (status == HN_OK)
        status = store_incident_weigh(store, id, err);
    return status;
}
