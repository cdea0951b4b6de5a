/* crash.h - named places at which a test can make the process die as by kill -9.
 *
 *     HINOMI_CRASH_AT=journal_synced:3 hinomi serve ...     dies the third time it gets there
 *
 * Only in builds with tests (HN_CRASH_POINTS); elsewhere there is nothing in the program.
 * Concurrency: any thread; the environment is read once. */
#ifndef HN_BASE_CRASH_H
#define HN_BASE_CRASH_H

#ifdef HN_CRASH_POINTS
void hn_crash_point(const char *name);
#    define HN_CRASH_POINT(name) hn_crash_point(name)
#else
#    define HN_CRASH_POINT(name) ((void)0)
#endif

#endif
