/* office_biff12_book.c - sheets, names and links of workbooks of binary parts ([MS-XLSB] 2.1.7.62,
 * 2.1.7.25). */
#include "office/office_biff12.h"

/* ---- Sheets ---- */

struct listed {
    enum office_sheet_state state;
    struct hn_text name;
    const struct office_relation *relation;
    const struct office_part *part;
};

static bool read_listed(struct office_package *package, const struct office_part *workbook,
        struct hn_bytes data, struct listed *ret_listed)
{
    struct hn_reader r = hn_reader_over(data);
    uint32_t state = hn_reader_u32(&r);
    struct hn_text id;

    (void)hn_reader_u32(&r);
    id = office_biff12_string(package->o, &r);
    ret_listed->name = office_biff12_string(package->o, &r);
    if (!hn_reader_ok(&r))
        return false;
    ret_listed->state = state == 2   ? OFFICE_SHEET_VERY_HIDDEN
                        : state == 1 ? OFFICE_SHEET_HIDDEN
                                     : OFFICE_SHEET_SHOWN;
    ret_listed->relation = office_relation(package, workbook->name, id);
    ret_listed->part = office_related(package, workbook->name, id);
    return true;
}

static bool has_type(const struct office_relation *relation, const char *type)
{
    return relation != NULL &&
           hn_text_find_nocase(relation->type, hn_text_cstr(type), 0) != SIZE_MAX;
}

static void one_sheet(
        struct office_package *package, const struct office_part *workbook, struct hn_bytes data)
{
    struct listed listed;
    enum office_xlm_kind kind;

    if (!office_xlm_may_add_sheet(&package->xlm) || !read_listed(package, workbook, data, &listed))
        return;
    kind = has_type(listed.relation, "macrosheet")    ? OFFICE_XLM_MACRO
           : has_type(listed.relation, "chartsheet")  ? OFFICE_XLM_CHART
           : has_type(listed.relation, "dialogsheet") ? OFFICE_XLM_DIALOG
                                                      : OFFICE_XLM_WORK;
    office_sheet(package->o, listed.name, listed.state, kind == OFFICE_XLM_MACRO);
    office_xlm_sheet(&package->xlm, listed.name, kind, listed.state);
}

void office_biff12_sheets(
        struct office_package *package, const struct office_part *part, uint32_t *next)
{
    struct hn_reader r = hn_reader_over(part->data);
    struct listed listed;
    struct hn_bytes data;
    uint32_t type;

    while (office_biff12_next(&r, &type, &data)) {
        if (type != BRT_SHEET || *next >= package->xlm.sheets.count ||
                !read_listed(package, part, data, &listed))
            continue;
        office_sheet_begin(package->o, package->o->sheet_number + 1, HN_TEXT(""));
        if (listed.part != NULL && listed.part->kind == OFFICE_PART_BIFF12 &&
                !package->read[listed.part - package->parts]) {
            package->read[listed.part - package->parts] = true;
            office_biff12_sheet(package, listed.part, *next, listed.name);
        }
        ++*next;
    }
}

/* ---- Names ---- */

static void defined_name(struct office_package *package, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint32_t flags = hn_reader_u32(&r);
    struct office_xlm_name *kept;
    struct office_ptg ptg;
    struct hn_text name;
    uint32_t sheet;

    (void)hn_reader_u8(&r);
    sheet = hn_reader_u32(&r);
    name = office_biff12_string(package->o, &r);
    if (!hn_reader_ok(&r))
        return;
    ptg = office_biff12_formula(&r);
    kept = office_xlm_name(&package->xlm, name, sheet);
    if (kept == NULL)
        return;
    kept->hidden = (flags & 1) != 0;
    kept->tokens = ptg.tokens;
    kept->extra = ptg.extra;
}

/* ---- Links ---- */

static void sup_book_dde(struct office *o, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t kind = hn_reader_u16(&r);
    struct hn_text first = office_biff12_string(o, &r);
    struct hn_text second = office_biff12_string(o, &r);

    if (hn_reader_ok(&r) && kind == 1)
        office_dde(o, first, second,
                office_print(o, "%.*s|'%.*s'", HN_TEXT_ARG(first), HN_TEXT_ARG(second)));
}

