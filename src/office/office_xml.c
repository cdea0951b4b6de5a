/* office_xml.c - XML parts as the openers read them: by local names, for prefixes are the writer's
 * choice, and with references resolved. */
#include "office/office_internal.h"

#include "base/utf.h"

#include <assert.h>

struct hn_text office_xml_text(struct office *o, struct hn_bytes bytes)
{
    bool big = bytes.len > 1 && ((bytes.ptr[0] == 0xFE && bytes.ptr[1] == 0xFF) ||
                                        (bytes.ptr[0] == 0 && bytes.ptr[1] == '<'));
    bool little = bytes.len > 1 && ((bytes.ptr[0] == 0xFF && bytes.ptr[1] == 0xFE) ||
                                           (bytes.ptr[0] == '<' && bytes.ptr[1] == 0));
    struct hn_text text;

    if (big) {
        uint8_t *swapped = hn_arena_raw(&o->scratch, bytes.len, 1);

        if (swapped == NULL)
            return HN_TEXT("");
        for (size_t i = 0; i + 1 < bytes.len; i += 2) {
            swapped[i] = bytes.ptr[i + 1];
            swapped[i + 1] = bytes.ptr[i];
        }
        bytes = hn_bytes_of(swapped, bytes.len / 2 * 2);
    }
    text = big || little ? office_utf16(o, bytes) : hn_bytes_as_text(bytes);
    return hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")) ? hn_text_sub(text, 3, text.len) : text;
}

struct hn_text office_local(struct hn_text name)
{
    size_t colon = hn_text_find_char(name, ':', 0);

    return colon == SIZE_MAX ? name : hn_text_sub(name, colon + 1, name.len);
}

bool office_xml_is(const struct hn_xml *xml, const char *local)
{
    return hn_text_eq(office_local(xml->name), hn_text_cstr(local));
}

static struct hn_text resolved(struct office *o, struct hn_text text)
{
    char *out;

    if (text.ptr == NULL || hn_xml_is_plain(text))
        return text;
    out = hn_arena_raw(&o->scratch, text.len, 1);
    if (out == NULL)
        return HN_TEXT("");
    return hn_text_of(out, hn_xml_unescape(text, out, NULL));
}

struct hn_text office_attr(struct office *o, const struct hn_xml *xml, const char *name)
{
    struct hn_text wanted = hn_text_cstr(name);
    struct hn_text value = hn_xml_attr(xml, wanted);

    for (uint32_t i = 0; value.ptr == NULL && i < xml->attr_count; i++) {
        if (hn_text_eq(office_local(xml->attrs[i].name), wanted))
            value = xml->attrs[i].value;
    }
    return resolved(o, value);
}

struct hn_text office_attr_prefixed(struct office *o, const struct hn_xml *xml, const char *local)
{
    for (uint32_t i = 0; i < xml->attr_count; i++) {
        struct hn_text name = xml->attrs[i].name;
        struct hn_text behind = office_local(name);

        if (behind.len < name.len && hn_text_eq(behind, hn_text_cstr(local)))
            return resolved(o, xml->attrs[i].value);
    }
    return (struct hn_text){ NULL, 0 };
}

struct hn_text office_xml_content(struct office *o, const struct hn_xml *xml)
{
    return xml->cdata ? xml->text : resolved(o, xml->text);
}

struct hn_text office_xml_inner(struct office *o, struct hn_xml *xml)
{
    uint32_t outside = xml->depth - 1;
    enum hn_xml_kind kind;
    struct hn_buf buf;

    assert(xml->depth > 0);
    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    do {
        kind = hn_xml_next(xml);
        if (kind == HN_XML_TEXT)
            hn_buf_add_text(&buf, office_xml_content(o, xml));
    } while (kind > HN_XML_END_OF_INPUT && xml->depth > outside);
    return office_take(o, &buf);
}

void office_xml_done(struct office *o, const struct hn_xml *xml, struct hn_text part)
{
    if (xml->status != HN_OK) {
        dissect_note(o->dissect, o->id,
                xml->status == HN_TRUNCATED ? DISSECT_NOTE_TRUNCATED : DISSECT_NOTE_SYNTAX,
                DISSECT_NOWHERE, "%.*s: %s at byte %zu", OFFICE_SHOWN(part), xml->reason, xml->pos);
    }
}
