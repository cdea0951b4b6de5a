/* doctor_machine.c - ports, clock, limits and the service of this machine. */
#include "app/doctor.h"

#include "app/ui.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define UDP_BUFFER_WANTED ((uint64_t)4 << 20)
#define FILES_BESIDES     512u /* rules, journal, database, outputs */

/* ---- Ports ---- */

/* 0: free; otherwise errno of bind(). */
static int try_port(const struct config_address *address, int type)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = type, .ai_flags = AI_PASSIVE | AI_NUMERICSERV
    };
    bool any = address->host.len == 0 || hn_text_eq(address->host, HN_TEXT("*"));
    struct addrinfo *list = NULL;
    char port[8];
    int one = 1;
    int problem = 0;
    int fd;

    (void)snprintf(port, sizeof port, "%u", (unsigned)address->port);
    if (getaddrinfo(any ? NULL : address->host.ptr, port, &hints, &list) != 0 || list == NULL)
        return EADDRNOTAVAIL;
    fd = socket(list->ai_family, list->ai_socktype | SOCK_CLOEXEC, list->ai_protocol);
    if (fd < 0) {
        problem = errno;
    } else {
        if (type == SOCK_STREAM) /* as the server does: connections that just ended do not count */
            (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(fd, list->ai_addr, list->ai_addrlen) != 0 ||
                (type == SOCK_STREAM && listen(fd, 1) != 0))
            problem = errno;
        (void)close(fd);
    }
    freeaddrinfo(list);
    return problem;
}

struct ports {
    struct doctor *doctor;
    unsigned fine;
};

static void check_port(struct ports *ports, const struct config_address *address, int type)
{
    struct doctor *doctor = ports->doctor;
    const char *kind = type == SOCK_DGRAM ? "UDP" : "TCP";
    const char *advice;
    char text[256];
    int problem;

    if (address->port == 0)
        return;
    problem = try_port(address, type);
    if ((problem == EADDRINUSE) == doctor->running &&
            (problem == 0 || problem == EADDRINUSE || problem == EACCES)) {
        ports->fine++;
        if (problem != EACCES)
            return;
    }
    if (problem == EACCES) {
        if (doctor->running)
            return; /* it is the server's; this user may not even try */
        advice = UI_TEXT("ports below 1024 are for root; the service has the right to them "
                         "(AmbientCapabilities=CAP_NET_BIND_SERVICE): run doctor as root to try",
                "1024 未満のポートは root 用。サービスには権限があります"
                "(AmbientCapabilities=CAP_NET_BIND_SERVICE)。root で doctor を実行してください");
    } else if (problem == EADDRINUSE) {
        advice = UI_TEXT(
                "`ss -lptun` says which program has it; stop that one or take another port",
                "ss -lptun で使用中のプログラムがわかります。止めるか、別のポートにしてください");
    } else if (problem == 0) {
        advice = UI_TEXT("the running server does not listen there: was it restarted after the "
                         "configuration was changed?",
                "稼働中のサーバーが待ち受けていません。設定変更後に再起動しましたか?");
    } else {
        advice = UI_TEXT("is this an address of this machine? `ip address` lists them",
                "このマシンのアドレスですか? ip address で確認できます");
    }
    (void)snprintf(text, sizeof text, "%s %.100s:%u: %s", kind,
            address->host.len > 0 ? address->host.ptr : "*", (unsigned)address->port,
            problem == 0 ? UI_TEXT("nobody listens", "待ち受けなし") : strerror(problem));
    doctor_say(doctor, problem == EACCES ? DOCTOR_ODD : DOCTOR_BAD, UI_TEXT("Ports", "ポート"),
            text, advice);
}

static void check_ports(struct ports *ports, const struct config_addresses *addresses, int type)
{
    for (uint32_t i = 0; i < addresses->count; i++)
        check_port(ports, &addresses->ptr[i], type);
}

static bool has_udp(const struct config *config)
{
    for (uint32_t i = 0; i < config->sources.count; i++) {
        if (config->sources.ptr[i].udp.count > 0)
            return true;
    }
    return false;
}

static void check_udp_buffer(struct doctor *doctor)
{
    char line[32] = "";
    uint64_t bytes = 0;
    struct hn_buf text = { 0 };
    FILE *file = has_udp(doctor->config) ? fopen("/proc/sys/net/core/rmem_max", "re") : NULL;

    if (file == NULL)
        return;
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    (void)fclose(file);
    if (!hn_parse_u64(hn_text_trim(hn_text_cstr(line)), &bytes))
        return;
    ui_add_bytes(&text, bytes);
    hn_buf_add_cstr(&text, UI_TEXT(" may be waiting for syslog over UDP (net.core.rmem_max)",
                                   " まで UDP の受信を待てます(net.core.rmem_max)"));
    hn_buf_add_char(&text, '\0');
    if (hn_buf_ok(&text)) {
        doctor_say(doctor, bytes < UDP_BUFFER_WANTED ? DOCTOR_ODD : DOCTOR_FINE,
                UI_TEXT("UDP buffer", "UDP バッファー"), text.ptr,
                bytes < UDP_BUFFER_WANTED
                        ? UI_TEXT("bursts are lost: sysctl -w net.core.rmem_max=16777216, and the "
                                  "same in /etc/sysctl.d/hinomi.conf",
                                  "急増時に失われます: sysctl -w net.core.rmem_max=16777216。"
                                  "/etc/sysctl.d/hinomi.conf にも")
                        : NULL);
    }
    hn_buf_deinit(&text);
}

