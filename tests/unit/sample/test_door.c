/* test_door.c - what somebody sent becomes samples: bytes as they are, forms, names, passwords; cut
 * off anywhere, and without memory, nothing of it does. */
#include "sample/sample_internal.h"

#include "support/check.h"

#include "base/mem.h"

#include <string.h>

#define FORM "multipart/form-data; boundary=b1"
#define PART "--b1\r\nContent-Disposition: form-data; "

static enum hn_status read_body(const char *type, struct hn_text body, struct hn_text name,
        struct hn_text passwords, struct sample_door *ret_door)
{
    const struct sample_door_in in = { .content_type = hn_text_cstr(type),
        .name = name,
        .passwords = passwords,
        .body = hn_text_as_bytes(body),
        .file_max = 20 };
    struct hn_err err = { 0 };
    enum hn_status status = sample_door_read(&in, ret_door, &err);

    assert_true(status == HN_OK || err.msg[0] != '\0');
    return status;
}

static enum hn_status status_of(const char *type, struct hn_text body)
{
    struct sample_door door;
    enum hn_status status = read_body(type, body, HN_TEXT(""), HN_TEXT(""), &door);

    if (status == HN_OK)
        sample_door_deinit(&door);
    return status;
}

/* Without a form the body is the sample, whatever is in it. */
static void bytes_are_one_sample(void **state)
{
    struct sample_door door;

    (void)state;
    assert_int_equal(read_body("application/octet-stream", HN_TEXT("--b1\r\n"), HN_TEXT("a/b"),
                             HN_TEXT("x\r\n\ny z\n"), &door),
            HN_OK);
    assert_false(door.is_form);
    assert_int_equal(door.file_count, 1);
    check_text(hn_bytes_as_text(door.files[0].bytes), "--b1\r\n");
    check_text(door.files[0].name, "a/b");
    assert_int_equal(door.password_count, 2);
    check_text(door.passwords[0], "x");
    check_text(door.passwords[1], "y z");
    sample_door_deinit(&door);
    assert_int_equal(status_of("text/plain", HN_TEXT("")), HN_SYNTAX);
    assert_int_equal(status_of("text/plain", HN_TEXT("123456789012345678901")), HN_LIMIT);
}

#define TWO                                                              \
    HN_TEXT(PART "name=\"passwords\"\r\n\r\ninfected\r\ngeheim\r\n" PART \
                 "name=x; filename=\"d\\e.doc\"\r\n\r\none\r\n" PART     \
                 "name=y; filename*=UTF-8''%E6%97%A5\r\n\r\ntwo\r\n--b1--")

/* Each file of a form is a sample; their bytes are not copied. */
static void forms_are_several(void **state)
{
    struct hn_text body = TWO;
    struct sample_door door;

    (void)state;
    assert_int_equal(read_body(FORM, body, HN_TEXT(""), HN_TEXT(""), &door), HN_OK);
    assert_true(door.is_form);
    assert_int_equal(door.file_count, 2);
    check_text(door.files[0].name, "d\\e.doc");
    check_text(hn_bytes_as_text(door.files[0].bytes), "one");
    assert_ptr_equal(door.files[0].bytes.ptr, body.ptr + hn_text_find(body, HN_TEXT("one"), 0));
    check_text(door.files[1].name, "日");
    check_text(hn_bytes_as_text(door.files[1].bytes), "two");
    assert_int_equal(door.password_count, 2);
    check_text(door.passwords[1], "geheim");
    sample_door_deinit(&door);
    /* There is one name for two files, and the passwords are there twice. */
    assert_int_equal(read_body(FORM, body, HN_TEXT("n"), HN_TEXT(""), &door), HN_SYNTAX);
    assert_int_equal(read_body(FORM, body, HN_TEXT(""), HN_TEXT("p"), &door), HN_SYNTAX);
}

static void what_is_refused(void **state)
{
    static const struct {
        const char *body;
        enum hn_status status;
    } cases[] = {
        { "", HN_TRUNCATED },
        { PART "name=passwords\r\n\r\nx\r\n--b1--", HN_SYNTAX },
        { PART "name=other\r\n\r\nx\r\n--b1--", HN_SYNTAX },
        { PART "name=f; filename=a\r\n\r\n\r\n--b1--", HN_SYNTAX },
        { PART "name=f; filename=a\r\n\r\n123456789012345678901\r\n--b1--", HN_LIMIT },
        { PART "name=f; filename=a\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==\r\n--b1--",
                HN_UNSUPPORTED },
        { PART "name=f; filename=a\r\n\r\nx\r\n" PART "name=name\r\n\r\n\xff\r\n--b1--",
                HN_SYNTAX },
    };
    struct hn_buf body = { 0 };
    struct sample_door door;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        assert_int_equal(status_of(FORM, hn_text_cstr(cases[i].body)), cases[i].status);
    for (unsigned i = 0; i <= SAMPLE_DOOR_FILES_MAX; i++)
        hn_buf_add_lit(&body, PART "name=f; filename=a\r\n\r\nx\r\n");
    hn_buf_add_lit(&body, "--b1--");
    assert_int_equal(status_of(FORM, hn_buf_text(&body)), HN_LIMIT);
    hn_buf_reset(&body);
    hn_buf_add_lit(&body, PART "name=passwords\r\n\r\n");
    while (body.len < 5000)
        hn_buf_add_lit(&body, "x\r\n");
    assert_int_equal(status_of(FORM, hn_buf_text(&body)), HN_SYNTAX);
    hn_buf_reset(&body);
    for (unsigned i = 0; i <= SAMPLE_PASSWORDS_MAX; i++)
        hn_buf_add_lit(&body, "x\n");
    assert_int_equal(read_body("text/plain", HN_TEXT("x"), HN_TEXT(""), hn_buf_text(&body), &door),
            HN_SYNTAX);
    hn_buf_deinit(&body);
}

/* Every prefix is told to be cut off. */
static void every_truncation(void **state)
{
    struct hn_text body = TWO;

    (void)state;
    for (size_t len = 0; len < body.len; len++)
        assert_int_equal(status_of(FORM, hn_text_sub(body, 0, len)), HN_TRUNCATED);
}

static void memory_may_end(void **state)
{
    enum hn_status status = HN_NOMEM;
    uint64_t n = 0;

    (void)state;
    while (status != HN_OK) {
        struct sample_door door;

        hn_mem_fail_from(++n);
        status = read_body(FORM, TWO, HN_TEXT(""), HN_TEXT(""), &door);
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        if (status == HN_OK)
            sample_door_deinit(&door);
    }
    assert_true(n > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_one_sample),
        cmocka_unit_test(forms_are_several),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(memory_may_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
