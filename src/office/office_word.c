/* office_word.c - the XML of Word: text, fields, and the strings that macros read. The parts of a
 * package and the single file of Word 2003 have the same elements, known by their local names. */
#include "office/office_internal.h"

#include "base/num.h"

#define TEXT_LEVELS_MAX    8u  /* text boxes within text boxes */
#define CONTROLS_DEPTH_MAX 8u  /* content controls within content controls */
#define BOOKMARKS_MAX      64u /* open at one time */
#define BODY_BYTES_MAX     ((size_t)16 << 20)
#define PARAGRAPHS_MAX     1500u /* as stores: what has a name must find room as well */

struct word_level {
    struct hn_buf text;
    size_t paragraph; /* where the current one begins */
    struct hn_text shape;
};

struct word_bookmark {
    struct hn_text id;
    struct hn_text name;
    size_t start;
};

struct word_control {
    struct hn_text title;
    struct hn_text tag;
    size_t start;
};

enum word_mode { WORD_NO_TEXT, WORD_SEEN, WORD_CODE };

struct word {
    struct office *o;
    struct hn_xml xml;
    struct office_fields fields;
    struct word_level levels[TEXT_LEVELS_MAX];
    uint32_t level;
    uint32_t level_over; /* text boxes open beyond the last level */
    enum word_mode mode;
    struct hn_text shape; /* the last one named */
    struct hn_text form_field;
    struct word_bookmark bookmarks[BOOKMARKS_MAX];
    uint32_t bookmark_count;
    struct word_control controls[CONTROLS_DEPTH_MAX];
    uint32_t control_depth;
    uint32_t paragraphs;
    uint32_t shapes;
    uint32_t inline_shapes;
    uint32_t control_count;
    uint32_t comments;
    size_t comment_start;
    uint32_t tables;
    uint32_t table_depth;
    uint32_t row;
    uint32_t column;
    size_t cell_start;
    bool in_inline;
    bool in_properties;
    bool in_custom_properties;
};

static struct hn_buf *body(struct word *w)
{
    return &w->levels[w->level].text;
}

static struct hn_text since(struct word *w, size_t start)
{
    struct hn_text all = hn_buf_text(body(w));

    return hn_text_sub(all, start, all.len);
}

static void add(struct word *w, struct hn_text text)
{
    if (office_field_text(&w->fields, text))
        hn_buf_add_text(body(w), text);
}

static struct hn_text val(struct word *w)
{
    return office_attr(w->o, &w->xml, "val");
}

/* ---- Text ---- */

static void start_paragraph(struct word *w)
{
    w->levels[w->level].paragraph = body(w)->len;
}

/* VBA reads a paragraph with its mark, which is a carriage return. */
static void end_paragraph(struct word *w)
{
    hn_buf_add_char(body(w), '\r');
    if (w->level > 0)
        return;
    w->paragraphs++;
    if (w->paragraphs <= PARAGRAPHS_MAX && w->levels[0].text.len - w->levels[0].paragraph > 1) {
        office_store(w->o,
                office_print(w->o, "ActiveDocument.Paragraphs(%lu).Range.Text",
                        (unsigned long)w->paragraphs),
                since(w, w->levels[0].paragraph));
    }
}

static void start_text(struct word *w)
{
    w->mode = WORD_SEEN;
}

static void start_code(struct word *w)
{
    w->mode = WORD_CODE;
}

static void end_text(struct word *w)
{
    w->mode = WORD_NO_TEXT;
}

/* The same element among a paragraph's properties is a place, not a character. */
static void tab(struct word *w)
{
    if (w->xml.depth >= 2 && hn_text_eq(office_local(w->xml.open[w->xml.depth - 2]), HN_TEXT("r")))
        add(w, HN_TEXT("\t"));
}

static void line_break(struct word *w)
{
    add(w, HN_TEXT("\v"));
}

static void field_char(struct word *w)
{
    struct hn_text type = office_attr(w->o, &w->xml, "fldCharType");

    if (hn_text_eq(type, HN_TEXT("begin")))
        office_field_begin(&w->fields);
    else if (hn_text_eq(type, HN_TEXT("separate")))
        office_field_separate(&w->fields);
    else if (hn_text_eq(type, HN_TEXT("end")))
        office_field_end(&w->fields);
}

static void field_simple(struct word *w)
{
    office_field_begin(&w->fields);
    office_field_code(&w->fields, office_attr(w->o, &w->xml, "instr"));
    office_field_separate(&w->fields);
}

static void end_field_simple(struct word *w)
{
    office_field_end(&w->fields);
}

/* ---- Shapes and text boxes ---- */

