/* lint_item.c - items as they are written: wildcards where a modifier fits, backslash traps,
 * regular expressions without need. */
#include "sigma/sigma_draft.h"

#define VALUES_LINT_MAX                                                      \
    512u /* compared with each other for doubles; longer lists are IoC lists \
          */

static bool has_modifier(const struct draft_item *item, const char *name)
{
    struct hn_text rest = item->modifiers;
    struct hn_text part;

    if (rest.len == 0)
        return false;
    while (hn_text_split(&rest, '|', &part)) {
        if (hn_text_eq(part, hn_text_cstr(name)))
            return true;
    }
    return false;
}

/* ---- Modifiers ---- */

static bool is_partial(const struct draft_item *item)
{
    static const char *const partial[] = { "contains", "startswith", "endswith", "re", "exists",
        "fieldref", "cidr", "lt", "lte", "gt", "gte" };

    for (size_t i = 0; i < HN_COUNT_OF(partial); i++) {
        if (has_modifier(item, partial[i]))
            return true;
    }
    return false;
}

static void lint_modifiers(struct work *w, const struct draft_item *item)
{
    bool wildcards = false;

    if (has_modifier(item, "all") && item->value_count == 1)
        issue_add(w, CODE_SINGLE_ALL, item->place, "\"all\" is for lists of several values");
    for (uint32_t i = 0; i < item->value_count; i++)
        wildcards = wildcards || draft_string_has_wildcard(&item->values[i].string);
    if (has_modifier(item, "all") && item->value_count > 1 && !item->keyword && !wildcards &&
            !is_partial(item))
        issue_add(w, CODE_ALL_WITHOUT_CONTAINS, item->place,
                "a field rarely has several whole values at once; \"contains\" may be missing");
    if (has_modifier(item, "base64offset") && !has_modifier(item, "contains") &&
            !has_modifier(item, "startswith") && !has_modifier(item, "endswith") && !item->keyword)
        issue_add(w, CODE_OFFSET_WITHOUT_CONTAINS, item->place,
                "base64offset looks for a part of the field; \"contains\" is missing");
}

/* ---- Texts ---- */

static bool is_text(const struct draft_part *part)
{
    return part->kind == DRAFT_TEXT;
}

/* "*x*", "x*", "*x" without any modifier say what a modifier says better. */
static void lint_wildcards(
        struct work *w, const struct draft_item *item, const struct draft_value *value)
{
    const struct draft_part *parts = value->string.parts;
    uint32_t count = value->string.count;

    if (hn_text_find(value->written, HN_TEXT("**"), 0) != SIZE_MAX)
        issue_add(w, CODE_DOUBLE_WILDCARD, value->place, "\"**\" is the same as \"*\"");
    if (item->modifiers.len > 0 || item->keyword)
        return;
    if (count == 3 && parts[0].kind == DRAFT_MANY && is_text(&parts[1]) &&
            parts[2].kind == DRAFT_MANY)
        issue_add(w, CODE_WILDCARD_MODIFIER, value->place, "this is what \"contains\" is for");
    if (count == 2 && is_text(&parts[0]) && parts[1].kind == DRAFT_MANY)
        issue_add(w, CODE_WILDCARD_MODIFIER, value->place, "this is what \"startswith\" is for");
    if (count == 2 && parts[0].kind == DRAFT_MANY && is_text(&parts[1]))
        issue_add(w, CODE_WILDCARD_MODIFIER, value->place, "this is what \"endswith\" is for");
}

/* "\*" is a plain asterisk, which in a path is hardly ever meant; "\\server" is "\server". */
static void lint_backslashes(
        struct work *w, const struct draft_item *item, const struct draft_value *value)
{
    struct hn_text text = value->written;
    bool path = false;

    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] != '\\')
            continue;
        if ((text.ptr[i + 1] == '*' || text.ptr[i + 1] == '?') && path) {
            issue_add(w, CODE_ESCAPED_WILDCARD, value->place,
                    "\"\\%c\" is a plain '%c'; a backslash and a wildcard are \"\\\\%c\"",
                    text.ptr[i + 1], text.ptr[i + 1], text.ptr[i + 1]);
        } else {
            path = true;
        }
        i++;
    }
    if (text.len > 2 && hn_text_starts(text, HN_TEXT("\\\\")) && text.ptr[2] != '\\' &&
            text.ptr[2] != '*' && text.ptr[2] != '?' && !has_modifier(item, "contains") &&
            !has_modifier(item, "endswith"))
        issue_add(w, CODE_BACKSLASH, value->place,
                "two backslashes are one; a path such as \\\\server\\share starts with four");
}

static void lint_characters(struct work *w, const struct draft_value *value)
{
    for (size_t i = 0; i < value->written.len; i++) {
        unsigned char c = (unsigned char)value->written.ptr[i];

        if (c < 0x20 && c != '\n' && c != '\t' && c != '\r') {
            issue_add(w, CODE_CONTROL_CHARACTER, value->place,
                    "there is a control character (0x%02x) in this value", c);
            return;
        }
    }
}

