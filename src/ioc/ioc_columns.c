/* ioc_columns.c - what the columns of a table of indicators mean, by header, option, or content.
 *
 * The names are those of URLhaus, ThreatFox, MalwareBazaar, Feodo Tracker, MISP's CSV, Zeek's intel
 * files, Defender's export, and what people write. Leaves to others: splitting rows (ioc_csv.c). */
#include "base/num.h"
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#include <stdlib.h>

struct column_name {
    const char *name;
    enum ioc_column_role role;
    enum ioc_type type;
};

/* Sorted; lower case, '_' for spaces. */
static const struct column_name column_names[] = {
    { "c2_status", IOC_COLUMN_C2_STATUS, IOC_TYPE_ANY },
    { "comment", IOC_COLUMN_COMMENT, IOC_TYPE_ANY },
    { "compromised", IOC_COLUMN_COMPROMISED, IOC_TYPE_ANY },
    { "confidence", IOC_COLUMN_CONFIDENCE, IOC_TYPE_ANY },
    { "confidence_level", IOC_COLUMN_CONFIDENCE, IOC_TYPE_ANY },
    { "date", IOC_COLUMN_FIRST, IOC_TYPE_ANY },
    { "date_added", IOC_COLUMN_FIRST, IOC_TYPE_ANY },
    { "dateadded", IOC_COLUMN_FIRST, IOC_TYPE_ANY },
    { "description", IOC_COLUMN_COMMENT, IOC_TYPE_ANY },
    { "domain", IOC_COLUMN_VALUE, IOC_DOMAIN },
    { "domainname", IOC_COLUMN_VALUE, IOC_DOMAIN },
    { "dst_ip", IOC_COLUMN_VALUE, IOC_IPV4 },
    { "dst_port", IOC_COLUMN_PORT, IOC_TYPE_ANY },
    { "email", IOC_COLUMN_VALUE, IOC_EMAIL },
    { "expirationtime", IOC_COLUMN_UNTIL, IOC_TYPE_ANY },
    { "family", IOC_COLUMN_FAMILY, IOC_TYPE_ANY },
    { "first_seen", IOC_COLUMN_FIRST, IOC_TYPE_ANY },
    { "first_seen_utc", IOC_COLUMN_FIRST, IOC_TYPE_ANY },
    { "firstseen", IOC_COLUMN_FIRST, IOC_TYPE_ANY },
    { "fqdn", IOC_COLUMN_VALUE, IOC_DOMAIN },
    { "hash", IOC_COLUMN_VALUE, IOC_TYPE_ANY },
    { "host", IOC_COLUMN_VALUE, IOC_DOMAIN },
    { "hostname", IOC_COLUMN_VALUE, IOC_DOMAIN },
    { "id", IOC_COLUMN_ID, IOC_TYPE_ANY },
    { "indicator", IOC_COLUMN_VALUE, IOC_TYPE_ANY },
    { "indicator_type", IOC_COLUMN_TYPE, IOC_TYPE_ANY },
    { "indicatortype", IOC_COLUMN_TYPE, IOC_TYPE_ANY },
    { "indicatorvalue", IOC_COLUMN_VALUE, IOC_TYPE_ANY },
    { "ioc", IOC_COLUMN_VALUE, IOC_TYPE_ANY },
    { "ioc_id", IOC_COLUMN_ID, IOC_TYPE_ANY },
    { "ioc_type", IOC_COLUMN_TYPE, IOC_TYPE_ANY },
    { "ioc_value", IOC_COLUMN_VALUE, IOC_TYPE_ANY },
    { "ip", IOC_COLUMN_VALUE, IOC_IPV4 },
    { "ip_address", IOC_COLUMN_VALUE, IOC_IPV4 },
    { "ipaddress", IOC_COLUMN_VALUE, IOC_IPV4 },
    { "is_compromised", IOC_COLUMN_COMPROMISED, IOC_TYPE_ANY },
    { "last_online", IOC_COLUMN_LAST, IOC_TYPE_ANY },
    { "last_seen", IOC_COLUMN_LAST, IOC_TYPE_ANY },
    { "last_seen_utc", IOC_COLUMN_LAST, IOC_TYPE_ANY },
    { "lastseen", IOC_COLUMN_LAST, IOC_TYPE_ANY },
    { "malware", IOC_COLUMN_FAMILY, IOC_TYPE_ANY },
    { "malware_family", IOC_COLUMN_FAMILY, IOC_TYPE_ANY },
    { "malware_printable", IOC_COLUMN_FAMILY, IOC_TYPE_ANY },
    { "md5", IOC_COLUMN_VALUE, IOC_MD5 },
    { "md5_hash", IOC_COLUMN_VALUE, IOC_MD5 },
    { "meta.desc", IOC_COLUMN_COMMENT, IOC_TYPE_ANY },
    { "meta.url", IOC_COLUMN_REFERENCE, IOC_TYPE_ANY },
    { "observable", IOC_COLUMN_VALUE, IOC_TYPE_ANY },
    { "port", IOC_COLUMN_PORT, IOC_TYPE_ANY },
    { "reference", IOC_COLUMN_REFERENCE, IOC_TYPE_ANY },
    { "sha1", IOC_COLUMN_VALUE, IOC_SHA1 },
    { "sha1_hash", IOC_COLUMN_VALUE, IOC_SHA1 },
    { "sha256", IOC_COLUMN_VALUE, IOC_SHA256 },
    { "sha256_hash", IOC_COLUMN_VALUE, IOC_SHA256 },
    { "sha512", IOC_COLUMN_VALUE, IOC_SHA512 },
    { "signature", IOC_COLUMN_FAMILY, IOC_TYPE_ANY },
    { "tags", IOC_COLUMN_TAGS, IOC_TYPE_ANY },
    { "threat", IOC_COLUMN_ROLE, IOC_TYPE_ANY },
    { "threat_type", IOC_COLUMN_ROLE, IOC_TYPE_ANY },
    { "title", IOC_COLUMN_COMMENT, IOC_TYPE_ANY },
    { "to_ids", IOC_COLUMN_TO_IDS, IOC_TYPE_ANY },
    { "type", IOC_COLUMN_TYPE, IOC_TYPE_ANY },
    { "url", IOC_COLUMN_VALUE, IOC_URL },
    { "urlhaus_link", IOC_COLUMN_REFERENCE, IOC_TYPE_ANY },
    { "uuid", IOC_COLUMN_ID, IOC_TYPE_ANY },
    { "valid_until", IOC_COLUMN_UNTIL, IOC_TYPE_ANY },
    { "value", IOC_COLUMN_VALUE, IOC_TYPE_ANY },
};

