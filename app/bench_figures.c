/* bench_figures.c - the measurements of docs/performance.md.
 *
 * Compared programs take turns, so that a machine that gets slower or busier does so for both, and
 * a ratio is the median of those of the turns. What one thread does is measured in processor time,
 * less that of the same command with an empty input (start, rules); what two threads gain, in time
 * passed, the shortest of all turns. */
#include "app/bench_figures.h"

#include "app/files.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM       4200
#define MATCHING_EVENTS 100000u

bool bench_reached(const struct bench_figure *figure)
{
    if (!figure->measured)
        return false;
    return figure->bound == BENCH_NO_BOUND ||
           (figure->bound == BENCH_AT_LEAST ? figure->value >= figure->wanted
                                            : figure->value <= figure->wanted);
}

static bool wanted(const struct bench *bench, const char *ids)
{
    return bench->only == NULL || strstr(ids, bench->only) != NULL;
}

static void HN_PRINTF(4, 5)
        add(struct bench *bench, struct bench_figure figure, bool measured, const char *detail, ...)
{
    va_list args;

    if (bench->figure_count == BENCH_FIGURES_MAX || bench_interrupted())
        return;
    figure.measured = measured;
    va_start(args, detail);
    (void)vsnprintf(figure.detail, sizeof figure.detail, detail, args);
    va_end(args);
    bench->figures[bench->figure_count++] = figure;
    bench->on_figure(bench->ctx, &figure);
}

static void path_of(char *out, const char *folder, const char *name)
{
    (void)snprintf(out, PATH_ROOM, "%s/%s", folder, name);
}

static double megabytes(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 ? (double)status.st_size / 1e6 : 0;
}

/* ---- hinomi scan ---- */

struct scan_run {
    const char *threads;
    const char *input; /* NULL: an empty file */
    const char *feed;
    uint64_t feed_bytes;
    bool no_cache;
};

/* Alerts go to a file, as users would have it. */
static struct bench_usage scan(const struct bench *bench, const struct scan_run *run)
{
    char rules[PATH_ROOM];
    char alerts[PATH_ROOM];
    char empty[PATH_ROOM];
    const char *argv[16] = { bench->self, "scan", "-q", "-r", rules, "-o", "jsonl", "--out", alerts,
        "-j", run->threads, run->input };
    struct bench_command command = {
        .argv = argv, .feed_path = run->feed, .feed_bytes = run->feed_bytes
    };
    size_t count = 12;
    int fd;

    path_of(rules, bench->data, "sigma");
    path_of(alerts, bench->folder, "alerts.jsonl");
    path_of(empty, bench->folder, "empty");
    fd = open(empty, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)close(fd);
    if (run->input == NULL)
        argv[11] = empty;
    if (run->no_cache)
        argv[count++] = "--no-cache";
    argv[count] = NULL;
    return bench_run(&command);
}

static struct bench_usage scan_file(
        const struct bench *bench, const char *threads, const char *path)
{
    struct scan_run run = { .threads = threads, .input = path };

    return scan(bench, &run);
}

/* The next ratio of a peer's processor time to that of a scan; false when one of them failed. */
static bool take_turn(const struct bench *bench, const char *path, double peer_s, double *ret_ratio,
        double *ret_scan_s)
{
    struct bench_usage empty = scan_file(bench, "1", NULL);
    struct bench_usage full = scan_file(bench, "1", path);
    double took = full.cpu_s - empty.cpu_s;

    *ret_scan_s = took;
    *ret_ratio = took > 0 ? peer_s / took : 0;
    return empty.ok && full.ok && took > 0;
}

/* ---- Streams of JSON ---- */

struct simdjson {
    double load_s;
    double parse_s; /* the shorter of its two ways; negative: it failed */
};

static struct simdjson run_simdjson(const struct bench *bench, const char *path)
{
    char program[PATH_ROOM];
    const char *argv[] = { program, path, NULL };
    struct hn_buf out = { 0 };
    struct bench_command command = { .argv = argv, .ret_output = &out };
    struct simdjson result = { 0, -1 };

