/* protect_stix.c - a STIX 2.1 bundle: who says so, what was looked at (observed data with its
 * observables), the patterns to look for (indicators), which technique they show, and how all of it
 * hangs together.
 *
 * Ids are made from content, so that the same sample analysed twice gives the same objects. What is
 * private, reserved or listed stays an observable and becomes no indicator. */
#include "base/utf.h"
#include "protect/protect_internal.h"

#define STIX_ID_MAX 80

struct writing {
    const struct protect_case *about;
    struct hn_json_out json;
    struct hn_buf time;
    struct hn_buf scratch;
    char identity[STIX_ID_MAX];
    char observed[STIX_ID_MAX];
    bool any_observable;
};

static void make_id(char id[STIX_ID_MAX], const char *type, struct hn_text name)
{
    size_t len = strlen(type);

    memcpy(id, type, len);
    memcpy(id + len, "--", 2);
    protect_uuid(hn_text_cstr(type), name, id + len + 2);
    id[len + 2 + PROTECT_UUID_LEN] = '\0';
}

/* What every object of the domain has. */
static void open_object(struct writing *w, const char *type, const char *id)
{
    hn_json_open(&w->json, '{');
    hn_json_pair(&w->json, "type", hn_text_cstr(type));
    hn_json_pair(&w->json, "spec_version", HN_TEXT("2.1"));
    hn_json_pair(&w->json, "id", hn_text_cstr(id));
    if (strcmp(type, "identity") != 0)
        hn_json_pair(&w->json, "created_by_ref", hn_text_cstr(w->identity));
    hn_json_pair(&w->json, "created", hn_buf_text(&w->time));
    hn_json_pair(&w->json, "modified", hn_buf_text(&w->time));
}

static void write_identity(struct writing *w)
{
    make_id(w->identity, "identity", HN_TEXT("Hinomi"));
    open_object(w, "identity", w->identity);
    hn_json_pair(&w->json, "name", HN_TEXT("Hinomi"));
    hn_json_pair(&w->json, "identity_class", HN_TEXT("system"));
    hn_json_close(&w->json, '}');
}

/* ---- Patterns (STIX 2.1, section 9) ---- */

static void add_quoted(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'' || text.ptr[i] == '\\')
            hn_buf_add_char(out, '\\');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '\'');
}

static void compare(struct hn_buf *out, const char *path, struct hn_text value)
{
    hn_buf_add_cstr(out, path);
    hn_buf_add_lit(out, " = ");
    add_quoted(out, value);
}

static struct hn_text file_name(struct hn_text path, struct hn_text *ret_folder)
{
    size_t end = path.len;

    while (end > 0 && path.ptr[end - 1] != '\\' && path.ptr[end - 1] != '/')
        end--;
    *ret_folder = hn_text_sub(path, 0, end > 0 ? end - 1 : 0);
    return hn_text_sub(path, end, path.len);
}

static const char *simple_path(enum extract_kind kind)
{
    switch (kind) {
    case EXTRACT_URL:
        return "url:value";
    case EXTRACT_HOST:
        return "domain-name:value";
    case EXTRACT_IPV4:
        return "ipv4-addr:value";
    case EXTRACT_IPV6:
        return "ipv6-addr:value";
    case EXTRACT_MD5:
        return "file:hashes.MD5";
    case EXTRACT_SHA1:
        return "file:hashes.'SHA-1'";
    case EXTRACT_SHA256:
        return "file:hashes.'SHA-256'";
    case EXTRACT_SHA512:
        return "file:hashes.'SHA-512'";
    case EXTRACT_EMAIL:
        return "email-message:from_ref.value";
    case EXTRACT_FILE:
        return "file:name";
    case EXTRACT_REGISTRY:
        return "windows-registry-key:key";
    case EXTRACT_MUTEX:
        return "mutex:name";
    case EXTRACT_USER_AGENT:
        return "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'";
    case EXTRACT_NETWORK:
    case EXTRACT_PATH:
    case EXTRACT_UNIX_PATH:
    case EXTRACT_CVE:
    case EXTRACT_KIND_COUNT:
        break;
    }
    return NULL;
}

