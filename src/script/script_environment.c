/* script_environment.c - the variables of a usual Windows, as evaluators of several languages
 * assume them: what a user decides keeps its name. */
#include "script/script.h"

static const struct {
    const char *name;
    const char *value; /* NULL: cannot be known */
} environment[] = { { "windir", "C:\\Windows" }, { "systemroot", "C:\\Windows" },
    { "comspec", "C:\\Windows\\system32\\cmd.exe" }, { "systemdrive", "C:" }, { "homedrive", "C:" },
    { "public", "C:\\Users\\Public" }, { "programdata", "C:\\ProgramData" },
    { "allusersprofile", "C:\\ProgramData" }, { "programfiles", "C:\\Program Files" },
    { "programw6432", "C:\\Program Files" }, { "programfiles(x86)", "C:\\Program Files (x86)" },
    { "commonprogramfiles", "C:\\Program Files\\Common Files" }, { "os", "Windows_NT" },
    { "pathext", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC" },
    { "psmodulepath", "C:\\Program Files\\WindowsPowerShell\\Modules;"
                      "C:\\Windows\\system32\\WindowsPowerShell\\v1.0\\Modules" },
    { "processor_architecture", "AMD64" }, { "temp", "%TEMP%" }, { "tmp", "%TEMP%" },
    { "appdata", "%APPDATA%" }, { "localappdata", "%LOCALAPPDATA%" },
    { "userprofile", "%USERPROFILE%" }, { "homepath", "%HOMEPATH%" }, { "username", NULL },
    { "computername", NULL }, { "userdomain", NULL }, { "logonserver", NULL },
    { "userdnsdomain", NULL }, { "number_of_processors", NULL } };

bool script_environment(struct hn_text name, const char **ret_value)
{
    for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++) {
        if (!hn_text_eq_nocase(name, hn_text_cstr(environment[i].name)))
            continue;
        *ret_value = environment[i].value;
        return true;
    }
    return false;
}
