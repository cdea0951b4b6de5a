/* protect_rules.c - Sigma rules out of indicators: the frame that all have, with texts in two
 * languages and tests made of the findings (docs/rules.md).
 *
 * Leaves to others: what each kind looks at (protect_kinds_*.c, protect_process.c), whether a rule
 * is good enough (protect_check.c). */
#include "base/utf.h"
#include "protect/protect_internal.h"

#define VALUES_MAX      500u /* of one rule */
#define VALUE_TESTS_MAX 3u   /* of them in tests */
#define RULES_BYTES_MAX ((size_t)64 << 20)
#define RULES_MAX       64u
#define INDENT_EVENT    14
#define REVIEW_DAYS     90 /* lists of addresses and digests grow old */
#define TITLE_NAME_MAX  40
#define UUID_SHORT      8

/* ---- YAML ---- */

/* Text from outside as one line of valid UTF-8 without controls. */
static void add_clean(struct hn_buf *out, struct hn_text text)
{
    size_t pos = 0;

    while (pos < text.len) {
        uint32_t code_point = 0;
        size_t len = hn_utf8_decode(text, pos, &code_point);

        if (len == 0 || code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
                code_point == 0x2028 || code_point == 0x2029 || code_point == 0xFEFF ||
                (code_point >= 0x202A && code_point <= 0x202E) ||
                (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0xFFFE ||
                code_point == 0xFFFF)
            hn_buf_add_char(out, '_');
        else
            hn_buf_add(out, text.ptr + pos, len);
        pos += len == 0 ? 1 : len;
    }
}

static void add_quoted(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            hn_buf_add_char(out, '\'');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '\'');
}

void protect_add_yaml_text(struct hn_buf *out, struct hn_text text)
{
    struct hn_buf clean = { 0 };

    add_clean(&clean, text);
    add_quoted(out, hn_buf_text(&clean));
    hn_buf_deinit(&clean);
}

/* Sigma 2.1, "Escaping": '*' and '?' are wildcards unless a backslash stands before them, and a
 * backslash in front of one of the three has to be doubled. */
void protect_add_yaml_value(struct hn_buf *out, struct hn_text value)
{
    struct hn_buf plain = { 0 };

    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        char next = i + 1 < value.len ? value.ptr[i + 1] : '\0';
        char before = i > 0 ? value.ptr[i - 1] : '\0';

        if (c == '*' || c == '?')
            hn_buf_add_char(&plain, '\\');
        if (c == '\\' && (next == '\\' || next == '*' || next == '?' || before == '\\'))
            hn_buf_add_char(&plain, '\\');
        hn_buf_add_char(&plain, c);
    }
    add_quoted(out, hn_buf_text(&plain));
    hn_buf_deinit(&plain);
}

/* ---- One rule ---- */

void protect_draft_deinit(struct protect_draft *draft)
{
    hn_buf_deinit(&draft->selection);
    hn_buf_deinit(&draft->tests);
    hn_buf_deinit(&draft->identity);
}

void protect_draft_test(
        struct protect_draft *draft, const char *name, bool fires, struct hn_text event)
{
    struct hn_text line;

    hn_buf_addf(&draft->tests,
            "        - name: %s\n          fires: %s\n          format: %s\n          event: |\n",
            name, fires ? "true" : "false", draft->kind->format);
    while (hn_text_line(&event, &line)) {
        hn_buf_add_repeat(&draft->tests, ' ', INDENT_EVENT);
        hn_buf_add_text(&draft->tests, line);
        hn_buf_add_char(&draft->tests, '\n');
    }
}

static void add_date(struct hn_buf *out, hn_time time)
{
    struct hn_calendar at = hn_calendar_at(time, 0);

    hn_buf_addf(out, "%04d-%02d-%02d", at.year, at.month, at.day);
}

static void add_line(struct hn_buf *out, const char *before, const char *text)
{
    hn_buf_add_cstr(out, before);
    add_quoted(out, hn_text_cstr(text));
    hn_buf_add_char(out, '\n');
}

/* The title names the sample, so that rules of several samples are told apart. */
static void add_title(struct hn_buf *out, const struct protect_draft *draft)
{
    struct hn_text name = draft->about->name;
    struct hn_buf text = { 0 };
    size_t cut = name.len;

    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '/' || name.ptr[i] == '\\')
            cut = i + 1;
    }
    if (cut < name.len)
        name = hn_text_sub(name, cut, name.len);
    cut = name.len > TITLE_NAME_MAX ? TITLE_NAME_MAX : name.len;
    while (cut > 0 && cut < name.len && ((unsigned char)name.ptr[cut] & 0xC0) == 0x80)
        cut--;
    hn_buf_addf(&text, "%s (", draft->kind->title);
    add_clean(&text, hn_text_sub(name, 0, cut));
    hn_buf_add_char(&text, ')');
    add_quoted(out, hn_buf_text(&text));
    hn_buf_deinit(&text);
}

