/* cmd_iocs.c - hinomi iocs: the indicators in texts (mails, reports, posts, scripts), in the forms
 * people exchange. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/files.h"
#include "app/ui.h"

#include "base/utf.h"
#include "protect/protect.h"

#include <string.h>
#include <time.h>

enum { O_OUTPUT, O_CODE, O_NO_FILES, O_NO_DEFANG, O_WARNINGLISTS, O_COLOR };

static const struct opt_spec options[] = {
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|csv|jsonl|stix|misp",
            "form of the output (default: human)", "出力形式(既定: human)" },
    { O_CODE, "code", 'c', OPT_FLAG, NULL, NULL,
            "the text is a script: names with dots count only in quotes or URLs",
            "スクリプトとして読む(引用符・URL の外の「a.b」をホストとみなさない)" },
    { O_NO_FILES, "no-files", '\0', OPT_FLAG, NULL, NULL, "leave out file names and paths",
            "ファイル名とパスを除く" },
    { O_NO_DEFANG, "no-defang", '\0', OPT_FLAG, NULL, NULL,
            "show addresses as they are (human output only)",
            "アドレスを無害化せずに表示(human のみ)" },
    { O_WARNINGLISTS, "warninglist", 'w', OPT_TEXTS, "FILE", NULL,
            "MISP warning list that marks what is harmless, repeatable",
            "無害な値を示す MISP warning list(複数可)" },
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",
            "色(既定: auto)" },
};

struct iocs {
    const struct opt_values *values;
    struct hn_arena arena;
    struct protect_list list;
    struct hn_text name;
};

#define ARENA_BYTES_MAX ((size_t)1 << 30)

/* ---- Reading ---- */

static int read_one(struct iocs *iocs, struct extract *extract, const char *path)
{
    struct extract_options how = { opt_flag(iocs->values, O_CODE) ? EXTRACT_CODE : EXTRACT_PROSE,
        opt_flag(iocs->values, O_NO_FILES) };
    struct extract_list found;
    struct file_text file = { 0 };
    struct hn_err err = { 0 };
    int code = EXIT_FINE;

    if (file_read(path, &file, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        return EXIT_IO;
    }
    extract_list_init(&found);
    (void)extract_text(extract, file.text, &how, extract_list_add, &found);
    protect_list_add_extracted(&iocs->list, &found);
    if (iocs->list.status != HN_OK) {
        ui_error(UI_TEXT("%s: too many indicators", "%s: 指標が多すぎます"), path);
        code = EXIT_IO;
    }
    extract_list_deinit(&found);
    file_text_free(&file);
    return code;
}

static int load_warninglists(struct ioc_builder *builder, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct file_text file = { 0 };
        struct hn_err err = { 0 };
        enum hn_status status = file_read(paths[i], &file, &err);

        if (status == HN_OK)
            status = ioc_warnlist_load(
                    builder, hn_text_as_bytes(file.text), IOC_WARN_AUTO, NULL, &err);
        file_text_free(&file);
        if (status != HN_OK) {
            ui_error_at(hn_text_cstr(paths[i]), &err);
            return EXIT_IO;
        }
    }
    return EXIT_FINE;
}

static int judge(struct iocs *iocs)
{
    const char *const *paths;
    size_t count = opt_texts(iocs->values, O_WARNINGLISTS, &paths);
    struct ioc_builder *builder;
    struct hn_err err = { 0 };
    int code;

    if (count == 0)
        return EXIT_FINE;
    builder = ioc_builder_new(NULL);
    if (builder == NULL)
        return EXIT_IO;
    code = load_warninglists(builder, paths, count);
    if (code == EXIT_FINE && protect_list_judge(&iocs->list, builder, &err) != HN_OK) {
        ui_error_at(HN_TEXT("warninglist"), &err);
        code = EXIT_IO;
    }
    ioc_builder_free(builder);
    return code;
}

static int read_all(struct iocs *iocs)
{
    static const char *const standard_input[] = { "-" };
    const char *const *paths = iocs->values->operands;
    size_t count = iocs->values->operand_count;
    struct extract *extract = extract_new();
    int code = EXIT_FINE;

    if (extract == NULL)
        return EXIT_IO;
    if (count == 0) {
        paths = standard_input;
        count = 1;
    }
    iocs->name = hn_text_cstr(paths[0]);
    for (size_t i = 0; code == EXIT_FINE && i < count; i++)
        code = read_one(iocs, extract, paths[i]);
    extract_free(extract);
    return code == EXIT_FINE ? judge(iocs) : code;
}

/* ---- Showing ---- */

