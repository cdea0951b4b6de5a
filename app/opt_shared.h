/* opt_shared.h - option rows that several commands have in common, each written once.
 *
 * A command puts the groups it wants into its table of options, in the order in which --help shall
 * show them, and numbers its own rows from 0. What the rows mean is done by input_options.h and
 * rule_choice.h. */
#ifndef HN_APP_OPT_SHARED_H
#define HN_APP_OPT_SHARED_H

#include "app/opt.h"

/* Numbers of shared rows; a command's own enum stays below. */
enum opt_shared {
    O_LEVEL = 64,
    O_STATUS,
    O_TAG,
    O_RULE,
    O_SINCE,
    O_UNTIL,
    O_TZ,
    O_FORMAT,
    O_LOGSOURCE,
    O_PASSWORD,
    O_THREADS,
    O_COLOR,
    O_QUIET,
    O_FIELDS,
    O_RAW,
    O_AS_DECODED,
    O_SERVER,
    O_CA,
    O_TOKEN_FILE,
    O_DATA_DIR,
    O_OUTPUT_FORM,
    O_MAX_ROWS,
};

#define OPT_LEVELS "informational|low|medium|high|critical"

/* clang-format off */

/* Which rules: rule_choice.h. */
#define OPT_RULE_CHOICE_ROWS                                                                       \
    { O_LEVEL, "level", 'l', OPT_CHOICE, NULL, OPT_LEVELS, "only alerts of this level and above",  \
            "このレベル以上だけ" },                                                                \
    { O_STATUS, "status", '\0', OPT_TEXTS, "STATUS", NULL,                                         \
            "only rules of this status (stable, test, experimental, ...), repeatable",             \
            "この status のルールだけ(複数可)" },                                                \
    { O_TAG, "tag", '\0', OPT_TEXTS, "TAG", NULL,                                                  \
            "only rules with a tag that starts so (attack.t1059), repeatable",                     \
            "このタグ(前方一致)のルールだけ(複数可)" },                                        \
    { O_RULE, "rule", '\0', OPT_TEXTS, "RULE", NULL,                                               \
            "only rules of this id, or with this in their title, repeatable",                      \
            "この ID、または題名にこれを含むルールだけ(複数可)" }

/* Which events, and what their stamps mean: input_options.h. */
#define OPT_TIME_ROWS                                                                              \
    { O_SINCE, "since", '\0', OPT_TEXT, "TIME", NULL,                                              \
            "only events from then on: a time, or how long ago (24h, 7d)",                         \
            "この時刻以降(時刻、または 24h・7d のような長さ)" },                                 \
    { O_UNTIL, "until", '\0', OPT_TEXT, "TIME", NULL, "only events up to then", "この時刻まで" },  \
    { O_TZ, "tz", '\0', OPT_TEXT, "ZONE", NULL,                                                    \
            "zone of stamps that name none, and of times shown (default: UTC)",                    \
            "タイムゾーン(表示と、ゾーンのない時刻の解釈。既定: UTC)" }

/* How inputs are read: input_options.h. */
#define OPT_INPUT_ROWS                                                                             \
    { O_FORMAT, "format", 'f', OPT_TEXT, "NAME", NULL,                                             \
            "format of all inputs (default: recognised by content)",                               \
            "入力形式を指定(既定: 内容から判定)" },                                              \
    { O_LOGSOURCE, "logsource", '\0', OPT_TEXT, "P/C/S", NULL,                                     \
            "product/category/service of plain text lines",                                        \
            "プレーンテキストの product/category/service" },                                       \
    { O_PASSWORD, "password", '\0', OPT_TEXTS, "TEXT", NULL,                                       \
            "password to try for encrypted archives, repeatable",                                  \
            "暗号化書庫のパスワード(複数可)" },                                                  \
    { O_THREADS, "threads", 'j', OPT_NUMBER, "N", NULL,                                            \
            "worker threads (default: one per processor)", "スレッド数(既定: CPU 数)" }

/* What is written about each event: event_output.h. */
#define OPT_EVENT_ROWS                                                                             \
    { O_FIELDS, "fields", 'F', OPT_TEXT, "NAMES", NULL,                                            \
            "of the event just these fields: names with commas between, under any name "           \
            "rules may use",                                                                       \
            "この項目だけ(カンマ区切り。ルールで使える名前ならどれでも)" },                      \
    { O_RAW, "raw", '\0', OPT_FLAG, NULL, NULL, "the event as it was logged as well",              \
            "元のログも出力" },                                                                    \
    { O_AS_DECODED, "as-decoded", '\0', OPT_FLAG, NULL, NULL,                                      \
            "without the fields that normalisation adds (\"added\")",                              \
            "正規化で加わる項目(added)を出さない" }

/* What people see: input_options.h. */
#define OPT_UI_ROWS                                                                                \
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",          \
            "色(既定: auto)" },                                                                  \
    { O_QUIET, "quiet", 'q', OPT_FLAG, NULL, NULL, "no progress, warnings or summary",             \
            "進捗・警告・集計を出さない" }

/* clang-format on */

#endif
