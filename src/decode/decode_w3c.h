/* decode_w3c.h - what the two halves of the W3C extended decoder share: the header and the rows;
 * private to src/decode. */
#ifndef HN_DECODE_DECODE_W3C_H
#define HN_DECODE_DECODE_W3C_H

#include "decode/decode_table.h"

enum w3c_kind { W3C_OTHER, W3C_SERVER, W3C_PROXY, W3C_FIREWALL };

enum w3c_role {
    W3C_PLAIN,
    W3C_DATE,
    W3C_TIME,
    W3C_STAMP,
    /* from here on: parts of a request */
    W3C_AGENT,
    W3C_METHOD,
    W3C_HOST,
    W3C_URI,
    W3C_SCHEME,
    W3C_PORT,
    W3C_PATH,
    W3C_QUERY,
    W3C_DERIVED, /* computed here as well: not kept as logged */
    W3C_ROLE_COUNT
};

struct w3c_state {
    struct table_directives directives;
    struct hn_buf fields;
    struct hn_buf software;
    struct hn_buf date;
    struct hn_buf log_type; /* Exchange: "Message Tracking Log" */
    bool local_time;        /* Windows Firewall: "#Time Format: Local" */
};

/* The format's part of a header. */
struct w3c_own {
    enum w3c_kind kind;
    bool commas; /* Exchange separates with commas */
    bool local_time;
    struct hn_text date; /* of "#Date:", for rows with a time alone */
};

/* How the values of a row must look to be of a certain log. */
#define W3C_CHECKS_MAX 6
struct w3c_wanted {
    uint32_t count; /* of values */
    struct {
        uint32_t index;
        bool (*check)(struct hn_text value); /* NULL behind the last */
    } is[W3C_CHECKS_MAX];
};

/* Whether they do. Adds nothing to the event but what it needs of its scratch. */
bool w3c_find_values(struct hn_event *event, const struct w3c_own *own, struct hn_text line,
        const struct w3c_wanted *wanted);

/* Adds the fields of a row, and sets source and time (decode_w3c.c). */
void w3c_row_fields(struct hn_event *event, const struct table_header *header, struct hn_text line);

bool w3c_learn(struct table_directives *directives, struct hn_text line);
struct table_header *w3c_build(struct decode_stream *stream);
enum hn_status w3c_open(struct decode_stream *stream, struct hn_err *err);
void w3c_close(struct decode_stream *stream);
void w3c_head(const struct decode_stream *stream, struct hn_buf *out);

#endif
