/* events.c - the tree as events: each object one of the log source product: hinomi, each act one in
 * the shape of the log it would have left (Sysmon, PowerShell, proxy).
 *
 * What a rule needs to know besides stands in fields that begin with "hinomi.": in what the object
 * is, whether it starts by itself, what a started file is. They are of this module alone; logs
 * never have them, so rules that ask for them fire on samples only. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/json_out.h"

#define VALUE_BYTES_MAX  ((size_t)32768) /* of one value of an event */
#define TEXT_BYTES_MAX   ((size_t)65536) /* of one text in which indicators are looked for */
#define SCRIPT_BYTES_MAX ((size_t)200000)

struct writing {
    const struct dissect *dissect;
    struct hn_buf *lines;
    struct hn_arena *arena;
    struct analyze_event *events;
    size_t count;
    size_t room;
    bool failed;
};

/* ---- What stands above and below an object ---- */

static const struct dissect_object *parent_of(
        const struct dissect *dissect, const struct dissect_object *object)
{
    return object->parent == DISSECT_NONE ? NULL : dissect_get(dissect, object->parent);
}

static bool has_note(const struct dissect_object *object, enum dissect_note_kind kind)
{
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next)
        if (note->kind == kind)
            return true;
    return false;
}

static bool has_note_above(const struct dissect *dissect, const struct dissect_object *object,
        enum dissect_note_kind kind)
{
    for (; object != NULL; object = parent_of(dissect, object))
        if (has_note(object, kind))
            return true;
    return false;
}

/* Formats from the sample down to the parent. */
static void add_above(
        struct hn_json_out *out, const struct dissect *dissect, const struct dissect_object *object)
{
    const struct dissect_object *chain[64];
    size_t count = 0;

    for (object = parent_of(dissect, object); object != NULL && count < HN_COUNT_OF(chain);
            object = parent_of(dissect, object))
        chain[count++] = object;
    if (count == 0)
        return;
    hn_json_key_lit(out, "in");
    hn_json_open(out, '[');
    for (size_t i = count; i > 0; i--)
        hn_json_text(out, hn_text_cstr(dissect_format_id(chain[i - 1]->format)));
    hn_json_close(out, ']');
    hn_json_key_lit(out, "in_category");
    hn_json_open(out, '[');
    for (size_t i = count; i > 0; i--)
        hn_json_text(out, hn_text_cstr(dissect_format_category(chain[i - 1]->format)));
    hn_json_close(out, ']');
}

static bool is_below(
        const struct dissect *dissect, const struct dissect_object *object, uint32_t id)
{
    while (object->parent != DISSECT_NONE && object->parent > id)
        object = dissect_get(dissect, object->parent);
    return object->parent == id;
}

static void add_below(struct hn_json_out *out, const struct dissect *dissect, uint32_t id)
{
    bool has[DISSECT_FORMAT_COUNT] = { false };
    bool any = false;

    for (uint32_t i = id + 1; i < dissect_count(dissect); i++) {
        const struct dissect_object *object = dissect_get(dissect, i);

        if (!has[object->format] && is_below(dissect, object, id))
            has[object->format] = any = true;
    }
    if (!any)
        return;
    hn_json_key_lit(out, "has");
    hn_json_open(out, '[');
    for (unsigned i = 0; i < DISSECT_FORMAT_COUNT; i++)
        if (has[i])
            hn_json_text(out, hn_text_cstr(dissect_format_id((enum dissect_format)i)));
    hn_json_close(out, ']');
}

/* The object "hinomi" but for its end. */
static void open_context(
        struct hn_json_out *out, const struct writing *writing, uint32_t id, const char *category)
{
    const struct dissect_object *object = dissect_get(writing->dissect, id);
    const char *host = analyze_host(writing->dissect, id);

    hn_json_key_lit(out, "hinomi");
    hn_json_open(out, '{');
    if (category != NULL)
        hn_json_pair(out, "category", hn_text_cstr(category));
    hn_json_pair_u64(out, "object", id);
    hn_json_pair(out, "format", hn_text_cstr(dissect_format_id(object->format)));
    hn_json_pair(out, "relation", hn_text_cstr(object->relation));
    hn_json_pair(out, "name", hn_text_sub(object->name, 0, VALUE_BYTES_MAX));
    add_above(out, writing->dissect, object);
    if (host != NULL)
        hn_json_pair(out, "host", hn_text_cstr(host));
    hn_json_key_lit(out, "autorun");
    hn_json_bool(out, has_note_above(writing->dissect, object, DISSECT_NOTE_AUTORUN));
    hn_json_key_lit(out, "in_encrypted");
    hn_json_bool(out, parent_of(writing->dissect, object) != NULL &&
                              has_note_above(writing->dissect, parent_of(writing->dissect, object),
                                      DISSECT_NOTE_DECRYPTED));
}

