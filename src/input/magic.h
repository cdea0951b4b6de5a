/* magic.h - archives and compressed files by their first bytes; private to src/input. */
#ifndef HN_INPUT_MAGIC_H
#define HN_INPUT_MAGIC_H

#include "base/view.h"

#define MAGIC_BYTES 512 /* enough to recognise any of them */

enum magic {
    MAGIC_NONE,
    MAGIC_STREAM, /* one compressed stream: gz, bz2, xz, zst, lz4, lzip, Z */
    MAGIC_TAR,    /* tar, cpio: read from front to back */
    MAGIC_SEEK,   /* zip, 7z, rar, cab, lha: read best with a directory at the end */
};

enum magic magic_of(struct hn_bytes head);

#endif
