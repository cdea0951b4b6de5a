/* output_tail.c - what stands at the end of an output's file: the keys of its last lines, and a
 * line that a crash has cut short.
 *
 * Between a line on the disk and "sent" in the store a crash can happen: then the row comes again,
 * and its key stands in one of the last lines, because no more than a batch is ever uncertain. */
#include "output/output_internal.h"

#include "base/map.h"
#include "base/mem.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_BYTES ((size_t)8 << 20) /* several batches, and a long line */
#define KEYS_MAX   1024
#define KEY_MAX    128

struct output_tail {
    char (*keys)[KEY_MAX];
    uint32_t count;
};

/* ---- Keys ---- */

/* How a line of ours begins; OCSF has its key further on, behind a name that nothing else has: text
 * from logs has its quotes escaped there. */
#define OUR_JSON     "{\"key\":\""
#define OUR_OCSF     "{\"class_uid\":200"
#define OCSF_KEY     "},\"uid\":\""
#define OCSF_KEY_END "\"},\"finding_info"

static bool between(
        struct hn_text line, struct hn_text start, struct hn_text end, struct hn_text *ret_text)
{
    size_t from = hn_text_find(line, start, 0);
    size_t to;

    if (from == SIZE_MAX)
        return false;
    from += start.len;
    to = hn_text_find(line, end, from);
    if (to == SIZE_MAX || to - from >= KEY_MAX)
        return false;
    *ret_text = hn_text_sub(line, from, to - from);
    return true;
}

static bool key_of(struct hn_text line, struct hn_text *ret_key)
{
    if (hn_text_starts(line, HN_TEXT(OUR_JSON)))
        return between(line, HN_TEXT(OUR_JSON), HN_TEXT("\""), ret_key);
    return hn_text_starts(line, HN_TEXT(OUR_OCSF)) &&
           between(line, HN_TEXT(OCSF_KEY), HN_TEXT(OCSF_KEY_END), ret_key);
}

static void add_key(struct output_tail *tail, struct hn_text key)
{
    char *slot = tail->keys[tail->count++ % KEYS_MAX];

    memcpy(slot, key.ptr, key.len);
    slot[key.len] = '\0';
}

bool output_tail_has(const struct output_tail *tail, struct hn_text key)
{
    for (uint32_t i = 0; i < tail->count && i < KEYS_MAX; i++) {
        if (hn_text_eq(hn_text_cstr(tail->keys[i]), key))
            return true;
    }
    return false;
}

void output_tail_free(struct output_tail *tail)
{
    if (tail == NULL)
        return;
    hn_free(tail->keys);
    hn_free(tail);
}

/* ---- The end of the file ---- */

/* A piece of a line of ours is taken away, since its row comes again; what somebody else has
 * written stays and gets its line end. */
static enum hn_status mend(int fd, off_t start, struct hn_text torn, struct hn_err *err)
{
    size_t len = torn.len < sizeof OUR_JSON - 1 ? torn.len : sizeof OUR_JSON - 1;
    bool ours = hn_text_starts(torn, hn_text_of(OUR_JSON, len)) ||
                hn_text_starts(torn, hn_text_sub(HN_TEXT(OUR_OCSF), 0, torn.len));

    if (ours && ftruncate(fd, start) != 0)
        return hn_fail_sys(err, errno, "its torn last line cannot be cut");
    if (!ours && write(fd, "\n", 1) != 1)
        return hn_fail_sys(err, errno, "its last line cannot be ended");
    return HN_OK;
}

static enum hn_status read_end(int fd, off_t start, struct hn_buf *out, struct hn_err *err)
{
    for (;;) {
        ssize_t got;

        if (!hn_buf_reserve(out, 65536))
            return hn_fail(err, out->status, 0, "no memory for the end of the file");
        got = pread(fd, out->ptr + out->len, 65536, start + (off_t)out->len);
        if (got < 0)
            return hn_fail_sys(err, errno, "its end cannot be read");
        if (got == 0)
            return HN_OK;
        out->len += (size_t)got;
    }
}

/* Every whole line's key; mends what is behind the last one. */
static enum hn_status look(
        int fd, off_t start, struct hn_text text, struct output_tail *tail, struct hn_err *err)
{
    size_t pos = 0;

    if (start > 0) { /* the first line is cut off by where we began to read */
        pos = hn_text_find_char(text, '\n', 0);
        if (pos >= text.len)
            return HN_OK;
        pos++;
    }
    while (pos < text.len) {
        size_t end = hn_text_find_char(text, '\n', pos);
        struct hn_text line;
        struct hn_text key;

        if (end >= text.len)
            return mend(fd, start + (off_t)pos, hn_text_sub(text, pos, text.len), err);
        line = hn_text_sub(text, pos, end - pos);
        if (key_of(line, &key))
            add_key(tail, key);
        pos = end + 1;
    }
    return HN_OK;
}

enum hn_status output_tail_read(int fd, struct output_tail **ret_tail, struct hn_err *err)
{
    struct output_tail *tail = hn_calloc(1, sizeof *tail);
    struct hn_buf text = { 0 };
    struct stat stat;
    enum hn_status status = HN_OK;
    off_t start;

    if (tail != NULL)
        tail->keys = hn_calloc(KEYS_MAX, sizeof *tail->keys);
    if (tail == NULL || tail->keys == NULL) {
        output_tail_free(tail);
        return hn_fail(err, HN_NOMEM, 0, "no memory for the end of the file");
    }
    if (fstat(fd, &stat) != 0) {
        status = hn_fail_sys(err, errno, "it cannot be looked at");
    } else {
        start = stat.st_size > (off_t)TAIL_BYTES ? stat.st_size - (off_t)TAIL_BYTES : 0;
        status = read_end(fd, start, &text, err);
        if (status == HN_OK)
            status = look(fd, start, hn_buf_text(&text), tail, err);
    }
    hn_buf_deinit(&text);
    if (status != HN_OK) {
        output_tail_free(tail);
        return status;
    }
    *ret_tail = tail;
    return HN_OK;
}
