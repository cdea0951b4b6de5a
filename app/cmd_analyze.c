/* cmd_analyze.c - hinomi analyze: samples taken apart in jailed workers, judged, and told. */
#include "app/analyze_known.h"
#include "app/analyze_out.h"
#include "app/analyze_protect.h"
#include "app/analyze_run.h"
#include "app/analyze_server.h"
#include "app/analyze_view.h"
#include "app/analyze_zip.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/files.h"
#include "app/opt_shared.h"
#include "app/rule_options.h"
#include "app/rules_load.h"
#include "app/ui.h"
#include "base/mem.h"
#include "base/num.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    O_JSON,
    O_REPORT,
    O_IOCS,
    O_STIX,
    O_MISP,
    O_RULES_OUT,
    O_GOODWARE,
    O_EXTRACT,
    O_EXTRACT_ZIP,
    O_REPLY,
    O_YARA,
    O_KNOWN_GOOD,
    O_KNOWN_BAD,
    O_CLAMD,
    O_VT,
    O_VT_KEY,
    O_VT_URL,
    O_LIMIT,
    O_RULES_DIR,
    O_LISTS,
    O_IOC,
    O_WARNINGLIST,
    O_NO_DEFANG,
    O_RESERVED,
    O_FAIL_ON,
    O_DETAILS,
    O_NO_CACHE,
    O_NO_WAIT,
};

