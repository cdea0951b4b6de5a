/* audit_record.c - the head of an audit record, and the names behind its numbers. */
#include "decode/audit_record.h"

#include "base/num.h"
#include "decode/scan.h"
#include "decode/syscall_table.h"
#include "decode/syslog_header.h"

/* ---- Names ------------------------------------------------------------------------------------
 */

/* linux/audit.h and libaudit.h; by number. Only what the kernel itself sends to syslog appears as a
 * number (printk when no auditd runs), but relays may write any. */
static const struct {
    uint16_t number;
    const char *name;
} types[] = { { 1006, "LOGIN" }, { 1100, "USER_AUTH" }, { 1101, "USER_ACCT" },
    { 1102, "USER_MGMT" }, { 1103, "CRED_ACQ" }, { 1104, "CRED_DISP" }, { 1105, "USER_START" },
    { 1106, "USER_END" }, { 1107, "USER_AVC" }, { 1108, "USER_CHAUTHTOK" }, { 1109, "USER_ERR" },
    { 1110, "CRED_REFR" }, { 1111, "USYS_CONFIG" }, { 1112, "USER_LOGIN" }, { 1113, "USER_LOGOUT" },
    { 1114, "ADD_USER" }, { 1115, "DEL_USER" }, { 1116, "ADD_GROUP" }, { 1117, "DEL_GROUP" },
    { 1118, "DAC_CHECK" }, { 1119, "CHGRP_ID" }, { 1120, "TEST" }, { 1121, "TRUSTED_APP" },
    { 1122, "USER_SELINUX_ERR" }, { 1123, "USER_CMD" }, { 1124, "USER_TTY" }, { 1125, "CHUSER_ID" },
    { 1126, "GRP_AUTH" }, { 1127, "SYSTEM_BOOT" }, { 1128, "SYSTEM_SHUTDOWN" },
    { 1129, "SYSTEM_RUNLEVEL" }, { 1130, "SERVICE_START" }, { 1131, "SERVICE_STOP" },
    { 1132, "GRP_MGMT" }, { 1133, "GRP_CHAUTHTOK" }, { 1134, "MAC_CHECK" }, { 1135, "ACCT_LOCK" },
    { 1136, "ACCT_UNLOCK" }, { 1137, "USER_DEVICE" }, { 1138, "SOFTWARE_UPDATE" },
    { 1200, "DAEMON_START" }, { 1201, "DAEMON_END" }, { 1202, "DAEMON_ABORT" },
    { 1203, "DAEMON_CONFIG" }, { 1204, "DAEMON_RECONFIG" }, { 1205, "DAEMON_ROTATE" },
    { 1206, "DAEMON_RESUME" }, { 1207, "DAEMON_ACCEPT" }, { 1208, "DAEMON_CLOSE" },
    { 1209, "DAEMON_ERR" }, { 1300, "SYSCALL" }, { 1302, "PATH" }, { 1303, "IPC" },
    { 1304, "SOCKETCALL" }, { 1305, "CONFIG_CHANGE" }, { 1306, "SOCKADDR" }, { 1307, "CWD" },
    { 1309, "EXECVE" }, { 1311, "IPC_SET_PERM" }, { 1312, "MQ_OPEN" }, { 1313, "MQ_SENDRECV" },
    { 1314, "MQ_NOTIFY" }, { 1315, "MQ_GETSETATTR" }, { 1316, "KERNEL_OTHER" }, { 1317, "FD_PAIR" },
    { 1318, "OBJ_PID" }, { 1319, "TTY" }, { 1320, "EOE" }, { 1321, "BPRM_FCAPS" },
    { 1322, "CAPSET" }, { 1323, "MMAP" }, { 1324, "NETFILTER_PKT" }, { 1325, "NETFILTER_CFG" },
    { 1326, "SECCOMP" }, { 1327, "PROCTITLE" }, { 1328, "FEATURE_CHANGE" }, { 1329, "REPLACE" },
    { 1330, "KERN_MODULE" }, { 1331, "FANOTIFY" }, { 1332, "TIME_INJOFFSET" },
    { 1333, "TIME_ADJNTPVAL" }, { 1334, "BPF" }, { 1335, "EVENT_LISTENER" }, { 1336, "URINGOP" },
    { 1337, "OPENAT2" }, { 1338, "DM_CTRL" }, { 1339, "DM_EVENT" }, { 1400, "AVC" },
    { 1401, "SELINUX_ERR" }, { 1402, "AVC_PATH" }, { 1403, "MAC_POLICY_LOAD" },
    { 1404, "MAC_STATUS" }, { 1405, "MAC_CONFIG_CHANGE" }, { 1406, "MAC_UNLBL_ALLOW" },
    { 1407, "MAC_CIPSOV4_ADD" }, { 1408, "MAC_CIPSOV4_DEL" }, { 1409, "MAC_MAP_ADD" },
    { 1410, "MAC_MAP_DEL" }, { 1411, "MAC_IPSEC_ADDSA" }, { 1412, "MAC_IPSEC_DELSA" },
    { 1413, "MAC_IPSEC_ADDSPD" }, { 1414, "MAC_IPSEC_DELSPD" }, { 1415, "MAC_IPSEC_EVENT" },
    { 1416, "MAC_UNLBL_STCADD" }, { 1417, "MAC_UNLBL_STCDEL" }, { 1418, "MAC_CALIPSO_ADD" },
    { 1419, "MAC_CALIPSO_DEL" }, { 1501, "APPARMOR_AUDIT" }, { 1502, "APPARMOR_ALLOWED" },
    { 1503, "APPARMOR_DENIED" }, { 1504, "APPARMOR_HINT" }, { 1505, "APPARMOR_STATUS" },
    { 1506, "APPARMOR_ERROR" }, { 1700, "ANOM_PROMISCUOUS" }, { 1701, "ANOM_ABEND" },
    { 1702, "ANOM_LINK" }, { 1703, "ANOM_CREAT" }, { 1800, "INTEGRITY_DATA" },
    { 1801, "INTEGRITY_METADATA" }, { 1802, "INTEGRITY_STATUS" }, { 1803, "INTEGRITY_HASH" },
    { 1804, "INTEGRITY_PCR" }, { 1805, "INTEGRITY_RULE" }, { 1806, "INTEGRITY_EVM_XATTR" },
    { 1807, "INTEGRITY_POLICY_RULE" }, { 2000, "KERNEL" }, { 2100, "ANOM_LOGIN_FAILURES" },
    { 2101, "ANOM_LOGIN_TIME" }, { 2102, "ANOM_LOGIN_SESSIONS" }, { 2103, "ANOM_LOGIN_ACCT" },
    { 2104, "ANOM_LOGIN_LOCATION" }, { 2105, "ANOM_MAX_DAC" }, { 2106, "ANOM_MAX_MAC" },
    { 2111, "ANOM_ACCESS_FS" }, { 2112, "ANOM_EXEC" }, { 2113, "ANOM_MK_EXEC" },
    { 2114, "ANOM_ADD_ACCT" }, { 2115, "ANOM_DEL_ACCT" }, { 2116, "ANOM_MOD_ACCT" },
    { 2117, "ANOM_ROOT_TRANS" }, { 2118, "ANOM_LOGIN_SERVICE" }, { 2200, "RESP_ANOMALY" },
    { 2201, "RESP_ALERT" }, { 2202, "RESP_KILL_PROC" }, { 2300, "USER_ROLE_CHANGE" },
    { 2301, "ROLE_ASSIGN" }, { 2302, "ROLE_REMOVE" }, { 2309, "FS_RELABEL" },
    { 2310, "USER_MAC_POLICY_LOAD" }, { 2311, "ROLE_MODIFY" }, { 2312, "USER_MAC_CONFIG_CHANGE" },
    { 2402, "CRYPTO_LOGIN" }, { 2403, "CRYPTO_LOGOUT" }, { 2404, "CRYPTO_KEY_USER" },
    { 2407, "CRYPTO_SESSION" }, { 2408, "CRYPTO_IKE_SA" }, { 2409, "CRYPTO_IPSEC_SA" },
    { 2500, "VIRT_CONTROL" }, { 2501, "VIRT_RESOURCE" }, { 2502, "VIRT_MACHINE_ID" },
    { 2504, "VIRT_CREATE" }, { 2505, "VIRT_DESTROY" } };

