/* event_view.h - events that a server answers with, on the screen. */
#ifndef HN_APP_EVENT_VIEW_H
#define HN_APP_EVENT_VIEW_H

#include "app/remote_table.h"

/* A head and, below, what fitted; else the event as it was logged. */
void event_view_write(struct hn_text event, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out);

/* What an analyst sees around an alert: its processes as a tree, and what else happened. context is
 * the answer of GET /v1/alerts/{id}/context. */
void context_view_write(struct hn_text context, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out);

#endif
