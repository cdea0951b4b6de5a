/* powershell_internal.h - values, the tree, and the evaluator's parts for each other. Names that
 * are shared inside the module begin with ps_. */
#ifndef HN_POWERSHELL_POWERSHELL_INTERNAL_H
#define HN_POWERSHELL_POWERSHELL_INTERNAL_H

#include "com/com.h"
#include "powershell/powershell.h"

#include <stdio.h>

#define T(literal) HN_TEXT(literal)

/* ---- Values ---- */

enum ps_kind {
    PS_NULL,
    PS_BOOL,
    PS_INT,
    PS_DOUBLE,
    PS_CHAR,
    PS_TEXT,
    PS_ARRAY,
    PS_HASH,
    PS_BLOCK,
    PS_TYPE,
    PS_OBJECT,
    PS_UNKNOWN, /* text says of what: "{reply of http://...}" */
};

enum ps_width { PS_I32, PS_I64, PS_BYTE, PS_SBYTE, PS_I16, PS_U16, PS_U32, PS_U64 };

struct ps_value {
    enum ps_kind kind;
    enum ps_width width; /* of PS_INT */
    union {
        int64_t number; /* BOOL, INT, CHAR */
        double real;
        const struct script_text *text; /* TEXT, UNKNOWN, TYPE (normal form) */
        struct ps_array *array;
        struct ps_hash *hash;
        const struct ps_block *block;
        struct ps_object *object;
    } as;
};

/* Items behind one or more arrays: $a += x makes a new array over the same room. */
struct ps_room {
    union {
        struct ps_value *items;
        uint8_t *bytes;
    } as;
    size_t used;
    size_t room;
    uint32_t users;
};

struct ps_array {
    struct ps_room *room;
    size_t count;
    bool bytes;                       /* of [byte], one byte each */
    const struct script_text *filled; /* with this, which nobody has; NULL: it is as it stands */
    bool list;                        /* an ArrayList or List: methods that change it work */
    const struct script_origin *origin;
};

struct ps_entry {
    struct hn_text key; /* as written */
    uint32_t hash;
    bool gone;
    struct ps_value value;
};

/* Keys in the order of adding, compared without case. */
struct ps_hash {
    struct ps_entry *entries;
    uint32_t *slots; /* a power of two; index + 1, 0 is free */
    uint32_t count;
    uint32_t room;
    uint32_t slot_count;
    uint32_t gone;
    bool exact; /* keys differ by case */
};

struct ps_object {
    struct hn_text type; /* normal form: lower case, without "system." */
    struct ps_hash props;
    struct ps_value state; /* of what it is made: bytes of a stream, text of a builder */
    size_t position;
    struct com_object *com; /* an object of Windows, whose members are those of src/com */
};

/* ---- The tree ---- */

