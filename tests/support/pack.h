/* pack.h - makes archives and compressed files for tests, in memory, with libarchive.
 *
 * Header only, so that a test links just its module. */
#ifndef HN_TESTS_PACK_H
#define HN_TESTS_PACK_H

#include "base/buf.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>

struct pack_entry {
    const char *name;
    const char *content;
    size_t len; /* 0: up to the NUL; content NULL: so many zeros */
};

static inline la_ssize_t pack_out(struct archive *archive, void *ctx, const void *ptr, size_t len)
{
    struct hn_buf *out = ctx;

    (void)archive;
    hn_buf_add(out, ptr, len);
    return hn_buf_ok(out) ? (la_ssize_t)len : -1;
}

static inline void pack_write(struct archive *archive, const struct pack_entry *entry)
{
    static const char zeros[65536];
    size_t len = entry->len == 0 && entry->content != NULL ? strlen(entry->content) : entry->len;
    struct archive_entry *header = archive_entry_new();

    if (header == NULL)
        abort();
    archive_entry_set_pathname(header, entry->name);
    archive_entry_set_size(header, (la_int64_t)len);
    archive_entry_set_filetype(header, AE_IFREG);
    archive_entry_set_perm(header, 0644);
    if (archive_write_header(archive, header) < ARCHIVE_WARN)
        abort();
    for (size_t pos = 0; pos < len;) {
        size_t piece = len - pos;

        if (entry->content == NULL && piece > sizeof zeros)
            piece = sizeof zeros;
        if (archive_write_data(archive, entry->content == NULL ? zeros : entry->content + pos,
                    piece) != (la_ssize_t)piece)
            abort();
        pos += piece;
    }
    archive_entry_free(header);
}

/* format: "zip", "7zip", "pax", "ustar", "newc", "raw"; filter: "none", "gzip", "xz", "zstd",
 * "bzip2", "lz4", "compress"; options as archive_write_set_options(3) has them, or NULL. */
static inline struct hn_buf pack(const char *format, const char *filter, const char *options,
        const char *password, const struct pack_entry *entries, size_t count)
{
    struct hn_buf out = { 0 };
    struct archive *archive = archive_write_new();

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* names in the tests are UTF-8 */
    if (archive == NULL || archive_write_set_format_by_name(archive, format) != ARCHIVE_OK)
        abort();
    if (strcmp(filter, "none") != 0 &&
            archive_write_add_filter_by_name(archive, filter) != ARCHIVE_OK)
        abort();
    (void)archive_write_set_bytes_in_last_block(archive, 1);
    if (options != NULL && archive_write_set_options(archive, options) != ARCHIVE_OK)
        abort();
    if (password != NULL && archive_write_set_passphrase(archive, password) != ARCHIVE_OK)
        abort();
    if (archive_write_open(archive, &out, NULL, pack_out, NULL) != ARCHIVE_OK)
        abort();
    for (size_t i = 0; i < count; i++)
        pack_write(archive, &entries[i]);
    if (archive_write_close(archive) != ARCHIVE_OK)
        abort();
    (void)archive_write_free(archive);
    return out;
}

#endif
