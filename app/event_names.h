/* event_names.h - what Windows event ids mean, in a few words, for the tables of `hinomi stats`. */
#ifndef HN_APP_EVENT_NAMES_H
#define HN_APP_EVENT_NAMES_H

#include "base/view.h"

#include <stdbool.h>

/* NULL when the id is not known in that channel. */
const char *event_meaning(
        struct hn_text channel, struct hn_text provider, struct hn_text event_id, bool japanese);

#endif
