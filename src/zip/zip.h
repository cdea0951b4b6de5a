/* zip.h - zip archives as attackers write them. The one header of this module.
 *
 * Reads the central directory and the local headers and compares them: names that differ, doubles,
 * entries only one of them has, archives behind or within other bytes, several ends. Stored,
 * deflated and deflate64 entries (bzip2, lzma, xz, zstd are left to src/container, which has
 * libarchive); ZipCrypto and WinZip AES with a password. Writes archives with a password.
 *
 * Life: zip_open() -> entries -> zip_read() -> ends with the arena.
 * Concurrency: one thread at a time.
 * Memory: the arena given.
 * Limits: struct zip_limits; what comes out is asked for through struct zip_allow first.
 * Errors: HN_CORRUPT when there is no zip in it; HN_UNSUPPORTED names the method; damage of an
 * entry is its own (ZIP_ODD_ bits), and the rest is read. */
#ifndef HN_ZIP_ZIP_H
#define HN_ZIP_ZIP_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zip_limits {
    uint32_t entries_max;
    uint64_t entry_bytes_max;
    uint64_t padded_bytes_max; /* of an entry that ends in one byte repeated: looked through, so
                                * that what stands before the padding is not lost; see struct
                                * zip_gather */
};
extern const struct zip_limits zip_limits_default;

#define ZIP_ODD_PREFIX     0x001u /* bytes before the first entry (a self-extracting archive) */
#define ZIP_ODD_SUFFIX     0x002u /* bytes behind the end */
#define ZIP_ODD_NO_CENTRAL 0x004u /* no central directory: local headers alone were used */
#define ZIP_ODD_LOCAL_ONLY 0x008u /* an entry the central directory hides */
#define ZIP_ODD_NAME       0x010u /* local and central name differ */
#define ZIP_ODD_SIZE       0x020u /* sizes or methods differ, or lie */
#define ZIP_ODD_CRC        0x040u
#define ZIP_ODD_DOUBLE     0x080u /* the same name twice */
#define ZIP_ODD_PATH       0x100u /* absolute, with a drive, or leading out of the folder */
#define ZIP_ODD_TRUNCATED  0x200u
#define ZIP_ODD_OVERLAP    0x400u /* entries share bytes */
#define ZIP_ODD_LIMIT      0x800u
#define ZIP_ODD_PADDED     0x1000u /* entry->padding bytes of one value at its end were left out */

struct zip_entry {
    struct hn_text name; /* central, as bytes; zip_name_utf8 says whether it is meant as UTF-8 */
    bool name_utf8;
    struct hn_text local_name; /* where it differs; else empty */
    uint64_t size;             /* as stated */
    uint64_t packed_size;
    uint64_t offset; /* of the local header in the bytes given */
    uint32_t crc;
    uint16_t method;
    uint32_t dos_time;
    bool folder;
    bool encrypted;
    bool aes;
    uint64_t padding; /* set by zip_read(): bytes left out at the end, all of one value */
    uint32_t odd;     /* ZIP_ODD_ bits; zip_read() may add some */
};

struct zip_file; /* in the arena */

bool zip_is(struct hn_bytes head); /* a local header or an end at the very start */

HN_MUST_USE enum hn_status zip_open(struct hn_arena *arena, struct hn_bytes bytes,
        const struct zip_limits *limits, struct zip_file **ret_file, struct hn_err *err);
uint32_t zip_odd(const struct zip_file *file);
uint32_t zip_count(const struct zip_file *file);
const struct zip_entry *zip_get(const struct zip_file *file, uint32_t index);
/* The entry Office would take for this part name: without regard to case, leading slash ignored,
 * the last of doubles. UINT32_MAX when there is none. */
uint32_t zip_find(const struct zip_file *file, struct hn_text name);

/* Asked before each piece that comes out; false stops with HN_LIMIT. */
typedef bool zip_allow(void *ctx, uint64_t packed_bytes, uint64_t more);

/* The entry's bytes, in the arena (or a view into the archive where it is stored and not
 * encrypted). password: ptr NULL for none; HN_NOTFOUND when it is encrypted and this does not fit.
 * Damage gives what came out before it, HN_OK, and odd bits; so does HN_LIMIT give what came out
 * before. HN_UNSUPPORTED: the message names the method. allow may be NULL. */
HN_MUST_USE enum hn_status zip_read(struct zip_file *file, uint32_t index, struct hn_text password,
        zip_allow *allow, void *ctx, struct hn_bytes *ret_bytes, struct hn_err *err);

const char *zip_method_name(uint16_t method); /* "deflate", "lzma", ...; never NULL */

/* ---- Writing: an archive in which samples are passed on ---- */

/* Entries are deflated and encrypted the traditional way, which every tool opens: it keeps scanners
 * and careless clicks away, not people. Below 4 GiB and 65,535 entries. Life: zero-initialise but
 * for sink and ctx -> zip_write_add()... -> zip_write_end(). After a failure it stays failed. */
#define ZIP_SAMPLE_PASSWORD "infected" /* the one everybody uses for samples */

typedef bool zip_sink(void *ctx, struct hn_bytes bytes); /* false: it could not be written */

struct zip_write {
    zip_sink *sink;
    void *ctx;

    struct hn_buf central;
    uint64_t offset;
    uint32_t count;
    enum hn_status status;
};

/* HN_LIMIT: the archive is full; HN_IO: the sink said no; HN_NOMEM. */
HN_MUST_USE enum hn_status zip_write_add(struct zip_write *write, struct hn_text name,
        struct hn_bytes data, struct hn_text password);
/* The directory behind the entries; frees what the writer has, also after a failure. */
HN_MUST_USE enum hn_status zip_write_end(struct zip_write *write);

/* ---- Gathering what comes out of any unpacker ---- */

/* Keeps what it is given in the arena, asks allow first, and holds back a run of one byte of more
 * than ZIP_RUN_BYTES: nothing of it is kept (nor asked for) unless other bytes follow. So a
 * document filled up with half a gigabyte of zeros costs no more than the document. Life:
 * zero-initialise but for the first block of members -> zip_gather_add()... -> zip_gather_end(). */
#define ZIP_RUN_BYTES ((size_t)4 << 20)

struct zip_gather {
    struct hn_arena *arena;
    zip_allow *allow; /* may be NULL */
    void *ctx;
    uint64_t packed_bytes; /* passed on to allow */
    uint64_t bytes_max;
    uint64_t padded_bytes_max;
    uint64_t expected; /* a guess of the size, to take the room at once; 0: none */

    uint8_t *ptr;
    size_t len;
    size_t room;
    uint64_t pending; /* bytes of value `last` behind ptr[len], not kept yet */
    size_t run;       /* kept bytes at the end that are all `last` */
    uint8_t last;
    bool stopped;
    enum hn_status status;
};

/* False: stop unpacking; zip_gather_end() says why. */
bool zip_gather_add(struct zip_gather *gather, struct hn_bytes piece);
/* HN_OK, HN_LIMIT (what came out before is given) or HN_NOMEM. */
HN_MUST_USE enum hn_status zip_gather_end(
        struct zip_gather *gather, struct hn_bytes *ret_bytes, uint64_t *ret_padding);

#endif
