/* test_outlook.c - .msg and TNEF, made here: properties, recipients, attachments, mails within. */
#include "mail_case.h"
#include "support/cfb_writer.h"

#include "base/utf.h"

#include <stdio.h>

/* ---- .msg ---- */

static void unicode(struct cfb_writer *cfb, const char *below, unsigned id, const char *utf8)
{
    struct hn_buf utf16 = { 0 };
    char path[128];

    hn_utf8_to_utf16le(&utf16, hn_text_cstr(utf8));
    (void)snprintf(path, sizeof path, "%s__substg1.0_%04X001F", below, id);
    cfb_writer_stream(cfb, path, hn_text_as_bytes(hn_buf_text(&utf16)));
    hn_buf_deinit(&utf16);
}

static void bytes(struct cfb_writer *cfb, const char *below, unsigned tag, const char *text)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s__substg1.0_%08X", below, tag);
    cfb_writer_stream(cfb, path, hn_bytes_of(text, strlen(text)));
}

/* A property stream with one number. */
static void number(
        struct cfb_writer *cfb, const char *below, size_t header, unsigned id, unsigned value)
{
    uint8_t stream[48] = { 0 };
    char path[128];

    stream[header] = 3;
    stream[header + 2] = (uint8_t)(id & 0xFF);
    stream[header + 3] = (uint8_t)(id >> 8);
    stream[header + 8] = (uint8_t)(value & 0xFF);
    stream[header + 9] = (uint8_t)(value >> 8);
    (void)snprintf(path, sizeof path, "%s__properties_version1.0", below);
    cfb_writer_stream(cfb, path, hn_bytes_of(stream, header + 16));
}

#define ATTACH0 "__attach_version1.0_#00000000/"
#define ATTACH1 "__attach_version1.0_#00000001/"
#define INNER   ATTACH1 "__substg1.0_3701000D/"

static void write_msg(struct hn_buf *out)
{
    static const uint8_t names[16] = { 0x01, 0x02, 0, 0, 0x06, 0, 0, 0, 0x1F, 0x85, 0, 0, 0x06, 0,
        5, 0 };
    struct cfb_writer *cfb = cfb_writer_new(3);

    number(cfb, "", 32, 0x3FFD, 932);
    cfb_writer_stream(cfb, "__nameid_version1.0/__substg1.0_00030102", hn_bytes_of(names, 16));
    unicode(cfb, "", 0x001A, "IPM.Note");
    bytes(cfb, "", 0x0037001E, "\x83\x65\x83\x58\x83\x67"); /* Shift_JIS */
    unicode(cfb, "", 0x0C1A, "Boss \"ceo@corp.com\"");
    unicode(cfb, "", 0x5D01, "x@evil.net");
    unicode(cfb, "", 0x1000, "Password: m5g\r\n");
    unicode(cfb, "", 0x8005, "\\\\192.0.2.1\\share\\a.wav");
    number(cfb, "__recip_version1.0_#00000000/", 8, 0x0C15, 2);
    unicode(cfb, "__recip_version1.0_#00000000/", 0x3001, "Copy");
    unicode(cfb, "__recip_version1.0_#00000000/", 0x39FE, "copy@corp.example");
    number(cfb, ATTACH0, 8, 0x3705, 1);
    unicode(cfb, ATTACH0, 0x3707, "a.zip");
    bytes(cfb, ATTACH0, 0x37010102, "PK\003\004data");
    number(cfb, ATTACH1, 8, 0x3705, 5);
    unicode(cfb, ATTACH1, 0x3001, "inner mail");
    number(cfb, INNER, 24, 0x3FFD, 1252);
    unicode(cfb, INNER, 0x0037, "inner");
    unicode(cfb, INNER, 0x1000, "body within");
    unicode(cfb, INNER, 0x8005, "//192.0.2.2/x");
    cfb_writer_stream(cfb, INNER "__attach_version1.0_#00000000/__substg1.0_37010102",
            hn_bytes_of("deep", 4));
    cfb_writer_finish(cfb, out);
    cfb_writer_free(cfb);
}

