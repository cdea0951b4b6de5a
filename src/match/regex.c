/* regex.c - regular expressions by PCRE2, and the literal a match cannot do without. */
#include "match/match_internal.h"

#include "base/utf.h"

enum hn_status regex_compile(
        const struct sigma_value *value, pcre2_code **ret_code, struct hn_err *err)
{
    char reason[120] = "";
    size_t offset;
    pcre2_code *regex = sigma_regex_compile(
            value->as.regex.pattern, value->as.regex.flags, &offset, reason, sizeof reason);

    if (regex == NULL)
        return hn_fail_at(err, HN_SYNTAX, value->place.line, value->place.column,
                "regular expression: %s at offset %zu", reason, offset);
    (void)pcre2_jit_compile(regex, PCRE2_JIT_COMPLETE); /* without it the interpreter serves */
    *ret_code = regex;
    return HN_OK;
}

/* Reads a pattern from left to right and keeps the longest run of plain characters outside groups
 * and classes. Whatever it is not sure of ends the run; an alternation at the top ends everything.
 */
struct literal_reader {
    struct hn_text pattern;
    size_t pos;
    char run[64];
    size_t run_len;
    char best[64];
    size_t best_len;
    bool broken;
};

static void end_run(struct literal_reader *r)
{
    if (r->run_len > r->best_len) {
        memcpy(r->best, r->run, r->run_len);
        r->best_len = r->run_len;
    }
    r->run_len = 0;
}

/* A character that must occur once; dropped again when a quantifier that allows none follows. */
static void plain(struct literal_reader *r, char c)
{
    char next = r->pos < r->pattern.len ? r->pattern.ptr[r->pos] : '\0';

    if (next == '*' || next == '?' || next == '{') {
        end_run(r);
        return;
    }
    if (r->run_len == sizeof r->run)
        end_run(r);
    r->run[r->run_len++] = c;
    if (next == '+')
        end_run(r);
}

/* Behind the bracket that closes the one at pos - 1; false when there is none. */
static bool skip_class(struct literal_reader *r)
{
    size_t pos = r->pos;

    if (pos < r->pattern.len && r->pattern.ptr[pos] == '^')
        pos++;
    if (pos < r->pattern.len && r->pattern.ptr[pos] == ']')
        pos++;
    for (; pos < r->pattern.len; pos++) {
        if (r->pattern.ptr[pos] == '\\')
            pos++;
        else if (r->pattern.ptr[pos] == '[')
            return false; /* [:alpha:] and the like */
        else if (r->pattern.ptr[pos] == ']') {
            r->pos = pos + 1;
            return true;
        }
    }
    return false;
}

static bool skip_group(struct literal_reader *r)
{
    unsigned depth = 1;

    while (r->pos < r->pattern.len && depth > 0) {
        char c = r->pattern.ptr[r->pos++];

        if (c == '\\')
            r->pos++;
        else if (c == '[' && !skip_class(r))
            return false;
        else if (c == '(')
            depth++;
        else if (c == ')')
            depth--;
    }
    return depth == 0;
}

static void escape(struct literal_reader *r)
{
    char c;

    if (r->pos == r->pattern.len) {
        r->broken = true;
        return;
    }
    c = r->pattern.ptr[r->pos++];
    if ((c >= '0' && c <= '9') || c == 'Q' || c == 'x' || c == 'o' || c == 'c' || c == 'g' ||
            c == 'k' || c == 'p' || c == 'P' || c == 'N' || c == 'u' || c == 'U' || c == 'L')
        r->broken = true; /* with arguments; not worth reading */
    else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        end_run(r);
    else
        plain(r, c);
}

static void read_literal(struct literal_reader *r)
{
    while (!r->broken && r->pos < r->pattern.len) {
        char c = r->pattern.ptr[r->pos++];

        switch (c) {
        case '\\':
            escape(r);
            break;
        case '[':
            end_run(r);
            r->broken = !skip_class(r);
            break;
        case '(':
            end_run(r);
            r->broken = (r->pos < r->pattern.len && r->pattern.ptr[r->pos] == '?' &&
                                r->pos + 1 < r->pattern.len && r->pattern.ptr[r->pos + 1] != ':') ||
                        !skip_group(r); /* (?i), lookaround and friends change what is around */
            break;
        case '|':
            r->best_len = 0;
            r->run_len = 0;
            return;
        case '.':
        case '^':
        case '$':
        case '*':
        case '+':
        case '?':
            end_run(r);
            break;
        case '{':
            end_run(r);
            while (r->pos < r->pattern.len && r->pattern.ptr[r->pos++] != '}')
                continue;
            break;
        default:
            plain(r, c);
            break;
        }
    }
    end_run(r);
}

struct hn_text regex_literal(struct hn_arena *arena, const struct sigma_value *value)
{
    struct literal_reader r = { .pattern = value->as.regex.pattern };
    char folded[HN_FOLD_ROOM(sizeof r.best)];
    struct hn_text none = { "", 0 };
    struct hn_text kept;

    read_literal(&r);
    if (r.broken || !hn_utf8_valid(hn_bytes_of(r.best, r.best_len)))
        return none; /* a run may have been cut inside a character */
    kept = hn_arena_text(
            arena, hn_text_of(folded, hn_fold(hn_text_of(r.best, r.best_len), folded)));
    return kept.ptr == NULL ? none : kept;
}
