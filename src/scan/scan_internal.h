/* scan_internal.h - the parts behind scan.h. */
#ifndef HN_SCAN_SCAN_INTERNAL_H
#define HN_SCAN_SCAN_INTERNAL_H

#include "scan/scan.h"

#define SCAN_BLOCK_BYTES   ((size_t)1 << 18) /* with what is written about it, in cache */
#define SCAN_BLOCK_PADDING 64                /* readable bytes behind a block, for vector loads */
#define SCAN_FINDINGS_KEPT 64 /* findings per batch that are kept whole; all are counted */

/* ---- source.c: files, folders, archives and standard input as tasks ---- */

struct source;
HN_MUST_USE enum hn_status source_new(const struct scan_pipeline_options *options,
        const struct scan_job *job, struct source **ret_source, struct hn_err *err);
void source_free(struct source *source);
struct scan_source source_tasks(struct source *source);
void source_add_totals(const struct source *source, struct scan_totals *totals);

/* ---- spill.c: correlation hits of a whole scan, in the order of their time ---- */

struct spill;
HN_MUST_USE struct spill *spill_new(size_t memory_bytes_max);
void spill_free(struct spill *spill); /* NULL is fine */
HN_MUST_USE enum hn_status spill_add(
        struct spill *spill, const struct correlate_hit *hit, struct hn_err *err);
/* Calls on_hit for every hit in order; once. */
typedef enum hn_status spill_on_hit(void *ctx, const struct correlate_hit *hit);
HN_MUST_USE enum hn_status spill_replay(
        struct spill *spill, spill_on_hit *on_hit, void *ctx, struct hn_err *err);

#endif
