/* fuzz: hashlist */
/* fuzz_hashlist.c - lists of digests: NSRL's tables, plain lists, and the compiled form, forged.
 *
 * Oracle: a list holds what a walk over the lines of its text finds, each once, and not what
 * differs in one bit, unless that is in it as well; a compiled form is refused or is as long as it
 * says. */
#include "hashlist/hashlist.h"

#include "base/attr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DIGESTS_MAX 512u

struct walked {
    struct hashlist_digest all[DIGESTS_MAX];
    size_t count;
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool is_there(const struct walked *walked, const struct hashlist_digest *digest)
{
    for (size_t i = 0; i < walked->count; i++) {
        if (walked->all[i].kind == digest->kind &&
                memcmp(walked->all[i].bytes, digest->bytes, hashlist_kind_bytes(digest->kind)) == 0)
            return true;
    }
    return false;
}

/* Lines end in LF alone here as there. */
static bool walk(struct hn_text text, struct walked *walked)
{
    struct hashlist_lines lines = { 0 };
    struct hn_text line;

    while (hn_text_split(&text, '\n', &line)) {
        struct hashlist_digest digest;

        if (line.len > HASHLIST_LINE_MAX / 2)
            return false;
        if (!hashlist_line(&lines, line, &digest) || is_there(walked, &digest))
            continue;
        if (walked->count == DIGESTS_MAX)
            return false;
        walked->all[walked->count++] = digest;
    }
    return true;
}

static void hold(const struct hashlist *list, const struct walked *walked)
{
    uint64_t count = 0;

    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++)
        count += hashlist_info(list)->counts[kind];
    check(count == walked->count);
    for (size_t i = 0; i < walked->count; i++) {
        struct hashlist_digest near = walked->all[i];

        check(hashlist_has(list, &near));
        near.bytes[hashlist_kind_bytes(near.kind) - 1] ^= 1;
        check(hashlist_has(list, &near) == is_there(walked, &near));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct walked walked;
    static int fd = -1;
    static char path[64];
    struct hashlist *list = NULL;
    bool forged = size >= 8 && memcmp(data, "HNHASH1", 8) == 0;
    bool whole;

    if (fd < 0) {
        char name[] = "/dev/shm/hinomi-fuzz-XXXXXX";

        fd = mkstemp(name);
        check(fd >= 0);
        (void)unlink(name);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        return 0;
    walked.count = 0;
    whole = !forged && walk(hn_bytes_as_text(hn_bytes_of(data, size)), &walked);
    if (hashlist_open(path, NULL, &list, NULL) == HN_OK) {
        if (whole)
            hold(list, &walked);
        for (unsigned kind = 0; forged && kind < HASHLIST_KIND_COUNT; kind++) {
            struct hashlist_digest digest = { .kind = (enum hashlist_kind)kind };

            memset(digest.bytes, data[size - 1], sizeof digest.bytes);
            (void)hashlist_has(list, &digest);
        }
    } else {
        check(!whole || walked.count == 0);
    }
    hashlist_close(list);
    return 0;
}
