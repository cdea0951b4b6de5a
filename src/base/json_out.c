/* json_out.c - commas and nesting of the JSON writer. */
#include "base/json_out.h"

#include "base/escape.h"
#include "base/num.h"

#include <assert.h>
#include <math.h>

struct hn_json_out hn_json_out_over(struct hn_buf *buf)
{
    return (struct hn_json_out){ buf, 0, 0, false };
}

static void before_item(struct hn_json_out *out)
{
    uint32_t bit = (uint32_t)1 << out->depth;

    if (out->after_key) {
        out->after_key = false;
        return;
    }
    if (out->depth > 0 && (out->has_items & bit) != 0)
        hn_buf_add_char(out->buf, ',');
    out->has_items |= bit;
}

void hn_json_open(struct hn_json_out *out, char bracket)
{
    before_item(out);
    assert(out->depth + 1 < HN_JSON_OUT_DEPTH_MAX);
    out->depth++;
    out->has_items &= ~((uint32_t)1 << out->depth);
    hn_buf_add_char(out->buf, bracket);
}

void hn_json_close(struct hn_json_out *out, char bracket)
{
    assert(out->depth > 0 && !out->after_key);
    out->depth--;
    hn_buf_add_char(out->buf, bracket);
}

void hn_json_key(struct hn_json_out *out, struct hn_text key)
{
    assert(!out->after_key);
    before_item(out);
    hn_json_string(out->buf, key);
    hn_buf_add_char(out->buf, ':');
    out->after_key = true;
}

void hn_json_key_ready(struct hn_json_out *out, struct hn_text key)
{
    assert(!out->after_key);
    before_item(out);
    hn_buf_add_text(out->buf, key);
    out->after_key = true;
}

void hn_json_text(struct hn_json_out *out, struct hn_text text)
{
    before_item(out);
    hn_json_string(out->buf, text);
}

void hn_json_i64(struct hn_json_out *out, int64_t value)
{
    before_item(out);
    hn_buf_add_i64(out->buf, value);
}

void hn_json_u64(struct hn_json_out *out, uint64_t value)
{
    before_item(out);
    hn_buf_add_u64(out->buf, value);
}

void hn_json_real(struct hn_json_out *out, double value)
{
    char digits[32];

    before_item(out);
    if (isfinite(value))
        hn_buf_add(out->buf, digits, hn_real_write(value, digits));
    else
        hn_buf_add_lit(out->buf, "null");
}

void hn_json_bool(struct hn_json_out *out, bool value)
{
    before_item(out);
    hn_buf_add_cstr(out->buf, value ? "true" : "false");
}

void hn_json_null(struct hn_json_out *out)
{
    before_item(out);
    hn_buf_add_lit(out->buf, "null");
}

void hn_json_raw(struct hn_json_out *out, struct hn_text json)
{
    before_item(out);
    hn_buf_add_text(out->buf, json);
}
