/* c2_emotet.c - the two shapes in which Emotet's loaders of 2019 to 2023 kept their servers.
 *
 * Table (2019 to 2021): entries of 8 bytes, the address as a little-endian number, then the port as
 * one of 32 bits; behind the last entry zeros. It stands plain in a data section.
 * Packed (2021 to 2023): a key of 32 bits, the length under that key, and the bytes under it; in it
 * entries of 8 bytes, the address in network order, the port in network order, and 0x0001. Public
 * keys are packed in the same way and begin with ECK1 (key agreement) or ECS1 (signatures).
 *
 * A table counts only as a whole: at least five entries, every one of them an address that can be
 * reached and a port, no address twice, and most ports among those that such servers use. */
#include "program/program_internal.h"

#include "base/buf.h"
#include "base/reader.h"

#define ENTRY_BYTES   8u
#define ENTRIES_MIN   5u
#define SECTION_CODE  0x20u
#define KEY_BYTES_MAX 512u

struct endpoint {
    uint8_t address[4]; /* network order */
    uint16_t port;
};

/* Groups and this network, loopback, link-local: nobody serves from there. Test networks and
 * private ones are let through: samples for tests and in-house relays use them. */
static bool is_address(const uint8_t *a)
{
    return a[0] != 0 && a[0] != 127 && a[0] < 224 && !(a[0] == 169 && a[1] == 254) && a[3] != 255 &&
           !(a[1] == a[0] && a[2] == a[0] && a[3] == a[0]);
}

static bool is_usual_port(uint16_t port)
{
    static const uint16_t ports[] = { 20, 21, 22, 80, 443, 465, 587, 990, 993, 995, 1801, 4143,
        7080, 8080, 8090, 8443, 50000 };

    for (size_t i = 0; i < HN_COUNT_OF(ports); i++) {
        if (port == ports[i])
            return true;
    }
    return false;
}

static bool is_plausible(const struct endpoint *endpoints, size_t count)
{
    size_t usual = 0;

    if (count < ENTRIES_MIN)
        return false;
    for (size_t i = 0; i < count; i++) {
        usual += is_usual_port(endpoints[i].port);
        for (size_t k = 0; k < i; k++) {
            if (memcmp(endpoints[i].address, endpoints[k].address, 4) == 0 &&
                    endpoints[i].port == endpoints[k].port)
                return false;
        }
    }
    return usual * 4 >= count * 3;
}

static bool keep(struct hn_arena *arena, const struct endpoint *endpoints, size_t count,
        uint64_t offset, uint64_t step, struct program_config *config)
{
    config->c2 = hn_new(arena, struct program_c2, count);
    if (config->c2 == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *a = endpoints[i].address;
        char room[16];
        struct hn_buf text = hn_buf_over(room, sizeof room);

        hn_buf_addf(&text, "%u.%u.%u.%u", (unsigned)a[0], (unsigned)a[1], (unsigned)a[2],
                (unsigned)a[3]);
        config->c2[i].address = hn_arena_text(arena, hn_buf_text(&text));
        config->c2[i].port = endpoints[i].port;
        config->c2[i].offset = offset + i * step;
        if (config->c2[i].address.ptr == NULL)
            return false;
    }
    config->c2_count = count;
    return true;
}

static struct hn_bytes section_bytes(struct hn_bytes bytes, const struct program_section *section)
{
    return hn_bytes_of(bytes.ptr + section->offset, section->file_size);
}

/* ---- Table ---- */

static size_t read_table(struct hn_bytes in, struct endpoint endpoints[PROGRAM_C2_MAX])
{
    size_t count = 0;

    while (in.len >= ENTRY_BYTES && count < PROGRAM_C2_MAX) {
        const uint8_t *at = in.ptr;
        uint32_t port = hn_load_u32(at + 4);
        struct endpoint endpoint = { { at[3], at[2], at[1], at[0] }, (uint16_t)port };

        if (hn_load_u32(at) == 0 && port == 0)
            return count;
        if (port == 0 || port > UINT16_MAX || !is_address(endpoint.address))
            return 0;
        endpoints[count++] = endpoint;
        in = hn_bytes_of(in.ptr + ENTRY_BYTES, in.len - ENTRY_BYTES);
    }
    return 0; /* no end: these are other numbers */
}

static bool find_table(struct hn_arena *arena, struct hn_bytes bytes, const struct program_pe *pe,
        struct program_config *config)
{
    struct endpoint endpoints[PROGRAM_C2_MAX];

