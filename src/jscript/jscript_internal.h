/* jscript_internal.h - tokens, tree, values and the evaluator's state. Everything is in the run's
 * arena. */
#ifndef HN_JSCRIPT_INTERNAL_H
#define HN_JSCRIPT_INTERNAL_H

#include "base/attr.h"
#include "base/buf.h"
#include "com/com.h"
#include "jscript/jscript.h"
#include "script/script.h"

#define JS_ARGS_MAX       256u
#define JS_ITEMS_MAX      (1u << 20) /* of one array */
#define JS_NEST_MAX       200u       /* syntax within syntax, and calls within calls */
#define JS_NODES_PER_STEP 16u
#define JS_TEXTS_MAX      4096u /* told by script_tell_text() */
#define JS_TEXT_SHOWN     6u    /* shorter ones are told to nobody */

/* ---- Tokens ---- */

enum js_token_kind {
    JS_T_END,
    JS_T_NAME,
    JS_T_NUMBER,
    JS_T_STRING,
    JS_T_TEMPLATE,
    JS_T_REGEX,
    JS_T_OP,
};

struct js_token {
    enum js_token_kind kind;
    bool line_before;
    uint32_t offset;
    uint32_t end;
    struct hn_text text; /* of names and operators; body of a regular expression or template */
    struct hn_text flags;
    double number;
    const struct script_text *string;
};

struct js_lexer {
    struct script_run *run;
    struct hn_text source;
    size_t at;
    bool line_before;
};

/* Takes a directive of conditional compilation, and what it leaves out; false: there is none. */
bool js_conditional(struct js_lexer *lexer);

/* regex_may: a slash here begins a regular expression. */
void js_token_next(struct js_lexer *lexer, bool regex_may, struct js_token *ret_token);

/* ---- Tree ---- */

enum js_node_kind {
    /* expressions */
    JS_N_NUMBER,
    JS_N_STRING,
    JS_N_TEMPLATE, /* list: parts */
    JS_N_REGEX,
    JS_N_NAME,
    JS_N_THIS,
    JS_N_CONSTANT, /* true, false, null, undefined by op */
    JS_N_ARRAY,    /* list */
    JS_N_OBJECT,   /* list of JS_N_PROPERTY */
    JS_N_PROPERTY, /* text or a: key; b: value */
    JS_N_FUNCTION, /* text: name; list: parameters; a: body (or expression of an arrow) */
    JS_N_MEMBER,   /* a.text or a[b] */
    JS_N_CALL,     /* a(list) */
    JS_N_NEW,      /* new a(list) */
    JS_N_UNARY,
    JS_N_UPDATE, /* op: + or -; a; prefix */
    JS_N_CHAIN,  /* a, then list of JS_N_LINK: operators of one precedence from the left */
    JS_N_LINK,   /* op, a */
    JS_N_LOGIC,  /* && || ??: as JS_N_CHAIN */
    JS_N_ASSIGN, /* a op= b */
    JS_N_CONDITION,
    JS_N_COMMA, /* list */
    JS_N_SPREAD,
    JS_N_AWAIT,
    /* statements */
    JS_N_EMPTY,
    JS_N_VAR, /* list of JS_N_PROPERTY: name and value */
    JS_N_EXPRESSION,
    JS_N_BLOCK,
    JS_N_IF,
    JS_N_FOR,    /* a: start, b: condition, c: step, d: body */
    JS_N_FOR_IN, /* a: target, b: object, d: body; op: 'o' for of */
    JS_N_WHILE,
    JS_N_DO,
    JS_N_RETURN,
    JS_N_BREAK,
    JS_N_CONTINUE,
    JS_N_THROW,
    JS_N_TRY,    /* a: block, text: name, b: handler, c: finally */
    JS_N_SWITCH, /* a: value; list of JS_N_CASE */
    JS_N_CASE,   /* a: value or NULL; list */
    JS_N_LABEL,
    JS_N_WITH,
};

struct js_node {
    enum js_node_kind kind;
    uint32_t offset;
    uint32_t end; /* of functions: their text */
    int op;
    bool prefix; /* of JS_N_UPDATE; computed, of JS_N_PROPERTY; arrow, of JS_N_FUNCTION */
    bool reached;
    struct hn_text text;
    double number;
    const struct script_text *string;
    struct js_node *a;
    struct js_node *b;
    struct js_node *c;
    struct js_node *d;
    struct js_node *list;
    struct js_node *next; /* in its list */
};

