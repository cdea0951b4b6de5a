/* serve_known.h - what the configuration names for samples to be held against, found and opened for
 * the server: YARA rules, lists of digests, clamd, results of vendors.
 * Concurrency: one thread at a time; serve_known_yara() in a process of its own. */
#ifndef HN_APP_SERVE_KNOWN_H
#define HN_APP_SERVE_KNOWN_H

#include "serve/serve.h"

/* For serve_options; ctx is the struct config. */
HN_MUST_USE enum hn_status serve_known_yara(
        void *ctx, struct yarascan_rules **ret_rules, struct hn_buf *told, struct hn_err *err);
HN_MUST_USE enum hn_status serve_known_files(void *ctx, const struct serve_known_wish *wish,
        struct known **ret_known, struct hn_err *err);
struct hn_digest serve_known_yara_stamp(void *ctx);
struct hn_digest serve_known_files_stamp(void *ctx);

#endif
