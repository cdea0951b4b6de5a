/* config_read.c - YAML and environment variables into the configuration, key by key, by the table.
 */
#include "base/mem.h"
#include "config/config_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ARENA_BYTES_MAX  ((size_t)64 << 20)
#define ENVIRONMENT_ROOT "HINOMI_"

static const struct hn_yaml_limits yaml_limits = {
    .bytes_max = CONFIG_BYTES_MAX,
    .documents_max = 1,
    .nodes_max = 65536,
    .depth_max = 16,
};

void config_problem(struct config_reading *reading, struct hn_yaml_ref ref, const char *fmt, ...)
{
    struct config_problem problem = { .file = reading->file };
    va_list args;

    reading->problems++;
    if (reading->on_problem == NULL)
        return;
    if (ref.yaml != NULL) {
        problem.line = hn_yaml_node(ref)->line;
        problem.column = hn_yaml_node(ref)->column;
    }
    va_start(args, fmt);
    (void)vsnprintf(problem.message, sizeof problem.message, fmt, args);
    va_end(args);
    reading->on_problem(reading->ctx, &problem);
}

/* ---- Keys ---- */

static const struct config_key *find_key(const struct config_section *section, struct hn_text name)
{
    for (uint32_t i = 0; i < section->key_count; i++) {
        if (hn_text_eq(hn_text_cstr(section->keys[i].name), name))
            return &section->keys[i];
    }
    return NULL;
}

static void unknown_key(struct config_reading *reading, const struct config_section *section,
        struct hn_yaml_ref ref)
{
    struct hn_text name = hn_yaml_text(ref);
    const char *near = NULL;
    size_t least = 3;

    for (uint32_t i = 0; i < section->key_count; i++) {
        size_t d = hn_text_distance(name, hn_text_cstr(section->keys[i].name));

        if (d < least) {
            least = d;
            near = section->keys[i].name;
        }
    }
    if (near != NULL) {
        config_problem(
                reading, ref, "unknown key \"%.*s\"; did you mean %s?", HN_TEXT_ARG(name), near);
    } else {
        config_problem(reading, ref, "unknown key \"%.*s\"", HN_TEXT_ARG(name));
    }
}

static void read_scalar(struct config_reading *reading, const struct config_key *key,
        struct hn_yaml_ref ref, void *place)
{
    char message[160];
    struct hn_text text = hn_yaml_text(ref);

    if (text.ptr == NULL)
        config_problem(reading, ref, "%s is a single value", key->name);
    else if (!config_value_read(reading->arena, key, text, place, message))
        config_problem(reading, ref, "%s: \"%.*s\" %s", key->name, HN_TEXT_ARG(text), message);
}

static void read_list(struct config_reading *reading, const struct config_key *key,
        struct hn_yaml_ref ref, void *place)
{
    struct hn_yaml_iter iter = hn_yaml_children(ref);
    struct hn_yaml_ref item;

    if (hn_yaml_is(ref, HN_YAML_SCALAR)) {
        if (hn_yaml_type(ref) != HN_YAML_NULL)
            read_scalar(reading, key, ref, place);
        return;
    }
    if (!hn_yaml_is(ref, HN_YAML_LIST)) {
        config_problem(reading, ref, "%s is a list", key->name);
        return;
    }
    while (hn_yaml_next(&iter, &item))
        read_scalar(reading, key, item, place);
}

static void read_section(struct config_reading *reading, const struct config_section *section,
        struct hn_yaml_ref ref, void *place);

static void read_items(struct config_reading *reading, const struct config_key *key,
        struct hn_yaml_ref ref, void *place)
{
    const struct config_section *section = key->section;
    struct config_items *items = place;
    struct hn_yaml_iter iter = hn_yaml_children(ref);
    uint32_t more = hn_yaml_count(ref);
    struct hn_yaml_ref item;
    char *array;

