/* decode_kv.c - lines of key=value pairs: logfmt, FortiGate, Sophos, SonicWall and their like.
 *
 * kv.c takes a line apart, kv_products.c knows the products. */
#include "decode/decode_internal.h"

#include "base/ip.h"
#include "decode/body.h"
#include "decode/kv.h"
#include "decode/probe.h"
#include "decode/scan.h"

#define PAIRS_MIN 3  /* fewer are no key=value log: somebody wrote an equals sign */
#define FIT_PAIRS 64 /* as many are looked at to tell */

/* Fields under which products write the time when no product is recognised. */
static void take_generic_time(struct hn_event *event, const struct kv_set *set)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("time"), HN_TEXT_INIT("ts"),
        HN_TEXT_INIT("timestamp"), HN_TEXT_INIT("t"), HN_TEXT_INIT("date") };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct hn_text stamp = kv_raw(set, names[i]);

        if (stamp.len >= 10) {
            event->time_text = stamp;
            break;
        }
    }
    if (kv_raw(set, HN_TEXT("time")).len < 10)
        kv_take_date_and_time(event, set, kv_raw(set, HN_TEXT("tz")));
}

/* A pair counts when its key looks like one. */
static bool is_key(struct hn_text key)
{
    if (!char_is_letter(text_at(key, 0)) && text_at(key, 0) != '_')
        return false;
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];

        if (!char_is_word(c) && c != '-' && c != '.' && c != '/')
            return false;
    }
    return true;
}

enum hn_status decode_kv_fields(struct hn_event *event, struct hn_text text)
{
    struct kv_set set;
    struct kv_pair pair;
    struct hn_text rest = text;

    set.count = 0;
    while (set.count < KV_PAIRS_MAX && kv_next(&rest, &pair)) {
        if (is_key(pair.key))
            set.pairs[set.count++] = pair;
    }
    if (set.count < PAIRS_MIN)
        return HN_SYNTAX;
    if (!kv_product_fields(event, &set)) {
        for (size_t i = 0; i < set.count; i++)
            hn_event_add_text(event, set.pairs[i].key, kv_value(event, &set.pairs[i]));
        if (event->time_text.ptr == NULL)
            take_generic_time(event, &set);
    }
    while (kv_next(&rest, &pair)) { /* past what can be looked up */
        if (is_key(pair.key))
            hn_event_add_text(event, pair.key, kv_value(event, &pair));
    }
    return HN_OK;
}

/* True when pairs are all that text consists of, so that nothing it says is lost by taking it
 * apart: nearly every word belongs to one. The address of a relay may stand in front. */
bool decode_kv_fits(struct hn_text text)
{
    struct hn_text rest = text;
    struct kv_pair pair;
    struct hn_ip ip;
    size_t pairs = 0;
    size_t outside = 0;

    for (; pairs < FIT_PAIRS; pairs++) {
        struct hn_text between = hn_text_trim(rest);

        if (!kv_next(&rest, &pair))
            break;
        between.len = (size_t)(pair.key.ptr - between.ptr);
        if (!is_key(pair.key) ||
                (pairs == 0 && between.len > 0 && !hn_ip_parse(hn_text_trim(between), &ip)))
            return false;
        outside += between.len > 0 ? 1 : 0;
    }
    return pairs >= PAIRS_MIN && outside * 4 <= pairs;
}

static int kv_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[32];
    size_t count = probe_lines(head, lines, HN_COUNT_OF(lines));
    size_t fit = 0;

    (void)name;
    for (size_t i = 0; i < count; i++)
        fit += decode_kv_fits(hn_text_trim(lines[i])) ? 1 : 0;
    if (count == 0 || fit * 10 < count * 9)
        return PROBE_NO;
    return PROBE_LIKELY;
}

static enum hn_status kv_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    enum hn_status status;

    event->origin = HN_ORIGIN_KNOWN;
    event->source = batch->stream->options.source;
    status = decode_kv_fields(event, hn_text_trim(line));
    if (status == HN_OK)
        hn_event_add_text(event, HN_TEXT("Message"), line);
    return status;
}

static enum hn_status kv_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return decode_run_lines(batch, event, sink, kv_parse);
}

static enum hn_status kv_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return decode_again_line(batch, from, to, kv_parse);
}

const struct decode_format decode_format_kv = {
    .name = HN_TEXT_INIT("kv"),
    .title = HN_TEXT_INIT("key=value pairs (logfmt, FortiGate, Sophos, SonicWall)"),
    .traits = DECODE_LINES,
    .probe = kv_probe,
    .run = kv_run,
    .again = kv_again,
};