static void shape_strings(struct word *w, struct hn_text name, struct hn_text alternative)
{
    struct hn_text title = office_attr(w->o, &w->xml, "title");

    w->shape = name;
    if (w->in_inline)
        w->inline_shapes++;
    else
        w->shapes++;
    if (alternative.len > 0) {
        office_store(w->o,
                office_print(w->o, "ActiveDocument.%s(%lu).AlternativeText",
                        w->in_inline ? "InlineShapes" : "Shapes",
                        (unsigned long)(w->in_inline ? w->inline_shapes : w->shapes)),
                alternative);
        office_store(w->o, office_member(w->o, "ActiveDocument.Shapes", name, ".AlternativeText"),
                alternative);
        office_say(w->o, "alternative text", alternative);
    }
    if (title.len > 0)
        office_store(w->o, office_member(w->o, "ActiveDocument.Shapes", name, ".Title"), title);
}

static void drawing_name(struct word *w)
{
    shape_strings(w, office_attr(w->o, &w->xml, "name"), office_attr(w->o, &w->xml, "descr"));
}

static void vml_shape(struct word *w)
{
    shape_strings(w, office_attr(w->o, &w->xml, "id"), office_attr(w->o, &w->xml, "alt"));
}

static void start_inline(struct word *w)
{
    w->in_inline = true;
}

static void end_inline(struct word *w)
{
    w->in_inline = false;
}

static void start_text_box(struct word *w)
{
    if (w->level + 1 == TEXT_LEVELS_MAX) {
        w->level_over++;
        return;
    }
    w->level++;
    hn_buf_init(body(w), BODY_BYTES_MAX);
    w->levels[w->level].paragraph = 0;
    w->levels[w->level].shape = w->shape;
}

static void end_text_box(struct word *w)
{
    struct hn_text text;

    if (w->level_over > 0) {
        w->level_over--;
        return;
    }
    if (w->level == 0)
        return;
    text = office_take(w->o, body(w));
    office_store(w->o,
            office_member(w->o, "ActiveDocument.Shapes", w->levels[w->level].shape, ".Text"), text);
    office_store(w->o,
            office_member(w->o, "ActiveDocument.Shapes", w->levels[w->level].shape,
                    ".TextFrame.TextRange.Text"),
            text);
    office_say(w->o, "text box", text);
    w->level--;
}

/* ---- Strings with names ---- */

static void document_variable(struct word *w)
{
    struct hn_text name = office_attr(w->o, &w->xml, "name");
    struct hn_text value = val(w);

    office_variable(w->o, name, value);
}

static void bookmark_start(struct word *w)
{
    struct word_bookmark *mark;

    if (w->level > 0 || w->bookmark_count == BOOKMARKS_MAX)
        return;
    mark = &w->bookmarks[w->bookmark_count++];
    mark->id = office_attr(w->o, &w->xml, "id");
    mark->name = office_attr(w->o, &w->xml, "name");
    mark->start = body(w)->len;
}

static void bookmark_end(struct word *w)
{
    struct hn_text id = office_attr(w->o, &w->xml, "id");

    for (uint32_t i = 0; i < w->bookmark_count; i++) {
        struct word_bookmark mark = w->bookmarks[i];

        if (!hn_text_eq(mark.id, id))
            continue;
        w->bookmarks[i] = w->bookmarks[--w->bookmark_count];
        if (w->level == 0 && body(w)->len > mark.start) {
            office_store(w->o,
                    office_member(w->o, "ActiveDocument.Bookmarks", mark.name, ".Range.Text"),
                    since(w, mark.start));
        }
        return;
    }
}

static void control_start(struct word *w)
{
    if (w->control_depth < CONTROLS_DEPTH_MAX)
        w->controls[w->control_depth] = (struct word_control){ .start = body(w)->len };
    w->control_depth++;
}

static void control_title(struct word *w)
{
    if (w->control_depth > 0 && w->control_depth <= CONTROLS_DEPTH_MAX)
        w->controls[w->control_depth - 1].title = val(w);
}

static void control_tag(struct word *w)
{
    if (w->control_depth > 0 && w->control_depth <= CONTROLS_DEPTH_MAX)
        w->controls[w->control_depth - 1].tag = val(w);
}

static void control_end(struct word *w)
{
    struct word_control *control;
    unsigned long number;
    struct hn_text text;

    if (w->control_depth == 0 || --w->control_depth >= CONTROLS_DEPTH_MAX)
        return;
    control = &w->controls[w->control_depth];
    number = ++w->control_count;
    text = control->start <= body(w)->len ? since(w, control->start) : HN_TEXT("");
    text = hn_text_ends(text, HN_TEXT("\r")) ? hn_text_sub(text, 0, text.len - 1) : text;
    office_store(w->o, office_print(w->o, "ActiveDocument.ContentControls(%lu).Range.Text", number),
            text);
    if (control->title.len > 0) {
        office_store(w->o,
                office_member(w->o, "ActiveDocument.SelectContentControlsByTitle", control->title,
                        "(1).Range.Text"),
                text);
        office_store(w->o, office_print(w->o, "ActiveDocument.ContentControls(%lu).Title", number),
                control->title);
    }
    if (control->tag.len > 0) {
        office_store(w->o,
                office_member(w->o, "ActiveDocument.SelectContentControlsByTag", control->tag,
                        "(1).Range.Text"),
                text);
        office_store(w->o, office_print(w->o, "ActiveDocument.ContentControls(%lu).Tag", number),
                control->tag);
    }
}

