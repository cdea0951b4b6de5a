/* attack.c - the techniques that rules name. */
#include "report/attack.h"

#include "base/num.h"

static const struct {
    const char *id;
    const char *en;
    const char *ja;
    char letter;
} tactics[ATTACK_TACTIC_COUNT] = {
#define ATTACK_TACTIC_ROW(name, id, en, ja, letter) [name] = { id, en, ja, letter },
    ATTACK_TACTIC_LIST(ATTACK_TACTIC_ROW)
#undef ATTACK_TACTIC_ROW
};

/* In order of number and sub-technique. */
static const struct technique {
    uint16_t number;
    uint16_t sub; /* 0: the technique itself */
    const char *tactics;
    const char *name;
} techniques[] = {
    { 1001, 0, "X", "Data Obfuscation" },
    { 1001, 3, "X", "Protocol or Service Impersonation" },
    { 1003, 0, "C", "OS Credential Dumping" },
    { 1003, 1, "C", "LSASS Memory" },
    { 1003, 2, "C", "Security Account Manager" },
    { 1003, 3, "C", "NTDS" },
    { 1003, 4, "C", "LSA Secrets" },
    { 1003, 5, "C", "Cached Domain Credentials" },
    { 1003, 6, "C", "DCSync" },
    { 1003, 7, "C", "Proc Filesystem" },
    { 1003, 8, "C", "/etc/passwd and /etc/shadow" },
    { 1005, 0, "K", "Data from Local System" },
    { 1006, 0, "D", "Direct Volume Access" },
    { 1007, 0, "I", "System Service Discovery" },
    { 1008, 0, "X", "Fallback Channels" },
    { 1010, 0, "I", "Application Window Discovery" },
    { 1012, 0, "I", "Query Registry" },
    { 1014, 0, "D", "Rootkit" },
    { 1016, 0, "I", "System Network Configuration Discovery" },
    { 1018, 0, "I", "Remote System Discovery" },
    { 1020, 0, "F", "Automated Exfiltration" },
    { 1021, 0, "L", "Remote Services" },
    { 1021, 1, "L", "Remote Desktop Protocol" },
    { 1021, 2, "L", "SMB/Windows Admin Shares" },
    { 1021, 3, "L", "Distributed Component Object Model" },
    { 1021, 4, "L", "SSH" },
    { 1021, 6, "L", "Windows Remote Management" },
    { 1027, 0, "D", "Obfuscated Files or Information" },
    { 1027, 3, "D", "Steganography" },
    { 1027, 4, "D", "Compile After Delivery" },
    { 1027, 5, "D", "Indicator Removal from Tools" },
    { 1027, 9, "D", "Embedded Payloads" },
    { 1027, 10, "D", "Command Obfuscation" },
    { 1027, 11, "D", "Fileless Storage" },
    { 1027, 12, "D", "LNK Icon Smuggling" },
    { 1029, 0, "F", "Scheduled Transfer" },
    { 1030, 0, "F", "Data Transfer Size Limits" },
    { 1033, 0, "I", "System Owner/User Discovery" },
    { 1036, 0, "D", "Masquerading" },
    { 1036, 2, "D", "Right-to-Left Override" },
    { 1036, 3, "D", "Rename Legitimate Utilities" },
    { 1036, 4, "D", "Masquerade Task or Service" },
    { 1036, 5, "D", "Match Legitimate Resource Name or Location" },
    { 1036, 7, "D", "Double File Extension" },
    { 1036, 8, "D", "Masquerade File Type" },
    { 1037, 0, "PV", "Boot or Logon Initialization Scripts" },
    { 1037, 1, "PV", "Logon Script (Windows)" },
    { 1039, 0, "K", "Data from Network Shared Drive" },
    { 1040, 0, "CI", "Network Sniffing" },
    { 1041, 0, "F", "Exfiltration Over C2 Channel" },
    { 1046, 0, "I", "Network Service Discovery" },
    { 1047, 0, "E", "Windows Management Instrumentation" },
    { 1048, 0, "F", "Exfiltration Over Alternative Protocol" },
    { 1048, 1, "F", "Over Symmetric Encrypted Non-C2 Protocol" },
    { 1048, 3, "F", "Over Unencrypted Non-C2 Protocol" },
    { 1049, 0, "I", "System Network Connections Discovery" },
    { 1053, 0, "EPV", "Scheduled Task/Job" },
    { 1053, 2, "EPV", "At" },
    { 1053, 3, "EPV", "Cron" },
    { 1053, 5, "EPV", "Scheduled Task" },
    { 1055, 0, "VD", "Process Injection" },
    { 1055, 1, "VD", "DLL Injection" },
    { 1055, 2, "VD", "Portable Executable Injection" },
    { 1055, 3, "VD", "Thread Execution Hijacking" },
    { 1055, 12, "VD", "Process Hollowing" },
    { 1056, 0, "CK", "Input Capture" },
    { 1056, 1, "CK", "Keylogging" },
    { 1056, 2, "CK", "GUI Input Capture" },
    { 1057, 0, "I", "Process Discovery" },
    { 1059, 0, "E", "Command and Scripting Interpreter" },
    { 1059, 1, "E", "PowerShell" },
    { 1059, 2, "E", "AppleScript" },
    { 1059, 3, "E", "Windows Command Shell" },
    { 1059, 4, "E", "Unix Shell" },
    { 1059, 5, "E", "Visual Basic" },
    { 1059, 6, "E", "Python" },
    { 1059, 7, "E", "JavaScript" },
    { 1059, 8, "E", "Network Device CLI" },
    { 1059, 9, "E", "Cloud API" },
    { 1068, 0, "V", "Exploitation for Privilege Escalation" },
    { 1069, 0, "I", "Permission Groups Discovery" },
    { 1069, 1, "I", "Local Groups" },
    { 1069, 2, "I", "Domain Groups" },
    { 1069, 3, "I", "Cloud Groups" },
    { 1070, 0, "D", "Indicator Removal" },
    { 1070, 1, "D", "Clear Windows Event Logs" },
    { 1070, 2, "D", "Clear Linux or Mac System Logs" },
    { 1070, 3, "D", "Clear Command History" },
    { 1070, 4, "D", "File Deletion" },
    { 1070, 5, "D", "Network Share Connection Removal" },
    { 1070, 6, "D", "Timestomp" },
    { 1071, 0, "X", "Application Layer Protocol" },
    { 1071, 1, "X", "Web Protocols" },
    { 1071, 4, "X", "DNS" },
    { 1072, 0, "EL", "Software Deployment Tools" },
    { 1074, 0, "K", "Data Staged" },
    { 1074, 1, "K", "Local Data Staging" },
    { 1078, 0, "APVD", "Valid Accounts" },
    { 1078, 1, "APVD", "Default Accounts" },
    { 1078, 2, "APVD", "Domain Accounts" },
    { 1078, 3, "APVD", "Local Accounts" },
    { 1078, 4, "APVD", "Cloud Accounts" },
    { 1082, 0, "I", "System Information Discovery" },
    { 1083, 0, "I", "File and Directory Discovery" },
    { 1087, 0, "I", "Account Discovery" },
    { 1087, 1, "I", "Local Account" },
    { 1087, 2, "I", "Domain Account" },
    { 1087, 4, "I", "Cloud Account" },
    { 1090, 0, "X", "Proxy" },
    { 1090, 1, "X", "Internal Proxy" },
    { 1090, 2, "X", "External Proxy" },
    { 1090, 3, "X", "Multi-hop Proxy" },
    { 1091, 0, "AL", "Replication Through Removable Media" },
    { 1095, 0, "X", "Non-Application Layer Protocol" },
    { 1098, 0, "PV", "Account Manipulation" },
    { 1098, 1, "PV", "Additional Cloud Credentials" },
    { 1098, 3, "PV", "Additional Cloud Roles" },
    { 1098, 4, "PV", "SSH Authorized Keys" },
    { 1098, 5, "PV", "Device Registration" },
    { 1098, 7, "PV", "Additional Local or Domain Groups" },
    { 1102, 0, "X", "Web Service" },
    { 1102, 1, "X", "Dead Drop Resolver" },
    { 1102, 2, "X", "Bidirectional Communication" },
    { 1105, 0, "X", "Ingress Tool Transfer" },
    { 1106, 0, "E", "Native API" },
    { 1110, 0, "C", "Brute Force" },
    { 1110, 1, "C", "Password Guessing" },
    { 1110, 2, "C", "Password Cracking" },
    { 1110, 3, "C", "Password Spraying" },
    { 1110, 4, "C", "Credential Stuffing" },
    { 1112, 0, "PD", "Modify Registry" },
    { 1113, 0, "K", "Screen Capture" },
    { 1114, 0, "K", "Email Collection" },
    { 1115, 0, "K", "Clipboard Data" },
    { 1119, 0, "K", "Automated Collection" },
    { 1120, 0, "I", "Peripheral Device Discovery" },
    { 1123, 0, "K", "Audio Capture" },
    { 1124, 0, "I", "System Time Discovery" },
    { 1125, 0, "K", "Video Capture" },
    { 1127, 0, "D", "Trusted Developer Utilities Proxy Execution" },
    { 1127, 1, "D", "MSBuild" },
    { 1129, 0, "E", "Shared Modules" },
    { 1132, 0, "X", "Data Encoding" },
    { 1132, 1, "X", "Standard Encoding" },
    { 1133, 0, "AP", "External Remote Services" },
    { 1134, 0, "VD", "Access Token Manipulation" },
    { 1134, 1, "VD", "Token Impersonation/Theft" },
    { 1134, 2, "VD", "Create Process with Token" },
    { 1134, 4, "VD", "Parent PID Spoofing" },
    { 1135, 0, "I", "Network Share Discovery" },
    { 1136, 0, "P", "Create Account" },
    { 1136, 1, "P", "Local Account" },
    { 1136, 2, "P", "Domain Account" },
    { 1136, 3, "P", "Cloud Account" },
    { 1137, 0, "P", "Office Application Startup" },
    { 1140, 0, "D", "Deobfuscate/Decode Files or Information" },
    { 1176, 0, "P", "Software Extensions" },
    { 1185, 0, "K", "Browser Session Hijacking" },
    { 1187, 0, "C", "Forced Authentication" },
    { 1189, 0, "A", "Drive-by Compromise" },
    { 1190, 0, "A", "Exploit Public-Facing Application" },
    { 1195, 0, "A", "Supply Chain Compromise" },
    { 1195, 1, "A", "Software Dependencies and Development Tools" },
    { 1195, 2, "A", "Software Supply Chain" },
    { 1197, 0, "PD", "BITS Jobs" },
    { 1199, 0, "A", "Trusted Relationship" },
    { 1200, 0, "A", "Hardware Additions" },
    { 1201, 0, "I", "Password Policy Discovery" },
    { 1202, 0, "D", "Indirect Command Execution" },
    { 1203, 0, "E", "Exploitation for Client Execution" },
    { 1204, 0, "E", "User Execution" },
    { 1204, 1, "E", "Malicious Link" },
    { 1204, 2, "E", "Malicious File" },
    { 1207, 0, "D", "Rogue Domain Controller" },
    { 1210, 0, "L", "Exploitation of Remote Services" },
    { 1211, 0, "D", "Exploitation for Defense Evasion" },
    { 1212, 0, "C", "Exploitation for Credential Access" },
    { 1213, 0, "K", "Data from Information Repositories" },
    { 1216, 0, "D", "System Script Proxy Execution" },
    { 1217, 0, "I", "Browser Information Discovery" },
    { 1218, 0, "D", "System Binary Proxy Execution" },
    { 1218, 1, "D", "Compiled HTML File" },
    { 1218, 2, "D", "Control Panel" },
    { 1218, 3, "D", "CMSTP" },
    { 1218, 5, "D", "Mshta" },
    { 1218, 7, "D", "Msiexec" },
    { 1218, 8, "D", "Odbcconf" },
    { 1218, 9, "D", "Regsvcs/Regasm" },
    { 1218, 10, "D", "Regsvr32" },
    { 1218, 11, "D", "Rundll32" },
    { 1218, 13, "D", "Mavinject" },
    { 1218, 14, "D", "MMC" },
    { 1219, 0, "X", "Remote Access Tools" },
    { 1220, 0, "D", "XSL Script Processing" },
    { 1221, 0, "D", "Template Injection" },
    { 1222, 0, "D", "File and Directory Permissions Modification" },
    { 1222, 1, "D", "Windows" },
    { 1222, 2, "D", "Linux and Mac" },
    { 1482, 0, "I", "Domain Trust Discovery" },
    { 1484, 0, "VD", "Domain or Tenant Policy Modification" },
    { 1484, 1, "VD", "Group Policy Modification" },
    { 1485, 0, "M", "Data Destruction" },
    { 1486, 0, "M", "Data Encrypted for Impact" },
    { 1489, 0, "M", "Service Stop" },
    { 1490, 0, "M", "Inhibit System Recovery" },
    { 1491, 0, "M", "Defacement" },
    { 1495, 0, "M", "Firmware Corruption" },
    { 1496, 0, "M", "Resource Hijacking" },
    { 1497, 0, "DI", "Virtualization/Sandbox Evasion" },
    { 1498, 0, "M", "Network Denial of Service" },
    { 1499, 0, "M", "Endpoint Denial of Service" },
    { 1505, 0, "P", "Server Software Component" },
    { 1505, 2, "P", "Transport Agent" },
    { 1505, 3, "P", "Web Shell" },
    { 1505, 4, "P", "IIS Components" },
    { 1518, 0, "I", "Software Discovery" },
    { 1518, 1, "I", "Security Software Discovery" },
    { 1525, 0, "P", "Implant Internal Image" },
    { 1526, 0, "I", "Cloud Service Discovery" },
    { 1528, 0, "C", "Steal Application Access Token" },
    { 1529, 0, "M", "System Shutdown/Reboot" },
    { 1531, 0, "M", "Account Access Removal" },
    { 1537, 0, "F", "Transfer Data to Cloud Account" },
    { 1539, 0, "C", "Steal Web Session Cookie" },
    { 1542, 0, "PD", "Pre-OS Boot" },
    { 1543, 0, "PV", "Create or Modify System Process" },
    { 1543, 1, "PV", "Launch Agent" },
    { 1543, 2, "PV", "Systemd Service" },
    { 1543, 3, "PV", "Windows Service" },
    { 1546, 0, "PV", "Event Triggered Execution" },
    { 1546, 1, "PV", "Change Default File Association" },
    { 1546, 2, "PV", "Screensaver" },
    { 1546, 3, "PV", "WMI Event Subscription" },
    { 1546, 4, "PV", "Unix Shell Configuration Modification" },
    { 1546, 8, "PV", "Accessibility Features" },
    { 1546, 11, "PV", "Application Shimming" },
    { 1546, 12, "PV", "Image File Execution Options Injection" },
    { 1546, 13, "PV", "PowerShell Profile" },
    { 1546, 15, "PV", "Component Object Model Hijacking" },
    { 1547, 0, "PV", "Boot or Logon Autostart Execution" },
    { 1547, 1, "PV", "Registry Run Keys / Startup Folder" },
    { 1547, 2, "PV", "Authentication Package" },
    { 1547, 4, "PV", "Winlogon Helper DLL" },
    { 1547, 5, "PV", "Security Support Provider" },
    { 1547, 6, "PV", "Kernel Modules and Extensions" },
    { 1547, 9, "PV", "Shortcut Modification" },
    { 1547, 10, "PV", "Port Monitors" },
    { 1548, 0, "VD", "Abuse Elevation Control Mechanism" },
    { 1548, 1, "VD", "Setuid and Setgid" },
    { 1548, 2, "VD", "Bypass User Account Control" },
    { 1548, 3, "VD", "Sudo and Sudo Caching" },
    { 1550, 0, "LD", "Use Alternate Authentication Material" },
    { 1550, 1, "LD", "Application Access Token" },
    { 1550, 2, "LD", "Pass the Hash" },
    { 1550, 3, "LD", "Pass the Ticket" },
    { 1552, 0, "C", "Unsecured Credentials" },
    { 1552, 1, "C", "Credentials In Files" },
    { 1552, 2, "C", "Credentials in Registry" },
    { 1552, 4, "C", "Private Keys" },
    { 1552, 6, "C", "Group Policy Preferences" },
    { 1553, 0, "D", "Subvert Trust Controls" },
    { 1553, 3, "D", "SIP and Trust Provider Hijacking" },
    { 1553, 4, "D", "Install Root Certificate" },
    { 1553, 5, "D", "Mark-of-the-Web Bypass" },
    { 1554, 0, "P", "Compromise Host Software Binary" },
    { 1555, 0, "C", "Credentials from Password Stores" },
    { 1555, 3, "C", "Credentials from Web Browsers" },
    { 1555, 4, "C", "Windows Credential Manager" },
    { 1556, 0, "CPD", "Modify Authentication Process" },
    { 1557, 0, "CK", "Adversary-in-the-Middle" },
    { 1557, 1, "CK", "Name Resolution Poisoning and SMB Relay" },
    { 1558, 0, "C", "Steal or Forge Kerberos Tickets" },
    { 1558, 1, "C", "Golden Ticket" },
    { 1558, 2, "C", "Silver Ticket" },
    { 1558, 3, "C", "Kerberoasting" },
    { 1558, 4, "C", "AS-REP Roasting" },
    { 1559, 0, "E", "Inter-Process Communication" },
    { 1559, 1, "E", "Component Object Model" },
    { 1559, 2, "E", "Dynamic Data Exchange" },
    { 1560, 0, "K", "Archive Collected Data" },
    { 1560, 1, "K", "Archive via Utility" },
    { 1561, 0, "M", "Disk Wipe" },
    { 1562, 0, "D", "Impair Defenses" },
    { 1562, 1, "D", "Disable or Modify Tools" },
    { 1562, 2, "D", "Disable Windows Event Logging" },
    { 1562, 4, "D", "Disable or Modify System Firewall" },
    { 1563, 0, "L", "Remote Service Session Hijacking" },
    { 1563, 2, "L", "RDP Hijacking" },
    { 1564, 0, "D", "Hide Artifacts" },
    { 1564, 1, "D", "Hidden Files and Directories" },
    { 1564, 2, "D", "Hidden Users" },
    { 1564, 3, "D", "Hidden Window" },
    { 1564, 4, "D", "NTFS File Attributes" },
    { 1565, 0, "M", "Data Manipulation" },
    { 1565, 1, "M", "Stored Data Manipulation" },
    { 1566, 0, "A", "Phishing" },
    { 1566, 1, "A", "Spearphishing Attachment" },
    { 1566, 2, "A", "Spearphishing Link" },
    { 1567, 0, "F", "Exfiltration Over Web Service" },
    { 1567, 1, "F", "Exfiltration to Code Repository" },
    { 1567, 2, "F", "Exfiltration to Cloud Storage" },
    { 1568, 0, "X", "Dynamic Resolution" },
    { 1568, 2, "X", "Domain Generation Algorithms" },
    { 1569, 0, "E", "System Services" },
    { 1569, 2, "E", "Service Execution" },
    { 1570, 0, "L", "Lateral Tool Transfer" },
    { 1571, 0, "X", "Non-Standard Port" },
    { 1572, 0, "X", "Protocol Tunneling" },
    { 1573, 0, "X", "Encrypted Channel" },
    { 1574, 0, "PVED", "Hijack Execution Flow" },
    { 1574, 1, "PVED", "DLL" },
    { 1574, 2, "PVED", "DLL Side-Loading" },
    { 1574, 5, "PVED", "Executable Installer File Permissions Weakness" },
    { 1574, 6, "PVED", "Dynamic Linker Hijacking" },
    { 1574, 11, "PVED", "Services Registry Permissions Weakness" },
    { 1578, 0, "D", "Modify Cloud Compute Infrastructure" },
    { 1580, 0, "I", "Cloud Infrastructure Discovery" },
    { 1583, 0, "S", "Acquire Infrastructure" },
    { 1584, 0, "S", "Compromise Infrastructure" },
    { 1584, 4, "S", "Server" },
    { 1586, 0, "S", "Compromise Accounts" },
    { 1587, 0, "S", "Develop Capabilities" },
    { 1587, 1, "S", "Malware" },
    { 1588, 0, "S", "Obtain Capabilities" },
    { 1588, 2, "S", "Tool" },
    { 1589, 0, "R", "Gather Victim Identity Information" },
    { 1590, 0, "R", "Gather Victim Network Information" },
    { 1591, 0, "R", "Gather Victim Org Information" },
    { 1592, 0, "R", "Gather Victim Host Information" },
    { 1593, 0, "R", "Search Open Websites/Domains" },
    { 1595, 0, "R", "Active Scanning" },
    { 1595, 2, "R", "Vulnerability Scanning" },
    { 1598, 0, "R", "Phishing for Information" },
    { 1599, 0, "D", "Network Boundary Bridging" },
    { 1606, 0, "C", "Forge Web Credentials" },
    { 1608, 0, "S", "Stage Capabilities" },
    { 1609, 0, "E", "Container Administration Command" },
    { 1611, 0, "V", "Escape to Host" },
    { 1613, 0, "I", "Container and Resource Discovery" },
    { 1614, 0, "I", "System Location Discovery" },
    { 1615, 0, "I", "Group Policy Discovery" },
    { 1619, 0, "I", "Cloud Storage Object Discovery" },
    { 1620, 0, "D", "Reflective Code Loading" },
    { 1621, 0, "C", "Multi-Factor Authentication Request Generation" },
    { 1622, 0, "DI", "Debugger Evasion" },
    { 1649, 0, "C", "Steal or Forge Authentication Certificates" },
    { 1653, 0, "P", "Power Settings" },
    { 1659, 0, "AX", "Content Injection" },
    { 1685, 0, "D", "Disable or Modify Tools" },
    { 1686, 0, "D", "Disable or Modify System Firewall" },
};

