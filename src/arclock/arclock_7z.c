/* arclock_7z.c - 7z archives with AES-256: each folder loses its AES coder, its packed streams are
 * decrypted, and the header says so. Packed headers are unpacked by whoever asked: as the only file
 * of a small archive made for that. */
#include "arclock/arclock_7z.h"

#include "base/crc32.h"

#define HEADER_DEPTH_MAX 4u /* headers packed in headers */
#define WORK_RAW         0x3Fu

/* A header that is being rewritten. */
struct sz_archive {
    struct arclock_job *job;
    struct sz_streams streams; /* as they are */
    struct sz_streams plain;
    struct sz_lock (*locks)[SZ_PER_FOLDER]; /* of each folder */
    bool locked;                            /* any of them */
};

/* ---- Decrypting ---- */

struct sz_cipher {
    struct hn_bytes salt;
    uint8_t iv[ARCLOCK_IV_BYTES];
    uint32_t work;
};

static bool read_props(struct hn_bytes props, struct sz_cipher *ret)
{
    struct hn_reader r = hn_reader_over(props);
    uint32_t first = hn_reader_u8(&r);
    uint32_t second = (first & 0xC0u) != 0 ? hn_reader_u8(&r) : 0;
    struct hn_bytes iv;

    *ret = (struct sz_cipher){ .work = first & 0x3Fu };
    if ((first & 0xC0u) == 0)
        return hn_reader_ok(&r);
    ret->salt = hn_reader_take(&r, (first >> 7 & 1u) + (second >> 4));
    iv = hn_reader_take(&r, (first >> 6 & 1u) + (second & 0x0Fu));
    if (iv.len > 0)
        memcpy(ret->iv, iv.ptr, iv.len);
    return hn_reader_ok(&r);
}

static bool decrypt(struct arclock_job *job, size_t password, const struct sz_lock *lock,
        struct hn_bytes in, struct hn_buf *out)
{
    struct sz_cipher cipher;
    const struct arclock_key *key;

    if (!read_props(lock->props, &cipher) || cipher.work == WORK_RAW)
        return false; /* a key that is the password itself: nobody writes that */
    key = arclock_key_7z(job, password, cipher.salt, cipher.work);
    return key != NULL &&
           arclock_decrypt(job, hn_bytes_of(key->key, ARCLOCK_KEY_MAX), cipher.iv, in, out);
}

/* Whether a first decrypted byte can start what the next method reads: most wrong passwords end
 * here. */
static bool can_start(const struct sz_lock *lock, uint8_t first)
{
    struct hn_text method = hn_bytes_as_text(lock->next);

    if (hn_text_eq(method, HN_TEXT("\x03\x01\x01"))) /* LZMA: the range coder starts with 0 */
        return first == 0;
    if (hn_text_eq(method, HN_TEXT("\x21"))) /* LZMA2: a chunk that needs nothing before it */
        return first <= 0x01u || first >= 0xE0u;
    if (hn_text_eq(method, HN_TEXT("\x04\x02\x02"))) /* bzip2 */
        return first == 'B';
    return true;
}

/* ---- Rewriting ---- */

/* The folders without AES. */
static enum hn_status strip_all(struct sz_archive *a)
{
    struct hn_arena *arena = &a->job->arena;
    size_t count = (size_t)a->streams.folder_count;

    a->plain = a->streams;
    a->plain.folders = hn_new(arena, struct sz_folder, count + 1);
    a->plain.pack_sizes = hn_new(arena, uint64_t, (size_t)a->streams.pack_count + 1);
    a->locks = hn_arena_array(arena, count + 1, sizeof *a->locks, _Alignof(struct sz_lock));
    if (a->plain.folders == NULL || a->plain.pack_sizes == NULL || a->locks == NULL)
        return hn_arena_status(arena);
    for (size_t i = 0; i < count; i++) {
        enum hn_status status =
                sz_strip(arena, &a->streams.folders[i], &a->plain.folders[i], a->locks[i]);

        if (status != HN_OK)
            return status;
        for (size_t k = 0; k < SZ_PER_FOLDER; k++)
            a->locked = a->locked || a->locks[i][k].props.ptr != NULL;
    }
    return HN_OK;
}

/* One packed stream, behind what is in out already; its new size. False: the password cannot be
 * right, or the archive is cut. */
static bool add_stream(const struct sz_archive *a, size_t password, const struct sz_lock *lock,
        struct hn_bytes in, struct hn_buf *out, uint64_t *ret_size)
{
    size_t before = out->len;

    *ret_size = in.len;
    if (lock->props.ptr == NULL) {
        hn_buf_add(out, in.ptr, in.len);
        return hn_buf_ok(out);
    }
    if (lock->size > in.len)
        return false;
    *ret_size = lock->size;
    if (in.len >= 16) { /* the first block alone tells most of the wrong ones */
        if (!decrypt(a->job, password, lock, hn_bytes_of(in.ptr, 16), out) ||
                !can_start(lock, (uint8_t)out->ptr[before]))
            return false;
        out->len = before;
    }
    if (!decrypt(a->job, password, lock, in, out) || out->len - before < lock->size)
        return false;
    out->len = before + (size_t)lock->size;
    return true;
}

