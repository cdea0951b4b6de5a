/* xlm_internal.h - cells, formulas and values of macro sheets, shared by the files of this module.
 * All of it lives in the run's arena unless said otherwise. */
#ifndef HN_XLM_INTERNAL_H
#define HN_XLM_INTERNAL_H

#include "base/attr.h"
#include "base/map.h"
#include "base/vec.h"
#include "xlm/xlm.h"

#define XL_ROWS_MAX       1048576u
#define XL_COLUMNS_MAX    16384u
#define XL_SHEETS_MAX     4096u
#define XL_ARGS_MAX       30u
#define XL_LOOPS_MAX      8u
#define XL_LATER_MAX      64u
#define XL_FILES_MAX      64u
#define XL_SITE_FORKS_MAX 3u /* of one condition, so that a loop does not fork forever */
#define XL_DECISIONS_MAX  64u
#define XL_TEXTS_MAX      2048u
#define XL_CHANGES_MAX    (1u << 17)
#define XL_NOTES_MAX      256u
#define XL_NONE           UINT32_MAX

/* ---- Values ---- */

enum xl_kind {
    XL_BLANK,
    XL_NUMBER,
    XL_BOOL,
    XL_TEXT,
    XL_ERROR,
    XL_REF,
    XL_ARRAY,
    XL_MISSING, /* an argument left out */
    XL_UNKNOWN  /* as.text says what of */
};

/* Rows and columns count from 1. */
struct xl_ref {
    uint32_t sheet;
    uint32_t row;
    uint32_t column;
    uint32_t row_last;
    uint32_t column_last;
};

struct xl_array;

struct xl_value {
    enum xl_kind kind;
    union {
        double number;
        bool truth;
        const struct script_text *text;
        const char *error;
        struct xl_ref ref;
        const struct xl_array *array;
    } as;
};

struct xl_array {
    uint32_t rows;
    uint32_t columns;
    struct xl_value *items;
};

/* ---- Formulas ---- */

struct xl;
struct xl_call;
typedef struct xl_value xl_fn(struct xl *ev, const struct xl_call *call);

/* Words that steer: xlm_run.c looks for them, and xlm_eval.c for those within formulas. */
enum xl_word {
    XL_WORD_NONE,
    XL_WORD_IF,
    XL_WORD_CHOOSE,
    XL_WORD_ELSE,
    XL_WORD_ELSE_IF,
    XL_WORD_END_IF,
    XL_WORD_WHILE,
    XL_WORD_FOR,
    XL_WORD_FOR_CELL,
    XL_WORD_NEXT,
    XL_WORD_BREAK,
};

struct xl_function {
    const char *name;
    xl_fn *fn;
    enum xl_word word;
    bool outward; /* it reaches out of the workbook, or changes it: not for cells merely read */
};

enum xl_node_kind {
    XL_NODE_VALUE,
    XL_NODE_NAME,  /* name, and sheet or XL_NONE */
    XL_NODE_CALL,  /* fn */
    XL_NODE_MACRO, /* a call of what left is */
    XL_NODE_BINARY,
    XL_NODE_NEGATE,
    XL_NODE_PERCENT,
};

struct xl_node {
    enum xl_node_kind kind;
    char op;        /* of XL_NODE_BINARY: + - * / ^ & = < > : and l(<=) g(>=) n(<>) */
    uint32_t count; /* arguments */
    uint32_t sheet;
    uint64_t offset;
    struct xl_value value;
    struct hn_text name;
    const struct xl_function *fn;
    struct xl_node *left; /* first operand */
    struct xl_node *right;
    struct xl_node *up; /* of the left operand of a binary: that one, so that chains are no depth */
    struct xl_node *args;
    struct xl_node *next; /* argument */
    uint32_t forks;       /* how often a condition here has forked, in this world */
    uint32_t world;
};

struct xl_call {
    const struct xl_node *node;
    const char *name; /* of the function */
    const struct xl_value *args;
    uint32_t count;
    uint64_t offset;
};

/* ---- Cells and names ---- */

/* What changes while a macro runs; changes are undone when another way is gone. */
struct xl_slot {
    struct hn_text formula; /* with its "=" */
    uint64_t offset;        /* of the formula in the source */
    bool r1c1;              /* written by a macro */
    int32_t rows;           /* how far it was copied: what relative references move by */
    int32_t columns;
    bool read; /* node is what it says; NULL: not understood */
    bool has_value;
    struct xl_node *node;
    struct xl_value value;
};

/* What GET.CELL() says of how a cell looks. */
struct xl_look {
    double kind;
    struct xl_value value;
    struct xl_look *next;
};