static const struct opt_spec options[] = {
    { O_JSON, "json", '\0', OPT_TEXT, "FILE", NULL,
            "write everything as JSON, one document a line (-: standard output)",
            "すべてを JSON で書く(1 検体 1 行。-: 標準出力)" },
    { O_REPORT, "report", '\0', OPT_TEXT, "FILE", NULL,
            "write an HTML report: contents, evaluation, indicators, what to do",
            "HTML 報告書を書く(構造・経路・IoC・対応)" },
    { O_IOCS, "iocs", '\0', OPT_TEXT, "FILE", NULL,
            "write the indicators with role and origin as CSV",
            "IoC を役割・由来つきの CSV で書く" },
    { O_STIX, "stix", '\0', OPT_TEXT, "FILE", NULL, "write the indicators as a STIX 2.1 bundle",
            "IoC を STIX 2.1 で書く" },
    { O_MISP, "misp", '\0', OPT_TEXT, "FILE", NULL, "write the indicators as a MISP event",
            "IoC を MISP イベントで書く" },
    { O_RULES_OUT, "rules", '\0', OPT_TEXT, "DIR", NULL,
            "write Sigma rules with tests, tried on harmless logs",
            "Sigma ルールをテストつきで書く(正常ログで試してから)" },
    { O_GOODWARE, "goodware", '\0', OPT_TEXTS, "PATH", NULL,
            "logs in which nothing happened, for --rules, repeatable (default: the shipped ones)",
            "--rules を試す正常ログ(複数可。既定: 同梱のログ)" },
    { O_EXTRACT, "extract", '\0', OPT_TEXT, "DIR", NULL,
            "write what is in the samples into DIR, each as its SHA-256, mode 0600",
            "検体の中身を SHA-256 の名前(0600)で保存する" },
    { O_EXTRACT_ZIP, "extract-zip", '\0', OPT_TEXT, "FILE", NULL,
            "write what is in the samples into one zip with the password \"infected\"",
            "検体の中身をパスワード infected の zip に保存する" },
    { O_REPLY, "reply", '\0', OPT_TEXTS, "URL=FILE", NULL,
            "what a server sent for this URL, as you have it (nothing is asked for), repeatable",
            "URL の応答として手元にあるファイル(こちらからは何も取得しない、複数可)" },
    { O_PASSWORD, "password", '\0', OPT_TEXTS, "TEXT", NULL,
            "password to try for encrypted content, repeatable",
            "暗号化された中身のパスワード(複数可)" },
    { O_RULES_DIR, "rules-dir", 'r', OPT_TEXTS, "PATH", NULL,
            "Sigma rules: files or folders, repeatable (default: the shipped rules)",
            "Sigma ルール(ファイルまたはフォルダー、複数可。既定: 同梱ルール)" },
    { O_LISTS, "lists", '\0', OPT_TEXTS, "DIR", NULL,
            "placeholder lists: a folder of <Name>.txt, or Name=FILE, repeatable",
            "プレースホルダーの一覧: <名前>.txt のフォルダー、または 名前=ファイル" },
    { O_IOC, "ioc", '\0', OPT_TEXTS, "PATH", NULL,
            "indicators: plain lists, CSV, MISP, STIX 2.1, OpenIOC; repeatable",
            "指標(IoC): 一覧・CSV・MISP・STIX 2.1・OpenIOC(複数可)" },
    { O_WARNINGLIST, "warninglist", '\0', OPT_TEXTS, "PATH", NULL,
            "MISP warning lists: known good things that must not alert, repeatable",
            "MISP warninglist(誤検知になる既知の正常なもの)" },
    { O_YARA, "yara", '\0', OPT_TEXTS, "PATH", NULL,
            "YARA rules to hold every object against: files or folders, repeatable",
            "全オブジェクトに適用する YARA ルール(ファイルまたはフォルダー、複数可)" },
    { O_KNOWN_GOOD, "known-good", '\0', OPT_TEXTS, "FILE", NULL,
            "digests of harmless files: NSRL (RDS 2 and 3), tables, plain lists; repeatable",
            "正常なファイルのハッシュ一覧(NSRL など、複数可)" },
    { O_KNOWN_BAD, "known-bad", '\0', OPT_TEXTS, "FILE", NULL,
            "digests of malicious files, in the same forms, repeatable",
            "悪性ファイルのハッシュ一覧(複数可)" },
    { O_CLAMD, "clamd", '\0', OPT_TEXT, "ADDRESS", NULL,
            "scan with ClamAV as well: path of clamd's socket, or HOST:PORT",
            "ClamAV でも検査する(clamd のソケットのパス、または HOST:PORT)" },
    { O_VT, "vt", '\0', OPT_TEXTS, "PATH", NULL,
            "results of vendors in the JSON of VirusTotal's API 3: files or folders, repeatable",
            "VirusTotal API 3 形式の検査結果 JSON(ファイルまたはフォルダー、複数可)" },
    { O_VT_KEY, "vt-key", '\0', OPT_TEXT, "FILE", NULL,
            "file with a key: ask for results by SHA-256 (only the digest leaves this machine)",
            "API キーのファイル: SHA-256 で照会する(送信するのはハッシュのみ)" },
    { O_VT_URL, "vt-url", '\0', OPT_TEXT, "URL", NULL,
            "another service with the same API (default: " KNOWN_SERVICE_URL ")",
            "同じ API の別サービス(既定: " KNOWN_SERVICE_URL ")" },
    { O_LIMIT, "limit", '\0', OPT_TEXTS, "NAME=VALUE", NULL,
            "another limit than the default, repeatable; ? lists them",
            "制限値の変更(複数可。? で一覧)" },
    { O_NO_DEFANG, "no-defang", '\0', OPT_FLAG, NULL, NULL, "addresses as they are",
            "アドレスを無害化せずに示す" },
    { O_RESERVED, "reserved", '\0', OPT_FLAG, NULL, NULL,
            "reserved names and addresses (.example, 192.0.2.0/24) count like others: exercises",
            "予約済みの名前・アドレス(.example など)も通常どおり扱う(演習用)" },
    { O_FAIL_ON, "fail-on", '\0', OPT_CHOICE, NULL, "unknown|suspicious|malicious",
            "exit with 1 when a sample is that or worse",
            "この判定以上の検体があれば終了コード 1" },
    { O_DETAILS, "details", '\0', OPT_FLAG, NULL, NULL,
            "everything about every sample, however many there are", "全検体の詳細を示す" },
    { O_THREADS, "threads", 'j', OPT_NUMBER, "N", NULL,
            "worker threads (default: one per processor)", "スレッド数(既定: CPU 数)" },
    { O_NO_CACHE, "no-cache", '\0', OPT_FLAG, NULL, NULL,
            "neither read nor write the cache of parsed rules", "ルールのキャッシュを使わない" },
    { O_NO_WAIT, "no-wait", '\0', OPT_FLAG, NULL, NULL,
            "with a server: hand the samples in, print their ids, and end",
            "サーバーに渡して ID を表示し、結果を待たずに終了する" },
    OPT_SERVER_ROWS,
    OPT_UI_ROWS,
};

