/* vbscript_tell.c - what is told to the sink, and the machine that is assumed: paths of a usual
 * Windows, %NAME% where a user or choice decides. */
#include "vbscript/vbscript_internal.h"

#include "base/hash.h"

#include <stdio.h>

void vb_note(struct vb_eval *ev, enum script_note_kind kind, uint32_t offset, const char *fmt, ...)
{
    char text[256];
    va_list args;
    int len;
    struct hn_text key;
    uint32_t already = 0;

    text[0] = (char)('A' + (int)kind);
    va_start(args, fmt);
    len = vsnprintf(text + 1, sizeof text - 1, fmt, args);
    va_end(args);
    if (len < 0 || ev->notes >= VB_NOTES_MAX)
        return;
    key = hn_text_of(text, (size_t)len < sizeof text - 2 ? (size_t)len + 1 : sizeof text - 1);
    if (hn_map_find(&ev->noted, key) != HN_MAP_NONE) /* each is told once */
        return;
    key = hn_arena_text(&ev->run->arena, key);
    if (key.ptr == NULL || !hn_map_put(&ev->noted, key, 1, &already))
        return;
    ev->notes++;
    script_tell_note(ev->run, kind, offset, hn_text_sub(key, 1, SIZE_MAX));
}

const struct script_text *vb_join3(struct vb_eval *ev, const struct script_text *a, const char *mid,
        const struct script_text *b)
{
    const struct script_text *text =
            script_text_join(ev->run, a, script_text_borrow(ev->run, hn_text_cstr(mid), NULL));

    return text != NULL ? script_text_join(ev->run, text, b) : a;
}

/* Texts that decoding made: once each, and not what stands in the source. */
void vb_tell_text(struct vb_eval *ev, struct vb_value value)
{
    struct hn_text flat;
    uint32_t already = 0;
    char digest[8];
    uint64_t hash;
    struct hn_text key;

    if (value.kind != VB_TEXT || value.as.text == NULL || value.as.text->units < 6 ||
            value.as.text->origin == NULL || strcmp(value.as.text->origin->step, "literal") == 0 ||
            ev->texts >= VB_TEXTS_MAX)
        return;
    flat = script_text_flat(ev->run, value.as.text);
    if (flat.ptr == NULL || !vb_spend(ev, flat.len))
        return;
    hash = hn_hash(flat.ptr, flat.len, 0);
    memcpy(digest, &hash, sizeof hash);
    key = hn_text_of(digest, sizeof digest);
    if (hn_map_find(&ev->told, key) != HN_MAP_NONE)
        return;
    key = hn_arena_text(&ev->run->arena, key);
    if (key.ptr == NULL || !hn_map_put(&ev->told, key, 1, &already))
        return;
    ev->texts++;
    script_tell_text(ev->run, value.as.text);
}

/* ---- Acts ---- */

void vb_tell_field(struct vb_eval *ev, enum script_act_kind kind, uint32_t offset, const char *via,
        const char *name, struct vb_value value)
{
    struct script_act act = script_act(ev->run, kind, offset, via);

    script_act_add(&act, name, vb_to_text(ev, value));
    script_tell(ev->run, &act);
}

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
static const struct script_text *image_of(struct vb_eval *ev, struct hn_text command)
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
    return script_text_new(ev->run, hn_buf_text(&path), NULL);
}

void vb_tell_process(struct vb_eval *ev, uint32_t offset, const char *via,
        const struct script_text *command, const char *parent)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_PROCESS, offset, via);
    struct script_layer layer = {
        .language = SCRIPT_COMMAND, .text = command, .how = via, .offset = offset
    };
    struct hn_text flat = script_text_flat(ev->run, command);

    if (flat.ptr == NULL || hn_text_trim(flat).len == 0)
        return;
    script_act_add(&act, "Image", image_of(ev, flat));
    script_act_add(&act, "CommandLine", command);
    if (parent == NULL)
        parent = ev->source->host;
    if (parent != NULL)
        script_act_add(
                &act, "ParentImage", script_text_borrow(ev->run, hn_text_cstr(parent), NULL));
    script_tell(ev->run, &act);
    script_tell_layer(ev->run, &layer);
}

struct hn_text vb_reply_url(struct hn_text text)
{
    static const struct hn_text head = HN_TEXT_INIT("{reply of ");