/* HKCU\... as STIX wants it: hives in full, and the value apart from its key. */
static void add_registry(struct hn_buf *out, struct hn_text key)
{
    static const char *const hives[][2] = { { "HKLM\\", "HKEY_LOCAL_MACHINE\\" },
        { "HKCU\\", "HKEY_CURRENT_USER\\" }, { "HKCR\\", "HKEY_CLASSES_ROOT\\" },
        { "HKU\\", "HKEY_USERS\\" }, { "HKCC\\", "HKEY_CURRENT_CONFIG\\" } };

    for (size_t i = 0; i < HN_COUNT_OF(hives); i++) {
        struct hn_text hive = hn_text_cstr(hives[i][0]);

        if (!hn_text_starts_nocase(key, hive))
            continue;
        hn_buf_add_cstr(out, hives[i][1]);
        key = hn_text_sub(key, hive.len, key.len);
        break;
    }
    hn_buf_add_text(out, key);
}

static bool add_pattern(struct hn_buf *out, const struct protect_indicator *one)
{
    struct hn_text folder;
    struct hn_text name;

    hn_buf_add_char(out, '[');
    if (one->kind == PROTECT_COMMAND) {
        compare(out, "process:command_line", one->value);
    } else if (one->kind == PROTECT_TEXT) {
        compare(out, "email-message:subject", one->value);
    } else if (one->what == EXTRACT_PATH || one->what == EXTRACT_UNIX_PATH) {
        name = file_name(one->value, &folder);
        compare(out, "file:name", name);
        if (folder.len > 0) {
            hn_buf_add_lit(out, " AND ");
            compare(out, "file:parent_directory_ref.path", folder);
        }
    } else if (one->what == EXTRACT_REGISTRY) {
        struct hn_buf key = { 0 };

        add_registry(&key, one->value);
        compare(out, simple_path(one->what), hn_buf_text(&key));
        hn_buf_deinit(&key);
    } else if (simple_path(one->what) != NULL) {
        compare(out, simple_path(one->what), one->value);
    } else {
        return false;
    }
    hn_buf_add_char(out, ']');
    return hn_utf8_valid(hn_text_as_bytes(hn_buf_text(out)));
}

/* ---- Observables ---- */

struct observable {
    const char *type;
    const char *property;
};

static struct observable observable_of(const struct protect_indicator *one)
{
    if (one->kind != PROTECT_EXTRACTED)
        return (struct observable){ NULL, NULL };
    switch (one->what) {
    case EXTRACT_URL:
        return (struct observable){ "url", "value" };
    case EXTRACT_HOST:
        return (struct observable){ "domain-name", "value" };
    case EXTRACT_IPV4:
        return (struct observable){ "ipv4-addr", "value" };
    case EXTRACT_IPV6:
        return (struct observable){ "ipv6-addr", "value" };
    case EXTRACT_EMAIL:
        return (struct observable){ "email-addr", "value" };
    case EXTRACT_FILE:
        return (struct observable){ "file", "name" };
    case EXTRACT_MUTEX:
        return (struct observable){ "mutex", "name" };
    case EXTRACT_REGISTRY:
        return (struct observable){ "windows-registry-key", "key" };
    case EXTRACT_MD5:
        return (struct observable){ "file", "MD5" };
    case EXTRACT_SHA1:
        return (struct observable){ "file", "SHA-1" };
    case EXTRACT_SHA256:
        return (struct observable){ "file", "SHA-256" };
    case EXTRACT_SHA512:
        return (struct observable){ "file", "SHA-512" };
    case EXTRACT_NETWORK:
    case EXTRACT_PATH:
    case EXTRACT_UNIX_PATH:
    case EXTRACT_CVE:
    case EXTRACT_USER_AGENT:
    case EXTRACT_KIND_COUNT:
        break;
    }
    return (struct observable){ NULL, NULL };
}

/* The schema of URLs wants a scheme. */
static bool has_form(const struct protect_indicator *one)
{
    return !protect_is(one, EXTRACT_URL) || hn_text_find(one->value, HN_TEXT("://"), 0) != SIZE_MAX;
}

