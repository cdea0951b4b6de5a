/* cmd_rules_update.c - hinomi rules update: another set of rules, checked before it is in force. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/files.h"
#include "app/git_clone.h"
#include "app/opt_shared.h"
#include "app/rule_bundle.h"
#include "app/rule_diff.h"
#include "app/rule_store.h"
#include "app/ui.h"

#include "base/mem.h"
#include "base/sha256.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { O_INTO, O_DRY_RUN, O_ROLLBACK, O_SHA256, O_BRANCH, O_STRICT, O_OUTPUT };

static const struct opt_spec options[] = {
    { O_INTO, "into", '\0', OPT_TEXT, "DIR", NULL,
            "folder that keeps the sets (default: ~/.local/share/hinomi/rules)",
            "ルールを置くフォルダー(既定: ~/.local/share/hinomi/rules)" },
    { O_DRY_RUN, "dry-run", 'n', OPT_FLAG, NULL, NULL, "show what would change, write nothing",
            "変更点だけを示し、何も書かない" },
    { O_ROLLBACK, "rollback", '\0', OPT_FLAG, NULL, NULL, "put the previous set in force again",
            "以前のルールに戻す" },
    { O_SHA256, "sha256", '\0', OPT_TEXT, "HEX", NULL, "checksum that the archive must have",
            "書庫が持つべきチェックサム" },
    { O_BRANCH, "branch", '\0', OPT_TEXT, "NAME", NULL, "branch or tag of a git repository",
            "git のブランチまたはタグ" },
    { O_STRICT, "strict", '\0', OPT_FLAG, NULL, NULL,
            "refuse the set when a single rule is rejected", "一つでも拒否されたら更新しない" },
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|jsonl",
            "form of the differences (default: human)", "出力形式(既定: human)" },
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",
            "色(既定: auto)" },
};

struct run {
    const struct opt_values *values;
    struct rule_store store;
    struct rule_bundle bundle;
    struct rule_bundle old_bundle;
    struct sigma_set *set;
    struct sigma_set *old_set;
    char folder[STORE_PATH_MAX];
    bool dry;
};

/* ---- Where to ---- */

static int choose_folder(struct run *run)
{
    const char *into = opt_text(run->values, O_INTO);
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    int len = -1;

    if (into != NULL)
        len = snprintf(run->folder, sizeof run->folder, "%s", into);
    else if (data != NULL && data[0] == '/')
        len = snprintf(run->folder, sizeof run->folder, "%s/hinomi/rules", data);
    else if (home != NULL && home[0] == '/')
        len = snprintf(run->folder, sizeof run->folder, "%s/.local/share/hinomi/rules", home);
    if (len > 0 && len < (int)sizeof run->folder)
        return EXIT_FINE;
    ui_error("%s", UI_TEXT("--into is needed: there is no home folder",
                           "ホームフォルダーがないため --into が必要です"));
    return EXIT_USAGE;
}

/* ---- Where from ---- */

