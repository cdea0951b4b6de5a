/* test_silent.c - an unpacker that says nothing: other files are read meanwhile, and what it was to
 * unpack comes once, when it goes on or when another one has taken its place. */
#include "follow_case.h"

#include "support/pack.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <string.h>

#define PACKED_LINES 100000u
#define BUSY_LINES   4u
#define SOON_MS      10000 /* for a line of the busy file; the unpacker may be silent for 15 s */

/* ---- The jailed child ---- */

/* Its parent by /proc; 0: it is gone. */
static long parent_of(const char *pid)
{
    char path[64];
    char text[512] = "";
    FILE *file;
    const char *end;
    long parent = 0;

    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    file = fopen(path, "r");
    if (file == NULL)
        return 0;
    end = fgets(text, sizeof text, file) != NULL ? strrchr(text, ')') : NULL;
    if (end != NULL && strlen(end) > 4)
        parent = strtol(end + 4, NULL, 10); /* behind the state */
    (void)fclose(file);
    return parent;
}

/* A child of this process; 0: it has none now. */
static pid_t find_child(void)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    pid_t child = 0;

    assert_non_null(folder);
    while (child == 0 && (entry = readdir(folder)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == getpid())
            child = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    (void)closedir(folder);
    return child;
}

/* It has more to unpack than fits into a pipe, and nobody takes it: so it is there, and stopped
 * before it is done. Then everything is taken. */
static pid_t stop_child(struct case_door *door)
{
    pid_t child = 0;

    for (unsigned i = 0; child == 0 && i < 10000; i++) {
        child = find_child();
        if (child == 0)
            case_sleep(1);
    }
    assert_int_not_equal(child, 0);
    assert_int_equal(kill(child, SIGSTOP), 0);
    fake_intake_accept(&door->intake, UINT32_MAX);
    return child;
}

/* ---- What was handed in ---- */

static unsigned count_in(struct case_door *door, const char *what)
{
    struct hn_buf got = { 0 };
    struct hn_text all;
    unsigned count = 0;

    fake_intake_join(&door->intake, NULL, &got);
    all = hn_buf_text(&got);
    for (size_t at = 0; (at = hn_text_find(all, hn_text_cstr(what), at)) != SIZE_MAX; at++)
        count++;
    hn_buf_deinit(&got);
    return count;
}

static void write_packed(struct case_door *door)
{
    struct hn_buf lines = { 0 };
    struct pack_entry entry = { .name = "x" };
    struct hn_buf packed;

    for (unsigned i = 0; i < PACKED_LINES; i++)
        hn_buf_addf(&lines, "packed line %06u says something that no other line says\n", i);
    entry.content = lines.ptr;
    entry.len = lines.len;
    packed = pack("raw", "gzip", NULL, NULL, &entry, 1);
    case_append(door, "a.gz", packed.ptr, packed.len);
    hn_buf_deinit(&packed);
    hn_buf_deinit(&lines);
}

/* Each line is there soon, while the unpacker says nothing. */
static void busy_lines(struct case_door *door, const char *what)
{
    for (unsigned i = 0; i < BUSY_LINES; i++) {
        char line[64];
        int64_t waited = 0;

        (void)snprintf(line, sizeof line, "%s line %u.\n", what, i);
        case_add(door, "busy.log", line);
        for (; count_in(door, line) == 0 && waited < SOON_MS; waited += 50)
            case_sleep(50);
        assert_true(waited < SOON_MS);
    }
}

static struct case_door *open_both(void)
{
    struct case_door *door = case_new("*");

    door->options.limits.packed_rest_ms = 100;
    door->options.limits.hold_ms = 50;
    case_add(door, "busy.log", "a first line of the busy file\n");
    write_packed(door);
    door->intake.retry_ms = 20;
    fake_intake_accept(&door->intake, 0);
    case_start(door);
    return door;
}

static void expect_all(struct case_door *door)
{
    for (unsigned i = 0; count_in(door, "packed line ") < PACKED_LINES && i < 6000; i++)
        case_sleep(10);
    case_wait_idle(door);
    assert_int_equal(count_in(door, "packed line "), PACKED_LINES);
    assert_int_equal(count_in(door, "packed line 000000 "), 1);
    assert_int_equal(count_in(door, "packed line 099999 "), 1);
}

/* Nothing waits for it; when it goes on, all of it comes. */
static void others_are_read_meanwhile(void **state)
{
    struct case_door *door = open_both();
    pid_t child = stop_child(door);

    (void)state;
    busy_lines(door, "meanwhile");
    (void)kill(child, SIGCONT); /* a slow machine may have given it up by now */
    expect_all(door);
    case_free(door);
}

/* One that is never heard of again is given up, and another one unpacks the rest: each line comes
 * once. */
static void another_one_takes_its_place(void **state)
{
    struct case_door *door = open_both();
    pid_t child = stop_child(door);

    (void)state;
    for (unsigned turn = 0; kill(child, 0) == 0 && turn < 40; turn++) {
        char what[32];

        (void)snprintf(what, sizeof what, "turn %u", turn);
        busy_lines(door, what);
        case_sleep(300);
    }
    expect_all(door);
    case_free(door);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_are_read_meanwhile),
        cmocka_unit_test(another_one_takes_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
