/* js_parse.h - the parser's state, for its two files. */
#ifndef HN_JSCRIPT_JS_PARSE_H
#define HN_JSCRIPT_JS_PARSE_H

#include "jscript/jscript_internal.h"

struct js_parser {
    struct script_run *run;
    struct js_lexer lexer;
    struct js_token token;
    uint32_t last_end;
    uint32_t nest;
    bool faulty;           /* the current statement is not understood */
    bool no_in;            /* in the head of a for */
    struct js_node **vars; /* end of the list of variables of the function; NULL: outside of all */
    struct js_node *spare; /* given out when memory has ended, and the run with it */
};

void js_parse_advance(struct js_parser *parser, bool regex_may);
bool js_parse_is(const struct js_parser *parser, const char *op);
bool js_parse_is_word(const struct js_parser *parser, const char *word);
bool js_parse_take(struct js_parser *parser, const char *op);
bool js_parse_take_word(struct js_parser *parser, const char *word);
void js_parse_expect(struct js_parser *parser, const char *op);
void js_parse_fault(struct js_parser *parser);
struct js_node *js_parse_node(struct js_parser *parser, enum js_node_kind kind);
bool js_parse_enter(struct js_parser *parser);
void js_parse_leave(struct js_parser *parser);

struct js_node *js_parse_block(struct js_parser *parser);
struct js_node *js_parse_expression(struct js_parser *parser);
struct js_node *js_parse_assignment(struct js_parser *parser);
/* At "function"; takes an "async" before it. */
struct js_node *js_parse_function(struct js_parser *parser);
/* Takes "async" before a function; false: there is none. */
bool js_parse_async(struct js_parser *parser);

#endif