enum ps_node_kind {
    PS_N_CONST,    /* value */
    PS_N_EXPAND,   /* kids: constants, variables, subexpressions */
    PS_N_VAR,      /* text */
    PS_N_TYPE,     /* text, in normal form */
    PS_N_ARRAY,    /* @( ): a */
    PS_N_SUB,      /* $( ): a */
    PS_N_PAREN,    /* ( ): a */
    PS_N_HASH,     /* kids: key, value, ... */
    PS_N_BLOCK,    /* block */
    PS_N_COMMA,    /* kids */
    PS_N_CHAIN,    /* kids, each but the first with its operator in op */
    PS_N_UNARY,    /* op, a */
    PS_N_CAST,     /* text, a */
    PS_N_POSTFIX,  /* a, kids: MEMBER, CALL, INDEX, STEP */
    PS_N_MEMBER,   /* a = name; flag: static */
    PS_N_CALL,     /* a = name, kids = arguments; flag: static */
    PS_N_INDEX,    /* a */
    PS_N_STEP,     /* op '+' or '-'; in front (a is the target; flag) or as a suffix */
    PS_N_TERNARY,  /* a ? b : c */
    PS_N_ASSIGN,   /* a op b */
    PS_N_PIPE,     /* kids */
    PS_N_COMMAND,  /* kids: name, arguments; op '&', '.' or 0 */
    PS_N_PARAM,    /* text, a = value behind a colon or NULL */
    PS_N_SPLAT,    /* text: variable */
    PS_N_REDIRECT, /* a; flag: appends */
    PS_N_LIST,     /* kids: statements */
    PS_N_IF,       /* a = condition, b = then, c = else */
    PS_N_SWITCH,   /* a = value, kids: condition, body, ...; op: bits */
    PS_N_FOR,      /* a; b; c, d = body; text = label, as of all loops */
    PS_N_FOREACH,  /* a = variable, b = list, d = body */
    PS_N_WHILE,    /* b, d */
    PS_N_DO,       /* d, b; flag: until */
    PS_N_FUNCTION, /* text, block */
    PS_N_FLOW,     /* op: enum ps_flow; a = value or label */
    PS_N_CLASS,    /* text, a = base or NULL, kids: ASSIGN and FUNCTION; flag: enumeration */
    PS_N_TRY,      /* a = body, b = catches (LIST), c = finally */
    PS_N_KINDS
};

enum ps_op {
    PS_OP_NONE,
    PS_OP_ADD,
    PS_OP_SUB,
    PS_OP_MUL,
    PS_OP_DIV,
    PS_OP_MOD,
    PS_OP_FORMAT,
    PS_OP_RANGE,
    PS_OP_BAND,
    PS_OP_BOR,
    PS_OP_BXOR,
    PS_OP_SHL,
    PS_OP_SHR,
    PS_OP_BNOT,
    PS_OP_AND,
    PS_OP_OR,
    PS_OP_XOR,
    PS_OP_NOT,
    PS_OP_NEG,
    PS_OP_PLUS,
    PS_OP_COMMA,
    PS_OP_EQ,
    PS_OP_NE,
    PS_OP_GT,
    PS_OP_GE,
    PS_OP_LT,
    PS_OP_LE,
    PS_OP_LIKE,
    PS_OP_NOTLIKE,
    PS_OP_MATCH,
    PS_OP_NOTMATCH,
    PS_OP_CONTAINS,
    PS_OP_NOTCONTAINS,
    PS_OP_IN,
    PS_OP_NOTIN,
    PS_OP_REPLACE,
    PS_OP_SPLIT,
    PS_OP_JOIN,
    PS_OP_IS,
    PS_OP_ISNOT,
    PS_OP_AS,
    PS_OP_COALESCE,
};

enum ps_flow { PS_NEXT, PS_BREAK, PS_CONTINUE, PS_RETURN, PS_THROW, PS_EXIT };

enum ps_switch_bits { PS_SWITCH_REGEX = 1, PS_SWITCH_WILDCARD = 2, PS_SWITCH_EXACT = 4 };

struct ps_node {
    uint8_t kind;
    uint8_t op;
    bool flag;
    bool exact; /* the operator minds case: -ceq, -creplace */
    bool layer; /* of a text that was computed: offset is no place in the source */
    uint32_t offset;
    struct ps_node *next;
    struct ps_node *kids;
    struct ps_node *a;
    union {
        struct {
            struct ps_node *b;
            struct ps_node *c;
            struct ps_node *d;
        };
        struct ps_value value;
        const struct ps_block *block;
    };
    struct hn_text text;
};

struct ps_block {
    const struct ps_node *params; /* kids: ASSIGN (a = VAR, b = default or NULL) */
    const struct ps_node *begin;
    const struct ps_node *body;
    const struct ps_node *end;
    struct hn_text source; /* between the braces */
    uint32_t offset;
    bool filter;
};

/* The tree of a text; NULL only when the run has stopped. base: origin of the text, for literals of
 * layers. */
