/* windows_process.c - processes and what Sysmon says about them (schema 4.90), and their creation
 * in the Security log where a machine audits it. */
#include "example.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define SYSTEM32 "C:\\Windows\\System32\\"
#define OFFICE   "C:\\Program Files\\Microsoft Office\\root\\Office16\\"
#define WINDOWS  "Microsoft® Windows® Operating System"
#define MS       "Microsoft Corporation"

static const struct {
    const char *image;
    const char *description;
    const char *product;
    const char *company;
    const char *original;
} programs[PROGRAM_COUNT] = {
    [PROGRAM_EXPLORER] = { "C:\\Windows\\explorer.exe", "Windows Explorer", WINDOWS, MS,
            "EXPLORER.EXE" },
    [PROGRAM_CHROME] = { "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
            "Google Chrome", "Google Chrome", "Google LLC", "chrome.exe" },
    [PROGRAM_OUTLOOK] = { OFFICE "OUTLOOK.EXE", "Microsoft Outlook", "Microsoft Outlook", MS,
            "Outlook.exe" },
    [PROGRAM_WORD] = { OFFICE "WINWORD.EXE", "Microsoft Word", "Microsoft Office", MS,
            "WinWord.exe" },
    [PROGRAM_EXCEL] = { OFFICE "EXCEL.EXE", "Microsoft Excel", "Microsoft Office", MS,
            "Excel.exe" },
    [PROGRAM_TEAMS] = { "C:\\Program Files\\WindowsApps\\MSTeams\\ms-teams.exe", "Microsoft Teams",
            "Microsoft Teams", MS, "ms-teams.exe" },
    [PROGRAM_ACROBAT] = { "C:\\Program Files\\Adobe\\Acrobat DC\\Acrobat\\Acrobat.exe",
            "Adobe Acrobat", "Adobe Acrobat", "Adobe Systems Incorporated", "Acrobat.exe" },
    [PROGRAM_NOTEPAD] = { SYSTEM32 "notepad.exe", "Notepad", WINDOWS, MS, "NOTEPAD.EXE" },
    [PROGRAM_CALC] = { SYSTEM32 "calc.exe", "Windows Calculator", WINDOWS, MS, "CALC.EXE" },
    [PROGRAM_ERP] = { "C:\\Program Files (x86)\\Seisan-kun\\Client\\SeisanClient.exe",
            "Seisan-kun Client", "Seisan-kun", "Seisan Soft K.K.", "SeisanClient.exe" },
    [PROGRAM_CAD] = { "C:\\Program Files\\Zumen CAD 2026\\zcad.exe", "Zumen CAD", "Zumen CAD",
            "Zumen Software K.K.", "zcad.exe" },
    [PROGRAM_7ZIP] = { "C:\\Program Files\\7-Zip\\7zFM.exe", "7-Zip File Manager", "7-Zip",
            "Igor Pavlov", "7zFM.exe" },
    [PROGRAM_SPLWOW] = { "C:\\Windows\\splwow64.exe", "Print driver host for applications", WINDOWS,
            MS, "splwow64.exe" },
    [PROGRAM_ONEDRIVE] = { "C:\\Program Files\\Microsoft OneDrive\\OneDrive.exe",
            "Microsoft OneDrive", "Microsoft OneDrive", MS, "OneDrive.exe" },
    [PROGRAM_USERINIT] = { SYSTEM32 "userinit.exe", "Userinit Logon Application", WINDOWS, MS,
            "USERINIT.EXE" },
    [PROGRAM_SVCHOST] = { SYSTEM32 "svchost.exe", "Host Process for Windows Services", WINDOWS, MS,
            "svchost.exe" },
    [PROGRAM_SERVICES] = { SYSTEM32 "services.exe", "Services and Controller app", WINDOWS, MS,
            "services.exe" },
    [PROGRAM_TASKHOST] = { SYSTEM32 "taskhostw.exe", "Host Process for Windows Tasks", WINDOWS, MS,
            "taskhostw.exe" },
    [PROGRAM_DLLHOST] = { SYSTEM32 "dllhost.exe", "COM Surrogate", WINDOWS, MS, "dllhost.exe" },
    [PROGRAM_BACKGROUND] = { SYSTEM32 "backgroundTaskHost.exe", "Background Task Host", WINDOWS, MS,
            "backgroundTaskHost.exe" },
    [PROGRAM_BROKER] = { SYSTEM32 "RuntimeBroker.exe", "Runtime Broker", WINDOWS, MS,
            "RuntimeBroker.exe" },
    [PROGRAM_SEARCH] = { SYSTEM32 "SearchProtocolHost.exe",
            "Microsoft Windows Search Protocol Host", "Windows® Search", MS,
            "SearchProtocolHost.exe" },
    [PROGRAM_CONHOST] = { SYSTEM32 "conhost.exe", "Console Window Host", WINDOWS, MS,
            "CONHOST.EXE" },
    [PROGRAM_UPDATER] = { "C:\\Program Files (x86)\\Google\\GoogleUpdater\\141.0\\updater.exe",
            "Google Updater", "Google Updater", "Google LLC", "updater.exe" },
    [PROGRAM_AGENT] = { "C:\\Program Files\\ShisanKanri\\Agent\\skagent.exe", "ShisanKanri Agent",
            "ShisanKanri", "Shisan Kanri K.K.", "skagent.exe" },
    [PROGRAM_BACKUP] = { "C:\\Program Files\\HozonBackup\\hzbackup.exe", "Hozon Backup",
            "Hozon Backup", "Hozon Systems K.K.", "hzbackup.exe" },
    [PROGRAM_MSMPENG] = { "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.26090.8-0\\"
                          "MsMpEng.exe",
            "Antimalware Service Executable", WINDOWS, MS, "MsMpEng.exe" },
    [PROGRAM_MPCMDRUN] = { "C:\\Program Files\\Windows Defender\\MpCmdRun.exe",
            "Microsoft Malware Protection Command Line Utility", WINDOWS, MS, "MpCmdRun.exe" },
    [PROGRAM_WMIPRVSE] = { SYSTEM32 "wbem\\WmiPrvSE.exe", "WMI Provider Host", WINDOWS, MS,
            "Wmiprvse.exe" },
    [PROGRAM_POWERSHELL] = { SYSTEM32 "WindowsPowerShell\\v1.0\\powershell.exe",
            "Windows PowerShell", WINDOWS, MS, "PowerShell.EXE" },
    [PROGRAM_CMD] = { SYSTEM32 "cmd.exe", "Windows Command Processor", WINDOWS, MS, "Cmd.Exe" },
    [PROGRAM_RUNDLL32] = { SYSTEM32 "rundll32.exe", "Windows host process (Rundll32)", WINDOWS, MS,
            "RUNDLL32.EXE" },
    [PROGRAM_REGSVR32] = { SYSTEM32 "regsvr32.exe", "Microsoft(C) Register Server", WINDOWS, MS,
            "REGSVR32.EXE" },
    [PROGRAM_IPCONFIG] = { SYSTEM32 "ipconfig.exe", "IP Configuration Utility", WINDOWS, MS,
            "ipconfig.exe" },
    [PROGRAM_SYSTEMINFO] = { SYSTEM32 "systeminfo.exe", "Displays system information", WINDOWS, MS,
            "sysinfo.exe" },
    [PROGRAM_WHOAMI] = { SYSTEM32 "whoami.exe", "whoami - displays logged on user information",
            WINDOWS, MS, "whoami.exe" },
    [PROGRAM_NET] = { SYSTEM32 "net.exe", "Net Command", WINDOWS, MS, "net.exe" },
    [PROGRAM_NLTEST] = { SYSTEM32 "nltest.exe", "Microsoft® Logon Server Test Utility", WINDOWS, MS,
            "nltestrk.exe" },
    [PROGRAM_ARP] = { SYSTEM32 "ARP.EXE", "TCP/IP Arp Command", WINDOWS, MS, "arp.exe" },
    [PROGRAM_PING] = { SYSTEM32 "PING.EXE", "TCP/IP Ping Command", WINDOWS, MS, "ping.exe" },
    [PROGRAM_SC] = { SYSTEM32 "sc.exe", "Service Control Manager Configuration Tool", WINDOWS, MS,
            "sc.exe" },
    [PROGRAM_MMC] = { SYSTEM32 "mmc.exe", "Microsoft Management Console", WINDOWS, MS, "mmc.exe" },
    [PROGRAM_MSTSC] = { SYSTEM32 "mstsc.exe", "Remote Desktop Connection", WINDOWS, MS,
            "mstsc.exe" },
    [PROGRAM_WEVTUTIL] = { SYSTEM32 "wevtutil.exe", "Eventing Command Line Utility", WINDOWS, MS,
            "wevtutil.exe" },
    [PROGRAM_VSSADMIN] = { SYSTEM32 "vssadmin.exe",
            "Command Line Interface for Microsoft® Volume Shadow Copy Service", WINDOWS, MS,
            "VSSADMIN.EXE" },
    [PROGRAM_BCDEDIT] = { SYSTEM32 "bcdedit.exe", "Boot Configuration Data Editor", WINDOWS, MS,
            "bcdedit.exe" },
    [PROGRAM_LSASS] = { SYSTEM32 "lsass.exe", "Local Security Authority Process", WINDOWS, MS,
            "lsass.exe" },
    [PROGRAM_SYSMON] = { "C:\\Windows\\Sysmon64.exe", "System activity monitor",
            "Sysinternals Sysmon", "Sysinternals - www.sysinternals.com", "-" },
    [PROGRAM_VIEWER] = { "C:\\Users\\h.kobayashi\\AppData\\Local\\Temp\\svc81.exe", "-", "-", "-",
            "-" },
    [PROGRAM_SERVICE] = { "C:\\Windows\\7f3a91c.exe", "-", "-", "-", "-" },
};

