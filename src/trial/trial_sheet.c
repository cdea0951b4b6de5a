/* trial_sheet.c - the tests that stand in a rule's `hinomi:` block, as docs/rules.md describes
 * them. A test that cannot be read is an error: one that silently did not run would prove nothing.
 */
#include "trial/trial.h"
#include "trial/trial_yaml.h"

#include "base/num.h"

/* ---- Entries ---- */

static enum hn_status read_source(
        struct hn_yaml_ref ref, struct hn_source *ret_source, struct hn_err *err)
{
    struct hn_text text;

    memset(ret_source, 0, sizeof *ret_source);
    if (ref.yaml == NULL)
        return HN_OK;
    if (!hn_yaml_is(ref, HN_YAML_MAP))
        return trial_wrong(ref, err, "logsource must be a map");
    ret_source->product = hn_yaml_text(hn_yaml_get(ref, HN_TEXT("product")));
    text = hn_yaml_text(hn_yaml_get(ref, HN_TEXT("category")));
    if (text.len > 0)
        hn_source_add_category(ret_source, text);
    text = hn_yaml_text(hn_yaml_get(ref, HN_TEXT("service")));
    if (text.len > 0)
        hn_source_add_service(ret_source, text);
    return HN_OK;
}

/* Also for `until`; absent: HN_TIME_NONE. */
static enum hn_status read_time(struct hn_yaml_ref ref, hn_time *ret_time, struct hn_err *err)
{
    *ret_time = HN_TIME_NONE;
    if (ref.yaml == NULL)
        return HN_OK;
    *ret_time = hn_time_parse(hn_yaml_text(ref), NULL);
    return *ret_time == HN_TIME_NONE ? trial_wrong(ref, err, "this is no time") : HN_OK;
}

static enum hn_status read_repeat(
        struct hn_yaml_ref ref, struct trial_step *step, struct hn_err *err)
{
    struct hn_yaml_ref repeat = hn_yaml_get(ref, HN_TEXT("repeat"));
    struct hn_yaml_ref every = hn_yaml_get(ref, HN_TEXT("every"));
    uint64_t count = 1;
    hn_time last;

    if (repeat.yaml != NULL &&
            (!hn_yaml_u64(repeat, &count) || count == 0 || count > TRIAL_REPEAT_MAX))
        return trial_wrong(repeat, err, "repeat is a number from 1 to 100000");
    step->repeat = (uint32_t)count;
    if (every.yaml == NULL)
        return HN_OK;
    if (step->at == HN_TIME_NONE)
        return trial_wrong(every, err, "every needs at, the time of the first event");
    if (!hn_duration_parse(hn_yaml_text(every), &step->every))
        return trial_wrong(every, err, "every is a duration such as 30s, 5m, 1h, 1d");
    if (__builtin_mul_overflow(step->every, (hn_time)count, &last) ||
            __builtin_add_overflow(step->at, last, &last))
        return trial_wrong(every, err, "the last event would come after the year 2261");
    return HN_OK;
}

static enum hn_status read_step(struct hn_yaml_ref ref, struct trial_step *step, struct hn_err *err)
{
    struct hn_yaml_ref format = hn_yaml_get(ref, HN_TEXT("format"));
    struct hn_yaml_ref event = hn_yaml_get(ref, HN_TEXT("event"));
    enum hn_status status;

    step->line = hn_yaml_node(event.yaml != NULL ? event : ref)->line;
    step->event = hn_yaml_text(event);
    step->format = decode_format_find(hn_yaml_text(format));
    if (step->event.ptr == NULL)
        return trial_wrong(ref, err, "an event is needed, as a text");
    if (step->format == NULL)
        return trial_wrong(
                format.yaml != NULL ? format : ref, err, "format must be the name of a decoder");
    status = read_source(hn_yaml_get(ref, HN_TEXT("logsource")), &step->source, err);
    if (status == HN_OK)
        status = read_time(hn_yaml_get(ref, HN_TEXT("at")), &step->at, err);
    return status == HN_OK ? read_repeat(ref, step, err) : status;
}

/* ---- Tests ---- */

static enum hn_status check_keys(
        struct hn_yaml_ref map, const char *const *known, struct hn_err *err)
{
    struct hn_yaml_iter iter = hn_yaml_children(map);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    while (hn_yaml_next_pair(&iter, &key, &value)) {
        const char *const *at = known;

        while (*at != NULL && !hn_text_eq(hn_yaml_text(key), hn_text_cstr(*at)))
            at++;
        if (*at == NULL)
            return trial_wrong(key, err, "a test has no such key");
    }
    return HN_OK;
}

static enum hn_status read_events(struct hn_arena *arena, struct hn_yaml_ref list,
        struct trial_case *test, struct hn_err *err)
{
    static const char *const keys[] = { "format", "event", "logsource", "at", "repeat", "every",
        NULL };
    struct hn_yaml_iter iter = hn_yaml_children(list);
    enum hn_status status = HN_OK;
    struct hn_yaml_ref item;

