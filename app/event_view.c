/* event_view.c - events of a server for people: alone, and around an alert. */
#include "app/event_view.h"

#include "app/alert_view.h"
#include "app/cells.h"
#include "app/ui.h"
#include "base/escape.h"

#define MATCHES_MAX     6
#define SHOWN_BYTES     ((size_t)600)
#define SUMMARY_COLUMNS 150u /* of an event or process on one line */
#define PROCESSES_MAX   200
#define EVENTS_MAX      40

/* ---- One event ---- */

static void head(struct hn_text event, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct hn_text journal = client_get(arena, event, "journal");
    struct hn_text user = client_text(arena, event, "user");

    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    remote_add_time(out, client_time(arena, event, "time"), zone);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, "  ");
    hn_terminal_text(out, client_text(arena, event, "host"));
    if (user.len > 0) {
        hn_buf_add_lit(out, "  ");
        hn_terminal_text(out, user);
    }
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
    hn_buf_add_lit(out, "  ");
    hn_terminal_text(out, client_text(arena, journal, "source"));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

static bool matches(struct hn_text event, struct hn_arena *arena, struct hn_buf *out)
{
    struct client_items items = client_items_of(client_get(arena, event, "matches"));
    struct hn_text item;
    unsigned count = 0;

    while (count < MATCHES_MAX && client_items_next(&items, &item)) {
        struct hn_text field = client_text(arena, item, "field");
        int64_t start = client_int(arena, item, "start", 0);
        int64_t len = client_int(arena, item, "len", 0);

        hn_buf_add_lit(out, "  ");
        if (field.len > 0) {
            hn_buf_add_cstr(out, ui_style(UI_BLUE, ui.color_out));
            hn_terminal_text(out, field);
            hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
            hn_buf_add_lit(out, " = ");
        }
        view_marked(client_text(arena, item, "value"), start < 0 ? 0 : (size_t)start,
                len < 0 ? 0 : (size_t)len, out);
        hn_buf_add_char(out, '\n');
        count++;
    }
    return count > 0;
}

void event_view_write(struct hn_text event, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct hn_text raw = client_get(arena, event, "raw");

    head(event, zone, arena, out);
    if (matches(event, arena, out))
        return;
    if (raw.len > 0 && raw.ptr[0] == '"')
        raw = client_own_text(arena, raw);
    else
        raw = client_get(arena, event, "event");
    hn_buf_add_lit(out, "  ");
    hn_terminal_text(out, hn_text_sub(raw, 0, SHOWN_BYTES));
    hn_buf_add_cstr(out, raw.len > SHOWN_BYTES ? "…\n" : "\n");
}

/* ---- Around an alert ---- */

/* The field that says most about an event. */
static struct hn_text summary(struct hn_text event, struct hn_arena *arena)
{
    static const char *const names[] = { "CommandLine", "TargetFilename", "ScriptBlockText",
        "QueryName", "TargetObject", "ImageLoaded", "DestinationIp", "Image", "ImagePath", "url",
        "c-uri", "cs-uri-stem", "subject", "message", "msg", "Message", "RelativeTargetName",
        "ShareName", "ServiceName", "Threat_Name", "TargetUserName" };
    struct hn_text fields = client_get(arena, event, "event");

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct hn_text value = client_text(arena, fields, names[i]);

        if (value.len > 0)
            return value;
    }
    return fields;
}

/* Cut, and without the blanks of a cell. */
static void add_cut(struct hn_buf *out, struct hn_text text, unsigned columns)
{
    struct hn_buf cell = { 0 };

    ui_add_cell(&cell, text, columns);
    while (cell.len > 0 && cell.ptr[cell.len - 1] == ' ')
        cell.len--;
    hn_buf_add_text(out, hn_buf_text(&cell));
    hn_buf_deinit(&cell);
}

