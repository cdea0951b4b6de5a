/* test_damage.c - files that are cut off or changed: what is lost is told exactly, the rest is
 * read.
 *
 * The oracle: records and reported stretches together cover the journal without a gap and without
 * an overlap, and each record is the one that was written at its offset. */
#include "journal/journal.h"
#include "support/check.h"
#include "support/folder.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RECORDS      40u
#define HEADER_BYTES 32u
#define PATH_ROOM    4096

struct original {
    char *dir;
    char *copy;
    uint64_t offsets[RECORDS + 1];
};

static size_t payload_write(unsigned n, char out[64])
{
    return (size_t)snprintf(out, 64, "record %u %.*s", n, (int)(n % 13), "abcdefghijklm");
}

static void build(struct original *original, const struct journal_options *more)
{
    const struct timespec pause = { 0, 50000 };
    struct journal_options options = *more;
    struct journal *journal;
    char path[PATH_ROOM];

    original->dir = folder_new();
    original->copy = folder_new();
    options.dir = original->dir;
    assert_int_equal(journal_open(&options, NULL, NULL, &journal, NULL), HN_OK);
    for (unsigned n = 0; n < RECORDS; n++) {
        char text[64];
        uint64_t want = journal_end(journal);

        assert_int_equal(journal_append(journal, JOURNAL_BATCH, (hn_time)n + 1,
                                 hn_bytes_of(text, payload_write(n, text)), NULL, NULL,
                                 &original->offsets[n], NULL),
                HN_OK);
        assert_true(original->offsets[n] == want);
        while (options.segment_bytes < 65536 && journal_committed(journal) < journal_end(journal)) {
            (void)nanosleep(&pause, NULL); /* a group each, so that segments are small */
        }
    }
    original->offsets[RECORDS] = journal_end(journal);
    while (options.compress && folder_file(original->dir, ".hnj", 1, path, sizeof path))
        (void)nanosleep(&pause, NULL); /* all but the current one are to be packed */
    journal_close(journal);
}

static void unbuild(struct original *original)
{
    folder_free(original->dir);
    folder_free(original->copy);
}

struct coverage {
    const struct original *original;
    uint64_t pos;
    unsigned damages;
    uint64_t damaged_bytes;
    unsigned records;
    bool missing; /* at the end, told at the opening */
    struct journal_damage end_missing;
};

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    struct coverage *coverage = ctx;

    assert_true(damage->start == coverage->pos);
    assert_true(damage->end > damage->start);
    assert_true(strlen(damage->file) > 0 && strlen(damage->reason) > 0);
    coverage->pos = damage->end;
    coverage->damages++;
    coverage->damaged_bytes += damage->end - damage->start;
}

static void read_all(struct coverage *coverage, struct journal_reader *reader)
{
    struct journal_record record;
    struct hn_err err = { 0 };
    enum hn_status status;

    while ((status = journal_read(reader, 0, &record, &err)) == HN_OK) {
        unsigned n = 0;
        char text[64];

        while (n < RECORDS && coverage->original->offsets[n] != record.offset)
            n++;
        assert_true(n < RECORDS);
        assert_true(record.offset == coverage->pos);
        assert_true(hn_text_eq(
                hn_bytes_as_text(record.payload), hn_text_of(text, payload_write(n, text))));
        assert_true(record.next == coverage->original->offsets[n + 1]);
        assert_true(record.received == (hn_time)n + 1);
        coverage->pos = record.next;
        coverage->records++;
    }
    if (status != HN_NOTFOUND)
        fail_msg("%s: %s", hn_status_text(status), err.msg);
    journal_reader_close(reader);
}

static struct coverage read_folder(const struct original *original)
{
    struct coverage coverage = { .original = original };
    struct journal_reader *reader;

    assert_int_equal(
            journal_reader_open_dir(original->copy, 0, on_damage, &coverage, &reader, NULL), HN_OK);
    read_all(&coverage, reader);
    return coverage;
}

/* The same through a journal that is opened again; then it takes another record, at a new offset.
 */
static struct coverage read_reopened(const struct original *original)
{
    struct coverage coverage = { .original = original };
    struct journal_options options = { .dir = original->copy, .segment_bytes = 65536 };
    struct journal *journal;
    struct journal_reader *reader;
    uint64_t offset;

    assert_int_equal(journal_open(&options, on_damage, &coverage, &journal, NULL), HN_OK);
    assert_int_equal(journal_reader_open(journal, 0, &reader, NULL), HN_OK);
    read_all(&coverage, reader);
    coverage.missing = journal_missing(journal, &coverage.end_missing);
    assert_int_equal(journal_append(journal, JOURNAL_TICK, 1, (struct hn_bytes){ 0 }, NULL, NULL,
                             &offset, NULL),
            HN_OK);
    assert_true(offset == coverage.pos);
    journal_close(journal);
    return coverage;
}

