/* Killed at every place: a door that is ended after each batch, and after random numbers of them,
 * hands in the very events of a single uninterrupted reading, whatever kind of file it reads. */
#include "follow_ledger.h"

#include "support/evtx_writer.h"
#include "support/pack.h"

#define ROWS 200

/* ---- Contents ---- */

static void make_lines(struct hn_buf *out)
{
    for (unsigned i = 0; i < ROWS; i++)
        hn_buf_addf(out, "line %03u says something that no other line says\n", i);
    hn_buf_add_lit(out, "the last one has no end");
}

static void make_csv(struct hn_buf *out)
{
    hn_buf_add_lit(out, "name,host,user,rule\n");
    for (unsigned i = 0; i < ROWS; i++)
        hn_buf_addf(out, "n%03u,host%u,\"user\n%u\",rule\n", i, i % 7, i);
}

static void make_other_csv(struct hn_buf *out)
{
    hn_buf_add_lit(out, "src_ip,dst_ip,action,bytes\n");
    for (unsigned i = 0; i < ROWS; i++)
        hn_buf_addf(out, "192.0.2.%u,198.51.100.7,deny,%u\n", i % 256, i * 17);
}

static void make_w3c(struct hn_buf *out)
{
    hn_buf_add_lit(out, "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
                        "#Date: 2026-11-23 00:00:00\n#Fields: date time c-ip cs-method\n");
    for (unsigned i = 0; i < ROWS; i++) {
        if (i == ROWS / 2)
            hn_buf_add_lit(out, "#Fields: date time cs-method c-ip\n");
        hn_buf_addf(out, "2026-11-23 01:02:%02u %s %s\n", i % 60,
                i < ROWS / 2 ? "192.0.2.1" : "GET", i < ROWS / 2 ? "GET" : "192.0.2.1");
    }
}

static void make_zeek(struct hn_buf *out)
{
    hn_buf_add_lit(out, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n"
                        "#unset_field\t-\n#path\tdns\n#fields\tts\tuid\n#types\ttime\tstring\n");
    for (unsigned i = 0; i < ROWS; i++)
        hn_buf_addf(out, "1795400%03u.0\tC%u\n", i, i);
}

static void make_json(struct hn_buf *out)
{
    hn_buf_add_lit(out, "[\n");
    for (unsigned i = 0; i < ROWS; i++)
        hn_buf_addf(out, "{\"eventName\":\n  \"Number%u\"}%s\n", i, i + 1 < ROWS ? "," : "");
    hn_buf_add_lit(out, "]\n");
}

static void make_audit(struct hn_buf *out)
{
    for (unsigned i = 0; i < ROWS; i++) {
        hn_buf_addf(out,
                "type=SYSCALL msg=audit(1700000000.100:%u): arch=c000003e syscall=59 success=yes "
                "exit=0 pid=1 comm=\"a\" exe=\"/a\"\n",
                i);
        hn_buf_addf(out, "type=EXECVE msg=audit(1700000000.100:%u): argc=1 a0=\"a%u\"\n", i, i);
        hn_buf_addf(out, "type=PROCTITLE msg=audit(1700000000.100:%u): proctitle=\"a\"\n", i);
    }
}

/* Three chunks; the second and third have leftovers of those before in their free space. */
static void make_evtx(struct hn_buf *out)
{
    struct evtx_writer *w = evtx_writer_new(out);
    size_t chunks;

    assert_non_null(w);
    for (unsigned i = 0; i < 700; i++) {
        char text[64];
        struct evtx_write_field field = { .name = "What", .type = EVTX_WRITE_STRING, .text = text };
        struct evtx_write_event event = { .provider = "Test",
            .channel = "Application",
            .computer = "host",
            .event_id = 7,
            .time = "2026-11-23T00:00:00Z",
            .fields = &field,
            .field_count = 1 };

        (void)snprintf(text, sizeof text, "record number %u of this log", i);
        assert_true(evtx_writer_add(w, &event));
    }
    assert_true(evtx_writer_end(w));
    evtx_writer_free(w);
    chunks = (out->len - 4096) / 65536;
    assert_true(chunks >= 3 && (out->len - 4096) % 65536 == 0);
    for (size_t i = 1; i < chunks; i++) {
        uint8_t *chunk = (uint8_t *)out->ptr + 4096 + i * 65536;
        uint32_t end = 512;

        while (end < 65536 - 28 && chunk[end] == 0x2A && chunk[end + 1] == 0x2A)
            end += (uint32_t)chunk[end + 4] + ((uint32_t)chunk[end + 5] << 8);
        memcpy(chunk + end, chunk - 65536 + end, 65536 - end);
    }
}

static void to_utf16(struct hn_buf *text, bool big)
{
    struct hn_buf out = { 0 };

    hn_buf_add(&out, big ? "\xFE\xFF" : "\xFF\xFE", 2);
    for (size_t i = 0; i < text->len; i++) {
        hn_buf_add_char(&out, big ? '\0' : text->ptr[i]);
        hn_buf_add_char(&out, big ? text->ptr[i] : '\0');
    }
    hn_buf_deinit(text);
    *text = out;
}

static const struct content {
    const char *format;
    void (*make)(struct hn_buf *out);
    int utf16; /* 1: little-endian, 2: big-endian */
} contents[] = {
    { "lines", make_lines, 0 },
    { "csv", make_csv, 0 },
    { "csv", make_other_csv, 0 },
    { "w3c", make_w3c, 0 },
    { "zeek", make_zeek, 0 },
    { "json", make_json, 0 },
    { "auditd", make_audit, 0 },
    { "evtx", make_evtx, 0 },
    { "csv", make_csv, 1 },
    { "lines", make_lines, 2 },
};

