/* cmd_decode.c - hinomi decode: one script or command line, layer by layer. It is evaluated in the
 * same jailed worker as samples are; nothing of it is run. */
#include "analyze/analyze.h"
#include "app/commands.h"
#include "app/decode_view.h"
#include "app/exit_code.h"
#include "app/files.h"
#include "app/opt_shared.h"
#include "app/ui.h"
#include "base/attr.h"
#include "command/command.h"
#include "protect/protect.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARENA_BYTES_MAX ((size_t)64 << 20)

enum { O_LANGUAGE, O_JSON, O_ALL, O_NO_DEFANG };

static const struct opt_spec options[] = {
    { O_LANGUAGE, "language", '\0', OPT_CHOICE, NULL,
            "auto|command|powershell|vbscript|vba|jscript|batch|html|xlm",
            "what it is written in (default: as it looks)", "言語(既定: 自動判定)" },
    { O_JSON, "json", '\0', OPT_FLAG, NULL, NULL, "as one JSON document", "JSON で出力" },
    { O_ALL, "all", '\0', OPT_FLAG, NULL, NULL, "layers in full, however long",
            "各層を省略せずに示す" },
    { O_NO_DEFANG, "no-defang", '\0', OPT_FLAG, NULL, NULL, "addresses as they are",
            "アドレスを無害化せずに示す" },
    OPT_UI_ROWS,
};

static enum dissect_format format_named(const char *name)
{
    static const struct {
        const char *name;
        enum dissect_format format;
    } rows[] = {
        { "command", DISSECT_COMMAND },
        { "powershell", DISSECT_POWERSHELL },
        { "vbscript", DISSECT_VBSCRIPT },
        { "vba", DISSECT_VBA_MODULE },
        { "jscript", DISSECT_JSCRIPT },
        { "batch", DISSECT_BATCH },
        { "html", DISSECT_HTA },
        { "xlm", DISSECT_XLM },
    };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].format;
    return DISSECT_UNKNOWN;
}

/* One line that begins with a program is a command line; else what the words say. */
static enum dissect_format guess(struct hn_text text, struct hn_text name)
{
    enum script_language language;
    enum dissect_format found;

    if (name.len == 0 && command_is_line(text))
        return DISSECT_COMMAND;
    /* Whatever is no plain script is looked at in the jail. */
    if (hn_text_find_char(text, '\0', 0) != SIZE_MAX ||
            hn_text_starts(hn_text_trim(text), HN_TEXT("#@~^")))
        return DISSECT_UNKNOWN;
    language = script_language_of_file(name);
    if (language == SCRIPT_UNKNOWN)
        language = script_language_guess(text);
    found = format_named(script_language_id(language));
    return found != DISSECT_UNKNOWN ? found : DISSECT_POWERSHELL; /* what analysts paste most */
}

struct input {
    struct hn_text text;
    struct hn_text name; /* of a file, else empty */
    struct file_text file;
};

/* The operand is a file, "-", or the text itself. */
static int read_input(const struct opt_values *values, struct input *input)
{
    const char *operand = values->operand_count == 1 ? values->operands[0] : NULL;
    struct hn_err err = { 0 };
    struct stat state;
    const char *slash;

    if (operand == NULL) {
        ui_error("%s",
                UI_TEXT("one command line, script file or - is wanted",
                        "コマンドライン、スクリプトファイル、- のどれか一つを指定してください"));
        return EXIT_USAGE;
    }
    if (strcmp(operand, "-") != 0 && (stat(operand, &state) != 0 || !S_ISREG(state.st_mode))) {
        input->text = hn_text_cstr(operand);
        return EXIT_FINE;
    }
    if (file_read(operand, &input->file, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(operand), &err);
        return EXIT_IO;
    }
    slash = strrchr(operand, '/');
    input->text = input->file.text;
    if (strcmp(operand, "-") != 0)
        input->name = hn_text_cstr(slash != NULL ? slash + 1 : operand);
    return EXIT_FINE;
}

static int text_in_memory(struct hn_text text)
{
    int fd = memfd_create("script", MFD_CLOEXEC);
    size_t done = 0;

    while (fd >= 0 && done < text.len) {
        ssize_t wrote = write(fd, text.ptr + done, text.len - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            (void)close(fd);
            return -1;
        }
        done += (size_t)wrote;
    }
    return fd;
}

static int show(const struct opt_values *values, const struct dissect *dissect)
{
    struct hn_arena arena;
    struct protect_list indicators;
    struct hn_buf out = { 0 };
    struct decode_view view = {
        .dissect = dissect, .indicators = &indicators, .whole = opt_flag(values, O_ALL)
    };
    int code = EXIT_IO;

    ui.no_defang = opt_flag(values, O_NO_DEFANG);
    hn_arena_init(&arena, ARENA_BYTES_MAX);
    protect_list_init(&indicators, &arena);
    if (protect_collect(dissect, &indicators) == HN_OK) {
        if (opt_flag(values, O_JSON))
            decode_view_json(&view, &out);
        else
            decode_view_text(&view, &out);
        code = hn_buf_ok(&out) && ui_write(stdout, hn_buf_text(&out)) ? EXIT_FINE : EXIT_IO;
    }
    hn_buf_deinit(&out);
    protect_list_deinit(&indicators);
    hn_arena_deinit(&arena);
    return code;
}

static int decode(const struct opt_values *values, const struct input *input)
{
    const char *language = opt_text(values, O_LANGUAGE);
    struct analyze_task task = { .name = input->name, .keep = DISSECT_KEEP_ALL };
    struct analyze_worker *worker = NULL;
    struct analyze_sample sample = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status;
    int code = EXIT_IO;

    if (language != NULL)
        task.format = format_named(language);
    if (task.format == DISSECT_UNKNOWN)
        task.format = guess(input->text, input->name);
    status = analyze_worker_start(NULL, NULL, &worker, &err);
    task.fd = status == HN_OK ? text_in_memory(input->text) : -1;
    if (status == HN_OK && task.fd < 0)
        status = hn_fail_sys(&err, errno, "memory");
    if (status == HN_OK)
        status = analyze_worker_run(worker, &task, &sample, &err);
    if (status == HN_OK)
        code = show(values, sample.dissect);
    else
        ui_error_at(HN_TEXT("decode"), &err);
    if (task.fd >= 0)
        (void)close(task.fd);
    analyze_sample_deinit(&sample);
    analyze_worker_stop(worker);
    return code;
}

static int run_decode(const struct opt_values *values)
{
    struct input input = { .text = { "", 0 }, .name = { "", 0 } };
    int code = read_input(values, &input);

    if (code == EXIT_FINE)
        code = decode(values, &input);
    file_text_free(&input.file);
    return code;
}

const struct opt_command cmd_decode = {
    .name = "decode",
    .operands = "TEXT|FILE|-",
    .summary = "Unpacks a script or command line, layer by layer, without running it",
    .summary_ja = "スクリプトやコマンドラインを、実行せずに層ごとに解読",
    .details = "Takes a command line as an event shows it, the name of a script file, or - for "
               "standard input. It is evaluated in a jailed process: what can be computed from it "
               "is computed, what it would do is told, and nothing is run or fetched.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = run_decode,
};
