/* fuzz: sigma */
/* fuzz_regex.c - a pattern, an empty byte, a text (which may be repeated).
 *
 * Oracle: the search ends (libFuzzer's time limit), with and without JIT with the same result where
 * both know it, and the match lies in the text. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/buf.h"
#include "sigma/sigma.h"

#include <pcre2.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 20000

struct found {
    int result;
    size_t start;
    size_t end;
};

static struct found search(pcre2_code *code, struct hn_text text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    struct found found = { 0 };

    if (data == NULL || context == NULL)
        abort();
    found.result = sigma_regex_match(code, text, data, context, NULL);
    if (found.result >= 0) {
        found.start = pcre2_get_ovector_pointer(data)[0];
        found.end = pcre2_get_ovector_pointer(data)[1];
        if (found.start > text.len || found.end > text.len)
            abort();
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return found;
}

static bool known(const struct found *found)
{
    return found->result >= 0 || found->result == PCRE2_ERROR_NOMATCH;
}

static bool same(const struct found *a, const struct found *b)
{
    return (a->result >= 0) == (b->result >= 0) &&
           (a->result < 0 || (a->start == b->start && a->end == b->end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_text pattern;
    struct hn_buf long_text = { 0 };
    struct found plain;
    struct found fast;
    pcre2_code *code;
    size_t offset;

    if (size < 2 || size > 600 || !hn_text_split(&text, '\0', &pattern) || text.len == 0)
        return 0;
    code = sigma_regex_compile(pattern, data[size - 1] % 8u, &offset, NULL, 0);
    if (code == NULL)
        return 0;
    /* A long run of the same is what explodes. */
    for (unsigned i = 0; i < (data[size - 1] >> 3) * 16u + 1 && long_text.len < TEXT_MAX; i++)
        hn_buf_add_text(&long_text, text);
    plain = search(code, hn_buf_text(&long_text));
    if (pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0) {
        fast = search(code, hn_buf_text(&long_text));
        if (known(&plain) && known(&fast) && !same(&plain, &fast))
            abort();
    }
    pcre2_code_free(code);
    hn_buf_deinit(&long_text);
    return 0;
}
