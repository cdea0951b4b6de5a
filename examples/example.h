/* example.h - the parts of the generator of the example incident, shared by its files.
 *
 * generate.c makes the logs of one working day of a small company, Hinomi Works: an ordinary day,
 * and an Emotet-shaped infection in it. Everything is invented; hosts end in .example, outside
 * addresses are those of the documentation networks, and no line holds anything that could run.
 *
 * Life: world_init() -> day_*() and incident_*() add events in any order -> *_write() sort them by
 * time and give the text of each log -> world_deinit().
 * Determinism: each stream of chance has its own seed, so that the same program gives the same
 * bytes everywhere. No clock, no environment, no floating point; one draw per statement, because C
 * does not say in which order arguments are evaluated.
 * Memory: the world owns all; when memory runs out the world fails once and stays failed.
 * Limits: the company's size. Concurrency: one thread. */
#ifndef EXAMPLES_EXAMPLE_H
#define EXAMPLES_EXAMPLE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- Chance ---- */

struct chance {
    uint64_t state;
};

struct chance chance_of(const char *purpose, uint32_t number);
uint32_t chance_below(struct chance *chance, uint32_t limit);
uint32_t chance_between(struct chance *chance, uint32_t low, uint32_t high); /* both included */
bool chance_percent(struct chance *chance, uint32_t percent);
#define chance_pick(chance, array) (&(array)[chance_below((chance), HN_COUNT_OF(array))])

/* ---- Time ---- */

#define JST_OFFSET_S 32400
/* 2026-10-14T00:00:00+09:00, a Wednesday. */
#define DAY_START (INT64_C(1791903600) * HN_SECOND)

/* A time of the day in Japan, with some fraction of the second that is always the same. */
hn_time at(int hour, int minute, int second);
hn_time after(hn_time time, uint32_t milliseconds);
/* The same millisecond with finer digits, for products that write them. */
hn_time finer(hn_time time, size_t order);

/* ---- The company ---- */

struct person {
    const char *login;
    const char *name;
    const char *department;
    uint32_t rid; /* end of the SID */
};

#define PERSON_COUNT 44
extern const struct person people[PERSON_COUNT];
const struct person *person_of(const char *login); /* asserts that there is one */

enum server {
    SERVER_DC,
    SERVER_FS,
    SERVER_ERP,
    SERVER_BACKUP,
    SERVER_PRINT,
    SERVER_ADMIN, /* the administrators' workstation */
    SERVER_COUNT
};
#define MACHINE_COUNT (PERSON_COUNT + SERVER_COUNT)

struct machine {
    char name[16]; /* HW-PC017 */
    char ip[16];
    bool audited;      /* its process creations are in the Security log as well */
    uint32_t number;   /* 0-based, people first */
    uint32_t next_pid; /* multiples of four, as on Windows */
    uint32_t next_logon;
};

/* Web sites, with what the proxy says about them. */
struct site {
    const char *host;
    const char *category;
    const char *ip;
};
enum site_name {
    SITE_NEWS,
    SITE_SEARCH,
    SITE_WEATHER,
    SITE_TRAIN,
    SITE_MAIL,
    SITE_CHAT,
    SITE_OFFICE,
    SITE_MAPS,
    SITE_BANK,
    SITE_SHOP,
    SITE_TRANSLATE,
    SITE_SUPPLIER_SCREWS,
    SITE_SUPPLIER_PLATING,
    SITE_SUPPLIER_STEEL,
    SITE_STANDARDS,
    SITE_TOOLS,
    SITE_VIDEO,
    SITE_BLOG,
    SITE_ADS,
    SITE_CDN,
    SITE_PORTAL,
    SITE_UNKNOWN,
    SITE_BROWSING_COUNT, /* those before are where people go */
    SITE_OS_UPDATE = SITE_BROWSING_COUNT,
    SITE_OFFICE_UPDATE,
    SITE_AV_UPDATE,
    SITE_TOOL_MAKER,
    SITE_LICENCE,
    SITE_CAFE,    /* compromised, serves the loader */
    SITE_CYCLE,   /* compromised, cleaned: answers 404 */
    SITE_FLOWERS, /* compromised, dead */
    SITE_COUNT
};
extern const struct site sites[SITE_COUNT];

/* ---- Logs ---- */

struct record {
    hn_time time;
    size_t start;
    size_t len;
    size_t order;
};

/* Text of one record per event, in any order of time. */
struct journal {
    struct hn_buf text;
    HN_VEC(struct record) records;
};

struct hn_buf *journal_begin(struct journal *journal, hn_time time);
void journal_end(struct journal *journal);
/* Sorts by time and appends header and records. False without memory. */
bool journal_write(struct journal *journal, const char *header, struct hn_buf *out);

enum channel { CHANNEL_SYSMON, CHANNEL_SECURITY, CHANNEL_SYSTEM, CHANNEL_DEFENDER, CHANNEL_COUNT };

struct windows_field {
    const char *name;
    size_t start; /* of its text, which ends in a NUL */
};

