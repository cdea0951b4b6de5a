/* extract_host.c - host names without a scheme, told from file names, members of objects, versions
 * and the ends of sentences.
 *
 * A name counts as a host when its last label is a top-level domain and nothing says otherwise;
 * what is defanged counts whatever stands around it. Leaves to others: URLs with a scheme. */
#include "base/utf.h"
#include "extract/extract_internal.h"

/* Reserved or private names of the last label, which the public suffix list does not have. */
static const char *const reserved_tlds[] = { "example", "test", "invalid", "onion", "local",
    "internal", "lan", "i2p", "localdomain" };

/* Top-level domains that are words of programs: members, methods, endings of files. A lonely name
 * with one needs more to be a host. */
static const char *const program_tlds[] = { "ac", "active", "am", "ax", "app", "as", "at", "audio",
    "author", "band", "bar", "best", "bin", "bio", "black", "blue", "book", "bot", "box", "build",
    "builders", "call", "care", "cc", "center", "channel", "charity", "click", "cloud", "codes",
    "color", "community", "computer", "contact", "cool", "country", "data", "date", "day", "design",
    "dev", "direct", "directory", "do", "dog", "domains", "dot", "download", "email", "events",
    "exchange", "expert", "express", "fail", "fan", "feedback", "files", "final", "fit", "focus",
    "foo", "form", "forum", "free", "fun", "fund", "gallery", "gd", "get", "global", "gold",
    "graphics", "green", "group", "guide", "help", "here", "hosting", "host", "how", "id", "immo",
    "info", "ink", "institute", "int", "is", "it", "java", "jobs", "kim", "la", "land", "lease",
    "life", "like", "limited", "link", "live", "loan", "lol", "map", "maps", "market", "media",
    "men", "menu", "meme", "mm", "mobi", "moi", "name", "name", "network", "new", "next", "no",
    "now", "observer", "off", "one", "open", "page", "parts", "pay", "phone", "photo", "photos",
    "pics", "pictures", "pid", "pink", "pipe", "place", "play", "plus", "pm", "post", "prime",
    "print", "pro", "prof", "progress", "prod", "properties", "property", "ps", "py", "read", "red",
    "rent", "repair", "report", "review", "reviews", "rip", "rs", "run", "safe", "save", "science",
    "search", "secure", "select", "services", "sh", "shell", "show", "size", "site", "sky", "so",
    "software", "space", "spot", "st", "store", "stream", "study", "style", "support", "systems",
    "tab", "tags", "target", "tc", "team", "tips", "to", "today", "tools", "top", "town", "trade",
    "training", "tube", "us", "vet", "video", "view", "vi", "voting", "watch", "weather", "win",
    "word", "work", "works", "world", "yes", "you", "zero", "zone", "io", "me", "my", "in", "by",
    "be", "gs", "ms", "cx", "ml", "ai", "tf", "hm" };

/* Programs of Windows whose names end as names of hosts do. */
static const char *const com_files[] = { "chcp.com", "command.com", "diskcomp.com", "diskcopy.com",
    "edit.com", "format.com", "keyb.com", "mode.com", "more.com", "tree.com" };

/* Names that are products or name spaces far more often than hosts. */
static const char *const products[] = { "adodb.stream", "asp.net", "ado.net", "vb.net", "system.io",
    "system.net", "microsoft.net", "wscript.shell", "socket.io", "paint.net", "ml.net", "js.org",
    "json.net", "f.lux", "e.g", "i.e" };

static bool is_listed(struct hn_text word, const char *const *words, size_t word_count)
{
    for (size_t i = 0; i < word_count; i++) {
        if (hn_text_eq_nocase(word, hn_text_cstr(words[i])))
            return true;
    }
    return false;
}

struct hn_text extract_last_label(struct hn_text host)
{
    size_t start = host.len;

    while (start > 0 && host.ptr[start - 1] != '.')
        start--;
    return hn_text_sub(host, start, host.len);
}