static void form_field_name(struct word *w)
{
    if (w->xml.depth >= 2 &&
            hn_text_eq(office_local(w->xml.open[w->xml.depth - 2]), HN_TEXT("ffData")))
        w->form_field = val(w);
}

static void form_field_default(struct word *w)
{
    if (w->form_field.len > 0)
        office_store(w->o,
                office_member(w->o, "ActiveDocument.FormFields", w->form_field, ".Result"), val(w));
    w->form_field = HN_TEXT("");
}

static void comment_start(struct word *w)
{
    w->comment_start = body(w)->len;
}

static void comment_end(struct word *w)
{
    w->comments++;
    if (w->level == 0) {
        office_store(w->o,
                office_print(w->o, "ActiveDocument.Comments(%lu).Range.Text",
                        (unsigned long)w->comments),
                since(w, w->comment_start));
    }
}

/* ---- Tables: those within tables have no numbers of their own ---- */

static void table_start(struct word *w)
{
    if (w->table_depth++ == 0) {
        w->tables++;
        w->row = 0;
    }
}

static void table_end(struct word *w)
{
    if (w->table_depth > 0)
        w->table_depth--;
}

static void row_start(struct word *w)
{
    if (w->table_depth == 1) {
        w->row++;
        w->column = 0;
    }
}

static void cell_start(struct word *w)
{
    if (w->table_depth == 1) {
        w->column++;
        w->cell_start = body(w)->len;
    }
}

static void cell_end(struct word *w)
{
    if (w->table_depth == 1 && w->level == 0 && body(w)->len > w->cell_start + 1) {
        office_store(w->o,
                office_print(w->o, "ActiveDocument.Tables(%lu).Cell(%lu, %lu).Range.Text",
                        (unsigned long)w->tables, (unsigned long)w->row, (unsigned long)w->column),
                since(w, w->cell_start));
    }
}

/* ---- Objects and properties ---- */

/* Word 2003 keeps macros and objects as base64 of what Word 97 would have written. */
static void binary_data(struct word *w)
{
    struct hn_text name = office_attr(w->o, &w->xml, "name");
    struct hn_bytes bytes = office_base64(w->o, office_xml_inner(w->o, &w->xml));
    struct hn_text magic = hn_text_sub(hn_bytes_as_text(bytes), 0, 10);

    if (hn_text_eq(magic, HN_TEXT("ActiveMime")))
        (void)office_child(w->o, "embedded", name, bytes, DISSECT_ACTIVEMIME);
    else if (ole_is(bytes))
        (void)office_child(w->o, "embedded", name, bytes, DISSECT_UNKNOWN);
}

static void ocx_data(struct word *w)
{
    struct hn_text data = office_attr(w->o, &w->xml, "data");
    size_t comma = hn_text_find_char(data, ',', 0);

    if (comma != SIZE_MAX)
        (void)office_child(w->o, "activex", office_attr(w->o, &w->xml, "name"),
                office_base64(w->o, hn_text_sub(data, comma + 1, data.len)), DISSECT_UNKNOWN);
}

static void ole_object(struct word *w)
{
    struct hn_text class_name = office_attr(w->o, &w->xml, "ProgID");

    if (class_name.len > 0)
        dissect_fact(w->o->dissect, w->o->id, "object_class", class_name);
    if (hn_text_eq(office_attr(w->o, &w->xml, "UpdateMode"), HN_TEXT("Always")))
        dissect_fact_bool(w->o->dissect, w->o->id, "object_update", true);
}

static void attached_template(struct word *w)
{
    office_template(w->o, val(w)); /* in a package the target is a relation's */
}

static void hyperlink(struct word *w)
{
    struct hn_text target = office_attr(w->o, &w->xml, "dest"); /* of 2003 */

    if (target.len > 0)
        office_say(w->o, "link", target);
}

static void properties_start(struct word *w)
{
    w->in_properties = true;
}

static void properties_end(struct word *w)
{
    w->in_properties = false;
}

static void custom_start(struct word *w)
{
    w->in_custom_properties = true;
}

static void custom_end(struct word *w)
{
    w->in_custom_properties = false;
}