/* Repaired, the same records are there, and nothing is damaged any more. */
static void repair_and_read(const struct original *original, const struct coverage *before)
{
    struct journal_check check;
    struct hn_err err = { 0 };

    if (journal_repair(original->copy, NULL, NULL, &check, &err) != HN_OK)
        fail_msg("repair: %s", err.msg);
    assert_int_equal(check.records, before->records);
    assert_int_equal(check.damaged_bytes, before->damaged_bytes);
    assert_int_equal(journal_check(original->copy, NULL, NULL, &check, NULL), HN_OK);
    assert_int_equal(check.damaged, 0);
    assert_int_equal(check.records, before->records);
}

static void change_byte(const char *path, long at, uint8_t mask)
{
    FILE *file = fopen(path, "r+be");
    int byte;

    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    byte = fgetc(file);
    assert_true(byte != EOF);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_true(fputc(byte ^ mask, file) != EOF);
    assert_int_equal(fclose(file), 0);
}

static long file_bytes(const char *path)
{
    FILE *file = fopen(path, "rbe");
    long bytes;

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    bytes = ftell(file);
    (void)fclose(file);
    return bytes;
}

/* A bit of any byte of any plain segment: the record it is in is lost, and no other. */
static void every_byte_changed(void **state)
{
    const struct journal_options kinds[] = { { .segment_bytes = 700 }, { .segment_bytes = 65536 } };

    (void)state;
    for (size_t k = 0; k < HN_COUNT_OF(kinds); k++) {
        struct original original;
        char path[PATH_ROOM];

        build(&original, &kinds[k]);
        for (unsigned n = 0; folder_file(original.dir, ".hnj", n, path, sizeof path); n++) {
            long bytes = file_bytes(path);

            for (long at = 0; at < bytes; at++) {
                struct coverage seen;
                struct coverage again;
                char changed[PATH_ROOM];
                unsigned lost = at < 64 ? 0 : 1;

                folder_copy(original.dir, original.copy);
                assert_true(folder_file(original.copy, ".hnj", n, changed, sizeof changed));
                change_byte(changed, at, (uint8_t)(1u << (at % 8)));
                seen = read_folder(&original);
                assert_true(seen.pos == original.offsets[RECORDS]);
                assert_int_equal(seen.damages, lost);
                assert_int_equal(seen.records, RECORDS - lost);
                if (at % 5 != 0)
                    continue;
                again = read_reopened(&original);
                assert_int_equal(again.records, seen.records);
                assert_int_equal(again.damages, seen.damages);
                folder_copy(original.dir, original.copy);
                change_byte(changed, at, (uint8_t)(1u << (at % 8)));
                repair_and_read(&original, &seen);
            }
        }
        unbuild(&original);
    }
}

/* The last segment cut off at one place. */
static void cut_off(const struct original *original, unsigned last, long at, bool noted)
{
    struct coverage seen;
    char path[PATH_ROOM];

    folder_copy(original->dir, original->copy);
    assert_true(folder_file(original->copy, ".hnj", last, path, sizeof path));
    assert_int_equal(truncate(path, at), 0);
    if (!noted) {
        assert_true(folder_file(original->copy, "lock", 0, path, sizeof path));
        assert_int_equal(unlink(path), 0);
    }
    seen = read_folder(original);
    assert_int_equal(seen.damages, noted ? 1 : 0);
    if (noted)
        assert_true(seen.pos == original->offsets[RECORDS]);
    if (at % 7 == 0) {
        struct coverage again = read_reopened(original);

        assert_int_equal(again.missing, noted);
        if (noted) {
            assert_true(again.end_missing.start == original->offsets[again.records]);
            assert_true(again.end_missing.end == original->offsets[RECORDS]);
        }
        assert_int_equal(again.records, seen.records);
        assert_int_equal(again.damages, seen.damages);
    }
}

/* The last segment cut off at any byte. With the note of what was durable the rest is told as lost;
 * without it a tail may never have been: then it is cut off silently. */