static void observable_id(
        char id[STIX_ID_MAX], const struct protect_indicator *one, const struct observable *as)
{
    struct hn_buf json = { 0 };
    struct hn_json_out out = hn_json_out_over(&json);
    size_t len = strlen(as->type);

    hn_json_open(&out, '{');
    if (protect_is_hash(one)) {
        hn_json_key_lit(&out, "hashes");
        hn_json_open(&out, '{');
    }
    hn_json_key(&out, hn_text_cstr(as->property));
    hn_json_text(&out, one->value);
    if (protect_is_hash(one))
        hn_json_close(&out, '}');
    hn_json_close(&out, '}');
    memcpy(id, as->type, len);
    memcpy(id + len, "--", 2);
    protect_uuid_observable(hn_buf_text(&json), id + len + 2);
    id[len + 2 + PROTECT_UUID_LEN] = '\0';
    hn_buf_deinit(&json);
}

static void write_observable(struct writing *w, const struct protect_indicator *one)
{
    struct observable as = observable_of(one);
    char id[STIX_ID_MAX];

    if (as.type == NULL || !has_form(one))
        return;
    observable_id(id, one, &as);
    hn_json_open(&w->json, '{');
    hn_json_pair(&w->json, "type", hn_text_cstr(as.type));
    hn_json_pair(&w->json, "spec_version", HN_TEXT("2.1"));
    hn_json_pair(&w->json, "id", hn_text_cstr(id));
    if (protect_is_hash(one)) {
        hn_json_key_lit(&w->json, "hashes");
        hn_json_open(&w->json, '{');
    }
    hn_json_key(&w->json, hn_text_cstr(as.property));
    if (one->what == EXTRACT_REGISTRY) {
        hn_buf_reset(&w->scratch);
        add_registry(&w->scratch, one->value);
        hn_json_text(&w->json, hn_buf_text(&w->scratch));
    } else {
        hn_json_text(&w->json, one->value);
    }
    if (protect_is_hash(one))
        hn_json_close(&w->json, '}');
    hn_json_close(&w->json, '}');
    w->any_observable = true;
}

static void write_observed(struct writing *w)
{
    if (!w->any_observable)
        return;
    make_id(w->observed, "observed-data", w->about->name);
    open_object(w, "observed-data", w->observed);
    hn_json_pair(&w->json, "first_observed", hn_buf_text(&w->time));
    hn_json_pair(&w->json, "last_observed", hn_buf_text(&w->time));
    hn_json_pair_u64(&w->json, "number_observed", 1);
    hn_json_key_lit(&w->json, "object_refs");
    hn_json_open(&w->json, '[');
    for (size_t i = 0; i < w->about->indicator_count; i++) {
        const struct protect_indicator *one = &w->about->indicators[i];
        struct observable as = observable_of(one);
        char id[STIX_ID_MAX];

        if (as.type == NULL || !has_form(one))
            continue;
        observable_id(id, one, &as);
        hn_json_text(&w->json, hn_text_cstr(id));
    }
    hn_json_close(&w->json, ']');
    hn_json_close(&w->json, '}');
}

/* ---- Indicators, techniques, relationships ---- */

static void write_relationship(
        struct writing *w, const char *type, const char *source, const char *target)
{
    char id[STIX_ID_MAX];

    hn_buf_reset(&w->scratch);
    hn_buf_addf(&w->scratch, "%s %s %s", type, source, target);
    make_id(id, "relationship", hn_buf_text(&w->scratch));
    open_object(w, "relationship", id);
    hn_json_pair(&w->json, "relationship_type", hn_text_cstr(type));
    hn_json_pair(&w->json, "source_ref", hn_text_cstr(source));
    hn_json_pair(&w->json, "target_ref", hn_text_cstr(target));
    hn_json_close(&w->json, '}');
}

