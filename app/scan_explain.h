/* scan_explain.h - `hinomi scan --explain`: for each kind of alert and host, which condition held
 * on which bytes of which field, and where the event stands.
 *
 * Memory: borrows the groups. Limits: what the groups keep of each; the rest is counted. */
#ifndef HN_APP_SCAN_EXPLAIN_H
#define HN_APP_SCAN_EXPLAIN_H

#include "alert/alert.h"

void scan_explain_write(struct alert_groups *groups, struct hn_buf *out);

#endif