struct xl_cell {
    struct xl_look *looks;
    uint32_t key[3]; /* sheet, row, column */
    bool reading;    /* its value is under way: a circle */
    bool reached;
    struct xl_slot slot;
    struct xl_slot first; /* as it was saved */
    struct xl_value last; /* what its formula gave then */
};

struct xl_name {
    struct hn_text name;
    uint32_t sheet; /* XL_NONE: of the workbook */
    struct xl_slot slot;
    struct xl_slot first;
};

struct xl_sheet {
    struct hn_text name;
    bool macro;
    struct xl_look *looks; /* of cells that say nothing of their own */
};

struct xl_column {
    uint32_t key[2];                /* sheet, column */
    HN_VEC(struct xl_cell *) cells; /* by row */
};

struct xl_file {
    const struct script_text *name;
    struct xl_slot content; /* value: text */
    bool written;
};

/* ---- Running ---- */

enum xl_flow { XL_GO_ON, XL_GOTO, XL_RETURN, XL_HALT };

struct xl_loop {
    enum xl_word word;
    struct xl_ref at; /* WHILE or FOR */
    struct xl_name *name;
    double last;
    double step;
    struct xl_ref cells; /* of FOR.CELL */
    bool filled;         /* without the blank ones */
    uint32_t index;      /* of the next */
};

/* Where a macro is. */
struct xl_where {
    struct xl_ref at;
    uint32_t loop_count;
    struct xl_loop loops[XL_LOOPS_MAX];
};

struct xl_frame {
    struct xl_where where;
    struct xl_value args[XL_ARGS_MAX];
    uint32_t arg_count;
    uint32_t arg_next; /* of ARGUMENT() */
    struct xl_value result;
};

struct xl_change {
    struct xl_slot *slot;
    struct xl_slot old;
};

/* A way to be gone later: the cell of the outermost macro, from its start, with other answers. */
struct xl_fork {
    struct xl_where where;
    struct xl_ref active;
    size_t mark; /* of the changes */
    uint64_t decisions;
    uint32_t decision_count;
    struct xl_fork *next;
};

struct xl_registered {
    const struct script_text *library;
    const struct script_text *function;
    struct hn_text alias;
};

struct xl_text {
    const struct script_text *text;
    bool told; /* as part of an act */
};

/* A world in which the clock or the machine gives one answer. */
enum xl_clock { XL_CLOCK_NONE, XL_CLOCK_DAY, XL_CLOCK_MONTH, XL_CLOCK_WEEKDAY, XL_CLOCK_HOUR };

struct xl {
    struct script_run *run;
    const struct script_source *source;
    const struct script_text *empty;
    struct hn_map functions; /* upper case; index into xl_functions */
    struct hn_map sheet_names;
    struct hn_map cell_map;
    struct hn_map column_map;
    struct hn_map name_map; /* lower case */
    struct hn_map noted;
    struct hn_map told;
    HN_VEC(struct xl_sheet) sheets;
    HN_VEC(struct xl_cell *) cells;
    HN_VEC(struct xl_column *) columns;
    HN_VEC(struct xl_name *) names;
    HN_VEC(struct xl_change) changes;
    HN_VEC(struct xl_registered) registered;
    HN_VEC(struct xl_text) texts; /* that may be told at the end */
    struct xl_file files[XL_FILES_MAX];
    uint32_t file_count;
    struct xl_ref later_at[XL_LATER_MAX]; /* what ON.TIME and its like start */
    uint32_t later_count;
    uint32_t later_done;

    struct xl_frame *frame; /* of the macro under way */
    struct xl_where start;  /* the outermost macro, as it was when its cell began */
    struct xl_ref active_start;
    struct xl_ref active; /* the active cell */
    struct xl_ref selected;
    struct xl_ref copied; /* by COPY() or CUT(), for PASTE() */
    enum { XL_COPIED_NOTHING, XL_COPIED, XL_COPIED_CUT } copied_how;
    uint32_t calls;
    uint32_t depth; /* of formulas within formulas */
    uint32_t quiet; /* cells are merely read: nothing reaches out */
    enum xl_flow flow;
    struct xl_ref target; /* of XL_GOTO */
    uint64_t path_end;    /* steps at which this way is given up */
    uint64_t world_end;   /* and this world */
    size_t mark;          /* of the changes when the outermost cell began */
    struct xl_fork *forks;
    uint32_t fork_count;
    uint64_t decisions; /* answers to unknown conditions of the outermost cell, in order */
    uint32_t decision_count;
    uint32_t decided;
    bool resumed; /* the answers are those of a fork */

    uint32_t world; /* 0: what cannot be known is unknown */
    enum xl_clock clock;
    uint32_t clock_value;
    bool asked[5]; /* by enum xl_clock */
    bool asked_machine;
    uint32_t world_acts; /* told in this world */
    uint32_t notes;
    bool failed; /* out of memory outside of the arena */
};

