/* protect_kinds_network.c - rules on what goes over the network: proxy, DNS, connections, firewall,
 * mail. */
#include "protect/protect_internal.h"

#define ALL_FALSE_EN "A value that belongs to somebody legitimate, too, or has changed hands since."
#define ALL_FALSE_JA "正規の第三者も使う値、または所有者が変わった値。"

static bool is_contact(const struct protect_indicator *one)
{
    return one->role == PROTECT_DOWNLOAD || one->role == PROTECT_C2 ||
           one->role == PROTECT_CONTACTED || one->role == PROTECT_LINK;
}

static bool is_host_name(struct hn_text host)
{
    struct hn_ip ip;

    return host.len > 0 && host.ptr[0] != '[' && !hn_ip_parse(host, &ip);
}

/* ---- Values ---- */

/* Without the scheme, which proxies and scripts disagree on; only what says more than a host. */
static bool value_of_url(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    size_t scheme = hn_text_find(one->value, HN_TEXT("://"), 0);
    struct hn_text rest = hn_text_sub(one->value, scheme == SIZE_MAX ? 0 : scheme, one->value.len);
    size_t path;
    size_t at;

    (void)about;
    if (!is_contact(one) || !protect_is(one, EXTRACT_URL))
        return false;
    if (scheme != SIZE_MAX && !hn_text_starts_nocase(one->value, HN_TEXT("http")))
        return false;
    path = hn_text_find_char(rest, '/', scheme == SIZE_MAX ? 0 : 3);
    if (path == SIZE_MAX || path + 1 >= rest.len || hn_text_find_char(rest, '@', 0) < path)
        return false;
    at = hn_text_find_char(rest, '#', 0); /* never leaves the browser */
    hn_buf_add_text(out, hn_text_sub(rest, 0, at));
    return true;
}

static bool value_of_host(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    (void)about;
    if (!is_contact(one) || !is_host_name(one->host))
        return false;
    hn_buf_add_text(out, one->host);
    return true;
}

static bool value_of_address(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    struct hn_text host =
            protect_is(one, EXTRACT_IPV4) || protect_is(one, EXTRACT_IPV6) ? one->value : one->host;
    struct hn_ip ip;

    (void)about;
    if (!is_contact(one) || host.len == 0 || !hn_ip_parse(host, &ip))
        return false;
    hn_buf_add_ip(out, &ip);
    return true;
}

static bool value_of_agent(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    (void)about;
    if (one->role != PROTECT_USER_AGENT)
        return false;
    hn_buf_add_text(out, one->value);
    return true;
}

static bool value_of_sender(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    (void)about;
    if (one->role != PROTECT_SENDER || !protect_is(one, EXTRACT_EMAIL))
        return false;
    hn_buf_add_text(out, one->value);
    return true;
}

#define SUBJECT_MIN 8 /* bytes; "Re:" and "Hello" are everybody's */

static bool value_of_subject(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    (void)about;
    if (one->role != PROTECT_SUBJECT || one->value.len < SUBJECT_MIN)
        return false;
    hn_buf_add_text(out, one->value);
    return true;
}

static bool value_of_attachment(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    (void)about;
    if (one->role != PROTECT_ATTACHMENT || hn_text_find_char(one->value, '.', 0) == SIZE_MAX)
        return false;
    hn_buf_add_text(out, one->value);
    return true;
}

static bool value_of_file_hash(
        const struct protect_case *about, const struct protect_indicator *one, struct hn_buf *out)
{
    (void)about;
    if (one->role != PROTECT_SAMPLE || !protect_is(one, EXTRACT_SHA256))
        return false;
    hn_buf_add_text(out, one->value);
    return true;
}

/* ---- Events ---- */

/* A line of a proxy in W3C's form. Fields hold no spaces; a space in a path is %20 there. */
static void proxy_event(
        struct hn_buf *out, struct hn_text host, struct hn_text path, struct hn_text agent)
{
    size_t query = hn_text_find_char(path, '?', 0);
    size_t colon = hn_text_find_char(host, ':', 0);

