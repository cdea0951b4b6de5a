/* xml.c - tokens of XML text, one at a time, with an explicit stack of open elements.
 *
 * Well-formedness is held to where a slip would change the meaning (tags, nesting, quotes,
 * duplicate attributes); which characters XML 1.0 allows in a text is not judged, because a log
 * holds what an attacker put there. */
#include "base/xml.h"

#include "base/utf.h"

#include <assert.h>

void hn_xml_init(struct hn_xml *xml, struct hn_text in)
{
    memset(xml, 0, offsetof(struct hn_xml, attrs));
    xml->in = in;
    xml->depth = 0;
    xml->end_pending = false;
    xml->status = HN_OK;
    xml->reason = NULL;
    if (hn_text_starts(in, HN_TEXT("\xEF\xBB\xBF")))
        xml->pos = 3;
}

static enum hn_xml_kind fail(struct hn_xml *xml, enum hn_status status, const char *reason)
{
    xml->status = status;
    xml->reason = reason;
    return HN_XML_FAILED;
}

static enum hn_xml_kind cut_off(struct hn_xml *xml)
{
    xml->pos = xml->in.len;
    return fail(xml, HN_TRUNCATED, "text ends in the middle of markup");
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Letters, digits and what XML allows besides; every byte of a longer UTF-8 sequence counts. */
static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool is_name_start(char c)
{
    return is_name_char(c) && !(c >= '0' && c <= '9') && c != '-' && c != '.';
}

bool hn_xml_is_blank(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_space(text.ptr[i]))
            return false;
    }
    return true;
}

static void skip_space(struct hn_xml *xml)
{
    while (xml->pos < xml->in.len && is_space(xml->in.ptr[xml->pos]))
        xml->pos++;
}

static bool at(const struct hn_xml *xml, struct hn_text literal)
{
    return hn_text_starts(hn_text_sub(xml->in, xml->pos, literal.len), literal);
}

/* The name at pos; empty when there is none. */
static struct hn_text take_name(struct hn_xml *xml)
{
    size_t start = xml->pos;

    if (xml->pos < xml->in.len && is_name_start(xml->in.ptr[xml->pos])) {
        while (xml->pos < xml->in.len && is_name_char(xml->in.ptr[xml->pos]))
            xml->pos++;
    }
    return hn_text_sub(xml->in, start, xml->pos - start);
}

/* ---- Markup ---- */

/* Behind the next end; the text before it in *ret_inside. False when it does not come. */
static bool pass(struct hn_xml *xml, struct hn_text end, struct hn_text *ret_inside)
{
    size_t found = hn_text_find(xml->in, end, xml->pos);

    if (found == SIZE_MAX)
        return false;
    *ret_inside = hn_text_sub(xml->in, xml->pos, found - xml->pos);
    xml->pos = found + end.len;
    return true;
}

static enum hn_xml_kind one_attribute(struct hn_xml *xml)
{
    struct hn_xml_attr *attr;
    size_t end;
    char quote;

    if (xml->attr_count == HN_XML_ATTRS_MAX)
        return fail(xml, HN_LIMIT, "too many attributes");
    attr = &xml->attrs[xml->attr_count];
    attr->name = take_name(xml);
    if (attr->name.len == 0)
        return fail(xml, HN_SYNTAX, "attribute name expected");
    skip_space(xml);
    if (xml->pos == xml->in.len)
        return cut_off(xml);
    if (xml->in.ptr[xml->pos] != '=')
        return fail(xml, HN_SYNTAX, "'=' expected after an attribute name");
    xml->pos++;
    skip_space(xml);
    if (xml->pos == xml->in.len)
        return cut_off(xml);
    quote = xml->in.ptr[xml->pos];
    if (quote != '"' && quote != '\'')
        return fail(xml, HN_SYNTAX, "attribute value without quotes");
    end = hn_text_find_char(xml->in, quote, xml->pos + 1);
    if (end == SIZE_MAX)
        return cut_off(xml);
    attr->value = hn_text_sub(xml->in, xml->pos + 1, end - xml->pos - 1);
    if (hn_text_find_char(attr->value, '<', 0) != SIZE_MAX)
        return fail(xml, HN_SYNTAX, "'<' in an attribute value");
    for (uint32_t i = 0; i < xml->attr_count; i++) {
        if (hn_text_eq(xml->attrs[i].name, attr->name))
            return fail(xml, HN_SYNTAX, "attribute occurs twice");
    }
    xml->attr_count++;
    xml->pos = end + 1;
    return HN_XML_START;
}

