/* ioc_stix.c - STIX 2.0 and 2.1: the indicators of a bundle, a TAXII envelope, or one object.
 *
 * Observed data, reports and the like are context and not read; malware that an indicator
 * "indicates" becomes its family. Leaves to others: the pattern of an indicator (ioc_pattern.c). */
#include "ioc/ioc_internal.h"
#include "ioc/ioc_json.h"
#include "ioc/ioc_pattern.h"

struct stix {
    struct ioc_reading *reading;
    const json_t *objects;
    struct hn_map malware;  /* id -> index of the malware or tool object */
    struct hn_map families; /* indicator id -> index of the malware it indicates */
    struct hn_buf tags;
};

static const json_t *object_at(const struct stix *stix, size_t index)
{
    return json_array_get(stix->objects, index);
}

static bool has_type(const json_t *object, const char *type)
{
    return hn_text_eq(ioc_json_text(object, "type"), hn_text_cstr(type));
}

static bool index_malware(struct stix *stix)
{
    size_t count = json_array_size(stix->objects);

    for (size_t i = 0; i < count && i < UINT32_MAX; i++) {
        const json_t *object = object_at(stix, i);
        uint32_t kept;

        if ((has_type(object, "malware") || has_type(object, "tool")) &&
                !hn_map_put(&stix->malware, ioc_json_text(object, "id"), (uint32_t)i, &kept))
            return false;
    }
    return true;
}

static bool index_families(struct stix *stix)
{
    size_t count = json_array_size(stix->objects);

    for (size_t i = 0; i < count; i++) {
        const json_t *object = object_at(stix, i);
        uint32_t malware;
        uint32_t kept;

        if (!has_type(object, "relationship") ||
                !hn_text_eq(ioc_json_text(object, "relationship_type"), HN_TEXT("indicates")))
            continue;
        malware = hn_map_find(&stix->malware, ioc_json_text(object, "target_ref"));
        if (malware != HN_MAP_NONE &&
                !hn_map_put(
                        &stix->families, ioc_json_text(object, "source_ref"), malware, &kept))
            return false;
    }
    return true;
}

static void add_words(struct hn_buf *out, const json_t *owner, const char *key)
{
    const json_t *words = ioc_json_array(owner, key);
    size_t count = words == NULL ? 0 : json_array_size(words);

    for (size_t i = 0; i < count; i++) {
        if (out->len > 0)
            hn_buf_add_lit(out, ", ");
        hn_buf_add_text(out, ioc_json_value(json_array_get(words, i)));
    }
}

static enum ioc_role role_of(const json_t *indicator, struct hn_text tags)
{
    const json_t *phases = ioc_json_array(indicator, "kill_chain_phases");
    enum ioc_role role = ioc_role_of(tags);
    size_t count = phases == NULL ? 0 : json_array_size(phases);

    for (size_t i = 0; i < count && role == IOC_ROLE_UNKNOWN; i++)
        role = ioc_role_of(ioc_json_text(json_array_get(phases, i), "phase_name"));
    return role;
}

static void describe(struct stix *stix, const json_t *indicator)
{
    struct ioc_about *about = &stix->reading->about;
    const json_t *references = ioc_json_array(indicator, "external_references");
    const json_t *confidence = json_object_get(indicator, "confidence");
    uint32_t malware;

    hn_buf_reset(&stix->tags);
    add_words(&stix->tags, indicator, "indicator_types");
    add_words(&stix->tags, indicator, "labels");
    about->tags = hn_buf_text(&stix->tags);
    about->comment = ioc_json_text(indicator, "name");
    about->id = ioc_json_text(indicator, "id");
    about->reference = ioc_json_text(
            references == NULL ? NULL : json_array_get(references, 0), "url");
    about->first_seen = ioc_time_of(ioc_json_text(indicator, "valid_from"));
    about->valid_until = ioc_time_of(ioc_json_text(indicator, "valid_until"));
    about->compromised =
            hn_text_find_nocase(about->tags, HN_TEXT("compromised"), 0) != SIZE_MAX;
    about->role = role_of(indicator, about->tags);
    about->confidence = IOC_CONFIDENCE_NONE;
    if (json_is_number(confidence) && json_number_value(confidence) >= 0 &&
            json_number_value(confidence) <= 100)
        about->confidence = (uint8_t)json_number_value(confidence);
    malware = hn_map_find(&stix->families, about->id);
    about->family = malware == HN_MAP_NONE ? HN_TEXT("")
                                           : ioc_json_text(object_at(stix, malware), "name");
    ioc_about_changed(stix->reading);
}

/* False at a failure. */
static bool read_indicator(struct stix *stix, const json_t *indicator)
{
    struct ioc_reading *reading = stix->reading;
    struct hn_text pattern = ioc_json_text(indicator, "pattern");
    struct hn_text language = ioc_json_text(indicator, "pattern_type");
    enum ioc_reason reason = IOC_FINE;

    reading->report->entries++;
    if (pattern.len == 0)
        reason = IOC_REASON_SHAPE;
    else if (language.len > 0 && !hn_text_eq(language, HN_TEXT("stix")))
        reason = IOC_REASON_TYPE; /* a YARA, Sigma or Snort rule */
    else if (ioc_json_true(indicator, "revoked"))
        reason = IOC_REASON_REVOKED;
    if (reason != IOC_FINE) {
        ioc_refuse(reading, reason,
                pattern.len > 0 ? pattern : ioc_json_text(indicator, "id"));
        return true;
    }
    describe(stix, indicator);
    if (!hn_buf_ok(&stix->tags)) {
        reading->status = stix->tags.status;
        return false;
    }
    return ioc_pattern_take(reading, pattern);
}

static enum hn_status read_objects(struct stix *stix, struct hn_err *err)
{
    struct ioc_reading *reading = stix->reading;
    size_t count = json_array_size(stix->objects);

    if (!index_malware(stix) || !index_families(stix))
        return hn_fail(err, HN_NOMEM, 0, "STIX: no memory for %zu objects", count);
    for (size_t i = 0; i < count; i++) {
        reading->line = (uint32_t)i + 1;
        if (has_type(object_at(stix, i), "indicator") &&
                !read_indicator(stix, object_at(stix, i)))
            return hn_fail(err, reading->status, 0, "STIX: stopped at object %zu", i + 1);
    }
    return HN_OK;
}

enum hn_status ioc_stix_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err)
{
    struct stix stix = { .reading = reading };
    json_t *single = NULL;
    json_t *root;
    enum hn_status status =
            ioc_json_load(input->bytes, &reading->builder->options.limits, &root, err);

    if (status != HN_OK)
        return status;
    stix.objects = json_is_array(root) ? root : json_object_get(root, "objects");
    if (!json_is_array(stix.objects) && has_type(root, "indicator")) {
        single = json_array();
        if (single == NULL || json_array_append(single, root) != 0) {
            json_decref(single);
            json_decref(root);
            return hn_fail(err, HN_NOMEM, 0, "STIX: no memory");
        }
        stix.objects = single;
    }
    if (json_is_array(stix.objects))
        status = read_objects(&stix, err);
    else
        status = hn_fail(err, HN_UNSUPPORTED, 0, "STIX: neither objects nor an indicator in it");
    hn_map_deinit(&stix.malware);
    hn_map_deinit(&stix.families);
    hn_buf_deinit(&stix.tags);
    json_decref(single);
    json_decref(root);
    return status;
}
