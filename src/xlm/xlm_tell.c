/* xlm_tell.c - what is told to the sink: each act, layer and note once, although ways that fork are
 * gone in part again; and of a tried day only what nobody gets by chance. */
#include "xlm/xlm_internal.h"

#include "base/hash.h"

#include <stdio.h>

#define GROWING_MAX 8u /* texts that grow side by side */
#define TEXT_LEAST  6u /* units of a text that is worth telling */

/* Whether this is new; remembered. */
static bool is_new(struct xl *ev, struct hn_map *map, struct hn_text what, uint64_t seed)
{
    uint64_t hash = hn_hash(what.ptr, what.len, seed);
    char digest[sizeof hash];
    struct hn_text key;
    uint32_t already;

    memcpy(digest, &hash, sizeof hash);
    if (hn_map_find(map, hn_text_of(digest, sizeof digest)) != HN_MAP_NONE)
        return false;
    key = hn_arena_text(&ev->run->arena, hn_text_of(digest, sizeof digest));
    return key.ptr != NULL && hn_map_put(map, key, 1, &already);
}

void xl_note(struct xl *ev, enum script_note_kind kind, uint64_t offset, const char *fmt, ...)
{
    char text[200];
    va_list args;
    int len;
    struct hn_text detail;

    if (ev->world != 0 || ev->notes >= XL_NOTES_MAX)
        return;
    va_start(args, fmt);
    len = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    detail = hn_text_of(text, len < 0                     ? 0
                              : (size_t)len < sizeof text ? (size_t)len
                                                          : sizeof text - 1);
    if (!is_new(ev, &ev->noted, detail, (uint64_t)kind))
        return;
    detail = hn_arena_text(&ev->run->arena, detail);
    if (detail.ptr == NULL)
        return;
    ev->notes++;
    script_tell_note(ev->run, kind, offset, detail);
}

/* ---- Worlds: what is no accident ---- */

static bool is_plain(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((uint8_t)text.ptr[i] < 0x20 || (uint8_t)text.ptr[i] >= 0x7Fu)
            return false;
    return text.len > 0;
}

/* "http://" and a host. */
static bool is_address(struct hn_text text)
{
    size_t at = hn_text_starts_nocase(text, HN_TEXT("https://"))  ? 8
                : hn_text_starts_nocase(text, HN_TEXT("http://")) ? 7
                                                                  : 0;

    return at > 0 && is_plain(text) && hn_text_find_char(text, '.', at) != SIZE_MAX &&
           hn_text_find_char(text, ' ', 0) == SIZE_MAX;
}

/* "C:\..." or "%TEMP%\..." */
static bool is_path(struct hn_text text)
{
    return is_plain(text) && text.len > 3 &&
           ((text.ptr[1] == ':' && (text.ptr[2] == '\\' || text.ptr[2] == '/')) ||
                   (text.ptr[0] == '%' && hn_text_find(text, HN_TEXT("%\\"), 0) != SIZE_MAX));
}

/* A line that begins with a program everybody has, or with a path. */
static bool is_command(struct hn_text text)
{
    static const struct hn_text programs[] = { HN_TEXT_INIT("cmd"), HN_TEXT_INIT("powershell"),
        HN_TEXT_INIT("mshta"), HN_TEXT_INIT("rundll32"), HN_TEXT_INIT("regsvr32"),
        HN_TEXT_INIT("wscript"), HN_TEXT_INIT("cscript"), HN_TEXT_INIT("certutil"),
        HN_TEXT_INIT("bitsadmin"), HN_TEXT_INIT("msiexec"), HN_TEXT_INIT("explorer"),
        HN_TEXT_INIT("wmic"), HN_TEXT_INIT("curl"), HN_TEXT_INIT("schtasks"), HN_TEXT_INIT("calc"),
        HN_TEXT_INIT("notepad") };

    if (text.len > 0 && text.ptr[0] == '"')
        text = hn_text_sub(text, 1, SIZE_MAX);
    for (size_t i = 0; i < HN_COUNT_OF(programs); i++) {
        char next = text.len > programs[i].len ? text.ptr[programs[i].len] : ' ';

        if (hn_text_starts_nocase(text, programs[i]) && (next == ' ' || next == '.'))
            return is_plain(text);
    }
    return is_path(text);
}

static bool is_no_accident(const struct script_act *act)
{
    bool sure = false;

    for (size_t i = 0; i < act->field_count; i++) {
        struct hn_text text = { act->fields[i].value->ptr, act->fields[i].value->len };

        if (act->fields[i].value->unknown && strcmp(act->fields[i].name, "Arguments") != 0)
            return false;
        sure = sure || is_address(text) || is_path(text) ||
               (strcmp(act->fields[i].name, "CommandLine") == 0 && is_command(text));
    }
    return sure;
}

/* ---- Texts that may be told at the end ---- */

/* Texts are looked at in the end only: one that grows by a character in each cell would have to be
 * made whole as often. It replaces what it has grown from. */
static void keep(struct xl *ev, const struct script_text *text, bool told)
{
    struct xl_text *slot = NULL;
    size_t first = ev->texts.count > GROWING_MAX ? ev->texts.count - GROWING_MAX : 0;

    for (size_t i = first; i < ev->texts.count && slot == NULL; i++) {
        if (ev->texts.ptr[i].text == text && ev->texts.ptr[i].told == told)
            return;
        if (text->left == ev->texts.ptr[i].text && text->left != NULL && !ev->texts.ptr[i].told)
            slot = &ev->texts.ptr[i];
    }
    if (slot == NULL && ev->texts.count < XL_TEXTS_MAX)
        slot = hn_vec_add(&ev->texts);
    if (slot != NULL)
        *slot = (struct xl_text){ text, told };
}

/* ---- Acts ---- */

