/* replay_main.c - runs a fuzz target over the files of a folder, where libFuzzer is not linked.
 *
 * Makes every corpus a regression test in every build. An absent or empty folder is no failure:
 * the target still runs on the empty input. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t len = 0;
    size_t room = 0;
    size_t got;

    if (file == NULL)
        return -1;
    do {
        if (len == room) {
            room = room == 0 ? 65536 : room * 2;
            bytes = realloc(bytes, room);
            if (bytes == NULL)
                abort();
        }
        got = fread(bytes + len, 1, room - len, file);
        len += got;
    } while (got > 0);
    (void)fclose(file);
    bytes = realloc(bytes, len == 0 ? 1 : len); /* exact, so that sanitizers see the end */
    if (bytes == NULL)
        abort();
    (void)LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned count = 0;

    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        const struct dirent *entry;
        char path[4096];

        while (dir != NULL && (entry = readdir(dir)) != NULL) {
            if (entry->d_name[0] == '.')
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (replay_file(path) == 0)
                count++;
        }
        if (dir != NULL)
            (void)closedir(dir);
    }
    printf("replayed %u inputs\n", count);
    return 0;
}
