/* yaml_parse.c - from text to documents: drives libyaml's events, which yaml_build.c makes a tree
 * of.
 *
 * Each document is parsed on its own, from one "---" to the next, so that what is wrong with one
 * never reaches the others. libyaml sees well-limited input only: it is stopped at the first node
 * past a limit. */
#include "base/yaml_internal.h"

#include "base/utf.h"

#include <assert.h>

const struct hn_yaml_limits hn_yaml_limits_default = {
    .bytes_max = (size_t)16 << 20,
    .documents_max = 4096,
    .nodes_max = 262144,
    .depth_max = 64,
};

/* ---- Events ---- */

static void begin_document(struct yaml_builder *b, size_t start, uint32_t line)
{
    memset(&b->document, 0, sizeof b->document);
    b->document.root = (uint32_t)b->nodes.count;
    b->document.start = (uint32_t)((size_t)(b->chunk.ptr - b->raw.ptr) + start);
    b->document.line = line;
    b->first_node = (uint32_t)b->nodes.count;
    b->depth = 0;
    b->merges.count = 0;
    b->anchor_nodes.count = 0;
    hn_map_deinit(&b->anchors);
}

/* The document's bytes: from the first line that is not blank to the last that is not. */
static void trim_document(struct yaml_builder *b, size_t end)
{
    struct hn_yaml_document *doc = &b->document;
    size_t start = doc->start;
    size_t line = start;

    while (start < end && strchr(" \t\r\n", b->raw.ptr[start]) != NULL && b->raw.ptr[start] != 0) {
        if (b->raw.ptr[start] == '\n')
            line = start + 1;
        start++;
    }
    while (end > line && (b->raw.ptr[end - 1] == '\n' || b->raw.ptr[end - 1] == '\r' ||
                                 b->raw.ptr[end - 1] == ' '))
        end--;
    doc->start = (uint32_t)line;
    doc->len = (uint32_t)(end - line);
}

static void end_document(struct yaml_builder *b, size_t end)
{
    struct hn_yaml_document *doc;

    if (b->document.damaged)
        b->nodes.count = b->first_node;
    b->document.nodes = (uint32_t)b->nodes.count - b->first_node;
    if (b->document.nodes > 0)
        b->document.line = b->nodes.ptr[b->document.root].line;
    trim_document(b, end);
    if (b->documents.count == b->limits.documents_max)
        b->nodes.count = b->first_node;
    else if ((doc = hn_vec_add(&b->documents)) != NULL)
        *doc = b->document;
    else
        b->status = HN_NOMEM;
    begin_document(b, end - (size_t)(b->chunk.ptr - b->raw.ptr), b->document.line);
}

/* False: this document is given up. */
static bool on_event(struct yaml_builder *b, const yaml_event_t *event)
{
    size_t base = (size_t)(b->chunk.ptr - b->raw.ptr);

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        begin_document(b, yaml_byte_of(b, event->end_mark.index),
                b->chunk_line + (uint32_t)event->start_mark.line + 1);
        return true;
    case YAML_DOCUMENT_END_EVENT:
        end_document(b, base + yaml_byte_of(b, event->start_mark.index));
        return true;
    case YAML_ALIAS_EVENT:
        return yaml_on_alias(b, event);
    case YAML_SCALAR_EVENT:
        return yaml_on_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return yaml_on_start(b, HN_YAML_LIST, event);
    case YAML_MAPPING_START_EVENT:
        return yaml_on_start(b, HN_YAML_MAP, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return yaml_on_end(b, event);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        break;
    }
    return true;
}

/* ---- Documents ---- */

static void reader_problem(struct yaml_builder *b, const yaml_parser_t *parser)
{
    struct hn_text before = hn_text_sub(b->chunk, 0, parser->problem_offset);
    struct hn_text line = { NULL, 0 };
    uint32_t lines = 0;
    size_t at = 0;

    for (size_t i = 0; i < before.len; i++) {
        if (before.ptr[i] == '\n') {
            lines++;
            at = i + 1;
        }
    }
    line = hn_text_sub(before, at, before.len);
    yaml_problem(b, HN_YAML_ENCODING, b->chunk_line + lines + 1, (uint32_t)hn_utf8_count(line) + 1,
            parser->problem != NULL ? parser->problem : "not UTF-8");
}

static void syntax_problem(struct yaml_builder *b, const yaml_parser_t *parser)
{
    char message[192];
    size_t at;

    if (parser->error == YAML_MEMORY_ERROR) {
        b->status = HN_NOMEM;
        return;
    }
    if (parser->error == YAML_READER_ERROR) {
        reader_problem(b, parser);
        return;
    }
    at = yaml_byte_of(b, parser->problem_mark.index);
    if (at < b->chunk.len && b->chunk.ptr[at] == '\t') {
        yaml_problem_at(b, HN_YAML_TAB, &parser->problem_mark,
                "a tab cannot stand here; indent with spaces");
        return;
    }
    if (parser->context == NULL) {
        (void)snprintf(message, sizeof message, "%s",
                parser->problem != NULL ? parser->problem : "this is no YAML");
    } else {
        (void)snprintf(message, sizeof message, "%s %s that starts in line %lu",
                parser->problem != NULL ? parser->problem : "this is no YAML", parser->context,
                (unsigned long)(b->chunk_line + parser->context_mark.line + 1));
    }
    yaml_problem_at(b, HN_YAML_SYNTAX, &parser->problem_mark, message);
}

