/* search_server.c - asks GET /v1/events page by page: a page ends by work done, so that one may be
 * empty and yet not the last. */
#include "app/search_server.h"

#include "app/event_view.h"
#include "app/exit_code.h"
#include "app/input_options.h"
#include "app/ui.h"
#include "base/escape.h"

#include <stdio.h>
#include <string.h>

#define PAGE_ROWS 200u

static const char csv_head[] = "time,host,user,place,event\r\n";

struct asking {
    const struct search_server *search;
    struct remote remote;
    enum remote_form form;
    struct hn_buf out;
    uint64_t found;
    uint64_t bytes; /* of the journal, read so far */
    bool enough;
};

bool search_server_wanted(const struct opt_values *values, unsigned history)
{
    return opt_flag(values, history) || opt_text(values, O_SERVER) != NULL ||
           opt_text(values, O_DATA_DIR) != NULL;
}

/* What only makes sense for files is refused rather than passed over. */
static int refuse_others(const struct opt_values *values)
{
    const char *const *passwords;

    if (opt_text(values, O_FORMAT) != NULL || opt_text(values, O_LOGSOURCE) != NULL ||
            opt_texts(values, O_PASSWORD, &passwords) > 0 || opt_text(values, O_FIELDS) != NULL ||
            opt_flag(values, O_AS_DECODED) || opt_number(values, O_THREADS, 0) > 0)
        return remote_usage(
                "--format, --logsource, --password, --threads, --fields and --as-decoded are for "
                "files, not for a server",
                "--format、--logsource、--password、--threads、--fields、--as-decoded は"
                "ファイルの検索用で、サーバーには使えません");
    return EXIT_FINE;
}

static int write_path(struct asking *asking, struct hn_buf *path)
{
    const struct search_server *search = asking->search;
    const struct opt_values *values = search->values;
    struct hn_buf query = { 0 };
    hn_time since;
    hn_time until;

    if (!input_time_parse(opt_text(values, O_SINCE), asking->remote.zone, &since) ||
            !input_time_parse(opt_text(values, O_UNTIL), asking->remote.zone, &until))
        return EXIT_USAGE;
    hn_buf_add_lit(path, "/v1/events");
    search_query_write(&search->query, &query);
    client_query(path, "query", hn_buf_text(&query));
    hn_buf_deinit(&query);
    client_query(path, "any", search->query.any ? HN_TEXT("true") : HN_TEXT(""));
    client_query(path, "case", search->query.cased ? HN_TEXT("true") : HN_TEXT(""));
    client_query(path, "regex", search->query.regex ? HN_TEXT("true") : HN_TEXT(""));
    client_query(path, "text", search->query.text ? HN_TEXT("true") : HN_TEXT(""));
    client_query(path, "raw",
            search->raw || asking->form == REMOTE_HUMAN ? HN_TEXT("true") : HN_TEXT(""));
    client_query_time(path, "from", since);
    client_query_time(path, "to", until);
    return EXIT_FINE;
}

/* ---- Rows ---- */

static void csv_row(struct hn_text item, struct hn_arena *arena, struct hn_buf *out)
{
    struct hn_text journal = client_get(arena, item, "journal");
    struct hn_buf text = { 0 };

    hn_csv_field(out, client_text(arena, item, "time"));
    hn_buf_add_char(out, ',');
    hn_csv_field(out, client_text(arena, item, "host"));
    hn_buf_add_char(out, ',');
    hn_csv_field(out, client_text(arena, item, "user"));
    hn_buf_addf(&text, "%lld:%lld", (long long)client_int(arena, journal, "offset", 0),
            (long long)client_int(arena, journal, "index", 0));
    hn_buf_add_char(out, ',');
    hn_csv_field(out, hn_buf_text(&text));
    hn_buf_add_char(out, ',');
    hn_csv_field(out, client_get(arena, item, "event"));
    hn_buf_add_lit(out, "\r\n");
    hn_buf_deinit(&text);
}

static void take_item(struct asking *asking, struct hn_text item)
{
    const struct search_server *search = asking->search;

    if (search->max > 0 && asking->found == search->max) {
        asking->enough = true;
        return;
    }
    asking->found++;
    if (search->count_only)
        return;
    if (asking->form == REMOTE_HUMAN) {
        event_view_write(item, asking->remote.zone, &asking->remote.arena, &asking->out);
    } else if (asking->form == REMOTE_CSV) {
        csv_row(item, &asking->remote.arena, &asking->out);
    } else {
        client_add_json(&asking->out, item);
        hn_buf_add_char(&asking->out, '\n');
    }
}

