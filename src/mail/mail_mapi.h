/* mail_mapi.h - MAPI properties within the mail module: a message or an attachment as .msg and TNEF
 * keep it, and what is said of it once its properties are known. */
#ifndef HN_MAIL_MAIL_MAPI_H
#define HN_MAIL_MAIL_MAPI_H

#include "mail/mail_internal.h"

/* Property types ([MS-OXCDATA] 2.11.1). */
#define MAPI_SHORT    0x0002u
#define MAPI_LONG     0x0003u
#define MAPI_BOOL     0x000Bu
#define MAPI_OBJECT   0x000Du
#define MAPI_STRING8  0x001Eu
#define MAPI_UNICODE  0x001Fu
#define MAPI_TIME     0x0040u
#define MAPI_GUID     0x0048u
#define MAPI_BINARY   0x0102u
#define MAPI_MULTIPLE 0x1000u

/* Properties by number ([MS-OXPROPS]). */
#define MAPI_MESSAGE_CLASS      0x001Au
#define MAPI_SUBJECT            0x0037u
#define MAPI_SUBMIT_TIME        0x0039u
#define MAPI_REPRESENTING_NAME  0x0042u
#define MAPI_REPRESENTING_TYPE  0x0064u
#define MAPI_REPRESENTING_EMAIL 0x0065u
#define MAPI_CONVERSATION_TOPIC 0x0070u
#define MAPI_HEADERS            0x007Du
#define MAPI_RECIPIENT_TYPE     0x0C15u
#define MAPI_SENDER_NAME        0x0C1Au
#define MAPI_SENDER_EMAIL       0x0C1Fu
#define MAPI_DISPLAY_TO         0x0E04u
#define MAPI_DELIVERY_TIME      0x0E06u
#define MAPI_BODY               0x1000u
#define MAPI_RTF                0x1009u
#define MAPI_HTML               0x1013u
#define MAPI_MESSAGE_ID         0x1035u
#define MAPI_REFERENCES         0x1039u
#define MAPI_IN_REPLY_TO        0x1042u
#define MAPI_DISPLAY_NAME       0x3001u
#define MAPI_EMAIL              0x3003u
#define MAPI_ATTACH_DATA        0x3701u
#define MAPI_ATTACH_SHORT_NAME  0x3704u
#define MAPI_ATTACH_METHOD      0x3705u
#define MAPI_ATTACH_LONG_NAME   0x3707u
#define MAPI_ATTACH_PATH        0x3708u
#define MAPI_ATTACH_LONG_PATH   0x370Du
#define MAPI_ATTACH_TYPE        0x370Eu
#define MAPI_ATTACH_CONTENT_ID  0x3712u
#define MAPI_SMTP_ADDRESS       0x39FEu
#define MAPI_INTERNET_CODEPAGE  0x3FDEu
#define MAPI_MESSAGE_LOCALE     0x3FF1u
#define MAPI_MESSAGE_CODEPAGE   0x3FFDu
#define MAPI_SENDER_SMTP        0x5D01u
#define MAPI_REPRESENTING_SMTP  0x5D02u
#define MAPI_ATTACHMENT_HIDDEN  0x7FFEu
/* Ours, for a named property: PidLidReminderFileParameter, whose UNC path made Outlook log on to a
 * server of the sender's choice (CVE-2023-23397). */
#define MAPI_REMINDER_FILE 0xFFF0u

#define MAPI_LID_REMINDER_FILE 0x851Fu

#define MAPI_METHOD_BY_VALUE 1u
#define MAPI_METHOD_EMBEDDED 5u
#define MAPI_METHOD_OLE      6u

#define MAPI_PROPS_MAX 4096u /* of one message, recipient or attachment */

struct mapi_prop {
    uint32_t id;
    uint32_t type;
    struct hn_bytes value;
};

struct mapi_props {
    struct hn_arena *arena;
    HN_VEC(struct mapi_prop) items;
    uint32_t codepage; /* of 8-bit strings; 0: to be guessed */
};

void mapi_deinit(struct mapi_props *props);
/* Past MAPI_PROPS_MAX, or without memory, the property is left out. */
void mapi_add(struct mapi_props *props, uint32_t id, uint32_t type, struct hn_bytes value);
const struct mapi_prop *mapi_find(const struct mapi_props *props, uint32_t id);
/* A string as UTF-8, in the arena; empty when there is none. */
struct hn_text mapi_text(const struct mapi_props *props, uint32_t id);
uint32_t mapi_u32(const struct mapi_props *props, uint32_t id, uint32_t otherwise);
uint64_t mapi_u64(const struct mapi_props *props, uint32_t id);

/* Recipients as header values: "name <address>, ..." */
struct mapi_recipients {
    struct hn_buf to;
    struct hn_buf cc;
    struct hn_buf bcc;
};
void mapi_recipient_add(struct mapi_recipients *all, const struct mapi_props *props);
void mapi_recipients_deinit(struct mapi_recipients *all);

/* Fills mail->head (from the transport headers, completed from properties) and mail->subject, adds
 * bodies and facts. */
void mapi_message(struct mail *mail, const struct mapi_props *props,
        const struct mapi_recipients *recipients);
/* What is common to attachments: name, type, relation, links. */
struct mail_attachment mapi_attachment(struct mail *mail, const struct mapi_props *props);

#endif
