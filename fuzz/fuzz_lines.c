/* fuzz: decode */
/* fuzz_lines.c - any bytes as what they are taken for: recognition always ends, and whatever format
 * it names decodes them; as plain lines everything in them is an event's text.
 *
 * Oracle: decode_oracle.h for lines; for the recognised format that it ends well. */
#include "decode_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_event(void *ctx, struct hn_event *event)
{
    hn_event_resolve(event);
    (void)hn_event_time(event, NULL);
    (*(size_t *)ctx)++;
    return true;
}

static void run_recognised(struct hn_bytes in)
{
    static struct hn_event event;
    const struct decode_options options = { .limits = { 0, 0 } };
    const struct decode_format *format = decode_detect(in, HN_TEXT(""));
    size_t events = 0;
    const struct decode_sink sink = { .on_event = on_event, .ctx = &events };

    if (event.schema == NULL) {
        static struct case_options names;

        oracle_check(hn_event_init(&event, oracle_schema(&names, 0), NULL, true) == HN_OK);
    }
    if (format != NULL)
        oracle_check(decode_all(format, &options, in, &event, &sink) == HN_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "Message" };

    if (size > ORACLE_INPUT_MAX)
        return 0;
    run_recognised(hn_bytes_of(data, size));
    return oracle_run("lines", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