    path_of(program, bench->peers, "bench_simdjson");
    if (access(program, X_OK) == 0 && bench_run(&command).ok) {
        double line_s = bench_value(hn_buf_text(&out), "line_s");
        double many_s = bench_value(hn_buf_text(&out), "many_s");

        result.load_s = bench_value(hn_buf_text(&out), "load_s");
        result.parse_s = many_s > 0 && many_s < line_s ? many_s : line_s;
    }
    hn_buf_deinit(&out);
    return result;
}

/* One stream: how fast, and against simdjson without and with reading the file, as scan does. */
struct stream_figures {
    struct bench_figure rate;
    struct bench_figure parse;
    struct bench_figure whole;
};

static struct stream_figures stream_figures(
        const char *const ids[3], const char *title, const char *title_ja, double least)
{
    struct stream_figures figures = {
        .rate = { .id = ids[0], .title = title, .title_ja = title_ja, .unit = "MB/s" },
        .parse = { .id = ids[1],
                .title = "... of the speed of simdjson's bare DOM parse",
                .title_ja = "... simdjson の DOM 解析だけの速さに対して",
                .unit = "x",
                .bound = BENCH_AT_LEAST,
                .wanted = least },
        .whole = { .id = ids[2],
                .title = "... of that of simdjson reading and parsing",
                .title_ja = "... simdjson の読み込みと解析に対して",
                .unit = "x" },
    };

    return figures;
}

static void measure_stream(struct bench *bench, const char *path, struct stream_figures figures)
{
    double ratios[BENCH_RUNS_MAX];
    double wholes[BENCH_RUNS_MAX];
    double scans[BENCH_RUNS_MAX];
    double peers[BENCH_RUNS_MAX];
    double size = megabytes(path);
    unsigned done = 0;
    bool has_peer = true;
    double scan_s;

    for (; done < bench->runs; done++) {
        struct simdjson peer = run_simdjson(bench, path);

        has_peer = has_peer && peer.parse_s > 0;
        if (!take_turn(bench, path, peer.parse_s, &ratios[done], &scans[done]))
            break;
        peers[done] = peer.parse_s;
        wholes[done] = (peer.load_s + peer.parse_s) / scans[done];
    }
    scan_s = bench_median(scans, done);
    figures.rate.value = scan_s > 0 ? size / scan_s : 0;
    add(bench, figures.rate, done > 0, "%.1f MB in %.3f s of processor time, %u runs", size, scan_s,
            done);
    if (!has_peer) {
        add(bench, figures.parse, false,
                "bench_simdjson is missing: apt-get install libsimdjson-dev g++, then build the "
                "release preset");
        return;
    }
    figures.parse.value = bench_median(ratios, done);
    figures.whole.value = bench_median(wholes, done);
    add(bench, figures.parse, done > 0, "simdjson %.3f s in memory, scan %.3f s from the file",
            bench_median(peers, done), scan_s);
    add(bench, figures.whole, done > 0, "both read the file");
}

static const char *const json_ids[3] = { "json_rate", "json_parse", "json_read_parse" };
static const char *const match_ids[3] = { "match_rate", "match_parse", "match_read_parse" };

static void measure_otrf(struct bench *bench, const char *path, bool have)
{
    struct stream_figures figures = stream_figures(
            json_ids, "Windows events as JSON, all rules", "Windows イベント(JSON)に全ルール", 0.5);

    if (!wanted(bench, "json_rate json_parse json_read_parse"))
        return;
    if (have)
        measure_stream(bench, path, figures);
    else
        add(bench, figures.parse, false, "data/otrf is not there (--data)");
}

static void measure_matching(struct bench *bench)
{
    struct stream_figures figures = stream_figures(
            match_ids, "Process creations that all match", "全件が一致するプロセス生成", 0.25);
    char path[PATH_ROOM];

    if (!wanted(bench, "match_rate match_parse match_read_parse"))
        return;
    path_of(path, bench->folder, "matching.ndjson");
    if (bench->data != NULL && bench_write_matching(bench->data, path, MATCHING_EVENTS))
        measure_stream(bench, path, figures);
    else
        add(bench, figures.parse, false, "data/sigma-regression is not there (--data)");
    (void)unlink(path);
}

/* ---- EVTX ---- */

