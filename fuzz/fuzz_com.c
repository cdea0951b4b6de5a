/* fuzz: com */
/* fuzz_com.c - programs of calls: within the budget; run twice the same is told; acts have the
 * fields of their kind and no field twice; values are what their kind says.
 *
 * A line is a step: "n NAME" makes an object, "g NAME" one by moniker; "c0 MEMBER ARGS" calls a
 * member of the first thing that a step gave, "p0 MEMBER ARGS VALUE" sets one, "i0" walks over it.
 * Words stand between bars: "#5" a number, "@0" what a step gave, "=ab" bytes, "!" true, "-" left
 * out, else a text. */
#include "script_oracle.h"

#include "com/com.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define THINGS 16u

/* The fields of each kind that objects tell, as script.h lists them. */
static const char *const fields[SCRIPT_ACT_COUNT] = {
    [SCRIPT_ACT_PROCESS] = " Image CommandLine CurrentDirectory ParentImage ",
    [SCRIPT_ACT_FILE_WRITE] = " TargetFilename Url Sha256 Details ",
    [SCRIPT_ACT_FILE_READ] = " TargetFilename ",
    [SCRIPT_ACT_FILE_DELETE] = " TargetFilename ",
    [SCRIPT_ACT_REGISTRY_WRITE] = " TargetObject Details ",
    [SCRIPT_ACT_REGISTRY_READ] = " TargetObject ",
    [SCRIPT_ACT_HTTP] = " Url Method UserAgent Referer Body ",
    [SCRIPT_ACT_WMI] = " Namespace Class Method Arguments ",
    [SCRIPT_ACT_COM] = " ProgId Clsid ",
    [SCRIPT_ACT_MODULE_LOAD] = " ImageLoaded ",
    [SCRIPT_ACT_TASK] = " TaskName CommandLine ",
    [SCRIPT_ACT_SERVICE] = " ServiceName ImagePath ",
    [SCRIPT_ACT_MAIL] = " To Subject ",
    [SCRIPT_ACT_ENVIRONMENT] = " Name ",
    [SCRIPT_ACT_SLEEP] = " Seconds ",
    [SCRIPT_ACT_SHOW] = " Text ",
};

static void on_act(void *ctx, const struct script_act *act)
{
    assert(act->kind < SCRIPT_ACT_COUNT && fields[act->kind] != NULL);
    assert(act->via != NULL && act->field_count <= SCRIPT_FIELDS_MAX);
    for (size_t i = 0; i < act->field_count; i++) {
        const char *found = strstr(fields[act->kind], act->fields[i].name);

        assert(found != NULL && found[-1] == ' ' && found[strlen(act->fields[i].name)] == ' ');
        for (size_t k = 0; k < i; k++)
            assert(strcmp(act->fields[k].name, act->fields[i].name) != 0);
        told_add(ctx, act->fields[i].name, act->fields[i].value);
    }
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    assert(layer->text != NULL && layer->how != NULL);
    told_add(ctx, layer->how, layer->text);
}

static void on_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    struct told *told = ctx;

    assert(kind < SCRIPT_NOTE_COUNT && offset <= SCRIPT_NOWHERE);
    told->digest = hn_digest_join(told->digest, hn_digest_of(detail.ptr, detail.len));
    told->count++;
}

static void check(struct script_run *run, const struct com_value *value)
{
    struct hn_bytes bytes;

    if (!script_goes_on(run))
        return;
    switch (value->kind) {
    case COM_UNKNOWN:
    case COM_TEXT:
        assert(value->text != NULL);
        break;
    case COM_BYTES:
        assert(value->text != NULL && !value->text->unknown);
        assert(script_text_bytes(run, value->text, &bytes) || !script_goes_on(run));
        break;
    case COM_OBJECT:
        assert(value->object != NULL && com_class(value->object) != NULL);
        break;
    case COM_ARRAY:
        assert(value->items != NULL || value->count == 0);
        break;
    case COM_EMPTY:
    case COM_MISSING:
    case COM_BOOL:
    case COM_NUMBER:
    case COM_FOREIGN:
        break;
    }
}

struct machine {
    struct script_run *run;
    struct com *com;
    struct com_value things[THINGS];
    uint32_t count;
};

static void keep(struct machine *machine, struct com_value value)
{
    check(machine->run, &value);
    machine->things[machine->count++ % THINGS] = value;
}

static struct com_value word_value(struct machine *machine, struct hn_text word)
{
    struct hn_text rest = hn_text_sub(word, 1, SIZE_MAX);
    double number = 0;

