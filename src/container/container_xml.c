/* container_xml.c - XML of no format that has an opener of its own: addresses in it, and what it
 * would start: consoles (.msc), style sheets with scripts (.xsl), tasks, sandbox settings (.wsb),
 * project files (MSBuild). Each is told by its elements, whatever the file is called. */
#include "container/container_internal.h"

#include "base/xml.h"

#define XML_BYTES_MAX    ((size_t)4 << 20)
#define TEXT_BYTES_MAX   ((size_t)1 << 20)
#define ELEMENTS_MAX     65536u
#define COMMAND_BYTES    8192u
#define SCRIPT_BYTES_MIN 20u

struct markup {
    struct dissect *dissect;
    uint32_t id;
    struct hn_xml xml;
    struct hn_buf seen;    /* values that may hold addresses, a line each */
    struct hn_buf command; /* of an action whose arguments may follow */
    struct hn_text language;
    bool action; /* within an element whose Command is started */
    enum hn_status status;
};

/* Without the prefix. */
static struct hn_text local_name(struct hn_text name)
{
    size_t at = hn_text_find_char(name, ':', 0);

    return at == SIZE_MAX ? name : hn_text_sub(name, at + 1, SIZE_MAX);
}

static bool is(struct hn_text name, const char *wanted)
{
    return hn_text_eq_nocase(local_name(name), hn_text_cstr(wanted));
}

/* References resolved; in the arena where there are any. */
static struct hn_text plain(struct markup *markup, struct hn_text text)
{
    char *room;

    text = hn_text_trim(text);
    if (hn_xml_is_plain(text) || markup->xml.cdata)
        return text;
    room = hn_arena_raw(dissect_arena(markup->dissect), text.len, 1);
    if (room == NULL) {
        markup->status = container_no_memory(markup->dissect, markup->id);
        return hn_text_of("", 0);
    }
    return hn_text_of(room, hn_xml_unescape(text, room, NULL));
}

static void add(struct markup *markup, struct hn_text text, enum dissect_format format,
        const char *relation)
{
    struct container_entry out = {
        .name = hn_text_cstr(relation), .name_is_utf8 = true, .relation = relation, .format = format
    };
    struct hn_text kept = hn_arena_text(dissect_arena(markup->dissect), text);

    out.data = hn_text_as_bytes(kept);
    if (kept.ptr == NULL)
        markup->status = container_no_memory(markup->dissect, markup->id);
    else if (text.len > 0 && markup->status == HN_OK)
        markup->status = container_add(markup->dissect, markup->id, &out, NULL);
}

static void see(struct markup *markup, struct hn_text value)
{
    if (markup->seen.len + value.len >= TEXT_BYTES_MAX ||
            (hn_text_find(value, HN_TEXT("://"), 0) == SIZE_MAX &&
                    hn_text_find(value, HN_TEXT("\\\\"), 0) == SIZE_MAX))
        return;
    hn_buf_add_text(&markup->seen, value);
    hn_buf_add_char(&markup->seen, '\n');
}

/* ---- What is started ---- */

static void start_command(struct markup *markup, struct hn_text command)
{
    hn_buf_reset(&markup->command);
    hn_buf_add_text(&markup->command, hn_text_sub(command, 0, COMMAND_BYTES));
}

static void add_arguments(struct markup *markup, struct hn_text arguments)
{
    if (markup->command.len == 0 || arguments.len == 0)
        return;
    hn_buf_add_char(&markup->command, ' ');
    hn_buf_add_text(&markup->command, hn_text_sub(arguments, 0, COMMAND_BYTES));
}

static void end_command(struct markup *markup)
{
    if (markup->command.len > 0)
        add(markup, hn_buf_text(&markup->command), DISSECT_COMMAND, "command");
    hn_buf_reset(&markup->command);
}

/* Texts of a console are names, but for those that its own pages run. */
static void console_string(struct markup *markup, struct hn_text text)
{
    static const char *const marks[] = { "ActiveXObject", "CreateObject", "WScript", "eval(",
        "unescape(", "transformNode", "<script", "execScript" };
    struct hn_text redirect = HN_TEXT("redirect.html?target=");

    if (hn_text_find_nocase(text, redirect, 0) != SIZE_MAX &&
            hn_text_find_nocase(text, HN_TEXT("javascript:"), 0) != SIZE_MAX) {
        dissect_fact(markup->dissect, markup->id, "console_redirect", text);
        return;
    }
    for (size_t i = 0; i < HN_COUNT_OF(marks) && text.len >= SCRIPT_BYTES_MIN; i++) {
        if (hn_text_find_nocase(text, hn_text_cstr(marks[i]), 0) != SIZE_MAX) {
            add(markup, text, text.ptr[0] == '<' ? DISSECT_UNKNOWN : DISSECT_JSCRIPT, "script");
            return;
        }
    }
}

