/* test_property.c - property sets: every type as text, names of the users' own, code pages, links;
 * lying counts and offsets end well. */
#include "base/mem.h"
#include "base/utf.h"
#include "ole/ole.h"
#include "support/check.h"

#define CAP ((size_t)64 << 20)

/* ---- A small writer ---- */

static void add_u16(struct hn_buf *buf, uint32_t value)
{
    hn_buf_add_char(buf, (char)(value & 0xFF));
    hn_buf_add_char(buf, (char)(value >> 8 & 0xFF));
}

static void add_u32(struct hn_buf *buf, uint32_t value)
{
    add_u16(buf, value & 0xFFFF);
    add_u16(buf, value >> 16);
}

static void add_padded(struct hn_buf *buf, const void *data, size_t len)
{
    hn_buf_add(buf, data, len);
    while (buf->len % 4 != 0)
        hn_buf_add_char(buf, 0);
}

struct written {
    uint32_t id;
    uint32_t type;
    const void *data; /* behind the type */
    size_t len;
};

static const uint8_t summary_id[16] = { 0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91,
    0x08, 0x00, 0x2B, 0x27, 0xB3, 0xD9 };
static const uint8_t document_id[16] = { 0x02, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93, 0x97,
    0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE };
static const uint8_t user_id[16] = { 0x05, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93, 0x97,
    0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE };

static struct hn_buf set_write(const uint8_t *fmtid, const struct written *rows, size_t count)
{
    struct hn_buf buf = { 0 };
    struct hn_buf values = { 0 };

    add_u16(&buf, 0xFFFE);
    hn_buf_add_repeat(&buf, 0, 22);
    add_u32(&buf, 1);
    hn_buf_add(&buf, fmtid, 16);
    add_u32(&buf, 48);
    add_u32(&buf, 0); /* its size, which nobody reads */
    add_u32(&buf, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        add_u32(&buf, rows[i].id);
        add_u32(&buf, (uint32_t)(8 + count * 8 + values.len));
        if (rows[i].id != 0) /* the dictionary has no type */
            add_u32(&values, rows[i].type);
        add_padded(&values, rows[i].data, rows[i].len);
    }
    hn_buf_add_text(&buf, hn_buf_text(&values));
    hn_buf_deinit(&values);
    return buf;
}

/* ---- What was read, one a line: "set id name=value" ---- */

static void note(void *ctx, const struct ole_property *property)
{
    struct hn_buf *out = ctx;

    hn_buf_addf(out, "%u %u ", property->set, property->id);
    if (property->name != NULL)
        hn_buf_add_cstr(out, property->name);
    hn_buf_add_text(out, property->own_name);
    hn_buf_add_char(out, '=');
    hn_buf_add_text(out, property->value);
    hn_buf_add_char(out, '\n');
}

static uint32_t read_into(struct hn_buf *out, struct hn_bytes stream)
{
    struct hn_arena arena;
    uint32_t odd;

    hn_arena_init(&arena, CAP);
    odd = ole_properties(&arena, stream, note, out);
    hn_arena_deinit(&arena);
    return odd;
}

#define ROW(id, type, bytes)               \
    {                                      \
        id, type, bytes, sizeof(bytes) - 1 \
    }

static void each_type_becomes_text(void **state)
{
    static const struct written rows[] = {
        ROW(1, 2, "\xE3\x04"), /* code page 1251 */
        ROW(2, 30, "\x06\x00\x00\x00\xCF\xF0\xE8\0ab"),
        ROW(4, 31, "\x03\x00\x00\x00\x42\x30\x41\x00\x00\x00"),
        ROW(10, 64, "\x00\x1A\x71\x18\x02\x00\x00\x00"), /* 900 seconds */
        ROW(12, 64, "\x00\x80\x3E\xD5\xDE\xB1\x9D\x01"),
        ROW(13, 64, "\x00\x00\x00\x00\x00\x00\x00\x00"), ROW(14, 3, "\xFE\xFF\xFF\xFF"),
        ROW(15, 19, "\xFE\xFF\xFF\xFF"), ROW(16, 11, "\xFF\xFF\x00\x00"),
        ROW(19, 5, "\x00\x00\x00\x00\x00\x00\xF8\x3F"),
        ROW(30, 72, "\x78\x56\x34\x12\x34\x12\x78\x56\x01\x02\x03\x04\x05\x06\x07\x08"),
        ROW(31, 71, "\x08\x00\x00\x00thumbna."), /* a picture is no text */
    };
    struct hn_buf stream = set_write(summary_id, rows, HN_COUNT_OF(rows));
    struct hn_buf out = { 0 };

    (void)state;
    assert_int_equal(read_into(&out, hn_text_as_bytes(hn_buf_text(&stream))), 0);
    check_buf(&out, "0 2 title=При\n"
                    "0 4 author=あA\n"
                    "0 10 edit_seconds=900\n"
                    "0 12 created=1970-01-01T00:00:00Z\n"
                    "0 13 saved=\n"
                    "0 14 pages=-2\n"
                    "0 15 words=4294967294\n"
                    "0 16 characters=true\n"
                    "0 19 security=1.5\n"
                    "0 30 ={12345678-1234-5678-0102-030405060708}\n");
    hn_buf_deinit(&out);
    hn_buf_deinit(&stream);
}

