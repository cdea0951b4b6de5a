/* form_head.c - Content-Type of a form, and the heads of its parts. */
#include "form/form_internal.h"

#include "base/utf.h"

#include <string.h>

/* ---- Parameters ---- */

static bool is_token_char(char c)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr(others, c) != NULL);
}

static void skip_blanks(struct hn_text *rest)
{
    while (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
        *rest = hn_text_sub(*rest, 1, SIZE_MAX);
}

static struct hn_text take_token(struct hn_text *rest)
{
    size_t len = 0;
    struct hn_text token;

    while (len < rest->len && is_token_char(rest->ptr[len]))
        len++;
    token = hn_text_sub(*rest, 0, len);
    *rest = hn_text_sub(*rest, len, SIZE_MAX);
    return token;
}

/* Behind the first quotation mark. A backslash stands for itself before anything but a quotation
 * mark or another one: some browsers send C:\folder\file as it is. */
static bool take_quoted(struct hn_text *rest, char *room, struct hn_text *ret_value)
{
    size_t len = 0;
    size_t i = 0;

    while (i < rest->len && rest->ptr[i] != '"') {
        if (rest->ptr[i] == '\\' && i + 1 < rest->len &&
                (rest->ptr[i + 1] == '"' || rest->ptr[i + 1] == '\\'))
            i++;
        room[len++] = rest->ptr[i++];
    }
    if (i == rest->len)
        return false;
    *ret_value = hn_text_of(room, len);
    *rest = hn_text_sub(*rest, i + 1, SIZE_MAX);
    return true;
}

struct hn_text form_word(struct hn_text *rest)
{
    size_t end = hn_text_find_char(*rest, ';', 0);
    struct hn_text word;

    if (end > rest->len)
        end = rest->len;
    word = hn_text_trim(hn_text_sub(*rest, 0, end));
    *rest = hn_text_sub(*rest, end, SIZE_MAX);
    return word;
}

bool form_param_next(struct hn_text *rest, char *room, struct hn_text *ret_name,
        struct hn_text *ret_value, bool *ret_fine)
{
    *ret_fine = true;
    skip_blanks(rest);
    if (rest->len == 0)
        return false;
    *ret_fine = false;
    if (rest->ptr[0] != ';')
        return false;
    *rest = hn_text_sub(*rest, 1, SIZE_MAX);
    skip_blanks(rest);
    if (rest->len == 0) { /* some end with ';' */
        *ret_fine = true;
        return false;
    }
    *ret_name = take_token(rest);
    if (ret_name->len == 0 || rest->len == 0 || rest->ptr[0] != '=')
        return false;
    *rest = hn_text_sub(*rest, 1, SIZE_MAX);
    if (rest->len > 0 && rest->ptr[0] == '"') {
        *rest = hn_text_sub(*rest, 1, SIZE_MAX);
        *ret_fine = take_quoted(rest, room, ret_value);
    } else {
        *ret_value = take_token(rest);
        *ret_fine = ret_value->len > 0;
    }
    return *ret_fine;
}

/* ---- Content-Type ---- */

bool form_is_type(struct hn_text content_type)
{
    return hn_text_eq_nocase(form_word(&content_type), HN_TEXT(FORM_TYPE));
}

static bool is_boundary(struct hn_text text)
{
    static const char others[] = "'()+_,-./:=? ";

    if (text.len == 0 || text.len > FORM_BOUNDARY_MAX || text.ptr[text.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    (c != '\0' && strchr(others, c) != NULL)))
            return false;
    }
    return true;
}

struct hn_text form_boundary(struct hn_text content_type, char *room)
{
    struct hn_text rest = content_type;
    struct hn_text boundary = HN_TEXT("");
    struct hn_text value;
    struct hn_text name;
    bool fine = true;

    if (!hn_text_eq_nocase(form_word(&rest), HN_TEXT(FORM_TYPE)))
        return HN_TEXT("");
    while (form_param_next(&rest, room, &name, &value, &fine)) {
        if (!hn_text_eq_nocase(name, HN_TEXT("boundary")))
            continue;
        if (boundary.len > 0 || !is_boundary(value))
            return HN_TEXT("");
        boundary = value;
        room += value.len; /* what comes then is written behind it */
    }
    return fine ? boundary : HN_TEXT("");
}

/* ---- Heads ---- */