static int compare_name(const void *key, const void *item)
{
    const struct hn_text *name = key;
    const struct column_name *listed = item;

    return hn_text_cmp(*name, hn_text_cstr(listed->name));
}

static const struct column_name *find_name(struct hn_text name)
{
    char room[32];
    struct hn_text plain = { room, name.len };

    if (name.len > sizeof room)
        return NULL;
    hn_lower_ascii(name, room);
    for (size_t i = 0; i < name.len; i++) {
        if (room[i] == ' ')
            room[i] = '_';
    }
    return bsearch(
            &plain, column_names, HN_COUNT_OF(column_names), sizeof *column_names, compare_name);
}

static bool has_role(const struct ioc_columns *columns, enum ioc_column_role role)
{
    for (unsigned i = 0; i < columns->count; i++) {
        if (columns->roles[i] == role)
            return true;
    }
    return false;
}

bool ioc_columns_of_header(const struct ioc_row *header, struct ioc_columns *columns)
{
    bool any_value = false;

    columns->count = 0;
    for (unsigned i = 0; i < header->count; i++) {
        const struct column_name *known = find_name(header->fields[i]);

        columns->roles[i] = IOC_COLUMN_NONE;
        columns->types[i] = IOC_TYPE_ANY;
        /* Of several columns for the same thing the first is the source's own; only values may be
         * many (MalwareBazaar has three hashes in a row). */
        if (known != NULL && (known->role == IOC_COLUMN_VALUE || !has_role(columns, known->role))) {
            columns->roles[i] = known->role;
            columns->types[i] = known->type;
            any_value = any_value || known->role == IOC_COLUMN_VALUE;
        }
        columns->count = i + 1;
    }
    columns->any_value = any_value;
    return any_value;
}

/* ---- The option ---- */

static const struct {
    const char *word;
    enum ioc_column_role role;
} option_words[] = {
    { "value", IOC_COLUMN_VALUE },
    { "type", IOC_COLUMN_TYPE },
    { "port", IOC_COLUMN_PORT },
    { "family", IOC_COLUMN_FAMILY },
    { "tags", IOC_COLUMN_TAGS },
    { "comment", IOC_COLUMN_COMMENT },
    { "first", IOC_COLUMN_FIRST },
    { "last", IOC_COLUMN_LAST },
    { "until", IOC_COLUMN_UNTIL },
    { "confidence", IOC_COLUMN_CONFIDENCE },
    { "compromised", IOC_COLUMN_COMPROMISED },
    { "reference", IOC_COLUMN_REFERENCE },
    { "id", IOC_COLUMN_ID },
    { "role", IOC_COLUMN_ROLE },
};

