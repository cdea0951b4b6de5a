/* dissect.c - objects of the tree, their limits, and passwords. What objects say is in
 * dissect_say.c. */
#include "dissect/dissect_internal.h"

#include "base/mem.h"

#include <assert.h>

#define PASSWORDS_MAX      256u
#define PASSWORD_BYTES_MAX 255u

const struct dissect_limits dissect_limits_default = {
    .memory_bytes_max = (size_t)192 << 20,
    .file_bytes_max = (uint64_t)64 << 20,
    .padded_bytes_max = (uint64_t)1 << 30,
    .inflated_bytes_max = (uint64_t)512 << 20,
    .ratio_free_bytes = (uint64_t)16 << 20,
    .ratio_max = 200,
    .depth_max = 12,
    .objects_max = 2000,
    .entries_max = 65536,
    .facts_max = 512,
    .stores_max = 16384,
    .notes_max = 256,
    .acts_max = 1024,
    .texts_max = 4096,
    .derive_rounds_max = (uint64_t)1 << 24,
};

static const struct {
    const char *id;
    const char *category;
} formats[] = {
#define DISSECT_FORMAT_ROW(name, id, category) [name] = { id, category },
    DISSECT_FORMAT_LIST(DISSECT_FORMAT_ROW)
#undef DISSECT_FORMAT_ROW
};

static const struct {
    const char *id;
    const char *en;
    const char *ja;
} note_kinds[] = {
#define DISSECT_NOTE_ROW(name, id, en, ja) [name] = { id, en, ja },
    DISSECT_NOTE_LIST(DISSECT_NOTE_ROW)
#undef DISSECT_NOTE_ROW
};

const char *dissect_format_id(enum dissect_format format)
{
    assert(format < DISSECT_FORMAT_COUNT);
    return formats[format].id;
}

const char *dissect_format_category(enum dissect_format format)
{
    assert(format < DISSECT_FORMAT_COUNT);
    return formats[format].category;
}

const char *dissect_format_program(enum dissect_format format)
{
    switch ((unsigned)format) {
    case DISSECT_DOC:
    case DISSECT_DOCX:
    case DISSECT_WORD_XML:
    case DISSECT_MHT:
    case DISSECT_RTF:
        return "winword.exe";
    case DISSECT_XLS:
    case DISSECT_XLSX:
    case DISSECT_XLSB:
    case DISSECT_EXCEL_XML:
    case DISSECT_SLK:
    case DISSECT_CSV:
    case DISSECT_XLM:
    case DISSECT_IQY:
        return "excel.exe";
    case DISSECT_MSC:
        return "mmc.exe";
    case DISSECT_RDP:
        return "mstsc.exe";
    case DISSECT_REG:
        return "regedit.exe";
    case DISSECT_PPT:
    case DISSECT_PPTX:
        return "powerpnt.exe";
    case DISSECT_VSDX:
        return "visio.exe";
    case DISSECT_ONENOTE:
        return "onenote.exe";
    case DISSECT_MSG:
        return "outlook.exe";
    case DISSECT_HTA:
        return "mshta.exe";
    case DISSECT_CHM:
        return "hh.exe";
    case DISSECT_MSI:
        return "msiexec.exe";
    case DISSECT_LNK:
    case DISSECT_URL:
        return "explorer.exe";
    case DISSECT_WSF:
    case DISSECT_VBSCRIPT:
    case DISSECT_VBE:
    case DISSECT_JSCRIPT:
    case DISSECT_JSE:
        return "wscript.exe";
    case DISSECT_PDF:
        return "acrord32.exe";
    case DISSECT_POWERSHELL:
        return "powershell.exe";
    case DISSECT_BATCH:
        return "cmd.exe";
    default:
        return NULL;
    }
}

const char *dissect_note_id(enum dissect_note_kind kind)
{
    assert(kind < DISSECT_NOTE_COUNT);
    return note_kinds[kind].id;
}

const char *dissect_note_text(enum dissect_note_kind kind)
{
    assert(kind < DISSECT_NOTE_COUNT);
    return note_kinds[kind].en;
}

