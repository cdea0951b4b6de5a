/* commands.h - the subcommands, one file each. */
#ifndef HN_APP_COMMANDS_H
#define HN_APP_COMMANDS_H

#include "app/opt.h"

extern const struct opt_command cmd_scan;
extern const struct opt_command cmd_events;
extern const struct opt_command cmd_stats;
extern const struct opt_command cmd_search;
extern const struct opt_command cmd_rules_list;
extern const struct opt_command cmd_rules_lint;
extern const struct opt_command cmd_rules_test;
extern const struct opt_command cmd_rules_explain;
extern const struct opt_command cmd_rules_coverage;
extern const struct opt_command cmd_rules_cost;
extern const struct opt_command cmd_rules_update;
extern const struct opt_command cmd_serve;
extern const struct opt_command cmd_config_check;
extern const struct opt_command cmd_config_show;
extern const struct opt_command cmd_config_document;
extern const struct opt_command cmd_journal_check;
extern const struct opt_command cmd_journal_export;
extern const struct opt_command cmd_journal_repair;
extern const struct opt_command cmd_db_check;
extern const struct opt_command cmd_db_backup;
extern const struct opt_command cmd_bench;
extern const struct opt_command cmd_completion;
extern const struct opt_command cmd_man;
extern const struct opt_command cmd_version;

#endif