static void add_head(struct hn_buf *out, const struct protect_draft *draft, const char *uuid)
{
    const struct protect_rule_kind *kind = draft->kind;
    struct hn_text tags = hn_text_cstr(kind->tags);
    struct hn_text tag;

    hn_buf_add_lit(out, "title: ");
    add_title(out, draft);
    hn_buf_addf(out, "\nid: %.*s\nstatus: experimental\n", PROTECT_UUID_LEN, uuid);
    add_line(out, "description: ", kind->description);
    hn_buf_add_lit(out, "author: Hinomi\ndate: ");
    add_date(out, draft->about->made);
    hn_buf_add_lit(out, "\ntags:\n");
    while (hn_text_split(&tags, ' ', &tag)) {
        hn_buf_add_lit(out, "    - ");
        hn_buf_add_text(out, tag);
        hn_buf_add_char(out, '\n');
    }
    hn_buf_addf(out, "logsource:\n%s", kind->logsource);
    hn_buf_add_lit(out, "detection:\n");
    hn_buf_add_text(out, hn_buf_text(&draft->selection));
    add_line(out, "falsepositives:\n    - ", kind->false_en);
    hn_buf_addf(out, "level: %s\n", kind->level);
}

static void add_block(struct hn_buf *out, const struct protect_draft *draft)
{
    const struct protect_rule_kind *kind = draft->kind;

    hn_buf_add_lit(out, "hinomi:\n    family: ");
    protect_add_yaml_text(
            out, draft->about->family.len > 0 ? draft->about->family : HN_TEXT("Analysis"));
    hn_buf_addf(out, "\n    trace: %s\n    review: ", kind->trace);
    add_date(out, draft->about->made + REVIEW_DAYS * HN_DAY);
    hn_buf_add_lit(out, "\n    why:\n");
    add_line(out, "        en: ", kind->why_en);
    add_line(out, "        ja: ", kind->why_ja);
    hn_buf_add_lit(out, "    next:\n        en:\n");
    for (size_t i = 0; i < HN_COUNT_OF(kind->next_en) && kind->next_en[i] != NULL; i++)
        add_line(out, "            - ", kind->next_en[i]);
    hn_buf_add_lit(out, "        ja:\n");
    for (size_t i = 0; i < HN_COUNT_OF(kind->next_ja) && kind->next_ja[i] != NULL; i++)
        add_line(out, "            - ", kind->next_ja[i]);
    hn_buf_add_lit(out, "    false_alarm:\n");
    add_line(out, "        en: ", kind->false_en);
    add_line(out, "        ja: ", kind->false_ja);
    hn_buf_add_lit(out, "    tests:\n");
    hn_buf_add_text(out, hn_buf_text(&draft->tests));
}

static struct hn_text kept(struct protect_rules *rules, struct hn_buf *buf)
{
    struct hn_text text =
            hn_buf_ok(buf) ? hn_arena_text(&rules->arena, hn_buf_text(buf)) : hn_text_of(NULL, 0);

    if (text.ptr == NULL && rules->arena.status == HN_OK)
        rules->arena.status = HN_NOMEM;
    hn_buf_deinit(buf);
    return text;
}

void protect_draft_end(struct protect_draft *draft, struct protect_rules *rules)
{
    struct hn_buf yaml = { 0 };
    struct hn_buf file = { 0 };
    struct hn_buf title = { 0 };
    char uuid[PROTECT_UUID_LEN];
    struct protect_rule *rule;

    if (rules->count >= RULES_MAX || rules->rules == NULL)
        return;
    protect_uuid(hn_text_cstr(draft->kind->slug), hn_buf_text(&draft->identity), uuid);
    add_head(&yaml, draft, uuid);
    add_block(&yaml, draft);
    if (!hn_buf_ok(&draft->selection) || !hn_buf_ok(&draft->tests) || !hn_buf_ok(&draft->identity))
        yaml.status = HN_NOMEM;
    hn_buf_addf(&file, "analysis_%s_%.*s.yml", draft->kind->slug, UUID_SHORT, uuid);
    hn_buf_add_cstr(&title, draft->kind->title);
    rule = &rules->rules[rules->count];
    rule->yaml = kept(rules, &yaml);
    rule->file = kept(rules, &file);
    rule->title = kept(rules, &title);
    rule->trace = hn_text_cstr(draft->kind->trace);
    if (rule->yaml.ptr != NULL && rule->file.ptr != NULL && rule->title.ptr != NULL)
        rules->count++;
}

/* ---- Rules that are a list of values ---- */

struct value_list {
    struct hn_arena *arena;
    struct hn_map seen;
    struct hn_text values[VALUES_MAX];
    const struct protect_indicator *of[VALUES_MAX];
    size_t count;
};