static void parse_chunk(struct yaml_builder *b)
{
    yaml_parser_t parser;
    yaml_event_t event;
    bool done = false;

    if (yaml_parser_initialize(&parser) == 0) {
        b->status = HN_NOMEM;
        return;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)b->chunk.ptr, b->chunk.len);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    b->cursor_char = 0;
    b->cursor_byte = 0;
    begin_document(b, 0, b->chunk_line + 1);
    while (!done && b->status == HN_OK) {
        if (yaml_parser_parse(&parser, &event) == 0) {
            syntax_problem(b, &parser);
            break;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        if (!on_event(b, &event)) {
            yaml_event_delete(&event);
            break;
        }
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (!done && b->status == HN_OK)
        end_document(b, (size_t)(b->chunk.ptr - b->raw.ptr) + b->chunk.len);
}

static bool is_marker(struct hn_text line)
{
    return hn_text_starts(line, HN_TEXT("---")) &&
           (line.len == 3 || strchr(" \t\r", line.ptr[3]) != NULL);
}

/* A line that may stand before a document's own "---". */
static bool is_preamble(struct hn_text line)
{
    line = hn_text_trim(line);
    return line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == '%';
}

/* Cuts the next document off the text: up to the next "---" line that does not open it. */
static bool next_chunk(struct yaml_builder *b, struct hn_text *rest, uint32_t *lines)
{
    struct hn_text scan = *rest;
    struct hn_text line;
    bool opened = false;

    b->chunk_line = *lines;
    b->chunk = *rest;
    if (rest->len == 0)
        return false;
    while (scan.len > 0) {
        const char *start = scan.ptr;
        const char *end = memchr(scan.ptr, '\n', scan.len);
        size_t len = end == NULL ? scan.len : (size_t)(end - start) + 1;

        line = hn_text_of(start, end == NULL ? len : len - 1);
        if (is_marker(line)) {
            if (opened) {
                b->chunk.len = (size_t)(start - b->chunk.ptr);
                break;
            }
            opened = true;
        } else if (!opened && !is_preamble(line)) {
            opened = true;
        }
        scan = hn_text_sub(scan, len, scan.len);
        ++*lines;
    }
    *rest = scan;
    return true;
}

static void parse_all(struct yaml_builder *b)
{
    struct hn_text rest = b->raw;
    uint32_t lines = 0;

    if (b->raw.len > b->limits.bytes_max) {
        yaml_problem(b, HN_YAML_TOO_LARGE, 1, 1, "the file is too large");
        return;
    }
    if (hn_text_starts(b->raw, hn_text_of("\xFF\xFE", 2)) ||
            hn_text_starts(b->raw, hn_text_of("\xFE\xFF", 2))) {
        yaml_problem(b, HN_YAML_ENCODING, 1, 1, "the file is UTF-16; save it as UTF-8");
        return;
    }
    while (b->status == HN_OK && next_chunk(b, &rest, &lines)) {
        if (b->documents.count == b->limits.documents_max) {
            yaml_problem(
                    b, HN_YAML_TOO_LARGE, b->chunk_line + 1, 1, "the file has too many documents");
            break;
        }
        parse_chunk(b);
    }
}

/* ---- The result ---- */

static void *keep(struct yaml_builder *b, const void *items, size_t count, size_t size)
{
    void *copy = hn_arena_raw(b->arena, count * size, _Alignof(max_align_t));

    if (copy == NULL)
        b->status = hn_arena_status(b->arena);
    else if (count > 0)
        memcpy(copy, items, count * size);
    return copy;
}

static void keep_all(struct yaml_builder *b, struct hn_yaml *ret_yaml)
{
    struct hn_yaml yaml = { .raw = b->raw };

    yaml.nodes = keep(b, b->nodes.ptr, b->nodes.count, sizeof *b->nodes.ptr);
    yaml.documents = keep(b, b->documents.ptr, b->documents.count, sizeof *b->documents.ptr);
    yaml.problems = keep(b, b->problems.ptr, b->problems.count, sizeof *b->problems.ptr);
    yaml.pool = hn_text_of(keep(b, b->pool.ptr, b->pool.len, 1), b->pool.len);
    yaml.node_count = (uint32_t)b->nodes.count;
    yaml.document_count = (uint32_t)b->documents.count;
    yaml.problem_count = (uint32_t)b->problems.count;
    yaml.depth = b->deepest;
    if (b->status == HN_OK)
        *ret_yaml = yaml;
}

enum hn_status hn_yaml_parse(struct hn_arena *arena, struct hn_text text,
        const struct hn_yaml_limits *limits, struct hn_yaml *ret_yaml, struct hn_err *err)
{
    struct yaml_builder b = { .arena = arena, .raw = text };

    b.limits = limits == NULL ? hn_yaml_limits_default : *limits;
    assert(b.limits.depth_max <= HN_YAML_DEPTH_MAX && b.limits.bytes_max <= (size_t)1 << 30);
    if (hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")))
        b.raw = hn_text_sub(text, 3, text.len);
    if (b.raw.ptr == NULL)
        b.raw = HN_TEXT("");
    b.ascii = hn_is_ascii(b.raw);
    hn_buf_init(&b.pool, (size_t)1 << 30);
    parse_all(&b);
    if (b.status == HN_OK)
        keep_all(&b, ret_yaml);
    hn_buf_deinit(&b.pool);
    hn_vec_deinit(&b.nodes);
    hn_vec_deinit(&b.documents);
    hn_vec_deinit(&b.problems);
    hn_vec_deinit(&b.anchor_nodes);
    hn_vec_deinit(&b.merges);
    hn_map_deinit(&b.anchors);
    if (b.status != HN_OK)
        return hn_fail(err, b.status, 0, "%s while reading YAML", hn_status_text(b.status));
    return HN_OK;
}
