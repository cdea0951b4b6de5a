/* message_table.c - labels in the rendered text of Windows events and the fields they stand for.
 *
 * From Microsoft's documentation of the security audit events and of Sysmon, and from rendered
 * events. A label means different things in different sections and, for a few, in different
 * events; the first row that fits wins. */
#include "event/event_internal.h"

struct label {
    uint32_t event_id;   /* 0: any */
    const char *section; /* NULL: any; "" : before the first section */
    const char *label;
    const char *field;
};

static const struct label labels[] = {
    /* what only one event means by it */
    { 4688, "Target Subject", "Security ID", "TargetUserSid" },
    { 4688, "Target Subject", "Account Name", "TargetUserName" },
    { 4688, "Target Subject", "Account Domain", "TargetDomainName" },
    { 4688, "Target Subject", "Logon ID", "TargetLogonId" },
    { 4688, "Process Information", "Creator Process ID", "ProcessId" },
    { 4688, "Process Information", "Creator Process Name", "ParentProcessName" },
    { 4688, "Process Information", "Process Command Line", "CommandLine" },
    { 4624, "Network Information", "Source Port", "IpPort" },
    { 4625, "Network Information", "Source Port", "IpPort" },
    { 4648, "Account Whose Credentials Were Used", "Account Name", "TargetUserName" },
    { 4648, "Account Whose Credentials Were Used", "Account Domain", "TargetDomainName" },
    { 4648, "Account Whose Credentials Were Used", "Logon GUID", "TargetLogonGuid" },
    { 4648, "Network Information", "Network Address", "IpAddress" },
    { 4648, "Network Information", "Port", "IpPort" },
    { 4656, "Access Request Information", "Accesses", "AccessList" },
    { 4657, "Object", "Operation Type", "OperationType" },
    { 4697, "Service Information", "Service Account", "AccountName" },
    { 7045, "", "Service File Name", "ImagePath" },
    { 7045, "", "Service Name", "ServiceName" },
    { 7045, "", "Service Type", "ServiceType" },
    { 7045, "", "Service Start Type", "StartType" },
    { 7045, "", "Service Account", "AccountName" },
    { 4768, "Account Information", "Account Name", "TargetUserName" },
    { 4768, "Account Information", "Supplied Realm Name", "TargetDomainName" },
    { 4768, "Account Information", "User ID", "TargetSid" },
    { 4768, "Service Information", "Service Name", "ServiceName" },
    { 4768, "Service Information", "Service ID", "ServiceSid" },
    { 4769, "Account Information", "Account Name", "TargetUserName" },
    { 4769, "Account Information", "Account Domain", "TargetDomainName" },
    { 4769, "Account Information", "Logon GUID", "LogonGuid" },
    { 4769, "Service Information", "Service ID", "ServiceSid" },
    { 4771, "Account Information", "Security ID", "TargetSid" },
    { 4771, "Account Information", "Account Name", "TargetUserName" },
    { 4776, "", "Authentication Package", "PackageName" },
    { 4776, "", "Logon Account", "TargetUserName" },
    { 4776, "", "Source Workstation", "Workstation" },
    { 4776, "", "Error Code", "Status" },
    { 4634, "Subject", "Security ID", "TargetUserSid" },
    { 4634, "Subject", "Account Name", "TargetUserName" },
    { 4634, "Subject", "Account Domain", "TargetDomainName" },
    { 4634, "Subject", "Logon ID", "TargetLogonId" },
    { 4634, "", "Logon Type", "LogonType" },
    { 4647, "Subject", "Security ID", "TargetUserSid" },
    { 4647, "Subject", "Account Name", "TargetUserName" },
    { 4647, "Subject", "Account Domain", "TargetDomainName" },
    { 4647, "Subject", "Logon ID", "TargetLogonId" },
    { 5156, "Application Information", "Process ID", "ProcessID" },
    { 5156, "Application Information", "Application Name", "Application" },
    { 5157, "Application Information", "Process ID", "ProcessID" },
    { 5157, "Application Information", "Application Name", "Application" },
    { 5158, "Application Information", "Process ID", "ProcessId" },
    { 5158, "Application Information", "Application Name", "Application" },
    { 5140, "Network Information", "Source Address", "IpAddress" },
    { 5140, "Network Information", "Source Port", "IpPort" },
    { 5140, "Network Information", "Object Type", "ObjectType" },
    { 5145, "Network Information", "Source Address", "IpAddress" },
    { 5145, "Network Information", "Source Port", "IpPort" },
    { 5145, "Network Information", "Object Type", "ObjectType" },
    { 4719, "Audit Policy Change", "Category", "CategoryId" },
    { 4719, "Audit Policy Change", "Subcategory", "SubcategoryId" },
    { 4719, "Audit Policy Change", "Subcategory GUID", "SubcategoryGuid" },
    { 4719, "Audit Policy Change", "Changes", "AuditPolicyChanges" },
    { 4740, "Account That Was Locked Out", "Security ID", "TargetSid" },
    { 4740, "Account That Was Locked Out", "Account Name", "TargetUserName" },
    { 4740, "Additional Information", "Caller Computer Name", "TargetDomainName" },
    { 4672, "", "Privileges", "PrivilegeList" },
    { 3, "Process Information", "Process ID", "ProcessId" }, /* RPC Firewall */
    { 3, "Process Information", "Image Path", "ImagePath" },
    { 3, "Network Information", "Source Network Address", "ClientNetworkAddress" },
    { 3, "Network Information", "Protocol", "Protocol" },
    { 3, "Network Information", "Endpoint", "Endpoint" },
    { 3, "RPC Information", "InterfaceUuid", "InterfaceUuid" },
    { 3, "RPC Information", "OpNum", "OpNum" },
    /* who did it */
    { 0, "Subject", "Security ID", "SubjectUserSid" },
    { 0, "Subject", "Account Name", "SubjectUserName" },
    { 0, "Subject", "Account Domain", "SubjectDomainName" },
    { 0, "Subject", "Domain Name", "SubjectDomainName" }, /* 1102 */
    { 0, "Subject", "Logon ID", "SubjectLogonId" },
    { 0, "Subject", "Logon GUID", "LogonGuid" },
    { 0, "Creator Subject", "Security ID", "SubjectUserSid" },
    { 0, "Creator Subject", "Account Name", "SubjectUserName" },
    { 0, "Creator Subject", "Account Domain", "SubjectDomainName" },
    { 0, "Creator Subject", "Logon ID", "SubjectLogonId" },
    /* logons */
    { 0, "", "Logon Type", "LogonType" },
    { 0, "Logon Information", "Logon Type", "LogonType" },
    { 0, "Logon Information", "Restricted Admin Mode", "RestrictedAdminMode" },
    { 0, "Logon Information", "Virtual Account", "VirtualAccount" },
    { 0, "Logon Information", "Elevated Token", "ElevatedToken" },
    { 0, "", "Impersonation Level", "ImpersonationLevel" },
    { 0, "New Logon", "Security ID", "TargetUserSid" },
    { 0, "New Logon", "Account Name", "TargetUserName" },
    { 0, "New Logon", "Account Domain", "TargetDomainName" },
    { 0, "New Logon", "Logon ID", "TargetLogonId" },
    { 0, "New Logon", "Linked Logon ID", "TargetLinkedLogonId" },
    { 0, "New Logon", "Network Account Name", "TargetOutboundUserName" },
    { 0, "New Logon", "Network Account Domain", "TargetOutboundDomainName" },
    { 0, "New Logon", "Logon GUID", "LogonGuid" },
    { 0, "Account For Which Logon Failed", "Security ID", "TargetUserSid" },
    { 0, "Account For Which Logon Failed", "Account Name", "TargetUserName" },
    { 0, "Account For Which Logon Failed", "Account Domain", "TargetDomainName" },
    { 0, "Failure Information", "Failure Reason", "FailureReason" },
    { 0, "Failure Information", "Status", "Status" },
    { 0, "Failure Information", "Sub Status", "SubStatus" },
    { 0, "Target Server", "Target Server Name", "TargetServerName" },
    { 0, "Target Server", "Additional Information", "TargetInfo" },
    { 0, "Detailed Authentication Information", "Logon Process", "LogonProcessName" },
    { 0, "Detailed Authentication Information", "Authentication Package",
            "AuthenticationPackageName" },
    { 0, "Detailed Authentication Information", "Transited Services", "TransmittedServices" },
    { 0, "Detailed Authentication Information", "Package Name (NTLM only)", "LmPackageName" },
    { 0, "Detailed Authentication Information", "Key Length", "KeyLength" },
    /* where from and where to */
    { 0, "Network Information", "Workstation Name", "WorkstationName" },
    { 0, "Network Information", "Source Network Address", "IpAddress" },
    { 0, "Network Information", "Source Port", "SourcePort" },
    { 0, "Network Information", "Client Address", "IpAddress" },
    { 0, "Network Information", "Client Port", "IpPort" },
    { 0, "Network Information", "Direction", "Direction" },
    { 0, "Network Information", "Source Address", "SourceAddress" },
    { 0, "Network Information", "Destination Address", "DestAddress" },
    { 0, "Network Information", "Destination Port", "DestPort" },
    { 0, "Network Information", "Protocol", "Protocol" },
    { 0, "Filter Information", "Filter Run-Time ID", "FilterRTID" },
    { 0, "Filter Information", "Layer Name", "LayerName" },
    { 0, "Filter Information", "Layer Run-Time ID", "LayerRTID" },
    { 0, "Share Information", "Share Name", "ShareName" },
    { 0, "Share Information", "Share Path", "ShareLocalPath" },
    { 0, "Share Information", "Relative Target Name", "RelativeTargetName" },
    /* processes and objects */
    { 0, "Process Information", "New Process ID", "NewProcessId" },
    { 0, "Process Information", "New Process Name", "NewProcessName" },
    { 0, "Process Information", "Token Elevation Type", "TokenElevationType" },
    { 0, "Process Information", "Mandatory Label", "MandatoryLabel" },
    { 0, "Process Information", "Process ID", "ProcessId" },
    { 0, "Process Information", "Process Name", "ProcessName" },
    { 0, "Process Information", "Caller Process ID", "ProcessId" },
    { 0, "Process Information", "Caller Process Name", "ProcessName" },
    { 0, "Process", "Process ID", "ProcessId" },
    { 0, "Process", "Process Name", "ProcessName" },
    { 0, "Object", "Object Server", "ObjectServer" },
    { 0, "Object", "Object Type", "ObjectType" },
    { 0, "Object", "Object Name", "ObjectName" },
    { 0, "Object", "Object Value Name", "ObjectValueName" },
    { 0, "Object", "Handle ID", "HandleId" },
    { 0, "Object", "Resource Attributes", "ResourceAttributes" },
    { 0, "Change Information", "Old Value Type", "OldValueType" },
    { 0, "Change Information", "Old Value", "OldValue" },
    { 0, "Change Information", "New Value Type", "NewValueType" },
    { 0, "Change Information", "New Value", "NewValue" },
    { 0, "Access Request Information", "Accesses", "AccessList" },
    { 0, "Access Request Information", "Access Mask", "AccessMask" },
    { 0, "Access Request Information", "Access Reasons", "AccessReason" },
    { 0, "Access Request Information", "Privileges Used for Access Check", "PrivilegeList" },
    { 0, "Operation", "Operation Type", "OperationType" },
    { 0, "Operation", "Accesses", "AccessList" },
    { 0, "Operation", "Access Mask", "AccessMask" },
    { 0, "Operation", "Properties", "Properties" },
    { 0, "Service Information", "Service Name", "ServiceName" },
    { 0, "Service Information", "Service File Name", "ServiceFileName" },
    { 0, "Service Information", "Service Type", "ServiceType" },
    { 0, "Service Information", "Service Start Type", "ServiceStartType" },
    { 0, "Task Information", "Task Name", "TaskName" },
    { 0, "Task Information", "Task Content", "TaskContent" },
    { 0, "Task Information", "Task New Content", "TaskContentNew" },
    { 0, "Service", "Server", "ObjectServer" },
    { 0, "Service", "Service Name", "Service" },
    { 0, "Service Request Information", "Privileges", "PrivilegeList" },
    /* Kerberos */
    { 0, "Additional Information", "Ticket Options", "TicketOptions" },
    { 0, "Additional Information", "Ticket Encryption Type", "TicketEncryptionType" },
    { 0, "Additional Information", "Result Code", "Status" },
    { 0, "Additional Information", "Failure Code", "Status" },
    { 0, "Additional Information", "Pre-Authentication Type", "PreAuthType" },
    { 0, "Additional Information", "Transited Services", "TransmittedServices" },
    { 0, "Additional Information", "Privileges", "PrivilegeList" },
    { 0, "Certificate Information", "Certificate Issuer Name", "CertIssuerName" },
    { 0, "Certificate Information", "Certificate Serial Number", "CertSerialNumber" },
    { 0, "Certificate Information", "Certificate Thumbprint", "CertThumbprint" },
    /* accounts and groups */
    { 0, "New Account", "Security ID", "TargetSid" },
    { 0, "New Account", "Account Name", "TargetUserName" },
    { 0, "New Account", "Account Domain", "TargetDomainName" },
    { 0, "New Computer Account", "Security ID", "TargetSid" },
    { 0, "New Computer Account", "Account Name", "TargetUserName" },
    { 0, "New Computer Account", "Account Domain", "TargetDomainName" },
    { 0, "Target Account", "Security ID", "TargetSid" },
    { 0, "Target Account", "Account Name", "TargetUserName" },
    { 0, "Target Account", "Account Domain", "TargetDomainName" },
    { 0, "Target Account", "Old Account Name", "OldTargetUserName" },
    { 0, "Target Account", "New Account Name", "NewTargetUserName" },
    { 0, "Computer Account That Was Changed", "Security ID", "TargetSid" },
    { 0, "Computer Account That Was Changed", "Account Name", "TargetUserName" },
    { 0, "Computer Account That Was Changed", "Account Domain", "TargetDomainName" },
    { 0, "Attributes", "SAM Account Name", "SamAccountName" },
    { 0, "Attributes", "Display Name", "DisplayName" },
    { 0, "Attributes", "User Principal Name", "UserPrincipalName" },
    { 0, "Attributes", "Password Last Set", "PasswordLastSet" },
    { 0, "Attributes", "Allowed To Delegate To", "AllowedToDelegateTo" },
    { 0, "Attributes", "Old UAC Value", "OldUacValue" },
    { 0, "Attributes", "New UAC Value", "NewUacValue" },
    { 0, "Attributes", "SID History", "SidHistory" },
    { 0, "Changed Attributes", "SAM Account Name", "SamAccountName" },
    { 0, "Changed Attributes", "Display Name", "DisplayName" },
    { 0, "Changed Attributes", "User Principal Name", "UserPrincipalName" },
    { 0, "Changed Attributes", "Password Last Set", "PasswordLastSet" },
    { 0, "Changed Attributes", "AllowedToDelegateTo", "AllowedToDelegateTo" },
    { 0, "Changed Attributes", "Old UAC Value", "OldUacValue" },
    { 0, "Changed Attributes", "New UAC Value", "NewUacValue" },
    { 0, "Changed Attributes", "SID History", "SidHistory" },
    { 0, "Changed Attributes", "Service Principal Names", "ServicePrincipalNames" },
    { 0, "Member", "Security ID", "MemberSid" },
    { 0, "Member", "Account Name", "MemberName" },
    { 0, "Group", "Security ID", "TargetSid" },
    { 0, "Group", "Group Name", "TargetUserName" },
    { 0, "Group", "Account Name", "TargetUserName" },
    { 0, "Group", "Group Domain", "TargetDomainName" },
    { 0, "Group", "Account Domain", "TargetDomainName" },
    { 0, "New Group", "Security ID", "TargetSid" },
    { 0, "New Group", "Group Name", "TargetUserName" },
    { 0, "New Group", "Group Domain", "TargetDomainName" },
    /* directory service */
    { 0, "Object", "DN", "ObjectDN" },
    { 0, "Object", "GUID", "ObjectGUID" },
    { 0, "Object", "Class", "ObjectClass" },
    { 0, "Attribute", "LDAP Display Name", "AttributeLDAPDisplayName" },
    { 0, "Attribute", "Syntax (OID)", "AttributeSyntaxOID" },
    { 0, "Attribute", "Value", "AttributeValue" },
};

const char *message_label_field(uint32_t event_id, struct hn_text section, struct hn_text label)
{
    for (size_t i = 0; i < HN_COUNT_OF(labels); i++) {
        const struct label *row = &labels[i];

        if ((row->event_id == 0 || row->event_id == event_id) &&
                hn_text_eq(hn_text_cstr(row->label), label) &&
                hn_text_eq_nocase(hn_text_cstr(row->section), section))
            return row->field;
    }
    return NULL;
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
