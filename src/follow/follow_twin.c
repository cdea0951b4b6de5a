/* follow_twin.c - what a compressed file was before it was compressed: how much of it was handed in
 * then.
 *
 * Rotation compresses a log beside the file itself, removes the file, and may do so while we read
 * it or while we are not there. Where a file with the same first bytes is being read (the twin),
 * what comes out of the compressed one is compared with it: when it is all there, the compressed
 * file waits until the twin was handed in that far, because until then it may be all that is left
 * after a restart. Where such a file is gone, its position is the compressed file's. */
#include "follow/follow_internal.h"

#include "base/enc.h"
#include "base/hash.h"
#include "base/mem.h"
#include "input/input.h"

#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS     200
#define TRIES_MAX   5
#define COMPARE_MAX 64 /* blocks at a time */
#define BLOCK_BYTES 16384u

/* Of what comes out of the compressed file. */
struct file_start {
    uint32_t len;
    uint8_t bytes[FOLLOW_PRINT_BYTES];
};

static bool start_is(const struct file_start *start, uint32_t print_bytes, uint64_t print)
{
    return print_bytes > 0 && print_bytes <= start->len &&
           hn_hash(start->bytes, print_bytes, 0) == print;
}

/* Records of an event log are known by their numbers, not by places; and all logs start the same.
 */
static bool is_evtx(const struct decode_format *format)
{
    return format != NULL && hn_text_eq(decode_format_name(format), HN_TEXT("evtx"));
}

/* ---- Comparing with a file that is being read ---- */

void follow_twin_forget(struct follow *follow, const struct file *twin)
{
    for (struct file *file = follow->files; file != NULL; file = file->next_of_all) {
        if (file->twin != twin)
            continue;
        file->twin = NULL;
        file->twin_whole = false;
        follow_packed_close_input(file);
        file->due_ms = 0;
    }
}

bool follow_packed_waits(const struct file *file)
{
    return file->twin != NULL && file->twin_whole;
}

/* False: it was truncated, which its own next step will find out, and keep its position. */
static bool is_itself(const struct file *twin)
{
    struct stat info;

    return fstat(twin->fd, &info) == 0 && (uint64_t)info.st_size >= twin->offset + twin->held.len &&
           follow_file_same_start(twin->fd, twin->print_bytes, twin->print);
}

static struct file *find_twin(
        const struct series *base, const struct file *file, const struct file_start *start)
{
    for (struct file *each = base->files; each != NULL; each = each->next) {
        if (each == file || each->fd < 0 || (each->kind != FILE_TEXT && each->kind != FILE_NEW))
            continue;
        follow_file_extend_print(each);
        if (start_is(start, each->print_bytes, each->print))
            return each;
    }
    return NULL;
}

enum compared { COMPARE_AGAIN, COMPARE_FAILED, COMPARE_OTHER, COMPARE_SAME };

/* Of what is read from its beginning. */
static bool has_begun(struct file *file)
{
    return file->input_member > 0 || follow_packed_next_member(file) == PACKED_MEMBER;
}

static enum compared compare(struct file *file)
{
    uint8_t own[BLOCK_BYTES];
    uint8_t other[BLOCK_BYTES];

    if (!has_begun(file)) {
        file->input_failed = !file->input_waits; /* there was a member a moment ago */
        return file->input_waits ? COMPARE_AGAIN : COMPARE_FAILED;
    }
    for (unsigned i = 0; i < COMPARE_MAX; i++) {
        size_t len = follow_packed_read(file, own, sizeof own);

        if (file->input_failed)
            return COMPARE_FAILED;
        if (file->input_waits)
            return COMPARE_AGAIN;
        if (len == 0)
            return COMPARE_SAME;
        if (pread(file->twin->fd, other, len, (off_t)file->input_offset) != (ssize_t)len ||
                memcmp(own, other, len) != 0)
            return is_itself(file->twin) ? COMPARE_OTHER : COMPARE_FAILED;
        file->input_offset += len;
    }
    return COMPARE_AGAIN;
}

/* The child may be luckier next time; after some times the file is read as it is. */
static bool try_later(struct file *file, int64_t now_ms)
{
    follow_packed_close_input(file);
    file->twin = NULL;
    file->retry_ms = now_ms + ((int64_t)WAIT_MS << file->plan_tries);
    file->planned = ++file->plan_tries >= TRIES_MAX;
    return file->planned;
}

