/* attack.h - names and tactics of ATT&CK techniques, for the matrix of a report.
 *
 * Rules name techniques and tactics side by side, without saying which belongs to which; the table
 * here knows the tactics of the techniques that rules name, so that a cell stands in its column.
 * ATT&CK is a trademark of The MITRE Corporation; names of techniques are those of ATT&CK.
 * Concurrency: constant tables. Memory: none. */
#ifndef HN_REPORT_ATTACK_H
#define HN_REPORT_ATTACK_H

#include "base/attr.h"
#include "base/view.h"

#include <stdint.h>

/* In the order of an attack. Defence evasion was split in two in 2026; older rules still name it.
 * id, English, Japanese, letters of the table in attack.c that stand for it. */
#define ATTACK_TACTIC_LIST(X)                                                                \
    X(ATTACK_RECONNAISSANCE, "reconnaissance", "Reconnaissance", "偵察", 'R')                \
    X(ATTACK_RESOURCES, "resource-development", "Resource Development", "リソース準備", 'S') \
    X(ATTACK_INITIAL_ACCESS, "initial-access", "Initial Access", "初期侵入", 'A')            \
    X(ATTACK_EXECUTION, "execution", "Execution", "実行", 'E')                               \
    X(ATTACK_PERSISTENCE, "persistence", "Persistence", "永続化", 'P')                       \
    X(ATTACK_PRIVILEGES, "privilege-escalation", "Privilege Escalation", "権限昇格", 'V')    \
    X(ATTACK_STEALTH, "stealth", "Stealth", "隠蔽", 'D')                                     \
    X(ATTACK_IMPAIRMENT, "defense-impairment", "Defense Impairment", "防御の妨害", 'D')      \
    X(ATTACK_EVASION, "defense-evasion", "Defense Evasion", "防御の回避", 'D')               \
    X(ATTACK_CREDENTIALS, "credential-access", "Credential Access", "認証情報の窃取", 'C')   \
    X(ATTACK_DISCOVERY, "discovery", "Discovery", "探索", 'I')                               \
    X(ATTACK_LATERAL, "lateral-movement", "Lateral Movement", "横展開", 'L')                 \
    X(ATTACK_COLLECTION, "collection", "Collection", "収集", 'K')                            \
    X(ATTACK_C2, "command-and-control", "Command and Control", "遠隔操作(C2)", 'X')          \
    X(ATTACK_EXFILTRATION, "exfiltration", "Exfiltration", "持ち出し", 'F')                  \
    X(ATTACK_IMPACT, "impact", "Impact", "影響", 'M')

enum attack_tactic {
#define ATTACK_TACTIC_ENUM(name, id, en, ja, letter) name,
    ATTACK_TACTIC_LIST(ATTACK_TACTIC_ENUM)
#undef ATTACK_TACTIC_ENUM
            ATTACK_TACTIC_COUNT /* also: a column for techniques of no known tactic */
};

/* "lateral-movement" to its tactic, ATTACK_TACTIC_COUNT when it is none. */
enum attack_tactic attack_tactic_of(struct hn_text id);
const char *attack_tactic_name(enum attack_tactic tactic, bool japanese);

/* One bit per tactic that the technique ("T1059" or "T1059.001") serves; 0: not in the table. */
uint32_t attack_tactics(struct hn_text technique);
/* "PowerShell", or NULL when it is not in the table. */
const char *attack_name(struct hn_text technique);

#endif
