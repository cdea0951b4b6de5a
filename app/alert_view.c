/* alert_view.c - one alert on the screen: what fired, on which bytes, why it matters, what to check
 * next, when it is a false alarm, what was done with it. */
#include "app/alert_view.h"

#include "app/event_view.h"
#include "app/exit_code.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/num.h"
#include "base/utf.h"

#include <string.h>

#define VALUE_BYTES ((size_t)400) /* shown of one value of the event */
#define FIELDS_MAX  60

static const struct remote_column columns[] = {
    { .member = "seq", .head = "NO", .head_ja = "番号", .cell = REMOTE_NUMBER, .wide_max = 10 },
    { .member = "level",
            .head = "LEVEL",
            .head_ja = "レベル",
            .cell = REMOTE_LEVEL,
            .wide_max = 8 },
    { .member = "time", .head = "TIME", .head_ja = "時刻", .cell = REMOTE_TIME, .wide_max = 19 },
    { .member = "count",
            .head = "COUNT",
            .head_ja = "件数",
            .cell = REMOTE_NUMBER,
            .wide_max = 9,
            .keep = 3 },
    { .member = "host", .head = "HOST", .head_ja = "ホスト", .cell = REMOTE_HOST, .wide_max = 20 },
    { .member = "user", .head = "USER", .head_ja = "ユーザー", .wide_max = 18, .keep = 4 },
    { .member = "status",
            .head = "STATUS",
            .head_ja = "状態",
            .cell = REMOTE_WORD,
            .wide_max = 11,
            .keep = 1 },
    { .member = "incident",
            .head = "INCIDENT",
            .head_ja = "インシデント",
            .cell = REMOTE_NUMBER,
            .wide_max = 8,
            .keep = 2 },
    { .member = "hidden",
            .head = "HIDDEN",
            .head_ja = "非表示",
            .cell = REMOTE_WORD,
            .wide_max = 9,
            .keep = 6 },
    { .member = "assignee", .head = "WHO", .head_ja = "担当", .wide_max = 12, .keep = 5 },
    { .member = "title", .head = "ALERT", .head_ja = "アラート" },
    { .member = "id", .terse = true },
    { .member = "received", .terse = true },
    { .member = "last_seen", .terse = true },
    { .member = "first_seen", .terse = true },
    { .member = "kind", .terse = true },
    { .member = "rule_id", .terse = true },
    { .member = "techniques", .terse = true },
    { .member = "source", .terse = true },
    { .member = "tenant", .terse = true },
    { .member = "family", .terse = true },
    { .member = "verdict", .terse = true },
};
const struct remote_table alert_table = { columns, HN_COUNT_OF(columns) };

/* ---- Finding ---- */

static bool is_digest(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return text.len == 32;
}

int alert_find(struct remote *remote, const char *name, struct hn_text *ret_id)
{
    struct hn_text text = hn_text_cstr(name);
    struct hn_buf path = { 0 };
    struct client_items items;
    struct hn_text json;
    struct hn_text item;
    uint64_t seq;
    int code;

    if (is_digest(text)) {
        *ret_id = text;
        return EXIT_FINE;
    }
    if (text.len > 0 && text.ptr[0] == '#')
        text = hn_text_sub(text, 1, text.len);
    if (!hn_parse_u64(text, &seq) || seq == 0) {
        ui_error(UI_TEXT("\"%s\" is neither the number of an alert nor an id of 32 digits",
                         "\"%s\" はアラートの番号でも 32 桁の ID でもありません"),
                name);
        return EXIT_USAGE;
    }
    hn_buf_add_lit(&path, "/v1/alerts");
    client_query_u64(&path, "seq", seq);
    client_query(&path, "hidden", HN_TEXT("also"));
    code = remote_get(remote, &path, &json);
    hn_buf_deinit(&path);
    if (code != EXIT_FINE)
        return code;
    items = client_items_of(client_get(&remote->arena, json, "items"));
    if (!client_items_next(&items, &item) || !is_digest(client_text(&remote->arena, item, "id"))) {
        ui_error(UI_TEXT("there is no alert %s", "アラート %s はありません"), name);
        return EXIT_USAGE;
    }
    /* The answer is overwritten by the next one. */
    *ret_id = hn_arena_text(&remote->arena, client_text(&remote->arena, item, "id"));
    return ret_id->ptr == NULL ? EXIT_IO : EXIT_FINE;
}

