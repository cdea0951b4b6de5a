/* ole_dir.c - the directory: entries, the tree they form, and those that no tree reaches.
 *
 * Siblings are a binary tree that may lie: each entry is taken once, whatever the colours say. What
 * is left over is an orphan; malware hides there, and editors leave old streams behind. */
#include "ole/ole_internal.h"

#include "base/reader.h"
#include "base/utf.h"

#include <assert.h>

/* Numbers of directory entries as the file has them; entries[] leaves out the unused ones. */
struct raw_entry {
    uint32_t left;
    uint32_t right;
    uint32_t child;
    uint32_t index; /* in file->entries; OLE_NONE for an unused one */
    bool reached;
};

struct visit {
    uint32_t id;
    uint32_t parent; /* index */
    uint32_t depth;
};

struct loader {
    struct ole_file *file;
    struct raw_entry *raw;
    uint32_t raw_count;
    struct visit *stack;
    uint32_t stack_count;
    size_t path_bytes;
};

static const uint8_t *raw_at(
        const struct ole_file *file, const struct ole_chain *chain, uint32_t id)
{
    uint32_t per_sector = 1u << (file->sector_shift - 7);
    size_t at = (size_t)(id % per_sector) * OLE_ENTRY_BYTES;
    struct hn_bytes part = ole_sector(file, chain->sectors[id / per_sector]);

    return part.len < at + OLE_ENTRY_BYTES ? NULL : part.ptr + at;
}

static bool entry_name(struct ole_file *file, const uint8_t *raw, struct ole_entry *entry)
{
    size_t len = hn_load_u16(raw + 64);
    char *name;
    bool good;

    if (len % 2 != 0 || len < 2 || len > 64) {
        entry->odd |= OLE_ODD_TREE;
        for (len = 0; len < 62 && (raw[len] != 0 || raw[len + 1] != 0); len += 2) {
        }
    } else {
        len -= 2; /* the NUL counts */
    }
    name = hn_arena_raw(file->arena, HN_UTF16_TO_UTF8_ROOM(len), 1);
    if (name == NULL)
        return false;
    entry->name = hn_text_of(name, hn_utf16le_to_utf8_raw(hn_bytes_of(raw, len), name, &good));
    entry->path = entry->name;
    return true;
}

static bool entry_read(struct ole_file *file, const uint8_t *raw, struct ole_entry *entry)
{
    uint8_t type = raw[66];

    entry->kind = type == OLE_STREAM ? OLE_STREAM : OLE_STORAGE;
    if (type != OLE_STREAM && type != OLE_STORAGE && (type != OLE_ROOT || file->count != 0))
        entry->odd |= OLE_ODD_TREE;
    if (file->count == 0)
        entry->kind = OLE_ROOT;
    entry->parent = OLE_NONE;
    entry->start = hn_load_u32(raw + 116);
    entry->size = hn_load_u64(raw + 120);
    if (!file->large_sizes) /* writers of version 3 leave rubbish above */
        entry->size &= UINT32_MAX;
    memcpy(entry->clsid, raw + 80, sizeof entry->clsid);
    entry->created = hn_load_u64(raw + 100);
    entry->modified = hn_load_u64(raw + 108);
    entry->orphan = file->count != 0;
    return entry_name(file, raw, entry);
}

/* First pass: all entries in use. */
static enum hn_status entries_read(struct loader *l, const struct ole_chain *chain)
{
    struct ole_file *file = l->file;
    uint32_t used = 0;

    for (uint32_t id = 0; id < l->raw_count; id++) {
        const uint8_t *raw = raw_at(file, chain, id);

        if (raw != NULL && (raw[66] != 0 || id == 0))
            used++;
    }
    file->entries = hn_new(file->arena, struct ole_entry, used);
    file->streams = hn_new(file->arena, struct ole_stream, used);
    if (file->entries == NULL || file->streams == NULL)
        return ole_arena_failed(file, NULL);
    for (uint32_t id = 0; id < l->raw_count; id++) {
        const uint8_t *raw = raw_at(file, chain, id);

        l->raw[id].index = OLE_NONE;
        if (raw == NULL || (raw[66] == 0 && id != 0))
            continue;
        l->raw[id].left = hn_load_u32(raw + 68);
        l->raw[id].right = hn_load_u32(raw + 72);
        l->raw[id].child = hn_load_u32(raw + 76);
        l->raw[id].index = file->count;
        if (!entry_read(file, raw, &file->entries[file->count]))
            return ole_arena_failed(file, NULL);
        file->count++;
    }
    return HN_OK;
}

static bool path_make(struct loader *l, struct ole_entry *entry, const struct ole_entry *parent)
{
    size_t len = parent->path.len + 1 + entry->name.len;
    char *path;

    if (parent->kind == OLE_ROOT) {
        entry->path = entry->name;
        return true;
    }
    if (len > OLE_PATHS_BYTES_MAX - l->path_bytes) {
        l->file->odd |= OLE_ODD_LIMIT; /* its name has to do */
        return true;
    }
    path = hn_arena_raw(l->file->arena, len + 1, 1);
    if (path == NULL)
        return false;
    l->path_bytes += len;
    memcpy(path, parent->path.ptr, parent->path.len);
    path[parent->path.len] = '/';
    memcpy(path + parent->path.len + 1, entry->name.ptr, entry->name.len);
    path[len] = 0;
    entry->path = hn_text_of(path, len);
    return true;
}

/* Shorter names come first, then upper case code points decide ([MS-CFB] 2.6.4); the folding here
 * differs from that order in a few scripts, so only ASCII names are judged. */
