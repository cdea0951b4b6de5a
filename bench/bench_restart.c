/* bench: intake */
/* bench_restart.c - a journal as a day of events leaves it, for measuring how long a start takes.
 *
 *     bench_restart JOURNAL-DIR [gigabytes, default 26]
 *
 * Batches of 64 KiB, each of 109 events of 600 bytes with a key of its own, through the intake and
 * made durable; 26 GB are 24 hours of 500 events a second. docs/performance.md says how the server
 * is started on it. */
#include "base/hash.h"
#include "intake/intake.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVENT_BYTES 600u
#define EVENTS      109u

static atomic_uint failed;

static void on_done(void *ctx, enum hn_status status)
{
    (void)ctx;
    if (status != HN_OK)
        atomic_fetch_add(&failed, 1);
}

static void must(int fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

/* Texts that do not repeat exactly, so that compression has something to do. */
static void fill(char body[EVENTS * EVENT_BYTES + 1], uint64_t batch)
{
    for (unsigned i = 0; i < EVENTS; i++) {
        char *event = body + (size_t)i * EVENT_BYTES;
        uint64_t number = batch * EVENTS + i;
        int len = snprintf(event, EVENT_BYTES,
                "{\"Channel\":\"Security\",\"EventID\":4624,\"Computer\":\"pc%u\",\"RecordID\":%"
                "llu,"
                "\"TimeCreated\":\"2026-11-23T%02u:%02u:%02uZ\",\"IpAddress\":\"10.%u.%u.%u\","
                "\"LogonGuid\":\"%016llx\",\"Message\":\"",
                (unsigned)(number % 997), (unsigned long long)number,
                (unsigned)(number / 1800000 % 24), (unsigned)(number / 30000 % 60),
                (unsigned)(number / 500 % 60), (unsigned)(number % 251), (unsigned)(number % 241),
                (unsigned)(number % 239), (unsigned long long)hn_mix64(number));

        memset(event + len, 'm', EVENT_BYTES - 3 - (size_t)len);
        memcpy(event + EVENT_BYTES - 3, "\"}\n", 3);
    }
}

int main(int argc, char **argv)
{
    static char body[EVENTS * EVENT_BYTES + 1];
    const struct timespec pause = { .tv_nsec = 1000000 };
    struct journal_options options = { .dir = argc > 1 ? argv[1] : "", .compress = true };
    uint64_t want = (uint64_t)((argc > 2 ? strtod(argv[2], NULL) : 26) * 1e9);
    struct journal *journal;
    struct intake *intake;
    uint64_t batches = 0;

    must(argc > 1, "bench_restart JOURNAL-DIR [gigabytes]");
    must(journal_open(&options, NULL, NULL, &journal, NULL) == HN_OK, "no journal");
    must(intake_new(journal, &intake, NULL) == HN_OK, "no intake");
    while (journal_end(journal) < want) {
        char key[32];
        struct intake_batch batch = { .source = HN_TEXT("bench"),
            .format = HN_TEXT("json"),
            .stream = HN_TEXT("127.0.0.1"),
            .key = hn_text_of(key,
                    (size_t)snprintf(key, sizeof key, "batch-%llu", (unsigned long long)batches)),
            .body = hn_bytes_of(body, sizeof body - 1) };
        enum hn_status status;

        fill(body, batches);
        while ((status = intake_submit(intake, &batch, on_done, NULL, NULL, NULL)) == HN_LIMIT)
            (void)nanosleep(&pause, NULL);
        must(status == HN_OK, "a batch was refused");
        batches++;
    }
    intake_free(intake);
    journal_close(journal);
    must(failed == 0, "the journal failed");
    printf("%llu batches, %llu events\n", (unsigned long long)batches,
            (unsigned long long)batches * EVENTS);
    return 0;
}
