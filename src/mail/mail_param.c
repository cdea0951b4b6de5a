/* mail_param.c - header values with parameters (RFC 2045): Content-Type, Content-Disposition; with
 * continuations and charsets (RFC 2231), and all the quoting people get wrong. */
#include "mail/mail_internal.h"

#include "base/enc.h"

#define SECTIONS_MAX 128u

/* Behind a comment, which may hold comments; or pos. */
static size_t skip_comment(struct hn_text value, size_t pos)
{
    size_t depth = 0;
    size_t start = pos;

    for (; pos < value.len; pos++) {
        if (value.ptr[pos] == '\\')
            pos++;
        else if (value.ptr[pos] == '(')
            depth++;
        else if (value.ptr[pos] == ')' && --depth == 0)
            return pos + 1;
    }
    return start; /* never closed: no comment */
}

static size_t skip_space(struct hn_text value, size_t pos)
{
    while (pos < value.len) {
        size_t next = pos;

        if (value.ptr[pos] == ' ' || value.ptr[pos] == '\t')
            next = pos + 1;
        else if (value.ptr[pos] == '(')
            next = skip_comment(value, pos);
        if (next == pos)
            break;
        pos = next;
    }
    return pos;
}

struct hn_text mail_value_token(struct hn_arena *arena, struct hn_text value)
{
    struct hn_buf out = { 0 };
    struct hn_text token;
    size_t pos = 0;

    while ((pos = skip_space(value, pos)) < value.len && value.ptr[pos] != ';') {
        char c = value.ptr[pos++];

        if (out.len > 200)
            break;
        if (c <= ' ' || c >= 127) /* of no type there is */
            hn_buf_add_char(&out, '?');
        else if (c != '"' && c != '\'')
            hn_buf_add_char(&out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
    }
    token = hn_arena_text(arena, hn_buf_text(&out));
    hn_buf_deinit(&out);
    return token.ptr != NULL ? token : HN_TEXT("");
}

/* ---- Parameters one by one ---- */

struct param {
    struct hn_text name; /* with its "*0*" */
    struct hn_text raw;  /* as it stands, without quotes */
    bool quoted;         /* backslashes in it escape */
};

static struct hn_text quoted_value(struct hn_text value, size_t *pos)
{
    size_t start = ++*pos;

    while (*pos < value.len && value.ptr[*pos] != '"') {
        /* A backslash escapes a quote or itself; else it is one of a Windows path. */
        if (value.ptr[*pos] == '\\' && *pos + 1 < value.len &&
                (value.ptr[*pos + 1] == '"' || value.ptr[*pos + 1] == '\\'))
            ++*pos;
        ++*pos;
    }
    if (*pos > value.len)
        *pos = value.len;
    return hn_text_sub(value, start, *pos - start);
}

static bool param_next(struct hn_text value, size_t *pos, struct param *ret_param)
{
    size_t end = *pos;
    size_t stop;

    while (end < value.len && value.ptr[end] != ';')
        end++;
    if (end >= value.len)
        return false;
    *pos = skip_space(value, end + 1);
    end = *pos;
    while (end < value.len && value.ptr[end] != '=' && value.ptr[end] != ';')
        end++;
    ret_param->name = hn_text_trim(hn_text_sub(value, *pos, end - *pos));
    ret_param->raw = (struct hn_text){ 0 };
    ret_param->quoted = false;
    *pos = end;
    if (end >= value.len || value.ptr[end] != '=')
        return true;
    *pos = skip_space(value, end + 1);
    if (*pos < value.len && value.ptr[*pos] == '"') {
        ret_param->quoted = true;
        ret_param->raw = quoted_value(value, pos);
        return true;
    }
    for (stop = *pos; stop < value.len && value.ptr[stop] != ';';)
        stop++;
    ret_param->raw = hn_text_trim(hn_text_sub(value, *pos, stop - *pos));
    *pos = stop;
    return true;
}

static void add_unquoted(struct hn_buf *out, const struct param *param)
{
    for (size_t i = 0; i < param->raw.len; i++) {
        char c = param->raw.ptr[i];

        if (param->quoted && c == '\\' && i + 1 < param->raw.len &&
                (param->raw.ptr[i + 1] == '"' || param->raw.ptr[i + 1] == '\\'))
            c = param->raw.ptr[++i];
        hn_buf_add_char(out, c);
    }
}

/* ---- RFC 2231 ---- */

/* Is it `want`, "want*", "want*3" or "want*3*"? */
static bool section_of(
        struct hn_text name, struct hn_text want, size_t *ret_number, bool *ret_encoded)
{
    size_t pos = want.len;
    size_t number = 0;

