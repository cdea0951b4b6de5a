/* container_html.c - pages: their scripts as children, links and forms, texts, data: URLs. A
 * scanner of tags that forgives what browsers forgive; no tree is built. */
#include "container/container_html.h"

#include "base/enc.h"
#include "base/mem.h"
#include "base/utf.h"
#include "base/xml.h"

#define ATTRIBUTES_MAX    64u
#define VISIBLE_BYTES_MAX ((size_t)256 << 10)
#define LINK_BYTES_MAX    8192u
#define HANDLER_BYTES_MAX ((size_t)1 << 20)
#define DATA_MIN          64u
#define TAG_NAME_MAX      64u
#define ELEMENTS_MAX      256u /* whose contents scripts may read */
#define ELEMENT_ID_MAX    128u

struct attribute {
    struct hn_text name;
    struct hn_text value;
};

struct tag {
    struct hn_text name;
    struct attribute attributes[ATTRIBUTES_MAX];
    size_t count;
    size_t end; /* behind '>' */
    bool closing;
    bool no_double; /* no quote stands behind any more: found out once, not for each attribute */
    bool no_single;
};

void page_add(struct page *page, const struct container_entry *entry)
{
    enum hn_status status = container_add(page->dissect, page->id, entry, NULL);

    if (status != HN_OK)
        page->status = status;
}

/* ---- Tags ---- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_name_end(char c)
{
    return is_space(c) || c == '>' || c == '/' || c == '=';
}

static size_t read_value(struct hn_text text, size_t at, struct tag *tag, struct hn_text *ret_value)
{
    size_t end;

    while (at < text.len && is_space(text.ptr[at]))
        at++;
    if (at < text.len && (text.ptr[at] == '"' || text.ptr[at] == '\'')) {
        bool *none = text.ptr[at] == '"' ? &tag->no_double : &tag->no_single;

        end = *none ? SIZE_MAX : hn_text_find_char(text, text.ptr[at], at + 1);
        *none = end == SIZE_MAX;
        if (end != SIZE_MAX) {
            *ret_value = hn_text_sub(text, at + 1, end - at - 1);
            return end + 1;
        }
    }
    end = at;
    while (end < text.len && !is_space(text.ptr[end]) && text.ptr[end] != '>')
        end++;
    *ret_value = hn_text_sub(text, at, end - at);
    return end;
}

/* The tag at '<'. False: it is none. */
static bool read_tag(struct hn_text text, size_t at, struct tag *tag)
{
    size_t start;

    at++;
    tag->count = 0;
    tag->closing = at < text.len && text.ptr[at] == '/';
    at += tag->closing;
    start = at;
    while (at < text.len && at - start <= TAG_NAME_MAX && !is_name_end(text.ptr[at]))
        at++;
    tag->name = hn_text_sub(text, start, at - start);
    if (tag->name.len == 0 || tag->name.len > TAG_NAME_MAX)
        return false;
    while (at < text.len && text.ptr[at] != '>') {
        struct attribute attribute = { 0 };

        if (is_space(text.ptr[at]) || text.ptr[at] == '/' || text.ptr[at] == '=') {
            at++;
            continue;
        }
        start = at;
        while (at < text.len && !is_name_end(text.ptr[at]))
            at++;
        attribute.name = hn_text_sub(text, start, at - start);
        while (at < text.len && is_space(text.ptr[at]))
            at++;
        attribute.value = hn_text_of("", 0);
        if (at < text.len && text.ptr[at] == '=')
            at = read_value(text, at + 1, tag, &attribute.value);
        if (tag->count < ATTRIBUTES_MAX)
            tag->attributes[tag->count++] = attribute;
    }
    tag->end = at < text.len ? at + 1 : at;
    return true;
}

static bool is(const struct tag *tag, const char *name)
{
    return hn_text_eq_nocase(tag->name, hn_text_cstr(name));
}

