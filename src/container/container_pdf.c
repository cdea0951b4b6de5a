/* container_pdf.c - PDF: actions, scripts, embedded files and links, wherever they stand in it.
 * Every object is looked at, whether anything refers to it or not. */
#include "container/container_pdf.h"

#include "base/mem.h"

#define ARENA_BYTES    ((size_t)96 << 20)
#define SCRIPTS_MAX    256u
#define FILES_MAX      512u
#define TEXT_BYTES_MAX ((size_t)64 << 10)
#define PAGES_READ_MAX 64u /* streams of pages in which texts are looked for */

struct pdf_walk {
    struct pdf *pdf;
    struct pdf_object *object; /* the walk is in it */
    enum hn_status status;
    uint32_t scripts;
    uint32_t files;
    uint32_t links;
    uint32_t pictures;
    uint32_t pages;
    uint32_t read;
    bool coded;
    bool open_action;
    bool added_action;
    bool acro_form;
    bool xfa;
    bool rich_media;
    struct hn_buf text;
};

/* ---- Children ---- */

static void add(struct pdf_walk *w, struct hn_text name, struct hn_bytes bytes,
        const char *relation, enum dissect_format format)
{
    struct dissect *dissect = w->pdf->dissect;
    struct container_entry out = {
        .name = name, .name_is_utf8 = true, .relation = relation, .format = format
    };
    struct hn_text kept;

    if (w->status != HN_OK || w->pdf->crypt.locked)
        return;
    if (container_offset_in(w->pdf->data, bytes) == DISSECT_NOWHERE) {
        kept = hn_arena_text(dissect_arena(dissect), hn_bytes_as_text(bytes));
        if (kept.ptr == NULL) {
            w->status = container_no_memory(dissect, w->pdf->id);
            return;
        }
        bytes = hn_text_as_bytes(kept);
    }
    out.data = bytes;
    w->status = container_add(dissect, w->pdf->id, &out, NULL);
}

static void link(struct pdf_walk *w, const struct pdf_value *value, const char *what)
{
    struct hn_text text = pdf_text(w->pdf, value);

    if (text.len == 0)
        return;
    w->links++;
    dissect_text(w->pdf->dissect, w->pdf->id, what, text, HN_TEXT(""), w->object->file_offset);
}

/* A file specification (7.11): a text, or a dictionary with /UF, /F and, for URLs, /FS /URL. */
static const struct pdf_value *file_name(struct pdf *pdf, const struct pdf_value *spec)
{
    static const char *const keys[] = { "UF", "F", "Unix", "DOS", "Mac" };

    if (spec == NULL || spec->kind != PDF_DICT)
        return spec;
    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        const struct pdf_value *name = pdf_get(pdf, spec, keys[i]);

        if (name != NULL && name->kind == PDF_STRING)
            return name;
    }
    return NULL;
}

/* The stream object that a key refers to; NULL when there is none. */
static struct pdf_object *stream_of(struct pdf *pdf, const struct pdf_value *dict, const char *key)
{
    if (dict == NULL || dict->kind != PDF_DICT)
        return NULL;
    for (const struct pdf_item *item = dict->items; item != NULL; item = item->next) {
        struct pdf_object *object;

        if (!hn_text_eq(item->key, hn_text_cstr(key)) || item->value->kind != PDF_REFERENCE ||
                item->value->number < 0 || item->value->number > UINT32_MAX)
            continue;
        object = pdf_find(pdf, (uint32_t)item->value->number);
        if (object == NULL)
            return NULL;
        pdf_parse(pdf, object);
        return object->stream.ptr != NULL ? object : NULL;
    }
    return NULL;
}

static void on_script(struct pdf_walk *w, const struct pdf_value *action)
{
    struct pdf_object *stream = stream_of(w->pdf, action, "JS");
    struct hn_bytes bytes;

    if (w->scripts >= SCRIPTS_MAX)
        return;
    if (stream != NULL && pdf_stream(w->pdf, stream, &bytes)) {
        struct pdf_value text = { .kind = PDF_STRING, .text = hn_bytes_as_text(bytes) };

        bytes = hn_text_as_bytes(pdf_text(w->pdf, &text));
    } else {
        bytes = hn_text_as_bytes(pdf_text(w->pdf, pdf_get(w->pdf, action, "JS")));
    }
    if (bytes.len == 0)
        return;
    w->scripts++;
    add(w, HN_TEXT("javascript"), bytes, "script", DISSECT_JSCRIPT);
}

