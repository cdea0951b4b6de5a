/* input_options.h - the options of every command that reads logs, as settings of the pipeline.
 *
 * Rows: OPT_TIME_ROWS, OPT_INPUT_ROWS and OPT_UI_ROWS of opt_shared.h; the command has all of them.
 * Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_INPUT_OPTIONS_H
#define HN_APP_INPUT_OPTIONS_H

#include "app/opt_shared.h"
#include "base/attr.h"
#include "base/time.h"
#include "scan/scan.h"

#include <stddef.h>

struct input_settings {
    struct scan_pipeline_options pipeline;
    hn_time since; /* HN_TIME_NONE: open */
    hn_time until;
    struct hn_zone *zone; /* NULL: UTC */
    struct hn_text *passwords;
};

/* Reads inputs, time, format, log source, passwords, threads, colours and --quiet. The operands
 * from first on are the inputs; EXIT_USAGE when there are none. settings is zeroed before, and
 * deinitialised by the caller whatever this returns. values must outlive it. */
HN_MUST_USE int input_settings_read(
        const struct opt_values *values, size_t first, struct input_settings *settings);
void input_settings_deinit(struct input_settings *settings);

/* A time, or how long before now (24h); NULL: HN_TIME_NONE. False after saying that it is neither.
 */
bool input_time_parse(const char *text, const struct hn_zone *zone, hn_time *ret_time);

/* Is an event of this time within --since and --until? One without a time is: nothing is lost for
 * want of a stamp. */
bool input_settings_in_time(const struct input_settings *settings, hn_time time);

#endif
