/* test_libraries.c - what libraries fetch from files on first use works in the jail, where there
 * are none: charsets (iconv) and ciphers (OpenSSL). */
#include "analyze/analyze.h"

#include "support/crypt_writer.h"
#include "support/mail_writer.h"

#include <stdio.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void run(struct hn_text bytes, const char *name, struct analyze_sample *sample)
{
    FILE *file = tmpfile();
    struct hn_text passwords[] = { HN_TEXT_INIT("x") };
    struct analyze_task task = { .name = hn_text_cstr(name),
        .passwords = passwords,
        .password_count = 1,
        .keep = DISSECT_KEEP_ALL };
    struct analyze_worker *worker = NULL;

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fflush(file), 0);
    task.fd = fileno(file);
    assert_int_equal(lseek(task.fd, 0, SEEK_SET), 0);
    assert_int_equal(analyze_worker_start(NULL, NULL, &worker, NULL), HN_OK);
    assert_int_equal(analyze_worker_run(worker, &task, sample, NULL), HN_OK);
    assert_non_null(sample->dissect);
    analyze_worker_stop(worker);
    (void)fclose(file);
}

static bool fact_is(const struct dissect *dissect, uint32_t id, const char *name, const char *value)
{
    for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
            fact = fact->next)
        if (strcmp(fact->name, name) == 0)
            return hn_text_eq(fact->value, hn_text_cstr(value));
    return false;
}

#define SUBJECT "\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8"

static void charsets_are_read(void **state)
{
    (void)state;
    for (int charset = MAIL_WRITER_UTF8; charset <= MAIL_WRITER_EUC_JP; charset++) {
        struct mail_writer *writer = mail_writer_new((enum mail_writer_charset)charset);
        struct analyze_sample sample;
        struct hn_buf mail = { 0 };

        mail_writer_header(writer, "From", "<a@b.example>");
        mail_writer_header(writer, "To", "<c@d.example>");
        mail_writer_header(writer, "Subject", SUBJECT);
        mail_writer_text(writer, "text");
        mail_writer_finish(writer, &mail);
        run(hn_buf_text(&mail), "m.eml", &sample);
        assert_true(fact_is(sample.dissect, 0, "subject", SUBJECT));
        analyze_sample_deinit(&sample);
        hn_buf_deinit(&mail);
        mail_writer_free(writer);
    }
}

static void ciphers_are_there(void **state)
{
    static const char *const hashes[] = { "SHA1", "SHA256", "SHA384", "SHA512" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(hashes) + 2; i++) {
        static uint8_t word[100] = { 0xEC, 0xA5 };
        struct analyze_sample sample;
        struct hn_buf file = { 0 };

        if (i < HN_COUNT_OF(hashes))
            crypt_writer_agile(&file, hn_bytes_of("PK package", 10), "x", hashes[i], 256, 10);
        else
            crypt_writer_doc(&file, hn_bytes_of(word, sizeof word), hn_bytes_of("table", 5), "x",
                    i % 2 == 0 ? CRYPT_WRITER_RC4 : CRYPT_WRITER_CRYPTOAPI, 128);
        run(hn_buf_text(&file), i < HN_COUNT_OF(hashes) ? "a.docx" : "a.doc", &sample);
        assert_true(fact_is(sample.dissect, 0, "encryption",
                i < HN_COUNT_OF(hashes) ? "agile"
                : i % 2 == 0            ? "rc4"
                                        : "cryptoapi"));
        assert_true(fact_is(sample.dissect, 0, "password", "x"));
        analyze_sample_deinit(&sample);
        hn_buf_deinit(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charsets_are_read),
        cmocka_unit_test(ciphers_are_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
