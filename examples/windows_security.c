/* windows_security.c - logons, tickets, shares, services, Defender: the fields as Windows 10 and
 * Server 2019 write them. */
#include "example.h"

#define SID "S-1-5-21-1417-2001-3006-%u"

static void add_nobody(struct world *world)
{
    windows_field(world, "SubjectUserSid", "S-1-0-0");
    windows_field(world, "SubjectUserName", "-");
    windows_field(world, "SubjectDomainName", "-");
    windows_field(world, "SubjectLogonId", "0x0");
}

static void add_subject(struct world *world, const struct logon *logon, uint32_t id)
{
    windows_field_f(world, "SubjectUserSid", SID, logon->rid);
    windows_field(world, "SubjectUserName", logon->account);
    windows_field(world, "SubjectDomainName", "HINOMI");
    windows_field_f(world, "SubjectLogonId", "0x%x", id);
}

static const char *logon_process(const struct logon *logon)
{
    return logon->type == 3 ? "Kerberos" : "User32 ";
}

/* Source port of a logon; Windows gives 0 for the keyboard. */
static void add_source(struct world *world, const struct logon *logon, hn_time time)
{
    struct chance chance = chance_of("logon port", (uint32_t)(time / HN_MILLISECOND));
    uint32_t port = chance_between(&chance, 49700, 65000);

    windows_field(world, "IpAddress", logon->ip);
    if (logon->type == 3 && logon->ip[0] != '-')
        windows_field_f(world, "IpPort", "%u", port);
    else
        windows_field(world, "IpPort", "0");
}

uint32_t logon_success(struct world *world, hn_time time, const struct logon *logon)
{
    struct machine *machine = &world->machines[logon->machine->number];
    uint32_t id = machine->next_logon;

    machine->next_logon += 0x1a7;
    windows_begin(world, CHANNEL_SECURITY, 4624, logon->machine, time);
    add_nobody(world);
    windows_field_f(world, "TargetUserSid", SID, logon->rid);
    windows_field(world, "TargetUserName", logon->account);
    windows_field(world, "TargetDomainName", "HINOMI");
    windows_field_f(world, "TargetLogonId", "0x%x", id);
    windows_field_f(world, "LogonType", "%d", logon->type);
    windows_field(world, "LogonProcessName", logon_process(logon));
    windows_field(world, "AuthenticationPackageName", logon->type == 3 ? "Kerberos" : "Negotiate");
    windows_field(world, "WorkstationName", logon->workstation);
    windows_field_f(world, "LogonGuid", "{%08x-7d11-4c05-9a3e-%012x}", id * 2654435761u, id);
    windows_field(world, "TransmittedServices", "-");
    windows_field(world, "LmPackageName", "-");
    windows_field(world, "KeyLength", "0");
    windows_field(world, "ProcessId", logon->type == 3 ? "0x0" : "0x2f4");
    windows_field(
            world, "ProcessName", logon->type == 3 ? "-" : "C:\\Windows\\System32\\svchost.exe");
    add_source(world, logon, time);
    windows_field(world, "ImpersonationLevel", "%%1833");
    windows_field(world, "RestrictedAdminMode", "-");
    windows_field(world, "TargetOutboundUserName", "-");
    windows_field(world, "TargetOutboundDomainName", "-");
    windows_field(world, "VirtualAccount", "%%1843");
    windows_field(world, "TargetLinkedLogonId", "0x0");
    windows_field(world, "ElevatedToken", "%%1843");
    return id;
}

void logon_failure(struct world *world, hn_time time, const struct logon *logon)
{
    windows_begin(world, CHANNEL_SECURITY, 4625, logon->machine, time);
    add_nobody(world);
    windows_field(world, "TargetUserSid", "S-1-0-0");
    windows_field(world, "TargetUserName", logon->account);
    windows_field(world, "TargetDomainName", "HINOMI");
    windows_field(world, "Status", "0xc000006d");
    windows_field(world, "FailureReason", "%%2313");
    windows_field(world, "SubStatus", "0xc000006a");
    windows_field_f(world, "LogonType", "%d", logon->type);
    windows_field(world, "LogonProcessName", logon->type == 3 ? "NtLmSsp " : "User32 ");
    windows_field(world, "AuthenticationPackageName", logon->type == 3 ? "NTLM" : "Negotiate");
    windows_field(world, "WorkstationName", logon->workstation);
    windows_field(world, "TransmittedServices", "-");
    windows_field(world, "LmPackageName", "-");
    windows_field(world, "KeyLength", "0");
    windows_field(world, "ProcessId", logon->type == 3 ? "0x0" : "0x2f4");
    windows_field(
            world, "ProcessName", logon->type == 3 ? "-" : "C:\\Windows\\System32\\svchost.exe");
    add_source(world, logon, time);
}

