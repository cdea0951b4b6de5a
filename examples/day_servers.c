/* day_servers.c - what runs without anybody looking: backup, updates, management; and what the two
 * administrators do. */
#include "example.h"

#include <stdio.h>

static struct logon logon_at(
        struct world *world, enum server server, const char *account, uint32_t rid, const char *ip)
{
    return (struct logon){ .machine = server_of(world, server),
        .account = account,
        .rid = rid,
        .type = 3,
        .ip = ip,
        .workstation = "-" };
}

/* ---- Night -------------------------------------------------------------------------------------
 */

static void back_up(struct world *world)
{
    static const enum server targets[] = { SERVER_FS, SERVER_ERP, SERVER_DC };
    struct machine *machine = server_of(world, SERVER_BACKUP);
    struct process services = process_old(machine, NULL, PROGRAM_SERVICES, "services.exe");
    struct chance chance = chance_of("backup", 0);
    hn_time time = at(1, 0, 0);

    (void)process_start(world, time, &services, PROGRAM_BACKUP, "\"%s\" --job nightly --all",
            program_image(PROGRAM_BACKUP));
    for (size_t i = 0; i < HN_COUNT_OF(targets); i++) {
        struct logon logon = logon_at(world, targets[i], "svc-backup", 1201, machine->ip);
        uint32_t id;

        time = after(time, chance_between(&chance, 900000, 1500000));
        id = logon_success(world, time, &logon);
        logon_privileges(world, time, &logon, id);
        share_access(world, after(time, 300), &logon, "D$", NULL, 0x1);
        for (uint32_t file = 0; file < 160; file++) {
            char path[48];

            (void)snprintf(path, sizeof path, "Shares\\%03u\\%05u.dat", file / 20, file * 37);
            share_access(world, after(time, 900 + file * 3100), &logon, "D$", path, 0x120089);
        }
        logon_end(world, after(time, 600000), &logon, id);
    }
}

/* Sysmon is upgraded on the print server: it stops and is back within seconds. */
static void upgrade_sysmon(struct world *world)
{
    struct machine *machine = server_of(world, SERVER_PRINT);

    service_state(world, at(2, 15, 0), machine, "Sysmon64", "stopped");
    sysmon_state(world, at(2, 15, 0), machine, "Stopped");
    sysmon_state(world, at(2, 15, 19), machine, "Started");
    service_state(world, at(2, 15, 19), machine, "Sysmon64", "running");
    service_installed(world, at(2, 31, 7), machine, "Insatsu Spool Monitor",
            "\"C:\\Program Files\\InsatsuTools\\ispool.exe\" --service");
}

static void update(struct world *world, hn_time time, const struct machine *machine,
        enum site_name from, const char *path)
{
    struct chance chance = chance_of(path, machine->number);
    struct request request = { .time = time,
        .machine = machine,
        .site = &sites[from],
        .ip = sites[from].ip,
        .scheme = "http",
        .method = "GET",
        .path = path,
        .agent = "Microsoft BITS/7.8",
        .type = "application/octet-stream",
        .status = 200,
        .filter = "OBSERVED" };

    request.received = chance_between(&chance, 400000, 4000000);
    request.sent = 310;
    proxy_line(world, &request);
}

static void update_all(struct world *world)
{
    update(world, at(0, 6, 30), server_of(world, SERVER_BACKUP), SITE_OS_UPDATE,
            "/c/msdownload/2026/10/snapshot-catalog.exe");
    for (uint32_t i = 0; i < SERVER_COUNT; i++) {
        const struct machine *machine = server_of(world, (enum server)i);

        update(world, at(3, (int)i * 4, 11), machine, SITE_OS_UPDATE,
                "/c/msdownload/2026/10/windows10.0-kb5066791-x64.exe");
        update(world, at(4, (int)i * 3, 42), machine, SITE_AV_UPDATE, "/av/mpam-fe.exe");
        defender_notice(world, at(4, (int)i * 3, 55), machine, 2000);
    }
    update(world, at(5, 10, 3), server_of(world, SERVER_PRINT), SITE_OFFICE_UPDATE,
            "/office16/stream.x64.exe");
    for (uint32_t i = 0; i < PERSON_COUNT; i++) {
        const struct machine *machine = &world->machines[i];

        update(world, at(9, 10 + (int)i / 2, (int)i), machine, SITE_AV_UPDATE, "/av/mpam-d.exe");
        defender_notice(world, at(9, 10 + (int)i / 2, (int)i + 9), machine, 2000);
        defender_notice(world, at(12, 5 + (int)i, 0), machine, 1000);
        defender_notice(world, at(12, 12 + (int)i, 31), machine, 1001);
    }
}

