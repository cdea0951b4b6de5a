/* sample_offer.c - what samples tell, offered; what people accepted, as a list that is loaded like
 * any other: <dir>/indicators.csv, written anew as a whole. */
#include "sample/sample_internal.h"

#include "base/escape.h"
#include "base/file.h"

#include <string.h>

#define COMMENT_BYTES 200u

const char *sample_indicator_type(const struct protect_indicator *one)
{
    if (one->kind != PROTECT_EXTRACTED)
        return NULL;
    switch (one->what) {
    case EXTRACT_URL:
        return "url";
    case EXTRACT_HOST:
        return "domain";
    case EXTRACT_IPV4:
        return "ipv4";
    case EXTRACT_IPV6:
        return "ipv6";
    case EXTRACT_MD5:
        return "md5";
    case EXTRACT_SHA1:
        return "sha1";
    case EXTRACT_SHA256:
        return "sha256";
    case EXTRACT_SHA512:
        return "sha512";
    case EXTRACT_EMAIL:
        return "email";
    case EXTRACT_NETWORK: /* a whole network is somebody's decision, not a sample's */
    case EXTRACT_FILE:
    case EXTRACT_PATH:
    case EXTRACT_UNIX_PATH:
    case EXTRACT_REGISTRY:
    case EXTRACT_MUTEX:
    case EXTRACT_CVE:
    case EXTRACT_USER_AGENT:
    case EXTRACT_KIND_COUNT:
        break;
    }
    return NULL;
}

static enum hn_status offer_one(struct db *db, const struct sample_job *job, const char *type,
        const struct protect_indicator *one, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "INSERT OR IGNORE INTO sample_indicator(sample,type,value,role,decision,actor)"
            " VALUES(?1,?2,?3,?4,0,'')",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_cstr(job->id));
    db_bind_text(stmt, 2, hn_text_cstr(type));
    db_bind_text(stmt, 3, one->value);
    db_bind_text(stmt, 4, hn_text_cstr(protect_role_id(one->role)));
    return db_run(stmt, err);
}

enum hn_status sample_offer(struct samples *samples, struct db *db, const struct sample_job *job,
        const struct sample_result *result, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < result->indicators.items.count; i++) {
        const struct protect_indicator *one = &result->indicators.items.ptr[i];
        const char *type = sample_indicator_type(one);

        if (type != NULL && protect_is_usable(one, samples->options.reserved))
            status = offer_one(db, job, type, one, err);
    }
    return status;
}

/* ---- Reading ---- */

static hn_time time_at(struct db_stmt *stmt, int column)
{
    return db_is_null(stmt, column) ? HN_TIME_NONE : db_int(stmt, column);
}

enum hn_status sample_indicators(struct db *db, struct hn_text id,
        sample_on_indicator *on_indicator, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT number,type,value,role,decision,actor,decided,expires FROM sample_indicator"
            " WHERE sample=?1 ORDER BY number",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, id);
    while ((status = db_next(stmt, err)) == HN_OK) {
        const struct sample_indicator one = { .number = db_int(stmt, 0),
            .type = db_text(stmt, 1),
            .value = db_text(stmt, 2),
            .role = db_text(stmt, 3),
            .decision = (enum sample_decision)db_int(stmt, 4),
            .actor = db_text(stmt, 5),
            .decided = time_at(stmt, 6),
            .expires = time_at(stmt, 7) };

        on_indicator(ctx, &one);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

/* ---- The list ---- */

static void add_time(struct hn_buf *out, hn_time time)
{
    hn_buf_add_char(out, ',');
    if (time != HN_TIME_NONE)
        hn_buf_add_time(out, time, NULL);
}

static void add_row(struct hn_buf *out, struct db_stmt *stmt)
{
    struct hn_buf text = { 0 };
    hn_time decided = time_at(stmt, 5);

    hn_csv_field(out, db_text(stmt, 1));
    hn_buf_add_char(out, ',');
    hn_csv_field(out, db_text(stmt, 0));
    add_time(out, decided);
    add_time(out, time_at(stmt, 6));
    hn_buf_add_char(out, ',');
    hn_buf_addf(&text, "sample:%.*s", HN_TEXT_ARG(db_text(stmt, 3)));
    hn_csv_field(out, hn_buf_text(&text));
    hn_buf_reset(&text);
    hn_buf_addf(&text, "%.*s, accepted by %.*s", HN_TEXT_ARG(db_text(stmt, 2)),
            HN_TEXT_ARG(hn_text_sub(db_text(stmt, 4), 0, COMMENT_BYTES)));
    hn_buf_add_char(out, ',');
    hn_csv_field(out, hn_buf_text(&text));
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&text);
}

