/* container_iso.h - what the readers of ISO 9660 and UDF share. */
#ifndef HN_CONTAINER_CONTAINER_ISO_H
#define HN_CONTAINER_CONTAINER_ISO_H

#include "base/vec.h"
#include "container/container_internal.h"

#define ISO_DEPTH_MAX 32u

/* A folder still to be read. */
struct iso_folder {
    uint64_t place; /* of its records: sector, or block of its file entry */
    uint64_t len;
    struct hn_text path; /* "a/b/"; in the tree's arena */
    uint32_t depth;
};

struct iso {
    struct dissect *dissect;
    uint32_t id;
    struct hn_bytes data;
    HN_VEC(struct iso_folder) folders;
    uint32_t entries;
    bool limit_said;
    enum hn_status status; /* HN_LIMIT: no further child; HN_NOMEM */
};

/* Counts an entry; false past entries_max. */
bool iso_count(struct iso *iso);
/* The name below the folder, in the arena; ptr NULL without memory. */
struct hn_text iso_join(struct iso *iso, struct hn_text path, struct hn_text name, bool folder);
/* Remembers a folder, unless it was seen or lies too deep. */
void iso_push(struct iso *iso, uint64_t place, uint64_t len, struct hn_text path, uint32_t depth);
void iso_file(struct iso *iso, struct hn_text name, struct container_pieces *pieces, bool hidden,
        bool cut);
/* Reads the UDF in the image; false: there is none. */
bool iso_read_udf(struct iso *iso);

#endif
