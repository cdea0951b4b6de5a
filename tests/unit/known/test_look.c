/* test_look.c - what lists, files of reports and a service say becomes facts of objects; what
 * cannot be asked becomes a note. The service is one of our own, on this machine. */
#include "known/known_internal.h"

#include "support/temp_dir.h"
#include "unit/known/server.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SHA256 "11111111111111111111111111111111111111111111111111111111111111aa"
#define SHA1   "22222222222222222222222222222222222222bb"
#define MD5    "333333333333333333333333333333cc"
#define NOW    (INT64_C(1790000000) * HN_SECOND)

#define REPORT                                                            \
    "{\"data\":{\"id\":\"" SHA256 "\",\"type\":\"file\",\"attributes\":{" \
    "\"last_analysis_date\":1789000000,\"last_analysis_results\":{"       \
    "\"A\":{\"category\":\"malicious\",\"result\":\"Trojan.Emotet.1\"},"  \
    "\"B\":{\"category\":\"malicious\",\"result\":\"Emotet!x\"},"         \
    "\"C\":{\"category\":\"malicious\",\"result\":\"W32/Emotet\"},"       \
    "\"D\":{\"category\":\"undetected\",\"result\":null}}}}}"

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void add(struct dissect *dissect, enum dissect_format format, const char *digest_name,
        const char *digest, const char *size)
{
    uint32_t id = dissect_count(dissect);
    char name[16];
    struct dissect_child child = { .format = format,
        .relation = id == 0 ? "sample" : "attachment",
        .data = hn_bytes_of("x", 1),
        .offset = DISSECT_NOWHERE };

    (void)snprintf(name, sizeof name, "%u", (unsigned)id);
    child.name = hn_text_cstr(name);
    assert_int_equal(dissect_child(dissect, id == 0 ? DISSECT_NONE : 0, &child, NULL), HN_OK);
    dissect_fact(dissect, id, "size", hn_text_cstr(size));
    dissect_fact(dissect, id, digest_name, hn_text_cstr(digest));
}

static bool says(const struct dissect *dissect, uint32_t id, const char *name, const char *value)
{
    struct hn_text text = known_fact(dissect_get(dissect, id), name);
    bool same = hn_text_eq(text, hn_text_cstr(value));

    if (!same)
        print_message("%s is \"%.*s\"\n", name, HN_TEXT_ARG(text));
    return same;
}

static size_t unchecked(const struct dissect *dissect)
{
    size_t count = 0;

    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        const struct dissect_note *note = dissect_get(dissect, id)->notes;

        for (; note != NULL; note = note->next)
            count += note->kind == DISSECT_NOTE_UNCHECKED;
    }
    return count;
}

/* ---- Lists ---- */

/* Each kind of digest, with the name and the age of the list; an empty file is in every list. */
static void lists_are_asked(void **state)
{
    struct timespec times[2] = { { 0 }, { .tv_sec = NOW / HN_SECOND - INT64_C(3) * 86400 } };
    struct temp_dir dir;
    char good[128];
    char bad[128];
    const char *paths[] = { good, bad };
    struct known_options options = {
        .good = paths, .good_count = 1, .bad = paths + 1, .bad_count = 1, .now = NOW
    };
    struct known *known = NULL;
    struct dissect *dissect = dissect_new(NULL);

    (void)state;
    temp_dir_make(&dir);
    (void)snprintf(good, sizeof good, "%s", temp_file(&dir, "good.txt"));
    (void)snprintf(bad, sizeof bad, "%s", temp_file(&dir, "bad.txt"));
    put(good, SHA1 "\n" MD5 "\n");
    put(bad, SHA256 "\n");
    assert_int_equal(utimensat(0, good, times, 0), 0);
    assert_int_equal(utimensat(0, bad, times, 0), 0);
    add(dissect, DISSECT_EML, "sha256", SHA256, "7");
    add(dissect, DISSECT_PE, "sha1", SHA1, "7");
    add(dissect, DISSECT_PE, "md5", MD5, "7");
    add(dissect, DISSECT_PE, "sha1", SHA1, "0");
    add(dissect, DISSECT_DOC, "file_sha256", SHA256, "7");
    add(dissect, DISSECT_PE, "sha1", "2222222222222222222222222222222222222200", "7");
    assert_int_equal(known_open(&options, &known, NULL), HN_OK);
    known_look(known, dissect);
    assert_true(says(dissect, 0, "known_bad", "bad.txt (sha256), of 2026-09-18, 3 days old"));
    assert_true(says(dissect, 0, "known_good", ""));
    assert_true(says(dissect, 1, "known_good", "good.txt (sha1), of 2026-09-18, 3 days old"));
    assert_true(says(dissect, 1, "known_good_by", "sha1"));
    assert_true(says(dissect, 2, "known_good_by", "md5"));
    assert_true(says(dissect, 3, "known_good", ""));
    assert_true(says(dissect, 4, "known_bad_by", "sha256"));
    assert_true(says(dissect, 5, "known_good", ""));
    known_close(known);
    dissect_free(dissect);
    temp_dir_remove(&dir);
}

