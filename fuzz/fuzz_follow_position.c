/* fuzz: follow */
/* fuzz_follow_position.c - positions of files: whatever text the journal gives back is read without
 * harm, and what is read is written to the same again. */
#include "follow/follow.h"
#include "follow/follow_position.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* All entries of a text, written anew. */
static void rewrite(struct hn_text text, struct hn_buf *out)
{
    struct follow_entry entry;

    while (follow_entry_next(&text, &entry)) {
        check(entry.print_bytes <= FOLLOW_PRINT_BYTES);
        follow_entry_write(&entry, out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_buf once = { 0 };
    struct hn_buf twice = { 0 };

    rewrite(hn_text_of((const char *)data, size), &once);
    rewrite(hn_buf_text(&once), &twice);
    check(hn_text_eq(hn_buf_text(&once), hn_buf_text(&twice)));
    hn_buf_deinit(&once);
    hn_buf_deinit(&twice);
    return 0;
}
