/* remote_list.c - a list of the server, page by page, in the form that was asked for. */
#include "app/remote_table.h"

#include "app/exit_code.h"
#include "app/ui.h"
#include "base/escape.h"

#include <string.h>

#define HUMAN_ROWS 100u
#define ROWS_MAX   10000000u
#define PAGE_ROWS  500u

struct listing {
    struct remote *remote;
    const struct remote_list *list;
    enum remote_form form;
    struct remote_rows rows; /* of a table, whose widths want all of them */
    struct hn_buf out;
    unsigned long max;
    unsigned long seen;
    unsigned long shown;
    bool more; /* than were asked for */
};

enum remote_form remote_form_of(const struct opt_values *values)
{
    const char *form = opt_text(values, O_OUTPUT_FORM);

    if (form == NULL)
        return ui.width > 0 ? REMOTE_HUMAN : REMOTE_JSONL;
    return strcmp(form, "human") == 0 ? REMOTE_HUMAN
           : strcmp(form, "csv") == 0 ? REMOTE_CSV
                                      : REMOTE_JSONL;
}

/* ---- CSV ---- */

static void csv_head(const struct remote_table *table, struct hn_buf *out)
{
    for (unsigned i = 0; i < table->count; i++)
        hn_buf_addf(out, "%s%s", i == 0 ? "" : ",", table->columns[i].member);
    hn_buf_add_lit(out, "\r\n");
}

/* Values as the server has them, so that programs need not know any language. */
static void csv_row(const struct remote_table *table, struct hn_arena *arena, struct hn_text item,
        struct hn_buf *out)
{
    struct hn_buf text = { 0 };

    for (unsigned i = 0; i < table->count; i++) {
        const struct remote_column *column = &table->columns[i];
        struct hn_text value = client_get(arena, item, column->member);
        struct client_items items = client_items_of(value);
        struct hn_text one;

        hn_buf_reset(&text);
        if (column->write != NULL) {
            column->write(arena, item, &text);
        } else if (items.is_list) {
            while (client_items_next(&items, &one)) {
                hn_buf_add_cstr(&text, text.len > 0 ? " " : "");
                hn_buf_add_text(&text, client_own_text(arena, one));
            }
        } else if (value.len > 0 && value.ptr[0] == '"') {
            hn_buf_add_text(&text, client_own_text(arena, value));
        } else if (!hn_text_eq(value, HN_TEXT("null"))) {
            hn_buf_add_text(&text, value);
        }
        hn_buf_add_cstr(out, i == 0 ? "" : ",");
        hn_csv_field(out, hn_buf_text(&text));
    }
    hn_buf_add_lit(out, "\r\n");
    hn_buf_deinit(&text);
}

/* ---- Pages ---- */

static void take_row(struct listing *listing, struct hn_text item)
{
    struct hn_arena *arena = &listing->remote->arena;

    if (listing->list->want != NULL && !listing->list->want(arena, item))
        return;
    if (listing->shown == listing->max) {
        listing->more = true;
        return;
    }
    listing->shown++;
    if (listing->form == REMOTE_HUMAN) {
        remote_rows_add(&listing->rows, item);
    } else if (listing->form == REMOTE_CSV) {
        csv_row(listing->list->table, arena, item, &listing->out);
    } else {
        client_add_json(&listing->out, item);
        hn_buf_add_char(&listing->out, '\n');
    }
}

/* False: stdout is gone, or there is no memory. */
static bool flush(struct listing *listing)
{
    bool fine = hn_buf_ok(&listing->out) && hn_buf_ok(&listing->rows.text) &&
                hn_buf_ok(&listing->rows.ends) && ui_write(stdout, hn_buf_text(&listing->out));

    hn_buf_reset(&listing->out);
    return fine;
}

