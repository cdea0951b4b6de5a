/* Logs that are rotated and compressed at the worst moments: behind with reading, while nobody
 * watches, between two batches. Every line comes once. */
#include "follow_ledger.h"

#include "support/pack.h"

#include <sys/resource.h>

#define OLD_LINES 120
#define NEW_LINES 30

static void add_lines(struct hn_buf *out, const char *what, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        hn_buf_addf(out, "%s line %03u says something that no other line says\n", what, i);
}

static void want(struct ledger *wanted, const char *format, const struct hn_buf *bytes)
{
    ledger_add(wanted, format, hn_bytes_of("", 0), hn_bytes_of(bytes->ptr, bytes->len), 0);
}

/* As gzip does it: the compressed file is there as a whole, then the other goes. */
static void compress(const struct case_door *door, const char *name)
{
    struct hn_text content;
    char *bytes = check_read_file(case_path(door, name), &content);
    struct pack_entry entry = { .name = "x" };
    struct hn_buf packed;
    char to[64];

    assert_non_null(bytes);
    entry.content = content.ptr;
    entry.len = content.len;
    packed = pack("raw", "gzip", NULL, NULL, &entry, 1);
    (void)snprintf(to, sizeof to, "%s.gz", name);
    case_append(door, "part", packed.ptr, packed.len);
    case_rename(door, "part", to);
    assert_int_equal(unlink(case_path(door, name)), 0);
    hn_buf_deinit(&packed);
    hn_free(bytes);
}

enum way { BY_RENAMING, BY_COPYING, WAYS };

static void rotate(const struct case_door *door, enum way way)
{
    if (way == BY_COPYING) {
        char *from = case_path(door, "a.log");
        struct hn_text content;
        char *bytes = check_read_file(from, &content);

        assert_non_null(bytes);
        case_append(door, "a.log.1", content.ptr, content.len);
        assert_int_equal(truncate(from, 0), 0);
        hn_free(bytes);
    } else {
        case_rename(door, "a.log", "a.log.1");
    }
}

/* The door hands in `taken` batches and is stuck; then the log is rotated and compressed, before or
 * after the kill; then it goes on through more kills. */
static void worst_moment(enum way way, bool alive, uint32_t taken)
{
    struct check_random random = { .state = 7 + taken };
    struct case_door *door = door_new("a.log*", 700);
    struct hn_buf old = { 0 };
    struct hn_buf new = { 0 };
    struct ledger wanted;
    char what[64];

    ledger_init(&wanted);
    add_lines(&old, "old", OLD_LINES);
    add_lines(&new, "new", NEW_LINES);
    want(&wanted, "lines", &old);
    want(&wanted, "lines", &new);
    case_append(door, "a.log", old.ptr, old.len);
    (void)life(door, taken);
    if (alive) {
        fake_intake_accept(&door->intake, 0);
        case_start(door);
        case_sleep(30);
    }
    rotate(door, way);
    case_append(door, "a.log", new.ptr, new.len);
    compress(door, "a.log.1");
    if (alive) {
        uint64_t looks = follow_counters(door->follow).looks;

        while (follow_counters(door->follow).looks < looks + 20)
            case_sleep(5);
        case_stop(door);
    }
    lives(door, taken % 3, &random);
    (void)snprintf(
            what, sizeof what, "way %d, %s, %u batches", (int)way, alive ? "alive" : "dead", taken);
    expect(door, &wanted, what);
    ledger_deinit(&wanted);
    hn_buf_deinit(&old);
    hn_buf_deinit(&new);
    case_free(door);
}

static void compressed_at_the_worst_moment(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        for (uint32_t taken = 0; taken < 12; taken++) {
            worst_moment(way, false, taken);
            worst_moment(way, true, taken);
        }
    }
}

/* Nobody is killed, but reading is slow: every batch is refused a few times. */
static void compressed_while_it_is_read(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct case_door *door = door_new("a.log*", 700);
        struct hn_buf old = { 0 };
        struct ledger wanted;

        ledger_init(&wanted);
        add_lines(&old, "old", OLD_LINES);
        want(&wanted, "lines", &old);
        door->intake.retry_ms = 30;
        fake_intake_accept(&door->intake, 3);
        case_append(door, "a.log", old.ptr, old.len);
        case_start(door);
        while (fake_intake_refused(&door->intake) == 0)
            case_sleep(1);
        rotate(door, way);
        compress(door, "a.log.1");
        case_sleep(200);
        fake_intake_accept(&door->intake, UINT32_MAX);
        case_wait_idle(door);
        case_sleep(400);
        case_wait_idle(door);
        case_stop(door);
        lives(door, 1, NULL);
        expect(door, &wanted, way == BY_COPYING ? "copied" : "renamed");
        ledger_deinit(&wanted);
        hn_buf_deinit(&old);
        case_free(door);
    }
}

