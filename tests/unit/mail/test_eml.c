/* test_eml.c - mails as they are written, and as they are written wrongly. */
#include "mail_case.h"
#include "support/mail_writer.h"

#define SUBJECT "\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8\xE3\x81\xAE\xE4\xBB\xB6" /* invoice */
#define BODY                                                                                       \
    "\xE8\xA7\xA3\xE5\x87\x8D\xE3\x83\x91\xE3\x82\xB9\xE3\x83\xAF\xE3\x83\xBC\xE3\x83\x89\xE3\x81" \
    "\xAF 4q8X \xE3\x81\xA7\xE3\x81\x99\xE3\x80\x82"
#define NAME "\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8.zip"

/* What the writer wrote in any charset is read again: subject, bodies, names, bytes, password. */
static void written_mails_are_read(void **state)
{
    (void)state;
    for (int charset = MAIL_WRITER_UTF8; charset <= MAIL_WRITER_EUC_JP; charset++) {
        struct mail_writer *writer = mail_writer_new((enum mail_writer_charset)charset);
        struct hn_buf mail = { 0 };
        struct dissect *dissect;

        mail_writer_header(writer, "From", "\xE7\x94\xB0\xE4\xB8\xAD <tanaka@corp.example>");
        mail_writer_header(writer, "Subject", SUBJECT);
        mail_writer_text(writer, BODY "\r\n");
        mail_writer_html(writer, "<html><body><p>" BODY "</p></body></html>");
        mail_writer_attach(
                writer, NAME, "application/zip", hn_bytes_of("PK\003\004\024\0\1\0x", 9));
        mail_writer_finish(writer, &mail);
        dissect = mail_case_open(DISSECT_EML, hn_buf_text(&mail));
        assert_string_equal(mail_fact_of(dissect, 0, "subject"), SUBJECT);
        assert_string_equal(mail_fact_of(dissect, 0, "from_name"), "\xE7\x94\xB0\xE4\xB8\xAD");
        assert_string_equal(mail_fact_of(dissect, 0, "from_address"), "tanaka@corp.example");
        assert_true(mail_has_text(dissect, 0, BODY));
        assert_int_equal(dissect_get(dissect, 0)->texts->text.len, strlen(BODY "\r\n"));
        assert_true(mail_child_of(dissect, 0, NAME, NULL) != DISSECT_NONE);
        assert_int_equal(dissect_get(dissect, mail_child_of(dissect, 0, NAME, NULL))->data.len, 9);
        assert_true(mail_child_of(dissect, 0, "body.html", NULL) != DISSECT_NONE);
        assert_true(mail_has_password(dissect, "4q8X"));
        assert_string_equal(mail_fact_of(dissect, 0, "password_beside_encrypted"), "true");
        assert_null(dissect_get(dissect, 0)->notes);
        dissect_free(dissect);
        hn_buf_deinit(&mail);
        mail_writer_free(writer);
    }
}

struct eml_case {
    const char *what;
    const char *mail;
    const char *subject;
    const char *text;  /* somewhere in a body */
    const char *child; /* a name, NULL: none is looked for */
    const char *data;  /* its bytes */
    int note;          /* a kind that must be there; -1: there may be none at all */
};