static struct hn_text type_name(struct hn_text type)
{
    uint32_t number;

    if (!hn_parse_u32(type, &number))
        return type;
    for (size_t i = 0; i < HN_COUNT_OF(types); i++) {
        if (types[i].number == number)
            return hn_text_cstr(types[i].name);
    }
    return type;
}

/* Which records come in groups is auditd's own rule (ausearch): those of numbers 1300 to 1405 and
 * the kernel's anomalies and integrity messages, besides LOGIN; most frequent first. */
bool audit_is_multi(struct hn_text type)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("PATH"), HN_TEXT_INIT("SYSCALL"),
        HN_TEXT_INIT("PROCTITLE"), HN_TEXT_INIT("CWD"), HN_TEXT_INIT("EXECVE"),
        HN_TEXT_INIT("SOCKADDR"), HN_TEXT_INIT("EOE"), HN_TEXT_INIT("AVC"), HN_TEXT_INIT("MMAP"),
        HN_TEXT_INIT("OBJ_PID"), HN_TEXT_INIT("FD_PAIR"), HN_TEXT_INIT("BPRM_FCAPS"),
        HN_TEXT_INIT("CAPSET"), HN_TEXT_INIT("NETFILTER_CFG"), HN_TEXT_INIT("CONFIG_CHANGE"),
        HN_TEXT_INIT("LOGIN"), HN_TEXT_INIT("SOCKETCALL"), HN_TEXT_INIT("IPC"),
        HN_TEXT_INIT("IPC_SET_PERM"), HN_TEXT_INIT("MQ_OPEN"), HN_TEXT_INIT("MQ_SENDRECV"),
        HN_TEXT_INIT("MQ_NOTIFY"), HN_TEXT_INIT("MQ_GETSETATTR"), HN_TEXT_INIT("KERNEL_OTHER"),
        HN_TEXT_INIT("TTY"), HN_TEXT_INIT("NETFILTER_PKT"), HN_TEXT_INIT("SECCOMP"),
        HN_TEXT_INIT("FEATURE_CHANGE"), HN_TEXT_INIT("KERN_MODULE"), HN_TEXT_INIT("FANOTIFY"),
        HN_TEXT_INIT("TIME_INJOFFSET"), HN_TEXT_INIT("TIME_ADJNTPVAL"), HN_TEXT_INIT("BPF"),
        HN_TEXT_INIT("URINGOP"), HN_TEXT_INIT("OPENAT2"), HN_TEXT_INIT("SELINUX_ERR"),
        HN_TEXT_INIT("AVC_PATH"), HN_TEXT_INIT("MAC_POLICY_LOAD"), HN_TEXT_INIT("MAC_STATUS"),
        HN_TEXT_INIT("MAC_CONFIG_CHANGE"), HN_TEXT_INIT("ANOM_PROMISCUOUS"),
        HN_TEXT_INIT("ANOM_ABEND"), HN_TEXT_INIT("ANOM_LINK"), HN_TEXT_INIT("ANOM_CREAT"),
        HN_TEXT_INIT("INTEGRITY_DATA"), HN_TEXT_INIT("INTEGRITY_RULE") };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq(names[i], type))
            return true;
    }
    return false;
}

