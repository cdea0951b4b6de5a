/* The file door: what is added to files is handed in once, through rotation, truncation, restarts
 * and whatever else happens to log files. */
#include "follow_case.h"

#include <sys/wait.h>

static void lines_are_handed_in_as_they_come(void **state)
{
    struct case_door *door = case_new("*.log");

    (void)state;
    case_add(door, "a.log", "one\ntwo\n");
    case_start(door);
    case_expect(door, "one\ntwo\n");
    case_add(door, "a.log", "three\nfo");
    case_expect(door, "one\ntwo\nthree\n");
    case_add(door, "a.log", "ur\n");
    case_add(door, "b.txt", "not ours\n");
    case_expect(door, "one\ntwo\nthree\nfour\n");
    assert_string_equal(case_last(door)->stream, case_path(door, "a.log"));
    assert_int_equal(case_last(door)->offset, 14);
    assert_int_equal(case_last(door)->line, 4);
    assert_string_equal(case_last(door)->format, "lines");
    case_free(door);
}

static void a_restart_goes_on_where_it_was(void **state)
{
    struct case_door *door = case_new("a.log");

    (void)state;
    case_add(door, "a.log", "one\ntwo\nhal");
    case_start(door);
    case_expect(door, "one\ntwo\n");
    case_stop(door);
    case_add(door, "a.log", "f\nthree\n");
    case_start(door);
    case_expect(door, "one\ntwo\nhalf\nthree\n");
    assert_int_equal(case_last(door)->line, 3);
    case_free(door);
}

static void rotation_by_renaming(void **state)
{
    struct case_door *door = case_new("a.log");
    int fd;

    (void)state;
    case_add(door, "a.log", "1\n");
    case_start(door);
    case_expect(door, "1\n");
    fd = open(case_path(door, "a.log"), O_WRONLY | O_APPEND);
    case_rename(door, "a.log", "a.log.1");
    case_add(door, "a.log", "new 1\n");
    case_expect(door, "1\nnew 1\n");
    assert_int_equal(write(fd, "late\nno end", 11), 11); /* the writer has not noticed yet */
    (void)close(fd);
    case_expect(door, "1\nnew 1\nlate\nno end"); /* the last line goes out when it rests */
    case_add(door, "a.log", "new 2\n");
    case_expect(door, "1\nnew 1\nlate\nno endnew 2\n");
    case_free(door);
}

/* Every rotation happens while nobody watches, to names that are followed as well and not. */
static void rotation_while_closed(void **state)
{
    static const char *const patterns[] = { "a.log", "a.log*" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(patterns); i++) {
        struct case_door *door = case_new(patterns[i]);

        case_add(door, "a.log", "1\n2\n");
        case_start(door);
        case_expect(door, "1\n2\n");
        case_stop(door);
        case_add(door, "a.log", "3\n");
        case_rename(door, "a.log", "a.log.1");
        case_add(door, "a.log", "4\n");
        case_start(door);
        case_wait_idle(door);
        case_stop(door);
        case_rename(door, "a.log.1", "a.log.2");
        case_rename(door, "a.log", "a.log.1");
        case_start(door);
        case_wait_idle(door);
        case_add(door, "a.log", "5\n");
        case_wait_idle(door);
        case_stop(door);
        case_start(door);
        case_wait_idle(door);
        case_stop(door);
        {
            struct hn_buf got = { 0 };
            fake_intake_join(&door->intake, NULL, &got);
            assert_int_equal(got.len, 10);
            for (const char *digit = "12345"; *digit != '\0'; digit++)
                assert_non_null(memchr(got.ptr, *digit, got.len));
            hn_buf_deinit(&got);
        }
        case_free(door);
    }
}

static void truncation_starts_anew(void **state)
{
    struct case_door *door = case_new("a.log*");

    (void)state;
    case_add(door, "a.log", "first line\nsecond line\npart");
    case_start(door);
    case_expect(door, "first line\nsecond line\n");
    assert_int_equal(truncate(case_path(door, "a.log"), 0), 0);
    case_expect(door, "first line\nsecond line\npart");
    case_add(door, "a.log", "third\n");
    case_expect(door, "first line\nsecond line\npartthird\n");
    assert_int_equal(follow_counters(door->follow).truncated, 1);
    case_free(door);
}

/* The copy that copytruncate makes matches the pattern, and is not read again. */
static void copies_are_not_read_again(void **state)
{
    struct case_door *door = case_new("a.log*");

    (void)state;
    case_add(door, "a.log",
            "the first line of a file that is long enough to be sure of\nthe second line\n");
    case_start(door);
    case_expect(
            door, "the first line of a file that is long enough to be sure of\nthe second line\n");
    case_add(door, "a.log.1",
            "the first line of a file that is long enough to be sure of\nthe second line\n");
    case_wait_idle(door);
    assert_int_equal(truncate(case_path(door, "a.log"), 0), 0);
    case_add(door, "a.log", "x\n");
    case_expect(door,
            "the first line of a file that is long enough to be sure of\nthe second line\nx\n");
    case_stop(door);
    case_start(door);
    case_wait_idle(door);
    case_expect(door,
            "the first line of a file that is long enough to be sure of\nthe second line\nx\n");
    case_free(door);
}

