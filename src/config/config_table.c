/* config_table.c - every key of the configuration: type, range, default, purpose. */
#include "config/config_internal.h"

#include <stddef.h>

#define LEVELS "informational|low|medium|high|critical"
#define KIB    ((uint64_t)1 << 10)
#define MIB    ((uint64_t)1 << 20)
#define GIB    ((uint64_t)1 << 30)
#define TIB    ((uint64_t)1 << 40)
#define MS     ((uint64_t)1000000)
#define SECOND (1000 * MS)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

#define KEY(type_, struct_, member, ...)                                                          \
    {                                                                                             \
        .name = #member, .type = (type_), .offset = offsetof(struct struct_, member), __VA_ARGS__ \
    }
#define SECTION(keys_, struct_, name_, help_)                                               \
    {                                                                                       \
        .name = (name_), .help = (help_), .keys = (keys_), .key_count = HN_COUNT_OF(keys_), \
        .size = sizeof(struct struct_)                                                      \
    }

/* clang-format off */
static const struct config_key rules_keys[] = {
    KEY(CONFIG_TEXTS, config_rules, paths,
        .help = "Sigma rules: files and folders. Without any: the shipped rules."),
    KEY(CONFIG_TEXTS, config_rules, pipelines,
        .help = "pySigma processing pipelines applied to all rules."),
    KEY(CONFIG_TEXTS, config_rules, lists,
        .help = "Placeholder lists: folders of `<Name>.txt`, or `Name=FILE`."),
    KEY(CONFIG_TEXTS, config_rules, indicators,
        .help = "Indicators: plain lists, CSV, MISP, STIX 2.1, OpenIOC."),
    KEY(CONFIG_TEXT, config_rules, indicator_columns,
        .help = "Columns of indicator CSV files, see [indicators.md](indicators.md)."),
    KEY(CONFIG_TEXTS, config_rules, warninglists,
        .help = "MISP warning lists: known good things that must not alert."),
    KEY(CONFIG_CHOICE, config_rules, level, .choices = LEVELS, .otherwise = "low",
        .help = "The lowest level that becomes an alert."),
    KEY(CONFIG_DURATION, config_rules, watch, .otherwise = "10s", .max = DAY,
        .help = "How often the files above are looked at for changes. 0: only when told (SIGHUP, API)."),
};
static const struct config_section rules_section = SECTION(rules_keys, config_rules, "rules",
    "What judges. A changed set is compiled aside and takes over between two events; a broken one "
    "leaves the old one in force.");

static const struct config_key journal_keys[] = {
    KEY(CONFIG_SIZE, config_journal, segment, .min = MIB, .max = 4 * GIB, .otherwise = "64MiB",
        .help = "Size of one file."),
    KEY(CONFIG_SIZE, config_journal, keep, .otherwise = "20GiB",
        .help = "Room for what has been judged already. 0: no limit."),
    KEY(CONFIG_DURATION, config_journal, keep_age, .otherwise = "30d",
        .help = "How long what has been judged is kept. 0: no limit."),
    KEY(CONFIG_DURATION, config_journal, commit_delay, .max = SECOND, .otherwise = "2ms",
        .help = "How long a record waits for others to be made durable with."),
    KEY(CONFIG_SIZE, config_journal, commit_size, .min = 4 * KIB, .max = GIB, .otherwise = "1MiB",
        .help = "So many bytes are made durable at once without waiting."),
    KEY(CONFIG_SIZE, config_journal, pending, .min = MIB, .max = 16 * GIB, .otherwise = "64MiB",
        .help = "Bytes that may wait to become durable; beyond, doors push back."),
    KEY(CONFIG_BOOL, config_journal, compress, .otherwise = "true",
        .help = "Compress full files (zstd)."),
};
static const struct config_section journal_section = SECTION(journal_keys, config_journal,
    "journal", "Where input is durable before it is acknowledged.");

static const struct config_key engine_keys[] = {
    KEY(CONFIG_COUNT, config_engine, threads, .max = 256,
        .help = "Threads that judge. 0: one per processor."),
    KEY(CONFIG_DURATION, config_engine, lateness, .max = DAY, .otherwise = "5s",
        .help = "How far out of order the events of a correlation may come."),
    KEY(CONFIG_DURATION, config_engine, past_after, .min = 60 * SECOND, .max = 365 * DAY,
        .otherwise = "1h",
        .help = "Events that come so long after they happened are correlated apart from new ones."),
    KEY(CONFIG_DURATION, config_engine, snapshot, .min = SECOND, .max = DAY, .otherwise = "10s",
        .help = "How often the state of correlations is saved; a restart replays what came after."),
    KEY(CONFIG_DURATION, config_engine, tick, .min = SECOND, .max = HOUR, .otherwise = "5s",
        .help = "How often time is noted while nothing comes in, so that \"no B within T\" fires."),
};
static const struct config_section engine_section = SECTION(engine_keys, config_engine, "engine",
    "How events are judged.");

