/* history_process.c - processes by their creation, and the tree around one of them.
 *
 * Sysmon and EDRs name processes by GUIDs; where there is none (4688, auditd) a process is the
 * latest creation with its number before the event. */
#include "history/history_internal.h"

#include <stdlib.h>

#define ANCESTORS_MAX 32u
#define SIBLINGS_MAX  40u
/* Clocks of two logs of one machine. */
#define PID_SLACK HN_SECOND
/* Two logs tell of one creation. */
#define TWIN_TIME ((uint64_t)(2 * HN_SECOND))

const char *const history_process_names[] = { "ProcessGuid", "ParentProcessGuid", "ProcessId",
    "ParentProcessId", "Image", "CommandLine", "User", "ParentImage", "ParentCommandLine",
    "SourceProcessGUID", "SourceProcessGuid", "SourceProcessId", "SourceImage", "type" };
const size_t history_process_name_count = HN_COUNT_OF(history_process_names);

/* Behind enum process_field: of events that one process does to another. */
enum { SOURCE_GUID_UPPER = PROCESS_FIELDS, SOURCE_GUID, SOURCE_PID, SOURCE_IMAGE };

/* ---- Births ---- */

static bool has_label(const struct hn_text labels[HN_LABELS_MAX], const char *label)
{
    for (size_t i = 0; i < HN_LABELS_MAX; i++) {
        if (hn_text_eq(labels[i], hn_text_cstr(label)))
            return true;
    }
    return false;
}

bool history_process_is_birth(struct hn_event *event)
{
    uint32_t index;

    if (has_label(event->source.category, "process_creation"))
        return true;
    if (!has_label(event->source.service, "auditd"))
        return false;
    index = hn_event_find_name(event, HN_TEXT("type"));
    for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
        if (hn_text_eq(hn_event_text(event, index), HN_TEXT("EXECVE")))
            return true;
    }
    return false;
}

static struct hn_text field_text(struct births *births, struct hn_event *event, hn_field field)
{
    struct hn_text text = hn_event_field_text(event, field);

    return text.len == 0 || hn_text_eq(text, HN_TEXT("-")) ? HN_TEXT("")
                                                           : hn_arena_text(births->arena, text);
}

enum hn_status history_births_add(struct births *births, struct hn_event *event,
        const hn_field *fields, const struct birth *where, bool is_self, bool is_birth)
{
    struct birth birth = *where;
    struct birth *place;

    if (births->list.count == BIRTHS_MAX && !is_self)
        return HN_OK;
    for (size_t i = 0; i < PROCESS_FIELDS; i++)
        birth.texts[i] = field_text(births, event, fields[i]);
    if (birth.texts[PROCESS_GUID].len == 0 && birth.texts[PROCESS_PID].len == 0 && !is_birth) {
        size_t guid = hn_event_has(event, fields[SOURCE_GUID]) ? SOURCE_GUID : SOURCE_GUID_UPPER;

        birth.texts[PROCESS_GUID] = field_text(births, event, fields[guid]);
        birth.texts[PROCESS_PID] = field_text(births, event, fields[SOURCE_PID]);
        birth.texts[PROCESS_IMAGE] = field_text(births, event, fields[SOURCE_IMAGE]);
    }
    if (hn_arena_status(births->arena) == HN_NOMEM)
        return HN_NOMEM;
    if (hn_arena_status(births->arena) != HN_OK)
        return HN_OK; /* no room for more of them */
    if (birth.texts[PROCESS_GUID].len == 0 && birth.texts[PROCESS_PID].len == 0)
        return HN_OK;
    if (is_self) {
        births->self = birth;
        births->has_self = true;
    }
    if (!is_birth || births->list.count == BIRTHS_MAX)
        return HN_OK;
    place = hn_vec_add(&births->list);
    if (place == NULL)
        return HN_NOMEM;
    *place = birth;
    return HN_OK;
}

/* ---- Who is whose ---- */

