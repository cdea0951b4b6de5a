/* spill.c - an external merge sort: correlations need hits in the order of their time, and files do
 * not come in that order. Sorted runs go to unlinked temporary files once memory is used up. */
#include "scan/scan_internal.h"

#include "base/arena.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define RUNS_MAX      4096u
#define HIT_BYTES_MAX ((uint32_t)1 << 20)

/* A run being read back: the hit at its head. */
struct run {
    FILE *file;
    struct hn_buf bytes;
    struct correlate_hit_box head;
    bool ended;
};

struct spill {
    struct hn_buf bytes;   /* serialised hits, one after the other */
    HN_VEC(size_t) starts; /* of each hit in bytes; its end is the next start */
    HN_VEC(FILE *) files;  /* runs on disk */
    size_t memory_bytes_max;
};

struct spill *spill_new(size_t memory_bytes_max)
{
    struct spill *spill = hn_calloc(1, sizeof *spill);

    if (spill != NULL)
        spill->memory_bytes_max = memory_bytes_max;
    return spill;
}

void spill_free(struct spill *spill)
{
    if (spill == NULL)
        return;
    for (size_t i = 0; i < spill->files.count; i++)
        (void)fclose(spill->files.ptr[i]);
    hn_vec_deinit(&spill->files);
    hn_vec_deinit(&spill->starts);
    hn_buf_deinit(&spill->bytes);
    hn_free(spill);
}

static struct hn_bytes hit_bytes(const struct spill *spill, size_t index)
{
    size_t start = spill->starts.ptr[index];
    size_t end = index + 1 < spill->starts.count ? spill->starts.ptr[index + 1] : spill->bytes.len;

    return hn_bytes_of(spill->bytes.ptr + start, end - start);
}

/* What decides the order, taken out of a serialised hit. */
struct sort_key {
    hn_time time;
    uint64_t order;
    uint32_t rule;
    uint32_t index;
};

static int by_key(const void *a, const void *b)
{
    const struct sort_key *x = a;
    const struct sort_key *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

static enum hn_status read_hit(
        struct hn_bytes bytes, struct correlate_hit_box *box, struct hn_err *err)
{
    struct hn_reader reader = hn_reader_over(bytes);

    return correlate_hit_read(&reader, box, err);
}

/* The hits in memory as sorted keys; to be freed. NULL without memory. */
static struct sort_key *sorted_keys(const struct spill *spill, struct hn_err *err)
{
    size_t count = spill->starts.count;
    struct sort_key *keys = hn_calloc(count, sizeof *keys);
    struct correlate_hit_box *box = hn_calloc(1, sizeof *box);
    bool ok = keys != NULL && box != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        ok = read_hit(hit_bytes(spill, i), box, err) == HN_OK;
        keys[i] = (struct sort_key){ box->hit.time, box->hit.order, box->hit.rule, (uint32_t)i };
    }
    hn_free(box);
    if (!ok) {
        hn_free(keys);
        return NULL;
    }
    qsort(keys, count, sizeof *keys, by_key);
    return keys;
}

/* Sorts what is in memory and writes it out as one run: length, hit, length, hit, ... */
static enum hn_status write_run(struct spill *spill, struct hn_err *err)
{
    struct sort_key *keys = sorted_keys(spill, err);
    FILE *file = keys == NULL ? NULL : tmpfile();
    FILE **slot;
    bool ok = file != NULL;

    if (keys == NULL)
        return hn_fail(err, HN_NOMEM, 0, "sorting correlation hits");
    if (file == NULL) {
        hn_free(keys);
        return hn_fail_sys(err, errno, "cannot make a temporary file for correlation hits");
    }
    for (size_t i = 0; ok && i < spill->starts.count; i++) {
        struct hn_bytes bytes = hit_bytes(spill, keys[i].index);
        uint32_t len = (uint32_t)bytes.len;

        ok = fwrite(&len, sizeof len, 1, file) == 1 && fwrite(bytes.ptr, len, 1, file) == 1;
    }
    hn_free(keys);
    ok = ok && fflush(file) == 0;
    slot = ok ? hn_vec_add(&spill->files) : NULL;
    if (slot == NULL) {
        int saved = errno;

        (void)fclose(file);
        return ok ? hn_fail(err, HN_NOMEM, 0, "sorting correlation hits")
                  : hn_fail_sys(err, saved, "cannot write correlation hits to a temporary file");
    }
    *slot = file;
    hn_buf_reset(&spill->bytes);
    hn_vec_reset(&spill->starts);
    return HN_OK;
}

