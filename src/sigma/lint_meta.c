/* lint_meta.c - the form of metadata: what the specification and SigmaHQ's conventions ask for.
 *
 * Nothing here decides what fires; each issue is a warning. */
#include "sigma/sigma_internal.h"

#include "base/utf.h"

#define TITLE_CHARACTERS_MAX 256u

static struct sigma_place key_place(struct work *w, struct hn_yaml_ref root, const char *key)
{
    struct hn_yaml_ref value = hn_yaml_get(root, hn_text_cstr(key));

    return sigma_place_of(w, value.yaml == NULL ? root : value);
}

/* ---- Shapes ---- */

/* A tiny pattern language for ids and tags: 'd' a digit, 'x' a hexadecimal digit, '*' one digit or
 * more to the end; anything else is itself. */
static bool fits(struct hn_text text, const char *pattern)
{
    size_t at = 0;

    for (; *pattern != '\0'; pattern++, at++) {
        char c = at < text.len ? text.ptr[at] : '\0';
        bool digit = c >= '0' && c <= '9';
        bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        if (*pattern == '*') {
            for (size_t i = at; i < text.len; i++) {
                if (text.ptr[i] < '0' || text.ptr[i] > '9')
                    return false;
            }
            return at < text.len;
        }
        if (!(*pattern == 'd' ? digit : *pattern == 'x' ? hex : c == *pattern))
            return false;
    }
    return at == text.len;
}

static bool is_date(struct hn_text text)
{
    struct hn_calendar calendar = { .hour = 0 };

    if (!fits(text, "dddd-dd-dd"))
        return false;
    calendar.year = (text.ptr[0] - '0') * 1000 + (text.ptr[1] - '0') * 100 +
                    (text.ptr[2] - '0') * 10 + (text.ptr[3] - '0');
    calendar.month = (text.ptr[5] - '0') * 10 + (text.ptr[6] - '0');
    calendar.day = (text.ptr[8] - '0') * 10 + (text.ptr[9] - '0');
    return hn_calendar_time(&calendar, 0) != HN_TIME_NONE;
}

static void lint_date(struct work *w, struct hn_yaml_ref root, const char *key, struct hn_text text)
{
    if (text.len > 0 && !is_date(text))
        issue_add(w, CODE_BAD_DATE, key_place(w, root, key), "%s is YYYY-MM-DD, not \"%.*s\"", key,
                HN_TEXT_ARG(text));
}

/* ---- Tags ---- */

static bool among(struct hn_text text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq(text, hn_text_cstr(words[i])))
            return true;
    }
    return false;
}

static bool is_attack(struct hn_text name)
{
    static const char *const tactics[] = { "reconnaissance", "resource-development",
        "initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion",
        "stealth", "defense-impairment", "credential-access", "discovery", "lateral-movement",
        "collection", "command-and-control", "exfiltration", "impact" };

    return fits(name, "tdddd") || fits(name, "tdddd.ddd") || fits(name, "gdddd") ||
           fits(name, "sdddd") || fits(name, "dsdddd") || fits(name, "mdddd") ||
           fits(name, "adddd") || among(name, tactics, HN_COUNT_OF(tactics));
}

static bool is_stp(struct hn_text name)
{
    return name.len >= 1 && name.len <= 2 && name.ptr[0] >= '1' && name.ptr[0] <= '5' &&
           (name.len == 1 || memchr("auk", name.ptr[1], 3) != NULL);
}

/* Whether a tag means something in its namespace (sigma-appendix-tags.md). */
static bool is_known_tag(struct hn_text space, struct hn_text name)
{
    static const char *const detections[] = { "dfir", "emerging-threats", "threat-hunting" };
    static const char *const colours[] = { "red", "amber", "amber-strict", "green", "clear",
        "white" };
    static const char *const d3fend[] = { "model", "harden", "detect", "isolate", "deceive",
        "evict" };

    if (hn_text_eq(space, HN_TEXT("attack")))
        return is_attack(name);
    if (hn_text_eq(space, HN_TEXT("car")))
        return fits(name, "dddd-dd-ddd");
    if (hn_text_eq(space, HN_TEXT("cve")))
        return fits(name, "dddd-*") || fits(name, "dddd.*");
    if (hn_text_eq(space, HN_TEXT("stp")))
        return is_stp(name);
    if (hn_text_eq(space, HN_TEXT("tlp")))
        return among(name, colours, HN_COUNT_OF(colours));
    if (hn_text_eq(space, HN_TEXT("detection")))
        return among(name, detections, HN_COUNT_OF(detections));
    if (hn_text_eq(space, HN_TEXT("d3fend")))
        return hn_text_starts(name, HN_TEXT("d3-")) || hn_text_starts(name, HN_TEXT("d3f-")) ||
               among(name, d3fend, HN_COUNT_OF(d3fend));
    return false;
}

static bool is_tag_text(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
            return false;
    }
    return text.len > 0;
}

static void lint_tag(struct work *w, struct sigma_place place, struct hn_text tag)
{
    size_t dot = hn_text_find_char(tag, '.', 0);
    struct hn_text space = hn_text_sub(tag, 0, dot == SIZE_MAX ? 0 : dot);
    struct hn_text name = hn_text_sub(tag, dot == SIZE_MAX ? tag.len : dot + 1, tag.len);

    if (space.len == 0 || name.len == 0 || !is_tag_text(tag)) {
        issue_add(w, CODE_BAD_TAG, place,
                "a tag is namespace.name in small letters, digits, '_', '-': \"%.*s\"",
                HN_TEXT_ARG(tag));
    } else if (!is_known_tag(space, name)) {
        issue_add(w, CODE_UNKNOWN_TAG, place, "no tag \"%.*s\" in the specification",
                HN_TEXT_ARG(tag));
    }
}

