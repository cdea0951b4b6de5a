/* zip_internal.h - an open archive, for the parts of this module. */
#ifndef HN_ZIP_ZIP_INTERNAL_H
#define HN_ZIP_ZIP_INTERNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "zip/zip.h"

#define ZIP_SIGNATURE_LOCAL     0x04034b50u
#define ZIP_SIGNATURE_CENTRAL   0x02014b50u
#define ZIP_SIGNATURE_END       0x06054b50u
#define ZIP_SIGNATURE_END64     0x06064b50u
#define ZIP_SIGNATURE_LOCATOR64 0x07064b50u
#define ZIP_SIGNATURE_DATA      0x08074b50u

#define ZIP_LOCAL_BYTES   30u
#define ZIP_CENTRAL_BYTES 46u
#define ZIP_END_BYTES     22u

#define ZIP_FLAG_ENCRYPTED  0x0001u
#define ZIP_FLAG_DESCRIPTOR 0x0008u
#define ZIP_FLAG_STRONG     0x0040u
#define ZIP_FLAG_UTF8       0x0800u

#define ZIP_METHOD_STORED    0u
#define ZIP_METHOD_DEFLATE   8u
#define ZIP_METHOD_DEFLATE64 9u
#define ZIP_METHOD_AES       99u

/* What one header says of an entry, local or central. */
struct zip_header {
    struct hn_text name;
    bool name_utf8;
    uint16_t flags;
    uint16_t method; /* of the contents: behind the encryption */
    uint16_t aes_version;
    uint8_t aes_strength; /* 1..3; 0: no AES */
    uint32_t dos_time;
    uint32_t crc;
    uint64_t size;
    uint64_t packed_size;
    uint64_t offset;     /* central only: of the local header, as stated */
    uint32_t attributes; /* central only: external */
    size_t end;          /* offset of the byte behind the header */
};

struct zip_slot {
    struct zip_entry entry;
    uint16_t flags;
    uint16_t local_method;
    uint16_t aes_version;
    uint8_t aes_strength;
    uint64_t data_offset; /* UINT64_MAX: there is no local header */
    uint64_t data_len;    /* packed bytes that are there */
};

struct zip_file {
    struct hn_arena *arena;
    struct hn_bytes bytes;
    struct zip_limits limits;
    HN_VEC(struct zip_slot) slots;
    struct hn_map names; /* normalised name -> the last slot of it */
    uint32_t odd;
};

/* A header at offset; false when there is none that makes sense. */
bool zip_header_local(struct hn_bytes bytes, size_t offset, struct zip_header *ret_header);
bool zip_header_central(struct hn_bytes bytes, size_t offset, struct zip_header *ret_header);

/* Fills file->slots; HN_OK, HN_CORRUPT, HN_NOMEM. */
HN_MUST_USE enum hn_status zip_list(struct zip_file *file, struct hn_err *err);

/* The packed bytes of an encrypted entry in the clear: *ret_packed is *ret_owned (heap, the
 * caller's to free) or a part of it. HN_NOTFOUND: the password does not fit. */
HN_MUST_USE enum hn_status zip_decrypt(const struct zip_slot *slot, struct hn_bytes packed,
        struct hn_text password, struct hn_bytes *ret_packed, uint8_t **ret_owned,
        bool *ret_authentic);

/* Deflate64, which zlib does not have. False: damaged (what came out before is gathered) or the
 * gatherer stopped. */
bool zip_inflate64(struct hn_bytes packed, struct zip_gather *gather, bool *ret_nomem);

/* The traditional encryption, in place. */
void zip_encrypt(struct hn_text password, uint8_t *bytes, size_t len);

#endif
