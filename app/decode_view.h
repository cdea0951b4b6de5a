/* decode_view.h - a script taken apart layer by layer, as people or programs read it. Everything of
 * the script is escaped here; addresses are defanged unless the user wants them as they are. */
#ifndef HN_APP_DECODE_VIEW_H
#define HN_APP_DECODE_VIEW_H

#include "base/buf.h"
#include "dissect/dissect.h"
#include "protect/protect.h"

struct decode_view {
    const struct dissect *dissect;
    const struct protect_list *indicators;
    bool whole; /* layers without a limit on lines */
};

void decode_view_text(const struct decode_view *view, struct hn_buf *out);
/* One document and its LF. */
void decode_view_json(const struct decode_view *view, struct hn_buf *buf);

#endif
