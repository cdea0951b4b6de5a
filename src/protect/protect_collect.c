/* protect_collect.c - the indicators of a tree: what acts do gives them their role, facts and texts
 * the rest.
 *
 * An address that a script would ask for is where something is downloaded when what comes back is
 * written or run, and contacted otherwise. Digests are taken of the sample and of what the attack
 * brings, never of harmless parts (pictures, streams). Leaves to others: what protects. */
#include "protect/protect_internal.h"

#define TEXT_BYTES_MAX ((size_t)1 << 20) /* of one text or script that is searched */

struct collecting {
    const struct dissect *tree;
    struct protect_list *list;
    struct extract *extract;
    const struct dissect_object *object;
    /* Of the value that is searched at the moment. */
    enum protect_role role;
    uint64_t offset;
    struct hn_text path;
    const char *via;
    bool conditional;
    bool partial;
    bool only_addresses;
    bool in_code;
};

static bool is_network(enum extract_kind kind)
{
    return kind == EXTRACT_URL || kind == EXTRACT_HOST || kind == EXTRACT_IPV4 ||
           kind == EXTRACT_IPV6;
}

static bool on_item(void *ctx, const struct extract_item *item)
{
    struct collecting *c = ctx;
    struct protect_indicator found = { .role = c->role,
        .kind = PROTECT_EXTRACTED,
        .what = item->kind,
        .value = item->value,
        .host = item->host,
        .domain = item->domain,
        .port = item->port,
        .marks = item->marks,
        .object = c->object->id,
        .offset = c->offset,
        .path = c->path,
        .via = c->via,
        .conditional = c->conditional,
        .partial = c->partial,
        .in_code = c->in_code };

    if (c->only_addresses && !is_network(item->kind) && item->kind != EXTRACT_EMAIL)
        return true;
    if (c->role >= PROTECT_HYPERLINK && c->offset != DISSECT_NOWHERE)
        found.offset = c->offset + item->offset;
    if ((item->kind == EXTRACT_FILE || item->kind == EXTRACT_PATH) && c->role != PROTECT_DROPPED)
        found.role = PROTECT_MENTIONED;
    protect_list_add(c->list, &found);
    return c->list->status == HN_OK;
}

static void search(struct collecting *c, struct hn_text text, bool code)
{
    struct extract_options options = { .strictness = code ? EXTRACT_CODE : EXTRACT_PROSE };

    (void)extract_text(c->extract, hn_text_sub(text, 0, TEXT_BYTES_MAX), &options, on_item, c);
}

/* The whole value as one indicator. */
static void add(struct collecting *c, enum protect_role role, enum protect_kind kind,
        enum extract_kind what, struct hn_text value)
{
    struct protect_indicator indicator = { .role = role,
        .kind = kind,
        .what = what,
        .value = hn_text_trim(value),
        .object = c->object->id,
        .offset = c->offset,
        .path = c->path,
        .via = c->via,
        .conditional = c->conditional,
        .partial = c->partial };

    protect_list_add(c->list, &indicator);
}

static void reset(struct collecting *c, const struct dissect_object *object)
{
    struct collecting fresh = { .tree = c->tree,
        .list = c->list,
        .extract = c->extract,
        .object = object,
        .role = PROTECT_MENTIONED,
        .offset = DISSECT_NOWHERE };

    *c = fresh;
}

/* ---- Acts ---- */

static bool is_field(const char *name, const char *wanted)
{
    return strcmp(name, wanted) == 0;
}

static bool with_field(const struct dissect_act *act, const char *name)
{
    for (size_t i = 0; i < act->field_count; i++) {
        if (is_field(act->fields[i].name, name) && act->fields[i].value.len > 0)
            return true;
    }
    return false;
}

/* Whether an object writes or starts what it fetches. */
static bool keeps_answers(const struct dissect_object *object)
{
    for (const struct dissect_act *act = object->acts; act != NULL; act = act->next) {
        if (act->kind == SCRIPT_ACT_FILE_WRITE || act->kind == SCRIPT_ACT_PROCESS ||
                act->kind == SCRIPT_ACT_MODULE_LOAD)
            return true;
    }
    return false;
}

