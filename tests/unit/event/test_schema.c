/* test_schema.c - names: numbered once, found wherever products put them. */
#include "event/event_internal.h"
#include "support/check.h"

#include <stdio.h>

static struct hn_schema *schema_of(const char *const *names, size_t count)
{
    struct hn_schema *schema = hn_schema_new();

    assert_non_null(schema);
    for (size_t i = 0; i < count; i++)
        assert_int_not_equal(hn_schema_want(schema, hn_text_cstr(names[i])), HN_FIELD_NONE);
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    return schema;
}

static hn_field nested(const struct hn_schema *schema, const char *path)
{
    struct hn_text rest = hn_text_cstr(path);
    hn_node node = HN_NODE_ROOT;
    struct hn_text part;

    while (node != HN_NODE_NONE && hn_text_split(&rest, '.', &part))
        node = hn_schema_child(schema, node, part);
    return node == HN_NODE_NONE ? HN_FIELD_NONE : hn_schema_node_field(schema, node);
}

static hn_field flat(const struct hn_schema *schema, const char *path)
{
    hn_node node = hn_schema_child(schema, HN_NODE_ROOT, hn_text_cstr(path));

    return node == HN_NODE_NONE ? HN_FIELD_NONE : hn_schema_node_field(schema, node);
}

/* Fields are numbered in the order wanted, behind the fixed ones, each name once. */
static void names_are_numbered_once(void **state)
{
    struct hn_schema *schema = hn_schema_new();
    hn_field image = hn_schema_want(schema, HN_TEXT("Image"));

    (void)state;
    assert_int_equal(image, HN_FIELD_FIXED_COUNT);
    assert_int_equal(hn_schema_want(schema, HN_TEXT("Image")), image);
    assert_int_equal(hn_schema_want(schema, HN_TEXT("winlog.event_data.Image")), image);
    assert_int_equal(hn_schema_want(schema, HN_TEXT("Event.EventData.Image")), image);
    assert_int_equal(hn_schema_want(schema, HN_TEXT("winlog.channel")), HN_FIELD_CHANNEL);
    assert_int_equal(hn_schema_want(schema, HN_TEXT("CommandLine")), image + 1);
    check_text(hn_schema_name(schema, image), "Image");
    check_text(hn_schema_name(schema, HN_FIELD_EVENT_ID), "EventID");
    assert_int_equal(hn_schema_count(schema), HN_FIELD_FIXED_COUNT + 2);
    assert_int_equal(hn_schema_find(schema, HN_TEXT("image")), HN_FIELD_NONE); /* case counts */
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    assert_int_equal(hn_schema_find(schema, HN_TEXT("CommandLine")), image + 1);
    hn_schema_free(schema);
    hn_schema_free(NULL);
}

/* A wanted name is found as it is, nested by its dots, flat, and partly flat. */
static void dotted_names_nest(void **state)
{
    static const char *const names[] = { "userIdentity.sessionContext.type", "id.orig_h", "a" };
    struct hn_schema *schema = schema_of(names, HN_COUNT_OF(names));
    hn_field field = hn_schema_find(schema, HN_TEXT("userIdentity.sessionContext.type"));
    hn_node node = hn_schema_child(schema, HN_NODE_ROOT, HN_TEXT("userIdentity"));

    (void)state;
    assert_int_equal(nested(schema, "userIdentity.sessionContext.type"), field);
    assert_int_equal(flat(schema, "userIdentity.sessionContext.type"), field);
    assert_int_equal(hn_schema_node_field(schema, node), HN_FIELD_NONE);
    node = hn_schema_child(schema, node, HN_TEXT("sessionContext.type"));
    assert_int_equal(hn_schema_node_field(schema, node), field);
    assert_int_equal(nested(schema, "userIdentity.sessionContext"), HN_FIELD_NONE);
    assert_int_equal(nested(schema, "userIdentity.sessionContext.type.more"), HN_FIELD_NONE);
    assert_int_equal(flat(schema, "sessionContext.type"), HN_FIELD_NONE);
    assert_int_equal(flat(schema, "nobody.wants.this"), HN_FIELD_NONE);
    assert_int_equal(flat(schema, "nobody"), HN_FIELD_NONE);
    assert_int_equal(flat(schema, ""), HN_FIELD_NONE);
    assert_int_equal(flat(schema, "."), HN_FIELD_NONE);
    assert_int_equal(flat(schema, "..."), HN_FIELD_NONE);
    hn_schema_free(schema);
}

