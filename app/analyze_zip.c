/* analyze_zip.c - the archive of --extract-zip. */
#include "app/analyze_zip.h"

#include "app/exit_code.h"
#include "app/ui.h"
#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "zip/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_BYTES_MAX ((size_t)64 << 20)

struct analyze_zip {
    const char *path;
    int fd;
    struct zip_write write;
    struct hn_arena arena; /* names that are there already */
    struct hn_map names;
    bool failed;
};

static bool to_file(void *ctx, struct hn_bytes bytes)
{
    const struct analyze_zip *zip = ctx;
    size_t done = 0;

    while (done < bytes.len) {
        ssize_t wrote = write(zip->fd, bytes.ptr + done, bytes.len - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        done += (size_t)wrote;
    }
    return true;
}

static int fail(struct analyze_zip *zip, enum hn_status status)
{
    const char *why = hn_status_text(status);

    if (status == HN_IO)
        why = strerror(errno); /* NOLINT(concurrency-mt-unsafe) */
    if (!zip->failed)
        ui_error("%s: %s", zip->path, why);
    zip->failed = true;
    return EXIT_IO;
}

struct analyze_zip *analyze_zip_open(const char *path)
{
    struct analyze_zip *zip = hn_calloc(1, sizeof *zip);

    if (zip == NULL)
        return NULL;
    *zip = (struct analyze_zip){ .path = path, .write = { .sink = to_file, .ctx = zip } };
    hn_arena_init(&zip->arena, NAMES_BYTES_MAX);
    zip->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (zip->fd >= 0 && fchmod(zip->fd, 0600) == 0)
        return zip;
    (void)fail(zip, HN_IO);
    (void)!analyze_zip_end(zip);
    return NULL;
}

/* The name as it is kept; ptr NULL: it is in the archive already. */
static struct hn_text new_name(struct analyze_zip *zip, const char *digest, enum hn_status *status)
{
    struct hn_text name = hn_text_cstr(digest);
    uint32_t unused;

    if (hn_map_find(&zip->names, name) != HN_MAP_NONE)
        return hn_text_of(NULL, 0);
    name = hn_arena_text(&zip->arena, name);
    if (name.ptr == NULL || !hn_map_put(&zip->names, name, 1, &unused))
        *status = HN_NOMEM;
    return name;
}

int analyze_zip_add(struct analyze_zip *zip, const struct analyze_result *result)
{
    const struct dissect *dissect = result->sample.dissect;
    enum hn_status status = HN_OK;

    for (uint32_t id = 1; status == HN_OK && id < dissect_count(dissect); id++) {
        struct hn_bytes data = dissect_get(dissect, id)->data;
        char digest[HN_SHA256_HEX_LEN + 1] = "";
        struct hn_text name;

        /* By the digest of what is here, whatever the worker said of it. */
        if (data.len == 0 || !hn_sha256_hex(data, digest))
            continue;
        name = new_name(zip, digest, &status);
        if (status == HN_OK && name.ptr != NULL)
            status = zip_write_add(&zip->write, name, data, HN_TEXT(ZIP_SAMPLE_PASSWORD));
    }
    return status == HN_OK ? EXIT_FINE : fail(zip, status);
}

int analyze_zip_end(struct analyze_zip *zip)
{
    enum hn_status status;
    int code;

    if (zip == NULL)
        return EXIT_FINE;
    status = zip_write_end(&zip->write);
    if (status != HN_OK)
        (void)fail(zip, status);
    if (zip->fd >= 0 && close(zip->fd) != 0)
        (void)fail(zip, HN_IO);
    if (status != HN_OK && zip->fd >= 0)
        (void)unlink(zip->path);
    code = zip->failed ? EXIT_IO : EXIT_FINE;
    hn_map_deinit(&zip->names);
    hn_arena_deinit(&zip->arena);
    hn_free(zip);
    return code;
}
