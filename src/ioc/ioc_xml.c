/* ioc_xml.c - pull scanner for XML, tolerant and linear. */
#include "ioc/ioc_xml.h"

#include "base/num.h"

#include <string.h>

struct ioc_xml ioc_xml_over(struct hn_text input)
{
    return (struct ioc_xml){ .input = input };
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool looking_at(const struct ioc_xml *xml, struct hn_text what)
{
    return hn_text_eq(hn_text_sub(xml->input, xml->pos, what.len), what);
}

/* Moves behind the next occurrence of end; to the end of input where there is none. */
static void skip_to(struct ioc_xml *xml, struct hn_text end)
{
    size_t at = hn_text_find(xml->input, end, xml->pos);

    xml->pos = at == SIZE_MAX ? xml->input.len : at + end.len;
}

/* Behind the '>' of a document type, whose internal subset is in brackets. */
static void skip_doctype(struct ioc_xml *xml)
{
    size_t close = hn_text_find_char(xml->input, '>', xml->pos);
    size_t open = hn_text_find_char(xml->input, '[', xml->pos);

    if (open < close)
        skip_to(xml, HN_TEXT("]"));
    skip_to(xml, HN_TEXT(">"));
}

/* Comments, instructions and declarations at pos. False when something else is there. */
static bool skip_markup(struct ioc_xml *xml)
{
    if (looking_at(xml, HN_TEXT("<!--"))) {
        xml->pos += 4;
        skip_to(xml, HN_TEXT("-->"));
    } else if (looking_at(xml, HN_TEXT("<?"))) {
        skip_to(xml, HN_TEXT("?>"));
    } else if (looking_at(xml, HN_TEXT("<!")) && !looking_at(xml, HN_TEXT("<![CDATA["))) {
        skip_doctype(xml);
    } else {
        return false;
    }
    return true;
}

static struct hn_text without_prefix(struct hn_text name)
{
    size_t colon = hn_text_find_char(name, ':', 0);

    return colon == SIZE_MAX ? name : hn_text_sub(name, colon + 1, name.len);
}

/* The '>' that ends the tag at pos, outside quotes, or SIZE_MAX. */
static size_t tag_end(const struct ioc_xml *xml)
{
    char quote = '\0';

    for (size_t i = xml->pos; i < xml->input.len; i++) {
        char c = xml->input.ptr[i];

        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i;
    }
    return SIZE_MAX;
}

static bool read_tag(struct ioc_xml *xml)
{
    size_t end = tag_end(xml);
    struct hn_text tag = hn_text_sub(xml->input, xml->pos + 1, end - xml->pos - 1);
    size_t len = 0;

    if (end == SIZE_MAX) {
        xml->broken = true;
        return false;
    }
    xml->pos = end + 1;
    xml->kind = IOC_XML_START;
    if (tag.len > 0 && tag.ptr[0] == '/') {
        xml->kind = IOC_XML_END;
        tag = hn_text_sub(tag, 1, tag.len);
    } else if (tag.len > 0 && tag.ptr[tag.len - 1] == '/') {
        xml->empty_tag = true;
        tag.len--;
    }
    while (len < tag.len && !is_space(tag.ptr[len]))
        len++;
    xml->name = without_prefix(hn_text_sub(tag, 0, len));
    xml->attributes = hn_text_sub(tag, len, tag.len);
    return true;
}

static void read_text(struct ioc_xml *xml)
{
    size_t start = xml->pos;

    xml->kind = IOC_XML_TEXT;
    xml->cdata = looking_at(xml, HN_TEXT("<![CDATA["));
    if (xml->cdata) {
        size_t end = hn_text_find(xml->input, HN_TEXT("]]>"), start);

        if (end == SIZE_MAX)
            end = xml->input.len;
        xml->text = hn_text_sub(xml->input, start + 9, end - start - 9);
        xml->pos = end == xml->input.len ? end : end + 3;
        return;
    }
    xml->pos = hn_text_find_char(xml->input, '<', start);
    if (xml->pos == SIZE_MAX)
        xml->pos = xml->input.len;
    xml->text = hn_text_sub(xml->input, start, xml->pos - start);
}

bool ioc_xml_next(struct ioc_xml *xml)
{
    if (xml->empty_tag) {
        xml->empty_tag = false;
        xml->kind = IOC_XML_END;
        return true;
    }
    while (xml->pos < xml->input.len && !xml->broken) {
        if (skip_markup(xml))
            continue;
        if (xml->input.ptr[xml->pos] == '<' && !looking_at(xml, HN_TEXT("<![CDATA[")))
            return read_tag(xml);
        read_text(xml);
        return true;
    }
    return false;
}

struct hn_text ioc_xml_attribute(const struct ioc_xml *xml, const char *name)
{
    struct hn_text wanted = hn_text_cstr(name);
    struct hn_text rest = xml->attributes;

    for (;;) {
        size_t equals = hn_text_find_char(rest, '=', 0);
        struct hn_text key = hn_text_trim(hn_text_sub(rest, 0, equals));
        size_t end;

        if (equals == SIZE_MAX)
            break;
        rest = hn_text_trim(hn_text_sub(rest, equals + 1, rest.len));
        if (rest.len == 0 || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
            break;
        end = hn_text_find_char(rest, rest.ptr[0], 1);
        if (end == SIZE_MAX)
            break;
        if (hn_text_eq(without_prefix(key), wanted))
            return hn_text_sub(rest, 1, end - 1);
        rest = hn_text_sub(rest, end + 1, rest.len);
    }
    return hn_text_of(NULL, 0);
}

/* The code point of "amp", "#46", "#x2e"; 0 for what is unknown. */
static uint32_t entity(struct hn_text name)
{
    static const struct {
        const char *name;
        uint32_t code_point;
    } known[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
    uint64_t code = 0;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (hn_text_eq(name, hn_text_cstr(known[i].name)))
            return known[i].code_point;
    }
    if (hn_text_starts(name, HN_TEXT("#x")))
        (void)hn_parse_hex64(hn_text_sub(name, 2, name.len), &code);
    else if (hn_text_starts(name, HN_TEXT("#")))
        (void)hn_parse_u64(hn_text_sub(name, 1, name.len), &code);
    return code <= 0x10FFFF ? (uint32_t)code : 0;
}

void ioc_xml_plain(struct hn_buf *out, struct hn_text raw)
{
    size_t pos = 0;

    while (pos < raw.len) {
        size_t amp = hn_text_find_char(raw, '&', pos);
        size_t end = amp == SIZE_MAX ? SIZE_MAX
                                     : hn_text_find_char(hn_text_sub(raw, 0, amp + 12), ';', amp);
        uint32_t code_point = 0;

        if (amp == SIZE_MAX)
            amp = raw.len;
        hn_buf_add(out, raw.ptr + pos, amp - pos);
        pos = amp;
        if (end != SIZE_MAX)
            code_point = entity(hn_text_sub(raw, amp + 1, end - amp - 1));
        if (code_point != 0) {
            hn_buf_add_utf8(out, code_point);
            pos = end + 1;
        } else if (pos < raw.len) {
            hn_buf_add_char(out, raw.ptr[pos++]);
        }
    }
}