static void on_launch(struct pdf_walk *w, const struct pdf_value *action)
{
    const struct pdf_value *win = pdf_get(w->pdf, action, "Win");
    const struct pdf_value *from = win != NULL ? win : action;
    struct hn_text file = pdf_text(w->pdf, file_name(w->pdf, pdf_get(w->pdf, from, "F")));
    struct hn_text parameters = pdf_text(w->pdf, pdf_get(w->pdf, from, "P"));
    struct hn_buf line = { 0 };

    hn_buf_add_text(&line, file);
    if (parameters.len > 0)
        hn_buf_add_char(&line, ' ');
    hn_buf_add_text(&line, parameters);
    dissect_fact(w->pdf->dissect, w->pdf->id, "launch", hn_buf_text(&line));
    dissect_note(w->pdf->dissect, w->pdf->id, DISSECT_NOTE_AUTORUN, w->object->file_offset,
            "an action starts a program");
    if (line.len > 0)
        add(w, HN_TEXT("launch"), hn_text_as_bytes(hn_buf_text(&line)), "command", DISSECT_COMMAND);
    hn_buf_deinit(&line);
}

static void on_action(struct pdf_walk *w, const struct pdf_value *action)
{
    const struct pdf_value *kind = pdf_get(w->pdf, action, "S");

    if (pdf_is_name(kind, "JavaScript") || pdf_is_name(kind, "Rendition") ||
            (kind == NULL && pdf_get(w->pdf, action, "JS") != NULL))
        on_script(w, action);
    else if (pdf_is_name(kind, "URI"))
        link(w, pdf_get(w->pdf, action, "URI"), "link");
    else if (pdf_is_name(kind, "Launch"))
        on_launch(w, action);
    else if (pdf_is_name(kind, "SubmitForm"))
        link(w, file_name(w->pdf, pdf_get(w->pdf, action, "F")), "form");
    else if (pdf_is_name(kind, "GoToR") || pdf_is_name(kind, "GoToE") ||
             pdf_is_name(kind, "ImportData") || pdf_is_name(kind, "Thread"))
        link(w, file_name(w->pdf, pdf_get(w->pdf, action, "F")), "link");
}

static void on_file(struct pdf_walk *w, const struct pdf_value *spec)
{
    const struct pdf_value *files = pdf_get(w->pdf, spec, "EF");
    struct pdf_object *stream = stream_of(w->pdf, files, "F");
    struct hn_bytes bytes;

    if (stream == NULL)
        stream = stream_of(w->pdf, files, "UF");
    if (stream == NULL || w->files >= FILES_MAX || !pdf_stream(w->pdf, stream, &bytes))
        return;
    w->files++;
    add(w, pdf_text(w->pdf, file_name(w->pdf, spec)), bytes, "embedded", DISSECT_UNKNOWN);
}

/* Forms of XFA (12.7.8): a stream, or an array of names and streams; their XML holds scripts. */
static void on_xfa(struct pdf_walk *w, const struct pdf_value *form)
{
    struct pdf_object *whole = stream_of(w->pdf, form, "XFA");
    const struct pdf_value *parts = pdf_get(w->pdf, form, "XFA");
    struct hn_buf xml = { 0 };
    struct hn_bytes bytes;

    if (whole != NULL && pdf_stream(w->pdf, whole, &bytes))
        hn_buf_add(&xml, bytes.ptr, bytes.len);
    for (const struct pdf_item *item = parts != NULL && parts->kind == PDF_ARRAY ? parts->items
                                                                                 : NULL;
            item != NULL; item = item->next) {
        struct pdf_item one = { .key = HN_TEXT("part"), .value = item->value };
        struct pdf_value dict = { .kind = PDF_DICT, .items = &one };
        struct pdf_object *part = stream_of(w->pdf, &dict, "part");

        if (part != NULL && pdf_stream(w->pdf, part, &bytes))
            hn_buf_add(&xml, bytes.ptr, bytes.len);
    }
    w->xfa = true;
    if (xml.len > 0)
        add(w, HN_TEXT("xfa"), hn_text_as_bytes(hn_buf_text(&xml)), "embedded", DISSECT_XML);
    hn_buf_deinit(&xml);
}