bool xl_tell(struct xl *ev, const struct script_act *act)
{
    uint64_t hash = (uint64_t)act->kind + 1000;

    for (size_t i = 0; i < act->field_count; i++) {
        struct hn_text flat = script_text_flat(ev->run, act->fields[i].value);

        if (flat.ptr == NULL)
            return false;
        hash = hn_hash(flat.ptr, flat.len, hash + i);
    }
    if (ev->world != 0 && !is_no_accident(act))
        return false;
    if (!is_new(ev, &ev->told, HN_TEXT("act"), hash))
        return false;
    if (ev->world != 0)
        ev->world_acts++;
    for (size_t i = 0; i < act->field_count; i++)
        if (ev->world == 0 && act->fields[i].value->units >= TEXT_LEAST)
            keep(ev, act->fields[i].value, true);
    script_tell(ev->run, act);
    return true;
}

void xl_tell_field(struct xl *ev, enum script_act_kind kind, const struct xl_call *call,
        const char *name, const struct script_text *value)
{
    struct script_act act = script_act(ev->run, kind, call->offset, call->name);

    script_act_add(&act, name, value);
    (void)xl_tell(ev, &act);
}

void xl_tell_process(
        struct xl *ev, uint64_t offset, const char *via, const struct script_text *command)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_PROCESS, offset, via);
    struct script_layer layer = {
        .language = SCRIPT_COMMAND, .text = command, .how = via, .offset = offset
    };
    struct hn_text flat = script_text_flat(ev->run, command);

    if (flat.ptr == NULL || hn_text_trim(flat).len == 0)
        return;
    script_act_add(&act, "CommandLine", command);
    if (ev->source->host != NULL)
        script_act_add(&act, "ParentImage",
                script_text_borrow(ev->run, hn_text_cstr(ev->source->host), NULL));
    if (xl_tell(ev, &act))
        script_tell_layer(ev->run, &layer);
}

void xl_tell_http(struct xl *ev, uint64_t offset, const char *via, const struct script_text *url)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_HTTP, offset, via);

    script_act_add(&act, "Url", url);
    script_act_add(&act, "Method", script_text_borrow(ev->run, HN_TEXT("GET"), NULL));
    (void)xl_tell(ev, &act);
}

static enum script_language content_language(
        struct xl *ev, const struct script_text *name, const struct script_text *content)
{
    struct hn_text flat = script_text_flat(ev->run, content);
    struct hn_text named = script_text_flat(ev->run, name);

    if (flat.ptr != NULL && hn_text_starts(flat, HN_TEXT("MZ")))
        return SCRIPT_PROGRAM;
    return named.ptr != NULL ? script_language_of_file(named) : SCRIPT_UNKNOWN;
}

void xl_tell_write(struct xl *ev, uint64_t offset, const char *via, const struct script_text *name,
        const struct script_text *content, const struct script_text *url)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_FILE_WRITE, offset, via);
    struct hn_text flat = content != NULL ? script_text_flat(ev->run, content) : HN_TEXT("");
    struct hn_text named = script_text_flat(ev->run, name);
    bool told;

    script_act_add(&act, "TargetFilename", name);
    script_act_add(&act, "Url", url);
    told = xl_tell(ev, &act);
    if (flat.len == 0 || named.ptr == NULL || (ev->world != 0 && !told) ||
            !is_new(ev, &ev->told, flat, 1))
        return;
    script_tell_layer(
            ev->run, &(struct script_layer){ .language = content_language(ev, name, content),
                             .text = content,
                             .how = via,
                             .name = named,
                             .offset = offset });
}

void xl_tell_files(struct xl *ev)
{
    for (uint32_t i = 0; i < ev->file_count; i++) {
        const struct xl_file *file = &ev->files[i];

        if (file->content.has_value)
            xl_tell_write(ev, file->content.offset, "FWRITE", file->name,
                    xl_to_text(ev, file->content.value), NULL);
    }
}

/* ---- Texts ---- */

static bool is_worth_telling(const struct script_text *text)
{
    const struct script_origin *origin = text->origin;

    return text->units >= TEXT_LEAST && origin != NULL && strcmp(origin->step, "literal") != 0 &&
           strcmp(origin->step, "store") != 0;
}

void xl_keep_text(struct xl *ev, struct xl_value value)
{
    if (ev->world == 0 && ev->quiet == 0 && value.kind == XL_TEXT &&
            is_worth_telling(value.as.text))
        keep(ev, value.as.text, false);
}

void xl_consume_text(struct xl *ev, const struct script_text *text)
{
    if (ev->world == 0 && is_worth_telling(text))
        keep(ev, text, true);
}

static bool is_part_of_other(struct xl *ev, size_t index)
{
    struct hn_text part = script_text_flat(ev->run, ev->texts.ptr[index].text);

    for (size_t i = 0; i < ev->texts.count; i++) {
        struct hn_text whole = script_text_flat(ev->run, ev->texts.ptr[i].text);
        bool longer = whole.len > part.len || (whole.len == part.len && ev->texts.ptr[i].told);

        if (i == index || !longer)
            continue;
        if (!xl_spend(ev, 1 + whole.len / 256) || hn_text_find(whole, part, 0) != SIZE_MAX)
            return true;
    }
    return part.ptr == NULL;
}

/* A text that grows from cell to cell is told as what it came to. */
void xl_tell_texts(struct xl *ev)
{
    for (size_t i = 0; i < ev->texts.count && script_goes_on(ev->run); i++) {
        const struct script_text *text = ev->texts.ptr[i].text;

        if (!ev->texts.ptr[i].told && !is_part_of_other(ev, i) &&
                is_new(ev, &ev->told, script_text_flat(ev->run, text), 2))
            script_tell_text(ev->run, text);
    }
}
