/* message_table.c - labels in the rendered text of Windows events and the fields they stand for.
 *
 * From Microsoft's documentation of the security audit events and of Sysmon, and from rendered
 * events. A label means different things in different sections and, for a few, in different
 * events; the first row that fits wins. */
#include "event/event_internal.h"

struct label {
    uint32_t event_id;      /* 0: any */
    struct hn_text section; /* empty: before the first section */
    struct hn_text label;
    struct hn_text field;
};

#define ROW(id, section, label, field)                                      \
    {                                                                       \
        id, HN_TEXT_INIT(section), HN_TEXT_INIT(label), HN_TEXT_INIT(field) \
    }

static const struct label labels[] = {
    /* what only one event means by it */
    ROW(4688, "Target Subject", "Security ID", "TargetUserSid"),
    ROW(4688, "Target Subject", "Account Name", "TargetUserName"),
    ROW(4688, "Target Subject", "Account Domain", "TargetDomainName"),
    ROW(4688, "Target Subject", "Logon ID", "TargetLogonId"),
    ROW(4688, "Process Information", "Creator Process ID", "ProcessId"),
    ROW(4688, "Process Information", "Creator Process Name", "ParentProcessName"),
    ROW(4688, "Process Information", "Process Command Line", "CommandLine"),
    ROW(4624, "Network Information", "Source Port", "IpPort"),
    ROW(4625, "Network Information", "Source Port", "IpPort"),
    ROW(4648, "Account Whose Credentials Were Used", "Account Name", "TargetUserName"),
    ROW(4648, "Account Whose Credentials Were Used", "Account Domain", "TargetDomainName"),
    ROW(4648, "Account Whose Credentials Were Used", "Logon GUID", "TargetLogonGuid"),
    ROW(4648, "Network Information", "Network Address", "IpAddress"),
    ROW(4648, "Network Information", "Port", "IpPort"),
    ROW(4656, "Access Request Information", "Accesses", "AccessList"),
    ROW(4657, "Object", "Operation Type", "OperationType"),
    ROW(4697, "Service Information", "Service Account", "AccountName"),
    ROW(7045, "", "Service File Name", "ImagePath"),
    ROW(7045, "", "Service Name", "ServiceName"),
    ROW(7045, "", "Service Type", "ServiceType"),
    ROW(7045, "", "Service Start Type", "StartType"),
    ROW(7045, "", "Service Account", "AccountName"),
    ROW(4768, "Account Information", "Account Name", "TargetUserName"),
    ROW(4768, "Account Information", "Supplied Realm Name", "TargetDomainName"),
    ROW(4768, "Account Information", "User ID", "TargetSid"),
    ROW(4768, "Service Information", "Service Name", "ServiceName"),
    ROW(4768, "Service Information", "Service ID", "ServiceSid"),
    ROW(4769, "Account Information", "Account Name", "TargetUserName"),
    ROW(4769, "Account Information", "Account Domain", "TargetDomainName"),
    ROW(4769, "Account Information", "Logon GUID", "LogonGuid"),
    ROW(4769, "Service Information", "Service ID", "ServiceSid"),
    ROW(4771, "Account Information", "Security ID", "TargetSid"),
    ROW(4771, "Account Information", "Account Name", "TargetUserName"),
    ROW(4776, "", "Authentication Package", "PackageName"),
    ROW(4776, "", "Logon Account", "TargetUserName"),
    ROW(4776, "", "Source Workstation", "Workstation"),
    ROW(4776, "", "Error Code", "Status"),
    ROW(4634, "Subject", "Security ID", "TargetUserSid"),
    ROW(4634, "Subject", "Account Name", "TargetUserName"),
    ROW(4634, "Subject", "Account Domain", "TargetDomainName"),
    ROW(4634, "Subject", "Logon ID", "TargetLogonId"),
    ROW(4634, "", "Logon Type", "LogonType"),
    ROW(4647, "Subject", "Security ID", "TargetUserSid"),
    ROW(4647, "Subject", "Account Name", "TargetUserName"),
    ROW(4647, "Subject", "Account Domain", "TargetDomainName"),
    ROW(4647, "Subject", "Logon ID", "TargetLogonId"),
    ROW(5156, "Application Information", "Process ID", "ProcessID"),
    ROW(5156, "Application Information", "Application Name", "Application"),
    ROW(5157, "Application Information", "Process ID", "ProcessID"),
    ROW(5157, "Application Information", "Application Name", "Application"),
    ROW(5158, "Application Information", "Process ID", "ProcessId"),
    ROW(5158, "Application Information", "Application Name", "Application"),
    ROW(5140, "Network Information", "Source Address", "IpAddress"),
    ROW(5140, "Network Information", "Source Port", "IpPort"),
    ROW(5140, "Network Information", "Object Type", "ObjectType"),
    ROW(5145, "Network Information", "Source Address", "IpAddress"),
    ROW(5145, "Network Information", "Source Port", "IpPort"),
    ROW(5145, "Network Information", "Object Type", "ObjectType"),
    ROW(4719, "Audit Policy Change", "Category", "CategoryId"),
    ROW(4719, "Audit Policy Change", "Subcategory", "SubcategoryId"),
    ROW(4719, "Audit Policy Change", "Subcategory GUID", "SubcategoryGuid"),
    ROW(4719, "Audit Policy Change", "Changes", "AuditPolicyChanges"),
    ROW(4740, "Account That Was Locked Out", "Security ID", "TargetSid"),
    ROW(4740, "Account That Was Locked Out", "Account Name", "TargetUserName"),
    ROW(4740, "Additional Information", "Caller Computer Name", "TargetDomainName"),
    ROW(4672, "", "Privileges", "PrivilegeList"),
    ROW(3, "Process Information", "Process ID", "ProcessId"), /* RPC Firewall */
    ROW(3, "Process Information", "Image Path", "ImagePath"),
    ROW(3, "Network Information", "Source Network Address", "ClientNetworkAddress"),
    ROW(3, "Network Information", "Protocol", "Protocol"),
    ROW(3, "Network Information", "Endpoint", "Endpoint"),
    ROW(3, "RPC Information", "InterfaceUuid", "InterfaceUuid"),
    ROW(3, "RPC Information", "OpNum", "OpNum"),
    /* who did it */
    ROW(0, "Subject", "Security ID", "SubjectUserSid"),
    ROW(0, "Subject", "Account Name", "SubjectUserName"),
    ROW(0, "Subject", "Account Domain", "SubjectDomainName"),
    ROW(0, "Subject", "Domain Name", "SubjectDomainName"), /* 1102 */
    ROW(0, "Subject", "Logon ID", "SubjectLogonId"),
    ROW(0, "Subject", "Logon GUID", "LogonGuid"),
    ROW(0, "Creator Subject", "Security ID", "SubjectUserSid"),
    ROW(0, "Creator Subject", "Account Name", "SubjectUserName"),
    ROW(0, "Creator Subject", "Account Domain", "SubjectDomainName"),
    ROW(0, "Creator Subject", "Logon ID", "SubjectLogonId"),
    /* logons */
    ROW(0, "", "Logon Type", "LogonType"),
    ROW(0, "Logon Information", "Logon Type", "LogonType"),
    ROW(0, "Logon Information", "Restricted Admin Mode", "RestrictedAdminMode"),
    ROW(0, "Logon Information", "Virtual Account", "VirtualAccount"),
    ROW(0, "Logon Information", "Elevated Token", "ElevatedToken"),
    ROW(0, "", "Impersonation Level", "ImpersonationLevel"),
    ROW(0, "New Logon", "Security ID", "TargetUserSid"),
    ROW(0, "New Logon", "Account Name", "TargetUserName"),
    ROW(0, "New Logon", "Account Domain", "TargetDomainName"),
    ROW(0, "New Logon", "Logon ID", "TargetLogonId"),
    ROW(0, "New Logon", "Linked Logon ID", "TargetLinkedLogonId"),
    ROW(0, "New Logon", "Network Account Name", "TargetOutboundUserName"),
    ROW(0, "New Logon", "Network Account Domain", "TargetOutboundDomainName"),
    ROW(0, "New Logon", "Logon GUID", "LogonGuid"),
    ROW(0, "Account For Which Logon Failed", "Security ID", "TargetUserSid"),
    ROW(0, "Account For Which Logon Failed", "Account Name", "TargetUserName"),
    ROW(0, "Account For Which Logon Failed", "Account Domain", "TargetDomainName"),
    ROW(0, "Failure Information", "Failure Reason", "FailureReason"),
    ROW(0, "Failure Information", "Status", "Status"),
    ROW(0, "Failure Information", "Sub Status", "SubStatus"),
    ROW(0, "Target Server", "Target Server Name", "TargetServerName"),
    ROW(0, "Target Server", "Additional Information", "TargetInfo"),
    ROW(0, "Detailed Authentication Information", "Logon Process", "LogonProcessName"),
    ROW(0, "Detailed Authentication Information", "Authentication Package",
            "AuthenticationPackageName"),
    ROW(0, "Detailed Authentication Information", "Transited Services", "TransmittedServices"),
    ROW(0, "Detailed Authentication Information", "Package Name (NTLM only)", "LmPackageName"),
    ROW(0, "Detailed Authentication Information", "Key Length", "KeyLength"),
    /* where from and where to */
    ROW(0, "Network Information", "Workstation Name", "WorkstationName"),
    ROW(0, "Network Information", "Source Network Address", "IpAddress"),
    ROW(0, "Network Information", "Source Port", "SourcePort"),
    ROW(0, "Network Information", "Client Address", "IpAddress"),
    ROW(0, "Network Information", "Client Port", "IpPort"),
    ROW(0, "Network Information", "Direction", "Direction"),
    ROW(0, "Network Information", "Source Address", "SourceAddress"),
    ROW(0, "Network Information", "Destination Address", "DestAddress"),
    ROW(0, "Network Information", "Destination Port", "DestPort"),
    ROW(0, "Network Information", "Protocol", "Protocol"),
    ROW(0, "Filter Information", "Filter Run-Time ID", "FilterRTID"),
    ROW(0, "Filter Information", "Layer Name", "LayerName"),
    ROW(0, "Filter Information", "Layer Run-Time ID", "LayerRTID"),
    ROW(0, "Share Information", "Share Name", "ShareName"),
    ROW(0, "Share Information", "Share Path", "ShareLocalPath"),
    ROW(0, "Share Information", "Relative Target Name", "RelativeTargetName"),
    /* processes and objects */
    ROW(0, "Process Information", "New Process ID", "NewProcessId"),
    ROW(0, "Process Information", "New Process Name", "NewProcessName"),
    ROW(0, "Process Information", "Token Elevation Type", "TokenElevationType"),
    ROW(0, "Process Information", "Mandatory Label", "MandatoryLabel"),
    ROW(0, "Process Information", "Process ID", "ProcessId"),
    ROW(0, "Process Information", "Process Name", "ProcessName"),
    ROW(0, "Process Information", "Caller Process ID", "ProcessId"),
    ROW(0, "Process Information", "Caller Process Name", "ProcessName"),
    ROW(0, "Process", "Process ID", "ProcessId"),
    ROW(0, "Process", "Process Name", "ProcessName"),
    ROW(0, "Object", "Object Server", "ObjectServer"),
    ROW(0, "Object", "Object Type", "ObjectType"),
    ROW(0, "Object", "Object Name", "ObjectName"),
    ROW(0, "Object", "Object Value Name", "ObjectValueName"),
    ROW(0, "Object", "Handle ID", "HandleId"),
    ROW(0, "Object", "Resource Attributes", "ResourceAttributes"),
    ROW(0, "Change Information", "Old Value Type", "OldValueType"),
    ROW(0, "Change Information", "Old Value", "OldValue"),
    ROW(0, "Change Information", "New Value Type", "NewValueType"),
    ROW(0, "Change Information", "New Value", "NewValue"),
    ROW(0, "Access Request Information", "Accesses", "AccessList"),
    ROW(0, "Access Request Information", "Access Mask", "AccessMask"),
    ROW(0, "Access Request Information", "Access Reasons", "AccessReason"),
    ROW(0, "Access Request Information", "Privileges Used for Access Check", "PrivilegeList"),
    ROW(0, "Operation", "Operation Type", "OperationType"),
    ROW(0, "Operation", "Accesses", "AccessList"),
    ROW(0, "Operation", "Access Mask", "AccessMask"),
    ROW(0, "Operation", "Properties", "Properties"),
    ROW(0, "Service Information", "Service Name", "ServiceName"),
    ROW(0, "Service Information", "Service File Name", "ServiceFileName"),
    ROW(0, "Service Information", "Service Type", "ServiceType"),
    ROW(0, "Service Information", "Service Start Type", "ServiceStartType"),
    ROW(0, "Task Information", "Task Name", "TaskName"),
    ROW(0, "Task Information", "Task Content", "TaskContent"),
    ROW(0, "Task Information", "Task New Content", "TaskContentNew"),
    ROW(0, "Service", "Server", "ObjectServer"),
    ROW(0, "Service", "Service Name", "Service"),
    ROW(0, "Service Request Information", "Privileges", "PrivilegeList"),
    /* Kerberos */
    ROW(0, "Additional Information", "Ticket Options", "TicketOptions"),
    ROW(0, "Additional Information", "Ticket Encryption Type", "TicketEncryptionType"),
    ROW(0, "Additional Information", "Result Code", "Status"),
    ROW(0, "Additional Information", "Failure Code", "Status"),
    ROW(0, "Additional Information", "Pre-Authentication Type", "PreAuthType"),
    ROW(0, "Additional Information", "Transited Services", "TransmittedServices"),
    ROW(0, "Additional Information", "Privileges", "PrivilegeList"),
    ROW(0, "Certificate Information", "Certificate Issuer Name", "CertIssuerName"),
    ROW(0, "Certificate Information", "Certificate Serial Number", "CertSerialNumber"),
    ROW(0, "Certificate Information", "Certificate Thumbprint", "CertThumbprint"),
    /* accounts and groups */
    ROW(0, "New Account", "Security ID", "TargetSid"),
    ROW(0, "New Account", "Account Name", "TargetUserName"),
    ROW(0, "New Account", "Account Domain", "TargetDomainName"),
    ROW(0, "New Computer Account", "Security ID", "TargetSid"),
    ROW(0, "New Computer Account", "Account Name", "TargetUserName"),
    ROW(0, "New Computer Account", "Account Domain", "TargetDomainName"),
    ROW(0, "Target Account", "Security ID", "TargetSid"),
    ROW(0, "Target Account", "Account Name", "TargetUserName"),
    ROW(0, "Target Account", "Account Domain", "TargetDomainName"),
    ROW(0, "Target Account", "Old Account Name", "OldTargetUserName"),
    ROW(0, "Target Account", "New Account Name", "NewTargetUserName"),
    ROW(0, "Computer Account That Was Changed", "Security ID", "TargetSid"),
    ROW(0, "Computer Account That Was Changed", "Account Name", "TargetUserName"),
    ROW(0, "Computer Account That Was Changed", "Account Domain", "TargetDomainName"),
    ROW(0, "Attributes", "SAM Account Name", "SamAccountName"),
    ROW(0, "Attributes", "Display Name", "DisplayName"),
    ROW(0, "Attributes", "User Principal Name", "UserPrincipalName"),
    ROW(0, "Attributes", "Password Last Set", "PasswordLastSet"),
    ROW(0, "Attributes", "Allowed To Delegate To", "AllowedToDelegateTo"),
    ROW(0, "Attributes", "Old UAC Value", "OldUacValue"),
    ROW(0, "Attributes", "New UAC Value", "NewUacValue"),
    ROW(0, "Attributes", "SID History", "SidHistory"),
    ROW(0, "Changed Attributes", "SAM Account Name", "SamAccountName"),
    ROW(0, "Changed Attributes", "Display Name", "DisplayName"),
    ROW(0, "Changed Attributes", "User Principal Name", "UserPrincipalName"),
    ROW(0, "Changed Attributes", "Password Last Set", "PasswordLastSet"),
    ROW(0, "Changed Attributes", "AllowedToDelegateTo", "AllowedToDelegateTo"),
    ROW(0, "Changed Attributes", "Old UAC Value", "OldUacValue"),
    ROW(0, "Changed Attributes", "New UAC Value", "NewUacValue"),
    ROW(0, "Changed Attributes", "SID History", "SidHistory"),
    ROW(0, "Changed Attributes", "Service Principal Names", "ServicePrincipalNames"),
    ROW(0, "Member", "Security ID", "MemberSid"),
    ROW(0, "Member", "Account Name", "MemberName"),
    ROW(0, "Group", "Security ID", "TargetSid"),
    ROW(0, "Group", "Group Name", "TargetUserName"),
    ROW(0, "Group", "Account Name", "TargetUserName"),
    ROW(0, "Group", "Group Domain", "TargetDomainName"),
    ROW(0, "Group", "Account Domain", "TargetDomainName"),
    ROW(0, "New Group", "Security ID", "TargetSid"),
    ROW(0, "New Group", "Group Name", "TargetUserName"),
    ROW(0, "New Group", "Group Domain", "TargetDomainName"),
    /* directory service */
    ROW(0, "Object", "DN", "ObjectDN"),
    ROW(0, "Object", "GUID", "ObjectGUID"),
    ROW(0, "Object", "Class", "ObjectClass"),
    ROW(0, "Attribute", "LDAP Display Name", "AttributeLDAPDisplayName"),
    ROW(0, "Attribute", "Syntax (OID)", "AttributeSyntaxOID"),
    ROW(0, "Attribute", "Value", "AttributeValue"),
};

