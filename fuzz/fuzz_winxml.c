/* fuzz: decode */
/* fuzz_winxml.c - Windows events as XML text, in any encoding and any pieces.
 *
 * Oracle: tests/support/decode_invariants.h. Seeds: tests/golden/winxml. A comment or CDATA
 * section, which Windows never writes, may hold what looks like the end of an event: where a buffer
 * ends there, the event is cut; such inputs are not compared in pieces. */
#include "../tests/support/decode_invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* UTF-16 is converted: then raw bytes are not the input's. */
static bool is_utf16(const uint8_t *data, size_t size)
{
    return size >= 2 &&
           ((data[0] == 0xFF && data[1] == 0xFE) || (data[0] == 0xFE && data[1] == 0xFF) ||
                   data[0] == 0 || data[1] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "A", "Data", "CommandLine", "EventRecordID", "TimeCreated",
        "Security_UserID", "Provider_Guid", "A.B", "Nested.Inner" };
    static struct hn_schema *schema;
    const struct decode_format *format = decode_format_find(HN_TEXT("winxml"));
    size_t piece;

    if (schema == NULL)
        schema = invariant_schema(names, HN_COUNT_OF(names));
    piece = size > 0 && memchr(data, '!', size) != NULL ? size + 1 : 100;
    (void)invariant_run(format, schema, hn_bytes_of(data, size), !is_utf16(data, size), piece);
    return 0;
}