/* Operators of more than one character, packed. */
#define JS_OP2(a, b)       ((a) << 8 | (b))
#define JS_OP3(a, b, c)    ((a) << 16 | (b) << 8 | (c))
#define JS_OP4(a, b, c, d) ((a) << 24 | (b) << 16 | (c) << 8 | (d))
enum {
    JS_OP_TRUE = 1,
    JS_OP_FALSE,
    JS_OP_NULL,
    JS_OP_UNDEFINED,
    JS_OP_IN,
    JS_OP_INSTANCEOF,
    JS_OP_TYPEOF,
    JS_OP_VOID,
    JS_OP_DELETE,
    JS_OP_AWAIT,
};

/* The whole text as a block; NULL only when the run has ended. */
struct js_node *js_parse(struct script_run *run, struct hn_text source);

/* ---- Values ---- */

enum js_kind {
    JS_UNDEFINED,
    JS_NULL,
    JS_BOOL,
    JS_NUMBER,
    JS_TEXT,
    JS_OBJECT,
    JS_COM,
    JS_UNKNOWN, /* text says what of */
};

struct js_object;

struct js_value {
    enum js_kind kind;
    bool truth;
    double number;
    const struct script_text *text;
    struct js_object *object;
    struct com_object *com;
};

struct js_slot {
    struct hn_text name; /* ptr NULL: free */
    struct js_value value;
};

struct js_table {
    struct js_slot *slots;
    uint32_t *order; /* slots as their names were added */
    uint32_t count;
    uint32_t room; /* power of two */
};

struct js_scope {
    struct js_table names;
    struct js_scope *up;
    struct js_value with; /* of a with statement */
};

enum js_class {
    JS_PLAIN,
    JS_ARRAY, /* typed ones too */
    JS_FUNCTION,
    JS_BUILTIN, /* a method that is part of the language: self and name */
    JS_BOUND,   /* target with self and items, as bind() made it */
    JS_REGEX,
    JS_ELEMENT,    /* of a page; name is its tag */
    JS_BLOB,       /* pattern: its bytes, a unit each */
    JS_PROMISE,    /* self: what it will be */
    JS_ENUMERATOR, /* items, at last */
};

/* What scripts extend as String.prototype and its like. */
enum js_prototype {
    JS_PROTO_NONE,
    JS_PROTO_OBJECT,
    JS_PROTO_FUNCTION,
    JS_PROTO_ARRAY,
    JS_PROTO_STRING,
    JS_PROTO_NUMBER,
    JS_PROTO_BOOLEAN,
    JS_PROTO_REGEX,
    JS_PROTO_COUNT
};

struct js_object {
    enum js_class class;
    struct js_table properties;
    struct js_object *prototype;
    struct js_value *items; /* of arrays */
    uint32_t count;
    uint32_t room;
    struct js_node *function;
    struct js_scope *scope;
    struct js_value self;     /* of builtins; of arrows: this */
    struct hn_text name;      /* of builtins, tag of elements */
    struct hn_text source;    /* of functions: the text their offsets count in */
    struct js_object *target; /* of JS_BOUND */
    enum js_prototype native; /* this is the prototype of such values */
    const struct script_text *pattern;
    struct hn_text flags;
    uint32_t last; /* lastIndex */
};

struct js_args {
    struct js_value *items;
    uint32_t count;
};

enum js_end { JS_NORMAL, JS_BREAK, JS_CONTINUE, JS_RETURN, JS_THROW };

struct js_state {
    struct script_run *run;
    struct com *com;
    const struct script_source *source;
    struct hn_text text; /* of the layer being evaluated */
    struct js_scope *global;
    struct js_scope *scope;
    struct js_value self;
    struct js_value window; /* what names that nobody declared are members of */
    struct js_object *prototypes[JS_PROTO_COUNT]; /* NULL: nobody asked for it */
    struct js_object *matched; /* groups of the last match: RegExp.$1; NULL: none */
    struct js_value result;    /* of return and throw */
    struct js_value shown;     /* the last text put into an element */
    struct hn_text label;      /* of break and continue */
    bool thrown;               /* an expression has thrown; result says what */
    uint32_t nodes;            /* evaluated */
    uint32_t nest;
    uint32_t tries;
    uint32_t texts;
    uint64_t offset; /* of the statement */
};

/* Texts handed to what nobody models (js_handed.c): a member of an element that was set, a method
 * that was called. */
