/* vbscript_internal.h - how a tree is evaluated, for the files of this module. What it lives in is
 * the run's arena unless said otherwise. */
#ifndef HN_VBSCRIPT_INTERNAL_H
#define HN_VBSCRIPT_INTERNAL_H

#include "com/com.h"
#include "vbscript/vbscript_syntax.h"

/* ---- Evaluation ---- */

struct vb_eval;

struct vb_call {
    struct vb_symbol *name;
    const struct vb_value *args;
    struct vb_symbol *const *names; /* of named arguments; NULL entries elsewhere */
    struct vb_value **refs;         /* where arguments live, for ByRef; NULL entries elsewhere */
    const enum vb_type *ref_types;
    uint32_t count;
    uint32_t offset;
    bool is_set; /* value is assigned */
    struct vb_value value;
};

typedef struct vb_value vb_member_fn(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call);

struct vb_member {
    const char *name; /* lower case; "" is the default member */
    vb_member_fn *fn;
};

struct vb_class {
    const char *name; /* as notes show it */
    const struct vb_member *members;
    size_t count;
    vb_member_fn *other; /* of members not listed; NULL: a bag of properties */
};

struct vb_prop {
    struct vb_symbol *name;
    struct vb_value value;
    struct vb_prop *next;
};

struct vb_object {
    const struct vb_class *class;
    struct vb_prop *props;
    void *state;              /* of its class, which alone knows the type */
    struct vb_module *module; /* of an instance of a class in the source */
    struct vb_scope fields;
    struct hn_text path; /* of an object of the document: "UserForm1.TextBox1" */
};

typedef struct vb_value vb_builtin_fn(struct vb_eval *ev, const struct vb_call *call);

struct vb_builtin {
    const char *name; /* lower case */
    vb_builtin_fn *fn;
    uint8_t least;
    uint8_t most;
    bool takes_unknown; /* else an unknown argument gives an unknown result without asking it */
};

struct vb_constant {
    const char *name;
    int64_t number;
    const char *text; /* instead, when not NULL */
};
extern const struct vb_constant vb_constants[];
extern const size_t vb_constant_count;

enum vb_flow {
    VB_F_NEXT,
    VB_F_EXIT_FOR,
    VB_F_EXIT_DO,
    VB_F_EXIT_PROC,
    VB_F_JUMP, /* to ev->jump */
    VB_F_RETURN,
    VB_F_END
};

enum vb_trap { VB_TRAP_NONE, VB_TRAP_NEXT, VB_TRAP_LABEL };

struct vb_label {
    struct vb_symbol *name;
    struct vb_stmt *stmt;
    struct vb_label *next;
};

struct vb_frame {
    struct vb_frame *caller;
    struct vb_proc *proc;
    struct vb_module *module;
    struct vb_object *self;
    struct vb_scope *locals; /* NULL: code of a module, whose variables are global */
    struct vb_value result;
    struct vb_value *with; /* of the innermost With; NULL outside */
    enum vb_trap trap;
    struct vb_symbol *handler;
    struct vb_stmt *failed;
    struct vb_stmt *body;
    struct vb_stmt *deferred[VB_DEFERRED_MAX]; /* labels that an unknown branch jumps to */
    uint32_t deferred_count;
    uint32_t jumps;
    bool maybe_exit; /* an unknown branch of the loop under way would leave it */
};

/* A change of a variable, or (slot NULL) of what an object of Windows keeps. */
struct vb_journal_entry {
    struct vb_value *slot;
    struct vb_value before;
    struct com_value *com_slot;
    const struct com_value *com_before;
};

struct vb_file {
    int64_t number;
    int mode; /* enum vb_keyword */
    const struct script_text *name;
    const struct script_text *content;
    uint32_t offset;
    bool open;
};

struct vb_eval {
    struct script_run *run;
    const struct script_source *source;
    bool vba;
    struct hn_map symbols;
    HN_VEC(struct vb_symbol *) symbol_list;
    struct hn_map noted;
    struct hn_map told;
    uint32_t notes;
    uint32_t texts;
    struct vb_module *modules;
    struct vb_module *last_module;
    struct vb_frame *frame;
    uint32_t depth;
    uint32_t calls;
    HN_VEC(struct vb_journal_entry) journal;
    uint32_t nodes;     /* of expressions evaluated */
    uint32_t undecided; /* unknown branches within one another */
    struct vb_stmt *jump;
    bool quit;      /* End, WScript.Quit */
    int64_t raised; /* number of the error under way; 0 none */
    int64_t err_number;
    struct vb_file files[VB_FILES_MAX];
    struct vb_object *err_object;
    struct vb_object *host_values; /* what the script put into the document */
    struct com *com;
    const struct script_text *cached_text; /* whose units were asked for last */
    const uint16_t *cached_units;
};