/* As it stands; ptr NULL: it has none. */
static struct hn_text attribute_of(const struct tag *tag, const char *name)
{
    for (size_t i = 0; i < tag->count; i++)
        if (hn_text_eq_nocase(tag->attributes[i].name, hn_text_cstr(name)))
            return tag->attributes[i].value;
    return hn_text_of(NULL, 0);
}

/* With its references resolved, without the control characters that browsers drop; in the arena. */
static struct hn_text resolved(struct page *page, struct hn_text value)
{
    char *out = hn_arena_raw(dissect_arena(page->dissect), value.len + 1, 1);
    size_t len;
    size_t kept = 0;

    if (out == NULL)
        return hn_text_of("", 0);
    len = hn_xml_unescape(value, out, NULL);
    for (size_t i = 0; i < len; i++)
        if (out[i] != '\n' && out[i] != '\r' && out[i] != '\t')
            out[kept++] = out[i];
    return hn_text_trim(hn_text_of(out, kept));
}

/* ---- Links ---- */

bool page_data_url(struct page *page, struct hn_text url, const char *relation)
{
    size_t comma = hn_text_find_char(url, ',', 0);
    struct container_entry out = { .name_is_utf8 = true, .relation = relation };
    struct hn_text head;
    struct hn_buf plain = { 0 };
    struct hn_buf bytes = { 0 };
    struct hn_text kept;

    if (!hn_text_starts_nocase(url, HN_TEXT("data:")))
        return false;
    if (comma == SIZE_MAX || url.len - comma < DATA_MIN)
        return true;
    head = hn_text_sub(url, 5, comma - 5);
    if ((hn_text_starts_nocase(head, HN_TEXT("image/")) &&
                !hn_text_starts_nocase(head, HN_TEXT("image/svg"))) ||
            hn_text_starts_nocase(head, HN_TEXT("font/")) ||
            hn_text_starts_nocase(head, HN_TEXT("text/css")))
        return true;
    hn_percent_decode(&plain, hn_text_sub(url, comma + 1, SIZE_MAX));
    if (hn_text_find_nocase(head, HN_TEXT(";base64"), 0) == SIZE_MAX ||
            !hn_base64_decode(&bytes, hn_buf_text(&plain)))
        hn_buf_add_text(&bytes, hn_buf_text(&plain));
    if (!hn_buf_ok(&plain) || !hn_buf_ok(&bytes)) {
        page->status = HN_NOMEM;
    } else if (dissect_inflate(page->dissect, page->id, 0, bytes.len)) {
        kept = hn_arena_text(dissect_arena(page->dissect), hn_buf_text(&bytes));
        out.data = hn_text_as_bytes(kept);
        out.name = page->download.len > 0 ? page->download : HN_TEXT("data");
        if (kept.ptr != NULL)
            page_add(page, &out);
        else
            page->status = container_no_memory(page->dissect, page->id);
    }
    hn_buf_deinit(&plain);
    hn_buf_deinit(&bytes);
    return true;
}

/* What a program of Windows opens rather than the browser: searches, tools of support, shares. */
static bool is_protocol(struct hn_text link)
{
    static const char *const schemes[] = { "search-ms:", "search:", "ms-msdt:", "ms-officecmd:",
        "ms-appinstaller:", "ms-word:", "ms-excel:", "ms-powerpoint:", "shell:", "file:", "\\\\" };

    for (size_t i = 0; i < HN_COUNT_OF(schemes); i++)
        if (hn_text_starts_nocase(link, hn_text_cstr(schemes[i])))
            return true;
    return false;
}

