/* attack.h - to which tactics of ATT&CK a technique belongs. Private to src/report.
 *
 * Sigma's tags name techniques and tactics of a rule in one list; this says which go together. */
#ifndef HN_REPORT_ATTACK_H
#define HN_REPORT_ATTACK_H

#include <stdbool.h>

/* "T1059.001" and "execution". A sub-technique belongs where its technique does. */
bool attack_belongs(const char *technique, const char *tactic);

#endif