const struct ps_block *ps_parse(
        struct script_run *run, struct hn_text text, const struct script_origin *base);

struct ps_parser {
    struct script_run *run;
    struct hn_text in;
    size_t pos;
    uint32_t depth;
    uint32_t notes; /* of syntax */
    bool failed;    /* the statement cannot be read */
    bool backtick;  /* in a word where it does nothing */
    bool no_comma;  /* inside the arguments of a call */
    const struct script_origin *base;
};

/* powershell_lex.c */
HN_INLINE char ps_peek(const struct ps_parser *p, size_t ahead)
{
    return ahead < p->in.len - p->pos ? p->in.ptr[p->pos + ahead] : '\0';
}
size_t ps_quote_len(const struct ps_parser *p, size_t pos, char *ret_kind); /* 0: none */
size_t ps_dash_len(const struct ps_parser *p, size_t pos);
void ps_skip(struct ps_parser *p, bool lines);
bool ps_is_word(const struct ps_parser *p, size_t pos);
/* A name of letters, digits and _ without its backticks, empty when there is none. */
struct hn_text ps_take_name(struct ps_parser *p);
/* "-name" with the operator's dash, without taking it; the length in bytes. */
struct hn_text ps_peek_operator(const struct ps_parser *p, size_t *ret_len);
bool ps_peek_word(const struct ps_parser *p, struct hn_text word);
struct ps_node *ps_node(struct ps_parser *p, enum ps_node_kind kind);
struct ps_node *ps_const_text(struct ps_parser *p, struct hn_text text, size_t offset);
struct hn_text ps_keep(struct ps_parser *p, struct hn_text text);
struct ps_node *ps_number(struct ps_parser *p); /* NULL: no number here; nothing taken */
bool ps_enter(struct ps_parser *p);             /* one level deeper; false at the limit */
/* Takes what closes something; a script that is cut off there is taken as if it were closed. */
void ps_close(struct ps_parser *p, char c);
struct hn_text ps_normal_type(struct script_run *run, struct hn_text text);

/* powershell_strings.c */
struct ps_node *ps_string(struct ps_parser *p); /* at a quote or here-string */
struct ps_node *ps_variable(struct ps_parser *p);
struct ps_node *ps_word(struct ps_parser *p); /* a word of a command, expanded */
size_t ps_backtick(const struct ps_parser *p, size_t pos, char out[4], size_t *ret_len);

/* powershell_expression.c */
struct ps_node *ps_expression(struct ps_parser *p);
struct ps_node *ps_argument(struct ps_parser *p); /* of a command: no operators but commas */
struct ps_node *ps_primary(struct ps_parser *p);
struct ps_node *ps_type_or_cast(struct ps_parser *p); /* [name], [name]$x */
struct ps_node *ps_unary(struct ps_parser *p);
bool ps_starts_expression(const struct ps_parser *p);

/* powershell_parse.c, powershell_statement.c */
struct ps_node *ps_statement(struct ps_parser *p);
struct ps_node *ps_pipeline(struct ps_parser *p);
struct ps_node *ps_keyword_statement(struct ps_parser *p, bool *ret_none);
struct ps_node *ps_statements(struct ps_parser *p, char end); /* end: '}', ')' or 0 */
struct ps_block *ps_block_body(struct ps_parser *p, char end);
struct ps_node *ps_braces(struct ps_parser *p); /* { statements } as a LIST */
struct ps_node *ps_param_list(struct ps_parser *p, char end);
struct hn_text ps_parameter_type(struct ps_parser *p); /* [type] in front; empty: none */

/* ---- Evaluation ---- */

struct ps_scope {
    struct ps_hash vars;
    struct ps_scope *parent;
};

/* What a branch changed, newest first, so that it can be taken back. */
struct ps_change {
    struct ps_hash *hash;
    struct hn_text key;
    struct ps_value other; /* what it was; what it became once taken back */
    bool was_absent;
    struct ps_change *next;
};