struct windows_event {
    hn_time time;
    size_t order;
    enum channel channel;
    uint32_t event_id;
    const struct machine *machine;
    size_t first_field;
    size_t field_count;
};

struct windows_log {
    HN_VEC(struct windows_event) events;
    HN_VEC(struct windows_field) fields;
    struct hn_buf text;
};

struct world {
    struct machine machines[MACHINE_COUNT];
    struct journal mail;
    struct journal proxy;
    struct journal firewall;
    struct journal ips;
    struct journal auth;   /* web01 */
    struct journal access; /* web01 */
    struct windows_log windows;
    struct hn_arena arena;
    uint32_t flow_count;
    uint32_t mail_count;
    bool failed;
};

void world_init(struct world *world);
void world_deinit(struct world *world);
bool world_ok(const struct world *world);
struct machine *machine_of(struct world *world, const struct person *person);
struct machine *server_of(struct world *world, enum server server);

/* ---- Windows (windows_out.c writes them, windows_events.c knows their fields) ------------------
 */

void windows_begin(struct world *world, enum channel channel, uint32_t event_id,
        const struct machine *machine, hn_time time);
void windows_field(struct world *world, const char *name, const char *value);
void windows_field_f(struct world *world, const char *name, const char *fmt, ...) HN_PRINTF(3, 4);
/* All events of a channel in order of time, in the shape of the back-end. */
bool windows_write(struct world *world, enum channel channel, struct hn_buf *out);

enum program {
    PROGRAM_EXPLORER,
    PROGRAM_CHROME,
    PROGRAM_OUTLOOK,
    PROGRAM_WORD,
    PROGRAM_EXCEL,
    PROGRAM_TEAMS,
    PROGRAM_ACROBAT,
    PROGRAM_NOTEPAD,
    PROGRAM_CALC,
    PROGRAM_ERP,
    PROGRAM_CAD,
    PROGRAM_7ZIP,
    PROGRAM_SPLWOW,
    PROGRAM_ONEDRIVE,
    PROGRAM_USERINIT,
    PROGRAM_SVCHOST,
    PROGRAM_SERVICES,
    PROGRAM_TASKHOST,
    PROGRAM_DLLHOST,
    PROGRAM_BACKGROUND,
    PROGRAM_BROKER,
    PROGRAM_SEARCH,
    PROGRAM_CONHOST,
    PROGRAM_UPDATER,
    PROGRAM_AGENT, /* software management, runs encoded PowerShell */
    PROGRAM_BACKUP,
    PROGRAM_MSMPENG,
    PROGRAM_MPCMDRUN,
    PROGRAM_WMIPRVSE,
    PROGRAM_POWERSHELL,
    PROGRAM_CMD,
    PROGRAM_RUNDLL32,
    PROGRAM_REGSVR32,
    PROGRAM_IPCONFIG,
    PROGRAM_SYSTEMINFO,
    PROGRAM_WHOAMI,
    PROGRAM_NET,
    PROGRAM_NLTEST,
    PROGRAM_ARP,
    PROGRAM_PING,
    PROGRAM_SC,
    PROGRAM_MMC,
    PROGRAM_MSTSC,
    PROGRAM_WEVTUTIL,
    PROGRAM_VSSADMIN,
    PROGRAM_BCDEDIT,
    PROGRAM_LSASS,
    PROGRAM_SYSMON,
    PROGRAM_VIEWER,  /* of the incident: reads stored passwords */
    PROGRAM_SERVICE, /* of the incident: copied to ADMIN$ */
    PROGRAM_COUNT
};
const char *program_image(enum program program);

struct process {
    struct machine *machine;
    const struct person *person;   /* NULL: the system */
    const struct person *acts_for; /* whose rights its children get; NULL: the system's */
    enum program program;
    uint32_t pid;
    uint32_t logon;
    hn_time start;
    const char *command; /* in the world's arena */
};

/* A process that was there before: a service of the system, a person's explorer. */
struct process process_old(struct machine *machine, const struct person *person,
        enum program program, const char *command);
struct process process_start(struct world *world, hn_time time, const struct process *parent,
        enum program program, const char *fmt, ...) HN_PRINTF(5, 6);
void process_end(struct world *world, hn_time time, const struct process *process);
void process_connects(
        struct world *world, hn_time time, const struct process *process, const char *ip, int port);
void process_asks(struct world *world, hn_time time, const struct process *process,
        const char *name, const char *ip);
void process_writes(struct world *world, hn_time time, const struct process *process,
        const char *fmt, ...) HN_PRINTF(4, 5);
void process_loads(struct world *world, hn_time time, const struct process *process,
        const char *path, const char *sha256);
void process_sets_value(struct world *world, hn_time time, const struct process *process,
        const char *key, const char *details);
void process_makes_pipe(
        struct world *world, hn_time time, const struct process *process, const char *pipe);
void process_opens_lsass(struct world *world, hn_time time, const struct process *process,
        const char *access, const char *trace);
