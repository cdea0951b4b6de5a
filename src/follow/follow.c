/* follow.c - the door's life, and its thread's loop: look for files when something may have come,
 * read those that have changed, wait.
 *
 * inotify says when to look; what it says is never trusted to be all: every poll_ms everything is
 * looked at anyway (network file systems tell nothing, and queues overflow). */
#include "follow/follow_internal.h"

#include "base/mem.h"
#include "input/input.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define LOOK_GAP_MS 10 /* between looks for files, however many come */
/* A file that is gone may come back compressed, for so long. */
#define GHOST_MS     60000
#define FORGET_MS    30000
#define STEPS_MAX    16 /* of one file, before others have their turn */
#define FOLDER_TELLS (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)

int64_t follow_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void follow_tell(struct follow *follow, const char *path, const char *text)
{
    struct follow_note note = { hn_text_cstr(path), text };

    if (follow->options.on_note != NULL)
        follow->options.on_note(follow->options.ctx, &note);
}

/* ---- Looking for files ---- */

struct look {
    struct follow *follow;
    const struct follow_source *source;
};

static void on_path(void *ctx, const char *path)
{
    const struct look *look = ctx;

    follow_known_found(look->follow, look->source, path);
}

static void on_folder(void *ctx, const char *path)
{
    const struct look *look = ctx;

    (void)inotify_add_watch(look->follow->inotify, path, FOLDER_TELLS);
}

static void unlink_file(struct follow *follow, struct file *file)
{
    struct file **link = &follow->files;

    while (*link != file)
        link = &(*link)->next_of_all;
    *link = file->next_of_all;
    if (file->series != NULL) {
        link = &file->series->files;
        while (*link != file)
            link = &(*link)->next;
        *link = file->next;
    }
    follow_file_free(file);
}

/* The journal keeps its records for a time. A file nobody adds to must be known for longer. */
static void note_idle(struct follow *follow, int64_t now_ms)
{
    int64_t note_ms = (int64_t)follow->options.limits.note_seconds * 1000;

    for (struct series *series = follow->series; series != NULL; series = series->next) {
        if (series->files != NULL && series->files->retry_ms <= now_ms &&
                (now_ms - series->noted_ms >= note_ms || series->note_due))
            (void)follow_submit_note(follow, series->files);
    }
}

static void look(struct follow *follow)
{
    int64_t now_ms = follow_now_ms();

    for (struct file *file = follow->files; file != NULL; file = file->next_of_all) {
        if (file->at_path)
            file->left_ms = now_ms;
        file->seen = false;
        file->at_path = false;
        file->elsewhere = false;
        file->changed = file->fd >= 0;
    }
    for (size_t i = 0; i < follow->options.source_count; i++) {
        struct look one = { follow, &follow->options.sources[i] };

        for (size_t p = 0; p < one.source->path_count; p++) {
            const char *path = one.source->paths[p];

            if (follow->first_look && path[strcspn(path, "*?[")] == '\0')
                (void)follow_series_of(follow, one.source, path);
            follow_find_paths(path, on_path, on_folder, &one);
        }
    }
    if (follow->first_look)
        follow_known_missing(follow);
    if (follow->forget_ms != 0 && now_ms >= follow->forget_ms) {
        follow_known_forget(follow);
        follow->forget_ms = 0;
    }
    note_idle(follow, now_ms);
    follow->first_look = false;
    follow->look_due = false;
    follow_count(follow, looks, 1);
}

/* ---- Reading what has changed ---- */

/* A file that has left its path and rests: what it holds back goes out, then it is done with. */
static void let_go(struct follow *follow, struct file *file, int64_t now_ms)
{
    int64_t since_ms = file->changed_ms > file->left_ms ? file->changed_ms : file->left_ms;
    int64_t rest_ms = follow->options.limits.rest_ms;

    if (file->kind == FILE_PIPE) {
        if (file->ended && file->held.len == 0)
            follow_file_end(follow, file);
        return;
    }
    if (file->at_path || file->kind == FILE_PACKED)
        return;
    if (now_ms - since_ms < rest_ms) {
        if (since_ms + rest_ms < file->due_ms)
            file->due_ms = since_ms + rest_ms;
        return;
    }
    if (!file->ending && (file->held.len > 0 || file->kind == FILE_EVTX)) {
        file->ending = true;
        file->changed = true;
        return;
    }
    file->ending = false;
    if (!file->elsewhere)
        follow_file_end(follow, file);
}

