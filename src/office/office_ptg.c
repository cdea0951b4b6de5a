/* office_ptg.c - parsed expressions of the binary workbooks ([MS-XLS] 2.5.198, [MS-XLSB] 2.5.98)
 * as the text that was typed in: operators, calls and the tree they make. Operands are in
 * office_ptg_operand.c. */
#include "office/office_ptg.h"

enum {
    PTG_EXP = 0x01,
    PTG_ADD = 0x03,
    PTG_RANGE = 0x11,
    PTG_PLUS = 0x12,
    PTG_MINUS = 0x13,
    PTG_PERCENT = 0x14,
    PTG_PAREN = 0x15,
    PTG_MISSING = 0x16,
    PTG_ATTR = 0x19,
    PTG_FUNC = 0x21,
    PTG_FUNC_VAR = 0x22
};

enum { ATTR_CHOOSE = 0x04, ATTR_SUM = 0x10 };

#define USER_FUNCTION 0x00FF

static const struct {
    const char *between;
    enum office_ptg_rank rank;
} binary[] = { /* from PTG_ADD on */
    { "+", OFFICE_PTG_ADD }, { "-", OFFICE_PTG_ADD }, { "*", OFFICE_PTG_MULTIPLY },
    { "/", OFFICE_PTG_MULTIPLY }, { "^", OFFICE_PTG_POWER }, { "&", OFFICE_PTG_JOIN },
    { "<", OFFICE_PTG_COMPARE }, { "<=", OFFICE_PTG_COMPARE }, { "=", OFFICE_PTG_COMPARE },
    { ">=", OFFICE_PTG_COMPARE }, { ">", OFFICE_PTG_COMPARE }, { "<>", OFFICE_PTG_COMPARE },
    { " ", OFFICE_PTG_INTERSECT }, { ",", OFFICE_PTG_UNION }, { ":", OFFICE_PTG_RANGE }
};

/* ---- The tree ---- */

static struct office_ptg_node *node_of(struct office_ptg_reader *p, uint32_t index)
{
    return &p->m->nodes.ptr[index];
}

static uint32_t node_new(struct office_ptg_reader *p, enum office_ptg_rank rank)
{
    struct office_ptg_node *node = hn_vec_add(&p->m->nodes);

    if (node == NULL) {
        p->m->o->nomem = true;
        p->failed = true;
        return OFFICE_PTG_NONE;
    }
    *node = (struct office_ptg_node){
        .first = OFFICE_PTG_NONE, .next = OFFICE_PTG_NONE, .parent = OFFICE_PTG_NONE, .rank = rank
    };
    return (uint32_t)p->m->nodes.count - 1;
}

static void push(struct office_ptg_reader *p, uint32_t index)
{
    uint32_t *top = index != OFFICE_PTG_NONE ? hn_vec_add(&p->m->stack) : NULL;

    if (top != NULL) {
        *top = index;
    } else {
        p->m->o->nomem |= index != OFFICE_PTG_NONE;
        p->failed = true;
    }
}

size_t office_ptg_begin(struct office_ptg_reader *p)
{
    return p->m->pool.len;
}

static uint32_t leaf(struct office_ptg_reader *p, size_t begin)
{
    uint32_t index = node_new(p, OFFICE_PTG_WHOLE);

    if (index != OFFICE_PTG_NONE) {
        node_of(p, index)->text_at = begin;
        node_of(p, index)->text_len = p->m->pool.len - begin;
    }
    return index;
}

void office_ptg_operand(struct office_ptg_reader *p, size_t begin)
{
    if (hn_reader_ok(&p->r) && hn_reader_ok(&p->extra))
        push(p, leaf(p, begin));
    else
        p->failed = true;
}

void office_ptg_unread(struct office_ptg_reader *p)
{
    size_t begin = office_ptg_begin(p);

    hn_buf_add_lit(&p->m->pool, OFFICE_XLM_UNREAD);
    office_ptg_operand(p, begin);
    p->partial = true;
}

