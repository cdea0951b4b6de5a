/* test_audit_real.c - audit logs recorded by others (OTRF Security-Datasets) come out as the events
 * that their makers describe. Needs the data folder that HN_SHARED names, and unzip. */
#include "check_decode.h"

#include <stdlib.h>

#define LINUX_FOLDER "/data/otrf/datasets/atomic/linux/"

/* The only file of a zip; false (and a loud message) when it cannot be had. */
static bool read_zip(const char *name, struct hn_buf *ret_text)
{
    const char *shared = getenv("HN_SHARED");
    char command[4096];
    char part[4096];
    FILE *pipe;
    size_t got;

    if (shared == NULL || strchr(shared, '\'') != NULL)
        return false;
    (void)snprintf(
            command, sizeof command, "unzip -p '%s" LINUX_FOLDER "%s' 2>/dev/null", shared, name);
    pipe = popen(command, "r"); /* NOLINT(cert-env33-c): a fixed command over the test's own data */
    if (pipe == NULL)
        return false;
    while ((got = fread(part, 1, sizeof part, pipe)) > 0)
        hn_buf_add(ret_text, part, got);
    return pclose(pipe) == 0 && ret_text->len > 0;
}

/* Decodes one recording and looks for lines among what is printed. */
static void expect_lines(const char *name, size_t events, const char *const *lines)
{
    struct hn_buf text = { 0 };
    struct check check;

    if (!read_zip(name, &text)) {
        print_message("SKIPPED: no %s under HN_SHARED, or no unzip\n", name);
        hn_buf_deinit(&text);
        skip();
    }
    hn_buf_add_char(&text, '\0');
    check_init(&check);
    assert_ptr_equal(decode_detect(hn_bytes_of(text.ptr, text.len - 1), HN_TEXT("a.log")),
            check_format("auditd"));
    check_has(&check, "auditd", text.ptr, lines);
    assert_int_equal(check.events, events);
    assert_int_equal(check.findings, 0);
    check_deinit(&check);
    hn_buf_deinit(&text);
}

/* Discovery of neighbours: arp piped into grep. */
static void arp_cache(void **state)
{
    static const char *const lines[] = { "= linux | process_creation | auditd\n",
        "  Image: \"/usr/sbin/arp\"\n", "  CommandLine: \"arp -a\"\n", "  SYSCALL: \"execve\"\n",
        "  a0: \"arp\"\n", "  a1: \"-a\"\n", "  name: \"/lib64/ld-linux-x86-64.so.2\"\n",
        "  CommandLine: \"grep -v ^?\"\n", NULL };

    (void)state;
    expect_lines("discovery/host/sh_arp_cache.zip", 2, lines);
}

/* A file made longer with dd, to change its hash. */
static void binary_padding(void **state)
{
    static const char *const lines[] = { "= linux | process_creation | auditd\n",
        "  Image: \"/bin/dd\"\n", "  CommandLine: \"dd if=/dev/zero bs=1 count=1\"\n",
        "  CurrentDirectory: \"/home/wardog\"\n", NULL };

    (void)state;
    expect_lines("defense_evasion/host/sh_binary_padding_dd.zip", 1, lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arp_cache),
        cmocka_unit_test(binary_padding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
