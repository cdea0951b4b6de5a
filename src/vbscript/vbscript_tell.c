/* vbscript_tell.c - what is told to the sink: each note and text once. What objects of Windows tell
 * as well is told by src/com. */
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

void vb_tell_process(
        struct vb_eval *ev, uint32_t offset, const char *via, const struct script_text *command)
{
    com_tell_process(ev->com, command, offset, via, NULL);
}

void vb_tell_write(struct vb_eval *ev, uint32_t offset, const char *via,
        const struct script_text *name, const struct script_text *content)
{
    com_tell_file(ev->com, name, content, offset, via);
}

void vb_tell_http(
        struct vb_eval *ev, uint32_t offset, const char *via, const struct script_text *url)
{
    com_tell_http(ev->com, url, offset, via);
}

struct vb_value vb_environ(struct vb_eval *ev, struct hn_text name, uint32_t offset)
{
    struct com_value value = com_environment(ev->com, name, offset);

    return vb_from_com(ev, &value);
}
