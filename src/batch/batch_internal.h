/* batch_internal.h - lines, commands and variables of cmd.exe, shared by the files of this module.
 * All of it lives in the run's arena unless said otherwise. */
#ifndef HN_BATCH_INTERNAL_H
#define HN_BATCH_INTERNAL_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "batch/batch.h"

#define BT_LINE_MAX     (1u << 20) /* of an expanded line; cmd.exe stops at 8,191 */
#define BT_DEFERRED_MAX 64u
#define BT_JUMPS_MAX    2000u

/* unknown: some part of it, which reads "{name}". */
struct bt_text {
    struct hn_text text;
    bool unknown;
};

/* A part of it, which is as well known as the whole. */
HN_INLINE struct bt_text bt_with(struct bt_text of, struct hn_text text)
{
    return (struct bt_text){ text, of.unknown };
}

enum bt_kind { BT_SIMPLE, BT_SEQUENCE, BT_AND, BT_OR, BT_PIPE, BT_BLOCK, BT_IF, BT_FOR };

struct bt_node {
    enum bt_kind kind;
    struct bt_text text;  /* of a command; the set of For; the first operand of If */
    struct bt_text other; /* the second operand of If; the options of For */
    struct bt_text file;  /* output goes there; empty: nowhere */
    bool append;
    bool negate;
    bool fold;
    char mode;     /* If: 'e'xist 'd'efined 'l'evel, or 'c'ompare; For: 0 'l' 'f' 'r' 'd' */
    char variable; /* of For */
    char op[4];    /* of If: "==" or EQU ... */
    struct bt_node *left;
    struct bt_node *right; /* else, the second of two */
};

struct bt_var {
    struct hn_text name; /* lower case */
    struct bt_text value;
    bool set;
};

enum bt_flow { BT_NEXT, BT_GOTO, BT_EXIT };

/* Where echo writes while a redirection or pipe is under way. */
struct bt_out {
    struct bt_out *outer;
    struct hn_buf buf;
    bool unknown;
};

struct bt_file {
    struct hn_text name;
    const struct script_text *content;
    struct hn_text program; /* of Windows that was copied there; empty: none */
    struct bt_file *next;
};

struct bt {
    struct script_run *run;
    const struct script_source *source;
    struct hn_text script;
    size_t pos;       /* of the next line */
    uint64_t offset;  /* of the line under way */
    bool interactive; /* a line, no file: undefined variables stay as they are */
    bool delayed;
    bool hosts; /* a program was started that runs scripts, which may ask for variables */
    uint32_t depth;
    uint32_t jumps;
    uint32_t undecided;
    HN_VEC(struct bt_var) vars;
    struct hn_map names;
    struct bt_text args[10];
    struct bt_text *for_vars[128];
    struct bt_out *out;
    struct bt_text input; /* what a pipe gives */
    struct bt_file *files;
    struct hn_text target; /* of goto */
    struct hn_text deferred[BT_DEFERRED_MAX];
    uint32_t deferred_count;
    struct hn_map visited; /* labels */
    struct hn_map noted;
};

/* ---- batch_expand.c ---- */
struct bt_text bt_copy(struct bt *bt, struct hn_text text, bool unknown);
struct bt_text bt_get(struct bt *bt, struct hn_text name, bool *ret_defined);
void bt_set(struct bt *bt, struct hn_text name, struct bt_text value);
struct bt_text bt_expand_percent(struct bt *bt, struct hn_text line);
struct bt_text bt_expand_late(struct bt *bt, struct bt_text text); /* of for, and delayed */

/* ---- batch_parse.c ---- */
/* The command at bt->pos, which moves behind it; NULL: an empty line, a label, or the end. */
struct bt_node *bt_parse_next(struct bt *bt);

/* ---- batch_exec.c ---- */
enum bt_flow bt_exec(struct bt *bt, const struct bt_node *node);
enum bt_flow bt_run(struct bt *bt, size_t from); /* from there to the end of the script */
/* Another script in the same variables: a line of cmd /c, what a pipe gives. */
void bt_run_text(struct bt *bt, struct bt_text text, bool interactive);
void bt_note(struct bt *bt, enum script_note_kind kind, const char *text);
/* Whether a limit is reached, which is noted then. */
bool bt_too_deep(struct bt *bt);
bool bt_too_many_jumps(struct bt *bt); /* counts one more */
bool bt_label_find(struct bt *bt, struct hn_text name, size_t *ret_pos);
struct hn_text bt_word(struct hn_text *rest); /* the next word, with its quotes */
struct hn_text bt_unquote(struct hn_text text);
/* With its step and whether it is known. */
const struct script_text *bt_told(struct bt *bt, struct bt_text text);
/* What a file holds that this script has written or that the sample has; false: nobody knows. */
bool bt_read(struct bt *bt, struct hn_text name, struct bt_text *ret_text);
void bt_write(struct bt *bt, struct bt_text name, struct bt_text content, bool append);
/* A program of Windows under another name, and which one a name stands for; empty: none. */
void bt_write_program(struct bt *bt, struct bt_text name, struct hn_text program);
struct hn_text bt_program_copied(const struct bt *bt, struct hn_text name);
struct hn_text bt_last_part(struct hn_text path);

/* ---- batch_program.c ---- */
/* The name of a program without folders, quotes and .exe. */
struct hn_text bt_stem(struct bt *bt, struct hn_text word);
bool bt_is_of_windows(struct hn_text stem); /* one that runs what it is given */
enum bt_flow bt_program(struct bt *bt, struct bt_text line, const char *via);
/* A line that starts cmd.exe itself: no shell stands in front of it that would take its operators
 * and carets. False: it is none. */
bool bt_run_cmd(struct bt *bt, struct hn_text line);

/* ---- batch_command.c ---- */
enum bt_flow bt_command(struct bt *bt, struct bt_text text);
bool bt_is_builtin(struct hn_text line);

/* ---- batch_find.c ---- */
enum bt_flow bt_command_findstr(struct bt *bt, struct bt_text rest);
enum bt_flow bt_command_find(struct bt *bt, struct bt_text rest);
enum bt_flow bt_command_assoc(struct bt *bt, struct bt_text rest);
enum bt_flow bt_command_ftype(struct bt *bt, struct bt_text rest);

/* ---- batch_set.c ---- */
void bt_command_set(struct bt *bt, struct bt_text rest);
bool bt_arithmetic(struct bt *bt, struct hn_text text, int64_t *ret_number);

/* ---- batch_for.c ---- */
enum bt_flow bt_exec_for(struct bt *bt, const struct bt_node *node);

#endif
