/* http_head.c - whether a request's head means the same to everybody who reads it.
 *
 * libmicrohttpd 0.9.75 takes bare line feeds, folded lines and NUL without saying so, and prefers
 * Transfer-Encoding over Content-Length. It parses in place, though: the names and values it gives
 * point into the head as it was received. So a head in which every line ends in CRLF and nothing
 * is folded or cut at a NUL is one whose parts follow each other at fixed distances; anything else
 * is refused. Later versions (CLIENT_DISCIPLINE_LVL) do that themselves. */
#include "http/http_internal.h"

#include "base/num.h"

#if MHD_VERSION < 0x00097701
#    define CHECK_PLACES 1
#else
#    define CHECK_PLACES 0
#endif

struct head_walk {
    struct http_request *request;
    struct http_head *head;
    uintptr_t next; /* where the next field must begin */
    size_t bytes;
    unsigned lengths;
    unsigned encodings;
    unsigned hosts;
};

static void refuse(struct http_head *head, unsigned status, const char *reason)
{
    if (head->refused == 0) {
        head->refused = status;
        head->reason = reason;
    }
}

/* RFC 9110, section 5.6.2. */
static bool is_token(struct hn_text text)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        char lower = (char)(c | 0x20);

        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') &&
                memchr(others, c, sizeof others - 1) == NULL)
            return false;
    }
    return text.len > 0;
}

static bool is_value(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static void note_framing(struct head_walk *walk, struct hn_text name, struct hn_text value)
{
    struct http_head *head = walk->head;

    if (hn_text_eq_nocase(name, HN_TEXT("content-length"))) {
        walk->lengths++;
        head->has_length = true;
        if (!hn_parse_u64(value, &head->length) || head->length > INT64_MAX)
            refuse(head, 400, "the Content-Length is no number");
    } else if (hn_text_eq_nocase(name, HN_TEXT("transfer-encoding"))) {
        walk->encodings++;
        head->chunked = true;
        if (!hn_text_eq_nocase(value, HN_TEXT("chunked")))
            refuse(head, 501, "the only Transfer-Encoding taken is chunked");
    } else if (hn_text_eq_nocase(name, HN_TEXT("host"))) {
        walk->hosts++;
    }
}

static void keep(struct head_walk *walk, struct hn_text name, struct hn_text value)
{
    struct http_request *request = walk->request;
    struct http_pair copy = { hn_arena_text(&request->arena, name),
        hn_arena_text(&request->arena, value) };

    if (copy.name.ptr == NULL || copy.value.ptr == NULL)
        refuse(walk->head, 503, "no memory");
    else if (request->field_count == HTTP_FIELDS_MAX)
        refuse(walk->head, 431, "the head has too many fields");
    else
        request->fields[request->field_count++] = copy;
}

static enum MHD_Result on_field(void *ctx, enum MHD_ValueKind kind, const char *key, size_t key_len,
        const char *value, size_t value_len)
{
    struct head_walk *walk = ctx;
    struct hn_text name = hn_text_of(key, key_len);
    struct hn_text text = hn_text_of(value == NULL ? "" : value, value_len);

    (void)kind;
    if (CHECK_PLACES && (uintptr_t)key != walk->next)
        refuse(walk->head, 400, "a line of the head does not end in CRLF, is folded, or holds NUL");
    walk->next = (uintptr_t)text.ptr + text.len + 2;
    walk->bytes += name.len + text.len + 4;
    keep(walk, name, hn_text_trim(text));
    if (!is_token(name))
        refuse(walk->head, 400, "a header field's name is no token");
    else if (!is_value(text))
        refuse(walk->head, 400, "a header field's value holds control characters");
    else
        note_framing(walk, name, hn_text_trim(text));
    return MHD_YES;
}

void http_head_check(struct http_request *request, const char *version, struct http_head *ret_head)
{
    struct http_head head = { .refused = 0 };
    struct head_walk walk = { .request = request,
        .head = &head,
        .next = (uintptr_t)version + strlen(version) + 2,
        .bytes = request->raw_target.len + request->method.len + 12 };

    if (!is_token(request->method))
        refuse(&head, 400, "the method is no token");
    (void)MHD_get_connection_values_n(request->mhd, MHD_HEADER_KIND, on_field, &walk);
    if (walk.lengths > 1 || walk.encodings > 1)
        refuse(&head, 400, "Content-Length or Transfer-Encoding stands there twice");
    if (walk.lengths > 0 && walk.encodings > 0)
        refuse(&head, 400, "both Content-Length and Transfer-Encoding");
    if (walk.encodings > 0 && strcmp(version, "HTTP/1.1") != 0)
        refuse(&head, 400, "Transfer-Encoding in a version that has none");
    if (walk.hosts > 1)
        refuse(&head, 400, "Host stands there twice");
    if (walk.bytes > request->server->limits.head_bytes)
        refuse(&head, 431, "the head is too long");
    *ret_head = head;
}