static bool is_post(const struct dissect_act *act)
{
    for (size_t i = 0; i < act->field_count; i++) {
        if (is_field(act->fields[i].name, "Method") &&
                hn_text_eq_nocase(act->fields[i].value, HN_TEXT("POST")))
            return true;
    }
    return false;
}

static enum protect_role network_role(
        const struct dissect_object *object, const struct dissect_act *act)
{
    if (act->kind == SCRIPT_ACT_FILE_WRITE)
        return PROTECT_DOWNLOAD;
    if (act->kind == SCRIPT_ACT_HTTP && !is_post(act) && keeps_answers(object))
        return PROTECT_DOWNLOAD;
    return PROTECT_CONTACTED;
}

/* A registry value with what is written into it. */
static void add_registry(struct collecting *c, const struct dissect_act *act, struct hn_text key)
{
    struct protect_indicator indicator = { .role = PROTECT_REGISTRY,
        .kind = PROTECT_EXTRACTED,
        .what = EXTRACT_REGISTRY,
        .value = key,
        .object = c->object->id,
        .offset = act->offset,
        .path = c->path,
        .via = act->via,
        .conditional = act->conditional,
        .partial = c->partial };

    for (size_t i = 0; i < act->field_count; i++) {
        if (is_field(act->fields[i].name, "Details"))
            indicator.details = act->fields[i].value;
    }
    protect_list_add(c->list, &indicator);
}

/* Without the program, a command line is a parent's; with it, the shape of rules. */
static void add_process(struct collecting *c, const struct dissect_act *act, struct hn_text command)
{
    struct protect_indicator indicator = { .role = PROTECT_PROCESS,
        .kind = PROTECT_COMMAND,
        .value = hn_text_trim(command),
        .object = c->object->id,
        .offset = act->offset,
        .path = c->path,
        .via = act->via,
        .conditional = act->conditional,
        .partial = c->partial };

    for (size_t i = 0; i < act->field_count; i++) {
        if (is_field(act->fields[i].name, "ParentImage"))
            indicator.details = act->fields[i].value;
    }
    protect_list_add(c->list, &indicator);
}

static void collect_field(struct collecting *c, const struct dissect_act *act, size_t i)
{
    const char *name = act->fields[i].name;
    struct hn_text value = act->fields[i].value;

    c->offset = act->offset;
    c->path = act->fields[i].path;
    c->via = act->via;
    c->conditional = act->conditional;
    c->partial = act->fields[i].unknown;
    c->role = network_role(c->object, act);
    c->only_addresses = true;
    if (act->kind == SCRIPT_ACT_FILE_WRITE && is_field(name, "TargetFilename"))
        add(c, PROTECT_DROPPED, PROTECT_EXTRACTED, EXTRACT_PATH, value);
    else if (is_field(name, "Sha256"))
        add(c, PROTECT_DROPPED, PROTECT_EXTRACTED, EXTRACT_SHA256, value);
    else if (act->kind == SCRIPT_ACT_REGISTRY_WRITE && is_field(name, "TargetObject"))
        add_registry(c, act, value);
    else if (is_field(name, "UserAgent"))
        add(c, PROTECT_USER_AGENT, PROTECT_EXTRACTED, EXTRACT_USER_AGENT, value);
    else if (act->kind == SCRIPT_ACT_PROCESS &&
             is_field(name, with_field(act, "CommandLine") ? "CommandLine" : "Image"))
        add_process(c, act, value);
    if (is_field(name, "Url") || is_field(name, "QueryName") || is_field(name, "Destination") ||
            is_field(name, "DestinationHostname") || is_field(name, "DestinationIp"))
        search(c, value, false);
    else if (is_field(name, "CommandLine") || is_field(name, "Arguments") ||
             is_field(name, "Body") || is_field(name, "Details")) {
        c->role = PROTECT_MENTIONED;
        c->in_code = true;
        search(c, value, true);
    }
    reset(c, c->object);
}

/* ---- Facts ---- */

struct fact_row {
    const char *name;
    enum protect_role role;
    bool search; /* for addresses in it; else the value itself */
    enum protect_kind kind;
    enum extract_kind what;
};

