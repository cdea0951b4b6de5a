/* evaluate.c - hands scripts to the evaluators of their languages and takes down what these tell:
 * layers as children, acts, decoded texts, notes. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/utf.h"
#include "com/com.h"

#define PARTS_MAX         4096u
#define VARIABLE_NAME_MAX 300u
#define SCRIPT_GAP        "\n" /* between scripts of a page */

/* How src/powershell says that the text of an Invoke-Expression is not known. */
#define RUNS_UNKNOWN "runs what cannot be known: "

static const struct {
    enum dissect_format format;
    enum script_language language;
} scripts[] = {
    { DISSECT_VBA_PROJECT, SCRIPT_VBA },
    { DISSECT_VBA_MODULE, SCRIPT_VBA },
    { DISSECT_VBSCRIPT, SCRIPT_VBSCRIPT },
    { DISSECT_VBE, SCRIPT_VBSCRIPT },
    { DISSECT_JSCRIPT, SCRIPT_JSCRIPT },
    { DISSECT_JSE, SCRIPT_JSCRIPT },
    { DISSECT_POWERSHELL, SCRIPT_POWERSHELL },
    { DISSECT_BATCH, SCRIPT_BATCH },
    { DISSECT_COMMAND, SCRIPT_COMMAND },
    { DISSECT_XLM, SCRIPT_XLM },
};

static size_t script_row(enum dissect_format format)
{
    size_t i = 0;

    while (i < HN_COUNT_OF(scripts) && scripts[i].format != format)
        i++;
    return i;
}

enum script_language analyze_language_of_format(enum dissect_format format)
{
    size_t row = script_row(format);

    return row < HN_COUNT_OF(scripts) ? scripts[row].language : SCRIPT_UNKNOWN;
}

analyze_evaluate *analyze_evaluator_of(
        const struct analyze_tables *tables, enum script_language language)
{
    for (size_t i = 0; i < tables->evaluator_count; i++)
        if (tables->evaluators[i].language == language)
            return tables->evaluators[i].evaluate;
    return NULL;
}

/* What runs the script: by its own format where it is a file, else what opens the object it is
 * in. */
const char *analyze_host(const struct dissect *dissect, uint32_t id)
{
    const struct dissect_object *object = dissect_get(dissect, id);
    const char *own = dissect_format_program(object->format);
    const char *host = NULL;

    if (own != NULL && strcmp(object->relation, "script") != 0)
        return own;
    while (host == NULL && object->parent != DISSECT_NONE) {
        object = dissect_get(dissect, object->parent);
        host = dissect_format_program(object->format);
    }
    return host != NULL ? host : own;
}

/* Jobs of a script file run by themselves; everything else of a page is one. */
static struct hn_text job_of(const struct dissect_object *script)
{
    return hn_text_starts(script->name, HN_TEXT(SCRIPT_JOB_PREFIX)) ? script->name : HN_TEXT("");
}

/* Whether both are scripts of one page, in whatever languages: these see each other. */
static bool is_beside(
        const struct dissect *dissect, const struct dissect_object *script, uint32_t id)
{
    const struct dissect_object *other = dissect_get(dissect, id);

    return script->parent != DISSECT_NONE && other->parent == script->parent &&
           strcmp(script->relation, "script") == 0 && strcmp(other->relation, "script") == 0 &&
           hn_text_eq(job_of(script), job_of(other)) &&
           analyze_language_of_format(script->format) != SCRIPT_UNKNOWN &&
           analyze_language_of_format(other->format) != SCRIPT_UNKNOWN;
}

/* Whether both are scripts of one page in one language: these run in one after the other, with the
 * same variables and functions. */
static bool is_with(const struct dissect *dissect, const struct dissect_object *script, uint32_t id)
{
    return is_beside(dissect, script, id) &&
           analyze_language_of_format(dissect_get(dissect, id)->format) ==
                   analyze_language_of_format(script->format);
}

/* ---- What the evaluator tells ---- */