/* The bytes of the file; its events go to the ledger. */
static struct hn_buf make(const struct content *content, bool packed, struct ledger *ledger)
{
    struct hn_buf bytes = { 0 };

    content->make(&bytes);
    if (!packed && content->make == make_lines)
        hn_buf_add_char(&bytes, '\n'); /* what has no end is waited for */
    assert_true(hn_buf_ok(&bytes));
    ledger_add(ledger, content->format, hn_bytes_of("", 0), hn_bytes_of(bytes.ptr, bytes.len), 0);
    if (content->utf16 != 0)
        to_utf16(&bytes, content->utf16 == 2);
    return bytes;
}

static const struct packing {
    const char *name;
    const char *format; /* NULL: not packed */
    const char *filter;
} packings[] = {
    { "plain", NULL, NULL },
    { "gz", "raw", "gzip" },
    { "xz", "raw", "xz" },
    { "zst", "raw", "zstd" },
    { "bz2", "raw", "bzip2" },
    { "lz4", "raw", "lz4" },
    { "zip", "zip", "none" },
    { "tar", "ustar", "none" },
    { "tar.gz", "ustar", "gzip" },
    { "7z", "7zip", "none" },
};

static void write_packed(const struct case_door *door, const char *name,
        const struct packing *packing, const struct pack_entry *entries, size_t count)
{
    struct hn_buf packed;

    if (packing->format == NULL) {
        case_append(door, name, entries[0].content, entries[0].len);
        return;
    }
    packed = pack(packing->format, packing->filter, NULL, NULL, entries, count);
    case_append(door, name, packed.ptr, packed.len);
    hn_buf_deinit(&packed);
}

static void kill_one(const struct content *content, const struct packing *packing, uint32_t step,
        struct check_random *random)
{
    struct case_door *door = door_new("x.*", 1500 + check_random_below(random, 1000));
    struct ledger wanted;
    struct hn_buf bytes;
    struct pack_entry entry = { .name = "a.log" };
    char name[32];
    char what[128];

    ledger_init(&wanted);
    bytes = make(content, packing->format != NULL, &wanted);
    entry.content = bytes.ptr;
    entry.len = bytes.len;
    (void)snprintf(name, sizeof name, "x.%s", packing->name);
    (void)snprintf(what, sizeof what, "%s (%d) as %s, steps of %u", content->format, content->utf16,
            packing->name, step);
    write_packed(door, name, packing, &entry, 1);
    lives(door, step, random);
    expect(door, &wanted, what);
    ledger_deinit(&wanted);
    hn_buf_deinit(&bytes);
    case_free(door);
}

static void every_kind_at_every_batch(void **state)
{
    struct check_random random = { .state = 1 };

    (void)state;
    for (size_t c = 0; c < HN_COUNT_OF(contents); c++) {
        kill_one(&contents[c], &packings[0], 1, &random);
        kill_one(&contents[c], &packings[1], 1, &random);
    }
}

static void every_packing_at_every_batch(void **state)
{
    struct check_random random = { .state = 2 };

    (void)state;
    for (size_t p = 2; p < HN_COUNT_OF(packings); p++)
        kill_one(&contents[1], &packings[p], 1, &random);
}

static void every_kind_in_every_packing_at_random(void **state)
{
    struct check_random random = { .state = 20261123 };

    (void)state;
    for (size_t c = 0; c < HN_COUNT_OF(contents); c++) {
        for (size_t p = 0; p < HN_COUNT_OF(packings); p++)
            kill_one(&contents[c], &packings[p], 0, &random);
    }
}

/* Members of one archive, with a picture among them: each has its own format and header lines. */
static void archives_of_many_files(void **state)
{
    static const char picture[200000] = "\x89PNG\r\n\x1a\n";
    struct check_random random = { .state = 3 };

    (void)state;
    for (size_t p = 6; p < HN_COUNT_OF(packings); p++) {
        for (uint32_t step = 0; step < 2; step++) {
            struct case_door *door = door_new("x.*", 3000);
            struct pack_entry entries[HN_COUNT_OF(contents) + 1] = { 0 };
            struct hn_buf bytes[HN_COUNT_OF(contents)];
            struct ledger wanted;

            ledger_init(&wanted);
            for (size_t c = 0; c < HN_COUNT_OF(contents); c++) {
                bytes[c] = make(&contents[c], true, &wanted);
                entries[c] = (struct pack_entry){ "member", bytes[c].ptr, bytes[c].len };
            }
            entries[HN_COUNT_OF(contents)] = entries[3];
            entries[3] = (struct pack_entry){ "picture", picture, sizeof picture };
            write_packed(door, "x.all", &packings[p], entries, HN_COUNT_OF(entries));
            lives(door, step, &random);
            expect(door, &wanted, packings[p].name);
            ledger_deinit(&wanted);
            for (size_t c = 0; c < HN_COUNT_OF(contents); c++)
                hn_buf_deinit(&bytes[c]);
            case_free(door);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_at_every_batch),
        cmocka_unit_test(every_packing_at_every_batch),
        cmocka_unit_test(every_kind_in_every_packing_at_random),
        cmocka_unit_test(archives_of_many_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
