/* fuzz: http sample */
/* fuzz_sample_door.c - what the server reads of somebody who hands in samples: the first line is
 * the Content-Type, the second the request's target, the rest the body.
 *
 * Oracle: every sample is a run of the body, none empty, none larger than allowed; what is no form
 * is the body; names are kept without folders, controls and halves of characters; passwords are
 * those of the query or of the form, within their limits; written anew as a form, the same is read.
 */
#include "http/http_target.h"
#include "sample/sample_internal.h"

#include "base/utf.h"
#include "form/form.h"

#include <stdlib.h>

#define FILE_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static bool has_controls(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return true;
    }
    return false;
}

static void check_kept_name(struct hn_text sent)
{
    struct hn_text kept = sample_base_name(sent);

    must(kept.len > 0 && kept.len <= SAMPLE_NAME_BYTES);
    must(hn_text_find_char(kept, '/', 0) == SIZE_MAX &&
            hn_text_find_char(kept, '\\', 0) == SIZE_MAX);
    must(hn_utf8_valid(hn_text_as_bytes(kept)) && hn_text_eq(sample_base_name(kept), kept));
}

static void check_door(const struct sample_door_in *in, const struct sample_door *door)
{
    must(door->file_count > 0 && door->file_count <= SAMPLE_DOOR_FILES_MAX);
    must(door->is_form || door->file_count == 1);
    must(door->password_count <= SAMPLE_PASSWORDS_MAX);
    for (size_t i = 0; i < door->file_count; i++) {
        struct hn_bytes bytes = door->files[i].bytes;

        must(bytes.len > 0 && bytes.len <= in->file_max);
        must(bytes.ptr >= in->body.ptr && bytes.ptr + bytes.len <= in->body.ptr + in->body.len);
        check_kept_name(door->files[i].name);
    }
    for (size_t i = 0; i < door->password_count; i++) {
        struct hn_text password = door->passwords[i];

        must(password.len > 0 && password.len <= SAMPLE_PASSWORD_BYTES);
        must(hn_utf8_valid(hn_text_as_bytes(password)));
        must(hn_text_find_char(password, '\n', 0) == SIZE_MAX);
    }
    if (!door->is_form) {
        must(door->files[0].bytes.ptr == in->body.ptr && door->files[0].bytes.len == in->body.len);
        must(hn_text_eq(door->files[0].name, in->name));
    }
}

/* ---- Written anew ---- */

#define BOUNDARY "fuzz'door"

/* False: it cannot be written so that it is the same. */
static bool write_door(const struct sample_door *door, struct hn_buf *out)
{
    for (size_t i = 0; i < door->file_count; i++) {
        const struct sample_door_file *file = &door->files[i];

        if (hn_text_find(hn_bytes_as_text(file->bytes), HN_TEXT("\r\n--" BOUNDARY), 0) !=
                        SIZE_MAX ||
                has_controls(file->name) || file->name.len > FORM_HEAD_MAX / 4)
            return false;
        hn_buf_add_lit(out,
                "--" BOUNDARY "\r\nContent-Disposition: form-data; name=file; filename*=utf-8''");
        for (size_t k = 0; k < file->name.len; k++)
            hn_buf_addf(out, "%%%02x", (unsigned)(unsigned char)file->name.ptr[k]);
        hn_buf_add_lit(out, "\r\n\r\n");
        hn_buf_add(out, file->bytes.ptr, file->bytes.len);
        hn_buf_add_lit(out, "\r\n");
    }
    hn_buf_add_lit(out, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=passwords\r\n\r\n");
    for (size_t i = 0; i < door->password_count; i++) {
        if (hn_text_find(door->passwords[i], HN_TEXT("\r"), 0) != SIZE_MAX)
            return false;
        hn_buf_add_text(out, door->passwords[i]); /* which may hold a NUL */
        hn_buf_add_char(out, '\n');
    }
    hn_buf_add_lit(out, "\r\n--" BOUNDARY "--");
    return hn_buf_ok(out);
}

static void check_again(const struct sample_door *door)
{
    static struct sample_door again;
    struct hn_buf body = { 0 };
    struct hn_err err = { 0 };

    if (write_door(door, &body)) {
        const struct sample_door_in in = {
            .content_type = HN_TEXT("multipart/form-data; boundary=\"" BOUNDARY "\""),
            .name = HN_TEXT(""),
            .passwords = HN_TEXT(""),
            .body = hn_text_as_bytes(hn_buf_text(&body)),
            .file_max = FILE_MAX
        };

        must(sample_door_read(&in, &again, &err) == HN_OK);
        must(again.file_count == door->file_count && again.password_count == door->password_count);
        for (size_t i = 0; i < again.file_count; i++) {
            must(hn_text_eq(again.files[i].name, door->files[i].name));
            must(hn_text_eq(hn_bytes_as_text(again.files[i].bytes),
                    hn_bytes_as_text(door->files[i].bytes)));
        }
        for (size_t i = 0; i < again.password_count; i++)
            must(hn_text_eq(again.passwords[i], door->passwords[i]));
        sample_door_deinit(&again);
    }
    hn_buf_deinit(&body);
}

static struct hn_text query_of(const struct http_target *target, const char *name)
{
    for (size_t i = 0; i < target->query_count; i++) {
        if (hn_text_eq(target->query[i].name, hn_text_cstr(name)))
            return target->query[i].value;
    }
    return HN_TEXT("");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_target target;
    static struct sample_door door;
    struct hn_text body = hn_text_of((const char *)data, size);
    struct hn_text line = HN_TEXT("");
    struct sample_door_in in = { .file_max = FILE_MAX };
    struct hn_arena arena = { 0 };
    struct hn_err err = { 0 };

    if (!hn_text_split(&body, '\n', &in.content_type) || !hn_text_split(&body, '\n', &line))
        return 0;
    hn_arena_init(&arena, (size_t)1 << 20);
    if (http_target_parse(line, &arena, &target, NULL) == HN_OK) {
        enum hn_status status;

        in.name = query_of(&target, "name");
        in.passwords = query_of(&target, "passwords");
        in.body = hn_text_as_bytes(body);
        status = sample_door_read(&in, &door, &err);
        must(status == HN_OK || (status == err.status && err.msg[0] != '\0'));
        if (status == HN_OK) {
            check_door(&in, &door);
            check_again(&door);
            sample_door_deinit(&door);
        }
    }
    hn_arena_deinit(&arena);
    return 0;
}