void js_handed_set(struct js_state *state, struct hn_text name, const struct js_value *value);
void js_handed_call(struct js_state *state, struct hn_text name, const struct js_args *args);

/* Making values */
struct js_value js_undefined(void);
struct js_value js_bool(bool truth);
struct js_value js_number(double number);
struct js_value js_text(const struct script_text *text);
struct js_value js_literal(struct js_state *state, const char *text);
struct js_value js_unknown(struct js_state *state, const char *name);
/* What is computed from an unknown value; it says which server's reply it comes from. */
struct js_value js_of_unknown(
        struct js_state *state, const struct js_value *from, const char *name);
struct js_value js_object(struct js_object *object);
struct js_object *js_object_new(struct js_state *state, enum js_class class);
struct js_value js_builtin(struct js_state *state, struct js_value self, struct hn_text name);
bool js_array_add(struct js_state *state, struct js_object *array, struct js_value value);
/* Of an array without items: room for so many. */
bool js_array_reserve(struct js_state *state, struct js_object *array, uint32_t count);

/* Reading values; -1: it cannot be known */
int js_truth(const struct js_value *value);
double js_to_number(struct js_state *state, const struct js_value *value);
bool js_is_unknown(const struct js_value *value);
const struct script_text *js_to_text(struct js_state *state, const struct js_value *value);
struct hn_text js_flat(struct js_state *state, const struct js_value *value);
int32_t js_to_int32(double number);
const char *js_type_name(const struct js_value *value);
int js_equal(
        struct js_state *state, const struct js_value *a, const struct js_value *b, bool strict);

/* Tables */
struct js_value *js_table_find(const struct js_table *table, struct hn_text name);
struct js_value *js_table_put(struct js_state *state, struct js_table *table, struct hn_text name);
/* In the order in which the names were added; NULL past the last. */
const struct js_slot *js_table_at(const struct js_table *table, uint32_t index);

/* Evaluating */
bool js_spend(struct js_state *state); /* for one node; false: the budget is used up */
enum js_end js_run(struct js_state *state, struct js_node *list);
struct js_value js_eval(struct js_state *state, struct js_node *node);
struct js_value js_call(struct js_state *state, struct js_value function, struct js_value self,
        const struct js_args *args);
struct js_value js_call_builtin(
        struct js_state *state, const struct js_object *method, const struct js_args *args);
/* Global functions on texts and numbers, js_global.c. */
struct js_value js_from_char_code(struct js_state *state, const struct js_args *args);
struct js_value js_unescape(struct js_state *state, const struct js_args *args);
struct js_value js_decode_uri(struct js_state *state, const struct js_args *args);
struct js_value js_escape(struct js_state *state, const struct js_args *args);
struct js_value js_encode_part(struct js_state *state, const struct js_args *args);
struct js_value js_encode_uri(struct js_state *state, const struct js_args *args);
struct js_value js_btoa(struct js_state *state, const struct js_args *args);
struct js_value js_atob(struct js_state *state, const struct js_args *args);
struct js_value js_to_string(struct js_state *state, const struct js_args *args);
struct js_value js_parse_int(struct js_state *state, const struct js_args *args);
struct js_value js_to_number_value(struct js_state *state, const struct js_args *args);
struct js_value js_parse_float(struct js_state *state, const struct js_args *args);
struct js_value js_is_nan(struct js_state *state, const struct js_args *args);
struct js_value js_math(struct js_state *state, struct hn_text name, const struct js_args *args);
struct js_value js_number_text(struct js_state *state, double number, const struct js_args *args);
struct js_value js_construct(
        struct js_state *state, struct js_value function, const struct js_args *args);
struct js_value js_member(struct js_state *state, const struct js_value *base, struct hn_text name);
void js_set_member(struct js_state *state, const struct js_value *base, struct hn_text name,
        struct js_value value);
/* Whether it is an object of the language or the page that nobody can call: Math, document. */
bool js_is_thing(const struct js_value *value);
struct js_value js_call_bound(
        struct js_state *state, const struct js_object *bound, const struct js_args *args);
/* Whether it is a built-in object of that name: "window". */
bool js_is_builtin(const struct js_value *value, const char *name);
/* A name outside of all functions: of the script, of Windows or of the language. False: none. */
bool js_global_find(struct js_state *state, struct hn_text name, struct js_value *ret_value);
/* function.apply(self, args), and of bound methods that of another value. */
struct js_value js_apply(struct js_state *state, struct js_value function, struct js_value self,
        const struct js_args *args);