static void deleted_files_give_their_last_line(void **state)
{
    struct case_door *door = case_new("logs");

    (void)state;
    assert_int_equal(mkdir(case_path(door, "logs"), 0700), 0);
    assert_int_equal(mkdir(case_path(door, "logs/deep"), 0700), 0);
    case_start(door);
    case_wait_idle(door);
    case_add(door, "logs/deep/x", "one\nend");
    case_expect(door, "one\n");
    assert_int_equal(unlink(case_path(door, "logs/deep/x")), 0);
    case_expect(door, "one\nend");
    case_wait_idle(door);
    for (unsigned i = 0; i < 2000 && follow_counters(door->follow).files > 0; i++)
        case_sleep(5);
    assert_int_equal(follow_counters(door->follow).files, 0);
    case_free(door);
}

static void a_full_intake_is_tried_again(void **state)
{
    struct case_door *door = case_new("a.log");

    (void)state;
    door->intake.retry_ms = 5;
    fake_intake_refuse(&door->intake, 20, NULL);
    case_add(door, "a.log", "one\n");
    case_start(door);
    case_add(door, "a.log", "two\n");
    case_expect(door, "one\ntwo\n");
    assert_int_equal(door->intake.refused, 20);
    case_free(door);
}

/* Column names go with every batch, over a restart as well. */
static void headers_go_with_each_batch(void **state)
{
    static const struct {
        const char *head;
        const char *row;
        const char *expected;
    } tables[] = {
        { "name,host,user,rule\n", "a,b,c,d\n", "name,host,user,rule\n" },
        { "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
          "#Date: 2026-11-23 00:00:00\n#Fields: date time c-ip cs-method\n",
                "2026-11-23 01:02:03 192.0.2.1 GET\n",
                "#Software: Microsoft Internet Information Services 10.0\n"
                "#Date: 2026-11-23 00:00:00\n#Fields: date time c-ip cs-method\n" },
        { "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
          "#path\tdns\n#fields\tts\tuid\n#types\ttime\tstring\n",
                "1795400000.0\tC1\n",
                "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
                "#path\tdns\n#fields\tts\tuid\n#types\ttime\tstring\n" },
        { "{\"Records\": [{\"a\": 0},\n", "{\"a\": 1},\n", "[\n" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(tables); i++) {
        struct case_door *door = case_new("t.csv");
        size_t before;

        case_add(door, "t.csv", tables[i].head);
        case_add(door, "t.csv", tables[i].row);
        case_start(door);
        case_wait_idle(door);
        assert_string_equal(door->intake.batches.ptr[0].head, "");
        for (unsigned restart = 0; restart < 2; restart++) {
            before = door->intake.batches.count;
            case_add(door, "t.csv", tables[i].row);
            case_wait_idle(door);
            assert_int_equal(door->intake.batches.count, before + 1);
            assert_string_equal(case_last(door)->head, tables[i].expected);
            case_stop(door);
            case_start(door);
            case_wait_idle(door);
        }
        case_free(door);
    }
}

/* Records of one audit event are kept together while they come, but not for ever. */
static void parts_of_events_wait_for_each_other(void **state)
{
    static const char first[] = "type=SYSCALL msg=audit(1700000000.100:7): arch=c000003e "
                                "syscall=59 success=yes exit=0 pid=1 comm=\"a\" exe=\"/a\"\n";
    static const char last[] = "type=PROCTITLE msg=audit(1700000000.100:7): proctitle=\"a\"\n";
    struct case_door *door = case_new("audit.log");

    (void)state;
    door->options.limits.hold_ms = 1500;
    case_start(door);
    case_wait_idle(door);
    case_add(door, "audit.log", first);
    case_sleep(300);
    assert_int_equal(fake_intake_count(&door->intake), 0);
    case_add(door, "audit.log", last);
    case_sleep(500);
    assert_int_equal(fake_intake_count(&door->intake), 1);
    assert_string_equal(case_last(door)->format, "auditd");
    case_add(door, "audit.log", first);
    case_sleep(500);
    assert_int_equal(fake_intake_count(&door->intake), 1);
    for (unsigned i = 0; i < 500 && fake_intake_count(&door->intake) < 2; i++)
        case_sleep(10);
    assert_int_equal(fake_intake_count(&door->intake), 2);
    case_free(door);
}

/* A file nobody adds to is noted again and again, without its bytes. */
static void idle_files_are_noted_again(void **state)
{
    struct case_door *door = case_new("a.log");

    (void)state;
    door->options.limits.note_seconds = 1;
    case_add(door, "a.log", "one\n");
    case_start(door);
    for (unsigned i = 0; i < 500 && fake_intake_count(&door->intake) < 3; i++)
        case_sleep(10);
    case_stop(door);
    assert_true(door->intake.batches.count >= 3);
    assert_int_equal(case_last(door)->body_len, 0);
    assert_string_equal(case_last(door)->position, door->intake.batches.ptr[0].position);
    case_expect(door, "one\n");
    case_free(door);
}

static void utf16_becomes_utf8(void **state)
{
    static const char start[] = "\xFF\xFE"
                                "a\0\x3D\xD8\x00\xDE\n\0b\0\n\0"
                                "c\0";
    static const char more[] = "d\0\n\0";
    struct case_door *door = case_new("a.txt");

    (void)state;
    case_append(door, "a.txt", start, sizeof start - 1);
    case_start(door);
    case_expect(door, "a\xF0\x9F\x98\x80\nb\n");
    assert_int_equal(case_last(door)->offset, 2);
    case_stop(door);
    case_append(door, "a.txt", more, sizeof more - 1);
    case_start(door);
    case_expect(door, "a\xF0\x9F\x98\x80\nb\ncd\n");
    assert_int_equal(case_last(door)->offset, 14);
    case_free(door);
}

static void run(const struct case_door *door, const char *command)
{
    char line[256];

    (void)snprintf(line, sizeof line, "cd '%s' && %s", door->folder, command);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
}

/* A compressed file is read once; what was read before it was compressed is not read again. */
static void compressed_files_are_read_once(void **state)
{
    struct case_door *door = case_new("a.log*");

    (void)state;
    case_add(door, "a.log.2", "oldest 1\noldest 2\n");
    run(door, "gzip -9 a.log.2");
    case_add(door, "a.log", "line one of this file\nline two of this file\n");
    case_start(door);
    for (unsigned i = 0; i < 1000 && follow_counters(door->follow).batches < 2; i++)
        case_sleep(10);
    case_wait_idle(door);
    assert_int_equal(follow_counters(door->follow).batches, 2);
    case_rename(door, "a.log", "a.log.1");
    case_add(door, "a.log", "new\n");
    case_wait_idle(door);
    run(door, "gzip -9 a.log.1");
    case_sleep(1500);
    case_wait_idle(door);
    assert_int_equal(follow_counters(door->follow).batches, 3);
    case_stop(door);
    case_add(door, "a.log", "newer\n"); /* compressed while closed, with a line not read yet */
    case_rename(door, "a.log", "a.log.3");
    run(door, "gzip -9 a.log.3");
    case_start(door);
    case_sleep(1500);
    case_wait_idle(door);
    assert_int_equal(follow_counters(door->follow).batches, 1);
    case_stop(door);
    {
        struct hn_buf got = { 0 };

        fake_intake_join(&door->intake, NULL, &got);
        assert_int_equal(got.len, 18 + 44 + 4 + 6);
        hn_buf_deinit(&got);
    }
    case_free(door);
}

static void a_pipe_is_read_to_its_end(void **state)
{
    struct case_door *door = case_new("unused");
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    door->source.path_count = 0;
    door->source.fd = ends[0];
    case_start(door);
    assert_int_equal(write(ends[1], "one\ntwo\nthr", 11), 11);
    case_expect(door, "one\ntwo\n");
    assert_false(follow_is_idle(door->follow));
    assert_int_equal(write(ends[1], "ee", 2), 2);
    (void)close(ends[1]);
    case_expect(door, "one\ntwo\nthree");
    assert_true(follow_is_idle(door->follow));
    assert_string_equal(case_last(door)->stream, "-");
    (void)close(ends[0]);
    case_free(door);
}

#define THOUSAND_BYTES ((uint64_t)3000 * 35)

static void a_thousand_files(void **state)
{
    struct case_door *door = case_new("*/*.log");
    char name[64];

    (void)state;
    case_start(door);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 1000; i++) {
            (void)snprintf(name, sizeof name, "d%u", i % 10);
            (void)mkdir(case_path(door, name), 0700);
            (void)snprintf(name, sizeof name, "d%u/%u.log", i % 10, i);
            case_add(door, name, "a line that is as long as this one\n");
        }
    }
    for (unsigned i = 0; i < 2000 && follow_counters(door->follow).bytes < THOUSAND_BYTES; i++)
        case_sleep(10);
    case_wait_idle(door);
    assert_int_equal(follow_counters(door->follow).bytes, THOUSAND_BYTES);
    assert_int_equal(follow_counters(door->follow).files, 1000);
    case_stop(door);
    case_start(door);
    case_wait_idle(door);
    assert_int_equal(follow_counters(door->follow).bytes, 0);
    case_free(door);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_handed_in_as_they_come),
        cmocka_unit_test(a_restart_goes_on_where_it_was),
        cmocka_unit_test(rotation_by_renaming),
        cmocka_unit_test(rotation_while_closed),
        cmocka_unit_test(truncation_starts_anew),
        cmocka_unit_test(copies_are_not_read_again),
        cmocka_unit_test(deleted_files_give_their_last_line),
        cmocka_unit_test(a_full_intake_is_tried_again),
        cmocka_unit_test(headers_go_with_each_batch),
        cmocka_unit_test(parts_of_events_wait_for_each_other),
        cmocka_unit_test(idle_files_are_noted_again),
        cmocka_unit_test(utf16_becomes_utf8),
        cmocka_unit_test(compressed_files_are_read_once),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
        cmocka_unit_test(a_thousand_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
