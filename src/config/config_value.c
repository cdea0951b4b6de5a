/* config_value.c - one value of each type: from text, and back to text. */
#include "base/ip.h"
#include "base/json_out.h"
#include "base/num.h"
#include "config/config_internal.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

struct unit {
    const char *name;
    uint64_t factor;
};

/* Largest first: a number is shown in the largest unit it is a multiple of. */
static const struct unit sizes[] = {
    { "TiB", (uint64_t)1 << 40 },
    { "TB", UINT64_C(1000000000000) },
    { "GiB", (uint64_t)1 << 30 },
    { "GB", 1000000000 },
    { "MiB", (uint64_t)1 << 20 },
    { "MB", 1000000 },
    { "KiB", (uint64_t)1 << 10 },
    { "KB", 1000 },
};

static const struct unit durations[] = {
    { "w", (uint64_t)NS_PER_S * 604800 },
    { "d", (uint64_t)NS_PER_S * 86400 },
    { "h", (uint64_t)NS_PER_S * 3600 },
    { "m", (uint64_t)NS_PER_S * 60 },
    { "s", (uint64_t)NS_PER_S },
    { "ms", (uint64_t)NS_PER_MS },
    { "us", (uint64_t)NS_PER_US },
};

/* ---- Reading ---- */

static bool fail(char message[160], const char *what)
{
    (void)snprintf(message, 160, "%s", what);
    return false;
}

/* "64MiB", "64 MiB", "65536". */
static bool read_size(struct hn_text text, uint64_t *ret_value)
{
    uint64_t factor = 1;

    for (size_t i = 0; i < HN_COUNT_OF(sizes); i++) {
        struct hn_text name = hn_text_cstr(sizes[i].name);

        if (hn_text_ends_nocase(text, name)) {
            factor = sizes[i].factor;
            text = hn_text_trim(hn_text_sub(text, 0, text.len - name.len));
            break;
        }
    }
    return hn_parse_u64(text, ret_value) && !__builtin_mul_overflow(*ret_value, factor, ret_value);
}

static bool read_duration(struct hn_text text, uint64_t *ret_value)
{
    hn_time time = 0;

    if (hn_text_ends(text, HN_TEXT("ms")) || hn_text_ends(text, HN_TEXT("us"))) {
        uint64_t factor = (uint64_t)(text.ptr[text.len - 2] == 'm' ? NS_PER_MS : NS_PER_US);

        return hn_parse_u64(hn_text_trim(hn_text_sub(text, 0, text.len - 2)), ret_value) &&
               !__builtin_mul_overflow(*ret_value, factor, ret_value);
    }
    if (hn_text_eq(text, HN_TEXT("0"))) {
        *ret_value = 0;
        return true;
    }
    if (!hn_duration_parse(text, &time) || time < 0)
        return false;
    *ret_value = (uint64_t)time;
    return true;
}

static void show_number(enum config_type type, uint64_t value, struct hn_buf *out)
{
    const struct unit *units = type == CONFIG_DURATION ? durations : sizes;
    size_t count = type == CONFIG_DURATION ? HN_COUNT_OF(durations) : HN_COUNT_OF(sizes);

    for (size_t i = 0; type != CONFIG_COUNT && value != 0 && i < count; i++) {
        if (value % units[i].factor == 0) {
            hn_buf_addf(
                    out, "%llu%s", (unsigned long long)(value / units[i].factor), units[i].name);
            return;
        }
    }
    hn_buf_addf(out, "%llu", (unsigned long long)value);
}

static bool out_of_range(const struct config_key *key, uint64_t value, char message[160])
{
    char low[32] = "";
    char high[32] = "";
    struct hn_buf low_text = hn_buf_over(low, sizeof low - 1);
    struct hn_buf high_text = hn_buf_over(high, sizeof high - 1);

    if (value >= key->min && (key->max == 0 || value <= key->max))
        return false;
    show_number(key->type, key->min, &low_text);
    show_number(key->type, key->max, &high_text);
    if (key->max == 0)
        (void)snprintf(message, 160, "is less than %s", low);
    else
        (void)snprintf(message, 160, "is not between %s and %s", low, high);
    return true;
}