/* js_static.c: functions that are members of others, Array.isArray. */
bool js_has_static(struct hn_text of, struct hn_text name);
struct js_value js_static(
        struct js_state *state, struct hn_text of, struct hn_text name, const struct js_args *args);
/* js_page.c: what pages do. */
struct js_value js_page_method(struct js_state *state, struct js_object *self, struct hn_text name,
        const struct js_args *args);
bool js_page_has(enum js_class class, struct hn_text name);
void js_page_put(struct js_state *state, struct js_object *element, struct hn_text name,
        struct js_value value);
struct js_value js_document(
        struct js_state *state, struct hn_text name, const struct js_args *args);
struct js_value js_element_new(struct js_state *state, struct hn_text tag);
struct js_value js_promise(struct js_state *state, struct js_value value);
struct js_value js_awaited(struct js_value value);
/* An <object id=...> of a page or script file. */
bool js_named_object(struct js_state *state, struct hn_text id, struct js_value *ret_value);
bool js_element_find(struct js_state *state, struct hn_text id, struct js_value *ret_value);
bool js_element_attribute(struct js_state *state, const struct js_object *element,
        struct hn_text name, struct js_value *ret_value);
struct js_value js_fetch(struct js_state *state, const struct js_args *args);
struct js_value js_blob(struct js_state *state, const struct js_args *args);
struct js_value js_typed_array(struct js_state *state, const struct js_args *args);
struct js_value js_enumerator(struct js_state *state, const struct js_args *args);
struct js_value js_enumerator_method(
        struct js_state *state, struct js_object *self, struct hn_text name);
void js_tell_go(struct js_state *state, struct js_value url, const char *via);
/* A file that the page hands to whoever looks at it. */
void js_tell_saved(struct js_state *state, struct js_value what, struct js_value name);
/* One unit per byte, of texts, typed arrays and blobs; NULL: nobody knows. */
const struct script_text *js_bytes_text(struct js_state *state, const struct js_value *value);
/* Objects of Windows. Without arguments the member is read. */
bool js_com_start(struct js_state *state); /* false: out of memory */
struct js_value js_from_com(struct js_state *state, const struct com_value *value);
struct js_value js_com_member(struct js_state *state, struct com_object *com, struct hn_text name,
        const struct js_args *args);
struct com_value js_to_com(struct js_state *state, const struct js_value *value);
/* js_link.c: the other language of a page. args NULL: a variable. */
void js_link_leave(struct js_state *state);
bool js_link_ask(struct js_state *state, struct hn_text name, const struct js_args *args,
        struct js_value *ret_value);
void js_com_put(struct js_state *state, struct com_object *com, struct hn_text name,
        const struct js_args *args, struct js_value value);
const struct script_text *js_com_text(struct js_state *state, struct com_object *com);
struct js_value js_operate(
        struct js_state *state, int op, const struct js_value *a, const struct js_value *b);
struct js_value js_throw(struct js_state *state, struct js_value value);
/* Text that is code: parsed, evaluated, told as a layer. */
struct js_value js_eval_text(
        struct js_state *state, const struct script_text *text, const char *how);
void js_tell_text(struct js_state *state, const struct script_text *text);
struct js_value js_made(struct js_state *state, const struct script_text *text, const char *step);

/* Methods by kind of value; false: there is none of that name. */
bool js_has_string_method(struct hn_text name);
struct js_value js_string_method(struct js_state *state, const struct script_text *self,
        struct hn_text name, const struct js_args *args);
bool js_has_array_method(struct hn_text name);
struct js_value js_array_method(struct js_state *state, struct js_object *self, struct hn_text name,
        const struct js_args *args);
bool js_is_global(struct hn_text name);

/* Regular expressions; within match limits, else unknown. */
struct js_value js_regex_replace(struct js_state *state, const struct script_text *self,
        const struct js_object *object, struct js_value with);
struct js_value js_regex_match(struct js_state *state, const struct script_text *self,
        struct js_object *object, bool exec);
struct js_value js_regex_split(
        struct js_state *state, const struct script_text *self, const struct js_object *object);
int js_regex_test(
        struct js_state *state, const struct script_text *self, const struct js_object *object);
double js_regex_search(
        struct js_state *state, const struct script_text *self, const struct js_object *object);

HN_INLINE struct js_value js_arg(const struct js_args *args, uint32_t index)
{
    return index < args->count ? args->items[index] : js_undefined();
}

#endif
