/* faults.h - system calls that fail on demand: linked to a test, or put before a program:
 *
 *     LD_PRELOAD=libhn_faults.so HN_FAULTS=sync:3:5 hinomi serve ...
 *                                                    the third sync fails with EIO
 *     HN_FAULTS=write:10:short                       the tenth write writes half
 *     HN_FAULTS=write:10:28:lasting                  that one and all after it fail with ENOSPC
 *     HN_FAULTS_PATH=/journal/                       only files with this in their path count
 *     HN_FAULTS_CONTROL=FILE                         instead of these: a struct fault_control that
 *                                                    another process fills while this one runs
 *
 * Calls: write (write, pwrite), sync (fsync, fdatasync), open (open, openat),
 * rename (renameat, rename), truncate, reserve (posix_fallocate). What is linked to SQLite calls
 * them by their names for large files, which count as well. Concurrency: any thread; arming is for
 * one. */
#ifndef TESTS_SUPPORT_FAULTS_H
#define TESTS_SUPPORT_FAULTS_H

#include <stdint.h>

enum fault_call {
    FAULT_WRITE,
    FAULT_SYNC,
    FAULT_OPEN,
    FAULT_RENAME,
    FAULT_TRUNCATE,
    FAULT_RESERVE,
    FAULT_CALLS
};

#define FAULT_SHORT (-1) /* instead of an errno: half of a write */
#define FAULT_LIE   (-2) /* a write that says it was done, and was not */

/* What fails. Whoever arms from outside writes `left` last. */
struct fault_control {
    uint32_t call;    /* enum fault_call */
    uint32_t left;    /* calls until one fails; 0: none does */
    int32_t error;    /* an errno, or FAULT_SHORT */
    uint32_t lasting; /* all after it, too */
    uint32_t hits;    /* how many calls were made to fail */
    char path[108];   /* only files with this in their path; "": all */
};

/* The n-th call from now on (1 = the next) fails so; with lasting all after it, too. n 0: none. */
void faults_arm(enum fault_call call, unsigned n, int error, int lasting);
/* How many calls were made to fail since. */
unsigned faults_hits(void);

#endif
