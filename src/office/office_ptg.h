/* office_ptg.h - parsed expressions: what their decoder is cut into. */
#ifndef HN_OFFICE_PTG_H
#define HN_OFFICE_PTG_H

#include "office/office_xlm.h"

/* How tight an operator binds; what is in parentheses or is a call binds tightest. */
enum office_ptg_rank {
    OFFICE_PTG_COMPARE,
    OFFICE_PTG_JOIN,
    OFFICE_PTG_ADD,
    OFFICE_PTG_MULTIPLY,
    OFFICE_PTG_POWER,
    OFFICE_PTG_PERCENT,
    OFFICE_PTG_SIGN,
    OFFICE_PTG_UNION,
    OFFICE_PTG_INTERSECT,
    OFFICE_PTG_RANGE,
    OFFICE_PTG_WHOLE
};

#define OFFICE_PTG_NONE UINT32_MAX

/* A piece of the formula: its text, its children with what stands between them, its end. Tokens
 * come in the order of a stack, operands first; a tree is written in one pass whatever its depth.
 */
struct office_ptg_node {
    size_t text_at; /* in the pool */
    size_t text_len;
    uint32_t first;
    uint32_t next;
    uint32_t parent;
    enum office_ptg_rank rank;
    char between[3];
    char end;
};

struct office_ptg_reader {
    struct office_xlm *m;
    const struct office_ptg *in;
    struct hn_reader r;
    struct hn_reader extra;
    bool failed;  /* tokens from here on cannot be read */
    bool partial; /* something was passed over */
};

HN_INLINE bool office_ptg_is_5(const struct office_ptg_reader *p)
{
    return p->m->form == OFFICE_PTG_BIFF5;
}

HN_INLINE bool office_ptg_is_12(const struct office_ptg_reader *p)
{
    return p->m->form == OFFICE_PTG_BIFF12;
}

/* ---- office_ptg.c ---- */

/* Text that is added to the pool between these two becomes an operand. */
size_t office_ptg_begin(struct office_ptg_reader *p);
void office_ptg_operand(struct office_ptg_reader *p, size_t begin);
void office_ptg_unread(struct office_ptg_reader *p); /* an operand that nobody can write */

/* ---- office_ptg_operand.c ---- */

/* The operand of this token, its data class taken off. False: it is none that is known. */
bool office_ptg_operand_read(struct office_ptg_reader *p, uint8_t token);

/* ---- office_ptg_link.c ---- */

/* What the link of a reference stands for; sheets: of a reference, not of a name. False: it is
 * gone.
 */
bool office_ptg_link(struct office_ptg_reader *p, bool sheets, struct office_xlm_link *ret_link);
/* 'Sheet'! or '[Book]First:Last'! in front of a reference; false when the sheet is gone. */
bool office_ptg_add_sheets(struct office_ptg_reader *p, const struct office_xlm_link *link);
/* Operands: a name of this workbook; one of another book, of an add-in, an item of DDE. */
bool office_ptg_own_name(struct office_ptg_reader *p);
bool office_ptg_other_name(struct office_ptg_reader *p);

/* ---- office_ptg_names.c ---- */

/* Empty when there is none of this number. *ret_arguments: how many it always takes, UINT32_MAX
 * when that differs. */
struct hn_text office_ptg_function(uint16_t number, bool command, uint32_t *ret_arguments);

#endif