static void on_link(struct page *page, struct hn_text value, const char *what)
{
    uint64_t offset = container_offset_in(hn_text_as_bytes(page->text), hn_text_as_bytes(value));
    struct hn_text link;

    if (value.len == 0)
        return;
    link = resolved(page, value);
    if (link.len == 0 || page_data_url(page, link, "embedded"))
        return;
    if (hn_text_starts_nocase(link, HN_TEXT("vbscript:"))) {
        struct container_entry out = { .name = HN_TEXT("handler"),
            .name_is_utf8 = true,
            .relation = "script",
            .format = DISSECT_VBSCRIPT,
            .data = hn_text_as_bytes(hn_text_sub(link, 9, SIZE_MAX)) };

        if (out.data.len > 0)
            page_add(page, &out);
        return;
    }
    if (hn_text_starts_nocase(link, HN_TEXT("javascript:"))) {
        hn_buf_add_text(&page->handlers, hn_text_sub(link, 11, SIZE_MAX));
        hn_buf_add_char(&page->handlers, '\n');
        return;
    }
    page->links++;
    if (is_protocol(link))
        dissect_fact(
                page->dissect, page->id, "protocol_link", hn_text_sub(link, 0, LINK_BYTES_MAX));
    dissect_text(page->dissect, page->id, what, hn_text_sub(link, 0, LINK_BYTES_MAX), HN_TEXT(""),
            offset);
}

static void on_links(struct page *page, const struct tag *tag)
{
    static const char *const names[] = { "href", "src", "data", "codebase", "background", "action",
        "formaction", "poster", "srcdoc", "classid", "xlink:href", "lowsrc" };

    for (size_t i = 0; i < tag->count && page->status == HN_OK; i++) {
        const struct attribute *attribute = &tag->attributes[i];

        if (attribute->name.len > 2 && (attribute->name.ptr[0] | 0x20) == 'o' &&
                (attribute->name.ptr[1] | 0x20) == 'n' && attribute->value.len > 0) {
            hn_buf_add_text(&page->handlers, resolved(page, attribute->value));
            hn_buf_add_char(&page->handlers, '\n');
            continue;
        }
        for (size_t k = 0; k < HN_COUNT_OF(names); k++)
            if (hn_text_eq_nocase(attribute->name, hn_text_cstr(names[k])))
                on_link(page, attribute->value, k == 5 || k == 6 ? "form" : "link");
    }
}

static void on_meta(struct page *page, const struct tag *tag)
{
    struct hn_text content = attribute_of(tag, "content");
    size_t at = hn_text_find_nocase(content, HN_TEXT("url="), 0);

    if (!hn_text_eq_nocase(attribute_of(tag, "http-equiv"), HN_TEXT("refresh")) || at == SIZE_MAX)
        return;
    content = hn_text_sub(content, at + 4, SIZE_MAX);
    content = hn_text_trim(content);
    if (content.len > 0 && (content.ptr[0] == '\'' || content.ptr[0] == '"')) {
        size_t end = hn_text_find_char(content, content.ptr[0], 1);

        content = hn_text_sub(content, 1, end == SIZE_MAX ? SIZE_MAX : end - 1);
    }
    dissect_fact(page->dissect, page->id, "refresh", content);
    on_link(page, content, "link");
}

/* ---- Scripts ---- */

static enum dissect_format language_of(const struct tag *tag, struct hn_text script)
{
    struct hn_text type = attribute_of(tag, "type");
    struct hn_text language = attribute_of(tag, "language");

    if (hn_text_find_nocase(type, HN_TEXT("vbs"), 0) != SIZE_MAX ||
            hn_text_find_nocase(language, HN_TEXT("vbs"), 0) != SIZE_MAX)
        return DISSECT_VBSCRIPT;
    if (hn_text_find_nocase(type, HN_TEXT("vbscript.encode"), 0) != SIZE_MAX ||
            hn_text_find_nocase(language, HN_TEXT("vbscript.encode"), 0) != SIZE_MAX)
        return DISSECT_VBE;
    if (hn_text_find_nocase(type, HN_TEXT("json"), 0) != SIZE_MAX ||
            hn_text_find_nocase(type, HN_TEXT("template"), 0) != SIZE_MAX ||
            hn_text_find_nocase(type, HN_TEXT("text/html"), 0) != SIZE_MAX)
        return DISSECT_TEXT;
    if (hn_text_starts(hn_text_trim(script), HN_TEXT("#@~^")))
        return DISSECT_JSE;
    return DISSECT_JSCRIPT;
}

