/* powershell_tell.c - what the evaluator says: acts, layers, texts, notes, each once. */
#include "powershell/powershell_internal.h"

#include "base/hash.h"
#include "base/sha256.h"

#define REVERSED_MAX 2048u
#define TEXT_LEAST   5u
#define ITEMS_TOLD   512u
#define TOLD_DEPTH   2u
#define DETAIL_ROOM  512u

/* Bytes into the source as it was given. */
uint64_t ps_where(struct ps *ps)
{
    if (ps->wide.ptr == NULL)
        return ps->offset;
    if (ps->offset < ps->wide_pos) {
        ps->wide_pos = 0;
        ps->wide_units = 0;
    }
    for (; ps->wide_pos < ps->offset && ps->wide_pos < ps->wide.len; ps->wide_pos++) {
        uint8_t byte = (uint8_t)ps->wide.ptr[ps->wide_pos];

        ps->wide_units += (byte & 0xC0u) != 0x80u;
        ps->wide_units += byte >= 0xF0u;
    }
    return 2 + 2 * (uint64_t)ps->wide_units;
}

static bool seen_before(struct ps *ps, struct hn_text text, uint64_t seed)
{
    uint64_t hash = hn_hash_text(text, seed) | 1u;

    for (uint32_t i = 0; i < 16; i++) {
        uint64_t *slot = &ps->seen[(hash + i) % PS_SEEN_MAX];

        if (*slot == hash)
            return true;
        if (*slot == 0) {
            *slot = hash;
            return false;
        }
    }
    return false;
}

/* The same thing done again in a loop says nothing new. */
void ps_tell(struct ps *ps, const struct script_act *act)
{
    uint64_t hash = (uint64_t)act->kind + (act->conditional ? 1000u : 0u);

    ps->acts++;
    for (size_t i = 0; i < act->field_count; i++) {
        struct hn_text flat = script_text_flat(ps->run, act->fields[i].value);

        if (flat.ptr == NULL)
            return;
        hash = hn_hash_text(flat, hash);
    }
    if (seen_before(ps, hn_text_cstr(act->via), hash))
        return;
    ps->news++;
    script_tell(ps->run, act);
}

void ps_act_of(
        struct ps *ps, enum script_act_kind kind, const char *via, const struct ps_pair pairs[2])
{
    struct script_act act = script_act(ps->run, kind, ps_where(ps), via);

    for (size_t i = 0; i < 2; i++)
        if (pairs[i].value != NULL && pairs[i].value->kind != PS_NULL)
            script_act_add(&act, pairs[i].name, ps_text_from(ps, pairs[i].value));
    ps_tell(ps, &act);
}

void ps_note(struct ps *ps, enum script_note_kind kind, const char *fmt, ...)
{
    char detail[DETAIL_ROOM];
    va_list args;
    struct hn_text text;

    va_start(args, fmt);
    (void)vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);
    text = hn_text_cstr(detail);
    if (seen_before(ps, text, (uint64_t)kind + 1))
        return;
    text = hn_arena_text(&ps->run->arena, text);
    if (text.ptr != NULL)
        script_tell_note(ps->run, kind, ps_where(ps), text);
}

void ps_technique(struct ps *ps, const char *name)
{
    uint32_t room = (uint32_t)(sizeof ps->technique / sizeof ps->technique[0]);

    for (uint32_t i = 0; i < ps->techniques; i++)
        if (ps->technique[i] == name)
            return;
    if (ps->techniques < room)
        ps->technique[ps->techniques++] = name;
    ps_note(ps, SCRIPT_NOTE_OBFUSCATION, "%s", name);
}

static bool computed(const struct script_text *text)
{
    return text->origin != NULL && strcmp(text->origin->step, "literal") != 0 &&
           strcmp(text->origin->step, "variable") != 0 &&
           strcmp(text->origin->step, "environment") != 0;
}

/* An address that something nobody has would turn round, such as an assembly from a server. */
static void tell_reversed(struct ps *ps, const struct script_text *text)
{
    struct hn_text flat;
    char *turned;
    const struct script_origin *origin;

    if (text->len < TEXT_LEAST || text->len > REVERSED_MAX)
        return;
    flat = script_text_flat(ps->run, text);
    if (flat.ptr == NULL ||
            !(hn_text_ends(flat, T("//:ptth")) || hn_text_ends(flat, T("//:sptth"))))
        return;
    turned = hn_arena_raw(&ps->run->arena, flat.len, 1);
    for (size_t i = 0; turned != NULL && i < flat.len; i++)
        turned[i] = flat.ptr[flat.len - 1 - i];
    if (turned == NULL || seen_before(ps, hn_text_of(turned, flat.len), 0))
        return;
    origin = script_origin_new(ps->run, "reverse", SCRIPT_NOWHERE, T(""), text->origin, NULL);
    script_tell_text(ps->run, script_text_borrow(ps->run, hn_text_of(turned, flat.len), origin));
}

