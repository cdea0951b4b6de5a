/* com_tell.c - what the objects tell, and the machine that is assumed: paths of a usual Windows,
 * %NAME% where a user or choice decides. */
#include "com/com_internal.h"

#include "base/hash.h"
#include "base/sha256.h"

#include <stdarg.h>
#include <stdio.h>

void com_note(struct com *com, enum script_note_kind kind, uint64_t offset, const char *fmt, ...)
{
    char room[256];
    va_list args;
    struct hn_text text;
    uint64_t hash;

    va_start(args, fmt);
    (void)vsnprintf(room, sizeof room, fmt, args);
    va_end(args);
    text = hn_text_cstr(room);
    hash = hn_hash_text(text, (uint64_t)kind + 1);
    for (uint32_t i = 0; i < com->note_count; i++)
        if (com->noted[i] == hash) /* each is told once */
            return;
    if (com->note_count == COM_NOTES_MAX)
        return;
    com->noted[com->note_count++] = hash;
    text = hn_arena_text(&com->run->arena, text);
    if (text.ptr == NULL)
        return;
    if (com->host.note != NULL)
        com->host.note(com->host.ctx, kind, offset, text);
    else
        script_tell_note(com->run, kind, offset, text);
}

void com_note_hidden(const struct com_call *call, size_t index)
{
    if (com_has_arg(call, index) && com_arg_int(call, index, 1) == 0)
        com_note(call->com, SCRIPT_NOTE_EVASION, call->offset, "hidden window");
}

void com_tell(struct com *com, const struct script_act *act)
{
    if (com->host.tell != NULL)
        com->host.tell(com->host.ctx, act);
    else
        script_tell(com->run, act);
}

void com_tell_field(const struct com_call *call, enum script_act_kind kind, const char *via,
        const char *name, struct com_value value)
{
    struct script_act act = script_act(call->run, kind, call->offset, via);

    script_act_add(&act, name, com_text(call->com, &value));
    com_tell(call->com, &act);
}

static void tell_layer(struct com *com, const struct script_layer *layer)
{
    if (com->host.layer != NULL)
        com->host.layer(com->host.ctx, layer);
    else
        script_tell_layer(com->run, layer);
}

void com_tell_layer(const struct com_call *call, enum script_language language,
        const struct script_text *text, const char *how)
{
    struct script_layer layer = {
        .language = language, .text = text, .how = how, .offset = call->offset
    };

    if (text != NULL)
        tell_layer(call->com, &layer);
}

void com_tell_http(struct com *com, const struct script_text *url, uint64_t offset, const char *via)
{
    struct script_act act = script_act(com->run, SCRIPT_ACT_HTTP, offset, via);

    script_act_add(&act, "Url", url);
    script_act_add(&act, "Method", com_literal(com, "GET"));
    com_tell(com, &act);
}

/* ---- Processes ---- */

static const char *const system_programs[] = { "cmd", "mshta", "wscript", "cscript", "rundll32",
    "regsvr32", "certutil", "bitsadmin", "msiexec", "schtasks", "curl", "reg", "explorer", "wmic",
    "net", "taskkill", "forfiles", "notepad", "calc", "regasm", "installutil", "msbuild", "control",
    "odbcconf", "sc", "at", "ping", "cmstp", "ftp", "tar", "expand", "attrib" };

static bool is_system_program(struct hn_text stem)
{
    for (size_t i = 0; i < HN_COUNT_OF(system_programs); i++)
        if (hn_text_eq_nocase(stem, hn_text_cstr(system_programs[i])))
            return true;
    return false;
}