static bool is_evtx(const char *name)
{
    return hn_text_ends_nocase(hn_text_cstr(name), HN_TEXT(".evtx"));
}

/* All files by evtx_dump, one process each, less what so many processes that do nothing take. */
static double evtx_dump_s(const struct bench *bench, const struct file_list *files)
{
    char out[PATH_ROOM];
    const char *argv[] = { bench->evtx_dump, "-t", "1", "-o", "jsonl", NULL, NULL };
    const char *idle[] = { bench->evtx_dump, "--version", NULL };
    struct bench_command command = { .argv = argv, .out_path = out };
    struct bench_command nothing = { .argv = idle };
    double total = 0;

    path_of(out, bench->folder, "events.jsonl");
    for (size_t i = 0; i < files->count && !bench_interrupted(); i++) {
        argv[5] = files->ptr[i];
        total += bench_run(&command).cpu_s - bench_run(&nothing).cpu_s;
    }
    (void)unlink(out);
    return total;
}

static void measure_evtx(struct bench *bench)
{
    struct bench_figure ratio = { .id = "evtx_ratio",
        .title = "EVTX with all rules, times as fast as evtx_dump",
        .title_ja = "EVTX に全ルール、evtx_dump の何倍の速さか",
        .unit = "x",
        .bound = BENCH_AT_LEAST,
        .wanted = 1 };
    struct file_list files = { 0 };
    char folder[PATH_ROOM];
    double ratios[BENCH_RUNS_MAX];
    double scans[BENCH_RUNS_MAX];
    double peers[BENCH_RUNS_MAX];
    unsigned done = 0;

    if (!wanted(bench, "evtx_ratio"))
        return;
    path_of(folder, bench->data == NULL ? "" : bench->data, "evtx");
    if (bench->evtx_dump == NULL || access(bench->evtx_dump, X_OK) != 0) {
        add(bench, ratio, false,
                "evtx_dump is missing: cargo install evtx --version 0.12.2 --locked --root DIR, "
                "then --evtx-dump DIR/bin/evtx_dump");
        return;
    }
    if (files_find(folder, NULL, is_evtx, &files, NULL) == HN_OK && files.count > 0) {
        for (; done < bench->runs; done++) {
            peers[done] = evtx_dump_s(bench, &files);
            if (!take_turn(bench, folder, peers[done], &ratios[done], &scans[done]))
                break;
        }
    }
    ratio.value = bench_median(ratios, done);
    if (done > 0) {
        add(bench, ratio, true, "%zu files: evtx_dump as JSON lines %.3f s, scan %.3f s",
                files.count, bench_median(peers, done), bench_median(scans, done));
    } else {
        add(bench, ratio, false, "data/evtx is not there (--data)");
    }
    file_list_deinit(&files);
}

/* ---- Threads, memory, rules ---- */

static void shorten(double *best, double value)
{
    if (*best <= 0 || value < *best)
        *best = value;
}

static void measure_threads(struct bench *bench, const char *path, bool have)
{
    struct bench_figure figure = { .id = "threads_ratio",
        .title = "Two threads, times as fast as one",
        .title_ja = "2 スレッドは 1 スレッドの何倍の速さか",
        .unit = "x",
        .bound = BENCH_AT_LEAST,
        .wanted = 1.8 };
    double best[3] = { 0 };

    if (!wanted(bench, "threads_ratio"))
        return;
    if (!have || sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        add(bench, figure, false, "needs two processors and data/otrf");
        return;
    }
    for (unsigned i = 0; i < bench->runs; i++) {
        shorten(&best[0], scan_file(bench, "2", NULL).wall_s);
        shorten(&best[1], scan_file(bench, "1", path).wall_s);
        shorten(&best[2], scan_file(bench, "2", path).wall_s);
    }
    figure.value = best[2] > best[0] ? (best[1] - best[0]) / (best[2] - best[0]) : 0;
    add(bench, figure, best[2] > best[0],
            "one %.3f s, two %.3f s, best of %u, without %.3f s of start", best[1] - best[0],
            best[2] - best[0], bench->runs, best[0]);
}

