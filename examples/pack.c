/* pack.c - writes the logs as they are shipped, some compressed, and reads them back to compare. */
#include "example.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>

/* ---- Writing -----------------------------------------------------------------------------------
 */

static bool complain(const char *path, const char *reason)
{
    (void)fprintf(stderr, "hinomi_example: %s: %s\n", path, reason);
    return false;
}

static struct archive *writer_for(enum packing packing)
{
    struct archive *archive = archive_write_new();
    int status;

    if (archive == NULL)
        return NULL;
    if (packing == PACKING_ZIP) {
        status = archive_write_set_format_zip(archive);
    } else {
        status = archive_write_set_format_raw(archive);
        if (status == ARCHIVE_OK && packing == PACKING_GZIP)
            status = archive_write_add_filter_gzip(archive);
        if (status == ARCHIVE_OK && packing == PACKING_GZIP) /* the file's name and time stay out */
            status = archive_write_set_options(archive, "gzip:!timestamp");
    }
    if (status != ARCHIVE_OK) {
        (void)archive_write_free(archive);
        return NULL;
    }
    return archive;
}

static bool write_entry(struct archive *archive, const struct product *product)
{
    struct archive_entry *entry = archive_entry_new();
    bool done = false;

    if (entry == NULL)
        return false;
    archive_entry_set_pathname(entry, product->entry);
    archive_entry_set_size(entry, (la_int64_t)product->bytes.len);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, (time_t)(at(23, 59, 59) / HN_SECOND), 0);
    if (archive_write_header(archive, entry) == ARCHIVE_OK)
        done = archive_write_data(archive, product->bytes.ptr, product->bytes.len) ==
               (la_ssize_t)product->bytes.len;
    archive_entry_free(entry);
    return done;
}

bool pack_write(const char *folder, const struct product *products, size_t count)
{
    struct archive *archive = writer_for(products[0].packing);
    char path[512];
    bool done = archive != NULL;

    (void)snprintf(path, sizeof path, "%s/%s", folder, products[0].file);
    done = done && archive_write_open_filename(archive, path) == ARCHIVE_OK;
    for (size_t i = 0; done && i < count; i++)
        done = write_entry(archive, &products[i]);
    done = done && archive_write_close(archive) == ARCHIVE_OK;
    if (!done)
        (void)complain(path, archive == NULL ? "out of memory" : archive_error_string(archive));
    (void)archive_write_free(archive);
    return done;
}

/* ---- Comparing ---------------------------------------------------------------------------------
 */

/* The entry's data against the product's bytes, piece by piece. */
static bool same_bytes(struct archive *archive, const struct product *product)
{
    size_t at_byte = 0;
    char piece[65536];

    for (;;) {
        la_ssize_t len = archive_read_data(archive, piece, sizeof piece);

        if (len < 0)
            return false;
        if (len == 0)
            return at_byte == product->bytes.len;
        if ((size_t)len > product->bytes.len - at_byte ||
                memcmp(product->bytes.ptr + at_byte, piece, (size_t)len) != 0)
            return false;
        at_byte += (size_t)len;
    }
}

bool pack_check(const char *folder, const struct product *products, size_t count)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    char path[512];
    const char *reason = NULL;

    (void)snprintf(path, sizeof path, "%s/%s", folder, products[0].file);
    if (archive == NULL)
        return complain(path, "out of memory");
    (void)archive_read_support_filter_gzip(archive);
    if (products[0].packing == PACKING_ZIP)
        (void)archive_read_support_format_zip(archive);
    else
        (void)archive_read_support_format_raw(archive);
    if (archive_read_open_filename(archive, path, 65536) != ARCHIVE_OK)
        reason = archive_error_string(archive);
    for (size_t i = 0; reason == NULL && i < count; i++) {
        if (archive_read_next_header(archive, &entry) != ARCHIVE_OK)
            reason = "holds fewer files than the generator makes";
        else if (!same_bytes(archive, &products[i]))
            reason = "differs from what the generator makes";
    }
    if (reason == NULL && archive_read_next_header(archive, &entry) != ARCHIVE_EOF)
        reason = "holds more files than the generator makes";
    if (reason != NULL)
        (void)complain(path, reason);
    (void)archive_read_free(archive);
    return reason == NULL;
}
