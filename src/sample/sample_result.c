/* sample_result.c - what is kept of an analysis: reports, what was in the sample, indicators. */
#include "sample/sample_internal.h"

#include "base/crash.h"
#include "base/sha256.h"
#include "base/vec.h"

struct keeping {
    struct samples *samples;
    struct db *db;
    const struct sample_job *job;
    const struct sample_result *result;
    struct report_result told;
    struct hn_arena arena;
    HN_VEC(struct sample_file) files;
    uint64_t room; /* left for children */
    struct hn_err *err;
};

/* To be written into the database when all files are there. */
static enum hn_status note_file(struct keeping *k, const struct sample_file *file)
{
    struct sample_file *noted = hn_vec_add(&k->files);

    if (noted == NULL)
        return hn_fail(k->err, HN_NOMEM, 0, "files of a sample");
    *noted = *file;
    noted->sha256 = hn_arena_text(&k->arena, file->sha256);
    return noted->sha256.ptr == NULL ? hn_fail(k->err, HN_NOMEM, 0, "files of a sample") : HN_OK;
}

/* ---- Reports ---- */

static enum hn_status write_form(struct keeping *k, enum sample_file_kind kind, struct hn_buf *out)
{
    switch (kind) {
    case SAMPLE_REPORT:
        report_result_json(&k->told, out);
        break;
    case SAMPLE_HTML_EN:
        return report_result_html(&k->told, false, NULL, out);
    case SAMPLE_HTML_JA:
        return report_result_html(&k->told, true, NULL, out);
    case SAMPLE_TREE:
        dissect_save(k->result->sample.dissect, DISSECT_KEEP_SCRIPTS, out);
        break;
    case SAMPLE_SAMPLE:
    case SAMPLE_CHILD:
        break;
    }
    return hn_buf_ok(out) ? HN_OK : HN_NOMEM;
}

static enum hn_status keep_form(struct keeping *k, enum sample_file_kind kind)
{
    char name[VAULT_NAME_LEN];
    struct hn_buf text = { 0 };
    enum hn_status status = write_form(k, kind, &text);

    if (status != HN_OK)
        status = hn_fail(k->err, status, 0, "report");
    if (status == HN_OK)
        status = vault_put(k->samples->vault, hn_text_as_bytes(hn_buf_text(&text)), name, k->err);
    if (status == HN_OK) {
        status = note_file(k, &(struct sample_file){ .kind = kind,
                                      .sha256 = hn_text_of(name, sizeof name),
                                      .size = text.len,
                                      .kept = true });
    }
    hn_buf_deinit(&text);
    return status;
}

/* ---- Children ---- */

static enum hn_status keep_child(struct keeping *k, uint32_t id)
{
    const struct dissect_object *object = dissect_get(k->result->sample.dissect, id);
    char name[VAULT_NAME_LEN];
    struct sample_file file = { .kind = SAMPLE_CHILD,
        .name = hn_text_sub(object->name, 0, 1024),
        .format = hn_text_cstr(dissect_format_id(object->format)),
        .object = id,
        .size = object->data.len,
        .kept = object->data.len <= k->room };
    enum hn_status status = HN_OK;

    if (object->data.len == 0)
        return HN_OK;
    file.sha256 = hn_text_of(name, sizeof name);
    if (file.kept) {
        status = vault_put(k->samples->vault, object->data, name, k->err);
        k->room -= object->data.len;
    } else if (!hn_sha256_hex(object->data, name)) {
        status = hn_fail(k->err, HN_NOMEM, 0, "digest");
    }
    return status == HN_OK ? note_file(k, &file) : status;
}

/* ---- All of it ---- */

/* Files first: each is synced, and the database is not held meanwhile. */
static enum hn_status keep_files(struct keeping *k)
{
    static const enum sample_file_kind forms[] = { SAMPLE_REPORT, SAMPLE_HTML_EN, SAMPLE_HTML_JA,
        SAMPLE_TREE };
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < HN_COUNT_OF(forms); i++)
        status = keep_form(k, forms[i]);
    for (uint32_t id = 1; status == HN_OK && id < dissect_count(k->result->sample.dissect); id++)
        status = keep_child(k, id);
    return status;
}

static enum hn_status finish(struct keeping *k)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(k->db,
            "UPDATE sample SET state=2,finished=?2,verdict=?3 WHERE seq=?1 AND state=1", &stmt,
            k->err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, k->job->seq);
    db_bind_int(stmt, 2, sample_now(k->samples));
    db_bind_int(stmt, 3, k->result->verdict.kind);
    status = db_run(stmt, k->err);
    /* Somebody has removed it meanwhile: nothing of it is kept. */
    return status == HN_OK && db_changes(k->db) == 0 ? HN_NOTFOUND : status;
}

static enum hn_status add_file(struct keeping *k, size_t index)
{
    const struct sample_file *file = &k->files.ptr[index];
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(k->db,
            "INSERT INTO sample_file(sample,number,kind,sha256,name,format,object,size,kept)"
            " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
            &stmt, k->err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, k->job->seq);
    db_bind_int(stmt, 2, (int64_t)index + 1); /* 0 is the sample */
    db_bind_int(stmt, 3, file->kind);
    db_bind_text(stmt, 4, file->sha256);
    db_bind_text(stmt, 5, file->name);
    db_bind_text(stmt, 6, file->format);
    db_bind_int(stmt, 7, file->object);
    db_bind_int(stmt, 8, (int64_t)file->size);
    db_bind_int(stmt, 9, file->kept);
    return db_run(stmt, k->err);
}

static enum hn_status keep_rows(struct keeping *k)
{
    enum hn_status status = db_begin(k->db, k->err);

    if (status != HN_OK)
        return status;
    status = finish(k);
    for (size_t i = 0; status == HN_OK && i < k->files.count; i++)
        status = add_file(k, i);
    if (status == HN_OK)
        status = sample_offer(k->samples, k->db, k->job, k->result, k->err);
    if (status == HN_OK)
        return db_commit(k->db, k->err);
    db_rollback(k->db);
    return status;
}

enum hn_status sample_keep(struct samples *samples, struct db *db, const struct sample_job *job,
        const struct sample_result *result, struct hn_err *err)
{
    struct keeping k = { .samples = samples,
        .db = db,
        .job = job,
        .result = result,
        .told = { .name = hn_text_cstr(job->name),
                .version = hn_text_cstr(samples->options.version),
                .made = sample_now(samples),
                .sample = &result->sample,
                .verdict = &result->verdict,
                .indicators = &result->indicators,
                .sightings = result->looked ? &result->sightings : NULL },
        .room = samples->options.children_max,
        .err = err };
    enum hn_status status;

    hn_arena_init(&k.arena, SAMPLE_ARENA_MAX);
    (void)pthread_mutex_lock(&samples->files_lock);
    status = keep_files(&k);
    HN_CRASH_POINT("sample_kept");
    if (status == HN_OK)
        status = keep_rows(&k);
    (void)pthread_mutex_unlock(&samples->files_lock);
    hn_vec_deinit(&k.files);
    hn_arena_deinit(&k.arena);
    return status;
}
