/* syslog_samples.h - one rich sample of each format that carries system logs.
 *
 * Shared by tests that try the same thing on all of them: damage, lack of memory, recognition. All
 * names and addresses are reserved for documentation. */
#ifndef HN_TESTS_SYSLOG_SAMPLES_H
#define HN_TESTS_SYSLOG_SAMPLES_H

#include "base/view.h"

struct sample {
    const char *format;
    struct hn_text text;
};

#define SAMPLE(format, text)         \
    {                                \
        (format), HN_TEXT_INIT(text) \
    }

static const struct sample own_samples[] = {
    SAMPLE("syslog",
            "Nov 23 01:02:03 web01 sshd[311]: Failed password for invalid user a from b from "
            "192.0.2.5 port 4711 ssh2\n"
            "2026-11-23T01:02:04.123456+09:00 web01 sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; "
            "USER=root ; COMMAND=/usr/bin/id -u\n"
            "<34>1 2026-11-23T01:02:05Z web01 app 7 ID1 [x@32473 a=\"1 \\\"two\\\"\" b=\"\"][y] "
            "\xEF\xBB\xBFstarted\n"
            "<189>31: *Mar  1 00:00:01.123: %SYS-5-CONFIG_I: Configured from console by alice on "
            "vty0 (192.0.2.5)\r\n"
            "<166>Nov 23 2026 01:02:03 fw01 : %ASA-6-302013: Built outbound TCP connection 7 for "
            "outside:192.0.2.5/80 (192.0.2.5/80) to inside:198.51.100.7/4711 "
            "(203.0.113.9/4711)\n"
            "<14>Nov 23 01:02:03 fw02 1,2026/11/23 01:02:03,007,TRAFFIC,end,2561,2026/11/23 "
            "01:02:03,192.0.2.5,198.51.100.7,203.0.113.9,198.51.100.7,rule 1,alice,,ssl,vsys1,in,"
            "out,e1,e2,log,2026/11/23 01:02:03,55,1,4711,443,0,0,0x0,tcp,allow,1,2,3,4\n"
            "Nov 23 01:02:03 web01 kernel: [ 1.5] [UFW BLOCK] IN=eth0 OUT= MAC= SRC=192.0.2.5 "
            "DST=198.51.100.7 LEN=60 PROTO=TCP SPT=4711 DPT=22 SYN URGP=0\n"
            "Nov 23 01:02:03 web01 CEF:0|Example|Wall|1|100|Blocked|5|src=192.0.2.5 dst=192.0.2.6\n"
            "Nov 23 01:02:03 web01 tag: LEEF:1.0|Example|Wall|1|100|src=192.0.2.5\tdst=192.0.2.6\n"
            "Nov 23 01:02:03 web01 audisp: type=USER_START msg=audit(1795363323.123:9): pid=1 "
            "uid=0\n"),
    SAMPLE("cef",
            "CEF:0|Palo Alto\\|x|PAN-OS|11|traffic|end|3|src=192.0.2.5 spt=4711 dst=198.51.100.7 "
            "dpt=443 act=allow cs1=rule \\= 1 cs1Label=Rule Name msg=a b c\\nd request="
            "http://www.example/a?b\\=c suser=alice\n"
            "CEF:1|Example|Wall|1.0|7|Name|Low|rt=Nov 23 2026 01:02:03 cn1=5 cn1Label=count\r\n"),
    SAMPLE("leef",
            "LEEF:1.0|Example|Wall|1.0|100|src=192.0.2.5\tdst=198.51.100.7\tusrName=alice\n"
            "LEEF:2.0|Example|Wall|1.0|101|^|src=192.0.2.5^dst=198.51.100.7^proto=TCP\n"
            "LEEF:2.0|Example|Wall|1.0|102|0x7c|src=192.0.2.5|devTime=Nov 23 2026 01:02:03\n"),
    SAMPLE("kv", "date=2026-11-23 time=01:02:03 devname=\"fw01\" devid=\"FG1\" type=\"traffic\" "
                 "subtype=\"forward\" srcip=192.0.2.5 srcport=4711 dstip=198.51.100.7 dstport=443 "
                 "action=\"deny\" proto=6\n"
                 "date=2026-11-23 time=01:02:04 devname=\"fw01\" devid=\"FG1\" type=\"utm\" "
                 "subtype=\"webfilter\" hostname=\"www.example\" url=\"/a b \\\"c\\\"\" "
                 "action=\"blocked\" user='alice'\n"),
    SAMPLE("auditd",
            "type=SYSCALL msg=audit(1795363323.123:101): arch=c000003e syscall=59 success=yes "
            "exit=0 a0=55 a1=56 a2=57 a3=0 items=1 ppid=1 pid=2 auid=1000 uid=0 tty=pts0 "
            "comm=\"cat\" exe=\"/usr/bin/cat\" key=\"exec\"\x1D"
            "SYSCALL=execve UID=\"root\"\n"
            "type=EXECVE msg=audit(1795363323.123:101): argc=3 a0=\"cat\" a1=2F612062 a2=\"x\"\n"
            "type=CWD msg=audit(1795363323.123:101): cwd=\"/root\"\n"
            "type=PATH msg=audit(1795363323.123:101): item=0 name=\"/usr/bin/cat\" inode=1 "
            "mode=0100755 nametype=NORMAL\n"
            "type=PROCTITLE msg=audit(1795363323.123:101): proctitle=636174002F6120620078\n"
            "node=db01 type=SYSCALL msg=audit(1795363324.000:102): arch=c000003e syscall=42 "
            "success=no exit=-115 items=0 comm=\"curl\" exe=\"/usr/bin/curl\" key=(null)\n"
            "node=db01 type=SOCKADDR msg=audit(1795363324.000:102): "
            "saddr=020001BBC00002050000000000000000\n"
            "node=db01 type=PROCTITLE msg=audit(1795363324.000:102): proctitle=\"curl\"\n"
            "type=USER_LOGIN msg=audit(1795363325.000:103): pid=7 uid=0 auid=1000 ses=1 "
            "msg='op=login acct=\"alice\" exe=\"/usr/sbin/sshd\" addr=192.0.2.5 res=success'\n"),
    SAMPLE("syslog-octets", "47 <34>Nov 23 01:02:03 web01 su: 'su root' failed\n"
                            "58 <13>1 2026-11-23T01:02:03Z web01 app 7 - - two\nlines of it\n"
                            "30 <13>Nov 23 01:02:03 web01 a: b"
                            "86 <13>Nov 23 01:02:03 web01 audisp: type=USER_START "
                            "msg=audit(1795363323.123:9): pid=1 x"),
};

#endif
