/* sample_queue.c - samples on their way: handed in, claimed by a worker, given back or up.
 *
 * The queue is the table: what is in it survives whatever happens to the process. */
#include "sample/sample_internal.h"

#include "base/crash.h"

#include <stdio.h>
#include <string.h>

/* SAMPLE_TRIES_MAX within SQL. */
#define TRIES "5"
_Static_assert(SAMPLE_TRIES_MAX == 5u, "TRIES says the same");

/* ---- In ---- */

/* Its bytes, its passwords, its tenant; the length of each goes before it, so that nothing can be
 * moved from one to the next. */
static enum hn_status make_id(const struct samples *samples, const struct sample_wish *wish,
        const char *sha256, char ret_id[SAMPLE_ID_LEN], struct hn_err *err)
{
    struct hn_buf all = { 0 };
    enum hn_status status = HN_OK;

    hn_buf_addf(&all, "sample 1:%.*s:%zu:", (int)VAULT_NAME_LEN, sha256, wish->tenant.len);
    hn_buf_add_text(&all, wish->tenant);
    for (size_t i = 0; i < wish->password_count; i++) {
        hn_buf_addf(&all, ":%zu:", wish->passwords[i].len);
        hn_buf_add_text(&all, wish->passwords[i]);
    }
    if (!hn_buf_ok(&all) || !vault_id(samples->vault, hn_text_as_bytes(hn_buf_text(&all)), ret_id))
        status = hn_fail(err, HN_NOMEM, 0, "sample");
    hn_buf_deinit(&all);
    return status;
}

static enum hn_status seal_passwords(struct samples *samples, const struct sample_wish *wish,
        struct hn_text id, struct hn_buf *out, struct hn_err *err)
{
    struct hn_buf lines = { 0 };
    enum hn_status status;

    for (size_t i = 0; i < wish->password_count; i++) {
        hn_buf_add_text(&lines, wish->passwords[i]);
        hn_buf_add_char(&lines, '\n');
    }
    status = hn_buf_ok(&lines) ? vault_seal(samples->vault, id,
                                         hn_text_as_bytes(hn_buf_text(&lines)), out, err)
                               : hn_fail(err, HN_NOMEM, 0, "passwords");
    hn_buf_deinit(&lines);
    return status;
}

struct hn_text sample_base_name(struct hn_text name)
{
    size_t start = name.len;
    struct hn_text base;

    while (start > 0 && name.ptr[start - 1] != '/' && name.ptr[start - 1] != '\\')
        start--;
    base = hn_text_sub(name, start, SAMPLE_NAME_BYTES);
    while (base.len > 0 && start + base.len < name.len &&
            ((unsigned char)name.ptr[start + base.len] & 0xC0) == 0x80)
        base.len--; /* cut between two characters */
    return base.len > 0 ? base : HN_TEXT("sample");
}

/* *ret_value is left alone where there is no row. */
static enum hn_status ask(
        struct db *db, const char *sql, struct hn_text text, int64_t *ret_value, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db, sql, &stmt, err);

    if (status != HN_OK)
        return status;
    if (text.len > 0)
        db_bind_text(stmt, 1, text);
    status = db_next(stmt, err);
    if (status == HN_OK)
        *ret_value = db_int(stmt, 0);
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status insert_file(struct db *db, int64_t seq, const struct sample_wish *wish,
        struct hn_text sha256, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "INSERT INTO sample_file(sample,number,kind,sha256,name,format,object,size,kept)"
            " VALUES(?1,0,?2,?3,?4,'',0,?5,1)",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    db_bind_int(stmt, 2, SAMPLE_SAMPLE);
    db_bind_text(stmt, 3, sha256);
    db_bind_text(stmt, 4, sample_base_name(wish->name));
    db_bind_int(stmt, 5, (int64_t)wish->bytes.len);
    return db_run(stmt, err);
}

/* One being handed in. */
struct handing {
    struct samples *samples;
    struct db *db;
    const struct sample_wish *wish;
    struct hn_text id;
    struct hn_text sha256;
};

static enum hn_status insert(const struct handing *handing, struct hn_err *err)
{
    struct samples *samples = handing->samples;
    struct db *db = handing->db;
    const struct sample_wish *wish = handing->wish;
    struct hn_buf sealed = { 0 };
    struct db_stmt *stmt = NULL;
    enum hn_status status = seal_passwords(samples, wish, handing->id, &sealed, err);

