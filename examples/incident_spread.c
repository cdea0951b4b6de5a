/* incident_spread.c - how it tries to spread from the infected machine to the file server, and what
 * it does there until the network is cut. */
#include "example.h"

#include <stdio.h>

#define FOOTHOLD "10.10.1.17"

/* Port 445 of the factory's machines, behind the firewall, which refuses. */
static void search_machines(struct world *world)
{
    char ip[20];
    struct flow flow = { .src = FOOTHOLD,
        .src_side = "lan",
        .dst = ip,
        .dst_port = 445,
        .dst_side = "factory",
        .action = "deny",
        .policy = 0,
        .sent = 52 };

    for (int i = 1; i <= 60; i++) {
        (void)snprintf(ip, sizeof ip, "10.10.2.%d", i);
        flow.time = after(at(11, 38, 0), 900 * (uint32_t)i);
        flow.src_port = 52000 + i;
        firewall_line(world, &flow);
    }
}

static struct logon logon_of_fsadmin(const struct machine *machine)
{
    return (struct logon){ .machine = machine,
        .account = "fsadmin",
        .rid = 1190,
        .type = 3,
        .ip = FOOTHOLD,
        .workstation = "HW-PC017" };
}

static void guess_password(struct world *world)
{
    struct logon logon = logon_of_fsadmin(server_of(world, SERVER_FS));
    uint32_t id;

    for (int i = 0; i < 14; i++)
        logon_failure(world, at(11, 41, 3 + 3 * i), &logon);
    id = logon_success(world, at(11, 42, 10), &logon);
    logon_privileges(world, at(11, 42, 10), &logon, id);
}

/* The password is tried on what answers; the administrators' workstation refuses. */
static void try_everywhere(struct world *world)
{
    static const enum server targets[] = { SERVER_DC, SERVER_FS, SERVER_ERP, SERVER_BACKUP,
        SERVER_PRINT };
    struct logon own = { .machine = server_of(world, SERVER_ADMIN),
        .account = "h.kobayashi",
        .rid = 1117,
        .type = 3,
        .ip = FOOTHOLD,
        .workstation = "HW-PC017" };

    for (size_t i = 0; i < HN_COUNT_OF(targets); i++) {
        struct logon logon = logon_of_fsadmin(server_of(world, targets[i]));
        hn_time time = at(11, 44, 5 + 22 * (int)i % 60) + (int64_t)(22 * i / 60) * HN_MINUTE;
        uint32_t id = logon_success(world, time, &logon);

        share_access(world, after(time, 200), &logon, "ADMIN$", NULL, 0x1);
        logon_end(world, after(time, 9000), &logon, id);
    }
    logon_failure(world, at(11, 47, 2), &own);
    logon_failure(world, at(11, 47, 5), &own);
}

static struct process install_service(struct world *world)
{
    struct machine *server = server_of(world, SERVER_FS);
    struct logon logon = logon_of_fsadmin(server);
    struct process services = process_old(server, NULL, PROGRAM_SERVICES, "services.exe");
    struct process foothold = process_old(machine_of(world, person_of("h.kobayashi")),
            person_of("h.kobayashi"), PROGRAM_RUNDLL32, "C:\\Windows\\System32\\rundll32.exe");
    uint32_t id;

    (void)process_start(world, at(11, 52, 1), &foothold, PROGRAM_CMD,
            "cmd.exe /c copy C:\\Users\\Public\\7f3a91c.exe \\\\HW-FS01\\ADMIN$\\7f3a91c.exe");
    id = logon_success(world, at(11, 52, 2), &logon);
    logon_privileges(world, at(11, 52, 2), &logon, id);
    share_access(world, at(11, 52, 3), &logon, "ADMIN$", "7f3a91c.exe", 0x2);
    service_installed(
            world, at(11, 52, 5), server, "7f3a91c", "\\\\127.0.0.1\\ADMIN$\\7f3a91c.exe");
    return process_start(
            world, at(11, 52, 6), &services, PROGRAM_SERVICE, "\\\\127.0.0.1\\ADMIN$\\7f3a91c.exe");
}

/* Blinds the server and takes away the ways of recovery. Before more can happen the administrators,
 * called by the alerts, pull the cable. */
static void prepare_damage(struct world *world, const struct process *service)
{
    struct machine *server = server_of(world, SERVER_FS);
    struct process shell = process_start(world, at(11, 57, 30), service, PROGRAM_CMD,
            "C:\\Windows\\system32\\cmd.exe /c C:\\PerfLogs\\p.bat");

    (void)process_start(world, at(11, 57, 58), &shell, PROGRAM_POWERSHELL,
            "powershell Set-MpPreference -DisableRealtimeMonitoring 1");
    defender_notice(world, at(11, 58, 1), server, 5001);
    (void)process_start(
            world, at(12, 3, 10), &shell, PROGRAM_VSSADMIN, "vssadmin delete shadows /all /quiet");
    (void)process_start(world, at(12, 3, 14), &shell, PROGRAM_BCDEDIT,
            "bcdedit /set {default} recoveryenabled no");
    (void)process_start(world, at(12, 5, 0), &shell, PROGRAM_WEVTUTIL, "wevtutil cl Security");
    log_cleared(world, at(12, 5, 0), server, "fsadmin");
    (void)process_start(world, at(12, 6, 20), &shell, PROGRAM_SC, "sc stop Sysmon64");
    sysmon_state(world, at(12, 6, 21), server, "Stopped");
    service_state(world, at(12, 6, 21), server, "Sysmon64", "stopped");
    sysmon_state(world, at(14, 31, 8), server, "Started");
    service_state(world, at(14, 31, 8), server, "Sysmon64", "running");
}

void incident_spread(struct world *world)
{
    struct process service;

    search_machines(world);
    guess_password(world);
    try_everywhere(world);
    service = install_service(world);
    prepare_damage(world, &service);
}
