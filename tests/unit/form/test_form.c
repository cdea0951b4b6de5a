/* test_form.c - forms as browsers, curl and libraries send them; however they are cut; and what is
 * refused because two readers could see two things. */
#include "form/form.h"

#include "support/check.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define TYPE "multipart/form-data; boundary=b1"

/* What was told, as one text: "name|filename|type=bytes;" */
struct heard {
    struct hn_buf text;
    unsigned pieces; /* calls of data */
    enum hn_status answer;
};

static enum hn_status on_begin(void *ctx, const struct form_part *part, struct hn_err *err)
{
    struct heard *heard = ctx;

    hn_buf_addf(&heard->text, "%.*s|", HN_TEXT_ARG(part->name));
    if (part->is_file)
        hn_buf_addf(&heard->text, "[%.*s]", HN_TEXT_ARG(part->filename));
    hn_buf_addf(&heard->text, "|%.*s=", HN_TEXT_ARG(part->type));
    return heard->answer == HN_OK ? HN_OK : hn_fail(err, heard->answer, 0, "not wanted");
}

static enum hn_status on_data(void *ctx, struct hn_bytes bytes, struct hn_err *err)
{
    struct heard *heard = ctx;

    (void)err;
    heard->pieces++;
    hn_buf_add(&heard->text, bytes.ptr, bytes.len);
    return HN_OK;
}

static enum hn_status on_end(void *ctx, struct hn_err *err)
{
    (void)err;
    hn_buf_add_char(&((struct heard *)ctx)->text, ';');
    return HN_OK;
}

/* In pieces of so many bytes; 0: as a whole. */
static enum hn_status read_in(
        const char *type, struct hn_text body, size_t step, struct heard *heard, struct hn_err *err)
{
    const struct form_receiver receiver = { on_begin, on_data, on_end, heard };
    struct form *form = NULL;
    enum hn_status status = form_new(hn_text_cstr(type), &receiver, &form, err);

    for (size_t at = 0; status == HN_OK && at < body.len; at += step == 0 ? body.len : step)
        status = form_feed(
                form, hn_text_as_bytes(hn_text_sub(body, at, step == 0 ? SIZE_MAX : step)), err);
    if (status == HN_OK)
        status = form_end(form, err);
    form_free(form);
    return status;
}

static void expect(const char *type, struct hn_text body, const char *told)
{
    for (size_t step = 0; step <= body.len && step < 40; step++) {
        struct heard heard = { .answer = HN_OK };
        struct hn_err err = { 0 };

        assert_int_equal(read_in(type, body, step, &heard, &err), HN_OK);
        check_text(hn_buf_text(&heard.text), told);
        hn_buf_deinit(&heard.text);
    }
}

#define TOO_LONG "12345678901234567890123456789012345678901234567890123456789012345678901"

static const char usual[] =
        "--b1\r\n"
        "Content-Disposition: form-data; name=\"passwords\"\r\n\r\n"
        "infected\ngeheim\r\n"
        "--b1\r\n"
        "content-disposition:form-data;name=file ; filename=\"a \\\"b\\\".doc\"\r\n"
        "Content-Type: application/msword\r\n\r\n"
        "\r\n--b0\r\r\n--b\r\n--b\n1--b1\r\n-\r\n"
        "\r\n--b1\r\n"
        "Content-Disposition: form-data; name=\"x\"; filename=\"\"\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n"
        "\r\n--b1--\r\n";
#define USUAL hn_text_of(usual, sizeof usual - 1)
#define USUAL_TOLD                                                              \
    "passwords||=infected\ngeheim;file|[a \"b\".doc]|application/msword=\r\n--" \
    "b0\r\r\n--b\r\n--b\n1--b1\r\n-\r\n;x|[]|=;"

/* However the body is cut: fields, files, what looks like a boundary and is none, empty files. */
static void however_it_is_cut(void **state)
{
    (void)state;
    expect(TYPE, USUAL, USUAL_TOLD);
    expect("Multipart/Form-Data;charset=utf-8 ; boundary=\"b1\";", USUAL, USUAL_TOLD);
}

