/* alias.c - other names for the same thing, filled in when an event lacks the wanted one.
 *
 * The tables (alias_*.c) are compiled against the schema: only what somebody wants becomes a step,
 * so what nobody wants costs nothing. Names on the right of an alias are as logged; only the last
 * table, alias_normal, reads names that may have been filled themselves. Entries for one field are
 * tried in the order of the tables. */
#include "event/event_internal.h"

#include "base/mem.h"

static const struct alias_table *const tables[] = { &alias_windows, &alias_endpoint, &alias_cloud,
    &alias_ecs, &alias_network, &alias_normal };

/* ---- Compiling ---- */

/* What is being compiled: which fields shall be filled. */
struct compiler {
    struct hn_schema *schema;
    bool *filled; /* by field number; room for all fields there may be */
    size_t room;
};

/* Every name in the tables at most once, besides those wanted so far. */
static size_t room_for_fields(const struct hn_schema *schema)
{
    size_t room = schema->names.count;

    for (size_t i = 0; i < HN_COUNT_OF(tables); i++)
        room += tables[i]->count * 3;
    return room + (event_network_synonyms_count + event_cloud_synonyms_count) * SYNONYMS_MAX;
}

static bool is_filled(const struct compiler *c, const char *name, hn_field *ret_field)
{
    hn_field field = hn_schema_find(c->schema, hn_text_cstr(name));

    if (field == HN_FIELD_NONE || field >= c->room || !c->filled[field])
        return false;
    *ret_field = field;
    return true;
}

/* Wants a field that others are filled from; in the last table it is to be filled itself. */
static bool want_source(struct compiler *c, const char *name, bool fill, bool *ret_news)
{
    hn_field field;

    if (name == NULL)
        return true;
    field = hn_schema_want(c->schema, hn_text_cstr(name));
    if (field == HN_FIELD_NONE)
        return false;
    if (fill && !c->filled[field]) {
        c->filled[field] = true;
        *ret_news = true;
    }
    return true;
}

static bool want_table(struct compiler *c, const struct alias_table *table, bool *ret_news)
{
    bool fill = table == &alias_normal;
    hn_field dst;

    for (size_t i = 0; i < table->count; i++) {
        const struct alias *alias = &table->aliases[i];

        if (is_filled(c, alias->dst, &dst) &&
                (!want_source(c, alias->src, fill, ret_news) ||
                        !want_source(c, alias->other, fill, ret_news)))
            return false;
    }
    return true;
}

static bool want_synonyms(struct compiler *c, const struct synonyms *synonyms, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *const *names = synonyms[i].names;
        bool wanted = false;
        hn_field dst;

        for (size_t k = 0; k < SYNONYMS_MAX && names[k] != NULL; k++)
            wanted = wanted || is_filled(c, names[k], &dst);
        for (size_t k = 0; wanted && k < SYNONYMS_MAX && names[k] != NULL; k++) {
            if (!want_source(c, names[k], false, &wanted))
                return false;
        }
    }
    return true;
}

/* Wants what the wanted fields are filled from, until nothing new comes up. */
static bool want_sources(struct compiler *c)
{
    bool news = true;

    for (size_t i = 0; i < c->schema->names.count; i++)
        c->filled[i] = true;
    while (news) {
        news = false;
        for (size_t i = 0; i < HN_COUNT_OF(tables); i++) {
            if (!want_table(c, tables[i], &news))
                return false;
        }
    }
    return want_synonyms(c, event_network_synonyms, event_network_synonyms_count) &&
           want_synonyms(c, event_cloud_synonyms, event_cloud_synonyms_count);
}

static bool add_step(struct fill_program *program, const struct fill *step)
{
    struct fill *place = hn_vec_add(&program->steps);

    if (place == NULL)
        return false;
    *place = *step;
    return true;
}

static hn_field field_or_none(const struct compiler *c, const char *name)
{
    return name == NULL ? HN_FIELD_NONE : hn_schema_find(c->schema, hn_text_cstr(name));
}

static bool compile_aliases(struct compiler *c, const struct alias_table *table, kind_set kind,
        struct fill_program *ret)
{
    struct fill step = { 0 };

    for (size_t i = 0; i < table->count; i++) {
        const struct alias *alias = &table->aliases[i];

        if ((alias->kinds & kind) == 0 || !is_filled(c, alias->dst, &step.dst))
            continue;
        step.src = field_or_none(c, alias->src);
        step.other = field_or_none(c, alias->other);
        step.make = alias->make;
        step.flags = (uint16_t)alias->flags;
        step.arg = hn_text_cstr(alias->arg == NULL ? "" : alias->arg);
        if (!add_step(ret, &step))
            return false;
    }
    return true;
}

/* One name of a group from all its others. */
static bool compile_synonym(
        struct compiler *c, const char *const *names, hn_field dst, struct fill_program *ret)
{
    struct fill step = { .dst = dst, .other = HN_FIELD_NONE };

    for (size_t i = 0; i < SYNONYMS_MAX && names[i] != NULL; i++) {
        step.src = field_or_none(c, names[i]);
        if (step.src != dst && !add_step(ret, &step))
            return false;
    }
    return true;
}

