/* sample_remove.c - what is deleted: on demand, over a limit, or because no row names it. */
#include "sample/sample_internal.h"

#include "base/vec.h"

#include <string.h>

#define TIDY_MAX 20 /* samples removed in one go */

struct names {
    HN_VEC(char *) list;
    struct hn_arena arena;
    bool no_memory;
};

static void names_deinit(struct names *names)
{
    hn_vec_deinit(&names->list);
    hn_arena_deinit(&names->arena);
}

static void names_add(struct names *names, struct hn_text name)
{
    char **slot = hn_vec_add(&names->list);
    char *text = hn_new(&names->arena, char, name.len + 1);

    if (slot == NULL || text == NULL) {
        names->no_memory = true;
        if (slot != NULL)
            names->list.count--;
        return;
    }
    memcpy(text, name.ptr, name.len);
    *slot = text;
}

/* A row of any sample names it. */
static enum hn_status is_named(struct db *db, const char *name, bool *ret_named, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(db, "SELECT 1 FROM sample_file WHERE sha256=?1 LIMIT 1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_cstr(name));
    status = db_next(stmt, err);
    *ret_named = status == HN_OK;
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

/* With files_lock. */
static enum hn_status remove_unnamed(
        struct samples *samples, struct db *db, const struct names *names, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < names->list.count; i++) {
        bool named = true;

        status = is_named(db, names->list.ptr[i], &named, err);
        if (status == HN_OK && !named)
            status = vault_remove(samples->vault, hn_text_cstr(names->list.ptr[i]), err);
    }
    return status;
}

static void on_file(void *ctx, struct hn_text name, uint64_t bytes)
{
    (void)bytes;
    names_add(ctx, name);
}

enum hn_status sample_sweep(struct samples *samples, struct db *db, struct hn_err *err)
{
    struct names names = { 0 };
    enum hn_status status;

    hn_arena_init(&names.arena, SAMPLE_ARENA_MAX);
    (void)pthread_mutex_lock(&samples->files_lock);
    status = vault_each(samples->vault, on_file, &names, err);
    /* Those that found no room are looked at after the next start. */
    if (status == HN_OK)
        status = remove_unnamed(samples, db, &names, err);
    (void)pthread_mutex_unlock(&samples->files_lock);
    names_deinit(&names);
    return status;
}

/* ---- One ---- */

static enum hn_status collect(
        struct db *db, struct hn_text id, struct names *names, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT DISTINCT f.sha256 FROM sample_file f JOIN sample s ON s.seq=f.sample"
            " WHERE s.id=?1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, id);
    while ((status = db_next(stmt, err)) == HN_OK)
        names_add(names, db_text(stmt, 0));
    db_stmt_done(stmt);
    if (status == HN_NOTFOUND)
        status = names->no_memory ? hn_fail(err, HN_NOMEM, 0, "names of files") : HN_OK;
    return status;
}

static enum hn_status run(struct db *db, const char *sql, struct hn_text id, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db, sql, &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, id);
    return db_run(stmt, err);
}

static enum hn_status remove_rows(
        struct db *db, struct hn_text id, struct names *names, struct hn_err *err)
{
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    status = collect(db, id, names, err);
    if (status == HN_OK)
        status = run(db, "DELETE FROM sample_indicator WHERE sample=?1 AND decision<>1", id, err);
    if (status == HN_OK)
        status = run(db, "DELETE FROM sample WHERE id=?1", id, err);
    if (status == HN_OK && db_changes(db) == 0)
        status = HN_NOTFOUND;
    if (status == HN_OK)
        return db_commit(db, err);
    db_rollback(db);
    return status;
}

enum hn_status sample_remove(
        struct samples *samples, struct db *db, struct hn_text id, struct hn_err *err)
{
    struct names names = { 0 };
    enum hn_status status;

    hn_arena_init(&names.arena, SAMPLE_ARENA_MAX);
    (void)pthread_mutex_lock(&samples->files_lock);
    status = remove_rows(db, id, &names, err);
    if (status == HN_OK)
        status = remove_unnamed(samples, db, &names, err);
    (void)pthread_mutex_unlock(&samples->files_lock);
    names_deinit(&names);
    return status;
}

/* ---- Limits ---- */

/* The oldest finished one, where a limit wants it gone; HN_NOTFOUND: none does. */
static enum hn_status find_over(
        struct samples *samples, struct db *db, char ret_id[SAMPLE_ID_LEN], struct hn_err *err)
{
    const struct sample_options *options = &samples->options;
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT id FROM sample WHERE state>=2 AND ((?1>0 AND received<?1)"
            " OR (?2>0 AND (SELECT count(*) FROM sample)>?2)"
            " OR (?3>0 AND (SELECT coalesce(sum(size),0) FROM"
            " (SELECT max(size) AS size FROM sample_file WHERE kept=1 GROUP BY sha256))>?3))"
            " ORDER BY seq LIMIT 1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, options->age_max > 0 ? sample_now(samples) - options->age_max : 0);
    db_bind_int(stmt, 2, (int64_t)options->count_max);
    db_bind_int(stmt, 3, (int64_t)options->bytes_max);
    status = db_next(stmt, err);
    if (status == HN_OK && db_text(stmt, 0).len == SAMPLE_ID_LEN)
        memcpy(ret_id, db_text(stmt, 0).ptr, SAMPLE_ID_LEN);
    else if (status == HN_OK)
        status = hn_fail(err, HN_CORRUPT, 0, "an id of a sample");
    db_stmt_done(stmt);
    return status;
}

enum hn_status sample_tidy(struct samples *samples, struct db *db, struct hn_err *err)
{
    hn_time expiry = atomic_load(&samples->next_expiry);
    enum hn_status status = HN_OK;

    for (unsigned i = 0; status == HN_OK && i < TIDY_MAX; i++) {
        char id[SAMPLE_ID_LEN];

        status = find_over(samples, db, id, err);
        if (status != HN_OK)
            break;
        status = sample_remove(samples, db, hn_text_of(id, sizeof id), err);
        if (status == HN_OK)
            sample_tell(samples, false, "samples.removed", "a sample was over a limit",
                    hn_text_of(id, sizeof id));
    }
    if (status == HN_NOTFOUND)
        status = HN_OK;
    if (status == HN_OK && expiry != HN_TIME_NONE && expiry <= sample_now(samples))
        status = sample_write_accepted(samples, db, err);
    return status;
}
