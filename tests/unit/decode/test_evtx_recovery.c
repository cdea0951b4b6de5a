/* test_evtx_recovery.c - damage done to written logs: what is still read, and what is said of it.
 */
#include "evtx_fixture.h"

#include "base/crc32.h"
#include "base/mem.h"
#include "base/reader.h"
#include "decode/decode_evtx.h"

#define FIRST_CHUNK  ((size_t)EVTX_FILE_HEADER_BYTES)
#define FIRST_RECORD (FIRST_CHUNK + EVTX_CHUNK_HEADER_BYTES)

static const struct evtx_write_event plain_event = FIXTURE_EVENT;

/* count events with numbers from first, the value of N counting with them. */
static void write_numbered(struct hn_buf *file, unsigned first, unsigned count)
{
    struct evtx_writer *w = evtx_writer_new(file);

    assert_non_null(w);
    for (unsigned i = 0; i < count; i++) {
        char number[16];
        struct evtx_write_field field = { .name = "N", .type = EVTX_WRITE_UINT32, .text = number };
        struct evtx_write_event event = plain_event;

        (void)snprintf(number, sizeof number, "%u", first + i);
        event.record_id = first + i;
        event.fields = &field;
        event.field_count = 1;
        assert_true(evtx_writer_add(w, &event));
    }
    assert_true(evtx_writer_end(w));
    evtx_writer_free(w);
}

static uint8_t *at(const struct hn_buf *file, size_t offset)
{
    assert_true(offset < file->len);
    return (uint8_t *)file->ptr + offset;
}

/* Offset of the n-th record of the chunk that starts there. */
static size_t record_at(const struct hn_buf *file, size_t chunk, unsigned n)
{
    size_t offset = chunk + EVTX_CHUNK_HEADER_BYTES;

    for (; n > 0; n--)
        offset += hn_load_u32(at(file, offset + 4));
    assert_memory_equal(at(file, offset), "**\0\0", 4);
    return offset;
}

static void store_u32(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (8 * i) & 0xFF);
}

/* Makes the chunk's checksums right again after a change that they are not meant to tell of. */
static void sign(const struct hn_buf *file, size_t chunk)
{
    uint8_t *p = at(file, chunk);
    uint32_t crc;

    store_u32(p + 52, hn_crc32(0, hn_bytes_of(p + EVTX_CHUNK_HEADER_BYTES,
                                          hn_load_u32(p + 48) - EVTX_CHUNK_HEADER_BYTES)));
    crc = hn_crc32(0, hn_bytes_of(p, 120));
    crc = hn_crc32(crc, hn_bytes_of(p + 128, EVTX_CHUNK_HEADER_BYTES - 128));
    store_u32(p + 124, crc);
}

/* What a file gives: the values of N in order, '!' behind recovered ones, '?' behind damaged ones;
 * then the findings about the file, chunks and records. */
static bool numbers_event(void *ctx, struct hn_event *event)
{
    struct hn_buf *out = ctx;
    struct hn_text text = hn_event_field_text(event, hn_schema_find(event->schema, HN_TEXT("N")));

    if (out->len > 0)
        hn_buf_add_char(out, ' ');
    hn_buf_add_text(out, text.ptr == NULL ? HN_TEXT("-") : text);
    if ((event->findings >> HN_FINDING_RECOVERED & 1) != 0)
        hn_buf_add_char(out, '!');
    if ((event->findings >> HN_FINDING_DAMAGED_RECORD & 1) != 0)
        hn_buf_add_char(out, '?');
    return true;
}

static void numbers_finding(void *ctx, const struct hn_finding *finding)
{
    struct hn_buf *out = ctx;

    if (finding->kind == HN_FINDING_RECOVERED)
        return; /* with every '!' */
    hn_buf_add_lit(out, " [");
    hn_buf_add_cstr(out, hn_finding_id(finding->kind));
    hn_buf_add_lit(out, "]");
}