static void tell_text(struct ps *ps, const struct script_text *text)
{
    struct hn_text flat;

    tell_reversed(ps, text);
    if (text->len < TEXT_LEAST || !computed(text) || !script_spend(ps->run, 1 + text->len / 128))
        return;
    flat = script_text_flat(ps->run, text);
    if (flat.ptr != NULL && !seen_before(ps, flat, 0))
        script_tell_text(ps->run, text);
}

void ps_tell_value(struct ps *ps, const struct ps_value *v, uint32_t depth)
{
    if (v->kind == PS_TEXT)
        tell_text(ps, v->as.text);
    if (depth >= TOLD_DEPTH || !script_goes_on(ps->run))
        return;
    if (v->kind == PS_ARRAY && !v->as.array->bytes) {
        for (size_t i = 0; i < v->as.array->count && i < ITEMS_TOLD; i++) {
            struct ps_value item = ps_at(v->as.array, i);

            ps_tell_value(ps, &item, depth + 1);
        }
    } else if (v->kind == PS_HASH || v->kind == PS_OBJECT) {
        const struct ps_hash *hash = v->kind == PS_HASH ? v->as.hash : &v->as.object->props;

        if (v->kind == PS_OBJECT)
            ps_tell_value(ps, &v->as.object->state, depth + 1);
        for (uint32_t i = 0; i < hash->count && i < ITEMS_TOLD; i++)
            ps_tell_value(ps, &hash->entries[i].value, depth + 1);
    }
}

void ps_tell_layer(struct ps *ps, enum script_language language, const struct script_text *text,
        const char *how, bool evaluated, struct hn_text name)
{
    struct script_layer layer = { .language = language,
        .text = text,
        .how = how,
        .name = name,
        .offset = ps_where(ps),
        .evaluated = evaluated };
    struct hn_text flat = script_text_flat(ps->run, text);

    if (flat.ptr != NULL && !seen_before(ps, flat, 1000 + (uint64_t)language))
        script_tell_layer(ps->run, &layer);
}

/* A script, block, command or program that nobody has. */
void ps_runs_unknown(struct ps *ps, const struct ps_value *what)
{
    struct hn_text flat = hn_text_sub(ps_flat(ps, what), 0, 200);

    ps_note(ps, SCRIPT_NOTE_EVASION, "runs what cannot be known: %.*s", HN_TEXT_ARG(flat));
}

/* ---- Network ---- */

static const struct script_text *user_agent(struct ps *ps, struct ps_object *client)
{
    struct ps_value headers;
    const struct ps_value *found;

    if (client == NULL)
        return NULL;
    headers = ps_prop(client, "headers");
    if (headers.kind == PS_NULL)
        headers = ps_prop(client, "useragent");
    if (headers.kind == PS_TEXT)
        return headers.as.text;
    if (headers.kind == PS_OBJECT)
        headers = headers.as.object->state;
    if (headers.kind != PS_HASH)
        return NULL;
    found = ps_hash_find(headers.as.hash, T("user-agent"));
    return found != NULL ? ps_text_from(ps, found) : NULL;
}

/* "//host" and "host/path" mean http to the clients of .NET and Windows, a path means a file. */
static bool is_address(struct hn_text url)
{
    return hn_text_find(url, T("://"), 0) != SIZE_MAX || hn_text_starts(url, T("\\\\")) ||
           (hn_text_find_char(url, '.', 0) != SIZE_MAX &&
                   hn_text_find_char(url, '\\', 0) == SIZE_MAX);
}

