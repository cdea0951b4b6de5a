/* json_out.h - writes one JSON document into an hn_buf, minding commas and nesting.
 *
 *     struct hn_json_out out = hn_json_out_over(&buf);
 *     hn_json_open(&out, '{');
 *     hn_json_key(&out, HN_TEXT("rule"));
 *     hn_json_text(&out, title);
 *     hn_json_close(&out, '}');
 *
 * A call out of order is a bug and asserts. Limits: HN_JSON_OUT_DEPTH_MAX levels.
 * Concurrency: one thread at a time. */
#ifndef HN_BASE_JSON_OUT_H
#define HN_BASE_JSON_OUT_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define HN_JSON_OUT_DEPTH_MAX 32

struct hn_json_out {
    struct hn_buf *buf;
    uint32_t has_items; /* bit n: level n has an item already */
    unsigned depth;
    bool after_key;
};

struct hn_json_out hn_json_out_over(struct hn_buf *buf);
void hn_json_open(struct hn_json_out *out, char bracket);  /* '{' or '[' */
void hn_json_close(struct hn_json_out *out, char bracket); /* '}' or ']' */
void hn_json_key(struct hn_json_out *out, struct hn_text key);
void hn_json_text(struct hn_json_out *out, struct hn_text text);
void hn_json_i64(struct hn_json_out *out, int64_t value);
void hn_json_u64(struct hn_json_out *out, uint64_t value);
void hn_json_real(struct hn_json_out *out, double value); /* NaN and infinities as null */
void hn_json_bool(struct hn_json_out *out, bool value);
void hn_json_null(struct hn_json_out *out);
/* A value that is JSON already; the caller vouches for it. */
void hn_json_raw(struct hn_json_out *out, struct hn_text json);

/* A literal key, which nothing needs to be escaped in. */
#define hn_json_key_lit(out, key) hn_json_key_ready((out), HN_TEXT("\"" key "\":"))
/* The key as JSON has it, with quotes and colon; the caller vouches for it. */
void hn_json_key_ready(struct hn_json_out *out, struct hn_text key);

/* Key and value in one, for literal keys. */
#define hn_json_pair(out, key, text)  (hn_json_key_lit((out), key), hn_json_text((out), (text)))
#define hn_json_pair_u64(out, key, n) (hn_json_key_lit((out), key), hn_json_u64((out), (n)))

#endif