static void measure_memory(struct bench *bench, const char *path, bool have)
{
    struct bench_figure once = { .id = "memory_file",
        .title = "Peak memory, all rules, one file",
        .title_ja = "最大メモリー(全ルール、1 ファイル)",
        .unit = "MB",
        .bound = BENCH_AT_MOST,
        .wanted = 100 };
    struct bench_figure stream = { .id = "memory_stream",
        .title = "Peak memory, the same from a long stream",
        .title_ja = "最大メモリー(同じものを長いストリームで)",
        .unit = "MB",
        .bound = BENCH_AT_MOST,
        .wanted = 100 };
    struct scan_run run = { .threads = "2", .input = "-", .feed = path };
    struct bench_usage usage;

    if (!wanted(bench, "memory_file memory_stream"))
        return;
    if (!have) {
        add(bench, once, false, "data/otrf is not there (--data)");
        return;
    }
    usage = scan_file(bench, "2", path);
    once.value = usage.peak_mb;
    add(bench, once, usage.ok, "%.1f MB read, two threads", megabytes(path));
    run.feed_bytes = bench->stream_bytes;
    usage = scan(bench, &run);
    stream.value = usage.peak_mb;
    add(bench, stream, usage.ok, "%.1f GB through standard input, two threads",
            (double)bench->stream_bytes / 1e9);
}

static void measure_rules(struct bench *bench)
{
    struct bench_figure first = { .id = "rules_first",
        .title = "Start with all rules, no cache",
        .title_ja = "全ルールでの起動(キャッシュなし)",
        .unit = "s",
        .bound = BENCH_AT_MOST,
        .wanted = 1.5 };
    struct bench_figure cached = { .id = "rules_cached",
        .title = "Start with all rules, from the cache",
        .title_ja = "全ルールでの起動(キャッシュあり)",
        .unit = "s",
        .bound = BENCH_AT_MOST,
        .wanted = 0.3 };
    struct scan_run slow = { .threads = "1", .no_cache = true };
    double best[2] = { 0 };
    double cpu[2] = { 0 };
    bool ok = bench->data != NULL;

    if (!wanted(bench, "rules_first rules_cached"))
        return;
    for (unsigned i = 0; ok && i < bench->runs; i++) {
        struct bench_usage usage = scan(bench, &slow);

        ok = usage.ok;
        shorten(&best[0], usage.wall_s);
        shorten(&cpu[0], usage.cpu_s);
        usage = scan_file(bench, "1", NULL);
        shorten(&best[1], usage.wall_s);
        shorten(&cpu[1], usage.cpu_s);
    }
    first.value = best[0];
    cached.value = best[1];
    add(bench, first, ok,
            "whole process with nothing to scan, best of %u; %.3f s of processor time", bench->runs,
            cpu[0]);
    add(bench, cached, ok, "the same; %.3f s of processor time", cpu[1]);
}

/* ---- Correlations and indicators ---- */

static bool run_bench(const struct bench *bench, const char *name, const char *argument,
        struct hn_buf *out, struct bench_usage *ret_usage)
{
    char program[PATH_ROOM];
    const char *argv[] = { program, "--figures", argument, NULL };
    struct bench_command command = { .argv = argv, .ret_output = out };

    path_of(program, bench->peers, name);
    if (access(program, X_OK) != 0)
        return false;
    *ret_usage = bench_run(&command);
    return ret_usage->ok;
}

static void measure_values(struct bench *bench)
{
    struct bench_figure figure = { .id = "values_ratio",
        .title = "value_count: a million in the window, cost per event against a hundred",
        .title_ja = "value_count: 窓に 100 万種、100 種に対する 1 件の費用",
        .unit = "x",
        .bound = BENCH_AT_MOST,
        .wanted = 1 };
    double ratios[BENCH_RUNS_MAX];
    double hundred = 0;
    double million = 0;
    unsigned done = 0;

    if (!wanted(bench, "values_ratio"))
        return;
    for (; done < bench->runs; done++) {
        struct hn_buf out = { 0 };
        struct bench_usage usage;
        bool ok = run_bench(bench, "bench_correlate", NULL, &out, &usage);

        hundred = bench_value(hn_buf_text(&out), "hundred_ns");
        million = bench_value(hn_buf_text(&out), "million_ns");
        hn_buf_deinit(&out);
        if (!ok || hundred <= 0)
            break;
        ratios[done] = million / hundred;
    }
    figure.value = bench_median(ratios, done);
    if (done > 0)
        add(bench, figure, true, "last run: %.0f ns and %.0f ns per hit", hundred, million);
    else
        add(bench, figure, false, "bench_correlate is missing: build the release preset");
}