    if (!hn_yaml_is(ref, HN_YAML_LIST)) {
        config_problem(reading, ref, "%s is a list", key->name);
        return;
    }
    if (more > CONFIG_ITEMS_MAX - items->count) {
        config_problem(reading, ref, "%s: more than %d items", key->name, CONFIG_ITEMS_MAX);
        return;
    }
    array = hn_arena_array(
            reading->arena, (size_t)items->count + more, section->size, _Alignof(max_align_t));
    if (array == NULL) {
        reading->nomem = true;
        return;
    }
    if (items->count > 0)
        memcpy(array, items->ptr, items->count * section->size);
    items->ptr = array;
    while (hn_yaml_next(&iter, &item)) {
        char *slot = array + items->count++ * section->size;

        if (!config_defaults(reading->arena, section, slot))
            reading->nomem = true;
        read_section(reading, section, item, slot);
    }
}

static void read_value(struct config_reading *reading, const struct config_key *key,
        struct hn_yaml_ref ref, void *place)
{
    if (key->type == CONFIG_SECTION)
        read_section(reading, key->section, ref, place);
    else if (key->type == CONFIG_ITEMS)
        read_items(reading, key, ref, place);
    else if (config_value_is_list(key))
        read_list(reading, key, ref, place);
    else
        read_scalar(reading, key, ref, place);
}

/* Sections hold sections to a fixed depth, that of the table, not of the input. */
// NOLINTNEXTLINE(misc-no-recursion)
static void read_section(struct config_reading *reading, const struct config_section *section,
        struct hn_yaml_ref ref, void *place)
{
    struct hn_yaml_iter iter = hn_yaml_children(ref);
    struct hn_yaml_ref name;
    struct hn_yaml_ref value;

    if (hn_yaml_is(ref, HN_YAML_SCALAR) && hn_yaml_type(ref) == HN_YAML_NULL)
        return; /* "http:" with nothing below */
    if (!hn_yaml_is(ref, HN_YAML_MAP)) {
        config_problem(reading, ref, "%s holds keys and values", section->name);
        return;
    }
    while (hn_yaml_next_pair(&iter, &name, &value)) {
        const struct config_key *key = find_key(section, hn_yaml_text(name));

        if (key == NULL)
            unknown_key(reading, section, name);
        else
            read_value(reading, key, value, config_place(place, key));
    }
}

/* ---- Defaults ---- */

// NOLINTNEXTLINE(misc-no-recursion): as deep as the table
bool config_defaults(struct hn_arena *arena, const struct config_section *section, void *place)
{
    char message[160];

    for (uint32_t i = 0; i < section->key_count; i++) {
        const struct config_key *key = &section->keys[i];
        void *value = config_place(place, key);
        bool fine = true;

        if (key->type == CONFIG_SECTION)
            fine = config_defaults(arena, key->section, value);
        else if (key->otherwise != NULL)
            fine = config_value_read(arena, key, hn_text_cstr(key->otherwise), value, message);
        else if (key->type == CONFIG_TEXT || key->type == CONFIG_NAME)
            *(struct hn_text *)value = HN_TEXT("");
        else if (key->type == CONFIG_ADDRESS)
            ((struct config_address *)value)->host = HN_TEXT("");
        if (!fine)
            return false;
    }
    return true;
}

enum hn_status config_new(struct config **ret_config)
{
    struct config *config = hn_calloc(1, sizeof *config);

    if (config == NULL)
        return HN_NOMEM;
    hn_arena_init(&config->arena, ARENA_BYTES_MAX);
    if (!config_defaults(&config->arena, &config_root, config)) {
        config_free(config);
        return HN_NOMEM;
    }
    *ret_config = config;
    return HN_OK;
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    hn_arena_deinit(&config->arena);
    hn_free(config);
}

/* ---- Files ---- */

static void told_by_yaml(struct config_reading *reading, const struct hn_yaml *yaml)
{
    for (uint32_t i = 0; i < yaml->problem_count; i++) {
        struct config_problem problem = { .file = reading->file,
            .line = yaml->problems[i].line,
            .column = yaml->problems[i].column };

        (void)snprintf(problem.message, sizeof problem.message, "%.*s",
                HN_TEXT_ARG(yaml->problems[i].message));
        reading->problems++;
        if (reading->on_problem != NULL)
            reading->on_problem(reading->ctx, &problem);
    }
}

