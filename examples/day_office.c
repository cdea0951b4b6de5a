/* day_office.c - what forty-four people do at their machines on an ordinary Wednesday. */
#include "example.h"

#include <stdio.h>
#include <string.h>

const char browser_agent[] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
                             "like Gecko) Chrome/141.0.0.0 Safari/537.36";

/* One person with the programs that run all day. */
struct worker {
    struct world *world;
    const struct person *person;
    struct machine *machine;
    struct chance chance;
    struct process explorer;
    struct process chrome;
    struct process system;
    hn_time arrives;
    hn_time leaves;
};

static const char *const documents[] = { "見積書_東海ネジ.xlsx", "生産計画_10月.xlsx",
    "検査成績書_A-204.xlsx", "議事録_営業会議.docx", "作業手順書_旋盤3号.docx",
    "発注書_北上鋼材.xlsx", "出張申請.docx", "在庫一覧.xlsx", "品質月報_9月.docx",
    "納品書控え.xlsx", "報告書_クレーム対応.docx", "稼働率.xlsx" };
static const char *const drawings[] = { "図面_H-1182.pdf", "図面_H-1190改.pdf", "カタログ_工具.pdf",
    "規格書_JIS抜粋.pdf", "請求書_川越メッキ.pdf" };
static const char *const folders[] = { "営業部", "製造部", "設計部", "共通", "品質保証部" };

/* ---- Browsing ----------------------------------------------------------------------------------
 */

static struct request request_of(const struct worker *worker, hn_time time, const struct site *site)
{
    return (struct request){ .time = time,
        .machine = worker->machine,
        .person = worker->person,
        .site = site,
        .ip = site->ip,
        .scheme = "https",
        .method = "GET",
        .path = "/",
        .agent = browser_agent,
        .type = "text/html;%20charset=UTF-8",
        .status = 200,
        .filter = "OBSERVED",
        .received = 8000,
        .sent = 700 };
}

/* The proxy's own way out, seen by the firewall; not for each request, connections are kept. */
static void proxy_goes_out(struct worker *worker, const struct request *request)
{
    struct flow flow = { .time = after(request->time, 800),
        .src = "10.10.0.8",
        .src_side = "lan",
        .dst = request->ip,
        .dst_port = request_port(request),
        .dst_side = "wan1",
        .action = "close",
        .policy = 3,
        .sent = request->sent + 400,
        .received = request->received + 1500 };

    if (!chance_percent(&worker->chance, 22))
        return;
    flow.src_port = (int)chance_between(&worker->chance, 20000, 60000);
    flow.seconds = (int)chance_between(&worker->chance, 1, 90);
    firewall_line(worker->world, &flow);
}

/* What a page pulls in after itself. */
static void browse_parts(struct worker *worker, const struct request *page, const char *referer)
{
    static const struct {
        const char *before;
        const char *behind; /* the number */
        const char *type;
        uint32_t size;
    } parts[] = { { "/img/p", ".jpg", "image/jpeg", 42000 },
        { "/img/icon", ".png", "image/png", 3100 }, { "/css/site.", ".css", "text/css", 9000 },
        { "/js/app.", ".js", "application/javascript", 61000 },
        { "/fonts/gothic", ".woff2", "font/woff2", 30000 },
        { "/api/v1/list/", "", "application/json", 2200 } };
    uint32_t count = chance_between(&worker->chance, 2, 11);
    hn_time time = page->time;

    for (uint32_t i = 0; i < count; i++) {
        size_t kind = chance_below(&worker->chance, HN_COUNT_OF(parts));
        struct request part = *page;
        char path[64];

        time = after(time, chance_between(&worker->chance, 40, 900));
        (void)snprintf(path, sizeof path, "%s%u%s", parts[kind].before,
                chance_between(&worker->chance, 1, 400), parts[kind].behind);
        part.time = time;
        part.path = path;
        part.query = NULL;
        part.referer = referer;
        part.type = parts[kind].type;
        part.received = parts[kind].size / 2 + chance_below(&worker->chance, parts[kind].size);
        part.sent = chance_between(&worker->chance, 400, 1300);
        part.status = chance_percent(&worker->chance, 3) ? 304 : 200;
        proxy_line(worker->world, &part);
        proxy_goes_out(worker, &part);
    }
}

