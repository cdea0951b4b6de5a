/* test_input.c - folders, files, pipes and archives as one sequence, with the jailed worker. */
#include "input/input.h"
#include "support/pack.h"
#include "support/shared.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- A folder for each test --------------------------------------------------------------------
 */

static char folder[] = "/tmp/hn_input_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    return mkdtemp(folder) == NULL || chdir(folder) != 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
    pid_t remover;
    int status = -1;

    (void)state;
    (void)chdir("/");
    remover = fork();
    if (remover == 0) {
        (void)execl("/bin/rm", "rm", "-rf", folder, (char *)NULL);
        _exit(1);
    }
    return remover > 0 && waitpid(remover, &status, 0) == remover && status == 0 ? 0 : -1;
}

static void put(const char *path, const void *ptr, size_t len)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(ptr, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void put_text(const char *path, const char *text)
{
    put(path, text, strlen(text));
}

static void put_buf(const char *path, struct hn_buf *buf)
{
    put(path, buf->ptr, buf->len);
    hn_buf_deinit(buf);
}

/* ---- What comes out, as text -------------------------------------------------------------------
 */

/* "name|size=content;" per entry, "{note name}" per note, in the order they come. */
struct seen {
    struct hn_buf text;
    uint32_t notes[INPUT_NOTE_COUNT];
    uint32_t findings[HN_FINDING_COUNT];
    uint64_t bytes;
    uint64_t entries;
    bool quiet;
    char reason[160];
};

static void on_note(void *ctx, const struct input_note *note)
{
    struct seen *seen = ctx;

    seen->notes[note->kind]++;
    if (note->kind == INPUT_NOTE_FINDING)
        seen->findings[note->finding]++;
    (void)snprintf(seen->reason, sizeof seen->reason, "%s", note->reason);
    hn_buf_addf(&seen->text, "{%s ",
            note->kind == INPUT_NOTE_FINDING ? hn_finding_id(note->finding)
                                             : input_note_id(note->kind));
    hn_buf_add_text(&seen->text, note->name);
    hn_buf_add_char(&seen->text, '}');
}

static void see_entry(struct seen *seen, const struct input_entry *entry)
{
    seen->entries++;
    if (seen->quiet)
        return;
    hn_buf_add_text(&seen->text, entry->name);
    hn_buf_add_char(&seen->text, entry->packed ? '*' : '|');
    if (entry->size_known)
        hn_buf_add_u64(&seen->text, entry->size);
    else
        hn_buf_add_char(&seen->text, '?');
    hn_buf_add_char(&seen->text, '=');
}

static enum hn_status run_options(const char *const *args, size_t count,
        struct input_options *options, size_t piece, struct seen *seen)
{
    struct hn_text texts[16];
    struct input *input = NULL;
    struct input_entry entry;
    enum hn_status status;

    for (size_t i = 0; i < count; i++)
        texts[i] = hn_text_cstr(args[i]);
    options->on_note = on_note;
    options->ctx = seen;
    status = input_open(texts, count, options, &input, NULL);
    while (status == HN_OK && (status = input_next(input, &entry, NULL)) == HN_OK) {
        char buf[65536];
        size_t len = 1;

        see_entry(seen, &entry);
        while (status == HN_OK && len > 0) {
            status = input_read(input, buf, piece, &len, NULL);
            seen->bytes += len;
            if (!seen->quiet)
                hn_buf_add(&seen->text, buf, len);
        }
        if (!seen->quiet)
            hn_buf_add_char(&seen->text, ';');
    }
    input_close(input);
    return status;
}

static void expect(const char *const *args, size_t count, const char *wanted)
{
    static const size_t pieces[] = { 65536, 1, 3 };

    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct seen seen = { 0 };
        struct input_options options = { 0 };

        assert_int_equal(run_options(args, count, &options, pieces[i], &seen), HN_NOTFOUND);
        hn_buf_add_char(&seen.text, '\0');
        assert_string_equal(seen.text.ptr, wanted);
        hn_buf_deinit(&seen.text);
    }
}

static void expect_one(const char *arg, const char *wanted)
{
    expect(&arg, 1, wanted);
}

static const struct pack_entry two[] = { { "logs/a.log", "alpha", 0 }, { "b.log", "beta", 0 } };

/* ---- Folders -----------------------------------------------------------------------------------
 */