/* In the store where one may be made, else beside other temporary files. */
static int make_scratch(struct run *run, char path[STORE_PATH_MAX])
{
    const char *temporary = getenv("TMPDIR");

    if (!run->dry)
        return rule_store_scratch(&run->store, path);
    if (snprintf(path, STORE_PATH_MAX, "%s/hinomi-rules-XXXXXX",
                temporary == NULL ? "/tmp" : temporary) < (int)STORE_PATH_MAX &&
            mkdtemp(path) != NULL)
        return EXIT_FINE;
    ui_error("%s: %s", path, strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
    return EXIT_IO;
}

static int read_git(struct run *run, const char *source)
{
    const char *branch = opt_text(run->values, O_BRANCH);
    char scratch[STORE_PATH_MAX];
    int code;

    if (branch != NULL && branch[0] == '-') {
        ui_error(
                "%s", UI_TEXT("no branch has such a name", "そのような名前のブランチはありません"));
        return EXIT_USAGE;
    }
    code = make_scratch(run, scratch);
    if (code != EXIT_FINE)
        return code;
    code = git_clone(source, branch, scratch);
    if (code == EXIT_FINE)
        code = rule_bundle_read_folder(&run->bundle, scratch);
    rule_store_remove(scratch);
    return code;
}

static int check_sum(const char *path, const char *wanted)
{
    struct file_text file = { 0 };
    struct hn_err err = { 0 };
    char hex[HN_SHA256_HEX_LEN];

    if (file_read(path, &file, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        return EXIT_IO;
    }
    if (!hn_sha256_hex(hn_text_as_bytes(file.text), hex))
        memset(hex, '?', sizeof hex); /* fits no sum, so nothing is taken */
    file_text_free(&file);
    if (hn_text_eq_nocase(hn_text_of(hex, sizeof hex), hn_text_cstr(wanted)))
        return EXIT_FINE;
    (void)snprintf(err.msg, sizeof err.msg, UI_TEXT("its SHA-256 is %.*s", "SHA-256 は %.*s"),
            (int)sizeof hex, hex);
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_RULES;
}

static int read_source(struct run *run, const char *source)
{
    const char *sum = opt_text(run->values, O_SHA256);
    struct stat info;
    bool is_git = git_is_repository(source);
    bool is_file = !is_git && stat(source, &info) == 0 && S_ISREG(info.st_mode);
    int code;

    if (sum != NULL && !is_file) {
        ui_error("%s", UI_TEXT("--sha256 is for archives", "--sha256 は書庫用です"));
        return EXIT_USAGE;
    }
    code = sum == NULL ? EXIT_FINE : check_sum(source, sum);
    if (code != EXIT_FINE)
        return code;
    if (is_git)
        return read_git(run, source);
    return is_file ? rule_bundle_read_archive(&run->bundle, source)
                   : rule_bundle_read_folder(&run->bundle, source);
}

/* ---- Checking ---- */

static int load(const struct rule_bundle *bundle, struct sigma_set **ret_set)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct hn_err err = { 0 };
    enum hn_status status = loader == NULL ? HN_NOMEM : HN_OK;

    for (size_t i = 0; status == HN_OK && i < bundle->files.count; i++) {
        const struct bundle_file *file = &bundle->files.ptr[i];
        struct hn_text path = hn_text_cstr(file->path);

        if (hn_text_ends_nocase(path, HN_TEXT(".yml")) ||
                hn_text_ends_nocase(path, HN_TEXT(".yaml")))
            status = sigma_loader_add_text(loader, path, hn_text_of(file->bytes, file->len), &err);
    }
    if (status == HN_OK)
        status = sigma_loader_finish(loader, ret_set, &err);
    sigma_loader_free(loader);
    if (status == HN_OK)
        return EXIT_FINE;
    ui_error_at(HN_TEXT("rules"), &err);
    return EXIT_RULES;
}

#define CODES_MAX 32u

/* "rejected: placeholder 25, bad-regex 1" */
static uint32_t tell_rejected(const struct sigma_set *set)
{
    struct {
        struct hn_text code;
        uint32_t count;
    } codes[CODES_MAX];
    uint32_t known = 0;
    uint32_t total = 0;
    struct hn_buf line = { 0 };

    for (uint32_t i = 0; i < set->issue_count; i++) {
        uint32_t at = 0;

        if (set->issues[i].severity != SIGMA_REJECTED)
            continue;
        total++;
        while (at < known && !hn_text_eq(codes[at].code, set->issues[i].code))
            at++;
        if (at == known && known < CODES_MAX) {
            codes[known].code = set->issues[i].code;
            codes[known++].count = 0;
        }
        if (at < known)
            codes[at].count++;
    }
    for (uint32_t i = 0; i < known; i++) {
        hn_buf_add_cstr(&line, i > 0 ? ", " : UI_TEXT("rejected: ", "拒否: "));
        ui_add_cell(&line, codes[i].code, 0);
        hn_buf_addf(&line, " %u", (unsigned)codes[i].count);
    }
    if (known > 0) {
        hn_buf_add_char(&line, '\n');
        (void)ui_write(stderr, hn_buf_text(&line));
    }
    hn_buf_deinit(&line);
    return total;
}

static int check_set(struct run *run)
{
    int code = load(&run->bundle, &run->set);
    uint32_t rejected;

    if (code != EXIT_FINE)
        return code;
    rejected = tell_rejected(run->set);
    if (run->set->rule_count == 0) {
        ui_error("%s", UI_TEXT("there is no rule in it that loads; nothing was changed",
                               "読み込めるルールがありません。何も変更していません"));
        return EXIT_RULES;
    }
    if (rejected > 0 && opt_flag(run->values, O_STRICT)) {
        ui_error("%s", UI_TEXT("rules were rejected; nothing was changed (--strict)",
                               "拒否されたルールがあります。何も変更していません(--strict)"));
        return EXIT_RULES;
    }
    return EXIT_FINE;
}

/* ---- Updating ---- */

static int show_difference(struct run *run, struct rule_diff *diff)
{
    const char *output = opt_text(run->values, O_OUTPUT);
    char current[STORE_PATH_MAX];
    struct hn_buf text = { 0 };
    int code = EXIT_FINE;

    if (rule_store_current(&run->store, current)) {
        code = rule_bundle_read_folder(&run->old_bundle, current);
        if (code == EXIT_FINE)
            code = load(&run->old_bundle, &run->old_set);
    }
    if (code == EXIT_FINE &&
            (!rule_diff_write(run->old_set, run->set,
                     output != NULL && strcmp(output, "jsonl") == 0, &text, diff) ||
                    !ui_write(stdout, hn_buf_text(&text))))
        code = EXIT_IO;
    hn_buf_deinit(&text);
    return code;
}

static void summary(const struct run *run, const struct rule_diff *diff)
{
    struct hn_buf line = { 0 };

    hn_buf_addf(&line,
            UI_TEXT("%zu files, %u rules, %u correlations: %u added, %u changed, %u removed",
                    "ファイル %zu、ルール %u、相関 %u: 追加 %u、変更 %u、削除 %u"),
            run->bundle.files.count, (unsigned)run->set->rule_count,
            (unsigned)run->set->correlation_count, (unsigned)diff->added, (unsigned)diff->changed,
            (unsigned)diff->removed);
    hn_buf_add_cstr(&line, run->dry ? UI_TEXT("; nothing was written", "。何も書いていません")
                                    : UI_TEXT("; in force: ", "。有効なルール: "));
    if (!run->dry) {
        ui_add_cell(&line, hn_text_cstr(run->folder), 0);
        hn_buf_add_lit(&line, "/current");
    }
    hn_buf_add_char(&line, '\n');
    (void)ui_write(stderr, hn_buf_text(&line));
    hn_buf_deinit(&line);
}

static int update(struct run *run)
{
    struct rule_diff diff = { 0 };
    int code = read_source(run, run->values->operands[0]);

    if (code == EXIT_FINE)
        code = check_set(run);
    if (code == EXIT_FINE)
        code = show_difference(run, &diff);
    if (code == EXIT_FINE && !run->dry)
        code = rule_store_put(&run->store, &run->bundle);
    if (code == EXIT_FINE)
        summary(run, &diff);
    return code;
}

static int roll_back(struct run *run)
{
    char current[STORE_PATH_MAX];
    struct hn_buf line = { 0 };
    int code = rule_store_rollback(&run->store);

    if (code == EXIT_FINE && rule_store_current(&run->store, current)) {
        hn_buf_add_cstr(&line, UI_TEXT("in force again: ", "有効なルール: "));
        ui_add_cell(&line, hn_text_cstr(current), 0);
        hn_buf_add_char(&line, '\n');
        (void)ui_write(stderr, hn_buf_text(&line));
    }
    hn_buf_deinit(&line);
    return code;
}

static int check_usage(const struct opt_values *values)
{
    size_t wanted = opt_flag(values, O_ROLLBACK) ? 0 : 1;

    if (wanted == 0 && opt_flag(values, O_DRY_RUN)) {
        ui_error("%s", UI_TEXT("--rollback with --dry-run would do nothing",
                               "--rollback と --dry-run は併用できません"));
        return EXIT_USAGE;
    }
    if (values->operand_count == wanted)
        return EXIT_FINE;
    ui_error("%s", wanted == 0
                           ? UI_TEXT("--rollback takes no source", "--rollback に対象は不要です")
                           : UI_TEXT("one source is needed: a folder, an archive or a git "
                                     "repository",
                                     "対象が一つ必要です: フォルダー・書庫・git リポジトリー"));
    return EXIT_USAGE;
}

static int rules_update(const struct opt_values *values)
{
    struct run run = { .values = values, .store = { .lock = -1 } };
    int code = check_usage(values);

    ui_set_color(opt_text(values, O_COLOR));
    run.dry = opt_flag(values, O_DRY_RUN);
    if (code == EXIT_FINE)
        code = choose_folder(&run);
    if (code == EXIT_FINE)
        code = rule_store_open(&run.store, run.folder, !run.dry);
    if (code == EXIT_FINE)
        code = opt_flag(values, O_ROLLBACK) ? roll_back(&run) : update(&run);
    rule_store_close(&run.store);
    sigma_set_unref(run.set);
    sigma_set_unref(run.old_set);
    rule_bundle_deinit(&run.bundle);
    rule_bundle_deinit(&run.old_bundle);
    return code;
}

const struct opt_command cmd_rules_update = {
    .name = "rules update",
    .operands = "[SOURCE]",
    .summary = "Takes over a set of rules from a folder, an archive or a git repository",
    .summary_ja = "ルールをフォルダー・書庫・git リポジトリーから取り込む",
    .details = "The set is loaded and compared with the one in force before anything is written; "
               "the switch is one rename, and the previous set is kept for --rollback. Scan with "
               "-r DIR/current. A git repository is an address (https, ssh, file) or a bare "
               "repository; a working copy is read as a folder.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = rules_update,
};
