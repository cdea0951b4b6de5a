/* devices.c - from the vendor and product in a CEF or LEEF header to Sigma's log source.
 *
 * Only products whose place is beyond doubt: a device that is not here has no source, and rules
 * reach it through a mapping file of the user's. */
#include "decode/body.h"
#include "decode/network.h"

struct device {
    struct hn_text vendor;  /* the vendor's name starts with it, in any case */
    struct hn_text product; /* the product's name holds it; empty: any */
    struct hn_text source;  /* Sigma's product; empty: rules of the category alone */
    struct hn_text category;
    struct hn_text service;
};

#define DEVICE(vendor, product, source, category, service)                                         \
    {                                                                                              \
        HN_TEXT_INIT(vendor), HN_TEXT_INIT(product), HN_TEXT_INIT(source), HN_TEXT_INIT(category), \
                HN_TEXT_INIT(service)                                                              \
    }

static const struct device devices[] = {
    DEVICE("Fortinet", "FortiGate", "fortigate", "", ""),
    DEVICE("Palo Alto", "", "paloalto", "", ""),
    DEVICE("Check Point", "", "checkpoint", "firewall", ""),
    DEVICE("Cisco", "ASA", "cisco", "firewall", "asa"),
    DEVICE("Cisco", "Firepower", "cisco", "firewall", "ftd"),
    DEVICE("Juniper", "", "juniper", "firewall", ""),
    DEVICE("SonicWall", "", "sonicwall", "firewall", ""),
    DEVICE("Sophos", "Firewall", "sophos", "firewall", ""),
    DEVICE("WatchGuard", "", "watchguard", "firewall", ""),
    DEVICE("Forcepoint", "NGFW", "forcepoint", "firewall", ""),
    DEVICE("Forcepoint", "", "forcepoint", "proxy", ""),
    DEVICE("Websense", "", "forcepoint", "proxy", ""),
    DEVICE("Zscaler", "NSSFWlog", "zscaler", "firewall", ""),
    DEVICE("Zscaler", "", "zscaler", "proxy", ""),
    DEVICE("Blue Coat", "", "bluecoat", "proxy", ""),
    DEVICE("McAfee", "Web Gateway", "", "proxy", ""),
    DEVICE("McAfee", "", "", "antivirus", ""),
    DEVICE("Trellix", "", "", "antivirus", ""),
    DEVICE("Symantec", "ProxySG", "bluecoat", "proxy", ""),
    DEVICE("Symantec", "", "", "antivirus", ""),
    DEVICE("Trend Micro", "", "", "antivirus", ""),
    DEVICE("Kaspersky", "", "", "antivirus", ""),
    DEVICE("ESET", "", "", "antivirus", ""),
    DEVICE("Bitdefender", "", "", "antivirus", ""),
    DEVICE("F-Secure", "", "", "antivirus", ""),
};

struct kind {
    struct hn_text start; /* of the event's id, in any case */
    struct hn_text category;
    struct hn_text service;
};

#define LOG_KIND(start, category, service)                                 \
    {                                                                      \
        HN_TEXT_INIT(start), HN_TEXT_INIT(category), HN_TEXT_INIT(service) \
    }

/* One product, several logs. */
static const struct kind paloalto_kinds[] = {
    LOG_KIND("TRAFFIC", "firewall", "traffic"),
    LOG_KIND("THREAT", "", "threat"),
    LOG_KIND("url", "proxy", "threat"),
    LOG_KIND("GLOBALPROTECT", "appliance", "globalprotect"),
    LOG_KIND("SYSTEM", "", "system"),
    LOG_KIND("CONFIG", "", "config"),
};

static const struct kind fortigate_kinds[] = {
    LOG_KIND("traffic", "firewall", "traffic"),
    LOG_KIND("event", "", "event"),
    LOG_KIND("utm:webfilter", "proxy", "utm"),
    LOG_KIND("utm:virus", "antivirus", "utm"),
    LOG_KIND("utm:dns", "dns", "utm"),
    LOG_KIND("utm", "", "utm"),
    LOG_KIND("anomaly", "", "anomaly"),
};

static void add_kind(
        struct hn_event *event, const struct kind *kinds, size_t count, struct hn_text id)
{
    for (size_t i = 0; i < count; i++) {
        if (!hn_text_starts_nocase(id, kinds[i].start))
            continue;
        if (kinds[i].category.len > 0)
            hn_source_add_category(&event->source, kinds[i].category);
        if (kinds[i].service.len > 0)
            hn_source_add_service(&event->source, kinds[i].service);
        return;
    }
}

void decode_device_source(struct hn_event *event, struct hn_text vendor, struct hn_text product,
        struct hn_text event_id)
{
    for (size_t i = 0; i < HN_COUNT_OF(devices); i++) {
        const struct device *device = &devices[i];

        if (!hn_text_starts_nocase(vendor, device->vendor) ||
                hn_text_find_nocase(product, device->product, 0) == SIZE_MAX)
            continue;
        decode_set_source(event, device->source, device->category, device->service);
        if (hn_text_eq(device->source, HN_TEXT("paloalto")))
            add_kind(event, paloalto_kinds, HN_COUNT_OF(paloalto_kinds), event_id);
        else if (hn_text_eq(device->source, HN_TEXT("fortigate")))
            add_kind(event, fortigate_kinds, HN_COUNT_OF(fortigate_kinds), event_id);
        return;
    }
}
