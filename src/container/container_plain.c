/* container_plain.c - plain texts: what is written in them is looked through for indicators, and
 * scripts of languages that nobody evaluates are said to be such. */
#include "container/container_internal.h"

#define TEXT_BYTES_MAX ((size_t)1 << 20)

struct hn_text container_as_text(struct dissect *dissect, struct hn_bytes data)
{
    struct hn_buf utf8 = { 0 };
    struct hn_text text;

    if (data.len >= 2 && data.ptr[0] == 0xFF && data.ptr[1] == 0xFE)
        return container_utf16(dissect, container_cut(data, 2, data.len));
    if (hn_text_starts(hn_bytes_as_text(data), HN_TEXT("\xEF\xBB\xBF")))
        data = container_cut(data, 3, data.len);
    container_name_utf8(&utf8, hn_bytes_as_text(data), false);
    text = hn_arena_text(dissect_arena(dissect), hn_buf_text(&utf8));
    hn_buf_deinit(&utf8);
    return text;
}

/* Languages whose interpreter runs a file by its name, on Windows or once installed. */
static const char *script_of_name(struct hn_text name)
{
    static const char *const endings[][2] = { { ".py", "Python" }, { ".pyw", "Python" },
        { ".au3", "AutoIt" }, { ".ahk", "AutoHotkey" }, { ".pl", "Perl" }, { ".rb", "Ruby" },
        { ".lua", "Lua" }, { ".php", "PHP" }, { ".sh", "shell" }, { ".tcl", "Tcl" },
        { ".kix", "KiXtart" }, { ".scpt", "AppleScript" }, { ".applescript", "AppleScript" },
        { ".cs", "C#" }, { ".nsi", "NSIS" }, { ".iss", "Inno Setup" } };

    for (size_t i = 0; i < HN_COUNT_OF(endings); i++)
        if (hn_text_ends_nocase(name, hn_text_cstr(endings[i][0])))
            return endings[i][1];
    return NULL;
}

enum hn_status container_open_text(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    const struct dissect_object *object = dissect_get(dissect, id);
    const char *script = script_of_name(hn_text_trim(object->name));
    struct hn_text text =
            container_as_text(dissect, container_cut(object->data, 0, TEXT_BYTES_MAX));

    (void)err;
    if (text.ptr == NULL)
        return container_no_memory(dissect, id);
    dissect_text(dissect, id, "body", text, HN_TEXT(""), DISSECT_NOWHERE);
    if (object->data.len > TEXT_BYTES_MAX)
        dissect_note(dissect, id, DISSECT_NOTE_LIMIT, TEXT_BYTES_MAX,
                "a text: what is behind its first MiB is not looked through");
    if (script != NULL)
        dissect_note(dissect, id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                "a script in %s, which nobody evaluates here: read it", script);
    return HN_OK;
}
