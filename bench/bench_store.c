/* bench: store */
/* bench_store.c - filling a store and asking it: alerts per second, and the time of each usual
 * filter's page of 100.
 *
 *     bench_store FILE [alerts, default 1000000]
 *
 * FILE is filled up to so many alerts, from where it is. A million are spread over a year, 2,000
 * hosts, 500 users, 3,000 rules of which few make most alerts, in transactions of 1,000. Each
 * question is asked 200 times, with values and places in time drawn at random; the table has the
 * median and the 99th percentile. */
#include "base/num.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ASKED 200
#define START (INT64_C(1765400000) * HN_SECOND)

static uint64_t seed = 1;
static hn_time span; /* of the alerts' times */

static uint64_t random_below(uint64_t bound)
{
    return hn_mix64(++seed) % bound;
}

/* Small numbers are much more common than large ones. */
static unsigned skewed(uint64_t bound)
{
    return (unsigned)(random_below(random_below(bound) + 1));
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void stop(const char *what, const struct hn_err *err)
{
    (void)fprintf(stderr, "%s: %s\n", what, err->msg);
    exit(1);
}

/* ---- Filling ---- */

static void apply(struct store *store, uint64_t number, hn_time at)
{
    static const uint32_t levels[] = { 1, 2, 2, 3, 3, 3, 3, 4, 4, 5 };
    static char json[4096];
    char rule[64];
    char host[64];
    char user[64];
    char address[64];
    struct hn_text addresses[1];
    struct store_alert alert = { .id = { 1, number },
        .title = HN_TEXT("Suspicious Process Started"),
        .kind = HN_TEXT("rule"),
        .source = HN_TEXT("windows"),
        .set = HN_TEXT("0f3a"),
        .techniques = HN_TEXT("T1059.001"),
        .time = at,
        .received = at + HN_SECOND,
        .offset = number,
        .len = 2000 };
    struct hn_err err = { 0 };

#define PUT(room, ...) hn_text_of(room, (size_t)snprintf(room, sizeof(room), __VA_ARGS__))
    alert.rule_id = PUT(rule, "4dc1c1fe-beec-490b-b55a-%012u", skewed(3000));
    alert.host = PUT(host, "hw-pc%04u.corp.example", skewed(2000));
    alert.user = PUT(user, "CORP\\user%03u", skewed(500));
    addresses[0] = PUT(address, "10.%u.%u.7", skewed(64), skewed(64));
    alert.addresses = addresses;
    alert.address_count = 1;
    alert.level = random_below(50) == 0 ? 5 : levels[random_below(9)];
    alert.family = random_below(20) == 0 ? HN_TEXT("Emotet") : HN_TEXT("");
    alert.json = PUT(json,
            "{\"title\":\"x\",\"event\":{\"CommandLine\":\"powershell -enc %u\",\"Image\":"
            "\"C:\\\\Windows\\\\System32\\\\x.exe\",\"pad\":\"%0512d\"},\"matches\":[{\"field\":"
            "\"CommandLine\",\"value\":\"powershell -enc %u\"}]}",
            skewed(100000), 0, skewed(100000));
#undef PUT
    if (store_apply_alert(store, &alert, NULL, &err) != HN_OK)
        stop("alert", &err);
}

static void fill(struct store *store, uint64_t alerts)
{
    hn_time step = span / (hn_time)alerts;
    double start = seconds();
    struct hn_err err = { 0 };
    uint64_t applied;
    uint64_t first;

    if (store_applied_get(store, &applied, &err) != HN_OK)
        stop("applied", &err);
    first = applied;
    seed += first;
    for (uint64_t i = first; i < alerts; i++) {
        if ((i % 1000 == 0 || i == first) && store_apply_begin(store, &applied, &err) != HN_OK)
            stop("begin", &err);
        apply(store, i, START + (hn_time)i * step);
        if ((i % 1000 == 999 || i + 1 == alerts) && store_apply_commit(store, i + 1, &err) != HN_OK)
            stop("commit", &err);
    }
    if (first < alerts)
        (void)printf("%llu alerts in %.0f s: %.0f a second\n", (unsigned long long)(alerts - first),
                seconds() - start, (double)(alerts - first) / (seconds() - start));
}

/* ---- Asking ---- */

struct question {
    const char *name;
    void (*ask)(struct store_alert_filter *filter, char *room);
};

#define ROOM 64

static void ask_nothing(struct store_alert_filter *filter, char *room)
{
    (void)room;
    filter->hidden = 0;
}

static void ask_inbox(struct store_alert_filter *filter, char *room)
{
    (void)room;
    filter->hidden = 0;
    filter->status = INCIDENT_NEW;
}

static void ask_critical(struct store_alert_filter *filter, char *room)
{
    (void)room;
    filter->level_min = 5;
}

static void ask_high(struct store_alert_filter *filter, char *room)
{
    (void)room;
    filter->level_min = 4;
}

static void ask_rule(struct store_alert_filter *filter, char *room)
{
    filter->rule_id = hn_text_of(
            room, (size_t)snprintf(room, ROOM, "4dc1c1fe-beec-490b-b55a-%012u", skewed(3000)));
}

static void ask_host(struct store_alert_filter *filter, char *room)
{
    filter->host =
            hn_text_of(room, (size_t)snprintf(room, ROOM, "hw-pc%04u.corp.example", skewed(2000)));
}

static void ask_high_on_host(struct store_alert_filter *filter, char *room)
{
    ask_host(filter, room);
    filter->level_min = 4;
}

static void ask_user(struct store_alert_filter *filter, char *room)
{
    filter->user = hn_text_of(room, (size_t)snprintf(room, ROOM, "CORP\\user%03u", skewed(500)));
}

static void ask_address(struct store_alert_filter *filter, char *room)
{
    filter->address =
            hn_text_of(room, (size_t)snprintf(room, ROOM, "10.%u.%u.7", skewed(64), skewed(64)));
}

static void ask_family(struct store_alert_filter *filter, char *room)
{
    (void)room;
    filter->family = HN_TEXT("Emotet");
}

static void ask_incident(struct store_alert_filter *filter, char *room)
{
    (void)room;
    filter->incident = 1 + (int64_t)random_below(2000);
}

static void ask_week(struct store_alert_filter *filter, char *room)
{
    (void)room;
    filter->from = START + (hn_time)random_below((uint64_t)span);
    filter->to = filter->from + 7 * HN_DAY;
}

static void ask_host_in_week(struct store_alert_filter *filter, char *room)
{
    ask_host(filter, room);
    ask_week(filter, room);
}

static void ask_rare_words(struct store_alert_filter *filter, char *room)
{
    filter->text = hn_text_of(room, (size_t)snprintf(room, ROOM, "hw-pc%04u", skewed(2000)));
}

static void ask_common_word(struct store_alert_filter *filter, char *room)
{
    (void)room;
    filter->text = HN_TEXT("powershell");
}

static const struct question questions[] = {
    { "newest that are shown", ask_nothing },
    { "new and shown", ask_inbox },
    { "level critical", ask_critical },
    { "level high and above", ask_high },
    { "rule", ask_rule },
    { "host", ask_host },
    { "host, level high and above", ask_high_on_host },
    { "user", ask_user },
    { "address", ask_address },
    { "family", ask_family },
    { "incident", ask_incident },
    { "a week", ask_week },
    { "host in a week", ask_host_in_week },
    { "words: a host", ask_rare_words },
    { "words: one that all have", ask_common_word },
};

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    uint64_t *rows = ctx;

    (void)row;
    (*rows)++;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void measure(struct store *store, const struct question *question)
{
    double times[ASKED];
    uint64_t rows = 0;

    for (int i = 0; i < ASKED; i++) {
        struct store_alert_filter filter = store_alert_filter_all();
        struct store_cursor cursor = { START + (hn_time)random_below((uint64_t)span), 0 };
        struct store_page page = { .cursor = i % 2 == 0 ? NULL : &cursor,
            .direction = i % 4 == 3 ? STORE_NEWER : STORE_OLDER };
        struct hn_err err = { 0 };
        char room[ROOM];
        double start;

        question->ask(&filter, room);
        start = seconds();
        if (store_alerts(store, &filter, &page, on_alert, &rows, &err) != HN_OK)
            stop(question->name, &err);
        times[i] = (seconds() - start) * 1000;
    }
    qsort(times, ASKED, sizeof *times, compare);
    (void)printf("| %s | %llu | %.2f | %.2f |\n", question->name,
            (unsigned long long)(rows / ASKED), times[ASKED / 2], times[ASKED * 99 / 100]);
}

int main(int argc, char **argv)
{
    struct store_options options = { .path = argc > 1 ? argv[1] : NULL };
    struct hn_err err = { 0 };
    uint64_t alerts = 1000000;
    struct store *store;

    if (argc < 2 || (argc > 2 && (!hn_parse_u64(hn_text_cstr(argv[2]), &alerts) || alerts == 0))) {
        (void)fprintf(stderr, "usage: bench_store FILE [alerts]\n");
        return 3;
    }
    if (store_open(&options, &store, &err) != HN_OK)
        stop("open", &err);
    span = (hn_time)alerts * (365 * HN_DAY / 1000000);
    fill(store, alerts);
    (void)printf("| question | rows | median ms | p99 ms |\n|---|---:|---:|---:|\n");
    for (size_t i = 0; i < HN_COUNT_OF(questions); i++)
        measure(store, &questions[i]);
    store_close(store);
    return 0;
}
