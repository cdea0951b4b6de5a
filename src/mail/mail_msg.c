/* mail_msg.c - Outlook's .msg ([MS-OXMSG]): a compound file whose storages are recipients and
 * attachments, and whose streams are properties. A mail within it becomes a .msg of its own. */
#include "mail/mail_mapi.h"

#include "base/codepage.h"
#include "base/reader.h"
#include "ole/ole.h"

#define TOP_HEADER_BYTES      32u /* [MS-OXMSG] 2.4.1: of the property stream */
#define EMBEDDED_HEADER_BYTES 24u
#define OTHER_HEADER_BYTES    8u
#define RECIPIENTS_MAX        2000u
#define ATTACHMENTS_MAX       1000u

struct msg {
    struct mail *mail;
    struct ole_file *file;
    uint32_t codepage;    /* of the message's 8-bit strings */
    uint32_t reminder_id; /* the number the named property has in this file; 0: none */
};

/* ---- Properties ---- */

static bool hex_number(struct hn_text digits, uint32_t *ret_value)
{
    *ret_value = 0;
    if (digits.len != 8)
        return false;
    for (size_t i = 0; i < 8; i++) {
        char c = digits.ptr[i];
        char low = (char)(c | 32);

        if (c >= '0' && c <= '9')
            *ret_value = *ret_value << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            *ret_value = *ret_value << 4 | (uint32_t)(low - 'a' + 10);
        else
            return false;
    }
    return true;
}

static uint32_t id_of(const struct msg *msg, uint32_t id)
{
    return id == msg->reminder_id && id != 0 ? MAPI_REMINDER_FILE : id;
}

/* Values of fixed size stand in the property stream itself. */
static void fixed_props(
        const struct msg *msg, struct mapi_props *props, uint32_t stream, size_t header)
{
    struct hn_bytes bytes;

    if (ole_read(msg->file, stream, &bytes, NULL) != HN_OK)
        return;
    for (size_t at = header; at < bytes.len && bytes.len - at >= 16; at += 16) {
        uint32_t type = hn_load_u16(bytes.ptr + at);

        if (type == MAPI_UNICODE || type == MAPI_STRING8 || type == MAPI_BINARY ||
                type == MAPI_OBJECT || type == MAPI_GUID || (type & MAPI_MULTIPLE) != 0)
            continue;
        mapi_add(props, id_of(msg, hn_load_u16(bytes.ptr + at + 2)), type,
                hn_bytes_of(bytes.ptr + at + 8, 8));
    }
}

/* Of 8-bit strings: as the message says, or as its language has it. PidTagInternetCodepage is for
 * its HTML, and holds for strings only where nothing else is said. */
static void choose_codepage(struct mapi_props *props)
{
    uint32_t codepage = mapi_u32(props, MAPI_MESSAGE_CODEPAGE, 0);
    uint32_t locale = mapi_u32(props, MAPI_MESSAGE_LOCALE, 0);

    if (codepage == 0 && locale != 0)
        codepage = hn_codepage_of_lcid(locale);
    if (codepage != 0 && codepage != HN_CODEPAGE_UTF16LE)
        props->codepage = codepage;
    else if (props->codepage == 0)
        props->codepage = mapi_u32(props, MAPI_INTERNET_CODEPAGE, 0);
}

/* The properties below a storage. Streams are "__substg1.0_" and the tag in hex. */
static void read_props(
        const struct msg *msg, uint32_t storage, size_t header, struct mapi_props *props)
{
    struct hn_text prefix = HN_TEXT("__substg1.0_");

    for (uint32_t i = 1; i < ole_count(msg->file); i++) {
        const struct ole_entry *entry = ole_get(msg->file, i);
        uint32_t tag;
        struct hn_bytes bytes;

        if (entry->parent != storage || entry->kind != OLE_STREAM)
            continue;
        if (hn_text_eq_nocase(entry->name, HN_TEXT("__properties_version1.0"))) {
            fixed_props(msg, props, i, header);
            continue;
        }
        if (!hn_text_starts_nocase(entry->name, prefix) ||
                !hex_number(hn_text_sub(entry->name, prefix.len, 9), &tag))
            continue;
        if (ole_read(msg->file, i, &bytes, NULL) == HN_OK)
            mapi_add(props, id_of(msg, tag >> 16), tag & 0xFFFFu, bytes);
    }
    choose_codepage(props);
}