static void every_truncation(void **state)
{
    const struct journal_options kinds[] = { { .segment_bytes = 700 }, { .segment_bytes = 65536 } };

    (void)state;
    for (size_t k = 0; k < HN_COUNT_OF(kinds); k++) {
        struct original original;
        char path[PATH_ROOM];
        unsigned files = 0;
        long bytes;

        build(&original, &kinds[k]);
        while (folder_file(original.dir, ".hnj", files, path, sizeof path))
            files++;
        assert_true(folder_file(original.dir, ".hnj", files - 1, path, sizeof path));
        bytes = file_bytes(path);
        for (long at = 0; at < bytes; at++) {
            cut_off(&original, files - 1, at, true);
            cut_off(&original, files - 1, at, false);
        }
        unbuild(&original);
    }
}

/* A packed segment with any byte changed: nothing wrong is read, what is lost is told, and a
 * repair gives the same records without damage. */
static void packed_every_byte_changed(void **state)
{
    struct original original;
    char path[PATH_ROOM];
    unsigned files = 0;

    (void)state;
    build(&original, &(struct journal_options){ .segment_bytes = 400, .compress = true });
    for (unsigned n = 0; folder_file(original.dir, ".hnj.zst", n, path, sizeof path); n++) {
        long bytes = file_bytes(path);

        files++;
        for (long at = 0; at < bytes; at++) {
            struct coverage seen;
            char changed[PATH_ROOM];

            folder_copy(original.dir, original.copy);
            assert_true(folder_file(original.copy, ".hnj.zst", n, changed, sizeof changed));
            change_byte(changed, at, (uint8_t)(1u << (at % 8)));
            seen = read_folder(&original);
            assert_true(seen.pos == original.offsets[RECORDS]);
            if (at % 5 == 0)
                repair_and_read(&original, &seen);
        }
    }
    assert_true(files > 2);
    unbuild(&original);
}

/* A file that is gone is a stretch of damage, from its first offset to the next file's. */
static void missing_file(void **state)
{
    struct original original;
    struct coverage seen;
    char path[PATH_ROOM];

    (void)state;
    build(&original, &(struct journal_options){ .segment_bytes = 700 });
    folder_copy(original.dir, original.copy);
    assert_true(folder_file(original.copy, ".hnj", 1, path, sizeof path));
    assert_int_equal(unlink(path), 0);
    seen = read_folder(&original);
    assert_int_equal(seen.damages, 1);
    assert_true(seen.pos == original.offsets[RECORDS]);
    seen = read_reopened(&original);
    assert_int_equal(seen.damages, 1);
    folder_copy(original.dir, original.copy);
    assert_int_equal(unlink(path), 0);
    repair_and_read(&original, &seen);
    unbuild(&original);
}

/* Bytes in a payload that look like a frame of the right place are no frame: the salt of the
 * segment is not known to who sends them. */
static void forged_frames_are_not_read(void **state)
{
    struct journal_options options = { .dir = NULL };
    char *dir = folder_new();
    char *other = folder_new();
    char from[PATH_ROOM];
    char target[PATH_ROOM];
    struct journal *journal;
    struct journal_check check;
    struct hn_text file;
    char *bytes;

    (void)state;
    /* A journal with a record at offset 32, as the forger's own machine writes it. */
    options.dir = other;
    assert_int_equal(journal_open(&options, NULL, NULL, &journal, NULL), HN_OK);
    assert_int_equal(journal_append(journal, JOURNAL_TICK, 1, (struct hn_bytes){ 0 }, NULL, NULL,
                             NULL, NULL),
            HN_OK);
    assert_int_equal(journal_append(journal, JOURNAL_BATCH, 1, hn_bytes_of("evil", 4), NULL, NULL,
                             NULL, NULL),
            HN_OK);
    journal_close(journal);
    assert_true(folder_file(other, ".hnj", 0, from, sizeof from));
    bytes = check_read_file(from, &file);
    assert_non_null(bytes);
    /* The same bytes as the payload of the first record, which begins at offset 32 as well. */
    options.dir = dir;
    assert_int_equal(journal_open(&options, NULL, NULL, &journal, NULL), HN_OK);
    assert_int_equal(journal_append(journal, JOURNAL_BATCH, 1,
                             hn_bytes_of(file.ptr + 64 + HEADER_BYTES, HEADER_BYTES + 4), NULL,
                             NULL, NULL, NULL),
            HN_OK);
    journal_close(journal);
    assert_true(folder_file(dir, ".hnj", 0, target, sizeof target));
    change_byte(target, 64, 1);
    assert_int_equal(journal_check(dir, NULL, NULL, &check, NULL), HN_OK);
    assert_int_equal(check.records, 0);
    assert_int_equal(check.damaged, 1);
    hn_free(bytes);
    folder_free(dir);
    folder_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_changed),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(packed_every_byte_changed),
        cmocka_unit_test(missing_file),
        cmocka_unit_test(forged_frames_are_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
