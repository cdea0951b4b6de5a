/* bench_ioc.c - memory and speed of the indicator set.
 *
 *     build/release/bench/bench_ioc FOLDER [LOGFILE]
 *     build/release/bench/bench_ioc --figures [FOLDER]
 *
 * Loads every file below FOLDER (lists, CSV, MISP, STIX, OpenIOC), then makes ten million
 * indicators, and prints for each set: time to load and to seal, bytes per indicator, resident
 * memory, nanoseconds per look-up (a value searched by ioc_match_value()), and with LOGFILE how
 * fast ioc_prefilter() passes over its lines. With --figures it takes one set, that of FOLDER or
 * the ten million, and prints what `hinomi bench` reads: a name and a number per line. */
/* bench: ioc */
#include "base/buf.h"
#include "base/mem.h"
#include "ioc/ioc.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GENERATED 10000000u
#define LOOKUPS   2000000u
#define SAMPLES   65536u
#define PATH_ROOM 4096
#define DEPTH_MAX 16
#define TEXT_ROOM 128

/* Look-ups of several kinds together, as --figures prints them. */
struct kinds {
    double total_ns;
    double slowest_ns;
    unsigned count;
};

static bool figures_only;
static struct kinds misses;
static struct kinds listed;

static double now_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Time that this thread computed: other work on the machine does not count. */
static double cpu_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double resident_mb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    char line[128] = "";
    unsigned long long pages = 0;
    char *end = line;

    if (file == NULL)
        return 0;
    if (fgets(line, sizeof line, file) != NULL) {
        (void)strtoull(line, &end, 10);
        pages = strtoull(end, NULL, 10);
    }
    (void)fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static void die(const char *what)
{
    (void)fprintf(stderr, "bench_ioc: %s\n", what);
    exit(1);
}

static struct hn_buf read_file(const char *path)
{
    struct hn_buf buf = { 0 };
    FILE *file = fopen(path, "rb");
    size_t got;

    if (file == NULL)
        die(path);
    do {
        if (!hn_buf_reserve(&buf, 1 << 16))
            die("out of memory");
        got = fread(buf.ptr + buf.len, 1, 1 << 16, file);
        buf.len += got;
    } while (got > 0);
    (void)fclose(file);
    return buf;
}

struct totals {
    uint64_t files;
    uint64_t unreadable;
    struct ioc_report report;
};

static void load_file(struct ioc_builder *builder, const char *path, struct totals *totals)
{
    struct hn_buf buf = read_file(path);
    struct ioc_input input = { .name = hn_text_cstr(path),
        .bytes = hn_text_as_bytes(hn_buf_text(&buf)) };

    totals->files++;
    if (ioc_load(builder, &input, &totals->report, NULL) != HN_OK)
        totals->unreadable++;
    hn_buf_deinit(&buf);
}

/* Folders wait in a fixed stack, so that depth is bounded. */
static void load_folder(struct ioc_builder *builder, const char *root, struct totals *totals)
{
    static char stack[DEPTH_MAX * 64][PATH_ROOM];
    size_t count = 0;

    (void)snprintf(stack[count++], PATH_ROOM, "%s", root);
    while (count > 0) {
        char folder[PATH_ROOM];
        const struct dirent *entry;
        DIR *dir;

        memcpy(folder, stack[--count], sizeof folder);
        dir = opendir(folder);
        while (dir != NULL && (entry = readdir(dir)) != NULL) {
            char path[PATH_ROOM + 256];
            struct stat status;

            if (entry->d_name[0] == '.')
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if (stat(path, &status) != 0 || strlen(path) >= PATH_ROOM)
                continue;
            if (S_ISDIR(status.st_mode) && count < HN_COUNT_OF(stack))
                memcpy(stack[count++], path, strlen(path) + 1);
            else if (S_ISREG(status.st_mode))
                load_file(builder, path, totals);
        }
        if (dir != NULL)
            (void)closedir(dir);
    }
}