/* Whether the file can be looked at again at once. */
static bool serve(struct follow *follow, struct file *file, int64_t now_ms)
{
    bool more = true;

    for (int i = 0; more && i < STEPS_MAX && file->fd >= 0; i++)
        more = follow_file_step(follow, file, now_ms);
    file->changed = more && file->fd >= 0;
    if (!more && file->fd >= 0 && file->retry_ms == 0)
        let_go(follow, file, now_ms);
    return file->changed;
}

/* When something is to be done next. */
static int64_t serve_all(struct follow *follow, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    struct file *next;

    for (struct file *file = follow->files; file != NULL; file = next) {
        next = file->next_of_all;
        if (file->fd < 0) {
            if (!file->seen && !follow->look_due && file->kind != FILE_PIPE &&
                    now_ms - file->left_ms > GHOST_MS)
                unlink_file(follow, file);
            continue;
        }
        if (file->retry_ms <= now_ms &&
                (file->changed || file->retry_ms != 0 || file->due_ms <= now_ms || file->ended) &&
                serve(follow, file, now_ms))
            next_ms = now_ms;
        if (file->fd < 0)
            continue;
        if (file->retry_ms != 0 && file->retry_ms < next_ms)
            next_ms = file->retry_ms;
        if (file->due_ms < next_ms)
            next_ms = file->due_ms;
    }
    return next_ms;
}

static bool all_idle(const struct follow *follow)
{
    if (follow->look_due || atomic_load(&follow->counters.looks) == 0)
        return false;
    for (const struct file *file = follow->files; file != NULL; file = file->next_of_all) {
        if (file->fd >= 0 && (file->changed || file->pending > 0 || file->retry_ms != 0 ||
                                     file->kind == FILE_PIPE ||
                                     (file->kind == FILE_PACKED && !follow_packed_waits(file)) ||
                                     (file->due_ms != INT64_MAX && file->kind != FILE_EVTX &&
                                             (file->at_path || file->kind == FILE_NEW) &&
                                             !follow_packed_waits(file))))
            return false;
    }
    for (const struct series *series = follow->series; series != NULL; series = series->next) {
        if (series->note_due)
            return false;
    }
    return true;
}

/* ---- Waiting ---- */

static void take_event(struct follow *follow, const struct inotify_event *event)
{
    if ((event->mask & IN_IGNORED) != 0)
        return;
    for (struct file *file = follow->files; file != NULL; file = file->next_of_all) {
        if (file->watch == event->wd && event->wd >= 0) {
            file->changed = true;
            if ((event->mask & IN_ATTRIB) != 0) /* how many names it has is one, too */
                follow->look_due = true;
            return;
        }
    }
    follow->look_due = true; /* a folder, or the queue overflowed */
}

static void take_events(struct follow *follow)
{
    union {
        struct inotify_event align;
        char bytes[16384];
    } room;
    ssize_t len;

    while ((len = read(follow->inotify, &room, sizeof room)) > 0) {
        ssize_t pos = 0;

        while (pos + (ssize_t)sizeof(struct inotify_event) <= len) {
            struct inotify_event event;

            memcpy(&event, room.bytes + pos, sizeof event);
            take_event(follow, &event);
            pos += (ssize_t)sizeof event + (ssize_t)event.len;
        }
    }
}

#define WATCHED_MAX 16

/* What inotify says nothing of: a pipe, what a child unpacks. -1: nothing is waited for. */
static int watched(const struct file *file)
{
    if (file->fd < 0 || file->retry_ms != 0)
        return -1;
    if (file->kind == FILE_PACKED)
        return file->input_waits ? input_descriptor(file->input) : -1;
    return file->kind == FILE_PIPE && !file->ended ? file->fd : -1;
}

static void wait_for(struct follow *follow, int64_t until_ms)
{
    struct pollfd fds[2 + WATCHED_MAX] = { { .fd = follow->inotify, .events = POLLIN },
        { .fd = follow->wake, .events = POLLIN } };
    struct file *files[WATCHED_MAX];
    nfds_t count = 2;
    int64_t wait_ms = until_ms - follow_now_ms();

    for (struct file *file = follow->files; file != NULL && count < 2 + WATCHED_MAX;
            file = file->next_of_all) {
        int fd = watched(file);

        if (fd < 0)
            continue;
        files[count - 2] = file;
        fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
    }
    if (poll(fds, count, wait_ms < 0 ? 0 : (int)wait_ms) <= 0)
        return;
    if (fds[0].revents != 0)
        take_events(follow);
    for (nfds_t i = 2; i < count; i++) {
        if (fds[i].revents != 0) {
            files[i - 2]->changed = true;
            if (files[i - 2]->kind == FILE_PIPE)
                files[i - 2]->changed_ms = follow_now_ms();
        }
    }
}