    if (status == HN_OK) {
        status = db_prepare(db,
                "INSERT INTO sample(id,sha256,name,tenant,actor,size,passwords,received,state,"
                "attempts,verdict,error) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,0,0,-1,'')",
                &stmt, err);
    }
    if (status == HN_OK) {
        db_bind_text(stmt, 1, handing->id);
        db_bind_text(stmt, 2, handing->sha256);
        db_bind_text(stmt, 3, sample_base_name(wish->name));
        db_bind_text(stmt, 4, wish->tenant);
        db_bind_text(stmt, 5, wish->actor);
        db_bind_int(stmt, 6, (int64_t)wish->bytes.len);
        db_bind_bytes(stmt, 7, hn_text_as_bytes(hn_buf_text(&sealed)));
        db_bind_int(stmt, 8, sample_now(samples));
        status = db_run(stmt, err);
    }
    if (status == HN_OK)
        status = insert_file(db, db_last_id(db), wish, handing->sha256, err);
    hn_buf_deinit(&sealed);
    return status;
}

/* In a transaction: whether it is there, whether there is room, the row. */
static enum hn_status insert_new(const struct handing *handing, bool *ret_new, struct hn_err *err)
{
    uint32_t queue_max = handing->samples->options.queue_max;
    int64_t known = 0;
    int64_t waiting = 0;
    enum hn_status status =
            ask(handing->db, "SELECT 1 FROM sample WHERE id=?1", handing->id, &known, err);

    *ret_new = known == 0;
    if (status != HN_OK || known != 0)
        return status;
    status = ask(
            handing->db, "SELECT count(*) FROM sample WHERE state<2", HN_TEXT(""), &waiting, err);
    if (status == HN_OK && (uint64_t)waiting >= queue_max) {
        atomic_fetch_add(&handing->samples->refused, 1);
        return hn_fail(err, HN_LIMIT, 0, "%u samples are waiting already", (unsigned)queue_max);
    }
    return status == HN_OK ? insert(handing, err) : status;
}

static enum hn_status put(const struct handing *handing, bool *ret_new, struct hn_err *err)
{
    enum hn_status status = db_begin(handing->db, err);

    if (status != HN_OK)
        return status;
    status = insert_new(handing, ret_new, err);
    if (status == HN_OK)
        return db_commit(handing->db, err);
    db_rollback(handing->db);
    return status;
}

enum hn_status sample_submit(struct samples *samples, struct db *db, const struct sample_wish *wish,
        char ret_id[SAMPLE_ID_LEN], bool *ret_new, struct hn_err *err)
{
    struct hn_text id = hn_text_of(ret_id, SAMPLE_ID_LEN);
    char sha256[VAULT_NAME_LEN];
    enum hn_status status;

    if (wish->bytes.len == 0 || wish->bytes.len > samples->options.file_max)
        return hn_fail(err, HN_LIMIT, 0, "not 1 to %llu bytes",
                (unsigned long long)samples->options.file_max);
    (void)pthread_mutex_lock(&samples->files_lock);
    status = vault_put(samples->vault, wish->bytes, sha256, err);
    HN_CRASH_POINT("sample_file");
    if (status == HN_OK)
        status = make_id(samples, wish, sha256, ret_id, err);
    if (status == HN_OK) {
        status = put(&(struct handing){ .samples = samples,
                             .db = db,
                             .wish = wish,
                             .id = id,
                             .sha256 = hn_text_of(sha256, sizeof sha256) },
                ret_new, err);
    }
    HN_CRASH_POINT("sample_row");
    (void)pthread_mutex_unlock(&samples->files_lock);
    if (status == HN_OK && *ret_new) {
        atomic_fetch_add(&samples->submitted, 1);
        (void)pthread_mutex_lock(&samples->lock);
        (void)pthread_cond_signal(&samples->woken);
        (void)pthread_mutex_unlock(&samples->lock);
    }
    return status;
}

/* ---- Out ---- */

static void keep_text(char *room, size_t size, struct hn_text text)
{
    (void)snprintf(room, size, "%.*s", HN_TEXT_ARG(text));
}

