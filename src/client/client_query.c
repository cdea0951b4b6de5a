/* client_query.c - paths with what is asked. */
#include "client/client.h"

static void add_encoded(struct hn_buf *path, struct hn_text text)
{
    static const char plain[] = "-._~";
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool safe = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    memchr(plain, c, sizeof plain - 1) != NULL;

        if (safe) {
            hn_buf_add_char(path, (char)c);
        } else {
            hn_buf_add_char(path, '%');
            hn_buf_add_char(path, digits[c >> 4]);
            hn_buf_add_char(path, digits[c & 15]);
        }
    }
}

void client_query(struct hn_buf *path, const char *name, struct hn_text value)
{
    if (value.len == 0)
        return;
    hn_buf_add_char(path, hn_text_find_char(hn_buf_text(path), '?', 0) == SIZE_MAX ? '?' : '&');
    hn_buf_addf(path, "%s=", name);
    add_encoded(path, value);
}

void client_query_u64(struct hn_buf *path, const char *name, uint64_t value)
{
    char digits[24];
    struct hn_buf text = hn_buf_over(digits, sizeof digits);

    hn_buf_add_u64(&text, value);
    client_query(path, name, hn_buf_text(&text));
}

void client_query_time(struct hn_buf *path, const char *name, hn_time time)
{
    char text[HN_TIME_TEXT_MAX];

    if (time != HN_TIME_NONE)
        client_query(path, name, hn_text_of(text, hn_time_write(time, 0, text)));
}

void client_segment(struct hn_buf *path, struct hn_text segment)
{
    hn_buf_add_char(path, '/');
    add_encoded(path, segment);
}
