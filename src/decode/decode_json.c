/* decode_json.c - JSON logs in the shapes people have: one document a line, documents one after
 * the other over many lines, one array of events, and envelopes such as {"Records": [...]}.
 *
 * A stream of lines is cut at lines, so that a broken line costs only itself. Any other stream is
 * cut between documents or array elements; after damage, reading resumes at the next line that
 * starts a document. Which field means what is not decided here (src/event). */
#include "decode/decode_internal.h"
#include "decode/json_walk.h"
#include "decode/shell.h"

#include "base/mem.h"
#include "base/utf.h"

/* How a stream is cut. */
enum layout {
    LAYOUT_UNKNOWN,
    LAYOUT_LINES,
    LAYOUT_DOCUMENTS,
    LAYOUT_ELEMENTS, /* inside one array that holds the events */
    LAYOUT_REST,     /* behind that array: nothing more comes */
};

struct json_state {
    enum layout layout;
    struct json_index index; /* scratch of cut */
};

/* Members whose array holds the events: CloudTrail, Azure, Microsoft Graph, Elasticsearch and
 * general habit. */
static const struct hn_text envelope_keys[] = {
    HN_TEXT_INIT("Records"),
    HN_TEXT_INIT("records"),
    HN_TEXT_INIT("value"),
    HN_TEXT_INIT("Events"),
    HN_TEXT_INIT("events"),
    HN_TEXT_INIT("logs"),
    HN_TEXT_INIT("items"),
    HN_TEXT_INIT("hits"),
};

static bool is_envelope_key(struct hn_text key)
{
    for (size_t i = 0; i < HN_COUNT_OF(envelope_keys); i++) {
        if (hn_text_eq(key, envelope_keys[i]))
            return true;
    }
    return false;
}

static struct hn_text string_token(const struct json_walker *w, uint32_t token)
{
    uint32_t start = w->index.pos[token] + 1;

    return hn_text_of(w->text.ptr + start, w->index.pos[token + 1] - start);
}

static struct hn_text without_bom(struct hn_text text)
{
    return hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")) ? hn_text_sub(text, 3, text.len) : text;
}

/* ---- Recognition ------------------------------------------------------------------------------
 */

static int json_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text text = hn_text_trim(without_bom(hn_bytes_as_text(head)));
    struct hn_text line;
    struct json_walker w;
    int score = PROBE_NO;

    if (text.len < 2 || (text.ptr[0] != '{' && text.ptr[0] != '['))
        return PROBE_NO;
    if (json_walker_init(&w) != HN_OK)
        return PROBE_NO;
    (void)hn_text_line(&text, &line);
    text = hn_text_trim(text);
    if (json_walker_start(&w, line, false) == HN_OK && json_walk_skip(&w) == HN_OK)
        score = PROBE_CERTAIN; /* the whole first line is a document */
    else if (w.index.count > 0 && (w.index.count < 2 || w.index.kind[1] == '"' ||
                                          w.index.kind[1] == '{' || w.index.kind[1] == '['))
        score = PROBE_LIKELY; /* it starts like one */
    json_walker_deinit(&w);
    if (score == PROBE_LIKELY && hn_text_ends_nocase(name, HN_TEXT(".json")))
        score++;
    return score;
}

static enum hn_status json_open(struct decode_stream *stream, struct hn_err *err)
{
    stream->state = hn_calloc(1, sizeof(struct json_state));
    return stream->state == NULL ? hn_fail(err, HN_NOMEM, 0, "JSON stream") : HN_OK;
}

static void json_close(struct decode_stream *stream)
{
    struct json_state *state = stream->state;

    json_index_deinit(&state->index);
    hn_free(state);
}

/* ---- Cutting ------------------------------------------------------------------------------------
 */

