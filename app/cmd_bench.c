/* cmd_bench.c - hinomi bench: the figures of docs/performance.md, measured on this machine. */
#include "app/bench_figures.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/rules_load.h"
#include "app/ui.h"

#include "base/json_out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PATH_ROOM     4096
#define RUNS_DEFAULT  5
#define STREAM_SHORT  ((uint64_t)2000000000)
#define STREAM_FULL   ((uint64_t)10000000000)
#define TITLE_COLUMNS 46

enum { O_DATA, O_PEERS, O_EVTX_DUMP, O_ONLY, O_RUNS, O_FULL, O_OUTPUT, O_COLOR };

static const struct opt_spec options[] = {
    { O_DATA, "data", '\0', OPT_TEXT, "DIR", NULL,
            "the shared data: sigma, otrf, evtx, ... (default: $HN_SHARED/data)",
            "共有データ(sigma・otrf・evtx など。既定: $HN_SHARED/data)" },
    { O_PEERS, "peers", '\0', OPT_TEXT, "DIR", NULL,
            "folder of the bench_* programs (default: ../bench beside this program)",
            "bench_* のフォルダー(既定: このプログラムの隣の ../bench)" },
    { O_EVTX_DUMP, "evtx-dump", '\0', OPT_TEXT, "FILE", NULL,
            "evtx_dump of the evtx crate (default: the one in PATH)",
            "evtx crate の evtx_dump(既定: PATH から)" },
    { O_ONLY, "only", '\0', OPT_TEXT, "ID", NULL,
            "only the figure of this id, as --output jsonl shows it",
            "この ID の値だけ(ID は --output jsonl にある)" },
    { O_RUNS, "runs", '\0', OPT_NUMBER, "N", NULL, "turns that each comparison takes (default: 5)",
            "比較の回数(既定: 5)" },
    { O_FULL, "full", '\0', OPT_FLAG, NULL, NULL, "the stream for memory is 10 GB long, not 2 GB",
            "メモリー測定のストリームを 2 GB でなく 10 GB に" },
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|jsonl", "form (default: human)",
            "出力形式(既定: human)" },
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",
            "色(既定: auto)" },
};

/* ---- The machine ---- */

static void add_cpu(struct hn_buf *out)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256];
    bool found = false;

    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        struct hn_text rest = hn_text_cstr(line);
        struct hn_text key;

        found = hn_text_split(&rest, ':', &key) &&
                hn_text_eq(hn_text_trim(key), HN_TEXT("model name"));
        if (found)
            hn_buf_add_text(out, hn_text_trim(rest));
    }
    if (file != NULL)
        (void)fclose(file);
    hn_buf_addf(out, " x %ld", sysconf(_SC_NPROCESSORS_ONLN));
}

static void add_commit(struct hn_buf *out)
{
    const char *argv[] = { "/usr/bin/git", "-C", HN_SOURCE_DIR, "describe", "--always", "--dirty",
        NULL };
    struct hn_buf text = { 0 };
    struct bench_command command = { .argv = argv, .ret_output = &text };

    hn_buf_add_cstr(out, "hinomi " HN_VERSION);
    if (bench_run(&command).ok && text.len > 0) {
        hn_buf_add_char(out, ' ');
        hn_buf_add_text(out, hn_text_trim(hn_buf_text(&text)));
    }
    hn_buf_deinit(&text);
}

struct machine {
    struct hn_buf cpu;
    struct hn_buf kernel;
    struct hn_buf commit;
};

static void machine_read(struct machine *machine)
{
    struct utsname name;

    memset(machine, 0, sizeof *machine);
    add_cpu(&machine->cpu);
    if (uname(&name) == 0)
        hn_buf_addf(&machine->kernel, "%s %s %s", name.sysname, name.release, name.machine);
    add_commit(&machine->commit);
}

static void machine_deinit(struct machine *machine)
{
    hn_buf_deinit(&machine->cpu);
    hn_buf_deinit(&machine->kernel);
    hn_buf_deinit(&machine->commit);
}

/* ---- Output ---- */

