/* arclock_7z.h - the packed streams and folders of a 7z archive, as its header describes them. */
#ifndef HN_ARCLOCK_ARCLOCK_7Z_H
#define HN_ARCLOCK_ARCLOCK_7Z_H

#include "arclock/arclock_internal.h"

#define SZ_START_BYTES 32u
#define SZ_PER_FOLDER  32u /* coders, streams: as 7-Zip has it */

/* Of properties. */
#define SZ_END          0x00u
#define SZ_HEADER       0x01u
#define SZ_PROPERTIES   0x02u
#define SZ_STREAMS      0x04u
#define SZ_FILES        0x05u
#define SZ_PACK         0x06u
#define SZ_UNPACK       0x07u
#define SZ_SUBSTREAMS   0x08u
#define SZ_SIZE         0x09u
#define SZ_CRC          0x0Au
#define SZ_FOLDER       0x0Bu
#define SZ_UNPACK_SIZE  0x0Cu
#define SZ_EMPTY_STREAM 0x0Eu
#define SZ_NAMES        0x11u
#define SZ_ENCODED      0x17u

struct sz_coder {
    struct hn_bytes id;
    struct hn_bytes props;
    uint32_t in;
    uint32_t out;
};

struct sz_bind {
    uint32_t in;
    uint32_t out;
};

/* Streams are numbered over all coders of the folder. */
struct sz_folder {
    struct sz_coder *coders;
    struct sz_bind *binds;
    uint32_t *packed; /* the in-streams that come from outside */
    uint64_t *sizes;  /* of out-streams */
    uint32_t coder_count;
    uint32_t bind_count;
    uint32_t packed_count;
    uint32_t in_count;
    uint32_t out_count;
    bool has_crc;
    uint32_t crc;
};

struct sz_streams {
    uint64_t pack_pos; /* behind the start header */
    uint64_t *pack_sizes;
    uint64_t pack_count;
    struct sz_folder *folders;
    uint64_t folder_count;
};

/* Reads the streams of a header, whose reader stands behind SZ_STREAMS or SZ_ENCODED, and stops
 * before what follows the folders. False: damaged, or too large for the arena. */
bool sz_read_streams(struct hn_arena *arena, struct hn_reader *r, struct sz_streams *ret);
uint64_t sz_number(struct hn_reader *r);

void sz_put_number(struct hn_buf *out, uint64_t value);
void sz_put_folder(struct hn_buf *out, const struct sz_folder *folder);
/* SZ_PACK and SZ_UNPACK, whole. */
void sz_put_streams(struct hn_buf *out, const struct sz_streams *streams);

/* How each packed stream of a folder is encrypted; props.ptr NULL: it is not. */
struct sz_lock {
    struct hn_bytes props;
    struct hn_bytes next; /* the method that reads what is decrypted; empty: none */
    uint64_t size;        /* of what is decrypted */
};
/* The folder without its AES; locks has SZ_PER_FOLDER rows. HN_UNSUPPORTED where AES stands
 * elsewhere than before everything else. */
enum hn_status sz_strip(struct hn_arena *arena, const struct sz_folder *folder,
        struct sz_folder *ret_plain, struct sz_lock *ret_locks);

#endif
