/* audit.h - who changed what and when, in a chain that shows where it was tampered with.
 *
 * The one header of this module. Each entry carries the SHA-256 of itself and of the entry before
 * it; editing, removing or inserting one breaks the chain there. Whoever can write the database can
 * also write the whole chain anew, so the newest hash (audit_head()) belongs outside as well: the
 * server logs it with every entry.
 *
 * An entry is appended in the transaction of the change it is about, on the same connection: what
 * was changed has an entry, and what was rolled back has none.
 * Concurrency: that of the connection. Limits: AUDIT_*_MAX; longer texts are refused. */
#ifndef HN_AUDIT_AUDIT_H
#define HN_AUDIT_AUDIT_H

#include "base/attr.h"
#include "base/sha256.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "db/db.h"

#include <stdint.h>

#define AUDIT_TEXT_MAX   512   /* actor, address, action, object */
#define AUDIT_DETAIL_MAX 65536 /* bytes of JSON */

struct audit_entry {
    int64_t seq; /* from 1; filled in when reading */
    hn_time time;
    struct hn_text actor;   /* "user:alice", "token:shipper-7", "system" */
    struct hn_text address; /* of the client; "": none */
    struct hn_text action;  /* "incident.update", "user.create", "login.failed" */
    struct hn_text object;  /* "incident:17" */
    struct hn_text detail;  /* a JSON object, without secrets; "": none */
    char hash[HN_SHA256_HEX_LEN];
};

/* Once per database. */
HN_MUST_USE enum hn_status audit_migrate(struct db *db, struct hn_err *err);

/* Inside a transaction of the caller's. entry->seq and hash are not looked at. */
HN_MUST_USE enum hn_status audit_append(
        struct db *db, const struct audit_entry *entry, struct hn_err *err);

/* Entries with seq > after, ascending, at most count. Borrowed until the callback returns. */
typedef void audit_on_entry(void *ctx, const struct audit_entry *entry);
HN_MUST_USE enum hn_status audit_read(struct db *db, int64_t after, uint32_t count,
        audit_on_entry *on_entry, void *ctx, struct hn_err *err);

/* seq and hash of the newest entry; seq 0: there is none. */
HN_MUST_USE enum hn_status audit_head(
        struct db *db, int64_t *ret_seq, char ret_hash[HN_SHA256_HEX_LEN], struct hn_err *err);

/* Walks the whole chain. HN_CORRUPT: *ret_broken is the first entry that does not fit (missing ones
 * included); what retention removed from the start is known and no break. */
HN_MUST_USE enum hn_status audit_check(struct db *db, int64_t *ret_broken, struct hn_err *err);

/* Forgets entries older than before, in a transaction of the caller's; the chain starts anew from
 * the last one forgotten, whose hash is kept. */
HN_MUST_USE enum hn_status audit_forget(struct db *db, hn_time before, struct hn_err *err);

#endif