/* ---- Lines ---- */

static struct hn_json_out begin(struct writing *writing, uint32_t id, const struct dissect_act *act)
{
    struct hn_json_out out = hn_json_out_over(writing->lines);

    if (writing->count == writing->room) {
        size_t room = writing->room == 0 ? 64 : writing->room * 2;
        struct analyze_event *more = hn_new(writing->arena, struct analyze_event, room);

        if (more == NULL) {
            writing->failed = true;
            writing->count = 0; /* nothing of it is used */
        } else {
            if (writing->count > 0)
                memcpy(more, writing->events, writing->count * sizeof *more);
            writing->events = more;
            writing->room = room;
        }
    }
    if (writing->room > 0)
        writing->events[writing->count++] = (struct analyze_event){ id, act, writing->lines->len };
    hn_json_open(&out, '{');
    return out;
}

static void end(struct writing *writing, struct hn_json_out *out)
{
    hn_json_close(out, '}');
    hn_buf_add_char(writing->lines, '\n');
}

/* ---- Objects ---- */

/* Facts of one name are one list: a rule asks for "any of". Facts may come in any order. */
static void add_facts(struct hn_json_out *out, const struct dissect_object *object)
{
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next) {
        const struct dissect_fact *other = object->facts;
        bool several = false;

        while (other != fact && strcmp(other->name, fact->name) != 0)
            other = other->next;
        if (other != fact)
            continue; /* told with the first of that name */
        for (other = fact->next; other != NULL && !several; other = other->next)
            several = strcmp(other->name, fact->name) == 0;
        hn_json_key(out, hn_text_cstr(fact->name));
        if (several)
            hn_json_open(out, '[');
        for (other = fact; other != NULL; other = other->next)
            if (strcmp(other->name, fact->name) == 0)
                hn_json_text(out, hn_text_sub(other->value, 0, VALUE_BYTES_MAX));
        if (several)
            hn_json_close(out, ']');
    }
}

static void add_notes(struct hn_json_out *out, const struct dissect_object *object)
{
    if (object->notes == NULL)
        return;
    hn_json_key_lit(out, "note");
    hn_json_open(out, '[');
    for (unsigned kind = 0; kind < DISSECT_NOTE_COUNT; kind++)
        if (has_note(object, (enum dissect_note_kind)kind))
            hn_json_text(out, hn_text_cstr(dissect_note_id((enum dissect_note_kind)kind)));
    hn_json_close(out, ']');
    hn_json_key_lit(out, "note_detail");
    hn_json_open(out, '[');
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next)
        hn_json_text(out, note->detail);
    hn_json_close(out, ']');
}

static void write_object(struct writing *writing, uint32_t id)
{
    const struct dissect_object *object = dissect_get(writing->dissect, id);
    struct hn_json_out out = begin(writing, id, NULL);

    open_context(&out, writing, id, dissect_format_category(object->format));
    add_below(&out, writing->dissect, id);
    hn_json_close(&out, '}');
    hn_json_pair(&out, "format", hn_text_cstr(dissect_format_id(object->format)));
    hn_json_pair(&out, "name", hn_text_sub(object->name, 0, VALUE_BYTES_MAX));
    add_facts(&out, object);
    add_notes(&out, object);
    end(writing, &out);
}

/* What PowerShell would log of a script block. */
static void write_script_block(struct writing *writing, uint32_t id)
{
    const struct dissect_object *object = dissect_get(writing->dissect, id);
    struct hn_json_out out;

    if (object->format != DISSECT_POWERSHELL || object->data.len == 0)
        return;
    out = begin(writing, id, NULL);
    hn_json_pair(&out, "Channel", HN_TEXT("Microsoft-Windows-PowerShell/Operational"));
    hn_json_pair_u64(&out, "EventID", 4104);
    hn_json_pair(&out, "ScriptBlockText",
            hn_text_sub(hn_bytes_as_text(object->data), 0, SCRIPT_BYTES_MAX));
    open_context(&out, writing, id, NULL);
    hn_json_close(&out, '}');
    end(writing, &out);
}

static void write_texts(struct writing *writing, uint32_t id)
{
    const struct dissect_object *object = dissect_get(writing->dissect, id);

    for (const struct dissect_text *text = object->texts; text != NULL; text = text->next) {
        struct hn_json_out out = begin(writing, id, NULL);

        open_context(&out, writing, id, "text");
        hn_json_close(&out, '}');
        hn_json_pair(&out, "what", hn_text_cstr(text->what));
        hn_json_pair(&out, "text", hn_text_sub(text->text, 0, TEXT_BYTES_MAX));
        end(writing, &out);
    }
}

