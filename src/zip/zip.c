/* zip.c - opens an archive and finds entries by name. Lists are zip_list.c's, contents
 * zip_read.c's.
 */
#include "zip/zip_internal.h"

#include "base/reader.h"

#include <assert.h>

#define ZIP_FIND_NAME_MAX 4096u /* a longer name is of no part that anybody looks for */

const struct zip_limits zip_limits_default = {
    .entries_max = 65536,
    .entry_bytes_max = (uint64_t)64 << 20,
    .padded_bytes_max = (uint64_t)1 << 30,
};

bool zip_is(struct hn_bytes head)
{
    uint32_t first = head.len >= 4 ? hn_load_u32(head.ptr) : 0;
    uint32_t second = head.len >= 8 ? hn_load_u32(head.ptr + 4) : 0;

    return first == ZIP_SIGNATURE_LOCAL || (first == ZIP_SIGNATURE_END && head.len >= 8) ||
           /* Archives in several parts start with a mark (APPNOTE 8.5.4). */
           ((first == ZIP_SIGNATURE_DATA || first == 0x30304b50u) && second == ZIP_SIGNATURE_LOCAL);
}

/* As Office compares names: no leading slash, small letters, '/' throughout. The length, or
 * SIZE_MAX where it does not fit. */
static size_t normalise(struct hn_text name, char *out, size_t room)
{
    while (name.len > 0 && (name.ptr[0] == '/' || name.ptr[0] == '\\'))
        name = hn_text_sub(name, 1, SIZE_MAX);
    if (name.len > room)
        return SIZE_MAX;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c == '\\')
            c = '/';
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return name.len;
}

/* From the last to the first, as a map keeps what was put first; what only local headers name comes
 * after everything else. */
static enum hn_status make_names(struct zip_file *file, bool hidden)
{
    for (size_t i = file->slots.count; i-- > 0;) {
        const struct zip_entry *entry = &file->slots.ptr[i].entry;
        char room[ZIP_FIND_NAME_MAX];
        size_t len = normalise(entry->name, room, sizeof room);
        struct hn_text name;
        uint32_t kept;

        if (len > sizeof room || ((entry->odd & ZIP_ODD_LOCAL_ONLY) != 0) != hidden)
            continue;
        name = hn_arena_text(file->arena, hn_text_of(room, len));
        if (name.ptr == NULL)
            return hn_arena_status(file->arena);
        if (!hn_map_put(&file->names, name, (uint32_t)i, &kept))
            return HN_NOMEM;
    }
    return HN_OK;
}

static void forget(void *ctx)
{
    struct zip_file *file = ctx;

    hn_vec_deinit(&file->slots);
    hn_map_deinit(&file->names);
}

enum hn_status zip_open(struct hn_arena *arena, struct hn_bytes bytes,
        const struct zip_limits *limits, struct zip_file **ret_file, struct hn_err *err)
{
    struct zip_file *file = hn_new(arena, struct zip_file, 1);
    enum hn_status status;

    if (file == NULL)
        return hn_fail(err, hn_arena_status(arena), 0, "no memory for the list of entries");
    status = hn_arena_on_end(arena, forget, file);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "no memory for the list of entries");
    file->arena = arena;
    file->bytes = bytes;
    file->limits = limits != NULL ? *limits : zip_limits_default;
    status = zip_list(file, err);
    if (status == HN_OK)
        status = make_names(file, false);
    if (status == HN_OK)
        status = make_names(file, true);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "no memory for the names of entries");
    *ret_file = file;
    return HN_OK;
}

uint32_t zip_odd(const struct zip_file *file)
{
    return file->odd;
}

uint32_t zip_count(const struct zip_file *file)
{
    return (uint32_t)file->slots.count;
}

const struct zip_entry *zip_get(const struct zip_file *file, uint32_t index)
{
    assert(index < file->slots.count);
    return &file->slots.ptr[index].entry;
}

uint32_t zip_find(const struct zip_file *file, struct hn_text name)
{
    char room[ZIP_FIND_NAME_MAX];
    size_t len = normalise(name, room, sizeof room);

    return len <= sizeof room ? hn_map_find(&file->names, hn_text_of(room, len)) : UINT32_MAX;
}
