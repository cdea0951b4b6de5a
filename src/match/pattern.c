/* pattern.c - wildcards: greedy matching with one point of return, so that the cost is bounded by
 * the text's length times the number of pieces. '?' is one code point, or one ill-formed byte. */
#include "match/match_internal.h"

#include "base/utf.h"

static size_t code_point_len(struct hn_text text, size_t pos)
{
    uint32_t code_point;
    size_t len;

    if ((unsigned char)text.ptr[pos] < 0x80)
        return 1;
    len = hn_utf8_decode(text, pos, &code_point);
    return len == 0 ? 1 : len;
}

/* Matches parts up to the next MANY at pos. Returns the end, or SIZE_MAX; *ret_part is the part
 * behind them. */
static size_t run_at(const struct pattern_part *parts, uint32_t count, uint32_t part,
        struct hn_text text, size_t pos, uint32_t *ret_part)
{
    for (; part < count && parts[part].kind != SIGMA_PART_MANY; part++) {
        if (parts[part].kind == SIGMA_PART_ONE) {
            if (pos == text.len)
                return SIZE_MAX;
            pos += code_point_len(text, pos);
        } else {
            struct hn_text piece = parts[part].text;

            if (piece.len > text.len - pos || memcmp(text.ptr + pos, piece.ptr, piece.len) != 0)
                return SIZE_MAX;
            pos += piece.len;
        }
    }
    *ret_part = part;
    return pos;
}

/* From part (which is behind a MANY, or the free start) on; open_start: may begin anywhere. */
static bool fits_from(const struct pattern_part *parts, uint32_t count, struct hn_text text,
        bool open_start, bool open_end)
{
    uint32_t part = 0;
    size_t pos = 0;
    bool free_start = open_start;

    for (;;) {
        uint32_t next = part;
        size_t end = run_at(parts, count, part, text, pos, &next);

        while (free_start && (end == SIZE_MAX || (next == count && !open_end && end != text.len))) {
            if (pos == text.len)
                return false;
            pos += code_point_len(text, pos);
            end = run_at(parts, count, part, text, pos, &next);
        }
        if (end == SIZE_MAX)
            return false;
        if (next == count)
            return open_end || end == text.len;
        part = next + 1; /* behind the MANY */
        pos = end;
        free_start = true;
        if (part == count)
            return true;
    }
}

bool pattern_fits(const struct pattern_part *parts, uint32_t count, struct hn_text text)
{
    return fits_from(parts, count, text, false, false);
}

bool pattern_inside(const struct pattern_part *parts, uint32_t count, struct hn_text text)
{
    return fits_from(parts, count, text, true, true);
}
