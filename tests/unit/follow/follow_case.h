/* follow_case.h - a file door over a fake intake and a folder of its own. */
#ifndef HN_TESTS_FOLLOW_CASE_H
#define HN_TESTS_FOLLOW_CASE_H

#include "support/check.h"
#include "support/fake_intake.h"

#include "follow/follow.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct case_door {
    struct intake intake;
    char folder[64];
    char pattern[4][128];
    const char *paths[4];
    struct follow_source source;
    struct follow_options options;
    struct follow *follow;
};

static inline void case_sleep(unsigned ms)
{
    struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

    (void)nanosleep(&time, NULL);
}

/* The door is opened by case_start(). pattern is below the folder. */
static inline struct case_door *case_new(const char *pattern)
{
    struct case_door *door = calloc(1, sizeof *door);

    assert_non_null(door);
    fake_intake_init(&door->intake);
    (void)snprintf(door->folder, sizeof door->folder, "/tmp/hn_follow_XXXXXX");
    assert_non_null(mkdtemp(door->folder));
    (void)snprintf(door->pattern[0], sizeof door->pattern[0], "%s/%s", door->folder, pattern);
    door->paths[0] = door->pattern[0];
    door->source.name = HN_TEXT("files");
    door->source.tenant = HN_TEXT("");
    door->source.format = HN_TEXT("");
    door->source.zone = HN_TEXT("");
    door->source.pipeline = HN_TEXT("");
    door->source.paths = door->paths;
    door->source.path_count = 1;
    door->options.sources = &door->source;
    door->options.source_count = 1;
    door->options.limits.poll_ms = 100;
    door->options.limits.hold_ms = 300;
    door->options.limits.rest_ms = 1500;
    return door;
}

static inline void case_start(struct case_door *door)
{
    assert_int_equal(follow_open(&door->options, &door->intake, &door->follow, NULL), HN_OK);
}

static inline void case_stop(struct case_door *door)
{
    follow_close(door->follow);
    door->follow = NULL;
}

static inline void case_free(struct case_door *door)
{
    char command[128];

    case_stop(door);
    fake_intake_clear(&door->intake);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", door->folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    free(door);
}

static inline char *case_path(const struct case_door *door, const char *name)
{
    static char paths[4][160];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", door->folder, name);
    return path;
}

static inline void case_append(
        const struct case_door *door, const char *name, const void *bytes, size_t len)
{
    int fd = open(case_path(door, name), O_WRONLY | O_CREAT | O_APPEND, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(close(fd), 0);
}

static inline void case_add(const struct case_door *door, const char *name, const char *text)
{
    case_append(door, name, text, strlen(text));
}

static inline void case_rename(const struct case_door *door, const char *from, const char *to)
{
    assert_int_equal(rename(case_path(door, from), case_path(door, to)), 0);
}

/* Waits until the bodies of all batches are this text, and makes sure that it stays so. */
static inline void case_expect(struct case_door *door, const char *expected)
{
    size_t len = strlen(expected);
    struct hn_buf got = { 0 };

    for (unsigned i = 0; i < 1000; i++) {
        hn_buf_reset(&got);
        fake_intake_join(&door->intake, NULL, &got);
        if (got.len >= len)
            break;
        case_sleep(5);
    }
    case_sleep(150);
    hn_buf_reset(&got);
    fake_intake_join(&door->intake, NULL, &got);
    check_buf(&got, expected);
    hn_buf_deinit(&got);
}

static inline const struct fake_batch *case_last(const struct case_door *door)
{
    assert_true(door->intake.batches.count > 0);
    return &door->intake.batches.ptr[door->intake.batches.count - 1];
}

static inline void case_wait_idle(struct case_door *door)
{
    uint64_t looks = follow_counters(door->follow).looks;

    for (unsigned i = 0; i < 2000; i++) {
        if (follow_counters(door->follow).looks > looks + 1 && follow_is_idle(door->follow))
            return;
        case_sleep(5);
    }
    fail_msg("not idle");
}

#endif
