/* office_slide.c - slides of XML parts: texts, names of shapes, and what a click or the mere
 * passing of the mouse would start. */
#include "office/office_package.h"

#include "base/enc.h"

struct slide_reader {
    struct office_package *package;
    const struct office_part *part;
    struct hn_xml xml;
    unsigned long number; /* 0: a master, layout or page of notes */
    struct hn_text shape;
    struct hn_buf shape_text;
    struct hn_buf text;
};

static void shape_end(struct slide_reader *s)
{
    struct office *o = s->package->o;
    struct hn_text text = office_take(o, &s->shape_text);
    struct hn_text slide = office_print(o, "ActivePresentation.Slides(%lu).Shapes", s->number);

    hn_buf_init(&s->shape_text, OFFICE_SCRATCH_BYTES_MAX);
    if (text.len > 0 && s->number > 0) {
        office_store(o, office_member(o, slide.ptr, s->shape, ".TextFrame.TextRange.Text"), text);
        slide = office_print(o, "Slides(%lu).Shapes", s->number);
        office_store(o, office_member(o, slide.ptr, s->shape, ".Text"), text);
    }
    hn_buf_add_text(&s->text, text);
    if (text.len > 0)
        hn_buf_add_char(&s->text, '\n');
}

static void shape_start(struct slide_reader *s)
{
    struct office *o = s->package->o;
    struct hn_text slide = office_print(o, "ActivePresentation.Slides(%lu).Shapes", s->number);
    struct hn_text alternative = office_attr(o, &s->xml, "descr");

    shape_end(s);
    s->shape = office_attr(o, &s->xml, "name");
    if (alternative.len > 0 && s->number > 0)
        office_store(o, office_member(o, slide.ptr, s->shape, ".AlternativeText"), alternative);
    office_say(o, "alternative text", alternative);
}

/* The command of a program action: a URL-escaped path, often with arguments. */
static void program(struct office *o, struct hn_text target)
{
    struct hn_text command;
    struct hn_buf buf;

    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    if (hn_text_starts_nocase(target, HN_TEXT("file:///")))
        target = hn_text_sub(target, 8, target.len);
    hn_percent_decode(&buf, target);
    command = office_take(o, &buf);
    dissect_fact(o->dissect, o->id, "action_command", command);
    office_command(o, "action", HN_TEXT("slide action"), command);
}

static void action(struct slide_reader *s, const char *event)
{
    struct office *o = s->package->o;
    struct hn_text what = office_attr(o, &s->xml, "action");
    const struct office_relation *relation =
            office_relation(s->package, s->part->name, office_attr_prefixed(o, &s->xml, "id"));
    struct hn_text target = relation != NULL ? relation->target : HN_TEXT("");
    bool starts_program = hn_text_starts_nocase(what, HN_TEXT("ppaction://program"));
    bool starts_macro = hn_text_starts_nocase(what, HN_TEXT("ppaction://macro"));

    if (!starts_program && !starts_macro)
        return;
    dissect_fact(o->dissect, o->id, "slide_action",
            office_print(o, "%s %.*s %.*s", event, HN_TEXT_ARG(what), HN_TEXT_ARG(target)));
    if (starts_program)
        program(o, target);
    if (strcmp(event, "mouse_over") == 0)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE,
                "when the mouse passes: %.*s %.*s", OFFICE_SHOWN(what), OFFICE_SHOWN(target));
}

static void slide_start(struct slide_reader *s)
{
    if (office_xml_is(&s->xml, "cNvPr"))
        shape_start(s);
    else if (office_xml_is(&s->xml, "hlinkClick"))
        action(s, "click");
    else if (office_xml_is(&s->xml, "hlinkHover") || office_xml_is(&s->xml, "hlinkMouseOver"))
        action(s, "mouse_over");
    else if (office_xml_is(&s->xml, "t"))
        hn_buf_add_text(&s->shape_text, office_xml_inner(s->package->o, &s->xml));
}

static void read_slide(
        struct office_package *package, const struct office_part *part, unsigned long number)
{
    struct slide_reader *s = hn_new(&package->o->scratch, struct slide_reader, 1);
    enum hn_xml_kind kind;

    if (s == NULL)
        return;
    s->package = package;
    s->part = part;
    s->number = number;
    s->shape = HN_TEXT("");
    hn_xml_init(&s->xml, part->xml);
    hn_buf_init(&s->shape_text, OFFICE_SCRATCH_BYTES_MAX);
    hn_buf_init(&s->text, OFFICE_SCRATCH_BYTES_MAX);
    while ((kind = hn_xml_next(&s->xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START)
            slide_start(s);
        else if (kind == HN_XML_END && office_xml_is(&s->xml, "p") && s->shape_text.len > 0)
            hn_buf_add_char(&s->shape_text, '\r');
    }
    shape_end(s);
    office_xml_done(package->o, &s->xml, part->name);
    office_say(package->o, "slide", office_take(package->o, &s->text));
    hn_buf_deinit(&s->shape_text);
}

void office_slides(struct office_package *package)
{
    static const char *const roots[] = { "sld", "notes", "sldLayout", "sldMaster", "notesMaster",
        "handoutMaster" };
    const struct office_part *presentation = office_part_with_root(package, "presentation");
    bool *seen = hn_new(&package->o->scratch, bool, (size_t)package->part_count + 1);
    unsigned long number = 0;
    struct hn_xml xml;
    enum hn_xml_kind kind;

    if (presentation != NULL && seen != NULL) {
        hn_xml_init(&xml, presentation->xml);
        while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
            const struct office_part *part;

            if (kind != HN_XML_START || !office_xml_is(&xml, "sldId"))
                continue;
            number++;
            part = office_related(
                    package, presentation->name, office_attr_prefixed(package->o, &xml, "id"));
            if (part == NULL || seen[part - package->parts])
                continue;
            seen[part - package->parts] = true;
            read_slide(package, part, number);
        }
    }
    for (uint32_t i = 0; seen != NULL && i < package->part_count; i++) {
        if (!seen[i] && office_is_one_of(package->parts[i].root, roots, HN_COUNT_OF(roots)))
            read_slide(package, &package->parts[i], 0);
    }
}
