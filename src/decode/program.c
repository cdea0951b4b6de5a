/* program.c - which program wrote a message, what Sigma calls it, and who takes the message apart.
 *
 * Sigma's services of product linux are log files of old: auth (auth.log, secure), syslog
 * (messages), cron, and programs with a log of their own. A message belongs to auth when its
 * program lets people in or changes accounts, or when it was sent with an auth facility; else to
 * syslog; and to its program's own service besides. Devices that speak syslog but are no Linux
 * machines are told apart by their programs where that is certain. */
#include "decode/program.h"

#include "decode/body.h"
#include "decode/network.h"
#include "decode/scan.h"
#include "decode/syslog_header.h"

#define AUTH 0x1u
#define CRON 0x2u

struct program {
    struct hn_text name;
    struct hn_text service; /* Sigma's own; empty: none */
    unsigned traits;
    const struct program_messages *messages;
};

#define PROGRAM(name, service, traits, messages)                    \
    {                                                               \
        HN_TEXT_INIT(name), HN_TEXT_INIT(service), traits, messages \
    }

static const struct program programs[] = {
    PROGRAM("sshd", "sshd", AUTH, &decode_sshd_messages),
    PROGRAM("sshd-session", "sshd", AUTH, &decode_sshd_messages),
    PROGRAM("sshd-auth", "sshd", AUTH, &decode_sshd_messages),
    PROGRAM("sudo", "sudo", AUTH, NULL),
    PROGRAM("su", "", AUTH, &decode_su_messages),
    PROGRAM("login", "", AUTH, &decode_login_messages),
    PROGRAM("systemd-logind", "", AUTH, &decode_login_messages),
    PROGRAM("passwd", "", AUTH, &decode_account_messages),
    PROGRAM("chpasswd", "", AUTH, &decode_account_messages),
    PROGRAM("useradd", "", AUTH, &decode_account_messages),
    PROGRAM("adduser", "", AUTH, &decode_account_messages),
    PROGRAM("usermod", "", AUTH, &decode_account_messages),
    PROGRAM("userdel", "", AUTH, &decode_account_messages),
    PROGRAM("groupadd", "", AUTH, &decode_account_messages),
    PROGRAM("groupmod", "", AUTH, &decode_account_messages),
    PROGRAM("groupdel", "", AUTH, &decode_account_messages),
    PROGRAM("gpasswd", "", AUTH, &decode_account_messages),
    PROGRAM("chage", "", AUTH, &decode_account_messages),
    PROGRAM("chfn", "", AUTH, &decode_account_messages),
    PROGRAM("chsh", "", AUTH, &decode_account_messages),
    PROGRAM("newusers", "", AUTH, &decode_account_messages),
    PROGRAM("unix_chkpwd", "", AUTH, &decode_account_messages),
    PROGRAM("pkexec", "", AUTH, &decode_polkit_messages),
    PROGRAM("polkitd", "", AUTH, &decode_polkit_messages),
    PROGRAM("polkit-agent-helper-1", "", AUTH, NULL),
    PROGRAM("gdm-password", "", AUTH, NULL),
    PROGRAM("gdm-launch-environment", "", AUTH, NULL),
    PROGRAM("lightdm", "", AUTH, NULL),
    PROGRAM("sddm-helper", "", AUTH, NULL),
    PROGRAM("xrdp-sesman", "", AUTH, NULL),
    PROGRAM("sssd", "", AUTH, NULL),
    PROGRAM("CRON", "cron", CRON, &decode_cron_messages),
    PROGRAM("CROND", "cron", CRON, &decode_cron_messages),
    PROGRAM("cron", "cron", CRON, &decode_cron_messages),
    PROGRAM("crond", "cron", CRON, &decode_cron_messages),
    PROGRAM("crontab", "cron", CRON, &decode_cron_messages),
    PROGRAM("anacron", "cron", CRON, &decode_cron_messages),
    PROGRAM("fcron", "cron", CRON, &decode_cron_messages),
    PROGRAM("atd", "cron", CRON, &decode_cron_messages),
    PROGRAM("clamd", "clamav", 0, &decode_clamav_messages),
    PROGRAM("clamav", "clamav", 0, &decode_clamav_messages),
    PROGRAM("clamscan", "clamav", 0, &decode_clamav_messages),
    PROGRAM("clamdscan", "clamav", 0, &decode_clamav_messages),
    PROGRAM("clamonacc", "clamav", 0, &decode_clamav_messages),
    PROGRAM("clamav-milter", "clamav", 0, &decode_clamav_messages),
    PROGRAM("freshclam", "clamav", 0, &decode_clamav_messages),
    PROGRAM("vsftpd", "vsftpd", 0, &decode_vsftpd_messages),
    PROGRAM("guacd", "guacamole", 0, &decode_guacamole_messages),
    PROGRAM("guacamole", "guacamole", 0, &decode_guacamole_messages),
    PROGRAM("systemd", "", 0, &decode_systemd_messages),
    PROGRAM("kernel", "", 0, &decode_kernel_messages),
    PROGRAM("named", "named", 0, &decode_dns_messages),
    PROGRAM("dnsmasq", "dnsmasq", 0, &decode_dns_messages),
    PROGRAM("unbound", "unbound", 0, &decode_dns_messages),
    PROGRAM("httpd", "apache", 0, NULL),
    PROGRAM("apache2", "apache", 0, NULL),
    PROGRAM("apache", "apache", 0, NULL),
    PROGRAM("nginx", "nginx", 0, NULL),
    PROGRAM("mysqld", "mysql", 0, &decode_database_messages),
    PROGRAM("mariadbd", "mysql", 0, &decode_database_messages),
    PROGRAM("postgres", "postgresql", 0, &decode_database_messages),
    PROGRAM("postgresql", "postgresql", 0, &decode_database_messages),
};