static const struct config_key tls_keys[] = {
    KEY(CONFIG_TEXT, config_tls, certificate,
        .help = "PEM file with the certificate and its chain. Without it one is made at the first start."),
    KEY(CONFIG_TEXT, config_tls, key, .help = "PEM file with the private key."),
    KEY(CONFIG_TEXT, config_tls, client_ca,
        .help = "PEM file with the authorities of client certificates. Without it none are asked for."),
    KEY(CONFIG_TEXTS, config_tls, client_names,
        .help = "Names client certificates may have. Without any: all that the authority signed."),
};
static const struct config_section http_tls_section = SECTION(tls_keys, config_tls,
    "http.tls_files", "Certificates of the HTTP doors and the API. Replaced files are taken up by "
    "SIGHUP, without a restart.");
static const struct config_section source_tls_section = SECTION(tls_keys, config_tls,
    "sources[].tls_files", "Certificates of this source's syslog. Default: those of `http`.");

static const struct config_key http_keys[] = {
    KEY(CONFIG_ADDRESS, config_http, address, .otherwise = "127.0.0.1:8470",
        .help = "Where the HTTP doors and the API listen."),
    KEY(CONFIG_BOOL, config_http, tls, .otherwise = "true",
        .help = "TLS. `false` is accepted on loopback addresses only."),
    KEY(CONFIG_COUNT, config_http, connections, .min = 8, .max = 1000000, .otherwise = "4096",
        .help = "Connections at a time."),
    KEY(CONFIG_COUNT, config_http, connections_per_address, .min = 1, .max = 1000000, .otherwise = "512",
        .help = "Connections at a time of one address."),
    KEY(CONFIG_SIZE, config_http, body, .min = 64 * KIB, .max = GIB, .otherwise = "32MiB",
        .help = "The largest body of a request, as sent and unpacked."),
    KEY(CONFIG_DURATION, config_http, idle, .min = SECOND, .max = HOUR, .otherwise = "60s",
        .help = "How long a connection may be silent."),
    KEY(CONFIG_DURATION, config_http, session_idle, .min = SECOND, .max = DAY, .otherwise = "30m",
        .help = "A session of the API ends when nothing was asked in it for so long."),
    KEY(CONFIG_DURATION, config_http, session_max, .min = SECOND, .max = 30 * DAY, .otherwise = "12h",
        .help = "A session of the API ends after so long, whatever was asked in it."),
    KEY(CONFIG_NAME, config_http, elastic_version, .otherwise = "8.17.0",
        .help = "The version told to Elasticsearch clients."),
    KEY(CONFIG_SECTION, config_http, tls_files, .section = &http_tls_section,
        .help = "Certificates."),
};
static const struct config_section http_section = SECTION(http_keys, config_http, "http",
    "HTTP doors and API.");

static const struct config_key source_keys[] = {
    KEY(CONFIG_NAME, config_source, name,
        .help = "Its name in alerts, counters and tokens. Required."),
    KEY(CONFIG_NAME, config_source, format,
        .help = "Format of the log (see [formats](formats)). Without it recognised by content."),
    KEY(CONFIG_TEXT, config_source, zone,
        .help = "Time zone of stamps that do not name one: `Asia/Tokyo`. Without it UTC."),
    KEY(CONFIG_NAME, config_source, tenant, .help = "Whose it is, where several share a server."),
    KEY(CONFIG_TEXTS, config_source, pipelines,
        .help = "pySigma processing pipelines applied to the rules for this source's events alone, "
        "behind those of `rules`: for the names it gives its fields."),
    KEY(CONFIG_SIZE, config_source, quota,
        .help = "Bytes a second it may send. Beyond, its doors push back. 0: no limit."),
    KEY(CONFIG_ADDRESSES, config_source, udp, .help = "Syslog over UDP: where to listen."),
    KEY(CONFIG_ADDRESSES, config_source, tcp,
        .help = "Syslog over TCP, octet-counted or by lines: where to listen."),
    KEY(CONFIG_ADDRESSES, config_source, tls, .help = "Syslog over TLS (RFC 5425): where to listen."),
    KEY(CONFIG_SECTION, config_source, tls_files, .section = &source_tls_section,
        .help = "Certificates."),
    KEY(CONFIG_NETWORKS, config_source, peers,
        .help = "Networks it takes syslog from; several sources may then share an address. Without any: all."),
    KEY(CONFIG_TEXTS, config_source, files,
        .help = "Files, folders and patterns that are followed."),
    KEY(CONFIG_BOOL, config_source, standard_input, .help = "Read standard input."),
};
static const struct config_section source_section = SECTION(source_keys, config_source,
    "sources[]", "Where logs come from. A source without a door of its own is fed over HTTP, by "
    "tokens that name it.");