/* ---- All day -----------------------------------------------------------------------------------
 */

/* The inventory agent hands its script to PowerShell encoded, on the five machines of this week's
 * group: the usual false alarm for encoded commands. The text says Get-ComputerInfo. */
static void take_inventory(struct world *world)
{
    static const uint32_t group[] = { 2, 9, 19, 27, 36 };

    for (size_t i = 0; i < HN_COUNT_OF(group); i++) {
        struct machine *machine = &world->machines[group[i]];
        struct process agent = process_old(machine, NULL, PROGRAM_AGENT,
                "\"C:\\Program Files\\ShisanKanri\\Agent\\skagent.exe\" -service");
        hn_time time = at(13, 30 + (int)i * 4, 17);
        struct process shell = process_start(world, time, &agent, PROGRAM_POWERSHELL,
                "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand "
                "RwBlAHQALQBDAG8AbQBwAHUAdABlAHIASQBuAGYAbwA=");

        process_writes(world, after(time, 2600), &shell,
                "C:\\ProgramData\\ShisanKanri\\inventory\\%s.json", machine->name);
        process_end(world, after(time, 4100), &shell);
    }
}

static void renew_tickets(struct world *world)
{
    struct chance chance = chance_of("tickets", 0);

    for (uint32_t i = 0; i < MACHINE_COUNT * 9; i++) {
        const struct machine *machine = &world->machines[i % MACHINE_COUNT];
        uint32_t offset = chance_below(&chance, 86000000);
        char account[20];
        struct logon logon =
                logon_at(world, SERVER_DC, account, 1000 + i % MACHINE_COUNT, machine->ip);

        (void)snprintf(account, sizeof account, "%s$", machine->name);
        kerberos_ticket(world, after(DAY_START, offset), &logon,
                chance_percent(&chance, 30) ? NULL : "HW-DC01$");
    }
}

static void change_service_states(struct world *world)
{
    static const char *const names[] = { "Windows Update",
        "Background Intelligent Transfer Service", "Windows Modules Installer",
        "WinHTTP Web Proxy Auto-Discovery Service", "Software Protection", "Volume Shadow Copy" };
    struct chance chance = chance_of("services", 0);

    for (uint32_t i = 0; i < 420; i++) {
        const struct machine *machine = &world->machines[chance_below(&chance, MACHINE_COUNT)];
        uint32_t offset = chance_below(&chance, 85000000);
        const char *name = *chance_pick(&chance, names);

        service_state(world, after(DAY_START, offset), machine, name, "running");
        service_state(world, after(DAY_START, offset + 240000), machine, name, "stopped");
    }
}

/* Names and time for everybody, asked for by the domain controller. */
static void ask_outside(struct world *world)
{
    struct chance chance = chance_of("resolver", 0);
    hn_time time = at(0, 0, 20);

    while (time < at(23, 59, 0)) {
        struct flow flow = { .time = time,
            .src = "10.10.0.10",
            .src_side = "lan",
            .dst = "192.0.2.53",
            .dst_port = 53,
            .dst_side = "wan1",
            .udp = true,
            .action = "accept",
            .policy = 2,
            .seconds = 180 };

        flow.src_port = (int)chance_between(&chance, 20000, 60000);
        flow.sent = chance_between(&chance, 60, 300);
        flow.received = flow.sent * 3;
        if (chance_percent(&chance, 8)) {
            flow.dst = "192.0.2.123";
            flow.dst_port = 123;
        }
        firewall_line(world, &flow);
        time = after(time, chance_between(&chance, 20000, 130000));
    }
}

