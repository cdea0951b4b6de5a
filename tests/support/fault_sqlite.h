/* fault_sqlite.h - SQLite whose n-th system call or allocation fails, for tests of what is built on
 * it.
 *
 * Header only, so that only tests that link SQLite see it. fault_sqlite_install() before the first
 * use of SQLite; then fault_sqlite_arm() counts down.
 * Concurrency: the counters are per thread, so that only the thread under test fails. */
#ifndef HN_TESTS_FAULT_SQLITE_H
#define HN_TESTS_FAULT_SQLITE_H

#include "base/attr.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum fault_kind {
    FAULT_NONE,
    FAULT_IO,     /* reads, locks, opens and all the below */
    FAULT_WRITE,  /* writes and truncations: a full disk */
    FAULT_SYNC,   /* syncs */
    FAULT_MALLOC, /* SQLite's allocations */
};

struct fault_state {
    enum fault_kind kind;
    uint64_t left; /* calls until it fails; 0: it does not */
    bool stays;    /* all later ones fail as well */
    uint64_t hits;
};

static __thread struct fault_state fault_state;
static sqlite3_vfs *fault_below;
static sqlite3_vfs fault_vfs;
static sqlite3_mem_methods fault_memory;

HN_INLINE void fault_sqlite_arm(enum fault_kind kind, uint64_t n, bool stays)
{
    fault_state = (struct fault_state){ kind, n, stays, 0 };
}

/* How often it was made to fail since. */
HN_INLINE uint64_t fault_sqlite_disarm(void)
{
    uint64_t hits = fault_state.hits;

    fault_state = (struct fault_state){ FAULT_NONE, 0, false, 0 };
    return hits;
}

static inline bool fault_now(enum fault_kind kind)
{
    bool counts =
            fault_state.kind == kind || (fault_state.kind == FAULT_IO && kind != FAULT_MALLOC);

    if (!counts || fault_state.left == 0)
        return false;
    if (--fault_state.left > 0)
        return false;
    if (fault_state.stays)
        fault_state.left = 1;
    fault_state.hits++;
    return true;
}

/* ---- Files ---- */

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static inline sqlite3_file *fault_real(sqlite3_file *file)
{
    return ((struct fault_file *)(void *)file)->real;
}

static inline int fault_close(sqlite3_file *file)
{
    return fault_real(file)->pMethods->xClose(fault_real(file));
}

static inline int fault_read(sqlite3_file *file, void *ptr, int len, sqlite3_int64 offset)
{
    if (fault_now(FAULT_IO))
        return SQLITE_IOERR_READ;
    return fault_real(file)->pMethods->xRead(fault_real(file), ptr, len, offset);
}

/* Half of it arrives: the worst that a full disk leaves behind. */
static inline int fault_write(sqlite3_file *file, const void *ptr, int len, sqlite3_int64 offset)
{
    if (fault_now(FAULT_WRITE)) {
        (void)fault_real(file)->pMethods->xWrite(fault_real(file), ptr, len / 2, offset);
        return SQLITE_FULL;
    }
    return fault_real(file)->pMethods->xWrite(fault_real(file), ptr, len, offset);
}

static inline int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (fault_now(FAULT_WRITE))
        return SQLITE_IOERR_TRUNCATE;
    return fault_real(file)->pMethods->xTruncate(fault_real(file), size);
}

static inline int fault_sync(sqlite3_file *file, int flags)
{
    if (fault_now(FAULT_SYNC))
        return SQLITE_IOERR_FSYNC;
    return fault_real(file)->pMethods->xSync(fault_real(file), flags);
}

static inline int fault_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    if (fault_now(FAULT_IO))
        return SQLITE_IOERR_FSTAT;
    return fault_real(file)->pMethods->xFileSize(fault_real(file), ret_size);
}

static inline int fault_lock(sqlite3_file *file, int level)
{
    if (fault_now(FAULT_IO))
        return SQLITE_IOERR_LOCK;
    return fault_real(file)->pMethods->xLock(fault_real(file), level);
}

static inline int fault_unlock(sqlite3_file *file, int level)
{
    return fault_real(file)->pMethods->xUnlock(fault_real(file), level);
}

static inline int fault_reserved(sqlite3_file *file, int *ret)
{
    return fault_real(file)->pMethods->xCheckReservedLock(fault_real(file), ret);
}

static inline int fault_control(sqlite3_file *file, int op, void *arg)
{
    return fault_real(file)->pMethods->xFileControl(fault_real(file), op, arg);
}

static inline int fault_sector(sqlite3_file *file)
{
    return fault_real(file)->pMethods->xSectorSize(fault_real(file));
}

static inline int fault_device(sqlite3_file *file)
{
    return fault_real(file)->pMethods->xDeviceCharacteristics(fault_real(file));
}

static inline int fault_shm_map(
        sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
    if (fault_now(FAULT_IO))
        return SQLITE_IOERR_SHMMAP;
    return fault_real(file)->pMethods->xShmMap(fault_real(file), page, size, extend, ret);
}

static inline int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    if ((flags & SQLITE_SHM_LOCK) != 0 && fault_now(FAULT_IO))
        return SQLITE_IOERR_SHMLOCK;
    return fault_real(file)->pMethods->xShmLock(fault_real(file), offset, n, flags);
}

static inline void fault_shm_barrier(sqlite3_file *file)
{
    fault_real(file)->pMethods->xShmBarrier(fault_real(file));
}

static inline int fault_shm_unmap(sqlite3_file *file, int remove)
{
    return fault_real(file)->pMethods->xShmUnmap(fault_real(file), remove);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_reserved,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_device,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static inline int fault_open(
        sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    struct fault_file *fault = (struct fault_file *)(void *)file;
    int code;

    (void)vfs;
    fault->base.pMethods = NULL;
    if (fault_now(FAULT_IO))
        return SQLITE_CANTOPEN;
    fault->real = (sqlite3_file *)(void *)(fault + 1);
    code = fault_below->xOpen(fault_below, name, fault->real, flags, ret_flags);
    if (code == SQLITE_OK)
        fault->base.pMethods = &fault_methods;
    return code;
}

/* ---- Memory ---- */

static inline void *fault_malloc(int size)
{
    return fault_now(FAULT_MALLOC) ? NULL : fault_memory.xMalloc(size);
}

static inline void *fault_realloc(void *ptr, int size)
{
    return fault_now(FAULT_MALLOC) ? NULL : fault_memory.xRealloc(ptr, size);
}

static inline void fault_sqlite_install(void)
{
    sqlite3_mem_methods memory;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &fault_memory) != SQLITE_OK)
        abort();
    memory = fault_memory;
    memory.xMalloc = fault_malloc;
    memory.xRealloc = fault_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) != SQLITE_OK ||
            sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
            sqlite3_initialize() != SQLITE_OK)
        abort();
    fault_below = sqlite3_vfs_find(NULL);
    fault_vfs = *fault_below;
    fault_vfs.zName = "fault";
    fault_vfs.pNext = NULL;
    fault_vfs.szOsFile = (int)sizeof(struct fault_file) + fault_below->szOsFile;
    fault_vfs.xOpen = fault_open;
    if (sqlite3_vfs_register(&fault_vfs, 1) != SQLITE_OK)
        abort();
}

#endif
