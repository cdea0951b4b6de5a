/* banned.h - functions this project never calls; forced into every source by the build.
 *
 * Each has a bounded or checked sibling: hn_buf_*, hn_text_*, hn_parse_*. The poison names make a
 * slip a compile error, in system headers' macros as well as in our code. */
#ifndef HN_BASE_BANNED_H
#define HN_BASE_BANNED_H

/* The system's own inline definitions come first, so that only our use is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__GNUC__)
#    pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#    pragma GCC poison atoi atol atoll atof strtok asctime ctime localtime gmtime
#endif

#endif