/* ---- Looking at every value ---- */

static void on_dictionary(struct pdf_walk *w, const struct pdf_value *dict)
{
    const struct pdf_value *type = pdf_get(w->pdf, dict, "Type");

    if (pdf_is_name(type, "Page"))
        w->pages++;
    w->pictures += pdf_is_name(pdf_get(w->pdf, dict, "Subtype"), "Image");
    if (pdf_get(w->pdf, dict, "S") != NULL || pdf_get(w->pdf, dict, "JS") != NULL)
        on_action(w, dict);
    if (pdf_get(w->pdf, dict, "EF") != NULL)
        on_file(w, dict);
    if (pdf_get(w->pdf, dict, "XFA") != NULL)
        on_xfa(w, dict);
    if (pdf_get(w->pdf, dict, "OpenAction") != NULL)
        w->open_action = true;
    if (pdf_get(w->pdf, dict, "AA") != NULL)
        w->added_action = true;
    if (pdf_get(w->pdf, dict, "AcroForm") != NULL)
        w->acro_form = true;
    if (pdf_is_name(pdf_get(w->pdf, dict, "Subtype"), "RichMedia"))
        w->rich_media = true;
    for (const struct pdf_item *item = dict->items; item != NULL; item = item->next)
        w->coded = w->coded || item->key_coded;
}

/* As deep as values nest; no reference is followed. NOLINTNEXTLINE(misc-no-recursion) */
static void look(struct pdf_walk *w, const struct pdf_value *value, uint32_t depth)
{
    if (value == NULL || depth > PDF_DEPTH_MAX || w->status != HN_OK)
        return;
    if (value->kind == PDF_DICT)
        on_dictionary(w, value);
    w->coded = w->coded || value->coded;
    for (const struct pdf_item *item = value->items; item != NULL; item = item->next)
        if (item->value->kind == PDF_DICT || item->value->kind == PDF_ARRAY)
            look(w, item->value, depth + 1);
}

/* Texts that a page shows by (...) Tj and [...] TJ; of fonts with codes of their own nothing
 * readable comes out, and then nothing is kept. */
static void read_page(struct pdf_walk *w)
{
    const struct pdf_value *type = pdf_get(w->pdf, w->object->value, "Type");
    struct pdf_lexer lexer = { .pdf = w->pdf };
    const struct pdf_value *value;
    struct hn_bytes bytes;

    if (w->object->stream.ptr == NULL || type != NULL || w->read >= PAGES_READ_MAX ||
            pdf_get(w->pdf, w->object->value, "Subtype") != NULL ||
            !pdf_stream(w->pdf, w->object, &bytes) ||
            hn_text_find(hn_bytes_as_text(bytes), HN_TEXT("BT"), 0) == SIZE_MAX ||
            hn_text_find(hn_bytes_as_text(bytes), HN_TEXT("T"), 0) == SIZE_MAX)
        return;
    w->read++;
    lexer.source = bytes;
    while (w->text.len < TEXT_BYTES_MAX && (value = pdf_read(&lexer)) != NULL) {
        const struct pdf_item *item = value->kind == PDF_ARRAY ? value->items : NULL;

        if (value->kind == PDF_STRING)
            hn_buf_add_text(&w->text, pdf_text(w->pdf, value));
        for (; item != NULL; item = item->next)
            if (item->value->kind == PDF_STRING)
                hn_buf_add_text(&w->text, pdf_text(w->pdf, item->value));
        if (value->kind == PDF_NULL && value->text.len > 0 &&
                (value->text.ptr[0] == 'T' || value->text.ptr[0] == 'E') && w->text.len > 0 &&
                w->text.ptr[w->text.len - 1] != ' ')
            hn_buf_add_char(&w->text, ' ');
    }
}

