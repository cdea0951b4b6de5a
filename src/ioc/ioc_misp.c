/* ioc_misp.c - MISP events (misp-core-format): attributes, alone and in objects.
 *
 * Read in every envelope that MISP answers with: an event, a list of them, "response" around
 * either, attributes without an event. Attributes with to_ids false are left out unless the options
 * say otherwise, because their producer does not want them used for detection.
 * Leaves to others: what an attribute's type means (ioc_typed.c). */
#include "ioc/ioc_internal.h"
#include "ioc/ioc_json.h"

struct misp {
    struct ioc_reading *reading;
    struct hn_buf tags;
    size_t event_tags_len; /* of tags: those of the event */
    struct hn_text event_info;
    struct hn_text event_family;
};

static void add_tags(struct hn_buf *out, const json_t *owner)
{
    const json_t *tags = ioc_json_array(owner, "Tag");
    size_t count = tags == NULL ? 0 : json_array_size(tags);

    for (size_t i = 0; i < count; i++) {
        struct hn_text name = ioc_json_text(json_array_get(tags, i), "name");

        if (name.len == 0)
            continue;
        if (out->len > 0)
            hn_buf_add_lit(out, ", ");
        hn_buf_add_text(out, name);
    }
}

/* The first cluster of a galaxy that names malware. */
static struct hn_text family_of(const json_t *event)
{
    static const char *const kinds[] = { "malware", "malpedia", "tool", "ransomware", "rat",
        "banker", "stealer", "botnet", "backdoor", "android" };
    const json_t *galaxies = ioc_json_array(event, "Galaxy");
    size_t count = galaxies == NULL ? 0 : json_array_size(galaxies);

    for (size_t i = 0; i < count; i++) {
        const json_t *galaxy = json_array_get(galaxies, i);
        const json_t *clusters = ioc_json_array(galaxy, "GalaxyCluster");
        struct hn_text type = ioc_json_text(galaxy, "type");

        for (size_t k = 0; clusters != NULL && k < HN_COUNT_OF(kinds); k++) {
            if (hn_text_find_nocase(type, hn_text_cstr(kinds[k]), 0) != SIZE_MAX)
                return ioc_json_text(json_array_get(clusters, 0), "value");
        }
    }
    return HN_TEXT("");
}

static void describe(struct misp *misp, const json_t *attribute)
{
    struct ioc_about *about = &misp->reading->about;

    misp->tags.len = misp->event_tags_len;
    add_tags(&misp->tags, attribute);
    about->tags = hn_buf_text(&misp->tags);
    about->family = misp->event_family;
    about->comment = ioc_json_text(attribute, "comment");
    if (about->comment.len == 0)
        about->comment = misp->event_info;
    about->id = ioc_json_text(attribute, "uuid");
    about->role = ioc_role_of(ioc_json_text(attribute, "category"));
    about->first_seen = ioc_time_of(ioc_json_text(attribute, "first_seen"));
    about->last_seen = ioc_time_of(ioc_json_text(attribute, "last_seen"));
    about->compromised =
            hn_text_find_nocase(about->tags, HN_TEXT("compromised"), 0) != SIZE_MAX;
    ioc_about_changed(misp->reading);
}

/* False at a failure. */
static bool read_attribute(struct misp *misp, const json_t *attribute)
{
    struct ioc_reading *reading = misp->reading;
    struct hn_text type = ioc_json_text(attribute, "type");
    struct hn_text value = ioc_json_text(attribute, "value");
    enum ioc_reason reason = IOC_FINE;

    reading->line++;
    reading->report->entries++;
    if (type.len == 0 || value.len == 0)
        reason = IOC_REASON_SHAPE;
    else if (ioc_json_true(attribute, "deleted"))
        reason = IOC_REASON_REVOKED;
    else if (!ioc_json_true(attribute, "to_ids") && !reading->builder->options.ignore_to_ids)
        reason = IOC_REASON_NOT_FOR_IDS;
    if (reason != IOC_FINE) {
        ioc_refuse(reading, reason, value.len > 0 ? value : type);
        return true;
    }
    describe(misp, attribute);
    if (!hn_buf_ok(&misp->tags)) {
        reading->status = misp->tags.status;
        return false;
    }
    return ioc_take_typed(reading, type, value);
}

static bool read_attributes(struct misp *misp, const json_t *owner)
{
    const json_t *attributes = ioc_json_array(owner, "Attribute");
    size_t count = attributes == NULL ? 0 : json_array_size(attributes);

    for (size_t i = 0; i < count; i++) {
        if (!read_attribute(misp, json_array_get(attributes, i)))
            return false;
    }
    return true;
}

/* An event, or anything else that holds attributes. */
static bool read_event(struct misp *misp, const json_t *event)
{
    const json_t *objects = ioc_json_array(event, "Object");
    size_t count = objects == NULL ? 0 : json_array_size(objects);

    hn_buf_reset(&misp->tags);
    add_tags(&misp->tags, event);
    misp->event_tags_len = misp->tags.len;
    misp->event_info = ioc_json_text(event, "info");
    misp->event_family = family_of(event);
    misp->reading->about.reference = ioc_json_text(event, "uuid");
    if (!read_attributes(misp, event))
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(objects, i);

        if (!ioc_json_true(object, "deleted") && !read_attributes(misp, object))
            return false;
    }
    return true;
}

static bool holds_attributes(const json_t *object)
{
    return json_is_object(json_object_get(object, "Event")) ||
            json_is_array(json_object_get(object, "Attribute")) ||
            json_is_array(json_object_get(object, "Object"));
}

static bool read_item(struct misp *misp, const json_t *item, bool *any)
{
    const json_t *event = json_object_get(item, "Event");

    if (!holds_attributes(item))
        return true;
    *any = true;
    return read_event(misp, json_is_object(event) ? event : item);
}

enum hn_status ioc_misp_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err)
{
    struct misp misp = { .reading = reading };
    bool any = false;
    const json_t *top;
    json_t *root;
    enum hn_status status =
            ioc_json_load(input->bytes, &reading->builder->options.limits, &root, err);

    if (status != HN_OK)
        return status;
    top = json_object_get(root, "response");
    if (top == NULL)
        top = root;
    if (json_is_array(top)) {
        for (size_t i = 0; i < json_array_size(top); i++) {
            if (!read_item(&misp, json_array_get(top, i), &any))
                break;
        }
    } else {
        (void)read_item(&misp, top, &any); /* a failure is in reading->status */
    }
    hn_buf_deinit(&misp.tags);
    json_decref(root);
    if (reading->status != HN_OK)
        return hn_fail(err, reading->status, 0, "MISP: stopped at attribute %u", reading->line);
    if (!any)
        return hn_fail(err, HN_UNSUPPORTED, 0, "MISP: no event and no attributes in it");
    return HN_OK;
}
