/* serve_alert.h - an alert of the engine as bytes for the committer's queue, and as what the store
 * takes. Private to src/serve.
 *
 * Concurrency: pure. Memory: packing copies everything, because the engine's results end with the
 * callback; unpacking borrows from the bytes and puts lists into the arena. */
#ifndef HN_SERVE_SERVE_ALERT_H
#define HN_SERVE_SERVE_ALERT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "engine/engine.h"
#include "store/store.h"

/* Failure shows in out. */
void serve_alert_pack(
        const struct engine_result *result, const struct judge_alert *alert, struct hn_buf *out);
/* Takes one off the front. HN_NOMEM. */
HN_MUST_USE enum hn_status serve_alert_unpack(
        struct hn_bytes *rest, struct hn_arena *arena, struct store_alert *ret_alert);

#endif