void alert_path(struct hn_text id, const char *behind, struct hn_buf *path)
{
    hn_buf_add_lit(path, "/v1/alerts");
    client_segment(path, id);
    hn_buf_add_cstr(path, behind);
}

/* ---- Evidence ---- */

static void match_line(struct hn_text match, struct hn_arena *arena, struct hn_buf *out)
{
    struct hn_text field = client_text(arena, match, "field");
    struct hn_text modifier = client_text(arena, match, "modifier");
    struct hn_text selection = client_text(arena, match, "selection");
    int64_t start = client_int(arena, match, "start", 0);
    int64_t len = client_int(arena, match, "len", 0);

    hn_buf_add_lit(out, "  ");
    hn_buf_add_cstr(out, ui_style(UI_BLUE, ui.color_out));
    hn_terminal_text(out, field.len > 0 ? field : hn_text_cstr(UI_TEXT("(raw line)", "(元の行)")));
    if (modifier.len > 0) {
        hn_buf_add_char(out, '|');
        hn_terminal_text(out, modifier);
    }
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, " = ");
    hn_terminal_text(out, hn_text_sub(client_text(arena, match, "pattern"), 0, VALUE_BYTES));
    if (selection.len > 0) {
        hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
        hn_buf_add_lit(out, "  (");
        hn_terminal_text(out, selection);
        hn_buf_add_char(out, ')');
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    }
    hn_buf_add_lit(out, "\n      ");
    view_marked(client_text(arena, match, "value"), start < 0 ? 0 : (size_t)start,
            len < 0 ? 0 : (size_t)len, out);
    hn_buf_addf(out, "  %s", ui_style(UI_DIM, ui.color_out));
    hn_buf_addf(out, UI_TEXT("(bytes %lld to %lld)", "(バイト %lld〜%lld)"), (long long)start,
            (long long)(start + len));
    hn_buf_addf(out, "%s\n", ui_style(UI_PLAIN, ui.color_out));
}

static void parts_lines(struct hn_text correlation, const struct hn_zone *zone,
        struct hn_arena *arena, struct hn_buf *out)
{
    struct client_items parts = client_items_of(client_get(arena, correlation, "parts"));
    struct client_items group = client_members_of(client_get(arena, correlation, "group"));
    struct hn_text key;
    struct hn_text part;

    while (client_members_next(&group, arena, &key, &part)) {
        hn_buf_add_lit(out, "  ");
        hn_terminal_text(out, key);
        hn_buf_add_lit(out, " = ");
        hn_terminal_text(out, client_own_text(arena, part));
        hn_buf_add_char(out, '\n');
    }
    while (client_items_next(&parts, &part)) {
        hn_buf_add_lit(out, "  ");
        remote_add_time(out, client_time(arena, part, "time"), zone);
        hn_buf_add_lit(out, "  ");
        hn_terminal_text(out, client_text(arena, part, "rule"));
        hn_buf_add_char(out, '\n');
    }
}

static void why_fired(struct hn_text alert, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct client_items matches = client_items_of(client_get(arena, alert, "matches"));
    struct hn_text correlation = client_get(arena, alert, "correlation");
    struct hn_text indicator = client_get(arena, alert, "indicator");
    struct hn_text match;
    bool any = false;

    view_heading(out, "What fired, and on which bytes", "一致した箇所");
    while (client_items_next(&matches, &match)) {
        match_line(match, arena, out);
        any = true;
    }
    if (correlation.len > 0)
        parts_lines(correlation, zone, arena, out);
    if (indicator.len > 0) {
        view_fact(out, "Indicator", "指標", client_text(arena, indicator, "value"));
        view_fact(out, "Feed", "フィード", client_text(arena, indicator, "source"));
        view_fact(out, "Comment", "備考", client_text(arena, indicator, "comment"));
    }
    if (!any && correlation.len == 0 && indicator.len == 0)
        hn_buf_add_cstr(out, UI_TEXT("  (the alert does not say)\n", "  (記録なし)\n"));
}

/* ---- What the rule says ---- */

/* In the language of the user where there is such a text, else in the other. */
static struct hn_text context_text(
        struct hn_arena *arena, struct hn_text context, const char *en, const char *ja)
{
    struct hn_text wanted = client_get(arena, context, UI_TEXT(en, ja));

