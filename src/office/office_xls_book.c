/* office_xls_book.c - what formulas of a binary workbook need to know: the books, sheets and names
 * that references lead to ([MS-XLS] 2.4.271 SupBook, 2.4.106 ExternSheet, 2.4.105
 * ExternName, 2.4.150 Lbl; those of BIFF5 where they differ). */
#include "office/office_xls.h"

static const char *const builtin_names[] = { "Consolidate_Area", "Auto_Open", "Auto_Close",
    "Extract", "Database", "Criteria", "Print_Area", "Print_Titles", "Recorder", "Data_Form",
    "Auto_Activate", "Auto_Deactivate", "Sheet_Title", "_FilterDatabase" };

#define BOOK_ITSELF 0x0401
#define BOOK_ADDIN  0x3A01

static struct hn_text *add_text(struct office_xls *x, struct office_xlm_book *book, bool sheet)
{
    struct hn_text *text = sheet ? hn_vec_add(&book->sheets) : hn_vec_add(&book->names);

    x->o->nomem |= text == NULL;
    return text;
}

static bool is_dde(struct hn_text link)
{
    return link.len > 0 && (unsigned char)link.ptr[0] > 3 &&
           hn_text_find_char(link, '\003', 0) != SIZE_MAX;
}

static struct hn_text dde_name(struct office *o, struct hn_text link)
{
    size_t bar = hn_text_find_char(link, '\003', 0);
    struct hn_text topic = hn_text_sub(link, bar + 1, link.len);

    return office_print(o, "%.*s|'%.*s'", (int)bar, link.ptr, HN_TEXT_ARG(topic));
}

static void sup_book(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t sheets = hn_reader_u16(&r);
    uint16_t count = hn_reader_u16(&r);
    struct office_xlm_book *book;
    struct hn_text path;

    if (!hn_reader_ok(&r))
        return;
    if (count == BOOK_ITSELF || count == BOOK_ADDIN) {
        (void)office_xlm_book(&x->xlm,
                count == BOOK_ITSELF ? OFFICE_XLM_BOOK_SELF : OFFICE_XLM_BOOK_ADDIN, HN_TEXT(""));
        return;
    }
    path = office_xls_chars(x, &r, count);
    if (path.len == 1 && path.ptr[0] == '\0') {
        (void)office_xlm_book(&x->xlm, OFFICE_XLM_BOOK_SAME, HN_TEXT(""));
        return;
    }
    if (is_dde(path)) {
        (void)office_xlm_book(&x->xlm, OFFICE_XLM_BOOK_DDE, dde_name(x->o, path));
        return;
    }
    book = office_xlm_book(
            &x->xlm, OFFICE_XLM_BOOK_OTHER, office_xlm_file(office_xls_path(x->o, path)));
    for (uint32_t i = 0; i < sheets && book != NULL && hn_reader_left(&r) > 0; i++) {
        struct hn_text *name = add_text(x, book, true);

        if (name == NULL)
            return;
        *name = office_xlm_plain(x->o, office_xls_chars(x, &r, hn_reader_u16(&r)));
    }
}

static void extern_sheet(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t count = hn_reader_u16(&r);

    for (uint32_t i = 0; i < count && hn_reader_left(&r) >= 6; i++) {
        struct office_xlm_link link;

        link.book = hn_reader_u16(&r);
        link.first = (int16_t)hn_reader_u16(&r);
        link.last = (int16_t)hn_reader_u16(&r);
        office_xlm_link(&x->xlm, link);
    }
}

static struct office_xlm_book *own_book(struct office_xls *x)
{
    return x->xlm.books.count > 0 ? &x->xlm.books.ptr[0]
                                  : office_xlm_book(&x->xlm, OFFICE_XLM_BOOK_SELF, HN_TEXT(""));
}

/* BIFF5: each sheet of each book has a record of its own, so each becomes a book of one sheet. */
static void extern_sheet_5(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint8_t count = hn_reader_u8(&r);
    struct hn_text text = office_xls_chars(x, &r, count);
    enum office_xlm_book_kind kind = OFFICE_XLM_BOOK_OTHER;
    struct office_xlm_link link = { 0, 0, 0 };
    struct office_xlm_book *book;
    struct hn_text path;
    struct hn_text *name;
    size_t end;

    if (own_book(x) == NULL)
        return;
    link.book = (uint32_t)x->xlm.books.count;
    office_xlm_link(&x->xlm, link);
    if (text.len == 1 && text.ptr[0] == ':')
        kind = OFFICE_XLM_BOOK_ADDIN;
    else if (is_dde(text))
        kind = OFFICE_XLM_BOOK_DDE;
    path = kind == OFFICE_XLM_BOOK_DDE ? dde_name(x->o, text)
                                       : office_xlm_file(office_xls_path(x->o, text));
    end = kind == OFFICE_XLM_BOOK_OTHER ? hn_text_find_char(path, ']', 0) : SIZE_MAX;
    book = office_xlm_book(&x->xlm, kind, hn_text_sub(path, 0, end));
    name = book != NULL && end != SIZE_MAX ? add_text(x, book, true) : NULL;
    if (name != NULL)
        *name = office_xlm_plain(x->o, hn_text_sub(path, end + 1, path.len));
}

static void extern_name(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    struct hn_text *name;

    hn_reader_skip(&r, 6);
    if (!hn_reader_ok(&r) || x->xlm.books.count == 0)
        return;
    name = add_text(x, &x->xlm.books.ptr[x->xlm.books.count - 1], false);
    if (name != NULL)
        *name = office_xlm_plain(x->o, office_xls_chars(x, &r, hn_reader_u8(&r)));
}

static void label(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t flags = hn_reader_u16(&r);
    struct office_xlm_name *kept;
    struct hn_text name;
    uint16_t sheet;
    uint8_t count;
    size_t len;
    bool disguised = false;

    (void)hn_reader_u8(&r);
    count = hn_reader_u8(&r);
    len = hn_reader_u16(&r);
    (void)hn_reader_u16(&r);
    sheet = hn_reader_u16(&r);
    hn_reader_skip(&r, 4);
    name = office_xls_chars(x, &r, count);
    if (!hn_reader_ok(&r))
        return;
    if ((flags & 0x20) != 0 && name.len > 0 && (uint8_t)name.ptr[0] < HN_COUNT_OF(builtin_names)) {
        disguised = name.len > 1;
        name = hn_text_cstr(builtin_names[(uint8_t)name.ptr[0]]);
    }
    kept = office_xlm_name(&x->xlm, name, sheet > 0 ? sheet - 1u : OFFICE_XLM_NOWHERE);
    if (kept == NULL)
        return;
    kept->hidden = (flags & 1) != 0;
    kept->disguised |= disguised;
    kept->tokens = hn_reader_take(&r, len < hn_reader_left(&r) ? len : hn_reader_left(&r));
    kept->extra = hn_reader_take(&r, hn_reader_left(&r));
}

void office_xls_book_record(struct office_xls *x, const struct office_xls_record *record)
{
    switch (record->type) {
    case XLS_SUP_BOOK:
        sup_book(x, record->data);
        break;
    case XLS_EXTERN_SHEET:
        if (x->biff8)
            extern_sheet(x, record->data);
        else
            extern_sheet_5(x, record->data);
        break;
    case XLS_EXTERN_NAME:
        extern_name(x, record->data);
        break;
    case XLS_NAME:
        label(x, record->data);
        break;
    default:
        break;
    }
}

void office_xls_book_done(struct office_xls *x)
{
    x->xlm.codepage = x->codepage;
    (void)own_book(x);
    office_xlm_names_read(&x->xlm);
}
