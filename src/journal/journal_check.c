/* journal_check.c - reads everything there is, as a reader of the folder does, and counts. */
#include "journal/journal_internal.h"

#include <fcntl.h>
#include <unistd.h>

struct checking {
    struct journal_check *check;
    journal_on_damage *on_damage;
    void *ctx;
};

static void count_damage(void *ctx, const struct journal_damage *damage)
{
    struct checking *checking = ctx;

    checking->check->damaged++;
    checking->check->damaged_bytes += damage->end - damage->start;
    if (damage->end > checking->check->end)
        checking->check->end = damage->end;
    if (checking->on_damage != NULL)
        checking->on_damage(checking->ctx, damage);
}

static enum hn_status count_segments(
        const char *dir, struct journal_check *check, struct hn_err *err)
{
    struct segment_list list = { 0 };
    enum hn_status status;
    int error;
    int fd = journal_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, &error);

    if (fd < 0)
        return hn_fail_sys(err, error, "journal folder");
    status = segment_list_read(fd, false, &list, err);
    check->segments = list.entries.count;
    if (list.entries.count > 0)
        check->start = list.entries.ptr[0].first;
    check->end = check->start;
    segment_list_deinit(&list);
    (void)close(fd);
    return status;
}

enum hn_status journal_check(const char *dir, journal_on_damage *on_damage, void *ctx,
        struct journal_check *ret_check, struct hn_err *err)
{
    struct journal_check check = { 0 };
    struct checking checking = { &check, on_damage, ctx };
    struct journal_reader *reader = NULL;
    struct journal_record record;
    enum hn_status status = count_segments(dir, &check, err);

    if (status == HN_OK)
        status = journal_reader_open_dir(dir, 0, count_damage, &checking, &reader, err);
    while (status == HN_OK) {
        status = journal_read(reader, 0, &record, err);
        if (status == HN_OK) {
            check.records++;
            check.end = record.next;
        }
    }
    journal_reader_close(reader);
    if (status != HN_NOTFOUND)
        return status;
    *ret_check = check;
    return HN_OK;
}
