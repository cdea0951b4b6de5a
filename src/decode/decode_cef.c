/* decode_cef.c - ArcSight's Common Event Format, as files and as messages of other logs.
 *
 *     CEF:0|Vendor|Product|Version|Class id|Name|Severity|key=value with spaces key2=value ...
 *
 * The header escapes '|' and '\', the extension '=' and '\' (and \n, \r for line ends). Values hold
 * spaces without quotes: one ends where the next key begins. Keys keep their names; what they stand
 * for by their labels (cs1Label=Rule cs1=...) and in Sigma's taxonomy is added. */
#include "decode/decode_internal.h"

#include "decode/body.h"
#include "decode/kv.h"
#include "decode/network.h"
#include "decode/probe.h"
#include "decode/scan.h"

#define HEADER_FIELDS 7

/* Keys of the CEF dictionary, short and long. */
static const struct field_name sigma_names[] = { FIELD_NAME("src", "src_ip"),
    FIELD_NAME("sourceAddress", "src_ip"), FIELD_NAME("c6a2", "src_ip"),
    FIELD_NAME("spt", "src_port"), FIELD_NAME("sourcePort", "src_port"),
    FIELD_NAME("dst", "dst_ip"), FIELD_NAME("destinationAddress", "dst_ip"),
    FIELD_NAME("c6a3", "dst_ip"), FIELD_NAME("dpt", "dst_port"),
    FIELD_NAME("destinationPort", "dst_port"), FIELD_NAME("proto", "protocol"),
    FIELD_NAME("transportProtocol", "protocol"), FIELD_NAME("suser", "username"),
    FIELD_NAME("sourceUserName", "username"), FIELD_NAME("duser", "username"),
    FIELD_NAME("destinationUserName", "username"), FIELD_NAME("act", "action"),
    FIELD_NAME("deviceAction", "action"), FIELD_NAME("dvchost", "Computer"),
    FIELD_NAME("deviceHostName", "Computer"), FIELD_NAME("request", "c-uri"),
    FIELD_NAME("requestUrl", "c-uri"), FIELD_NAME("requestMethod", "cs-method"),
    FIELD_NAME("requestClientApplication", "c-useragent"),
    FIELD_NAME("requestContext", "cs-referer"), FIELD_NAME("dhost", "cs-host"),
    FIELD_NAME("destinationHostName", "cs-host"), FIELD_NAME("fname", "Filename"),
    FIELD_NAME("filePath", "Filename"), FIELD_NAME("Virus Name", "Signature"),
    FIELD_NAME("Malware Name", "Signature"), FIELD_NAME("Threat Name", "Signature"),
    FIELD_NAME("VirusName", "Signature"), FIELD_NAME("virusName", "Signature"),
    FIELD_NAME("Virus/Malware_Name", "Signature") };

/* The next header field, ended by a bar without a backslash, or by the end of the text. */
static struct hn_text scan_header_field(struct hn_text *rest, bool *ret_ended)
{
    size_t end = 0;
    struct hn_text field;

    while (end < rest->len && rest->ptr[end] != '|')
        end += rest->ptr[end] == '\\' ? 2 : 1;
    *ret_ended = end < rest->len;
    field = hn_text_sub(*rest, 0, end);
    scan_skip(rest, end + 1);
    return field;
}

static bool is_key_char(char c)
{
    return char_is_word(c) || c == '.' || c == '-' || c == '[' || c == ']';
}

/* Takes "key=value " off the front. The value runs up to the last space in front of the next equals
 * sign that has a key before it. */
static bool scan_extension(struct hn_text *rest, struct kv_pair *pair)
{
    size_t equals;
    size_t key_at = SIZE_MAX; /* of the word that is being read, as long as it could be a key */
    size_t pos;

    scan_spaces(rest);
    equals = hn_text_find_char(*rest, '=', 0);
    if (equals == SIZE_MAX || equals == 0)
        return false;
    pair->key = hn_text_sub(*rest, 0, equals);
    pair->escaped = false;
    for (pos = equals + 1; pos < rest->len; pos++) {
        char c = rest->ptr[pos];

        if (c == '\\') {
            pair->escaped = true;
            pos++;
            key_at = SIZE_MAX;
        } else if (c == ' ') {
            key_at = pos + 1;
        } else if (c == '=' && key_at != SIZE_MAX && pos > key_at) {
            break;
        } else if (!is_key_char(c)) {
            key_at = SIZE_MAX;
        }
    }
    if (pos >= rest->len)
        key_at = rest->len;
    pair->value = hn_text_trim(hn_text_sub(*rest, equals + 1, key_at - equals - 1));
    scan_skip(rest, key_at);
    return true;
}

/* "C:\Users\new" and "\\server\new" are paths that their products have not escaped, in which there
 * are no line feeds. */
static bool is_path(struct hn_text value)
{
    char second = text_at(value, 1);

    if (hn_text_find(value, HN_TEXT(":\\"), 0) != SIZE_MAX)
        return true;
    return text_at(value, 0) == '\\' &&
           (second == '\\' || (char_is_letter(second) && second != 'n' && second != 'r'));
}

static struct hn_text extension_value(struct hn_event *event, const struct kv_pair *pair)
{
    if (!pair->escaped)
        return pair->value;
    return decode_text_unescape(event, pair->value, is_path(pair->value) ? "\\=|" : "\\=|nr");
}