static void write_machine(const struct machine *machine, bool json, struct hn_buf *out)
{
    struct hn_json_out object = hn_json_out_over(out);

    if (json) {
        hn_json_open(&object, '{');
        hn_json_pair(&object, "processor", hn_buf_text(&machine->cpu));
        hn_json_pair(&object, "kernel", hn_buf_text(&machine->kernel));
        hn_json_pair(&object, "compiler", HN_TEXT(__VERSION__));
        hn_json_pair(&object, "program", hn_buf_text(&machine->commit));
        hn_json_close(&object, '}');
        hn_buf_add_char(out, '\n');
        return;
    }
    ui_add_cell(out, hn_buf_text(&machine->cpu), 0);
    hn_buf_add_lit(out, "; ");
    ui_add_cell(out, hn_buf_text(&machine->kernel), 0);
    hn_buf_add_lit(out, "; compiler " __VERSION__ "; ");
    ui_add_cell(out, hn_buf_text(&machine->commit), 0);
    hn_buf_add_lit(out, "\n\n");
}

static void add_value(struct hn_buf *out, double value, const char *unit)
{
    hn_buf_addf(out, "%.*f %s", value < 10 ? 2 : value < 100 ? 1 : 0, value, unit);
}

static void add_padded(struct hn_buf *out, struct hn_text text, size_t columns)
{
    hn_buf_add_repeat(out, ' ', text.len < columns ? columns - text.len : 0);
    hn_buf_add_text(out, text);
}

static void write_row(const struct bench_figure *figure, struct hn_buf *out)
{
    struct hn_buf value = { 0 };
    struct hn_buf wanted = { 0 };
    bool reached = bench_reached(figure);
    enum ui_style style = !figure->measured || figure->bound == BENCH_NO_BOUND ? UI_DIM
                          : reached                                            ? UI_GREEN
                                                                               : UI_YELLOW;

    ui_add_cell(out, hn_text_cstr(UI_TEXT(figure->title, figure->title_ja)), TITLE_COLUMNS);
    if (figure->measured)
        add_value(&value, figure->value, figure->unit);
    else
        hn_buf_add_char(&value, '-');
    if (figure->bound != BENCH_NO_BOUND) {
        hn_buf_add_cstr(&wanted, figure->bound == BENCH_AT_LEAST ? ">= " : "<= ");
        add_value(&wanted, figure->wanted, figure->unit);
    }
    hn_buf_add_cstr(out, ui_style(style, ui.color_out));
    add_padded(out, hn_buf_text(&value), 12);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    add_padded(out, hn_buf_text(&wanted), 14);
    hn_buf_add_lit(out, "  ");
    hn_buf_add_cstr(out, !figure->measured ? UI_TEXT("skipped: ", "省略: ")
                         : reached         ? ""
                                           : UI_TEXT("not reached: ", "未達: "));
    hn_buf_add_cstr(out, figure->detail);
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&value);
    hn_buf_deinit(&wanted);
}

static void write_object(const struct bench_figure *figure, struct hn_buf *out)
{
    struct hn_json_out object = hn_json_out_over(out);

    hn_json_open(&object, '{');
    hn_json_pair(&object, "id", hn_text_cstr(figure->id));
    hn_json_pair(&object, "title", hn_text_cstr(figure->title));
    hn_json_key(&object, HN_TEXT("value"));
    if (figure->measured)
        hn_json_real(&object, figure->value);
    else
        hn_json_null(&object);
    hn_json_pair(&object, "unit", hn_text_cstr(figure->unit));
    if (figure->bound != BENCH_NO_BOUND) {
        hn_json_key(&object,
                figure->bound == BENCH_AT_LEAST ? HN_TEXT("at_least") : HN_TEXT("at_most"));
        hn_json_real(&object, figure->wanted);
    }
    if (figure->measured && figure->bound != BENCH_NO_BOUND) {
        hn_json_key(&object, HN_TEXT("reached"));
        hn_json_bool(&object, bench_reached(figure));
    }
    hn_json_key(&object, figure->measured ? HN_TEXT("detail") : HN_TEXT("skipped"));
    hn_json_text(&object, hn_text_cstr(figure->detail));
    hn_json_close(&object, '}');
    hn_buf_add_char(out, '\n');
}

struct output {
    bool json;
    bool failed;
};

static void on_figure(void *ctx, const struct bench_figure *figure)
{
    struct output *output = ctx;
    struct hn_buf text = { 0 };

    if (output->json)
        write_object(figure, &text);
    else
        write_row(figure, &text);
    if (!ui_write(stdout, hn_buf_text(&text)))
        output->failed = true;
    hn_buf_deinit(&text);
}

/* ---- Where things are ---- */

static bool self_path(char *out)
{
    ssize_t len = readlink("/proc/self/exe", out, PATH_ROOM - 1);

    out[len > 0 ? len : 0] = '\0';
    return len > 0;
}