/* Which number PidLidReminderFileParameter has here ([MS-OXMSG] 2.2.3). */
static void read_names(struct msg *msg)
{
    uint32_t entries = ole_find(msg->file, HN_TEXT("__nameid_version1.0/__substg1.0_00030102"));
    struct hn_bytes bytes;

    if (entries == OLE_NONE || ole_read(msg->file, entries, &bytes, NULL) != HN_OK)
        return;
    for (size_t at = 0; bytes.len - at >= 8; at += 8) {
        bool is_string = (hn_load_u16(bytes.ptr + at + 4) & 1) != 0;

        if (!is_string && hn_load_u32(bytes.ptr + at) == MAPI_LID_REMINDER_FILE)
            msg->reminder_id = 0x8000u + hn_load_u16(bytes.ptr + at + 6);
    }
}

/* ---- Storages as files of their own ---- */

struct parts {
    struct ole_part *items;
    uint32_t *storages; /* index in the file of each part */
    size_t count;
    uint64_t bytes;
};

/* An embedded message has a property stream with a shorter header, and no table of names. */
static struct hn_bytes widen(struct hn_arena *arena, struct hn_bytes stream)
{
    uint8_t *wide;

    if (stream.len < EMBEDDED_HEADER_BYTES)
        return stream;
    wide = hn_arena_alloc(arena, stream.len + TOP_HEADER_BYTES - EMBEDDED_HEADER_BYTES, 1);
    if (wide == NULL)
        return stream;
    memcpy(wide, stream.ptr, EMBEDDED_HEADER_BYTES);
    memcpy(wide + TOP_HEADER_BYTES, stream.ptr + EMBEDDED_HEADER_BYTES,
            stream.len - EMBEDDED_HEADER_BYTES);
    return hn_bytes_of(wide, stream.len + TOP_HEADER_BYTES - EMBEDDED_HEADER_BYTES);
}

static void take_part(struct msg *msg, struct parts *parts, uint32_t index, uint32_t parent)
{
    const struct ole_entry *entry = ole_get(msg->file, index);
    struct ole_part *part = &parts->items[parts->count];

    part->name = entry->name;
    part->parent = parent;
    part->is_storage = entry->kind != OLE_STREAM;
    memcpy(part->clsid, entry->clsid, sizeof part->clsid);
    if (!part->is_storage && ole_read(msg->file, index, &part->data, NULL) != HN_OK)
        part->data = (struct hn_bytes){ 0 };
    parts->storages[parts->count++] = index;
    parts->bytes += part->data.len;
}

/* Everything below a storage, a level at a time, so that parents come first. */
static void take_below(struct msg *msg, struct parts *parts, uint32_t storage, uint32_t parent)
{
    size_t next = parts->count;

    for (;;) {
        for (uint32_t i = 1; i < ole_count(msg->file) && parts->count < ole_count(msg->file); i++)
            if (ole_get(msg->file, i)->parent == storage)
                take_part(msg, parts, i, parent);
        while (next < parts->count && !parts->items[next].is_storage)
            next++;
        if (next >= parts->count)
            return;
        storage = parts->storages[next];
        parent = (uint32_t)next++;
    }
}

static bool extract(struct msg *msg, uint32_t storage, bool is_message, struct hn_bytes *ret_bytes)
{
    struct hn_arena *arena = msg->mail->arena;
    struct parts parts = { 0 };
    size_t room = (size_t)ole_count(msg->file) + 1;
    uint32_t names = ole_find(msg->file, HN_TEXT("__nameid_version1.0"));
    size_t own;

    parts.items = hn_new(arena, struct ole_part, room);
    parts.storages = hn_new(arena, uint32_t, room);
    if (parts.items == NULL || parts.storages == NULL)
        return false;
    take_below(msg, &parts, storage, OLE_NONE);
    own = parts.count;
    for (size_t i = 0; i < own && is_message; i++) {
        if (parts.items[i].parent == OLE_NONE &&
                hn_text_eq_nocase(parts.items[i].name, HN_TEXT("__properties_version1.0")))
            parts.items[i].data = widen(arena, parts.items[i].data);
    }
    if (is_message && names != OLE_NONE && own < ole_count(msg->file)) {
        take_part(msg, &parts, names, OLE_NONE);
        take_below(msg, &parts, names, (uint32_t)own);
    }
    if (!dissect_inflate(msg->mail->dissect, msg->mail->id, 0, parts.bytes))
        return false;
    return ole_build(arena, parts.items, parts.count, ole_get(msg->file, storage)->clsid, ret_bytes,
                   NULL) == HN_OK;
}