struct ps_value ps_http(struct ps *ps, const char *via, const struct ps_value *url,
        const char *method, struct ps_object *client)
{
    struct script_act act = script_act(ps->run, SCRIPT_ACT_HTTP, ps_where(ps), via);
    struct hn_text flat;
    struct ps_value text = *url;

    if (text.kind == PS_OBJECT || text.kind == PS_ARRAY)
        text = ps_text(ps_text_from(ps, &text));
    if (text.kind == PS_NULL)
        return ps_unknown(ps, "reply");
    flat = hn_text_trim(ps_flat(ps, &text));
    if (text.kind == PS_UNKNOWN || !is_address(flat)) {
        ps_note(ps, SCRIPT_NOTE_UNMODELLED, "request to what cannot be known: %.*s",
                (int)(flat.len < 200 ? flat.len : 200), flat.ptr);
        if (text.kind == PS_UNKNOWN)
            return ps_unknown(ps, "reply");
    }
    script_act_add(&act, "Url", ps_text_from(ps, &text));
    script_act_add(&act, "Method", script_text_borrow(ps->run, hn_text_cstr(method), NULL));
    script_act_add(&act, "UserAgent", user_agent(ps, client));
    ps_tell(ps, &act);
    return ps_unknown(ps, "reply of %.*s", (int)(flat.len < 900 ? flat.len : 900), flat.ptr);
}

void ps_download(
        struct ps *ps, const char *via, const struct ps_value *url, const struct ps_value *file)
{
    (void)ps_http(ps, via, url, "GET", NULL);
    if (file->kind != PS_NULL)
        ps_act(ps, SCRIPT_ACT_FILE_WRITE, via, "TargetFilename", file, "Url", url);
}

/* ---- Processes ---- */

const char ps_host_image[] = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";

static void tell_process(struct ps *ps, const char *via, const struct script_text *image,
        const struct script_text *line)
{
    struct script_act act = script_act(ps->run, SCRIPT_ACT_PROCESS, ps_where(ps), via);

    script_act_add(&act, "Image", image);
    script_act_add(&act, "CommandLine", line);
    script_act_add(
            &act, "ParentImage", script_text_borrow(ps->run, hn_text_cstr(ps_host_image), NULL));
    ps_tell(ps, &act);
    ps_tell_layer(ps, SCRIPT_COMMAND, line, via, false, T(""));
}

static bool has_space(struct hn_text text)
{
    return hn_text_find_char(text, ' ', 0) != SIZE_MAX;
}

void ps_process(struct ps *ps, const char *via, const struct ps_value *file,
        const struct ps_value *arguments)
{
    const struct script_text *image = ps_text_from(ps, file);
    const struct script_text *line = image;
    struct hn_text flat = ps_flat(ps, file);

    if (file->kind == PS_NULL || flat.len == 0)
        return;
    if (hn_text_starts_nocase(flat, T("http://")) || hn_text_starts_nocase(flat, T("https://")))
        (void)ps_http(ps, via, file, "GET", NULL);
    if (has_space(flat) && flat.ptr[0] != '"') {
        const struct script_text *quote = script_text_borrow(ps->run, T("\""), NULL);

        line = script_text_join(ps->run, quote, script_text_join(ps->run, image, quote));
    }
    if (arguments != NULL && arguments->kind != PS_NULL) {
        line = script_text_join(ps->run,
                script_text_join(ps->run, line, script_text_borrow(ps->run, T(" "), NULL)),
                ps_text_from(ps, arguments));
    }
    tell_process(ps, via, image, line);
}

void ps_process_line(struct ps *ps, const char *via, const struct ps_value *line)
{
    struct hn_text flat = hn_text_trim(ps_flat(ps, line));
    size_t start = 0;
    size_t end;
    char close = ' ';

    if (flat.len == 0)
        return;
    if (flat.ptr[0] == '"' || flat.ptr[0] == '\'') {
        close = flat.ptr[0];
        start = 1;
    }
    end = hn_text_find_char(flat, close, start);
    end = end == SIZE_MAX ? flat.len : end;
    tell_process(ps, via,
            script_text_borrow(ps->run, hn_text_sub(flat, start, end - start), ps_origin_of(line)),
            ps_text_from(ps, line));
}

/* ---- Files and calls ---- */

static enum script_language language_of(struct hn_bytes content, struct hn_text file)
{
    if (content.len >= 2 && content.ptr[0] == 'M' && content.ptr[1] == 'Z')
        return SCRIPT_PROGRAM;
    return script_language_of_file(file);
}

/* Of what cannot be known: where it comes from, if that is known. */
static void add_source(struct ps *ps, struct script_act *act, const struct ps_value *content)
{
    struct hn_text url = com_reply_url(ps_flat(ps, content));

    if (url.len > 0)
        script_act_add(act, "Url", script_text_new(ps->run, url, ps_origin_of(content)));
    else if (content->kind == PS_UNKNOWN)
        script_act_add(act, "Content", content->as.text);
}

