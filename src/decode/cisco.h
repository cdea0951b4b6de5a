/* cisco.h - messages of Cisco devices (IOS, IOS XE, IOS XR, NX-OS, ASA, FTD, PIX, FWSM) and of
 * Huawei and H3C devices, whose messages are built alike.
 *
 * Private to src/decode. docs/formats/cisco.md lists the fields.
 * Concurrency: pure. Memory: views into the line. */
#ifndef HN_DECODE_CISCO_H
#define HN_DECODE_CISCO_H

#include "event/event.h"

#include <stdbool.h>

struct syslog_header;

/* What marks a message: %SEC_LOGIN-5-LOGIN_SUCCESS: text, %ASA-session-6-302013: text. */
struct cisco_tag {
    struct hn_text whole; /* SEC_LOGIN-5-LOGIN_SUCCESS */
    struct hn_text facility;
    struct hn_text mnemonic;
    int severity;
    struct hn_text message; /* behind the colon */
};

/* False unless text starts with such a mark. */
bool cisco_tag_parse(struct hn_text text, struct cisco_tag *ret_tag);

/* What stands between priority or stamp and the mark: counters, host, the device's own stamp. On
 * success header->message starts with the mark. */
bool cisco_preamble_scan(struct hn_text rest, struct syslog_header *header);

/* Fields and source of a message that starts with a mark; false when it does not. */
bool cisco_fields(struct hn_event *event, struct hn_text message);

/* The part of it for ASA and relatives (cisco_asa.c). */
void cisco_asa_fields(struct hn_event *event, const struct cisco_tag *tag);

/* %%01BGP/3/BGP_AUTH_FAILED(l)[12]: text of Huawei; %%10 of H3C. */
bool decode_huawei_fields(struct hn_event *event, struct hn_text message);

#endif