    if (!hn_yaml_is(list, HN_YAML_LIST) || hn_yaml_count(list) == 0)
        return trial_wrong(list, err, "events must be a list that is not empty");
    test->step_count = hn_yaml_count(list);
    test->steps = hn_new(arena, struct trial_step, test->step_count);
    if (test->steps == NULL)
        return hn_fail(err, HN_NOMEM, 0, "tests");
    for (uint32_t i = 0; status == HN_OK && hn_yaml_next(&iter, &item); i++) {
        status = check_keys(item, keys, err);
        if (status == HN_OK)
            status = read_step(item, &test->steps[i], err);
    }
    return status;
}

static enum hn_status read_case(
        struct hn_arena *arena, struct hn_yaml_ref ref, struct trial_case *test, struct hn_err *err)
{
    static const char *const keys[] = { "name", "fires", "until", "events", "format", "event",
        "logsource", NULL };
    struct hn_yaml_ref events = hn_yaml_get(ref, HN_TEXT("events"));
    enum hn_status status = check_keys(ref, keys, err);

    if (!hn_yaml_is(ref, HN_YAML_MAP))
        return trial_wrong(ref, err, "a test must be a map");
    test->line = hn_yaml_node(ref)->line;
    test->name = hn_yaml_text(hn_yaml_get(ref, HN_TEXT("name")));
    if (status == HN_OK && test->name.len == 0)
        return trial_wrong(ref, err, "a test needs a name");
    if (status == HN_OK && !hn_yaml_bool(hn_yaml_get(ref, HN_TEXT("fires")), &test->fires))
        return trial_wrong(ref, err, "a test says whether it fires: true or false");
    if (status == HN_OK)
        status = read_time(hn_yaml_get(ref, HN_TEXT("until")), &test->until, err);
    if (status == HN_OK && events.yaml != NULL)
        return read_events(arena, events, test, err);
    if (status != HN_OK)
        return status;
    test->steps = hn_new(arena, struct trial_step, 1);
    if (test->steps == NULL)
        return hn_fail(err, HN_NOMEM, 0, "tests");
    test->step_count = 1;
    return read_step(ref, &test->steps[0], err);
}

static enum hn_status read_cases(struct hn_arena *arena, struct hn_yaml_ref list,
        struct trial_sheet *sheet, struct hn_err *err)
{
    struct hn_yaml_iter iter = hn_yaml_children(list);
    enum hn_status status = HN_OK;
    struct hn_yaml_ref item;

    if (list.yaml == NULL)
        return HN_OK;
    if (!hn_yaml_is(list, HN_YAML_LIST))
        return trial_wrong(list, err, "tests must be a list");
    sheet->cases = hn_new(arena, struct trial_case, hn_yaml_count(list));
    if (sheet->cases == NULL)
        return hn_fail(err, HN_NOMEM, 0, "tests");
    while (status == HN_OK && hn_yaml_next(&iter, &item)) {
        struct trial_case *test = &sheet->cases[sheet->case_count++];

        status = read_case(arena, item, test, err);
        for (uint32_t i = 0; status == HN_OK && i + 1 < sheet->case_count; i++) {
            if (hn_text_eq(sheet->cases[i].name, test->name))
                status = trial_wrong(item, err, "two tests have this name");
        }
    }
    return status;
}

/* ---- Lists ---- */

static enum hn_status read_lists(struct hn_arena *arena, struct hn_yaml_ref map,
        struct trial_sheet *sheet, struct hn_err *err)
{
    struct hn_yaml_iter iter = hn_yaml_children(map);
    struct hn_yaml_ref key;
    struct hn_yaml_ref values;

    if (map.yaml == NULL)
        return HN_OK;
    if (!hn_yaml_is(map, HN_YAML_MAP))
        return trial_wrong(map, err, "lists must be a map of lists");
    sheet->lists = hn_new(arena, struct sigma_list, hn_yaml_count(map));
    if (sheet->lists == NULL)
        return hn_fail(err, HN_NOMEM, 0, "lists");
    while (hn_yaml_next_pair(&iter, &key, &values)) {
        struct sigma_list *list = &sheet->lists[sheet->list_count++];

        list->name = hn_yaml_text(key);
        if (!hn_yaml_is(values, HN_YAML_LIST))
            return trial_wrong(values, err, "lists must be a map of lists");
        if (!trial_texts(arena, values, &list->values))
            return hn_fail(err, HN_NOMEM, 0, "lists");
    }
    return HN_OK;
}

enum hn_status trial_sheet_read(struct hn_arena *arena, struct hn_yaml_ref root,
        struct trial_sheet *ret_sheet, struct hn_err *err)
{
    struct hn_yaml_ref block = hn_yaml_get(root, HN_TEXT("hinomi"));
    enum hn_status status;

    memset(ret_sheet, 0, sizeof *ret_sheet);
    if (root.yaml == NULL)
        return HN_OK;
    ret_sheet->id = hn_yaml_text(hn_yaml_get(root, HN_TEXT("id")));
    ret_sheet->title = hn_yaml_text(hn_yaml_get(root, HN_TEXT("title")));
    ret_sheet->is_correlation = hn_yaml_get(root, HN_TEXT("correlation")).yaml != NULL;
    ret_sheet->line = hn_yaml_node(root)->line;
    status = read_lists(arena, hn_yaml_get(block, HN_TEXT("lists")), ret_sheet, err);
    if (status == HN_OK)
        status = read_cases(arena, hn_yaml_get(block, HN_TEXT("tests")), ret_sheet, err);
    return status;
}