static bool same(struct hn_text a, struct hn_text b)
{
    return a.len > 0 && hn_text_eq_nocase(a, b);
}

/* The latest creation with this number, not after `time`. */
static const struct birth *find_pid(
        const struct births *births, struct hn_text pid, hn_time time, const struct birth *besides)
{
    const struct birth *found = NULL;

    for (size_t i = 0; pid.len > 0 && i < births->list.count; i++) {
        const struct birth *birth = &births->list.ptr[i];

        if (birth != besides && same(birth->texts[PROCESS_PID], pid) &&
                birth->time <= time_shifted(time, PID_SLACK) &&
                (found == NULL || birth->time >= found->time))
            found = birth;
    }
    return found;
}

static const struct birth *find_guid(const struct births *births, struct hn_text guid)
{
    for (size_t i = 0; guid.len > 0 && i < births->list.count; i++) {
        if (same(births->list.ptr[i].texts[PROCESS_GUID], guid))
            return &births->list.ptr[i];
    }
    return NULL;
}

const struct birth *history_births_parent(const struct births *births, const struct birth *child)
{
    const struct birth *parent = find_guid(births, child->texts[PROCESS_PARENT_GUID]);

    if (parent == NULL)
        parent = find_pid(births, child->texts[PROCESS_PARENT_PID], child->time, child);
    /* One with another name is not the one that is meant. */
    if (parent != NULL && parent->texts[PROCESS_GUID].len > 0 &&
            child->texts[PROCESS_PARENT_GUID].len > 0 &&
            !same(parent->texts[PROCESS_GUID], child->texts[PROCESS_PARENT_GUID]))
        parent = NULL;
    return parent == child ? NULL : parent;
}

static bool is_child(
        const struct births *births, const struct birth *birth, const struct birth *parent)
{
    bool by_guid = same(birth->texts[PROCESS_PARENT_GUID], parent->texts[PROCESS_GUID]);
    bool by_pid = same(birth->texts[PROCESS_PARENT_PID], parent->texts[PROCESS_PID]);

    if (birth == parent || (!by_guid && !by_pid))
        return false;
    return by_guid || history_births_parent(births, birth) == parent;
}

/* The creation of the process that the alert's event names. */
static const struct birth *find_self(const struct births *births)
{
    const struct birth *self = &births->self;
    const struct birth *found = NULL;

    for (size_t i = 0; i < births->list.count && found == NULL; i++) {
        const struct birth *birth = &births->list.ptr[i];

        if (birth->offset == self->offset && birth->index == self->index)
            found = birth;
    }
    if (found == NULL)
        found = find_guid(births, self->texts[PROCESS_GUID]);
    if (found == NULL && self->texts[PROCESS_GUID].len == 0)
        found = find_pid(births, self->texts[PROCESS_PID], self->time, NULL);
    return found;
}

const struct birth *history_births_top(const struct births *births)
{
    const struct birth *top = births->has_self ? find_self(births) : NULL;

    if (births->has_self && top == NULL)
        return &births->self;
    for (unsigned i = 0; top != NULL && i < ANCESTORS_MAX; i++) {
        const struct birth *parent = history_births_parent(births, top);

        if (parent == NULL)
            break;
        top = parent;
    }
    return top;
}

/* ---- Twins ---- */

