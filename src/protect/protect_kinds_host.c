/* protect_kinds_host.c - rules on what stays on a machine: files, digests of programs, registry.
 *
 * What differs from user to user and machine to machine is taken off paths and keys. */
#include "protect/protect_internal.h"

/* ---- Values ---- */

/* Variables of the environment and folders of users, as the end of a path shows them. */
static const char *const folders[][2] = {
    { "%localappdata%", "\\AppData\\Local" },
    { "%appdata%", "\\AppData\\Roaming" },
    { "%temp%", "\\Temp" },
    { "%tmp%", "\\Temp" },
    { "%userprofile%", "" },
    { "%public%", "\\Users\\Public" },
    { "%programdata%", "\\ProgramData" },
    { "%allusersprofile%", "\\ProgramData" },
    { "%systemroot%", "\\Windows" },
    { "%windir%", "\\Windows" },
    { "$env:localappdata", "\\AppData\\Local" },
    { "$env:appdata", "\\AppData\\Roaming" },
    { "$env:temp", "\\Temp" },
    { "$env:tmp", "\\Temp" },
    { "$env:userprofile", "" },
    { "$env:public", "\\Users\\Public" },
    { "$env:programdata", "\\ProgramData" },
    { "{env:temp}", "\\Temp" },
};

#define NAME_MIN 6 /* bytes of a file name that stands alone, with its ending */

/* Appends the path from behind the user's folder on. */
static void add_path_tail(struct hn_buf *out, struct hn_text path)
{
    size_t users = hn_text_find_nocase(path, HN_TEXT("\\Users\\"), 0);

    for (size_t i = 0; i < HN_COUNT_OF(folders); i++) {
        struct hn_text variable = hn_text_cstr(folders[i][0]);

        if (!hn_text_starts_nocase(path, variable))
            continue;
        hn_buf_add_cstr(out, folders[i][1]);
        hn_buf_add_text(out, hn_text_sub(path, variable.len, path.len));
        return;
    }
    if (users != SIZE_MAX) {
        size_t user = users + sizeof "\\Users\\" - 1;
        size_t behind = hn_text_find_char(path, '\\', user);
        struct hn_text name = hn_text_sub(path, user, behind == SIZE_MAX ? 0 : behind - user);

        if (behind != SIZE_MAX && !hn_text_eq_nocase(name, HN_TEXT("Public")))
            path = hn_text_sub(path, behind, path.len);
        else
            path = hn_text_sub(path, users, path.len);
    } else if (path.len > 2 && path.ptr[1] == ':') {
        path = hn_text_sub(path, 2, path.len);
    } else if (path.len > 0 && path.ptr[0] != '\\') {
        hn_buf_add_char(out, '\\'); /* a bare name, in whatever folder */
    }
    hn_buf_add_text(out, path);
}

static bool value_of_path(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    (void)about;
    if (one->role != PROTECT_DROPPED || !protect_is(one, EXTRACT_PATH) ||
            hn_text_find_char(one->value, '{', 0) != SIZE_MAX)
        return false;
    add_path_tail(out, one->value);
    return out->len >= NAME_MIN && out->ptr[0] == '\\';
}

/* Behind the hive: Sysmon names users' hives by their numbers. */
static bool value_of_key(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    static const char *const hives[] = { "HKCU\\", "HKLM\\", "HKCR\\", "HKU\\",
        "HKEY_CURRENT_USER\\", "HKEY_LOCAL_MACHINE\\", "HKEY_CLASSES_ROOT\\", "HKEY_USERS\\" };

    (void)about;
    if (one->role != PROTECT_REGISTRY || !protect_is(one, EXTRACT_REGISTRY))
        return false;
    for (size_t i = 0; i < HN_COUNT_OF(hives); i++) {
        struct hn_text hive = hn_text_cstr(hives[i]);

        if (!hn_text_starts_nocase(one->value, hive))
            continue;
        hn_buf_add_text(out, hn_text_sub(one->value, hive.len - 1, one->value.len));
        return true;
    }
    return false;
}

static bool value_of_program_hash(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    bool program = one->role == PROTECT_DROPPED;

    if (!protect_is(one, EXTRACT_SHA256))
        return false;
    if (one->role == PROTECT_SAMPLE && about->tree != NULL &&
            one->object < dissect_count(about->tree))
        program = dissect_get(about->tree, one->object)->format == DISSECT_PE;
    if (!program)
        return false;
    hn_buf_add_text(out, one->value);
    return true;
}

/* ---- Events ---- */

void protect_sysmon_open(struct hn_json_out *json, struct hn_buf *out, unsigned event_id)
{
    *json = hn_json_out_over(out);
    hn_json_open(json, '{');
    hn_json_pair(json, "Channel", HN_TEXT("Microsoft-Windows-Sysmon/Operational"));
    hn_json_pair(json, "Provider_Name", HN_TEXT("Microsoft-Windows-Sysmon"));
    hn_json_pair_u64(json, "EventID", event_id);
    hn_json_pair(json, "Computer", HN_TEXT("PC017.corp.example"));
}

void protect_sysmon_close(struct hn_json_out *json)
{
    hn_json_close(json, '}');
    hn_buf_add_char(json->buf, '\n');
}

static void file_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    struct hn_buf path = { 0 };
    struct hn_json_out json;

    hn_buf_add_lit(&path, "C:\\Users\\h.kobayashi");
    hn_buf_add_text(&path, one == NULL ? HN_TEXT("\\Documents\\minutes.docx") : value);
    protect_sysmon_open(&json, out, 11);
    hn_json_pair(&json, "Image",
            HN_TEXT("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"));
    hn_json_pair(&json, "TargetFilename", hn_buf_text(&path));
    protect_sysmon_close(&json);
    hn_buf_deinit(&path);
}