const char *dissect_note_text_ja(enum dissect_note_kind kind)
{
    assert(kind < DISSECT_NOTE_COUNT);
    return note_kinds[kind].ja;
}

struct dissect *dissect_new(const struct dissect_limits *limits)
{
    struct dissect *dissect = hn_calloc(1, sizeof *dissect);

    if (dissect == NULL)
        return NULL;
    dissect->limits = limits != NULL ? *limits : dissect_limits_default;
    hn_arena_init(&dissect->arena, dissect->limits.memory_bytes_max);
    return dissect;
}

void dissect_free(struct dissect *dissect)
{
    if (dissect == NULL)
        return;
    for (size_t i = 0; i < dissect->objects.count; i++)
        hn_free(dissect->objects.ptr[i]->index);
    hn_vec_deinit(&dissect->objects);
    hn_vec_deinit(&dissect->passwords);
    hn_arena_deinit(&dissect->arena);
    hn_free(dissect);
}

const struct dissect_limits *dissect_limits(const struct dissect *dissect)
{
    return &dissect->limits;
}

struct hn_arena *dissect_arena(struct dissect *dissect)
{
    return &dissect->arena;
}

uint32_t dissect_count(const struct dissect *dissect)
{
    return (uint32_t)dissect->objects.count;
}

struct object_entry *dissect_entry(const struct dissect *dissect, uint32_t id)
{
    assert(id < dissect->objects.count);
    return dissect->objects.ptr[id];
}

const struct dissect_object *dissect_get(const struct dissect *dissect, uint32_t id)
{
    return &dissect_entry(dissect, id)->object;
}

void dissect_set_format(struct dissect *dissect, uint32_t id, enum dissect_format format)
{
    assert(format < DISSECT_FORMAT_COUNT);
    dissect_entry(dissect, id)->object.format = format;
}

/* ---- Children ---- */

