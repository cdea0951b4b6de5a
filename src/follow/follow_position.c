/* follow_position.c - positions as text, and back. */
#include "follow/follow_position.h"

#include "base/num.h"
#include "follow/follow.h"

static void add_word(struct hn_buf *out, struct hn_text word)
{
    hn_buf_add_char(out, ' ');
    if (word.len == 0)
        hn_buf_add_char(out, '-');
    else
        hn_buf_add_text(out, word);
}

void follow_entry_write(const struct follow_entry *entry, struct hn_buf *out)
{
    hn_buf_addf(out, "f1 %llu %llu %u %016llx %llu %llu %u", (unsigned long long)entry->device,
            (unsigned long long)entry->inode, entry->print_bytes, (unsigned long long)entry->print,
            (unsigned long long)entry->offset, (unsigned long long)entry->mark, entry->member);
    add_word(out, entry->format);
    add_word(out, entry->head);
    hn_buf_add_char(out, '\n');
}

static bool take_u64(struct hn_text *rest, uint64_t *ret_value)
{
    struct hn_text word;

    return hn_text_split(rest, ' ', &word) && hn_parse_u64(word, ret_value);
}

static bool take_u32(struct hn_text *rest, uint32_t *ret_value)
{
    struct hn_text word;

    return hn_text_split(rest, ' ', &word) && hn_parse_u32(word, ret_value);
}

static bool take_word(struct hn_text *rest, struct hn_text *ret_word)
{
    if (!hn_text_split(rest, ' ', ret_word) || ret_word->len == 0)
        return false;
    for (size_t i = 0; i < ret_word->len; i++) {
        if (ret_word->ptr[i] < '!' || ret_word->ptr[i] > '~')
            return false;
    }
    if (hn_text_eq(*ret_word, HN_TEXT("-")))
        ret_word->len = 0;
    return true;
}

static bool read_entry(struct hn_text line, struct follow_entry *entry)
{
    struct hn_text word;

    return hn_text_split(&line, ' ', &word) && hn_text_eq(word, HN_TEXT("f1")) &&
           take_u64(&line, &entry->device) && take_u64(&line, &entry->inode) &&
           take_u32(&line, &entry->print_bytes) && entry->print_bytes <= FOLLOW_PRINT_BYTES &&
           hn_text_split(&line, ' ', &word) && word.len == 16 &&
           hn_parse_hex64(word, &entry->print) && take_u64(&line, &entry->offset) &&
           take_u64(&line, &entry->mark) && take_u32(&line, &entry->member) &&
           take_word(&line, &entry->format) && take_word(&line, &entry->head) && line.ptr == NULL;
}

bool follow_entry_next(struct hn_text *rest, struct follow_entry *ret_entry)
{
    struct hn_text line;

    while (hn_text_line(rest, &line)) {
        struct follow_entry entry = { 0 };

        if (!read_entry(line, &entry))
            continue;
        *ret_entry = entry;
        return true;
    }
    return false;
}