/* ---- vbscript_value.c ---- */
struct vb_value vb_int(int64_t number, uint8_t width);
struct vb_value vb_bool(bool truth);
struct vb_value vb_real(double real);
struct vb_value vb_text(const struct script_text *text); /* NULL: empty value */
struct vb_value vb_text_of(struct vb_eval *ev, struct hn_text text);
struct vb_value vb_lit(struct vb_eval *ev, const char *text);
struct vb_value vb_object_value(struct vb_object *object);
struct vb_value vb_unknown(struct vb_eval *ev, const char *fmt, ...) HN_PRINTF(2, 3);
struct vb_value vb_unknown_of(struct vb_eval *ev, struct vb_value of);
bool vb_is_unknown(struct vb_value value); /* wholly or in part */
bool vb_is_missing(const struct vb_call *call, uint32_t index);
struct vb_value vb_plain(struct vb_eval *ev, struct vb_value value); /* default members resolved */
const struct script_text *vb_to_text(struct vb_eval *ev, struct vb_value value); /* never NULL
        while the run goes on */
struct hn_text vb_flat(struct vb_eval *ev, struct vb_value value);
bool vb_to_real(struct vb_eval *ev, struct vb_value value, double *ret_real); /* false: unknown, or
        an error was raised */
bool vb_to_int(struct vb_eval *ev, struct vb_value value, int64_t *ret_number); /* rounded */
bool vb_text_to_number(struct hn_text text, struct vb_value *ret_value);
double vb_round_even(double real);
enum vb_truth { VB_FALSE, VB_TRUE, VB_MAYBE };
enum vb_truth vb_truth(struct vb_eval *ev, struct vb_value value);
struct vb_value vb_coerce(struct vb_eval *ev, struct vb_value value, enum vb_type type);
struct vb_value vb_initial(struct vb_eval *ev, enum vb_type type);
struct vb_value vb_sub_text(
        struct vb_eval *ev, const struct script_text *text, size_t start, size_t count);
const uint16_t *vb_units(struct vb_eval *ev, const struct script_text *text);
struct vb_value vb_from_units(struct vb_eval *ev, const uint16_t *units, size_t count,
        const char *step, const struct script_text *from);
const struct script_origin *vb_origin(
        struct vb_eval *ev, const char *step, const struct script_text *from);
void vb_raise(struct vb_eval *ev, int64_t number);
bool vb_spend(struct vb_eval *ev, size_t bytes); /* work in proportion to bytes */
uint16_t vb_ansi_byte(uint16_t unit);            /* Windows-1252; '?' for what it lacks */
uint16_t vb_ansi_unit(uint8_t byte);

/* ---- vbscript_array.c ---- */
struct vb_array *vb_array_new(struct vb_eval *ev, enum vb_type type, int32_t lower, size_t count);
struct vb_array *vb_array_copy(struct vb_eval *ev, const struct vb_array *array);
bool vb_array_dim(struct vb_eval *ev, struct vb_array *array, const int32_t *lower,
        const uint32_t *count, uint32_t dims, bool preserve);
struct vb_value *vb_array_at(
        struct vb_eval *ev, struct vb_array *array, const struct vb_value *index, uint32_t count);
struct vb_value vb_array_value(struct vb_array *array);
/* The bytes of a byte array, or of a text in UTF-16; false when it is unknown or something else. */
bool vb_bytes_of(struct vb_eval *ev, struct vb_value value, struct hn_bytes *ret_bytes);
struct vb_value vb_byte_array(struct vb_eval *ev, struct hn_bytes bytes);
/* A byte array as a text of one unit a byte, for telling. */
const struct script_text *vb_bytes_text(struct vb_eval *ev, struct vb_value value);