const char *program_image(enum program program)
{
    return programs[program].image;
}

/* ---- Pieces that many events have ---------------------------------------------------------------
 */

static void add_utc(struct world *world, const char *name, hn_time time)
{
    struct hn_calendar clock = hn_calendar_at(time, 0);

    windows_field_f(world, name, "%04d-%02d-%02d %02d:%02d:%02d.%03d", clock.year, clock.month,
            clock.day, clock.hour, clock.minute, clock.second, clock.nanosecond / 1000000);
}

static void add_guid(struct world *world, const char *name, const struct process *process)
{
    uint32_t seconds = (uint32_t)(process->start / HN_SECOND);

    windows_field_f(world, name, "{%08x-%04x-%04x-%04x-%012x}",
            0xa5764900u + process->machine->number * 0x101u, seconds & 0xffff, seconds >> 16,
            process->pid & 0xffff, process->logon);
}

static void add_user(struct world *world, const char *name, const struct process *process)
{
    if (process->person != NULL)
        windows_field_f(world, name, "HINOMI\\%s", process->person->login);
    else if (process->program == PROGRAM_WMIPRVSE)
        windows_field(world, name, "NT AUTHORITY\\NETWORK SERVICE");
    else
        windows_field(world, name, "NT AUTHORITY\\SYSTEM");
}

