/* ioc_name.c - file names and e-mail addresses in their one form, and what a name's last part says
 * about it.
 *
 * Leaves to others: finding them in text (ioc_match_name.c). */
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#include <stddef.h>
#include <stdlib.h>

/* Sorted. Extensions of files that malware comes in and that are no top-level domains: a bare
 * "invoice.exe" in a list is a file name. */
static const char *const extensions[] = { "7z", "apk", "asp", "aspx", "bat", "bin", "chm", "cmd",
    "cpl", "dat", "dex", "dll", "doc", "docm", "docx", "dotm", "elf", "exe", "gif", "gz", "hta",
    "htm", "html", "img", "ini", "iso", "jar", "jpeg", "jpg", "js", "jse", "jsp", "lnk", "log",
    "msc", "msi", "msix", "msp", "ocx", "pdf", "php", "pif", "png", "ppam", "ppt", "pptm", "pptx",
    "ps1", "psm1", "rar", "rtf", "scr", "sct", "sys", "tar", "tmp", "txt", "url", "vbe", "vbs",
    "vhd", "vhdx", "wll", "wsc", "wsf", "xlam", "xll", "xls", "xlsb", "xlsm", "xlsx", "xml" };

/* Sorted. Top-level domains that in running text are extensions far more often. ".com" is not
 * among them: whoever names a domain means the domain. */
static const char *const extension_like_tlds[] = { "app", "cab", "md", "mov", "pm", "ps", "py",
    "rs", "sh", "so", "zip" };

/* Sorted. Files that are on every machine or in every installer: as bare names they say nothing. */
static const char *const common_files[] = { "autorun.inf", "calc.exe", "chrome.exe", "cmd.exe",
    "conhost.exe", "control.exe", "cscript.exe", "csrss.exe", "desktop.ini", "dllhost.exe",
    "dwm.exe", "excel.exe", "explorer.exe", "firefox.exe", "iexplore.exe", "index.htm",
    "index.html", "index.php", "install.exe", "kernel32.dll", "lsass.exe", "lsm.exe", "mmc.exe",
    "msedge.exe", "mshta.exe", "msiexec.exe", "notepad.exe", "ntdll.dll", "ntoskrnl.exe",
    "outlook.exe", "powershell.exe", "readme.txt", "regsvr32.exe", "rundll32.exe",
    "runtimebroker.exe", "schtasks.exe", "searchindexer.exe", "services.exe", "setup.exe",
    "smss.exe", "spoolsv.exe", "svchost.exe", "taskeng.exe", "taskhost.exe", "taskhostw.exe",
    "taskmgr.exe", "update.exe", "user32.dll", "userinit.exe", "wininit.exe", "winlogon.exe",
    "winword.exe", "wmiprvse.exe", "wscript.exe" };

static int compare_word(const void *key, const void *item)
{
    const struct hn_text *word = key;
    const char *const *listed = item;

    return hn_text_cmp(*word, hn_text_cstr(*listed));
}

static bool has_word(const char *const *words, size_t count, struct hn_text word)
{
    char room[16];
    struct hn_text lower = { room, word.len };

    if (word.len > sizeof room)
        lower = word; /* no list has so long a word */
    else
        hn_lower_ascii(word, room);
    return bsearch(&lower, words, count, sizeof *words, compare_word) != NULL;
}

bool ioc_is_file_extension(struct hn_text extension)
{
    return has_word(extensions, HN_COUNT_OF(extensions), extension);
}

bool ioc_is_extension_like_tld(struct hn_text tld)
{
    return has_word(extension_like_tlds, HN_COUNT_OF(extension_like_tlds), tld);
}

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

/* Without what differs from machine to machine in front: drive, %VARIABLE%, CSIDL_ names, ~ and
 * separators. */
