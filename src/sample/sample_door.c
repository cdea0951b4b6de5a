/* sample_door.c - what somebody sent: one sample as it is, or a form with samples, their names and
 * passwords. Pure: nothing is kept, nothing is looked up. */
#include "sample/sample_internal.h"

#include "base/utf.h"
#include "form/form.h"

#include <assert.h>

#define FIELD_BYTES_MAX ((size_t)4096) /* of a field that is no file */
#define DOOR_ARENA_MAX  ((size_t)1 << 20)

struct reading {
    const struct sample_door_in *in;
    struct sample_door *door;
    struct hn_text name;    /* of the query, or the field */
    struct hn_buf field;    /* value of the field that is read now */
    struct hn_text *wanted; /* where it belongs; NULL: a file is read */
    struct hn_text passwords;
    bool has_name;
    bool has_passwords;
};

/* ---- Passwords ---- */

static enum hn_status add_password(
        struct sample_door *door, struct hn_text password, struct hn_err *err)
{
    if (password.len == 0)
        return HN_OK;
    if (door->password_count == SAMPLE_PASSWORDS_MAX || password.len > SAMPLE_PASSWORD_BYTES)
        return hn_fail(err, HN_SYNTAX, 0, "passwords: at most %u, each of at most %u bytes",
                SAMPLE_PASSWORDS_MAX, SAMPLE_PASSWORD_BYTES);
    door->passwords[door->password_count++] = password;
    return HN_OK;
}

static enum hn_status split_passwords(
        struct sample_door *door, struct hn_text lines, struct hn_err *err)
{
    enum hn_status status = HN_OK;
    struct hn_text line;

    while (status == HN_OK && lines.len > 0 && hn_text_line(&lines, &line))
        status = add_password(door, line, err);
    return status;
}

/* ---- The parts of a form ---- */

static struct sample_door_file *last_file(struct reading *reading)
{
    return &reading->door->files[reading->door->file_count - 1];
}

static enum hn_status begin_file(
        struct reading *reading, const struct form_part *part, struct hn_err *err)
{
    struct sample_door *door = reading->door;

    if (door->file_count == SAMPLE_DOOR_FILES_MAX)
        return hn_fail(err, HN_LIMIT, 0, "more than %u samples at a time", SAMPLE_DOOR_FILES_MAX);
    door->files[door->file_count++] =
            (struct sample_door_file){ .name = hn_arena_text(&door->arena, part->filename) };
    reading->wanted = NULL;
    return last_file(reading)->name.len == part->filename.len ? HN_OK : HN_NOMEM;
}

static enum hn_status on_begin(void *ctx, const struct form_part *part, struct hn_err *err)
{
    struct reading *reading = ctx;
    bool is_name = hn_text_eq(part->name, HN_TEXT("name"));
    bool *seen = is_name ? &reading->has_name : &reading->has_passwords;

    if (part->is_file)
        return begin_file(reading, part, err);
    if (!is_name && !hn_text_eq(part->name, HN_TEXT("passwords")))
        return hn_fail(err, HN_SYNTAX, 0,
                "a part without a file name is neither the field name nor passwords");
    if (*seen)
        return hn_fail(err, HN_SYNTAX, 0, "%s is there twice", is_name ? "name" : "passwords");
    *seen = true;
    reading->wanted = is_name ? &reading->name : &reading->passwords;
    hn_buf_reset(&reading->field);
    return HN_OK;
}

static enum hn_status on_data(void *ctx, struct hn_bytes bytes, struct hn_err *err)
{
    struct reading *reading = ctx;
    struct hn_bytes *file;

