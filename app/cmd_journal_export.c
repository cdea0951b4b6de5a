/* cmd_journal_export.c - hinomi journal export: what came in, as it came in, or a line about each
 * record. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/ui.h"

#include "base/json_out.h"
#include "base/num.h"
#include "intake/intake.h"

#include <string.h>

enum { O_OUTPUT, O_FROM, O_UNTIL_PLACE };

static const struct opt_spec options[] = {
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "raw|jsonl",
            "bodies as they came in, or a line about each record (default: raw)",
            "受信したままの内容、またはレコードごとに 1 行(既定: raw)" },
    { O_FROM, "from", '\0', OPT_TEXT, "PLACE", NULL,
            "only from this journal offset, or this time of receipt, on",
            "このオフセット(数字)、またはこの受信時刻から" },
    { O_UNTIL_PLACE, "until", '\0', OPT_TEXT, "PLACE", NULL,
            "only before this journal offset, or this time of receipt",
            "このオフセット(数字)、またはこの受信時刻の手前まで" },
};

/* Digits are an offset, anything else is a time. */
struct place {
    bool given;
    uint64_t offset;
    hn_time time; /* HN_TIME_NONE: by offset */
};

static bool place_read(const struct opt_values *values, unsigned id, struct place *ret_place)
{
    const char *text = opt_text(values, id);
    const struct hn_time_defaults defaults = { 0 };

    *ret_place = (struct place){ .given = text != NULL, .time = HN_TIME_NONE };
    if (text == NULL || hn_parse_u64(hn_text_cstr(text), &ret_place->offset))
        return true;
    ret_place->time = hn_time_parse(hn_text_cstr(text), &defaults);
    if (ret_place->time != HN_TIME_NONE)
        return true;
    ui_error("%s", UI_TEXT("--from and --until take an offset or a time",
                           "--from と --until にはオフセットか時刻を指定してください"));
    return false;
}

static bool is_before(const struct journal_record *record, const struct place *place)
{
    return place->time != HN_TIME_NONE ? record->received < place->time
                                       : record->offset < place->offset;
}

static const char *kind_name(enum journal_kind kind)
{
    switch (kind) {
#define KIND_NAME(name, number, text) \
    case name:                        \
        return text;
        JOURNAL_KIND_LIST(KIND_NAME)
#undef KIND_NAME
    }
    return "unknown";
}

static void add_line(
        const struct journal_record *record, const struct intake_batch *batch, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);
    char time[HN_TIME_TEXT_MAX];

    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "offset", record->offset);
    hn_json_pair_u64(&json, "next", record->next);
    hn_json_pair(&json, "kind", hn_text_cstr(kind_name(record->kind)));
    hn_json_pair(&json, "received", hn_text_of(time, hn_time_write(record->received, 0, time)));
    if (batch != NULL) {
        hn_json_pair(&json, "source", batch->source);
        hn_json_pair(&json, "tenant", batch->tenant);
        hn_json_pair(&json, "format", batch->format);
        hn_json_pair(&json, "stream", batch->stream);
        hn_json_pair(&json, "key", batch->key);
        hn_json_pair(&json, "position", batch->position);
        hn_json_pair_u64(&json, "stream_offset", batch->offset);
        hn_json_pair_u64(&json, "line", batch->line);
        hn_json_pair_u64(&json, "bytes", batch->body.len);
    }
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

struct export
{
    struct place from;
    struct place until;
    bool lines;
    unsigned unreadable; /* stretches and batches */
};

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    struct export *export = ctx;

    export->unreadable++;
    ui_warn(UI_TEXT("%s: offsets %llu to %llu are lost: %s",
                    "%s: オフセット %llu〜%llu は失われています: %s"),
            damage->file, (unsigned long long)damage->start, (unsigned long long)damage->end,
            damage->reason);
}

static bool write_record(
        struct export *export, const struct journal_record *record, struct hn_buf *out)
{
    struct intake_batch batch;
    bool is_batch = false;

    if (record->kind == JOURNAL_BATCH) {
        is_batch = intake_batch_read(record->payload, &batch, NULL) == HN_OK;
        export->unreadable += !is_batch;
    }
    if (!export->lines)
        return !is_batch || ui_write(stdout, hn_bytes_as_text(batch.body));
    hn_buf_reset(out);
    add_line(record, is_batch ? &batch : NULL, out);
    return hn_buf_ok(out) && ui_write(stdout, hn_buf_text(out));
}

static int export_all(struct export *export, const char *dir)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct hn_buf out = { 0 };
    struct hn_err err = { 0 };
    bool written = true;
    enum hn_status status = journal_reader_open_dir(dir,
            export->from.time == HN_TIME_NONE ? export->from.offset : 0, on_damage, export, &reader,
            &err);

    while (status == HN_OK && written) {
        status = journal_read(reader, 0, &record, &err);
        if (status != HN_OK || (export->until.given && !is_before(&record, &export->until)))
            break;
        if (!export->from.given || !is_before(&record, &export->from))
            written = write_record(export, &record, &out);
    }
    journal_reader_close(reader);
    hn_buf_deinit(&out);
    if (status != HN_OK && status != HN_NOTFOUND) {
        ui_error_at(hn_text_cstr(dir), &err);
        return EXIT_IO;
    }
    if (!written)
        return EXIT_IO;
    return export->unreadable > 0 ? EXIT_PARTIAL : EXIT_FINE;
}

static int export_run(const struct opt_values *values)
{
    const char *form = opt_text(values, O_OUTPUT);
    struct export export = { .lines = form != NULL && strcmp(form, "jsonl") == 0 };

    if (values->operand_count != 1) {
        ui_error("%s", UI_TEXT("one journal folder is wanted",
                               "ジャーナルのフォルダーを一つ指定してください"));
        return EXIT_USAGE;
    }
    if (!place_read(values, O_FROM, &export.from) ||
            !place_read(values, O_UNTIL_PLACE, &export.until))
        return EXIT_USAGE;
    return export_all(&export, values->operands[0]);
}

const struct opt_command cmd_journal_export = {
    .name = "journal export",
    .operands = "DIR",
    .summary = "Writes what a journal holds: the logs as they came in, or a line about each record",
    .summary_ja = "ジャーナルの内容を出力(受信したままのログ、またはレコードごとに 1 行)",
    .details =
            "PLACE is a journal offset (digits) or a time of receipt (2026-11-23T01:02:03Z). May "
            "be "
            "run while the server writes. Records are in the order in which they came in; damaged "
            "stretches are named on standard error and left out.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = export_run,
};