/* ---- vbscript_op.c ---- */
struct vb_value vb_binary(struct vb_eval *ev, int op, struct vb_value a, struct vb_value b);
struct vb_value vb_unary(struct vb_eval *ev, int op, struct vb_value a);
struct vb_value vb_compare_op(struct vb_eval *ev, int op, struct vb_value a, struct vb_value b);
struct vb_value vb_logic(struct vb_eval *ev, int op, struct vb_value a, struct vb_value b);
int vb_text_order(
        struct vb_eval *ev, const struct script_text *a, const struct script_text *b, bool fold);
bool vb_like(struct vb_eval *ev, const struct script_text *text, const struct script_text *pattern);
uint16_t vb_fold_unit(uint16_t unit);
bool vb_folds(const struct vb_eval *ev); /* Option Compare Text */

/* ---- vbscript_scope.c ---- */
struct vb_var *vb_scope_find(const struct vb_scope *scope, const struct vb_symbol *name);
struct vb_var *vb_scope_add(
        struct vb_eval *ev, struct vb_scope *scope, struct vb_symbol *name, enum vb_type type);
struct vb_var *vb_var_find(struct vb_eval *ev, struct vb_symbol *name);
struct vb_var *vb_var_need(struct vb_eval *ev, struct vb_symbol *name);
void vb_store(struct vb_eval *ev, struct vb_value *slot, struct vb_value value);
void vb_store_typed(
        struct vb_eval *ev, struct vb_value *slot, enum vb_type type, struct vb_value value);
void vb_declare(struct vb_eval *ev, const struct vb_decl *decls);
void vb_redim(struct vb_eval *ev, const struct vb_stmt *stmt);
void vb_journal_com(struct vb_eval *ev, struct com_value *slot); /* is about to change */
size_t vb_branch_begin(struct vb_eval *ev);
/* What one branch did to variables; taken back so that the next starts as it did. */
struct vb_effects {
    struct vb_journal_entry *entries; /* before is what the branch left */
    size_t count;
};
struct vb_effects vb_branch_undo(struct vb_eval *ev, size_t mark);
/* For variables that no later branch wrote. */
void vb_branch_redo(struct vb_eval *ev, const struct vb_effects *effects, size_t mark);
void vb_branch_end(struct vb_eval *ev);
struct vb_proc *vb_proc_find(
        struct vb_module *module, const struct vb_symbol *name, unsigned kinds);
struct vb_proc *vb_proc_any(struct vb_eval *ev, const struct vb_symbol *name, unsigned kinds);
struct vb_module *vb_module_find(struct vb_eval *ev, const struct vb_symbol *name);

/* ---- vbscript_eval.c, vbscript_call.c, vbscript_assign.c ---- */
struct vb_value vb_eval(struct vb_eval *ev, const struct vb_expr *expr);
struct vb_value vb_eval_plain(struct vb_eval *ev, const struct vb_expr *expr);
struct vb_value vb_eval_name(struct vb_eval *ev, const struct vb_expr *expr, bool as_base);
/* Where an expression's value is kept, for ByRef and assignment; NULL when nowhere. */
struct vb_value *vb_eval_ref(
        struct vb_eval *ev, const struct vb_expr *expr, enum vb_type *ret_type);
void vb_assign(struct vb_eval *ev, const struct vb_expr *target, struct vb_value value, bool set);
#define VB_ARGS_SMALL 6u
/* Points into itself where arguments are few: not to be copied. */
struct vb_args {
    struct vb_value *values;
    struct vb_symbol **names;
    struct vb_value **refs;
    enum vb_type *types;
    uint32_t count;
    struct vb_value small_values[VB_ARGS_SMALL];
    struct vb_symbol *small_names[VB_ARGS_SMALL];
    struct vb_value *small_refs[VB_ARGS_SMALL];
    enum vb_type small_types[VB_ARGS_SMALL];
};
bool vb_eval_args(struct vb_eval *ev, const struct vb_expr *call, struct vb_args *ret_args);
struct vb_call vb_call_of(struct vb_symbol *name, const struct vb_args *args, uint32_t offset);
struct vb_value vb_call_proc(struct vb_eval *ev, struct vb_proc *proc, const struct vb_call *call,
        struct vb_object *self);
struct vb_value vb_call_builtin(struct vb_eval *ev, const struct vb_call *call);
struct vb_value vb_call_declared(
        struct vb_eval *ev, struct vb_proc *proc, const struct vb_call *call);
/* Calls a procedure of the source by its name, also as "Module.name"; false: there is none. */
bool vb_call_name(struct vb_eval *ev, struct hn_text name, const struct vb_call *call,
        struct vb_value *ret_value);
