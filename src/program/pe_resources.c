/* pe_resources.c - the tree of resources, three levels deep by definition, and version information.
 */
#include "program/program_internal.h"

#include "base/buf.h"
#include "base/reader.h"
#include "base/utf.h"

#define LEVELS            3u
#define ENTRIES_MAX       4096u
#define SUBDIRECTORY      0x80000000u
#define NAMED             0x80000000u
#define VERSION_DEPTH_MAX 4u
#define VERSION_FACTS_MAX 32u

struct resource_walk {
    struct hn_arena *arena;
    struct hn_bytes bytes;
    struct hn_bytes root; /* from the directory's start to the end of the file */
    uint64_t root_offset;
    struct program_pe *pe;
    uint32_t entries_left;
};

struct place {
    uint32_t offset;
    uint32_t level;
    struct program_resource so_far;
};

static struct hn_text name_of(struct resource_walk *walk, uint32_t offset)
{
    struct hn_buf text = { 0 };
    struct hn_text copy = { "", 0 };
    size_t len;

    if (offset > walk->root.len || walk->root.len - offset < 2)
        return copy;
    len = (size_t)hn_load_u16(walk->root.ptr + offset) * 2;
    if (len > walk->root.len - offset - 2 || len > PE_NAME_BYTES_MAX)
        return copy;
    (void)hn_utf16le_to_utf8(&text, hn_bytes_of(walk->root.ptr + offset + 2, len));
    copy = hn_arena_text(walk->arena, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return copy;
}

static void add_leaf(struct resource_walk *walk, const struct place *place)
{
    struct program_pe *pe = walk->pe;
    struct program_resource *resource;
    uint32_t address;
    uint32_t size;
    size_t at;

    if (place->offset > walk->root.len || walk->root.len - place->offset < 16)
        return;
    if (pe->resource_count == PROGRAM_RESOURCES_MAX) {
        pe->odd |= PROGRAM_ODD_LIMIT;
        return;
    }
    address = hn_load_u32(walk->root.ptr + place->offset);
    size = hn_load_u32(walk->root.ptr + place->offset + 4);
    at = program_pe_offset(pe, address);
    if (at == SIZE_MAX || at > walk->bytes.len) {
        pe->odd |= PROGRAM_ODD_TRUNCATED;
        return;
    }
    resource = &pe->resources[pe->resource_count++];
    *resource = place->so_far;
    resource->offset = at;
    resource->data = program_pe_bytes(walk->bytes, pe, address, size);
}

/* What an entry's number or name means depends on its level: type, name, language. */
static struct place below(
        struct resource_walk *walk, const struct place *place, uint32_t name, uint32_t offset)
{
    struct place next = *place;