    return wanted.len > 0 ? wanted : client_get(arena, context, UI_TEXT(ja, en));
}

/* A paragraph whose first line goes on where something stands already. */
static void add_behind(struct hn_buf *out, struct hn_text text, unsigned indent)
{
    struct hn_buf prose = { 0 };

    remote_add_prose(&prose, text, indent);
    hn_buf_add_text(out, hn_text_sub(hn_buf_text(&prose), indent, prose.len));
    hn_buf_deinit(&prose);
}

static void rule_says(struct hn_text alert, struct hn_arena *arena, struct hn_buf *out)
{
    struct hn_text rule = client_get(arena, alert, "rule");
    struct hn_text context = client_get(arena, alert, "context");
    struct hn_text why = client_own_text(arena, context_text(arena, context, "why", "why_ja"));
    struct hn_text harmless =
            client_own_text(arena, context_text(arena, context, "false_alarm", "false_alarm_ja"));
    struct client_items next = client_items_of(context_text(arena, context, "next", "next_ja"));
    struct client_items known = client_items_of(client_get(arena, rule, "falsepositives"));
    struct hn_text item;
    unsigned number = 0;

    if (why.len == 0)
        why = client_text(arena, rule, "description");
    if (why.len > 0) {
        view_heading(out, "Why it matters", "なぜ重要か");
        remote_add_prose(out, why, 2);
    }
    while (client_items_next(&next, &item)) {
        if (number++ == 0)
            view_heading(out, "What to check next", "次に確認すること");
        hn_buf_addf(out, "  %u. ", number);
        add_behind(out, client_own_text(arena, item), 5);
    }
    number = harmless.len > 0;
    if (harmless.len > 0) {
        view_heading(out, "It is a false alarm when", "誤検知となる条件");
        remote_add_prose(out, harmless, 2);
    }
    /* What the rule's author lists says the same in English. */
    while (harmless.len == 0 && client_items_next(&known, &item)) {
        if (number++ == 0)
            view_heading(out, "It is a false alarm when", "誤検知となる条件");
        remote_add_prose(out, client_own_text(arena, item), 2);
    }
}

/* ---- Seen before, the event ---- */

static void seen_line(struct hn_text what, struct hn_text seen, const struct hn_zone *zone,
        struct hn_arena *arena, struct hn_buf *out)
{
    hn_buf_add_lit(out, "  ");
    ui_add_count(out, (uint64_t)client_int(arena, seen, "count", 0));
    hn_buf_add_cstr(out, UI_TEXT(" × ", " 回  "));
    hn_terminal_text(out, hn_text_sub(what, 0, 120));
    if (client_time(arena, seen, "first") != HN_TIME_NONE) {
        hn_buf_add_cstr(out, UI_TEXT(", first ", "、最初 "));
        remote_add_time(out, client_time(arena, seen, "first"), zone);
    }
    hn_buf_add_char(out, '\n');
}

static void seen_before(struct hn_text detail, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct hn_text seen = client_get(arena, detail, "seen");
    struct client_items evidence = client_items_of(client_get(arena, seen, "evidence"));
    struct hn_text item;

    if (seen.len == 0 || seen.ptr[0] != '{')
        return;
    view_heading(out, "Seen so far", "これまでの出現");
    seen_line(hn_text_cstr(UI_TEXT("this rule", "このルール")), client_get(arena, seen, "rule"),
            zone, arena, out);
    while (client_items_next(&evidence, &item)) {
        struct hn_buf what = { 0 };

        hn_buf_add_text(&what, client_text(arena, item, "field"));
        hn_buf_add_char(&what, '=');
        hn_buf_add_text(&what, client_text(arena, item, "value"));
        seen_line(hn_buf_text(&what), client_get(arena, item, "by_rule"), zone, arena, out);
        hn_buf_deinit(&what);
    }
}

