/* fuzz: container */
/* fuzz_zip.c - zip archives: the oracle of container_fuzz.h; each name that is listed is found,
 * under its own index or that of a double; what comes out was asked for; a stored entry is a part
 * of the archive. */
#include "container_fuzz.h"

#include "zip/zip.h"

struct asked {
    uint64_t bytes;
};

static bool allow(void *ctx, uint64_t packed_bytes, uint64_t more)
{
    struct asked *asked = ctx;

    (void)packed_bytes;
    asked->bytes += more;
    return asked->bytes <= (uint64_t)4 << 20;
}

static void check_entry(struct zip_file *file, uint32_t index, struct hn_bytes archive)
{
    const struct zip_entry *entry = zip_get(file, index);
    uint32_t found = zip_find(file, entry->name);
    struct asked asked = { 0 };
    struct hn_bytes bytes = { 0 };
    enum hn_status status;

    container_fuzz_check(entry->name.len > 4096 || found < zip_count(file));
    status = zip_read(file, index, HN_TEXT("infected"), allow, &asked, &bytes, NULL);
    container_fuzz_check(status != HN_NOMEM && (bytes.len == 0 || bytes.ptr != NULL));
    if (bytes.len > 0 && !(bytes.ptr >= archive.ptr && bytes.ptr < archive.ptr + archive.len))
        container_fuzz_check(bytes.len <= asked.bytes);
    container_fuzz_check(
            status != HN_OK || entry->padding == 0 || (entry->odd & ZIP_ODD_PADDED) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct zip_limits limits = { .entries_max = 200,
        .entry_bytes_max = (uint64_t)4 << 20,
        .padded_bytes_max = (uint64_t)16 << 20 };
    struct hn_arena arena;
    struct zip_file *file;

    hn_arena_init(&arena, (size_t)64 << 20);
    if (zip_open(&arena, hn_bytes_of(data, size), &limits, &file, NULL) == HN_OK)
        for (uint32_t i = 0; i < zip_count(file) && i < 20; i++)
            check_entry(file, i, hn_bytes_of(data, size));
    hn_arena_deinit(&arena);
    container_fuzz(container_open_zip, DISSECT_ZIP, data, size);
    return 0;
}