#define PS_SEEN_MAX 4096u

struct ps {
    struct script_run *run;
    struct com *com;
    const struct script_source *source;
    struct ps_scope *scope;
    struct ps_scope global;
    struct ps_hash functions;
    struct ps_hash aliases;
    struct ps_hash types; /* of Add-Type: name -> object with functions */
    struct ps_hash files; /* what was written */
    struct ps_change *changes;
    bool journal;
    uint32_t depth; /* of ps_eval() and ps_exec() */
    uint32_t calls;
    uint32_t layer_depth;
    uint64_t outer_offset; /* where the outermost layer stands, for acts of inner ones */
    uint64_t offset;       /* of the statement that is evaluated */
    enum ps_flow flow;     /* pending; NEXT: none */
    struct hn_text label;
    struct ps_value result;     /* of return, throw */
    bool dropped;               /* a break on an unknown branch was not taken */
    uint64_t seen[PS_SEEN_MAX]; /* hashes of texts that were told */
    uint32_t acts;              /* told, or told before */
    uint32_t news;              /* acts told for the first time */
    uint32_t techniques;
    const char *technique[32];
    struct hn_text wide; /* the source was UTF-16, and this is what was made of it; */
    size_t wide_pos;     /* up to here */
    size_t wide_units;   /* it has so many units */
    const struct script_text *units_of; /* whose units were asked for last, */
    const uint16_t *units;              /* and these */
};

/* Arguments of a command or function. */
#define PS_ARGS_MAX 256u

struct ps_arg {
    struct hn_text name; /* without its dash; empty: positional */
    struct ps_value value;
    bool bare;  /* -name with no value */
    bool comma; /* a list that was written with commas */
    bool used;
};

struct ps_call {
    struct hn_text name;
    struct ps_arg *args;
    size_t count;
    struct ps_array *input; /* NULL: none */
    struct ps_array *out;
    const struct ps_node *node;
};

typedef void ps_cmdlet_fn(struct ps *ps, struct ps_call *call);

/* powershell_value.c */
struct ps_value ps_null(void);
struct ps_value ps_bool(bool value);
struct ps_value ps_int(int64_t value);
struct ps_value ps_wide(int64_t value, enum ps_width width);
struct ps_value ps_real(double value);
struct ps_value ps_char(int64_t unit);
struct ps_value ps_text(const struct script_text *text); /* NULL becomes empty */
struct ps_value ps_text_of(struct ps *ps, struct hn_text text, const struct script_origin *origin);
struct ps_value ps_unknown(struct ps *ps, const char *fmt, ...) HN_PRINTF(2, 3);
struct ps_value ps_of_array(struct ps_array *array);
struct ps_value ps_of_type(struct ps *ps, struct hn_text name);
bool ps_is_unknown(const struct ps_value *v);
int ps_truth(struct ps *ps, const struct ps_value *v); /* 0, 1, -1 unknown */
bool ps_number_of(struct ps *ps, const struct ps_value *v, double *ret);
bool ps_int_of(struct ps *ps, const struct ps_value *v, int64_t *ret);
size_t ps_size_of(struct ps *ps, const struct ps_value *v, size_t otherwise);
/* The same text as one of this origin (NULL: as it is), perhaps with parts that cannot be known. */
const struct script_text *ps_text_with(struct ps *ps, const struct script_text *text,
        const struct script_origin *origin, bool unknown);
/* Its UTF-16 units, kept for the next time; NULL when the budget is used up. */
const uint16_t *ps_units(struct ps *ps, const struct script_text *text);
const struct script_text *ps_text_sub(
        struct ps *ps, const struct script_text *text, size_t start, size_t count);