/* The name without its path, so that /usr/sbin/cron is cron. */
static struct hn_text base_name(struct hn_text name)
{
    size_t slash = text_find_last_char(name, '/');

    return slash == SIZE_MAX ? name : text_from(name, slash + 1);
}

static const struct program *find_program(struct hn_text name)
{
    size_t open;

    name = base_name(name);
    open = hn_text_find_char(name, '(', 0); /* "su(pam_unix)" of old */
    if (open != SIZE_MAX && open > 0)
        name.len = open;
    for (size_t i = 0; i < HN_COUNT_OF(programs); i++) {
        if (hn_text_eq(programs[i].name, name))
            return &programs[i];
    }
    return NULL;
}

/* ---- Machines that are no Linux ---------------------------------------------------------------
 */

struct appliance {
    struct hn_text program; /* the program's name starts with it */
    struct hn_text product;
    struct hn_text category;
    struct hn_text service;
};

#define APPLIANCE(program, product, category, service)                        \
    {                                                                         \
        HN_TEXT_INIT(program), HN_TEXT_INIT(product), HN_TEXT_INIT(category), \
                HN_TEXT_INIT(service)                                         \
    }

static const struct appliance appliances[] = {
    APPLIANCE("RT_FLOW", "juniper", "firewall", ""),
    APPLIANCE("RT_IDP", "juniper", "", ""),
    APPLIANCE("RT_UTM", "juniper", "", ""),
    APPLIANCE("RT_SCREEN", "juniper", "", ""),
    APPLIANCE("rpd", "juniper", "", ""),
    APPLIANCE("mgd", "juniper", "", ""),
    APPLIANCE("/kernel", "juniper", "", ""),
    APPLIANCE("chassisd", "juniper", "", ""),
    APPLIANCE("tac_plus", "cisco", "", "aaa"),
    APPLIANCE("CISE_", "cisco", "", "aaa"),
    APPLIANCE("CisACS_", "cisco", "", "aaa"),
    APPLIANCE("gpsvc", "paloalto", "appliance", "globalprotect"),
    APPLIANCE("sslvpnd", "fortios", "", "sslvpnd"),
};

