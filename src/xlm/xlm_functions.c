/* xlm_functions.c - the table of functions, and of the words that steer. */
#include "xlm/xlm_functions.h"

#define ROW(name, fn)     { name, fn, XL_WORD_NONE, false },
#define OUTWARD(name, fn) { name, fn, XL_WORD_NONE, true },

const struct xl_function xl_functions[] = { { "IF", xl_fn_nothing, XL_WORD_IF, false },
    { "CHOOSE", xl_fn_nothing, XL_WORD_CHOOSE, false },
    { "ELSE", xl_fn_nothing, XL_WORD_ELSE, false },
    { "ELSE.IF", xl_fn_nothing, XL_WORD_ELSE_IF, false },
    { "END.IF", xl_fn_nothing, XL_WORD_END_IF, false },
    { "WHILE", xl_fn_nothing, XL_WORD_WHILE, false }, { "FOR", xl_fn_nothing, XL_WORD_FOR, false },
    { "FOR.CELL", xl_fn_nothing, XL_WORD_FOR_CELL, false },
    { "NEXT", xl_fn_nothing, XL_WORD_NEXT, false },
    { "BREAK", xl_fn_nothing, XL_WORD_BREAK, false }, XL_FUNCTIONS(ROW, OUTWARD) };

const uint32_t xl_function_count = HN_COUNT_OF(xl_functions);
