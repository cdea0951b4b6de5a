/* mail.c - what all openers of mails say in the same way: bodies, attachments, passwords. */
#include "mail/mail_internal.h"

#include "base/utf.h"

#include <stdio.h>

void mail_init(struct mail *mail, struct dissect *dissect, uint32_t id)
{
    *mail = (struct mail){ .dissect = dissect, .id = id };
    mail->arena = dissect_arena(dissect);
    mail->in = hn_bytes_as_text(dissect_get(dissect, id)->data);
    mail->subject = HN_TEXT("");
    mail->text.cap_bytes = MAIL_TEXT_BYTES_MAX;
    mail->names.cap_bytes = MAIL_TEXT_BYTES_MAX;
}

void mail_deinit(struct mail *mail)
{
    hn_buf_deinit(&mail->text);
    hn_buf_deinit(&mail->names);
}

enum hn_status mail_status(const struct mail *mail, struct hn_err *err)
{
    if (hn_arena_status(mail->arena) == HN_NOMEM)
        return hn_fail(err, HN_NOMEM, 0, "no memory for a mail");
    return HN_OK;
}

void mail_fact(struct mail *mail, const char *name, struct hn_text value)
{
    struct hn_buf repaired = { 0 };

    if (value.len == 0)
        return;
    if (hn_utf8_valid(hn_text_as_bytes(value))) {
        dissect_fact(mail->dissect, mail->id, name, value);
        return;
    }
    (void)mail_to_utf8(&repaired, hn_text_as_bytes(value), HN_TEXT(""));
    dissect_fact(mail->dissect, mail->id, name, hn_buf_text(&repaired));
    hn_buf_deinit(&repaired);
}

bool mail_has_nocase(struct hn_text text, const char *word)
{
    return hn_text_find_nocase(text, hn_text_cstr(word), 0) != SIZE_MAX;
}

static void remember(struct mail *mail, struct hn_text utf8)
{
    hn_buf_add_text(&mail->text, hn_text_sub(utf8, 0, MAIL_TEXT_BYTES_MAX - 1));
    hn_buf_add_char(&mail->text, '\n');
    if (!hn_buf_ok(&mail->text)) /* full: what is in it is enough to judge by */
        mail->text.status = HN_OK;
}

void mail_add_plain(struct mail *mail, struct hn_text utf8, const char *what, uint64_t offset)
{
    dissect_text(mail->dissect, mail->id, what, utf8, HN_TEXT(""), offset);
    remember(mail, utf8);
}

void mail_add_html(struct mail *mail, struct hn_text utf8, const char *how, uint64_t offset)
{
    struct hn_buf text = { .cap_bytes = MAIL_TEXT_BYTES_MAX };
    struct dissect_child child = { .format = DISSECT_HTML,
        .name = HN_TEXT_INIT("body.html"),
        .relation = "body",
        .data = hn_text_as_bytes(utf8),
        .offset = DISSECT_NOWHERE };

    if (utf8.len == 0)
        return;
    mail->html_bodies++;
    mail_html_look(mail, utf8);
    mail_html_text(&text, utf8);
    dissect_text(mail->dissect, mail->id, "body", hn_buf_text(&text), hn_text_cstr(how), offset);
    remember(mail, hn_buf_text(&text));
    hn_buf_deinit(&text);
    if (dissect_child(mail->dissect, mail->id, &child, NULL) != HN_OK)
        mail->left_out++;
}

/* ---- Attachments ---- */

static bool is_encrypted_zip(struct hn_bytes data)
{
    /* The general purpose flags of the first local header; bit 0 is encryption. */
    return data.len > 8 && memcmp(data.ptr, "PK\003\004", 4) == 0 && (data.ptr[6] & 1) != 0;
}

void mail_add_attachment(
        struct mail *mail, const struct mail_attachment *attachment, uint32_t *ret_id)
{
    struct dissect_child child = { .format = attachment->format,
        .name = attachment->name,
        .relation = attachment->relation,
        .data = attachment->data,
        .offset = attachment->offset,
        .borrowed = attachment->borrowed };
    uint32_t id = DISSECT_NONE;
    enum hn_status status = dissect_child(mail->dissect, mail->id, &child, &id);

    mail->attachments++;
    mail->pictures += hn_text_starts_nocase(attachment->type, HN_TEXT("image/"));
    if (attachment->name.len > 0) {
        mail_fact(mail, "attachment_name", attachment->name);
        hn_buf_add_text(&mail->names, attachment->name);
        hn_buf_add_char(&mail->names, '\n');
    }
    mail_judge_name(mail, mail->id, attachment->name);
    if (is_encrypted_zip(attachment->data)) {
        mail->encrypted = true;
        dissect_fact_bool(mail->dissect, mail->id, "attachment_encrypted", true);
    }
    if (status == HN_OK) {
        if (attachment->type.len > 0)
            dissect_fact(mail->dissect, id, "content_type", attachment->type);
        if (attachment->content_id.len > 0)
            dissect_fact(mail->dissect, id, "content_id", attachment->content_id);
    } else {
        id = DISSECT_NONE;
        mail->left_out++;
    }
    if (ret_id != NULL)
        *ret_id = id;
}

/* ---- Names of attachments ---- */