/* Token behind the '[' of {"Records": [ or of a plain [, at the start of the index; 0: neither. */
static uint32_t enclosing_array(const struct json_index *index, struct hn_text text)
{
    const uint8_t *kind = index->kind;

    if (index->count < 1)
        return 0;
    if (kind[0] == '[')
        return 1;
    if (index->count < 5 || kind[0] != '{' || kind[1] != '"' || kind[2] != '"' || kind[3] != ':' ||
            kind[4] != '[')
        return 0;
    return is_envelope_key(hn_text_sub(text, index->pos[1] + 1, index->pos[2] - index->pos[1] - 1))
                   ? 5
                   : 0;
}

static size_t leading_space(struct hn_text text)
{
    struct hn_text rest = without_bom(text);

    while (rest.len > 0 && strchr(" \t\r\n", rest.ptr[0]) != NULL && rest.ptr[0] != '\0')
        rest = hn_text_sub(rest, 1, rest.len);
    return text.len - rest.len;
}

/* Decides by the first line: a whole document means lines. LAYOUT_UNKNOWN: more input needed. */
static enum layout find_layout(struct json_state *state, struct hn_text text, bool at_end)
{
    size_t skip = leading_space(text);
    struct hn_text line = hn_text_sub(text, skip, text.len);
    size_t lf = hn_text_find_char(line, '\n', 0);
    uint32_t depth = 0;

    if (lf == SIZE_MAX && !at_end && text.len < DECODE_DETECT_BYTES)
        return LAYOUT_UNKNOWN;
    line.len = lf == SIZE_MAX ? line.len : lf;
    if (json_index_make(&state->index, line, false, JSON_KERNEL_BEST) != HN_OK)
        return LAYOUT_LINES;
    if (enclosing_array(&state->index, line) != 0)
        return LAYOUT_ELEMENTS;
    for (uint32_t i = 0; i < state->index.count; i++) {
        if (state->index.kind[i] == '{' || state->index.kind[i] == '[')
            depth++;
        else if ((state->index.kind[i] == '}' || state->index.kind[i] == ']') && depth > 0)
            depth--;
    }
    return depth == 0 || lf == SIZE_MAX ? LAYOUT_LINES : LAYOUT_DOCUMENTS;
}

/* Bytes up to the end of the last whole document (or element) in text; *ret_closed: the array that
 * held the elements has ended. */
static size_t whole_documents(
        struct json_state *state, struct hn_text text, bool first, bool *ret_closed)
{
    const struct json_index *index = &state->index;
    bool elements = state->layout == LAYOUT_ELEMENTS;
    uint32_t token = 0;
    uint32_t depth = 0;
    size_t end = 0;

    *ret_closed = false;
    if (json_index_make(&state->index, text, false, JSON_KERNEL_BEST) != HN_OK)
        return 0;
    if (first && elements)
        token = enclosing_array(index, text);
    for (; token < index->count; token++) {
        uint8_t kind = index->kind[token];

        if (kind == '{' || kind == '[') {
            depth++;
        } else if (kind == '}' || kind == ']') {
            if (depth == 0) { /* the end of the array around the elements, or damage */
                *ret_closed = elements;
                end = index->pos[token] + 1;
                if (elements)
                    break;
                continue;
            }
            depth--;
        }
        if (depth == 0 && (kind == '}' || kind == ']'))
            end = index->pos[token] + 1;
    }
    return end;
}

static size_t cut_documents(
        struct decode_stream *stream, struct hn_text text, bool at_end, struct decode_batch *batch)
{
    struct json_state *state = stream->state;
    bool first = stream->offset == 0;
    size_t skip = first ? leading_space(text) : 0;
    bool closed;
    size_t end = whole_documents(state, hn_text_sub(text, skip, text.len), first, &closed);

    if (closed)
        state->layout = LAYOUT_REST;
    if (end > 0)
        return skip + end;
    if (at_end)
        return text.len;
    if (text.len <= stream->options.limits.event_bytes_max)
        return 0;
    batch->too_long = true;
    state->layout = LAYOUT_DOCUMENTS; /* go on at whatever starts a document next */
    return text.len;
}