/* Behind "<". */
static enum hn_xml_kind start_tag(struct hn_xml *xml)
{
    bool spaced = false;

    if (xml->depth == HN_XML_DEPTH_MAX)
        return fail(xml, HN_LIMIT, "elements nested too deep");
    xml->name = take_name(xml);
    if (xml->name.len == 0)
        return xml->pos == xml->in.len ? cut_off(xml)
                                       : fail(xml, HN_SYNTAX, "element name expected after '<'");
    xml->attr_count = 0;
    for (;;) {
        size_t before = xml->pos;

        skip_space(xml);
        spaced = xml->pos > before;
        if (xml->pos == xml->in.len)
            return cut_off(xml);
        if (xml->in.ptr[xml->pos] == '>' || xml->in.ptr[xml->pos] == '/')
            break;
        if (!spaced)
            return fail(xml, HN_SYNTAX, "space expected before an attribute");
        if (one_attribute(xml) == HN_XML_FAILED)
            return HN_XML_FAILED;
    }
    if (xml->in.ptr[xml->pos] == '/') {
        if (xml->pos + 1 == xml->in.len)
            return cut_off(xml);
        if (xml->in.ptr[xml->pos + 1] != '>')
            return fail(xml, HN_SYNTAX, "'>' expected after '/'");
        xml->pos++;
        xml->end_pending = true;
    }
    xml->pos++;
    xml->open[xml->depth++] = xml->name;
    return HN_XML_START;
}

/* Behind "</". */
static enum hn_xml_kind end_tag(struct hn_xml *xml)
{
    xml->name = take_name(xml);
    skip_space(xml);
    if (xml->pos == xml->in.len)
        return cut_off(xml);
    if (xml->in.ptr[xml->pos] != '>')
        return fail(xml, HN_SYNTAX, "'>' expected at the end of an end tag");
    if (xml->depth == 0 || !hn_text_eq(xml->open[xml->depth - 1], xml->name))
        return fail(xml, HN_SYNTAX, "end tag does not match the open element");
    xml->pos++;
    xml->depth--;
    return HN_XML_END;
}

/* Behind "<!". A comment gives HN_XML_TEXT with an empty text, like a processing instruction. */
static enum hn_xml_kind declaration(struct hn_xml *xml)
{
    struct hn_text inside;

    if (at(xml, HN_TEXT("--"))) {
        xml->pos += 2;
        return pass(xml, HN_TEXT("-->"), &inside) ? HN_XML_TEXT : cut_off(xml);
    }
    if (at(xml, HN_TEXT("[CDATA["))) {
        xml->pos += 7;
        xml->cdata = true;
        return pass(xml, HN_TEXT("]]>"), &xml->text) ? HN_XML_TEXT : cut_off(xml);
    }
    if (at(xml, HN_TEXT("DOCTYPE")))
        return fail(xml, HN_UNSUPPORTED, "document type declarations are not read");
    if (xml->in.len - xml->pos < 7)
        return cut_off(xml);
    return fail(xml, HN_SYNTAX, "neither comment nor CDATA section after '<!'");
}

static enum hn_xml_kind markup(struct hn_xml *xml)
{
    struct hn_text inside;

    xml->pos++;
    if (xml->pos == xml->in.len)
        return cut_off(xml);
    switch (xml->in.ptr[xml->pos]) {
    case '/':
        xml->pos++;
        return end_tag(xml);
    case '!':
        xml->pos++;
        return declaration(xml);
    case '?':
        return pass(xml, HN_TEXT("?>"), &inside) ? HN_XML_TEXT : cut_off(xml);
    default:
        return start_tag(xml);
    }
}

static enum hn_xml_kind next_token(struct hn_xml *xml)
{
    size_t end;

    xml->start = xml->pos;
    xml->cdata = false;
    xml->text = HN_TEXT("");
    if (xml->end_pending) {
        xml->end_pending = false;
        xml->depth--;
        return HN_XML_END;
    }
    if (xml->pos == xml->in.len) {
        if (xml->depth > 0)
            return fail(xml, HN_TRUNCATED, "text ends inside an element");
        return HN_XML_END_OF_INPUT;
    }
    if (xml->in.ptr[xml->pos] == '<')
        return markup(xml);
    end = hn_text_find_char(xml->in, '<', xml->pos);
    if (end == SIZE_MAX)
        end = xml->in.len;
    xml->text = hn_text_sub(xml->in, xml->pos, end - xml->pos);
    xml->pos = end;
    return HN_XML_TEXT;
}