static bool is_program_ending(struct hn_text name)
{
    static const char *const endings[] = { ".exe", ".scr", ".com", ".pif", ".bat", ".cmd", ".vbs",
        ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta", ".lnk", ".ps1", ".msi", ".cpl", ".jar",
        ".dll", ".url", ".iso", ".img", ".chm", ".reg", ".xll" };

    for (size_t i = 0; i < HN_COUNT_OF(endings); i++)
        if (hn_text_ends_nocase(name, hn_text_cstr(endings[i])))
            return true;
    return false;
}

static bool is_document_ending(struct hn_text name)
{
    static const char *const endings[] = { ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt",
        ".pptx", ".txt", ".rtf", ".jpg", ".jpeg", ".png", ".gif", ".html", ".htm", ".csv", ".zip",
        ".mp4", ".wav" };

    for (size_t i = 0; i < HN_COUNT_OF(endings); i++)
        if (hn_text_ends_nocase(name, hn_text_cstr(endings[i])))
            return true;
    return false;
}

/* U+202A-202E, U+2066-2069, U+200E, U+200F: they turn "exe.fdp" round. */
static bool has_direction_control(struct hn_text name)
{
    for (size_t i = 0; i + 2 < name.len; i++) {
        const unsigned char *p = (const unsigned char *)name.ptr + i;

        if (p[0] != 0xE2)
            continue;
        if ((p[1] == 0x80 && ((p[2] >= 0xAA && p[2] <= 0xAE) || p[2] == 0x8E || p[2] == 0x8F)) ||
                (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9))
            return true;
    }
    return false;
}

#define NAME_BYTES_LONG 150u
#define SPACES_HIDING   6u

void mail_judge_name(struct mail *mail, uint32_t id, struct hn_text name)
{
    struct hn_text stem = name;
    size_t spaces = 0;
    size_t run = 0;

    for (size_t i = 0; i < name.len; i++) {
        run = name.ptr[i] == ' ' ? run + 1 : 0;
        spaces = run > spaces ? run : spaces;
    }
    while (stem.len > 0 && stem.ptr[stem.len - 1] != '.')
        stem.len--;
    stem = hn_text_trim(hn_text_sub(stem, 0, stem.len > 0 ? stem.len - 1 : 0));
    if (has_direction_control(name)) {
        dissect_note(mail->dissect, id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "an attachment's name changes the direction of writing: %.*s",
                (int)(name.len > 200 ? 200 : name.len), name.ptr);
    }
    if (is_program_ending(hn_text_trim(name)) && is_document_ending(stem)) {
        dissect_note(mail->dissect, id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "an attachment's name has two endings: %.*s",
                (int)(name.len > 200 ? 200 : name.len), name.ptr);
    }
    if (spaces >= SPACES_HIDING)
        dissect_note(mail->dissect, id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "an attachment's name has %lu spaces in a row", (unsigned long)spaces);
    if (name.len > NAME_BYTES_LONG)
        dissect_note(mail->dissect, id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "an attachment's name has %lu bytes", (unsigned long)name.len);
}

/* ---- Passwords ---- */

struct harvest {
    struct mail *mail;
    uint32_t count;
};

#define PASSWORD_FACTS_MAX 8u

static void on_password(void *ctx, struct hn_text password)
{
    struct harvest *harvest = ctx;

    dissect_password_add(harvest->mail->dissect, password);
    if (harvest->count++ < PASSWORD_FACTS_MAX)
        dissect_fact(harvest->mail->dissect, harvest->mail->id, "password_candidate", password);
}

/* "order_pw1234.zip": in names, what parts words elsewhere is underscores, dots and a digit behind
 * letters. */
static void harvest_names(struct harvest *harvest, struct hn_text names)
{
    struct hn_buf spaced = { .cap_bytes = MAIL_TEXT_BYTES_MAX };

    mail_find_passwords(names, on_password, harvest);
    for (size_t i = 0; i < names.len; i++) {
        char c = names.ptr[i];
        char before = i > 0 ? (char)(names.ptr[i - 1] | 32) : ' ';

        if (c >= '0' && c <= '9' && before >= 'a' && before <= 'z')
            hn_buf_add_char(&spaced, ' ');
        hn_buf_add_char(&spaced, (char)(strchr("_.()[]", c) != NULL ? ' ' : c));
    }
    mail_find_passwords(hn_buf_text(&spaced), on_password, harvest);
    hn_buf_deinit(&spaced);
}

void mail_harvest(struct mail *mail)
{
    struct harvest harvest = { .mail = mail };
    struct hn_text text = hn_buf_text(&mail->text);

    mail_find_passwords(mail->subject, on_password, &harvest);
    mail_find_passwords(text, on_password, &harvest);
    harvest_names(&harvest, hn_buf_text(&mail->names));
    mail_judge_pictures(mail, harvest.count > 0 || mail_tells_password(text));
    if (mail_tells_of_password_mail(text))
        dissect_fact_bool(mail->dissect, mail->id, "password_mail_announced", true);
    /* The second mail of a pair: the password of something that came before. */
    if (harvest.count > 0 && mail->attachments == 0)
        dissect_fact_bool(mail->dissect, mail->id, "password_without_attachment", true);
    if (harvest.count > 0 && mail->encrypted)
        dissect_fact_bool(mail->dissect, mail->id, "password_beside_encrypted", true);
}