/* All packed streams behind a start header that is still empty. */
static bool add_packed(struct sz_archive *a, size_t password, struct hn_buf *out)
{
    uint64_t at = SZ_START_BYTES;
    uint64_t index = 0;
    bool ok = a->streams.pack_pos <= a->job->in.len;

    at += ok ? a->streams.pack_pos : 0;
    hn_buf_reset(out);
    hn_buf_add_repeat(out, '\0', SZ_START_BYTES);
    for (uint64_t i = 0; ok && i < a->streams.folder_count; i++) {
        for (uint32_t k = 0; ok && k < a->streams.folders[i].packed_count; k++, index++) {
            uint64_t size = a->streams.pack_sizes[index];
            struct hn_bytes in = arclock_cut(a->job->in, at, size, &ok);

            ok = ok &&
                 add_stream(a, password, &a->locks[i][k], in, out, &a->plain.pack_sizes[index]);
            at += size;
        }
    }
    a->plain.pack_count = index;
    return ok && hn_buf_ok(out);
}

static void finish(struct hn_buf *out, size_t header_at)
{
    struct hn_bytes header =
            hn_bytes_of((const uint8_t *)out->ptr + header_at, out->len - header_at);

    if (!hn_buf_ok(out))
        return;
    memcpy(out->ptr, "7z\xBC\xAF\x27\x1C\x00\x04", 8);
    arclock_set(out, 12, header_at - SZ_START_BYTES, 8);
    arclock_set(out, 20, header.len, 8);
    arclock_set(out, 28, hn_crc32(0, header), 4);
    arclock_set(out, 8, hn_crc32(0, hn_bytes_of((const uint8_t *)out->ptr + 12, 20)), 4);
}

/* Whether the rest of a header lists no more than one file for each folder, whose checksums the
 * folders alone have. */
static bool is_bare(const struct sz_archive *a, struct hn_bytes rest)
{
    bool all = a->plain.folder_count > 0;

    for (uint64_t i = 0; i < a->plain.folder_count; i++)
        all = all && a->plain.folders[i].has_crc;
    return all && rest.len >= 2 && rest.ptr[0] == SZ_SUBSTREAMS && rest.ptr[1] == SZ_END;
}

/* libarchive looks for checksums of files here alone. */
static void move_checksums(struct sz_archive *a, struct hn_buf *substreams)
{
    hn_buf_add_char(substreams, (char)SZ_SUBSTREAMS);
    hn_buf_add_char(substreams, (char)SZ_CRC);
    hn_buf_add_char(substreams, 1);
    for (uint64_t i = 0; i < a->plain.folder_count; i++) {
        arclock_put(substreams, a->plain.folders[i].crc, 4);
        a->plain.folders[i].has_crc = false;
    }
    hn_buf_add_char(substreams, (char)SZ_END);
}

/* rest: what followed the folders in the header, up to its end. */
static void add_header(struct sz_archive *a, struct hn_bytes rest, struct hn_buf *out)
{
    size_t header_at = out->len;
    struct hn_buf substreams = { 0 };

    if (is_bare(a, rest)) {
        move_checksums(a, &substreams);
        rest = hn_bytes_of(rest.ptr + 2, rest.len - 2);
    } else if (rest.len > 0 && rest.ptr[0] != SZ_SUBSTREAMS) { /* it wants to see them */
        hn_buf_add_char(&substreams, (char)SZ_SUBSTREAMS);
        hn_buf_add_char(&substreams, (char)SZ_END);
    }
    hn_buf_add_char(out, (char)SZ_HEADER);
    hn_buf_add_char(out, (char)SZ_STREAMS);
    sz_put_streams(out, &a->plain);
    if (hn_buf_ok(&substreams))
        hn_buf_add_text(out, hn_buf_text(&substreams));
    else
        out->status = substreams.status;
    hn_buf_add(out, rest.ptr, rest.len);
    for (uint64_t i = 0; i < a->plain.folder_count; i++) /* for the next password */
        a->plain.folders[i].has_crc = a->streams.folders[i].has_crc;
    finish(out, header_at);
    hn_buf_deinit(&substreams);
}

/* What stands behind the folders of an archive whose only file is a packed header. */
static const uint8_t one_file[] = { SZ_SUBSTREAMS, SZ_END, SZ_END, SZ_FILES, 1, SZ_NAMES, 5, 0, 'h',
    0, 0, 0, SZ_END, SZ_END };

/* ---- Headers ---- */