/* Each cut into two. */
static void two_pieces(void **state)
{
    struct hn_text body = USUAL;

    (void)state;
    for (size_t cut = 0; cut <= body.len; cut++) {
        struct heard heard = { .answer = HN_OK };
        const struct form_receiver receiver = { on_begin, on_data, on_end, &heard };
        struct form *form = NULL;

        assert_int_equal(form_new(HN_TEXT(TYPE), &receiver, &form, NULL), HN_OK);
        assert_int_equal(form_feed(form, hn_text_as_bytes(hn_text_sub(body, 0, cut)), NULL), HN_OK);
        assert_int_equal(
                form_feed(form, hn_text_as_bytes(hn_text_sub(body, cut, SIZE_MAX)), NULL), HN_OK);
        assert_int_equal(form_end(form, NULL), HN_OK);
        check_text(hn_buf_text(&heard.text), USUAL_TOLD);
        form_free(form);
        hn_buf_deinit(&heard.text);
    }
}

/* Of a body in one piece, the bytes of a part come in one, which is a run of it. */
static void a_part_is_one_run(void **state)
{
    struct heard heard = { .answer = HN_OK };

    (void)state;
    assert_int_equal(read_in(TYPE, USUAL, 0, &heard, NULL), HN_OK);
    assert_int_equal(heard.pieces, 2); /* the empty one comes in none */
    hn_buf_deinit(&heard.text);
}

/* Every prefix but those that lack at most the last line end is told to be cut off. */
static void every_truncation(void **state)
{
    struct hn_text body = USUAL;

    (void)state;
    for (size_t len = 0; len < body.len; len++) {
        struct heard heard = { .answer = HN_OK };
        enum hn_status status = read_in(TYPE, hn_text_sub(body, 0, len), 0, &heard, NULL);

        assert_int_equal(status, len == body.len - 2 ? HN_OK : HN_TRUNCATED);
        hn_buf_deinit(&heard.text);
    }
}

/* Names: in UTF-8, in RFC 8187's form, which wins, and with the folders of those who send them. */
static void names(void **state)
{
#define PART(disposition) \
    "--b1\r\nContent-Disposition: form-data; " disposition "\r\n\r\nx\r\n--b1--"
    (void)state;
    expect(TYPE, HN_TEXT(PART("name=f; filename=\"請求書.doc\"")), "f|[請求書.doc]|=x;");
    expect(TYPE, HN_TEXT(PART("name=f; filename=\"x.doc\"; filename*=utf-8''%E8%AB%8B%20a.doc")),
            "f|[請 a.doc]|=x;");
    expect(TYPE, HN_TEXT(PART("name=f; filename*=UTF-8'ja'a%2Fb")), "f|[a/b]|=x;");
    expect(TYPE, HN_TEXT(PART("name=f; filename=\"C:\\dir\\a.doc\"")), "f|[C:\\dir\\a.doc]|=x;");
    expect(TYPE, HN_TEXT(PART("name=f; filename=\"a\\\\b\"; size=3")), "f|[a\\b]|=x;");
    expect(TYPE, HN_TEXT(PART("name=\"a;b\"; filename=\"c;d\";")), "a;b|[c;d]|=x;");
}

static void refused(const char *type, struct hn_text body, enum hn_status want)
{
    for (size_t step = 0; step <= 3; step++) {
        struct heard heard = { .answer = HN_OK };
        struct hn_err err = { 0 };

        assert_int_equal(read_in(type, body, step, &heard, &err), want);
        assert_true(err.msg[0] != '\0');
        hn_buf_deinit(&heard.text);
    }
}

