/* alert_writer.c - life of a writer; the formats have their own files. */
#include "alert/alert_internal.h"

#include "base/mem.h"

#define RULE_TEXTS_BYTES_MAX ((size_t)256 << 20)

struct alert_writer *alert_writer_new(enum alert_format format, const struct hn_zone *zone)
{
    struct alert_writer *writer = hn_calloc(1, sizeof *writer);

    if (writer == NULL)
        return NULL;
    writer->format = format;
    writer->zone = zone;
    hn_arena_init(&writer->arena, RULE_TEXTS_BYTES_MAX);
    return writer;
}

void alert_writer_free(struct alert_writer *writer)
{
    if (writer == NULL)
        return;
    hn_vec_deinit(&writer->rules[ALERT_RULE]);
    hn_vec_deinit(&writer->rules[ALERT_CORRELATION]);
    hn_buf_deinit(&writer->scratch);
    hn_arena_deinit(&writer->arena);
    hn_free(writer);
}

void alert_write(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out)
{
    switch (writer->format) {
    case ALERT_JSONL:
        write_jsonl(writer, alert, out);
        break;
    case ALERT_CSV:
        write_csv(writer, alert, out);
        break;
    case ALERT_OCSF:
        write_ocsf(writer, alert, out);
        break;
    }
}