    hn_buf_add_lit(out, "#Software: SGOS 7.3.12\n#Version: 1.0\n"
                        "#Fields: date time c-ip sc-status cs-method cs-uri-scheme cs-host "
                        "cs-uri-port cs-uri-path cs-uri-query cs(User-Agent) sc-bytes cs-bytes\n"
                        "2026-10-14 00:50:12 10.10.1.17 200 GET http ");
    hn_buf_add_text(out, hn_text_sub(host, 0, colon));
    hn_buf_add_char(out, ' ');
    hn_buf_add_text(
            out, colon == SIZE_MAX ? HN_TEXT("80") : hn_text_sub(host, colon + 1, host.len));
    hn_buf_add_char(out, ' ');
    hn_buf_add_text(out, path.len == 0 ? HN_TEXT("/") : hn_text_sub(path, 0, query));
    hn_buf_add_char(out, ' ');
    hn_buf_add_text(out, query == SIZE_MAX ? HN_TEXT("-") : hn_text_sub(path, query, path.len));
    hn_buf_add_lit(out, " \"");
    hn_buf_add_text(
            out, agent.len == 0 ? HN_TEXT("Mozilla/5.0 (Windows NT 10.0; Win64; x64)") : agent);
    hn_buf_add_lit(out, "\" 5120 640\n");
}

#define HARMLESS_HOST "intranet-news.example"

static void url_event(struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    size_t slash;

    if (one == NULL) {
        proxy_event(out, HN_TEXT(HARMLESS_HOST), HN_TEXT("/index.html"), HN_TEXT(""));
        return;
    }
    if (hn_text_starts(value, HN_TEXT("://")))
        value = hn_text_sub(value, 3, value.len);
    slash = hn_text_find_char(value, '/', 0);
    proxy_event(out, hn_text_sub(value, 0, slash),
            slash == SIZE_MAX ? HN_TEXT("") : hn_text_sub(value, slash, value.len), HN_TEXT(""));
}

static void proxy_host_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    proxy_event(out, one == NULL ? HN_TEXT(HARMLESS_HOST) : value, HN_TEXT("/"), HN_TEXT(""));
}

static void agent_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    proxy_event(out, HN_TEXT(HARMLESS_HOST), HN_TEXT("/"), one == NULL ? HN_TEXT("") : value);
}

static void dns_event(struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    struct hn_json_out json;

    protect_sysmon_open(&json, out, 22);
    hn_json_pair(&json, "QueryName", one == NULL ? HN_TEXT(HARMLESS_HOST) : value);
    hn_json_pair(&json, "QueryStatus", HN_TEXT("0"));
    hn_json_pair(&json, "Image",
            HN_TEXT("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"));
    protect_sysmon_close(&json);
}

static void connection_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    struct hn_json_out json;

    protect_sysmon_open(&json, out, 3);
    hn_json_pair(&json, "Image", HN_TEXT("C:\\Windows\\System32\\rundll32.exe"));
    hn_json_pair(&json, "Initiated", HN_TEXT("true"));
    hn_json_pair(&json, "SourceIp", HN_TEXT("10.10.1.17"));
    hn_json_pair(&json, "DestinationIp", one == NULL ? HN_TEXT("10.10.9.1") : value);
    hn_json_pair(&json, "DestinationPort", HN_TEXT("443"));
    protect_sysmon_close(&json);
}

static void firewall_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    hn_buf_add_lit(out, "date=2026-10-14 time=11:42:10 devname=\"FW\" devid=\"FGT60FTK26000001\" "
                        "tz=\"+0900\" logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" "
                        "level=\"notice\" vd=\"root\" srcip=10.10.1.17 srcport=51544 dstip=");
    hn_buf_add_text(out, one == NULL ? HN_TEXT("10.10.9.1") : value);
    hn_buf_add_lit(out, " dstport=443 proto=6 action=\"close\"\n");
}

struct mail_event {
    struct hn_text from;
    struct hn_text subject;
    struct hn_text name;
    struct hn_text digest;
};

