/* office_rtf_dest.c - the destinations of RTF: what the text of a group means. A word that is not
 * here is no destination; with \* in front of it its group is passed over. */
#include "office/office_rtf.h"

const struct rtf_destination rtf_body = { .word = HN_TEXT_INIT(""), .kind = RTF_BODY };
const struct rtf_destination rtf_skip = { .word = HN_TEXT_INIT(""), .kind = RTF_SKIP };

/* ---- Fields ---- */

static void field_begin(struct rtf *rtf)
{
    office_field_begin(&rtf->fields);
}

static void result_begin(struct rtf *rtf)
{
    office_field_separate(&rtf->fields);
}

/* ---- Objects ---- */

void rtf_object_data(struct rtf *rtf, struct hn_bytes bytes)
{
    struct office *o = rtf->o;
    struct hn_text stated = rtf->object_class;
    size_t magic;

    if (bytes.len == 0)
        return;
    rtf->objects++;
    rtf->object_class = HN_TEXT("");
    if (rtf->disguised)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_OBFUSCATED, rtf->pos,
                "the data of an object is interrupted by groups or control words");
    if (stated.len > 0 && bytes.len > 12) {
        size_t len = hn_load_u32(bytes.ptr + 8);
        struct hn_text own = office_cut(hn_text_sub(hn_bytes_as_text(bytes), 12, len));

        if (len < 256 && own.len > 0 && !hn_text_eq_nocase(own, stated)) {
            dissect_note(o->dissect, o->id, DISSECT_NOTE_MISMATCH, rtf->pos,
                    "an object is called %.*s and is %.*s", OFFICE_SHOWN(stated),
                    OFFICE_SHOWN(own));
        }
    }
    if (office_ole1(o, bytes))
        return;
    /* Word finds a compound file behind a damaged head; whatever it is, somebody hid it there. */
    magic = hn_text_find(hn_bytes_as_text(bytes), HN_TEXT("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), 0);
    if (magic != SIZE_MAX) {
        bytes = hn_bytes_of(bytes.ptr + magic, bytes.len - magic);
        (void)office_child(o, "embedded", stated, bytes, DISSECT_UNKNOWN);
        return;
    }
    dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, rtf->pos,
            "the data of an object (%zu bytes) is no OLE object", bytes.len);
}

static void take_object_class(struct rtf *rtf, struct hn_text text)
{
    rtf->object_class = hn_text_trim(text);
}

static void take_clsid(struct rtf *rtf, struct hn_text text)
{
    dissect_fact(rtf->o->dissect, rtf->o->id, "ole_clsid", hn_text_trim(text));
}

/* ---- Links ---- */

static void take_template(struct rtf *rtf, struct hn_text text)
{
    office_template(rtf->o, text);
}

static void take_next_file(struct rtf *rtf, struct hn_text text)
{
    office_external(rtf->o, "next_file", text);
}

/* ---- Strings ---- */

static void take_name(struct rtf *rtf, struct hn_text text)
{
    rtf->pending_name = hn_text_trim(text);
}

static void take_custom_value(struct rtf *rtf, struct hn_text text)
{
    office_custom_property(rtf->o, rtf->pending_name, text);
}

/* {\*\docvar {name}{value}}: both arrive as one, each with RTF_BETWEEN behind it. */
static void take_variable(struct rtf *rtf, struct hn_text text)
{
    size_t cut = hn_text_find_char(text, RTF_BETWEEN, 0);
    struct hn_text name = hn_text_sub(text, 0, cut == SIZE_MAX ? 0 : cut);
    struct hn_text value = hn_text_sub(text, cut == SIZE_MAX ? 0 : cut + 1, text.len);

    if (value.len > 0 && value.ptr[value.len - 1] == RTF_BETWEEN)
        value.len--;
    office_variable(rtf->o, name, value);
}

static void take_shape_value(struct rtf *rtf, struct hn_text text)
{
    struct hn_text name = rtf->pending_name;

    if (hn_text_eq_nocase(name, HN_TEXT("wzName"))) {
        rtf->shape = text;
    } else if (hn_text_eq_nocase(name, HN_TEXT("wzDescription"))) {
        office_store(rtf->o,
                office_member(rtf->o, "ActiveDocument.Shapes", rtf->shape, ".AlternativeText"),
                text);
        office_say(rtf->o, "alternative text", text);
    } else if (hn_text_starts_nocase(name, HN_TEXT("pihl")) ||
               hn_text_eq_nocase(name, HN_TEXT("pib"))) {
        office_say(rtf->o, "link", text);
    }
}

