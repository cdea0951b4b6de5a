/* explain_show.h - explanations of rules for people and as JSON, for `rules explain` and for tests
 * that failed.
 *
 * Everything from rules and events is escaped here. */
#ifndef HN_APP_EXPLAIN_SHOW_H
#define HN_APP_EXPLAIN_SHOW_H

#include "base/buf.h"
#include "event/event.h"
#include "explain/explain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct explain_view {
    const struct explanation *explanation;
    struct hn_event *event; /* the one explained, not reset since */
    struct hn_text file;    /* where the event stands; empty: nowhere that has a name */
    uint64_t number;        /* of the event, from 1 */
    bool reasons_only;      /* leave out what does not decide */
    size_t indent;          /* columns before each line */
};

void explain_show(const struct explain_view *view, struct hn_buf *out);
/* One JSON object and a line feed. */
void explain_show_json(const struct explain_view *view, struct hn_buf *out);

/* match_why_text() in the language of the user. */
const char *explain_why(enum match_why why);

/* "product windows, category process_creation"; any for nothing at all. */
void explain_source(const struct hn_source *source, struct hn_buf *out);

#endif