struct telling {
    struct take *take;
    struct script_run *run;
    uint32_t id;
    enum hn_status status;
};

static void add_layer(struct telling *telling, enum dissect_format format, const char *relation,
        struct hn_text name, struct hn_bytes data, bool evaluated)
{
    struct dissect_child child = { .format = format,
        .name = name,
        .relation = relation,
        .data = data,
        .offset = DISSECT_NOWHERE };
    uint32_t id;
    enum hn_status status;

    if (data.len == 0 || telling->status != HN_OK)
        return;
    status = dissect_child(telling->take->dissect, telling->id, &child, &id);
    if (status == HN_OK && evaluated)
        status = take_mark(telling->take, id, DONE_EVALUATED);
    if (status == HN_NOMEM)
        telling->status = status;
}

/* Nothing of it is known: "{reply of http://...}". */
static bool is_unknown(const struct script_text *text, struct hn_text flat)
{
    return text->unknown && flat.len > 1 && flat.ptr[0] == '{' &&
           hn_text_find_char(flat, '}', 0) == flat.len - 1;
}

/* A script that runs what a server sends, or what nobody can know. */
static void tell_unknown(struct telling *telling, struct hn_text what)
{
    dissect_fact(telling->take->dissect, telling->id, "runs_unknown", what);
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    struct telling *telling = ctx;
    struct hn_text flat = script_text_flat(telling->run, layer->text);
    struct hn_bytes bytes = { NULL, 0 };

    if (is_unknown(layer->text, flat)) {
        if (layer->language != SCRIPT_PROGRAM)
            tell_unknown(telling, flat);
        return;
    }

    /* Bytes of files are one per character of the script's string; everything else is text. */
    if (layer->language != SCRIPT_PROGRAM || !script_text_bytes(telling->run, layer->text, &bytes))
        bytes = hn_text_as_bytes(flat);
    add_layer(telling, analyze_format_of_language(layer->language),
            strcmp(layer->how, SCRIPT_HOW_SMUGGLED) == 0 ? SCRIPT_HOW_SMUGGLED
            : layer->language == SCRIPT_PROGRAM          ? "written"
                                                         : "layer",
            layer->name.len > 0 ? layer->name : hn_text_cstr(layer->how), bytes, layer->evaluated);
}

/* Places of the registry whose values Windows starts. */
static bool is_autostart(struct hn_text key)
{
    static const struct hn_text places[] = { HN_TEXT_INIT("\\CurrentVersion\\Run"),
        HN_TEXT_INIT("\\CurrentVersion\\Policies\\Explorer\\Run"), HN_TEXT_INIT("\\Winlogon\\"),
        HN_TEXT_INIT("\\Environment\\UserInitMprLogonScript"),
        HN_TEXT_INIT("\\shell\\open\\command"), HN_TEXT_INIT("\\Command Processor\\AutoRun") };

    for (size_t i = 0; i < HN_COUNT_OF(places); i++)
        if (hn_text_find_nocase(key, places[i], 0) != SIZE_MAX)
            return true;
    return false;
}

/* The field of an act that is a command line; NULL: it has none. */
static const char *command_field(struct telling *telling, const struct script_act *act)
{
    if (act->kind == SCRIPT_ACT_PROCESS || act->kind == SCRIPT_ACT_TASK)
        return "CommandLine";
    if (act->kind == SCRIPT_ACT_SERVICE)
        return "ImagePath";
    for (size_t i = 0; act->kind == SCRIPT_ACT_REGISTRY_WRITE && i < act->field_count; i++) {
        if (strcmp(act->fields[i].name, "TargetObject") == 0 &&
                is_autostart(script_text_flat(telling->run, act->fields[i].value)))
            return "Details";
    }
    return NULL;
}

