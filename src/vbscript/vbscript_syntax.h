/* vbscript_syntax.h - tokens, values and tree of VBA and VBScript, and how a source becomes one.
 * All of it lives in the run's arena unless said otherwise. */
#ifndef HN_VBSCRIPT_SYNTAX_H
#define HN_VBSCRIPT_SYNTAX_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "script/script.h"
#include "vbscript/vbscript.h"

/* Expressions, blocks and calls within one another, all together: each costs at most a few
 * kilobytes of the stack. */
#define VB_DEPTH_MAX    400u
#define VB_DIMS_MAX     8u
#define VB_ARRAY_MAX    (4u << 20) /* elements of one array */
#define VB_ARGS_MAX     64u
#define VB_NOTES_MAX    256u
#define VB_TEXTS_MAX    2048u /* told by script_tell_text() */
#define VB_PATH_BYTES   512u
#define VB_FILES_MAX    64u
#define VB_DEFERRED_MAX 64u

#define VB_KEYWORD_LIST(X)      \
    X(AND, "and")               \
    X(OR, "or")                 \
    X(XOR, "xor")               \
    X(NOT, "not")               \
    X(EQV, "eqv")               \
    X(IMP, "imp")               \
    X(MOD, "mod")               \
    X(LIKE, "like")             \
    X(IS, "is")                 \
    X(IF, "if")                 \
    X(THEN, "then")             \
    X(ELSE, "else")             \
    X(ELSEIF, "elseif")         \
    X(END, "end")               \
    X(SUB, "sub")               \
    X(FUNCTION, "function")     \
    X(PROPERTY, "property")     \
    X(CLASS, "class")           \
    X(DIM, "dim")               \
    X(REDIM, "redim")           \
    X(PRESERVE, "preserve")     \
    X(CONST, "const")           \
    X(STATIC, "static")         \
    X(TYPE, "type")             \
    X(ENUM, "enum")             \
    X(DECLARE, "declare")       \
    X(OPTION, "option")         \
    X(PUBLIC, "public")         \
    X(PRIVATE, "private")       \
    X(FRIEND, "friend")         \
    X(GLOBAL, "global")         \
    X(SET, "set")               \
    X(LET, "let")               \
    X(GET, "get")               \
    X(CALL, "call")             \
    X(WITH, "with")             \
    X(SELECT, "select")         \
    X(CASE, "case")             \
    X(FOR, "for")               \
    X(EACH, "each")             \
    X(IN, "in")                 \
    X(TO, "to")                 \
    X(STEP, "step")             \
    X(NEXT, "next")             \
    X(WHILE, "while")           \
    X(WEND, "wend")             \
    X(DO, "do")                 \
    X(LOOP, "loop")             \
    X(UNTIL, "until")           \
    X(GOTO, "goto")             \
    X(GOSUB, "gosub")           \
    X(RETURN, "return")         \
    X(ON, "on")                 \
    X(ERROR, "error")           \
    X(RESUME, "resume")         \
    X(EXIT, "exit")             \
    X(AS, "as")                 \
    X(NEW, "new")               \
    X(BYVAL, "byval")           \
    X(BYREF, "byref")           \
    X(OPTIONAL, "optional")     \
    X(PARAMARRAY, "paramarray") \
    X(LIB, "lib")               \
    X(ALIAS, "alias")           \
    X(ATTRIBUTE, "attribute")   \
    X(TYPEOF, "typeof")         \
    X(ADDRESSOF, "addressof")   \
    X(OPEN, "open")             \
    X(CLOSE, "close")           \
    X(PRINT, "print")           \
    X(WRITE, "write")           \
    X(PUT, "put")               \
    X(INPUT, "input")           \
    X(LINE, "line")             \
    X(NAME, "name")             \
    X(ERASE, "erase")           \
    X(LSET, "lset")             \
    X(RSET, "rset")             \
    X(MID, "mid")               \
    X(MIDB, "midb")             \
    X(STOP, "stop")             \
    X(REM, "rem")               \
    X(EVENT, "event")           \
    X(RAISEEVENT, "raiseevent") \
    X(IMPLEMENTS, "implements") \
    X(WITHEVENTS, "withevents") \
    X(TRUE, "true")             \
    X(FALSE, "false")           \
    X(EMPTY, "empty")           \
    X(NULL, "null")             \
    X(NOTHING, "nothing")       \
    X(ME, "me")                 \
    X(PTRSAFE, "ptrsafe")       \
    X(DEFAULT, "default")       \
    X(APPEND, "append")         \
    X(BINARY, "binary")         \
    X(OUTPUT, "output")         \
    X(RANDOM, "random")         \
    X(ACCESS, "access")         \
    X(SHARED, "shared")         \
    X(LOCK, "lock")             \
    X(SEEK, "seek")