/* Takes the topmost pieces as children, in the order they were written. False when there are not so
 * many. */
static bool adopt(struct office_ptg_reader *p, uint32_t parent, size_t count)
{
    size_t start;

    if (parent == OFFICE_PTG_NONE || count > p->m->stack.count)
        return false;
    start = p->m->stack.count - count;
    for (size_t i = 0; i < count; i++) {
        uint32_t child = p->m->stack.ptr[start + i];

        node_of(p, child)->parent = parent;
        node_of(p, child)->next = i + 1 < count ? p->m->stack.ptr[start + i + 1] : OFFICE_PTG_NONE;
    }
    if (count > 0)
        node_of(p, parent)->first = p->m->stack.ptr[start];
    p->m->stack.count = start;
    return true;
}

static void between(struct office_ptg_node *node, const char *text)
{
    for (size_t i = 0; i < sizeof node->between - 1 && text[i] != '\0'; i++)
        node->between[i] = text[i];
}

/* A piece around the topmost ones: text in front, what stands between, what ends it. */
static bool wrap(struct office_ptg_reader *p, size_t begin, enum office_ptg_rank rank, char end,
        size_t count)
{
    uint32_t index = leaf(p, begin);

    if (index == OFFICE_PTG_NONE || !adopt(p, index, count))
        return false;
    node_of(p, index)->rank = rank;
    node_of(p, index)->end = end;
    between(node_of(p, index), ",");
    push(p, index);
    return true;
}

static bool parenthesis(struct office_ptg_reader *p)
{
    size_t begin = office_ptg_begin(p);

    hn_buf_add_char(&p->m->pool, '(');
    return wrap(p, begin, OFFICE_PTG_WHOLE, ')', 1);
}

/* Files need not have the parentheses that the order of their tokens asks for. */
static bool at_least(struct office_ptg_reader *p, enum office_ptg_rank rank)
{
    size_t count = p->m->stack.count;

    return count == 0 || node_of(p, p->m->stack.ptr[count - 1])->rank >= rank || parenthesis(p);
}

static bool binary_operator(struct office_ptg_reader *p, size_t which)
{
    enum office_ptg_rank rank = binary[which].rank;
    uint32_t index;
    uint32_t right;

    if (p->m->stack.count < 2 || !at_least(p, (enum office_ptg_rank)(rank + 1)))
        return false;
    right = p->m->stack.ptr[--p->m->stack.count];
    if (!at_least(p, rank))
        return false;
    push(p, right);
    index = node_new(p, rank);
    if (!adopt(p, index, 2))
        return false;
    between(node_of(p, index), binary[which].between);
    push(p, index);
    return true;
}

static bool unary_operator(struct office_ptg_reader *p, uint8_t token)
{
    size_t begin;

    if (p->m->stack.count < 1 || !at_least(p, OFFICE_PTG_PERCENT))
        return false;
    begin = office_ptg_begin(p);
    if (token == PTG_PERCENT)
        return wrap(p, begin, OFFICE_PTG_PERCENT, '%', 1);
    hn_buf_add_char(&p->m->pool, token == PTG_MINUS ? '-' : '+');
    return wrap(p, begin, OFFICE_PTG_SIGN, '\0', 1);
}

/* ---- Calls ---- */

/* A reference that is a union would be taken for two arguments. */
static bool shield_unions(struct office_ptg_reader *p, size_t count)
{
    if (count > p->m->stack.count)
        return false;
    for (size_t i = p->m->stack.count - count; i < p->m->stack.count; i++) {
        uint32_t inner = p->m->stack.ptr[i];
        size_t begin = office_ptg_begin(p);
        uint32_t outer;

        if (node_of(p, inner)->rank != OFFICE_PTG_UNION)
            continue;
        hn_buf_add_char(&p->m->pool, '(');
        outer = leaf(p, begin);
        if (outer == OFFICE_PTG_NONE)
            return false;
        node_of(p, outer)->end = ')';
        node_of(p, outer)->first = inner;
        node_of(p, inner)->parent = outer;
        p->m->stack.ptr[i] = outer;
    }
    return true;
}

