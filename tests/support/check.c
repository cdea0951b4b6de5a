/* check.c - see check.h. */
#include "check.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdio.h>
#include <sys/stat.h>

void check_text_at(struct hn_text actual, const char *expected, const char *file, int line)
{
    struct hn_text wanted = hn_text_cstr(expected);

    if (!hn_text_eq(actual, wanted)) {
        print_error("%s:%d: got '%.*s'\n  instead of '%s'\n", file, line,
                actual.ptr == NULL ? 6 : (int)actual.len,
                actual.ptr == NULL ? "(none)" : actual.ptr, expected);
        _fail(file, line);
    }
}

void check_buf_at(struct hn_buf *buf, const char *expected, const char *file, int line)
{
    _assert_true(hn_buf_ok(buf), "hn_buf_ok", file, line);
    check_text_at(hn_buf_text(buf), expected, file, line);
    hn_buf_reset(buf);
}

const char *check_shared(void)
{
    const char *shared = getenv("HN_SHARED");
    struct stat info;

    return shared != NULL && stat(shared, &info) == 0 ? shared : NULL;
}

char *check_read_file(const char *path, struct hn_text *ret_text)
{
    FILE *file = fopen(path, "rbe");
    char *bytes = NULL;
    size_t len = 0;
    size_t room = 0;
    size_t got;

    if (file == NULL)
        return NULL;
    do {
        if (len == room) {
            room = room == 0 ? 65536 : room * 2;
            bytes = hn_realloc(bytes, room);
            assert_non_null(bytes);
        }
        got = fread(bytes + len, 1, room - len, file);
        len += got;
    } while (got > 0);
    (void)fclose(file);
    *ret_text = hn_text_of(bytes, len);
    return bytes;
}

HN_WRAPS uint64_t check_random_next(struct check_random *random)
{
    random->state += 0x9E3779B97F4A7C15u;
    return hn_mix64(random->state);
}

uint32_t check_random_below(struct check_random *random, uint32_t below)
{
    return (uint32_t)(check_random_next(random) >> 32) % below;
}