static enum hn_status write_rows(
        struct db *db, hn_time now, struct hn_buf *out, hn_time *ret_expiry, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT type,value,role,sample,actor,decided,expires FROM sample_indicator"
            " WHERE decision=1 AND (expires IS NULL OR expires>?1) ORDER BY number",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, now);
    hn_buf_add_lit(out, "value,type,first,until,reference,comment\n");
    while ((status = db_next(stmt, err)) == HN_OK) {
        hn_time expires = time_at(stmt, 6);

        add_row(out, stmt);
        if (expires != HN_TIME_NONE && (*ret_expiry == HN_TIME_NONE || expires < *ret_expiry))
            *ret_expiry = expires;
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status sample_write_accepted(struct samples *samples, struct db *db, struct hn_err *err)
{
    struct hn_buf text = { 0 };
    hn_time expiry = HN_TIME_NONE;
    enum hn_status status;

    (void)pthread_mutex_lock(&samples->files_lock);
    status = write_rows(db, sample_now(samples), &text, &expiry, err);
    if (status == HN_OK && !hn_buf_ok(&text))
        status = hn_fail(err, HN_NOMEM, 0, "indicators");
    if (status == HN_OK)
        status = hn_file_write_whole(
                samples->dir, SAMPLE_INDICATORS, hn_text_as_bytes(hn_buf_text(&text)), err);
    if (status == HN_OK)
        atomic_store(&samples->next_expiry, expiry);
    (void)pthread_mutex_unlock(&samples->files_lock);
    hn_buf_deinit(&text);
    return status;
}

/* ---- Decisions ---- */

static enum hn_status decide_one(struct samples *samples, struct db *db, struct hn_text id,
        int64_t number, const struct sample_verdict *verdict, struct hn_err *err)
{
    hn_time now = sample_now(samples);
    hn_time expires = verdict->expires;
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "UPDATE sample_indicator SET decision=?3,actor=?4,decided=?5,expires=?6"
            " WHERE number=?2 AND sample=?1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    if (expires == HN_TIME_NONE && samples->options.expires > 0)
        expires = now + samples->options.expires;
    db_bind_text(stmt, 1, id);
    db_bind_int(stmt, 2, number);
    db_bind_int(stmt, 3, verdict->decision);
    db_bind_text(stmt, 4, verdict->actor);
    db_bind_int(stmt, 5, now);
    if (verdict->decision == SAMPLE_ACCEPTED && expires != HN_TIME_NONE)
        db_bind_int(stmt, 6, expires);
    else
        db_bind_null(stmt, 6);
    status = db_run(stmt, err);
    return status == HN_OK && db_changes(db) == 0
                   ? hn_fail(err, HN_NOTFOUND, 0, "no such indicator of this sample")
                   : status;
}

enum hn_status sample_decide(struct samples *samples, struct db *db, struct hn_text id,
        const struct sample_verdict *verdict, struct hn_err *err)
{
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    for (size_t i = 0; status == HN_OK && i < verdict->count; i++)
        status = decide_one(samples, db, id, verdict->numbers[i], verdict, err);
    if (status == HN_OK)
        status = db_commit(db, err);
    else
        db_rollback(db);
    /* Were this to fail, the next start writes it. */
    return status == HN_OK ? sample_write_accepted(samples, db, err) : status;
}
