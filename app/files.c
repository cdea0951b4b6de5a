/* files.c - reading, finding, replacing files. */
#include "app/files.h"

#include "base/mem.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void file_text_free(struct file_text *file)
{
    union {
        const char *borrowed;
        void *owned;
    } ptr = { file->text.ptr };

    hn_free(ptr.owned);
    file->text = (struct hn_text){ NULL, 0 };
}

static enum hn_status read_all(int fd, struct file_text *ret_file, struct hn_err *err)
{
    struct stat info;
    size_t room = 65536;
    size_t len = 0;
    char *bytes;

    if (fstat(fd, &info) != 0)
        return hn_fail_sys(err, errno, "cannot read");
    if (S_ISDIR(info.st_mode))
        return hn_fail_sys(err, EISDIR, "cannot read");
    if (S_ISREG(info.st_mode) && (uint64_t)info.st_size > FILE_BYTES_MAX)
        return hn_fail(err, HN_LIMIT, 0, "larger than 4 GiB");
    if (S_ISREG(info.st_mode))
        room = (size_t)info.st_size + 1;
    bytes = hn_malloc(room + 1);
    while (bytes != NULL) {
        ssize_t got = read(fd, bytes + len, room - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int saved = errno;

            hn_free(bytes);
            return hn_fail_sys(err, saved, "cannot read");
        }
        if (got == 0)
            break;
        len += (size_t)got;
        if (len == room) {
            char *bigger = room > FILE_BYTES_MAX ? NULL : hn_realloc(bytes, room * 2 + 1);

            if (bigger == NULL) {
                hn_free(bytes);
                return hn_fail(err, HN_LIMIT, 0, "too large");
            }
            bytes = bigger;
            room *= 2;
        }
    }
    if (bytes == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    bytes[len] = '\0';
    ret_file->text = hn_text_of(bytes, len);
    return HN_OK;
}

enum hn_status file_read(const char *path, struct file_text *ret_file, struct hn_err *err)
{
    enum hn_status status;
    int fd;

    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, ret_file, err);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return hn_fail_sys(err, errno, "cannot open");
    status = read_all(fd, ret_file, err);
    (void)close(fd);
    return status;
}

void file_list_deinit(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        hn_free(list->ptr[i]);
    hn_vec_deinit(list);
}

static char *join(const char *folder, const char *name)
{
    size_t len = strlen(folder);
    size_t room = len + strlen(name) + 2;
    char *path = hn_malloc(room);

    if (path != NULL)
        (void)snprintf(
                path, room, "%s%s%s", folder, len > 0 && folder[len - 1] == '/' ? "" : "/", name);
    return path;
}

static bool push(struct file_list *list, char *path)
{
    char **slot = path == NULL ? NULL : hn_vec_add(list);

    if (slot == NULL) {
        hn_free(path);
        return false;
    }
    *slot = path;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in a folder, sorted. */
static enum hn_status names_in(const char *folder, struct file_list *names, struct hn_err *err)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    bool ok = true;

    if (dir == NULL)
        return hn_fail_sys(err, errno, "cannot open folder");
    while (ok && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        char *name;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        name = hn_malloc(len + 1);
        if (name != NULL)
            memcpy(name, entry->d_name, len + 1);
        ok = push(names, name);
    }
    (void)closedir(dir);
    if (!ok)
        return hn_fail(err, HN_NOMEM, 0, "file names");
    if (names->count > 1)
        qsort(names->ptr, names->count, sizeof *names->ptr, by_name);
    return HN_OK;
}

struct finder {
    bool (*skip)(const char *name);
    bool (*want)(const char *name);
    struct file_list *list;
    struct hn_err *err;
};

/* At most FILES_DEPTH_MAX deep, so recursion is bounded. */
static enum hn_status find_below(const struct finder *finder, const char *folder, unsigned depth)
{
    struct file_list names = { 0 };
    enum hn_status status = names_in(folder, &names, finder->err);

