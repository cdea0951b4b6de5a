/* protect_process.c - rules on how a sample starts programs: which program starts which, and what
 * its command line has in common with the next one of the same kind.
 *
 * Names, addresses and encoded scripts of this sample are left out of the shape; what stays are the
 * arguments an attacker needs (encoded, hidden, from the web). A shape without any is not offered:
 * it would be every start of that program. */
#include "protect/protect_internal.h"

#define SHAPES_MAX        16u
#define FEATURES_MAX      5u
#define COMMAND_SHOWN_MAX 2000u
#define EXPORT_MAX        40u

/* Arguments that say something, by how they are looked for; modifiers as in Sigma. */
struct feature {
    const char *needle; /* found in the command line, without case */
    const char *value;  /* as the rule has it */
    bool windash;
};

static const struct feature features[] = {
    { "frombase64string", "FromBase64String", false },
    { "downloadstring", "DownloadString", false },
    { "downloadfile", "DownloadFile", false },
    { "downloaddata", "DownloadData", false },
    { "invoke-webrequest", "Invoke-WebRequest", false },
    { "start-bitstransfer", "Start-BitsTransfer", false },
    { "invoke-expression", "Invoke-Expression", false },
    { "iex", "iex", false },
    { "hidden", "hidden", false },
    { "bypass", "bypass", false },
    { "-urlcache", "-urlcache", true },
    { "/transfer", "-transfer", true },
    { "javascript:", "javascript:", false },
    { "vbscript:", "vbscript:", false },
    { "scrobj.dll", "scrobj.dll", false },
    { "process call create", "process call create", false },
    { "/e:", "/e:", false },
    { "\\appdata\\", "\\AppData\\", false },
    { "\\temp\\", "\\Temp\\", false },
    { "\\users\\public\\", "\\Users\\Public\\", false },
    { "\\programdata\\", "\\ProgramData\\", false },
    { "%temp%", "%temp%", false },
    { "%appdata%", "%appdata%", false },
    { "http://", "http", false },
    { "https://", "http", false },
};

struct shape {
    char parent[64];
    char image[64];
    const char *values[FEATURES_MAX];
    bool windash[FEATURES_MAX];
    size_t count;
    char entry[EXPORT_MAX + 2]; /* ",Control_RunDLL"; empty */
    bool encoded;
};

static struct hn_text base_name(struct hn_text path)
{
    size_t start = path.len;

    while (start > 0 && path.ptr[start - 1] != '\\' && path.ptr[start - 1] != '/')
        start--;
    return hn_text_sub(path, start, path.len);
}

/* "powershell.exe" of "C:\...\powershell -e ..." or "\"C:\a b\x.exe\" y", in lower case. */
static bool program_of(struct hn_text command, char *out, size_t room)
{
    size_t end;
    struct hn_text name;
    bool ending;

    command = hn_text_trim(command);
    if (command.len > 0 && command.ptr[0] == '"') {
        end = hn_text_find_char(command, '"', 1);
        name = hn_text_sub(command, 1, (end == SIZE_MAX ? command.len : end) - 1);
    } else {
        end = hn_text_find_char(command, ' ', 0);
        name = hn_text_sub(command, 0, end);
    }
    name = base_name(name);
    ending = hn_text_find_char(name, '.', 0) != SIZE_MAX;
    if (name.len < 2 || name.len + 5 > room)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];

        if (c <= ' ' || c >= 0x7F || c == '\'' || c == '{' || c == '*' || c == '?' || c == '%')
            return false;
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    memcpy(out + name.len, ending ? "" : ".exe", ending ? 1 : 5);
    return true;
}

static bool is_wmi(const struct protect_indicator *one)
{
    return one->via != NULL && strstr(one->via, "Win32_Process") != NULL;
}

static void find_parent(
        const struct protect_case *about, const struct protect_indicator *one, struct shape *shape)
{
    uint32_t id = one->object;

    if (one->details.len > 0 && program_of(one->details, shape->parent, sizeof shape->parent))
        return;
    if (is_wmi(one)) {
        memcpy(shape->parent, "wmiprvse.exe", sizeof "wmiprvse.exe");
        return;
    }
    while (about->tree != NULL && id != PROTECT_NONE && id < dissect_count(about->tree)) {
        const struct dissect_object *object = dissect_get(about->tree, id);
        const char *program = dissect_format_program(object->format);

        if (program != NULL) {
            memcpy(shape->parent, program, strlen(program) + 1);
            return;
        }
        id = object->parent;
    }
}