    if (!hn_text_starts_nocase(name, want))
        return false;
    *ret_number = 0;
    *ret_encoded = false;
    if (pos == name.len)
        return true;
    if (name.ptr[pos++] != '*')
        return false;
    if (pos == name.len) {
        *ret_encoded = true;
        return true;
    }
    while (pos < name.len && name.ptr[pos] >= '0' && name.ptr[pos] <= '9' && number < SECTIONS_MAX)
        number = number * 10 + (size_t)(name.ptr[pos++] - '0');
    *ret_number = number;
    *ret_encoded = pos < name.len && name.ptr[pos] == '*';
    return number < SECTIONS_MAX && pos + (*ret_encoded ? 1 : 0) == name.len;
}

struct gathering {
    struct hn_buf bytes;
    struct hn_text charset;
    bool any;
    bool extended; /* a section of RFC 2231 was among them */
};

static void add_section(struct gathering *all, const struct param *param, bool encoded, bool first)
{
    struct hn_text raw = param->raw;

    all->any = true;
    if (!encoded) {
        add_unquoted(&all->bytes, param);
        return;
    }
    all->extended = true;
    if (first) { /* charset'language'text */
        size_t one = hn_text_find_char(raw, '\'', 0);
        size_t two = one != SIZE_MAX ? hn_text_find_char(raw, '\'', one + 1) : SIZE_MAX;

        if (two != SIZE_MAX) {
            all->charset = hn_text_sub(raw, 0, one);
            raw = hn_text_sub(raw, two + 1, raw.len);
        }
    }
    hn_percent_decode(&all->bytes, raw);
}

/* One pass for the sections of one number; false when there is none. */
static bool gather(
        struct gathering *all, struct hn_text value, struct hn_text want, size_t section, bool star)
{
    struct param param;
    size_t pos = 0;

    while (param_next(value, &pos, &param)) {
        bool plain = hn_text_eq_nocase(param.name, want);
        bool encoded;
        size_t number;

        if (!section_of(param.name, want, &number, &encoded) || number != section || plain == star)
            continue;
        add_section(all, &param, encoded, section == 0);
        return true;
    }
    return false;
}

struct hn_text mail_param(struct hn_arena *arena, struct hn_text value, const char *name)
{
    struct hn_text want = hn_text_cstr(name);
    struct gathering all = { .bytes.cap_bytes = MAIL_VALUE_BYTES_MAX };
    struct hn_buf out = { .cap_bytes = MAIL_VALUE_BYTES_MAX * 4 };
    struct hn_text text;

    /* The extended form wins over the plain one, which is for old programs (RFC 6266, 4.3). */
    for (size_t section = 0; section < SECTIONS_MAX; section++)
        if (!gather(&all, value, want, section, true) && (section > 0 || !all.any))
            break;
    if (!all.any)
        (void)gather(&all, value, want, 0, false);
    if (all.extended && all.charset.len > 0)
        (void)mail_to_utf8(&out, hn_text_as_bytes(hn_buf_text(&all.bytes)), all.charset);
    else if (all.bytes.len > 0)
        mail_words(&out, hn_buf_text(&all.bytes));
    text = hn_arena_text(arena, hn_text_trim(hn_buf_text(&out)));
    hn_buf_deinit(&out);
    hn_buf_deinit(&all.bytes);
    return text.ptr != NULL ? text : HN_TEXT("");
}
