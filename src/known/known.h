/* known.h - what others know of the objects of a sample: lists of digests, clamd, results of many
 * vendors. The one header of this module.
 *
 * It works in the parent, on the tree that came out of the jail, and reads no format of samples: it
 * compares digests and hands bytes to a daemon. What is found becomes facts
 * (docs/analysis-facts.md), which rules judge; what was asked for and could not be done becomes a
 * note of kind DISSECT_NOTE_UNCHECKED, with which a sample is not called clean.
 *
 * Life: known_open() -> known_look() for each tree -> known_close().
 * Concurrency: any number of threads may look at trees of their own.
 * Memory: lists are mapped; reports of vendors live in an arena until the end.
 * Limits: KNOWN_*_MAX.
 * Network: nothing leaves but bytes to the clamd that is named, and, where a key is given, SHA-256
 * digests to the service whose key it is.
 * Specifications: clamd(8); https://docs.virustotal.com/reference/files */
#ifndef HN_KNOWN_KNOWN_H
#define HN_KNOWN_KNOWN_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "dissect/dissect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KNOWN_OBJECTS_MAX 64u                 /* of one sample that clamd sees */
#define KNOWN_BYTES_MAX   ((size_t)128 << 20) /* of one sample that clamd sees */
#define KNOWN_ASKED_MAX   4u /* digests of one sample that the service is asked for */
#define KNOWN_FILE_MAX    ((size_t)64 << 20) /* one file of reports, or one answer */
#define KNOWN_REPORTS_MAX 1000000u
#define KNOWN_LISTS_MAX   64u

/* ---- Reports of several vendors, in the JSON of VirusTotal's API 3 ---- */

#define KNOWN_ENGINES_MAX 256u
#define KNOWN_NAMES_MAX   3u

struct known_name {
    struct hn_text text; /* as engines say it */
    uint32_t count;      /* how many say it */
};

struct known_report {
    struct hn_text sha256; /* lower case */
    uint32_t malicious;
    uint32_t suspicious;
    uint32_t engines; /* that had an opinion; those that failed or do not know the type count not */
    hn_time date;     /* of the analysis; 0: it says none */
    struct known_name names[KNOWN_NAMES_MAX]; /* most frequent first */
    size_t name_count;
    struct hn_text family; /* "": no word stands out */
    uint32_t family_votes; /* of different names: engines that share a name are one voice */
    uint32_t family_of;    /* different names there are */
};
/* Borrowed for the call. False: no more. */
typedef bool known_on_report(void *ctx, const struct known_report *report);

/* One file object, a list of them, each alone or in "data", or one such document a line; what is no
 * file object is passed over. HN_SYNTAX, HN_LIMIT, HN_NOMEM. */
HN_MUST_USE enum hn_status known_reports_read(
        struct hn_text json, known_on_report *on_report, void *ctx, struct hn_err *err);

/* The word that most of the different names have in common, without those that every name has
 * ("trojan", "generic"); at least three. names and the arena outlive it. */
void known_vote(const struct known_name *names, size_t count, struct hn_arena *arena,
        struct hn_text *ret_family, uint32_t *ret_votes);

/* ---- clamd ---- */

enum known_clamd_kind { KNOWN_CLAMD_FINE, KNOWN_CLAMD_FOUND, KNOWN_CLAMD_ERROR };
struct known_clamd_reply {
    enum known_clamd_kind kind;
    struct hn_text text; /* name of the signature, or what went wrong; borrowed */
};
/* One reply without its end. False: it is none of clamd's. */
bool known_clamd_reply_read(struct hn_text line, struct known_clamd_reply *ret_reply);

/* ---- All of it ---- */

struct known_options {
    const char *const *good; /* lists of digests (src/hashlist) */
    size_t good_count;
    const char *const *bad;
    size_t bad_count;
    const char *cache_dir;      /* of compiled lists; NULL: none */
    const char *clamd;          /* path of a socket, HOST:PORT; NULL: none */
    int clamd_ms;               /* for one sample; 0: 20 seconds */
    const char *const *reports; /* files of vendors' results */
    size_t report_count;
    const char *key;         /* of the service; NULL: nobody is asked */
    const char *service_url; /* NULL: KNOWN_SERVICE_URL; https, or http to this machine */
    hn_time now;
    /* A file that cannot be used is told and left out; so is a daemon that does not answer. */
    void (*on_problem)(void *ctx, const char *what, const struct hn_err *err);
    void *ctx;
};
#define KNOWN_SERVICE_URL "https://www.virustotal.com/api/v3"

struct known; /* opaque */
/* HN_NOMEM; HN_SYNTAX: an address is none; HN_LIMIT. */
HN_MUST_USE enum hn_status known_open(
        const struct known_options *options, struct known **ret_known, struct hn_err *err);
void known_close(struct known *known); /* NULL is fine */
/* clamd sees bytes only of objects whose bytes the tree has. */
void known_look(struct known *known, struct dissect *dissect);

#endif