enum vb_keyword {
    VB_K_NONE,
#define VB_KEYWORD_ENUM(name, text) VB_K_##name,
    VB_KEYWORD_LIST(VB_KEYWORD_ENUM)
#undef VB_KEYWORD_ENUM
};

struct vb_builtin;
struct vb_eval;

#define VB_SYMBOL_BYTES_MAX 255u /* what is longer is cut */

/* One spelling of a name; two names are the same when their symbols are. */
struct vb_symbol {
    struct hn_text name;  /* lower case */
    struct hn_text shown; /* as first written */
    uint32_t id;
    enum vb_keyword keyword;
    const struct vb_builtin *builtin;
    bool is_proc;          /* a procedure has it */
    bool is_var;           /* a variable has it */
    int constant;          /* index into vb_constants, or -1 */
    const void *missed_by; /* who asked the document for it last, in vain */
};

/* ---- Values ---- */

enum vb_kind {
    VB_EMPTY,
    VB_NULL,
    VB_MISSING, /* an argument left out */
    VB_UNKNOWN, /* text says what of */
    VB_BOOL,
    VB_INT, /* width 1, 2, 4, 8 bytes */
    VB_REAL,
    VB_DATE,
    VB_TEXT,
    VB_ARRAY,
    VB_OBJECT, /* object NULL: Nothing */
    VB_ERROR
};

enum vb_type { /* declared */
    VB_T_VARIANT,
    VB_T_BYTE,
    VB_T_INTEGER,
    VB_T_LONG,
    VB_T_LONGLONG,
    VB_T_SINGLE,
    VB_T_DOUBLE,
    VB_T_CURRENCY,
    VB_T_DATE,
    VB_T_BOOLEAN,
    VB_T_STRING,
    VB_T_OBJECT,
    VB_T_RECORD
};

struct vb_array;
struct vb_object;

struct vb_value {
    enum vb_kind kind;
    uint8_t width; /* of VB_INT */
    bool typed;    /* a literal or a typed variable: overflow is an error, no promotion */
    union {
        bool truth;
        int64_t number;
        double real;
        const struct script_text *text;
        struct vb_array *array;
        struct vb_object *object;
    } as;
};

struct vb_array {
    enum vb_type type;
    bool fixed;
    uint32_t dims; /* 0: not dimensioned */
    bool grows;    /* it comes and grows with use: what a Type declares is not kept */
    int32_t lower[VB_DIMS_MAX];
    uint32_t count[VB_DIMS_MAX];
    uint32_t total;
    uint32_t room;
    struct vb_value *items;
};

/* ---- Tokens ---- */

enum vb_token_kind {
    VB_TOK_EOF,
    VB_TOK_EOL, /* of a line or a ':' */
    VB_TOK_WORD,
    VB_TOK_VALUE,
    VB_TOK_OP
};

/* Operators of two characters. */
#define VB_OP_NE     (('<' << 8) | '>')
#define VB_OP_LE     (('<' << 8) | '=')
#define VB_OP_GE     (('>' << 8) | '=')
#define VB_OP_ASSIGN ((':' << 8) | '=')

struct vb_token {
    uint8_t kind;
    bool spaced; /* white space in front */
    bool colon;  /* an EOL that is a ':' */
    uint8_t suffix;
    uint32_t offset;
    int op;
    struct vb_symbol *word;
    struct vb_value value;
};

HN_INLINE bool vb_token_is(const struct vb_token *token, enum vb_keyword keyword)
{
    return token->kind == VB_TOK_WORD && token->word->keyword == keyword;
}

/* ---- Tree ---- */

enum vb_expr_kind {
    VB_E_VALUE,
    VB_E_NAME,
    VB_E_MEMBER, /* base.name; base NULL: of the With object */
    VB_E_BANG,
    VB_E_CALL,  /* base(args) */
    VB_E_CHAIN, /* args joined by operators of one precedence, from the left */
    VB_E_UNARY,
    VB_E_NEW,
    VB_E_TYPEOF,
    VB_E_ADDRESSOF,
    VB_E_PAREN,
    VB_E_MISSING
};

struct vb_arg {
    struct vb_symbol *name; /* of a named argument */
    struct vb_expr *expr;
    int op; /* in chains, in front of it */
    bool by_value;
};

struct vb_expr {
    enum vb_expr_kind kind;
    int op;
    uint32_t offset;
    uint32_t count;
    struct vb_symbol *name;
    struct vb_expr *base;
    struct vb_arg *args;
    struct vb_value value;
};

