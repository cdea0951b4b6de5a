/* fill_values.c - small transformations between the ways products write one value.
 *
 * Each reads the step's source field (and the second one) and appends to the field to be filled,
 * or leaves it absent when the source says nothing. Texts made here live in the event's scratch. */
#include "event/event_internal.h"

#include "base/num.h"

/* Copies pieces into the scratch as one text; ptr NULL when there is no room. */
static struct hn_text concat3(
        struct hn_event *event, struct hn_text a, struct hn_text b, struct hn_text c)
{
    char *out = hn_event_room(event, a.len + b.len + c.len + 1);

    if (out == NULL) {
        event->values_dropped++;
        return (struct hn_text){ NULL, 0 };
    }
    if (a.len > 0)
        memcpy(out, a.ptr, a.len);
    if (b.len > 0)
        memcpy(out + a.len, b.ptr, b.len);
    if (c.len > 0)
        memcpy(out + a.len + b.len, c.ptr, c.len);
    return hn_text_of(out, a.len + b.len + c.len);
}

static void fill_made(struct hn_event *event, hn_field dst, struct hn_text text)
{
    if (text.ptr != NULL)
        fill_text(event, dst, text);
}

/* src, unless it is an object. */
void fill_plain(struct hn_event *event, const struct fill *step)
{
    if (fill_source(event, step->src).len > 0)
        event->slots[step->dst] = event->slots[step->src];
}

/* src and other with arg between; one of them alone as it is. */
void fill_concat(struct hn_event *event, const struct fill *step)
{
    struct hn_text first = fill_source(event, step->src);
    struct hn_text second =
            step->other == HN_FIELD_NONE ? HN_TEXT("") : fill_source(event, step->other);

    if (first.len > 0 && second.len > 0)
        fill_made(event, step->dst, concat3(event, first, step->arg, second));
    else if (first.len > 0 || second.len > 0)
        fill_text(event, step->dst, first.len > 0 ? first : second);
}

/* DOMAIN\user from other and src. */
void fill_user(struct hn_event *event, const struct fill *step)
{
    struct hn_text name = fill_source(event, step->src);
    struct hn_text domain =
            step->other == HN_FIELD_NONE ? HN_TEXT("") : fill_source(event, step->other);

    if (name.len == 0)
        return;
    if (domain.len == 0 || hn_text_find_char(name, '\\', 0) != SIZE_MAX)
        fill_text(event, step->dst, name);
    else
        fill_made(event, step->dst, concat3(event, domain, HN_TEXT("\\"), name));
}

/* The part before or behind the backslash of DOMAIN\user, as arg says: "domain" or "name". */
void fill_user_part(struct hn_event *event, const struct fill *step)
{
    struct hn_text user = fill_source(event, step->src);
    size_t at = hn_text_find_char(user, '\\', 0);
    bool name = hn_text_eq(step->arg, HN_TEXT("name"));

    if (at == SIZE_MAX && (!name || user.len == 0))
        return;
    fill_text(event, step->dst,
            !name            ? hn_text_sub(user, 0, at)
            : at == SIZE_MAX ? user
                             : hn_text_sub(user, at + 1, user.len));
}

/* 0x1f0 as 496; what is decimal stays; ptr NULL when there is no room. */
static struct hn_text decimal_of(struct hn_event *event, struct hn_text text)
{
    char digits[HN_U64_DIGITS_MAX];
    uint64_t number;

    if (!hn_text_starts_nocase(text, HN_TEXT("0x")) || !hn_parse_hex64(text, &number))
        return text;
    return hn_event_copy(event, hn_text_of(digits, hn_u64_write(number, digits)));
}

/* A process id in decimal. */
void fill_decimal(struct hn_event *event, const struct fill *step)
{
    struct hn_text text = fill_source(event, step->src);

    if (text.len > 0)
        fill_made(event, step->dst, decimal_of(event, text));
}

void fill_own(struct hn_event *event, hn_field dst)
{
    uint32_t first = hn_event_first(event, dst);

    fill_clear(event, dst);
    fill_append(event, dst, first);
}

void fill_append(struct hn_event *event, hn_field dst, uint32_t first)
{
    for (uint32_t i = first; i != HN_VALUE_NONE; i = hn_event_next(event, i)) {
        struct hn_value copy = event->values[i]; /* adding may move the values */

        fill_value(event, dst, &copy);
    }
}