enum attack_tactic attack_tactic_of(struct hn_text id)
{
    unsigned tactic = 0;

    while (tactic < ATTACK_TACTIC_COUNT && !hn_text_eq(id, hn_text_cstr(tactics[tactic].id)))
        tactic++;
    return (enum attack_tactic)tactic;
}

const char *attack_tactic_name(enum attack_tactic tactic, bool japanese)
{
    if (tactic >= ATTACK_TACTIC_COUNT)
        return japanese ? "その他" : "Other";
    return japanese ? tactics[tactic].ja : tactics[tactic].en;
}

static const struct technique *find(uint32_t number, uint32_t sub)
{
    size_t low = 0;
    size_t high = HN_COUNT_OF(techniques);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct technique *row = &techniques[middle];

        if (row->number == number && row->sub == sub)
            return row;
        if (row->number < number || (row->number == number && row->sub < sub))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool numbers_of(struct hn_text technique, uint32_t *ret_number, uint32_t *ret_sub)
{
    *ret_sub = 0;
    if ((technique.len != 5 && technique.len != 9) || technique.ptr[0] != 'T' ||
            !hn_parse_u32(hn_text_sub(technique, 1, 4), ret_number))
        return false;
    return technique.len == 5 ||
           (technique.ptr[5] == '.' && hn_parse_u32(hn_text_sub(technique, 6, 3), ret_sub));
}

uint32_t attack_tactics(struct hn_text technique)
{
    const struct technique *row;
    uint32_t number;
    uint32_t sub;
    uint32_t bits = 0;

    if (!numbers_of(technique, &number, &sub))
        return 0;
    row = find(number, 0); /* a sub-technique serves the tactics of its technique */
    for (unsigned i = 0; row != NULL && i < ATTACK_TACTIC_COUNT; i++) {
        if (strchr(row->tactics, tactics[i].letter) != NULL)
            bits |= 1u << i;
    }
    return bits;
}

const char *attack_name(struct hn_text technique)
{
    const struct technique *row;
    uint32_t number;
    uint32_t sub;

    if (!numbers_of(technique, &number, &sub))
        return NULL;
    row = find(number, sub);
    return row == NULL ? NULL : row->name;
}
