/* container_settings.c - files of settings that act when they are opened: remote desktop (.rdp),
 * web queries (.iqy), registry (.reg) and set-up information (.inf). */
#include "container/container_internal.h"

#include "base/utf.h"

#define LINES_MAX       65536u
#define VALUES_MAX      1024u
#define NAME_BYTES_MAX  1024u
#define VALUE_BYTES_MAX ((size_t)16 << 10)

static void add_command(
        struct dissect *dissect, uint32_t id, struct hn_text line, enum hn_status *status)
{
    struct container_entry out = { .name = HN_TEXT_INIT("command"),
        .name_is_utf8 = true,
        .relation = "command",
        .format = DISSECT_COMMAND };
    struct hn_text kept = hn_arena_text(dissect_arena(dissect), hn_text_trim(line));

    out.data = hn_text_as_bytes(kept);
    if (kept.ptr == NULL)
        *status = container_no_memory(dissect, id);
    else if (kept.len > 0 && *status == HN_OK)
        *status = container_add(dissect, id, &out, NULL);
}

/* ---- Remote desktop: "name:type:value" ---- */

static void rdp_line(struct dissect *dissect, uint32_t id, struct hn_text line)
{
    static const struct {
        const char *key;
        const char *fact;
    } keys[] = {
        { "full address:s:", "rdp_address" },
        { "alternate full address:s:", "rdp_address" },
        { "gatewayhostname:s:", "rdp_gateway" },
        { "remoteapplicationprogram:s:", "rdp_program" },
        { "remoteapplicationname:s:", "rdp_program_name" },
        { "remoteapplicationcmdline:s:", "rdp_program_arguments" },
        { "alternate shell:s:", "rdp_program" },
        { "drivestoredirect:s:", "rdp_drives" },
        { "username:s:", "rdp_user" },
        { "redirectclipboard:i:", "rdp_clipboard" },
        { "signature:s:", "rdp_signature" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        struct hn_text value;

        if (!hn_text_starts_nocase(line, hn_text_cstr(keys[i].key)))
            continue;
        value = hn_text_trim(hn_text_sub(line, strlen(keys[i].key), NAME_BYTES_MAX));
        if (value.len == 0)
            return;
        dissect_fact(dissect, id, keys[i].fact, value);
        if (i <= 2)
            dissect_text(dissect, id, "link", value, HN_TEXT(""), DISSECT_NOWHERE);
        return;
    }
}

enum hn_status container_open_rdp(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_text rest = container_as_text(dissect, dissect_get(dissect, id)->data);
    struct hn_text line;

    (void)err;
    if (rest.ptr == NULL)
        return container_no_memory(dissect, id);
    for (uint32_t i = 0; i < LINES_MAX && hn_text_line(&rest, &line); i++)
        rdp_line(dissect, id, hn_text_trim(line));
    return HN_OK;
}

/* ---- Web queries: the kind, a version, the address, what is sent ---- */

enum hn_status container_open_iqy(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_text rest = container_as_text(dissect, dissect_get(dissect, id)->data);
    struct hn_buf relation = { 0 };
    struct hn_text line;

    (void)err;
    if (rest.ptr == NULL)
        return container_no_memory(dissect, id);
    for (uint32_t i = 0; i < 16 && hn_text_line(&rest, &line); i++) {
        line = hn_text_trim(line);
        if (hn_text_find(line, HN_TEXT("://"), 0) == SIZE_MAX &&
                !hn_text_starts(line, HN_TEXT("\\\\")))
            continue;
        dissect_fact(dissect, id, "external_url", line);
        hn_buf_add_lit(&relation, "web_query ");
        hn_buf_add_text(&relation, line);
        dissect_fact(dissect, id, "external_relation", hn_buf_text(&relation));
        hn_buf_deinit(&relation);
        dissect_text(dissect, id, "link", line, HN_TEXT(""), DISSECT_NOWHERE);
        break;
    }
    return HN_OK;
}

/* ---- Registry ---- */

struct registry {
    struct dissect *dissect;
    uint32_t id;
    struct script_run run;
    struct hn_text whole;
    struct hn_buf key;
    uint32_t values;
    enum hn_status status;
};

static void on_act(void *ctx, const struct script_act *act)
{
    struct registry *reg = ctx;

    dissect_act(reg->dissect, reg->id, &reg->run, act);
}

/* As logs write it. */
static void set_key(struct registry *reg, struct hn_text key)
{
    static const char *const hives[][2] = { { "HKEY_LOCAL_MACHINE", "HKLM" },
        { "HKEY_CURRENT_USER", "HKCU" }, { "HKEY_CLASSES_ROOT", "HKCR" }, { "HKEY_USERS", "HKU" } };

    hn_buf_reset(&reg->key);
    for (size_t i = 0; i < HN_COUNT_OF(hives); i++) {
        if (!hn_text_starts_nocase(key, hn_text_cstr(hives[i][0])))
            continue;
        hn_buf_add_cstr(&reg->key, hives[i][1]);
        key = hn_text_sub(key, strlen(hives[i][0]), SIZE_MAX);
        break;
    }
    hn_buf_add_text(&reg->key, hn_text_sub(key, 0, NAME_BYTES_MAX));
}

/* A text in quotes at the start of line, its escapes undone; the length it took, 0 for none. */
static size_t quoted(struct hn_text line, struct hn_buf *out)
{
    size_t at = 1;

    if (line.len < 2 || line.ptr[0] != '"')
        return 0;
    for (; at < line.len && line.ptr[at] != '"'; at++) {
        if (line.ptr[at] == '\\' && at + 1 < line.len)
            at++;
        if (out->len < VALUE_BYTES_MAX)
            hn_buf_add_char(out, line.ptr[at]);
    }
    return at < line.len ? at + 1 : line.len;
}

/* Values that are command lines, run at the start, at sign-in or instead of something. */
static bool runs(struct hn_text key)
{
    static const char *const parts[] = { "\\CurrentVersion\\Run", "\\Winlogon", "\\open\\command",
        "\\Image File Execution Options\\", "\\Command Processor", "\\Policies\\Explorer\\Run",
        "\\Environment", "\\Active Setup\\" };

    for (size_t i = 0; i < HN_COUNT_OF(parts); i++)
        if (hn_text_find_nocase(key, hn_text_cstr(parts[i]), 0) != SIZE_MAX)
            return true;
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* "hex(2):6d,00,\" and its further lines: a text in UTF-16. False: it is none. */
static bool hex_text(const struct registry *reg, struct hn_text line, struct hn_buf *out)
{
    struct hn_text rest = hn_text_sub(reg->whole, (size_t)(line.ptr - reg->whole.ptr), SIZE_MAX);
    struct hn_buf bytes = { 0 };
    bool more = false; /* behind a backslash */

    if (!hn_text_starts_nocase(rest, HN_TEXT("hex(1):")) &&
            !hn_text_starts_nocase(rest, HN_TEXT("hex(2):")) &&
            !hn_text_starts_nocase(rest, HN_TEXT("hex(7):")))
        return false;
    for (size_t at = 7; at < rest.len && bytes.len < VALUE_BYTES_MAX; at++) {
        char c = rest.ptr[at];

        if (at + 1 < rest.len && hex_digit(c) >= 0 && hex_digit(rest.ptr[at + 1]) >= 0) {
            hn_buf_add_char(&bytes, (char)(hex_digit(c) << 4 | hex_digit(rest.ptr[at + 1])));
            more = false;
            at++;
        } else if (c == '\\') {
            more = true;
        } else if ((c == '\n' || c == '\r') ? !more : strchr(", \t", c) == NULL) {
            break;
        }
    }
    (void)hn_utf16le_to_utf8(out, hn_bytes_of(bytes.ptr, bytes.len));
    hn_buf_deinit(&bytes);
    while (out->len > 0 && out->ptr[out->len - 1] == '\0')
        out->len--;
    return true;
}

static void registry_value(struct registry *reg, struct hn_text line)
{
    struct hn_buf target = { 0 };
    struct hn_buf value = { 0 };
    struct script_act act = script_act(&reg->run, SCRIPT_ACT_REGISTRY_WRITE,
            container_offset_in(hn_text_as_bytes(reg->whole), hn_text_as_bytes(line)), "reg file");
    size_t at = line.ptr[0] == '@' ? 1 : 0;
    bool text;

    hn_buf_add_text(&target, hn_buf_text(&reg->key));
    hn_buf_add_char(&target, '\\');
    if (at == 0)
        at = quoted(line, &target);
    else
        hn_buf_add_lit(&target, "(Default)");
    line = hn_text_trim(hn_text_sub(line, at, SIZE_MAX));
    if (line.len > 0 && line.ptr[0] == '=')
        line = hn_text_trim(hn_text_sub(line, 1, SIZE_MAX));
    text = quoted(line, &value) > 0 || hex_text(reg, line, &value);
    if (!text)
        hn_buf_add_text(&value, hn_text_sub(line, 0, VALUE_BYTES_MAX));
    script_act_add(&act, "TargetObject", script_text_new(&reg->run, hn_buf_text(&target), NULL));
    script_act_add(&act, "Details", script_text_new(&reg->run, hn_buf_text(&value), NULL));
    script_tell(&reg->run, &act);
    if (text && runs(hn_buf_text(&reg->key)))
        add_command(reg->dissect, reg->id, hn_buf_text(&value), &reg->status);
    else if (text)
        dissect_text(reg->dissect, reg->id, "strings", hn_buf_text(&value), HN_TEXT(""),
                DISSECT_NOWHERE);
    hn_buf_deinit(&value);
    hn_buf_deinit(&target);
}

enum hn_status container_open_reg(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct registry reg = { .dissect = dissect, .id = id };
    struct script_sink sink = { .ctx = &reg, .on_act = on_act };
    struct hn_text rest;
    struct hn_text line;

    reg.whole = container_as_text(dissect, dissect_get(dissect, id)->data);
    if (reg.whole.ptr == NULL)
        return container_no_memory(dissect, id);
    rest = reg.whole;
    script_run_init(&reg.run, &script_limits_default, &sink);
    for (uint32_t i = 0; i < LINES_MAX && reg.status == HN_OK && hn_text_line(&rest, &line); i++) {
        line = hn_text_trim(line);
        if (line.len > 1 && line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
            set_key(&reg, hn_text_sub(line, 1, line.len - 2));
        } else if (line.len > 0 && (line.ptr[0] == '"' || line.ptr[0] == '@')) {
            if (reg.values++ >= VALUES_MAX) {
                dissect_note(dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                        "more than %u values", VALUES_MAX);
                break;
            }
            registry_value(&reg, line);
        }
    }
    script_run_deinit(&reg.run);
    hn_buf_deinit(&reg.key);
    return reg.status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}

/* ---- Set-up information ---- */

/* "path,NI,parameter" of a RegisterOCXs section: NI registers with /n /i. */
static void inf_line(struct dissect *dissect, uint32_t id, struct hn_text line, bool commands,
        enum hn_status *status)
{
    size_t at = hn_text_find_nocase(line, HN_TEXT(",NI,"), 0);
    struct hn_buf command = { 0 };

    if (commands) {
        add_command(dissect, id, line, status);
    } else if (at != SIZE_MAX && hn_text_find_char(line, '=', 0) > at) {
        struct hn_text library = hn_text_sub(line, 0, at);

        if (hn_text_starts(library, HN_TEXT("%11%\\"))) /* the system's folder */
            library = hn_text_sub(library, 5, SIZE_MAX);
        hn_buf_add_lit(&command, "regsvr32.exe /s /n /i:");
        hn_buf_add_text(&command, hn_text_trim(hn_text_sub(line, at + 4, SIZE_MAX)));
        hn_buf_add_char(&command, ' ');
        hn_buf_add_text(&command, library);
        add_command(dissect, id, hn_buf_text(&command), status);
    }
    hn_buf_deinit(&command);
}

enum hn_status container_open_inf(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_text whole = container_as_text(dissect, dissect_get(dissect, id)->data);
    struct hn_text sections = HN_TEXT("");
    struct hn_text rest = whole;
    struct hn_text line;
    enum hn_status status = HN_OK;
    bool commands = false;

    if (whole.ptr == NULL)
        return container_no_memory(dissect, id);
    dissect_text(dissect, id, "body", hn_text_sub(whole, 0, VALUE_BYTES_MAX), HN_TEXT(""),
            DISSECT_NOWHERE);
    for (uint32_t i = 0; i < LINES_MAX && status == HN_OK && hn_text_line(&rest, &line); i++) {
        line = hn_text_trim(line);
        if (line.len == 0 || line.ptr[0] == ';')
            continue;
        if (line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
            struct hn_text name = hn_text_sub(line, 1, line.len - 2);

            commands = name.len > 0 && hn_text_find_nocase(sections, name, 0) != SIZE_MAX;
        } else if (hn_text_starts_nocase(line, HN_TEXT("RunPreSetupCommands")) ||
                   hn_text_starts_nocase(line, HN_TEXT("RunPostSetupCommands"))) {
            sections = hn_text_sub(line, hn_text_find_char(line, '=', 0), SIZE_MAX);
        } else {
            inf_line(dissect, id, line, commands, &status);
        }
    }
    return status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
