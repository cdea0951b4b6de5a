/* serve_sources.h - the files that the configuration names as rules, lists, indicators, read for
 * the server. Concurrency: one thread at a time. */
#ifndef HN_APP_SERVE_SOURCES_H
#define HN_APP_SERVE_SOURCES_H

#include "serve/serve.h"

/* For serve_options; ctx is the struct config. */
HN_MUST_USE enum hn_status serve_sources_gather(
        void *ctx, struct serve_sources *ret_sources, struct hn_err *err);
struct hn_digest serve_sources_stamp(void *ctx);
/* With name, size and time of one more file. */
struct hn_digest serve_sources_add_stamp(struct hn_digest digest, const char *path);

#endif