static bool read_number(
        const struct config_key *key, struct hn_text text, void *place, char message[160])
{
    uint64_t value = 0;

    if (key->type == CONFIG_DURATION) {
        if (!read_duration(text, &value) || value > INT64_MAX)
            return fail(message, "is no duration like 10s, 5m, 2h, 30d");
    } else if (key->type == CONFIG_SIZE) {
        if (!read_size(text, &value))
            return fail(message, "is no size like 64MiB or 10GB");
    } else if (!hn_parse_u64(text, &value) || value > UINT32_MAX) {
        return fail(message, "is no whole number");
    }
    if (out_of_range(key, value, message))
        return false;
    if (key->type == CONFIG_DURATION)
        *(hn_time *)place = (hn_time)value;
    else if (key->type == CONFIG_SIZE)
        *(uint64_t *)place = value;
    else
        *(uint32_t *)place = (uint32_t)value;
    return true;
}

static bool read_bool(struct hn_text text, bool *place, char message[160])
{
    if (!hn_text_eq(text, HN_TEXT("true")) && !hn_text_eq(text, HN_TEXT("false")))
        return fail(message, "is neither true nor false");
    *place = text.ptr[0] == 't';
    return true;
}

/* Position of the word in choices, from 1; 0: it is none of them. */
static uint32_t choice_of(const char *choices, struct hn_text word)
{
    struct hn_text rest = hn_text_cstr(choices);
    struct hn_text part;
    uint32_t position = 0;

    while (hn_text_split(&rest, '|', &part)) {
        position++;
        if (hn_text_eq(part, word))
            return position;
    }
    return 0;
}

static bool read_text(
        struct hn_arena *arena, struct hn_text text, struct hn_text *place, char message[160])
{
    struct hn_text copy;

    if (memchr(text.ptr == NULL ? "" : text.ptr, '\0', text.len) != NULL)
        return fail(message, "has a NUL in it");
    copy = hn_arena_text(arena, text);
    if (copy.ptr == NULL)
        return fail(message, "needs more memory than there is");
    *place = copy;
    return true;
}

static bool read_word(struct hn_arena *arena, const struct config_key *key, struct hn_text text,
        void *place, char message[160])
{
    uint32_t position = choice_of(key->choices, text);

    if (position == 0) {
        (void)snprintf(message, 160, "is none of %s", key->choices);
        return false;
    }
    if (key->type == CONFIG_WORD)
        return read_text(arena, text, place, message);
    /* An enum of outputs starts with "none" at 0; all others at 1. */
    *(uint32_t *)place =
            hn_text_starts(hn_text_cstr(key->choices), HN_TEXT("none|")) ? position - 1 : position;
    return true;
}

static bool is_name(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.';

        if (!fine)
            return false;
    }
    return text.len <= 128;
}

/* "127.0.0.1:514", "[::1]:514", "*:514", "mail.example:25", ":514". */
static bool read_address(struct hn_arena *arena, struct hn_text text, struct config_address *place,
        char message[160])
{
    struct hn_text host = { 0 };
    uint32_t port = 0;
    size_t colon = text.len;

    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0 || !hn_parse_u32(hn_text_sub(text, colon, text.len - colon), &port) ||
            port > UINT16_MAX)
        return fail(message, "is no address like 0.0.0.0:514, [::]:514 or host.example:514");
    host = hn_text_sub(text, 0, colon - 1);
    if (host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = hn_text_sub(host, 1, host.len - 2);
    else if (hn_text_find_char(host, ':', 0) < host.len)
        return fail(message, "needs brackets around its IPv6 address: [::1]:514");
    if (host.len == 0)
        host = HN_TEXT("*");
    place->port = (uint16_t)port;
    return read_text(arena, host, &place->host, message);
}

/* Room for one more item behind the others; the old array stays in the arena, which is small. */
static void *grow(struct hn_arena *arena, void *place, size_t size, size_t align, char message[160])
{
    struct config_items *items = place;
    char *bigger;

    if (items->count == CONFIG_ITEMS_MAX) {
        (void)fail(message, "has too many items");
        return NULL;
    }
    bigger = hn_arena_array(arena, items->count + 1, size, align);
    if (bigger == NULL) {
        (void)fail(message, "needs more memory than there is");
        return NULL;
    }
    if (items->count > 0)
        memcpy(bigger, items->ptr, items->count * size);
    items->ptr = bigger;
    return bigger + items->count * size;
}

static bool add_text(struct hn_arena *arena, const struct config_key *key, struct hn_text text,
        void *place, char message[160])
{
    struct hn_text *slot;
    struct hn_cidr cidr;

    if (key->type == CONFIG_NETWORKS && !hn_cidr_parse(text, &cidr, NULL))
        return fail(message, "is no network like 192.0.2.0/24");
    slot = grow(arena, place, sizeof *slot, _Alignof(struct hn_text), message);
    if (slot == NULL || !read_text(arena, text, slot, message))
        return false;
    ((struct config_texts *)place)->count++;
    return true;
}