/* Sorted by bytes, depth first, hidden and empty files included, however often it is done. */
static void folders_are_walked_in_order(void **state)
{
    const char *args[] = { "logs", "./z" };

    (void)state;
    assert_int_equal(mkdir("logs", 0700), 0);
    assert_int_equal(mkdir("logs/b", 0700), 0);
    assert_int_equal(mkdir("logs/empty", 0700), 0);
    put_text("logs/c", "3");
    put_text("logs/B", "1");
    put_text("logs/b/2", "22");
    put_text("logs/b/10", "10");
    put_text("logs/.hidden", "h");
    put_text("logs/nothing", "");
    put_text("z", "z");
    expect(args, 2,
            "logs/.hidden|1=h;logs/B|1=1;logs/b/10|2=10;logs/b/2|2=22;logs/c|1=3;"
            "logs/nothing|0=;./z|1=z;");
}

/* Links: followed as arguments, noted inside of folders. Pipes and sockets inside are skipped. */
static void links_and_special_files(void **state)
{
    const char *args[] = { "link_file", "link_folder" };
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "real/socket" };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(mkdir("real", 0700), 0);
    put_text("real/file", "f");
    assert_int_equal(symlink("real/file", "link_file"), 0);
    assert_int_equal(symlink("real", "link_folder"), 0);
    assert_int_equal(symlink("/etc/passwd", "real/link"), 0);
    assert_int_equal(symlink("..", "real/loop"), 0);
    assert_int_equal(mkfifo("real/pipe", 0600), 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    expect(args, 2,
            "link_file|1=f;link_folder/file|1=f;{link link_folder/link}{link link_folder/loop}"
            "{special_file link_folder/pipe}{special_file link_folder/socket}");
    (void)close(fd);
}

/* What is not there or may not be read is a note, and the rest comes. */
static void unreadable_files(void **state)
{
    const char *args[] = { "missing", "there" };
    struct seen seen = { 0 };
    struct input_options options = { 0 };

    (void)state;
    put_text("there", "x");
    assert_int_equal(run_options(args, 2, &options, 10, &seen), HN_NOTFOUND);
    assert_int_equal(seen.notes[INPUT_NOTE_UNREADABLE], 1);
    assert_int_equal(seen.bytes, 1);
    hn_buf_deinit(&seen.text);
}

/* Depth, number of files and size of a folder have limits; each says so. */
static void folder_limits(void **state)
{
    const char *args[] = { "d" };
    struct input_options options = { .limits = input_limits_default };
    struct seen deep = { 0 };
    struct seen many = { 0 };
    struct seen wide = { 0 };
    char path[] = "d/d/d/d/d";

    (void)state;
    for (size_t len = 1; len <= sizeof path - 1; len += 2) {
        char rest = path[len];

        path[len] = '\0';
        assert_int_equal(mkdir(path, 0700), 0);
        path[len] = rest;
    }
    put_text("d/x1", "1");
    put_text("d/x2", "2");
    put_text("d/x3", "3");
    options.limits.folder_depth_max = 3;
    assert_int_equal(run_options(args, 1, &options, 10, &deep), HN_NOTFOUND);
    assert_int_equal(deep.notes[INPUT_NOTE_TOO_DEEP], 1);
    assert_int_equal(deep.entries, 3);
    options.limits.files_max = 2;
    assert_int_equal(run_options(args, 1, &options, 10, &many), HN_NOTFOUND);
    assert_int_equal(many.notes[INPUT_NOTE_TOO_MANY], 1);
    assert_int_equal(many.entries, 2);
    options.limits = input_limits_default;
    options.limits.folder_bytes_max = 6;
    assert_int_equal(run_options(args, 1, &options, 10, &wide), HN_NOTFOUND);
    assert_true(wide.notes[INPUT_NOTE_TOO_MANY] >= 1);
    hn_buf_deinit(&deep.text);
    hn_buf_deinit(&many.text);
    hn_buf_deinit(&wide.text);
}

/* ---- Packed files ------------------------------------------------------------------------------
 */

/* Archives among plain files, and a log that only looks like one. */
static void archives_in_folders(void **state)
{
    struct hn_buf zip = pack("zip", "none", NULL, NULL, two, 2);
    struct hn_buf gz = pack("raw", "gzip", NULL, NULL, two, 1);
    struct hn_buf seven = pack("7zip", "none", NULL, NULL, two, 2);
    struct hn_buf tgz = pack("ustar", "zstd", NULL, NULL, two, 2);

    (void)state;
    assert_int_equal(mkdir("l", 0700), 0);
    put_buf("l/1.zip", &zip);
    put_buf("l/2.log.gz", &gz);
    put_buf("l/3.7z", &seven);
    put_buf("l/4.tar.zst", &tgz);
    put_text("l/5.zip", "PK is no archive");
    expect_one("l", "l/1.zip!/logs/a.log*5=alpha;l/1.zip!/b.log*4=beta;l/2.log.gz!/2.log*?=alpha;"
                    "l/3.7z!/logs/a.log*5=alpha;l/3.7z!/b.log*4=beta;"
                    "l/4.tar.zst!/logs/a.log*5=alpha;l/4.tar.zst!/b.log*4=beta;l/5.zip|16=PK is no "
                    "archive;");
}

