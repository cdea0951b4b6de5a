/* decode_w3c_default.c - rows of W3C extended logs that a shipper sent one by one, without the
 * "#Fields:" at the top of their file.
 *
 * Columns that have no names can only be told where everybody has the same: the default layouts of
 * Blue Coat ProxySG ("main") and of IIS. A row is taken for one when the number of its values is
 * right and those whose shape is known have it. */
#include "decode/decode_w3c.h"

#include "base/ip.h"
#include "base/num.h"

#define COLUMN(n, r)                         \
    {                                        \
        .name = HN_TEXT_INIT(n), .role = (r) \
    }
#define RENAMED(n, w3c, r)                                              \
    {                                                                   \
        .name = HN_TEXT_INIT(n), .also = HN_TEXT_INIT(w3c), .role = (r) \
    }

/* SGOS 6.5 and later; the last two since it knows applications. */
static struct table_column proxy_columns[] = {
    COLUMN("date", W3C_DATE),
    COLUMN("time", W3C_TIME),
    COLUMN("time-taken", W3C_PLAIN),
    RENAMED("src_ip", "c-ip", W3C_PLAIN),
    COLUMN("cs-username", W3C_PLAIN),
    COLUMN("cs-auth-group", W3C_PLAIN),
    COLUMN("x-exception-id", W3C_PLAIN),
    COLUMN("sc-filter-result", W3C_PLAIN),
    COLUMN("cs-categories", W3C_PLAIN),
    COLUMN("cs-referer", W3C_PLAIN),
    COLUMN("sc-status", W3C_PLAIN),
    COLUMN("s-action", W3C_PLAIN),
    COLUMN("cs-method", W3C_METHOD),
    COLUMN("rs-content-type", W3C_PLAIN),
    COLUMN("cs-uri-scheme", W3C_SCHEME),
    COLUMN("cs-host", W3C_HOST),
    COLUMN("cs-uri-port", W3C_PORT),
    COLUMN("cs-uri-path", W3C_PATH),
    COLUMN("cs-uri-query", W3C_QUERY),
    COLUMN("cs-uri-extension", W3C_DERIVED),
    RENAMED("c-useragent", "cs-user-agent", W3C_AGENT),
    COLUMN("s-ip", W3C_PLAIN),
    COLUMN("sc-bytes", W3C_PLAIN),
    COLUMN("cs-bytes", W3C_PLAIN),
    COLUMN("x-virus-id", W3C_PLAIN),
    COLUMN("x-bluecoat-application-name", W3C_PLAIN),
    COLUMN("x-bluecoat-application-operation", W3C_PLAIN),
};

static struct table_column iis_columns[] = {
    COLUMN("date", W3C_DATE),
    COLUMN("time", W3C_TIME),
    COLUMN("s-ip", W3C_PLAIN),
    COLUMN("cs-method", W3C_METHOD),
    COLUMN("cs-uri-stem", W3C_PATH),
    COLUMN("cs-uri-query", W3C_QUERY),
    COLUMN("s-port", W3C_PLAIN),
    COLUMN("cs-username", W3C_PLAIN),
    COLUMN("c-ip", W3C_PLAIN),
    COLUMN("cs-user-agent", W3C_AGENT),
    COLUMN("cs-referer", W3C_PLAIN),
    COLUMN("sc-status", W3C_PLAIN),
    COLUMN("sc-substatus", W3C_PLAIN),
    COLUMN("sc-win32-status", W3C_PLAIN),
    COLUMN("time-taken", W3C_PLAIN),
};

/* IIS 6 and 7 */
static struct table_column iis_old_columns[] = {
    COLUMN("date", W3C_DATE),
    COLUMN("time", W3C_TIME),
    COLUMN("s-ip", W3C_PLAIN),
    COLUMN("cs-method", W3C_METHOD),
    COLUMN("cs-uri-stem", W3C_PATH),
    COLUMN("cs-uri-query", W3C_QUERY),
    COLUMN("s-port", W3C_PLAIN),
    COLUMN("cs-username", W3C_PLAIN),
    COLUMN("c-ip", W3C_PLAIN),
    COLUMN("cs-user-agent", W3C_AGENT),
    COLUMN("sc-status", W3C_PLAIN),
    COLUMN("sc-substatus", W3C_PLAIN),
    COLUMN("sc-win32-status", W3C_PLAIN),
    COLUMN("time-taken", W3C_PLAIN),
};

