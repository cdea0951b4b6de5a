/* alert_csv.c - an alert as one CSV line, for spreadsheets. */
#include "alert/alert_internal.h"

#include "base/escape.h"

static void cell(struct hn_buf *out, struct hn_text text)
{
    hn_csv_field(out, text);
    hn_buf_add_char(out, ',');
}

void write_time_cell(struct hn_buf *out, hn_time time, const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];

    if (time == HN_TIME_NONE)
        hn_buf_add_char(out, ',');
    else
        cell(out, hn_text_of(text, hn_time_write(time, hn_zone_offset_at(zone, time), text)));
}

/* Several values in one cell, "; " between them. */
static void techniques_cell(struct hn_buf *out, struct sigma_texts tags)
{
    char name[ALERT_ATTACK_MAX];
    bool first = true;

    for (uint32_t i = 0; i < tags.count; i++) {
        if (!alert_attack_technique(tags.ptr[i], name))
            continue;
        if (!first)
            hn_buf_add_char(out, ' ');
        hn_buf_add_cstr(out, name);
        first = false;
    }
    hn_buf_add_char(out, ',');
}

static void evidence_cell(
        struct alert_writer *writer, const struct alert *alert, struct hn_buf *out)
{
    struct hn_buf *text = &writer->scratch;

    hn_buf_reset(text);
    for (uint32_t i = 0; i < alert->match_count; i++) {
        if (i > 0)
            hn_buf_add_lit(text, "; ");
        hn_buf_add_text(text, alert->matches[i].field);
        hn_buf_add_char(text, '=');
        hn_buf_add_text(text, alert->matches[i].value);
    }
    for (uint32_t i = 0; alert->group_key != NULL && i < alert->group_by.count; i++) {
        if (i > 0)
            hn_buf_add_lit(text, "; ");
        hn_buf_add_text(text, alert->group_by.ptr[i]);
        hn_buf_add_char(text, '=');
        hn_buf_add_text(text, alert->group_key[i]);
    }
    fail_with(out, text);
    hn_csv_field(out, hn_buf_text(text));
}

void alert_write_header(enum alert_format format, struct hn_buf *out)
{
    if (format == ALERT_CSV)
        hn_buf_add_lit(out, "time,level,title,rule_id,attack,host,user,product,category,service,"
                            "file,offset,line,id,evidence\r\n");
}

void write_csv(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out)
{
    char hex[HN_DIGEST_HEX_LEN];

    write_time_cell(out, alert->time, writer->zone);
    cell(out, hn_text_cstr(sigma_level_text(alert->level)));
    cell(out, alert->meta->title);
    cell(out, alert->meta->id);
    techniques_cell(out, alert->meta->tags);
    cell(out, alert->host);
    cell(out, alert->user);
    cell(out, alert->source.product);
    cell(out, alert->source.category[0]);
    cell(out, alert->source.service[0]);
    cell(out, alert->file);
    hn_buf_addf(out, "%llu,", (unsigned long long)alert->offset);
    if (alert->line > 0)
        hn_buf_add_u64(out, alert->line);
    hn_buf_add_char(out, ',');
    hn_digest_hex(alert->id, hex);
    cell(out, hn_text_of(hex, sizeof hex));
    evidence_cell(writer, alert, out);
    hn_buf_add_lit(out, "\r\n");
}