/* A command line that would be started is a layer: it may hold the next script. */
static void follow_command(struct telling *telling, const struct script_act *act, const char *field)
{
    const struct dissect_object *object = dissect_get(telling->take->dissect, telling->id);

    for (size_t i = 0; i < act->field_count; i++) {
        struct hn_text line;

        if (strcmp(act->fields[i].name, field) != 0)
            continue;
        line = script_text_flat(telling->run, act->fields[i].value);
        if (is_unknown(act->fields[i].value, line) ||
                (object->format == DISSECT_COMMAND &&
                        hn_text_eq(line, hn_bytes_as_text(object->data))))
            continue; /* what nobody knows, and what a command line says of itself */
        add_layer(telling, DISSECT_COMMAND, "started", hn_text_cstr(act->via),
                hn_text_as_bytes(line), false);
    }
}

/* Scripts of a page are evaluated as one: which of them an offset is in, and where there. */
static uint32_t owner_of(const struct telling *telling, uint64_t *offset)
{
    const struct dissect *dissect = telling->take->dissect;
    const struct dissect_object *first = dissect_get(dissect, telling->id);
    uint64_t start = 0;

    for (uint32_t i = telling->id; *offset != SCRIPT_NOWHERE && i < dissect_count(dissect); i++) {
        uint64_t len = dissect_get(dissect, i)->data.len;

        if (i != telling->id && !is_with(dissect, first, i))
            continue;
        if (*offset - start <= len) {
            *offset -= start;
            return i;
        }
        start += len + sizeof SCRIPT_GAP - 1;
    }
    return telling->id;
}

static void on_act(void *ctx, const struct script_act *told)
{
    struct telling *telling = ctx;
    struct script_act one = *told;
    const struct script_act *act = &one;
    const char *field;
    uint32_t owner = owner_of(telling, &one.offset);

    dissect_act(telling->take->dissect, owner, telling->run, act);
    field = command_field(telling, act);
    if (field != NULL)
        follow_command(telling, act, field);
}

static void on_text(void *ctx, const struct script_text *text)
{
    struct telling *telling = ctx;

    dissect_decoded(telling->take->dissect, telling->id, "decoded", telling->run, text);
}

static void on_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    static const enum dissect_note_kind kinds[SCRIPT_NOTE_COUNT] = {
        [SCRIPT_NOTE_SYNTAX] = DISSECT_NOTE_SYNTAX,
        [SCRIPT_NOTE_UNMODELLED] = DISSECT_NOTE_UNMODELLED,
        [SCRIPT_NOTE_LIMIT] = DISSECT_NOTE_LIMIT,
        [SCRIPT_NOTE_BOTH] = DISSECT_NOTE_BOTH,
        [SCRIPT_NOTE_OBFUSCATION] = DISSECT_NOTE_OBFUSCATED,
        [SCRIPT_NOTE_AUTORUN] = DISSECT_NOTE_AUTORUN,
        [SCRIPT_NOTE_EVASION] = DISSECT_NOTE_EVASION,
    };
    struct telling *telling = ctx;

    if (hn_text_starts(detail, HN_TEXT(RUNS_UNKNOWN)))
        tell_unknown(telling, hn_text_sub(detail, sizeof RUNS_UNKNOWN - 1, SIZE_MAX));
    dissect_note(telling->take->dissect, telling->id, kinds[kind], offset, "%.*s",
            (int)hn_text_sub(detail, 0, 300).len, detail.len > 0 ? detail.ptr : "");
}

static void on_variable(void *ctx, struct hn_text name, const struct script_text *value)
{
    struct telling *telling = ctx;
    struct hn_buf store = { 0 };

    hn_buf_init(&store, VARIABLE_NAME_MAX);
    hn_buf_add_lit(&store, SCRIPT_VARIABLE_PREFIX);
    hn_buf_add_text(&store, name);
    if (hn_buf_ok(&store))
        dissect_store(telling->take->dissect, telling->id, hn_buf_text(&store),
                script_text_flat(telling->run, value), DISSECT_NOWHERE);
    hn_buf_deinit(&store);
}

/* ---- Sources ---- */