/* A licence server is asked every hour at a bare address: regular, but rare and with a file name.
 */
static void check_licence(struct world *world)
{
    for (int hour = 0; hour < 24; hour++) {
        struct request request = { .time = at(hour, 17, 4),
            .machine = server_of(world, SERVER_ERP),
            .ip = sites[SITE_LICENCE].ip,
            .site = &sites[SITE_LICENCE],
            .scheme = "http",
            .method = "POST",
            .path = "/lic/check.cgi",
            .agent = "SeisanLicence/4",
            .type = "text/plain",
            .status = 200,
            .filter = "OBSERVED",
            .received = 220,
            .sent = 410 };

        proxy_line(world, &request);
    }
}

/* ---- Administrators ----------------------------------------------------------------------------
 */

static void administrate(struct world *world)
{
    struct machine *machine = server_of(world, SERVER_ADMIN);
    const struct person *mori = person_of("k.mori");
    struct logon keyboard = { .machine = machine,
        .account = mori->login,
        .rid = mori->rid,
        .type = 2,
        .ip = "127.0.0.1",
        .workstation = machine->name };
    struct logon remote = logon_at(world, SERVER_FS, mori->login, mori->rid, machine->ip);
    struct process explorer =
            process_old(machine, mori, PROGRAM_EXPLORER, "C:\\Windows\\Explorer.EXE");
    struct process shell;
    uint32_t id = logon_success(world, at(8, 41, 12), &keyboard);

    logon_privileges(world, at(8, 41, 12), &keyboard, id);
    shell = process_start(world, at(8, 55, 0), &explorer, PROGRAM_POWERSHELL, "\"%s\"",
            program_image(PROGRAM_POWERSHELL));
    (void)process_start(world, at(8, 56, 10), &shell, PROGRAM_PING, "ping HW-ERP01");
    (void)process_start(world, at(9, 2, 30), &shell, PROGRAM_IPCONFIG, "ipconfig /all");
    (void)process_start(world, at(10, 12, 0), &explorer, PROGRAM_MMC,
            "\"C:\\Windows\\system32\\mmc.exe\" C:\\Windows\\system32\\dsa.msc");
    (void)process_start(world, at(11, 5, 0), &explorer, PROGRAM_MSTSC, "mstsc.exe /v:HW-FS01");
    remote.type = 10;
    id = logon_success(world, at(11, 5, 9), &remote);
    logon_privileges(world, at(11, 5, 9), &remote, id);
    logon_end(world, at(11, 22, 40), &remote, id);
    (void)process_start(world, at(16, 2, 0), &shell, PROGRAM_NET, "net view \\\\HW-FS01");
    (void)process_start(world, at(16, 40, 0), &shell, PROGRAM_POWERSHELL,
            "powershell.exe -File C:\\Tools\\report-disk.ps1");
}

/* A measuring tool's new version, fetched by hand: a host never downloaded from before. */
static void fetch_tool(struct world *world)
{
    struct request request = { .time = at(10, 41, 37),
        .machine = server_of(world, SERVER_ADMIN),
        .person = person_of("k.mori"),
        .site = &sites[SITE_TOOL_MAKER],
        .ip = sites[SITE_TOOL_MAKER].ip,
        .scheme = "https",
        .method = "GET",
        .path = "/pub/sokutei-viewer-3.2.exe",
        .referer = "https://download.sokutei-kiki.example/",
        .agent = browser_agent,
        .type = "application/octet-stream",
        .status = 200,
        .filter = "OBSERVED",
        .received = 18220411,
        .sent = 900 };

    proxy_line(world, &request);
}

void day_servers(struct world *world)
{
    back_up(world);
    upgrade_sysmon(world);
    update_all(world);
    take_inventory(world);
    renew_tickets(world);
    change_service_states(world);
    ask_outside(world);
    check_licence(world);
    administrate(world);
    fetch_tool(world);
}
