/* alert_address.c - the names under which normalised events hold the two ends of what happened.
 * Others (a device's own address, a name server) are in every event of their source and would group
 * everything. */
#include "alert/alert.h"

#include "base/attr.h"

const char *const alert_address_names[] = { "src_ip", "dst_ip", "dest_ip", "SourceIp",
    "DestinationIp", "IpAddress", "ClientAddress", "c-ip", "source.ip", "destination.ip",
    "id.orig_h", "id.resp_h" };
const size_t alert_address_name_count = HN_COUNT_OF(alert_address_names);

bool alert_is_address_name(struct hn_text name)
{
    for (size_t i = 0; i < alert_address_name_count; i++) {
        if (hn_text_eq(hn_text_cstr(alert_address_names[i]), name))
            return true;
    }
    return false;
}