/* ---- Recipients and attachments ---- */

static void open_attachment(struct msg *msg, uint32_t storage)
{
    struct mail *mail = msg->mail;
    struct mapi_props props = { .arena = mail->arena, .codepage = msg->codepage };
    struct mail_attachment attachment;
    const struct mapi_prop *data;
    uint32_t object = ole_find_in(msg->file, storage, HN_TEXT("__substg1.0_3701000D"));

    read_props(msg, storage, OTHER_HEADER_BYTES, &props);
    attachment = mapi_attachment(mail, &props);
    data = mapi_find(&props, MAPI_ATTACH_DATA);
    if (object != OLE_NONE && ole_get(msg->file, object)->kind == OLE_STORAGE) {
        bool is_message =
                ole_find_in(msg->file, object, HN_TEXT("__properties_version1.0")) != OLE_NONE;

        if (is_message)
            attachment.format = DISSECT_MSG;
        attachment.borrowed = true;
        if (!extract(msg, object, is_message, &attachment.data))
            dissect_note(mail->dissect, mail->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                    "an embedded object could not be taken out");
    } else if (data != NULL) {
        attachment.data = data->value;
        attachment.borrowed = true; /* in the file or in the arena */
    }
    if (attachment.data.len > 0 || attachment.name.len > 0)
        mail_add_attachment(mail, &attachment, NULL);
    mapi_deinit(&props);
}

static void open_storages(struct msg *msg, struct mapi_recipients *recipients)
{
    uint32_t recipients_seen = 0;
    uint32_t attachments_seen = 0;

    for (uint32_t i = 1; i < ole_count(msg->file); i++) {
        const struct ole_entry *entry = ole_get(msg->file, i);

        if (entry->kind != OLE_STORAGE || (entry->parent != 0 && !entry->orphan))
            continue;
        if (hn_text_starts_nocase(entry->name, HN_TEXT("__recip_version1.0_")) &&
                recipients_seen++ < RECIPIENTS_MAX) {
            struct mapi_props props = { .arena = msg->mail->arena, .codepage = msg->codepage };

            read_props(msg, i, OTHER_HEADER_BYTES, &props);
            mapi_recipient_add(recipients, &props);
            mapi_deinit(&props);
        }
        if (hn_text_starts_nocase(entry->name, HN_TEXT("__attach_version1.0_")) &&
                attachments_seen++ < ATTACHMENTS_MAX)
            open_attachment(msg, i);
    }
    if (recipients_seen > RECIPIENTS_MAX || attachments_seen > ATTACHMENTS_MAX)
        dissect_note(msg->mail->dissect, msg->mail->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "%s",
                recipients_seen > RECIPIENTS_MAX ? "RECIPIENTS_MAX" : "ATTACHMENTS_MAX");
}

/* ---- The opener ---- */

static void open_file(struct msg *msg)
{
    struct mail *mail = msg->mail;
    struct mapi_recipients recipients = { 0 };
    struct mapi_props props = { .arena = mail->arena };

    if (ole_odd(msg->file) != 0)
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "the compound file is odd (0x%lx)", (unsigned long)ole_odd(msg->file));
    read_names(msg);
    read_props(msg, 0, TOP_HEADER_BYTES, &props);
    msg->codepage = props.codepage;
    open_storages(msg, &recipients);
    mapi_message(mail, &props, &recipients);
    mail_judge(mail);
    mail_harvest(mail);
    mapi_recipients_deinit(&recipients);
    mapi_deinit(&props);
}

enum hn_status mail_open_msg(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct mail mail;
    struct msg msg = { .mail = &mail };
    struct hn_err why = { 0 };
    enum hn_status status;

    mail_init(&mail, dissect, id);
    status = ole_open(mail.arena, hn_text_as_bytes(mail.in), NULL, &msg.file, &why);
    if (status == HN_OK)
        open_file(&msg);
    else
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED,
                why.offset <= mail.in.len ? why.offset : DISSECT_NOWHERE, "%s", why.msg);
    status = mail_status(&mail, err);
    mail_deinit(&mail);
    return status;
}