/* Security 4688 names the new process in NewProcessId and its creator in ProcessId, where Sysmon's
 * ProcessId is the new one. Both are kept: Sysmon's meaning first, the Security log's behind. */
void fill_process_id(struct hn_event *event, const struct fill *step)
{
    uint32_t logged = hn_event_first(event, step->dst);
    struct hn_text text = fill_source(event, step->src);

    if (text.len == 0)
        return;
    fill_clear(event, step->dst);
    fill_made(event, step->dst, decimal_of(event, text));
    fill_append(event, step->dst, logged);
}

/* Logon ids, of which 0x0 says that there is none. */
void fill_logon_id(struct hn_event *event, const struct fill *step)
{
    struct hn_text text = fill_source(event, step->src);

    if (text.len > 0 && !hn_text_eq(text, HN_TEXT("0x0")))
        fill_text(event, step->dst, text);
}

/* The values of src, copied, so that more may follow. */
void fill_merge(struct hn_event *event, const struct fill *step)
{
    fill_append(event, step->dst, hn_event_first(event, step->src));
}

/* More values behind those that fill_merge() has begun with. */
void fill_merge_next(struct hn_event *event, const struct fill *step)
{
    if (hn_event_has(event, step->dst))
        fill_append(event, step->dst, hn_event_first(event, step->src));
}

/* The values of src instead of those of dst. */
void fill_replace(struct hn_event *event, const struct fill *step)
{
    event->slots[step->dst] = event->slots[step->src];
}

/* All values of src with blanks between (process.args as a command line). */
void fill_join(struct hn_event *event, const struct fill *step)
{
    struct hn_text joined = HN_TEXT("");

    for (uint32_t i = hn_event_first(event, step->src); i != HN_VALUE_NONE && joined.ptr != NULL;
            i = hn_event_next(event, i)) {
        struct hn_text text = hn_event_text(event, i);

        joined = joined.len == 0 ? text : concat3(event, joined, HN_TEXT(" "), text);
    }
    fill_made(event, step->dst, joined);
}

/* A folder (src) and a file name (other) as one path; src may end with the name already. */
void fill_join_path(struct hn_event *event, const struct fill *step)
{
    struct hn_text folder = fill_source(event, step->src);
    struct hn_text name =
            step->other == HN_FIELD_NONE ? HN_TEXT("") : fill_source(event, step->other);
    bool slash = hn_text_find_char(folder, '/', 0) != SIZE_MAX;
    char last;

    if (folder.len == 0)
        return;
    last = folder.ptr[folder.len - 1];
    if (name.len == 0 || hn_text_ends_nocase(folder, name))
        fill_text(event, step->dst, folder);
    else if (last == '\\' || last == '/')
        fill_made(event, step->dst, concat3(event, folder, HN_TEXT(""), name));
    else
        fill_made(event, step->dst,
                concat3(event, folder, slash ? HN_TEXT("/") : HN_TEXT("\\"), name));
}

/* The part behind the last slash of either kind. */
void fill_file_name(struct hn_event *event, const struct fill *step)
{
    struct hn_text path = fill_source(event, step->src);
    size_t start = path.len;

    while (start > 0 && path.ptr[start - 1] != '\\' && path.ptr[start - 1] != '/')
        start--;
    if (start < path.len)
        fill_text(event, step->dst, hn_text_sub(path, start, path.len));
}

/* Translates a value by arg, "6=tcp;17=udp": without regard to case; a last part "*" keeps what is
 * not listed. */
void fill_word(struct hn_event *event, const struct fill *step)
{
    struct hn_text text = fill_source(event, step->src);
    struct hn_text rest = step->arg;
    struct hn_text entry;

    if (text.len == 0)
        return;
    while (hn_text_split(&rest, ';', &entry)) {
        struct hn_text from;

        if (hn_text_eq(entry, HN_TEXT("*"))) {
            event->slots[step->dst] = event->slots[step->src];
            return;
        }
        (void)hn_text_split(&entry, '=', &from);
        if (hn_text_eq_nocase(from, text)) {
            fill_text(event, step->dst, entry);
            return;
        }
    }
}

/* Without the prefix arg, of which the value may lack all. */
void fill_strip_prefix(struct hn_event *event, const struct fill *step)
{
    struct hn_text text = fill_source(event, step->src);

    if (hn_text_starts_nocase(text, step->arg))
        text = hn_text_sub(text, step->arg.len, text.len);
    if (text.len > 0)
        fill_text(event, step->dst, text);
}

