/* commands.h - the subcommands, one file each. */
#ifndef HN_APP_COMMANDS_H
#define HN_APP_COMMANDS_H

#include "app/opt.h"

extern const struct opt_command cmd_scan;
extern const struct opt_command cmd_analyze;
extern const struct opt_command cmd_decode;
extern const struct opt_command cmd_events;
extern const struct opt_command cmd_stats;
extern const struct opt_command cmd_search;
extern const struct opt_command cmd_iocs;
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
extern const struct opt_command cmd_alerts_show;
extern const struct opt_command cmd_alerts_set;
extern const struct opt_command cmd_alerts;
extern const struct opt_command cmd_incidents_show;
extern const struct opt_command cmd_incidents_set;
extern const struct opt_command cmd_incidents_merge;
extern const struct opt_command cmd_incidents_split;
extern const struct opt_command cmd_incidents;
extern const struct opt_command cmd_exceptions_add;
extern const struct opt_command cmd_exceptions_preview;
extern const struct opt_command cmd_exceptions_end;
extern const struct opt_command cmd_exceptions;
extern const struct opt_command cmd_outbox_requeue;
extern const struct opt_command cmd_outbox;
extern const struct opt_command cmd_watch;
extern const struct opt_command cmd_status;
extern const struct opt_command cmd_doctor;
extern const struct opt_command cmd_user_list;
extern const struct opt_command cmd_user_add;
extern const struct opt_command cmd_user_password;
extern const struct opt_command cmd_user_role;
extern const struct opt_command cmd_user_disable;
extern const struct opt_command cmd_user_enable;
extern const struct opt_command cmd_token_list;
extern const struct opt_command cmd_token_add;
extern const struct opt_command cmd_token_revoke;
extern const struct opt_command cmd_bench;
extern const struct opt_command cmd_completion;
extern const struct opt_command cmd_man;
extern const struct opt_command cmd_version;

#endif