/* Any prefix of -EncodedCommand with something long behind it. */
static bool has_encoded_argument(struct hn_text command)
{
    static const char word[] = "encodedcommand";

    for (size_t pos = 1; pos + 2 < command.len; pos++) {
        size_t len = 0;

        if ((command.ptr[pos] != '-' && command.ptr[pos] != '/') || command.ptr[pos - 1] != ' ')
            continue;
        while (len + 1 < sizeof word && pos + 1 + len < command.len &&
                (command.ptr[pos + 1 + len] | 0x20) == word[len])
            len++;
        if (len == 1 && pos + 2 < command.len && (command.ptr[pos + 2] | 0x20) == 'c')
            len = 2; /* -ec */
        if (len > 0 && pos + 1 + len < command.len && command.ptr[pos + 1 + len] == ' ' &&
                command.len - pos > 40)
            return true;
    }
    return false;
}

/* The function of a library that rundll32 is to call. */
static void find_entry(struct hn_text command, struct shape *shape)
{
    size_t comma = hn_text_find_char(command, ',', 0);
    size_t len = 0;

    if (strcmp(shape->image, "rundll32.exe") != 0 || comma == SIZE_MAX)
        return;
    shape->entry[0] = ',';
    while (len < EXPORT_MAX && comma + 1 + len < command.len) {
        char c = command.ptr[comma + 1 + len];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '#'))
            break;
        shape->entry[1 + len++] = c;
    }
    shape->entry[len == 0 ? 0 : 1 + len] = '\0';
}

static bool is_office(const char *program)
{
    return strcmp(program, "winword.exe") == 0 || strcmp(program, "excel.exe") == 0 ||
           strcmp(program, "powerpnt.exe") == 0 || strcmp(program, "onenote.exe") == 0;
}

static bool make_shape(
        const struct protect_case *about, const struct protect_indicator *one, struct shape *shape)
{
    memset(shape, 0, sizeof *shape);
    if (!program_of(one->value, shape->image, sizeof shape->image))
        return false;
    find_parent(about, one, shape);
    shape->encoded = has_encoded_argument(one->value);
    find_entry(one->value, shape);
    for (size_t i = 0; i < HN_COUNT_OF(features) && shape->count < FEATURES_MAX; i++) {
        bool again = false;

        if (hn_text_find_nocase(one->value, hn_text_cstr(features[i].needle), 0) == SIZE_MAX)
            continue;
        for (size_t k = 0; k < shape->count; k++)
            again = again || strcmp(shape->values[k], features[i].value) == 0;
        if (again)
            continue;
        shape->windash[shape->count] = features[i].windash;
        shape->values[shape->count++] = features[i].value;
    }
    if (shape->parent[0] == '\0' && shape->count + shape->encoded < 2)
        return false;
    return shape->count > 0 || shape->encoded || shape->entry[0] != '\0' ||
           is_office(shape->parent);
}

static void add_image(struct hn_buf *out, const char *field, const char *program)
{
    struct hn_buf value = { 0 };

    hn_buf_addf(&value, "\\%s", program);
    hn_buf_addf(out, "        %s|endswith: ", field);
    protect_add_yaml_value(out, hn_buf_text(&value));
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&value);
}

static void add_contained(struct hn_buf *out, const char *value)
{
    hn_buf_add_lit(out, "            - ");
    protect_add_yaml_value(out, hn_text_cstr(value));
    hn_buf_add_char(out, '\n');
}

static void add_selection(struct hn_buf *out, const struct shape *shape)
{
    size_t plain = shape->entry[0] != '\0' ? 1 : 0;

    hn_buf_add_lit(out, "    selection:\n");
    if (shape->parent[0] != '\0')
        add_image(out, "ParentImage", shape->parent);
    add_image(out, "Image", shape->image);
    for (size_t i = 0; i < shape->count; i++)
        plain += !shape->windash[i];
    if (plain > 0)
        hn_buf_add_lit(out, "        CommandLine|contains|all:\n");
    if (shape->entry[0] != '\0')
        add_contained(out, shape->entry);
    for (size_t i = 0; i < shape->count; i++) {
        if (!shape->windash[i])
            add_contained(out, shape->values[i]);
    }
    if (shape->encoded)
        hn_buf_add_lit(out, "    selection_encoded:\n        CommandLine|contains|windash:\n"
                            "            - ' -e'\n");
    for (size_t i = 0; i < shape->count; i++) {
        if (!shape->windash[i])
            continue;
        hn_buf_addf(out, "    selection_%zu:\n        CommandLine|contains|windash:\n", i);
        add_contained(out, shape->values[i]);
    }
    hn_buf_add_lit(out, "    condition: all of selection*\n");
}

