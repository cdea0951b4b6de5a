/* hashlist_line.c - digests out of the lines of lists that people and institutes write. */
#include "hashlist/hashlist_internal.h"

#include "base/enc.h"

#define NAME_ROOM 16 /* of a column, without what is no letter or digit */

static const struct {
    const char *id;
    size_t bytes;
} kinds[] = {
#define HASHLIST_KIND_ROW(name, id, bytes) [name] = { id, bytes },
    HASHLIST_KIND_LIST(HASHLIST_KIND_ROW)
#undef HASHLIST_KIND_ROW
};

const char *hashlist_kind_id(enum hashlist_kind kind)
{
    return kinds[kind].id;
}

size_t hashlist_kind_bytes(enum hashlist_kind kind)
{
    return kinds[kind].bytes;
}

bool hashlist_digest_of(struct hn_text hex, struct hashlist_digest *ret_digest)
{
    struct hashlist_digest digest = { 0 };
    struct hn_buf out = hn_buf_over((char *)digest.bytes, sizeof digest.bytes);

    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++) {
        if (hex.len != 2 * kinds[kind].bytes)
            continue;
        if (!hn_hex_decode(&out, hex))
            return false;
        digest.kind = (enum hashlist_kind)kind;
        *ret_digest = digest;
        return true;
    }
    return false;
}

/* The next field of a table, without its quotes; what is doubled within stays doubled, as no digest
 * has any. False behind the last. */
static bool next_field(struct hn_text *rest, char separator, struct hn_text *ret_field)
{
    size_t end = 0;
    bool quoted = rest->len > 0 && rest->ptr[0] == '"';

    if (rest->ptr == NULL)
        return false;
    if (quoted) {
        for (end = 1; end < rest->len; end++) {
            if (rest->ptr[end] != '"')
                continue;
            if (end + 1 < rest->len && rest->ptr[end + 1] == '"')
                end++;
            else
                break;
        }
        *ret_field = hn_text_sub(*rest, 1, end < rest->len ? end - 1 : SIZE_MAX);
    }
    while (end < rest->len && rest->ptr[end] != separator)
        end++;
    if (!quoted)
        *ret_field = hn_text_trim(hn_text_sub(*rest, 0, end));
    *rest = end < rest->len ? hn_text_sub(*rest, end + 1, SIZE_MAX) : hn_text_of(NULL, 0);
    return true;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "SHA-1", "sha1_hash", "SHA 256" by their letters and digits. */
static bool names_kind(struct hn_text field, enum hashlist_kind *ret_kind)
{
    char room[NAME_ROOM];
    struct hn_text name = { room, 0 };

    for (size_t i = 0; i < field.len; i++) {
        if (!is_word(field.ptr[i]))
            continue;
        if (name.len == sizeof room)
            return false;
        room[name.len++] = field.ptr[i];
    }
    if (hn_text_ends_nocase(name, HN_TEXT("hash")))
        name.len -= 4;
    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++) {
        if (hn_text_eq_nocase(name, hn_text_cstr(kinds[kind].id))) {
            *ret_kind = (enum hashlist_kind)kind;
            return true;
        }
    }
    return false;
}

/* Does the line name columns of digests? */
static bool read_names(struct hashlist_lines *lines, struct hn_text line)
{
    static const char separators[] = { ',', ';', '\t', '|' };

    for (size_t i = 0; i < sizeof separators; i++) {
        struct hn_text rest = line;
        struct hn_text field;
        bool found = false;

        for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++)
            lines->columns[kind] = HASHLIST_NO_COLUMN;
        for (uint32_t column = 0; next_field(&rest, separators[i], &field); column++) {
            enum hashlist_kind kind;

            if (names_kind(field, &kind) && lines->columns[kind] == HASHLIST_NO_COLUMN) {
                lines->columns[kind] = column;
                found = true;
            }
        }
        if (found) {
            lines->separator = separators[i];
            return true;
        }
    }
    return false;
}

static bool of_columns(
        const struct hashlist_lines *lines, struct hn_text line, struct hashlist_digest *ret_digest)
{
    struct hashlist_digest best = { 0 };
    struct hn_text rest = line;
    struct hn_text field;
    bool any = false;

    for (uint32_t column = 0; next_field(&rest, lines->separator, &field); column++) {
        struct hashlist_digest digest;

        if (hashlist_digest_of(field, &digest) && lines->columns[digest.kind] == column &&
                (!any || digest.kind > best.kind)) {
            best = digest;
            any = true;
        }
    }
    if (any)
        *ret_digest = best;
    return any;
}

/* The first word that is a digest. */
static bool first_of(struct hn_text line, struct hashlist_digest *ret_digest)
{
    size_t at = 0;

    while (at < line.len) {
        size_t start = at;

        while (at < line.len && is_word(line.ptr[at]))
            at++;
        if (at > start && hashlist_digest_of(hn_text_sub(line, start, at - start), ret_digest))
            return true;
        at++;
    }
    return false;
}

bool hashlist_line(
        struct hashlist_lines *lines, struct hn_text line, struct hashlist_digest *ret_digest)
{
    struct hn_text content;

    if (hn_text_starts(line, HN_TEXT("\xEF\xBB\xBF")))
        line = hn_text_sub(line, 3, SIZE_MAX);
    content = hn_text_trim(line); /* a table may begin with an empty field */
    if (content.len == 0 || line.len > HASHLIST_LINE_MAX || content.ptr[0] == '#')
        return false;
    if (!lines->begun) {
        lines->begun = true;
        if (read_names(lines, line))
            return false;
    }
    return lines->separator != '\0' ? of_columns(lines, line, ret_digest)
                                    : first_of(content, ret_digest);
}
