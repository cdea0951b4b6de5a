/* container_chm.c - compiled help, by libmspack, which reads and writes through functions of ours:
 * nothing leaves memory. */
#include "container/container_internal.h"

#include "base/mem.h"

#include <mspack.h>

#define FILES_MAX      4096u
#define ALLOCATION_MAX ((size_t)32 << 20)

struct chm {
    struct mspack_system system; /* first: libmspack gives its address back */
    struct hn_bytes data;
    struct zip_gather *gather; /* of the file that is written */
    bool nomem;                /* libmspack says so of damaged sizes as well; this one is true */
};

/* A file of ours: the help file when reader, else what comes out. */
struct handle {
    struct chm *chm;
    bool reader;
    size_t at;
};

/* ---- The system libmspack sees ---- */

static struct mspack_file *on_open(struct mspack_system *system, const char *name, int mode)
{
    struct handle *handle = hn_calloc(1, sizeof *handle);

    (void)name;
    if (handle == NULL) {
        ((struct chm *)(void *)system)->nomem = true;
        return NULL;
    }
    handle->chm = (struct chm *)(void *)system;
    handle->reader = mode == MSPACK_SYS_OPEN_READ;
    return (struct mspack_file *)(void *)handle;
}

static void on_close(struct mspack_file *file)
{
    hn_free(file);
}

/* The two GUIDs of the header, which libmspack insists on and which Windows and some compilers do
 * not mind: readers get them as they should be. */
#define GUIDS_OFFSET 24u
static const uint8_t guids[32] = { 0x10, 0xFD, 0x01, 0x7C, 0xAA, 0x7B, 0xD0, 0x11, 0x9E, 0x0C, 0x00,
    0xA0, 0xC9, 0x22, 0xE6, 0xEC, 0x11, 0xFD, 0x01, 0x7C, 0xAA, 0x7B, 0xD0, 0x11, 0x9E, 0x0C, 0x00,
    0xA0, 0xC9, 0x22, 0xE6, 0xEC };

static void put_guids(size_t at, uint8_t *buffer, size_t len)
{
    for (size_t i = 0; i < len && at + i < GUIDS_OFFSET + sizeof guids; i++)
        if (at + i >= GUIDS_OFFSET)
            buffer[i] = guids[at + i - GUIDS_OFFSET];
}

static int on_read(struct mspack_file *file, void *buffer, int bytes)
{
    struct handle *handle = (struct handle *)(void *)file;
    struct hn_bytes part;

    if (bytes < 0 || !handle->reader)
        return -1;
    part = container_cut(handle->chm->data, handle->at, (uint64_t)bytes);
    if (part.len > 0)
        memcpy(buffer, part.ptr, part.len);
    put_guids(handle->at, buffer, part.len);
    handle->at += part.len;
    return (int)part.len;
}

static int on_write(struct mspack_file *file, void *buffer, int bytes)
{
    struct handle *handle = (struct handle *)(void *)file;

    if (bytes < 0 || handle->reader || handle->chm->gather == NULL ||
            !zip_gather_add(handle->chm->gather, hn_bytes_of(buffer, (size_t)bytes)))
        return -1;
    return bytes;
}

static int on_seek(struct mspack_file *file, off_t offset, int mode)
{
    struct handle *handle = (struct handle *)(void *)file;
    off_t base = mode == MSPACK_SYS_SEEK_CUR   ? (off_t)handle->at
                 : mode == MSPACK_SYS_SEEK_END ? (off_t)handle->chm->data.len
                                               : 0;

    if (offset < -base || offset > (off_t)handle->chm->data.len - base)
        return -1;
    handle->at = (size_t)(base + offset);
    return 0;
}

static off_t on_tell(struct mspack_file *file)
{
    return (off_t)((struct handle *)(void *)file)->at;
}

static void on_message(struct mspack_file *file, const char *format, ...)
{
    (void)file;
    (void)format;
}

static void *on_alloc(struct mspack_system *system, size_t bytes)
{
    void *ptr = bytes <= ALLOCATION_MAX ? hn_malloc(bytes) : NULL;

    if (ptr == NULL && bytes <= ALLOCATION_MAX)
        ((struct chm *)(void *)system)->nomem = true;
    return ptr;
}

static void on_copy(void *from, void *to, size_t bytes)
{
    if (bytes > 0)
        memcpy(to, from, bytes);
}

/* ---- Files ---- */

static enum hn_status add_file(struct chm *chm, struct mschm_decompressor *reader,
        struct mschmd_file *file, struct container_ask *ask, uint32_t *damaged)
{
    struct zip_gather gather = container_gather(ask, file->length > 0 ? (uint64_t)file->length : 0);
    struct container_entry out = {
        .name = hn_text_cstr(file->filename), .name_is_utf8 = true, .relation = "entry"
    };
    enum hn_status status;
    int failed;

    if (out.name.len > 0 && out.name.ptr[0] == '/') /* all names are absolute within it */
        out.name = hn_text_sub(out.name, 1, SIZE_MAX);
    chm->gather = &gather;
    failed = reader->extract(reader, file, "out");
    chm->gather = NULL;
    status = zip_gather_end(&gather, &out.data, &out.padding);
    if (status == HN_NOMEM || chm->nomem)
        return HN_NOMEM;
    *damaged += failed != MSPACK_ERR_OK && status == HN_OK;
    if (out.data.len == 0)
        return HN_OK;
    return container_add(ask->dissect, ask->id, &out, NULL);
}

static enum hn_status add_all(struct chm *chm, struct mschm_decompressor *reader,
        struct mschmd_header *help, struct container_ask *ask)
{
    enum hn_status status = HN_OK;
    uint32_t count = 0;
    uint32_t damaged = 0;

    for (struct mschmd_file *file = help->files; file != NULL && status == HN_OK;
            file = file->next) {
        if (file->length == 0) /* a folder */
            continue;
        if (++count > FILES_MAX) {
            dissect_note(ask->dissect, ask->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                    "more than %u files", FILES_MAX);
            break;
        }
        status = add_file(chm, reader, file, ask, &damaged);
    }
    dissect_fact_u64(ask->dissect, ask->id, "file_count", count);
    if (damaged > 0)
        dissect_note(ask->dissect, ask->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "%lu files could not be unpacked whole", (unsigned long)damaged);
    return status == HN_LIMIT ? HN_OK : status;
}

enum hn_status container_open_chm(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct chm chm = { .system = { .open = on_open,
                               .close = on_close,
                               .read = on_read,
                               .write = on_write,
                               .seek = on_seek,
                               .tell = on_tell,
                               .message = on_message,
                               .alloc = on_alloc,
                               .free = hn_free,
                               .copy = on_copy },
        .data = dissect_get(dissect, id)->data };
    struct container_ask ask = { dissect, id };
    struct mschm_decompressor *reader = mspack_create_chm_decompressor(&chm.system);
    struct mschmd_header *help = NULL;
    enum hn_status status = HN_OK;

    if (reader == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    help = reader->open(reader, "in");
    if (help != NULL)
        status = add_all(&chm, reader, help, &ask);
    else if (chm.nomem)
        status = HN_NOMEM;
    else
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "its directory cannot be read");
    if (help != NULL)
        reader->close(reader, help);
    mspack_destroy_chm_decompressor(reader);
    return status == HN_NOMEM ? hn_fail(err, status, 0, "out of memory") : HN_OK;
}