    switch (word.len > 0 ? word.ptr[0] : '\0') {
    case '#':
        for (size_t i = 0; i < rest.len && i < 12 && rest.ptr[i] >= '0' && rest.ptr[i] <= '9'; i++)
            number = number * 10 + (rest.ptr[i] - '0');
        return com_value_number(word.len > 1 && word.ptr[1] == '-' ? -1 : number);
    case '@':
        return machine->things[rest.len > 0 ? (uint8_t)rest.ptr[0] % THINGS : 0];
    case '=':
        return com_value_bytes(script_text_from_bytes(machine->run, hn_text_as_bytes(rest), NULL));
    case '!':
        return com_value_bool(true);
    case '-':
        return (struct com_value){ .kind = COM_MISSING };
    default:
        return com_value_text(script_text_borrow(machine->run, word, NULL));
    }
}

static void call(struct machine *machine, struct hn_text line, bool puts)
{
    struct com_value thing = machine->things[line.len > 1 ? (uint8_t)line.ptr[1] % THINGS : 0];
    struct com_value args[COM_ARGS_MAX];
    struct com_value outs[COM_ARGS_MAX];
    struct com_value made;
    struct hn_text rest = hn_text_sub(line, 2, SIZE_MAX);
    struct hn_text member = HN_TEXT("");
    struct hn_text word;
    size_t count = 0;

    (void)hn_text_split(&rest, '|', &member);
    while (count < COM_ARGS_MAX && hn_text_split(&rest, '|', &word))
        args[count++] = word_value(machine, word);
    if (thing.kind != COM_OBJECT || (puts && count == 0))
        return;
    (void)com_invoke(machine->com,
            &(struct com_invocation){ .object = thing.object,
                    .member = member,
                    .args = args,
                    .count = puts ? count - 1 : count,
                    .put = puts ? &args[count - 1] : NULL,
                    .outs = outs,
                    .offset = 1 },
            &made);
    keep(machine, made);
    for (size_t i = 0; i < (puts ? count - 1 : count); i++)
        check(machine->run, &outs[i]);
}

static void walk(struct machine *machine, struct hn_text line)
{
    struct com_value thing = machine->things[line.len > 1 ? (uint8_t)line.ptr[1] % THINGS : 0];
    const struct com_value *items;
    struct com_value plain;
    size_t count;

    if (thing.kind != COM_OBJECT)
        return;
    if (com_items(machine->com, thing.object, &items, &count) && count > 0)
        keep(machine, items[count - 1]);
    if (com_default(machine->com, thing.object, &plain)) {
        assert(plain.kind != COM_OBJECT);
        keep(machine, plain);
    }
}

static void step(struct machine *machine, struct hn_text line)
{
    const struct script_text *rest =
            script_text_borrow(machine->run, hn_text_sub(line, 2, SIZE_MAX), NULL);

    switch (line.len > 0 ? line.ptr[0] : '\0') {
    case 'n':
        keep(machine, com_value_object(com_create(machine->com, rest, 1)));
        break;
    case 'g':
        keep(machine, com_value_object(com_moniker(machine->com, rest, 1)));
        break;
    case 'c':
    case 'p':
        call(machine, line, line.ptr[0] == 'p');
        break;
    case 'i':
        walk(machine, line);
        break;
    default:
        break;
    }
}

static struct told run_program(struct hn_text program)
{
    struct script_limits limits = script_limits_default;
    struct told told = { .count = 0 };
    struct script_sink sink = {
        .ctx = &told, .on_act = on_act, .on_layer = on_layer, .on_note = on_note
    };
    struct com_host host = { .image = "host.exe" };
    struct script_run run;
    struct machine machine = { .run = &run };
    struct hn_text line;

    limits.steps_max = 20000;
    limits.bytes_max = (size_t)16 << 20;
    limits.text_bytes_max = (size_t)1 << 20;
    script_run_init(&run, &limits, &sink);
    told.run = &run;
    machine.com = com_new(&run, &host);
    assert(machine.com != NULL);
    while (hn_text_line(&program, &line) && script_goes_on(&run))
        step(&machine, line);
    com_close_files(machine.com);
    assert(run.steps <= limits.steps_max && run.arena.used_bytes <= limits.bytes_max);
    script_run_deinit(&run);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text program = hn_text_of((const char *)data, size);
    struct told once = run_program(program);
    struct told twice = run_program(program);

    assert(told_same(&once, &twice));
    return 0;
}
