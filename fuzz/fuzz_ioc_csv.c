/* fuzz_ioc_csv.c - tables: the first line is the column mapping ("" for none), the rest the file.
 * The report adds up and each indicator taken is found again. */
/* fuzz: ioc */
#include "ioc_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text rest = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_text columns = HN_TEXT("");

    (void)hn_text_split(&rest, '\n', &columns);
    fuzz_file(IOC_FORMAT_CSV, hn_text_as_bytes(rest), columns);
    return 0;
}
