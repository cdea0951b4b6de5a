/* extract_path.c - paths of Windows and Unix and keys of the registry in running text.
 *
 * A space is part of a path only inside quotes or where a further separator follows ("C:\Program
 * Files\a.exe"). Leaves to others: names without a folder (extract_host.c). */
#include "extract/extract_internal.h"

#define COMPONENT_MAX 255
#define SPACED_MAX    40 /* bytes of a component with spaces outside quotes */

static bool is_path_char(const struct extract *e, size_t pos)
{
    unsigned char c = (unsigned char)e->plain[pos];

    if (c >= 0x80)
        return extract_is(e, pos, CH_WIDE);
    return c > ' ' && c != 0x7F && !extract_in((char)c, "\"<>|*?\\/,;`\x1f") &&
           !extract_is_wide_form(e, pos);
}

/* Whether the component at pos goes on over a space because a separator comes behind it. */
static size_t over_spaces(const struct extract *e, size_t pos)
{
    size_t end = pos;
    bool word = false;

    while (end < e->len && end - pos < SPACED_MAX &&
            (e->plain[end] == ' ' || extract_is(e, end, CH_ASCII) ||
                    extract_in(e->plain[end], "().&+"))) {
        if (e->plain[end] == ' ' && !word && end > pos)
            return 0; /* two spaces */
        word = e->plain[end] != ' ';
        end++;
    }
    return word && extract_at(e, end) == '\\' && e->plain[end - 1] != '.' ? end : 0;
}

static char opening(char closing)
{
    if (closing == ')')
        return '(';
    return closing == ']' ? '[' : '{';
}

/* The end of the last component where people write on: "a.exeを", "a.exe)". */
static size_t trim(const struct extract *e, size_t start, size_t end)
{
    size_t last = end;
    size_t dot;

    while (last > start && e->plain[last - 1] != '\\' && e->plain[last - 1] != '/')
        last--;
    for (dot = end; dot > last && e->plain[dot - 1] != '.';)
        dot--;
    if (dot > last) {
        size_t ext = dot;

        while (ext < end && extract_is(e, ext, CH_ALPHA | CH_DIGIT))
            ext++;
        if (ext > dot && ext < end && extract_is(e, ext, CH_CJK))
            end = ext;
    }
    while (end > start && extract_in(e->plain[end - 1], ".:!'\\/&="))
        end--;
    while (end > start && end >= last && extract_in(e->plain[end - 1], ")]}") &&
            memchr(e->plain + last, opening(e->plain[end - 1]), end - last) == NULL)
        end--;
    return end;
}

static char quote_before(const struct extract *e, size_t start)
{
    char before = start > 0 ? e->plain[start - 1] : '\0';

    return extract_in(before, "\"'`") ? before : '\0';
}

/* The end of components from pos on, which is behind a separator. */
static size_t components_end(const struct extract *e, size_t start, size_t pos)
{
    char quote = quote_before(e, start);
    size_t end = pos;

    while (end < e->len && end - start < EXTRACT_PATH_MAX) {
        bool space = e->plain[end] == ' ';
        size_t next = end + 1;

        if (quote != '\0' && e->plain[end] == quote)
            break;
        if (space && quote == '\0')
            next = over_spaces(e, end);
        else if (!space && e->plain[end] != '\\' && !is_path_char(e, end))
            next = 0;
        if (next == 0)
            break;
        end = next;
    }
    while (end > pos && extract_is(e, end - 1, CH_SPACE))
        end--;
    return trim(e, start, end);
}

/* Separators once, as strings of programs double them; not the two in front of a host. */
static struct hn_text add_path(struct extract *e, struct hn_buf *out, size_t start, size_t end)
{
    for (size_t pos = start; pos < end; pos++) {
        if (e->plain[pos] == '\\' && out->len > 1 && out->ptr[out->len - 1] == '\\')
            continue;
        hn_buf_add_char(out, e->plain[pos]);
    }
    return hn_buf_text(out);
}

/* Behind what a path of Windows starts with, or 0. */
static size_t root_end(const struct extract *e, size_t start)
{
    size_t pos = start;

    if (extract_is(e, start, CH_ALPHA) && extract_at(e, start + 1) == ':' &&
            extract_at(e, start + 2) == '\\')
        return start + 3;
    if (extract_at(e, start) == '\\' && extract_at(e, start + 1) == '\\') {
        pos = start + 2;
        while (extract_at(e, pos) == '\\' && pos - start < 4) /* doubled: "\\\\host\\share" */
            pos++;
        return extract_is(e, pos, CH_ALPHA | CH_DIGIT) || extract_in(extract_at(e, pos), ".?") ? pos
                                                                                               : 0;
    }
    if (extract_at(e, start) == '%') {
        for (pos = start + 1; extract_is(e, pos, CH_ASCII) && pos - start < 32;)
            pos++;
        return pos > start + 2 && extract_at(e, pos) == '%' && extract_at(e, pos + 1) == '\\'
                       ? pos + 2
                       : 0;
    }
    if (extract_starts(e, start, HN_TEXT("$env:"))) {
        for (pos = start + 5; extract_is(e, pos, CH_ASCII) && pos - start < 40;)
            pos++;
        return pos > start + 5 && extract_at(e, pos) == '\\' ? pos + 1 : 0;
    }
    return 0;
}

