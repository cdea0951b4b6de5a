/* decode_evtx_compile.h - the compiler of binary XML, in three parts; private to decode_evtx*.c.
 *
 *   decode_evtx_template.c  the walk over the tokens
 *   decode_evtx_name.c      names by their offset in the chunk
 *   decode_evtx_op.c        the operations that a program consists of */
#ifndef HN_DECODE_DECODE_EVTX_COMPILE_H
#define HN_DECODE_DECODE_EVTX_COMPILE_H

#include "decode/decode_evtx.h"

struct evtx_compiler {
    struct evtx_worker *worker;
    struct hn_arena *arena;
    const struct hn_schema *schema;
    bool want_all;
    bool is_template;
    struct hn_reader r;
    enum hn_status status;
    bool stop;

    /* The start tag being read. */
    bool in_tag;
    struct hn_text element;
    uint32_t attr_count;
};

/* Notes what is wrong and ends the walk: what was read before it is kept. */
void evtx_damage(struct evtx_compiler *c, enum hn_finding_kind kind);
/* After an allocation failed; the arena that it was in tells why (NULL: it was in none). */
void evtx_no_room(struct evtx_compiler *c, const struct hn_arena *arena);
/* Copies in the program's arena; empty when there is no room. */
struct hn_text evtx_keep(struct evtx_compiler *c, struct hn_text text);
struct hn_text evtx_keep_utf16(struct evtx_compiler *c, struct hn_text utf16);

/* The next name; "Data" for one that is lost, with *ret_lost set (it may be NULL). */
struct hn_text evtx_read_name(struct evtx_compiler *c, bool *ret_lost);

/* A constant part as UTF-8. */
struct hn_text evtx_part_text(struct evtx_compiler *c, const struct evtx_part *part);
/* An empty operation, or NULL when there is no room or are too many. */
struct evtx_op *evtx_op_add(struct evtx_compiler *c, enum evtx_op_kind kind);
/* Gives an operation its field, and where it is needed its name. */
void evtx_op_name(struct evtx_compiler *c, struct evtx_op *op, struct hn_text name);
/* Operations for the text collected since the innermost element began or its last child ended. */
void evtx_op_text(struct evtx_compiler *c);
/* One for the innermost element when it has no content, where that is a value. */
void evtx_op_empty(struct evtx_compiler *c);
void evtx_op_attribute(struct evtx_compiler *c, const struct evtx_attr *attr);
/* The program made of what the worker has collected. */
HN_MUST_USE enum hn_status evtx_ops_finish(
        struct evtx_compiler *c, struct evtx_program **ret_program);

#endif