static enum hn_status read_job(struct db *db, struct sample_job *job, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT seq,id,sha256,name,tenant,passwords FROM sample WHERE state=0"
            " ORDER BY attempts,seq LIMIT 1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    status = db_next(stmt, err);
    if (status == HN_OK) {
        struct hn_bytes sealed = db_bytes(stmt, 5);

        job->seq = db_int(stmt, 0);
        keep_text(job->id, sizeof job->id, db_text(stmt, 1));
        keep_text(job->sha256, sizeof job->sha256, db_text(stmt, 2));
        keep_text(job->name, sizeof job->name, db_text(stmt, 3));
        keep_text(job->tenant, sizeof job->tenant, db_text(stmt, 4));
        hn_buf_reset(&job->sealed);
        hn_buf_add(&job->sealed, sealed.ptr, sealed.len);
        if (!hn_buf_ok(&job->sealed))
            status = hn_fail(err, HN_NOMEM, 0, "passwords");
    }
    db_stmt_done(stmt);
    return status;
}

/* UPDATE sample SET ... WHERE seq=?1; the time is ?2, a text ?3. */
static enum hn_status update(struct db *db, const char *sql, int64_t seq, hn_time now,
        const char *text, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db, sql, &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    if (now != HN_TIME_NONE)
        db_bind_int(stmt, 2, now);
    if (text != NULL)
        db_bind_text(stmt, 3, hn_text_cstr(text));
    return db_run(stmt, err);
}

enum hn_status sample_claim(
        struct samples *samples, struct db *db, struct sample_job *ret_job, struct hn_err *err)
{
    int64_t any = 0;
    enum hn_status status =
            ask(db, "SELECT 1 FROM sample WHERE state=0 LIMIT 1", HN_TEXT(""), &any, err);

    if (status != HN_OK)
        return status;
    if (any == 0) /* without taking the lock of writing every second */
        return HN_NOTFOUND;
    status = db_begin(db, err);
    if (status != HN_OK)
        return status;
    status = read_job(db, ret_job, err);
    if (status == HN_OK)
        status = update(db, "UPDATE sample SET state=1,attempts=attempts+1,started=?2 WHERE seq=?1",
                ret_job->seq, sample_now(samples), NULL, err);
    if (status == HN_OK)
        return db_commit(db, err);
    db_rollback(db);
    return status;
}

static enum hn_status alone(struct db *db, const char *sql, int64_t seq, hn_time now,
        const char *text, struct hn_err *err)
{
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    status = update(db, sql, seq, now, text, err);
    if (status == HN_OK)
        return db_commit(db, err);
    db_rollback(db);
    return status;
}

enum hn_status sample_give_up(
        struct samples *samples, struct db *db, int64_t seq, const char *why, struct hn_err *err)
{
    enum hn_status status =
            alone(db, "UPDATE sample SET state=3,finished=?2,error=?3 WHERE seq=?1 AND state=1",
                    seq, sample_now(samples), why, err);

    if (status == HN_OK && db_changes(db) > 0)
        atomic_fetch_add(&samples->failed, 1);
    return status;
}

enum hn_status sample_give_back(
        struct samples *samples, struct db *db, int64_t seq, bool counted, struct hn_err *err)
{
    enum hn_status status;

    if (!counted)
        return alone(db, "UPDATE sample SET state=0,attempts=attempts-1 WHERE seq=?1 AND state=1",
                seq, HN_TIME_NONE, NULL, err);
    /* In this order: once it is in the queue again somebody else may have it. */
    status = alone(db,
            "UPDATE sample SET state=3,finished=?2,error=?3 WHERE seq=?1 AND state=1"
            " AND attempts>=" TRIES,
            seq, sample_now(samples), "it ended the worker that looked at it, several times", err);
    if (status == HN_OK && db_changes(db) > 0)
        atomic_fetch_add(&samples->failed, 1);
    return status == HN_OK ? alone(db, "UPDATE sample SET state=0 WHERE seq=?1 AND state=1", seq,
                                     HN_TIME_NONE, NULL, err)
                           : status;
}

enum hn_status sample_put_back(struct db *db, hn_time now, struct hn_err *err)
{
    enum hn_status status = alone(db,
            "UPDATE sample SET state=3,finished=?2,error=?3 WHERE state=1 AND attempts>=?1",
            SAMPLE_TRIES_MAX, now, "the server ended while it was looked at, several times", err);

    /* ?1 is a number that nothing has: all that are left go back. */
    return status == HN_OK ? alone(db, "UPDATE sample SET state=0 WHERE state=1 AND seq<>?1", 0,
                                     HN_TIME_NONE, NULL, err)
                           : status;
}
