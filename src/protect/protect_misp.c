/* protect_misp.c - an event in the MISP core format: attributes with category, meant for detection
 * or not, and where each came from; the sample as a file object; techniques as tags. */
#include "base/num.h"
#include "protect/protect_internal.h"

/* The template of MISP's file object. */
#define FILE_TEMPLATE         "688c46fb-5edb-40a3-8273-1af7923e2215"
#define FILE_TEMPLATE_VERSION "24"
#define COMMENT_BYTES_MAX     ((size_t)1200)

struct misp_type {
    const char *type;
    const char *category;
};

static bool is_payload(const struct protect_indicator *one)
{
    return one->role == PROTECT_SAMPLE || one->role == PROTECT_ATTACHMENT;
}

static struct misp_type extracted_type(const struct protect_indicator *one)
{
    const char *file = is_payload(one) ? "Payload delivery" : "Artifacts dropped";

    switch (one->what) {
    case EXTRACT_URL:
        return (struct misp_type){ "url", "Network activity" };
    case EXTRACT_HOST:
        return (struct misp_type){ "domain", "Network activity" };
    case EXTRACT_IPV4:
    case EXTRACT_IPV6:
    case EXTRACT_NETWORK:
        return (struct misp_type){ "ip-dst", "Network activity" };
    case EXTRACT_MD5:
        return (struct misp_type){ "md5", file };
    case EXTRACT_SHA1:
        return (struct misp_type){ "sha1", file };
    case EXTRACT_SHA256:
        return (struct misp_type){ "sha256", file };
    case EXTRACT_SHA512:
        return (struct misp_type){ "sha512", file };
    case EXTRACT_EMAIL:
        return (struct misp_type){ one->role == PROTECT_SENDER ? "email-src" : "email",
            "Payload delivery" };
    case EXTRACT_FILE:
    case EXTRACT_PATH:
    case EXTRACT_UNIX_PATH:
        return (struct misp_type){ "filename", file };
    case EXTRACT_REGISTRY:
        return (struct misp_type){ one->details.len > 0 ? "regkey|value" : "regkey",
            "Artifacts dropped" };
    case EXTRACT_MUTEX:
        return (struct misp_type){ "mutex", "Artifacts dropped" };
    case EXTRACT_CVE:
        return (struct misp_type){ "vulnerability", "External analysis" };
    case EXTRACT_USER_AGENT:
        return (struct misp_type){ "user-agent", "Network activity" };
    case EXTRACT_KIND_COUNT:
        break;
    }
    return (struct misp_type){ "text", "Other" };
}

static struct misp_type type_of(const struct protect_indicator *one)
{
    if (one->kind == PROTECT_COMMAND)
        return (struct misp_type){ "text", "Artifacts dropped" };
    if (one->kind == PROTECT_TEXT)
        return (struct misp_type){ "email-subject", "Payload delivery" };
    return extracted_type(one);
}

static void add_uuid(struct hn_json_out *json, const char *kind, struct hn_text name)
{
    char uuid[PROTECT_UUID_LEN];

    protect_uuid(hn_text_cstr(kind), name, uuid);
    hn_json_pair(json, "uuid", hn_text_of(uuid, sizeof uuid));
}

static void add_timestamp(struct hn_json_out *json, hn_time time)
{
    char digits[HN_U64_DIGITS_MAX];
    size_t len = hn_u64_write(time == HN_TIME_NONE ? 0 : (uint64_t)(time / HN_SECOND), digits);

    hn_json_pair(json, "timestamp", hn_text_of(digits, len));
}

/* Composite values use '|', so that one in a part would shift the parts. */
static void add_value(struct hn_buf *out, const struct protect_indicator *one)
{
    hn_buf_add_text(out, one->value);
    if (protect_is(one, EXTRACT_REGISTRY) && one->details.len > 0) {
        hn_buf_add_char(out, '|');
        hn_buf_add_text(out, one->details);
    }
}

static void write_attribute(const struct protect_case *about, struct hn_json_out *json,
        const struct protect_indicator *one, const char *relation)
{
    struct misp_type type = type_of(one);
    struct hn_buf text = { 0 };

    hn_json_open(json, '{');
    add_value(&text, one);
    hn_buf_addf(&text, "|%s|%s", type.type, relation == NULL ? "" : relation);
    add_uuid(json, "attribute", hn_buf_text(&text));
    hn_json_pair(json, "type", hn_text_cstr(type.type));
    hn_json_pair(json, "category", hn_text_cstr(type.category));
    hn_json_key_lit(json, "to_ids");
    hn_json_bool(json, protect_is_usable(one, true) && one->kind == PROTECT_EXTRACTED &&
                               one->what != EXTRACT_CVE);
    hn_json_pair(json, "distribution", HN_TEXT("5"));
    add_timestamp(json, about->made);
    if (relation != NULL)
        hn_json_pair(json, "object_relation", hn_text_cstr(relation));
    hn_buf_reset(&text);
    add_value(&text, one);
    hn_json_pair(json, "value", hn_buf_text(&text));
    hn_buf_reset(&text);
    hn_buf_add_cstr(&text, protect_role_text(one->role, about->japanese));
    if (about->tree != NULL && one->object != PROTECT_NONE) {
        hn_buf_add_lit(&text, ": ");
        protect_chain(&text, about->tree, one);
    }
    hn_json_pair(json, "comment", hn_text_sub(hn_buf_text(&text), 0, COMMENT_BYTES_MAX));
    hn_json_close(json, '}');
    hn_buf_deinit(&text);
}

