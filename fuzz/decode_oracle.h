/* decode_oracle.h - what must hold for every input of a decoder, as a fuzz target's body.
 *
 *   - decoding ends without failure, and each event and finding lies where it says;
 *   - decode_again() makes the same event;
 *   - however the input is cut into buffers, the same events and findings come out;
 *   - a field that is wanted alone has the values it has when everything is kept. */
#ifndef HN_FUZZ_DECODE_ORACLE_H
#define HN_FUZZ_DECODE_ORACLE_H

#include "../tests/support/decode_render.h"

#define ORACLE_INPUT_MAX 65536
#define ORACLE_NAMES_MAX 32

#define oracle_check(condition) \
    do {                        \
        if (!(condition))       \
            abort();            \
    } while (0)

static inline void oracle_sound(const struct decode_case *c)
{
    oracle_check(c->status == HN_OK);
    oracle_check(!c->again_differs);
    oracle_check(!c->misplaced);
}

static inline void oracle_same(const struct decode_case *a, const struct decode_case *b)
{
    oracle_check(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        oracle_check(a->events[i].len == b->events[i].len);
        oracle_check(memcmp(a->events[i].text, b->events[i].text, a->events[i].len) == 0);
    }
    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        oracle_check(a->findings[i] == b->findings[i]);
}

/* Making a schema takes longer than an input: a target has one for everything (index 0), and one
 * for each of its names. */
static inline struct hn_schema *oracle_schema(const struct case_options *options, size_t index)
{
    static struct hn_schema *schemas[1 + ORACLE_NAMES_MAX];

    oracle_check(index <= ORACLE_NAMES_MAX);
    if (schemas[index] == NULL)
        schemas[index] = case_schema(options);
    return schemas[index];
}

static inline void oracle_wanted(const struct case_options *base, struct hn_bytes in,
        const char *const *all_names, size_t index)
{
    const char *names[] = { all_names[index] };
    struct case_options options = *base;
    struct decode_case *wanted;
    struct decode_case *everything;

    options.names = names;
    options.name_count = 1;
    options.schema = oracle_schema(&options, 1 + index);
    wanted = case_run(&options, in);
    options.keep_all = true;
    everything = case_run(&options, in);
    oracle_sound(wanted);
    oracle_same(everything, wanted);
    case_free(everything);
    case_free(wanted);
}

/* When the same comes out however the input is cut. */
enum oracle_steady { ORACLE_ALWAYS, ORACLE_UNDAMAGED, ORACLE_NEVER };

static inline bool oracle_damaged(const struct decode_case *c)
{
    for (size_t i = 0; i < HN_FINDING_COUNT; i++) {
        if (c->findings[i] > 0)
            return true;
    }
    return false;
}

static inline int oracle_run_case(struct case_options *options, enum oracle_steady steady,
        const char *const *names, size_t name_count, struct hn_bytes in)
{
    struct decode_case *whole;
    struct decode_case *part;

    if (in.len > ORACLE_INPUT_MAX)
        return 0;
    options->schema = oracle_schema(options, 0);
    whole = case_run(options, in);
    oracle_sound(whole);
    /* The first and last byte of the input also say how it arrives and what is wanted. */
    options->piece = in.len == 0 ? 1 : (size_t)in.ptr[0] % 61 + 1;
    if (in.len < 4096) {
        part = case_run(options, in);
        oracle_sound(part);
        if (steady == ORACLE_ALWAYS || (steady == ORACLE_UNDAMAGED && !oracle_damaged(whole)))
            oracle_same(whole, part);
        case_free(part);
    }
    options->piece = 0;
    if (in.len > 0 && in.len < 4096)
        oracle_wanted(options, in, names, in.ptr[in.len - 1] % name_count);
    case_free(whole);
    return 0;
}

static inline int oracle_run(
        const char *format, const char *const *names, size_t name_count, struct hn_bytes in)
{
    struct case_options options = { .format = format };

    return oracle_run_case(&options, ORACLE_ALWAYS, names, name_count, in);
}

/* For formats whose reading after damage depends on how much of the input is at hand. */
static inline int oracle_run_undamaged(
        const char *format, const char *const *names, size_t name_count, struct hn_bytes in)
{
    struct case_options options = { .format = format };

    return oracle_run_case(&options, ORACLE_UNDAMAGED, names, name_count, in);
}

/* For formats that put events together from several lines. */
static inline int oracle_run_joining(
        const char *format, const char *const *names, size_t name_count, struct hn_bytes in)
{
    struct case_options options = { .format = format, .joins = true };

    return oracle_run_case(&options, ORACLE_ALWAYS, names, name_count, in);
}

/* The same where buffers that end inside an event change what can be put together. */
static inline int oracle_run_mixed(
        const char *format, const char *const *names, size_t name_count, struct hn_bytes in)
{
    struct case_options options = { .format = format, .joins = true };

    return oracle_run_case(&options, ORACLE_NEVER, names, name_count, in);
}

#endif
