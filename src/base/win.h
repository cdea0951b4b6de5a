/* win.h - Windows binary values as text: GUID, SID, FILETIME, SYSTEMTIME ([MS-DTYP]).
 *
 * The texts are those Windows shows, except that times are RFC 3339 as everywhere in this program.
 * Memory: written to caller's room of the stated size, without NUL; the length is returned.
 * Concurrency: pure. */
#ifndef HN_BASE_WIN_H
#define HN_BASE_WIN_H

#include "base/view.h"

#include <stddef.h>
#include <stdint.h>

/* {54849625-5478-4994-A5BA-3E3B0328C30D} from the 16 bytes of a GUID. */
#define HN_GUID_BYTES    16
#define HN_GUID_TEXT_LEN 38
size_t hn_guid_write(const uint8_t *guid, char *out);

/* S-1-5-21-... ([MS-DTYP] 2.4.2.1); 0 when bytes hold no whole SID. An identifier authority that
 * does not fit 32 bits is hexadecimal. */
#define HN_SID_TEXT_MAX (6 + 20 + 255 * 11)
size_t hn_sid_write(struct hn_bytes sid, char *out);
/* Bytes of the SID that bytes start with, or 0. */
size_t hn_sid_len(struct hn_bytes bytes);

/* 2026-11-23T01:02:03.456789Z with 0, 3, 6 or 9 digits of fraction. Every FILETIME has a text, also
 * those that hn_time cannot hold: 0 is 1601-01-01T00:00:00Z, the highest lies in the year 60056. */
#define HN_FILETIME_TEXT_MAX 32
size_t hn_filetime_write(uint64_t filetime, char *out);

/* The same from the 16 bytes of a SYSTEMTIME, as they stand: its parts are not checked. */
#define HN_SYSTEMTIME_BYTES    16
#define HN_SYSTEMTIME_TEXT_MAX 48
size_t hn_systemtime_write(const uint8_t *systemtime, char *out);

#endif
