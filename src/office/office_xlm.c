/* office_xlm.c - workbooks with macro sheets: what their readers collect becomes one text. How
 * formulas come from tokens is office_ptg.c's, from text office_xlm_text.c's. */
#include "office/office_xlm.h"

#include <stdlib.h>

void office_xlm_init(struct office_xlm *m, struct office *o)
{
    *m = (struct office_xlm){ .o = o, .form = OFFICE_PTG_BIFF8 };
    hn_buf_init(&m->pool, OFFICE_XLM_BYTES_MAX);
}

void office_xlm_deinit(struct office_xlm *m)
{
    for (size_t i = 0; i < m->books.count; i++) {
        hn_vec_deinit(&m->books.ptr[i].sheets);
        hn_vec_deinit(&m->books.ptr[i].names);
    }
    hn_vec_deinit(&m->sheets);
    hn_vec_deinit(&m->books);
    hn_vec_deinit(&m->links);
    hn_vec_deinit(&m->names);
    hn_vec_deinit(&m->cells);
    hn_vec_deinit(&m->shared);
    office_looks_deinit(&m->looks);
    hn_vec_deinit(&m->nodes);
    hn_vec_deinit(&m->stack);
    hn_buf_deinit(&m->pool);
    hn_map_deinit(&m->functions);
}

/* ---- Collecting ---- */

static void note_limit(struct office_xlm *m, const char *what, size_t most)
{
    if (!m->limit_noted)
        dissect_note(m->o->dissect, m->o->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "%s of the workbook: %lu at most", what, (unsigned long)most);
    m->limit_noted = true;
}

bool office_xlm_may_add_sheet(struct office_xlm *m)
{
    if (m->sheets.count < OFFICE_XLM_SHEETS_MAX)
        return true;
    note_limit(m, "sheets", OFFICE_XLM_SHEETS_MAX);
    return false;
}

void office_xlm_sheet(struct office_xlm *m, struct hn_text name, enum office_xlm_kind kind,
        enum office_sheet_state state)
{
    struct office_xlm_sheet *sheet = hn_vec_add(&m->sheets);

    if (sheet == NULL) {
        m->o->nomem = true;
        return;
    }
    sheet->name = office_xlm_plain(m->o, name);
    sheet->kind = kind;
    sheet->state = state;
    m->wanted |= kind == OFFICE_XLM_MACRO;
}

struct office_xlm_book *office_xlm_book(
        struct office_xlm *m, enum office_xlm_book_kind kind, struct hn_text name)
{
    struct office_xlm_book *book;

    if (m->books.count >= OFFICE_XLM_BOOKS_MAX) {
        note_limit(m, "books", OFFICE_XLM_BOOKS_MAX);
        return NULL;
    }
    book = hn_vec_add(&m->books);
    if (book == NULL) {
        m->o->nomem = true;
        return NULL;
    }
    book->kind = kind;
    book->name = office_xlm_plain(m->o, name);
    return book;
}

void office_xlm_link(struct office_xlm *m, struct office_xlm_link link)
{
    struct office_xlm_link *kept;

    if (m->links.count >= OFFICE_XLM_LINKS_MAX) {
        note_limit(m, "links", OFFICE_XLM_LINKS_MAX);
        return;
    }
    kept = hn_vec_add(&m->links);
    if (kept != NULL)
        *kept = link;
    else
        m->o->nomem = true;
}

struct office_xlm_name *office_xlm_name(struct office_xlm *m, struct hn_text name, uint32_t sheet)
{
    struct office_xlm_name *kept;

    if (m->names.count >= OFFICE_XLM_NAMES_MAX) {
        note_limit(m, "names", OFFICE_XLM_NAMES_MAX);
        return NULL;
    }
    kept = hn_vec_add(&m->names);
    if (kept == NULL) {
        m->o->nomem = true;
        return NULL;
    }
    kept->name = office_xlm_bare_name(m->o, name, &kept->disguised);
    kept->sheet = sheet;
    kept->refers_to = HN_TEXT("");
    return kept;
}

static struct office_xlm_cell *add_cell(
        struct office_xlm *m, const struct office_xlm_cell *at, struct hn_text text)
{
    struct office_xlm_cell *cell;
    bool macro = at->sheet < m->sheets.count && m->sheets.ptr[at->sheet].kind == OFFICE_XLM_MACRO;
    uint32_t *count = macro ? &m->macro_cells : &m->other_cells;

    if (!m->wanted || at->sheet >= m->sheets.count)
        return NULL;
    if (*count >= OFFICE_XLM_CELLS_MAX) {
        note_limit(m, "cells", OFFICE_XLM_CELLS_MAX);
        return NULL;
    }
    if (m->bytes >= OFFICE_XLM_BYTES_MAX) {
        note_limit(m, "bytes", OFFICE_XLM_BYTES_MAX);
        return NULL;
    }
    cell = hn_vec_add(&m->cells);
    if (cell == NULL) {
        m->o->nomem = true;
        return NULL;
    }
    *cell = *at;
    cell->order = (uint32_t)m->cells.count;
    cell->text = text;
    cell->last = HN_TEXT("");
    m->bytes += text.len;
    ++*count;
    return cell;
}

