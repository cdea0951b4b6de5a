/* fuzz: form */
/* fuzz_form.c - multipart/form-data: the first line is the Content-Type, the second says how the
 * rest is cut.
 *
 * Oracle: however the body is cut, the same is told, byte by byte, and it ends the same way; of a
 * body in one piece the bytes of a part are one run of it; names are clean text; and what was read
 * is read again when it is written anew. */
#include "form/form.h"

#include "base/utf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

struct heard {
    struct hn_buf told;    /* lengths before texts: nothing can be moved */
    struct hn_buf written; /* the same as a form */
    uint64_t len;
    const uint8_t *next; /* where the next bytes of the part have to stand; NULL: anywhere */
    bool whole;
};

static void tell_text(struct hn_buf *out, struct hn_text text)
{
    hn_buf_addf(out, "%zu:", text.len);
    hn_buf_add_text(out, text);
}

static void check_name(struct hn_text name)
{
    must(hn_utf8_valid(hn_text_as_bytes(name)));
    for (size_t i = 0; i < name.len; i++)
        must((unsigned char)name.ptr[i] >= 0x20 && name.ptr[i] != 0x7F);
}

static void write_quoted(struct hn_buf *out, const char *what, struct hn_text text)
{
    hn_buf_addf(out, "; %s=\"", what);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            hn_buf_add_char(out, '\\');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '"');
}

static enum hn_status on_begin(void *ctx, const struct form_part *part, struct hn_err *err)
{
    struct heard *heard = ctx;

    (void)err;
    check_name(part->name);
    check_name(part->filename);
    must(part->is_file || part->filename.len == 0);
    hn_buf_addf(&heard->told, "%d", part->is_file);
    tell_text(&heard->told, part->name);
    tell_text(&heard->told, part->filename);
    tell_text(&heard->told, part->type);
    hn_buf_add_lit(&heard->written, "--b\r\nContent-Disposition: form-data");
    write_quoted(&heard->written, "name", part->name);
    if (part->is_file)
        write_quoted(&heard->written, "filename", part->filename);
    hn_buf_add_lit(&heard->written, "\r\nContent-Type: ");
    hn_buf_add_text(&heard->written, part->type);
    hn_buf_add_lit(&heard->written, "\r\n\r\n");
    heard->next = NULL;
    heard->len = 0;
    return HN_OK;
}

static enum hn_status on_data(void *ctx, struct hn_bytes bytes, struct hn_err *err)
{
    struct heard *heard = ctx;

    (void)err;
    must(bytes.len > 0);
    must(!heard->whole || heard->next == NULL || heard->next == bytes.ptr);
    heard->next = bytes.ptr + bytes.len;
    hn_buf_add(&heard->told, bytes.ptr, bytes.len);
    hn_buf_add(&heard->written, bytes.ptr, bytes.len);
    heard->len += bytes.len;
    return HN_OK;
}

static enum hn_status on_end(void *ctx, struct hn_err *err)
{
    struct heard *heard = ctx;

    (void)err;
    hn_buf_addf(&heard->told, "=%llu;", (unsigned long long)heard->len);
    hn_buf_add_lit(&heard->written, "\r\n");
    return HN_OK;
}

/* Pieces as long as the characters of cuts say, over and over; "": as a whole. */
static enum hn_status read_form(
        struct hn_text type, struct hn_text body, struct hn_text cuts, struct heard *heard)
{
    const struct form_receiver receiver = { on_begin, on_data, on_end, heard };
    struct form *form = NULL;
    struct hn_err err = { 0 };
    enum hn_status status = form_new(type, &receiver, &form, &err);
    size_t turn = 0;

    heard->whole = cuts.len == 0;
    while (status == HN_OK && body.len > 0) {
        size_t len =
                cuts.len == 0 ? body.len : 1 + (unsigned char)cuts.ptr[turn++ % cuts.len] % 32u;
        struct hn_text piece = hn_text_sub(body, 0, len);

        status = form_feed(form, hn_text_as_bytes(piece), &err);
        body = hn_text_sub(body, len, SIZE_MAX);
    }
    if (status == HN_OK)
        status = form_end(form, &err);
    must(status == HN_OK || (status == err.status && err.msg[0] != '\0'));
    form_free(form);
    return status;
}

static void heard_deinit(struct heard *heard)
{
    hn_buf_deinit(&heard->told);
    hn_buf_deinit(&heard->written);
}

/* The delimiter of what is written anew stands in no part. */
static bool can_be_written(const struct heard *heard)
{
    return hn_text_find(hn_buf_text(&heard->told), HN_TEXT("\r\n--b"), 0) == SIZE_MAX;
}

static void check_written(struct heard *first)
{
    struct heard again = { 0 };

    hn_buf_add_lit(&first->written, "--b--\r\n");
    must(hn_buf_ok(&first->written));
    must(read_form(HN_TEXT("multipart/form-data; boundary=b"), hn_buf_text(&first->written),
                 HN_TEXT(""), &again) == HN_OK);
    must(hn_text_eq(hn_buf_text(&first->told), hn_buf_text(&again.told)));
    heard_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text body = hn_text_of((const char *)data, size);
    struct hn_text type = HN_TEXT("");
    struct hn_text cuts = HN_TEXT("");
    struct heard whole = { 0 };
    struct heard cut = { 0 };
    enum hn_status status;

    if (size > (size_t)1 << 16 || !hn_text_split(&body, '\n', &type) ||
            !hn_text_split(&body, '\n', &cuts))
        return 0;
    status = read_form(type, body, HN_TEXT(""), &whole);
    must(read_form(type, body, cuts, &cut) == status);
    must(hn_text_eq(hn_buf_text(&whole.told), hn_buf_text(&cut.told)));
    if (status == HN_OK && can_be_written(&whole))
        check_written(&whole);
    heard_deinit(&whole);
    heard_deinit(&cut);
    return 0;
}