/* A binary log inside a zip inside a tar comes out byte for byte. */
static void binary_content(void **state)
{
    struct hn_buf content = { 0 };
    struct hn_buf zip;
    struct hn_buf tar;
    struct pack_entry entry = { "Security.evtx", NULL, 0 };
    struct pack_entry outer = { "case.zip", NULL, 0 };
    const char *args[] = { "case.tar" };
    struct input_options options = { 0 };
    struct seen seen = { 0 };
    static const char name[] = "case.tar!/case.zip!/Security.evtx*";

    (void)state;
    hn_buf_add_lit(&content, "ElfFile");
    for (uint32_t i = 0; content.len < 300000; i++)
        hn_buf_add_char(&content, (char)(unsigned char)(i * 2654435761u >> 24));
    entry.content = content.ptr;
    entry.len = content.len;
    zip = pack("zip", "none", NULL, NULL, &entry, 1);
    outer.content = zip.ptr;
    outer.len = zip.len;
    tar = pack("ustar", "none", NULL, NULL, &outer, 1);
    put_buf("case.tar", &tar);
    assert_int_equal(run_options(args, 1, &options, 65536, &seen), HN_NOTFOUND);
    assert_int_equal(seen.bytes, content.len);
    assert_memory_equal(seen.text.ptr, name, sizeof name - 1);
    assert_memory_equal(strchr(seen.text.ptr, '=') + 1, content.ptr, content.len);
    hn_buf_deinit(&seen.text);
    hn_buf_deinit(&content);
    hn_buf_deinit(&zip);
}

/* Passwords given by the user work; a wrong one is a finding with the entry's name. */
static void passwords(void **state)
{
    struct hn_buf zip = pack("zip", "none", "zip:encryption=aes256", "s3cret", two, 2);
    struct hn_text given[] = { HN_TEXT_INIT("other"), HN_TEXT_INIT("s3cret") };
    const char *args[] = { "x.zip" };
    struct input_options options = { .passwords = given, .password_count = 2 };
    struct seen right = { 0 };
    struct seen wrong = { 0 };

    (void)state;
    put_buf("x.zip", &zip);
    assert_int_equal(run_options(args, 1, &options, 65536, &right), HN_NOTFOUND);
    assert_int_equal(right.bytes, 9);
    options.password_count = 1;
    assert_int_equal(run_options(args, 1, &options, 65536, &wrong), HN_NOTFOUND);
    assert_int_equal(wrong.bytes, 0);
    assert_int_equal(wrong.findings[HN_FINDING_PASSWORD], 2);
    assert_true(hn_text_find(hn_buf_text(&wrong.text), HN_TEXT("x.zip!/b.log}"), 0) != SIZE_MAX);
    hn_buf_deinit(&right.text);
    hn_buf_deinit(&wrong.text);
}

/* Standard input and named pipes, plain and packed; what needs a directory is read all the same. */
static void pipes(void **state)
{
    static const char *const kinds[][2] = { { "raw", "none" }, { "raw", "gzip" },
        { "ustar", "none" }, { "zip", "none" } };
    static const char *const wanted[] = { "p|?=alpha;", "p!/p*?=alpha;", "p!/logs/a.log*5=alpha;",
        "p!/logs/a.log*" };

    (void)state;
    assert_int_equal(mkfifo("p", 0600), 0);
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        struct hn_buf packed = pack(kinds[i][0], kinds[i][1], NULL, NULL, two, 1);
        pid_t writer = fork();
        struct seen seen = { 0 };
        struct input_options options = { 0 };
        const char *args[] = { "p" };

        assert_true(writer >= 0);
        if (writer == 0) {
            int fd = open("p", O_WRONLY);

            for (size_t pos = 0; pos < packed.len; pos++) /* byte by byte, as slowly as it gets */
                (void)write(fd, packed.ptr + pos, 1);
            _exit(0);
        }
        assert_int_equal(run_options(args, 1, &options, 100, &seen), HN_NOTFOUND);
        assert_int_equal(waitpid(writer, NULL, 0), writer);
        assert_int_equal(seen.bytes, 5);
        assert_memory_equal(seen.text.ptr, wanted[i], strlen(wanted[i]));
        hn_buf_deinit(&seen.text);
        hn_buf_deinit(&packed);
    }
}