struct office_xlm_cell *office_xlm_formula(
        struct office_xlm *m, const struct office_xlm_cell *at, struct hn_text formula)
{
    struct office_xlm_cell *cell = add_cell(m, at, formula);

    if (cell != NULL)
        cell->formula = true;
    return cell;
}

struct office_xlm_cell *office_xlm_constant(
        struct office_xlm *m, const struct office_xlm_cell *at, struct hn_text constant)
{
    return constant.len > 0 ? add_cell(m, at, constant) : NULL;
}

void office_xlm_share(struct office_xlm *m, const struct office_xlm_shared *shared)
{
    struct office_xlm_shared *kept;

    if (!m->wanted)
        return;
    if (m->shared.count >= OFFICE_XLM_SHARED_MAX) {
        note_limit(m, "shared formulas", OFFICE_XLM_SHARED_MAX);
        return;
    }
    kept = hn_vec_add(&m->shared);
    if (kept != NULL)
        *kept = *shared;
    else
        m->o->nomem = true;
}

void office_xlm_names_read(struct office_xlm *m)
{
    struct office *o = m->o;

    for (size_t i = 0; i < m->names.count; i++) {
        struct office_xlm_name *name = &m->names.ptr[i];
        struct office_ptg ptg = { .tokens = name->tokens,
            .extra = name->extra,
            .sheet = OFFICE_XLM_NOWHERE,
            .name = name->name };

        if (name->tokens.len > 0)
            name->refers_to = office_ptg_text(m, &ptg);
        office_defined_name(o, name->name, name->refers_to);
        if (!office_runs_by_itself(name->name))
            continue;
        if (name->hidden)
            dissect_note(o->dissect, o->id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE, "the name %.*s",
                    OFFICE_SHOWN(name->name));
        if (name->disguised) {
            dissect_note(o->dissect, o->id, DISSECT_NOTE_OBFUSCATED, DISSECT_NOWHERE,
                    "the name %.*s, written with characters that are ignored",
                    OFFICE_SHOWN(name->name));
        }
    }
}

/* ---- Formulas that stand with another cell ---- */

