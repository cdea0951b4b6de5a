/* test_look.c - what a mail shows and what it is: links that open another address, messages in
 * pictures, charsets that are another one, files in yEnc, OpenPGP, calendars. */
#include "mail_case.h"

#include <stdlib.h>

#define HEAD "From: a@b.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
#define HTML HEAD "Content-Type: text/html\r\n\r\n"

static struct dissect *open_mail(const char *mail)
{
    return mail_case_open(DISSECT_EML, hn_text_cstr(mail));
}

static void links_that_show_another_address(void **state)
{
    static const char *const rows[][2] = {
        { "<a href=\"http://evil.example.com/x\">https://www.bank.co.jp/</a>",
                "https://www.bank.co.jp/ -> http://evil.example.com/x" },
        { "<a class=x href='http://evil.example.com/x'> <b>www.bank.co.jp</b></a>",
                "www.bank.co.jp -> http://evil.example.com/x" },
        { "<a href=http://www.bank.co.jp@evil.example.com/x>www.bank.co.jp/login</a>",
                "www.bank.co.jp/login -> http://www.bank.co.jp@evil.example.com/x" },
        { "<a href=\"h&#116;tp://evil.example.com/x\">www.bank.co.jp</a>",
                "www.bank.co.jp -> http://evil.example.com/x" },
        /* The same organisation, no address, no link. */
        { "<a href=\"https://click.bank.co.jp/x\">https://www.bank.co.jp/</a>", "" },
        { "<a href=\"http://evil.example.com/x\">click here</a>", "" },
        { "<a href=\"mailto:a@b.example\">www.bank.co.jp</a>", "" },
        { "<a href=\"http://evil.example.com/x\">www.bank.co.jp", "" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        char mail[1024];
        struct dissect *dissect;

        (void)snprintf(mail, sizeof mail, HTML "%s", rows[i][0]);
        dissect = open_mail(mail);
        assert_string_equal(mail_fact_of(dissect, 0, "link_differs"), rows[i][1]);
        dissect_free(dissect);
    }
}

static void messages_in_pictures_are_said_to_be(void **state)
{
    static const char *const rows[][2] = {
        { HTML "<img src=\"cid:a\">", "picture_only" },
        { HTML "<p>Scan the QR code with your phone to keep your mailbox</p><img src=a.png>",
                "qr_code" },
        { HTML "<p>The password of the archive is in the picture below, thank you.</p><img src=a>",
                "password_in_picture" },
        { HTML "<p>A letter of some length that says what it has to say.</p><img src=a.png>",
                NULL },
        { HEAD "\r\nScan the QR code", NULL }, /* there is none */
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct dissect *dissect = open_mail(rows[i][0]);

        if (rows[i][1] != NULL)
            assert_string_equal(mail_fact_of(dissect, 0, rows[i][1]), "true");
        assert_int_equal(mail_note_of(dissect, 0, DISSECT_NOTE_UNSUPPORTED, "picture") != NULL,
                rows[i][1] != NULL);
        dissect_free(dissect);
    }
}

/* "Test" in Japanese, as its bytes are; the field says something else. */
static void charsets_are_what_the_bytes_are(void **state)
{
    static const char wanted[] = "\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88\xE3\x81\xA7\xE3\x81\x99";
    static const struct {
        const char *charset;
        const char *bytes;
    } rows[] = {
        { "iso-2022-jp", "\x83\x65\x83\x58\x83\x67\x82\xC5\x82\xB7" }, /* Shift_JIS */
        { "iso-2022-jp", "\xA5\xC6\xA5\xB9\xA5\xC8\xA4\xC7\xA4\xB9" }, /* EUC-JP */
        { "iso-2022-jp", wanted },                                     /* UTF-8 */
        { "shift_jis", wanted },                                       /* UTF-8 */
        { "shift_jis", "\x1B$B%F%9%H$G$9\x1B(B" },                     /* ISO-2022-JP */
        { "euc-jp", "\x1B$B%F%9%H$G$9\x1B(B" },                        /* ISO-2022-JP */
        { "euc-jp", "\x83\x65\x83\x58\x83\x67\x82\xC5\x82\xB7" },      /* Shift_JIS */
        { "shift_jis", "\x83\x65\x83\x58\x83\x67\x82\xC5\x82\xB7" },
        { "euc-jp", "\xA5\xC6\xA5\xB9\xA5\xC8\xA4\xC7\xA4\xB9" },
        { "iso-2022-jp", "\x1B$B%F%9%H$G$9\x1B(B" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        char mail[512];
        struct dissect *dissect;

        (void)snprintf(mail, sizeof mail, HEAD "Content-Type: text/plain; charset=%s\r\n\r\n%s",
                rows[i].charset, rows[i].bytes);
        dissect = open_mail(mail);
        if (!mail_has_text(dissect, 0, wanted))
            fail_msg("row %zu", i);
        dissect_free(dissect);
    }
}

#define YENC                                                                                \
    HEAD "Content-Type: text/plain\r\n\r\nhello\r\n=ybegin line=128 size=5 name=a b.js\r\n" \
         "\xA0\x8B\x9C=}J\r\n=yend size=5\r\nbye\r\n"

/* "var", what is escaped, a blank: bytes plus 42. */
static void files_in_yenc_are_attachments(void **state)
{
    struct dissect *dissect = open_mail(YENC);
    uint32_t id = mail_child_of(dissect, 0, "a b.js", NULL);

    (void)state;
    assert_int_not_equal(id, DISSECT_NONE);
    assert_int_equal(dissect_get(dissect, id)->data.len, 5);
    assert_memory_equal(dissect_get(dissect, id)->data.ptr, "var\x13 ", 5);
    dissect_free(dissect);
    dissect = open_mail(HEAD "\r\n=ybegin part=1 line=128 size=9 name=x\r\n=ypart begin=1 end=1\r\n"
                             "\xA0\r\n=yend size=1\r\n");
    assert_non_null(mail_note_of(dissect, 0, DISSECT_NOTE_TRUNCATED, "yEnc"));
    dissect_free(dissect);
}

static void what_pgp_encrypted_is_a_gap(void **state)
{
    struct dissect *dissect = open_mail(
            HEAD "\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----");

    (void)state;
    assert_non_null(mail_note_of(dissect, 0, DISSECT_NOTE_PASSWORD, "OpenPGP"));
    dissect_free(dissect);
}

static void a_mark_of_utf8_is_no_header(void **state)
{
    struct dissect *dissect = open_mail("\xEF\xBB\xBF" HEAD "\r\nbody");

    (void)state;
    assert_string_equal(mail_fact_of(dissect, 0, "from_address"), "a@b.example");
    assert_true(mail_has_text(dissect, 0, "body"));
    dissect_free(dissect);
}

static void calendars_are_unfolded(void **state)
{
    struct dissect *dissect =
            open_mail(HEAD "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nDESCRIPTION:join "
                           "https://a.exa\r\n"
                           " mple/x\\nand\\, then\r\nEND:VCALENDAR\r\n");

    (void)state;
    assert_true(mail_has_text(dissect, 0, "join https://a.example/x\nand, then\r\n"));
    dissect_free(dissect);
}

static void every_truncation_and_allocation_is_survived(void **state)
{
    static const char *const mails[] = { YENC,
        HTML "<a href=\"http://evil.example.com/x\">https://www.bank.co.jp/</a><img src=a>" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(mails); i++) {
        size_t len = strlen(mails[i]);
        uint64_t hits = 1;

        for (size_t cut = 0; cut < len; cut++) {
            char *copy = malloc(cut + 1);

            assert_non_null(copy);
            memcpy(copy, mails[i], cut);
            dissect_free(mail_case_open(DISSECT_EML, hn_text_of(copy, cut)));
            free(copy);
        }
        for (uint64_t n = 1; hits > 0; n++) {
            hn_mem_fail_from(n);
            dissect_free(mail_case_try(DISSECT_EML, hn_text_cstr(mails[i])));
            hits = hn_mem_fail_hits();
            hn_mem_fail_from(0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_that_show_another_address),
        cmocka_unit_test(messages_in_pictures_are_said_to_be),
        cmocka_unit_test(charsets_are_what_the_bytes_are),
        cmocka_unit_test(files_in_yenc_are_attachments),
        cmocka_unit_test(what_pgp_encrypted_is_a_gap),
        cmocka_unit_test(a_mark_of_utf8_is_no_header),
        cmocka_unit_test(calendars_are_unfolded),
        cmocka_unit_test(every_truncation_and_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
