/* cmd_config.c - hinomi config check, show, document: what the server would run with. */
#include "app/commands.h"
#include "app/config_load.h"
#include "app/exit_code.h"
#include "app/opt_shared.h"
#include "app/ui.h"

enum { O_CONFIG, O_ALL };

#define CONFIG_ROW                                                                       \
    {                                                                                    \
        O_CONFIG, "config", 'c', OPT_TEXT, "FILE", NULL,                                 \
                "configuration (default: /etc/hinomi/hinomi.yaml, if there is one)",     \
                "設定ファイル(既定: /etc/hinomi/hinomi.yaml があればそれ)" \
    }

static const struct opt_spec check_options[] = { CONFIG_ROW };

static const struct opt_spec show_options[] = {
    CONFIG_ROW,
    { O_ALL, "all", 'a', OPT_FLAG, NULL, NULL, "also what is at its default",
            "既定値のままの項目も示す" },
};

static int run_check(const struct opt_values *values)
{
    struct config *config = NULL;
    uint32_t files = 0;
    int code = config_load(opt_text(values, O_CONFIG), &config, &files);

    if (code == EXIT_FINE) {
        (void)printf(UI_TEXT("configuration is fine: %u files, %u sources, %u outputs\n",
                             "設定に問題ありません: ファイル %u、ログ源 %u、通知先 %u\n"),
                files, config->sources.count, config->outputs.count);
    }
    config_free(config);
    return code;
}

static int print(struct hn_buf *text)
{
    bool fine = hn_buf_ok(text) && ui_write(stdout, hn_buf_text(text));

    hn_buf_deinit(text);
    return fine ? EXIT_FINE : EXIT_IO;
}

static int run_show(const struct opt_values *values)
{
    struct config *config = NULL;
    struct hn_buf text = { 0 };
    int code = config_load(opt_text(values, O_CONFIG), &config, NULL);

    if (code == EXIT_FINE) {
        config_show(config, opt_flag(values, O_ALL), &text);
        code = print(&text);
    }
    config_free(config);
    return code;
}

static int run_document(const struct opt_values *values)
{
    struct hn_buf text = { 0 };

    (void)values;
    config_document(&text);
    return print(&text);
}

const struct opt_command cmd_config_check = {
    .name = "config check",
    .summary = "Check the configuration as the server would read it",
    .summary_ja = "設定を、サーバーが読むとおりに検査する",
    .details = "Every mistake is told with file, line and column; the exit code is then 3.",
    .options = check_options,
    .option_count = HN_COUNT_OF(check_options),
    .run = run_check,
};

const struct opt_command cmd_config_show = {
    .name = "config show",
    .summary = "Print the configuration that is in force",
    .summary_ja = "有効な設定を表示する",
    .details = "Files, conf.d and environment variables together, as YAML that can be used as a "
               "configuration.",
    .options = show_options,
    .option_count = HN_COUNT_OF(show_options),
    .run = run_show,
};

const struct opt_command cmd_config_document = {
    .name = "config document",
    .summary = "Print the reference of all keys, docs/configuration.md",
    .summary_ja = "全設定項目の一覧(docs/configuration.md)を出力する",
    .run = run_document,
};