enum hn_status spill_add(struct spill *spill, const struct correlate_hit *hit, struct hn_err *err)
{
    size_t *start = hn_vec_add(&spill->starts);

    if (start == NULL)
        return hn_fail(err, HN_NOMEM, 0, "correlation hits");
    *start = spill->bytes.len;
    correlate_hit_write(hit, &spill->bytes);
    if (!hn_buf_ok(&spill->bytes))
        return hn_fail(err, spill->bytes.status, 0, "correlation hits");
    if (spill->bytes.len < spill->memory_bytes_max)
        return HN_OK;
    if (spill->files.count == RUNS_MAX)
        return hn_fail(err, HN_LIMIT, 0, "too many correlation hits to sort");
    return write_run(spill, err);
}

/* ---- Reading back ---- */

static enum hn_status run_advance(struct run *run, struct hn_err *err)
{
    uint32_t len;

    if (fread(&len, sizeof len, 1, run->file) != 1) {
        run->ended = true;
        return ferror(run->file) ? hn_fail_sys(err, errno, "cannot read correlation hits back")
                                 : HN_OK;
    }
    hn_buf_reset(&run->bytes);
    if (len > HIT_BYTES_MAX || !hn_buf_reserve(&run->bytes, len))
        return hn_fail(err, HN_NOMEM, 0, "correlation hits");
    if (fread(run->bytes.ptr, len, 1, run->file) != 1)
        return hn_fail_sys(err, errno, "cannot read correlation hits back");
    return read_hit(hn_bytes_of(run->bytes.ptr, len), &run->head, err);
}

/* The run whose head comes first; few runs, so a walk will do. */
static struct run *first_run(struct run *runs, size_t count)
{
    struct run *first = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!runs[i].ended &&
                (first == NULL || correlate_hit_compare(&runs[i].head.hit, &first->head.hit) < 0))
            first = &runs[i];
    }
    return first;
}

static enum hn_status merge(
        struct run *runs, size_t count, spill_on_hit *on_hit, void *ctx, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < count; i++) {
        rewind(runs[i].file);
        status = run_advance(&runs[i], err);
    }
    while (status == HN_OK) {
        struct run *run = first_run(runs, count);

        if (run == NULL)
            break;
        status = on_hit(ctx, &run->head.hit);
        if (status == HN_OK)
            status = run_advance(run, err);
    }
    return status;
}

static enum hn_status replay_memory(
        struct spill *spill, spill_on_hit *on_hit, void *ctx, struct hn_err *err)
{
    struct sort_key *keys = sorted_keys(spill, err);
    struct correlate_hit_box *box = hn_calloc(1, sizeof *box);
    enum hn_status status = keys == NULL || box == NULL ? HN_NOMEM : HN_OK;

    for (size_t i = 0; status == HN_OK && i < spill->starts.count; i++) {
        status = read_hit(hit_bytes(spill, keys[i].index), box, err);
        if (status == HN_OK)
            status = on_hit(ctx, &box->hit);
    }
    hn_free(box);
    hn_free(keys);
    return status;
}

enum hn_status spill_replay(
        struct spill *spill, spill_on_hit *on_hit, void *ctx, struct hn_err *err)
{
    enum hn_status status = HN_OK;
    struct run *runs;
    size_t count;

    if (spill->files.count == 0)
        return spill->starts.count == 0 ? HN_OK : replay_memory(spill, on_hit, ctx, err);
    if (spill->starts.count > 0)
        status = write_run(spill, err);
    count = spill->files.count;
    runs = hn_calloc(count, sizeof *runs);
    if (runs == NULL)
        return hn_fail(err, HN_NOMEM, 0, "correlation hits");
    for (size_t i = 0; i < count; i++)
        runs[i].file = spill->files.ptr[i];
    if (status == HN_OK)
        status = merge(runs, count, on_hit, ctx, err);
    for (size_t i = 0; i < count; i++)
        hn_buf_deinit(&runs[i].bytes);
    hn_free(runs);
    return status;
}