static atomic_bool interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = true;
}

/* Everything one run needs. */
struct analysis {
    const struct opt_values *values;
    struct analyze_limits limits;
    struct analyze_run *run;
    struct file_list files;
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct ioc_set *iocs;
    struct judge_set *judge;
    struct yarascan_rules *yara;
    struct known *known;
    struct hn_text *passwords;
    size_t password_count;
    struct analyze_run_reply replies[ANALYZE_REPLIES_MAX];
    size_t reply_count;
    FILE *json;
    const char *extract;
    struct analyze_zip *zip;
    struct analyze_exports exports;
    uint64_t by_verdict[4];
    uint64_t failed;
    double started;
    double drawn;
    int code;
};

static double seconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- Options ---- */

static void list_limits(const struct analyze_limits *limits)
{
    struct analyze_limit limit;
    struct hn_buf out = { 0 };

    for (size_t i = 0; analyze_limit_at(limits, i, &limit); i++)
        hn_buf_addf(&out, "%-24s %12llu  %s\n", limit.name, (unsigned long long)limit.value,
                limit.text);
    (void)ui_write(stdout, hn_buf_text(&out));
    hn_buf_deinit(&out);
}

/* EXIT_USAGE, or -1 when limits were only to be listed. */
static int read_limits(struct analysis *all)
{
    const char *const *texts;
    size_t count = opt_texts(all->values, O_LIMIT, &texts);

    all->limits = analyze_limits_default;
    for (size_t i = 0; i < count; i++) {
        struct hn_text rest = hn_text_cstr(texts[i]);
        struct hn_text name = rest;
        struct hn_err err = { 0 };
        uint64_t value = 0;

        (void)hn_text_split(&rest, '=', &name);
        if (hn_text_eq(name, HN_TEXT("?")) ||
                (rest.ptr != NULL && hn_text_eq(rest, HN_TEXT("?")))) {
            list_limits(&all->limits);
            return -1;
        }
        if (rest.ptr == NULL || !hn_parse_u64(rest, &value)) {
            ui_error("%s", UI_TEXT("--limit is NAME=NUMBER; ? lists the names",
                                   "--limit は 名前=数値 です。? で一覧を表示します"));
            return EXIT_USAGE;
        }
        if (analyze_limit_set(&all->limits, name, value, &err) != HN_OK) {
            ui_error_at(name, &err);
            return EXIT_USAGE;
        }
    }
    return EXIT_FINE;
}

static int find_files(struct analysis *all)
{
    if (all->values->operand_count == 0) {
        ui_error("%s", UI_TEXT("which file?", "ファイルを指定してください"));
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < all->values->operand_count; i++) {
        const char *path = all->values->operands[i];
        struct hn_err err = { 0 };

        if (files_find(path, NULL, NULL, &all->files, &err) != HN_OK) {
            ui_error_at(hn_text_cstr(path), &err);
            all->failed++;
        }
    }
    if (all->files.count == 0)
        return EXIT_IO;
    return EXIT_FINE;
}