static bool option_role(struct hn_text word, enum ioc_column_role *ret_role)
{
    for (size_t i = 0; i < HN_COUNT_OF(option_words); i++) {
        if (hn_text_eq_nocase(word, hn_text_cstr(option_words[i].word))) {
            *ret_role = option_words[i].role;
            return true;
        }
    }
    return false;
}

static bool option_separator(struct hn_text word, char *ret_separator)
{
    static const struct {
        const char *word;
        char separator;
    } words[] = { { "comma", ',' }, { "semicolon", ';' }, { "tab", '\t' }, { "pipe", '|' },
        { "space", ' ' } };

    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_eq_nocase(word, hn_text_cstr(words[i].word))) {
            *ret_separator = words[i].separator;
            return true;
        }
    }
    if (word.len != 1 || ioc_in(word.ptr[0], "\"\r\n") || ioc_is(word.ptr[0], IOC_CH_ALNUM))
        return false;
    *ret_separator = word.ptr[0];
    return true;
}

/* Index of a column given by number from 1, or by its name in the header. */
static bool find_column(struct hn_text where, const struct ioc_row *header, unsigned *ret_index)
{
    uint32_t number;

    if (hn_parse_u32(where, &number)) {
        *ret_index = number - 1;
        return number >= 1 && number <= IOC_COLUMNS_MAX;
    }
    for (unsigned i = 0; header != NULL && i < header->count; i++) {
        if (hn_text_eq_nocase(hn_text_trim(header->fields[i]), where)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

static enum hn_status apply_part(struct hn_text part, const struct ioc_row *header,
        struct ioc_columns *columns, struct hn_err *err)
{
    size_t equals = hn_text_find_char(part, '=', 0);
    struct hn_text word = hn_text_trim(hn_text_sub(part, 0, equals == SIZE_MAX ? 0 : equals));
    struct hn_text where = hn_text_sub(part, equals == SIZE_MAX ? part.len : equals + 1, part.len);
    enum ioc_column_role role;
    unsigned index;

    if (hn_text_eq_nocase(word, HN_TEXT("sep"))) {
        if (!option_separator(where, &columns->separator)) {
            return hn_fail(err, HN_SYNTAX, 0,
                    "column mapping: sep is one character, or comma, "
                    "semicolon, tab, pipe, space");
        }
        return HN_OK;
    }
    where = hn_text_trim(where);
    if (hn_text_eq_nocase(word, HN_TEXT("header"))) {
        if (where.len != 1 || (where.ptr[0] != '0' && where.ptr[0] != '1'))
            return hn_fail(err, HN_SYNTAX, 0, "column mapping: header is 0 or 1");
        columns->header = where.ptr[0] - '0';
        return HN_OK;
    }
    if (!option_role(word, &role))
        return hn_fail(err, HN_SYNTAX, 0, "column mapping: nothing is called that at \"%.*s\"",
                HN_TEXT_ARG(hn_text_sub(part, 0, 40)));
    if (!find_column(where, header, &index)) {
        uint32_t number;

        if (header == NULL && !hn_parse_u32(where, &number))
            return HN_OK; /* by name: when the header is known */
        return hn_fail(err, HN_SYNTAX, 0, "column mapping: there is no column \"%.*s\"",
                HN_TEXT_ARG(hn_text_sub(where, 0, 40)));
    }
    while (columns->count <= index) {
        columns->roles[columns->count] = IOC_COLUMN_NONE;
        columns->types[columns->count++] = IOC_TYPE_ANY;
    }
    columns->roles[index] = role;
    columns->any_value = columns->any_value || role == IOC_COLUMN_VALUE;
    return HN_OK;
}

enum hn_status ioc_columns_of_option(struct hn_text option, const struct ioc_row *header,
        struct ioc_columns *columns, struct hn_err *err)
{
    struct hn_text part;

    while (option.len > 0 && hn_text_split(&option, ',', &part)) {
        enum hn_status status;

        if (hn_text_trim(part).len == 0)
            continue;
        status = apply_part(part, header, columns, err);
        if (status != HN_OK)
            return status;
    }
    return HN_OK;
}

bool ioc_option_names_columns(struct hn_text option)
{
    struct hn_text part;

    while (option.len > 0 && hn_text_split(&option, ',', &part)) {
        size_t equals = hn_text_find_char(part, '=', 0);
        enum ioc_column_role role;
        uint32_t number;

        if (equals != SIZE_MAX && option_role(hn_text_trim(hn_text_sub(part, 0, equals)), &role) &&
                !hn_parse_u32(hn_text_trim(hn_text_sub(part, equals + 1, part.len)), &number))
            return true;
    }
    return false;
}

/* ---- Rows ---- */

static bool is_true(struct hn_text text)
{
    return hn_text_eq_nocase(text, HN_TEXT("true")) || hn_text_eq(text, HN_TEXT("1")) ||
           hn_text_eq_nocase(text, HN_TEXT("yes"));
}

static void set_about(struct ioc_about *about, enum ioc_column_role role, struct hn_text field)
{
    uint32_t number;

    switch (role) {
    case IOC_COLUMN_PORT:
        if (hn_parse_u32(field, &number) && number <= UINT16_MAX)
            about->port = (uint16_t)number;
        break;
    case IOC_COLUMN_FAMILY:
        about->family = field;
        break;
    case IOC_COLUMN_TAGS:
        about->tags = field;
        break;
    case IOC_COLUMN_COMMENT:
        about->comment = field;
        break;
    case IOC_COLUMN_FIRST:
        about->first_seen = ioc_time_of(field);
        break;
    case IOC_COLUMN_LAST:
        about->last_seen = ioc_time_of(field);
        break;
    case IOC_COLUMN_UNTIL:
        about->valid_until = ioc_time_of(field);
        break;
    case IOC_COLUMN_CONFIDENCE:
        if (hn_parse_u32(field, &number) && number <= 100)
            about->confidence = (uint8_t)number;
        break;
    case IOC_COLUMN_COMPROMISED:
        about->compromised = is_true(field);
        break;
    case IOC_COLUMN_REFERENCE:
        about->reference = field;
        break;
    case IOC_COLUMN_ID:
        about->id = field;
        break;
    case IOC_COLUMN_ROLE:
        about->role = ioc_role_of(field);
        break;
    case IOC_COLUMN_C2_STATUS:
        about->role = IOC_ROLE_C2;
        break;
    case IOC_COLUMN_NONE:
    case IOC_COLUMN_VALUE:
    case IOC_COLUMN_TYPE:
    case IOC_COLUMN_TO_IDS:
        break;
    }
}

static struct hn_text field_of(
        const struct ioc_columns *columns, const struct ioc_row *row, enum ioc_column_role role)
{
    for (unsigned i = 0; i < columns->count && i < row->count; i++) {
        if (columns->roles[i] == role)
            return row->fields[i];
    }
    return HN_TEXT("");
}

static bool take_values(
        struct ioc_reading *reading, const struct ioc_columns *columns, const struct ioc_row *row)
{
    struct hn_text type = field_of(columns, row, IOC_COLUMN_TYPE);
    bool any = false;

    for (unsigned i = 0; i < columns->count && i < row->count; i++) {
        struct hn_text value = row->fields[i];
        bool goes_on;

        if (columns->roles[i] != IOC_COLUMN_VALUE || ioc_is_null(value))
            continue;
        any = true;
        if (type.len > 0 && columns->types[i] == IOC_TYPE_ANY)
            goes_on = ioc_take_typed(reading, type, value);
        else
            goes_on = ioc_take(reading, columns->types[i], value);
        if (!goes_on)
            return false;
    }
    if (!any)
        ioc_refuse(reading, IOC_REASON_COLUMN, row->fields[0]);
    return true;
}

bool ioc_columns_take(
        struct ioc_reading *reading, const struct ioc_columns *columns, const struct ioc_row *row)
{
    struct ioc_about before = reading->about;
    struct hn_text to_ids = field_of(columns, row, IOC_COLUMN_TO_IDS);
    bool goes_on;

    if (to_ids.len > 0 && !is_true(to_ids) && !reading->builder->options.ignore_to_ids) {
        ioc_refuse(reading, IOC_REASON_NOT_FOR_IDS, field_of(columns, row, IOC_COLUMN_VALUE));
        return true;
    }
    for (unsigned i = 0; i < columns->count && i < row->count; i++) {
        if (!ioc_is_null(row->fields[i]))
            set_about(&reading->about, columns->roles[i], row->fields[i]);
    }
    ioc_about_changed(reading);
    goes_on = take_values(reading, columns, row);
    reading->about = before;
    return goes_on;
}