/* Heading pairs are packed without padding, other variants are padded. */
static void vectors_are_joined(void **state)
{
    static const struct written rows[] = {
        ROW(12, 0x100C,
                "\x02\x00\x00\x00\x1E\x00\x00\x00\x06\x00\x00\x00Title\0"
                "\x03\x00\x00\x00\x01\x00\x00\x00"),
        ROW(13, 0x101E,
                "\x02\x00\x00\x00\x03\x00\x00\x00it\0\x04\x00\x00\x00"
                "two\0"),
        ROW(15, 0x100C,
                "\x02\x00\x00\x00\x1E\x00\x00\x00\x06\x00\x00\x00Title\0\0\0"
                "\x03\x00\x00\x00\x01\x00\x00\x00"),
    };
    struct hn_buf stream = set_write(document_id, rows, HN_COUNT_OF(rows));
    struct hn_buf out = { 0 };

    (void)state;
    assert_int_equal(read_into(&out, hn_text_as_bytes(hn_buf_text(&stream))), 0);
    check_buf(&out, "1 12 heading_pairs=Title\n1\n1 13 parts=it\ntwo\n1 15 company=Title\n1\n");
    hn_buf_deinit(&out);
    hn_buf_deinit(&stream);
}

static void own_properties_have_their_names(void **state)
{
    static const struct written rows[] = {
        ROW(0, 0,
                "\x02\x00\x00\x00\x02\x00\x00\x00\x05\x00\x00\x00"
                "data\0"
                "\x03\x00\x00\x00\x0C\x00\x00\x00_PID_HLINKS\0"),
        ROW(1, 2, "\xE4\x04"),
        ROW(2, 30, "\x0B\x00\x00\x00powershell\0"),
        ROW(3, 65,
                "\x40\x00\x00\x00\x06\x00\x00\x00"
                "\x03\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00"
                "\x03\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00"
                "\x1F\x00\x00\x00\x04\x00\x00\x00h\0:\0/\0\0\0"
                "\x1F\x00\x00\x00\x01\x00\x00\x00\0\0\0\0"),
        ROW(4, 65, "\x04\x00\x00\x00zzzz"),
    };
    struct hn_buf stream = set_write(user_id, rows, HN_COUNT_OF(rows));
    struct hn_buf out = { 0 };

    (void)state;
    assert_int_equal(read_into(&out, hn_text_as_bytes(hn_buf_text(&stream))), 0);
    check_buf(&out, "2 2 data=powershell\n2 3 _PID_HLINKS=h:/\n");
    hn_buf_deinit(&out);
    hn_buf_deinit(&stream);
}

/* Counts and offsets that lie, all over the stream: it ends, and what is read is UTF-8. */
static void lies_end_well(void **state)
{
    static const struct written rows[] = {
        ROW(0, 0,
                "\x01\x00\x00\x00\x02\x00\x00\x00\x05\x00\x00\x00"
                "data\0"),
        ROW(1, 2, "\xE4\x04"),
        ROW(2, 30,
                "\x05\x00\x00\x00"
                "text\0"),
        ROW(3, 0x101E, "\x01\x00\x00\x00\x04\x00\x00\x00two\0"),
    };
    struct hn_buf stream = set_write(user_id, rows, HN_COUNT_OF(rows));
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t len = 0; len < stream.len; len++) {
        uint8_t *copy = hn_malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, stream.ptr, len);
        hn_buf_reset(&out);
        (void)read_into(&out, hn_bytes_of(copy, len));
        assert_true(hn_utf8_valid(hn_text_as_bytes(hn_buf_text(&out))));
        hn_free(copy);
    }
    for (size_t i = 0; i < stream.len; i++) {
        char kept = stream.ptr[i];

        for (unsigned value = 0; value < 256; value += 15) {
            stream.ptr[i] = (char)value;
            hn_buf_reset(&out);
            (void)read_into(&out, hn_text_as_bytes(hn_buf_text(&stream)));
            assert_true(hn_utf8_valid(hn_text_as_bytes(hn_buf_text(&out))));
        }
        stream.ptr[i] = kept;
    }
    hn_buf_deinit(&out);
    hn_buf_deinit(&stream);
}

/* A count of four thousand million, and as many sets. */
static void counts_are_bounded(void **state)
{
    static const struct written rows[] = { ROW(2, 0x101E, "\xFF\xFF\xFF\xFF\x01\x00\x00\x00\0") };
    struct hn_buf stream = set_write(document_id, rows, 1);
    struct hn_buf out = { 0 };

    (void)state;
    memset(stream.ptr + 52, 0xFF, 4);
    memset(stream.ptr + 24, 0xFF, 4);
    assert_true((read_into(&out, hn_text_as_bytes(hn_buf_text(&stream))) & OLE_ODD_LIMIT) != 0);
    hn_buf_deinit(&out);
    hn_buf_deinit(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_becomes_text),
        cmocka_unit_test(vectors_are_joined),
        cmocka_unit_test(own_properties_have_their_names),
        cmocka_unit_test(lies_end_well),
        cmocka_unit_test(counts_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