static const char *kind_name(enum extract_kind kind)
{
    switch (kind) {
    case EXTRACT_URL:
        return "URL";
    case EXTRACT_HOST:
        return UI_TEXT("host", "ホスト");
    case EXTRACT_IPV4:
        return "IPv4";
    case EXTRACT_IPV6:
        return "IPv6";
    case EXTRACT_NETWORK:
        return UI_TEXT("network", "ネットワーク");
    case EXTRACT_MD5:
        return "MD5";
    case EXTRACT_SHA1:
        return "SHA-1";
    case EXTRACT_SHA256:
        return "SHA-256";
    case EXTRACT_SHA512:
        return "SHA-512";
    case EXTRACT_EMAIL:
        return UI_TEXT("mail", "メール");
    case EXTRACT_FILE:
        return UI_TEXT("file", "ファイル名");
    case EXTRACT_PATH:
    case EXTRACT_UNIX_PATH:
        return UI_TEXT("path", "パス");
    case EXTRACT_REGISTRY:
        return UI_TEXT("registry", "レジストリ");
    case EXTRACT_MUTEX:
        return "mutex";
    case EXTRACT_CVE:
        return "CVE";
    case EXTRACT_USER_AGENT:
        return "User-Agent";
    case EXTRACT_KIND_COUNT:
        break;
    }
    return "";
}

#define KIND_COLUMNS 13

static void show_one(const struct iocs *iocs, const struct protect_indicator *one,
        struct hn_buf *scratch, struct hn_buf *out)
{
    const char *kind = kind_name(one->what);
    /* Warning lists are named below. */
    const char *remark = protect_mark_text(one->marks & ~(unsigned)EXTRACT_LISTED, ui.japanese);
    size_t columns = hn_utf8_columns(hn_text_cstr(kind));
    bool dim = (one->marks &
                       (EXTRACT_PRIVATE | EXTRACT_RESERVED | EXTRACT_COMMON | EXTRACT_LISTED)) != 0;

    hn_buf_add_cstr(out, kind);
    hn_buf_add_repeat(out, ' ', columns < KIND_COLUMNS ? KIND_COLUMNS - columns : 1);
    hn_buf_reset(scratch);
    if (opt_flag(iocs->values, O_NO_DEFANG))
        hn_buf_add_text(scratch, one->value);
    else
        protect_defang(scratch, one);
    if (one->port != 0 && one->what != EXTRACT_URL)
        hn_buf_addf(scratch, ":%u", (unsigned)one->port);
    hn_buf_add_cstr(out, ui_style(dim ? UI_DIM : UI_PLAIN, ui.color_out));
    ui_add_cell(out, hn_buf_text(scratch), 0);
    if (one->count > 1)
        hn_buf_addf(out, "  ×%u", (unsigned)one->count);
    if (remark != NULL)
        hn_buf_addf(out, "  (%s)", remark);
    if (one->warning.len > 0) {
        hn_buf_add_lit(out, "  [");
        ui_add_cell(out, one->warning, 0);
        hn_buf_add_lit(out, "]");
    }
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

static void show(const struct iocs *iocs, struct hn_buf *out)
{
    struct hn_buf scratch = { 0 };

    for (unsigned kind = 0; kind < EXTRACT_KIND_COUNT; kind++) {
        for (size_t i = 0; i < iocs->list.items.count; i++) {
            if (iocs->list.items.ptr[i].what == (enum extract_kind)kind)
                show_one(iocs, &iocs->list.items.ptr[i], &scratch, out);
        }
    }
    hn_buf_deinit(&scratch);
}

static int write_out(const struct iocs *iocs)
{
    const char *output = opt_text(iocs->values, O_OUTPUT);
    struct protect_case about = { .name = iocs->name,
        .made = (hn_time)time(NULL) * HN_SECOND,
        .version = HN_TEXT(HN_VERSION),
        .japanese = ui.japanese,
        .indicators = iocs->list.items.ptr,
        .indicator_count = iocs->list.items.count };
    struct hn_buf out = { 0 };
    bool ok;

    if (output == NULL || strcmp(output, "human") == 0)
        show(iocs, &out);
    else if (strcmp(output, "csv") == 0)
        protect_write_csv(&about, &out);
    else if (strcmp(output, "jsonl") == 0)
        protect_write_jsonl(&about, &out);
    else if (strcmp(output, "stix") == 0)
        protect_write_stix(&about, &out);
    else
        protect_write_misp(&about, &out);
    ok = hn_buf_ok(&out) && ui_write(stdout, hn_buf_text(&out));
    hn_buf_deinit(&out);
    return ok ? EXIT_FINE : EXIT_IO;
}

static int iocs_run(const struct opt_values *values)
{
    struct iocs iocs = { .values = values };
    int code;

    ui_set_color(opt_text(values, O_COLOR));
    hn_arena_init(&iocs.arena, ARENA_BYTES_MAX);
    protect_list_init(&iocs.list, &iocs.arena);
    code = read_all(&iocs);
    if (code == EXIT_FINE)
        code = write_out(&iocs);
    protect_list_deinit(&iocs.list);
    hn_arena_deinit(&iocs.arena);
    return code;
}

const struct opt_command cmd_iocs = {
    .name = "iocs",
    .operands = "[FILE...]",
    .summary = "Finds indicators in texts, defanged or not",
    .summary_ja = "文章から IoC を取り出す(無害化表記にも対応)",
    .details = "Reads mails, reports, posts and scripts; without FILE, or for -, standard input. "
               "Finds URLs, hosts, addresses, hashes, mail addresses, paths, registry keys, "
               "mutexes, CVEs and user agents however they are written. docs/extract.md says what "
               "counts as what.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = iocs_run,
};