/* The twin has it all: to be waited for. True: it was waited for. */
static bool wait_for_twin(struct file *file, int64_t now_ms)
{
    bool gone = !file->at_path && !file->elsewhere; /* nobody will find it again */

    if (!file->twin_whole) {
        switch (compare(file)) {
        case COMPARE_AGAIN:
            if (follow_packed_go_on(file, now_ms))
                file->due_ms = now_ms;
            return false;
        case COMPARE_FAILED:
            if (file->input_failed)
                return try_later(file, now_ms);
            follow_packed_close_input(file);
            file->twin = NULL;
            file->due_ms = now_ms + WAIT_MS;
            return false;
        case COMPARE_OTHER:
            follow_packed_close_input(file);
            file->twin = NULL;
            file->twinless = true;
            file->due_ms = now_ms;
            return false;
        case COMPARE_SAME:
            follow_packed_close_input(file);
            file->twin_whole = true;
            break;
        }
    }
    if (file->twin->offset < file->input_offset && !gone) {
        file->due_ms = now_ms + WAIT_MS;
        return false;
    }
    file->twin = NULL;
    file->twin_whole = false;
    file->member = 1;
    return true;
}

/* ---- A file that is gone ---- */

static void take_position(struct file *file, const struct follow_entry *entry)
{
    file->offset = entry->offset;
    file->mark = entry->mark;
    file->format = decode_format_find(entry->format);
    hn_buf_reset(&file->resume_head);
    (void)hn_base64_decode(&file->resume_head, entry->head);
    if (entry->member == FOLLOW_MEMBER_DONE)
        file->member = 1; /* a copy of a file that is known: nothing of it is left */
}

/* Of several files that started so the one with its own position, not a copy of it; of these the
 * one of which more is known to be the same. */
static bool is_better(const struct follow_entry *entry, const struct follow_entry *best)
{
    bool copy = entry->member == FOLLOW_MEMBER_DONE;
    bool best_copy = best->member == FOLLOW_MEMBER_DONE;

    if (best->print_bytes == 0)
        return true;
    return copy == best_copy ? entry->print_bytes > best->print_bytes : best_copy;
}

static void find_gone(struct series *base, struct file *file, const struct file_start *start)
{
    struct follow_entry best = { 0 };
    struct restored *restored = NULL;
    struct hn_buf head = { 0 };

    for (const struct file *each = base->files; each != NULL; each = each->next) {
        struct hn_buf own = { 0 };
        struct follow_entry entry;

        if (each == file || each->fd >= 0 || each->kind == FILE_PACKED || is_evtx(each->format) ||
                !start_is(start, each->print_bytes, each->print))
            continue;
        entry = follow_file_entry(each, &own);
        if (is_better(&entry, &best)) {
            best = entry;
            hn_buf_deinit(&head);
            head = own;
            continue;
        }
        hn_buf_deinit(&own);
    }
    for (uint32_t i = 0; i < base->restored_count; i++) {
        struct restored *each = &base->restored[i];

        if (each->used || is_evtx(decode_format_find(each->entry.format)) ||
                !start_is(start, each->entry.print_bytes, each->entry.print) ||
                !is_better(&each->entry, &best))
            continue;
        restored = each;
        best = each->entry;
    }
    if (best.print_bytes > 0)
        take_position(file, &best);
    if (restored != NULL)
        restored->used = true;
    hn_buf_deinit(&head);
}

/* ---- The plan ---- */

/* The first bytes of the first member into file->start, as far as they have come. False: the child
 * failed; input_waits: there may be more of them. */
static bool read_start(struct file *file)
{
    struct file_start *start;

    if (file->start == NULL && follow_packed_open_input(file))
        file->start = hn_calloc(1, sizeof *file->start);
    start = file->start;
    if (start == NULL)
        return false;
    if (!has_begun(file))
        return !file->input_failed;
    while (start->len < sizeof start->bytes) {
        size_t len = follow_packed_read(
                file, start->bytes + start->len, sizeof start->bytes - start->len);

        if (len == 0)
            return !file->input_failed;
        start->len += (uint32_t)len;
    }
    return true;
}

static bool look_for_twin(struct series *base, struct file *file, int64_t now_ms)
{
    struct file_start start;

    if (!read_start(file))
        return try_later(file, now_ms);
    if (!follow_packed_go_on(file, now_ms))
        return false;
    start = *file->start;
    follow_packed_close_input(file);
    if (!file->twinless)
        file->twin = find_twin(base, file, &start);
    if (file->twin == NULL) {
        find_gone(base, file, &start);
        file->planned = true;
        return true;
    }
    file->input_offset = 0;
    if (!follow_packed_open_input(file))
        return try_later(file, now_ms);
    file->due_ms = now_ms;
    return false;
}

bool follow_twin_plan(struct follow *follow, struct file *file, int64_t now_ms)
{
    struct series *base = NULL;

    if (file->twin != NULL) {
        file->planned = wait_for_twin(file, now_ms);
        return file->planned;
    }
    if (file->member == 0 && file->offset == 0)
        base = follow_series_of_base(follow, file->source, file->path);
    if (base != NULL)
        return look_for_twin(base, file, now_ms);
    file->planned = true;
    return true;
}
