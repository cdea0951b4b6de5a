/* fuzz: journal support */
/* fuzz_journal.c - segments in which the input has changed bytes, and segments that are the input:
 * what is read whole is what was written there, and records and damage together cover the whole.
 *
 * The first byte chooses: 0, 1 a plain or packed segment of known records, changed at the places
 * that the input says (three bytes each: where, and by what); anything else, the rest of the input
 * as a file of its own, plain or packed. */
#include "journal/journal.h"
#include "support/folder.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORDS   24u
#define PATH_ROOM 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A journal that was written once, and the folder in which it is changed. */
static struct {
    char *dir[2]; /* plain, packed */
    char *work;
    uint64_t offsets[RECORDS + 1];
} model;

static void check(bool condition)
{
    if (!condition)
        abort();
}

static size_t payload_write(unsigned n, char out[64])
{
    return (size_t)snprintf(out, 64, "%u %.*s", n, (int)(n % 17), "qwertyuiopasdfghjk");
}

static void build(size_t packed)
{
    struct journal_options options = { .segment_bytes = 500, .compress = packed == 1 };
    const struct timespec pause = { 0, 100000 };
    struct journal *journal;
    char path[PATH_ROOM];

    model.dir[packed] = folder_new();
    options.dir = model.dir[packed];
    check(journal_open(&options, NULL, NULL, &journal, NULL) == HN_OK);
    for (unsigned n = 0; n < RECORDS; n++) {
        char text[64];

        check(journal_append(journal, JOURNAL_BATCH, 5, hn_bytes_of(text, payload_write(n, text)),
                      NULL, NULL, &model.offsets[n], NULL) == HN_OK);
        while (journal_committed(journal) < journal_end(journal))
            (void)nanosleep(&pause, NULL);
    }
    model.offsets[RECORDS] = journal_end(journal);
    while (options.compress && folder_file(options.dir, ".hnj", 1, path, sizeof path))
        (void)nanosleep(&pause, NULL);
    journal_close(journal);
}

static void clean_up(void)
{
    folder_free(model.dir[0]);
    folder_free(model.dir[1]);
    folder_free(model.work);
}

static void set_up(void)
{
    if (model.work != NULL)
        return;
    build(0);
    build(1);
    model.work = folder_new();
    (void)atexit(clean_up);
}

struct coverage {
    uint64_t pos;
    bool known; /* the records are those of the model */
};

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    struct coverage *coverage = ctx;

    check(damage->start >= coverage->pos && damage->end > damage->start);
    check(!coverage->known || damage->start == coverage->pos);
    coverage->pos = damage->end;
}

static void check_record(struct coverage *coverage, const struct journal_record *record)
{
    unsigned n = 0;
    char text[64];

    check(record->offset >= coverage->pos);
    check(record->next == record->offset + 32 + record->payload.len);
    coverage->pos = record->next;
    if (!coverage->known)
        return;
    while (n < RECORDS && model.offsets[n] != record->offset)
        n++;
    check(n < RECORDS && record->next == model.offsets[n + 1] && record->received == 5);
    check(hn_text_eq(hn_bytes_as_text(record->payload), hn_text_of(text, payload_write(n, text))));
}

static void read_all(bool known)
{
    struct coverage coverage = { .known = known };
    struct journal_reader *reader;
    struct journal_record record;
    enum hn_status status;

    check(journal_reader_open_dir(model.work, 0, on_damage, &coverage, &reader, NULL) == HN_OK);
    while ((status = journal_read(reader, 0, &record, NULL)) == HN_OK)
        check_record(&coverage, &record);
    check(status == HN_NOTFOUND || status == HN_NOMEM);
    check(!known || coverage.pos == model.offsets[RECORDS]);
    journal_reader_close(reader);
}

static void change(const uint8_t *data, size_t size, const char *ending)
{
    char path[PATH_ROOM];
    unsigned files = 0;

    while (folder_file(model.work, ending, files, path, sizeof path))
        files++;
    check(files > 0);
    for (; size >= 4; data += 4, size -= 4) {
        FILE *file;
        long at = data[1] + 256L * data[2];
        int byte;

        check(folder_file(model.work, ending, data[0] % files, path, sizeof path));
        file = fopen(path, "r+be");
        check(file != NULL);
        if (fseek(file, at, SEEK_SET) == 0 && (byte = fgetc(file)) != EOF &&
                fseek(file, at, SEEK_SET) == 0)
            (void)fputc(byte ^ data[3], file);
        (void)fclose(file);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    set_up();
    if (size == 0)
        return 0;
    if (data[0] < 2) {
        folder_copy(model.dir[data[0]], model.work);
        change(data + 1, size - 1, data[0] == 0 ? ".hnj" : ".hnj.zst");
    } else {
        char path[PATH_ROOM];
        FILE *file;

        folder_empty(model.work);
        (void)snprintf(path, sizeof path, "%s/0000000000000000.hnj%s", model.work,
                data[0] % 2 == 0 ? "" : ".zst");
        file = fopen(path, "wbe");
        check(file != NULL && fwrite(data + 1, 1, size - 1, file) == size - 1);
        check(fclose(file) == 0);
    }
    read_all(data[0] < 2);
    return 0;
}
