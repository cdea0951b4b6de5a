/* http_target.h - a request target taken apart, strictly: RFC 3986 origin form, resolved once. */
#ifndef HN_HTTP_HTTP_TARGET_H
#define HN_HTTP_HTTP_TARGET_H

#include "base/arena.h"
#include "http/http.h"

#define HTTP_SEGMENTS_MAX 32
#define HTTP_QUERY_MAX    64
#define HTTP_TARGET_BYTES 8192

/* Lives in the arena it was parsed with. */
struct http_target {
    struct hn_text path; /* resolved, begins with '/', no '/' at its end but the first */
    struct hn_text segments[HTTP_SEGMENTS_MAX];
    size_t segment_count;
    struct http_pair query[HTTP_QUERY_MAX];
    size_t query_count;
};

/* HN_SYNTAX: not an origin form, a '%' that is no escape, an empty segment, a dot segment (also one
 * behind an escaped slash), control characters, text that is no UTF-8. HN_LIMIT, HN_NOMEM. */
HN_MUST_USE enum hn_status http_target_parse(struct hn_text raw, struct hn_arena *arena,
        struct http_target *ret_target, struct hn_err *err);

#endif
