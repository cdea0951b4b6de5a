/* mail_address.c - addresses in headers and texts, and whose a host name is. */
#include "mail/mail_internal.h"

#include "base/ip.h"
#include "base/utf.h"

#include <libpsl.h>

#define HOST_BYTES_MAX 253u

static bool is_address_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

static bool is_host_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

bool mail_address_find(struct hn_text text, size_t *pos, struct hn_text *ret_address)
{
    size_t at = *pos;

    while ((at = hn_text_find_char(text, '@', at)) != SIZE_MAX) {
        size_t start = at;
        size_t end = at + 1;

        while (start > *pos && is_address_char(text.ptr[start - 1]))
            start--;
        while (end < text.len && is_host_char(text.ptr[end]))
            end++;
        while (end > at + 1 && (text.ptr[end - 1] == '.' || text.ptr[end - 1] == '-'))
            end--;
        if (start < at && hn_text_find_char(hn_text_sub(text, at, end - at), '.', 0) != SIZE_MAX) {
            *ret_address = hn_text_sub(text, start, end - start);
            *pos = end;
            return true;
        }
        at++;
    }
    return false;
}

struct hn_text mail_domain_of(struct hn_arena *arena, struct hn_text address)
{
    size_t at = SIZE_MAX;
    struct hn_text copy;
    char *to;

    for (size_t i = 0; i < address.len; i++)
        if (address.ptr[i] == '@')
            at = i;
    if (at == SIZE_MAX)
        return HN_TEXT("");
    copy = hn_text_trim(hn_text_sub(address, at + 1, HOST_BYTES_MAX));
    while (copy.len > 0 && strchr(".>)\"' ", copy.ptr[copy.len - 1]) != NULL)
        copy.len--;
    to = hn_arena_raw(arena, copy.len + 1, 1);
    if (to == NULL)
        return HN_TEXT("");
    hn_lower_ascii(copy, to);
    to[copy.len] = '\0';
    return hn_text_of(to, copy.len);
}

struct hn_text mail_organisation(struct hn_arena *arena, struct hn_text host)
{
    char copy[HOST_BYTES_MAX + 1];
    const char *domain = NULL;
    struct hn_ip ip;

    if (host.len == 0 || host.len > HOST_BYTES_MAX || hn_ip_parse(host, &ip) ||
            memchr(host.ptr, '\0', host.len) != NULL)
        return host;
    hn_lower_ascii(host, copy);
    copy[host.len] = '\0';
    if (psl_builtin() != NULL)
        domain = psl_registrable_domain(psl_builtin(), copy);
    if (domain == NULL)
        return host;
    host = hn_arena_text(arena, hn_text_cstr(domain));
    return host.ptr != NULL ? host : HN_TEXT("");
}

/* ---- One address of a header ---- */

/* Where the first mailbox ends (a comma outside of quotes, comments and angles), how many there
 * are, and where its "<" stands. */
struct extent {
    size_t end;
    size_t count;
    size_t angle; /* SIZE_MAX: none */
};

struct extent_state {
    bool quoted;
    size_t comment;
    bool angle;
    bool any; /* something stands before the next comma */
};

/* Quotes and comments, in which nothing else counts; true when c was one or lies in one. */
static bool extent_skip(struct extent_state *state, char c)
{
    if (c == '"' && state->comment == 0) {
        state->quoted = !state->quoted;
        state->any = true;
        return true;
    }
    if (!state->quoted && c == '(')
        state->comment++;
    else if (!state->quoted && c == ')' && state->comment > 0)
        state->comment--;
    else
        return state->quoted || state->comment > 0;
    return true;
}

static void extent_step(struct extent *extent, struct extent_state *state, char c, size_t pos)
{
    if (extent_skip(state, c))
        return;
    if (c == '<') {
        state->angle = true;
        if (extent->count == 0)
            extent->angle = pos; /* the last of the first mailbox: "a <b>" <c> */
    } else if (c == '>') {
        state->angle = false;
    } else if ((c == ',' || c == ';') && !state->angle && state->any) {
        if (extent->count == 0)
            extent->end = pos;
        extent->count++;
        state->any = false;
        return;
    }
    state->any = state->any || (c != ' ' && c != '\t' && c != ',');
}

static struct extent extent_of(struct hn_text value)
{
    struct extent extent = { value.len, 0, SIZE_MAX };
    struct extent_state state = { 0 };

    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '\\' && (state.quoted || state.comment > 0))
            i++;
        else
            extent_step(&extent, &state, value.ptr[i], i);
    }
    if (state.any)
        extent.count++;
    return extent;
}

/* A display name without its quotes and escapes, still encoded. */
static struct hn_text name_of(struct hn_arena *arena, struct hn_text raw)
{
    struct hn_buf out = { 0 };
    struct hn_text name;

    raw = hn_text_trim(raw);
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] == '\\' && i + 1 < raw.len &&
                (raw.ptr[i + 1] == '"' || raw.ptr[i + 1] == '\\'))
            hn_buf_add_char(&out, raw.ptr[++i]);
        else if (raw.ptr[i] != '"')
            hn_buf_add_char(&out, raw.ptr[i]);
    }
    name = mail_words_text(arena, hn_buf_text(&out));
    hn_buf_deinit(&out);
    return name.ptr != NULL ? name : HN_TEXT("");
}

void mail_address_first(
        struct hn_arena *arena, struct hn_text value, struct mail_address *ret_address)
{
    struct mail_address address = { HN_TEXT_INIT(""), HN_TEXT_INIT(""), HN_TEXT_INIT(""), 0 };
    struct extent extent = extent_of(value);
    struct hn_text first = hn_text_sub(value, 0, extent.end);
    size_t pos = 0;

    address.count = extent.count;
    if (extent.angle != SIZE_MAX) {
        struct hn_text inside = hn_text_sub(first, extent.angle + 1, first.len);
        size_t close = hn_text_find_char(inside, '>', 0);

        address.address = hn_text_trim(hn_text_sub(inside, 0, close));
        address.name = name_of(arena, hn_text_sub(first, 0, extent.angle));
    } else if (mail_address_find(first, &pos, &address.address)) {
        /* "a@b.example (Name)" */
        size_t open = hn_text_find_char(first, '(', pos);
        size_t close = open != SIZE_MAX ? hn_text_find_char(first, ')', open) : SIZE_MAX;

        if (close != SIZE_MAX)
            address.name = name_of(arena, hn_text_sub(first, open + 1, close - open - 1));
    } else {
        address.name = name_of(arena, first);
    }
    address.domain = mail_domain_of(arena, address.address);
    *ret_address = address;
}

bool mail_is_known_domain(struct hn_text host)
{
    char copy[HOST_BYTES_MAX + 1];
    const char *suffix;

    if (host.len == 0 || host.len > HOST_BYTES_MAX || psl_builtin() == NULL)
        return false;
    for (size_t i = 0; i < host.len; i++)
        if (!is_host_char(host.ptr[i]))
            return false;
    hn_lower_ascii(host, copy);
    copy[host.len] = '\0';
    suffix = psl_unregistrable_domain(psl_builtin(), copy);
    /* Without the list's "*" rule: "Ph.D" and "No.1" are no domains. */
    return suffix != NULL && strcmp(suffix, copy) != 0 &&
           psl_is_public_suffix2(psl_builtin(), suffix, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) !=
                   0;
}