/* Also holds the file to what holds for every input. */
static void assert_numbers(const struct hn_buf *file, const char *expected)
{
    static const char *const names[] = { "N", "EventRecordID", "TimeCreated", "Data" };
    static const struct decode_options options = { 0 };
    struct hn_schema *schema = invariant_schema(names, HN_COUNT_OF(names));
    struct hn_buf out = { 0 };
    struct decode_sink sink = { numbers_event, numbers_finding, &out };
    struct hn_event event;

    (void)invariant_run(&decode_format_evtx, schema, bytes_of(file), true, 70000);
    assert_int_equal(hn_event_init(&event, schema, NULL, false), HN_OK);
    assert_int_equal(
            decode_all(&decode_format_evtx, &options, bytes_of(file), &event, &sink), HN_OK);
    hn_event_deinit(&event);
    hn_schema_free(schema);
    hn_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    hn_buf_deinit(&out);
}

/* ---- Checksums and headers --------------------------------------------------------------------
 */

/* A changed byte in a record, in a chunk's header, in the file's header: each is said, nothing is
 * lost. A chunk that carries no checksums is not blamed for it. */
static void checksums(void **state)
{
    struct hn_buf file = { 0 };

    (void)state;
    write_numbered(&file, 1, 3);
    assert_numbers(&file, "1 2 3");
    *at(&file, record_at(&file, FIRST_CHUNK, 1) + 20) ^= 1; /* in the time it was written */
    assert_numbers(&file, " [checksum] 1 2 3");
    *at(&file, FIRST_CHUNK + 8) ^= 1;
    assert_numbers(&file, " [checksum] [checksum] 1 2 3");
    *at(&file, FIRST_CHUNK + 120) = 4;
    assert_numbers(&file, "1 2 3");
    *at(&file, 8) ^= 1;
    assert_numbers(&file, " [checksum] 1 2 3");
    hn_buf_deinit(&file);
}

/* A log that was not closed says so; one with fewer chunks than it counts was cut off. */
static void dirty_and_cut(void **state)
{
    struct hn_buf file = { 0 };

    (void)state;
    write_numbered(&file, 1, 2);
    *at(&file, 120) = 1;
    *at(&file, 42) = 9;
    store_u32(at(&file, 124), hn_crc32(0, hn_bytes_of(file.ptr, 120)));
    assert_numbers(&file, " [dirty] 1 2 [truncated]");
    hn_buf_deinit(&file);
}

/* Without its header a file is still a row of chunks; so is a stream that starts with one. */
static void lost_file_header(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_buf chunks = { 0 };

    (void)state;
    write_numbered(&file, 1, 2);
    hn_buf_add(&chunks, at(&file, FIRST_CHUNK), EVTX_CHUNK_BYTES);
    assert_numbers(&chunks, "1 2");
    memset(file.ptr, 0, EVTX_FILE_HEADER_BYTES);
    assert_numbers(&file, " [damaged_header] 1 2");
    hn_buf_deinit(&chunks);
    hn_buf_deinit(&file);
}

/* A chunk without its magic is searched; unused room is not a finding. */
static void lost_chunk_header(void **state)
{
    struct hn_buf file = { 0 };

    (void)state;
    write_numbered(&file, 1, 3);
    hn_buf_add_repeat(&file, '\0', EVTX_CHUNK_BYTES);
    assert_numbers(&file, "1 2 3");
    memset(at(&file, FIRST_CHUNK), 0, 64);
    assert_numbers(&file, " [damaged_header] 1! 2 3 [truncated]");
    hn_buf_deinit(&file);
}

/* The free space may begin anywhere, as far as a damaged header says. */
static void wrong_free_offset(void **state)
{
    struct hn_buf file = { 0 };
    size_t third;

    (void)state;
    write_numbered(&file, 1, 3);
    third = record_at(&file, FIRST_CHUNK, 2) - FIRST_CHUNK;
    store_u32(at(&file, FIRST_CHUNK + 48), (uint32_t)third);
    sign(&file, FIRST_CHUNK);
    assert_numbers(&file, "1 2 3!"); /* written, and not yet counted */
    store_u32(at(&file, FIRST_CHUNK + 48), (uint32_t)third + 100);
    sign(&file, FIRST_CHUNK);
    assert_numbers(&file, "1 2 [damaged_record] 3?");
    store_u32(at(&file, FIRST_CHUNK + 48), EVTX_CHUNK_BYTES);
    sign(&file, FIRST_CHUNK);
    assert_numbers(&file, "1 2 3"); /* archived logs count the unused space as used */
    store_u32(at(&file, FIRST_CHUNK + 48), 17);
    assert_numbers(&file, " [damaged_header] 1 2 3");
    store_u32(at(&file, FIRST_CHUNK + 48), 0xFFFFFFFF);
    assert_numbers(&file, " [damaged_header] 1 2 3");
    hn_buf_deinit(&file);
}