static void add_hashes(struct world *world, const char *path, const char *sha256)
{
    static const char digits[] = "0123456789ABCDEF";
    struct chance chance = chance_of(path, 0);
    char hex[129];

    for (size_t i = 0; i < 128; i++)
        hex[i] = digits[chance_below(&chance, 16)];
    hex[128] = '\0';
    if (sha256 == NULL) {
        windows_field_f(
                world, "Hashes", "MD5=%.32s,SHA256=%.64s,IMPHASH=%.32s", hex, hex + 32, hex + 96);
    } else {
        windows_field_f(
                world, "Hashes", "MD5=%.32s,SHA256=%s,IMPHASH=%.32s", hex, sha256, hex + 96);
    }
}

static void begin_sysmon(struct world *world, hn_time time, uint32_t event_id,
        const struct machine *machine, const char *event_type)
{
    windows_begin(world, CHANNEL_SYSMON, event_id, machine, after(time, 3));
    if (event_id != 4)
        windows_field(world, "RuleName", "-");
    if (event_type != NULL)
        windows_field(world, "EventType", event_type);
    add_utc(world, "UtcTime", time);
}

static void add_process(struct world *world, const struct process *process)
{
    add_guid(world, "ProcessGuid", process);
    windows_field_f(world, "ProcessId", "%u", process->pid);
}