static size_t problems;

static void on_problem(void *ctx, const char *what, const struct hn_err *err)
{
    (void)ctx;
    (void)what;
    assert_true(err->msg[0] != '\0');
    problems++;
}

/* ---- Reports ---- */

/* The later of two reports counts; a broken file is told, the others count. */
static void files_of_reports(void **state)
{
    struct temp_dir dir;
    char whole[128];
    char older[128];
    char broken[128];
    const char *paths[] = { whole, older, broken, "/nonexistent/x.json" };
    struct known_options options = {
        .reports = paths, .report_count = 4, .now = NOW, .on_problem = on_problem
    };
    struct known *known = NULL;
    struct dissect *dissect = dissect_new(NULL);

    (void)state;
    problems = 0;
    temp_dir_make(&dir);
    (void)snprintf(whole, sizeof whole, "%s", temp_file(&dir, "a.json"));
    (void)snprintf(older, sizeof older, "%s", temp_file(&dir, "b.json"));
    (void)snprintf(broken, sizeof broken, "%s", temp_file(&dir, "c.json"));
    put(whole, REPORT);
    put(older, "{\"id\":\"" SHA256 "\",\"attributes\":{\"last_analysis_date\":5,"
               "\"last_analysis_stats\":{\"undetected\":50}}}");
    put(broken, "<html>");
    add(dissect, DISSECT_DOC, "sha256", SHA256, "7");
    assert_int_equal(known_open(&options, &known, NULL), HN_OK);
    assert_int_equal(problems, 2);
    known_look(known, dissect);
    assert_true(says(dissect, 0, "vt_consensus",
            "3 of 4 engines, emotet in 3 of 3 names, on 2026-09-10, 11 days old"));
    assert_true(says(dissect, 0, "vt_malicious", "3"));
    assert_true(says(dissect, 0, "vt_engines", "4"));
    assert_true(says(dissect, 0, "vt_percent", "75"));
    assert_true(says(dissect, 0, "vt_age_days", "11"));
    assert_true(says(dissect, 0, "vt_family", "emotet"));
    assert_int_equal(unchecked(dissect), 0);
    known_close(known);
    dissect_free(dissect);
    temp_dir_remove(&dir);
}

/* ---- The service ---- */

static char request[4096]; /* of the last connection */

static int is_head(const char *taken, size_t len)
{
    size_t kept = len < sizeof request - 1 ? len : sizeof request - 1;

    memcpy(request, taken, kept);
    request[kept] = '\0';
    return strstr(request, "\r\n\r\n") != NULL;
}

struct scene {
    struct temp_dir dir;
    char key[128];
    char url[64];
    struct known *known;
};

static void ask(struct scene *scene, struct server *server, const char *answer)
{
    struct known_options options = { .now = NOW };

    *server =
            (struct server){ .answer = answer, .answer_len = strlen(answer), .is_whole = is_head };
    assert_true(server_start(server, NULL));
    temp_dir_make(&scene->dir);
    (void)snprintf(scene->key, sizeof scene->key, "%s", temp_file(&scene->dir, "key"));
    put(scene->key, "sesame-open\nsecond line\n");
    (void)snprintf(scene->url, sizeof scene->url, "http://127.0.0.1:%u/api/v3", server->port);
    options.key = scene->key;
    options.service_url = scene->url;
    assert_int_equal(known_open(&options, &scene->known, NULL), HN_OK);
}

