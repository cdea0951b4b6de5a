/* mail_tnef.c - TNEF ([MS-OXTNEF]), the winmail.dat that Outlook sends: attributes of the message
 * and of its attachments, one after the other, with MAPI properties among them. */
#include "mail/mail_mapi.h"

#include "base/reader.h"

#define TNEF_SIGNATURE  0x223E9F78u
#define LEVEL_MESSAGE   1u
#define LEVEL_ATTACH    2u
#define ATTACHMENTS_MAX 1000u

/* Attributes by their low half ([MS-OXTNEF] 2.1.3.2). */
#define ATT_FROM          0x8000u
#define ATT_SUBJECT       0x8004u
#define ATT_MESSAGE_ID    0x8009u
#define ATT_BODY          0x800Cu
#define ATT_ATTACH_DATA   0x800Fu
#define ATT_ATTACH_TITLE  0x8010u
#define ATT_ATTACH_REND   0x9002u
#define ATT_MESSAGE_PROPS 0x9003u
#define ATT_RECIPIENTS    0x9004u
#define ATT_ATTACH_PROPS  0x9005u
#define ATT_CODEPAGE      0x9007u

struct tnef {
    struct mail *mail;
    struct mapi_props props;      /* of the message */
    struct mapi_props attachment; /* of the one that is being read */
    struct mapi_recipients recipients;
    struct hn_bytes data; /* of that attachment */
    uint64_t offset;
    bool in_attachment;
    uint32_t attachments;
};

bool mail_is_tnef(struct hn_bytes bytes)
{
    return bytes.len >= 6 && hn_load_u32(bytes.ptr) == TNEF_SIGNATURE;
}

/* ---- MAPI properties ([MS-OXTNEF] 2.1.3.4) ---- */

static size_t fixed_size(uint32_t type)
{
    switch (type) {
    case 0x0002: /* shorts and truths are padded to four */
    case 0x000B:
    case 0x0003:
    case 0x0004:
    case 0x000A:
        return 4;
    case 0x0005:
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case 0x0040:
        return 8;
    case 0x0048:
        return 16;
    default:
        return 0;
    }
}

static bool is_variable(uint32_t type)
{
    return type == MAPI_STRING8 || type == MAPI_UNICODE || type == MAPI_BINARY ||
           type == MAPI_OBJECT;
}

/* A named property: its set, and its number or name. */
static uint32_t named_id(struct hn_reader *r, uint32_t id)
{
    uint32_t kind;
    uint32_t value;

    hn_reader_skip(r, 16);
    kind = hn_reader_u32(r);
    value = hn_reader_u32(r);
    if (kind == 1)
        hn_reader_skip(r, ((size_t)value + 3) & ~(size_t)3);
    return kind == 0 && value == MAPI_LID_REMINDER_FILE ? MAPI_REMINDER_FILE : id;
}

/* The values of one property; the first of several is kept. False: of no known type. */
static bool values(struct hn_reader *r, struct mapi_props *props, uint32_t id, uint32_t type)
{
    uint32_t base = type & 0xFFFu;
    uint32_t count = 1;

    if (is_variable(base) || (type & MAPI_MULTIPLE) != 0)
        count = hn_reader_u32(r);
    if (!is_variable(base) && fixed_size(base) == 0)
        return false;
    for (uint32_t i = 0; i < count && hn_reader_ok(r); i++) {
        size_t len = is_variable(base) ? hn_reader_u32(r) : fixed_size(base);
        struct hn_bytes value = hn_reader_take(r, len);

        if (len % 4 != 0)
            hn_reader_skip(r, hn_reader_left(r) < 4 - len % 4 ? hn_reader_left(r) : 4 - len % 4);
        if (i == 0 && hn_reader_ok(r))
            mapi_add(props, id, base, value);
    }
    return hn_reader_ok(r);
}

static bool read_props(struct hn_reader *r, struct mapi_props *props)
{
    uint32_t count = hn_reader_u32(r);

    for (uint32_t i = 0; i < count && hn_reader_ok(r); i++) {
        uint32_t type = hn_reader_u16(r);
        uint32_t id = hn_reader_u16(r);

        if (id >= 0x8000u)
            id = named_id(r, id);
        if (!values(r, props, id, type))
            return false;
    }
    return hn_reader_ok(r);
}

