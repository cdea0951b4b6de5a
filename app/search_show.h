/* search_show.h - a found event for people: where and when it happened, and the text that fitted,
 * marked.
 *
 * Concurrency: any thread; all it uses of ui.h is set before the threads start. */
#ifndef HN_APP_SEARCH_SHOW_H
#define HN_APP_SEARCH_SHOW_H

#include "alert/alert.h"
#include "base/buf.h"

/* The event is in all-mode and resolved. Everything from it is escaped here. */
void search_show(const struct alert_line *found, const struct hn_zone *zone, struct hn_buf *out);

#endif