static void browse(struct worker *worker, hn_time time)
{
    const struct site *site = &sites[chance_below(&worker->chance, SITE_BROWSING_COUNT)];
    struct request page = request_of(worker, time, site);
    uint32_t article = chance_between(&worker->chance, 1000, 9999);
    char path[64];
    char referer[128];

    if (chance_percent(&worker->chance, 40)) {
        process_asks(worker->world, time, &worker->chrome, site->host, site->ip);
        process_connects(worker->world, after(time, 30), &worker->chrome, "10.10.0.8", 8080);
    }
    if (chance_percent(&worker->chance, 30)) {
        (void)process_start(worker->world, time, &worker->chrome, PROGRAM_CHROME,
                "\"%s\" --type=renderer --lang=ja --renderer-client-id=%u",
                program_image(PROGRAM_CHROME), article % 300);
    }
    if (chance_percent(&worker->chance, 55)) { /* not taken apart by the proxy */
        page.method = "CONNECT";
        page.scheme = "tcp";
        page.type = NULL;
        page.received = chance_between(&worker->chance, 4000, 900000);
        page.sent = chance_between(&worker->chance, 900, 30000);
        proxy_line(worker->world, &page);
        proxy_goes_out(worker, &page);
        return;
    }
    if (chance_percent(&worker->chance, 35))
        page.scheme = "http";
    (void)snprintf(path, sizeof path, "/article/%u.html", article);
    page.path = chance_percent(&worker->chance, 60) ? path : "/";
    (void)snprintf(referer, sizeof referer, "%s://%s%s", page.scheme, site->host, page.path);
    page.received = chance_between(&worker->chance, 6000, 90000);
    proxy_line(worker->world, &page);
    proxy_goes_out(worker, &page);
    browse_parts(worker, &page, referer);
}

/* Mail and chat keep connections open. */
static void keep_in_touch(struct worker *worker, hn_time time)
{
    bool chat = chance_percent(&worker->chance, 50);
    struct request request = request_of(worker, time, &sites[chat ? SITE_CHAT : SITE_MAIL]);

    request.method = "CONNECT";
    request.scheme = "tcp";
    request.type = NULL;
    request.agent = chat ? "Teams/26.1" : "Microsoft Office/16.0 (Windows NT 10.0; Outlook 16.0)";
    request.received = chance_between(&worker->chance, 1200, 60000);
    request.sent = chance_between(&worker->chance, 900, 20000);
    proxy_line(worker->world, &request);
    proxy_goes_out(worker, &request);
}

/* ---- Documents ---------------------------------------------------------------------------------
 */

static struct logon file_server_logon(const struct worker *worker)
{
    return (struct logon){ .machine = server_of(worker->world, SERVER_FS),
        .account = worker->person->login,
        .rid = worker->person->rid,
        .type = 3,
        .ip = worker->machine->ip,
        .workstation = "-" };
}

static void open_document(struct worker *worker, hn_time time)
{
    const char *document = *chance_pick(&worker->chance, documents);
    const char *folder = *chance_pick(&worker->chance, folders);
    bool word = strstr(document, ".docx") != NULL;
    enum program program = word ? PROGRAM_WORD : PROGRAM_EXCEL;
    struct logon logon = file_server_logon(worker);
    struct process office = process_start(worker->world, time, &worker->explorer, program,
            "\"%s\" %s\"\\\\HW-FS01\\%s\\%s\"", program_image(program), word ? "/n " : "", folder,
            document);

    process_writes(worker->world, after(time, 1800), &office,
            "C:\\Users\\%s\\AppData\\Roaming\\Microsoft\\Office\\Recent\\%s.LNK",
            worker->person->login, document);
    if (chance_percent(&worker->chance, 50)) {
        uint32_t id = logon_success(worker->world, after(time, 200), &logon);
        char file[160];

        (void)snprintf(file, sizeof file, "%s\\%s", folder, document);
        share_access(worker->world, after(time, 300), &logon, "Shares", NULL, 0x1);
        share_access(worker->world, after(time, 420), &logon, "Shares", file, 0x120089);
        logon_end(worker->world, after(time, chance_between(&worker->chance, 180000, 1200000)),
                &logon, id);
    }
    if (chance_percent(&worker->chance, 25))
        (void)process_start(worker->world, after(time, 90000), &office, PROGRAM_SPLWOW,
                "C:\\Windows\\splwow64.exe 8192");
    process_end(
            worker->world, after(time, chance_between(&worker->chance, 240000, 2400000)), &office);
}