/* The body of an element whose contents are no markup; behind its end tag. */
static size_t take_raw(
        struct hn_text text, size_t from, struct hn_text name, struct hn_text *ret_body)
{
    struct hn_buf mark = { 0 };
    size_t end;

    hn_buf_add_lit(&mark, "</");
    hn_buf_add_text(&mark, name);
    end = hn_text_find_nocase(text, hn_buf_text(&mark), from);
    hn_buf_deinit(&mark);
    if (end == SIZE_MAX)
        end = text.len;
    *ret_body = hn_text_sub(text, from, end - from);
    end = hn_text_find_char(text, '>', end);
    return end == SIZE_MAX ? text.len : end + 1;
}

/* XML pages and script files wrap scripts up. */
static struct hn_text without_cdata(struct hn_text body)
{
    struct hn_text inner = hn_text_trim(body);

    if (!hn_text_starts(inner, HN_TEXT("<![CDATA[")))
        return body;
    inner = hn_text_sub(inner, 9, SIZE_MAX);
    return hn_text_ends(inner, HN_TEXT("]]>")) ? hn_text_sub(inner, 0, inner.len - 3) : inner;
}

/* "<script src='x'/>" is all of it in script files; a page goes on to the end tag. */
static bool is_whole(const struct page *page, const struct tag *tag)
{
    return dissect_get(page->dissect, page->id)->format == DISSECT_WSF && tag->end >= 2 &&
           page->text.ptr[tag->end - 2] == '/';
}

static size_t on_script(struct page *page, const struct tag *tag)
{
    char name[sizeof SCRIPT_JOB_PREFIX + 10];
    struct hn_buf job = hn_buf_over(name, sizeof name);
    struct hn_text body = HN_TEXT("");
    size_t end = is_whole(page, tag) ? tag->end
                                     : take_raw(page->text, tag->end, HN_TEXT("script"), &body);
    struct container_entry out = {
        .name = HN_TEXT("script"), .name_is_utf8 = true, .relation = "script"
    };

    hn_buf_addf(&job, SCRIPT_JOB_PREFIX "%u", page->jobs);
    if (page->jobs > 1)
        out.name = hn_buf_text(&job);

    page->scripts++;
    on_links(page, tag);
    body = without_cdata(body);
    if (hn_text_trim(body).len == 0)
        return end;
    out.data = hn_text_as_bytes(body);
    out.format = language_of(tag, body);
    if (page->status == HN_OK)
        page_add(page, &out);
    if (page->status == HN_OK)
        page_find_smuggled(page, body);
    return end;
}

/* A text that scripts of the file read by its name. */
static size_t on_resource(struct page *page, const struct tag *tag)
{
    struct hn_text body;
    size_t end = take_raw(page->text, tag->end, HN_TEXT("resource"), &body);
    struct hn_buf name = { 0 };
    struct hn_text plain = without_cdata(body);

    hn_buf_add_lit(&name, SCRIPT_RESOURCE_PREFIX);
    hn_buf_add_text(&name, resolved(page, attribute_of(tag, "id")));
    if (plain.ptr == body.ptr)
        plain = resolved(page, body);
    dissect_store(page->dissect, page->id, hn_buf_text(&name), plain, DISSECT_NOWHERE);
    hn_buf_deinit(&name);
    return end;
}