static const struct eml_case eml_cases[] = {
    { "bare LF", "Subject: s\n\nbody\n", "s", "body", NULL, NULL, -1 },
    { "bare CR", "Subject: s\r\rbody\r", "s", "body", NULL, NULL, -1 },
    { "CR CR LF", "Subject: s\r\r\nTo: a@b.example\r\r\n\r\r\nbody\r\r\n", "s", "body", NULL, NULL,
            -1 },
    { "no blank line", "Subject: s\nThis is text\nmore\n", "s", "This is text", NULL, NULL,
            DISSECT_NOTE_DAMAGED },
    { "space before the colon", "Subject : s\n\nb\n", "s", "b", NULL, NULL, -1 },
    { "doubled subject", "Subject: one\nSubject: two\n\nb\n", "one", "b", NULL, NULL,
            DISSECT_NOTE_MISMATCH },
    { "folded, with a word cut in two by folding",
            "Subject: =?utf-8?B?44GC?=\n =?utf-8?B?44GE?= and\n\ttext\n\nb\n",
            "\xE3\x81\x82\xE3\x81\x84 and text", "b", NULL, NULL, -1 },
    { "a character split over two words", "Subject: =?utf-8?B?44E=?= =?utf-8?B?gg==?=\n\nb\n",
            "\xE3\x81\x82", "b", NULL, NULL, -1 },
    { "Q with spaces and underscores", "Subject: =?iso-8859-1?Q?a_b c=5Fd=E9?=\n\nb\n",
            "a b c_d\xC3\xA9", "b", NULL, NULL, -1 },
    { "an encoded word inside quotes", "Subject: \"=?utf-8?Q?=C3=A4?=\"\n\nb\n", "\"\xC3\xA4\"",
            "b", NULL, NULL, -1 },
    { "raw Shift_JIS in a header", "Subject: \x83\x65\x83\x58\x83\x67\n\nb\n",
            "\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88", "b", NULL, NULL, -1 },
    { "raw UTF-8 in a header", "Subject: \xE3\x83\x86\n\nb\n", "\xE3\x83\x86", "b", NULL, NULL,
            -1 },
    { "half-width kana and a vendor character in ISO-2022-JP",
            "Subject: s\nContent-Type: text/plain; charset=ISO-2022-JP\n\n"
            "\033(I1\033$B-!\033(B!\n",
            "s", "\xEF\xBD\xB1\xE2\x91\xA0!", NULL, NULL, -1 },
    { "a boundary without its closing quote",
            "Subject: s\nContent-Type: multipart/mixed; boundary=\"b\n\n"
            "--b\n\ntext\n--b\nContent-Disposition: attachment; filename=a.txt\n\ndata\n--b--\n",
            "s", "text", "a.txt", "data", -1 },
    { "a boundary in single quotes that are not part of it",
            "Subject: s\nContent-Type: multipart/mixed; boundary='b'\n\n"
            "--b\n\ntext\n--b\nContent-Disposition: attachment; filename=a.txt\n\ndata\n--b--\n",
            "s", "text", "a.txt", "data", -1 },
    { "a stated boundary that is another",
            "Subject: s\nContent-Type: multipart/mixed; boundary=zzz\n\n"
            "--b\nContent-Type: text/plain\n\ntext\n--b\n"
            "Content-Disposition: attachment; filename=a.txt\n\ndata\n--b--\n",
            "s", "text", "a.txt", "data", DISSECT_NOTE_DAMAGED },
    { "no end",
            "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
            "--b\n\ntext\n--b\nContent-Disposition: attachment; filename=a.txt\n\ndata",
            "s", "text", "a.txt", "data", DISSECT_NOTE_TRUNCATED },
    { "a part behind the end",
            "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b--\n"
            "--b\nContent-Disposition: attachment; filename=a.txt\n\ndata\n--b--\n",
            "s", "text", "a.txt", "data", DISSECT_NOTE_HIDDEN },
    { "the same boundary inside and outside",
            "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
            "Content-Type: multipart/alternative; boundary=b\n\n--b\n\ntext\n--b--\n"
            "--b\nContent-Disposition: attachment; filename=a.txt\n\ndata\n--b--\n",
            "s", "text", "a.txt", "data", DISSECT_NOTE_HIDDEN },
    { "a boundary that begins like the outer one",
            "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
            "Content-Type: multipart/mixed; boundary=bb\n\n--bb\n\ntext\n--bb\n"
            "Content-Disposition: attachment; filename=a.txt\n\ndata\n--bb--\n--b--\n",
            "s", "text", "a.txt", "data", -1 },
    { "comments in the type",
            "Subject: s\nContent-Type: (x) multipart (y) / mixed (z); (q) boundary=b\n\n"
            "--b\n\ntext\n--b\nContent-Disposition: attachment; filename=a.txt\n\ndata\n--b--\n",
            "s", "text", "a.txt", "data", -1 },
    { "two types, of which the second has the parts",
            "Subject: s\nContent-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n"
            "--b\n\ntext\n--b\nContent-Disposition: attachment; filename=a.txt\n\ndata\n--b--\n",
            "s", "text", "a.txt", "data", DISSECT_NOTE_MISMATCH },
    { "base64 with junk, and padding in the middle",
            "Subject: s\nContent-Transfer-Encoding: base64\n"
            "Content-Disposition: attachment; filename=a.txt\n\nZ!GF*0\nYQ==\nbW9y\nZQ==\n",
            "s", NULL, "a.txt", "datamore", DISSECT_NOTE_DAMAGED },
    { "base64 that ends early",
            "Subject: s\nContent-Transfer-Encoding: base64\n"
            "Content-Disposition: attachment; filename=a.txt\n\nZGF0Y\n",
            "s", NULL, "a.txt", "dat", DISSECT_NOTE_DAMAGED },
    { "quoted-printable with faults",
            "Subject: s\nContent-Transfer-Encoding: Quoted-Printable\n\n"
            "a=3Db=zz soft=\nly  \nend",
            "s", "a=b=zz softly\nend", NULL, NULL, DISSECT_NOTE_DAMAGED },
    { "a name by RFC 2231 in pieces, out of order",
            "Subject: s\nContent-Disposition: attachment; filename*1=\"b.\";\n"
            " filename*0*=utf-8''%E3%81%82; filename*2*=t%78t\n\ndata",
            "s", NULL,
            "\xE3\x81\x82"
            "b.txt",
            "data", -1 },
    { "a name by RFC 2231 in Shift_JIS",
            "Subject: s\nContent-Disposition: attachment;\n filename*=Shift_JIS'ja'%83e.txt\n\n"
            "data",
            "s", NULL, "\xE3\x83\x86.txt", "data", -1 },
    { "a name with spaces, parentheses and no quotes",
            "Subject: s\nContent-Disposition: attachment; filename=my file (1).txt; size=4\n\ndata",
            "s", NULL, "my file (1).txt", "data", -1 },
    { "two names",
            "Subject: s\nContent-Type: application/octet-stream; name=\"a.exe\"\n"
            "Content-Disposition: attachment; filename=\"a.txt\"\n\ndata",
            "s", NULL, "a.txt", "data", DISSECT_NOTE_MISMATCH },
    { "uuencode in a body", "Subject: s\n\ntext\nbegin 644 a.txt\n$9&%T80``\n`\nend\nafter\n", "s",
            "after", "a.txt", "data", -1 },
    { "prose that begins like uuencode", "Subject: s\n\nbegin 644 times\n\nand end\n", "s",
            "and end", NULL, NULL, -1 },
    { "flowed text with DelSp",
            "Subject: s\nContent-Type: text/plain; format=flowed; delsp=yes\n\n"
            "http://a.exa \nmple/x\n",
            "s", "http://a.example/x", NULL, NULL, -1 },
    { "HTML alone", "Subject: s\nContent-Type: text/html\n\n<p>a&amp;b</p><script>no</script>", "s",
            "a&b", "body.html", NULL, -1 },
    { "a mail within", "Subject: s\nContent-Type: message/rfc822\n\nSubject: inner\n\nin\n", "s",
            NULL, "", "Subject: inner\n\nin\n", -1 },
    { "a mail within, in base64",
            "Subject: s\nContent-Type: message/rfc822; name=m.eml\n"
            "Content-Transfer-Encoding: base64\n\nU3ViamVjdDogaW5uZXIKCmluCg==\n",
            "s", NULL, "m.eml", "Subject: inner\n\nin\n", -1 },
    { "a multipart as a whole in base64",
            "Subject: s\nContent-Type: multipart/mixed; boundary=b\n"
            "Content-Transfer-Encoding: base64\n\nLS1iCgp0ZXh0Ci0tYi0tCg==\n",
            "s", "text", NULL, NULL, -1 },
    { "S/MIME, signed: what is signed is a mail",
            "Subject: s\nContent-Type: application/pkcs7-mime; smime-type=signed-data; "
            "name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"
            "MEcGCSqGSIb3DQEHAqA6MDgCAQExADAvBgkqhkiG9w0BBwGgIgQgU3ViamVjdDogc2lnbmVkCgpQYXNzd29y"
            "ZDogczFnbgoxAA==\n",
            "s", NULL, "signed content", "Subject: signed\n\nPassword: s1gn\n", -1 },
    { "S/MIME, encrypted",
            "Subject: s\nContent-Type: application/pkcs7-mime; name=smime.p7m\n"
            "Content-Transfer-Encoding: base64\n\n"
            "MEEGCSqGSIb3DQEHA6A0MDICAQAxADArBgkqhkiG9w0BBwEwFAYIKoZIhvcNAwcECDEyMzQ1Njc4gAh4eHh4"
            "eHh4eA==\n",
            "s", NULL, "smime.p7m", NULL, DISSECT_NOTE_PASSWORD },
    { "unsent", "X-Unsent: 1\nSubject: s\n\nb\n", "s", "b", NULL, NULL, -1 },
};

