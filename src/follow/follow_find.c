/* follow_find.c - the files that a path, a folder or a pattern names, in the order of their names.
 *
 * Links are followed where a pattern leads to them; folders inside of folders are entered
 * FOLLOW_DEPTH_MAX deep, links to folders there are not. */
#include "follow/follow_internal.h"

#include "base/mem.h"
#include "base/vec.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <sys/stat.h>

struct find {
    follow_on_path *on_path;
    follow_on_path *on_folder;
    void *ctx;
};

/* A folder, and what is left of the pattern below it. */
struct place {
    char *path;
    const char *rest; /* into the pattern; NULL: everything below */
    uint32_t depth;
};

struct places {
    HN_VEC(struct place) list;
};

static char *join(const char *folder, size_t folder_len, const char *name, size_t name_len)
{
    bool slash = folder_len > 0 && folder[folder_len - 1] != '/';
    char *path = hn_malloc(folder_len + slash + name_len + 1);

    if (path == NULL)
        return NULL;
    memcpy(path, folder, folder_len);
    if (slash)
        path[folder_len] = '/';
    memcpy(path + folder_len + slash, name, name_len);
    path[folder_len + slash + name_len] = '\0';
    return path;
}

static void add_place(struct places *places, char *path, const char *rest, uint32_t depth)
{
    struct place *place = path == NULL ? NULL : hn_vec_add(&places->list);

    if (place == NULL) {
        hn_free(path);
        return;
    }
    place->path = path;
    place->rest = rest;
    place->depth = depth;
}

/* Names sorted, so that files are found in the same order everywhere. */
static int list_folder(const char *path, struct dirent ***ret_names)
{
    return scandir(path, ret_names, NULL, alphasort);
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* One name of a folder, against the first part of the rest of the pattern. */
static void see_name(
        const struct find *find, struct places *places, const struct place *place, const char *name)
{
    const char *slash = place->rest == NULL ? NULL : strchr(place->rest, '/');
    size_t part_len = place->rest == NULL ? 0
                      : slash == NULL     ? strlen(place->rest)
                                          : (size_t)(slash - place->rest);
    bool deep = place->rest == NULL || (part_len == 2 && memcmp(place->rest, "**", 2) == 0);
    char *path = join(place->path, strlen(place->path), name, strlen(name));
    char *part = deep ? NULL : join("", 0, place->rest, part_len);
    struct stat info;
    bool fits;

    if (path == NULL || (!deep && part == NULL) || (deep ? lstat(path, &info) : stat(path, &info)))
        goto out;
    fits = deep || fnmatch(part, name, FNM_PERIOD) == 0;
    if (fits && S_ISDIR(info.st_mode) && place->depth < FOLLOW_DEPTH_MAX) {
        if (deep || slash != NULL) {
            add_place(places, path, deep ? place->rest : slash + 1, place->depth + 1);
            path = NULL;
        }
    } else if (fits && (deep ? place->rest == NULL || slash == NULL : slash == NULL) &&
               (S_ISREG(info.st_mode) || (S_ISLNK(info.st_mode) && deep))) {
        find->on_path(find->ctx, path);
    }
out:
    hn_free(path);
    hn_free(part);
}

static void see_folder(const struct find *find, struct places *places, const struct place *place)
{
    struct dirent **names = NULL;
    int count = list_folder(place->path, &names);

    if (count >= 0 && find->on_folder != NULL)
        find->on_folder(find->ctx, place->path);
    for (int i = 0; i < count; i++) {
        if (!is_dots(names[i]->d_name))
            see_name(find, places, place, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    /* The name behind "**" may be in this very folder. */
    if (place->rest != NULL && strncmp(place->rest, "**/", 3) == 0)
        add_place(places, join("", 0, place->path, strlen(place->path)), place->rest + 3,
                FOLLOW_DEPTH_MAX);
}

/* The folder of a path's first len bytes, which end with its slash or are none. */
static char *folder_of(const char *path, size_t len)
{
    return len == 0 ? join("", 0, ".", 1) : join("", 0, path, len);
}

/* A path without signs of a pattern: a folder to be entered, or a file. */
static void see_plain(
        const struct find *find, struct places *places, const char *path, size_t folder_len)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    char *folder;

    if (there && S_ISDIR(info.st_mode)) {
        add_place(places, join("", 0, path, strlen(path)), NULL, 0);
        return;
    }
    if (there && S_ISREG(info.st_mode))
        find->on_path(find->ctx, path);
    folder = find->on_folder == NULL ? NULL : folder_of(path, folder_len);
    if (folder != NULL)
        find->on_folder(find->ctx, folder);
    hn_free(folder);
}

void follow_find_paths(
        const char *pattern, follow_on_path *on_path, follow_on_path *on_folder, void *ctx)
{
    const struct find find = { on_path, on_folder, ctx };
    struct places places = { 0 };
    size_t fixed = strcspn(pattern, "*?[");
    bool plain = pattern[fixed] == '\0';

    while (fixed > 0 && pattern[fixed - 1] != '/')
        fixed--;
    if (plain)
        see_plain(&find, &places, pattern, fixed);
    else
        add_place(&places, folder_of(pattern, fixed), pattern + fixed, 0);
    for (size_t i = 0; i < places.list.count; i++) {
        struct place place = places.list.ptr[i]; /* the list may move */

        see_folder(&find, &places, &place);
    }
    for (size_t i = 0; i < places.list.count; i++)
        hn_free(places.list.ptr[i].path);
    hn_vec_deinit(&places.list);
}
