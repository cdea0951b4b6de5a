/* walk.c - walks folders depth first, names sorted by their bytes, without recursion.
 *
 * One level is kept per folder on the way: its descriptor and the names in it. */
#include "input/walk.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct folder {
    int fd;
    size_t path_len;     /* of walk->path that names the folder */
    struct hn_buf bytes; /* the names, each with its NUL */
    HN_VEC(const char *) names;
    size_t next;
};

struct walk {
    const struct input_options *options;
    HN_VEC(char *) args; /* copies */
    size_t next_arg;
    HN_VEC(struct folder) folders; /* the way to the current file, outermost first */
    struct hn_buf path;
    uint64_t files;
};

static void note(struct walk *walk, enum input_note_kind kind, int sys_errno)
{
    struct input_note message = {
        .kind = kind, .name = hn_buf_text(&walk->path), .reason = "", .sys_errno = sys_errno
    };

    if (walk->options->on_note != NULL)
        walk->options->on_note(walk->options->ctx, &message);
}

/* ---- Folders -----------------------------------------------------------------------------------
 */

static void folder_close(struct folder *folder)
{
    (void)close(folder->fd);
    hn_buf_deinit(&folder->bytes);
    hn_vec_deinit(&folder->names);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Collects the names. The buffer moves while it grows, hence the second pass. */
static enum hn_status read_names(struct folder *folder, DIR *dir, bool *ret_complete)
{
    const struct dirent *entry;
    size_t pos = 0;

    *ret_complete = true;
    errno = 0;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        hn_buf_add(&folder->bytes, entry->d_name, strlen(entry->d_name) + 1);
        if (folder->bytes.status == HN_NOMEM)
            return HN_NOMEM;
        if (folder->bytes.status != HN_OK)
            break;
        errno = 0;
    }
    *ret_complete = entry == NULL && errno == 0;
    while (pos < folder->bytes.len) {
        const char **name = hn_vec_add(&folder->names);

        if (name == NULL)
            return HN_NOMEM;
        *name = folder->bytes.ptr + pos;
        pos += strlen(*name) + 1;
    }
    if (folder->names.count > 1)
        qsort(folder->names.ptr, folder->names.count, sizeof *folder->names.ptr, by_bytes);
    return HN_OK;
}

/* Enters the folder behind fd, whose path is in walk->path; takes fd. */
static enum hn_status enter(struct walk *walk, int fd, struct hn_err *err)
{
    struct folder *folder;
    int copy;
    DIR *dir;
    enum hn_status status;
    bool complete;

    if (walk->folders.count >= walk->options->limits.folder_depth_max) {
        (void)close(fd);
        note(walk, INPUT_NOTE_TOO_DEEP, 0);
        return HN_OK;
    }
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* closedir() closes the one it was given */
    dir = copy < 0 ? NULL : fdopendir(copy);
    if (dir == NULL) {
        note(walk, INPUT_NOTE_UNREADABLE, errno);
        if (copy >= 0)
            (void)close(copy);
        (void)close(fd);
        return HN_OK;
    }
    folder = hn_vec_add(&walk->folders);
    if (folder == NULL) {
        (void)closedir(dir);
        (void)close(fd);
        return hn_fail(err, HN_NOMEM, 0, "walking folders");
    }
    folder->fd = fd;
    folder->path_len = walk->path.len;
    hn_buf_init(&folder->bytes, walk->options->limits.folder_bytes_max);
    status = read_names(folder, dir, &complete);
    (void)closedir(dir);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "names of a folder");
    if (!complete)
        note(walk, INPUT_NOTE_TOO_MANY, 0);
    return HN_OK;
}

static void leave(struct walk *walk)
{
    folder_close(&walk->folders.ptr[--walk->folders.count]);
}

/* ---- Files -------------------------------------------------------------------------------------
 */

static enum hn_status set_path(struct walk *walk, size_t keep, const char *name, struct hn_err *err)
{
    walk->path.len = keep;
    if (keep > 0 && walk->path.ptr[keep - 1] != '/')
        hn_buf_add_char(&walk->path, '/');
    hn_buf_add_cstr(&walk->path, name);
    return hn_buf_ok(&walk->path) ? HN_OK : hn_fail(err, walk->path.status, 0, "path of a file");
}