static void event_fields(struct hn_text alert, struct hn_arena *arena, struct hn_buf *out)
{
    struct client_items fields = client_members_of(client_get(arena, alert, "event"));
    struct hn_text input = client_get(arena, alert, "input");
    unsigned count = 0;
    struct hn_text key;
    struct hn_text value;

    while (client_members_next(&fields, arena, &key, &value) && count < FIELDS_MAX) {
        if (count++ == 0)
            view_heading(out, "Event", "イベント");
        hn_buf_add_lit(out, "  ");
        hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
        ui_add_cell(out, key, 24);
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
        hn_buf_add_char(out, ' ');
        if (value.len > 0 && value.ptr[0] == '"')
            value = client_own_text(arena, value);
        hn_terminal_text(out, hn_text_sub(value, 0, VALUE_BYTES));
        hn_buf_add_cstr(out, value.len > VALUE_BYTES ? "…\n" : "\n");
    }
    if (client_text(arena, input, "file").len > 0) {
        struct hn_buf where = { 0 };

        hn_buf_add_text(&where, client_text(arena, input, "file"));
        hn_buf_addf(&where, UI_TEXT(", offset %lld", "、オフセット %lld"),
                (long long)client_int(arena, input, "offset", 0));
        view_fact(out, "Where", "場所", hn_buf_text(&where));
        hn_buf_deinit(&where);
    }
}

/* ---- The whole ---- */

static void list_fact(struct hn_buf *out, const char *en, const char *ja, struct hn_text list,
        struct hn_arena *arena)
{
    struct client_items items = client_items_of(list);
    struct hn_buf text = { 0 };
    struct hn_text item;

    while (client_items_next(&items, &item)) {
        hn_buf_add_cstr(&text, text.len > 0 ? " " : "");
        hn_buf_add_text(&text, client_own_text(arena, item));
    }
    view_fact(out, en, ja, hn_buf_text(&text));
    hn_buf_deinit(&text);
}

static void head(struct hn_text detail, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct hn_text alert = client_get(arena, detail, "alert");
    struct hn_text rule = client_get(arena, alert, "rule");
    enum sigma_level level = remote_level(client_text(arena, detail, "level"));
    int64_t incident = client_int(arena, detail, "incident", 0);
    char number[24] = "";

    hn_buf_addf(out, "%s%s%s  ", ui_style(ui_level_style(level), ui.color_out),
            ui_level_name(level), ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    hn_terminal_text(out, client_text(arena, detail, "title"));
    hn_buf_addf(out, "%s\n", ui_style(UI_PLAIN, ui.color_out));
    (void)snprintf(number, sizeof number, "#%lld", (long long)client_int(arena, detail, "seq", 0));
    view_fact(out, "Number", "番号", hn_text_cstr(number));
    view_fact(out, "Id", "ID", client_text(arena, detail, "id"));
    view_fact_time(out, "Time", "時刻", client_time(arena, detail, "time"), zone);
    view_fact_time(out, "Received", "受信", client_time(arena, detail, "received"), zone);
    view_fact(out, "Host", "ホスト", client_text(arena, detail, "host"));
    view_fact(out, "User", "ユーザー", client_text(arena, detail, "user"));
    view_fact(out, "Source", "ソース", client_text(arena, detail, "source"));
    view_fact(out, "Tenant", "テナント", client_text(arena, detail, "tenant"));
    view_fact(out, "Family", "ファミリー", client_text(arena, detail, "family"));
    list_fact(out, "ATT&CK", "ATT&CK", client_get(arena, detail, "techniques"), arena);
    view_fact(out, "Rule", "ルール", client_text(arena, detail, "rule_id"));
    view_fact(out, "Rule's file", "ルールの場所", client_text(arena, rule, "file"));
    view_fact_word(out, "Status", "状態", client_text(arena, detail, "status"));
    view_fact_word(out, "Verdict", "判定", client_text(arena, detail, "verdict"));
    view_fact(out, "Assignee", "担当", client_text(arena, detail, "assignee"));
    view_fact_word(out, "Hidden", "非表示", client_text(arena, detail, "hidden"));
    if (incident > 0) {
        (void)snprintf(number, sizeof number, "%lld", (long long)incident);
        view_fact(out, "Incident", "インシデント", hn_text_cstr(number));
    }
}

void alert_view_write(struct hn_text detail, struct hn_text history, struct hn_text context,
        const struct hn_zone *zone, struct hn_arena *arena, struct hn_buf *out)
{
    struct hn_text alert = client_get(arena, detail, "alert");

    head(detail, zone, arena, out);
    why_fired(alert, zone, arena, out);
    rule_says(alert, arena, out);
    seen_before(detail, zone, arena, out);
    event_fields(alert, arena, out);
    context_view_write(context, zone, arena, out);
    view_history(history, zone, arena, out);
}
