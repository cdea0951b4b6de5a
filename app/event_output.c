/* event_output.c - options of event lines, and the schema that they need. */
#include "app/event_output.h"

#include "app/exit_code.h"
#include "app/input_options.h"
#include "app/ui.h"
#include "base/mem.h"

/* "Image, CommandLine" */
static int read_fields(const char *list, struct event_output *output)
{
    struct hn_text rest = hn_text_cstr(list);
    struct hn_text part;
    uint32_t count = 1;

    for (const char *p = list; *p != '\0'; p++)
        count += *p == ',';
    output->labels = hn_calloc(count, sizeof *output->labels);
    output->fields = hn_calloc(count, sizeof *output->fields);
    if (output->labels == NULL || output->fields == NULL)
        return EXIT_IO;
    while (hn_text_split(&rest, ',', &part)) {
        part = hn_text_trim(part);
        if (part.len > 0)
            output->labels[output->count++] = part;
    }
    if (output->count > 0)
        return EXIT_FINE;
    ui_error("%s", UI_TEXT("--fields needs at least one name", "--fields に項目名がありません"));
    return EXIT_USAGE;
}

static int added_fields(struct event_output *output)
{
    output->fields = hn_calloc(hn_normal_names_count, sizeof *output->fields);
    output->labels = hn_calloc(hn_normal_names_count, sizeof *output->labels);
    if (output->fields == NULL || output->labels == NULL)
        return EXIT_IO;
    for (size_t i = 0; i < hn_normal_names_count; i++)
        output->labels[i] = hn_text_cstr(hn_normal_names[i]);
    output->count = (uint32_t)hn_normal_names_count;
    return EXIT_FINE;
}

int event_output_read(const struct opt_values *values, const struct input_settings *settings,
        bool csv, struct event_output *output)
{
    const char *fields = opt_text(values, O_FIELDS);

    output->line.zone = settings->zone;
    output->line.raw = opt_flag(values, O_RAW);
    output->time = &settings->pipeline.decode.time;
    output->csv = csv;
    output->all = fields == NULL;
    if (!output->all)
        return read_fields(fields, output);
    if (csv) {
        ui_error("%s", UI_TEXT("CSV needs --fields: every line has the same columns",
                               "CSV では --fields で列を指定してください"));
        return EXIT_USAGE;
    }
    return opt_flag(values, O_AS_DECODED) ? EXIT_FINE : added_fields(output);
}

void event_output_deinit(struct event_output *output)
{
    hn_free(output->fields);
    hn_free(output->labels);
}

enum hn_status event_output_want(struct event_output *output, struct hn_schema *schema)
{
    for (uint32_t i = 0; i < output->count; i++) {
        output->fields[i] = hn_schema_want(schema, output->labels[i]);
        if (output->fields[i] == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    if (output->all) {
        output->line.added = output->fields;
        output->line.added_count = output->count;
    } else {
        output->line.only = output->fields;
        output->line.labels = output->labels;
        output->line.only_count = output->count;
    }
    return hn_schema_want_context(schema);
}

void event_output_write(const struct event_output *output, struct hn_event *event,
        struct hn_text file, const struct alert_match *matches, uint32_t match_count,
        struct hn_buf *out)
{
    struct alert_line line = { .event = event,
        .file = file,
        .time = hn_event_time(event, output->time),
        .host = hn_event_host(event),
        .user = hn_event_user(event),
        .matches = matches,
        .match_count = match_count };

    if (output->csv)
        alert_line_csv(&line, &output->line, out);
    else
        alert_line_json(&line, &output->line, out);
}