/* Events whose text the table reads; the text of others may be long and is left alone. */
bool message_is_known(uint32_t event_id)
{
    static const struct {
        uint16_t first;
        uint16_t last;
    } ranges[] = { { 3, 3 }, { 1102, 1102 }, { 4616, 4616 }, { 4624, 4799 }, { 4964, 4964 },
        { 5136, 5158 }, { 5376, 5379 }, { 7045, 7045 } };

    for (size_t i = 0; i < HN_COUNT_OF(ranges); i++) {
        if (event_id >= ranges[i].first && event_id <= ranges[i].last)
            return true;
    }
    return false;
}

struct hn_text message_label_field(uint32_t event_id, struct hn_text section, struct hn_text label)
{
    for (size_t i = 0; i < HN_COUNT_OF(labels); i++) {
        const struct label *row = &labels[i];

        if ((row->event_id == 0 || row->event_id == event_id) && hn_text_eq(row->label, label) &&
                hn_text_eq_nocase(row->section, section))
            return row->field;
    }
    return (struct hn_text){ NULL, 0 };
}

const char *message_sysmon_fields(uint32_t event_id)
{
    static const struct {
        uint32_t event_id;
        const char *fields;
    } events[] = {
        { 1, "RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company "
             "OriginalFileName CommandLine CurrentDirectory User LogonGuid LogonId "
             "TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId "
             "ParentImage ParentCommandLine ParentUser" },
        { 2, "RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime "
             "PreviousCreationUtcTime User" },
        { 3, "RuleName UtcTime ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 "
             "SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 DestinationIp "
             "DestinationHostname DestinationPort DestinationPortName" },
        { 4, "UtcTime State Version SchemaVersion" },
        { 5, "RuleName UtcTime ProcessGuid ProcessId Image User" },
        { 6, "RuleName UtcTime ImageLoaded Hashes Signed Signature SignatureStatus" },
        { 7, "RuleName UtcTime ProcessGuid ProcessId Image ImageLoaded FileVersion Description "
             "Product Company OriginalFileName Hashes Signed Signature SignatureStatus User" },
        { 8, "RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid "
             "TargetProcessId TargetImage NewThreadId StartAddress StartModule StartFunction "
             "SourceUser TargetUser" },
        { 9, "RuleName UtcTime ProcessGuid ProcessId Image Device User" },
        { 10, "RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage "
              "TargetProcessGUID TargetProcessId TargetImage GrantedAccess CallTrace SourceUser "
              "TargetUser" },
        { 11, "RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime User" },
        { 12, "RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject User" },
        { 13, "RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject Details User" },
        { 14, "RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject NewName User" },
        { 15, "RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime Hash "
              "Contents User" },
        { 16, "UtcTime Configuration ConfigurationFileHash" },
        { 17, "RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User" },
        { 18, "RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User" },
        { 19, "RuleName EventType UtcTime Operation User EventNamespace Name Query" },
        { 20, "RuleName EventType UtcTime Operation User Name Type Destination" },
        { 21, "RuleName EventType UtcTime Operation User Consumer Filter" },
        { 22, "RuleName UtcTime ProcessGuid ProcessId QueryName QueryStatus QueryResults Image "
              "User" },
        { 23, "RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes "
              "IsExecutable Archived" },
        { 24, "RuleName UtcTime ProcessGuid ProcessId Image Session ClientInfo Hashes Archived "
              "User" },
        { 25, "RuleName UtcTime ProcessGuid ProcessId Image Type User" },
        { 26, "RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes "
              "IsExecutable" },
        { 27, "RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes" },
        { 28, "RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes "
              "IsExecutable" },
        { 29, "RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes" },
        { 255, "UtcTime ID Description" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(events); i++) {
        if (events[i].event_id == event_id)
            return events[i].fields;
    }
    return NULL;
}
