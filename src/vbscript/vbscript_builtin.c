/* vbscript_builtin.c - the table of Basic's functions. */
#include "vbscript/vbscript_functions.h"

const struct vb_builtin *vb_builtin_find(struct hn_text lower)
{
    static const struct vb_builtin builtins[] = {
#define VB_BUILTIN_ROW(name, fn, least, most, unknown) { #name, vb_fn_##fn, least, most, unknown },
        VB_BUILTIN_LIST(VB_BUILTIN_ROW)
#undef VB_BUILTIN_ROW
    };

    for (size_t i = 0; i < HN_COUNT_OF(builtins); i++)
        if (hn_text_eq(lower, hn_text_cstr(builtins[i].name)))
            return &builtins[i];
    return NULL;
}