bool audit_is_last(struct hn_text type)
{
    return hn_text_eq(type, HN_TEXT("PROCTITLE")) || hn_text_eq(type, HN_TEXT("EOE"));
}

struct hn_text audit_syscall_name(struct hn_text arch, struct hn_text number)
{
    const char *const *names = NULL;
    size_t count = 0;
    uint32_t index;

    if (hn_text_eq(arch, HN_TEXT("c000003e"))) {
        names = syscalls_x86_64;
        count = HN_COUNT_OF(syscalls_x86_64);
    } else if (hn_text_eq(arch, HN_TEXT("40000003"))) {
        names = syscalls_i386;
        count = HN_COUNT_OF(syscalls_i386);
    } else if (hn_text_eq(arch, HN_TEXT("c00000b7"))) {
        names = syscalls_aarch64;
        count = HN_COUNT_OF(syscalls_aarch64);
    }
    if (!hn_parse_u32(number, &index) || index >= count || names[index] == NULL)
        return HN_TEXT("");
    return hn_text_cstr(names[index]);
}

/* ---- The head ---------------------------------------------------------------------------------
 */

/* 1795400000.123 as milliseconds; 0 when it is something else */
static uint64_t stamp_ms(struct hn_text stamp)
{
    struct hn_text seconds = hn_text_sub(stamp, 0, text_digits(stamp));
    struct hn_text rest = text_from(stamp, seconds.len);
    uint64_t value;
    uint64_t part;

    if (seconds.len > 12 || !hn_parse_u64(seconds, &value) || !scan_char(&rest, '.') ||
            rest.len != 3 || !hn_parse_u64(rest, &part))
        return 0;
    return value * 1000 + part;
}

