/* kv.c - takes key=value pairs off a line; see kv.h. */
#include "decode/kv.h"

#include "decode/room.h"
#include "decode/scan.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Where the quote that opened the text ends, or SIZE_MAX. A backslash hides the next character;
 * when no quote is left then, products that do not escape have written a backslash last. */
static size_t closing_quote(struct hn_text text, char quote, bool *ret_escaped)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote)
            return i;
        if (text.ptr[i] == '\\') {
            *ret_escaped = true;
            i++;
        }
    }
    return hn_text_find_char(text, quote, 0);
}

static void scan_value(struct hn_text *rest, struct kv_pair *pair)
{
    char quote = text_at(*rest, 0);
    size_t end = 0;

    if (quote == '"' || quote == '\'') {
        scan_skip(rest, 1);
        end = closing_quote(*rest, quote, &pair->escaped);
        pair->quoted = true;
        pair->value = hn_text_sub(*rest, 0, end);
        scan_skip(rest, end == SIZE_MAX ? rest->len : end + 1);
        return;
    }
    while (end < rest->len && !is_blank(rest->ptr[end]))
        end++;
    pair->value = hn_text_sub(*rest, 0, end);
    scan_skip(rest, end);
    if (end > 0 && (pair->value.ptr[end - 1] == ',' || pair->value.ptr[end - 1] == ';'))
        pair->value.len--;
}

bool kv_next(struct hn_text *rest, struct kv_pair *ret_pair)
{
    struct kv_pair pair = { .quoted = false };

    for (;;) {
        size_t len = 0;

        while (is_blank(text_at(*rest, 0)))
            scan_skip(rest, 1);
        if (rest->len == 0)
            return false;
        while (len < rest->len && !is_blank(rest->ptr[len]) && rest->ptr[len] != '=')
            len++;
        pair.key = hn_text_sub(*rest, 0, len);
        scan_skip(rest, len);
        if (scan_char(rest, '=') && len > 0)
            break;
    }
    scan_value(rest, &pair);
    *ret_pair = pair;
    return true;
}

struct hn_text decode_text_unescape(struct hn_event *event, struct hn_text text, const char *set)
{
    size_t slash = hn_text_find_char(text, '\\', 0);
    size_t len = 0;
    char *out;

    if (slash == SIZE_MAX)
        return text;
    out = room_take(event, text.len);
    if (out == NULL)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        char next = text_at(text, i + 1);

        if (c == '\\' && i + 1 < text.len && next != '\0' && strchr(set, next) != NULL) {
            i++;
            c = next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next;
        }
        out[len++] = c;
    }
    return hn_text_of(out, len);
}

struct hn_text kv_value(struct hn_event *event, const struct kv_pair *pair)
{
    return pair->escaped ? decode_text_unescape(event, pair->value, "\"'\\nrt") : pair->value;
}

const struct kv_pair *kv_find(const struct kv_set *set, struct hn_text key)
{
    for (size_t i = 0; i < set->count; i++) {
        if (hn_text_eq(set->pairs[i].key, key))
            return &set->pairs[i];
    }
    return NULL;
}

struct hn_text kv_raw(const struct kv_set *set, struct hn_text key)
{
    const struct kv_pair *pair = kv_find(set, key);

    return pair == NULL ? HN_TEXT("") : pair->value;
}
