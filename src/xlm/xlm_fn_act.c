/* xlm_fn_act.c - functions by which macros reach out of the workbook: programs, files, libraries.
 */
#include "xlm/xlm_functions.h"

struct xl_value xl_fn_exec(struct xl *ev, const struct xl_call *call)
{
    double window = xl_arg_number(ev, call, 1, 2.0);

    if (window == 3.0 || window == 0.0)
        xl_note(ev, SCRIPT_NOTE_EVASION, call->offset, "hidden window");
    xl_tell_process(ev, call->offset, "EXEC", xl_arg_text(ev, call, 0));
    return xl_unknown(ev, "task");
}

/* DDE: INITIATE(program, topic), EXECUTE(channel, command). */
struct xl_value xl_fn_initiate(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *line = script_text_join(
            ev->run, xl_arg_text(ev, call, 0), script_text_borrow(ev->run, HN_TEXT(" "), NULL));

    line = script_text_join(ev->run, line, xl_arg_text(ev, call, 1));
    if (line != NULL)
        xl_tell_process(ev, call->offset, "INITIATE", line);
    return xl_unknown(ev, "channel");
}

struct xl_value xl_fn_execute(struct xl *ev, const struct xl_call *call)
{
    xl_keep_text(ev, xl_arg_plain(ev, call, call->count > 1 ? call->count - 1 : 0));
    return xl_bool(true);
}

struct xl_value xl_fn_send_keys(struct xl *ev, const struct xl_call *call)
{
    xl_tell_field(ev, SCRIPT_ACT_SHOW, call, "Text", xl_arg_text(ev, call, 0));
    return xl_bool(true);
}

struct xl_value xl_fn_send_mail(struct xl *ev, const struct xl_call *call)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_MAIL, call->offset, call->name);

    script_act_add(&act, "To", xl_arg_text(ev, call, 0));
    script_act_add(&act, "Subject", xl_arg_text(ev, call, 1));
    (void)xl_tell(ev, &act);
    return xl_bool(true);
}

struct xl_value xl_fn_alert(struct xl *ev, const struct xl_call *call)
{
    xl_tell_field(ev, SCRIPT_ACT_SHOW, call, "Text", xl_arg_text(ev, call, 0));
    return xl_arg_number(ev, call, 1, 2.0) == 1.0 ? xl_unknown(ev, "answer") : xl_bool(true);
}

struct xl_value xl_fn_input(struct xl *ev, const struct xl_call *call)
{
    xl_tell_field(ev, SCRIPT_ACT_SHOW, call, "Text", xl_arg_text(ev, call, 0));
    return xl_unknown(ev, "input");
}

struct xl_value xl_fn_wait(struct xl *ev, const struct xl_call *call)
{
    xl_tell_field(ev, SCRIPT_ACT_SLEEP, call, "Seconds", xl_arg_text(ev, call, 0));
    return xl_bool(true);
}

/* ---- Addresses and files ---- */

static bool is_address(struct hn_text text)
{
    return hn_text_starts_nocase(text, HN_TEXT("http://")) ||
           hn_text_starts_nocase(text, HN_TEXT("https://")) ||
           hn_text_starts_nocase(text, HN_TEXT("ftp://"));
}

struct xl_value xl_fn_hyperlink(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *target = xl_arg_text(ev, call, 0);

    xl_tell_field(ev, SCRIPT_ACT_SHOW, call, "Text", target);
    return xl_text(xl_has_arg(call, 1) ? xl_arg_text(ev, call, 1) : target);
}

struct xl_value xl_fn_webservice(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *url = xl_arg_text(ev, call, 0);
    struct hn_text flat = xl_flat(ev, xl_text(url));

    xl_tell_http(ev, call->offset, "WEBSERVICE", url);
    return xl_unknown(ev, "reply of %.*s", HN_TEXT_ARG(hn_text_sub(flat, 0, 400)));
}

struct xl_value xl_fn_open_file(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *name = xl_arg_text(ev, call, 0);

    if (is_address(xl_flat(ev, xl_text(name))))
        xl_tell_http(ev, call->offset, "OPEN", name);
    else
        xl_tell_field(ev, SCRIPT_ACT_FILE_READ, call, "TargetFilename", name);
    return xl_unknown(ev, "workbook");
}

struct xl_value xl_fn_save_as(struct xl *ev, const struct xl_call *call)
{
    xl_tell_write(ev, call->offset, call->name, xl_arg_text(ev, call, 0), NULL, NULL);
    return xl_bool(true);
}