/* "-" is standard input, also when it is a file that was redirected. */
static void standard_input(void **state)
{
    int before = dup(STDIN_FILENO);
    int fd;

    (void)state;
    put_text("f", "text");
    for (int i = 0; i < 2; i++) {
        struct seen seen = { 0 };
        struct input_options options = { 0 };
        const char *args[] = { "-" };
        char byte;

        fd = open("f", O_RDONLY);
        assert_true(fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
        if (i == 1)
            assert_int_equal(read(STDIN_FILENO, &byte, 1), 1); /* the rest is what is meant */
        assert_int_equal(run_options(args, 1, &options, 10, &seen), HN_NOTFOUND);
        assert_int_equal(seen.bytes, 4 - i);
        hn_buf_deinit(&seen.text);
        (void)close(fd);
    }
    assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
    (void)close(before);
}

/* A bomb stops at its limit with a finding; the files behind it are read. */
static void bombs(void **state)
{
    static const struct pack_entry zeros = { "zeros", NULL, (size_t)64 << 20 };
    struct hn_buf gz = pack("raw", "gzip", NULL, NULL, &zeros, 1);
    const char *args[] = { "bomb.gz", "after" };
    struct input_options options = { .limits = input_limits_default };
    struct seen seen = { .quiet = true };

    (void)state;
    put_buf("bomb.gz", &gz);
    put_text("after", "x");
    options.limits.ratio_free_bytes = 1 << 20;
    options.limits.ratio_max = 100;
    assert_int_equal(run_options(args, 2, &options, 65536, &seen), HN_NOTFOUND);
    assert_int_equal(seen.findings[HN_FINDING_BOMB], 1);
    assert_true(seen.bytes < (uint64_t)10 << 20);
    assert_int_equal(seen.entries, 2);
    hn_buf_deinit(&seen.text);
}

/* Cut off and damaged archives: what is there comes, then a finding, then the next file. */
static void damage(void **state)
{
    struct hn_buf content = { 0 };
    struct pack_entry entry = { "big.log", NULL, 0 };
    struct hn_buf gz;
    const char *args[] = { "cut.gz", "after" };
    struct input_options options = { 0 };
    struct seen seen = { .quiet = true };

    (void)state;
    for (uint32_t i = 0; content.len < 500000; i++)
        hn_buf_addf(&content, "%u\n", i * 2654435761u);
    entry.content = content.ptr;
    entry.len = content.len;
    gz = pack("raw", "gzip", NULL, NULL, &entry, 1);
    gz.len = gz.len / 2;
    put_buf("cut.gz", &gz);
    put_text("after", "x");
    assert_int_equal(run_options(args, 2, &options, 65536, &seen), HN_NOTFOUND);
    assert_int_equal(seen.findings[HN_FINDING_TRUNCATED], 1);
    assert_true(seen.bytes > 100000 && seen.bytes < 500000);
    assert_int_equal(seen.entries, 2);
    hn_buf_deinit(&seen.text);
    hn_buf_deinit(&content);
}

/* An entry that is not read is skipped; the progress never goes back and ends at the size. */
static void skipping_and_progress(void **state)
{
    static const struct pack_entry entries[] = { { "a", NULL, 3000000 }, { "b", "beta", 0 } };
    struct hn_buf zip = pack("zip", "none", "zip:compression=store", NULL, entries, 2);
    struct hn_text args[] = { HN_TEXT_INIT("x.zip"), HN_TEXT_INIT("plain") };
    struct input_options options = { 0 };
    struct input *input = NULL;
    struct input_entry entry;
    uint64_t before = 0;
    uint64_t files;
    uint64_t bytes;
    unsigned count = 0;

    (void)state;
    put_buf("x.zip", &zip);
    put_text("plain", "12345");
    assert_int_equal(input_survey(args, 2, &options, &files, &bytes), HN_OK);
    assert_int_equal(files, 2);
    assert_int_equal(input_open(args, 2, &options, &input, NULL), HN_OK);
    while (input_next(input, &entry, NULL) == HN_OK) {
        count++;
        assert_true(input_bytes_done(input) >= before);
        before = input_bytes_done(input);
        if (count == 2)
            assert_true(hn_text_ends(entry.name, HN_TEXT("!/b")));
    }
    assert_int_equal(count, 3);
    assert_int_equal(input_bytes_done(input), bytes);
    input_close(input);
}

static size_t open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    (void)closedir(dir);
    return count;
}

