/* fuzz: ingest */
/* fuzz_bulk.c - the body of an Elasticsearch bulk request.
 *
 * Oracle: a document that is taken is one line of the input and one JSON object, by the
 * byte-by-byte checker of tests/support; what is taken, written out again as a bulk body, reads
 * back as the same; the answer is JSON and has an entry for each action, whatever filter_path says.
 */
#include "ingest/ingest_internal.h"

#include "base/escape.h"

#include "../tests/support/json_check.h"

#define INPUT_MAX ((size_t)1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

typedef HN_VEC(struct bulk_result) results;

static enum hn_status read_body(struct hn_text body, struct hn_arena *arena, results *out)
{
    struct bulk_reader reader = { .rest = body, .index = HN_TEXT("path"), .arena = arena };
    struct bulk_item item;

    while (bulk_next(&reader, &item)) {
        struct bulk_result *result = hn_vec_add(out);

        must(result != NULL);
        *result = (struct bulk_result){ .item = item, .status = item.refused != NULL ? 400 : 201 };
    }
    bulk_reader_deinit(&reader);
    return reader.status;
}

static void check_item(const struct bulk_item *item, struct hn_text body)
{
    struct hn_text document = hn_text_trim(item->document);

    must(item->line > 0 && item->index.len <= INPUT_MAX);
    if (item->refused != NULL)
        return;
    must(item->document.ptr >= body.ptr &&
            item->document.ptr + item->document.len <= body.ptr + body.len);
    must(hn_text_find_char(document, '\n', 0) == SIZE_MAX);
    must(document.ptr[0] == '{' && json_check_valid(document));
    must(item->verb == BULK_INDEX || item->verb == BULK_CREATE);
}

static void write_again(const results *all, struct hn_buf *out)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct bulk_item *item = &all->ptr[i].item;

        if (item->refused != NULL)
            continue;
        hn_buf_addf(out, "{\"%.*s\":{\"_index\":", HN_TEXT_ARG(bulk_verb_text(item->verb)));
        hn_json_string(out, item->index);
        hn_buf_add_lit(out, ",\"_id\":");
        hn_json_string(out, item->id);
        hn_buf_add_lit(out, "}}\n");
        hn_buf_add_text(out, item->document);
        hn_buf_add_char(out, '\n');
    }
}

static void check_again(const results *all)
{
    struct hn_buf body = { 0 };
    struct hn_arena arena = { 0 };
    results again = { 0 };
    size_t at = 0;

    hn_arena_init(&arena, (size_t)64 << 20);
    write_again(all, &body);
    must(read_body(hn_buf_text(&body), &arena, &again) == HN_OK);
    for (size_t i = 0; i < all->count; i++) {
        const struct bulk_item *before = &all->ptr[i].item;
        const struct bulk_item *after;

        if (before->refused != NULL)
            continue;
        must(at < again.count);
        after = &again.ptr[at++].item;
        must(after->refused == NULL && after->verb == before->verb);
        must(hn_text_eq(after->index, before->index) && hn_text_eq(after->id, before->id));
        must(hn_text_eq(after->document, before->document));
    }
    must(at == again.count);
    hn_vec_deinit(&again);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&body);
}

static void check_reply(const results *all, struct hn_text filter)
{
    struct bulk_results reply = { all->ptr, all->count, 1, HN_TEXT("id") };
    struct hn_buf out = { 0 };
    size_t entries = 0;

    bulk_reply_write(&reply, filter, &out);
    must(hn_buf_ok(&out) && json_check_valid(hn_buf_text(&out)));
    if (filter.len == 0) {
        struct hn_arena arena = { 0 };
        struct hn_json_in in = hn_json_in_over(hn_buf_text(&out));
        struct hn_text key;

        hn_arena_init(&arena, (size_t)16 << 20);
        must(hn_json_in_open(&in, '{'));
        while (hn_json_in_member(&in, &arena, &key) && !hn_text_eq(key, HN_TEXT("items")))
            must(hn_json_in_skip(&in));
        must(hn_json_in_open(&in, '['));
        while (hn_json_in_item(&in)) {
            must(hn_json_in_skip(&in));
            entries++;
        }
        must(entries == all->count);
        hn_arena_deinit(&arena);
    }
    hn_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text body = hn_text_of((const char *)data, size);
    struct hn_arena arena = { 0 };
    results all = { 0 };

    if (size > INPUT_MAX)
        return 0;
    hn_arena_init(&arena, (size_t)16 << 20);
    (void)read_body(body, &arena, &all);
    for (size_t i = 0; i < all.count; i++)
        check_item(&all.ptr[i].item, body);
    check_again(&all);
    check_reply(&all, HN_TEXT(""));
    check_reply(&all, hn_text_sub(body, 0, 200));
    hn_vec_deinit(&all);
    hn_arena_deinit(&arena);
    return 0;
}
