/* input_options.c - from option values to settings of the scan pipeline. */
#include "app/input_options.h"

#include "app/exit_code.h"
#include "app/ui.h"
#include "base/mem.h"

#include <stdio.h>
#include <time.h>

bool input_time_parse(const char *text, const struct hn_zone *zone, hn_time *ret_time)
{
    struct hn_time_defaults defaults = { .zone = zone };
    struct timespec now;
    hn_time span;

    if (text == NULL) {
        *ret_time = HN_TIME_NONE;
        return true;
    }
    if (hn_duration_parse(hn_text_cstr(text), &span)) {
        (void)clock_gettime(CLOCK_REALTIME, &now);
        *ret_time = (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec - span;
        return true;
    }
    *ret_time = hn_time_parse(hn_text_cstr(text), &defaults);
    if (*ret_time != HN_TIME_NONE)
        return true;
    ui_error(UI_TEXT("\"%s\" is neither a time nor a duration",
                     "\"%s\" は時刻でも長さでもありません"),
            text);
    return false;
}

static int apply_time(const struct opt_values *values, struct input_settings *settings)
{
    const char *zone = opt_text(values, O_TZ);
    struct hn_err err = { 0 };
    struct timespec now;

    if (zone != NULL && hn_zone_load(hn_text_cstr(zone), &settings->zone, &err) != HN_OK) {
        ui_error_at(HN_TEXT("--tz"), &err);
        return EXIT_USAGE;
    }
    if (!input_time_parse(opt_text(values, O_SINCE), settings->zone, &settings->since) ||
            !input_time_parse(opt_text(values, O_UNTIL), settings->zone, &settings->until))
        return EXIT_USAGE;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    settings->pipeline.decode.time.zone = settings->zone;
    settings->pipeline.decode.time.seen = (hn_time)now.tv_sec * HN_SECOND;
    settings->pipeline.decode.time.year = hn_calendar_at((hn_time)now.tv_sec * HN_SECOND, 0).year;
    return EXIT_FINE;
}

static int apply_format(const struct opt_values *values, struct input_settings *settings)
{
    const char *format = opt_text(values, O_FORMAT);
    const char *logsource = opt_text(values, O_LOGSOURCE);
    struct hn_source *source = &settings->pipeline.decode.source;

    if (format != NULL) {
        settings->pipeline.format = decode_format_find(hn_text_cstr(format));
        if (settings->pipeline.format == NULL) {
            ui_error(UI_TEXT("unknown format \"%s\"; known are:",
                             "知らない形式 \"%s\"。使えるのは:"),
                    format);
            for (size_t i = 0; decode_format_at(i) != NULL; i++)
                (void)fprintf(stderr, "  %s\n", decode_format_name(decode_format_at(i)).ptr);
            return EXIT_USAGE;
        }
    }
    if (logsource != NULL) {
        struct hn_text rest = hn_text_cstr(logsource);
        struct hn_text part;

        if (hn_text_split(&rest, '/', &part))
            source->product = part;
        if (hn_text_split(&rest, '/', &part) && part.len > 0)
            hn_source_add_category(source, part);
        if (hn_text_split(&rest, '/', &part) && part.len > 0)
            hn_source_add_service(source, part);
    }
    return EXIT_FINE;
}

static int apply_passwords(const struct opt_values *values, struct input_settings *settings)
{
    const char *const *passwords;
    size_t count = opt_texts(values, O_PASSWORD, &passwords);

    settings->passwords = hn_calloc(count, sizeof *settings->passwords);
    if (settings->passwords == NULL)
        return EXIT_IO;
    for (size_t i = 0; i < count; i++)
        settings->passwords[i] = hn_text_cstr(passwords[i]);
    settings->pipeline.input.passwords = settings->passwords;
    settings->pipeline.input.password_count = count;
    return EXIT_FINE;
}

int input_settings_read(
        const struct opt_values *values, size_t first, struct input_settings *settings)
{
    int code;

    if (values->operand_count <= first) {
        ui_error("%s",
                UI_TEXT("nothing to read: give files, folders or - for standard input",
                        "対象がありません: ファイル・フォルダー・-(標準入力)を指定してください"));
        return EXIT_USAGE;
    }
    ui_set_color(opt_text(values, O_COLOR));
    ui.quiet = opt_flag(values, O_QUIET);
    ui.progress = ui.progress && !ui.quiet;
    settings->pipeline.inputs = values->operands + first;
    settings->pipeline.input_count = values->operand_count - first;
    settings->pipeline.threads = (unsigned)opt_number(values, O_THREADS, 0);
    code = apply_time(values, settings);
    if (code == EXIT_FINE)
        code = apply_format(values, settings);
    if (code == EXIT_FINE)
        code = apply_passwords(values, settings);
    return code;
}

void input_settings_deinit(struct input_settings *settings)
{
    hn_zone_free(settings->zone);
    hn_free(settings->passwords);
}

bool input_settings_in_time(const struct input_settings *settings, hn_time time)
{
    return time == HN_TIME_NONE ||
           ((settings->since == HN_TIME_NONE || time >= settings->since) &&
                   (settings->until == HN_TIME_NONE || time <= settings->until));
}
