/* js_clipboard.c - pages that put a command line into the clipboard and tell people to paste it
 * into Run or a terminal ("ClickFix"). What is copied is a layer where it starts a shell or the
 * like; everything else that pages copy is nobody's business. */
#include "jscript/jscript_internal.h"

static bool starts_shell(struct hn_text line)
{
    static const char *const names[] = { "powershell", "pwsh", "cmd", "mshta", "msiexec", "curl",
        "wscript", "cscript", "rundll32", "regsvr32", "conhost", "certutil", "bitsadmin", "wmic",
        "ssh", "forfiles", "wt", "finger", "nslookup", "net", "pushd", "start", "bash",
        "osascript" };
    size_t end = 0;
    size_t name = 0;

    line = hn_text_trim(line);
    while (line.len > 0 && (line.ptr[0] == '"' || line.ptr[0] == '&' || line.ptr[0] == ' '))
        line = hn_text_sub(line, 1, line.len);
    while (end < line.len && (unsigned char)line.ptr[end] > ' ' && line.ptr[end] != '"') {
        if (line.ptr[end] == '\\' || line.ptr[end] == '/')
            name = end + 1;
        end++;
    }
    if (end == line.len) /* a word without arguments starts nothing of interest */
        return false;
    line = hn_text_sub(line, name, end - name);
    if (hn_text_ends_nocase(line, HN_TEXT(".exe")))
        line.len -= 4;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if (hn_text_eq_nocase(line, hn_text_cstr(names[i])))
            return true;
    return false;
}

static void tell_copied(struct js_state *state, const struct js_value *value)
{
    struct script_layer layer = {
        .language = SCRIPT_COMMAND, .how = "clipboard", .offset = state->offset
    };

    if (js_is_unknown(value) || !starts_shell(js_flat(state, value)))
        return;
    layer.text = js_to_text(state, value);
    script_tell_layer(state->run, &layer);
}

static void tell_xml(struct js_state *state, const struct js_value *value)
{
    struct script_layer layer = { .language = SCRIPT_UNKNOWN,
        .how = "loadXML",
        .name = HN_TEXT_INIT("loadXML.xml"),
        .offset = state->offset };

    if (js_is_unknown(value) ||
            hn_text_find_nocase(js_flat(state, value), HN_TEXT("script"), 0) == SIZE_MAX)
        return;
    layer.text = js_to_text(state, value);
    script_tell_layer(state->run, &layer);
}

void js_handed_set(struct js_state *state, struct hn_text name, const struct js_value *value)
{
    if (hn_text_eq(name, HN_TEXT("value")) || hn_text_eq(name, HN_TEXT("textContent")) ||
            hn_text_eq(name, HN_TEXT("innerText")))
        state->shown = *value;
}

void js_handed_call(struct js_state *state, struct hn_text name, const struct js_args *args)
{
    struct js_value first = js_arg(args, 0);
    struct js_value second = js_arg(args, 1);

    if (hn_text_eq(name, HN_TEXT("loadXML")))
        tell_xml(state, &first);
    else if (hn_text_eq(name, HN_TEXT("writeText")))
        tell_copied(state, &first);
    else if (hn_text_eq(name, HN_TEXT("setData")))
        tell_copied(state, &second);
    else if (hn_text_eq(name, HN_TEXT("execCommand")) &&
             hn_text_eq_nocase(js_flat(state, &first), HN_TEXT("copy")))
        tell_copied(state, &state->shown);
}
