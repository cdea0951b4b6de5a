/* decode_pending.c - holds the place of the Windows XML decoder, not part of this tree yet.
 *
 * A message that holds such a document stays text until it is. Its own definition of this function
 * makes the linker refuse this file: it goes away with it. */
#include "decode/decode_internal.h"

enum hn_status decode_winxml_fields(struct hn_event *event, struct hn_text xml)
{
    (void)event;
    (void)xml;
    return HN_UNSUPPORTED;
}
