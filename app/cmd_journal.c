/* cmd_journal.c - hinomi journal check, repair: is the journal whole, and what to do when it is
 * not. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/ui.h"

#include "journal/journal.h"

#include <inttypes.h>

/* The one operand; NULL after saying that there must be one. */
static const char *folder_of(const struct opt_values *values)
{
    if (values->operand_count == 1)
        return values->operands[0];
    ui_error("%s", UI_TEXT("one journal folder is wanted",
                           "ジャーナルのフォルダーを一つ指定してください"));
    return NULL;
}

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    struct hn_buf *out = ctx;

    hn_buf_addf(out,
            UI_TEXT("damaged: %s, offsets %" PRIu64 " to %" PRIu64 " (",
                    "破損: %s オフセット %" PRIu64 "〜%" PRIu64 " ("),
            damage->file, damage->start, damage->end);
    ui_add_bytes(out, damage->end - damage->start);
    hn_buf_addf(out, "): %s\n", damage->reason);
}

static void add_summary(const struct journal_check *check, struct hn_buf *out)
{
    ui_add_count(out, check->segments);
    hn_buf_add_cstr(out, UI_TEXT(" segments, ", " セグメント、"));
    ui_add_count(out, check->records);
    hn_buf_add_cstr(out, UI_TEXT(" records, offsets ", " レコード、オフセット "));
    hn_buf_addf(out, UI_TEXT("%" PRIu64 " to %" PRIu64 "; ", "%" PRIu64 "〜%" PRIu64 "、"),
            check->start, check->end);
    if (check->damaged == 0) {
        hn_buf_add_cstr(out, UI_TEXT("nothing is damaged\n", "破損なし\n"));
        return;
    }
    ui_add_count(out, check->damaged);
    hn_buf_add_cstr(out, UI_TEXT(" damaged stretches, ", " か所が破損、"));
    ui_add_bytes(out, check->damaged_bytes);
    hn_buf_add_cstr(out, UI_TEXT(" lost\n", " を失いました\n"));
}

typedef enum hn_status look_after(const char *dir, journal_on_damage *on_damage, void *ctx,
        struct journal_check *ret_check, struct hn_err *err);

static int run(const struct opt_values *values, look_after *look, const char *done)
{
    const char *dir = folder_of(values);
    struct journal_check check = { 0 };
    struct hn_buf out = { 0 };
    struct hn_err err = { 0 };
    int code = EXIT_IO;

    if (dir == NULL)
        return EXIT_USAGE;
    if (look(dir, on_damage, &out, &check, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(dir), &err);
    } else {
        add_summary(&check, &out);
        if (done != NULL && check.damaged > 0)
            hn_buf_addf(&out, "%s\n", done);
        code = check.damaged > 0 ? EXIT_PARTIAL : EXIT_FINE;
    }
    if (!hn_buf_ok(&out) || !ui_write(stdout, hn_buf_text(&out)))
        code = EXIT_IO;
    hn_buf_deinit(&out);
    return code;
}

static int check_run(const struct opt_values *values)
{
    return run(values, journal_check, NULL);
}

static int repair_run(const struct opt_values *values)
{
    return run(values, journal_repair,
            UI_TEXT("Whole records were written anew; damaged files are kept as *.bad.",
                    "無事なレコードを書き直しました。破損したファイルは *.bad "
                    "として残してあります。"));
}

const struct opt_command cmd_journal_check = {
    .name = "journal check",
    .operands = "DIR",
    .summary = "Reads a whole journal and says what is damaged; changes nothing",
    .summary_ja = "ジャーナル全体を読み、破損を報告(変更はしない)",
    .details = "May be run while the server writes; it then reads what is durable so far.",
    .run = check_run,
};

const struct opt_command cmd_journal_repair = {
    .name = "journal repair",
    .operands = "DIR",
    .summary = "Writes damaged segments of a journal anew from the records that are whole",
    .summary_ja = "破損したセグメントを、無事なレコードから書き直す",
    .details = "Records keep their offsets. The damaged files are kept beside as *.bad. Refused "
               "while the server runs. `hinomi journal check` shows beforehand what would be lost.",
    .run = repair_run,
};