/* ---- Look-ups ---- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static bool count_hit(void *ctx, const struct ioc_hit *hit)
{
    uint64_t *hits = ctx;

    (void)hit;
    ++*hits;
    return true;
}

struct sample {
    char text[TEXT_ROOM];
    size_t len;
};

static double measure(const struct ioc_set *set, const struct sample *samples, uint64_t *hits)
{
    double start = cpu_s();

    for (unsigned i = 0; i < LOOKUPS; i++) {
        const struct sample *sample = &samples[i % SAMPLES];

        (void)ioc_match_value(
                set, hn_text_of(sample->text, sample->len), IOC_HINT_HOST, count_hit, hits);
    }
    return (cpu_s() - start) / LOOKUPS * 1e9;
}

static void show_text(const struct ioc_set *set, const char *what, const struct sample *samples)
{
    uint64_t hits = 0;
    double ns = measure(set, samples, &hits);

    if (!figures_only)
        printf("  %-37s %7.1f ns   (%.1f %% hits)\n", what, ns, (double)hits * 100.0 / LOOKUPS);
}

static void show_look_up(const struct ioc_set *set, const char *what, const struct sample *samples,
        struct kinds *kinds)
{
    uint64_t hits = 0;
    double ns = measure(set, samples, &hits);

    kinds->total_ns += ns;
    kinds->count++;
    if (ns > kinds->slowest_ns)
        kinds->slowest_ns = ns;
    if (!figures_only)
        printf("  look-up, %-28s %7.1f ns   (%.1f %% hits)\n", what, ns,
                (double)hits * 100.0 / LOOKUPS);
}

static void show_kinds(const char *name, const struct kinds *kinds)
{
    printf("%s_ns %.1f\n%s_slowest_ns %.1f\n", name,
            kinds->count == 0 ? 0.0 : kinds->total_ns / kinds->count, name, kinds->slowest_ns);
}

static void write_sample(struct sample *sample, const char *text, size_t len)
{
    sample->len = len < TEXT_ROOM ? len : TEXT_ROOM;
    memcpy(sample->text, text, sample->len);
}

static void measure_hits(const struct ioc_set *set, struct sample *samples, enum ioc_type type)
{
    struct ioc_stats stats;
    struct hn_buf text = { 0 };
    uint64_t state = 88172645463325252u;
    char what[64];

    ioc_set_stats(set, &stats);
    if (stats.by_type[type] == 0)
        return;
    for (unsigned i = 0; i < SAMPLES;) {
        uint32_t index = (uint32_t)(next_random(&state) % stats.listings);
        struct ioc_indicator indicator;

        if (!ioc_set_get(set, index, &indicator) || indicator.type != type || indicator.prefix)
            continue;
        hn_buf_reset(&text);
        ioc_set_write(set, index, false, &text);
        write_sample(&samples[i++], text.ptr, text.len);
    }
    (void)snprintf(what, sizeof what, "%s, listed", ioc_type_name(type));
    show_look_up(set, what, samples, &listed);
    hn_buf_deinit(&text);
}

static void measure_misses(const struct ioc_set *set, struct sample *samples)
{
    uint64_t state = 2463534242u;
    char text[TEXT_ROOM];

    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t r = next_random(&state);
        int len = snprintf(text, sizeof text, "www%llu.host%llx.example-%llu.com",
                (unsigned long long)(r & 7), (unsigned long long)(r >> 8 & 0xFFFFF),
                (unsigned long long)(r >> 40 & 0xFFF));

        write_sample(&samples[i], text, (size_t)len);
    }
    show_look_up(set, "4-label name, not listed", samples, &misses);
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t r = next_random(&state);
        int len = snprintf(text, sizeof text, "%u.%u.%u.%u", (unsigned)(r & 127) + 1,
                (unsigned)(r >> 8 & 255), (unsigned)(r >> 16 & 255), (unsigned)(r >> 24 & 255));

        write_sample(&samples[i], text, (size_t)len);
    }
    show_look_up(set, "IPv4, mostly not listed", samples, &misses);
    for (unsigned i = 0; i < SAMPLES; i++) {
        int len = snprintf(text, sizeof text, "%016llx%016llx%016llx%016llx",
                (unsigned long long)next_random(&state), (unsigned long long)next_random(&state),
                (unsigned long long)next_random(&state), (unsigned long long)next_random(&state));

        write_sample(&samples[i], text, (size_t)len);
    }
    show_look_up(set, "SHA-256, not listed", samples, &misses);
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t r = next_random(&state);
        int len = snprintf(text, sizeof text,
                "https://cdn%llu.site%llx.com/assets/%llx/app.js?v=%llu",
                (unsigned long long)(r & 7), (unsigned long long)(r >> 8 & 0xFFFF),
                (unsigned long long)(r >> 24 & 0xFFFF), (unsigned long long)(r >> 40 & 0xFF));

        write_sample(&samples[i], text, (size_t)len);
    }
    show_look_up(set, "URL, not listed", samples, &misses);
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t r = next_random(&state);
        int len = snprintf(text, sizeof text,
                "\"C:\\Windows\\System32\\cmd%llu.exe\" /c copy %llx.txt D:\\data\\%llx",
                (unsigned long long)(r & 7), (unsigned long long)(r >> 8 & 0xFFFF),
                (unsigned long long)(r >> 24 & 0xFFFF));

        write_sample(&samples[i], text, (size_t)len);
    }
    show_text(set, "command line, nothing listed", samples);
}

static void measure_prefilter(const struct ioc_set *set, const char *path)
{
    struct hn_buf buf = read_file(path);
    struct hn_text rest = hn_buf_text(&buf);
    struct hn_text line;
    uint64_t lines = 0;
    uint64_t passed = 0;
    double start = cpu_s();
    double spent;

    while (hn_text_line(&rest, &line)) {
        lines++;
        passed += ioc_prefilter(set, hn_text_as_bytes(line));
    }
    spent = cpu_s() - start;
    printf("  prefilter: %llu lines, %.0f MB, %.2f GB/s, %.3f %% may hold something\n",
            (unsigned long long)lines, (double)buf.len / 1e6, (double)buf.len / spent / 1e9,
            lines == 0 ? 0.0 : (double)passed * 100.0 / (double)lines);
    hn_buf_deinit(&buf);
}

static void show_set(const struct ioc_stats *stats, double load_s, double seal_s)
{
    printf("  load %.2f s, seal %.2f s, %u listings, %u indicators, %u duplicates\n", load_s,
            seal_s, stats->listings, stats->indicators, stats->duplicates);
    printf("  %.1f MB, %.1f bytes per listing, resident %.1f MB\n",
            (double)stats->memory_bytes / 1e6, (double)stats->memory_bytes / stats->listings,
            resident_mb());
    for (unsigned type = 0; type < IOC_TYPE_COUNT; type++) {
        if (stats->by_type[type] > 0)
            printf("    %-9s %9u\n", ioc_type_name((enum ioc_type)type), stats->by_type[type]);
    }
}

static void show(struct ioc_builder *builder, double load_s, const char *log)
{
    static struct sample samples[SAMPLES];
    struct ioc_set *set;
    struct ioc_stats stats;
    double start = now_s();

    if (ioc_seal(builder, &set, NULL) != HN_OK)
        die("seal failed");
    ioc_set_stats(set, &stats);
    if (figures_only) {
        printf("indicators %u\nmemory_mb %.1f\n", stats.indicators,
                (double)stats.memory_bytes / 1e6);
    } else {
        show_set(&stats, load_s, now_s() - start);
    }
    measure_misses(set, samples);
    measure_hits(set, samples, IOC_DOMAIN);
    measure_hits(set, samples, IOC_IPV4);
    measure_hits(set, samples, IOC_SHA256);
    measure_hits(set, samples, IOC_URL);
    if (log != NULL)
        measure_prefilter(set, log);
    if (figures_only) {
        show_kinds("miss", &misses);
        show_kinds("hit", &listed);
    }
    ioc_set_unref(set);
}

/* Nine in twenty are domains, the rest addresses, hashes and URLs. */
static void generate(struct ioc_builder *builder)
{
    uint64_t state = 0x9E3779B97F4A7C15u;
    struct hn_buf list = { 0 };
    struct ioc_report report = { 0 };

    for (unsigned i = 0; i < GENERATED;) {
        struct ioc_input input = { .name = HN_TEXT("generated.txt"),
            .format = IOC_FORMAT_LIST_PLAIN };

        hn_buf_reset(&list);
        for (unsigned k = 0; k < 100000 && i < GENERATED; k++, i++) {
            uint64_t r = next_random(&state);
            uint64_t s = next_random(&state);

            if (r % 20 < 9) {
                hn_buf_addf(&list, "%llx.%s%llx.example\n", (unsigned long long)(r >> 40),
                        r & 64 ? "mail" : "update", (unsigned long long)(s >> 44));
            } else if (r % 20 < 14) {
                hn_buf_addf(&list, "%u.%u.%u.%u\n", (unsigned)(s % 126) + 1,
                        (unsigned)(s >> 8 & 255), (unsigned)(s >> 16 & 255),
                        (unsigned)(s >> 24 & 255));
            } else if (r % 20 < 18) {
                hn_buf_addf(&list, "%016llx%016llx%016llx%016llx\n", (unsigned long long)r,
                        (unsigned long long)s, (unsigned long long)(r ^ s << 7),
                        (unsigned long long)(s ^ r << 9));
            } else {
                hn_buf_addf(&list, "http://host%llx.example/%llx/a.php\n",
                        (unsigned long long)(r >> 48), (unsigned long long)(s >> 32));
            }
        }
        input.bytes = hn_text_as_bytes(hn_buf_text(&list));
        if (ioc_load(builder, &input, &report, NULL) != HN_OK)
            die("generated list failed");
    }
    hn_buf_deinit(&list);
    ioc_report_deinit(&report);
}