/* What a book's own part says it is. */
static void book_begins(struct office_package *package, const struct office_part *part,
        struct office_xlm_book *book, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t kind = hn_reader_u16(&r);
    struct hn_text first = office_biff12_string(package->o, &r);
    struct hn_text second = office_biff12_string(package->o, &r);
    const struct office_relation *relation = office_relation(package, part->name, first);

    if (kind == 1) {
        book->kind = OFFICE_XLM_BOOK_DDE;
        book->name = office_xlm_plain(package->o,
                office_print(package->o, "%.*s|'%.*s'", HN_TEXT_ARG(first), HN_TEXT_ARG(second)));
    } else if (relation != NULL) {
        book->name = office_xlm_plain(package->o, office_xlm_file(relation->target));
    }
}

static void add_text(struct office *o, struct hn_text *kept, struct hn_reader *r)
{
    if (kept != NULL)
        *kept = office_xlm_plain(o, office_biff12_string(o, r));
    else
        o->nomem = true;
}

static void book_record(
        struct office *o, struct office_xlm_book *book, uint32_t type, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint32_t count;

    if (type == BRT_SUP_NAME || type == BRT_PLACEHOLDER_NAME) {
        add_text(o, hn_vec_add(&book->names), &r);
    } else if (type == BRT_SUP_SHEETS) {
        count = hn_reader_u32(&r);
        while (count-- > 0 && hn_reader_left(&r) > 0 && !o->nomem)
            add_text(o, hn_vec_add(&book->sheets), &r);
    }
}

static void sup_book(
        struct office_package *package, const struct office_part *workbook, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    const struct office_part *part =
            office_related(package, workbook->name, office_biff12_string(package->o, &r));
    struct office_xlm_book *book =
            office_xlm_book(&package->xlm, OFFICE_XLM_BOOK_OTHER, HN_TEXT(""));
    uint32_t type;

    if (part == NULL || part->kind != OFFICE_PART_BIFF12 || book == NULL ||
            package->read[part - package->parts])
        return;
    package->read[part - package->parts] = true;
    r = hn_reader_over(part->data);
    while (office_biff12_next(&r, &type, &data)) {
        if (type == BRT_BEGIN_SUP_BOOK)
            book_begins(package, part, book, data);
        else
            book_record(package->o, book, type, data);
    }
}

static void extern_sheet(struct office_package *package, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint32_t count = hn_reader_u32(&r);

    while (count-- > 0 && hn_reader_left(&r) >= 12) {
        struct office_xlm_link link;

        link.book = hn_reader_u32(&r);
        link.first = (int32_t)hn_reader_u32(&r);
        link.last = (int32_t)hn_reader_u32(&r);
        office_xlm_link(&package->xlm, link);
    }
}

static void book_of_kind(struct office_package *package, enum office_xlm_book_kind kind)
{
    (void)office_xlm_book(&package->xlm, kind, HN_TEXT(""));
}

static void link_record(struct office_package *package, const struct office_part *part,
        uint32_t type, struct hn_bytes data)
{
    struct office_xlm *m = &package->xlm;

    switch (type) {
    case BRT_SUP_BOOK:
        sup_book(package, part, data);
        break;
    case BRT_SUP_SELF:
        book_of_kind(package, OFFICE_XLM_BOOK_SELF);
        break;
    case BRT_SUP_SAME:
        book_of_kind(package, OFFICE_XLM_BOOK_SAME);
        break;
    case BRT_SUP_ADDIN:
        book_of_kind(package, OFFICE_XLM_BOOK_ADDIN);
        break;
    case BRT_PLACEHOLDER_NAME:
        if (m->books.count > 0)
            book_record(package->o, &m->books.ptr[m->books.count - 1], type, data);
        break;
    case BRT_EXTERN_SHEET:
        extern_sheet(package, data);
        break;
    default:
        break;
    }
}

void office_biff12_book(struct office_package *package, const struct office_part *part)
{
    struct hn_reader r = hn_reader_over(part->data);
    struct hn_bytes data;
    uint32_t type;

    while (office_biff12_next(&r, &type, &data)) {
        if (type == BRT_SHEET)
            one_sheet(package, part, data);
        else if (type == BRT_NAME)
            defined_name(package, data);
        else if (type == BRT_BEGIN_SUP_BOOK)
            sup_book_dde(package->o, data);
        else
            link_record(package, part, type, data);
    }
}
