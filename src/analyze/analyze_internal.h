/* analyze_internal.h - what the parts of this module share. */
#ifndef HN_ANALYZE_ANALYZE_INTERNAL_H
#define HN_ANALYZE_ANALYZE_INTERNAL_H

#include "analyze/analyze.h"
#include "base/vec.h"

/* ---- Recognising ---- */

/* Which kind of zip or compound file it is. */
enum dissect_format analyze_recognise_kind(struct hn_bytes data, enum dissect_format outer);
/* Of what is not known by a magic: a format of text, or DISSECT_UNKNOWN for other bytes. */
enum dissect_format analyze_recognise_text(struct hn_bytes data, struct hn_text name);

/* How a name deceives ("double_extension"); NULL when it does not. Static. */
const char *analyze_name_trick(struct hn_text name);

/* SCRIPT_UNKNOWN when such an object is not evaluated by itself. */
enum script_language analyze_language_of_format(enum dissect_format format);
/* DISSECT_UNKNOWN: by its bytes. */
enum dissect_format analyze_format_of_language(enum script_language language);

/* ---- Tables ---- */

dissect_opener *analyze_opener_of(const struct analyze_tables *tables, enum dissect_format format);
analyze_evaluate *analyze_evaluator_of(
        const struct analyze_tables *tables, enum script_language language);

/* ---- Taking apart ---- */

#define DONE_OPENED    0x1u
#define DONE_EVALUATED 0x2u

/* Something encrypted that no password fitted so far. */
struct take_locked {
    uint32_t id;
    struct dissect_mark mark; /* before it was opened */
    size_t passwords;         /* that were known then */
    uint32_t tries;
};

struct take {
    struct dissect *dissect;
    const struct analyze_tables *tables;
    struct script_limits script_limits;
    const struct analyze_options *options; /* never NULL */
    HN_VEC(uint8_t) done;                  /* DONE_ bits per object */
    HN_VEC(struct take_locked) locked;
    uint32_t harvested; /* objects below this one were looked through for passwords */
};

/* HN_NOMEM alone is a failure. */
HN_MUST_USE enum hn_status take_mark(struct take *take, uint32_t id, uint8_t done);
bool take_is_done(const struct take *take, uint32_t id, uint8_t done);

/* Tells whoever wants to know that work on an object begins. */
void take_step(const struct take *take, uint32_t id, enum analyze_step step);

/* Runs the opener of an object's format, and remembers the object when it stays locked. */
HN_MUST_USE enum hn_status take_open(struct take *take, uint32_t id, struct hn_err *err);
/* Looks for passwords in what was opened since, and opens what is locked once more when there are
 * new ones. *ret_more: something was. Does nothing where nothing is locked. */
HN_MUST_USE enum hn_status take_retry(struct take *take, bool *ret_more, struct hn_err *err);

/* Evaluates the script that object id is, when it is one and somebody evaluates its language. Its
 * layers become children, what it would do acts. *ret_tried: an evaluator has looked at it. */
HN_MUST_USE enum hn_status take_evaluate(
        struct take *take, uint32_t id, bool *ret_tried, struct hn_err *err);

/* ---- Programs and addresses as logs name them ---- */

#define ANALYZE_PATH_ROOM 512
/* The first word of a command line. */
struct hn_text analyze_image_of_command(struct hn_text line);
/* A whole path for what may be a bare name; in room where it is made up. */
struct hn_text analyze_image_path(struct hn_text image, char room[ANALYZE_PATH_ROOM]);
/* OriginalFileName; NULL: not known. */
const char *analyze_original_name(struct hn_text image);
/* Without user, port and path; empty when it is no URL. */
struct hn_text analyze_host_of_url(struct hn_text url);

/* Size and digests as facts. */
HN_MUST_USE enum hn_status take_identify(struct take *take, uint32_t id, struct hn_err *err);

#endif