static void a_msg_is_taken_apart(void **state)
{
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    uint32_t inner;

    (void)state;
    write_msg(&file);
    dissect = mail_case_open(DISSECT_MSG, hn_buf_text(&file));
    assert_string_equal(
            mail_fact_of(dissect, 0, "subject"), "\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88");
    assert_string_equal(mail_fact_of(dissect, 0, "from_address"), "x@evil.net");
    assert_string_equal(mail_fact_of(dissect, 0, "cc"), "Copy <copy@corp.example>");
    assert_string_equal(mail_fact_of(dissect, 0, "reminder_file"), "\\\\192.0.2.1\\share\\a.wav");
    assert_non_null(mail_note_of(dissect, 0, DISSECT_NOTE_SPOOFED, "ceo@corp.com"));
    assert_non_null(mail_note_of(dissect, 0, DISSECT_NOTE_AUTORUN, "192.0.2.1"));
    assert_true(mail_has_password(dissect, "m5g"));
    assert_true(mail_child_of(dissect, 0, "a.zip", "PK\003\004data") != DISSECT_NONE);
    inner = mail_child_of(dissect, 0, "inner mail", NULL);
    assert_true(inner != DISSECT_NONE);
    /* The mail within is a .msg of its own, with the names of properties that it needs. */
    assert_int_equal(dissect_get(dissect, inner)->format, DISSECT_MSG);
    assert_string_equal(mail_fact_of(dissect, inner, "subject"), "inner");
    assert_true(mail_has_text(dissect, inner, "body within"));
    assert_string_equal(mail_fact_of(dissect, inner, "reminder_file"), "//192.0.2.2/x");
    assert_string_equal(mail_fact_of(dissect, inner, "attachment_count"), "1");
    assert_null(mail_note_of(dissect, inner, DISSECT_NOTE_DAMAGED, ""));
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

static void transport_headers_are_judged(void **state)
{
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    unicode(cfb, "", 0x0037, "s");
    unicode(cfb, "", 0x007D,
            "Received: from x ([203.0.113.5]) by y; Mon, 23 Nov 2026 01:00:00 +0000\r\n"
            "From: a@corp.com\r\nReply-To: b@evil.net\r\n\r\n");
    unicode(cfb, "", 0x1035, "<1@corp.com>");
    cfb_writer_finish(cfb, &file);
    dissect = mail_case_open(DISSECT_MSG, hn_buf_text(&file));
    assert_string_equal(mail_fact_of(dissect, 0, "received_ip"), "203.0.113.5");
    assert_string_equal(mail_fact_of(dissect, 0, "message_id"), "<1@corp.com>");
    assert_non_null(mail_note_of(dissect, 0, DISSECT_NOTE_SPOOFED, "Reply-To"));
    assert_true(dissect_get(dissect, 0)->notes->offset == DISSECT_NOWHERE);
    dissect_free(dissect);
    hn_buf_deinit(&file);
    cfb_writer_free(cfb);
}

/* ---- TNEF ---- */

static void put_u16(struct hn_buf *out, unsigned value)
{
    hn_buf_add_char(out, (char)(value & 0xFF));
    hn_buf_add_char(out, (char)(value >> 8 & 0xFF));
}

static void put_u32(struct hn_buf *out, unsigned value)
{
    put_u16(out, value & 0xFFFF);
    put_u16(out, value >> 16);
}

static void attribute(struct hn_buf *out, char level, unsigned id, const void *data, size_t len)
{
    unsigned sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += ((const unsigned char *)data)[i];
    hn_buf_add_char(out, level);
    put_u32(out, id);
    put_u32(out, (unsigned)len);
    hn_buf_add(out, data, len);
    put_u16(out, sum & 0xFFFF);
}

static void text_prop(struct hn_buf *out, unsigned id, const char *utf8)
{
    struct hn_buf utf16 = { 0 };

    hn_utf8_to_utf16le(&utf16, hn_text_cstr(utf8));
    put_u16(out, 0x1F);
    put_u16(out, id);
    if (id >= 0x8000) { /* named by number */
        hn_buf_add_repeat(out, '\0', 20);
        put_u32(out, 0x851F);
    }
    put_u32(out, 1);
    put_u32(out, (unsigned)utf16.len + 2);
    hn_buf_add_text(out, hn_buf_text(&utf16));
    put_u16(out, 0);
    hn_buf_add_repeat(out, '\0', (4 - (utf16.len + 2) % 4) % 4);
    hn_buf_deinit(&utf16);
}

static void write_tnef(struct hn_buf *out)
{
    struct hn_buf props = { 0 };

    put_u32(out, 0x223E9F78);
    put_u16(out, 1);
    attribute(out, 1, 0x00069007, "\xA4\x03\0\0\0\0\0\0", 8); /* code page 932 */
    attribute(out, 1, 0x00018004, "\x83\x65\x83\x58\0", 5);
    put_u32(&props, 3);
    text_prop(&props, 0x1000, "Password: tn3f");
    text_prop(&props, 0x8123, "\\\\192.0.2.3\\x");
    put_u16(&props, 0x000B); /* a truth, padded */
    put_u16(&props, 0x0E1B);
    put_u32(&props, 1);
    attribute(out, 1, 0x00069003, props.ptr, props.len);
    attribute(out, 2, 0x00069002, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
    attribute(out, 2, 0x00018010, "SHORT.ZIP\0", 10);
    attribute(out, 2, 0x0006800F, "data one", 8);
    hn_buf_reset(&props);
    put_u32(&props, 1);
    text_prop(&props, 0x3707, "long name.zip");
    attribute(out, 2, 0x00069005, props.ptr, props.len);
    attribute(out, 2, 0x00069002, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
    attribute(out, 2, 0x00018010, "two.txt\0", 8);
    attribute(out, 2, 0x0006800F, "data two", 8);
    hn_buf_deinit(&props);
}

static void tnef_is_taken_apart(void **state)
{
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    write_tnef(&file);
    assert_true(mail_is_tnef(hn_text_as_bytes(hn_buf_text(&file))));
    dissect = mail_case_open(DISSECT_TNEF, hn_buf_text(&file));
    assert_string_equal(mail_fact_of(dissect, 0, "subject"), "\xE3\x83\x86\xE3\x82\xB9");
    assert_string_equal(mail_fact_of(dissect, 0, "reminder_file"), "\\\\192.0.2.3\\x");
    assert_true(mail_has_text(dissect, 0, "Password: tn3f"));
    assert_true(mail_has_password(dissect, "tn3f"));
    assert_true(mail_child_of(dissect, 0, "long name.zip", "data one") != DISSECT_NONE);
    assert_true(mail_child_of(dissect, 0, "two.txt", "data two") != DISSECT_NONE);
    assert_null(mail_note_of(dissect, 0, DISSECT_NOTE_DAMAGED, ""));
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

/* ---- Damage ---- */

static void truncate_all(enum dissect_format format, struct hn_text whole, size_t step)
{
    for (size_t len = 0; len < whole.len; len += step) {
        char *copy = hn_malloc(len == 0 ? 1 : len);
        struct dissect *dissect;

        assert_non_null(copy);
        if (len > 0)
            memcpy(copy, whole.ptr, len);
        dissect = mail_case_open(format, hn_text_of(copy, len));
        assert_true(dissect_count(dissect) <= 8);
        dissect_free(dissect);
        hn_free(copy);
    }
}

static void every_truncation_is_survived(void **state)
{
    struct hn_buf file = { 0 };

    (void)state;
    write_tnef(&file);
    truncate_all(DISSECT_TNEF, hn_buf_text(&file), 1);
    hn_buf_reset(&file);
    write_msg(&file);
    truncate_all(DISSECT_MSG, hn_buf_text(&file), 37);
    hn_buf_deinit(&file);
}

static void fail_all(enum dissect_format format, struct hn_text whole)
{
    for (uint64_t n = 1;; n++) {
        uint64_t hits;
        struct dissect *dissect;

        hn_mem_fail_from(n);
        dissect = mail_case_try(format, whole);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        dissect_free(dissect);
        if (hits == 0)
            break;
    }
}

static void every_allocation_may_fail(void **state)
{
    struct hn_buf file = { 0 };

    (void)state;
    write_tnef(&file);
    fail_all(DISSECT_TNEF, hn_buf_text(&file));
    hn_buf_reset(&file);
    write_msg(&file);
    fail_all(DISSECT_MSG, hn_buf_text(&file));
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_msg_is_taken_apart),
        cmocka_unit_test(transport_headers_are_judged),
        cmocka_unit_test(tnef_is_taken_apart),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