static void faults_are_forgiven(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(eml_cases); i++) {
        const struct eml_case *one = &eml_cases[i];
        struct dissect *dissect = mail_case_open(DISSECT_EML, hn_text_cstr(one->mail));
        bool good = strcmp(mail_fact_of(dissect, 0, "subject"), one->subject) == 0;

        good = good && (one->text == NULL || mail_has_text(dissect, 0, one->text));
        good = good && (one->child == NULL ||
                               mail_child_of(dissect, 0, one->child, one->data) != DISSECT_NONE);
        if (one->note < 0)
            good = good && dissect_get(dissect, 0)->notes == NULL;
        else
            good = good && mail_note_of(dissect, 0, (enum dissect_note_kind)one->note, "") != NULL;
        if (!good) {
            print_error("%s: subject \"%s\"\n", one->what, mail_fact_of(dissect, 0, "subject"));
            for (const struct dissect_text *text = dissect_get(dissect, 0)->texts; text != NULL;
                    text = text->next)
                print_error("  text \"%s\"\n", text->text.ptr);
            for (uint32_t id = 1; id < dissect_count(dissect); id++) {
                print_error("  child \"%.*s\": \"%.*s\"\n",
                        HN_TEXT_ARG(dissect_get(dissect, id)->name),
                        (int)dissect_get(dissect, id)->data.len,
                        (const char *)dissect_get(dissect, id)->data.ptr);
            }
            for (const struct dissect_note *note = dissect_get(dissect, 0)->notes; note != NULL;
                    note = note->next)
                print_error("  note %s\n", note->detail.ptr);
        }
        assert_true(good);
        dissect_free(dissect);
    }
}

