/* alias.c - other names for the same thing, filled in when an event lacks the wanted one.
 *
 * The table below is compiled against the schema: only what somebody wants costs anything. An alias
 * works in both directions where both are listed. Entries for one dst are tried in order. */
#include "event/event_internal.h"

#include "base/mem.h"

#define ANY           KIND_BIT(KIND_ANY)
#define WINDOWS       KIND_BIT(KIND_WINDOWS)
#define ECS           KIND_BIT(KIND_ECS)
#define PROCESS_AUDIT KIND_BIT(KIND_PROCESS_AUDIT)
#define CLASSIC       KIND_BIT(KIND_CLASSIC)
#define DEFENDER      KIND_BIT(KIND_DEFENDER)

const struct alias aliases[] = {
    { WINDOWS, "Computer", "Hostname", NULL, NULL },
    { WINDOWS, "Computer", "ComputerName", NULL, NULL },
    { WINDOWS, "ComputerName", "Computer", NULL, NULL },
    { WINDOWS, "EventLog", "Channel", NULL, NULL },
    { PROCESS_AUDIT, "Image", "NewProcessName", NULL, NULL },
    { PROCESS_AUDIT, "ParentImage", "ParentProcessName", NULL, NULL },
    { CLASSIC, "Data", "Message", NULL, NULL },
    { DEFENDER, "ThreatName", "Threat Name", NULL, NULL },
};
const size_t aliases_count = HN_COUNT_OF(aliases);

/* Wants the sources of everything wanted; an alias may itself be filled from another. */
static enum hn_status want_sources(struct hn_schema *schema)
{
    size_t count;

    do {
        count = schema->names.count;
        for (size_t i = 0; i < aliases_count; i++) {
            if (hn_schema_find(schema, hn_text_cstr(aliases[i].dst)) != HN_FIELD_NONE &&
                    hn_schema_want(schema, hn_text_cstr(aliases[i].src)) == HN_FIELD_NONE)
                return HN_NOMEM;
        }
    } while (schema->names.count != count);
    return HN_OK;
}

static enum hn_status compile_kind(struct hn_schema *schema, uint32_t kind)
{
    struct fill_program *program = &schema->programs[kind];

    program->steps = hn_calloc(aliases_count, sizeof *program->steps);
    if (program->steps == NULL)
        return HN_NOMEM;
    for (size_t i = 0; i < aliases_count; i++) {
        const struct alias *alias = &aliases[i];
        struct fill *step = &program->steps[program->count];

        if ((alias->kinds & (uint32_t)1 << kind) == 0)
            continue;
        step->dst = hn_schema_find(schema, hn_text_cstr(alias->dst));
        if (step->dst == HN_FIELD_NONE)
            continue;
        step->src = hn_schema_find(schema, hn_text_cstr(alias->src));
        step->compute = alias->compute;
        step->arg = hn_text_cstr(alias->arg == NULL ? "" : alias->arg);
        program->count++;
    }
    return HN_OK;
}

enum hn_status alias_compile(struct hn_schema *schema, struct hn_err *err)
{
    enum hn_status status = want_sources(schema);

    for (uint32_t kind = 0; status == HN_OK && kind < KIND_COUNT; kind++)
        status = compile_kind(schema, kind);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "field aliases need too much memory");
    return HN_OK;
}

static void fill_step(struct hn_event *event, const struct fill *step)
{
    uint32_t first;

    if (hn_event_has(event, step->dst))
        return;
    first = hn_event_first(event, step->src);
    if (first == HN_VALUE_NONE)
        return;
    if (step->compute != NULL)
        (void)step->compute(event, step->dst, step->src, step->arg);
    else
        event->slots[step->dst] = event->slots[step->src]; /* the same list of values */
}

void alias_fill(struct hn_event *event, uint32_t kinds)
{
    while (kinds != 0) {
        const struct fill_program *program = &event->schema->programs[__builtin_ctz(kinds)];

        kinds &= kinds - 1;
        for (size_t i = 0; i < program->count; i++)
            fill_step(event, &program->steps[i]);
    }
}