static bool call(struct office_ptg_reader *p, struct hn_text name, size_t arguments)
{
    size_t begin;

    if (!shield_unions(p, arguments))
        return false;
    begin = office_ptg_begin(p);
    hn_buf_add_text(&p->m->pool, name);
    hn_buf_add_char(&p->m->pool, '(');
    return wrap(p, begin, OFFICE_PTG_WHOLE, ')', arguments);
}

/* What is called is the first operand: the name of a macro or of an add-in's function, or a cell.
 */
static bool user_call(struct office_ptg_reader *p, size_t operands)
{
    uint32_t index;

    if (operands == 0 || !call(p, HN_TEXT(""), operands - 1))
        return false;
    index = node_new(p, OFFICE_PTG_WHOLE);
    if (!adopt(p, index, 2))
        return false;
    push(p, index);
    return true;
}

static bool function(struct office_ptg_reader *p)
{
    uint32_t arguments;
    struct hn_text name = office_ptg_function(hn_reader_u16(&p->r), false, &arguments);

    return hn_reader_ok(&p->r) && name.len > 0 && arguments != UINT32_MAX &&
           call(p, name, arguments);
}

static bool variable_function(struct office_ptg_reader *p)
{
    size_t arguments = hn_reader_u8(&p->r) & 0x7F;
    uint16_t number = hn_reader_u16(&p->r);
    uint32_t usual;
    struct hn_text name = office_ptg_function(number & 0x7FFF, (number & 0x8000) != 0, &usual);

    if (!hn_reader_ok(&p->r))
        return false;
    if (number == USER_FUNCTION)
        return user_call(p, arguments);
    return name.len > 0 && call(p, name, arguments);
}

/* What is for the calculation and for the looks of the formula; and a sum of one argument. */
static bool attribute(struct office_ptg_reader *p)
{
    uint8_t flags = hn_reader_u8(&p->r);
    uint16_t data = hn_reader_u16(&p->r);

    if ((flags & ATTR_CHOOSE) != 0)
        hn_reader_skip(&p->r, ((size_t)data + 1) * 2);
    if ((flags & ATTR_SUM) != 0 && hn_reader_ok(&p->r))
        return call(p, HN_TEXT("SUM"), 1);
    return hn_reader_ok(&p->r);
}

/* ---- All tokens ---- */

static bool one_token(struct office_ptg_reader *p)
{
    uint8_t token = hn_reader_u8(&p->r);
    uint8_t base = token < 0x20 ? token : (uint8_t)((token & 0x1F) | 0x20);

    if (token >= 0x80)
        return false;
    if (base >= PTG_ADD && base <= PTG_RANGE)
        return binary_operator(p, (size_t)base - (size_t)PTG_ADD);
    switch (base) {
    case PTG_PLUS:
    case PTG_MINUS:
    case PTG_PERCENT:
        return unary_operator(p, base);
    case PTG_PAREN:
        return parenthesis(p);
    case PTG_MISSING:
        office_ptg_operand(p, office_ptg_begin(p));
        return true;
    case PTG_ATTR:
        return attribute(p);
    case PTG_FUNC:
        return function(p);
    case PTG_FUNC_VAR:
        return variable_function(p);
    default:
        return office_ptg_operand_read(p, base);
    }
}

static void add_text(struct office_ptg_reader *p, struct hn_buf *out, uint32_t index)
{
    const struct office_ptg_node *node = node_of(p, index);

    hn_buf_add_text(out, hn_text_sub(hn_buf_text(&p->m->pool), node->text_at, node->text_len));
}