/* Multiparts deeper than the limit end with a note, not with the stack. */
static void depth_is_bounded(void **state)
{
    struct hn_buf mail = { 0 };
    struct dissect *dissect;

    (void)state;
    for (int i = 0; i < 200; i++)
        hn_buf_addf(&mail, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    dissect = mail_case_open(DISSECT_EML, hn_buf_text(&mail));
    assert_non_null(mail_note_of(dissect, 0, DISSECT_NOTE_LIMIT, "MAIL_DEPTH_MAX"));
    dissect_free(dissect);
    hn_buf_deinit(&mail);
}

static void mailboxes_are_cut(void **state)
{
    const char *box = "From a@b.example Mon Nov 23 01:02:03 2026\nSubject: one\nTo: c@d.example\n\n"
                      "From here on, text: it is none\n\n"
                      "From a@b.example Mon Nov 23 01:02:04 2026\nSubject: two\n\ntext\n";
    struct dissect *dissect = mail_case_open(DISSECT_MBOX, hn_text_cstr(box));

    (void)state;
    assert_true(mail_is_mbox(hn_bytes_of(box, strlen(box))));
    assert_string_equal(mail_fact_of(dissect, 0, "mails"), "2");
    assert_string_equal(mail_fact_of(dissect, 1, "subject"), "one");
    assert_string_equal(mail_fact_of(dissect, 2, "subject"), "two");
    dissect_free(dissect);
}

static void mails_are_recognised(void **state)
{
    static const char *const mails[] = { "Subject: a\nFrom: b@c.example\n\n",
        "\r\nReceived: from a by b; x\r\nTo: c\r\n\r\n", "From a b\nSubject: a\nTo: b\n\n",
        "X-Unsent: 1\nSubject: x\n" };
    static const char *const others[] = { "", "Dear all:\nTo: everybody\nDate: never\n",
        "<html>\nSubject: a\nFrom: b\n", "Content-Type: text/html\nMIME-Version: 1.0\n\n",
        "Date: 1\nContent-Type: multipart/related\nMIME-Version: 1.0\n\n", "MZ\x90\0" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(mails); i++)
        assert_true(mail_is_eml(hn_bytes_of(mails[i], strlen(mails[i]))));
    for (size_t i = 0; i < HN_COUNT_OF(others); i++)
        assert_false(mail_is_eml(hn_bytes_of(others[i], strlen(others[i]))));
}

static const char whole[] =
        "Received: from x.example ([192.0.2.1]) by y.example; Mon, 23 Nov 2026 01:02:03 +0900\n"
        "From: =?utf-8?B?44GC?= <a@b.example>\nReply-To: c@d.example\nSubject: Re: x\n"
        "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n\nPassword: 1234\n"
        "From: q@r.example\nSent: now\n--b\nContent-Type: text/html\n\n<b>x</b>\n--b\n"
        "Content-Disposition: attachment; filename*0=\"a.pdf\"; filename*1=\".exe\"\n"
        "Content-Transfer-Encoding: base64\n\nZGF0YQ==\n--b--\n";

/* Every prefix of a mail is opened without fault, and says no more than the whole. */
static void every_truncation_is_survived(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof whole; len++) {
        char *copy = hn_malloc(len == 0 ? 1 : len); /* so that sanitizers see the end */
        struct dissect *dissect;

        assert_non_null(copy);
        memcpy(copy, whole, len);
        dissect = mail_case_open(DISSECT_EML, hn_text_of(copy, len));
        assert_true(dissect_count(dissect) <= 3);
        dissect_free(dissect);
        hn_free(copy);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        uint64_t hits;
        struct dissect *dissect;

        hn_mem_fail_from(n);
        dissect = mail_case_try(DISSECT_EML, hn_text_of(whole, sizeof whole - 1));
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        dissect_free(dissect);
        if (hits == 0)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_mails_are_read),
        cmocka_unit_test(faults_are_forgiven),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(mailboxes_are_cut),
        cmocka_unit_test(mails_are_recognised),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