/* A host and a share, as opposed to a pattern with two backslashes. */
static bool is_share(struct hn_text path)
{
    size_t slash = hn_text_find_char(path, '\\', 2);

    return slash != SIZE_MAX && slash > 3 && slash + 1 < path.len &&
           hn_text_find_char(path, ' ', 0) == SIZE_MAX;
}

size_t extract_windows_path(struct extract *e, size_t start)
{
    struct extract_found found = { .kind = EXTRACT_PATH, .start = start };
    struct hn_buf out = hn_buf_over(e->value, sizeof e->value);
    size_t pos = root_end(e, start);

    if (pos == 0 || e->options.no_files || (start > 0 && extract_is(e, start - 1, CH_ASCII)))
        return 0;
    while (extract_at(e, pos) == '\\') /* "C:\\\\" in strings */
        pos++;
    if (pos >= e->len || !is_path_char(e, pos))
        return 0;
    found.end = components_end(e, start, pos);
    if (found.end <= pos)
        return 0;
    found.value = add_path(e, &out, start, found.end);
    if (found.value.ptr[0] == '\\' && !is_share(found.value))
        return 0;
    extract_tell(e, &found);
    return found.end;
}

size_t extract_unix_path(struct extract *e, size_t start)
{
    static const char *const roots[] = { "/tmp/", "/var/", "/etc/", "/usr/", "/home/", "/opt/",
        "/bin/", "/sbin/", "/dev/shm/", "/proc/", "/root/", "/mnt/", "/srv/", "/run/", "/Users/",
        "/Library/", "/Applications/", "/private/", "/boot/", "/data/local/" };
    struct extract_found found = { .kind = EXTRACT_UNIX_PATH, .start = start };
    size_t pos = 0;

    if (e->options.no_files ||
            (start > 0 && (extract_is(e, start - 1, CH_LABEL) ||
                                  extract_in(e->plain[start - 1], "/.~\\%:}*$)"))))
        return 0;
    for (size_t i = 0; i < HN_COUNT_OF(roots) && pos == 0; i++) {
        struct hn_text root = hn_text_cstr(roots[i]);

        if (hn_text_starts(extract_slice(e, start, e->len), root))
            pos = start + root.len;
    }
    if (pos == 0)
        return 0;
    found.end = pos;
    while (found.end < e->len && found.end - start < EXTRACT_PATH_MAX &&
            (extract_is(e, found.end, CH_ASCII) || extract_in(e->plain[found.end], "/.+@~%")))
        found.end++;
    while (found.end > pos && extract_in(e->plain[found.end - 1], "./"))
        found.end--;
    if (found.end <= pos)
        return 0;
    found.value = extract_slice(e, start, found.end);
    extract_tell(e, &found);
    return found.end;
}

size_t extract_registry(struct extract *e, size_t start, size_t end)
{
    static const char *const hives[][2] = { { "HKEY_LOCAL_MACHINE", "HKLM" },
        { "HKEY_CURRENT_USER", "HKCU" }, { "HKEY_CLASSES_ROOT", "HKCR" }, { "HKEY_USERS", "HKU" },
        { "HKEY_CURRENT_CONFIG", "HKCC" }, { "HKLM", "HKLM" }, { "HKCU", "HKCU" },
        { "HKCR", "HKCR" }, { "HKU", "HKU" }, { "HKCC", "HKCC" } };
    struct extract_found found = { .kind = EXTRACT_REGISTRY, .start = start };
    struct hn_buf out = hn_buf_over(e->value, sizeof e->value);
    size_t pos = end;

    for (size_t i = 0; i < HN_COUNT_OF(hives); i++) {
        if (!hn_text_eq_nocase(extract_slice(e, start, end), hn_text_cstr(hives[i][0])))
            continue;
        if (extract_at(e, pos) == ':')
            pos++;
        if (extract_at(e, pos) != '\\')
            return 0;
        while (extract_at(e, pos) == '\\')
            pos++;
        if (pos >= e->len || !is_path_char(e, pos))
            return 0;
        found.end = components_end(e, start, pos);
        if (found.end <= pos)
            return 0;
        hn_buf_add_cstr(&out, hives[i][1]);
        hn_buf_add_char(&out, '\\');
        found.value = add_path(e, &out, pos, found.end);
        extract_tell(e, &found);
        return found.end;
    }
    return 0;
}
