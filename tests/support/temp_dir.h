/* temp_dir.h - a folder of one test's own, gone with it. Header only.
 *
 * In memory where the system offers that: tests that sync thousands of times take seconds, not
 * minutes. */
#ifndef HN_TESTS_TEMP_DIR_H
#define HN_TESTS_TEMP_DIR_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct temp_dir {
    char path[64];
    char file[128]; /* of temp_file() */
};

static inline void temp_dir_make(struct temp_dir *dir)
{
    (void)snprintf(dir->path, sizeof dir->path, "%s/hinomi-test-XXXXXX",
            access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(dir->path) == NULL)
        abort();
}

/* Valid until the next call. */
static inline const char *temp_file(struct temp_dir *dir, const char *name)
{
    (void)snprintf(dir->file, sizeof dir->file, "%s/%s", dir->path, name);
    return dir->file;
}

/* Files only; the tests make no folders in it. */
static inline void temp_dir_remove(struct temp_dir *dir)
{
    DIR *entries = opendir(dir->path);
    struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        char path[400];

        (void)snprintf(path, sizeof path, "%s/%s", dir->path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlink(path);
    }
    if (entries != NULL)
        (void)closedir(entries);
    (void)rmdir(dir->path);
}

#endif
