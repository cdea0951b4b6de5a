/* rule_store.c - sets of rules on disk: written aside, forced out, switched by one rename. */
#include "app/rule_store.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/ui.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REMOVE_DEPTH_MAX 64u

/* Names at work in DIR and DIR/versions start so, and are nobody's once the lock is free. */
#define SCRATCH_PREFIX ".incoming-"

static int fail(const char *path)
{
    struct hn_err err = { 0 };

    (void)hn_fail_sys(&err, errno, "%s", UI_TEXT("cannot write", "書き込めません"));
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_IO;
}

static bool join(char out[STORE_PATH_MAX], const char *folder, const char *name)
{
    if (snprintf(out, STORE_PATH_MAX, "%s/%s", folder, name) < (int)STORE_PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

static bool sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        (void)close(fd);
    return ok;
}

/* ---- Removing ---- */

/* Ours alone, and never through a link. At most REMOVE_DEPTH_MAX deep, so recursion is bounded. */
static void remove_below(int parent, const char *name, unsigned depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (dir == NULL) {
        if (fd >= 0)
            (void)close(fd);
        (void)unlinkat(parent, name, 0);
        return;
    }
    while (depth < REMOVE_DEPTH_MAX && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_below(fd, entry->d_name, depth + 1);
    }
    (void)closedir(dir);
    (void)unlinkat(parent, name, AT_REMOVEDIR);
}

void rule_store_remove(const char *path)
{
    remove_below(AT_FDCWD, path, 0);
}

/* ---- Links ---- */

/* The name of the version that a link of the store points to; false: no such link. */
static bool version_of(const struct rule_store *store, const char *link, char *out, size_t room)
{
    static const char prefix[] = "versions/";
    char path[STORE_PATH_MAX];
    char target[STORE_PATH_MAX];
    ssize_t len;

    if (!join(path, store->folder, link))
        return false;
    len = readlink(path, target, sizeof target - 1);
    if (len <= (ssize_t)(sizeof prefix - 1))
        return false;
    target[len] = '\0';
    if (strncmp(target, prefix, sizeof prefix - 1) != 0 ||
            strchr(target + sizeof prefix - 1, '/') != NULL || target[sizeof prefix - 1] == '.')
        return false;
    return snprintf(out, room, "%s", target + sizeof prefix - 1) < (int)room;
}

/* The moment that counts is the rename: before it the old link stands, after it the new one. */
static int set_link(const struct rule_store *store, const char *link, const char *version)
{
    char aside[STORE_PATH_MAX];
    char path[STORE_PATH_MAX];
    char target[STORE_PATH_MAX];
    char name[64];

    (void)snprintf(name, sizeof name, SCRATCH_PREFIX "%s", link);
    (void)snprintf(target, sizeof target, "versions/%s", version);
    if (!join(aside, store->folder, name) || !join(path, store->folder, link))
        return fail(store->folder);
    (void)unlink(aside); /* of a run that was killed */
    if (symlink(target, aside) != 0 || rename(aside, path) != 0 || !sync_path(store->folder))
        return fail(path);
    return EXIT_FINE;
}

bool rule_store_current(const struct rule_store *store, char ret_path[STORE_PATH_MAX])
{
    char version[128];

    return version_of(store, "current", version, sizeof version) &&
           snprintf(ret_path, STORE_PATH_MAX, "%s/versions/%s", store->folder, version) <
                   (int)STORE_PATH_MAX;
}

/* ---- Opening ---- */

/* Only what is named as we name versions is ours to remove. */
static bool is_version(const char *name)
{
    return strlen(name) == HN_DIGEST_HEX_LEN &&
           strspn(name, "0123456789abcdef") == HN_DIGEST_HEX_LEN;
}

/* Other versions than the two in use, and what killed runs left behind. */
static void sweep(const struct rule_store *store, const char *folder, bool versions)
{
    char keep[2][128] = { "", "" };
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (dir == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    (void)version_of(store, "current", keep[0], sizeof keep[0]);
    (void)version_of(store, "previous", keep[1], sizeof keep[1]);
    while ((entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        bool scratch = strncmp(name, SCRATCH_PREFIX, sizeof SCRATCH_PREFIX - 1) == 0;
        bool old = versions && is_version(name) && strcmp(name, keep[0]) != 0 &&
                   strcmp(name, keep[1]) != 0;

        if (scratch || old)
            remove_below(fd, name, 0);
    }
    (void)closedir(dir);
}

static bool take_lock(struct rule_store *store)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char path[STORE_PATH_MAX];

    if (!join(path, store->folder, ".lock"))
        return false;
    store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return store->lock >= 0 && fcntl(store->lock, F_SETLK, &whole) == 0;
}

static bool make_folder(const char *path)
{
    char copy[STORE_PATH_MAX];

    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *p = copy + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        (void)mkdir(copy, 0755);
        *p = '/';
    }
    return mkdir(copy, 0755) == 0 || errno == EEXIST;
}

int rule_store_open(struct rule_store *store, const char *folder, bool create)
{
    char path[STORE_PATH_MAX];

    store->folder = folder;
    store->lock = -1;
    if (!create)
        return EXIT_FINE;
    if (!join(path, folder, "versions") || !make_folder(path))
        return fail(folder);
    if (!take_lock(store)) {
        if (errno != EACCES && errno != EAGAIN)
            return fail(folder);
        ui_error(UI_TEXT("%s: another update is running", "%s: 別の更新が実行中です"), folder);
        return EXIT_IO;
    }
    sweep(store, folder, false);
    sweep(store, path, true);
    return EXIT_FINE;
}

void rule_store_close(struct rule_store *store)
{
    if (store->lock >= 0)
        (void)close(store->lock);
    store->lock = -1;
}

/* ---- Writing a set ---- */

int rule_store_scratch(const struct rule_store *store, char ret_path[STORE_PATH_MAX])
{
    if (!join(ret_path, store->folder, "versions/" SCRATCH_PREFIX "XXXXXX") ||
            mkdtemp(ret_path) == NULL)
        return fail(store->folder);
    return EXIT_FINE;
}

static bool write_whole(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

/* Folders made on the way are remembered, to be forced to disk when they are complete. */
static bool make_parents(char *path, size_t root_len, struct file_list *folders)
{
    for (char *p = path + root_len + 1; *p != '\0'; p++) {
        bool made;
        char *copy;
        char **slot;

        if (*p != '/')
            continue;
        *p = '\0';
        made = mkdir(path, 0755) == 0;
        if (!made && errno != EEXIST)
            return false;
        copy = made ? hn_malloc((size_t)(p - path) + 1) : NULL;
        if (copy != NULL)
            memcpy(copy, path, (size_t)(p - path) + 1);
        *p = '/';
        if (!made)
            continue;
        slot = copy == NULL ? NULL : hn_vec_add(folders);
        if (slot == NULL) {
            hn_free(copy);
            errno = ENOMEM;
            return false;
        }
        *slot = copy;
    }
    return true;
}

static bool write_file(const char *root, const struct bundle_file *file, struct file_list *folders)
{
    char path[STORE_PATH_MAX];
    bool ok;
    int fd;

    if (!join(path, root, file->path) || !make_parents(path, strlen(root), folders))
        return false;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    ok = write_whole(fd, file->bytes, file->len) && fsync(fd) == 0;
    return close(fd) == 0 && ok;
}

static bool write_files(const char *root, const struct rule_bundle *bundle)
{
    struct file_list folders = { 0 };
    bool ok = chmod(root, 0755) == 0; /* mkdtemp() makes it for us alone */

    for (size_t i = 0; ok && i < bundle->files.count; i++)
        ok = write_file(root, &bundle->files.ptr[i], &folders);
    for (size_t i = 0; ok && i < folders.count; i++)
        ok = sync_path(folders.ptr[i]);
    file_list_deinit(&folders);
    return ok && sync_path(root);
}

static int write_version(
        const struct rule_store *store, const struct rule_bundle *bundle, const char *version)
{
    char scratch[STORE_PATH_MAX];
    char versions[STORE_PATH_MAX];
    char path[STORE_PATH_MAX];
    struct stat info;
    int code;

    if (!join(versions, store->folder, "versions") || !join(path, versions, version))
        return fail(store->folder);
    if (stat(path, &info) == 0)
        return EXIT_FINE; /* it has its name, so it is whole */
    code = rule_store_scratch(store, scratch);
    if (code != EXIT_FINE)
        return code;
    if (write_files(scratch, bundle) && rename(scratch, path) == 0 && sync_path(versions))
        return EXIT_FINE;
    code = fail(path);
    rule_store_remove(scratch);
    return code;
}

int rule_store_put(struct rule_store *store, const struct rule_bundle *bundle)
{
    char version[HN_DIGEST_HEX_LEN + 1];
    char current[128];
    char versions[STORE_PATH_MAX];
    bool has_current = version_of(store, "current", current, sizeof current);
    int code;

    hn_digest_hex(rule_bundle_digest(bundle), version);
    version[HN_DIGEST_HEX_LEN] = '\0';
    if (has_current && strcmp(current, version) == 0)
        return EXIT_FINE;
    code = write_version(store, bundle, version);
    if (code == EXIT_FINE && has_current)
        code = set_link(store, "previous", current);
    if (code == EXIT_FINE)
        code = set_link(store, "current", version);
    if (code == EXIT_FINE && join(versions, store->folder, "versions"))
        sweep(store, versions, true);
    return code;
}

int rule_store_rollback(struct rule_store *store)
{
    char current[128];
    char previous[128];
    char path[STORE_PATH_MAX];
    struct stat info;
    int code;

    if (!version_of(store, "current", current, sizeof current) ||
            !version_of(store, "previous", previous, sizeof previous) ||
            snprintf(path, sizeof path, "%s/versions/%s", store->folder, previous) >=
                    (int)sizeof path ||
            stat(path, &info) != 0) {
        ui_error(UI_TEXT("%s: there is no previous set", "%s: 以前のルールがありません"),
                store->folder);
        return EXIT_RULES;
    }
    code = set_link(store, "current", previous);
    return code == EXIT_FINE ? set_link(store, "previous", current) : code;
}
