/* mail_mapi_message.c - a message by its MAPI properties: its headers, as they came or made of the
 * properties so that they are judged like any mail's, and its three bodies. */
#include "mail/mail_mapi.h"

#include "base/time.h"

/* ---- Headers ---- */

/* A value on one line: what is in a property may not add header fields. */
static void add_field(struct hn_buf *head, const char *name, struct hn_text value)
{
    size_t start;

    if (value.len == 0)
        return;
    hn_buf_addf(head, "%s: ", name);
    start = head->len;
    hn_buf_add_text(head, hn_text_sub(value, 0, MAIL_VALUE_BYTES_MAX));
    for (size_t i = start; i < head->len; i++)
        if (head->ptr[i] == '\r' || head->ptr[i] == '\n')
            head->ptr[i] = ' ';
    hn_buf_add_lit(head, "\r\n");
}

static void add_from(struct hn_buf *head, const struct mapi_props *props)
{
    struct hn_text name = mapi_text(props, MAPI_REPRESENTING_NAME);
    struct hn_text address = mapi_text(props, MAPI_REPRESENTING_SMTP);
    struct hn_buf value = { 0 };
    size_t pos = 0;
    struct hn_text found;

    if (name.len == 0)
        name = mapi_text(props, MAPI_SENDER_NAME);
    if (address.len == 0)
        address = mapi_text(props, MAPI_SENDER_SMTP);
    if (address.len == 0)
        address = mapi_text(props, MAPI_REPRESENTING_EMAIL);
    if (!mail_address_find(address, &pos, &found)) { /* "/O=EXCHANGE/CN=..." */
        struct hn_text other = mapi_text(props, MAPI_SENDER_EMAIL);

        pos = 0;
        if (address.len == 0 || mail_address_find(other, &pos, &found))
            address = other;
    }
    if (name.len > 0) {
        hn_buf_add_char(&value, '"');
        for (size_t i = 0; i < name.len; i++)
            if (name.ptr[i] != '"' && name.ptr[i] != '\\')
                hn_buf_add_char(&value, name.ptr[i]);
        hn_buf_add_char(&value, '"');
    }
    if (address.len > 0)
        hn_buf_addf(&value, " <%.*s>", HN_TEXT_ARG(address));
    add_field(head, "From", hn_buf_text(&value));
    hn_buf_deinit(&value);
}

static void add_date(struct hn_buf *head, const struct mapi_props *props)
{
    uint64_t filetime = mapi_u64(props, MAPI_SUBMIT_TIME);
    char text[HN_TIME_TEXT_MAX];
    hn_time time;

    if (filetime == 0)
        filetime = mapi_u64(props, MAPI_DELIVERY_TIME);
    time = filetime != 0 ? hn_time_from_filetime(filetime) : HN_TIME_NONE;
    if (time != HN_TIME_NONE)
        add_field(head, "Date", hn_text_of(text, hn_time_write(time, 0, text)));
}

/* The transport headers; then what they do not have, of the properties. */
static void make_head(
        struct mail *mail, const struct mapi_props *props, const struct mapi_recipients *recipients)
{
    struct hn_text headers = mapi_text(props, MAPI_HEADERS);
    struct hn_buf head = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 8 };
    struct mail_head original;
    struct hn_text text;

    if (!mail_head_parse(mail->arena, headers, &original))
        return;
    hn_buf_add_text(&head, hn_text_sub(headers, 0, original.body));
    while (head.len > 0 && (head.ptr[head.len - 1] == '\n' || head.ptr[head.len - 1] == '\r'))
        head.len--;
    if (head.len > 0)
        hn_buf_add_lit(&head, "\r\n");
    if (mail_head_nth(&original, "From", 0) == NULL)
        add_from(&head, props);
    if (mail_head_nth(&original, "To", 0) == NULL) {
        add_field(&head, "To",
                recipients->to.len > 0 ? hn_buf_text(&recipients->to)
                                       : mapi_text(props, MAPI_DISPLAY_TO));
    }
    if (mail_head_nth(&original, "Cc", 0) == NULL)
        add_field(&head, "Cc", hn_buf_text(&recipients->cc));
    if (mail_head_nth(&original, "Bcc", 0) == NULL)
        add_field(&head, "Bcc", hn_buf_text(&recipients->bcc));
    if (mail_head_nth(&original, "Date", 0) == NULL)
        add_date(&head, props);
    if (mail_head_nth(&original, "Message-ID", 0) == NULL)
        add_field(&head, "Message-ID", mapi_text(props, MAPI_MESSAGE_ID));
    if (mail_head_nth(&original, "In-Reply-To", 0) == NULL)
        add_field(&head, "In-Reply-To", mapi_text(props, MAPI_IN_REPLY_TO));
    if (mail_head_nth(&original, "References", 0) == NULL)
        add_field(&head, "References", mapi_text(props, MAPI_REFERENCES));
    text = hn_arena_text(mail->arena, hn_buf_text(&head));
    hn_buf_deinit(&head);
    if (text.ptr == NULL || !mail_head_parse(mail->arena, text, &mail->head))
        mail->head = (struct mail_head){ 0 };
    /* The fields stand in a stream, not where the object's bytes begin. */
    for (size_t i = 0; i < mail->head.count; i++)
        mail->head.items[i].offset = DISSECT_NOWHERE;
}