/* Mandatory labels by SID ([MS-DTYP] 2.4.2.4) or name as Sysmon's words. */
void fill_integrity(struct hn_event *event, const struct fill *step)
{
    static const struct {
        const char *label;
        const char *word;
    } labels[] = {
        { "S-1-16-0", "Untrusted" },
        { "S-1-16-4096", "Low" },
        { "S-1-16-8192", "Medium" },
        { "S-1-16-8448", "Medium Plus" },
        { "S-1-16-12288", "High" },
        { "S-1-16-16384", "System" },
        { "S-1-16-20480", "Protected" },
        { "Untrusted Mandatory Level", "Untrusted" },
        { "Low Mandatory Level", "Low" },
        { "Medium Mandatory Level", "Medium" },
        { "Medium Plus Mandatory Level", "Medium Plus" },
        { "High Mandatory Level", "High" },
        { "System Mandatory Level", "System" },
    };
    struct hn_text text = fill_source(event, step->src);

    if (hn_text_starts_nocase(text, HN_TEXT("Mandatory Label\\")))
        text = hn_text_sub(text, 16, text.len);
    for (size_t i = 0; i < HN_COUNT_OF(labels); i++) {
        if (hn_text_eq_nocase(text, hn_text_cstr(labels[i].label))) {
            fill_text(event, step->dst, hn_text_cstr(labels[i].word));
            return;
        }
    }
}

/* The filtering platform names \device\harddiskvolume3\windows\...; which letter the volume has is
 * not in the log, but folders that Windows has only on its own drive tell. */
void fill_device_path(struct hn_event *event, const struct fill *step)
{
    static const char *const folders[] = { "windows\\", "program files\\", "program files (x86)\\",
        "programdata\\", "users\\" };
    static const struct hn_text device = HN_TEXT_INIT("\\device\\harddiskvolume");
    struct hn_text path = fill_source(event, step->src);
    struct hn_text rest;
    size_t slash;

    if (path.len == 0)
        return;
    slash = hn_text_starts_nocase(path, device) ? hn_text_find_char(path, '\\', device.len)
                                                : SIZE_MAX;
    rest = slash == SIZE_MAX ? HN_TEXT("") : hn_text_sub(path, slash + 1, path.len);
    for (size_t i = 0; i < HN_COUNT_OF(folders); i++) {
        if (hn_text_starts_nocase(rest, hn_text_cstr(folders[i]))) {
            fill_made(event, step->dst, concat3(event, HN_TEXT("C:\\"), rest, HN_TEXT("")));
            return;
        }
    }
    fill_text(event, step->dst, path);
}

/* 5156 has the protocol's number; Sysmon its name. Both are kept, the name first. */
void fill_protocol(struct hn_event *event, const struct fill *step)
{
    static const struct {
        const char *number;
        const char *name;
    } protocols[] = { { "1", "icmp" }, { "6", "tcp" }, { "17", "udp" }, { "58", "icmpv6" } };
    struct hn_text text = fill_source(event, step->src);
    uint32_t logged = hn_event_first(event, step->dst);

    for (size_t i = 0; i < HN_COUNT_OF(protocols); i++) {
        if (!hn_text_eq(text, hn_text_cstr(protocols[i].number)))
            continue;
        fill_clear(event, step->dst);
        fill_text(event, step->dst, hn_text_cstr(protocols[i].name));
        fill_append(event, step->dst, logged);
        return;
    }
}

/* The bits of numeric keywords, or of the names of the two audit bits; false for hexadecimal text,
 * which is as it should be. */
static bool keyword_bits(struct hn_event *event, hn_field field, uint64_t *ret_bits)
{
    uint32_t index = hn_event_first(event, field);
    const struct hn_value *value = &event->values[index];
    struct hn_text text;
    int64_t number;

    if (value->form == HN_FORM_NUMBER &&
            (value->type == HN_TYPE_INT || value->type == HN_TYPE_UINT)) {
        *ret_bits = value->number.u;
        return true;
    }
    text = hn_event_text(event, index);
    if (hn_text_starts(text, HN_TEXT("0x")))
        return false;
    if (hn_parse_i64(text, &number)) {
        *ret_bits = (uint64_t)number;
        return true;
    }
    if (hn_parse_u64(text, ret_bits))
        return true;
    *ret_bits = hn_text_find_nocase(text, HN_TEXT("Audit Success"), 0) != SIZE_MAX
                        ? UINT64_C(0x8020000000000000)
                        : UINT64_C(0x8010000000000000);
    return *ret_bits == UINT64_C(0x8020000000000000) ||
           hn_text_find_nocase(text, HN_TEXT("Audit Failure"), 0) != SIZE_MAX;
}