/* "1795400000.123:456" */
static bool take_id(struct audit_record *record)
{
    size_t colon = text_find_last_char(record->id, ':');

    if (colon == SIZE_MAX || colon == 0)
        return false;
    record->stamp = hn_text_sub(record->id, 0, colon);
    record->serial = text_from(record->id, colon + 1);
    if (record->serial.len == 0 || text_digits(record->serial) != record->serial.len)
        return false;
    record->time_ms = stamp_ms(record->stamp);
    record->interpreted = record->time_ms == 0;
    return true;
}

bool audit_record_parse(struct hn_text text, struct audit_record *ret_record)
{
    ret_record->node = HN_TEXT("");
    if (scan_text(&text, HN_TEXT("node="))) {
        ret_record->node = scan_word(&text);
        scan_spaces(&text);
    }
    if (!scan_text(&text, HN_TEXT("type=")))
        return false;
    ret_record->type = type_name(scan_word(&text));
    scan_spaces(&text);
    (void)scan_text(&text, HN_TEXT("msg="));
    if (ret_record->type.len == 0 || !scan_text(&text, HN_TEXT("audit(")) ||
            !scan_before(&text, ')', &ret_record->id) || !take_id(ret_record))
        return false;
    scan_spaces(&text);
    if (!scan_char(&text, ':'))
        return false;
    scan_spaces(&text);
    ret_record->fields = text;
    return true;
}

bool audit_message_parse(const struct syslog_header *header, struct audit_record *ret_record)
{
    struct hn_text message = header->message;
    struct hn_text ignored;

    if (text_at(message, 0) == '[' && scan_before(&message, ']', &ignored)) /* the kernel's clock */
        scan_spaces(&message);
    (void)scan_text(&message, HN_TEXT("audit: "));
    if (!audit_record_parse(message, ret_record))
        return false;
    if (ret_record->node.len == 0)
        ret_record->node = header->host;
    return true;
}

bool audit_line_parse(struct hn_text line, struct audit_record *ret_record)
{
    struct syslog_header header;

    if (audit_record_parse(line, ret_record))
        return true;
    return syslog_header_parse(line, &header) && audit_message_parse(&header, ret_record);
}

bool audit_is_separator(struct hn_text line)
{
    return hn_text_starts(line, HN_TEXT("----")) || hn_text_starts(line, HN_TEXT("time->"));
}