/* The value of the key that label names ("cs1Label" names cs1), under the label's text. */
static void add_labelled(struct hn_event *event, const struct kv_set *set, size_t index)
{
    const struct kv_pair *label = &set->pairs[index];
    struct hn_text base = label->key;
    const struct kv_pair *pair;
    struct hn_text name;
    struct hn_text value;

    if (!hn_text_ends(base, HN_TEXT("Label")) || label->value.len == 0)
        return;
    base.len -= 5;
    pair = kv_find(set, base);
    if (pair == NULL)
        return;
    name = extension_value(event, label);
    value = extension_value(event, pair);
    hn_event_add_text(event, name, value);
    for (size_t i = 0; i < HN_COUNT_OF(sigma_names); i++) {
        if (hn_text_eq(sigma_names[i].name, name))
            hn_event_add_text(event, sigma_names[i].sigma, value);
    }
}

static void take_time(struct hn_event *event, const struct kv_set *set)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("rt"), HN_TEXT_INIT("deviceReceiptTime"),
        HN_TEXT_INIT("end"), HN_TEXT_INIT("start") };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct hn_text stamp = kv_raw(set, names[i]);

        if (stamp.len >= 10) {
            event->time_text = stamp;
            return;
        }
    }
}

/* FortiGate puts its own names behind a prefix; Sigma's rules ask for them without. */
static void add_without_prefix(struct hn_event *event, const struct kv_pair *pair)
{
    static const struct hn_text prefix = HN_TEXT_INIT("FTNTFGT");

    if (hn_text_starts(pair->key, prefix) && pair->key.len > prefix.len)
        hn_event_add_text(event, text_from(pair->key, prefix.len), extension_value(event, pair));
}

static void add_extension(struct hn_event *event, struct hn_text text, struct kv_set *set)
{
    struct kv_pair pair;

    set->count = 0;
    while (scan_extension(&text, &pair)) {
        if (set->count < KV_PAIRS_MAX)
            set->pairs[set->count++] = pair;
        decode_add_named(event, sigma_names, HN_COUNT_OF(sigma_names), pair.key,
                extension_value(event, &pair));
        add_without_prefix(event, &pair);
    }
    for (size_t i = 0; i < set->count; i++)
        add_labelled(event, set, i);
    take_time(event, set);
}

/* What tells the kinds of a product's events apart. FortiGate's class is a number, its name is
 * "traffic:forward close". Palo Alto puts type and subtype into class and name, in either order;
 * the web log is subtype url of type THREAT. */
static struct hn_text event_kind(const struct hn_text *header)
{
    if (hn_text_starts(header[1], HN_TEXT("Fortinet")))
        return header[5];
    if (hn_text_starts(header[1], HN_TEXT("Palo Alto")) && !hn_text_eq(header[4], HN_TEXT("url")) &&
            (hn_text_eq(header[5], HN_TEXT("url")) || !char_is_upper(text_at(header[4], 0))))
        return header[5];
    return header[4];
}

static void add_source(
        struct hn_event *event, const struct hn_text *header, const struct kv_set *set)
{
    struct hn_text action = kv_raw(set, HN_TEXT("act"));

    decode_device_source(event, header[1], header[2], event_kind(header));
    if (hn_text_eq(event->source.category[0], HN_TEXT("firewall")))
        decode_add_verdict(event, decode_verdict_of(action), action);
}

enum hn_status decode_cef_fields(struct hn_event *event, struct hn_text text)
{
    static const struct hn_text names[HEADER_FIELDS] = { HN_TEXT_INIT("cefVersion"),
        HN_TEXT_INIT("deviceVendor"), HN_TEXT_INIT("deviceProduct"), HN_TEXT_INIT("deviceVersion"),
        HN_TEXT_INIT("deviceEventClassId"), HN_TEXT_INIT("name"), HN_TEXT_INIT("severity") };
    struct hn_text header[HEADER_FIELDS];
    struct kv_set set;
    bool ended = true;

    if (!scan_text(&text, HN_TEXT("CEF:")))
        return HN_SYNTAX;
    scan_spaces(&text);
    for (size_t i = 0; i < HEADER_FIELDS; i++) {
        if (!ended)
            return HN_SYNTAX;
        header[i] = scan_header_field(&text, &ended);
    }
    if (header[0].len == 0 || text_digits(header[0]) == 0)
        return HN_SYNTAX;
    for (size_t i = 0; i < HEADER_FIELDS; i++) {
        header[i] = decode_text_unescape(event, header[i], "\\|");
        hn_event_add_text(event, names[i], header[i]);
    }
    add_extension(event, text, &set);
    add_source(event, header, &set);
    return HN_OK;
}

/* ---- The format of its own --------------------------------------------------------------------
 */

static int cef_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[16];
    size_t count = probe_lines(head, lines, HN_COUNT_OF(lines));

    (void)name;
    for (size_t i = 0; i < count; i++) {
        if (!hn_text_starts(lines[i], HN_TEXT("CEF:")) || !char_is_digit(text_at(lines[i], 4)))
            return PROBE_NO;
    }
    return count > 0 ? PROBE_CERTAIN : PROBE_NO;
}

static enum hn_status cef_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    enum hn_status status;

    event->origin = HN_ORIGIN_KNOWN;
    event->source = batch->stream->options.source;
    status = decode_cef_fields(event, line);
    if (status == HN_OK)
        hn_event_add_text(event, HN_TEXT("Message"), line);
    return status;
}

static enum hn_status cef_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return decode_run_lines(batch, event, sink, cef_parse);
}

static enum hn_status cef_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return decode_again_line(batch, from, to, cef_parse);
}

const struct decode_format decode_format_cef = {
    .name = HN_TEXT_INIT("cef"),
    .title = HN_TEXT_INIT("Common Event Format"),
    .traits = DECODE_LINES,
    .probe = cef_probe,
    .run = cef_run,
    .again = cef_again,
};