enum hn_xml_kind hn_xml_next(struct hn_xml *xml)
{
    enum hn_xml_kind kind;

    if (xml->status != HN_OK)
        return HN_XML_FAILED;
    do {
        kind = next_token(xml);
    } while (kind == HN_XML_TEXT && xml->text.len == 0);
    return kind;
}

enum hn_xml_kind hn_xml_skip(struct hn_xml *xml)
{
    uint32_t outside = xml->depth - 1;
    enum hn_xml_kind kind;

    assert(xml->depth > 0);
    do {
        kind = hn_xml_next(xml);
    } while (kind > HN_XML_END_OF_INPUT && xml->depth > outside);
    return kind;
}

struct hn_text hn_xml_attr(const struct hn_xml *xml, struct hn_text name)
{
    for (uint32_t i = 0; i < xml->attr_count; i++) {
        if (hn_text_eq(xml->attrs[i].name, name))
            return xml->attrs[i].value;
    }
    return (struct hn_text){ NULL, 0 };
}

enum hn_status hn_xml_fail(const struct hn_xml *xml, struct hn_err *err)
{
    uint32_t line = 1;
    size_t line_start = 0;

    assert(xml->status != HN_OK);
    for (size_t i = 0; i < xml->pos && i < xml->in.len; i++) {
        if (xml->in.ptr[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    return hn_fail_at(
            err, xml->status, line, (uint32_t)(xml->pos - line_start) + 1, "%s", xml->reason);
}

/* ---- References ---- */

static const struct {
    struct hn_text name;
    char c;
} entities[] = {
    { HN_TEXT_INIT("lt"), '<' },
    { HN_TEXT_INIT("gt"), '>' },
    { HN_TEXT_INIT("amp"), '&' },
    { HN_TEXT_INIT("quot"), '"' },
    { HN_TEXT_INIT("apos"), '\'' },
};

/* #NNN or #xHHH; UINT32_MAX when it is neither, and past Unicode the number saturates there. */
static bool character_number(struct hn_text digits, uint32_t *ret_number)
{
    uint32_t base = 10;
    uint32_t number = 0;
    size_t i = 1;

    if (digits.len > 1 && digits.ptr[1] == 'x') {
        base = 16;
        i = 2;
    }
    if (i == digits.len)
        return false;
    for (; i < digits.len; i++) {
        char c = digits.ptr[i];
        uint32_t digit;

        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (uint32_t)((c | 0x20) - 'a') + 10;
        else
            return false;
        if (digit >= base)
            return false;
        number = number > 0x10FFFF ? number : number * base + digit;
    }
    *ret_number = number;
    return true;
}

/* The reference whose name (between '&' and ';') is given; 0 when there is none of that name. */
static size_t resolve(struct hn_text name, char *out, bool *well_formed)
{
    uint32_t number;

    if (name.len > 0 && name.ptr[0] == '#') {
        if (!character_number(name, &number))
            return 0;
        if (number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF)) {
            *well_formed = false;
            number = 0xFFFD;
        }
        return hn_utf8_encode(number, out);
    }
    for (size_t i = 0; i < HN_COUNT_OF(entities); i++) {
        if (hn_text_eq(name, entities[i].name)) {
            *out = entities[i].c;
            return 1;
        }
    }
    return 0;
}

size_t hn_xml_unescape(struct hn_text text, char *out, bool *ret_well_formed)
{
    bool well_formed = true;
    size_t pos = 0;
    size_t len = 0;

    while (pos < text.len) {
        size_t amp = hn_text_find_char(text, '&', pos);
        size_t plain = (amp == SIZE_MAX ? text.len : amp) - pos;
        size_t end;
        size_t wrote = 0;

        memcpy(out + len, text.ptr + pos, plain);
        len += plain;
        pos += plain;
        if (amp == SIZE_MAX)
            break;
        end = hn_text_find_char(hn_text_sub(text, pos, 32), ';', 0);
        if (end != SIZE_MAX)
            wrote = resolve(hn_text_sub(text, pos + 1, end - 1), out + len, &well_formed);
        if (wrote == 0) {
            well_formed = false;
            out[len++] = '&';
            pos++;
        } else {
            len += wrote;
            pos += end + 1;
        }
    }
    if (ret_well_formed != NULL)
        *ret_well_formed = well_formed;
    return len;
}
