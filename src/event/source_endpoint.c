/* source_endpoint.c - what an endpoint product's record is: by its action, and by the shape of its
 * paths where the product does not say which system it runs on. */
#include "event/event_internal.h"

struct action {
    const char *name;
    const char *category[2];
    kind_set kinds;
};

static const struct action *find_action(
        const struct action *actions, size_t count, struct hn_text name)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq(name, hn_text_cstr(actions[i].name)))
            return &actions[i];
    }
    return NULL;
}

/* Advanced hunting has one schema for all systems; only the paths differ. */
static const char *product_of_path(struct hn_text path)
{
    static const char *const apple[] = { "/Applications/", "/System/", "/Library/", "/Users/",
        "/private/", "/Volumes/" };

    if (path.len == 0 || path.ptr[0] != '/')
        return "windows";
    for (size_t i = 0; i < HN_COUNT_OF(apple); i++) {
        if (hn_text_starts(path, hn_text_cstr(apple[i])))
            return "macos";
    }
    return "linux";
}

#define OBJECT (KIND_BIT(KIND_MDE) | KIND_BIT(KIND_MDE_OBJECT))

kind_set source_mde(struct hn_event *event)
{
    static const struct action actions[] = {
        { "ProcessCreated", { "process_creation" },
                KIND_BIT(KIND_MDE) | KIND_BIT(KIND_MDE_PROCESS) },
        { "FileCreated", { "file_event" }, OBJECT | KIND_BIT(KIND_MDE_FILE) },
        { "FileModified", { "file_event" }, OBJECT | KIND_BIT(KIND_MDE_FILE) },
        { "FileDeleted", { "file_delete" }, OBJECT | KIND_BIT(KIND_MDE_FILE) },
        { "FileRenamed", { "file_rename", "file_event" }, OBJECT | KIND_BIT(KIND_MDE_FILE) },
        { "SensitiveFileRead", { "file_access" }, OBJECT | KIND_BIT(KIND_MDE_FILE) },
        { "RegistryKeyCreated", { "registry_event", "registry_add" },
                OBJECT | KIND_BIT(KIND_MDE_REGISTRY) },
        { "RegistryKeyDeleted", { "registry_event", "registry_delete" },
                OBJECT | KIND_BIT(KIND_MDE_REGISTRY) },
        { "RegistryKeyRenamed", { "registry_event", "registry_rename" },
                OBJECT | KIND_BIT(KIND_MDE_REGISTRY) },
        { "RegistryValueSet", { "registry_event", "registry_set" },
                OBJECT | KIND_BIT(KIND_MDE_REGISTRY) | KIND_BIT(KIND_MDE_VALUE) },
        { "RegistryValueDeleted", { "registry_event", "registry_delete" },
                OBJECT | KIND_BIT(KIND_MDE_REGISTRY) | KIND_BIT(KIND_MDE_VALUE) },
        { "ConnectionSuccess", { "network_connection" }, OBJECT | KIND_BIT(KIND_MDE_NETWORK) },
        { "ConnectionFailed", { "network_connection" }, OBJECT | KIND_BIT(KIND_MDE_NETWORK) },
        { "ConnectionAttempt", { "network_connection" }, OBJECT | KIND_BIT(KIND_MDE_NETWORK) },
        { "InboundConnectionAccepted", { "network_connection" },
                OBJECT | KIND_BIT(KIND_MDE_NETWORK) },
        { "ImageLoaded", { "image_load" }, OBJECT | KIND_BIT(KIND_MDE_IMAGE) },
        { "DriverLoad", { "driver_load" }, OBJECT | KIND_BIT(KIND_MDE_DRIVER) },
        { "CreateRemoteThreadApiCall", { "create_remote_thread" },
                KIND_BIT(KIND_MDE) | KIND_BIT(KIND_MDE_THREAD) },
        { "OpenProcessApiCall", { "process_access" },
                KIND_BIT(KIND_MDE) | KIND_BIT(KIND_MDE_THREAD) },
        { "AntivirusDetection", { "antivirus" }, OBJECT | KIND_BIT(KIND_MDE_ANTIVIRUS) },
    };
    const struct action *action =
            find_action(actions, HN_COUNT_OF(actions), mark_text(event, MARK_ACTION_TYPE));
    struct hn_text path = mark_text(event, MARK_FOLDER_PATH);

    if (path.len == 0)
        path = mark_text(event, MARK_PARENT_FOLDER);
    source_label(&event->source, product_of_path(path), NULL, NULL);
    if (action == NULL)
        return OBJECT;
    for (size_t i = 0; i < HN_COUNT_OF(action->category); i++)
        source_label(&event->source, NULL, action->category[i], NULL);
    return action->kinds;
}

kind_set source_falcon(struct hn_event *event)
{
    static const struct action actions[] = {
        { "ProcessRollup2", { "process_creation" }, KIND_BIT(KIND_FALCON) },
        { "SyntheticProcessRollup2", { "process_creation" }, KIND_BIT(KIND_FALCON) },
        { "EndOfProcess", { "process_termination" }, KIND_BIT(KIND_FALCON) },
        { "DnsRequest", { "dns_query" }, KIND_BIT(KIND_FALCON) },
        { "NetworkConnectIP4", { "network_connection" }, KIND_BIT(KIND_FALCON) },
        { "NetworkConnectIP6", { "network_connection" }, KIND_BIT(KIND_FALCON) },
        { "NetworkReceiveAcceptIP4", { "network_connection" }, KIND_BIT(KIND_FALCON) },
        { "NetworkReceiveAcceptIP6", { "network_connection" }, KIND_BIT(KIND_FALCON) },
        { "DriverLoad", { "driver_load" }, KIND_BIT(KIND_FALCON) },
        { "ClassifiedModuleLoad", { "image_load" }, KIND_BIT(KIND_FALCON) },
        { "AsepValueUpdate", { "registry_event", "registry_set" }, KIND_BIT(KIND_FALCON) },
        { "PeFileWritten", { "file_event" }, KIND_BIT(KIND_FALCON) },
        { "NewScriptWritten", { "file_event" }, KIND_BIT(KIND_FALCON) },
        { "NewExecutableWritten", { "file_event" }, KIND_BIT(KIND_FALCON) },
    };
    static const struct {
        const char *platform;
        const char *product;
    } platforms[] = { { "Win", "windows" }, { "Lin", "linux" }, { "Mac", "macos" } };
    const struct action *action =
            find_action(actions, HN_COUNT_OF(actions), mark_text(event, MARK_SIMPLE_NAME));

    for (size_t i = 0; i < HN_COUNT_OF(platforms); i++) {
        if (hn_text_eq(mark_text(event, MARK_PLATFORM), hn_text_cstr(platforms[i].platform)))
            source_label(&event->source, platforms[i].product, NULL, NULL);
    }
    for (size_t i = 0; action != NULL && i < HN_COUNT_OF(action->category); i++)
        source_label(&event->source, NULL, action->category[i], NULL);
    return KIND_BIT(KIND_FALCON);
}
