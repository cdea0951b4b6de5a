/* fuzz: config */
/* fuzz_config.c - any bytes as configuration. Oracle: what was accepted is shown as YAML that is
 * accepted again and shows the same. */
#include "config/config.h"

#include <assert.h>
#include <stddef.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text yaml = hn_text_of((const char *)data, size);
    struct config *first = NULL;
    struct config *second = NULL;
    struct hn_buf one = { 0 };
    struct hn_buf two = { 0 };

    if (config_new(&first) != HN_OK || config_new(&second) != HN_OK)
        return 0;
    if (config_read(first, HN_TEXT("f"), yaml, NULL, NULL) == HN_OK) {
        enum hn_status checked = config_check(first, NULL, NULL);

        assert(checked == HN_OK || checked == HN_SYNTAX);
        config_show(first, true, &one);
        assert(hn_buf_ok(&one));
        assert(config_read(second, HN_TEXT("s"), hn_buf_text(&one), NULL, NULL) == HN_OK);
        config_show(second, true, &two);
        assert(hn_text_eq(hn_buf_text(&one), hn_buf_text(&two)));
    }
    config_free(first);
    config_free(second);
    hn_buf_deinit(&one);
    hn_buf_deinit(&two);
    return 0;
}
