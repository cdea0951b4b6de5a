/* com_tell.c - what the objects tell: acts, layers, notes, and processes as CreateProcess finds
 * them. */
#include "com/com_internal.h"

#include "base/hash.h"

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

void com_layer(struct com *com, const struct script_layer *layer)
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
        com_layer(call->com, &layer);
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
    com_layer(com, &layer);
}