static void look_at_all(struct pdf_walk *w)
{
    for (size_t i = 0; i < w->pdf->objects.count && w->status == HN_OK && !w->pdf->nomem; i++) {
        w->object = &w->pdf->objects.ptr[i];
        pdf_parse(w->pdf, w->object);
        look(w, w->object->value, 0);
        read_page(w);
    }
}

/* ---- Facts ---- */

static bool is_readable(struct hn_text text)
{
    size_t odd = 0;

    for (size_t i = 0; i < text.len; i++)
        odd += (uint8_t)text.ptr[i] < 0x20u;
    return odd * 10 < text.len;
}

static void say(struct pdf_walk *w)
{
    struct dissect *dissect = w->pdf->dissect;
    uint32_t id = w->pdf->id;
    const struct pdf_value *info = pdf_get(w->pdf, w->pdf->trailer, "Info");
    static const char *const keys[][2] = { { "Title", "title" }, { "Author", "author" },
        { "Creator", "creator" }, { "Producer", "producer" }, { "CreationDate", "created" },
        { "ModDate", "modified" } };

    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        struct hn_text text = pdf_text(w->pdf, pdf_get(w->pdf, info, keys[i][0]));

        if (text.len > 0)
            dissect_fact(dissect, id, keys[i][1], text);
    }
    dissect_fact_u64(dissect, id, "object_count", w->pdf->objects.count);
    dissect_fact_u64(dissect, id, "page_count", w->pages);
    dissect_fact_u64(dissect, id, "script_count", w->scripts);
    dissect_fact_u64(dissect, id, "file_count", w->files);
    dissect_fact_u64(dissect, id, "link_count", w->links);
    if (w->open_action)
        dissect_fact_bool(dissect, id, "open_action", true);
    if (w->added_action)
        dissect_fact_bool(dissect, id, "additional_actions", true);
    if (w->acro_form)
        dissect_fact_bool(dissect, id, "form", true);
    if (w->xfa)
        dissect_fact_bool(dissect, id, "xfa", true);
    if (w->rich_media)
        dissect_fact_bool(dissect, id, "rich_media", true);
    if (w->scripts > 0 && (w->open_action || w->added_action))
        dissect_note(dissect, id, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE,
                "a script is started by an event of the document");
    if (w->coded)
        dissect_note(dissect, id, DISSECT_NOTE_OBFUSCATED, DISSECT_NOWHERE,
                "names are written with #xx");
    if (w->pages > 0 && w->pictures > 0 && hn_text_trim(hn_buf_text(&w->text)).len == 0) {
        dissect_fact_bool(dissect, id, "picture_only", true);
        dissect_note(dissect, id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                "what it says stands in a picture; pictures are not read: look at it, for a QR "
                "code as well");
    }
    if (is_readable(hn_buf_text(&w->text)))
        dissect_text(dissect, id, "body", hn_text_trim(hn_buf_text(&w->text)), HN_TEXT(""),
                DISSECT_NOWHERE);
}

enum hn_status container_open_pdf(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct pdf pdf = {
        .dissect = dissect, .id = id, .data = dissect_get(dissect, id)->data, .ask = { dissect, id }
    };
    struct pdf_walk walk = { .pdf = &pdf };

    hn_arena_init(&pdf.arena, ARENA_BYTES);
    walk.status = pdf_list(&pdf);
    if (pdf.objects.count == 0)
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "there is no object in it");
    look_at_all(&walk);
    if (walk.status != HN_NOMEM)
        say(&walk);
    if (hn_arena_status(&pdf.arena) == HN_LIMIT)
        dissect_note(dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "its objects need more memory than is given to them");
    if (hn_arena_status(&pdf.arena) == HN_NOMEM || pdf.nomem)
        walk.status = HN_NOMEM;
    hn_vec_deinit(&pdf.objects);
    hn_free(pdf.index);
    hn_buf_deinit(&walk.text);
    hn_arena_deinit(&pdf.arena);
    return walk.status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
