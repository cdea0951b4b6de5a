/* regex.c - regular expressions of rules, compiled one way for everyone.
 *
 * UTF mode that tolerates ill-formed input, '\n' as the only line end, unanchored. What a pattern
 * could use to escape its limits or to look at single bytes of a character is refused. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "sigma/sigma_draft.h"

#include <pcre2.h>

#define PARENTHESES_MAX 100u

struct pcre2_real_code_8 *sigma_regex_compile(
        struct hn_text pattern, uint32_t flags, size_t *ret_offset, char *message, size_t room)
{
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *code;
    int error = 0;

    *ret_offset = 0;
    if (room > 0)
        message[0] = '\0';
    if (context == NULL)
        return NULL;
    options |= (flags & SIGMA_REGEX_CASELESS) != 0 ? PCRE2_CASELESS : 0;
    options |= (flags & SIGMA_REGEX_MULTILINE) != 0 ? PCRE2_MULTILINE : 0;
    options |= (flags & SIGMA_REGEX_DOTALL) != 0 ? PCRE2_DOTALL : 0;
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    (void)pcre2_set_parens_nest_limit(context, PARENTHESES_MAX);
    code = pcre2_compile(
            (PCRE2_SPTR)pattern.ptr, pattern.len, options, &error, ret_offset, context);
    if (code == NULL && room > 0)
        (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)message, room);
    pcre2_compile_context_free(context);
    return code;
}

bool regex_check(struct work *w, struct hn_text pattern, uint32_t flags, struct sigma_place place)
{
    char message[128];
    size_t offset;
    pcre2_code *code = sigma_regex_compile(pattern, flags, &offset, message, sizeof message);

    if (code == NULL) {
        issue_add(w, CODE_BAD_REGEX, place, "%s, at character %zu of the pattern", message,
                offset + 1);
        return false;
    }
    pcre2_code_free(code);
    return true;
}