static void property_2003(struct word *w)
{
    static const struct {
        const char *element;
        const char *builtin;
    } names[] = { { "Title", "Title" }, { "Subject", "Subject" }, { "Author", "Author" },
        { "Keywords", "Keywords" }, { "Description", "Comments" }, { "LastAuthor", "Last Author" },
        { "Company", "Company" }, { "Manager", "Manager" }, { "Category", "Category" },
        { "HyperlinkBase", "Hyperlink Base" } };
    struct hn_text name = office_local(w->xml.name);
    struct hn_text value = office_xml_inner(w->o, &w->xml);

    if (w->in_custom_properties) {
        office_custom_property(w->o, name, value);
        return;
    }
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq(name, hn_text_cstr(names[i].element)))
            office_property(w->o, names[i].builtin, value);
    }
}

/* ---- Elements ---- */

static const struct {
    const char *local;
    void (*start)(struct word *w);
    void (*end)(struct word *w);
} elements[] = {
    { "p", start_paragraph, end_paragraph },
    { "t", start_text, end_text },
    { "delText", start_text, end_text },
    { "instrText", start_code, end_text },
    { "delInstrText", start_code, end_text },
    { "tab", tab, NULL },
    { "br", line_break, NULL },
    { "cr", line_break, NULL },
    { "fldChar", field_char, NULL },
    { "fldSimple", field_simple, end_field_simple },
    { "docVar", document_variable, NULL },
    { "docPr", drawing_name, NULL },
    { "shape", vml_shape, NULL },
    { "inline", start_inline, end_inline },
    { "txbxContent", start_text_box, end_text_box },
    { "bookmarkStart", bookmark_start, NULL },
    { "bookmarkEnd", bookmark_end, NULL },
    { "sdt", control_start, control_end },
    { "alias", control_title, NULL },
    { "tag", control_tag, NULL },
    { "name", form_field_name, NULL },
    { "default", form_field_default, NULL },
    { "comment", comment_start, comment_end },
    { "tbl", table_start, table_end },
    { "tr", row_start, NULL },
    { "tc", cell_start, cell_end },
    { "binData", binary_data, NULL },
    { "ocx", ocx_data, NULL },
    { "OLEObject", ole_object, NULL },
    { "attachedTemplate", attached_template, NULL },
    { "hlink", hyperlink, NULL },
    { "DocumentProperties", properties_start, properties_end },
    { "CustomDocumentProperties", custom_start, custom_end },
};

static void element(struct word *w, bool start)
{
    struct hn_text local = office_local(w->xml.name);

    for (size_t i = 0; i < HN_COUNT_OF(elements); i++) {
        if (!hn_text_eq(local, hn_text_cstr(elements[i].local)))
            continue;
        if (start && elements[i].start != NULL)
            elements[i].start(w);
        else if (!start && elements[i].end != NULL)
            elements[i].end(w);
        return;
    }
    if (start && (w->in_properties || w->in_custom_properties))
        property_2003(w);
}

static void text(struct word *w)
{
    if (w->mode == WORD_SEEN)
        add(w, office_xml_content(w->o, &w->xml));
    else if (w->mode == WORD_CODE)
        office_field_code(&w->fields, office_xml_content(w->o, &w->xml));
}

static void finish(struct word *w, struct hn_text root)
{
    struct hn_text whole;

    office_fields_deinit(&w->fields);
    w->level_over = 0;
    while (w->level > 0)
        end_text_box(w);
    whole = office_take(w->o, body(w));
    if (whole.len == 0)
        return;
    if (hn_text_eq(root, HN_TEXT("document")) || hn_text_eq(root, HN_TEXT("wordDocument"))) {
        office_store(w->o, HN_TEXT("ActiveDocument.Content.Text"), whole);
        office_store(w->o, HN_TEXT("ActiveDocument.Range.Text"), whole);
    }
    office_say(w->o, "body", whole);
}

bool office_word_part(struct office *o, struct hn_text xml, struct hn_text part)
{
    static const char *const roots[] = { "document", "hdr", "ftr", "footnotes", "endnotes",
        "comments", "settings", "glossaryDocument", "wordDocument" };
    struct word *w = hn_new(&o->scratch, struct word, 1);
    struct hn_text root = HN_TEXT("");
    enum hn_xml_kind kind;

    if (w == NULL)
        return true;
    w->o = o;
    hn_xml_init(&w->xml, xml);
    office_fields_init(&w->fields, o);
    hn_buf_init(body(w), BODY_BYTES_MAX);
    while ((kind = hn_xml_next(&w->xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START && root.len == 0) {
            root = office_local(w->xml.name);
            if (!office_is_one_of(root, roots, HN_COUNT_OF(roots)))
                break;
        }
        if (kind == HN_XML_TEXT)
            text(w);
        else
            element(w, kind == HN_XML_START);
    }
    office_xml_done(o, &w->xml, part);
    finish(w, root);
    return root.len == 0 || office_is_one_of(root, roots, HN_COUNT_OF(roots));
}
