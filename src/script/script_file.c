/* script_file.c - files that a script reads and the sample has. */
#include "script/script.h"

#define NAME_MAX_BYTES 512u

bool script_file(const struct script_source *source, struct hn_text path, struct hn_text *ret_text)
{
    char room[sizeof SCRIPT_FILE_PREFIX + NAME_MAX_BYTES];
    struct hn_buf name = hn_buf_over(room, sizeof room);
    size_t slash;

    path = hn_text_trim(path);
    if (path.len >= 2 && (path.ptr[0] == '"' || path.ptr[0] == '\'') &&
            path.ptr[path.len - 1] == path.ptr[0])
        path = hn_text_sub(path, 1, path.len - 2);
    for (slash = path.len; slash > 0; slash--)
        if (strchr("\\/", path.ptr[slash - 1]) != NULL)
            break;
    path = hn_text_sub(path, slash, SIZE_MAX);
    if (source->lookup == NULL || path.len == 0 || path.len > NAME_MAX_BYTES)
        return false;
    hn_buf_add_lit(&name, SCRIPT_FILE_PREFIX);
    hn_buf_add_text(&name, path);
    return source->lookup(source->lookup_ctx, hn_buf_text(&name), ret_text);
}

bool script_inherited(
        const struct script_source *source, struct hn_text name, struct hn_text *ret_text)
{
    char room[sizeof SCRIPT_VARIABLE_PREFIX + NAME_MAX_BYTES];
    struct hn_buf store = hn_buf_over(room, sizeof room);

    if (source->lookup == NULL || name.len == 0 || name.len > NAME_MAX_BYTES)
        return false;
    hn_buf_add_lit(&store, SCRIPT_VARIABLE_PREFIX);
    hn_buf_add_text(&store, name);
    return source->lookup(source->lookup_ctx, hn_buf_text(&store), ret_text);
}
