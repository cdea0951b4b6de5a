/* literal_common.c - what is ordinary in logs, so that an index waits for what is not.
 *
 * The sample is written by hand from what every Windows, Linux and proxy log is full of. It decides
 * speed only, never results. */
#include "match/literal_index.h"

#include <pthread.h>

static const char sample[] =
        "c:\\windows\\system32\\svchost.exe c:\\windows\\system32\\cmd.exe c:\\windows\\syswow64\\"
        " c:\\windows\\explorer.exe c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe"
        " c:\\windows\\system32\\services.exe c:\\windows\\system32\\lsass.exe -nop -noprofile"
        " c:\\program files\\ c:\\program files (x86)\\ c:\\programdata\\microsoft\\windows\\"
        " c:\\users\\administrator\\appdata\\local\\temp\\ \\appdata\\roaming\\microsoft\\"
        " \\device\\harddiskvolume\\windows\\system32\\ \\windows\\winsxs\\ "
        "\\microsoft.net\\framework64\\"
        " c:\\windows\\system32\\conhost.exe 0xffffffff -forcev1 "
        "c:\\windows\\system32\\wbem\\wmiprvse.exe"
        " c:\\windows\\system32\\taskhostw.exe c:\\windows\\system32\\rundll32.exe regsvr32.exe"
        " c:\\windows\\system32\\ntdll.dll kernelbase.dll kernel32.dll user32.dll advapi32.dll"
        " combase.dll rpcrt4.dll msvcrt.dll ws2_32.dll clr.dll mscoree.dll "
        "system.management.automation"
        " -k netsvcs -p -s schedule /c /q start process service name http https www .com .net .org"
        " hklm\\software\\microsoft\\windows\\currentversion\\ "
        "hklm\\system\\currentcontrolset\\services\\"
        " hkcu\\software\\classes\\ hku\\s-1-5-21- hklm\\software\\wow6432node\\ \\explorer\\ "
        "\\policies\\"
        " \\run \\parameters\\ \\control\\ \\windows nt\\currentversion\\ microsoft corporation"
        " microsoft windows operating system nt authority\\system local service network service"
        " windows host application version context information command name type script path user"
        " error message value property object new-object get-item set-item system.net.webclient "
        "string"
        " function return write-host invoke expression param true false null name value begin end"
        " .exe .dll .sys .tmp .log .dat .ps1 .bat .vbs .txt .xml .json .zip .cab .msi .docx .lnk"
        " mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/"
        " safari/537.36 /usr/bin/ /bin/sh /bin/bash /etc/ /var/log/ /home/ /tmp/ python perl curl "
        "wget"
        " add delete query create update install config download file copy move list set get put"
        " 10.0. 192.168. 127.0.0.1 172.16. 0.0.0.0 ::1 443 80 tcp udp -- /s /f /t /d /r -s -f -e "
        "-c -i";

#define TABLE_BITS 12u

static uint8_t table[1u << TABLE_BITS];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

HN_WRAPS static uint32_t slot_of(const char *p)
{
    uint32_t gram;

    memcpy(&gram, p, sizeof gram);
    return gram * 0x9E3779B1u >> (32 - TABLE_BITS);
}

static void table_fill(void)
{
    for (size_t i = 0; i + 4 < sizeof sample; i++) {
        uint8_t *slot = &table[slot_of(sample + i)];

        if (*slot < UINT8_MAX)
            ++*slot;
    }
}

uint32_t literal_commonness(struct hn_text literal)
{
    uint32_t least = UINT32_MAX;

    (void)pthread_once(&table_once, table_fill);
    if (literal.len < 4)
        return literal.len == 3 ? 40 : literal.len == 2 ? 120 : 500;
    for (size_t i = 0; i + 4 <= literal.len; i++) {
        uint32_t count = table[slot_of(literal.ptr + i)];

        if (count < least)
            least = count;
    }
    return least;
}
