/* token_shipper.h - a new token as the lines that a shipper's configuration wants; docs/shippers.md
 * has the rest. */
#ifndef HN_APP_TOKEN_SHIPPER_H
#define HN_APP_TOKEN_SHIPPER_H

#include "base/buf.h"
#include "base/view.h"

#define TOKEN_SHIPPERS "filebeat|winlogbeat|logstash|vector|fluent-bit|hec|curl"

/* server: https://host:8470, as the shipper will name it. */
void token_shipper_write(
        const char *shipper, struct hn_text server, struct hn_text token, struct hn_buf *out);

#endif
