/* scan_table.h - what `hinomi scan` shows on a terminal: alerts by rule and host, and a summary. */
#ifndef HN_APP_SCAN_TABLE_H
#define HN_APP_SCAN_TABLE_H

#include "scan/scan.h"

/* The table of groups, most important first. */
void scan_table_write(struct alert_groups *groups, const struct hn_zone *zone, struct hn_buf *out);

struct scan_numbers {
    const struct scan_summary *summary;
    const struct sigma_set *set;
    double seconds;       /* of the scan */
    double rules_seconds; /* of loading the rules */
    uint32_t rules_enabled;
    uint64_t indicators;
};
/* Rules whose log source does not occur in what was read. */
uint32_t scan_rules_without_source(const struct scan_numbers *numbers);
/* Events, sources, alerts by level, rules loaded, rejected, unable to fire, rules that
 * gave up on values, damage. */
void scan_summary_write(const struct scan_numbers *numbers, struct hn_buf *out);

#endif
