/* day_internet.c - what comes from outside on any day: visitors of the web server, crawlers, people
 * who try doors. */
#include "example.h"

#include <stdio.h>

static const char *const browsers[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (compatible; kensakubot/2.1; +https://search.kensaku.example/bot.html)",
};

static const char *const pages[] = { "/", "/company.html", "/products/lathe.html",
    "/products/gear.html", "/contact.html", "/recruit.html", "/img/top.jpg", "/css/site.css",
    "/js/menu.js", "/news/2026.html", "/favicon.ico" };

static const char *const doors[] = { "/wp-login.php", "/.env", "/.git/config", "/admin/",
    "/phpmyadmin/index.php", "/cgi-bin/luci", "/uploads/shell.php", "/images/up.php",
    "/actuator/health", "/owa/auth/logon.aspx",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php" };

/* Outside addresses that belong to nobody: the upper halves of two documentation networks. */
static void outsider(struct chance *chance, char *ret_ip, size_t room)
{
    uint32_t host = chance_between(chance, 130, 250);

    if (chance_percent(chance, 50))
        (void)snprintf(ret_ip, room, "198.51.100.%u", host);
    else
        (void)snprintf(ret_ip, room, "203.0.113.%u", host);
}

static void come_in(
        struct world *world, struct chance *chance, hn_time time, const char *ip, int port)
{
    struct flow flow = { .time = time,
        .src = ip,
        .src_side = "wan1",
        .dst = "10.10.9.10",
        .dst_port = port,
        .dst_side = "dmz",
        .action = "close",
        .policy = 11,
        .seconds = 4 };

    flow.src_port = (int)chance_between(chance, 1025, 65000);
    flow.sent = chance_between(chance, 600, 4000);
    flow.received = chance_between(chance, 2000, 90000);
    firewall_line(world, &flow);
}

static void visit_site(struct world *world, struct chance *chance, hn_time time)
{
    char ip[20];
    uint32_t count = chance_between(chance, 1, 9);
    const char *agent = *chance_pick(chance, browsers);

    outsider(chance, ip, sizeof ip);
    come_in(world, chance, time, ip, 443);
    for (uint32_t i = 0; i < count; i++) {
        struct visit visit = { .time = after(time, i * 300),
            .client = ip,
            .method = "GET",
            .status = 200,
            .agent = agent,
            .referer = i == 0 ? NULL : "https://www.hinomi-works.example/" };

        visit.uri = *chance_pick(chance, pages);
        visit.bytes = chance_between(chance, 800, 70000);
        access_line(world, &visit);
    }
}

static void try_doors(struct world *world, struct chance *chance, hn_time time)
{
    char ip[20];
    uint32_t count = chance_between(chance, 4, 24);

    outsider(chance, ip, sizeof ip);
    come_in(world, chance, time, ip, 443);
    for (uint32_t i = 0; i < count; i++) {
        struct visit visit = { .time = after(time, i * 700),
            .client = ip,
            .method = chance_percent(chance, 20) ? "POST" : "GET",
            .status = 404,
            .bytes = 196,
            .agent = "Mozilla/5.0 zgrab/0.x" };

        visit.uri = *chance_pick(chance, doors);
        access_line(world, &visit);
    }
    if (chance_percent(chance, 60)) {
        struct ips_alert alert = { .time = after(time, 1500),
            .src = ip,
            .src_port = 40112,
            .dst = "10.10.9.10",
            .dst_port = 443,
            .signature_id = 9000031,
            .signature = "LOCAL WEB_SERVER request for well-known weak page",
            .category = "Web Application Attack",
            .severity = 2 };

        ips_alert_line(world, &alert);
    }
}

static void scan(struct world *world, struct chance *chance, hn_time time)
{
    static const int ports[] = { 22, 23, 25, 80, 443, 445, 1433, 3306, 3389, 5555, 5900, 6379, 8080,
        8443, 9200 };
    char ip[20];
    struct flow flow = { .time = time,
        .src = ip,
        .src_side = "wan1",
        .dst = "203.0.113.2",
        .dst_side = "root",
        .action = "deny",
        .policy = 0,
        .sent = 44 };

    outsider(chance, ip, sizeof ip);
    flow.src_port = (int)chance_between(chance, 1025, 65000);
    flow.dst_port = *chance_pick(chance, ports);
    firewall_line(world, &flow);
    if (chance_percent(chance, 6)) {
        struct ips_alert alert = { .time = time,
            .src = ip,
            .src_port = flow.src_port,
            .dst = "203.0.113.2",
            .dst_port = flow.dst_port,
            .signature_id = 9000021,
            .signature = "LOCAL SCAN probe of a closed service port",
            .category = "Attempted Information Leak",
            .severity = 2 };

        ips_alert_line(world, &alert);
    }
}

/* Guessing at sshd: names that do not exist, and root. Nobody gets in. */
static void guess_passwords(struct world *world, struct chance *chance, hn_time time)
{
    static const char *const names[] = { "admin", "test", "oracle", "ubuntu", "git", "postgres",
        "user", "ftp" };
    char ip[20];
    uint32_t count = chance_between(chance, 12, 45);

    outsider(chance, ip, sizeof ip);
    come_in(world, chance, time, ip, 22);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = *chance_pick(chance, names);
        uint32_t pid = 20000 + chance_below(chance, 9000);
        uint32_t port = chance_between(chance, 1025, 65000);
        bool root = chance_percent(chance, 40);

        time = after(time, chance_between(chance, 1500, 5000));
        if (!root)
            auth_line(world, time, "sshd", pid, "Invalid user %s from %s port %u", name, ip, port);
        auth_line(world, after(time, 900), "sshd", pid,
                root ? "Failed password for %s from %s port %u ssh2"
                     : "Failed password for invalid user %s from %s port %u ssh2",
                root ? "root" : name, ip, port);
        auth_line(world, after(time, 1400), "sshd", pid,
                "Connection closed by %s user %s %s port %u [preauth]",
                root ? "authenticating" : "invalid", root ? "root" : name, ip, port);
    }
}

/* ---- People outside, and the administrator -----------------------------------------------------
 */

static void work_from_home(struct world *world)
{
    static const struct {
        const char *login;
        const char *ip;
        int slips;
        int hour;
    } homes[] = { { "y.kimura", "198.51.100.101", 0, 8 }, { "e.miura", "203.0.113.102", 2, 9 },
        { "t.endo", "198.51.100.103", 0, 19 }, { "h.hayashi", "203.0.113.104", 1, 20 } };

    for (size_t i = 0; i < HN_COUNT_OF(homes); i++) {
        for (int slip = 0; slip < homes[i].slips; slip++)
            vpn_line(world, at(homes[i].hour, 2, 10 + 15 * slip), "ssl-login-fail", homes[i].login,
                    homes[i].ip);
        vpn_line(world, at(homes[i].hour, 3, 5), "tunnel-up", homes[i].login, homes[i].ip);
        vpn_line(world, at(homes[i].hour + 3, 41, 5), "tunnel-down", homes[i].login, homes[i].ip);
    }
}

static void maintain_web_server(struct world *world)
{
    hn_time time = at(14, 20, 8);

    for (int i = 0; i < 24 * 6; i++) {
        uint32_t pid = 1200 + (uint32_t)i * 31;

        auth_line(world, at(i / 6, i % 6 * 10, 1), "CRON", pid,
                "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)");
        auth_line(world, at(i / 6, i % 6 * 10, 2), "CRON", pid,
                "pam_unix(cron:session): session closed for user root");
    }
    auth_line(world, time, "sshd", 8123,
            "Accepted publickey for k.mori from 10.10.1.200 port 51884 ssh2: ED25519 "
            "SHA256:x0Qm3b1Zq7cV9kT2yHn4uJ8wLr6sEpGdAaFfIiOoUuY");
    auth_line(world, after(time, 30), "sshd", 8123,
            "pam_unix(sshd:session): session opened for user k.mori(uid=1000) by (uid=0)");
    auth_line(world, after(time, 60000), "sudo", 0,
            "  k.mori : TTY=pts/0 ; PWD=/home/k.mori ; USER=root ; COMMAND=/usr/bin/apt update");
    auth_line(world, after(time, 60100), "sudo", 0,
            "pam_unix(sudo:session): session opened for user root(uid=0) by k.mori(uid=1000)");
    auth_line(world, after(time, 600000), "sshd", 8123,
            "pam_unix(sshd:session): session closed for user k.mori");
}

/* Names that machines look up, as the sensor sees them on the way to the domain controller. */
static void look_up_names(struct world *world)
{
    struct chance chance = chance_of("names", 0);

    for (uint32_t i = 0; i < 2200; i++) {
        const struct machine *machine = &world->machines[chance_below(&chance, PERSON_COUNT)];
        const struct site *site = &sites[chance_below(&chance, SITE_BROWSING_COUNT)];
        uint32_t offset = chance_below(&chance, 36000000);

        ips_dns_line(world, after(at(8, 20, 0), offset), machine->ip, site->host, site->ip);
    }
}

void day_internet(struct world *world)
{
    struct chance chance = chance_of("internet", 0);
    hn_time time = at(0, 0, 9);

    while (time < at(23, 58, 0)) {
        uint32_t dice = chance_below(&chance, 100);

        if (dice < 14)
            visit_site(world, &chance, time);
        else if (dice < 16)
            try_doors(world, &chance, time);
        else if (dice < 17)
            guess_passwords(world, &chance, time);
        else
            scan(world, &chance, time);
        time = after(time, chance_between(&chance, 4000, 55000));
    }
    work_from_home(world);
    maintain_web_server(world);
    look_up_names(world);
}
