/* office_ptg_link.c - operands of parsed expressions that lead to sheets, other books and names. */
#include "office/office_ptg.h"

/* ---- Sheets and names ---- */

static const struct office_xlm_book *book_of(
        const struct office_xlm *m, const struct office_xlm_link *link)
{
    return link->book < m->books.count ? &m->books.ptr[link->book] : NULL;
}

static struct hn_text sheet_name(
        const struct office_xlm *m, const struct office_xlm_book *book, int32_t index)
{
    if (index < 0)
        return HN_TEXT("");
    if (book->kind == OFFICE_XLM_BOOK_SELF)
        return (size_t)index < m->sheets.count ? m->sheets.ptr[index].name : HN_TEXT("");
    return (size_t)index < book->sheets.count ? book->sheets.ptr[index] : HN_TEXT("");
}

/* What the link of a reference stands for. In BIFF5 one within the workbook has a negative number
 * and says its sheets itself, another is that of a record. False: it is gone. */
bool office_ptg_link(struct office_ptg_reader *p, bool sheets, struct office_xlm_link *ret_link)
{
    const struct office_xlm *m = p->m;
    uint16_t index = hn_reader_u16(&p->r);
    bool own = false;

    *ret_link = (struct office_xlm_link){ .first = -1, .last = -1 };
    if (office_ptg_is_5(p)) {
        own = index >= 0x8000;
        index = (uint16_t)(index - 1);
        hn_reader_skip(&p->r, 8);
    }
    if (!own && index < m->links.count)
        *ret_link = m->links.ptr[index];
    if (office_ptg_is_5(p) && sheets) {
        uint16_t first = hn_reader_u16(&p->r);
        uint16_t last = hn_reader_u16(&p->r);

        if (own)
            *ret_link = (struct office_xlm_link){ 0, (int16_t)first, (int16_t)last };
    }
    return own || index < m->links.count;
}

/* 'Sheet'! or '[Book]First:Last'! in front of a reference; false when the sheet is gone. */
bool office_ptg_add_sheets(struct office_ptg_reader *p, const struct office_xlm_link *link)
{
    const struct office_xlm_book *book = book_of(p->m, link);
    struct hn_text first = HN_TEXT("");
    struct hn_text last;
    struct hn_text outside;

    if (book != NULL && book->kind == OFFICE_XLM_BOOK_SAME) {
        hn_buf_add_char(&p->m->pool, '!');
        return true;
    }
    if (book != NULL)
        first = sheet_name(p->m, book, link->first);
    if (first.len == 0)
        return false;
    last = sheet_name(p->m, book, link->last);
    outside = book->kind == OFFICE_XLM_BOOK_SELF ? HN_TEXT("") : book->name;
    if (last.len > 0 && link->last != link->first)
        first = office_print(p->m->o, "%.*s:%.*s", HN_TEXT_ARG(first), HN_TEXT_ARG(last));
    office_xlm_add_sheet(&p->m->pool, outside, first);
    hn_buf_add_char(&p->m->pool, '!');
    return true;
}

/* A name of this workbook, from 1; with its sheet where it belongs to another one. */
static void add_own_name(struct office_ptg_reader *p, uint32_t index)
{
    const struct office_xlm *m = p->m;
    const struct office_xlm_name *name =
            index > 0 && index <= m->names.count ? &m->names.ptr[index - 1] : NULL;

    if (name == NULL || name->name.len == 0) {
        hn_buf_add_lit(&p->m->pool, "#NAME?");
        return;
    }
    if (name->sheet != p->in->sheet && name->sheet < m->sheets.count) {
        office_xlm_add_sheet(&p->m->pool, HN_TEXT(""), m->sheets.ptr[name->sheet].name);
        hn_buf_add_char(&p->m->pool, '!');
    }
    hn_buf_add_text(&p->m->pool, name->name);
}

bool office_ptg_own_name(struct office_ptg_reader *p)
{
    size_t begin = office_ptg_begin(p);
    uint32_t index = office_ptg_is_5(p) ? hn_reader_u16(&p->r) : hn_reader_u32(&p->r);

    hn_reader_skip(&p->r, office_ptg_is_5(p) ? 12 : 0);
    add_own_name(p, index);
    office_ptg_operand(p, begin);
    return hn_reader_ok(&p->r);
}

static void add_other_name(
        struct office_ptg_reader *p, const struct office_xlm_link *link, uint32_t index)
{
    const struct office_xlm_book *book = book_of(p->m, link);
    struct hn_buf *pool = &p->m->pool;
    struct hn_text name = HN_TEXT("#NAME?");

    if (book == NULL || book->kind == OFFICE_XLM_BOOK_SELF) {
        add_own_name(p, index);
        return;
    }
    if (index > 0 && index <= book->names.count && book->names.ptr[index - 1].len > 0)
        name = book->names.ptr[index - 1];
    if (book->kind == OFFICE_XLM_BOOK_DDE) {
        hn_buf_add_text(pool, book->name);
        hn_buf_add_char(pool, '!');
    } else if (book->kind == OFFICE_XLM_BOOK_OTHER && !office_ptg_add_sheets(p, link)) {
        office_xlm_add_sheet(pool, book->name, HN_TEXT(""));
        hn_buf_add_char(pool, '!');
    }
    hn_buf_add_text(pool, name);
}

/* A name of another book, of an add-in, an item of DDE. */
bool office_ptg_other_name(struct office_ptg_reader *p)
{
    size_t begin = office_ptg_begin(p);
    struct office_xlm_link link;
    bool known = office_ptg_link(p, false, &link);
    uint32_t index = office_ptg_is_5(p) ? hn_reader_u16(&p->r) : hn_reader_u32(&p->r);

    hn_reader_skip(&p->r, office_ptg_is_5(p) ? 12 : 0);
    if (known)
        add_other_name(p, &link, index);
    else
        hn_buf_add_lit(&p->m->pool, "#NAME?");
    office_ptg_operand(p, begin);
    return hn_reader_ok(&p->r);
}