void doctor_check_ports(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct ports ports = { .doctor = doctor };
    unsigned before = doctor->bad + doctor->odd;
    char text[128];

    check_port(&ports, &config->http.address, SOCK_STREAM);
    for (uint32_t i = 0; i < config->sources.count; i++) {
        check_ports(&ports, &config->sources.ptr[i].udp, SOCK_DGRAM);
        check_ports(&ports, &config->sources.ptr[i].tcp, SOCK_STREAM);
        check_ports(&ports, &config->sources.ptr[i].tls, SOCK_STREAM);
    }
    if (doctor->bad + doctor->odd == before) {
        (void)snprintf(text, sizeof text,
                doctor->running
                        ? UI_TEXT("%u are in use, as they should be", "%u 個すべて待ち受け中")
                        : UI_TEXT("%u are free", "%u 個すべて空き"),
                ports.fine);
        doctor_say(doctor, DOCTOR_FINE, UI_TEXT("Ports", "ポート"), text, NULL);
    }
    check_udp_buffer(doctor);
}

/* ---- Clock ---- */

void doctor_check_clock(struct doctor *doctor)
{
    const char *what = UI_TEXT("Clock", "時計");
    struct timex state = { .modes = 0 };
    time_t now = time(NULL);
    char text[128];
    char stamp[HN_TIME_TEXT_MAX];
    int result = adjtimex(&state);

    (void)snprintf(text, sizeof text, "%.*s",
            (int)hn_time_write((hn_time)now * HN_SECOND, 0, stamp), stamp);
    if (now < 1767225600) { /* 2026: before this program was made */
        doctor_say(doctor, DOCTOR_BAD, what, text,
                UI_TEXT("the clock is years behind: correlations and certificates will fail; set "
                        "up time synchronisation",
                        "時計が何年も遅れています。相関判定と証明書が働きません。"
                        "時刻同期を設定してください"));
    } else if (result == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
        doctor_say(doctor, DOCTOR_ODD, what, text,
                UI_TEXT("it is not synchronised: timedatectl set-ntp true (in a container: on the "
                        "host)",
                        "同期していません: timedatectl set-ntp true(コンテナではホスト側で)"));
    } else {
        doctor_say(doctor, DOCTOR_FINE, what, text, NULL);
    }
}

/* ---- Limits ---- */

void doctor_check_limits(struct doctor *doctor)
{
    const char *what = UI_TEXT("Open files", "ファイル数");
    uint64_t wanted = (uint64_t)doctor->config->http.connections + FILES_BESIDES;
    struct rlimit limit;
    char text[160];

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    (void)snprintf(text, sizeof text,
            UI_TEXT("%llu may be open here; %llu connections and the rest want %llu",
                    "ここでの上限 %llu。接続 %llu とその他で %llu 必要"),
            (unsigned long long)limit.rlim_max,
            (unsigned long long)doctor->config->http.connections, (unsigned long long)wanted);
    doctor_say(doctor, limit.rlim_max < wanted ? DOCTOR_ODD : DOCTOR_FINE, what, text,
            limit.rlim_max < wanted
                    ? UI_TEXT("the service sets its own (LimitNOFILE=65536); elsewhere ulimit -n, "
                              "or fewer http.connections",
                              "サービスは自分で設定します(LimitNOFILE=65536)。ほかでは ulimit -n "
                              "か "
                              "http.connections を減らす")
                    : NULL);
}

/* ---- Service ---- */

void doctor_check_unit(struct doctor *doctor)
{
    const char *what = UI_TEXT("Service", "サービス");
    bool there = access("/lib/systemd/system/hinomi.service", F_OK) == 0 ||
                 access("/etc/systemd/system/hinomi.service", F_OK) == 0;
    bool enabled = access("/etc/systemd/system/multi-user.target.wants/hinomi.service", F_OK) == 0;

    if (access("/run/systemd/system", F_OK) != 0) {
        doctor_say(doctor, DOCTOR_FINE, what,
                UI_TEXT("systemd does not run here (a container?): whoever starts the server has "
                        "to start it again as well",
                        "systemd は動いていません(コンテナ?)。再起動は起動元が担います"),
                NULL);
    } else if (!there) {
        doctor_say(doctor, DOCTOR_ODD, what,
                UI_TEXT("the unit hinomi.service is not installed",
                        "hinomi.service が入っていません"),
                UI_TEXT("install the package (./dev deb, apt install)",
                        "パッケージを入れてください(./dev deb、apt install)"));
    } else if (!enabled) {
        doctor_say(doctor, DOCTOR_ODD, what,
                UI_TEXT("it is not started with the machine", "マシンの起動時に始まりません"),
                "systemctl enable --now hinomi");
    } else {
        doctor_say(doctor, DOCTOR_FINE, what,
                UI_TEXT("installed, and started with the machine", "導入済み、自動起動"), NULL);
    }
}