void logon_end(struct world *world, hn_time time, const struct logon *logon, uint32_t id)
{
    windows_begin(world, CHANNEL_SECURITY, 4634, logon->machine, time);
    windows_field_f(world, "TargetUserSid", SID, logon->rid);
    windows_field(world, "TargetUserName", logon->account);
    windows_field(world, "TargetDomainName", "HINOMI");
    windows_field_f(world, "TargetLogonId", "0x%x", id);
    windows_field_f(world, "LogonType", "%d", logon->type);
}

void logon_privileges(struct world *world, hn_time time, const struct logon *logon, uint32_t id)
{
    windows_begin(world, CHANNEL_SECURITY, 4672, logon->machine, time);
    add_subject(world, logon, id);
    windows_field(world, "PrivilegeList",
            "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n"
            "\t\t\tSeTakeOwnershipPrivilege\r\n\t\t\tSeDebugPrivilege\r\n"
            "\t\t\tSeLoadDriverPrivilege\r\n\t\t\tSeImpersonatePrivilege");
}

/* service NULL: the ticket-granting ticket (4768). Written on the domain controller. */
void kerberos_ticket(
        struct world *world, hn_time time, const struct logon *logon, const char *service)
{
    bool granting = service == NULL;
    struct chance chance = chance_of("ticket port", (uint32_t)(time / HN_MILLISECOND));
    uint32_t port = chance_between(&chance, 49700, 65000);

    windows_begin(world, CHANNEL_SECURITY, granting ? 4768 : 4769, logon->machine, time);
    if (granting)
        windows_field(world, "TargetUserName", logon->account);
    else
        windows_field_f(world, "TargetUserName", "%s@CORP.HINOMI-WORKS.EXAMPLE", logon->account);
    windows_field(world, "TargetDomainName", granting ? "HINOMI" : "CORP.HINOMI-WORKS.EXAMPLE");
    if (granting)
        windows_field_f(world, "TargetSid", SID, logon->rid);
    windows_field(world, "ServiceName", granting ? "krbtgt" : service);
    windows_field_f(world, "ServiceSid", SID, granting ? 502 : 1000 + (uint32_t)service[3]);
    windows_field(world, "TicketOptions", "0x40810010");
    if (granting)
        windows_field(world, "Status", "0x0");
    windows_field(world, "TicketEncryptionType", "0x12");
    if (granting)
        windows_field(world, "PreAuthType", "2");
    windows_field_f(world, "IpAddress", "::ffff:%s", logon->ip);
    windows_field_f(world, "IpPort", "%u", port);
    if (granting) {
        windows_field(world, "CertIssuerName", "");
        windows_field(world, "CertSerialNumber", "");
        windows_field(world, "CertThumbprint", "");
    } else {
        windows_field(world, "Status", "0x0");
        windows_field_f(world, "LogonGuid", "{%08x-1d05-4c05-9a3e-00000000%04x}",
                (uint32_t)(time / HN_SECOND), port);
        windows_field(world, "TransmittedServices", "-");
    }
}

void share_access(struct world *world, hn_time time, const struct logon *logon, const char *share,
        const char *file, uint32_t access)
{
    struct chance chance = chance_of("share port", (uint32_t)(time / HN_SECOND));
    uint32_t port = chance_between(&chance, 49700, 65000);
    uint32_t id = logon->machine->next_logon - 0x1a7;

    windows_begin(world, CHANNEL_SECURITY, file == NULL ? 5140 : 5145, logon->machine, time);
    add_subject(world, logon, id);
    windows_field(world, "ObjectType", "File");
    windows_field(world, "IpAddress", logon->ip);
    windows_field_f(world, "IpPort", "%u", port);
    windows_field_f(world, "ShareName", "\\\\*\\%s", share);
    if (share[0] == 'I')
        windows_field(world, "ShareLocalPath", "");
    else
        windows_field_f(world, "ShareLocalPath", "\\??\\%s",
                share[0] == 'A' ? "C:\\Windows" : "D:\\Shares");
    if (file != NULL)
        windows_field(world, "RelativeTargetName", file);
    windows_field_f(world, "AccessMask", "0x%x", access);
    windows_field(world, "AccessList", access == 0x2 ? "%%4417\r\n\t\t\t\t" : "%%4416\r\n\t\t\t\t");
    if (file != NULL)
        windows_field(world, "AccessReason", "-");
}

