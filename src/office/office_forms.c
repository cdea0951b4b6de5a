/* office_forms.c - the strings of forms and of controls that stand in documents, as stores under
 * the names by which macros read them. */
#include "office/office_package.h"

#include "oforms/oforms.h"

#define FORMS_MAX    64u
#define STORES_MAX   6000u
#define NUMBERED_MAX 1024u /* controls of a form that have a number in their frame */

struct form_says {
    struct office *o;
    uint32_t id; /* of the object that gets the stores */
    uint32_t stores;
    struct hn_buf text;
};

static void say(
        struct form_says *s, struct hn_text owner, const char *property, struct hn_text value)
{
    if (value.ptr == NULL || s->stores >= STORES_MAX)
        return;
    s->stores++;
    dissect_store(s->o->dissect, s->id, office_print(s->o, "%.*s.%s", HN_TEXT_ARG(owner), property),
            value, DISSECT_NOWHERE);
}

static void all_properties(
        struct form_says *s, struct hn_text owner, const struct oforms_control *control)
{
    if (control->kind == OFORMS_TEXT_BOX || control->kind == OFORMS_COMBO_BOX ||
            control->kind == OFORMS_LIST_BOX)
        say(s, owner, "Text", control->value);
    say(s, owner, "Value", control->value);
    say(s, owner, "Caption", control->caption);
    say(s, owner, "ControlTipText", control->tip);
    say(s, owner, "Tag", control->tag);
    say(s, owner, "GroupName", control->group);
    say(s, owner, "ControlSource", control->control_source);
    say(s, owner, "RowSource", control->row_source);
    if (control->kind != OFORMS_OTHER)
        say(s, owner, "TypeName", hn_text_cstr(oforms_kind_id(control->kind)));
}

static void add_text(struct form_says *s, const struct oforms_control *control)
{
    const struct hn_text texts[] = { control->value, control->caption, control->tip, control->tag,
        control->list };

    for (size_t i = 0; i < HN_COUNT_OF(texts); i++) {
        hn_buf_add_text(&s->text, texts[i]);
        if (texts[i].len > 0)
            hn_buf_add_char(&s->text, '\n');
    }
}

static void end(struct form_says *s)
{
    dissect_text(s->o->dissect, s->id, "form", office_take(s->o, &s->text), HN_TEXT(""),
            DISSECT_NOWHERE);
}

static struct hn_text parent_of(struct hn_text path)
{
    size_t dot = path.len;

    while (dot > 0 && path.ptr[dot - 1] != '.')
        dot--;
    return hn_text_sub(path, 0, dot > 0 ? dot - 1 : 0);
}

/* Pages and controls of a frame by their number in it. */
static void in_parent(
        struct form_says *s, const struct oforms_form *form, size_t i, uint32_t *numbers)
{
    const struct oforms_control *control = &form->controls[i];
    bool page = control->kind == OFORMS_PAGE;
    struct hn_text parent = parent_of(control->path);
    struct hn_text place;

    for (size_t k = i; k > 1; k--) {
        if ((form->controls[k - 1].kind == OFORMS_PAGE) == page &&
                hn_text_eq(parent_of(form->controls[k - 1].path), parent)) {
            numbers[i] = numbers[k - 1] + 1;
            break;
        }
    }
    if (hn_text_eq(parent, form->name))
        return;
    place = office_print(s->o, "%.*s.%s(%lu)", HN_TEXT_ARG(parent), page ? "Pages" : "Controls",
            (unsigned long)numbers[i]);
    say(s, place, "Name", control->name);
    all_properties(s, place, control);
    if (page && numbers[i] == 0) { /* the page that is shown is the first, if nobody turns it */
        all_properties(s, office_print(s->o, "%.*s.SelectedItem", HN_TEXT_ARG(parent)), control);
    }
}

static void one_form(struct form_says *s, const struct oforms_form *form)
{
    uint32_t *numbers = hn_new(&s->o->scratch, uint32_t, NUMBERED_MAX);
    size_t pages = 0;

    for (size_t i = 0; i < form->control_count; i++) {
        const struct oforms_control *control = &form->controls[i];
        struct hn_text direct = office_print(
                s->o, "%.*s.%.*s", HN_TEXT_ARG(form->name), HN_TEXT_ARG(control->name));

        add_text(s, control);
        if (i == 0) { /* the form itself */
            all_properties(s, form->name, control);
            continue;
        }
        all_properties(s, direct, control);
        if (!hn_text_eq(direct, control->path))
            all_properties(s, control->path, control);
        if (numbers != NULL && i < NUMBERED_MAX)
            in_parent(s, form, i, numbers);
        if (control->kind == OFORMS_PAGE) {
            pages++; /* no control of the form */
            continue;
        }
        direct = office_print(s->o, "%.*s.Controls(%zu)", HN_TEXT_ARG(form->name), i - 1 - pages);
        say(s, direct, "Name", control->name);
        all_properties(s, direct, control);
    }
}

