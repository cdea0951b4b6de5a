/* cmd_serve.c - hinomi serve: real-time detection. */
#include "app/commands.h"
#include "app/config_load.h"
#include "app/exit_code.h"
#include "app/opt_shared.h"
#include "app/serve_known.h"
#include "app/serve_sources.h"
#include "app/ui.h"

#include "serve/serve_log.h"

#include <unistd.h>

enum { O_CONFIG, O_DATA, O_ONCE };

static const struct opt_spec options[] = {
    { O_CONFIG, "config", 'c', OPT_TEXT, "FILE", NULL,
            "configuration (default: /etc/hinomi/hinomi.yaml, if there is one)",
            "設定ファイル(既定: /etc/hinomi/hinomi.yaml があればそれ)" },
    { O_DATA, "data", '\0', OPT_TEXT, "DIR", NULL,
            "folder for journal, alerts and state, instead of the configuration's",
            "ジャーナル・アラート・状態を置くフォルダー(設定より優先)" },
    { O_ONCE, "once", '\0', OPT_FLAG, NULL, NULL,
            "end when the files and pipes of the configuration have been judged",
            "設定のファイルとパイプを判定し終えたら終了する" },
};

static int run(const struct opt_values *values)
{
    struct config *config = NULL;
    struct hn_err err = { 0 };
    struct serve_options serve = { .version = HN_VERSION,
        .gather = serve_sources_gather,
        .stamp = serve_sources_stamp,
        .yara = serve_known_yara,
        .known = serve_known_files,
        .yara_stamp = serve_known_yara_stamp,
        .known_stamp = serve_known_files_stamp,
        .end_at_input_end = opt_flag(values, O_ONCE) };
    int code = config_load(opt_text(values, O_CONFIG), &config, NULL);
    enum hn_status status;

    if (code != EXIT_FINE)
        return code;
    if (opt_text(values, O_DATA) != NULL)
        config->data = hn_text_cstr(opt_text(values, O_DATA));
    serve.config = config;
    serve.ctx = config;
    serve_log_init((enum config_log_format)config->log.format,
            (enum config_log_level)config->log.level, STDERR_FILENO);
    status = serve_run(&serve, &err);
    if (status != HN_OK)
        ui_error_at(HN_TEXT("serve"), &err);
    config_free(config);
    return status == HN_OK ? EXIT_FINE : status == HN_SYNTAX ? EXIT_RULES : EXIT_IO;
}

const struct opt_command cmd_serve = {
    .name = "serve",
    .summary = "Watch logs as they come in, and lose nothing",
    .summary_ja = "届くログを監視する(受け取ったものは失わない)",
    .details = "Takes events over syslog, HTTP (NDJSON, Elasticsearch _bulk, Splunk HEC) and from "
               "files, makes them durable, judges them, and keeps alerts and incidents in a "
               "database.\n\n"
               "SIGHUP reads rules, indicators and certificates again; SIGTERM ends it. The log is "
               "on standard error.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = run,
};