/* ---- Records ----------------------------------------------------------------------------------
 */

/* The size of a record is wrong in front, behind, or none at all: its binary XML ends itself. */
static void wrong_sizes(void **state)
{
    static const uint32_t sizes[] = { 0, 1, 27, 28, 100, 65536, 0xFFFFFFFF };
    struct hn_buf file = { 0 };
    size_t second;
    uint32_t size;

    (void)state;
    write_numbered(&file, 1, 3);
    second = record_at(&file, FIRST_CHUNK, 1);
    size = hn_load_u32(at(&file, second + 4));
    for (size_t i = 0; i < HN_COUNT_OF(sizes); i++) {
        store_u32(at(&file, second + 4), sizes[i]);
        sign(&file, FIRST_CHUNK);
        assert_numbers(&file, "1 [damaged_record] 2? 3");
    }
    store_u32(at(&file, second + 4), size);
    store_u32(at(&file, second + size - 4), size + 8);
    sign(&file, FIRST_CHUNK);
    assert_numbers(&file, "1 [damaged_record] 2? 3");
    hn_buf_deinit(&file);
}

/* Zeros over part of the chunk: what is behind them is found again. */
static void hole(void **state)
{
    struct hn_buf file = { 0 };
    size_t second;

    (void)state;
    write_numbered(&file, 1, 5);
    second = record_at(&file, FIRST_CHUNK, 1);
    memset(at(&file, second), 0, record_at(&file, FIRST_CHUNK, 3) - second - 8);
    sign(&file, FIRST_CHUNK);
    assert_numbers(&file, "1 [damaged_record] 4! [gap] 5");
    hn_buf_deinit(&file);
}

/* The template of the data is lost: the values come without names. The template of the event is
 * lost: so do all values, and number and time come from the record's header. */
static void lost_templates(void **state)
{
    struct hn_buf file = { 0 };
    size_t second;
    uint32_t outer;
    size_t inner;
    struct dump dump = { 0 };

    (void)state;
    write_numbered(&file, 1, 2);
    second = record_at(&file, FIRST_CHUNK, 1);
    outer = hn_load_u32(at(&file, second + EVTX_RECORD_HEADER_BYTES + 10));
    inner = second + EVTX_RECORD_HEADER_BYTES + 4; /* the second record has no definitions in it */
    while (memcmp(at(&file, inner), "\x0F\x01\x01\x00\x0C\x01", 6) != 0)
        inner++;
    store_u32(at(&file, inner + 6), 0x12345678); /* refers to another template than there is */
    sign(&file, FIRST_CHUNK);
    assert_numbers(&file, "1 [damaged_record] -?");
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_non_null(strstr(dump.text.ptr, "EventRecordID=2\n"));
    assert_non_null(strstr(dump.text.ptr, "Data=2\n"));
    hn_buf_reset(&dump.text);
    memset(at(&file, FIRST_CHUNK + outer + 4), 0xEE, 4); /* the GUID of the definition */
    sign(&file, FIRST_CHUNK);
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_int_equal(dump.events, 4); /* two of them before */
    assert_non_null(strstr(dump.text.ptr, "TimeCreated=2026-11-23T01:02:03.456789Z\n"
                                          "EventRecordID=1\nData=4\n"));
    assert_non_null(strstr(dump.text.ptr, "Data=S-1-5-18\n"));
    hn_buf_deinit(&dump.text);
    hn_buf_deinit(&file);
}