/* Closing in the middle leaves no child and no descriptor behind. */
static void closing_in_the_middle(void **state)
{
    static const struct pack_entry big = { "a", NULL, (size_t)20 << 20 };
    struct hn_buf zip = pack("zip", "none", "zip:compression=store", NULL, &big, 1);
    struct hn_text args[] = { HN_TEXT_INIT(".") };
    struct input_options options = { 0 };
    struct input *input = NULL;
    struct input_entry entry;
    size_t before = open_descriptors();
    char byte;
    size_t len;

    (void)state;
    put_buf("x.zip", &zip);
    assert_int_equal(input_open(args, 1, &options, &input, NULL), HN_OK);
    assert_int_equal(input_next(input, &entry, NULL), HN_OK);
    assert_int_equal(input_read(input, &byte, 1, &len, NULL), HN_OK);
    assert_int_equal(len, 1);
    input_close(input);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* A worker that is killed in the middle is a finding with the reason, and the next file comes. */
static void killed_worker(void **state)
{
    static const struct pack_entry big = { "a", NULL, (size_t)20 << 20 };
    struct hn_buf zip = pack("zip", "none", "zip:compression=store", NULL, &big, 1);
    struct hn_text args[] = { HN_TEXT_INIT("x.zip"), HN_TEXT_INIT("y") };
    struct seen seen = { .quiet = true };
    struct input_options options = { .on_note = on_note, .ctx = &seen };
    struct input *input = NULL;
    struct input_entry entry;
    char command[64];
    char buf[65536];
    size_t len = 1;

    (void)state;
    put_buf("x.zip", &zip);
    put_text("y", "y");
    assert_int_equal(input_open(args, 2, &options, &input, NULL), HN_OK);
    assert_int_equal(input_next(input, &entry, NULL), HN_OK);
    /* Our only child is the worker. */
    (void)snprintf(command, sizeof command, "/proc/self/task/%d/children", (int)getpid());
    {
        FILE *file = fopen(command, "r");
        char line[32] = "";

        assert_non_null(file);
        assert_non_null(fgets(line, sizeof line, file));
        (void)fclose(file);
        assert_int_equal(kill((pid_t)strtol(line, NULL, 10), SIGKILL), 0);
    }
    while (len > 0)
        assert_int_equal(input_read(input, buf, sizeof buf, &len, NULL), HN_OK);
    assert_int_equal(seen.findings[HN_FINDING_DAMAGED_RECORD], 1);
    assert_non_null(strstr(seen.reason, "SIGKILL"));
    assert_int_equal(input_next(input, &entry, NULL), HN_OK);
    assert_true(hn_text_eq(entry.name, HN_TEXT("y")));
    input_close(input);
    hn_buf_deinit(&seen.text);
}

/* The real archives beside the checkout come out whole and without a note. */
static void real_archives(void **state)
{
    char *path = shared_path_or_skip("data/otrf/datasets");
    const char *args[] = { path };
    struct input_options options = { 0 };
    struct seen seen = { .quiet = true };

    (void)state;
    assert_int_equal(run_options(args, 1, &options, 65536, &seen), HN_NOTFOUND);
    assert_true(seen.entries >= 20 && seen.bytes > (uint64_t)300 << 20);
    assert_int_equal(seen.text.len, 0);
    free(path);
}

/* Our allocations failing one by one: HN_NOMEM or the same result, no leaks, no children. */
static void memory_runs_out(void **state)
{
    struct hn_buf zip = pack("zip", "none", NULL, NULL, two, 2);
    const char *args[] = { "." };
    bool failed = true;

    (void)state;
    put_buf("x.zip", &zip);
    put_text("y", "y");
    for (uint64_t n = 1; failed && n < 1000; n++) {
        struct seen seen = { .quiet = true };
        struct input_options options = { 0 };
        enum hn_status status;

        hn_mem_fail_from(n);
        status = run_options(args, 1, &options, 100, &seen);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_NOMEM || status == HN_NOTFOUND);
        hn_buf_deinit(&seen.text);
    }
    assert_false(failed);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(folders_are_walked_in_order),
        TEST(links_and_special_files),
        TEST(unreadable_files),
        TEST(folder_limits),
        TEST(archives_in_folders),
        TEST(binary_content),
        TEST(passwords),
        TEST(pipes),
        TEST(standard_input),
        TEST(bombs),
        TEST(damage),
        TEST(skipping_and_progress),
        TEST(closing_in_the_middle),
        TEST(killed_worker),
        TEST(real_archives),
        TEST(memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