/* The same header line is no sign of the same file. */
static void files_with_one_header_are_many_files(void **state)
{
    static const char header[] = "name,host,user,rule,action,result\n";
    struct case_door *door = door_new("t.csv*", 700);
    struct hn_buf live = { 0 };
    struct hn_buf old = { 0 };
    struct ledger wanted;

    (void)state;
    ledger_init(&wanted);
    hn_buf_add_lit(&live, "name,host,user,rule,action,result\n");
    hn_buf_add_lit(&old, "name,host,user,rule,action,result\n");
    for (unsigned i = 0; i < 50; i++)
        hn_buf_addf(&old, "n%u,h,u,r,a,r\n", i);
    want(&wanted, "csv", &old);
    case_add(door, "t.csv", header);
    case_start(door);
    case_wait_idle(door);
    case_append(door, "t.csv.1", old.ptr, old.len);
    compress(door, "t.csv.1");
    case_sleep(200);
    case_wait_idle(door);
    case_add(door, "t.csv", "last,h,u,r,a,r\n");
    hn_buf_add_lit(&live, "last,h,u,r,a,r\n");
    want(&wanted, "csv", &live);
    case_wait_idle(door);
    case_stop(door);
    lives(door, 1, NULL);
    expect(door, &wanted, "one header");
    ledger_deinit(&wanted);
    hn_buf_deinit(&live);
    hn_buf_deinit(&old);
    case_free(door);
}

/* Sixty rotated files with long header lines: their positions are long, and all are kept. */
static void many_generations_have_one_position(void **state)
{
    struct case_door *door = door_new("g.csv*", 100000);
    struct ledger wanted;

    (void)state;
    ledger_init(&wanted);
    for (unsigned i = 0; i < 60; i++) {
        struct hn_buf bytes = { 0 };
        char name[32];

        for (unsigned column = 0; column < 60; column++)
            hn_buf_addf(&bytes, "column%u_%u,", column, i);
        hn_buf_add_lit(&bytes, "user\n");
        for (unsigned column = 0; column < 60; column++)
            hn_buf_addf(&bytes, "%u,", column);
        hn_buf_add_lit(&bytes, "me\n");
        want(&wanted, "csv", &bytes);
        (void)snprintf(name, sizeof name, i == 0 ? "g.csv" : "g.csv.%u", i);
        case_append(door, name, bytes.ptr, bytes.len);
        hn_buf_deinit(&bytes);
    }
    lives(door, 3, NULL);
    expect(door, &wanted, "generations");
    assert_true(strlen(case_last(door)->position) > 20000);
    ledger_deinit(&wanted);
    case_free(door);
}

/* A packed file that stops in the middle is waited for, and read on when the rest comes. */
static void a_packed_file_that_is_still_written(void **state)
{
    struct case_door *door = door_new("*.gz", 700);
    struct pack_entry entry = { .name = "x" };
    struct hn_buf bytes = { 0 };
    struct hn_buf packed;
    struct ledger wanted;

    (void)state;
    ledger_init(&wanted);
    add_lines(&bytes, "slow", 4000);
    want(&wanted, "lines", &bytes);
    entry.content = bytes.ptr;
    entry.len = bytes.len;
    packed = pack("raw", "gzip", NULL, NULL, &entry, 1);
    door->options.limits.rest_ms = 2000;
    case_append(door, "a.gz", packed.ptr, packed.len / 2);
    case_start(door);
    case_sleep(400);
    case_append(door, "a.gz", packed.ptr + packed.len / 2, packed.len - packed.len / 2);
    case_wait_idle(door);
    case_stop(door);
    lives(door, 1, NULL);
    expect(door, &wanted, "written slowly");
    ledger_deinit(&wanted);
    hn_buf_deinit(&bytes);
    hn_buf_deinit(&packed);
    case_free(door);
}

/* Without descriptors nothing can be unpacked: that is no end of the file. */
static void unpacking_that_fails_is_tried_again(void **state)
{
    struct case_door *door = door_new("*.gz", 700);
    struct hn_buf bytes = { 0 };
    struct ledger wanted;
    struct rlimit before;
    struct rlimit none;

    (void)state;
    ledger_init(&wanted);
    add_lines(&bytes, "late", 100);
    want(&wanted, "lines", &bytes);
    case_append(door, "a", bytes.ptr, bytes.len);
    compress(door, "a");
    door->options.limits.packed_rest_ms = 200;
    case_start(door);
    while (follow_counters(door->follow).looks < 3)
        case_sleep(1);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    case_sleep(1800);
    assert_false(follow_is_idle(door->follow));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    case_wait_idle(door);
    case_stop(door);
    lives(door, 1, NULL);
    expect(door, &wanted, "without descriptors");
    ledger_deinit(&wanted);
    hn_buf_deinit(&bytes);
    case_free(door);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compressed_at_the_worst_moment),
        cmocka_unit_test(compressed_while_it_is_read),
        cmocka_unit_test(files_with_one_header_are_many_files),
        cmocka_unit_test(many_generations_have_one_position),
        cmocka_unit_test(a_packed_file_that_is_still_written),
        cmocka_unit_test(unpacking_that_fails_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