void process_injects(struct world *world, hn_time time, const struct process *process,
        const struct process *target);
void sysmon_state(
        struct world *world, hn_time time, const struct machine *machine, const char *state);

struct logon {
    const struct machine *machine; /* where the event is written */
    const char *account;
    uint32_t rid;
    int type;
    const char *ip;          /* "-" for the keyboard */
    const char *workstation; /* "-" where not told */
};
uint32_t logon_success(struct world *world, hn_time time, const struct logon *logon);
void logon_failure(struct world *world, hn_time time, const struct logon *logon);
void logon_end(struct world *world, hn_time time, const struct logon *logon, uint32_t id);
void logon_privileges(struct world *world, hn_time time, const struct logon *logon, uint32_t id);
void kerberos_ticket(
        struct world *world, hn_time time, const struct logon *logon, const char *service);
/* file NULL: the share itself is opened (5140), else a file in it (5145). */
void share_access(struct world *world, hn_time time, const struct logon *logon, const char *share,
        const char *file, uint32_t access);
void log_cleared(
        struct world *world, hn_time time, const struct machine *machine, const char *account);
void service_installed(struct world *world, hn_time time, const struct machine *machine,
        const char *name, const char *path);
void service_state(struct world *world, hn_time time, const struct machine *machine,
        const char *name, const char *state);
void defender_found(struct world *world, hn_time time, const struct process *process,
        const char *threat, const char *path);
void defender_removed(struct world *world, hn_time time, const struct process *process,
        const char *threat, const char *path);
void defender_notice(
        struct world *world, hn_time time, const struct machine *machine, uint32_t event_id);

/* ---- Text logs (text_out.c) --------------------------------------------------------------------
 */

struct request {
    hn_time time;
    const struct machine *machine;
    const struct person *person;
    const struct site *site; /* NULL: ip stands for the host */
    const char *ip;
    int port;           /* 0: what the scheme says */
    const char *scheme; /* "http", "https", "tcp" for CONNECT */
    const char *method;
    const char *path;
    const char *query; /* with its '?', or NULL */
    const char *referer;
    const char *agent;
    const char *type;
    int status;
    const char *filter; /* OBSERVED, DENIED */
    uint32_t received;
    uint32_t sent;
};
int request_port(const struct request *request);
void proxy_line(struct world *world, const struct request *request);
extern const char proxy_header[];

struct flow {
    hn_time time;
    const char *src;
    int src_port;
    const char *src_side; /* "lan", "dmz", "wan1", "ssl.root" */
    const char *dst;
    int dst_port;
    const char *dst_side;
    bool udp;
    const char *action; /* "close", "accept", "deny", "client-rst" */
    int policy;
    uint32_t sent;
    uint32_t received;
    int seconds;
};
void firewall_line(struct world *world, const struct flow *flow);
void vpn_line(struct world *world, hn_time time, const char *action, const char *user,
        const char *remote);

struct ips_alert {
    hn_time time;
    const char *src;
    int src_port;
    const char *dst;
    int dst_port;
    uint32_t signature_id;
    const char *signature;
    const char *category;
    int severity;
};
void ips_alert_line(struct world *world, const struct ips_alert *alert);
void ips_dns_line(
        struct world *world, hn_time time, const char *src, const char *name, const char *ip);

struct mail {
    hn_time time;
    const char *direction;
    const char *from;
    const char *to;
    const char *subject;
    const char *file; /* NULL: without attachment */
    const char *type;
    uint32_t size;
    const char *reason; /* what the gateway says; NULL: nothing */
};
void mail_line(struct world *world, const struct mail *mail);

void auth_line(struct world *world, hn_time time, const char *program, uint32_t pid,
        const char *fmt, ...) HN_PRINTF(5, 6);

struct visit {
    hn_time time;
    const char *client;
    const char *method;
    const char *uri;
    const char *referer;
    const char *agent;
    int status;
    uint32_t bytes;
};
void access_line(struct world *world, const struct visit *visit);

/* ---- The story ---------------------------------------------------------------------------------
 */

extern const char browser_agent[];

void day_office(struct world *world);       /* people at their machines */
void day_mail(struct world *world);         /* their mail */
void day_servers(struct world *world);      /* services, backup, administrators */
void day_internet(struct world *world);     /* visitors, scanners, guessers */
void incident_arrival(struct world *world); /* mail, document, loader */
void incident_foothold(struct world *world);
void incident_spread(struct world *world);

/* ---- Packing (pack.c) --------------------------------------------------------------------------
 */

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZIP };

struct product {
    const char *file;  /* as shipped: "proxy.log.gz" */
    const char *entry; /* its name inside: "proxy.log" */
    enum packing packing;
    struct hn_buf bytes;
};

/* Writes products of the same file name into one archive. False with a message on stderr. */
bool pack_write(const char *folder, const struct product *products, size_t count);
/* The shipped files hold exactly these bytes; compression itself may differ. */
bool pack_check(const char *folder, const struct product *products, size_t count);

#endif