/* All scripts of the page as one text. False: there is but one, or no memory. */
static bool join_scripts(struct take *take, uint32_t id, struct hn_text *ret_text)
{
    struct hn_buf all = { 0 };
    size_t count = 0;

    hn_buf_init(&all, (size_t)dissect_limits(take->dissect)->file_bytes_max);
    for (uint32_t i = id; i < dissect_count(take->dissect); i++) {
        if (!is_with(take->dissect, dissect_get(take->dissect, id), i))
            continue;
        hn_buf_add_text(&all, hn_bytes_as_text(dissect_get(take->dissect, i)->data));
        hn_buf_add_lit(&all, SCRIPT_GAP);
        count++;
    }
    *ret_text = HN_TEXT("");
    if (count > 1 && hn_buf_ok(&all))
        *ret_text = hn_arena_text(dissect_arena(take->dissect), hn_buf_text(&all));
    hn_buf_deinit(&all);
    return ret_text->len > 0;
}

/* Windows tells UTF-16 by its mark; evaluators read UTF-8. */
static struct hn_text text_of(struct take *take, struct hn_bytes data)
{
    struct hn_buf utf8 = { 0 };
    struct hn_text text = hn_bytes_as_text(data);

    if (data.len < 4 || data.ptr[0] != 0xFF || data.ptr[1] != 0xFE)
        return text;
    (void)hn_utf16le_to_utf8(&utf8, hn_bytes_of(data.ptr + 2, data.len - 2));
    if (hn_buf_ok(&utf8)) {
        struct hn_text plain = hn_arena_text(dissect_arena(take->dissect), hn_buf_text(&utf8));

        if (plain.ptr != NULL)
            text = plain;
    }
    hn_buf_deinit(&utf8);
    return text;
}

/* The modules of a project, or the object itself. NULL: out of memory. */
static const struct script_part *parts_of(struct take *take, uint32_t id, size_t *ret_count)
{
    const struct dissect_object *object = dissect_get(take->dissect, id);
    struct script_part *parts;
    size_t count = 0;
    struct hn_text joined;
    bool project = object->format == DISSECT_VBA_PROJECT;

    for (uint32_t i = id + 1; project && i < dissect_count(take->dissect); i++)
        count += dissect_get(take->dissect, i)->parent == id;
    if (count > PARTS_MAX)
        count = PARTS_MAX;
    parts = hn_new(dissect_arena(take->dissect), struct script_part, count > 0 ? count : 1);
    *ret_count = 0;
    if (parts == NULL)
        return NULL;
    if (!project) {
        parts[0] = (struct script_part){ object->name, text_of(take, object->data) };
        (void)join_scripts(take, id, &joined);
        if (joined.len > 0)
            parts[0].text = joined;
        *ret_count = 1;
        return parts;
    }
    for (uint32_t i = id + 1; *ret_count < count; i++) {
        const struct dissect_object *module = dissect_get(take->dissect, i);

        if (module->parent == id)
            parts[(*ret_count)++] =
                    (struct script_part){ module->name, hn_bytes_as_text(module->data) };
    }
    return parts;
}

/* Modules of a project are evaluated with it, scripts of a page with the first of them. */
static bool is_evaluated_with(const struct dissect *dissect, const struct dissect_object *object)
{
    for (uint32_t i = object->parent != DISSECT_NONE ? object->parent : object->id; i < object->id;
            i++)
        if (is_beside(dissect, object, i))
            return true;
    return object->format == DISSECT_VBA_MODULE && object->parent != DISSECT_NONE &&
           dissect_get(dissect, object->parent)->format == DISSECT_VBA_PROJECT;
}

/* The name of the file in which the script is. */
static struct hn_text file_of(const struct dissect *dissect, uint32_t id)
{
    const struct dissect_object *object = dissect_get(dissect, id);

    while (object->parent != DISSECT_NONE &&
            (object->format == DISSECT_VBA_PROJECT || object->format == DISSECT_VBA_MODULE))
        object = dissect_get(dissect, object->parent);
    return object->name;
}

/* ---- Replies ---- */

