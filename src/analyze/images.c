/* images.c - programs as logs name them: scripts write "powershell", Sysmon writes the whole path
 * and the name that the file had when it was made. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"

#define SYSTEM32 "C:\\Windows\\System32\\"
#define OFFICE   "C:\\Program Files\\Microsoft Office\\root\\Office16\\"

static const struct {
    const char *name; /* without .exe */
    const char *path;
    const char *original; /* OriginalFileName */
} programs[] = {
    { "powershell", SYSTEM32 "WindowsPowerShell\\v1.0\\powershell.exe", "PowerShell.EXE" },
    { "pwsh", "C:\\Program Files\\PowerShell\\7\\pwsh.exe", "pwsh.dll" },
    { "cmd", SYSTEM32 "cmd.exe", "Cmd.Exe" },
    { "mshta", SYSTEM32 "mshta.exe", "MSHTA.EXE" },
    { "wscript", SYSTEM32 "wscript.exe", "wscript.exe" },
    { "cscript", SYSTEM32 "cscript.exe", "cscript.exe" },
    { "rundll32", SYSTEM32 "rundll32.exe", "RUNDLL32.EXE" },
    { "regsvr32", SYSTEM32 "regsvr32.exe", "REGSVR32.EXE" },
    { "certutil", SYSTEM32 "certutil.exe", "CertUtil.exe" },
    { "bitsadmin", SYSTEM32 "bitsadmin.exe", "bitsadmin.exe" },
    { "schtasks", SYSTEM32 "schtasks.exe", "schtasks.exe" },
    { "msiexec", SYSTEM32 "msiexec.exe", "msiexec.exe" },
    { "wmic", SYSTEM32 "wbem\\WMIC.exe", "wmic.exe" },
    { "wmiprvse", SYSTEM32 "wbem\\WmiPrvSE.exe", "Wmiprvse.exe" },
    { "curl", SYSTEM32 "curl.exe", "curl.exe" },
    { "reg", SYSTEM32 "reg.exe", "reg.exe" },
    { "net", SYSTEM32 "net.exe", "net.exe" },
    { "hh", "C:\\Windows\\hh.exe", "HH.exe" },
    { "explorer", "C:\\Windows\\explorer.exe", "EXPLORER.EXE" },
    { "notepad", SYSTEM32 "notepad.exe", "NOTEPAD.EXE" },
    { "calc", SYSTEM32 "calc.exe", "CALC.EXE" },
    { "forfiles", SYSTEM32 "forfiles.exe", "forfiles.exe" },
    { "odbcconf", SYSTEM32 "odbcconf.exe", "odbcconf.exe" },
    { "msdt", SYSTEM32 "msdt.exe", "msdt.exe" },
    { "installutil", "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\InstallUtil.exe",
            "InstallUtil.exe" },
    { "winword", OFFICE "WINWORD.EXE", "WinWord.exe" },
    { "excel", OFFICE "EXCEL.EXE", "Excel.exe" },
    { "powerpnt", OFFICE "POWERPNT.EXE", "POWERPNT.EXE" },
    { "outlook", OFFICE "OUTLOOK.EXE", "Outlook.exe" },
    { "onenote", OFFICE "ONENOTE.EXE", "OneNote.exe" },
    { "visio", OFFICE "VISIO.EXE", "Visio.exe" },
    { "eqnedt32", "C:\\Program Files\\Common Files\\Microsoft Shared\\EQUATION\\EQNEDT32.EXE",
            "EQNEDT32.EXE" },
};

static struct hn_text base_name(struct hn_text path)
{
    size_t at = path.len;

    while (at > 0 && path.ptr[at - 1] != '\\' && path.ptr[at - 1] != '/')
        at--;
    path = hn_text_sub(path, at, SIZE_MAX);
    return hn_text_ends_nocase(path, HN_TEXT(".exe")) ? hn_text_sub(path, 0, path.len - 4) : path;
}

static size_t row_of(struct hn_text image)
{
    struct hn_text name = base_name(image);
    size_t row = 0;

    while (row < HN_COUNT_OF(programs) &&
            !hn_text_eq_nocase(name, hn_text_cstr(programs[row].name)))
        row++;
    return row;
}

struct hn_text analyze_image_of_command(struct hn_text line)
{
    size_t end;

    line = hn_text_trim(line);
    if (line.len > 0 && line.ptr[0] == '"') {
        end = hn_text_find_char(line, '"', 1);
        return hn_text_sub(line, 1, end == SIZE_MAX ? SIZE_MAX : end - 1);
    }
    end = 0;
    while (end < line.len && line.ptr[end] != ' ' && line.ptr[end] != '\t')
        end++;
    return hn_text_sub(line, 0, end);
}

struct hn_text analyze_image_path(struct hn_text image, char room[ANALYZE_PATH_ROOM])
{
    size_t row = row_of(image);
    bool whole = hn_text_find_char(image, '\\', 0) != SIZE_MAX;
    struct hn_buf out = hn_buf_over(room, ANALYZE_PATH_ROOM);

    if (!whole && row < HN_COUNT_OF(programs))
        return hn_text_cstr(programs[row].path);
    if (whole || image.len == 0 || image.len > ANALYZE_PATH_ROOM - 32)
        return hn_text_sub(image, 0, ANALYZE_PATH_ROOM - 32);
    /* Somewhere on the path: rules look for "\name.exe". */
    hn_buf_add_lit(&out, "?:\\");
    hn_buf_add_text(&out, image);
    if (hn_text_find_char(image, '.', 0) == SIZE_MAX)
        hn_buf_add_lit(&out, ".exe");
    return hn_buf_text(&out);
}

const char *analyze_original_name(struct hn_text image)
{
    size_t row = row_of(image);

    return row < HN_COUNT_OF(programs) ? programs[row].original : NULL;
}

struct hn_text analyze_host_of_url(struct hn_text url)
{
    size_t start = hn_text_find(url, HN_TEXT("://"), 0);
    size_t end;
    size_t at;

    if (start == SIZE_MAX)
        return hn_text_of(url.ptr, 0);
    url = hn_text_sub(url, start + 3, SIZE_MAX);
    for (end = 0; end < url.len && url.ptr[end] != '/' && url.ptr[end] != '?' &&
                  url.ptr[end] != '#' && url.ptr[end] != '\\';)
        end++;
    url = hn_text_sub(url, 0, end);
    at = hn_text_find_char(url, '@', 0);
    if (at != SIZE_MAX)
        url = hn_text_sub(url, at + 1, SIZE_MAX);
    if (url.len > 0 && url.ptr[0] != '[') {
        at = hn_text_find_char(url, ':', 0);
        url = hn_text_sub(url, 0, at);
    }
    return url;
}
