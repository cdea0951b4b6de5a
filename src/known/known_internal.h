/* known_internal.h - what the parts of this module share. */
#ifndef HN_KNOWN_KNOWN_INTERNAL_H
#define HN_KNOWN_KNOWN_INTERNAL_H

#include "known/known.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "hashlist/hashlist.h"

#include <pthread.h>

/* ---- clamd ---- */

#define KNOWN_ADDRESS_ROOM 300
#define KNOWN_REPLY_ROOM   512

struct known_clamd {
    char host[KNOWN_ADDRESS_ROOM]; /* or the path of a socket */
    char port[8];                  /* "": host is a path */
    int timeout_ms;                /* for one sample */
    char version[128];             /* "ClamAV 1.4.6/27456/Mon Nov 23 ..."; "": it did not answer */
};
/* HN_SYNTAX: it is no address. */
HN_MUST_USE enum hn_status known_clamd_init(
        struct known_clamd *clamd, const char *address, int timeout_ms, struct hn_err *err);
int64_t known_now_ms(void); /* of a clock that only goes forward */
/* One question ("zVERSION"), its answer in room without its end. HN_IO with a reason. */
HN_MUST_USE enum hn_status known_clamd_ask(const struct known_clamd *clamd, const char *command,
        int64_t end_ms, struct hn_buf *reply, struct hn_err *err);
/* The bytes, as INSTREAM; the answer in reply. */
HN_MUST_USE enum hn_status known_clamd_scan(const struct known_clamd *clamd, struct hn_bytes bytes,
        int64_t end_ms, struct hn_buf *reply, struct hn_err *err);

/* ---- Reports ---- */

struct known_reports {
    pthread_mutex_t lock; /* of everything here: the service's answers come while others look */
    struct hn_arena arena;
    HN_VEC(struct known_report) all;
    struct hn_map by_sha256;
};
void known_reports_init(struct known_reports *reports);
void known_reports_deinit(struct known_reports *reports);
/* Adds what a document has; of two reports on one file the later counts. */
HN_MUST_USE enum hn_status known_reports_add(
        struct known_reports *reports, struct hn_text json, struct hn_err *err);
bool known_reports_find(
        struct known_reports *reports, struct hn_text sha256, struct known_report *ret_report);

/* ---- The service ---- */

struct known_service; /* opaque */
/* Reads the key out of a file. */
HN_MUST_USE enum hn_status known_service_open(const char *key_file, const char *url,
        struct known_service **ret_service, struct hn_err *err);
void known_service_close(struct known_service *service); /* NULL is fine */
/* The report on a file by its digest. HN_NOTFOUND: the service does not know it. HN_IO with a
 * reason; after one the service is left alone for a while, and says the same. */
HN_MUST_USE enum hn_status known_service_ask(struct known_service *service, struct hn_text sha256,
        struct hn_buf *answer, struct hn_err *err);

/* ---- All of it ---- */

struct known_list {
    char name[128]; /* of its file */
    struct hashlist *list;
    bool good;
};

struct known {
    struct known_list lists[KNOWN_LISTS_MAX];
    size_t list_count;
    bool has_clamd;
    struct known_clamd clamd;
    struct known_reports reports;
    struct known_service *service;
    hn_time now;
};

void known_look_lists(const struct known *known, struct dissect *dissect, uint32_t id);
void known_look_reports(struct known *known, struct dissect *dissect, uint32_t id);
void known_look_service(struct known *known, struct dissect *dissect);
void known_look_clamd(const struct known *known, struct dissect *dissect);

/* A fact's value; "" without it. */
struct hn_text known_fact(const struct dissect_object *object, const char *name);
#define KNOWN_DAY (INT64_C(24) * 60 * HN_MINUTE)
/* "2026-10-01, 53 days old" */
void known_add_age(struct hn_buf *out, hn_time then, hn_time now);

#endif