static const struct config_key output_keys[] = {
    KEY(CONFIG_NAME, config_output, name, .help = "Its name in counters and dead letters. Required."),
    KEY(CONFIG_CHOICE, config_output, kind, .choices = "none|file|webhook|syslog|smtp",
        .help = "What it is. Required."),
    KEY(CONFIG_CHOICE, config_output, level, .choices = LEVELS, .otherwise = "medium",
        .help = "The lowest level that is sent."),
    KEY(CONFIG_CHOICE, config_output, format, .choices = "jsonl|ocsf|cef", .otherwise = "jsonl",
        .help = "Form of what is sent."),
    KEY(CONFIG_TEXT, config_output, path, .help = "file: where to."),
    KEY(CONFIG_TEXT, config_output, url, .help = "webhook: `https://...`; smtp: `smtps://host:465`."),
    KEY(CONFIG_TEXT, config_output, secret_file,
        .help = "webhook: file with the key of the signature; smtp: file with the password."),
    KEY(CONFIG_ADDRESS, config_output, address, .help = "syslog: where to."),
    KEY(CONFIG_WORD, config_output, transport, .choices = "udp|tcp|tls", .otherwise = "tcp",
        .help = "syslog: how."),
    KEY(CONFIG_TEXT, config_output, ca,
        .help = "PEM file with the authorities the other side must be signed by. Without it the system's."),
    KEY(CONFIG_TEXT, config_output, user, .help = "smtp: user name."),
    KEY(CONFIG_TEXT, config_output, from, .help = "smtp: sender."),
    KEY(CONFIG_TEXTS, config_output, to, .help = "smtp: recipients."),
    KEY(CONFIG_BOOL, config_output, sync, .otherwise = "true",
        .help = "file: lines are on the disk before they count as sent."),
    KEY(CONFIG_BOOL, config_output, allow_private,
        .help = "webhook: loopback and private addresses are allowed. Link-local ones never are."),
    KEY(CONFIG_BOOL, config_output, allow_plain,
        .help = "webhook: `http://` is allowed; smtp: a server without STARTTLS is."),
    KEY(CONFIG_COUNT, config_output, facility, .max = 23, .otherwise = "16",
        .help = "syslog: facility; 16 is local0."),
    KEY(CONFIG_DURATION, config_output, digest, .max = DAY,
        .help = "smtp: at most one mail in so long, with all that came in between. 0: one mail each."),
    KEY(CONFIG_DURATION, config_output, timeout, .min = SECOND, .max = HOUR, .otherwise = "10s",
        .help = "How long one try may take."),
    KEY(CONFIG_DURATION, config_output, retry_max, .min = SECOND, .max = DAY, .otherwise = "5m",
        .help = "The longest wait between two tries."),
    KEY(CONFIG_DURATION, config_output, give_up, .min = SECOND, .otherwise = "3d",
        .help = "After so long without success it is a dead letter, kept until somebody decides."),
};
static const struct config_section output_section = SECTION(output_keys, config_output,
    "outputs[]", "Who is told of alerts. None of them delays another, or the engine.");

static const struct config_key incident_keys[] = {
    KEY(CONFIG_DURATION, config_incidents, window, .min = 60 * SECOND, .otherwise = "24h",
        .help = "An alert joins the incident of its entity when the last one is no older."),
    KEY(CONFIG_DURATION, config_incidents, exception_max, .min = HOUR, .otherwise = "180d",
        .help = "The longest life of an exception."),
};
static const struct config_section incident_section = SECTION(incident_keys, config_incidents,
    "incidents", "How alerts become incidents.");

static const struct config_key retention_keys[] = {
    KEY(CONFIG_DURATION, config_retention, alerts, .otherwise = "365d",
        .help = "How long alerts of closed incidents are kept. 0: for ever."),
    KEY(CONFIG_SIZE, config_retention, alerts_max, .otherwise = "5000000",
        .help = "Alerts kept at most; the oldest closed ones go first. 0: no limit."),
    KEY(CONFIG_DURATION, config_retention, audit, .otherwise = "0",
        .help = "How long the audit log is kept. 0: for ever."),
};
static const struct config_section retention_section = SECTION(retention_keys, config_retention,
    "retention", "What is forgotten, and when.");