struct vb_value vb_index(struct vb_eval *ev, struct vb_value value, const struct vb_call *call);
struct vb_value vb_member_call(
        struct vb_eval *ev, struct vb_value value, const struct vb_call *call);
struct vb_value vb_get(struct vb_eval *ev, struct vb_value object, const char *name);
bool vb_enter(struct vb_eval *ev);
void vb_leave(struct vb_eval *ev);

/* ---- vbscript_exec.c, vbscript_loop.c, vbscript_io.c ---- */
enum vb_flow vb_exec_list(struct vb_eval *ev, struct vb_stmt *first);
enum vb_flow vb_exec_loop(struct vb_eval *ev, struct vb_stmt *stmt);
enum vb_flow vb_exec_body(struct vb_eval *ev, struct vb_frame *frame, struct vb_stmt *body);
void vb_exec_io(struct vb_eval *ev, struct vb_stmt *stmt);
void vb_close_files(struct vb_eval *ev);
struct vb_stmt *vb_label_find(struct vb_stmt *list, const struct vb_symbol *name);
void vb_execute_text(struct vb_eval *ev, const struct script_text *text, bool global,
        const char *how, uint32_t offset);
struct vb_value vb_eval_text(struct vb_eval *ev, const struct script_text *text, uint32_t offset);

/* ---- vbscript_tell.c ---- */
void vb_note(struct vb_eval *ev, enum script_note_kind kind, uint32_t offset, const char *fmt, ...)
        HN_PRINTF(4, 5);
void vb_tell_process(
        struct vb_eval *ev, uint32_t offset, const char *via, const struct script_text *command);
void vb_tell_write(struct vb_eval *ev, uint32_t offset, const char *via,
        const struct script_text *name, const struct script_text *content);
void vb_tell_http(
        struct vb_eval *ev, uint32_t offset, const char *via, const struct script_text *url);
void vb_tell_field(struct vb_eval *ev, enum script_act_kind kind, uint32_t offset, const char *via,
        const char *name, struct vb_value value);
void vb_tell_text(struct vb_eval *ev, struct vb_value value);
struct vb_value vb_environ(struct vb_eval *ev, struct hn_text name, uint32_t offset);
const struct script_text *vb_join3(struct vb_eval *ev, const struct script_text *a, const char *mid,
        const struct script_text *b);

/* ---- vbscript_object.c ---- */
struct vb_object *vb_object_new(struct vb_eval *ev, const struct vb_class *class);
struct vb_value vb_object_make(struct vb_eval *ev, const struct vb_class *class);
/* By program or class identifier, and by moniker. */
struct vb_value vb_create(struct vb_eval *ev, const struct script_text *name, uint32_t offset);
struct vb_value vb_get_object(struct vb_eval *ev, const struct script_text *name, uint32_t offset);
struct vb_value vb_new_instance(struct vb_eval *ev, struct vb_symbol *name, uint32_t offset);
struct vb_value *vb_prop(
        struct vb_eval *ev, struct vb_object *object, struct vb_symbol *name, bool make);
struct vb_value vb_prop_get(struct vb_eval *ev, struct vb_object *object, const char *name);
void vb_prop_set(
        struct vb_eval *ev, struct vb_object *object, const char *name, struct vb_value value);
struct vb_value vb_arg(const struct vb_call *call, uint32_t index);
struct vb_value vb_arg_named(
        struct vb_eval *ev, const struct vb_call *call, const char *name, uint32_t index);
struct hn_text vb_arg_text(struct vb_eval *ev, const struct vb_call *call, uint32_t index);
int64_t vb_arg_int(struct vb_eval *ev, const struct vb_call *call, uint32_t index, int64_t other);
/* The items that For Each walks over, as an array; false: unknown. */
bool vb_items_of(struct vb_eval *ev, struct vb_value value, struct vb_array **ret_items);
struct vb_value vb_quiet(struct vb_eval *ev, struct vb_object *object, const struct vb_call *call);
struct vb_value vb_bag(struct vb_eval *ev, struct vb_object *object, const struct vb_call *call);

