/* container_unlock.h - src/arclock with the passwords, limits and notes of a tree. */
#ifndef HN_CONTAINER_CONTAINER_UNLOCK_H
#define HN_CONTAINER_CONTAINER_UNLOCK_H

#include "arclock/arclock.h"
#include "container/container_internal.h"

struct container_lock {
    uint32_t index; /* of the first file that was found encrypted, from 1 */
    bool sure;      /* it is encrypted; else it only could not be read */
};

/* The archive that object id is, without encryption. On HN_OK it is said with which password, and
 * the caller gives the result back; else why not, unless nothing shows that it is encrypted at all.
 * HN_NOMEM alone is a failure. */
HN_MUST_USE enum hn_status container_unlock(struct dissect *dissect, uint32_t id,
        const struct container_lock *lock, struct arclock_result *ret_result);

#endif