static void style_script(struct markup *markup, struct hn_text text)
{
    bool basic = hn_text_find_nocase(markup->language, HN_TEXT("vbs"), 0) != SIZE_MAX;

    if (hn_text_starts_nocase(markup->language, HN_TEXT("c#")) ||
            hn_text_starts_nocase(markup->language, HN_TEXT("csharp"))) {
        dissect_note(markup->dissect, markup->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                "a program in C# is compiled and run: read it");
    } else {
        add(markup, text, basic ? DISSECT_VBSCRIPT : DISSECT_JSCRIPT, "script");
    }
}

static void on_text(struct markup *markup)
{
    struct hn_text name =
            markup->xml.depth > 0 ? markup->xml.open[markup->xml.depth - 1] : HN_TEXT("");
    struct hn_text text = plain(markup, markup->xml.text);

    if (text.len == 0)
        return;
    see(markup, text);
    if (is(name, "script"))
        style_script(markup, text);
    else if (is(name, "String"))
        console_string(markup, text);
    else if (is(name, "Command") && markup->action)
        start_command(markup, text);
    else if (is(name, "Arguments") && markup->action)
        add_arguments(markup, text);
    else if (is(name, "Code") && hn_text_find_char(text, '{', 0) != SIZE_MAX)
        dissect_note(markup->dissect, markup->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                "a program in source is compiled and run: read it");
}

static bool is_action(struct hn_text name)
{
    return is(name, "Exec") || is(name, "LogonCommand");
}

static void on_element(struct markup *markup)
{
    struct hn_text name = markup->xml.name;

    for (uint32_t i = 0; i < markup->xml.attr_count && markup->status == HN_OK; i++) {
        struct hn_text attribute = markup->xml.attrs[i].name;
        struct hn_text value;

        if (hn_text_starts(attribute, HN_TEXT("xmlns")) || is(attribute, "schemaLocation"))
            continue;
        value = plain(markup, markup->xml.attrs[i].value);
        see(markup, value);
        if (is(name, "Exec") && is(attribute, "Command")) {
            start_command(markup, HN_TEXT("cmd.exe /c")); /* MSBuild has cmd run it */
            add_arguments(markup, value);
        } else if (is(name, "Task") && is(attribute, "Command"))
            start_command(markup, value);
        else if (is(name, "CommandLine") && is(attribute, "Params"))
            add_arguments(markup, value);
    }
    if (is(name, "script"))
        markup->language = hn_xml_attr(&markup->xml, HN_TEXT("language"));
    markup->action = markup->action || is_action(name);
}

/* The style sheet that a reader fetches. */
static void look_for_style(struct markup *markup, struct hn_text text)
{
    size_t at = hn_text_find_nocase(text, HN_TEXT("<?xml-stylesheet"), 0);
    struct hn_text line;

    if (at == SIZE_MAX)
        return;
    line = hn_text_sub(text, at, COMMAND_BYTES);
    line = hn_text_sub(line, 0, hn_text_find(line, HN_TEXT("?>"), 0));
    at = hn_text_find_nocase(line, HN_TEXT("href="), 0);
    if (at == SIZE_MAX || at + 6 >= line.len)
        return;
    line = hn_text_sub(line, at + 5, SIZE_MAX);
    at = hn_text_find_char(line, line.ptr[0], 1);
    line = hn_text_sub(line, 1, at == SIZE_MAX ? SIZE_MAX : at - 1);
    container_pointer(markup->dissect, markup->id, "style_sheet", line);
}

static void walk(struct markup *markup)
{
    enum hn_xml_kind kind = HN_XML_START;

    for (uint32_t i = 0; i < ELEMENTS_MAX && kind > HN_XML_END_OF_INPUT && markup->status == HN_OK;
            i++) {
        kind = hn_xml_next(&markup->xml);
        if (kind == HN_XML_START) {
            on_element(markup);
        } else if (kind == HN_XML_TEXT) {
            on_text(markup);
        } else if (kind == HN_XML_END &&
                   (is_action(markup->xml.name) || is(markup->xml.name, "Task"))) {
            end_command(markup);
            markup->action = false;
        }
    }
    /* What is no XML for us may be for others: the rest is looked through as it stands. */
    if (kind == HN_XML_FAILED)
        see(markup, hn_text_sub(markup->xml.in, markup->xml.pos, TEXT_BYTES_MAX / 2));
    else if (kind > HN_XML_END_OF_INPUT && markup->status == HN_OK)
        dissect_note(markup->dissect, markup->id, DISSECT_NOTE_LIMIT, markup->xml.pos,
                "more than %u elements", ELEMENTS_MAX);
}

enum hn_status container_open_xml(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_bytes data = dissect_get(dissect, id)->data;
    struct markup *markup = hn_new(dissect_arena(dissect), struct markup, 1);
    struct hn_text text = container_as_text(dissect, container_cut(data, 0, XML_BYTES_MAX));

    if (markup == NULL || text.ptr == NULL)
        return container_no_memory(dissect, id);
    *markup = (struct markup){ .dissect = dissect, .id = id };
    hn_xml_init(&markup->xml, text);
    look_for_style(markup, text);
    walk(markup);
    dissect_text(dissect, id, "body", hn_buf_text(&markup->seen), HN_TEXT(""), DISSECT_NOWHERE);
    hn_buf_deinit(&markup->seen);
    hn_buf_deinit(&markup->command);
    return markup->status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
