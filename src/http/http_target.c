/* http_target.c - takes a request target apart. Each part is resolved exactly once, after it was
 * cut out, so that nothing escaped can become a separator. */
#include "http/http_target.h"

#include "base/utf.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Resolves text into *out, which has room for it. False on a '%' that is no escape. */
static bool resolve(struct hn_text text, bool plus_is_space, char **out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '%') {
            int high = text.len - i > 2 ? hex_digit(text.ptr[i + 1]) : -1;
            int low = text.len - i > 2 ? hex_digit(text.ptr[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        *(*out)++ = c;
    }
    return true;
}

static bool has_control(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return true;
    }
    return false;
}

/* A part of the segment between slashes of either kind is "." or "..". Only an escaped slash can
 * stand in a segment; whoever resolves it again must not climb. */
static bool has_dots(struct hn_text segment)
{
    size_t start = 0;

    for (size_t i = 0; i <= segment.len; i++) {
        struct hn_text part;

        if (i < segment.len && segment.ptr[i] != '/' && segment.ptr[i] != '\\')
            continue;
        part = hn_text_sub(segment, start, i - start);
        if (hn_text_eq(part, HN_TEXT(".")) || hn_text_eq(part, HN_TEXT("..")))
            return true;
        start = i + 1;
    }
    return false;
}

static bool sound(struct hn_text text)
{
    return !has_control(text) && hn_utf8_valid(hn_text_as_bytes(text));
}

/* raw begins behind the first '/'. */
static enum hn_status parse_path(
        struct hn_text raw, char *out, struct http_target *target, struct hn_err *err)
{
    char *start = out;
    size_t last = raw.len > 0 && raw.ptr[raw.len - 1] == '/' ? raw.len - 1 : raw.len;
    struct hn_text rest = hn_text_sub(raw, 0, last);
    struct hn_text part;

    *out++ = '/';
    if (raw.len == 0) {
        target->path = hn_text_of(start, 1);
        return HN_OK;
    }
    while (hn_text_split(&rest, '/', &part)) {
        struct hn_text *segment = &target->segments[target->segment_count];
        char *segment_start;

        if (target->segment_count == HTTP_SEGMENTS_MAX)
            return hn_fail(err, HN_LIMIT, 0, "the path has too many segments");
        if (target->segment_count++ > 0)
            *out++ = '/';
        segment_start = out;
        if (!resolve(part, false, &out))
            return hn_fail(err, HN_SYNTAX, 0, "the path has a '%%' that is no escape");
        *segment = hn_text_of(segment_start, (size_t)(out - segment_start));
        if (segment->len == 0 || has_dots(*segment))
            return hn_fail(err, HN_SYNTAX, 0, "the path has an empty or a dot segment");
        if (!sound(*segment))
            return hn_fail(err, HN_SYNTAX, 0, "the path holds control characters or no UTF-8");
    }
    target->path = hn_text_of(start, (size_t)(out - start));
    return HN_OK;
}

static bool resolve_view(struct hn_text text, char **out, struct hn_text *ret)
{
    char *start = *out;

    if (!resolve(text, true, out))
        return false;
    *ret = hn_text_of(start, (size_t)(*out - start));
    return memchr(start, '\0', ret->len) == NULL && hn_utf8_valid(hn_text_as_bytes(*ret));
}

static enum hn_status parse_query(
        struct hn_text raw, char *out, struct http_target *target, struct hn_err *err)
{
    struct hn_text rest = raw;
    struct hn_text part;

    while (hn_text_split(&rest, '&', &part)) {
        size_t equals = hn_text_find_char(part, '=', 0);
        struct http_pair *pair;

        if (part.len == 0)
            continue;
        if (target->query_count == HTTP_QUERY_MAX)
            return hn_fail(err, HN_LIMIT, 0, "the query has too many parameters");
        if (equals == SIZE_MAX)
            equals = part.len;
        pair = &target->query[target->query_count++];
        if (!resolve_view(hn_text_sub(part, 0, equals), &out, &pair->name) ||
                !resolve_view(hn_text_sub(part, equals + 1, part.len), &out, &pair->value))
            return hn_fail(err, HN_SYNTAX, 0, "the query has a wrong escape, a NUL, or no UTF-8");
    }
    return HN_OK;
}

enum hn_status http_target_parse(struct hn_text raw, struct hn_arena *arena,
        struct http_target *ret_target, struct hn_err *err)
{
    struct http_target target = { .segment_count = 0 };
    size_t mark = hn_text_find_char(raw, '?', 0);
    enum hn_status status;
    char *room;

    if (raw.len > HTTP_TARGET_BYTES)
        return hn_fail(err, HN_LIMIT, 0, "the target is too long");
    if (raw.len == 0 || raw.ptr[0] != '/')
        return hn_fail(err, HN_SYNTAX, 0, "the target does not begin with '/'");
    for (size_t i = 0; i < raw.len; i++) {
        unsigned char c = (unsigned char)raw.ptr[i];

        if (c <= 0x20 || c >= 0x7F || c == '#')
            return hn_fail(err, HN_SYNTAX, i, "the target holds what must be escaped");
    }
    if (mark == SIZE_MAX)
        mark = raw.len;
    room = hn_arena_raw(arena, raw.len + 2, 1);
    if (room == NULL)
        return hn_fail(err, HN_NOMEM, 0, "a request target");
    status = parse_path(hn_text_sub(raw, 1, mark - 1), room, &target, err);
    if (status == HN_OK)
        status = parse_query(hn_text_sub(raw, mark + 1, raw.len), room + mark, &target, err);
    if (status == HN_OK)
        *ret_target = target;
    return status;
}