/* Controls never stand in a log as they are, and would end a line of YAML. */
static bool is_one_line(struct hn_text value)
{
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7F)
            return false;
    }
    return hn_utf8_valid(hn_text_as_bytes(value));
}

static void collect(struct value_list *list, const struct protect_draft *draft, bool reserved)
{
    struct hn_buf value = { 0 };

    for (size_t i = 0; i < draft->about->indicator_count && list->count < VALUES_MAX; i++) {
        const struct protect_indicator *one = &draft->about->indicators[i];
        struct hn_text text;
        uint32_t before;

        hn_buf_reset(&value);
        if (!protect_is_usable(one, reserved) || !draft->kind->value(draft->about, one, &value) ||
                value.len == 0 || !is_one_line(hn_buf_text(&value)))
            continue;
        text = hn_arena_text(list->arena, hn_buf_text(&value));
        if (text.ptr == NULL || hn_map_find(&list->seen, text) != HN_MAP_NONE ||
                !hn_map_put(&list->seen, text, 0, &before))
            continue;
        list->values[list->count] = text;
        list->of[list->count++] = one;
    }
    hn_buf_deinit(&value);
}

static void add_selections(struct protect_draft *draft, const struct value_list *list)
{
    struct hn_buf value = { 0 };
    size_t fields = 0;

    for (; fields < PROTECT_FIELDS_MAX && draft->kind->fields[fields].name != NULL; fields++) {
        const struct protect_rule_field *field = &draft->kind->fields[fields];

        hn_buf_addf(
                &draft->selection, "    selection_%zu:\n        %s:\n", fields + 1, field->name);
        for (size_t i = 0; i < list->count; i++) {
            hn_buf_reset(&value);
            hn_buf_add_cstr(&value, field->before == NULL ? "" : field->before);
            hn_buf_add_text(&value, list->values[i]);
            hn_buf_add_lit(&draft->selection, "            - ");
            protect_add_yaml_value(&draft->selection, hn_buf_text(&value));
            hn_buf_add_char(&draft->selection, '\n');
        }
    }
    hn_buf_add_lit(&draft->selection, "    condition: 1 of selection_*\n");
    hn_buf_deinit(&value);
}

static void make_list_rule(const struct protect_case *about, const struct protect_rule_kind *kind,
        bool reserved, struct protect_rules *rules)
{
    struct protect_draft draft = { .about = about, .kind = kind };
    struct value_list *list = hn_new(&rules->arena, struct value_list, 1);
    struct hn_buf event = { 0 };

    if (list == NULL)
        return;
    list->arena = &rules->arena;
    collect(list, &draft, reserved);
    if (list->count > 0) {
        add_selections(&draft, list);
        for (size_t i = 0; i < list->count; i++) {
            static const char *const names[] = { "first of the list", "second of the list",
                "third of the list" };

            hn_buf_add_text(&draft.identity, list->values[i]);
            hn_buf_add_char(&draft.identity, '\n');
            if (i >= VALUE_TESTS_MAX)
                continue;
            hn_buf_reset(&event);
            kind->event(&event, list->of[i], list->values[i]);
            protect_draft_test(&draft, names[i], true, hn_buf_text(&event));
        }
        hn_buf_reset(&event);
        kind->event(&event, NULL, HN_TEXT(""));
        protect_draft_test(&draft, "something harmless", false, hn_buf_text(&event));
        protect_draft_end(&draft, rules);
    }
    hn_map_deinit(&list->seen);
    hn_buf_deinit(&event);
    protect_draft_deinit(&draft);
}

void protect_rules_deinit(struct protect_rules *rules)
{
    hn_arena_deinit(&rules->arena);
}

enum hn_status protect_rules_make(
        const struct protect_case *about, bool reserved, struct protect_rules *ret_rules)
{
    memset(ret_rules, 0, sizeof *ret_rules);
    hn_arena_init(&ret_rules->arena, RULES_BYTES_MAX);
    ret_rules->rules = hn_new(&ret_rules->arena, struct protect_rule, RULES_MAX);
    for (size_t i = 0; i < protect_network_kind_count; i++)
        make_list_rule(about, &protect_network_kinds[i], reserved, ret_rules);
    for (size_t i = 0; i < protect_host_kind_count; i++)
        make_list_rule(about, &protect_host_kinds[i], reserved, ret_rules);
    protect_rules_process(about, reserved, ret_rules);
    if (hn_arena_status(&ret_rules->arena) != HN_OK) {
        enum hn_status status = hn_arena_status(&ret_rules->arena);

        protect_rules_deinit(ret_rules);
        memset(ret_rules, 0, sizeof *ret_rules);
        return status;
    }
    return HN_OK;
}