static bool is_clean(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    }
    return hn_utf8_valid(hn_text_as_bytes(text));
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 8187: UTF-8''per%20cent. */
static bool read_extended(struct hn_text value, char *room, struct hn_text *ret_text)
{
    const struct hn_text charset = HN_TEXT("UTF-8'");
    size_t at = charset.len;
    size_t len = 0;

    if (!hn_text_starts_nocase(value, charset))
        return false;
    at = hn_text_find_char(value, '\'', at); /* behind the language */
    if (at >= value.len)
        return false;
    for (at++; at < value.len; at++) {
        if (value.ptr[at] == '%') {
            int high = at + 2 < value.len ? digit_of(value.ptr[at + 1]) : -1;
            int low = at + 2 < value.len ? digit_of(value.ptr[at + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            room[len++] = (char)(high * 16 + low);
            at += 2;
        } else {
            room[len++] = value.ptr[at];
        }
    }
    *ret_text = hn_text_of(room, len);
    return true;
}

/* What a Content-Disposition has said so far. */
struct naming {
    struct form_part *part;
    struct hn_text extended; /* filename* */
    bool has_name;
    bool has_filename;
    bool has_extended;
};

static bool keep_param(struct naming *naming, struct hn_text name, struct hn_text value, char *room)
{
    struct form_part *part = naming->part;

    if (hn_text_eq_nocase(name, HN_TEXT("name"))) {
        if (naming->has_name || !is_clean(value))
            return false;
        naming->has_name = true;
        part->name = value;
    } else if (hn_text_eq_nocase(name, HN_TEXT("filename"))) {
        if (naming->has_filename)
            return false;
        naming->has_filename = true;
        part->filename = value;
    } else if (hn_text_eq_nocase(name, HN_TEXT("filename*"))) {
        if (naming->has_extended || !read_extended(value, room, &naming->extended))
            return false;
        naming->has_extended = true;
    }
    return true; /* others mean nothing to us */
}

/* Each value is written behind the ones before: room holds the whole head, and no value is longer
 * than what it was read from. */
static enum hn_status read_disposition(
        struct hn_text rest, char *room, struct form_part *part, struct hn_err *err)
{
    struct naming naming = { .part = part };
    struct hn_text value;
    struct hn_text name;
    bool fine = true;

    if (!hn_text_eq_nocase(form_word(&rest), HN_TEXT("form-data")))
        return hn_fail(err, HN_SYNTAX, 0, "a part is no form-data");
    while (form_param_next(&rest, room, &name, &value, &fine)) {
        if (!keep_param(&naming, name, value, room))
            return hn_fail(err, HN_SYNTAX, 0, "a part has a name that is there twice, or no UTF-8");
        room += value.len;
    }
    if (!fine || !naming.has_name)
        return hn_fail(err, HN_SYNTAX, 0, "a part has no name that can be read");
    if (naming.has_extended)
        part->filename = naming.extended; /* RFC 6266, 4.3: it is the better one */
    part->is_file = naming.has_filename || naming.has_extended;
    return is_clean(part->filename) ? HN_OK
                                    : hn_fail(err, HN_SYNTAX, 0, "the name of a file is no UTF-8");
}

static bool is_plain_coding(struct hn_text coding)
{
    return hn_text_eq_nocase(coding, HN_TEXT("binary")) ||
           hn_text_eq_nocase(coding, HN_TEXT("8bit")) || hn_text_eq_nocase(coding, HN_TEXT("7bit"));
}

/* Which fields were there already. */
struct fields {
    bool disposition;
    bool type;
    bool coding;
};

static bool first_time(bool *seen)
{
    bool first = !*seen;

    *seen = true;
    return first;
}

static enum hn_status read_field(struct hn_text line, char *room, struct fields *fields,
        struct form_part *part, struct hn_err *err)
{
    struct hn_text rest = line;
    struct hn_text name = take_token(&rest);
    struct hn_text value;

    if (name.len == 0 || rest.len == 0 || rest.ptr[0] != ':')
        return hn_fail(err, HN_SYNTAX, 0, "the head of a part has a line that is no field");
    value = hn_text_trim(hn_text_sub(rest, 1, SIZE_MAX));
    if (hn_text_eq_nocase(name, HN_TEXT("Content-Disposition"))) {
        if (!first_time(&fields->disposition))
            return hn_fail(err, HN_SYNTAX, 0, "a part has two Content-Dispositions");
        return read_disposition(value, room, part, err);
    }
    if (hn_text_eq_nocase(name, HN_TEXT("Content-Type"))) {
        if (!first_time(&fields->type) || !is_clean(value))
            return hn_fail(err, HN_SYNTAX, 0, "a part has two Content-Types, or one that is none");
        part->type = value;
    }
    if (hn_text_eq_nocase(name, HN_TEXT("Content-Transfer-Encoding")) &&
            (!first_time(&fields->coding) || !is_plain_coding(value)))
        return hn_fail(err, HN_UNSUPPORTED, 0, "a part has a Content-Transfer-Encoding");
    return HN_OK;
}

enum hn_status form_head_read(
        struct hn_text head, char *room, struct form_part *ret_part, struct hn_err *err)
{
    struct form_part part = { .name = HN_TEXT(""), .filename = HN_TEXT(""), .type = HN_TEXT("") };
    struct fields fields = { 0 };

    while (head.len > 0) {
        size_t end = hn_text_find(head, HN_TEXT("\r\n"), 0);
        struct hn_text line = hn_text_sub(head, 0, end);
        enum hn_status status;

        if (hn_text_find_char(line, '\r', 0) < line.len ||
                hn_text_find_char(line, '\n', 0) < line.len ||
                hn_text_find_char(line, '\0', 0) < line.len)
            return hn_fail(err, HN_SYNTAX, 0, "the head of a part has a line end that is none");
        status = read_field(line, room, &fields, &part, err);
        if (status != HN_OK)
            return status;
        head = end >= head.len ? HN_TEXT("") : hn_text_sub(head, end + 2, SIZE_MAX);
    }
    if (!fields.disposition)
        return hn_fail(err, HN_SYNTAX, 0, "a part has no Content-Disposition");
    *ret_part = part;
    return HN_OK;
}