static void measure_indicators(struct bench *bench, const char *folder, struct bench_figure memory,
        struct bench_figure miss, struct bench_figure hit)
{
    struct hn_buf out = { 0 };
    struct bench_usage usage;

    if (run_bench(bench, "bench_ioc", folder, &out, &usage)) {
        struct hn_text text = hn_buf_text(&out);
        double count = bench_value(text, "indicators");

        memory.value = usage.peak_mb;
        miss.value = bench_value(text, "miss_ns");
        hit.value = bench_value(text, "hit_ns");
        add(bench, memory, true,
                "%.0f indicators, set %.1f MB; peak of the process that loads them", count,
                bench_value(text, "memory_mb"));
        add(bench, miss, true, "mean over domain, address, hash, URL; slowest kind %.0f ns",
                bench_value(text, "miss_slowest_ns"));
        add(bench, hit, true, "mean over the kinds listed; slowest kind %.0f ns",
                bench_value(text, "hit_slowest_ns"));
    } else {
        add(bench, memory, false, "bench_ioc is missing: build the release preset");
    }
    hn_buf_deinit(&out);
}

static struct bench_figure figure_of(
        const char *id, const char *title, const char *title_ja, const char *unit, double most)
{
    return (struct bench_figure){ .id = id,
        .title = title,
        .title_ja = title_ja,
        .unit = unit,
        .bound = most > 0 ? BENCH_AT_MOST : BENCH_NO_BOUND,
        .wanted = most };
}

static void measure_all_indicators(struct bench *bench)
{
    char folder[PATH_ROOM];

    path_of(folder, bench->data == NULL ? "" : bench->data, "intel/maltrail");
    if (wanted(bench, "ioc_maltrail") && access(folder, R_OK) == 0) {
        measure_indicators(bench, folder,
                figure_of("ioc_maltrail_memory", "Maltrail's indicators, peak memory",
                        "Maltrail の指標、最大メモリー", "MB", 1000),
                figure_of("ioc_maltrail_miss", "... look-up of what is not listed",
                        "... 載っていないものの照合", "ns", 200),
                figure_of("ioc_maltrail_hit", "... look-up of what is listed",
                        "... 載っているものの照合", "ns", 0));
    }
    if (wanted(bench, "ioc_ten_million")) {
        measure_indicators(bench, NULL,
                figure_of("ioc_ten_million_memory", "Ten million indicators, peak memory",
                        "1,000 万件の指標、最大メモリー", "MB", 1000),
                figure_of("ioc_ten_million_miss", "... look-up of what is not listed",
                        "... 載っていないものの照合", "ns", 200),
                figure_of("ioc_ten_million_hit", "... look-up of what is listed",
                        "... 載っているものの照合", "ns", 0));
    }
}

void bench_measure(struct bench *bench)
{
    char otrf[PATH_ROOM];
    char alerts[PATH_ROOM];
    char empty[PATH_ROOM];
    bool have;

    path_of(otrf, bench->folder, "otrf.ndjson");
    path_of(alerts, bench->folder, "alerts.jsonl");
    path_of(empty, bench->folder, "empty");
    have = bench->data != NULL &&
           wanted(bench, "json_rate json_parse json_read_parse threads_ratio memory_file "
                         "memory_stream") &&
           bench_write_otrf(bench->data, otrf);
    measure_rules(bench);
    measure_otrf(bench, otrf, have);
    measure_matching(bench);
    measure_evtx(bench);
    measure_threads(bench, otrf, have);
    measure_memory(bench, otrf, have);
    measure_values(bench);
    measure_all_indicators(bench);
    (void)unlink(otrf);
    (void)unlink(alerts);
    (void)unlink(empty);
}
