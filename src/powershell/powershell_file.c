/* powershell_file.c - what a file holds that a script reads: one that it has written itself, or one
 * that came with the sample. */
#include "powershell/powershell_internal.h"

/* UTF-16 with a mark, as Windows editors save scripts. */
struct hn_text ps_as_utf8(struct script_run *run, struct hn_text text)
{
    const uint8_t *at = (const uint8_t *)text.ptr;
    bool big = text.len >= 2 && at[0] == 0xFE && at[1] == 0xFF;
    uint16_t *units;
    const struct script_text *made;

    if (text.len < 2 || !(big || (at[0] == 0xFF && at[1] == 0xFE)))
        return text;
    units = hn_new(&run->arena, uint16_t, text.len / 2);
    if (units == NULL)
        return text;
    for (size_t i = 1; i < text.len / 2; i++)
        units[i - 1] = (uint16_t)(big ? (unsigned)at[2 * i] << 8 | at[2 * i + 1]
                                      : at[2 * i] | (unsigned)at[2 * i + 1] << 8);
    made = script_text_from_units(run, units, text.len / 2 - 1, NULL);
    return made != NULL ? script_text_flat(run, made) : text;
}

static struct ps_value lines_of(struct ps *ps, struct hn_text text)
{
    struct ps_array *lines = ps_array_new(ps, 16);
    struct hn_text line;

    while (hn_text_line(&text, &line) && script_spend(ps->run, 1))
        ps_array_add(ps, lines, ps_text_of(ps, line, NULL));
    return ps_of_array(lines);
}

struct ps_value ps_file_read(
        struct ps *ps, const char *via, const struct ps_value *path, enum ps_file_form form)
{
    struct hn_text name = hn_text_trim(ps_flat(ps, path));
    const struct ps_value *known = ps_file_find(ps, name);
    const struct script_origin *origin;
    struct hn_text text;

    if (known != NULL)
        return *known;
    ps_act(ps, SCRIPT_ACT_FILE_READ, via, "TargetFilename", path, NULL, NULL);
    if (!script_file(ps->source, name, &text) || !script_spend(ps->run, text.len / 64))
        return ps_unknown(ps, "content of %.*s", (int)(name.len < 200 ? name.len : 200), name.ptr);
    name = hn_arena_text(&ps->run->arena, name);
    origin = script_origin_new(ps->run, "file", SCRIPT_NOWHERE, name, NULL, NULL);
    if (form == PS_FILE_BYTES)
        return ps_bytes_value(ps, hn_text_as_bytes(text), origin);
    text = ps_as_utf8(ps->run, text);
    if (hn_text_starts(text, T("\xEF\xBB\xBF")))
        text = hn_text_sub(text, 3, SIZE_MAX);
    if (form == PS_FILE_LINES)
        return lines_of(ps, text);
    return ps_text(script_text_new(ps->run, text, origin));
}