static bool is_integer(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return text.len > 0 && text.len < 16 && (text.len == 1 || text.ptr[0] != '0');
}

/* The specification's placeholders, which mean nothing without `expand`. */
static void lint_placeholder(
        struct work *w, const struct draft_item *item, const struct draft_value *value)
{
    static const char *const standard[] = { "%Administrators%", "%JumpServers%", "%Workstations%",
        "%Servers%", "%DomainControllers%" };

    for (size_t i = 0; i < HN_COUNT_OF(standard) && !has_modifier(item, "expand"); i++) {
        if (hn_text_find(value->written, hn_text_cstr(standard[i]), 0) != SIZE_MAX)
            issue_add(w, CODE_PLACEHOLDER_TEXT, value->place,
                    "%s is plain text without the modifier \"expand\"", standard[i]);
    }
}

static void lint_text(
        struct work *w, const struct draft_item *item, const struct draft_value *value)
{
    lint_wildcards(w, item, value);
    lint_backslashes(w, item, value);
    lint_characters(w, value);
    lint_placeholder(w, item, value);
    if (value->written.len == 0 &&
            (item->keyword || has_modifier(item, "contains") || has_modifier(item, "startswith") ||
                    has_modifier(item, "endswith")))
        issue_add(w, CODE_MATCHES_ALL, value->place, "empty text is in everything");
    if (item->modifiers.len == 0 && !item->keyword && is_integer(value->written))
        issue_add(w, CODE_TEXT_AS_NUMBER, value->place, "numbers are written without quotes");
}

/* ---- Regular expressions ---- */

static void lint_flavour(struct work *w, const struct draft_value *value)
{
    static const struct {
        const char *text;
        const char *what;
    } unsupported[] = { { "(?=", "look-ahead" }, { "(?!", "look-ahead" }, { "(?<=", "look-behind" },
        { "(?<!", "look-behind" }, { "(?>", "an atomic group" }, { "(?R", "recursion" },
        { "(*", "a verb" }, { "\\1", "a back-reference" }, { "\\K", "\\K" } };

    for (size_t i = 0; i < HN_COUNT_OF(unsupported); i++) {
        if (hn_text_find(value->written, hn_text_cstr(unsupported[i].text), 0) != SIZE_MAX) {
            issue_add(w, CODE_REGEX_FLAVOUR, value->place,
                    "%s is outside of what the specification lets rules use", unsupported[i].what);
            return;
        }
    }
}

/* Nothing but literal characters (escaped ones too) between optional ".*" and anchors. */
static bool is_literal(struct hn_text text)
{
    if (hn_text_starts(text, HN_TEXT("^")))
        text = hn_text_sub(text, 1, text.len);
    if (hn_text_starts(text, HN_TEXT(".*")))
        text = hn_text_sub(text, 2, text.len);
    if (hn_text_ends(text, HN_TEXT("$")) && !hn_text_ends(text, HN_TEXT("\\$")))
        text.len--;
    if (hn_text_ends(text, HN_TEXT(".*")) && !hn_text_ends(text, HN_TEXT("\\.*")))
        text.len -= 2;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '\\' && i + 1 < text.len &&
                memchr(".\\/-_ \"'()[]{}|+*?^$:=&%#@!,;~`<>", text.ptr[i + 1], 33) != NULL) {
            i++;
            continue;
        }
        if (memchr("\\.[](){}|+*?^$", c, 14) != NULL)
            return false;
    }
    return text.len > 0;
}

static void lint_regex(
        struct work *w, const struct draft_item *item, const struct draft_value *value)
{
    lint_flavour(w, value);
    if (is_literal(value->written) && !has_modifier(item, "expand")) {
        issue_add(w, CODE_REGEX_NEEDLESS, value->place,
                "this needs no regular expression; contains, startswith or endswith (with "
                "\"cased\") say it");
    }
}

/* ---- Lists ---- */

static void lint_doubles(struct work *w, const struct draft_item *item)
{
    uint32_t count = item->value_count < VALUES_LINT_MAX ? item->value_count : VALUES_LINT_MAX;
    bool cased = has_modifier(item, "cased") || has_modifier(item, "re") ||
                 has_modifier(item, "base64") || has_modifier(item, "base64offset");

    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            struct hn_text a = item->values[i].written;
            struct hn_text b = item->values[k].written;

            if (a.len != b.len || !(cased ? hn_text_eq(a, b) : hn_text_eq_nocase(a, b)))
                continue;
            issue_add(w, CODE_DUPLICATE_VALUE, item->values[i].place,
                    "\"%.*s\" stands in this list already", HN_TEXT_ARG(a));
            break;
        }
    }
}

void lint_item(struct work *w, const struct draft_item *item)
{
    bool regex = has_modifier(item, "re");

    if (w->quiet)
        return;
    lint_modifiers(w, item);
    for (uint32_t i = 0; i < item->value_count; i++) {
        const struct draft_value *value = &item->values[i];

        if (value->kind != DRAFT_STRING)
            continue;
        if (regex)
            lint_regex(w, item, value);
        else
            lint_text(w, item, value);
    }
    lint_doubles(w, item);
}