static void write_indicator(struct writing *w, const struct protect_indicator *one)
{
    struct hn_buf pattern = { 0 };
    char id[STIX_ID_MAX];

    if (!(protect_is_usable(one, true) || w->about->tree == NULL) ||
            (one->marks & (EXTRACT_PRIVATE | EXTRACT_COMMON | EXTRACT_LISTED)) != 0 ||
            !add_pattern(&pattern, one)) {
        hn_buf_deinit(&pattern);
        return;
    }
    make_id(id, "indicator", hn_buf_text(&pattern));
    open_object(w, "indicator", id);
    hn_buf_reset(&w->scratch);
    hn_buf_addf(&w->scratch, "%s: ", protect_role_text(one->role, w->about->japanese));
    protect_defang(&w->scratch, one);
    hn_json_pair(&w->json, "name", hn_text_sub(hn_buf_text(&w->scratch), 0, 300));
    hn_buf_reset(&w->scratch);
    protect_chain(&w->scratch, w->about->tree, one);
    if (w->scratch.len > 0)
        hn_json_pair(&w->json, "description", hn_buf_text(&w->scratch));
    hn_json_key_lit(&w->json, "indicator_types");
    hn_json_open(&w->json, '[');
    hn_json_text(&w->json,
            one->role == PROTECT_MENTIONED ? HN_TEXT("unknown") : HN_TEXT("malicious-activity"));
    hn_json_close(&w->json, ']');
    hn_json_pair(&w->json, "pattern", hn_buf_text(&pattern));
    hn_json_pair(&w->json, "pattern_type", HN_TEXT("stix"));
    hn_json_pair(&w->json, "pattern_version", HN_TEXT("2.1"));
    hn_json_pair(&w->json, "valid_from", hn_buf_text(&w->time));
    hn_json_key_lit(&w->json, "labels");
    hn_json_open(&w->json, '[');
    hn_buf_reset(&w->scratch);
    hn_buf_addf(&w->scratch, "hinomi:role=%s", protect_role_id(one->role));
    hn_json_text(&w->json, hn_buf_text(&w->scratch));
    hn_json_close(&w->json, ']');
    hn_json_close(&w->json, '}');
    hn_buf_deinit(&pattern);
    if (w->any_observable && w->observed[0] != '\0')
        write_relationship(w, "based-on", id, w->observed);
}

/* Whether an earlier hit named the technique. */
static bool named_before(const struct protect_case *about, size_t hit, size_t technique)
{
    struct hn_text name = about->hits[hit].techniques[technique];

    for (size_t i = 0; i <= hit; i++) {
        for (size_t k = 0; k < about->hits[i].technique_count; k++) {
            if (i == hit && k == technique)
                return false;
            if (hn_text_eq(about->hits[i].techniques[k], name))
                return true;
        }
    }
    return false;
}

static void write_technique(struct writing *w, struct hn_text name)
{
    char id[STIX_ID_MAX];

    make_id(id, "attack-pattern", name);
    open_object(w, "attack-pattern", id);
    hn_json_pair(&w->json, "name", name);
    hn_json_key_lit(&w->json, "external_references");
    hn_json_open(&w->json, '[');
    hn_json_open(&w->json, '{');
    hn_json_pair(&w->json, "source_name", HN_TEXT("mitre-attack"));
    hn_json_pair(&w->json, "external_id", name);
    hn_json_close(&w->json, '}');
    hn_json_close(&w->json, ']');
    hn_json_close(&w->json, '}');
}

void protect_write_stix(const struct protect_case *about, struct hn_buf *out)
{
    struct writing w = { .about = about, .json = hn_json_out_over(out) };
    char id[STIX_ID_MAX];

    protect_add_time(&w.time, about->made);
    hn_buf_add_text(&w.scratch, about->name);
    hn_buf_addf(&w.scratch, " %zu", about->indicator_count);
    make_id(id, "bundle", hn_buf_text(&w.scratch));
    hn_json_open(&w.json, '{');
    hn_json_pair(&w.json, "type", HN_TEXT("bundle"));
    hn_json_pair(&w.json, "id", hn_text_cstr(id));
    hn_json_key_lit(&w.json, "objects");
    hn_json_open(&w.json, '[');
    write_identity(&w);
    for (size_t i = 0; i < about->indicator_count; i++)
        write_observable(&w, &about->indicators[i]);
    write_observed(&w);
    for (size_t i = 0; i < about->indicator_count; i++)
        write_indicator(&w, &about->indicators[i]);
    for (size_t i = 0; i < about->hit_count; i++) {
        for (size_t k = 0; k < about->hits[i].technique_count; k++) {
            if (!named_before(about, i, k))
                write_technique(&w, about->hits[i].techniques[k]);
        }
    }
    hn_json_close(&w.json, ']');
    hn_json_close(&w.json, '}');
    hn_buf_add_char(out, '\n');
    if ((!hn_buf_ok(&w.time) || !hn_buf_ok(&w.scratch)) && hn_buf_ok(out))
        out->status = HN_NOMEM;
    hn_buf_deinit(&w.time);
    hn_buf_deinit(&w.scratch);
}
