/* json_check.h - RFC 8259 once more, byte by byte: what the JSON reader is held against.
 *
 * Written to be read, not to be fast; shares nothing with src/decode. Strings may hold bytes that
 * are no UTF-8 and escaped surrogates that stand alone (the suite's i_ cases): logs do.
 * Header only, so that a fuzz target can have it without cmocka. */
#ifndef HN_TESTS_JSON_CHECK_H
#define HN_TESTS_JSON_CHECK_H

#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_CHECK_DEPTH_MAX 1000

struct json_check {
    const char *p;
    const char *end;
};

static inline void json_check_space(struct json_check *in)
{
    while (in->p < in->end && (*in->p == ' ' || *in->p == '\t' || *in->p == '\r' || *in->p == '\n'))
        in->p++;
}

static inline bool json_check_word(struct json_check *in, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(in->end - in->p) < len || memcmp(in->p, word, len) != 0)
        return false;
    in->p += len;
    return true;
}

static inline bool json_check_digits(struct json_check *in)
{
    const char *start = in->p;

    while (in->p < in->end && *in->p >= '0' && *in->p <= '9')
        in->p++;
    return in->p > start;
}

static inline bool json_check_number(struct json_check *in)
{
    (void)json_check_word(in, "-");
    if (!json_check_word(in, "0") && !json_check_digits(in))
        return false;
    if (json_check_word(in, ".") && !json_check_digits(in))
        return false;
    if (json_check_word(in, "e") || json_check_word(in, "E")) {
        if (!json_check_word(in, "+"))
            (void)json_check_word(in, "-");
        return json_check_digits(in);
    }
    return true;
}

static inline bool json_check_escape(struct json_check *in)
{
    char c;

    if (in->p == in->end)
        return false;
    c = *in->p++;
    if (c != 'u')
        return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
    for (int i = 0; i < 4; i++) {
        if (in->p == in->end || *in->p == '\0' || strchr("0123456789abcdefABCDEF", *in->p) == NULL)
            return false;
        in->p++;
    }
    return true;
}

static inline bool json_check_string(struct json_check *in)
{
    if (!json_check_word(in, "\""))
        return false;
    while (in->p < in->end) {
        unsigned char c = (unsigned char)*in->p++;

        if (c == '"')
            return true;
        if (c < 0x20 || (c == '\\' && !json_check_escape(in)))
            return false;
    }
    return false;
}

static inline bool json_check_scalar(struct json_check *in)
{
    if (in->p < in->end && *in->p == '"')
        return json_check_string(in);
    return json_check_word(in, "true") || json_check_word(in, "false") ||
           json_check_word(in, "null") || json_check_number(in);
}

static inline bool json_check_key(struct json_check *in)
{
    json_check_space(in);
    if (!json_check_string(in))
        return false;
    json_check_space(in);
    return json_check_word(in, ":");
}

/* Behind a value: closes what it ends. False when what follows does not belong there; *ret_more
 * tells whether another value has to come. */
static inline bool json_check_after(
        struct json_check *in, const char *open, size_t *depth, bool *ret_more)
{
    *ret_more = false;
    for (;;) {
        json_check_space(in);
        if (*depth == 0)
            return in->p == in->end;
        if (json_check_word(in, ",")) {
            *ret_more = true;
            return open[*depth - 1] == '[' || json_check_key(in);
        }
        if (!json_check_word(in, open[*depth - 1] == '[' ? "]" : "}"))
            return false;
        (*depth)--;
    }
}

/* Exactly one JSON value, nested at most JSON_CHECK_DEPTH_MAX deep. */
static inline bool json_check_valid(struct hn_text text)
{
    struct json_check in = { text.ptr, text.ptr + text.len };
    char open[JSON_CHECK_DEPTH_MAX];
    size_t depth = 0;
    bool more = true;

    while (more) {
        bool opened = false;

        json_check_space(&in);
        if (in.p < in.end && (*in.p == '[' || *in.p == '{')) {
            char bracket = *in.p++;

            if (depth == JSON_CHECK_DEPTH_MAX)
                return false;
            open[depth++] = bracket;
            json_check_space(&in);
            opened = in.p == in.end || *in.p != (bracket == '[' ? ']' : '}');
            if (opened && bracket == '{' && !json_check_key(&in))
                return false;
            if (opened)
                continue; /* with the value that must come now */
        } else if (!json_check_scalar(&in)) {
            return false;
        }
        if (!json_check_after(&in, open, &depth, &more))
            return false;
    }
    return true;
}

#endif