    next.offset = offset & ~SUBDIRECTORY;
    next.level = place->level + 1;
    if (place->level == 0 && (name & NAMED) != 0) {
        next.so_far.type_name = name_of(walk, name & ~NAMED);
    } else if (place->level == 0) {
        next.so_far.type = name;
    } else if (place->level == 1) {
        next.so_far.name = (name & NAMED) != 0 ? 0 : name;
    } else {
        next.so_far.language = name;
    }
    return next;
}

void program_resources_read(struct hn_arena *arena, struct hn_bytes bytes,
        const struct pe_directory *directories, struct program_pe *pe)
{
    uint32_t address = directories[PE_DIRECTORY_RESOURCE].address;
    struct resource_walk walk = { .arena = arena, .bytes = bytes, .pe = pe };
    struct place *stack;
    size_t depth = 1;
    size_t at;

    if (address == 0)
        return;
    at = program_pe_offset(pe, address);
    if (at == SIZE_MAX || at >= bytes.len)
        return;
    walk.root = hn_bytes_of(bytes.ptr + at, bytes.len - at);
    walk.root_offset = at;
    walk.entries_left = ENTRIES_MAX;
    pe->resources = hn_new(arena, struct program_resource, PROGRAM_RESOURCES_MAX);
    stack = hn_new(arena, struct place, ENTRIES_MAX + 1);
    if (pe->resources == NULL || stack == NULL)
        return;
    while (depth > 0) {
        struct place place = stack[--depth];
        uint32_t count;

        if (place.offset > walk.root.len || walk.root.len - place.offset < 16)
            continue;
        count = (uint32_t)hn_load_u16(walk.root.ptr + place.offset + 12) +
                hn_load_u16(walk.root.ptr + place.offset + 14);
        for (uint32_t i = 0; i < count; i++) {
            size_t entry = (size_t)place.offset + 16 + (size_t)i * 8;
            struct place next;
            uint32_t offset;

            if (entry + 8 > walk.root.len)
                break;
            if (walk.entries_left-- == 0) { /* more than any real file, or in circles */
                walk.entries_left = 0;
                pe->odd |= PROGRAM_ODD_LIMIT;
                return;
            }
            offset = hn_load_u32(walk.root.ptr + entry + 4);
            next = below(&walk, &place, hn_load_u32(walk.root.ptr + entry), offset);
            if ((offset & SUBDIRECTORY) == 0) {
                add_leaf(&walk, &next);
            } else if (next.level < LEVELS) {
                stack[depth++] = next;
            } else {
                pe->odd |= PROGRAM_ODD_CYCLE;
            }
        }
    }
}

/* ---- VS_VERSIONINFO ---- */

/* A block: length, length of the value, type, key in UTF-16, padding, value, padding, children. */
struct block {
    struct hn_bytes key;
    struct hn_bytes value;
    struct hn_bytes children;
    size_t len; /* with padding */
};

static bool read_block(struct hn_bytes in, struct block *ret_block)
{
    size_t len = in.len >= 6 ? hn_load_u16(in.ptr) : 0;
    size_t value_len = in.len >= 6 ? hn_load_u16(in.ptr + 2) : 0;
    bool is_text = in.len >= 6 && hn_load_u16(in.ptr + 4) == 1;
    size_t at = 6;

    if (len < 6 || len > in.len)
        return false;
    while (at + 1 < len && hn_load_u16(in.ptr + at) != 0)
        at += 2;
    ret_block->key = hn_bytes_of(in.ptr + 6, at - 6);
    at = (at + 2 + 3) & ~(size_t)3;
    at = at < len ? at : len;
    value_len *= is_text ? 2 : 1; /* counted in characters */
    value_len = value_len < len - at ? value_len : len - at;
    ret_block->value = hn_bytes_of(in.ptr + at, value_len);
    at = (at + value_len + 3) & ~(size_t)3;
    at = at < len ? at : len;
    ret_block->children = hn_bytes_of(in.ptr + at, len - at);
    len = (len + 3) & ~(size_t)3;
    ret_block->len = len < in.len ? len : in.len;
    return true;
}

void program_version_tell(struct dissect *dissect, uint32_t id, struct hn_bytes data)
{
    struct hn_bytes levels[VERSION_DEPTH_MAX] = { data };
    size_t depth = 1;
    size_t facts = 0;

    while (depth > 0 && facts < VERSION_FACTS_MAX) {
        struct hn_bytes *in = &levels[depth - 1];
        struct block block;
        struct hn_buf text = { 0 };

        if (in->len == 0 || !read_block(*in, &block)) {
            depth--;
            continue;
        }
        *in = hn_bytes_of(in->ptr + block.len, in->len - block.len);
        if (depth == VERSION_DEPTH_MAX) { /* a string: root, StringFileInfo, language, this */
            (void)hn_utf16le_to_utf8(&text, block.key);
            hn_buf_add_char(&text, '=');
            while (block.value.len >= 2 && hn_load_u16(block.value.ptr + block.value.len - 2) == 0)
                block.value.len -= 2;
            (void)hn_utf16le_to_utf8(&text, block.value);
            dissect_fact(dissect, id, "pe_version", hn_buf_text(&text));
            facts++;
        } else if (block.children.len > 0) {
            levels[depth++] = block.children;
        }
        hn_buf_deinit(&text);
    }
}
