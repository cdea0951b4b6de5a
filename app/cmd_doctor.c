/* cmd_doctor.c - hinomi doctor: is everything on this machine as a server needs it. */
#include "app/cells.h"
#include "app/commands.h"
#include "app/config_load.h"
#include "app/doctor.h"
#include "app/exit_code.h"
#include "app/opt_shared.h"
#include "app/remote_table.h"
#include "app/ui.h"

#include "base/escape.h"
#include "base/json_out.h"

#include <stdio.h>
#include <string.h>

enum { O_CONFIG, O_FULL, O_JSON };

static const struct opt_spec options[] = {
    { O_CONFIG, "config", 'c', OPT_TEXT, "FILE", NULL,
            "configuration (default: /etc/hinomi/hinomi.yaml, if there is one)",
            "設定ファイル(既定: /etc/hinomi/hinomi.yaml があればそれ)" },
    { O_DATA_DIR, "data", '\0', OPT_TEXT, "DIR", NULL,
            "data folder, instead of the configuration's", "データフォルダー(設定より優先)" },
    { O_FULL, "full", '\0', OPT_FLAG, NULL, NULL,
            "read all of the journal and the database, however long it takes",
            "ジャーナルとデータベースを時間がかかっても全部調べる" },
    { O_JSON, "json", '\0', OPT_FLAG, NULL, NULL, "a line of JSON for each check",
            "検査ごとに JSON 1行" },
    OPT_UI_ROWS,
};

static const struct {
    const char *json;
    const char *en;
    const char *ja;
    enum ui_style style;
} verdicts[] = {
    [DOCTOR_FINE] = { "fine", "fine", "正常", UI_GREEN },
    [DOCTOR_ODD] = { "odd", "look", "注意", UI_YELLOW },
    [DOCTOR_BAD] = { "bad", "BAD", "異常", UI_RED },
};

static void say_json(struct doctor *doctor, enum doctor_verdict verdict, const char *what,
        const char *text, const char *advice)
{
    struct hn_json_out json = hn_json_out_over(&doctor->out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "check", hn_text_cstr(what));
    hn_json_pair(&json, "verdict", hn_text_cstr(verdicts[verdict].json));
    hn_json_pair(&json, "found", hn_text_cstr(text));
    if (advice != NULL && advice[0] != '\0')
        hn_json_pair(&json, "advice", hn_text_cstr(advice));
    hn_json_close(&json, '}');
    hn_buf_add_char(&doctor->out, '\n');
}

void doctor_say(struct doctor *doctor, enum doctor_verdict verdict, const char *what,
        const char *text, const char *advice)
{
    struct hn_buf *out = &doctor->out;
    struct hn_buf prose = { 0 };

    doctor->odd += verdict == DOCTOR_ODD;
    doctor->bad += verdict == DOCTOR_BAD;
    if (doctor->json) {
        say_json(doctor, verdict, what, text, advice);
        return;
    }
    if (ui.quiet && verdict == DOCTOR_FINE)
        return;
    hn_buf_add_cstr(out, ui_style(verdicts[verdict].style, ui.color_out));
    ui_add_cell(out, hn_text_cstr(UI_TEXT(verdicts[verdict].en, verdicts[verdict].ja)), 6);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    ui_add_cell(out, hn_text_cstr(what), 16);
    remote_add_prose(&prose, hn_text_cstr(text), 22);
    hn_buf_add_text(out, hn_text_sub(hn_buf_text(&prose), 22, prose.len));
    if (advice != NULL && advice[0] != '\0') {
        hn_buf_reset(&prose);
        remote_add_prose(&prose, hn_text_cstr(advice), 24);
        hn_buf_add_repeat(out, ' ', 22);
        hn_buf_add_lit(out, "→ ");
        hn_buf_add_text(out, hn_text_sub(hn_buf_text(&prose), 24, prose.len));
    }
    hn_buf_deinit(&prose);
}

static void check_all(struct doctor *doctor)
{
    doctor_check_data(doctor);
    doctor_check_disk(doctor);
    doctor_check_journal(doctor);
    doctor_check_database(doctor);
    doctor_check_certificate(doctor);
    doctor_check_rules(doctor);
    doctor_check_ports(doctor);
    doctor_check_clock(doctor);
    doctor_check_limits(doctor);
    doctor_check_unit(doctor);
}

static void sum_up(struct doctor *doctor)
{
    if (doctor->json || ui.quiet)
        return;
    if (doctor->bad + doctor->odd == 0) {
        hn_buf_add_cstr(&doctor->out,
                UI_TEXT("\nEverything is as it should be.\n", "\n問題はありません。\n"));
    } else {
        hn_buf_addf(&doctor->out,
                UI_TEXT("\n%u bad, %u to look at; the arrows say what to do.\n",
                        "\n異常 %u 件、注意 %u 件。→ が対処です。\n"),
                doctor->bad, doctor->odd);
    }
}

static int run(const struct opt_values *values)
{
    struct doctor doctor = { .full = opt_flag(values, O_FULL), .json = opt_flag(values, O_JSON) };
    const char *data = opt_text(values, O_DATA_DIR);
    struct config *config = NULL;
    int code;

    ui_set_color(opt_text(values, O_COLOR));
    ui.quiet = opt_flag(values, O_QUIET);
    code = config_load(opt_text(values, O_CONFIG), &config, NULL);
    if (code == EXIT_FINE) {
        doctor_say(&doctor, DOCTOR_FINE, UI_TEXT("Configuration", "設定"),
                UI_TEXT("can be read and has no mistakes", "読めて誤りなし"), NULL);
    } else {
        doctor_say(&doctor, DOCTOR_BAD, UI_TEXT("Configuration", "設定"),
                UI_TEXT("has the mistakes above; the rest is checked by the defaults",
                        "上に挙げた誤りあり。以降は既定値で検査"),
                UI_TEXT("mend them, then `hinomi config check`", "直してから hinomi config check"));
        if (config_new(&config) != HN_OK)
            return EXIT_IO;
    }
    doctor.config = config;
    (void)snprintf(doctor.data, sizeof doctor.data, "%s", data != NULL ? data : config->data.ptr);
    check_all(&doctor);
    sum_up(&doctor);
    code = doctor.bad > 0 ? EXIT_FINDINGS : EXIT_FINE;
    if (!hn_buf_ok(&doctor.out) || !ui_write(stdout, hn_buf_text(&doctor.out)))
        code = EXIT_IO;
    hn_buf_deinit(&doctor.out);
    config_free(config);
    return code;
}

const struct opt_command cmd_doctor = {
    .name = "doctor",
    .summary = "Checks this machine as a server needs it, and says what to do",
    .summary_ja = "サーバーに必要なものがこのマシンに揃っているか調べ、対処を示す",
    .details = "Configuration, data folder, disk, journal, database, certificate, rules, ports, "
               "clock, limits, service. Nothing is changed; it may run beside the server. Best as "
               "root or as the user of the service. The exit status is 1 when something is bad.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = run,
};
