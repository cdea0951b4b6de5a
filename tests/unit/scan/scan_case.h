/* scan_case.h - files in a folder of their own, scanned with given rules; what came out as text. */
#ifndef HN_TESTS_UNIT_SCAN_SCAN_CASE_H
#define HN_TESTS_UNIT_SCAN_SCAN_CASE_H

#include "base/mem.h"
#include "scan/scan.h"
#include "support/check.h"
#include "support/judge_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct scan_case {
    char folder[64];
    struct judge_set *judge;
    struct scan_options options;
    struct scan_summary summary;
    struct hn_buf out;      /* alerts */
    struct hn_buf findings; /* "name:line@offset kind" */
    struct hn_buf problems;
    unsigned lines_out;
    unsigned stop_after; /* lines; 0: never */
    void (*on_line)(struct scan_case *c);
    char path[128]; /* of the last scan_case_path() */
};

/* For lines of scan_case_line(). Three evil commands in an hour on a host are a correlation. */
#define SCAN_CASE_SOURCE "level: high\nlogsource: {product: windows, service: security}\n"
#define SCAN_CASE_RULES                                                                       \
    "title: evil\nname: evil\nid: 11111111-1111-4111-8111-111111111111\n" SCAN_CASE_SOURCE    \
    "detection: {s: {CommandLine|contains: evil}, condition: s}\n"                            \
    "---\ntitle: word\n" SCAN_CASE_SOURCE "detection: {k: ['needle'], condition: k}\n"        \
    "---\ntitle: three\nlevel: low\ncorrelation:\n    type: event_count\n    rules: [evil]\n" \
    "    generate: true\n    group-by: [Computer]\n    timespan: 1h\n    condition: {gte: 3}\n"

/* A Windows event as a JSON line. */
HN_UNUSED static void scan_case_line(
        struct hn_buf *out, const char *host, unsigned minute, const char *command)
{
    hn_buf_addf(out,
            "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"%s\","
            "\"TimeCreated\":\"2024-03-01T%02u:%02u:00Z\",\"CommandLine\":\"%s\"}\n",
            host, minute / 60 % 24, minute % 60, command);
}

HN_UNUSED static bool scan_case_on_bytes(void *ctx, struct hn_text bytes)
{
    struct scan_case *c = ctx;
    struct hn_text line;

    while (hn_text_line(&bytes, &line)) {
        hn_buf_add_text(&c->out, line);
        hn_buf_add_char(&c->out, '\n');
        c->lines_out++;
        if (c->on_line != NULL)
            c->on_line(c);
        if (c->lines_out == c->stop_after)
            return false;
    }
    return true;
}

HN_UNUSED static void scan_case_on_finding(
        void *ctx, const struct scan_entry *entry, const struct hn_finding *finding)
{
    struct scan_case *c = ctx;

    hn_buf_add_text(&c->findings, entry->name);
    hn_buf_addf(&c->findings, ":%llu@%llu %s\n", (unsigned long long)finding->line,
            (unsigned long long)finding->offset, hn_finding_text(finding->kind));
}

HN_UNUSED static void scan_case_on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct scan_case *c = ctx;

    (void)message;
    hn_buf_add_text(&c->problems, name);
    hn_buf_addf(&c->problems, " %s %s\n", hn_status_text(status), hn_finding_text(kind));
}

HN_UNUSED static void scan_case_open(struct scan_case *c, const char *rules)
{
    memset(c, 0, sizeof *c);
    (void)snprintf(c->folder, sizeof c->folder, "/tmp/hinomi-scan-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
    c->judge = judge_make(rules, NULL, (struct hn_digest){ 0, 0 });
    c->options = (struct scan_options){ .set = c->judge,
        .since = HN_TIME_NONE,
        .until = HN_TIME_NONE,
        .write_alerts = true,
        .on_bytes = scan_case_on_bytes,
        .on_finding = scan_case_on_finding,
        .on_problem = scan_case_on_problem,
        .ctx = c };
    c->options.pipeline.threads = 1;
}

HN_UNUSED static void scan_case_close(struct scan_case *c)
{
    char command[128];

    judge_set_unref(c->judge);
    hn_free(c->summary.rules);
    hn_buf_deinit(&c->out);
    hn_buf_deinit(&c->findings);
    hn_buf_deinit(&c->problems);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", c->folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

HN_UNUSED static const char *scan_case_path(struct scan_case *c, const char *name)
{
    (void)snprintf(c->path, sizeof c->path, "%s/%s", c->folder, name);
    return c->path;
}

HN_UNUSED static void scan_case_write(struct scan_case *c, const char *name, struct hn_text text)
{
    FILE *file = fopen(scan_case_path(c, name), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

/* Scans the folder, or one input; what came out replaces what was there. */
HN_UNUSED static enum hn_status scan_case_run(
        struct scan_case *c, const char *input, unsigned threads)
{
    const char *inputs[] = { input == NULL ? c->folder : input };

    hn_buf_reset(&c->out);
    hn_buf_reset(&c->findings);
    hn_buf_reset(&c->problems);
    c->lines_out = 0;
    hn_free(c->summary.rules);
    memset(&c->summary, 0, sizeof c->summary);
    c->options.pipeline.inputs = inputs;
    c->options.pipeline.input_count = 1;
    c->options.pipeline.threads = threads;
    return scan_run(&c->options, &c->summary, NULL);
}

#endif