    if (!hn_text_starts(text, head) || !hn_text_ends(text, HN_TEXT("}")))
        return HN_TEXT("");
    return hn_text_sub(text, head.len, text.len - head.len - 1);
}

static enum script_language content_language(
        struct vb_eval *ev, const struct script_text *name, const struct script_text *content)
{
    struct hn_text flat = script_text_flat(ev->run, content);
    enum script_language language = script_language_of_file(script_text_flat(ev->run, name));

    if (flat.ptr != NULL &&
            (hn_text_starts(flat, HN_TEXT("MZ")) || hn_text_starts(flat, HN_TEXT("\x7F"
                                                                                 "ELF"))))
        return SCRIPT_PROGRAM;
    return language;
}

/* content NULL: of no known content. */
void vb_tell_write(struct vb_eval *ev, uint32_t offset, const char *via,
        const struct script_text *name, const struct script_text *content)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_FILE_WRITE, offset, via);
    struct hn_text flat = content != NULL ? script_text_flat(ev->run, content) : HN_TEXT("");
    struct hn_text url = flat.ptr != NULL ? vb_reply_url(flat) : HN_TEXT("");
    struct hn_text named = script_text_flat(ev->run, name);

    script_act_add(&act, "TargetFilename", name);
    if (content != NULL && url.len > 0)
        script_act_add(&act, "Url", script_text_new(ev->run, url, content->origin));
    script_tell(ev->run, &act);
    if (content == NULL || flat.len == 0 || url.len > 0)
        return;
    script_tell_layer(
            ev->run, &(struct script_layer){ .language = content_language(ev, name, content),
                             .text = content,
                             .how = via,
                             .name = named.ptr != NULL ? named : HN_TEXT(""),
                             .offset = offset });
}

void vb_tell_http(struct vb_eval *ev, uint32_t offset, const char *via, const char *method,
        const struct script_text *url)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_HTTP, offset, via);

    script_act_add(&act, "Url", url);
    script_act_add(&act, "Method", script_text_new(ev->run, hn_text_cstr(method), NULL));
    script_tell(ev->run, &act);
}

/* ---- Environment ---- */

struct vb_value vb_environ(struct vb_eval *ev, struct hn_text name, uint32_t offset)
{
    const char *value;
    struct hn_text detail = hn_arena_text(&ev->run->arena, name);

    if (!script_environment(name, &value) || detail.ptr == NULL)
        return vb_lit(ev, ""); /* a variable nobody set */
    if (value != NULL)
        return vb_text(script_text_borrow(ev->run, hn_text_cstr(value),
                script_origin_new(ev->run, "environment", offset, detail, NULL, NULL)));
    vb_tell_field(ev, SCRIPT_ACT_ENVIRONMENT, offset, "Environ", "Name", vb_text_of(ev, name));
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(hn_text_sub(name, 0, 100)));
}

/* %NAME% in a text. */
const struct script_text *vb_expand(struct vb_eval *ev, const struct script_text *text)
{
    struct hn_text rest = script_text_flat(ev->run, text);
    const struct script_text *made = NULL;

    if (rest.ptr == NULL || hn_text_find_char(rest, '%', 0) == SIZE_MAX)
        return text;
    made = script_text_borrow(ev->run, HN_TEXT(""), NULL);
    while (rest.len > 0 && made != NULL) {
        size_t first = hn_text_find_char(rest, '%', 0);
        size_t last = first == SIZE_MAX ? SIZE_MAX : hn_text_find_char(rest, '%', first + 1);
        struct vb_value value;

        if (last == SIZE_MAX)
            break;
        value = vb_environ(ev, hn_text_sub(rest, first + 1, last - first - 1), 0);
        made = script_text_join(ev->run, made,
                script_text_borrow(ev->run, hn_text_sub(rest, 0, first), text->origin));
        if (value.kind == VB_TEXT && value.as.text->len == 0) /* stays as it is */
            value = vb_text(script_text_borrow(
                    ev->run, hn_text_sub(rest, first, last - first + 1), text->origin));
        if (made != NULL)
            made = script_text_join(ev->run, made, vb_to_text(ev, value));
        rest = hn_text_sub(rest, last + 1, SIZE_MAX);
    }
    if (made != NULL)
        made = script_text_join(ev->run, made, script_text_borrow(ev->run, rest, text->origin));
    return made != NULL ? made : text;
}
