/* bench: decode */
/* bench_evtx.c - decodes event logs and writes or counts what is in them.
 *
 *   bench_evtx json FILE...            every event as a JSON line, fields as pairs in order
 *   bench_evtx all FILE...             the same work up to the fields, nothing written
 *   bench_evtx wanted NAMES FILE...    only the fields whose names stand in the file NAMES
 *
 * With HN_REPEAT=n each file is decoded n times. Figures go to standard error: events, values,
 * findings, seconds, MB/s. tools/conformance/evtx_compare reads the JSON lines. */
#include "base/buf.h"
#include "base/json_out.h"
#include "base/num.h"
#include "decode/decode.h"

#include <stdlib.h>

struct tally {
    struct hn_buf out;
    bool write;
    uint64_t events;
    uint64_t values;
    uint64_t recovered;
    uint64_t findings[HN_FINDING_COUNT];
};

static void write_value(struct hn_json_out *out, struct hn_event *event, uint32_t index)
{
    const struct hn_value *value = &event->values[index];

    if (value->type == HN_TYPE_NULL)
        hn_json_null(out);
    else if (value->type == HN_TYPE_BOOL)
        hn_json_bool(out, value->number.i != 0);
    else if (value->type == HN_TYPE_INT && value->form == HN_FORM_NUMBER)
        hn_json_i64(out, value->number.i);
    else if (value->type == HN_TYPE_UINT && value->form == HN_FORM_NUMBER)
        hn_json_u64(out, value->number.u);
    else
        hn_json_text(out, hn_event_text(event, index));
}

static void write_event(struct tally *tally, struct hn_event *event)
{
    struct hn_json_out out = hn_json_out_over(&tally->out);
    char time[HN_TIME_TEXT_MAX];

    hn_json_open(&out, '{');
    hn_json_pair_u64(&out, "offset", event->offset);
    hn_json_pair(&out, "time", hn_text_of(time, hn_time_write(event->time, 0, time)));
    hn_json_key(&out, HN_TEXT("findings"));
    hn_json_open(&out, '[');
    for (uint32_t kind = 0; kind < HN_FINDING_COUNT; kind++) {
        if ((event->findings >> kind & 1) != 0)
            hn_json_text(&out, hn_text_cstr(hn_finding_id((enum hn_finding_kind)kind)));
    }
    hn_json_close(&out, ']');
    hn_json_key(&out, HN_TEXT("fields"));
    hn_json_open(&out, '[');
    for (size_t i = 0; i < event->named.count; i++) {
        hn_json_open(&out, '[');
        hn_json_text(&out, event->named.ptr[i].name);
        write_value(&out, event, event->named.ptr[i].index);
        hn_json_close(&out, ']');
    }
    hn_json_close(&out, ']');
    hn_json_close(&out, '}');
    hn_buf_add_char(&tally->out, '\n');
    if (tally->out.len > (size_t)1 << 20) {
        (void)fwrite(tally->out.ptr, 1, tally->out.len, stdout);
        hn_buf_reset(&tally->out);
    }
}

static bool on_event(void *ctx, struct hn_event *event)
{
    struct tally *tally = ctx;

    tally->events++;
    tally->values += event->value_count;
    tally->recovered += event->findings >> HN_FINDING_RECOVERED & 1;
    if (tally->write)
        write_event(tally, event);
    return true;
}

static void on_finding(void *ctx, const struct hn_finding *finding)
{
    struct tally *tally = ctx;

    tally->findings[finding->kind]++;
    if (getenv("HN_FINDINGS") != NULL)
        (void)fprintf(stderr, "%s at %llu\n", hn_finding_id(finding->kind),
                (unsigned long long)finding->offset);
}

static struct hn_buf read_file(const char *path)
{
    struct hn_buf buf = { 0 };
    FILE *file = fopen(path, "rb");
    size_t got = 1;

    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    while (got > 0 && hn_buf_reserve(&buf, (size_t)1 << 20)) {
        got = fread(buf.ptr + buf.len, 1, (size_t)1 << 20, file);
        buf.len += got;
    }
    (void)fclose(file);
    return buf;
}

static struct hn_schema *schema_of(const char *names_path)
{
    struct hn_schema *schema = hn_schema_new();
    struct hn_buf names = { 0 };
    struct hn_text rest;
    struct hn_text line;

    if (names_path != NULL)
        names = read_file(names_path);
    rest = hn_buf_text(&names);
    while (rest.ptr != NULL && hn_text_line(&rest, &line)) {
        if (line.len > 0 && hn_schema_want(schema, line) == HN_FIELD_NONE)
            exit(EXIT_FAILURE);
    }
    if (hn_schema_seal(schema, NULL) != HN_OK)
        exit(EXIT_FAILURE);
    hn_buf_deinit(&names);
    return schema;
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_figures(const struct tally *tally, double bytes, double took)
{
    (void)fprintf(stderr, "%llu events, %llu values, %llu recovered, %.1f MB, %.3f s, %.1f MB/s\n",
            (unsigned long long)tally->events, (unsigned long long)tally->values,
            (unsigned long long)tally->recovered, bytes / 1e6, took, bytes / 1e6 / took);
    for (uint32_t kind = 0; kind < HN_FINDING_COUNT; kind++) {
        if (tally->findings[kind] > 0)
            (void)fprintf(stderr, "  %s %llu\n", hn_finding_id((enum hn_finding_kind)kind),
                    (unsigned long long)tally->findings[kind]);
    }
}

int main(int argc, char **argv)
{
    bool wanted = argc > 2 && strcmp(argv[1], "wanted") == 0;
    int first = wanted ? 3 : 2;
    const char *repeat_text = getenv("HN_REPEAT");
    uint64_t repeat = 1;
    struct tally tally = { 0 };
    struct hn_schema *schema;
    struct hn_event event;
    double bytes = 0;
    double took = 0;

    if (argc <= first) {
        (void)fprintf(stderr, "usage: bench_evtx json|all|wanted NAMES FILE...\n");
        return EXIT_FAILURE;
    }
    if (repeat_text != NULL)
        (void)hn_parse_u64(hn_text_cstr(repeat_text), &repeat);
    tally.write = strcmp(argv[1], "json") == 0;
    schema = schema_of(wanted ? argv[2] : NULL);
    if (hn_event_init(&event, schema, NULL, !wanted) != HN_OK)
        return EXIT_FAILURE;
    for (int i = first; i < argc; i++) {
        struct hn_buf buf = read_file(argv[i]);
        struct hn_bytes in = hn_text_as_bytes(hn_buf_text(&buf));
        const struct decode_format *format = decode_detect(in, hn_text_cstr(argv[i]));
        struct decode_options options = { 0 };
        struct decode_sink sink = { on_event, on_finding, &tally };
        double start = seconds();

        for (uint64_t n = 0; n < repeat && format != NULL; n++) {
            if (decode_all(format, &options, in, &event, &sink) != HN_OK)
                (void)fprintf(stderr, "%s: failed\n", argv[i]);
        }
        took += seconds() - start;
        bytes += (double)in.len * (double)repeat;
        hn_buf_deinit(&buf);
    }
    (void)fwrite(tally.out.ptr == NULL ? "" : tally.out.ptr, 1, tally.out.len, stdout);
    print_figures(&tally, bytes, took);
    hn_buf_deinit(&tally.out);
    hn_event_deinit(&event);
    hn_schema_free(schema);
    return EXIT_SUCCESS;
}