static void process_event(
        struct hn_buf *out, const char *parent, const char *image, struct hn_text command)
{
    struct hn_buf path = { 0 };
    struct hn_json_out json;

    protect_sysmon_open(&json, out, 1);
    hn_buf_addf(&path, "C:\\Windows\\System32\\%s", image);
    hn_json_pair(&json, "Image", hn_buf_text(&path));
    hn_json_pair(&json, "CommandLine", hn_text_sub(command, 0, COMMAND_SHOWN_MAX));
    hn_buf_reset(&path);
    hn_buf_addf(&path, "C:\\Program Files\\%s", parent);
    hn_json_pair(&json, "ParentImage", hn_buf_text(&path));
    protect_sysmon_close(&json);
    hn_buf_deinit(&path);
}

static const struct protect_rule_kind process_kind = {
    .slug = "process",
    .title = "Program Started as by an Analysed Sample",
    .description = "A program starts another in the way that an analysed sample does: same parent, "
                   "same program, same telling arguments.",
    .logsource = "    category: process_creation\n    product: windows\n",
    .trace = "ttp",
    .level = "high",
    .tags = "attack.execution attack.t1059",
    .why_en = "Names and addresses change from wave to wave; which program starts which, and with "
              "what arguments, stays.",
    .why_ja = "名前や接続先は波ごとに変わるが、どのプログラムが何を引数にして何を起動するかは変わり"
              "にくい。",
    .next_en = { "Decode the command line and see what it asks for (hinomi decode).",
            "Isolate the machine if the parent is an Office program or WMI." },
    .next_ja = { "コマンドラインをデコードし、通信先を確認する(hinomi decode)。",
            "親が Office や WMI であれば端末を隔離する。" },
    .false_en = "A deployment or inventory tool that starts programs in the same way.",
    .false_ja = "同じ方法でプログラムを起動する配布・資産管理ツール。",
    .format = "json",
};

static void make_rule(const struct protect_case *about, const struct protect_indicator *one,
        const struct shape *shape, struct protect_rules *rules)
{
    struct protect_draft draft = { .about = about, .kind = &process_kind };
    const char *parent = shape->parent[0] == '\0' ? "winword.exe" : shape->parent;
    struct hn_buf event = { 0 };

    add_selection(&draft.selection, shape);
    hn_buf_add_text(&draft.identity, hn_buf_text(&draft.selection));
    process_event(&event, parent, shape->image, one->value);
    protect_draft_test(&draft, "the command line of the sample", true, hn_buf_text(&event));
    hn_buf_reset(&event);
    process_event(&event, "services.exe", "svchost.exe",
            HN_TEXT("C:\\Windows\\System32\\svchost.exe -k netsvcs -p"));
    protect_draft_test(&draft, "another program", false, hn_buf_text(&event));
    protect_draft_end(&draft, rules);
    hn_buf_deinit(&event);
    protect_draft_deinit(&draft);
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
    bool same = strcmp(a->parent, b->parent) == 0 && strcmp(a->image, b->image) == 0 &&
                strcmp(a->entry, b->entry) == 0 && a->encoded == b->encoded && a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++)
        same = a->values[i] == b->values[i];
    return same;
}

void protect_rules_process(
        const struct protect_case *about, bool reserved, struct protect_rules *rules)
{
    struct shape *shapes = hn_new(&rules->arena, struct shape, SHAPES_MAX);
    size_t count = 0;

    for (size_t i = 0; shapes != NULL && i < about->indicator_count && count < SHAPES_MAX; i++) {
        const struct protect_indicator *one = &about->indicators[i];
        bool again = false;

        if (one->role != PROTECT_PROCESS || one->kind != PROTECT_COMMAND ||
                !protect_is_usable(one, reserved) || !make_shape(about, one, &shapes[count]))
            continue;
        for (size_t k = 0; k < count; k++)
            again = again || same_shape(&shapes[k], &shapes[count]);
        if (!again)
            make_rule(about, one, &shapes[count++], rules);
    }
}