static const struct config_key sample_keys[] = {
    KEY(CONFIG_COUNT, config_samples, workers, .max = 16, .otherwise = "2",
        .help = "Jailed processes that take samples apart. 0: the server takes no samples."),
    KEY(CONFIG_COUNT, config_samples, queue, .min = 1, .max = 1000000, .otherwise = "1000",
        .help = "Samples that may wait; more are answered 429."),
    KEY(CONFIG_SIZE, config_samples, file, .min = KIB, .max = GIB, .otherwise = "64MiB",
        .help = "The largest sample."),
    KEY(CONFIG_SIZE, config_samples, children, .max = TIB, .otherwise = "256MiB",
        .help = "What was in one sample is kept up to this size."),
    KEY(CONFIG_SIZE, config_samples, count, .otherwise = "100000",
        .help = "Samples kept at most; the oldest finished ones go first. 0: no limit."),
    KEY(CONFIG_SIZE, config_samples, bytes, .otherwise = "20GiB",
        .help = "Room for samples, what was in them, and reports; likewise. 0: no limit."),
    KEY(CONFIG_DURATION, config_samples, age, .otherwise = "90d",
        .help = "How long samples are kept. 0: for ever."),
    KEY(CONFIG_DURATION, config_samples, journal, .max = HOUR, .otherwise = "10s",
        .help = "How long the journal may be searched for what a sample tells. 0: it is not."),
    KEY(CONFIG_DURATION, config_samples, expires, .otherwise = "90d",
        .help = "How long an accepted indicator judges, unless somebody says otherwise. 0: for ever."),
    KEY(CONFIG_BOOL, config_samples, reserved,
        .help = "Reserved names and addresses (.example, 192.0.2.0/24) count like others: exercises."),
    KEY(CONFIG_TEXTS, config_samples, limits,
        .help = "Limits of an analysis that differ from the defaults, `NAME=VALUE` each: see "
        "[analysis-report.md](analysis-report.md)."),
    KEY(CONFIG_TEXTS, config_samples, yara,
        .help = "YARA rules every object is held against: files and folders."),
    KEY(CONFIG_TEXTS, config_samples, known_good,
        .help = "Digests of harmless files: NSRL (RDS 2 and 3), tables, plain lists."),
    KEY(CONFIG_TEXTS, config_samples, known_bad,
        .help = "Digests of malicious files, in the same forms."),
    KEY(CONFIG_TEXT, config_samples, clamd,
        .help = "ClamAV looks as well: path of clamd's socket, or `HOST:PORT`."),
    KEY(CONFIG_TEXTS, config_samples, vt,
        .help = "Results of vendors in the JSON of VirusTotal's API 3: files and folders."),
    KEY(CONFIG_TEXT, config_samples, vt_key,
        .help = "File with a key of VirusTotal: results are asked for by SHA-256. Only the digest leaves this "
        "machine."),
    KEY(CONFIG_TEXT, config_samples, vt_url,
        .help = "Another service with the same API, `https://`; `http://` on this machine alone."),
};
static const struct config_section sample_section = SECTION(sample_keys, config_samples, "samples",
    "Samples that people hand in for analysis: see [samples.md](samples.md).");

static const struct config_key log_keys[] = {
    KEY(CONFIG_CHOICE, config_log, format, .choices = "json|text|auto", .otherwise = "auto",
        .help = "Form of the server's own log on standard error. `auto`: text on a terminal, else JSON."),
    KEY(CONFIG_CHOICE, config_log, level, .choices = "error|warning|info|debug", .otherwise = "info",
        .help = "What is logged at least."),
};
static const struct config_section log_section = SECTION(log_keys, config_log, "log",
    "The server's own log.");

static const struct config_key root_keys[] = {
    KEY(CONFIG_TEXT, config, data, .otherwise = "/var/lib/hinomi",
        .help = "Folder for journal, alerts and state."),
    KEY(CONFIG_SECTION, config, rules, .section = &rules_section, .help = "Rules and indicators."),
    KEY(CONFIG_SECTION, config, journal, .section = &journal_section, .help = "The journal."),
    KEY(CONFIG_SECTION, config, engine, .section = &engine_section, .help = "The engine."),
    KEY(CONFIG_SECTION, config, http, .section = &http_section, .help = "HTTP doors and API."),
    KEY(CONFIG_ITEMS, config, sources, .section = &source_section, .help = "Sources of logs."),
    KEY(CONFIG_ITEMS, config, outputs, .section = &output_section, .help = "Who is told."),
    KEY(CONFIG_SECTION, config, incidents, .section = &incident_section, .help = "Incidents."),
    KEY(CONFIG_SECTION, config, retention, .section = &retention_section, .help = "Retention."),
    KEY(CONFIG_SECTION, config, samples, .section = &sample_section, .help = "Samples."),
    KEY(CONFIG_SECTION, config, log, .section = &log_section, .help = "The server's own log."),
};
/* clang-format on */

const struct config_section config_root = SECTION(root_keys, config, "", "");