struct xl_value xl_fn_file_delete(struct xl *ev, const struct xl_call *call)
{
    xl_tell_field(ev, SCRIPT_ACT_FILE_DELETE, call, "TargetFilename", xl_arg_text(ev, call, 0));
    return xl_bool(true);
}

struct xl_value xl_fn_files(struct xl *ev, const struct xl_call *call)
{
    xl_tell_field(ev, SCRIPT_ACT_FILE_READ, call, "TargetFilename", xl_arg_text(ev, call, 0));
    return xl_unknown(ev, "files");
}

struct xl_value xl_fn_directory(struct xl *ev, const struct xl_call *call)
{
    xl_keep_text(ev, xl_arg_plain(ev, call, 0));
    return xl_unknown(ev, "folder");
}

static struct xl_file *file_by_handle(struct xl *ev, const struct xl_call *call)
{
    double handle = xl_arg_number(ev, call, 0, 0.0);

    if (handle < 1.0 || handle > (double)ev->file_count)
        return NULL;
    return &ev->files[(uint32_t)handle - 1];
}

/* The number of a file that is open, or that was: names are told apart without case. */
struct xl_value xl_fn_fopen(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *name = xl_arg_text(ev, call, 0);
    double access = xl_arg_number(ev, call, 1, 1.0);
    struct hn_text flat = xl_flat(ev, xl_text(name));
    struct xl_file *file;
    uint32_t i = 0;

    while (i < ev->file_count && !hn_text_eq_nocase(xl_flat(ev, xl_text(ev->files[i].name)), flat))
        i++;
    if (i == XL_FILES_MAX)
        return xl_unknown(ev, "file");
    file = &ev->files[i];
    if (i == ev->file_count) {
        ev->file_count++;
        file->name = name;
    }
    if (access == 2.0)
        xl_tell_field(ev, SCRIPT_ACT_FILE_READ, call, "TargetFilename", name);
    if (access == 3.0) { /* a new one */
        xl_change(ev, &file->content);
        file->content = (struct xl_slot){ .offset = call->offset,
            .has_value = true,
            .value = { .kind = XL_TEXT, .as.text = ev->empty } };
    }
    return xl_number(i + 1.0);
}

static struct xl_value write_file(struct xl *ev, const struct xl_call *call, const char *end)
{
    struct xl_file *file = file_by_handle(ev, call);
    const struct script_text *text = xl_arg_text(ev, call, 1);

    if (file == NULL) {
        xl_keep_text(ev, xl_arg_plain(ev, call, 1));
        return xl_unknown(ev, "FWRITE");
    }
    text = script_text_join(ev->run, text, script_text_borrow(ev->run, hn_text_cstr(end), NULL));
    if (text == NULL)
        return xl_number(0.0);
    xl_change(ev, &file->content);
    if (!file->content.has_value) {
        file->content = (struct xl_slot){ .offset = call->offset,
            .has_value = true,
            .value = { .kind = XL_TEXT, .as.text = ev->empty } };
    }
    file->content.value =
            xl_text(script_text_join(ev->run, xl_to_text(ev, file->content.value), text));
    return xl_number((double)text->units);
}

struct xl_value xl_fn_fwrite(struct xl *ev, const struct xl_call *call)
{
    return write_file(ev, call, "");
}

struct xl_value xl_fn_fwriteln(struct xl *ev, const struct xl_call *call)
{
    return write_file(ev, call, "\r\n");
}

/* What was written so far is told here: a program that is started next may read it. */
struct xl_value xl_fn_fclose(struct xl *ev, const struct xl_call *call)
{
    struct xl_file *file = file_by_handle(ev, call);

    if (file == NULL || !file->content.has_value)
        return xl_bool(true);
    xl_tell_write(ev, file->content.offset, "FWRITE", file->name,
            xl_to_text(ev, file->content.value), NULL);
    return xl_bool(true);
}

struct xl_value xl_fn_fread(struct xl *ev, const struct xl_call *call)
{
    const struct xl_file *file = file_by_handle(ev, call);
    struct hn_text name = file != NULL ? xl_flat(ev, xl_text(file->name)) : HN_TEXT("file");

    return xl_unknown(ev, "content of %.*s", HN_TEXT_ARG(hn_text_sub(name, 0, 200)));
}
