/* rule_options.h - option rows of the commands that load rules: where rules, pipelines and lists
 * come from. Written once; numbers stay above those of opt_shared.h. */
#ifndef HN_APP_RULE_OPTIONS_H
#define HN_APP_RULE_OPTIONS_H

#include "app/opt.h"
#include "app/rules_load.h"

enum opt_rules {
    O_RULE_PATHS = 96,
    O_RULE_PIPELINES,
    O_RULE_LISTS,
    O_RULE_NO_CACHE,
};

/* clang-format off */

#define OPT_RULE_PATHS_ROW                                                                         \
    { O_RULE_PATHS, "rules", 'r', OPT_TEXTS, "PATH", NULL,                                         \
            "Sigma rules: files or folders, repeatable (default: the shipped rules)",              \
            "Sigma ルール(ファイルまたはフォルダー、複数可。既定: 同梱ルール)" }

#define OPT_RULE_MAKING_ROWS                                                                       \
    { O_RULE_PIPELINES, "pipeline", 'p', OPT_TEXTS, "FILE", NULL,                                  \
            "pySigma processing pipeline applied to the rules, repeatable",                        \
            "ルールに適用する pySigma パイプライン(複数可)" },                                   \
    { O_RULE_LISTS, "lists", '\0', OPT_TEXTS, "DIR", NULL,                                         \
            "placeholder lists: a folder of <Name>.txt, or Name=FILE, repeatable",                 \
            "プレースホルダーの一覧: <名前>.txt のフォルダー、または 名前=ファイル" },             \
    { O_RULE_NO_CACHE, "no-cache", '\0', OPT_FLAG, NULL, NULL,                                     \
            "neither read nor write the cache of parsed rules", "ルールのキャッシュを使わない" }

/* clang-format on */

/* What the rows say; paths are those of -r. values must outlive the result. */
struct rules_options rule_options_read(const struct opt_values *values);

#endif