enum vb_stmt_kind {
    VB_S_ASSIGN,
    VB_S_SET,
    VB_S_CALL,
    VB_S_IF,
    VB_S_SELECT,
    VB_S_FOR,
    VB_S_EACH,
    VB_S_LOOP,
    VB_S_WITH,
    VB_S_LABEL,
    VB_S_GOTO,
    VB_S_GOSUB,
    VB_S_ON_GOTO,
    VB_S_RETURN,
    VB_S_ON_ERROR,
    VB_S_RESUME,
    VB_S_EXIT,
    VB_S_END,
    VB_S_DIM,
    VB_S_REDIM,
    VB_S_ERASE,
    VB_S_MID,
    VB_S_LSET,
    VB_S_OPEN,
    VB_S_CLOSE,
    VB_S_PRINT,
    VB_S_GET,
    VB_S_NAME,
    VB_S_ERROR
};

/* A range of cases: low To high; or Is op low. */
struct vb_case {
    struct vb_expr *low;
    struct vb_expr *high;
    int op; /* '=' or of Is */
    struct vb_case *next;
};

struct vb_clause {
    struct vb_expr *condition; /* of If; NULL: Else */
    struct vb_case *cases;     /* of Select; NULL: Case Else */
    struct vb_stmt *body;
    struct vb_clause *next;
};

struct vb_bound {
    struct vb_expr *low; /* NULL: as Option Base says */
    struct vb_expr *high;
};

struct vb_decl {
    struct vb_symbol *name;
    enum vb_type type;
    struct vb_symbol *class_name; /* of As [New] class */
    bool is_new;
    bool is_array;
    bool is_const;
    bool is_static;
    struct vb_expr *target; /* of ReDim, which may be a member */
    struct vb_bound bounds[VB_DIMS_MAX];
    uint32_t dims;
    struct vb_expr *value;
    struct vb_decl *next;
};

struct vb_stmt {
    enum vb_stmt_kind kind;
    uint32_t offset;
    int op; /* of Exit, On Error, Do (bits), Open (mode): see the executor */
    bool visited;
    bool preserve;
    const void *owner; /* of the list it stands in: that list's first statement */
    struct vb_stmt *next;
    struct vb_stmt *body;
    struct vb_clause *clauses;
    struct vb_decl *decls;
    struct vb_expr *target;
    struct vb_expr *value;
    struct vb_expr *third;
    struct vb_expr *fourth;
    struct vb_symbol *label;
    struct vb_arg *args; /* of Print: values; of On n GoTo: names */
    uint32_t count;
};

enum vb_proc_kind { VB_P_SUB, VB_P_FUNCTION, VB_P_GET, VB_P_LET, VB_P_SET, VB_P_DECLARE };

struct vb_param {
    struct vb_symbol *name;
    enum vb_type type;
    bool by_value;
    bool optional;
    bool rest; /* ParamArray */
    bool is_array;
    struct vb_expr *value;
};

struct vb_static {
    struct vb_symbol *name;
    struct vb_value *value;
    struct vb_static *next;
};

struct vb_proc {
    struct vb_symbol *name;
    enum vb_proc_kind kind;
    uint32_t offset;
    struct vb_param *params;
    uint32_t param_count;
    enum vb_type type; /* of what it returns */
    bool returns_array;
    bool reached;
    uint32_t active; /* calls under way */
    uint32_t told;   /* calls of a declared one that were told */
    bool is_private;
    bool is_default;
    bool all_static;
    struct vb_stmt *body;
    struct vb_module *module;
    struct hn_text library; /* of Declare */
    struct hn_text alias;
    struct vb_static *statics;
    struct vb_proc *next; /* in its module */
};

struct vb_var {
    struct vb_symbol *name;
    struct vb_value *value;
    enum vb_type type;
    bool constant;
    struct vb_symbol *new_class; /* As New: made at its first use */
    struct vb_value own;
};

struct vb_scope {
    struct vb_var **slots;
    uint32_t count;
    uint32_t room;
};

/* A module of VBA, a Class of VBScript, or the script itself. */
struct vb_module {
    struct vb_symbol *name;
    uint32_t base; /* offset of its text */
    int32_t option_base;
    bool compare_text;
    bool is_class;
    struct vb_proc *procs;
    struct vb_proc *last_proc;
    struct vb_stmt *body; /* of a script: what stands outside of procedures; of a module: Dim */
    struct vb_scope globals;
    struct vb_module *next;
    struct vb_object *self; /* of a form or document module: Me */
};

/* ---- vbscript_symbol.c ---- */
struct vb_symbol *vb_symbol(struct vb_eval *ev, struct hn_text name);
const struct vb_builtin *vb_builtin_find(struct hn_text lower);
int vb_constant_find(struct hn_text lower);