/* An object that scripts have by its name. */
static void on_object(struct page *page, const struct tag *tag)
{
    struct hn_text id = attribute_of(tag, "id");
    struct hn_text program = attribute_of(tag, "progid");
    struct hn_text class = attribute_of(tag, "classid");
    struct hn_buf name = { 0 };
    struct hn_buf value = { 0 };

    if (id.len == 0 || (program.len == 0 && class.len == 0))
        return;
    hn_buf_add_lit(&name, SCRIPT_OBJECT_PREFIX);
    hn_buf_add_text(&name, resolved(page, id));
    if (program.len == 0 && hn_text_starts_nocase(class, HN_TEXT("clsid:"))) {
        hn_buf_add_char(&value, '{');
        hn_buf_add_text(&value, hn_text_sub(class, 6, SIZE_MAX));
        hn_buf_add_char(&value, '}');
    } else {
        hn_buf_add_text(&value, resolved(page, program.len > 0 ? program : class));
    }
    dissect_store(
            page->dissect, page->id, hn_buf_text(&name), hn_buf_text(&value), DISSECT_NOWHERE);
    hn_buf_deinit(&name);
    hn_buf_deinit(&value);
}

/* What scripts of the page read of an element: "element:ID" is what stands in it, as text;
 * "element:ID.NAME" an attribute. */
static void on_element(struct page *page, const struct tag *tag)
{
    struct hn_text id = resolved(page, attribute_of(tag, "id"));
    struct hn_text body = HN_TEXT("");
    struct hn_buf name = { 0 };
    size_t prefix;

    if (id.len == 0)
        id = resolved(page, attribute_of(tag, "name"));
    if (id.len == 0 || id.len > ELEMENT_ID_MAX || page->elements++ >= ELEMENTS_MAX)
        return;
    hn_buf_add_lit(&name, SCRIPT_ELEMENT_PREFIX);
    hn_buf_add_text(&name, id);
    prefix = name.len;
    if (!is(tag, "body") && !is(tag, "html"))
        (void)take_raw(page->text, tag->end, tag->name, &body);
    dissect_store(page->dissect, page->id, hn_buf_text(&name), resolved(page, hn_text_trim(body)),
            DISSECT_NOWHERE);
    for (size_t i = 0; i < tag->count; i++) {
        name.len = prefix;
        hn_buf_add_char(&name, '.');
        hn_buf_add_text(&name, tag->attributes[i].name);
        if (hn_buf_ok(&name))
            dissect_store(page->dissect, page->id, hn_buf_text(&name),
                    resolved(page, tag->attributes[i].value), DISSECT_NOWHERE);
    }
    hn_buf_deinit(&name);
}

/* ---- The page ---- */

static void see(struct page *page, struct hn_text text)
{
    bool blank = page->visible.len == 0 || page->visible.ptr[page->visible.len - 1] == ' ';

    for (size_t i = 0; i < text.len && page->visible.len < VISIBLE_BYTES_MAX; i++) {
        bool space = is_space(text.ptr[i]);

        if (!space || !blank)
            hn_buf_add_char(&page->visible, space ? ' ' : text.ptr[i]);
        blank = space;
    }
}

/* Whether words before and behind the tag are words apart. */
static bool is_block(const struct tag *tag)
{
    static const char *const inline_names[] = { "a", "b", "i", "u", "em", "strong", "span", "font",
        "small", "big", "sub", "sup", "wbr", "tt", "code" };

    for (size_t i = 0; i < HN_COUNT_OF(inline_names); i++)
        if (is(tag, inline_names[i]))
            return false;
    return true;
}

