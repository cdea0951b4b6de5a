/* xlm_open.c - which functions of the outside world the formulas of a workbook use. */
#include "xlm/xlm_functions.h"

/* Functions by which a macro does something outside, as rules ask for them. */
static const struct hn_text wanted[] = { HN_TEXT_INIT("EXEC"), HN_TEXT_INIT("CALL"),
    HN_TEXT_INIT("REGISTER"), HN_TEXT_INIT("REGISTER.ID"), HN_TEXT_INIT("FOPEN"),
    HN_TEXT_INIT("FWRITE"), HN_TEXT_INIT("FWRITELN"), HN_TEXT_INIT("FILE.DELETE"),
    HN_TEXT_INIT("INITIATE"), HN_TEXT_INIT("EXECUTE"), HN_TEXT_INIT("SEND.KEYS"),
    HN_TEXT_INIT("FORMULA"), HN_TEXT_INIT("FORMULA.FILL"), HN_TEXT_INIT("GET.WORKSPACE"),
    HN_TEXT_INIT("GET.WINDOW"), HN_TEXT_INIT("ON.TIME"), HN_TEXT_INIT("HALT"),
    HN_TEXT_INIT("ALERT"), HN_TEXT_INIT("RUN"), HN_TEXT_INIT("CHAR") };

static bool is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_';
}

enum hn_status xlm_open(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_text text = hn_bytes_as_text(dissect_get(dissect, id)->data);
    bool seen[HN_COUNT_OF(wanted)] = { false };
    bool quoted = false;
    size_t start = 0;

    (void)err;
    for (size_t i = 0; i < text.len; i++) {
        struct hn_text word = hn_text_sub(text, start, i - start);

        quoted ^= text.ptr[i] == '"';
        if (is_name_char(text.ptr[i]) && !quoted)
            continue;
        start = i + 1;
        if (text.ptr[i] != '(' || quoted || word.len == 0)
            continue;
        for (size_t k = 0; k < HN_COUNT_OF(wanted); k++) {
            if (seen[k] || !hn_text_eq_nocase(word, wanted[k]))
                continue;
            seen[k] = true;
            dissect_fact(dissect, id, "xlm_function", wanted[k]);
        }
    }
    return HN_OK;
}