/* A packed header, unpacked into ret. */
static enum hn_status unpack_header(struct arclock_job *job, struct hn_reader *r,
        size_t *ret_password, struct hn_buf *ret, struct hn_err *err)
{
    struct sz_archive a = { .job = job };
    struct hn_buf small = { 0 };
    size_t tries;
    enum hn_status status;

    if (!sz_read_streams(&job->arena, r, &a.streams) || a.streams.folder_count != 1)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(r), "the header is damaged");
    status = strip_all(&a);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "a header packed in a way nobody here unpacks");
    if (a.locked)
        job->result->headers = true;
    status = HN_NOTFOUND;
    tries = a.locked ? job->ask->password_count : 1;
    for (size_t i = 0; status == HN_NOTFOUND && i < tries && !job->no_memory; i++) {
        hn_buf_reset(ret);
        if (!add_packed(&a, i, &small))
            continue;
        add_header(&a, hn_bytes_of(one_file, sizeof one_file), &small);
        if (hn_buf_ok(&small) &&
                job->ask->unpack(job->ask->ctx, hn_text_as_bytes(hn_buf_text(&small)), ret)) {
            if (a.locked)
                *ret_password = i;
            status = HN_OK;
        }
    }
    job->no_memory = job->no_memory || small.status == HN_NOMEM;
    hn_buf_deinit(&small);
    if (status == HN_OK)
        return HN_OK;
    return a.locked ? arclock_none(job, err)
                    : hn_fail(err, HN_CORRUPT, 0, "the packed header cannot be unpacked");
}

/* The reader behind the properties of the archive, at its streams. */
static bool find_streams(struct hn_reader *r)
{
    uint8_t id = hn_reader_u8(r);

    while (id == SZ_PROPERTIES && hn_reader_ok(r)) {
        while (hn_reader_ok(r) && hn_reader_u8(r) != SZ_END) {
            uint64_t len = sz_number(r);

            hn_reader_skip(r, len <= hn_reader_left(r) ? (size_t)len : SIZE_MAX);
        }
        id = hn_reader_u8(r);
    }
    return hn_reader_ok(r) && id == SZ_STREAMS;
}

/* The header as it lies open: plain in the archive, or unpacked into one of the two rooms. */
static enum hn_status open_header(struct arclock_job *job, struct hn_buf rooms[2],
        size_t *ret_password, struct hn_bytes *ret_header, struct hn_err *err)
{
    bool ok = job->in.len >= SZ_START_BYTES;
    struct hn_bytes header = hn_bytes_of("", 0);
    uint64_t at = ok ? hn_load_u64(job->in.ptr + 12) : 0;

    if (ok && at <= job->in.len)
        header = arclock_cut(job->in, SZ_START_BYTES + at, hn_load_u64(job->in.ptr + 20), &ok);
    for (uint32_t depth = 0; ok && header.len > 0 && depth < HEADER_DEPTH_MAX; depth++) {
        struct hn_reader r = hn_reader_over(header);
        enum hn_status status;

        if (header.ptr[0] == SZ_HEADER) {
            *ret_header = hn_bytes_of(header.ptr + 1, header.len - 1);
            return HN_OK;
        }
        if (hn_reader_u8(&r) != SZ_ENCODED)
            break;
        status = unpack_header(job, &r, ret_password, &rooms[depth % 2], err);
        if (status != HN_OK)
            return status;
        header = hn_text_as_bytes(hn_buf_text(&rooms[depth % 2]));
    }
    return hn_fail(err, HN_CORRUPT, 0, "the header is missing or damaged");
}

static enum hn_status rewrite(
        struct sz_archive *a, struct hn_bytes rest, size_t known, struct hn_err *err)
{
    struct arclock_job *job = a->job;
    struct arclock_result *result = job->result;
    bool sure = known != SIZE_MAX;
    size_t count = sure ? known + 1 : job->ask->password_count;

    if (!a->locked && !sure)
        return hn_fail(err, HN_UNSUPPORTED, 0, "it is not encrypted by a known method");
    for (size_t i = sure ? known : 0; i < count && !job->no_memory; i++) {
        if (!add_packed(a, i, &result->archive))
            continue;
        add_header(a, rest, &result->archive);
        if (!hn_buf_ok(&result->archive))
            break;
        if (!sure &&
                !job->ask->verify(job->ask->ctx, hn_text_as_bytes(hn_buf_text(&result->archive))))
            continue;
        result->password = job->ask->passwords[i];
        return HN_OK;
    }
    if (result->archive.status == HN_NOMEM)
        job->no_memory = true;
    if (sure && !job->no_memory && !job->spent)
        return hn_fail(err, HN_CORRUPT, 0, "its packed streams are cut off");
    return arclock_none(job, err);
}

enum hn_status arclock_open_7z(struct arclock_job *job, struct hn_err *err)
{
    struct sz_archive a = { .job = job };
    struct hn_buf rooms[2] = { { 0 }, { 0 } };
    struct hn_bytes header = { 0 };
    size_t password = SIZE_MAX;
    enum hn_status status;

    job->result->scheme = "7z AES-256";
    status = open_header(job, rooms, &password, &header, err);
    if (status == HN_OK) {
        struct hn_reader r = hn_reader_over(header);

        if (find_streams(&r) && sz_read_streams(&job->arena, &r, &a.streams))
            status = strip_all(&a);
        else
            status = hn_fail(err, HN_CORRUPT, hn_reader_offset(&r), "the header is damaged");
        if (status == HN_OK)
            status = rewrite(&a, hn_bytes_of(header.ptr + hn_reader_offset(&r), hn_reader_left(&r)),
                    password, err);
    }
    hn_buf_deinit(&rooms[0]);
    hn_buf_deinit(&rooms[1]);
    return status;
}