static bool find_in_path(const char *name, char *out)
{
    const char *path = getenv("PATH");
    struct hn_text rest = hn_text_cstr(path == NULL ? "" : path);
    struct hn_text folder;

    while (hn_text_split(&rest, ':', &folder)) {
        (void)snprintf(out, PATH_ROOM, "%.*s/%s", HN_TEXT_ARG(folder), name);
        if (access(out, X_OK) == 0)
            return true;
    }
    return false;
}

struct places {
    char self[PATH_ROOM];
    char data[PATH_ROOM];
    char peers[PATH_ROOM + 16];
    char evtx_dump[PATH_ROOM];
    char folder[PATH_ROOM];
};

static void find_peers(struct places *places, const struct opt_values *values, struct bench *bench)
{
    const char *peers = opt_text(values, O_PEERS);
    char *slash;

    (void)snprintf(places->peers, sizeof places->peers, "%s", places->self);
    slash = strrchr(places->peers, '/');
    if (slash != NULL)
        memcpy(slash, "/../bench", sizeof "/../bench");
    bench->peers = peers != NULL ? peers : places->peers;
    bench->evtx_dump = opt_text(values, O_EVTX_DUMP);
    if (bench->evtx_dump == NULL && find_in_path("evtx_dump", places->evtx_dump))
        bench->evtx_dump = places->evtx_dump;
}

static int find_places(struct places *places, const struct opt_values *values, struct bench *bench)
{
    const char *shared = getenv("HN_SHARED");
    const char *tmp = getenv("TMPDIR");

    if (!self_path(places->self)) {
        ui_error("%s", UI_TEXT("/proc is needed to find this program", "/proc が必要です"));
        return EXIT_IO;
    }
    bench->self = places->self;
    bench->data = opt_text(values, O_DATA);
    if (bench->data == NULL && shared != NULL) {
        (void)snprintf(places->data, sizeof places->data, "%s/data", shared);
        bench->data = places->data;
    }
    find_peers(places, values, bench);
    (void)snprintf(places->folder, sizeof places->folder, "%s/hinomi-bench-XXXXXX",
            tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
    if (mkdtemp(places->folder) == NULL) {
        ui_error(UI_TEXT("%s: cannot be made", "%s を作れません"), places->folder);
        return EXIT_IO;
    }
    bench->folder = places->folder;
    return EXIT_FINE;
}

static int exit_code(const struct bench *bench, const struct output *output)
{
    if (output->failed || bench_interrupted())
        return EXIT_IO;
    for (size_t i = 0; i < bench->figure_count; i++) {
        if (!bench->figures[i].measured)
            return EXIT_PARTIAL;
    }
    return EXIT_FINE;
}

static int run(const struct opt_values *values)
{
    const char *form = opt_text(values, O_OUTPUT);
    unsigned long runs = opt_number(values, O_RUNS, RUNS_DEFAULT);
    struct output output = { .json = form != NULL && strcmp(form, "jsonl") == 0 };
    struct bench bench = { .only = opt_text(values, O_ONLY),
        .runs = runs < 1                ? 1
                : runs > BENCH_RUNS_MAX ? BENCH_RUNS_MAX
                                        : (unsigned)runs,
        .stream_bytes = opt_flag(values, O_FULL) ? STREAM_FULL : STREAM_SHORT,
        .on_figure = on_figure,
        .ctx = &output };
    static struct places places; /* too large for the stack to be nice about */
    struct hn_buf text = { 0 };
    struct machine machine;
    int code;

    ui_set_color(opt_text(values, O_COLOR));
    bench_catch_signals();
    code = find_places(&places, values, &bench);
    if (code != EXIT_FINE)
        return code;
    machine_read(&machine);
    write_machine(&machine, output.json, &text);
    if (!ui_write(stdout, hn_buf_text(&text)))
        output.failed = true;
    bench_measure(&bench);
    machine_deinit(&machine);
    hn_buf_deinit(&text);
    (void)rmdir(places.folder);
    return exit_code(&bench, &output);
}

const struct opt_command cmd_bench = {
    .name = "bench",
    .summary = "Measures on this machine what docs/performance.md promises",
    .summary_ja = "docs/performance.md の値をこのマシンで測る",
    .details = "Compared programs take turns and a figure is the median of its turns, so that a "
               "busy machine does little harm; an idle one is better. Exit status 5 when a figure "
               "could not be measured; whether one was reached changes nothing.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = run,
};
