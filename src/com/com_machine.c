/* com_machine.c - the machine that is assumed: files are those that the script wrote, variables
 * those of a usual Windows, %NAME% where a user or choice decides. */
#include "com/com_internal.h"

#include "base/sha256.h"

/* ---- Files ---- */

struct hn_text com_reply_url(struct hn_text text)
{
    static const struct hn_text head = HN_TEXT_INIT("{reply of ");
    size_t start = hn_text_find(text, head, 0);
    size_t end = start;
    uint32_t depth = 0;

    if (start == SIZE_MAX)
        return HN_TEXT("");
    for (; end < text.len; end++) { /* the address may hold what is unknown itself */
        depth += text.ptr[end] == '{';
        depth -= text.ptr[end] == '}';
        if (depth == 0)
            return hn_text_sub(text, start + head.len, end - start - head.len);
    }
    return HN_TEXT("");
}

static struct com_file *file_of(struct com *com, struct hn_text path)
{
    struct com_file *file = com->files;

    while (file != NULL && !hn_text_eq_nocase(file->path, path))
        file = file->next;
    return file;
}

void com_keep_file(struct com *com, struct hn_text path, const struct script_text *content)
{
    struct com_file *file = file_of(com, path);

    if (path.len == 0)
        return;
    if (file == NULL && com->file_count < COM_FILES_MAX) {
        file = hn_new(&com->run->arena, struct com_file, 1);
        if (file == NULL)
            return;
        file->path = hn_arena_text(&com->run->arena, path);
        file->next = com->files;
        com->files = file;
        com->file_count++;
    }
    if (file != NULL)
        file->content = content;
}

const struct script_text *com_file_content(struct com *com, struct hn_text path)
{
    const struct com_file *file = file_of(com, path);

    (void)script_spend(com->run, 1 + com->file_count / 8);
    return file != NULL ? file->content : NULL;
}

const struct script_text *com_file_read(struct com *com, struct hn_text path)
{
    const struct script_text *written = com_file_content(com, path);
    struct hn_text text;

    if (written != NULL || com->host.source == NULL ||
            !script_file(com->host.source, path, &text) || !script_spend(com->run, text.len / 64))
        return written;
    return script_text_new(com->run, text,
            script_origin_new(
                    com->run, "file", 0, hn_arena_text(&com->run->arena, path), NULL, NULL));
}

/* Of what is known to the last byte: a text whose units are bytes is these. */
static void add_digest(struct com *com, struct script_act *act, const struct script_text *content)
{
    struct hn_bytes bytes;
    char hex[HN_SHA256_HEX_LEN];

    if (content == NULL || content->unknown || content->len == 0)
        return;
    if (!script_text_bytes(com->run, content, &bytes))
        bytes = hn_text_as_bytes(com_flat(com, com_value_text(content)));
    if (script_spend(com->run, 1 + bytes.len / 64) && hn_sha256_hex(bytes, hex))
        script_act_add(act, "Sha256",
                script_text_new(com->run, hn_text_of(hex, sizeof hex), content->origin));
}

static bool is_program(struct hn_text content)
{
    return hn_text_starts(content, HN_TEXT("MZ")) || hn_text_starts(content, HN_TEXT("\x7F"
                                                                                     "ELF"));
}

void com_tell_file(struct com *com, const struct script_text *path,
        const struct script_text *content, uint64_t offset, const char *via)
{
    struct script_act act = script_act(com->run, SCRIPT_ACT_FILE_WRITE, offset, via);
    struct hn_text flat = content != NULL ? com_flat(com, com_value_text(content)) : HN_TEXT("");
    struct hn_text url = content != NULL && content->unknown ? com_reply_url(flat) : HN_TEXT("");
    struct hn_text name = com_flat(com, com_value_text(path));
    struct script_layer layer = { .language = is_program(flat) ? SCRIPT_PROGRAM
                                                               : script_language_of_file(name),
        .text = content,
        .how = via,
        .name = name,
        .offset = offset };

    script_act_add(&act, "TargetFilename", path);
    if (url.len > 0)
        script_act_add(&act, "Url", script_text_new(com->run, url, content->origin));
    add_digest(com, &act, content);
    com_tell(com, &act);
    com_keep_file(com, name, content);
    if (content != NULL && flat.len > 0 && (url.len == 0 || url.len + 11 != flat.len))
        com_layer(com, &layer);
}

/* ---- Environment ---- */

struct com_value com_environment(struct com *com, struct hn_text name, uint64_t offset)
{
    const struct com_value *set = com_prop(com, com->environment, name, false);
    const char *value;
    struct hn_text detail;
    struct script_act act;
    struct com_value known;

    if (set != NULL)
        return *set;
    if (com->host.variable != NULL && com->host.variable(com->host.ctx, name, &known))
        return known;
    detail = hn_arena_text(&com->run->arena, name);
    if (!script_environment(name, &value) || detail.ptr == NULL)
        return com_value_lit(com, ""); /* a variable nobody set */
    if (value != NULL) {
        return com_value_text(script_text_borrow(com->run, hn_text_cstr(value),
                script_origin_new(com->run, "environment", offset, detail, NULL, NULL)));
    }
    act = script_act(com->run, SCRIPT_ACT_ENVIRONMENT, offset, "Environ");
    script_act_add(&act, "Name", script_text_borrow(com->run, detail, NULL));
    com_tell(com, &act);
    return com_value_unknown(com, "%.*s", HN_TEXT_ARG(hn_text_sub(name, 0, 100)));
}

const struct script_text *com_expand(
        struct com *com, const struct script_text *text, uint64_t offset)
{
    struct hn_text rest = com_flat(com, com_value_text(text));
    const struct script_text *made;

    if (text == NULL || hn_text_find_char(rest, '%', 0) == SIZE_MAX)
        return text;
    made = com_literal(com, "");
    while (rest.len > 0 && made != NULL) {
        size_t first = hn_text_find_char(rest, '%', 0);
        size_t last = first == SIZE_MAX ? SIZE_MAX : hn_text_find_char(rest, '%', first + 1);
        struct com_value value;

        if (last == SIZE_MAX)
            break;
        value = com_environment(com, hn_text_sub(rest, first + 1, last - first - 1), offset);
        made = script_text_join(com->run, made,
                script_text_borrow(com->run, hn_text_sub(rest, 0, first), text->origin));
        if (com_flat(com, value).len == 0) { /* stays as it is */
            value = com_value_text(script_text_borrow(
                    com->run, hn_text_sub(rest, first, last - first + 1), text->origin));
        }
        if (made != NULL)
            made = com_join3(com, made, "", com_text(com, &value));
        rest = hn_text_sub(rest, last + 1, SIZE_MAX);
    }
    if (made != NULL)
        made = script_text_join(com->run, made, script_text_borrow(com->run, rest, text->origin));
    return made != NULL ? made : text;
}