static const struct w3c_own proxy = { .kind = W3C_PROXY, .date = HN_TEXT_INIT("") };
static const struct w3c_own server = { .kind = W3C_SERVER, .date = HN_TEXT_INIT("") };

static bool is_number(struct hn_text value)
{
    uint64_t number;

    return hn_parse_u64(value, &number);
}

static bool is_address(struct hn_text value)
{
    struct hn_ip ip;

    return hn_ip_parse(value, &ip);
}

static bool is_date(struct hn_text value)
{
    return value.len == 10 && value.ptr[4] == '-' && value.ptr[7] == '-';
}

static bool is_time(struct hn_text value)
{
    return value.len == 8 && value.ptr[2] == ':' && value.ptr[5] == ':';
}

static bool is_status(struct hn_text value)
{
    return value.len == 3 && is_number(value);
}

static bool is_path(struct hn_text value)
{
    return value.len > 0 && (value.ptr[0] == '/' || hn_text_eq(value, HN_TEXT("*")));
}

#define PROXY_SOURCE                          \
    {                                         \
        .category = { HN_TEXT_INIT("proxy") } \
    }
#define IIS_SOURCE                                                                     \
    {                                                                                  \
        .product = HN_TEXT_INIT("windows"), .category = { HN_TEXT_INIT("webserver") }, \
        .service = {                                                                   \
            HN_TEXT_INIT("iis")                                                        \
        }                                                                              \
    }

static const struct layout {
    struct table_header header;
    struct w3c_wanted wanted;
} layouts[] = {
    { { .columns = proxy_columns,
              .count = 25,
              .origin = HN_ORIGIN_KNOWN,
              .source = PROXY_SOURCE,
              .own = &proxy },
            { 25, { { 0, is_date }, { 1, is_time }, { 2, is_number }, { 3, is_address },
                          { 10, is_number }, { 22, is_number } } } },
    { { .columns = proxy_columns,
              .count = 27,
              .origin = HN_ORIGIN_KNOWN,
              .source = PROXY_SOURCE,
              .own = &proxy },
            { 27, { { 0, is_date }, { 1, is_time }, { 2, is_number }, { 3, is_address },
                          { 10, is_number }, { 22, is_number } } } },
    { { .columns = iis_columns,
              .count = HN_COUNT_OF(iis_columns),
              .origin = HN_ORIGIN_KNOWN,
              .source = IIS_SOURCE,
              .own = &server },
            { 15, { { 0, is_date }, { 1, is_time }, { 4, is_path }, { 6, is_number },
                          { 8, is_address }, { 11, is_status } } } },
    { { .columns = iis_old_columns,
              .count = HN_COUNT_OF(iis_old_columns),
              .origin = HN_ORIGIN_KNOWN,
              .source = IIS_SOURCE,
              .own = &server },
            { 14, { { 0, is_date }, { 1, is_time }, { 4, is_path }, { 6, is_number },
                          { 8, is_address }, { 10, is_status } } } },
};

enum hn_status decode_w3c_fields(struct hn_event *event, struct hn_text line)
{
    if (line.len < 20 || !is_date(hn_text_sub(line, 0, 10)) || !is_time(hn_text_sub(line, 11, 8)))
        return HN_SYNTAX;
    for (size_t i = 0; i < HN_COUNT_OF(layouts); i++) {
        const struct layout *layout = &layouts[i];

        if (!w3c_find_values(event, layout->header.own, line, &layout->wanted))
            continue;
        w3c_row_fields(event, &layout->header, line);
        return HN_OK;
    }
    return HN_SYNTAX;
}
