/* script_environment.c - the variables of a usual Windows, as the evaluators of all languages
 * assume them. */
#include "script/script.h"

#define HOME "C:\\Users\\{user}"

static const struct script_variable environment[] = {
    { "ALLUSERSPROFILE", "C:\\ProgramData", NULL },
    { "APPDATA", "%APPDATA%", HOME "\\AppData\\Roaming" },
    { "CommonProgramFiles", "C:\\Program Files\\Common Files", NULL },
    { "CommonProgramFiles(x86)", "C:\\Program Files (x86)\\Common Files", NULL },
    { "CommonProgramW6432", "C:\\Program Files\\Common Files", NULL },
    { "ComSpec", "C:\\Windows\\system32\\cmd.exe", NULL },
    { "DriverData", "C:\\Windows\\System32\\Drivers\\DriverData", NULL },
    { "HOMEDRIVE", "C:", NULL },
    { "HOMEPATH", "%HOMEPATH%", "\\Users\\{user}" },
    { "LOCALAPPDATA", "%LOCALAPPDATA%", HOME "\\AppData\\Local" },
    { "OS", "Windows_NT", NULL },
    { "Path",
            "C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem;C:\\Windows\\System32\\"
            "WindowsPowerShell\\v1.0\\",
            NULL },
    { "PATHEXT", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC;.CPL", NULL },
    { "PROCESSOR_ARCHITECTURE", "AMD64", NULL },
    { "ProgramData", "C:\\ProgramData", NULL },
    { "ProgramFiles", "C:\\Program Files", NULL },
    { "ProgramFiles(x86)", "C:\\Program Files (x86)", NULL },
    { "ProgramW6432", "C:\\Program Files", NULL },
    { "PSModulePath",
            "C:\\Program Files\\WindowsPowerShell\\Modules;"
            "C:\\Windows\\system32\\WindowsPowerShell\\v1.0\\Modules",
            NULL },
    { "PUBLIC", "C:\\Users\\Public", NULL },
    { "SESSIONNAME", "Console", NULL },
    { "SystemDrive", "C:", NULL },
    { "SystemRoot", "C:\\Windows", NULL },
    { "TEMP", "%TEMP%", HOME "\\AppData\\Local\\Temp" },
    { "TMP", "%TEMP%", HOME "\\AppData\\Local\\Temp" },
    { "USERPROFILE", "%USERPROFILE%", HOME },
    { "windir", "C:\\Windows", NULL },
    { "COMPUTERNAME", NULL, NULL },
    { "LOGONSERVER", NULL, NULL },
    { "NUMBER_OF_PROCESSORS", NULL, NULL },
    { "PROCESSOR_ARCHITEW6432", NULL, NULL },
    { "USERDNSDOMAIN", NULL, NULL },
    { "USERDOMAIN", NULL, NULL },
    { "USERNAME", NULL, NULL },
};

const struct script_variable *script_environment_at(size_t index)
{
    return index < sizeof environment / sizeof environment[0] ? &environment[index] : NULL;
}

bool script_environment(struct hn_text name, const char **ret_value)
{
    const struct script_variable *row;

    for (size_t i = 0; (row = script_environment_at(i)) != NULL; i++) {
        if (!hn_text_eq_nocase(name, hn_text_cstr(row->name)))
            continue;
        *ret_value = row->value;
        return true;
    }
    return false;
}