static struct hn_text act_field(const struct dissect_act *act, const char *name)
{
    for (size_t i = 0; i < act->field_count; i++)
        if (strcmp(act->fields[i].name, name) == 0)
            return act->fields[i].value;
    return hn_text_of(NULL, 0);
}

static bool has_reply(const struct dissect *dissect, uint32_t id, struct hn_bytes bytes)
{
    for (uint32_t i = id + 1; i < dissect_count(dissect); i++) {
        const struct dissect_object *object = dissect_get(dissect, i);

        if (object->parent == id && strcmp(object->relation, "reply") == 0 &&
                hn_text_eq(hn_bytes_as_text(object->data), hn_bytes_as_text(bytes)))
            return true;
    }
    return false;
}

/* What somebody has of what a server sent, below the script that asks for it: under the name by
 * which the script would keep it, where it does. */
static void add_replies(struct telling *telling, enum script_act_kind kind)
{
    const struct analyze_options *options = telling->take->options;
    struct dissect *dissect = telling->take->dissect;

    for (const struct dissect_act *act = dissect_get(dissect, telling->id)->acts;
            act != NULL && options->reply_count > 0; act = act->next) {
        struct hn_text url = act_field(act, "Url");
        struct hn_text name = act_field(act, "TargetFilename");

        for (size_t i = 0; act->kind == kind && url.len > 0 && i < options->reply_count; i++) {
            const struct analyze_reply *reply = &options->replies[i];

            if (hn_text_eq(url, reply->url) && !has_reply(dissect, telling->id, reply->bytes))
                add_layer(telling, DISSECT_UNKNOWN, "reply", name.len > 0 ? name : url,
                        reply->bytes, false);
        }
    }
}

/* ---- Files ---- */

static struct hn_text last_part(struct hn_text path)
{
    size_t slash;

    for (slash = path.len; slash > 0; slash--)
        if (path.ptr[slash - 1] == '\\' || path.ptr[slash - 1] == '/')
            break;
    return hn_text_sub(path, slash, SIZE_MAX);
}

/* A file by its name: what the sample has in it and what its scripts have written. Of several the
 * one nearest above the script, else the last one found. */
static bool find_file(const struct dissect_scope *scope, struct hn_text name, struct hn_text *ret)
{
    bool found = false;

    for (uint32_t id = scope->id; id != DISSECT_NONE;) {
        const struct dissect_object *object = dissect_get(scope->dissect, id);

        if (object->format != DISSECT_COMMAND && hn_text_eq_nocase(last_part(object->name), name)) {
            *ret = hn_bytes_as_text(object->data);
            return true;
        }
        id = object->parent;
    }
    for (uint32_t id = 0; id < dissect_count(scope->dissect); id++) {
        const struct dissect_object *object = dissect_get(scope->dissect, id);

        if (object->data.len == 0 || object->format == DISSECT_COMMAND ||
                !hn_text_eq_nocase(last_part(object->name), name))
            continue;
        *ret = hn_bytes_as_text(object->data);
        found = true;
    }
    return found;
}

/* Stores, and files of the sample by SCRIPT_FILE_PREFIX. */
static bool lookup(void *ctx, struct hn_text name, struct hn_text *ret_text)
{
    if (hn_text_starts(name, HN_TEXT(SCRIPT_FILE_PREFIX)))
        return find_file(ctx, hn_text_sub(name, sizeof SCRIPT_FILE_PREFIX - 1, SIZE_MAX), ret_text);
    return dissect_lookup(ctx, name, ret_text);
}

/* One language of a page, or the only one. */
static enum hn_status run_language(struct telling *telling, struct hn_err *err)
{
    struct take *take = telling->take;
    const struct dissect_object *object = dissect_get(take->dissect, telling->id);
    struct dissect_scope *scope = hn_new(&telling->run->arena, struct dissect_scope, 1);
    struct script_source *source = hn_new(&telling->run->arena, struct script_source, 1);
    analyze_evaluate *evaluate =
            analyze_evaluator_of(take->tables, analyze_language_of_format(object->format));
    struct hn_err why = { 0 };
    uint64_t steps = telling->run->steps;
    enum hn_status status;

