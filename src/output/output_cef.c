/* output_cef.c - an alert as ArcSight CEF ("Implementing ArcSight Common Event Format", version 26)
 * and the header of RFC 5424 before it.
 *
 * In the header of CEF '\' and '|' are escaped, in values '\' and '=' and line ends. Other control
 * characters would be obeyed by somebody's terminal: they become visible. */
#include "output/output_internal.h"

#include "base/escape.h"
#include "base/utf.h"

#define VALUE_MAX    1023 /* bytes: what CEF allows for msg and custom strings */
#define EVIDENCE_MAX 3    /* pieces of evidence in msg */

static void add_visible(struct hn_buf *out, uint32_t c)
{
    if (hn_is_control(c))
        hn_buf_addf(out, "\\\\u%04x", (unsigned)c);
    else
        hn_buf_add_utf8(out, c);
}

/* At most VALUE_MAX bytes of text, cut between characters; special ones get a backslash. */
static void add_escaped(struct hn_buf *out, struct hn_text text, const char *special, bool value)
{
    for (size_t pos = 0; pos < text.len && pos < VALUE_MAX;) {
        uint32_t c = 0xFFFD;
        size_t len = hn_utf8_decode(text, pos, &c);

        if (len == 0)
            c = 0xFFFD;
        pos += len == 0 ? 1 : len;
        if (value && c == '\n') {
            hn_buf_add_lit(out, "\\n");
        } else if (value && c == '\r') {
            hn_buf_add_lit(out, "\\r");
        } else if (c == '\n' || c == '\r' || c == '\t') {
            hn_buf_add_char(out, ' ');
        } else {
            if (c < 0x80 && c != 0 && strchr(special, (int)c) != NULL)
                hn_buf_add_char(out, '\\');
            add_visible(out, c);
        }
    }
}

static void add_header(struct hn_buf *out, struct hn_text text)
{
    add_escaped(out, text, "\\|", false);
    hn_buf_add_char(out, '|');
}

static void add_value(struct hn_buf *out, const char *name, struct hn_text text)
{
    if (text.len == 0)
        return;
    hn_buf_addf(out, " %s=", name);
    add_escaped(out, text, "\\=", true);
}

static void add_custom(struct hn_buf *out, unsigned number, const char *label, struct hn_text text)
{
    char name[8];
    struct hn_buf value = hn_buf_over(name, sizeof name);

    if (text.len == 0)
        return;
    hn_buf_addf(out, " cs%uLabel=%s", number, label);
    hn_buf_addf(&value, "cs%u", number);
    hn_buf_add_char(&value, '\0');
    add_value(out, name, text);
}

/* "CommandLine: powershell -enc ..; Image: .." */
static void add_evidence(struct hn_buf *out, const struct alert_read *read)
{
    struct hn_buf text = { 0 };

    for (uint32_t i = 0; i < read->match_count && i < EVIDENCE_MAX; i++) {
        if (i > 0)
            hn_buf_add_lit(&text, "; ");
        if (read->matches[i].field.len > 0) {
            hn_buf_add_text(&text, read->matches[i].field);
            hn_buf_add_lit(&text, ": ");
        }
        hn_buf_add_text(&text, hn_text_sub(read->matches[i].value, 0, VALUE_MAX / EVIDENCE_MAX));
    }
    if (hn_buf_ok(&text))
        add_value(out, "msg", hn_buf_text(&text));
    else
        out->status = text.status;
    hn_buf_deinit(&text);
}

void output_cef_write(const struct output_fact *fact, struct hn_buf *out)
{
    static const unsigned severities[] = { 0, 1, 3, 5, 8, 10 };
    uint32_t level = fact->level < HN_COUNT_OF(severities) ? fact->level : 5;
    struct hn_text rule = fact->json.len == 0          ? fact->kind
                          : fact->read.rule_id.len > 0 ? fact->read.rule_id
                                                       : fact->title;

    hn_buf_add_lit(out, "CEF:0|Hinomi|Hinomi|" HN_VERSION "|");
    add_header(out, rule);
    add_header(out, fact->title);
    hn_buf_addf(out, "%u|", severities[level]);
    hn_buf_addf(out, "rt=%lld",
            fact->time == HN_TIME_NONE ? 0LL : (long long)(fact->time / HN_MILLISECOND));
    add_value(out, "externalId", fact->key);
    add_value(out, "cat", fact->kind);
    add_value(out, "dhost", fact->host);
    add_value(out, "duser", fact->user);
    add_value(out, "filePath", fact->read.file);
    add_custom(out, 1, "source", fact->source);
    add_custom(out, 2, "tenant", fact->tenant);
    add_custom(out, 3, "family", fact->family);
    add_custom(out, 4, "techniques", fact->techniques);
    if (fact->incident != 0)
        hn_buf_addf(out, " cn1Label=incident cn1=%lld", (long long)fact->incident);
    if (fact->json.len == 0)
        hn_buf_addf(out, " cn2Label=confidence cn2=%u", (unsigned)fact->confidence);
    add_evidence(out, &fact->read);
}

void output_syslog_header(
        const struct output_fact *fact, uint32_t facility, const char *host, struct hn_buf *out)
{
    static const unsigned severities[] = { 6, 6, 5, 4, 3, 2 };
    uint32_t level = fact->level < HN_COUNT_OF(severities) ? fact->level : 5;
    struct hn_text name = hn_text_cstr(host);
    char stamp[HN_TIME_TEXT_MAX];
    hn_time time = fact->created - fact->created % 1000; /* six digits at most, section 6.2.3.1 */

    hn_buf_addf(out, "<%u>1 ", (unsigned)(facility * 8 + severities[level]));
    hn_buf_add(out, stamp, hn_time_write(time, 0, stamp));
    hn_buf_add_char(out, ' ');
    for (size_t i = 0; i < name.len && i < 255; i++)
        hn_buf_add_char(out, name.ptr[i] > ' ' && name.ptr[i] < 127 ? name.ptr[i] : '_');
    if (name.len == 0)
        hn_buf_add_char(out, '-');
    hn_buf_add_lit(out, " hinomi - ");
    hn_buf_add_text(out, fact->kind); /* "alert", "incident.opened": printable, short */
    hn_buf_add_lit(out, " - ");
}
