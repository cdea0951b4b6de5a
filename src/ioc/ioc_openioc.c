/* ioc_openioc.c - OpenIOC 1.0 and 1.1.
 *
 * Indicators nest with AND and OR. An item is an indicator by itself when no AND with other items
 * stands above it; the others go into the report. Conditions "is" and "contains" are taken as what
 * an indicator of the kind means (a domain with its subdomains, the end of a path): narrower than
 * "contains" where the two differ, never wider.
 * Leaves to others: XML (ioc_xml.c), values (ioc_norm.c). */
#include "ioc/ioc_internal.h"
#include "ioc/ioc_xml.h"

#define LEVELS_MAX 64
#define ITEMS_MAX  100000 /* in one file */

struct item {
    struct hn_text search;
    struct hn_text value; /* raw */
    struct hn_text id;
    bool cdata;
    bool usable_condition;
    bool combined;
};

struct level {
    bool is_and;
    uint32_t first;    /* item */
    uint32_t children; /* items and indicators directly below */
};

struct openioc {
    struct ioc_reading *reading;
    struct ioc_xml xml;
    HN_VEC(struct item) items;
    struct level levels[LEVELS_MAX];
    unsigned depth;
    bool in_item;
    struct item item; /* being read */
    struct hn_text element; /* the last start tag */
    struct hn_text title;
    struct hn_text date;
    struct hn_buf tags;
    struct hn_buf plain;
    bool too_deep;
    bool any_indicator;
};

/* ---- Structure ---- */

static bool usable_condition(const struct ioc_xml *xml)
{
    struct hn_text condition = ioc_xml_attribute(xml, "condition");
    struct hn_text negate = ioc_xml_attribute(xml, "negate");

    return !hn_text_eq_nocase(negate, HN_TEXT("true")) &&
            (hn_text_eq_nocase(condition, HN_TEXT("is")) ||
                    hn_text_eq_nocase(condition, HN_TEXT("contains")) ||
                    hn_text_eq_nocase(condition, HN_TEXT("ends-with")));
}

static void start_indicator(struct openioc *o)
{
    struct hn_text op = ioc_xml_attribute(&o->xml, "operator");

    o->any_indicator = true;
    if (o->depth > 0)
        o->levels[o->depth - 1].children++;
    if (o->depth == LEVELS_MAX ||
            o->depth >= o->reading->builder->options.limits.depth_max) {
        o->too_deep = true;
        return;
    }
    /* Anything but OR is held to be AND: rather none than a wrong one. */
    o->levels[o->depth++] = (struct level){ !hn_text_eq_nocase(op, HN_TEXT("OR")),
        (uint32_t)o->items.count, 0 };
}

static void end_indicator(struct openioc *o)
{
    const struct level *level;

    if (o->depth == 0)
        return;
    level = &o->levels[--o->depth];
    if (!level->is_and || level->children < 2)
        return;
    for (size_t i = level->first; i < o->items.count; i++)
        o->items.ptr[i].combined = true;
}

static void start_item(struct openioc *o)
{
    o->in_item = true;
    o->item = (struct item){ .id = ioc_xml_attribute(&o->xml, "id"),
        .usable_condition = usable_condition(&o->xml) };
    if (o->depth > 0)
        o->levels[o->depth - 1].children++;
}

static bool end_item(struct openioc *o)
{
    struct item *added;

    if (!o->in_item)
        return true;
    o->in_item = false;
    if (o->items.count >= ITEMS_MAX) {
        o->reading->status = HN_LIMIT;
        return false;
    }
    added = hn_vec_add(&o->items);
    if (added == NULL) {
        o->reading->status = HN_NOMEM;
        return false;
    }
    *added = o->item;
    return true;
}

static void on_text(struct openioc *o)
{
    struct hn_text text = hn_text_trim(o->xml.text);

    if (text.len == 0)
        return;
    if (o->in_item) {
        if (hn_text_eq(o->element, HN_TEXT("Content"))) {
            o->item.value = text;
            o->item.cdata = o->xml.cdata;
        }
    } else if (hn_text_eq(o->element, HN_TEXT("short_description"))) {
        o->title = text;
    } else if (hn_text_eq(o->element, HN_TEXT("authored_date"))) {
        o->date = text;
    } else if (hn_text_eq(o->element, HN_TEXT("link")) && o->tags.len < IOC_KEY_MAX) {
        if (o->tags.len > 0)
            hn_buf_add_lit(&o->tags, ", ");
        ioc_xml_plain(&o->tags, text);
    }
}