static size_t json_cut(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    struct json_state *state = stream->state;
    struct hn_text text = hn_bytes_as_text(in);

    if (state->layout == LAYOUT_UNKNOWN)
        state->layout = find_layout(state, text, at_end);
    if (state->layout == LAYOUT_UNKNOWN)
        return 0;
    if (state->layout == LAYOUT_LINES)
        return decode_cut_lines(stream, in, at_end, batch);
    if (state->layout == LAYOUT_REST) {
        batch->skip = true;
        return in.len;
    }
    batch->context = state; /* says: not lines */
    return cut_documents(stream, text, at_end, batch);
}

/* ---- Events ---- */

struct run {
    const struct decode_batch *batch;
    struct hn_event *event;
    const struct decode_sink *sink;
    struct json_walker *walker;
    const char *start;   /* of the batch */
    const char *counted; /* documents over several lines: line feeds before this are in line */
    uint64_t line;
};

/* In a stream of lines the line is known; elsewhere line feeds are counted as events come. */
static uint64_t line_at(struct run *run, const char *p)
{
    while (run->counted != NULL && run->counted < p) {
        const char *lf = memchr(run->counted, '\n', (size_t)(p - run->counted));

        run->counted = lf == NULL ? p : lf + 1;
        run->line += lf != NULL;
    }
    return run->line;
}

static void event_start(
        struct hn_event *event, struct hn_text text, bool is_json, uint64_t offset, uint64_t line)
{
    hn_event_reset(event);
    event->raw = hn_text_as_bytes(text);
    event->raw_is_text = true;
    event->raw_is_json = is_json;
    event->offset = offset;
    event->line = line;
}

static enum hn_status hand_on(struct run *run, struct hn_text text)
{
    if (HN_UNLIKELY(run->walker->index.non_ascii) && !hn_utf8_valid(hn_text_as_bytes(text))) {
        decode_report(run->sink, HN_FINDING_INVALID_UTF8, run->event->offset, run->event->line);
        hn_event_note(run->event, HN_FINDING_INVALID_UTF8);
    }
    return run->sink->on_event(run->sink->ctx, run->event) ? HN_OK : HN_CANCELLED;
}

/* A piece of input that is no event: reported, and handed on as plain text. */
static enum hn_status damaged(struct run *run, struct hn_text text, enum hn_status why)
{
    uint64_t offset = run->batch->offset + (uint64_t)(text.ptr - run->start);

    event_start(run->event, text, false, offset, line_at(run, text.ptr));
    decode_report(run->sink, why == HN_LIMIT ? HN_FINDING_TOO_DEEP : HN_FINDING_UNDECODABLE,
            offset + (why == HN_OK ? 0 : run->walker->error_at), run->line);
    decode_event_as_message(run->event);
    return hand_on(run, text);
}

/* The same event without what was added to it. */
static void start_again(struct hn_event *event)
{
    uint64_t private_ref = event->private_ref;
    uint32_t findings = event->findings;
    bool ascii = event->raw_is_ascii;
    bool escapes = event->raw_escapes_ascii;

    event_start(event, hn_bytes_as_text(event->raw), true, event->offset, event->line);
    event->private_ref = private_ref;
    event->findings = findings;
    event->raw_is_ascii = ascii;
    event->raw_escapes_ascii = escapes;
}

/* A document around a line of a log: the event becomes the line's, if somebody knows it. */
static enum hn_status line_inside(struct json_walker *w, uint32_t first,
        const struct decode_options *options, struct hn_event *event)
{
    struct shell shell;
    bool spoilt;
    enum hn_status status;

    if (!decode_shell_find(w, first, &shell))
        return HN_OK;
    status = decode_shell_open(w, &shell, options, event, &spoilt);
    if (status != HN_NOTFOUND || !spoilt)
        return status == HN_NOMEM ? HN_NOMEM : HN_OK;
    start_again(event);
    w->next = first;
    return json_walk_object(w, event);
}

/* Adds what the object at walker->next says. */
static enum hn_status object_fields(
        struct json_walker *w, const struct decode_options *options, struct hn_event *event)
{
    uint32_t first = w->next;
    enum hn_status status = json_walk_object(w, event);