static struct hn_text without_root(struct hn_text name)
{
    for (;;) {
        size_t len = 0;

        while (len < name.len && !is_separator(name.ptr[len]))
            len++;
        if (len == name.len) /* the file itself */
            return name;
        if (len > 0 && !(len == 2 && name.ptr[1] == ':') && name.ptr[0] != '%' &&
                name.ptr[0] != '$' && name.ptr[0] != '<' && name.ptr[0] != '~' &&
                !(len == 1 && name.ptr[0] == '.') &&
                !hn_text_starts_nocase(hn_text_sub(name, 0, len), HN_TEXT("CSIDL_")))
            return name;
        name = hn_text_sub(name, len + 1, name.len);
    }
}

static enum ioc_reason check_characters(struct hn_text name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];

        if (c == '*' || c == '?')
            return IOC_REASON_WILDCARD;
        if (c < 0x20 || c == 0x7F || c == '"' || c == '<' || c == '>' || c == '|')
            return IOC_REASON_FILENAME;
    }
    return IOC_FINE;
}

enum ioc_reason ioc_filename_normal(struct hn_text name, struct ioc_key *ret_key)
{
    char plain[IOC_FILENAME_MAX];
    enum ioc_reason reason;
    size_t before;
    size_t len = 0;

    do {
        before = name.len;
        name = without_root(hn_text_trim(name));
    } while (name.len != before);
    if (name.len == 0 || is_separator(name.ptr[name.len - 1]))
        return IOC_REASON_FILENAME;
    if (name.len > sizeof plain)
        return IOC_REASON_LENGTH;
    reason = check_characters(name);
    if (reason != IOC_FINE)
        return reason;
    for (size_t i = 0; i < name.len; i++) {
        if (!is_separator(name.ptr[i]))
            plain[len++] = name.ptr[i];
        else if (len > 0 && plain[len - 1] != '/') /* never first: without_root() took those */
            plain[len++] = '/';
    }
    memset(ret_key, 0, offsetof(struct ioc_key, text));
    ret_key->type = IOC_FILENAME;
    ret_key->len = hn_fold(hn_text_of(plain, len), ret_key->text);
    name = hn_text_of(ret_key->text, ret_key->len);
    if (name.len > IOC_FILENAME_MAX)
        return IOC_REASON_LENGTH;
    if (ioc_anchor_of_filename(name, 0).len == 0 ||
            bsearch(&name, common_files, HN_COUNT_OF(common_files), sizeof *common_files,
                    compare_word) != NULL)
        return IOC_REASON_GENERAL;
    return IOC_FINE;
}

static bool is_local_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80 || ioc_in(c, ".!#$%&'*+/=?^_`{|}~-");
}

enum ioc_reason ioc_email_normal(struct hn_text address, struct ioc_key *ret_key)
{
    char host[IOC_HOST_ROOM];
    char local[HN_FOLD_ROOM(64)];
    size_t local_len;
    size_t host_len;
    size_t at = address.len;

    while (at > 0 && address.ptr[at - 1] != '@')
        at--;
    if (at < 2 || at - 1 > 64)
        return IOC_REASON_EMAIL;
    for (size_t i = 0; i + 1 < at; i++) {
        if (!is_local_char(address.ptr[i]))
            return IOC_REASON_EMAIL;
    }
    if (address.ptr[0] == '*')
        return IOC_REASON_WILDCARD;
    host_len = ioc_host_normal(hn_text_sub(address, at, address.len), host);
    if (host_len == 0 || memchr(host, '.', host_len) == NULL)
        return IOC_REASON_EMAIL;
    local_len = hn_fold(hn_text_sub(address, 0, at - 1), local);
    memset(ret_key, 0, offsetof(struct ioc_key, text));
    ret_key->type = IOC_EMAIL;
    ret_key->len = local_len + 1 + host_len;
    memcpy(ret_key->text, local, local_len);
    ret_key->text[local_len] = '@';
    memcpy(ret_key->text + local_len + 1, host, host_len);
    return IOC_FINE;
}
