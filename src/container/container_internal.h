/* container_internal.h - what the openers of this module share. */
#ifndef HN_CONTAINER_CONTAINER_INTERNAL_H
#define HN_CONTAINER_CONTAINER_INTERNAL_H

#include "base/buf.h"
#include "base/reader.h"
#include "container/container.h"
#include "zip/zip.h"

/* One file in a container. */
struct container_entry {
    struct hn_text name; /* as stored */
    bool name_is_utf8;   /* else it is guessed: UTF-8, then Shift_JIS, then Latin-1 */
    const char *relation;
    struct hn_bytes data; /* lives as long as the tree: in its arena or in the parent's data */
    enum dissect_format format;
    bool hidden;      /* by an attribute of the file system */
    uint64_t padding; /* bytes of one value at its end that were left out */
};

/* Adds it as a child, notes odd names. Nothing is added when an ancestor has the very same bytes
 * (an archive that contains itself). HN_OK also when it was left out for a limit that is noted;
 * HN_LIMIT: there is no room for any further child; HN_NOMEM. */
HN_MUST_USE enum hn_status container_add(struct dissect *dissect, uint32_t id,
        const struct container_entry *entry, uint32_t *ret_child);

/* The name as UTF-8, appended to out. */
void container_name_utf8(struct hn_buf *out, struct hn_text name, bool is_utf8);

/* Whether memory is used up: an opener that got NULL from the tree's arena returns this. */
HN_MUST_USE enum hn_status container_no_memory(struct dissect *dissect, uint32_t id);

/* zip_allow for a tree. */
struct container_ask {
    struct dissect *dissect;
    uint32_t id;
};
bool container_allow(void *ctx, uint64_t packed_bytes, uint64_t more);

/* A gatherer of unpacked bytes within the limits of the tree. */
struct zip_gather container_gather(struct container_ask *ask, uint64_t expected);

/* The limits of a zip within the tree. */
struct zip_limits container_zip_limits(const struct dissect *dissect);

/* UTF-16LE as UTF-8 in the arena, up to the first NUL; ptr NULL without memory. */
struct hn_text container_utf16(struct dissect *dissect, struct hn_bytes utf16);
/* An 8-bit text of the Windows code page, up to the first NUL, as UTF-8 in the arena. */
struct hn_text container_ansi(struct dissect *dissect, struct hn_bytes ansi);

/* A text file in whatever it is written in, as UTF-8 in the arena; ptr NULL without memory. */
struct hn_text container_as_text(struct dissect *dissect, struct hn_bytes data);

/* Where data lies in the object's own bytes, or DISSECT_NOWHERE. */
uint64_t container_offset_in(struct hn_bytes whole, struct hn_bytes part);

/* [start, start + len) of bytes, cut to what is there. */
HN_INLINE struct hn_bytes container_cut(struct hn_bytes bytes, uint64_t start, uint64_t len)
{
    if (start > bytes.len)
        start = bytes.len;
    if (len > bytes.len - start)
        len = bytes.len - start;
    return hn_bytes_of(start > 0 ? bytes.ptr + start : bytes.ptr, (size_t)len);
}

/* A file that lies in pieces: a view while they follow each other, a copy from the first gap on. */
struct container_pieces {
    struct container_ask ask;
    struct hn_bytes whole; /* while it is a view */
    struct zip_gather gather;
    bool copied;
};
/* False: stop, a limit or no memory. */
bool container_piece(struct container_pieces *pieces, struct hn_bytes piece);
/* Of bytes that do not last. */
bool container_piece_copy(struct container_pieces *pieces, struct hn_bytes piece);
bool container_piece_zeros(struct container_pieces *pieces, uint64_t len);
/* HN_LIMIT: what fitted is given. */
HN_MUST_USE enum hn_status container_pieces_end(
        struct container_pieces *pieces, struct hn_bytes *ret_bytes, uint64_t *ret_padding);

/* A path or address that the shell follows: the fact, the text in which indicators are looked for,
 * and the fact "remote_target" where it lies on another machine. */
void container_pointer(
        struct dissect *dissect, uint32_t id, const char *fact, struct hn_text value);

/* Entries of unsupported methods by libarchive: those whose raw name is in names. */
HN_MUST_USE enum hn_status container_archive_named(struct dissect *dissect, uint32_t id,
        const struct hn_text *names, size_t count, struct hn_text password);

#endif