/* ---- Processes --------------------------------------------------------------------------------
 */

static uint32_t logon_of(const struct machine *machine, const struct person *person)
{
    return person == NULL ? 0x3e7 : 0x40000 + 0x1111 * machine->number;
}

struct process process_old(struct machine *machine, const struct person *person,
        enum program program, const char *command)
{
    struct process process = {
        .machine = machine, .person = person, .acts_for = person, .program = program
    };

    process.pid = 4 * (100 + 7 * (uint32_t)program + machine->number);
    process.logon = logon_of(machine, person);
    process.start = at(0, 0, 0) - 18 * HN_HOUR - machine->number * HN_MINUTE;
    process.command = command;
    return process;
}

static void write_4688(struct world *world, hn_time time, const struct process *process,
        const struct process *parent)
{
    const struct person *person = process->person;

    windows_begin(world, CHANNEL_SECURITY, 4688, process->machine, time);
    if (person == NULL) {
        windows_field(world, "SubjectUserSid", "S-1-5-18");
        windows_field_f(world, "SubjectUserName", "%s$", process->machine->name);
    } else {
        windows_field_f(world, "SubjectUserSid", "S-1-5-21-1417-2001-3006-%u", person->rid);
        windows_field(world, "SubjectUserName", person->login);
    }
    windows_field(world, "SubjectDomainName", "HINOMI");
    windows_field_f(world, "SubjectLogonId", "0x%x", process->logon);
    windows_field_f(world, "NewProcessId", "0x%x", process->pid);
    windows_field(world, "NewProcessName", program_image(process->program));
    windows_field(world, "TokenElevationType", person == NULL ? "%%1936" : "%%1938");
    windows_field_f(world, "ProcessId", "0x%x", parent->pid);
    windows_field(world, "CommandLine", process->command);
    windows_field(world, "TargetUserSid", "S-1-0-0");
    windows_field(world, "TargetUserName", "-");
    windows_field(world, "TargetDomainName", "-");
    windows_field(world, "TargetLogonId", "0x0");
    windows_field(world, "ParentProcessName", program_image(parent->program));
    windows_field(world, "MandatoryLabel", person == NULL ? "S-1-16-16384" : "S-1-16-8192");
}

static void write_sysmon_1(struct world *world, hn_time time, const struct process *process,
        const struct process *parent)
{
    enum program program = process->program;

    begin_sysmon(world, time, 1, process->machine, NULL);
    add_process(world, process);
    windows_field(world, "Image", programs[program].image);
    windows_field(world, "FileVersion",
            strcmp(programs[program].product, WINDOWS) == 0 ? "10.0.19041.4894" : "-");
    windows_field(world, "Description", programs[program].description);
    windows_field(world, "Product", programs[program].product);
    windows_field(world, "Company", programs[program].company);
    windows_field(world, "OriginalFileName", programs[program].original);
    windows_field(world, "CommandLine", process->command);
    if (process->person == NULL)
        windows_field(world, "CurrentDirectory", SYSTEM32);
    else
        windows_field_f(world, "CurrentDirectory", "C:\\Users\\%s\\", process->person->login);
    add_user(world, "User", process);
    windows_field_f(world, "LogonGuid", "{%08x-0000-0000-0000-%012x}",
            0xa5764900u + process->machine->number * 0x101u, process->logon);
    windows_field_f(world, "LogonId", "0x%x", process->logon);
    windows_field(world, "TerminalSessionId", process->person == NULL ? "0" : "1");
    windows_field(world, "IntegrityLevel", process->person == NULL ? "System" : "Medium");
    add_hashes(world, programs[program].image, NULL);
    add_guid(world, "ParentProcessGuid", parent);
    windows_field_f(world, "ParentProcessId", "%u", parent->pid);
    windows_field(world, "ParentImage", programs[parent->program].image);
    windows_field(world, "ParentCommandLine", parent->command);
    add_user(world, "ParentUser", parent);
}