static bool appliance_source(struct hn_event *event, const struct syslog_header *header)
{
    bool junos = hn_text_starts(header->structured, HN_TEXT("[junos@2636"));

    for (size_t i = 0; i < HN_COUNT_OF(appliances); i++) {
        if (hn_text_starts(header->program, appliances[i].program)) {
            decode_set_source(
                    event, appliances[i].product, appliances[i].category, appliances[i].service);
            junos = junos || hn_text_eq(appliances[i].product, HN_TEXT("juniper"));
            if (!junos)
                return true;
            break;
        }
    }
    if (!junos)
        return false;
    if (event->source.product.len == 0)
        decode_set_source(event, HN_TEXT("juniper"), HN_TEXT(""), HN_TEXT(""));
    hn_source_add_service(&event->source, HN_TEXT("syslog"));
    if (hn_text_ends(header->message_id, HN_TEXT("_DENY")))
        decode_add_verdict(event, VERDICT_DENIED, HN_TEXT(""));
    else if (hn_text_ends(header->message_id, HN_TEXT("SESSION_CREATE")))
        decode_add_verdict(event, VERDICT_ALLOWED, HN_TEXT(""));
    if (hn_text_find(header->message, HN_TEXT(":179"), 0) != SIZE_MAX ||
            hn_text_starts_nocase(header->message, HN_TEXT("bgp")) ||
            hn_text_starts(header->message_id, HN_TEXT("RPD_BGP")))
        hn_source_add_service(&event->source, HN_TEXT("bgp"));
    return true;
}

/* ---- Dispatch ---------------------------------------------------------------------------------
 */

static bool is_auth_facility(int priority)
{
    return priority >= 0 && (priority / 8 == 4 || priority / 8 == 10);
}

static void linux_source(
        struct hn_event *event, const struct syslog_header *header, const struct program *program)
{
    bool auth = is_auth_facility(header->priority) ||
                hn_text_starts(header->message, HN_TEXT("pam_")) ||
                (program != NULL && (program->traits & AUTH) != 0);

    decode_set_source(
            event, HN_TEXT("linux"), HN_TEXT(""), program == NULL ? HN_TEXT("") : program->service);
    hn_source_add_service(&event->source, auth ? HN_TEXT("auth") : HN_TEXT("syslog"));
}

/* "message repeated 3 times: [ Failed password for root from ...]" of rsyslog */
static struct hn_text unwrap_repeated(struct hn_event *event, struct hn_text message)
{
    struct hn_text rest = message;
    struct hn_text count;

    if (!scan_text(&rest, HN_TEXT("message repeated ")))
        return message;
    count = scan_digits(&rest);
    if (count.len == 0 || !scan_text(&rest, HN_TEXT(" times: [")))
        return message;
    hn_event_add_text(event, HN_TEXT("repeated"), count);
    if (hn_text_ends(rest, HN_TEXT("]")))
        rest.len--;
    return hn_text_trim(rest);
}

/* The kernel puts its clock in front, programs from udev to NetworkManager their own marks. */
static struct hn_text behind_uptime(struct hn_text message)
{
    struct hn_text rest = message;
    struct hn_text clock;

    if (!scan_char(&rest, '[') || !scan_before(&rest, ']', &clock))
        return message;
    clock = hn_text_trim(clock);
    if (text_digits(clock) == 0 || text_at(clock, text_digits(clock)) != '.')
        return message;
    scan_spaces(&rest);
    return rest;
}

/* False when no template fits; the category counts only for messages that one does, or for all. */
static bool known_messages(
        struct hn_event *event, const struct program_messages *messages, struct hn_text message)
{
    bool fits = decode_message_fields(event, messages->kinds, messages->count, message) != NULL;

    if (messages->category.len > 0 && (fits || messages->always))
        hn_source_add_category(&event->source, messages->category);
    return fits;
}

bool program_fields(struct hn_event *event, const struct syslog_header *header)
{
    const struct program *program = find_program(header->program);
    struct hn_text message = hn_text_trim(header->message);
    bool kernel = program == NULL || program->messages == &decode_kernel_messages;

    if (appliance_source(event, header))
        return false;
    linux_source(event, header, program);
    message = unwrap_repeated(event, message);
    if (decode_pam_fields(event, message))
        return true;
    if (program != NULL && hn_text_eq(program->name, HN_TEXT("sudo"))) {
        decode_sudo_fields(event, message);
        return true;
    }
    if (kernel)
        message = behind_uptime(message);
    if (kernel && decode_netfilter_fields(
                          event, message, program == NULL ? header->program : HN_TEXT("")))
        return true;
    return program != NULL && program->messages != NULL &&
           known_messages(event, program->messages, message);
}
