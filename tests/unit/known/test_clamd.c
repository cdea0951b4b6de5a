/* test_clamd.c - conversations with a clamd of our own making: one that finds, one that fails, one
 * that says nothing, one that is not there. */
#include "known/known_internal.h"

#include "support/temp_dir.h"
#include "unit/known/server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void replies_are_read(void **state)
{
    static const struct {
        const char *line;
        int kind; /* -1: none of clamd's */
        const char *text;
    } rows[] = {
        { "stream: OK", KNOWN_CLAMD_FINE, "OK" },
        { "stream: Win.Test.X-1 FOUND", KNOWN_CLAMD_FOUND, "Win.Test.X-1" },
        { "stream: A FOUND FOUND\n", KNOWN_CLAMD_FOUND, "A FOUND" },
        { "INSTREAM size limit exceeded. ERROR", KNOWN_CLAMD_ERROR,
                "INSTREAM size limit exceeded." },
        { "stream: Can't allocate memory ERROR", KNOWN_CLAMD_ERROR, "Can't allocate memory" },
        { "stream: OK FOUND", KNOWN_CLAMD_FOUND, "OK" },
        { "X FOUND", -1, "" },
        { "stream:  FOUND", -1, "" },
        { "stream: ok", -1, "" },
        { "OK", -1, "" },
        { "", -1, "" },
        { " ERROR", -1, "" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct known_clamd_reply reply;
        bool found = known_clamd_reply_read(hn_text_cstr(rows[i].line), &reply);

        assert_int_equal(found ? (int)reply.kind : -1, rows[i].kind);
        if (found)
            assert_true(hn_text_eq(reply.text, hn_text_cstr(rows[i].text)));
    }
}

static void addresses_are_read(void **state)
{
    static const struct {
        const char *address;
        const char *host; /* NULL: none */
        const char *port;
    } rows[] = {
        { "/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl", "" },
        { "localhost:3310", "localhost", "3310" },
        { "[::1]:3310", "::1", "3310" },
        { "::1:3310", "::1", "3310" },
        { "localhost", NULL, NULL },
        { "localhost:", NULL, NULL },
        { "localhost:0", NULL, NULL },
        { "localhost:65536", NULL, NULL },
        { ":3310", NULL, NULL },
        { "", NULL, NULL },
        { "run/clamd.ctl", NULL, NULL },
    };
    char longer[400];

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct known_clamd clamd;
        enum hn_status status = known_clamd_init(&clamd, rows[i].address, 1000, NULL);

        assert_int_equal(status, rows[i].host != NULL ? HN_OK : HN_SYNTAX);
        if (status == HN_OK) {
            assert_string_equal(clamd.host, rows[i].host);
            assert_string_equal(clamd.port, rows[i].port);
        }
    }
    memset(longer, '/', sizeof longer);
    for (size_t len = 100; len < sizeof longer; len += 100) {
        struct known_clamd clamd;

        longer[len] = '\0';
        assert_int_equal(known_clamd_init(&clamd, longer, 1000, NULL),
                len < sizeof((struct sockaddr_un *)NULL)->sun_path ? HN_OK : HN_SYNTAX);
        longer[len] = '/';
    }
}

/* ---- Talking ---- */

/* INSTREAM ends with a piece of no length. */
static int is_stream(const char *taken, size_t len)
{
    size_t at = sizeof "zINSTREAM";

    if (len < at || memcmp(taken, "zINSTREAM", at) != 0)
        return len >= sizeof "zVERSION" && memcmp(taken, "zVERSION", sizeof "zVERSION") == 0;
    while (len - at >= 4) {
        const uint8_t *head = (const uint8_t *)taken + at;
        size_t piece =
                (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];

        if (piece == 0)
            return 1;
        if (piece > len - at - 4)
            return 0;
        at += 4 + piece;
    }
    return 0;
}

static int at_once(const char *taken, size_t len)
{
    (void)taken;
    (void)len;
    return 1;
}

static int never(const char *taken, size_t len)
{
    (void)taken;
    (void)len;
    return 0;
}

static enum hn_status scan(
        struct server *server, const char *path, struct hn_buf *reply, struct hn_err *err)
{
    struct known_clamd clamd;
    char address[64];

    assert_true(server_start(server, path));
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", server->port);
    assert_int_equal(known_clamd_init(&clamd, path != NULL ? path : address, 400, NULL), HN_OK);
    hn_buf_reset(reply);
    *err = (struct hn_err){ 0 };
    return known_clamd_scan(
            &clamd, hn_bytes_of("some bytes", 10), known_now_ms() + clamd.timeout_ms, reply, err);
}

static void bytes_go_in_and_an_answer_comes(void **state)
{
    static struct server server = { .is_whole = is_stream };
    struct temp_dir dir;
    struct hn_buf reply = { 0 };
    struct hn_err err;

    (void)state;
    temp_dir_make(&dir);
    server.answer = "stream: X-1 FOUND";
    server.answer_len = strlen(server.answer) + 1;
    assert_int_equal(scan(&server, NULL, &reply, &err), HN_OK);
    assert_true(hn_text_eq(hn_buf_text(&reply), HN_TEXT("stream: X-1 FOUND")));
    server_stop(&server);
    assert_int_equal(scan(&server, temp_file(&dir, "clamd"), &reply, &err), HN_OK);
    assert_true(hn_text_eq(hn_buf_text(&reply), HN_TEXT("stream: X-1 FOUND")));
    server_stop(&server);
    temp_dir_remove(&dir);
    hn_buf_deinit(&reply);
}

