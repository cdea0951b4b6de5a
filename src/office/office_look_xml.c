/* office_look_xml.c - how cells look, as OOXML workbooks say it (ECMA-376 part 1, 18.8). */
#include "office/office_look.h"

#include "base/num.h"
#include "office/office_package.h"

#define FILLS_MAX   4096u
#define NUMBERS_MAX 1024u

struct styles {
    struct office *o;
    struct office_looks *looks;
    struct hn_xml xml;
    struct office_font font;
    struct office_format format;
    uint8_t fills[FILLS_MAX];
    uint32_t fill_count;
    struct {
        uint32_t id;
        struct hn_text text;
    } numbers[NUMBERS_MAX];
    uint32_t number_count;
    bool in_fonts;
    bool in_formats;
};

static uint32_t number_attr(struct styles *s, const char *name)
{
    uint32_t number = 0;

    (void)hn_parse_u32(office_attr(s->o, &s->xml, name), &number);
    return number;
}

static uint8_t color_of(struct styles *s)
{
    struct hn_text rgb = office_attr(s->o, &s->xml, "rgb");
    uint64_t value;

    if (office_attr(s->o, &s->xml, "indexed").len > 0)
        return office_look_indexed(number_attr(s, "indexed"));
    if (rgb.len > 0 && hn_parse_hex64(rgb, &value))
        return office_look_rgb((uint32_t)value);
    return office_attr(s->o, &s->xml, "theme").len > 0 ? OFFICE_LOOK_NO_COLOR : 0;
}

static bool is_set(struct styles *s)
{
    struct hn_text value = office_attr(s->o, &s->xml, "val");

    return !hn_text_eq(value, HN_TEXT("0")) && !hn_text_eq(value, HN_TEXT("false")) &&
           !hn_text_eq(value, HN_TEXT("none"));
}

static void font_member(struct styles *s)
{
    struct office_font *font = &s->font;

    if (office_xml_is(&s->xml, "sz"))
        (void)hn_parse_real(office_attr(s->o, &s->xml, "val"), &font->points);
    else if (office_xml_is(&s->xml, "name"))
        font->name = office_attr(s->o, &s->xml, "val");
    else if (office_xml_is(&s->xml, "b"))
        font->bold = is_set(s);
    else if (office_xml_is(&s->xml, "i"))
        font->italic = is_set(s);
    else if (office_xml_is(&s->xml, "u"))
        font->underlined = is_set(s);
    else if (office_xml_is(&s->xml, "strike"))
        font->struck = is_set(s);
    else if (office_xml_is(&s->xml, "color"))
        font->color = color_of(s);
}

static struct hn_text number_text(const struct styles *s, uint32_t id)
{
    for (uint32_t i = 0; i < s->number_count; i++)
        if (s->numbers[i].id == id)
            return s->numbers[i].text;
    return office_look_number(id);
}

static void format_start(struct styles *s)
{
    uint32_t fill = number_attr(s, "fillId");

    s->format = (struct office_format){ .font = number_attr(s, "fontId"),
        .vertical = 2, /* bottom */
        .fill = fill < s->fill_count ? s->fills[fill] : 0,
        .number = number_text(s, number_attr(s, "numFmtId")) };
}

static void format_member(struct styles *s)
{
    static const char *const horizontal[] = { "general", "left", "center", "right", "fill",
        "justify", "centerContinuous", "distributed" };
    static const char *const vertical[] = { "top", "center", "bottom", "justify", "distributed" };
    struct hn_text value;

    if (office_xml_is(&s->xml, "alignment")) {
        value = office_attr(s->o, &s->xml, "horizontal");
        for (size_t i = 0; i < HN_COUNT_OF(horizontal); i++)
            if (hn_text_eq(value, hn_text_cstr(horizontal[i])))
                s->format.horizontal = (uint8_t)i;
        value = office_attr(s->o, &s->xml, "vertical");
        for (size_t i = 0; i < HN_COUNT_OF(vertical); i++)
            if (hn_text_eq(value, hn_text_cstr(vertical[i])))
                s->format.vertical = (uint8_t)i;
    } else if (office_xml_is(&s->xml, "protection")) {
        s->format.unlocked = hn_text_eq(office_attr(s->o, &s->xml, "locked"), HN_TEXT("0"));
        s->format.hidden = hn_text_eq(office_attr(s->o, &s->xml, "hidden"), HN_TEXT("1"));
    }
}

static void element_start(struct styles *s)
{
    if (office_xml_is(&s->xml, "fonts"))
        s->in_fonts = true;
    else if (office_xml_is(&s->xml, "cellXfs"))
        s->in_formats = true;
    else if (office_xml_is(&s->xml, "font") && s->in_fonts)
        s->font = (struct office_font){ .name = HN_TEXT("") };
    else if (office_xml_is(&s->xml, "xf") && s->in_formats)
        format_start(s);
    else if (s->in_fonts)
        font_member(s);
    else if (s->in_formats)
        format_member(s);
    else if (office_xml_is(&s->xml, "fill") && s->fill_count < FILLS_MAX)
        s->fills[s->fill_count++] = 0;
    else if (office_xml_is(&s->xml, "fgColor") && s->fill_count > 0)
        s->fills[s->fill_count - 1] = color_of(s);
    else if (office_xml_is(&s->xml, "numFmt") && s->number_count < NUMBERS_MAX) {
        s->numbers[s->number_count].id = number_attr(s, "numFmtId");
        s->numbers[s->number_count++].text = office_attr(s->o, &s->xml, "formatCode");
    }
}

static void element_end(struct styles *s)
{
    if (office_xml_is(&s->xml, "fonts"))
        s->in_fonts = false;
    else if (office_xml_is(&s->xml, "cellXfs"))
        s->in_formats = false;
    else if (office_xml_is(&s->xml, "font") && s->in_fonts)
        office_look_font(s->looks, &s->font);
    else if (office_xml_is(&s->xml, "xf") && s->in_formats)
        office_look_format(s->looks, &s->format);
}

void office_look_styles(struct office_package *package)
{
    const struct office_part *part = office_part_with_root(package, "styleSheet");
    struct styles *s = hn_new(&package->o->scratch, struct styles, 1);
    enum hn_xml_kind kind;

    if (part == NULL || s == NULL)
        return;
    s->o = package->o;
    s->looks = &package->xlm.looks;
    hn_xml_init(&s->xml, part->xml);
    while ((kind = hn_xml_next(&s->xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START)
            element_start(s);
        else if (kind == HN_XML_END)
            element_end(s);
    }
    office_xml_done(package->o, &s->xml, part->name);
}
