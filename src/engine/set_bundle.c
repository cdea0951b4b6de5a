/* set_bundle.c - the sources of a set as bytes, and their digest, which is the name of the set.
 *
 * Layout, little-endian: magic, version, bytes of the body, digest of the body, body. The body:
 * lowest level, number of files; of each its kind, name, columns, text. Sources are kept as texts,
 * not as what was parsed from them: a later version of Hinomi has to read them, too. */
#include "engine/engine_internal.h"

#include "engine/wire.h"

#define BUNDLE_MAGIC   0x42534E48u /* "HNSB" */
#define BUNDLE_VERSION 1u
#define FILE_BYTES_MIN 20u /* a kind and four lengths */

const char *engine_set_kind_text(enum engine_set_kind kind)
{
    static const char *const texts[] = {
#define SET_KIND_TEXT(name, text) text,
        ENGINE_SET_KIND_LIST(SET_KIND_TEXT)
#undef SET_KIND_TEXT
    };

    return kind < ENGINE_SET_KIND_COUNT ? texts[kind] : "unknown";
}

static void write_body(const struct engine_set_sources *sources, struct hn_buf *out)
{
    put_u32(out, (uint32_t)sources->level_min);
    put_u32(out, (uint32_t)sources->file_count);
    for (size_t i = 0; i < sources->file_count; i++) {
        const struct engine_set_file *file = &sources->files[i];

        put_u32(out, (uint32_t)file->kind);
        put_text(out, file->name);
        put_text(out, file->columns);
        put_u64(out, file->text.len);
        hn_buf_add_text(out, file->text);
    }
}

void engine_set_bundle_write(const struct engine_set_sources *sources, struct hn_buf *out)
{
    struct hn_buf body = { 0 };

    write_body(sources, &body);
    put_u32(out, BUNDLE_MAGIC);
    put_u32(out, BUNDLE_VERSION);
    put_u64(out, body.len);
    put_digest(out, hn_digest_of(body.ptr, body.len));
    hn_buf_add(out, body.ptr, body.len);
    if (!hn_buf_ok(&body))
        out->status = body.status;
    hn_buf_deinit(&body);
}

/* Joined file by file, so that nobody has to hold everything twice for it. */
static struct hn_digest digest_file(struct hn_digest digest, const struct engine_set_file *file)
{
    uint8_t kind = (uint8_t)file->kind;

    digest = hn_digest_join(digest, hn_digest_of(&kind, 1));
    digest = hn_digest_join(digest, hn_digest_of(file->name.ptr, file->name.len));
    digest = hn_digest_join(digest, hn_digest_of(file->columns.ptr, file->columns.len));
    return hn_digest_join(digest, hn_digest_of(file->text.ptr, file->text.len));
}

struct hn_digest engine_set_digest(const struct engine_set_sources *sources)
{
    uint8_t level = (uint8_t)sources->level_min;
    struct hn_digest digest = hn_digest_of(&level, 1);

    for (size_t i = 0; i < sources->file_count; i++)
        digest = digest_file(digest, &sources->files[i]);
    return digest;
}

/* ---- Back ---- */

static bool read_file(struct hn_reader *in, struct engine_set_file *ret_file)
{
    uint32_t kind = hn_reader_u32(in);
    uint64_t len;

    ret_file->name = get_text(in);
    ret_file->columns = get_text(in);
    len = hn_reader_u64(in);
    if (kind >= ENGINE_SET_KIND_COUNT || len > hn_reader_left(in))
        return false;
    ret_file->kind = (enum engine_set_kind)kind;
    ret_file->text = hn_bytes_as_text(hn_reader_take(in, (size_t)len));
    return hn_reader_ok(in);
}

static enum hn_status read_body(struct hn_bytes body, struct hn_arena *arena,
        struct engine_set_sources *ret_sources, struct hn_err *err)
{
    struct hn_reader in = hn_reader_over(body);
    uint32_t level = hn_reader_u32(&in);
    uint32_t count = hn_reader_u32(&in);
    struct engine_set_file *files;

    if (!hn_reader_ok(&in) || level > SIGMA_LEVEL_CRITICAL || count > ENGINE_SET_FILES_MAX ||
            count > hn_reader_left(&in) / FILE_BYTES_MIN)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(&in), "the sources are damaged");
    files = hn_new(arena, struct engine_set_file, count == 0 ? 1 : count);
    if (files == NULL)
        return hn_fail(err, HN_NOMEM, 0, "sources of a set");
    for (uint32_t i = 0; i < count; i++) {
        if (!read_file(&in, &files[i]))
            return hn_fail(err, HN_CORRUPT, hn_reader_offset(&in), "source %u is damaged", i + 1);
    }
    if (hn_reader_left(&in) > 0)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(&in), "something stands behind them");
    *ret_sources = (struct engine_set_sources){
        .files = files, .file_count = count, .level_min = (enum sigma_level)level
    };
    return HN_OK;
}

enum hn_status engine_set_bundle_read(struct hn_bytes in, struct hn_arena *arena,
        struct engine_set_sources *ret_sources, struct hn_digest *ret_digest, struct hn_err *err)
{
    struct hn_reader reader = hn_reader_over(in);
    uint32_t magic = hn_reader_u32(&reader);
    uint32_t version = hn_reader_u32(&reader);
    uint64_t len = hn_reader_u64(&reader);
    struct hn_digest digest = get_digest(&reader);
    struct hn_bytes body;
    enum hn_status status;

    if (!hn_reader_ok(&reader) || len > hn_reader_left(&reader))
        return hn_fail(err, HN_TRUNCATED, in.len, "the sources are cut off");
    if (magic != BUNDLE_MAGIC)
        return hn_fail(err, HN_CORRUPT, 0, "these are no sources of a set");
    if (version != BUNDLE_VERSION)
        return hn_fail(err, HN_UNSUPPORTED, 4, "sources of version %u", version);
    if (len < hn_reader_left(&reader))
        return hn_fail(err, HN_CORRUPT, 8, "something stands behind the sources");
    body = hn_reader_take(&reader, (size_t)len);
    if (!hn_digest_eq(digest, hn_digest_of(body.ptr, body.len)))
        return hn_fail(err, HN_CORRUPT, 16, "the checksum of the sources is wrong");
    status = read_body(body, arena, ret_sources, err);
    if (status == HN_OK)
        *ret_digest = engine_set_digest(ret_sources);
    return status;
}