static void show_totals(const char *folder, const struct totals *totals)
{
    printf("%s: %llu files (%llu unreadable), %llu entries, %llu rejected, %llu skipped\n", folder,
            (unsigned long long)totals->files, (unsigned long long)totals->unreadable,
            (unsigned long long)totals->report.entries, (unsigned long long)totals->report.rejected,
            (unsigned long long)totals->report.skipped);
    for (unsigned i = 0; i < IOC_REASON_COUNT; i++) {
        if (totals->report.by_reason[i] > 0)
            printf("    %-12s %9llu\n", ioc_reason_id((enum ioc_reason)i),
                    (unsigned long long)totals->report.by_reason[i]);
    }
}

int main(int argc, char **argv)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    const char *folder;
    const char *log;
    double start = now_s();

    if (builder == NULL)
        die("out of memory");
    figures_only = argc > 1 && strcmp(argv[1], "--figures") == 0;
    argc -= figures_only;
    argv += figures_only;
    folder = argc > 1 ? argv[1] : NULL;
    log = argc > 2 ? argv[2] : NULL;
    if (folder != NULL) {
        struct totals totals = { 0 };

        load_folder(builder, folder, &totals);
        if (!figures_only)
            show_totals(folder, &totals);
        ioc_report_deinit(&totals.report);
        show(builder, now_s() - start, log);
    }
    if (folder == NULL || !figures_only) {
        start = now_s();
        generate(builder);
        if (!figures_only)
            printf("generated: %u lines\n", GENERATED);
        show(builder, now_s() - start, log);
    }
    ioc_builder_free(builder);
    return 0;
}
