/* yarascan_internal.h - what compiling and scanning share. */
#ifndef HN_YARASCAN_YARASCAN_INTERNAL_H
#define HN_YARASCAN_YARASCAN_INTERNAL_H

#include "yarascan/yarascan.h"

#include <yara.h>

struct yarascan_rules {
    YR_RULES *compiled;
};

/* Variables that collections of rules expect to be set from outside; all are texts. */
#define YARASCAN_VARIABLE_LIST(X) \
    X("filename")                 \
    X("filepath")                 \
    X("extension")                \
    X("filetype")                 \
    X("owner")                    \
    X("md5")

/* What an error number of libyara means. */
const char *yarascan_error_text(int error);

#endif