/* ---- Pages ---- */

static void show_progress(struct asking *asking, hn_time reached)
{
    struct hn_buf line = { 0 };

    if (!ui.progress || (ui.width > 0 && !asking->search->count_only && asking->found > 0))
        return;
    hn_buf_add_lit(&line, "\r\033[K");
    ui_add_bytes(&line, asking->bytes);
    hn_buf_add_cstr(&line, UI_TEXT(" of the journal read, back to ", " を検索、到達 "));
    remote_add_time(&line, reached, asking->remote.zone);
    hn_buf_add_cstr(&line, UI_TEXT(", found ", "、該当 "));
    ui_add_count(&line, asking->found);
    if (hn_buf_ok(&line))
        (void)ui_write(stderr, hn_buf_text(&line));
    hn_buf_deinit(&line);
}

static int take_page(struct asking *asking, const struct hn_buf *path, struct hn_buf *next)
{
    struct hn_arena *arena = &asking->remote.arena;
    struct hn_text json = { 0 };
    struct hn_text item;
    struct client_items items;
    int code = remote_get(&asking->remote, path, &json);

    hn_buf_reset(next);
    if (code != EXIT_FINE)
        return code;
    items = client_items_of(client_get(arena, json, "items"));
    while (client_items_next(&items, &item))
        take_item(asking, item);
    hn_buf_add_text(next, client_text(arena, json, "next"));
    asking->bytes += (uint64_t)client_int(arena, client_get(arena, json, "scanned"), "bytes", 0);
    if (ui.progress && asking->out.len > 0)
        (void)fputs("\r\033[K", stderr);
    if (!hn_buf_ok(&asking->out) || !ui_write(stdout, hn_buf_text(&asking->out)))
        code = EXIT_IO;
    hn_buf_reset(&asking->out);
    show_progress(asking, client_time(arena, json, "reached"));
    hn_arena_reset(arena);
    return code;
}

static int take_pages(struct asking *asking, const struct hn_buf *path)
{
    struct hn_buf page = { 0 };
    struct hn_buf next = { 0 };
    struct hn_buf former = { 0 };
    bool stuck = false;
    int code;

    do {
        hn_buf_reset(&page);
        hn_buf_reset(&former);
        hn_buf_add_text(&former, hn_buf_text(&next));
        hn_buf_add_text(&page, hn_buf_text(path));
        client_query_u64(&page, "limit", PAGE_ROWS);
        client_query(&page, "cursor", hn_buf_text(&next));
        code = take_page(asking, &page, &next);
        /* A cursor that does not move on would be followed for ever. */
        stuck = next.len > 0 && hn_text_eq(hn_buf_text(&next), hn_buf_text(&former));
    } while (code == EXIT_FINE && next.len > 0 && !asking->enough && !stuck);
    hn_buf_deinit(&page);
    hn_buf_deinit(&next);
    hn_buf_deinit(&former);
    return code;
}

static int ask(struct asking *asking)
{
    struct hn_buf path = { 0 };
    int code = write_path(asking, &path);

    if (asking->form == REMOTE_CSV)
        hn_buf_add(&asking->out, csv_head, sizeof csv_head - 1);
    if (code == EXIT_FINE)
        code = take_pages(asking, &path);
    if (ui.progress)
        (void)fputs("\r\033[K", stderr);
    if (code == EXIT_FINE && asking->search->count_only) {
        hn_buf_addf(&asking->out, "%llu\n", (unsigned long long)asking->found);
        if (!ui_write(stdout, hn_buf_text(&asking->out)))
            code = EXIT_IO;
    }
    hn_buf_deinit(&path);
    return code == EXIT_FINE && asking->found == 0 ? EXIT_FINDINGS : code;
}

int search_server_run(const struct search_server *search)
{
    struct asking asking = { .search = search };
    int code = refuse_others(search->values);

    asking.form = search->form == NULL                 ? ui.width > 0 ? REMOTE_HUMAN : REMOTE_JSONL
                  : strcmp(search->form, "human") == 0 ? REMOTE_HUMAN
                  : strcmp(search->form, "csv") == 0   ? REMOTE_CSV
                                                       : REMOTE_JSONL;
    if (search->count_only)
        asking.form = REMOTE_JSONL;
    if (code == EXIT_FINE)
        code = remote_open(search->values, &asking.remote);
    if (code == EXIT_FINE)
        code = ask(&asking);
    hn_buf_deinit(&asking.out);
    remote_close(&asking.remote);
    return code;
}