bool extract_is_tld(const struct extract *e, struct hn_text label)
{
    char plain[IOC_HOST_ROOM];
    size_t len;

    if (is_listed(label, reserved_tlds, HN_COUNT_OF(reserved_tlds)))
        return true;
    if (label.len < 2 || label.len > 128 || e->psl == NULL)
        return false;
    len = ioc_host_normal(label, plain);
    if (len == 0)
        return false;
    plain[len] = '\0';
    return psl_is_public_suffix2(e->psl, plain, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

bool extract_defanged(const struct extract *e, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (e->class[i] & CH_MARK)
            return true;
    }
    return false;
}

/* ---- What a lonely name shows ---- */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* "System.IO", "ActiveDocument.Name": written as programs write members. All in capitals is how
 * some people write hosts. */
static bool is_camel(struct hn_text name, struct hn_text tld)
{
    bool tld_upper = is_upper(tld.ptr[0]);
    bool lower = false;

    for (size_t i = 0; i < name.len; i++)
        lower = lower || is_lower(name.ptr[i]);
    if (tld_upper && lower)
        return true;
    for (size_t i = 0; i + 1 < name.len; i++) { /* "myObj.link", but "iPhone.example.jp" is rare */
        if (is_lower(name.ptr[i]) && is_upper(name.ptr[i + 1]))
            return true;
    }
    return false;
}

static size_t labels_of(struct hn_text name)
{
    size_t labels = 1;

    for (size_t i = 0; i < name.len; i++)
        labels += name.ptr[i] == '.';
    return labels;
}

static bool has_digit_or_dash(struct hn_text name)
{
    for (size_t i = 0; i < name.len; i++) {
        if ((name.ptr[i] >= '0' && name.ptr[i] <= '9') || name.ptr[i] == '-')
            return true;
    }
    return false;
}

static bool is_space_at(const struct extract *e, size_t pos)
{
    return pos >= e->len ? e->last : extract_is(e, pos, CH_SPACE);
}

/* The name is all that a line, cell or pair of quotes holds. */
static bool stands_alone(const struct extract *e, size_t start, size_t end)
{
    char before = start > 0 ? e->plain[start - 1] : '\n';
    char after = end < e->len ? e->plain[end] : '\n';

    if (extract_in(before, "\"'`") && after == before)
        return true;
    return extract_in(before, "\n\r\t,;|*") && extract_in(after, "\n\r\t,;|");
}

/* Not a host whatever it ends in: a member of something, an argument, a part of a path. */
static bool is_member(const struct extract *e, size_t start, size_t end)
{
    char before = start > 0 ? e->plain[start - 1] : ' ';
    char after = extract_at(e, end);

    if (after == '(' || after == '\\' || (after == '=' && extract_at(e, end + 1) == '='))
        return true;
    if (extract_in(before, "$#&\\)]") || (before == '@' && !is_space_at(e, start - 2)))
        return true;
    if (before == '/')
        return !(start >= 2 && e->plain[start - 2] == '/' &&
                 (start == 2 || extract_in(e->plain[start - 3], " \"'=(\t\n")));
    if (after == ' ' && extract_in(extract_at(e, end + 1), "=+&"))
        return true;
    return after == '=' || after == '[';
}

/* Common words of reversed names: com.example.app, org.apache.poi. */
static bool is_reversed(struct hn_text name)
{
    return hn_text_starts_nocase(name, HN_TEXT("com.")) ||
           hn_text_starts_nocase(name, HN_TEXT("org."));
}

/* www., mail. and the like in front of at least two labels say host. */
static bool has_host_prefix(struct hn_text name)
{
    static const char *const prefixes[] = { "www.", "mail.", "ftp.", "smtp.", "ns1.", "ns2.",
        "cdn.", "api.", "webmail.", "login." };

    if (labels_of(name) < 3)
        return false;
    for (size_t i = 0; i < HN_COUNT_OF(prefixes); i++) {
        if (hn_text_starts_nocase(name, hn_text_cstr(prefixes[i])))
            return true;
    }
    return false;
}

/* A path of at least a character behind the name, as URLs have one. */
static bool has_tail(const struct extract *e, size_t end)
{
    uint16_t port;
    size_t after = extract_port(e, end, &port);

    return port != 0 || (extract_at(e, after) == '/' && extract_is(e, after + 1, CH_ASCII));
}

static bool is_plain_host(const struct extract *e, size_t start, size_t end)
{
    struct hn_text name = extract_slice(e, start, end);
    struct hn_text tld = extract_last_label(name);
    bool program = is_listed(tld, program_tlds, HN_COUNT_OF(program_tlds));
    bool extension = ioc_is_extension_like_tld(tld);

    if (is_member(e, start, end) || is_camel(name, tld) || is_reversed(name) ||
            is_listed(name, products, HN_COUNT_OF(products)))
        return false;
    if (has_host_prefix(name))
        return true;
    if (extension)
        return false;
    if (e->options.strictness == EXTRACT_CODE)
        return stands_alone(e, start, end) && !program;
    if (!program)
        return true;
    return stands_alone(e, start, end) || has_tail(e, end) || has_digit_or_dash(name) ||
           labels_of(name) >= 3;
}

/* ---- Names ---- */

static bool trim(const struct extract *e, size_t *start, size_t *end)
{
    while (*end > *start && extract_in(e->plain[*end - 1], ".-_"))
        (*end)--;
    while (*start < *end && extract_in(e->plain[*start], "-_"))
        (*start)++;
    if (extract_at(e, *start) == '.') { /* ".name" is a member, "*.evil.example" a wildcard */
        if (*start == 0 || e->plain[*start - 1] != '*')
            return false;
        (*start)++;
    }
    return *start < *end && memchr(e->plain + *start, '.', *end - *start) != NULL;
}

static size_t tell_host(struct extract *e, struct extract_found *found, struct hn_text host)
{
    struct hn_buf out = hn_buf_over(e->value, sizeof e->value);
    size_t after = extract_port(e, found->end, &found->port);
    char next;

    hn_buf_add_text(&out, host);
    found->kind = EXTRACT_HOST;
    if (found->port != 0)
        found->end = after;
    next = extract_at(e, found->end);
    if ((next == '/' || (next == '?' && extract_is(e, found->end + 1, CH_ASCII))) &&
            !extract_is_wide_form(e, found->end)) {
        size_t tail = extract_url_tail(e, found->start, found->end);

        if (tail > found->end + 1) {
            if (found->port != 0) {
                hn_buf_add_char(&out, ':');
                hn_buf_add_u64(&out, found->port);
            }
            extract_url_add_tail(&out, extract_slice(e, found->end, tail));
            found->kind = EXTRACT_URL;
            found->end = tail;
        }
    }
    if (!hn_buf_ok(&out))
        return 0;
    found->value = hn_buf_text(&out);
    found->host = hn_text_sub(found->value, 0, host.len);
    extract_tell(e, found);
    return found->end;
}

static size_t tell_file(struct extract *e, size_t start, size_t end)
{
    struct extract_found found = { .kind = EXTRACT_FILE, .start = start, .end = end };

    if (e->options.no_files || end - start > IOC_FILENAME_MAX)
        return 0;
    if (start > 0 && extract_in(e->plain[start - 1], "/\\.$@&%"))
        return 0;
    if (extract_in(extract_at(e, end), "(@/\\"))
        return 0;
    found.value = extract_slice(e, start, end);
    extract_tell(e, &found);
    return end;
}

size_t extract_host(struct extract *e, size_t start, size_t end)
{
    struct extract_found found = { 0 };
    char host[IOC_HOST_ROOM];
    struct hn_text tld;
    bool defanged;
    size_t len;

    if (start > 0 && e->plain[start - 1] == '%' && end - start > 2 && /* %2Fevil.example */
            extract_is(e, start, CH_HEX) && extract_is(e, start + 1, CH_HEX))
        start += 2;
    if (!trim(e, &start, &end) || extract_at(e, end) == '@')
        return 0;
    tld = extract_last_label(extract_slice(e, start, end));
    defanged = extract_defanged(e, start, end);
    if (!defanged && is_listed(extract_slice(e, start, end), com_files, HN_COUNT_OF(com_files)))
        return tell_file(e, start, end);
    if (ioc_is_file_extension(tld) ||
            (labels_of(extract_slice(e, start, end)) == 2 && ioc_is_extension_like_tld(tld) &&
                    !defanged && !has_tail(e, end) && !is_plain_host(e, start, end)))
        return tell_file(e, start, end);
    if (tld.len < 2 || !extract_is_tld(e, tld) || (!defanged && !is_plain_host(e, start, end)))
        return 0;
    len = ioc_host_normal(extract_slice(e, start, end), host);
    if (len == 0)
        return 0;
    found.start = start;
    found.end = end;
    return tell_host(e, &found, hn_text_of(host, len));
}

/* Of one script, so that no sentence is taken for a name. */
static bool labels_are_pure(const struct extract *e, size_t start, size_t end)
{
    bool ascii = false;
    bool cjk = false;

    for (size_t i = start; i < end; i++) {
        if (e->plain[i] == '.') {
            ascii = false;
            cjk = false;
            continue;
        }
        ascii = ascii || extract_is(e, i, CH_ASCII);
        cjk = cjk || extract_is(e, i, CH_CJK);
        if (ascii && cjk)
            return false;
    }
    return true;
}

size_t extract_host_wide(struct extract *e, size_t start, size_t end)
{
    struct extract_found found = { 0 };
    char host[IOC_HOST_ROOM];
    size_t len;

    if (!trim(e, &start, &end) || end - start > (size_t)IOC_DOMAIN_MAX * 4 ||
            !labels_are_pure(e, start, end) || is_member(e, start, end) ||
            extract_at(e, end) == '@' ||
            !extract_is_tld(e, extract_last_label(extract_slice(e, start, end))))
        return 0;
    len = ioc_host_normal(extract_slice(e, start, end), host);
    if (len == 0)
        return 0;
    found.start = start;
    found.end = end;
    return tell_host(e, &found, hn_text_of(host, len));
}