static enum hn_status outcome(const struct config_reading *reading)
{
    if (reading->nomem || hn_arena_status(reading->arena) != HN_OK)
        return HN_NOMEM;
    return reading->problems > 0 ? HN_SYNTAX : HN_OK;
}

enum hn_status config_read(struct config *config, struct hn_text file, struct hn_text yaml,
        config_on_problem *on_problem, void *ctx)
{
    struct config_reading reading = {
        .arena = &config->arena, .file = file, .on_problem = on_problem, .ctx = ctx
    };
    struct hn_arena scratch;
    struct hn_yaml tree = { 0 };
    enum hn_status status;

    hn_arena_init(&scratch, ARENA_BYTES_MAX);
    status = hn_yaml_parse(&scratch, yaml, &yaml_limits, &tree, NULL);
    if (status == HN_OK) {
        struct hn_yaml_ref root = hn_yaml_root(&tree, 0);

        told_by_yaml(&reading, &tree);
        if (root.yaml != NULL)
            read_section(&reading, &config_root, root, config);
        status = outcome(&reading);
    }
    hn_arena_deinit(&scratch);
    return status;
}

/* ---- Environment ---- */

/* Does the variable begin with NAME_, or is it NAME? Takes it off. */
static bool take_name(struct hn_text *variable, const char *name, bool whole)
{
    struct hn_text key = hn_text_cstr(name);

    if (variable->len < key.len || !hn_text_starts_nocase(*variable, key))
        return false;
    if (whole)
        return variable->len == key.len;
    if (variable->len == key.len || variable->ptr[key.len] != '_')
        return false;
    *variable = hn_text_sub(*variable, key.len + 1, variable->len - key.len - 1);
    return true;
}

/* The key that NAME or SECTION_NAME stands for; *place becomes its struct's. */
static const struct config_key *key_of_variable(
        struct hn_text variable, void **place, bool *ret_section)
{
    const struct config_section *section = &config_root;
    uint32_t i = 0;

    *ret_section = false;
    while (i < section->key_count) {
        const struct config_key *key = &section->keys[i++];

        if (key->type == CONFIG_SECTION && take_name(&variable, key->name, false)) {
            *place = config_place(*place, key);
            section = key->section;
            *ret_section = true;
            i = 0;
        } else if (take_name(&variable, key->name, true)) {
            return key;
        }
    }
    return NULL;
}

static void read_variable(
        struct config_reading *reading, struct config *config, struct hn_text assignment)
{
    size_t equals = hn_text_find_char(assignment, '=', 0);
    struct hn_text name = hn_text_sub(assignment, 0, equals);
    struct hn_text value;
    struct hn_yaml_ref nowhere = { 0 };
    void *place = config;
    bool section;
    const struct config_key *key;
    char message[160];

    if (equals >= assignment.len || !hn_text_starts(name, HN_TEXT(ENVIRONMENT_ROOT)))
        return;
    value = hn_text_sub(assignment, equals + 1, assignment.len - equals - 1);
    key = key_of_variable(
            hn_text_sub(name, strlen(ENVIRONMENT_ROOT), name.len - strlen(ENVIRONMENT_ROOT)),
            &place, &section);
    reading->file = name;
    if (key == NULL) {
        if (section)
            config_problem(reading, nowhere, "there is no such key");
        return;
    }
    if (key->type == CONFIG_SECTION || key->type == CONFIG_ITEMS || config_value_is_list(key))
        config_problem(reading, nowhere, "%s takes more than one value: use a file", key->name);
    else if (!config_value_read(reading->arena, key, value, config_place(place, key), message))
        config_problem(reading, nowhere, "\"%.*s\" %s", HN_TEXT_ARG(value), message);
}

enum hn_status config_environment(struct config *config, const char *const *environment,
        config_on_problem *on_problem, void *ctx)
{
    struct config_reading reading = {
        .arena = &config->arena, .on_problem = on_problem, .ctx = ctx
    };

    for (size_t i = 0; environment[i] != NULL; i++)
        read_variable(&reading, config, hn_text_cstr(environment[i]));
    return outcome(&reading);
}
