/* serve_recall.c - what the intake has to know of earlier runs: keys of batches, positions of
 * files.
 *
 *     <data>/intake/now.hni       saved last
 *     <data>/intake/before.hni    the one before it
 *
 * Both come out of the journal, so nothing is lost without these files: they say it up to an
 * offset, and only the rest of the journal has to be read. Without them, or when they are damaged
 * or of another journal, all of it is read. */
#include "serve/serve_internal.h"

#include "base/crash.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>

#define STATE_BYTES_MAX ((size_t)8 << 30)

static const char *const generations[] = { "now.hni", "before.hni" };

/* ---- At start ---- */

/* Into an intake that knows nothing; it stays so unless this gives HN_OK. */
static enum hn_status restore_one(
        struct serve *serve, const char *dir, const char *name, uint64_t *ret_from)
{
    struct hn_buf bytes = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status = hn_file_read_whole(dir, name, STATE_BYTES_MAX, &bytes, &err);

    if (status == HN_OK)
        status = intake_restore(
                serve->intake, hn_text_as_bytes(hn_buf_text(&bytes)), ret_from, &err);
    hn_buf_deinit(&bytes);
    if (status != HN_OK && status != HN_NOTFOUND && err.sys_errno != ENOENT)
        serve_log_failure(CONFIG_LOG_WARNING, "intake.state",
                "keys and positions are read from the journal instead", &err);
    return status;
}

/* Where the journal has to be read from. An offset that the journal has not come to is of another
 * one: what that knew is forgotten. */
static enum hn_status restore(struct serve *serve, uint64_t *ret_from, struct hn_err *err)
{
    char dir[SERVE_PATH_MAX];
    uint64_t from = 0;

    *ret_from = journal_start(serve->journal);
    if (!serve_path(serve, "intake", dir))
        return hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    for (size_t i = 0; i < HN_COUNT_OF(generations); i++) {
        if (restore_one(serve, dir, generations[i], &from) != HN_OK)
            continue;
        if (from <= journal_committed(serve->journal)) {
            if (from > *ret_from)
                *ret_from = from;
            return HN_OK;
        }
        intake_free(serve->intake);
        serve->intake = NULL;
        if (intake_new(serve->journal, &serve->intake, err) != HN_OK)
            return HN_NOMEM;
    }
    return HN_OK;
}

static enum hn_status read_on(struct serve *serve, uint64_t from, struct hn_err *err)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    enum hn_status status = journal_reader_open(serve->journal, from, &reader, err);

    while (status == HN_OK && (status = journal_read(reader, 0, &record, err)) == HN_OK) {
        struct intake_batch batch;

        if (record.kind == JOURNAL_BATCH &&
                intake_batch_read(record.payload, &batch, NULL) == HN_OK)
            intake_recall(serve->intake, &batch, record.received);
        intake_recalled(serve->intake, record.next);
    }
    journal_reader_close(reader);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status serve_recall(struct serve *serve, struct hn_err *err)
{
    hn_time started = serve_now();
    uint64_t from = 0;
    enum hn_status status = intake_new(serve->journal, &serve->intake, err);

    if (status == HN_OK)
        status = restore(serve, &from, err);
    if (status == HN_OK)
        status = read_on(serve, from, err);
    if (status == HN_OK) {
        serve_log(CONFIG_LOG_INFO, "intake.recalled", "keys and positions are known",
                SERVE_COUNT("from", from), SERVE_COUNT("to", journal_committed(serve->journal)),
                SERVE_COUNT("milliseconds", (uint64_t)((serve_now() - started) / HN_MILLISECOND)));
    }
    return status;
}

/* ---- While it runs, and at the end ---- */

/* The last one becomes the one before it; whenever the power goes, one of the two is whole. */
static enum hn_status write_both(
        const struct serve *serve, struct hn_bytes bytes, struct hn_err *err)
{
    char dir[SERVE_PATH_MAX];
    char now[SERVE_PATH_MAX];
    char before[SERVE_PATH_MAX];

    if (!serve_path(serve, "intake", dir) || !serve_path(serve, "intake/now.hni", now) ||
            !serve_path(serve, "intake/before.hni", before))
        return hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    if (rename(now, before) != 0 && errno != ENOENT)
        return hn_fail_sys(err, errno, "%s cannot be renamed", now);
    HN_CRASH_POINT("intake_moved");
    return hn_file_write_whole(dir, generations[0], bytes, err);
}

void serve_recall_save(struct serve *serve)
{
    struct hn_buf bytes = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status;
    uint64_t committed;

    if (serve->intake == NULL)
        return;
    committed = journal_committed(serve->journal);
    if (committed == serve->saved)
        return;
    intake_save(serve->intake, &bytes);
    status = hn_buf_ok(&bytes) ? write_both(serve, hn_text_as_bytes(hn_buf_text(&bytes)), &err)
                               : hn_fail(&err, HN_NOMEM, 0, "no memory for it");
    if (status == HN_OK) {
        serve->saved = committed;
    } else {
        serve_log_failure(CONFIG_LOG_WARNING, "intake.state",
                "keys and positions cannot be saved; the next start takes longer", &err);
    }
    hn_buf_deinit(&bytes);
}