/* A name that was written over does not fit its hash any more and is not believed. */
static void lost_names(void **state)
{
    static const char utf16_version[] = "V\0e\0r\0s\0i\0o\0n";
    static const char utf16_event[] = "E\0v\0e\0n\0t\0\0";
    struct hn_buf file = { 0 };
    struct dump dump = { 0 };
    size_t found;

    (void)state;
    write_numbered(&file, 1, 1);
    found = hn_text_find(hn_buf_text(&file), hn_text_of(utf16_version, 13), 0);
    assert_true(found != SIZE_MAX);
    *at(&file, found) = 'v';
    sign(&file, FIRST_CHUNK);
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_non_null(strstr(dump.text.ptr, "EventID=4711\nData=2\nLevel=4\n"));
    hn_buf_reset(&dump.text);
    found = hn_text_find(hn_buf_text(&file), hn_text_of(utf16_event, 11), 0);
    assert_true(found != SIZE_MAX);
    *at(&file, found) = 'e'; /* without <Event> nothing is what it seems */
    sign(&file, FIRST_CHUNK);
    assert_int_equal(dump_input(&decode_format_evtx, bytes_of(&file), &dump), HN_OK);
    assert_non_null(strstr(dump.text.ptr, "EventRecordID=1\nData=4\n"));
    hn_buf_deinit(&dump.text);
    hn_buf_deinit(&file);
}

/* ---- Leftovers --------------------------------------------------------------------------------
 */

/* Records left in the free space are read unless the chunk has them, or the one before had them at
 * the same place: Windows writes every chunk from the same buffer. */
static void free_space(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_buf older = { 0 };
    size_t end;
    size_t third;

    (void)state;
    write_numbered(&file, 1, 3);
    end = FIRST_CHUNK + hn_load_u32(at(&file, FIRST_CHUNK + 48));
    third = record_at(&file, FIRST_CHUNK, 2);
    memcpy(at(&file, end), at(&file, third), end - third);
    assert_numbers(&file, "1 2 3");
    *at(&file, end + 8) = 77; /* another number: another record */
    assert_numbers(&file, "1 2 3 3!");
    /* What it refers to is not there any more, which is no damage to this log. */
    store_u32(at(&file, end + 34), EVTX_CHUNK_BYTES - 16);
    assert_numbers(&file, "1 2 3 [incomplete] 3!");
    memcpy(at(&file, end + 34), at(&file, third + 34), 4);

    /* A second chunk of one record over a copy of the first. */
    write_numbered(&older, 4, 1);
    assert_true(hn_buf_reserve(&file, EVTX_CHUNK_BYTES));
    hn_buf_add(&file, at(&file, FIRST_CHUNK), EVTX_CHUNK_BYTES);
    memcpy(at(&file, FIRST_CHUNK + EVTX_CHUNK_BYTES), at(&older, FIRST_CHUNK),
            hn_load_u32(at(&older, FIRST_CHUNK + 48)));
    *at(&file, 42) = 2;
    store_u32(at(&file, 124), hn_crc32(0, hn_bytes_of(file.ptr, 120)));
    assert_numbers(&file, "1 2 3 3! 4");
    hn_buf_deinit(&older);
    hn_buf_deinit(&file);
}

/* Things in the free space that only look like records do not become events. */
static void false_friends(void **state)
{
    struct hn_buf file = { 0 };
    size_t end;

    (void)state;
    write_numbered(&file, 1, 1);
    end = FIRST_CHUNK + hn_load_u32(at(&file, FIRST_CHUNK + 48));
    memcpy(at(&file, end), "**\0\0", 4);
    memcpy(at(&file, end + 40), "**\0\0\x30\0\0\0", 8);
    memcpy(at(&file, end + 40 + EVTX_RECORD_HEADER_BYTES), "\x0F\x01\x01\0\x99\x99", 6);
    memcpy(at(&file, file.len - 4), "**\0\0", 4);
    assert_numbers(&file, "1");
    hn_buf_deinit(&file);
}

/* ---- The stream as a whole --------------------------------------------------------------------
 */

/* Bytes lost or inserted between chunks: the next chunk is found where it now is. */
static void shifted_chunks(void **state)
{
    struct hn_buf first = { 0 };
    struct hn_buf second = { 0 };
    struct hn_buf file = { 0 };

    (void)state;
    write_numbered(&first, 1, 2);
    write_numbered(&second, 3, 2);
    hn_buf_add(&file, first.ptr, first.len);
    hn_buf_add_repeat(&file, 'x', 1000);
    hn_buf_add(&file, at(&second, FIRST_CHUNK), EVTX_CHUNK_BYTES);
    *at(&file, 42) = 2;
    store_u32(at(&file, 124), hn_crc32(0, hn_bytes_of(file.ptr, 120)));
    assert_numbers(&file, "1 2 [damaged_header] 3 4");
    hn_buf_reset(&file);
    hn_buf_add(&file, first.ptr, first.len - 60000);
    hn_buf_add(&file, at(&second, FIRST_CHUNK), EVTX_CHUNK_BYTES);
    *at(&file, 42) = 2;
    store_u32(at(&file, 124), hn_crc32(0, hn_bytes_of(file.ptr, 120)));
    assert_numbers(&file, " [truncated] 1 2 3 4");
    hn_buf_deinit(&file);
    hn_buf_deinit(&second);
    hn_buf_deinit(&first);
}