static int by_time(const void *a, const void *b)
{
    const struct birth *x = a;
    const struct birth *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Does a log with GUIDs tell of the same creation? The list is sorted. */
static const struct birth *find_twin(const struct births *births, size_t index)
{
    const struct birth *birth = &births->list.ptr[index];
    size_t first = index;

    while (first > 0 && time_distance(births->list.ptr[first - 1].time, birth->time) <= TWIN_TIME)
        first--;
    for (size_t i = first; i < births->list.count; i++) {
        const struct birth *other = &births->list.ptr[i];

        if (other->time > birth->time && time_distance(other->time, birth->time) > TWIN_TIME)
            break;
        if (other->texts[PROCESS_GUID].len > 0 &&
                same(other->texts[PROCESS_PID], birth->texts[PROCESS_PID]) &&
                hn_text_eq_nocase(other->texts[PROCESS_IMAGE], birth->texts[PROCESS_IMAGE]))
            return other;
    }
    return NULL;
}

static void drop_twins(struct births *births)
{
    size_t kept = 0;

    if (births->list.count < 2)
        return;
    qsort(births->list.ptr, births->list.count, sizeof *births->list.ptr, by_time);
    for (size_t i = 0; i < births->list.count; i++) {
        struct birth *birth = &births->list.ptr[i];
        const struct birth *twin = birth->texts[PROCESS_GUID].len > 0 ? NULL : find_twin(births, i);

        if (twin != NULL && births->has_self && births->self.offset == birth->offset &&
                births->self.index == birth->index)
            births->self = *twin;
        if (twin != NULL)
            birth->texts[PROCESS_PID] = HN_TEXT(""); /* it has no GUID: that marks it */
    }
    for (size_t i = 0; i < births->list.count; i++) {
        const struct birth *birth = &births->list.ptr[i];

        if (birth->texts[PROCESS_GUID].len > 0 || birth->texts[PROCESS_PID].len > 0)
            births->list.ptr[kept++] = *birth;
    }
    births->list.count = kept;
}

/* ---- The tree ---- */

struct tree {
    const struct births *births;
    struct history_context *context;
    const struct birth *of[HISTORY_PROCESSES_MAX]; /* NULL: not recorded */
};

/* of: what is found again by is_in() and has children; NULL: its creation is not there.
 * HISTORY_NO_PARENT: there is no room. */
static uint32_t put(struct tree *tree, const struct hn_text texts[PROCESS_FIELDS],
        const struct birth *of, enum history_kin kin, uint32_t parent)
{
    struct history_context *context = tree->context;
    uint32_t index = context->process_count;

    if (index == HISTORY_PROCESSES_MAX)
        return HISTORY_NO_PARENT;
    context->process_count++;
    tree->of[index] = of;
    context->processes[index] = (struct history_process){ .kin = kin,
        .parent = parent,
        .recorded = of != NULL,
        .offset = of != NULL ? of->offset : 0,
        .time = of != NULL ? of->time : HN_TIME_NONE,
        .user = texts[PROCESS_USER],
        .guid = texts[PROCESS_GUID],
        .pid = texts[PROCESS_PID],
        .image = texts[PROCESS_IMAGE],
        .command = texts[PROCESS_COMMAND] };
    return index;
}

static uint32_t add(
        struct tree *tree, const struct birth *birth, enum history_kin kin, uint32_t parent)
{
    return put(tree, birth->texts, birth, kin, parent);
}

static bool is_in(const struct tree *tree, const struct birth *birth)
{
    for (uint32_t i = 0; i < tree->context->process_count; i++) {
        if (tree->of[i] == birth)
            return true;
    }
    return false;
}

/* What the child says of a parent whose creation is not there. */
static uint32_t add_told(struct tree *tree, const struct birth *child)
{
    const struct hn_text told[PROCESS_FIELDS] = {
        [PROCESS_GUID] = child->texts[PROCESS_PARENT_GUID],
        [PROCESS_PID] = child->texts[PROCESS_PARENT_PID],
        [PROCESS_IMAGE] = child->texts[PROCESS_PARENT_IMAGE],
        [PROCESS_COMMAND] = child->texts[PROCESS_PARENT_COMMAND],
        [PROCESS_USER] = HN_TEXT(""),
    };

    if (told[PROCESS_GUID].len == 0 && told[PROCESS_PID].len == 0 && told[PROCESS_IMAGE].len == 0)
        return HISTORY_NO_PARENT;
    return put(tree, told, NULL, HISTORY_ANCESTOR, HISTORY_NO_PARENT);
}

/* From the top down; the last one added is the parent of self. */
static uint32_t add_ancestors(struct tree *tree, const struct birth *self)
{
    const struct birth *chain[ANCESTORS_MAX];
    const struct birth *top = self;
    uint32_t count = 0;
    uint32_t parent;

    for (;;) {
        const struct birth *above = history_births_parent(tree->births, top);
        bool known = above == self;

        for (uint32_t i = 0; i < count && !known; i++)
            known = chain[i] == above; /* a log that was tampered with may go in circles */
        if (above == NULL || known || count == ANCESTORS_MAX)
            break;
        chain[count++] = above;
        top = above;
    }
    parent = add_told(tree, top);
    while (count > 0)
        parent = add(tree, chain[--count], HISTORY_ANCESTOR, parent);
    return parent;
}

/* Is a sibling of this distance among the nearest SIBLINGS_MAX? */
static bool is_near(const struct tree *tree, const struct birth *self, const struct birth *birth)
{
    size_t nearer = 0;
    const struct births *births = tree->births;

    for (size_t i = 0; i < births->list.count && nearer < SIBLINGS_MAX; i++) {
        const struct birth *other = &births->list.ptr[i];

        nearer +=
                other != self && other != birth &&
                (same(other->texts[PROCESS_PARENT_GUID], self->texts[PROCESS_PARENT_GUID]) ||
                        same(other->texts[PROCESS_PARENT_PID], self->texts[PROCESS_PARENT_PID])) &&
                time_distance(other->time, self->time) < time_distance(birth->time, self->time);
    }
    return nearer < SIBLINGS_MAX;
}

static void add_siblings(struct tree *tree, const struct birth *self, uint32_t parent)
{
    const struct births *births = tree->births;
    const struct birth *of_parent = parent == HISTORY_NO_PARENT ? NULL : tree->of[parent];
    uint32_t count = 0;

    for (size_t i = 0; i < births->list.count && count < SIBLINGS_MAX; i++) {
        const struct birth *birth = &births->list.ptr[i];
        bool is_sibling = of_parent != NULL ? is_child(births, birth, of_parent)
                                            : same(birth->texts[PROCESS_PARENT_GUID],
                                                      self->texts[PROCESS_PARENT_GUID]);

        if (!is_sibling || is_in(tree, birth) || !is_near(tree, self, birth))
            continue;
        count++;
        (void)add(tree, birth, HISTORY_SIBLING, parent);
    }
}

/* Level by level, so that what is nearest has room. */
static void add_children(struct tree *tree, uint32_t self)
{
    const struct births *births = tree->births;
    uint32_t at = self;

    while (at < tree->context->process_count) {
        const struct birth *parent = tree->of[at];
        enum history_kin kin = tree->context->processes[at].kin;

        for (size_t i = 0; parent != NULL && (kin == HISTORY_SELF || kin == HISTORY_CHILD) &&
                           i < births->list.count;
                i++) {
            const struct birth *birth = &births->list.ptr[i];

            if (is_child(births, birth, parent) && !is_in(tree, birth))
                (void)add(tree, birth, HISTORY_CHILD, at);
        }
        at++;
    }
}

enum hn_status history_process_tree(
        struct births *births, struct history_context *context, struct hn_err *err)
{
    struct tree tree = { .births = births, .context = context };
    const struct birth *self;
    uint32_t parent;
    uint32_t index;

    if (!births->has_self)
        return HN_OK;
    context->processes = hn_new(&context->arena, struct history_process, HISTORY_PROCESSES_MAX);
    if (context->processes == NULL)
        return hn_fail(err, HN_NOMEM, 0, "processes");
    drop_twins(births);
    self = find_self(births);
    if (self == NULL) /* its creation is not there: what the event says of it */
        self = &births->self;
    parent = add_ancestors(&tree, self);
    index = add(&tree, self, HISTORY_SELF, parent);
    if (index == HISTORY_NO_PARENT)
        return HN_OK;
    context->processes[index].recorded = self != &births->self;
    add_siblings(&tree, self, parent);
    add_children(&tree, index);
    return HN_OK;
}
