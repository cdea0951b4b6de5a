/* journal_keep.c - the background: packs sealed segments, and deletes what nobody needs any more.
 *
 * Neither is urgent, and neither may hurt: what fails is tried again later. */
#include "journal/journal_internal.h"

#include "base/crash.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define KEEP_NICE  10
#define LOOK_AGAIN HN_MINUTE /* for age, and for what failed */

/* How many segments are sealed. The lock is held. */
static size_t sealed_count(const struct journal *journal)
{
    size_t count = journal->segments.entries.count;

    return journal->out_open ? count - 1 : count;
}

static uint64_t segment_end(const struct journal *journal, size_t index)
{
    return index + 1 < journal->segments.entries.count
                   ? journal->segments.entries.ptr[index + 1].first
                   : journal->committed_end;
}

/* ---- Deleting ---- */

/* May the oldest segment go, and has its time come? The lock is held. */
static bool oldest_goes(const struct journal *journal, hn_time now)
{
    const struct segment_entry *oldest = journal->segments.entries.ptr;
    uint64_t kept = 0;

    if (sealed_count(journal) == 0 || segment_end(journal, 0) > journal->released)
        return false;
    if (journal->options.keep_age_max > 0 && oldest->changed > 0 &&
            now - oldest->changed > journal->options.keep_age_max)
        return true;
    for (size_t i = 0; i < sealed_count(journal); i++) {
        if (segment_end(journal, i) <= journal->released)
            kept += journal->segments.entries.ptr[i].bytes;
    }
    return journal->options.keep_bytes_max > 0 && kept > journal->options.keep_bytes_max;
}

/* Out of the list first: nobody who looks it up from then on expects the file. */
static bool delete_oldest(struct journal *journal)
{
    struct segment_entry oldest;
    struct timespec now;
    char name[JOURNAL_NAME_MAX];
    bool goes;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)pthread_mutex_lock(&journal->lock);
    goes = oldest_goes(journal, (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec);
    if (goes) {
        struct segment_entry *entries = journal->segments.entries.ptr;

        oldest = entries[0];
        journal->segments.entries.count--;
        memmove(entries, entries + 1, journal->segments.entries.count * sizeof *entries);
    }
    (void)pthread_mutex_unlock(&journal->lock);
    if (!goes)
        return false;
    HN_CRASH_POINT("journal_before_delete");
    segment_name(oldest.first, oldest.packed, name);
    (void)unlinkat(journal->dir_fd, name, 0); /* what stays is found at the next start */
    HN_CRASH_POINT("journal_deleted");
    return true;
}

/* ---- Packing ---- */

static bool next_to_pack(
        struct journal *journal, size_t *from, uint64_t *ret_first, uint64_t *ret_end)
{
    bool found = false;

    (void)pthread_mutex_lock(&journal->lock);
    for (; !found && !journal->keep_stopping && *from < sealed_count(journal); (*from)++) {
        *ret_first = journal->segments.entries.ptr[*from].first;
        *ret_end = segment_end(journal, *from);
        found = !journal->segments.entries.ptr[*from].packed;
    }
    (void)pthread_mutex_unlock(&journal->lock);
    return found;
}

static void pack_one(struct journal *journal, uint64_t first, uint64_t end)
{
    uint64_t bytes;
    size_t index;

    if (segment_pack(journal->dir_fd, first, end, &bytes, NULL) != HN_OK)
        return;
    (void)pthread_mutex_lock(&journal->lock);
    index = segment_list_find(&journal->segments, first);
    if (index != SIZE_MAX && journal->segments.entries.ptr[index].first == first) {
        journal->segments.entries.ptr[index].packed = true;
        journal->segments.entries.ptr[index].bytes = bytes;
    }
    (void)pthread_mutex_unlock(&journal->lock);
}

void *journal_keep_main(void *ctx)
{
    struct journal *journal = ctx;
    bool stopping = false;

    /* Packing can wait, who judges cannot. On Linux this is the priority of this thread alone;
     * where it is refused nothing is lost. */
    (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + KEEP_NICE);
    while (!stopping) {
        struct timespec until = journal_deadline(LOOK_AGAIN);
        size_t from = 0;
        uint64_t first = 0;
        uint64_t end = 0;

        (void)pthread_mutex_lock(&journal->lock);
        journal->keep_work = false;
        (void)pthread_mutex_unlock(&journal->lock);
        for (;;) { /* what is too much goes between two segments, too: packing may lag behind */
            while (delete_oldest(journal))
                from -= from > 0; /* places move up */
            if (!journal->options.compress || !next_to_pack(journal, &from, &first, &end))
                break;
            pack_one(journal, first, end);
        }
        (void)pthread_mutex_lock(&journal->lock);
        if (!journal->keep_stopping && !journal->keep_work)
            (void)pthread_cond_timedwait(&journal->keep, &journal->lock, &until);
        stopping = journal->keep_stopping;
        (void)pthread_mutex_unlock(&journal->lock);
    }
    return NULL;
}
