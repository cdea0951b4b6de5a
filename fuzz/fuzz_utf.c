/* fuzz: base */
/* fuzz_utf.c - any bytes as UTF-8 and as UTF-16, and through every escaping writer.
 *
 * Oracle: repaired text is well-formed, and is the input exactly when that was well-formed; UTF-16
 * there and back gives the repaired text; folding is idempotent and keeps to its room; the writers
 * give well-formed text without controls. */
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_utf16(struct hn_text text, struct hn_text repaired)
{
    struct hn_buf utf16 = { 0 };
    struct hn_buf back = { 0 };

    hn_utf8_to_utf16le(&utf16, text);
    if (utf16.len > 0)
        assert(hn_utf16le_to_utf8(&back, hn_text_as_bytes(hn_buf_text(&utf16))));
    assert(hn_text_eq(hn_buf_text(&back), repaired));
    hn_buf_reset(&back);
    (void)hn_utf16le_to_utf8(&back, hn_text_as_bytes(text));
    assert(hn_utf8_valid(hn_text_as_bytes(hn_buf_text(&back))));
    hn_buf_deinit(&utf16);
    hn_buf_deinit(&back);
}

static void check_fold(struct hn_text text)
{
    size_t room = HN_FOLD_ROOM(text.len);
    char *once = hn_malloc(room);
    char *twice = NULL;
    size_t len;

    assert(once != NULL);
    len = hn_fold(text, once);
    assert(len <= room);
    twice = hn_malloc(HN_FOLD_ROOM(len));
    assert(twice != NULL);
    assert(hn_fold(hn_text_of(once, len), twice) == len);
    assert(memcmp(once, twice, len) == 0);
    hn_free(once);
    hn_free(twice);
}

static void check_harmless(struct hn_text out, const char *allowed)
{
    for (size_t pos = 0; pos < out.len;) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(out, pos, &c);

        assert(len > 0);
        assert(!hn_is_control(c) || (c < 0x80 && strchr(allowed, (int)c) != NULL));
        pos += len;
    }
}

static void check_writers(struct hn_text text)
{
    struct hn_buf buf = { 0 };

    hn_json_string(&buf, text);
    check_harmless(hn_buf_text(&buf), "");
    hn_buf_reset(&buf);
    hn_terminal_text(&buf, text);
    check_harmless(hn_buf_text(&buf), "");
    hn_buf_reset(&buf);
    hn_csv_field(&buf, text);
    check_harmless(hn_buf_text(&buf), "\t\r\n");
    hn_buf_reset(&buf);
    hn_html_text(&buf, text);
    check_harmless(hn_buf_text(&buf), "\t\r\n");
    for (size_t i = 0; i < buf.len; i++)
        assert(buf.ptr[i] == '\0' || strchr("<>\"'", buf.ptr[i]) == NULL);
    hn_buf_deinit(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_buf repaired = { 0 };
    bool valid = hn_utf8_valid(hn_bytes_of(data, size));

    assert(hn_utf8_repair(&repaired, text) == valid);
    assert(hn_utf8_valid(hn_text_as_bytes(hn_buf_text(&repaired))));
    assert(valid == hn_text_eq(hn_buf_text(&repaired), text));
    assert(!hn_is_ascii(text) || valid);
    assert(hn_utf8_count(text) == hn_utf8_count(hn_buf_text(&repaired)));
    check_utf16(text, hn_buf_text(&repaired));
    check_fold(text);
    check_writers(text);
    hn_buf_deinit(&repaired);
    return 0;
}
