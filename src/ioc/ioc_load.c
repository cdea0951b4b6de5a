/* ioc_load.c - recognises the format of a file of indicators and hands it to its reader.
 *
 * Leaves to others: the formats, one file each. */
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#define PROBE_BYTES ((size_t)64 << 10) /* of the start, looked at for recognition */
#define PROBE_LINES 20

static struct hn_text without_bom(struct hn_text text)
{
    struct hn_text bom = HN_TEXT("\xEF\xBB\xBF");

    return hn_text_starts(text, bom) ? hn_text_sub(text, bom.len, text.len) : text;
}

/* ---- Recognition ---- */

static bool has(struct hn_text text, struct hn_text needle)
{
    return hn_text_find(text, needle, 0) != SIZE_MAX;
}

static enum ioc_format detect_json(struct hn_text text)
{
    if (has(text, HN_TEXT("\"matching_attributes\"")) ||
            (has(text, HN_TEXT("\"list\"")) && has(text, HN_TEXT("\"version\"")) &&
                    has(text, HN_TEXT("\"description\""))))
        return IOC_FORMAT_WARNINGLIST;
    if (has(text, HN_TEXT("\"spec_version\"")) || has(text, HN_TEXT("\"bundle\"")) ||
            has(text, HN_TEXT("\"pattern_type\"")))
        return IOC_FORMAT_STIX;
    if (has(text, HN_TEXT("\"Event\"")) || has(text, HN_TEXT("\"Attribute\"")) ||
            has(text, HN_TEXT("\"Orgc\"")))
        return IOC_FORMAT_MISP;
    return IOC_FORMAT_UNKNOWN;
}

static enum ioc_format detect_xml(struct hn_text text)
{
    if (has(text, HN_TEXT("<ioc")) || has(text, HN_TEXT("<OpenIOC")) ||
            has(text, HN_TEXT("IndicatorItem")))
        return IOC_FORMAT_OPENIOC;
    return IOC_FORMAT_UNKNOWN;
}

/* How often c stands outside quotes. */
static size_t count_outside_quotes(struct hn_text line, char c)
{
    bool quoted = false;
    size_t count = 0;

    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '"')
            quoted = !quoted;
        count += !quoted && line.ptr[i] == c;
    }
    return count;
}

/* Lines that all hold the same separator equally often are rows. */
static bool is_table(struct hn_text text, char separator)
{
    struct hn_text line;
    size_t wanted = 0;
    unsigned rows = 0;

    while (rows < PROBE_LINES && hn_text_line(&text, &line)) {
        size_t count;

        line = hn_text_trim(line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        count = count_outside_quotes(line, separator);
        if (count == 0 || (rows > 0 && count != wanted && text.ptr != NULL))
            return false;
        wanted = count;
        rows++;
    }
    return rows > 1 || (rows == 1 && wanted > 1);
}

static bool is_csv(struct hn_text text)
{
    return is_table(text, ',') || is_table(text, '\t') || is_table(text, ';') ||
            is_table(text, '|');
}

enum ioc_format ioc_format_detect(struct hn_bytes bytes)
{
    struct hn_text text = without_bom(hn_bytes_as_text(bytes));

    text = hn_text_trim(hn_text_sub(text, 0, PROBE_BYTES));
    if (text.len == 0)
        return IOC_FORMAT_LIST_PLAIN;
    if (text.ptr[0] == '{' || (text.ptr[0] == '[' && has(text, HN_TEXT("\""))))
        return detect_json(text);
    if (text.ptr[0] == '<')
        return detect_xml(text);
    return is_csv(text) ? IOC_FORMAT_CSV : IOC_FORMAT_LIST_PLAIN;
}

/* ---- Reading ---- */

static enum hn_status read_as(enum ioc_format format, struct ioc_reading *reading,
        const struct ioc_input *input, struct hn_err *err)
{
    switch (format) {
    case IOC_FORMAT_LIST_PLAIN:
        return ioc_list_read(reading, input, err);
    case IOC_FORMAT_CSV:
        return ioc_csv_read(reading, input, err);
    case IOC_FORMAT_MISP:
        return ioc_misp_read(reading, input, err);
    case IOC_FORMAT_STIX:
        return ioc_stix_read(reading, input, err);
    case IOC_FORMAT_OPENIOC:
        return ioc_openioc_read(reading, input, err);
    case IOC_FORMAT_WARNINGLIST:
        return ioc_warnlist_load(
                reading->builder, input->bytes, IOC_WARN_AUTO, reading->report, err);
    case IOC_FORMAT_AUTO:
    case IOC_FORMAT_UNKNOWN:
    case IOC_FORMAT_COUNT:
        break;
    }
    return hn_fail(err, HN_UNSUPPORTED, 0, "no known form of indicators");
}

/* Feeds saved on Windows come as UTF-16. False when out of memory. */
static bool to_utf8(struct hn_bytes *bytes, struct hn_buf *room)
{
    if (bytes->len < 2 || bytes->ptr[0] != 0xFF || bytes->ptr[1] != 0xFE)
        return true;
    (void)hn_utf16le_to_utf8(room, hn_bytes_of(bytes->ptr + 2, bytes->len - 2));
    *bytes = hn_text_as_bytes(hn_buf_text(room));
    return hn_buf_ok(room);
}

enum hn_status ioc_load(struct ioc_builder *builder, const struct ioc_input *input,
        struct ioc_report *report, struct hn_err *err)
{
    struct ioc_report unseen = { 0 };
    struct ioc_input plain = *input;
    struct ioc_reading reading = { .builder = builder,
        .report = report == NULL ? &unseen : report,
        .about = ioc_about_nothing,
        .meta = IOC_NONE };
    struct hn_buf utf8 = { 0 };
    enum hn_status status;

    if (plain.bytes.len > builder->options.limits.file_bytes_max)
        return hn_fail(err, HN_LIMIT, 0, "larger than %zu bytes",
                builder->options.limits.file_bytes_max);
    reading.about.source = input->name;
    if (!to_utf8(&plain.bytes, &utf8)) {
        status = hn_fail(err, utf8.status, 0, "conversion from UTF-16 failed");
    } else {
        plain.bytes = hn_text_as_bytes(without_bom(hn_bytes_as_text(plain.bytes)));
        if (plain.format == IOC_FORMAT_AUTO)
            plain.format = ioc_format_detect(plain.bytes);
        reading.report->format = plain.format;
        status = read_as(plain.format, &reading, &plain, err);
    }
    hn_buf_deinit(&utf8);
    ioc_report_deinit(&unseen);
    return status;
}