/* False at a failure. */
static bool on_piece(struct openioc *o)
{
    struct hn_text name = o->xml.name;

    if (o->xml.kind == IOC_XML_TEXT) {
        on_text(o);
    } else if (o->xml.kind == IOC_XML_START) {
        o->element = name;
        if (hn_text_eq(name, HN_TEXT("Indicator")))
            start_indicator(o);
        else if (hn_text_eq(name, HN_TEXT("IndicatorItem")))
            start_item(o);
        else if (hn_text_eq(name, HN_TEXT("Context")) && o->in_item)
            o->item.search = ioc_xml_attribute(&o->xml, "search");
    } else {
        o->element = HN_TEXT("");
        if (hn_text_eq(name, HN_TEXT("Indicator")))
            end_indicator(o);
        else if (hn_text_eq(name, HN_TEXT("IndicatorItem")))
            return end_item(o);
    }
    return true;
}

/* ---- Values ---- */

static const struct {
    const char *ending; /* of the search term */
    enum ioc_type type;
} searches[] = {
    { "/Md5sum", IOC_MD5 },
    { "/Sha1sum", IOC_SHA1 },
    { "/Sha256sum", IOC_SHA256 },
    { "FileItem/FileName", IOC_FILENAME },
    { "FileItem/FullPath", IOC_FILENAME },
    { "ProcessItem/name", IOC_FILENAME },
    { "ProcessItem/path", IOC_FILENAME },
    { "DnsEntryItem/Host", IOC_DOMAIN },
    { "DnsEntryItem/RecordName", IOC_DOMAIN },
    { "Network/DNS", IOC_DOMAIN },
    { "UrlHistoryItem/HostName", IOC_DOMAIN },
    { "PortItem/remoteIP", IOC_IPV4 },
    { "RecordData/IPv4Address", IOC_IPV4 },
    { "Network/URI", IOC_URL },
    { "UrlHistoryItem/URL", IOC_URL },
    { "Email/From", IOC_EMAIL },
};

static bool type_of_search(struct hn_text search, enum ioc_type *ret_type)
{
    for (size_t i = 0; i < HN_COUNT_OF(searches); i++) {
        if (hn_text_ends_nocase(search, hn_text_cstr(searches[i].ending))) {
            *ret_type = searches[i].type;
            return true;
        }
    }
    return false;
}

/* False at a failure. */
static bool take_item(struct openioc *o, const struct item *item)
{
    struct ioc_reading *reading = o->reading;
    enum ioc_reason reason = IOC_FINE;
    enum ioc_type type = IOC_TYPE_ANY;

    reading->report->entries++;
    if (item->value.len == 0 || item->search.len == 0)
        reason = IOC_REASON_SHAPE;
    else if (item->combined)
        reason = IOC_REASON_COMBINED;
    else if (!type_of_search(item->search, &type))
        reason = IOC_REASON_TYPE;
    else if (!item->usable_condition)
        reason = IOC_REASON_OPERATOR;
    if (reason != IOC_FINE) {
        ioc_refuse(reading, reason, item->value);
        return true;
    }
    hn_buf_reset(&o->plain);
    if (item->cdata)
        hn_buf_add_text(&o->plain, item->value);
    else
        ioc_xml_plain(&o->plain, item->value);
    if (!hn_buf_ok(&o->plain)) {
        reading->status = o->plain.status;
        return false;
    }
    reading->about.id = item->id;
    ioc_about_changed(reading);
    return ioc_take(reading, type, hn_buf_text(&o->plain));
}

static void take_items(struct openioc *o)
{
    struct ioc_about *about = &o->reading->about;

    about->comment = o->title;
    about->tags = hn_buf_text(&o->tags);
    about->first_seen = ioc_time_of(o->date);
    for (size_t i = 0; i < o->items.count; i++) {
        o->reading->line = (uint32_t)i + 1;
        if (!take_item(o, &o->items.ptr[i]))
            return;
    }
}

static void read_document(struct openioc *o)
{
    while (!o->too_deep && ioc_xml_next(&o->xml)) {
        if (!on_piece(o))
            return;
    }
}

enum hn_status ioc_openioc_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err)
{
    struct openioc o = { .reading = reading,
        .xml = ioc_xml_over(hn_bytes_as_text(input->bytes)) };
    enum hn_status status = HN_OK;

    read_document(&o);
    if (reading->status == HN_OK && o.too_deep)
        status = hn_fail(err, HN_LIMIT, o.xml.pos, "OpenIOC: nested too deep");
    else if (reading->status == HN_OK && !o.any_indicator)
        status = hn_fail(err, HN_UNSUPPORTED, 0, "OpenIOC: no Indicator element in it");
    else if (reading->status == HN_OK && (o.xml.broken || o.depth > 0))
        status = hn_fail(err, HN_TRUNCATED, o.xml.pos, "OpenIOC: an element does not end");
    else if (reading->status == HN_OK)
        take_items(&o);
    if (reading->status != HN_OK)
        status = hn_fail(err, reading->status, o.xml.pos, "OpenIOC: stopped at item %u",
                reading->line);
    hn_vec_deinit(&o.items);
    hn_buf_deinit(&o.tags);
    hn_buf_deinit(&o.plain);
    return status;
}
