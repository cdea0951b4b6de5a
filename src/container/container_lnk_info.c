/* container_lnk_info.c - LinkInfo of a shortcut ([MS-SHLLINK] 2.3): the volume or share, and the
 * path on it. */
#include "container/container_lnk_internal.h"

#include <stdio.h>

#define INFO_VOLUME  1u
#define INFO_NETWORK 2u

/* The text at an offset stated in a structure; nothing for 0 and what lies outside. */
static struct hn_bytes at(struct hn_bytes info, uint32_t offset)
{
    return offset == 0 ? hn_bytes_of("", 0) : container_cut(info, offset, info.len);
}

static uint32_t u32(struct hn_bytes info, size_t offset)
{
    return info.len >= 4 && offset <= info.len - 4 ? hn_load_u32(info.ptr + offset) : 0;
}

static void read_volume(struct lnk *lnk, struct hn_bytes volume)
{
    static const char *const types[] = { "unknown", "no_root", "removable", "fixed", "remote",
        "cdrom", "ramdisk" };
    uint32_t type = u32(volume, 4);
    uint32_t label = u32(volume, 12);
    char serial[16];

    if (volume.len < 16)
        return;
    if (type < HN_COUNT_OF(types))
        dissect_fact(lnk->dissect, lnk->id, "drive_type", hn_text_cstr(types[type]));
    (void)snprintf(serial, sizeof serial, "0x%08x", (unsigned)u32(volume, 8));
    dissect_fact(lnk->dissect, lnk->id, "drive_serial", hn_text_cstr(serial));
    if (label == 0x14)
        lnk_utf16(lnk, "volume_label", at(volume, u32(volume, 16)));
    else
        lnk_ansi(lnk, "volume_label", at(volume, label));
}

static struct hn_text read_network(struct lnk *lnk, struct hn_bytes network)
{
    uint32_t flags = u32(network, 4);
    uint32_t net_name = u32(network, 8);
    uint32_t device = u32(network, 12);
    bool wide = net_name > 0x14;
    struct hn_text share = wide ? container_utf16(lnk->dissect, at(network, u32(network, 20)))
                                : lnk_ansi_text(lnk, at(network, net_name));
    char provider[16];

    dissect_fact(lnk->dissect, lnk->id, "net_name", share);
    if ((flags & 1u) != 0 && wide)
        lnk_utf16(lnk, "device_name", at(network, u32(network, 24)));
    else if ((flags & 1u) != 0)
        lnk_ansi(lnk, "device_name", at(network, device));
    if ((flags & 2u) != 0) {
        (void)snprintf(provider, sizeof provider, "0x%x", (unsigned)u32(network, 16));
        dissect_fact(lnk->dissect, lnk->id, "network_provider", hn_text_cstr(provider));
    }
    dissect_text(lnk->dissect, lnk->id, "link", share, HN_TEXT(""), DISSECT_NOWHERE);
    return share;
}

void lnk_read_info(struct lnk *lnk, struct hn_bytes info)
{
    uint32_t header = u32(info, 4);
    uint32_t flags = u32(info, 8);
    bool wide = header >= 0x24;
    struct hn_text base = hn_text_of("", 0);
    struct hn_text suffix;
    struct hn_buf path = { 0 };

    if (info.len < 28) {
        dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "LinkInfo is too short");
        return;
    }
    if ((flags & INFO_VOLUME) != 0) {
        read_volume(lnk, at(info, u32(info, 12)));
        base = wide ? container_utf16(lnk->dissect, at(info, u32(info, 28)))
                    : lnk_ansi_text(lnk, at(info, u32(info, 16)));
        dissect_fact(lnk->dissect, lnk->id, "local_base_path", base);
    }
    if ((flags & INFO_NETWORK) != 0)
        base = read_network(lnk, at(info, u32(info, 20)));
    suffix = wide ? container_utf16(lnk->dissect, at(info, u32(info, 32)))
                  : lnk_ansi_text(lnk, at(info, u32(info, 24)));
    dissect_fact(lnk->dissect, lnk->id, "common_path_suffix", suffix);
    hn_buf_add_text(&path, base);
    if (suffix.len > 0 && base.len > 0 && base.ptr[base.len - 1] != '\\')
        hn_buf_add_char(&path, '\\');
    hn_buf_add_text(&path, suffix);
    lnk->info_path = hn_arena_text(dissect_arena(lnk->dissect), hn_buf_text(&path));
    hn_buf_deinit(&path);
}
