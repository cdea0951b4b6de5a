/* fuzz_biff.c - the stream of a binary workbook: besides the oracle, a record nobody knows at its
 * end changes nothing. */
/* fuzz: office support */
#include "office_fuzz.h"

#include "support/office_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As far as whole records go. */
static size_t whole_records(const uint8_t *data, size_t size)
{
    size_t at = 0;

    while (size - at >= 4) {
        size_t len = 4 + (size_t)data[at + 2] + ((size_t)data[at + 3] << 8);

        if (len > size - at)
            break;
        at += len;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_buf stream = { 0 };
    struct hn_buf file = { 0 };
    struct hn_buf longer = { 0 };
    struct dissect *first;
    struct dissect *second;

    hn_buf_add(&stream, data, whole_records(data, size));
    office_writer_stream("Workbook", hn_text_as_bytes(hn_buf_text(&stream)), &file);
    first = office_fuzz_open(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_XLS);
    office_writer_biff(&stream, 0x0FFF, "", 0);
    office_writer_stream("Workbook", hn_text_as_bytes(hn_buf_text(&stream)), &longer);
    second = office_tree(hn_text_as_bytes(hn_buf_text(&longer)), DISSECT_XLS);
    assert(second != NULL);
    office_fuzz_same(first, second);
    dissect_free(first);
    dissect_free(second);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&file);
    hn_buf_deinit(&longer);
    return 0;
}
