/* lock_writer.h - writes encrypted 7z and rar archives for tests: files stored, by the formats'
 * descriptions and by nothing of src/arclock. tools/conformance/locked_archives.py has 7-Zip read
 * them.
 *
 * Memory: appended to out; out of memory ends the program.
 * Deterministic: salts and vectors are constant. */
#ifndef TESTS_SUPPORT_LOCK_WRITER_H
#define TESTS_SUPPORT_LOCK_WRITER_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lock_file {
    const char *name; /* ASCII */
    struct hn_bytes data;
    const char *password; /* rar: of this file, where it differs; NULL: the archive's */
};

struct lock_writer {
    const struct lock_file *files;
    size_t count;
    const char *password; /* UTF-8; NULL: not encrypted */
    uint32_t work;        /* 7z, rar 5: 2 to the power of it rounds */
    bool headers;         /* encrypted as well */
    bool no_check;        /* rar 5: without check values */
    bool tweaked;         /* rar 5: checksums keyed by the password (as noise: none can be told) */
};

void lock_write_7z(const struct lock_writer *writer, struct hn_buf *out);
void lock_write_rar3(const struct lock_writer *writer, struct hn_buf *out);
void lock_write_rar5(const struct lock_writer *writer, struct hn_buf *out);

#endif
