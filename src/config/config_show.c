/* config_show.c - what is in force, and the page that documents every key. */
#include "config/config_internal.h"

#include <string.h>

static void indent(struct hn_buf *out, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        hn_buf_add_lit(out, "  ");
}

/* The default as config_value_show() writes it, so that both can be compared. */
static bool is_default(const struct config_key *key, const struct hn_buf *value)
{
    struct hn_arena arena;
    union {
        struct hn_text text;
        struct config_address address;
        uint64_t number;
        bool truth;
    } place;
    struct hn_buf standard = { 0 };
    char message[160];
    bool same = false;

    memset(&place, 0, sizeof place);
    if (key->type == CONFIG_TEXT || key->type == CONFIG_NAME)
        place.text = HN_TEXT("");
    hn_arena_init(&arena, 4096);
    if (key->otherwise == NULL ||
            config_value_read(&arena, key, hn_text_cstr(key->otherwise), &place, message)) {
        config_value_show(key, &place, &standard);
        same = hn_buf_ok(&standard) && hn_text_eq(hn_buf_text(&standard), hn_buf_text(value));
    }
    hn_buf_deinit(&standard);
    hn_arena_deinit(&arena);
    return same;
}

static void show_list(
        const struct config_key *key, const void *place, unsigned depth, struct hn_buf *out)
{
    uint32_t count = config_value_count(key, place);

    indent(out, depth);
    hn_buf_addf(out, count == 0 ? "%s: []\n" : "%s:\n", key->name);
    for (uint32_t i = 0; i < count; i++) {
        indent(out, depth + 1);
        hn_buf_add_lit(out, "- ");
        config_value_show_item(key, place, i, out);
        hn_buf_add_char(out, '\n');
    }
}

static void show_single(const struct config_key *key, const void *place, bool all, unsigned depth,
        struct hn_buf *out)
{
    struct hn_buf value = { 0 };

    config_value_show(key, place, &value);
    /* A choice without a default that was never made has no text. */
    if (value.len > 0 && (all || !is_default(key, &value))) {
        indent(out, depth);
        hn_buf_addf(out, "%s: ", key->name);
        hn_buf_add_text(out, hn_buf_text(&value));
        hn_buf_add_char(out, '\n');
    }
    if (!hn_buf_ok(&value))
        out->status = value.status;
    hn_buf_deinit(&value);
}

static void show_section(const struct config_section *section, const void *place, bool all,
        unsigned depth, struct hn_buf *out);