static void open_drawing(struct worker *worker, hn_time time)
{
    const char *drawing = *chance_pick(&worker->chance, drawings);
    struct process reader = process_start(worker->world, time, &worker->explorer, PROGRAM_ACROBAT,
            "\"%s\" \"C:\\Users\\%s\\Downloads\\%s\"", program_image(PROGRAM_ACROBAT),
            worker->person->login, drawing);

    process_end(
            worker->world, after(time, chance_between(&worker->chance, 120000, 1800000)), &reader);
}

static void use_erp(struct worker *worker, const struct process *client)
{
    struct logon logon = file_server_logon(worker);
    hn_time time = after(client->start, 700);
    uint32_t id;

    logon.machine = server_of(worker->world, SERVER_DC);
    kerberos_ticket(worker->world, time, &logon, "HW-ERP01$");
    logon.machine = server_of(worker->world, SERVER_ERP);
    id = logon_success(worker->world, after(time, 60), &logon);
    logon_end(
            worker->world, after(time, chance_between(&worker->chance, 60000, 900000)), &logon, id);
    process_connects(worker->world, time, client, "10.10.0.25", 1433);
}

static void use_tool(struct worker *worker, hn_time time)
{
    static const enum program tools[] = { PROGRAM_NOTEPAD, PROGRAM_CALC, PROGRAM_ERP, PROGRAM_CAD };
    enum program program = *chance_pick(&worker->chance, tools);
    struct process tool = process_start(
            worker->world, time, &worker->explorer, program, "\"%s\"", program_image(program));

    if (program == PROGRAM_ERP)
        use_erp(worker, &tool);
    process_end(worker->world, after(time, chance_between(&worker->chance, 60000, 3000000)), &tool);
}

/* Windows busies itself. */
static void background(struct worker *worker, hn_time time)
{
    static const struct {
        enum program program;
        const char *command;
    } chores[] = {
        { PROGRAM_TASKHOST, "taskhostw.exe SYSTEM" },
        { PROGRAM_BACKGROUND, "\"C:\\Windows\\system32\\backgroundTaskHost.exe\" "
                              "-ServerName:App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0.mca" },
        { PROGRAM_BROKER, "C:\\Windows\\System32\\RuntimeBroker.exe -Embedding" },
        { PROGRAM_SEARCH, "\"C:\\Windows\\system32\\SearchProtocolHost.exe\" Global\\UsGthrFltPipe "
                          "Global\\UsGthrCtrlFltPipe 1 -2147483646" },
        { PROGRAM_DLLHOST, "C:\\Windows\\system32\\DllHost.exe "
                           "/Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}" },
        { PROGRAM_UPDATER, "\"C:\\Program Files (x86)\\Google\\GoogleUpdater\\141.0\\updater.exe\" "
                           "--wake --system" },
    };
    size_t chore = chance_below(&worker->chance, HN_COUNT_OF(chores));
    struct process process = process_start(worker->world, time, &worker->system,
            chores[chore].program, "%s", chores[chore].command);

    process_end(
            worker->world, after(time, chance_between(&worker->chance, 2000, 400000)), &process);
    if (chance_percent(&worker->chance, 12)) {
        process_sets_value(worker->world, after(time, 500), &worker->explorer,
                "HKU\\S-1-5-21-1417-2001-3006\\Software\\Microsoft\\Windows\\CurrentVersion\\"
                "Explorer\\RunMRU\\MRUList",
                "ab");
    }
}

/* ---- The day -----------------------------------------------------------------------------------
 */