static void read_recipients(struct tnef *tnef, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint32_t count = hn_reader_u32(&r);

    for (uint32_t i = 0; i < count && hn_reader_left(&r) > 0; i++) {
        struct mapi_props props = { .arena = tnef->mail->arena, .codepage = tnef->props.codepage };
        bool good = read_props(&r, &props);

        if (good)
            mapi_recipient_add(&tnef->recipients, &props);
        mapi_deinit(&props);
        if (!good)
            return;
    }
}

/* ---- Attachments ---- */

/* An object's bytes begin with what it is: IMessage, an IStorage or an IStream. */
static void take_object(struct tnef *tnef, struct mail_attachment *attachment)
{
    static const uint8_t message[16] = { 0x07, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0,
        0x46 };
    const struct mapi_prop *object = mapi_find(&tnef->attachment, MAPI_ATTACH_DATA);

    if (object == NULL || (object->type != MAPI_OBJECT && object->type != MAPI_BINARY))
        return;
    attachment->data = object->value;
    if (object->type == MAPI_OBJECT && object->value.len >= 16) {
        if (memcmp(object->value.ptr, message, 16) == 0)
            attachment->format = DISSECT_TNEF;
        attachment->data = hn_bytes_of(object->value.ptr + 16, object->value.len - 16);
    }
}

static void end_attachment(struct tnef *tnef)
{
    struct mail *mail = tnef->mail;
    struct mail_attachment attachment;

    if (!tnef->in_attachment)
        return;
    attachment = mapi_attachment(mail, &tnef->attachment);
    attachment.data = tnef->data;
    if (tnef->data.len == 0)
        take_object(tnef, &attachment);
    attachment.borrowed = true;
    if (attachment.data.len > 0)
        attachment.offset = (uint64_t)(attachment.data.ptr - (const uint8_t *)mail->in.ptr);
    if (attachment.data.len > 0 || attachment.name.len > 0)
        mail_add_attachment(mail, &attachment, NULL);
    mapi_deinit(&tnef->attachment);
    tnef->attachment = (struct mapi_props){ .arena = mail->arena };
    tnef->data = (struct hn_bytes){ 0 };
    tnef->in_attachment = false;
}

static void attachment_attribute(struct tnef *tnef, uint32_t id, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);

    tnef->attachment.codepage = tnef->props.codepage;
    if (id == ATT_ATTACH_REND) {
        end_attachment(tnef);
        tnef->in_attachment = ++tnef->attachments <= ATTACHMENTS_MAX;
        if (tnef->attachments == ATTACHMENTS_MAX + 1)
            dissect_note(tnef->mail->dissect, tnef->mail->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                    "ATTACHMENTS_MAX");
        return;
    }
    tnef->in_attachment = tnef->in_attachment || tnef->attachments == 0;
    if (id == ATT_ATTACH_DATA) {
        tnef->data = data;
    } else if (id == ATT_ATTACH_TITLE) {
        mapi_add(&tnef->attachment, MAPI_ATTACH_SHORT_NAME, MAPI_STRING8, data);
    } else if (id == ATT_ATTACH_PROPS && !read_props(&r, &tnef->attachment)) {
        dissect_note(tnef->mail->dissect, tnef->mail->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "properties of an attachment");
    }
}

/* ---- The message ---- */

/* A structure of offsets and two strings ([MS-OXTNEF] 2.1.3.3.3.1): name, then "SMTP:a@b". */
static void from_attribute(struct tnef *tnef, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t name_len;
    uint16_t address_len;
    struct hn_bytes name;
    struct hn_bytes address;

    hn_reader_skip(&r, 4);
    name_len = hn_reader_u16(&r);
    address_len = hn_reader_u16(&r);
    name = hn_reader_take(&r, name_len);
    address = hn_reader_take(&r, address_len);
    if (!hn_reader_ok(&r))
        return;
    if (address.len > 5 && hn_text_starts_nocase(hn_bytes_as_text(address), HN_TEXT("SMTP:")))
        address = hn_bytes_of(address.ptr + 5, address.len - 5);
    if (mapi_find(&tnef->props, MAPI_SENDER_NAME) == NULL)
        mapi_add(&tnef->props, MAPI_SENDER_NAME, MAPI_STRING8, name);
    if (mapi_find(&tnef->props, MAPI_SENDER_SMTP) == NULL)
        mapi_add(&tnef->props, MAPI_SENDER_SMTP, MAPI_STRING8, address);
}

