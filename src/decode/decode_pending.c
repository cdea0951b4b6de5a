/* decode_pending.c - holds the place of decoders that are not part of this tree yet.
 *
 * A message that holds JSON or Windows XML stays text until they are. Their own definitions of
 * these functions make the linker refuse this file: it goes away with them. */
#include "decode/decode_internal.h"

enum hn_status decode_json_fields(struct hn_event *event, struct hn_text json)
{
    (void)event;
    (void)json;
    return HN_UNSUPPORTED;
}

enum hn_status decode_winxml_fields(struct hn_event *event, struct hn_text xml)
{
    (void)event;
    (void)xml;
    return HN_UNSUPPORTED;
}
