/* limits.c - every limit of an analysis by name, so that each can be configured and is told under
 * the same name when it was reached. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"

#include <stddef.h>

const struct analyze_limits analyze_limits_default = {
    .dissect = {
        .memory_bytes_max = (size_t)192 << 20,
        .file_bytes_max = (uint64_t)64 << 20,
        .padded_bytes_max = (uint64_t)1 << 30,
        .inflated_bytes_max = (uint64_t)512 << 20,
        .ratio_free_bytes = (uint64_t)16 << 20,
        .ratio_max = 200,
        .depth_max = 32,
        .objects_max = 2000,
        .entries_max = 65536,
        .facts_max = 512,
        .stores_max = 16384,
        .notes_max = 256,
        .acts_max = 1024,
        .texts_max = 4096,
        .derive_rounds_max = (uint64_t)1 << 24,
    },
    .script = {
        .steps_max = 1000000,
        .bytes_max = (size_t)128 << 20,
        .text_bytes_max = (size_t)16 << 20,
        .depth_max = 128,
        .acts_max = 4096,
        .layers_max = 256,
    },
    .wall_ms = 10000,
    .cpu_seconds = 5,
    .memory_bytes = (uint64_t)256 << 20,
    .result_bytes = (uint64_t)256 << 20,
    .yara_seconds = 3,
};

struct row {
    const char *name;
    size_t offset;
    size_t size;
    const char *text;
};

#define ROW(name, member, text)                                                                   \
    {                                                                                             \
        name, offsetof(struct analyze_limits, member), sizeof analyze_limits_default.member, text \
    }

/* Names are those that notes tell. */
static const struct row rows[] = {
    ROW("wall_ms", wall_ms, "time for one sample, in milliseconds"),
    ROW("cpu_seconds", cpu_seconds, "processor time for one sample"),
    ROW("memory_bytes", memory_bytes, "memory of the worker"),
    ROW("result_bytes", result_bytes, "what the worker may send"),
    ROW("yara_seconds", yara_seconds, "YARA rules over one sample, in seconds"),
    ROW("memory_bytes_max", dissect.memory_bytes_max, "what is kept of one sample"),
    ROW("file_bytes_max", dissect.file_bytes_max, "one object"),
    ROW("padded_bytes_max", dissect.padded_bytes_max, "a file that was filled up with one byte"),
    ROW("inflated_bytes_max", dissect.inflated_bytes_max, "all that comes out of containers"),
    ROW("ratio_free_bytes", dissect.ratio_free_bytes, "may come out of any container"),
    ROW("ratio_max", dissect.ratio_max, "from there on: so many times its size"),
    ROW("depth_max", dissect.depth_max, "objects within objects"),
    ROW("objects_max", dissect.objects_max, "objects of one sample"),
    ROW("entries_max", dissect.entries_max, "directory entries of one container"),
    ROW("facts_max", dissect.facts_max, "facts of one object"),
    ROW("stores_max", dissect.stores_max, "string stores of one object"),
    ROW("notes_max", dissect.notes_max, "notes of one object"),
    ROW("acts_max", dissect.acts_max, "acts of one object"),
    ROW("texts_max", dissect.texts_max, "texts of one object"),
    ROW("derive_rounds_max", dissect.derive_rounds_max, "rounds of hashing to try passwords"),
    ROW("script_steps_max", script.steps_max, "steps of one evaluation"),
    ROW("script_bytes_max", script.bytes_max, "values of one evaluation"),
    ROW("script_text_bytes_max", script.text_bytes_max, "one text of an evaluation"),
    ROW("script_depth_max", script.depth_max, "calls within calls of an evaluation"),
    ROW("script_acts_max", script.acts_max, "acts of one evaluation"),
    ROW("script_layers_max", script.layers_max, "scripts within scripts of one evaluation"),
};

static uint64_t value_of(const struct analyze_limits *limits, const struct row *row)
{
    const char *at = (const char *)limits + row->offset;
    uint32_t small;
    uint64_t large;

    if (row->size == sizeof small) {
        memcpy(&small, at, sizeof small);
        return small;
    }
    memcpy(&large, at, sizeof large);
    return large;
}

bool analyze_limit_at(
        const struct analyze_limits *limits, size_t index, struct analyze_limit *ret_limit)
{
    if (index >= HN_COUNT_OF(rows))
        return false;
    *ret_limit = (struct analyze_limit){ rows[index].name, value_of(limits, &rows[index]),
        rows[index].text };
    return true;
}

enum hn_status analyze_limit_set(
        struct analyze_limits *limits, struct hn_text name, uint64_t value, struct hn_err *err)
{
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        char *at = (char *)limits + rows[i].offset;
        uint32_t small = (uint32_t)value;

        if (!hn_text_eq(name, hn_text_cstr(rows[i].name)))
            continue;
        if (value == 0 || (rows[i].size == sizeof small && value > UINT32_MAX) || value > INT64_MAX)
            return hn_fail(err, HN_LIMIT, 0, "%s: the value is out of range", rows[i].name);
        if (rows[i].size == sizeof small)
            memcpy(at, &small, sizeof small);
        else
            memcpy(at, &value, sizeof value);
        return HN_OK;
    }
    return hn_fail(err, HN_NOTFOUND, 0, "no limit has this name");
}
