/* fuzz: ole */
/* fuzz_ole.c - compound files: reading ends, twice the same; entries form a tree; what a stream
 * holds lies in the file where ole_where() says; texts of property sets are UTF-8. */
#include "base/codepage.h"
#include "base/hash.h"
#include "base/utf.h"
#include "ole/ole.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ole_limits limits = {
    .entries_max = 4096,
    .sectors_max = 1 << 16,
    .stream_bytes_max = 1 << 22,
};

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void check_tree(const struct ole_file *file, uint32_t index)
{
    const struct ole_entry *entry = ole_get(file, index);
    uint32_t above = entry->parent;
    unsigned depth = 0;

    check(hn_utf8_valid(hn_text_as_bytes(entry->name)));
    check(hn_text_ends(entry->path, entry->name));
    if (index == 0)
        check(above == OLE_NONE && entry->kind == OLE_ROOT && !entry->orphan);
    for (; above != OLE_NONE; above = ole_get(file, above)->parent) {
        check(++depth <= 200);
        check(above < ole_count(file) && ole_get(file, above)->kind != OLE_STREAM);
        check(entry->orphan || above == 0 || !ole_get(file, above)->orphan);
    }
    if (!entry->orphan && index != 0)
        check(ole_find_in(file, entry->parent, entry->name) <= index);
}

static void check_places(
        struct ole_file *file, uint32_t index, struct hn_bytes in, struct hn_bytes bytes)
{
    for (size_t at = 0; at < bytes.len; at += 61) {
        uint64_t where = ole_where(file, index, at);

        /* A piece that the file cuts off moves what comes behind it. */
        if (where == UINT64_MAX)
            break;
        check(where < in.len);
        if ((ole_get(file, index)->odd & OLE_ODD_SIZE) == 0)
            check(in.ptr[where] == bytes.ptr[at]);
    }
    check(ole_where(file, index, ole_get(file, index)->size) == UINT64_MAX);
}

static void on_property(void *ctx, const struct ole_property *property)
{
    struct hn_digest *digest = ctx;

    check(property->set <= 3 && property->value.ptr != NULL);
    check(hn_utf8_valid(hn_text_as_bytes(property->value)));
    check(property->own_name.ptr == NULL || hn_utf8_valid(hn_text_as_bytes(property->own_name)));
    *digest = hn_digest_join(*digest, hn_digest_of(property->value.ptr, property->value.len));
}

static struct hn_digest run(struct hn_bytes in)
{
    struct hn_digest digest = hn_digest_of("", 0);
    struct hn_arena arena;
    struct ole_file *file;
    enum hn_status status;

    hn_arena_init(&arena, (size_t)64 << 20);
    status = ole_open(&arena, in, &limits, &file, NULL);
    check(status != HN_NOMEM && status != HN_IO);
    for (uint32_t i = 0; status == HN_OK && i < ole_count(file); i++) {
        struct hn_bytes bytes;

        check_tree(file, i);
        if (ole_read(file, i, &bytes, NULL) != HN_OK)
            continue;
        check(bytes.len <= ole_get(file, i)->size && bytes.len <= limits.stream_bytes_max);
        check((bytes.len == ole_get(file, i)->size || ole_get(file, i)->kind == OLE_STORAGE) ==
                ((ole_get(file, i)->odd & OLE_ODD_SIZE) == 0));
        check_places(file, i, in, bytes);
        digest = hn_digest_join(digest, hn_digest_of(bytes.ptr, bytes.len));
        (void)ole_properties(&arena, bytes, on_property, &digest);
    }
    (void)ole_properties(&arena, in, on_property, &digest);
    hn_arena_deinit(&arena);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t warm;
    struct hn_bytes in = hn_bytes_of(data, size);

    if (warm == 0)
        warm = hn_codepage_warm(); /* else each text loads its decoder from a file */
    check(hn_digest_eq(run(in), run(in)));
    return 0;
}