struct process process_start(struct world *world, hn_time time, const struct process *parent,
        enum program program, const char *fmt, ...)
{
    struct process process = *parent;
    char command[4096];
    struct hn_text kept;
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(command, sizeof command, fmt, args);
    va_end(args);
    assert(len >= 0 && (size_t)len < sizeof command);
    kept = hn_arena_text(&world->arena, hn_text_of(command, (size_t)len));
    if (kept.ptr == NULL) {
        world->failed = true;
        kept = HN_TEXT("");
    }
    process.program = program;
    process.person = parent->acts_for;
    process.logon = logon_of(process.machine, process.person);
    process.pid = process.machine->next_pid;
    process.machine->next_pid += 4;
    process.start = time;
    process.command = kept.ptr;
    write_sysmon_1(world, time, &process, parent);
    if (process.machine->audited)
        write_4688(world, time, &process, parent);
    return process;
}

void process_end(struct world *world, hn_time time, const struct process *process)
{
    begin_sysmon(world, time, 5, process->machine, NULL);
    add_process(world, process);
    windows_field(world, "Image", programs[process->program].image);
    add_user(world, "User", process);
}

void process_connects(
        struct world *world, hn_time time, const struct process *process, const char *ip, int port)
{
    struct chance chance = chance_of("port", process->pid ^ (uint32_t)(time / HN_SECOND));
    uint32_t source_port = chance_between(&chance, 49700, 65000);

    begin_sysmon(world, time, 3, process->machine, NULL);
    add_process(world, process);
    windows_field(world, "Image", programs[process->program].image);
    add_user(world, "User", process);
    windows_field(world, "Protocol", "tcp");
    windows_field(world, "Initiated", "true");
    windows_field(world, "SourceIsIpv6", "false");
    windows_field(world, "SourceIp", process->machine->ip);
    windows_field_f(
            world, "SourceHostname", "%s.corp.hinomi-works.example", process->machine->name);
    windows_field_f(world, "SourcePort", "%u", source_port);
    windows_field(world, "SourcePortName", "-");
    windows_field(world, "DestinationIsIpv6", "false");
    windows_field(world, "DestinationIp", ip);
    windows_field(world, "DestinationHostname", "-");
    windows_field_f(world, "DestinationPort", "%d", port);
    windows_field(world, "DestinationPortName", port == 443 ? "https" : "-");
}

void process_asks(struct world *world, hn_time time, const struct process *process,
        const char *name, const char *ip)
{
    begin_sysmon(world, time, 22, process->machine, NULL);
    add_process(world, process);
    windows_field(world, "QueryName", name);
    windows_field(world, "QueryStatus", ip == NULL ? "9003" : "0");
    if (ip == NULL)
        windows_field(world, "QueryResults", "-");
    else
        windows_field_f(world, "QueryResults", "::ffff:%s;", ip);
    windows_field(world, "Image", programs[process->program].image);
    add_user(world, "User", process);
}

void process_writes(
        struct world *world, hn_time time, const struct process *process, const char *fmt, ...)
{
    char path[512];
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(path, sizeof path, fmt, args);
    va_end(args);
    assert(len >= 0 && (size_t)len < sizeof path);
    begin_sysmon(world, time, 11, process->machine, NULL);
    add_process(world, process);
    windows_field(world, "Image", programs[process->program].image);
    windows_field(world, "TargetFilename", path);
    add_utc(world, "CreationUtcTime", time);
    add_user(world, "User", process);
}