const struct script_text *ps_text_from(struct ps *ps, const struct ps_value *v); /* never NULL */
struct hn_text ps_flat(struct ps *ps, const struct ps_value *v);                 /* never NULL */
bool ps_parse_number(struct hn_text text, struct ps_value *ret);
const struct script_origin *ps_origin_of(const struct ps_value *v);
const struct script_origin *ps_origin(struct ps *ps, const char *step, const struct ps_value *from);
bool ps_same_text(struct hn_text a, const char *b);     /* without case */
bool ps_one_of(struct hn_text text, const char *words); /* "a|b|c", without case */

/* powershell_array.c */
struct ps_array *ps_array_new(struct ps *ps, size_t room); /* never NULL */
struct ps_array *ps_bytes_new(struct ps *ps, size_t count, const struct script_origin *origin);
struct ps_value ps_bytes_value(
        struct ps *ps, struct hn_bytes bytes, const struct script_origin *origin);
struct ps_value ps_at(const struct ps_array *array, size_t index);
void ps_array_add(struct ps *ps, struct ps_array *array, struct ps_value v);
void ps_array_put(struct ps *ps, struct ps_array *array, size_t index, struct ps_value v);
void ps_array_remove(struct ps *ps, struct ps_array *array, size_t index, size_t count);
struct ps_array *ps_array_plus(struct ps *ps, struct ps_array *array, struct ps_value v);
void ps_array_reverse(struct ps *ps, struct ps_array *array);
/* The items of a value as a pipeline sees them: an array's own, or one. Null has none. */
struct ps_array *ps_items(struct ps *ps, struct ps_value v);
void ps_emit(struct ps *ps, struct ps_array *out, struct ps_value v); /* arrays are unrolled */
struct ps_value ps_collect(struct ps_array *out); /* null, the one item, or the array */
bool ps_bytes_of(struct ps *ps, const struct ps_value *v, struct hn_bytes *ret);
struct ps_value *ps_hash_find(struct ps_hash *hash, struct hn_text key);
struct ps_value *ps_hash_put(
        struct ps *ps, struct ps_hash *hash, struct hn_text key, struct ps_value v);
void ps_hash_remove(struct ps_hash *hash, struct hn_text key);
struct ps_hash *ps_hash_new(struct ps *ps);
struct ps_object *ps_object_new(struct ps *ps, const char *type);
struct ps_value ps_of_object(struct ps_object *object);
struct ps_value ps_prop(struct ps_object *object, const char *name);
void ps_prop_set(struct ps *ps, struct ps_object *object, const char *name, struct ps_value v);
bool ps_is_object(const struct ps_value *v, const char *types);

/* powershell_variable.c */
struct ps_value ps_var_get(struct ps *ps, struct hn_text name);
void ps_var_set(struct ps *ps, struct hn_text name, struct ps_value v);
void ps_var_local(struct ps *ps, const char *name, struct ps_value v);
void ps_var_remove(struct ps *ps, struct hn_text name);
void ps_var_defaults(struct ps *ps);
bool ps_env_get(struct ps *ps, struct hn_text name, struct ps_value *ret);
void ps_var_list(struct ps *ps, struct hn_text pattern, struct ps_array *out);
void ps_env_list(struct ps *ps, struct hn_text pattern, struct ps_array *out);
void ps_env_tell(struct ps *ps); /* what programs started by the script find */
struct ps_change *ps_fork(struct ps *ps, bool *ret_journal);
void ps_swap_back(struct ps *ps, struct ps_change *until, struct ps_change *from);
const struct script_text *ps_expand_percent(struct ps *ps, const struct script_text *text);

/* powershell_eval.c */
struct ps_value ps_eval(struct ps *ps, const struct ps_node *node); /* NULL: null */
/* For whatever calls itself: one level deeper, given back by ps->depth--. False, noted, at the
 * limit. */