/* One page; *next is where the next one begins, "" at the end. */
static int take_page(struct listing *listing, const struct hn_buf *path, struct hn_buf *next)
{
    struct hn_arena *arena = &listing->remote->arena;
    struct hn_text json = { 0 };
    struct hn_text item;
    struct hn_text more;
    unsigned long before = listing->seen;
    struct client_items items;
    int code = EXIT_FINE;

    hn_buf_reset(next);
    if (listing->list->document.ptr != NULL)
        json = listing->list->document;
    else
        code = remote_get(listing->remote, path, &json);
    if (code != EXIT_FINE)
        return code;
    items = client_items_of(client_get(arena, json, "items"));
    while (client_items_next(&items, &item)) {
        listing->seen++;
        take_row(listing, item);
    }
    more = client_get(arena, json, "next");
    if (more.len > 0 && more.ptr[0] == '"')
        more = client_own_text(arena, more);
    else if (hn_text_eq(more, HN_TEXT("null")))
        more.len = 0;
    /* A page without rows that promises more would be followed for ever. */
    if (listing->seen > before)
        hn_buf_add_text(next, more);
    hn_arena_reset(arena);
    return flush(listing) ? EXIT_FINE : EXIT_IO;
}

static int take_pages(struct listing *listing, const struct hn_buf *path)
{
    struct hn_buf page = { 0 };
    struct hn_buf next = { 0 };
    struct hn_buf former = { 0 };
    int code;

    do {
        unsigned long left = listing->max - listing->shown;

        hn_buf_reset(&former);
        hn_buf_add_text(&former, hn_buf_text(&next));

        hn_buf_reset(&page);
        hn_buf_add_text(&page, hn_buf_text(path));
        if (listing->list->more_name != NULL) {
            client_query_u64(&page, "limit", left < PAGE_ROWS ? left + 1 : PAGE_ROWS);
            client_query(&page, listing->list->more_name, hn_buf_text(&next));
        }
        code = take_page(listing, &page, &next);
        if (code == EXIT_FINE && listing->shown == listing->max && next.len > 0)
            listing->more = true;
        if (hn_text_eq(hn_buf_text(&next), hn_buf_text(&former)))
            break; /* a place that does not move on would be followed for ever */
    } while (code == EXIT_FINE && next.len > 0 && listing->list->more_name != NULL &&
             !listing->more);
    hn_buf_deinit(&page);
    hn_buf_deinit(&next);
    hn_buf_deinit(&former);
    return code;
}

static void finish_human(struct listing *listing)
{
    const struct remote_list *list = listing->list;

    if (listing->shown > 0)
        remote_table_human(list->table, &listing->rows, listing->remote->zone,
                &listing->remote->arena, &listing->out);
    if (ui.quiet)
        return;
    if (listing->shown == 0)
        hn_buf_addf(&listing->out, "%s\n", UI_TEXT(list->none, list->none_ja));
    if (listing->more)
        hn_buf_addf(&listing->out, "%s%s%s\n", ui_style(UI_DIM, ui.color_out),
                UI_TEXT("… and more (--max N)", "… ほかにもあります(--max N)"),
                ui_style(UI_PLAIN, ui.color_out));
}

int remote_list_show(struct remote *remote, const struct opt_values *values,
        const struct hn_buf *path, const struct remote_list *list)
{
    struct listing listing = { .remote = remote, .list = list, .form = remote_form_of(values) };
    int code;

    listing.max =
            opt_number(values, O_MAX_ROWS, listing.form == REMOTE_HUMAN ? HUMAN_ROWS : ROWS_MAX);
    if (listing.max == 0 || listing.max > ROWS_MAX)
        listing.max = ROWS_MAX;
    if (listing.form == REMOTE_CSV)
        csv_head(list->table, &listing.out);
    code = take_pages(&listing, path);
    if (code == EXIT_FINE && listing.form == REMOTE_HUMAN)
        finish_human(&listing);
    if (!flush(&listing) && code == EXIT_FINE)
        code = EXIT_IO;
    remote_rows_deinit(&listing.rows);
    hn_buf_deinit(&listing.out);
    return code;
}