/* ---- Acts ---- */

static struct hn_text field_of(const struct dissect_act *act, const char *name)
{
    for (size_t i = 0; i < act->field_count; i++)
        if (strcmp(act->fields[i].name, name) == 0)
            return act->fields[i].value;
    return hn_text_of(NULL, 0);
}

/* Acts with an event of Sysmon's. */
static const struct {
    enum script_act_kind kind;
    uint32_t event_id;
    const char *event_type; /* registry events have one */
} sysmon[] = {
    { SCRIPT_ACT_PROCESS, 1, NULL },
    { SCRIPT_ACT_CONNECT, 3, NULL },
    { SCRIPT_ACT_MODULE_LOAD, 7, NULL },
    { SCRIPT_ACT_FILE_WRITE, 11, NULL },
    { SCRIPT_ACT_REGISTRY_WRITE, 13, "SetValue" },
    { SCRIPT_ACT_DNS, 22, NULL },
    { SCRIPT_ACT_FILE_DELETE, 23, NULL },
};

/* "fields" that the shape needs and the act does not have, made of what it has. */
static void add_process(struct hn_json_out *out, const struct writing *writing, uint32_t id,
        const struct dissect_act *act)
{
    char room[ANALYZE_PATH_ROOM];
    struct hn_text line = field_of(act, "CommandLine");
    struct hn_text image = field_of(act, "Image");
    struct hn_text parent = field_of(act, "ParentImage");
    const char *host = analyze_host(writing->dissect, id);
    const char *original;

    if (image.len == 0)
        image = analyze_image_of_command(line);
    original = analyze_original_name(image);
    hn_json_pair(out, "Image", analyze_image_path(image, room));
    if (line.len > 0 || image.len > 0)
        hn_json_pair(
                out, "CommandLine", hn_text_sub(line.len > 0 ? line : image, 0, VALUE_BYTES_MAX));
    if (original != NULL)
        hn_json_pair(out, "OriginalFileName", hn_text_cstr(original));
    if (parent.len == 0 && act->via != NULL &&
            hn_text_find_nocase(hn_text_cstr(act->via), HN_TEXT("Win32_Process"), 0) != SIZE_MAX)
        parent = HN_TEXT("wmiprvse.exe");
    if (parent.len == 0 && host != NULL)
        parent = hn_text_cstr(host);
    if (parent.len > 0)
        hn_json_pair(out, "ParentImage", analyze_image_path(parent, room));
}

static bool is_made_field(const struct dissect_act *act, const char *name)
{
    return act->kind == SCRIPT_ACT_PROCESS &&
           (strcmp(name, "Image") == 0 || strcmp(name, "CommandLine") == 0 ||
                   strcmp(name, "ParentImage") == 0);
}

static void add_fields(struct hn_json_out *out, const struct dissect_act *act)
{
    for (size_t i = 0; i < act->field_count; i++) {
        bool again = false;

        for (size_t k = 0; k < i && !again; k++)
            again = strcmp(act->fields[k].name, act->fields[i].name) == 0;
        if (again || is_made_field(act, act->fields[i].name))
            continue;
        hn_json_key(out, hn_text_cstr(act->fields[i].name));
        hn_json_text(out, hn_text_sub(act->fields[i].value, 0, VALUE_BYTES_MAX));
    }
}

/* Is it of a server? It says so, or a request stands before it in the same script, whose reply is
 * the only thing that could be in it: content that is known has a digest. */
static bool is_download(const struct dissect_object *object, const struct dissect_act *written)
{
    bool asked = false;

    if (field_of(written, "Url").len > 0)
        return true;
    for (const struct dissect_act *act = object->acts; act != written; act = act->next)
        asked = asked || act->kind == SCRIPT_ACT_HTTP;
    return asked && field_of(written, "Sha256").len == 0;
}

/* Does the process start a file that the sample would have written before, and where from? */
static const char *started_file(const struct writing *writing, const struct dissect_act *process)
{
    struct hn_text line = field_of(process, "CommandLine");
    struct hn_text image = field_of(process, "Image");
    const char *found = NULL;

    for (uint32_t id = 0; id < dissect_count(writing->dissect); id++) {
        const struct dissect_object *object = dissect_get(writing->dissect, id);
        const struct dissect_act *act = object->acts;

        for (; act != NULL; act = act->next) {
            struct hn_text path = field_of(act, "TargetFilename");

            if (act->kind != SCRIPT_ACT_FILE_WRITE || path.len < 4)
                continue;
            if (hn_text_find_nocase(line, path, 0) == SIZE_MAX && !hn_text_eq_nocase(image, path))
                continue;
            if (is_download(object, act))
                return "downloaded";
            found = "written";
        }
    }
    return found;
}

