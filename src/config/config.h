/* config.h - the configuration of `hinomi serve`: strict YAML, from one table.
 *
 * The one header of this module. Every key is a row of a table (config_table.c): its type, range,
 * default and what it is for. Reading, checking, showing what is in force, and
 * docs/configuration.md come from these rows, so they cannot drift apart. A key that is no row is
 * an error that names the nearest one; so is a value of another type, out of range, or given twice.
 *
 * Life: config_new() -> config_read() per file, the main one first -> config_environment() ->
 * config_check() -> reading struct config -> config_free().
 * A later file replaces single values of earlier ones and adds to lists.
 * Memory: everything is in the configuration's arena and ends with it.
 * Concurrency: immutable once read.
 * Limits: CONFIG_*_MAX. */
#ifndef HN_CONFIG_CONFIG_H
#define HN_CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_BYTES_MAX ((size_t)1 << 20) /* per file */
#define CONFIG_ITEMS_MAX 1024              /* of any list */

/* Texts are NUL-terminated as well; "" where nothing is set. */
struct config_texts {
    const struct hn_text *ptr;
    uint32_t count;
};

/* An address to listen on or to send to. */
struct config_address {
    struct hn_text host; /* "": not set */
    uint16_t port;
};
struct config_addresses {
    const struct config_address *ptr;
    uint32_t count;
};

struct config_tls {
    struct hn_text certificate; /* PEM files; "" both: made at first start */
    struct hn_text key;
    struct hn_text client_ca; /* "": client certificates are not asked for */
    struct config_texts client_names;
};

struct config_rules {
    struct config_texts paths; /* empty: the shipped rules */
    struct config_texts pipelines;
    struct config_texts lists;
    struct config_texts indicators;
    struct hn_text indicator_columns;
    struct config_texts warninglists;
    uint32_t level; /* enum config_level: the lowest that becomes an alert */
    hn_time watch;  /* how often files are looked at; 0: only when told */
};

struct config_journal {
    uint64_t segment;
    uint64_t keep;
    hn_time keep_age;
    hn_time commit_delay;
    uint64_t commit_size;
    uint64_t pending;
    bool compress;
};

struct config_engine {
    uint32_t threads; /* 0: one per processor */
    hn_time lateness;
    hn_time past_after;
    hn_time snapshot;
    hn_time tick;
};

struct config_http {
    struct config_address address;
    bool tls;
    uint32_t connections;
    uint32_t connections_per_address;
    uint64_t body;
    hn_time idle;
    hn_time session_idle;
    hn_time session_max;
    struct hn_text elastic_version;
    struct config_tls tls_files;
};

struct config_source {
    struct hn_text name;
    struct hn_text format; /* "": recognised by content */
    struct hn_text zone;
    struct hn_text tenant;
    struct config_texts pipelines;
    uint64_t quota;              /* bytes a second; 0: no limit */
    struct config_addresses udp; /* syslog */
    struct config_addresses tcp; /* syslog */
    struct config_addresses tls; /* syslog, RFC 5425 */
    struct config_tls tls_files; /* "": those of http */
    struct config_texts peers;   /* networks this source takes syslog from; empty: all */
    struct config_texts files;   /* files, folders, patterns */
    bool standard_input;
};
/* What its batches and the set of rules call its pipelines; "" when it has none. */
struct hn_text config_source_mapping(const struct config_source *source);
struct config_sources {
    const struct config_source *ptr;
    uint32_t count;
};

enum config_level {
    CONFIG_INFORMATIONAL = 1,
    CONFIG_LOW,
    CONFIG_MEDIUM,
    CONFIG_HIGH,
    CONFIG_CRITICAL,
};

enum config_output_kind {
    CONFIG_OUTPUT_NONE,
    CONFIG_OUTPUT_FILE,
    CONFIG_OUTPUT_WEBHOOK,
    CONFIG_OUTPUT_SYSLOG,
    CONFIG_OUTPUT_SMTP,
};

enum config_output_format { CONFIG_JSONL = 1, CONFIG_OCSF, CONFIG_CEF };