static bool compile_synonyms(struct compiler *c, const struct synonyms *synonyms, size_t count,
        kind_set kind, struct fill_program *ret)
{
    hn_field dst;

    for (size_t i = 0; i < count; i++) {
        const char *const *names = synonyms[i].names;

        if ((synonyms[i].kinds & kind) == 0)
            continue;
        for (size_t k = 0; k < SYNONYMS_MAX && names[k] != NULL; k++) {
            if (is_filled(c, names[k], &dst) && !compile_synonym(c, names, dst, ret))
                return false;
        }
    }
    return true;
}

/* Notes in each step how many behind it fill the same field. */
static void note_skips(struct fill_program *program)
{
    for (size_t i = program->steps.count; i-- > 1;) {
        const struct fill *step = &program->steps.ptr[i];
        struct fill *before = &program->steps.ptr[i - 1];

        if (before->dst == step->dst && (step->flags & FILL_ALWAYS) == 0 && step->skip < UINT16_MAX)
            before->skip = (uint16_t)(step->skip + 1);
    }
}

static bool compile_kind(struct compiler *c, unsigned number)
{
    struct fill_program *program = &c->schema->programs[number];
    kind_set kind = (kind_set)1 << number;

    for (size_t i = 0; i < HN_COUNT_OF(tables); i++) {
        if (!compile_aliases(c, tables[i], kind, program))
            return false;
    }
    if (!compile_synonyms(c, event_cloud_synonyms, event_cloud_synonyms_count, kind, program) ||
            !compile_synonyms(
                    c, event_network_synonyms, event_network_synonyms_count, kind, program))
        return false;
    note_skips(program);
    return true;
}

enum hn_status alias_compile(struct hn_schema *schema)
{
    struct compiler c = { .schema = schema, .room = room_for_fields(schema) };
    bool done;

    c.filled = hn_calloc(c.room, sizeof *c.filled);
    done = c.filled != NULL && want_sources(&c);
    for (unsigned number = 0; done && number < KIND_COUNT; number++)
        done = compile_kind(&c, number);
    hn_free(c.filled);
    return done ? HN_OK : HN_NOMEM;
}

/* ---- Running ---- */

void fill_text(struct hn_event *event, hn_field dst, struct hn_text text)
{
    struct hn_value value = { .ptr = text.ptr, .type = HN_TYPE_STRING, .form = HN_FORM_TEXT };

    value.len = text.len > UINT32_MAX ? UINT32_MAX : (uint32_t)text.len;
    fill_value(event, dst, &value);
}

void fill_value(struct hn_event *event, hn_field dst, const struct hn_value *value)
{
    struct hn_value *added = hn_event_value(event);

    if (added == NULL)
        return;
    *added = *value;
    added->more = false;
    hn_event_link(event, dst, added);
}

void fill_clear(struct hn_event *event, hn_field dst)
{
    event->slots[dst].generation = event->generation - 1;
}

struct hn_text fill_source(struct hn_event *event, hn_field field)
{
    uint32_t index = hn_event_first(event, field);
    struct hn_text text;

    if (index == HN_VALUE_NONE || event->values[index].type == HN_TYPE_OBJECT)
        return HN_TEXT("");
    text = hn_event_text(event, index);
    return text.len == 1 && text.ptr[0] == '-' ? HN_TEXT("") : text;
}

static void run_step(struct hn_event *event, const struct fill *step)
{
    if (step->make != NULL)
        step->make(event, step);
    else
        event->slots[step->dst] = event->slots[step->src]; /* the same list of values */
}

static void run_program(struct hn_event *event, const struct fill_program *program)
{
    for (size_t i = 0; i < program->steps.count; i++) {
        const struct fill *step = &program->steps.ptr[i];

        if (hn_event_has(event, step->dst) && (step->flags & FILL_ALWAYS) == 0) {
            i += step->skip;
            continue;
        }
        if ((step->flags & FILL_BLIND) != 0 || hn_event_has(event, step->src))
            run_step(event, step);
    }
}

void alias_fill(struct hn_event *event, kind_set kinds)
{
    while (kinds != 0) {
        unsigned number = (unsigned)__builtin_ctzll(kinds);

        kinds &= kinds - 1;
        run_program(event, &event->schema->programs[number]);
    }
}

/* ---- Telling ---- */

static bool is_named(const struct hn_other_name *names, uint32_t count, struct hn_text name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (hn_text_eq(names[i].name, name))
            return true;
    }
    return false;
}

uint32_t hn_event_other_names(const struct hn_event *event, hn_field field,
        struct hn_other_name ret_names[HN_OTHER_NAMES_MAX])
{
    const struct hn_schema *schema = event->schema;
    uint32_t count = 0;

    for (kind_set kinds = event->kinds; kinds != 0; kinds &= kinds - 1) {
        const struct fill_program *program = &schema->programs[__builtin_ctzll(kinds)];

        for (size_t i = 0; i < program->steps.count; i++) {
            const struct fill *step = &program->steps.ptr[i];
            struct hn_text name;

            if (step->dst != field || step->src == field || step->src == HN_FIELD_NONE)
                continue;
            name = hn_schema_name(schema, step->src);
            if (count == HN_OTHER_NAMES_MAX)
                return count;
            if (!is_named(ret_names, count, name))
                ret_names[count++] = (struct hn_other_name){ name, step->make != NULL };
        }
    }
    return count;
}