/* Keywords as Windows' XML has them, 0x8010000000000000, from a signed number (NXLog) or from the
 * names of the two audit bits (winlogbeat). */
void fill_keywords(struct hn_event *event, const struct fill *step)
{
    struct hn_value value = { .type = HN_TYPE_UINT, .form = HN_FORM_HEX };

    if (!keyword_bits(event, step->src, &value.number.u))
        return;
    fill_clear(event, step->dst);
    fill_value(event, step->dst, &value);
}

/* Levels in words (any shipper's) as Windows' numbers; numbers stay. */
void fill_level(struct hn_event *event, const struct fill *step)
{
    struct hn_text text = fill_source(event, step->src);
    struct hn_text number;

    switch (text.len == 0 ? '\0' : text.ptr[0] | 0x20) {
    case 'c':
        number = HN_TEXT("1");
        break;
    case 'e':
        number = HN_TEXT("2");
        break;
    case 'w':
        number = HN_TEXT("3");
        break;
    case 'i':
        number = HN_TEXT("4");
        break;
    case 'v':
    case 'd':
        number = HN_TEXT("5");
        break;
    default:
        event->slots[step->dst] = event->slots[step->src];
        return;
    }
    fill_text(event, step->dst, number);
}

/* NXLog overwrites Sysmon's EventType with the severity; the event id says most of it again. arg is
 * what the message calls it. */
void fill_event_type(struct hn_event *event, const struct fill *step)
{
    static const struct {
        uint32_t event_id;
        const char *type;
    } types[] = { { 13, "SetValue" }, { 14, "RenameKey" }, { 17, "CreatePipe" },
        { 18, "ConnectPipe" }, { 19, "WmiFilterEvent" }, { 20, "WmiConsumerEvent" },
        { 21, "WmiBindingEvent" } };
    static const char *const severities[] = { "INFO", "WARNING", "ERROR", "CRITICAL", "VERBOSE" };
    struct hn_text now = hn_event_field_text(event, step->dst);
    bool severity = now.ptr == NULL;
    uint32_t event_id = 0;

    for (size_t i = 0; i < HN_COUNT_OF(severities); i++)
        severity = severity || hn_text_eq(now, hn_text_cstr(severities[i]));
    if (!severity)
        return;
    if (source_has_label(event->source.category, HN_TEXT("registry_add"))) {
        fill_clear(event, step->dst);
        fill_text(event, step->dst, HN_TEXT("CreateKey"));
        return;
    }
    (void)source_u32(event, HN_FIELD_EVENT_ID, &event_id);
    for (size_t i = 0; i < HN_COUNT_OF(types); i++) {
        if (types[i].event_id == event_id) {
            fill_clear(event, step->dst);
            fill_text(event, step->dst, hn_text_cstr(types[i].type));
        }
    }
}

/* Does nothing but space stand before at in its line? */
static bool starts_line(struct hn_text text, size_t at)
{
    while (at > 0 &&
            (text.ptr[at - 1] == ' ' || text.ptr[at - 1] == '\t' || text.ptr[at - 1] == '\r'))
        at--;
    return at == 0 || text.ptr[at - 1] == '\n';
}

/* The rest of the line that starts with arg and '=' in any value of src: the context block of
 * classic PowerShell events ("HostApplication=powershell.exe -e ..."). */
void fill_labelled_line(struct hn_event *event, const struct fill *step)
{
    for (uint32_t i = hn_event_first(event, step->src); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        struct hn_text text = hn_event_text(event, i);
        size_t at = 0;

        for (; (at = hn_text_find(text, step->arg, at)) != SIZE_MAX; at += step->arg.len) {
            struct hn_text rest = hn_text_sub(text, at + step->arg.len, text.len);
            struct hn_text line;

            if (!starts_line(text, at) || !hn_text_line(&rest, &line))
                continue;
            line = hn_text_trim(line);
            if (line.len > 1 && line.ptr[0] == '=') {
                fill_text(event, step->dst, hn_text_trim(hn_text_sub(line, 1, line.len)));
                return;
            }
        }
    }
}
