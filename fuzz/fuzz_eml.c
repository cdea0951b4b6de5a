/* fuzz: mail support */
/* fuzz_eml.c - mails and mailboxes.
 *
 * Oracle: mail_oracle.h; and whatever the bytes, a mail that has them attached gives them back. */
#include "mail_oracle.h"
#include "support/mail_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mail_writer *writer = mail_writer_new(MAIL_WRITER_UTF8);
    struct hn_buf mail = { 0 };
    struct hn_bytes bytes = hn_bytes_of(data, size);

    mail_oracle(DISSECT_EML, bytes);
    if (mail_is_mbox(bytes))
        mail_oracle(DISSECT_MBOX, bytes);
    mail_writer_header(writer, "Subject", "s");
    mail_writer_attach(writer, "a.bin", "application/octet-stream", bytes);
    mail_writer_finish(writer, &mail);
    mail_oracle_has(DISSECT_EML, hn_text_as_bytes(hn_buf_text(&mail)), HN_TEXT("a.bin"), bytes);
    hn_buf_deinit(&mail);
    mail_writer_free(writer);
    return 0;
}