    if (status != HN_OK || HN_LIKELY(!shell_possible(event)))
        return status;
    return line_inside(w, first, options, event);
}

/* The object at walker->next as an event. */
static enum hn_status object_event(struct run *run)
{
    struct json_walker *w = run->walker;
    uint32_t first = w->next;
    struct hn_text text = hn_text_sub(w->text, w->index.pos[first], w->text.len);
    uint64_t offset = run->batch->offset + (uint64_t)(text.ptr - run->start);
    enum hn_status status;

    event_start(run->event, text, true, offset, line_at(run, text.ptr));
    run->event->private_ref = first;
    run->event->raw_is_ascii = !w->index.non_ascii;
    run->event->raw_escapes_ascii = w->index.unicode_escape;
    status = object_fields(w, &run->batch->stream->options, run->event);
    if (status != HN_OK)
        return status;
    decode_report_noted(run->event, run->sink);
    text.len = w->index.pos[w->next - 1] + 1 - w->index.pos[first];
    run->event->raw.len = text.len;
    return hand_on(run, text);
}

/* A value that is no object, such as a string in an array of messages. */
static enum hn_status scalar_event(struct run *run)
{
    struct json_walker *w = run->walker;
    uint32_t first = w->next;
    enum hn_status status = json_walk_skip(w);
    struct hn_text text;

    if (status != HN_OK)
        return status;
    text = hn_text_sub(w->text, w->index.pos[first], w->index.pos[w->next] - w->index.pos[first]);
    text = hn_text_trim(text);
    event_start(run->event, text, false, run->batch->offset + (uint64_t)(text.ptr - run->start),
            line_at(run, text.ptr));
    hn_event_add_text(run->event, HN_TEXT("Message"), text);
    return hand_on(run, text);
}

/* Token of the '[' that holds the events inside the object at walker->next, or 0. Only the object's
 * own members are looked at, and those of "hits" (Elasticsearch). */
static uint32_t envelope_array(const struct json_walker *w)
{
    const uint8_t *kind = w->index.kind;
    uint32_t depth = 0;
    uint32_t wanted_depth = 1;

    for (uint32_t t = w->next; t < w->index.count; t++) {
        if (kind[t] == '{' || kind[t] == '[') {
            depth++;
        } else if (kind[t] == '}' || kind[t] == ']') {
            if (--depth == 0)
                return 0;
        } else if (kind[t] == '"') {
            if (depth == wanted_depth && kind[t + 1] == '"' && kind[t + 2] == ':' &&
                    (kind[t + 3] == '[' || kind[t + 3] == '{') &&
                    is_envelope_key(string_token(w, t))) {
                if (kind[t + 3] == '[' && kind[t + 4] == '{')
                    return t + 3;
                if (kind[t + 3] == '{' && wanted_depth == 1)
                    wanted_depth = 2;
            }
            t++; /* the closing quote */
        }
    }
    return 0;
}

/* A first member that only envelopes have. */
static bool may_be_envelope(const struct json_walker *w)
{
    static const struct hn_text keys[] = { HN_TEXT_INIT("took"), HN_TEXT_INIT("_shards"),
        HN_TEXT_INIT("@odata.context"), HN_TEXT_INIT("nextToken"), HN_TEXT_INIT("NextToken"),
        HN_TEXT_INIT("count"), HN_TEXT_INIT("total") };
    const uint8_t *kind = w->index.kind + w->next;
    struct hn_text key;

    if (kind[0] != '{' || kind[1] != '"' || kind[2] != '"')
        return false;
    key = string_token(w, w->next + 1);
    if (is_envelope_key(key))
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        if (hn_text_eq(key, keys[i]))
            return true;
    }
    return false;
}

/* Values one after the other up to the end of the index; commas and brackets around them are
 * passed over. */
static enum hn_status values(struct run *run)
{
    struct json_walker *w = run->walker;
    enum hn_status status = HN_OK;