static void registry_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    struct hn_buf key = { 0 };
    struct hn_json_out json;

    hn_buf_add_lit(&key, "HKU\\S-1-5-21-1417-2001-3006-1117");
    hn_buf_add_text(&key, one == NULL
                                  ? HN_TEXT("\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\"
                                            "OneDrive")
                                  : value);
    protect_sysmon_open(&json, out, 13);
    hn_json_pair(&json, "EventType", HN_TEXT("SetValue"));
    hn_json_pair(&json, "Image", HN_TEXT("C:\\Windows\\System32\\reg.exe"));
    hn_json_pair(&json, "TargetObject", hn_buf_text(&key));
    hn_json_pair(
            &json, "Details", one == NULL || one->details.len == 0 ? HN_TEXT("x") : one->details);
    protect_sysmon_close(&json);
    hn_buf_deinit(&key);
}

static void hash_event(struct hn_buf *out, unsigned event_id, const struct protect_indicator *one,
        struct hn_text value)
{
    struct hn_buf hashes = { 0 };
    struct hn_json_out json;

    hn_buf_add_lit(&hashes, "SHA256=");
    if (one == NULL)
        hn_buf_add_repeat(&hashes, '7', 64);
    else
        hn_buf_add_text(&hashes, value);
    protect_sysmon_open(&json, out, event_id);
    hn_json_pair(&json, "Image", HN_TEXT("C:\\Users\\h.kobayashi\\AppData\\a.exe"));
    if (event_id == 7)
        hn_json_pair(&json, "ImageLoaded", HN_TEXT("C:\\Users\\h.kobayashi\\AppData\\a.dll"));
    else
        hn_json_pair(&json, "CommandLine", HN_TEXT("a.exe"));
    hn_json_pair(&json, "Hashes", hn_buf_text(&hashes));
    protect_sysmon_close(&json);
    hn_buf_deinit(&hashes);
}

static void process_hash_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    hash_event(out, 1, one, value);
}

static void library_hash_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    hash_event(out, 7, one, value);
}

/* ---- The kinds ---- */

#define NEXT_EN                                                                        \
    {                                                                                  \
        "Isolate the machine, then follow the process that did it, up and down.",      \
                "Keep a copy of the file for analysis; look for it on other machines." \
    }
#define NEXT_JA                                                                                  \
    {                                                                                            \
        "端末を隔離し、該当プロセスの親子関係をたどる。",                                        \
                "ファイルを解析用に保全し、他の端末にもないか調べる。" \
    }

const struct protect_rule_kind protect_host_kinds[] = {
    { .slug = "file_written",
            .title = "File of an Analysed Sample Written",
            .description = "A program writes a file where an analysed sample writes one.",
            .logsource = "    category: file_event\n    product: windows\n",
            .fields = { { "TargetFilename|endswith", NULL } },
            .trace = "host_artefact",
            .level = "high",
            .tags = "attack.command-and-control attack.t1105",
            .why_en = "The analysed sample would write a file of this name to this folder.",
            .why_ja = "解析した検体がこの場所にこの名前のファイルを作成する。",
            .next_en = NEXT_EN,
            .next_ja = NEXT_JA,
            .false_en = "A program that happens to use the same folder and name.",
            .false_ja = "同じフォルダーと名前を偶然使うプログラム。",
            .format = "json",
            .value = value_of_path,
            .event = file_event },
    { .slug = "registry_set",
            .title = "Registry Value of an Analysed Sample Set",
            .description = "A program sets a registry value that an analysed sample sets.",
            .logsource = "    category: registry_set\n    product: windows\n",
            .fields = { { "TargetObject|endswith", NULL } },
            .trace = "host_artefact",
            .level = "high",
            .tags = "attack.persistence attack.t1547.001",
            .why_en = "The analysed sample would set this value.",
            .why_ja = "解析した検体がこの値を設定する。",
            .next_en = NEXT_EN,
            .next_ja = NEXT_JA,
            .false_en = "A program that uses the same name for its value.",
            .false_ja = "同じ名前の値を使うプログラム。",
            .format = "json",
            .value = value_of_key,
            .event = registry_event },
    { .slug = "hash_process",
            .title = "Program of an Analysed Sample Started",
            .description = "A program starts whose digest is that of one in an analysed sample.",
            .logsource = "    category: process_creation\n    product: windows\n",
            .fields = { { "sha256", NULL } },
            .trace = "hash",
            .level = "critical",
            .tags = "attack.execution attack.t1204.002",
            .why_en = "It is the very file.",
            .why_ja = "検体と同一のファイルである。",
            .next_en = NEXT_EN,
            .next_ja = NEXT_JA,
            .false_en = "None, unless the sample was judged wrongly.",
            .false_ja = "検体の判定が誤りでない限りない。",
            .format = "json",
            .value = value_of_program_hash,
            .event = process_hash_event },
    { .slug = "hash_library",
            .title = "Library of an Analysed Sample Loaded",
            .description = "A library is loaded whose digest is that of one in an analysed sample.",
            .logsource = "    category: image_load\n    product: windows\n",
            .fields = { { "sha256", NULL } },
            .trace = "hash",
            .level = "critical",
            .tags = "attack.execution attack.t1204.002",
            .why_en = "It is the very file.",
            .why_ja = "検体と同一のファイルである。",
            .next_en = NEXT_EN,
            .next_ja = NEXT_JA,
            .false_en = "None, unless the sample was judged wrongly.",
            .false_ja = "検体の判定が誤りでない限りない。",
            .format = "json",
            .value = value_of_program_hash,
            .event = library_hash_event },
};
const size_t protect_host_kind_count = HN_COUNT_OF(protect_host_kinds);
