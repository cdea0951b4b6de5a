/* attack.c - techniques of ATT&CK for Enterprise by number, with their tactics.
 *
 * Defense Evasion was divided into Stealth and Defense Impairment; rules are tagged either way, so
 * a technique of one counts in whichever of the three a rule names. */
#include "report/attack.h"

#include "base/attr.h"
#include "base/num.h"
#include "base/view.h"

#define RECON    0x0001u
#define RESOURCE 0x0002u
#define INITIAL  0x0004u
#define EXECUTE  0x0008u
#define PERSIST  0x0010u
#define RAISE    0x0020u
#define EVADE    0x0040u
#define CREDS    0x0080u
#define DISCOVER 0x0100u
#define LATERAL  0x0200u
#define COLLECT  0x0400u
#define CONTROL  0x0800u
#define EXFIL    0x1000u
#define IMPACT   0x2000u

static const struct {
    uint16_t number;
    uint16_t tactics;
} techniques[] = {
    { 1001, CONTROL },
    { 1003, CREDS },
    { 1005, COLLECT },
    { 1006, EVADE },
    { 1007, DISCOVER },
    { 1008, CONTROL },
    { 1010, DISCOVER },
    { 1011, EXFIL },
    { 1012, DISCOVER },
    { 1014, EVADE },
    { 1016, DISCOVER },
    { 1018, DISCOVER },
    { 1020, EXFIL },
    { 1021, LATERAL },
    { 1025, COLLECT },
    { 1027, EVADE },
    { 1029, EXFIL },
    { 1030, EXFIL },
    { 1033, DISCOVER },
    { 1036, EVADE },
    { 1037, PERSIST | RAISE },
    { 1039, COLLECT },
    { 1040, CREDS | DISCOVER },
    { 1041, EXFIL },
    { 1046, DISCOVER },
    { 1047, EXECUTE },
    { 1048, EXFIL },
    { 1049, DISCOVER },
    { 1052, EXFIL },
    { 1053, EXECUTE | PERSIST | RAISE },
    { 1055, EVADE | RAISE },
    { 1056, COLLECT | CREDS },
    { 1057, DISCOVER },
    { 1059, EXECUTE },
    { 1068, RAISE },
    { 1069, DISCOVER },
    { 1070, EVADE },
    { 1071, CONTROL },
    { 1072, EXECUTE | LATERAL },
    { 1074, COLLECT },
    { 1078, EVADE | INITIAL | PERSIST | RAISE },
    { 1080, LATERAL },
    { 1082, DISCOVER },
    { 1083, DISCOVER },
    { 1087, DISCOVER },
    { 1090, CONTROL },
    { 1091, INITIAL | LATERAL },
    { 1092, CONTROL },
    { 1095, CONTROL },
    { 1098, PERSIST | RAISE },
    { 1102, CONTROL },
    { 1104, CONTROL },
    { 1105, CONTROL },
    { 1106, EXECUTE },
    { 1110, CREDS },
    { 1111, CREDS },
    { 1112, EVADE | PERSIST },
    { 1113, COLLECT },
    { 1114, COLLECT },
    { 1115, COLLECT },
    { 1119, COLLECT },
    { 1120, DISCOVER },
    { 1123, COLLECT },
    { 1124, DISCOVER },
    { 1125, COLLECT },
    { 1127, EVADE },
    { 1129, EXECUTE },
    { 1132, CONTROL },
    { 1133, INITIAL | PERSIST },
    { 1134, EVADE | RAISE },
    { 1135, DISCOVER },
    { 1136, PERSIST },
    { 1137, PERSIST },
    { 1140, EVADE },
    { 1176, PERSIST },
    { 1185, COLLECT },
    { 1187, CREDS },
    { 1189, INITIAL },
    { 1190, INITIAL },
    { 1195, INITIAL },
    { 1197, EVADE | PERSIST },
    { 1199, INITIAL },
    { 1200, INITIAL },
    { 1201, DISCOVER },
    { 1202, EVADE },
    { 1203, EXECUTE },
    { 1204, EXECUTE },
    { 1205, CONTROL | EVADE | PERSIST },
    { 1207, EVADE },
    { 1210, LATERAL },
    { 1211, EVADE },
    { 1212, CREDS },
    { 1213, COLLECT },
    { 1216, EVADE },
    { 1217, DISCOVER },
    { 1218, EVADE },
    { 1219, CONTROL },
    { 1220, EVADE },
    { 1221, EVADE },
    { 1222, EVADE },
    { 1480, EVADE },
    { 1482, DISCOVER },
    { 1484, EVADE | RAISE },
    { 1485, IMPACT },
    { 1486, IMPACT },
    { 1489, IMPACT },
    { 1490, IMPACT },
    { 1491, IMPACT },
    { 1495, IMPACT },
    { 1496, IMPACT },
    { 1497, DISCOVER | EVADE },
    { 1498, IMPACT },
    { 1499, IMPACT },
    { 1505, PERSIST },
    { 1518, DISCOVER },
    { 1525, PERSIST },
    { 1526, DISCOVER },
    { 1528, CREDS },
    { 1529, IMPACT },
    { 1530, COLLECT },
    { 1531, IMPACT },
    { 1534, LATERAL },
    { 1535, EVADE },
    { 1537, EXFIL },
    { 1538, DISCOVER },
    { 1539, CREDS },
    { 1542, EVADE | PERSIST },
    { 1543, PERSIST | RAISE },
    { 1546, PERSIST | RAISE },
    { 1547, PERSIST | RAISE },
    { 1548, EVADE | RAISE },
    { 1550, EVADE | LATERAL },
    { 1552, CREDS },
    { 1553, EVADE },
    { 1554, PERSIST },
    { 1555, CREDS },
    { 1556, CREDS | EVADE | PERSIST },
    { 1557, COLLECT | CREDS },
    { 1558, CREDS },
    { 1559, EXECUTE },
    { 1560, COLLECT },
    { 1561, IMPACT },
    { 1562, EVADE },
    { 1563, LATERAL },
    { 1564, EVADE },
    { 1565, IMPACT },
    { 1566, INITIAL },
    { 1567, EXFIL },
    { 1568, CONTROL },
    { 1569, EXECUTE },
    { 1570, LATERAL },
    { 1571, CONTROL },
    { 1572, CONTROL },
    { 1573, CONTROL },
    { 1574, EVADE | PERSIST | RAISE },
    { 1578, EVADE },
    { 1580, DISCOVER },
    { 1583, RESOURCE },
    { 1584, RESOURCE },
    { 1585, RESOURCE },
    { 1586, RESOURCE },
    { 1587, RESOURCE },
    { 1588, RESOURCE },
    { 1589, RECON },
    { 1590, RECON },
    { 1591, RECON },
    { 1592, RECON },
    { 1593, RECON },
    { 1594, RECON },
    { 1595, RECON },
    { 1596, RECON },
    { 1597, RECON },
    { 1598, RECON },
    { 1599, EVADE },
    { 1600, EVADE },
    { 1601, EVADE },
    { 1602, COLLECT },
    { 1606, CREDS },
    { 1608, RESOURCE },
    { 1609, EXECUTE },
    { 1610, EVADE | EXECUTE },
    { 1611, RAISE },
    { 1612, EVADE },
    { 1613, DISCOVER },
    { 1614, DISCOVER },
    { 1615, DISCOVER },
    { 1619, DISCOVER },
    { 1620, EVADE },
    { 1621, CREDS },
    { 1622, DISCOVER | EVADE },
    { 1647, EVADE },
    { 1648, EXECUTE },
    { 1649, CREDS },
    { 1650, RESOURCE },
    { 1651, EXECUTE },
    { 1652, DISCOVER },
    { 1653, PERSIST },
    { 1654, DISCOVER },
    { 1656, EVADE },
    { 1657, IMPACT },
    { 1659, CONTROL | INITIAL },
};