static void mail_event(struct hn_buf *out, const struct mail_event *mail)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "@timestamp", HN_TEXT("2026-10-14T00:12:31.000Z"));
    hn_json_key_lit(&json, "event");
    hn_json_raw(&json, HN_TEXT("{\"kind\":\"event\",\"category\":[\"email\"],\"dataset\":"
                               "\"mailgateway.message\",\"action\":\"delivered\"}"));
    hn_json_key_lit(&json, "email");
    hn_json_open(&json, '{');
    hn_json_pair(&json, "direction", HN_TEXT("inbound"));
    hn_json_key_lit(&json, "from");
    hn_json_open(&json, '{');
    hn_json_key_lit(&json, "address");
    hn_json_open(&json, '[');
    hn_json_text(&json, mail->from.len > 0 ? mail->from : HN_TEXT("partner@partner.example"));
    hn_json_close(&json, ']');
    hn_json_close(&json, '}');
    hn_json_pair(&json, "subject", mail->subject.len > 0 ? mail->subject : HN_TEXT("minutes"));
    hn_json_key_lit(&json, "attachments");
    hn_json_open(&json, '[');
    hn_json_open(&json, '{');
    hn_json_key_lit(&json, "file");
    hn_json_open(&json, '{');
    hn_json_pair(&json, "name", mail->name.len > 0 ? mail->name : HN_TEXT("minutes.pdf"));
    if (mail->digest.len > 0) {
        hn_json_key_lit(&json, "hash");
        hn_json_open(&json, '{');
        hn_json_pair(&json, "sha256", mail->digest);
        hn_json_close(&json, '}');
    }
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    hn_json_close(&json, ']');
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

static void sender_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    struct mail_event mail = { .from = value };

    (void)one;
    mail_event(out, &mail);
}

static void subject_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    struct mail_event mail = { .subject = value };

    (void)one;
    mail_event(out, &mail);
}

static void attachment_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    struct mail_event mail = { .name = value };

    (void)one;
    mail_event(out, &mail);
}

static void digest_event(
        struct hn_buf *out, const struct protect_indicator *one, struct hn_text value)
{
    struct mail_event mail = { .digest = value };

    (void)one;
    mail_event(out, &mail);
}

/* ---- The kinds ---- */

#define NEXT_CLIENT_EN                                                                     \
    {                                                                                      \
        "Isolate the client, then look at the process that asked and at what it started.", \
                "Look for other clients that asked for the same."                          \
    }
#define NEXT_CLIENT_JA                                                      \
    {                                                                       \
        "端末を隔離し、通信したプロセスとその子プロセスを調べる。",         \
                "同じ通信をした端末が他にないか調べる。" \
    }
#define NEXT_MAIL_EN                                                                             \
    {                                                                                            \
        "Remove the mail from the mailbox and ask whether the attachment was opened.",           \
                "Look for other recipients, and for Office starting programs on their machines." \
    }
#define NEXT_MAIL_JA                                                                                     \
    {                                                                                                    \
        "受信箱から該当メールを削除し、添付を開いたか受信者に確認する。",                                \
                "他の受信者と、その端末で Office が起動したプロセスを調べる。" \
    }
#define WHY_NET_EN \
    "The analysed sample would ask for exactly this; ordinary users have no reason to."
#define WHY_NET_JA  "解析した検体がまさにこの通信を行う。通常の利用者が行う理由はない。"
#define WHY_MAIL_EN "The analysed mail had exactly this."
#define WHY_MAIL_JA "解析したメールと同じ特徴を持つメールである。"
#define TAGS_NET    "attack.command-and-control attack.t1105"
#define TAGS_C2     "attack.command-and-control attack.t1071.001"
#define TAGS_MAIL   "attack.initial-access attack.t1566.001"