    for (size_t s = 0; s < pe->section_count; s++) {
        struct hn_bytes in = section_bytes(bytes, &pe->sections[s]);

        if ((pe->sections[s].flags & SECTION_CODE) != 0)
            continue;
        for (size_t i = 0; i + ENTRY_BYTES <= in.len; i += 4) {
            size_t count;

            /* Cheap questions first: most of a file are neither ports nor addresses. */
            if (hn_load_u32(in.ptr + i + 4) - 1u >= UINT16_MAX || hn_load_u32(in.ptr + i) == 0)
                continue;
            count = read_table(hn_bytes_of(in.ptr + i, in.len - i), endpoints);
            if (is_plausible(endpoints, count)) {
                char room[64];
                struct hn_buf detail = hn_buf_over(room, sizeof room);

                hn_buf_add_lit(&detail, "plain table in section ");
                hn_buf_add_text(&detail, pe->sections[s].name);
                config->detail = hn_arena_text(arena, hn_buf_text(&detail));
                return keep(
                        arena, endpoints, count, pe->sections[s].offset + i, ENTRY_BYTES, config);
            }
        }
    }
    return false;
}

const struct program_extractor program_emotet_table = {
    .name = "emotet_table",
    .family = "emotet",
    .find = find_table,
};

/* ---- Packed ---- */

static uint8_t plain_byte(const uint8_t *packed, uint32_t key, size_t i)
{
    return (uint8_t)(packed[i] ^ (uint8_t)(key >> 8 * (i & 3)));
}

static size_t read_packed(
        const uint8_t *packed, size_t len, uint32_t key, struct endpoint endpoints[PROGRAM_C2_MAX])
{
    size_t count = 0;

    if (len % ENTRY_BYTES != 0 || len / ENTRY_BYTES > PROGRAM_C2_MAX)
        return 0;
    for (size_t i = 0; i < len; i += ENTRY_BYTES) {
        uint8_t entry[ENTRY_BYTES];
        struct endpoint endpoint;

        for (size_t k = 0; k < ENTRY_BYTES; k++)
            entry[k] = plain_byte(packed, key, i + k);
        memcpy(endpoint.address, entry, 4);
        endpoint.port = (uint16_t)(entry[4] << 8 | entry[5]);
        if (entry[6] != 0 || entry[7] != 1 || endpoint.port == 0 || !is_address(endpoint.address))
            return 0;
        endpoints[count++] = endpoint;
    }
    return count;
}

static bool is_key_blob(const uint8_t *packed, size_t len, uint32_t key)
{
    uint8_t head[4];

    if (len < 8 || len > KEY_BYTES_MAX)
        return false;
    for (size_t i = 0; i < 4; i++)
        head[i] = plain_byte(packed, key, i);
    return memcmp(head, "ECK1", 4) == 0 || memcmp(head, "ECS1", 4) == 0;
}

static bool find_packed(struct hn_arena *arena, struct hn_bytes bytes, const struct program_pe *pe,
        struct program_config *config)
{
    struct endpoint endpoints[PROGRAM_C2_MAX];
    unsigned keys = 0;
    bool found = false;
    char room[96];
    struct hn_buf detail = hn_buf_over(room, sizeof room);

    for (size_t s = 0; s < pe->section_count; s++) {
        struct hn_bytes in = section_bytes(bytes, &pe->sections[s]);

        for (size_t i = 0; i + 8 + ENTRY_BYTES <= in.len; i += 4) {
            uint32_t key = hn_load_u32(in.ptr + i);
            uint32_t len = hn_load_u32(in.ptr + i + 4) ^ key;
            size_t count;

            if (key == 0 || len > in.len - i - 8 || len < ENTRY_BYTES)
                continue;
            keys += is_key_blob(in.ptr + i + 8, len, key);
            if (found)
                continue;
            count = read_packed(in.ptr + i + 8, len, key, endpoints);
            if (!is_plausible(endpoints, count))
                continue;
            hn_buf_addf(&detail, "packed with key 0x%08lx in section ", (unsigned long)key);
            hn_buf_add_text(&detail, pe->sections[s].name);
            found = keep(
                    arena, endpoints, count, pe->sections[s].offset + i + 8, ENTRY_BYTES, config);
        }
    }
    if (found) {
        hn_buf_addf(&detail, ", %u public keys", keys);
        config->detail = hn_arena_text(arena, hn_buf_text(&detail));
    }
    return found;
}

const struct program_extractor program_emotet_packed = {
    .name = "emotet_packed",
    .family = "emotet",
    .find = find_packed,
};