const struct ps_value *ps_file_find(struct ps *ps, struct hn_text name)
{
    const struct ps_value *known = ps_hash_find(&ps->files, name);
    const struct script_text *content;

    if (known != NULL)
        return known;
    content = com_file_content(ps->com, name);
    return content != NULL ? ps_hash_put(ps, &ps->files, name, ps_text(content)) : NULL;
}

void ps_file_write(
        struct ps *ps, const char *via, const struct ps_value *file, const struct ps_value *content)
{
    struct script_act act = script_act(ps->run, SCRIPT_ACT_FILE_WRITE, ps_where(ps), via);
    struct hn_text name = hn_text_trim(ps_flat(ps, file));
    const struct script_text *layer = NULL;
    struct hn_bytes bytes = { NULL, 0 };
    char hex[HN_SHA256_HEX_LEN];

    if (ps_same_text(name, "$null") || ps_same_text(name, "nul") || name.len == 0)
        return;
    if (content->kind == PS_ARRAY && ps_bytes_of(ps, content, &bytes) && bytes.len > 0)
        layer = script_text_from_bytes(ps->run, bytes, ps_origin_of(content));
    else if (content->kind != PS_UNKNOWN && content->kind != PS_NULL && !ps_is_unknown(content)) {
        layer = ps_text_from(ps, content);
        bytes = hn_text_as_bytes(ps_flat(ps, content));
    }
    script_act_add(&act, "TargetFilename", ps_text_from(ps, file));
    if (layer != NULL && hn_sha256_hex(bytes, hex))
        script_act_add(&act, "Sha256", script_text_new(ps->run, hn_text_of(hex, sizeof hex), NULL));
    else if (ps_is_unknown(content))
        add_source(ps, &act, content);
    ps_tell(ps, &act);
    (void)ps_hash_put(ps, &ps->files, name, *content);
    com_keep_file(ps->com, name,
            layer != NULL || !ps_is_unknown(content) ? layer : ps_text_from(ps, content));
    if (layer != NULL)
        ps_tell_layer(ps, language_of(bytes, name), layer, via, false, name);
}

/* What functions of Windows would do with what they are given. */
static void follow_api(
        struct ps *ps, struct hn_text function, const struct ps_value *args, size_t count)
{
    if (count > 2 && hn_text_starts_nocase(function, T("URLDownloadToFile")))
        ps_download(ps, "URLDownloadToFile", &args[1], &args[2]);
    else if (count > 1 && hn_text_starts_nocase(function, T("InternetOpenUrl")))
        (void)ps_http(ps, "InternetOpenUrl", &args[1], "GET", NULL);
    else if (count > 0 && ps_same_text(function, "WinExec"))
        ps_process_line(ps, "WinExec", &args[0]);
    else if (count > 3 && hn_text_starts_nocase(function, T("ShellExecute")))
        ps_process(ps, "ShellExecute", &args[2], &args[3]);
    else if (count > 1 && hn_text_starts_nocase(function, T("CreateProcess")))
        ps_process_line(ps, "CreateProcess", args[1].kind == PS_TEXT ? &args[1] : &args[0]);
}

void ps_api_call(struct ps *ps, struct hn_text library, struct hn_text function,
        const struct ps_value *args, size_t count)
{
    struct script_act act = script_act(ps->run, SCRIPT_ACT_API_CALL, ps_where(ps), "P/Invoke");
    struct ps_array *list = ps_array_new(ps, count);
    struct ps_value joined;

    for (size_t i = 0; i < count; i++) {
        struct ps_value v = args[i];
        struct hn_bytes bytes;

        if (v.kind == PS_ARRAY && ps_bytes_of(ps, &v, &bytes) && bytes.len > 16)
            v = ps_text_of(ps, T("(bytes)"), NULL);
        ps_array_add(ps, list, v);
    }
    joined = ps_join(ps, ps_of_array(list), ps_text(script_text_borrow(ps->run, T(", "), NULL)));
    script_act_add(&act, "Library", script_text_new(ps->run, library, NULL));
    script_act_add(&act, "Function", script_text_new(ps->run, function, NULL));
    script_act_add(&act, "Arguments", ps_text_from(ps, &joined));
    ps_tell(ps, &act);
    follow_api(ps, function, args, count);
}
