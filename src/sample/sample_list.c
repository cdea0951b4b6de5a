/* sample_list.c - samples and their files, as they are asked for. */
#include "sample/sample_internal.h"

#define COLUMNS                                                                                  \
    "SELECT seq,id,sha256,name,tenant,actor,size,received,finished,state,verdict,attempts,error" \
    " FROM sample "

static void read_row(struct db_stmt *stmt, struct sample_row *row)
{
    *row = (struct sample_row){ .seq = db_int(stmt, 0),
        .id = db_text(stmt, 1),
        .sha256 = db_text(stmt, 2),
        .name = db_text(stmt, 3),
        .tenant = db_text(stmt, 4),
        .actor = db_text(stmt, 5),
        .size = (uint64_t)db_int(stmt, 6),
        .received = db_int(stmt, 7),
        .finished = db_is_null(stmt, 8) ? HN_TIME_NONE : db_int(stmt, 8),
        .state = (enum sample_state)db_int(stmt, 9),
        .verdict = (int)db_int(stmt, 10),
        .attempts = (uint32_t)db_int(stmt, 11),
        .error = db_text(stmt, 12) };
}

static enum hn_status each_row(
        struct db_stmt *stmt, sample_on_row *on_row, void *ctx, struct hn_err *err)
{
    enum hn_status status;

    while ((status = db_next(stmt, err)) == HN_OK) {
        struct sample_row row;

        read_row(stmt, &row);
        on_row(ctx, &row);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status sample_list(struct db *db, const struct sample_filter *filter, sample_on_row *on_row,
        void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            COLUMNS "WHERE (?1='' OR tenant=?1) AND (?2<0 OR state=?2) AND (?3<0 OR verdict=?3)"
                    " AND seq<?4 ORDER BY seq DESC LIMIT ?5",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, filter->tenant);
    db_bind_int(stmt, 2, filter->state);
    db_bind_int(stmt, 3, filter->verdict);
    db_bind_int(stmt, 4, filter->before > 0 ? filter->before : INT64_MAX);
    db_bind_int(stmt, 5, filter->limit);
    return each_row(stmt, on_row, ctx, err);
}

enum hn_status sample_find(struct db *db, struct hn_text id, struct hn_text tenant,
        sample_on_row *on_row, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(db, COLUMNS "WHERE id=?1 AND (?2='' OR tenant=?2)", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, id);
    db_bind_text(stmt, 2, tenant);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        struct sample_row row;

        read_row(stmt, &row);
        on_row(ctx, &row);
    }
    db_stmt_done(stmt);
    return status;
}

/* ---- Files ---- */

enum hn_status sample_children(
        struct db *db, struct hn_text id, sample_on_file *on_file, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT f.kind,f.sha256,f.name,f.format,f.object,f.size,f.kept FROM sample_file f"
            " JOIN sample s ON s.seq=f.sample WHERE s.id=?1 AND f.kind=?2 ORDER BY f.number",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, id);
    db_bind_int(stmt, 2, SAMPLE_CHILD);
    while ((status = db_next(stmt, err)) == HN_OK) {
        const struct sample_file file = { .kind = (enum sample_file_kind)db_int(stmt, 0),
            .sha256 = db_text(stmt, 1),
            .name = db_text(stmt, 2),
            .format = db_text(stmt, 3),
            .object = (uint32_t)db_int(stmt, 4),
            .size = (uint64_t)db_int(stmt, 5),
            .kept = db_int(stmt, 6) != 0 };

        on_file(ctx, &file);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status sample_read(struct samples *samples, struct db *db, const struct sample_part *part,
        struct hn_buf *out, struct hn_err *err)
{
    char name[VAULT_NAME_LEN];
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT f.sha256 FROM sample_file f JOIN sample s ON s.seq=f.sample"
            " WHERE s.id=?1 AND f.kind=?2 AND f.kept=1 AND (?3='' OR f.sha256=?3) LIMIT 1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, part->id);
    db_bind_int(stmt, 2, part->kind);
    db_bind_text(stmt, 3, part->kind == SAMPLE_CHILD ? part->sha256 : HN_TEXT(""));
    status = db_next(stmt, err);
    if (status == HN_OK) {
        struct hn_text found = db_text(stmt, 0);

        if (found.len == VAULT_NAME_LEN)
            memcpy(name, found.ptr, VAULT_NAME_LEN);
        else
            status = hn_fail(err, HN_CORRUPT, 0, "a file's name is no digest");
    }
    db_stmt_done(stmt);
    if (status != HN_OK)
        return status;
    status = vault_get(samples->vault, hn_text_of(name, sizeof name), out, err);
    /* A row without its file is damage, not a name that somebody made up. */
    return status == HN_NOTFOUND ? hn_fail(err, HN_CORRUPT, 0, "a file of the vault is missing")
                                 : status;
}