/* The first word of a command line, as CreateProcess would find it. */
static const struct script_text *image_of(struct com *com, struct hn_text command)
{
    struct hn_text word = hn_text_trim(command);
    struct hn_text stem;
    char room[300];
    struct hn_buf path = hn_buf_over(room, sizeof room);

    if (word.len > 0 && word.ptr[0] == '"') {
        word = hn_text_sub(word, 1, SIZE_MAX);
        word = hn_text_sub(word, 0, hn_text_find_char(word, '"', 0));
    } else {
        word = hn_text_sub(word, 0, hn_text_find_char(word, ' ', 0));
    }
    stem = hn_text_ends_nocase(word, HN_TEXT(".exe")) ? hn_text_sub(word, 0, word.len - 4) : word;
    if (hn_text_eq_nocase(stem, HN_TEXT("powershell")))
        hn_buf_add_lit(&path, "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\");
    else if (is_system_program(stem))
        hn_buf_add_lit(&path, "C:\\Windows\\System32\\");
    if (path.len > 0 || hn_text_find_char(word, '.', 0) == SIZE_MAX) {
        hn_buf_add_text(&path, stem);
        hn_buf_add_lit(&path, ".exe");
    } else {
        hn_buf_add_text(&path, word);
    }
    if (word.len == 0 || !hn_buf_ok(&path))
        return NULL;
    return script_text_new(com->run, hn_buf_text(&path), NULL);
}

void com_tell_process(struct com *com, const struct script_text *command, uint64_t offset,
        const char *via, const char *parent)
{
    struct script_act act = script_act(com->run, SCRIPT_ACT_PROCESS, offset, via);
    struct script_layer layer = {
        .language = SCRIPT_COMMAND, .text = command, .how = via, .offset = offset
    };
    struct hn_text flat = com_flat(com, com_value_text(command));

    if (hn_text_trim(flat).len == 0)
        return;
    script_act_add(&act, "Image", image_of(com, flat));
    script_act_add(&act, "CommandLine", command);
    if (parent == NULL && com->host.source != NULL)
        parent = com->host.source->host;
    if (parent == NULL)
        parent = com->host.image;
    if (parent != NULL)
        script_act_add(&act, "ParentImage", com_literal(com, parent));
    com_tell(com, &act);
    tell_layer(com, &layer);
}

/* ---- Files ---- */

struct hn_text com_reply_url(struct hn_text text)
{
    static const struct hn_text head = HN_TEXT_INIT("{reply of ");
    size_t start = hn_text_find(text, head, 0);
    size_t end = start;
    uint32_t depth = 0;

    if (start == SIZE_MAX)
        return HN_TEXT("");
    for (; end < text.len; end++) { /* the address may hold what is unknown itself */
        depth += text.ptr[end] == '{';
        depth -= text.ptr[end] == '}';
        if (depth == 0)
            return hn_text_sub(text, start + head.len, end - start - head.len);
    }
    return HN_TEXT("");
}

static struct com_file *file_of(struct com *com, struct hn_text path)
{
    struct com_file *file = com->files;

    while (file != NULL && !hn_text_eq_nocase(file->path, path))
        file = file->next;
    return file;
}

void com_keep_file(struct com *com, struct hn_text path, const struct script_text *content)
{
    struct com_file *file = file_of(com, path);

    if (path.len == 0)
        return;
    if (file == NULL && com->file_count < COM_FILES_MAX) {
        file = hn_new(&com->run->arena, struct com_file, 1);
        if (file == NULL)
            return;
        file->path = hn_arena_text(&com->run->arena, path);
        file->next = com->files;
        com->files = file;
        com->file_count++;
    }
    if (file != NULL)
        file->content = content;
}

const struct script_text *com_file_content(struct com *com, struct hn_text path)
{
    const struct com_file *file = file_of(com, path);

    (void)script_spend(com->run, 1 + com->file_count / 8);
    return file != NULL ? file->content : NULL;
}

/* Of what is known to the last byte: a text whose units are bytes is these. */
static void add_digest(struct com *com, struct script_act *act, const struct script_text *content)
{
    struct hn_bytes bytes;
    char hex[HN_SHA256_HEX_LEN];

    if (content == NULL || content->unknown || content->len == 0)
        return;
    if (!script_text_bytes(com->run, content, &bytes))
        bytes = hn_text_as_bytes(com_flat(com, com_value_text(content)));
    if (script_spend(com->run, 1 + bytes.len / 64) && hn_sha256_hex(bytes, hex))
        script_act_add(act, "Sha256",
                script_text_new(com->run, hn_text_of(hex, sizeof hex), content->origin));
}

static bool is_program(struct hn_text content)
{
    return hn_text_starts(content, HN_TEXT("MZ")) || hn_text_starts(content, HN_TEXT("\x7F"
                                                                                     "ELF"));
}

void com_tell_file(struct com *com, const struct script_text *path,
        const struct script_text *content, uint64_t offset, const char *via)
{
    struct script_act act = script_act(com->run, SCRIPT_ACT_FILE_WRITE, offset, via);
    struct hn_text flat = content != NULL ? com_flat(com, com_value_text(content)) : HN_TEXT("");
    struct hn_text url = content != NULL && content->unknown ? com_reply_url(flat) : HN_TEXT("");
    struct hn_text name = com_flat(com, com_value_text(path));
    struct script_layer layer = { .language = is_program(flat) ? SCRIPT_PROGRAM
                                                               : script_language_of_file(name),
        .text = content,
        .how = via,
        .name = name,
        .offset = offset };

    script_act_add(&act, "TargetFilename", path);
    if (url.len > 0)
        script_act_add(&act, "Url", script_text_new(com->run, url, content->origin));
    add_digest(com, &act, content);
    com_tell(com, &act);
    com_keep_file(com, name, content);
    if (content != NULL && flat.len > 0 && (url.len == 0 || url.len + 11 != flat.len))
        tell_layer(com, &layer);
}

/* ---- Environment ---- */

struct com_value com_environment(struct com *com, struct hn_text name, uint64_t offset)
{
    const struct com_value *set = com_prop(com, com->environment, name, false);
    const char *value;
    struct hn_text detail;
    struct script_act act;
    struct com_value known;

    if (set != NULL)
        return *set;
    if (com->host.variable != NULL && com->host.variable(com->host.ctx, name, &known))
        return known;
    detail = hn_arena_text(&com->run->arena, name);
    if (!script_environment(name, &value) || detail.ptr == NULL)
        return com_value_lit(com, ""); /* a variable nobody set */
    if (value != NULL) {
        return com_value_text(script_text_borrow(com->run, hn_text_cstr(value),
                script_origin_new(com->run, "environment", offset, detail, NULL, NULL)));
    }
    act = script_act(com->run, SCRIPT_ACT_ENVIRONMENT, offset, "Environ");
    script_act_add(&act, "Name", script_text_borrow(com->run, detail, NULL));
    com_tell(com, &act);
    return com_value_unknown(com, "%.*s", HN_TEXT_ARG(hn_text_sub(name, 0, 100)));
}

const struct script_text *com_expand(
        struct com *com, const struct script_text *text, uint64_t offset)
{
    struct hn_text rest = com_flat(com, com_value_text(text));
    const struct script_text *made;

    if (text == NULL || hn_text_find_char(rest, '%', 0) == SIZE_MAX)
        return text;
    made = com_literal(com, "");
    while (rest.len > 0 && made != NULL) {
        size_t first = hn_text_find_char(rest, '%', 0);
        size_t last = first == SIZE_MAX ? SIZE_MAX : hn_text_find_char(rest, '%', first + 1);
        struct com_value value;

        if (last == SIZE_MAX)
            break;
        value = com_environment(com, hn_text_sub(rest, first + 1, last - first - 1), offset);
        made = script_text_join(com->run, made,
                script_text_borrow(com->run, hn_text_sub(rest, 0, first), text->origin));
        if (com_flat(com, value).len == 0) { /* stays as it is */
            value = com_value_text(script_text_borrow(
                    com->run, hn_text_sub(rest, first, last - first + 1), text->origin));
        }
        if (made != NULL)
            made = com_join3(com, made, "", com_text(com, &value));
        rest = hn_text_sub(rest, last + 1, SIZE_MAX);
    }
    if (made != NULL)
        made = script_text_join(com->run, made, script_text_borrow(com->run, rest, text->origin));
    return made != NULL ? made : text;
}