static void take_title(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Title", text);
}

static void take_subject(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Subject", text);
}

static void take_author(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Author", text);
}

static void take_operator(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Last Author", text);
}

static void take_company(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Company", text);
}

static void take_manager(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Manager", text);
}

static void take_category(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Category", text);
}

static void take_keywords(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Keywords", text);
}

static void take_comment(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Comments", text);
}

static void take_base(struct rtf *rtf, struct hn_text text)
{
    office_property(rtf->o, "Hyperlink Base", text);
}

/* ---- The table ---- */

static const struct rtf_destination destinations[] = {
    { HN_TEXT_INIT("field"), RTF_FIELD, field_begin, NULL },
    { HN_TEXT_INIT("fldinst"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("fldrslt"), RTF_BODY, result_begin, NULL },
    { HN_TEXT_INIT("object"), RTF_OBJECT, NULL, NULL },
    { HN_TEXT_INIT("objdata"), RTF_HEX, NULL, NULL },
    { HN_TEXT_INIT("objclass"), RTF_CAPTURE, NULL, take_object_class },
    { HN_TEXT_INIT("oleclsid"), RTF_CAPTURE, NULL, take_clsid },
    { HN_TEXT_INIT("template"), RTF_CAPTURE, NULL, take_template },
    { HN_TEXT_INIT("nextfile"), RTF_CAPTURE, NULL, take_next_file },
    { HN_TEXT_INIT("docvar"), RTF_CAPTURE, NULL, take_variable },
    { HN_TEXT_INIT("propname"), RTF_CAPTURE, NULL, take_name },
    { HN_TEXT_INIT("staticval"), RTF_CAPTURE, NULL, take_custom_value },
    { HN_TEXT_INIT("sn"), RTF_CAPTURE, NULL, take_name },
    { HN_TEXT_INIT("sv"), RTF_CAPTURE, NULL, take_shape_value },
    { HN_TEXT_INIT("title"), RTF_CAPTURE, NULL, take_title },
    { HN_TEXT_INIT("subject"), RTF_CAPTURE, NULL, take_subject },
    { HN_TEXT_INIT("author"), RTF_CAPTURE, NULL, take_author },
    { HN_TEXT_INIT("operator"), RTF_CAPTURE, NULL, take_operator },
    { HN_TEXT_INIT("company"), RTF_CAPTURE, NULL, take_company },
    { HN_TEXT_INIT("manager"), RTF_CAPTURE, NULL, take_manager },
    { HN_TEXT_INIT("category"), RTF_CAPTURE, NULL, take_category },
    { HN_TEXT_INIT("keywords"), RTF_CAPTURE, NULL, take_keywords },
    { HN_TEXT_INIT("doccomm"), RTF_CAPTURE, NULL, take_comment },
    { HN_TEXT_INIT("hlinkbase"), RTF_CAPTURE, NULL, take_base },
    { HN_TEXT_INIT("fonttbl"), RTF_FONTS, NULL, NULL },
    { HN_TEXT_INIT("colortbl"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("stylesheet"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("listtable"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("listoverridetable"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("rsidtbl"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("revtbl"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("filetbl"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("info"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("pict"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("objname"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("objalias"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("objsect"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("datafield"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("datastore"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("themedata"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("colorschememapping"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("xe"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("tc"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("bkmkstart"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("bkmkend"), RTF_SKIP, NULL, NULL },
    { HN_TEXT_INIT("shppict"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("shp"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("shpinst"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("shptxt"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("result"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("ud"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("header"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("footer"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("footnote"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("annotation"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("background"), RTF_BODY, NULL, NULL },
    { HN_TEXT_INIT("userprops"), RTF_SKIP, NULL, NULL },
};

const struct rtf_destination *rtf_destination_find(struct hn_text word)
{
    for (size_t i = 0; i < HN_COUNT_OF(destinations); i++) {
        if (hn_text_eq(word, destinations[i].word))
            return &destinations[i];
    }
    return NULL;
}