bool ps_deeper(struct ps *ps);
struct ps_value ps_index(struct ps *ps, struct ps_value base, struct ps_value index);
void ps_assign(struct ps *ps, const struct ps_node *target, struct ps_value v);
struct ps_value ps_add(struct ps *ps, struct ps_value a, struct ps_value b);
struct ps_value ps_binary(
        struct ps *ps, const struct ps_node *right, struct ps_value a, struct ps_value b);
struct ps_value ps_arith(struct ps *ps, enum ps_op op, struct ps_value a, struct ps_value b);
struct ps_value ps_range(struct ps *ps, struct ps_value a, struct ps_value b);

/* powershell_compare.c */
struct ps_value ps_compare_op(
        struct ps *ps, const struct ps_node *right, struct ps_value a, struct ps_value b);
int ps_order(struct ps *ps, const struct ps_value *a, const struct ps_value *b, bool exact);
int ps_equal(struct ps *ps, const struct ps_value *a, const struct ps_value *b, bool exact);
bool ps_like(struct ps *ps, struct hn_text text, struct hn_text pattern, bool exact);

/* powershell_format.c */
struct ps_value ps_format(struct ps *ps, struct ps_value pattern, struct ps_value args);
const struct script_text *ps_format_one(
        struct ps *ps, const struct ps_value *v, struct hn_text spec);
struct ps_value ps_join(struct ps *ps, struct ps_value list, struct ps_value separator);

/* powershell_regex.c */
#define PS_GROUPS_MAX 32u
enum ps_regex_bits {
    PS_REGEX_NOCASE = 1,
    PS_REGEX_RIGHT = 2,
    PS_REGEX_LITERAL = 4,
    PS_REGEX_MULTILINE = 8,
    PS_REGEX_SINGLE = 16,
    PS_REGEX_SPACE = 32
};
struct ps_value ps_regex_replace(struct ps *ps, struct ps_value text, struct hn_text pattern,
        struct ps_value by, uint32_t bits);
struct ps_value ps_regex_split(struct ps *ps, struct hn_text text, struct hn_text pattern,
        int64_t max, uint32_t bits, const struct script_origin *origin);
/* Match objects; first alone: one of them, or one that has not succeeded. */
struct ps_value ps_regex_matches(struct ps *ps, const struct ps_value *text, struct hn_text pattern,
        uint32_t bits, bool first);
int ps_regex_is_match(struct ps *ps, const struct ps_value *text, struct hn_text pattern,
        uint32_t bits, bool with_matches);
uint32_t ps_regex_options(struct ps *ps, const struct ps_value *options);

/* powershell_cast.c */
struct ps_value ps_cast(struct ps *ps, struct hn_text type, struct ps_value v);
struct hn_text ps_type_of(struct ps *ps, const struct ps_value *v);
bool ps_is_type(struct ps *ps, const struct ps_value *v, struct hn_text type);

/* powershell_exec.c */
enum ps_flow ps_exec(struct ps *ps, const struct ps_node *node, struct ps_array *out);
bool ps_flow_stops(const struct ps *ps);

/* powershell_class.c: false where the script has declared no such class, or member of it */
struct ps_node *ps_class_statement(struct ps_parser *p, bool enumeration);
enum ps_flow ps_exec_class(struct ps *ps, const struct ps_node *node, struct ps_array *out);
bool ps_class_construct(struct ps *ps, struct hn_text type, const struct ps_value *args,
        size_t count, struct ps_value *ret_value);
bool ps_class_call(struct ps *ps, struct ps_value self, struct hn_text name,
        const struct ps_value *args, size_t count, struct ps_value *ret_value);
bool ps_class_static(
        struct ps *ps, struct hn_text type, struct hn_text name, struct ps_value *ret_value);
void ps_class_static_set(
        struct ps *ps, struct hn_text type, struct hn_text name, struct ps_value v);

/* powershell_call.c */
void ps_invoke_block(
        struct ps *ps, const struct ps_block *block, const struct ps_call *call, bool new_scope);
