/* test_password.c - passwords in the sentences people write them in. */
#include "mail_case.h"

#include <stdio.h>

struct found {
    char first[80];
    char all[4096]; /* one a line, and a line end before them */
    size_t len;
};

static void on_password(void *ctx, struct hn_text password)
{
    struct found *found = ctx;

    if (found->first[0] == '\0')
        memcpy(found->first, password.ptr, password.len);
    if (found->len == 0)
        found->all[found->len++] = '\n';
    if (sizeof found->all - found->len < password.len + 2)
        return;
    memcpy(found->all + found->len, password.ptr, password.len);
    found->len += password.len;
    found->all[found->len++] = '\n';
}

static struct found find(const char *text)
{
    struct found found = { 0 };

    mail_find_passwords(hn_text_cstr(text), on_password, &found);
    return found;
}

struct password_case {
    const char *text;
    const char *password;
    bool first; /* it must be the first to be tried */
};

#define PASUWADO "\xE3\x83\x91\xE3\x82\xB9\xE3\x83\xAF\xE3\x83\xBC\xE3\x83\x89"
#define WA       "\xE3\x81\xAF"
#define DESU     "\xE3\x81\xA7\xE3\x81\x99\xE3\x80\x82"

static const struct password_case password_cases[] = {
    { "Password: 1234", "1234", true },
    { "Password: 1234.", "1234", true },
    { "password - abc", "abc", true },
    { "The password is Xy9!z", "Xy9!z", false },
    { "The password for the archive is 777", "777", true },
    { "Archive pass: 6B7", "6B7", true },
    { "Use password 4821 to open the document.", "4821", true },
    { "password to unlock the file - 777", "777", false },
    { "PW:abcd", "abcd", true },
    { "pw=ab:cd", "ab:cd", true },
    { "PIN 4711", "4711", true },
    { "Your pin: 0815", "0815", true },
    { "Password:\r\n\r\n  hunter2\r\n\r\nRegards", "hunter2", true },
    { "Password: \"a b c\"", "a b c", true },
    { "9911 is the password", "9911", true },
    { "Passwort: Sommer2026", "Sommer2026", true },
    { "Das Kennwort lautet Sommer", "Sommer", true },
    { "mot de passe : ete", "ete", true },
    { "Contrase\xC3\xB1\x61: verano", "verano", true },
    { PASUWADO WA " 1234 " DESU, "1234", true },
    { PASUWADO WA "1234" DESU, "1234", true },
    { PASUWADO "\xEF\xBC\x9A"
               "abc#1",
            "abc#1", true },
    { "\xE8\xA7\xA3\xE5\x87\x8D" PASUWADO "\xEF\xBC\x9A zip99", "zip99", true },
    { PASUWADO WA "\xE3\x80\x8C"
                  "4q8X"
                  "\xE3\x80\x8D" DESU,
            "4q8X", true },
    { PASUWADO WA "\xE3\x80\x8E\xE3\x81\x82\xE3\x81\x84\xE3\x80\x8F" DESU,
            "\xE3\x81\x82\xE3\x81\x84", true },
    /* Words in full width, capitals of other alphabets, sentences without a word for it. */
    { "\xEF\xBD\x90\xEF\xBD\x81\xEF\xBD\x93\xEF\xBD\x93\xEF\xBC\x9A"
      "ab12",
            "ab12", true },
    { "\xE8\xA7\xA3\xE5\x87\x8D\xEF\xBC\xB0\xEF\xBC\xB7\xEF\xBC\x9A"
      "4410",
            "4410", true },
    { "\xD0\x9F\xD0\xB0\xD1\x80\xD0\xBE\xD0\xBB\xD1\x8C: ru-19", "ru-19", true },
    { "\xE9\x96\x8B\xE3\x81\x8F\xE3\x81\xAB\xE3\x81\xAF P4ss \xE3\x82\x92", "P4ss", true },
    { "It is protected. Use \"Qq-1\" to open.", "Qq-1", false },
    { "\xE8\xA7\xA3\xE5\x87\x8D\xE3\x81\xAB\xE3\x81\xAF 4321 \xE3\x82\x92", "4321", true },
    { "\xE8\xA7\xA3\xE5\x87\x8DPW\xE2\x86\x92himitsu(\xE5\xB0\x8F\xE6\x96\x87\xE5\xAD\x97)",
            "himitsu", true },
    /* Full-width digits: as they are, and narrow. */
    { PASUWADO WA "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93" DESU, "123", false },
    { PASUWADO WA "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93" DESU,
            "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93", true },
    { "\xEF\xBC\xB0\xEF\xBC\xB7\xEF\xBC\x9A"
      "abc",
            "abc", true },
    { "\xEF\xBE\x8A\xEF\xBE\x9F\xEF\xBD\xBD\xEF\xBE\x9C\xEF\xBD\xB0\xEF\xBE\x84\xEF\xBE\x9E: k9",
            "k9", true },
    /* "The password is the following." and the password on a line of its own. */
    { PASUWADO WA "\xE4\xBB\xA5\xE4\xB8\x8B\xE3\x81\xAE\xE9\x80\x9A\xE3\x82\x8A" DESU
                  "\r\n\r\n\xE3\x80\x80"
                  "Jk3-9aZ\r\n",
            "Jk3-9aZ", true },
    { "\xE3\x80\x90" PASUWADO "\xE3\x80\x91"
      "Jk39\r\n",
            "Jk39", true },
    { "\xE3\x80\x8C"
      "zz11"
      "\xE3\x80\x8D\xE3\x81\x8C" PASUWADO DESU,
            "zz11", false },
    { "\xE6\x9A\x97\xE8\xA8\xBC\xE7\x95\xAA\xE5\x8F\xB7: 0000", "0000", true },
    { "invoice_pass1234_pw_x.zip\npassword=1234", "1234", true },
};