const struct protect_rule_kind protect_network_kinds[] = {
    { .slug = "url_proxy",
            .title = "Address Used by an Analysed Sample",
            .description = "A client asks for an address that an analysed sample uses.",
            .logsource = "    category: proxy\n",
            .fields = { { "c-uri|contains", NULL } },
            .trace = "url",
            .level = "high",
            .tags = TAGS_NET,
            .why_en = WHY_NET_EN,
            .why_ja = WHY_NET_JA,
            .next_en = NEXT_CLIENT_EN,
            .next_ja = NEXT_CLIENT_JA,
            .false_en = ALL_FALSE_EN,
            .false_ja = ALL_FALSE_JA,
            .format = "w3c",
            .value = value_of_url,
            .event = url_event },
    { .slug = "host_proxy",
            .title = "Host Used by an Analysed Sample in the Proxy Log",
            .description = "A client asks for a page of a host that an analysed sample uses. The "
                           "site may be legitimate and broken into.",
            .logsource = "    category: proxy\n",
            .fields = { { "cs-host", NULL } },
            .trace = "domain",
            .level = "medium",
            .tags = TAGS_C2,
            .why_en = WHY_NET_EN,
            .why_ja = WHY_NET_JA,
            .next_en = NEXT_CLIENT_EN,
            .next_ja = NEXT_CLIENT_JA,
            .false_en = ALL_FALSE_EN,
            .false_ja = ALL_FALSE_JA,
            .format = "w3c",
            .value = value_of_host,
            .event = proxy_host_event },
    { .slug = "host_dns",
            .title = "Host Used by an Analysed Sample Looked Up",
            .description = "A program looks up a host that an analysed sample uses.",
            .logsource = "    category: dns_query\n    product: windows\n",
            .fields = { { "QueryName", NULL }, { "QueryName|endswith", "." } },
            .trace = "domain",
            .level = "medium",
            .tags = "attack.command-and-control attack.t1071.004",
            .why_en = WHY_NET_EN,
            .why_ja = WHY_NET_JA,
            .next_en = NEXT_CLIENT_EN,
            .next_ja = NEXT_CLIENT_JA,
            .false_en = ALL_FALSE_EN,
            .false_ja = ALL_FALSE_JA,
            .format = "json",
            .value = value_of_host,
            .event = dns_event },
    { .slug = "ip_proxy",
            .title = "IP Address Used by an Analysed Sample in the Proxy Log",
            .description = "A client asks a bare address that an analysed sample uses.",
            .logsource = "    category: proxy\n",
            .fields = { { "cs-host", NULL }, { "dst_ip", NULL } },
            .trace = "ip",
            .level = "high",
            .tags = TAGS_C2,
            .why_en = WHY_NET_EN,
            .why_ja = WHY_NET_JA,
            .next_en = NEXT_CLIENT_EN,
            .next_ja = NEXT_CLIENT_JA,
            .false_en = ALL_FALSE_EN,
            .false_ja = ALL_FALSE_JA,
            .format = "w3c",
            .value = value_of_address,
            .event = proxy_host_event },
    { .slug = "ip_connection",
            .title = "Program Connects to an IP Address of an Analysed Sample",
            .description = "A program connects to an address that an analysed sample uses.",
            .logsource = "    category: network_connection\n    product: windows\n",
            .fields = { { "DestinationIp", NULL } },
            .trace = "ip",
            .level = "high",
            .tags = TAGS_C2,
            .why_en = WHY_NET_EN,
            .why_ja = WHY_NET_JA,
            .next_en = NEXT_CLIENT_EN,
            .next_ja = NEXT_CLIENT_JA,
            .false_en = ALL_FALSE_EN,
            .false_ja = ALL_FALSE_JA,
            .format = "json",
            .value = value_of_address,
            .event = connection_event },
    { .slug = "ip_firewall",
            .title = "IP Address of an Analysed Sample in the Firewall Log",
            .description =
                    "A connection, allowed or not, to an address that an analysed sample uses.",
            .logsource = "    category: firewall\n",
            .fields = { { "dst_ip", NULL } },
            .trace = "ip",
            .level = "high",
            .tags = TAGS_C2,
            .why_en = WHY_NET_EN,
            .why_ja = WHY_NET_JA,
            .next_en = NEXT_CLIENT_EN,
            .next_ja = NEXT_CLIENT_JA,
            .false_en = ALL_FALSE_EN,
            .false_ja = ALL_FALSE_JA,
            .format = "kv",
            .value = value_of_address,
            .event = firewall_event },
    { .slug = "agent_proxy",
            .title = "User Agent of an Analysed Sample",
            .description = "A client names itself as an analysed sample does.",
            .logsource = "    category: proxy\n",
            .fields = { { "c-useragent", NULL } },
            .trace = "network_artefact",
            .level = "medium",
            .tags = TAGS_C2,
            .why_en = WHY_NET_EN,
            .why_ja = WHY_NET_JA,
            .next_en = NEXT_CLIENT_EN,
            .next_ja = NEXT_CLIENT_JA,
            .false_en = "A browser or tool that names itself the same.",
            .false_ja = "同じ User-Agent を名乗るブラウザーやツール。",
            .format = "w3c",
            .value = value_of_agent,
            .event = agent_event },
    { .slug = "mail_sender",
            .title = "Mail From the Sender of an Analysed Mail",
            .description = "A mail comes from the address that sent an analysed mail.",
            .logsource = "    category: email\n",
            .fields = { { "email.from.address", NULL } },
            .trace = "network_artefact",
            .level = "medium",
            .tags = TAGS_MAIL,
            .why_en = WHY_MAIL_EN,
            .why_ja = WHY_MAIL_JA,
            .next_en = NEXT_MAIL_EN,
            .next_ja = NEXT_MAIL_JA,
            .false_en = "The address is that of a partner, used by somebody else; tell him.",
            .false_ja = "取引先のアドレスが詐称・乗っ取りされた場合。相手に連絡する。",
            .format = "json",
            .value = value_of_sender,
            .event = sender_event },
    { .slug = "mail_subject",
            .title = "Mail With the Subject of an Analysed Mail",
            .description = "A mail has the very subject of an analysed mail.",
            .logsource = "    category: email\n",
            .fields = { { "email.subject", NULL } },
            .trace = "network_artefact",
            .level = "low",
            .tags = TAGS_MAIL,
            .why_en = WHY_MAIL_EN,
            .why_ja = WHY_MAIL_JA,
            .next_en = NEXT_MAIL_EN,
            .next_ja = NEXT_MAIL_JA,
            .false_en = "Subjects of real correspondence that the attacker has copied.",
            .false_ja = "攻撃者が実在のやり取りから写した件名。",
            .format = "json",
            .value = value_of_subject,
            .event = subject_event },
    { .slug = "mail_attachment",
            .title = "Mail With an Attachment Named as in an Analysed Mail",
            .description = "A mail brings an attachment of the name that an analysed mail had.",
            .logsource = "    category: email\n",
            .fields = { { "email.attachments.file.name", NULL } },
            .trace = "host_artefact",
            .level = "medium",
            .tags = TAGS_MAIL,
            .why_en = WHY_MAIL_EN,
            .why_ja = WHY_MAIL_JA,
            .next_en = NEXT_MAIL_EN,
            .next_ja = NEXT_MAIL_JA,
            .false_en = "Names that ordinary senders use as well.",
            .false_ja = "通常の送信者も使う名前。",
            .format = "json",
            .value = value_of_attachment,
            .event = attachment_event },
    { .slug = "mail_hash",
            .title = "Mail With a File of an Analysed Sample",
            .description = "A mail brings a file that was in an analysed sample.",
            .logsource = "    category: email\n",
            .fields = { { "email.attachments.file.hash.sha256", NULL } },
            .trace = "hash",
            .level = "high",
            .tags = TAGS_MAIL,
            .why_en = WHY_MAIL_EN,
            .why_ja = WHY_MAIL_JA,
            .next_en = NEXT_MAIL_EN,
            .next_ja = NEXT_MAIL_JA,
            .false_en = "None, unless the sample was judged wrongly.",
            .false_ja = "検体の判定が誤りでない限りない。",
            .format = "json",
            .value = value_of_file_hash,
            .event = digest_event },
};
const size_t protect_network_kind_count = HN_COUNT_OF(protect_network_kinds);