static size_t on_tag(struct page *page, const struct tag *tag)
{
    struct hn_text raw;

    if (is_block(tag))
        see(page, HN_TEXT(" "));
    if (tag->closing)
        return tag->end;
    page->jobs += is(tag, "job");
    if (is(tag, "object"))
        on_object(page, tag);
    on_element(page, tag);
    if (is(tag, "script"))
        return on_script(page, tag);
    if (is(tag, "resource"))
        return on_resource(page, tag);
    if (is(tag, "style"))
        return take_raw(page->text, tag->end, HN_TEXT("style"), &raw);
    if (is(tag, "title")) {
        size_t end = take_raw(page->text, tag->end, HN_TEXT("title"), &raw);

        dissect_fact(page->dissect, page->id, "title", resolved(page, raw));
        dissect_store(page->dissect, page->id, HN_TEXT(SCRIPT_ELEMENT_PREFIX "title"),
                resolved(page, raw), DISSECT_NOWHERE);
        return end;
    }
    if (is(tag, "meta"))
        on_meta(page, tag);
    if (is(tag, "hta:application"))
        dissect_fact_bool(page->dissect, page->id, "hta_application", true);
    if (is(tag, "form")) {
        page->forms++;
        dissect_fact(page->dissect, page->id, "form_action",
                resolved(page, attribute_of(tag, "action")));
    }
    if (is(tag, "input") && hn_text_eq_nocase(attribute_of(tag, "type"), HN_TEXT("password")))
        page->password_field = true;
    if (attribute_of(tag, "download").len > 0 && page->download.len == 0)
        page->download = resolved(page, attribute_of(tag, "download"));
    on_links(page, tag);
    return tag->end;
}

static void walk(struct page *page, struct tag *tag)
{
    size_t at = 0;

    while (at < page->text.len && page->status == HN_OK) {
        size_t open = hn_text_find_char(page->text, '<', at);

        if (open == SIZE_MAX)
            open = page->text.len;
        see(page, hn_text_sub(page->text, at, open - at));
        if (open >= page->text.len)
            return;
        if (hn_text_starts(hn_text_sub(page->text, open, 4), HN_TEXT("<!--"))) {
            size_t end = hn_text_find(page->text, HN_TEXT("-->"), open + 4);

            at = end == SIZE_MAX ? page->text.len : end + 3;
        } else if (read_tag(page->text, open, tag)) {
            at = on_tag(page, tag);
        } else {
            at = open + 1;
        }
    }
}

static void conclude(struct page *page)
{
    struct container_entry out = { .name = HN_TEXT("handlers"),
        .name_is_utf8 = true,
        .relation = "script",
        .format = DISSECT_JSCRIPT };
    struct hn_text text = hn_text_sub(hn_buf_text(&page->handlers), 0, HANDLER_BYTES_MAX);

    dissect_fact_u64(page->dissect, page->id, "script_count", page->scripts);
    dissect_fact_u64(page->dissect, page->id, "link_count", page->links);
    dissect_fact_u64(page->dissect, page->id, "form_count", page->forms);
    if (page->password_field)
        dissect_fact_bool(page->dissect, page->id, "password_field", true);
    if (page->smuggled > 0)
        dissect_fact_u64(page->dissect, page->id, "smuggled_files", page->smuggled);
    if (page->download.len > 0)
        dissect_fact(page->dissect, page->id, "download", page->download);
    dissect_text(page->dissect, page->id, "body", hn_text_trim(hn_buf_text(&page->visible)),
            HN_TEXT(""), DISSECT_NOWHERE);
    if (text.len == 0 || page->status != HN_OK)
        return;
    text = hn_arena_text(dissect_arena(page->dissect), text);
    out.data = hn_text_as_bytes(text);
    if (text.ptr != NULL)
        page_add(page, &out);
    else
        page->status = container_no_memory(page->dissect, page->id);
}

enum hn_status container_open_html(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_bytes data = dissect_get(dissect, id)->data;
    struct page page = { .dissect = dissect, .id = id, .text = hn_bytes_as_text(data) };
    struct tag *tag = hn_malloc(sizeof *tag);

    if (data.len >= 2 && data.ptr[0] == 0xFF && data.ptr[1] == 0xFE)
        page.text = container_utf16(dissect, container_cut(data, 2, data.len));
    if (tag == NULL)
        page.status = HN_NOMEM;
    if (tag != NULL && page.text.ptr != NULL) {
        memset(tag, 0, sizeof *tag);
        walk(&page, tag);
    }
    if (page.status != HN_NOMEM)
        conclude(&page);
    hn_free(tag);
    hn_buf_deinit(&page.handlers);
    hn_buf_deinit(&page.visible);
    return page.status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