static bool in_order(struct hn_text a, struct hn_text b)
{
    if (!hn_is_ascii(a) || !hn_is_ascii(b))
        return true;
    if (a.len != b.len)
        return a.len < b.len;
    for (size_t i = 0; i < a.len; i++) {
        int x = a.ptr[i] >= 'a' && a.ptr[i] <= 'z' ? a.ptr[i] - 32 : a.ptr[i];
        int y = b.ptr[i] >= 'a' && b.ptr[i] <= 'z' ? b.ptr[i] - 32 : b.ptr[i];

        if (x != y)
            return x < y;
    }
    return false;
}

static void siblings_judge(struct loader *l, uint32_t id)
{
    const struct raw_entry *raw = &l->raw[id];
    const struct ole_entry *entries = l->file->entries;

    if (raw->left < l->raw_count && l->raw[raw->left].index != OLE_NONE &&
            !in_order(entries[l->raw[raw->left].index].name, entries[raw->index].name))
        l->file->odd |= OLE_ODD_TREE;
    if (raw->right < l->raw_count && l->raw[raw->right].index != OLE_NONE &&
            !in_order(entries[raw->index].name, entries[l->raw[raw->right].index].name))
        l->file->odd |= OLE_ODD_TREE;
}

/* Each entry is pushed at most once, by the check of `reached`; so raw_count places are enough. */
static void push(struct loader *l, uint32_t id, uint32_t parent, uint32_t depth)
{
    struct ole_file *file = l->file;

    if (id == OLE_NONE)
        return;
    if (id >= l->raw_count || l->raw[id].index == OLE_NONE) {
        file->odd |= OLE_ODD_TREE;
        return;
    }
    if (l->raw[id].reached || l->raw[id].index == 0) {
        file->odd |= OLE_ODD_CYCLE;
        return;
    }
    if (depth > OLE_DEPTH_MAX) {
        file->odd |= OLE_ODD_LIMIT;
        return;
    }
    l->raw[id].reached = true;
    assert(l->stack_count < l->raw_count);
    l->stack[l->stack_count++] = (struct visit){ id, parent, depth };
}

/* Whether `index` is `below` or stands above it. */
static bool is_above(const struct ole_file *file, uint32_t index, uint32_t below)
{
    for (uint32_t i = 0; i <= OLE_DEPTH_MAX && below != OLE_NONE; i++) {
        if (below == index)
            return true;
        below = file->entries[below].parent;
    }
    return below != OLE_NONE;
}

/* Everything below one storage. */
static bool tree_walk(struct loader *l, uint32_t root_id, bool orphan)
{
    struct ole_file *file = l->file;

    l->stack_count = 0;
    push(l, l->raw[root_id].child, l->raw[root_id].index, 1);
    while (l->stack_count > 0) {
        struct visit visit = l->stack[--l->stack_count];
        const struct raw_entry *raw = &l->raw[visit.id];
        struct ole_entry *entry = &file->entries[raw->index];

        if (orphan && is_above(file, raw->index, visit.parent)) {
            file->odd |= OLE_ODD_CYCLE;
            continue;
        }
        siblings_judge(l, visit.id);
        entry->parent = visit.parent;
        entry->orphan = orphan;
        if (!path_make(l, entry, &file->entries[visit.parent]))
            return false;
        push(l, raw->left, visit.parent, visit.depth);
        push(l, raw->right, visit.parent, visit.depth);
        if (entry->kind == OLE_STORAGE)
            push(l, raw->child, raw->index, visit.depth + 1);
    }
    return true;
}

static enum hn_status tree_read(struct loader *l)
{
    struct ole_file *file = l->file;

    if (!tree_walk(l, 0, false))
        return ole_arena_failed(file, NULL);
    for (uint32_t id = 1; id < l->raw_count; id++) {
        struct raw_entry *raw = &l->raw[id];

        if (raw->index == OLE_NONE || raw->reached || raw->child == OLE_NONE ||
                file->entries[raw->index].kind != OLE_STORAGE)
            continue;
        if (!tree_walk(l, id, true))
            return ole_arena_failed(file, NULL);
    }
    for (uint32_t i = 1; i < file->count; i++) {
        if (file->entries[i].orphan) {
            file->entries[i].odd |= OLE_ODD_ORPHAN;
            file->odd |= OLE_ODD_ORPHAN;
        }
    }
    return HN_OK;
}

enum hn_status ole_directory_load(struct ole_file *file, uint32_t start, struct hn_err *err)
{
    uint32_t per_sector = 1u << (file->sector_shift - 7);
    struct loader l = { .file = file };
    struct ole_chain chain;
    enum hn_status status = ole_chain_walk(
            file, &file->fat, start, file->limits.entries_max / per_sector + 1, &chain);

    if (status != HN_OK)
        return ole_arena_failed(file, err);
    file->odd |= chain.odd;
    if (chain.count == 0 || raw_at(file, &chain, 0) == NULL)
        return hn_fail(err, HN_CORRUPT, ole_sector_offset(file, start),
                "the compound file has no directory");
    l.raw_count = chain.count * per_sector;
    if (l.raw_count > file->limits.entries_max) {
        l.raw_count = file->limits.entries_max;
        file->odd |= OLE_ODD_LIMIT;
    }
    l.raw = hn_new(file->arena, struct raw_entry, l.raw_count);
    l.stack = hn_new(file->arena, struct visit, l.raw_count);
    if (l.raw == NULL || l.stack == NULL)
        return ole_arena_failed(file, err);
    if (raw_at(file, &chain, 0)[66] != OLE_ROOT)
        file->odd |= OLE_ODD_TREE;
    if (entries_read(&l, &chain) != HN_OK || tree_read(&l) != HN_OK)
        return ole_arena_failed(file, err);
    return HN_OK;
}