void log_cleared(
        struct world *world, hn_time time, const struct machine *machine, const char *account)
{
    windows_begin(world, CHANNEL_SECURITY, 1102, machine, time);
    windows_field_f(world, "SubjectUserSid", SID, 1190u);
    windows_field(world, "SubjectUserName", account);
    windows_field(world, "SubjectDomainName", "HINOMI");
    windows_field(world, "SubjectLogonId", "0x7424d");
}

void service_installed(struct world *world, hn_time time, const struct machine *machine,
        const char *name, const char *path)
{
    windows_begin(world, CHANNEL_SYSTEM, 7045, machine, time);
    windows_field(world, "ServiceName", name);
    windows_field(world, "ImagePath", path);
    windows_field(world, "ServiceType", "user mode service");
    windows_field(world, "StartType", "demand start");
    windows_field(world, "AccountName", "LocalSystem");
}

void service_state(struct world *world, hn_time time, const struct machine *machine,
        const char *name, const char *state)
{
    windows_begin(world, CHANNEL_SYSTEM, 7036, machine, time);
    windows_field(world, "param1", name);
    windows_field(world, "param2", state);
}

static void add_defender_head(struct world *world)
{
    windows_field(world, "Product Name", "Microsoft Defender Antivirus");
    windows_field(world, "Product Version", "4.18.26090.8");
}

static void defender_threat(struct world *world, hn_time time, const struct process *process,
        const char *threat, const char *path)
{
    char stamp[HN_TIME_TEXT_MAX];
    size_t len = hn_time_write(time, 0, stamp);

    add_defender_head(world);
    windows_field_f(world, "Detection ID", "{%08x-91d4-4b1c-9a07-5c1f0e77%04x}",
            (uint32_t)(time / HN_SECOND), process->pid & 0xffff);
    windows_field_f(world, "Detection Time", "%.*s", (int)len, stamp);
    windows_field(world, "Threat ID", "2147780201");
    windows_field(world, "Threat Name", threat);
    windows_field(world, "Severity ID", "5");
    windows_field(world, "Severity Name", "Severe");
    windows_field(world, "Category ID", "8");
    windows_field(world, "Category Name", "Trojan");
    windows_field(world, "Source Name", "Real-Time Protection");
    windows_field(world, "Process Name", program_image(process->program));
    windows_field_f(world, "Detection User", "HINOMI\\%s", process->person->login);
    windows_field_f(world, "Path", "file:_%s", path);
    windows_field(world, "Origin Name", "Local machine");
    windows_field(world, "Execution Name", "Suspended");
    windows_field(world, "Type Name", "Concrete");
}

void defender_found(struct world *world, hn_time time, const struct process *process,
        const char *threat, const char *path)
{
    windows_begin(world, CHANNEL_DEFENDER, 1116, process->machine, time);
    defender_threat(world, time, process, threat, path);
    windows_field(world, "Action ID", "9");
    windows_field(world, "Action Name", "Not Applicable");
    windows_field(world, "Error Code", "0x00000000");
    windows_field(world, "Security intelligence Version", "AV: 1.421.100.0, AS: 1.421.100.0");
}

void defender_removed(struct world *world, hn_time time, const struct process *process,
        const char *threat, const char *path)
{
    windows_begin(world, CHANNEL_DEFENDER, 1117, process->machine, time);
    defender_threat(world, time, process, threat, path);
    windows_field(world, "Action ID", "2");
    windows_field(world, "Action Name", "Quarantine");
    windows_field(world, "Error Code", "0x00000000");
    windows_field(world, "Error Description", "The operation completed successfully.");
    windows_field(world, "Post Clean Status", "0");
    windows_field(world, "Security intelligence Version", "AV: 1.421.100.0, AS: 1.421.100.0");
}

void defender_notice(
        struct world *world, hn_time time, const struct machine *machine, uint32_t event_id)
{
    windows_begin(world, CHANNEL_DEFENDER, event_id, machine, time);
    add_defender_head(world);
    if (event_id == 2000)
        windows_field(world, "Current security intelligence Version", "1.421.100.0");
    else if (event_id != 5001)
        windows_field(world, "Scan Type", "Antimalware");
}
