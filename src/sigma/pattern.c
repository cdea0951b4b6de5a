/* pattern.c - regular expressions in pipelines, with Python's match, finditer and expand. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "sigma/sigma_pipeline.h"

#include "base/num.h"

#include <pcre2.h>

#define MATCH_LIMIT 100000u /* backtracking steps: a pipeline may be as hostile as a rule */

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static void pattern_free(void *ctx)
{
    struct pattern *pattern = ctx;

    pcre2_match_data_free(pattern->data);
    pcre2_match_context_free(pattern->context);
    pcre2_code_free(pattern->code);
}

/* "(?P<name>...)" is Python's and PCRE2's way to name a group. */
static struct pattern *pattern_new(struct work *w, struct hn_text text, struct hn_yaml_ref ref)
{
    struct hn_arena *arena = &w->loader->files_arena;
    struct pattern *pattern = hn_new(arena, struct pattern, 1);
    char message[128];
    size_t offset;

    if (pattern == NULL || hn_arena_on_end(arena, pattern_free, pattern) != HN_OK) {
        (void)work_nomem(w, arena);
        return NULL;
    }
    pattern->code = sigma_regex_compile(text, 0, &offset, message, sizeof message);
    if (pattern->code == NULL) {
        issue_add(w, CODE_BAD_PIPELINE, sigma_place_of(w, ref),
                "bad regular expression: %s, at character %zu", message, offset + 1);
        return NULL;
    }
    pattern->data = pcre2_match_data_create(GROUPS_MAX, NULL);
    pattern->context = pcre2_match_context_create(NULL);
    if (pattern->data == NULL || pattern->context == NULL) {
        w->status = HN_NOMEM;
        return NULL;
    }
    (void)pcre2_set_match_limit(pattern->context, MATCH_LIMIT);
    return pattern;
}

struct pattern *pattern_read(struct work *w, struct hn_yaml_ref ref)
{
    struct hn_text text = hn_yaml_text(ref);

    if (text.ptr == NULL) {
        (void)pipeline_fail(w, ref, "a regular expression is text");
        return NULL;
    }
    if (text.len > w->limits->regex_bytes_max) {
        (void)pipeline_fail(w, ref, "the regular expression is too long");
        return NULL;
    }
    return pattern_new(w, text, ref);
}

bool pattern_find(const struct pattern *pattern, struct hn_text text, size_t at, bool anchored,
        struct match *ret_match)
{
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(pattern->data);
    int count = pcre2_match(pattern->code, (PCRE2_SPTR)(text.len > 0 ? text.ptr : ""), text.len, at,
            anchored ? PCRE2_ANCHORED : 0, pattern->data, pattern->context);

    if (count < 0)
        return false;
    ret_match->count = count == 0 ? GROUPS_MAX : (uint32_t)count;
    for (uint32_t i = 0; i < ret_match->count; i++) {
        ret_match->groups[i].start =
                offsets[(size_t)2 * i] == PCRE2_UNSET ? SIZE_MAX : offsets[(size_t)2 * i];
        ret_match->groups[i].end = offsets[(size_t)2 * i + 1];
        if (ret_match->groups[i].start != SIZE_MAX &&
                ret_match->groups[i].start > ret_match->groups[i].end)
            return false; /* \K in a look-ahead */
    }
    return true;
}

bool pattern_starts(const struct pattern *pattern, struct hn_text text)
{
    struct match match;

    return pattern_find(pattern, text, 0, true, &match);
}

static void add_group(
        struct hn_text text, const struct match *match, uint32_t number, struct hn_buf *out)
{
    if (number < match->count && match->groups[number].start != SIZE_MAX)
        hn_buf_add_text(out, hn_text_sub(text, match->groups[number].start,
                                     match->groups[number].end - match->groups[number].start));
}

/* The number of "\g<...>". */
static uint32_t named_group(const struct pattern *pattern, struct hn_text name)
{
    char copy[40];
    uint32_t number;
    int found;

    if (hn_parse_u32(name, &number))
        return number;
    if (name.len >= sizeof copy)
        return UINT32_MAX;
    memcpy(copy, name.ptr, name.len);
    copy[name.len] = '\0';
    found = pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR)copy);
    return found < 0 ? UINT32_MAX : (uint32_t)found;
}

/* One escape at text[at], which is a backslash; returns how many bytes it is long. */
static size_t replace_escape(const struct pattern *pattern, struct hn_text text,
        const struct match *match, struct hn_text template, struct hn_buf *out)
{
    char next = template.len > 1 ? template.ptr[1] : '\0';
    size_t end;
    size_t len = 2;

    if (next >= '0' && next <= '9') {
        uint32_t number = (uint32_t)(next - '0');

        if (template.len > 2 && template.ptr[2] >= '0' && template.ptr[2] <= '9') {
            number = number * 10 + (uint32_t)(template.ptr[2] - '0');
            len = 3;
        }
        add_group(text, match, number, out);
        return len;
    }
    if (hn_text_starts(template, HN_TEXT("\\g<"))) {
        end = hn_text_find_char(template, '>', 3);
        if (end != SIZE_MAX) {
            add_group(text, match, named_group(pattern, hn_text_sub(template, 3, end - 3)), out);
            return end + 1;
        }
    }
    if (next == 'n' || next == 't' || next == 'r')
        hn_buf_add_char(out, next == 'n' ? '\n' : next == 't' ? '\t' : '\r');
    else if (next == '\\')
        hn_buf_add_char(out, '\\');
    else
        hn_buf_add_text(out, hn_text_sub(template, 0, 2)); /* what Python refuses stays */
    return template.len < 2 ? template.len : 2;
}

void pattern_replace(const struct pattern *pattern, struct hn_text text, const struct match *match,
        struct hn_text replacement, struct hn_buf *out)
{
    size_t at = 0;

    while (at < replacement.len) {
        if (replacement.ptr[at] != '\\') {
            hn_buf_add_char(out, replacement.ptr[at++]);
            continue;
        }
        at += replace_escape(
                pattern, text, match, hn_text_sub(replacement, at, replacement.len), out);
    }
}

struct hn_text pattern_group(const struct pattern *pattern, uint32_t i, uint32_t *ret_number)
{
    PCRE2_SPTR table = NULL;
    uint32_t count = 0;
    uint32_t size = 0;
    const char *name;

    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &table);
    if (i >= count || table == NULL)
        return hn_text_of(NULL, 0);
    name = (const char *)table + (size_t)i * size;
    *ret_number = (uint32_t)(unsigned char)name[0] << 8 | (unsigned char)name[1];
    return hn_text_cstr(name + 2);
}
