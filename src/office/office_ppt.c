/* office_ppt.c - the stream of a presentation ([MS-PPT]): texts, embedded objects and macros,
 * links, and what a click or the passing of the mouse starts. */
#include "office/office_internal.h"

#include "base/codepage.h"

#define TEXT_MAX ((size_t)4 << 20)

enum {
    PPT_SLIDE = 0x03EE,
    PPT_TEXT_CHARS = 0x0FA0,
    PPT_TEXT_BYTES = 0x0FA8,
    PPT_CSTRING = 0x0FBA,
    PPT_EX_HYPERLINK_ATOM = 0x0FD3,
    PPT_EX_HYPERLINK = 0x0FD7,
    PPT_INTERACTIVE = 0x0FF2,
    PPT_INTERACTIVE_ATOM = 0x0FF3,
    PPT_OLE_STORAGE = 0x1011,
    PPT_ART_OPT = 0xF00B
};

enum { ACTION_MACRO = 1, ACTION_PROGRAM = 2 };

struct ppt {
    struct office *o;
    struct hn_buf text;
    struct office_art art;
    unsigned long slide; /* number of the slide being read */
    unsigned long text_number;
    uint16_t action; /* of the interaction being read; 0: none that starts something */
    bool mouse_over;
    bool in_hyperlink;
};

static void say_text(struct ppt *p, struct hn_text text)
{
    if (text.len == 0 || p->text.len > TEXT_MAX)
        return;
    hn_buf_add_text(&p->text, text);
    hn_buf_add_char(&p->text, '\n');
    p->text_number++;
    if (p->slide > 0) {
        office_store(p->o,
                office_print(p->o,
                        "ActivePresentation.Slides(%lu).Shapes(%lu).TextFrame.TextRange.Text",
                        p->slide, p->text_number),
                text);
    }
}

/* An OLE file, perhaps compressed behind its size. It may hold the macros of the presentation. */
static void ole_storage(struct office *o, uint16_t instance, struct hn_bytes data)
{
    struct ole_file *file = NULL;

    if (instance == 1 && data.len > 4)
        data = office_inflate(o, hn_bytes_of(data.ptr + 4, data.len - 4));
    if (!ole_is(data))
        return;
    if (ole_open(&o->scratch, data, NULL, &file, NULL) == HN_OK && office_has_vba(file))
        office_vba(o, file, data);
    else
        (void)office_child(o, "embedded", HN_TEXT("OLE object"), data, DISSECT_UNKNOWN);
}

/* The name of the macro or program that an interaction starts. */
static void action_name(struct ppt *p, struct hn_text name)
{
    struct office *o = p->o;
    bool program = p->action == ACTION_PROGRAM;

    dissect_fact(o->dissect, o->id, "slide_action",
            office_print(o, "%s ppaction://%s %.*s", p->mouse_over ? "mouse_over" : "click",
                    program ? "program" : "macro", HN_TEXT_ARG(name)));
    if (program) {
        dissect_fact(o->dissect, o->id, "action_command", name);
        office_command(o, "action", HN_TEXT("slide action"), name);
    }
    if (p->mouse_over)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE,
                "when the mouse passes: %.*s", OFFICE_SHOWN(name));
    p->action = 0;
}

static void cstring(struct ppt *p, struct hn_bytes data)
{
    struct hn_text text = office_cut(office_utf16(p->o, data));

    if (p->action != 0)
        action_name(p, text);
    else
        office_say(p->o, p->in_hyperlink ? "link" : "name", text);
}

static void container(struct ppt *p, uint16_t type, uint16_t instance)
{
    if (type == PPT_SLIDE) {
        p->slide++;
        p->text_number = 0;
    } else if (type == PPT_INTERACTIVE) {
        p->action = 0;
        p->mouse_over = instance == 1;
    }
    p->in_hyperlink = type == PPT_EX_HYPERLINK;
}

static void atom(struct ppt *p, uint16_t type, uint16_t instance, struct hn_bytes data)
{
    switch (type) {
    case PPT_TEXT_CHARS:
        say_text(p, office_utf16(p->o, data));
        break;
    case PPT_TEXT_BYTES: /* the low bytes of UTF-16 */
        say_text(p, office_ansi(p->o, HN_CODEPAGE_WESTERN, data));
        break;
    case PPT_CSTRING:
        cstring(p, data);
        break;
    case PPT_INTERACTIVE_ATOM:
        p->action = data.len > 8 && (data.ptr[8] == ACTION_MACRO || data.ptr[8] == ACTION_PROGRAM)
                            ? data.ptr[8]
                            : 0;
        break;
    case PPT_OLE_STORAGE:
        ole_storage(p->o, instance, data);
        break;
    case PPT_ART_OPT:
        office_art_properties(&p->art, data, instance);
        break;
    default:
        break;
    }
}

void office_ppt_stream(struct office *o, struct hn_bytes stream)
{
    struct hn_reader r = hn_reader_over(stream);
    struct ppt p = { .o = o, .art = { .o = o, .owner = "ActivePresentation.Shapes" } };

    if (o->encrypted)
        return;
    hn_buf_init(&p.text, OFFICE_SCRATCH_BYTES_MAX);
    while (hn_reader_left(&r) >= 8) {
        uint16_t head = hn_reader_u16(&r);
        uint16_t type = hn_reader_u16(&r);
        uint32_t len = hn_reader_u32(&r);

        if ((head & 0xF) == 0xF) { /* containers are entered */
            container(&p, type, head >> 4);
            continue;
        }
        if (len > hn_reader_left(&r)) {
            dissect_note(o->dissect, o->id, DISSECT_NOTE_TRUNCATED, DISSECT_NOWHERE,
                    "a record of the presentation");
            len = (uint32_t)hn_reader_left(&r);
        }
        atom(&p, type, head >> 4, hn_reader_take(&r, len));
    }
    office_say(o, "slide", office_take(o, &p.text));
}
