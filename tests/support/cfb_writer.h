/* cfb_writer.h - writes compound files ([MS-CFB]) for tests and for the generator of samples.
 *
 * Life: cfb_writer_new() -> streams by path -> cfb_writer_finish() -> cfb_writer_free(). Storages
 * come to be by the paths of what is in them. The file is a valid one (red-black trees, mini
 * streams, DIFAT); what damage a test wants it does to the bytes.
 * Memory: copies what it is given; failures of memory end the program (this is for tests).
 * Concurrency: one thread at a time. */
#ifndef TESTS_SUPPORT_CFB_WRITER_H
#define TESTS_SUPPORT_CFB_WRITER_H

#include "base/buf.h"
#include "base/view.h"

#include <stdint.h>

struct cfb_writer;

/* version 3: sectors of 512 bytes; 4: of 4,096. */
struct cfb_writer *cfb_writer_new(unsigned version);
void cfb_writer_free(struct cfb_writer *writer);

/* Paths are UTF-8 with slashes: "Macros/VBA/dir". A stream put twice is replaced. */
void cfb_writer_stream(struct cfb_writer *writer, const char *path, struct hn_bytes bytes);
void cfb_writer_storage(struct cfb_writer *writer, const char *path);
/* path "" is the root. clsid has 16 bytes. */
void cfb_writer_clsid(struct cfb_writer *writer, const char *path, const uint8_t *clsid);

/* Appends the whole file. */
void cfb_writer_finish(const struct cfb_writer *writer, struct hn_buf *out);

#endif