static bool add_address(struct hn_arena *arena, struct hn_text text, void *place, char message[160])
{
    struct config_address *slot =
            grow(arena, place, sizeof *slot, _Alignof(struct config_address), message);

    if (slot == NULL || !read_address(arena, text, slot, message))
        return false;
    ((struct config_addresses *)place)->count++;
    return true;
}

bool config_value_read(struct hn_arena *arena, const struct config_key *key, struct hn_text text,
        void *place, char message[160])
{
    switch (key->type) {
    case CONFIG_TEXT:
        return read_text(arena, text, place, message);
    case CONFIG_NAME:
        if (!is_name(text))
            return fail(message, "may hold letters, digits, '-', '_' and '.' only");
        return read_text(arena, text, place, message);
    case CONFIG_BOOL:
        return read_bool(text, place, message);
    case CONFIG_COUNT:
    case CONFIG_SIZE:
    case CONFIG_DURATION:
        return read_number(key, text, place, message);
    case CONFIG_CHOICE:
    case CONFIG_WORD:
        return read_word(arena, key, text, place, message);
    case CONFIG_ADDRESS:
        if (text.len == 0) {
            *(struct config_address *)place = (struct config_address){ .host = HN_TEXT("") };
            return true;
        }
        return read_address(arena, text, place, message);
    case CONFIG_ADDRESSES:
        return add_address(arena, text, place, message);
    case CONFIG_TEXTS:
    case CONFIG_NETWORKS:
        return add_text(arena, key, text, place, message);
    case CONFIG_SECTION:
    case CONFIG_ITEMS:
        break;
    }
    return fail(message, "has keys of its own");
}

/* ---- Showing ---- */

/* A JSON string is a YAML string. */
static void show_text(struct hn_buf *out, struct hn_text text)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_text(&json, text);
}

bool config_value_is_list(const struct config_key *key)
{
    return key->type == CONFIG_ADDRESSES || key->type == CONFIG_TEXTS ||
           key->type == CONFIG_NETWORKS;
}

uint32_t config_value_count(const struct config_key *key, const void *place)
{
    (void)key;
    return ((const struct config_items *)place)->count;
}

static void show_address(const struct config_address *address, struct hn_buf *out)
{
    bool v6 = hn_text_find_char(address->host, ':', 0) < address->host.len;

    hn_buf_add_char(out, '"');
    if (address->host.len > 0) {
        hn_buf_addf(out, v6 ? "[%.*s]:%u" : "%.*s:%u", HN_TEXT_ARG(address->host),
                (unsigned)address->port);
    }
    hn_buf_add_char(out, '"');
}

static void show_choice(const struct config_key *key, uint32_t value, struct hn_buf *out)
{
    struct hn_text rest = hn_text_cstr(key->choices);
    struct hn_text part;
    uint32_t position = hn_text_starts(rest, HN_TEXT("none|")) ? 0 : 1;

    while (hn_text_split(&rest, '|', &part)) {
        if (position++ == value)
            hn_buf_add_text(out, part);
    }
}

void config_value_show(const struct config_key *key, const void *place, struct hn_buf *out)
{
    switch (key->type) {
    case CONFIG_TEXT:
    case CONFIG_NAME:
    case CONFIG_WORD:
        show_text(out, *(const struct hn_text *)place);
        break;
    case CONFIG_BOOL:
        hn_buf_add_cstr(out, *(const bool *)place ? "true" : "false");
        break;
    case CONFIG_COUNT:
        show_number(key->type, *(const uint32_t *)place, out);
        break;
    case CONFIG_SIZE:
        show_number(key->type, *(const uint64_t *)place, out);
        break;
    case CONFIG_DURATION:
        show_number(key->type, (uint64_t) * (const hn_time *)place, out);
        break;
    case CONFIG_CHOICE:
        show_choice(key, *(const uint32_t *)place, out);
        break;
    case CONFIG_ADDRESS:
        show_address(place, out);
        break;
    case CONFIG_ADDRESSES:
    case CONFIG_TEXTS:
    case CONFIG_NETWORKS:
    case CONFIG_SECTION:
    case CONFIG_ITEMS:
        break; /* shown item by item, key by key */
    }
}

void config_value_show_item(
        const struct config_key *key, const void *place, uint32_t index, struct hn_buf *out)
{
    if (key->type == CONFIG_ADDRESSES)
        show_address(&((const struct config_addresses *)place)->ptr[index], out);
    else
        show_text(out, ((const struct config_texts *)place)->ptr[index]);
}