/* A piece with all below it: down to the first child, then to the next, then up. */
static void write_tree(struct office_ptg_reader *p, struct hn_buf *out, uint32_t root)
{
    uint32_t at = root;

    add_text(p, out, at);
    for (;;) {
        const struct office_ptg_node *node = node_of(p, at);

        if (node->first != OFFICE_PTG_NONE) {
            at = node->first;
            add_text(p, out, at);
            continue;
        }
        for (;;) { /* `at` has been written but for its end */
            node = node_of(p, at);
            if (node->end != '\0')
                hn_buf_add_char(out, node->end);
            if (at == root)
                return;
            if (node->next != OFFICE_PTG_NONE)
                break;
            at = node->parent;
        }
        hn_buf_add_cstr(out, node_of(p, node->parent)->between);
        at = node->next;
        add_text(p, out, at);
    }
}

static struct hn_text write_all(struct office_ptg_reader *p)
{
    struct office_xlm *m = p->m;
    struct hn_buf out;

    hn_buf_init(&out, OFFICE_XLM_BYTES_MAX);
    for (size_t i = 0; i < m->stack.count; i++) {
        if (i > 0)
            hn_buf_add_char(&out, ',');
        write_tree(p, &out, m->stack.ptr[i]);
    }
    if (p->failed) {
        hn_buf_add_cstr(&out, m->stack.count > 0 ? "," : "");
        hn_buf_add_lit(&out, OFFICE_XLM_UNREAD);
    }
    return office_take(m->o, &out);
}

static void note_unread(struct office_ptg_reader *p)
{
    const struct office_ptg *in = p->in;
    struct office *o = p->m->o;
    unsigned long at = (unsigned long)hn_reader_offset(&p->r);

    if (p->m->unread++ >= OFFICE_XLM_UNREAD_NOTES)
        return;
    if (in->sheet < p->m->sheets.count) {
        dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "the formula of %.*s!%.*s, before byte %lu of its tokens",
                OFFICE_SHOWN(p->m->sheets.ptr[in->sheet].name),
                HN_TEXT_ARG(office_cell_ref(o, in->row, in->column)), at);
    } else {
        dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "the formula of the name %.*s, before byte %lu of its tokens",
                OFFICE_SHOWN(in->name), at);
    }
}

struct hn_text office_ptg_text(struct office_xlm *m, const struct office_ptg *ptg)
{
    struct office_ptg_reader p = { .m = m, .in = ptg };

    p.r = hn_reader_over(ptg->tokens);
    p.extra = hn_reader_over(ptg->extra);
    hn_vec_reset(&m->nodes);
    hn_vec_reset(&m->stack);
    hn_buf_reset(&m->pool);
    p.failed = ptg->tokens.len > OFFICE_XLM_FORMULA_BYTES;
    while (!p.failed && hn_reader_left(&p.r) > 0) {
        p.failed = m->tokens >= OFFICE_XLM_TOKENS_MAX || !one_token(&p) || !hn_buf_ok(&m->pool) ||
                   p.failed;
        m->tokens++;
    }
    m->o->nomem |= m->pool.status == HN_NOMEM;
    p.failed |= m->stack.count > 1;
    if (p.failed || p.partial)
        note_unread(&p);
    return write_all(&p);
}

bool office_ptg_shared(const struct office_xlm *m, const struct office_ptg *ptg, uint32_t *ret_row,
        uint32_t *ret_column)
{
    struct hn_reader r = hn_reader_over(ptg->tokens);
    struct hn_reader extra = hn_reader_over(ptg->extra);

    if (hn_reader_u8(&r) != PTG_EXP)
        return false;
    if (m->form == OFFICE_PTG_BIFF12) {
        *ret_row = hn_reader_u32(&r);
        *ret_column = hn_reader_u32(&extra);
        return hn_reader_ok(&r) && hn_reader_ok(&extra);
    }
    *ret_row = hn_reader_u16(&r);
    *ret_column = hn_reader_u16(&r);
    return hn_reader_ok(&r);
}
