/* pattern.c - matches messages against templates; see pattern.h.
 *
 * There is no backtracking but for the one {name>} of a template, and that tries a bounded number
 * of places: a hostile message cannot make matching slower than linear. */
#include "decode/pattern.h"

#include "decode/scan.h"

/* Where a message and its template have got to. */
struct cursor {
    const char *pattern;
    struct hn_text rest;
};

struct capture_spec {
    struct hn_text name;
    char kind; /* 'w', 'd', 'h', '>', or 0: up to what follows */
};

static bool stops_host(char c)
{
    return c == ' ' || c == '/' || c == '(' || c == ')' || c == ',' || c == '"';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether blanks belong to what follows rather than to the run in front of it: an empty name leaves
 * two of them, of which the second starts what comes behind the name. */
static bool is_open_capture(const char *pattern)
{
    if (*pattern != '{')
        return false;
    while (*pattern != '}' && *pattern != ':')
        pattern++;
    return *pattern == '}';
}

/* Length of the literal run at the start of text that matches the template's literal run, or
 * SIZE_MAX. */
static size_t literal_at(const char *pattern, struct hn_text text)
{
    size_t pos = 0;

    for (; *pattern != '\0' && *pattern != '{'; pattern++) {
        if (*pattern == ' ' || *pattern == '~') {
            if (*pattern == ' ' && !is_blank(text_at(text, pos)))
                return SIZE_MAX;
            if (*pattern == ' ')
                pos++;
            while (!is_open_capture(pattern + 1) && is_blank(text_at(text, pos)))
                pos++;
        } else if (pos < text.len && text.ptr[pos] == *pattern) {
            pos++;
        } else {
            return SIZE_MAX;
        }
    }
    return pos;
}

static const char *behind_literal(const char *pattern)
{
    while (*pattern != '\0' && *pattern != '{')
        pattern++;
    return pattern;
}

/* The capture at pattern (behind its brace); the result is behind the closing brace. */
static const char *read_spec(const char *pattern, struct capture_spec *ret_spec)
{
    size_t len = 0;

    while (pattern[len] != '}' && pattern[len] != ':' && pattern[len] != '>')
        len++;
    ret_spec->name = hn_text_of(pattern, len);
    ret_spec->kind = '\0';
    pattern += len;
    if (*pattern == '>')
        ret_spec->kind = *pattern++;
    if (*pattern == ':') {
        ret_spec->kind = pattern[1];
        pattern += 2;
    }
    return pattern + 1;
}

static size_t typed_length(char kind, struct hn_text text)
{
    size_t len = 0;

    if (kind == 'd')
        return text_digits(text);
    while (len < text.len && (kind == 'w' ? !is_blank(text.ptr[len]) : !stops_host(text.ptr[len])))
        len++;
    return len;
}

/* Whether a literal can start at pos. One that starts with spaces takes a whole run of them, so
 * only the first of a run is worth a look; looking at each would be quadratic. */
static bool may_start(const char *pattern, struct hn_text text, size_t pos)
{
    return (*pattern != ' ' && *pattern != '~') || pos == 0 || !is_blank(text.ptr[pos - 1]);
}

/* Where the literal that follows occurs first, or SIZE_MAX; the end when nothing follows. */
static size_t find_literal(const char *pattern, struct hn_text text)
{
    bool plain = *pattern != ' ' && *pattern != '~' && *pattern != '{';

    if (*pattern == '\0')
        return text.len;
    for (size_t pos = 0; pos <= text.len; pos++) {
        if (plain) {
            pos = hn_text_find_char(text, *pattern, pos);
            if (pos == SIZE_MAX)
                return SIZE_MAX;
        }
        if (may_start(pattern, text, pos) && literal_at(pattern, text_from(text, pos)) != SIZE_MAX)
            return pos;
    }
    return SIZE_MAX;
}

static void keep(struct pattern_match *match, const struct capture_spec *spec, struct hn_text value)
{
    struct pattern_capture *capture = &match->captures[match->count];

    value = hn_text_trim(value);
    if (spec->name.len == 0 || value.len == 0 || match->count == PATTERN_CAPTURES_MAX)
        return;
    capture->name = spec->name;
    capture->value = value;
    match->count++;
}

/* Follows the template until it ends or comes to a {name>}, which stays. */
static bool follow(struct cursor *at, struct pattern_match *match)
{
    for (;;) {
        size_t len = literal_at(at->pattern, at->rest);
        struct capture_spec spec;
        const char *behind;

        if (len == SIZE_MAX)
            return false;
        scan_skip(&at->rest, len);
        at->pattern = behind_literal(at->pattern);
        if (*at->pattern == '\0')
            return true;
        behind = read_spec(at->pattern + 1, &spec);
        if (spec.kind == '>')
            return true;
        len = spec.kind == '\0' ? find_literal(behind, at->rest)
                                : typed_length(spec.kind, at->rest);
        if (len == SIZE_MAX || (len == 0 && spec.kind != '\0'))
            return false;
        keep(match, &spec, hn_text_sub(at->rest, 0, len));
        scan_skip(&at->rest, len);
        at->pattern = behind;
    }
}

/* The longest value for the {name>} at the cursor with which the rest of the template fits. */
static bool follow_longest(const struct cursor *at, struct pattern_match *match)
{
    struct capture_spec spec;
    const char *behind = read_spec(at->pattern + 1, &spec);
    size_t count = match->count;
    size_t tries = 0;

    if (*behind == '\0') {
        keep(match, &spec, at->rest);
        return true;
    }
    for (size_t len = at->rest.len; len-- > 0 && tries < PATTERN_TRIES_MAX;) {
        struct cursor tail = { behind, text_from(at->rest, len) };

        if (!may_start(behind, at->rest, len) || literal_at(behind, tail.rest) == SIZE_MAX)
            continue;
        tries++;
        match->count = count;
        keep(match, &spec, hn_text_sub(at->rest, 0, len));
        if (follow(&tail, match) && *tail.pattern == '\0')
            return true;
    }
    return false;
}

bool pattern_match(const char *pattern, struct hn_text message, struct pattern_match *ret_match)
{
    struct cursor at = { pattern, message };

    ret_match->count = 0;
    if (!follow(&at, ret_match))
        return false;
    return *at.pattern == '\0' || follow_longest(&at, ret_match);
}

struct hn_text pattern_captured(const struct pattern_match *match, struct hn_text name)
{
    for (size_t i = 0; i < match->count; i++) {
        if (hn_text_eq(match->captures[i].name, name))
            return match->captures[i].value;
    }
    return (struct hn_text){ NULL, 0 };
}

const struct message_kind *decode_message_fields(struct hn_event *event,
        const struct message_kind *kinds, size_t count, struct hn_text message)
{
    struct pattern_match match;

    for (size_t i = 0; i < count; i++) {
        if (!pattern_match(kinds[i].pattern, message, &match))
            continue;
        for (size_t k = 0; k < match.count; k++)
            hn_event_add_text(event, match.captures[k].name, match.captures[k].value);
        if (kinds[i].name != NULL)
            hn_event_add_text(event, hn_text_cstr(kinds[i].name), hn_text_cstr(kinds[i].value));
        return &kinds[i];
    }
    return NULL;
}
