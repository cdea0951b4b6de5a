/* work_options.h - what alerts and incidents have in common: filters, status, verdict, assignee,
 * comments. */
#ifndef HN_APP_WORK_OPTIONS_H
#define HN_APP_WORK_OPTIONS_H

#include "app/remote.h"

enum work_option { O_WORK_STATUS = 128, O_VERDICT, O_ASSIGNEE, O_COMMENT };

#define WORK_STATUSES "new|in_progress|pending|closed"
#define WORK_VERDICTS "tp_impact|tp_no_impact|benign_tp|fp|undetermined"

/* clang-format off */
#define OPT_WORK_FILTER_ROWS                                                                       \
    { O_LEVEL, "level", 'l', OPT_CHOICE, NULL, OPT_LEVELS, "only this level and above",            \
            "このレベル以上だけ" },                                                                \
    { O_WORK_STATUS, "status", '\0', OPT_CHOICE, NULL, WORK_STATUSES, "only this status",          \
            "この状態だけ" },                                                                      \
    { O_VERDICT, "verdict", '\0', OPT_CHOICE, NULL, WORK_VERDICTS, "only this verdict",            \
            "この判定だけ" },                                                                      \
    { O_ASSIGNEE, "assignee", '\0', OPT_TEXT, "NAME", NULL, "only those of this person",           \
            "この担当者だけ" },                                                                    \
    { O_SINCE, "since", '\0', OPT_TEXT, "TIME", NULL,                                              \
            "only from then on: a time, or how long ago (24h, 7d)",                                \
            "この時刻以降(時刻、または 24h・7d のような長さ)" },                                 \
    { O_UNTIL, "until", '\0', OPT_TEXT, "TIME", NULL, "only up to then", "この時刻まで" }
#define OPT_WORK_CHANGE_ROWS                                                                       \
    { O_WORK_STATUS, "status", '\0', OPT_CHOICE, NULL, WORK_STATUSES, "how far the work is",       \
            "作業の状態" },                                                                        \
    { O_VERDICT, "verdict", '\0', OPT_CHOICE, NULL, WORK_VERDICTS,                                 \
            "what it was: attack with or without impact, benign, false alarm, undetermined",       \
            "判定: 攻撃(被害あり/なし)、正当な操作、誤検知、判定できず" },                       \
    { O_ASSIGNEE, "assignee", '\0', OPT_TEXT, "NAME", NULL, "who works on it; \"\": nobody",       \
            "担当者(\"\" で解除)" },                                                             \
    { O_COMMENT, "comment", 'm', OPT_TEXT, "TEXT", NULL, "for the history", "履歴に残すコメント" }
/* clang-format on */

/* Adds the filters to a query. */
HN_MUST_USE int work_filter(
        const struct opt_values *values, const struct hn_zone *zone, struct hn_buf *path);
/* EXIT_USAGE after saying so when there is nothing to change. */
HN_MUST_USE int work_change_check(const struct opt_values *values);
/* Sends the change to path, and the comment to path/comments; name is what people call it. */
HN_MUST_USE int work_change(struct remote *remote, const struct opt_values *values,
        const struct hn_buf *path, const char *name);

#endif
