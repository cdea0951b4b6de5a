/* container_shell.c - files of the Windows shell that point elsewhere: jump lists, and descriptions
 * in XML of libraries, saved searches, search connectors and pages of the settings. What they point
 * to is asked for as soon as a folder that holds them is looked at, or started on a click. */
#include "container/container_internal.h"

#include "base/xml.h"

#define SHORTCUTS_MAX 512u
#define XML_BYTES_MAX ((size_t)1 << 20)
#define VALUE_MAX     8192u
#define FOOTER_BYTES  4u
#define ELEMENTS_MAX  4096u

/* ---- Jump lists: [MS-SHLLINK] files, one after the other, each behind its class ---- */

static const char lnk_start[] = "\x4C\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xC0\x00\x00\x00"
                                "\x00\x00\x00\x46";
#define CLASS_AT  4u /* the class within it, which stands in front of each as well */
#define CLASS_LEN 16u

/* Where a shortcut ends whose successor, or whose list, begins at next. */
static size_t end_before(struct hn_text text, size_t from, size_t next)
{
    struct hn_text class_id = hn_text_of(lnk_start + CLASS_AT, CLASS_LEN);

    if (next - from > CLASS_LEN &&
            hn_text_eq(hn_text_sub(text, next - CLASS_LEN, CLASS_LEN), class_id))
        return next - CLASS_LEN;
    return next;
}

enum hn_status container_open_jump_list(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    static const struct hn_text start = { lnk_start, sizeof lnk_start - 1 };
    struct hn_bytes data = dissect_get(dissect, id)->data;
    struct hn_text text = hn_bytes_as_text(data);
    size_t end = data.len > FOOTER_BYTES ? data.len - FOOTER_BYTES : data.len;
    size_t at = hn_text_find(text, start, 0);
    enum hn_status status = HN_OK;
    uint32_t count = 0;

    for (; at != SIZE_MAX && status == HN_OK && count < SHORTCUTS_MAX; count++) {
        size_t next = hn_text_find(text, start, at + start.len);
        char name[24];
        struct container_entry out = { .name_is_utf8 = true,
            .relation = "entry",
            .format = DISSECT_LNK,
            .data = container_cut(
                    data, at, end_before(text, at, next != SIZE_MAX ? next : end) - at) };

        (void)snprintf(name, sizeof name, "%u.lnk", count + 1u);
        out.name = hn_text_cstr(name);
        status = container_add(dissect, id, &out, NULL);
        at = next;
    }
    if (count == 0)
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "there is no shortcut in the list");
    if (at != SIZE_MAX && status == HN_OK)
        dissect_note(dissect, id, DISSECT_NOTE_LIMIT, at, "more than %u shortcuts", SHORTCUTS_MAX);
    dissect_fact_u64(dissect, id, "entry_count", count);
    return status == HN_NOMEM ? hn_fail(err, status, 0, "out of memory") : HN_OK;
}

/* ---- Descriptions in XML ---- */

struct shell {
    struct dissect *dissect;
    uint32_t id;
    struct hn_xml xml;
    enum hn_status status;
};

/* Elements whose text, or attributes that, point elsewhere; attribute NULL: the text. */
static const struct {
    const char *element;
    const char *attribute;
    const char *fact;
} pointers[] = {
    { "url", NULL, "url" }, /* simpleLocation of libraries and connectors */
    { "iconReference", NULL, "icon_location" }, { "imageLink", NULL, "icon_location" },
    { "domain", NULL, "url" }, { "include", "path", "target" }, /* scope of a saved search */
    { "DeepLink", NULL, "command" },                            /* .SettingContent-ms */
    { "Icon", NULL, "icon_location" },
    { "serialized", NULL, "serialized" }, /* a folder as an encoded item list */
};

static struct hn_text unescaped(struct shell *shell, struct hn_text text)
{
    char *room;

    text = hn_text_trim(hn_text_sub(text, 0, VALUE_MAX));
    if (hn_xml_is_plain(text))
        return text;
    room = hn_arena_raw(dissect_arena(shell->dissect), text.len, 1);
    if (room == NULL) {
        shell->status = container_no_memory(shell->dissect, shell->id);
        return hn_text_of("", 0);
    }
    return hn_text_of(room, hn_xml_unescape(text, room, NULL));
}