static void message_attribute(struct tnef *tnef, uint32_t id, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);

    if (id == ATT_MESSAGE_PROPS) {
        if (!read_props(&r, &tnef->props))
            dissect_note(tnef->mail->dissect, tnef->mail->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                    "properties of the message");
    } else if (id == ATT_CODEPAGE) {
        tnef->props.codepage = hn_reader_u32(&r);
    } else if (id == ATT_SUBJECT) {
        mapi_add(&tnef->props, MAPI_SUBJECT, MAPI_STRING8, data);
    } else if (id == ATT_BODY) {
        mapi_add(&tnef->props, MAPI_BODY, MAPI_STRING8, data);
    } else if (id == ATT_FROM) {
        from_attribute(tnef, data);
    } else if (id == ATT_RECIPIENTS) {
        read_recipients(tnef, data);
    } else if (id == ATT_MESSAGE_ID) {
        mail_fact(tnef->mail, "search_key", hn_text_trim(hn_bytes_as_text(data)));
    }
}

static bool checksum_fits(struct hn_bytes data, uint16_t checksum)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < data.len; i++)
        sum = (sum + data.ptr[i]) & 0xFFFFu;
    return sum == checksum;
}

static void read_attributes(struct tnef *tnef)
{
    struct hn_reader r = hn_reader_over(hn_text_as_bytes(tnef->mail->in));
    bool fits = true;

    hn_reader_skip(&r, 6);
    while (hn_reader_left(&r) > 0) {
        unsigned level = hn_reader_u8(&r);
        uint32_t id = hn_reader_u32(&r);
        uint32_t len = hn_reader_u32(&r);
        struct hn_bytes data;

        if (hn_reader_ok(&r) && len > hn_reader_left(&r)) { /* cut off: what is there is read */
            data = hn_reader_take(&r, hn_reader_left(&r));
            hn_reader_skip(&r, 1);
        } else {
            data = hn_reader_take(&r, len);
        }
        if (level == LEVEL_ATTACH)
            attachment_attribute(tnef, id & 0xFFFFu, data);
        else if (level == LEVEL_MESSAGE)
            message_attribute(tnef, id & 0xFFFFu, data);
        fits = (checksum_fits(data, hn_reader_u16(&r)) || !hn_reader_ok(&r)) && fits;
        if (!hn_reader_ok(&r) || (level != LEVEL_ATTACH && level != LEVEL_MESSAGE)) {
            dissect_note(tnef->mail->dissect, tnef->mail->id, DISSECT_NOTE_TRUNCATED,
                    hn_reader_offset(&r), "an attribute is cut off");
            break;
        }
    }
    if (!fits)
        dissect_note(tnef->mail->dissect, tnef->mail->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "a checksum is wrong");
    end_attachment(tnef);
}

enum hn_status mail_open_tnef(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct mail mail;
    struct tnef tnef = { .mail = &mail };
    enum hn_status status;

    mail_init(&mail, dissect, id);
    tnef.props.arena = mail.arena;
    tnef.attachment.arena = mail.arena;
    if (!mail_is_tnef(hn_text_as_bytes(mail.in))) {
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "the signature of TNEF is missing");
    } else {
        read_attributes(&tnef);
        mapi_message(&mail, &tnef.props, &tnef.recipients);
        mail_judge(&mail);
        mail_harvest(&mail);
    }
    status = mail_status(&mail, err);
    mapi_deinit(&tnef.props);
    mapi_deinit(&tnef.attachment);
    mapi_recipients_deinit(&tnef.recipients);
    mail_deinit(&mail);
    return status;
}