void process_loads(struct world *world, hn_time time, const struct process *process,
        const char *path, const char *sha256)
{
    bool ours = sha256 == NULL;

    begin_sysmon(world, time, 7, process->machine, NULL);
    add_process(world, process);
    windows_field(world, "Image", programs[process->program].image);
    windows_field(world, "ImageLoaded", path);
    windows_field(world, "FileVersion", ours ? "10.0.19041.4522" : "-");
    windows_field(world, "Description", ours ? "WMI" : "-");
    windows_field(world, "Product", ours ? WINDOWS : "-");
    windows_field(world, "Company", ours ? MS : "-");
    windows_field(world, "OriginalFileName", "-");
    add_hashes(world, path, sha256);
    windows_field(world, "Signed", ours ? "true" : "false");
    windows_field(world, "Signature", ours ? "Microsoft Windows" : "-");
    windows_field(world, "SignatureStatus", ours ? "Valid" : "Unavailable");
    add_user(world, "User", process);
}

void process_sets_value(struct world *world, hn_time time, const struct process *process,
        const char *key, const char *details)
{
    begin_sysmon(world, time, 13, process->machine, "SetValue");
    add_process(world, process);
    windows_field(world, "Image", programs[process->program].image);
    windows_field(world, "TargetObject", key);
    windows_field(world, "Details", details);
    add_user(world, "User", process);
}

void process_makes_pipe(
        struct world *world, hn_time time, const struct process *process, const char *pipe)
{
    begin_sysmon(world, time, 17, process->machine, "CreatePipe");
    add_process(world, process);
    windows_field(world, "PipeName", pipe);
    windows_field(world, "Image", programs[process->program].image);
    add_user(world, "User", process);
}

void process_opens_lsass(struct world *world, hn_time time, const struct process *process,
        const char *access, const char *trace)
{
    struct process lsass = process_old(process->machine, NULL, PROGRAM_LSASS, "lsass.exe");

    begin_sysmon(world, time, 10, process->machine, NULL);
    add_guid(world, "SourceProcessGUID", process);
    windows_field_f(world, "SourceProcessId", "%u", process->pid);
    windows_field_f(world, "SourceThreadId", "%u", process->pid + 20);
    windows_field(world, "SourceImage", programs[process->program].image);
    add_guid(world, "TargetProcessGUID", &lsass);
    windows_field_f(world, "TargetProcessId", "%u", lsass.pid);
    windows_field(world, "TargetImage", programs[PROGRAM_LSASS].image);
    windows_field(world, "GrantedAccess", access);
    windows_field(world, "CallTrace", trace);
    add_user(world, "SourceUser", process);
    add_user(world, "TargetUser", &lsass);
}

void process_injects(struct world *world, hn_time time, const struct process *process,
        const struct process *target)
{
    begin_sysmon(world, time, 8, process->machine, NULL);
    add_guid(world, "SourceProcessGuid", process);
    windows_field_f(world, "SourceProcessId", "%u", process->pid);
    windows_field(world, "SourceImage", programs[process->program].image);
    add_guid(world, "TargetProcessGuid", target);
    windows_field_f(world, "TargetProcessId", "%u", target->pid);
    windows_field(world, "TargetImage", programs[target->program].image);
    windows_field_f(world, "NewThreadId", "%u", target->pid + 1332);
    windows_field(world, "StartAddress", "0x0000021E7C3A0000");
    windows_field(world, "StartModule", "-");
    windows_field(world, "StartFunction", "-");
    add_user(world, "SourceUser", process);
    add_user(world, "TargetUser", target);
}

void sysmon_state(
        struct world *world, hn_time time, const struct machine *machine, const char *state)
{
    begin_sysmon(world, time, 4, machine, NULL);
    windows_field(world, "State", state);
    windows_field(world, "Version", "15.15");
    windows_field(world, "SchemaVersion", "4.90");
}