/* "URL=FILE", cut at the last "=": URLs have some of their own. */
static int read_replies(struct analysis *all)
{
    const char *const *texts;

    all->reply_count = opt_texts(all->values, O_REPLY, &texts);
    if (all->reply_count > ANALYZE_REPLIES_MAX) {
        ui_error("--reply: at most %u", ANALYZE_REPLIES_MAX);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < all->reply_count; i++) {
        const char *cut = strrchr(texts[i], '=');

        if (cut == NULL || cut == texts[i] || cut[1] == '\0') {
            ui_error("--reply wants URL=FILE");
            return EXIT_USAGE;
        }
        all->replies[i].url = hn_text_of(texts[i], (size_t)(cut - texts[i]));
        all->replies[i].path = cut + 1;
    }
    return EXIT_FINE;
}

static int read_passwords(struct analysis *all)
{
    const char *const *texts;

    all->password_count = opt_texts(all->values, O_PASSWORD, &texts);
    all->passwords = hn_calloc(all->password_count + 1, sizeof *all->passwords);
    if (all->passwords == NULL)
        return EXIT_IO;
    for (size_t i = 0; i < all->password_count; i++)
        all->passwords[i] = hn_text_cstr(texts[i]);
    return EXIT_FINE;
}

static int open_outputs(struct analysis *all)
{
    const char *json = opt_text(all->values, O_JSON);

    all->extract = opt_text(all->values, O_EXTRACT);
    all->exports = (struct analyze_exports){ .report = opt_text(all->values, O_REPORT),
        .iocs = opt_text(all->values, O_IOCS),
        .stix = opt_text(all->values, O_STIX),
        .misp = opt_text(all->values, O_MISP),
        .rules = opt_text(all->values, O_RULES_OUT),
        .several = all->files.count > 1,
        .reserved = opt_flag(all->values, O_RESERVED) };
    all->exports.goodware_count = opt_texts(all->values, O_GOODWARE, &all->exports.goodware);
    if (opt_text(all->values, O_EXTRACT_ZIP) != NULL) {
        all->zip = analyze_zip_open(opt_text(all->values, O_EXTRACT_ZIP));
        if (all->zip == NULL)
            return EXIT_IO;
    }
    if (json == NULL)
        return EXIT_FINE;
    all->json = strcmp(json, "-") == 0 ? stdout : fopen(json, "we");
    if (all->json != NULL)
        return EXIT_FINE;
    ui_error("%s: %s", json, strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
    return EXIT_IO;
}

static struct analyze_known_options known_options(const struct analysis *all)
{
    struct analyze_known_options known = { .clamd = opt_text(all->values, O_CLAMD),
        .key = opt_text(all->values, O_VT_KEY),
        .url = opt_text(all->values, O_VT_URL),
        .no_cache = opt_flag(all->values, O_NO_CACHE) };

    known.yara_count = opt_texts(all->values, O_YARA, &known.yara);
    known.good_count = opt_texts(all->values, O_KNOWN_GOOD, &known.good);
    known.bad_count = opt_texts(all->values, O_KNOWN_BAD, &known.bad);
    known.report_count = opt_texts(all->values, O_VT, &known.reports);
    return known;
}

static int load_known(struct analysis *all)
{
    struct analyze_known_options known = known_options(all);

    return analyze_known_open(&known, &all->known);
}

/* Workers are forked before rules make this process large; they have YARA's, compiled once. */
static int start_workers(struct analysis *all)
{
    struct analyze_known_options known = known_options(all);
    struct analyze_tables tables = analyze_tables_all;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned long threads =
            opt_number(all->values, O_THREADS, processors > 0 ? (unsigned long)processors : 1);
    struct hn_err err = { 0 };
    int code = analyze_known_yara(&known, &all->yara);

    if (code != EXIT_FINE)
        return code;
    tables.yara = all->yara;
    if (threads > all->files.count)
        threads = all->files.count;
    if (threads > ANALYZE_THREADS_MAX)
        threads = ANALYZE_THREADS_MAX;
    if (analyze_run_start(&all->limits, &tables, (unsigned)threads, &all->run, &err) == HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(UI_TEXT("workers", "解析プロセス")), &err);
    return EXIT_IO;
}

static int load_rules(struct analysis *all)
{
    struct rules_options rules = { .no_cache = opt_flag(all->values, O_NO_CACHE) };
    struct match_options match = { .want_context = true };
    struct judge_set_options judge = { .level_min = SIGMA_LEVEL_LOW };
    struct rules_stats stats;
    const char *const *iocs;
    const char *const *warninglists;
    size_t ioc_count = opt_texts(all->values, O_IOC, &iocs);
    size_t warninglist_count = opt_texts(all->values, O_WARNINGLIST, &warninglists);
    struct hn_err err = { 0 };
    int code;

    rules.path_count = opt_texts(all->values, O_RULES_DIR, &rules.paths);
    rules.list_count = opt_texts(all->values, O_LISTS, &rules.lists);
    code = rules_load(&rules, &all->set, &stats);
    if (code != EXIT_FINE)
        return code;
    if (match_snapshot_new(all->set, &match, &all->snapshot, &err) != HN_OK) {
        ui_error_at(HN_TEXT("rules"), &err);
        return EXIT_RULES;
    }
    code = iocs_load(iocs, ioc_count, NULL, warninglists, warninglist_count, &all->iocs);
    if (code != EXIT_FINE)
        return code;
    judge.snapshot = all->snapshot;
    judge.iocs = all->iocs;
    all->judge = judge_set_new(&judge);
    return all->judge == NULL ? EXIT_IO : EXIT_FINE;
}

/* ---- Results ---- */

static void draw_progress(struct analysis *all, size_t done)
{
    double now = seconds_now();
    struct hn_buf line = { 0 };
    size_t full = 24 * done / all->files.count;

    if (!ui.progress || ui.quiet || all->files.count < 2 || now - all->drawn < 0.1 ||
            now - all->started < 0.3)
        return;
    all->drawn = now;
    hn_buf_add_lit(&line, "\r\033[K");
    for (size_t i = 0; i < 24; i++)
        hn_buf_add_cstr(&line, i < full ? "█" : "░");
    hn_buf_addf(&line, UI_TEXT(" %zu of %zu, %.0f/s", " %zu / %zu 件、毎秒 %.0f 件"), done,
            all->files.count, (double)done / (now - all->started));
    (void)ui_write(stderr, hn_buf_text(&line));
    hn_buf_deinit(&line);
}

static void clear_progress(const struct analysis *all)
{
    if (all->drawn > 0)
        (void)fputs("\r\033[K", stderr);
}

static void write_text(struct analysis *all, FILE *file, struct hn_buf *text)
{
    if (!hn_buf_ok(text) || !ui_write(file, hn_buf_text(text)))
        all->code = EXIT_IO;
    hn_buf_deinit(text);
}

static void show(struct analysis *all, const struct analyze_result *result)
{
    struct analyze_view view = { .path = hn_text_cstr(result->path),
        .dissect = result->sample.dissect,
        .verdict = &result->verdict,
        .indicators = &result->indicators,
        .sightings = result->sightings,
        .reserved = opt_flag(all->values, O_RESERVED) };
    bool whole = all->files.count == 1 || opt_flag(all->values, O_DETAILS) ||
                 result->verdict.kind >= ANALYZE_SUSPICIOUS;
    struct hn_buf text = { 0 };

    if (all->json == stdout)
        return;
    if (whole)
        analyze_view_whole(&view, &text);
    else
        analyze_view_line(&view, &text);
    clear_progress(all);
    write_text(all, stdout, &text);
}

static void on_result(void *ctx, size_t index, struct analyze_result *result)
{
    struct analysis *all = ctx;

    if (result->status != HN_OK) {
        clear_progress(all);
        ui_error_at(hn_text_cstr(result->path), &result->err);
        all->failed++;
        return;
    }
    all->by_verdict[result->verdict.kind]++;
    show(all, result);
    if (all->json != NULL) {
        struct hn_buf text = { 0 };

        analyze_json(result, &text);
        write_text(all, all->json, &text);
    }
    if (all->extract != NULL && analyze_extract(result, all->extract) != EXIT_FINE)
        all->code = EXIT_IO;
    if (all->zip != NULL && analyze_zip_add(all->zip, result) != EXIT_FINE)
        all->code = EXIT_IO;
    if (analyze_exports_any(&all->exports) &&
            analyze_exports_write(&all->exports, result) != EXIT_FINE)
        all->code = EXIT_IO;
    draw_progress(all, index + 1);
}

static void show_summary(const struct analysis *all)
{
    struct hn_buf text = { 0 };
    double seconds = seconds_now() - all->started;

    if (ui.quiet || all->files.count < 2)
        return;
    hn_buf_addf(&text, UI_TEXT("%zu files in %.1f s: ", "%zu ファイル、%.1f 秒: "),
            all->files.count, seconds);
    for (unsigned i = ANALYZE_MALICIOUS + 1; i-- > 0;) {
        hn_buf_addf(&text, "%s %llu%s",
                analyze_verdict_text((enum analyze_verdict_kind)i, ui.japanese),
                (unsigned long long)all->by_verdict[i], i > 0 ? ", " : "");
    }
    if (all->failed > 0)
        hn_buf_addf(&text, UI_TEXT(", not read %llu", "、読めない %llu"),
                (unsigned long long)all->failed);
    hn_buf_add_char(&text, '\n');
    (void)ui_write(stderr, hn_buf_text(&text));
    hn_buf_deinit(&text);
}

static int do_run(struct analysis *all)
{
    struct sigaction action = { .sa_handler = on_signal };
    struct analyze_run_options run = { .paths = (const char *const *)all->files.ptr,
        .path_count = all->files.count,
        .set = all->judge,
        .known = all->known,
        .passwords = all->passwords,
        .password_count = all->password_count,
        .replies = all->replies,
        .reply_count = all->reply_count,
        /* clamd sees what the tree holds. */
        .keep = all->extract != NULL || all->zip != NULL || opt_text(all->values, O_CLAMD) != NULL
                        ? DISSECT_KEEP_ALL
                        : DISSECT_KEEP_SCRIPTS,
        .cancel = &interrupted,
        .on_result = on_result,
        .ctx = all };
    struct hn_err err = { 0 };
    enum hn_status status;

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    all->started = seconds_now();
    status = analyze_run_files(all->run, &run, &err);
    clear_progress(all);
    show_summary(all);
    if (status == HN_CANCELLED)
        return EXIT_PARTIAL;
    if (status != HN_OK) {
        ui_error_at(HN_TEXT("analyze"), &err);
        return EXIT_IO;
    }
    return all->code;
}

/* What only makes sense here is refused rather than passed over. */
static int refuse_local(const struct opt_values *values)
{
    const char *const *texts;

    if (opt_texts(values, O_LIMIT, &texts) + opt_texts(values, O_RULES_DIR, &texts) +
                            opt_texts(values, O_LISTS, &texts) + opt_texts(values, O_IOC, &texts) +
                            opt_texts(values, O_WARNINGLIST, &texts) +
                            opt_texts(values, O_REPLY, &texts) >
                    0 ||
            opt_text(values, O_EXTRACT) != NULL || opt_number(values, O_THREADS, 0) > 0) {
        return remote_usage("--limit, --rules-dir, --lists, --ioc, --warninglist, --reply, "
                            "--extract and --threads are for analyses here, not on a server",
                "--limit、--rules-dir、--lists、--ioc、--warninglist、--reply、--extract、"
                "--threads は手元での解析用で、サーバーには使えません");
    }
    return EXIT_FINE;
}

static int ask_server(struct analysis *all)
{
    const struct analyze_server ask = { .values = all->values,
        .paths = (const char *const *)all->files.ptr,
        .path_count = all->files.count,
        .passwords = all->passwords,
        .password_count = all->password_count,
        .no_wait = opt_flag(all->values, O_NO_WAIT),
        .on_result = on_result,
        .ctx = all };
    int code = refuse_local(all->values);

    if (code == EXIT_FINE)
        code = open_outputs(all);
    all->started = seconds_now();
    if (code == EXIT_FINE)
        code = analyze_server_files(&ask);
    if (code == EXIT_FINE && !ask.no_wait)
        show_summary(all);
    return code;
}

static int exit_code(const struct analysis *all)
{
    static const struct {
        const char *name;
        enum analyze_verdict_kind kind;
    } kinds[] = { { "unknown", ANALYZE_UNKNOWN }, { "suspicious", ANALYZE_SUSPICIOUS },
        { "malicious", ANALYZE_MALICIOUS } };
    const char *fail_on = opt_text(all->values, O_FAIL_ON);

    for (size_t row = 0; fail_on != NULL && row < HN_COUNT_OF(kinds); row++) {
        if (strcmp(fail_on, kinds[row].name) != 0)
            continue;
        for (unsigned i = kinds[row].kind; i <= ANALYZE_MALICIOUS; i++)
            if (all->by_verdict[i] > 0)
                return EXIT_FINDINGS;
    }
    return all->failed > 0 ? EXIT_PARTIAL : EXIT_FINE;
}

static void analysis_deinit(struct analysis *all)
{
    analyze_run_end(all->run);
    known_close(all->known);
    yarascan_rules_free(all->yara);
    judge_set_unref(all->judge);
    match_snapshot_unref(all->snapshot);
    ioc_set_unref(all->iocs);
    sigma_set_unref(all->set);
    file_list_deinit(&all->files);
    hn_free(all->passwords);
    if (analyze_zip_end(all->zip) != EXIT_FINE)
        all->code = EXIT_IO;
    if (all->json != NULL && all->json != stdout && fclose(all->json) != 0)
        all->code = EXIT_IO;
}

static int analyze_here(struct analysis *all)
{
    int code = opt_flag(all->values, O_NO_WAIT)
                       ? remote_usage("--no-wait is for a server", "--no-wait はサーバー用です")
                       : read_replies(all);

    if (code == EXIT_FINE)
        code = start_workers(all);
    if (code == EXIT_FINE)
        code = open_outputs(all);
    if (code == EXIT_FINE)
        code = load_rules(all);
    if (code == EXIT_FINE)
        code = load_known(all);
    return code == EXIT_FINE ? do_run(all) : code;
}

static int analyze_command(const struct opt_values *values)
{
    struct analysis all = { .values = values };
    int code = read_limits(&all);

    if (code < 0)
        return EXIT_FINE;
    ui_set_color(opt_text(values, O_COLOR));
    ui.quiet = opt_flag(values, O_QUIET);
    ui.no_defang = opt_flag(values, O_NO_DEFANG);
    if (code == EXIT_FINE)
        code = find_files(&all);
    if (code == EXIT_FINE)
        code = read_passwords(&all);
    if (code == EXIT_FINE)
        code = analyze_server_wanted(values) ? ask_server(&all) : analyze_here(&all);
    if (code == EXIT_FINE)
        code = exit_code(&all);
    analysis_deinit(&all);
    return code == EXIT_FINE ? all.code : code;
}

const struct opt_command cmd_analyze = {
    .name = "analyze",
    .operands = "PATH...",
    .summary = "Takes suspicious mails, documents, scripts and programs apart, and judges them",
    .summary_ja = "不審なメール・文書・スクリプト・プログラムを分解して判定する",
    .details = "Nothing of a sample is ever run: formats are read, scripts are computed as far as "
               "they can be, in a jailed process. The verdict is the list of rules that hit.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = analyze_command,
};