static bool has_same(const struct dissect *dissect, uint32_t parent,
        const struct dissect_child *child, uint32_t *ret_id)
{
    for (size_t i = parent + 1u; i < dissect->objects.count; i++) {
        const struct dissect_object *object = &dissect->objects.ptr[i]->object;

        if (object->parent == parent && object->data.len == child->data.len &&
                (child->format == DISSECT_UNKNOWN || object->format == child->format) &&
                hn_text_eq(object->name, child->name) &&
                (child->data.len == 0 ||
                        memcmp(object->data.ptr, child->data.ptr, child->data.len) == 0)) {
            *ret_id = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static bool is_within_limits(struct dissect *dissect, uint32_t parent, size_t len, uint32_t depth)
{
    if (dissect->objects.count >= dissect->limits.objects_max) {
        dissect_limit_note(dissect, parent, LIMIT_OBJECTS);
    } else if (depth > dissect->limits.depth_max) {
        dissect_limit_note(dissect, parent, LIMIT_DEPTH);
    } else if (len > dissect->limits.file_bytes_max) {
        dissect_limit_note(dissect, parent, LIMIT_FILE_BYTES);
    } else {
        return true;
    }
    return false;
}

static struct hn_bytes keep(struct dissect *dissect, const struct dissect_child *child)
{
    struct hn_text copy;

    if (child->borrowed || child->data.len == 0)
        return child->data;
    copy = hn_arena_text(&dissect->arena, hn_bytes_as_text(child->data));
    return hn_bytes_of(copy.ptr, copy.len);
}

enum hn_status dissect_child(struct dissect *dissect, uint32_t parent,
        const struct dissect_child *child, uint32_t *ret_id)
{
    const struct object_entry *above =
            parent != DISSECT_NONE ? dissect_entry(dissect, parent) : NULL;
    uint32_t id = (uint32_t)dissect->objects.count;
    uint32_t depth = above != NULL ? above->object.depth + 1 : 0;
    struct object_entry *entry;
    struct object_entry **slot;
    uint32_t same;

    assert((above == NULL) == (id == 0)); /* one sample, before anything else */
    if (above != NULL && has_same(dissect, parent, child, &same)) {
        if (ret_id != NULL)
            *ret_id = same;
        return HN_OK;
    }
    if (above != NULL && !is_within_limits(dissect, parent, child->data.len, depth))
        return HN_LIMIT;
    entry = hn_new(&dissect->arena, struct object_entry, 1);
    if (entry != NULL) {
        entry->object = (struct dissect_object){
            .id = id,
            .parent = parent,
            .depth = depth,
            .format = child->format,
            .relation = child->relation,
            .name = hn_arena_text(&dissect->arena, child->name),
            .data = keep(dissect, child),
            .offset = child->offset,
        };
    }
    if (entry == NULL || entry->object.name.ptr == NULL ||
            (entry->object.data.ptr == NULL && child->data.len > 0)) {
        if (above != NULL)
            dissect_limit_note(dissect, parent, LIMIT_MEMORY);
        return hn_arena_status(&dissect->arena) == HN_NOMEM ? HN_NOMEM : HN_LIMIT;
    }
    slot = hn_vec_add(&dissect->objects);
    if (slot == NULL)
        return HN_NOMEM;
    *slot = entry;
    if (ret_id != NULL)
        *ret_id = id;
    return HN_OK;
}

/* ---- Inflation ---- */

bool dissect_inflate(struct dissect *dissect, uint32_t id, uint64_t packed, uint64_t more)
{
    const struct dissect_limits *limits = &dissect->limits;
    struct object_entry *entry = dissect_entry(dissect, id);
    uint64_t size = packed > 0 ? packed : entry->object.data.len;
    uint64_t after = entry->inflated_bytes + more;
    bool bomb = after > limits->ratio_free_bytes &&
                after - limits->ratio_free_bytes > size * limits->ratio_max;

    if (!bomb && more <= limits->inflated_bytes_max - dissect->inflated_bytes) {
        entry->inflated_bytes = after;
        dissect->inflated_bytes += more;
        return true;
    }
    if (!entry->bomb_said) {
        entry->bomb_said = true;
        if (bomb) {
            dissect_note(dissect, id, DISSECT_NOTE_BOMB, DISSECT_NOWHERE,
                    "%llu bytes became more than %llu (ratio_max %lu)", (unsigned long long)size,
                    (unsigned long long)entry->inflated_bytes, (unsigned long)limits->ratio_max);
        } else {
            dissect_note(dissect, id, DISSECT_NOTE_BOMB, DISSECT_NOWHERE,
                    "more than %llu bytes came out in all (inflated_bytes_max)",
                    (unsigned long long)limits->inflated_bytes_max);
        }
    }
    return false;
}

bool dissect_derive(struct dissect *dissect, uint32_t id, uint64_t rounds)
{
    if (rounds <= dissect->limits.derive_rounds_max - dissect->derived_rounds) {
        dissect->derived_rounds += rounds;
        return true;
    }
    dissect_limit_note(dissect, id, LIMIT_DERIVE);
    return false;
}

/* ---- Passwords ---- */

void dissect_password_add(struct dissect *dissect, struct hn_text password)
{
    struct hn_text copy;
    struct hn_text *slot;

    if (password.len == 0 || password.len > PASSWORD_BYTES_MAX ||
            dissect->passwords.count >= PASSWORDS_MAX)
        return;
    for (size_t i = 0; i < dissect->passwords.count; i++) {
        if (hn_text_eq(dissect->passwords.ptr[i], password))
            return;
    }
    copy = hn_arena_text(&dissect->arena, password);
    slot = copy.ptr != NULL ? hn_vec_add(&dissect->passwords) : NULL;
    if (slot != NULL)
        *slot = copy;
}

size_t dissect_password_count(const struct dissect *dissect)
{
    return dissect->passwords.count;
}

struct hn_text dissect_password(const struct dissect *dissect, size_t index)
{
    assert(index < dissect->passwords.count);
    return dissect->passwords.ptr[index];
}
