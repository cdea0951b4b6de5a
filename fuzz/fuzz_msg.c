/* fuzz: mail support */
/* fuzz_msg.c - Outlook's .msg.
 *
 * Oracle: mail_oracle.h; a .msg that has the bytes attached gives them back, and so does one that
 * has that one within it, which is taken out and written anew on the way. */
#include "mail_oracle.h"
#include "support/cfb_writer.h"

#define ATTACH "__attach_version1.0_#00000000/"
#define NAME   "__substg1.0_3707001F"
#define DATA   "__substg1.0_37010102"
#define OBJECT "__substg1.0_3701000D/"
#define PROPS  "__properties_version1.0"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_msg(struct hn_buf *out, struct hn_bytes bytes, const char *name, const char *path)
{
    struct cfb_writer *cfb = cfb_writer_new(3);

    cfb_writer_stream(cfb, name, hn_bytes_of("a\0", 2));
    cfb_writer_stream(cfb, path, bytes);
    cfb_writer_stream(cfb, ATTACH OBJECT PROPS, hn_bytes_of("123456781234567812345678", 24));
    cfb_writer_finish(cfb, out);
    cfb_writer_free(cfb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes bytes = hn_bytes_of(data, size);
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    bool found = false;

    mail_oracle(DISSECT_MSG, bytes);
    if (size == 0) /* an attachment without bytes is none */
        return 0;
    write_msg(&file, bytes, ATTACH OBJECT ATTACH NAME, ATTACH OBJECT ATTACH DATA);
    dissect = mail_oracle_open(DISSECT_MSG, hn_text_as_bytes(hn_buf_text(&file)));
    CHECK(dissect_count(dissect) >= 3);
    CHECK(dissect_get(dissect, 1)->format == DISSECT_MSG);
    for (uint32_t id = 2; id < dissect_count(dissect); id++) {
        found = found || (dissect_get(dissect, id)->parent == 1 &&
                                 hn_text_eq(dissect_get(dissect, id)->name, HN_TEXT("a")) &&
                                 hn_text_eq(hn_bytes_as_text(dissect_get(dissect, id)->data),
                                         hn_bytes_as_text(bytes)));
    }
    CHECK(found);
    dissect_free(dissect);
    hn_buf_deinit(&file);
    return 0;
}
