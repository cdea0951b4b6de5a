/* alert_view.h - alerts of a server: found by number or id, and shown with everything that is
 * known about them. */
#ifndef HN_APP_ALERT_VIEW_H
#define HN_APP_ALERT_VIEW_H

#include "app/remote_table.h"

extern const struct remote_table alert_table;

/* The id of an alert named by its id (32 hexadecimal digits) or by its number in the list (17, or
 * #17). Lives in the remote's arena. */
HN_MUST_USE int alert_find(struct remote *remote, const char *name, struct hn_text *ret_id);
/* "/v1/alerts/ID" and what comes behind. */
void alert_path(struct hn_text id, const char *behind, struct hn_buf *path);

/* Answers of the API; history and context may be "". */
void alert_view_write(struct hn_text detail, struct hn_text history, struct hn_text context,
        const struct hn_zone *zone, struct hn_arena *arena, struct hn_buf *out);

/* ---- Pieces that incidents share ---- */

void view_heading(struct hn_buf *out, const char *en, const char *ja);
/* A value with the bytes that fitted marked; of a long one what is around them. */
void view_marked(struct hn_text value, size_t start, size_t len, struct hn_buf *out);
/* "  Label       value" on one line, or wrapped; nothing where the value is empty. */
void view_fact(struct hn_buf *out, const char *en, const char *ja, struct hn_text value);
void view_fact_word(struct hn_buf *out, const char *en, const char *ja, struct hn_text word);
void view_fact_time(struct hn_buf *out, const char *en, const char *ja, hn_time time,
        const struct hn_zone *zone);
void view_history(struct hn_text history, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out);

#endif