void office_forms(struct office *o, struct ole_file *file, uint32_t codepage, uint32_t id)
{
    uint32_t storages[FORMS_MAX];
    size_t count = oforms_find(file, storages, FORMS_MAX);
    struct form_says s = { .o = o, .id = id };

    hn_buf_init(&s.text, OFFICE_SCRATCH_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct oforms_form *form;
        enum hn_status status =
                oforms_read(&o->scratch, file, storages[i], codepage, NULL, &form, NULL);

        o->nomem |= status == HN_NOMEM;
        if (status != HN_OK)
            break;
        dissect_fact(o->dissect, id, "form", form->name);
        if ((form->odd & OFORMS_ODD_DAMAGED) != 0)
            dissect_note(o->dissect, id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE, "the form %.*s",
                    OFFICE_SHOWN(form->name));
        one_form(&s, form);
    }
    end(&s);
}

/* ---- Controls in documents ---- */

/* What a control says, under the name of the document's module and without it. */
static void document_control(
        struct office *o, struct hn_text owner, struct hn_text name, struct oforms_control *control)
{
    struct form_says s = { .o = o, .id = o->id };

    hn_buf_init(&s.text, OFFICE_SCRATCH_BYTES_MAX);
    dissect_fact(o->dissect, o->id, "control",
            office_print(o, "%s %.*s", oforms_kind_id(control->kind), HN_TEXT_ARG(name)));
    all_properties(
            &s, office_print(o, "%.*s.%.*s", HN_TEXT_ARG(owner), HN_TEXT_ARG(name)), control);
    all_properties(&s, name, control);
    all_properties(&s, office_print(o, "ActiveDocument.%.*s", HN_TEXT_ARG(name)), control);
    add_text(&s, control);
    end(&s);
}

static bool read_control(struct office *o, const uint8_t *clsid, struct hn_bytes contents,
        struct oforms_control *ret_control)
{
    enum oforms_kind kind = oforms_kind_of_clsid(clsid);

    if (kind == OFORMS_OTHER || contents.len == 0)
        return false;
    *ret_control = (struct oforms_control){ .kind = kind };
    (void)oforms_control_read(&o->scratch, contents, kind, ret_control);
    return true;
}

void office_ole_control(struct office *o, struct ole_file *file, uint32_t storage)
{
    struct oforms_control control;
    struct hn_text name = office_cut(office_utf16(
            o, office_ole_stream(o, file, ole_find_in(file, storage, HN_TEXT("\003OCXNAME")))));
    struct hn_bytes contents =
            office_ole_stream(o, file, ole_find_in(file, storage, HN_TEXT("contents")));

    if (name.len > 0 && read_control(o, ole_get(file, storage)->clsid, contents, &control))
        document_control(o, HN_TEXT("ThisDocument"), name, &control);
}

/* The bytes of a control: a compound file with a stream "contents", or the class in front of them.
 */
static bool part_control(
        struct office *o, const struct office_part *part, struct oforms_control *ret_control)
{
    struct ole_file *file = NULL;

    if (ole_is(part->data)) {
        return ole_open(&o->scratch, part->data, NULL, &file, NULL) == HN_OK &&
               read_control(o, ole_get(file, 0)->clsid,
                       office_ole_stream(o, file, ole_find(file, HN_TEXT("contents"))),
                       ret_control);
    }
    return part->data.len > 16 &&
           read_control(o, part->data.ptr, hn_bytes_of(part->data.ptr + 16, part->data.len - 16),
                   ret_control);
}

/* The name that the part with the control gives it. */
static struct hn_text name_of(
        struct office_package *package, struct hn_text source, struct hn_text id)
{
    for (uint32_t i = 0; i < package->part_count; i++) {
        const struct office_part *part = &package->parts[i];
        struct hn_xml xml;
        enum hn_xml_kind kind;

        if (part->kind != OFFICE_PART_XML || !hn_text_eq_nocase(part->name, source))
            continue;
        hn_xml_init(&xml, part->xml);
        while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
            if (kind == HN_XML_START && office_xml_is(&xml, "control") &&
                    hn_text_eq(office_attr_prefixed(package->o, &xml, "id"), id))
                return office_attr(package->o, &xml, "name");
        }
    }
    return HN_TEXT("");
}

void office_package_controls(struct office_package *package)
{
    for (uint32_t i = 0; i < package->relation_count; i++) {
        const struct office_relation *relation = &package->relations[i];
        const struct office_part *part;
        struct oforms_control control;

        if (!hn_text_eq_nocase(relation->type, HN_TEXT("control")))
            continue;
        part = office_related(package, relation->source, relation->id);
        if (part == NULL)
            continue;
        for (uint32_t k = 0; k < package->relation_count; k++) {
            const struct office_relation *inner = &package->relations[k];
            const struct office_part *binary;

            if (!hn_text_eq_nocase(inner->source, part->name))
                continue;
            binary = office_related(package, inner->source, inner->id);
            if (binary != NULL && part_control(package->o, binary, &control))
                document_control(package->o, HN_TEXT("ThisDocument"),
                        name_of(package, relation->source, relation->id), &control);
        }
    }
}