/* A file of the attack: its digest with its name and size. */
static void write_file(const struct protect_case *about, struct hn_json_out *json,
        const struct protect_indicator *one)
{
    const struct dissect_object *object = dissect_get(about->tree, one->object);
    struct protect_indicator name = *one;
    size_t slash = object->name.len;

    while (slash > 0 && object->name.ptr[slash - 1] != '/' && object->name.ptr[slash - 1] != '\\')
        slash--;
    hn_json_open(json, '{');
    add_uuid(json, "object", one->value);
    hn_json_pair(json, "name", HN_TEXT("file"));
    hn_json_pair(json, "meta-category", HN_TEXT("file"));
    hn_json_pair(
            json, "description", HN_TEXT("File object describing a file with meta-information"));
    hn_json_pair(json, "template_uuid", HN_TEXT(FILE_TEMPLATE));
    hn_json_pair(json, "template_version", HN_TEXT(FILE_TEMPLATE_VERSION));
    hn_json_pair(json, "distribution", HN_TEXT("5"));
    add_timestamp(json, about->made);
    hn_json_key_lit(json, "Attribute");
    hn_json_open(json, '[');
    write_attribute(about, json, one, "sha256");
    name.value = hn_text_sub(object->name, slash, object->name.len);
    name.what = EXTRACT_FILE;
    name.role = PROTECT_MENTIONED; /* a name alone says little */
    if (name.value.len > 0)
        write_attribute(about, json, &name, "filename");
    hn_json_close(json, ']');
    hn_json_close(json, '}');
}

static bool is_file(const struct protect_case *about, const struct protect_indicator *one)
{
    return about->tree != NULL && one->role == PROTECT_SAMPLE && protect_is(one, EXTRACT_SHA256) &&
           one->object < dissect_count(about->tree);
}

static void write_tag(struct hn_json_out *json, struct hn_text name)
{
    hn_json_open(json, '{');
    hn_json_pair(json, "name", name);
    hn_json_close(json, '}');
}

static void write_tags(const struct protect_case *about, struct hn_json_out *json)
{
    struct hn_buf name = { 0 };

    hn_json_key_lit(json, "Tag");
    hn_json_open(json, '[');
    for (size_t i = 0; i < about->hit_count; i++) {
        for (size_t k = 0; k < about->hits[i].technique_count; k++) {
            hn_buf_reset(&name);
            hn_buf_add_lit(&name, "mitre-attack:");
            hn_buf_add_text(&name, about->hits[i].techniques[k]);
            write_tag(json, hn_buf_text(&name));
        }
    }
    if (about->family.len > 0) {
        hn_buf_reset(&name);
        hn_buf_add_lit(&name, "malware:");
        hn_buf_add_text(&name, about->family);
        write_tag(json, hn_buf_text(&name));
    }
    hn_json_close(json, ']');
    hn_buf_deinit(&name);
}

/* 1 high, 3 low, 4 undefined */
static struct hn_text threat_level(struct hn_text verdict)
{
    if (hn_text_eq(verdict, HN_TEXT("malicious")))
        return HN_TEXT("1");
    return hn_text_eq(verdict, HN_TEXT("suspicious")) ? HN_TEXT("2") : HN_TEXT("4");
}

void protect_write_misp(const struct protect_case *about, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);
    struct hn_buf text = { 0 };

    hn_json_open(&json, '{');
    hn_json_key_lit(&json, "Event");
    hn_json_open(&json, '{');
    add_uuid(&json, "event", about->name);
    hn_buf_add_lit(&text, "Hinomi: ");
    hn_buf_add_text(&text, about->name);
    if (about->verdict.len > 0) {
        hn_buf_add_lit(&text, ": ");
        hn_buf_add_text(&text, about->verdict);
    }
    hn_json_pair(&json, "info", hn_buf_text(&text));
    hn_buf_reset(&text);
    protect_add_time(&text, about->made);
    hn_json_pair(&json, "date", hn_text_sub(hn_buf_text(&text), 0, 10));
    add_timestamp(&json, about->made);
    hn_json_pair(&json, "threat_level_id", threat_level(about->verdict));
    hn_json_pair(&json, "analysis", HN_TEXT("1"));
    hn_json_pair(&json, "distribution", HN_TEXT("0"));
    hn_json_key_lit(&json, "published");
    hn_json_bool(&json, false);
    write_tags(about, &json);
    hn_json_key_lit(&json, "Attribute");
    hn_json_open(&json, '[');
    for (size_t i = 0; i < about->indicator_count; i++) {
        if (!is_file(about, &about->indicators[i]))
            write_attribute(about, &json, &about->indicators[i], NULL);
    }
    hn_json_close(&json, ']');
    hn_json_key_lit(&json, "Object");
    hn_json_open(&json, '[');
    for (size_t i = 0; i < about->indicator_count; i++) {
        if (is_file(about, &about->indicators[i]))
            write_file(about, &json, &about->indicators[i]);
    }
    hn_json_close(&json, ']');
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
    if (!hn_buf_ok(&text) && hn_buf_ok(out))
        out->status = text.status;
    hn_buf_deinit(&text);
}
