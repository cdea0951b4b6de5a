/* shared.h - real data beside the checkout, for tests: found by HN_SHARED, skipped loudly without.
 *
 * The product never ships or copies that data. */
#ifndef HN_TESTS_SHARED_H
#define HN_TESTS_SHARED_H

#include "base/view.h"

/* The path below the shared folder, to be freed; where it is absent the test says so on stderr and
 * is counted as skipped (this call does not return). */
char *shared_path_or_skip(const char *below);

/* A whole file in memory of exactly its size; fails the test when it cannot be read. */
struct hn_bytes shared_read(const char *path);
void shared_free(struct hn_bytes bytes);

#endif