int walk_open_file(const struct walk_file *file)
{
    /* A pipe that took the place of a file must not make us wait for its writer. */
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;

    if (!file->is_argument)
        flags |= O_NOFOLLOW | O_NONBLOCK;
    return openat(file->folder, file->name, flags);
}

/* What stands at file->name: entered when it is a folder; true when it is to be read. */
static enum hn_status visit(
        struct walk *walk, struct walk_file *file, bool *ret_read, struct hn_err *err)
{
    int flags = O_RDONLY | O_CLOEXEC | O_DIRECTORY | (file->is_argument ? 0 : O_NOFOLLOW);
    int fd;

    *ret_read = false;
    if (fstatat(file->folder, file->name, &file->stat,
                file->is_argument ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
        note(walk, INPUT_NOTE_UNREADABLE, errno);
        return HN_OK;
    }
    if (S_ISDIR(file->stat.st_mode)) {
        fd = openat(file->folder, file->name, flags);
        if (fd >= 0)
            return enter(walk, fd, err);
        note(walk, INPUT_NOTE_UNREADABLE, errno);
    } else if (S_ISLNK(file->stat.st_mode)) {
        note(walk, INPUT_NOTE_LINK, 0);
    } else if (!S_ISREG(file->stat.st_mode) &&
               (!file->is_argument || S_ISSOCK(file->stat.st_mode))) {
        note(walk, INPUT_NOTE_SPECIAL, 0);
    } else if (!file->is_argument && walk->files >= walk->options->limits.files_max) {
        note(walk, INPUT_NOTE_TOO_MANY, 0);
        while (walk->folders.count > 0)
            leave(walk);
    } else {
        walk->files++;
        *ret_read = true;
    }
    return HN_OK;
}

/* The next name, of the innermost folder or of the arguments. */
static enum hn_status next_name(struct walk *walk, struct walk_file *file, struct hn_err *err)
{
    while (walk->folders.count > 0) {
        struct folder *folder = &walk->folders.ptr[walk->folders.count - 1];

        if (folder->next < folder->names.count) {
            file->folder = folder->fd;
            file->name = folder->names.ptr[folder->next++];
            file->is_argument = false;
            return set_path(walk, folder->path_len, file->name, err);
        }
        leave(walk);
    }
    if (walk->next_arg == walk->args.count)
        return HN_NOTFOUND;
    file->folder = AT_FDCWD;
    file->name = walk->args.ptr[walk->next_arg++];
    file->is_argument = true;
    return set_path(walk, 0, file->name, err);
}

enum hn_status walk_next(struct walk *walk, struct walk_file *ret_file, struct hn_err *err)
{
    for (;;) {
        struct walk_file file = { 0 };
        bool found = true;
        enum hn_status status = next_name(walk, &file, err);

        if (status == HN_OK && !(file.is_argument && strcmp(file.name, "-") == 0))
            status = visit(walk, &file, &found, err);
        if (status != HN_OK)
            return status;
        if (!found)
            continue;
        file.path = hn_buf_text(&walk->path);
        *ret_file = file;
        return HN_OK;
    }
}

/* ---- Life --------------------------------------------------------------------------------------
 */

enum hn_status walk_open(const struct hn_text *args, size_t count,
        const struct input_options *options, struct walk **ret_walk, struct hn_err *err)
{
    struct walk *walk = hn_calloc(1, sizeof *walk);

    for (size_t i = 0; walk != NULL && i < count; i++) {
        char **arg = hn_vec_add(&walk->args);

        if (arg != NULL)
            *arg = hn_malloc(args[i].len + 1);
        if (arg == NULL || *arg == NULL) {
            walk_close(walk);
            walk = NULL;
            break;
        }
        memcpy(*arg, args[i].ptr, args[i].len);
        (*arg)[args[i].len] = '\0';
    }
    if (walk == NULL)
        return hn_fail(err, HN_NOMEM, 0, "list of inputs");
    walk->options = options;
    *ret_walk = walk;
    return HN_OK;
}

void walk_close(struct walk *walk)
{
    if (walk == NULL)
        return;
    while (walk->folders.count > 0)
        leave(walk);
    for (size_t i = 0; i < walk->args.count; i++)
        hn_free(walk->args.ptr[i]);
    hn_vec_deinit(&walk->args);
    hn_vec_deinit(&walk->folders);
    hn_buf_deinit(&walk->path);
    hn_free(walk);
}
