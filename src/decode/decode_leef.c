/* decode_leef.c - IBM QRadar's Log Event Extended Format, as files and as messages of other logs.
 *
 *     LEEF:1.0|Vendor|Product|Version|EventID|key=value<TAB>key=value
 *     LEEF:2.0|Vendor|Product|Version|EventID|delimiter|key=value^key=value
 *
 * The delimiter of 2.0 is one character or its code as hexadecimal number (x09, 0x5E); left empty
 * it is the TAB. Some products leave the whole field out. rsyslog writes a TAB as #011. */
#include "decode/decode_internal.h"

#include "base/num.h"
#include "decode/body.h"
#include "decode/network.h"
#include "decode/probe.h"
#include "decode/scan.h"

#define HEADER_FIELDS 5

/* Predefined attributes of the LEEF guide. */
static const struct field_name sigma_names[] = { FIELD_NAME("src", "src_ip"),
    FIELD_NAME("srcPort", "src_port"), FIELD_NAME("dst", "dst_ip"),
    FIELD_NAME("dstPort", "dst_port"), FIELD_NAME("proto", "protocol"),
    FIELD_NAME("usrName", "username"), FIELD_NAME("accountName", "username"),
    FIELD_NAME("identHostName", "Computer"), FIELD_NAME("url", "c-uri"),
    FIELD_NAME("userAgent", "c-useragent"), FIELD_NAME("referrer", "cs-referer"),
    FIELD_NAME("httpMethod", "cs-method"), FIELD_NAME("virusName", "Signature"),
    FIELD_NAME("malware", "Signature"), FIELD_NAME("fileName", "Filename"),
    FIELD_NAME("filePath", "Filename") };

/* The character between attributes. */
static char scan_delimiter(struct hn_text *rest, bool version2)
{
    struct hn_text at = *rest;
    struct hn_text field;
    uint64_t code;

    if (!version2)
        return '\t';
    if (scan_text(&at, HN_TEXT("||"))) { /* the bar itself, and the bar behind it */
        *rest = at;
        return '|';
    }
    if (!scan_before(&at, '|', &field) || hn_text_find_char(field, '=', 0) != SIZE_MAX)
        return '\t';
    *rest = at;
    if (field.len == 1)
        return field.ptr[0];
    if (text_at(field, 0) == 'x')
        scan_skip(&field, 1);
    return hn_parse_hex64(field, &code) && code > 0 && code <= 0x7F ? (char)code : '\t';
}

/* The attribute up to the separator; false when nothing is left. */
static bool scan_attribute(
        struct hn_text *rest, struct hn_text separator, struct hn_text *ret_attribute)
{
    size_t end;

    if (rest->len == 0)
        return false;
    end = hn_text_find(*rest, separator, 0);
    *ret_attribute = hn_text_sub(*rest, 0, end);
    scan_skip(rest, end == SIZE_MAX ? rest->len : end + separator.len);
    return true;
}

/* Returns the value of cat, which tells a product's kinds of event apart. */
static struct hn_text add_attributes(
        struct hn_event *event, struct hn_text rest, struct hn_text separator)
{
    struct hn_text category = { "", 0 };
    struct hn_text attribute;
    struct hn_text key;

    while (scan_attribute(&rest, separator, &attribute)) {
        if (!scan_before(&attribute, '=', &key))
            continue;
        key = hn_text_trim(key);
        attribute = hn_text_trim(attribute);
        decode_add_named(event, sigma_names, HN_COUNT_OF(sigma_names), key, attribute);
        if (hn_text_eq(key, HN_TEXT("cat")))
            category = attribute;
        else if (hn_text_eq(key, HN_TEXT("devTime")) && attribute.len > 0)
            event->time_text = attribute;
        else if (hn_text_eq(key, HN_TEXT("action")))
            decode_add_verdict(event, decode_verdict_of(attribute), attribute);
    }
    return category;
}

enum hn_status decode_leef_fields(struct hn_event *event, struct hn_text text)
{
    static const struct hn_text names[HEADER_FIELDS] = { HN_TEXT_INIT("leefVersion"),
        HN_TEXT_INIT("deviceVendor"), HN_TEXT_INIT("deviceProduct"), HN_TEXT_INIT("deviceVersion"),
        HN_TEXT_INIT("eventId") };
    struct hn_text header[HEADER_FIELDS];
    struct hn_text separator;
    struct hn_text category;
    char delimiter;

    if (!scan_text(&text, HN_TEXT("LEEF:")))
        return HN_SYNTAX;
    scan_spaces(&text);
    for (size_t i = 0; i < HEADER_FIELDS; i++) {
        if (!scan_before(&text, '|', &header[i]))
            return HN_SYNTAX;
    }
    if (text_digits(header[0]) == 0)
        return HN_SYNTAX;
    delimiter = scan_delimiter(&text, text_at(header[0], 0) != '1');
    separator = hn_text_of(&delimiter, 1);
    if (delimiter == '\t' && hn_text_find_char(text, '\t', 0) == SIZE_MAX &&
            hn_text_find(text, HN_TEXT("#011"), 0) != SIZE_MAX)
        separator = HN_TEXT("#011");
    for (size_t i = 0; i < HEADER_FIELDS; i++)
        hn_event_add_text(event, names[i], header[i]);
    category = add_attributes(event, text, separator);
    decode_device_source(event, header[1], header[2], category.len > 0 ? category : header[4]);
    return HN_OK;
}

/* ---- The format of its own --------------------------------------------------------------------
 */

static int leef_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[16];
    size_t count = probe_lines(head, lines, HN_COUNT_OF(lines));

    (void)name;
    for (size_t i = 0; i < count; i++) {
        if (!hn_text_starts(lines[i], HN_TEXT("LEEF:")) || !char_is_digit(text_at(lines[i], 5)))
            return PROBE_NO;
    }
    return count > 0 ? PROBE_CERTAIN : PROBE_NO;
}

static enum hn_status leef_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    enum hn_status status;

    event->origin = HN_ORIGIN_KNOWN;
    event->source = batch->stream->options.source;
    status = decode_leef_fields(event, line);
    if (status == HN_OK)
        hn_event_add_text(event, HN_TEXT("Message"), line);
    return status;
}

static enum hn_status leef_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return decode_run_lines(batch, event, sink, leef_parse);
}

static enum hn_status leef_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return decode_again_line(batch, from, to, leef_parse);
}

const struct decode_format decode_format_leef = {
    .name = HN_TEXT_INIT("leef"),
    .title = HN_TEXT_INIT("Log Event Extended Format"),
    .traits = DECODE_LINES,
    .probe = leef_probe,
    .run = leef_run,
    .again = leef_again,
};
