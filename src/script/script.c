/* script.c - one evaluation: its budget, and what it tells. Texts are in script_text.c. */
#include "script/script.h"

#include "base/hash.h"

#include <assert.h>

const struct script_limits script_limits_default = {
    .steps_max = 1000000,
    .bytes_max = (size_t)128 << 20,
    .text_bytes_max = (size_t)16 << 20,
    .depth_max = 128,
    .acts_max = 4096,
    .layers_max = 256,
};

const char *script_language_id(enum script_language language)
{
    static const char *const ids[] = {
#define SCRIPT_LANGUAGE_ID(name, id) id,
        SCRIPT_LANGUAGE_LIST(SCRIPT_LANGUAGE_ID)
#undef SCRIPT_LANGUAGE_ID
    };

    assert(language < SCRIPT_LANGUAGE_COUNT);
    return ids[language];
}

const char *script_act_id(enum script_act_kind kind)
{
    static const char *const ids[] = {
#define SCRIPT_ACT_ID(name, id) id,
        SCRIPT_ACT_LIST(SCRIPT_ACT_ID)
#undef SCRIPT_ACT_ID
    };

    assert(kind < SCRIPT_ACT_COUNT);
    return ids[kind];
}

const char *script_note_id(enum script_note_kind kind)
{
    static const char *const ids[] = {
#define SCRIPT_NOTE_ID(name, id) id,
        SCRIPT_NOTE_LIST(SCRIPT_NOTE_ID)
#undef SCRIPT_NOTE_ID
    };

    assert(kind < SCRIPT_NOTE_COUNT);
    return ids[kind];
}

const char *script_stop_id(enum script_stop stop)
{
    static const char *const ids[] = {
#define SCRIPT_STOP_ID(name, id) id,
        SCRIPT_STOP_LIST(SCRIPT_STOP_ID)
#undef SCRIPT_STOP_ID
    };

    assert((size_t)stop < sizeof ids / sizeof ids[0]);
    return ids[stop];
}

void script_run_init(
        struct script_run *run, const struct script_limits *limits, const struct script_sink *sink)
{
    *run = (struct script_run){ .limits = limits != NULL ? *limits : script_limits_default };
    if (sink != NULL)
        run->sink = *sink;
    hn_arena_init(&run->arena, run->limits.bytes_max);
}

void script_run_deinit(struct script_run *run)
{
    hn_arena_deinit(&run->arena);
}

bool script_spend(struct script_run *run, uint64_t cost)
{
    if (run->stop != SCRIPT_STOP_NONE)
        return false;
    if (cost > run->limits.steps_max - run->steps) {
        run->steps = run->limits.steps_max;
        run->stop = SCRIPT_STOP_STEPS;
        return false;
    }
    run->steps += cost;
    return true;
}

/* ---- Telling ---- */

struct script_act script_act(
        const struct script_run *run, enum script_act_kind kind, uint64_t offset, const char *via)
{
    return (struct script_act){
        .kind = kind, .offset = offset, .via = via, .conditional = run->conditional
    };
}

void script_act_add(struct script_act *act, const char *name, const struct script_text *value)
{
    if (value == NULL || act->field_count == SCRIPT_FIELDS_MAX)
        return;
    act->fields[act->field_count].name = name;
    act->fields[act->field_count].value = value;
    act->field_count++;
}

#define TOLD_ROOM  4096u
#define TOLD_TRIES 8u

/* Whether the very same act was told before. Where the table is crowded some are told twice. */
static bool told_before(struct script_run *run, const struct script_act *act)
{
    uint64_t hash = (uint64_t)act->kind;

    if (run->told == NULL)
        run->told = hn_new(&run->arena, uint64_t, TOLD_ROOM);
    if (run->told == NULL)
        return false;
    for (size_t i = 0; i < act->field_count; i++)
        hash = hn_hash_text(script_text_flat(run, act->fields[i].value), hash);
    hash |= 1u;
    for (uint32_t i = 0; i < TOLD_TRIES; i++) {
        uint64_t *slot = &run->told[(hash / 2 + i) % TOLD_ROOM];

        if (*slot == hash)
            return true;
        if (*slot == 0) {
            *slot = hash;
            return false;
        }
    }
    return false;
}

void script_tell(struct script_run *run, const struct script_act *act)
{
    bool before;

    if (run->acts >= run->limits.acts_max) {
        run->acts++;
        return;
    }
    run->acts++;
    for (size_t i = 0; i < act->field_count; i++)
        if (script_text_flat(run, act->fields[i].value).ptr == NULL)
            return; /* the run has ended for want of memory */
    before = told_before(run, act);
    run->news += !before;
    if (before && run->again)
        return;
    if (run->sink.on_act != NULL)
        run->sink.on_act(run->sink.ctx, act);
}

void script_tell_layer(struct script_run *run, const struct script_layer *layer)
{
    if (layer->text == NULL || script_text_flat(run, layer->text).len == 0)
        return;
    if (run->layers++ >= run->limits.layers_max)
        return;
    if (run->sink.on_layer != NULL)
        run->sink.on_layer(run->sink.ctx, layer);
}

void script_tell_text(struct script_run *run, const struct script_text *text)
{
    if (text == NULL || script_text_flat(run, text).len == 0)
        return;
    if (run->sink.on_text != NULL)
        run->sink.on_text(run->sink.ctx, text);
}

void script_tell_note(
        struct script_run *run, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    if (run->sink.on_note != NULL)
        run->sink.on_note(run->sink.ctx, kind, offset, detail);
}

void script_tell_variable(
        struct script_run *run, struct hn_text name, const struct script_text *value)
{
    if (value == NULL || name.len == 0 || script_text_flat(run, value).len == 0 || value->unknown)
        return;
    if (run->sink.on_variable != NULL)
        run->sink.on_variable(run->sink.ctx, name, value);
}
