/* cache.c - everything added to a loader as bytes and back, so that a warm start parses no YAML.
 *
 * Layout, little-endian: magic, version, digest of the limits (they decide what parses), digest of
 * the rest, number of files; for each file its kind, name and tree (base/yaml_save.c). The digest
 * finds accidents; whoever forges one still meets the checks of hn_yaml_restore(). */
#include "sigma/sigma_internal.h"

#include <assert.h>

#define CACHE_MAGIC   0x414D4749u /* "IGMA" */
#define CACHE_VERSION 1u
#define HEADER_BYTES  40u /* magic, version, limits, checksum */

static void add_u32(struct hn_buf *out, uint32_t value)
{
    uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
        (uint8_t)(value >> 24) };

    hn_buf_add(out, bytes, sizeof bytes);
}

static void store_u64(char *to, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        to[i] = (char)(uint8_t)(value >> (8 * i));
}

static void store_digest(char *to, struct hn_digest digest)
{
    store_u64(to, digest.high);
    store_u64(to + 8, digest.low);
}

static struct hn_digest limits_digest(const struct sigma_limits *limits)
{
    uint64_t numbers[4] = { limits->file_bytes_max, limits->documents_max, limits->nodes_max,
        limits->depth_max };

    return hn_digest_of(numbers, sizeof numbers);
}

enum hn_status sigma_loader_save(const struct sigma_loader *loader, struct hn_buf *out)
{
    size_t start = out->len;

    add_u32(out, CACHE_MAGIC);
    add_u32(out, CACHE_VERSION);
    hn_buf_add_repeat(out, '\0', 32); /* digests, once what they are of is known */
    add_u32(out, (uint32_t)loader->files.count);
    for (size_t i = 0; i < loader->files.count; i++) {
        const struct sigma_file *file = loader->files.ptr[i];

        add_u32(out, (uint32_t)file->kind);
        add_u32(out, (uint32_t)file->name.len);
        hn_buf_add_text(out, file->name);
        hn_yaml_save(&file->yaml, out);
    }
    if (!hn_buf_ok(out))
        return out->status;
    store_digest(out->ptr + start + 8, limits_digest(&loader->options.limits));
    store_digest(out->ptr + start + 24,
            hn_digest_of(out->ptr + start + HEADER_BYTES, out->len - start - HEADER_BYTES));
    return HN_OK;
}

/* ---- Back ---- */

static struct hn_digest read_digest(struct hn_reader *in)
{
    struct hn_digest digest;

    digest.high = hn_reader_u64(in);
    digest.low = hn_reader_u64(in);
    return digest;
}

static enum hn_status check_header(
        const struct sigma_loader *loader, struct hn_reader *in, struct hn_err *err)
{
    uint32_t magic = hn_reader_u32(in);
    uint32_t version = hn_reader_u32(in);
    struct hn_digest limits = read_digest(in);
    struct hn_digest rest = read_digest(in);

    if (!hn_reader_ok(in) || magic != CACHE_MAGIC)
        return hn_fail(err, HN_CORRUPT, 0, "this is no cache of rules");
    if (version != CACHE_VERSION || !hn_digest_eq(limits, limits_digest(&loader->options.limits)))
        return hn_fail(err, HN_CORRUPT, 4, "the cache is of another version or other limits");
    if (!hn_digest_eq(rest, hn_digest_of(in->next, hn_reader_left(in))))
        return hn_fail(err, HN_CORRUPT, 24, "the cache is damaged");
    return HN_OK;
}

/* Texts go to where the set's texts are, as sigma_loader_add_text() puts them. */
static enum hn_status restore_file(
        struct sigma_loader *loader, struct hn_reader *in, struct hn_err *err)
{
    uint32_t kind = hn_reader_u32(in);
    struct hn_text name = hn_bytes_as_text(hn_reader_take(in, hn_reader_u32(in)));
    struct sigma_file *file;
    struct hn_yaml yaml;
    enum hn_status status;

    if (!hn_reader_ok(in) || kind > SIGMA_FILE_PIPELINE)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(in), "the cache is damaged");
    status = hn_yaml_restore(&loader->files_arena, in, &yaml, err);
    if (status != HN_OK)
        return status;
    if (yaml.depth > loader->options.limits.depth_max)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(in), "the cache nests too deeply");
    yaml.raw = hn_arena_text(&loader->box->arena, yaml.raw);
    yaml.pool = hn_arena_text(&loader->box->arena, yaml.pool);
    for (uint32_t i = 0; i < yaml.problem_count; i++) {
        struct hn_yaml_problem *problem = &yaml.problems[i];

        problem->message = hn_arena_text(&loader->box->arena, problem->message);
        if (problem->message.ptr == NULL)
            return hn_fail(err, HN_NOMEM, 0, "no room for the cache");
    }
    file = loader_file_add(loader, (enum sigma_file_kind)kind, name);
    if (yaml.raw.ptr == NULL || yaml.pool.ptr == NULL || file == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no room for the cache");
    file->yaml = yaml;
    return HN_OK;
}

enum hn_status sigma_loader_restore(
        struct sigma_loader *loader, struct hn_bytes saved, struct hn_err *err)
{
    struct hn_reader in = hn_reader_over(saved);
    size_t files = loader->files.count;
    enum hn_status status = check_header(loader, &in, err);
    uint32_t count = hn_reader_u32(&in);

    assert(!loader->finished);
    for (uint32_t i = 0; i < count && status == HN_OK; i++)
        status = restore_file(loader, &in, err);
    if (status == HN_OK && (!hn_reader_ok(&in) || hn_reader_left(&in) > 0))
        status = hn_fail(err, HN_CORRUPT, hn_reader_offset(&in), "the cache is damaged");
    if (status != HN_OK)
        loader->files.count = files; /* nothing of it */
    return status;
}
