/* folder.c - see folder.h. */
#include "folder.h"

#include "check.h"

#include "base/mem.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 4096

char *folder_new(void)
{
    const char *base = getenv("TMPDIR");
    bool in_memory = access("/dev/shm", W_OK) == 0; /* thousands of syncs are quick there */
    char *dir = hn_malloc(PATH_ROOM);

    assert_non_null(dir);
    (void)snprintf(dir, PATH_ROOM, "%s/hinomi-test-XXXXXX",
            base != NULL ? base
            : in_memory  ? "/dev/shm"
                         : "/tmp");
    assert_non_null(mkdtemp(dir));
    return dir;
}

void folder_empty(const char *dir)
{
    DIR *open = opendir(dir);
    const struct dirent *entry;

    while (open != NULL && (entry = readdir(open)) != NULL) {
        char path[PATH_ROOM];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        (void)unlink(path);
    }
    if (open != NULL)
        (void)closedir(open);
}

void folder_free(char *dir)
{
    folder_empty(dir);
    (void)rmdir(dir);
    hn_free(dir);
}

static void copy_file(const char *from, const char *to)
{
    struct hn_text bytes;
    char *owned = check_read_file(from, &bytes);
    FILE *file = fopen(to, "wbe");

    assert_non_null(owned);
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
    hn_free(owned);
}

void folder_copy(const char *from, const char *to)
{
    char source[PATH_ROOM];
    char target[PATH_ROOM];

    folder_empty(to);
    for (unsigned n = 0; folder_file(from, "", n, source, sizeof source); n++) {
        (void)snprintf(target, sizeof target, "%s%s", to, strrchr(source, '/'));
        copy_file(source, target);
    }
}

int folder_file(const char *dir, const char *end, unsigned n, char *out, size_t room)
{
    struct dirent **names;
    int count = scandir(dir, &names, NULL, alphasort);
    unsigned index = 0;
    int found = 0;

    for (int i = 0; i < count; i++) {
        struct hn_text name = hn_text_cstr(names[i]->d_name);

        if (name.ptr[0] != '.' && hn_text_ends(name, hn_text_cstr(end)) && index++ == n) {
            (void)snprintf(out, room, "%s/%s", dir, names[i]->d_name);
            found = 1;
        }
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return found;
}