    if (reading->wanted != NULL) {
        if (bytes.len > FIELD_BYTES_MAX - reading->field.len)
            return hn_fail(err, HN_SYNTAX, 0, "a field is longer than %zu bytes", FIELD_BYTES_MAX);
        hn_buf_add(&reading->field, bytes.ptr, bytes.len);
        return hn_buf_ok(&reading->field) ? HN_OK : HN_NOMEM;
    }
    file = &last_file(reading)->bytes;
    if (file->ptr == NULL)
        file->ptr = bytes.ptr;
    assert(bytes.ptr == file->ptr + file->len); /* the body was fed as a whole */
    file->len += bytes.len;
    return file->len <= reading->in->file_max
                   ? HN_OK
                   : hn_fail(err, HN_LIMIT, 0, "a sample is larger than %llu bytes",
                             (unsigned long long)reading->in->file_max);
}

static enum hn_status on_end(void *ctx, struct hn_err *err)
{
    struct reading *reading = ctx;
    struct hn_text value = hn_buf_text(&reading->field);

    if (reading->wanted == NULL) {
        return last_file(reading)->bytes.len > 0
                       ? HN_OK
                       : hn_fail(err, HN_SYNTAX, 0, "a file is empty: it has to be a sample");
    }
    if (!hn_utf8_valid(hn_text_as_bytes(value)))
        return hn_fail(err, HN_SYNTAX, 0, "a field is no UTF-8");
    *reading->wanted = hn_arena_text(&reading->door->arena, value);
    return reading->wanted->len == value.len ? HN_OK : HN_NOMEM;
}

/* ---- All of it ---- */

static enum hn_status feed(struct reading *reading, struct hn_err *err)
{
    const struct form_receiver receiver = { on_begin, on_data, on_end, reading };
    struct form *form = NULL;
    enum hn_status status = form_new(reading->in->content_type, &receiver, &form, err);

    if (status == HN_OK)
        status = form_feed(form, reading->in->body, err);
    if (status == HN_OK)
        status = form_end(form, err);
    form_free(form);
    hn_buf_deinit(&reading->field);
    return status;
}

static enum hn_status read_form(struct reading *reading, struct hn_err *err)
{
    struct sample_door *door = reading->door;
    enum hn_status status = feed(reading, err);

    if (status == HN_OK && door->file_count == 0)
        return hn_fail(err, HN_SYNTAX, 0, "the form has no file");
    if (status == HN_OK && reading->has_name && door->file_count > 1)
        return hn_fail(
                err, HN_SYNTAX, 0, "name is for one file, and there are %zu", door->file_count);
    return status;
}

static enum hn_status read_bytes(struct reading *reading, struct hn_err *err)
{
    const struct sample_door_in *in = reading->in;

    if (in->body.len == 0)
        return hn_fail(err, HN_SYNTAX, 0, "the body is empty: it has to be the sample");
    if (in->body.len > in->file_max)
        return hn_fail(err, HN_LIMIT, 0, "the sample is larger than %llu bytes",
                (unsigned long long)in->file_max);
    reading->door->files[0].bytes = in->body;
    reading->door->file_count = 1;
    return HN_OK;
}

enum hn_status sample_door_read(
        const struct sample_door_in *in, struct sample_door *ret_door, struct hn_err *err)
{
    struct reading reading = { .in = in,
        .door = ret_door,
        .name = in->name,
        .passwords = in->passwords,
        .has_name = in->name.len > 0,
        .has_passwords = in->passwords.len > 0 };
    enum hn_status status;

    memset(ret_door, 0, sizeof *ret_door);
    hn_arena_init(&ret_door->arena, DOOR_ARENA_MAX);
    ret_door->is_form = form_is_type(in->content_type);
    status = ret_door->is_form ? read_form(&reading, err) : read_bytes(&reading, err);
    if (status == HN_OK)
        status = split_passwords(ret_door, reading.passwords, err);
    if (status == HN_OK && reading.has_name)
        ret_door->files[0].name = reading.name;
    if (status != HN_OK)
        sample_door_deinit(ret_door);
    return status;
}

void sample_door_deinit(struct sample_door *door)
{
    hn_arena_deinit(&door->arena);
    memset(door, 0, sizeof *door);
}