/* A text that stands in the list before. */
static bool stands_before(const struct sigma_texts *texts, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (hn_text_eq(texts->ptr[i], texts->ptr[index]))
            return true;
    }
    return false;
}

#define LIST_LINT_MAX 256u /* of references and tags; longer lists are looked at so far */

static void lint_list(struct work *w, struct hn_yaml_ref root, const char *key,
        const struct sigma_texts *texts, enum sigma_code duplicate)
{
    struct hn_yaml_ref list = hn_yaml_get(root, hn_text_cstr(key));
    struct hn_yaml_iter iter = hn_yaml_children(list);
    struct hn_yaml_ref item = list;
    bool is_list = hn_yaml_is(list, HN_YAML_LIST);

    for (uint32_t i = 0; i < texts->count && i < LIST_LINT_MAX; i++) {
        if (is_list && !hn_yaml_next(&iter, &item))
            return;
        if (stands_before(texts, i)) {
            issue_add(w, duplicate, sigma_place_of(w, item), "\"%.*s\" stands here already",
                    HN_TEXT_ARG(texts->ptr[i]));
        } else if (duplicate == CODE_DUPLICATE_TAG) {
            lint_tag(w, sigma_place_of(w, item), texts->ptr[i]);
        }
    }
}

/* ---- Keys ---- */

/* Edit distance, as far as it is below 3; words are short. */
static bool is_near(struct hn_text a, struct hn_text b)
{
    uint8_t row[33];

    if (a.len > 32 || b.len > 32 || a.len > b.len + 2 || b.len > a.len + 2)
        return false;
    for (size_t k = 0; k <= b.len; k++)
        row[k] = (uint8_t)k;
    for (size_t i = 1; i <= a.len; i++) {
        uint8_t diagonal = row[0];

        row[0] = (uint8_t)i;
        for (size_t k = 1; k <= b.len; k++) {
            uint8_t above = row[k];
            uint8_t best = (uint8_t)(diagonal + (a.ptr[i - 1] == b.ptr[k - 1] ? 0 : 1));

            best = above + 1 < best ? (uint8_t)(above + 1) : best;
            best = row[k - 1] + 1 < best ? (uint8_t)(row[k - 1] + 1) : best;
            diagonal = above;
            row[k] = best;
        }
    }
    return row[b.len] > 0 && row[b.len] <= 2;
}

static void lint_keys(struct work *w, struct hn_yaml_ref root)
{
    static const char *const known[] = { "title", "id", "related", "name", "taxonomy", "status",
        "description", "license", "author", "references", "date", "modified", "logsource",
        "detection", "fields", "falsepositives", "level", "tags", "scope", "correlation", "filter",
        "generate", "action", "hinomi" };
    struct hn_yaml_iter iter = hn_yaml_children(root);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    while (hn_yaml_next_pair(&iter, &key, &value)) {
        struct hn_text text = hn_yaml_text(key);

        if (text.len < 3 || among(text, known, HN_COUNT_OF(known)))
            continue;
        for (size_t i = 0; i < HN_COUNT_OF(known); i++) {
            if (strlen(known[i]) > 3 && is_near(text, hn_text_cstr(known[i]))) {
                issue_add(w, CODE_MISSPELT_KEY, sigma_place_of(w, key),
                        "\"%.*s\" looks like \"%s\"", HN_TEXT_ARG(text), known[i]);
                break;
            }
        }
    }
}

/* ---- All of it ---- */

static void lint_title(struct work *w, struct hn_yaml_ref root, const struct sigma_meta *meta)
{
    if (meta->title.len == 0)
        issue_add(w, CODE_NO_TITLE, sigma_place_of(w, root), "there is no title");
    else if (hn_utf8_count(meta->title) > TITLE_CHARACTERS_MAX)
        issue_add(w, CODE_TITLE_LENGTH, key_place(w, root, "title"),
                "the title is longer than %u characters", TITLE_CHARACTERS_MAX);
}

void lint_meta(struct work *w, struct hn_yaml_ref root, const struct sigma_meta *meta)
{
    bool is_filter = hn_yaml_get(root, HN_TEXT("filter")).yaml != NULL;

    lint_title(w, root, meta);
    if (meta->id.len == 0)
        issue_add(w, CODE_NO_ID, sigma_place_of(w, root), "there is no id");
    else if (!fits(meta->id, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"))
        issue_add(w, CODE_BAD_ID, key_place(w, root, "id"), "the id is no UUID");
    if (meta->level == SIGMA_LEVEL_NONE && meta->name.len == 0 && !is_filter &&
            hn_yaml_get(root, HN_TEXT("level")).yaml == NULL)
        issue_add(w, CODE_NO_LEVEL, sigma_place_of(w, root), "there is no level");
    lint_date(w, root, "date", meta->date);
    lint_date(w, root, "modified", meta->modified);
    if (meta->context.review.len > 0 && !is_date(meta->context.review))
        issue_add(w, CODE_BAD_CONTEXT, key_place(w, root, "hinomi"),
                "review is YYYY-MM-DD, not \"%.*s\"", HN_TEXT_ARG(meta->context.review));
    lint_list(w, root, "tags", &meta->tags, CODE_DUPLICATE_TAG);
    lint_list(w, root, "references", &meta->references, CODE_DUPLICATE_REFERENCE);
    lint_keys(w, root);
}