static void close_context(
        struct hn_json_out *out, const struct writing *writing, const struct dissect_act *act)
{
    const char *started = act->kind == SCRIPT_ACT_PROCESS ? started_file(writing, act) : NULL;

    hn_json_pair(out, "act", hn_text_cstr(script_act_id(act->kind)));
    if (act->via != NULL && act->via[0] != '\0')
        hn_json_pair(out, "via", hn_text_cstr(act->via));
    hn_json_key_lit(out, "conditional");
    hn_json_bool(out, act->conditional);
    if (started != NULL)
        hn_json_pair(out, "starts", hn_text_cstr(started));
    hn_json_close(out, '}');
}

/* In a host's log. False: it leaves no trace there that Sysmon would tell. */
static bool write_host_event(struct writing *writing, uint32_t id, const struct dissect_act *act)
{
    struct hn_json_out out;
    const char *host = analyze_host(writing->dissect, id);
    char room[ANALYZE_PATH_ROOM];
    size_t row = 0;

    while (row < HN_COUNT_OF(sysmon) && sysmon[row].kind != act->kind)
        row++;
    if (row == HN_COUNT_OF(sysmon))
        return false;
    out = begin(writing, id, act);
    hn_json_pair(&out, "Channel", HN_TEXT("Microsoft-Windows-Sysmon/Operational"));
    hn_json_pair_u64(&out, "EventID", sysmon[row].event_id);
    if (sysmon[row].event_type != NULL)
        hn_json_pair(&out, "EventType", hn_text_cstr(sysmon[row].event_type));
    if (act->kind == SCRIPT_ACT_PROCESS)
        add_process(&out, writing, id, act);
    else if (host != NULL && field_of(act, "Image").len == 0)
        hn_json_pair(&out, "Image", analyze_image_path(hn_text_cstr(host), room));
    if (act->kind == SCRIPT_ACT_CONNECT)
        hn_json_pair(&out, "Initiated", HN_TEXT("true"));
    add_fields(&out, act);
    open_context(&out, writing, id, NULL);
    close_context(&out, writing, act);
    end(writing, &out);
    return true;
}

/* In the log of a proxy. */
static void write_request(struct writing *writing, uint32_t id, const struct dissect_act *act)
{
    struct hn_json_out out = begin(writing, id, act);
    struct hn_text url = field_of(act, "Url");
    struct hn_text method = field_of(act, "Method");
    struct hn_text agent = field_of(act, "UserAgent");
    struct hn_text referer = field_of(act, "Referer");

    hn_json_pair(&out, "c-uri", hn_text_sub(url, 0, VALUE_BYTES_MAX));
    hn_json_pair(&out, "cs-host", analyze_host_of_url(url));
    hn_json_pair(&out, "cs-method", method.len > 0 ? method : HN_TEXT("GET"));
    if (agent.len > 0)
        hn_json_pair(&out, "c-useragent", agent);
    if (referer.len > 0)
        hn_json_pair(&out, "cs-referrer", referer);
    open_context(&out, writing, id, "proxy");
    close_context(&out, writing, act);
    end(writing, &out);
}

/* Everything else, and what is the same for all: an event of our own. */
static void write_act(struct writing *writing, uint32_t id, const struct dissect_act *act)
{
    struct hn_json_out out;

    if (act->kind == SCRIPT_ACT_HTTP) {
        write_request(writing, id, act);
        return;
    }
    if (write_host_event(writing, id, act))
        return;
    out = begin(writing, id, act);
    add_fields(&out, act);
    open_context(&out, writing, id, "act");
    close_context(&out, writing, act);
    end(writing, &out);
}

const struct analyze_event *analyze_events(const struct dissect *dissect, bool texts,
        struct hn_buf *lines, struct hn_arena *arena, size_t *ret_count)
{
    struct writing writing = { .dissect = dissect, .lines = lines, .arena = arena };

    for (uint32_t id = 0; id < dissect_count(dissect) && !writing.failed; id++) {
        write_object(&writing, id);
        write_script_block(&writing, id);
        for (const struct dissect_act *act = dissect_get(dissect, id)->acts; act != NULL;
                act = act->next)
            write_act(&writing, id, act);
        if (texts)
            write_texts(&writing, id);
    }
    *ret_count = writing.count;
    return writing.failed ? NULL : writing.events;
}