    if (scope == NULL || source == NULL || evaluate == NULL)
        return HN_OK;
    *scope = (struct dissect_scope){ take->dissect, telling->id };
    *source = (struct script_source){ .language = analyze_language_of_format(object->format),
        .lookup = lookup,
        .lookup_ctx = scope,
        .file_name = file_of(take->dissect, telling->id),
        .host = analyze_host(take->dissect, telling->id) };
    source->parts = parts_of(take, telling->id, &source->part_count);
    if (source->parts == NULL) {
        dissect_note(take->dissect, telling->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "memory_bytes_max");
        return HN_OK;
    }
    if (source->part_count == 0)
        return HN_OK;
    take_step(take, telling->id, ANALYZE_STEP_EVALUATE);
    status = evaluate(telling->run, source, &why);
    dissect_fact_u64(take->dissect, telling->id, "evaluation_steps", telling->run->steps - steps);
    add_replies(telling, SCRIPT_ACT_FILE_WRITE);
    add_replies(telling, SCRIPT_ACT_HTTP);
    if (status == HN_NOMEM)
        return hn_fail(err, status, why.offset, "%s", why.msg);
    if (status != HN_OK)
        dissect_note(take->dissect, telling->id, DISSECT_NOTE_SYNTAX, why.offset, "%s", why.msg);
    return HN_OK;
}

/* The first script beside this one, from `from` on, in a language of which none is before it.
 * DISSECT_NONE: there is none. */
static uint32_t next_language(const struct dissect *dissect, uint32_t first, uint32_t from)
{
    for (uint32_t i = from; i < dissect_count(dissect); i++) {
        bool known = false;

        if (!is_beside(dissect, dissect_get(dissect, first), i))
            continue;
        for (uint32_t k = first; k < i && !known; k++)
            known = is_with(dissect, dissect_get(dissect, i), k);
        if (!known)
            return i;
    }
    return DISSECT_NONE;
}

/* All languages of the page in one run, so that each has what those before it left. */
static enum hn_status run_languages(struct take *take, uint32_t id, struct hn_err *err)
{
    struct script_run run;
    struct telling telling = { .take = take, .run = &run, .id = id };
    struct script_sink sink = { .ctx = &telling,
        .on_act = on_act,
        .on_layer = on_layer,
        .on_text = on_text,
        .on_note = on_note,
        .on_variable = on_variable };
    uint32_t next = next_language(take->dissect, id, id + 1);
    enum hn_status status;

    script_run_init(&run, &take->script_limits, &sink);
    run.linked = next != DISSECT_NONE;
    status = run_language(&telling, err);
    for (; next != DISSECT_NONE && status == HN_OK;
            next = next_language(take->dissect, id, next + 1)) {
        telling.id = next;
        status = run_language(&telling, err);
    }
    if (run.link != NULL && run.link->finish != NULL)
        run.link->finish(run.link->ctx);
    if (run.stop != SCRIPT_STOP_NONE)
        dissect_note(take->dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "evaluation: %s",
                script_stop_id(run.stop));
    script_run_deinit(&run);
    if (telling.status != HN_OK)
        return hn_fail(err, telling.status, 0, "layers of a script");
    return status;
}

enum hn_status take_evaluate(struct take *take, uint32_t id, bool *ret_tried, struct hn_err *err)
{
    const struct dissect_object *object = dissect_get(take->dissect, id);
    enum script_language language = analyze_language_of_format(object->format);

    if (language == SCRIPT_UNKNOWN || object->data.len == 0 ||
            is_evaluated_with(take->dissect, object)) {
        if (object->format != DISSECT_VBA_PROJECT)
            return HN_OK;
    }
    if (analyze_evaluator_of(take->tables, language) == NULL) {
        dissect_note(take->dissect, id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                "nobody evaluates %s", script_language_id(language));
        return HN_OK;
    }
    *ret_tried = true;
    return run_languages(take, id, err);
}
