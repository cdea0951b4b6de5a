/* vbscript_io.c - the file statements of VBA: a file is told when it is closed, with its content.
 */
#include "vbscript/vbscript_internal.h"

static struct vb_file *file_of(struct vb_eval *ev, const struct vb_expr *number)
{
    struct vb_value value = vb_eval_plain(ev, number);
    int64_t wanted = 0;

    if (vb_is_unknown(value) || !vb_to_int(ev, value, &wanted))
        wanted = 1; /* FreeFile gives a known one; this is some other */
    for (uint32_t i = 0; i < VB_FILES_MAX; i++)
        if (ev->files[i].open && ev->files[i].number == wanted)
            return &ev->files[i];
    return NULL;
}

static void close_file(struct vb_eval *ev, struct vb_file *file)
{
    if (file->open && (file->content != NULL || file->mode == VB_K_OUTPUT))
        vb_tell_write(ev, file->offset, "Open", file->name, file->content);
    file->open = false;
}

void vb_close_files(struct vb_eval *ev)
{
    for (uint32_t i = 0; i < VB_FILES_MAX; i++)
        close_file(ev, &ev->files[i]);
}

static void exec_open(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_value name = vb_eval_plain(ev, stmt->target);
    struct vb_value number = vb_eval_plain(ev, stmt->value);
    struct vb_file file = { .mode = stmt->op, .offset = stmt->offset, .number = 1, .open = true };

    if (!vb_is_unknown(number))
        (void)vb_to_int(ev, number, &file.number);
    file.name = vb_to_text(ev, name);
    if (stmt->op == VB_K_INPUT)
        vb_tell_field(ev, SCRIPT_ACT_FILE_READ, stmt->offset, "Open", "TargetFilename", name);
    for (uint32_t i = 0; i < VB_FILES_MAX; i++) {
        if (ev->files[i].open && ev->files[i].number == file.number)
            close_file(ev, &ev->files[i]);
        if (!ev->files[i].open) {
            ev->files[i] = file;
            return;
        }
    }
}

static void add_content(struct vb_eval *ev, struct vb_file *file, const struct script_text *text)
{
    const struct script_text *joined =
            file->content == NULL ? text : script_text_join(ev->run, file->content, text);

    if (joined != NULL)
        file->content = joined;
}

static void add_cstr(struct vb_eval *ev, struct vb_file *file, const char *text)
{
    add_content(ev, file, script_text_borrow(ev->run, hn_text_cstr(text), NULL));
}

/* What Put writes of a value: the bytes of its type. */
static const struct script_text *put_text(struct vb_eval *ev, struct vb_value value)
{
    uint8_t bytes[8];

    if (value.kind != VB_INT)
        return vb_bytes_text(ev, value);
    for (uint8_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)value.as.number >> (8 * i) & 0xFF);
    return script_text_from_bytes(
            ev->run, hn_bytes_of(bytes, value.width), vb_origin(ev, "bytes", NULL));
}

static void exec_print(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_file *file = file_of(ev, stmt->value);

    for (uint32_t i = 0; i < stmt->count; i++) {
        struct vb_value value = vb_eval_plain(ev, stmt->args[i].expr);

        if (file == NULL || value.kind == VB_MISSING)
            continue;
        if (stmt->op == VB_K_PUT) {
            if (i > 0 || stmt->count == 1) /* the first is the place */
                add_content(ev, file, put_text(ev, value));
            continue;
        }
        if (stmt->op == VB_K_WRITE) {
            if (i > 0)
                add_cstr(ev, file, ",");
            if (value.kind == VB_TEXT)
                value = vb_binary(
                        ev, '&', vb_binary(ev, '&', vb_lit(ev, "\""), value), vb_lit(ev, "\""));
        }
        add_content(ev, file, vb_to_text(ev, value));
    }
    if (file != NULL && stmt->op != VB_K_PUT && !stmt->preserve)
        add_cstr(ev, file, "\r\n");
}

static void exec_close(struct vb_eval *ev, struct vb_stmt *stmt)
{
    if (stmt->count == 0)
        vb_close_files(ev);
    for (uint32_t i = 0; i < stmt->count; i++) {
        struct vb_file *file = file_of(ev, stmt->args[i].expr);

        if (file != NULL)
            close_file(ev, file);
    }
}

/* What is read from a file is unknown, under its name. */
static void exec_get(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_file *file = file_of(ev, stmt->value);
    struct hn_text name = file != NULL ? script_text_flat(ev->run, file->name) : HN_TEXT("file");
    uint32_t first = stmt->op == VB_K_GET && stmt->count > 1 ? 1 : 0;

    for (uint32_t i = first; i < stmt->count; i++)
        vb_assign(ev, stmt->args[i].expr,
                vb_unknown(ev, "content of %.*s", HN_TEXT_ARG(hn_text_sub(name, 0, 200))), false);
}

static void exec_name(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_value from = vb_eval_plain(ev, stmt->target);
    struct vb_value to = vb_eval_plain(ev, stmt->value);

    vb_tell_field(ev, SCRIPT_ACT_FILE_DELETE, stmt->offset, "Name", "TargetFilename", from);
    vb_tell_write(ev, stmt->offset, "Name", vb_to_text(ev, to), NULL);
}

void vb_exec_io(struct vb_eval *ev, struct vb_stmt *stmt)
{
    switch ((unsigned)stmt->kind) {
    case VB_S_OPEN:
        exec_open(ev, stmt);
        break;
    case VB_S_CLOSE:
        exec_close(ev, stmt);
        break;
    case VB_S_PRINT:
        exec_print(ev, stmt);
        break;
    case VB_S_GET:
        exec_get(ev, stmt);
        break;
    case VB_S_NAME:
        exec_name(ev, stmt);
        break;
    default:
        break;
    }
}
