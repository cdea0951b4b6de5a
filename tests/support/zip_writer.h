/* zip_writer.h - writes zip archives for tests and the generator of samples: ordinary ones,
 * encrypted ones, and such that lie.
 *
 * Life: zero-initialise -> zip_writer_add()... -> zip_writer_end() -> zip_writer_deinit().
 * Memory: the archive is in writer->out until then. For tests: out of memory ends the program.
 * Deterministic: salts and encryption headers are made from the entry's number. */
#ifndef TESTS_SUPPORT_ZIP_WRITER_H
#define TESTS_SUPPORT_ZIP_WRITER_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct zip_writer_entry {
    struct hn_text name;
    struct hn_bytes data;
    bool deflate;
    bool name_utf8;
    const char *password;      /* NULL: not encrypted */
    uint8_t aes_strength;      /* 1..3: WinZip AES; 0: the traditional encryption */
    uint16_t aes_version;      /* 1 or 2; 0 is 2 */
    bool descriptor;           /* sizes behind the contents, zeros in the local header */
    bool zip64;                /* sizes in the extra field */
    struct hn_text local_name; /* another name in the local header; empty: the same */
    bool no_central;           /* only a local header */
    bool wrong_crc;
    uint64_t size_lie;   /* added to the stated size, in both headers */
    uint32_t packed_lie; /* subtracted from the packed size of the central header */
    uint16_t method_lie; /* central method, where it is not 0 */
    bool packed_given;   /* data is packed already, by raw_method, to size and crc below */
    uint16_t raw_method;
    uint64_t raw_size;
    uint32_t raw_crc;
    bool same_place; /* shares the local header of the entry before */
};

struct zip_writer {
    struct hn_buf out;
    struct hn_buf central;
    uint32_t count;
    size_t start;       /* set after a prefix was put into out: offsets count from here */
    size_t last_offset; /* of the last local header */
};

void zip_writer_add(struct zip_writer *writer, const struct zip_writer_entry *entry);
/* The central directory and the end, unless without; the archive, valid until deinit. */
struct hn_bytes zip_writer_end(struct zip_writer *writer, bool with_central);
void zip_writer_deinit(struct zip_writer *writer);

/* Raw deflate, level 9, into out. */
void zip_writer_deflate(struct hn_buf *out, struct hn_bytes data);

#endif
