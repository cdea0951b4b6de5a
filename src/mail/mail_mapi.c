/* mail_mapi.c - MAPI properties: kept, found, read as texts and numbers; recipients and attachments
 * of them. What a whole message says is in mail_mapi_message.c. */
#include "mail/mail_mapi.h"

#include "base/reader.h"
#include "base/utf.h"

void mapi_deinit(struct mapi_props *props)
{
    hn_vec_deinit(&props->items);
}

void mapi_add(struct mapi_props *props, uint32_t id, uint32_t type, struct hn_bytes value)
{
    struct mapi_prop *prop;

    if (props->items.count >= MAPI_PROPS_MAX)
        return;
    prop = hn_vec_add(&props->items);
    if (prop != NULL)
        *prop = (struct mapi_prop){ id, type, value };
}

/* The first; but a Unicode string before one of a code page. */
const struct mapi_prop *mapi_find(const struct mapi_props *props, uint32_t id)
{
    const struct mapi_prop *found = NULL;

    for (size_t i = 0; i < props->items.count; i++) {
        const struct mapi_prop *prop = &props->items.ptr[i];

        if (prop->id == id &&
                (found == NULL || (prop->type == MAPI_UNICODE && found->type == MAPI_STRING8)))
            found = prop;
    }
    return found;
}

struct hn_text mapi_text(const struct mapi_props *props, uint32_t id)
{
    const struct mapi_prop *prop = mapi_find(props, id);
    struct hn_buf out = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 4 };
    struct hn_bytes value;
    struct hn_text text;

    if (prop == NULL)
        return HN_TEXT("");
    value = prop->value;
    if (prop->type == MAPI_UNICODE) {
        while (value.len >= 2 && value.ptr[value.len - 1] == 0 && value.ptr[value.len - 2] == 0)
            value.len -= 2;
        if (value.len > MAIL_TEXT_BYTES_MAX)
            value.len = MAIL_TEXT_BYTES_MAX;
        (void)hn_utf16le_to_utf8(&out, value);
    } else if (prop->type == MAPI_STRING8 || prop->type == MAPI_BINARY) {
        while (value.len >= 1 && value.ptr[value.len - 1] == 0)
            value.len--;
        (void)mail_codepage_to_utf8(&out, value, props->codepage);
    }
    text = hn_arena_text(props->arena, hn_buf_text(&out));
    hn_buf_deinit(&out);
    return text.ptr != NULL ? text : HN_TEXT("");
}

uint32_t mapi_u32(const struct mapi_props *props, uint32_t id, uint32_t otherwise)
{
    const struct mapi_prop *prop = mapi_find(props, id);

    if (prop == NULL || prop->value.len < 2)
        return otherwise;
    if (prop->type == MAPI_SHORT || prop->type == MAPI_BOOL || prop->value.len < 4)
        return hn_load_u16(prop->value.ptr);
    return prop->type == MAPI_LONG ? hn_load_u32(prop->value.ptr) : otherwise;
}

uint64_t mapi_u64(const struct mapi_props *props, uint32_t id)
{
    const struct mapi_prop *prop = mapi_find(props, id);

    return prop != NULL && prop->value.len >= 8 && prop->type == MAPI_TIME
                   ? hn_load_u64(prop->value.ptr)
                   : 0;
}

/* ---- Recipients ---- */

void mapi_recipients_deinit(struct mapi_recipients *all)
{
    hn_buf_deinit(&all->to);
    hn_buf_deinit(&all->cc);
    hn_buf_deinit(&all->bcc);
}

void mapi_recipient_add(struct mapi_recipients *all, const struct mapi_props *props)
{
    uint32_t type = mapi_u32(props, MAPI_RECIPIENT_TYPE, 1) & 0xFu;
    struct hn_buf *list = type == 3 ? &all->bcc : type == 2 ? &all->cc : &all->to;
    struct hn_text name = mapi_text(props, MAPI_DISPLAY_NAME);
    struct hn_text address = mapi_text(props, MAPI_SMTP_ADDRESS);

    if (address.len == 0)
        address = mapi_text(props, MAPI_EMAIL);
    if (list->len + name.len + address.len > MAIL_VALUE_BYTES_MAX)
        return;
    if (list->len > 0)
        hn_buf_add_lit(list, ", ");
    if (name.len > 0 && !hn_text_eq(name, address)) {
        hn_buf_add_text(list, name);
        hn_buf_add_char(list, ' ');
    }
    if (address.len > 0)
        hn_buf_addf(list, "<%.*s>", HN_TEXT_ARG(address));
}

/* ---- Attachments ---- */

static void link_of(struct mail *mail, struct hn_text path)
{
    if (path.len == 0)
        return;
    mail_fact(mail, "attachment_link", path);
    dissect_text(mail->dissect, mail->id, "link", path, HN_TEXT(""), DISSECT_NOWHERE);
    dissect_note(mail->dissect, mail->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
            "an attachment is kept elsewhere: %.*s", (int)(path.len > 200 ? 200 : path.len),
            path.ptr);
}

struct mail_attachment mapi_attachment(struct mail *mail, const struct mapi_props *props)
{
    struct mail_attachment attachment = { .relation = "attachment", .offset = DISSECT_NOWHERE };
    uint32_t method = mapi_u32(props, MAPI_ATTACH_METHOD, MAPI_METHOD_BY_VALUE);
    struct hn_text short_name = mapi_text(props, MAPI_ATTACH_SHORT_NAME);
    struct hn_text path;

    attachment.name = mapi_text(props, MAPI_ATTACH_LONG_NAME);
    if (attachment.name.len == 0)
        attachment.name = short_name;
    if (attachment.name.len == 0)
        attachment.name = mapi_text(props, MAPI_DISPLAY_NAME);
    attachment.type = mapi_text(props, MAPI_ATTACH_TYPE);
    attachment.content_id = mapi_text(props, MAPI_ATTACH_CONTENT_ID);
    if (mapi_u32(props, MAPI_ATTACHMENT_HIDDEN, 0) != 0)
        attachment.relation = "inline";
    path = mapi_text(props, MAPI_ATTACH_LONG_PATH);
    if (path.len == 0)
        path = mapi_text(props, MAPI_ATTACH_PATH);
    if (method != MAPI_METHOD_BY_VALUE && method != MAPI_METHOD_EMBEDDED &&
            method != MAPI_METHOD_OLE)
        link_of(mail, path);
    return attachment;
}