    for (size_t i = 0; status == HN_OK && i < names.count; i++) {
        const char *name = names.ptr[i];
        char *path = join(folder, name);
        struct stat info;

        if (path == NULL) {
            status = hn_fail(finder->err, HN_NOMEM, 0, "file names");
            break;
        }
        if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
            if ((finder->skip == NULL || !finder->skip(name)) && depth < FILES_DEPTH_MAX)
                status = find_below(finder, path, depth + 1);
            hn_free(path);
        } else if ((finder->want == NULL || finder->want(name)) && stat(path, &info) == 0 &&
                   S_ISREG(info.st_mode)) {
            if (!push(finder->list, path))
                status = hn_fail(finder->err, HN_NOMEM, 0, "file names");
        } else {
            hn_free(path);
        }
    }
    file_list_deinit(&names);
    return status;
}

enum hn_status files_find(const char *path, bool (*skip)(const char *name),
        bool (*want)(const char *name), struct file_list *list, struct hn_err *err)
{
    struct finder finder = { skip, want, list, err };
    struct stat info = { 0 };
    char *copy;

    if (strcmp(path, "-") != 0 && stat(path, &info) != 0)
        return hn_fail_sys(err, errno, "cannot open");
    if (strcmp(path, "-") != 0 && S_ISDIR(info.st_mode))
        return find_below(&finder, path, 0);
    copy = hn_malloc(strlen(path) + 1);
    if (copy != NULL)
        memcpy(copy, path, strlen(path) + 1);
    return push(list, copy) ? HN_OK : hn_fail(err, HN_NOMEM, 0, "file names");
}

static void make_folders(char *path)
{
    for (char *p = path + 1; *p != '\0'; p++) {
        if (*p == '/') {
            *p = '\0';
            (void)mkdir(path, 0700); /* there already, or open() below says why not */
            *p = '/';
        }
    }
}

bool files_cache_dir(char *out, size_t room)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int len = -1;

    if (cache != NULL && cache[0] == '/')
        len = snprintf(out, room, "%s/hinomi/", cache);
    else if (home != NULL && home[0] == '/')
        len = snprintf(out, room, "%s/.cache/hinomi/", home);
    if (len < 0 || (size_t)len >= room)
        return false;
    make_folders(out);
    out[len - 1] = '\0';
    return true;
}

static bool write_all(int fd, struct hn_text text)
{
    while (text.len > 0) {
        ssize_t wrote = write(fd, text.ptr, text.len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        text.ptr += wrote;
        text.len -= (size_t)wrote;
    }
    return true;
}

/* A device or pipe is written to: what is renamed over it would replace it. */
static bool is_special(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static enum hn_status write_special(const char *path, struct hn_text text, struct hn_err *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int saved;
    bool wrote;

    if (fd < 0)
        return hn_fail_sys(err, errno, "cannot write");
    wrote = write_all(fd, text);
    saved = errno;
    if (close(fd) != 0 && wrote) {
        saved = errno;
        wrote = false;
    }
    return wrote ? HN_OK : hn_fail_sys(err, saved, "cannot write");
}

enum hn_status file_write_atomic(const char *path, struct hn_text text, struct hn_err *err)
{
    char temporary[4400];
    int fd;
    int saved;

    if (is_special(path))
        return write_special(path, text, err);
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
        return hn_fail(err, HN_LIMIT, 0, "path is too long");
    make_folders(temporary);
    fd = mkstemp(temporary);
    if (fd < 0)
        return hn_fail_sys(err, errno, "cannot write");
    (void)fchmod(fd, 0644);
    if (!write_all(fd, text) || fsync(fd) != 0) {
        saved = errno;
        (void)close(fd);
        (void)unlink(temporary);
        return hn_fail_sys(err, saved, "cannot write");
    }
    if (close(fd) != 0 || rename(temporary, path) != 0) {
        saved = errno;
        (void)unlink(temporary);
        return hn_fail_sys(err, saved, "cannot write");
    }
    return HN_OK;
}