static const struct fact_row fact_rows[] = {
    { "from_address", PROTECT_SENDER, true, PROTECT_EXTRACTED, EXTRACT_EMAIL },
    { "sender", PROTECT_SENDER, true, PROTECT_EXTRACTED, EXTRACT_EMAIL },
    { "reply_to", PROTECT_SENDER, true, PROTECT_EXTRACTED, EXTRACT_EMAIL },
    { "return_path", PROTECT_SENDER, true, PROTECT_EXTRACTED, EXTRACT_EMAIL },
    { "subject", PROTECT_SUBJECT, false, PROTECT_TEXT, EXTRACT_MUTEX },
    { "received_ip", PROTECT_RELAY, true, PROTECT_EXTRACTED, EXTRACT_IPV4 },
    { "c2", PROTECT_C2, true, PROTECT_EXTRACTED, EXTRACT_URL },
    { "template_url", PROTECT_LINK, true, PROTECT_EXTRACTED, EXTRACT_URL },
    { "external_url", PROTECT_LINK, true, PROTECT_EXTRACTED, EXTRACT_URL },
    { "external_relation", PROTECT_LINK, true, PROTECT_EXTRACTED, EXTRACT_URL },
    { "origin_ip", PROTECT_RELAY, true, PROTECT_EXTRACTED, EXTRACT_IPV4 },
    { "url", PROTECT_LINK, true, PROTECT_EXTRACTED, EXTRACT_URL },
    { "dde_command", PROTECT_PROCESS, false, PROTECT_COMMAND, EXTRACT_MUTEX },
    { "action_command", PROTECT_PROCESS, false, PROTECT_COMMAND, EXTRACT_MUTEX },
    { "mutex", PROTECT_MUTEX, false, PROTECT_EXTRACTED, EXTRACT_MUTEX },
};

static void collect_facts(struct collecting *c)
{
    for (const struct dissect_fact *fact = c->object->facts; fact != NULL; fact = fact->next) {
        for (size_t i = 0; i < HN_COUNT_OF(fact_rows); i++) {
            const struct fact_row *row = &fact_rows[i];

            if (strcmp(row->name, fact->name) != 0)
                continue;
            if (row->search) {
                c->role = row->role;
                c->only_addresses = true;
                search(c, fact->value, false);
            } else {
                add(c, row->role, row->kind, row->what, fact->value);
            }
            reset(c, c->object);
        }
    }
}

/* ---- Digests ---- */

/* Of what the attack brings: the sample, files in mails and archives, scripts as files, programs.
 */
static bool is_file(const struct dissect_object *object)
{
    const char *relation = object->relation;

    return object->parent == DISSECT_NONE || strcmp(relation, "attachment") == 0 ||
           strcmp(relation, "entry") == 0 || strcmp(relation, "embedded") == 0 ||
           strcmp(relation, "smuggled") == 0 || object->format == DISSECT_PE ||
           object->format == DISSECT_ELF;
}

static bool is_harmless(const struct dissect_object *object)
{
    return object->format == DISSECT_IMAGE || object->format == DISSECT_TEXT ||
           object->format == DISSECT_XML || object->format == DISSECT_UNKNOWN;
}

static bool is_mail(const struct dissect_object *object)
{
    return strcmp(dissect_format_category(object->format), "mail") == 0;
}

static void collect_digest(struct collecting *c)
{
    const struct dissect_object *object = c->object;
    struct hn_text digest = protect_fact(object, "sha256");
    struct hn_text name = object->name;
    size_t slash = name.len;

    /* Parts of packages (OOXML) are entries as well, and no file of theirs is anywhere. */
    if (object->parent != DISSECT_NONE &&
            strcmp(dissect_format_category(dissect_get(c->tree, object->parent)->format),
                    "document") == 0 &&
            object->format != DISSECT_PE && object->format != DISSECT_ELF)
        return;
    if (!is_file(object) || is_mail(object) ||
            (is_harmless(object) && object->parent != DISSECT_NONE))
        return;
    add(c, PROTECT_SAMPLE, PROTECT_EXTRACTED, EXTRACT_SHA256, digest);
    while (slash > 0 && name.ptr[slash - 1] != '/' && name.ptr[slash - 1] != '\\')
        slash--;
    if (object->parent != DISSECT_NONE && strcmp(object->relation, "attachment") == 0)
        add(c, PROTECT_ATTACHMENT, PROTECT_EXTRACTED, EXTRACT_FILE,
                hn_text_sub(name, slash, name.len));
}