static void sentences_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(password_cases); i++) {
        const struct password_case *one = &password_cases[i];
        struct found found = find(one->text);
        char line[80];
        bool good;

        (void)snprintf(line, sizeof line, "\n%s\n", one->password);
        good = one->first ? strcmp(found.first, one->password) == 0
                          : strstr(found.all, line) != NULL;
        if (!good)
            print_error("%s: first \"%s\", all %s\n", one->text, found.first, found.all);
        assert_true(good);
    }
}

/* Words that contain one of ours, and sentences without a password. */
static void other_texts_give_nothing(void **state)
{
    static const char *const texts[] = { "", "See you at the passage.",
        "Compass and spinning wheels", "http://a.example/spwd/x", "Passport required",
        "\xE3\x83\x91\xE3\x82\xB9" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(texts); i++)
        assert_string_equal(find(texts[i]).all, "");
}

static void candidates_are_bounded(void **state)
{
    struct hn_buf text = { 0 };
    struct found found = { 0 };
    size_t lines = 0;

    (void)state;
    for (int i = 0; i < 5000; i++)
        hn_buf_addf(&text, "password: p%d\n", i);
    mail_find_passwords(hn_buf_text(&text), on_password, &found);
    for (const char *p = found.all; *p != '\0'; p++)
        lines += *p == 'p' ? 1 : 0;
    assert_in_range(lines, 8, 60);
    hn_buf_deinit(&text);
}

static void the_second_mail_is_announced(void **state)
{
    (void)state;
    assert_true(mail_tells_of_password_mail(
            HN_TEXT(PASUWADO WA "\xE5\x88\xA5\xE9\x80\x94\xE3\x81\x8A\xE9\x80\x81\xE3\x82\x8A")));
    assert_true(mail_tells_of_password_mail(HN_TEXT("The password follows in a separate email.")));
    assert_false(mail_tells_of_password_mail(HN_TEXT("Please see the next mail.")));
    assert_false(mail_tells_of_password_mail(HN_TEXT("Password: 1")));
}

static void the_mail_says_it(void **state)
{
    struct dissect *dissect = mail_case_open(
            DISSECT_EML, HN_TEXT("Subject: the password is in the subject: sUbj1\n"
                                 "Content-Type: text/html\n\n<p>Password: <b>html&#50;</b></p>"));

    (void)state;
    assert_true(mail_has_password(dissect, "sUbj1"));
    assert_true(mail_has_password(dissect, "html2"));
    assert_string_equal(mail_fact_of(dissect, 0, "password_without_attachment"), "true");
    dissect_free(dissect);
    dissect = mail_case_open(DISSECT_EML, HN_TEXT("Subject: s\nContent-Disposition: attachment; "
                                                  "filename=\"order_pw8642.zip\"\n\nPK"));
    assert_true(mail_has_password(dissect, "8642"));
    dissect_free(dissect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_understood),
        cmocka_unit_test(other_texts_give_nothing),
        cmocka_unit_test(candidates_are_bounded),
        cmocka_unit_test(the_second_mail_is_announced),
        cmocka_unit_test(the_mail_says_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