static void *loop(void *arg)
{
    struct follow *follow = arg;
    int64_t looked_ms = 0;

    while (!atomic_load(&follow->stopping)) {
        int64_t now_ms = follow_now_ms();
        int64_t poll_ms = looked_ms + follow->options.limits.poll_ms;
        int64_t next_ms;

        if (poll_ms <= now_ms || (follow->look_due && now_ms - looked_ms >= LOOK_GAP_MS)) {
            look(follow);
            looked_ms = now_ms;
            poll_ms = looked_ms + follow->options.limits.poll_ms;
        }
        next_ms = serve_all(follow, now_ms);
        atomic_store(&follow->idle, all_idle(follow));
        if (follow->look_due)
            poll_ms = looked_ms + LOOK_GAP_MS;
        wait_for(follow, next_ms < poll_ms ? next_ms : poll_ms);
    }
    return NULL;
}

/* ---- Life ---- */

static void set_default(uint32_t *value, uint32_t standard)
{
    if (*value == 0)
        *value = standard;
}

static void set_defaults(struct follow_limits *limits)
{
    set_default(&limits->files, 8192);
    set_default(&limits->poll_ms, 1000);
    set_default(&limits->hold_ms, 1000);
    set_default(&limits->rest_ms, 10000);
    set_default(&limits->packed_rest_ms, 1000);
    set_default(&limits->note_seconds, 3600);
    if (limits->batch_bytes == 0)
        limits->batch_bytes = (size_t)256 << 10;
}

/* A descriptor a file: as many as the system lets us have. */
static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static enum hn_status open_all(struct follow *follow, struct hn_err *err)
{
    follow->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    follow->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (follow->inotify < 0 || follow->wake < 0)
        return hn_fail_sys(err, errno, "file door");
    raise_descriptors();
    for (size_t i = 0; i < follow->options.source_count; i++) {
        const struct follow_source *source = &follow->options.sources[i];
        struct file *file;

        if (source->path_count > 0)
            continue;
        file = follow_file_new(follow, NULL, "-", source->fd);
        if (file == NULL)
            return hn_fail(err, HN_NOMEM, 0, "file door");
        file->source = source;
        file->kind = FILE_PIPE;
    }
    if (pthread_create(&follow->thread, NULL, loop, follow) != 0)
        return hn_fail(err, HN_NOMEM, 0, "thread of the file door");
    follow->started = true;
    return HN_OK;
}

enum hn_status follow_open(const struct follow_options *options, struct intake *intake,
        struct follow **ret_follow, struct hn_err *err)
{
    struct follow *follow = hn_calloc(1, sizeof *follow);
    enum hn_status status;

    if (follow == NULL)
        return hn_fail(err, HN_NOMEM, 0, "file door");
    follow->options = *options;
    set_defaults(&follow->options.limits);
    follow->intake = intake;
    follow->inotify = -1;
    follow->wake = -1;
    follow->first_look = true;
    follow->forget_ms = follow_now_ms() + FORGET_MS;
    status = open_all(follow, err);
    if (status != HN_OK) {
        follow_close(follow);
        return status;
    }
    *ret_follow = follow;
    return HN_OK;
}

void follow_close(struct follow *follow)
{
    uint64_t one = 1;

    if (follow == NULL)
        return;
    if (follow->started) {
        atomic_store(&follow->stopping, true);
        if (write(follow->wake, &one, sizeof one) < 0)
            (void)0; /* it cannot be full; and the loop wakes every poll_ms anyway */
        (void)pthread_join(follow->thread, NULL);
    }
    while (follow->files != NULL) {
        follow_file_end(follow, follow->files);
        unlink_file(follow, follow->files);
    }
    while (follow->series != NULL) {
        struct series *series = follow->series;

        follow->series = series->next;
        follow_series_free(series);
    }
    if (follow->inotify >= 0)
        (void)close(follow->inotify);
    if (follow->wake >= 0)
        (void)close(follow->wake);
    hn_buf_deinit(&follow->position);
    hn_free(follow);
}

bool follow_is_idle(struct follow *follow)
{
    return atomic_load(&follow->idle);
}

struct follow_counters follow_counters(const struct follow *follow)
{
    struct follow_counters counters;

#define COUNTER_LOAD(name, text) counters.name = atomic_load(&follow->counters.name);
    FOLLOW_COUNTER_LIST(COUNTER_LOAD)
#undef COUNTER_LOAD
    return counters;
}