struct ps_value ps_call_block(
        struct ps *ps, const struct ps_block *block, const struct ps_value *args, size_t count);
/* With $_ for each item of input. */
void ps_each(
        struct ps *ps, const struct ps_block *block, struct ps_array *input, struct ps_array *out);
void ps_run_text(struct ps *ps, struct ps_value text, const char *how, struct ps_array *out);
const struct ps_block *ps_block_from(struct ps *ps, struct ps_value text, const char *how);

/* powershell_pipe.c */
void ps_pipe(struct ps *ps, const struct ps_node *node, struct ps_array *out);
void ps_command(
        struct ps *ps, const struct ps_node *node, struct ps_array *input, struct ps_array *out);
void ps_call_named(struct ps *ps, struct hn_text name, struct ps_call *call);
const struct ps_value *ps_arg_named(struct ps_call *call, const char *names); /* NULL */
/* Named so (any prefix), or the next positional one that nobody took. */
struct ps_value ps_arg(struct ps_call *call, const char *names);
bool ps_arg_switch(struct ps_call *call, const char *names);
void ps_args_bind(struct ps_call *call, const char *switches);
ps_cmdlet_fn *ps_cmdlet_find(struct hn_text name);
struct hn_text ps_alias_of(struct ps *ps, struct hn_text name);
void ps_cmdlet_list(struct ps *ps, struct hn_text pattern, struct ps_array *out);
void ps_alias_list(struct ps *ps, struct hn_text pattern, struct ps_array *out);

/* powershell_cmd_*.c: rows of cmdlets; the last one has name NULL. */
struct ps_cmdlet {
    const char *name; /* lower case */
    ps_cmdlet_fn *fn;
    const char *switches; /* "a|b": parameters that take no value */
};
extern const struct ps_cmdlet ps_cmdlets_core[];
extern const struct ps_cmdlet ps_cmdlets_data[];
extern const struct ps_cmdlet ps_cmdlets_net[];
extern const struct ps_cmdlet ps_cmdlets_file[];

/* Of a type of Add-Type, among its functions: its methods ask servers. */
#define PS_TYPE_REQUESTS "<requests>"

/* powershell_member.c */
struct ps_value ps_member(struct ps *ps, struct ps_value base, struct hn_text name);
/* Members that change nothing anybody can see, and such that give their object back. */
struct ps_value ps_member_nothing(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count);
struct ps_value ps_member_itself(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count);
struct ps_value ps_member_list(struct ps *ps, const struct ps_object *object);
struct ps_value ps_static_member(struct ps *ps, struct hn_text type, struct hn_text name);
void ps_member_set(struct ps *ps, struct ps_value base, struct hn_text name, struct ps_value v);
struct ps_value ps_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count);
struct ps_value ps_static(struct ps *ps, struct hn_text type, struct hn_text name,
        struct ps_value *args, size_t count);
struct ps_value ps_construct(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count);

/* Rows of modelled members. A static one has its type; an instance one the type of its object. */
typedef struct ps_value ps_method_fn(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count);
struct ps_method {
    const char *type;
    const char *name;
    ps_method_fn *fn;
};
extern const struct ps_method ps_methods_text[];
extern const struct ps_method ps_methods_list[];
extern const struct ps_method ps_methods_stream[];
extern const struct ps_method ps_methods_crypto[];
extern const struct ps_method ps_methods_web[];
extern const struct ps_method ps_methods_host[];
extern const struct ps_method ps_methods_com[];
extern const struct ps_method ps_statics_com[];
extern const struct ps_method ps_statics_base[];
extern const struct ps_method ps_statics_text[];
extern const struct ps_method ps_statics_host[];
extern const struct ps_method ps_statics_web[];
extern const struct ps_method ps_statics_crypto[];