static void scene_end(struct scene *scene, struct server *server)
{
    known_close(scene->known);
    server_stop(server);
    temp_dir_remove(&scene->dir);
}

/* The digest and the key leave, nothing else; mails are not asked for; what is known already is not
 * asked for again. */
static void the_service_is_asked_for_digests(void **state)
{
    static struct server server;
    struct scene scene;

    (void)state;
    ask(&scene, &server, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" REPORT);
    for (int round = 0; round < 2; round++) {
        struct dissect *dissect = dissect_new(NULL);

        add(dissect, DISSECT_EML, "sha256",
                "4444444444444444444444444444444444444444444444444444444444444444", "7");
        add(dissect, DISSECT_DOC, "sha256", SHA256, "7");
        known_look(scene.known, dissect);
        assert_true(says(dissect, 1, "vt_malicious", "3"));
        assert_int_equal(unchecked(dissect), 0);
        assert_int_equal(atomic_load(&server.connections), 1);
        dissect_free(dissect);
    }
    assert_non_null(strstr(request, "GET /api/v3/files/" SHA256 " HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "x-apikey: sesame-open\r\n"));
    assert_null(strstr(request, "second line"));
    scene_end(&scene, &server);
}

/* Not known is an answer; a used-up quota is none, and ends the asking for a while. */
static void services_that_do_not_help(void **state)
{
    static const struct {
        const char *answer;
        size_t notes; /* of two looks */
        unsigned connections;
    } rows[] = {
        { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 0, 2 },
        { "HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n", 2, 1 },
        { "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", 2, 1 },
        { "HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 2,
                1 },
        { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>", 2, 2 },
        { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 0, 2 },
        { "nonsense\r\n\r\n", 2, 1 },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        static struct server server;
        struct scene scene;
        size_t notes = 0;

        ask(&scene, &server, rows[i].answer);
        for (int round = 0; round < 2; round++) {
            struct dissect *dissect = dissect_new(NULL);

            add(dissect, DISSECT_DOC, "sha256", SHA256, "7");
            known_look(scene.known, dissect);
            notes += unchecked(dissect);
            assert_true(says(dissect, 0, "vt_malicious", ""));
            dissect_free(dissect);
        }
        assert_int_equal(notes, rows[i].notes);
        assert_int_equal(atomic_load(&server.connections), rows[i].connections);
        scene_end(&scene, &server);
    }
}

/* A key goes to https or to this machine only; a file without one is refused. */
static void keys_are_kept(void **state)
{
    struct temp_dir dir;
    char key[128];
    struct known_service *service = NULL;

    (void)state;
    temp_dir_make(&dir);
    (void)snprintf(key, sizeof key, "%s", temp_file(&dir, "key"));
    put(key, "sesame");
    assert_int_equal(known_service_open(key, "http://vt.example/api", &service, NULL), HN_SYNTAX);
    assert_int_equal(known_service_open(key, "ftp://vt.example/api", &service, NULL), HN_SYNTAX);
    assert_int_equal(known_service_open(key, KNOWN_SERVICE_URL, &service, NULL), HN_OK);
    known_service_close(service);
    put(key, "\nsesame\n");
    assert_int_equal(known_service_open(key, KNOWN_SERVICE_URL, &service, NULL), HN_SYNTAX);
    put(key, "two words");
    assert_int_equal(known_service_open(key, KNOWN_SERVICE_URL, &service, NULL), HN_SYNTAX);
    assert_int_equal(
            known_service_open("/nonexistent/key", KNOWN_SERVICE_URL, &service, NULL), HN_IO);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_asked),
        cmocka_unit_test(files_of_reports),
        cmocka_unit_test(the_service_is_asked_for_digests),
        cmocka_unit_test(services_that_do_not_help),
        cmocka_unit_test(keys_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
