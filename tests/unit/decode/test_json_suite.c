/* test_json_suite.c - the JSON reader against nst/JSONTestSuite (shared data). */
#include "decode/decode_internal.h"
#include "support/shared.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Everything named y_ is accepted, everything named n_ refused; i_ must only not break anything. */
static void suite_is_followed_to_the_letter(void **state)
{
    char *folder = shared_path_or_skip("data/json-test-suite/test_parsing");
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    unsigned accepted = 0;
    unsigned refused = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[1024];
        struct hn_bytes bytes;
        bool valid;

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        bytes = shared_read(path);
        valid = decode_json_valid(hn_bytes_as_text(bytes));
        if (entry->d_name[0] == 'y' && !valid)
            fail_msg("%s is refused", entry->d_name);
        if (entry->d_name[0] == 'n' && valid)
            fail_msg("%s is accepted", entry->d_name);
        accepted += entry->d_name[0] == 'y';
        refused += entry->d_name[0] == 'n';
        shared_free(bytes);
    }
    (void)closedir(dir);
    free(folder);
    assert_true(accepted >= 90 && refused >= 180);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suite_is_followed_to_the_letter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