/* powershell_com.c: objects of Windows */
bool ps_com_start(struct ps *ps); /* false: out of memory */
struct ps_value ps_com_object(struct ps *ps, struct ps_value name);
struct ps_value ps_com_wrap(struct ps *ps, struct com_object *object); /* NULL: unknown */
struct ps_value ps_com_call(struct ps *ps, struct com_object *object, struct hn_text name,
        const struct ps_value *args, size_t count);
struct ps_value ps_com_method(struct ps *ps, struct ps_object *object, struct hn_text name,
        const struct ps_value *args, size_t count);
struct ps_value ps_wmi_class(struct ps *ps, struct hn_text path);
void ps_com_put(struct ps *ps, struct com_object *object, struct hn_text name, struct ps_value v);
struct ps_value ps_com_items(struct ps *ps, struct com_object *object);
const struct script_text *ps_com_text(struct ps *ps, struct com_object *object);

/* powershell_file.c */
enum ps_file_form { PS_FILE_TEXT, PS_FILE_LINES, PS_FILE_BYTES };
/* What a file holds; told as read unless the script wrote it. */
struct ps_value ps_file_read(
        struct ps *ps, const char *via, const struct ps_value *path, enum ps_file_form form);
/* UTF-16 with a mark as UTF-8; everything else as it is. */
struct hn_text ps_as_utf8(struct script_run *run, struct hn_text text);

/* powershell_codec.c */
struct ps_value ps_base64(struct ps *ps, const struct ps_value *text);
struct ps_value ps_decode(struct ps *ps, struct hn_text encoding, const struct ps_value *bytes);
struct ps_value ps_encode(struct ps *ps, struct hn_text encoding, const struct ps_value *text);
struct ps_value ps_secure_from(
        struct ps *ps, const struct ps_value *text, const struct ps_value *key);
struct ps_value ps_secure_to(
        struct ps *ps, const struct ps_value *text, const struct ps_value *key);

/* powershell_crypto.c */
struct ps_value ps_crypto_transform(
        struct ps *ps, struct ps_object *transform, const struct ps_value *data);

/* powershell_tell.c */
uint64_t ps_where(struct ps *ps);
void ps_tell(struct ps *ps, const struct script_act *act);
struct ps_pair {
    const char *name;
    const struct ps_value *value; /* NULL or a null: left out */
};
void ps_act_of(
        struct ps *ps, enum script_act_kind kind, const char *via, const struct ps_pair pairs[2]);
#define ps_act(ps, kind, via, name, value, name2, value2) \
    ps_act_of((ps), (kind), (via),                        \
            (const struct ps_pair[2]){ { (name), (value) }, { (name2), (value2) } })
void ps_note(struct ps *ps, enum script_note_kind kind, const char *fmt, ...) HN_PRINTF(3, 4);
void ps_technique(struct ps *ps, const char *name);
void ps_runs_unknown(struct ps *ps, const struct ps_value *what);
void ps_tell_value(struct ps *ps, const struct ps_value *v, uint32_t depth);
void ps_tell_layer(struct ps *ps, enum script_language language, const struct script_text *text,
        const char *how, bool evaluated, struct hn_text name);
struct ps_value ps_http(struct ps *ps, const char *via, const struct ps_value *url,
        const char *method, struct ps_object *client);
void ps_download(
        struct ps *ps, const char *via, const struct ps_value *url, const struct ps_value *file);
void ps_process(struct ps *ps, const char *via, const struct ps_value *file,
        const struct ps_value *arguments);
void ps_process_line(struct ps *ps, const char *via, const struct ps_value *line);
extern const char ps_host_image[];
void ps_file_write(struct ps *ps, const char *via, const struct ps_value *file,
        const struct ps_value *content);
/* What the script wrote to a file of that name; NULL: nothing. */
const struct ps_value *ps_file_find(struct ps *ps, struct hn_text name);
void ps_api_call(struct ps *ps, struct hn_text library, struct hn_text function,
        const struct ps_value *args, size_t count);

#endif
