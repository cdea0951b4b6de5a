/* stats_show.h - statistics for people and for programs. */
#ifndef HN_APP_STATS_SHOW_H
#define HN_APP_STATS_SHOW_H

#include "app/stats_collect.h"
#include "base/buf.h"

struct stats_view {
    const struct stats *stats;
    const struct scan_totals *totals;
    const struct hn_zone *zone;
    uint32_t top; /* rows per table; UINT32_MAX: all */
};

/* Everything that comes from logs is escaped. */
void stats_table_write(const struct stats_view *view, struct hn_buf *out);
/* stats_watch.c: the part of the above about pauses, missing records, clocks and damage. */
void stats_watch_write(const struct stats_view *view, struct hn_buf *out);
/* One JSON document with a line feed; docs/stats.md describes its members. */
void stats_json_write(const struct stats_view *view, struct hn_buf *out);

/* A heading, how many rows follow and how many there are. */
void stats_heading(struct hn_buf *out, const char *text, uint64_t shown, uint64_t all);

#endif
