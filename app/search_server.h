/* search_server.h - `hinomi search` asked of a server's journal instead of files. */
#ifndef HN_APP_SEARCH_SERVER_H
#define HN_APP_SEARCH_SERVER_H

#include "app/opt.h"
#include "base/attr.h"
#include "search/search.h"

#include <stdbool.h>

struct search_server {
    const struct opt_values *values;
    struct search_query query; /* its terms included */
    const char *form;          /* human, jsonl, csv; NULL: by where it goes */
    bool count_only;
    bool raw;
    unsigned long max; /* 0: no limit */
};
/* Was a server asked for? */
bool search_server_wanted(const struct opt_values *values, unsigned history);
/* An exit code, as of the command. */
HN_MUST_USE int search_server_run(const struct search_server *search);

#endif