static int compare_places(uint32_t a[3], uint32_t b[3])
{
    for (size_t i = 0; i < 3; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

static int compare_shared(const void *left, const void *right)
{
    const struct office_xlm_shared *a = left;
    const struct office_xlm_shared *b = right;

    return compare_places((uint32_t[]){ a->sheet, a->row, a->column },
            (uint32_t[]){ b->sheet, b->row, b->column });
}

/* In an array the other cells hold values, as they do when it is saved as XML. */
static void find_shared(struct office_xlm *m, struct office_xlm_cell *cell)
{
    struct office_xlm_shared key = {
        .sheet = cell->sheet, .row = cell->base_row, .column = cell->base_column
    };
    const struct office_xlm_shared *shared =
            m->shared.count == 0
                    ? NULL
                    : bsearch(&key, m->shared.ptr, m->shared.count, sizeof key, compare_shared);

    if (shared == NULL) {
        cell->text = HN_TEXT(OFFICE_XLM_UNREAD);
        if (m->unread++ >= OFFICE_XLM_UNREAD_NOTES)
            return;
        dissect_note(m->o->dissect, m->o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "a formula that should stand in %.*s is not there",
                HN_TEXT_ARG(office_cell_ref(m->o, cell->base_row, cell->base_column)));
        return;
    }
    if (shared->array && (cell->row != shared->row || cell->column != shared->column)) {
        cell->formula = false;
        cell->text = cell->last;
        return;
    }
    cell->text = office_ptg_text(m, &(struct office_ptg){ shared->tokens, shared->extra,
                                            cell->sheet, cell->row, cell->column, { 0 } });
    m->bytes += cell->text.len;
}

static void read_shared(struct office_xlm *m)
{
    if (m->shared.count > 0)
        qsort(m->shared.ptr, m->shared.count, sizeof *m->shared.ptr, compare_shared);
    for (size_t i = 0; i < m->cells.count; i++) {
        struct office_xlm_cell *cell = &m->cells.ptr[i];

        if (!cell->shared)
            continue;
        if (m->bytes < OFFICE_XLM_BYTES_MAX) {
            find_shared(m, cell);
        } else {
            cell->text = HN_TEXT(OFFICE_XLM_UNREAD);
            note_limit(m, "bytes", OFFICE_XLM_BYTES_MAX);
        }
    }
}

/* ---- Writing ---- */

static int compare_cells(const void *left, const void *right)
{
    const struct office_xlm_cell *a = left;
    const struct office_xlm_cell *b = right;
    int order = compare_places((uint32_t[]){ a->sheet, a->row, a->column },
            (uint32_t[]){ b->sheet, b->row, b->column });

    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

/* Names without case, then by their sheet: files list them in different orders. */
static int compare_names(const void *left, const void *right)
{
    const struct office_xlm_name *a = left;
    const struct office_xlm_name *b = right;
    size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;

    for (size_t i = 0; i < len; i++) {
        unsigned char x = (unsigned char)a->name.ptr[i];
        unsigned char y = (unsigned char)b->name.ptr[i];

        x = x >= 'A' && x <= 'Z' ? x | 0x20 : x;
        y = y >= 'A' && y <= 'Z' ? y | 0x20 : y;
        if (x != y)
            return x < y ? -1 : 1;
    }
    if (a->name.len != b->name.len)
        return a->name.len < b->name.len ? -1 : 1;
    return (a->sheet > b->sheet) - (a->sheet < b->sheet);
}

static void write_sheets(struct office_xlm *m, struct hn_buf *out)
{
    static const char *const kinds[] = { "work", "macro", "chart", "dialog" };
    static const char *const states[] = { "visible", "hidden", "very_hidden" };

    for (size_t i = 0; i < m->sheets.count; i++) {
        const struct office_xlm_sheet *sheet = &m->sheets.ptr[i];

        hn_buf_add_lit(out, "SHEET ");
        office_xlm_add_sheet(out, HN_TEXT(""), sheet->name);
        hn_buf_addf(out, " %s %s\n", kinds[sheet->kind], states[sheet->state]);
    }
}

static void write_names(struct office_xlm *m, struct hn_buf *out)
{
    if (m->names.count > 0)
        qsort(m->names.ptr, m->names.count, sizeof *m->names.ptr, compare_names);
    for (size_t i = 0; i < m->names.count; i++) {
        const struct office_xlm_name *name = &m->names.ptr[i];

        if (name->name.len == 0)
            continue;
        hn_buf_add_cstr(out, name->hidden ? "NAME! " : "NAME ");
        if (name->sheet < m->sheets.count) {
            office_xlm_add_sheet(out, HN_TEXT(""), m->sheets.ptr[name->sheet].name);
            hn_buf_add_char(out, '!');
        }
        hn_buf_add_text(out, name->name);
        hn_buf_add_lit(out, " =");
        hn_buf_add_text(out, name->refers_to);
        hn_buf_add_char(out, '\n');
    }
}

static void write_place(
        struct office_xlm *m, struct hn_buf *out, const char *what, const struct office_xlm_cell *c)
{
    hn_buf_add_cstr(out, what);
    office_xlm_add_sheet(out, HN_TEXT(""), m->sheets.ptr[c->sheet].name);
    hn_buf_add_char(out, '!');
    office_xlm_add_column(out, c->column);
    hn_buf_add_u64(out, (uint64_t)c->row + 1);
    hn_buf_add_char(out, ' ');
}

static void write_cells(struct office_xlm *m, struct hn_buf *out)
{
    if (m->cells.count > 0)
        qsort(m->cells.ptr, m->cells.count, sizeof *m->cells.ptr, compare_cells);
    for (size_t i = 0; i < m->cells.count; i++) {
        const struct office_xlm_cell *cell = &m->cells.ptr[i];

        if (!cell->formula && cell->text.len == 0)
            continue;
        write_place(m, out, "CELL ", cell);
        if (cell->formula) {
            hn_buf_add_char(out, '=');
            m->formulas++;
        }
        hn_buf_add_text(out, cell->text);
        hn_buf_add_char(out, '\n');
        if (!cell->formula || cell->last.len == 0)
            continue;
        write_place(m, out, "LAST ", cell);
        hn_buf_add_text(out, cell->last);
        hn_buf_add_char(out, '\n');
    }
}

static void tell_facts(struct office_xlm *m)
{
    struct office *o = m->o;
    uint64_t sheets = 0;
    uint64_t hidden = 0;

    for (size_t i = 0; i < m->sheets.count; i++) {
        if (m->sheets.ptr[i].kind != OFFICE_XLM_MACRO)
            continue;
        sheets++;
        hidden += m->sheets.ptr[i].state != OFFICE_SHEET_SHOWN;
    }
    dissect_fact_u64(o->dissect, o->id, "macro_sheets", sheets);
    dissect_fact_u64(o->dissect, o->id, "macro_sheets_hidden", hidden);
    dissect_fact_u64(o->dissect, o->id, "xlm_formulas", m->formulas);
    if (m->unread > 0)
        dissect_fact_u64(o->dissect, o->id, "xlm_unread", m->unread);
}

void office_xlm_done(struct office_xlm *m)
{
    struct hn_buf out;

    if (!m->wanted)
        return;
    read_shared(m);
    hn_buf_init(&out, OFFICE_SCRATCH_BYTES_MAX);
    write_sheets(m, &out);
    write_names(m, &out);
    write_cells(m, &out);
    office_look_write(m, &out);
    m->o->nomem |= out.status == HN_NOMEM;
    (void)office_child(
            m->o, "macro", HN_TEXT("xlm"), hn_text_as_bytes(hn_buf_text(&out)), DISSECT_XLM);
    hn_buf_deinit(&out);
    tell_facts(m);
    if (m->tokens >= OFFICE_XLM_TOKENS_MAX)
        note_limit(m, "tokens", OFFICE_XLM_TOKENS_MAX);
    if (m->read_bytes > OFFICE_XLM_TEXT_BYTES_MAX)
        note_limit(m, "bytes of formulas", OFFICE_XLM_TEXT_BYTES_MAX);
}