/* ---- Bodies ---- */

static void rtf_body(struct mail *mail, const struct mapi_prop *rtf, bool has_html, bool has_text)
{
    struct hn_buf raw = { .cap_bytes = MAIL_RTF_BYTES_MAX };
    struct hn_buf read = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 4 };
    struct dissect_child child = { .format = DISSECT_RTF,
        .name = HN_TEXT_INIT("body.rtf"),
        .relation = "body",
        .offset = DISSECT_NOWHERE };
    struct hn_err err = { 0 };
    bool damaged = false;
    enum hn_status status = mail_rtf_decompress(rtf->value, &raw, &damaged, &err);

    if (status != HN_OK || damaged) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "the compressed RTF of the body%s%s", status != HN_OK ? ": " : "",
                status != HN_OK ? err.msg : "");
    }
    if (status == HN_OK && raw.len > 0 &&
            dissect_inflate(mail->dissect, mail->id, rtf->value.len, raw.len)) {
        if (mail_rtf_read(hn_buf_text(&raw), &read) == MAIL_RTF_HTML) {
            if (!has_html)
                mail_add_html(mail, hn_buf_text(&read), "rtf > html", DISSECT_NOWHERE);
        } else {
            if (!has_text && !has_html)
                mail_add_plain(mail, hn_buf_text(&read), "body", DISSECT_NOWHERE);
            /* It may hold objects. */
            child.data = hn_text_as_bytes(hn_buf_text(&raw));
            if (dissect_child(mail->dissect, mail->id, &child, NULL) != HN_OK)
                mail->left_out++;
        }
    }
    hn_buf_deinit(&read);
    hn_buf_deinit(&raw);
}

static void html_body(
        struct mail *mail, const struct mapi_props *props, const struct mapi_prop *html)
{
    struct hn_buf out = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 4 };
    struct hn_bytes value = html->value;

    if (html->type == MAPI_UNICODE) {
        struct hn_text text = mapi_text(props, MAPI_HTML);

        mail_add_html(mail, text, "html", DISSECT_NOWHERE);
        return;
    }
    while (value.len > 0 && value.ptr[value.len - 1] == 0)
        value.len--;
    (void)mail_codepage_to_utf8(
            &out, value, mapi_u32(props, MAPI_INTERNET_CODEPAGE, props->codepage));
    mail_add_html(mail, hn_buf_text(&out), "html", DISSECT_NOWHERE);
    hn_buf_deinit(&out);
}

static void bodies(struct mail *mail, const struct mapi_props *props)
{
    struct hn_text plain = mapi_text(props, MAPI_BODY);
    const struct mapi_prop *html = mapi_find(props, MAPI_HTML);
    const struct mapi_prop *rtf = mapi_find(props, MAPI_RTF);
    bool has_html = html != NULL && html->value.len > 0;
    bool has_text = hn_text_trim(plain).len > 0;

    if (has_text)
        mail_add_plain(mail, plain, "body", DISSECT_NOWHERE);
    if (has_html)
        html_body(mail, props, html);
    if (rtf != NULL && rtf->value.len > 0)
        rtf_body(mail, rtf, has_html, has_text);
}

void mapi_message(
        struct mail *mail, const struct mapi_props *props, const struct mapi_recipients *recipients)
{
    struct hn_text reminder = mapi_text(props, MAPI_REMINDER_FILE);

    make_head(mail, props, recipients);
    mail->subject = mapi_text(props, MAPI_SUBJECT);
    if (mail->subject.len == 0 && mail_head_value(&mail->head, "Subject").len > 0)
        mail->subject = mail_words_text(mail->arena, mail_head_value(&mail->head, "Subject"));
    /* [MS-OXCMSG] 2.2.1.46: a normalised subject may carry its prefix length as \001\004. */
    if (mail->subject.len > 2 && mail->subject.ptr[0] == '\001')
        mail->subject = hn_text_sub(mail->subject, 2, mail->subject.len);
    mail_fact(mail, "message_class", mapi_text(props, MAPI_MESSAGE_CLASS));
    mail_fact(mail, "thread_topic", mapi_text(props, MAPI_CONVERSATION_TOPIC));
    mail_fact(mail, "reminder_file", reminder);
    if (hn_text_starts(reminder, HN_TEXT("\\\\")) || hn_text_starts(reminder, HN_TEXT("//"))) {
        dissect_text(mail->dissect, mail->id, "link", reminder, HN_TEXT(""), DISSECT_NOWHERE);
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE,
                "a reminder that plays a file of a server: %.*s",
                (int)(reminder.len > 200 ? 200 : reminder.len), reminder.ptr);
    }
    bodies(mail, props);
}