static void log_on(struct worker *worker)
{
    struct world *world = worker->world;
    hn_time time = worker->arrives;
    struct logon keyboard = { .machine = worker->machine,
        .account = worker->person->login,
        .rid = worker->person->rid,
        .type = 2,
        .ip = "127.0.0.1",
        .workstation = worker->machine->name };
    struct logon domain = keyboard;
    struct logon files = file_server_logon(worker);
    struct process userinit = process_old(worker->machine, worker->person, PROGRAM_USERINIT,
            "C:\\Windows\\system32\\userinit.exe");
    uint32_t id;

    if (chance_percent(&worker->chance, 12))
        logon_failure(world, time - 20 * HN_SECOND, &keyboard);
    domain.machine = server_of(world, SERVER_DC);
    domain.type = 3;
    domain.ip = worker->machine->ip;
    kerberos_ticket(world, time - HN_SECOND, &domain, NULL);
    kerberos_ticket(world, after(time, 40), &domain, "HW-DC01$");
    kerberos_ticket(world, after(time, 900), &domain, "HW-FS01$");
    (void)logon_success(world, time, &keyboard);
    id = logon_success(world, after(time, 100), &domain);
    logon_end(world, after(time, 12000), &domain, id);
    id = logon_success(world, after(time, 1000), &files);
    share_access(world, after(time, 1100), &files, "IPC$", NULL, 0x1);
    share_access(world, after(time, 1300), &files, "Shares", NULL, 0x1);
    logon_end(world, worker->leaves, &files, id);
    logon_end(world, after(worker->leaves, 2000), &keyboard, id);
    worker->explorer = process_start(
            world, after(time, 2500), &userinit, PROGRAM_EXPLORER, "C:\\Windows\\Explorer.EXE");
    (void)process_start(world, after(time, 9000), &worker->explorer, PROGRAM_ONEDRIVE,
            "\"%s\" /background", program_image(PROGRAM_ONEDRIVE));
    (void)process_start(world, after(time, 11000), &worker->explorer, PROGRAM_OUTLOOK, "\"%s\"",
            program_image(PROGRAM_OUTLOOK));
    (void)process_start(world, after(time, 14000), &worker->explorer, PROGRAM_TEAMS,
            "\"%s\" msteams:system-initiated", program_image(PROGRAM_TEAMS));
    worker->chrome = process_start(world, after(time, 30000), &worker->explorer, PROGRAM_CHROME,
            "\"%s\"", program_image(PROGRAM_CHROME));
}

static void act(struct worker *worker, hn_time time)
{
    uint32_t dice = chance_below(&worker->chance, 100);

    if (dice < 44)
        browse(worker, time);
    else if (dice < 58)
        open_document(worker, time);
    else if (dice < 66)
        open_drawing(worker, time);
    else if (dice < 72)
        use_tool(worker, time);
    else
        background(worker, time);
}

static void work(struct worker *worker)
{
    hn_time time = after(worker->arrives, 60000);

    while (time < worker->leaves) {
        bool lunch = time > at(12, 0, 0) && time < at(12, 50, 0);

        if (lunch)
            time = after(time, chance_between(&worker->chance, 300000, 1800000));
        else
            time = after(time, chance_between(&worker->chance, 100000, 420000));
        act(worker, time);
        if (chance_percent(&worker->chance, 70))
            keep_in_touch(worker, after(time, chance_between(&worker->chance, 5000, 140000)));
    }
}

/* People look at what there is for lunch; the café's site is a legitimate one. */
static void look_at_menu(struct worker *worker)
{
    hn_time time = at(11, 30, 0) + worker->person->rid % 29 * HN_MINUTE;
    struct request page = request_of(worker, time, &sites[SITE_CAFE]);

    page.scheme = "http";
    page.path = "/menu/";
    proxy_line(worker->world, &page);
    page.time = after(time, 700);
    page.path = "/wp-content/uploads/2026/09/lunch.jpg";
    page.referer = "http://kissaten-aoi.example/menu/";
    page.type = "image/jpeg";
    page.received = 184213;
    proxy_line(worker->world, &page);
    process_asks(worker->world, time, &worker->chrome, sites[SITE_CAFE].host, sites[SITE_CAFE].ip);
}

/* Forms that send to their own address: a log-in page, and an order form without a page name. */
static void fill_form(struct worker *worker, hn_time time, bool order)
{
    const struct site *site = &sites[order ? SITE_SUPPLIER_STEEL : SITE_PORTAL];
    struct request form = request_of(worker, time, site);

    form.method = "POST";
    form.path = order ? "/cart/" : "/login.php";
    form.referer = order ? "https://order.kitakami-kozai.example/cart/"
                         : "https://portal.kumiai.example/login.php";
    form.sent = 1900;
    proxy_line(worker->world, &form);
}

void day_office(struct world *world)
{
    for (uint32_t i = 0; i < PERSON_COUNT; i++) {
        struct worker worker = { .world = world,
            .person = &people[i],
            .machine = &world->machines[i],
            .chance = chance_of("worker", i) };

        worker.arrives = after(at(8, 15, 0), chance_below(&worker.chance, 3000000));
        worker.leaves = after(at(17, 30, 0), chance_below(&worker.chance, 7800000));
        worker.system = process_old(worker.machine, NULL, PROGRAM_SVCHOST,
                "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule");
        log_on(&worker);
        work(&worker);
        if (i % 7 == 3)
            look_at_menu(&worker);
        if (i % 6 == 1)
            fill_form(&worker, at(10, (int)i, 20), false);
        if (i == 11)
            fill_form(&worker, at(15, 12, 8), true);
    }
}