// NOLINTNEXTLINE(misc-no-recursion): as deep as the table
static void show_items(const struct config_key *key, const struct config_items *items, bool all,
        unsigned depth, struct hn_buf *out)
{
    indent(out, depth);
    hn_buf_addf(out, items->count == 0 ? "%s: []\n" : "%s:\n", key->name);
    for (uint32_t i = 0; i < items->count; i++) {
        const char *item = (const char *)items->ptr + i * key->section->size;
        size_t start = out->len;

        show_section(key->section, item, all, depth + 2, out);
        if (!hn_buf_ok(out))
            return;
        if (out->len == start) {
            indent(out, depth + 2);
            hn_buf_add_lit(out, "{}\n");
        }
        /* The item's first line is indented by depth + 2 steps; its last two columns become the
         * dash. */
        if (hn_buf_ok(out))
            out->ptr[start + 2 * (size_t)depth + 2] = '-';
    }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the table
static void show_section(const struct config_section *section, const void *place, bool all,
        unsigned depth, struct hn_buf *out)
{
    for (uint32_t i = 0; i < section->key_count; i++) {
        const struct config_key *key = &section->keys[i];
        const void *value = config_place_const(place, key);

        if (key->type == CONFIG_SECTION) {
            size_t start = out->len;
            size_t head;

            indent(out, depth);
            hn_buf_addf(out, "%s:\n", key->name);
            head = out->len;
            show_section(key->section, value, all, depth + 1, out);
            if (hn_buf_ok(out) && out->len == head)
                out->len = start; /* nothing in it is worth showing */
        } else if (key->type == CONFIG_ITEMS) {
            if (all || ((const struct config_items *)value)->count > 0)
                show_items(key, value, all, depth, out);
        } else if (config_value_is_list(key)) {
            if (all || config_value_count(key, value) > 0)
                show_list(key, value, depth, out);
        } else {
            show_single(key, value, all, depth, out);
        }
    }
}

void config_show(const struct config *config, bool all, struct hn_buf *out)
{
    show_section(&config_root, config, all, 0, out);
}

/* ---- docs/configuration.md ---- */

static const char *type_text(const struct config_key *key)
{
    switch (key->type) {
    case CONFIG_TEXT:
        return "text";
    case CONFIG_NAME:
        return "name";
    case CONFIG_BOOL:
        return "true or false";
    case CONFIG_COUNT:
        return "number";
    case CONFIG_SIZE:
        return "size";
    case CONFIG_DURATION:
        return "duration";
    case CONFIG_CHOICE:
    case CONFIG_WORD:
        return key->choices;
    case CONFIG_ADDRESS:
        return "address";
    case CONFIG_ADDRESSES:
        return "addresses";
    case CONFIG_TEXTS:
        return "list of texts";
    case CONFIG_NETWORKS:
        return "list of networks";
    case CONFIG_SECTION:
    case CONFIG_ITEMS:
        break;
    }
    return "";
}

/* "a|b" would end a table's cell. */
static void add_cell(struct hn_buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '|')
            hn_buf_add_lit(out, ", ");
        else
            hn_buf_add_char(out, *c);
    }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the table
static void document_section(const struct config_section *section, struct hn_buf *out)
{
    if (section->name[0] != '\0')
        hn_buf_addf(out, "\n## %s\n\n%s\n", section->name, section->help);
    hn_buf_add_lit(out, "\n| key | type | default | |\n|---|---|---|---|\n");
    for (uint32_t i = 0; i < section->key_count; i++) {
        const struct config_key *key = &section->keys[i];

        if (key->section != NULL) {
            hn_buf_addf(out, "| `%s` | %s | | %s See below. |\n", key->name,
                    key->type == CONFIG_ITEMS ? "list" : "keys", key->help);
            continue;
        }
        hn_buf_addf(out, "| `%s` | ", key->name);
        add_cell(out, type_text(key));
        hn_buf_addf(out, key->otherwise == NULL ? " | %s" : " | `%s`",
                key->otherwise == NULL ? "" : key->otherwise);
        hn_buf_addf(out, " | %s |\n", key->help);
    }
    for (uint32_t i = 0; i < section->key_count; i++) {
        if (section->keys[i].section != NULL)
            document_section(section->keys[i].section, out);
    }
}

void config_document(struct hn_buf *out)
{
    hn_buf_add_lit(out,
            "# Configuration of `hinomi serve`\n\n"
            "This page is made by `hinomi config document`; a test holds it to the program.\n\n"
            "`/etc/hinomi/hinomi.yaml`, then every `*.yaml` of `conf.d` beside it in the order of "
            "their names: a later\nfile replaces single values and adds to lists. `hinomi config "
            "check` reads them as the server would;\n`hinomi config show` prints what is in force. "
            "A key that does not exist is an error.\n\n"
            "Environment variables replace single values: `HINOMI_DATA`, "
            "`HINOMI_HTTP_ADDRESS`. Secrets are read from files only.\n\n"
            "Durations: `500ms`, `10s`, `5m`, `2h`, `30d`, `1w`. Sizes: `64MiB`, `10GB`, bytes "
            "without a unit. Addresses:\n`127.0.0.1:8470`, `[::1]:8470`, `*:514` for all.\n");
    document_section(&config_root, out);
}