static void event_line(struct hn_text event, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    bool self = client_is(arena, event, "self");
    struct client_items related = client_items_of(client_get(arena, event, "related"));
    struct hn_text fields = client_get(arena, event, "event");
    struct hn_text id = client_get(arena, fields, "EventID");
    struct hn_buf why = { 0 };
    struct hn_text item;

    while (client_items_next(&related, &item)) {
        hn_buf_add_cstr(&why, why.len > 0 ? "," : "");
        hn_buf_add_text(&why, client_own_text(arena, item));
    }
    hn_buf_add_cstr(out, self ? ui_style(UI_BOLD, ui.color_out) : "");
    hn_buf_add_cstr(out, self ? "> " : "  ");
    remote_add_time(out, client_time(arena, event, "time"), zone);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_buf_text(&why), 10);
    hn_buf_add_char(out, ' ');
    if (id.len > 0 && id.ptr[0] == '"')
        id = client_own_text(arena, id);
    ui_add_cell(out, id.len > 0 ? id : HN_TEXT("-"), 5);
    hn_buf_add_char(out, ' ');
    /* 39 columns stand before it. */
    add_cut(out, summary(event, arena), ui.width > 60 ? ui.width - 40 : SUMMARY_COLUMNS);
    hn_buf_add_cstr(out, self ? ui_style(UI_PLAIN, ui.color_out) : "");
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&why);
}

/* Parents come before children in the list; a parent that does not counts as none. */
static void process_tree(struct hn_text context, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct client_items items = client_items_of(client_get(arena, context, "processes"));
    unsigned depths[PROCESSES_MAX] = { 0 };
    struct hn_text item;
    unsigned count = 0;

    while (count < PROCESSES_MAX && client_items_next(&items, &item)) {
        int64_t parent = client_int(arena, item, "parent", -1);
        bool self = hn_text_eq(client_text(arena, item, "relation"), HN_TEXT("self"));
        struct hn_text command = client_text(arena, item, "command");

        if (count == 0)
            view_heading(out, "Processes", "プロセス");
        depths[count] = parent >= 0 && parent < (int64_t)count ? depths[parent] + 1 : 0;
        hn_buf_add_cstr(out, self ? ui_style(UI_BOLD, ui.color_out) : "");
        hn_buf_add_cstr(out, self ? "> " : "  ");
        if (client_time(arena, item, "time") == HN_TIME_NONE)
            ui_add_cell(out, HN_TEXT("-"), CELL_TIME_COLUMNS);
        else
            cell_time(out, client_time(arena, item, "time"), zone);
        hn_buf_add_repeat(out, ' ', 2 + 2 * (size_t)(depths[count] > 20 ? 20 : depths[count]));
        add_cut(out, command.len > 0 ? command : client_text(arena, item, "image"),
                SUMMARY_COLUMNS);
        hn_buf_add_lit(out, "  [");
        hn_terminal_text(out, client_text(arena, item, "pid"));
        hn_buf_add_lit(out, "]");
        hn_buf_add_cstr(out, self ? ui_style(UI_PLAIN, ui.color_out) : "");
        hn_buf_add_char(out, '\n');
        count++;
    }
}

void context_view_write(struct hn_text context, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct client_items items = client_items_of(client_get(arena, context, "events"));
    struct hn_text found = client_get(arena, context, "found");
    struct hn_text item;
    unsigned count = 0;
    unsigned left = 0;

    process_tree(context, zone, arena, out);
    while (client_items_next(&items, &item)) {
        if (count == EVENTS_MAX) {
            left++;
            continue;
        }
        if (count++ == 0)
            view_heading(out, "What else happened around it", "前後の出来事");
        event_line(item, zone, arena, out);
    }
    if (count == 0)
        return;
    hn_buf_addf(out, "  %s", ui_style(UI_DIM, ui.color_out));
    hn_buf_addf(out,
            UI_TEXT("in all: %lld of the host, %lld of the user, %lld of the addresses; %u not "
                    "shown%s",
                    "全体: ホスト %lld 件、ユーザー %lld 件、アドレス %lld 件、非表示 %u 件%s"),
            (long long)client_int(arena, found, "host", 0),
            (long long)client_int(arena, found, "user", 0),
            (long long)client_int(arena, found, "address", 0), left,
            client_is(arena, client_get(arena, context, "searched"), "complete")
                    ? ""
                    : UI_TEXT("; not all of the journal could be searched",
                              "、ジャーナルの一部は未検索"));
    hn_buf_addf(out, "%s\n", ui_style(UI_PLAIN, ui.color_out));
}
