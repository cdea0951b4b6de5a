/* fill_registry.c - registry keys and data as Sysmon writes them.
 *
 * Sysmon abbreviates the roots and the control set (HKLM\System\CurrentControlSet), joins key and
 * value name, and shows data as "DWORD (0x00000001)", "QWORD (...)", "Binary Data" or the text. */
#include "event/event_internal.h"

#include "base/num.h"

#include <stdio.h>

static const struct {
    const char *root;
    const char *short_root;
} roots[] = {
    { "\\REGISTRY\\MACHINE", "HKLM" },
    { "\\REGISTRY\\USER", "HKU" },
    { "REGISTRY\\MACHINE", "HKLM" },
    { "REGISTRY\\USER", "HKU" },
    { "HKEY_LOCAL_MACHINE", "HKLM" },
    { "HKEY_USERS", "HKU" },
    { "HKEY_CURRENT_USER\\S-1-", "HKU\\S-1-" },
    { "HKEY_CURRENT_USER", "HKCU" },
    { "HKEY_CLASSES_ROOT", "HKCR" },
};

/* Appends text to out, of which *used bytes are taken. */
static void put(char *out, size_t *used, struct hn_text text)
{
    if (text.len > 0)
        memcpy(out + *used, text.ptr, text.len);
    *used += text.len;
}

/* Takes a known root off *key; what Sysmon writes for it, or nothing. */
static struct hn_text take_root(struct hn_text *key)
{
    for (size_t i = 0; i < HN_COUNT_OF(roots); i++) {
        struct hn_text root = hn_text_cstr(roots[i].root);

        if (hn_text_starts_nocase(*key, root)) {
            *key = hn_text_sub(*key, root.len, key->len);
            return hn_text_cstr(roots[i].short_root);
        }
    }
    return HN_TEXT("");
}

/* Takes "\SYSTEM\ControlSet001" off *key, when the root is HKLM; what Sysmon writes for it. */
static struct hn_text take_control_set(struct hn_text root, struct hn_text *key)
{
    static const struct hn_text set = HN_TEXT_INIT("\\SYSTEM\\ControlSet0");
    struct hn_text rest = *key;

    if (root.len == 0 && hn_text_starts_nocase(rest, HN_TEXT("HKLM")))
        rest = hn_text_sub(rest, 4, rest.len);
    else if (!hn_text_eq(root, HN_TEXT("HKLM")))
        return HN_TEXT("");
    if (!hn_text_starts_nocase(rest, set) || rest.len < set.len + 3 ||
            rest.ptr[set.len + 2] != '\\')
        return HN_TEXT("");
    *key = hn_text_sub(rest, set.len + 2, rest.len);
    return root.len == 0 ? HN_TEXT("HKLM\\System\\CurrentControlSet")
                         : HN_TEXT("\\System\\CurrentControlSet");
}

/* The key in src, with the value name in other behind it where there is one. */
void fill_registry_path(struct hn_event *event, const struct fill *step)
{
    struct hn_text key = fill_source(event, step->src);
    struct hn_text name = { NULL, 0 };
    struct hn_text root = take_root(&key);
    struct hn_text set = take_control_set(root, &key);
    size_t used = 0;
    char *out;

    if (key.len == 0 && root.len == 0)
        return;
    if (step->other != HN_FIELD_NONE)
        name = hn_event_field_text(event, step->other);
    out = hn_event_room(event, root.len + set.len + key.len + name.len + sizeof "\\(Default)");
    if (out == NULL) {
        event->values_dropped++;
        return;
    }
    put(out, &used, root);
    put(out, &used, set);
    put(out, &used, key);
    if (name.ptr != NULL && !hn_text_eq(name, HN_TEXT("-"))) {
        put(out, &used, HN_TEXT("\\"));
        put(out, &used, name.len == 0 ? HN_TEXT("(Default)") : name);
    }
    fill_text(event, step->dst, hn_text_of(out, used));
}

enum value_type { VALUE_TEXT, VALUE_DWORD, VALUE_QWORD, VALUE_BINARY };

/* REG_DWORD, Dword, %%1876 (message strings of the Security log), 4. */
static enum value_type value_type_of(struct hn_text type)
{
    static const struct {
        const char *name;
        enum value_type type;
    } types[] = {
        { "%%1875", VALUE_BINARY },
        { "%%1876", VALUE_DWORD },
        { "%%1883", VALUE_QWORD },
        { "REG_BINARY", VALUE_BINARY },
        { "REG_DWORD", VALUE_DWORD },
        { "REG_QWORD", VALUE_QWORD },
        { "Binary", VALUE_BINARY },
        { "Dword", VALUE_DWORD },
        { "Qword", VALUE_QWORD },
    };

    for (size_t i = 0; i < HN_COUNT_OF(types); i++) {
        if (hn_text_eq_nocase(type, hn_text_cstr(types[i].name)))
            return types[i].type;
    }
    return VALUE_TEXT;
}

/* Data (src) in the way Sysmon shows data of that type (other). */
void fill_registry_details(struct hn_event *event, const struct fill *step)
{
    struct hn_text data = hn_event_field_text(event, step->src);
    enum value_type type = step->other == HN_FIELD_NONE
                                   ? VALUE_TEXT
                                   : value_type_of(fill_source(event, step->other));
    char text[48];
    uint64_t number = 0;
    bool is_number = hn_text_starts_nocase(data, HN_TEXT("0x")) ? hn_parse_hex64(data, &number)
                                                                : hn_parse_u64(data, &number);
    int len = 0;

    if (type == VALUE_DWORD && is_number)
        len = snprintf(text, sizeof text, "DWORD (0x%08x)", (unsigned)(number & UINT32_MAX));
    else if (type == VALUE_QWORD && is_number)
        len = snprintf(text, sizeof text, "QWORD (0x%08x-0x%08x)", (unsigned)(number >> 32),
                (unsigned)(number & UINT32_MAX));
    if (len > 0) {
        struct hn_text copy = hn_event_copy(event, hn_text_of(text, (size_t)len));

        if (copy.ptr != NULL)
            fill_text(event, step->dst, copy);
    } else if (type == VALUE_BINARY) {
        fill_text(event, step->dst, HN_TEXT("Binary Data"));
    } else if (data.len == 0) {
        fill_text(event, step->dst, HN_TEXT("(Empty)"));
    } else {
        event->slots[step->dst] = event->slots[step->src];
    }
}