/* ---- vbscript_token.c ---- */
typedef HN_VEC(struct vb_token) vb_token_vec;
/* False when out of memory. Always ends in VB_TOK_EOL, VB_TOK_EOF. */
bool vb_tokenize(struct vb_eval *ev, struct hn_text text, uint32_t base, vb_token_vec *tokens);

/* ---- vbscript_parse*.c ---- */
struct vb_parser {
    struct vb_eval *ev;
    const struct vb_token *tokens;
    size_t pos;
    uint32_t depth;
    struct vb_module *module;
    bool failed; /* the statement under way is not understood */
    /* foo (a), b: where the parenthesis is that may begin the first argument only */
    size_t paren_pos;
    struct vb_expr *paren_base;
    struct vb_stmt **body_tail; /* of what stands outside of procedures */
    struct vb_proc *proc;       /* under way */
};
/* Adds to the module; its statements outside of procedures become *ret_body. */
void vb_parse(struct vb_eval *ev, struct vb_module *module, struct hn_text text, uint32_t base,
        struct vb_stmt **ret_body);
/* NULL when it is not one expression. */
struct vb_expr *vb_parse_eval(struct vb_eval *ev, struct vb_module *module, struct hn_text text);
struct vb_module *vb_module_new(struct vb_eval *ev, struct vb_symbol *name);

const struct vb_token *vb_peek(const struct vb_parser *p);
const struct vb_token *vb_peek_at(const struct vb_parser *p, size_t ahead);
bool vb_accept(struct vb_parser *p, enum vb_keyword keyword);
bool vb_accept_op(struct vb_parser *p, int op);
bool vb_at_end(const struct vb_parser *p); /* of a statement */
void vb_parse_fail(struct vb_parser *p);
struct vb_symbol *vb_parse_name(struct vb_parser *p); /* any word; NULL: fails */
struct vb_expr *vb_parse_expr(struct vb_parser *p);
struct vb_expr *vb_parse_primary(struct vb_parser *p, bool statement);
bool vb_parse_args(struct vb_parser *p, int closing, struct vb_arg **ret_args, uint32_t *ret_count);
struct vb_expr *vb_expr_new(struct vb_parser *p, enum vb_expr_kind kind, uint32_t offset);
enum vb_type vb_type_of_name(struct hn_text lower);
enum vb_type vb_type_of_suffix(int suffix);
/* Statements until one of the closing words, which is not taken. */
struct vb_stmt *vb_parse_block(struct vb_parser *p, bool (*closes)(const struct vb_parser *p));
struct vb_stmt *vb_parse_line(struct vb_parser *p); /* of a single-line If */
struct vb_decl *vb_parse_decls(struct vb_parser *p);
void vb_parse_proc(struct vb_parser *p, struct vb_proc *proc);
void vb_parse_declare(struct vb_parser *p, struct vb_proc *proc);
void vb_add_proc(struct vb_parser *p, struct vb_proc *proc);
bool vb_parse_type(struct vb_parser *p, struct vb_decl *decl);
struct vb_stmt *vb_parse_io(struct vb_parser *p, bool *ret_found);
struct vb_stmt *vb_stmt_new(struct vb_parser *p, enum vb_stmt_kind kind);
bool vb_parse_module_line(struct vb_parser *p);
void vb_parse_skip_line(struct vb_parser *p);
bool vb_closes_proc(const struct vb_parser *p);
bool vb_ends(const struct vb_parser *p, enum vb_keyword what); /* "End If" */
void vb_skip_eols(struct vb_parser *p);
/* One statement each; NULL: it was not understood. */
struct vb_stmt *vb_parse_if(struct vb_parser *p);
struct vb_stmt *vb_parse_select(struct vb_parser *p);
struct vb_stmt *vb_parse_for(struct vb_parser *p);
struct vb_stmt *vb_parse_while(struct vb_parser *p);
struct vb_stmt *vb_parse_do(struct vb_parser *p);
struct vb_stmt *vb_parse_with(struct vb_parser *p);
struct vb_stmt *vb_parse_dim(struct vb_parser *p);
struct vb_stmt *vb_parse_redim(struct vb_parser *p);
struct vb_stmt *vb_parse_assign(struct vb_parser *p, enum vb_stmt_kind kind);
struct vb_stmt *vb_parse_plain(struct vb_parser *p);
struct vb_stmt *vb_parse_call(struct vb_parser *p);
struct vb_stmt *vb_parse_erase(struct vb_parser *p);
struct vb_stmt *vb_parse_error(struct vb_parser *p);

#endif