/* A wanted name is found under every envelope, nested and flat, and below one in another. */
static void envelopes_are_transparent(void **state)
{
    static const char *const names[] = { "Image", "SubjectUserName", "query.name" };
    static const char *const around[] = { "Event.EventData.", "EventData.", "event_data.",
        "winlog.event_data.", "winlog.user_data.", "data.win.eventdata.", "win.eventdata.",
        "_source.winlog.event_data.", "fields.winlog.event_data.", "result.",
        "document.data.Event.EventData.", "data.", "detail.", "_source.", "AllFieldInfo.",
        "XmlEventData.", "Event.UserData.Anything.", "UserData.Anything.", "data.win.anything." };
    struct hn_schema *schema = schema_of(names, HN_COUNT_OF(names));

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(around); i++) {
        for (size_t k = 0; k < HN_COUNT_OF(names); k++) {
            char path[128];

            (void)snprintf(path, sizeof path, "%s%s", around[i], names[k]);
            assert_int_equal(nested(schema, path), hn_schema_find(schema, hn_text_cstr(names[k])));
            assert_int_equal(flat(schema, path), hn_schema_find(schema, hn_text_cstr(names[k])));
            check_text(hn_name_canonical(hn_text_cstr(path)), names[k]);
        }
    }
    assert_int_equal(nested(schema, "data.win.eventdata.image"),
            hn_schema_find(schema, HN_TEXT("Image"))); /* Wazuh's first letter */
    assert_int_equal(nested(schema, "event_data.image"), HN_FIELD_NONE);
    assert_int_equal(flat(schema, "_Image"), hn_schema_find(schema, HN_TEXT("Image")));
    assert_int_equal(flat(schema, "winlogbeat_winlog_event_data_Image"),
            hn_schema_find(schema, HN_TEXT("Image")));
    hn_schema_free(schema);
}

/* Every rename leads to its canonical name nested and flat, and no path is listed twice. */
static void renames_lead_home(void **state)
{
    struct hn_schema *schema = hn_schema_new();

    (void)state;
    for (size_t i = 0; i < name_renames_count; i++)
        assert_int_not_equal(
                hn_schema_want(schema, hn_text_cstr(name_renames[i].canonical)), HN_FIELD_NONE);
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    for (size_t i = 0; i < name_renames_count; i++) {
        struct hn_text path = hn_text_cstr(name_renames[i].path);
        hn_field field = hn_schema_find(schema, hn_text_cstr(name_renames[i].canonical));

        assert_int_not_equal(field, HN_FIELD_NONE);
        assert_int_equal(nested(schema, name_renames[i].path), field);
        assert_int_equal(flat(schema, name_renames[i].path), field);
        check_text(hn_name_canonical(path), name_renames[i].canonical);
        check_text(hn_name_canonical(hn_text_cstr(name_renames[i].canonical)),
                name_renames[i].canonical);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(name_renames[i].path, name_renames[k].path);
    }
    hn_schema_free(schema);
}

/* Names that begin with an underscore of their own are not taken for prefixed ones. */
static void own_underscores_stay(void **state)
{
    static const char *const names[] = { "path", "_path", "_raw", "raw", "_document_id" };
    struct hn_schema *schema = schema_of(names, HN_COUNT_OF(names));

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        check_text(hn_name_canonical(hn_text_cstr(names[i])), names[i]);
        assert_int_equal(flat(schema, names[i]), hn_schema_find(schema, hn_text_cstr(names[i])));
    }
    assert_int_not_equal(flat(schema, "_path"), flat(schema, "path"));
    hn_schema_free(schema);
}

/* Ten thousand names are each found, and none of ten thousand others. */
static void many_names(void **state)
{
    struct hn_schema *schema = hn_schema_new();
    char name[32];

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        (void)snprintf(name, sizeof name, i % 3 == 0 ? "a.b%u.c" : "name%u", i);
        assert_int_equal(hn_schema_want(schema, hn_text_cstr(name)), HN_FIELD_FIXED_COUNT + i);
    }
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    for (unsigned i = 0; i < 10000; i++) {
        (void)snprintf(name, sizeof name, i % 3 == 0 ? "a.b%u.c" : "name%u", i);
        assert_int_equal(nested(schema, name), HN_FIELD_FIXED_COUNT + i);
        assert_int_equal(flat(schema, name), HN_FIELD_FIXED_COUNT + i);
        (void)snprintf(name, sizeof name, i % 3 == 0 ? "a.c%u.b" : "eman%u", i);
        assert_int_equal(nested(schema, name), HN_FIELD_NONE);
        assert_int_equal(flat(schema, name), HN_FIELD_NONE);
    }
    hn_schema_free(schema);
}

/* What nobody wants has no fill steps, and one wanted name has only its own. */
static void nobody_pays_for_the_unwanted(void **state)
{
    static const char *const one[] = { "hinomi.image_name" };
    struct hn_schema *schema = schema_of(NULL, 0);
    size_t windows = schema->programs[KIND_WINDOWS_NUMBER].steps.count;

    (void)state;
    /* the fixed fields alone: Channel, EventID, Provider_Name, Computer, EventType, Message */
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        for (size_t i = 0; i < schema->programs[kind].steps.count; i++)
            assert_true(schema->programs[kind].steps.ptr[i].dst < HN_FIELD_FIXED_COUNT);
    }
    hn_schema_free(schema);
    schema = schema_of(one, 1);
    assert_int_equal(schema->programs[KIND_WINDOWS_NUMBER].steps.count, windows);
    assert_int_equal(schema->programs[KIND_NORMAL_NUMBER].steps.count, 2); /* and Message */
    hn_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_numbered_once),
        cmocka_unit_test(dotted_names_nest),
        cmocka_unit_test(envelopes_are_transparent),
        cmocka_unit_test(renames_lead_home),
        cmocka_unit_test(own_underscores_stay),
        cmocka_unit_test(many_names),
        cmocka_unit_test(nobody_pays_for_the_unwanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
