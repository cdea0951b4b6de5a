/* attr.h - compiler attributes by one name each, so that C17 sources stay free of dialect.
 *
 * Concurrency, memory: nothing here. */
#ifndef HN_BASE_ATTR_H
#define HN_BASE_ATTR_H

#define HN_MUST_USE         __attribute__((warn_unused_result))
#define HN_PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define HN_COLD             __attribute__((cold))
#define HN_INLINE           static inline __attribute__((always_inline, unused))
#define HN_NOINLINE         __attribute__((noinline))
#define HN_UNUSED           __attribute__((unused))
#define HN_TARGET(isa)      __attribute__((target(isa)))
/* For arrays of kilobytes on paths that are walked often: clearing them would cost more than what
 * is done in them. Nothing may be read from one that was not written before. */
#define HN_UNINITIALIZED __attribute__((uninitialized))
#define HN_FALLTHROUGH   __attribute__((fallthrough))
#define HN_LIKELY(x)     __builtin_expect(!!(x), 1)
#define HN_UNLIKELY(x)   __builtin_expect(!!(x), 0)

/* Wrap-around is what a hash function means to do; the integer sanitizer is told so. */
#if defined(__clang__)
#    define HN_WRAPS __attribute__((no_sanitize("integer")))
#else
#    define HN_WRAPS
#endif

#define HN_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
