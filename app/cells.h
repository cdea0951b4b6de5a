/* cells.h - cells of the tables that people see, besides the text cells of ui.h. */
#ifndef HN_APP_CELLS_H
#define HN_APP_CELLS_H

#include "base/buf.h"
#include "base/time.h"

#include <stdint.h>

#define CELL_TIME_COLUMNS  19 /* 2026-11-23 01:02:03 */
#define CELL_COUNT_COLUMNS 9  /* 9,999,999 */

/* "-" when the time is not known. */
void cell_time(struct hn_buf *out, hn_time time, const struct hn_zone *zone);
/* To the right. */
void cell_count(struct hn_buf *out, uint64_t count, size_t columns);
void cell_bytes(struct hn_buf *out, uint64_t bytes, size_t columns);
/* 45 s, 12 min, 5 h, 5 h 30 min, 3 d 4 h */
void cell_duration(struct hn_buf *out, hn_time duration);

#endif
