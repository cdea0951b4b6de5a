/* fuzz_doc.c - the two streams of a Word document: two bytes say how long the first is. */
/* fuzz: office support */
#include "office_fuzz.h"

#include "support/cfb_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_buf file = { 0 };
    struct cfb_writer *cfb;
    size_t word;

    if (size < 2)
        return 0;
    word = (size_t)data[0] | (size_t)data[1] << 8;
    data += 2;
    size -= 2;
    if (word > size)
        word = size;
    cfb = cfb_writer_new(3);
    cfb_writer_stream(cfb, "WordDocument", hn_bytes_of(data, word));
    cfb_writer_stream(cfb, "1Table", hn_bytes_of(data + word, size - word));
    cfb_writer_stream(cfb, "0Table", hn_bytes_of(data + word, size - word));
    cfb_writer_stream(cfb, "Data", hn_bytes_of(data + word, size - word));
    cfb_writer_finish(cfb, &file);
    cfb_writer_free(cfb);
    dissect_free(office_fuzz_open(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_DOC));
    hn_buf_deinit(&file);
    return 0;
}
