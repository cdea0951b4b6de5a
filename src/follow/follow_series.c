/* follow_series.c - the files that have been at one path, newest first, and what the journal knows
 * of them.
 *
 * The position of every batch names all of them: the one that is there now, and those before that
 * may still have bytes nobody has read, or are still found under the names they were given. So a
 * restart in the middle of a rotation finds each where it was left. */
#include "follow/follow_internal.h"

#include "base/enc.h"
#include "base/mem.h"

static void restore(struct series *series)
{
    struct hn_text rest = hn_buf_text(&series->position);
    struct follow_entry entry;

    while (series->restored_count < FOLLOW_GENERATIONS_MAX && follow_entry_next(&rest, &entry)) {
        series->restored[series->restored_count].entry = entry;
        series->restored[series->restored_count++].used = false;
    }
}

struct series *follow_series_of(
        struct follow *follow, const struct follow_source *source, const char *path)
{
    struct series *series = follow->series;
    size_t len = strlen(path);

    while (series != NULL && (series->source != source || strcmp(series->path, path) != 0))
        series = series->next;
    if (series != NULL)
        return series;
    series = hn_calloc(1, sizeof *series);
    if (series == NULL)
        return NULL;
    series->path = hn_malloc(len + 1);
    if (series->path == NULL) {
        hn_free(series);
        return NULL;
    }
    memcpy(series->path, path, len + 1);
    series->source = source;
    series->noted_ms = follow_now_ms();
    if (intake_position(follow->intake, source->name, hn_text_of(path, len), &series->position))
        restore(series);
    series->next = follow->series;
    follow->series = series;
    return series;
}

void follow_series_free(struct series *series)
{
    hn_buf_deinit(&series->position);
    hn_free(series->path);
    hn_free(series);
}

/* ---- Names that rotation gives ---- */

static bool cut_suffix(struct hn_text *name, const char *suffix)
{
    if (!hn_text_ends(*name, hn_text_cstr(suffix)))
        return false;
    name->len -= strlen(suffix);
    return true;
}

static bool cut_number(struct hn_text *name)
{
    size_t len = name->len;

    while (len > 0 && name->ptr[len - 1] >= '0' && name->ptr[len - 1] <= '9')
        len--;
    if (len == name->len || len < 2 || (name->ptr[len - 1] != '.' && name->ptr[len - 1] != '-'))
        return false;
    name->len = len - 1;
    return true;
}

bool follow_series_base(const char *path, struct hn_text *ret_base)
{
    static const char *const packed[] = { ".gz", ".xz", ".zst", ".bz2", ".lz4", ".Z" };
    struct hn_text name = hn_text_cstr(path);
    size_t whole = name.len;

    for (size_t i = 0; i < HN_COUNT_OF(packed); i++) {
        if (cut_suffix(&name, packed[i]))
            break;
    }
    while (cut_number(&name)) /* auth.log.1, auth.log-20261123, auth.log-20261123-1700000000 */
        continue;
    (void)(cut_suffix(&name, ".old") || cut_suffix(&name, ".bak"));
    *ret_base = name;
    return name.len < whole && name.len > 0 && name.ptr[name.len - 1] != '/';
}

/* ---- Positions ---- */

struct follow_entry follow_file_entry(const struct file *file, struct hn_buf *head)
{
    struct follow_entry entry = { .device = file->device,
        .inode = file->inode,
        .print_bytes = file->print_bytes,
        .print = file->print,
        .offset = file->offset,
        .mark = file->mark,
        .member = file->member };

    if (file->format != NULL)
        entry.format = decode_format_name(file->format);
    if (file->pending > 0) { /* refused so far: what the decoder knew before it */
        hn_base64_encode(head, hn_bytes_of(file->head.ptr, file->head.len));
    } else if (file->decode != NULL) {
        struct hn_buf plain = { 0 };

        decode_stream_head(file->decode, &plain);
        hn_base64_encode(head, hn_bytes_of(plain.ptr, plain.len));
        hn_buf_deinit(&plain);
    } else {
        hn_base64_encode(head, hn_bytes_of(file->resume_head.ptr, file->resume_head.len));
    }
    entry.head = hn_buf_text(head);
    return entry;
}

/* One line, unless it would leave no room for `reserve` bytes more. */
static void add_entry(const struct follow_entry *entry, size_t reserve, struct hn_buf *out)
{
    size_t before = out->len;

    follow_entry_write(entry, out);
    if (hn_buf_ok(out) && out->len > INTAKE_POSITION_MAX - reserve)
        out->len = before;
}

/* The batch's own file, which has to be there. Where its header lines are longer than a position
 * may be, it is read from its start again rather than not at all. */
static size_t own_entry(const struct follow_entry *entry, struct hn_buf *out)
{
    struct follow_entry anew = *entry;

    follow_entry_write(entry, out);
    if (hn_buf_ok(out) && out->len > INTAKE_POSITION_MAX) {
        hn_buf_reset(out);
        anew.offset = 0;
        anew.mark = 0;
        anew.head.len = 0;
        follow_entry_write(&anew, out);
    }
    return out->len;
}

void follow_series_write(const struct series *series, const struct file *file,
        const struct follow_entry *entry, struct hn_buf *out)
{
    struct hn_buf own = { 0 };
    size_t reserve = own_entry(entry, &own);
    uint32_t count = 1;

    for (const struct file *each = series->files; each != NULL; each = each->next) {
        struct hn_buf head = { 0 };
        struct follow_entry other;

        if (each == file) {
            hn_buf_add_text(out, hn_buf_text(&own));
            reserve = 0;
            continue;
        }
        if (each->inode == UINT64_MAX || count == FOLLOW_GENERATIONS_MAX)
            continue; /* another stands for it */
        count++;
        other = follow_file_entry(each, &head);
        add_entry(&other, reserve, out);
        hn_buf_deinit(&head);
    }
    /* What has not been found yet may be found later. */
    for (uint32_t i = 0; i < series->restored_count && count < FOLLOW_GENERATIONS_MAX; i++) {
        if (series->restored[i].used)
            continue;
        add_entry(&series->restored[i].entry, 0, out);
        count++;
    }
    if (!hn_buf_ok(&own) && out->status == HN_OK)
        out->status = own.status;
    hn_buf_deinit(&own);
}
