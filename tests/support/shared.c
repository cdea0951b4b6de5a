/* shared.c - access to real data for tests. */
#include "support/shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

char *shared_path_or_skip(const char *below)
{
    const char *shared = getenv("HN_SHARED");
    size_t room = (shared == NULL ? 0 : strlen(shared)) + strlen(below) + 2;
    char *path = malloc(room);
    struct stat info;

    if (path == NULL)
        abort();
    (void)snprintf(path, room, "%s/%s", shared == NULL ? "" : shared, below);
    if (shared != NULL && stat(path, &info) == 0)
        return path;
    free(path);
    (void)fprintf(stderr, "SKIPPED: no shared data (HN_SHARED/%s)\n", below);
    skip();
    return NULL;
}

struct hn_bytes shared_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat info = { 0 };
    uint8_t *bytes;

    if (file == NULL || fstat(fileno(file), &info) != 0)
        fail_msg("cannot read %s", path);
    bytes = malloc(info.st_size == 0 ? 1 : (size_t)info.st_size);
    if (bytes == NULL || fread(bytes, 1, (size_t)info.st_size, file) != (size_t)info.st_size)
        fail_msg("cannot read %s", path);
    (void)fclose(file);
    return hn_bytes_of(bytes, (size_t)info.st_size);
}

void shared_free(struct hn_bytes bytes)
{
    union {
        const uint8_t *borrowed;
        void *owned;
    } ptr = { bytes.ptr };

    free(ptr.owned);
}
