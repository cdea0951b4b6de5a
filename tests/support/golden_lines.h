/* golden_lines.h - lines that were told, held against those that a case expects. An expected line
 * that ends in '*' is the beginning of one. */
#ifndef HN_TESTS_GOLDEN_LINES_H
#define HN_TESTS_GOLDEN_LINES_H

#include "support/check.h"

static inline bool golden_told(struct hn_text out, struct hn_text wanted)
{
    struct hn_text line;
    bool beginning = hn_text_ends(wanted, HN_TEXT("*"));

    if (beginning)
        wanted.len--;
    while (hn_text_line(&out, &line))
        if (beginning ? hn_text_starts(line, wanted) : hn_text_eq(line, wanted))
            return true;
    return false;
}

/* Every request that was told begins like one that was expected. */
static inline size_t golden_invented(struct hn_text out, struct hn_text expected)
{
    struct hn_text line;
    size_t count = 0;

    while (hn_text_line(&out, &line)) {
        struct hn_text rest = expected;
        struct hn_text wanted;
        bool known = false;

        if (!hn_text_starts(line, HN_TEXT("act http_request")))
            continue;
        while (!known && hn_text_line(&rest, &wanted)) {
            if (hn_text_ends(wanted, HN_TEXT("*")))
                wanted.len--;
            known = wanted.len > 16 && hn_text_starts(line, wanted);
        }
        if (!known) {
            print_error("invented: %.*s\n", HN_TEXT_ARG(line));
            count++;
        }
    }
    return count;
}

#endif
