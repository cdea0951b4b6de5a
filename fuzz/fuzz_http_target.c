/* fuzz: http */
/* fuzz_http_target.c - a request target: path and query.
 *
 * Oracle: what is taken holds no control characters, no dot segment, only UTF-8; escaped anew,
 * every byte of it, it is taken again and gives the same; and the same target with one more '..' is
 * not. */
#include "http/http_target.h"

#include "base/utf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check_segment(struct hn_text segment)
{
    struct hn_text rest = segment;
    struct hn_text part;

    must(segment.len > 0 && hn_utf8_valid(hn_text_as_bytes(segment)));
    for (size_t i = 0; i < segment.len; i++)
        must((unsigned char)segment.ptr[i] >= 0x20 && segment.ptr[i] != 0x7F);
    while (hn_text_split(&rest, '/', &part))
        must(!hn_text_eq(part, HN_TEXT("..")) && !hn_text_eq(part, HN_TEXT(".")));
}

static void escape(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++)
        hn_buf_addf(out, "%%%02x", (unsigned)(unsigned char)text.ptr[i]);
}

static void write_again(const struct http_target *target, struct hn_buf *out)
{
    for (size_t i = 0; i < target->segment_count; i++) {
        hn_buf_add_char(out, '/');
        escape(out, target->segments[i]);
    }
    if (target->segment_count == 0)
        hn_buf_add_char(out, '/');
    for (size_t i = 0; i < target->query_count; i++) {
        hn_buf_add_char(out, i == 0 ? '?' : '&');
        escape(out, target->query[i].name);
        hn_buf_add_char(out, '=');
        escape(out, target->query[i].value);
    }
}

static void check_again(const struct http_target *target)
{
    static struct http_target again;
    struct hn_arena arena = { 0 };
    struct hn_buf out = { 0 };
    enum hn_status status;

    hn_arena_init(&arena, 1 << 20);
    write_again(target, &out);
    status = http_target_parse(hn_buf_text(&out), &arena, &again, NULL);
    must(status == (out.len > HTTP_TARGET_BYTES ? HN_LIMIT : HN_OK));
    if (status == HN_OK) {
        must(hn_text_eq(again.path, target->path));
        must(again.segment_count == target->segment_count);
        must(again.query_count == target->query_count);
        for (size_t i = 0; i < again.segment_count; i++)
            must(hn_text_eq(again.segments[i], target->segments[i]));
        for (size_t i = 0; i < again.query_count; i++) {
            must(hn_text_eq(again.query[i].name, target->query[i].name));
            must(hn_text_eq(again.query[i].value, target->query[i].value));
        }
    }
    hn_buf_deinit(&out);
    hn_arena_deinit(&arena);
}

static void check_climbing(const struct http_target *target)
{
    static const char *const dots[] = { "/..", "/%2e.", "/x%2f..", "/x%5c%2E%2e" };
    static struct http_target again;
    struct hn_arena arena = { 0 };

    hn_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < HN_COUNT_OF(dots); i++) {
        struct hn_buf out = { 0 };

        for (size_t s = 0; s < target->segment_count; s++) {
            hn_buf_add_char(&out, '/');
            escape(&out, target->segments[s]);
        }
        hn_buf_add_cstr(&out, dots[i]);
        must(http_target_parse(hn_buf_text(&out), &arena, &again, NULL) != HN_OK);
        hn_buf_deinit(&out);
    }
    hn_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_target target;
    struct hn_arena arena = { 0 };

    hn_arena_init(&arena, 1 << 20);
    if (http_target_parse(hn_text_of((const char *)data, size), &arena, &target, NULL) == HN_OK) {
        must(target.path.len <= size && target.path.ptr[0] == '/');
        for (size_t i = 0; i < target.segment_count; i++)
            check_segment(target.segments[i]);
        for (size_t i = 0; i < target.query_count; i++) {
            struct hn_text value = target.query[i].value;

            must(hn_utf8_valid(hn_text_as_bytes(value)));
            must(value.len == 0 || memchr(value.ptr, '\0', value.len) == NULL);
        }
        check_again(&target);
        check_climbing(&target);
    }
    hn_arena_deinit(&arena);
    return 0;
}