/* What is no form, or one that two readers could read in two ways. */
static void what_is_refused(void **state)
{
    static const char *const types[] = { "", "multipart/form-data", "multipart/mixed; boundary=b1",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=b1; boundary=b2", "multipart/form-data; boundary=\"b1 \"",
        "multipart/form-data; boundary=\"b1", "multipart/form-data; boundary=\"b\r1\"",
        "multipart/form-data boundary=b1", ("multipart/form-data; boundary=" TOO_LONG) };
    static const char *const parts[] = { "filename=a", "name", "name=", "name=a; name=b",
        "name=a; filename=b; filename=c", "name=\"a", "name=\"\xff\"",
        "name=a; filename=\"\xe8\xab\"", "name=a; filename=\"a\tb\"",
        "name=a; filename*=latin-1''a", "name=a; filename*=UTF-8'a", "name=a; filename*=UTF-8''%4",
        "name=a; filename*=UTF-8''%zz", "name=a; filename*=UTF-8''%00",
        "name=a\r\nContent-Disposition: form-data; name=b", "name=a\r\n folded",
        "name=a\r\nno field", "name=a\nX: y", "name=a\r\nX: y\rz",
        "name=a\r\nContent-Type: a\r\nContent-Type: b" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(types); i++)
        refused(types[i], USUAL, HN_SYNTAX);
    for (size_t i = 0; i < HN_COUNT_OF(parts); i++) {
        struct hn_buf body = { 0 };

        hn_buf_addf(&body, "--b1\r\nContent-Disposition: form-data; %s\r\n\r\nx\r\n--b1--\r\n",
                parts[i]);
        refused(TYPE, hn_buf_text(&body), HN_SYNTAX);
        hn_buf_deinit(&body);
    }
    refused(TYPE, HN_TEXT("preamble\r\n--b1\r\n"), HN_SYNTAX);
    refused(TYPE, HN_TEXT("--b1x\r\n"), HN_SYNTAX);
    refused(TYPE, HN_TEXT("--b1\r\nX: y\r\n\r\n"), HN_SYNTAX);
    refused(TYPE, HN_TEXT("--b1--\r\nepilogue"), HN_SYNTAX);
    refused(TYPE, HN_TEXT("--b1\r\nContent-Disposition: attachment; name=a\r\n\r\n"), HN_SYNTAX);
    refused(TYPE,
            HN_TEXT("--b1\r\nContent-Disposition: form-data; name=a\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\n"),
            HN_UNSUPPORTED);
}

/* Heads that do not end, and more parts than there may be. */
static void limits(void **state)
{
    struct hn_buf body = { 0 };

    (void)state;
    hn_buf_add_lit(&body, "--b1\r\nX: ");
    while (body.len < 2 * FORM_HEAD_MAX)
        hn_buf_add_char(&body, 'x');
    refused(TYPE, hn_buf_text(&body), HN_LIMIT);
    hn_buf_reset(&body);
    for (unsigned i = 0; i <= FORM_PARTS_MAX; i++)
        hn_buf_add_lit(&body, "--b1\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n");
    refused(TYPE, hn_buf_text(&body), HN_LIMIT);
    hn_buf_deinit(&body);
}

/* What the receiver says ends the reading, for good. */
static void the_receiver_decides(void **state)
{
    struct heard heard = { .answer = HN_LIMIT };
    const struct form_receiver receiver = { on_begin, on_data, on_end, &heard };
    struct form *form = NULL;
    struct hn_err err = { 0 };

    (void)state;
    assert_int_equal(form_new(HN_TEXT(TYPE), &receiver, &form, NULL), HN_OK);
    assert_int_equal(form_feed(form, hn_text_as_bytes(USUAL), &err), HN_LIMIT);
    assert_string_equal(err.msg, "not wanted");
    assert_int_equal(form_feed(form, hn_text_as_bytes(HN_TEXT("x")), NULL), HN_LIMIT);
    assert_int_equal(form_end(form, NULL), HN_LIMIT);
    form_free(form);
    hn_buf_deinit(&heard.text);
    hn_mem_fail_from(1);
    assert_int_equal(form_new(HN_TEXT(TYPE), &receiver, &form, NULL), HN_NOMEM);
    hn_mem_fail_from(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_it_is_cut),
        cmocka_unit_test(two_pieces),
        cmocka_unit_test(a_part_is_one_run),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(names),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(limits),
        cmocka_unit_test(the_receiver_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