/* ---- Texts ---- */

static bool has_note(const struct dissect_object *object, enum dissect_note_kind kind)
{
    const struct dissect_note *note = object->notes;

    while (note != NULL && note->kind != kind)
        note = note->next;
    return note != NULL;
}

/* Cells of a workbook with macro sheets hold what its formulas join. */
static bool is_store(const struct collecting *c, const struct dissect_text *text)
{
    if (strcmp(text->what, "cells") != 0)
        return false;
    for (uint32_t id = c->object->id + 1; id < dissect_count(c->tree); id++) {
        const struct dissect_object *object = dissect_get(c->tree, id);

        if (object->parent == c->object->id && object->format == DISSECT_XLM)
            return true;
    }
    return false;
}

/* Whether a source holds pieces: what they make the evaluator has told. Layers that were evaluated
 * within their parent have its notes. */
static bool holds_pieces(const struct collecting *c)
{
    const struct dissect_object *object = c->object;
    const struct dissect_object *parent;

    if (has_note(object, DISSECT_NOTE_OBFUSCATED))
        return true;
    if (object->parent == DISSECT_NONE || protect_fact(object, "evaluation_steps").len > 0)
        return false;
    parent = dissect_get(c->tree, object->parent);
    return strcmp(dissect_format_category(parent->format), "script") == 0 &&
           has_note(parent, DISSECT_NOTE_OBFUSCATED);
}

static void collect_texts(struct collecting *c)
{
    bool code = strcmp(dissect_format_category(c->object->format), "script") == 0;

    for (const struct dissect_text *text = c->object->texts; text != NULL; text = text->next) {
        c->offset = text->offset;
        c->path = text->path;
        /* A link may well lead to the attack, but mails are full of innocent ones. */
        c->role = strcmp(text->what, "link") == 0 ? PROTECT_HYPERLINK : PROTECT_MENTIONED;
        c->only_addresses = c->role == PROTECT_HYPERLINK;
        c->in_code = (code || is_store(c, text)) && c->role == PROTECT_MENTIONED;
        search(c, text->text, code && strcmp(text->what, "decoded") != 0);
    }
    reset(c, c->object);
    for (const struct dissect_store *store = c->object->stores; store != NULL;
            store = store->next) {
        c->offset = store->offset;
        c->path = store->name;
        c->in_code = true;
        search(c, store->value, true);
    }
    reset(c, c->object);
    if (code && !holds_pieces(c)) {
        c->offset = 0;
        c->in_code = true;
        search(c, hn_bytes_as_text(c->object->data), true);
    }
    reset(c, c->object);
}

/* ---- All ---- */

/* By role; within one as they were found. */
static void sort(struct protect_list *list)
{
    size_t count = list->items.count;
    struct protect_indicator *sorted = hn_new(list->arena, struct protect_indicator, count);
    size_t at = 0;

    if (count == 0)
        return;
    if (sorted == NULL) {
        list->status = HN_NOMEM;
        return;
    }
    for (unsigned role = 0; role < PROTECT_ROLE_COUNT; role++) {
        for (size_t i = 0; i < count; i++) {
            if (list->items.ptr[i].role == (enum protect_role)role)
                sorted[at++] = list->items.ptr[i];
        }
    }
    memcpy(list->items.ptr, sorted, count * sizeof *sorted);
    hn_map_deinit(&list->index); /* its numbers no longer hold */
    list->index = (struct hn_map){ 0 };
}

enum hn_status protect_collect(const struct dissect *tree, struct protect_list *list)
{
    struct collecting c = { .tree = tree, .list = list, .extract = extract_new() };

    if (c.extract == NULL)
        return HN_NOMEM;
    for (uint32_t id = 0; id < dissect_count(tree) && list->status == HN_OK; id++) {
        reset(&c, dissect_get(tree, id));
        for (const struct dissect_act *act = c.object->acts; act != NULL; act = act->next) {
            for (size_t i = 0; i < act->field_count; i++)
                collect_field(&c, act, i);
        }
        collect_facts(&c);
        collect_digest(&c);
        collect_texts(&c);
    }
    extract_free(c.extract);
    protect_drop_pieces(list);
    sort(list);
    return list->status;
}