/* What looks like a chunk's header in leftover data does not move the chunks behind it. */
static void header_in_a_value(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_buf next = { 0 };

    (void)state;
    write_numbered(&file, 1, 2);
    write_numbered(&next, 3, 2);
    memcpy(at(&file, FIRST_CHUNK + 40000), at(&next, FIRST_CHUNK), 512);
    hn_buf_add(&file, at(&next, FIRST_CHUNK), EVTX_CHUNK_BYTES);
    *at(&file, 42) = 2;
    store_u32(at(&file, 124), hn_crc32(0, hn_bytes_of(file.ptr, 120)));
    assert_numbers(&file, "1 2 3 4");
    hn_buf_deinit(&next);
    hn_buf_deinit(&file);
}

/* Missing numbers are said once where they are missing, inside a chunk and between chunks; a log
 * that has gone round is no gap. */
static void gaps(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_buf next = { 0 };

    (void)state;
    write_numbered(&file, 10, 2);
    *at(&file, record_at(&file, FIRST_CHUNK, 1) + 8) = 15;
    *at(&file, FIRST_CHUNK + 32) = 15; /* the last number, in the chunk's header */
    sign(&file, FIRST_CHUNK);
    assert_numbers(&file, "10 [gap] 11");
    write_numbered(&next, 20, 1);
    hn_buf_add(&file, at(&next, FIRST_CHUNK), EVTX_CHUNK_BYTES);
    *at(&file, 42) = 2;
    store_u32(at(&file, 124), hn_crc32(0, hn_bytes_of(file.ptr, 120)));
    assert_numbers(&file, "10 [gap] 11 [gap] 20");
    hn_buf_reset(&next);
    write_numbered(&next, 3, 1);
    memcpy(at(&file, FIRST_CHUNK + EVTX_CHUNK_BYTES), at(&next, FIRST_CHUNK), EVTX_CHUNK_BYTES);
    assert_numbers(&file, "10 [gap] 11 3");
    hn_buf_deinit(&next);
    hn_buf_deinit(&file);
}

/* Every byte of a small file set to each of some values: never a crash, never more than there is.
 */
static void every_byte_changed(void **state)
{
    static const char *const names[] = { "N", "EventRecordID", "Data" };
    static const uint8_t values[] = { 0x00, 0x01, 0x0C, 0x80, 0xFF };
    struct hn_schema *schema = invariant_schema(names, HN_COUNT_OF(names));
    struct hn_buf file = { 0 };
    size_t end;

    (void)state;
    write_numbered(&file, 1, 2);
    end = FIRST_CHUNK + hn_load_u32(at(&file, FIRST_CHUNK + 48)) + 32;
    for (size_t offset = FIRST_RECORD; offset < end; offset++) {
        uint8_t before = *at(&file, offset);

        for (size_t i = 0; i < HN_COUNT_OF(values); i++) {
            *at(&file, offset) = values[i];
            assert_in_range(
                    invariant_run(&decode_format_evtx, schema,
                            hn_bytes_of(at(&file, FIRST_CHUNK), end - FIRST_CHUNK), true, 100000),
                    0, 3);
        }
        *at(&file, offset) = before;
    }
    hn_buf_deinit(&file);
    hn_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums),
        cmocka_unit_test(dirty_and_cut),
        cmocka_unit_test(lost_file_header),
        cmocka_unit_test(lost_chunk_header),
        cmocka_unit_test(wrong_free_offset),
        cmocka_unit_test(wrong_sizes),
        cmocka_unit_test(hole),
        cmocka_unit_test(lost_templates),
        cmocka_unit_test(lost_names),
        cmocka_unit_test(free_space),
        cmocka_unit_test(false_friends),
        cmocka_unit_test(shifted_chunks),
        cmocka_unit_test(header_in_a_value),
        cmocka_unit_test(gaps),
        cmocka_unit_test(every_byte_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
