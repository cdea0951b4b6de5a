/* container_lnk_internal.h - what the parts of the reader of shortcuts share. */
#ifndef HN_CONTAINER_CONTAINER_LNK_INTERNAL_H
#define HN_CONTAINER_CONTAINER_LNK_INTERNAL_H

#include "container/container_internal.h"

#define LNK_HAS_ID_LIST       0x00000001u
#define LNK_HAS_LINK_INFO     0x00000002u
#define LNK_HAS_NAME          0x00000004u
#define LNK_HAS_RELATIVE_PATH 0x00000008u
#define LNK_HAS_WORKING_DIR   0x00000010u
#define LNK_HAS_ARGUMENTS     0x00000020u
#define LNK_HAS_ICON_LOCATION 0x00000040u
#define LNK_IS_UNICODE        0x00000080u
#define LNK_FORCE_NO_INFO     0x00000100u
#define LNK_HAS_EXP_STRING    0x00000200u
#define LNK_HAS_EXP_ICON      0x00004000u

struct lnk {
    struct dissect *dissect;
    uint32_t id;
    struct hn_bytes data;
    uint32_t flags;
    struct hn_buf items_path; /* "C:\Windows\System32\cmd.exe", of the item list */
    struct hn_text info_path; /* of LinkInfo */
    struct hn_text expanded;  /* of the environment block */
    struct hn_text relative_path;
    struct hn_text arguments;
    struct hn_text icon;
};

/* "20D04FE0-3AEA-1069-A2D8-08002B30309D"; 37 bytes with the NUL. */
#define CONTAINER_GUID_ROOM 37
void container_guid(const uint8_t *guid, char *out);
void lnk_guid(struct lnk *lnk, const char *name, const uint8_t *guid);
/* A FILETIME as "2020-04-26T10:29:23Z"; nothing for 0 and for what no calendar has. */
void lnk_time(struct lnk *lnk, const char *name, uint64_t filetime);
void lnk_ansi(struct lnk *lnk, const char *name, struct hn_bytes ansi);
void lnk_utf16(struct lnk *lnk, const char *name, struct hn_bytes utf16);
/* 8-bit texts of Windows: UTF-8 where they are, else Windows-1252. In the arena. */
struct hn_text lnk_ansi_text(struct lnk *lnk, struct hn_bytes ansi);

void lnk_read_items(struct lnk *lnk, struct hn_bytes list);
void lnk_read_info(struct lnk *lnk, struct hn_bytes info);
/* The blocks behind; returns the offset behind the last of them. */
size_t lnk_read_extra(struct lnk *lnk, size_t offset);
/* [MS-PROPSTORE]: a sequence of storages. */
void lnk_read_properties(struct lnk *lnk, struct hn_bytes store);

#endif
