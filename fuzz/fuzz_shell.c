/* fuzz: container */
/* fuzz_shell.c - files of the Windows shell: the oracle of container_fuzz.h. The first byte chooses
 * between jump lists, descriptions in XML, and themes and other shortcuts as text. */
#include "container_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        dissect_opener *open;
        enum dissect_format format;
    } kinds[] = {
        { container_open_jump_list, DISSECT_JUMP_LIST },
        { container_open_shell_xml, DISSECT_SHELL_XML },
        { container_open_url, DISSECT_SHELL_INI },
    };

    if (size > 0)
        container_fuzz(kinds[data[0] % 3].open, kinds[data[0] % 3].format, data + 1, size - 1);
    return 0;
}