/* An end without an answer, an answer without an end, silence, noise: HN_IO with a reason. */
static void daemons_that_misbehave(void **state)
{
    static char noise[3000];
    static const struct {
        const char *answer;
        size_t len;
        int (*is_whole)(const char *taken, size_t len);
        const char *says;
    } rows[] = {
        { "", 0, is_stream, "ended" },
        { "stream: OK", 10, is_stream, "no end" },
        { noise, sizeof noise, is_stream, "no end" },
        { "", 0, at_once, "" },
        { "", 0, never, "does not answer" },
    };
    struct hn_buf reply = { 0 };
    struct hn_err err;

    (void)state;
    memset(noise, 'x', sizeof noise);
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        static struct server server;

        server = (struct server){
            .answer = rows[i].answer, .answer_len = rows[i].len, .is_whole = rows[i].is_whole
        };
        assert_int_equal(scan(&server, NULL, &reply, &err), HN_IO);
        assert_int_equal(reply.len, 0);
        assert_non_null(strstr(err.msg, rows[i].says));
        server_stop(&server);
    }
    hn_buf_deinit(&reply);
}

/* ---- Trees ---- */

static struct dissect *tree(void)
{
    struct dissect *dissect = dissect_new(NULL);

    for (int i = 0; i < 3; i++) {
        struct dissect_child child = { .format = DISSECT_TEXT,
            .name = i == 0 ? HN_TEXT("a") : HN_TEXT("b"),
            .relation = i == 0 ? "sample" : "entry",
            .data = hn_bytes_of("bytes", i == 2 ? 4 : 5),
            .offset = DISSECT_NOWHERE };

        assert_int_equal(dissect_child(dissect, i == 0 ? DISSECT_NONE : 0, &child, NULL), HN_OK);
        dissect_fact(dissect, (uint32_t)i, "size", HN_TEXT("5"));
        dissect_fact(dissect, (uint32_t)i, "sha256", i == 2 ? HN_TEXT("2") : HN_TEXT("1"));
    }
    return dissect;
}

static size_t notes_of(const struct dissect *dissect, enum dissect_note_kind kind)
{
    size_t count = 0;

    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        const struct dissect_note *note = dissect_get(dissect, id)->notes;

        for (; note != NULL; note = note->next)
            count += note->kind == kind;
    }
    return count;
}

/* Objects with the same bytes are sent once; what is found is a fact and a note. */
static void trees_are_scanned(void **state)
{
    static struct server server = { .is_whole = is_stream };
    struct known_options options = { .now = HN_SECOND };
    struct known *known = NULL;
    struct dissect *dissect = tree();
    char address[64];

    (void)state;
    server.answer = "stream: X-1 FOUND";
    server.answer_len = strlen(server.answer) + 1;
    assert_true(server_start(&server, NULL));
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", server.port);
    options.clamd = address;
    assert_int_equal(known_open(&options, &known, NULL), HN_OK);
    known_look(known, dissect);
    assert_int_equal(atomic_load(&server.connections), 3); /* VERSION and two scans */
    assert_true(hn_text_eq(known_fact(dissect_get(dissect, 0), "clamav"), HN_TEXT("X-1")));
    assert_int_equal(known_fact(dissect_get(dissect, 1), "clamav").len, 0);
    assert_true(hn_text_eq(known_fact(dissect_get(dissect, 2), "clamav"), HN_TEXT("X-1")));
    assert_int_equal(notes_of(dissect, DISSECT_NOTE_SIGNATURE), 2);
    assert_int_equal(notes_of(dissect, DISSECT_NOTE_UNCHECKED), 0);
    server_stop(&server);
    dissect_free(dissect);
    /* The daemon has died: one note a sample, no silence. */
    dissect = tree();
    known_look(known, dissect);
    assert_int_equal(notes_of(dissect, DISSECT_NOTE_UNCHECKED), 1);
    dissect_free(dissect);
    known_close(known);
}

static size_t problems;

static void on_problem(void *ctx, const char *what, const struct hn_err *err)
{
    (void)ctx;
    (void)what;
    assert_true(err->msg[0] != '\0');
    problems++;
}

/* Missing from the start: told at once, and noted on every sample. */
static void nobody_is_there(void **state)
{
    struct known_options options = {
        .now = HN_SECOND, .clamd = "/nonexistent/clamd.ctl", .on_problem = on_problem
    };
    struct known *known = NULL;
    struct dissect *dissect = tree();

    (void)state;
    problems = 0;
    assert_int_equal(known_open(&options, &known, NULL), HN_OK);
    assert_int_equal(problems, 1);
    known_look(known, dissect);
    assert_int_equal(notes_of(dissect, DISSECT_NOTE_UNCHECKED), 1);
    dissect_free(dissect);
    known_close(known);
    options.clamd = "nonsense";
    assert_int_equal(known_open(&options, &known, NULL), HN_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_read),
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(bytes_go_in_and_an_answer_comes),
        cmocka_unit_test(daemons_that_misbehave),
        cmocka_unit_test(trees_are_scanned),
        cmocka_unit_test(nobody_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