/* ---- xlm_load.c ---- */
void xl_load(struct xl *ev, struct hn_text text);

/* ---- xlm_cell.c ---- */
uint32_t xl_sheet(struct xl *ev, struct hn_text name); /* made when there is none; XL_NONE: limit */
struct xl_cell *xl_cell_find(const struct xl *ev, uint32_t sheet, uint32_t row, uint32_t column);
struct xl_cell *xl_cell_make(struct xl *ev, uint32_t sheet, uint32_t row, uint32_t column);
/* The first formula at or below; NULL: none. */
struct xl_cell *xl_cell_below(const struct xl *ev, struct xl_ref at);
struct xl_name *xl_name_find(const struct xl *ev, struct hn_text name, uint32_t sheet);
struct xl_name *xl_name_make(struct xl *ev, struct hn_text name, uint32_t sheet);
void xl_change(struct xl *ev, struct xl_slot *slot); /* before a slot is changed */
void xl_undo(struct xl *ev, size_t mark);
void xl_reset(struct xl *ev); /* all as it was saved */
struct xl_node *xl_slot_node(struct xl *ev, struct xl_slot *slot, struct xl_ref base);
struct xl_value xl_cell_value(struct xl *ev, uint32_t sheet, uint32_t row, uint32_t column);
struct xl_value xl_name_value(struct xl *ev, struct xl_name *name);
/* As FORMULA() does: a formula, a number or a text. */
void xl_cell_enter(struct xl *ev, struct xl_ref at, struct xl_value value, uint64_t offset);

/* ---- xlm_parse.c ---- */
struct xl_source {
    struct hn_text text;
    uint64_t offset; /* of the text in the source */
    bool exact;      /* it stands there as it is, so that places within count */
    bool r1c1;
    int32_t rows; /* relative references of A1 move by so much */
    int32_t columns;
    struct xl_ref base;
};
/* NULL: not understood, or out of memory. */
struct xl_node *xl_parse(struct xl *ev, const struct xl_source *source);

/* ---- xlm_parse_value.c, for xlm_parse.c ---- */
struct xl_parser {
    struct xl *ev;
    const struct xl_source *source;
    struct hn_text text;
    size_t pos;
    uint32_t depth;
    bool failed;
};

void *xl_parse_fail(struct xl_parser *p); /* NULL, and nothing more is understood */
void xl_parse_skip_blanks(struct xl_parser *p);
char xl_parse_peek(const struct xl_parser *p);   /* '\0' at the end */
bool xl_parse_take(struct xl_parser *p, char c); /* behind blanks */
bool xl_parse_is_name_char(char c);
struct hn_text xl_parse_scan_name(const struct xl_parser *p); /* may be empty */
/* What stands between marks; doubled ones within are one. */
bool xl_parse_take_marked(struct xl_parser *p, char mark, struct hn_text *ret_text);
struct xl_node *xl_parse_node_new(struct xl_parser *p, enum xl_node_kind kind, size_t pos);
struct xl_node *xl_parse_value_node(struct xl_parser *p, size_t pos, struct xl_value value);
struct xl_node *xl_parse_text(struct xl_parser *p);
struct xl_node *xl_parse_number(struct xl_parser *p);
struct xl_node *xl_parse_error(struct xl_parser *p);
struct xl_node *xl_parse_array(struct xl_parser *p);
/* Operators that bind at least so much: 0 all, 3 products, 4 powers, 5 ranges (xlm_parse.c). */
struct xl_node *xl_parse_binary(struct xl_parser *p, int least);

/* ---- xlm_ref.c ---- */
/* A reference without a sheet at text[pos]; its length, 0: none. */
size_t xl_ref_scan(
        struct hn_text text, size_t pos, bool r1c1, struct xl_ref base, struct xl_ref *ret_ref);
/* Where a reference that was read from such a text leads after its formula was copied. */
struct xl_ref xl_ref_moved(struct xl_ref ref, struct hn_text text, int32_t rows, int32_t columns);
/* A whole text such as "Macro1!R1C1", "A1", or a name. */
bool xl_ref_of_text(struct xl *ev, struct hn_text text, bool r1c1, struct xl_ref *ret_ref);
const struct script_text *xl_ref_text(struct xl *ev, struct xl_ref ref, bool a1, bool with_sheet);
struct xl_ref xl_ref_cell(uint32_t sheet, uint32_t row, uint32_t column);