    while (status == HN_OK && w->next < w->index.count) {
        switch (json_walker_kind(w)) {
        case '{':
            status = object_event(run);
            break;
        case '[':
        case ']':
        case ',':
            w->next++;
            break;
        case '"':
        case JSON_SCALAR:
            status = scalar_event(run);
            break;
        default:
            w->error_at = json_walker_pos(w);
            status = HN_SYNTAX;
            break;
        }
    }
    return status;
}

/* What follows the elements of an envelope found inside a document. */
static enum hn_status envelope(struct run *run, uint32_t array)
{
    struct json_walker *w = run->walker;
    enum hn_status status = HN_OK;

    w->next = array + 1;
    while (status == HN_OK && w->next < w->index.count) {
        uint8_t kind = json_walker_kind(w);

        if (kind == '{') {
            status = object_event(run);
        } else if (kind == ',') {
            w->next++;
        } else if (kind == ']') {
            w->next = w->index.count;
        } else {
            status = scalar_event(run);
        }
    }
    return status;
}

/* All values of a text that stands on its own: a line, or a document with damage around it. */
static enum hn_status text_events(struct run *run, struct hn_text text, bool stop_at_line)
{
    struct json_walker *w = run->walker;
    enum hn_status status = json_walker_start(w, text, stop_at_line);
    uint32_t array;

    if (status != HN_OK)
        return status;
    if (w->index.bad_string) {
        w->error_at = 0;
        return HN_SYNTAX;
    }
    if (HN_UNLIKELY(may_be_envelope(w)) && (array = envelope_array(w)) != 0)
        return envelope(run, array);
    return values(run);
}

static enum hn_status line_events(struct run *run, struct hn_text text, struct hn_text *ret_line)
{
    enum hn_status status = text_events(run, text, true);

    *ret_line = hn_text_sub(text, 0, run->walker->index.len);
    if (status != HN_SYNTAX && status != HN_LIMIT)
        return status;
    return damaged(run, hn_text_trim(*ret_line), status);
}

static enum hn_status run_lines(struct run *run)
{
    struct hn_text rest = hn_bytes_as_text(run->batch->bytes);
    enum hn_status status = HN_OK;

    if (run->batch->offset == 0)
        rest = without_bom(rest);
    for (; status == HN_OK && rest.len > 0; run->line++) {
        struct hn_text line = { rest.ptr, 0 };

        if (*rest.ptr != '\n')
            status = line_events(run, rest, &line);
        rest = hn_text_sub(rest, line.len + 1, rest.len);
    }
    return status;
}

/* The rest of a damaged batch in pieces that each start at a line with '{' in front. */
static enum hn_status run_pieces(struct run *run, struct hn_text rest)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && rest.len > 0) {
        size_t end = hn_text_find(rest, HN_TEXT("\n{"), 1);
        struct hn_text piece = hn_text_sub(rest, 0, end == SIZE_MAX ? rest.len : end + 1);

        status = text_events(run, piece, false);
        if (status == HN_SYNTAX || status == HN_LIMIT)
            status = damaged(run, hn_text_trim(piece), status);
        rest = hn_text_sub(rest, piece.len, rest.len);
    }
    return status;
}

/* Documents over several lines. A failed walk leaves the walker at the value that failed; what was
 * before it has been handed on. */
static enum hn_status run_documents(struct run *run)
{
    struct hn_text rest = hn_bytes_as_text(run->batch->bytes);
    const struct json_walker *w = run->walker;
    enum hn_status status;

    rest = hn_text_sub(rest, leading_space(rest), rest.len);
    status = text_events(run, rest, false);
    if (status != HN_SYNTAX && status != HN_LIMIT)
        return status;
    if (!w->index.bad_string && w->next < w->index.count)
        rest = hn_text_sub(rest, w->index.pos[w->next], rest.len);
    return run_pieces(run, rest);
}

