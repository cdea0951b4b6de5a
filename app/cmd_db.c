/* cmd_db.c - hinomi db check, hinomi db backup: looking after what `serve` keeps, also while it
 * runs. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/ui.h"

#include "store/store.h"

enum { O_DB };

#define DB_DEFAULT "/var/lib/hinomi/hinomi.db"

static const struct opt_spec options[] = {
    { O_DB, "db", 'd', OPT_TEXT, "FILE", NULL, "the database of serve (default: " DB_DEFAULT ")",
            "serve のデータベース(既定: " DB_DEFAULT ")" },
};

static const char *path_of(const struct opt_values *values)
{
    const char *path = opt_text(values, O_DB);

    return path == NULL ? DB_DEFAULT : path;
}

/* Reads only: neither of the two commands changes the database. */
static enum hn_status open_store(const char *path, struct store **ret_store)
{
    struct store_options store_options = { .path = path, .read_only = true };
    struct hn_err err = { 0 };
    enum hn_status status = store_open(&store_options, ret_store, &err);

    if (status != HN_OK)
        ui_error_at(hn_text_cstr(path), &err);
    return status;
}

static void on_complaint(void *ctx, struct hn_text complaint)
{
    struct hn_buf *out = ctx;

    ui_add_cell(out, complaint, 0);
    hn_buf_add_char(out, '\n');
}

static int check_run(const struct opt_values *values)
{
    const char *path = path_of(values);
    struct hn_buf out = { 0 };
    struct hn_err err = { 0 };
    struct store *store = NULL;
    enum hn_status status = open_store(path, &store);
    bool written;

    if (status != HN_OK)
        return EXIT_IO;
    status = store_check(store, on_complaint, &out, &err);
    store_close(store);
    if (status == HN_OK)
        hn_buf_add_cstr(&out, UI_TEXT("nothing is wrong\n", "問題はありません\n"));
    written = hn_buf_ok(&out) && ui_write(stdout, hn_buf_text(&out));
    hn_buf_deinit(&out);
    if (status != HN_OK)
        ui_error_at(hn_text_cstr(path), &err);
    if (status == HN_CORRUPT)
        return EXIT_FINDINGS;
    return status == HN_OK && written ? EXIT_FINE : EXIT_IO;
}

const struct opt_command cmd_db_check = {
    .name = "db check",
    .summary = "Checks the database of serve and changes nothing",
    .summary_ja = "serve のデータベースを検査(変更はしない)",
    .details = "Reads everything: SQLite's own checks, references, counts, and the chain of the "
               "history, in which each row holds a digest of the one before. What is wrong is "
               "printed, one line each; then the exit status is 1. It may run beside serve.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = check_run,
};

static int backup_run(const struct opt_values *values)
{
    struct hn_err err = { 0 };
    struct store *store = NULL;
    enum hn_status status;

    if (values->operand_count != 1) {
        ui_error("%s",
                UI_TEXT("one file to write is wanted", "書き込むファイルを一つ指定してください"));
        return EXIT_USAGE;
    }
    if (open_store(path_of(values), &store) != HN_OK)
        return EXIT_IO;
    status = store_backup(store, values->operands[0], &err);
    store_close(store);
    if (status != HN_OK)
        ui_error_at(hn_text_cstr(values->operands[0]), &err);
    return status == HN_OK ? EXIT_FINE : EXIT_IO;
}

const struct opt_command cmd_db_backup = {
    .name = "db backup",
    .operands = "FILE",
    .summary = "Copies the database of serve while it runs",
    .summary_ja = "稼働中の serve のデータベースを複製",
    .details = "The copy is one consistent state. It is written beside FILE, synced, and renamed "
               "to FILE: there is a whole copy or none. FILE is replaced when it exists.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = backup_run,
};