static uint16_t tactics_of(uint32_t number)
{
    size_t low = 0;
    size_t high = HN_COUNT_OF(techniques);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (techniques[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < HN_COUNT_OF(techniques) && techniques[low].number == number
                   ? techniques[low].tactics
                   : 0;
}

bool attack_belongs(const char *technique, const char *tactic)
{
    static const struct {
        const char *name;
        uint16_t bit;
    } tactics[] = { { "reconnaissance", RECON }, { "resource-development", RESOURCE },
        { "initial-access", INITIAL }, { "execution", EXECUTE }, { "persistence", PERSIST },
        { "privilege-escalation", RAISE }, { "defense-evasion", EVADE }, { "stealth", EVADE },
        { "defense-impairment", EVADE }, { "credential-access", CREDS }, { "discovery", DISCOVER },
        { "lateral-movement", LATERAL }, { "collection", COLLECT },
        { "command-and-control", CONTROL }, { "exfiltration", EXFIL }, { "impact", IMPACT } };
    uint32_t number;

    if (!hn_parse_u32(hn_text_sub(hn_text_cstr(technique), 1, 4), &number))
        return false;
    for (size_t i = 0; i < HN_COUNT_OF(tactics); i++) {
        if (strcmp(tactics[i].name, tactic) == 0)
            return (tactics_of(number) & tactics[i].bit) != 0;
    }
    return false;
}