static enum hn_status json_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    struct run run = { .batch = batch, .event = event, .sink = sink, .line = batch->line };

    if (batch->too_long)
        decode_report(sink, HN_FINDING_TOO_LONG, batch->offset, batch->line);
    if (batch->too_long || batch->skip || batch->bytes.len == 0)
        return HN_OK;
    run.start = (const char *)batch->bytes.ptr;
    run.walker = json_walker_of(event);
    if (run.walker == NULL)
        return HN_NOMEM;
    if (batch->context == NULL)
        return run_lines(&run);
    run.counted = run.start;
    return run_documents(&run);
}

/* The index from which the event was decoded serves once more; whoever walks on it goes on where
 * they were. */
static enum hn_status object_again(
        const struct decode_options *options, const struct hn_event *from, struct hn_event *to)
{
    uint32_t first = (uint32_t)from->private_ref;
    struct json_walker *w = json_walker_holding(from, first);
    enum hn_status status;
    uint32_t next;

    if (w == NULL) {
        w = json_walker_of(to);
        if (w == NULL)
            return HN_NOMEM;
        status = json_walker_start(w, hn_bytes_as_text(from->raw), false);
        return status == HN_OK ? object_fields(w, options, to) : status;
    }
    next = w->next;
    w->next = first;
    status = object_fields(w, options, to);
    w->next = next;
    return status;
}

static enum hn_status json_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    struct hn_text text = hn_bytes_as_text(from->raw);
    enum hn_status status;

    event_start(to, text, from->raw_is_json, from->offset, from->line);
    to->findings = from->findings;
    if (from->raw_is_json) {
        status = object_again(&batch->stream->options, from, to);
        return status == HN_NOMEM ? HN_NOMEM : HN_OK;
    }
    hn_event_add_text(to, HN_TEXT("Message"), text);
    return HN_OK;
}

enum hn_status decode_json_fields(struct hn_event *event, struct hn_text json)
{
    struct json_walker *w = json_walker_of(event);
    enum hn_status status;

    if (w == NULL)
        return HN_NOMEM;
    status = json_walker_start(w, json, false);
    if (status == HN_OK)
        status = json_walk_object(w, event);
    if (status == HN_OK && w->next != w->index.count)
        status = HN_SYNTAX;
    event->raw_escapes_ascii |= w->index.unicode_escape; /* escapes inside escapes */
    return status;
}

struct decode_json_checker {
    struct json_walker walker;
};

struct decode_json_checker *decode_json_checker_new(void)
{
    struct decode_json_checker *checker = hn_calloc(1, sizeof *checker);

    if (checker != NULL && json_walker_init(&checker->walker) != HN_OK) {
        hn_free(checker);
        return NULL;
    }
    return checker;
}

void decode_json_checker_free(struct decode_json_checker *checker)
{
    if (checker == NULL)
        return;
    json_walker_deinit(&checker->walker);
    hn_free(checker);
}

enum hn_status decode_json_check(struct decode_json_checker *checker, struct hn_text json)
{
    struct json_walker *w = &checker->walker;
    enum hn_status status = json_walker_start(w, json, false);

    if (status == HN_OK)
        status = json_walk_skip(w);
    if (status == HN_OK && w->next != w->index.count)
        status = HN_SYNTAX;
    return status == HN_OK || status == HN_NOMEM ? status : HN_SYNTAX;
}

bool decode_json_valid(struct hn_text json)
{
    struct decode_json_checker *checker = decode_json_checker_new();
    bool valid = checker != NULL && decode_json_check(checker, json) == HN_OK;

    decode_json_checker_free(checker);
    return valid;
}

/* Behind the first elements of an array that is still open, the others look like damage. */
static void json_head(const struct decode_stream *stream, struct hn_buf *out)
{
    const struct json_state *state = stream->state;

    if (state->layout == LAYOUT_ELEMENTS && stream->offset > 0)
        hn_buf_add_lit(out, "[\n");
}

const struct decode_format decode_format_json = {
    .name = HN_TEXT_INIT("json"),
    .title = HN_TEXT_INIT("JSON"),
    .traits = DECODE_LINES,
    .probe = json_probe,
    .open = json_open,
    .close = json_close,
    .cut = json_cut,
    .head = json_head,
    .run = json_run,
    .again = json_again,
};