/* The machine of \\host@SSL@8080\share\file, as a text of its own: what blocks it is its name. */
static void name_host(struct dissect *dissect, uint32_t id, struct hn_text path)
{
    struct hn_text host = hn_text_sub(path, 2, SIZE_MAX);
    size_t end = 0;

    while (end < host.len && strchr("\\/@", host.ptr[end]) == NULL)
        end++;
    dissect_text(dissect, id, "link", hn_text_sub(host, 0, end), HN_TEXT("unc"), DISSECT_NOWHERE);
}

void container_pointer(struct dissect *dissect, uint32_t id, const char *fact, struct hn_text value)
{
    bool share = hn_text_starts(value, HN_TEXT("\\\\")) && value.len > 2 && value.ptr[2] != '?' &&
                 value.ptr[2] != '.';

    if (value.len == 0)
        return;
    dissect_fact(dissect, id, fact, value);
    if (share || hn_text_find(value, HN_TEXT("://"), 0) != SIZE_MAX)
        dissect_fact(dissect, id, "remote_target", value);
    dissect_text(dissect, id, "link", value, HN_TEXT(""),
            container_offset_in(dissect_get(dissect, id)->data, hn_text_as_bytes(value)));
    if (share)
        name_host(dissect, id, value);
}

static void point(struct shell *shell, const char *fact, struct hn_text raw)
{
    struct hn_text value = unescaped(shell, raw);
    struct container_entry command = { .name = HN_TEXT_INIT("command"),
        .name_is_utf8 = true,
        .relation = "command",
        .format = DISSECT_COMMAND };

    container_pointer(shell->dissect, shell->id, fact, value);
    if (value.len == 0 || strcmp(fact, "command") != 0 || shell->status != HN_OK)
        return;
    value = hn_arena_text(dissect_arena(shell->dissect), value);
    command.data = hn_text_as_bytes(value);
    shell->status = value.ptr == NULL ? container_no_memory(shell->dissect, shell->id)
                                      : container_add(shell->dissect, shell->id, &command, NULL);
}

/* The current element's text follows it. */
static void on_element(struct shell *shell)
{
    struct hn_text name = shell->xml.name;
    const char *of_text = NULL;

    for (size_t i = 0; i < HN_COUNT_OF(pointers); i++) {
        if (!hn_text_eq_nocase(name, hn_text_cstr(pointers[i].element)))
            continue;
        if (pointers[i].attribute == NULL)
            of_text = pointers[i].fact;
        else
            point(shell, pointers[i].fact,
                    hn_xml_attr(&shell->xml, hn_text_cstr(pointers[i].attribute)));
    }
    if (of_text != NULL && hn_xml_next(&shell->xml) == HN_XML_TEXT)
        point(shell, of_text, shell->xml.text);
}

enum hn_status container_open_shell_xml(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_bytes data = dissect_get(dissect, id)->data;
    struct shell *shell = hn_new(dissect_arena(dissect), struct shell, 1);
    struct hn_text text = hn_bytes_as_text(data);
    enum hn_xml_kind kind = HN_XML_START;

    if (shell == NULL)
        return container_no_memory(dissect, id);
    *shell = (struct shell){ .dissect = dissect, .id = id };
    if (data.len >= 2 && data.ptr[0] == 0xFF && data.ptr[1] == 0xFE)
        text = container_utf16(dissect, container_cut(data, 2, data.len));
    else if (hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")))
        text = hn_text_sub(text, 3, SIZE_MAX);
    if (text.ptr == NULL)
        return container_no_memory(dissect, id);
    hn_xml_init(&shell->xml, hn_text_sub(text, 0, XML_BYTES_MAX));
    for (uint32_t i = 0; i < ELEMENTS_MAX && kind > HN_XML_END_OF_INPUT && shell->status == HN_OK;
            i++) {
        kind = hn_xml_next(&shell->xml);
        if (kind == HN_XML_START)
            on_element(shell);
    }
    if (kind == HN_XML_FAILED) {
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, shell->xml.pos, "%s",
                shell->xml.reason != NULL ? shell->xml.reason : "no XML");
    } else if (kind > HN_XML_END_OF_INPUT && shell->status == HN_OK) {
        dissect_note(dissect, id, DISSECT_NOTE_LIMIT, shell->xml.pos, "more than %u elements",
                ELEMENTS_MAX);
    }
    return shell->status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
