/* fuzz: container */
/* fuzz_settings.c - files of settings that act, XML and plain texts: the oracle of
 * container_fuzz.h. The first byte chooses between remote desktop, web queries, registry, set-up
 * information, XML and text. */
#include "container_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        dissect_opener *open;
        enum dissect_format format;
    } kinds[] = {
        { container_open_rdp, DISSECT_RDP },
        { container_open_iqy, DISSECT_IQY },
        { container_open_reg, DISSECT_REG },
        { container_open_inf, DISSECT_INF },
        { container_open_xml, DISSECT_XML },
        { container_open_text, DISSECT_TEXT },
    };

    if (size > 0)
        container_fuzz(kinds[data[0] % 6].open, kinds[data[0] % 6].format, data + 1, size - 1);
    return 0;
}