/* ---- xlm_value.c ---- */
struct xl_value xl_number(double number);
struct xl_value xl_bool(bool truth);
struct xl_value xl_text(const struct script_text *text); /* NULL: blank, the run has ended */
struct xl_value xl_literal(struct xl *ev, const char *text);
struct xl_value xl_error(const char *error);
struct xl_value xl_range(struct xl_ref ref);
struct xl_value xl_unknown(struct xl *ev, const char *fmt, ...) HN_PRINTF(2, 3);
bool xl_is_unknown(struct xl_value value);
/* References and arrays give their first value. */
struct xl_value xl_plain(struct xl *ev, struct xl_value value);
bool xl_to_number(struct xl *ev, struct xl_value value, double *ret_number);
const struct script_text *xl_to_text(struct xl *ev, struct xl_value value); /* never NULL */
struct hn_text xl_flat(struct xl *ev, struct xl_value value);
/* False: unknown, or no truth at all. */
bool xl_to_truth(struct xl *ev, struct xl_value value, bool *ret_truth);
/* What a function gives when it cannot compute: the error or the unknown that it was given. */
struct xl_value xl_cannot(struct xl *ev, struct xl_value value, const char *name);
struct xl_value xl_binary(struct xl *ev, char op, struct xl_value a, struct xl_value b);
bool xl_number_of_text(struct hn_text text, double *ret_number);
int xl_compare(struct xl *ev, struct xl_value a, struct xl_value b); /* both plain, both known */

/* ---- xlm_fn_text.c, for xlm_fn_search.c ---- */
/* A text of which nothing can be cut or looked at. */
bool xl_arg_is_opaque(struct xl *ev, const struct xl_call *call, uint32_t index);
size_t xl_count_of(double number); /* places behind 2^31 are as good as none */
struct xl_value xl_stepped(struct xl *ev, const struct xl_call *call,
        const struct script_text *text, const char *step);

/* ---- xlm_eval.c ---- */
bool xl_spend(struct xl *ev, uint64_t cost); /* false: this way, or the run, has ended */
struct xl_value xl_eval(struct xl *ev, const struct xl_node *node);
bool xl_decide(struct xl *ev, const struct xl_node *node);
struct xl_value xl_arg(const struct xl_call *call, uint32_t index); /* XL_MISSING: left out */
bool xl_has_arg(const struct xl_call *call, uint32_t index);
struct xl_value xl_arg_plain(struct xl *ev, const struct xl_call *call, uint32_t index);
double xl_arg_number(struct xl *ev, const struct xl_call *call, uint32_t index, double otherwise);
const struct script_text *xl_arg_text(
        struct xl *ev, const struct xl_call *call, uint32_t index); /* never NULL */
/* A reference, or a text that names one. */
bool xl_arg_ref(struct xl *ev, const struct xl_call *call, uint32_t index, struct xl_ref *ret_ref);
/* The cells of ranges and arrays one by one, at most XLM_RANGE_MAX of one. */
uint32_t xl_item_count(struct xl_value value);
struct xl_value xl_item(struct xl *ev, struct xl_value value, uint32_t index);

/* ---- xlm_run.c ---- */
struct xl_value xl_run_macro(struct xl *ev, struct xl_ref at, const struct xl_call *call);
void xl_run_entry(struct xl *ev, struct xl_ref at, bool conditional);
void xl_where_copy(struct xl_where *to, const struct xl_where *from);

/* ---- xlm_functions.c ---- */
extern const struct xl_function xl_functions[];
extern const uint32_t xl_function_count;

/* ---- xlm_api.c ---- */
struct xl_value xl_api_call(struct xl *ev, const struct xl_registered *what,
        const struct xl_call *call, uint32_t first);

/* ---- xlm_tell.c ---- */
void xl_note(struct xl *ev, enum script_note_kind kind, uint64_t offset, const char *fmt, ...)
        HN_PRINTF(4, 5);
/* Each act once. False: it was told before, or is nothing in this world. */
bool xl_tell(struct xl *ev, const struct script_act *act);
void xl_tell_field(struct xl *ev, enum script_act_kind kind, const struct xl_call *call,
        const char *name, const struct script_text *value);
void xl_tell_process(
        struct xl *ev, uint64_t offset, const char *via, const struct script_text *command);
void xl_tell_http(struct xl *ev, uint64_t offset, const char *via, const struct script_text *url);
/* content NULL: not known. url: it is the reply of. */
void xl_tell_write(struct xl *ev, uint64_t offset, const char *via, const struct script_text *name,
        const struct script_text *content, const struct script_text *url);
void xl_keep_text(struct xl *ev, struct xl_value value); /* to be told, unless it is part of more */
/* What another text was made from, with what hides it still within. */
void xl_consume_text(struct xl *ev, const struct script_text *text);
void xl_tell_texts(struct xl *ev);
void xl_tell_files(struct xl *ev);

#endif