struct config_output {
    struct hn_text name;
    uint32_t kind;                 /* enum config_output_kind */
    uint32_t level;                /* enum config_level */
    uint32_t format;               /* enum config_output_format */
    struct hn_text path;           /* file */
    struct hn_text url;            /* webhook, smtp: https://..., smtps://host:465 */
    struct hn_text secret_file;    /* webhook: key of the HMAC; smtp: password */
    struct config_address address; /* syslog */
    struct hn_text transport;      /* syslog: udp, tcp, tls */
    struct hn_text ca;             /* PEM file for tls; "": the system's */
    struct hn_text user;           /* smtp */
    struct hn_text from;           /* smtp */
    struct config_texts to;        /* smtp */
    bool sync;                     /* file */
    bool allow_private;            /* webhook: loopback and private addresses */
    bool allow_plain;              /* webhook, smtp: without TLS */
    uint32_t facility;             /* syslog */
    hn_time digest;                /* smtp: at most one mail in so long; 0: one mail each */
    hn_time timeout;
    hn_time retry_max; /* longest wait between two tries */
    hn_time give_up;   /* then it is a dead letter */
};
struct config_outputs {
    const struct config_output *ptr;
    uint32_t count;
};

struct config_incidents {
    hn_time window;
    hn_time exception_max; /* longest life of an exception */
};

struct config_retention {
    hn_time alerts; /* closed ones; 0: for ever */
    uint64_t alerts_max;
    hn_time audit;
};

struct config_samples {
    uint32_t workers;
    uint32_t queue;
    uint64_t file;
    uint64_t children;
    uint64_t count;
    uint64_t bytes;
    hn_time age;
    hn_time journal;
    hn_time expires;
    bool reserved;
    struct config_texts limits; /* "NAME=VALUE", of an analysis */
    struct config_texts yara;   /* files and folders */
    struct config_texts known_good;
    struct config_texts known_bad;
    struct hn_text clamd;   /* path of a socket, HOST:PORT; "": none */
    struct config_texts vt; /* files and folders */
    struct hn_text vt_key;  /* a file; "": nobody is asked */
    struct hn_text vt_url;
};

struct config_log {
    uint32_t format; /* enum config_log_format */
    uint32_t level;  /* enum config_log_level */
};
enum config_log_format { CONFIG_LOG_JSON = 1, CONFIG_LOG_TEXT, CONFIG_LOG_AUTO };
enum config_log_level {
    CONFIG_LOG_ERROR = 1,
    CONFIG_LOG_WARNING,
    CONFIG_LOG_INFO,
    CONFIG_LOG_DEBUG,
};

/* What is in force. */
struct config {
    struct hn_text data; /* folder of journal, store, state */
    struct config_rules rules;
    struct config_journal journal;
    struct config_engine engine;
    struct config_http http;
    struct config_sources sources;
    struct config_outputs outputs;
    struct config_incidents incidents;
    struct config_retention retention;
    struct config_samples samples;
    struct config_log log;
    struct hn_arena arena;
};

/* One thing that is wrong, with its place; line 0: not in a file (environment). */
struct config_problem {
    struct hn_text file;
    uint32_t line;
    uint32_t column;
    char message[256];
};
typedef void config_on_problem(void *ctx, const struct config_problem *problem);

/* All defaults. HN_NOMEM. */
HN_MUST_USE enum hn_status config_new(struct config **ret_config);
void config_free(struct config *config); /* NULL is fine */

/* Reads one file's text. Every problem is told; HN_SYNTAX when there was one, HN_NOMEM. */
HN_MUST_USE enum hn_status config_read(struct config *config, struct hn_text file,
        struct hn_text yaml, config_on_problem *on_problem, void *ctx);

/* HINOMI_<SECTION>_<KEY>=value, for containers: HINOMI_HTTP_ADDRESS, HINOMI_DATA. Only single
 * values. environ-like, NULL-terminated. Variables of another form are left alone; one that begins
 * with the name of a section and names no key is a problem. */
HN_MUST_USE enum hn_status config_environment(struct config *config, const char *const *environment,
        config_on_problem *on_problem, void *ctx);

/* What single keys cannot tell: names given twice, an output without a destination, plain HTTP
 * beyond loopback, a certificate without its key. */
HN_MUST_USE enum hn_status config_check(
        const struct config *config, config_on_problem *on_problem, void *ctx);

/* What is in force as YAML that config_read() takes; all: also what is at its default. */
void config_show(const struct config *config, bool all, struct hn_buf *out);

/* docs/configuration.md from the table. */
void config_document(struct hn_buf *out);

#endif