/* ---- vbscript_com.c: objects of Windows ---- */
extern const struct vb_class vb_class_com;
bool vb_com_start(struct vb_eval *ev); /* false: out of memory */
struct com_value vb_to_com(struct vb_eval *ev, struct vb_value value);
struct vb_value vb_from_com(struct vb_eval *ev, const struct com_value *value);
struct vb_value vb_com_object(struct vb_eval *ev, struct com_object *object); /* NULL: unknown */
/* The value of an object where one is needed; itself when it has none. */
struct vb_value vb_com_plain(struct vb_eval *ev, struct vb_value value);
bool vb_com_items(struct vb_eval *ev, struct vb_object *object, struct vb_array **ret_items);

/* ---- objects of Basic and of documents ---- */
extern const struct vb_class vb_class_record;
extern const struct vb_class vb_class_instance;
extern const struct vb_class vb_class_host;
extern const struct vb_class vb_class_err;
extern const struct vb_class vb_class_procref;
/* An object of the document by its path, and the value of such an object. */
struct vb_value vb_host_object(struct vb_eval *ev, struct hn_text path);
struct vb_value vb_host_value(struct vb_eval *ev, const struct vb_object *object);
/* vbscript_link.c: the other language of a page (call NULL: a variable), and its elements by the
 * path a script asks with. vb_link_leave(): false: nobody will ask, the evaluator ends here. */
bool vb_link_leave(struct vb_eval *ev);
bool vb_link_ask(struct vb_eval *ev, struct hn_text name, const struct vb_call *call,
        struct vb_value *ret_value);
bool vb_page_lookup(struct vb_eval *ev, struct hn_text path, struct vb_value *ret_value);
void vb_deinit(struct vb_eval *ev);
/* TypeName() of it: "TextBox", "Range"; unknown where nobody says. */
struct vb_value vb_host_kind(struct vb_eval *ev, const struct vb_object *object);
bool vb_host_global(struct vb_eval *ev, struct vb_symbol *name, struct vb_value *ret_value);
bool vb_host_lookup(struct vb_eval *ev, struct hn_text path, struct vb_value *ret_value);
void vb_host_set(struct vb_eval *ev, struct hn_text path, struct vb_value value);
bool vb_host_items(struct vb_eval *ev, struct vb_object *object, struct vb_array **ret_items);
/* A path in the one spelling that stores are asked for, without .Value and its like, in buf. */
struct hn_text vb_host_canonical(
        struct vb_eval *ev, struct hn_text path, struct hn_buf *buf, char *room, size_t room_bytes);

/* vbscript_formulas.c: tells what was written into cells, when it is a macro of Excel 4. */
void vb_host_formulas(struct vb_eval *ev);

/* ---- vbscript_area.c: paths that lead to cells ---- */
enum vb_area_unit { VB_AREA_CELLS, VB_AREA_ROWS, VB_AREA_COLUMNS };

struct vb_area {
    struct hn_text sheet; /* as it begins the path: Sheets(1) */
    int64_t row;          /* from 1 */
    int64_t column;
    int64_t rows;
    int64_t columns;
    enum vb_area_unit unit; /* what Count counts */
    bool has_cells;         /* else it is the sheet as a whole */
    bool used_is_set;       /* the two below are known */
    bool used_known;
    int64_t used[4]; /* first row, first column, last row, last column */
};

/* Follows a canonical path; *ret_rest is the member of the range that is asked at its end. False:
 * it leads to no cells. */
bool vb_area_follow(struct vb_eval *ev, struct hn_text path, struct vb_area *ret_area,
        struct hn_text *ret_rest);
/* Which cells of its sheet are in use, in area->used; false: nobody knows. */
bool vb_area_used(struct vb_eval *ev, struct vb_area *area);
void vb_area_address(struct hn_buf *out, int64_t row, int64_t column); /* "B12" */

/* ---- vbscript_range.c: cells that a macro reaches by counting ---- */
/* place is a canonical path; asked is what the macro spelled. False: it names no cells, or nobody
 * knows what stands in them. */
bool vb_range_value(
        struct vb_eval *ev, struct hn_text place, struct hn_text asked, struct vb_value *ret_value);
bool vb_range_is(struct vb_eval *ev, struct hn_text path); /* it names cells */
bool vb_range_items(struct vb_eval *ev, struct hn_text path, struct vb_array **ret_items);
/* "B2:C3", for Range(Cells(1, 1), Cells(2, 3)). */
bool vb_range_address(struct vb_eval *ev, struct hn_text path, struct hn_buf *out);
struct vb_value vb_range_transpose(struct vb_eval *ev, struct vb_value value);

#endif
