/* event_output.h - events as lines, the way `hinomi events` and `hinomi search` write them.
 *
 * Rows: OPT_EVENT_ROWS of opt_shared.h.
 *
 *     event_output_read(values, csv, &output)
 *     event_output_want(&output, schema)       before the schema is sealed
 *     event_output_write(&output, &event, ...)  any number, from any thread
 *     event_output_deinit(&output) */
#ifndef HN_APP_EVENT_OUTPUT_H
#define HN_APP_EVENT_OUTPUT_H

#include "alert/alert.h"
#include "app/opt_shared.h"
#include "base/attr.h"
#include "scan/scan.h"

struct event_output {
    struct alert_line_options line;
    const struct hn_time_defaults *time; /* borrowed */
    hn_field *fields;                    /* of line.only or line.added */
    struct hn_text *labels;
    uint32_t count;
    bool all; /* whole events, not chosen fields */
    bool csv;
};

/* settings outlives the output. An exit code; errors are shown. */
struct input_settings;
HN_MUST_USE int event_output_read(const struct opt_values *values,
        const struct input_settings *settings, bool csv, struct event_output *output);
void event_output_deinit(struct event_output *output);

/* Wants what is written: the chosen fields, or the names that are added; and what time, host and
 * user are read from. */
HN_MUST_USE enum hn_status event_output_want(struct event_output *output, struct hn_schema *schema);

/* One line; the event has been resolved, and is in all-mode when output->all. Failure shows in out.
 */
void event_output_write(const struct event_output *output, struct hn_event *event,
        struct hn_text file, const struct alert_match *matches, uint32_t match_count,
        struct hn_buf *out);

#endif
