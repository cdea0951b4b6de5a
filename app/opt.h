/* opt.h - command lines from tables: parsing, --help, manual pages and shell completion all come
 * from the same rows.
 *
 * A command declares its options as a table whose rows are numbered by an enum of its own; after
 * opt_parse() their values are asked for by that number.
 * Concurrency: one thread. Memory: values borrow from argv; lists are freed by opt_values_deinit().
 */
#ifndef HN_APP_OPT_H
#define HN_APP_OPT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum opt_kind {
    OPT_FLAG,   /* --quiet */
    OPT_TEXT,   /* --report FILE; the last one counts */
    OPT_TEXTS,  /* -r PATH, repeatable */
    OPT_NUMBER, /* --threads N; 0 and above */
    OPT_CHOICE, /* --output human|jsonl; one of choices */
};

struct opt_spec {
    unsigned id; /* row number in the command's own enum */
    const char *name;
    char letter; /* 0: none */
    enum opt_kind kind;
    const char *arg;     /* "FILE", "DIR", ...: completion knows FILE, DIR and PATH */
    const char *choices; /* OPT_CHOICE: "human|jsonl|csv" */
    const char *help;    /* one sentence without a full stop */
    const char *help_ja;
};

struct opt_command;

struct opt_values {
    const struct opt_command *command;
    struct opt_value {
        bool given;
        const char *text; /* TEXT, CHOICE */
        unsigned long number;
        const char **texts; /* TEXTS */
        size_t count;
    } * by_id;
    const char **operands;
    size_t operand_count;
};

struct opt_command {
    const char *name;     /* "scan", "rules lint" */
    const char *operands; /* "PATH..." as shown; NULL: none are taken */
    const char *summary;
    const char *summary_ja;
    const char *details; /* paragraphs for the manual page; may be NULL */
    const struct opt_spec *options;
    size_t option_count;
    int (*run)(const struct opt_values *values);
};

/* Options that every command has, handled by opt_parse() and main(): --help, --lang. */

/* Parses argv[0..argc), the words behind the command's name. HN_SYNTAX: *err tells. *ret_help:
 * --help was given. */
HN_MUST_USE enum hn_status opt_parse(const struct opt_command *command, int argc, char **argv,
        struct opt_values *ret_values, bool *ret_help, struct hn_err *err);
void opt_values_deinit(struct opt_values *values);

bool opt_flag(const struct opt_values *values, unsigned id);
const char *opt_text(const struct opt_values *values, unsigned id); /* NULL: not given */
unsigned long opt_number(const struct opt_values *values, unsigned id, unsigned long otherwise);
size_t opt_texts(const struct opt_values *values, unsigned id, const char *const **ret_texts);

/* The commands, in order; NULL-terminated (main.c). */
extern const struct opt_command *const opt_commands[];

/* Writers of what is made from the tables. */
void opt_write_help(const struct opt_command *command, bool japanese, struct hn_buf *out);
void opt_write_overview(bool japanese, struct hn_buf *out);
void opt_write_man(const struct opt_command *command, struct hn_buf *out); /* NULL: hinomi(1) */
bool opt_write_completion(const char *shell, struct hn_buf *out); /* false: unknown shell */

#endif
